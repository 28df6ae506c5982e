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

from distconv import closed_forms, convolution, lookup, moments
from distconv.answers import log_fraction
from distconv.arrangement import positive_cells, positive_ranks
from distconv.checks import check_function, check_integer
from distconv.coordinates import asked
from distconv.distribution import Distribution
from distconv.errors import AccuracyError, DistconvTypeError, DistconvValueError, SizeLimitError
from distconv.measure import Measure
from distconv.risk import excess
from distconv.settings import current_settings
from distconv.support.outcomes import read_vector
from distconv.transforms import affine, conditioning, images
from distconv.typing import Outcome, Scalar, Vector
from distconv.unbounded.endless import Endless
from distconv.weights import Floating
from distconv.weights.conversion import root, to_double
from distconv.weights.floating import binary_exponents

#: Probability that the default window of an infinite law may miss.
WINDOW_TAIL = 1e-18
#: Windows missing less than this are not tried: missing mass is a double.
LEAST_TAIL = 1e-290
#: Most points a window may hold.
MOST_POINTS = 50_000_000
#: An answer from a window may lack this part of the tolerance: the window costs nothing that shows.
SAFETY = 1 / 64
#: The part of a condition's probability that the window on which it is asked may miss.
GIVEN_PART = 1e-12
#: Logs above this are computed from the other end.
NEAR_ONE = -0.7


