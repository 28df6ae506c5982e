"""What dice do besides adding up: explode, be rolled again, count as successes, match."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from distconv.checks import check_integer
from distconv.compounds import compound
from distconv.coordinates import read_vectors
from distconv.distribution import Distribution, check_law
from distconv.errors import DistconvTypeError, DistconvValueError
from distconv.families.bernoulli import Bernoulli
from distconv.families.geometric import Geometric
from distconv.laws.finite import Finite
from distconv.measure.reading import collected, is_collection
from distconv.mixtures import mixture
from distconv.ranking import Laws, equal_ones, read_pool
from distconv.support.outcomes import as_outcome
from distconv.totals import sum_of
from distconv.transforms import pools
from distconv.typing import Number, OutcomeLike

#: Which outcomes: those of which a function holds, some by name, or one.
Event: TypeAlias = "Callable[[Any], object] | OutcomeLike | list[Any] | range | set[Any]"


def explode(X: Distribution, times: int | None = None, *, on: Event | None = None) -> Distribution:
    """The law of a die that is rolled again, and added, whenever it shows its highest face.

    The last roll of a die that explodes for ever shows none of the faces in `on`, and the number of rolls before it is
    geometric: the law is a random sum, without end and exact.

    Args:
        X: the law of one roll; exact, or with letters.
        times: how often it may explode; None for ever.
        on: the outcomes on which it does: one, a list or a set of them, or a function of the outcome. None is the
            highest.

    Raises:
        DistconvValueError: every outcome explodes, for ever.
        DistconvTypeError: a floating law, whose shares would be rounded.

    >>> from distconv import Die, explode
    >>> explode(Die(6)).mean(), explode(Die(6)).pmf(13)
    (Fraction(21, 5), Fraction(1, 216))
    >>> explode(Die(6), 1).to_dict()[12]
    Fraction(1, 36)
    >>> explode(Die(10), on=[9, 10]).mean()
    Fraction(55, 8)
    """
    _check_exact("explode", X)
    event = _event(on) if on is not None else _highest(X)
    chance: Any = X.prob(event)
    if chance == 0:
        return X
    again = X.given(event)
    if chance == 1:
        if times is None:
            raise DistconvValueError(f"every outcome of {X!r} explodes: for ever it has no sum; give it times=")
        return (check_integer("times", times, at_least=0) + 1) @ X
    rest = X.given(lambda x: not event(x))
    if times is None:
        rolls = Geometric(1 - chance) - 1
        ends: Any = again.support
        return (ends[0] * rolls if len(ends) == 1 else compound(rolls, again)) + rest
    result = X
    for _ in range(check_integer("times", times, at_least=0)):
        result = mixture([(rest, 1 - chance), (again + result, chance)])
    return result


def reroll(X: Distribution, on: Event, times: int | None = None) -> Distribution:
    """The law of a die that is rolled again when it shows certain faces; the last roll stands.

    Args:
        X: the law of one roll; exact, or with letters.
        on: the outcomes that are rolled again: one, a list or a set of them, or a function of the outcome.
        times: how often at most; None until none of them shows, which is ``X.given``.

    Raises:
        DistconvValueError: every outcome is rolled again, for ever.
        DistconvTypeError: a floating law, whose shares would be rounded.

    >>> from distconv import Die, reroll
    >>> reroll(Die(6), [1, 2], 1).pmf(6), reroll(Die(6), [1, 2]).pmf(6)
    (Fraction(2, 9), Fraction(1, 4))
    """
    _check_exact("reroll", X)
    event = _event(on)
    chance: Any = X.prob(event)
    if times is not None:
        chance = chance ** check_integer("times", times, at_least=0)
        if chance == 1:
            return X
    elif chance == 1:
        raise DistconvValueError(f"every outcome of {X!r} is rolled again, for ever; give it times=")
    if chance == 0:
        return X
    rest = X.given(lambda x: not event(x))
    return rest if times is None else mixture([(rest, 1 - chance), (X, chance)])


def count_of(laws: Laws, condition: Event) -> Distribution:
    """The law of how many of independent variables satisfy a condition: successes in a pool of dice.

    Args:
        laws: the variables, each by its law; or a mapping from laws to how many there are, ``{Die(6): 5}``.
        condition: a function of the outcome; or one outcome, a list or a set of them.

    Raises:
        DistconvTypeError: a floating law, whose chance would be rounded.

    >>> from distconv import Binomial, Die, count_of
    >>> count_of({Die(10): 5}, lambda x: x >= 8) == Binomial(5, "3/10")
    True
    >>> count_of([Die(6), Die(8)], 6).pmf(2)
    Fraction(1, 48)
    """
    event = _event(condition)
    pool = read_pool(laws)
    for X in pool:
        _check_exact("count_of", X)
    chances: list[tuple[Number, int]] = [(X.prob(event), m) for X, m in equal_ones(pool)]
    return sum_of([m @ Bernoulli(chance) for chance, m in chances])


def most_alike(laws: Laws) -> Distribution:
    """The law of the largest number of equal outcomes among independent variables: a pair, three of a kind, ...

    Args:
        laws: the variables, each by its law; or a mapping from laws to how many there are, ``{Die(6): 5}``. Of one or
            few different laws as many as you like; of many different ones some ten.

    Returns:
        Exact of exact laws, with letters too; of floating ones right to what their weights are, rounded once.

    Raises:
        SizeLimitError: too many different laws: it would pass ``settings.max_bytes``.

    >>> from distconv import Die, Uniform, most_alike
    >>> most_alike({Die(6): 5}).pmf(5)  # a Yahtzee in one roll
    Fraction(1, 1296)
    >>> float(most_alike({Uniform(1, 365): 23}).sf(1))  # a birthday shared among 23
    0.5072972343239854
    """
    pool = read_pool(laws)
    return Distribution.of(Finite(*pools.most_alike([(X.law.measure, m) for X, m in equal_ones(pool)])))


def _highest(X: Distribution) -> Callable[[Any], object]:
    """Whether an outcome is the highest of a law."""
    end = X.high
    if end is None:
        raise DistconvValueError(f"{X!r} has no highest outcome to explode on; name some: explode(X, on=[6])")
    return lambda x: x == end


def _event(on: Any) -> Callable[[Any], Any]:
    """Whether an outcome is one of those that are meant."""
    if callable(on):
        return lambda x: bool(on(x))
    many = list(on) if isinstance(on, set | frozenset) else on
    meant = list(collected(many, "outcomes")) if is_collection(many) and not isinstance(many, tuple) else [many]
    outcomes = {as_outcome(v) for v in read_vectors(meant)} if meant else set()
    return lambda x: x in outcomes


def _check_exact(call: str, X: Any) -> None:
    """Refuses laws of which chances would be rounded, and come out with no bound on that."""
    check_law("X", X)
    if not X.is_exact:
        raise DistconvTypeError(
            f"{call} needs exact laws, got the floating {X!r}; make it exact: X.to_exact(normalize=True)"
        )
    X.law.settled(f"the chance that {call} takes", None, 0.0)
