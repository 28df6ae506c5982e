"""Kernels with letters slid over signals, and signals of letters: sums of sympy's expressions, tap by tap."""

from __future__ import annotations

import math
from collections.abc import Mapping
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from distconv.errors import DistconvTypeError
from distconv.filtering.limits import allowed
from distconv.filtering.signals import check_axes, exact_or_float
from distconv.filtering.slide import Slide
from distconv.filtering.taps import Taps
from distconv.numbers.letters import expression_of, has_letters, is_expression, letters_of, number_of
from distconv.planning import Plan, costs
from distconv.queries.letters import read_values
from distconv.typing import AnyArray, ArrayLike, Boundary, Coefficient, Outcome, ScalarLike, Shape
from distconv.weights.symbolic import tidied

if TYPE_CHECKING:
    import sympy


def are_letters(taps: Taps, signal: ArrayLike) -> bool:
    """Whether a kernel has letters, or a signal: sympy's matrix, or an array with an expression that is no fraction."""
    if taps.has_letters or is_expression(signal):
        return True
    array = np.asarray(signal)
    return array.dtype == object and any(is_expression(v) and not v.is_Rational for v in array.ravel().tolist())


def read_expressions(signal: ArrayLike, ndim: int, channels: bool) -> AnyArray:
    """A signal as an array of expressions; a row or a column of sympy's is a signal of one axis.

    Raises:
        DistconvTypeError: floats are in it, or what is no number.
        DimensionError: it has not the kernel's axes.
        DistconvValueError: it is empty.
    """
    array = np.asarray(signal.tolist() if hasattr(signal, "tolist") else signal, dtype=object)
    if is_expression(signal) and ndim == 1 and not channels and 1 in array.shape:
        array = array.ravel()
    check_axes(array, ndim, channels)
    result = np.empty(array.size, dtype=object)
    result[:] = [_expression(value) for value in array.ravel().tolist()]
    return result.reshape(array.shape)


def _expression(value: Any) -> sympy.Expr:
    if is_expression(value) and not value.is_Float:
        return expression_of(value)
    number = exact_or_float(value) if not is_expression(value) else float(value)
    if isinstance(number, float):
        raise DistconvTypeError(
            f"sums with letters are exact, and the signal holds the float {number}; write it as a fraction, "
            "Fraction('0.1'), or give the letters numbers: k.subs({...})"
        )
    return expression_of(number)


def slid(taps: Taps, slide: Slide, signal: AnyArray, boundary: Boundary) -> AnyArray:
    """The output for a signal of expressions, each in canonical form.

    Raises:
        SizeLimitError: it would pass ``settings.max_bytes``.
    """
    shape = slide.shape + signal.shape[len(slide.sizes) :]
    taps, slide = slide.near(taps, boundary)
    cells = math.prod(shape)
    products = cells * max(taps.count, 1)
    allowed(
        Plan("letters", "", cells, cells * costs.SYMBOLIC_TERM_BYTES, products * costs.FILTER_OBJECT_SECONDS),
        "the output",
        "use mode='same' or 'valid', or cut the signal into pieces",
    )
    padded = slide.padded(signal, boundary) if taps.count else signal
    result = np.empty(cells, dtype=object)
    sums: list[list[Any]] = [[] for _ in range(cells)]
    for start, weight in zip(taps.starts(), taps.expressions(), strict=True):
        window = padded[tuple(slice(s, s + n) for s, n in zip(start, slide.shape, strict=True))]
        for terms, value in zip(sums, window.ravel().tolist(), strict=True):
            if value != 0:
                terms.append(weight * value)
    result[:] = [_total(terms) for terms in sums]
    return result.reshape(shape)


def _total(terms: list[Any]) -> Any:
    """A sum of expressions, expanded and in lowest terms."""
    import sympy

    total = sympy.Add(*terms)
    return tidied(total) if has_letters(total) else total


def matrix(taps: Taps, slide: Slide, boundary: Boundary, stride: Shape) -> sympy.SparseMatrix:
    """The matrix W with W @ x.ravel() the raveled output, sparse, of sympy's.

    Raises:
        SizeLimitError: it would pass ``settings.max_bytes``.
    """
    import sympy

    rows = math.prod(-(-n // s) for n, s in zip(slide.shape, stride, strict=True))
    count = max(taps.count, 1) * rows
    plan = Plan("matrix", "", count, count * costs.SYMBOLIC_TERM_BYTES, count * costs.FILTER_OBJECT_SECONDS)
    allowed(plan, "the matrix", "apply the kernel itself: k.apply(signal)")
    taps, slide = slide.near(taps, boundary)
    placed = slide.placed(boundary)
    strided = tuple(slice(None, None, s) for s in stride)
    entries: dict[tuple[int, int], Any] = {}
    for start, weight in zip(taps.starts(), taps.expressions(), strict=True):
        window = placed[tuple(slice(s, s + n) for s, n in zip(start, slide.shape, strict=True))]
        for row, column in enumerate(window[strided].ravel().tolist()):
            if column >= 0:
                # At the rim several taps may read one place.
                entries[row, column] = entries.get((row, column), 0) + weight
    return sympy.SparseMatrix(rows, math.prod(slide.sizes), {at: _total([w]) for at, w in entries.items()})


def substituted(
    weights: Mapping[Outcome, Coefficient], values: Mapping[Any, ScalarLike]
) -> tuple[dict[Outcome, Any], bool]:
    """Weights by their places with values in place of letters, and whether a value is a float.

    Raises:
        DistconvValueError: a letter that does not occur.
    """
    given = read_values(values, {letter for weight in weights.values() for letter in letters_of(weight)})
    exact = {s: expression_of(Fraction(v)) if isinstance(v, float) else v for s, v in given.items()}
    found = {x: number_of(expression_of(w).subs(exact, simultaneous=True)) for x, w in weights.items()}
    return found, any(isinstance(v, float) for v in given.values())
