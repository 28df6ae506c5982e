"""Walls: what a step leads beyond one comes back from it as from a mirror, or ends at it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeAlias

import numpy as np

from distconv.errors import DistconvValueError
from distconv.support.outcomes import as_outcome, as_vector, quotient, rational_gcd, read_outcome
from distconv.typing import AnyArray, OutcomeLike, Scalar, Vector
from distconv.walk.region import Grid

#: The lowest and the highest places that walls leave, on every axis; None where there is none.
Ends: TypeAlias = "tuple[Scalar | None, Scalar | None]"


@dataclass(frozen=True, slots=True)
class Walls:
    """Two walls on every axis, or one, or none.

    Attributes:
        ends: the walls of every axis.
        is_mirror: whether steps beyond a wall w come back to 2 w - x; else they end at the wall.
    """

    ends: tuple[Ends, ...]
    is_mirror: bool

    @classmethod
    def read(cls, low: OutcomeLike | None, high: OutcomeLike | None, start: Vector, *, is_mirror: bool) -> Walls:
        """Walls as callers write them: a number on each axis, or one for all.

        Raises:
            DistconvValueError: no wall; a start beyond one; walls in the wrong order.
        """
        if low is None and high is None:
            raise DistconvValueError("a wall needs a place: low=0, high=10 or both")
        sides = [_on_axes(end, len(start), name) for end, name in ((low, "low"), (high, "high"))]
        ends = tuple(zip(*sides, strict=True))
        for (first, last), at in zip(ends, start, strict=True):
            if (first is not None and at < first) or (last is not None and at > last):
                raise DistconvValueError(
                    f"the walk starts at {as_outcome(start)}, beyond a wall: low = {low}, high = {high}; "
                    "say where it starts: Walk.repeat(step, n, start=...)"
                )
            if is_mirror and first is not None and first == last:
                raise DistconvValueError(f"between two mirrors at {first} there is no room; clipped(...) stays there")
        return cls(ends, is_mirror)

    def units(self, start: Vector) -> list[Scalar]:
        """Distances that the lattice of places must hold beside those of the steps, on every axis."""
        found: list[Scalar] = []
        for ends, at in zip(self.ends, start, strict=True):
            gaps = [Fraction(end - at) * (2 if self.is_mirror else 1) for end in ends if end is not None]
            found.append(_gcd(gaps))
        return found

    def fold(self, grid: Grid, columns: Sequence[AnyArray]) -> list[AnyArray]:
        """The indices of places, where they come to lie."""
        turned = []
        for column, (low, high), start, unit in zip(columns, self.ends, grid.start, grid.unit, strict=True):
            # Twice the index, so that a mirror between two places is a whole number, too.
            first, last = (None if end is None else int(quotient(2 * (end - start), unit)) for end in (low, high))
            turned.append(self._folded(2 * column, first, last) // 2)
        return turned

    def turned(self, grid: Grid, place: Vector) -> Vector:
        """Where a place beyond a wall comes to lie."""
        index = (quotient(x - s, u) for x, s, u in zip(place, grid.start, grid.unit, strict=True))
        return grid.vector([int(c[0]) for c in self.fold(grid, [np.array([int(i)]) for i in index])])

    def _folded(self, places: AnyArray, low: int | None, high: int | None) -> AnyArray:
        found: AnyArray = places
        if low is None and high is None:
            return found
        if not self.is_mirror:
            found = np.clip(places, low, high)
        elif low is not None and high is not None:
            far = np.mod(places - low, 2 * (high - low))
            found = low + np.minimum(far, 2 * (high - low) - far)
        elif low is not None:
            found = np.maximum(places, 2 * low - places)
        elif high is not None:
            found = np.minimum(places, 2 * high - places)
        return found


def _gcd(gaps: list[Fraction]) -> Scalar:
    found: Scalar = 0
    for gap in gaps:
        found = rational_gcd(found, gap)
    return found


def _on_axes(end: OutcomeLike | None, ndim: int, name: str) -> Sequence[Scalar | None]:
    """A wall on every axis."""
    if end is None:
        return (None,) * ndim
    vector = as_vector(read_outcome(end, name))
    if len(vector) not in (1, ndim):
        raise DistconvValueError(f"{name} is {end!r}: one number, or {ndim} of them, one for each axis")
    return vector if len(vector) == ndim else vector * ndim
