"""What every term adds to a part of the outcomes of a sum, for all terms in one pass.

E(X h(X + R)) of a term X and the rest R takes a(x) = E h(x + R) at the term's outcomes. At the sum itself a is h; at a
node of the tree of partial sums whose two halves are independent, that of one half is the node's averaged over the
other half: one convolution with its mirror image. So one way up the tree and one way down give all terms' averages, at
the cost of some three sums, and no half is ever divided out: every number is a sum of non-negative products.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from distconv import bounds, convolution
from distconv.measure import Measure, lookup
from distconv.measure.arranging import select
from distconv.numbers.doubles import multiples, to_double
from distconv.planning import announced_once
from distconv.settings import current_settings
from distconv.transforms.affine import reflected
from distconv.typing import AnyArray
from distconv.weights.floating import normal_form, total_of
from distconv.weights.rational import from_fractions

#: An exact number, or t x 2**e.
Sized = Fraction | tuple[float, int]
#: A level of the tree: its nodes, and for each of the next level's nodes its one or two halves.
Level = list[Measure]


@dataclass(frozen=True, slots=True)
class Averages:
    """E X h(S) of every term X of a sum S.

    Attributes:
        above: the part of each that outcomes of X above 0 add.
        below: the part, without its sign, that those below 0 take away.
        chance: E h(S).
        error: a bound on the relative error of all of these.
    """

    above: list[Any]
    below: list[Any]
    chance: Sized
    error: float


def averages(terms: Sequence[Measure], kept: Callable[[Measure], AnyArray]) -> Averages:
    """E X h(S) where h is 1 at some outcomes of the sum and 0 at all others.

    Args:
        terms: 1-D measures, at least one.
        kept: the ranks of these outcomes, given the sum; at least one.
    """
    share = current_settings().tolerance / (4 * (len(terms).bit_length() + 1))
    with announced_once():
        levels = _levels(list(terms), share)
        (total,) = levels[-1]
        chances = select(total, kept(total))
        ones = from_fractions([Fraction(1)] * chances.support.size)
        weighing = [Measure(chances.support, ones if total.weights.is_exact else ones.as_floating())]
        for level in reversed(levels[:-1]):
            weighing = _down(level, weighing, share)
    exact = all(m.weights.is_exact for m in (*terms, *weighing))
    pairs = list(zip(terms, weighing, strict=True))
    error = max(bounds.compose(x.weights.error, a.weights.error) for x, a in pairs)
    sums = [_exact_sums(x, a) if exact else _sums(x, a) for x, a in pairs]
    chance = _exact_total(chances) if exact else total_of(chances.weights.as_floating())
    error = bounds.compose(error, 0.0 if exact else bounds.total(total.support.size) + 16 * bounds.UNIT)
    return Averages([up for up, _ in sums], [down for _, down in sums], chance, max(error, total.weights.error))


def _levels(nodes: Level, share: float) -> list[Level]:
    """All partial sums, neighbours added level by level."""
    levels = [nodes]
    while len(nodes) > 1:
        pairs = [nodes[i : i + 2] for i in range(0, len(nodes), 2)]
        nodes = [
            convolution.convolve(pair[0], pair[1], tolerance=share)[0] if len(pair) == 2 else pair[0] for pair in pairs
        ]
        levels.append(nodes)
    return levels


def _down(nodes: Level, weighing: Level, share: float) -> Level:
    """What each of a level's nodes is weighed by, from what the nodes above are."""
    found: Level = []
    for i, above in enumerate(weighing):
        halves = nodes[2 * i : 2 * i + 2]
        if len(halves) == 1:
            found.append(above)
            continue
        for one, other in (halves, halves[::-1]):
            met, _ = convolution.convolve(above, reflected(other), tolerance=share)
            first = lookup.count_up_to(met, one.box.origin[0]) - (lookup.rank(met, one.box.origin) is not None)
            found.append(select(met, np.arange(first, lookup.count_up_to(met, one.box.high[0]))))
    return found


def _exact_sums(term: Measure, weighing: Measure) -> tuple[Fraction, Fraction]:
    """The sums of x p(x) a(x) over outcomes above and below 0, the second without its sign."""
    ranks, places = _common(term, weighing)
    (index,) = lookup.axis_indices(term)
    p, a = term.weights.as_rational(), weighing.weights.as_rational()
    mass, chance = p.integers(), a.integers()
    (origin,), (step,) = term.box.origin, term.box.step
    up, down = Fraction(0), Fraction(0)
    for i, j in zip(ranks.tolist(), places.tolist(), strict=True):
        x = Fraction(origin + step * int(index[i]))
        part = abs(x) * int(mass[i]) * int(chance[j])
        up, down = (up + part, down) if x > 0 else (up, down + part)
    below = p.denominator * a.denominator
    return up / below, down / below


def _sums(term: Measure, weighing: Measure) -> tuple[tuple[float, int], tuple[float, int]]:
    """The same as doubles with exponents, each right to the error of both and a few roundings."""
    ranks, places = _common(term, weighing)
    (index,) = lookup.axis_indices(term)
    products = term.weights.as_floating().take(ranks).times(weighing.weights.as_floating().take(places))
    zeros = lookup.count_up_to(term, 0)
    above, below = np.flatnonzero(ranks >= zeros), np.flatnonzero(ranks < zeros)[::-1]
    found = []
    for side, sign in ((above, 1), (below, -1)):
        if not len(side):
            found.append((0.0, 0))
            continue
        # Distances are exact multiples of the step from the outcome nearest to 0, rounded once.
        places_of = index[ranks[side]]
        first = sign * (Fraction(term.box.origin[0]) + Fraction(term.box.step[0]) * int(places_of[0]))
        sizes = to_double(first) + multiples(term.box.step[0], abs(places_of - places_of[0]))
        found.append(total_of(products.take(side).times(normal_form(sizes, None, 0.0))))
    return found[0], found[1]


def _common(term: Measure, weighing: Measure) -> tuple[AnyArray, AnyArray]:
    """The ranks of the outcomes that both have, in each of them."""
    (mine,), (theirs,) = lookup.axis_indices(term), lookup.axis_indices(weighing)
    unit = Fraction(weighing.box.step[0])
    base, ratio = (Fraction(term.box.origin[0]) - Fraction(weighing.box.origin[0])) / unit, term.box.step[0] / unit
    denominator = math.lcm(base.denominator, ratio.denominator)
    wanted = mine * int(ratio * denominator) + int(base * denominator)
    whole = wanted % denominator == 0
    wanted = wanted // denominator
    places = np.minimum(np.searchsorted(theirs, wanted), len(theirs) - 1)
    ranks = np.flatnonzero(whole & (theirs[places] == wanted))
    return ranks, places[ranks]


def _exact_total(measure: Measure) -> Fraction:
    """The total of exact weights."""
    weights = measure.weights.as_rational()
    return Fraction(sum(int(w) for w in weights.integers()), weights.denominator)
