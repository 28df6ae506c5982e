"""Which grid some floats mean: origin + step * k, each up to its rounding, or none.

`numpy.linspace`, `numpy.arange`, ``k * 0.1`` and running sums leave rounding noise: 0.30000000000000004 for 0.3. Floats
*are* a grid if

- each lies within `ULPS` units in the last place of the largest, and half a unit more for every step of the grid (what
  adding the step again and again may round), of origin + step * k for rational origin and step;
- that would hold for random numbers less than once in a million times (`CHANCE`), whatever grids were tried;
- those that are not a grid point's own double are long decimals, as computed numbers are: what was written with few
  digits means what it says.

Decimal grids (steps 1, 1/10, 1/100, ...) are tried first, the coarsest first; then the spacing that Euclid's algorithm
finds. Its step and origin are the simplest fractions that fit, where they are simple enough to be no chance; else they
come from the lowest and the highest value.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from distconv.support.outcomes import whole
from distconv.typing import AnyArray, IntArray, Scalar

#: Units in the last place of the largest value that one number computed in a few operations may be off.
ULPS = 4
#: The same for each step of the grid: a running sum, or `numpy.arange`, rounds once a step.
STEP_ULPS = 0.5
#: The probability with which random numbers may pass for a grid.
CHANCE = 2.0**-20
#: A value nearer to 0 than this part of one unit in the last place of the largest is no rounding of 0.
DUST = 2.0**-10
#: Significant digits by which a double (a single) shows that it was computed: of random ones 98 in 100 have more.
LONG_DIGITS = {8: 15, 4: 7}
#: The part of the values off the grid that may be shorter: eight times as many as chance makes.
SHORT_PART = 1 / 8
#: Digits after the point up to which powers of ten are doubles.
MOST_DIGITS = 22
#: Decimal grids that are tried beyond the first digit of the largest value: as many as a double has digits.
DIGITS = 16
#: A remainder below this part of the spacing ends Euclid's algorithm.
REMAINDER = 2.0**-16
#: Steps that a grid may have, at most, where its spacing is no power of ten.
MOST_STEPS = 2**24
#: Values on which a grid is tried before all of them are.
SAMPLE = 32


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """The points origin + step * index.

    Attributes:
        origin: a rational.
        step: a rational > 0.
        indices: an integer for each of the floats, in their order.
    """

    origin: Scalar
    step: Scalar
    indices: IntArray

    def points(self) -> list[Scalar]:
        """The exact numbers that the floats mean, in their order."""
        return [whole(self.origin + self.step * k) for k in self.indices.tolist()]

    def numbers(self) -> AnyArray:
        """The same as an array: int64 where they are small integers, else of Python's exact numbers."""
        points = self.points()
        if all(type(p) is int and -(2**61) < p < 2**61 for p in points):
            return np.array(points, dtype=np.int64)
        result = np.empty(len(self.indices), dtype=object)
        result[:] = points
        return result


def grid_of(values: AnyArray) -> Grid | None:
    """The grid that finite floats are, exactly or to within rounding; None where they are none."""
    exact = _exact(values)
    if exact is not None or values.dtype.itemsize not in LONG_DIGITS:
        return exact
    distinct, places = np.unique(values, return_inverse=True)
    largest = max(abs(distinct[0]), abs(distinct[-1]))
    ulp = float(np.spacing(largest))
    sizes = np.abs(distinct)
    if len(distinct) < 2 or not math.isfinite(ulp) or bool(((sizes > 0) & (sizes < DUST * ulp)).any()):
        return None
    found = _decimal(distinct, ulp) or _spaced(distinct, ulp)
    return None if found is None else Grid(found.origin, found.step, found.indices[places.reshape(-1)])


def _exact(values: AnyArray) -> Grid | None:
    """The grid of decimals with a few digits whose doubles these are."""
    for digits in range(7):
        scale = 10**digits
        integers = np.rint(values * values.dtype.type(scale)).astype(np.float64)
        if np.abs(integers).max() < 1e15 and np.array_equal((integers / scale).astype(values.dtype), values):
            return Grid(0, whole(Fraction(1, scale)), integers.astype(np.int64))
    return None


