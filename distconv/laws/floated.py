"""Exact laws without an end, told in doubles: ``X.to_float()``."""

from __future__ import annotations

from fractions import Fraction

from distconv import bounds, convolution
from distconv.laws import image
from distconv.laws.law import Law, Maker
from distconv.laws.unbounded import Unbounded
from distconv.measure import Measure
from distconv.numbers.doubles import to_double
from distconv.planning import Origin
from distconv.queries.totals import Side
from distconv.typing import Key, Moment, Outcome, Place, Scalar, Transform, Vector


class Floated(Unbounded):
    """An exact law, every answer of which is rounded once to a double."""

    __slots__ = ("base",)

    base: Law

    def __init__(self, base: Law) -> None:
        self.describe(Origin("given", "an exact law, told in doubles"), base=base)

    def anew(self) -> Maker:
        return Floated, (self.base,)

    def name(self) -> str | None:
        inner = self.base.name()
        return None if inner is None else f"{inner}.to_float()"

    def key(self) -> Key:
        core, scale, shift = self.base.key()
        return ("floated", core), scale, shift

    @property
    def is_exact(self) -> bool:
        """False: answers are doubles."""
        return False

    @property
    def error(self) -> float:
        """One rounding."""
        return bounds.UNIT

    @property
    def low(self) -> Scalar | None:
        """The lowest outcome; None where there is none."""
        return self.base.low

    @property
    def high(self) -> Scalar | None:
        """The highest outcome; None where there is none."""
        return self.base.high

    def anchor(self) -> Scalar:
        return self.base.anchor()

    def spacing(self) -> Scalar:
        return self.base.spacing()

    def period(self) -> Scalar:
        return self.base.period()

    def repeats(self) -> bool:
        return self.base.repeats()

    def scaled(self, factor: Scalar) -> Law:
        return Floated(image.scaled(self.base, factor))

    def shifted(self, by: Vector) -> Law:
        return Floated(image.shifted(self.base, by))

    # Windows ------------------------------------------------------------------------------------------------------

    def covering(self, tail: float) -> Measure:
        return self.base.in_doubles(tail)

    def up_to(self, x: Scalar) -> Measure | None:
        part = self.base.up_to(x)
        return None if part is None else convolution.as_floating(part)

    def down_to(self, x: Scalar) -> Measure | None:
        part = self.base.down_to(x)
        return None if part is None else convolution.as_floating(part)

    # Answers ------------------------------------------------------------------------------------------------------

    def held(self, x: Scalar, side: Side, *, log: bool = False) -> float:
        return float(self.base.beside(x, side, log=log))

    def is_far_side(self, x: Scalar, side: Side) -> bool:
        return False

    def mode(self) -> Outcome:
        return self.base.mode()

    def cumulant(self, k: int) -> Moment:
        return self.base.cumulant(k)

    def told(self, value: Moment) -> Moment:
        return to_double(value)

    def pgf(self, z: Place) -> Transform:
        found = self.base.pgf(z)
        return float(found) if isinstance(found, Fraction) else found

    def log_mgf(self, t: float) -> float:
        return self.base.log_mgf(t)
