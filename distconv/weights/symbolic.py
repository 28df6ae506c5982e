"""Symbolic weights: polynomials in letters over one polynomial denominator.

Weights are not expression trees: they live in the fraction field of Z[g1, ..., gm], where the generators are what the
weights are polynomials in: the symbols, and whatever else stands in them (sqrt(p), exp(-lam)), found by sympy. The
numerators are FLINT polynomials, so products and powers are one multiplication each; a sympy expression is made only of
what is asked for. sympy and FLINT are imported on first use.

Invariant: no polynomial but 1 divides the denominator and all numerators, and the denominator's leading coefficient is
positive, so equal weights over equal generators have equal fields.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache
from itertools import accumulate
from typing import TYPE_CHECKING, Any, ClassVar, cast

from distconv.bounds import upper_float
from distconv.errors import AccuracyError, DistconvTypeError, DistconvValueError
from distconv.numbers import letters
from distconv.numbers.balls import is_narrow, pair_of, resolved, working_bits
from distconv.numbers.doubles import ratio_to_double
from distconv.numbers.letters import has_letters, is_expression, letters_of
from distconv.typing import AnyArray, Kind, Number
from distconv.weights.floating import Floating
from distconv.weights.rational import Rational, from_fractions, group_sums, nonzero

if TYPE_CHECKING:
    import flint
    import sympy

    from distconv.weights.protocol import Weights

#: Bits with which irrational generators are first evaluated, and at which that is given up: 20 000 digits.
FIRST_BITS, LAST_BITS = 150, 76_800
#: Decimal digits of the working precision that a number is not asked for: its text is rounded within them.
GUARD_DIGITS = 5
#: Bound on the relative error of a weight that was evaluated in balls and rounded once.
EVALUATION_ERROR = 2.0**-52


@lru_cache(maxsize=256)
def context(count: int) -> flint.fmpz_mpoly_ctx:
    """The polynomials over the integers in `count` generators."""
    import flint

    return flint.fmpz_mpoly_ctx.get(tuple(f"g{i}" for i in range(count)), "lex")


@dataclass(frozen=True, slots=True, eq=False)
class Symbolic:
    """Polynomial numerators over a common polynomial denominator.

    Attributes:
        numerators: one FLINT ``fmpz_mpoly`` for each point.
        denominator: a polynomial that is not 0.
        generators: the sympy expression that each of the polynomials' variables stands for.
        assumptions: sympy conditions under which all weights are probabilities.
    """

    numerators: tuple[Any, ...]
    denominator: Any
    generators: tuple[Any, ...]
    assumptions: frozenset[Any] = frozenset()
    _shown: dict[Any, Any] = field(default_factory=dict, repr=False)

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
        """numerator / denominator as a sympy expression in lowest terms, expanded."""
        return expression(numerator, self.denominator, self.generators)

    def rebuilt(self, numerators: Iterable[Any]) -> Symbolic:
        """Weights with these numerators over the same denominator, not reduced."""
        return Symbolic(tuple(numerators), self.denominator, self.generators, self.assumptions)

    def positive(self) -> AnyArray:
        """The ranks of the points that carry weight."""
        return nonzero(self.numerators)

    def fingerprint(self, rank: int) -> int:
        """The hash of a weight."""
        return hash(self.at(rank))

    def equals(self, other: Symbolic) -> bool:
        """Whether the weights that are not 0 are the same expressions."""
        x, y = unified(self, other)
        return bool(x.denominator == y.denominator) and [n for n in x.numerators if n] == [n for n in y.numerators if n]

    def take(self, ranks: AnyArray) -> Symbolic:
        """The weights of these points."""
        return self.rebuilt(self.numerators[rank] for rank in ranks.tolist())

    def reversed(self) -> Symbolic:
        """The same weights from the last to the first."""
        return self.rebuilt(self.numerators[::-1])

    def spread(self, cells: AnyArray, size: int) -> Symbolic:
        """These weights at some of `size` points."""
        values = [context(len(self.generators)).constant(0)] * size
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
        return from_expressions([part.at(i) for part in parts for i in range(part.size)], given).lowest()

    def lowest(self) -> Symbolic | Rational:
        """The same weights in lowest terms; exact ones where no letter is left."""
        reduced = lowest(self.numerators, self.denominator, self.generators, self.assumptions)
        if reduced.denominator.is_constant() and all(n.is_constant() for n in reduced.numerators):
            whole = int(reduced.denominator.leading_coefficient())
            tops = [int(n.leading_coefficient()) if n != 0 else 0 for n in reduced.numerators]
            return from_fractions([Fraction(top, whole) for top in tops])
        return reduced

    def running(self) -> list[Any]:
        """The numerators of the totals of the first 0, 1, 2, ... weights."""
        if "running" not in self._shown:
            nothing = context(len(self.generators)).constant(0)
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
        return Symbolic(tuple(numerators), self.denominator * other.denominator, self.generators, given).lowest()

    def scaled(self, share: Fraction | int | sympy.Expr) -> Symbolic | Rational:
        """The weights times a fraction or an expression, in lowest terms."""
        return self.outer(from_expressions([share]))

    def spare(self, missing: Fraction | float) -> Fraction | sympy.Expr:  # noqa: ARG002 - letters know it exactly
        """What the total leaves of 1."""
        return letters.number_of(self.value(self.denominator - self.running()[-1]))

    def normalised(self, missing: Number = 0) -> tuple[Symbolic | Rational, float]:
        """The weights over their total and what is missing, which may be anything up to 1 where it has letters."""
        whole = self.running()[-1]
        if not missing:
            return Symbolic(self.numerators, whole, self.generators, self.assumptions).lowest(), 0.0
        lost = letters.expression_of(missing)
        share = 1 / (self.value(whole) + lost)
        rest = lost * share
        return self.scaled(share), 1.0 if has_letters(rest) else upper_float(Fraction(letters.number_of(rest)))

    def as_floating(self) -> Floating:
        """The refusal of doubles for letters."""
        raise no_numbers(self, "numbers")

    def as_rational(self) -> Rational:
        """The refusal of fractions for letters."""
        raise no_numbers(self, "exact numbers")

    def symbols(self) -> set[Any]:
        """The free symbols of all generators."""
        return {s for g in self.generators for s in letters_of(g)}

    def over(self, generators: tuple[Any, ...]) -> Symbolic:
        """The same weights as polynomials in more generators."""
        if generators == self.generators:
            return self
        places = [generators.index(g) for g in self.generators]

        def moved(polynomial: Any) -> Any:
            terms: dict[tuple[int, ...], Any] = {}
            for powers, coefficient in polynomial.to_dict().items():
                wide = [0] * len(generators)
                for place, power in zip(places, powers, strict=True):
                    wide[place] = power
                terms[tuple(wide)] = coefficient
            return context(len(generators)).from_dict(terms)

        moved_all = tuple(moved(n) for n in self.numerators)
        return Symbolic(moved_all, moved(self.denominator), generators, self.assumptions)

    def __reduce__(self) -> Any:
        plain = [_plain(n) for n in self.numerators]
        return _restored, (plain, _plain(self.denominator), self.generators, self.assumptions)


def _plain(polynomial: Any) -> dict[tuple[int, ...], int]:
    """A polynomial's coefficients by their exponents, as Python integers."""
    return {tuple(int(e) for e in powers): int(c) for powers, c in polynomial.to_dict().items()}


