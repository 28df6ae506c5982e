"""Laws that are asked, not held: every answer comes from a formula or from a window that is deep enough for it.

What a law must know: its ends `low` and `high`, a measure that is complete between two outcomes (`_around`), the sums
on either side of an outcome (`_held`, `_log_held`, where they are finite exact sums `_exact_head`), and its cumulants.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np

from distconv.answers import log_fraction
from distconv.checks import check_integer
from distconv.coordinates import asked
from distconv.distribution import Distribution
from distconv.errors import DistconvValueError
from distconv.measure import Measure, lookup
from distconv.numbers.doubles import root, to_double
from distconv.queries import moments
from distconv.ratio import Ratio
from distconv.settings import current_settings
from distconv.support.outcomes import read_vector
from distconv.typing import Outcome, Scalar

#: Logs above this are computed from the other end.
NEAR_ONE = -0.7


class Asked(Distribution):
    """A 1-D law that answers single questions without being laid out.

    A law that is laid out all the same, because it is small, answers from its measure (`_is_laid_out`).
    """

    __slots__ = ()

    def _is_laid_out(self) -> bool:
        """Whether questions are answered from the whole measure."""
        return False

    @property
    def low(self) -> Scalar | None:
        """The lowest outcome; None where there is none."""
        raise NotImplementedError

    @property
    def high(self) -> Scalar | None:
        """The highest outcome; None where there is none."""
        raise NotImplementedError

    def _around(self, low: Scalar, high: Scalar) -> Measure | None:
        """A measure that is complete on [low, high], nothing missing there; None without an outcome there."""
        raise NotImplementedError

    def _exact_head(self, x: Scalar) -> Fraction | None:
        """P(X <= x) as a finite exact sum; None where it is too long to be exact."""
        raise NotImplementedError

    def _held(self, x: Scalar, query: str) -> float:
        """cdf or sf at one number, summed from its own side."""
        raise NotImplementedError

    def _other_side(self, x: Scalar, query: str) -> float:
        """cdf or sf at one number, to be taken from 1: 0 where a bound says that it is nothing beside 1."""
        return self._held(x, query)

    def _log_held(self, x: Scalar, query: str) -> float:
        """The log of cdf or sf at one number, likewise."""
        raise NotImplementedError

    def _cumulant(self, k: int) -> Any:
        """The k-th cumulant in closed form, before it is rounded (`_told`)."""
        raise NotImplementedError

    def _told(self, value: Any) -> Any:
        """A moment as it is answered: families with floating parameters round it, once."""
        return value

    # Probabilities ------------------------------------------------------------------------------------------------

    def pmf(self, x: Any) -> Any:
        """P(X = x), within `error` relative: a finite sum where the law has an end, else from a window that deep."""
        return super().pmf(x) if self._is_laid_out() else self._pointwise(x, "pmf")

    def logpmf(self, x: Any) -> Any:
        """log P(X = x)."""
        return super().logpmf(x) if self._is_laid_out() else self._pointwise(x, "logpmf")

    def _pointwise(self, x: Any, query: str) -> Any:
        """A query of weights, answered by a window that is complete at these points."""
        if isinstance(x, tuple):
            x = read_vector(x, 1, "x")[0]
        x = asked(x)
        if not isinstance(x, list | np.ndarray):
            value = lookup.read_query(x)
            window = None if isinstance(value, float) else self._around(value, value)
            return self._nowhere(query) if window is None else getattr(Distribution._of(window), query)(value)
        points = np.asarray(x, dtype=None if isinstance(x, np.ndarray) else object)
        if points.dtype.kind in "iu" and points.size:
            low: Scalar = int(points.min())
            high: Scalar = int(points.max())
            count = int(points.size)
        else:
            finite = [v for v in map(lookup.read_query, points.ravel()) if not isinstance(v, float)]
            low, high, count = (min(finite), max(finite), len(finite)) if finite else (0, 0, 0)
        if high - low > 100 * count + 100_000:
            return self._over(points, lambda v: self._pointwise(v, query))
        window = self._around(low, high) if count else None
        if window is None:
            return self._over(points, lambda _: self._nowhere(query))
        return getattr(Distribution._of(window), query)(x)

    def _nowhere(self, query: str) -> Any:
        """The answer at no outcome."""
        return -math.inf if query == "logpmf" else Ratio(0) if self.is_exact else 0.0

    def cdf(self, x: Any) -> Any:
        """P(X <= x): exact where the law and a lower end are, else within the tolerance of the settings."""
        if self._is_laid_out():
            return super().cdf(x)
        return self._over(x, lambda v: self._tail_sum(v, "cdf", Ratio(0) if self.is_exact else 0.0))

    def sf(self, x: Any) -> Any:
        """P(X > x), never 1 - cdf unless that is exact."""
        if self._is_laid_out():
            return super().sf(x)
        return self._over(x, lambda v: self._tail_sum(v, "sf", Ratio(1) if self.is_exact else 1.0))

    def logcdf(self, x: Any) -> Any:
        """log P(X <= x)."""
        return super().logcdf(x) if self._is_laid_out() else self._over(x, lambda v: self._log_sum(v, "cdf"))

    def logsf(self, x: Any) -> Any:
        """log P(X > x)."""
        return super().logsf(x) if self._is_laid_out() else self._over(x, lambda v: self._log_sum(v, "sf"))

    def _over(self, x: Any, function: Callable[[Any], Any]) -> Any:
        """A function of one number, for one or an array of them."""
        x = asked(x)
        if not isinstance(x, list | np.ndarray):
            return function(lookup.read_query(x))
        values = [function(lookup.read_query(v)) for v in np.asarray(x, dtype=object).ravel()]
        result = np.empty(len(values), dtype=object if any(isinstance(v, Fraction) for v in values) else np.float64)
        result[:] = values
        return result.reshape(np.shape(x))

    def _tail_sum(self, x: Scalar | float, query: str, below: Any) -> Any:
        """cdf or sf at one number; `below` is what it is left of all outcomes."""
        above = 1 - below
        if isinstance(x, float):
            return above if x > 0 else below
        if self.low is not None and x < self.low:
            return below
        if self.high is not None and x >= self.high:
            return above
        exact = self._exact_head(x) if self.is_exact else None
        if exact is not None:
            return Ratio(exact if query == "cdf" else 1 - exact)
        if self._is_far_side(x, query):
            other = self._other_side(x, "sf" if query == "cdf" else "cdf")
            if other <= 0.5:
                # 1 - other loses nothing: it is at least 1/2.
                return 1 - other
        return self._held(x, query)

    def _is_far_side(self, x: Scalar, query: str) -> bool:
        """Whether the sum from the other end is likely the smaller one."""
        return bool(x >= self.mean()) if query == "cdf" else bool(x < self.mean())

    def _log_sum(self, x: Scalar | float, query: str) -> float:
        """logcdf or logsf at one number."""
        nothing = Fraction(0 if query == "cdf" else 1)
        outside = isinstance(x, float) or (self.low is not None and x < self.low)
        if isinstance(x, float) or outside or (self.high is not None and x >= self.high):
            return log_fraction(Fraction(self._tail_sum(x, query, nothing)))
        exact = self._exact_head(x) if self.is_exact else None
        if exact is not None:
            return log_fraction(exact if query == "cdf" else 1 - exact)
        found = -math.inf if self._is_far_side(x, query) else self._log_held(x, query)
        if found < NEAR_ONE and found != -math.inf:
            return found
        # Near 1 the other end's sum tells how far from 1.
        other = self._other_side(x, "sf" if query == "cdf" else "cdf")
        return math.log1p(-other) if other <= 0.5 else self._log_held(x, query)

    def _between_ends(self, x: Any, *, head: bool) -> tuple[Any, Any]:
        if self._is_laid_out():
            return super()._between_ends(x, head=head)
        value = self.cdf(x) if head else self.sf(x)
        if isinstance(value, Fraction):
            return value, value
        slack = self.error + current_settings().tolerance + 2.0**-40
        return value * (1 - slack), min(1.0, value * (1 + slack))

    def _quantile_ends(self, q: Fraction) -> tuple[Any, Any]:
        if self._is_laid_out():
            return super()._quantile_ends(q)
        ends = {0: self.low, 1: self.high}
        if q in ends:
            return (ends[int(q)],) * 2 if ends[int(q)] is not None else ((-math.inf, math.inf)[int(q)],) * 2
        value = self._quantile(q, False)
        return value, value

    def _end(self, end: Scalar | None, what: str) -> Outcome:
        if end is None:
            raise DistconvValueError(
                f"{what} of this law is infinite: it has no such last outcome; ask for a level inside (0, 1)"
            )
        return end

    # Moments ------------------------------------------------------------------------------------------------------

    def mean(self) -> Any:
        """The mean, in closed form."""
        return self._told(self._cumulant(1))

    def var(self) -> Any:
        """The variance, in closed form."""
        return self._told(self._cumulant(2))

    def cov(self) -> Any:
        """The covariance matrix, (1, 1)."""
        return np.array([[self.var()]])

    def std(self) -> float:
        """The standard deviation, a float: also where the variance is beyond the doubles."""
        return root(self._cumulant(2))

    def cumulant(self, k: Any) -> Any:
        """The k-th cumulant, in closed form; the cumulants of a sum are sums of those of its terms."""
        return self._told(self._cumulant(check_integer("k", k, at_least=1)))

    def moment(self, k: Any) -> Any:
        """E[X**k], from the cumulants."""
        order = check_integer("k", k, at_least=0)
        cumulants = [0, *(self._cumulant(j) for j in range(1, order + 1))]
        central = moments.central_from_cumulants(cumulants)[: order + 1]
        return self._told(moments.raw_from_central(central, cumulants[1] if order else 0, order))

    def skewness(self) -> float:
        """The third cumulant over sd**3, a float; NaN for one point."""
        variance, third = self._cumulant(2), self._cumulant(3)
        if not variance:
            return math.nan
        if isinstance(variance, Fraction) and isinstance(third, Fraction):
            size = root(third**2 / variance**3)
            return -size if third < 0 else size
        return to_double(third) / to_double(variance) / root(variance)

    def kurtosis(self) -> Any:
        """Excess kurtosis, from the cumulants: no difference of nearly equal numbers; NaN for one point."""
        variance = self._cumulant(2)
        return self._told(self._cumulant(4) / variance / variance) if variance else math.nan
