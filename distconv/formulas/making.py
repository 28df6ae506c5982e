"""Making formula laws: families with letters, laws from their generating functions, sums of random numbers of terms."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from itertools import islice
from typing import TYPE_CHECKING, Any

from distconv import bounds
from distconv.checks import check_integer
from distconv.construction import exact_measure
from distconv.distribution import Distribution
from distconv.errors import DistconvTypeError, DistconvValueError
from distconv.families.parameters import read_number
from distconv.formulas.atoms import GeneratedAtom, NamedAtom
from distconv.formulas.law import Formula, Term
from distconv.formulas.named import family
from distconv.formulas.series import coefficient, rational_coefficients
from distconv.formulas.sums import as_formula
from distconv.measure import Measure
from distconv.measure.arranging import arranged_vectors
from distconv.numbers.balls import precision
from distconv.numbers.letters import expression_of, has_letters, number_of
from distconv.support.outcomes import whole
from distconv.typing import ScalarLike
from distconv.weights.floating import normal_form

if TYPE_CHECKING:
    import sympy

#: Bits in which the missing mass of irrational coefficients is computed, from 55 decimal digits of each.
REST_BITS = 200


def constructors() -> dict[str, Callable[..., Distribution]]:
    """The families of numbers by name."""
    from distconv.families.binomial import Binomial
    from distconv.families.hypergeometric import Hypergeometric
    from distconv.families.logarithmic import Logarithmic
    from distconv.families.negative_binomial import NegativeBinomial
    from distconv.families.poisson import Poisson
    from distconv.families.skellam import Skellam
    from distconv.families.uniform import Uniform

    laws = (Binomial, Poisson, NegativeBinomial, Uniform, Skellam, Hypergeometric, Logarithmic)
    return {law.__name__: law for law in laws}


def named(name: str, *parameters: Any) -> Distribution:
    """The family with letters among its parameters: weights in letters where the range is numbers, else a formula.

    Raises:
        DistconvTypeError: a float beside letters.
        DistconvValueError: a condition on the parameters that does not hold.
    """
    import sympy

    if name == "Point":
        raise DistconvTypeError(
            f"outcomes of a point must be numbers, got the symbolic {parameters[0]}; to move a law with letters by a "
            "letter write X + n"
        )
    if name in ("PoissonBinomial", "Multinomial"):
        return _vectors(name, parameters)
    values = tuple(_parameter(p) for p in parameters)
    if name == "Bernoulli":
        (p,) = values
        _conditions("Binomial", (sympy.Integer(1), p))
        return Distribution({0: 1 - p, 1: p})
    if name == "Binomial" and values[0].is_Integer:
        _conditions("Binomial", values)
        return int(values[0]) @ Distribution({0: 1 - values[1], 1: values[1]})
    if name == "Die":
        return formula("Uniform", sympy.Integer(1), *values)
    if name == "Geometric":
        return formula("NegativeBinomial", sympy.Integer(1), *values, shift=1)
    return formula(name, *values)


def formula(name: str, *parameters: Any, shift: int | sympy.Expr = 0) -> Formula:
    """A family by its formula, moved by a shift."""
    import sympy

    conditions = _conditions(name, parameters)
    one = sympy.Integer(1)
    return Formula._made((Term(NamedAtom(name, parameters), one, one),), sympy.sympify(shift), conditions)


def _conditions(name: str, parameters: tuple[sympy.Expr, ...]) -> frozenset[sympy.Basic]:
    """What the parameters must satisfy, beyond what is known of the letters."""
    import sympy

    conditions = family(name).conditions(*parameters)
    for condition in conditions:
        if condition == sympy.false:
            shown = ", ".join(map(str, parameters))
            raise DistconvValueError(f"there is no law {name}({shown}): its parameters do not satisfy the conditions")
    return frozenset(c for c in conditions if c != sympy.true)


def _parameter(value: ScalarLike) -> sympy.Expr:
    """A parameter as sympy's; numbers must be exact."""
    if has_letters(value):
        return value
    number = read_number("parameter", value)
    if isinstance(number, float):
        raise DistconvTypeError(
            f"a float beside letters: {value!r}; laws with letters are exact, write it as a string: '{value!r}'"
        )
    return expression_of(number)


def _vectors(name: str, parameters: tuple[Any, ...]) -> Distribution:
    """The families whose parameters are lists of chances."""
    chances = [_parameter(p) for p in parameters[-1]]
    if name == "PoissonBinomial":
        trials = [Distribution({0: 1 - p, 1: p}) for p in chances]
        return sum(trials[1:], start=trials[0]) if trials else Distribution({0: 1})
    units = [tuple(int(i == j) for j in range(len(chances))) for i in range(len(chances))]
    return int(parameters[0]) @ Distribution(dict(zip(units, chances, strict=True)))


def with_numbers(law: Distribution) -> Formula:
    """An infinite family with numbers as a formula law.

    Raises:
        DistconvTypeError: it is floating, or has no formula.
    """
    name: str = type(law).__name__
    values: tuple[Any, ...] = getattr(law, "_values", tuple)()
    if name == "Geometric":
        return formula("NegativeBinomial", *map(_parameter, (1, *values)), shift=1)
    if name not in constructors():
        raise DistconvTypeError(
            f"{law!r} has no formula to add to one with letters; substitute numbers for them first, X.subs({{...}})"
        )
    return formula(name, *(_parameter(v) for v in values))


