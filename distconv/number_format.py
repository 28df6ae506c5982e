"""Probabilities and bounds as text: fractions, decimals, percent, odds; never 0 for what is positive."""

from __future__ import annotations

import math
from decimal import ROUND_CEILING, Context
from fractions import Fraction

from distconv.numbers.doubles import log_ratio
from distconv.numbers.letters import has_letters
from distconv.typing import Number

#: Longest fraction that is shown in full: beyond, its decimals say more.
LONGEST_FRACTION = 24
#: Below this a double has lost digits, or is 0: the logarithm is shown instead.
SMALLEST = 1e-300
#: Two significant digits, never below the number.
UPWARDS = Context(prec=2, rounding=ROUND_CEILING)


def general(value: Number, digits: int = 4) -> str:
    """A number with so many significant digits, without needless zeros; an expression with letters as it is."""
    if has_letters(value):
        return str(value)
    try:
        return f"{float(value):.{digits}g}"
    except OverflowError:
        size = Fraction(abs(value))
        return ("-" if value < 0 else "") + scientific(math.log(size.numerator) - math.log(size.denominator), digits)


def root_of(value: Number) -> str:
    """The square root of a positive number beyond the doubles."""
    if not isinstance(value, Fraction | int):
        return str(math.sqrt(value))
    return scientific((math.log(value.numerator) - math.log(value.denominator)) / 2, 4)


def rounded_up(bound: float) -> str:
    """An upper bound with two digits at most, never shown smaller than it is: ``3e-13``, ``1.1e-10``."""
    if bound <= 0:
        return "0"
    # From the decimal that a double is written as: 1e-10 stays 1e-10.
    rounded = UPWARDS.create_decimal(repr(float(bound)))
    exponent = rounded.adjusted()
    return f"{rounded.scaleb(-exponent).normalize()}e{exponent}"


def scientific(log: float, digits: int) -> str:
    """exp(log) in scientific notation, whatever its range."""
    exponent = math.floor(log / math.log(10))
    mantissa = f"{10 ** (log / math.log(10) - exponent):.{max(digits - 1, 0)}f}"
    if mantissa.startswith("10"):
        mantissa, exponent = f"{1:.{max(digits - 1, 0)}f}", exponent + 1
    return f"{mantissa}e{exponent}"


def decimal(p: Number, log: float, digits: int = 6) -> str:
    """A probability with so many significant digits."""
    if not p and math.isinf(log):
        return "0"
    value = float(p)
    return f"{value:.{digits}g}" if value >= SMALLEST else scientific(log, digits)


def fraction(p: Number, log: float) -> str:
    """A probability as a fraction, as decimals where it is none or too long."""
    text = str(p) if isinstance(p, Fraction) and p.denominator.bit_length() < 200 else ""
    return text if text and len(text) <= LONGEST_FRACTION else decimal(p, log)


def shown(p: Number) -> str:
    """A probability in a sentence: a fraction unless it is too long, another number or an expression as it is."""
    return fraction(p, log_ratio(p)) if isinstance(p, Fraction) else str(p)


def percent(p: Number, log: float, places: int = 2) -> str:
    """A probability in percent, with so many decimal places; two digits where these would all be 0."""
    if not p and math.isinf(log):
        return f"{0:.{places}f} %"
    value = 100 * float(p)
    if value >= 0.5 * 10.0**-places:
        return f"{value:.{places}f} %"
    return f"{decimal(Fraction(p) * 100 if isinstance(p, Fraction) else value, log + math.log(100), 2)} %"


def odds(p: Number, log: float) -> str:
    """A probability as ``1 in n``."""
    if not p and math.isinf(log):
        return "never"
    if isinstance(p, Fraction) and p.numerator == 1 and p.denominator < 10**12:
        return f"1 in {p.denominator:,}"
    value = float(p)
    if value < SMALLEST:
        return f"1 in {scientific(-log, 4)}"
    n = 1 / value
    return f"1 in {n:,.0f}" if 1e4 <= n < 1e12 else f"1 in {n:.4g}"
