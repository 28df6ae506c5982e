"""`Facts`: linear conditions on letters, and what follows from them, by elimination of one letter after the other.

Fourier (1826) and Motzkin (1936): a system of linear inequalities has no solution if adding multiples of pairs of them,
so that one letter after the other drops out, ends in 0 > 0 or in a number that is not what it must be. A condition
follows from others if its negation cannot hold together with them. Of whole letters a > b says a >= b + 1.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from distconv.errors import DistconvTypeError, DistconvValueError

if TYPE_CHECKING:
    import sympy

#: Inequalities up to which letters are eliminated: a tenth of a second; what needs more counts as not known.
MOST_INEQUALITIES = 200
#: Minima and maxima that a condition may hold to be split by cases.
MOST_EXTREMES = 3


@dataclass(frozen=True, slots=True)
class Inequality:
    """A sum of coefficient * term + constant is >= 0, or > 0 where it is strict; terms are products of letters."""

    terms: tuple[tuple[Any, Fraction], ...]
    constant: Fraction
    strict: bool

    @property
    def fails(self) -> bool:
        """Whether it holds for no letters: there are none in it, and the constant is too small."""
        return not self.terms and (self.constant < 0 or (self.strict and self.constant == 0))

    def coefficient(self, term: sympy.Expr) -> Fraction:
        """What a term is multiplied by."""
        return next((c for t, c in self.terms if t == term), Fraction(0))


def inequality(terms: dict[Any, Fraction], constant: Fraction, strict: bool) -> Inequality:
    """An inequality in lowest terms; of whole terms with the constant rounded to what whole terms can reach."""
    left = {t: c for t, c in terms.items() if c}
    if left:
        scale = Fraction(
            math.gcd(*(c.numerator for c in left.values())), math.lcm(*(c.denominator for c in left.values()))
        )
        left, constant = {t: c / scale for t, c in left.items()}, constant / scale
        if all(t.is_integer for t in left):
            constant = Fraction(math.ceil(constant) - 1 if strict else math.floor(constant))
            strict = False
    return Inequality(tuple(sorted(left.items(), key=lambda pair: str(pair[0]))), constant, strict)


class Facts:
    """Conditions that hold together, with what the letters' own assumptions say.

    Args:
        conditions: relations of sympy and conjunctions of them; what is not linear in products of letters says nothing.
    """

    __slots__ = ("conditions", "inequalities")

    def __init__(self, conditions: Iterable[sympy.Basic] = ()) -> None:
        self.conditions = tuple(conditions)
        self.inequalities = tuple(dict.fromkeys(i for c in self.conditions for i in _read(c)))

    def also(self, *conditions: sympy.Basic) -> Facts:
        """These and more."""
        more = Facts(conditions)
        more.conditions = (*self.conditions, *more.conditions)
        more.inequalities = tuple(dict.fromkeys((*self.inequalities, *more.inequalities)))
        return more

    def are_contradictory(self) -> bool:
        """Whether it is proven that they cannot hold together."""
        return _is_infeasible([*self.inequalities, *_assumed(self.inequalities)])

    def exclude(self, condition: sympy.Basic) -> bool:
        """Whether it is proven that a condition does not hold."""
        import sympy

        if condition in (sympy.true, sympy.false):
            return bool(condition == sympy.false)
        return self.also(condition).are_contradictory()

    def truth(self, condition: sympy.Basic) -> bool | None:
        """Whether a condition holds; None where these facts leave it open."""
        import sympy

        if condition in (sympy.true, sympy.false):
            return bool(condition == sympy.true)
        if condition.func in (sympy.And, sympy.Or):
            ending = condition.func is sympy.Or
            found = [self.truth(part) for part in condition.args]
            if ending in found:
                return ending
            return None if None in found else not ending
        if condition.func is sympy.Not:
            inner = self.truth(condition.args[0])
            return None if inner is None else not inner
        if not condition.is_Relational:
            return None
        if condition.has(sympy.Min, sympy.Max):
            return self._by_cases(condition)
        if condition.func in (sympy.Eq, sympy.Ne):
            return self._equality(condition)
        if self.exclude(condition):
            return False
        return True if self.exclude(sympy.Not(condition)) else None

    def _equality(self, condition: sympy.Basic) -> bool | None:
        """Whether an equation, or its contrary, holds."""
        import sympy

        equal = sympy.Eq(condition.lhs, condition.rhs)
        found = None
        if self.exclude(equal):
            found = False
        elif all(self.exclude(way(condition.lhs, condition.rhs)) for way in (sympy.Lt, sympy.Gt)):
            found = True
        return found if found is None or condition.func is sympy.Eq else not found

    def _by_cases(self, condition: sympy.Basic) -> bool | None:
        """Whether a condition with minima and maxima holds, whichever part is the least or the largest."""
        import sympy

        extremes = condition.atoms(sympy.Min, sympy.Max)
        if len(extremes) > MOST_EXTREMES:
            return None
        first = min((e for e in extremes if not any(a.has(sympy.Min, sympy.Max) for a in e.args)), key=str)
        below = sympy.Le if first.func is sympy.Min else sympy.Ge
        found = set()
        for part in first.args:
            case = self.also(*(below(part, other) for other in first.args if other != part))
            if not case.are_contradictory():
                found.add(case.truth(condition.xreplace({first: part})))
        return found.pop() if len(found) == 1 else None


def read_conditions(given: object, name: str) -> tuple[Any, ...]:
    """Conditions as callers write them: one relation of sympy, a conjunction, or several of these.

    Raises:
        DistconvTypeError: something else.
        DistconvValueError: they cannot hold together.
    """
    import sympy

    if given is None:
        return ()
    read: list[Any] = []
    for part in given if isinstance(given, Iterable) else (given,):
        condition = sympy.S.true if part is True else sympy.S.false if part is False else part
        if not isinstance(condition, sympy.logic.boolalg.Boolean) or condition.is_Symbol:
            raise DistconvTypeError(f"{name} takes conditions on letters, got {part!r}; write {name}=n >= 2")
        read += [c for c in sympy.And.make_args(condition) if c != sympy.true]
    if sympy.false in read or Facts(read).are_contradictory():
        shown = " and ".join(map(str, read))
        raise DistconvValueError(f"{name} cannot hold: {shown}; ask under conditions that some letters satisfy")
    return tuple(read)


def _read(condition: sympy.Basic) -> Iterator[Inequality]:
    """What a condition says as linear inequalities; nothing where it says none."""
    import sympy

    if condition == sympy.false:
        yield Inequality((), Fraction(-1), False)
    elif condition.func is sympy.And:
        for part in condition.args:
            yield from _read(part)
    elif condition.func is sympy.Eq:
        for one, other in ((condition.lhs, condition.rhs), (condition.rhs, condition.lhs)):
            yield from _at_least(one, other, False)
    elif condition.is_Relational and condition.func is not sympy.Ne:
        yield from _at_least(condition.gts, condition.lts, condition.func in (sympy.Gt, sympy.Lt))


def _at_least(larger: Any, smaller: Any, strict: bool) -> Iterator[Inequality]:
    """larger >= smaller: of a minimum on the larger side, or a maximum on the smaller, each part for itself."""
    import sympy

    for one in larger.args if larger.func is sympy.Min else (larger,):
        for other in smaller.args if smaller.func is sympy.Max else (smaller,):
            difference = sympy.expand(one - other)
            if not difference.has(sympy.Min, sympy.Max, sympy.oo, sympy.zoo, sympy.nan):
                terms = difference.as_coefficients_dict()
                constant = terms.pop(sympy.S.One, sympy.S.Zero)
                numbers = {t: Fraction(int(c.p), int(c.q)) for t, c in terms.items() if c.is_Rational}
                if constant.is_Rational and len(numbers) == len(terms):
                    yield inequality(numbers, Fraction(int(constant.p), int(constant.q)), strict)


def _assumed(inequalities: Iterable[Inequality]) -> Iterator[Inequality]:
    """What the terms' own assumptions say of their signs."""
    for term in {t for i in inequalities for t, _ in i.terms}:
        if term.is_nonnegative:
            yield inequality({term: Fraction(1)}, Fraction(0), bool(term.is_positive))
        elif term.is_nonpositive:
            yield inequality({term: Fraction(-1)}, Fraction(0), bool(term.is_negative))


