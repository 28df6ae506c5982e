"""What one of many products can be asked for: a share of the tolerance, but no less than its methods certify quickly.

Direct sums are right to some tens of roundings, a transform to some thousands: one that is asked for less certifies
nothing, and all its entries are computed again in slower ways. Where shares would be smaller than that, each product
is asked for what it can give, and the stated error of the whole may exceed the tolerance.
"""

from __future__ import annotations

import math

from distconv import bounds
from distconv.methods import direct

#: Bits between the bound of a transform and what it is asked for, so that one window serves many entries; 1-D, and n-D,
#: where windows are many more (benchmarks/floating.py: half of these take 3 to 10 times as long).
REACH_BITS = 4
REACH_BITS_ND = 7
#: The least relative error that any product is asked for: ball arithmetic rounded to doubles reaches half of it.
LEAST = 4 * bounds.UNIT
#: Cells up to which a product is asked for its whole share: direct sums and ball arithmetic take milliseconds there.
SMALL = 2**15
#: The longest shorter row of a sum that a tree of rows makes directly.
DIRECT_LONGEST = 2**12


def least(cells: int, dimension: int) -> float:
    """The relative error that a product of so many cells is certified to without slow ways."""
    if dimension == 1 and cells <= SMALL:
        return max(direct.least_error(cells), LEAST)
    # Windows are about as long as the root of the result is.
    length = 2 * math.isqrt(cells) if dimension == 1 else max(SMALL, cells)
    return math.ldexp(bounds.fft_convolution(length, 1.0, 1.0), REACH_BITS if dimension == 1 else REACH_BITS_ND)


def of_rows(cells: int) -> float:
    """The relative error that no product in a tree of rows with so many entries exceeds, if it is asked for no less."""
    return max(least(cells, 1), bounds.summation(DIRECT_LONGEST))


def asked(share: float, cells: int, dimension: int = 1) -> float:
    """What a product of so many cells is asked for, whose share of a larger operation's tolerance is `share`."""
    return max(share, least(cells, dimension))
