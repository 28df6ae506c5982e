"""Frequencies at which the characteristic function of a sum of many terms is proven to be small.

With D_i the difference of two copies of term i, |phi_i|**2 = 1 - E (1 - cos(w D_i)), so that the product of all n_i-th
powers is at most exp(-loss / 2), loss(w) = sum of n_i E (1 - cos(w D_i)). It is at least V w**2 - F w**4 / 24, V the
variance of the sum and F the sum of n_i E D_i**4, which rises while w**2 < 12 V / F; beyond, its values on a grid tell,
less what its curvature, at most 2 V, allows between them. The bounds are ours (docs/explanation/error-model).
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from distconv.typing import FloatArray

#: Points of the grid at most: where outcomes lie farther apart, its curvature may take all of the bound.
MOST_GRID = 2**22
#: Nats by which the square of a characteristic function must have fallen where it is left out, beside those of the
#: bell's own height: exp(-DECAY / 2) of it.
DECAY = 84.0
#: Relative rounding of a loss: transforms of doubles.
ROUNDING = 1e-12


def far(variance: float, fourth: float, loss: Callable[[int], FloatArray]) -> tuple[float, float]:
    """(an angle, a bound on the size of the characteristic function from there to pi).

    Args:
        variance: V, as above.
        fourth: F.
        loss: lower bounds on the loss at the angles 2 pi j / points, j up to the half, of a number of points.
    """
    decay = DECAY + math.log1p(variance)
    turn = math.sqrt(12 * variance / fourth) if fourth > 0 else math.pi
    room = variance**2 - decay * fourth / 6
    first = math.sqrt(2 * decay / (variance + math.sqrt(room))) if room > 0 else turn
    points = min(1 << max(8, math.ceil(math.log2(8 * math.pi / min(turn, math.pi)))), MOST_GRID)
    values = loss(points)
    slack = (2 * math.pi / points) ** 2 * 2 * variance / 8
    edge = min(math.floor(max(first, turn) * points / (2 * math.pi)), points // 2)
    small = np.flatnonzero(values[edge:] - slack < decay)
    if len(small):
        first = 2 * math.pi * (edge + int(small[-1]) + 1) / points
        edge = min(edge + int(small[-1]) + 1, points // 2)
    least = float(values[edge:].min()) - slack
    if first < turn:
        least = min(least, (first**2 * variance - first**4 * fourth / 24) * (1 - ROUNDING))
    return first, math.exp(-min(max(least, 0.0), 1400.0) / 2) * (1 + 1e-6)
