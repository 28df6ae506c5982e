"""Distances of laws of which some are by formulas."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from distconv.errors import DistconvTypeError
from distconv.formulas.law import FormulaLaw
from distconv.formulas.mixed import lattice
from distconv.formulas.pieces import index_letter, unevaluated
from distconv.formulas.sums import as_formula
from distconv.laws.law import Law

if TYPE_CHECKING:
    import sympy

#: Outcomes up to which differences are added one by one, until no case of the laws is left to tell.
MOST_ALONE = 40
#: Families whose laws are ordered by each of their parameters: their distance is the difference of their means.
ORDERED = ("Poisson", "NegativeBinomial", "Binomial", "Uniform", "Logarithmic")


def total_variation(x: Law, y: Law) -> sympy.Expr:
    """Half the sum of all absolute differences, as an unevaluated sum."""
    return _distance(x, y, lambda law, k: law.at(k), False) / 2


def wasserstein(x: Law, y: Law) -> sympy.Expr:
    """The sum of the absolute differences of the CDFs: of laws that are ordered, the difference of their means."""
    import sympy

    mine, theirs = as_formula(x), as_formula(y)
    if _are_ordered(mine, theirs):
        return sympy.Abs(sympy.factor(mine.mean() - theirs.mean()))
    return _distance(x, y, lambda law, k: law.beside(k, "cdf"), True)


def _are_ordered(x: FormulaLaw, y: FormulaLaw) -> bool:
    """Whether the laws are of one family and differ in one parameter, by which its laws are ordered."""
    (a, *more), (b, *others) = x.summands, y.summands
    mine, theirs = a.atom.named(), b.atom.named()
    if more or others or mine is None or theirs is None or not (a.is_plain and b.is_plain and x.offset == y.offset):
        return False
    differing = sum(p != q for p, q in zip(mine[1], theirs[1], strict=False))
    return mine[0] == theirs[0] and mine[0] in ORDERED and differing <= 1


def _distance(x: Law, y: Law, of: Callable[[FormulaLaw, sympy.Symbol], Any], sums: bool) -> sympy.Expr:
    """The sum over all outcomes of the absolute difference of what the laws answer there."""
    import sympy

    k = sympy.Symbol("k", integer=True)
    laws = [as_formula(law) for law in (x, y)]
    if laws[0].summands == laws[1].summands and laws[0].offset == laws[1].offset:
        return sympy.Integer(0)
    base, unit = lattice(laws)
    laws = [law.displaced(-base).scaled(1 / unit) for law in laws]
    if not all(law.is_whole for law in laws):
        raise DistconvTypeError(
            "distances of laws with letters need laws on one lattice; substitute numbers first, X.subs({...})"
        )
    low, high = sympy.Min(*(law.low for law in laws)), sympy.Max(*(law.high for law in laws))
    single = [law.on_integers() for law in laws]
    if all(own and len(own) == 1 and (own[0].low, own[0].high) == (low, high) for own in single) and not sums:
        # On one range no case is left to tell.
        first, second = (own[0].expression.subs(index_letter(), k) for own in single if own)
    else:
        first, second = (of(law, k) for law in laws)
    total = _added(_gap(first, second), k, low, high)
    return unit * total if sums else total


def _gap(first: sympy.Expr, second: sympy.Expr) -> sympy.Expr:
    """The difference of two numbers >= 0 in absolute value: where one is nothing, the other, whose sign none asks."""
    import sympy

    names = {sympy.Dummy(nonnegative=True): e for e in (first, second) if e and not e.has(sympy.Piecewise)}
    known = {e: name for name, e in names.items()}
    gap = sympy.Abs(known.get(first, first) - known.get(second, second))
    return sympy.piecewise_fold(gap).xreplace(names)


def _added(term: sympy.Expr, k: sympy.Symbol, low: sympy.Expr, high: sympy.Expr) -> sympy.Expr:
    """The sum of a term over k = low, ..., high: one by one up to where no case is left, then without cases."""
    import sympy

    ends = {end for case in term.atoms(sympy.Piecewise) for _, holds in case.args for end in holds.atoms(sympy.Integer)}
    if not ends or not low.is_Integer:
        return unevaluated(term, k, low, high)
    last = max(max(ends), low)
    if high.is_Integer and high <= last + 1:
        last = high
    if last - low >= MOST_ALONE:
        return unevaluated(term, k, low, high)
    alone = sympy.Add(*(term.subs(k, place) for place in range(int(low), int(last) + 1)))
    if last == high:
        return alone
    beyond = sympy.Dummy("j", integer=True, positive=True)
    rest = term.subs(k, beyond + last).subs(beyond, k - last)
    return alone + unevaluated(rest, k, last + 1, high)
