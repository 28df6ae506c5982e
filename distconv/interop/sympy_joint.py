"""A joint law of finitely many outcomes for sympy.stats, which has none of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sympy
from sympy.stats.joint_rv import JointDistribution


class ListedDistribution(JointDistribution):
    """The joint law of outcomes and their probabilities.

    Args:
        weights: the probability of each outcome, a tuple.
    """

    _argnames = ("weights",)
    # These names are sympy's.
    is_Continuous = False  # noqa: N815
    is_Discrete = True  # noqa: N815

    def __new__(cls, weights: Mapping[Any, sympy.Expr]) -> ListedDistribution:
        """The law; the weights are sympy's own dictionary, of tuples."""
        made: ListedDistribution = sympy.Basic.__new__(
            cls, sympy.Dict({sympy.Tuple(*x): w for x, w in weights.items()})
        )
        return made

    @property
    def set(self) -> sympy.ProductSet:
        """The box around the outcomes: all values of each component."""
        return sympy.ProductSet(*(sympy.FiniteSet(*column) for column in zip(*self.args[0], strict=True)))

    def pdf(self, *places: sympy.Expr) -> sympy.Expr:
        """The probability of an outcome, a number or by cases."""
        return _by_cases(self.args[0], places)

    def _marginal_distribution(self, indices: Sequence[int], name: sympy.Basic) -> sympy.Lambda:
        """The density of some components, as sympy asks for it."""
        found: dict[tuple[Any, ...], sympy.Expr] = {}
        for x, w in self.args[0].items():
            part = tuple(x[i] for i in indices)
            found[part] = found.get(part, sympy.Integer(0)) + w
        places = tuple(sympy.Symbol(f"{name}[{i}]") for i in indices)
        return sympy.Lambda(places, _by_cases(found, places))


def _by_cases(weights: Mapping[Any, sympy.Expr], places: Sequence[sympy.Expr]) -> sympy.Expr:
    """The weight of a place, by cases where it has letters."""
    cases = [(w, sympy.And(*map(sympy.Eq, x, places))) for x, w in weights.items()]
    return sympy.Piecewise(*cases, (0, True))
