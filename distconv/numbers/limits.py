"""Limits of expressions in a letter at bounded cost: fractions of polynomials, powers and products of them, by algebra.

sympy's own limits, by the algorithm of Gruntz, have no bound in time: they are asked of what is short and left over.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import sympy

#: Operations in an expression up to which sympy's limits are asked: most of these take less than a second.
MOST_OPERATIONS = 40


def limit_of(value: sympy.Expr, letter: sympy.Symbol, point: sympy.Expr, *, bounded: bool = False) -> sympy.Expr | None:
    """The limit of an expression: a finite one, oo, -oo, zoo (infinite, of unknown sign); None where none is found.

    Other letters are taken to be general: an expression in them that is not 0 everywhere is not 0.

    Args:
        value: the expression.
        letter: what moves.
        point: where it goes; to 0 from above, elsewhere from below.
        bounded: whether the expression is known to stay in [0, 1], so that a power without end whose base does not
            become 1 tends to 0.
    """
    import sympy

    if not value.has(letter):
        return value
    if value.has(sympy.Sum, sympy.Integral, sympy.Piecewise):
        return None
    if value.is_rational_function(letter):
        return _of_fraction(value, letter, point)
    if value.is_Add:
        found = _of_sum(value, letter, point)
    elif value.func in (sympy.exp, sympy.log):
        found = _of_function(value, letter, point)
    else:
        found = _of_product(value, letter, point, bounded)
    return _by_sympy(value, letter, point) if found is None else found


def power_limit(
    base: sympy.Expr, exponent: sympy.Expr, letter: sympy.Symbol, point: sympy.Expr, bounded: bool = False
) -> sympy.Expr | None:
    """The limit of a power of an expression that is positive."""
    import sympy

    below, above = limit_of(base, letter, point), limit_of(exponent, letter, point)
    if below is None or above is None or sympy.zoo in (below, above) or below.is_infinite:
        return None
    if not above.is_infinite:
        if below == 0:
            return sympy.S.Zero if above.is_positive else None
        return below**above
    if sympy.simplify(below - 1) == 0:
        # log(b) / (b - 1) -> 1 as b -> 1.
        rate = limit_of(sympy.together(exponent * (base - 1)), letter, point)
        return None if rate in (None, sympy.zoo) else sympy.exp(rate)
    if bounded:
        return sympy.S.Zero
    gap = sympy.together(below - 1)
    grows = gap.is_positive if above is sympy.oo else gap.is_negative if below.is_nonnegative else None
    shrinks = gap.is_positive if above is -sympy.oo else gap.is_negative if below.is_nonnegative else None
    return sympy.oo if grows else sympy.S.Zero if shrinks else None


def _of_fraction(value: sympy.Expr, letter: sympy.Symbol, point: sympy.Expr) -> sympy.Expr:
    """The limit of a fraction of polynomials: of the leading terms far out, after cancelling elsewhere."""
    import sympy

    top, bottom = (sympy.Poly(part, letter) for part in sympy.fraction(sympy.cancel(sympy.together(value))))
    if point.is_infinite:
        lead = sympy.factor(top.LC() / bottom.LC())
        rise = top.degree() - bottom.degree() if not top.is_zero else -1
        if rise <= 0:
            return lead if rise == 0 else sympy.S.Zero
        if point is -sympy.oo and rise % 2:
            lead = -lead
        return sympy.oo if lead.is_positive else -sympy.oo if lead.is_negative else sympy.zoo
    below = sympy.simplify(bottom.eval(point))
    return sympy.zoo if below == 0 else sympy.factor(top.eval(point) / below)


def _of_sum(value: sympy.Expr, letter: sympy.Symbol, point: sympy.Expr) -> sympy.Expr | None:
    """The limit of a sum: that of its terms, where all are finite, or some infinite of one sign."""
    import sympy

    parts = [limit_of(part, letter, point) for part in value.args]
    if None in parts or sympy.zoo in parts or (sympy.oo in parts and -sympy.oo in parts):
        return None
    return sympy.Add(*parts)


def _of_function(value: sympy.Expr, letter: sympy.Symbol, point: sympy.Expr) -> sympy.Expr | None:
    """The limit of an exponential or a logarithm."""
    import sympy

    inner = limit_of(value.args[0], letter, point)
    if inner is None or inner is sympy.zoo:
        return None
    if value.func is sympy.log and inner == 0:
        return -sympy.oo
    return value.func(inner)


def _of_product(value: sympy.Expr, letter: sympy.Symbol, point: sympy.Expr, bounded: bool) -> sympy.Expr | None:
    """The limit of a product of powers, those of one exponent taken together."""
    import sympy

    powers: dict[Any, Any] = {}
    single: list[Any] = []
    for factor in value.args if value.is_Mul else (value,):
        base, exponent = factor.as_base_exp()
        if factor.is_Pow and base is not sympy.E and not factor.is_rational_function(letter):
            powers[exponent] = powers.get(exponent, sympy.S.One) * base
        else:
            single.append(factor)
    rational = sympy.Mul(*(f for f in single if f.is_rational_function(letter)))
    others = [f for f in single if not f.is_rational_function(letter)]
    if others == [value]:
        return None
    only = bounded and len(powers) == 1
    found = [limit_of(part, letter, point) for part in (rational, *others)]
    found += [power_limit(base, exponent, letter, point, only) for exponent, base in powers.items()]
    parts = [part for part in found if part is not None]
    if len(parts) < len(found) or (0 in parts and any(part.is_infinite for part in parts)):
        return None
    return sympy.Mul(*parts)


def _by_sympy(value: sympy.Expr, letter: sympy.Symbol, point: sympy.Expr) -> sympy.Expr | None:
    """What sympy finds, of short expressions."""
    import sympy

    if value.count_ops() > MOST_OPERATIONS:
        return None
    try:
        found = sympy.limit(value, letter, point, "+" if point == 0 else "-")
    # Its algorithm says so by the first and the last of these; the others come from within, of what it cannot read.
    except (NotImplementedError, ValueError, TypeError, AttributeError, RecursionError, sympy.PoleError):
        return None
    open_ended = found.has(sympy.Limit, sympy.AccumBounds, sympy.sign, sympy.nan, letter)
    if open_ended or (found.has(sympy.oo, sympy.zoo) and not found.is_infinite):
        return None
    return found
