"""A kit for tests: Hypothesis strategies for laws and monoids, and assertions that explain where two laws differ.

Needs Hypothesis (``pip install "distconv[test]"``). With pytest, ``assert X == Y`` of two laws is explained, too.
"""

from __future__ import annotations

import itertools
import math
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Literal

from distconv.combine import convolve, isclose, power, total_variation
from distconv.distribution import Distribution
from distconv.errors import DistconvError, DistconvTypeError
from distconv.families.bernoulli import Bernoulli
from distconv.families.binomial import Binomial
from distconv.families.negative_binomial import NegativeBinomial
from distconv.families.poisson import Poisson
from distconv.measure.lookup import entries_of
from distconv.monoids import Monoid, add, maximum, minimum, modulo, multiply, symmetric, xor
from distconv.numbers.letters import has_letters
from distconv.support.outcomes import on_each_axis
from distconv.typing import Scalar

if TYPE_CHECKING:
    from hypothesis.strategies import DrawFn, SearchStrategy

#: Where generated lattices begin, and their steps.
ORIGINS: tuple[Scalar, ...] = (0, 1, -3, Fraction(1, 2), Fraction(-7, 10), 10**15, 10**15 + Fraction(1, 3))
STEPS: tuple[Scalar, ...] = (1, 2, Fraction(1, 2), Fraction(1, 10), 7)
#: Distances that ask for sparse supports.
SCATTERED = (0, 1, 10**9)
#: Outcomes of each law whose triples are tried.
MOST_TRIED = 8
#: What the weights of a law that is drawn are.
Drawn = Literal["exact", "float", "symbolic"]
#: Operations up to which sympy may simplify what is to be 0.
MOST_SIMPLIFIED = 300
#: Lines that an explanation shows of each kind.
MOST_SHOWN = 5


def distributions(
    *, kind: Drawn | None = None, ndim: int | None = None, max_size: int = 6
) -> SearchStrategy[Distribution]:
    """Laws of every shape that has ever broken a convolution: runs, combs, gaps, far points, offsets of 10**15.

    Args:
        kind: ``"exact"``, ``"float"``, or ``"symbolic"``: weights with letters p and q, which total 1; None for either
            of the first two.
        ndim: the dimension; None for 1 to 3.
        max_size: most outcomes.
    """
    from hypothesis import strategies as st

    if kind not in (None, "exact", "float", "symbolic"):
        raise DistconvTypeError(f"kind must be 'exact', 'float', 'symbolic' or None, got {kind!r}")

    @st.composite
    def draw_axis(draw: DrawFn, most: int) -> list[Any]:
        if draw(st.integers(0, 5)) == 5:
            return list(SCATTERED[:most])
        origin, step = draw(st.sampled_from(ORIGINS)), draw(st.sampled_from(STEPS))
        count = draw(st.integers(1, most))
        every = st.lists(st.integers(0, 3 * most), min_size=1, max_size=most, unique=True).map(sorted)
        indices = draw(st.one_of(st.just(range(count)), st.just(range(0, 2 * count, 2)), every))
        return [origin + step * i for i in indices]

    @st.composite
    def draw_law(draw: DrawFn) -> Distribution:
        dimension = draw(st.integers(1, 3)) if ndim is None else ndim
        if dimension == 1:
            outcomes = draw(draw_axis(max_size))
        else:
            cells = list(itertools.product(*(draw(draw_axis(3)) for _ in range(dimension))))
            outcomes = draw(st.lists(st.sampled_from(cells), min_size=1, max_size=max_size, unique=True))
        size = len(outcomes)
        chosen = draw(st.sampled_from(["exact", "float"])) if kind is None else kind
        if chosen == "symbolic":
            return draw(_with_letters(outcomes))
        if chosen == "exact":
            values = draw(st.lists(st.integers(0, 20), min_size=size, max_size=size).filter(any))
            return Distribution.from_counts(dict(zip(outcomes, values, strict=True)))
        numbers = st.tuples(st.floats(0.5, 1.0), st.integers(-900, 0)).map(lambda pair: math.ldexp(*pair))
        doubles = draw(st.lists(numbers, min_size=size, max_size=size).filter(lambda v: max(v) > 1e-9))
        return Distribution(dict(zip(outcomes, doubles, strict=True)), normalize=True)

    return draw_law()


