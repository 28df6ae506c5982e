"""Laws from random variables of sympy.stats, and back: finite ones, and the infinite ones with a name."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from distconv.distribution import Distribution
from distconv.errors import DistconvTypeError
from distconv.numbers.letters import expression_of

if TYPE_CHECKING:
    from sympy.stats.rv import RandomSymbol


def from_sympy(variable: RandomSymbol) -> Distribution:
    """The law of a random variable of sympy.stats.

    Finite ones by their density, with letters where their probabilities have some; Binomial, Poisson, Geometric,
    NegativeBinomial, Skellam, Logarithmic, Die and DiscreteUniform with letters as parameters too.

    Raises:
        DistconvTypeError: no random variable, a continuous one, or a discrete one that has no name here.

    >>> from sympy.stats import Die as SympyDie
    >>> from distconv import Die, from_sympy
    >>> from_sympy(SympyDie("D", 6)) == Die(6)
    True
    """
    import sympy
    from sympy.stats import drv_types, frv_types
    from sympy.stats.rv import RandomSymbol

    if not isinstance(variable, RandomSymbol):
        raise DistconvTypeError(
            f"from_sympy needs a random variable of sympy.stats, got {variable!r}; of an expression of several "
            "variables take each one's law and add these: from_sympy(X) + from_sympy(Y)"
        )
    law = variable.pspace.distribution
    kinds = {
        "PoissonDistribution": "Poisson",
        "GeometricDistribution": "Geometric",
        "NegativeBinomialDistribution": "NegativeBinomial",
        "SkellamDistribution": "Skellam",
        "LogarithmicDistribution": "Logarithmic",
        "BinomialDistribution": "Binomial",
        "DieDistribution": "Die",
    }
    name = kinds.get(type(law).__name__)
    known = isinstance(law, drv_types.SingleDiscreteDistribution | frv_types.SingleFiniteDistribution)
    if name is not None:
        arguments = [sympy.sympify(a) for a in law.args]
        if name == "Binomial":
            if (arguments[2], arguments[3]) != (1, 0):
                scale, base = arguments[2] - arguments[3], arguments[3]
                scaled: Distribution = _family("Binomial", arguments[:2]) * _plain(scale) + _plain(arguments[0] * base)
                return scaled
            arguments = arguments[:2]
        if name == "NegativeBinomial":
            # sympy counts the successes before the r-th failure, p being the chance of a success.
            arguments = [arguments[0], 1 - arguments[1]]
        return _family(name, arguments)
    if not known or not hasattr(law, "dict"):
        raise DistconvTypeError(
            f"{variable} has the law {law}, which is continuous or has no name here; give its probabilities: "
            "Distribution({outcome: probability, ...})"
        )
    return Distribution(dict(law.dict))


def _family(name: str, arguments: list[Any]) -> Distribution:
    """A family of this library with sympy's parameters."""
    import distconv

    family: Callable[..., Distribution] = getattr(distconv, name)
    return family(*map(_plain, arguments))


def _plain(value: Any) -> Any:
    """A sympy number as a Python integer where it is one."""
    return int(value) if value.is_Integer else value


def to_sympy(law: Distribution, name: str) -> RandomSymbol:
    """A random variable of sympy.stats with this law: a finite exact or symbolic 1-D law, or a named infinite one.

    Raises:
        DistconvTypeError: a floating, n-D or unnamed infinite law.
    """
    from sympy import stats

    from distconv.formulas.atoms import NamedAtom
    from distconv.formulas.law import Formula

    if isinstance(law, Formula):
        term = law._terms[0]
        atom = term.atom
        if len(law._terms) == 1 and isinstance(atom, NamedAtom) and term.copies == term.factor == 1:
            if atom.name == "NegativeBinomial" and atom.parameters[0] == 1 and law._offset == 1:
                return stats.Geometric(name, atom.parameters[1])
            if law._offset == 0 and atom.name == "NegativeBinomial":
                return stats.NegativeBinomial(name, atom.parameters[0], 1 - atom.parameters[1])
            if law._offset == 0 and atom.name == "Uniform" and atom.parameters[0] == 1:
                return stats.Die(name, atom.parameters[1])
            if law._offset == 0 and atom.name in ("Binomial", "Poisson", "Skellam", "Logarithmic"):
                return getattr(stats, atom.name)(name, *atom.parameters)
        raise DistconvTypeError(f"{law!r} has no counterpart in sympy.stats; substitute numbers first: X.subs({{...}})")
    if not law.is_finite:
        from distconv.formulas.making import with_numbers

        return to_sympy(with_numbers(law), name)
    if law.ndim > 1 or law.kind == "float":
        raise DistconvTypeError(
            f"to_sympy is for exact 1-D laws, this one is {law.kind}, {law.ndim}-D; "
            "use X.to_exact(normalize=True), X.marginal(0)"
        )
    return stats.FiniteRV(name, {expression_of(x): expression_of(w) for x, w in law})
