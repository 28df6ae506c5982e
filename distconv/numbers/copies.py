"""Sums of n copies of one law, n a letter: probabilities as the finite sums that books print.

A `sympy.Sum` stays as it is written; with numbers in place of the letters, ``doit()`` adds its terms. They are right at
every whole place, also outside of the outcomes, where they add to 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sympy

#: Terms up to which a sum between numbers is added at once: some milliseconds each.
MOST_ADDED = 50
#: Characters of a polynomial up to which it is factored: a fifth of a second.
LONGEST_FACTORED = 500


def of_equal(k: sympy.Expr, n: sympy.Expr, low: sympy.Expr, high: sympy.Expr) -> sympy.Expr:
    """P(X_1 + ... + X_n = k) of equally likely integers low..high: de Moivre's alternating sum (1711).

    A sum is a way to put k - n low balls into n boxes that hold high - low each; j of them are too full.
    """
    import sympy

    depth = sympy.expand(n * high - k)
    # The law is symmetric: near its upper end the sum from there is the short one.
    k = sympy.expand(n * low + depth) if depth.is_number else k
    return _alternating(k - 1, n - 1, k, n, low, high)


def of_equal_below(k: sympy.Expr, n: sympy.Expr, low: sympy.Expr, high: sympy.Expr) -> sympy.Expr:
    """P(X_1 + ... + X_n <= k) of equally likely integers low..high: one more box takes what is left."""
    return _alternating(k, n, k, n, low, high)


def _alternating(
    top: sympy.Expr, bottom: sympy.Expr, k: sympy.Expr, n: sympy.Expr, low: sympy.Expr, high: sympy.Expr
) -> sympy.Expr:
    """The sum of (-1)**j C(n, j) C(top - n (low - 1) - j width, bottom) / width**n."""
    import sympy

    width, height = sympy.expand(high - low + 1), sympy.expand(k - n * low)
    j = term_letter(k, n, low, high)
    places = sympy.expand(top - n * (low - 1) - j * width)
    last = sympy.floor(height / width)
    # Of the two equal ways to write it, the one that is a polynomial in n where there is one, and right at n = 0.
    chosen = bottom if n.is_positive and not last.is_Integer else sympy.expand(places - bottom)
    term = (-1) ** j * sympy.binomial(n, j) * sympy.binomial(places, chosen)
    return added(term, j, sympy.Integer(0), last) / width**n


def of_three(k: sympy.Expr, n: sympy.Expr, weights: Sequence[sympy.Expr], last: int) -> sympy.Expr:
    """P(X_1 + ... + X_n = k) where X is 0, 1 or `last` with these probabilities: a sum of trinomials."""
    import sympy

    none, one, most = weights
    k = sympy.expand(k)
    j = term_letter(k, n, *weights)
    ones, rest = sympy.expand(k - last * j), sympy.expand(n - k + (last - 1) * j)
    term = sympy.binomial(n, j) * sympy.binomial(n - j, ones) * none**rest * one**ones * most**j
    # At a number the terms that are none are 0 in any case.
    first = sympy.Integer(0) if k.is_number else sympy.Max(0, sympy.ceiling(sympy.expand(k - n) / (last - 1)))
    return added(term, j, first, sympy.floor(k / last))


def added(term: sympy.Expr, j: sympy.Symbol, first: sympy.Expr, last: sympy.Expr) -> sympy.Expr:
    """The sum of a term over j = first, ..., last, added where the ends are numbers."""
    import sympy

    if not (first.is_Integer and last.is_Integer and last - first < MOST_ADDED):
        return sympy.Sum(term, (j, first, last))
    total = sympy.Add(*(sympy.expand_func(term.subs(j, i)) for i in range(int(first), int(last) + 1)))
    is_short = len(str(total)) <= LONGEST_FACTORED and total.is_polynomial()
    return sympy.factor(total) if is_short else sympy.factor_terms(total)


def added_up_to(inner: sympy.Expr, index: sympy.Symbol, last: sympy.Expr) -> sympy.Expr:
    """The sum over index = 0, ..., last of a sum whose terms are 0 beyond its own ends, as one over a rectangle.

    Ends without the index in them: sympy adds a sum between numbers, and loses itself in others.
    """
    import sympy

    (j, _, high), *_ = inner.limits
    rising = sympy.diff(sympy.expand(high.args[0] if high.func is sympy.floor else high), index).is_nonnegative
    furthest = high.subs(index, last if rising else 0)
    return sympy.Sum(inner.function, (j, 0, furthest), (index, 0, last))


def term_letter(*expressions: sympy.Expr) -> sympy.Symbol:
    """The letter that counts the terms of a sum: j, or j with a number where that stands in the expressions."""
    import sympy

    taken = {s.name for e in expressions for s in e.atoms(sympy.Symbol)}
    names = ("j", *(f"j{i}" for i in range(1, len(taken) + 1)))
    return sympy.Symbol(next(name for name in names if name not in taken), integer=True, nonnegative=True)


def binomial_of(weights: Sequence[sympy.Expr]) -> tuple[sympy.Expr, sympy.Expr] | None:
    """(n, p) where the weights are those of a binomial law at 0, ..., n >= 1; None of others.

    w_(i+1) / w_i = (n - i) / (i + 1) * p / (1 - p): the first two tell p.
    """
    import sympy

    size = len(weights) - 1
    if size == 1:
        return sympy.Integer(1), weights[1]
    odds = sympy.cancel(weights[1] / (size * weights[0]))
    for i, (one, more) in enumerate(pairwise(weights)):
        if sympy.cancel(more * (i + 1) - one * (size - i) * odds) != 0:
            return None
    return sympy.Integer(size), sympy.cancel(odds / (1 + odds))


def dice_of(weights: Sequence[sympy.Expr]) -> tuple[int, int] | None:
    """(r, m) where the weights are those of the sum of r equally likely 0, ..., m >= 1, at 0, ..., r m; None of others.

    The second is r times the first: one of r dice shows one more.
    """
    size, ratio = len(weights) - 1, weights[1] / weights[0]
    if not (ratio.is_Integer and ratio > 0 and size % ratio == 0):
        return None
    r, m = int(ratio), size // int(ratio)
    ways = [1]
    for _ in range(r):
        sums = [0]
        for way in [*ways, *[0] * m]:
            sums.append(sums[-1] + way)
        ways = [sums[i + 1] - sums[max(0, i - m)] for i in range(len(sums) - 1)]
    return (r, m) if all(w == way * weights[0] for w, way in zip(weights, ways, strict=True)) else None
