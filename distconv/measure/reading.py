"""Containers and numbers as callers have them; containers are known by what they can do, not by their type.

A mapping has ``keys`` and ``items`` (a dict, a Counter, a pandas Series, whose index holds the outcomes); an array is
what numpy reads (``__array__`` or a buffer), a sequence, a range or an iterator. Nothing here imports pandas.
"""

from __future__ import annotations

import math
import numbers
from collections.abc import Callable, Iterable, Iterator, MappingView, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any, NoReturn

import numpy as np

from distconv.checks import check_copies, check_integer
from distconv.errors import DimensionError, DistconvTypeError, DistconvValueError
from distconv.numbers.letters import infinity_of
from distconv.support.outcomes import (
    NotRationalError,
    as_vector,
    dimension_name,
    read_outcome,
    read_scalar,
    read_vector,
)
from distconv.typing import AnyArray, ArrayLike, Outcome, Scalar, Vector
from distconv.value import Value

#: Weights of a short floating type that were divided by their sum total 1 to so many units of their rounding, and one
#: more for every doubling of their number (sums in pairs; Higham 2002, section 4.2).
PRECISION_UNITS = 8


def is_table(value: Any) -> bool:
    """Whether it has rows and named columns, like a DataFrame."""
    return hasattr(value, "columns") and len(np.shape(value)) == 2


def is_labelled(value: object) -> bool:
    """Whether it is an array whose entries carry labels, like a pandas Series."""
    return hasattr(value, "__array__") and hasattr(value, "keys") and hasattr(value, "items") and not is_table(value)


def pairs_of(value: Any) -> tuple[list[Any], list[Any]] | None:
    """The keys and the values of a mapping, or of pairs (key, value); None for anything else."""
    if hasattr(value, "coords") and hasattr(value, "to_series"):
        # xarray: the coordinates are the labels.
        value = value.to_series()
    if is_labelled(value):
        # Not its items: pandas makes Python's floats of them, which do not tell of single precision.
        return list(value.keys()), list(np.asarray(value))
    if hasattr(value, "keys") and hasattr(value, "items") and not is_table(value):
        pairs = list(value.items())
    elif isinstance(value, list | tuple | Iterator):
        pairs = list(value)
        if not pairs or not all(isinstance(pair, tuple | list) and len(pair) == 2 for pair in pairs):
            return None
    else:
        return None
    return [key for key, _ in pairs], [weight for _, weight in pairs]


def is_collection(value: object) -> bool:
    """Whether it holds many values: an array, a sequence, a range or an iterator; a string is one value."""
    if isinstance(value, str | bytes | np.generic):
        return False
    if hasattr(value, "__array__"):
        return np.ndim(value) > 0
    return isinstance(value, Sequence | Iterator | MappingView | memoryview) or hasattr(value, "__array_interface__")


def collected(value: Any, name: str) -> Any:
    """Many values as a list, a tuple or an array, in their order.

    Raises:
        DistconvTypeError: not a collection; or entries of an array are masked.
    """
    if isinstance(value, np.ma.MaskedArray) and np.ma.is_masked(value):
        raise DistconvTypeError(
            f"{name} has masked entries: {name}.compressed() leaves them out, {name}.filled(0) puts a value there"
        )
    if type(value) in (list, tuple, np.ndarray):
        return value
    if isinstance(value, str | bytes) or not (is_collection(value) or isinstance(value, Iterable)):
        raise DistconvTypeError(f"{name} must be an array or a sequence, got {value!r}")
    if hasattr(value, "__array__") or isinstance(value, memoryview) or is_table(value):
        return np.asarray(value)
    return list(value)


def kept_for_later(value: ArrayLike) -> ArrayLike:
    """Many values that can be read twice: an iterator as a list, others as they are."""
    return list(value) if isinstance(value, Iterator) else value


def unlabelled(value: Any, name: str) -> Any:
    """The values of an array in their order, refused where it carries other labels than 0, 1, 2, ..."""
    if is_labelled(value) and list(value.keys()) != list(range(len(value))):
        first = next(iter(value.keys()))
        raise DistconvTypeError(
            f"{name} carry labels ({first!r}, ...), which would be lost: Distribution(weights) takes them as outcomes; "
            "numpy.asarray(weights) drops them"
        )
    return collected(value, name)


def check_aligned(outcomes: Any, weights: Any) -> None:
    """Two labelled arrays have the same labels in the same order."""
    if is_labelled(outcomes) and is_labelled(weights) and list(outcomes.keys()) != list(weights.keys()):
        raise DistconvValueError(
            "outcomes and weights carry different labels, and are paired by place: align them first, "
            "weights = weights.reindex(outcomes.index), or drop them with numpy.asarray"
        )


def plain_array(data: Any) -> AnyArray | None:
    """Numbers as an array where numpy keeps each of them as it is; None where they must be read one by one.

    numpy makes doubles of a list that mixes integers, single-precision numbers and doubles, and loses digits.
    """
    if isinstance(data, np.ndarray):
        return data if data.dtype.kind in "iuO" or data.dtype in (np.float64, np.float32) else None
    kinds = {type(x) for x in data}
    if kinds == {int}:
        return np.array(data, dtype=np.int64 if max(map(abs, data)) < 2**61 else object)
    if kinds == {float} or not kinds:
        return np.array(data, dtype=np.float64)
    return np.array(data, dtype=np.float32) if kinds == {np.float32} else None


def precision_of(weights: Any) -> float:
    """The unit of rounding of the shortest type among weights that are of single or half precision, else 0."""
    if isinstance(weights, np.ndarray) and weights.dtype.kind == "f":
        kinds: set[Any] = {weights.dtype.type}
    else:
        kinds = {type(w) for w in weights}
    return max((float(np.finfo(short).eps) for short in kinds & {np.float16, np.float32}), default=0.0)


