"""The probability that an n-fold sum in any dimension lies in a box, or is one point: one sum over the nodes near 0.

The tilt is that of the likeliest cell of the box: where the mean lies below the box, or above it, on an axis, it is
moved to the end that is nearer, on others there is no tilt. Cells so far inside that they add nothing are left out, and
bounded by Chernoff's inequality. The total of the tilted step, which is raised to the n-th power, is a ball.

Steps on a sublattice have more than one node of modulus 1; around each the powers are the same. Which nodes are near is
told by the rows of the step in the sublattice's own coordinates (`methods.bell`).

Source: Lugannani, Rice (1980) for one tail in 1-D; boxes and bounds are ours (docs/explanation/error-model).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from distconv.errors import AccuracyError
from distconv.methods.bell import Bells, Dual
from distconv.methods.characteristic import chernoff
from distconv.methods.drop import Step as Step
from distconv.methods.plane import saddle_points
from distconv.numbers.balls import precision
from distconv.typing import FloatArray, IntArray

if TYPE_CHECKING:
    import flint

#: Standard deviations of the sum, and natural logs of decay, after which cells of a box add nothing.
REACH = 9.5
DECAY = 48.0
#: Cells of a short tail that are always summed.
LEAST_CELLS = 64
#: Bits of balls, beside those that a power takes.
BITS = 192
#: Nodes that are summed at most: some seconds of work.
MOST_NODES = 2**21


def chance(step: Step, n: int, low: IntArray, high: IntArray, tolerance: float) -> flint.arb:
    """P(low <= S <= high) as a ball, S the sum of n cells of the step, the box among the cells of the sum.

    Raises:
        AccuracyError: it is not certified to the tolerance, relative.
    """
    import flint

    tilt = _tilt(step, n, low, high)
    bells = Bells.of(step.doubles, n, tilt[None] / math.log(2), rest=step.rest, longest=max(step.shape))
    own = bells.tilt[0] * math.log(2)
    first, last, beyond = _cut(bells, own, low, high)
    lengths, wrapped = bells.lengths(first[None], last[None] + 1)
    # Nodes around all nodes of modulus 1 are those of one grid.
    periods = -(-lengths[0] // step.dual.period) * step.dual.period
    near, far, dual = _near(step, bells, periods)
    counts = np.where(near < 0, periods, 2 * near + 1)
    if math.prod(counts.tolist()) * len(dual.turns) > MOST_NODES:
        raise AccuracyError(f"a probability of {n} copies takes {math.prod(counts.tolist()):,} nodes")
    value, error = bells.total(first, last, periods, near, dual)
    error += (
        float(wrapped[0]) + beyond + far * math.prod(map(_sum_of_powers, own.tolist(), (last - first + 1).tolist()))
    )
    if not error < tolerance * (value - error):
        raise AccuracyError(
            f"a probability of {n} copies is not certified to {tolerance:g} (bound "
            f"{error / (value - error) if value > error else math.inf:.2g})"
        )
    corner = np.where(own >= 0, first, last).tolist()
    exact = bells.tilt[0].tolist()
    with precision(BITS + 4 * n.bit_length()):
        shift = sum((flint.arb(t) * c for t, c in zip(exact, corner, strict=True)), start=flint.arb(0))
        return step.total(exact) ** n * flint.arb(2) ** (-shift) * flint.arb(value, error)


def _sum_of_powers(tilt: float, count: int) -> float:
    """A bound on the sum of exp(-|tilt| k) over k < count: no geometric sum of a far node is larger."""
    return (math.expm1(-abs(tilt) * count) / math.expm1(-abs(tilt)) if tilt else count) * (1 + 1e-9)


def _tilt(step: Step, n: int, low: IntArray, high: IntArray) -> FloatArray:
    """The tilt, base e, under which the mean is the likeliest cell of a box."""
    dimension = len(low)
    tilt = np.zeros(dimension)
    mean = n * step.coarse.moments(tilt)[0]
    target = np.where(low == high, low, np.nan).astype(np.float64)
    for _ in range(4 * dimension + 2):
        outside = np.isnan(target) & ((mean < low) | (mean > high))
        target = np.where(outside, np.where(mean < low, low, high), target)
        held = np.flatnonzero(~np.isnan(target))
        if not len(held):
            break
        part = replace(step.coarse, places=step.coarse.places[:, held])
        found, _ = saddle_points(part, n, target[None, held], tilt[None, held])
        tilt = np.zeros(dimension)
        tilt[held] = found[0]
        mean = n * step.coarse.moments(tilt / math.log(2))[0]
        # An end that holds the mean back is none.
        idle = ((target == low) & (tilt < 0) | (target == high) & (tilt > 0)) & (low < high)
        if not idle.any() and not (np.isnan(target) & ((mean < low) | (mean > high))).any():
            break
        target[idle], tilt[idle] = np.nan, 0.0
    return tilt


def _cut(bells: Bells, tilt: FloatArray, low: IntArray, high: IntArray) -> tuple[IntArray, IntArray, float]:
    """(the ends of the cells of a box that count, a bound on what the others add beside the corner's power of 2)."""
    first, last, beyond = low.copy(), high.copy(), 0.0
    mean, deviation = bells.n * bells.center[0], bells.deviation[0]
    for axis, one in enumerate(bells.marginals):
        rate = abs(float(tilt[axis]))
        reach = REACH * deviation[axis] + LEAST_CELLS
        below, above = math.floor(mean[axis] - reach), math.ceil(mean[axis] + reach)
        # Counted from the corner, cells fade by the tilt as well as by the bell.
        fading = math.ceil(DECAY / rate) + LEAST_CELLS if rate > DECAY / 2**60 else 2**61
        if tilt[axis] >= 0:
            above = min(above, int(low[axis]) + fading)
        if tilt[axis] <= 0:
            below = max(below, int(high[axis]) - fading)
        if low[axis] < below <= high[axis]:
            first[axis] = below
            mass = float(chernoff(one, bells.n, np.array([below - 1]), -1.0)[0])
            beyond += mass * (math.exp(-rate * int(high[axis] - below + 1)) if tilt[axis] < 0 else 1.0)
        if low[axis] <= above < high[axis]:
            last[axis] = above
            mass = float(chernoff(one, bells.n, np.array([above + 1]), 1.0)[0])
            beyond += mass * (math.exp(-rate * int(above + 1 - low[axis])) if tilt[axis] > 0 else 1.0)
    return first, last, beyond


def _near(step: Step, bells: Bells, periods: IntArray) -> tuple[IntArray, float, Dual]:
    """(the last near node on each axis, -1 where all are; a bound on all others' powers; around which nodes these lie).

    In the coordinates of the sublattice, w . b for each vector b of its basis, nodes farther out than the reach of any
    axis are far; the box around those that are not holds the near ones.
    """
    if step.is_dense:
        near, far = bells.near(periods[None])
        return near[0], float(far[0]), step.dual
    p = np.zeros((1, *step.own_shape), dtype=np.longdouble)
    p[(0, *step.own_cells.T)] = bells.p[(0, *step.cells.T)]
    own = Bells.of_laws(bells.n, np.zeros((1, len(periods))), p, bells.scale, bells.shift)
    angles, bound = own.reach()
    spread = np.abs(np.linalg.inv(step.basis.astype(np.float64))) @ angles[0] * (1 + 1e-9)
    nodes = np.ceil(spread * periods / (2 * math.pi)).astype(np.int64)
    places = np.array(step.dual.turns) * (periods // step.dual.period)
    for one, other in product(places, places):
        apart = np.abs(one - other)
        apart = np.minimum(apart, periods - apart)
        if apart.any() and not (apart > 2 * nodes).any():
            # Neighbourhoods would meet: all nodes, then.
            return np.full(len(periods), -1), 0.0, replace(step.dual, turns=step.dual.turns[:1])
    nodes = np.where(2 * nodes + 1 >= periods, -1, nodes)
    return nodes, float(bound.max()), step.dual


def is_outside(step: Step, n: int, low: Sequence[int], high: Sequence[int]) -> bool:
    """Whether a face of the hull of the step shows that no sum of n cells lies in a box; False where none shows it."""
    for normal, most in step.faces():
        least = sum(int(a) * (int(b) if a > 0 else int(c)) for a, b, c in zip(normal, low, high, strict=True))
        if least > n * most:
            return True
    return False
