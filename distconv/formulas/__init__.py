"""Laws whose PMF is a formula in the outcome, over a range whose ends may be letters; generating functions.

Whoever loads a part of it loads the rules by which these laws add, and become laws of numbers.
"""

from distconv.formulas import given_total, limits, restricted, substitution, sums, told

__all__ = ["given_total", "limits", "restricted", "substitution", "sums", "told"]
