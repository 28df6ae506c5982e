"""Exact weights: FLINT integers over one denominator.

The numerators are kept as the coefficients of one ``fmpz_poly``, in the order of the support, because that is the
form in which FLINT multiplies; a `Fraction` is made only of what is asked for. FLINT is imported on first use.

Invariant: no integer > 1 divides the denominator and all numerators, so equal weights have equal fields.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, ClassVar, cast

import numpy as np

from distconv import bounds
from distconv.numbers.doubles import log_ratio
from distconv.ratio import Ratio
from distconv.typing import AnyArray, Kind
from distconv.weights.floating import Floating, from_ratios

if TYPE_CHECKING:
    import flint

    from distconv.weights.protocol import Weights

#: Denominators with more bits are reduced by FLINT, which is quicker from there on (measured with random numerators).
LONG_BITS = 1_000


@dataclass(frozen=True, slots=True)
class Rational:
    """Numerators over a common denominator.

    Attributes:
        numerators: ``fmpz_poly`` whose coefficient i belongs to point i (trailing zeros are not stored).
        denominator: positive integer.
        size: how many points there are.
    """

    numerators: flint.fmpz_poly
    denominator: int
    size: int

    is_exact = True
    kind: ClassVar[Kind] = "exact"
    error = 0.0
    letters: ClassVar[frozenset[Any]] = frozenset()

    @property
    def bits(self) -> int:
        """The length of the denominator, which no numerator of a probability passes."""
        return self.denominator.bit_length()

    def at(self, rank: int) -> Ratio:
        """The weight of a point."""
        return fraction(self.numerators[rank], self.denominator)

    exact_at = at

    def log_at(self, rank: int) -> float:
        """The natural log of a weight."""
        return log_ratio(self.at(rank))

    def numbers(self, ranks: AnyArray) -> list[Ratio]:
        """The weights of some points."""
        stored = self.integers()
        return [fraction(stored[rank], self.denominator) for rank in ranks.tolist()]

    def integers(self) -> list[Any]:
        """The numerators of all points, as FLINT integers."""
        values: list[Any] = self.numerators.coeffs()
        if len(values) < self.size:
            import flint

            values.extend([flint.fmpz(0)] * (self.size - len(values)))
        return values

    def positive(self) -> AnyArray:
        """The ranks of the points that carry weight."""
        return nonzero(self.numerators.coeffs())

    def heaviest(self) -> int:
        """The rank of the largest weight, the first of several."""
        values = self.integers()
        return max(range(len(values)), key=values.__getitem__)

    def fingerprint(self, rank: int) -> int:
        """The hash of a weight."""
        return hash(self.at(rank))

    def equals(self, other: Rational) -> bool:
        """Whether the weights that are not 0 are the same."""
        if self.denominator != other.denominator:
            return False
        mine, others = ([w for w in p.coeffs() if w != 0] for p in (self.numerators, other.numerators))
        return mine == others

    def take(self, ranks: AnyArray) -> Rational:
        """The weights of these points, over the same denominator."""
        values = self.integers()
        return over([values[rank] for rank in ranks.tolist()], self.denominator)

    def reversed(self) -> Rational:
        """The same weights from the last to the first."""
        return over(self.integers()[::-1], self.denominator)

    def spread(self, cells: AnyArray, size: int) -> Rational:
        """These weights at some of `size` points."""
        values: list[Any] = [0] * size
        for cell, value in zip(cells.tolist(), self.integers(), strict=True):
            values[cell] = value
        return over(values, self.denominator)

    def merged(self, starts: AnyArray) -> Rational:
        """The sums over groups of neighbours, in lowest terms."""
        return reduced(group_sums(self.integers(), starts), self.denominator)

    @staticmethod
    def joined(parts: Sequence[Rational]) -> Rational:
        """Weights one after the other over one denominator, in lowest terms."""
        below = math.lcm(*(part.denominator for part in parts))
        return reduced([w * (below // part.denominator) for part in parts for w in part.integers()], below)

    def total(self) -> Ratio:
        """The sum of all weights."""
        return fraction(self.numerators(1), self.denominator)

    def head(self, count: int) -> Ratio:
        """The total of the first `count` weights."""
        return fraction(self.numerators.truncate(count)(1) if count else 0, self.denominator)

    def tail(self, count: int) -> Ratio:
        """The total of all but the first `count` weights."""
        return fraction(self.numerators.right_shift(count)(1), self.denominator)

    def average(self, integers: AnyArray) -> Ratio:
        """The mean of an integer for each point."""
        pairs = zip(self.integers(), integers.tolist(), strict=True)
        return fraction(sum(w * int(v) for w, v in pairs if w), int(self.numerators(1)))

    def times(self, other: Rational) -> Rational:
        """The products of two weights of one rank."""
        pairs = zip(self.integers(), other.integers(), strict=True)
        return over([x * y for x, y in pairs], self.denominator * other.denominator)

    def outer(self, other: Rational) -> Rational:
        """All products of one of these weights and one of the other's."""
        second = other.integers()
        return over([x * y for x in self.integers() for y in second], self.denominator * other.denominator)

    def scaled(self, share: Fraction | int) -> Rational:
        """The weights times a fraction, not in lowest terms."""
        return Rational(self.numerators * share.numerator, self.denominator * share.denominator, self.size)

    def spare(self, missing: Fraction | float) -> Fraction:
        """What the total leaves of 1, if that is less than `missing`."""
        return min(max(Fraction(0), 1 - self.total()), Fraction(missing))

    def normalised(self, missing: Fraction | float = 0) -> tuple[Rational, float]:
        """The weights over their total and what is missing; and no less than what is missing then."""
        whole = int(self.numerators(1))
        if not missing:
            return reduced(self.integers(), whole), 0.0
        most = Fraction(whole, self.denominator) + Fraction(missing)
        weights = reduced([w * most.denominator for w in self.integers()], self.denominator * most.numerator)
        return weights, min(1.0, bounds.upper_float(Fraction(missing) / most))

    def shares_of(self, others: Rational) -> Rational:
        """The weights over the total of others, in lowest terms."""
        below = int(others.numerators(1)) * self.denominator
        return reduced([w * others.denominator for w in self.integers()], below)

    def as_floating(self) -> Floating:
        """The weights rounded once to doubles with exponents."""
        return from_ratios(self.integers(), self.denominator)

    def as_rational(self) -> Rational:
        """The weights themselves."""
        return self

    def lowest(self) -> Rational:
        """The same weights in lowest terms."""
        return reduced(self.integers(), self.denominator)

    def __reduce__(self) -> Any:
        return _restored, ([int(c) for c in self.numerators.coeffs()], self.denominator, self.size)


