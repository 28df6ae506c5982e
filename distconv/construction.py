"""Making measures: outcomes and weights as callers write them, checked, merged and set on a support."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from distconv import bounds
from distconv.coordinates import columns_of, per_axis, read_vectors
from distconv.errors import DimensionError, DistconvTypeError, DistconvValueError
from distconv.measure import Measure
from distconv.measure.arranging import arranged, arranged_vectors, tightened
from distconv.measure.lookup import positive_vectors
from distconv.measure.reading import (
    allowed_off,
    check_aligned,
    collected,
    pairs_of,
    plain_array,
    precision_of,
    unlabelled,
)
from distconv.numbers.doubles import ratio_to_double
from distconv.numbers.letters import has_letters, is_expression
from distconv.support import Lattice
from distconv.support.outcomes import as_outcome, read_scalar
from distconv.typing import AnyArray, ArrayLike, StepLike, Table, Vector, WeightLike
from distconv.weights import Floating
from distconv.weights.floating import divided, normal_form, total_of
from distconv.weights.rational import from_fractions, reduced
from distconv.weights.symbolic import from_expressions, lowest

if TYPE_CHECKING:
    import sympy

#: How far floating weights may total from 1: they are decimals rounded by hand or sums of many doubles.
TOTAL_TOLERANCE = 1e-9
#: What to do about weights that do not total 1.
ADVICE = (
    "If these are weights or counts use Distribution.from_counts(...) or normalize=True; if outcomes repeat, a dict "
    "kept only the last of each: Distribution.from_arrays(outcomes, weights) adds them."
)


def from_mapping(
    mapping: Table, *, normalize: bool = False, missing: WeightLike = 0, step: StepLike | None = None
) -> Measure:
    """The measure of a mapping from outcomes to weights, or of pairs; equal outcomes merge by adding, 0 drops out.

    Raises:
        DistconvTypeError: neither a mapping nor pairs; outcomes or weights that are no numbers.
        DistconvValueError: a negative or infinite weight, no outcome, or a total that is not 1.
        DimensionError: outcomes of different dimensions.
    """
    return from_pairs(*read_pairs(mapping), normalize=normalize, step=step, missing=missing)


def read_pairs(mapping: Table) -> tuple[list[Any], list[Any]]:
    """The outcomes and the weights of a mapping, or of pairs of both, as they were written.

    Raises:
        DistconvTypeError: it is neither.
    """
    pairs = pairs_of(mapping)
    if pairs is None:
        raise DistconvTypeError(
            f"Distribution needs a mapping from outcomes to probabilities, or pairs, got a {type(mapping).__name__}; "
            "for observed values use Distribution.from_samples(data), for probabilities of 0, 1, 2, ... "
            "Distribution.from_array(weights), for equally likely numbers Uniform(low, high)"
        )
    return pairs


def from_pairs(
    outcomes: list[Any],
    weights: list[Any],
    *,
    normalize: bool = False,
    missing: WeightLike = 0,
    step: StepLike | None = None,
) -> Measure:
    """The measure of outcomes as they were written and their weights."""
    if not outcomes:
        raise DistconvValueError("a distribution needs at least one outcome, got an empty mapping")
    return from_vectors(read_vectors(outcomes, step=step), weights, normalize=normalize, missing=missing)


def read_missing(value: WeightLike) -> Fraction:
    """The probability of what is not listed, in [0, 1), as a fraction; a float is read as its shortest decimal."""
    if isinstance(value, float | np.floating) and math.isnan(value):
        raise DistconvValueError("missing is NaN; it must be a probability in [0, 1)")
    lost = Fraction(read_scalar(value, "missing"))
    if not 0 <= lost < 1:
        raise DistconvValueError(f"missing must be a probability in [0, 1), got {value!r}")
    return lost


def from_vectors(
    vectors: Sequence[Vector],
    weights: Sequence[Any],
    *,
    normalize: bool = False,
    missing: WeightLike = 0,
    advice: str = ADVICE,
    assumptions: frozenset[sympy.Basic] | None = None,
) -> Measure:
    """The measure with these points and weights, in any order, points repeated or not.

    Weights total 1 less what is `missing`; `advice` is what to do about another total. `assumptions` are conditions on
    letters under which no weight is negative, where they are known; else each weight is one.
    """
    lost = read_missing(missing)
    values: list[Any] = [read_weight(w, v) for v, w in zip(vectors, weights, strict=True)]
    if any(is_expression(v) for v in values):
        if lost:
            raise DistconvTypeError(
                f"missing={missing!r} is for weights that are numbers, not expressions; put the missing mass at an "
                "outcome of its own, such as {..., -1: '1/10'}"
            )
        return _from_vectors_symbolic(vectors, values, normalize, assumptions)
    check_weights(values, vectors)
    if any(type(v) is float for v in values):
        return _from_vectors_floating(vectors, values, normalize, lost, precision_of(weights), advice)
    total = Fraction(sum(values, start=Fraction(0)))
    if normalize and total > 0:
        values = [v * (1 - lost) / total for v in values]
    else:
        check_total(total, len(values), lost, advice)
    merged: dict[Vector, Fraction] = {}
    for vector, value in zip(vectors, values, strict=True):
        if value:
            merged[vector] = merged[vector] + value if vector in merged else value
    return exact_measure(merged, bounds.upper_float(lost))


def exact_measure(weights: Mapping[Vector, Fraction], missing: float = 0.0) -> Measure:
    """The measure with these exact positive weights."""
    return arranged_vectors(list(weights), from_fractions(list(weights.values())), missing)


def _from_vectors_symbolic(
    vectors: Sequence[Vector], values: list[Any], normalize: bool, assumptions: frozenset[sympy.Basic] | None
) -> Measure:
    """The measure with these points and weights, some of them sympy expressions."""
    import sympy

    for vector, value in zip(vectors, values, strict=True):
        if isinstance(value, float):
            raise _float_beside(value, vector, values, vectors)
    conditions = [_condition(value, vector) for vector, value in zip(vectors, values, strict=True)]
    values = _without_zeros(values, vectors)
    known = frozenset(conditions) if assumptions is None else assumptions
    weights = from_expressions(values, known - {sympy.true})
    total = sum(weights.numerators, start=weights.denominator * 0)
    if normalize and total != 0:
        weights = lowest(weights.numerators, total, weights.field, weights.assumptions)
    elif not weights.field.is_zero(total - weights.denominator):
        shown = weights.value(total)
        if not weights.letters:
            check_total(shown, len(values))
        if sympy.simplify(shown - 1) != 0:
            raise DistconvValueError(
                f"probabilities sum to {shown}, not 1 for every value of the letters ({len(values)} outcomes). "
                "Write one of them as 1 minus the others, or divide by the total with normalize=True."
            )
    return arranged_vectors(vectors, weights.settled(), 0.0)


def _float_beside(value: float, vector: Vector, values: list[Any], vectors: Sequence[Vector]) -> DistconvTypeError:
    """The refusal of a float beside expressions."""
    if any(map(has_letters, values)):
        return DistconvTypeError(
            f"probability of outcome {as_outcome(vector)} is the float {value} beside symbolic ones: weights with "
            f"letters are exact; write it as a fraction or string, '{value}'"
        )
    other, place = next((v, place) for v, place in zip(values, vectors, strict=True) if is_expression(v))
    return DistconvTypeError(
        f"probability of outcome {as_outcome(place)} is {other}, an irrational number beside floats; use "
        f"float({other}), or write the floats as fractions or strings, '{value}'"
    )


def _condition(value: Any, vector: Vector) -> Any:
    """The condition on letters under which a weight is >= 0; true of numbers."""
    import sympy

    if not is_expression(value):
        if value < 0:
            raise _bad_weight(value, vector)
        return sympy.true
    if value.is_real is False or value.is_finite is False:
        raise DistconvTypeError(
            f"probability of outcome {as_outcome(vector)} is {value}; it must be a real number >= 0"
        )
    if not has_letters(value):
        return sympy.true
    condition = sympy.Ge(value, 0) if not value.is_nonnegative else sympy.true
    if value.is_negative or condition == sympy.false:
        raise DistconvValueError(
            f"probability of outcome {as_outcome(vector)} is {value}, which is negative; must be >= 0"
        )
    return condition


def _without_zeros(values: list[Any], vectors: Sequence[Vector]) -> list[Any]:
    """The weights, of which those without letters are >= 0, with 0 for those that are 0 in disguise."""
    ranks = [rank for rank, value in enumerate(values) if is_expression(value) and not has_letters(value)]
    if not ranks:
        return values
    numbers = from_expressions([values[rank] for rank in ranks])
    signs = dict(zip(ranks, map(numbers.sign, numbers.numerators), strict=True))
    for rank, sign in signs.items():
        if sign < 0:
            raise _bad_weight(values[rank], vectors[rank])
    return [0 if signs.get(rank) == 0 else value for rank, value in enumerate(values)]


def _from_vectors_floating(
    vectors: Sequence[Vector], values: list[Any], normalize: bool, lost: Fraction, precision: float, advice: str
) -> Measure:
    """The measure with these points and weights, some of them doubles."""
    pairs = [math.frexp(v) if type(v) is float else ratio_to_double(v.numerator, v.denominator) for v in values]
    significands = np.array([s for s, _ in pairs])
    exponents = np.array([e for _, e in pairs], dtype=np.int64)
    rounded = any(type(v) is not float for v in values)
    weights = normal_form(significands, exponents, bounds.UNIT if rounded else 0.0)
    weights = _normalized(weights, len(values), normalize, lost, precision, advice)
    return arranged_vectors(vectors, weights, bounds.upper_float(lost))


def _normalized(
    weights: Floating, count: int, normalize: bool, lost: Fraction, precision: float = 0.0, advice: str = ADVICE
) -> Floating:
    """Floating weights with their total checked to be 1 - lost, or divided by it so that it is.

    Weights of a short type, whose unit of rounding is `precision`, may total as much from 1 as it explains. They are
    divided by their total then, and the error says how far that and their rounding took them.
    """
    total, exponent = total_of(weights)
    value = math.ldexp(total, exponent) if exponent < 1000 else math.inf
    known = float(1 - lost)
    off = abs(value - known)
    short = TOTAL_TOLERANCE < off <= allowed_off(precision, count)
    if short or (normalize and total > 0):
        found = divided(weights, total / known, exponent)
        # One minus what is missing is rounded, and the total by it.
        error = bounds.compose(found.error, 2 * bounds.UNIT * bool(lost))
        if not normalize:
            error = bounds.compose(error, precision, off / min(value, known))
        return replace(found, error=error)
    check_total(value, count, lost, advice)
    return weights


def from_arrays(
    outcomes: ArrayLike,
    weights: ArrayLike,
    *,
    normalize: bool = False,
    missing: WeightLike = 0,
    step: StepLike | None = None,
) -> Measure:
    """The measure of outcomes (n,) or (n, d) and weights (n,), rounded to multiples of `step` where given."""
    lost = read_missing(missing)
    check_aligned(outcomes, weights)
    rows, given = collected(outcomes, "outcomes"), collected(weights, "weights")
    points, masses = plain_array(rows), np.asarray(given)
    count = len(rows) if points is None else len(points)
    if masses.ndim != 1 or count != len(masses) or (points is not None and points.ndim not in (1, 2)):
        shape = (count,) if points is None else points.shape
        raise DimensionError(
            f"outcomes must have shape (n,) or (n, d) and weights (n,), got {shape} and {masses.shape}"
        )
    if count == 0:
        raise DistconvValueError("a distribution needs at least one outcome, got empty arrays")
    columns = None if points is None else columns_of(points, step)
    if columns is None or masses.dtype.kind != "f":
        vectors = columns.vectors() if columns else read_vectors(rows_of(rows), step=step)
        return from_vectors(vectors, list(given), normalize=normalize, missing=missing)
    _check_float_array(masses, columns.vector)
    floats = normal_form(masses.astype(np.float64), None, 0.0)
    floats = _normalized(floats, len(masses), normalize, lost, precision_of(masses))
    return arranged(columns.columns, columns.offsets, columns.units, floats, bounds.upper_float(lost))


def rows_of(data: Iterable[Any]) -> list[Any]:
    """The rows of an array or a list of outcomes, vectors as tuples."""
    return [tuple(row) if isinstance(row, np.ndarray | list) else row for row in data]


def from_array(
    weights: ArrayLike, *, origin: StepLike = 0, step: StepLike = 1, normalize: bool = False, missing: WeightLike = 0
) -> Measure:
    """The measure of a dense array of weights, of any dimension, on the lattice origin + step * index."""
    lost = read_missing(missing)
    array = np.asarray(unlabelled(weights, "weights"))
    if array.ndim == 0 or array.size == 0:
        raise DimensionError(f"weights must be an array of one or more dimensions, got shape {array.shape}")
    start, steps = per_axis(origin, array.ndim, "origin"), per_axis(step, array.ndim, "step")
    if min(steps) <= 0:
        raise DistconvValueError(f"step must be > 0 on every axis, got {step!r}; reflect with -X instead")
    box = Lattice(start, steps, array.shape)
    if array.dtype.kind == "f":
        _check_float_array(array.ravel(), lambda i: box.vector(i))
        floats = normal_form(array.ravel().astype(np.float64), None, 0.0)
        values = _normalized(floats, array.size, normalize, lost, precision_of(array))
        return tightened(Measure(box, values, bounds.upper_float(lost)))
    vectors = list(box.vectors())
    return from_vectors(vectors, list(array.ravel()), normalize=normalize, missing=missing)


def read_counts(counts: Table) -> tuple[list[Any], list[Any]]:
    """The outcomes and the counts, or other exact weights >= 0, of a mapping or of pairs of both.

    Raises:
        DistconvTypeError: it is neither.
        DistconvValueError: all are 0.
    """
    pairs = pairs_of(counts)
    if pairs is None:
        raise DistconvTypeError(
            f"from_counts needs a mapping from outcomes to counts, or pairs, got a {type(counts).__name__}; "
            "for observed values use Distribution.from_samples(data)"
        )
    outcomes, weights = pairs
    if outcomes and not any(weights):
        raise DistconvValueError(
            f"the counts of all {len(outcomes)} outcomes are 0; there is no law in proportion to them"
        )
    return outcomes, weights


def from_samples(data: ArrayLike, *, step: StepLike | None = None) -> Measure:
    """The exact empirical measure of observed outcomes (n,) or (n, d), rounded to multiples of `step` where given."""
    if isinstance(data, Mapping):
        raise DistconvTypeError(
            "from_samples needs observed outcomes, got a mapping; for counts use from_counts(mapping)"
        )
    samples = collected(data, "the observed outcomes")
    if len(samples) == 0:
        raise DistconvValueError("from_samples needs at least one observation, got none")
    array = plain_array(samples)
    if isinstance(samples, np.ndarray) and samples.ndim not in (1, 2):
        raise DimensionError(f"samples must have shape (n,) or (n, d), got {samples.shape}")
    if array is None or array.dtype.kind not in "iuf":
        return _counted(read_vectors(rows_of(samples), step=step), [1] * len(samples))
    unique, counts = np.unique(array, axis=0, return_counts=True)
    columns = columns_of(unique, step)
    if columns is None:
        return _counted(read_vectors(rows_of(unique), step=step), counts.tolist())
    return arranged(columns.columns, columns.offsets, columns.units, reduced(counts.tolist(), len(array)))


def _counted(vectors: list[Vector], counts: list[int]) -> Measure:
    """The exact measure of points that were seen so often each, repeated or not."""
    total: dict[Vector, int] = {}
    for vector, count in zip(vectors, counts, strict=True):
        total[vector] = total.get(vector, 0) + count
    return arranged_vectors(list(total), reduced(list(total.values()), sum(counts)), 0.0)


def read_weight(value: Any, outcome: Vector) -> Fraction | int | float:
    """A weight as an exact fraction, as a float where it is one, or as an expression that is no fraction."""
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
    if has_letters(value) or (is_expression(value) and value.is_Rational is False and value.is_finite is not False):
        return value  # type: ignore[no-any-return]
    try:
        return Fraction(read_scalar(value, "probability"))
    except DistconvTypeError:
        raise DistconvTypeError(
            f"probability of outcome {shown} is {value!r}, a {kind.__name__}; "
            "it must be a number (int, Fraction, Decimal, float or '1/10')"
        ) from None
    except DistconvValueError as error:
        raise DistconvValueError(f"probability of outcome {shown}: {error}") from None


def check_weights(values: list[Any], vectors: Sequence[Vector]) -> None:
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


def check_total(total: Fraction | float, count: int, lost: Fraction = Fraction(0), advice: str = ADVICE) -> None:
    """The weights total 1 less what is missing; `advice` is what to do if they do not."""
    if total + lost == 1 or (isinstance(total, float) and abs(total - float(1 - lost)) <= TOTAL_TOLERANCE):
        return
    is_whole = isinstance(total, float) or total == round(total)
    shown = f"{float(total):.12g}" + ("" if is_whole else f" = {total}")
    whole_ = f"1 - missing = {float(1 - lost):.12g}" if lost else "1"
    listed = not is_expression(total) and 0 < total < 1
    rest = f" For outcomes that are not listed there is missing={float(1 - total):.12g}." * listed
    raise DistconvValueError(f"probabilities sum to {shown}, not {whole_} ({count} outcomes). {advice}{rest}")


def from_decimals(measure: Measure, *, normalize: bool = False) -> Measure:
    """The law of a floating one with exact weights: each double is read as its shortest decimal, so 0.1 becomes 1/10.

    Args:
        normalize: divide by the total first, which for computed weights is rarely exactly 1.

    Raises:
        DistconvValueError: the decimals do not total 1 and `normalize` is not set.
    """
    values = _decimals(measure)
    lost = Fraction(measure.missing)
    # Exact weights and what is missing total 1: within what may be missing, the total says how much it is.
    rest = 1 - sum(values, start=Fraction(0))
    if lost and not normalize and 0 <= rest <= lost + Fraction(TOTAL_TOLERANCE):
        lost = rest
    return from_vectors(list(positive_vectors(measure)), values, normalize=normalize, missing=lost)


def _decimals(measure: Measure) -> list[Fraction]:
    """The positive weights, each double as its shortest decimal; below the doubles, as the number that it is."""
    weights = measure.weights.as_floating()
    return [
        Fraction(str(float(v))) if v >= bounds.TINY else weights.exact_at(i)
        for i, v in enumerate(weights.values())
        if weights.significands[i]
    ]