class Unbounded(Distribution):
    """A 1-D law whose outcomes have no end on at least one side.

    Subclasses define `low`, `high`, `_covering`, `_up_to`, `_from` and `_cumulant`.
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
        return WINDOW_TAIL

    @property
    def low(self) -> Scalar | None:
        """The lowest outcome; None where there is none."""
        raise NotImplementedError

    @property
    def high(self) -> Scalar | None:
        """The highest outcome; None where there is none."""
        raise NotImplementedError

    def _covering(self, tail: float) -> Measure:
        """A window that misses at most `tail`."""
        raise NotImplementedError

    def _up_to(self, x: Scalar) -> Measure | None:
        """All outcomes <= x, each with its own weight; needs `low`. None where there are none."""
        raise NotImplementedError

    def _from(self, x: Scalar) -> Measure | None:
        """All outcomes >= x, each with its own weight; needs `high`. None where there are none."""
        raise NotImplementedError

    def _cumulant(self, k: int) -> Any:
        """The k-th cumulant, in closed form."""
        raise NotImplementedError

    def _terms(self) -> list[tuple[Distribution, int]]:
        """The laws whose sum this is, with the number of copies of each."""
        return [(self, 1)]

    def _materialise(self) -> Measure:
        return self._covering(WINDOW_TAIL)

    # Probabilities ------------------------------------------------------------------------------------------------

    def pmf(self, x: Any) -> Any:
        """P(X = x), within `error` relative: a finite sum where the law has an end, else from a window that deep."""
        return self._pointwise(x, "pmf")

    def logpmf(self, x: Any) -> Any:
        """log P(X = x)."""
        return self._pointwise(x, "logpmf")

    def _pointwise(self, x: Any, query: str) -> Any:
        """A query of weights, answered by a window that holds these points with their own weights."""
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
        return -math.inf if query == "logpmf" else Fraction(0) if self.is_exact else 0.0

    def _around(self, low: Scalar, high: Scalar) -> Measure | None:
        """A measure whose weights from low to high are the law's own; None where it has no outcome there."""
        if self.low is not None:
            return self._up_to(high)
        if self.high is not None:
            return self._from(low)

        def complete(window: Measure) -> bool:
            if not window.box.origin[0] <= low <= high <= window.box.high[0]:
                return False
            return window.missing <= current_settings().tolerance * SAFETY * self._least(window, low, high)

        return self._deep_enough(complete, f"P(X = x) for x from {low} to {high}")

    def _least(self, window: Measure, low: Scalar, high: Scalar) -> float:
        """The smallest weight that a window holds for the outcomes from low to high, of which it may miss none."""
        count = lookup.count_up_to(window, low), lookup.count_up_to(window, high)
        first = count[0] - (lookup.rank(window, (low,)) is not None)
        kept = positive_ranks(window.weights)
        kept = kept[(kept >= first) & (kept < count[1])]
        if not len(kept):
            return math.inf
        weights = convolution.as_floating(window).weights
        assert isinstance(weights, Floating)
        exponent = int(binary_exponents(weights)[kept].min())
        return math.ldexp(0.5, max(exponent, -1072))

    def cdf(self, x: Any) -> Any:
        """P(X <= x): exact where the law and a lower end are, else within the tolerance of the settings."""
        return self._over(x, lambda v: self._tail_sum(v, "cdf", Fraction(0) if self.is_exact else 0.0))

    def sf(self, x: Any) -> Any:
        """P(X > x), never 1 - cdf unless that is exact."""
        return self._over(x, lambda v: self._tail_sum(v, "sf", Fraction(1) if self.is_exact else 1.0))

    def logcdf(self, x: Any) -> Any:
        """log P(X <= x)."""
        return self._over(x, lambda v: self._log_sum(v, "cdf"))

    def logsf(self, x: Any) -> Any:
        """log P(X > x)."""
        return self._over(x, lambda v: self._log_sum(v, "sf"))

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
            return exact if query == "cdf" else 1 - exact
        if self._is_far_side(x, query):
            other = self._held(x, "sf" if query == "cdf" else "cdf")
            if other <= 0.5:
                # 1 - other loses nothing: it is at least 1/2.
                return 1 - other
        return self._held(x, query)

    def _exact_head(self, x: Scalar) -> Fraction | None:
        """P(X <= x) as a finite exact sum; None where it is too long to be exact."""
        try:
            part = some(self._up_to(x) if self.low is not None else self._from(x))
        except SizeLimitError:
            return None
        total = moments.total(part)
        if not isinstance(total, Fraction):
            return None
        return total if self.low is not None else 1 - total + _weight_at(part, x)

    def _is_far_side(self, x: Scalar, query: str) -> bool:
        """Whether the sum from the other end is likely the smaller one."""
        return bool(x >= self.mean()) if query == "cdf" else bool(x < self.mean())

    def _held(self, x: Scalar, query: str) -> float:
        """cdf or sf at one number from a window that holds its own side."""
        return float(Distribution._of(self._holding(x, query))._of_known(query, x))

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
        other = self._held(x, "sf" if query == "cdf" else "cdf")
        return math.log1p(-other) if other <= 0.5 else self._log_held(x, query)

    def _log_held(self, x: Scalar, query: str) -> float:
        """The log of cdf or sf at one number, likewise."""
        return float(Distribution._of(self._holding(x, query))._of_known("log" + query, x))

    def _holding(self, x: Scalar, query: str) -> Measure:
        """A window in which the sum of the outcomes on one side of x is right to the tolerance."""

        def complete(window: Measure) -> bool:
            value = Distribution._of(window)._of_known(query, x)
            return bool(window.missing <= current_settings().tolerance * SAFETY * value)

        return self._deep_enough(complete, f"{query}({x})")

    def _deep_enough(self, complete: Callable[[Measure], bool], what: str) -> Measure:
        """The first of ever deeper windows that is complete."""
        tail = WINDOW_TAIL
        while tail >= LEAST_TAIL:
            window = self._measure if tail == WINDOW_TAIL else self._covering(tail)
            if complete(window):
                return window
            tail = max(tail**2, LEAST_TAIL) if tail > LEAST_TAIL else 0.0
        raise AccuracyError(
            f"{what} is below {LEAST_TAIL} or so, too small beside the mass that any window of this infinite sum "
            "misses; truncate the terms first: X.given(lambda x: x <= 1000)"
        )

    def _between_ends(self, x: Any, *, head: bool) -> tuple[Any, Any]:
        value = self.cdf(x) if head else self.sf(x)
        if isinstance(value, Fraction):
            return value, value
        slack = self.error + current_settings().tolerance + 2.0**-40
        return value * (1 - slack), min(1.0, value * (1 + slack))

    def _quantile_ends(self, q: Fraction) -> tuple[Any, Any]:
        ends = {0: self.low, 1: self.high}
        if q in ends:
            return (ends[int(q)],) * 2 if ends[int(q)] is not None else ((-math.inf, math.inf)[int(q)],) * 2
        value = self._quantile(q, False)
        return value, value

    # Quantiles ----------------------------------------------------------------------------------------------------

    def _quantile(self, q: Fraction, rounded: bool) -> Outcome:  # noqa: ARG002 - windows settle it
        if q == 0:
            return self._end(self.low, "ppf(0)")
        if q == 1:
            return self._end(self.high, "ppf(1)")
        return self._search(q, 1 - q)

    def _upper_quantile(self, q: Fraction, rounded: bool) -> Outcome:  # noqa: ARG002 - windows settle it
        if q == 0:
            return self._end(self.high, "isf(0)")
        if q == 1:
            return self._end(self.low, "isf(1)")
        return self._search(1 - q, q)

    def _end(self, end: Scalar | None, what: str) -> Outcome:
        if end is None:
            raise DistconvValueError(
                f"{what} of this law is infinite: it has no such last outcome; ask for a level inside (0, 1)"
            )
        return end

    def _search(self, below: Fraction, above: Fraction) -> Outcome:
        """The smallest outcome x with P(X <= x) >= below, that is P(X > x) <= above = 1 - below."""
        small = min(below, above)
        tail = WINDOW_TAIL
        while tail > current_settings().tolerance * float(small):
            tail **= 2
            if tail < LEAST_TAIL:
                raise AccuracyError(f"the level {float(small)} is too small for a window of this infinite law")
        window = Distribution._of(self._measure if tail == WINDOW_TAIL else self._covering(tail))
        rank = 0
        cells = positive_cells(window._measure)
        high = len(cells) - 1
        while rank < high:
            middle = (rank + high) // 2
            x = window.support[middle]
            reached = window.cdf(x) >= below if below <= above else window._of_known("sf", x) <= above
            rank, high = (rank, middle) if reached else (middle + 1, high)
        if self.is_exact:
            # The window misses a little: the exact sums have the last word.
            while self.cdf(window.support[rank]) < below:
                rank += 1
            while rank and self.cdf(window.support[rank - 1]) >= below:
                rank -= 1
        return window.support[rank]

    # Moments ------------------------------------------------------------------------------------------------------

    def mean(self) -> Any:
        """The mean, in closed form."""
        return self._cumulant(1)

    def var(self) -> Any:
        """The variance, in closed form."""
        return self._cumulant(2)

    def cov(self) -> Any:
        """The covariance matrix, (1, 1)."""
        return np.array([[self.var()]])

    def cumulant(self, k: Any) -> Any:
        """The k-th cumulant, in closed form; the cumulants of a sum are sums of those of its terms."""
        return self._cumulant(check_integer("k", k, at_least=1))

    def _central(self, order: int) -> list[Any]:
        cumulants = [0, *(self._cumulant(k) for k in range(1, order + 1))]
        return moments.central_from_cumulants(cumulants)[: order + 1]

    def _shape(self, order: int) -> Any:
        variance, value = self._cumulant(2), self._cumulant(order)
        if order == 4:
            return value / variance / variance + 3
        return to_double(value) / to_double(variance) / root(variance)

    def kurtosis(self) -> Any:
        """Excess kurtosis, from the cumulants: no difference of nearly equal numbers."""
        variance = self._cumulant(2)
        return self._cumulant(4) / variance / variance

    def std(self) -> float:
        """The standard deviation, a float."""
        return root(self.var())

    @property
    def support(self) -> Any:
        """The outcomes, an endless sequence from the end that there is."""
        return Endless(self)

    def to_dict(self) -> dict[Outcome, Any]:
        """Refused: there is no end of outcomes."""
        raise _endless("to_dict()")

    def to_arrays(self) -> Any:
        """Refused: there is no end of outcomes."""
        raise _endless("to_arrays()")

    def __len__(self) -> int:
        # Not a TypeError, which list(X), sorted(X) and their like would overlook, to collect outcomes for ever.
        raise DistconvValueError(
            "this law has infinitely many outcomes, so it has no length, list or dict; take some of them: "
            "X.support[:10], or X.truncate(high=10).to_dict()"
        )

    def __iter__(self) -> Iterator[tuple[Outcome, Any]]:
        """Pairs (outcome, probability) without end, from the lowest outcome up (or the highest down)."""
        return ((x, self.pmf(x)) for x in self.support)

    def expect(self, f: Callable[[Any], Any]) -> float:
        """E[f(X)], within some roundings of E ``|f(X)|``: the sum over a window beyond which next to nothing is left.

        The terms ``f(x) P(X = x)`` must fall off towards every open end; it is taken for granted that beyond the window
        they go on falling at least as fast as at its ends.

        Raises:
            AccuracyError: they do not, or too slowly: the sum may be infinite.

        >>> from distconv import Geometric, Poisson
        >>> round(Geometric("1/2").expect(lambda x: 1.5**x), 12), round(Poisson(3).expect(lambda x: 2**x), 12)
        (3.0, 20.085536923188)
        """
        from distconv.unbounded.expectation import expected

        self._settled("E f(X)", "expect(f)")
        return expected(self, f)

    def pgf(self, z: Any) -> Any:
        """E[z**X] over a window, for ``abs(z)`` <= 1 (families answer in closed form)."""
        size: Any = abs(z) if isinstance(z, int | float | complex | Fraction) else 0
        if size > 1:
            raise DistconvValueError(f"z must be at most 1 in absolute value for this infinite sum, got {z!r}")
        return Distribution._of(self._measure).pgf(z)

    def _excess(self, d: Scalar | float) -> Any:
        """As of finite laws: exact below an end, else from a window of which Cauchy and Schwarz bound what it misses.

        E max(X - d, 0) over what is missing, at most T, is at most sqrt(E (X - d)**2 T).
        """
        if isinstance(d, float):
            return excess(self._measure, d)
        if self.is_exact and self.low is not None:
            part = None if d <= self.low else self._up_to(d)
            if part is None or part.weights.is_exact:
                return self.mean() - d + (0 if part is None else excess(affine.reflected(part), -d))
        square = float(self.var()) + float(self.mean() - d) ** 2

        def complete(window: Measure) -> bool:
            value = excess(window, d)
            return bool(math.sqrt(square * window.missing) <= current_settings().tolerance * SAFETY * value)

        return float(excess(self._deep_enough(complete, f"the stop-loss premium at {d}"), d))

    # Combine ------------------------------------------------------------------------------------------------------

    def _shifted(self, by: Vector) -> Distribution:
        from distconv.unbounded.image import Image

        return Image(self, 1, by[0])

    def _scaled(self, factor: Scalar) -> Distribution:
        from distconv.unbounded.image import Image

        return Image(self, factor, 0) if factor else self._zero()

    def _copies(self, n: int) -> Distribution:
        closed = closed_forms.power(self, n)
        return closed if closed is not None else self._sum_of([(self, n)])

    @staticmethod
    def _sum_of(terms: list[tuple[Distribution, int]]) -> Distribution:
        """The sum of so many copies of each law, kept as terms."""
        from distconv.unbounded.sum import UnboundedSum

        return UnboundedSum(terms)

    def _same_infinite(self, other: Distribution) -> bool:
        return isinstance(other, Unbounded) and self._key() == other._key()

    def _key(self) -> Any:
        """(core, scale, shift): what laws that are known to be equal share; this one is scale * core + shift."""
        raise NotImplementedError

    def _mirrored(self) -> Unbounded | None:
        """The law of -X where it has a name of its own."""
        return None

    def _spacing(self) -> Scalar:
        """A distance of which all differences of outcomes are multiples, and in the long run all multiples occur."""
        return 1

    def __hash__(self) -> int:
        return hash(self._key())

    def _between(self, low: Vector | None, high: Vector | None) -> Measure:
        if high is not None and self.low is not None:
            part = self._up_to(high[0])
        elif low is not None and self.high is not None:
            part = self._from(low[0])
        elif low is not None and high is not None:
            part = self._around(low[0], high[0])
        elif low is not None or high is not None:
            window = self._holding(low[0] - 1, "sf") if low is not None else self._holding(high[0], "cdf")  # type: ignore[index]
            chance = conditioning.within(window, low, high)[1]
            # On the side asked for it misses no more than this part of what it holds (`_holding`).
            return replace(window, missing=current_settings().tolerance * SAFETY * float(chance))
        else:
            return self._measure
        # What lies outside is not missing from the law of what is inside.
        return self._measure if part is None else replace(part, missing=0.0)

    def given(self, predicate: Callable[[Any], Any]) -> Distribution:
        """The law of X, known that predicate(X) holds, on a window that misses little beside that probability.

        The law is finite; what the window may miss is in its `missing`, and its weights are lower bounds by so much.
        """
        check_function(predicate, "given")

        def complete(window: Measure) -> bool:
            ranks = conditioning.event(window, predicate)
            held = images.select(window, np.array(ranks, dtype=np.int64)) if ranks else None
            return held is not None and window.missing <= GIVEN_PART * float(moments.total(held))

        try:
            window = self._deep_enough(complete, "the probability of the condition")
        except (AccuracyError, SizeLimitError):
            window = self._measure
        return Distribution._of(window).given(predicate)


def _endless(what: str) -> DistconvTypeError:
    return DistconvTypeError(
        f"{what} of a law with infinitely many outcomes has no end; cut it first: X.given(lambda x: x <= 100), or "
        "take some: list(itertools.islice(X, 10))"
    )


def some(measure: Measure | None) -> Measure:
    """The measure, known not to be None."""
    assert measure is not None
    return measure


def _weight_at(measure: Measure, x: Scalar) -> Any:
    """The weight of a number in a measure."""
    return Distribution._of(measure).pmf(x)
