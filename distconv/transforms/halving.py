"""Sums of a finite random number of terms: powers of one measure, weighted and added, by halving."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from distconv import bounds, convolution
from distconv.measure import Measure, arranging, lookup
from distconv.measure.arranging import arranged, positive_cells, tightened
from distconv.methods import shares as shares_
from distconv.numbers.doubles import is_pair, ratio_to_double
from distconv.settings import current_settings
from distconv.support import Lattice
from distconv.support.lattice import power_box, sum_box
from distconv.support.outcomes import quotient, rational_gcd, whole
from distconv.support.points import indices_of
from distconv.transforms.mixing import Share, mixed
from distconv.typing import FloatArray, Scalar
from distconv.weights.floating import normal_form
from distconv.weights.rational import from_fractions, reduced

#: Counts below this are summed at once, by a product of matrices, where there are no fewer of them than the second.
BLOCK = 64
FEW_COUNTS = 8
#: Levels of halving from which that is done: the powers of all small counts cost as much as some hundred products.
MANY_LEVELS = 9
#: How many products of the whole size the sum of an even run of counts costs: its powers and products halve in size
#: from level to level.
EVEN_PASSES = 4
#: What the powers and products of one level get of the tolerance, as a share of what those of the next level get: all
#: of them together get the whole, and small ones more than their length needs.
FALL = 0.75
#: Most cells of such a matrix.
MOST_ROWS = 2**22
#: How many times longer than what is wanted of it an exact sum may be before it is cut on the way.
LONGEST_CUT = 4
#: Cells up to which direct sums are quick, whatever digits they are asked for (benchmarks/plan_quality.py).
QUICK = 2**10


def compounded(
    shares: Sequence[tuple[int, Share]],
    measure: Measure,
    *,
    exact: bool,
    tolerance: float | None = None,
    high: Scalar | None = None,
) -> Measure:
    """sum over n of share_n * (n-fold convolution of the measure): halved again and again, over powers of the measure.

    The largest power and product get a quarter of the tolerance each, those of every level below half as much: small
    ones are summed directly, to more digits than they are asked for.

    Args:
        shares: those of n >= 0, each once.
        measure: the law of one term; the outcomes that `high` needs.
        exact: whether exact shares and weights stay exact; FLINT composes the polynomials of 1-D ones itself.
        tolerance: of floating ones (default: the settings').
        high: outcomes above it are left out, of a 1-D measure >= 0.
    """
    if exact:
        whole_sum = high is None or max(n for n, _ in shares) * measure.box.high[0] <= LONGEST_CUT * high
        found = _composed(shares, measure) if whole_sum else None
        if found is not None:
            return found if high is None else _up_to(found, high)
    elif measure.weights.kind != "symbolic":
        measure = convolution.as_floating(measure)
    return _Halving.of(shares, measure, tolerance, high).part(sorted(shares))


def is_even(shares: Sequence[tuple[int, Share]]) -> bool:
    """Whether these counts, in rising order, are evenly spaced and of the same share, as those of a uniform law."""
    if len(shares) < 2:
        return False
    (first, share), (second, _) = shares[:2]
    spacing = second - first
    return all(n == first + k * spacing and s == share for k, (n, s) in enumerate(shares))


def passes(shares: Sequence[tuple[int, Share]]) -> float:
    """How many products as large as the whole a sum over these counts, in rising order, costs: one for each level.

    An even run of them costs a few, however many levels it has.
    """
    levels = (shares[-1][0] - shares[0][0]).bit_length() + 1
    return min(EVEN_PASSES, levels) if is_even(shares) else levels


@dataclass(frozen=True, slots=True, eq=False)
class _Rows:
    """Powers of a measure on one lattice, one a row, with their error and their least positive number."""

    values: FloatArray
    origin: Scalar
    unit: Scalar
    error: float
    least: float


@dataclass(frozen=True, slots=True, eq=False)
class _Halving:
    """The sum over counts, each half of them over a common power of the measure."""

    measure: Measure
    largest: float
    levels: int
    high: Scalar | None
    powers: dict[int, Measure]
    runs: dict[tuple[int, int], Measure]
    kept: dict[str, Any]

    @classmethod
    def of(
        cls, shares: Sequence[tuple[int, Share]], measure: Measure, tolerance: float | None, high: Scalar | None
    ) -> _Halving:
        """The sum of these counts' powers."""
        counts = [n for n, _ in shares]
        levels = (max(counts) - min(counts)).bit_length()
        whole = current_settings().tolerance if tolerance is None else tolerance
        return cls(measure, whole * (1 - FALL) / 2, levels, high, {0: _nothing(measure.box.ndim), 1: measure}, {}, {})

    def power(self, n: int) -> Measure:
        """The sum of n copies."""
        if n not in self.powers:
            asked = self._asked(n, power_box(self.measure.box, n))
            self.powers[n] = self._cut(convolution.power(self.measure, n, asked)[0])
        return self.powers[n]

    def part(self, some: Sequence[tuple[int, Share]]) -> Measure:
        """The sum over some counts in rising order: the least one's power times the sum over what is beyond it."""
        least, most = some[0][0], some[-1][0]
        if least == most:
            return mixed([(some[0][1], self.power(least))])
        if most < BLOCK and len(some) >= FEW_COUNTS and self.levels >= MANY_LEVELS:
            block = self._block(some)
            if block is not None:
                return block
        if least:
            return self._product(self.power(least), self.part([(n - least, share) for n, share in some]), most)
        if is_even(some):
            return mixed([(some[0][1], self.run(len(some), some[1][0]))])
        half = 1 << (most.bit_length() - 1)
        parts = [[c for c in some if c[0] < half], [c for c in some if c[0] >= half]]
        return mixed([(1, self.part(counts)) for counts in parts])

    def run(self, number: int, spacing: int) -> Measure:
        """The sum of the powers 0, spacing, 2 spacing, ..., so many of them: of twice as many by one product.

        S_2n = S_n + f**(n spacing) S_n, as sums of geometric series go; S_(n+1) = 1 + f**spacing S_n.
        """
        if number == 1:
            return self.powers[0]
        found = self.runs.get((number, spacing))
        if found is None:
            fewer = number - 1 if number % 2 else number // 2
            rest = self.run(fewer, spacing)
            beyond = self._product(self.power((number - fewer) * spacing), rest, (number - 1) * spacing)
            found = mixed([(1, self.powers[0] if number % 2 else rest), (1, beyond)])
            self.runs[number, spacing] = found
        return found

    def _product(self, a: Measure, b: Measure, copies: int) -> Measure:
        """The sum of two parts, together of so many copies at most."""
        asked = self._asked(copies, sum_box(a.box, b.box))
        return self._cut(convolution.convolve(a, b, tolerance=asked)[0])

    def _asked(self, copies: int, box: Lattice) -> float:
        """What a power or product is asked for: its share, but what transforms certify where direct sums are slow."""
        cells = box.size if box.size <= QUICK else max(box.size, shares_.SMALL + 1)
        return shares_.asked(self.largest * FALL ** max(self.levels - copies.bit_length(), 0), cells, box.ndim)

    def _block(self, some: Sequence[tuple[int, Share]]) -> Measure | None:
        """The sum over some counts below `BLOCK` as one product of matrices; None where doubles do not do."""
        if self.high is not None or self.measure.box.ndim > 1 or self.measure.weights.is_exact:
            return None
        if "rows" not in self.kept:
            self.kept["rows"] = self._rows()
        rows = self.kept["rows"]
        doubles = _doubles([share for _, share in some])
        if rows is None or doubles is None:
            return None
        fractions, shift = doubles
        if float(fractions.min()) * rows.least < bounds.TINY:
            return None
        values = fractions @ rows.values[[n for n, _ in some]]
        error = bounds.compose(rows.error, 2 * bounds.UNIT, bounds.summation(BLOCK))
        weights = normal_form(values, np.full(len(values), shift, dtype=np.int64), error)
        return tightened(Measure(Lattice((rows.origin,), (rows.unit,), (len(values),)), weights))

    def _rows(self) -> _Rows | None:
        """All powers below `BLOCK` on one lattice; None where they are too many cells, or not doubles."""
        box = self.measure.box
        unit = whole(rational_gcd(box.origin[0], box.step[0] if box.shape[0] > 1 else 0))
        low, high = (BLOCK - 1) * min(box.origin[0], 0), (BLOCK - 1) * max(box.high[0], 0)
        cells = int(quotient(high - low, unit)) + 1 if unit else 1
        if not unit or BLOCK * cells > MOST_ROWS:
            return None
        values = np.zeros((BLOCK, cells))
        error, least = 0.0, 1.0
        for n in range(BLOCK):
            power = convolution.as_floating(self.power(n))
            weights = power.weights.as_floating()
            if weights.exponents is not None:
                return None
            places = indices_of(positive_cells(power), power.box.shape)[0]
            first, stride = (int(quotient(v, unit)) for v in (power.box.origin[0] - low, power.box.step[0]))
            found = weights.significands[weights.positive()]
            values[n, first + stride * places] = found
            error, least = max(error, weights.error), min(least, float(found.min()))
        return _Rows(values, whole(low), unit, error, least)

    def _cut(self, measure: Measure) -> Measure:
        return measure if self.high is None else _up_to(measure, self.high)


def _nothing(ndim: int) -> Measure:
    """The law of 0."""
    return arranged([np.zeros(1, dtype=np.int64)] * ndim, (0,) * ndim, (1,) * ndim, from_fractions([Fraction(1)]))


def _up_to(measure: Measure, high: Scalar) -> Measure:
    """The outcomes of a 1-D measure up to one."""
    count = lookup.count_up_to(measure, high)
    return measure if count >= measure.support.size else arranging.select(measure, np.arange(count))


def _doubles(some: Sequence[Share]) -> tuple[FloatArray, int] | None:
    """(doubles, e): the shares are doubles x 2**e, each rounded once; None where they are too far apart."""
    pairs = [s if is_pair(s) else ratio_to_double(Fraction(s).numerator, Fraction(s).denominator) for s in some]
    top = max(e for _, e in pairs)
    values = np.array([math.ldexp(f, max(e - top, -1100)) for f, e in pairs])
    return (values, top) if float(values.min()) > bounds.TINY else None


def _composed(shares: Sequence[tuple[int, Share]], measure: Measure) -> Measure | None:
    """A compound sum of an exact 1-D law, as one polynomial composed with another; None for others."""
    weights, box = measure.weights, measure.box
    if box.ndim > 1 or weights.kind != "exact" or any(is_pair(s) for _, s in shares):
        return None
    unit = rational_gcd(box.origin[0], box.step[0])
    first, stride = int(quotient(box.origin[0], unit)), int(quotient(box.step[0], unit))
    most = max(n for n, _ in shares)
    cells = most * (max(first, 0) + stride * box.size)
    if first < 0 or cells > 64 * most * (measure.support.size + 1):
        return None
    import flint

    inner = [0] * (first + stride * (box.size - 1) + 1)
    ranks = weights.positive()
    exact = weights.as_rational()
    stored = exact.integers()
    for cell, rank in zip(positive_cells(measure).tolist(), ranks.tolist(), strict=True):
        inner[first + stride * cell] = stored[rank]
    outer = [Fraction(0)] * (most + 1)
    for n, share in shares:
        outer[n] += Fraction(share)  # type: ignore[arg-type]
    law = flint.fmpq_poly(inner, exact.denominator)
    found = flint.fmpq_poly([flint.fmpq(s.numerator, s.denominator) for s in outer])(law)
    tops = found.numer()
    return arranged(
        [np.arange(len(tops.coeffs()))], (0,), (whole(unit),), reduced(tops.coeffs(), int(found.denom())), 0.0
    )
