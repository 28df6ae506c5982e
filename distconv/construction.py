"""Making measures: outcomes and weights as callers write them, checked, merged and set on a support."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np

from distconv import bounds
from distconv.arrangement import arranged, arranged_vectors, tightened
from distconv.errors import DimensionError, DistconvTypeError, DistconvValueError
from distconv.measure import Measure
from distconv.support import Lattice
from distconv.support.outcomes import (
    as_outcome,
    dimension_name,
    read_outcome,
    read_scalar,
    read_vector,
    whole,
)
from distconv.typing import AnyArray, Vector
from distconv.weights import Floating
from distconv.weights.conversion import ratio_to_double
from distconv.weights.floating import divided, normal_form, total_of
from distconv.weights.rational import from_fractions, reduced

#: How far floating weights may total from 1: they are decimals rounded by hand or sums of many doubles.
TOTAL_TOLERANCE = 1e-9
#: Float outcomes no further apart than this many units in the last place are taken for rounded copies of one number.
NEAR_ULPS = 8


def from_mapping(mapping: Mapping[Any, Any], *, normalize: bool = False) -> Measure:
    """The measure of a mapping from outcomes to weights; equal outcomes merge by adding, weight 0 drops out.

    Raises:
        DistconvTypeError: not a mapping; outcomes or weights that are no numbers.
        DistconvValueError: a negative or infinite weight, no outcome, or a total that is not 1.
        DimensionError: outcomes of different dimensions.
    """
    if not isinstance(mapping, Mapping):
        raise DistconvTypeError(
            f"Distribution needs a mapping from outcomes to probabilities, got a {type(mapping).__name__}; "
            "for observed values use Distribution.from_samples(data), for probabilities of 0, 1, 2, ... "
            "Distribution.from_array(weights), for equally likely numbers Uniform(low, high)"
        )
    if not mapping:
        raise DistconvValueError("a distribution needs at least one outcome, got an empty mapping")
    _check_near([key for key in mapping if isinstance(key, float)])
    vectors: list[Vector] = []
    first: Any = None
    for key in mapping:
        outcome = read_outcome(key)
        vector = outcome if isinstance(outcome, tuple) else (outcome,)
        if not vectors:
            first = key
        elif len(vector) != len(vectors[0]):
            raise DimensionError(
                f"outcomes have different dimensions: {first!r} is {dimension_name(len(vectors[0]))}, "
                f"{key!r} is {dimension_name(len(vector))}"
            )
        vectors.append(vector)
    return from_vectors(vectors, list(mapping.values()), normalize=normalize)


def _check_near(floats: list[float]) -> None:
    """Refuses floats that differ by their rounding alone, like 0.3 and 0.1 + 0.2: they are meant to be one outcome."""
    ordered = sorted(set(floats))
    for a, b in pairwise(ordered):
        if b - a <= NEAR_ULPS * math.ulp(max(abs(a), abs(b))):
            raise DistconvValueError(
                f"outcomes {b!r} and {a!r} differ by {b - a:.2g}, a rounding of floats; round them to one step first: "
                "{round(x, 12): p for x, p in weights.items()}, or write them as '0.3' or Fraction(3, 10)"
            )


def from_vectors(vectors: list[Vector], weights: list[Any], *, normalize: bool = False) -> Measure:
    """The measure with these points and weights, in any order, points repeated or not."""
    values: list[Any] = [read_weight(w, v) for v, w in zip(vectors, weights, strict=True)]
    if any(hasattr(v, "free_symbols") for v in values):
        return _from_vectors_symbolic(vectors, values, normalize)
    check_weights(values, vectors)
    if any(type(v) is float for v in values):
        return _from_vectors_floating(vectors, values, normalize)
    total = Fraction(sum(values, start=Fraction(0)))
    if normalize and total > 0:
        values = [v / total for v in values]
    else:
        check_total(total, len(values))
    merged: dict[Vector, Fraction] = {}
    for vector, value in zip(vectors, values, strict=True):
        if value:
            merged[vector] = merged[vector] + value if vector in merged else value
    return exact_measure(merged)


def exact_measure(weights: Mapping[Vector, Fraction], missing: float = 0.0) -> Measure:
    """The measure with these exact positive weights."""
    return arranged_vectors(list(weights), from_fractions(list(weights.values())), missing)


def _from_vectors_symbolic(vectors: list[Vector], values: list[Any], normalize: bool) -> Measure:
    """The measure with these points and weights, some of them sympy expressions."""
    import sympy

    from distconv.weights.symbolic import from_expressions, lowest

    conditions = set()
    for vector, value in zip(vectors, values, strict=True):
        outcome = as_outcome(vector)
        if isinstance(value, float):
            raise DistconvTypeError(
                f"probability of outcome {outcome} is the float {value} beside symbolic ones: weights with letters are "
                f"exact; write it as a fraction or string, '{value}'"
            )
        if not hasattr(value, "free_symbols"):
            if value < 0:
                raise _bad_weight(value, vector)
            continue
        if value.is_real is False or value.is_finite is False:
            raise DistconvTypeError(f"probability of outcome {outcome} is {value}; it must be a real number >= 0")
        condition = sympy.Ge(value, 0) if not value.is_nonnegative else sympy.true
        if value.is_negative or condition == sympy.false:
            raise DistconvValueError(f"probability of outcome {outcome} is {value}, which is negative; must be >= 0")
        if condition != sympy.true:
            conditions.add(condition)
    weights = from_expressions(values, frozenset(conditions))
    total = sum(weights.numerators, start=weights.denominator * 0)
    if normalize and total != 0:
        weights = lowest(weights.numerators, total, weights.generators, weights.assumptions)
    elif total != weights.denominator:
        shown = weights.value(total)
        if sympy.simplify(shown - 1) != 0:
            raise DistconvValueError(
                f"probabilities sum to {shown}, not 1 for every value of the letters ({len(values)} outcomes). "
                "Write one of them as 1 minus the others, or divide by the total with normalize=True."
            )
    return arranged_vectors(vectors, weights.lowest(), 0.0)


def _from_vectors_floating(vectors: list[Vector], values: list[Any], normalize: bool) -> Measure:
    """The measure with these points and weights, some of them doubles."""
    pairs = [math.frexp(v) if type(v) is float else ratio_to_double(v.numerator, v.denominator) for v in values]
    significands = np.array([s for s, _ in pairs])
    exponents = np.array([e for _, e in pairs], dtype=np.int64)
    rounded = any(type(v) is not float for v in values)
    weights = normal_form(significands, exponents, bounds.UNIT if rounded else 0.0)
    return arranged_vectors(vectors, _normalized(weights, len(values), normalize))


def _normalized(weights: Floating, count: int, normalize: bool) -> Floating:
    """Floating weights with their total checked, or divided by it."""
    total, exponent = total_of(weights)
    if normalize and total > 0:
        return divided(weights, total, exponent)
    check_total(math.ldexp(total, exponent) if exponent < 1000 else math.inf, count)
    return weights


def from_arrays(outcomes: Any, weights: Any, *, normalize: bool = False) -> Measure:
    """The measure of outcomes (n,) or (n, d) and weights (n,)."""
    points, masses = _plain_array(outcomes), np.asarray(weights)
    count = len(outcomes) if points is None else len(points)
    if masses.ndim != 1 or count != len(masses) or (points is not None and points.ndim not in (1, 2)):
        shape = (count,) if points is None else points.shape
        raise DimensionError(
            f"outcomes must have shape (n,) or (n, d) and weights (n,), got {shape} and {masses.shape}"
        )
    if count == 0:
        raise DistconvValueError("a distribution needs at least one outcome, got empty arrays")
    if points is not None and points.ndim == 1 and points.dtype.kind == "f":
        _check_near(points[np.isfinite(points)].tolist())
    indexed = None if points is None else _integer_columns(points)
    if masses.dtype.kind != "f" or indexed is None:
        vectors = [_row(row) for row in (outcomes if points is None else points)]
        _check_dimensions(vectors)
        return from_vectors(vectors, list(weights), normalize=normalize)
    columns, scales = indexed
    assert points is not None
    _check_float_array(masses, lambda i: _row(points[i]))
    floats = _normalized(normal_form(masses.astype(np.float64), None, 0.0), len(masses), normalize)
    units = tuple(whole(Fraction(1, scale)) for scale in scales)
    return arranged(columns, (0,) * len(columns), units, floats)


def _plain_array(data: Any) -> AnyArray | None:
    """Numbers as an array where numpy keeps each of them as it is; None where they must be read one by one.

    numpy makes doubles of a list that mixes integers, single-precision numbers and doubles, and loses digits.
    """
    if isinstance(data, np.ndarray):
        return data if data.dtype.kind in "iuO" or data.dtype == np.float64 else None
    kinds = {type(x) for x in data}
    if kinds == {int}:
        return np.array(data, dtype=np.int64 if max(map(abs, data)) < 2**61 else object)
    return np.array(data, dtype=np.float64) if kinds == {float} or not kinds else None


def _check_dimensions(vectors: Iterable[Vector]) -> None:
    """All vectors have one dimension."""
    dimensions = sorted({len(v) for v in vectors})
    if len(dimensions) > 1:
        raise DimensionError(
            f"outcomes have different dimensions: {', '.join(map(dimension_name, dimensions))}; "
            "each must be a number, or each a vector of d numbers"
        )


def _integer_columns(points: AnyArray) -> tuple[list[AnyArray], list[int]] | None:
    """The outcomes' coordinates as int64 arrays over a power of ten per axis, where numpy can read them exactly."""
    columns = [points] if points.ndim == 1 else [points[:, i] for i in range(points.shape[1])]
    result, scales = [], []
    for column in columns:
        if column.dtype.kind in "iu" and int(column.min()) > -(2**61) and int(column.max()) < 2**61:
            result.append(column.astype(np.int64))
            scales.append(1)
            continue
        if column.dtype != np.float64 or not np.isfinite(column).all():
            return None
        for digits in range(7):
            scale = 10**digits
            integers = np.rint(column * scale)
            if np.abs(integers).max() < 1e15 and np.array_equal(integers / scale, column):
                result.append(integers.astype(np.int64))
                scales.append(scale)
                break
        else:
            return None
    return result, scales


