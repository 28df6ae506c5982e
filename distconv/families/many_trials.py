"""The law of very many trials in arrays, asked without being laid out: numbers of successes, and sums of values."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np

from distconv.algebra import many
from distconv.errors import AccuracyError
from distconv.families import trial_blocks
from distconv.laws.finite import Finite
from distconv.laws.image import scaled
from distconv.laws.law import Law, Maker
from distconv.laws.levels import first_reaching
from distconv.laws.long import Long
from distconv.measure import Measure
from distconv.methods import contour, trial_moments
from distconv.methods.trial_sums import TrialSum
from distconv.methods.trials import Trials, ends
from distconv.planning import Origin
from distconv.queries import probabilities, sampling
from distconv.queries.totals import Side
from distconv.settings import current_settings, under_own_settings
from distconv.support import Lattice
from distconv.typing import AnyArray, Drawn, Key, Moment, Outcome, Place, Question, RandomState, Scalar, Transform
from distconv.weights.floating import from_pairs

#: What a window for random outcomes may miss.
SAMPLING_TAIL = 1e-18
#: What is allowed beside the tolerance of the log of a probability: units of 2**-53 of it.
LOG_UNITS = 16
#: Windows longer than so many standard deviations are cut from the whole law, where that fits.
LONGEST = 60
#: Outcomes about the mean among which the mode of ones lies (Darroch 1964).
MODE_REACH = 2
#: Estimates of a quantile before it is settled.
ESTIMATES = 12


class ManyTrials(Long):
    """The sum of values[i] * Bernoulli(chances[i]), copies[i] times each, from arrays that are never copied.

    Every question costs one pass or two over points that stand for the trials, each answer is certified.
    """

    __slots__ = ("chances", "copies", "values_of")

    chances: AnyArray
    #: Whole numbers without a common divisor, or None: all are 1.
    values_of: AnyArray | None
    copies: AnyArray | None

    def __init__(self, chances: AnyArray, values_of: AnyArray | None = None, copies: AnyArray | None = None) -> None:
        origin = Origin("given", f"{len(chances):,} trials, kept as they are")
        self.describe(origin, chances=chances, values_of=values_of, copies=copies)

    def anew(self) -> Maker:
        return ManyTrials, (self.chances, self.values_of, self.copies)

    # What it is ---------------------------------------------------------------------------------------------------

    @property
    def arrays(self) -> Trials:
        """The arrays."""
        return Trials(self.chances, self.values_of, self.copies)

    @property
    def family(self) -> str | None:
        """``"PoissonBinomial"`` where every value is 1."""
        return None if self._is_weighted else "PoissonBinomial"

    @property
    def _is_weighted(self) -> bool:
        return self.values_of is not None or self.copies is not None

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names of the parameters."""
        return () if self._is_weighted else ("ps",)

    def values(self) -> tuple[Any, ...]:
        """The parameters."""
        return () if self._is_weighted else (self.chances,)

    def name(self) -> str:
        """The law as it is written, all but a few probabilities left out."""
        shown = ", ".join(f"{float(p)}" for p in self.chances[:3])
        return f"{self.family or 'Trials'}([{shown}, ..., {float(self.chances[-1])}; {len(self.chances)} in all])"

    def key(self) -> Key:
        if "key" not in self.memory:
            self.memory["key"] = ("trials", len(self.chances), trial_moments.digest(self.arrays))
        return self.memory["key"], 1, 0

    def __eq__(self, other: object) -> bool:
        return super().__eq__(other)

    def __hash__(self) -> int:
        return hash(self.key())

    @property
    def is_exact(self) -> bool:
        """False: probabilities are doubles."""
        return False

    @property
    @under_own_settings
    def error(self) -> float:
        """The tolerance, which every weight is certified to."""
        return current_settings().tolerance

    @property
    def total(self) -> TrialSum:
        """The sum, made ready for questions in one pass, once."""
        if "total" not in self.memory:
            self.memory["total"] = TrialSum.of(self.arrays)
        found: TrialSum = self.memory["total"]
        return found

    @property
    def _mirror(self) -> TrialSum:
        if "mirror" not in self.memory:
            self.memory["mirror"] = self.total.mirrored()
        found: TrialSum = self.memory["mirror"]
        return found

    @property
    def low(self) -> int:
        """The lowest outcome."""
        return self._ends[0]

    @property
    def high(self) -> int:
        """The highest outcome."""
        return self._ends[1]

    @property
    def _ends(self) -> tuple[int, int]:
        if "ends" not in self.memory:
            self.memory["ends"] = ends(self.arrays)
        found: tuple[int, int] = self.memory["ends"]
        return found

    def spacing(self) -> Scalar:
        return 1

    # Windows ------------------------------------------------------------------------------------------------------

    def _materialise(self) -> Measure:
        self.check_length()
        chances = np.asarray(self.chances, dtype=np.float64)
        if not self._is_weighted:
            return trial_blocks.laid_out(chances, chances)
        return laid_out_by_values(chances, self.values_of, self.copies).measure

    @under_own_settings
    def around(self, low: Scalar, high: Scalar) -> Measure | None:
        first, last = max(self.low, math.ceil(low)), min(self.high, math.floor(high))
        if first > last:
            return None
        if last - first > LONGEST * (float(self.std()) + 16):
            return self.measure
        logs, errors = contour.log_points(self.total, first, last)
        worst = float(errors.max())
        if not (worst < math.inf and worst <= self._allowed(float(logs.min()))):
            if self._is_weighted and self.fits():
                return self.measure
            raise self._uncertain(f"P(X = {first + int(errors.argmax())})", worst)
        exponents = np.floor(logs / np.log(np.longdouble(2)))
        fractions = np.exp(logs - exponents * np.log(np.longdouble(2))).astype(np.float64) / 2
        weights = from_pairs(fractions, exponents.astype(np.int64) + 1, math.expm1(worst) + 2.0**-50)
        return Measure(Lattice((first,), (1,), (last - first + 1,)), weights, 1.0)

    def _allowed(self, log: float) -> float:
        """What a log of this size may err by."""
        return current_settings().tolerance + LOG_UNITS * 2.0**-53 * abs(log)

    def _uncertain(self, what: str, reached: float) -> AccuracyError:
        """That a probability is not certified."""
        bound = f"bound {2 * reached:.1g}" if reached < math.inf else "no bound is known"
        tolerance = current_settings().tolerance
        way_out = (
            f"with distconv.settings(tolerance={2 * reached:.1g}): ..." if reached < 0.2 else "ask the whole: X.hold()"
        )
        return AccuracyError(
            f"{what} of {len(self.chances):,} trials is not certified to {tolerance:g} ({bound}); make the law anew "
            f"under a wider tolerance: {way_out}"
        )

    # Questions ----------------------------------------------------------------------------------------------------

    @under_own_settings
    def held(self, x: Scalar, side: Side, *, log: bool = False) -> float:
        place = math.floor(x)
        key = (place, side)
        known: dict[tuple[int, Side], float] = self.memory.setdefault("held", {})
        if key not in known:
            known[key] = self._held(place, side)
        return known[key] if log else math.exp(known[key])

    def _held(self, place: int, side: Side) -> float:
        """log P(X <= place) or log P(X > place): from the whole law where one tilt tells too little of far values."""
        try:
            found = contour.log_tail(self.total, place + 1) if side == "sf" else contour.log_tail(self._mirror, -place)
            if found.error <= self._allowed(found.log):
                return min(found.log, 0.0)
            refused = self._uncertain(f"P(X {'>' if side == 'sf' else '<='} {place})", found.error)
        except AccuracyError as error:
            refused = error
        if self._is_weighted and self.fits():
            return float(probabilities.log_beside(self.measure, place, side))
        raise refused

    def _other_side(self, x: Scalar, side: Side) -> float:
        return self.held(x, side)

    @under_own_settings
    def quantile(self, q: Fraction, side: Side, rounded: bool) -> Outcome:
        last = self._last(q, side)
        if last is not None:
            return last
        return int(first_reaching(self, q, side, rounded=rounded, start=self._estimate(q, side)))

    def _estimate(self, q: Fraction, side: Side) -> int:
        """About where a level is reached: by steps along the log of the smaller tail, from certified tails."""
        low, high = (self.low, self.high - 1)
        is_low = (q <= Fraction(1, 2)) == (side == "cdf")
        level = min(q, 1 - q)
        goal = math.log(level) if level > Fraction(1, 10**300) else float(_log(level))
        mean, deviation = float(self.mean()), float(self.std())
        depth = math.sqrt(max(-2 * goal - math.log(4 * math.pi * max(-goal, 1)), 0.0))
        near: Side = "cdf" if is_low else "sf"
        place = mean + (-depth if is_low else depth) * deviation
        best = min(max(math.floor(place), low), high) if low < high else low
        for _ in range(ESTIMATES):
            if not low < best < high:
                break
            # The log of a tail falls by its hazard, about the tilt that favours the place.
            log = self.held(best, near, log=True)
            total, where = (self._mirror, -best) if is_low else (self.total, best + 1)
            slope = contour.Saddle.at(total, where, tail=True).tilt
            step = math.trunc((log - goal) / slope * (-1 if is_low else 1))
            if abs(step) < 1:
                break
            best = min(max(best + step, low), high)
        return best

    def _middle(self) -> Scalar:
        return self.by_mean()

    @under_own_settings
    def mode(self) -> Outcome:
        """The most probable outcome, the lowest of several.

        Raises:
            SizeLimitError: values differ, and the whole law is too long to look for it.
        """
        if self._is_weighted:
            return super().mode()
        middle = math.floor(float(self.mean()))
        first, last = max(self.low, middle - MODE_REACH), min(self.high, middle + MODE_REACH)
        logs, _ = contour.log_points(self.total, first, last)
        return first + int(np.argmax(logs >= logs.max() - 4 * current_settings().tolerance))

    def cumulant(self, k: int) -> Moment:
        return trial_moments.cumulant(self.arrays, k)

    def log_mgf(self, t: float) -> float:
        total = self.total
        if abs(t) > total.steepest:
            return math.inf
        return float(total.log_total(t, 0)[0])

    def pgf(self, z: Place) -> Transform:
        """The product of all 1 - p + p z**v, any number z: within some 2**-44 of the product of their sizes."""
        return trial_moments.pgf(self.arrays, z)

    def cf(self, t: Question) -> Transform:
        return trial_moments.at_each(lambda w: trial_moments.pgf(self.arrays, w, is_angle=True), t)

    def rvs(self, size: int | tuple[int, ...] | None, rng: RandomState) -> Drawn:
        if "window" not in self.memory:
            self.memory["window"] = self.covering(SAMPLING_TAIL)
        drawn: Drawn = sampling.draw(self.memory["window"], size, rng)
        return drawn


def _log(level: Fraction) -> float:
    """The log of a level below the doubles."""
    return math.log(level.numerator) - math.log(level.denominator)


def laid_out_by_values(chances: AnyArray, values: AnyArray | None, copies: AnyArray | None) -> Law:
    """The whole law of weighted trials: those of one value by a tree, then the sums of these."""
    values = np.ones(len(chances), dtype=np.int64) if values is None else np.asarray(values)
    repeated = np.ones(len(chances), dtype=np.int64) if copies is None else np.asarray(copies)
    parts: list[Law] = []
    for value in np.unique(values[values != 0]).tolist():
        here = values == value
        ps = np.repeat(chances[here], repeated[here])
        if len(ps):
            parts.append(scaled(Finite(trial_blocks.laid_out(ps, ps)), int(value)))
    return many.sum_of(parts) if parts else Finite(trial_blocks.nothing())
