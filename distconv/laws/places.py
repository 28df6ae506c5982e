"""Where laws lie beside each other: what several of them share up to one scale and one shift."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from fractions import Fraction

from distconv.laws.image import scaled, shifted
from distconv.laws.law import Law
from distconv.support.outcomes import quotient, whole
from distconv.typing import Scalar


def common_place(laws: Sequence[Law]) -> tuple[Scalar, Scalar]:
    """(scale, shift) that move together with infinite laws: the least of their own."""
    keys = [law.key() for law in laws]
    return min(max(scale, -scale) for _, scale, _ in keys), min(shift for _, _, shift in keys)


def key_from(law: Law, scale: Scalar, shift: Scalar) -> Hashable:
    """What tells the law of (X - shift) / scale, scale > 0; of a long finite one what tells it."""
    if law.is_finite and law.is_laid_out():
        return scaled(shifted(law, (-shift,)), quotient(1, scale))
    core, own, moved = law.key()
    return core, whole(Fraction(own) / scale), whole(Fraction(moved - shift) / scale)