def _restored(numerators: list[Any], denominator: Any, generators: Any, assumptions: Any) -> Symbolic:
    """Weights from their pickle."""
    ring = context(len(generators))
    return Symbolic(tuple(map(ring.from_dict, numerators)), ring.from_dict(denominator), generators, assumptions)


def lowest(
    numerators: Sequence[Any], denominator: flint.fmpz_mpoly, generators: tuple[Any, ...], assumptions: frozenset[Any]
) -> Symbolic:
    """The weights numerators / denominator, in lowest terms."""
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
    return Symbolic(tuple(numerators), denominator, generators, assumptions)


def expression(numerator: flint.fmpz_mpoly, denominator: flint.fmpz_mpoly, generators: tuple[Any, ...]) -> sympy.Expr:
    """A quotient of polynomials as a sympy expression: both expanded, in lowest terms, canonical."""
    divisor = numerator.gcd(denominator)
    if not divisor.is_zero() and not divisor.is_one():
        numerator, denominator = numerator // divisor, denominator // divisor
    if denominator.is_constant():
        return polynomial_expression(numerator, generators, int(denominator.leading_coefficient()))
    if denominator.leading_coefficient() < 0:
        numerator, denominator = -numerator, -denominator
    return polynomial_expression(numerator, generators) / polynomial_expression(denominator, generators)


def polynomial_expression(polynomial: flint.fmpz_mpoly, generators: tuple[Any, ...], divisor: int = 1) -> sympy.Expr:
    """A polynomial over an integer as an expanded sympy expression."""
    import sympy

    powers: dict[tuple[int, int], Any] = {}

    def power(index: int, exponent: int) -> Any:
        if (index, exponent) not in powers:
            powers[index, exponent] = generators[index] ** exponent
        return powers[index, exponent]

    terms = []
    for exponents, coefficient in polynomial.to_dict().items():
        factors = [power(i, int(e)) for i, e in enumerate(exponents) if e]
        terms.append(sympy.Mul(sympy.Rational(int(coefficient), divisor), *factors))
    return sympy.Add(*terms)


