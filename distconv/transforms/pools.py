"""Pools of different draws: the sum of the best, the sum of any ranks, the most that are alike.

The best of different draws need no order among them. Clip every draw below at v: the best k of what comes out change
from v to the next outcome w only where j < k draws lie above v, and then by k - j times w - v. So the law of their sum
is a sum over v and j of the coefficient of y**j in the product of P(X <= v) + y A(z) over all draws, where A is the
generating polynomial of what lies above v.

Other ranks are counted outcome by outcome, in ascending order. What is known there is how many draws of each kind are
left, and the sum so far.

Weights are integers (doubles are, over a power of two) or polynomials in letters: all is exact, and rounded once where
doubles were given.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import accumulate, product
from typing import Any, TypeAlias

from distconv import bounds, missing, planning
from distconv.measure import Measure
from distconv.measure.arranging import arranged, integer_array
from distconv.measure.lookup import positive_vectors
from distconv.planning import How, Plan, costs
from distconv.settings import current_settings
from distconv.support.outcomes import whole
from distconv.transforms.order import composed
from distconv.typing import Scalar, Vector
from distconv.weights import Weights
from distconv.weights.rational import exactly, polynomial, reduced
from distconv.weights.symbolic import with_letters
from distconv.weights.unify import are_numbers, joined

#: A polynomial in z: an ``fmpz_poly``, or `Powers`; and what makes one of its terms.
Polynomial: TypeAlias = Any
Maker: TypeAlias = "Callable[[Mapping[int, Any]], Polynomial]"
#: So many draws of each measure.
Draws = Sequence[tuple[Measure, int]]
#: Cells for each sum above which sums are kept as terms, not as all coefficients (`transforms.drawing`).
SPARSE_CELLS = 60
#: Seconds of one product of polynomials, and of one coefficient of it: the best 10 of 30 different dice.
PRODUCT_SECONDS, COEFFICIENT_SECONDS = 2e-6, 1e-8
#: What to do about a pool of which too much must be known at once.
FEWER = "keep the highest or the lowest only, kept(laws, range(k)), or fewer different laws"


@dataclass(frozen=True, slots=True)
class Kind:
    """Some equal draws of a pool.

    Attributes:
        count: how many there are.
        weights: the numerator of each outcome, by its rank among all outcomes of the pool.
        whole: what they are divided by.
    """

    count: int
    weights: Mapping[int, Any]
    whole: Any


@dataclass(frozen=True, slots=True)
class Pool:
    """Independent draws, made ready to be counted in whole numbers or in polynomials.

    Attributes:
        kinds: the draws, equal ones together.
        outcomes: all outcomes, ascending.
        one: the numerator 1.
        weights: the weights of all kinds, one after the other.
        error: a bound on the relative error of what is computed, beside its rounding.
        missing: a bound on the probability that a draw is missing.
    """

    kinds: tuple[Kind, ...]
    outcomes: tuple[Vector, ...]
    one: Any
    weights: Weights
    error: float
    missing: float

    @property
    def count(self) -> int:
        """The number of draws."""
        return sum(group.count for group in self.kinds)

    def measure(self, cells: Sequence[int], found: list[Any], origin: Scalar, unit: Scalar) -> Measure:
        """The measure of these numerators on a lattice of numbers."""
        if are_numbers(self.weights):
            result: Weights = reduced(found, math.prod(int(group.whole) ** group.count for group in self.kinds))
            if not self.weights.is_exact:
                rounded = result.as_floating()
                result = replace(rounded, error=bounds.compose(self.error, bounds.UNIT))
        else:
            result = with_letters(self.weights).of_draws(found, self.count)
        return arranged([integer_array(list(cells))], (origin,), (unit,), result, self.missing)


def read(draws: Draws) -> Pool:
    """The pool of these draws."""
    every = sorted({v for a, _ in draws for v in positive_vectors(a)})
    ranks = {v: i for i, v in enumerate(every)}
    held = [a.weights.take(a.weights.positive()) for a, _ in draws]
    weights = joined(held)
    numbers = are_numbers(weights)
    shared = None if numbers else with_letters(weights)
    kinds, errors, start = [], [], 0
    for (a, n), own_weights in zip(draws, held, strict=True):
        vectors = list(positive_vectors(a))
        if shared is None:
            rational = exactly(own_weights)
            own, full = list(rational.integers()), rational.denominator
        else:
            own, full = list(shared.numerators[start : start + len(vectors)]), shared.denominator
            start += len(vectors)
        if not a.weights.is_exact:
            total = sum(own, start=own[0] * 0)
            # Doubles total 1 but for rounding; what is missing belongs to the whole.
            off = bounds.upper_float(abs(Fraction(int(total - full), int(full))))
            full = full if a.missing and total < full else total
            errors.append(bounds.repeated(composed(a, 1, off), n))
        kinds.append(Kind(n, dict(zip((ranks[v] for v in vectors), own, strict=True)), full))
    lost = missing.joined(*(missing.repeated(a.missing, n) for a, n in draws))
    one = 1 if shared is None else shared.denominator**0
    return Pool(tuple(kinds), tuple(every), one, weights, bounds.compose(*errors), lost)


class Powers:
    """A polynomial in z that is kept as its terms: a numerator for each power."""

    __slots__ = ("terms",)

    def __init__(self, terms: Mapping[int, Any]) -> None:
        self.terms = {power: value for power, value in terms.items() if value != 0}

    def __bool__(self) -> bool:
        return bool(self.terms)

    def __add__(self, other: Powers) -> Powers:
        found = dict(self.terms)
        for power, value in other.terms.items():
            found[power] = found[power] + value if power in found else value
        return Powers(found)

    def __sub__(self, other: Powers) -> Powers:
        return self + Powers({power: -value for power, value in other.terms.items()})

    def __mul__(self, other: Powers) -> Powers:
        found: dict[int, Any] = {}
        for power, value in self.terms.items():
            for by, factor in other.terms.items():
                place = power + by
                found[place] = found[place] + value * factor if place in found else value * factor
        return Powers(found)

    def left_shift(self, by: int) -> Powers:
        """The polynomial times a power of z."""
        return Powers({power + by: value for power, value in self.terms.items()})

    def right_shift(self, by: int) -> Powers:
        """The polynomial over a power of z, what is left of it."""
        return Powers({power - by: value for power, value in self.terms.items() if power >= by})


def _maker(is_dense: bool) -> Maker:
    """What makes a polynomial of its terms: all coefficients kept, or the terms."""
    if not is_dense:
        return Powers

    def make(terms: Mapping[int, Any]) -> Polynomial:
        return polynomial([terms.get(power, 0) for power in range(max(terms, default=-1) + 1)])

    return make


def _listed(found: Polynomial) -> tuple[list[int], list[Any]]:
    """(the powers of a polynomial, their numerators)."""
    held = found.terms if isinstance(found, Powers) else {i: c for i, c in enumerate(found.coeffs()) if c}
    return sorted(held), [held[power] for power in sorted(held)]


def _cells(pool: Pool) -> tuple[list[int], Scalar, Scalar]:
    """(the outcomes as integers from 0 on, the lowest of them, their unit), of a pool of numbers."""
    values = [v for (v,) in pool.outcomes]
    scale = math.lcm(*(v.denominator for v in values))
    numbers = [int(v * scale) - int(values[0] * scale) for v in values]
    gap = math.gcd(*numbers) or 1
    return [n // gap for n in numbers], values[0], whole(Fraction(gap, scale))


def _form(pool: Pool, cells: list[int], keep: int) -> tuple[int, bool]:
    """(how many numbers a sum of `keep` draws has, whether all its coefficients are kept)."""
    width, sums = keep * cells[-1] + 1, 1
    for i in range(1, keep + 1):
        # Multisets of so many outcomes.
        sums = min(width, sums * (len(cells) + i - 1) // i)
    is_dense = are_numbers(pool.weights) and width <= SPARSE_CELLS * sums
    return (width if is_dense else sums), is_dense


def _announced(method: str, pool: Pool, cells: int, products: int, width: int, way: str) -> Plan:
    """The plan of so many products of polynomials, up to so wide, of which so many are held at once.

    Raises:
        SizeLimitError: they would pass ``settings.max_bytes``.
    """
    bits = sum(group.count * max(1, getattr(group.whole, "bit_length", int)()) for group in pool.kinds)
    seconds = products * (PRODUCT_SECONDS + width * COEFFICIENT_SECONDS * (1 + bits / 64))
    story = f"{pool.count} draws of {len(pool.kinds)} kinds"
    system = "exact" if pool.weights.is_exact else "float"
    plan = Plan(method, system, width, cells * width * (costs.POINT_BYTES // 10 + bits // 8), seconds, story)
    if plan.bytes > current_settings().max_bytes:
        raise planning.size_error(plan, "the pool", way)
    return planning.announced(plan)


# The best -------------------------------------------------------------------------------------------------------------


def best(draws: Draws, keep: int) -> tuple[Measure, How]:
    """The law of the sum of the best `keep` of independent draws of numbers, 0 < keep < their number."""
    pool = read(draws)
    cells, origin, unit = _cells(pool)
    width, is_dense = _form(pool, cells, keep)
    plan = _announced("pool", pool, keep, len(cells) * pool.count * keep, width, planning.ROUND)
    make = _maker(is_dense)
    total = make({0: pool.one})
    zero = pool.one * 0
    heads = [list(accumulate(group.weights.get(r, zero) for r in range(len(cells)))) for group in pool.kinds]
    for group, head in zip(pool.kinds, heads, strict=True):
        total *= make({0: head[-1] ** group.count})
    total = total.left_shift(keep * cells[-1])
    for rank in range(len(cells) - 1):
        below = [make({0: head[rank]}) for head in heads]
        above = [make({cells[r]: w for r, w in group.weights.items() if r > rank}) for group in pool.kinds]
        for j, ways in enumerate(_numbers_above(pool, below, above, keep, make)):
            total += ways.left_shift((keep - j) * cells[rank]) - ways.left_shift((keep - j) * cells[rank + 1])
    powers, found = _listed(total)
    return pool.measure(powers, found, whole(keep * origin), unit), plan


def _numbers_above(
    pool: Pool, below: list[Polynomial], above: list[Polynomial], keep: int, make: Maker
) -> list[Polynomial]:
    """For j < keep: the polynomial of the sum of the j draws above an outcome, all others up to it."""
    none = make({})
    rows = [make({0: pool.one})]
    for group, head, tail in zip(pool.kinds, below, above, strict=True):
        for _ in range(group.count):
            longer = [*rows, none] if tail else rows
            rows = [row * head + before * tail for row, before in zip(longer, [none, *rows], strict=False)][:keep]
    return rows


# Outcome by outcome ---------------------------------------------------------------------------------------------------


def ranked(draws: Draws, ranks: Sequence[int]) -> tuple[Measure, How]:
    """The law of the sum of the draws of these ranks, 0 for the lowest, of independent draws of numbers."""
    pool = read(draws)
    cells, origin, unit = _cells(pool)
    width, is_dense = _form(pool, cells, len(ranks))
    plan = _announced_states(pool, width)
    make = _maker(is_dense)
    heads = [sum(rank < i for rank in ranks) for i in range(pool.count + 1)]

    def moved(ways: Polynomial, done: int, taken: int, rank: int) -> Polynomial:
        return ways.left_shift((heads[done + taken] - heads[done]) * cells[rank])

    powers, found = _listed(_folded(pool, make({0: pool.one}), moved, make))
    return pool.measure(powers, found, whole(len(ranks) * origin), unit), plan


def most_alike(draws: Draws) -> tuple[Measure, How]:
    """The law of the largest number of equal outcomes among independent draws."""
    pool = read(draws)
    n = pool.count
    plan = _announced_states(pool, n)
    make = _maker(are_numbers(pool.weights))

    def bounded(ways: Polynomial, _done: int, taken: int, _rank: int) -> Polynomial:
        # The power m stands for "at most m are alike".
        return ways.right_shift(taken).left_shift(taken)

    heads = _folded(pool, make(dict.fromkeys(range(1, n + 1), pool.one)), bounded, make)
    powers, found = _listed(heads - (heads * make({1: pool.one})) if n > 1 else heads)
    inside = [(m, value) for m, value in zip(powers, found, strict=True) if m <= n]
    return pool.measure([m for m, _ in inside], [value for _, value in inside], 0, 1), plan


def _announced_states(pool: Pool, width: int) -> Plan:
    states = math.prod(group.count + 1 for group in pool.kinds)
    # Of each kind any number may be taken.
    moves = math.prod((group.count + 1) * (group.count + 2) // 2 for group in pool.kinds)
    return _announced("ranks", pool, states, len(pool.outcomes) * moves, width, FEWER)


def _folded(
    pool: Pool,
    start: Polynomial,
    then: Callable[[Polynomial, int, int, int], Polynomial],
    make: Maker,
) -> Polynomial:
    """What comes of a polynomial when the outcomes are gone through in ascending order.

    Args:
        pool: the draws.
        start: before any outcome.
        then: (polynomial, draws that are below, draws that have this outcome, its rank) -> polynomial.
        make: what makes polynomials.
    """
    counts = tuple(group.count for group in pool.kinds)
    lasts = [max(group.weights) for group in pool.kinds]
    states = {counts: start}
    for rank in range(len(pool.outcomes)):
        chances = [
            [group.weights[rank] ** taken for taken in range(group.count + 1)] if rank in group.weights else []
            for group in pool.kinds
        ]
        after: dict[tuple[int, ...], Any] = {}
        for state, ways in states.items():
            done = sum(counts) - sum(state)
            choices = [
                ([left] if rank == last else range(left + 1)) if rank in group.weights else [0]
                for group, left, last in zip(pool.kinds, state, lasts, strict=True)
            ]
            for taken in product(*choices):
                left = tuple(a - b for a, b in zip(state, taken, strict=True))
                factor = pool.one
                for have, take, row in zip(state, taken, chances, strict=True):
                    if take:
                        factor = factor * row[take] * math.comb(have, take)
                moved = then(ways, done, sum(taken), rank) * make({0: factor})
                after[left] = after[left] + moved if left in after else moved
        states = after
    return states[(0,) * len(counts)]
