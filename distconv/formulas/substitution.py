"""Numbers in place of the letters of formula laws: the families with numbers, or laws of values of the formula."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from distconv.algebra import spanning
from distconv.algebra import sums as numeric
from distconv.errors import DistconvValueError
from distconv.formulas.atom import exactly
from distconv.formulas.law import FormulaLaw, of_atom
from distconv.laws import image
from distconv.laws.finite import Finite
from distconv.laws.law import Law
from distconv.laws.rules import rule
from distconv.numbers.letters import number_of
from distconv.queries.letters import read_values
from distconv.support.outcomes import whole
from distconv.typing import Scalar, ScalarLike

if TYPE_CHECKING:
    import sympy


@rule("substitute", FormulaLaw, needed=True)
def substituted(law: FormulaLaw, given: Mapping[Any, ScalarLike]) -> Law:
    """The law with values in place of letters: of numbers where all letters get one, exact or floating.

    Raises:
        DistconvValueError: a letter that does not occur, or numbers for which there is no such law.
    """
    import sympy

    values = read_values(given, set(law.letters))
    exact = exactly(values)
    conditions = {c.subs(exact) for c in law.conditions}
    for condition in law.conditions:
        if condition.subs(exact) == sympy.false:
            shown = ", ".join(f"{s} = {v}" for s, v in values.items())
            raise DistconvValueError(f"at {shown} there is no such law: {condition} does not hold")
    left = set(law.letters) - set(values) | {s for v in exact.values() for s in v.free_symbols}
    if left:
        return law.replaced(exact, frozenset(conditions - {sympy.true}))
    total: Law | None = None
    for term in law.summands:
        count = term.copies.subs(exact)
        if not count.is_Integer or count < 0:
            raise DistconvValueError(f"the number of copies {term.copies} becomes {count}; it must be an integer >= 0")
        one = term.atom.numeric(values)
        part = numeric.copies(of_atom(term.atom.subs(exact)) if one is None else one, int(count))
        part = part if term.factor == 1 else image.scaled(part, _outcome(term.factor.subs(exact)))
        total = part if total is None else numeric.add(total, part)
    assert total is not None
    offset = law.offset.subs(exact)
    moved = None if offset.is_Rational else spanning.displaced(total, offset, 1)
    return _as_numbers(image.shifted(total, (_outcome(offset),)) if moved is None else moved)


def _as_numbers(law: Law) -> Law:
    """A law of irrational numbers between two ends laid out; others as they are."""
    laid = law.laid if type(law) is FormulaLaw else None
    return law if laid is None else Finite(laid)


def _outcome(value: sympy.Expr) -> Scalar:
    """A number of an outcome, or of a parameter."""
    if not value.is_Rational:
        raise DistconvValueError(f"an outcome becomes {value}; outcomes must be rational numbers")
    return whole(number_of(value))
