"""Plans of operations that are made of others: mixtures, sums of a random number of terms, windows that are asked."""

from __future__ import annotations

import math

from distconv.planning import costs
from distconv.planning.limits import size_error
from distconv.planning.outline import Outline
from distconv.planning.plan import Plan
from distconv.settings import current_settings
from distconv.support.outcomes import quotient, rational_gcd

#: Cells up to which direct sums are quick, however widely neighbours differ (`distconv.methods.shares.SMALL`).
DIRECT_CELLS = 2**15
#: Counts of terms whose powers are summed at once (`transforms.halving`).
COUNTS_AT_ONCE = 64


def plan_mixture(laws: int, points: int, bits: int) -> Plan:
    """The plan of a mixture of laws of so many points, whose exact weights take so many bits; 0 for floating ones.

    Raises:
        SizeLimitError: the result would pass ``settings.max_bytes``.
    """
    if bits:
        size, each = (
            points * (costs.POINT_BYTES + bits // 8),
            costs.MIXTURE_EXACT_POINT_SECONDS + bits * costs.EXACT_BIT_SECONDS,
        )
    else:
        size, each = points * costs.PAIR_BYTES, costs.MIXTURE_FLOAT_POINT_SECONDS
    seconds = laws * costs.MIXTURE_PART_SECONDS + points * each
    reason = f"{laws:,} laws, weighted"
    plan = Plan("mixture", "exact" if bits else "float", points, size, seconds, reason)
    if plan.bytes > current_settings().max_bytes:
        raise size_error(plan, "the mixture", "round the outcomes of the laws to a coarser step: X.round(step)")
    return plan


def plan_compound(counts: Outline, terms: Outline, passes: float) -> Plan:
    """The plan of the sum of a finite random number of terms: exact while all its levels are within the limit.

    `passes` is how many products as large as the whole sum a floating one costs.

    Raises:
        SizeLimitError: the result would pass ``settings.max_bytes``.
    """
    fewest, most = int(counts.box.origin[0]), int(counts.box.high[0])
    levels = (most - fewest).bit_length() + 1
    points = _compound_points(counts, terms)
    limits = current_settings()
    bits = most * terms.bits + counts.bits
    size = points * (8 + bits // 8 if terms.is_dense else costs.POINT_BYTES + bits // 8)
    story = f"{counts.points:,} numbers of terms up to {most:,}, halved {levels} times"
    # Of an even run of counts every level is a product or two; of others every count, until blocks go together.
    products = 2 * levels if passes < levels else COUNTS_AT_ONCE + counts.points / COUNTS_AT_ONCE
    parts = min(counts.points, products) * costs.COMPOUND_PART_SECONDS
    flat = terms.box.ndim == 1
    if terms.bits and counts.bits and points * bits * levels <= limits.exact_limit and size <= limits.max_bytes:
        # In 1-D without gaps one polynomial is put into another.
        start = levels * costs.COMPOUND_LEVEL_SECONDS if flat and terms.is_dense else parts
        seconds = start + levels * points * (costs.EXACT_CELL_SECONDS + bits * costs.EXACT_BIT_SECONDS)
        reason = f"{story}; {bits:,} bits x {points:,} cells are within exact_limit = {limits.exact_limit:,}"
        return Plan("compound", "exact", points, size, seconds, reason)
    if terms.is_dense:
        each = costs.CELL_COMPOUND_SECONDS if flat else costs.CELL_SADDLE_SECONDS
    else:
        # Where sums of scattered points fill their lattice neighbours differ so widely that balls compute most of them.
        fill = flat and points > DIRECT_CELLS and points == _compound_cells(counts, terms)
        each = costs.BALL_SECONDS if fill else costs.PAIR_FLOAT_SECONDS
    seconds = parts + passes * points * each
    plan = Plan("compound", "float", points, points * costs.TILTED_BYTES, seconds, story)
    if plan.bytes > limits.max_bytes:
        raise size_error(plan, "the compound sum", "round the outcomes of one term to a coarser step: X.round(step)")
    return plan


def plan_posterior(hypotheses: int, observations: int) -> Plan:
    """The plan of Bayes' rule over so many hypotheses for so many observations."""
    cells = hypotheses * max(1, observations)
    story = f"{hypotheses:,} hypotheses, {observations:,} observations"
    return Plan("posterior", "", cells, hypotheses * costs.POINT_BYTES, cells * costs.UPDATE_SECONDS, story)


def plan_given_sum(summand: Outline, other: Outline, *, is_event: bool) -> Plan:
    """The plan of the law of a summand once the sum is known: to be a number, or to satisfy a predicate."""
    start = costs.GIVEN_START_SECONDS
    if is_event:
        pairs = summand.points * other.points
        seconds = start + pairs * costs.GIVEN_PAIR_SECONDS
        return Plan("pairs", "", pairs, pairs * 8, seconds, "a predicate tried on all pairs")
    points, bits = min(summand.points, other.points), summand.bits + other.bits
    each = costs.GIVEN_EXACT_SECONDS + bits * costs.EXACT_BIT_SECONDS if bits else costs.GIVEN_FLOAT_SECONDS
    return Plan("product", "", points, points * costs.POINT_BYTES, start + points * each, "one product of weights")


def plan_stay(positions: int, growth: float, step: int, steps: int, moves: int = 0) -> Plan:
    """The plan of what is left of a walk that is kept in a region.

    After one of its steps so many positions are left, and they grow like that power of the number of steps. In rows of
    doubles a step has so many moves; 0 where it is made measure by measure.
    """
    rest = max(0, steps - step)
    asked = positions * step * ((steps / step) ** (growth + 1) - 1) / (growth + 1)
    a_step, a_point = costs.STAY_STEP_SECONDS, costs.STAY_POINT_SECONDS
    if moves:
        a_step, a_point = costs.ROW_STEP_SECONDS, costs.ROW_MOVE_SECONDS * moves
    return Plan(
        "steps", "", int(asked), int(asked) * 8, rest * a_step + asked * a_point, f"{rest:,} more steps, one by one"
    )


def plan_asked(method: str, cells: int, seconds: float, reason: str) -> Plan:
    """The plan of a window of a law that is asked, not held.

    Raises:
        SizeLimitError: the window would pass ``settings.max_bytes``.
    """
    plan = Plan(method, "float", cells, cells * costs.TILTED_BYTES, seconds, reason)
    if plan.bytes > current_settings().max_bytes:
        raise size_error(
            plan, "a window of the sum", "round the outcomes of its terms to a coarser step: X.round(step)"
        )
    return plan


def _compound_cells(counts: Outline, terms: Outline) -> int:
    """How many cells the lattice of a sum of so many terms has, or the stretches of all numbers of terms."""
    fewest, most = int(counts.box.origin[0]), int(counts.box.high[0])
    cells, single = 1, counts.points * math.prod(most * (k - 1) + 1 for k in terms.box.shape)
    for low, high, step, count in zip(terms.box.origin, terms.box.high, terms.box.step, terms.box.shape, strict=True):
        unit = rational_gcd(step if count > 1 else 0, low if fewest != most else 0)
        ends = [n * x for n in (fewest, most) for x in (low, high)]
        cells *= int(quotient(max(ends) - min(ends), unit)) + 1 if unit else 1
    # Each number of terms has its own stretch of outcomes, or they overlap.
    return min(cells, single)


def _compound_points(counts: Outline, terms: Outline) -> int:
    """How many outcomes a sum of so many terms has at most."""
    most, cells = int(counts.box.high[0]), _compound_cells(counts, terms)
    if terms.is_dense:
        return cells
    # At most C(points + n, n) distinct sums of n terms or fewer.
    sums = 1
    for k in range(1, min(most, terms.points) + 1):
        sums = sums * (terms.points + most + 1 - k) // k
        if sums > cells:
            return cells
    return min(sums, cells)
