"""Creative telescoping: combinations of F(n, z), F(n + 1, z), ... that are derivatives, so that their integrals vanish.

Almkvist and Zeilberger (1990): for F whose rates are rational, look for polynomials p_0(n), ..., p_r(n) and a rational
function R(n, z) with p_0 F(n, z) + ... + p_r F(n + r, z) = d/dz (R F). The integral of the right side round a circle
is 0, so p_0 a(n) + ... + p_r a(n + r) = 0 for the integrals a(n). R is the certificate: with it the identity is one of
rational functions, for anyone to check. Of a power of a polynomial, with the outcome as the letter, this is Euler's
recurrence, often called Miller's.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING, Any

from distconv.formulas.integrand import Integrand

if TYPE_CHECKING:
    import sympy
    from sympy.polys.domains.ring import Ring

#: Unknowns, times letters, up to which recurrences that move more than the outcome are looked for: ten seconds.
MOST_UNKNOWNS = 44
#: Orders up to which any are looked for: a second for a die of thirty sides.
MOST_ORDER = 30
#: Operations in a certificate up to which it is brought into factors: half a second.
LONGEST = 200
#: A prime below 2**63, modulo which matrices have their own rank for all but one in 10**17 values of the letters.
PRIME = 9223372036854775783


@dataclass(frozen=True, slots=True)
class Telescoped:
    """The polynomials p_0, ..., p_r, and the certificate R."""

    coefficients: tuple[sympy.Expr, ...]
    certificate: sympy.Expr


@dataclass(frozen=True, slots=True)
class _System:
    """The identity over F0 = F / `bottom`, for R F = X core F0: X' core + X slope is a combination of `sides`."""

    core: sympy.Poly
    slope: sympy.Poly
    sides: tuple[sympy.Poly, ...]
    bottom: sympy.Expr

    @property
    def degree(self) -> int:
        """The degree that X has at most."""
        import sympy

        top = max(side.degree() for side in self.sides)
        degree = int(top - max(self.core.degree() - 1, self.slope.degree()))
        if self.core.degree() - 1 == self.slope.degree():
            special = sympy.cancel(-self.slope.LC() / self.core.LC())
            degree = max(degree, int(special)) if special.is_Integer else degree
        return max(degree, 0)


def telescoped(integrand: Integrand) -> Telescoped | None:
    """The recurrence of the lowest order that is found; None where there is none among `MOST_UNKNOWNS`."""
    import sympy

    first = _system(integrand, 0)
    # Of what does not move, X = 1 is Euler's recurrence, and no order below it has any X.
    least = 0 if integrand.moves else first.slope.degree() - sympy.gcd(first.core, first.slope).degree()
    letters = len({s for e in (first.core, first.slope, *first.sides) for s in e.free_symbols_in_domain})
    for order in range(least, MOST_ORDER + 1):
        system = _system(integrand, order)
        if integrand.moves and (system.degree + order + 2) * max(letters, 1) > MOST_UNKNOWNS:
            return None
        found = _solved(system, integrand)
        if found is not None:
            return found
    return None


def _system(integrand: Integrand, order: int) -> _System:
    """The two sides of the identity, for so many shifts."""
    import sympy

    z, n = integrand.z, integrand.letter
    # Fixed powers are a polynomial, and no part of what R F is a multiple of: the order is then lower. Where nothing
    # but the outcome moves, a higher order has much shorter coefficients: Euler's.
    moves = integrand.moves
    fixed = [p for p in integrand.powers if moves and p.slope == 0 and p.rest.is_Integer and p.rest > 0]
    growing = [p for p in integrand.powers if p not in fixed]
    above, below = sympy.fraction(sympy.together(sympy.diff(integrand.exponent, z)))
    over, under = sympy.fraction(sympy.together(integrand.ratio))
    top = over * sympy.Mul(*(p.base**p.slope for p in growing if p.slope > 0))
    bottom = under * sympy.Mul(*(p.base**-p.slope for p in growing if p.slope < 0))
    bases = sympy.Mul(*(p.base for p in growing))
    core = sympy.lcm(sympy.expand(bases), below)
    rates = (
        (p.slope * n + p.rest + order * min(p.slope, 0)) * sympy.diff(p.base, z) * sympy.cancel(core / p.base)
        for p in growing
    )
    slope = sympy.Add(sympy.diff(core, z), above * sympy.cancel(core / below), *rates)
    common = sympy.Mul(*(p.base**p.rest for p in fixed))
    sides = (common * top**i * bottom ** (order - i) for i in range(order + 1))
    both = sympy.Poly(core, z), sympy.Poly(slope, z)
    return _System(*both, tuple(sympy.Poly(side, z) for side in sides), common * bottom**order)


