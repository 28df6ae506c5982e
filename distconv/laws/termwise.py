"""Sums of numbers that are asked of their terms, whatever these are: single answers by integrals, none laid out."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from statistics import NormalDist
from typing import Any, TypeVar, cast

import numpy as np

from distconv import planning
from distconv.errors import AccuracyError
from distconv.laws.asked import Asked
from distconv.laws.chernoff import some
from distconv.laws.law import Law
from distconv.laws.levels import first_reaching
from distconv.measure import Measure
from distconv.methods import singles
from distconv.methods.addends import Terms
from distconv.numbers.doubles import log_ratio
from distconv.planning import Plan, costs
from distconv.queries import sampling
from distconv.queries.generating import double_weights
from distconv.queries.totals import Side
from distconv.settings import current_settings, under_own_settings
from distconv.support import Lattice
from distconv.support.outcomes import quotient, whole
from distconv.typing import Drawn, Outcome, RandomState, Scalar
from distconv.weights.floating import normal_form

#: Draws of each term are counted outcome by outcome up to so many copies, numpy's largest integer.
MOST_DRAWN = 2**62
#: Levels from here on are those of a normal law, nearly.
MIDDLE = Fraction(3, 10)

T = TypeVar("T")


@dataclass(frozen=True, slots=True, eq=False)
class Placed:
    """Terms on the lattice of the integers, and where they lie.

    Attributes:
        terms: each from its lowest outcome on.
        low: the sum of these.
        step: the distance of neighbours.
    """

    terms: Terms
    low: Scalar
    step: Scalar

    def position(self, x: Scalar) -> int:
        """The number of the last place that is not above an outcome.

        Raises:
            AccuracyError: the terms hold none.
        """
        found = math.floor(quotient(x - self.low, self.step))
        if not 0 <= found <= self.terms.high and self.terms.cut is not None:
            raise AccuracyError(
                f"what this infinite sum has about {x} is too small for windows of its terms; ask nearer to the mean, "
                "or cut the infinite terms before they are added: Y.truncate(high=1000)"
            )
        return found

    def outcome(self, position: int) -> Scalar:
        """The outcome of a place, of the last one at most."""
        return whole(self.low + self.step * min(max(position, 0), self.terms.high))


class Termwise(Asked):
    """A sum of numbers whose single answers come from its terms.

    Subclasses define `ask`, and what every law that is asked must know.
    """

    __slots__ = ()

    def ask(self, of: Callable[[Placed], T]) -> T:
        """An answer from the terms; of infinite ones, from windows that are deep enough for it.

        Raises:
            AccuracyError: none are.
        """
        raise NotImplementedError

    @under_own_settings
    def around(self, low: Scalar, high: Scalar) -> Measure | None:
        first = low if self.low is None else max(low, self.low)
        last = high if self.high is None else min(high, self.high)
        if first > last:
            return None

        def window(placed: Placed) -> Measure | None:
            start, end = placed.position(first), placed.position(last)
            start += placed.outcome(start) < first
            if start > end:
                return None
            count = end - start + 1
            planning.check_cells(count, "the part between these outcomes", "ask single ones: X.pmf(x), X.sf(x)")
            planning.announced(Plan("integrals", "float", count, 0, count * costs.ASKED_PLACE_SECONDS))
            weights = singles.window(placed.terms, start, end, current_settings().tolerance)
            box = Lattice((placed.outcome(start),), (placed.step,), (count,))
            return Measure(box, normal_form(*weights, self.error))

        return self.ask(window)

    def covering(self, tail: float) -> Measure:
        """The outcomes between two that have at most so much probability outside."""
        return replace(some(self.around(*self.edges(tail))), missing=tail)

    def in_doubles(self, tail: float) -> Measure:
        return self.covering(tail)

    def up_to(self, x: Scalar) -> Measure | None:
        return None if self.low is None else self.around(self.low, x)

    def down_to(self, x: Scalar) -> Measure | None:
        return None if self.high is None else self.around(x, self.high)

    @under_own_settings
    def held(self, x: Scalar, side: Side, *, log: bool = False) -> float:
        found, tolerance = singles.log_tail if log else singles.chance, current_settings().tolerance
        return self.ask(lambda p: found(p.terms, p.position(x), tolerance, above=side == "sf"))

    def _total(self, x: Scalar | float, side: Side) -> float:
        certain = self._beyond_ends(x, side)
        # Whichever side is the smaller one is summed.
        return self.held(cast("Scalar", x), side) if certain is None else float(certain)

    def _log_total(self, x: Scalar | float, side: Side) -> float:
        certain = self._beyond_ends(x, side)
        if certain is not None:
            return 0.0 if certain else -math.inf
        return self.held(cast("Scalar", x), side, log=True)

    @under_own_settings
    def quantile(self, q: Fraction, side: Side, rounded: bool) -> Outcome:
        last = self._last(q, side)
        if last is not None:
            return last
        return first_reaching(self, q, side, rounded=rounded, start=self.ask(lambda p: self._near(p, q, side)))

    def _near(self, placed: Placed, q: Fraction, side: Side) -> Scalar:
        """An outcome near a quantile."""
        below, above = (q, 1 - q) if side == "cdf" else (1 - q, q)
        small = min(below, above)
        if small < MIDDLE:
            return placed.outcome(singles.quantile(placed.terms, log_ratio(small), above=above < below))
        # The first terms of the expansion by Cornish and Fisher.
        skewness = float(self.cumulant(3)) / float(self.std()) ** 3
        z = NormalDist().inv_cdf(float(below))
        guess = float(self.mean() - placed.low) + float(self.std()) * (z + skewness * (z * z - 1) / 6)
        return placed.outcome(round(guess / float(placed.step)))

    def edges(self, tail: float) -> tuple[Scalar, Scalar]:
        """Two outcomes that have at most so much probability outside."""
        share = Fraction(tail) / 2
        low, high = self.quantile(share, "cdf", False), self.quantile(share, "sf", False)
        return cast("Scalar", low), cast("Scalar", high)

    def rvs(self, size: int | tuple[int, ...] | None, rng: RandomState) -> Drawn:
        """Random outcomes: those of all terms, added."""
        generator, shape = np.random.default_rng(rng), sampling.shape_of(size)
        drawn = sum(_drawn(law, n, generator, math.prod(shape)) for law, n in self.terms())
        values = [whole(Fraction(v)) for v in drawn.tolist()]
        return sampling.shaped(np.array(values, dtype=sampling.drawn_type(values)), size)


def _drawn(law: Law, n: int, generator: np.random.Generator, size: int) -> Any:
    """Random sums of n copies: how often each outcome comes is multinomial, of infinite laws by their windows."""
    if n == 1 and not law.is_laid_out():
        return np.asarray(law.rvs(size, generator)).astype(object)
    measure = law.measure
    weights = double_weights(measure)
    shares = weights / weights.sum()
    outcomes = [whole(vector[0]) for vector in map(measure.support.vector, range(measure.support.size))]
    total: Any = np.zeros(size, dtype=object)
    while n:
        part = min(n, MOST_DRAWN)
        counts = generator.multinomial(part, shares, size).astype(object)
        total, n = total + counts @ np.array(outcomes, dtype=object), n - part
    return total
