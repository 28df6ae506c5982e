"""The outputs of a kernel slid over a signal: in which numbers, and by which road.

Exact numbers are integers over one denominator, in doubles where those hold every sum (2**53), in int64 where that
does, else in Python's integers: nothing wraps. Floats take the road that is predicted to be quickest.
"""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np

from distconv.errors import DistconvTypeError
from distconv.filtering import passes, transforms
from distconv.filtering.limits import allowed
from distconv.filtering.signals import Signal
from distconv.filtering.slide import Slide
from distconv.filtering.taps import Taps
from distconv.planning import Plan, costs
from distconv.settings import current_settings
from distconv.typing import AnyArray, Boundary, FloatArray

#: Integers below this are doubles, sums of them too.
DOUBLES = 2**53
INT64 = 2**63
#: Transforms with a smaller error round to the right integer.
WHOLE_ERROR = 0.4


def slid(taps: Taps, slide: Slide, signal: Signal, boundary: Boundary, exact: bool) -> AnyArray:
    """The output, masked where a tap reads what is masked.

    Raises:
        SizeLimitError: it would pass ``settings.max_bytes``.
    """
    shape = slide.shape + signal.values.shape[len(slide.sizes) :]
    cells = math.prod(shape)
    way_out = "use mode='same' or 'valid', or cut the signal into pieces"
    allowed(Plan("output", "", cells, cells * 8), "the output", way_out)
    taps, slide = slide.near(taps, boundary)
    if exact and not (signal.is_exact and taps.weights is None):
        raise DistconvTypeError("exact=True needs a signal and a kernel without floats; leave exact out")
    found = _output(taps, slide, signal, boundary, exact or signal.of_objects, shape)
    if signal.mask is None:
        return found
    hidden = _reached(taps, slide.padded(signal.mask, boundary)) if taps.count else np.zeros(shape, dtype=bool)
    return np.ma.MaskedArray(found, hidden)


def _output(
    taps: Taps, slide: Slide, signal: Signal, boundary: Boundary, objects: bool, shape: tuple[int, ...]
) -> AnyArray:
    exact = signal.is_exact and taps.weights is None
    if not taps.count:
        if exact:
            return _divided(np.zeros(shape, dtype=np.int64), signal.denominator * taps.denominator, objects)
        return np.zeros(shape, dtype=np.float64 if signal.is_exact else signal.values.dtype)
    if exact:
        sums = sum(map(abs, taps.numerators)) * max(signal.largest, 1)
        denominator = signal.denominator * taps.denominator
        if denominator == 1 or objects or max(sums, denominator) < DOUBLES:
            integers = _integers(taps, slide.padded(signal.values, boundary), sums)
            return _divided(integers, denominator, objects)
    return _floats(taps, slide.padded(signal.floats(), boundary))


def _divided(integers: AnyArray, denominator: int, objects: bool) -> AnyArray:
    """Integers over a denominator: as they are, as Python's fractions, or rounded once."""
    if not objects:
        return integers if denominator == 1 else integers / float(denominator)
    values = integers.ravel().tolist()
    result = np.empty(len(values), dtype=object)
    quotients = values if denominator == 1 else [Fraction(v, denominator) for v in values]
    result[:] = [int(q) if q.denominator == 1 else q for q in quotients]
    return result.reshape(integers.shape)


# Roads ----------------------------------------------------------------------------------------------------------------


def plan(taps: Taps, padded: AnyArray, *, kind: str = "float", sums: int = 0) -> Plan:
    """How a padded signal would be filtered; `sums`: a bound on sums of integers (kind "exact")."""
    cells, count = padded.size, taps.count
    if kind == "exact" and sums >= DOUBLES:
        objects = sums >= INT64
        each = costs.FILTER_OBJECT_SECONDS if objects else costs.FILTER_TAP_SECONDS
        return Plan(
            "taps",
            kind,
            cells,
            cells * (costs.FILTER_OBJECT_BYTES if objects else costs.FILTER_CELL_BYTES),
            cells * count * each,
        )
    plain = padded.dtype.kind != "f" or padded.dtype.itemsize <= 8
    start = costs.FILTER_START_SECONDS + cells * costs.FILTER_CELL_SECONDS
    seconds = {"taps": start + cells * count * costs.FILTER_TAP_SECONDS}
    if plain and taps.shape != (1,) * len(taps.shape) and math.prod(taps.shape) <= padded.size:
        points = int(np.count_nonzero(padded))
        box = math.prod(taps.shape)
        seconds["points"] = start + points * (costs.FILTER_POINT_SECONDS + 3 * box * costs.FILTER_TAP_SECONDS)
        factors = passes.factors_of(taps.dense(_weights(taps, kind))) if len(taps.shape) > 1 else None
        whole = kind != "exact" or all(np.array_equal(f, np.rint(f)) for f in factors or ())
        if factors is not None and whole:
            seconds["axes"] = start + cells * sum(int(np.count_nonzero(f)) for f in factors) * costs.FILTER_AXIS_SECONDS
        largest = sums / max(1, sum(map(abs, taps.numerators)))
        spans = padded.shape[: len(taps.low)]
        if kind != "exact" or transforms.worst_error(taps, _weights(taps, kind), spans, largest) < WHOLE_ERROR:
            seconds["fft"] = start + cells * _fft_seconds(len(taps.low))
    best = min(seconds, key=seconds.__getitem__)
    others = tuple((name, s) for name, s in seconds.items() if name != best)
    return Plan(best, kind, cells, cells * costs.FILTER_CELL_BYTES, seconds[best], f"{count:,} taps", others)


