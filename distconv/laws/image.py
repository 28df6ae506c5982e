"""Shifts, scalings and reflections of laws."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from distconv.laws import rules
from distconv.laws.finite import zero
from distconv.laws.jumps import Jumps
from distconv.laws.law import Blend, Law
from distconv.laws.long import Long
from distconv.laws.moved import Moved
from distconv.laws.rules import rule
from distconv.laws.unbounded import Unbounded
from distconv.measure import Measure
from distconv.queries import sampling
from distconv.support.outcomes import quotient, whole
from distconv.typing import Drawn, Outcome, RandomState, Scalar, Vector


class LongImage(Moved, Long):
    """scale * X + shift of a finite law X that is asked, and not laid out."""

    __slots__ = ()

    def mode(self) -> Outcome:
        place: Any = self.base.mode()
        # Mirrored, the lowest of equal weights is the highest: these laws rise once and fall once.
        while self.scale < 0 and self.base.at(place + self.base.spacing()) == self.base.at(place):
            place += self.base.spacing()
        return whole(self.scale * place + self.shift)

    def rvs(self, size: int | tuple[int, ...] | None, rng: RandomState) -> Drawn:
        drawn = np.asarray(self.base.rvs(size, rng))
        values = [whole(self.scale * v + self.shift) for v in drawn.ravel().tolist()]
        if size is None:
            return values[0]
        return np.array(values, dtype=sampling.drawn_type(values)).reshape(drawn.shape)

    def _materialise(self) -> Measure:
        self.check_length()
        return self._carried(self.base.measure)


class Image(Moved, Unbounded):
    """scale * X + shift of an infinite law X."""

    __slots__ = ()

    def blend(self) -> Blend | None:
        inner = self.base.blend()
        if inner is None:
            return None
        return [(moved(law, self.scale, self.shift), share) for law, share in inner[0]], inner[1]

    def jumps(self) -> Jumps | None:
        inner = None if self.shift or self.scale < 0 else self.base.jumps()
        return None if inner is None else replace(inner, law=scaled(inner.law, self.scale))


def scaled(law: Law, factor: Scalar) -> Law:
    """The law of a multiple."""
    if factor == 1:
        return law
    if not factor:
        return zero(law.ndim)
    own = law.scaled(factor)
    return moved(law, factor, 0) if own is None else own


def shifted(law: Law, by: Vector) -> Law:
    """The law moved by a vector."""
    if not any(by):
        return law
    own = law.shifted(by)
    return moved(law, 1, by[0]) if own is None else own


def moved(law: Law, scale: Scalar, shift: Scalar) -> Law:
    """The law of scale * X + shift, for a scale that is not 0, of a law of numbers.

    Images of images and mirrored laws with a name are resolved, and sums are sums of images: one image at most.
    """
    base, inner, inner_shift = law.parts()
    scale, shift = whole(scale * inner), whole(scale * inner_shift + shift)
    mirrored = base.mirrored() if scale < 0 else None
    if mirrored is not None:
        base, scale = mirrored, -scale
    own = base.scaled(scale) if scale != 1 else None
    if own is not None:
        return shifted(own, (shift,))
    own = base.shifted((shift,)) if scale == 1 and shift else None
    if own is not None:
        return own
    if scale == 1 and not shift:
        return base
    return (LongImage if base.is_finite else Image)(base, scale, shift)


@rule("add", Moved, Law)
def _sum_of_images(x: Moved, y: Law) -> Law | None:
    """scale * (base + base) + shifts, or scale * (base - base) + shifts, where that has a closed form."""
    if x.is_finite != y.is_finite:
        return None
    other, scale, shift = y.parts()
    if scale == x.scale:
        closed = rules.apply("add", x.base, other)
    elif scale == -x.scale:
        closed = rules.apply("subtract", x.base, other)
        if closed is None:
            closed = rules.apply("subtract", other, x.base)
            closed = None if closed is None else moved(closed, -1, 0)
    else:
        closed = None
    return None if closed is None else moved(closed, x.scale, whole(x.shift + shift))


@rule("copies", Moved)
def _copies_of_image(x: Moved, n: int) -> Law | None:
    """scale * (n @ base) + n * shift."""
    closed = rules.apply("copies", x.base, n)
    return None if closed is None else moved(closed, x.scale, whole(n * x.shift))


@rule("root", Moved)
def _root_of_image(x: Moved, n: int) -> Law | None:
    """scale * (root of base) + shift / n."""
    closed = rules.apply("root", x.base, n)
    return None if closed is None else moved(closed, x.scale, quotient(x.shift, n))
