"""The largest, or the k-th smallest, of independent draws of which some have infinitely many outcomes.

Extremes commute with every map that keeps the order. So the law of an extreme between two numbers is that of the
extreme of draws of which all outcomes below are one point and all above another: a few weights and two tails of each
law, all summed from their own sides, tell it wherever it is asked. The smallest is minus the largest of minus them.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Hashable, Sequence
from dataclasses import replace
from fractions import Fraction
from functools import reduce
from typing import Any

import numpy as np

from distconv import bounds, missing
from distconv.laws.chernoff import some
from distconv.laws.finite import Finite
from distconv.laws.law import Law, Maker
from distconv.laws.places import common_place, key_from
from distconv.laws.windowed import Windowed, some_end
from distconv.measure import Measure, arranging, lookup
from distconv.measure.arranging import arranged, integer_array, positive_cells
from distconv.monoids import maximum
from distconv.numbers.doubles import log_of_sum, pair_of_log
from distconv.planning import Origin
from distconv.queries import probabilities
from distconv.queries.totals import Side
from distconv.settings import current_settings, under_own_settings
from distconv.support.outcomes import quotient, rational_gcd, whole
from distconv.transforms import monoidal, order
from distconv.typing import Key, Scalar
from distconv.weights import Weights
from distconv.weights.floating import from_doubles
from distconv.weights.rational import reduced
from distconv.weights.unify import joined

#: What the tails of a law may be off by, beside its error and the tolerance: as in brackets of what it tells.
TOLD = 2.0**-40
#: So many laws, each as often as it is drawn.
Draws = tuple[tuple[Law, int], ...]


def is_asked(laws: Sequence[Law]) -> bool:
    """Whether an extreme of these laws is asked, not held: one of them has no end, and little is missing for good."""
    return (
        any(not law.is_finite for law in laws)
        and all(law.ndim == 1 and law.missing <= missing.NEGLIGIBLE for law in laws)
        and not any(law.letters for law in laws)
    )


def extreme(draws: Sequence[tuple[Law, int]], rank: int | None = None) -> Law:
    """The law of the largest of independent draws, or of the one of a rank, 1 for the smallest, of draws of one law.

    Laid out where it has two ends.
    """
    return Extreme(tuple(draws), sum(n for _, n in draws) if rank is None else rank).laid_out()


class Extreme(Windowed):
    """The draw of a rank among independent draws: of several laws the largest, of one law the k-th smallest."""

    __slots__ = ("draws", "rank")

    draws: Draws
    rank: int

    def __init__(self, draws: Draws, rank: int) -> None:
        self.describe(Origin("extreme", "windows and tails of the draws' laws, when asked"), draws=draws, rank=rank)

    def anew(self) -> Maker:
        return Extreme, (self.draws, self.rank)

    def key(self) -> Key:
        scale, shift = common_place([law for law, _ in self.draws if not law.is_finite])
        counts: Counter[Hashable] = Counter()
        for law, n in self.draws:
            counts[key_from(law, scale, shift)] += n
        return ("extreme", frozenset(counts.items()), self.rank), scale, shift

    def laid_out(self) -> Law:
        """The law itself; laid out where it has two ends."""
        low, high = self.low, self.high
        if low is None or high is None:
            return self
        found = some(self.around(low, high))
        return Finite(replace(found, missing=self.lost), self.origin)

    @property
    def is_exact(self) -> bool:
        """Whether every weight is a finite sum of exact fractions: where all laws' are."""
        return all(law.is_exact for law, _ in self.draws)

    @property
    @under_own_settings
    def error(self) -> float:
        """A proven bound on the relative error of every weight: what all draws' weights and tails may be off by."""
        if self.is_exact:
            return 0.0
        own = current_settings().tolerance
        return bounds.compose(own, *(bounds.repeated(told(law), n) for law, n in self.draws))

    @property
    def lost(self) -> float:
        return missing.joined(*(missing.repeated(law.lost, n) for law, n in self.draws))

    @property
    def low(self) -> Scalar | None:
        """The lowest outcome: below it at least one of the draws does not reach. None where there is none."""
        ends = [end for law, _ in self.draws if (end := law.low) is not None]
        return max(ends) if ends else None

    @property
    def high(self) -> Scalar | None:
        """The highest outcome; None where there is none."""
        ends = [law.high for law, _ in self.draws]
        known = [end for end in ends if end is not None]
        return max(known) if len(known) == len(ends) else None

    def anchor(self) -> Scalar:
        return some_end(self)

    def spacing(self) -> Scalar:
        found: Scalar | None = self.memory.get("spacing")
        if found is None:
            found, anchor = 0, self.anchor()
            for law, _ in self.draws:
                found = rational_gcd(rational_gcd(found, law.spacing()), law.anchor() - anchor)
            # Of one point, 1 is as good a distance as any.
            self.memory["spacing"] = found = whole(found) or 1
        return found

    def log_mgf(self, t: float) -> float:
        """An upper bound: exp(t M) is one of the exp(t X) of the draws, so at most their sum."""
        return log_of_sum(math.log(n) + law.log_mgf(t) for law, n in self.draws)

    # Windows ------------------------------------------------------------------------------------------------------

    def _edges(self, tail: float) -> tuple[Scalar, Scalar]:
        """The largest ends of stretches that all draws lie in, but for this probability."""
        count = sum(n for _, n in self.draws)
        edges = [law.edges(tail / count * (1 - 2.0**-20)) for law, _ in self.draws]
        return max(low for low, _ in edges), max(high for _, high in edges)

    def _made(self, low: Scalar, high: Scalar) -> Measure | None:
        step = self.spacing()
        before = whole(low - step)
        found = self._combined(lambda law: _clipped(law, before, high, step))
        ranks = np.arange(lookup.count_up_to(found, before), lookup.count_up_to(found, high))
        ranks = np.intersect1d(ranks, found.weights.positive())
        return replace(arranging.select(found, ranks), missing=1.0) if len(ranks) else None

    def _combined(self, part: Callable[[Law], Measure]) -> Measure:
        """The extreme of draws from such measures of the laws."""
        if len(self.draws) == 1:
            law, n = self.draws[0]
            return order.statistic(part(law), n, self.rank)[0]
        parts = [part(law) if n == 1 else order.statistic(part(law), n, n)[0] for law, n in self.draws]
        return reduce(lambda a, b: monoidal.convolve(a, b, maximum)[0], parts)

    # Tails --------------------------------------------------------------------------------------------------------

    @under_own_settings
    def _cut(self, x: Scalar) -> tuple[Measure, Scalar]:
        """The law of whether the extreme is above x: two points, all outcomes up to x and all others; and the first."""
        place = self._point(self._place(x, math.floor))
        step = self.spacing()
        return self._combined(lambda law: _clipped(law, place, place, step)), place

    def held(self, x: Scalar, side: Side, *, log: bool = False) -> float:
        query = probabilities.log_beside if log else probabilities.beside
        return float(query(*self._cut(x), side))

    def exact_head(self, x: Scalar) -> Fraction | None:
        found = probabilities.beside(*self._cut(x), "cdf")
        return None if isinstance(found, float) else found