def _row(row: Any) -> Vector:
    """One row of an outcomes array as a vector."""
    outcome = read_outcome(tuple(row) if isinstance(row, np.ndarray | list) else row)
    return outcome if isinstance(outcome, tuple) else (outcome,)


def from_array(weights: Any, *, origin: Any = 0, step: Any = 1, normalize: bool = False) -> Measure:
    """The measure of a dense array of weights, of any dimension, on the lattice origin + step * index."""
    array = np.asarray(weights)
    if array.ndim == 0 or array.size == 0:
        raise DimensionError(f"weights must be an array of one or more dimensions, got shape {array.shape}")
    start, steps = per_axis(origin, array.ndim, "origin"), per_axis(step, array.ndim, "step")
    if min(steps) <= 0:
        raise DistconvValueError(f"step must be > 0 on every axis, got {step!r}; reflect with -X instead")
    box = Lattice(start, steps, array.shape)
    if array.dtype.kind == "f" and array.dtype != np.float16:
        _check_float_array(array.ravel(), lambda i: box.vector(i))
        floats = normal_form(array.ravel().astype(np.float64), None, 0.0)
        return tightened(Measure(box, _normalized(floats, array.size, normalize)))
    vectors = list(box.vectors())
    return from_vectors(vectors, list(array.ravel()), normalize=normalize)


