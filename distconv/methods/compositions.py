"""n-fold sums of few floating points: one outcome for every way to divide the copies among the points.

n copies of k points have C(n + k - 1, k - 1) ways to fall, each with probability n! prod p_i**n_i / n_i!. However far
apart the outcomes lie, that is their number at most: isotopes, jumps, coins of any value. Each weight is a product of
few factors, each rounded once from a ball, so it is right to a few roundings whatever n is.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from distconv import bounds, missing
from distconv.measure import Measure
from distconv.measure.arranging import compacted
from distconv.methods.alignment import cells_in
from distconv.numbers.balls import ball_of_pair, is_narrow, pair_of, resolved, resolved_pair
from distconv.numbers.doubles import normal_pairs
from distconv.planning import costs
from distconv.planning.registry import Method
from distconv.planning.tasks import Copies
from distconv.support.lattice import Lattice, power_box
from distconv.support.points import Points
from distconv.typing import AnyArray, FloatArray, IntArray
from distconv.weights.floating import from_pairs, reduce_groups

#: Most points for which the ways to divide copies among them are counted.
MOST_POINTS = 12
#: Bits beyond those of n that the factors need.
FACTOR_BITS = 96


def ways(n: int, parts: int) -> list[AnyArray]:
    """All ways to write n as an ordered sum of so many integers >= 0, one array for each place, in ascending order."""
    columns: list[AnyArray] = []
    rest = np.array([n], dtype=np.int64)
    for _ in range(parts - 1):
        choices = rest + 1
        starts = np.cumsum(choices) - choices
        taken = np.arange(int(choices.sum())) - np.repeat(starts, choices)
        columns = [np.repeat(column, choices) for column in columns]
        columns.append(taken)
        rest = np.repeat(rest, choices) - taken
    return [*columns, rest]


def power(measure: Measure, n: int) -> Measure:
    """The n-fold convolution of a floating measure of few points, on sparse points or their box; nothing missing."""
    weights = measure.weights.as_floating()
    box = power_box(measure.box, n)
    ranks = weights.positive()
    places = cells_in(measure, (1,) * box.ndim, box.shape)[ranks]
    fractions, exponents = (values[ranks] for values in weights.pairs())
    if len(ranks) == 1:
        return _one_point(measure, box, n, float(fractions[0]), int(exponents[0]))
    counts = ways(n, len(ranks))
    cells = np.zeros(len(counts[0]), dtype=places.dtype)
    values, powers = np.ones(len(cells)), np.zeros(len(cells), dtype=np.int64)
    for place, fraction, exponent, copies in zip(
        places.tolist(), fractions.tolist(), exponents.tolist(), counts, strict=True
    ):
        factors, shifts = _factors(fraction, exponent, n)
        cells = cells + copies * place
        values *= factors[copies]
        powers += shifts[copies]
    whole, shift = _factorial(n)
    values, powers = normal_pairs(values * whole, powers + shift)
    order = np.argsort(cells)
    cells = cells[order]
    starts = np.flatnonzero(np.concatenate(([True], cells[1:] != cells[:-1])))
    # Each factor and each product is rounded once; n copies carry their own error n times.
    error = bounds.compose(bounds.repeated(weights.error, n), bounds.summation(2 * len(ranks) + 3))
    found = reduce_groups(values[order], powers[order], starts, error)
    return compacted(Measure(Points(box, cells[starts]), found))


def _one_point(measure: Measure, box: Lattice, n: int, fraction: float, exponent: int) -> Measure:
    """n copies of one point: one weight to the n-th power."""
    weights = measure.weights.as_floating()
    if fraction == 0.5:
        # A power of two.
        value, power, rounding = 0.5, n * (exponent - 1) + 1, 0.0
    else:
        value, power = resolved_pair(
            lambda: ball_of_pair(fraction, exponent) ** n, f"the {n}-th power of a weight", start=FACTOR_BITS
        )
        rounding = bounds.UNIT * bounds.PAD
    error = bounds.compose(bounds.repeated(weights.error, n), rounding)
    return Measure(box, from_pairs(np.array([value]), np.array([power]), error))


def _factors(fraction: float, exponent: int, n: int) -> tuple[FloatArray, IntArray]:
    """(fraction x 2**exponent)**k / k! for k = 0, ..., n, each rounded once from a ball: fractions and exponents."""

    def attempt() -> list[tuple[float, int]] | None:
        base, value = ball_of_pair(fraction, exponent), ball_of_pair(1.0, 0)
        pairs = [pair_of(value)]
        for k in range(1, n + 1):
            value = value * base / k
            pairs.append(pair_of(value))
        return pairs if is_narrow(value) else None

    pairs = resolved(attempt, f"the first {n} powers of a weight", start=FACTOR_BITS + n.bit_length())
    return np.array([f for f, _ in pairs]), np.array([e for _, e in pairs], dtype=np.int64)


def _factorial(n: int) -> tuple[float, int]:
    """n! rounded once: a fraction and an exponent."""
    value = math.factorial(n)
    shift = value.bit_length()
    return value / (1 << shift), shift


def _ways(task: Copies) -> int:
    """How many ways there are to divide the copies among the points."""
    return math.comb(task.n + task.points - 1, task.points - 1)


def _applies(task: Copies) -> bool:
    """Whether weights are floating, points few, and sums of them do not lie side by side: nothing is gained there."""
    has_gaps = task.points < task.a.box.size or task.points == 1
    return task.kind == "float" and task.points <= MOST_POINTS and has_gaps


def _seconds(task: Copies) -> float:
    # Of one point there is one way, whose weight is one power.
    if task.points == 1:
        return 0.0
    return costs.WAYS_START_SECONDS + _ways(task) * costs.WAY_SECONDS + task.n * task.points * costs.FACTOR_SECONDS


POWER = Method(
    name="sparse",
    applies=_applies,
    cost=_seconds,
    bytes=lambda task: _ways(task) * costs.WAY_BYTES,
    run=lambda measure, n, _: replace(power(measure, n), missing=missing.repeated(measure.missing, n)),
    cells=_ways,
    reason=lambda task: f"{_ways(task):,} ways to divide {task.n:,} copies among {task.points} points",
)
