"""The named families: one module each, loaded when its name is first asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    import sympy

    from distconv.laws.law import Law

#: The parameters of a family as expressions, in its own order.
Parameters: TypeAlias = "tuple[sympy.Expr, ...]"


@dataclass(frozen=True, slots=True)
class Letters:
    """What is known of a family whose parameters are letters.

    Attributes:
        formula: (k, *parameters) -> P(X = k).
        ends: parameters -> (low, high).
        pgf: (z, *parameters) -> E z**X.
        cgf: (t, *parameters) -> log E exp(t X), where its derivatives at 0 give the cumulants; None where they do not.
        conditions: parameters -> what they must satisfy.
        add: (parameters, parameters) -> the parameters of the sum of two, or None.
        copies: (n, parameters) -> the parameters of the sum of n, or None.
        many: (k, n, *parameters) -> P(X_1 + ... + X_n = k) where `copies` names no law, or None.
        many_below: (k, n, *parameters) -> P(X_1 + ... + X_n <= k), or None.
        cumulant: (order, *parameters) -> a cumulant in closed form where `cgf` does not tell it, or None.
        recognise: (G'(z) / G(z), z) -> the parameters of the law with the generating function G, or None.
    """

    formula: Callable[..., sympy.Expr]
    ends: Callable[..., tuple[sympy.Expr, sympy.Expr]]
    pgf: Callable[..., sympy.Expr]
    cgf: Callable[..., sympy.Expr] | None
    conditions: Callable[..., tuple[sympy.Basic, ...]]
    add: Callable[[Parameters, Parameters], Parameters | None] = lambda *_: None
    copies: Callable[[sympy.Expr, Parameters], Parameters | None] = lambda *_: None
    many: Callable[..., sympy.Expr | None] = lambda *_: None
    many_below: Callable[..., sympy.Expr | None] = lambda *_: None
    cumulant: Callable[..., sympy.Expr | None] = lambda *_: None
    recognise: Callable[[sympy.Expr, sympy.Symbol], Parameters | None] = lambda *_: None


@dataclass(frozen=True, slots=True)
class Family:
    """A family, at the end of its module as ``FAMILY``.

    Attributes:
        name: what it is called, and its public function is.
        parameters: their names, in order.
        law: (*numbers) -> the law, its parameters read and checked; a simpler law at their edges.
        with_letters: (*parameters) -> the law where some of them are expressions with letters, or irrational.
        letters: what is known of it with letters, made when first asked for; None where `with_letters` makes a law of
            other families.
        examples: parameters of some laws of the family: an everyday one first, then those at the edges.
    """

    name: str
    parameters: tuple[str, ...]
    law: Callable[..., Law]
    with_letters: Callable[..., Law]
    letters: Callable[[], Letters] | None
    examples: tuple[tuple[Any, ...], ...]


#: Each family and the module that ends in its record.
FAMILIES = {
    "Bernoulli": "distconv.families.bernoulli",
    "Binomial": "distconv.families.binomial",
    "Die": "distconv.families.die",
    "Geometric": "distconv.families.geometric",
    "Hypergeometric": "distconv.families.hypergeometric",
    "Logarithmic": "distconv.families.logarithmic",
    "Multinomial": "distconv.families.multinomial",
    "NegativeBinomial": "distconv.families.negative_binomial",
    "Point": "distconv.families.point",
    "Poisson": "distconv.families.poisson",
    "PoissonBinomial": "distconv.families.poisson_binomial",
    "Skellam": "distconv.families.skellam",
    "Uniform": "distconv.families.uniform",
}

_letters: dict[str, Letters] = {}


def family(name: str) -> Family:
    """What is known of a family, by its name."""
    found: Family = import_module(FAMILIES[name]).FAMILY
    return found


def letters(name: str) -> Letters:
    """What is known of a family with letters; Die, Geometric and their like are told as laws of others."""
    if name not in _letters:
        make = family(name).letters
        assert make is not None, f"{name} with letters is a law of other families"
        _letters[name] = make()
    return _letters[name]


def with_expressions(name: str, *parameters: sympy.Expr) -> Law:
    """The law of a family: of numbers where all parameters are fractions, else by its formula."""
    known = family(name)
    return (known.law if all(p.is_Rational for p in parameters) else known.with_letters)(*parameters)
