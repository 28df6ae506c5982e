"""Functions of outcomes called with arrays of many, where that gives what it gives one by one."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np

from distconv.measure import Measure, lookup
from distconv.support.outcomes import as_outcome
from distconv.typing import AnyArray

#: Outcomes from which on a function is tried with arrays: fewer are soon asked one by one.
MANY = 2000
#: Outcomes whose values are compared with those of the function one by one: at both ends, and between.
COMPARED = 16
#: Library functions may round arrays otherwise than single numbers.
ROUNDING = 1e-14
#: Whole numbers beyond this are no doubles.
LARGEST = 2**53


def values_of(f: Callable[[Any], Any], measure: Measure) -> AnyArray | None:
    """f at every outcome that carries weight, from two calls with arrays; None where that may differ.

    Outcomes must be many, and whole numbers: others are no doubles. What the function makes of arrays (a tuple of them
    in n-D) must be the same for doubles and for machine integers, and at some outcomes what it makes of these alone.
    """
    cells = measure.weights.positive()
    if len(cells) < MANY:
        return None
    axes = _axes(measure, cells)
    if axes is None:
        return None
    found, other = (_asked(f, [axis.astype(dtype) for axis in axes]) for dtype in (np.float64, np.int64))
    if found is None or other is None or not _agree(found, other):
        return None
    some = np.unique(np.linspace(0, len(cells) - 1, COMPARED).astype(np.int64)).tolist()
    singles = [f(_outcome(measure, int(cells[i]))) for i in some]
    return found if all(map(_same, singles, found[some].tolist())) else None


def _asked(f: Callable[[Any], Any], axes: list[AnyArray]) -> AnyArray | None:
    """f of all outcomes; None where it does not give one number, or one answer, for each."""
    try:
        with np.errstate(divide="raise", over="raise", invalid="raise"):
            found = np.asarray(f(axes[0] if len(axes) == 1 else tuple(axes)))
    except Exception:  # noqa: BLE001 - the function is a caller's, and need not know arrays
        # It is no function of arrays, or one of them is no argument: single outcomes tell which error that is.
        return None
    is_fit = (
        found.dtype == np.bool_ or np.issubdtype(found.dtype, np.integer) or np.issubdtype(found.dtype, np.floating)
    )
    return found if is_fit and found.shape == axes[0].shape else None


def _agree(found: AnyArray, other: AnyArray) -> bool:
    """Whether doubles and machine integers gave the same: what is too large rounds in one, and wraps in the other."""
    if found.dtype == np.bool_ or other.dtype == np.bool_:
        return found.dtype == other.dtype and bool((found == other).all())
    return bool(np.allclose(found, other.astype(np.float64), rtol=ROUNDING, atol=0.0))


def _same(single: Any, value: float | bool) -> bool:
    """Whether a function of one outcome gave what it gave among many, but for the rounding of library functions."""
    if isinstance(value, bool):
        return isinstance(single, bool | np.bool_) and bool(single) == value
    is_number = isinstance(single, int | float | Fraction | np.number) and not isinstance(single, complex)
    return is_number and math.isclose(float(single), value, rel_tol=ROUNDING)


def _axes(measure: Measure, cells: AnyArray) -> list[AnyArray] | None:
    """The coordinates of some cells, one array for each axis; None where they are not all whole and small enough."""
    box, axes = measure.box, []
    for start, step, last, index in zip(box.origin, box.step, box.high, lookup.axis_indices(measure), strict=True):
        if type(start) is not int or (type(step) is not int and box.size > 1) or max(-start, last) >= LARGEST:
            return None
        axes.append(start + np.asarray(index[cells], dtype=np.int64) * int(step))
    return axes


def _outcome(measure: Measure, rank: int) -> Any:
    """The outcome of a rank among all points."""
    return as_outcome(measure.support.vector(rank))
