"""Numbers in place of the letters of formula laws: the families with numbers, or laws of values of the formula."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from distconv.distribution import Distribution
from distconv.errors import DistconvValueError
from distconv.formulas.atoms import ConcreteAtom, FormulaAtom, GeneratedAtom, NamedAtom
from distconv.formulas.law import Formula, Term
from distconv.formulas.sums import merged
from distconv.numbers.letters import expression_of, number_of
from distconv.typing import NumberLike

if TYPE_CHECKING:
    import sympy

#: Outcomes up to which a formula with numbers in its range is written out.
MOST_OUTCOMES = 100_000


def substituted(law: Formula, values: Mapping[sympy.Symbol, NumberLike]) -> Distribution:
    """The law with values in place of letters."""
    import sympy

    exact = {s: expression_of(Fraction(v) if isinstance(v, float) else v) for s, v in values.items()}
    floats = {s for s, v in values.items() if isinstance(v, float)}
    conditions = {c.subs(exact) for c in law._conditions}
    for condition in law._conditions:
        if condition.subs(exact) == sympy.false:
            shown = ", ".join(f"{s} = {v}" for s, v in values.items())
            raise DistconvValueError(f"at {shown} there is no such law: {condition} does not hold")
    left = set(law.letters) - set(values) | {s for v in exact.values() for s in v.free_symbols}
    shift = law._offset.subs(exact)
    if left:
        terms = tuple(Term(t.atom.subs(exact), t.copies.subs(exact), t.factor) for t in law._terms)
        pieces = None if law._pieces is None else tuple(p.subs(exact) for p in law._pieces)
        if len(terms) == 1:
            pieces = "known"  # type: ignore[assignment]
        return Formula._made(merged(list(terms)), shift, frozenset(conditions - {sympy.true}), pieces)
    total: Distribution | None = None
    for term in law._terms:
        count = term.copies.subs(exact)
        if not count.is_Integer or count < 0:
            raise DistconvValueError(f"the number of copies {term.copies} becomes {count}; it must be an integer >= 0")
        part = int(count) @ _numeric(term.atom, exact, floats, values)
        part = _fraction(term.factor) * part
        total = part if total is None else total + part
    assert total is not None
    return total + _fraction(shift)


def _fraction(value: Any) -> Fraction:
    if not value.is_Rational:
        raise DistconvValueError(f"an outcome becomes {value}; outcomes must be rational numbers")
    return number_of(value)


def _numeric(
    atom: Any,
    exact: Mapping[sympy.Symbol, sympy.Expr],
    floats: set[sympy.Symbol],
    values: Mapping[sympy.Symbol, NumberLike],
) -> Distribution:
    """One summand with numbers."""
    if isinstance(atom, NamedAtom):
        return numeric_family(atom, exact, floats)
    if isinstance(atom, ConcreteAtom):
        inside = {s: v for s, v in values.items() if s in atom.law.letters}
        return atom.law.subs(inside) if inside else atom.law
    if isinstance(atom, GeneratedAtom):
        from distconv.formulas.making import generated

        return generated(atom.expression.subs(exact), atom.z)
    assert isinstance(atom, FormulaAtom)
    low, high = (end.subs(exact) for end in (atom.piece.low, atom.piece.high))
    if not (low.is_finite and high.is_finite):
        return Formula._made((Term(atom.subs(exact), _one(), _one()),), _one() * 0, frozenset())
    if not (low.is_Integer and high.is_Integer and low <= high):
        raise DistconvValueError(f"the range becomes {low}..{high}; its ends must be integers, low <= high")
    if high - low >= MOST_OUTCOMES:
        raise DistconvValueError(f"the range becomes {low}..{high}, more than {MOST_OUTCOMES:,} outcomes")
    # The ends first: the weights are then expressions in the other letters, evaluated with a bound on their error.
    ends = {s: v for s, v in exact.items() if s in atom.piece.low.free_symbols | atom.piece.high.free_symbols}
    body = atom.piece.expression.subs(ends)
    weights = {i: body.subs(atom.index, i).doit() for i in range(int(low), int(high) + 1)}
    left = {s for w in weights.values() for s in w.free_symbols}
    law = Distribution(weights)
    return law.subs({s: values[s] for s in left & set(law.letters)}) if left else law


def _one() -> sympy.Expr:
    import sympy

    return sympy.Integer(1)


def numeric_family(
    atom: NamedAtom, exact: Mapping[sympy.Symbol, sympy.Expr], floats: set[sympy.Symbol]
) -> Distribution:
    """The family with numbers as parameters; one that came from a float is floating."""
    from distconv.formulas.making import constructors

    arguments = []
    for parameter in atom.parameters:
        value = parameter.subs(exact, simultaneous=True)
        number = _fraction(value)
        arguments.append(float(number) if parameter.free_symbols & floats and number.denominator > 1 else number)
    arguments = [int(a) if isinstance(a, Fraction) and a.denominator == 1 else a for a in arguments]
    return constructors()[atom.name](*arguments)
