"""Answers under conditions on letters: the cases that cannot occur drop out, and those that agree become one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from distconv.numbers.conditions import Facts, read_conditions
from distconv.numbers.letters import has_letters, letters_of
from distconv.queries.arrays import number_array
from distconv.typing import Answer

if TYPE_CHECKING:
    import sympy

#: Cases up to which an answer is split by its open conditions to find out whether they agree.
MOST_CASES = 8
#: Values of a letter up to which a case is a matter of single points: as many as three dice have below their lowest.
MOST_POINTS = 4
#: Factors of a binomial coefficient up to which it is multiplied out.
MOST_FACTORS = 12
#: Operations in a difference up to which it is simplified to see whether it is 0: some hundredths of a second.
MOST_COMPARED = 80


@dataclass(frozen=True, slots=True)
class Case:
    """What holds in a case, which of it was told to get there, and the value there."""

    facts: Facts
    told: tuple[Any, ...]
    value: Any

    def points(self) -> list[tuple[Any, Any]]:
        """The values that one whole letter may still have in this case, as (letter, value), where they are few."""
        import sympy

        for condition in self.told:
            if condition.func is sympy.Eq:
                excess, least, most = sympy.expand(condition.lhs - condition.rhs), 0, 0
            else:
                excess, least = sympy.expand(condition.gts - condition.lts), int(condition.func in (sympy.Gt, sympy.Lt))
                reached = (j for j in range(least, least + MOST_POINTS) if self.facts.exclude(excess > j))
                most = next(reached, least - 1) if excess.is_integer else least - 1
            letter = min(letters_of(excess), key=str)
            slope = excess.coeff(letter)
            if most >= least and slope.is_Rational and slope and not (excess - slope * letter).has(letter):
                return [(letter, sympy.expand(letter - (excess - j) / slope)) for j in range(least, most + 1)]
        return []


def assuming(answer: Answer, assume: object, known: tuple[sympy.Basic, ...] = ()) -> Answer:
    """An answer under conditions on the letters in it; numbers have none, and stay as they are.

    Args:
        answer: a number, an expression, or an array of them.
        assume: a relation of sympy, a conjunction, or several of these.
        known: what is known of the letters besides.

    Raises:
        DistconvTypeError: `assume` is no condition.
        DistconvValueError: it cannot hold.
    """
    told = read_conditions(assume, "assume")
    facts = Facts((*known, *told))
    if told and facts.are_contradictory():
        read_conditions((*known, *told), "assume")
    if isinstance(answer, np.ndarray):
        return number_array([_one(value, facts) for value in answer.ravel()], answer.shape)
    return _one(answer, facts)


def _one(value: Any, facts: Facts) -> Any:
    """One answer under conditions."""
    import sympy

    if not has_letters(value):
        return value
    settled = polynomials(_settled(value, facts))
    if not settled.has(sympy.Piecewise):
        return settled
    cases = _cases(settled, facts, MOST_CASES)
    return _joined(cases, settled) if cases else settled


def polynomials(value: sympy.Expr) -> sympy.Expr:
    """Binomial coefficients of a small lower index as the polynomials that they are: sympy knows their series."""
    import sympy

    short = {b: sympy.expand_func(b) for b in value.atoms(sympy.binomial) if b.args[1] in range(1, MOST_FACTORS + 1)}
    found: sympy.Expr = value.xreplace(short)
    return found


def _settled(value: Any, facts: Facts) -> Any:
    """An expression without the cases, and the parts of minima and maxima, that the facts exclude."""
    import sympy

    if not value.has(sympy.Piecewise, sympy.Min, sympy.Max):
        return value
    if value.is_Piecewise:
        return _pieces(value, facts)
    if value.func in (sympy.Min, sympy.Max):
        return _extreme(value, facts)
    if value.func is sympy.Sum:
        # The index is no letter of which anything is known: only the limits are.
        limits = [(index, *(_settled(end, facts) for end in ends)) for index, *ends in value.limits]
        return value.func(value.function, *limits)
    return value.func(*(_settled(part, facts) for part in value.args))


def _pieces(value: Any, facts: Facts) -> Any:
    """A Piecewise with the conditions that are still open."""
    import sympy

    kept: list[tuple[Any, Any]] = []
    for inner, whole in value.args:
        condition = whole.xreplace({e: _extreme(e, facts) for e in whole.atoms(sympy.Min, sympy.Max)})
        parts = [part for part in sympy.And.make_args(condition) if facts.truth(part) is not True]
        if any(facts.truth(part) is False for part in parts) or (parts and facts.exclude(sympy.And(*parts))):
            continue
        kept.append((_settled(inner, facts.also(*parts)), sympy.And(*parts)))
        if not parts:
            break
    return sympy.Piecewise(*kept) if kept else sympy.nan


def _extreme(value: Any, facts: Facts) -> Any:
    """A minimum or maximum of those parts that can be it."""
    import sympy

    beats = sympy.Le if value.func is sympy.Min else sympy.Ge
    left = [_settled(part, facts) for part in value.args]
    for part in list(left):
        others = [other for other in left if other is not part]
        if others and any(facts.truth(beats(other, part)) for other in others):
            left = others
    return value.func(*left)


def _cases(value: Any, facts: Facts, most: int) -> list[Case] | None:
    """The cases of an expression by its open conditions; None where there are too many."""
    import sympy

    found: list[Case] = []
    waiting = [Case(facts, (), value)]
    while waiting:
        case = waiting.pop()
        inner = _settled(case.value, case.facts)
        relations = {r for p in inner.atoms(sympy.Piecewise) for _, c in p.args for r in _relations(c)}
        if not relations:
            found.append(Case(case.facts, case.told, inner))
            continue
        if len(found) + len(waiting) >= most:
            return None
        chosen = min(relations, key=str)
        ways: tuple[Any, ...] = (chosen, sympy.Not(chosen))
        if chosen.func in (sympy.Eq, sympy.Ne):
            ways = tuple(way(chosen.lhs, chosen.rhs) for way in (sympy.Eq, sympy.Lt, sympy.Gt))
        for condition in ways:
            more = case.facts.also(condition)
            if not more.are_contradictory():
                waiting.append(Case(more, (*case.told, condition), inner))
    return found


def _relations(condition: Any) -> set[Any]:
    """The relations of which a condition is made."""
    import sympy

    found: set[Any] = condition.atoms(sympy.core.relational.Relational)
    return found


def _joined(cases: list[Case], whole: Any) -> Any:
    """One expression where all cases agree, else the whole by cases; a case of single points may agree only there."""
    # Wider cases first: a point takes the value of its neighbour, not the other way round.
    (first, few), *others = sorted(((case, case.points()) for case in cases), key=lambda pair: bool(pair[1]))
    if few or not all(_agree(first.value, case.value, points) for case, points in others):
        return whole
    return _whole(first.value)


def _agree(value: Any, other: Any, points: list[tuple[Any, Any]]) -> bool:
    """Whether two values are equal, at the points where they need only agree there."""
    import sympy

    if value == other:
        return True
    differences = [value.subs(*place) - other.subs(*place) for place in points] or [value - other]
    for difference in differences:
        if difference.has(sympy.nan, sympy.zoo, sympy.oo) or difference.count_ops() > MOST_COMPARED:
            return False
        if difference != 0 and sympy.simplify(difference) != 0:
            return False
    return True


def _whole(value: Any) -> Any:
    """A sum as one fraction, where it is short."""
    import sympy

    return sympy.factor(value) if value.is_Add and value.count_ops() <= MOST_COMPARED else value
