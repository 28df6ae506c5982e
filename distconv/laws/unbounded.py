"""Laws with infinitely many outcomes: families, their shifts and scalings, and sums that have no closed form.

Such a law is never held whole. A *window* is a finite measure of some of its outcomes with a proven bound on the
mass outside (`Measure.missing`). Where the outcomes have a lowest (or highest) one, the law of the outcomes up to x is
a finite sum, exact where the parameters are; so is P(X + Y = c) then. Everything else uses a window whose missing mass
is proven small beside the answer itself.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np

from distconv import bounds, convolution, missing
from distconv.errors import AccuracyError, DistconvTypeError, DistconvValueError, SizeLimitError
from distconv.laws import chernoff
from distconv.laws.asked import Asked
from distconv.laws.chernoff import WINDOW_TAIL, some
from distconv.laws.endless import Endless
from distconv.laws.expectation import expected
from distconv.laws.finite import Finite
from distconv.laws.law import Law
from distconv.laws.residues import residues
from distconv.measure import Measure, arranging, lookup
from distconv.measure.arranging import positive_cells
from distconv.queries import brackets, generating, losses, probabilities, quantiles
from distconv.queries.totals import Side
from distconv.settings import current_settings, under_own_settings
from distconv.support.sequence import Outcomes
from distconv.transforms import affine
from distconv.typing import Answer, NumberLike, Outcome, Place, Question, Scalar, Transform, Vector

#: Windows missing less than this are not tried: missing mass is a double.
LEAST_TAIL = 1e-290
#: Points of the longest windows that are kept beside the one that misses `WINDOW_TAIL`: some megabytes in doubles.
LONGEST_KEPT = 2**18
#: Most points a window may hold.
MOST_POINTS = 50_000_000
#: An answer from a window may lack this part of the tolerance: the window costs nothing that shows.
SAFETY = 1 / 64
#: Sums nearer to a level than this, relatively, are close cases: windows are right to far more.
CLOSE = 1e-7
#: Standard deviations from the mean within which the default window is tried first.
NEAR_DEVIATIONS = 8.0
#: The part of a condition's probability that the window on which it is asked may miss.
GIVEN_PART = 1e-12


class Unbounded(Asked):
    """A 1-D law whose outcomes have no end on at least one side.

    Subclasses define `low`, `high`, `covering`, `up_to`, `down_to` and `cumulant`.
    """

    __slots__ = ()

    @property
    def is_finite(self) -> bool:
        """False: there are infinitely many outcomes."""
        return False

    @property
    def ndim(self) -> int:
        """1: infinite laws are laws of numbers."""
        return 1

    @property
    def missing(self) -> float:
        """What the window on which outcomes are listed misses, at most; no query of single numbers misses anything."""
        return min(1.0, WINDOW_TAIL + self.lost)

    def covering(self, tail: float) -> Measure:
        """A window that misses at most `tail`."""
        raise NotImplementedError

    def in_doubles(self, tail: float) -> Measure:
        """The same in doubles, where these decide an answer: without exact arithmetic, where that is much work."""
        return convolution.as_floating(self.covering(tail))

    def up_to(self, x: Scalar) -> Measure | None:
        """A measure of all outcomes <= x, complete; needs `low`. None where there are none."""
        raise NotImplementedError

    def down_to(self, x: Scalar) -> Measure | None:
        """A measure of all outcomes >= x, complete; needs `high`. None where there are none."""
        raise NotImplementedError

    def _materialise(self) -> Measure:
        window = self.covering(WINDOW_TAIL)
        return replace(window, missing=min(1.0, window.missing + self.lost)) if self.lost else window

    @property
    def lost(self) -> float:
        """What is missing for good, from every window; what windows say beside it they need not miss."""
        return 0.0

    def log_mgf(self, t: float) -> float:
        try:
            value = self.pgf(math.exp(t))
        except (OverflowError, DistconvValueError, ZeroDivisionError):
            return math.inf
        return math.log(value) if 0 < value < math.inf else math.inf

    # Windows ---------------------------------------------------------------------------------------------------------

    @under_own_settings
    def around(self, low: Scalar, high: Scalar) -> Measure | None:
        """A measure that is complete on [low, high], to a part of the tolerance; None without an outcome there."""
        if self.low is not None:
            return self.up_to(high)
        if self.high is not None:
            return self.down_to(low)

        def complete(window: Measure) -> bool:
            if not window.box.origin[0] <= low <= high <= window.box.high[0]:
                return False
            return window.missing <= current_settings().tolerance * SAFETY * self._least(window, low, high)

        return self.deep_enough(complete, f"P(X = x) for x from {low} to {high}")

    def _least(self, window: Measure, low: Scalar, high: Scalar) -> float:
        """The smallest weight that a window holds for the outcomes from low to high, of which it may miss none."""
        count = lookup.count_up_to(window, low), lookup.count_up_to(window, high)
        first = count[0] - (lookup.rank(window, (low,)) is not None)
        kept = window.weights.positive()
        kept = kept[(kept >= first) & (kept < count[1])]
        if not len(kept):
            return math.inf
        weights = window.weights.as_floating()
        exponent = int(weights.pairs()[1][kept].min())
        return math.ldexp(0.5, max(exponent, -1072))

    def exact_head(self, x: Scalar) -> Fraction | None:
        """P(X <= x) as a finite exact sum; None where it is too long to be exact."""
        try:
            part = some(self.up_to(x) if self.low is not None else self.down_to(x))
        except SizeLimitError:
            return None
        total = part.weights.total()
        if not isinstance(total, Fraction):
            return None
        return total if self.low is not None else 1 - total + Fraction(probabilities.pmf(part, x))

    def held(self, x: Scalar, side: Side, *, log: bool = False) -> float:
        """P(X <= x) or P(X > x), or its log, from a window that holds its own side."""
        query = probabilities.log_beside if log else probabilities.beside
        return float(query(self.holding(x, side), x, side))

    @under_own_settings
    def holding(self, x: Scalar, side: Side) -> Measure:
        """A window in which the sum of the outcomes on one side of x is right to the tolerance."""

        def complete(window: Measure) -> bool:
            value = probabilities.beside(window, x, side)
            return bool(window.missing <= current_settings().tolerance * SAFETY * value)

        if self.low is None and self.high is None:
            return self.deep_enough(complete, f"{side}({x})")
        # Near the middle the default window does, and is kept.
        found = self._default_window() if abs(float(x - self.mean())) <= NEAR_DEVIATIONS * self.std() else None
        if found is None or not complete(found):
            found = chernoff.whole_side(self, x, side, current_settings().tolerance * SAFETY)
        return replace(found, missing=max(self.lost, bounds.SUBNORMAL))

    def _default_window(self) -> Measure:
        """The window that misses `WINDOW_TAIL`, and what is lost for good not counted."""
        return replace(self.measure, missing=WINDOW_TAIL) if self.lost else self.measure

    # What is certain of a law of which mass is missing for good ------------------------------------------------------

    def _total(self, x: Scalar | float, side: Side) -> Any:
        return self._certain(x, side) if self.lost > missing.NEGLIGIBLE else super()._total(x, side)

    def _log_total(self, x: Scalar | float, side: Side) -> float:
        if self.lost > missing.NEGLIGIBLE:
            return float(self._certain(x, side, log=True))
        return super()._log_total(x, side)

    def _certain(self, x: Scalar | float, side: Side, *, log: bool = False) -> Any:
        """P(X <= x), or its log, as far as it is certain; P(X > x) is refused, with both ends."""
        window = None if self.low is None or isinstance(x, float) or side == "sf" else self.up_to(x)
        return probabilities.certain(self.measure if window is None else window, x, side, log=log)

    def ends_beside(self, x: NumberLike, side: Side) -> tuple[Any, Any]:
        return brackets.ends_beside(self.measure, x, side) if self.lost else super().ends_beside(x, side)

    def quantile_ends(self, q: Fraction) -> tuple[Any, Any]:
        if self.lost <= missing.NEGLIGIBLE:
            return super().quantile_ends(q)
        return brackets.quantile_ends(self.measure, q)

    def _other_side(self, x: Scalar, side: Side) -> float:
        return 0.0 if side == "sf" and self._is_surely_below(x) else self.held(x, side)

    def _is_surely_below(self, x: Scalar) -> bool:
        """Whether P(X > x) is less than a window may miss, for certain and at little cost."""
        return self.low is not None and chernoff.log_tail(self, x) < math.log(WINDOW_TAIL)

    def deep_enough(self, complete: Callable[[Measure], bool], what: str) -> Measure:
        """The first of ever deeper windows that is complete."""
        tail = WINDOW_TAIL
        while tail >= LEAST_TAIL:
            window = self._deeper(tail)
            if complete(window):
                return window
            tail = max(tail**2, LEAST_TAIL) if tail > LEAST_TAIL else 0.0
        raise AccuracyError(
            f"{what} is below {LEAST_TAIL} or so, too small beside the mass that any window of this infinite sum "
            "misses; truncate the terms first: X.truncate(-1000, 1000)"
        )

    def _deeper(self, tail: float) -> Measure:
        """The window that misses at most `tail`; all but long ones are kept, for who asks far out asks again."""
        if tail == WINDOW_TAIL:
            return self._default_window()
        kept = self.memory.setdefault("deep", {})
        found: Measure = kept.get(tail) or self.covering(tail)
        if found.support.size <= LONGEST_KEPT:
            kept[tail] = found
        return found

    # Quantiles ----------------------------------------------------------------------------------------------------

    def quantile(self, q: Fraction, side: Side, rounded: bool) -> Outcome:
        if self.lost > missing.NEGLIGIBLE:
            return quantiles.quantile(self.measure, q, side, rounded)
        last = self._last(q, side)
        if last is not None:
            return last
        below, above = (q, 1 - q) if side == "cdf" else (1 - q, q)
        level = float(q) if rounded and not self.is_exact else q

        def reached(x: Outcome) -> bool:
            value = self.beside(x, side)
            return bool(value >= level if side == "cdf" else value <= level)

        return self._search(below, above, reached if rounded or self.is_exact else None)

    @under_own_settings
    def _search(self, below: Fraction, above: Fraction, reached: Callable[[Outcome], bool] | None) -> Outcome:
        """The smallest outcome x with P(X <= x) >= below, that is P(X > x) <= above = 1 - below.

        The window misses a little: where what is told of an outcome is to be inverted, that has the last word in close
        cases.
        """
        side: Side = "cdf" if below <= above else "sf"
        target = min(below, above)
        tail = WINDOW_TAIL
        while tail > current_settings().tolerance * float(target):
            tail **= 2
            if tail < LEAST_TAIL:
                raise AccuracyError(f"the level {float(target)} is too small for a window of this infinite law")
        window = self._searched(tail)
        outcomes = lookup.support_of(window)
        rank, high = 0, len(outcomes) - 1
        while rank < high:
            middle = (rank + high) // 2
            value = probabilities.beside(window, outcomes[middle], side)
            inside = value >= target if side == "cdf" else value <= target
            rank, high = (rank, middle) if inside else (middle + 1, high)
        nearby = [
            abs(float(probabilities.beside(window, x, side)) - float(target))
            for x in outcomes[max(rank - 1, 0) : rank + 1]
        ]
        if reached is not None and min(nearby) <= max(CLOSE, 4 * current_settings().tolerance) * float(target):
            while rank < len(outcomes) - 1 and not reached(outcomes[rank]):
                rank += 1
            while rank and reached(outcomes[rank - 1]):
                rank -= 1
        return outcomes[rank]

    def _searched(self, tail: float) -> Measure:
        """The window in doubles that misses at most `tail`, in which levels are searched; the widest one is kept."""
        found: Measure | None = self.memory.get("searched") if tail == WINDOW_TAIL else None
        if found is None:
            is_default = tail == WINDOW_TAIL and not self.is_exact
            found = self._default_window() if is_default else self.in_doubles(tail)
            if tail == WINDOW_TAIL:
                self.memory["searched"] = found
        return found

    # Outcomes --------------------------------------------------------------------------------------------------------

    @property
    def support(self) -> Endless:
        """The outcomes, an endless sequence from the end that there is."""
        return Endless(self)

    def listed(self, low: Scalar, high: Scalar) -> Outcomes:
        """The outcomes between two, of a window that holds them."""
        cells = positive_cells(self.measure)
        outcomes = Outcomes(self.measure.box, cells)
        return outcomes[outcomes.rank(low) : outcomes.rank(high) + 1]

    def check_listed(self, what: str) -> None:
        """Refuses: there is no end of outcomes."""
        if what == "len":
            # Not a TypeError, which list(X), sorted(X) and their like would overlook, to collect outcomes for ever.
            raise DistconvValueError(
                "this law has infinitely many outcomes, so it has no length, list or dict; take some of them: "
                "X.support[:10], or X.truncate(high=10).to_dict()"
            )
        raise DistconvTypeError(
            f"{what} of a law with infinitely many outcomes has no end; cut it first: X.truncate(high=100), or "
            "take some: list(itertools.islice(X, 10))"
        )

    def entries(self) -> Iterator[tuple[Outcome, Any]]:
        """Pairs (outcome, probability) without end, from the lowest outcome up (or the highest down)."""
        return ((x, self.at(x)) for x in self.support)

    def prob(self, predicate: Callable[[Any], object]) -> float:
        """P(predicate(X)), as much of it as a window holds that is deep enough for it: a double, for it is no whole."""
        return float(super().prob(predicate))

    def expect(self, f: Callable[[Any], Any]) -> float:
        """E f(X), as `expectation.expected` finds it."""
        self.settled("E f(X)", "expect(f)")
        return expected(self, f)

    def pgf(self, z: Place) -> Transform:
        """E[z**X] over a window, in doubles (families answer in closed form).

        Raises:
            DistconvValueError: ``abs(z)`` > 1 of a law without a highest outcome: the sum may be infinite.
        """
        if generating.size_of(z) > 1 and self.high is None:
            raise DistconvValueError(f"z must be at most 1 in absolute value for this infinite sum, got {z!r}")
        return generating.pgf(convolution.as_floating(self.measure), z)

    def stop_loss(self, d: Question) -> Answer:
        """E max(X - d, 0), for a number or an array of them, within the tolerance of the settings."""
        self.settled("E max(X - d, 0)", f"stop_loss({d!r})", 0.0)
        return losses.each_retention(self._excess, d)

    @under_own_settings
    def _excess(self, d: Scalar | float) -> Any:
        """As of finite laws: exact where there is an end, else from a window, with a bound on what that misses.

        By Cauchy and Schwarz
        E max(X - d, 0) over what is missing, at most T, is at most sqrt(E (X - d)**2 T).
        """
        if isinstance(d, float):
            return losses.excess(self.measure, d)
        if self.high is not None and (self.is_exact or d >= self.high):
            above = None if d >= self.high else self.down_to(d)
            return self._never(log=False) if above is None else losses.excess(above, d)
        if self.is_exact and self.low is not None:
            part = None if d <= self.low else self.up_to(d)
            mean = self.mean()
            if isinstance(mean, Fraction) and (part is None or part.weights.is_exact):
                return mean - d + (0 if part is None else losses.excess(affine.reflected(part), -d))
        square = float(self.var()) + float(self.mean() - d) ** 2

        def complete(window: Measure) -> bool:
            value = losses.excess(window, d)
            return bool(math.sqrt(square * window.missing) <= current_settings().tolerance * SAFETY * value)

        return float(losses.excess(self.deep_enough(complete, f"the stop-loss premium at {d}"), d))

    # Laws made of it ----------------------------------------------------------------------------------------------

    def residues(self, modulus: Outcome) -> Law | None:
        if self.lost > missing.NEGLIGIBLE:
            return None
        return Finite(*residues(self, modulus, repeats=self.repeats()))

    def edges(self, tail: float) -> tuple[Scalar, Scalar]:
        box = self.covering(tail).box
        return box.origin[0], box.high[0]

    def spacing(self) -> Scalar:
        """A distance of which all differences of outcomes are multiples, and in the long run all multiples occur."""
        return 1

    def __eq__(self, other: object) -> bool:
        """Whether both are known to be the same law."""
        if not isinstance(other, Law) or other.kind == "symbolic":
            # A law by a formula knows whether it is this one.
            return NotImplemented
        if self is other:
            return True
        is_alike = not other.is_finite and other.ndim == 1
        return is_alike and bool(self.key() == other.key())

    def __hash__(self) -> int:
        return hash(self.key())

    @under_own_settings
    def between(self, low: Vector | None, high: Vector | None) -> Measure:
        first, last = self.low if low is None else low[0], self.high if high is None else high[0]
        part = None if first is None or last is None else self.around(first, last)
        if part is None:
            return self.measure
        if self.low is None and self.high is None:
            part = replace(part, weights=part.weights.as_floating().off_by(current_settings().tolerance * SAFETY))
        # What lies outside is not missing from the law of what is inside.
        return replace(part, missing=self.lost)

    def window_of(self, predicate: Callable[[Any], object]) -> Measure:
        """A window that misses little beside the probability that predicate(X) holds, where there is one."""

        def complete(window: Measure) -> bool:
            ranks = lookup.event(window, predicate)
            held = arranging.select(window, np.array(ranks, dtype=np.int64)) if ranks else None
            return held is not None and window.missing <= GIVEN_PART * float(held.weights.total())

        try:
            return self.deep_enough(complete, "the probability of the condition")
        except (AccuracyError, SizeLimitError):
            return self.measure
