"""Exact weights: FLINT integers over one denominator.

The numerators are kept as the coefficients of one ``fmpz_poly``, in the order of the support, because that is the
form in which FLINT multiplies; a `Fraction` is made only of what is asked for. FLINT is imported on first use.

Invariant: no integer > 1 divides the denominator and all numerators, so equal weights have equal fields.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from distconv.ratio import Ratio

#: Denominators with more bits are reduced by FLINT, which is quicker from there on (measured with random numerators).
LONG_BITS = 1_000


@dataclass(frozen=True, slots=True)
class Rational:
    """Numerators over a common denominator.

    Attributes:
        numerators: ``fmpz_poly`` whose coefficient i belongs to point i (trailing zeros are not stored).
        denominator: positive integer.
    """

    numerators: Any
    denominator: int

    is_exact = True
    kind = "exact"
    error = 0.0

    def at(self, index: int) -> Fraction:
        """The weight of point `index`."""
        return fraction(self.numerators[index], self.denominator)

    def integers(self, size: int) -> list[Any]:
        """The numerators of all `size` points, as FLINT integers."""
        values: list[Any] = self.numerators.coeffs()
        if len(values) < size:
            import flint

            values.extend([flint.fmpz(0)] * (size - len(values)))
        return values

    def coefficients(self) -> list[Any]:
        """The numerators up to the last that is not 0."""
        return self.numerators.coeffs()  # type: ignore[no-any-return]

    def value(self, numerator: Any) -> Fraction:
        """numerator / denominator."""
        return fraction(numerator, self.denominator)

    def head(self, count: int) -> Fraction:
        """The total of the first `count` weights."""
        return self.value(self.numerators.truncate(count)(1) if count else 0)

    def tail(self, count: int) -> Fraction:
        """The total of all but the first `count` weights."""
        return self.value(self.numerators.right_shift(count)(1))

    def total(self) -> Fraction:
        """The sum of all weights."""
        return self.value(self.numerators(1))

    def rebuilt(self, numerators: Iterable[Any]) -> Rational:
        """Weights with these numerators over the same denominator, not reduced."""
        return Rational(polynomial(numerators), self.denominator)

    def lowest(self) -> Rational:
        """The same weights in lowest terms."""
        return reduced(self.numerators.coeffs(), self.denominator)

    def reversed(self, size: int) -> Rational:
        """The same weights in reverse order of the points."""
        return Rational(polynomial(self.integers(size)[::-1]), self.denominator)

    def __reduce__(self) -> Any:
        return _restored, ([int(c) for c in self.numerators.coeffs()], self.denominator)


def _restored(numerators: list[int], denominator: int) -> Rational:
    """Weights from their pickle."""
    return Rational(polynomial(numerators), denominator)


def polynomial(values: Iterable[Any]) -> Any:
    """The ``fmpz_poly`` with these coefficients."""
    import flint

    return flint.fmpz_poly(list(values))


def reduced(numerators: list[Any], denominator: int) -> Rational:
    """The weights numerators / denominator, in lowest terms."""
    import flint

    poly = polynomial(numerators)
    divisor = poly.content().gcd(flint.fmpz(denominator))
    if divisor > 1:
        poly, denominator = poly // divisor, int(flint.fmpz(denominator) // divisor)
    return Rational(poly, denominator)


def fraction(numerator: Any, denominator: int) -> Ratio:
    """numerator / denominator in lowest terms; long ones by FLINT's gcd, which is not quadratic as Python's is."""
    top, below = int(numerator), denominator
    if below.bit_length() < LONG_BITS:
        divisor = math.gcd(top, below)
        top, below = top // divisor, below // divisor
    else:
        import flint

        ratio = flint.fmpq(numerator, flint.fmpz(denominator))
        top, below = int(ratio.p), int(ratio.q)
    return Ratio.lowest(top, below)


def from_fractions(values: list[Fraction | int]) -> Rational:
    """Exact weights from fractions."""
    denominator = math.lcm(*(v.denominator for v in values)) if values else 1
    return reduced([v.numerator * (denominator // v.denominator) for v in values], denominator)
