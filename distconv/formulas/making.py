"""Making formula laws: families with letters, laws from their generating functions, sums of random numbers of terms."""

from __future__ import annotations

import random
from collections.abc import Callable
from fractions import Fraction
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np

from distconv import bounds
from distconv.algebra import sums as numeric
from distconv.checks import check_integer
from distconv.construction import exact_measure, from_mapping, from_vectors
from distconv.errors import DistconvTypeError, DistconvValueError
from distconv.formulas.atoms import FormulaAtom, GeneratedAtom, NamedAtom
from distconv.formulas.checking import check_formula
from distconv.formulas.compounded import CompoundedAtom
from distconv.formulas.law import FormulaLaw, of_atom
from distconv.formulas.mixed import mixed
from distconv.formulas.pieces import Piece
from distconv.formulas.series import coefficient, rational_coefficients
from distconv.formulas.sums import MOST_COPIES, as_formula, together
from distconv.laws import image, registry
from distconv.laws.finite import Finite, zero
from distconv.laws.law import Law
from distconv.measure.arranging import arranged_vectors
from distconv.numbers.balls import precision
from distconv.numbers.letters import any_expressions, expression_of, has_letters, number_of
from distconv.support.frame import read_expression
from distconv.support.outcomes import as_vector, whole
from distconv.typing import ScalarLike, Vector
from distconv.weights.floating import normal_form

if TYPE_CHECKING:
    import sympy

#: Characters of a generating function up to which a random sum is looked for among the families: longer ones take
#: seconds.
LONGEST_NAMED = 200
#: Bits in which the missing mass of irrational coefficients is computed, from 55 decimal digits of each.
REST_BITS = 200
#: Values of letters that are tried for parameters.
TRIALS = 24


def written(
    expr: sympy.Expr | ScalarLike, k: sympy.Symbol, low: int | sympy.Expr, high: int | sympy.Expr
) -> FormulaLaw:
    """The law with P(X = k) = expr for k = low, ..., high; see `distconv.Formula`.

    Raises:
        DistconvTypeError: k is no symbol, or stands in the ends too.
        DistconvValueError: the expression does not total 1, or is negative.
    """
    import sympy

    expression, first, last = (sympy.sympify(v) for v in (expr, low, high))
    needed = check_formula(expression, k, first, last)
    index = sympy.Dummy("k", integer=True)
    return of_atom(FormulaAtom(Piece(expression.subs(k, index), first, last), index), conditions=needed)


def formula(name: str, *parameters: sympy.Expr, shift: int = 0) -> Law:
    """A family by its formula, moved by a shift; at the edges of its parameters the law of numbers that it is there.

    Raises:
        DistconvValueError: a condition on the parameters that does not hold.
    """
    if all(p.is_Rational for p in parameters):
        plain = registry.family(name).law(*(whole(number_of(p)) for p in parameters))
        if plain.family != name:
            return image.moved(plain, 1, shift)
    return of_atom(NamedAtom(name, parameters), shift, conditions(name, parameters))


def conditions(name: str, parameters: tuple[sympy.Expr, ...]) -> frozenset[sympy.Basic]:
    """What the parameters of a family must satisfy, beyond what is known of the letters.

    Raises:
        DistconvValueError: they do not.
    """
    import sympy

    wanted = registry.letters(name).conditions(*parameters)
    if sympy.false in wanted:
        shown = ", ".join(map(str, parameters))
        raise DistconvValueError(f"there is no law {name}({shown}): its parameters do not satisfy the conditions")
    return frozenset(wanted) - {sympy.true}


def parameter(value: sympy.Expr | ScalarLike) -> sympy.Expr:
    """A parameter as sympy's.

    Raises:
        DistconvTypeError: a float: what stands beside letters must be exact.
    """
    if has_letters(value):
        return value
    if any_expressions(value):
        return _irrational(expression_of(value))
    if isinstance(value, float | np.floating):
        raise DistconvTypeError(
            f"a float beside letters: {value!r}; laws with letters are exact, write it as a string: '{value!r}'"
        )
    return read_expression(value, "parameter")


def _irrational(value: sympy.Expr) -> sympy.Expr:
    """An exact number as a parameter; a fraction in disguise as the fraction.

    Raises:
        DistconvTypeError: it is not real, not finite, or has a float in it.
    """
    import sympy

    if not value.is_real or value.has(sympy.Float):
        what = "has a float in it: write it as a fraction" if value.has(sympy.Float) else "is no real number"
        raise DistconvTypeError(f"a parameter must be an exact real number, and {value} {what}")
    plain = sympy.expand(value)
    return plain if plain.is_Rational else value


