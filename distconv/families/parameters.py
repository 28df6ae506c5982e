"""Reading the parameters of families: exact where they are rational, floating where they are floats."""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np

from distconv.errors import DistconvTypeError, DistconvValueError
from distconv.support.outcomes import read_scalar

#: A parameter as a family keeps it.
Parameter = int | Fraction | float


def read_number(name: str, value: Any) -> Parameter:
    """A float where a float was given; else an exact rational."""
    if isinstance(value, float | np.floating):
        if not math.isfinite(value):
            raise DistconvValueError(f"{name} must be finite, got {value!r}")
        return float(value)
    if isinstance(value, Decimal) and not value.is_finite():
        raise DistconvValueError(f"{name} must be finite, got {value}")
    if getattr(value, "free_symbols", None):
        raise DistconvTypeError(f"{name} must be a number, got the symbolic {value}")
    return read_scalar(value, name)


def read_probability(name: str, value: Any, *, zero: bool = True, one: bool = True) -> Parameter:
    """A number in [0, 1], with or without its ends."""
    p = read_number(name, value)
    if not 0 <= p <= 1 or (p == 0 and not zero) or (p == 1 and not one):
        interval = f"{'[' if zero else '('}0, 1{']' if one else ')'}"
        raise DistconvValueError(f"{name} must be a probability in {interval}, got {value!r}")
    return p


def read_positive(name: str, value: Any, *, zero: bool = False) -> Parameter:
    """A number > 0, or >= 0."""
    number = read_number(name, value)
    if number < 0 or (number == 0 and not zero):
        raise DistconvValueError(f"{name} must be {'>=' if zero else '>'} 0, got {value!r}")
    return number


def is_exact(*parameters: Parameter) -> bool:
    """Whether none of the parameters is a float."""
    return not any(isinstance(p, float) for p in parameters)


def shown(parameter: Any) -> str:
    """A parameter as it is printed: 3/10, 0.3, 6."""
    return str(parameter)
