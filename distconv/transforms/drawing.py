"""Sums of draws without replacement: the coefficient of y**k in the product of 1 + y z**v over all values v.

Half of the values is counted on either side: a polynomial in z for each number of draws from the lower half, one for
each from the upper, and their products where the numbers add up to k. Equally spaced values without ties need none of
that: the sums of k of 1, ..., n are counted by a Gaussian binomial coefficient, a product of cyclotomic polynomials.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate, chain, islice, pairwise, repeat
from typing import Any

from distconv import planning
from distconv.measure import Measure
from distconv.measure.arranging import arranged, integer_array
from distconv.measure.lookup import axis_indices
from distconv.planning import How, Plan, costs
from distconv.settings import current_settings
from distconv.support.outcomes import whole
from distconv.support.points import indices_of
from distconv.weights.rational import polynomial, reduced

#: (cell, how many have it) of the values that are drawn from, ascending.
Groups = Sequence[tuple[int, int]]
#: A sum of powers of z, each with the number of ways to it: an ``fmpz_poly``, or an ``fmpz_mpoly`` of few terms.
Ways = Any
#: Cells for each sum above which sums are kept as terms: 8 of 16 values below 10**6 take as long either way near there.
SPARSE_CELLS = 60
#: Bits of numbers whose arithmetic takes as long again as a cell does.
CELL_BITS = 100
#: Numbers of more bits are more than any limit.
MOST_BITS = 80
#: What to do about sums that are too large.
ROUND = "round the values to a coarser step: sum_of_draws(values, k, step=...)"


def drawn(a: Measure, n: int, k: int) -> tuple[Measure, How]:
    """The law of the sum of k of n values drawn without replacement, 0 < k < n, and how it was computed.

    Args:
        a: the law of one of them.
        n: how many there are.
        k: how many are drawn.
    """
    box, weights = a.box, a.weights.as_rational()
    ranks = weights.positive()
    indices = [column[ranks] for column in axis_indices(a)]
    # Room for every sum on each axis: vectors are numbers whose digits have no carry.
    shape = tuple(k * (cells - 1) + 1 for cells in box.shape)
    strides = [math.prod(shape[axis + 1 :]) for axis in range(len(shape))]
    places = [sum(int(i) * s for i, s in zip(row, strides, strict=True)) for row in zip(*indices, strict=True)]
    stored = weights.integers()
    counts = [int(stored[r]) * n // weights.denominator for r in ranks.tolist()]
    plan = planning.announced(plan_drawn(list(zip(places, counts, strict=True)), k))
    cells, ways = _counted(list(zip(places, counts, strict=True)), k, plan)
    columns = indices_of(integer_array(cells), shape)
    origin = tuple(whole(k * o) for o in box.origin)
    return arranged(columns, origin, box.step, reduced(ways, math.comb(n, k))), plan


def plan_drawn(groups: Groups, k: int) -> Plan:
    """How the sum of k draws from these groups would be computed.

    Raises:
        SizeLimitError: it would pass ``settings.max_bytes``.
    """
    n = sum(m for _, m in groups)
    bits = int(_bits(n, k)) + 1
    few = min(k, n - k)
    reach = reach_of(groups, few)
    cells = reach.highs[few] - reach.lows[few] + 1
    sums = min(cells, _multisets(groups, few))
    points = sums if cells > SPARSE_CELLS * sums else cells
    if _is_run(groups):
        seconds = costs.GAUSSIAN_BIT_SECONDS * points * bits * math.log2(n) + n * 1e-5
        plan = Plan("gaussian", "exact", points, points * (8 + bits // 2), seconds, f"{few} of {n} without a tie")
    elif points == cells:
        held = sum(reach_of(part, few).cells() for part in _halved(groups))
        seconds = costs.DRAWN_CELL_SECONDS * held * (1 + bits / CELL_BITS) + len(groups) * 5e-5
        reason = f"{few} of {n} values, counted in two halves"
        plan = Plan("halves", "exact", points, held * (24 + bits // 4), seconds, reason)
    else:
        size = 2 * sums * (costs.POINT_BYTES + bits // 8)
        seconds = len(groups) * few * 1e-5 + sums * len(groups) * costs.DRAWN_TERM_SECONDS
        plan = Plan("terms", "exact", points, size, seconds, f"{few} of {n} values, their sums far apart")
    if plan.bytes > current_settings().max_bytes:
        raise planning.size_error(plan, "the sum of the draws", ROUND)
    return plan


def _multisets(groups: Groups, k: int) -> int:
    """A bound on the number of different sums of k, or more than any limit."""
    total = sum(m for _, m in groups)
    sizes = [(total, k), (len(groups) + k - 1, k)]
    return min((math.comb(*size) for size in sizes if _bits(*size) < MOST_BITS), default=1 << MOST_BITS)


def _bits(n: int, k: int) -> float:
    """The binary logarithm of C(n, k)."""
    return (math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)) / math.log(2)


def _is_run(groups: Groups) -> bool:
    """Whether the values are equally spaced, and none of them twice."""
    gaps = {b - a for (a, _), (b, _) in pairwise(groups)}
    return len(gaps) == 1 and all(m == 1 for _, m in groups)


def _counted(groups: Groups, k: int, plan: Plan) -> tuple[list[int], list[Any]]:
    """(cells, in how many ways they are the sum of k), without those that are in none."""
    n = sum(m for _, m in groups)
    if 2 * k > n:
        # What is not drawn is the rest of the whole.
        whole_sum = sum(cell * m for cell, m in groups)
        cells, ways = _counted(groups, n - k, plan)
        return [whole_sum - cell for cell in reversed(cells)], ways[::-1]
    start, gap = reach_of(groups, k).lows[k], 1
    pairs: Iterable[tuple[int, Any]]
    if plan.method == "gaussian":
        pairs, gap = enumerate(gaussian(n, k).coeffs()), groups[1][0] - groups[0][0]
    elif plan.method == "halves":
        pairs = enumerate(dense(groups, k).coeffs())
    else:
        found, start = sparse(groups, k), 0
        pairs = sorted((int(power), c) for (power,), c in zip(found.monoms(), found.coeffs(), strict=True))
    held = [(power, c) for power, c in pairs if c]
    return [start + gap * power for power, _ in held], [c for _, c in held]


def _halved(groups: Groups) -> tuple[Groups, Groups]:
    """The groups in two parts of about as many values."""
    heads = list(accumulate(m for _, m in groups))
    cut = min(range(1, len(groups)), key=lambda i: abs(2 * heads[i - 1] - heads[-1]))
    return groups[:cut], groups[cut:]


# All coefficients kept ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Reach:
    """The least and the largest sum of j values, for every j up to k."""

    lows: list[int]
    highs: list[int]

    def cells(self) -> int:
        """How many sums there may be, of all numbers of values together."""
        return sum(self.highs) - sum(self.lows) + len(self.lows)

    def slope(self) -> int:
        """About how much a sum grows with each value."""
        return (self.lows[-1] + self.highs[-1]) // (2 * max(1, len(self.lows) - 1))

    def depth(self, slope: int) -> int:
        """How far a sum lies below its number of values times a slope, at most."""
        return max(j * slope - low for j, low in enumerate(self.lows))

    def height(self, slope: int) -> int:
        """How far a sum lies above its number of values times a slope, at most."""
        return max(high - j * slope for j, high in enumerate(self.highs))


def reach_of(groups: Groups, k: int) -> Reach:
    """The ends of the sums of up to k values of these groups."""
    ends = []
    for ordered in (groups, groups[::-1]):
        values = islice(chain.from_iterable(repeat(cell, m) for cell, m in ordered), k)
        ends.append(list(accumulate(values, initial=0)))
    return Reach(*ends)


def dense(groups: Groups, k: int) -> Ways:
    """The polynomial of the sums of k, its powers counted from the least of them on."""
    lower, upper = _halved(groups)
    below, above = _ways(lower, k), _ways(upper, k)
    own, other, start = reach_of(lower, k).lows, reach_of(upper, k).lows, reach_of(groups, k).lows[k]
    total = below[0] * 0
    for j in range(max(0, k - len(above) + 1), min(k, len(below) - 1) + 1):
        total += (below[j] * above[k - j]).left_shift(own[j] + other[k - j] - start)
    return total


def _ways(groups: Groups, k: int) -> list[Ways]:
    """For each number of draws up to k, the polynomial of their sums, counted from the least of them on.

    Both halves become one polynomial each: a sum s of j values is the power j * stride + s - j * slope.
    """
    if len(groups) == 1:
        (_, m) = groups[0]
        return [polynomial([math.comb(m, i)]) for i in range(min(m, k) + 1)]
    parts, reach = _halved(groups), reach_of(groups, k)
    # The product holds sums of up to 2 k values, which may not lie among those of k.
    slope, every = reach.slope(), reach_of(groups, 2 * k)
    stride = every.depth(slope) + every.height(slope) + 1
    product, shift = polynomial([1]), 0
    for part in parts:
        own = reach_of(part, k)
        packed: list[Any] = []
        for j, ways in enumerate(_ways(part, k)):
            place = j * (stride - slope) + own.lows[j] + own.depth(slope)
            packed += [0] * (place - len(packed))
            packed += ways.coeffs()
        product, shift = product * polynomial(packed), shift + own.depth(slope)
    values = product.coeffs()
    starts = [j * (stride - slope) + low + shift for j, low in enumerate(reach.lows)]
    lengths = [high - low + 1 for low, high in zip(reach.lows, reach.highs, strict=True)]
    return [polynomial(values[at : at + length]) for at, length in zip(starts, lengths, strict=True)]


# Few sums, far apart --------------------------------------------------------------------------------------------------


def sparse(groups: Groups, k: int) -> Ways:
    """The polynomial of the sums of k, kept as its terms."""
    import flint

    ring = flint.fmpz_mpoly_ctx.get(("z",), "lex")
    found = [ring.constant(1)]
    for cell, m in groups:
        parts = [ring.from_dict({(i * cell,): math.comb(m, i)}) for i in range(min(m, k) + 1)]
        known = len(found)
        found = [
            sum(
                (found[j - i] * parts[i] for i in range(max(0, j - known + 1), min(m, j) + 1)),
                start=ring.constant(0),
            )
            for j in range(min(k, known - 1 + m) + 1)
        ]
    return found[k]


# Values without ties, equally spaced ----------------------------------------------------------------------------------


def gaussian(n: int, k: int) -> Ways:
    """The Gaussian binomial coefficient: how many k of 0, ..., n - 1 have a sum so far above the least.

    The product of the cyclotomic polynomials of all d for which k and n - k have a carry modulo d
    (Knuth and Wilf, The power of a prime that divides a generalized binomial coefficient, 1989).
    """
    import flint

    orders = [d for d in range(2, n + 1) if n // d > k // d + (n - k) // d]
    heap = [(0, 0, polynomial([1]))]
    heap += [(f.degree(), d, f) for d in orders for f in [flint.fmpz_poly.cyclotomic(d)]]
    heapq.heapify(heap)
    # The shortest first: orders tell those of one length apart.
    while len(heap) > 1:
        _, _, a = heapq.heappop(heap)
        _, order, b = heapq.heappop(heap)
        heapq.heappush(heap, ((product := a * b).degree(), order, product))
    return heap[0][2]