def told(law: Law) -> float:
    """How far the doubles may be off that a law tells of its tails, relatively."""
    return bounds.compose(law.error, current_settings().tolerance + TOLD)


def _clipped(law: Law, before: Scalar, high: Scalar, step: Scalar) -> Measure:
    """A law on a lattice, its outcomes up to `before` there, those above `high` one step behind it."""
    part = law.around(whole(before + step), high) if high > before else None
    weights: list[Weights] = []
    numbers: list[int] = []
    below = _chance(law, before, "cdf")
    if below is not None:
        weights.append(below)
        numbers.append(0)
    if part is not None:
        ranks = np.arange(lookup.count_up_to(part, before), lookup.count_up_to(part, high))
        ranks = np.intersect1d(ranks, part.weights.positive())
        if len(ranks):
            held = arranging.select(part, ranks)
            box = held.box
            start, stride = int(quotient(box.origin[0] - before, step)), int(quotient(box.step[0], step))
            weights.append(held.weights.take(held.weights.positive()))
            numbers += [start + stride * int(cell) for cell in positive_cells(held)]
    above = _chance(law, high, "sf")
    if above is not None:
        weights.append(above)
        numbers.append(int(quotient(high - before, step)) + 1)
    return arranged([integer_array(numbers)], (before,), (step,), joined(weights))


def _chance(law: Law, x: Scalar, side: Side) -> Weights | None:
    """P(X <= x) or P(X > x), of any range; None where it is 0."""
    value: Any = law.beside(x, side)
    if not isinstance(value, float):
        return reduced([value.numerator], value.denominator) if value else None
    if value >= bounds.TINY:
        return from_doubles([math.frexp(value)], told(law))
    log: Any = law.beside(x, side, log=True)
    if log == -math.inf:
        return None
    pair, error = pair_of_log(log)
    return from_doubles([pair], bounds.compose(told(law), error))