def _decimal(distinct: AnyArray, ulp: float) -> Grid | None:
    """The coarsest decimal grid that ascending floats are."""
    values = distinct.astype(np.float64)
    span = float(values[-1] - values[0])
    first = max(0, -math.ceil(math.log10(max(abs(values[0]), abs(values[-1])))))
    for digits in range(first, min(first + DIGITS, MOST_DIGITS) + 1):
        scale = 10.0**digits
        slack = _slack(span * scale, ulp)
        share = 2 * slack * scale
        if share > 0.25:
            return None
        if len(values) * math.log(share) + math.log(DIGITS) > math.log(CHANCE):
            continue
        sample = values[:: max(1, len(values) // SAMPLE)]
        if np.abs(np.rint(sample * scale) / scale - sample).max() > slack:
            continue
        integers = np.rint(values * scale)
        off = np.abs(integers / scale - values).max()
        if off > slack or integers[0] == integers[-1]:
            continue
        grid = Grid(0, whole(Fraction(1, 10**digits)), integers.astype(np.int64))
        # The points may lie on a coarser grid, which allows less.
        apart = int(np.gcd.reduce(grid.indices - grid.indices[0]))
        if off <= _slack(span * scale / apart, ulp) and _computed(distinct, grid, integers / scale):
            return grid
    return None


def _spaced(distinct: AnyArray, ulp: float) -> Grid | None:
    """The grid of any spacing that ascending floats are."""
    values = distinct.astype(np.float64)
    spacing = _spacing(values, ulp)
    if spacing is None:
        return None
    steps = round((values[-1] - values[0]) / spacing)
    spacing = float(values[-1] - values[0]) / steps
    indices = np.rint((values - values[0]) / spacing)
    slack = _slack(steps, ulp)
    points = len(np.unique(indices))
    share = 2 * slack / spacing
    if points < 3 or share > 0.25 or math.log(steps) + (points - 2) * math.log(share) > math.log(CHANCE):
        return None
    if np.abs(values[0] + indices * spacing - values).max() > slack:
        return None
    step = _simple(spacing, 2 * slack / steps) or _between(distinct) / steps
    rests = values - indices * float(step)
    origin = _origin(float(rests.max()) - slack, float(rests.min()) + slack, step, distinct)
    doubles = float(origin) + indices * float(step)
    # The comparison itself may be off by two units.
    if np.abs(doubles - values).max() > slack + 2 * ulp:
        return None
    grid = Grid(origin, whole(step), indices.astype(np.int64))
    return grid if _computed(distinct, grid, doubles) else None


def _spacing(values: AnyArray, ulp: float) -> float | None:
    """The greatest common divisor of the gaps between ascending values, up to rounding."""
    gaps = np.unique(np.diff(values))
    gaps = gaps[gaps > 2 * ULPS * ulp]
    if not len(gaps):
        return None
    spacing = float(gaps[0])
    while float(values[-1] - values[0]) <= MOST_STEPS * spacing:
        rests = np.abs(gaps - np.rint(gaps / spacing) * spacing)
        rests = rests[rests > 2 * ULPS * ulp + REMAINDER * spacing]
        if not len(rests):
            return spacing
        # At most half of what it was, so this ends.
        spacing = float(rests.min())
    return None


def _slack(steps: float, ulp: float) -> float:
    """How far a value may lie from its point on a grid of so many steps."""
    return (ULPS + STEP_ULPS * steps) * ulp


def _computed(distinct: AnyArray, grid: Grid, doubles: AnyArray) -> bool:
    """Whether the values that are not their points' doubles look computed: long decimals, but for a few by chance."""
    off = np.flatnonzero(doubles.astype(distinct.dtype) != distinct)
    enough = LONG_DIGITS[distinct.dtype.itemsize]
    short = 0
    for i in off.tolist():
        shown = str(distinct[i])
        if len(shown.partition("e")[0].replace(".", "").strip("-0")) < enough:
            short += Fraction(shown) != grid.origin + grid.step * int(grid.indices[i])
    return short <= SHORT_PART * len(off)


def _between(distinct: AnyArray) -> Fraction:
    """The distance of the lowest and the highest value, as decimals."""
    return Fraction(str(distinct[-1])) - Fraction(str(distinct[0]))


def _origin(low: float, high: float, step: Fraction, distinct: AnyArray) -> Scalar:
    """Where a grid of that step begins, between two floats: a multiple of the step, a simple fraction, or a value."""
    middle = (low + high) / 2
    multiple = round(middle / float(step)) * step
    if low <= float(multiple) <= high:
        return whole(multiple)
    first = Fraction(str(distinct[0]))
    if low <= float(first) <= high:
        return whole(_simple(middle, (high - low) / 2) or first)
    return whole(_simple(middle, (high - low) / 2) or Fraction(str(middle)))


def _simple(value: float, radius: float) -> Fraction | None:
    """The simplest fraction within a radius of a float, if one so simple is there by less than chance; else None."""
    if not radius > 0:
        return None
    found = simplest(Fraction(value) - Fraction(radius), Fraction(value) + Fraction(radius))
    height = max(1, abs(found.numerator)) * found.denominator
    return found if height * 2 * radius <= CHANCE * abs(value) else None


def simplest(low: Fraction, high: Fraction) -> Fraction:
    """The fraction of the smallest denominator with low <= it <= high, by continued fractions."""
    if low <= 0 <= high:
        return Fraction(0)
    if high < 0:
        return -simplest(-high, -low)
    floor = low.numerator // low.denominator
    if floor == low or floor + 1 <= high:
        return Fraction(floor if floor == low else floor + 1)
    return floor + 1 / simplest(1 / (high - floor), 1 / (low - floor))
