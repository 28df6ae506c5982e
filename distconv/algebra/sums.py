"""Sums of independent laws: a closed form, a sum kept as its terms, or a convolution."""

from __future__ import annotations

from distconv import convolution
from distconv.laws import rules
from distconv.laws.copied import copied
from distconv.laws.finite import Finite, zero
from distconv.laws.image import scaled
from distconv.laws.joint import joined
from distconv.laws.law import Law
from distconv.laws.restricting import floated
from distconv.laws.sum import summed
from distconv.measure.reading import check_addable
from distconv.measure.terms import remember_terms


def add(x: Law, y: Law) -> Law:
    """The law of the sum of two independent variables."""
    closed = rules.apply("add", x, y)
    if closed is not None:
        return closed
    check_addable(x.ndim, y.ndim)
    if not (x.is_finite and y.is_finite):
        x, y = in_doubles(x), in_doubles(y)
        return summed([(x, 1), (y, 1)]) if x.ndim == 1 else _by_members(x, y)
    a, b = x.measure, y.measure
    total, plan = convolution.convolve(a, b)
    remember_terms(total, [(a, 1), (b, 1)])
    return Finite(total, plan)


def in_doubles(law: Law) -> Law:
    """A law beside one without an end: irrational weights become doubles."""
    is_irrational = law.kind == "symbolic" and not law.letters
    return floated(law) if is_irrational else law


def subtract(x: Law, y: Law) -> Law:
    """The law of the difference of two independent variables."""
    return add(x, scaled(y, -1))


def copies(x: Law, n: int) -> Law:
    """The law of the sum of n >= 0 independent copies."""
    if n < 2:
        return x if n else zero(x.ndim)
    closed = rules.apply("copies", x, n)
    if closed is not None:
        return closed
    if not x.is_finite:
        return summed([(x, n)]) if x.ndim == 1 else joined([copies(member, n) for member in x.members])
    return copied(x, n)


def _by_members(x: Law, y: Law) -> Law:
    """The sum of two joint laws: member by member where they match, else of windows."""
    a, b = x.members, y.members
    if [law.ndim for law in a] == [law.ndim for law in b]:
        return joined([add(*pair) for pair in zip(a, b, strict=True)])
    return Finite(*convolution.convolve(x.measure, y.measure))
