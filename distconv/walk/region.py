"""Where a walk is looked for or kept: a region, asked once of every place."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, TypeAlias

import numpy as np

from distconv.distribution import Distribution
from distconv.errors import DimensionError, DistconvTypeError
from distconv.measure import Measure
from distconv.support.lattice import Lattice
from distconv.support.outcomes import as_outcome, quotient, rational_gcd, read_vector, whole
from distconv.support.points import indices_of
from distconv.typing import AnyArray, IntArray, Outcome, OutcomeLike, Scalar, Vector

#: Where a walk is looked for or kept: a predicate of positions, a collection of them, or an array of booleans, whose
#: entry [i, j] says whether the place (i, j) belongs to it.
Region: TypeAlias = "Callable[[Any], object] | Iterable[OutcomeLike]"
#: What is known of cells that were asked, or not yet.
UNKNOWN, OUTSIDE, INSIDE = -1, 0, 1
#: Cells of the largest board that is held as an array, some 16 MB; places of larger ones are looked up one by one.
MOST_CELLS = 2**24


@dataclass(frozen=True, slots=True)
class Grid:
    """The coarsest lattice that holds all places of a walk: start + unit * index, on every axis."""

    start: Vector
    unit: Vector

    @classmethod
    def of(cls, start: Vector, steps: Iterable[Distribution], others: Sequence[Scalar] | None = None) -> Grid:
        """The grid of a walk with this start, on which other distances from it are whole, too, one for each axis."""
        units: list[Scalar] = list(others or [0] * len(start))
        for step in {id(step): step for step in steps}.values():
            box = step.law.measure.box
            for axis, (low, gap, count) in enumerate(zip(box.origin, box.step, box.shape, strict=True)):
                units[axis] = rational_gcd(rational_gcd(units[axis], low), gap if count > 1 else 0)
        return cls(start, tuple(whole(Fraction(unit)) or 1 for unit in units))

    def place(self, index: Sequence[int]) -> Outcome:
        """The place with these indices, as callers see it."""
        return as_outcome(self.vector(index))

    def vector(self, index: Sequence[int]) -> Vector:
        """The place with these indices, as a tuple."""
        return tuple(whole(s + u * int(i)) for s, u, i in zip(self.start, self.unit, index, strict=True))

    def columns(self, measure: Measure, ranks: AnyArray) -> list[IntArray]:
        """The indices, on every axis, of the points of a measure with these ranks."""
        box: Lattice = measure.box
        found = indices_of(measure.support.cells_at(ranks), box.shape)
        columns = []
        for column, low, gap, start, unit in zip(found, box.origin, box.step, self.start, self.unit, strict=True):
            offset, stride = (int(quotient(v, unit)) for v in (low - start, gap))
            columns.append(column * stride + offset if stride < 2**31 else column.astype(object) * stride + offset)
        return columns


@dataclass(slots=True)
class Asked:
    """A region of the places of a grid, which asks its predicate once of every place that a walk comes to.

    Attributes:
        inside: the predicate.
        grid: where the places lie.
        low: the indices of the board's first cell.
        board: what is known of a box of cells.
        far: what is known of cells that no board holds.
    """

    inside: Callable[[Any], object]
    grid: Grid
    low: tuple[int, ...] = ()
    board: AnyArray = field(default_factory=lambda: np.zeros(0, dtype=np.int8))
    far: dict[tuple[int, ...], bool] = field(default_factory=dict)

    def holds(self, columns: Sequence[AnyArray]) -> AnyArray:
        """Which cells with these indices lie in the region."""
        if not self._reach(columns):
            return np.array(
                [self._one(index) for index in zip(*(c.tolist() for c in columns), strict=True)], dtype=bool
            )
        at = tuple(column - low for column, low in zip(columns, self.low, strict=True))
        found = self.board[at]
        fresh = np.flatnonzero(found == UNKNOWN)
        if len(fresh):
            places = zip(*(column[fresh].tolist() for column in columns), strict=True)
            found[fresh] = [OUTSIDE if not self.inside(self.grid.place(index)) else INSIDE for index in places]
            self.board[at] = found
        answer: AnyArray = found == INSIDE
        return answer

    def known(self, low: tuple[int, ...], shape: tuple[int, ...]) -> AnyArray:
        """What is known of the cells of a box: an array of `INSIDE`, `OUTSIDE`, `UNKNOWN`."""
        found = np.full(shape, UNKNOWN, dtype=np.int8)
        mine, theirs = self._common(low, shape)
        found[theirs] = self.board[mine]
        return found

    def is_inside(self, index: tuple[int, ...]) -> bool:
        """Whether one place is inside, asked once."""
        at = tuple(i - low for i, low in zip(index, self.low, strict=True)) if self.low else None
        if at is not None and all(0 <= i < n for i, n in zip(at, self.board.shape, strict=True)):
            if self.board[at] == UNKNOWN:
                self.board[at] = INSIDE if self.inside(self.grid.place(index)) else OUTSIDE
            return bool(self.board[at] == INSIDE)
        return self._one(index)

    def ask(self, columns: Sequence[AnyArray]) -> AnyArray:
        """Whether places that were not asked before are inside."""
        places = (self.grid.place(index) for index in zip(*(c.tolist() for c in columns), strict=True))
        return np.array([bool(self.inside(place)) for place in places])

    def ask_ahead(self, low: int, state: AnyArray) -> None:
        """Asks of the unknown cells of a stretch of a line, as far as the predicate knows an answer there."""
        fresh = np.flatnonzero(state == UNKNOWN)
        try:
            state[fresh] = np.where(self.ask([fresh + low]), INSIDE, OUTSIDE)
        except (LookupError, ArithmeticError, TypeError, ValueError):
            # The walk may never come there: what a predicate says of such places is no one's business.
            return

    def learn(self, low: tuple[int, ...], state: AnyArray) -> None:
        """Keeps what has become known of the cells of a box."""
        self._reach([np.array([a, a + n - 1]) for a, n in zip(low, state.shape, strict=True)])
        mine, theirs = self._common(low, state.shape)
        self.board[mine] = state[theirs]

    def _common(self, low: tuple[int, ...], shape: tuple[int, ...]) -> tuple[tuple[slice, ...], tuple[slice, ...]]:
        """Where the cells that a box and the board share lie in the board, and in the box."""
        if not self.low:
            return (slice(0, 0),) * self.board.ndim, (slice(0, 0),) * len(shape)
        ends = [
            (max(a, b), min(a + m, b + n)) for a, m, b, n in zip(self.low, self.board.shape, low, shape, strict=True)
        ]
        return _stretches(ends, self.low), _stretches(ends, low)

    def _one(self, index: tuple[int, ...]) -> bool:
        if index not in self.far:
            self.far[index] = bool(self.inside(self.grid.place(index)))
        return self.far[index]

    def _reach(self, columns: Sequence[AnyArray]) -> bool:
        """Whether the board holds these cells; it grows to, unless it would be too large."""
        ends = [(int(c.min()), int(c.max())) for c in columns]
        lows = self.low or tuple(low for low, _ in ends)
        highs = [low + n for low, n in zip(lows, self.board.shape, strict=False)] if self.low else list(lows)
        if self.low and all(low <= a and b < high for (a, b), low, high in zip(ends, lows, highs, strict=True)):
            return True
        # Half as far again as it reaches, so that a board that grows step by step is not copied at each.
        rooms = [8 + (high - low) // 2 for low, high in zip(lows, highs, strict=True)]
        first = [low if low <= a else a - room for (a, _), low, room in zip(ends, lows, rooms, strict=True)]
        last = [high if b < high else b + 1 + room for (_, b), high, room in zip(ends, highs, rooms, strict=True)]
        shape = [b - a for a, b in zip(first, last, strict=True)]
        if math.prod(shape) > MOST_CELLS:
            return False
        board = np.full(shape, UNKNOWN, dtype=np.int8)
        if self.low:
            board[tuple(slice(o - f, o - f + n) for o, f, n in zip(lows, first, self.board.shape, strict=True))] = (
                self.board
            )
        self.low, self.board = tuple(first), board
        return True


def _stretches(ends: list[tuple[int, int]], origin: tuple[int, ...]) -> tuple[slice, ...]:
    """Stretches of cells on every axis, counted from an origin."""
    return tuple(slice(max(a - o, 0), max(b - o, 0)) for (a, b), o in zip(ends, origin, strict=True))


def inside_of(region: Region, ndim: int) -> Callable[[Any], object]:
    """A region as a predicate of positions."""
    if callable(region):
        return region
    if isinstance(region, np.ndarray) and region.dtype == np.bool_:
        return _on_board(region, ndim)
    if isinstance(region, str | bytes) or not isinstance(region, Iterable):
        raise DistconvTypeError(
            f"region must be a predicate, a collection of positions or an array of booleans, got {region!r}; "
            "positions from 0 on: lambda x: x >= 0"
        )
    if isinstance(region, range):
        return lambda x: x in region
    places = {as_outcome(read_vector(x, ndim, "position")) for x in region}
    return lambda x: x in places


def _on_board(board: AnyArray, ndim: int) -> Callable[[Any], object]:
    """The places whose entries in an array are true."""
    if board.ndim != ndim:
        raise DimensionError(f"the region is a {board.ndim}-D array of booleans, the walk is {ndim}-D")
    places = {as_outcome(tuple(map(int, index))) for index in np.argwhere(board)}
    return lambda x: x in places
