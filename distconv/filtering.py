"""A kernel slid over a signal: every boundary is a padding, every mode a range of output places, then one valid pass.

The output at place c is the sum of k[a] x[c - a]. Which c there are is the mode, what x is outside of its places the
boundary; both roads, arrays and sparse matrices, read the same padded places.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from distconv.errors import DimensionError, DistconvTypeError, DistconvValueError
from distconv.typing import AnyArray, Shape

#: numpy.pad's words for what lies outside of a signal.
BOUNDARIES = {"zero": "constant", "edge": "edge", "reflect": "reflect", "symmetric": "symmetric", "wrap": "wrap"}
MODES = ("full", "same", "valid")
#: Seconds per cell and tap of a direct pass, of a pass along one axis, and per cell of overlapping transforms
#: (benchmarks/kernels.py).
TAP_SECONDS = 1.5e-9
AXIS_TAP_SECONDS = 1.1e-9
FFT_SECONDS = 4.5e-8
#: Rank-1 kernels are recognised to this part of their largest weight.
RANK_ONE = 1e-15


@dataclass(frozen=True, slots=True)
class Slide:
    """Along each axis: the signal's length, the kernel's lowest and highest place, the output's first and last."""

    sizes: Shape
    low: Shape
    high: Shape
    first: Shape
    last: Shape

    @classmethod
    def of(cls, sizes: Shape, low: Shape, high: Shape, mode: str) -> Slide:
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

    def padded(self, signal: AnyArray, boundary: str, fill: Any = 0) -> AnyArray:
        """The signal on all places that some output needs: from first - high to last - low."""
        if boundary not in BOUNDARIES:
            raise DistconvValueError(f"boundary must be one of {', '.join(BOUNDARIES)}, got {boundary!r}")
        pads, cuts = [], []
        for n, lo, h, a, b in zip(self.sizes, self.low, self.high, self.first, self.last, strict=True):
            before, after = h - a, b - lo - (n - 1)
            pads.append((max(before, 0), max(after, 0)))
            cuts.append(slice(max(-before, 0), None if after >= 0 else after))
        rest = signal.ndim - len(self.sizes)
        pads.extend([(0, 0)] * rest)
        if any(p > 0 for pair in pads for p in pair):
            options = {"constant_values": fill} if boundary == "zero" else {}
            signal = np.pad(signal, pads, mode=BOUNDARIES[boundary], **options)  # type: ignore[call-overload]
        return signal[tuple(cuts)]


def slid(taps: AnyArray, slide: Slide, signal: AnyArray, boundary: str) -> AnyArray:
    """The output for a dense kernel (axes of channels behind the kernel's own are left alone)."""
    padded = slide.padded(signal, boundary)
    rest = padded.ndim - taps.ndim
    taps = taps.reshape(taps.shape + (1,) * rest)
    kinds = {taps.dtype.kind, padded.dtype.kind}
    if kinds <= set("iub"):
        return _shifted(taps, padded, np.result_type(taps, padded, np.int64))
    if "O" in kinds:
        return _shifted(taps, padded, np.dtype(object))
    return _floating(taps, padded)


def _shifted(taps: AnyArray, padded: AnyArray, dtype: Any) -> AnyArray:
    """The sum of the padded signal shifted to every tap: exact for integers and fractions."""
    shape = tuple(n - k + 1 for n, k in zip(padded.shape, taps.shape, strict=True))
    result = np.zeros(shape, dtype=dtype)
    for place in zip(*np.nonzero(taps), strict=True):
        # Tap a reads x[c - a], so the highest tap reads the first padded place.
        start = [k - 1 - int(i) for k, i in zip(taps.shape, place, strict=True)]
        result += taps[place] * padded[tuple(slice(s, s + n) for s, n in zip(start, shape, strict=True))]
    return result


def _floating(taps: AnyArray, padded: AnyArray) -> AnyArray:
    """The quickest of a direct pass, passes along the axes, and overlapping transforms, as predicted."""
    dtype = np.result_type(padded.dtype, np.float32)
    cells = padded.size
    count = np.count_nonzero(taps)
    costs = {"direct": count * cells * TAP_SECONDS, "fft": cells * FFT_SECONDS}
    factors = axis_factors(taps) if taps.ndim > 1 else None
    if factors is not None:
        costs["axes"] = sum(len(f) for f in factors if len(f) > 1) * cells * AXIS_TAP_SECONDS
    best = min(costs, key=costs.__getitem__)
    if best == "axes" and factors is not None:
        return _along_axes(factors, padded.astype(dtype, copy=False))
    if best == "direct":
        return _direct(taps, padded, dtype)
    from scipy.fft import set_workers
    from scipy.signal import oaconvolve

    with set_workers(2):
        return np.asarray(oaconvolve(padded.astype(dtype, copy=False), taps.astype(dtype), mode="valid"))


