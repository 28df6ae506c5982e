"""Compound sums in fractions: the generating function of an exact count at that of exact terms, as a power series."""

from __future__ import annotations

import numpy as np

from distconv import planning
from distconv.measure import Measure
from distconv.measure.arranging import arranged, positive_cells
from distconv.methods.counts import Panjer, Series
from distconv.support.outcomes import quotient
from distconv.typing import Scalar
from distconv.weights.rational import reduced

#: Bits of all weights up to which a window is made of fractions: some tenths of a second (a bit of a product costs
#: 3e-9 s, and there are some products for each level of halving).
LONGEST = 2**25


def is_short(cells: int, bits: int) -> bool:
    """Whether so many exact weights of so many bits are within the limits, and made about as soon as doubles."""
    return cells * bits <= LONGEST and planning.stays_exact(cells, bits)


def window(count: Panjer | Series, terms: Measure, last: int, unit: Scalar) -> Measure | None:
    """The probabilities of 0, unit, ..., last * unit; None where the count has no such series, or they are too long.

    Args:
        count: the number of all terms.
        terms: the terms' outcomes >= 0, exact, up to last * unit at least, or all there are.
        last: the number of cells after the first.
        unit: their width.
    """
    if not terms.weights.bits:
        return None
    places = [int(quotient(terms.box.origin[0] + terms.box.step[0] * c, unit)) for c in positive_cells(terms).tolist()]
    least = next((place for place in places if place), 1)
    bits = terms.weights.bits + 2 * count.rate.denominator.bit_length()
    if not is_short(last + 1, (last // least + 1) * bits):
        return None
    import flint

    exact = terms.weights.as_rational()
    stored = exact.integers()
    inner = [0] * (last + 1)
    for place, rank in zip(places, terms.weights.positive().tolist(), strict=True):
        if place <= last:
            inner[place] = stored[rank]
    found = count.series(flint.fmpq_poly(inner, exact.denominator), last + 1)
    if found is None:
        return None
    tops = found.numer().coeffs()
    return arranged([np.arange(len(tops))], (0,), (unit,), reduced(tops, int(found.denom())), 1.0)
