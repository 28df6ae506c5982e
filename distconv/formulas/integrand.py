"""`Integrand`: what a probability is the contour integral of, as a product of powers that grow with a letter."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING

from distconv.formulas.law import FormulaLaw

if TYPE_CHECKING:
    import sympy


@dataclass(frozen=True, slots=True)
class Power:
    """base**(slope * n + rest), the base a polynomial in z without a factor in common with others."""

    base: sympy.Expr
    slope: int
    rest: sympy.Expr


@dataclass(frozen=True, slots=True)
class Integrand:
    """F(n, z), whose integral round the unit circle over 2 pi i is P(X = x): E z**X times z**(-x - 1).

    Args:
        letter: n.
        z: the variable.
        powers: what it is the product of.
        exponent: a rational function of z: exp of it is a factor, too.
        ratio: F(n + 1, z) / F(n, z) is this number times the bases to their slopes.
        whole: F as an expression, up to a factor without n and z.
    """

    letter: sympy.Symbol
    z: sympy.Symbol
    powers: tuple[Power, ...]
    exponent: sympy.Expr
    ratio: sympy.Expr
    whole: sympy.Expr

    @property
    def moves(self) -> bool:
        """Whether more than the power of z grows with n."""
        return any(p.slope and p.base != self.z for p in self.powers)

    def rate(self) -> sympy.Expr:
        """The derivative of F by z, over F."""
        import sympy

        parts = ((p.slope * self.letter + p.rest) * sympy.diff(p.base, self.z) / p.base for p in self.powers)
        return sympy.Add(*parts, sympy.diff(self.exponent, self.z))

    def shifted(self, count: int) -> sympy.Expr:
        """F(n + count, z) / F(n, z)."""
        import sympy

        return (self.ratio * sympy.Mul(*(p.base**p.slope for p in self.powers))) ** count

    def difference(self, certificate: sympy.Expr) -> sympy.Expr:
        """The derivative of R F by z, over F."""
        import sympy

        return sympy.diff(certificate, self.z) + certificate * self.rate()

    def total(self, index: int) -> sympy.Expr | None:
        """None: the integral at a number is what the law answers."""
        return None


def integrand_of(law: FormulaLaw, x: sympy.Expr, letter: sympy.Symbol) -> Integrand | None:
    """The integrand of P(X = x); None where it is no product of such powers."""
    import sympy

    z = sympy.Symbol("z")
    place = sympy.expand(x - law.offset)
    unit = _unit(law, place)
    if unit is None:
        return None
    found: dict[sympy.Expr, sympy.Expr] = {z: -place / unit - 1}
    for term in law.summands:
        factors = _factors(term.atom.pgf(z ** (term.factor / unit)), z)
        if factors is None:
            return None
        for base, times in factors:
            found[base] = found.get(base, 0) + times * term.copies
    return _sorted_out({b: sympy.expand(e) for b, e in found.items()}, z, letter)


def _unit(law: FormulaLaw, place: sympy.Expr) -> sympy.Expr | None:
    """What all outcomes and the place in question are multiples of; None where nothing is known to be."""
    import sympy

    letters = sorted(place.free_symbols, key=str)
    if not place.is_polynomial(*letters) or any(not s.is_integer for s in letters):
        return None
    steps = [abs(term.factor) for term in law.summands]
    steps += [abs(c) for c in sympy.Poly(place, *letters).coeffs()] if letters else [abs(place)]
    return reduce(sympy.gcd, steps) if all(step.is_Rational for step in steps) else None


def _factors(expression: sympy.Expr, z: sympy.Symbol) -> list[tuple[sympy.Expr, sympy.Expr]] | None:
    """Pairs (base, exponent): numbers, irreducible polynomials in z, exponentials; None of other expressions."""
    import sympy

    one = sympy.Integer(1)
    if expression.is_Mul:
        parts = [_factors(part, z) for part in expression.args]
        return None if None in parts else [pair for part in parts for pair in part or ()]
    if expression.func is sympy.exp and expression.exp.is_rational_function(z):
        return [(expression, one)]
    if expression.is_Pow and not expression.exp.has(z):
        inner = _factors(expression.base, z)
        return None if inner is None else [(base, times * expression.exp) for base, times in inner]
    if not expression.has(z):
        return [(expression, one)]
    if not expression.is_rational_function(z):
        return None
    found = []
    for part, sign in zip(sympy.fraction(sympy.together(expression)), (1, -1), strict=True):
        content, powers = sympy.factor_list(part, z)
        found += [(content, sympy.Integer(sign)), *((base, sympy.Integer(sign * n)) for base, n in powers)]
    return found


def _sorted_out(found: dict[sympy.Expr, sympy.Expr], z: sympy.Symbol, letter: sympy.Symbol) -> Integrand | None:
    """The integrand of bases and their exponents; None where an exponent grows otherwise than by whole steps."""
    import sympy

    powers, exponent, ratio = [], sympy.Integer(0), sympy.Integer(1)
    for base, times in found.items():
        slope = sympy.diff(times, letter)
        if slope.has(letter) or base.has(letter):
            return None
        if not base.has(z):
            ratio *= base**slope
        elif base.func is sympy.exp:
            if slope != 0:
                return None
            exponent += times * base.exp
        elif not slope.is_Integer:
            return None
        elif times != 0:
            powers.append(Power(base, int(slope), sympy.expand(times - slope * letter)))
    whole = sympy.Mul(*(b**e for b, e in found.items() if b.has(z) or e.has(letter)))
    return Integrand(letter, z, tuple(powers), exponent, ratio, whole)
