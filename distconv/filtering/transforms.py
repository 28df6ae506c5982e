"""Filtering by transforms of overlapping tiles, with a bound at every output.

A transform errs by a part of the largest values in its tile, wherever they are. So each output is compared with what
lies under the kernel there: its error must be at most `tolerance` times the kernel's total times the largest value
under it. Outputs that miss this are computed again without the larger values of the tile, none of which is under the
kernel there, until none is left; the largest value falls from round to round, and where a round settles nothing the
rest is summed directly. Where only zeros are under the kernel the output is 0, and no sum of what is not negative is.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np

from distconv import bounds
from distconv.filtering.taps import Taps
from distconv.numbers.smooth import smooth
from distconv.typing import AnyArray, FloatArray, Shape

#: Least length of a tile along an axis, by the number of axes (benchmarks/plan_quality), and in kernels.
TILE = {1: 16_384, 2: 256, 3: 64}
LEAST_TILE = 16
KERNELS = 4
#: Products of taps and outputs that are gathered at once.
GATHERED = 2**20


def filtered(taps: Taps, padded: FloatArray, tolerance: float) -> FloatArray:
    """The valid outputs, each within the tolerance; axes behind the kernel's own are channels."""
    road = Transform.of(taps, padded.shape[: len(taps.low)], tolerance)
    ndim = len(taps.low)
    if padded.ndim == ndim:
        return road.over(padded)
    layers = [road.over(np.ascontiguousarray(padded[..., c])) for c in range(padded.shape[-1])]
    return np.stack(layers, axis=-1)


def counted(taps: Taps, mask: AnyArray) -> AnyArray:
    """Whether a padded mask is reached by a tap, at every valid output: exact counts, by the same transforms."""
    ones = Taps(taps.places, taps.low, taps.high, np.ones(taps.count))
    ndim = len(taps.low)
    road = Transform.of(ones, mask.shape[:ndim], math.inf)
    layers = [mask] if mask.ndim == ndim else [mask[..., c] for c in range(mask.shape[-1])]
    found = [road.over(layer.astype(np.float64)) > 0.5 for layer in layers]
    return found[0] if mask.ndim == ndim else np.stack(found, axis=-1)


def worst_error(taps: Taps, weights: FloatArray, shape: Shape, largest: float) -> float:
    """A bound on the error of every output of a signal whose values are at most so large."""
    length = math.prod(_lengths(taps.shape, shape))
    return bounds.fft_convolution(length, math.sqrt(length) * largest, _norm(weights))


def _lengths(spans: Shape, shape: Shape) -> Shape:
    """The length of a tile on each axis."""
    least = TILE.get(len(spans), LEAST_TILE)
    return tuple(smooth(min(n, max(KERNELS * k, least))) for n, k in zip(shape, spans, strict=True))


