"""The sum of the best of n draws, without enumerating draws.

With v the value of the worst one kept and j draws above it, the best sum to (keep - j) v plus j draws from above v: the
law is the sum over v and j of C(n, j) A_v**j x**((keep - j) v) P(of the other n - j none is above v, and at least
keep - j are v), where A_v is the generating polynomial of what lies above v. For each v that is one polynomial composed
with A_v / x**v. On a wide lattice of few points the polynomials are kept as dicts of their terms.

Weights are integers, or balls of which each is rounded once; nothing is subtracted but integers.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import accumulate
from typing import Any

import numpy as np

from distconv import missing, planning
from distconv.measure import Measure
from distconv.measure.arranging import arranged
from distconv.measure.lookup import axis_indices
from distconv.numbers import balls
from distconv.planning import How, Origin, Outline, Plan, costs
from distconv.settings import current_settings
from distconv.support.outcomes import whole
from distconv.transforms import order
from distconv.typing import AnyArray
from distconv.weights import Floating
from distconv.weights.floating import normal_form
from distconv.weights.rational import polynomial, reduced
from distconv.weights.symbolic import with_letters
from distconv.weights.unify import are_numbers


def highest(a: Measure, n: int, keep: int) -> tuple[Measure, How]:
    """The law of the sum of the best `keep` of n draws, 0 < keep < n, and how it was computed."""
    weights = a.weights
    ranks = weights.positive()
    (index,) = axis_indices(a)
    places = [int(index[r]) for r in ranks.tolist()]
    (origin,), (step,) = a.box.origin, a.box.step
    if not are_numbers(weights):
        letters = with_letters(weights)
        cells, found = _combined_sparse(places, [letters.numerators[r] for r in ranks.tolist()], n, keep, _chances)
        story = Origin("best", f"the sum of {keep} of {n}, in letters")
        lost = missing.repeated(a.missing, n)
        return arranged([cells], (whole(keep * origin),), (step,), letters.of_draws(found, n), lost), story
    plan = planning.announced(plan_highest(Outline.of(a), len(places), places[-1], n, keep))
    combined = _combined_sparse if "sparse" in plan.method else _combined_dense
    if plan.kind == "exact":
        exact = weights.as_rational()
        stored = exact.integers()
        cells, found = combined(places, [stored[r] for r in ranks.tolist()], n, keep, _chances)
        result: Any = reduced(found, exact.denominator**n)
    else:
        cells, result = _floating(a, places, n, keep, combined)
    lost = missing.repeated(a.missing, n)
    return arranged([cells], (whole(keep * origin),), (step,), result, lost), plan


def plan_highest(a: Outline, points: int, top: int, n: int, keep: int) -> Plan:
    """How the sum of the best `keep` of n draws would be computed, for so many points on the cells 0 to top.

    Raises:
        SizeLimitError: every way would pass ``settings.max_bytes``.
    """
    limits = current_settings()
    cells, bits = keep * top + 1, n * a.bits
    sums, pairs = _terms(points, top, keep)
    story = f"the worst of the best {keep} of {n} tried in turn"
    start = 1e-5 + points * keep * 2e-6
    levels = max(1, keep.bit_length()) / 2
    plans = []
    if a.bits:
        each = costs.BEST_CELL_SECONDS + bits * costs.BEST_BIT_SECONDS
        seconds = start + points * keep * bits * costs.BEST_BIT_SECONDS
        exact = [
            Plan("best", "exact", cells, 4 * cells * (40 + bits // 8), seconds + points * cells * levels * each, story),
            Plan(
                "sparse best",
                "exact",
                sums,
                4 * sums * (costs.BEST_TERM_BYTES + bits // 8),
                seconds + pairs * each,
                story,
            ),
        ]
        plans = [p for p in exact if p.cells * bits <= limits.exact_limit and p.bytes <= limits.max_bytes]
    if not plans:
        note = planning.past_exact() if a.bits else ""
        seconds = start + (1 + order.MIDDLE_PART * points) * costs.BEST_TAIL_SECONDS * (n >= order.MANY_DRAWS)
        dense = seconds + points * cells * levels * costs.BEST_BALL_CELL_SECONDS
        floating = [
            Plan("best", "float", cells, cells * costs.BEST_BALL_BYTES, dense, note + story),
            Plan(
                "sparse best",
                "float",
                sums,
                sums * costs.BEST_TERM_BYTES,
                seconds + pairs * costs.BEST_PAIR_SECONDS,
                note + story,
            ),
        ]
        plans = [p for p in floating if p.bytes <= limits.max_bytes]
        if not plans:
            raise planning.size_error(min(floating, key=lambda p: p.bytes), "the sum of the best", planning.ROUND)
    return min(plans, key=lambda p: p.seconds)


def _terms(points: int, top: int, keep: int) -> tuple[int, int]:
    """(the most sums of `keep` points, pairs of terms that all products of dicts have)."""
    sums = min(_multisets(points, keep), keep * top + 1)
    pairs = 0
    # A sample of the points and of the powers stands for all.
    strides = max(1, points // 16), max(1, keep // 16)
    for i in range(0, points, strides[0]):
        for j in range(0, keep, strides[1]):
            pairs += min(_multisets(i + 1, j), j * top + 1) * (i + 1) * strides[0] * strides[1]
    return sums, pairs


def _multisets(points: int, size: int) -> int:
    """How many multisets of this size there are, or more than any limit."""
    if math.lgamma(points + size) - math.lgamma(size + 1) - math.lgamma(points) > 60:
        return 1 << 80
    return math.comb(points + size - 1, size)


# The two forms of polynomials -----------------------------------------------------------------------------------------

Chances = Callable[[Any, Any, int, int], list[Any]]


def _combined_dense(places: list[int], weights: list[Any], n: int, keep: int, chances: Chances) -> tuple[AnyArray, Any]:
    """(all cells, their numbers), by composition of polynomials."""
    make = type(_polynomial(weights))
    total = above = make([0])
    heads = list(accumulate(weights))
    for i in range(len(places) - 1, -1, -1):
        here, below = weights[i], weights[0] * 0 if i == 0 else heads[i - 1]
        # above is A_v / x**v: what lies above the point, counted from it.
        gap = places[i + 1] - places[i] if i + 1 < len(places) else 0
        above = above.left_shift(gap)
        outer = make(chances(here, below, n, keep))
        total = total.left_shift(keep * gap) + outer(above)
        above += make([here])
    values = total.coeffs()
    return np.arange(len(values), dtype=np.int64) + keep * places[0], values


def _polynomial(weights: list[Any]) -> Any:
    import flint

    return flint.arb_poly([]) if isinstance(weights[0], flint.arb) else polynomial([])


def _combined_sparse(
    places: list[int], weights: list[Any], n: int, keep: int, chances: Chances
) -> tuple[AnyArray, Any]:
    """(the cells that have weight, their numbers), by Horner's scheme with dicts of terms."""
    total: dict[int, Any] = {}
    above: list[tuple[int, Any]] = []
    heads = list(accumulate(weights))
    for i in range(len(places) - 1, -1, -1):
        below = weights[0] * 0 if i == 0 else heads[i - 1]
        part: dict[int, Any] = {}
        for chance in reversed(chances(weights[i], below, n, keep)):
            product: dict[int, Any] = {}
            for cell, value in part.items():
                for place, weight in above:
                    key = cell + place - places[i]
                    product[key] = product[key] + value * weight if key in product else value * weight
            product[0] = chance
            part = product
        for cell, value in part.items():
            key = cell + keep * places[i]
            total[key] = total[key] + value if key in total else value
        above.append((places[i], weights[i]))
    cells = sorted(total)
    wide = cells[-1] >= 2**62
    return np.array(cells, dtype=object if wide else np.int64), [total[c] for c in cells]


