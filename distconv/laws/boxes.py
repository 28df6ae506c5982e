"""The probability that an outcome lies in a box, of any law."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

from distconv.laws.law import Law
from distconv.laws.parts import before
from distconv.queries.boxes import ends_of, prob_box
from distconv.support.outcomes import as_vector, read_vector
from distconv.typing import Corner, CornerLike, Number, Scalar


def read_corner(corner: CornerLike, ndim: int, name: str) -> Corner:
    """A corner as callers write it: None leaves an end open, of one axis too."""
    if corner is None:
        return None
    if not isinstance(corner, tuple | list) or not any(v is None for v in corner):
        return read_vector(corner, ndim, name)
    known = read_vector(tuple(0 if v is None else v for v in corner), ndim, name)
    return tuple(None if v is None else w for v, w in zip(corner, known, strict=True))


def in_box(law: Law, low: Corner, high: Corner) -> Number:
    """P(low <= X <= high), on every axis."""
    own = law.in_box(low, high)
    if own is not None:
        return own
    lows, highs = ends_of(low, law.ndim), ends_of(high, law.ndim)
    if len(law.members) > 1:
        parts, first = [], 0
        for member in law.members:
            axes = slice(first, first + member.ndim)
            parts.append(in_box(member, lows[axes], highs[axes]))
            first += member.ndim
        return math.prod(parts)
    if law.spelled() is not None:
        return law.prob(lambda x: _is_inside(x, lows, highs))
    if law.ndim == 1 and not law.is_laid_out():
        return _between(law, lows[0], highs[0])
    return prob_box(law.measure, low, high)


def _between(law: Law, low: Scalar | None, high: Scalar | None) -> Number:
    """P(low <= X <= high) of a law of numbers that is not laid out."""
    if low is not None and high is not None and low > high:
        return Fraction(0) if law.is_exact else 0.0
    left: Any = 0 if low is None else law.beside(before(law, low), "cdf")
    right: Any = 0 if high is None else law.beside(high, "sf")
    if low is None or high is None:
        other: Any = law.beside(math.inf, "cdf")
        if low is None and high is not None:
            other = law.beside(high, "cdf")
        elif low is not None:
            other = law.beside(before(law, low), "sf")
        return other
    if law.is_by_formula or isinstance(left + right, Fraction) or left + right <= 0.5:
        # A difference that is exact, or at least a half: it loses nothing.
        return 1 - left - right
    window = law.around(low, high)
    return 0.0 if window is None else prob_box(window, (low,), (high,))


def _is_inside(x: Any, lows: Any, highs: Any) -> bool:
    """Whether an outcome lies in a box."""
    above = all(a is None or bool(v >= a) for v, a in zip(as_vector(x), lows, strict=True))
    return above and all(b is None or bool(v <= b) for v, b in zip(as_vector(x), highs, strict=True))
