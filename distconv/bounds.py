"""Rounding and tail bounds: numbers in, numbers out, each with its source.

``u`` is the unit roundoff of a double, 2**-53. Every function returns an upper bound; the bounds themselves are
computed in doubles and padded by `PAD`, far more than their own rounding.
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TypeVar

from distconv.typing import FloatArray

#: One number, or one of each entry.
F = TypeVar("F", float, FloatArray)
#: Unit roundoff of IEEE double precision, round to nearest.
UNIT = 2.0**-53
#: Factor that covers the rounding of the bounds' own few operations.
PAD = 1 + 2.0**-40
#: Smallest normal double: results above it carry no underflow error.
TINY = 2.0**-1022
#: Smallest positive double: an operation that underflows errs by at most this.
SUBNORMAL = 2.0**-1074

#: Rounding errors that one bit of transform length adds along one path through an FFT, in units of `UNIT`: a complex
#: multiplication (sqrt(5): Brent, Percival, Zimmermann 2007), its twiddle factor (1) and a complex addition (1), the
#: last times sqrt(2) where a butterfly of radix 3 or 5 treats real and imaginary parts apart: 2.24 + 1 + 1.42 < 5.
FFT_STAGE = 5.0


def compose(*errors: float) -> float:
    """Relative error of a product of factors with these relative errors: prod(1 + e) - 1."""
    nonzero = [error for error in errors if error]
    if len(nonzero) < 2:
        return nonzero[0] if nonzero else 0.0
    total = 0.0
    for error in nonzero:
        total += error + total * error
    return math.nextafter(total * PAD, math.inf)


def reciprocal(error: float) -> float:
    """Relative error of 1 / x where x has this one: 1 / (1 - e) - 1, infinite from 1 on.

    It also bounds the truth by what is held: |x - truth| <= e truth gives |truth - x| <= x e / (1 - e).
    """
    return math.nextafter(error / (1 - error) * PAD, math.inf) if 0 < error < 1 else math.inf if error else 0.0


def quotient(above: float, below: float) -> float:
    """Relative error of a quotient of numbers with these relative errors."""
    return compose(above, reciprocal(below))


def repeated(error: float, n: int) -> float:
    """Relative error of a product of n factors with this relative error each: (1 + e)**n - 1."""
    return math.expm1(n * math.log1p(error)) * PAD


def summation(terms: int) -> float:
    """Relative error of a sum of that many non-negative products in any order: gamma_n = n u / (1 - n u).

    Higham, Accuracy and Stability of Numerical Algorithms, 2nd ed. (2002), section 3.1: n products and n - 1 additions,
    fused or not, in any order.
    """
    nu = terms * UNIT
    return nu / (1 - nu) * PAD if nu < 0.5 else math.inf


#: Up to so many weights are totalled with one rounding (`math.fsum`).
FEW = 1000


def total(terms: int) -> float:
    """Relative error of numpy's sum of so many non-negative doubles that lie side by side.

    numpy adds in pairs of halves down to blocks of 128, each by 8 running sums of 16 terms (15 additions), joined by 3
    additions and up to 7 single terms: no term passes more than 25 + log2(terms) additions (Higham, 2nd ed., 4.1).
    """
    return UNIT if terms <= FEW else (32 + math.log2(terms)) * UNIT * PAD


def least_certified(relative: float, absolute: F, room: float) -> F:
    """The least v whose relative error is at most relative + room, where ``|v - true| <= relative true + absolute``.

    v >= a (1 + (1 + r) / room) gives true >= (v - a) / (1 + r) >= a / room, so that a is at most room times the truth.
    """
    return absolute * ((1 + (1 + relative) / room) * PAD)


def certified(relative: float, absolute: F, least: F) -> F:
    """The relative error of numbers >= `least` (> absolute) whose errors are as in `least_certified`."""
    return (relative + absolute * (1 + relative) / (least - absolute)) * PAD


def fft_convolution(length: int, norm_a: float, norm_b: float) -> float:
    """Absolute error of every entry of a convolution by three FFTs of 5-smooth total length.

    In a Cooley-Tukey transform exactly one path leads from each input to each output, with factors of modulus 1, so a
    transform of length L = prod(radices) has entries sum_j x_j w**(jk) (1 + d_j), |d_j| <= s = FFT_STAGE u log2(L)
    (first order), and an error vector of 2-norm <= s ||F x||_2. Two forward transforms, the pointwise product
    (sqrt(5) u) and the inverse, whose error is at most s times the 1-norm of its input / L, give by Cauchy-Schwarz
    (3 s + sqrt(5) u) ||a||_2 ||b||_2: 15 u log2(L) + 2.24 u, here with 5 % for second-order terms.

    The same shape as Brisebarre, Joldes, Muller, Nanes, Picot (2020) and Wilson and Keich (2016: 13.5 u log2(L)).
    """
    return 1.05 * (3 * FFT_STAGE * math.log2(max(length, 2)) + 2.24) * UNIT * norm_a * norm_b


def upper_float(value: Fraction | float) -> float:
    """A double that is not below the value."""
    result = float(value)
    return math.nextafter(result, math.inf) if Fraction(result) < value else result