def _restored(numerators: list[int], denominator: int, size: int) -> Rational:
    """Weights from their pickle."""
    return Rational(polynomial(numerators), denominator, size)


def nonzero(values: Sequence[Any]) -> AnyArray:
    """The places of the numbers that are not 0."""
    # FLINT's numbers know whether they are 0 several times quicker than they compare.
    return np.flatnonzero(np.fromiter(map(bool, values), dtype=bool, count=len(values)))


def group_sums(values: Sequence[Any], starts: AnyArray) -> list[Any]:
    """The sums of numbers over groups of neighbours that start at these places."""
    ends = [*starts[1:].tolist(), len(values)]
    return [sum(values[i + 1 : j], start=values[i]) for i, j in zip(starts.tolist(), ends, strict=True)]


def polynomial(values: Iterable[Any]) -> flint.fmpz_poly:
    """The ``fmpz_poly`` with these coefficients."""
    import flint

    return flint.fmpz_poly(list(values))


def over(numerators: Sequence[Any], denominator: int) -> Rational:
    """The weights numerators / denominator as they stand, in lowest terms or not."""
    return Rational(polynomial(numerators), denominator, len(numerators))


def reduced(numerators: Sequence[Any], denominator: int) -> Rational:
    """The weights numerators / denominator, in lowest terms."""
    import flint

    poly = polynomial(numerators)
    divisor = poly.content().gcd(flint.fmpz(denominator))
    if divisor > 1:
        poly, denominator = poly // divisor, int(flint.fmpz(denominator) // divisor)
    return Rational(poly, denominator, len(numerators))


def fraction(numerator: int | flint.fmpz, denominator: int) -> Ratio:
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


def exactly(weights: Weights) -> Rational:
    """The numbers that weights are, as fractions: of doubles the dyadic ones."""
    if weights.is_exact:
        return weights.as_rational()
    return from_fractions([cast("Fraction", weights.exact_at(rank)) for rank in range(weights.size)])


def from_fractions(values: Sequence[Fraction | int]) -> Rational:
    """Exact weights from fractions."""
    denominator = math.lcm(*(v.denominator for v in values)) if values else 1
    return reduced([v.numerator * (denominator // v.denominator) for v in values], denominator)
