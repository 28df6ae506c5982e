"""Brackets: two laws in stochastic order, between which a law lies that is not known better."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np

from distconv import bounds
from distconv.errors import DimensionError, DistconvTypeError, DistconvValueError
from distconv.laws.finite import Finite
from distconv.laws.mixture import mixture_of
from distconv.measure.reading import read_constant, read_level, read_query
from distconv.missing import NEGLIGIBLE
from distconv.queries.brackets import each_pair
from distconv.settings import current_settings
from distconv.support.outcomes import quotient, read_scalar, whole
from distconv.transforms import mixing
from distconv.typing import IntegerLike, Level, NumberLike, Question, Scalar, ScalarLike
from distconv.value import Value, write

if TYPE_CHECKING:
    from distconv.distribution import Distribution

#: What sums of doubles may round, relatively, beside the error of the weights: far more than `stop_loss` states.
ROUNDING = 2.0**-44
#: By how much two laws may be out of order before they are refused: what floating weights may total less than 1.
OUT_OF_ORDER = 1e-9


class Bracket(Value):
    """All laws between two: P(X > x) is at least that of the lower and at most that of the upper one, for every x.

    Questions that rise from lower laws to higher ones have a pair as their answer, (low, high), between which it is for
    certain: rounding, and what is `missing`, included. Sums, copies, compounds and layers of brackets are brackets. So
    is what ``rounding="both"`` makes of a continuous law.

    Args:
        lower: a law of numbers.
        upper: another, nowhere below it.

    Raises:
        DistconvValueError: the two are not in order.

    >>> from distconv import Bracket, Die, Poisson
    >>> claim = Bracket(Die(6), Die(6) + 1)
    >>> (claim + claim).mean()
    (Fraction(7, 1), Fraction(9, 1))
    >>> (2 @ claim).sf(9)
    (Fraction(1, 6), Fraction(5, 12))
    """

    __slots__ = ("lower", "upper")
    _anew = "Bracket(lower, upper)"
    #: numpy arrays and scalars leave ``@``, ``*``, ``+`` and ``-`` to this class.
    __array_ufunc__ = None

    lower: Distribution
    upper: Distribution

    def __init__(self, lower: Distribution, upper: Distribution) -> None:
        for name, law in (("lower", lower), ("upper", upper)):
            if not hasattr(law, "law"):
                raise DistconvTypeError(f"{name} must be a Distribution, got {law!r}")
            if law.ndim > 1:
                raise DimensionError(f"brackets are of laws of numbers, {name} is {law.ndim}-D; take a marginal(0)")
        if lower.is_finite and upper.is_finite:
            _check_order(lower, upper)
        write(self, "lower", lower)
        write(self, "upper", upper)

    @staticmethod
    def of(lower: Distribution, upper: Distribution) -> Bracket:
        """The bracket of two laws that are known to be in order."""
        made = object.__new__(Bracket)
        write(made, "lower", lower)
        write(made, "upper", upper)
        return made

    def __reduce__(self) -> tuple[Callable[..., Bracket], tuple[Distribution, Distribution]]:
        return Bracket.of, (self.lower, self.upper)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Bracket):
            return NotImplemented
        return self.lower == other.lower and self.upper == other.upper

    def __hash__(self) -> int:
        return hash((self.lower, self.upper))

    def __repr__(self) -> str:
        return f"Bracket({self.lower!r}, {self.upper!r})"

    # Laws made of it ----------------------------------------------------------------------------------------------

    def each(self, operation: Callable[[Distribution], Distribution]) -> Bracket:
        """What an operation that keeps the order makes of both laws: ``B.each(lambda X: X.round(10))``."""
        return Bracket(operation(self.lower), operation(self.upper))

    def __add__(self, other: Bracket | Distribution | NumberLike) -> Bracket:
        """The bracket of the sum with another one, with a law or with a number, independent of it."""
        if isinstance(other, Bracket):
            return Bracket.of(self.lower + other.lower, self.upper + other.upper)
        return Bracket.of(self.lower + other, self.upper + other)

    __radd__ = __add__

    def __neg__(self) -> Bracket:
        return Bracket.of(-self.upper, -self.lower)

    def __sub__(self, other: Bracket | Distribution | NumberLike) -> Bracket:
        if isinstance(other, Bracket):
            return self + -other
        return Bracket.of(self.lower - other, self.upper - other)

    def __rsub__(self, other: Distribution | NumberLike) -> Bracket:
        return -self + other

    def __mul__(self, factor: NumberLike) -> Bracket:
        """The bracket of c * X for a number c; one below 0 turns it round."""
        number = read_constant(factor)
        if number is None or isinstance(number, tuple):
            raise DistconvTypeError(f"a bracket is multiplied by a number, got {factor!r}; copies are 3 @ B")
        ends = self.lower * number, self.upper * number
        return Bracket.of(*ends) if number >= 0 else Bracket.of(*reversed(ends))

    __rmul__ = __mul__

    def __rmatmul__(self, copies: IntegerLike | Distribution) -> Bracket:
        """``n @ B``, the sum of n copies, or ``N @ B``, of a random number of them."""
        return Bracket.of(copies @ self.lower, copies @ self.upper)

    def clip(self, low: ScalarLike | None = None, high: ScalarLike | None = None) -> Bracket:
        """The bracket of min(max(X, low), high). At a limit nothing is `missing` any more from the law on its side."""
        lower, upper = self.lower.clip(low, high), self.upper.clip(low, high)
        lower = lower if low is None else placed(lower, read_scalar(low, "low"))
        return Bracket.of(lower, upper if high is None else placed(upper, read_scalar(high, "high")))

    def layer(self, attachment: ScalarLike, limit: ScalarLike | None = None) -> Bracket:
        """The bracket of what a layer pays: min(max(X - attachment, 0), limit), without a limit all above."""
        return (self - read_scalar(attachment, "attachment")).clip(0, limit)

    # Questions ----------------------------------------------------------------------------------------------------

    def cdf(self, x: Question) -> tuple[Any, Any]:
        """The ends of P(X <= x), of one number or an array of them."""
        return self.upper.cdf_bounds(x)[0], self.lower.cdf_bounds(x)[1]

    at_most = cdf

    def sf(self, x: Question) -> tuple[Any, Any]:
        """The ends of P(X > x)."""
        return self.lower.sf_bounds(x)[0], self.upper.sf_bounds(x)[1]

    def at_least(self, x: Question) -> tuple[Any, Any]:
        """The ends of P(X >= x)."""
        return each_pair(
            lambda v: (
                self.lower.sf_bounds(_below(self.lower, v))[0],
                self.upper.sf_bounds(_below(self.upper, v))[1],
            ),
            x,
        )

    def ppf(self, q: Level) -> tuple[Any, Any]:
        """The ends of the quantile, the smallest x with P(X <= x) >= q: the value at risk."""
        return self.lower.ppf_bounds(q)[0], self.upper.ppf_bounds(q)[1]

    def median(self) -> tuple[Any, Any]:
        """The ends of the median."""
        return self.ppf("1/2")

    def mean(self) -> tuple[Any, Any]:
        """The ends of the expected outcome; infinite where something is missing, and nothing limits how far off."""
        return _mean(self.lower)[0], _mean(self.upper)[1]

    def stop_loss(self, d: Question) -> tuple[Any, Any]:
        """The ends of E max(X - d, 0)."""
        return each_pair(lambda v: (_premium(self.lower, v)[0], _premium(self.upper, v)[1]), d)

    def limited_mean(self, limit: Question) -> tuple[Any, Any]:
        """The ends of E min(X, limit)."""
        return each_pair(lambda v: (_limited(self.lower, v)[0], _limited(self.upper, v)[1]), limit)

    def tail_mean(self, q: Level) -> tuple[Any, Any]:
        """The ends of the mean of the worst part 1 - q of the outcomes (TVaR, expected shortfall)."""
        return each_pair(lambda v: (_tail(self.lower, v)[0], _tail(self.upper, v)[1]), q)

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> NoReturn:
            if name.startswith("_") or not hasattr(type(self.lower), name):
                raise AttributeError(f"'Bracket' object has no attribute {name!r}", name=name, obj=self)
            raise AttributeError(
                f"a Bracket has no {name!r}: higher laws need not have more of it; ask both laws: B.lower.{name}, "
                f"B.upper.{name}, or make an operation that keeps the order by B.each(lambda X: X.{name}(...))",
                name=name,
                obj=None,
            )


def placed(X: Distribution, place: Scalar) -> Distribution:
    """The law with all that may be missing from it at one place: of all that it may be the one with most there."""
    lost: Any = X.law.lost
    if not lost:
        return X
    if X.is_exact:
        low, high = X.cdf_bounds(X.high)
        lost = high - low
    known = X.without_missing()
    share = Fraction(lost)
    parts = [(known.law, 1 - share), (known.clip(place, place).law, share)]
    if not X.is_finite:
        return type(X).of(mixture_of(parts))
    return type(X).of(Finite(mixing.mixed([(share, law.measure) for law, share in parts])))


def _check_order(lower: Distribution, upper: Distribution) -> None:
    """Refuses two laws that are not in order."""
    places = np.unique(np.concatenate([np.asarray(X.to_arrays()[0], dtype=object) for X in (lower, upper)]))
    below, above = (np.asarray(X.cdf(places), dtype=np.float64) for X in (lower, upper))
    worst = int(np.argmax(above - below))
    if above[worst] > below[worst] + OUT_OF_ORDER + lower.missing:
        raise DistconvValueError(
            f"P(X <= {places[worst]}) is {below[worst]:.6g} of the lower law and {above[worst]:.6g} of the upper one, "
            "so they are not in order; a bracket of laws that cross needs others: Bracket(minimum(X, Y), maximum(X, Y))"
        )


def _below(X: Distribution, x: Question) -> Question:
    """The greatest place of a law's lattice below a number."""
    place = read_query(x)
    if isinstance(place, float):
        return place
    step, anchor = X.law.spacing() or 1, X.law.anchor()
    return whole(anchor + step * (math.ceil(quotient(place - anchor, step)) - 1))


