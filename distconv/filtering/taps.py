"""The taps of a kernel: its weights that are not 0, at whole places."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from distconv.errors import DistconvTypeError, DistconvValueError
from distconv.measure import Measure
from distconv.measure.arranging import positive_cells
from distconv.numbers.doubles import ratio_to_double
from distconv.numbers.letters import expression_of, is_expression
from distconv.support import Lattice
from distconv.support.outcomes import as_outcome
from distconv.support.points import indices_of
from distconv.typing import AnyArray, DTypeLike, FloatArray, Shape
from distconv.weights.unify import are_numbers

if TYPE_CHECKING:
    import sympy

#: The largest weight is at least so large, or weights beside it may lose digits that count.
LEAST_LARGEST = 2.0**-900


def doubles_of(array: AnyArray) -> FloatArray:
    """Weights as doubles, exact ones rounded once.

    Raises:
        DistconvValueError: one is past the largest double, or all are so small that doubles lose their digits.
    """
    values = array.ravel().tolist()
    doubles = np.array([_rounded(w.numerator, w.denominator) if _is_exact(w) else float(w) for w in values])
    if np.abs(doubles).max(initial=0.0) < LEAST_LARGEST and any(_is_exact(w) and w for w in values):
        largest = max((abs(w) for w in values if _is_exact(w)), default=Fraction(0))
        exponent = ratio_to_double(largest.numerator, largest.denominator)[1]
        raise DistconvValueError(
            f"the largest weight, about 2**{exponent}, is too small for doubles; multiply the kernel first: "
            f"2**{-exponent} * k, or stay exact: k.apply(signal, exact=True)"
        )
    return doubles.reshape(array.shape)


def _is_exact(weight: Any) -> bool:
    return isinstance(weight, int | Fraction)


def _rounded(numerator: int, denominator: int) -> float:
    """An exact weight as a double."""
    significand, exponent = ratio_to_double(abs(numerator), denominator)
    if exponent > 1024 or (exponent == 1024 and significand == 1):
        raise DistconvValueError(
            f"a weight of about 2**{exponent} is past the largest double; divide the kernel first: "
            f"k / 2**{exponent - 1000}, or stay exact: k.apply(signal, exact=True)"
        )
    return math.copysign(math.ldexp(significand, max(exponent, -1080)), numerator)


def taps_of(box: Lattice, weights: FloatArray | Measure) -> Taps:
    """The weights of a kernel that are not 0, doubles on a box or exact ones.

    Raises:
        DistconvValueError: they lie at places that are no whole numbers.
    """
    if any(v.denominator > 1 for v in (*box.origin, *box.step)):
        raise DistconvValueError(
            f"a signal has whole places, the kernel lies at {as_outcome(box.origin)} in steps of "
            f"{as_outcome(box.step)}; make its places whole numbers first"
        )
    cells = np.flatnonzero(weights) if isinstance(weights, np.ndarray) else positive_cells(weights)
    columns = [
        index.astype(np.int64 if int(h) < 2**62 > -int(o) else object) * int(s) + int(o)
        for index, o, s, h in zip(indices_of(cells, box.shape), box.origin, box.step, box.high, strict=True)
    ]
    places, low, high = np.stack(columns, axis=1), tuple(map(int, box.origin)), tuple(map(int, box.high))
    if isinstance(weights, np.ndarray):
        return Taps(places, low, high, weights.ravel()[cells])
    stored = weights.weights
    if not are_numbers(stored):
        return Taps(places, low, high, None, tuple(stored.numbers(stored.positive())))
    exact = stored.as_rational()
    return Taps(places, low, high, None, tuple(int(n) for n in exact.integers() if n), exact.denominator)


@dataclass(frozen=True, eq=False)
class Taps:
    """Weights at places, and the box that counts as the kernel's (an array's zeros at the rim are a part of it).

    Attributes:
        places: one row of integers for each tap.
        low: the lowest corner of the box.
        high: the highest.
        weights: doubles, or None where the weights are exact.
        numerators: of exact weights: integers, or expressions where there are letters.
        denominator: of exact weights.
    """

    places: AnyArray
    low: Shape
    high: Shape
    weights: FloatArray | None = None
    numerators: tuple[Any, ...] = ()
    denominator: int = 1

    @property
    def count(self) -> int:
        """How many taps there are."""
        return len(self.places)

    @property
    def shape(self) -> Shape:
        """The shape of the box."""
        return tuple(h - lo + 1 for lo, h in zip(self.low, self.high, strict=True))

    @property
    def has_letters(self) -> bool:
        """Whether weights are expressions."""
        return any(map(is_expression, self.numerators))

    def expressions(self) -> list[sympy.Expr]:
        """The weights as expressions.

        Raises:
            DistconvTypeError: they are doubles.
        """
        if self.weights is not None:
            raise DistconvTypeError(
                "a floating kernel is not applied to a signal with letters; give its weights as fractions, "
                'Kernel({0: "1/10"}), or the letters numbers'
            )
        return [expression_of(n) / self.denominator for n in self.numerators]

    @cached_property
    def floats(self) -> FloatArray:
        """The weights as doubles, exact ones rounded once, none past the largest."""
        if self.weights is not None:
            return self.weights
        return doubles_of(np.array([Fraction(n, self.denominator) for n in self.numerators], dtype=object))

    def dense(self, values: AnyArray, dtype: DTypeLike = np.float64) -> AnyArray:
        """Values at the taps as an array on the box, 0 elsewhere."""
        result = np.zeros(self.shape, dtype=dtype)
        index = tuple((self.places[:, axis] - lo).astype(np.intp) for axis, lo in enumerate(self.low))
        result[index] = values
        return result

    def starts(self) -> list[tuple[int, ...]]:
        """Where each tap begins to read the padded signal: the highest one at 0."""
        return [tuple(int(h - p) for h, p in zip(self.high, row, strict=True)) for row in self.places.tolist()]

    def moved(self, places: AnyArray) -> Taps:
        """The taps at other places, in the smallest box; those that meet are added."""
        kept, groups = np.unique(places, axis=0, return_inverse=True)
        groups = groups.ravel()
        if self.weights is not None:
            weights = np.zeros(len(kept))
            np.add.at(weights, groups, self.weights)
            moved = replace(self, places=kept, weights=weights)
        else:
            numerators = [0] * len(kept)
            for group, numerator in zip(groups.tolist(), self.numerators, strict=True):
                numerators[group] += numerator
            moved = replace(self, places=kept, numerators=tuple(numerators))
        low, high = (tuple(int(v) for v in end(kept, axis=0)) for end in (np.min, np.max))
        return replace(moved, low=low, high=high)

    def chosen(self, which: AnyArray) -> Taps:
        """Some of the taps, in the smallest box that holds them (in the same one where there are none)."""
        places = self.places[which]
        weights = None if self.weights is None else self.weights[which]
        exact = zip(self.numerators, which.tolist(), strict=False)
        numerators = tuple(numerator for numerator, kept in exact if kept)
        low, high = self.low, self.high
        if len(places):
            low, high = (tuple(int(v) for v in end(places, axis=0)) for end in (np.min, np.max))
        return replace(self, places=places, low=low, high=high, weights=weights, numerators=numerators)