# How likely it is that a point is the worst one kept ------------------------------------------------------------------


def _chances(here: Any, below: Any, n: int, keep: int) -> list[Any]:
    """For j = 0, ..., keep - 1: C(n, j) times the numerator of P(of n - j draws none is above, at most d are below).

    With d = n - keep and U(N) that of N draws, U(N + 1) = (here + below) U(N) - C(N, d) below**(d + 1) here**(N - d).
    """
    import flint

    d, both = n - keep, here + below
    lost = below ** (d + 1)
    result = [both ** (d + 1) - lost]
    lost *= (d + 1) * here
    for draws in range(d + 2, n + 1):
        result.append(both * result[-1] - lost)
        lost = lost * here * draws // (draws - d)
    choices = flint.fmpz(1)
    for j, chance in enumerate(reversed(result)):
        result[len(result) - 1 - j] = chance * choices
        choices = choices * (n - j) // (j + 1)
    return result[::-1]


def _ball_chances(here: Any, below: Any, n: int, keep: int) -> list[Any]:
    """The same in balls, from the most draws down: U(N) = (U(N + 1) + C(N, d) below**(d + 1) here**(N - d)) / both."""
    import flint

    d, both = n - keep, here + below
    zero = below == 0
    result = [both**n if zero else both**n * (here / both).beta_lower(flint.arb(keep), flint.arb(d + 1), regularized=1)]
    choose = ((flint.arb(n) + 1).lgamma() - (flint.arb(d) + 1).lgamma() - (flint.arb(keep) + 1).lgamma()).exp()
    lost = choose * below ** (d + 1) * here**keep
    choices = flint.arb(1)
    for draws in range(n - 1, d, -1):
        lost = lost * (draws + 1 - d) / ((draws + 1) * here)
        result.append((result[-1] + lost) / both)
    for j in range(keep):
        result[j] *= choices
        choices = choices * (n - j) / (j + 1)
    return result


def _floating(
    a: Measure, places: list[int], n: int, keep: int, combined: Callable[..., tuple[AnyArray, Any]]
) -> tuple[AnyArray, Floating]:
    """The sums in balls, each rounded once, at a precision that makes all of them narrow."""
    read = order.reader(a)
    reached = _reached(places, keep) if combined is _combined_dense else None

    def attempt() -> tuple[AnyArray, Floating] | None:
        shares, _, off = order.shares(read(), normalised=not a.weights.is_exact, missing=a.missing)
        cells, found = combined(places, shares, n, keep, _ball_chances)
        if reached is not None:
            # Products of polynomials leave radii where there is nothing.
            cells, found = cells[reached], [found[i] for i in reached.tolist()]
        if not all(map(balls.is_narrow, found)):
            return None
        pairs = [balls.pair_of(ball) for ball in found]
        significands, exponents = np.array([s for s, _ in pairs]), np.array([e for _, e in pairs], dtype=np.int64)
        return cells, normal_form(significands, exponents, order.composed(a, n, off))

    what, start = f"the sum of the best {keep} of {n}", order.START_BITS + 2 * n.bit_length()
    return balls.resolved(attempt, what, start=start, last=order.LAST_BITS, way_out=order.EXACTLY)


def _reached(places: list[int], keep: int) -> AnyArray:
    """The sums of `keep` points, as indices from the lowest on; the best of more draws reach them all."""
    from distconv.methods import powering

    positive = np.zeros(places[-1] - places[0] + 1, dtype=bool)
    positive[np.array(places) - places[0]] = True
    return np.flatnonzero(powering.support(positive, keep))