def _with_letters(outcomes: list[Any]) -> SearchStrategy[Distribution]:
    """Laws on these outcomes that are one of two or three by chance, p, q and the rest: polynomials that total 1.

    They are laws for all p and q >= 0 with p + q <= 1. The first in order, to which examples shrink, are p and 1 - p.
    """
    import sympy
    from hypothesis import strategies as st

    p, q = sympy.symbols("p q", positive=True)
    size = len(outcomes)
    counts = st.lists(st.integers(0, 5), min_size=size, max_size=size).filter(any)

    def law(shares: tuple[Any, ...], parts: list[list[int]]) -> Distribution:
        weights = [
            sum(share * sympy.Rational(part[i], sum(part)) for share, part in zip(shares, parts, strict=False))
            for i in range(size)
        ]
        return Distribution(dict(zip(outcomes, weights, strict=True)))

    shares = st.sampled_from([(p, 1 - p), (q, 1 - q), (p**2, 1 - p**2), (p, q, 1 - p - q), (p * q, 1 - p * q)])
    return st.builds(law, shares, st.lists(counts, min_size=3, max_size=3))


def families_with_letters() -> SearchStrategy[Distribution]:
    """Families whose parameters are letters: small finite ones, and infinite ones, which are formulas.

    Letters are ``lam`` and ``mu`` > 0, and ``p`` and ``q`` in (0, 1) as far as the families' conditions say so.
    """
    import sympy
    from hypothesis import strategies as st

    p, q, lam, mu = sympy.symbols("p q lam mu", positive=True)
    finite = st.builds(Binomial, st.integers(1, 3), st.sampled_from([p, q]))
    return st.one_of(
        st.sampled_from([p, q]).map(Bernoulli),
        finite,
        st.sampled_from([lam, mu]).map(Poisson),
        st.builds(NegativeBinomial, st.integers(1, 2), st.just(p)),
    )


def monoids() -> SearchStrategy[Monoid]:
    """The operations of `distconv.monoids`, moduli of all kinds and small groups among them."""
    from hypothesis import strategies as st

    sizes: tuple[Scalar, ...] = (1, 2, 7, 12, Fraction(1, 3), Fraction(5, 2))
    moduli = st.sampled_from(sizes).map(modulo)
    tables = st.integers(1, 6).map(lambda n: Monoid.from_table([[(i + j) % n for j in range(n)] for i in range(n)]))
    return st.one_of(st.sampled_from([add, maximum, minimum, xor, multiply]), moduli, st.just(symmetric(3)), tables)


def laws_on(monoid: Monoid, *, kind: Drawn | None = None, max_size: int = 5) -> SearchStrategy[Distribution]:
    """Laws on which a monoid of `monoids` is defined: on its elements, on integers >= 0, on positive numbers."""
    from hypothesis import strategies as st

    if monoid.elements is not None:
        places: Any = st.sampled_from(monoid.elements)
    elif monoid.way == "xor":
        places = st.integers(0, 40)
    elif monoid.way == "multiply":
        places = st.fractions(Fraction(1, 5), 9, max_denominator=5)
    else:
        return distributions(kind=kind, ndim=1, max_size=max_size)

    def law(outcomes: list[Any], weights: list[int], floating: bool) -> Distribution:
        made = Distribution.from_counts(dict(zip(outcomes, weights, strict=False)))
        return made.to_float() if floating else made

    outcomes = st.lists(places, min_size=1, max_size=max_size, unique=True)
    kinds = {None: st.booleans(), "exact": st.just(False), "float": st.just(True)}.get(kind)
    if kinds is None:
        return outcomes.flatmap(_with_letters)
    weights = st.lists(st.integers(1, 20), min_size=max_size, max_size=max_size)
    return st.builds(law, outcomes, weights, kinds)


def assert_close(X: Distribution, Y: Distribution, *, rtol: float = 1e-9) -> None:
    """Fails, with an explanation, unless both laws have the same outcomes with probabilities within `rtol` relative.

    >>> from distconv import Die
    >>> from distconv.testing import assert_close
    >>> assert_close(Die(6).to_float(), Die(6))
    """
    __tracebackhide__ = True
    for law in (X, Y):
        if not isinstance(law, Distribution):
            raise DistconvTypeError(f"a Distribution is needed, got {law!r}")
    if X == Y or isclose(X, Y, rtol=rtol):
        return
    raise AssertionError("\n".join([f"the laws differ by more than {rtol:g} relative:", *differences(X, Y)]))


