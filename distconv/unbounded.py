"""Laws with infinitely many outcomes: families, their shifts and scalings, and sums that have no closed form.

Such a law is never held whole. A *window* is a finite measure of some of its outcomes with a proven bound on the
mass outside (`Measure.missing`). Where the outcomes have a lowest (or highest) one, the law of the outcomes up to x is
a finite sum, exact where the parameters are; so is P(X + Y = c) then. Everything else uses a window whose missing mass
is proven small beside the answer itself.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from fractions import Fraction
from itertools import islice, pairwise
from typing import Any

import numpy as np

from distconv import bounds, closed_forms, convolution, lookup, moments
from distconv.arrangement import positive_cells, positive_ranks
from distconv.checks import check_integer
from distconv.distribution import Distribution
from distconv.errors import AccuracyError, DistconvTypeError, DistconvValueError, SizeLimitError
from distconv.measure import Measure
from distconv.planning import Plan
from distconv.queries import log_fraction, root
from distconv.settings import current_settings
from distconv.support import Lattice
from distconv.support.outcomes import quotient, rational_gcd, read_vector, whole
from distconv.transforms import affine, images
from distconv.typing import Outcome, Scalar, Vector
from distconv.weights import Floating
from distconv.weights.floating import binary_exponents

#: Probability that the default window of an infinite law may miss.
WINDOW_TAIL = 1e-18
#: Windows missing less than this are not tried: missing mass is a double.
LEAST_TAIL = 1e-290
#: Most points a window may hold.
MOST_POINTS = 50_000_000
#: An answer from a window may lack this part of the tolerance: the window costs nothing that shows.
SAFETY = 1 / 64


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
            part = _some(self._up_to(x) if self.low is not None else self._from(x))
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
        return float(getattr(Distribution._of(self._holding(x, query)), query)(x))

    def _log_sum(self, x: Scalar | float, query: str) -> float:
        """logcdf or logsf at one number."""
        nothing = Fraction(0 if query == "cdf" else 1)
        outside = isinstance(x, float) or (self.low is not None and x < self.low)
        if isinstance(x, float) or outside or (self.high is not None and x >= self.high):
            return log_fraction(Fraction(self._tail_sum(x, query, nothing)))
        exact = self._exact_head(x) if self.is_exact else None
        if exact is not None:
            return log_fraction(exact if query == "cdf" else 1 - exact)
        if self._is_far_side(x, query):
            other = self._held(x, "sf" if query == "cdf" else "cdf")
            if other <= 0.5:
                return math.log1p(-other)
        return self._log_held(x, query)

    def _log_held(self, x: Scalar, query: str) -> float:
        """The log of cdf or sf at one number, likewise."""
        return float(getattr(Distribution._of(self._holding(x, query)), "log" + query)(x))

    def _holding(self, x: Scalar, query: str) -> Measure:
        """A window in which the sum of the outcomes on one side of x is right to the tolerance."""

        def complete(window: Measure) -> bool:
            value = getattr(Distribution._of(window), query)(x)
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

    def cdf_bounds(self, x: Any) -> tuple[Any, Any]:
        """(low, high) between which P(X <= x) lies for certain."""
        value = self.cdf(x)
        if isinstance(value, Fraction):
            return value, value
        slack = self.error + current_settings().tolerance + 2.0**-40
        return value * (1 - slack), min(1.0, value * (1 + slack))

    # Quantiles ----------------------------------------------------------------------------------------------------

    def _quantile(self, q: Fraction) -> Outcome:
        if q == 0:
            return self._end(self.low, "ppf(0)")
        if q == 1:
            return self._end(self.high, "ppf(1)")
        return self._search(q, 1 - q)

    def _upper_quantile(self, q: Fraction) -> Outcome:
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
            reached = window.cdf(x) >= below if below <= above else window.sf(x) <= above
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

    def __iter__(self) -> Iterator[tuple[Outcome, Any]]:
        """Pairs (outcome, probability) without end, from the lowest outcome up (or the highest down)."""
        return ((x, self.pmf(x)) for x in self.support)

    def expect(self, f: Callable[[Any], Any]) -> float:
        """E[f(X)] over a window; right for an f that grows slowly beside the mass of 1e-18 that the window misses."""
        return float(Distribution._of(self._measure).expect(f))

    def pgf(self, z: Any) -> Any:
        """E[z**X] over a window, for |z| <= 1 (families answer in closed form)."""
        size: Any = abs(z) if isinstance(z, int | float | complex | Fraction) else 0
        if size > 1:
            raise DistconvValueError(f"z must be at most 1 in absolute value for this infinite sum, got {z!r}")
        return Distribution._of(self._measure).pgf(z)

    # Combine ------------------------------------------------------------------------------------------------------

    def _shifted(self, by: Vector) -> Distribution:
        return Image(self, 1, by[0])

    def _scaled(self, factor: Scalar) -> Distribution:
        return Image(self, factor, 0) if factor else self._zero()

    def _copies(self, n: int) -> Distribution:
        closed = closed_forms.power(self, n)
        return closed if closed is not None else self._sum_of([(self, n)])

    @staticmethod
    def _sum_of(terms: list[tuple[Distribution, int]]) -> Distribution:
        """The sum of so many copies of each law, kept as terms."""
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

    def given(self, predicate: Callable[[Any], Any]) -> Distribution:
        """The law of X, known that predicate(X) holds, on the default window (see `missing`)."""
        return Distribution._of(self._measure).given(predicate)


def _endless(what: str) -> DistconvTypeError:
    return DistconvTypeError(
        f"{what} of a law with infinitely many outcomes has no end; cut it first: X.given(lambda x: x <= 100), or "
        "take some: list(itertools.islice(X, 10))"
    )


def _some(measure: Measure | None) -> Measure:
    assert measure is not None
    return measure


def _weight_at(measure: Measure, x: Scalar) -> Any:
    """The weight of a number in a measure."""
    return Distribution._of(measure).pmf(x)


class Endless:
    """The outcomes of an infinite law, counted from its end."""

    __slots__ = ("_law",)

    def __init__(self, law: Unbounded) -> None:
        self._law = law

    def __len__(self) -> int:
        raise DistconvTypeError("this law has infinitely many outcomes; it has no len()")

    def __iter__(self) -> Iterator[Outcome]:
        index, count = 0, 64
        while True:
            known = self._first(count).support
            while index < len(known):
                yield known[index] if self._law.low is not None else known[-1 - index]
                index += 1
            count *= 2

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            if index.stop is None or index.stop < 0 or (index.start or 0) < 0 or (index.step or 1) < 0:
                raise DistconvTypeError("a slice of endless outcomes needs a start and a stop >= 0: X.support[:10]")
            return [self[i] for i in range(*index.indices(index.stop))]
        place = check_integer("index", index)
        if place < 0:
            raise DistconvTypeError(f"these outcomes have no end to count back from, got index {place}")
        return next(islice(self, place, None))

    def _first(self, count: int) -> Distribution:
        """The outcomes nearest to the end, in so many steps of the lattice."""
        law = self._law
        if law.low is None and law.high is None:
            raise DistconvTypeError("the outcomes of this law have no first and no last; ask X.pmf(x) instead")
        step = law._spacing()
        if law.low is not None:
            return Distribution._of(_some(law._up_to(whole(law.low + step * count))))
        assert law.high is not None
        return Distribution._of(_some(law._from(whole(law.high - step * count))))

    def __contains__(self, x: Any) -> bool:
        return bool(self._law.logpmf(x) > -math.inf)

    def __repr__(self) -> str:
        law = self._law
        if law.low is None and law.high is None:
            return "Endless(..., ...)"
        return f"Endless({', '.join(map(str, islice(self, 3)))}, ...)"


class Image(Unbounded):
    """scale * X + shift of an infinite law X."""

    __slots__ = ("base", "scale", "shift")

    base: Unbounded
    scale: Scalar
    shift: Scalar

    def __new__(cls, base: Unbounded, scale: Scalar, shift: Scalar) -> Image:
        """One image at most: images of images, mirrored laws with a name and scaled sums are resolved.

        The identity is the law itself, so an `Image` need not come back.
        """
        if isinstance(base, Image):
            scale, shift = whole(scale * base.scale), whole(scale * base.shift + shift)
            base = base.base
        mirrored = base._mirrored() if scale < 0 else None
        if mirrored is not None:
            base, scale = mirrored, -scale
        if isinstance(base, UnboundedSum) and scale != 1:
            terms = [(law._scaled(scale), n) for law, n in base.terms]
            base, scale = UnboundedSum(terms), 1
        if scale == 1 and shift == 0:
            return base  # type: ignore[return-value]
        law = object.__new__(cls)
        law._set(None, Plan("given", reason="an image of a law with infinitely many outcomes"))
        law.base, law.scale, law.shift = base, scale, shift
        return law

    def __init__(self, base: Unbounded, scale: Scalar, shift: Scalar) -> None:
        pass

    def __reduce__(self) -> Any:
        return Image, (self.base, self.scale, self.shift)

    def _key(self) -> Any:
        core, scale, shift = self.base._key()
        return core, self.scale * scale, self.scale * shift + self.shift

    def _spacing(self) -> Scalar:
        return whole((self.scale if self.scale > 0 else -self.scale) * self.base._spacing())

    @property
    def is_exact(self) -> bool:
        """Whether the weights are exact fractions."""
        return self.base.is_exact

    @property
    def kind(self) -> str:
        """``"exact"`` or ``"float"``."""
        return self.base.kind

    @property
    def error(self) -> float:
        """A proven bound on the relative rounding error of every weight."""
        return self.base.error

    @property
    def low(self) -> Scalar | None:
        """The lowest outcome; None where there is none."""
        return self._moved(self.base.low if self.scale > 0 else self.base.high)

    @property
    def high(self) -> Scalar | None:
        """The highest outcome; None where there is none."""
        return self._moved(self.base.high if self.scale > 0 else self.base.low)

    def _moved(self, x: Scalar | None) -> Scalar | None:
        return None if x is None else whole(self.scale * x + self.shift)

    def _covering(self, tail: float) -> Measure:
        return self._carried(self.base._covering(tail))

    def _carried(self, measure: Measure) -> Measure:
        return affine.shifted(affine.scaled(measure, self.scale), (self.shift,))

    def _up_to(self, x: Scalar) -> Measure | None:
        edge = quotient(x - self.shift, self.scale)
        part = self.base._up_to(edge) if self.scale > 0 else self.base._from(edge)
        return None if part is None else self._carried(part)

    def _from(self, x: Scalar) -> Measure | None:
        edge = quotient(x - self.shift, self.scale)
        part = self.base._from(edge) if self.scale > 0 else self.base._up_to(edge)
        return None if part is None else self._carried(part)

    def _around(self, low: Scalar, high: Scalar) -> Measure | None:
        ends = sorted([quotient(low - self.shift, self.scale), quotient(high - self.shift, self.scale)])
        part = self.base._around(ends[0], ends[1])
        return None if part is None else self._carried(part)

    def _exact_head(self, x: Scalar) -> Fraction | None:
        place, query = self._behind(x, "cdf")
        head = self.base._exact_head(place)
        return head if head is None or query == "cdf" else 1 - head

    def _held(self, x: Scalar, query: str) -> float:
        return self.base._held(*self._behind(x, query))

    def _log_held(self, x: Scalar, query: str) -> float:
        return self.base._log_held(*self._behind(x, query))

    def _behind(self, x: Scalar, query: str) -> tuple[Scalar, str]:
        """The question to the base law that has the same answer: mirrored, X <= x is base > the outcome before."""
        edge = quotient(x - self.shift, self.scale)
        if self.scale > 0:
            return edge, query
        step, ends = self.base._spacing(), (self.base.low, self.base.high)
        anchor = next((end for end in ends if end is not None), 0)
        before = anchor + step * (math.ceil(quotient(edge - anchor, step)) - 1)
        return whole(before), "sf" if query == "cdf" else "cdf"

    def _cumulant(self, k: int) -> Any:
        value = self.scale**k * self.base._cumulant(k)
        return value + self.shift if k == 1 else value

    def pgf(self, z: Any) -> Any:
        """z**shift times the base law's E[(z**scale)**X]."""
        base = Fraction(z) if isinstance(z, int) else z
        return base**self.shift * self.base.pgf(base**self.scale)


