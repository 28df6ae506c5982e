"""Laws that are asked, not held: every answer comes from a formula or from a window that is deep enough for it.

What a law must know: its ends `low` and `high`, a measure that is complete between two outcomes (`around`), the sums
on either side of an outcome (`held`, `_log_held`, where they are finite exact sums `exact_head`), and its cumulants.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np

from distconv import bounds
from distconv.coordinates import asked, many
from distconv.errors import DistconvValueError
from distconv.laws.law import Described
from distconv.measure import Measure
from distconv.measure.reading import read_query
from distconv.numbers.doubles import log_ratio
from distconv.queries import probabilities
from distconv.queries.cumulants import CumulantMoments
from distconv.queries.totals import OTHER_SIDE, Side
from distconv.ratio import Ratio
from distconv.settings import current_settings, under_own_settings
from distconv.support.outcomes import read_vector
from distconv.typing import Answer, AnyArray, Kind, Moment, NumberLike, Outcome, Question, Scalar

#: Logs above this are computed from the other end.
NEAR_ONE = -0.7
#: Points are asked one by one where a window of all of them would have more than so many cells for each, and these.
SCATTERED, FEW_CELLS = 100, 100_000


class Asked(Described):
    """A 1-D law that answers single questions without being laid out.

    A law that is laid out all the same, because it is small, answers from its measure (`is_laid_out`).
    """

    __slots__ = ()

    def is_laid_out(self) -> bool:
        """Whether questions are answered from the whole measure: not as a rule."""
        return False

    @property
    def low(self) -> Scalar | None:
        """The lowest outcome; None where there is none."""
        raise NotImplementedError

    @property
    def high(self) -> Scalar | None:
        """The highest outcome; None where there is none."""
        raise NotImplementedError

    def around(self, low: Scalar, high: Scalar) -> Measure | None:
        """A measure that is complete on [low, high], nothing missing there; None without an outcome there."""
        raise NotImplementedError

    def exact_head(self, x: Scalar) -> Fraction | None:
        """P(X <= x) as a finite exact sum; None where it is too long to be exact."""
        raise NotImplementedError

    def held(self, x: Scalar, side: Side, *, log: bool = False) -> float:
        """P(X <= x) or P(X > x), or its log, summed from its own side."""
        raise NotImplementedError

    @under_own_settings
    def sum_error(self) -> float:
        """A bound on the relative error of `held`: of windows, and of what they may miss."""
        if self.is_laid_out():
            return super().sum_error()
        return bounds.compose(self.error, current_settings().tolerance, 2.0**-40)

    def _other_side(self, x: Scalar, side: Side) -> float:
        """The same, to be taken from 1: 0 where a bound says that it is nothing beside 1."""
        return self.held(x, side)

    def cumulant(self, k: int) -> Moment:
        """The k-th cumulant in closed form, before it is rounded (`told`)."""
        raise NotImplementedError

    @property
    def kind(self) -> Kind:
        """``"exact"`` or ``"float"``: what the weights are."""
        return "exact" if self.is_exact else "float"

    # Probabilities ------------------------------------------------------------------------------------------------

    def at(self, x: Question, *, log: bool = False) -> Answer:
        """From a window that is complete at these points: a finite sum where the law has an end, else that deep."""
        if self.is_laid_out():
            return super().at(x, log=log)
        query = probabilities.logpmf if log else probabilities.pmf
        x = asked(read_vector(x, 1, "x")[0] if isinstance(x, tuple) else x)
        points = many(x)
        if points is None:
            value = read_query(x)
            window = None if isinstance(value, float) else self.around(value, value)
            return self._never(log=log) if window is None else query(window, value)
        if points.dtype.kind in "iu" and points.size:
            low: Scalar = int(points.min())
            high: Scalar = int(points.max())
            count = int(points.size)
        else:
            finite = [v for v in map(read_query, points.ravel()) if not isinstance(v, float)]
            low, high, count = (min(finite), max(finite), len(finite)) if finite else (0, 0, 0)
        if high - low > SCATTERED * count + FEW_CELLS:
            return _each(lambda v: self.at(v, log=log), points)
        window = self.around(low, high) if count else None
        return _each(lambda _: self._never(log=log), points) if window is None else query(window, x)

    def _never(self, *, log: bool) -> Any:
        """The answer at no outcome."""
        return -math.inf if log else Ratio(0) if self.is_exact else 0.0

    def beside(self, x: Question, side: Side, *, log: bool = False) -> Answer:
        """Exact where the law and a lower end are, else within the tolerance of the settings; never 1 - the other."""
        if self.is_laid_out():
            return super().beside(x, side, log=log)
        total = self._log_total if log else self._total
        return _each(lambda v: total(read_query(v), side), asked(x))

    def _total(self, x: Scalar | float, side: Side) -> Any:
        """P(X <= x) or P(X > x) at one number."""
        certain = self._beyond_ends(x, side)
        if certain is not None:
            return Ratio(certain) if self.is_exact else float(certain)
        assert not isinstance(x, float)
        exact = self.exact_head(x) if self.is_exact else None
        if exact is not None:
            return Ratio(exact if side == "cdf" else 1 - exact)
        if self.is_far_side(x, side):
            other = self._other_side(x, OTHER_SIDE[side])
            if other <= 0.5:
                # 1 - other loses nothing: it is at least 1/2.
                return 1 - other
        return self.held(x, side)

    def _log_total(self, x: Scalar | float, side: Side) -> float:
        """log P(X <= x) or log P(X > x) at one number."""
        certain = self._beyond_ends(x, side)
        if certain is not None:
            return 0.0 if certain else -math.inf
        assert not isinstance(x, float)
        exact = self.exact_head(x) if self.is_exact else None
        if exact is not None:
            return log_ratio(exact if side == "cdf" else 1 - exact)
        found = -math.inf if self.is_far_side(x, side) else self.held(x, side, log=True)
        if found < NEAR_ONE and found != -math.inf:
            return found
        # Near 1 the other end's sum tells how far from 1.
        other = self._other_side(x, OTHER_SIDE[side])
        return math.log1p(-other) if other <= 0.5 else self.held(x, side, log=True)

    def _beyond_ends(self, x: Scalar | float, side: Side) -> int | None:
        """P(X <= x) or P(X > x) left or right of all outcomes, 0 or 1; None among them."""
        below, above = (0, 1) if side == "cdf" else (1, 0)
        if isinstance(x, float):
            return above if x > 0 else below
        if self.low is not None and x < self.low:
            return below
        return above if self.high is not None and x >= self.high else None

    def is_far_side(self, x: Scalar, side: Side) -> bool:
        """Whether the sum from the other end is likely the smaller one."""
        return bool(x >= self.mean()) if side == "cdf" else bool(x < self.mean())

    @under_own_settings
    def ends_beside(self, x: NumberLike, side: Side) -> tuple[Any, Any]:
        if self.is_laid_out():
            return super().ends_beside(x, side)
        value = self.beside(x, side)
        if isinstance(value, Fraction):
            return value, value
        slack = self.error + current_settings().tolerance + 2.0**-40
        return value * (1 - slack), min(1.0, value * (1 + slack))

    def quantile_ends(self, q: Fraction) -> tuple[Any, Any]:
        if self.is_laid_out():
            return super().quantile_ends(q)
        ends = {0: self.low, 1: self.high}
        if q in ends:
            return (ends[int(q)],) * 2 if ends[int(q)] is not None else ((-math.inf, math.inf)[int(q)],) * 2
        value = self.quantile(q, "cdf", False)
        return value, value

    def _last(self, q: Fraction, side: Side) -> Outcome | None:
        """The end that a level of 0 or 1 asks for, refused where there is none; None for levels between."""
        if q not in (0, 1):
            return None
        end = self.low if (q == 0) == (side == "cdf") else self.high
        if end is None:
            call = "ppf" if side == "cdf" else "isf"
            raise DistconvValueError(
                f"{call}({q}) of this law is infinite: it has no such last outcome; ask for a level inside (0, 1)"
            )
        return end

    @property
    def moments(self) -> CumulantMoments:
        """The moments, from the cumulants: each of these is computed once."""
        return CumulantMoments(self.cumulant, self.told, self.memory.setdefault("cumulants", {}))


def _each(function: Callable[[Any], Any], x: Any) -> Any:
    """A function of one number, for one or an array of them: doubles, or objects where any is a fraction."""
    points = many(x)
    if points is None:
        return function(x)
    values = [function(v) for v in points.astype(object).ravel()]
    result: AnyArray = np.empty(len(values), dtype=object if any(isinstance(v, Fraction) for v in values) else float)
    result[:] = values
    return result.reshape(points.shape)
