"""The k-th smallest of n draws: P(at least k of n are <= x), differenced, as a function of the CDF alone.

Exact weights give integers over the n-th power of their denominator, while those stay within the limit of exact
results. Otherwise every weight is the integral of a beta density between two values of the CDF, in ball arithmetic,
rounded once; only points that carry weight are visited, however far apart they lie.

Source: David and Nagaraja, Order Statistics, 3rd ed. (2003), section 2.1; Haible and Papanikolaou (1998) for sums by
binary splitting; FLINT's incomplete beta function (Johansson, Computing hypergeometric functions rigorously, 2019).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from distconv import bounds, planning
from distconv.measure import Measure
from distconv.numbers import balls
from distconv.planning import How, Origin, Outline, Plan, costs
from distconv.settings import current_settings
from distconv.transforms import mixing
from distconv.weights import Floating, Rational, Weights
from distconv.weights.floating import normal_form
from distconv.weights.rational import over, reduced
from distconv.weights.symbolic import Symbolic, with_letters
from distconv.weights.unify import are_numbers

if TYPE_CHECKING:
    import flint

#: Terms of a binomial tail that one step of binary splitting adds one by one (benchmarks/plan_quality).
FEW_TERMS = 16
#: Bits of the balls beside those that n takes: a double's, and some for what differences lose.
START_BITS = 80
#: Bits at which the search gives up; differences of tails lose some log2(n).
LAST_BITS = 1 << 16
#: The way out where it does.
EXACTLY = "write X.to_exact(normalize=True)"
#: Relative error of a rounded ball: 2**-60 of it and the rounding of its midpoint.
ERROR = 1.01 * bounds.UNIT
#: Steps of the CDF over which the beta density changes by less than this part are taken by Taylor series, the others by
#: differences of tails; where a tail is a power, which is quick, fewer.
SMALL = 1.0
SMALL_POWER = 2.0**-20
#: Bound on what the series leaves out, relative.
FLAT = 2.0**-66
#: Integers of more bits than this no longer fit into the caches.
LONG = 100_000
#: Seconds of a point in balls, by series or far from the middle, and of one whose incomplete beta function is near its
#: middle; part of the CDF's range that is, and from how many draws on (the same benchmark).
MIDDLE_PART = 0.4
MANY_DRAWS = 64


def statistic(a: Measure, n: int, k: int) -> tuple[Measure, How]:
    """The law of the k-th smallest of n draws, and how it was computed.

    Floating weights err by what n factors of theirs err by, and by one rounding.
    """
    if a.missing:
        # A draw that is missing may lie anywhere: certain is what no draw is missing from.
        return mixing.certain(a, n, lambda whole: statistic(whole, n, k))
    weights = a.weights
    if not are_numbers(weights):
        return Measure(a.support, _with_letters(with_letters(weights), n, k)), Origin("order statistic", f"{k} of {n}")
    plan = planning.announced(plan_statistic(Outline.of(a), n, k))
    if plan.method == "exact":
        return Measure(a.support, _exact(weights.as_rational(), n, k)), plan
    return Measure(a.support, _floating(a, n, k)), plan


def plan_statistic(a: Outline, n: int, k: int) -> Plan:
    """How the k-th smallest of n draws would be computed.

    Raises:
        SizeLimitError: it would pass ``settings.max_bytes``.
    """
    limits = current_settings()
    bits = n * a.bits
    story = f"binomial tails of the CDF, {k} of {n}"
    size = a.points * (bits // 8 + 40)
    if a.bits and a.points * bits <= limits.exact_limit and size <= limits.max_bytes:
        terms = 0 if k in (1, n) else min(k, n - k)
        levels = 3 * terms.bit_length() * max(1.0, bits / LONG) ** 0.6
        each = 5e-6 + terms * costs.ORDER_TERM_SECONDS + bits * (1 + levels) * costs.ORDER_BIT_SECONDS
        return Plan("exact", "exact", a.points, size, 1e-5 + a.points * each, story)
    plan = Plan("beta", "float", a.points, a.points * costs.ORDER_POINT_BYTES, _ball_seconds(a.points, n, k), story)
    if plan.bytes > limits.max_bytes:
        raise planning.size_error(plan, "the order statistic", planning.ROUND)
    return replace(plan, reason=planning.past_exact() + story) if a.bits else plan


def _ball_seconds(points: int, n: int, k: int) -> float:
    """Seconds in balls: series where a point's share is small beside 1 / n, else the incomplete beta function."""
    if k in (1, n):
        return points * costs.ORDER_POWER_SECONDS
    if n < MANY_DRAWS or 4 * n < points:
        return points * costs.ORDER_POINT_SECONDS
    return points * costs.ORDER_POINT_SECONDS + (1 + MIDDLE_PART * points) * costs.ORDER_MIDDLE_SECONDS


# Exactly --------------------------------------------------------------------------------------------------------------