def recognised(expression: sympy.Expr, z: sympy.Symbol) -> Law | None:
    """The family that has this generating function, moved where it starts higher, or None.

    The logarithmic derivative tells which family, and how large its parameters are.
    """
    import sympy

    if sympy.simplify(expression.subs(z, 1)) != 1:
        return None
    whole = sympy.simplify(expression)
    found = _by_rate(whole, z)
    if found is not None or not whole.is_rational_function(z):
        return found
    low = _order_at_zero(whole, z)
    if not low:
        return _modified_at_zero(whole, z)
    found = _by_rate(sympy.cancel(whole / z**low), z)
    return None if found is None else image.moved(found, 1, low)


def _by_rate(whole: sympy.Expr, z: sympy.Symbol) -> Law | None:
    """The family that has this generating function, by its logarithmic derivative."""
    import sympy

    for attempt in (whole, sympy.factor(whole), sympy.expand(whole)):
        log = sympy.expand_log(sympy.log(attempt), force=True)
        rate = sympy.cancel(sympy.together(sympy.diff(log, z)))
        for name in registry.FAMILIES:
            known = registry.family(name).letters
            found = None if known is None else registry.letters(name).recognise(rate, z)
            if found is not None and can_be(name, found):
                return registry.with_expressions(name, *found)
    return None


def can_be(name: str, parameters: tuple[sympy.Expr, ...]) -> bool:
    """Whether parameters are those of a family for some values of their letters, tried at numbers in (0, 1)."""
    import sympy

    found = sorted({s for p in parameters for s in p.free_symbols}, key=str)
    source = random.Random(1)
    for _ in range(TRIALS):
        values = {s: _likely(s, source) for s in found}
        at = [p.subs(values) for p in parameters]
        is_real = all(p.is_extended_real and p.is_finite for p in at)
        if is_real and sympy.false not in registry.letters(name).conditions(*at):
            return True
    return False


def _likely(letter: sympy.Symbol, source: random.Random) -> sympy.Expr:
    """A value for a letter as its assumptions allow: a fraction below 1, or a small integer."""
    import sympy

    value = sympy.Integer(source.randint(2, 9)) if letter.is_integer else sympy.Rational(source.randint(1, 96), 97)
    return -value if letter.is_negative else value


def _modified_at_zero(whole: sympy.Expr, z: sympy.Symbol) -> Law | None:
    """The mixture of the point 0 and a geometric law that has a quotient of linear functions of z; None of others."""
    import sympy

    top, bottom = (sympy.Poly(part, z) for part in sympy.fraction(sympy.together(whole)))
    if top.degree() > 1 or bottom.degree() != 1:
        return None
    slope, offset = bottom.all_coeffs()
    none, success = (sympy.factor(v) for v in (whole.subs(z, 0), 1 + slope / offset))
    shares = from_mapping({0: none, 1: sympy.factor(1 - none)})
    return mixed([zero(1), registry.with_expressions("Geometric", success)], Finite(shares))


def _order_at_zero(expression: sympy.Expr, z: sympy.Symbol) -> int:
    """The lowest power of z in the series of a rational function."""
    import sympy

    top, bottom = (sympy.Poly(part, z) for part in sympy.fraction(sympy.together(expression)))
    return int(min(m for (m,) in top.monoms()) - min(m for (m,) in bottom.monoms()))


def from_pgf(expression: sympy.Expr, z: sympy.Symbol, terms: int | None = None) -> Law:
    """The law with a probability generating function, an expression in z; see `Distribution.from_pgf`."""
    import sympy

    whole = sympy.sympify(expression)
    if not getattr(z, "is_Symbol", False):
        raise DistconvTypeError(f"z must be the sympy symbol of the generating function, got {z!r}")
    total = sympy.simplify(whole.subs(z, 1))
    if total.has(sympy.nan, sympy.zoo):
        total = sympy.simplify(sympy.limit(whole, z, 1))
    if total != 1:
        raise DistconvValueError(
            f"a generating function is 1 at z = 1, this one is {total}; divide it by that to make it one"
        )
    expanded = sympy.expand(whole)
    weights: dict[Any, Any] = {}
    for part in sympy.Add.make_args(expanded):
        weight, power = part.as_coeff_exponent(z)
        if weight.has(z) or not power.is_Integer:
            break
        weights[int(power)] = weights.get(int(power), 0) + weight
    else:
        return Finite(from_mapping(weights))
    if terms is None:
        law = recognised(whole, z)
        return generated(whole, z) if law is None else law
    if whole.free_symbols - {z}:
        raise DistconvTypeError("terms= is for numbers; with letters leave it out: from_pgf(expr, z)")
    return _truncated(whole, z, terms)


def generated(expression: sympy.Expr, z: sympy.Symbol) -> FormulaLaw:
    """The law of a generating function, its probabilities found when they are asked for."""
    return of_atom(GeneratedAtom(expression, z))


