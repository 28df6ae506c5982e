"""Kernels slid over signals: which places, in which numbers, by which road."""

from distconv.filtering.matrices import matrix
from distconv.filtering.output import plan, slid
from distconv.filtering.signals import Signal
from distconv.filtering.slide import BOUNDARIES, MODES, Slide
from distconv.filtering.taps import Taps

__all__ = ["BOUNDARIES", "MODES", "Signal", "Slide", "Taps", "matrix", "plan", "slid"]
