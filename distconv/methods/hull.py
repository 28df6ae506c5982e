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
        falls: the slopes between vertices times -1, rising: the tilts at which the hull is flat there.
    """

    x: IntArray
    y: FloatArray
    falls: FloatArray

    @classmethod
    def of(cls, x: IntArray, y: FloatArray) -> Hull:
        """The upper hull of points with ascending x.

        A point below the chord of its neighbours is on no hull, so all such points go at once; what is left after some
        rounds (a few for nearly all data) is finished by Andrew's scan.
        """
        for _ in range(ROUNDS):
            falls = np.diff(y) / -np.diff(x)
            keep = np.ones(len(x), dtype=bool)
            keep[1:-1] = falls[1:] > falls[:-1]
            if keep.all():
                return cls(x, y, falls)
            x, y = x[keep], y[keep]
        kept: list[int] = []
        for i in range(len(x)):
            while len(kept) > 1 and _below(x, y, kept[-2], kept[-1], i):
                kept.pop()
            kept.append(i)
        x, y = x[kept], y[kept]
        return cls(x, y, np.diff(y) / -np.diff(x))

    def plus(self, other: Hull) -> Hull:
        """The max-plus convolution: vertices and slopes merged, steepest first."""
        falls = np.concatenate((self.falls, other.falls))
        lengths = np.concatenate((np.diff(self.x), np.diff(other.x)))
        order = np.argsort(falls, kind="stable")
        falls, lengths = falls[order], lengths[order]
        x = np.concatenate(([0], np.cumsum(lengths))) + self.x[0] + other.x[0]
        y = np.concatenate(([0.0], np.cumsum(-falls * lengths))) + self.y[0] + other.y[0]
        return Hull(x, y, falls)

    def at(self, position: int) -> float:
        """The value at any integer of the domain."""
        i = self._face(position)
        fall = float(self.falls[i]) if i < len(self.falls) else 0.0
        return float(self.y[i]) - fall * (position - int(self.x[i]))

    def _face(self, position: int) -> int:
        """The face that holds an integer of the domain, by the number of its left vertex."""
        return max(int(np.searchsorted(self.x, position, side="right")) - 1, 0)

    def touching(self, tilt: float) -> int:
        """A vertex that is the highest under a tilt."""
        return int(np.searchsorted(self.falls, tilt))

    def tilt_for(self, left: int, drop: float) -> float:
        """The largest tilt, a face's, under which the hull at `left` is at most `drop` below its top."""
        if not len(self.falls):
            return 0.0
        base = self.at(left)
        x, y, falls = self.x.data, self.y.data, self.falls.data
        first = min(self._face(left), len(falls) - 1)

        def above(i: int) -> float:
            return y[i] - falls[i] * (left - x[i]) - base

        return falls[max(first, bisect_right(range(len(falls)), drop, lo=first, key=above) - 1)]

    def within(self, tilt: float, drop: float) -> tuple[int, int]:
        """The integers (first, last) between which the hull under a tilt is at most `drop` below its top."""
        vertex = self.touching(tilt)
        x, y = self.x.data, self.y.data
        top = y[vertex] + tilt * x[vertex] - drop

        def lower(i: int) -> float:
            return top - y[i] - tilt * x[i]

        last = bisect_right(range(len(x)), 0.0, lo=vertex, key=lower) - 1
        first = bisect_left(range(vertex + 1), True, key=lambda i: lower(i) <= 0.0)
        left, right = x[first], x[last]
        if first > 0:
            left -= int(min(-lower(first) / (tilt - self.falls[first - 1]), left - x[first - 1]))
        if last < len(x) - 1:
            right += int(min(-lower(last) / (self.falls[last] - tilt), x[last + 1] - right))
        return left, right


def _below(x: IntArray, y: FloatArray, i: int, j: int, k: int) -> bool:
    """Whether point j lies on or below the chord from i to k."""
    return bool((y[j] - y[i]) * (x[k] - x[i]) <= (y[k] - y[i]) * (x[j] - x[i]))
