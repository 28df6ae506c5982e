"""Constants as balls: numbers of sympy's, evaluated by FLINT at its working precision."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from distconv.errors import DistconvValueError
from distconv.numbers.balls import working_bits

if TYPE_CHECKING:
    import flint
    import sympy

#: Decimal digits of the working precision that a number is not asked for: its text is rounded within them.
GUARD_DIGITS = 5
#: How many times the digits that are asked for sympy may work with, where terms cancel.
MOST_DIGITS = 4
#: Functions of one argument that FLINT proves, by sympy's names.
FUNCTIONS = ("exp", "log", "sin", "cos", "tan", "cot", "sinh", "cosh", "tanh", "atan", "asin", "acos", "gamma", "erf",
             "erfc", "zeta")  # fmt: skip


def ball_of_constant(number: sympy.Expr) -> flint.arb:
    """A real number of sympy's as a ball at the working precision."""
    import sympy

    ball: flint.arb | None = None if number.has(sympy.I) else _ball(number)
    # Real numbers that are made of complex ones are left to sympy.
    return ball if ball is not None and ball.is_finite() else _by_sympy(number)


def _ball(number: Any) -> Any:
    """A number as a ball; not finite where it is made of others than real ones."""
    import flint

    if number.is_Rational:
        return flint.arb(flint.fmpq(int(number.p), int(number.q)))
    name = type(number).__name__
    known: dict[str, Callable[[], Any]] = {
        "Pi": flint.arb.pi,
        "Exp1": flint.arb.const_e,
        "EulerGamma": flint.arb.const_euler,
        "Catalan": flint.arb.const_catalan,
    }
    if name in known:
        return known[name]()
    if number.is_Add:
        return sum(map(_ball, number.args), start=flint.arb(0))
    if number.is_Mul:
        return math.prod(map(_ball, number.args), start=flint.arb(1))
    if number.is_Pow:
        return _power(number.base, number.exp)
    if name in FUNCTIONS and len(number.args) == 1:
        return getattr(_ball(number.args[0]), name)()
    return _by_sympy(number)


def _power(base: Any, exponent: Any) -> Any:
    """A power of numbers as a ball."""
    below = _ball(base)
    if exponent.is_Integer:
        return below ** int(exponent)
    if exponent.is_Rational and exponent.q == 2:
        return below.sqrt() ** int(exponent.p)
    return below ** _ball(exponent)


def _by_sympy(number: Any) -> Any:
    """A number that sympy alone evaluates, as a ball around its digits."""
    import flint
    import sympy

    digits = int(working_bits() * math.log10(2)) - GUARD_DIGITS
    try:
        found = sympy.N(number, digits, maxn=MOST_DIGITS * digits, strict=True)
    except sympy.core.evalf.PrecisionExhausted:
        # What cancels may be 0: nothing is known of it at this precision.
        return flint.arb("nan")
    if found.has(sympy.I):
        # What sympy could not tell from 0 in the imaginary part of a real number.
        found = sympy.re(found)
    if not found.is_Float and not found.is_Rational:
        raise DistconvValueError(f"{number} is no real number")
    middle = flint.arb(str(found))
    return middle + flint.arb(0, flint.arb(10) ** (2 - digits) * abs(middle))