def _solved(system: _System, integrand: Integrand) -> Telescoped | None:
    """The solution of the linear equations for the coefficients of X and p_0, ..., p_r; None where there is none."""
    import sympy

    z, count = integrand.z, system.degree + 1
    powers = (sympy.Poly(z**j, z) for j in range(count))
    columns = [p.diff(z) * system.core + p * system.slope for p in powers] + [-side for side in system.sides]
    found = null_vectors(columns, z)
    if found is None:
        return None
    ring, (solution, *_) = found
    coefficients, unknown = in_lowest_terms(ring, solution[:count], solution[count:], integrand.letter)
    x = sympy.Add(*(c * z**j for j, c in enumerate(unknown)))
    core = sympy.factor(system.core.as_expr() / system.bottom)
    return Telescoped(coefficients, core * (sympy.factor(x) if x.count_ops() < LONGEST else x))


def null_vectors(columns: Sequence[sympy.Poly], z: sympy.Symbol) -> tuple[Ring, list[list[sympy.Expr]]] | None:
    """(ring, multiples in it) of polynomials in z that add up to 0, a basis of all; None where there are none."""
    from sympy.polys.matrices import DomainMatrix

    width, height = len(columns), max(c.degree() for c in columns) + 1
    entries = [c.coeff_monomial(z**i) for i in range(height) for c in columns]
    ring, values = _in_one_ring(entries)
    if _has_full_rank(values, width):
        return None
    rows = [values[i * width : (i + 1) * width] for i in range(height)]
    null = DomainMatrix(rows, (height, width), ring).nullspace()
    if null.shape[0] == 0:
        return None
    if null.domain.is_Field and null.domain.has_assoc_Ring:
        null = null.clear_denoms(convert=True)[1]
    return null.domain, null.to_list()


def _in_one_ring(entries: list[sympy.Expr]) -> tuple[Any, list[Any]]:
    """A ring of polynomials, and the entries in it; their roots of numbers are of one algebraic field."""
    import sympy
    from sympy.polys.constructor import construct_domain

    roots = {p for e in entries for p in e.atoms(sympy.Pow) if p.base.is_Rational and p.exp.is_Rational}
    letters = sorted({s for e in entries for s in e.free_symbols}, key=str)
    if not roots or not all(e.is_polynomial(*letters) for e in entries):
        found: tuple[Any, list[Any]] = construct_domain(entries, extension=True)
        return found
    field = sympy.QQ.algebraic_field(*sorted(roots, key=str))
    ring = field[tuple(letters)] if letters else field
    return ring, [ring.from_sympy(e) for e in entries]


def _has_full_rank(values: Sequence[Any], width: int) -> bool:
    """Whether the columns are independent already with whole numbers for the letters, modulo a prime."""
    import flint

    source = random.Random(1)
    at: dict[int, int] = {}
    reduced = []
    for value in values:
        terms = value.terms() if hasattr(value, "terms") else [((), value)]
        total = 0
        for powers, coefficient in terms:
            if not hasattr(coefficient, "denominator"):
                return False
            product = int(coefficient.numerator) * pow(int(coefficient.denominator), -1, PRIME)
            for place, power in enumerate(powers):
                product *= pow(at.setdefault(place, source.randrange(PRIME)), power, PRIME)
            total += product
        reduced.append(total % PRIME)
    return bool(flint.nmod_mat(len(reduced) // width, width, reduced, PRIME).rank() == width)


def in_lowest_terms(
    ring: Ring, unknown: list[sympy.Expr], weights: list[sympy.Expr], letter: sympy.Symbol
) -> tuple[tuple[sympy.Expr, ...], list[sympy.Expr]]:
    """(p_0, ..., p_r), without a common factor, the last of which begins with a positive number; the rest, divided."""
    import sympy

    field, common = ring.get_field(), weights[-1]
    if not ring.is_Field:
        common = reduce(ring.gcd, weights)
    leading = sympy.Poly(
        field.to_sympy(field.convert_from(weights[-1], ring) / field.convert_from(common, ring)), letter
    ).LC()
    common = -common if leading.could_extract_minus_sign() else common
    shared = field.convert_from(common, ring)
    told = [field.to_sympy(field.convert_from(v, ring) / shared) for v in (*weights, *unknown)]
    return tuple(sympy.factor(w) for w in told[: len(weights)]), told[len(weights) :]
