"""Floating walks in arrays: each step is a few products of whole rows of doubles, which stay in range by exponents.

A row holds v(x) 2**E(x) for the cells x of a box. For a batch of steps the exponents E stand, so that a step is
v'(x) = sum over moves m of c_m(x) v(x - m), c_m(x) = p_m 2**(E(x - m) - E(x)): powers of two, which round nothing. No
product leaves the range of doubles within a batch, as long as the smallest and the largest factor say it may have.
Sums of positive products err relatively: each step adds that of a sum of so many products (`bounds.summation`).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from distconv import bounds
from distconv.distribution import Distribution
from distconv.measure import Measure
from distconv.measure.arranging import arranged
from distconv.typing import AnyArray, FloatArray, IntArray
from distconv.walk.region import INSIDE, OUTSIDE, UNKNOWN, Asked, Grid
from distconv.weights.floating import normal_form, total_of

#: Bits by which weights may fall below where a batch began, of the 1022 of doubles, and by which they may grow.
FALL_BITS, GROWTH_BITS = 900, 450
#: Cells whose exponents lie so many bits below the top are left out of totals that are larger than 2**-TOTAL_BITS of
#: it: they come to less than 2**(450 - 650 + 100) of that, whatever they have grown to.
NEAR_BITS, TOTAL_BITS = 650, 100
#: Most steps of a batch; the first ones are short, until it shows where the walk is kept.
MOST_STEPS, FIRST_STEPS = 256, 4
#: Cells by which a batch may reach beyond those that carry weight, or as many as these.
SPARE_CELLS = 1024
#: Cells x moves of the largest batch: factors of 8 bytes, 64 MB of them.
MOST_FACTORS = 2**23
#: Moves of a step up to which whole rows are added: beyond, other convolutions are quicker.
MOST_MOVES = 128


@dataclass(frozen=True, slots=True, eq=False)
class Moves:
    """A step on a grid: where it goes, in cells, and how likely.

    Attributes:
        by: indices, one row for each move.
        significands, exponents: the chances, s x 2**e.
        error: a bound on the relative error that a step adds.
    """

    by: IntArray
    significands: FloatArray
    exponents: IntArray
    error: float

    @classmethod
    def of(cls, step: Distribution, grid: Grid) -> Moves | None:
        """The moves of a step; None of those that rows do not serve: many moves, or some of the law is missing."""
        measure = step.law.measure
        if measure.missing or measure.weights.letters or measure.support.size > MOST_MOVES:
            return None
        weights = measure.weights.as_floating()
        ranks = weights.positive()
        origin = Grid((0,) * step.ndim, grid.unit)
        by = np.array(origin.columns(measure, ranks)).T.astype(np.int64)
        s, e = weights.pairs()
        error = bounds.compose(weights.error, bounds.summation(len(ranks)))
        return cls(by, s[ranks], e[ranks].astype(np.int64), error)


@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """What is inside after some steps: v 2**E on the cells of a box.

    Attributes:
        low: the indices of the box's first cell.
        values, exponents: one for each cell.
        error: a bound on the relative error of every weight.
    """

    low: tuple[int, ...]
    values: FloatArray
    exponents: IntArray
    error: float

    def measure(self, grid: Grid) -> Measure | None:
        """The same as a measure."""
        cells = np.nonzero(self.values)
        if not len(cells[0]):
            return None
        columns = [column + low for column, low in zip(cells, self.low, strict=True)]
        return arranged(
            columns, grid.start, grid.unit, normal_form(self.values[cells], self.exponents[cells], self.error)
        )


class Gone(NamedTuple):
    """What a step of a batch led outside: cells of its box, and values v, as in the row."""

    batch: Batch
    cells: IntArray
    values: FloatArray


class Batch:
    """Some steps of a row in one box, with the same exponents throughout.

    Attributes:
        row: where it begins.
        steps: its moves, one entry for each step.
        count: how many of them were made within the range of doubles.
        low, shape: the box, which nothing leaves within these steps.
    """

    def __init__(self, row: Row, steps: Sequence[Moves], asked: Asked, known: Row | None = None) -> None:
        self.asked, self.row, self.steps, self.count = asked, row, steps, 0
        self.distinct = list({id(moves): moves for moves in steps}.values())
        by = np.concatenate([moves.by for moves in self.distinct])
        down, up = np.minimum(by.min(axis=0), 0), np.maximum(by.max(axis=0), 0)
        reach = 1 if known is not None else len(steps)
        alive = [(int(c.min()), int(c.max())) for c in np.nonzero((known or row).values)]
        base = (known or row).low
        self.low = tuple(o + a + reach * int(d) for o, (a, _), d in zip(base, alive, down, strict=True))
        high = [o + b + reach * int(u) for o, (_, b), u in zip(base, alive, up, strict=True)]
        self.shape = tuple(b - a + 1 for a, b in zip(self.low, high, strict=True))
        self.size = math.prod(self.shape)
        self.strides = np.array([math.prod(self.shape[i + 1 :]) for i in range(len(self.shape))])
        self.pad = int(np.abs(by @ self.strides).max())
        check_size(self.size * len(by))
        self._lay_out()

    def _lay_out(self) -> None:
        """Lays the row out, and the factors of all moves."""
        cells = np.nonzero(self.row.values)
        significands, shifts = np.frexp(self.row.values[cells])
        tops = self.row.exponents[cells] + shifts
        at = sum((c + o - a) * s for c, o, a, s in zip(cells, self.row.low, self.low, self.strides, strict=True))
        line = len(self.shape) == 1
        self.exponents = _profile(at, tops, self.size, self.distinct) if line else np.full(self.size, tops.max())
        self.start = np.zeros(self.size)
        slack = np.maximum(tops - self.exponents[at], -1100)
        self.start[at] = np.ldexp(significands, slack.astype(np.int32))
        padded = np.pad(self.exponents, self.pad, mode="edge") if line else None
        self.factors: dict[int, list[tuple[int, AnyArray]]] = {}
        lowest = highest = 0
        for moves in self.distinct:
            rows: list[tuple[int, AnyArray]] = []
            for offset, s, e in zip(moves.by @ self.strides, moves.significands, moves.exponents, strict=True):
                begin = self.pad - int(offset)
                powers = e if padded is None else padded[begin : begin + self.size] - self.exponents + e
                lowest, highest = min(lowest, int(np.min(powers))), max(highest, int(np.max(powers)))
                # Beyond these no step is safe, and none is made.
                rows.append((begin, np.ldexp(s, np.clip(powers, -1000, 1000).astype(np.int32))))
            self.factors[id(moves)] = rows
        self.fall = max(1, 1 - lowest)
        self.growth = max(1.0, highest + math.log2(max(map(len, self.factors.values()))))
        self.top = int(self.exponents.max())
        first, last = np.flatnonzero(self.exponents >= self.top - NEAR_BITS)[[0, -1]]
        self.near = slice(int(first), int(last) + 1)
        shifts = self.exponents[self.near] - self.top
        self.scale = np.ldexp(1.0, np.where(shifts < -NEAR_BITS, -2000, shifts).astype(np.int32))

    def play(self, most: int | None = None) -> Iterator[tuple[FloatArray, Gone | None]]:
        """What is inside after each of the steps, a row that the next step overwrites, and what has gone outside."""
        rows = [np.zeros(self.size + 2 * self.pad) for _ in range(2)]
        views = [row[self.pad : self.pad + self.size] for row in rows]
        views[0][:] = self.start
        product = np.empty(self.size)
        self._look()
        safe = 0
        for time, moves in enumerate(self.steps[:most]):
            source, target = rows[time % 2], views[1 - time % 2]
            if time == safe:
                safe += self._safe_steps(views[time % 2])
                if time == safe:
                    break
            for i, (begin, factor) in enumerate(self.factors[id(moves)]):
                np.multiply(factor, source[begin : begin + self.size], out=product if i else target)
                if i:
                    np.add(target, product, out=target)
            self.count = max(self.count, time + 1)
            yield target, self._parted(target)
        self.asked.learn(self.low, self.state.reshape(self.shape))

    def _safe_steps(self, row: FloatArray) -> int:
        """How many steps more leave no product out of range, whatever the row does."""
        values = row[row > 0]
        if not len(values):
            return len(self.steps)
        fallen, grown = -math.log2(values.min()), math.log2(values.max())
        return max(0, int(min((FALL_BITS - fallen) / self.fall, (GROWTH_BITS - grown) / self.growth)))

    def _look(self) -> None:
        """Notes what is known of the cells, and asks of those of a line that will soon be reached."""
        self.state = self.asked.known(self.low, self.shape).ravel()
        self.found = False
        if len(self.shape) == 1:
            self.asked.ask_ahead(self.low[0], self.state)
        self.fringe = np.flatnonzero(self.state == UNKNOWN)
        self._wall()

    def _wall(self) -> None:
        """Notes which cells outside a step may lead to."""
        padded = np.pad((self.state == INSIDE) | (self.start > 0), self.pad)
        begins = {begin for rows in self.factors.values() for begin, _ in rows}
        beside = np.zeros(self.size, dtype=bool)
        for begin in begins:
            beside |= padded[begin : begin + self.size]
        self.outside = np.flatnonzero(beside & (self.state == OUTSIDE))

    def _parted(self, row: FloatArray) -> Gone | None:
        """Takes what lies outside off a row."""
        if len(self.fringe):
            self.found = False
            reached = row[self.fringe] > 0
            if np.count_nonzero(reached):
                self._ask(self.fringe[reached])
                self.fringe = self.fringe[~reached]
        if not len(self.outside):
            return None
        gone = row[self.outside]
        if not np.count_nonzero(gone):
            return None
        row[self.outside] = 0.0
        return Gone(self, self.outside, gone)

    def columns(self, cells: IntArray) -> list[IntArray]:
        """The indices of some cells of the box, on every axis."""
        return [c + low for c, low in zip(np.unravel_index(cells, self.shape), self.low, strict=True)]

    def _ask(self, cells: IntArray) -> None:
        """Asks of cells that were reached for the first time whether they are inside."""
        held = self.asked.ask(self.columns(cells))
        self.state[cells] = np.where(held, INSIDE, OUTSIDE)
        self.found = bool(held.any())
        self._wall()

    def total(self, values: FloatArray) -> tuple[float, int]:
        """(t, e): the total of a row is t 2**e, to the error of a sum of so many products."""
        total = float(np.dot(values[self.near], self.scale))
        if total > 2.0**-TOTAL_BITS:
            return total, self.top
        return total_of(normal_form(values, self.exponents, 0.0))

    def held(self, values: FloatArray, time: int) -> Row:
        """What is inside after so many of the steps."""
        error = bounds.compose(self.row.error, *(moves.error for moves in self.steps[:time]))
        return Row(self.low, values.reshape(self.shape).copy(), self.exponents.reshape(self.shape), error)

    def ever(self) -> Row:
        """All cells inside that were ever reached, as a row."""
        return Row(self.low, (self.state == INSIDE).reshape(self.shape).astype(float), self.exponents, 0.0)


def check_size(factors: int) -> None:
    """Refuses rows that are too large for arrays.

    Raises:
        ArithmeticError: so many factors are.
    """
    if factors > MOST_FACTORS:
        raise ArithmeticError("too many cells and moves for rows of doubles")


def _profile(at: IntArray, tops: IntArray, size: int, distinct: list[Moves]) -> IntArray:
    """An exponent for each cell of a line: those of the cells that carry weight, and what lies between or beyond them.

    Beyond the last cell weights fall by no more at a step than its longest move is likely.
    """
    cells = np.arange(size)
    found = np.interp(cells, at, tops)
    for side, past in ((1, cells - at[-1]), (-1, at[0] - cells)):
        slopes = []
        for moves in distinct:
            ahead = moves.by[:, 0] * side
            if ahead.max() > 0:
                slopes.append((int(moves.exponents[ahead.argmax()]) - 1) / int(ahead.max()))
        beyond = past > 0
        found[beyond] += min(slopes, default=0.0) * past[beyond]
    return np.rint(found).astype(np.int64)


class Rows:
    """All steps of a walk in a region, in batches: what is left inside, and what goes outside.

    Attributes:
        steps: the moves of every step.
        asked: the region.
        batches: (steps before it, batch) of all batches so far.
    """

    def __init__(self, start: Row, steps: Sequence[Moves], asked: Asked) -> None:
        self.start, self.steps, self.asked = start, steps, asked
        self.batches: list[tuple[int, Batch]] = []
        self.longest: int = max(int(np.abs(moves.by).max()) for moves in {id(moves): moves for moves in steps}.values())

    def play(self) -> Iterator[tuple[Batch, int, FloatArray, Gone | None]]:
        """(batch, steps within it, row, gone) of every step, until nothing is left inside.

        Raises:
            ArithmeticError: doubles do not reach as far as the weights lie apart.
        """
        row, done, most, known = self.start, 0, FIRST_STEPS, None
        alike = len(self.start.low) > 1 and all(moves is self.steps[0] for moves in self.steps)
        while done < len(self.steps):
            batch = Batch(row, self.steps[done : done + self._fitting(row, most)], self.asked, known)
            self.batches.append((done, batch))
            target = None
            for count, (target, gone) in enumerate(batch.play(), 1):
                yield batch, count, target, gone
            if target is None:
                raise ArithmeticError("weights lie too far apart for rows of doubles")
            done += batch.count
            row, most = batch.held(target, batch.count), min(2 * most, MOST_STEPS)
            if not row.values.any():
                return
            # Every place inside was stepped from by now, and none of its moves led to a new one.
            known = batch.ever() if known is None and alike and not batch.found else known

    @classmethod
    def of(cls, steps: Sequence[Distribution], asked: Asked) -> Rows | None:
        """The steps of a walk from the start of the grid; None of those that rows do not serve, as exact ones."""
        if all(step.is_exact for step in steps):
            return None
        distinct = {id(step): step for step in steps}
        made = {key: Moves.of(step, asked.grid) for key, step in distinct.items()}
        moves = [found for step in steps if (found := made[id(step)]) is not None]
        if len(moves) < len(steps):
            return None
        ndim = steps[0].ndim
        return cls(Row((0,) * ndim, np.ones((1,) * ndim), np.zeros((1,) * ndim, dtype=np.int64), 0.0), moves, asked)

    def after(self, time: int) -> Row | None:
        """What is inside after so many steps, played again from the batch before; None where nothing is left."""
        if not time:
            return self.start
        done, batch = next((d, b) for d, b in reversed(self.batches) if d < time)
        if done + batch.count < time:
            return None
        *_, (row, _) = batch.play(time - done)
        return batch.held(row, time - done)

    def _fitting(self, row: Row, most: int) -> int:
        """How many steps a batch may have for its box to be no more than some times what carries weight."""
        room: int = max(SPARE_CELLS, *row.values.shape) // max(self.longest, 1)
        return max(1, min(most, room))
