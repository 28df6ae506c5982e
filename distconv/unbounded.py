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
from itertools import pairwise
from typing import Any

import numpy as np

from distconv import convolution, lookup, moments
from distconv.arrangement import positive_cells
from distconv.checks import check_integer
from distconv.distribution import Distribution
from distconv.errors import AccuracyError, DistconvTypeError, DistconvValueError
from distconv.measure import Measure
from distconv.planning import Plan
from distconv.queries import read_level, root
from distconv.settings import current_settings
from distconv.support.outcomes import quotient, whole
from distconv.transforms import affine, images
from distconv.typing import Outcome, Scalar, Vector

#: Probability that the default window of an infinite law may miss.
WINDOW_TAIL = 1e-18
#: Windows missing less than this are not tried: missing mass is a double.
LEAST_TAIL = 1e-290
#: Most points a window may hold.
MOST_POINTS = 50_000_000


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
        if not isinstance(x, list | np.ndarray):
            value = lookup.read_query(x) if not isinstance(x, tuple) else x
            window = None if isinstance(value, float | tuple) else self._around(value, value)
            return getattr(Distribution._of(window or self._measure), query)(x)
        points = [lookup.read_query(v) for v in np.asarray(x, dtype=object).ravel()]
        finite = [v for v in points if not isinstance(v, float)]
        if not finite:
            return getattr(Distribution._of(self._measure), query)(x)
        if max(finite) - min(finite) > 100 * len(finite) + 100_000:
            values = [getattr(self, query)(v) for v in points]
            result = np.empty(len(values), dtype=object if isinstance(values[0], Fraction) else np.float64)
            result[:] = values
            return result.reshape(np.shape(x))
        window = self._around(min(finite), max(finite))
        return getattr(Distribution._of(window or self._measure), query)(x)

    def _around(self, low: Scalar, high: Scalar) -> Measure | None:
        """A measure whose weights from low to high are the law's own; None where it has no outcome there."""
        if self.low is not None:
            return self._up_to(high)
        if self.high is not None:
            return self._from(low)

        def complete(window: Measure) -> bool:
            if not window.box.origin[0] <= low <= high <= window.box.high[0]:
                return False
            # A zero inside the window is a true one; the others are least at one of the ends, or near it.
            weights = [w for w in Distribution._of(window).pmf([low, high]) if w]
            return all(window.missing <= current_settings().tolerance * w for w in weights)

        return self._deep_enough(complete, f"P(X = x) for x from {low} to {high}")

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
        if self.is_exact and self.low is not None:
            head = moments.total(_some(self._up_to(x)))
            return head if query == "cdf" else 1 - head
        if self.is_exact and self.high is not None:
            tail = self._from(x)
            total = Fraction(0) if tail is None else Fraction(moments.total(tail)) - Fraction(_weight_at(tail, x))
            return total if query == "sf" else 1 - total
        window = self._holding(x, query)
        return getattr(Distribution._of(window), query)(x)

    def _log_sum(self, x: Scalar | float, query: str) -> float:
        """logcdf or logsf at one number."""
        from distconv.queries import log_fraction

        ends = self._tail_sum(x, query, Fraction(0 if query == "cdf" else 1)) if isinstance(x, float) else None
        if ends is not None:
            return log_fraction(Fraction(ends))
        assert not isinstance(x, float)
        outside = (self.low is not None and x < self.low) or (self.high is not None and x >= self.high)
        if outside or self.is_exact:
            return log_fraction(Fraction(self._tail_sum(x, query, Fraction(0 if query == "cdf" else 1))))
        return float(getattr(Distribution._of(self._holding(x, query)), "log" + query)(x))

    def _holding(self, x: Scalar, query: str) -> Measure:
        """A window in which the sum of the outcomes on one side of x is right to the tolerance."""

        def complete(window: Measure) -> bool:
            value = getattr(Distribution._of(window), query)(x)
            return bool(window.missing <= current_settings().tolerance * value)

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
            raise DistconvValueError(f"{what} of this law is infinite: it has no such last outcome; ask for a level inside (0, 1)")
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
        if isinstance(z, int | float | complex | Fraction) and abs(z) > 1:
            raise DistconvValueError(f"z must be at most 1 in absolute value for this infinite sum, got {z!r}")
        return Distribution._of(self._measure).pgf(z)

    # Combine ------------------------------------------------------------------------------------------------------

    def _shifted(self, by: Vector) -> Distribution:
        return Image(self, 1, by[0])

    def _scaled(self, factor: Scalar) -> Distribution:
        return Image(self, factor, 0) if factor else self._zero()

    def _copies(self, n: int) -> Distribution:
        from distconv import closed_forms

        closed = closed_forms.power(self, n)
        return closed if closed is not None else self._sum_of([(self, n)])

    @staticmethod
    def _sum_of(terms: list[tuple[Distribution, int]]) -> Distribution:
        """The sum of so many copies of each law, kept as terms."""
        return UnboundedSum(terms)

    def _same_infinite(self, other: Distribution) -> bool:
        return isinstance(other, Unbounded) and self._key() == other._key()

    def _key(self) -> Any:
        """What laws that are known to be equal share."""
        raise NotImplementedError

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
        index = 0
        while True:
            yield self[index]
            index += 1

    def __getitem__(self, index: int) -> Outcome:
        law = self._law
        if law.low is None and law.high is None:
            raise DistconvTypeError("the outcomes of this law have no first and no last; ask X.pmf(x) instead")
        count = 64
        while True:
            window = self._first(count)
            if len(window.support) > index:
                return window.support[index] if law.low is not None else window.support[-1 - index]
            count *= 2

    def _first(self, count: int) -> Distribution:
        """The outcomes nearest to the end, in so many steps of the lattice."""
        law = self._law
        step = law._measure.box.step[0]
        window = law._up_to(whole(law.low + step * count)) if law.low is not None else law._from(whole(law.high - step * count))
        return Distribution._of(_some(window))

    def __contains__(self, x: Any) -> bool:
        return bool(self._law.pmf(x) > 0)

    def __repr__(self) -> str:
        law = self._law
        if law.low is None and law.high is None:
            return "Endless(..., ...)"
        first = ", ".join(str(self[i]) for i in range(3))
        return f"Endless({first}, ...)"