def per_axis(value: Any, ndim: int, name: str) -> Vector:
    """A scalar for every axis, or one per axis."""
    if isinstance(value, tuple | list | np.ndarray):
        return read_vector(tuple(value), ndim, name)
    return (read_scalar(value, name),) * ndim


def from_counts(counts: Mapping[Any, Any]) -> Measure:
    """The exact measure in proportion to counts or other exact weights >= 0."""
    if not isinstance(counts, Mapping):
        raise DistconvTypeError(
            f"from_counts needs a mapping from outcomes to counts, got a {type(counts).__name__}; "
            "for observed values use Distribution.from_samples(data)"
        )
    if counts and not any(counts.values()):
        raise DistconvValueError(
            f"the counts of all {len(counts)} outcomes are 0; there is no law in proportion to them"
        )
    return from_mapping(counts, normalize=True)


def from_samples(data: Any, *, step: Any = None) -> Measure:
    """The exact empirical measure of observed outcomes (n,) or (n, d), rounded to multiples of `step` where given."""
    if isinstance(data, Mapping):
        raise DistconvTypeError(
            "from_samples needs observed outcomes, got a mapping; for counts use from_counts(mapping)"
        )
    try:
        samples = data if isinstance(data, list | tuple | np.ndarray) else list(data)
    except TypeError:
        raise DistconvTypeError(f"from_samples needs a sequence of observed outcomes, got {data!r}") from None
    if len(samples) == 0:
        raise DistconvValueError("from_samples needs at least one observation, got none")
    array = _plain_array(samples)
    if isinstance(samples, np.ndarray) and samples.ndim not in (1, 2):
        raise DimensionError(f"samples must have shape (n,) or (n, d), got {samples.shape}")
    if array is not None and array.dtype.kind in "iuf":
        unique, counts = np.unique(array, axis=0, return_counts=True)
        rows: Iterable[tuple[Any, int]] = zip(unique.tolist(), counts.tolist(), strict=True)
    else:
        rows = ((sample, 1) for sample in samples)
    total: dict[Vector, int] = {}
    for row, count in rows:
        vector = _row(row)
        if step is not None:
            steps = per_axis(step, len(vector), "step")
            if min(steps) <= 0:
                raise DistconvValueError(f"step must be > 0, got {step!r}")
            vector = tuple(whole(round(Fraction(x) / s) * Fraction(s)) for x, s in zip(vector, steps, strict=True))
        total[vector] = total.get(vector, 0) + count
    _check_dimensions(total)
    return arranged_vectors(list(total), reduced(list(total.values()), len(samples)), 0.0)


