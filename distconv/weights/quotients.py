"""Expressions read as quotients of polynomials over one denominator, in a field that holds them all; and written back.

sympy and FLINT are imported on first use.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from distconv.errors import DistconvValueError
from distconv.numbers import letters
from distconv.numbers.constants import without_constants
from distconv.weights.field import Field, context
from distconv.weights.reader import Reader

if TYPE_CHECKING:
    import flint
    import sympy

#: Terms of a quotient up to which its two forms are compared: longer ones are shorter in factors, if they have any.
MOST_EXPANDED = 60


def read_quotients(values: Sequence[Any]) -> tuple[list[flint.fmpz_mpoly], flint.fmpz_mpoly, Field]:
    """(numerators, denominator, field) of sympy expressions and rational numbers, not in lowest terms.

    Raises:
        DistconvTypeError: a floating number, or one that is not real.
        DistconvValueError: a denominator that is 0.
    """
    import sympy

    given = [letters.expression_of(v) for v in values]
    expressions, constants = without_constants(given)
    reader = Reader()
    parts = [reader.read(e) for e in expressions]
    found = reader.generators()
    last = constants.algebraic
    order = sorted(
        found, key=lambda key: (key[0] == last, sympy.default_sort_key(found[key].xreplace(constants.meanings)))
    )
    ring = context(len(order))
    names = dict(zip(order, ring.gens(), strict=True))
    quotients: list[Any] = []
    known: dict[int, Any] = {}
    for part, shown in zip(parts, given, strict=True):
        try:
            quotients.append(reader.quotient(part, names, ring, known))
        except ZeroDivisionError:
            raise DistconvValueError(f"the weight {shown} divides by 0") from None
    polynomials, used = without_unused([p for quotient in quotients for p in quotient], len(order))
    generators = [order[place] for place in used]
    algebraic = constants.field if (last, 1) in generators else None
    field = Field(tuple(found[key].xreplace(constants.meanings) for key in generators), algebraic)
    tops, bottoms = ([field.reduced(p) for p in polynomials[start::2]] for start in (0, 1))
    for bottom, shown in zip(bottoms, given, strict=True):
        if not bottom or (not bottom.is_constant() and not field.is_free() and field.is_zero(bottom)):
            raise DistconvValueError(f"the weight {shown} divides by 0")
    common = field.ring.constant(1)
    for bottom in bottoms:
        common = common * (bottom // common.gcd(bottom))
    numerators = [top * (common // bottom) for top, bottom in zip(tops, bottoms, strict=True)]
    return numerators, common, field


def without_unused(polynomials: list[flint.fmpz_mpoly], count: int) -> tuple[list[flint.fmpz_mpoly], list[int]]:
    """The same polynomials in the variables that occur in some, and the places of these among all."""
    degrees = [p.degrees() for p in polynomials if p]
    used = [i for i in range(count) if any(d[i] for d in degrees)]
    if len(used) == count:
        return polynomials, used
    ring = context(len(used))
    return [
        ring.from_dict({tuple(int(e[i]) for i in used): c for e, c in p.to_dict().items()}) for p in polynomials
    ], used


def factored(numerator: flint.fmpz_mpoly, denominator: flint.fmpz_mpoly, field: Field) -> sympy.Expr:
    """numerator / denominator as a product of powers: the form that is evaluated in floats with the least loss."""
    import sympy

    if numerator.is_zero():
        return sympy.Integer(0)
    number, powers = sympy.Integer(1), dict[sympy.Expr, Any]()
    bases = {g.as_base_exp()[0] for g in field.generators if not g.is_Symbol}
    for polynomial, side in ((numerator, 1), (denominator, -1)):
        deflated, rest, inside = _deflated(polynomial, field)
        constant, factors = deflated.factor()
        number *= sympy.Integer(int(constant)) ** side
        for shown, exponent in [*((inside.written(base), exponent) for base, exponent in factors), *rest]:
            if -shown in bases:
                # So that powers of one base are one power.
                shown, number = -shown, number * (-1) ** int(exponent)
            inner, power = shown.as_base_exp()
            powers[inner] = powers.get(inner, 0) + side * int(exponent) * power
    if number < 0:
        odd = [base for base, exponent in powers.items() if base.is_Add and exponent.is_odd]
        if odd:
            first = min(odd, key=sympy.default_sort_key)
            powers[-first], number = powers.pop(first), -number
    return sympy.Mul(number, *(base**exponent for base, exponent in powers.items()))


def _deflated(polynomial: flint.fmpz_mpoly, field: Field) -> tuple[Any, list[tuple[sympy.Expr, int]], Field]:
    """A polynomial in p for one in sqrt(p), where it is one but for a factor sqrt(p); that factor; and its field.

    In sqrt(p), 1 - p would come apart into factors.
    """
    generators, rest, terms = list(field.generators), [], polynomial.to_dict()
    for place, generator in enumerate(field.generators):
        base, exponent = generator.as_base_exp()
        if not (base.is_Symbol and exponent.is_Rational and exponent.q > 1):
            continue
        order, over = int(exponent.q), {int(powers[place]) % int(exponent.q) for powers in terms}
        if len(over) == 1:
            generators[place], (left,) = base, over
            terms = {
                tuple(int(e) // order if i == place else int(e) for i, e in enumerate(powers)): c
                for powers, c in terms.items()
            }
            rest += [(generator, left)] * (left > 0)
    return field.ring.from_dict(terms), rest, Field(tuple(generators), field.algebraic)


def told(value: sympy.Expr) -> sympy.Expr:
    """An expression as one quotient in lowest terms, in factors or expanded, whichever is shorter."""
    (numerator,), denominator, field = read_quotients([value])
    common = numerator.gcd(denominator)
    if not common.is_zero():
        numerator, denominator = numerator // common, denominator // common
    product = factored(numerator, denominator, field)
    if len(numerator) + len(denominator) > MOST_EXPANDED:
        return product
    expanded = field.expression(numerator, denominator)
    return product if product.count_ops() <= expanded.count_ops() else expanded
