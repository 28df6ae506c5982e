"""Symbolic weights: polynomials in letters and constants over one polynomial denominator.

Weights are not expression trees: they live in the fraction field of Z[g1, ..., gm] (`weights.field`), where the
generators are what the weights are polynomials in: the symbols, whatever else stands in them (sqrt(p), exp(-lam)), and
constants (pi, an algebraic integer). The numerators are FLINT polynomials, so products and powers are one
multiplication each; a sympy expression is made only of what is asked for. sympy and FLINT are imported on first use.

Invariant: numerators are reduced modulo the algebraic generator's minimal polynomial and the denominator is free of it;
no polynomial but 1 divides the denominator and all numerators, and the denominator's leading coefficient is positive.
So equal weights over equal generators have equal fields.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from dataclasses import field as made
from fractions import Fraction
from itertools import accumulate
from typing import TYPE_CHECKING, Any, ClassVar, cast

from distconv.errors import AccuracyError, DistconvTypeError, DistconvValueError
from distconv.numbers import letters
from distconv.numbers.algebraic import NumberField
from distconv.numbers.balls import is_narrow, pair_of, resolved
from distconv.numbers.evaluation import ball_of_constant
from distconv.numbers.letters import is_expression
from distconv.numbers.signs import FIRST_BITS, LAST_BITS
from distconv.typing import AnyArray, Kind, Number
from distconv.weights.field import Field, ball_at, context
from distconv.weights.floating import Floating, from_doubles
from distconv.weights.quotients import read_quotients, shorter
from distconv.weights.rational import Rational, from_fractions, group_sums, nonzero

if TYPE_CHECKING:
    import flint
    import sympy

    from distconv.weights.protocol import Weights

#: Bound on the relative error of a weight that was evaluated in balls and rounded once.
EVALUATION_ERROR = 2.0**-52
#: Logs of weights that differ by less, relatively, may be those of equal ones: some roundings.
NEAR = 1e-14


@dataclass(frozen=True, slots=True, eq=False)
class Symbolic:
    """Polynomial numerators over a common polynomial denominator.

    Attributes:
        numerators: one FLINT ``fmpz_mpoly`` for each point.
        denominator: a polynomial that is not 0.
        field: what the polynomials' variables stand for.
        assumptions: sympy conditions under which all weights are probabilities.
    """

    numerators: tuple[Any, ...]
    denominator: Any
    field: Field
    assumptions: frozenset[Any] = frozenset()
    _shown: dict[Any, Any] = made(default_factory=dict, repr=False)

    is_exact = True
    kind: ClassVar[Kind] = "symbolic"
    error = 0.0
    bits = 0

    @property
    def size(self) -> int:
        """How many points there are."""
        return len(self.numerators)

    def at(self, rank: int) -> sympy.Expr:
        """The weight of a point, a sympy expression in lowest terms."""
        if rank not in self._shown:
            self._shown[rank] = self.value(self.numerators[rank])
        return self._shown[rank]

    exact_at = at

    def log_at(self, rank: int) -> sympy.Expr:
        """The natural log of a weight, an expression."""
        return letters.log(self.at(rank))

    def numbers(self, ranks: AnyArray) -> list[Any]:
        """The weights of some points."""
        return [self.at(rank) for rank in ranks.tolist()]

    def value(self, numerator: flint.fmpz_mpoly) -> sympy.Expr:
        """numerator / denominator as a sympy expression in lowest terms: expanded or in factors, what is shorter."""
        return shorter(numerator, self.denominator, self.field)

    def rebuilt(self, numerators: Iterable[Any]) -> Symbolic:
        """Weights with these numerators over the same denominator, not reduced."""
        return Symbolic(tuple(numerators), self.denominator, self.field, self.assumptions)

    def positive(self) -> AnyArray:
        """The ranks of the points that carry weight."""
        return nonzero(self.numerators)

    def fingerprint(self, rank: int) -> int:
        """The hash of a weight; one for all that may be written in several ways."""
        return hash(letters.number_of(self.at(rank))) if self.field.algebraic is None and self.field.is_free() else 0

    def equals(self, other: Symbolic) -> bool:
        """Whether the weights that are not 0 are the same expressions."""
        x, y = unified(self, other)
        mine, others = ([n for n in w.numerators if n] for w in (x, y))
        if x.denominator == y.denominator and mine == others:
            return True
        if x.field.is_free() or len(mine) != len(others):
            return False
        pairs = zip(mine, others, strict=True)
        return all(x.field.is_zero(x.field.reduced(p * y.denominator - q * x.denominator)) for p, q in pairs)

    def take(self, ranks: AnyArray) -> Symbolic:
        """The weights of these points."""
        return self.rebuilt(self.numerators[rank] for rank in ranks.tolist())

    def reversed(self) -> Symbolic:
        """The same weights from the last to the first."""
        return self.rebuilt(self.numerators[::-1])

    def spread(self, cells: AnyArray, size: int) -> Symbolic:
        """These weights at some of `size` points."""
        values = [self.field.ring.constant(0)] * size
        for cell, value in zip(cells.tolist(), self.numerators, strict=True):
            values[cell] = value
        return self.rebuilt(values)

    def merged(self, starts: AnyArray) -> Symbolic | Rational:
        """The sums over groups of neighbours, in lowest terms."""
        return self.rebuilt(group_sums(self.numerators, starts)).lowest()

    @staticmethod
    def joined(parts: Sequence[Symbolic]) -> Symbolic | Rational:
        """Weights one after the other, in lowest terms, under all their assumptions."""
        given = frozenset[Any]().union(*(part.assumptions for part in parts))
        if any(part.field != parts[0].field for part in parts):
            return from_expressions([part.at(i) for part in parts for i in range(part.size)], given).settled()
        below = parts[0].denominator
        for part in parts[1:]:
            below = below * (part.denominator // below.gcd(part.denominator))
        numerators = [n * (below // part.denominator) for part in parts for n in part.numerators]
        return Symbolic(tuple(numerators), below, parts[0].field, given).lowest()

    def lowest(self) -> Symbolic | Rational:
        """The same weights in lowest terms; exact ones where no generator is left of some."""
        reduced = lowest(self.numerators, self.denominator, self.field, self.assumptions)
        return reduced.settled() if self.field.generators else reduced

    def settled(self) -> Symbolic | Rational:
        """Weights in lowest terms themselves; exact ones where all are fractions."""
        if not (self.denominator.is_constant() and all(n.is_constant() for n in self.numerators)):
            return self
        whole = int(self.denominator.leading_coefficient())
        tops = [int(n.leading_coefficient()) if n != 0 else 0 for n in self.numerators]
        return from_fractions([Fraction(top, whole) for top in tops])

    def running(self) -> list[Any]:
        """The numerators of the totals of the first 0, 1, 2, ... weights."""
        if "running" not in self._shown:
            nothing = self.field.ring.constant(0)
            self._shown["running"] = list(accumulate(self.numerators, initial=nothing))
        return self._shown["running"]  # type: ignore[no-any-return]

    def total(self) -> sympy.Expr:
        """The sum of all weights."""
        return self.value(self.running()[-1])

    def head(self, count: int) -> sympy.Expr:
        """The total of the first `count` weights."""
        return self.value(self.running()[count])

    def tail(self, count: int) -> sympy.Expr:
        """The total of all but the first `count` weights."""
        running = self.running()
        return self.value(running[-1] - running[count])

    def average(self, integers: AnyArray) -> sympy.Expr:
        """The mean of an integer for each point, of weights that total 1."""
        pairs = zip(self.numerators, integers.tolist(), strict=True)
        return self.value(sum((w * int(v) for w, v in pairs if w), start=self.denominator * 0))

    def times(self, other: Symbolic) -> Symbolic | Rational:
        """The products of two weights of one rank, in lowest terms."""
        x, y = unified(self, other)
        return x.multiplied(y, [p * q for p, q in zip(x.numerators, y.numerators, strict=True)])

    def outer(self, other: Symbolic) -> Symbolic | Rational:
        """All products of one of these weights and one of the other's, in lowest terms."""
        x, y = unified(self, other)
        return x.multiplied(y, [p * q for p in x.numerators for q in y.numerators])

    def multiplied(self, other: Symbolic, numerators: Iterable[Any]) -> Symbolic | Rational:
        """Numerators over both denominators, in the same generators, in lowest terms."""
        given = self.assumptions | other.assumptions
        return Symbolic(tuple(numerators), self.denominator * other.denominator, self.field, given).lowest()

    def of_draws(self, numerators: Iterable[Any], n: int) -> Symbolic | Rational:
        """Numerators over the n-th power of the denominator, in lowest terms: the weights of what n draws give."""
        return Symbolic(tuple(numerators), self.denominator**n, self.field, self.assumptions).lowest()

    def scaled(self, share: Fraction | int | sympy.Expr) -> Symbolic | Rational:
        """The weights times a fraction or an expression, in lowest terms."""
        return self.outer(from_expressions([share]))

    def shares_of(self, others: Symbolic) -> Symbolic | Rational:
        """The weights over the total of others, in lowest terms."""
        return self.scaled(1 / letters.expression_of(others.total()))

    def spare(self, missing: Fraction | float) -> Fraction | sympy.Expr:  # noqa: ARG002 - letters know it exactly
        """What the total leaves of 1."""
        return letters.number_of(self.value(self.denominator - self.running()[-1]))

    def normalised(self, missing: Number = 0) -> tuple[Symbolic | Rational, float]:
        """The weights over their total and what is missing, which may be anything up to 1 where it has letters."""
        whole = self.running()[-1]
        if not missing:
            return Symbolic(self.numerators, whole, self.field, self.assumptions).lowest(), 0.0
        lost = letters.expression_of(missing)
        share = 1 / (self.value(whole) + lost)
        return self.scaled(share), letters.upper_bound(lost * share)

    # Numbers without letters -------------------------------------------------------------------------------------

    @property
    def letters(self) -> frozenset[sympy.Symbol]:
        """The free symbols of all generators."""
        return frozenset(self.field.letters())

    def sign(self, numerator: flint.fmpz_mpoly, least: Fraction | int = 0) -> int:
        """-1, 0 or 1: the sign of numerator / denominator - least, where there are no letters."""
        field = self.field
        difference = numerator * least.denominator - self.denominator * least.numerator
        return field.sign(difference) * field.sign(self.denominator)

    def heaviest(self) -> int:
        """The rank of the largest weight, the first of several."""
        floats = self.as_floating()
        top = floats.log_at(floats.heaviest())
        # Doubles tell which may be the largest, signs which is.
        near = [rank for rank in range(self.size) if floats.log_at(rank) >= top - NEAR * (1 + abs(top))]
        best = near[0]
        for rank in near[1:]:
            if self.sign(self.numerators[rank] - self.numerators[best]) > 0:
                best = rank
        return best

    def as_floating(self) -> Floating:
        """The weights as doubles, each rounded once from a ball; refused where there are letters."""
        if self.letters:
            raise no_numbers(self, "numbers")
        if "floating" not in self._shown:
            self._shown["floating"] = from_doubles(self.in_doubles(self.field.generators), EVALUATION_ERROR)
        return cast("Floating", self._shown["floating"])

    def in_doubles(self, values: Sequence[sympy.Expr]) -> list[tuple[float, int]]:
        """The weights at numbers for the generators, as (significand, exponent), each rounded once from a ball."""

        def attempt() -> list[tuple[float, int]] | None:
            points = [ball_of_constant(value) for value in values]
            bottom = ball_at(self.denominator, points)
            quotients = [ball_at(n, points) / bottom if n != 0 else None for n in self.numerators]
            if not all(q is None or is_narrow(q) for q in quotients):
                return None
            return [(0.0, 0) if q is None else pair_of(q) for q in quotients]

        try:
            return resolved(attempt, "a weight", start=FIRST_BITS, last=LAST_BITS)
        except AccuracyError:
            raise DistconvValueError(
                "a weight cannot be told from 0 at these values; if it is 0 there, substitute before adding: "
                "X.subs(...) + Y.subs(...)"
            ) from None

    def as_rational(self) -> Rational:
        """The refusal of fractions for letters and irrational numbers."""
        raise no_numbers(self, "exact numbers")

    def over(self, field: Field) -> Symbolic:
        """The same weights as polynomials in more generators, the algebraic one as it is."""
        if field == self.field:
            return self
        generators = field.generators
        places = [generators.index(g) for g in self.field.generators]

        def moved(polynomial: Any) -> Any:
            terms: dict[tuple[int, ...], Any] = {}
            for powers, coefficient in polynomial.to_dict().items():
                wide = [0] * len(generators)
                for place, power in zip(places, powers, strict=True):
                    wide[place] = power
                terms[tuple(wide)] = coefficient
            return field.ring.from_dict(terms)

        moved_all = tuple(moved(n) for n in self.numerators)
        return Symbolic(moved_all, moved(self.denominator), field, self.assumptions)

    def __reduce__(self) -> Any:
        plain = [_plain(n) for n in self.numerators]
        field = self.field
        return _restored, (plain, _plain(self.denominator), field.generators, self.assumptions, field.algebraic)


