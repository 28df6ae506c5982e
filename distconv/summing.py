"""Sums of many different measures: which way is quickest, as predicted, and the order in which terms are joined.

Exact terms are joined two by two, small with small on lattices of their own before they meet. Floating ones on one
lattice go by a balanced tree whose levels are computed at once where their cells are filled, and one after the other
(`methods.accumulation`) where points lie far apart and their sums do not; two by two where their sums do, too.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np

from distconv import bounds, convolution, missing, planning
from distconv.errors import SizeLimitError
from distconv.measure import Measure
from distconv.measure.arranging import DENSE_CELLS, positive_cells, tightened
from distconv.methods import shares
from distconv.methods.alignment import operand, spread_of
from distconv.planning import How, Origin, Outline, Plan, costs
from distconv.settings import Settings, current_settings, in_force
from distconv.support.lattice import Lattice, common_step, power_box, spread_shape, strides_on, sum_box
from distconv.support.outcomes import quotient, whole
from distconv.support.points import INT64_CELLS
from distconv.typing import Scalar
from distconv.weights.floating import from_pairs
from distconv.weights.unify import are_numbers

if TYPE_CHECKING:
    from concurrent.futures import Executor

#: Up to so many measures the next pair to join is the one of the smallest sum; of more, neighbours in size are.
MOST_GREEDY = 64
#: Part of its cells that a row must have for tilted windows to certify it without many retries.
FILLED = 0.5


Advance = Callable[[int], object]


def total(terms: Sequence[tuple[Measure, int]], executor: Executor | None, advance: Advance) -> tuple[Measure, How]:
    """The sum of finite measures, each taken so many times, and its plan; `advance` is told how many sums were made.

    Raises:
        SizeLimitError: the result would pass ``settings.max_bytes``.
    """
    copies = sum(n for _, n in terms)
    _check(terms)
    levels = len(terms).bit_length() + 1
    tolerance = current_settings().tolerance
    story = f"{len(terms)} different terms ({copies} in all)"
    with planning.announced_once():
        planning.announced(_powers_plan(terms))
        nodes = [convolution.power(m, n, tolerance * n / copies / levels)[0] for m, n in terms]
        measure, plan = _total(nodes, executor, advance)
    return measure, planning.after(plan, story)


def seconds_of(terms: Sequence[tuple[Measure, int]]) -> float:
    """The predicted seconds of `total`, of numbers: 0 of a sum that stays exact, infinite where it is too long.

    Nothing is added for that.
    """
    outlines = [Outline.of(m).copies(n) for m, n in terms]
    if all(o.bits for o in outlines) and _stays_exact(outlines):
        return 0.0
    try:
        return _powers_plan(terms).seconds + _quickest(outlines).seconds
    except SizeLimitError:
        return math.inf


def _powers_plan(terms: Sequence[tuple[Measure, int]]) -> Plan:
    """The plan of the powers of all terms that are taken more than once."""
    numbers = [(m, n) for m, n in terms if n > 1 and are_numbers(m.weights)]
    plans = [convolution.plan_power(m, n) for m, n in numbers]
    cells, size = sum(p.cells for p in plans), sum(p.bytes for p in plans)
    return Plan("powers", "", cells, size, sum(p.seconds for p in plans), "equal terms first")


def _check(terms: Sequence[tuple[Measure, int]]) -> None:
    """Refuses a dense result past the limit, on the lattice of its terms, which no way of adding makes smaller."""
    boxes = [power_box(m.box, n) for m, n in terms]
    if all(box.step == boxes[0].step and not m.is_sparse for box, (m, _) in zip(boxes, terms, strict=True)):
        planning.check_sum(_whole_box(boxes))


def _whole_box(boxes: Sequence[Lattice]) -> Lattice:
    """The box of all sums of one point of each box."""
    step = common_step(*boxes)
    spread = [spread_shape(box.shape, strides_on(box, step)) for box in boxes]
    shape = tuple(sum(axis) - len(boxes) + 1 for axis in zip(*spread, strict=True))
    origin = tuple(
        whole(sum(map(Fraction, axis), Fraction(0))) for axis in zip(*[b.origin for b in boxes], strict=True)
    )
    return Lattice(origin, step, shape)


def _total(nodes: list[Measure], executor: Executor | None, advance: Advance) -> tuple[Measure, How]:
    """The sum of measures: the exact ones among themselves, as long as they may, then all."""
    if not are_numbers(*(m.weights for m in nodes)):
        return _by_pairs(nodes, executor, advance)
    exactly = [m for m in nodes if m.weights.is_exact]
    if exactly and not _stays_exact(list(map(Outline.of, exactly))):
        nodes, exactly = [convolution.as_floating(m) for m in nodes], []
    floating = [m for m in nodes if not m.weights.is_exact]
    if len(exactly) > 1:
        planning.announced(_exact_plan(exactly))
        found, plan = _by_pairs(exactly, executor, advance)
        if not floating:
            return found, plan
        exactly = [found]
    nodes = [convolution.as_floating(m) for m in exactly] + floating
    plan = _quickest(list(map(Outline.of, nodes)))
    planning.announced(plan)
    match plan.method:
        case "tilted":
            return by_rows(nodes, advance), plan
        case "direct":
            return _by_accumulation(nodes, advance), plan
        case _:
            return _by_pairs(nodes, executor, advance)


def _stays_exact(terms: Sequence[Outline]) -> bool:
    """Whether the sum of exact measures is within the exactness limit, on its lattice or as sparse points."""
    bits = sum(o.bits for o in terms)
    cells = math.prod(_whole_box([o.box for o in terms]).shape)
    points = 1
    for o in terms:
        points = min(points * o.points, cells)
    return planning.stays_exact(cells, bits) or planning.stays_exact(points, bits + 8 * costs.POINT_BYTES)


def _exact_plan(nodes: list[Measure]) -> Plan:
    """The predicted cost of joining exact measures two by two, small with small, of the sums that may be distinct."""
    outlines = [Outline.of(m) for m in nodes]
    queue = [(o.points, o.box.size, i) for i, o in enumerate(outlines)]
    heapq.heapify(queue)
    seconds = 0.0
    while len(queue) > 1:
        a, b = (outlines[heapq.heappop(queue)[-1]] for _ in range(2))
        box = sum_box(a.box, b.box)
        joined = Outline(box, min(a.points * b.points, box.size), a.bits + b.bits)
        # Numbers of any size, of which a double tells enough.
        cells, pairs = min(joined.box.size, INT64_CELLS), min(a.points * b.points, INT64_CELLS)
        dense = cells * (costs.EXACT_CELL_SECONDS + joined.bits * costs.EXACT_BIT_SECONDS)
        seconds += min(dense, pairs * costs.PAIR_EXACT_SECONDS) + costs.JOIN_SECONDS
        heapq.heappush(queue, (joined.points, box.size, len(outlines)))
        outlines.append(joined)
    last = outlines[-1]
    return Plan("exact", "exact", last.points, last.points * (8 + last.bits // 8), seconds, "joined two by two")


def _quickest(terms: Sequence[Outline]) -> Plan:
    """The plan of the sum of floating measures that is predicted quickest within the limits.

    Raises:
        SizeLimitError: none is within them.
    """
    ways = [_pairs_plan(terms)]
    if terms[0].box.ndim == 1 and current_settings().accuracy == "relative":
        ways += _one_lattice(terms)
    fitting = [plan for plan in ways if plan.bytes <= current_settings().max_bytes]
    if not fitting:
        least = min(ways, key=lambda plan: plan.bytes)
        raise planning.sum_error(least, _whole_box([o.box for o in terms]), "the sum")
    return min(fitting, key=lambda plan: plan.seconds)


def _one_lattice(terms: Sequence[Outline]) -> list[Plan]:
    """The plans of adding floating 1-D measures on their common lattice."""
    from distconv.methods import accumulation

    sizes = _sizes(terms)
    spans = [span for _, span in sizes]
    cells = sum(spans) + 1
    if cells >= INT64_CELLS:
        return []
    ways: list[Plan] = []
    each = len(terms) * costs.TERM_SECONDS
    if all(points >= FILLED * span for points, span in sizes):
        seconds = each + cells * costs.ROW_CELL_SECONDS * len(terms).bit_length()
        reason = "short rows summed directly, long ones by tilted windows"
        ways.append(Plan("tilted", "float", cells, cells * costs.TILTED_BYTES, seconds, reason))
    if accumulation.rounding([points for points, _ in sizes], tilted=True) <= current_settings().tolerance:
        work = accumulation.work(sizes)
        seconds = each + work * costs.ACCUMULATION_SECONDS + cells * costs.ACCUMULATION_CELL_SECONDS
        reason = "one term after the other, by shifted copies of the sum so far"
        ways.append(Plan("direct", "float", cells, cells * costs.ACCUMULATION_BYTES, seconds, reason))
    return ways


def _sizes(terms: Sequence[Outline]) -> list[tuple[int, int]]:
    """(points, cells from the first to the last on their common lattice) of each of some 1-D measures."""
    step = common_step(*[o.box for o in terms])
    return [(o.points, spread_shape(o.box.shape, strides_on(o.box, step))[0] - 1) for o in terms]


def are_rows(nodes: Sequence[Measure]) -> bool:
    """Whether 1-D measures fill their common lattice, and a tree of them errs by no more than it is asked for."""
    sizes = _sizes(list(map(Outline.of, nodes)))
    cells = sum(span for _, span in sizes) + 1
    if cells >= INT64_CELLS or shares.of_rows(cells) > current_settings().tolerance:
        return False
    return all(points >= FILLED * span for points, span in sizes)


def by_rows(nodes: Sequence[Measure], advance: Advance, room: Scalar | None = None, spare: float = 0.0) -> Measure:
    """The sum of floating 1-D measures by a tree of rows.

    Args:
        nodes: what is added.
        advance: told how many sums were made.
        room: how far above its lowest outcome the sum is wanted; None for all of it.
        spare: what may be cut off at the ends of sums on the way, of measures of total 1 at most; it becomes missing.
    """
    from distconv.methods import tree

    step = common_step(*[m.box for m in nodes])
    rows = tree.Rows.of([(operand(m, step), 1, m.weights.error) for m in nodes])
    most = None if room is None else int(quotient(room, step[0]) // 1) + 1
    found, skipped = tree.part(rows, current_settings().tolerance, advance, tree.Wanted(most, spare))
    lowest = sum((Fraction(m.box.origin[0]) for m in nodes), start=Fraction(skipped) * step[0])
    weights = from_pairs(found.significands, found.exponents, float(found.errors[0]))
    lost = missing.joined(*(m.missing for m in nodes))
    box = Lattice((whole(lowest),), step, (len(found.significands),))
    return Measure(box, weights, min(1.0, lost + spare))


def _by_accumulation(nodes: list[Measure], advance: Advance) -> Measure:
    """The sum of floating 1-D measures, one after the other."""
    from distconv.methods import accumulation

    step = common_step(*[m.box for m in nodes])
    terms = []
    errors = []
    for m in nodes:
        weights = m.weights.as_floating()
        (stride,), _ = spread_of(m, step)
        kept = weights.take(weights.positive())
        terms.append(accumulation.Term.of(positive_cells(m) * stride, kept.significands, kept.exponents))
        errors.append(weights.error)
    significands, exponents, error = accumulation.total(terms, advance)
    weights = from_pairs(significands, exponents, bounds.compose(error, *errors))
    found = Measure(_whole_box([m.box for m in nodes]), weights, missing.joined(*(m.missing for m in nodes)))
    return tightened(found) if np.count_nonzero(significands) * DENSE_CELLS < len(significands) else found


# Two by two -----------------------------------------------------------------------------------------------------------


def _pairs_plan(terms: Sequence[Outline]) -> Plan:
    """The predicted cost of joining measures two by two: of the sums that may be distinct, one term after the other."""
    box, points, pairs = terms[0].box, terms[0].points, 0
    for o in sorted(terms[1:], key=lambda o: o.box.size):
        box = sum_box(box, o.box)
        pairs += points * o.points
        points = min(points * o.points, box.size)
    # Numbers of any size, of which a double tells enough.
    seconds = costs.TERM_SECONDS * len(terms) + min(pairs, INT64_CELLS) * costs.PAIR_FLOAT_SECONDS
    return Plan("sparse", "float", points, points * costs.PAIR_BYTES, seconds, "joined two by two")


def _by_pairs(nodes: list[Measure], executor: Executor | None, advance: Advance) -> tuple[Measure, How]:
    """The sum of measures joined two by two; each product has an equal share of the tolerance."""
    if executor is None and len(nodes) <= MOST_GREEDY:
        return _smallest_first(nodes, advance)
    limits = current_settings()
    share = limits.tolerance / len(nodes)
    run: Callable[..., Any] = map if executor is None else executor.map
    plan: How = Origin("given")
    while len(nodes) > 1:
        nodes.sort(key=lambda m: (m.support.size, m.box.size))
        pairs = list(zip(nodes[::2], nodes[1::2], strict=False))
        tasks = [(limits, a, b, convolution.asked_of(a, b, share)) for a, b in pairs]
        rest = nodes[2 * len(pairs) :]
        nodes = []
        for joined in run(_joined, *zip(*tasks, strict=True)):
            measure, plan = joined
            nodes.append(measure)
            advance(1)
        nodes += rest
    return nodes[0], plan


def _smallest_first(nodes: list[Measure], advance: Advance) -> tuple[Measure, How]:
    """The sum of measures, those first whose sum may have the fewest points: lattices that agree, before others."""
    share = current_settings().tolerance / len(nodes)
    alive = dict(enumerate(nodes))
    queue = [(*_size(alive[i], alive[j]), i, j) for i, j in combinations(alive, 2)]
    heapq.heapify(queue)
    number = len(nodes)
    plan: How = Origin("given")
    while len(alive) > 1:
        *_, i, j = heapq.heappop(queue)
        if i not in alive or j not in alive:
            continue
        a, b = alive.pop(i), alive.pop(j)
        try:
            joined, plan = convolution.convolve(a, b, tolerance=convolution.asked_of(a, b, share))
        except SizeLimitError:
            # The way out is a step for the whole sum.
            planning.check_sum(_whole_box([m.box for m in nodes]))
            raise
        number += 1
        for other, measure in alive.items():
            heapq.heappush(queue, (*_size(measure, joined), other, number))
        alive[number] = joined
        advance(1)
    return next(iter(alive.values())), plan


def _size(a: Measure, b: Measure) -> tuple[int, int]:
    """How many points the sum of two measures may have, and how many cells its box."""
    cells = sum_box(a.box, b.box).size
    return min(a.support.size * b.support.size, cells), cells


def _joined(limits: Settings, a: Measure, b: Measure, tolerance: float) -> tuple[Measure, How]:
    """One product under the settings of the caller, which another thread or process does not inherit."""
    with in_force(replace(limits, tolerance=tolerance)):
        return convolution.convolve(a, b, tolerance=tolerance)
