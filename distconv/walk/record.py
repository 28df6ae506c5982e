"""What is noted along a walk: a number that every place changes, such as the highest so far or how many lay above 0."""

from __future__ import annotations

from collections.abc import Callable, Container
from dataclasses import replace
from typing import Any

import numpy as np

from distconv.errors import DistconvValueError
from distconv.measure import Measure
from distconv.measure.arranging import arranged, arranged_vectors
from distconv.support.lattice import Lattice
from distconv.support.outcomes import as_vector, read_outcome
from distconv.typing import AnyArray, Outcome
from distconv.walk.course import Course, moved


class Notes:
    """Notes by their numbers, in the order in which they were first made, and what every place makes of them."""

    def __init__(self, update: Callable[[Any, Any], Any], first: Outcome, course: Course) -> None:
        self.update, self.course = update, course
        self.all: list[Outcome] = [first]
        self.numbers: dict[Outcome, int] = {first: 0}
        self.after: dict[tuple[int, ...], int] = {}

    def updated(self, columns: list[AnyArray]) -> AnyArray:
        """The number of the new note, of the indices of a place and the number of the old note."""
        keys = list(zip(*(c.tolist() for c in columns), strict=True))
        for key in keys:
            if key not in self.after:
                *index, number = key
                note = read_outcome(self.update(self.all[number], self.course.grid.place(index)), "note")
                if note not in self.numbers:
                    self.numbers[note] = len(self.all)
                    self.all.append(note)
                self.after[key] = self.numbers[note]
        return np.array([self.after[key] for key in keys], dtype=np.int64)


def recorded(
    course: Course, update: Callable[[Any, Any], Any], first: Outcome, times: Container[int] | None = None
) -> Measure:
    """The law of the last note, not normalised: the walk and its note together are a walk, in one dimension more.

    Args:
        course: the walk.
        update: (note, place) -> the note after a step to that place.
        first: the note before the first step.
        times: the numbers of the steps after which the note changes; None for all.

    Raises:
        DistconvValueError: what is known of the walk cannot be.
    """
    notes, grid = Notes(update, first, course), course.grid
    start = course.allowed(course.begin(), 0)
    here = None if start is None else _raised(start)
    for time in range(1, len(course.steps) + 1):
        if here is None:
            break
        after = moved(here, _raised(course.steps[time - 1].law.measure))
        ranks = after.weights.positive()
        columns = _columns(course, after, ranks)
        if course.walls is not None:
            columns = [*course.walls.fold(grid, columns[:-1]), columns[-1]]
        held = course.allows(columns[:-1], time)
        if not held.any():
            here = None
            break
        columns, weights = [c[held] for c in columns], after.weights.take(ranks[held])
        if times is None or time in times:
            columns[-1] = notes.updated(columns)
        here = arranged(columns, (*grid.start, 0), (*grid.unit, 1), weights, after.missing)
    if here is None:
        raise DistconvValueError("what is known of the walk cannot be: no path does all of it")
    ranks = here.weights.positive()
    numbers = _columns(course, here, ranks)[-1]
    vectors = [as_vector(notes.all[number]) for number in numbers.tolist()]
    return arranged_vectors(vectors, here.weights.take(ranks), here.missing)


def _columns(course: Course, measure: Measure, ranks: AnyArray) -> list[AnyArray]:
    """The indices of places and notes."""
    grid = replace(course.grid, start=(*course.grid.start, 0), unit=(*course.grid.unit, 1))
    return list(grid.columns(measure, ranks))


def _raised(measure: Measure) -> Measure:
    """The measure in one dimension more, in which it is 0."""
    box = measure.box
    raised = Lattice((*box.origin, 0), (*box.step, 1), (*box.shape, 1))
    return replace(measure, support=measure.support.on(raised))
