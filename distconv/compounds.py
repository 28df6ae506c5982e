"""Sums of a random number of terms: ``N @ X``, the law of X_1 + ... + X_N."""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np

from distconv import bounds, lookup, missing, planning
from distconv.arrangement import positive_ranks, tightened
from distconv.combine import sum_of
from distconv.coordinates import asked
from distconv.distribution import Distribution
from distconv.errors import DistconvTypeError, DistconvValueError
from distconv.families.bernoulli import Bernoulli
from distconv.families.binomial import Binomial
from distconv.families.geometric import Geometric
from distconv.families.negative_binomial import NegativeBinomial
from distconv.families.parameters import is_exact
from distconv.families.point import Point
from distconv.families.poisson import Poisson
from distconv.measure import Measure
from distconv.methods import alignment
from distconv.methods.boxes import Operand
from distconv.planning import Plan
from distconv.settings import current_settings
from distconv.support import Lattice, Points
from distconv.support.outcomes import quotient, rational_gcd, whole
from distconv.transforms import images, mixing
from distconv.typing import Scalar
from distconv.unbounded import UnboundedSum
from distconv.unbounded.image import Image
from distconv.unbounded.law import Unbounded
from distconv.value import write
from distconv.weights import Floating
from distconv.weights.conversion import to_floating
from distconv.weights.floating import from_pairs

#: Part of a window's tail that terms without end may miss.
TERM_PART = 2.0**-8


def compound(N: Distribution, X: Distribution) -> Distribution:
    """The law of X_1 + ... + X_N: a random number N of independent copies of X, ``N @ X``.

    Args:
        N: the law of the number of terms, whole numbers >= 0.
        X: the law of one term, of any dimension.

    Returns:
        The law, exact where both are exact and N is finite. For Poisson, binomial, negative binomial and geometric
        counts every probability is within `settings.tolerance`, relative, however far out. Other infinite counts are
        cut where they miss less than 1e-18 (`Distribution.missing`).

    Raises:
        DistconvValueError: N may be negative, or no whole number.

    Source: Panjer (1981); Grubel and Hermesmeier (1999) for exponential tilting; see docs/explanation/error-model.

    >>> from distconv import Die, Poisson, compound
    >>> compound(Die(2), Die(2)).to_dict()
    {1: Fraction(1, 4), 2: Fraction(3, 8), 3: Fraction(1, 4), 4: Fraction(1, 8)}
    >>> (Poisson(10) @ Die(6)).mean()
    Fraction(35, 1)
    """
    for name, law in (("N", N), ("X", X)):
        if not isinstance(law, Distribution):
            raise DistconvTypeError(f"{name} must be a Distribution, got {law!r}; a fixed number of copies is 3 @ X")
    if "symbolic" in (N.kind, X.kind):
        from distconv.formulas.making import compound as with_letters

        return with_letters(N, X)
    _check_count(N)
    if isinstance(N, Image):
        return sum_of([int(N.shift) @ X, compound(N.base, X)]) if N.scale == 1 else _mixture(N, X)
    if isinstance(N, UnboundedSum):
        return sum_of([k @ compound(law, X) for law, k in N.terms])
    if isinstance(N, Geometric):
        return sum_of([X, compound(NegativeBinomial(1, N.p), X)])
    if isinstance(N, Point):
        return int(N.mean()) @ X
    if X.is_finite and len(X.support) == 1 and X.ndim == 1:
        return N * X.support[0]
    if isinstance(X, Bernoulli) and isinstance(N, Poisson):
        return Poisson(N.lam * X.p)
    if isinstance(X, Bernoulli) and isinstance(N, Binomial):
        return Binomial(N.n, N.p * X.p)
    if isinstance(N, Binomial):
        return N.n @ _thinned(N.p, X)
    if isinstance(N, Poisson | NegativeBinomial) and X.ndim == 1:
        found = _panjer(N, X)
        if found is not None:
            return found
    return _mixture(N, X)


def _check_count(N: Distribution) -> None:
    """The number of terms is whole and >= 0."""
    if N.ndim > 1:
        raise DistconvTypeError(f"the number of terms must be a number, its law is {N.ndim}-D; take N.marginal(0)")
    low: Any = N.low if isinstance(N, Unbounded) else N.support[0]
    if low is None or low < 0:
        start = "-inf" if low is None else low
        raise DistconvValueError(f"the number of terms must be >= 0, its law starts at {start}")
    spacing = N._spacing() if isinstance(N, Unbounded) else N._measure.box.step[0]
    if Fraction(low).denominator > 1 or Fraction(spacing).denominator > 1:
        raise DistconvValueError(f"the number of terms must be whole, its law has the outcomes {low}, {low + spacing}")