def from_expressions(values: Sequence[Any], assumptions: frozenset[Any] = frozenset()) -> Symbolic:
    """Weights from sympy expressions and rational numbers.

    Raises:
        DistconvValueError: a denominator that is 0.
    """
    import sympy

    expressions, roots = without_roots([letters.expression_of(v) for v in values])
    quotients = [sympy.fraction(sympy.together(e)) for e in expressions]
    parts = [part for quotient in quotients for part in quotient]
    polynomials, generators = _as_polynomials(parts)
    ring = context(len(generators))
    tops, bottoms = polynomials[::2], polynomials[1::2]
    for bottom, shown in zip(bottoms, expressions, strict=True):
        if bottom == 0:
            raise DistconvValueError(f"the weight {shown} divides by 0")
    common = ring.constant(1)
    for bottom in bottoms:
        common = common * (bottom // common.gcd(bottom))
    numerators = [top * (common // bottom) for top, bottom in zip(tops, bottoms, strict=True)]
    return lowest(numerators, common, tuple(g.xreplace(roots) for g in generators), assumptions)


def without_roots(expressions: list[Any]) -> tuple[list[Any], dict[Any, Any]]:
    """The expressions with letters r for roots p**(1/n) of symbols, so r**n for p; and what each letter stands for.

    Beside each other, sqrt(p) and p would be taken for independent generators.
    """
    import sympy

    orders: dict[Any, int] = {}
    for e in expressions:
        for power in e.atoms(sympy.Pow):
            if power.base.is_Symbol and power.exp.is_Rational and not power.exp.is_Integer:
                orders[power.base] = sympy.ilcm(orders.get(power.base, 1), power.exp.q)
    letters = {symbol: sympy.Dummy(f"root_{symbol}", positive=True) for symbol in orders}
    swap = {symbol: letters[symbol] ** order for symbol, order in orders.items()}
    roots = {letters[symbol]: symbol ** sympy.Rational(1, order) for symbol, order in orders.items()}
    return [e.subs(swap) if swap else e for e in expressions], roots


def _as_polynomials(expressions: list[Any]) -> tuple[list[Any], tuple[Any, ...]]:
    """Integer polynomials in proportion to expressions, pair by pair by one factor, and their generators.

    The expressions come as numerator, denominator, numerator, denominator, ...; each pair keeps its quotient.
    """
    import sympy
    from sympy.polys.polyutils import _parallel_dict_from_expr, build_options

    dictionaries, options = _parallel_dict_from_expr(
        [sympy.expand(e) for e in expressions], build_options((), {"expand": True})
    )
    generators = tuple(options.gens or ())
    order = sorted(range(len(generators)), key=lambda i: sympy.default_sort_key(generators[i]))
    ring = context(len(generators))
    polynomials = []
    for top, bottom in zip(dictionaries[::2], dictionaries[1::2], strict=True):
        for value in (*top.values(), *bottom.values()):
            if not value.is_Rational:
                raise DistconvTypeError(f"weights must be exact, got the coefficient {value}; write it as a fraction")
        scale = sympy.ilcm(1, *(value.q for value in (*top.values(), *bottom.values())))
        for part in (top, bottom):
            terms = {tuple(int(k[i]) for i in order): int(v * scale) for k, v in part.items() if v}
            polynomials.append(ring.from_dict(terms))
    return polynomials, tuple(generators[i] for i in order)


def with_letters(weights: Weights) -> Symbolic:
    """The weights of a law with letters, as what they are."""
    return cast("Symbolic", weights)


def from_rational(weights: Rational) -> Symbolic:
    """Exact weights as constant polynomials."""
    ring = context(0)
    values = tuple(ring.from_dict({(): int(n)} if n else {}) for n in weights.integers())
    return Symbolic(values, ring.from_dict({(): weights.denominator}), ())


def unified(a: Symbolic, b: Symbolic) -> tuple[Symbolic, Symbolic]:
    """The same weights as polynomials in the same generators."""
    import sympy

    if a.generators == b.generators:
        return a, b
    both = tuple(sorted({*a.generators, *b.generators}, key=sympy.default_sort_key))
    if all(g.is_Symbol for g in both):
        return a.over(both), b.over(both)
    # sqrt(p) beside p, exp(-lam) beside exp(-2 lam): generators that are powers of each other are found anew.
    values = [w.value(n) for w in (a, b) for n in w.numerators]
    joint = from_expressions(values)
    first = joint.numerators[: len(a.numerators)], a.assumptions
    second = joint.numerators[len(a.numerators) :], b.assumptions
    x, y = (lowest(n, joint.denominator, joint.generators, given) for n, given in (first, second))
    return x, y


def evaluated(
    weights: Symbolic, values: Mapping[Any, Any]
) -> Rational | tuple[list[tuple[float, int]], float] | list[Any]:
    """The weights with numbers or expressions in place of symbols.

    Returns:
        Exact weights where all generators become rational and no value is a float; (significand, exponent) pairs with
        the bound on their relative error where they become other numbers; else a list of sympy expressions.
    """
    exact = {
        s: letters.expression_of(Fraction(v)) if isinstance(v, float) else letters.expression_of(v)
        for s, v in values.items()
    }
    images = [g.subs(exact, simultaneous=True) for g in weights.generators]
    if any(map(has_letters, images)):
        import sympy

        swap = {g: image for g, image in zip(weights.generators, images, strict=True) if g != image}
        return [sympy.sympify(weights.at(i)).xreplace(swap) for i in range(len(weights.numerators))]
    if not all(image.is_Rational for image in images):
        return _evaluated_in_balls(weights, images), EVALUATION_ERROR
    import flint

    points = [flint.fmpq(int(image.p), int(image.q)) for image in images]
    bottom = _at(weights.denominator, points)
    if bottom == 0:
        shown = ", ".join(f"{g} = {v}" for g, v in zip(weights.generators, images, strict=True))
        divisor = polynomial_expression(weights.denominator, weights.generators)
        raise DistconvValueError(f"the weights divide by 0 at {shown}: {divisor} vanishes there")
    quotients = [_at(n, points) / bottom for n in weights.numerators]
    fractions = [Fraction(int(q.p), int(q.q)) for q in quotients]
    if any(isinstance(v, float) for v in values.values()):
        for value in fractions:
            if value < 0:
                return from_fractions(list(fractions))
        return [ratio_to_double(f.numerator, f.denominator) for f in fractions], 2.0**-53
    return from_fractions(list(fractions))


def _at(polynomial: Any, points: list[Any]) -> Any:
    """The value of a polynomial at rational points."""
    import flint

    total = flint.fmpq(0)
    if not points:
        return total + sum((c for _, c in polynomial.to_dict().items()), flint.fmpz(0))
    ring = flint.fmpq_mpoly_ctx.get(tuple(f"g{i}" for i in range(len(points))), "lex")
    return ring.from_dict(polynomial.to_dict())(*points)


def _evaluated_in_balls(weights: Symbolic, images: list[Any]) -> list[tuple[float, int]]:
    """The weights at irrational values of generators, each rounded once from a narrow ball."""

    def attempt() -> list[tuple[float, int]] | None:
        points = [_number_as_ball(image) for image in images]
        bottom = _ball(weights.denominator, points)
        quotients = [_ball(n, points) / bottom if n != 0 else None for n in weights.numerators]
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


def _number_as_ball(image: sympy.Expr) -> flint.arb:
    """A real number of sympy's as a ball at the working precision."""
    import flint
    import sympy

    digits = int(working_bits() * math.log10(2)) - GUARD_DIGITS
    number = sympy.N(image, digits)
    if not number.is_Float and not number.is_Rational:
        raise DistconvValueError(f"{image} is no real number")
    middle = flint.arb(str(number))
    return middle + flint.arb(0, flint.arb(10) ** (2 - digits) * abs(middle))


def _ball(polynomial: Any, points: list[Any]) -> Any:
    """The value of a polynomial at balls."""
    import flint

    total = flint.arb(0)
    for exponents, coefficient in polynomial.to_dict().items():
        term = flint.arb(coefficient)
        for point, exponent in zip(points, exponents, strict=True):
            if exponent:
                term *= point ** int(exponent)
        total += term
    return total


def factored(numerator: flint.fmpz_mpoly, denominator: flint.fmpz_mpoly, generators: tuple[Any, ...]) -> sympy.Expr:
    """numerator / denominator as a product of powers: the form that is evaluated in floats with the least loss."""
    import sympy

    if numerator.is_zero():
        return sympy.Integer(0)
    result = sympy.Integer(1)
    for polynomial, sign in ((numerator, 1), (denominator, -1)):
        if polynomial.is_constant():
            result *= sympy.Integer(int(polynomial.leading_coefficient())) ** sign
            continue
        constant, factors = polynomial.factor()
        result *= sympy.Integer(int(constant)) ** sign
        for base, exponent in factors:
            result *= polynomial_expression(base, generators) ** (sign * int(exponent))
    return result


def tidied(value: Number) -> Number:
    """An expression in the canonical form of weights: numerator and denominator expanded, in lowest terms."""
    return from_expressions([value]).at(0) if is_expression(value) else value


def no_numbers(weights: Symbolic, what: str) -> DistconvTypeError:
    """The refusal of what only numbers have."""
    names = sorted(map(str, weights.symbols()))
    values = ", ".join(f"{name}: 0.3" for name in names)
    return DistconvTypeError(
        f"{what} depend on {', '.join(names)}: substitute numbers first, X.subs({{{values}}}), "
        "or fractions as strings, '1/3', for exact answers"
    )