# The ends of what one law answers -------------------------------------------------------------------------------------


def _padded(X: Distribution, value: Any) -> tuple[Any, Any]:
    """The ends of a number >= 0 that is as right as the law's weights."""
    if not isinstance(value, float):
        return value, value
    slack = bounds.compose(X.error, ROUNDING, 0.0 if X.is_finite else current_settings().tolerance)
    return value * (1 - slack), value * (1 + slack) * bounds.PAD + bounds.SUBNORMAL


def _premium(X: Distribution, d: Question) -> tuple[Any, Any]:
    """The ends of E max(X - d, 0): what is missing may be anywhere."""
    lost = X.law.lost
    if not lost:
        return _padded(X, X.stop_loss(d))
    known = X if lost <= NEGLIGIBLE else X.without_missing()
    return _padded(X, known.stop_loss(d))[0] * (1 - lost), math.inf


def _mean(X: Distribution) -> tuple[Any, Any]:
    """The ends of the mean, from both its parts."""
    if X.is_exact and not X.law.lost:
        mean = X.mean()
        return mean, mean
    above, below = _premium(X, 0), _premium(-X, 0)
    return above[0] - below[1], above[1] - below[0]


def _limited(X: Distribution, limit: Question) -> tuple[Any, Any]:
    """The ends of E min(X, limit): from what is lacking below, and from the mean and what is above."""
    d: Any = read_query(limit)
    if isinstance(d, float):
        return _mean(X) if d > 0 else (-math.inf, -math.inf)
    lacking = _premium(-X, -d)
    if not isinstance(lacking[0], float):
        return d - lacking[1], d - lacking[0]
    mean, above = _mean(X), _premium(X, d)
    low = max(float(d) - lacking[1], -math.inf if math.isinf(above[1]) else mean[0] - above[1])
    high = min(float(d) - lacking[0], mean[1] - above[0])
    return _outward(low, -1), _outward(high, 1)


def _tail(X: Distribution, q: Level) -> tuple[Any, Any]:
    """The ends of the mean of the worst part: the least of v + E max(X - v, 0) / (1 - q), which a quantile v takes."""
    level = read_level(q, "q")
    if level == 1:
        raise DistconvValueError("q must be below 1: no part of the outcomes is left")
    first, last = X.ppf_bounds(level)
    if math.isinf(first):
        return -math.inf, math.inf
    if math.isinf(last):
        return first, math.inf
    low, high = _premium(X, last)[0], _premium(X, first)[1]
    if not isinstance(low, float):
        return first + low / (1 - level), first + high / (1 - level)
    worst = float(1 - level)
    return _outward(float(first) + low / worst, -1), _outward(float(first) + high / worst, 1)


def _outward(value: float, side: int) -> float:
    """A double a few roundings further out."""
    return value + side * ROUNDING * abs(value) if math.isfinite(value) else value
