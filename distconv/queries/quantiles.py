"""Quantiles of a measure, found in sums from its nearer end, and its mode."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np

from distconv import missing
from distconv.measure import Measure, lookup
from distconv.measure.reading import collected, read_level
from distconv.queries import brackets
from distconv.queries.arrays import is_many, outcome_array
from distconv.queries.refusals import only_1d, only_numbers
from distconv.queries.totals import Side, totals
from distconv.support.outcomes import as_outcome
from distconv.typing import Level, Outcome


def at_levels(of_level: Callable[[Fraction, bool], Any], q: Level) -> Any:
    """A function of a level in [0, 1], and whether it is a float, at one level or at each of an array."""

    def at(value: Any) -> Any:
        return of_level(read_level(value, "q"), isinstance(value, float))

    if not is_many(q):
        return at(q)
    levels = np.array(collected(q, "q"), dtype=object)
    return outcome_array([at(v) for v in levels.ravel()], levels.shape)


def quantile(measure: Measure, q: Fraction, side: Side, rounded: bool) -> Outcome:
    """The smallest outcome x with P(X <= x) >= q ("cdf"), or with P(X > x) <= q ("sf").

    Args:
        q: a level in [0, 1], or an array of them. Exact laws compare exactly; a float is read as its shortest
            decimal, so 0.95 is 19/20. Floating ones to within the error of `cdf`, or of `sf` above 1/2: a level
            so near to a step of the CDF may give either side of it (`ppf_bounds` gives both).

    Raises:
        DistconvValueError: a level outside [0, 1].
        AccuracyError: more than 1e-8 is `missing`, and the quantile depends on where it lies; see `ppf_bounds`.
    """
    only_1d(measure, "quantiles")
    only_numbers(measure, "quantiles")
    lost = missing.bound(measure)
    if lost > missing.NEGLIGIBLE:
        low, high = brackets.quantile_ends(measure, q if side == "cdf" else 1 - q)
        if low != high:
            value, call = float(q) if rounded else q, "ppf" if side == "cdf" else "isf"
            raise missing.unknown(f"{call}({value})", lost, (low, high), f"{call}({str(value)!r})")
        return low  # type: ignore[no-any-return]
    return as_outcome(measure.support.vector(totals(measure).first(q, side, rounded)))


def mode(measure: Measure) -> Outcome:
    """The outcome of the largest probability, the lowest of several.

    Of a floating law one whose probability is within twice the `error` of the largest.

    Raises:
        AccuracyError: more may be `missing` than the largest is ahead of the others.
    """
    only_numbers(measure, "the mode")
    rank = measure.weights.heaviest()
    lost = missing.bound(measure)
    if lost > missing.NEGLIGIBLE:
        values = [float(w) for w in lookup.weights_of(measure)]
        top = float(measure.weights.at(rank))
        others = max((v for v in values if v < top), default=0.0) if values.count(top) == 1 else top
        if top <= (others + lost) * (1 + 2 * measure.weights.error):
            raise missing.unknown("the mode", lost, None, "mode()")
    return as_outcome(measure.support.vector(rank))
