"""Exact walks on the line in a region: whole numbers over one denominator, one product of FLINT polynomials a step."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from distconv.distribution import Distribution
from distconv.measure import Measure
from distconv.measure.arranging import arranged
from distconv.walk.region import Asked, Grid
from distconv.weights.rational import Rational, fraction, reduced

if TYPE_CHECKING:
    import flint

#: Cells that a step may span for its polynomial to be written out.
MOST_SPAN = 4096
#: Steps after which what is inside is held: others are made again from the one before.
HELD_STEPS = 32
#: Zeros at the low end of a polynomial that are worth a shift.
SPARE_ZEROS = 64


class Row(NamedTuple):
    """What is inside after some steps: numerators, of which the first belongs to the cell `base`, over a denominator.

    `lowest` is the lowest cell that may carry weight.
    """

    base: int
    lowest: int
    numerators: flint.fmpz_poly
    denominator: int

    def total(self) -> Fraction:
        """The sum of all weights."""
        return fraction(self.numerators(1), self.denominator)

    def measure(self, grid: Grid) -> Measure | None:
        """The same as a measure; None of nothing."""
        values: list[Any] = self.numerators.coeffs()
        cells = [i for i, value in enumerate(values) if value]
        if not cells:
            return None
        weights = reduced([values[i] for i in cells], self.denominator)
        return arranged([np.array(cells) + self.base], grid.start, grid.unit, weights)


class Gone(NamedTuple):
    """What a step led outside: cells, and numerators over a denominator."""

    cells: list[int]
    numerators: list[Any]
    denominator: int

    def weights(self) -> Rational:
        """The weights of the cells."""
        return reduced(self.numerators, self.denominator)


@dataclass(frozen=True, slots=True)
class Moves:
    """A step: numerators of the cells from the lowest on, over a denominator."""

    low: int
    numerators: flint.fmpz_poly
    denominator: int

    @classmethod
    def of(cls, step: Distribution, grid: Grid) -> Moves | None:
        """The moves of a step; None where it is not made of fractions, or reaches far."""
        measure = step.law.measure
        if measure.missing or not measure.weights.is_exact or not measure.weights.bits:
            return None
        weights = measure.weights.as_rational()
        ranks = weights.positive()
        (columns,) = Grid((0,), grid.unit).columns(measure, ranks)
        low, high = int(columns.min()), int(columns.max())
        if high - low >= MOST_SPAN:
            return None
        spread = weights.take(ranks).spread(columns.astype(np.int64) - low, high - low + 1)
        return cls(low, spread.numerators, spread.denominator)


class Counted:
    """All steps of an exact walk on the line in a region.

    Attributes:
        steps: the moves of every step.
        asked: the region.
        rows: what is inside after every `HELD_STEPS` steps.
        outside: the cells outside that were reached.
        known: all cells that were reached.
        fresh: the cells between the first and the last of the row that were not.
    """

    def __init__(self, steps: Sequence[Moves], asked: Asked) -> None:
        import flint

        self.steps, self.asked = steps, asked
        self.start = Row(0, 0, flint.fmpz_poly([1]), 1)
        self.rows = {0: self.start}
        self.outside: list[int] = []
        self.known: set[int] = set()
        self.fresh: list[int] = []
        self.first, self.last = 1, 0
        self.ended = len(steps) + 1

    @classmethod
    def of(cls, steps: Sequence[Distribution], asked: Asked) -> Counted | None:
        """The steps of a walk from the start of the grid; None of those that this does not serve."""
        if steps[0].ndim > 1 or not all(step.is_exact for step in steps):
            return None
        distinct = {id(step): step for step in steps}
        made = {key: Moves.of(step, asked.grid) for key, step in distinct.items()}
        moves = [found for step in steps if (found := made[id(step)]) is not None]
        return cls(moves, asked) if len(moves) == len(steps) else None

    def play(self) -> Iterator[tuple[Row, Gone | None]]:
        """What is inside after each step, and what has just left, until nothing is inside."""
        row = self.start
        for time, moves in enumerate(self.steps, 1):
            row, gone = self._step(row, moves)
            if time % HELD_STEPS == 0:
                self.rows[time] = row
            yield row, gone
            if not row.numerators:
                self.ended = time
                return

    def after(self, time: int) -> Row | None:
        """What is inside after so many steps; None of nothing."""
        if time >= self.ended:
            return None
        begin = time - time % HELD_STEPS
        row = self.rows[begin]
        for moves in self.steps[begin:time]:
            row, _ = self._step(row, moves)
        return row

    def _step(self, row: Row, moves: Moves) -> tuple[Row, Gone | None]:
        """One step, and what it leads outside."""
        found: Any = row.numerators * moves.numerators
        base = row.base + moves.low
        lowest, highest = row.lowest + moves.low, base + found.degree()
        self._look(found, base, lowest, highest)
        cells = [cell for cell in self.outside if lowest <= cell <= highest and found[cell - base]]
        denominator = row.denominator * moves.denominator
        gone = Gone(cells, [found[cell - base] for cell in cells], denominator) if cells else None
        for cell in cells:
            found[cell - base] = 0
        degree = found.degree()
        while lowest < base + degree and not found[lowest - base]:
            lowest += 1
        if lowest - base > SPARE_ZEROS:
            found, base = found.right_shift(lowest - base), lowest
        return Row(base, lowest, found, denominator), gone

    def _look(self, found: Any, base: int, lowest: int, highest: int) -> None:
        """Asks of the cells that are reached for the first time whether they are inside."""
        if self.first > self.last:
            self.first, self.last = highest + 1, highest
        new = [*range(lowest, min(self.first, highest + 1)), *range(max(self.last + 1, lowest), highest + 1)]
        fresh = [cell for cell in self.fresh if lowest <= cell <= highest]
        fresh += [cell for cell in new if cell not in self.known]
        self.first, self.last, self.fresh = lowest, highest, []
        for cell in fresh:
            if not found[cell - base]:
                self.fresh.append(cell)
                continue
            self.known.add(cell)
            if not self.asked.is_inside((cell,)):
                self.outside.append(cell)