class UnboundedSum(Unbounded):
    """The sum of independent laws, at least one of them infinite, for which there is no closed form."""

    __slots__ = ("terms",)

    terms: tuple[tuple[Distribution, int], ...]

    def __new__(cls, terms: list[tuple[Distribution, int]]) -> UnboundedSum:
        """So many copies of each law, merged by closed forms as far as they go, shifts outside.

        One law that is left comes back as it is, a shifted sum as an `Image`.
        """
        merged, shift = _merged(terms)
        (first, copies), *more = merged.items()
        if copies == 1 and not more:
            return first + shift  # type: ignore[return-value]
        law = object.__new__(cls)
        law._set(None, Plan("given", reason="a sum with infinitely many outcomes, kept as its terms"))
        law.terms = tuple(merged.items())
        return Image(law, 1, shift) if shift else law  # type: ignore[return-value]

    def __init__(self, terms: list[tuple[Distribution, int]]) -> None:
        pass

    def __reduce__(self) -> Any:
        return UnboundedSum, (list(self.terms),)

    def _terms(self) -> list[tuple[Distribution, int]]:
        return list(self.terms)

    def _key(self) -> Any:
        return ("sum", frozenset(self.terms)), 1, 0

    @property
    def is_exact(self) -> bool:
        """Whether every weight is a finite sum of exact fractions: exact terms, and an end on one side."""
        return all(law.is_exact for law, _ in self.terms) and not (self.low is None and self.high is None)

    @property
    def kind(self) -> str:
        """``"exact"`` or ``"float"``."""
        return "exact" if self.is_exact else "float"

    @property
    def error(self) -> float:
        """A proven bound on the relative error of every weight that `pmf` gives."""
        truncation = 0.0 if self.is_exact else current_settings().tolerance * SAFETY
        return bounds.compose(self._measure.weights.error, truncation)

    def _spacing(self) -> Scalar:
        steps: Scalar = 0
        for law, _ in self.terms:
            steps = rational_gcd(steps, law._spacing() if isinstance(law, Unbounded) else _step(law._measure))
        return steps

    def _least(self, window: Measure, low: Scalar, high: Scalar) -> float:
        """As in `Unbounded`; 0 where the window has a zero that is not a true one."""
        period: Scalar = 0
        for law, _ in self.terms:
            if isinstance(law, Unbounded):
                period = rational_gcd(period, law._spacing())
        # In the long run the outcomes are periodic, and the window must hold one for every one of its residues.
        step = window.box.step[0]
        cells = max(int(quotient(period, step)), 1)
        held = positive_cells(window)
        first = math.ceil(quotient(low - window.box.origin[0], step))
        last = math.floor(quotient(high - window.box.origin[0], step))
        inside = held[(held >= first) & (held <= last)]
        expected = np.isin(np.arange(first, last + 1) % cells, np.unique(held % cells)).sum()
        return super()._least(window, low, high) if len(inside) == expected else 0.0

    @property
    def low(self) -> Scalar | None:
        """The lowest outcome; None where there is none."""
        ends = [lowest(law) for law, _ in self.terms]
        if any(e is None for e in ends):
            return None
        return whole(sum(n * e for e, (_, n) in zip(ends, self.terms, strict=True)))  # type: ignore[misc, operator]

    @property
    def high(self) -> Scalar | None:
        """The highest outcome; None where there is none."""
        ends = [highest(law) for law, _ in self.terms]
        if any(e is None for e in ends):
            return None
        return whole(sum(n * e for e, (_, n) in zip(ends, self.terms, strict=True)))  # type: ignore[misc, operator]

    def _covering(self, tail: float) -> Measure:
        share = tail / sum(n for _, n in self.terms) * (1 - 2.0**-20)
        result: Measure | None = None
        for law, n in self.terms:
            window = law._covering(share) if isinstance(law, Unbounded) else law._measure
            part = convolution.power(window, n)[0]
            result = part if result is None else convolution.convolve(result, part)[0]
        # Without an end every weight is an infinite sum, of which a window holds a part.
        return _some(result) if self.is_exact else convolution.as_floating(_some(result))

    def _up_to(self, x: Scalar) -> Measure | None:
        room = x - self.low  # type: ignore[operator]
        if room < 0:
            return None
        result: Measure | None = None
        for law, n in self.terms:
            start = lowest(law)
            assert start is not None
            head = law._up_to(whole(start + room)) if isinstance(law, Unbounded) else law._measure
            part = _cut_power(_some(head), n, room)
            result = part if result is None else _cut(convolution.convolve(result, part)[0], room)
        return Measure(_some(result).support, _some(result).weights, 1.0)

    def _from(self, x: Scalar) -> Measure | None:
        mirrored = UnboundedSum([(-law, n) for law, n in self.terms])._up_to(-x)
        return None if mirrored is None else affine.reflected(mirrored)

    def _cumulant(self, k: int) -> Any:
        return sum(n * law.cumulant(k) for law, n in self.terms)

    def pgf(self, z: Any) -> Any:
        """The product of the terms' own."""
        return math.prod(law.pgf(z) ** n for law, n in self.terms)


