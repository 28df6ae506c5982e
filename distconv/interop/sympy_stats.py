"""Laws of random variables of sympy.stats: single, joint and compound ones, and expressions of these."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from functools import reduce
from itertools import product
from typing import TYPE_CHECKING, Any

from distconv import construction
from distconv.algebra import compound, spanning, sums
from distconv.errors import DistconvTypeError
from distconv.formulas import mixtures
from distconv.formulas.sums import as_formula, copies
from distconv.interop.sympy_families import law_of, multiplied
from distconv.laws import image
from distconv.laws.finite import zero
from distconv.laws.law import Law
from distconv.measure.reading import is_collection
from distconv.numbers.letters import expression_of, number_of

if TYPE_CHECKING:
    import sympy
    from sympy.stats.rv import RandomSymbol

#: Outcomes of several variables together up to which an expression of them is evaluated: a second or two.
MOST_OUTCOMES = 20_000


def from_sympy(variable: RandomSymbol | sympy.Expr | Sequence[sympy.Expr]) -> Law:
    """The law of a random variable of sympy.stats, of an expression or a vector of some; see `Distribution.from_sympy`.

    Raises:
        DistconvTypeError: no random variable, a continuous one, or one whose law is not understood.
    """
    import sympy
    from sympy.stats.rv import RandomSymbol, random_symbols

    if isinstance(variable, RandomSymbol):
        return _variable(variable)
    parts = [sympy.sympify(v) for v in variable] if is_collection(variable) or _is_vector(variable) else None
    if parts and random_symbols(sympy.Tuple(*parts)):
        return _vector(parts)
    if not isinstance(variable, sympy.Expr) or not random_symbols(variable):
        raise DistconvTypeError(
            f"from_sympy needs a random variable of sympy.stats, got {variable!r}; of another law give its "
            "probabilities: Distribution({outcome: probability, ...})"
        )
    return _expression(variable)


def _is_vector(value: object) -> bool:
    """Whether a value is a tuple of sympy's."""
    import sympy

    return isinstance(value, sympy.Tuple | sympy.MatrixBase | tuple | list)


# Variables -----------------------------------------------------------------------------------------------------------


def _variable(variable: RandomSymbol) -> Law:
    """The law of one variable, whatever else it depends on."""
    from sympy.stats import density
    from sympy.stats.compound_rv import CompoundDistribution
    from sympy.stats.frv import FinitePSpace
    from sympy.stats.rv import SinglePSpace

    space = variable.pspace
    if isinstance(space, FinitePSpace) and not isinstance(space, SinglePSpace):
        # Known that a condition holds.
        known = density(variable)
        return spanning.from_pairs(list(known), list(known.values()))
    distribution = getattr(space, "distribution", None)
    if isinstance(distribution, CompoundDistribution):
        return _compound(variable, distribution.args[0])
    return law_of(distribution)


def _compound(variable: RandomSymbol, inner: Any) -> Law:
    """The law of a variable whose parameters are variables: what these are is drawn first."""
    tops = _drawn(inner)
    (first, *more) = tops
    law = None if more else from_sympy(first)
    if law is None or (law.is_finite and law.is_laid_out()):
        return _mixed(variable, _roots(tops)[0])
    found = _repeated(inner, first, law)
    if found is None:
        raise DistconvTypeError(
            f"the law of {variable} is {inner} with a parameter {first} of infinitely many values, or of as many as a "
            "letter says: this is read where the parameter is a number of terms, Poisson(lam*N) or Binomial(N, p); "
            "substitute a number for the letter, or mix finitely many, mixture([(X, w), (Y, v)])"
        )
    return found


def _repeated(inner: Any, count: RandomSymbol, law: Law) -> Law | None:
    """The sum of a random number of terms that a law with such a number as a parameter is; None of others."""
    import sympy

    n = sympy.Dummy("n", integer=True, positive=True)
    of_letter = as_formula(law_of(inner.xreplace({count: n})))
    one = law_of(inner.xreplace({count: sympy.Integer(1)}))
    many = copies(as_formula(one), n)
    same = (many.summands, many.offset) == (of_letter.summands, of_letter.offset)
    return compound.compound(law, one) if same else None


def _mixed(expression: sympy.Basic, root: RandomSymbol) -> Law:
    """The law of what depends on a variable of finitely many values: that for each value, mixed."""
    law = from_sympy(root)
    if not (law.is_finite and law.is_laid_out()):
        raise DistconvTypeError(
            f"{expression} hangs on {root} in several ways, and {root} has no finite list of values; take a mixture of "
            "finitely many laws: mixture([(X, w), (Y, v)])"
        )
    entries = list(law.entries())
    laws = [from_sympy(expression.xreplace({root: expression_of(x)})) for x, _ in entries]
    shares = construction.from_mapping({i: w for i, (_, w) in enumerate(entries)})
    return mixtures.mixture(laws, shares)


# Expressions ---------------------------------------------------------------------------------------------------------


def _expression(expression: sympy.Expr) -> Law:
    """The law of an expression: a sum of independent variables times numbers, or any of finitely many outcomes."""
    tops = _drawn(expression)
    shared = _shared(tops)
    if shared:
        return _mixed(expression, _roots(shared)[0])
    return _sum(expression, tops) or _evaluated([expression], tops)