def differences(X: Distribution, Y: Distribution) -> list[str]:
    """Lines that say where two laws differ: dimensions, outcomes that one of them lacks, the largest differences."""
    if X.ndim != Y.ndim:
        return [f"dimensions: {X.ndim} and {Y.ndim}"]
    lines = [f"left:  {X!r}".split("\n")[0], f"right: {Y!r}".split("\n")[0]]
    p, q = (dict(entries_of(law.law.measure)) for law in (X, Y))
    for side, mine, other in (("left", p, q), ("right", q, p)):
        only = [x for x in mine if x not in other]
        if only:
            shown = ", ".join(f"{x} (probability {_shown(mine[x])})" for x in only[:MOST_SHOWN])
            more = f" and {len(only) - MOST_SHOWN} more" if len(only) > MOST_SHOWN else ""
            lines.append(f"only on the {side}: {shown}{more}")
    apart = []
    for x in p.keys() & q.keys():
        if p[x] != q[x]:
            try:
                apart.append((abs(float((Fraction(p[x]) - Fraction(q[x])) / Fraction(q[x]))), x))
            except (TypeError, ZeroDivisionError, OverflowError):
                apart.append((math.inf, x))
    apart.sort(key=lambda pair: (-pair[0], str(pair[1])))
    for relative, x in apart[:MOST_SHOWN]:
        lines.append(f"at {x}: {_shown(p[x])} and {_shown(q[x])}, a relative difference of {relative:.3g}")
    if len(apart) > MOST_SHOWN:
        lines.append(f"and at {len(apart) - MOST_SHOWN} more outcomes")
    if X.kind != "symbolic" and Y.kind != "symbolic":
        lines.append(f"total variation distance: {float(total_variation(X, Y)):.6g}")
    return lines


def _shown(weight: Any) -> str:
    text = str(weight)
    return text if len(text) <= 40 or has_letters(weight) else f"{float(weight):.17g}"


def assert_laws(X: Distribution, Y: Distribution, Z: Distribution, *, monoid: Monoid = add, rtol: float = 1e-9) -> None:
    """Fails, with an explanation, unless an operation obeys its algebraic laws on these distributions.

    The operation itself is associative, has its identity and commutes if it says so, on the outcomes; the convolution
    over it then, too, and agrees with all pairs of outcomes tried. For addition also: reflection and scaling of a sum
    are sums, means, variances and third cumulants add, generating functions multiply, marginals of a sum are sums of
    marginals.

    Laws with letters are compared by algebra: what passes holds for all values of the letters. Generating functions are
    compared at one place, z = 3/4, the operation itself on the first outcomes.

    Args:
        X, Y, Z: laws on which the operation is defined, of one dimension.
        monoid: the operation, yours or one of `distconv.monoids`.
        rtol: relative difference that floating probabilities may have; exact ones must be equal.

    >>> from distconv import Die, monoids
    >>> from distconv.testing import assert_laws
    >>> assert_laws(Die(4), Die(6), Die(8), monoid=monoids.maximum)
    """
    __tracebackhide__ = True
    if not isinstance(monoid, Monoid):
        raise DistconvTypeError(f"monoid must be a Monoid, got {monoid!r}; Monoid(op, identity)")
    _operation(X, Y, Z, monoid)

    def both(a: Distribution, b: Distribution) -> Distribution:
        return convolve(a, b, monoid=monoid)

    def same(what: str, a: Distribution, b: Distribution) -> None:
        __tracebackhide__ = True
        if not (a == b or (not (a.is_exact and b.is_exact) and isclose(a, b, rtol=rtol))):
            raise AssertionError("\n".join([f"{monoid.name}: {what} differ:", *differences(a, b)]))

    XY = both(X, Y)
    if monoid.commutative:
        same("X o Y and Y o X", XY, both(Y, X))
    same("(X o Y) o Z and X o (Y o Z)", both(XY, Z), both(X, both(Y, Z)))
    same("X o X and power(X, 2)", both(X, X), power(X, 2, monoid=monoid))
    if monoid.way not in ("add", "pairs"):
        by_pairs = Monoid(monoid.op, monoid.identity, monoid.name, monoid.commutative)
        same("the fast way and all pairs", XY, convolve(X, Y, monoid=by_pairs))
    if monoid.identity is not None:
        one = power(X, 0, monoid=monoid)
        alone = power(X, 1, monoid=monoid)
        same("e o X and X", both(one, X), alone)
        same("X o e and X", both(X, one), alone)
    if monoid is add:
        _sums(X, Y, XY, same, rtol)


