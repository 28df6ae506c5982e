"""Infinite laws of which it is known that they lie on one side of a number: weights over the chance of that."""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np

from distconv import bounds, convolution
from distconv.errors import AccuracyError
from distconv.laws import chernoff, levels
from distconv.laws.chernoff import some
from distconv.laws.image import moved
from distconv.laws.law import Law, Maker
from distconv.laws.parts import after, as_fraction, before, exact_head, log_of, minus, number, over, piece, share_beside
from distconv.laws.unbounded import LEAST_TAIL, Unbounded
from distconv.measure import Measure
from distconv.measure.arranging import positive_cells
from distconv.measure.lookup import outcomes_of, weights_of
from distconv.numbers.doubles import is_pair, to_double
from distconv.planning import Origin
from distconv.queries import generating, probabilities, sampling
from distconv.queries.moments import central_from_cumulants, cumulants_from_central, raw_from_central
from distconv.queries.totals import Side
from distconv.settings import under_own_settings
from distconv.support.outcomes import quotient, whole
from distconv.transforms import conditioning
from distconv.transforms.mixing import Share, double
from distconv.typing import AnyArray, Key, Moment, Outcome, Place, RandomState, Scalar, Transform

#: The chance from which on outcomes are drawn from the whole law and those cut off thrown away, and how many more are
#: drawn at a time than are likely wanted.
LEAST_KEPT, FEW_DRAWS = 1 / 16, 8
#: What a window misses of which moments are computed, for the order 0 and for each further one, as a power of 10.
MOMENT_DIGITS, ORDER_DIGITS = 30, 3
#: The part of P(X <= x) that P(X < cut) may be for their difference to keep its digits, and the part of 1 that P(X > x)
#: may be: either is off by three times as much then.
LARGEST_PART, LARGEST_REST = 0.5, 0.75


def truncated_above(base: Law, cut: Scalar) -> Law:
    """The law of X known that X >= cut, of a law without a highest outcome.

    Of truncated laws, and of shifted and scaled ones, the law within is truncated; where nothing is cut off, the law
    itself comes back, and where it forgets what is cut off, the law moved there.
    """
    if base.low is not None and cut <= base.low:
        return base
    inner, scale, shift = base.parts()
    if inner is not base and scale > 0:
        return moved(truncated_above(inner, quotient(cut - shift, scale)), scale, shift)
    if base.repeats():
        return moved(base, 1, whole(after(base, before(base, cut)) - base.low))
    known = base.known_from()
    return Truncated(base, cut) if known is None else truncated_above(known[0], max(cut, known[1]))


def truncated_below(base: Law, cut: Scalar) -> Law:
    """The law of X known that X <= cut, of a law without a lowest outcome."""
    return moved(truncated_above(moved(base, -1, 0), whole(-cut)), -1, 0)


