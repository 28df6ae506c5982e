"""When and where a walk first leaves a region: the joint law of time and place, and that of the time alone."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from distconv import bounds, missing
from distconv.distribution import Distribution
from distconv.errors import DistconvValueError
from distconv.laws.finite import Finite
from distconv.measure import Measure
from distconv.measure.arranging import arranged
from distconv.settings import under_own_settings
from distconv.support.outcomes import as_outcome
from distconv.typing import AnyArray
from distconv.walk.course import Course
from distconv.walk.region import Asked, Region, inside_of
from distconv.walk.rows import Rows
from distconv.walk.stay import announced, each
from distconv.weights import Weights, unify
from distconv.weights.floating import normal_form
from distconv.weights.floating import total_of as double_total

if TYPE_CHECKING:
    from distconv.walk.walk import Walk


@dataclass(frozen=True, slots=True, eq=False)
class Exits:
    """What leaves a region at each time.

    Attributes:
        times: when.
        places: where, indices on every axis.
        weights: how likely.
        still: an upper bound on the probability that the walk has not left.
        course: the walk.
    """

    times: list[int]
    places: list[list[AnyArray]]
    weights: list[Weights]
    still: float
    course: Course

    def law(self) -> Distribution:
        """The joint law of the time and of the place, the time first."""
        grid = self.course.grid
        counts = [len(columns[0]) for columns in self.places]
        columns = [np.repeat(np.array(self.times, dtype=np.int64), counts)]
        columns += [np.concatenate(column) for column in zip(*self.places, strict=True)]
        weights = unify.joined(self.weights)
        lost = self._missing(weights)
        return Distribution.of(Finite(arranged(columns, (0, *grid.start), (1, *grid.unit), weights, lost)))

    def time(self) -> Distribution:
        """The law of the time."""
        if all(weights.is_exact for weights in self.weights):
            # One weight for each time: the sum of those that leave.
            merged = unify.joined([weights.merged(np.zeros(1, dtype=np.int64)) for weights in self.weights])
        else:
            parts = [weights.as_floating() for weights in self.weights]
            totals = [double_total(part) for part in parts]
            error = max(bounds.compose(part.error, bounds.total(len(part.significands))) for part in parts)
            exponents = np.array([e for _, e in totals], dtype=np.int64)
            merged = normal_form(np.array([t for t, _ in totals]), exponents, error)
        times = np.array(self.times, dtype=np.int64)
        return Distribution.of(Finite(arranged([times], (0,), (1,), merged, self._missing(merged))))

    def _missing(self, weights: Weights) -> float:
        if weights.is_exact:
            return missing.shortfall(weights)
        # What is left was counted, and is what those that left leave of 1: near 1 the former knows better, else the
        # latter.
        values = weights.as_floating().values()
        rest = 1 - math.fsum(values) * (1 - weights.error) + 4 * bounds.UNIT
        return min(1.0, self.still, rest)


def exits(course: Course, asked: Asked, what: str, *, at_start: bool = True) -> Exits:
    """What leaves a region at each step of a walk.

    Raises:
        DistconvValueError: the walk never does `what`.
    """
    begin = course.begin()
    starts = not at_start or bool(asked.holds(asked.grid.columns(begin, begin.weights.positive())).all())
    rows = Rows.of(course.steps, asked) if course.is_plain() and starts else None
    found = None
    if rows is not None:
        try:
            found = _of_rows(course, rows)
        except ArithmeticError:
            found = None
    found = _of_measures(course, asked, at_start) if found is None else found
    if not found.times:
        raise DistconvValueError(f"within {len(course.steps)} steps the walk never {what}")
    return found


def _of_rows(course: Course, rows: Rows) -> Exits:
    found = Exits([], [], [], 0.0, course)
    time, error, still = 0, 0.0, 0.0
    for time, (batch, count, row, gone) in enumerate(announced(rows), 1):
        error = bounds.compose(error, batch.steps[count - 1].error)
        if gone is not None:
            cells = np.flatnonzero(gone.values)
            found.times.append(time)
            found.places.append(batch.columns(gone.cells[cells]))
            values = gone.values[cells]
            found.weights.append(normal_form(values, batch.exponents[gone.cells[cells]], error))
        if time == len(rows.steps):
            held = batch.held(row, count).measure(course.grid)
            still = 0.0 if held is None else _at_most(held)
    return Exits(found.times, found.places, found.weights, still, course)


def _of_measures(course: Course, asked: Asked, at_start: bool) -> Exits:
    found, lost, here = Exits([], [], [], 0.0, course), 0.0, None
    for time, (here, gone) in enumerate(each(course, asked, at_start=at_start)):
        lost = max([lost, *(part.missing for part in (here, gone) if part is not None)])
        part = course.weighed(gone, time)
        if part is not None:
            ranks = part.weights.positive()
            found.times.append(time)
            found.places.append(course.grid.columns(part, ranks))
            found.weights.append(part.weights.take(ranks))
    here = course.weighed(here, len(course.steps))
    still = 0.0 if here is None or here.weights.letters or here.weights.is_exact else _at_most(here)
    return Exits(found.times, found.places, found.weights, still + lost, course)


def _at_most(measure: Measure) -> float:
    """An upper bound on the total of floating weights."""
    off = bounds.reciprocal(measure.weights.error)
    return float(measure.weights.total()) * (1 + off) * bounds.PAD + measure.support.size * bounds.SUBNORMAL


@under_own_settings
def first_passage(self: Walk, region: Region) -> Distribution:
    """The law of the first step after which the walk is in a region, on 0, 1, ..., len(walk).

    What has not come there within the walk is `missing`: P(T <= k) is what `cdf` says, for k up to len(walk). Every
    probability is the mass that enters at that step, with the relative `error` of sums of positions. With letters
    in the steps it is an expression; how much is missing depends on them, so the law's `missing` is 1.0, the most
    that it can be, and ``1 - T.cdf(len(walk))`` says how much it is.

    Raises:
        DistconvValueError: the walk cannot come into the region.

    >>> from distconv import Distribution, Walk
    >>> coin = Distribution({-1: "1/2", 1: "1/2"})
    >>> Walk.repeat(coin, 3).first_passage([1]).to_dict()
    {1: Fraction(1, 2), 3: Fraction(1, 8)}
    """
    inside = inside_of(region, self.ndim)
    return _exits(self, lambda x: not inside(x), "comes into the region").time()


@under_own_settings
def first_exit(self: Walk, region: Region) -> Distribution:
    """The joint law of the first step after which the walk is outside of a region, and of where it is then.

    Outcomes are (time, place), in n-D (time, x, y, ...); what has not left within the walk is `missing`, as in
    `first_passage`.

    Raises:
        DistconvValueError: the walk cannot leave the region.

    A player with 3 coins plays until none is left, or 10 are reached: which is it, and when?

    >>> from distconv import Distribution, Walk
    >>> coin = Distribution({-1: "1/2", 1: "1/2"})
    >>> out = Walk.repeat(coin, 9, start=3).first_exit(range(1, 10))
    >>> out.pmf((3, 0)), out.pmf((7, 10)), out.pmf((5, 0))
    (Fraction(1, 8), Fraction(1, 128), Fraction(3, 32))
    >>> out.prob(lambda end: end[1] == 0)
    Fraction(11, 32)
    """
    return _exits(self, inside_of(region, self.ndim), "leaves the region").law()


@under_own_settings
def first_return(self: Walk) -> Distribution:
    """The law of the first step after which the walk is where it began, on 1, 2, ..., len(walk).

    What has not returned within the walk is `missing`, as in `first_passage`. ``Walk.forever(step).first_return()``
    tells whether a walk ever does.

    Raises:
        DistconvValueError: the walk cannot return.

    >>> from distconv import Distribution, Walk
    >>> Walk.repeat(Distribution({-1: "1/2", 1: "1/2"}), 6).first_return().to_dict()
    {2: Fraction(1, 2), 4: Fraction(1, 8), 6: Fraction(1, 16)}
    """
    start = as_outcome(self._known[0])
    return _exits(self, lambda x: x != start, "returns to its start", at_start=False).time()


def _exits(self: Walk, inside: Callable[[Any], object], what: str, *, at_start: bool = True) -> Exits:
    course = self._marched()
    return exits(course, Asked(inside, course.grid), what, at_start=at_start)
