"""Walks that are stopped where they leave a region: how likely they are still inside, and where."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Protocol

import numpy as np

from distconv import bounds, planning
from distconv.checks import check_integer
from distconv.distribution import Distribution
from distconv.errors import DistconvValueError
from distconv.laws.finite import Finite
from distconv.measure import Measure
from distconv.numbers.doubles import lifted
from distconv.numbers.letters import has_letters
from distconv.queries import probabilities
from distconv.transforms.conditioning import normalized
from distconv.typing import Asked as AskedOutcome
from distconv.typing import FloatArray, Probability
from distconv.value import Value, write
from distconv.walk.counted import Counted, Row
from distconv.walk.counted import Gone as Lost
from distconv.walk.course import Course, parted
from distconv.walk.region import Asked
from distconv.walk.rows import Batch, Gone, Rows

#: Steps of a walk after which the time of the others is predicted.
SHOWN_STEPS = 16
#: Longest probability with letters, in characters, that stands in the line that sums a stay up.
LONGEST_SHOWN = 60


class Left(Protocol):
    """What a region leaves of a walk."""

    def __len__(self) -> int:
        """The number of steps."""

    def survival(self) -> list[Any]:
        """The probability that the walk is inside after 0, 1, ... steps."""

    def part(self, time: int) -> Measure | None:
        """The measure that is still inside after so many steps; None where nothing is."""

    def error(self, time: int) -> float:
        """A bound on the relative error of that survival, and of the weights of that part."""


@dataclass(frozen=True, slots=True)
class Laid:
    """All parts, measure by measure."""

    parts: tuple[Measure | None, ...]

    def __len__(self) -> int:
        return len(self.parts) - 1

    def survival(self) -> list[Any]:
        """The total of each part."""
        return [Fraction(0) if part is None else part.weights.total() for part in self.parts]

    def part(self, time: int) -> Measure | None:
        """The part that is laid out."""
        return self.parts[time]

    def error(self, time: int) -> float:
        """That of the weights, whose total is rounded once."""
        part = self.parts[time]
        return 0.0 if part is None else part.weights.error


@dataclass(frozen=True, slots=True, eq=False)
class Played:
    """Rows of doubles, of which the totals are held: a part is played again from the last batch before it."""

    rows: Rows
    totals: list[float]

    @classmethod
    def of(cls, rows: Rows) -> Played:
        """All steps of a walk, played once."""
        return cls(rows, [1.0, *(lifted(*batch.total(row)) for batch, _, row, _ in announced(rows))])

    def __len__(self) -> int:
        return len(self.rows.steps)

    def survival(self) -> list[float]:
        """The totals; 0.0 once nothing is left."""
        return [*self.totals, *[0.0] * (len(self) + 1 - len(self.totals))]

    def part(self, time: int) -> Measure | None:
        """The part, played again."""
        row = self.rows.after(time)
        return None if row is None else row.measure(self.rows.asked.grid)

    def error(self, time: int) -> float:
        """That of the products and sums of all steps, and of the total."""
        if not 0 < time < len(self.totals):
            return 0.0
        most = max(batch.size for done, batch in self.rows.batches if done < time)
        return bounds.compose(*(moves.error for moves in self.rows.steps[:time]), bounds.summation(most))


@dataclass(frozen=True, slots=True, eq=False)
class Numbered:
    """Exact rows on the line, of which the totals are held, and some rows: others are made again."""

    counted: Counted
    totals: list[Any]

    @classmethod
    def of(cls, counted: Counted) -> Numbered:
        """All steps of a walk, made once."""
        return cls(counted, [Fraction(1), *(row.total() for row, _ in counted_out(counted))])

    def __len__(self) -> int:
        return len(self.counted.steps)

    def survival(self) -> list[Any]:
        """The totals; 0 once nothing is left."""
        return [*self.totals, *[Fraction(0)] * (len(self) + 1 - len(self.totals))]

    def part(self, time: int) -> Measure | None:
        """The part, made again from the last one held before it."""
        row = self.counted.after(time)
        return None if row is None else row.measure(self.counted.asked.grid)

    def error(self, time: int) -> float:  # noqa: ARG002 - exact at all times
        """None: fractions are exact."""
        return 0.0


class Stay(Value):
    """A walk that is stopped when it leaves a region: the probability of still being inside, and the law of where."""

    __slots__ = ("_left", "_survival")
    _anew = "walk.stay(region)"

    _left: Left
    _survival: tuple[Any, ...]

    def __init__(self, left: Left) -> None:
        write(self, "_left", left)
        write(self, "_survival", tuple(left.survival()))

    def __reduce__(self) -> Any:
        return Stay, (Laid(tuple(self._left.part(time) for time in range(len(self) + 1))),)

    @property
    def survival(self) -> list[Any]:
        """P(inside after 0, 1, ..., k steps), k = 0, ..., len(walk); floating ones within `error(k)` and a rounding."""
        return list(self._survival)

    def error(self, k: int) -> float:
        """A proven bound on the relative error of ``survival[k]`` and of ``prob(k, value)``; 0.0 for exact ones."""
        return self._left.error(self._time(k))

    def _time(self, k: Any) -> int:
        time = check_integer("k", k, at_least=0)
        if time > len(self):
            raise DistconvValueError(f"k must be between 0 and {len(self)}, the number of steps, got {k}")
        return time

    def __len__(self) -> int:
        """The number of steps."""
        return len(self._left)

    def position(self, k: int) -> Distribution:
        """The law of the position after k steps, given that the walk never left the region until then.

        Raises:
            DistconvValueError: it has left for certain.
        """
        part = self._left.part(self._time(k))
        if part is None:
            raise DistconvValueError(f"after {k} steps the walk has left the region for certain; see walk.survival")
        return Distribution.of(Finite(normalized(part)))

    def prob(self, k: int, value: AskedOutcome) -> Probability:
        """P(the walk is at `value` after k steps and never left the region); a floating one within ``error(k)``."""
        part = self._left.part(self._time(k))
        return Fraction(0) if part is None else probabilities.pmf(part, value)

    @property
    def final(self) -> Distribution:
        """The law of the last position, given that the walk never left the region."""
        return self.position(len(self))

    def __repr__(self) -> str:
        last = self.survival[-1]
        shown = str(last) if has_letters(last) else f"{float(last):.6g}"
        told = f"probability {shown}" if len(shown) <= LONGEST_SHOWN else "a probability with letters"
        return f"Stay({len(self)} steps, {told} of staying)"


def kept(course: Course, asked: Asked) -> Stay:
    """A walk as long as it stays in a region: in rows of doubles where these serve, else measure by measure."""
    if not asked.holds(asked.grid.columns(course.begin(), course.begin().weights.positive())).all():
        return Stay(Laid((None,) * (len(course.steps) + 1)))
    counted = Counted.of(course.steps, asked) if course.is_plain() else None
    if counted is not None:
        return Stay(Numbered.of(counted))
    rows = Rows.of(course.steps, asked) if course.is_plain() else None
    if rows is not None:
        try:
            return Stay(Played.of(rows))
        except ArithmeticError:
            # Measures hold weights however far they lie apart.
            pass
    parts: list[Measure | None] = [inside for inside, _ in each(course, asked)]
    parts += [None] * (len(course.steps) + 1 - len(parts))
    return Stay(Laid(tuple(course.weighed(part, time) for time, part in enumerate(parts))))


def announced(rows: Rows) -> Iterator[tuple[Batch, int, FloatArray, Gone | None]]:
    """The steps of rows, of which the time of most is announced once enough have shown how they grow."""
    sizes: list[int] = []
    for found in rows.play():
        if len(sizes) < SHOWN_STEPS:
            sizes.append(int(np.count_nonzero(found[2])))
            _announce(sizes, found[0].shape, len(rows.steps), len(rows.steps[0].by))
        yield found


def counted_out(counted: Counted) -> Iterator[tuple[Row, Lost | None]]:
    """The steps of an exact walk, of which the time of most is announced once enough have shown how they grow."""
    sizes: list[int] = []
    for found in counted.play():
        if len(sizes) < SHOWN_STEPS:
            sizes.append(found[0].numerators.degree() + 1)
            _announce(sizes, (1,), len(counted.steps))
        yield found


def each(course: Course, asked: Asked, *, at_start: bool = True) -> Iterator[tuple[Measure | None, Measure | None]]:
    """What is inside of a region after 0, 1, 2, ... steps, and what has just left, until nothing is inside.

    What is known of later times does not count yet. Whether the start lies in the region counts `at_start`.
    """
    begin = course.allowed(course.begin(), 0)
    if begin is None:
        return
    here, gone = parted(begin, asked) if at_start else (begin, None)
    yield here, gone
    sizes: list[int] = []
    with planning.announced_once():
        for time in range(1, len(course.steps) + 1):
            if here is None:
                return
            after = course.after(here, time)
            here, gone = (None, None) if after is None else parted(after, asked)
            sizes.append(0 if here is None else here.support.size)
            _announce(sizes, begin.box.shape, len(course.steps))
            yield here, gone


def _announce(sizes: list[int], shape: Sequence[int], steps: int, moves: int = 0) -> None:
    """Announces the time of the steps that follow, once enough have shown how the positions grow."""
    if len(sizes) == SHOWN_STEPS and sizes[-1]:
        growth = min(max(0.0, math.log2(sizes[-1] / max(1, sizes[SHOWN_STEPS // 2 - 1]))), len(shape))
        planning.announced(planning.plan_stay(sizes[-1], growth, SHOWN_STEPS, steps, moves))
