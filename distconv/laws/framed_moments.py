"""The moments of laws whose outcomes are expressions, from those of their coordinates."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from distconv.errors import DimensionError
from distconv.laws.law import Law
from distconv.laws.ordering import compared
from distconv.numbers.letters import expression_of, has_letters, is_expression, number_of
from distconv.numbers.terms import combination, terms_of
from distconv.queries.arrays import object_array
from distconv.queries.letters import elementwise
from distconv.queries.moments import central_from_cumulants, cumulants_from_central, raw_from_central
from distconv.support.frame import Frame, read_expression
from distconv.support.outcomes import as_vector
from distconv.typing import AnyArray, Expressed, Moment

if TYPE_CHECKING:
    import sympy

#: Characters of a quotient of moments up to which it is brought into factors: a tenth of a second.
LONGEST = 600


def plainly(value: Expressed) -> Expressed:
    """An answer in canonical form, expanded; a `Fraction` where it is a rational number."""
    if not is_expression(value):
        return value
    return combination(terms_of(expression_of(value)).items(), expression_of(0))


@dataclass(frozen=True, slots=True, eq=False)
class FramedMoments:
    """The moments of the outcomes that a frame makes of the vectors of a base law.

    Attributes:
        base: the law of the coordinates.
        frame: the elements.
        known: what was computed.
    """

    base: Law
    frame: Frame
    known: dict[str, Any]

    def mean(self) -> Moment:
        """The elements times the base's mean."""
        if "mean" not in self.known:
            self.known["mean"] = self._on_axes(self.frame.matrix() @ self._means() + self.frame.shifts)
        return self.known["mean"]

    def _means(self) -> AnyArray:
        found = np.atleast_1d(np.asarray(self.base.mean(), dtype=object))
        return object_array([expression_of(v) for v in found], (self.base.ndim,))

    def _on_axes(self, values: Any) -> Any:
        found = [plainly(v) for v in values]
        return found[0] if self.frame.ndim == 1 else object_array(found, (len(found),))

    def cov(self) -> Moment:
        """The elements times the base's covariance times the elements."""
        if "cov" not in self.known:
            own = np.asarray(self.base.cov() if self.base.ndim > 1 else [[self.base.var()]], dtype=object)
            exact = object_array([expression_of(v) for v in own.ravel()], own.shape)
            rows = self.frame.matrix()
            found = rows @ exact @ rows.T
            self.known["cov"] = object_array([plainly(v) for v in found.ravel()], found.shape)
        return self.known["cov"]

    def var(self) -> Moment:
        """The variances of the coordinates of outcomes."""
        return self._on_axes(np.diagonal(np.asarray(self.cov())))

    def std(self) -> Expressed:
        """The square roots of the variances, expressions."""
        return elementwise(_root, self.var())

    def central(self, order: int) -> list[Any]:
        """The central moments 0, 1, ..., order of a 1-D law."""
        kept = self.known.setdefault("central", [expression_of(1), expression_of(0)])
        elements = self.frame.axes[0].elements
        means = self._means()
        for k in range(len(kept), order + 1):
            kept.append(expression_of(plainly(sum(
                _multinomial(powers) * math.prod(e**p for e, p in zip(elements, powers, strict=True))
                * expression_of(self.base.expect(_product(powers, means)))
                for powers in _powers(k, len(elements))
            ))))  # fmt: skip
        return list(kept[: order + 1])

    def cumulant(self, k: int) -> Moment:
        """The k-th cumulant of a 1-D law."""
        self._only_1d("cumulants")
        if k == 1:
            return self.mean()
        if len(self.frame.axes[0].elements) == 1:
            return plainly(self.frame.axes[0].elements[0] ** k * expression_of(self.base.cumulant(k)))
        return plainly(cumulants_from_central(self.central(k), expression_of(self.mean()))[k])

    def moment(self, k: int) -> Moment:
        """E[X**k] of a 1-D law."""
        self._only_1d("moments")
        return plainly(raw_from_central(self._central_of(k), expression_of(self.mean()), k))

    def _central_of(self, order: int) -> list[Any]:
        if len(self.frame.axes[0].elements) > 1:
            return self.central(order)
        cumulants = [0, *(expression_of(self.cumulant(j)) for j in range(1, order + 1))]
        return central_from_cumulants(cumulants)[: order + 1]

    def skewness(self) -> Moment:
        """The third central moment over the standard deviation cubed; NaN for one point."""
        variance = self.var()
        return _ratio(self._about_mean(3), _root(variance) ** 3) if variance != 0 else math.nan

    def kurtosis(self) -> Moment:
        """The fourth cumulant over the variance squared; NaN for one point."""
        variance = self.var()
        if variance == 0:
            return math.nan
        return _ratio(self._about_mean(4) - 3 * expression_of(variance) ** 2, expression_of(variance) ** 2)

    def _about_mean(self, order: int) -> sympy.Expr:
        """The central moment of an order, outcome by outcome: not expanded, for it is divided by others."""
        self._only_1d("cumulants")
        if not self.base.is_finite or len(self.frame.axes[0].elements) == 1:
            return expression_of(self.central(order)[order])
        mean, axis = expression_of(self.mean()), self.frame.axes[0]
        places = ((expression_of(axis.at(as_vector(v))), expression_of(w)) for v, w in self.base.entries())
        terms = (w * (x - mean) ** order for x, w in places)
        return sum(terms, start=expression_of(0))

    def _only_1d(self, what: str) -> None:
        if self.frame.ndim > 1:
            raise DimensionError(f"{what} are for 1-D laws; this one is {self.frame.ndim}-D: X.marginal(0)")


def _ratio(top: Moment, bottom: sympy.Expr) -> Expressed:
    """A quotient, in factors where it is short; expanded, each of many terms would carry the whole denominator."""
    import sympy

    value = expression_of(top) / bottom
    if not has_letters(value):
        return plainly(value)
    return value if len(str(value)) > LONGEST else number_of(sympy.factor(value))


def _root(value: Any) -> Any:
    import sympy

    return sympy.sqrt(expression_of(value))


def _product(powers: tuple[int, ...], means: AnyArray) -> Any:
    """The product of powers of the distances of coordinates from their means, as a function of coordinates."""
    centers = [number_of(m) for m in means]

    def at(x: Expressed) -> Expressed:
        places = x if isinstance(x, tuple) else (x,)
        return math.prod((a - m) ** p for a, m, p in zip(places, centers, powers, strict=True) if p)

    return at


def _powers(order: int, size: int) -> Iterator[tuple[int, ...]]:
    """All ways to write a number as a sum of so many numbers >= 0."""
    if size == 1:
        yield (order,)
        return
    for first in range(order + 1):
        for rest in _powers(order - first, size - 1):
            yield (first, *rest)


def _multinomial(powers: tuple[int, ...]) -> int:
    """The number of words with so many of each letter."""
    total, found = 0, 1
    for power in powers:
        total += power
        found *= math.comb(total, power)
    return found


def excess(law: Law, d: Expressed) -> Expressed:
    """E max(X - d, 0) of a law whose outcomes are expressions and have an end, d a real number or an expression.

    Raises:
        DistconvTypeError: the order of d and an outcome depends on letters; or the law has no end.
    """
    law.check_listed("stop_loss(d)")
    least = read_expression(d, "d")
    terms = [(x - least) * p for x, p in law.entries() if compared(x, least) > 0]
    total = sum(terms, start=expression_of(0))
    return plainly(total) if law.is_exact else float(total)
