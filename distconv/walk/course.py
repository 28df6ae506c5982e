"""A walk step by step: a measure moves, turns at walls, and is cut down to what is known of the walk.

What is known of later times comes from behind: h_k(x), the chance of all of it from the place x after k steps, solves
h_k(x) = E h_(k+1)(x + X) over the places where the walk may be then. With f_k(x) for what is known up to time k, the
product f_k h_k is what is known of time k (forward and backward in hidden Markov models: Rabiner 1989, section III).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

import numpy as np

from distconv import convolution
from distconv.construction import exact_measure
from distconv.distribution import Distribution
from distconv.errors import DistconvValueError
from distconv.laws.finite import Finite
from distconv.measure import Measure
from distconv.measure.arranging import arranged, select
from distconv.support.outcomes import quotient
from distconv.transforms import affine, pairing
from distconv.transforms.conditioning import normalized
from distconv.typing import AnyArray, Vector
from distconv.walk.region import Asked, Grid
from distconv.walk.walls import Walls
from distconv.weights import unify
from distconv.weights.rational import from_fractions

#: Relative error that each step of a floating walk may add.
SHARE = 1e-12
#: Cells up to which a step is summed directly, to some roundings, without asking transforms for more.
SHORT = 128


@dataclass(slots=True)
class Course:
    """What a walk goes through.

    Attributes:
        steps: the laws of its steps.
        pins: where it is known to be, by times; at time 0 it is the start.
        kept: the regions that it is known not to leave.
        walls: its walls; None where it has none.
        grid: the lattice of its places.
    """

    steps: Sequence[Distribution]
    pins: Mapping[int, Vector]
    kept: Sequence[Callable[[Any], object]] = ()
    walls: Walls | None = None
    grid: Grid = field(init=False)
    _kept: list[Asked] = field(init=False)
    _forth: list[Measure] | None = field(init=False, default=None)
    _back: list[Measure] | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        start = self.pins[0]
        self.grid = Grid.of(start, self.steps, None if self.walls is None else self.walls.units(start))
        self._kept = [Asked(inside, self.grid) for inside in self.kept]

    def is_free(self) -> bool:
        """Whether nothing is known but the start."""
        return not self.kept and len(self.pins) == 1

    def is_plain(self) -> bool:
        """Whether it is a sum of steps, of which nothing is known but the start."""
        return self.is_free() and self.walls is None

    def begin(self) -> Measure:
        """The start, for certain."""
        return exact_measure({self.pins[0]: Fraction(1)})

    def after(self, here: Measure, time: int) -> Measure | None:
        """What step number `time` makes of a measure, where what is known of that time holds; None where it cannot."""
        return self.allowed(self.folded(moved(here, self.steps[time - 1].law.measure)), time)

    def folded(self, measure: Measure) -> Measure:
        """The measure, of which nothing lies beyond a wall any more."""
        if self.walls is None:
            return measure
        ranks = measure.weights.positive()
        columns = self.grid.columns(measure, ranks)
        turned = self.walls.fold(self.grid, columns)
        if all(np.array_equal(c, t) for c, t in zip(columns, turned, strict=True)):
            return measure
        return arranged(turned, self.grid.start, self.grid.unit, measure.weights.take(ranks), measure.missing)

    def allowed(self, measure: Measure, time: int) -> Measure | None:
        """The part of a measure where the walk is known to be after so many steps."""
        if not self.kept and time not in self.pins:
            return measure
        ranks = measure.weights.positive()
        held = self.allows(self.grid.columns(measure, ranks), time)
        if held.all():
            return measure
        return select(measure, ranks[held]) if held.any() else None

    def allows(self, columns: list[AnyArray], time: int) -> AnyArray:
        """Whether the walk may be at places after so many steps, as far as what is known of that time."""
        held = np.ones(len(columns[0]), dtype=bool)
        for asked in self._kept:
            held[held] = asked.holds([c[held] for c in columns]) if held.any() else False
        if time in self.pins:
            for column, at, start, unit in zip(columns, self.pins[time], self.grid.start, self.grid.unit, strict=True):
                index = quotient(at - start, unit)
                held &= (column == index.numerator) & (index.denominator == 1)
        return held

    def law(self, measure: Measure) -> Distribution:
        """The law of what is left of a walk: of one of which nothing is known it is the measure as it stands."""
        return Distribution.of(Finite(measure if self.is_free() else normalized(measure)))

    # What is known of later times ---------------------------------------------------------------------------------

    def weighed(self, measure: Measure | None, time: int) -> Measure | None:
        """A part of the walk after so many steps, times the chance of what is known of later ones, over that of all.

        None where that is 0.

        Raises:
            DistconvValueError: what is known of the walk cannot be.
        """
        if self.is_free() or measure is None:
            return measure
        return pairing.product(measure, self.back[time])

    def outlook(self, time: int) -> Callable[[Vector], float]:
        """The log of the chance of what is known of later times from a place, minus infinity where there is none."""
        later = self.back[time]

        def log_chance(place: Vector) -> float:
            rank = later.support.rank(place)
            return -math.inf if rank is None else float(later.weights.log_at(rank))

        return log_chance

    def turned(self, place: Vector) -> Vector:
        """Where a place comes to lie, beyond a wall or not."""
        return place if self.walls is None else self.walls.turned(self.grid, place)

    @property
    def forth(self) -> list[Measure]:
        """The walk after 0, 1, 2, ... steps, as far as what is known up to then holds."""
        if self._forth is None:
            here = self.allowed(self.begin(), 0)
            self._forth = [] if here is None else [here]
            for time in range(1, len(self.steps) + 1):
                here = None if here is None else self.after(here, time)
                if here is None:
                    raise DistconvValueError(
                        f"what is known of the walk cannot be: after {time} steps it is nowhere that is allowed; "
                        "walk.stay(region).survival tells how likely it stays"
                    )
                self._forth.append(here)
        return self._forth

    @property
    def back(self) -> list[Measure]:
        """The chance of what is known of later times from every place, over the chance of all that is known."""
        if self._back is None:
            forth = self.forth
            last = [_inverse(forth[-1])]
            for time in range(len(self.steps) - 1, -1, -1):
                last.append(self._before(last[-1], time, forth[time]))
            self._back = last[::-1]
        return self._back

    def _before(self, later: Measure, time: int, here: Measure) -> Measure:
        """The chance one step earlier, of the places where the walk may be then."""
        step = self.steps[time].law.measure
        if self.walls is not None:
            later = self._unfolded(later, moved(here, step))
        found = moved(later, affine.reflected(step))
        ranks, _ = pairing.common_ranks(found, here)
        return select(found, ranks)

    def _unfolded(self, later: Measure, reached: Measure) -> Measure:
        """The chances of the places that a step reaches before it turns at a wall."""
        assert self.walls is not None
        columns = self.grid.columns(reached, reached.weights.positive())
        places = zip(*(c.tolist() for c in self.walls.fold(self.grid, columns)), strict=True)
        found = [later.support.rank(self.grid.vector(index)) for index in places]
        kept = np.array([i for i, rank in enumerate(found) if rank is not None], dtype=np.int64)
        weights = later.weights.take(np.array([rank for rank in found if rank is not None], dtype=np.int64))
        return arranged([c[kept] for c in columns], self.grid.start, self.grid.unit, weights, later.missing)


def _inverse(measure: Measure) -> Measure:
    """1 over the total of a measure, at every place of it."""
    part = select(measure, measure.weights.positive())
    ranks = part.weights.positive()
    ones, held = unify.unified(from_fractions([Fraction(1)] * len(ranks)), part.weights)
    return replace(part, weights=ones.shares_of(held).spread(ranks, part.weights.size))


def parted(measure: Measure, asked: Asked) -> tuple[Measure | None, Measure | None]:
    """The parts of a measure in a region and outside of it."""
    ranks = measure.weights.positive()
    within = asked.holds(asked.grid.columns(measure, ranks))
    if within.all():
        return measure, None
    inner, outer = ranks[within], ranks[~within]
    return select(measure, inner) if len(inner) else None, select(measure, outer)


def moved(here: Measure, step: Measure) -> Measure:
    """One step more. A short floating one is summed directly: over many steps only its few roundings add up."""
    floating = here.weights.kind == "float" or step.weights.kind == "float"
    dense = not (here.is_sparse or step.is_sparse) and here.box.step == step.box.step
    if floating and dense and min(here.support.size, step.support.size) <= SHORT:
        return convolution.convolve(here, step, "direct")[0]
    return convolution.convolve(here, step, tolerance=SHARE if floating else None)[0]
