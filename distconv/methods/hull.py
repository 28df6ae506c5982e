"""Upper concave hulls of log-weights: which tilt favours which outcome.

The hull of log f is the least concave function above it; tilted by the negative of one of its slopes it is flat there,
so the entries nearby become the largest of all. The hulls of two operands merge by slope: that is their max-plus
convolution, the hull of the logs of the largest terms of every sum.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass

import numpy as np

from distconv.typing import FloatArray, IntArray

#: Rounds of simultaneous removals before the hull is finished point by point.
ROUNDS = 100


@dataclass(frozen=True, slots=True, eq=False)
class Hull:
    """A concave, piecewise linear function on [x[0], x[-1]].

    Attributes:
        x: the vertices, ascending integers.
        y: the values there, in bits (log2).
        slopes: the slopes between vertices, falling.
    """

    x: IntArray
    y: FloatArray
    slopes: FloatArray

    @classmethod
    def of(cls, x: IntArray, y: FloatArray) -> Hull:
        """The upper hull of points with ascending x.

        A point below the chord of its neighbours is on no hull, so all such points go at once; what is left after some
        rounds (a few for nearly all data) is finished by Andrew's scan.
        """
        for _ in range(ROUNDS):
            slopes = np.diff(y) / np.diff(x)
            keep = np.ones(len(x), dtype=bool)
            keep[1:-1] = slopes[1:] < slopes[:-1]
            if keep.all():
                return cls(x, y, slopes)
            x, y = x[keep], y[keep]
        kept: list[int] = []
        for i in range(len(x)):
            while len(kept) > 1 and _below(x, y, kept[-2], kept[-1], i):
                kept.pop()
            kept.append(i)
        x, y = x[kept], y[kept]
        return cls(x, y, np.diff(y) / np.diff(x))

    def plus(self, other: Hull) -> Hull:
        """The max-plus convolution: vertices and slopes merged, steepest first."""
        slopes = np.concatenate((self.slopes, other.slopes))
        lengths = np.concatenate((np.diff(self.x), np.diff(other.x)))
        order = np.argsort(-slopes, kind="stable")
        slopes, lengths = slopes[order], lengths[order]
        x = np.concatenate(([0], np.cumsum(lengths))) + self.x[0] + other.x[0]
        y = np.concatenate(([0.0], np.cumsum(slopes * lengths))) + self.y[0] + other.y[0]
        return Hull(x, y, slopes)

    def at(self, position: int) -> float:
        """The value at any integer of the domain."""
        i = min(max(int(np.searchsorted(self.x, position, side="right")) - 1, 0), len(self.x) - 1)
        if self.x[i] == position or i == len(self.slopes):
            return float(self.y[i])
        return float(self.y[i] + self.slopes[i] * (position - self.x[i]))

    def touching(self, slope: float) -> int:
        """A vertex at which a line of this slope touches the hull from above."""
        return int(np.searchsorted(-self.slopes, -slope))

    def tangent_for(self, left: int, drop: float) -> int:
        """The last face whose line runs at most `drop` above the hull at `left`."""
        base = self.at(left)
        first = min(max(int(np.searchsorted(self.x, left, side="right")) - 1, 0), max(len(self.slopes) - 1, 0))
        x, y, slopes = self.x, self.y, self.slopes

        def above(i: int) -> float:
            return float(y[i] + slopes[i] * (left - x[i])) - base

        return max(first, bisect_right(range(len(slopes)), drop, lo=first, key=above) - 1)

    def within(self, vertex: int, slope: float, drop: float) -> tuple[int, int]:
        """The integers (first, last) around a vertex at which the hull is at most `drop` below a line through it."""
        x, y = self.x, self.y
        x0, y0 = int(x[vertex]), float(y[vertex])

        def below(i: int) -> float:
            return y0 + slope * (int(x[i]) - x0) - float(y[i])

        last = bisect_right(range(len(x)), drop, lo=vertex, key=below) - 1
        first = bisect_left(range(vertex + 1), -drop, key=lambda i: -below(i))
        return self._reach(first, -1, slope, drop, below), self._reach(last, 1, slope, drop, below)

    def _reach(self, vertex: int, side: int, slope: float, drop: float, below: object) -> int:
        """How far beyond a vertex the drop is reached on the face there."""
        x = self.x
        if not 0 <= vertex + side < len(x):
            return int(x[vertex])
        face = vertex if side > 0 else vertex - 1
        rate = abs(slope - float(self.slopes[face]))
        room = drop - below(vertex)  # type: ignore[operator]
        length = abs(int(x[vertex + side]) - int(x[vertex]))
        steps = length if rate * length <= room else int(room / rate)
        return int(x[vertex]) + side * min(steps, length)


def _below(x: IntArray, y: FloatArray, i: int, j: int, k: int) -> bool:
    """Whether point j lies on or below the chord from i to k."""
    return bool((y[j] - y[i]) * (x[k] - x[i]) <= (y[k] - y[i]) * (x[j] - x[i]))
