"""The field that symbolic weights live in: quotients of polynomials in letters and constants.

Its generators are what the polynomials' variables stand for: symbols and what else stands in weights (sqrt(p),
exp(-lam)), constants (pi, exp(-3)), and last, where there are algebraic numbers, one algebraic integer. Polynomials are
kept reduced modulo its minimal polynomial and denominators free of it, so that equal numbers have equal fractions: what
is zero is decided by algebra. Signs are decided in balls. sympy and FLINT are imported on first use.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Self

from distconv.errors import DistconvValueError
from distconv.numbers.algebraic import NumberField
from distconv.numbers.balls import working_bits
from distconv.numbers.constants import are_independent
from distconv.numbers.evaluation import ball_of_constant
from distconv.numbers.letters import has_letters, letters_of
from distconv.numbers.signs import decided

if TYPE_CHECKING:
    import flint
    import sympy


@lru_cache(maxsize=256)
def context(count: int) -> flint.fmpz_mpoly_ctx:
    """The polynomials over the integers in `count` generators."""
    import flint

    return flint.fmpz_mpoly_ctx.get(tuple(f"g{i}" for i in range(count)), "lex")


@dataclass(frozen=True, slots=True)
class Field:
    """Quotients of polynomials with integer coefficients in some generators.

    Attributes:
        generators: the sympy expression that each of the polynomials' variables stands for.
        algebraic: the number field of the last generator; None where there is none.
    """

    generators: tuple[sympy.Expr, ...] = ()
    algebraic: NumberField | None = None

    @property
    def ring(self) -> flint.fmpz_mpoly_ctx:
        """The polynomials in the generators."""
        return context(len(self.generators))

    @property
    def transcendental(self) -> tuple[sympy.Expr, ...]:
        """The generators but for the algebraic one."""
        return self.generators if self.algebraic is None else self.generators[:-1]

    def letters(self) -> set[sympy.Symbol]:
        """The free symbols of all generators."""
        return {s for g in self.generators for s in letters_of(g)}

    def has_letters(self) -> bool:
        """Whether any generator has free symbols."""
        return any(map(has_letters, self.generators))

    def is_free(self) -> bool:
        """Whether it is a theorem that a polynomial which is not 0 is a number which is not 0."""
        return are_independent(tuple(g for g in self.transcendental if not has_letters(g)))

    # Algebraic numbers -------------------------------------------------------------------------------------------

    def reduced(self, polynomial: flint.fmpz_mpoly) -> flint.fmpz_mpoly:
        """A polynomial modulo the minimal polynomial of the algebraic generator."""
        if self.algebraic is None:
            return polynomial
        rest: flint.fmpz_mpoly = polynomial % _modulus(len(self.generators), self.algebraic.relation)
        return rest

    def power(self, polynomial: flint.fmpz_mpoly, n: int) -> flint.fmpz_mpoly:
        """The n-th power, reduced."""
        if self.algebraic is None:
            return polynomial**n
        result = self.ring.constant(1)
        for bit in f"{n:b}":
            result = self.reduced(result * result)
            if bit == "1":
                result = self.reduced(result * polynomial)
        return result

    def norm(self, polynomial: flint.fmpz_mpoly) -> tuple[flint.fmpz_mpoly, flint.fmpz_mpoly]:
        """(q, r), neither 0, with polynomial * q = r, and r free of the algebraic generator.

        By the characteristic polynomial of the multiplication by it (Faddeev, Le Verrier).
        """
        assert self.algebraic is not None
        degree = len(self.algebraic.relation) - 1
        factor = self.ring.constant(1)
        for k in range(1, degree):
            product = self.reduced(polynomial * factor)
            factor = product - self._trace(product) // self.ring.constant(k)
        return factor, self.reduced(polynomial * factor)

    def _trace(self, polynomial: Any) -> Any:
        """The sum of a polynomial's conjugates."""
        assert self.algebraic is not None
        sums = _power_sums(self.algebraic.relation)
        terms: dict[tuple[int, ...], Any] = {}
        for powers, coefficient in polynomial.to_dict().items():
            place = (*powers[:-1], 0)
            terms[place] = terms.get(place, 0) + coefficient * sums[int(powers[-1])]
        return self.ring.from_dict(terms)

    def beside_one(self) -> Self:
        """The field with one more variable in front, which stands for nothing."""
        return type(self)((None, *self.generators), self.algebraic)

    def is_rational_in(self, polynomials: Sequence[flint.fmpz_mpoly]) -> bool:
        """Whether polynomials are free of the algebraic generator."""
        return all(not polynomial or int(polynomial.degrees()[-1]) == 0 for polynomial in polynomials)

    def without_algebraic(self) -> Self:
        """The field of what is free of the algebraic generator."""
        return type(self)(self.generators[:-1])

    # Numbers -----------------------------------------------------------------------------------------------------

    def ball(self, polynomial: flint.fmpz_mpoly) -> flint.arb:
        """The value of a polynomial, where there are no letters, at FLINT's working precision."""
        bits = working_bits()
        return ball_at(polynomial, [_ball_of_generator(g, bits) for g in self.generators])

    def sign(self, polynomial: flint.fmpz_mpoly) -> int:
        """-1, 0 or 1: the sign of the value of a polynomial where there are no letters.

        Raises:
            DistconvValueError: it can neither be told from 0 nor be shown to be 0.
        """
        if polynomial.is_constant():
            value = int(polynomial.leading_coefficient()) if polynomial else 0
            return (value > 0) - (value < 0)

        found = decided(lambda: self.ball(polynomial), lambda: self.written(polynomial), is_apart=self.is_free())
        if found is not None:
            return found
        raise DistconvValueError(
            f"{self.written(polynomial)} cannot be told from 0, nor be shown to be 0; write it in simplest form, "
            "sympy.simplify(...), or make a float of it"
        )

    def is_zero(self, polynomial: flint.fmpz_mpoly) -> bool:
        """Whether a polynomial is 0 for all values of the letters."""
        if not polynomial or self.is_free():
            return not polynomial
        letters = [has_letters(g) for g in self.generators]
        parts: dict[tuple[int, ...], dict[tuple[int, ...], Any]] = {}
        for powers, coefficient in polynomial.to_dict().items():
            key = tuple(int(p) if has else 0 for p, has in zip(powers, letters, strict=True))
            rest = tuple(0 if has else int(p) for p, has in zip(powers, letters, strict=True))
            parts.setdefault(key, {})[rest] = coefficient
        return all(self.sign(self.ring.from_dict(part)) == 0 for part in parts.values())

    # Expressions -------------------------------------------------------------------------------------------------

    def expression(self, numerator: flint.fmpz_mpoly, denominator: flint.fmpz_mpoly) -> sympy.Expr:
        """A quotient of polynomials as a sympy expression: both expanded, in lowest terms, canonical."""
        divisor = numerator.gcd(denominator)
        if not divisor.is_zero() and not divisor.is_one():
            numerator, denominator = numerator // divisor, denominator // divisor
        if denominator.is_constant():
            return self.written(numerator, int(denominator.leading_coefficient()))
        if denominator.leading_coefficient() < 0:
            numerator, denominator = -numerator, -denominator
        return self.written(numerator) / self.written(denominator)

    def written(self, polynomial: flint.fmpz_mpoly, divisor: int = 1) -> sympy.Expr:
        """A polynomial over an integer as an expanded sympy expression."""
        import sympy

        if all(g.is_Symbol for g in self.generators):
            return _written_in_symbols(polynomial, divisor, self.generators)
        powers: dict[tuple[int, int], Any] = {}
        last = len(self.generators) - 1 if self.algebraic is not None else -1

        def power(index: int, exponent: int) -> sympy.Expr:
            if (index, exponent) not in powers:
                powers[index, exponent] = self.generators[index] ** exponent
            return powers[index, exponent]

        terms = []
        for exponents, coefficient in polynomial.to_dict().items():
            factors = [power(i, int(e)) for i, e in enumerate(exponents) if e and i != last]
            number = sympy.Rational(int(coefficient), divisor)
            if self.algebraic is None:
                terms.append(sympy.Mul(number, *factors))
            else:
                image = self.algebraic.powers[int(exponents[-1])]
                terms.extend(sympy.Mul(number, part, *factors) for part in sympy.Add.make_args(image))
        return sympy.Add(*terms)