def _operation(X: Distribution, Y: Distribution, Z: Distribution, monoid: Monoid) -> None:
    """The laws of the operation itself, on some outcomes."""
    __tracebackhide__ = True
    op, name = monoid.op, monoid.name
    some = [_listed(law, MOST_TRIED) for law in (X, Y, Z)]
    for a, b, c in itertools.product(*some):
        left, right = op(op(a, b), c), op(a, op(b, c))
        if left != right:
            raise AssertionError(
                f"{name} is not associative: ({a} o {b}) o {c} = {left}, but {a} o ({b} o {c}) = {right}; convolution "
                "over it depends on the order of summation"
            )
    for a, b in itertools.product(*some[:2]):
        if monoid.commutative and op(a, b) != op(b, a):
            raise AssertionError(
                f"{name} does not commute: {a} o {b} = {op(a, b)}, but {b} o {a} = {op(b, a)}; say so: "
                "Monoid(..., commutative=False)"
            )
    if monoid.identity is not None and monoid.way == "pairs":
        e = monoid.identity
        for a in some[0]:
            unit = on_each_axis(e, len(a)) if isinstance(a, tuple) else e
            if op(unit, a) != a or op(a, unit) != a:
                raise AssertionError(
                    f"{e} is no identity of {name}: {e} o {a} = {op(unit, a)}, {a} o {e} = {op(a, unit)}; both must "
                    f"be {a}"
                )


def _sums(X: Distribution, Y: Distribution, XY: Distribution, same: Any, rtol: float) -> None:
    """What holds of sums beside the laws of a monoid."""
    __tracebackhide__ = True
    same("-(X + Y) and -X + -Y", -XY, -X + -Y)
    same("3 * (X + Y) and 3 * X + 3 * Y", 3 * XY, 3 * X + 3 * Y)
    for axis in range(X.ndim):
        x, y, total = (law.marginal(axis) if law.ndim > 1 else law for law in (X, Y, XY))
        same(f"marginal {axis} of X + Y and the sum of marginals", total, x + y)
        letters = bool(x.letters or y.letters)
        scale = 0.0 if letters else max(float(x.std()), float(y.std()))
        for k in (1, 2, 3):
            values = [law.cumulant(k) for law in (total, x, y)]
            exact = letters or all(isinstance(v, Fraction | int) for v in values)
            slack = 0.0 if exact else max(rtol, 1e-6) * (scale**k + sum(abs(float(v)) for v in values))
            if not _is_near(values[0] - values[1] - values[2], slack):
                raise AssertionError(
                    f"cumulant {k} on axis {axis}: {values[0]} of X + Y is not {values[1]} of X plus {values[2]} of Y"
                )
        _generating(x, y, total)


def _listed(law: Distribution, count: int) -> list[Any]:
    """The first outcomes of a law; of a formula, which lists none, the first whole numbers from its low end on."""
    if law.law.is_laid_out() or not law.letters:
        return list(itertools.islice(law.support, count))
    low: Any = law.low
    return list(range(int(low), int(low) + count)) if getattr(low, "is_Integer", False) else list(range(count))


def _is_near(difference: Any, slack: float) -> bool:
    """Whether a number is at most so far from 0; an expression must be 0, by algebra."""
    if not has_letters(difference):
        return bool(abs(difference) <= slack)
    import sympy

    left = sympy.expand(sympy.together(sympy.expand(difference)))
    if left != 0 and left.count_ops() <= MOST_SIMPLIFIED:
        left = sympy.simplify(left)
    return bool(left == 0)


def _generating(x: Distribution, y: Distribution, total: Distribution) -> None:
    """Generating functions multiply, where they have powers of whole numbers."""
    if any(not isinstance(v, int) or abs(v) > 10**4 for law in (x, y) for v in _listed(law, 50)):
        return
    try:
        found: list[Any] = [law.pgf(Fraction(3, 4)) for law in (total, x, y)]
        if not any(map(has_letters, found)):
            found = [float(value) for value in found]
    except (DistconvError, OverflowError):
        return
    slack = 0.0 if any(map(has_letters, found)) else 1e-9 * abs(found[0])
    if not _is_near(found[0] - found[1] * found[2], slack):
        raise AssertionError(f"E z**(X + Y) = {found[0]} at z = 3/4 is not E z**X E z**Y = {found[1] * found[2]}")
