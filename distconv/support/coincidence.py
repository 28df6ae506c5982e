"""Floats that differ by their rounding alone, where they are no grid: found, and made one.

0.3 and 0.1 + 0.2, or the coordinates of unit vectors by cosine and sine: 0.7071067811865476 beside -0.7071067811865475,
and 6e-17 for 0.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from distconv.support.grid import DUST, ULPS
from distconv.typing import AnyArray

#: Float outcomes no further apart than this many units in the last place are taken for rounded copies of one number.
NEAR_ULPS = 8
#: Distinct values up to which two of them are that near by chance less than once in a thousand times.
MOST_VALUES = 2**20
#: The same for coordinates, which are made one without asking: less than once in a million times.
MOST_COORDINATES = 2**14


def near_pair(values: AnyArray) -> tuple[float, float] | None:
    """Two distinct floats that differ by rounding alone, the larger one first; None where there are none."""
    ordered = np.unique(values)
    if not 2 <= len(ordered) <= MOST_VALUES:
        return None
    sizes = np.abs(ordered)
    near = np.flatnonzero(np.diff(ordered) <= NEAR_ULPS * np.spacing(np.maximum(sizes[1:], sizes[:-1])))
    return (ordered[near[0] + 1].item(), ordered[near[0]].item()) if len(near) else None


def unified(values: AnyArray, ulp: float = 0.0) -> AnyArray:
    """The floats, those whose sizes differ by rounding alone made one: what is opposite cancels.

    `ulp` is the unit in the last place of what they were computed from, where that is larger than their own.
    """
    sizes, counts = np.unique(np.abs(values), return_counts=True)
    if not 2 <= len(sizes) <= MOST_COORDINATES:
        return values
    near = np.diff(sizes) <= NEAR_ULPS * np.maximum(np.spacing(sizes[1:]), ulp)
    if not near.any():
        return values
    edges = [0, *(np.flatnonzero(~near) + 1).tolist(), len(sizes)]
    result = values.copy()
    for start, end in pairwise(edges):
        group = sizes[start:end]
        if len(group) > 1 and group[-1] - group[0] <= NEAR_ULPS * max(np.spacing(group[-1]), ulp):
            # The one with the fewest digits: 0.5 for 0.5 and 0.5000000000000001; of equals the commonest.
            best = min(range(len(group)), key=lambda i: (len(str(group[i])), -int(counts[start + i]), i))
            for size in group:
                result[values == size] = group[best]
                result[values == -size] = -group[best]
    return result


def vector_ulp(points: AnyArray, axis: int) -> float:
    """The unit in the last place of the coordinates on an axis of float vectors (n, d) of about one length.

    A coordinate of a vector is as far off as its length lets it be, however small it is itself: that of the shortest
    vector, or of the largest coordinate on the axis where that is smaller.
    """
    lengths = np.abs(points).max(axis=1)
    if not lengths.any():
        return 0.0
    return float(2 * np.spacing(min(lengths[lengths > 0].min(), np.abs(points[:, axis]).max())))


def without_dust(points: AnyArray) -> AnyArray:
    """Float vectors (n, d), coordinates at the rounding of their vector's *and* of their axis' largest made 0."""
    sizes = np.abs(points)
    ulps = np.spacing(np.minimum(sizes.max(axis=1)[:, None], sizes.max(axis=0)[None, :]))
    dust = (sizes > 0) & (sizes <= ULPS * ulps) & (sizes >= DUST * ulps)
    return np.where(dust, points.dtype.type(0), points) if dust.any() else points
