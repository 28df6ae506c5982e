"""Containers as callers have them, known by what they can do, not by their type.

A mapping has ``keys`` and ``items`` (a dict, a Counter, a pandas Series, whose index holds the outcomes); an array is
what numpy reads (``__array__`` or a buffer), a sequence, a range or an iterator. Nothing here imports pandas.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, MappingView, Sequence
from typing import Any

import numpy as np

from distconv.errors import DistconvTypeError, DistconvValueError
from distconv.typing import AnyArray

#: Weights of a short floating type that were divided by their sum total 1 to so many units of their rounding, and one
#: more for every doubling of their number (sums in pairs; Higham 2002, section 4.2).
PRECISION_UNITS = 8


def is_table(value: Any) -> bool:
    """Whether it has rows and named columns, like a DataFrame."""
    return hasattr(value, "columns") and len(np.shape(value)) == 2


def is_labelled(value: Any) -> bool:
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


def is_collection(value: Any) -> bool:
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
    return max((float(np.finfo(kind).eps) for kind in kinds & {np.float16, np.float32}), default=0.0)


def allowed_off(precision: float, count: int) -> float:
    """How far so many weights of that unit of rounding may total from 1, where they were divided by their sum."""
    return precision * (PRECISION_UNITS + math.log2(max(count, 1)))
