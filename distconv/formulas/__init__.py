"""Laws whose PMF is a formula in the outcome, over a range whose ends may be letters; generating functions."""

from distconv.formulas import sums
from distconv.formulas.law import Formula

__all__ = ["Formula", "sums"]
