"""What a law answers on average: moments, cumulants, entropy, expected values, generating functions.

All of them depend on every outcome: where enough is `missing` that they may be anything, they are refused.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np

from distconv import symbols
from distconv.answers import number_array
from distconv.checks import check_function, check_integer, check_positive
from distconv.errors import DistconvValueError
from distconv.numbers.doubles import root, root_product
from distconv.queries import generating, moments
from distconv.questions import Queries
from distconv.weights.symbolic import tidied


class Averages(Queries):
    """The averages of `Distribution`, computed from one finite measure."""

    __slots__ = ()

    # Moments ----------------------------------------------------------------------------------------------------------

    def mean(self) -> Any:
        """The expected outcome: a `Fraction` or float in 1-D; in n-D an array (d,); refused if 1e-8 is `missing`.

        A float is within 2 (e + (n + 4) u) ``E|X - mode|`` and a rounding, with the law's error e, its n outcomes and
        u = 2**-53; what the other numbers keep to stands in docs/explanation/error-model, "Numbers".
        """
        self._settled("the mean", "mean()")
        found = self._sum_over_terms("mean")
        if found is not None:
            return found
        values = moments.means(self._measure)
        return values[0] if self.ndim == 1 else number_array(values, (self.ndim,))

    def var(self) -> Any:
        """The variance; in n-D an array (d,) of those of the coordinates; refused where more than 1e-8 is `missing`.

        A float is within 2 e + (8 n + 32) u, relative, of the true one (e, n, u as in `mean`).
        """
        self._settled("the variance", "var()", 0.0)
        found = self._sum_over_terms("var")
        if found is not None:
            return found
        values = [self._tidied(moments.covariance(self._measure, i, i)) for i in range(self.ndim)]
        return values[0] if self.ndim == 1 else number_array(values, (self.ndim,))

    def std(self) -> Any:
        """The standard deviation, a float; in n-D an array (d,); refused where more than 1e-8 is `missing`.

        Its relative error is within that of `var`.
        """
        self._settled("the standard deviation", "std()", 0.0)
        if self.kind == "symbolic":
            return symbols.elementwise(symbols.square_root, self.var())
        found = self._sum_over_terms("var")
        if found is not None:
            return root(found) if self.ndim == 1 else np.array([root(v) for v in found])
        values = [root(moments.covariance(self._measure, i, i, unit=True)) for i in range(self.ndim)]
        scaled = [root_product(v, s) for v, s in zip(values, self._measure.box.step, strict=True)]
        # In steps of the lattice it may be beyond doubles.
        scaled = [v if v < math.inf else root(moments.covariance(self._measure, i, i)) for i, v in enumerate(scaled)]
        return scaled[0] if self.ndim == 1 else np.array(scaled)

    def cov(self) -> Any:
        """The covariance matrix, an array (d, d) of `Fraction` or float64; refused where over 1e-8 is `missing`.

        A float is within twice the relative error of `var`, times the product of both standard deviations.
        """
        self._settled("the covariance", "cov()")
        found = self._sum_over_terms("cov")
        if found is not None:
            return found
        n = self.ndim
        values = [self._tidied(moments.covariance(self._measure, i, j)) for i in range(n) for j in range(n)]
        return number_array(values, (n, n))

    def skewness(self) -> Any:
        """E[(X - mean)**3] / sd**3, a float (an expression where there are letters); NaN for one point.

        Of a floating law within some 12 (e + 8 (n + 4)**1.5 u) ``E|X - mean|**3 / sd**3`` (e, n, u as in `mean`).
        Refused, as all moments are, where more than 1e-8 is `missing`.
        """
        self._settled("the skewness", "skewness()")
        value = self._shape(3)
        return value if self.kind == "symbolic" else float(value)

    def kurtosis(self) -> Any:
        """Excess kurtosis E[(X - mean)**4] / var**2 - 3, exact of an exact law; NaN for one point.

        Of a floating law within some 16 (e + 8 (n + 4)**1.5 u) ``E|X - mean|**4 / var**2`` (e, n, u as in `mean`).
        Refused, as all moments are, where more than 1e-8 is `missing`.
        """
        self._settled("the kurtosis", "kurtosis()", -2.0)
        return self._shape(4) - 3

    def moment(self, k: Any) -> Any:
        """E[X**k], 1-D; refused where more than 1e-8 is `missing`.

        A float is within some 2 (k + 2) (e + 8 (n + 4)**1.5 u) ``E(|X - mean| + |mean|)**k`` (e, n, u as in `mean`).
        """
        order = check_integer("k", k, at_least=0)
        self._settled(f"the moment of order {order}", f"moment({order})")
        return self._tidied(moments.raw_from_central(self._central(order), self.mean(), order))

    def cumulant(self, k: Any) -> Any:
        """The k-th cumulant, k >= 1, 1-D; cumulants of independent summands add; refused as `moment` is.

        A float is within some 4 k (e + 8 (n + 4)**1.5 u) (e, n, u as in `mean`) times the same polynomial in
        ``E|X - mean|**j`` without signs.
        """
        order = check_integer("k", k, at_least=1)
        self._settled(f"the cumulant of order {order}", f"cumulant({order})")
        self._only_1d("cumulants")
        if order == 1:
            return self.mean()
        return self._tidied(moments.cumulants_from_central(self._central(order), self.mean())[order])

    def _shape(self, order: int) -> Any:
        """The central moment of order 3 or 4 over that power of the standard deviation: of no scale."""
        self._only_1d("skewness and kurtosis")
        if self.kind == "symbolic":
            second, higher = self.var(), self._tidied(self._central(order)[order])
            return higher / (symbols.square_root(second) ** 3 if order == 3 else second**2)
        return moments.standardised(self._measure, order)

    def _sum_over_terms(self, cumulant: str, *order: int) -> Any:
        """A cumulant, by the name of its query, of a sum that knows its terms: they add; None for other laws."""
        terms = self._cache.get("terms")
        return None if terms is None else sum(n * getattr(law, cumulant)(*order) for law, n in terms)

    def _central(self, order: int) -> list[Any]:
        self._only_1d("moments beyond the second")
        if "terms" in self._cache and order:
            cumulants = [self._sum_over_terms("cumulant", k) for k in range(1, order + 1)]
            return moments.central_from_cumulants([0, *cumulants])
        return moments.central_moments(self._measure, order)

    def entropy(self, base: float | None = None) -> float:
        """- sum p log p in nats, or in units of log(base): base=2 gives bits; refused where over 1e-8 is `missing`.

        Of a floating law within e + (n + 8) u times one nat more than itself (e, n, u as in `mean`).
        """
        if base is not None and check_positive("base", base) == 1:
            raise DistconvValueError(f"base must be > 0 and not 1, got {base!r}")
        self._settled("the entropy", "entropy()", 0.0)
        if self.kind == "symbolic":
            return -sum(w * symbols.log(w) for _, w in self) / (1 if base is None else symbols.log(base))  # type: ignore[no-any-return]
        return moments.entropy(self._measure, base)

    # Functions of the outcome -----------------------------------------------------------------------------------------

    def expect(self, f: Callable[[Any], Any]) -> Any:
        """E[f(X)]: f gets each outcome (a tuple in n-D); exact where both the law and f's values are.

        A float is within e + 4 u times ``E|f(X)|``, f's values taken as exact (e, u as in `mean`).

        Raises:
            AccuracyError: more than 1e-8 is `missing`. Of less, it is the mean over the outcomes that are known.
        """
        check_function(f, "expect")
        self._settled("E f(X)", "expect(f)")
        whole: Any = self._measure.weights.total() if self.missing else 1
        terms = [f(outcome) * weight for outcome, weight in self]
        if any(isinstance(t, float | np.floating) for t in terms):
            return math.fsum(float(t) for t in terms) / float(whole)
        return self._tidied(sum(terms, start=Fraction(0)) / whole)

    def pgf(self, z: Any) -> Any:
        """E[z**X], the probability generating function (in n-D of a tuple z: E[z1**X1 ... zd**Xd]).

        Exact for an exact law of integers at a rational z; else a float or complex number; any z that can be raised
        to a power and multiplied by weights works. A float is within e + (2 n + 8 k + 8) u times ``E |z|**X``, k the
        largest outcome in absolute value (e, n, u as in `mean`). Refused where more than 1e-8 is `missing`.
        """
        self._settled("E z**X", "pgf(z)")
        return generating.pgf(self, z)

    def cf(self, t: Any) -> Any:
        """E[exp(i t X)], the characteristic function: complex; t a number or array (in n-D (..., d)).

        Within e + (2 n + 8) u + ``4 u |t| max|x - mode|``, absolute (e, n, u as in `mean`). Refused where more than
        1e-8 is `missing`.
        """
        self._settled("E exp(i t X)", "cf(t)")
        return generating.cf(self, t)

    def _counted(self, keep: Fraction) -> Any:  # noqa: ARG002 - what counts with a recursion take
        """This law as a number of terms that are not 0 with probability `keep` (`methods.counts`); None of most."""
        return None

    def _jumps(self) -> Any:
        """The rate and the law of the jumps of a compound Poisson law; None of others."""
        return None

    def _log_mgf(self, t: float) -> float:
        """log E exp(t X) of a 1-D law; infinite where it is, or too large."""
        return generating.log_mgf(self._measure, t)

    def _tidied(self, value: Any) -> Any:
        """An expression in canonical form; numbers as they are."""
        if self.kind != "symbolic":
            return value
        return tidied(value)