class Image(Unbounded):
    """scale * X + shift of an infinite law X."""

    __slots__ = ("base", "scale", "shift")

    base: Unbounded
    scale: Scalar
    shift: Scalar

    def __new__(cls, base: Unbounded, scale: Scalar, shift: Scalar) -> Image:
        """Images of images are one image; the identity is the law itself."""
        if isinstance(base, Image):
            base, scale, shift = base.base, whole(scale * base.scale), whole(scale * base.shift + shift)
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
        return ("image", self.base._key(), self.scale, self.shift)

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
        return self._image(self.base._covering(tail))

    def _image(self, measure: Measure) -> Measure:
        return affine.shifted(affine.scaled(measure, self.scale), (self.shift,))

    def _up_to(self, x: Scalar) -> Measure | None:
        edge = quotient(x - self.shift, self.scale)
        part = self.base._up_to(edge) if self.scale > 0 else self.base._from(edge)
        return None if part is None else self._image(part)

    def _from(self, x: Scalar) -> Measure | None:
        edge = quotient(x - self.shift, self.scale)
        part = self.base._from(edge) if self.scale > 0 else self.base._up_to(edge)
        return None if part is None else self._image(part)

    def _around(self, low: Scalar, high: Scalar) -> Measure | None:
        ends = sorted([quotient(low - self.shift, self.scale), quotient(high - self.shift, self.scale)])
        part = self.base._around(ends[0], ends[1])
        return None if part is None else self._image(part)

    def _holding(self, x: Scalar, query: str) -> Measure:
        if self.scale > 0:
            return self._image(self.base._holding(quotient(x - self.shift, self.scale), query))
        return super()._holding(x, query)

    def _cumulant(self, k: int) -> Any:
        value = self.scale**k * self.base._cumulant(k)
        return value + self.shift if k == 1 else value


class UnboundedSum(Unbounded):
    """The sum of independent laws, at least one of them infinite, for which there is no closed form."""

    __slots__ = ("terms",)

    terms: tuple[tuple[Distribution, int], ...]

    def __init__(self, terms: list[tuple[Distribution, int]]) -> None:
        flat: dict[Distribution, int] = {}
        for law, count in terms:
            for inner, copies in law._terms() if isinstance(law, Unbounded) else [(law, 1)]:
                flat[inner] = flat.get(inner, 0) + copies * count
        self._set(None, Plan("given", reason="a sum with infinitely many outcomes, kept as its terms"))
        self.terms = tuple(flat.items())

    def __reduce__(self) -> Any:
        return UnboundedSum, (list(self.terms),)

    def _terms(self) -> list[tuple[Distribution, int]]:
        return list(self.terms)

    def _key(self) -> Any:
        return ("sum", frozenset(self.terms))

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
        return _some(result)

    def _up_to(self, x: Scalar) -> Measure | None:
        room = x - self.low  # type: ignore[operator]
        if room < 0:
            return None
        result: Measure | None = None
        for law, n in self.terms:
            start = lowest(law)
            assert start is not None
            head = law._up_to(whole(start + room)) if isinstance(law, Unbounded) else law._measure
            part = _cut_power(_some(head), n, start, room)
            result = part if result is None else _cut(convolution.convolve(result, part)[0], room)
        return Measure(_some(result).support, _some(result).weights, 1.0)

    def _from(self, x: Scalar) -> Measure | None:
        mirrored = UnboundedSum([(-law, n) for law, n in self.terms])._up_to(-x)
        return None if mirrored is None else affine.reflected(mirrored)

    def _cumulant(self, k: int) -> Any:
        return sum(n * law.cumulant(k) for law, n in self.terms)


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


def _cut_power(measure: Measure, n: int, start: Scalar, room: Scalar) -> Measure:
    """The sum of n copies of a measure, no further than `room` above its lowest outcome n * start."""
    square, result = _cut(measure, room), None
    for bit, following in pairwise([*map(int, reversed(bin(n)[2:])), 2]):
        if bit:
            result = square if result is None else _cut(convolution.convolve(result, square)[0], room)
        if following != 2:
            square = _cut(convolution.convolve(square, square)[0], room)
    return _some(result)
