"""Which outputs there are, and what each reads: modes are ranges of places, boundaries say what lies outside.

The output at place c is the sum of k[a] x[c - a].
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import get_args

import numpy as np

from distconv.errors import DistconvValueError
from distconv.filtering.taps import Taps
from distconv.typing import AnyArray, Boundary, IntArray, Mode, Shape

BOUNDARIES: tuple[Boundary, ...] = get_args(Boundary)
MODES: tuple[Mode, ...] = get_args(Mode)


@dataclass(frozen=True, slots=True)
class Slide:
    """Along each axis: the signal's length, the kernel's lowest and highest place, the output's first and last."""

    sizes: Shape
    low: Shape
    high: Shape
    first: Shape
    last: Shape

    @classmethod
    def of(cls, sizes: Shape, low: Shape, high: Shape, mode: Mode) -> Slide:
        """Which outputs a mode has."""
        if mode not in MODES:
            raise DistconvValueError(f"mode must be one of {', '.join(MODES)}, got {mode!r}")
        if mode == "same":
            first, last = (0,) * len(sizes), tuple(n - 1 for n in sizes)
        elif mode == "full":
            first, last = low, tuple(n - 1 + h for n, h in zip(sizes, high, strict=True))
        else:
            first, last = high, tuple(n - 1 + lo for n, lo in zip(sizes, low, strict=True))
            if any(a > b for a, b in zip(first, last, strict=True)):
                spans = tuple(h - lo + 1 for lo, h in zip(low, high, strict=True))
                raise DistconvValueError(
                    f"mode='valid' has no output: the kernel spans {spans}, the signal only {sizes}; use mode='same'"
                )
        return cls(sizes, low, high, first, last)

    @property
    def shape(self) -> Shape:
        """The output's shape."""
        return tuple(b - a + 1 for a, b in zip(self.first, self.last, strict=True))

    def near(self, taps: Taps, boundary: Boundary) -> tuple[Taps, Slide]:
        """The same outputs from taps that read at most some lengths of the signal around it.

        Outside of a signal is 0, or repeats after a period, or its outermost value: a tap far away is one near by.
        """
        if boundary not in BOUNDARIES:
            raise DistconvValueError(f"boundary must be one of {', '.join(BOUNDARIES)}, got {boundary!r}")
        spans = zip(self.sizes, self.shape, taps.shape, strict=True)
        if all(k <= 2 * (n + size) for n, size, k in spans):
            return taps, self
        places = taps.places.copy()
        if boundary == "zero":
            reaching = np.ones(len(places), dtype=bool)
            for axis, (n, a, b) in enumerate(zip(self.sizes, self.first, self.last, strict=True)):
                reaching &= ((places[:, axis] >= a - (n - 1)) & (places[:, axis] <= b)).astype(bool)
            taps = taps.chosen(reaching)
        else:
            for axis, (n, a, b) in enumerate(zip(self.sizes, self.first, self.last, strict=True)):
                if boundary == "edge":
                    places[:, axis] = np.clip(places[:, axis], a - (n - 1), b)
                else:
                    places[:, axis] %= _period(n, boundary)
            taps = taps.moved(places.astype(np.int64))
        return taps, replace(self, low=taps.low, high=taps.high)

    def padded(self, signal: AnyArray, boundary: Boundary) -> AnyArray:
        """The signal on all places that some output needs: from first - high to last - low."""
        result = signal
        for axis, (n, lo, h, a, b) in enumerate(
            zip(self.sizes, self.low, self.high, self.first, self.last, strict=True)
        ):
            start, stop = a - h, b - lo + 1
            inside = (slice(None),) * axis + (slice(max(start, 0), max(min(stop, n), 0)),)
            if start >= 0 and stop <= n:
                result = result[inside]
            elif boundary == "zero":
                # Not numpy.pad, whose zeros among Python's integers are numpy's, and wrap.
                kept = result[inside]
                before = min(max(-start, 0), stop - start)
                shape = (*kept.shape[:axis], stop - start, *kept.shape[axis + 1 :])
                result = np.zeros(shape, dtype=kept.dtype)
                result[(slice(None),) * axis + (slice(before, before + kept.shape[axis]),)] = kept
            else:
                result = np.take(result, sources(np.arange(start, stop), n, boundary), axis=axis)
        return result

    def placed(self, boundary: Boundary) -> IntArray:
        """For each padded place the signal's place that it reads, -1 for 0."""
        places = np.arange(1, int(np.prod(self.sizes)) + 1).reshape(self.sizes)
        return self.padded(places, boundary) - 1


def sources(places: IntArray, n: int, boundary: Boundary) -> IntArray:
    """The place of a signal of length n that is read at each place of the line."""
    if boundary == "edge":
        return np.clip(places, 0, n - 1).astype(np.int64)
    period = _period(n, boundary)
    found = (places % period).astype(np.int64)
    if boundary == "wrap":
        return found
    return np.minimum(found, (period if boundary == "reflect" else period - 1) - found)


def _period(n: int, boundary: Boundary) -> int:
    """After how many places the extended signal repeats."""
    return n if boundary == "wrap" else 2 * n if boundary == "symmetric" else max(2 * (n - 1), 1)
