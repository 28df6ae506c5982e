"""Losses of a portfolio: what every part adds to a bad total, and layers that are reinstated against a premium.

>>> from distconv import Bernoulli, losses
>>> loans = [60 * Bernoulli("1/10"), 30 * Bernoulli("2/10"), 10 * Bernoulli("5/10")]
>>> bad = losses.allocation(loans, above=50)
>>> bad.parts, bad.total
((Fraction(60, 1), Fraction(6, 1), Fraction(5, 1)), Fraction(71, 1))
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

import numpy as np

from distconv import bounds
from distconv.algebra.sums import in_doubles
from distconv.distribution import Distribution, check_law
from distconv.errors import AccuracyError, DimensionError, DistconvTypeError, DistconvValueError
from distconv.measure import Measure, lookup
from distconv.measure.reading import collected, read_level
from distconv.settings import current_settings
from distconv.support.outcomes import read_scalar
from distconv.totals import sum_of
from distconv.transforms.allocating import Averages, Sized, averages
from distconv.typing import AnyArray, Level, Number, Scalar, ScalarLike

#: What the first window of a part without an end misses, and by how much less it misses when that is too much.
FIRST_TAIL = 1e-20
DEEPER = 1e-3
#: How many windows are tried.
WINDOWS = 6


@dataclass(frozen=True, slots=True)
class Allocation:
    """What every part of a portfolio adds to its bad outcomes, on average.

    Attributes:
        parts: E(X_i | the event), in the order of the laws; they add up to the total.
        total: E(S | the event).
        probability: that of the event.
        error: a bound on the relative error of the parts of laws >= 0, of the total and of the probability.
    """

    parts: tuple[Number, ...]
    total: Number
    probability: Number
    error: float = field(repr=False)

    @property
    def shares(self) -> tuple[Number, ...]:
        """The parts of the total, which add up to 1.

        Raises:
            DistconvValueError: the total is 0.
        """
        total: Any = self.total
        if not total:
            raise DistconvValueError(
                "the total is 0 on average, so its parts have no shares; they are Allocation.parts"
            )
        return tuple(part / total for part in self.parts)


def allocation(
    laws: Iterable[Distribution],
    *,
    above: ScalarLike | None = None,
    at: ScalarLike | None = None,
    level: Level | None = None,
) -> Allocation:
    """E(X_i | S > s), E(X_i | S = s) or E(X_i | the worst part of S), for all terms of a sum of independent ones.

    The answers to "who is to blame": Euler's allocation of the tail value at risk (Tasche, "Capital allocation to
    business units and sub-portfolios: the Euler principle", 2008). One tree of partial sums serves all terms.

    Args:
        laws: the terms: claims, loans, lines of business; numbers of any sign. Ones without an end must be >= 0.
        above: s, for what is known that S > s.
        at: s, for what is known that S = s.
        level: q in [0, 1), for the worst part 1 - q of the outcomes: the total is `Distribution.tail_mean` of the sum.

    Returns:
        Fractions where all laws are exact and finite and the sum is exact, else doubles with a stated bound.

    Raises:
        DistconvValueError: no law, none or several of `above`, `at` and `level`, or an event that cannot happen.
        DistconvTypeError: a term that is no law, or one with letters.
        AccuracyError: more than 1e-8 is `missing` from a law; a tail too heavy for its windows.

    >>> from distconv import Die, losses
    >>> losses.allocation([Die(4), Die(6), Die(8)], level="9/10").parts
    (Fraction(313, 96), Fraction(505, 96), Fraction(697, 96))
    """
    each = _terms(laws)
    given: dict[str, Any] = {"above": above, "at": at, "level": level}
    asked = [(name, x) for name, x in given.items() if x is not None]
    if len(asked) != 1:
        raise DistconvValueError(
            f"an allocation takes one of above=, at= and level=, got {len(asked)}: allocation(laws, level=0.99)"
        )
    ((name, x),) = asked
    # Equal laws add equally much: so many copies of one are one term.
    keys = [(X, X.is_exact, X.error) for X in each]
    copies = Counter(keys)
    terms = [n @ X for (X, _, _), n in copies.items()]
    if name == "level":
        found = _of_level(terms, read_level(x, "level"))
    else:
        sums = _averages(terms, read_scalar(x, name), name)
        found = _conditioned(sums, sums.chance)
    parts: dict[Any, Any] = dict(zip(copies, found.parts, strict=True))
    return replace(found, parts=tuple(parts[key] / copies[key] for key in keys))


def _terms(laws: Iterable[Distribution]) -> list[Distribution]:
    """The laws, each fit for an allocation."""
    terms = collected(laws, "laws")
    if not len(terms):
        raise DistconvValueError("a portfolio has at least one law: allocation([X, Y], above=10)")
    for i, X in enumerate(terms):
        check_law(f"laws[{i}]", X, "; write allocation([X, Y], above=10)")
        if X.ndim > 1:
            raise DimensionError(f"allocations are of numbers, laws[{i}] is {X.ndim}-D; take its marginal(0)")
        if X.letters:
            raise DistconvTypeError(f"allocations are of numbers, laws[{i}] has letters; see X.subs")
        X.law.settled("what it adds to a sum", None)
        if not X.is_finite and (X.low is None or X.low < 0):
            raise DistconvValueError(
                f"laws[{i}] has no end and may be below 0; cut it first: X.truncate(low=0), or X.clip(low=0)"
            )
    return [Distribution.of(in_doubles(X.law)) for X in terms]


def _averages(terms: Sequence[Distribution], place: Scalar, name: str) -> Averages:
    """E X h(S) for S > place or S = place, of all terms."""

    def kept(total: Measure) -> AnyArray:
        first = lookup.count_up_to(total, place)
        if name == "above":
            ranks = np.arange(first, total.support.size)
        else:
            rank = lookup.rank(total, (place,))
            ranks = np.array([] if rank is None else [rank], dtype=np.int64)
        ranks = ranks[np.isin(ranks, total.weights.positive())]
        if not len(ranks):
            sign = ">" if name == "above" else "="
            raise DistconvValueError(f"the sum is never {sign} {place}, so nothing is known of its terms then")
        return ranks

    if all(X.is_finite for X in terms):
        return averages([X.law.measure for X in terms], kept)
    if name == "at":
        return averages(_up_to(terms, place), kept)
    return _in_windows(terms, kept)


def _up_to(terms: Sequence[Distribution], place: Scalar) -> list[Measure]:
    """All outcomes of the terms that a sum up to there can hold."""
    least = sum((Fraction(X.law.low) for X in terms), start=Fraction(0))
    found = [X.law.up_to(place - least + X.law.low) for X in terms]
    if place < least or any(m is None for m in found):
        raise DistconvValueError(f"the sum is never = {place}, so nothing is known of its terms then")
    return [Measure(m.support, m.weights) for m in found if m is not None]


def _in_windows(terms: Sequence[Distribution], kept: Callable[[Measure], AnyArray]) -> Averages:
    """The same from windows of terms >= 0, so deep that what they miss is within the tolerance of every answer.

    What term j misses changes E X_i h(S) by at most E X_i P(j misses), and by E(X_i; X_i beyond its window) for j = i.
    """
    tail, wanted = FIRST_TAIL, current_settings().tolerance / 2
    worst = math.inf
    for _ in range(WINDOWS):
        windows = [X.law.measure if X.is_finite else X.law.in_doubles(tail) for X in terms]
        lost = [0.0 if X.is_finite else tail for X in terms]
        all_lost = math.fsum(lost) * bounds.PAD
        try:
            found = averages([Measure(m.support, m.weights) for m in windows], kept)
        except DistconvValueError:
            tail *= DEEPER**3
            continue
        worst = all_lost / _double(found.chance) if _double(found.chance) else math.inf
        for X, m, own, sized in zip(terms, windows, lost, found.above, strict=True):
            high: Any = m.box.high[0]
            beyond = float(X.stop_loss(high)) + float(high) * own if own else 0.0
            held = _double(sized)
            missed = beyond + float(X.mean()) * all_lost
            worst = max(worst, missed / held if held else (math.inf if missed else 0.0))
        if worst <= wanted:
            return Averages(found.above, found.below, found.chance, bounds.compose(found.error, worst))
        tail *= max(min(DEEPER, wanted / worst / 2), DEEPER**8)
    raise AccuracyError(
        f"windows of the terms miss up to {worst:.1g} of what they add to such a sum; ask nearer to the mean, or cut "
        "the terms first: X.clip(high=...)"
    )


def _of_level(terms: Sequence[Distribution], level: Fraction) -> Allocation:
    """The averages beyond the quantile, and of the quantile so much as makes 1 - level."""
    if level == 1:
        raise DistconvValueError("level must be below 1: no part of the outcomes is left")
    total = sum_of(terms)
    value: Any = total.ppf(level)
    at = _averages(terms, value, "at")
    beyond: Any = total.sf(value)
    rest = 1 - level
    above = _averages(terms, value, "above") if beyond else None
    if above is None:
        return replace(_conditioned(at, at.chance), probability=rest)
    if isinstance(at.chance, Fraction) and isinstance(above.chance, Fraction):
        share: Any = (rest - Fraction(beyond)) / at.chance
        parts = [
            (a - b + share * (c - d)) / rest
            for a, b, c, d in zip(above.above, above.below, at.above, at.below, strict=True)
        ]
        return Allocation(tuple(parts), sum(parts), rest, 0.0)
    share = max(0.0, float(rest) - _double(above.chance)) / _double(at.chance)
    found, error = [], max(above.error, at.error)
    # The share of the quantile errs by what both chances do.
    slack = above.error * _double(above.chance) / _double(at.chance) + 4 * bounds.UNIT
    for a, b, c, d in zip(above.above, above.below, at.above, at.below, strict=True):
        up = _double(a) + share * _double(c)
        found.append((up - (_double(b) + share * _double(d))) / float(rest))
        if up:
            error = max(error, bounds.compose(max(above.error, at.error), slack * _double(c) / up))
    return Allocation(tuple(found), math.fsum(found), rest, error)


def _conditioned(found: Averages, chance: Sized) -> Allocation:
    """Averages over the chance of the event."""
    if isinstance(chance, Fraction):
        parts: list[Any] = [(a - b) / chance for a, b in zip(found.above, found.below, strict=True)]
        return Allocation(tuple(parts), sum(parts), chance, 0.0)
    parts = [_over(a, chance) - _over(b, chance) for a, b in zip(found.above, found.below, strict=True)]
    error = bounds.quotient(bounds.compose(found.error, 4 * bounds.UNIT), found.error)
    return Allocation(tuple(parts), math.fsum(parts), _double(chance), error)


def _over(value: Sized, chance: tuple[float, int]) -> float:
    """The quotient of two numbers with exponents of their own."""
    if isinstance(value, Fraction):
        return float(value / Fraction(chance[0])) * 2.0 ** -chance[1] if value else 0.0
    return math.ldexp(value[0] / chance[0], value[1] - chance[1]) if value[0] else 0.0


def _double(value: Sized) -> float:
    """A number as a double."""
    return float(value) if isinstance(value, Fraction) else math.ldexp(value[0], max(value[1], -5000))


# Reinstatements -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Reinstatements:
    """A layer that is filled up again after losses, each time against a part of the first premium.

    Attributes:
        paid: the law of what the reinsurer pays in the year.
        charged: the law of all reinstatement premiums of the year, in units of the first premium.
    """

    paid: Distribution
    charged: Distribution

    @property
    def premium(self) -> Number:
        """The first premium for which all premiums are worth what is paid, E paid / (1 + E charged)."""
        paid: Any = self.paid.mean()
        charged: Any = self.charged.mean()
        return paid / (1 + charged)


def reinstatements(
    losses: Distribution, limit: ScalarLike, rates: Sequence[ScalarLike], *, deductible: ScalarLike = 0
) -> Reinstatements:
    """A layer with so many paid reinstatements as there are rates: what the reinsurer pays, and what he charges.

    Of the year's losses S to the layer he pays min(max(S - deductible, 0), (k + 1) limit). Every loss consumes a part
    of the limit; the j-th time it is filled up again, it costs the j-th rate of the first premium, in proportion to the
    part (pro rata of the amount; Sundt, "On excess of loss reinsurance with reinstatements", 1991).

    Args:
        losses: the law of the year's losses to the layer: ``Poisson(2) @ claim.layer(10, 5)``.
        limit: what the layer pays for one loss at most.
        rates: the price of each reinstatement, as a part of the first premium: ``[1, 1]`` for two at 100 %, 0 for a
            free one, none for a layer that is not reinstated.
        deductible: what the year's losses must pass first.

    >>> from distconv import Binomial, losses
    >>> contract = losses.reinstatements(10 * Binomial(3, "1/2"), 10, [1])
    >>> contract.paid.to_dict()
    {0: Fraction(1, 8), 10: Fraction(3, 8), 20: Fraction(1, 2)}
    >>> contract.premium
    Fraction(22, 3)
    """
    check_law("losses", losses, "; write reinstatements(Poisson(2) @ claim.layer(10, 5), 5, [1])")
    cover: Any = read_scalar(limit, "limit")
    if cover <= 0:
        raise DistconvValueError(f"limit must be > 0, got {limit!r}")
    prices = [read_scalar(rate, f"rates[{i}]") for i, rate in enumerate(collected(rates, "rates"))]
    if any(price < 0 for price in prices):
        raise DistconvValueError(f"rates must be >= 0, got {list(rates)}")
    paid = losses.layer(deductible, (len(prices) + 1) * cover)

    def charged(x: Scalar) -> Fraction:
        parts = [price * min(max(x - j * cover, 0), cover) / Fraction(cover) for j, price in enumerate(prices)]
        return sum(parts, start=Fraction(0))

    return Reinstatements(paid, paid.map(charged))
