"""Reading the parameters of families: exact where they are rational, floating where they are floats.

A float parameter means the double that it is. What is derived from it (1 - p, a mean, a sum of two) is computed exactly
and rounded once.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np

from distconv.checks import check_integer
from distconv.errors import DistconvTypeError, DistconvValueError
from distconv.measure.reading import collected, is_collection
from distconv.numbers.letters import has_letters
from distconv.ratio import Ratio
from distconv.support.outcomes import read_scalar
from distconv.typing import AnyArray, IntegerLike, ScalarLike

#: A parameter as a family keeps it.
Parameter = int | Fraction | float

#: The largest count or mean: its square is a double. The largest number of things of which some are drawn: a double.
LARGEST, LARGEST_POPULATION = 10**150, 10**307
#: Parameters of a long list that are shown at its start and end.
SHOWN_FIRST, SHOWN_LAST = 3, 1

#: Entries of a long array that are checked in one go.
CHECKED = 2**18


class Unrounded(Fraction):
    """A sum of doubles that is no double: kept exactly, so that closed forms are; shown as the nearest double."""

    __slots__ = ()

    def __repr__(self) -> str:
        return repr(float(self))

    __str__ = __repr__

    def __reduce__(self) -> tuple[Any, ...]:
        return Unrounded, (self.numerator, self.denominator)


def read_number(name: str, value: ScalarLike) -> Parameter:
    """A float where a float was given; else an exact rational."""
    if isinstance(value, Unrounded):
        return value
    if isinstance(value, float | np.floating):
        if not math.isfinite(value):
            raise DistconvValueError(f"{name} must be finite, got {value!r}")
        return float(value)
    if isinstance(value, Decimal) and not value.is_finite():
        raise DistconvValueError(f"{name} must be finite, got {value}")
    if has_letters(value):
        raise DistconvTypeError(f"{name} must be a number, got the symbolic {value}")
    try:
        return read_scalar(value, name)
    except DistconvTypeError:
        raise DistconvTypeError(
            f"{name} must be a number (int, Fraction, Decimal, float, '1/10'), got {value!r}"
        ) from None


def read_probability(
    name: str, value: ScalarLike, *, zero: bool = True, one: bool = True, at_zero: str = ""
) -> Parameter:
    """A number in [0, 1], with or without its ends; `at_zero` is what to do instead of 0."""
    p = read_number(name, value)
    if not 0 <= p <= 1 or (p == 0 and not zero) or (p == 1 and not one):
        interval = f"{'[' if zero else '('}0, 1{']' if one else ')'}"
        hint = f"; {at_zero}" if p == 0 and at_zero else ""
        hint = f"; for {value} % write {name}={value}/100" if 2 <= p <= 100 else hint
        raise DistconvValueError(f"{name} must be a probability in {interval}, got {value!r}{hint}")
    return p


def read_probabilities(name: str, values: Iterable[ScalarLike]) -> tuple[Parameter, ...]:
    """A sequence of numbers in [0, 1]."""
    numbers = _sequence(name, values)
    if isinstance(numbers, np.ndarray) and numbers.dtype == np.float64 and numbers.ndim == 1:
        if bool(((numbers >= 0) & (numbers <= 1)).all()):
            return tuple(numbers.tolist())
    elif isinstance(numbers, tuple) and all(type(v) is float and 0 <= v <= 1 for v in numbers):
        return numbers
    return tuple(read_probability(f"{name}[{i}]", value) for i, value in enumerate(numbers))


def read_many_probabilities(name: str, values: object, least: int) -> AnyArray | None:
    """An array of more than `least` floats in [0, 1], not copied, and checked a part at a time; None of all else."""
    if not hasattr(values, "__array__") or isinstance(values, np.ma.MaskedArray):
        return None
    array: AnyArray = np.asarray(values)
    if array.dtype not in (np.float64, np.float32) or array.ndim != 1 or len(array) <= least:
        return None
    for start in range(0, len(array), CHECKED):
        part = array[start : start + CHECKED]
        # A nan is neither.
        if not (part.min() >= 0 and part.max() <= 1):
            wrong = int(np.flatnonzero(~((part >= 0) & (part <= 1)))[0])
            read_probability(f"{name}[{start + wrong}]", float(part[wrong]))
    return array


def read_weights(name: str, values: Iterable[ScalarLike]) -> tuple[Parameter, ...]:
    """A sequence of numbers >= 0."""
    return tuple(_not_negative(f"{name}[{i}]", value, True) for i, value in enumerate(_sequence(name, values)))


def _sequence(name: str, values: Iterable[ScalarLike]) -> Sequence[ScalarLike] | AnyArray:
    """Numbers in a list, a tuple or an array."""
    if isinstance(values, str | bytes) or not (is_collection(values) or isinstance(values, Iterable)):
        raise DistconvTypeError(
            f"{name} must be a sequence of probabilities, got {values!r}; write {name}=[{values!r}]"
        )
    numbers: Sequence[ScalarLike] | AnyArray = collected(values, name)
    return numbers


def read_positive(name: str, value: ScalarLike, *, zero: bool = False, at_zero: str = "") -> Parameter:
    """A number > 0, or >= 0, that is no larger than `LARGEST`; `at_zero` is what to do instead of 0."""
    number = _not_negative(name, value, zero, at_zero)
    _check_size(name, number)
    return number


def _not_negative(name: str, value: ScalarLike, zero: bool, at_zero: str = "") -> Parameter:
    """A number > 0, or >= 0."""
    number = read_number(name, value)
    if number < 0 or (number == 0 and not zero):
        hint = f"; {at_zero}" if number == 0 and at_zero else ""
        raise DistconvValueError(f"{name} must be {'>=' if zero else '>'} 0, got {value!r}{hint}")
    return number


def read_count(name: str, value: IntegerLike, largest: int = LARGEST) -> int:
    """An integer from 0 to the largest that is taken; a float such as 10.0 is refused with the integer to write."""
    if isinstance(value, float | np.floating) and math.isfinite(value):
        number = float(value)
        if number.is_integer():
            hint = f"write {name}={int(number)} if that is meant"
        elif 0 < number < 1:
            hint = f"{number} looks like a probability, which comes second: the count {name} is the first argument"
        else:
            hint = f"write {name}={math.floor(number)} or {name}={math.ceil(number)}"
        raise DistconvTypeError(f"{name} must be an integer >= 0, got {value!r}; {hint}")
    count = check_integer(name, value, at_least=0)
    _check_size(name, count, largest)
    return count


def _check_size(name: str, number: Parameter, largest: int = LARGEST) -> None:
    """Refuses what is larger than doubles have room for."""
    if number > largest:
        digits = math.floor(math.log10(2) * (int(number).bit_length() - 1))
        raise DistconvValueError(
            f"{name} must be at most {largest:.0e}, for probabilities are computed in doubles; got about 1e{digits}"
        )


def is_exact(*parameters: Parameter) -> bool:
    """Whether none of the parameters is floating."""
    return not any(isinstance(p, float | Unrounded) for p in parameters)


def same(p: Parameter, q: Parameter) -> bool:
    """Whether two parameters are equal as numbers, and both exact or both floating: then laws may merge."""
    return p == q and is_exact(p) == is_exact(q)


def total(p: Parameter, q: Parameter) -> Parameter:
    """p + q, exactly, whatever they are."""
    return _of(Fraction(p) + Fraction(q), p, q)


def difference(p: Parameter, q: Parameter) -> Parameter:
    """p - q, exactly, whatever they are."""
    return _of(Fraction(p) - Fraction(q), p, q)


def multiple(n: int | Fraction, p: Parameter) -> Parameter:
    """n * p, exactly, whatever p is."""
    return _of(n * Fraction(p), p)


def product(p: Parameter, q: Parameter) -> Parameter:
    """p * q, exactly, whatever they are."""
    return _of(Fraction(p) * Fraction(q), p, q)


def _of(value: Fraction, *parameters: Parameter) -> Parameter:
    """What is made of parameters as one itself: floating where any of them is, and a double where it is one."""
    if is_exact(*parameters):
        return value
    double = to_double(value)
    return double if math.isfinite(double) and Fraction(double) == value else Unrounded(value)


def answer(value: Fraction, *parameters: Parameter) -> Fraction | float:
    """What is asked of a law with these parameters: exact if they all are, else rounded once to a double."""
    return Ratio(value) if is_exact(*parameters) else to_double(value)


def to_double(value: Parameter) -> float:
    """The nearest double; infinite beyond them."""
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def shown(parameter: object) -> str:
    """A parameter as it is printed: 3/10, 0.3, 6, (1/2, 1/3, 1/6); long lists are cut."""
    if isinstance(parameter, tuple):
        items = [shown(p) for p in parameter]
        if len(items) > SHOWN_FIRST + SHOWN_LAST + 1:
            items = [*items[:SHOWN_FIRST], "...", *items[-SHOWN_LAST:]]
            return f"({', '.join(items)}; {len(parameter)} in all)"
        return f"({', '.join(items)}{',' if len(items) == 1 else ''})"
    return str(parameter)
