"""Sums of expressions, each on a range of one whole letter, as one expression by cases that exclude each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sympy

#: Characters of a sum up to which it is brought into factors.
LONGEST = 2000


def by_cases(terms: list[sympy.Expr]) -> sympy.Expr:
    """The sum of terms; where these hold on ranges of one whole letter, by cases: the highest range first.

    A case of one number has that number in place of the letter: it is a value, and no formula that holds there alone.
    """
    import sympy

    cased = [t for t in terms if t.is_Piecewise]
    letters = {s for t in cased for s in t.args[0].cond.free_symbols}
    if not cased or len(terms) == 1 or len(letters) != 1:
        return sympy.Add(*terms)
    (letter,) = letters
    found = [_ranged(t, letter) for t in terms]
    if not letter.is_integer or any(f is None for f in found):
        return sympy.Add(*terms)
    known = [f for f in found if f is not None]
    floor = sympy.Integer(1) if letter.is_positive else sympy.Integer(0) if letter.is_nonnegative else -sympy.oo
    starts = sorted({floor, *(lo for _, lo, _ in known if lo > floor), *(hi + 1 for _, _, hi in known if hi >= floor)})
    cases: list[tuple[sympy.Expr, sympy.Expr, sympy.Expr]] = []
    for low, after in zip(starts, [*starts[1:], sympy.oo], strict=True):
        if low == sympy.oo:
            continue
        here = _short(sympy.Add(*(value for value, lo, hi in known if lo <= low and after - 1 <= hi)))
        here = here.subs(letter, low) if after - low == 1 else here
        if here.has(sympy.nan, sympy.zoo):
            return sympy.Add(*terms)
        if cases and cases[-1][0] == here:
            cases[-1] = (here, cases[-1][1], after - 1)
        else:
            cases.append((here, low, after - 1))
    listed = [(here, _between(letter, lo, hi, floor)) for here, lo, hi in reversed(cases) if here != 0]
    if len(listed) == len(cases) and floor.is_finite:
        # Nothing is left out: the lowest values are the rest.
        return sympy.Piecewise(*listed[:-1], (listed[-1][0], True))
    return sympy.Piecewise(*listed, (0, True))


def _ranged(term: sympy.Expr, letter: sympy.Symbol) -> tuple[sympy.Expr, sympy.Expr, sympy.Expr] | None:
    """The value of a term that is 0 outside a range of a letter, and the ends of the range; None of other terms."""
    import sympy

    if not term.is_Piecewise:
        return term, -sympy.oo, sympy.oo
    if len(term.args) != 2 or term.args[1].expr != 0:
        return None
    low, high = -sympy.oo, sympy.oo
    for bound in sympy.And.make_args(term.args[0].cond):
        if not isinstance(bound, (sympy.Eq, sympy.Ge, sympy.Le)) or bound.lhs != letter or not bound.rhs.is_Integer:
            return None
        if not isinstance(bound, sympy.Le):
            low = sympy.Max(low, bound.rhs)
        if not isinstance(bound, sympy.Ge):
            high = sympy.Min(high, bound.rhs)
    return term.args[0].expr, low, high


def _between(letter: sympy.Symbol, low: sympy.Expr, high: sympy.Expr, floor: sympy.Expr) -> sympy.Basic:
    """That a letter, which is at least `floor`, is between two numbers."""
    import sympy

    if low == high:
        return sympy.Eq(letter, low)
    least = sympy.true if low == floor else sympy.Ge(letter, low)
    return sympy.And(least, sympy.Le(letter, high) if high.is_finite else sympy.true)


def _short(value: sympy.Expr) -> sympy.Expr:
    """A sum in factors, where it is a short one of fractions."""
    import sympy

    if not value.is_Add or value.has(sympy.Sum, sympy.Piecewise) or len(str(value)) > LONGEST:
        return value
    return sympy.factor(value)