def _is_infeasible(system: list[Inequality]) -> bool:
    """Whether no letters satisfy all inequalities, by elimination; False where it is not found out."""
    while not any(i.fails for i in system):
        terms = {t for i in system for t, _ in i.terms}
        if not terms:
            return False
        counts = {t: [i.coefficient(t) for i in system] for t in terms}
        # The term whose elimination leaves the fewest inequalities.
        chosen = min(terms, key=lambda t: (sum(c > 0 for c in counts[t]) * sum(c < 0 for c in counts[t]), str(t)))
        above = [i for i, c in zip(system, counts[chosen], strict=True) if c > 0]
        below = [i for i, c in zip(system, counts[chosen], strict=True) if c < 0]
        left = [i for i, c in zip(system, counts[chosen], strict=True) if c == 0]
        if len(above) * len(below) + len(left) > MOST_INEQUALITIES:
            return False
        system = list(dict.fromkeys([*left, *(_without(chosen, p, q) for p in above for q in below)]))
    return True


def _without(term: Any, above: Inequality, below: Inequality) -> Inequality:
    """The sum of multiples of two inequalities in which a term drops out."""
    p, q = -below.coefficient(term), above.coefficient(term)
    total: dict[Any, Fraction] = {}
    for factor, one in ((p, above), (q, below)):
        for t, c in one.terms:
            total[t] = total.get(t, Fraction(0)) + factor * c
    return inequality(total, p * above.constant + q * below.constant, above.strict or below.strict)
