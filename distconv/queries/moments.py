"""Moments, cumulants and entropy of measures: exact for exact weights, about the mean for floating ones.

Everything is computed on the indices of the lattice and moved to its origin and step at the end, so an offset of
10**15 costs no digit.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from distconv import missing
from distconv.checks import check_positive
from distconv.errors import DistconvValueError
from distconv.measure import Measure
from distconv.measure.lookup import axis_indices, entries_of, event, weights_of
from distconv.measure.terms import terms_of
from distconv.numbers import letters
from distconv.numbers.doubles import LOG2, root, root_product, to_double
from distconv.queries import in_arrays
from distconv.queries.arrays import number_array
from distconv.queries.letters import elementwise
from distconv.queries.refusals import only_1d, only_settled
from distconv.typing import Answer, AnyArray, FloatArray, Moment
from distconv.weights import Floating, Rational
from distconv.weights.rational import exactly, fraction
from distconv.weights.symbolic import tidied

#: Cells on an axis from which moments are computed exactly: the fourth power of an index is a double below it.
FAR = 2**250


@dataclass(frozen=True, slots=True)
class MeasureMoments:
    """The moments of a measure: of those of its terms where it is a sum that knows them, else of its weights.

    All of them depend on every outcome: where enough is `missing` that they may be anything, they are refused.
    """

    measure: Measure

    def mean(self) -> Moment:
        """The expected outcome.

        A float is within 2 (e + (n + 4) u) ``E|X - mode|`` and a rounding, with the law's error e, its n outcomes and
        u = 2**-53; what the other numbers keep to stands in docs/explanation/error-model, "Numbers".
        """
        self._settled("the mean", "mean()")
        found = self._sum_over_terms(lambda m: m.mean())
        return self._on_axes(means(self.measure)) if found is None else found

    def var(self) -> Moment:
        """The variance.

        A float is within 2 e + (8 n + 32) u, relative, of the true one (e, n, u as in `mean`).
        """
        self._settled("the variance", "var()", 0.0)
        found = self._sum_over_terms(lambda m: m.var())
        if found is not None:
            return found
        return self._on_axes([self._tidied(covariance(self.measure, i, i)) for i in range(self.measure.box.ndim)])

    def std(self) -> float | Any:
        """The standard deviation.

        Its relative error is within that of `var`.
        """
        self._settled("the standard deviation", "std()", 0.0)
        if self._is_symbolic:
            return elementwise(letters.square_root, self.var())
        measure, axes = self.measure, range(self.measure.box.ndim)
        found = self._sum_over_terms(lambda m: m.var())
        if found is not None:
            return root(found) if measure.box.ndim == 1 else np.array([root(v) for v in found])
        values = [root(covariance(measure, i, i, unit=True)) for i in axes]
        scaled = [root_product(v, s) for v, s in zip(values, measure.box.step, strict=True)]
        # In steps of the lattice it may be beyond doubles.
        scaled = [scaled[i] if scaled[i] < math.inf else root(covariance(measure, i, i)) for i in axes]
        return scaled[0] if measure.box.ndim == 1 else np.array(scaled)

    def cov(self) -> Moment:
        """The covariance matrix.

        A float is within twice the relative error of `var`, times the product of both standard deviations.
        """
        self._settled("the covariance", "cov()")
        found = self._sum_over_terms(lambda m: m.cov())
        if found is not None:
            return found
        n = self.measure.box.ndim
        values = [self._tidied(covariance(self.measure, i, j)) for i in range(n) for j in range(n)]
        return number_array(values, (n, n))

    def skewness(self) -> Moment:
        """E[(X - mean)**3] / sd**3.

        Of a floating law within some 12 (e + 8 (n + 4)**1.5 u) ``E|X - mean|**3 / sd**3`` (e, n, u as in `mean`).
        Refused, as all moments are, where more than 1e-8 is `missing`.
        """
        self._settled("the skewness", "skewness()")
        value = self._shape(3)
        return value if self._is_symbolic else float(value)

    def kurtosis(self) -> Moment:
        """Excess kurtosis.

        Of a floating law within some 16 (e + 8 (n + 4)**1.5 u) ``E|X - mean|**4 / var**2`` (e, n, u as in `mean`).
        Refused, as all moments are, where more than 1e-8 is `missing`.
        """
        self._settled("the kurtosis", "kurtosis()", -2.0)
        return self._shape(4) - 3

    def moment(self, k: int) -> Moment:
        """E[X**k].

        A float is within some 2 (k + 2) (e + 8 (n + 4)**1.5 u) ``E(|X - mean| + |mean|)**k`` (e, n, u as in `mean`).
        """
        self._settled(f"the moment of order {k}", f"moment({k})")
        return self._tidied(raw_from_central(self._central(k), self.mean(), k))

    def cumulant(self, k: int) -> Moment:
        """The k-th cumulant.

        A float is within some 4 k (e + 8 (n + 4)**1.5 u) (e, n, u as in `mean`) times the same polynomial in
        ``E|X - mean|**j`` without signs.
        """
        self._settled(f"the cumulant of order {k}", f"cumulant({k})")
        only_1d(self.measure, "cumulants")
        return self.mean() if k == 1 else self._tidied(cumulants_from_central(self._central(k), self.mean())[k])

    def _settled(self, what: str, call: str, least: float = -math.inf) -> None:
        only_settled(self.measure, what, call, least)

    @property
    def _is_symbolic(self) -> bool:
        return self.measure.weights.kind == "symbolic"

    def _tidied(self, value: Any) -> Any:
        """An expression in canonical form; numbers as they are."""
        return tidied(value) if self._is_symbolic else value

    def _on_axes(self, values: list[Any]) -> Any:
        """A number in 1-D, an array of one for each axis else."""
        return values[0] if len(values) == 1 else number_array(values, (len(values),))

    def _sum_over_terms(self, cumulant: Callable[[MeasureMoments], Any]) -> Any:
        """A cumulant of a sum that knows its terms: they add; None of other measures."""
        terms = terms_of(self.measure)
        return None if terms is None else sum(n * cumulant(MeasureMoments(term)) for term, n in terms)

    def _central(self, order: int) -> list[Any]:
        """The central moments 0, 1, ..., order."""
        only_1d(self.measure, "moments beyond the second")
        if terms_of(self.measure) is None or not order:
            return central_moments(self.measure, order)
        cumulants = [self._sum_over_terms(lambda m, k=k: m.cumulant(k)) for k in range(1, order + 1)]  # type: ignore[misc]
        return central_from_cumulants([0, *cumulants])

    def _shape(self, order: int) -> Any:
        """The central moment of order 3 or 4 over that power of the standard deviation: of no scale."""
        only_1d(self.measure, "skewness and kurtosis")
        if self._is_symbolic:
            second, higher = self.var(), self._tidied(self._central(order)[order])
            return higher / (letters.square_root(second) ** 3 if order == 3 else second**2)
        return standardised(self.measure, order)


def means(measure: Measure) -> list[Fraction | float]:
    """The mean on every axis."""
    exact = _exact_if_far(measure)
    if exact is not None:
        return [to_double(value) for value in means(exact)]
    result: list[Fraction | float] = []
    for axis, index in enumerate(axis_indices(measure)):
        origin, step = measure.box.origin[axis], measure.box.step[axis]
        if measure.weights.is_exact:
            result.append(origin + step * _raw_exact(measure, index, 1)[1])
        else:
            result.append(to_double(origin + step * measure.weights.average(index)))
    return result


def _exact_if_far(measure: Measure) -> Measure | None:
    """A floating measure with exact weights where powers of its indices are beyond doubles; else None."""
    if not measure.weights.is_exact and max(measure.box.shape) >= FAR:
        return Measure(measure.support, exactly(measure.weights), measure.missing)
    return None


def _deviations(weights: Floating, index: AnyArray) -> FloatArray:
    """The distances of all indices from their mean, taken from the heaviest, which loses no digit."""
    masses = weights.values()
    distance = (index - int(index[int(np.argmax(masses))])).astype(np.float64)
    return np.asarray(distance - np.dot(masses, distance) / masses.sum())


def standardised(measure: Measure, order: int) -> Moment:
    """The central moment of order 3 or 4 over that power of the standard deviation; NaN for one point.

    Of order 4 exact for exact weights; computed in index units, so that no step is too small or too large.
    """
    (index,) = axis_indices(measure)
    if measure.weights.is_exact:
        mu = _exact_central(measure, index, order)
        if not mu[2]:
            return math.nan
        if order == 4:
            return mu[4] / mu[2] ** 2
        size = root(mu[3] ** 2 / mu[2] ** 3)
        return -size if mu[3] < 0 else size
    exact = _exact_if_far(measure)
    if exact is not None:
        return to_double(standardised(exact, order))
    weights = measure.weights.as_floating()
    masses, x = weights.values(), _deviations(weights, index)
    whole = masses.sum()
    second = float(np.dot(masses, x**2) / whole)
    if not second:
        return math.nan
    value = float(np.dot(masses, x**order) / whole) / second
    return value / (math.sqrt(second) if order == 3 else second)


def covariance(measure: Measure, i: int, j: int, *, unit: bool = False) -> Moment:
    """The covariance of two coordinates; in steps of the lattice if `unit`."""
    exact = _exact_if_far(measure)
    if exact is not None:
        return to_double(covariance(exact, i, j, unit=unit))
    indices = axis_indices(measure)
    scale = Fraction(1) if unit else measure.box.step[i] * measure.box.step[j]
    weights = measure.weights
    if weights.is_exact:
        if i == j:
            return scale * _exact_central(measure, indices[i], 2)[2]
        x, y = indices[i].astype(object), indices[j].astype(object)
        return scale * (weights.average(x * y) - weights.average(x) * weights.average(y))
    floats = weights.as_floating()
    masses = floats.values()
    products = _deviations(floats, indices[i]) * _deviations(floats, indices[j])
    return to_double(scale) * float(np.dot(masses, products) / masses.sum())


def central_moments(measure: Measure, order: int) -> list[Fraction | float]:
    """The central moments 0, 1, ..., order of a 1-D measure."""
    exact = _exact_if_far(measure)
    if exact is not None:
        return [to_double(value) for value in central_moments(exact, order)]
    (index,) = axis_indices(measure)
    step, weights = measure.box.step[0], measure.weights
    if weights.is_exact:
        return [step**k * m for k, m in enumerate(_exact_central(measure, index, order))]
    floats, spread = weights.as_floating(), to_double(step)
    masses = floats.values()
    x, whole = _deviations(floats, index), masses.sum()
    higher: list[Fraction | float] = [spread**k * float(np.dot(masses, x**k) / whole) for k in range(2, order + 1)]
    return [1.0, 0.0, *higher][: order + 1]


def _exact_central(measure: Measure, index: AnyArray, order: int) -> list[Any]:
    """The exact central moments 0, 1, ..., order of the indices on an axis."""
    raw = _raw_exact(measure, index, order)
    return _about(raw, raw[1] if order else Fraction(0))


def _raw_exact(measure: Measure, index: AnyArray, order: int) -> list[Any]:
    """The exact moments about 0, of order 0, 1, ..., of the indices on an axis."""
    weights = measure.weights
    if weights.kind == "exact" and not measure.is_sparse and measure.box.ndim == 1:
        return _raw_from_factorial(_factorial_moments(weights.as_rational(), order))
    column = index.astype(object)
    raw: list[Any] = [Fraction(1)]
    power = np.ones(len(column), dtype=object)
    for _ in range(order):
        power = power * column
        raw.append(weights.average(power))
    return raw


def _factorial_moments(weights: Rational, order: int) -> list[Fraction]:
    """E[K (K - 1) ... (K - j + 1)] for j = 0, 1, ..., order, of the index K: the derivatives of the PGF at 1.

    The numerators of a dense law are its generating function, and FLINT differentiates.
    """
    derivative = weights.numerators
    total = int(derivative(1))
    result = [Fraction(1)]
    for _ in range(order):
        derivative = derivative.derivative()
        result.append(fraction(derivative(1), total))
    return result


def _raw_from_factorial(factorial: list[Fraction]) -> list[Fraction]:
    """Moments about 0 from factorial moments, by Stirling numbers of the second kind."""
    stirling = [Fraction(1)]
    result = [factorial[0]]
    for _ in factorial[1:]:
        shifted = [Fraction(0), *stirling]
        stirling = [j * s + t for (j, s), t in zip(enumerate([*stirling, Fraction(0)]), shifted, strict=True)]
        result.append(sum((s * f for s, f in zip(stirling, factorial, strict=False)), start=Fraction(0)))
    return result


def _about(raw: Sequence[Any], center: Any) -> list[Any]:
    """Moments about a point from moments about 0."""
    return [sum(math.comb(k, j) * raw[j] * (-center) ** (k - j) for j in range(k + 1)) for k in range(len(raw))]


def raw_from_central(central: Sequence[Any], mean: Moment, order: int) -> Moment:
    """The moment about 0 of a given order."""
    return sum(math.comb(order, j) * central[j] * mean ** (order - j) for j in range(order + 1))


def cumulants_from_central(central: Sequence[Any], mean: Moment) -> list[Any]:
    """Cumulants 0, 1, ..., n from central moments, by kappa_n = mu_n - sum C(n-1, m-1) kappa_m mu_(n-m)."""
    result: list[Any] = [0, mean]
    for n in range(2, len(central)):
        correction = sum(math.comb(n - 1, m - 1) * result[m] * central[n - m] for m in range(2, n))
        result.append(central[n] - correction)
    return result


def central_from_cumulants(cumulants: Sequence[Any]) -> list[Any]:
    """Central moments 0, 1, ..., n from cumulants (the inverse of the above)."""
    central: list[Any] = [1, 0]
    for n in range(2, len(cumulants)):
        central.append(sum(math.comb(n - 1, m - 1) * cumulants[m] * central[n - m] for m in range(2, n + 1)))
    return central


def entropy(measure: Measure, base: float | None) -> float:
    """- sum p log p, in nats or in units of log(base).

    Of a floating law within e + (n + 8) u times one nat more than itself (e, n, u as in `mean`).
    """
    if base is not None and check_positive("base", base) == 1:
        raise DistconvValueError(f"base must be > 0 and not 1, got {base!r}")
    only_settled(measure, "the entropy", "entropy()", 0.0)
    weights = measure.weights
    if weights.kind == "symbolic":
        found: Any = -sum(w * letters.log(w) for w in weights_of(measure))
        return found / (1 if base is None else letters.log(base))  # type: ignore[no-any-return]
    carried = weights.take(weights.positive()).as_floating()
    logs = np.log(carried.significands) + (0.0 if carried.exponents is None else carried.exponents * LOG2)
    value = -float(np.dot(carried.values(), logs))
    return (value if value > 0 else 0.0) / (math.log(base) if base is not None else 1.0)


def expect(measure: Measure, f: Callable[[Any], Any]) -> Answer:
    """E[f(X)].

    A float is within e + 4 u times ``E|f(X)|``, f's values taken as exact (e, u as in `mean`).

    Raises:
        AccuracyError: more than 1e-8 is `missing`. Of less, it is the mean over the outcomes that are known.
    """
    only_settled(measure, "E f(X)", "expect(f)")
    whole: Any = measure.weights.total() if missing.bound(measure) else 1
    values = None if measure.weights.is_exact else in_arrays.values_of(f, measure)
    if values is not None:
        weights = measure.weights.as_floating()
        products = values.astype(np.float64) * weights.values()[weights.positive()]
        return math.fsum(products.tolist()) / float(whole)
    terms = [f(outcome) * weight for outcome, weight in entries_of(measure)]
    if any(isinstance(t, float | np.floating) for t in terms):
        return math.fsum(float(t) for t in terms) / float(whole)
    value = sum(terms, start=Fraction(0)) / whole
    return tidied(value)


def prob(measure: Measure, predicate: Callable[[Any], Any]) -> Answer:
    """P(predicate(X)).

    A float is within `error` and two roundings, relative.
    """
    holds = in_arrays.values_of(predicate, measure)
    ranks = np.array(event(measure, predicate)) if holds is None else measure.weights.positive()[holds != 0]
    found = measure.weights.take(ranks.astype(np.int64)).total()
    return found if measure.weights.is_exact else min(1.0, found)
