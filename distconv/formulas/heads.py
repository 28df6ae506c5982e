"""P(X <= x) of laws by formulas: finite sums from whichever end is near, closed sums elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from distconv.formulas.cases import by_cases
from distconv.formulas.pieces import closed_sum, index_letter
from distconv.numbers.signs import floor_of

if TYPE_CHECKING:
    import sympy

    from distconv.formulas.law import FormulaLaw

#: Outcomes up to which a CDF at a number is the plain sum of its terms.
MOST_TERMS = 200


def beside(law: FormulaLaw, x: sympy.Expr, *, is_head: bool) -> sympy.Expr:
    """P(X <= x), or P(X > x): what the law knows, else a sum from the near end, else closed sums by pieces."""
    import sympy

    place = law.place_of(x)
    if place.is_number:
        place = floor_of(place)
    elif not law.is_outcome(place):
        place = sympy.floor(place)
    known = law.known_otherwise("below", place)
    if known is None:
        near = _from_near_end(law, place)
        if near is not None:
            chance, from_below = near
            return chance if from_below == is_head else 1 - chance
        if law.pieces is None:
            law.refuse("P(X <= x)")
        known = _by_pieces(law, place)
    return known if is_head else 1 - known


def _from_near_end(law: FormulaLaw, place: sympy.Expr) -> tuple[sympy.Expr, bool] | None:
    """(P(X <= x), True), or (P(X > x), False): the sum of few outcomes from an end up to a place; None of many."""
    import sympy

    for end, from_below in ((law.low, True), (law.high, False)):
        # Min and Max of a number and letters: no outcome is beyond the number.
        for bound in (end, *(end.args if end.func is (sympy.Max if from_below else sympy.Min) else ())):
            if not bound.is_finite:
                continue
            limit = law.place_of(bound)
            steps = place - limit if from_below else limit - place - 1
            if not steps.is_number or (steps >= MOST_TERMS and law.pieces is not None):
                continue
            first = bound if from_below else bound - int(sympy.floor(steps)) * law.scale
            found = list(_outcomes(law, first, int(sympy.floor(steps)) + 1))
            if from_below or not any(p.has(sympy.Piecewise) for p in found):
                return by_cases(found), from_below
    return None


def _outcomes(law: FormulaLaw, first: sympy.Expr, count: int) -> Iterator[sympy.Expr]:
    """The probabilities of so many neighbours."""
    return (law.chance_at(first + i * law.scale) for i in range(count))


def _by_pieces(law: FormulaLaw, place: Any) -> sympy.Expr:
    """P(X <= x), of an index, as the sums of the pieces up to there."""
    import sympy

    a = sympy.Dummy("a", integer=True)
    total = sympy.Integer(0)
    for piece in law.pieces or ():
        if piece.low == piece.high:
            weight = piece.expression.subs(index_letter(), piece.low)
            total += sympy.Piecewise((0, sympy.Lt(place, piece.low)), (weight, True))
            continue
        term = piece.expression.subs(index_letter(), a)
        part = closed_sum(term, a, piece.low, place)
        cases = [(0, sympy.Lt(place, piece.low)), (part, sympy.Le(place, piece.high))]
        # A region may be empty for some letters: its closed sum would then mean nothing.
        filled = sympy.Le(piece.low, piece.high)
        whole = [] if piece.high is sympy.oo else [(closed_sum(term, a, piece.low, piece.high), filled), (0, True)]
        total += sympy.Piecewise(*cases, *whole)
    return total