def _thinned(p: Any, X: Distribution) -> Distribution:
    """X with probability p, else 0."""
    if isinstance(X, Unbounded):
        X = Distribution._of(X._measure)
    nothing = Distribution({(0,) * X.ndim: 1})
    chance = Fraction(p)
    return Distribution._of(_as_kind(mixing.mixed([(1 - chance, nothing._measure), (chance, X._measure)]), p))


def _as_kind(measure: Measure, parameter: Any) -> Measure:
    """The measure, floating where a parameter is."""
    if is_exact(parameter) or not measure.weights.is_exact:
        return measure
    return Measure(measure.support, to_floating(measure.weights, measure.support.size), measure.missing)


def _mixture(N: Distribution, X: Distribution) -> Distribution:
    """The sums of n terms, mixed: all n of a finite law, those of a window of an infinite one."""
    counts, terms = N._measure, X._measure
    most = int(counts.box.high[0])
    if not isinstance(terms.support, Points):
        # Of few points far apart every sum is planned by itself.
        planning.check_cells(math.prod(most * (k - 1) + 1 for k in terms.box.shape), "the compound sum")
    shares = mixing.shares_of(counts)
    # What is missing from n terms is known by itself; `found` misses what its sums were cut by.
    found = mixing.compounded(shares, replace(terms, missing=0.0))
    parts = [mixing.double(share) * missing.repeated(missing.bound(terms), n) for n, share in shares]
    lost = min(1.0, found.missing + (math.fsum(parts) + counts.missing) * bounds.PAD)
    plan = Plan("compound", found.weights.kind, found.support.size, reason=f"{len(shares):,} numbers of terms, mixed")
    return Distribution._of(replace(found, missing=lost), plan)


def _panjer(N: Any, X: Distribution) -> Distribution | None:
    """A Poisson or negative binomial sum; None where X has no lowest outcome that is >= 0, or no exact weights."""
    low: Any
    high: Any
    if isinstance(X, Unbounded):
        low, high = X.low, X.high
    elif X.missing:
        return None
    else:
        low, high = X.support[0], X.support[-1]
    if high is not None and high <= 0:
        return -compound(N, -X)
    if low is not None and low >= 0:
        return Compound(N, X)
    if isinstance(N, Poisson) and X.is_finite:
        # Terms above 0 and below 0 come in independent Poisson numbers.
        up, down = X.given(lambda x: x > 0), X.given(lambda x: x < 0)
        rates = [Fraction(N.lam) * _exact(X.prob(event)) for event in (lambda x: x > 0, lambda x: x < 0)]
        if is_exact(N.lam) and X.is_exact:
            return sum_of([compound(Poisson(rates[0]), up), compound(Poisson(rates[1]), down)])
        return sum_of([compound(Poisson(float(rates[0])), up), compound(Poisson(float(rates[1])), down)])
    return None


def _exact(value: Any) -> Fraction:
    """A probability as the number that it is."""
    return Fraction(value)


