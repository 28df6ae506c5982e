"""A kernel applied to a signal, whatever numbers or letters either holds."""

from __future__ import annotations

from distconv.filtering import expressions, output
from distconv.filtering.signals import Signal
from distconv.filtering.slide import Slide
from distconv.filtering.taps import Taps
from distconv.typing import AnyArray, ArrayLike, Boundary, Mode


def applied(
    taps: Taps, signal: ArrayLike, ndim: int, channels: bool, mode: Mode, boundary: Boundary, exact: bool
) -> AnyArray:
    """The output of a kernel over a signal: numbers, or expressions where letters are in one of them.

    Raises:
        DistconvTypeError: the signal is no array of numbers or expressions; floats meet letters.
        DimensionError: its axes are not the kernel's.
        SizeLimitError: the output would pass ``settings.max_bytes``.
    """
    if expressions.are_letters(taps, signal):
        letters = expressions.read_expressions(signal, ndim, channels)
        slide = Slide.of(letters.shape[:ndim], taps.low, taps.high, mode)
        return expressions.slid(taps, slide, letters, boundary)
    read = Signal.read(signal, ndim, channels)
    slide = Slide.of(read.values.shape[:ndim], taps.low, taps.high, mode)
    return output.slid(taps, slide, read, boundary, exact)