def _exact(weights: Rational, n: int, k: int) -> Rational:
    """The differences of binomial tails, over the n-th power of the denominator."""
    import flint

    whole = flint.fmpz(weights.denominator)
    heads = list(accumulate(weights.integers()))
    tail = partial(_at_least, whole=whole, n=n, k=k)
    totals: list[Any] = []
    for place, head in enumerate(heads):
        # Holes inside a box carry no weight, and no new tail.
        same = place > 0 and head == heads[place - 1]
        totals.append(totals[-1] if same else tail(head))
    values = [q - p for p, q in zip([totals[0] * 0, *totals[:-1]], totals, strict=True)]
    denominator = int(whole**n)
    if k in (1, n):
        # In lowest terms already: a prime that divides all n-th powers of the heads, or of what is left of the whole,
        # and the denominator divides all numerators.
        return over(values, denominator)
    return reduced(values, denominator)


def _at_least(head: flint.fmpz, *, whole: flint.fmpz, n: int, k: int) -> flint.fmpz:
    """The numerator, over whole**n, of P(at least k of n draws have an outcome of mass head / whole)."""
    rest = whole - head
    if head == 0 or rest == 0:
        return head**n
    if 2 * k > n:
        return binomial_sum(head, rest, n, k, n)
    return whole**n - binomial_sum(head, rest, n, 0, k - 1)


def binomial_sum(head: flint.fmpz, rest: flint.fmpz, n: int, first: int, last: int) -> flint.fmpz:
    """sum over i = first, ..., last of C(n, i) head**i rest**(n - i), in integers > 0, by binary splitting."""
    import flint

    if 2 * first > n:
        # From the end that has the smaller binomial coefficient.
        return binomial_sum(rest, head, n, n - last, n - first)
    start = flint.fmpz.bin_uiui(n, first) * head**first * rest ** (n - first)
    if first == last:
        return start
    _, q, total = _split(head, rest, n, first, last)
    return start + start * total // q


def _split(
    head: flint.fmpz, rest: flint.fmpz, n: int, first: int, last: int
) -> tuple[flint.fmpz, flint.fmpz, flint.fmpz]:
    """(p, q, s) with p / q = term(last) / term(first) and s / q the sum of the terms after the first over the first."""
    if last - first <= FEW_TERMS:
        p, q, s = head**0, head**0, head * 0
        for i in range(first, last):
            up, down = head * (n - i), rest * (i + 1)
            p, q, s = p * up, q * down, s * down + p * up
        return p, q, s
    middle = (first + last) // 2
    p, q, s = _split(head, rest, n, first, middle)
    x, y, z = _split(head, rest, n, middle, last)
    return p * x, q * y, s * y + p * z


def _with_letters(weights: Symbolic, n: int, k: int) -> Weights:
    """The same in polynomials."""
    heads, whole = weights.running(), weights.denominator
    tails = [
        sum((math.comb(n, i) * head**i * (whole - head) ** (n - i) for i in range(k, n + 1)), start=0 * whole)
        for head in heads
    ]
    return weights.of_draws((q - p for p, q in pairwise(tails)), n)


# In balls -------------------------------------------------------------------------------------------------------------


def _floating(a: Measure, n: int, k: int) -> Floating:
    """The integrals of the beta density over the steps of the CDF, each rounded once."""
    ranks = a.weights.positive()
    read = reader(a)
    found: list[tuple[float, int] | None] = [None] * len(ranks)

    def attempt() -> tuple[list[tuple[float, int]], float] | None:
        weights, rest, off = shares(read(), normalised=not a.weights.is_exact, missing=a.missing)
        _resolve(weights, rest, n, k, found)
        kept = [pair for pair in found if pair is not None]
        return (kept, off) if len(kept) == len(found) else None

    pairs, off = balls.resolved(
        attempt, "the order statistic", start=START_BITS + 2 * n.bit_length(), last=LAST_BITS, way_out=EXACTLY
    )
    significands, exponents = np.zeros(a.support.size), np.zeros(a.support.size, dtype=np.int64)
    significands[ranks] = [s for s, _ in pairs]
    exponents[ranks] = [e for _, e in pairs]
    return normal_form(significands, exponents, composed(a, n, off))


def reader(a: Measure) -> Callable[[], list[flint.arb]]:
    """Makes the positive weights balls, at FLINT's precision when it is called."""
    ranks = a.weights.positive()
    carried = a.weights.take(ranks)
    if not carried.is_exact:
        return partial(_stored, carried.as_floating())
    exact = carried.as_rational()
    return partial(_ratios, exact.integers(), exact.denominator)


def composed(a: Measure, n: int, off: float) -> float:
    """Relative error of a homogeneous polynomial of degree n in the weights, rounded once; `off`: of their whole."""
    of_whole = 0.0 if a.weights.is_exact else bounds.repeated(bounds.reciprocal(max(off, a.weights.error)), n)
    return bounds.compose(bounds.repeated(a.weights.error, n), of_whole, ERROR)


def _ratios(numerators: list[flint.fmpz], denominator: int) -> list[flint.arb]:
    """Exact weights as balls."""
    import flint

    whole = flint.arb(flint.fmpz(denominator))
    return [flint.arb(w) / whole for w in numerators]