def _written_in_symbols(polynomial: Any, divisor: int, symbols: tuple[Any, ...]) -> sympy.Expr:
    """A polynomial in symbols as sympy would write it, put together without what sympy would look for in its terms.

    Powers of different symbols with a number in front are products in canonical form once they are sorted, and so is
    their sum: a fifth of the time, where there are thousands of terms.
    """
    import sympy
    from sympy.core.add import _addsort
    from sympy.core.mul import _mulsort

    powers: dict[tuple[int, Any], Any] = {}
    terms: list[Any] = []
    constant: list[Any] = []
    for exponents, coefficient in polynomial.to_dict().items():
        number = sympy.Rational(int(coefficient), divisor)
        factors = []
        for place in ((i, e) for i, e in enumerate(exponents) if e):
            if place not in powers:
                powers[place] = symbols[place[0]] ** int(place[1])
            factors.append(powers[place])
        if not factors:
            constant.append(number)
            continue
        _mulsort(factors)
        if number != 1:
            factors.insert(0, number)
        terms.append(factors[0] if len(factors) == 1 else sympy.Mul._from_args(factors, is_commutative=True))
    _addsort(terms)
    return sympy.Add._from_args([*constant, *terms], is_commutative=True)


def ball_at(polynomial: flint.fmpz_mpoly, points: list[flint.arb]) -> flint.arb:
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


@lru_cache(maxsize=1024)
def _ball_of_generator(generator: Any, bits: int) -> Any:  # noqa: ARG001 - the precision that it is kept for
    """A constant as a ball at a precision, kept."""
    return ball_of_constant(generator)


@lru_cache(maxsize=256)
def _modulus(count: int, relation: tuple[int, ...]) -> Any:
    """A minimal polynomial in the last of so many variables."""
    return context(count).from_dict({(*[0] * (count - 1), k): c for k, c in enumerate(relation) if c})


@lru_cache(maxsize=256)
def _power_sums(relation: tuple[int, ...]) -> tuple[int, ...]:
    """The sums of the k-th powers of the roots of a monic polynomial, k = 0, 1, ... below its degree (Newton)."""
    degree = len(relation) - 1
    sums = [degree]
    for k in range(1, degree):
        earlier = sum(relation[degree - j] * sums[k - j] for j in range(1, k))
        sums.append(-earlier - k * relation[degree - k])
    return tuple(sums)
