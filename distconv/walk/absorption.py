"""Walks that are stopped where they leave a region, however late: linear equations over fractions, or over letters.

The expected numbers of visits g of the places inside solve g = e + g Q, where Q holds the probabilities of the moves
from one to another and e is the start. They tell the rest: where the walk leaves, g R, and when on average, the sum of
g (Kemeny and Snell, Finite Markov Chains, chapter 3).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any

from distconv.construction import from_mapping
from distconv.distribution import Distribution
from distconv.errors import DistconvValueError, SizeLimitError
from distconv.laws.finite import Finite
from distconv.numbers.letters import expression_of, is_expression, number_of
from distconv.support.outcomes import as_outcome, as_vector, whole
from distconv.typing import Number, Outcome, Vector
from distconv.value import Value, write
from distconv.walk.region import Grid
from distconv.walk.walls import Walls
from distconv.weights.symbolic import tidied

#: Places inside of a region up to which the equations are solved: with numbers some 5 seconds, with one letter some 20.
MOST_PLACES, MOST_WITH_LETTERS = 1000, 60


class Exit(Value):
    """How a walk without end leaves a region: where it is then, how long that took, which places it saw before."""

    __slots__ = ("position", "visits")
    _anew = "Walk.forever(step).leave(region)"

    #: The law of the first position outside.
    position: Distribution
    #: The expected number of visits of every place inside, the start among them.
    visits: Mapping[Outcome, Number]

    def __init__(self, position: Distribution, visits: Mapping[Outcome, Number]) -> None:
        write(self, "position", position)
        write(self, "visits", visits)

    def __reduce__(self) -> Any:
        return Exit, (self.position, self.visits)

    @property
    def time(self) -> Number:
        """The expected number of steps until the walk is outside."""
        return exact(sum(self.visits.values(), start=Fraction(0)))

    def __repr__(self) -> str:
        return f"Exit(from {len(self.visits)} places to {len(self.position.support)}, {self.time} steps on average)"


def left(step: Distribution, inside: Callable[[Any], object], start: Vector, walls: Walls | None) -> Exit:
    """How a walk leaves a region, between walls or not.

    Raises:
        DistconvValueError: it never leaves.
        SizeLimitError: the walk comes to too many places inside.
    """
    moves = {as_vector(x): weight for x, weight in step}
    if not inside(as_outcome(start)):
        return Exit(Distribution.of(Finite(from_mapping({as_outcome(start): 1}))), {})
    if moves.keys() == {(0,) * step.ndim}:
        raise DistconvValueError("the step is always 0, so the walk never leaves the region")
    grid = Grid.of(start, (step,), None if walls is None else walls.units(start))

    def after_move(place: Vector, move: Vector) -> Vector:
        there = tuple(whole(Fraction(u) + v) for u, v in zip(place, move, strict=True))
        return there if walls is None else walls.turned(grid, there)

    most = MOST_WITH_LETTERS if step.letters else MOST_PLACES
    places = _reached(start, lambda place: (after_move(place, move) for move in moves), inside, most)
    index = {place: i for i, place in enumerate(places)}
    solve = _solved_with_letters if any(map(is_expression, moves.values())) else _solved
    rows: list[dict[int, Any]] = [{} for _ in places]
    exits: list[tuple[int, Outcome, Any]] = []
    for row, place in enumerate(places):
        for move, weight in moves.items():
            after = after_move(place, move)
            if after in index:
                rows[row][index[after]] = rows[row].get(index[after], 0) + weight
            else:
                exits.append((row, as_outcome(after), weight))
    if not exits:
        raise DistconvValueError(f"the walk never leaves the region: {len(places)} places hold it for ever")
    visits = solve(rows)
    out: dict[Outcome, Any] = {}
    for row, outcome, weight in exits:
        out[outcome] = out.get(outcome, 0) + visits[row] * weight
    where = Distribution.of(Finite(from_mapping({outcome: exact(weight) for outcome, weight in out.items()})))
    shown = {as_outcome(place): exact(count) for place, count in zip(places, visits, strict=True)}
    return Exit(where, dict(sorted(shown.items())))


def exact(value: Number) -> Number:
    """An answer as callers see it: a fraction, or an expression in canonical form."""
    if not is_expression(value):
        return Fraction(value)
    found: Number = number_of(expression_of(tidied(value)))
    return found


def _reached(
    start: Vector, onwards: Callable[[Vector], Iterable[Vector]], inside: Callable[[Any], object], most: int
) -> list[Vector]:
    """The places inside to which the walk comes, the start first."""
    found, fresh = {start: None}, [start]
    while fresh:
        places, fresh = fresh, []
        for place in places:
            for after in onwards(place):
                if after not in found and inside(as_outcome(after)):
                    found[after] = None
                    fresh.append(after)
                    if len(found) > most:
                        raise SizeLimitError(
                            f"the walk comes to more than {most} places of the region, too many for exact equations; "
                            "take a smaller region, or so many steps of the walk: Walk.repeat(step, 100).stay(region)"
                        )
    return list(found)


def _solved(rows: Sequence[Mapping[int, Any]]) -> list[Fraction]:
    """The solution g of g = e + g Q, Q in rows of fractions."""
    import flint

    size = len(rows)
    matrix = flint.fmpq_mat(size, size)
    for i in range(size):
        matrix[i, i] = 1
    for i, row in enumerate(rows):
        for j, weight in row.items():
            matrix[j, i] -= flint.fmpq(weight.numerator, weight.denominator)
    start = flint.fmpq_mat(size, 1)
    start[0, 0] = 1
    found = matrix.solve(start)
    return [Fraction(int(found[i, 0].p), int(found[i, 0].q)) for i in range(size)]


def _solved_with_letters(rows: Sequence[Mapping[int, Any]]) -> list[Any]:
    """The same where entries are expressions: over the field that they generate."""
    import sympy
    from sympy.polys.matrices import DomainMatrix

    size = len(rows)
    matrix = sympy.eye(size).as_mutable()
    for i, row in enumerate(rows):
        for j, weight in row.items():
            matrix[j, i] -= expression_of(weight)
    start = sympy.zeros(size, 1)
    start[0, 0] = 1
    both = DomainMatrix.from_Matrix(matrix.row_join(start), extension=True).to_field()
    found = both[:, :size].lu_solve(both[:, size:])
    return list(found.to_Matrix())
