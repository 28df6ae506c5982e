"""Answers to many questions at once: arrays of outcomes and of numbers, in the shape of what was asked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from distconv.measure import Measure
from distconv.measure.lookup import outcomes_of, weights_of
from distconv.measure.reading import collected, is_collection
from distconv.typing import Answer, AnyArray, Level, Question, Scalar


def is_many(x: object) -> bool:
    """Whether many things are asked about, where each of them is a number."""
    return isinstance(x, tuple) or is_collection(x)


def each(function: Callable[[Any], Any], x: Question | Level, name: str) -> Answer:
    """function(x) of one number; of many an array of what it gives for each, in their shape."""
    if not is_many(x):
        return function(x)
    points = np.asarray(collected(x, name), dtype=object)
    return number_array([function(v) for v in points.ravel()], points.shape)


def outcome_array(values: list[Scalar], shape: tuple[int, ...]) -> AnyArray:
    """Outcomes as an array: int64 where all are integers that fit, else of objects."""
    if all(type(v) is int and abs(v) < 2**63 for v in values):
        return np.array(values, dtype=np.int64).reshape(shape)
    return object_array(values, shape)


def number_array(values: list[Any], shape: tuple[int, ...]) -> AnyArray:
    """Numbers as an array: float64 where any is a float, else of `Fraction` objects."""
    if any(isinstance(v, float) for v in values):
        return np.array(values, dtype=np.float64).reshape(shape)
    return object_array(values, shape)


def object_array(values: list[Any], shape: tuple[int, ...]) -> AnyArray:
    """An array of these very objects."""
    result = np.empty(len(values), dtype=object)
    result[:] = values
    return result.reshape(shape)


def listed(measure: Measure) -> tuple[AnyArray, AnyArray]:
    """(outcomes, weights) of a measure: arrays (n,) or (n, d), and (n,)."""
    outcomes: list[Any] = list(outcomes_of(measure))
    count, ndim = len(outcomes), measure.box.ndim
    shape = (count,) if ndim == 1 else (count, ndim)
    flat = outcomes if ndim == 1 else [x for row in outcomes for x in row]
    return outcome_array(flat, shape), number_array(list(weights_of(measure)), (count,))
