"""The largest, the smallest, the k-th smallest, the sum of the best: what sorted draws give."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from distconv.algebra import spanning
from distconv.checks import check_integer
from distconv.combine import convolve, power
from distconv.distribution import Distribution, check_law
from distconv.errors import DimensionError, DistconvTypeError, DistconvValueError
from distconv.families.point import constant_hint
from distconv.formulas.extreme import drawn
from distconv.formulas.sums import is_by_formula
from distconv.laws.extreme import extreme, is_asked
from distconv.laws.finite import Finite
from distconv.laws.law import Law
from distconv.monoids import maximum as larger
from distconv.monoids import minimum as smaller
from distconv.numbers.letters import has_letters
from distconv.transforms import best, order
from distconv.typing import IntegerLike

if TYPE_CHECKING:
    import sympy


def maximum(*laws: Distribution) -> Distribution:
    """The law of the largest of independent variables (coordinate by coordinate in n-D).

    >>> from distconv import Die, maximum
    >>> maximum(Die(20), Die(20)).mean()
    Fraction(553, 40)
    """
    return _over(laws, larger, "maximum")


def minimum(*laws: Distribution) -> Distribution:
    """The law of the smallest of independent variables (coordinate by coordinate in n-D).

    >>> from distconv import Die, minimum
    >>> minimum(Die(20), Die(20)).mean()
    Fraction(287, 40)
    """
    return _over(laws, smaller, "minimum")


def _over(laws: tuple[Any, ...], monoid: Any, name: str) -> Distribution:
    if not laws:
        raise DistconvValueError(f"{name} needs at least one law: {name}(X, Y)")
    for law in laws:
        if not isinstance(law, Distribution):
            raise DistconvTypeError(
                f"{name} takes laws, got {law!r}; to cut at a number write X.clip(low, high){constant_hint(law)}"
            )
    result: Distribution = laws[0]
    for law in laws[1:]:
        result = convolve(result, law, monoid=monoid)
    return result


def order_statistic(X: Distribution, n: IntegerLike | sympy.Expr, k: IntegerLike | sympy.Expr) -> Distribution:
    """The law of the k-th smallest of n independent copies of X: k = 1 is the minimum, k = n the maximum.

    Exact for exact laws within ``settings.exact_limit``; else every weight, tails included, is right to what n factors
    of the given ones are, rounded once. The time is that of the points that carry weight, not of their spread.
    n may be a letter: then k or n - k is a number.

    Raises:
        DistconvValueError: k is not between 1 and n.
        SizeLimitError: the result would pass ``settings.max_bytes``.

    >>> from distconv import Die, order_statistic
    >>> order_statistic(Die(6), 3, 2).pmf(1)
    Fraction(2, 27)
    """
    if has_letters(n) or has_letters(k):
        return Distribution.of(_drawn_by_letter(X, n, k))
    copies, rank = _draws(X, n), check_integer("k", k)
    if not 1 <= rank <= copies:
        raise DistconvValueError(f"k must be between 1 and n = {copies}, got {k}; k = 1 is the smallest")
    if copies == 1:
        return X
    if rank in (1, copies):
        return power(X, copies, monoid=smaller if rank == 1 else larger)
    ranked = spanning.by_rank([X.law], lambda laws: Finite(*order.statistic(laws[0].measure, copies, rank)))
    if ranked is not None:
        return Distribution.of(ranked)
    if is_by_formula(X.law):
        return Distribution.of(drawn([(X.law, copies)], rank))
    if is_asked([X.law]):
        return Distribution.of(extreme([(X.law, copies)], rank))
    return Distribution.of(Finite(*order.statistic(X.law.measure, copies, rank)))


def highest(X: Distribution, n: int, keep: int) -> Distribution:
    """The law of the sum of the highest `keep` of n independent copies of X; "4d6, drop the lowest" keeps 3 of 4.

    No enumeration: the value of the lowest one kept is tried in turn, those above it are a convolution. Exact within
    ``settings.exact_limit``, else right to what n factors of the given weights are, rounded once.

    Raises:
        DistconvValueError: keep is not between 0 and n.
        SizeLimitError: the result would pass ``settings.max_bytes``.

    >>> from distconv import Die, highest
    >>> highest(Die(6), 4, 3).pmf(18)
    Fraction(7, 432)
    """
    copies, kept = _draws(X, n), check_integer("keep", keep, at_least=0)
    if kept > copies:
        raise DistconvValueError(f"keep must be at most n = {copies}, got {keep}")
    if kept in (0, copies):
        return kept @ X
    return Distribution.of(Finite(*best.highest(X.law.measure, copies, kept)))


def lowest(X: Distribution, n: int, keep: int) -> Distribution:
    """The law of the sum of the lowest `keep` of n independent copies of X; see `highest`.

    >>> from distconv import Die, lowest
    >>> lowest(Die(20), 2, 1).pmf(1)
    Fraction(39, 400)
    """
    _draws(X, n)
    return -highest(-X, n, keep)


def _drawn_by_letter(X: Any, n: Any, k: Any) -> Law:
    """The law of the k-th smallest of so many copies as a letter says, k or n - k a number."""
    _check_line(X)
    rest = n - k
    if has_letters(k) and has_letters(rest):
        raise DistconvTypeError(
            f"the rank {k} of {n} draws is neither a number nor one less than {n}; count from the smallest, "
            "order_statistic(X, n, 2), or from the largest, order_statistic(X, n, n - 1)"
        )
    if n.is_integer is False or (k < 1) == True or (rest < 0) == True:  # noqa: E712
        raise DistconvValueError(f"k must be between 1 and n = {n}, a whole number, got {k}; k = 1 is the smallest")
    if X.law.spelled() is not None:
        raise DistconvTypeError(
            "so many copies as a letter says are drawn of outcomes that are numbers; substitute some, X.subs({...})"
        )
    return drawn([(X.law, n)], k)


def _draws(X: Any, n: Any) -> int:
    """The number of draws from a 1-D law."""
    _check_line(X)
    return check_integer("n", n, at_least=1)


def _check_line(X: Any) -> None:
    """Refuses what is no law, and laws of vectors."""
    check_law("X", X)
    if X.ndim > 1:
        raise DimensionError(f"vectors have no order; take a coordinate of this {X.ndim}-D law first: X.marginal(0)")