def read_weight(value: Any, outcome: Vector) -> Fraction | int | float:
    """A weight as an exact fraction, or as a float where it is one."""
    kind = type(value)
    if kind is int or kind is Fraction or kind is float:
        return value  # type: ignore[no-any-return]
    shown = as_outcome(outcome)
    if isinstance(value, np.floating) or getattr(value, "is_Float", False):
        return float(value)
    if isinstance(value, complex | np.complexfloating):
        raise DistconvTypeError(f"probability of outcome {shown} is complex: {value}; it must be a real number >= 0")
    if isinstance(value, Decimal) and not value.is_finite():
        return float(value)
    if getattr(value, "free_symbols", None):
        return value  # type: ignore[no-any-return]
    if getattr(value, "is_Rational", None) is False and getattr(value, "is_real", False):
        raise DistconvTypeError(f"probability of outcome {shown} is {value}, an irrational number; use float({value})")
    try:
        return Fraction(read_scalar(value, "probability"))
    except DistconvTypeError:
        raise DistconvTypeError(
            f"probability of outcome {shown} is {value!r}, a {kind.__name__}; "
            "it must be a number (int, Fraction, Decimal, float or '1/10')"
        ) from None
    except DistconvValueError as error:
        raise DistconvValueError(f"probability of outcome {shown}: {error}") from None


def check_weights(values: list[Any], vectors: list[Vector]) -> None:
    """All weights are finite and >= 0."""
    for value, vector in zip(values, vectors, strict=True):
        if not value >= 0 or value == math.inf:
            raise _bad_weight(value, vector)


def _check_float_array(values: AnyArray, vector: Any) -> None:
    """All of many floating weights are finite and >= 0."""
    fine = (values >= 0) & (values < math.inf)
    if not fine.all():
        index = int(np.argmin(fine))
        raise _bad_weight(float(values[index]), vector(index))


def _bad_weight(value: Any, vector: Vector) -> DistconvValueError:
    """The refusal of a weight that is negative or not finite."""
    outcome = as_outcome(vector)
    if not math.isfinite(value):
        return DistconvValueError(f"probability of outcome {outcome} is {value}; must be a finite number >= 0")
    if -1e-9 < value < 0:
        return DistconvValueError(
            f"probability of outcome {outcome} is {float(value):.3g}: negative at rounding level (an FFT's dust?); "
            "must be >= 0. Clip it yourself, and see what that removes: "
            "Distribution.from_array(numpy.clip(weights, 0, None), normalize=True)"
        )
    return DistconvValueError(f"probability of outcome {outcome} is {value}; must be >= 0")


def check_total(total: Fraction | float, count: int) -> None:
    """The weights total 1."""
    if total == 1 or (isinstance(total, float) and abs(total - 1) <= TOTAL_TOLERANCE):
        return
    shown = f"{float(total):.12g}" + (f" = {total}" if isinstance(total, Fraction) and total.denominator > 1 else "")
    raise DistconvValueError(
        f"probabilities sum to {shown}, not 1 ({count} outcomes). "
        "If these are weights or counts use Distribution.from_counts(...) or normalize=True."
    )
