"""Expressions as rational combinations of terms of which none is a rational combination of the others.

2*a + sqrt(12) is 2 times a and 2 times sqrt(3). Such a list of *elements* makes rational vectors of expressions:
adding, scaling and comparing are linear algebra over the rationals then.

What is known of the elements:

- products of powers of different letters are independent: a letter is any number, so no relation holds for all;
- products of rational powers of primes are independent where no exponent is a whole number apart (Besicovitch, On the
  linear independence of fractional powers of integers, J. London Math. Soc. 15 (1940));
- other algebraic numbers, sqrt(2 + sqrt(2)), are compared in the number field that holds them;
- fractions like b/(b + 1) are put over one denominator.

Of other constants and functions (pi, exp(3), log(2), exp(a)) nothing is assumed but what sympy's `expand` knows: they
count as letters. That pi and e know no relation is unproven; should there be one, two expressions that are equal by it
are held apart, and their order is refused (`signs`), never guessed.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from distconv.numbers.letters import expression_of, has_letters, number_of
from distconv.typing import Expressed

if TYPE_CHECKING:
    import sympy

#: The coordinates of expressions in their elements.
Terms = dict[Any, Fraction]
#: The largest integer of which a root is factored into primes; larger ones are kept whole.
LARGEST_ROOT = 10**30


@lru_cache(maxsize=4096)
def _terms(value: sympy.Expr) -> tuple[tuple[sympy.Expr, Fraction], ...]:
    """The terms of an expression, each with its rational factor."""
    import sympy

    found: Terms = {}
    for part in sympy.Add.make_args(_expanded(value)):
        factor, term = _monomial(part)
        found[term] = found.get(term, Fraction(0)) + factor
    return tuple((term, factor) for term, factor in found.items() if factor)


def terms_of(value: sympy.Expr) -> Terms:
    """The terms of an expression by what they are, each with its rational factor; 1 stands for the rational part."""
    return dict(_terms(value))


def _expanded(value: sympy.Expr) -> sympy.Expr:
    """An expression as a sum of products, with roots out of denominators and out of each other where sympy can."""
    import sympy

    if value.is_Symbol or value.is_Rational:
        return value
    if value.has(sympy.GoldenRatio):
        value = value.subs(sympy.GoldenRatio, sympy.GoldenRatio.expand(func=True))
    if value.is_number:
        value = sympy.sqrtdenest(sympy.radsimp(sympy.expand_log(value.expand(func=True), factor=True)))
    return sympy.expand(value)


def _monomial(part: sympy.Expr) -> tuple[Fraction, sympy.Expr]:
    """(factor, term): a product as a rational number times what is left, roots of integers as roots of primes."""
    import sympy

    factor = Fraction(1)
    rest: list[Any] = []
    primes: dict[int, Fraction] = {}
    for each in sympy.Mul.make_args(part):
        base, exponent = each.as_base_exp()
        if each.is_Rational:
            factor *= Fraction(int(each.p), int(each.q))
        elif base.is_Rational and base > 0 and exponent.is_Rational and max(base.p, base.q) <= LARGEST_ROOT:
            power = Fraction(int(exponent.p), int(exponent.q))
            for prime, times in sympy.factorrat(base).items():
                primes[int(prime)] = primes.get(int(prime), Fraction(0)) + power * int(times)
        else:
            rest.append(each)
    for prime, power in primes.items():
        whole = math.floor(power)
        factor *= Fraction(prime) ** whole
        rest.append(sympy.Integer(prime) ** expression_of(power - whole))
    return factor, sympy.Mul(*rest)


def is_plain(term: sympy.Expr) -> bool:
    """Whether a term is a product of powers of letters, of roots of primes, of constants: such are independent."""
    import sympy

    for each in sympy.Mul.make_args(term):
        base, exponent = each.as_base_exp()
        if not exponent.is_Rational or base.is_Add or (base.is_number and base.is_algebraic and not base.is_Rational):
            return False
        # log(2), exp(a): a function counts as a letter, unless it is a number of a field.
        counts = base.is_Function and not base.is_algebraic
        if not (base.is_Symbol or base.is_Rational or base.is_NumberSymbol or counts):
            return False
    return True


def elements_of(
    terms: Iterable[sympy.Expr], first: Sequence[sympy.Expr] = ()
) -> tuple[tuple[Any, ...], dict[Any, Terms]]:
    """(elements, relations): an independent choice among terms, and every term that is left as a combination of it.

    Args:
        terms: what `terms_of` gave.
        first: terms that are known to be independent, and are kept.
    """
    import sympy

    rest = sorted({*terms} - {*first}, key=sympy.default_sort_key)
    every = [*first, *rest]
    if all(map(is_plain, every)):
        return tuple(every), {}
    rows = _in_field(every)
    names = sorted({name for row in rows for name in row}, key=str)
    chosen, others = _reduced([[row.get(name, Fraction(0)) for name in names] for row in rows])
    elements = tuple(every[i] for i in chosen)
    relations = {
        every[i]: {element: c for element, c in zip(elements, combination, strict=True) if c}
        for i, combination in others.items()
    }
    return elements, relations


def _in_field(terms: Sequence[sympy.Expr]) -> list[dict[Any, Fraction]]:
    """Terms as rational vectors, of which none is a combination of others unless it is one as a number."""
    import sympy

    fractions = [sympy.fraction(sympy.together(term)) for term in terms]
    common = sympy.Integer(1)
    for _, bottom in fractions:
        if has_letters(bottom):
            common = sympy.lcm(common, bottom)
    pieces = [_terms(sympy.cancel(top * common / bottom) if common != 1 else term)
              for (top, bottom), term in zip(fractions, terms, strict=True)]  # fmt: skip
    constants = {_parted(term)[0] for row in pieces for term, _ in row}
    hard = sorted((c for c in constants if not is_plain(c)), key=sympy.default_sort_key)
    if not hard:
        return [dict(row) for row in pieces]
    roots = sorted(constants - {*hard, sympy.Integer(1)}, key=sympy.default_sort_key)
    field = sympy.QQ.algebraic_field(*hard, *roots)
    vectors = []
    for row in pieces:
        vector: dict[Any, Fraction] = {}
        for term, factor in row:
            constant, letters = _parted(term)
            for power, c in enumerate(reversed(field.from_sympy(constant).to_list())):
                key = letters, power
                vector[key] = vector.get(key, Fraction(0)) + factor * Fraction(int(c.numerator), int(c.denominator))
        vectors.append({key: c for key, c in vector.items() if c})
    return vectors


def _parted(term: sympy.Expr) -> tuple[sympy.Expr, sympy.Expr]:
    """(algebraic, rest): a term as an algebraic number times what is none."""
    import sympy

    factors = sympy.Mul.make_args(term)
    algebraic = [f for f in factors if f.is_number and f.is_algebraic]
    return sympy.Mul(*algebraic), sympy.Mul(*(f for f in factors if f not in algebraic))


def _reduced(rows: list[list[Fraction]]) -> tuple[list[int], dict[int, list[Fraction]]]:
    """(chosen, others): the first independent rows, and each other one as a combination of them."""
    import flint

    # As columns: the reduced row echelon form names the first independent ones, and tells of the others.
    table = [flint.fmpq(v.numerator, v.denominator) for column in zip(*rows, strict=True) for v in column]
    found, rank = flint.fmpq_mat(len(rows[0]), len(rows), table).rref()
    lines = [[found[i, j] for j in range(len(rows))] for i in range(rank)]
    chosen = [next(j for j, v in enumerate(line) if v != 0) for line in lines]
    others = {
        j: [Fraction(int(line[j].p), int(line[j].q)) for line in lines] for j in range(len(rows)) if j not in chosen
    }
    return chosen, others


def combined(terms: Terms, relations: dict[Any, Terms]) -> Terms:
    """Terms with those that are combinations of elements written as such."""
    found: Terms = {}
    for term, factor in terms.items():
        for element, c in relations.get(term, {term: Fraction(1)}).items():
            found[element] = found.get(element, Fraction(0)) + factor * c
    return {element: c for element, c in found.items() if c}


def combination(coordinates: Iterable[tuple[sympy.Expr, Any]], shift: sympy.Expr) -> Expressed:
    """shift + the sum of coordinate * element; a number where it is one."""
    import sympy

    return number_of(sympy.Add(shift, *(sympy.Mul(expression_of(c), e) for e, c in coordinates)))
