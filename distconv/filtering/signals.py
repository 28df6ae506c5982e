"""A signal as it is read: an array of numbers of one kind, and a mask where there is one."""

from __future__ import annotations

import math
import numbers
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np

from distconv.errors import DimensionError, DistconvTypeError, DistconvValueError
from distconv.typing import AnyArray, ArrayLike


@dataclass(frozen=True, slots=True, eq=False)
class Signal:
    """Numbers on places 0, 1, 2, ... of each axis.

    Attributes:
        values: floats; or the numerators of exact numbers, as int64 or, where they do not fit, as Python's integers.
        denominator: of exact numbers.
        is_exact: whether the values are exact.
        of_objects: whether it came as Python's own numbers, and goes out so.
        mask: where the values are unknown, or None.
    """

    values: AnyArray
    denominator: int
    is_exact: bool
    of_objects: bool
    mask: AnyArray | None

    @classmethod
    def read(cls, signal: ArrayLike, ndim: int, channels: bool) -> Signal:
        """A signal of the kernel's dimension, and one more for channels.

        Raises:
            DistconvTypeError: it is no array of real numbers.
            DimensionError: it has not the kernel's axes.
            DistconvValueError: it is empty.
        """
        mask = np.ma.getmaskarray(signal) if isinstance(signal, np.ma.MaskedArray) else None
        array = np.asarray(signal.data if isinstance(signal, np.ma.MaskedArray) else signal)
        if array.dtype.kind not in "iubfO":
            raise DistconvTypeError(f"a signal must be an array of real numbers, got dtype {array.dtype}")
        check_axes(array, ndim, channels)
        if mask is not None:
            array = np.where(mask, array.dtype.type(0) if array.dtype.kind != "O" else 0, array)
        if array.dtype.kind == "O":
            return cls._of_objects(array, mask)
        if array.dtype.kind == "f":
            return cls(array.astype(np.float64) if array.dtype == np.float16 else array, 1, False, False, mask)
        if array.dtype.kind == "u" and array.dtype.itemsize == 8 and array.max() > np.iinfo(np.int64).max:
            return cls(array.astype(object), 1, True, False, mask)
        return cls(array.astype(np.int64), 1, True, False, mask)

    @classmethod
    def _of_objects(cls, array: AnyArray, mask: AnyArray | None) -> Signal:
        """Python's numbers: exact ones over one denominator, all floats where one is a float."""
        values: list[Any] = [exact_or_float(v) for v in array.ravel().tolist()]
        if any(isinstance(v, float) for v in values):
            return cls(np.array([float(v) for v in values]).reshape(array.shape), 1, False, False, mask)
        denominator = math.lcm(*(v.denominator for v in values))
        numerators = [v.numerator * (denominator // v.denominator) for v in values]
        fits = max(map(abs, numerators)) < 2**63
        found = np.array(numerators, dtype=np.int64 if fits else object).reshape(array.shape)
        return cls(found, denominator, True, True, mask)

    @property
    def largest(self) -> int:
        """The largest absolute value of the numerators of an exact signal."""
        return max(abs(int(self.values.max())), abs(int(self.values.min())))

    def floats(self) -> AnyArray:
        """The values as floats, exact ones rounded."""
        if not self.is_exact:
            return self.values
        if self.denominator == 1:
            return self.values.astype(np.float64)
        return np.array([n / self.denominator for n in self.values.ravel().tolist()]).reshape(self.values.shape)


def check_axes(array: AnyArray, ndim: int, channels: bool) -> None:
    """Refuses a signal that has not the kernel's axes, or no value.

    Raises:
        DimensionError: it has other axes.
        DistconvValueError: it is empty.
    """
    wanted = ndim + (1 if channels else 0)
    if array.ndim != wanted:
        more = "; if the last axis holds channels say channels=True" if array.ndim == ndim + 1 else ""
        raise DimensionError(
            f"a {ndim}-D kernel{' with channels' if channels else ''} needs an array of {wanted} axes, got shape "
            f"{array.shape}{more}"
        )
    if array.size == 0:
        raise DistconvValueError(f"the signal is empty: shape {array.shape}")


def exact_or_float(value: object) -> int | Fraction | float:
    """One of Python's numbers, or numpy's, as an int, a Fraction or a float."""
    if isinstance(value, bool | np.bool_):
        return int(value)
    if isinstance(value, float | np.floating):
        return float(value)
    if isinstance(value, int | np.integer):
        return int(value)
    if isinstance(value, numbers.Rational):
        return Fraction(int(value.numerator), int(value.denominator))
    if isinstance(value, Decimal) and value.is_finite():
        return Fraction(value)
    raise DistconvTypeError(f"a signal must be an array of real numbers, got the value {value!r}")
