"""The table of laws: what each says, of which operations, and its two sides for given values."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from distconv.combine import convolve, product
from distconv.distribution import Distribution
from distconv.errors import DistconvError
from distconv.mixtures import mixture
from distconv.monoids import Monoid
from distconv.numbers.letters import has_letters
from distconv.ranking import maximum, minimum
from distconv.testing.operation import UNKNOWN, Operation
from distconv.testing.places import places_of

#: Outcomes of three laws whose triples are all formed, where one law decides two numbers.
MOST_TRIPLES = 500
#: The largest outcome to which a generating function takes the power of its argument.
LARGEST_POWER = 10**4
#: The argument of generating functions.
ARGUMENT = Fraction(3, 4)
#: What moments of floating laws may be off by, beside the relative difference asked for: parts of a standard deviation.
MOMENT_SLACK = 1e-6
#: Ways of monoids that work on each coordinate alone, so that marginals go along.
COORDINATEWISE = ("add", "maximum", "minimum", "xor", "multiply")


@dataclass(frozen=True, slots=True)
class Claim:
    """Two sides that a law says are equal, in words and as values, and how far numbers may be apart."""

    what: str
    left: Any
    right: Any
    slack: float = 0.0


Sides = Callable[[Operation, Any, Any, Any], Iterator[Claim]]


@dataclass(frozen=True, slots=True)
class Equation:
    """One law of algebra.

    Attributes:
        name: what it is asked for by, ``"associative"``.
        statement: what it says.
        claimed: whether an operation claims it, unless it is asked for by name.
        sides: the claims for three values.
        core: whether a value for which a side is refused fails the law, too.
    """

    name: str
    statement: str
    claimed: Callable[[Operation], bool]
    sides: Sides
    core: bool = False


EQUATIONS: dict[str, Equation] = {}


def equation(
    name: str, statement: str, claimed: Callable[[Operation], bool], *, core: bool = False
) -> Callable[[Sides], Sides]:
    """Enters a law into the table."""

    def enter(sides: Sides) -> Sides:
        EQUATIONS[name] = Equation(name, statement, claimed, sides, core)
        return sides

    return enter


def _always(_op: Operation) -> bool:
    return True


def _is_way(*ways: str) -> Callable[[Operation], bool]:
    return lambda op: op.monoid is not None and op.monoid.way in ways


def _are_laws(*values: object) -> bool:
    return all(isinstance(v, Distribution) for v in values)


@equation("associative", "(X o Y) o Z = X o (Y o Z)", _always, core=True)
def _associative(op: Operation, X: Any, Y: Any, Z: Any) -> Iterator[Claim]:
    yield Claim("(X o Y) o Z and X o (Y o Z)", op(op(X, Y), Z), op(X, op(Y, Z)))
    if op.monoid is None:
        # What looks at its operands may treat equal ones in a way of their own.
        yield Claim("(X o X) o Y and X o (X o Y)", op(op(X, X), Y), op(X, op(X, Y)))


@equation("commutative", "X o Y = Y o X", lambda op: op.commutative, core=True)
def _commutative(op: Operation, X: Any, Y: Any, _: Any) -> Iterator[Claim]:
    yield Claim("X o Y and Y o X", op(X, Y), op(Y, X))


@equation("identity", "e o X = X = X o e", lambda op: op.identity is not UNKNOWN, core=True)
def _identity(op: Operation, X: Any, _Y: Any, _Z: Any) -> Iterator[Claim]:
    if op.identity is UNKNOWN:
        return
    one = op.copies(X, 0) if op.monoid is not None else op.identity
    # Modulo n, the one copy of X lies among the residues.
    alone = op.copies(X, 1)
    yield Claim("e o X and X", op(one, X), alone)
    yield Claim("X o e and X", op(X, one), alone)


@equation("inverse", "X o X' = e = X' o X", lambda op: op.inverse is not None, core=True)
def _inverse(op: Operation, X: Any, _Y: Any, _Z: Any) -> Iterator[Claim]:
    if op.monoid is None and op.inverse is not None and op.identity is not UNKNOWN:
        yield Claim("X o X' and e", op(X, op.inverse(X)), op.identity)
        yield Claim("X' o X and e", op(op.inverse(X), X), op.identity)


@equation("pairs", "the fast way = all pairs of outcomes", lambda op: op.monoid is not None)
def _pairs(op: Operation, X: Any, Y: Any, _: Any) -> Iterator[Claim]:
    monoid = op.monoid
    if monoid is not None and monoid.way not in ("add", "pairs"):
        by_pairs = Monoid(monoid.op, monoid.identity, monoid.name, monoid.commutative)
        yield Claim("the fast way and all pairs", op(X, Y), convolve(X, Y, monoid=by_pairs))


@equation("copies", "(m + n) @ X = m @ X o n @ X", lambda op: op.monoid is not None)
def _copies(op: Operation, X: Any, _Y: Any, _Z: Any) -> Iterator[Claim]:
    two = op.copies(X, 2)
    yield Claim("X o X and power(X, 2)", op(X, X), two)
    yield Claim("power(X, 2) o X and power(X, 3)", op(two, X), op.copies(X, 3))


@equation("mixtures", "(a X + b Y) o Z = a (X o Z) + b (Y o Z)", lambda op: op.monoid is not None)
def _mixtures(op: Operation, X: Any, Y: Any, Z: Any) -> Iterator[Claim]:
    if _are_laws(X, Y, Z):
        for a, b, c in ((X, Y, Z), (X, Y, X)) if op.monoid is None else ((X, Y, Z),):
            both = mixture([(a, Fraction(1, 3)), (b, Fraction(2, 3))])
            parts = mixture([(op(a, c), Fraction(1, 3)), (op(b, c), Fraction(2, 3))])
            yield Claim("(X/3 or Y*2/3) o Z and X o Z / 3 or Y o Z * 2/3", op(both, c), parts)


@equation("reflection", "-(X + Y) = -X + -Y", _is_way("add"))
def _reflection(op: Operation, X: Any, Y: Any, _: Any) -> Iterator[Claim]:
    yield Claim("-(X + Y) and -X + -Y", -op(X, Y), op(-X, -Y))


@equation("scaling", "c (X + Y) = c X + c Y, a (b X) = (a b) X, 1 X = X", _is_way("add"))
def _scaling(op: Operation, X: Any, Y: Any, _: Any) -> Iterator[Claim]:
    yield Claim("3 * (X + Y) and 3 * X + 3 * Y", 3 * op(X, Y), op(3 * X, 3 * Y))
    yield Claim("-2 * (3 * X) and -6 * X", -2 * (3 * X), -6 * X)
    yield Claim("1 * X and X", 1 * X, X)


@equation("shifts", "(X + a) + (Y + b) = (X + Y) + (a + b)", _is_way("add"))
def _shifts(op: Operation, X: Any, Y: Any, _: Any) -> Iterator[Claim]:
    if _are_laws(X, Y):
        a, b = (3, -5) if X.ndim == 1 else ((3,) * X.ndim, (-5,) * X.ndim)
        total = -2 if X.ndim == 1 else (-2,) * X.ndim
        yield Claim("(X + 3) + (Y - 5) and (X + Y) - 2", op(X + a, Y + b), op(X, Y) + total)


@equation("marginals", "(X o Y) on an axis = X on it o Y on it", _is_way(*COORDINATEWISE))
def _marginals(op: Operation, X: Any, Y: Any, _: Any) -> Iterator[Claim]:
    if _are_laws(X, Y) and X.ndim > 1:
        both = op(X, Y)
        for axis in range(X.ndim):
            what = f"marginal {axis} of X o Y and of X o that of Y"
            yield Claim(what, both.marginal(axis), op(X.marginal(axis), Y.marginal(axis)))


@equation("cumulants", "k_n(X + Y) = k_n(X) + k_n(Y), n = 1, 2, 3", _is_way("add"))
def _cumulants(op: Operation, X: Any, Y: Any, _: Any) -> Iterator[Claim]:
    if not _are_laws(X, Y):
        return
    for axis, (x, y, total) in enumerate(_axes(X, Y, op(X, Y))):
        exact = x.is_exact and y.is_exact and total.is_exact
        scale = 0.0 if exact or x.letters or y.letters else max(float(x.std()), float(y.std()))
        for k in (1, 2, 3):
            found, a, b = (law.cumulant(k) for law in (total, x, y))
            letters = any(map(has_letters, (found, a, b)))
            numbers = exact and all(not isinstance(v, float) for v in (found, a, b))
            slack = 0.0 if letters or numbers else MOMENT_SLACK * (scale**k + abs(float(a)) + abs(float(b)))
            yield Claim(f"cumulant {k} on axis {axis} of X + Y and the sum of both", found, a + b, slack)


@equation("generating functions", "E z**(X + Y) = E z**X E z**Y", _is_way("add"))
def _generating(op: Operation, X: Any, Y: Any, _: Any) -> Iterator[Claim]:
    if not _are_laws(X, Y):
        return
    for x, y, total in _axes(X, Y, op(X, Y)):
        if all(isinstance(v, int) and abs(v) <= LARGEST_POWER for law in (x, y) for v in places_of(law, 50)):
            found, a, b = (law.pgf(ARGUMENT) for law in (total, x, y))
            what = "E z**(X + Y) and E z**X E z**Y at z = 3/4"
            yield Claim(what, found, a * b, 0.0 if any(map(has_letters, (found, a, b))) else 1e-9 * abs(float(found)))


@equation("max-plus", "max(X, Y) + Z = max(X + Z, Y + Z), -max(X, Y) = min(-X, -Y)", _is_way("maximum", "minimum"))
def _max_plus(op: Operation, X: Any, Y: Any, Z: Any) -> Iterator[Claim]:
    if not _are_laws(X, Y, Z):
        return
    lower = op.monoid is not None and op.monoid.way == "minimum"
    other, choose, word, dual = (maximum, min, "min", "max") if lower else (minimum, max, "max", "min")
    best = op(X, Y)
    yield Claim(f"-{word}(X, Y) and {dual}(-X, -Y)", -best, other(-X, -Y))
    if X.ndim > 1:
        return
    yield Claim(f"{word}(X, Y) + 3 and {word}(X + 3, Y + 3)", best + 3, op(X + 3, Y + 3))
    listed = all(law.law.is_laid_out() and not law.letters for law in (X, Y, Z))
    if listed and len(X.support) * len(Y.support) * len(Z.support) <= MOST_TRIPLES:
        together = product(product(X, Y), Z).map(lambda v: choose(v[0] + v[2], v[1] + v[2]))
        yield Claim(f"{word}(X, Y) + Z and {word}(X + Z, Y + Z) of one Z", best + Z, together)


@equation("homomorphism", "f(X o Y) = f(X) o' f(Y)", lambda op: op.image is not None)
def _homomorphism(op: Operation, X: Any, Y: Any, _: Any) -> Iterator[Claim]:
    f, into = op.image, op.into
    if f is None or into is None:
        return
    if op.monoid is not None:
        yield Claim("f(X o Y) and f(X) o' f(Y)", op(X, Y).map(f), into(X.map(f), Y.map(f)))
    else:
        for a, b in ((X, Y), (X, X)):
            yield Claim("f(X o Y) and f(X) o' f(Y)", f(op(a, b)), into(f(a), f(b)))


def _axes(*laws: Distribution) -> Iterator[tuple[Distribution, ...]]:
    """The laws of each coordinate."""
    for axis in range(laws[0].ndim):
        yield tuple(law.marginal(axis) if law.ndim > 1 else law for law in laws)


#: What is not known of some laws, or would be too large: a law is then not asked.
REFUSED = (DistconvError, OverflowError)
