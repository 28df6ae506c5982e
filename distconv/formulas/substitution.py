"""Numbers in place of the letters of formula laws: the families with numbers, or laws of values of the formula."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from distconv.algebra import sums as numeric
from distconv.construction import from_mapping
from distconv.errors import DistconvValueError
from distconv.formulas.atoms import Atom, ConcreteAtom, GeneratedAtom, NamedAtom
from distconv.formulas.law import FormulaLaw, Term
from distconv.formulas.making import generated, of_atom
from distconv.formulas.sums import merged
from distconv.laws import image, registry
from distconv.laws.finite import Finite
from distconv.laws.law import Law
from distconv.laws.rules import rule
from distconv.numbers.letters import expression_of, number_of
from distconv.queries.letters import read_values
from distconv.support.outcomes import whole
from distconv.typing import NumberLike, Scalar, ScalarLike

if TYPE_CHECKING:
    import sympy

#: Outcomes up to which a formula with numbers in its range is written out.
MOST_OUTCOMES = 100_000


@rule("substitute", FormulaLaw, needed=True)
def substituted(law: FormulaLaw, given: Mapping[Any, ScalarLike]) -> Law:
    """The law with values in place of letters: of numbers where all letters get one, exact or floating.

    Raises:
        DistconvValueError: a letter that does not occur, or numbers for which there is no such law.
    """
    import sympy

    values = read_values(given, set(law.letters))
    exact = {s: expression_of(Fraction(v) if isinstance(v, float) else v) for s, v in values.items()}
    floats = {s for s, v in values.items() if isinstance(v, float)}
    conditions = {c.subs(exact) for c in law.conditions}
    for condition in law.conditions:
        if condition.subs(exact) == sympy.false:
            shown = ", ".join(f"{s} = {v}" for s, v in values.items())
            raise DistconvValueError(f"at {shown} there is no such law: {condition} does not hold")
    left = set(law.letters) - set(values) | {s for v in exact.values() for s in v.free_symbols}
    shift = law.offset.subs(exact)
    if left:
        terms = merged([Term(t.atom.subs(exact), t.copies.subs(exact), t.factor) for t in law.summands])
        pieces = None if law.pieces is None or len(terms) == 1 else tuple(p.subs(exact) for p in law.pieces)
        return FormulaLaw(terms, shift, frozenset(conditions - {sympy.true}), pieces)
    total: Law | None = None
    for term in law.summands:
        count = term.copies.subs(exact)
        if not count.is_Integer or count < 0:
            raise DistconvValueError(f"the number of copies {term.copies} becomes {count}; it must be an integer >= 0")
        part = numeric.copies(_numeric(term.atom, exact, floats, values), int(count))
        part = part if term.factor == 1 else image.scaled(part, _outcome(term.factor))
        total = part if total is None else numeric.add(total, part)
    assert total is not None
    return image.shifted(total, (_outcome(shift),))


def _outcome(value: sympy.Expr) -> Scalar:
    """A number of an outcome, or of a parameter."""
    if not value.is_Rational:
        raise DistconvValueError(f"an outcome becomes {value}; outcomes must be rational numbers")
    return whole(number_of(value))


def _numeric(
    atom: Atom,
    exact: Mapping[sympy.Symbol, sympy.Expr],
    floats: set[sympy.Symbol],
    values: Mapping[sympy.Symbol, NumberLike],
) -> Law:
    """One summand with numbers."""
    if isinstance(atom, NamedAtom):
        return _numeric_family(atom, exact, floats)
    if isinstance(atom, ConcreteAtom):
        return atom.subs(values).law
    if isinstance(atom, GeneratedAtom):
        return generated(atom.expression.subs(exact), atom.z)
    low, high = (end.subs(exact) for end in (atom.piece.low, atom.piece.high))
    if not (low.is_finite and high.is_finite):
        return of_atom(atom.subs(exact))
    if not (low.is_Integer and high.is_Integer and low <= high):
        raise DistconvValueError(f"the range becomes {low}..{high}; its ends must be integers, low <= high")
    if high - low >= MOST_OUTCOMES:
        raise DistconvValueError(f"the range becomes {low}..{high}, more than {MOST_OUTCOMES:,} outcomes")
    # The ends first: the weights are then expressions in the other letters, evaluated with a bound on their error.
    ends = {s: v for s, v in exact.items() if s in atom.piece.low.free_symbols | atom.piece.high.free_symbols}
    body = atom.piece.expression.subs(ends)
    law = Finite(from_mapping({i: body.subs(atom.index, i).doit() for i in range(int(low), int(high) + 1)}))
    return law.subs({s: values[s] for s in law.letters})


def _numeric_family(atom: NamedAtom, exact: Mapping[sympy.Symbol, sympy.Expr], floats: set[sympy.Symbol]) -> Law:
    """The family with numbers as parameters; one that came from a float is floating."""
    arguments: list[Scalar | float] = []
    for parameter in atom.parameters:
        number = _outcome(parameter.subs(exact, simultaneous=True))
        arguments.append(float(number) if parameter.free_symbols & floats and number.denominator > 1 else number)
    return registry.family(atom.name).law(*arguments)