class Truncated(Unbounded):
    """The law of X, known that X >= cut, where it has no highest outcome."""

    __slots__ = ("base", "cut")

    base: Law
    cut: Scalar

    def __init__(self, base: Law, cut: Scalar) -> None:
        self.describe(
            Origin("given", f"known that X >= {cut}, each weight over the chance of that"), base=base, cut=cut
        )

    def anew(self) -> Maker:
        return truncated_above, (self.base, self.cut)

    def key(self) -> Key:
        core, scale, shift = self.base.key()
        size = max(scale, -scale)
        edge = whole(Fraction(self.low - shift) / size)
        return ("truncated", core, 1 if scale > 0 else -1, edge), size, shift

    def known_from(self) -> tuple[Law, Scalar] | None:
        return self.base, self.cut

    def _chance(self) -> tuple[Share, float]:
        """P(X >= cut) of the whole law and its relative error: exact where that is a finite sum."""
        found: tuple[Share, float] | None = self.memory.get("chance")
        if found is None:
            found = self.memory["chance"] = share_beside(self.base, before(self.base, self.cut), "sf")
            if not found[0] or (is_pair(found[0]) and not found[0][0]):
                raise AccuracyError(f"P(X >= {self.cut}) is too small for a window of this law; cut it lower")
        return found

    @property
    def is_exact(self) -> bool:
        """Whether weights are exact fractions: those of the whole law, and the chance of what is known."""
        return self.base.is_exact and not is_pair(self._chance()[0])

    @property
    def error(self) -> float:
        """A proven bound on the relative error of every weight: the whole law's, and that of the chance."""
        return 0.0 if self.is_exact else self._off(self.base.error or bounds.UNIT)

    def sum_error(self) -> float:
        # Differences are off by three times as much as what is subtracted.
        return self._off(3 * self.base.sum_error())

    def _off(self, error: float) -> float:
        """The relative error of a number that errs by so much over the chance."""
        return bounds.compose(error, bounds.reciprocal(self._chance()[1]), bounds.summation(4))

    @property
    def lost(self) -> float:
        return 0.0

    def spacing(self) -> Scalar:
        return self.base.spacing()

    def period(self) -> Scalar:
        return self.base.period()

    @property
    def low(self) -> Scalar:
        """The lowest outcome."""
        found: Scalar | None = self.memory.get("low")
        if found is None:
            first, reach, part = self.cut, self.spacing(), None
            if self.base.low is not None:
                first = max(first, self.base.low)
            while part is None:
                part = piece(self.base, first, whole(first + reach))
                reach *= 2
            found = self.memory["low"] = conditioning.least(part)
        return found

    @property
    def high(self) -> None:
        """None: there is no highest outcome."""
        return None

    # Windows ------------------------------------------------------------------------------------------------------

    def up_to(self, x: Scalar) -> Measure | None:
        part = None if x < self.cut else piece(self.base, self.cut, x)
        return None if part is None else self._over_chance(part, 1.0)

    @under_own_settings
    def around(self, low: Scalar, high: Scalar) -> Measure | None:
        part = None if high < self.cut else piece(self.base, max(low, self.cut), high)
        return None if part is None else self._over_chance(part, 1.0)

    def _over_chance(self, part: Measure, lost: float) -> Measure:
        """The weights of a piece of the whole law over the chance of what is known."""
        chance, error = self._chance()
        inverse = over(1, chance)
        if part.weights.is_exact and not is_pair(inverse):
            return Measure(part.support, part.weights.as_rational().scaled(Fraction(inverse)), lost)
        weights = part.weights.as_floating().scaled(inverse).off_by(bounds.reciprocal(error), bounds.UNIT)
        return Measure(part.support, weights, lost)

    @under_own_settings
    def covering(self, tail: float) -> Measure:
        # Whatever of the tail the whole law's window misses, it misses the same part of the chance.
        share = tail * double(self._chance()[0]) * (1 - 2.0**-20)
        if share >= LEAST_TAIL:
            part = conditioning.inside(self.base.covering(share), self.cut, None)
        else:
            log = math.log(tail) + log_of(self._chance()[0])
            part = piece(self.base, self.cut, max(chernoff.upper_end(self.base, log), self.low))
        return self._over_chance(some(part), tail)

    # Sums ---------------------------------------------------------------------------------------------------------

    def exact_head(self, x: Scalar) -> Fraction | None:
        ends = exact_head(self.base, x), exact_head(self.base, before(self.base, self.cut))
        if ends[0] is None or ends[1] is None:
            return None
        return (ends[0] - ends[1]) / as_fraction(self._chance()[0])

    @under_own_settings
    def held(self, x: Scalar, side: Side, *, log: bool = False) -> float:
        if side == "sf":
            return self._ratio(share_beside(self.base, x, "sf")[0], log=log)
        above = self._ratio(share_beside(self.base, x, "sf")[0], log=False)
        if above <= LARGEST_REST:
            return math.log1p(-above) if log else 1 - above
        total = share_beside(self.base, x, "cdf")[0]
        outside = share_beside(self.base, before(self.base, self.cut), "cdf")[0]
        if log_of(outside) <= log_of(total) + math.log(LARGEST_PART):
            return self._ratio(minus(total, outside), log=log)
        query = probabilities.log_beside if log else probabilities.beside
        return float(query(some(self.up_to(x)), x, "cdf"))

    def _ratio(self, value: Share, *, log: bool) -> float:
        """A probability of the whole law over the chance, at most 1."""
        found = over(value, self._chance()[0])
        return min(0.0, log_of(found)) if log else min(1.0, double(found))

    def _other_side(self, x: Scalar, side: Side) -> float:
        return self.held(x, side)

    def is_far_side(self, x: Scalar, side: Side) -> bool:
        return False

    def quantile(self, q: Fraction, side: Side, rounded: bool) -> Outcome:
        last = self._last(q, side)
        if last is not None:
            return last
        above = (1 - q if side == "cdf" else q) * Fraction(double(self._chance()[0]))
        try:
            start: Any = max(self.base.quantile(above, "sf", False), self.low) if above else self.low
        except AccuracyError:
            start = self.low
        return levels.first_reaching(self, q, side, rounded=rounded, start=start)

    def rvs(self, size: int | tuple[int, ...] | None, rng: RandomState) -> Outcome | AnyArray:
        """Random outcomes: those of the whole law that are not cut off, where these are not few."""
        chance = double(self._chance()[0])
        if chance < LEAST_KEPT:
            found: Outcome | AnyArray = super().rvs(size, rng)
            return found
        generator = np.random.default_rng(rng)
        wanted, drawn = math.prod(sampling.shape_of(size)), []
        while wanted > 0:
            some_more = np.asarray(self.base.rvs(math.ceil(wanted / chance) + FEW_DRAWS, generator))
            drawn.append(some_more[some_more >= self.cut][:wanted])
            wanted -= len(drawn[-1])
        return sampling.shaped(np.concatenate(drawn) if drawn else np.zeros(0, dtype=np.int64), size)

    # Moments ------------------------------------------------------------------------------------------------------

    def cumulant(self, k: int) -> Moment:
        """Exactly, from those of the whole law and what is cut off; else from a window that misses far less."""
        chance = self._chance()[0]
        outside = None
        if self.is_exact and not is_pair(chance):
            outside = piece(self.base, None, before(self.base, self.cut))
        if outside is None or not outside.weights.is_exact:
            return self._cumulant_of_window(k)
        own = [0, *(self.base.cumulant(j) for j in range(1, k + 1))]
        whole_central = central_from_cumulants(own)
        cut_off: list[tuple[Any, Any]] = list(zip(outcomes_of(outside), weights_of(outside), strict=True))
        raw = [
            (raw_from_central(whole_central, own[1], j) - sum(w * x**j for x, w in cut_off)) / chance
            for j in range(k + 1)
        ]
        mean = raw[1] if k else Fraction(0)
        central = [sum(math.comb(j, i) * raw[i] * (-mean) ** (j - i) for i in range(j + 1)) for j in range(k + 1)]
        return cumulants_from_central(central, mean)[k]

    def _cumulant_of_window(self, k: int) -> Any:
        """The k-th cumulant of a window that misses so little that it does not show."""
        window = convolution.as_floating(self.covering(10.0 ** -(MOMENT_DIGITS + ORDER_DIGITS * k)))
        cells = positive_cells(window).astype(np.float64)
        weights = window.weights.as_floating()
        masses = weights.values()[weights.significands > 0]
        total = math.fsum(masses)
        middle = math.fsum(masses * cells) / total
        central = [math.fsum(masses * (cells - middle) ** j) / total for j in range(k + 1)]
        step, origin = Fraction(window.box.step[0]), Fraction(window.box.origin[0])
        found = cumulants_from_central([Fraction(value) * step**j for j, value in enumerate(central)], 0)
        return origin + step * Fraction(middle) if k == 1 else found[k]

    def told(self, value: Moment) -> Moment:
        return value if self.is_exact else to_double(value)

    def pgf(self, z: Place) -> Transform:
        """From the whole law's less what is cut off where that is exact, or z is beyond 1; else over a window."""
        is_exact = self.is_exact and isinstance(z, int | Fraction)
        outside = piece(self.base, None, before(self.base, self.cut)) if self.base.low is not None else None
        if outside is None or not (is_exact or generating.size_of(z) > 1):
            return super().pgf(z)
        return (self.base.pgf(z) - generating.pgf(replace(outside, missing=0.0), z)) / number(self._chance()[0])

    def log_mgf(self, t: float) -> float:
        """A bound on log E exp(t X) from above: what is cut off is thought to be there."""
        found = self.base.log_mgf(t) - log_of(self._chance()[0])
        return min(found, t * float(self.low)) if t < 0 else found
