"""Probabilities of single outcomes, and of all up to or above a number, of a measure."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from distconv import missing
from distconv.coordinates import asked, many
from distconv.errors import DimensionError
from distconv.measure import Measure, lookup
from distconv.measure.reading import read_query
from distconv.numbers import letters
from distconv.queries import brackets
from distconv.queries.arrays import object_array
from distconv.queries.refusals import only_1d
from distconv.queries.totals import Side, log_total, total, totals
from distconv.ratio import Ratio
from distconv.support.outcomes import dimension_name, read_vector
from distconv.typing import Answer, AnyArray, IntArray, Number, Question


def pmf(measure: Measure, x: Question) -> Answer:
    """P(X = x).

    What is `missing` is not in it: the smallest that it can be.

    Args:
        x: an outcome, or an array of them: shape (...) in 1-D, (..., d) in n-D. Anything that numpy reads is one
            (a pandas Series, a range, an iterator); floats that are a grid to within rounding are that grid.

    Returns:
        The probability, within `error` relative of the true one; for an array, one of the same shape (..., )
        (of `Fraction` objects, or float64; probabilities below the smallest double come out as 0.0, see `logpmf`).

    Raises:
        DimensionError: an outcome of another dimension.
        DistconvTypeError: a string, or anything else that is no number.

    >>> from distconv import Die
    >>> (Die(6) + Die(6)).pmf(7)
    Fraction(1, 6)
    """
    found = _ranks(measure, x)
    weights = measure.weights
    if not isinstance(found, np.ndarray):
        return nothing(measure) if found is None else weights.at(found)
    if weights.kind == "float":
        result: AnyArray = np.where(found >= 0, weights.as_floating().values()[found], 0.0)
    else:
        zero = nothing(measure)
        values = [weights.at(r) if r >= 0 else zero for r in found.ravel().tolist()]
        result = object_array(values, found.shape)
    return result[()] if result.ndim == 0 else result


def logpmf(measure: Measure, x: Question) -> Answer:
    """log P(X = x).

    Args:
        x: as in `pmf`.

    Returns:
        A float within e / (1 - e), e the law's `error`, and four roundings of itself.

    >>> from distconv import Die
    >>> round((1000 @ Die(6)).logpmf(1000), 3)  # log(6**-1000)
    -1791.759
    """
    found = _ranks(measure, x)
    weights, is_symbolic = measure.weights, has_expressions(measure)
    never = letters.log(nothing(measure)) if is_symbolic else -math.inf
    if not isinstance(found, np.ndarray):
        return never if found is None else weights.log_at(found)
    values = [weights.log_at(r) if r >= 0 else never for r in found.ravel().tolist()]
    result = np.array(values, dtype=object if is_symbolic else np.float64).reshape(found.shape)
    return result[()] if result.ndim == 0 else result


def has_expressions(measure: Measure) -> bool:
    """Whether answers are expressions, or numbers of sympy's."""
    return measure.weights.kind == "symbolic"


def nothing(measure: Measure) -> Number:
    """The probability of what cannot be, in the measure's kind of numbers."""
    if has_expressions(measure):
        import sympy

        return sympy.Integer(0)
    return Ratio.lowest(0, 1) if measure.weights.is_exact else 0.0


def _ranks(measure: Measure, x: Any) -> int | IntArray | None:
    """The rank of one outcome in the support, None where it is not there; an array of ranks of many, -1 for none."""
    ndim = measure.box.ndim
    x = asked(x, ndim)
    points = many(x)
    if points is None:
        if ndim == 1 or isinstance(x, tuple):
            return _rank(measure, x)
        points = np.asarray(x)
    if ndim == 1:
        found = lookup.ranks(measure, points) if points.dtype.kind in "iu" else None
        return _ranks_one_by_one(measure, points.ravel(), points.shape) if found is None else found
    if points.ndim == 0 or points.shape[-1] != ndim:
        raise DimensionError(
            f"x must be {dimension_name(ndim)} (a tuple) or an array of shape (..., {ndim}), got {x!r}"
        )
    return _ranks_one_by_one(measure, map(tuple, points.reshape(-1, ndim)), points.shape[:-1])


def _ranks_one_by_one(measure: Measure, points: Any, shape: tuple[int, ...]) -> IntArray:
    """The ranks of outcomes, -1 for those that are not there."""
    found = (_rank(measure, point) for point in points)
    return np.array([-1 if rank is None else rank for rank in found], dtype=np.int64).reshape(shape)