def _truncated(expression: sympy.Expr, z: sympy.Symbol, terms: int) -> Law:
    """The first terms of a power series, and the rest as missing."""
    import sympy

    count = check_integer("terms", terms, at_least=1)
    whole = sympy.cancel(expression) if expression.is_rational_function(z) else expression
    if whole.is_rational_function(z):
        values = list(islice(rational_coefficients(whole, z), count))
    else:
        values = [coefficient(expression, z, k) for k in range(count)]
    for k, value in enumerate(values):
        if value.is_negative:
            raise DistconvValueError(f"the coefficient of z**{k} is {value}, which is negative: it is no probability")
    if all(v.is_Rational for v in values):
        weights: dict[Any, Fraction] = {(k,): number_of(v) for k, v in enumerate(values) if v != 0}
        lost = 1 - sum(weights.values(), start=Fraction(0))
        return Finite(exact_measure(weights, bounds.upper_float(lost) if lost else 0.0))
    import flint

    with precision(REST_BITS):
        balls = [flint.arb(str(sympy.N(v, 55))) for v in values]
        rest = 1 - sum(balls, start=flint.arb(0))
        missing = max(0.0, float(rest.upper())) + bounds.UNIT
    floats = normal_form(np.array([float(b) for b in balls]), None, 2 * bounds.UNIT)
    return Finite(arranged_vectors([(k,) for k in range(count)], floats, missing))


def compound(count: Law, term: Law, with_numbers: Callable[[Law, Law], Law]) -> Law | None:
    """The law of X_1 + ... + X_N with letters in N's law or X's: by composition of generating functions.

    None where a law has no formula, and no letters ask for one.

    Args:
        count: the law of N.
        term: the law of each X.
        with_numbers: the same for laws of numbers, for when all letters have a value.

    Raises:
        DistconvValueError: N may be negative, or no whole number.
    """
    import sympy

    z = sympy.Symbol("z")
    if term.ndim > 1:
        raise DistconvTypeError("compound sums with letters are of 1-D laws; take a marginal: X.marginal(0)")
    both = together(count, term)
    if both is None:
        return None
    lowest = both[0].low
    if lowest.is_extended_negative:
        raise DistconvValueError(
            f"the number of terms must be >= 0, its law starts at {'-inf' if lowest.is_infinite else lowest}"
        )
    if lowest.is_integer is False:
        raise DistconvValueError(f"the number of terms must be whole, its law starts at {lowest}")
    if count.is_laid_out() and term.is_laid_out():
        return _finite_compound(count, term)
    most = count.high
    if count.is_laid_out() and isinstance(most, int | Fraction) and most <= MOST_COPIES:
        _check_whole(count)
        return mixed([numeric.copies(term, n) for n in range(int(most) + 1)], count)
    number, summand = both
    expression = number.generated(summand.generated(z))
    is_short = not expression.has(sympy.Sum) and len(str(expression)) <= LONGEST_NAMED
    known = recognised(expression, z) if is_short else None
    if known is not None:
        return known if known.is_finite else as_formula(known)
    unit = _unit(summand)
    atom = CompoundedAtom(number, summand.scaled(1 / unit), with_numbers)
    return of_atom(atom, conditions=number.conditions | summand.conditions, factor=unit)


def _unit(law: FormulaLaw) -> sympy.Expr:
    """What all outcomes of a law are multiples of.

    Raises:
        DistconvTypeError: they are multiples of no one number.
    """
    import sympy

    steps = [term.factor for term in law.summands if term.atom.ends() != (0, 0)]
    if not law.offset.is_integer:
        steps.append(law.offset)
    elif law.offset != 0:
        steps.append(sympy.Integer(1))
    if any(not step.is_Rational for step in steps):
        raise DistconvTypeError(
            f"the outcomes of {law.name()} are multiples of no one number, so neither are sums of a random number of "
            "terms; substitute numbers first, X.subs({...})"
        )
    return sympy.gcd([abs(step) for step in steps]) if steps else sympy.Integer(1)


def _check_whole(count: Law) -> None:
    """Refuses a number of terms that is no whole number."""
    for n in count.support:
        if isinstance(n, tuple) or n < 0 or n.denominator != 1:
            raise DistconvValueError(f"the number of terms must be whole and >= 0, its law has the outcome {n}")


def _finite_compound(count: Law, term: Law) -> Law:
    """A mixture of the sums of n terms."""
    total: dict[Vector, Any] = {}
    _check_whole(count)
    for n, weight in count.entries():
        assert not isinstance(n, tuple)
        for outcome, w in numeric.copies(term, int(n)).entries():
            vector = as_vector(outcome)
            total[vector] = total.get(vector, 0) + expression_of(weight) * expression_of(w)
    given = frozenset((*count.assumptions, *term.assumptions))
    return Finite(from_vectors(list(total), list(total.values()), assumptions=given))
