"""What a law answers: probabilities, quantiles, moments. The numerics live in `queries`."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from distconv import missing, symbols
from distconv.answers import LOG2, log_fraction, number_array, outcome_array, read_level
from distconv.checks import check_function
from distconv.coordinates import asked
from distconv.errors import DimensionError
from distconv.measure import lookup
from distconv.measure.arranging import positive_cells
from distconv.measure.lookup import event, outcomes_of, weights_of
from distconv.measure.reading import collected, is_collection
from distconv.queries import sampling
from distconv.queries.totals import ExactSums, FloatSums
from distconv.ratio import Ratio
from distconv.support.outcomes import as_outcome, dimension_name, read_vector
from distconv.support.sequence import Outcomes
from distconv.weights import Floating, Rational
from distconv.weights.unify import numeric

if TYPE_CHECKING:
    from distconv.measure import Measure
    from distconv.typing import AnyArray, Outcome


class Queries:
    """The questions of `Distribution`, answered from one finite measure."""

    __slots__ = ()

    _measure: Measure
    _cache: dict[str, Any]
    sf_bounds: Callable[[Any], tuple[Any, Any]]
    ppf_bounds: Callable[[Any], tuple[Any, Any]]

    # What it is ---------------------------------------------------------------------------------------------------

    @property
    def ndim(self) -> int:
        """The dimension of the outcomes, 1 for numbers and d for d-tuples."""
        return self._measure.box.ndim

    @property
    def shape(self) -> tuple[int, ...]:
        """How many lattice cells the outcomes span on each axis."""
        return self._measure.box.shape

    @property
    def kind(self) -> str:
        """``"exact"``, ``"symbolic"`` or ``"float"``: what the weights are."""
        return self._measure.weights.kind

    @property
    def is_exact(self) -> bool:
        """Whether the weights are exact, as fractions or as expressions in letters."""
        return self._measure.weights.is_exact

    @property
    def error(self) -> float:
        """A proven bound on the relative rounding error of every weight; 0.0 for exact ones."""
        return self._measure.weights.error

    @property
    def missing(self) -> float:
        """A proven upper bound on probability that lies one does not know where, perhaps at infinity; 0.0 if none.

        `pmf`, `cdf` and `prob` are then the smallest they can be, `cdf_bounds`, `sf_bounds` and `ppf_bounds` give both
        ends. Where more than 1e-8 may be missing, all other questions are refused unless the answer is certain.
        """
        return missing.bound(self._measure)

    @property
    def support(self) -> Outcomes:
        """The outcomes of positive probability, a lazy sorted sequence (len, indexing, slices, iteration, in)."""
        found: Outcomes | None = self._cache.get("support")
        if found is None:
            box = self._measure.box
            cells = np.arange(box.size) if self._sums_full_terms() else positive_cells(self._measure)
            found = self._cache["support"] = Outcomes(box, cells)
        return found

    def _sums_full_terms(self) -> bool:
        """Whether this is known to be a sum of laws without holes, of one step: it has none either."""
        terms, box = self._cache.get("terms"), self._measure.box
        return terms is not None and all(
            law._measure.box.step == box.step and len(law.support) == law._measure.box.size for law, _ in terms
        )

    # Probabilities ------------------------------------------------------------------------------------------------

    def pmf(self, x: Any) -> Any:
        """P(X = x): a `Fraction` of an exact law, a float of a floating one; 0 off the support.

        What is `missing` is not in it: the smallest that it can be.

        Args:
            x: an outcome, or an array of them: shape (...) in 1-D, (..., d) in n-D. Anything that numpy reads is one
                (a pandas Series, a range, an iterator); floats that are a grid to within rounding are that grid.

        Returns:
            The probability, within `error` relative of the true one; for an array, one of the same shape (..., )
            (of `Fraction` objects, or float64; probabilities below the smallest double come out as 0.0, see `logpmf`).

        Raises:
            DimensionError: an outcome of another dimension.
            DistconvTypeError: a string, or anything else that is no number.

        >>> from distconv import Die
        >>> (Die(6) + Die(6)).pmf(7)
        Fraction(1, 6)
        """
        return self._at(x, self._probability, self._probabilities)

    def logpmf(self, x: Any) -> Any:
        """log P(X = x), natural, right also far below the smallest double; -inf off the support.

        Args:
            x: as in `pmf`.

        Returns:
            A float within e / (1 - e), e the law's `error`, and four roundings of itself.

        >>> from distconv import Die
        >>> round((1000 @ Die(6)).logpmf(1000), 3)  # log(6**-1000)
        -1791.759
        """
        return self._at(x, self._log_probability, None)

    def _at(self, x: Any, scalar: Callable[[int | None], Any], many: Callable[[Any], Any] | None) -> Any:
        """A function of the ranks of one outcome or of an array of them."""
        ndim = self.ndim
        x = asked(x, ndim)
        if ndim == 1 and not isinstance(x, list | np.ndarray):
            return scalar(self._rank(x))
        if ndim > 1 and isinstance(x, tuple):
            return scalar(self._rank(x))
        points = np.asarray(x, dtype=object) if isinstance(x, list) else np.asarray(x)
        if ndim == 1:
            if isinstance(x, list) and all(type(v) is int for v in x):
                points = np.asarray(x)
            found = lookup.ranks(self._measure, points) if points.dtype.kind in "iu" else None
            if found is None:
                found = np.array([_or_minus(self._rank(v)) for v in points.ravel()], dtype=np.int64)
                found = found.reshape(points.shape)
        else:
            if points.ndim == 0 or points.shape[-1] != ndim:
                raise DimensionError(
                    f"x must be {dimension_name(ndim)} (a tuple) or an array of shape (..., {ndim}), got {x!r}"
                )
            rows = points.reshape(-1, ndim)
            found = np.array([_or_minus(self._rank(tuple(row))) for row in rows], dtype=np.int64)
            found = found.reshape(points.shape[:-1])
        if many is not None:
            result = many(found)
        else:
            values = [scalar(r if r >= 0 else None) for r in found.ravel().tolist()]
            result = np.array(values, dtype=object if self.kind == "symbolic" else np.float64).reshape(found.shape)
        return result[()] if result.ndim == 0 else result

    def _rank(self, x: Any) -> int | None:
        """The rank of an outcome in the stored support."""
        if self.ndim > 1:
            if isinstance(x, tuple) and any(isinstance(v, str) for v in x):
                lookup.read_query(next(v for v in x if isinstance(v, str)))
            return lookup.rank(self._measure, read_vector(x, self.ndim, "x"))
        if isinstance(x, tuple):
            return lookup.rank(self._measure, read_vector(x, 1, "x"))
        value = lookup.read_query(x)
        return None if isinstance(value, float) else lookup.rank(self._measure, (value,))

    def _probability(self, rank: int | None) -> Any:
        weights = self._measure.weights
        if rank is None:
            return self._none()
        return weights.at(rank)

    def _none(self) -> Any:
        """The probability of what cannot be."""
        if self.kind == "symbolic":
            import sympy

            return sympy.Integer(0)
        return Ratio.lowest(0, 1) if self.is_exact else 0.0

    def _probabilities(self, ranks: AnyArray) -> AnyArray:
        weights = self._measure.weights
        if isinstance(weights, Floating):
            values = weights.values()[ranks]
            return np.where(ranks >= 0, values, 0.0)
        result = np.empty(ranks.shape, dtype=object)
        result.ravel()[:] = [self._probability(r if r >= 0 else None) for r in ranks.ravel().tolist()]
        return result

    def _log_probability(self, rank: int | None) -> Any:
        weights = self._measure.weights
        if not isinstance(weights, Floating):
            return self._log_exact(self._probability(rank))
        if rank is None:
            return -math.inf
        value = float(weights.significands[rank])
        return math.log(value) + LOG2 * weights.exponent_at(rank) if value else -math.inf

    def _log_exact(self, value: Any) -> Any:
        """The log of an exact probability: a float of a fraction, an expression of an expression."""
        return symbols.log(value) if self.kind == "symbolic" else log_fraction(value)

    def cdf(self, x: Any) -> Any:
        """P(X <= x), summed from the small end; the smallest it can be where mass is `missing` (see `cdf_bounds`).

        Args:
            x: a number or an array of numbers; 1-D laws only.

        Returns:
            A `Fraction` of an exact law, a float within `error` and n + 4 roundings, relative, of one of n outcomes.
        """
        return self._of_known("cdf", x)

    def sf(self, x: Any) -> Any:
        """P(X > x), summed from its own small end: as accurate as the PMF, never 1 - cdf.

        Args:
            x: a number or an array of numbers; 1-D laws only.

        Raises:
            AccuracyError: more than 1e-8 is `missing`; see `sf_bounds`.

        >>> from distconv import Die
        >>> float((1000 @ Die(6)).sf(3999))
        7.704190185348998e-21
        """
        self._known_tail(x, "sf")
        return self._of_known("sf", x)

    def logcdf(self, x: Any) -> Any:
        """log P(X <= x), right also far below the smallest double; the smallest it can be where mass is `missing`.

        Off by no more than the relative error of `cdf`, near 0 no more than twice that part of itself, and 4 roundings.
        """
        return self._of_known("logcdf", x)

    def logsf(self, x: Any) -> Any:
        """log P(X > x), right also far below the smallest double; refused where more than 1e-8 is `missing`.

        As accurate as `logcdf`.
        """
        self._known_tail(x, "logsf")
        return self._of_known("logsf", x)

    def _of_known(self, query: str, x: Any) -> Any:
        """cdf, sf, logcdf or logsf over the outcomes that are known: the least that it can be."""
        head = query.endswith("cdf")
        if query.startswith("log"):
            return self._cumulative(x, lambda count: self._log_total(count, head=head), np.float64)
        return self._cumulative(x, self._head if head else self._tail)

    def _cumulative(self, x: Any, of_count: Callable[[int], Any], dtype: Any = None) -> Any:
        """A function of how many points are <= x, for one number or many."""
        self._only_1d("cdf and sf")
        x = asked(x)
        if not isinstance(x, list | np.ndarray):
            return of_count(self._count(x))
        points = (
            np.asarray(x) if isinstance(x, np.ndarray) or all(type(v) is int for v in x) else np.array(x, dtype=object)
        )
        counts = lookup.counts_up_to(self._measure, points)
        if counts is None:
            counts = np.array([self._count(v) for v in points.ravel()], dtype=np.int64).reshape(points.shape)
        if self.kind != "symbolic":
            self._sums()
        values = [of_count(c) for c in counts.ravel().tolist()]
        result = np.empty(
            counts.shape,
            dtype=object if self.kind == "symbolic" else dtype or (object if self.is_exact else np.float64),
        )
        result.ravel()[:] = values
        return result[()] if result.ndim == 0 else result

    def _known_tail(self, x: Any, call: str) -> None:
        """Refuses P(X > x) where it depends on the missing mass."""
        if self.missing > missing.NEGLIGIBLE:
            some = x if not isinstance(x, list | np.ndarray) else np.ravel(np.asarray(x, dtype=object))[0]
            raise missing.unknown(f"P(X > {some})", self.missing, self.sf_bounds(some), f"{call}({some!r})")

    def _count(self, x: Any) -> int:
        """How many stored points are <= x."""
        value = lookup.read_query(x)
        if isinstance(value, float):
            return self._measure.support.size if value > 0 else 0
        return lookup.count_up_to(self._measure, value)

    def _sums(self) -> ExactSums | FloatSums:
        """The running totals of the weights, kept once made."""
        sums: ExactSums | FloatSums | None = self._cache.get("sums")
        if sums is None:
            weights = self._measure.weights
            if isinstance(weights, Rational):
                sums = ExactSums.of(weights)
            else:
                assert isinstance(weights, Floating)
                sums = FloatSums.of(weights)
            self._cache["sums"] = sums
        return sums

    def _head(self, count: int) -> Any:
        weights = self._measure.weights
        if not isinstance(weights, Floating):
            return self._cache.get("sums", weights).head(count)
        if count >= self._measure.support.size and not self.missing:
            return 1.0
        sums = self._sums()
        assert isinstance(sums, FloatSums)
        return min(1.0, sums.heads.at(count - 1)) if count else 0.0

    def _tail(self, count: int) -> Any:
        weights = self._measure.weights
        if not isinstance(weights, Floating):
            return self._cache.get("sums", weights).tail(count)
        if count >= self._measure.support.size:
            return 0.0
        if count == 0 and not self.missing:
            return 1.0
        sums = self._sums()
        assert isinstance(sums, FloatSums)
        return min(1.0, sums.tails.at(count))

    def _log_total(self, count: int, *, head: bool) -> Any:
        """The log of a head or tail."""
        size = self._measure.support.size
        if self.is_exact:
            return self._log_exact(self._head(count) if head else self._tail(count))
        if count == (0 if head else size):
            return -math.inf
        if count == (size if head else 0) and not self.missing:
            return 0.0
        sums = self._sums()
        assert isinstance(sums, FloatSums)
        # Near 1 the other end's sum tells how far from 1.
        other = self._tail(count) if head else self._head(count)
        if other < 0.5 and not self.missing:
            return math.log1p(-other)
        part, index = (sums.heads, count - 1) if head else (sums.tails, count)
        return min(0.0, math.log(part.significands[index]) + LOG2 * part.exponent_at(index))

    # Quantiles ----------------------------------------------------------------------------------------------------

    def ppf(self, q: Any) -> Any:
        """Quantiles: the smallest outcome x with P(X <= x) >= q; q = 0 gives the lowest outcome, q = 1 the highest.

        Args:
            q: a level in [0, 1], or an array of them. Exact laws compare exactly; a float is read as its shortest
                decimal, so 0.95 is 19/20. Floating ones to within the error of `cdf`, or of `sf` above 1/2: a level
                so near to a step of the CDF may give either side of it (`ppf_bounds` gives both).

        Raises:
            DistconvValueError: a level outside [0, 1].
            AccuracyError: more than 1e-8 is `missing`, and the quantile depends on where it lies; see `ppf_bounds`.
        """
        return self._quantiles(q, "ppf", self._quantile)

    def isf(self, q: Any) -> Any:
        """The smallest outcome x with P(X > x) <= q, found in sums from the upper end; refused as `ppf` is."""
        return self._quantiles(q, "isf", self._upper_quantile)

    def _quantiles(self, q: Any, call: str, of_level: Callable[[Fraction, bool], Any]) -> Any:
        self._only_1d("quantiles")
        self._only_numbers("quantiles")
        lost = self.missing

        def at(value: Any) -> Any:
            level = read_level(value, "q")
            if lost <= missing.NEGLIGIBLE:
                return of_level(level, isinstance(value, float))
            low, high = self.ppf_bounds(level if call == "ppf" else 1 - level)
            if low != high:
                raise missing.unknown(f"{call}({value})", lost, (low, high), f"{call}({str(value)!r})")
            return low

        if not (isinstance(q, tuple) or is_collection(q)):
            return at(q)
        q = collected(q, "q")
        levels = np.array(q, dtype=object)
        return outcome_array([at(v) for v in levels.ravel()], levels.shape)

    def _quantile(self, q: Fraction, rounded: bool) -> Outcome:
        sums = self._sums()
        if isinstance(sums, ExactSums):
            return self._outcome(sums.reaching(min(q, sums.head(len(sums.numerators) - 1))))
        if q == 1:
            return self._outcome(self._measure.support.size - 1)
        rank = self._positive(sums.reaching(q) if q <= 0.5 else sums.leaving(1 - q))
        if rounded and q > 0.5:
            # The sums were searched from the other end; a level that is a double is one that `cdf` may have given.
            level = float(q)
            while rank and float(self._head(rank)) >= level:
                rank -= 1
            while rank < sums.size - 1 and float(self._head(rank + 1)) < level:
                rank += 1
        return self._outcome(self._positive(rank))

    def _upper_quantile(self, q: Fraction, rounded: bool) -> Outcome:
        sums = self._sums()
        if isinstance(sums, ExactSums):
            if q >= 1:
                return self._outcome(0)
            return self._outcome(sums.leaving(q))
        if q == 0:
            return self._outcome(self._measure.support.size - 1)
        rank = self._positive(sums.leaving(q) if q <= 0.5 else sums.reaching(1 - q))
        if rounded and q > 0.5:
            level = float(q)
            while rank and float(self._tail(rank)) <= level:
                rank -= 1
            while rank < sums.size - 1 and float(self._tail(rank + 1)) > level:
                rank += 1
        return self._outcome(self._positive(rank))

    def _positive(self, rank: int) -> int:
        """The rank itself, or the next one that carries weight."""
        weights = self._measure.weights
        assert isinstance(weights, Floating)
        while rank < len(weights.significands) - 1 and weights.significands[rank] == 0:
            rank += 1
        return rank

    def _outcome(self, rank: int) -> Outcome:
        return as_outcome(self._measure.support.vector(rank))

    def median(self) -> Any:
        """The smallest outcome x with P(X <= x) >= 1/2; refused as `ppf` is."""
        return self.ppf(Fraction(1, 2))

    def interval(self, confidence: Any) -> tuple[Any, Any]:
        """(low, high): the quantiles that leave (1 - confidence) / 2 on either side; refused as `ppf` is."""
        level = read_level(confidence, "confidence")
        return self.ppf((1 - level) / 2), self.ppf((1 + level) / 2)

    def mode(self) -> Outcome:
        """The outcome of the largest probability, the lowest of several; refused where more may be `missing`.

        Of a floating law one whose probability is within twice the `error` of the largest.
        """
        self._only_numbers("the mode")
        rank = lookup.heaviest(self._measure.weights)
        lost = self.missing
        if lost > missing.NEGLIGIBLE:
            values = [float(w) for _, w in self]
            top = float(self._probability(rank))
            others = max((v for v in values if v < top), default=0.0) if values.count(top) == 1 else top
            if top <= (others + lost) * (1 + 2 * self.error):
                raise missing.unknown("the mode", lost, None, "mode()")
        return self._outcome(rank)

    # Sums over outcomes -------------------------------------------------------------------------------------------

    def prob(self, predicate: Callable[[Any], Any]) -> Any:
        """P(predicate(X)): the predicate gets each outcome (a tuple in n-D); the least it can be if mass is missing.

        A float is within `error` and two roundings, relative.
        """
        check_function(predicate, "prob")
        ranks = event(self._measure, predicate)
        weights = self._measure.weights
        found = weights.take(np.array(ranks, dtype=np.int64)).total()
        return found if weights.is_exact else min(1.0, found)

    def rvs(self, size: int | tuple[int, ...] | None = None, rng: Any = None) -> Any:
        """Random outcomes; refused where more than 1e-8 is `missing`.

        Args:
            size: None for one outcome; an int or a tuple for an array of that shape (+ (d,) in n-D), int64 where all
                outcomes are integers (objects where they are longer), else float64.
            rng: a `numpy.random.Generator`, or a seed for one.
        """
        self._settled("a random outcome", "rvs()")
        return sampling.draw(self._measure, size, rng)

    def __iter__(self) -> Iterator[tuple[Outcome, Any]]:
        """Pairs (outcome, probability), ascending: ``dict(X)`` is `to_dict`."""
        return zip(outcomes_of(self._measure), weights_of(self._measure), strict=True)

    def to_dict(self) -> dict[Outcome, Any]:
        """The probabilities by outcome, ascending."""
        return dict(self)

    def to_arrays(self) -> tuple[AnyArray, AnyArray]:
        """(outcomes, weights): arrays (n,) or (n, d), and (n,); integers where outcomes are, floats or `Fraction`."""
        outcomes = list(outcomes_of(self._measure))
        flat: list[Any] = outcomes if self.ndim == 1 else [x for row in outcomes for x in row]  # type: ignore[union-attr]
        shape = (len(outcomes),) if self.ndim == 1 else (len(outcomes), self.ndim)
        return outcome_array(flat, shape), number_array(weights_of(self._measure), (len(outcomes),))

    def _settled(self, what: str, call: str | None, least: float = -math.inf) -> None:
        """Refuses a question whose answer may be anything from `least` on, once enough is missing."""
        lost = self.missing
        if lost > missing.NEGLIGIBLE:
            raise missing.unknown(what, lost, (least, math.inf), call)

    def _only_numbers(self, what: str) -> None:
        """Refuses a question that has no answer while there are letters."""
        if self.kind == "symbolic":
            numeric(self._measure.weights, what)

    def _only_1d(self, what: str) -> None:
        """Refuses a question that has no answer in n-D."""
        if self.ndim > 1:
            raise DimensionError(
                f"{what} are for 1-D laws; this one is {self.ndim}-D: use X.prob(lambda p: p[0] <= 1 and p[1] <= 2), "
                "or X.marginal(0).cdf(1)"
            )


def _or_minus(rank: int | None) -> int:
    return -1 if rank is None else rank