@dataclass(frozen=True, slots=True, eq=False)
class Transform:
    """A kernel's transform for tiles of one size.

    Attributes:
        taps: the kernel; its weights are scaled to at most 1 by a power of two.
        dense: the same as an array.
        scale: the exponent of that power.
        spectrum: the transform of `dense`.
        lengths: of a tile.
        norm: the 2-norm of `dense`.
        tolerance: part of total x largest value that an output may err by.
    """

    taps: Taps
    dense: FloatArray
    scale: int
    spectrum: AnyArray
    lengths: Shape
    norm: float
    tolerance: float

    @classmethod
    def of(cls, taps: Taps, shape: Shape, tolerance: float) -> Transform:
        """The transform for a padded signal of this shape."""
        from scipy.fft import rfftn

        weights = taps.floats
        scale = math.frexp(float(np.abs(weights).max()))[1]
        dense = taps.dense(np.ldexp(weights, -scale))
        lengths = _lengths(taps.shape, shape)
        return cls(taps, dense, scale, rfftn(dense, lengths), lengths, _norm(dense), tolerance)

    def over(self, padded: FloatArray) -> FloatArray:
        """All valid outputs, tile by tile."""
        spans = self.dense.shape
        result = np.empty(tuple(n - k + 1 for n, k in zip(padded.shape, spans, strict=True)))
        steps = tuple(length - k + 1 for length, k in zip(self.lengths, spans, strict=True))
        for corner in product(*(range(0, n, s) for n, s in zip(result.shape, steps, strict=True))):
            tile = padded[tuple(slice(c, c + n) for c, n in zip(corner, self.lengths, strict=True))]
            result[tuple(slice(c, c + s) for c, s in zip(corner, steps, strict=True))] = self.tile(tile)
        return result

    def tile(self, tile: FloatArray) -> FloatArray:
        """The valid outputs of one tile."""
        largest = float(np.abs(tile).max())
        if largest == 0:
            return np.zeros(self._valid(tile))
        exponent = math.frexp(largest)[1]
        scaled = np.ldexp(tile, -exponent)
        found = self._settled(scaled)
        if bool((self.dense >= 0).all()) and float(scaled.min()) >= 0:
            np.maximum(found, 0, out=found)
        return np.ldexp(found, self.scale + exponent)

    def _valid(self, tile: FloatArray) -> Shape:
        return tuple(n - k + 1 for n, k in zip(tile.shape, self.dense.shape, strict=True))

    def _settled(self, tile: FloatArray) -> FloatArray:
        found, error = self._once(tile)
        if self.tolerance == math.inf:
            return found
        under = self._under(tile)
        found[under == 0] = 0
        allowed = self.tolerance * float(np.abs(self.dense).sum()) * under
        open_ = (error > allowed) & (under > 0)
        while open_.any():
            places = np.argwhere(open_)
            limit = float(under[open_].max())
            smaller = np.where(np.abs(tile) <= limit, tile, 0)
            again, error = self._once(smaller)
            settled = open_ & (error <= allowed)
            if not settled.any() or len(places) * self.taps.count <= GATHERED:
                found[open_] = self._summed(tile, places)
                break
            found[settled] = again[settled]
            open_ &= ~settled
        return found

    def _once(self, tile: FloatArray) -> tuple[FloatArray, float]:
        """The outputs by one transform there and back, and a bound on the error of each."""
        from scipy.fft import irfftn, rfftn

        product_ = rfftn(tile, self.lengths) * self.spectrum
        full = irfftn(product_, self.lengths)
        valid = full[tuple(slice(k - 1, n) for k, n in zip(self.dense.shape, tile.shape, strict=True))]
        return valid.copy(), bounds.fft_convolution(math.prod(self.lengths), _norm(tile), self.norm)

    def _under(self, tile: FloatArray) -> FloatArray:
        """The largest absolute value in the kernel's box at every output."""
        from scipy.ndimage import maximum_filter1d

        result = np.abs(tile)
        for axis, k in enumerate(self.dense.shape):
            if k > 1:
                result = maximum_filter1d(result, k, axis=axis, mode="constant")
            # Centred at k // 2: the box of output c begins at place c.
            begin = k // 2
            result = result[(slice(None),) * axis + (slice(begin, begin + tile.shape[axis] - k + 1),)]
        return np.ascontiguousarray(result)

    def _summed(self, tile: FloatArray, places: AnyArray) -> FloatArray:
        """Some outputs, each summed tap by tap."""
        starts = np.array(self.taps.starts())
        weights = np.ldexp(self.taps.floats, -self.scale)
        result = np.empty(len(places))
        rows = max(1, GATHERED // max(1, len(weights)))
        for top in range(0, len(places), rows):
            index: Any = places[top : top + rows, None, :] + starts[None]
            values = tile[tuple(index[..., axis] for axis in range(tile.ndim))]
            result[top : top + rows] = (values * weights).sum(axis=-1)
        return result


def _norm(values: FloatArray) -> float:
    """The 2-norm, by numpy's own sum: BLAS starts threads for it."""
    return math.sqrt(float(np.square(values).sum()))