def _stored(weights: Floating) -> list[flint.arb]:
    """Doubles as balls of radius 0."""
    exponents = [0] * len(weights.significands) if weights.exponents is None else weights.exponents.tolist()
    return [balls.ball_of_pair(s, e) for s, e in zip(weights.significands.tolist(), exponents, strict=True)]


def shares(weights: list[flint.arb], *, normalised: bool, missing: float) -> tuple[list[flint.arb], flint.arb, float]:
    """(the weights' shares in the whole, what is missing from it, how far the whole is from 1)."""
    import flint

    one = flint.arb(1)
    total = sum(weights, start=flint.arb(0))
    # Doubles total 1 but for rounding; what is missing belongs to the whole.
    whole = one if not normalised or (missing and total < one) else total
    rest = (whole - total) / whole if missing else flint.arb(0)
    return [w / whole for w in weights], rest, float(abs(whole - one).upper()) * bounds.PAD


def _resolve(weights: list[flint.arb], rest: flint.arb, n: int, k: int, found: list[tuple[float, int] | None]) -> None:
    """Fills in what FLINT's precision resolves."""
    import flint

    heads = list(accumulate(weights, initial=flint.arb(0)))
    tails = list(accumulate(reversed(weights), initial=rest))[::-1]
    cdf = Cdf(heads, tails, n, k)
    for place, pair in enumerate(found):
        if pair is None:
            ball = cdf.step(place, weights[place])
            if balls.is_narrow(ball):
                found[place] = balls.pair_of(ball)


class Cdf:
    """The CDF of the k-th smallest of n draws at the values of one draw's CDF, at FLINT's precision.

    Attributes:
        heads: P(X is among the first i points).
        tails: P(X is none of the first i points).
    """

    def __init__(self, heads: list[flint.arb], tails: list[flint.arb], n: int, k: int) -> None:
        self.heads, self.tails = heads, tails
        self.n, self.k = n, k
        self._known: dict[tuple[int, bool], flint.arb] = {}

    def step(self, place: int, share: flint.arb) -> flint.arb:
        """The weight of one point: the integral of the density k C(n, k) t**(k - 1) (1 - t)**(n - k) over its share.

        A small step is a Taylor series about its lower end; a larger one is at least about 2**-SMALL / n of the smaller
        of the tails beyond it, so a difference of two tails loses no more bits than that.
        """
        n, k = self.n, self.k
        head, tail = self.heads[place], self.tails[place]
        if (k == 1 or head > 0) and tail > 0:
            a, b = (share / head if k > 1 else share * 0), share / tail
            if (k - 1) * a + (n - k) * b < (SMALL if 1 < k < n else SMALL_POWER):
                size = k * self._choices() * head ** (k - 1) * tail ** (n - k) * share
                return size * mean_of_powers(a, k - 1, b, n - k)
        below = k > 1 and (k == n or bool(self.heads[place + 1] * (n + 1) < k))
        if below:
            return self.tail(place + 1, below) - self.tail(place, below)
        return self.tail(place, below) - self.tail(place + 1, below)

    def tail(self, place: int, below: bool) -> flint.arb:
        """P(the k-th smallest is among the first points), or that it is not."""
        known = self._known.get((place, below))
        if known is None:
            known = self._known[place, below] = self._tail(place, below)
        return known

    def _tail(self, place: int, below: bool) -> flint.arb:
        import flint

        share, wins = (self.heads[place], self.k) if below else (self.tails[place], self.n - self.k + 1)
        if share == 0 or wins == self.n:
            return share**self.n
        return share.beta_lower(flint.arb(wins), flint.arb(self.n - wins + 1), regularized=1)

    def _choices(self) -> flint.arb:
        """C(n, k), from log-gamma functions."""
        import flint

        n, k = flint.arb(self.n), flint.arb(self.k)
        if self.k in (1, self.n):
            return n if self.k == 1 else flint.arb(1)
        return ((n + 1).lgamma() - (k + 1).lgamma() - (n - k + 1).lgamma()).exp()


def mean_of_powers(a: flint.arb, m: int, b: flint.arb, n: int) -> flint.arb:
    """The integral of (1 + a s)**m (1 - b s)**n over 0 <= s <= 1, where m a + n b <= 1, by its Taylor series.

    Its coefficients are at most those of exp((m a + n b) s), so the terms from j on total at most e / j! times the j-th
    power of m a + n b. They follow from y' (1 + a s) (1 - b s) = y (m a - n b - (m + n) a b s).
    """
    import flint

    slope = (m * a + n * b).upper()
    total = coefficient = flint.arb(1)
    before, bound, j = flint.arb(0), flint.arb(1), 0
    first, second, third = m * a - n * b, a - b, a * b
    while bound > FLAT:
        following = ((first - j * second) * coefficient + (j - 1 - m - n) * third * before) / (j + 1)
        before, coefficient, j = coefficient, following, j + 1
        total += coefficient / (j + 1)
        bound = bound * slope / j
    return total + flint.arb(0, 2 * bound.upper())