def allowed_off(precision: float, count: int) -> float:
    """How far so many weights of that unit of rounding may total from 1, where they were divided by their sum."""
    return precision * (PRECISION_UNITS + math.log2(max(count, 1)))


def read_level(value: object, name: str) -> Fraction:
    """A probability in [0, 1] as a fraction; a float is read as its shortest decimal."""
    if isinstance(value, float | np.floating) and math.isnan(value):
        raise DistconvValueError(f"{name} is NaN; it must be a probability in [0, 1]")
    level = Fraction(read_scalar(value, name))
    if not 0 <= level <= 1:
        raise DistconvValueError(f"{name} must be a probability in [0, 1], got {value!r}")
    return level


def read_query(value: object) -> Scalar | float:
    """A number asked about: a rational, or an infinity as float.

    Raises:
        DistconvTypeError: a string, or anything else that is no number.
        DistconvValueError: NaN.
    """
    if type(value) is int:
        return value
    if isinstance(value, str | bytes):
        raise DistconvTypeError(
            f"x must be a number, got the string {value!r}; write Fraction({value!r}) if you mean it"
        )
    end = infinity_of(value)
    if end is not None:
        return end
    if isinstance(value, float | np.floating) and not math.isfinite(value):
        if math.isnan(value):
            raise DistconvValueError("x is NaN; ask about a number")
        return float(value)
    return read_scalar(value, "x")


def read_constant(value: object) -> Outcome | None:
    """A number or tuple that an operator may take beside a law; None for anything else."""
    if type(value) is int:
        return value
    if isinstance(value, np.ndarray) and value.ndim <= 1:
        value = tuple(value) if value.ndim else value[()]
    if isinstance(value, numbers.Number | Decimal | np.generic | tuple) or getattr(value, "is_Rational", False):
        try:
            return read_outcome(value, "constant")
        except NotRationalError:
            return None
    return None


def read_shift(by: Outcome, ndim: int, verb: str) -> Vector:
    """What is added to outcomes when an operator adds or subtracts a constant; 0 suits every dimension.

    Raises:
        DimensionError: outcomes of another dimension.
    """
    vector = as_vector(by)
    if len(vector) != ndim and vector != (0,):
        raise DimensionError(
            f"cannot {verb} {dimension_name(len(vector))} {by} to a {ndim}-D law; "
            f"a shift of it must be {dimension_name(ndim)}"
        )
    return vector if verb == "add" else tuple(-v for v in vector)


def check_addable(first: int, second: int) -> None:
    """Refuses the sum of laws of these dimensions where they differ.

    Raises:
        DimensionError: they do.
    """
    if first != second:
        raise DimensionError(
            f"cannot add a {second}-D law to a {first}-D law: dimension {first} + dimension {second}; "
            "for the joint law use product(X, Y)"
        )


def is_matrix(value: object) -> bool:
    """Whether it is meant as a matrix, or as a vector: a list, a tuple, an array."""
    is_array = isinstance(value, np.ndarray) and value.ndim > 0
    return isinstance(value, list | tuple) or is_array or getattr(value, "is_Matrix", False)


def knows_copies(other: object) -> bool:
    """Whether a value of ours that is no law may stand on the right of ``X @``: it says itself what that is."""
    return isinstance(other, Value) and hasattr(type(other), "__rmatmul__")


def no_copies(other: object) -> NoReturn:
    """Refuses what stands on the right of ``X @``, where a law belongs."""
    if is_collection(other):
        raise DistconvTypeError("a matrix stands on the left: write matrix @ X")
    raise DistconvTypeError(f"the number of copies stands on the left: write {check_copies(other)!r} @ X")


def read_matrix(matrix: Any, ndim: int, read: Callable[[Any, str], Any] = read_scalar) -> list[list[Any]]:
    """A matrix that acts on outcomes, row by row; as many numbers as a vector has coordinates are one row.

    Of numbers, other numbers in place of rows are rows of one.

    Raises:
        DimensionError: rows of other lengths than the outcomes.
    """
    matrix = matrix.tolist() if getattr(matrix, "is_Matrix", False) else matrix
    is_row = ndim > 1 and len(matrix) == ndim and not any(isinstance(v, list | tuple | np.ndarray) for v in matrix)
    rows = [matrix] if is_row else [v if isinstance(v, list | tuple | np.ndarray) else [v] for v in matrix]
    if not rows or any(len(row) != ndim for row in rows):
        raise DimensionError(
            f"matrix must have shape (m, {ndim}) to act on {ndim}-D outcomes, "
            f"got rows of lengths {sorted({len(row) for row in rows})}"
        )
    return [[read(v, "matrix entry") for v in row] for row in rows]


def read_axes(axes: tuple[Any, ...], ndim: int) -> list[int]:
    """Axes of outcomes, counted from 0; negative ones from the end.

    Raises:
        DimensionError: no axis, or one that is not there.
    """
    found = [check_integer("axis", axis) for axis in axes]
    if not axes or any(not -ndim <= axis < ndim for axis in found):
        raise DimensionError(f"axes must be between 0 and {ndim - 1} for this {ndim}-D law, got {axes}")
    return [axis % ndim for axis in found]


def read_corners(low: object, high: object, ndim: int) -> tuple[Vector | None, Vector | None]:
    """The lower and the upper end on each axis; None leaves an end open."""
    least = None if low is None else read_vector(low, ndim, "low")
    return least, None if high is None else read_vector(high, ndim, "high")