def _rank(measure: Measure, x: Any) -> int | None:
    """The rank of an outcome in the stored support."""
    ndim = measure.box.ndim
    if isinstance(x, tuple):
        if ndim > 1 and any(isinstance(v, str) for v in x):
            read_query(next(v for v in x if isinstance(v, str)))
        return lookup.rank(measure, read_vector(x, ndim, "x"))
    if ndim > 1:
        return lookup.rank(measure, read_vector(x, ndim, "x"))
    value = read_query(x)
    return None if isinstance(value, float) else lookup.rank(measure, (value,))


def cdf(measure: Measure, x: Question) -> Answer:
    """P(X <= x).

    Args:
        x: a number or an array of numbers; 1-D laws only.

    Returns:
        A `Fraction` of an exact law, a float within `error` and n + 4 roundings, relative, of one of n outcomes.
    """
    return beside(measure, x, "cdf")


def sf(measure: Measure, x: Question) -> Answer:
    """P(X > x).

    Args:
        x: a number or an array of numbers; 1-D laws only.

    Raises:
        AccuracyError: more than 1e-8 is `missing`; see `sf_bounds`.

    >>> from distconv import Die
    >>> float((1000 @ Die(6)).sf(3999))
    7.704190185348998e-21
    """
    _check_tail(measure, x, "sf")
    return beside(measure, x, "sf")


def logcdf(measure: Measure, x: Question) -> Answer:
    """log P(X <= x).

    Off by no more than the relative error of `cdf`, near 0 no more than twice that part of itself, and 4 roundings.
    """
    return log_beside(measure, x, "cdf")


def logsf(measure: Measure, x: Question) -> Answer:
    """log P(X > x).

    As accurate as `logcdf`.
    """
    _check_tail(measure, x, "logsf")
    return log_beside(measure, x, "sf")


def certain(measure: Measure, x: Question, side: Side, *, log: bool = False) -> Answer:
    """P(X <= x) or P(X > x), or the log; refused where it depends on where the missing mass lies."""
    if side == "cdf":
        return (logcdf if log else cdf)(measure, x)
    return (logsf if log else sf)(measure, x)


def _check_tail(measure: Measure, x: Any, call: str) -> None:
    """Refuses P(X > x) where it depends on the missing mass."""
    lost = missing.bound(measure)
    if lost > missing.NEGLIGIBLE:
        points = many(x)
        some = x if points is None else points.astype(object).ravel()[0]
        ends = brackets.ends_beside(measure, some, "sf")
        raise missing.unknown(f"P(X > {some})", lost, ends, f"{call}({some!r})")


def beside(measure: Measure, x: Question, side: Side) -> Answer:
    """P(X <= x) or P(X > x) over the outcomes that are known: the least that it can be."""
    counts = _counts(measure, x)
    if not isinstance(counts, np.ndarray):
        return total(measure, counts, side)
    if not has_expressions(measure):
        totals(measure)
    values = [total(measure, c, side) for c in counts.ravel().tolist()]
    if not measure.weights.is_exact:
        return np.array(values, dtype=np.float64).reshape(counts.shape)[()]
    result = object_array(values, counts.shape)
    return result[()] if result.ndim == 0 else result


def log_beside(measure: Measure, x: Question, side: Side) -> Answer:
    """log P(X <= x) or log P(X > x) over the outcomes that are known."""
    counts = _counts(measure, x)
    if not isinstance(counts, np.ndarray):
        return log_total(measure, counts, side)
    is_symbolic = has_expressions(measure)
    if not is_symbolic:
        totals(measure)
    values = [log_total(measure, c, side) for c in counts.ravel().tolist()]
    if not is_symbolic:
        return np.array(values, dtype=np.float64).reshape(counts.shape)[()]
    result = object_array(values, counts.shape)
    return result[()] if result.ndim == 0 else result


def _counts(measure: Measure, x: Any) -> int | IntArray:
    """How many stored points are <= x, for one number or many."""
    only_1d(measure, "cdf and sf")
    x = asked(x)
    points = many(x)
    if points is None:
        return lookup.count_asked(measure, x)
    counts = lookup.counts_up_to(measure, points)
    if counts is None:
        found = [lookup.count_asked(measure, v) for v in points.ravel()]
        counts = np.array(found, dtype=np.int64).reshape(points.shape)
    return counts
