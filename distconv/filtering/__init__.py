"""Kernels slid over signals: which places, in which numbers, by which road."""

from distconv.filtering.applying import applied
from distconv.filtering.expressions import matrix as letter_matrix
from distconv.filtering.matrices import matrix
from distconv.filtering.output import plan, slid
from distconv.filtering.signals import Signal
from distconv.filtering.slide import BOUNDARIES, MODES, Slide
from distconv.filtering.taps import Taps, taps_of

__all__ = [
    "BOUNDARIES",
    "MODES",
    "Signal",
    "Slide",
    "Taps",
    "applied",
    "letter_matrix",
    "matrix",
    "plan",
    "slid",
    "taps_of",
]
