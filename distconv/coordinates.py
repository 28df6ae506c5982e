"""Many outcomes as callers give them: read together, for what some floats mean shows only together."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from distconv.errors import DimensionError, DistconvValueError
from distconv.measure.reading import collected, is_collection
from distconv.support.coincidence import near_pair, unified, vector_ulp, without_dust
from distconv.support.grid import LONG_DIGITS, Grid, grid_of
from distconv.support.outcomes import (
    as_outcome,
    as_vector,
    dimension_name,
    read_outcome,
    read_scalar,
    read_vector,
    whole,
)
from distconv.typing import AnyArray, Question, Scalar, StepLike, Vector

#: Integers below this are int64, and so are their differences.
INT64_REACH = 2**61
#: Multiples of a step up to this are found in doubles, up to ties.
MOST_MULTIPLE = 2**50
#: Units in the last place within which a quotient of doubles may be a tie.
TIE_ULPS = 4
#: The step that is proposed for noisy floats lies this many decimal places below the first digit.
STEP_PLACES = 11

#: How to name the outcome of a given place in a message.
Naming = Callable[[int], str]


@dataclass(frozen=True, slots=True, eq=False)
class Columns:
    """The points offset + unit * integer, one array of integers per axis.

    Attributes:
        columns: the integers.
        offsets: the point of all integers 0.
        units: the distance of neighbours on each axis.
    """

    columns: list[AnyArray]
    offsets: Vector
    units: Vector

    def vector(self, index: int) -> Vector:
        """One of the points, as a tuple."""
        places = (int(column[index]) for column in self.columns)
        return tuple(whole(o + u * k) for o, u, k in zip(self.offsets, self.units, places, strict=True))

    def vectors(self) -> list[Vector]:
        """All the points, as tuples."""
        axes = [
            [whole(offset + unit * k) for k in column.tolist()]
            for column, offset, unit in zip(self.columns, self.offsets, self.units, strict=True)
        ]
        return list(zip(*axes, strict=True))

    def rounded(self, steps: Vector) -> Columns:
        """The nearest multiples of a step per axis; halves go to the even multiple."""
        columns = [
            _nearest(column, offset, unit, step)
            for column, offset, unit, step in zip(self.columns, self.offsets, self.units, steps, strict=True)
        ]
        return Columns(columns, (0,) * len(steps), steps)

    def floored(self, steps: Vector) -> Columns:
        """The largest multiples of a step that are not above, per axis, counted in steps."""
        columns = [
            numerators // whole_part
            for numerators, whole_part in map(_in_steps, self.columns, self.offsets, self.units, steps)
        ]
        return Columns(columns, (0,) * len(steps), (1,) * len(steps))


def _in_steps(column: AnyArray, offset: Scalar, unit: Scalar, step: Scalar) -> tuple[AnyArray, int]:
    """(numerators, denominator) of (offset + unit * k) / step for integers k, exactly."""
    start, gain = Fraction(offset) / Fraction(step), Fraction(unit) / Fraction(step)
    whole_part = math.lcm(start.denominator, gain.denominator)
    first, factor = int(start * whole_part), int(gain * whole_part)
    reach = abs(first) + abs(factor) * max(abs(int(column.max())), abs(int(column.min()))) + 2 * whole_part
    dtype: Any = np.int64 if reach < INT64_REACH else object
    return column.astype(dtype) * factor + first, whole_part


def _nearest(column: AnyArray, offset: Scalar, unit: Scalar, step: Scalar) -> AnyArray:
    """round((offset + unit * k) / step) for integers k, exactly, halves to even."""
    numerators, whole_part = _in_steps(column, offset, unit, step)
    lower = numerators // whole_part
    twice = 2 * (numerators - lower * whole_part)
    up = (twice > whole_part) | ((twice == whole_part) & (lower % 2 == 1))
    return np.asarray(lower + up.astype(lower.dtype))


def read_steps(step: StepLike, ndim: int) -> Vector:
    """A step > 0 for every axis, from one for all or one per axis."""
    steps = per_axis(step, ndim, "step")
    if min(steps) <= 0:
        raise DistconvValueError(f"step must be > 0, got {step!r}")
    return steps


def per_axis(value: StepLike, ndim: int, name: str) -> Vector:
    """A scalar for every axis, or one per axis."""
    if isinstance(value, tuple | list | np.ndarray) and np.ndim(value):
        return read_vector(tuple(value), ndim, name)
    return (read_scalar(value, name),) * ndim


def round_vectors(vectors: Iterable[Vector], steps: Vector) -> list[Vector]:
    """The vectors with each coordinate at the nearest multiple of its step; halves go to the even multiple."""
    return [
        tuple(whole(round(Fraction(x) / Fraction(s)) * s) for x, s in zip(vector, steps, strict=True))
        for vector in vectors
    ]


def columns_of(points: AnyArray, step: StepLike | None = None) -> Columns | None:
    """The points of a numeric array (n,) or (n, d), where numpy can hold them exactly; else None.

    Args:
        points: integers, or floats that are a grid on each axis.
        step: round to multiples of this, any finite floats then.
    """
    table = points if points.ndim == 2 else points[:, None]
    kind = points.dtype.kind
    if kind in "iu":
        if int(points.min()) <= -INT64_REACH or int(points.max()) >= INT64_REACH:
            return None
        ndim = table.shape[1]
        found = Columns([column.astype(np.int64) for column in table.T], (0,) * ndim, (1,) * ndim)
        return found if step is None else found.rounded(read_steps(step, ndim))
    if kind != "f" or not np.isfinite(points).all():
        return None
    grids = _grids(table)
    if all(isinstance(grid, Grid) for grid in grids):
        found = _of_grids(grids)
        return found if step is None else found.rounded(read_steps(step, len(grids)))
    return None if step is None or points.dtype != np.float64 else _multiples(table, read_steps(step, table.shape[1]))


def _of_grids(grids: Sequence[Any]) -> Columns:
    """The points of one grid per axis."""
    return Columns([g.indices for g in grids], tuple(g.origin for g in grids), tuple(g.step for g in grids))


def _multiples(table: AnyArray, steps: Vector) -> Columns | None:
    """The nearest multiples of steps to doubles, read as decimals; None where they are too many."""
    columns = []
    for column, step in zip(table.T, steps, strict=True):
        quotients = column / float(step)
        largest = float(np.abs(quotients).max())
        if not largest < MOST_MULTIPLE:
            return None
        integers = np.rint(quotients).astype(np.int64)
        doubtful = np.abs(quotients - np.floor(quotients) - 0.5) <= TIE_ULPS * np.spacing(largest + 1)
        for i in np.flatnonzero(doubtful).tolist():
            integers[i] = round(Fraction(str(float(column[i]))) / Fraction(step))
        columns.append(integers)
    return Columns(columns, (0,) * len(steps), steps)


def _grids(table: AnyArray) -> list[Grid | AnyArray]:
    """Per axis of float vectors the grid that it is, or the coordinates with what differs by rounding made one."""
    grids = [grid for column in table.T if (grid := grid_of(column)) is not None]
    if len(grids) == table.shape[1]:
        return list(grids)
    if table.shape[1] == 1:
        return [unified(table[:, 0])]
    table = without_dust(table)
    result: list[Grid | AnyArray] = []
    for axis, column in enumerate(table.T):
        grid = grid_of(column)
        result.append(unified(column, vector_ulp(table, axis)) if grid is None else grid)
    return result


def many(x: object) -> AnyArray | None:
    """What was `asked`, as an array: of whole numbers, or of what else was given; None of a single question."""
    if isinstance(x, np.ndarray):
        return x
    if not isinstance(x, list):
        return None
    points = np.asarray(x) if all(type(v) is int for v in x) else None
    # Beyond 64 bits, whole numbers of both signs would become doubles.
    return np.array(x, dtype=object) if points is None or points.dtype == np.float64 else points


def asked(x: Question, ndim: int = 1) -> Question | Any:
    """What is asked about: one number or point as it is, many as a list or an array.

    Floats are read together like outcomes: an array that is a grid to within rounding is that grid. One that lies
    strictly on one side of it (``numpy.nextafter(points, -numpy.inf)``) is meant to.

    Raises:
        DistconvTypeError: an array with masked entries.
    """
    if isinstance(x, int | float | Fraction | tuple) or not is_collection(x):
        return x
    data = collected(x, "x")
    array = np.array(data, dtype=object) if isinstance(data, list) else data
    if array.dtype.kind == "O" and array.size and all(isinstance(v, float) for v in array.ravel().tolist()):
        array = array.astype(np.float64)
    if array.dtype not in (np.float64, np.float32) or not array.size or not np.isfinite(array).all():
        return data
    if ndim > 1 and array.shape[-1] != ndim:
        return data
    table = array.reshape(-1, ndim)
    axes = _grids(table)
    if all(isinstance(axis, Grid) and _is_beside(table[:, i], axis) for i, axis in enumerate(axes)):
        return data
    columns = [axis.numbers() if isinstance(axis, Grid) else axis.astype(object) for axis in axes]
    return np.stack(columns, axis=-1).reshape(array.shape)


def _is_beside(values: AnyArray, grid: Grid) -> bool:
    """Whether all the floats lie above their points, or all below."""
    points = np.array([float(p) for p in grid.points()], dtype=values.dtype)
    return bool((points < values).all() or (points > values).all())


def read_vectors(
    rows: Sequence[Any], name: Naming | None = None, step: StepLike | None = None, way: str = ""
) -> list[Vector]:
    """Outcomes, numbers or vectors, as tuples of exact numbers.

    Args:
        rows: the outcomes, numbers or tuples.
        name: what to call each of them in messages.
        step: round to multiples of this.
        way: what to do about noisy floats, where no step can be given.

    Raises:
        DimensionError: outcomes of different dimensions.
        DistconvValueError: floats that differ by their rounding alone and are no grid.
    """
    vectors: list[Vector] = []
    for i, row in enumerate(rows):
        outcome = read_outcome(row, name(i)) if name else read_outcome(row)
        vectors.append(as_vector(outcome))
        if len(vectors[i]) != len(vectors[0]):
            what = "images have different dimensions: " if way else "outcomes have different dimensions: "
            raise DimensionError(
                f"{what}{_shown(rows[0])} is {dimension_name(len(vectors[0]))}, "
                f"{_shown(row)} is {dimension_name(len(vectors[i]))}"
            )
    if any(_is_computed(x) for row in rows for x in as_vector(row)):
        vectors = _understood(rows, vectors, None if step is not None else way or "step")
    return vectors if step is None else round_vectors(vectors, read_steps(step, len(vectors[0])))


def _shown(row: Any) -> str:
    """An outcome in a message: numpy's numbers like Python's."""
    return str(row) if isinstance(row, np.generic) else repr(row)


def _is_float(value: Any) -> bool:
    """Whether a coordinate is a double or a single."""
    return isinstance(value, float | np.float32)


def _is_computed(value: Any) -> bool:
    """Whether a coordinate is a float with as many digits as computed ones have."""
    return _is_float(value) and len(str(value)) > LONG_DIGITS[4 if isinstance(value, np.float32) else 8]


def _understood(raw: Sequence[Any], vectors: list[Vector], way: str | None) -> list[Vector]:
    """The vectors, with the coordinates that were floats read together; `way` is what to do where that fails."""
    rows = [as_vector(row) for row in raw]
    singles = not any(isinstance(x, float) for row in rows for x in row)
    try:
        table = np.array(
            [
                [float(str(x)) if _is_float(x) else float(x) for x in _merge(r, v)]
                for r, v in zip(rows, vectors, strict=True)
            ],
            dtype=np.float32 if singles else np.float64,
        )
    except OverflowError:
        return vectors
    axes: list[list[Scalar]] = []
    is_grid = True
    for axis, found in enumerate(_grids(table)):
        exact = [vector[axis] for vector in vectors]
        floats = [_is_float(row[axis]) for row in rows]
        if isinstance(found, Grid):
            points = found.points()
            if all(f or p == e for f, p, e in zip(floats, points, exact, strict=True)):
                axes.append(points)
                continue
            found = unified(table[:, axis])
        is_grid = False
        axes.append([read_scalar(x) if f else e for x, f, e in zip(found, floats, exact, strict=True)])
    result = list(zip(*axes, strict=True))
    if way is not None and not is_grid:
        _check_near(table, raw, result, way)
    return result


def _merge(row: tuple[Any, ...], vector: Vector) -> list[Any]:
    """A row's floats as they are, its other coordinates as they were read."""
    return [x if _is_float(x) else v for x, v in zip(row, vector, strict=True)]


def _check_near(table: AnyArray, raw: Sequence[Any], vectors: list[Vector], way: str) -> None:
    """Refuses outcomes that differ by the rounding of their floats alone: they are meant to be one."""
    if table.shape[1] == 1:
        pair = near_pair(table[:, 0])
        if pair is not None:
            raise DistconvValueError(
                f"outcomes {pair[0]!r} and {pair[1]!r} differ by {pair[0] - pair[1]:.2g}, a rounding of floats; "
                + _way_out(way, max(map(abs, pair)))
            )
        return
    first: dict[Vector, int] = {}
    for i, vector in enumerate(vectors):
        j = first.setdefault(vector, i)
        if raw[j] != raw[i]:
            shown = [as_outcome(tuple(table[k].tolist())) for k in (j, i)]
            raise DistconvValueError(
                f"outcomes {shown[0]} and {shown[1]} differ by a rounding of floats; "
                + _way_out(way, float(np.abs(table[i]).max()))
            )


def _way_out(way: str, size: float) -> str:
    """What to do about outcomes of that size that differ by rounding."""
    places = STEP_PLACES - math.floor(math.log10(size))
    if way == "step":
        return f"round all outcomes to a step that you choose, here step={10.0**-places:.0e}"
    return way.format(places=places)