class Compound(Unbounded):
    """The sum of a Poisson or negative binomial number of independent terms >= 0."""

    __slots__ = ("count", "term")

    count: Any
    term: Distribution

    def __init__(self, count: Any, term: Distribution) -> None:
        self._set(None, Plan("compound", reason="tilted transforms of the count's generating function, when asked"))
        write(self, "count", count)
        write(self, "term", term)

    def __reduce__(self) -> Any:
        return Compound, (self.count, self.term)

    def _key(self) -> Any:
        return ("compound", self.count, self.term), 1, 0

    @property
    def kind(self) -> str:
        """``"float"``."""
        return "float"

    @property
    def is_exact(self) -> bool:
        """False: probabilities are doubles, each within `error`."""
        return False

    @property
    def error(self) -> float:
        """The settings' tolerance, which every probability keeps to, or raises."""
        return current_settings().tolerance

    @property
    def low(self) -> Scalar:
        """0: there may be no terms."""
        return 0

    @property
    def high(self) -> None:
        """None: there is no most."""
        return None

    def _spacing(self) -> Scalar:
        term = self.term
        if isinstance(term, Unbounded):
            return rational_gcd(term.low or 0, term._spacing())
        box = term._measure.box
        return rational_gcd(box.origin[0], box.step[0] if box.shape[0] > 1 else 0)

    def _cumulant(self, k: int) -> Any:
        """By Faa di Bruno's formula for K_N(K_X(t))."""
        inner = [self.term.cumulant(j) for j in range(1, k + 1)]
        bell: dict[tuple[int, int], Any] = {(0, 0): 1}
        for n in range(1, k + 1):
            for j in range(1, n + 1):
                bell[n, j] = sum(
                    math.comb(n - 1, i - 1) * inner[i - 1] * bell.get((n - i, j - 1), 0) for i in range(1, n - j + 2)
                )
        return sum(self.count.cumulant(j) * bell[k, j] for j in range(1, k + 1))

    def pgf(self, z: Any) -> Any:
        """The count's generating function of the terms' own."""
        return self.count.pgf(self.term.pgf(z))

    def _shape_of(self, terms: Measure) -> tuple[Any, Any, float]:
        """(the count of terms that are not 0, their law on multiples of the spacing from 0 on, its error)."""
        from distconv.methods.compounding import Count

        unit = self._spacing()
        box = terms.box
        first = int(quotient(box.origin[0], unit))
        planning.check_cells(first + int(quotient(box.step[0], unit)) * box.size, "a term of the compound sum")
        floats = Measure(terms.support, to_floating(terms.weights, terms.support.size))
        significands, exponents = alignment.dense_doubles(floats, (unit,))
        front = np.zeros(first)
        significands = np.concatenate((front, significands))
        if exponents is not None:
            exponents = np.concatenate((front.astype(np.int64), exponents))
        if first == 0:
            significands = significands.copy()
            significands[0] = 0.0
        # What is not 0 has a chance of its own: 1 less that of 0 would lose its digits.
        if isinstance(self.term, Unbounded):
            keep = 1 - _exact(self.term.pmf(0))
        else:
            ranks = positive_ranks(terms.weights)[1 if first == 0 else 0 :]
            keep = sum((exact_at(terms, int(r)) for r in ranks), start=Fraction(0))
        if isinstance(self.count, Poisson):
            count = Count(Fraction(self.count.lam), Fraction(0), keep)
        else:
            q = 1 - Fraction(self.count.p)
            count = Count(q / (1 - q * (1 - keep)), Fraction(self.count.r), keep)
        return count, Operand(significands, exponents, False), bounds.compose(floats.weights.error, self.term.error)

    def _up_to(self, x: Scalar) -> Measure | None:
        if x < 0:
            return None
        unit = self._spacing()
        last = math.floor(Fraction(x) / Fraction(unit))
        held: tuple[int, float, Measure] | None = self._cache.get("held")
        tolerance = current_settings().tolerance
        if held is None or held[0] < last or held[1] > tolerance:
            planning.check_cells(last + 1, "the outcomes of the compound sum up to there")
            held = self._cache["held"] = (last, tolerance, self._weights_to(last, unit, tolerance))
        if held[0] == last:
            return held[2]
        return _head(held[2], whole(last * unit))

    def _pointwise(self, x: Any, query: str) -> Any:
        x = asked(x)
        if isinstance(x, list | np.ndarray) and np.size(x):
            # The farthest point first: its window holds all others.
            places = [v for v in np.ravel(np.asarray(x, dtype=object)).tolist() if 0 <= v < math.inf]
            if places:
                self._up_to(lookup.read_query(max(places)))  # type: ignore[arg-type]
        return super()._pointwise(x, query)

    def _around(self, low: Scalar, high: Scalar) -> Measure | None:  # noqa: ARG002 - from 0 on
        held = self._cache.get("held")
        if held is not None and held[0] * self._spacing() >= high >= 0 and held[1] <= current_settings().tolerance:
            return held[2]  # type: ignore[no-any-return]
        return self._up_to(high)

    def _weights_to(self, last: int, unit: Scalar, tolerance: float) -> Measure:
        """The probabilities of 0, unit, ..., last * unit."""
        from distconv.methods.compounding import compound as panjer

        term = self.term
        terms = term._up_to(whole(last * unit)) if isinstance(term, Unbounded) else term._measure
        if terms is None or terms.box.high[0] <= 0:
            terms = term._covering(2.0**-60) if isinstance(term, Unbounded) else term._measure
        count, step, error = self._shape_of(terms)
        found = panjer(count, step, last, error, tolerance)
        weights = from_pairs(found.significands, found.exponents, found.error)
        measure = Measure(Lattice((0,), (unit,), (last + 1,)), weights, 1.0)
        return measure if found.significands.all() else tightened(measure)

    def _covering(self, tail: float) -> Measure:
        """The outcomes up to where Chernoff's bound P(S > x) <= G(M(t)) 2**(-t x) is within the tail."""
        from distconv.methods.compounding import upper_end

        term, lost = self.term, 0.0
        if isinstance(term, Unbounded):
            terms = term._covering(tail * TERM_PART / max(float(self.count.mean()), 1.0))
            lost = terms.missing * float(self.count.mean())
        else:
            terms = term._measure
        count, step, _ = self._shape_of(terms)
        last = upper_end(count, step, math.log(tail - lost))
        unit = self._spacing()
        found = self._up_to(whole(last * unit))
        assert found is not None
        return replace(found, missing=tail)


def exact_at(measure: Measure, rank: int) -> Fraction:
    """A weight as the number that it is."""
    weights = measure.weights
    return weights.exact_at(rank) if isinstance(weights, Floating) else Fraction(weights.at(rank))


def _head(measure: Measure, x: Scalar) -> Measure:
    """The outcomes up to x of a measure that holds more."""
    return images.select(measure, np.arange(lookup.count_up_to(measure, x)))
