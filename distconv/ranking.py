"""The largest, the smallest, the k-th smallest, the sum of the best: what sorted draws give."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias, overload

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
from distconv.totals import sum_of
from distconv.transforms import best, order, pools
from distconv.typing import IntegerLike

if TYPE_CHECKING:
    import sympy

#: Laws of independent draws, or how many there are of each.
Laws: TypeAlias = "Iterable[Distribution] | Mapping[Distribution, int]"


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


@overload
def highest(X: Distribution, n: int, keep: int) -> Distribution: ...
@overload
def highest(X: Laws, n: int) -> Distribution: ...
def highest(X: Distribution | Laws, n: int, keep: int | None = None) -> Distribution:
    """The law of the sum of the highest `keep` of n independent copies of X; "4d6, drop the lowest" keeps 3 of 4.

    Of different laws ``highest([X, Y, Z], keep)``: see `kept`, which also takes other ranks. No enumeration: the value
    of the lowest one kept is tried in turn, those above it are a convolution. Exact within ``settings.exact_limit``,
    else right to what n factors of the given weights are, rounded once.

    Raises:
        DistconvValueError: keep is not between 0 and n.
        SizeLimitError: the result would pass ``settings.max_bytes``.

    >>> from distconv import Die, highest
    >>> highest(Die(6), 4, 3).pmf(18)
    Fraction(7, 432)
    >>> highest([Die(6), Die(8), Die(10)], 2).mean()
    Fraction(355, 32)
    """
    if not isinstance(X, Distribution):
        pool = read_pool(X)
        return kept(pool, range(len(pool) - _kept_of(n if keep is None else keep, len(pool)), len(pool)))
    copies = _draws(X, n)
    best_of = _kept_of(keep, copies)
    if best_of in (0, copies):
        return best_of @ X
    ranked = spanning.by_rank([X.law], lambda laws: Finite(*best.highest(laws[0].measure, copies, best_of)), best_of)
    return Distribution.of(Finite(*best.highest(X.law.measure, copies, best_of)) if ranked is None else ranked)


@overload
def lowest(X: Distribution, n: int, keep: int) -> Distribution: ...
@overload
def lowest(X: Laws, n: int) -> Distribution: ...
def lowest(X: Distribution | Laws, n: int, keep: int | None = None) -> Distribution:
    """The law of the sum of the lowest `keep` of n independent copies of X, or of different laws; see `highest`.

    >>> from distconv import Die, lowest
    >>> lowest(Die(20), 2, 1).pmf(1)
    Fraction(39, 400)
    """
    if not isinstance(X, Distribution):
        pool = read_pool(X)
        return kept(pool, range(_kept_of(n if keep is None else keep, len(pool))))
    _draws(X, n)
    return -highest(-X, n, _kept_of(keep, n))


def kept(laws: Laws, ranks: Iterable[int] | slice) -> Distribution:
    """The law of the sum of some of independent, different variables, chosen by their rank once they are sorted.

    Args:
        laws: the variables, each by its law; or a mapping from laws to how many there are, ``{Die(6): 3, Die(8): 1}``.
        ranks: which to keep, as Python indexes ``sorted(values)``: ``[0, 1]`` the two lowest, ``[-1]`` the highest, a
            range, or a slice, ``slice(1, -1)`` all but the lowest and the highest.

    Returns:
        Exact of exact laws, with letters too; of floating ones every weight is right to what their weights are, rounded
        once. The highest or the lowest few of a hundred different dice take seconds; other ranks are for few kinds of
        dice, as many of each as you like.

    Raises:
        DistconvValueError: a rank that there is not, or one that is named twice.
        SizeLimitError: the result would pass ``settings.max_bytes``.

    >>> from distconv import Die, kept
    >>> kept([Die(6), Die(8), Die(10)], [0, 1]).pmf(2)
    Fraction(11, 240)
    >>> kept([Die(6), Die(8), Die(10)], slice(1, -1)).mean()  # the middle one
    Fraction(173, 40)
    """
    pool = read_pool(laws)
    n = len(pool)
    for X in pool:
        _check_line(X)
    places = _places(ranks, n)
    if len(places) in (0, n):
        return sum_of(pool) if places else 0 @ pool[0]
    counts = equal_ones(pool)
    k = len(places)
    different, numbers = [X.law for X, _ in counts], [m for _, m in counts]
    ranked = spanning.by_rank(
        different, lambda laws: _sorted_out(list(zip(map(Distribution.of, laws), numbers, strict=True)), places).law, k
    )
    return _sorted_out(counts, places) if ranked is None else Distribution.of(ranked)


def _sorted_out(counts: list[tuple[Distribution, int]], places: list[int]) -> Distribution:
    """The law of the sum of the draws at these places once all are sorted."""
    n, k = sum(m for _, m in counts), len(places)
    if places[0] == n - k:
        return _run(counts, n, k)
    if places[-1] == k - 1:
        return -_run([(-X, m) for X, m in counts], n, k)
    return _by_rank(counts, n, places)


def _run(counts: list[tuple[Distribution, int]], n: int, k: int) -> Distribution:
    """The law of the sum of the highest k."""
    if len(counts) == 1:
        return highest(counts[0][0], n, k)
    return Distribution.of(Finite(*pools.best([(X.law.measure, m) for X, m in counts], k)))


def _by_rank(counts: list[tuple[Distribution, int]], n: int, places: list[int]) -> Distribution:
    """The law of the sum of these ranks."""
    if len(counts) == len(places) == 1:
        return order_statistic(counts[0][0], n, places[0] + 1)
    return Distribution.of(Finite(*pools.ranked([(X.law.measure, m) for X, m in counts], places)))


def _places(ranks: Any, n: int) -> list[int]:
    """The ranks of n sorted values, from 0 on, ascending."""
    if isinstance(ranks, slice):
        return sorted(range(n)[ranks])
    if not isinstance(ranks, Iterable):
        raise DistconvTypeError(f"ranks must be a list of integers, a range or a slice, got {ranks!r}; write [{ranks}]")
    given = [check_integer("a rank", rank) for rank in ranks]
    for rank in given:
        if not -n <= rank < n:
            raise DistconvValueError(f"rank {rank} is not there: {n} laws have ranks 0 to {n - 1}, or {-n} to -1")
    places = sorted(rank % n for rank in given)
    if len(set(places)) < len(places):
        raise DistconvValueError(f"each rank can be kept once, got {given} of {n} laws")
    return places


def _kept_of(keep: Any, n: int) -> int:
    """How many of n are kept."""
    if keep is None:
        raise DistconvTypeError("highest and lowest take a law, how many copies and how many to keep: highest(X, 4, 3)")
    number = check_integer("keep", keep, at_least=0)
    if number > n:
        raise DistconvValueError(f"keep must be at most n = {n}, got {number}")
    return number


def read_pool(laws: Laws | object) -> list[Distribution]:
    """The laws of a pool, one for each draw."""
    if isinstance(laws, Mapping):
        laws = [X for X, m in laws.items() for _ in range(check_integer("a number of draws", m, at_least=0))]
    pool = list(laws) if isinstance(laws, Iterable) and not isinstance(laws, Distribution) else []
    if not pool:
        raise DistconvTypeError(f"a pool is a list of laws, [Die(6), Die(8)], got {laws!r}")
    for X in pool:
        check_law("a law of the pool", X)
    return pool


def equal_ones(pool: Iterable[Distribution]) -> list[tuple[Distribution, int]]:
    """The laws of a pool, with how many there are of each."""
    counts: dict[tuple[Distribution, bool, float], int] = {}
    for X in pool:
        # Equal laws may be known with different errors, or one exactly.
        key = (X, X.is_exact, X.error)
        counts[key] = counts.get(key, 0) + 1
    return [(X, m) for (X, _, _), m in counts.items()]


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
