"""Expressions read as quotients of polynomials over one denominator, in a field that holds them all; and written back.

sympy and FLINT are imported on first use.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from distconv.errors import DistconvTypeError, DistconvValueError
from distconv.numbers import letters
from distconv.numbers.constants import without_constants
from distconv.weights.field import Field

if TYPE_CHECKING:
    import flint
    import sympy


def read_quotients(values: Sequence[Any]) -> tuple[list[flint.fmpz_mpoly], flint.fmpz_mpoly, Field]:
    """(numerators, denominator, field) of sympy expressions and rational numbers, not in lowest terms.

    Raises:
        DistconvTypeError: a floating number, or one that is not real.
        DistconvValueError: a denominator that is 0.
    """
    import sympy

    given = [letters.expression_of(v) for v in values]
    expressions, constants = without_constants(given)
    expressions, roots = without_roots(expressions)
    quotients = [sympy.fraction(sympy.together(e)) for e in expressions]
    parts = [part for quotient in quotients for part in quotient]
    meanings = {**roots, **constants.meanings}
    polynomials, generators = _as_polynomials(parts, meanings, constants.algebraic)
    algebraic = constants.field if constants.algebraic is not None and constants.algebraic in generators else None
    field = Field(tuple(g.xreplace(meanings) for g in generators), algebraic)
    tops, bottoms = ([field.reduced(p) for p in polynomials[start::2]] for start in (0, 1))
    for bottom, shown in zip(bottoms, given, strict=True):
        if not bottom or (not bottom.is_constant() and not field.is_free() and field.is_zero(bottom)):
            raise DistconvValueError(f"the weight {shown} divides by 0")
    common = field.ring.constant(1)
    for bottom in bottoms:
        common = common * (bottom // common.gcd(bottom))
    numerators = [top * (common // bottom) for top, bottom in zip(tops, bottoms, strict=True)]
    return numerators, common, field


def without_roots(expressions: list[sympy.Expr]) -> tuple[list[sympy.Expr], dict[sympy.Symbol, sympy.Expr]]:
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


def _as_polynomials(expressions: list[Any], meanings: dict[Any, Any], last: Any) -> tuple[list[Any], tuple[Any, ...]]:
    """Integer polynomials in proportion to expressions, pair by pair by one factor, and their generators.

    The expressions come as numerator, denominator, numerator, denominator, ...; each pair keeps its quotient. The
    generators are in the order of what they mean, the one that is to be the `last` behind all others.
    """
    import sympy
    from sympy.polys.polyutils import _parallel_dict_from_expr, build_options

    dictionaries, options = _parallel_dict_from_expr(
        [sympy.expand(e) for e in expressions], build_options((), {"expand": True})
    )
    generators = tuple(options.gens or ())

    def place(index: int) -> tuple[bool, Any]:
        generator = generators[index]
        return generator == last, sympy.default_sort_key(generator.xreplace(meanings))

    order = sorted(range(len(generators)), key=place)
    ring = Field(generators).ring
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


def factored(numerator: flint.fmpz_mpoly, denominator: flint.fmpz_mpoly, field: Field) -> sympy.Expr:
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
            result *= field.written(base) ** (sign * int(exponent))
    return result