def recognised(expression: sympy.Expr, z: sympy.Symbol) -> Distribution | None:
    """The family that has this generating function, or None."""
    import sympy

    whole = sympy.simplify(expression)
    for attempt in (whole, sympy.factor(whole), sympy.expand(whole)):
        law = _poisson(attempt, z)
        law = _power(attempt, z) if law is None else law
        if law is not None:
            return law
    return None


def _poisson(expression: sympy.Expr, z: sympy.Symbol) -> Distribution | None:
    """exp(lam (z - 1))."""
    import sympy

    log = sympy.expand_log(sympy.log(expression), force=True)
    rate = sympy.simplify(sympy.diff(log, z))
    if rate.has(z) or rate == 0 or sympy.simplify(log.subs(z, 1)) != 0:
        return None
    if rate.free_symbols:
        return formula("Poisson", rate)
    return constructors()["Poisson"](_number(rate))


def _power(expression: sympy.Expr, z: sympy.Symbol) -> Distribution | None:
    """(1 - p + p z)**n, or (p / (1 - (1 - p) z))**r, times a power of z."""
    import sympy

    log = sympy.expand_log(sympy.log(expression), force=True)
    rate = sympy.cancel(sympy.together(sympy.diff(log, z)))
    top, bottom = sympy.fraction(rate)
    if top.has(z) or not bottom.is_polynomial(z) or sympy.degree(bottom, z) != 1:
        return None
    slope, offset = sympy.Poly(bottom, z).all_coeffs()
    if sympy.simplify(slope) == 0 or sympy.simplify(slope + offset) == 0:
        return None
    size, p = sympy.cancel(top / slope), sympy.cancel(slope / (slope + offset))
    if size.is_negative or (size.could_extract_minus_sign() and not size.is_positive):
        size, p = -size, sympy.cancel((slope + offset) / offset)
        made = "NegativeBinomial"
    else:
        made = "Binomial"
    candidate = family(made).pgf(z, size, p)
    if sympy.simplify(candidate.subs(z, 0) - expression.subs(z, 0)) != 0:
        return None
    if not (size.free_symbols | p.free_symbols):
        return constructors()[made](_number(size), _number(p))
    return named(made, size, p)


def _number(value: sympy.Expr) -> int | Fraction:
    return whole(number_of(value))


def from_pgf(expression: sympy.Expr, z: sympy.Symbol, terms: int | None = None) -> Distribution:
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
        return Distribution(weights)
    if terms is None:
        law = recognised(whole, z)
        return generated(whole, z) if law is None else law
    if whole.free_symbols - {z}:
        raise DistconvTypeError("terms= is for numbers; with letters leave it out: from_pgf(expr, z)")
    return _truncated(whole, z, terms)


def generated(expression: sympy.Expr, z: sympy.Symbol) -> Distribution:
    """The law of a generating function, its probabilities found when they are asked for."""
    import sympy

    one = sympy.Integer(1)
    return Formula._made((Term(GeneratedAtom(expression, z), one, one),), one * 0, frozenset(), None)


def _truncated(expression: sympy.Expr, z: sympy.Symbol, terms: int) -> Distribution:
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
        return Distribution._of(exact_measure(weights, bounds.upper_float(lost) if lost else 0.0))
    import flint
    import numpy as np

    with precision(REST_BITS):
        balls = [flint.arb(str(sympy.N(v, 55))) for v in values]
        rest = 1 - sum(balls, start=flint.arb(0))
        missing = max(0.0, float(rest.upper())) + bounds.UNIT
    floats = normal_form(np.array([float(b) for b in balls]), None, 2 * bounds.UNIT)
    measure: Measure = arranged_vectors([(k,) for k in range(count)], floats, missing)
    return Distribution._of(measure)


def compound(count: Distribution, law: Distribution) -> Distribution:
    """The law of X_1 + ... + X_N with letters in N's law or X's: by composition of generating functions.

    Raises:
        DistconvValueError: N may be negative, or no whole number.
    """
    import sympy

    z = sympy.Symbol("z")
    if law.ndim > 1:
        raise DistconvTypeError("compound sums with letters are of 1-D laws; take a marginal: X.marginal(0)")
    lowest = as_formula(count).low
    if lowest.is_negative:
        raise DistconvValueError(f"the number of terms must be >= 0, its law starts at {lowest}")
    if count.is_finite and not isinstance(count, Formula) and law.is_finite and not isinstance(law, Formula):
        return _finite_compound(count, law)
    expression = as_formula(count).pgf(as_formula(law).pgf(z))
    if not expression.has(sympy.Sum):
        known = recognised(expression, z)
        if known is not None:
            return known
    return generated(expression, z)


def _finite_compound(count: Distribution, law: Distribution) -> Distribution:
    """A mixture of the sums of n terms, by Horner's rule: ((w_3 X + w_2) X + w_1) X + w_0."""
    import sympy

    total: dict[Any, Any] = {}
    for n, weight in count:
        if isinstance(n, tuple) or n < 0 or n.denominator != 1:
            raise DistconvValueError(f"the number of terms must be whole and >= 0, its law has the outcome {n}")
        for outcome, w in int(n) @ law:
            total[outcome] = total.get(outcome, 0) + sympy.sympify(weight) * sympy.sympify(w)
    return Distribution(total)