def _vector(parts: list[sympy.Expr]) -> Law:
    """The joint law of expressions: of independent ones their product, else of finitely many outcomes."""
    import sympy

    tops = _drawn(sympy.Tuple(*parts))
    shared = _shared(tops)
    if shared:
        return _mixed(sympy.Tuple(*parts), _roots(shared)[0])
    if sum(len(_drawn(part)) for part in parts) == len(tops):
        return spanning.joined([_expression(part) for part in parts])
    return _evaluated(parts, tops)


def _sum(expression: sympy.Expr, tops: list[RandomSymbol]) -> Law | None:
    """The law of a sum of independent variables, each times a number or a letter, and of a constant; None of others."""
    import sympy

    laws = [from_sympy(variable) for variable in tops]
    rest = sympy.expand(expression)
    rows = []
    for variable, law in zip(tops, laws, strict=True):
        parts = [variable] if law.ndim == 1 else [sympy.Indexed(variable, i) for i in range(law.ndim)]
        rows.append([rest.coeff(part, 1) for part in parts])
        rest = sympy.expand(rest - sum(a * part for a, part in zip(rows[-1], parts, strict=True)))
    if _drawn(sympy.Tuple(rest, *(a for row in rows for a in row))):
        return None
    total: Law = zero(1)
    for row, law in zip(rows, laws, strict=True):
        scaled = multiplied(law, row[0]) if law.ndim == 1 else spanning.linear(law, [row])
        total = sums.add(total, scaled)
    moved = spanning.displaced(total, rest, 1) if not rest.is_Rational else image.shifted(total, (number_of(rest),))
    assert moved is not None, "the constant is an expression"
    return moved


def _evaluated(parts: list[sympy.Expr], tops: list[RandomSymbol]) -> Law:
    """The law of expressions, evaluated at all outcomes of their variables.

    Raises:
        DistconvTypeError: these are infinitely many, or too many.
    """
    import sympy

    laws = [from_sympy(variable) for variable in tops]
    shown = parts[0] if len(parts) == 1 else tuple(parts)
    if not all(law.is_finite and law.is_laid_out() for law in laws):
        raise DistconvTypeError(
            f"{shown} is no sum of independent variables times numbers, and some have no finite list of values; take "
            "the law of one, and its image: from_sympy(X).map(lambda x: x**2)"
        )
    entries = [list(law.entries()) for law in laws]
    count = math.prod(map(len, entries))
    if count > MOST_OUTCOMES:
        raise DistconvTypeError(
            f"{shown} has {count:,} outcomes of its variables to evaluate, more than the {MOST_OUTCOMES:,} that are; "
            "add laws instead, from_sympy(X) + from_sympy(Y)"
        )
    places, weights = [], []
    for chosen in product(*entries):
        values = _values(tops, [x for x, _ in chosen])
        found = [part.xreplace(values).doit() for part in parts]
        places.append(found[0] if len(found) == 1 else tuple(found))
        weights.append(reduce(lambda a, b: a * b, (expression_of(w) for _, w in chosen), sympy.Integer(1)))
    return spanning.from_pairs(places, weights)


def _values(variables: list[RandomSymbol], outcomes: list[Any]) -> dict[sympy.Basic, sympy.Expr]:
    """What stands for variables, and for the components of joint ones, once their outcomes are known."""
    import sympy

    values: dict[sympy.Basic, sympy.Expr] = {}
    for variable, outcome in zip(variables, outcomes, strict=True):
        if isinstance(outcome, tuple):
            values |= {sympy.Indexed(variable, i): expression_of(x) for i, x in enumerate(outcome)}
        else:
            values[variable] = expression_of(outcome)
    return values


# What hangs on what --------------------------------------------------------------------------------------------------


def _drawn(expression: sympy.Basic) -> list[RandomSymbol]:
    """The variables in an expression, by name; not those that only their parameters depend on."""
    from sympy import preorder_traversal
    from sympy.stats.rv import RandomSymbol

    found = set()
    walk = preorder_traversal(expression)
    for part in walk:
        if isinstance(part, RandomSymbol):
            found.add(part)
            walk.skip()
    return sorted(found, key=str)


def _behind(variable: RandomSymbol) -> set[RandomSymbol]:
    """The variables that the parameters of one depend on, however far back."""
    from sympy.stats.rv import RandomSymbol

    distribution = getattr(variable.pspace, "distribution", None)
    found: Iterable[RandomSymbol] = () if distribution is None else distribution.atoms(RandomSymbol)
    return set(found)


def _shared(variables: Sequence[RandomSymbol]) -> list[RandomSymbol]:
    """The variables that several of some depend on, or one of them and the expression itself.

    Raises:
        DistconvTypeError: two are of one process at different times.
    """
    from sympy.stats.stochastic_process_types import BernoulliProcess

    processes = [getattr(v.pspace, "process", None) for v in variables]
    for process in processes:
        if process is not None and processes.count(process) > 1 and not isinstance(process, BernoulliProcess):
            raise DistconvTypeError(
                f"{process} at different times is not independent; take the law of its increments, and add them"
            )
    seen, shared = set(variables), set()
    for variable in variables:
        behind = _behind(variable)
        shared |= behind & seen
        seen |= behind
    return sorted(shared, key=str)


def _roots(variables: Sequence[RandomSymbol]) -> list[RandomSymbol]:
    """Of variables those that depend on no other of them."""
    return [v for v in variables if not _behind(v) & set(variables)]
