"""How often one expression goes into another, and what is left: decided by balls, assumptions and order, or refused."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from distconv.errors import DistconvTypeError, DistconvValueError
from distconv.laws.law import Law
from distconv.laws.ordering import compared
from distconv.laws.restricting import folded, mapped
from distconv.laws.spanned import spanned
from distconv.monoids import read_modulus
from distconv.numbers.letters import expression_of, letters_of, number_of
from distconv.numbers.signs import floor_of, sign_of
from distconv.support.frame import read_exact, read_expression
from distconv.support.outcomes import NotRationalError, as_outcome, as_vector, whole
from distconv.typing import Expressed, OutcomeLike

if TYPE_CHECKING:
    import sympy


def whole_part(x: Expressed, unit: Expressed) -> sympy.Expr:
    """floor(x / unit).

    Raises:
        DistconvTypeError: it depends on letters, or is not to be told.
    """
    import sympy

    ratio = sympy.expand(sympy.cancel(expression_of(x) / expression_of(unit)))
    fixed, free = ratio.as_independent(*letters_of(ratio), as_Add=True)
    if free.is_integer:
        return free + floor_of(fixed)
    for least in (0, -1):
        above, below = sign_of(ratio - least), sign_of(least + 1 - ratio)
        if above is not None and above >= 0 and below is not None and below > 0:
            return sympy.Integer(least)
    names = sorted(map(str, letters_of(ratio)))
    values = ", ".join(f"{name}: 2" for name in names)
    raise DistconvTypeError(
        f"how often {unit} goes into {x} depends on {', '.join(names)}: give them values, X.subs({{{values}}})"
    )


def nearest(x: Expressed, unit: Expressed) -> sympy.Expr:
    """The multiple of a unit that is nearest to x; of two the even one."""
    step = expression_of(unit)
    twice = whole_part(2 * expression_of(x) + step, 2 * step)
    is_between = compared(expression_of(x) + step / 2, twice * step) == 0
    return (twice - 1 if is_between and twice % 2 else twice) * step


def remainder(x: Expressed, unit: Expressed) -> sympy.Expr:
    """What is left of x, 0 <= it < unit."""
    import sympy

    return sympy.expand(expression_of(x) - whole_part(x, unit) * expression_of(unit))


def modulo(law: Law, modulus: OutcomeLike) -> Law:
    """The law of the remainder modulo a positive number or expression, or a tuple of them.

    Raises:
        DistconvTypeError: what is left of an outcome depends on letters, or the sign of the modulus does.
    """
    spelled = law.spelled()
    try:
        known = read_modulus(modulus)
        if spelled is None:
            return folded(law, known)
    except NotRationalError:
        if law.is_by_formula:
            raise
    units = [read_expression(v, "modulus") for v in as_vector(read_exact(modulus, law.ndim, "modulus"))]
    for unit in units:
        if compared(unit, 0) <= 0:
            raise DistconvValueError(f"a modulus must be > 0, got {unit}")
    along = None if len(units) > 1 else _along(law, units[0])
    if along is not None:
        return along
    return mapped(law, lambda x: as_outcome(tuple(map(remainder, as_vector(x), units))))


def _along(law: Law, unit: sympy.Expr) -> Law | None:
    """X modulo a multiple of the one element of which all outcomes of X are multiples; None of others."""
    spelled = law.spelled()
    if spelled is None or len(spelled[1].axes[0].elements) > 1 or spelled[1].axes[0].shift:
        return None
    base, frame = spelled
    (element,) = frame.axes[0].elements
    ratio = unit / element
    if not ratio.is_Rational or compared(element, 0) < 0:
        return None
    return spanned(folded(base, whole(Fraction(number_of(ratio)))), frame)
