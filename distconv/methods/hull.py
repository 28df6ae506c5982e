"""Upper concave hulls of log-weights: which tilt favours which outcome.

The hull of log f is the least concave function above it; tilted by the negative of one of its slopes it is flat there,
so the entries nearby become the largest of all. The hulls of two operands merge by slope: that is their max-plus
convolution, the hull of the logs of the largest terms of every sum.

The hulls of many rows are kept in one, side by side on one axis, and every question is asked of many places at once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from distconv.typing import AnyArray, FloatArray, IntArray

#: Rounds of simultaneous removals before the hull is finished point by point.
ROUNDS = 100
#: Bits by which a thinned hull may lie below the hull; hulls of fewer vertices are left as they are.
SLACK = 0.25
FEWEST = 256
#: Heights of all vertices under all tilts up to which one look at each is quicker than searches.
FEW_HEIGHTS = 2**16
#: The part of the height aimed at to which chords are first drawn, so that few must be drawn again.
LOWER = 0.95


@dataclass(frozen=True, slots=True, eq=False)
class Hull:
    """Concave, piecewise linear functions, one for each row, on stretches of one axis that follow each other.

    Attributes:
        x: the vertices, ascending integers.
        y: the values there, in bits (log2).
        falls: the slopes to the next vertex times -1, rising within a row: the tilts at which the hull is flat there;
            infinite at the last vertex of a row.
        starts: the first vertex of every row, and the number of vertices.
    """

    x: IntArray
    y: FloatArray
    falls: FloatArray
    starts: IntArray

    @classmethod
    def of(cls, x: IntArray, y: FloatArray, starts: IntArray) -> Hull:
        """The upper hulls of points with ascending x; rows begin at the points `starts`, the last of which ends them.

        A point below the chord of its neighbours is on no hull, so all such points go at once; what is left after some
        rounds (a few for nearly all data) is finished by Andrew's scan.
        """
        for _ in range(ROUNDS):
            falls = _falls(x, y, starts)
            keep = np.empty(len(x), dtype=bool)
            keep[1:] = falls[1:] > falls[:-1]
            keep[starts[:-1]] = True
            if keep.all():
                return cls(x, y, falls, starts)
            starts = np.concatenate(([0], np.cumsum(keep)))[starts]
            x, y = x[keep], y[keep]
        rows = [_scanned(x, y, low, high) for low, high in pairwise(starts.tolist())]
        kept = np.concatenate(rows)
        starts = np.concatenate(([0], np.cumsum([len(row) for row in rows])))
        return cls(x[kept], y[kept], _falls(x[kept], y[kept], starts), starts)

    def thinned(self) -> Hull:
        """A hull of fewer vertices, nowhere more than `SLACK` bits below this one.

        A chord that skips vertices lies below the hull by at most a quarter of its length times the difference of the
        slopes at its ends; where curvature is even, vertices at equal steps of the integral of its root share that.
        """
        if len(self.x) < FEWEST:
            return self
        inner = np.isfinite(self.falls[1:]) & np.isfinite(self.falls[:-1])
        bends = np.zeros(len(self.x))
        with np.errstate(invalid="ignore"):
            turns = np.where(inner, np.diff(self.falls), 0.0)
        bends[1:] = np.sqrt(turns * np.diff(self.x) * (0.3 / SLACK))
        steps = np.floor(np.cumsum(bends))
        keep = np.empty(len(self.x), dtype=bool)
        keep[1:] = steps[1:] > steps[:-1]
        keep[self.starts[:-1]] = keep[self.starts[1:] - 1] = True
        kept = np.flatnonzero(keep)
        ends = np.concatenate((kept[1:] - 1, kept[-1:]))
        with np.errstate(invalid="ignore"):
            spread = np.where(ends > kept, self.falls[ends] - self.falls[kept], 0.0)
        # Where they are too far apart, at sharp bends, every vertex stays.
        far = spread * np.diff(self.x[kept], append=0) > 4 * SLACK
        keep |= far[np.cumsum(keep) - 1]
        kept = np.flatnonzero(keep)
        starts = np.concatenate(([0], np.cumsum(keep)))[self.starts]
        x, y = self.x[kept], self.y[kept]
        return Hull(x, y, _falls(x, y, starts), starts)

    def cut(self, low: IntArray, high: IntArray, reach: float) -> tuple[IntArray, IntArray]:
        """Stretches [low, high] of integers in pieces [first, end) whose chords lie about `reach` below the hull.

        Over an even curvature c a chord of length l lies c l**2 / 8 below it.
        """
        passed = np.zeros(len(self.x))
        # Of every two faces, for those of two like hulls come in pairs.
        with np.errstate(invalid="ignore"):
            turns = (self.falls[2:] - self.falls[:-2]) / 2
        turns[~((turns > 0) & (turns < np.inf))] = 0.0
        passed[1:-1] = np.minimum(np.sqrt(turns * (self.x[2:] - self.x[:-2]) / (2 * 8 * LOWER * reach)), 1.0)
        np.cumsum(passed, out=passed)
        begin = np.interp(low, self.x, passed)
        pieces = np.interp(high, self.x, passed) - begin
        parts = np.minimum(np.ceil(pieces).astype(np.int64), high - low).clip(1)
        which = np.repeat(np.arange(len(low)), parts)
        starts = np.cumsum(parts) - parts
        passing = begin[which] + (np.arange(len(which)) - starts[which]) * (pieces / parts)[which]
        first = np.interp(passing, passed, self.x).astype(np.int64)
        first[starts] = low
        end = np.append(first[1:], 0)
        end[np.append(starts[1:], len(which)) - 1] = high + 1
        return first, end

    def plus(self, other: Hull, origins: IntArray) -> Hull:
        """The max-plus convolutions, row by row: vertices and slopes merged, steepest first.

        `origins` are the places of the rows' first vertices on the axis of the sums.
        """
        rows = np.arange(len(self.starts) - 1)
        keys, falls, lengths = [], [], []
        for hull in (self, other):
            inner = np.isfinite(hull.falls)
            keys.append(np.repeat(rows, np.diff(hull.starts) - 1))
            falls.append(hull.falls[inner])
            lengths.append(np.diff(hull.x, append=0)[inner])
        row, fall, length = np.concatenate(keys), np.concatenate(falls), np.concatenate(lengths)
        order = np.argsort(fall, kind="stable") if len(rows) == 1 else np.lexsort((fall, row))
        fall, length = fall[order], length[order]
        starts = self.starts + other.starts - np.arange(len(rows) + 1)
        x, y = np.zeros(starts[-1], dtype=np.int64), np.zeros(starts[-1])
        later = np.ones(len(x), dtype=bool)
        later[starts[:-1]] = False
        x[later], y[later] = length, -fall * length
        y[starts[:-1]] = self.y[self.starts[:-1]] + other.y[other.starts[:-1]]
        x[starts[:-1]] = origins
        result = np.full(len(x), np.inf)
        result[np.flatnonzero(later) - 1] = fall
        return Hull(_row_sums(x, starts), _row_sums(y, starts), result, starts)

    def rows_at(self, positions: IntArray) -> IntArray:
        """The row of every position."""
        return np.asarray(np.searchsorted(self.x[self.starts[:-1]], positions, side="right") - 1)

    def at(self, positions: IntArray) -> FloatArray:
        """The values at integers of the domains."""
        face = self.faces(positions)
        behind = positions - self.x[face]
        return np.asarray(self.y[face] - np.where(behind > 0, self.falls[face], 0.0) * behind)

    def flat_at(self, positions: IntArray) -> FloatArray:
        """Tilts under which the hulls are highest at these integers (0 for a row of one vertex)."""
        face = self.faces(positions)
        falls = np.where(np.isfinite(self.falls[face]), self.falls[face], self.falls[np.maximum(face - 1, 0)])
        return np.where(np.isfinite(falls), falls, 0.0)

    def faces(self, positions: IntArray) -> IntArray:
        """The faces that hold integers of the domains, by the number of their left vertex."""
        return np.asarray(np.searchsorted(self.x, positions, side="right") - 1)

    def touching(self, rows: IntArray, tilts: FloatArray) -> IntArray:
        """Vertices that are the highest of their rows under these tilts."""
        if len(self.starts) == 2:
            return np.asarray(np.searchsorted(self.falls, tilts))
        return _first(self.starts[rows], self.starts[rows + 1] - 1, lambda i: self.falls[i] >= tilts)

    def within(self, rows: IntArray, tilts: FloatArray, drop: float) -> tuple[IntArray, IntArray, FloatArray]:
        """The integers (first, last) between which the hulls under tilts are at most `drop` below their tops.

        Tilts are about `first`; the third are the tops.
        """
        x, y, falls = self.x, self.y, self.falls
        vertex = self.touching(rows, tilts)
        top = y[vertex] + tilts * x[vertex] - drop

        def lower(i: IntArray) -> FloatArray:
            return top - y[i] - tilts * x[i]

        starts, ends = self.starts[rows], self.starts[rows + 1] - 1
        if len(self.starts) == 2 and len(tilts) * len(x) <= FEW_HEIGHTS:
            heights = tilts[:, None] * x
            heights += y
            inside = heights >= top[:, None]
            first, last = inside.argmax(axis=1), ends - inside[:, ::-1].argmax(axis=1)
        else:
            last = _first(vertex, ends, lambda i: lower(np.minimum(i + 1, ends)) > 0.0)
            first = _first(starts, vertex, lambda i: lower(i) <= 0.0)
        before, after = np.maximum(first - 1, starts), np.minimum(last + 1, ends)
        rise = np.where(first > before, tilts - falls[before], -1.0)
        fall = np.where(after > last, falls[last] - tilts, 1.0)
        left = x[first] - np.minimum(np.floor(np.maximum(lower(first) / -np.abs(rise), 0.0)), x[first] - x[before])
        right = x[last] + np.minimum(np.floor(np.maximum(-lower(last) / np.abs(fall), 0.0)), x[after] - x[last])
        first, last = left.astype(np.int64), right.astype(np.int64)
        return first, last, y[vertex] + tilts * (x[vertex] - first)


def _falls(x: IntArray, y: FloatArray, starts: IntArray) -> FloatArray:
    """The falls from every point to the next, infinite at the end of a row."""
    falls = np.empty(len(x))
    falls[:-1] = np.diff(y) / -np.diff(x)
    falls[starts[1:] - 1] = np.inf
    return falls


def _row_sums(steps: AnyArray, starts: IntArray) -> AnyArray:
    """Running totals within rows."""
    sums = np.cumsum(steps)
    if len(starts) == 2:
        return sums
    return np.asarray(sums - np.repeat(sums[starts[:-1]] - steps[starts[:-1]], np.diff(starts)))


def _first(low: IntArray, high: IntArray, holds: Callable[[IntArray], AnyArray]) -> IntArray:
    """The first of low, low + 1, ..., high - 1 for which a monotone condition holds, else high; for many at once."""
    low, high = low.copy(), high.copy()
    for _ in range(int((high - low).max(initial=0)).bit_length()):
        middle = (low + high) >> 1
        here = holds(middle) | (low == high)
        np.copyto(high, middle, where=here)
        np.copyto(low, middle + 1, where=~here)
    return low


def _scanned(x: IntArray, y: FloatArray, low: int, high: int) -> IntArray:
    """The points low, ..., high - 1 on the hull of these, by Andrew's scan."""
    kept: list[int] = []
    for i in range(low, high):
        while len(kept) > 1 and _below(x, y, kept[-2], kept[-1], i):
            kept.pop()
        kept.append(i)
    return np.array(kept, dtype=np.int64)


def _below(x: IntArray, y: FloatArray, i: int, j: int, k: int) -> bool:
    """Whether point j lies on or below the chord from i to k."""
    return bool((y[j] - y[i]) * (x[k] - x[i]) <= (y[k] - y[i]) * (x[j] - x[i]))
