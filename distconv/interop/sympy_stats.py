"""Laws from random variables of sympy.stats, and back: finite ones, and the infinite ones with a name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from distconv.algebra import spanning, sums
from distconv.errors import DistconvTypeError
from distconv.formulas.naming import family_of
from distconv.formulas.sums import as_formula
from distconv.laws import image, registry
from distconv.laws.finite import zero
from distconv.laws.law import Law
from distconv.numbers.letters import any_expressions, expression_of, has_letters, number_of

if TYPE_CHECKING:
    import sympy
    from sympy.stats.rv import RandomSymbol

#: Families that sympy.stats has under the same name.
SHARED = ("Binomial", "Die", "Geometric", "Logarithmic", "NegativeBinomial", "Poisson", "Skellam")


def from_sympy(variable: RandomSymbol) -> Law:
    """The law of a random variable of sympy.stats; see `Distribution.from_sympy`.

    Finite ones by their density, with letters where their probabilities have some; Binomial, Poisson, Geometric,
    NegativeBinomial, Skellam, Logarithmic, Die and DiscreteUniform with letters as parameters too; Multinomial; sums
    of independent ones, times numbers or letters.

    Raises:
        DistconvTypeError: no random variable, a continuous one, or a discrete one that has no name here.
    """
    import sympy
    from sympy.stats import drv_types, frv_types
    from sympy.stats.rv import RandomSymbol, random_symbols

    if isinstance(variable, sympy.Expr) and not isinstance(variable, RandomSymbol) and random_symbols(variable):
        return _combination(variable)
    if not isinstance(variable, RandomSymbol):
        raise DistconvTypeError(
            f"from_sympy needs a random variable of sympy.stats, got {variable!r}; of another law give its "
            "probabilities: Distribution({outcome: probability, ...})"
        )
    law = variable.pspace.distribution
    name = type(law).__name__.removesuffix("Distribution")
    if name in SHARED:
        return _family(name, [sympy.sympify(a) for a in law.args])
    if name == "Multinomial":
        chances = [number_of(chance) for chance in law.args[1]]
        family = registry.family(name)
        return (family.with_letters if any_expressions(chances) else family.law)(int(law.args[0]), chances)
    known = isinstance(law, drv_types.SingleDiscreteDistribution | frv_types.SingleFiniteDistribution)
    if not known or not hasattr(law, "dict"):
        raise DistconvTypeError(
            f"{variable} has the law {law}, which is continuous or has no name here; give its probabilities: "
            "Distribution({outcome: probability, ...})"
        )
    return spanning.from_pairs(list(law.dict.keys()), list(law.dict.values()))


def _combination(expression: sympy.Expr) -> Law:
    """The law of a sum of independent random variables, each times a number or a letter, and of a constant.

    Raises:
        DistconvTypeError: products of variables, functions of them, or variables that are not independent.
    """
    import sympy
    from sympy.stats.rv import SinglePSpace, random_symbols

    rest = sympy.expand(expression)
    total: Law = zero(1)
    for variable in sorted(random_symbols(expression), key=str):
        factor = rest.coeff(variable, 1)
        rest = sympy.expand(rest - factor * variable)
        if rest.has(variable) or random_symbols(factor) or not isinstance(variable.pspace, SinglePSpace):
            raise DistconvTypeError(
                f"{expression} is no sum of independent variables times numbers; take the law of one, and its image: "
                "from_sympy(X).map(lambda x: x**2)"
            )
        law, number = from_sympy(variable), number_of(factor)
        scaled = spanning.multiplied(law, factor) if isinstance(number, sympy.Expr) else image.scaled(law, number)
        assert scaled is not None, "the factor is an expression"
        total = sums.add(total, scaled)
    moved = spanning.displaced(total, rest, 1) if not rest.is_Rational else image.shifted(total, (number_of(rest),))
    assert moved is not None, "the constant is an expression"
    return moved


def _family(name: str, arguments: list[sympy.Expr]) -> Law:
    """A family of this library with sympy's parameters."""
    if name == "NegativeBinomial":
        # sympy counts the successes before the r-th failure, p being the chance of a success.
        return registry.with_expressions(name, arguments[0], 1 - arguments[1])
    if name == "Binomial":
        n, p, success, failure = arguments
        law, step, shift = registry.with_expressions(name, n, p), success - failure, n * failure
        law = law if step == 1 else image.scaled(law, number_of(step))
        moved = law.displaced(shift) if has_letters(shift) else image.shifted(law, (number_of(shift),))
        assert moved is not None, f"{n} is a letter, so the law is by a formula"
        return moved
    return registry.with_expressions(name, *arguments)


def to_sympy(law: Law, name: str) -> RandomSymbol:
    """A random variable of sympy.stats with this law: a finite exact or symbolic 1-D law, or a named infinite one.

    Raises:
        DistconvTypeError: a floating, n-D or unnamed infinite law.
    """
    from sympy import stats

    if law.spelled() is None and (not law.is_finite or (law.letters and not law.is_laid_out())):
        formula = as_formula(law)
        family, parameters = family_of(formula) or ("", ())
        if family == "NegativeBinomial":
            parameters = parameters[0], 1 - parameters[1]
        if family in SHARED:
            return getattr(stats, family)(name, *parameters)
        raise DistconvTypeError(
            f"{formula.name()} has no counterpart in sympy.stats; substitute numbers first: X.subs({{...}})"
        )
    if law.ndim > 1 or law.kind == "float":
        raise DistconvTypeError(
            f"to_sympy is for exact 1-D laws, this one is {law.kind}, {law.ndim}-D; "
            "use X.to_exact(normalize=True), X.marginal(0)"
        )
    return stats.FiniteRV(name, {expression_of(x): expression_of(w) for x, w in law.entries()})
