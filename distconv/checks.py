"""Argument checks that name the argument and show the value."""

from __future__ import annotations

import operator
from collections.abc import Collection, Mapping
from fractions import Fraction
from typing import SupportsIndex, SupportsInt, TypeVar, cast

from distconv.errors import DistconvTypeError, DistconvValueError

#: A number that is handed on as it is.
Size = TypeVar("Size", bound="float | Fraction")


def check_positive(name: str, value: Size, *, below: float | None = None, zero: bool = False) -> Size:
    """The number, if it is above 0 (or at least 0) and below the given limit."""
    try:
        inside = (value >= 0 if zero else value > 0) and (below is None or value < below)
    except TypeError:
        raise DistconvTypeError(f"{name} must be a number, got {value!r}") from None
    if not inside:
        limit = f" and < {below}" if below is not None else ""
        raise DistconvValueError(f"{name} must be {'>=' if zero else '>'} 0{limit}, got {value!r}")
    return value


def check_integer(name: str, value: object, *, at_least: int | None = None) -> int:
    """The value as ``int``, if it is a whole number of a type that means one."""
    if type(value) is int and (at_least is None or value >= at_least):
        return value
    if isinstance(value, Fraction) and value.denominator == 1:
        value = value.numerator
    try:
        number = operator.index(cast("SupportsIndex", value))
    except TypeError:
        if getattr(value, "is_Integer", False):
            number = int(cast("SupportsInt", value))
        else:
            raise DistconvTypeError(f"{name} must be an integer, got {value!r}") from None
    if at_least is not None and number < at_least:
        raise DistconvValueError(f"{name} must be >= {at_least}, got {number}")
    return number


def check_function(value: object, call: str) -> None:
    """Refuses what is no function of the outcome, as the argument of ``X.prob`` and its like (`call`)."""
    if callable(value):
        return
    if isinstance(value, Mapping):
        way = f"X.{call}(lambda x: {value!r}[x])"
    elif isinstance(value, Collection) and not isinstance(value, str):
        way = f"X.{call}(lambda x: x in {value!r})"
    else:
        way = f"X.{call}(lambda x: x == {value!r})"
    raise DistconvTypeError(f"{call} needs a function of the outcome, got {value!r}; write {way}")


def check_copies(value: object) -> int:
    """The number of copies in ``n @ X``: an integer >= 0."""
    try:
        number = check_integer("number of copies", value)
    except DistconvTypeError:
        hint = f"; did you mean {value} * X (scale)?" if isinstance(value, float | Fraction) else ""
        if isinstance(value, float) and value.is_integer():
            hint = f"; write {int(value)} @ X for copies, {int(value)} * X to scale"
        raise DistconvTypeError(f"number of copies must be an integer >= 0, got {value!r}{hint}") from None
    if number < 0:
        raise DistconvValueError(
            f"number of copies must be an integer >= 0, got {number}; "
            f"did you mean {number} * X (scale), or {-number} @ -X?"
        )
    return number
