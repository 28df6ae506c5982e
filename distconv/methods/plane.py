"""The whole law of an n-fold sum in the plane and beyond: boxes of cells, each served by the bell of a tilt of its own.

Boxes are cut until none is wider than the bell of the sum under the tilt of its centre (the saddle point), all at
once; then each is computed from the nodes near 0 (`methods.bell`). Cells that no bell certifies get smaller boxes.
"""

from __future__ import annotations

import math

import numpy as np

from distconv.bounds import UNIT
from distconv.measure import Measure
from distconv.methods import powering, saddle
from distconv.methods.alignment import operand
from distconv.methods.bell import LONG_UNIT, Bells
from distconv.methods.operands import Operand
from distconv.methods.saddle import Coarse, Field
from distconv.methods.tilted import Result
from distconv.planning import costs
from distconv.planning.registry import Method
from distconv.planning.tasks import Copies
from distconv.support.boxes import Box, shrunk
from distconv.support.lattice import power_box
from distconv.typing import AnyArray, FloatArray

#: Roundings of an entry relative to the top of its bell, in units of 2**-53: products with some 40 nodes on each axis.
ENTRY_ROUNDINGS = 60.0
#: The same of the sum of terms about the mean, for each position of the step along an axis, times the root of n.
TERM_ROUNDINGS = 4.0
#: Steps of more entries than this take one transform a box, of all nodes: few of many copies, as a rule.
FEW_POINTS = 512
#: Natural logs below its top that the corners of a box lie, less than the certificate would allow; then less and less.
MARGINS = (1.0, 3.0, 5.5, 8.0)
#: Natural logs of reach below which boxes would be too many.
LEAST_REACH = 0.3
#: A pass that certifies less than this part of what was left is the last: smaller boxes do not help either.
LEAST_GAIN = 0.1
#: A box is cut where it is this much wider than its bell, into at most so many parts at once.
WIDE = 1.1
MOST_PARTS = 8
#: Newton steps to a saddle point at most, and how far from its target, in squared deviations, a mean may stay.
STEPS = 60
NEAR_ENOUGH = 0.05
#: Entries of a tilted step, over all boxes, that are looked at together.
TOGETHER = 2**18


def power(step: Operand, n: int, wanted: AnyArray, tolerance: float) -> Field:
    """The n-fold convolution of an n-D array, as far as bells certify it."""
    field = Field.of(wanted)
    coarse = Coarse.of(step)
    terms = TERM_ROUNDINGS * (sum(step.shape) + 16 * wanted.ndim)
    rounding = wanted.ndim * ENTRY_ROUNDINGS * UNIT + terms * math.sqrt(n) * LONG_UNIT
    left = wanted.size
    for margin in MARGINS:
        reach = math.log(tolerance / rounding) - margin
        before, left = left, int(np.count_nonzero(field.bad))
        if reach < LEAST_REACH or not left or (left > (1 - LEAST_GAIN) * before and margin > MARGINS[0]):
            break
        _serve(field, step, n, _layout(field.bad, coarse, n, reach), tolerance)
    return field


