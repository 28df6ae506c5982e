"""Shifts, scalings and reflections of infinite laws."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

from distconv import closed_forms
from distconv.distribution import Distribution
from distconv.measure import Measure
from distconv.planning import Origin
from distconv.queries.totals import OTHER_SIDE, Side
from distconv.support.outcomes import quotient, whole
from distconv.transforms import affine
from distconv.typing import Outcome, PointLike, Scalar, Transform
from distconv.unbounded.jumps import Jumps
from distconv.unbounded.law import Unbounded
from distconv.value import write


class Image(Unbounded):
    """scale * X + shift of an infinite law X."""

    __slots__ = ("base", "scale", "shift")

    base: Unbounded
    scale: Scalar
    shift: Scalar

    def __new__(cls, base: Unbounded, scale: Scalar, shift: Scalar) -> Image:
        """One image at most: images of images, mirrored laws with a name and scaled sums are resolved.

        The identity is the law itself, so an `Image` need not come back.
        """
        if isinstance(base, Image):
            scale, shift = whole(scale * base.scale), whole(scale * base.shift + shift)
            base = base.base
        mirrored = base._mirrored() if scale < 0 else None
        if mirrored is not None:
            base, scale = mirrored, -scale
        from distconv.unbounded.sum import UnboundedSum

        if isinstance(base, UnboundedSum) and scale != 1:
            terms = [(law._scaled(scale), n) for law, n in base.terms]
            base, scale = UnboundedSum(terms), 1
        if scale == 1 and shift == 0:
            return base  # type: ignore[return-value]
        law = object.__new__(cls)
        law._set(None, Origin("given", "an image of a law with infinitely many outcomes"))
        for name, value in (("base", base), ("scale", scale), ("shift", shift)):
            write(law, name, value)
        return law

    def __init__(self, base: Unbounded, scale: Scalar, shift: Scalar) -> None:
        pass

    def _anew_by(self) -> Any:
        return Image, (self.base, self.scale, self.shift)

    def _key(self) -> Any:
        core, scale, shift = self.base._key()
        return core, self.scale * scale, self.scale * shift + self.shift

    def _spacing(self) -> Scalar:
        return whole((self.scale if self.scale > 0 else -self.scale) * self.base._spacing())

    def _period(self) -> Scalar:
        return whole((self.scale if self.scale > 0 else -self.scale) * self.base._period())

    def _sum_error(self) -> float:
        return self.base._sum_error()

    def _unmoved(self) -> tuple[Unbounded, Scalar, Scalar]:
        return self.base, self.scale, self.shift

    def _blend(self) -> tuple[Sequence[tuple[Distribution, Any]], float] | None:
        inner = self.base._blend()
        if inner is None:
            return None
        return [(law._scaled(self.scale)._shifted((self.shift,)), share) for law, share in inner[0]], inner[1]

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

    def _covering(self, tail: float) -> Measure:
        return self._carried(self.base._covering(tail))

    def _in_doubles(self, tail: float) -> Measure:
        return self._carried(self.base._in_doubles(tail))

    def _carried(self, measure: Measure) -> Measure:
        return affine.shifted(affine.scaled(measure, self.scale), (self.shift,))

    def _up_to(self, x: Scalar) -> Measure | None:
        edge = quotient(x - self.shift, self.scale)
        part = self.base._up_to(edge) if self.scale > 0 else self.base._from(edge)
        return None if part is None else self._carried(part)

    def _from(self, x: Scalar) -> Measure | None:
        edge = quotient(x - self.shift, self.scale)
        part = self.base._from(edge) if self.scale > 0 else self.base._up_to(edge)
        return None if part is None else self._carried(part)

    def _around(self, low: Scalar, high: Scalar) -> Measure | None:
        ends = sorted([quotient(low - self.shift, self.scale), quotient(high - self.shift, self.scale)])
        part = self.base._around(ends[0], ends[1])
        return None if part is None else self._carried(part)

    def _exact_head(self, x: Scalar) -> Fraction | None:
        place, side = self._behind(x, "cdf")
        head = self.base._exact_head(place)
        return head if head is None or side == "cdf" else 1 - head

    def _held(self, x: Scalar, side: Side, *, log: bool = False) -> float:
        return self.base._held(*self._behind(x, side), log=log)

    def _is_far_side(self, x: Scalar, side: Side) -> bool:
        return self.base._is_far_side(*self._behind(x, side))

    def _behind(self, x: Scalar, side: Side) -> tuple[Scalar, Side]:
        """The question to the base law that has the same answer: mirrored, X <= x is base > the outcome before."""
        edge = quotient(x - self.shift, self.scale)
        if self.scale > 0:
            return edge, side
        step, anchor = self.base._spacing(), self.base._some_outcome()
        before = anchor + step * (math.ceil(quotient(edge - anchor, step)) - 1)
        return whole(before), OTHER_SIDE[side]

    def _quantile(self, q: Fraction, side: Side, rounded: bool) -> Outcome:
        last = self._last(q, side)
        if last is not None:
            return last
        place: Any = self.base._quantile(q, side, rounded) if self.scale > 0 else self._past(q, side, rounded)
        return whole(self.scale * place + self.shift)

    def _past(self, q: Fraction, side: Side, rounded: bool) -> Any:
        """The first outcome of the base whose sum is past a level, not at it: mirrored, that is the quantile."""
        base, turned = self.base, OTHER_SIDE[side]
        place: Any = base._quantile(q, turned, rounded)
        level = float(q) if rounded and not self.is_exact else q
        while base._beside(place, turned) == level:
            place = whole(place + base._spacing())
        return place

    def _cumulant(self, k: int) -> Any:
        value = self.scale**k * self.base._cumulant(k)
        return value + self.shift if k == 1 else value

    def _told(self, value: Any) -> Any:
        return self.base._told(value)

    def _repeats(self) -> bool:
        return self.base._repeats()

    @property
    def _lost(self) -> float:
        return self.base._lost

    def _jumps(self) -> Jumps | None:
        inner = None if self.shift or self.scale < 0 else self.base._jumps()
        return None if inner is None else replace(inner, law=self.scale * inner.law)

    def _log_mgf(self, t: float) -> float:
        return float(self.shift) * t + self.base._log_mgf(float(self.scale) * t)

    def pgf(self, z: PointLike) -> Transform:
        """z**shift times the base law's E[(z**scale)**X]."""
        base = Fraction(z) if isinstance(z, int) else z
        return base**self.shift * self.base.pgf(base**self.scale)


@closed_forms.register_any(Image)
def _sum_of_images(x: Image, y: Distribution) -> Distribution | None:
    """scale * (base + base) + shifts, or scale * (base - base) + shifts, where that has a closed form."""
    if not isinstance(y, Unbounded):
        return None
    other, scale, shift = (y.base, y.scale, y.shift) if isinstance(y, Image) else (y, 1, 0)
    if scale == x.scale:
        closed = closed_forms.add(x.base, other)
    elif scale == -x.scale:
        closed = closed_forms.subtract(x.base, other)
        if closed is None:
            closed = closed_forms.subtract(other, x.base)
            closed = None if closed is None else -closed
    else:
        closed = None
    return None if closed is None else x.scale * closed + (x.shift + shift)


@closed_forms.register_power(Image)
def _copies_of_image(x: Image, n: int) -> Distribution | None:
    """scale * (n @ base) + n * shift."""
    closed = closed_forms.power(x.base, n)
    return None if closed is None else x.scale * closed + n * x.shift
