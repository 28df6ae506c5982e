"""Sums of windows of infinite laws, of which only outcomes up to some height are wanted."""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np

from distconv import convolution, planning, summing
from distconv.measure import Measure, arranging, lookup
from distconv.measure.arranging import tightened
from distconv.methods.squaring import by_squaring
from distconv.planning import Plan, costs
from distconv.settings import current_settings
from distconv.support.outcomes import rational_gcd
from distconv.typing import Scalar
from distconv.weights.unify import are_numbers

#: Outcomes of complete windows up to which a tree of rows is quicker than pairs (364 geometric laws).
LONGEST_COMPLETE = 2048
#: How many times wider than what is wanted a sum of copies may be before it is cut on the way.
WIDEST = 2


def total(parts: Sequence[tuple[Measure, int]], room: Scalar | None, spare: float = 0.0) -> Measure:
    """The sum of so many copies of each window, no further than `room` above its lowest outcome; None for all of it.

    It may miss `spare` beside what the windows miss, and then says so.

    Filled floating rows are joined by a tree whose levels are computed at once (`methods.tree`), other windows two by
    two, small with small; the result errs by at most the tolerance of the settings for each of its products.

    Warns:
        DistconvWarning: this is predicted to take more than ``settings.warn_seconds``.
    """
    with planning.announced_once():
        if len(parts) > 1:
            planning.announced(plan(parts, room))
        nodes = [_power(m, n, room) for m, n in parts]
        # Long rows that are complete span so many digits that windows do all the work, and pairs are asked for less.
        long = not spare and max(m.support.size for m in nodes) > LONGEST_COMPLETE
        if long or not _are_rows(nodes, room):
            return _by_pairs(nodes, room)
        return tightened(summing.by_rows(list(map(convolution.as_floating, nodes)), lambda _: None, room, spare))


def _by_pairs(nodes: list[Measure], room: Scalar | None) -> Measure:
    """The sum of windows joined two by two, small with small."""
    queue = [(m.support.size, i, m) for i, m in enumerate(nodes)]
    heapq.heapify(queue)
    tolerance = current_settings().tolerance
    for number in range(len(queue), 2 * len(queue) - 1):
        a, b = heapq.heappop(queue)[2], heapq.heappop(queue)[2]
        joined = cut(convolution.convolve(a, b, tolerance=tolerance)[0], room)
        heapq.heappush(queue, (joined.support.size, number, joined))
    return queue[0][2]


def _are_rows(nodes: Sequence[Measure], room: Scalar | None) -> bool:
    """Whether windows are summed by a tree of rows: three or more in doubles that fill their common lattice."""
    if len(nodes) <= 2 or not are_numbers(*(m.weights for m in nodes)) or current_settings().accuracy != "relative":
        return False
    return not _stay_exact(nodes, room) and summing.are_rows(nodes)


def _stay_exact(nodes: Sequence[Measure], room: Scalar | None) -> bool:
    """Whether all windows are exact, and so is their sum."""
    outline, *others = [_Outline.of(m, 1, room) for m in nodes]
    if not all(node.bits for node in (outline, *others)):
        return False
    for node in others:
        outline = outline.beside(node, room)
    return planning.stays_exact(outline.points, outline.bits)


def plan(parts: Sequence[tuple[Measure, int]], room: Scalar | None) -> Plan:
    """The plan of `total`: the cells of its result, and the seconds of every product on the way."""
    queue = [_Outline.of(m, n, room) for m, n in parts]
    floating = not all(node.bits for node in queue)
    seconds = 0.0
    for node, (_, n) in zip(queue, parts, strict=True):
        products = n.bit_length() + n.bit_count() - 2
        seconds += products * (costs.JOINED_WINDOW_SECONDS + 2 * node.points * costs.JOINED_CELL_SECONDS)
    heapq.heapify(queue)
    while len(queue) > 1:
        node = heapq.heappop(queue).beside(heapq.heappop(queue), room)
        if floating or not planning.stays_exact(node.points, node.bits):
            floating = True
            seconds += costs.JOINED_WINDOW_SECONDS + 2 * node.points * costs.JOINED_CELL_SECONDS
        else:
            seconds += node.points * (costs.EXACT_CELL_SECONDS + node.bits * costs.EXACT_BIT_SECONDS)
        heapq.heappush(queue, node)
    most = queue[0].points
    size = most * (costs.TILTED_BYTES if floating else 8 + queue[0].bits // 8)
    reason = f"{len(parts)} different terms, joined small with small and cut where nothing more is asked"
    return Plan("sum", "float" if floating else "exact", most, size, seconds, reason)


@dataclass(frozen=True, slots=True, order=True)
class _Outline:
    """What is known of a sum before it is made: how many points at most, on which lattice, of how many bits."""

    points: int
    span: Fraction
    step: Fraction
    bits: int

    @classmethod
    def of(cls, measure: Measure, n: int, room: Scalar | None) -> _Outline:
        """The outline of n copies of a measure."""
        step = Fraction(measure.box.step[0])
        span = _within(n * _span(measure), room)
        points = measure.support.size if n == 1 else int(span / step) + 1
        return cls(points, span, step, n * _bits(measure))

    def beside(self, other: _Outline, room: Scalar | None) -> _Outline:
        """The outline of the sum of both."""
        step = Fraction(rational_gcd(self.step, other.step))
        span = _within(self.span + other.span, room)
        points = min(int(span / step) + 1, self.points * other.points)
        return _Outline(points, span, step, self.bits + other.bits)


def _within(span: Fraction, room: Scalar | None) -> Fraction:
    """A span, or the room for it where that is less."""
    return span if room is None else min(span, Fraction(room))


def _span(measure: Measure) -> Fraction:
    """The distance of the highest outcome from the lowest."""
    return Fraction(measure.box.high[0]) - Fraction(measure.box.origin[0])


def _bits(measure: Measure) -> int:
    """The bits of the denominator; 0 of floating weights."""
    return measure.weights.bits


def cut(measure: Measure, room: Scalar | None) -> Measure:
    """The outcomes of a measure no further than `room` above its lowest; None for all."""
    if room is None:
        return measure
    count = lookup.count_up_to(measure, measure.box.origin[0] + room)
    if count >= measure.support.size:
        return measure
    found = arranging.select(measure, np.arange(count))
    # Of what is left the denominator is shorter.
    return replace(found, weights=found.weights.as_rational().lowest()) if found.weights.bits else found


def _power(measure: Measure, n: int, room: Scalar | None) -> Measure:
    """The sum of n copies of a measure, no further than `room` above its lowest outcome."""
    if room is None or n * _span(measure) <= WIDEST * room:
        return cut(convolution.power(measure, n)[0], room)
    tolerance = current_settings().tolerance
    return by_squaring(
        cut(measure, room), n, lambda a, b, _: cut(convolution.convolve(a, b, tolerance=tolerance)[0], room)
    )