def _merged(terms: list[tuple[Distribution, int]]) -> tuple[dict[Distribution, int], Scalar]:
    """The laws of a sum with the number of copies of each, closed forms applied, and the sum of their shifts."""
    shift: Scalar = 0
    merged: dict[Distribution, int] = {}
    pending = list(reversed(terms))
    while pending:
        law, n = pending.pop()
        if isinstance(law, Image) and law.shift:
            shift += n * law.shift
            law = Image(law.base, law.scale, 0)
        if isinstance(law, UnboundedSum):
            pending.extend((inner, n * copies) for inner, copies in reversed(law.terms))
            continue
        if not isinstance(law, Unbounded) and law._measure.support.size == 1 and law._measure.weights.at(0) == 1:
            shift += n * law._measure.box.origin[0]
            continue
        closed = closed_forms.power(law, n) if n > 1 else None
        if closed is not None:
            pending.append((closed, 1))
            continue
        other = None
        if n == 1:
            for other, copies in merged.items():
                closed = closed_forms.add(other, law) if copies == 1 else None
                if closed is not None:
                    break
        if closed is None or other is None:
            # Of equal laws, exact and floating, the floating one stays: one float makes all floating.
            copies = merged.get(law, 0) if law.is_exact else merged.pop(law, 0)
            merged[law] = copies + n
        else:
            del merged[other]
            pending.append((closed, 1))
    return merged, whole(shift)