def _direct(taps: AnyArray, padded: AnyArray, dtype: Any) -> AnyArray:
    if taps.ndim == 1:
        return np.convolve(padded.astype(dtype, copy=False), taps.astype(dtype), mode="valid")
    return _shifted(taps, padded.astype(dtype, copy=False), dtype)


def axis_factors(taps: AnyArray) -> list[AnyArray] | None:
    """One factor for each axis whose product the kernel is, or None: found at its largest weight."""
    top = np.unravel_index(int(np.abs(taps).argmax()), taps.shape)
    largest = float(taps[top])
    if largest == 0:
        return None
    factors = []
    for axis in range(taps.ndim):
        line = tuple(slice(None) if i == axis else top[i] for i in range(taps.ndim))
        factors.append(np.asarray(taps[line], dtype=np.float64) / (largest if axis else 1.0))
    product = factors[0]
    for factor in factors[1:]:
        product = np.multiply.outer(product, factor)
    exact = np.abs(product - taps.astype(np.float64)).max() <= RANK_ONE * abs(largest)
    return factors if exact else None


def _along_axes(factors: list[AnyArray], padded: AnyArray) -> AnyArray:
    """One pass along each axis, the places that no longer matter cut off after each."""
    from scipy.ndimage import convolve1d

    result = padded
    for axis, factor in enumerate(factors):
        size = len(factor)
        if size == 1:
            result = result * result.dtype.type(factor[0])
            continue
        passed = convolve1d(result, factor, axis=axis, mode="constant", origin=0)
        # convolve1d centres the kernel: its valid places begin after (size - 1) // 2 others.
        start = size - 1 - (size - 1) // 2 if size % 2 else size // 2
        low = (size - 1) // 2 if size % 2 else size // 2 - 1
        keep = slice(low if size % 2 == 0 else start, None)
        result = passed[(slice(None),) * axis + (keep,)]
        result = result[(slice(None),) * axis + (slice(0, padded.shape[axis] - size + 1),)]
    return np.ascontiguousarray(result)


def matrix(taps: AnyArray, slide: Slide, boundary: str, stride: Shape) -> Any:
    """The sparse matrix W with W @ x.ravel() the raveled output: Toeplitz, in n-D block Toeplitz."""
    from scipy.sparse import coo_array

    places = np.arange(math.prod(slide.sizes)).reshape(slide.sizes)
    padded = slide.padded(places, boundary, fill=-1)
    shape = slide.shape
    strided = tuple(slice(None, None, s) for s in stride)
    count = np.zeros(shape)[strided].size
    rows, columns, values = [], [], []
    for place in zip(*np.nonzero(taps), strict=True):
        start = [k - 1 - int(i) for k, i in zip(taps.shape, place, strict=True)]
        read = padded[tuple(slice(s, s + n) for s, n in zip(start, shape, strict=True))][strided].ravel()
        known = np.flatnonzero(read >= 0)
        rows.append(known)
        columns.append(read[known])
        values.append(np.full(len(known), taps[place]))
    index = (np.concatenate([*rows, np.zeros(0, np.int64)]), np.concatenate([*columns, np.zeros(0, np.int64)]))
    data = np.concatenate([*values, np.zeros(0, taps.dtype)])
    found = coo_array((data, (index[0].astype(np.int64), index[1].astype(np.int64))), shape=(count, places.size))
    return found.tocsr()


def read_signal(signal: Any, ndim: int, channels: bool) -> AnyArray:
    """A signal as an array of the kernel's dimension, and one more for channels."""
    array = np.asarray(signal)
    wanted = ndim + (1 if channels else 0)
    if array.dtype.kind not in "iubfO":
        raise DistconvTypeError(f"a signal must be an array of real numbers, got dtype {array.dtype}")
    if array.ndim != wanted:
        more = "; if the last axis holds channels say channels=True" if array.ndim == ndim + 1 else ""
        raise DimensionError(
            f"a {ndim}-D kernel{' with channels' if channels else ''} needs an array of {wanted} axes, got shape "
            f"{array.shape}{more}"
        )
    if array.size == 0:
        raise DistconvValueError(f"the signal is empty: shape {array.shape}")
    if array.dtype.kind == "b":
        return array.astype(np.int64)
    return array.astype(np.float64) if array.dtype == np.float16 else array


def all_pairs(p: AnyArray, q: AnyArray) -> AnyArray:
    """The full convolution, the larger array shifted to every cell of the smaller."""
    if p.ndim == 1:
        return np.convolve(p, q)
    if p.size > q.size:
        p, q = q, p
    result = np.zeros(tuple(a + b - 1 for a, b in zip(p.shape, q.shape, strict=True)))
    for place in zip(*np.nonzero(p), strict=True):
        result[tuple(slice(int(i), int(i) + n) for i, n in zip(place, q.shape, strict=True))] += p[place] * q
    return result
