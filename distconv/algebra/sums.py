"""Sums of independent laws: a closed form, a sum kept as its terms, or a convolution."""

from __future__ import annotations

from distconv import convolution
from distconv.errors import SizeLimitError
from distconv.laws import rules
from distconv.laws.adding import summed
from distconv.laws.copied import copied
from distconv.laws.finite import Finite, zero
from distconv.laws.image import scaled
from distconv.laws.joint import joined
from distconv.laws.kept import is_keepable, is_kept, kept
from distconv.laws.law import Law
from distconv.laws.restricting import floated
from distconv.measure.reading import check_addable
from distconv.measure.terms import remember_terms

#: Outcomes of a short law, and of a long one to which it is added; so many such sums on end are one sum of all terms.
SHORT, LONG, CHAIN = 1000, 2000, 64


def add(x: Law, y: Law) -> Law:
    """The law of the sum of two independent variables."""
    closed = rules.apply("add", x, y)
    if closed is not None:
        return closed
    check_addable(x.ndim, y.ndim)
    if not (x.is_finite and y.is_finite):
        x, y = in_doubles(x), in_doubles(y)
        return summed([(x, 1), (y, 1)]) if x.ndim == 1 else _by_members(x, y)
    if is_kept(x) or is_kept(y):
        return kept([(x, 1), (y, 1)])
    try:
        a, b = x.measure, y.measure
        total, plan = convolution.convolve(a, b)
    except SizeLimitError:
        if not is_keepable([(x, 1), (y, 1)]):
            raise
        return kept([(x, 1), (y, 1)])
    remember_terms(total, [(a, 1), (b, 1)])
    return _in_chain(Finite(total, plan), x, y)


def _in_chain(total: Finite, x: Law, y: Law) -> Law:
    """A sum of two laws; kept as its terms where it is the last of a long chain to each of which a short law was added.

    Every step takes as long as the whole sum is: of many, one sum of all terms is quicker than so many sums.
    """
    sizes = x.measure.support.size, y.measure.support.size
    if total.is_exact or min(sizes) > SHORT or max(sizes) < LONG:
        return total
    terms = *x.memory.get("chain", ((x, 1),)), *y.memory.get("chain", ((y, 1),))
    if len(terms) >= CHAIN and is_keepable(terms):
        return kept(terms)
    total.memory["chain"] = terms
    return total


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