def _serve(field: Field, step: Operand, n: int, layout: tuple[list[Box], FloatArray], tolerance: float) -> None:
    """Computes boxes under their tilts."""
    boxes, tilts = layout
    together = max(1, TOGETHER // step.significands.size)
    for start in range(0, len(boxes), together):
        some = boxes[start : start + together]
        bells = Bells.of(step, n, tilts[start : start + together])
        relative = bells.relative(field.bad.ndim)
        lengths, wrapped = bells.lengths(np.array([box.low for box in some]), np.array([box.high for box in some]))
        last, far = bells.near(lengths)
        for row, box in enumerate(some):
            found, shift, absolute = bells.entries(row, box, lengths[row], last[row], float(wrapped[row] + far[row]))
            field.accept(box, found, bells.tilt[row], shift, relative, absolute, tolerance - relative)


def _layout(bad: AnyArray, coarse: Coarse, n: int, reach: float) -> tuple[list[Box], FloatArray]:
    """Boxes that hold all cells still bad, each no wider than its bell, and the tilts of their centres."""
    radius = math.sqrt(2 * reach / bad.ndim)
    pending, starts = [Box.whole(bad.shape)], np.zeros((1, bad.ndim))
    boxes: list[Box] = []
    tilts: list[FloatArray] = []
    while pending:
        found = [(box, start) for box, start in zip((shrunk(bad, box) for box in pending), starts, strict=True) if box]
        if not found:
            break
        small, starts = [box for box, _ in found], np.array([start for _, start in found])
        centers = np.array([_middle(bad, box) for box in small])
        tilt, deviation = saddle_points(coarse, n, centers, starts)
        ratios = np.array([box.shape for box in small]) / (2 * (radius * deviation + 0.5))
        pending, following = [], []
        for box, ratio, own in zip(small, ratios, tilt, strict=True):
            ratio[np.array(box.shape) == 1] = 0.0
            axis = int(ratio.argmax())
            if ratio[axis] <= WIDE:
                boxes.append(box)
                tilts.append(own)
                continue
            parts = box.parts(axis, min(math.ceil(ratio[axis] / WIDE), MOST_PARTS))
            pending.extend(parts)
            following.extend([own] * len(parts))
        starts = np.array(following)
    return boxes, np.array(tilts).reshape(-1, bad.ndim) / math.log(2)


def _middle(bad: AnyArray, box: Box) -> FloatArray:
    """The mean of the cells of a box that are still bad."""
    part = bad[box.slices]
    center = []
    for axis, low in enumerate(box.low):
        counts = np.count_nonzero(part, axis=tuple(i for i in range(part.ndim) if i != axis))
        center.append(low + float(counts @ np.arange(len(counts))) / float(counts.sum()))
    return np.array(center)


def saddle_points(coarse: Coarse, n: int, targets: FloatArray, starts: FloatArray) -> tuple[FloatArray, FloatArray]:
    """(tilts, base e, under which sums of n copies have their means near the targets, their standard deviations).

    Damped Newton steps on n log E exp(t X) - t c: with d the most by which a step turns the log of a weight against
    another, log(1 + d) / d of it never goes too far (Bach 2010, on functions like this one). Any tilt is a valid one.
    """
    logs, places = coarse.logs * math.log(2), coarse.places
    tilt = starts.copy()
    deviation = np.zeros_like(tilt)
    active = np.arange(len(tilt))
    for _ in range(STEPS):
        exponents = logs + np.einsum("bi,ki->bk", tilt[active], places)
        weights = np.exp(exponents - exponents.max(axis=1, keepdims=True))
        weights /= weights.sum(axis=1, keepdims=True)
        mean = np.einsum("bk,ki->bi", weights, places)
        centred = places - mean[:, None]
        covariance = np.einsum("bk,bki,bkj->bij", weights, centred, centred)
        variances = np.diagonal(covariance, axis1=1, axis2=2)
        deviation[active] = np.sqrt(n * np.maximum(variances, 0.0))
        off = targets[active] / n - mean
        damped = covariance + (1e-12 + 1e-9 * variances.max(axis=1))[:, None, None] * np.eye(tilt.shape[1])
        move = np.linalg.solve(damped, off[..., None])[..., 0]
        distance = n * (move * off).sum(axis=1)
        far = np.abs(np.einsum("bi,bki->bk", move, centred)).max(axis=1) + 1e-300
        going = distance > NEAR_ENOUGH
        if not going.any():
            break
        move *= (np.log1p(far) / far)[:, None]
        active = active[going]
        tilt[active] += move[going]
    return tilt, np.maximum(deviation, 0.3)


def _run(measure: Measure, n: int, tolerance: float) -> Result | Field:
    """The n-fold convolution of a dense floating measure, as far as windows certify it."""
    step = operand(measure, measure.box.step)
    wanted = None if step.is_full else powering.support(step.significands > 0, n)
    if len(step.shape) == 1:
        return powering.power(step, n, wanted, tolerance)
    everywhere = np.ones(power_box(measure.box, n).shape, dtype=bool)
    by = power if step.significands.size <= FEW_POINTS else saddle.power
    return by(step, n, everywhere if wanted is None else wanted, tolerance)


def _seconds(task: Copies) -> float:
    dimension = task.a.box.ndim
    if dimension > 1 and task.a.box.size > FEW_POINTS:
        return costs.SADDLES_START_SECONDS + costs.CELL_SADDLE_SECONDS * task.cells
    if dimension > 1:
        # Boxes as wide as bells: the longer a step, the more its deviation falls towards the rim.
        root = BOXES * math.sqrt(task.n)
        along: list[float] = [1 + root * (1 + LONGER * math.log(count / 2)) for count in task.a.box.shape]
        each = costs.BELL_SECONDS + costs.BELL_NODE_SECONDS * float(NODES**dimension) / 2
        return costs.BELLS_START_SECONDS + math.prod(along) * each + costs.BELL_CELL_SECONDS * task.cells
    windows = costs.WINDOW_SECONDS * math.sqrt(task.n)
    return costs.WINDOWS_START_SECONDS + windows + costs.CELL_WINDOW_SECONDS * task.cells


#: Nodes of an axis, and boxes on an axis for the root of the copies, more of them for steps of more than two positions.
NODES, BOXES, LONGER = 40, 0.65, 0.85
#: Fewest copies for which windows are tried.
LEAST_COPIES = 8

POWER = Method(
    name="tilted",
    applies=lambda task: (
        task.kind == "float" and task.a.is_dense and task.n >= LEAST_COPIES and min(task.a.box.shape) > 1
    ),
    cost=_seconds,
    bytes=lambda task: task.cells * costs.TILTED_BYTES,
    run=_run,
    reason=lambda task: f"{task.n:,} copies at once, by transforms under tilts from the cumulant generating function",
)