@closed_forms.register_any(Image)
def _sum_of_images(x: Image, y: Distribution) -> Distribution | None:
    """scale * (base + base) + shifts, or scale * (base - base) + shifts, where that has a closed form."""
    if not isinstance(y, Unbounded):
        return None
    other, scale, shift = (y.base, y.scale, y.shift) if isinstance(y, Image) else (y, 1, 0)
    if scale == x.scale:
        closed = closed_forms.add(x.base, other)
    elif scale == -x.scale:
        closed = closed_forms.subtract(x.base, other)
        if closed is None:
            closed = closed_forms.subtract(other, x.base)
            closed = None if closed is None else -closed
    else:
        closed = None
    return None if closed is None else x.scale * closed + (x.shift + shift)


@closed_forms.register_power(Image)
def _copies_of_image(x: Image, n: int) -> Distribution | None:
    """scale * (n @ base) + n * shift."""
    closed = closed_forms.power(x.base, n)
    return None if closed is None else x.scale * closed + n * x.shift


def _step(measure: Measure) -> Scalar:
    """The distance of neighbours on the lattice of a finite measure; 0 of one point."""
    box: Lattice = measure.box
    return box.step[0] if box.shape[0] > 1 else 0


def lowest(law: Distribution) -> Scalar | None:
    """The lowest outcome of a 1-D law; None where there is none."""
    return law.low if isinstance(law, Unbounded) else law._measure.box.origin[0]


def highest(law: Distribution) -> Scalar | None:
    """The highest outcome of a 1-D law; None where there is none."""
    return law.high if isinstance(law, Unbounded) else law._measure.box.high[0]


def _cut(measure: Measure, room: Scalar) -> Measure:
    """The outcomes of a measure no further than `room` above its lowest."""
    limit = measure.box.origin[0] + room
    count = lookup.count_up_to(measure, limit)
    if count >= measure.support.size:
        return measure
    return images.select(measure, np.arange(count))


def _cut_power(measure: Measure, n: int, room: Scalar) -> Measure:
    """The sum of n copies of a measure, no further than `room` above its lowest outcome."""
    square, result = _cut(measure, room), None
    for bit, following in pairwise([*map(int, reversed(bin(n)[2:])), 2]):
        if bit:
            result = square if result is None else _cut(convolution.convolve(result, square)[0], room)
        if following != 2:
            square = _cut(convolution.convolve(square, square)[0], room)
    return _some(result)
