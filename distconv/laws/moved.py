"""Shifts, scalings and reflections of laws that are asked: what those of finite and of infinite laws share."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

from distconv.laws.asked import Asked
from distconv.laws.law import Law, Maker
from distconv.measure import Measure
from distconv.planning import Origin
from distconv.queries import generating
from distconv.queries.totals import OTHER_SIDE, Side
from distconv.support.outcomes import quotient, whole
from distconv.transforms import affine
from distconv.typing import Key, Moment, Outcome, Place, Scalar, Transform


class Moved(Asked):
    """scale * X + shift of a law X that is asked, and not laid out: every question is one to X."""

    __slots__ = ("base", "scale", "shift")

    base: Law
    scale: Scalar
    shift: Scalar

    def __init__(self, base: Law, scale: Scalar, shift: Scalar) -> None:
        self.describe(Origin("given", "an image of a law that is asked"), base=base, scale=scale, shift=shift)

    def anew(self) -> Maker:
        return type(self), (self.base, self.scale, self.shift)

    def parts(self) -> tuple[Law, Scalar, Scalar]:
        """The law behind, the scale and the shift."""
        return self.base, self.scale, self.shift

    def key(self) -> Key:
        core, scale, shift = self.base.key()
        return core, self.scale * scale, self.scale * shift + self.shift

    def spacing(self) -> Scalar:
        return whole((self.scale if self.scale > 0 else -self.scale) * self.base.spacing())

    def period(self) -> Scalar:
        return whole((self.scale if self.scale > 0 else -self.scale) * self.base.period())

    def sum_error(self) -> float:
        return self.base.sum_error()

    @property
    def is_exact(self) -> bool:
        """Whether the weights are exact fractions."""
        return self.base.is_exact

    @property
    def error(self) -> float:
        """A proven bound on the relative rounding error of every weight."""
        return self.base.error

    @property
    def low(self) -> Scalar | None:
        """The lowest outcome; None where there is none."""
        return self._moved(self.base.low if self.scale > 0 else self.base.high)

    @property
    def high(self) -> Scalar | None:
        """The highest outcome; None where there is none."""
        return self._moved(self.base.high if self.scale > 0 else self.base.low)

    def _moved(self, x: Scalar | None) -> Scalar | None:
        return None if x is None else whole(self.scale * x + self.shift)

    def covering(self, tail: float) -> Measure:
        return self._carried(self.base.covering(tail))

    def in_doubles(self, tail: float) -> Measure:
        return self._carried(self.base.in_doubles(tail))

    def _carried(self, measure: Measure) -> Measure:
        return affine.shifted(affine.scaled(measure, self.scale), (self.shift,))

    def up_to(self, x: Scalar) -> Measure | None:
        edge = quotient(x - self.shift, self.scale)
        part = self.base.up_to(edge) if self.scale > 0 else self.base.down_to(edge)
        return None if part is None else self._carried(part)

    def down_to(self, x: Scalar) -> Measure | None:
        edge = quotient(x - self.shift, self.scale)
        part = self.base.down_to(edge) if self.scale > 0 else self.base.up_to(edge)
        return None if part is None else self._carried(part)

    def around(self, low: Scalar, high: Scalar) -> Measure | None:
        ends = sorted([quotient(low - self.shift, self.scale), quotient(high - self.shift, self.scale)])
        part = self.base.around(ends[0], ends[1])
        return None if part is None else self._carried(part)

    def exact_head(self, x: Scalar) -> Fraction | None:
        place, side = self._behind(x, "cdf")
        head = self.base.exact_head(place)
        return head if head is None or side == "cdf" else 1 - head

    def held(self, x: Scalar, side: Side, *, log: bool = False) -> float:
        return self.base.held(*self._behind(x, side), log=log)

    def is_far_side(self, x: Scalar, side: Side) -> bool:
        return self.base.is_far_side(*self._behind(x, side))

    def _behind(self, x: Scalar, side: Side) -> tuple[Scalar, Side]:
        """The question to the base law that has the same answer: mirrored, X <= x is base > the outcome before."""
        edge = quotient(x - self.shift, self.scale)
        if self.scale > 0:
            return edge, side
        step, anchor = self.base.spacing(), self.base.anchor()
        before = anchor + step * (math.ceil(quotient(edge - anchor, step)) - 1)
        return whole(before), OTHER_SIDE[side]

    def quantile(self, q: Fraction, side: Side, rounded: bool) -> Outcome:
        last = self._last(q, side)
        if last is not None:
            return last
        place: Any = self.base.quantile(q, side, rounded) if self.scale > 0 else self._past(q, side, rounded)
        return whole(self.scale * place + self.shift)

    def _past(self, q: Fraction, side: Side, rounded: bool) -> Any:
        """The first outcome of the base whose sum is past a level, not at it: mirrored, that is the quantile."""
        base, turned = self.base, OTHER_SIDE[side]
        place: Any = base.quantile(q, turned, rounded)
        level = float(q) if rounded and not self.is_exact else q
        while base.beside(place, turned) == level:
            place = whole(place + base.spacing())
        return place

    def cumulant(self, k: int) -> Moment:
        value = self.scale**k * self.base.cumulant(k)
        return value + self.shift if k == 1 else value

    def told(self, value: Moment) -> Moment:
        return self.base.told(value)

    def repeats(self) -> bool:
        return self.base.repeats()

    @property
    def lost(self) -> float:
        return self.base.lost

    def log_mgf(self, t: float) -> float:
        return float(self.shift) * t + self.base.log_mgf(float(self.scale) * t)

    def pgf(self, z: Place) -> Transform:
        """z**shift times the base law's E[(z**scale)**X]."""
        base: Any = generating.exact_place(z)
        if z == 0:
            generating.check_zero(self.low)
            # As exact as z is.
            return self.at(0) * base**0
        return base**self.shift * self.base.pgf(base**self.scale)
