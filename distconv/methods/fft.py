"""Convolution by the fast Fourier transform, with a bound on the absolute error of every entry.

Transforms have 5-smooth lengths, for which `bounds.fft_convolution` is derived. What the bound cannot certify
relative to an entry's size is for the caller to compute another way (`methods.certified`).
"""

from __future__ import annotations

import math

import numpy as np

from distconv import bounds
from distconv.methods.operands import Operand, Piece, certified
from distconv.numbers.doubles import normal_pairs
from distconv.numbers.smooth import smooth
from distconv.planning import costs
from distconv.planning.registry import Method
from distconv.planning.tasks import Patch
from distconv.support.boxes import Box, Region
from distconv.support.lattice import sum_shape
from distconv.typing import FloatArray, Shape

#: Up to this length both operands go through one stacked transform (half the calls); above it two, which pad while they
#: read, are faster (benchmarks/costs.py).
STACKED_LENGTH = 8192
#: Points of an n-D transform from which two threads are quicker than one.
THREADED = 2**16
#: Entries of each operand of a 1-D sum whose products tell how much of it a transform certifies, and the parts of the
#: sum in which these are compared.
SAMPLE = 64
PARTS = 32
#: Bits by which entries of a part may exceed the largest product seen there: there are many terms, and larger ones.
UNSEEN_BITS = 24
#: Products of the first and last entries from which on no sample is taken, in bits.
EVEN_BITS = -100


def transform_shape(region: Region) -> Shape:
    """The lengths of transforms that keep a box of the result free of wrapped-around entries."""
    return tuple(
        [
            smooth(max(full - first, first + count))
            for full, first, count in zip(region.shape, region.first, region.box.shape, strict=True)
        ]
    )


def convolve(a: Operand, b: Operand, region: Region) -> Piece:
    """The entries of a box of the convolution of two operands; an entry may come out negative within its bound."""
    lengths = transform_shape(region)
    x, shift_x, cut_x = a.part(region.part_a).scaled()
    y, shift_y, cut_y = b.part(region.part_b).scaled()
    values = product(x, y, lengths)[region.slices]
    size = math.prod(lengths)
    absolute = bounds.fft_convolution(size, norm(x), norm(y)) + 16 * size * bounds.SUBNORMAL
    if cut_x or cut_y:
        absolute += (x.size + y.size) * bounds.TINY
    return Piece(values, shift_x + shift_y, 0.0, absolute)


def plain(a: Operand, b: Operand) -> tuple[FloatArray, float]:
    """The whole convolution of two operands with total 1 as doubles, and a bound on the absolute error of each."""
    piece = convolve(a, b, Region.of(a.shape, b.shape, Box.whole(sum_shape(a.shape, b.shape))))
    shift = piece.common_shift
    assert shift is not None
    scale = math.ldexp(1.0, shift)
    return piece.values * scale, piece.absolute * scale + bounds.TINY


def norm(x: FloatArray) -> float:
    """An upper bound on the Euclidean norm (by einsum: BLAS would start threads, which stall on busy cores)."""
    flat = x.ravel()
    return math.sqrt(float(np.einsum("i,i->", flat, flat))) * (1 + len(flat) * bounds.UNIT)


def product(x: FloatArray, y: FloatArray, lengths: Shape) -> FloatArray:
    """The circular convolution of two arrays with these lengths."""
    if x.ndim == 1 and lengths[0] <= STACKED_LENGTH:
        stacked = np.zeros((2, lengths[0]))
        stacked[0, : len(x)] = x
        stacked[1, : len(y)] = y
        spectra = np.fft.rfft(stacked)
        spectra[0] *= spectra[1]
        return np.fft.irfft(spectra[0], lengths[0])
    if x.ndim == 1:
        spectrum = np.fft.rfft(x, lengths[0])
        spectrum *= spectrum if y is x else np.fft.rfft(y, lengths[0])
        return np.fft.irfft(spectrum, lengths[0])
    from scipy import fft

    workers = 1 if math.prod(lengths) < THREADED else 2
    spectrum = fft.rfftn(x, lengths, workers=workers)
    spectrum *= spectrum if y is x else fft.rfftn(y, lengths, workers=workers)
    result: FloatArray = fft.irfftn(spectrum, lengths, workers=workers, overwrite_x=True)
    return result


def certifies_most(a: Operand, b: Operand, tolerance: float) -> bool:
    """Whether a 1-D transform is likely to certify half of a sum or more: a guess from few entries of either operand.

    Binomial-like laws over their full range leave nearly all to other ways; then the transform is not worth its time.
    It decides what is tried first, never what is accepted. Where there are gaps few entries tell nothing.
    """
    if not (a.is_full and b.is_full):
        return True
    if a.exponents is None and b.exponents is None:
        x, y = a.significands, b.significands
        if min(float(x[0]) * float(y[0]), float(x[-1]) * float(y[-1])) > math.ldexp(1.0, EVEN_BITS):
            return True
    logs, places = [], []
    for operand in (a, b):
        where = np.linspace(0, operand.shape[0] - 1, SAMPLE).astype(np.int64)
        exponents = None if operand.exponents is None else operand.exponents[where]
        _, powers = normal_pairs(operand.significands[where], exponents)
        logs.append(powers)
        places.append(where)
    full = a.shape[0] + b.shape[0] - 1
    part = np.add.outer(places[0], places[1]).ravel() * PARTS // full
    largest = np.full(PARTS, -(2**62))
    np.maximum.at(largest, part, np.add.outer(logs[0], logs[1]).ravel())
    least = math.log2(bounds.fft_convolution(full, 1.0, 1.0) / tolerance) - UNSEEN_BITS
    return 2 * int(np.count_nonzero(largest >= int(logs[0].max()) + int(logs[1].max()) + least)) >= PARTS


def indicator_support(a: FloatArray, b: FloatArray) -> np.ndarray:
    """Which cells of a convolution of non-negative arrays are positive: counts of pairs, told from 0 exactly.

    Counts are integers, and the transform errs by far less than 1/2 on them, so rounding decides without doubt.
    """
    x, y = (a > 0).astype(np.float64), (b > 0).astype(np.float64)
    region = Region.of(x.shape, y.shape, Box.whole(sum_shape(x.shape, y.shape)))
    lengths = transform_shape(region)
    assert bounds.fft_convolution(math.prod(lengths), norm(x), norm(y)) < 0.25
    counts = product(x, y, lengths)[region.slices]
    return np.asarray(counts > 0.5)


def _seconds(patch: Patch) -> float:
    """Seconds of three transforms, and of what they leave around gaps."""
    length = patch.length
    start, each = costs.FFT_START_SECONDS, costs.FFT_SECONDS
    if len(patch.region.first) > 1:
        start, each = costs.FFT_ND_START_SECONDS, costs.FFT_ND_SECONDS
    seconds = start + each * length * math.log2(length + 1)
    return seconds + costs.GAP_SECONDS * patch.cells if patch.has_gaps else seconds


METHOD = Method(
    name="fft",
    # No entry is larger than the product of the operands' norms, to which a transform's error is relative.
    applies=lambda patch: bounds.fft_convolution(patch.length, 1.0, 1.0) < patch.tolerance,
    cost=_seconds,
    bytes=lambda patch: patch.length * costs.FFT_BYTES,
    run=lambda a, b, region, wanted, tolerance: certified(convolve(a, b, region), wanted, tolerance),
)
