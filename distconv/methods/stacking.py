"""The points of many laws of numbers one after the other in arrays, and the logs of their weights."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from distconv.measure import Measure
from distconv.measure.lookup import axis_indices
from distconv.numbers.balls import ball_of_pair, precision
from distconv.numbers.doubles import normal_pairs
from distconv.support.outcomes import quotient
from distconv.typing import IntArray, LongArray, Scalar
from distconv.weights.floating import Floating
from distconv.weights.protocol import Weights

if TYPE_CHECKING:
    import flint

#: Bits in which logs of exact weights are taken that extended precision does not hold.
LOG_BITS = 128
#: Integers below this are numbers of extended precision, where it has 64 bits.
MOST_HELD = 2**63


def stacked(measures: Sequence[Measure], step: Scalar) -> tuple[IntArray, LongArray, IntArray]:
    """(positions, logs of weights, starts): the points of positive weight of 1-D laws on a lattice of that step.

    Each law begins at 0, and at its start; the last start is the end of all.
    """
    sizes = np.array([measure.weights.size for measure in measures])
    strides = np.array([_stride(measure, step) for measure in measures])
    starts = np.concatenate(([0], np.cumsum(sizes)))
    points = np.arange(starts[-1]) - np.repeat(starts[:-1], sizes)
    for row, measure in enumerate(measures):
        if measure.is_sparse:
            (points[starts[row] : starts[row + 1]],) = axis_indices(measure)
    points *= np.repeat(strides, sizes)
    logs = np.empty(len(points), dtype=np.longdouble)
    is_exact = np.array([measure.weights.is_exact for measure in measures])
    for row in np.flatnonzero(is_exact).tolist():
        logs[starts[row] : starts[row + 1]] = _logs_of_exact(measures[row].weights)
    if not is_exact.all():
        rest = [measures[row].weights.as_floating() for row in np.flatnonzero(~is_exact).tolist()]
        logs[np.repeat(~is_exact, sizes)] = _logs(rest)
    held = logs > -np.inf
    if not held.all():
        starts = np.concatenate(([0], np.cumsum(held)))[starts]
        points, logs = points[held], logs[held]
    return points, logs, starts


def _stride(measure: Measure, step: Scalar) -> int:
    """How many steps of the lattice one of the law's own is."""
    own = measure.box.step[0]
    return 1 if own == step or measure.box.size == 1 else int(quotient(own, step))


def _logs(weights: Sequence[Floating]) -> LongArray:
    """The logs of all weights of some laws, one after the other."""
    fractions, exponents = normal_pairs(np.concatenate([each.significands for each in weights]))
    if any(each.exponents is not None for each in weights):
        own = [np.zeros(each.size, dtype=np.int64) if each.exponents is None else each.exponents for each in weights]
        exponents = exponents + np.concatenate(own)
    with np.errstate(divide="ignore"):
        logs: LongArray = np.log(fractions.astype(np.longdouble)) + exponents * np.log(np.longdouble(2))
    return logs


def _logs_of_exact(weights: Weights) -> LongArray:
    """The logs of exact weights."""
    import flint

    exact = weights.as_rational()
    integers = exact.integers()
    if exact.denominator < MOST_HELD:
        held = np.array([int(k) for k in integers], dtype=np.int64).astype(np.longdouble)
        with np.errstate(divide="ignore"):
            logs: LongArray = np.log(held / np.longdouble(int(exact.denominator)))
        return logs
    with precision(LOG_BITS):
        return np.array([_extended(flint.arb(number).log()) for number in _fractions(weights)], dtype=np.longdouble)


def _extended(value: flint.arb) -> np.longdouble:
    """A ball's midpoint in extended precision; of no number, minus infinity."""
    if not value.is_finite():
        return np.longdouble(-np.inf)
    leading = float(value.mid())
    return np.longdouble(leading) + np.longdouble(float((value - leading).mid()))


def _fractions(weights: Weights) -> list[flint.fmpq]:
    """Exact weights as FLINT's fractions."""
    import flint

    exact = weights.as_rational()
    return [flint.fmpq(int(k), int(exact.denominator)) for k in exact.integers()]


def numbers_of(measures: Sequence[Measure]) -> Callable[[int], list[Any]]:
    """A function that gives the positive weights of one of some laws as FLINT's fractions or exact balls, made once."""

    @cache
    def numbers(row: int) -> list[Any]:
        weights = measures[row].weights
        if weights.is_exact:
            return [number for number in _fractions(weights) if number != 0]
        fractions, exponents = weights.as_floating().pairs()
        held = zip(fractions.tolist(), exponents.tolist(), strict=True)
        return [ball_of_pair(f, e) for f, e in held if f]

    return numbers