def _fft_seconds(ndim: int) -> float:
    """Seconds of a cell of overlapping transforms."""
    return costs.FILTER_FFT_SECONDS if ndim <= 2 else costs.FILTER_FFT_ND_SECONDS


def _weights(taps: Taps, kind: str) -> FloatArray:
    """The numerators as doubles where they are small integers, the weights elsewhere."""
    return np.array(taps.numerators, dtype=np.float64) if kind == "exact" else taps.floats


def _integers(taps: Taps, padded: AnyArray, sums: int) -> AnyArray:
    """Sums of integers, none of which wraps."""
    chosen = allowed(plan(taps, padded, kind="exact", sums=sums), "the output", "cut the signal into pieces")
    if sums >= DOUBLES:
        return passes.shifted(taps, taps.numerators, padded, np.dtype(object) if sums >= INT64 else np.dtype(np.int64))
    weights = _weights(taps, "exact")
    whole = Taps(taps.places, taps.low, taps.high, weights)
    found = _by(chosen.method, whole, padded.astype(np.float64))
    return (np.rint(found) if chosen.method == "fft" else found).astype(np.int64)


def _floats(taps: Taps, padded: AnyArray) -> AnyArray:
    """Sums of floats; what is not finite reaches its taps and nothing else."""
    chosen = allowed(plan(taps, padded), "the output", "cut the signal into pieces")
    with np.errstate(over="ignore", invalid="ignore"):
        if chosen.method == "taps":
            wide = np.result_type(padded.dtype, np.float64)
            return passes.shifted(taps, taps.floats.tolist(), padded, wide).astype(padded.dtype, copy=False)
        doubles = padded.astype(np.float64, copy=False)
        finite = np.isfinite(doubles)
        if finite.all():
            return _by(chosen.method, taps, doubles).astype(padded.dtype, copy=False)
        found = _by(chosen.method, taps, np.where(finite, doubles, 0))
        weights, signs = taps.floats, np.where(finite, 0, doubles)
        up, down = (_part(taps, sign * weights > 0) for sign in (1, -1))
        high = _reached(up, signs == np.inf) | _reached(down, signs == -np.inf)
        low = _reached(up, signs == -np.inf) | _reached(down, signs == np.inf)
        found[high] += np.inf
        found[low] -= np.inf
        found[_reached(taps, np.isnan(signs))] = np.nan
        return found.astype(padded.dtype, copy=False)


def _part(taps: Taps, which: AnyArray) -> Taps:
    """Some of the taps, in the same box."""
    return Taps(taps.places[which], taps.low, taps.high, taps.floats[which])


def _by(method: str, taps: Taps, padded: FloatArray) -> FloatArray:
    """The sums by one road."""
    weights = taps.floats
    if method == "taps":
        return passes.shifted(taps, weights.tolist(), padded, np.dtype(np.float64))
    if method == "points":
        return passes.scattered(taps, weights, padded)
    if method == "axes":
        factors = passes.factors_of(taps.dense(weights))
        assert factors is not None
        return passes.along_axes(factors, padded)
    found = transforms.filtered(taps, padded, current_settings().tolerance)
    if taps.count < math.prod(taps.shape) and not padded.all():
        # A kernel with holes in its box leaves true zeros where only they meet the signal.
        found[~_reached(taps, padded != 0)] = 0
    return found


def _reached(taps: Taps, mask: AnyArray) -> AnyArray:
    """Where a tap reads a place of a padded mask."""
    shape = tuple(n - k + 1 for n, k in zip(mask.shape, taps.shape, strict=False)) + mask.shape[len(taps.low) :]
    if not taps.count or not mask.any():
        return np.zeros(shape, dtype=bool)
    points = int(np.count_nonzero(mask))
    if min(
        taps.count * mask.size * costs.FILTER_TAP_SECONDS, points * costs.FILTER_POINT_SECONDS
    ) > mask.size * _fft_seconds(len(taps.low)):
        return transforms.counted(taps, mask)
    ones = Taps(taps.places, taps.low, taps.high, np.ones(taps.count))
    if points * costs.FILTER_POINT_SECONDS < taps.count * mask.size * costs.FILTER_TAP_SECONDS:
        return passes.scattered(ones, ones.floats, mask.astype(np.float64)) > 0
    return passes.shifted(ones, [1] * taps.count, mask, np.dtype(np.int64)) > 0
