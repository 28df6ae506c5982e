"""One coefficient of a product of powers of exact polynomials, without the others: one exact probability of a sum.

g = f_1^n_1 f_2^n_2 ... solves Q g' = P g with Q = f_1 f_2 ... and P = sum of n_i f_i' Q / f_i. So its coefficients obey

    (m + 1) Q_0 c_(m+1) = sum over i = 1 ... deg Q of (P_(i-1) - (m + 1 - i) Q_i) c_(m+1-i),

and c_k is an entry of a product of k matrices of short integers. Multiplied as a balanced tree (binary splitting), they
cost not much more than writing the answer down. In two dimensions f = A + B u, a step on two lines, has
n over k times A^(n-k) B^k as the coefficient of u^k, which is such a product again. Any other step goes by halves: the
coefficient is the sum of products of two coefficients of f^(n/2), of which there are fewer and shorter ones.

Sources: Knuth, The Art of Computer Programming 2 (1997), section 4.7, exercise 4; Haible and Papanikolaou (1998) for
binary splitting; the rest is ours.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from distconv.measure import Measure
from distconv.measure.arranging import positive_cells
from distconv.methods import exact, sublattice
from distconv.planning import Copies, Plan, announced, costs, size_error
from distconv.settings import current_settings
from distconv.support.lattice import power_box
from distconv.support.outcomes import quotient
from distconv.typing import AnyArray, Vector
from distconv.weights.rational import fraction

if TYPE_CHECKING:
    import flint

#: A polynomial, from its constant term on, and the power to which it is taken.
Factor = tuple[list[int], int]
#: What gives a coefficient once it is planned.
Run = Callable[[], "flint.fmpz"]


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """A cell of the sum of n copies of an exact measure, in the coordinates that suit it.

    Attributes:
        step: the measure in these coordinates.
        n: how many copies, 2 or more.
        index: the cell on each axis.
    """

    step: Measure
    n: int
    index: tuple[int, ...]

    @classmethod
    def of(cls, step: Measure, n: int, vector: Vector) -> Place | None:
        """The cell of a point; None where the sum has no such point."""
        chart = sublattice.chart(step)
        found = vector if chart is None else chart.place(vector, n)
        if found is None:
            return None
        step = step if chart is None else chart.measure
        box = power_box(step.box, n)
        if box.cell(found) is None:
            return None
        units = [quotient(x - o, s) for x, o, s in zip(found, box.origin, box.step, strict=True)]
        return cls(step, n, tuple(int(unit) for unit in units))

    def lines(self, axis: int) -> list[list[int]]:
        """The numerators of a 1-D or 2-D step on each line across an axis."""
        shape = self.step.box.shape
        grid = np.zeros(shape, dtype=object)
        grid.ravel()[positive_cells(self.step)] = [int(w) for w in self.step.weights.as_rational().integers() if w]
        rows: list[list[int]] = np.moveaxis(grid, axis, 0).reshape(shape[axis], -1).tolist()
        return rows


def probability(step: Measure, n: int, vector: Vector) -> Fraction:
    """P(S = x) for the sum S of n >= 2 copies of an exact measure, by the way that is predicted quickest.

    Raises:
        SizeLimitError: it would pass ``settings.max_bytes``.
    """
    place = Place.of(step, n, vector)
    if place is None:
        return Fraction(0)
    plan, run = planned(place)
    if plan.bytes > current_settings().max_bytes:
        raise size_error(plan, "one exact probability", "ask for a rounded one: (n @ X).pmf(x)")
    announced(plan)
    return fraction(run(), step.weights.as_rational().denominator ** n)


def planned(place: Place) -> tuple[Plan, Run]:
    """The plan of a coefficient that is predicted quickest, and what runs it."""
    return min((way for way in (by_halves(place), by_splitting(place)) if way), key=lambda way: way[0].seconds)


# A product of short matrices ------------------------------------------------------------------------------------------


def by_splitting(place: Place) -> tuple[Plan, Run] | None:
    """A coefficient of a 1-D step, or of one on two lines in two dimensions, by binary splitting."""
    shape, index, n = place.step.box.shape, place.index, place.n
    if len(shape) == 1:
        times, factors, (k,) = 1, [([row[0] for row in place.lines(0)], n)], index
        story = f"{n:,} copies of a step of {shape[0]} cells"
    elif len(shape) == 2 and 2 in shape:
        axis = shape.index(2)
        k, first = index[1 - axis], index[axis]
        times, (low, high) = math.comb(n, first), place.lines(axis)
        factors = [(low, n - first), (high, first)]
        story = f"{n:,} copies of a step on two lines"
    else:
        return None
    order = sum(len(row) - 1 for row, _ in factors)
    steps = min(k, sum((len(row) - 1) * m for row, m in factors) - k) + 1
    bits = n.bit_length() + place.step.weights.bits
    each = bits * steps.bit_length() * costs.SPLITTING_SECONDS
    plan = Plan(
        "splitting",
        "exact",
        steps,
        order**2 * steps * bits // 4,
        steps * (costs.SPLITTING_STEP_SECONDS + order**2 * each),
        f"{story}: a product of {steps:,} matrices of {order} x {order}",
    )
    return plan, lambda: times * of_powers(factors, k)


def of_powers(factors: Sequence[Factor], k: int) -> flint.fmpz:
    """The coefficient of x**k in a product of powers of polynomials, none of which is 0."""
    import flint

    short: list[tuple[Any, int]] = []
    for row, m in factors:
        low = next(i for i, w in enumerate(row) if w)
        if m:
            short.append((flint.fmpz_poly(row).right_shift(low), m))
        k -= low * m
    degree = sum(f.degree() * m for f, m in short)
    if not 0 <= k <= degree:
        return flint.fmpz()
    if k > degree - k:
        # From the nearer end.
        short, k = [(flint.fmpz_poly(f.coeffs()[::-1]), m) for f, m in short], degree - k
    start = math.prod([f[0] ** m for f, m in short], start=flint.fmpz(1))
    if k == 0:
        return start
    common = math.prod([f for f, _ in short], start=flint.fmpz_poly([1]))
    slope = sum([m * f.derivative() * (common // f) for f, m in short], start=flint.fmpz_poly())
    whole = _product(common.coeffs(), slope.coeffs() + [flint.fmpz()] * (common.length() - 1), 0, k)
    return whole[0, 0] * start // (flint.fmpz.fac_ui(flint.fmpz(k)) * common[0] ** k)


def _product(common: list[Any], slope: list[Any], first: int, last: int) -> flint.fmpz_mat:
    """The matrices that lead from the coefficients up to c_first to those up to c_last, multiplied."""
    import flint

    if last - first > 1:
        middle = (first + last) // 2
        return _product(common, slope, middle, last) * _product(common, slope, first, middle)
    order = len(common) - 1
    matrix = flint.fmpz_mat(order, order)
    for i in range(order):
        matrix[0, i] = slope[i] - (first - i) * common[i + 1]
        if i:
            matrix[i, i - 1] = (first + 1) * common[0]
    return matrix


# Two halves -----------------------------------------------------------------------------------------------------------


def by_halves(place: Place) -> tuple[Plan, Run]:
    """A coefficient as the sum of products of one of half of the copies and one of the rest."""
    half = Copies.of(place.step, place.n // 2)
    bits = half.n * half.a.bits
    plan = Plan(
        "halves",
        "exact",
        half.cells,
        2 * exact.POWER.bytes(half),
        costs.HALVES_START_SECONDS
        + exact.POWER.cost(half)
        + half.cells * (costs.HALVES_CELL_SECONDS + bits * costs.HALVES_BIT_SECONDS),
        f"products of two coefficients of {half.n:,} copies, {half.cells:,} cells of {bits:,} bits",
    )
    return plan, lambda: _of_halves(place)


def _of_halves(place: Place) -> flint.fmpz:
    """The coefficient, from all of half of the copies."""
    import flint

    first = exact.power(place.step, place.n // 2)
    second = first if place.n % 2 == 0 else exact.convolve(first, place.step)
    ours, theirs = _grid(first), _grid(second)
    low = [max(0, i - (n - 1)) for i, n in zip(place.index, theirs.shape, strict=True)]
    high = [min(i, n - 1) for i, n in zip(place.index, ours.shape, strict=True)]
    one = ours[tuple(slice(a, b + 1) for a, b in zip(low, high, strict=True))]
    facing = tuple(slice(i - b, i - a + 1) for i, a, b in zip(place.index, low, high, strict=True))
    other = np.flip(theirs[facing])
    return sum(map(_times, one.ravel().tolist(), other.ravel().tolist()), start=flint.fmpz())


def _times(x: flint.fmpz, y: flint.fmpz) -> flint.fmpz:
    return x * y


def _grid(measure: Measure) -> AnyArray:
    """The numerators of a dense measure, over the denominator of the step's power, as an array of FLINT's integers."""
    values = np.empty(measure.box.size, dtype=object)
    values[:] = measure.weights.as_rational().integers()
    return values.reshape(measure.box.shape)
