"""When and where a walk first leaves a region: the joint law of time and place, and that of the time alone."""

from __future__ import annotations

import itertools
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
from distconv.walk.counted import Counted
from distconv.walk.course import Course
from distconv.walk.region import Asked, Grid, Region, inside_of
from distconv.walk.rows import Gone, Rows
from distconv.walk.stay import announced, counted_out, each
from distconv.weights import Weights, unify
from distconv.weights.floating import normal_form

if TYPE_CHECKING:
    from distconv.walk.walk import Walk


@dataclass(frozen=True, slots=True, eq=False)
class Exits:
    """What leaves a region, one entry for each time and place, the times ascending.

    Attributes:
        times: when.
        columns: where, indices on every axis.
        weights: how likely.
        still: an upper bound on the probability that the walk has not left.
        grid: the lattice of its places.
    """

    times: AnyArray
    columns: list[AnyArray]
    weights: Weights
    still: float
    grid: Grid

    def law(self) -> Distribution:
        """The joint law of the time and of the place, the time first."""
        offsets, units = (0, *self.grid.start), (1, *self.grid.unit)
        columns = [self.times, *self.columns]
        return Distribution.of(Finite(arranged(columns, offsets, units, self.weights, self._missing(self.weights))))

    def time(self) -> Distribution:
        """The law of the time."""
        starts = np.flatnonzero(np.diff(self.times, prepend=-1))
        merged = self.weights.merged(starts) if len(starts) < len(self.times) else self.weights
        return Distribution.of(Finite(arranged([self.times[starts]], (0,), (1,), merged, self._missing(merged))))

    def _missing(self, weights: Weights) -> float:
        if weights.is_exact:
            return missing.shortfall(weights)
        # What is left was counted, and is what those that left leave of 1: near 1 the former knows better, else the
        # latter.
        rest = 1 - math.fsum(weights.as_floating().values()) * (1 - weights.error) + 4 * bounds.UNIT
        return min(1.0, self.still, rest)


def exits(course: Course, asked: Asked, what: str, *, at_start: bool = True) -> Exits:
    """What leaves a region at each step of a walk.

    Raises:
        DistconvValueError: the walk never does `what`.
    """
    begin = course.begin()
    starts = not at_start or bool(asked.holds(asked.grid.columns(begin, begin.weights.positive())).all())
    is_plain = course.is_plain() and starts
    rows = Rows.of(course.steps, asked) if is_plain else None
    counted = Counted.of(course.steps, asked) if is_plain else None
    try:
        if counted is not None:
            found = _of_counted(course, counted)
        else:
            found = _of_measures(course, asked, at_start) if rows is None else _of_rows(course, rows)
    except ArithmeticError:
        # Measures hold weights however far they lie apart.
        found = _of_measures(course, asked, at_start)
    if found is None:
        raise DistconvValueError(f"within {len(course.steps)} steps the walk never {what}")
    return found


def _of_rows(course: Course, rows: Rows) -> Exits | None:
    """Exits from rows of doubles; None where there are none."""
    gone: list[tuple[int, Gone]] = []
    error, still = 0.0, 0.0
    for time, (batch, count, row, part) in enumerate(announced(rows), 1):
        error = bounds.compose(error, batch.steps[count - 1].error)
        if part is not None:
            gone.append((time, part))
        if time == len(rows.steps):
            held = batch.held(row, count).measure(course.grid)
            still = 0.0 if held is None else _at_most(held)
    if not gone:
        return None
    times, places, values, exponents = [], [], [], []
    # Many steps in turn lead to the same cells outside.
    for _, group in itertools.groupby(gone, lambda entry: id(entry[1].cells)):
        entries = list(group)
        cells, batch = entries[0][1].cells, entries[0][1].batch
        table = np.array([part.values for _, part in entries])
        when, which = np.nonzero(table)
        times.append(np.array([time for time, _ in entries])[when])
        places.append([column[which] for column in batch.columns(cells)])
        values.append(table[when, which])
        exponents.append(batch.exponents[cells][which])
    columns = [np.concatenate(column) for column in zip(*places, strict=True)]
    weights = normal_form(np.concatenate(values), np.concatenate(exponents), error)
    return Exits(np.concatenate(times), columns, weights, still, course.grid)


def _of_counted(course: Course, counted: Counted) -> Exits | None:
    """Exits in whole numbers; None where there are none."""
    gone = [(time, part) for time, (_, part) in enumerate(counted_out(counted), 1) if part is not None]
    if not gone:
        return None
    times = np.concatenate([np.full(len(part.cells), time) for time, part in gone])
    cells = np.concatenate([np.array(part.cells) for _, part in gone])
    return Exits(times, [cells], unify.joined([part.weights() for _, part in gone]), 0.0, course.grid)


def _of_measures(course: Course, asked: Asked, at_start: bool) -> Exits | None:
    """Exits measure by measure; None where there are none."""
    times, places, weights, lost, here = [], [], [], 0.0, None
    for time, (here, gone) in enumerate(each(course, asked, at_start=at_start)):
        lost = max([lost, *(part.missing for part in (here, gone) if part is not None)])
        part = course.weighed(gone, time)
        if part is not None:
            ranks = part.weights.positive()
            times.append(np.full(len(ranks), time))
            places.append(course.grid.columns(part, ranks))
            weights.append(part.weights.take(ranks))
    if not times:
        return None
    here = course.weighed(here, len(course.steps))
    still = 0.0 if here is None or here.weights.is_exact else _at_most(here)
    columns = [np.concatenate(column) for column in zip(*places, strict=True)]
    return Exits(np.concatenate(times), columns, unify.joined(weights), still + lost, course.grid)


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