def _plain(polynomial: Any) -> dict[tuple[int, ...], int]:
    """A polynomial's coefficients by their exponents, as Python integers."""
    return {tuple(int(e) for e in powers): int(c) for powers, c in polynomial.to_dict().items()}


def _restored(
    numerators: list[Any], denominator: Any, generators: Any, assumptions: Any, algebraic: NumberField | None = None
) -> Symbolic:
    """Weights from their pickle."""
    ring = context(len(generators))
    values = tuple(map(ring.from_dict, numerators))
    return Symbolic(values, ring.from_dict(denominator), Field(generators, algebraic), assumptions)


def lowest(
    numerators: Sequence[Any], denominator: flint.fmpz_mpoly, field: Field, assumptions: frozenset[Any]
) -> Symbolic:
    """The weights numerators / denominator, in lowest terms."""
    if field.algebraic is not None:
        numerators, denominator = [field.reduced(n) for n in numerators], field.reduced(denominator)
        if not field.is_rational_in([denominator]):
            factor, denominator = field.norm(denominator)
            numerators = [field.reduced(n * factor) for n in numerators]
    if not denominator.is_one():
        divisor = denominator
        for numerator in numerators:
            if divisor.is_one():
                break
            divisor = divisor.gcd(numerator)
        if denominator.leading_coefficient() < 0:
            divisor = -divisor if divisor.leading_coefficient() > 0 else divisor
        if not divisor.is_one():
            numerators = [n // divisor for n in numerators]
            denominator = denominator // divisor
    if field.algebraic is not None and field.is_rational_in(numerators):
        field, values = field.without_algebraic(), (*numerators, denominator)
        *numerators, denominator = (
            field.ring.from_dict({powers[:-1]: c for powers, c in value.to_dict().items()}) for value in values
        )
    return Symbolic(tuple(numerators), denominator, field, assumptions)


def from_expressions(values: Sequence[Any], assumptions: frozenset[Any] = frozenset()) -> Symbolic:
    """Weights from sympy expressions and rational numbers.

    Raises:
        DistconvTypeError: a floating number, or one that is not real.
        DistconvValueError: a denominator that is 0.
    """
    numerators, denominator, field = read_quotients(values)
    return lowest(numerators, denominator, field, assumptions)


def with_letters(weights: Weights) -> Symbolic:
    """The weights of a law with letters, as what they are."""
    return cast("Symbolic", weights)


def from_rational(weights: Rational) -> Symbolic:
    """Exact weights as constant polynomials."""
    ring = context(0)
    values = tuple(ring.from_dict({(): int(n)} if n else {}) for n in weights.integers())
    return Symbolic(values, ring.from_dict({(): weights.denominator}), Field())


def unified(a: Symbolic, b: Symbolic) -> tuple[Symbolic, Symbolic]:
    """The same weights as polynomials in the same generators."""
    import sympy

    if a.field == b.field:
        return a, b
    # sqrt(p) beside p, exp(-lam) beside exp(-2 lam), sqrt(2) beside sqrt(3): generators that know of each other are
    # found anew. Symbols do not, and all that one side has the other may take.
    algebraic = a.field.algebraic or b.field.algebraic
    one_field = a.field.algebraic in (None, algebraic) and b.field.algebraic in (None, algebraic)
    both = {*a.field.transcendental, *b.field.transcendental}
    known = any(both == set(w.field.transcendental) for w in (a, b)) or all(g.is_Symbol for g in both)
    if one_field and known:
        last = () if algebraic is None else (algebraic.generator,)
        field = Field((*sorted(both, key=sympy.default_sort_key), *last), algebraic)
        return a.over(field), b.over(field)
    values = [w.value(n) for w in (a, b) for n in w.numerators]
    joint = from_expressions(values)
    first = joint.numerators[: len(a.numerators)], a.assumptions
    second = joint.numerators[len(a.numerators) :], b.assumptions
    x, y = (Symbolic(tuple(n), joint.denominator, joint.field, given) for n, given in (first, second))
    return x, y


def tidied(value: Number) -> Number:
    """An expression in the canonical form of weights: numerator and denominator expanded, in lowest terms."""
    return from_expressions([value]).at(0) if is_expression(value) else value


def no_numbers(weights: Symbolic, what: str) -> DistconvTypeError:
    """The refusal of what only numbers have, or only fractions."""
    names = sorted(map(str, weights.letters))
    if not names:
        return DistconvTypeError(f"{what} are asked for, and some of these are irrational; write X.to_float()")
    values = ", ".join(f"{name}: 0.3" for name in names)
    return DistconvTypeError(
        f"{what} depend on {', '.join(names)}: substitute numbers first, X.subs({{{values}}}), "
        "or fractions as strings, '1/3', for exact answers"
    )
