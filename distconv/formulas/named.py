"""The named laws with letters as parameters: formulas, ranges, generating functions, cumulants, and their sums.

Geometric laws are negative binomial ones moved by 1, dice uniform ones moved by 1: one rule a family is enough.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    import sympy

#: The parameters of a family, in its own order.
Parameters: TypeAlias = "tuple[sympy.Expr, ...]"


@dataclass(frozen=True, slots=True)
class Named:
    """What is known of a family with letters.

    Attributes:
        formula: (k, *parameters) -> P(X = k).
        ends: parameters -> (low, high).
        pgf: (z, *parameters) -> E z**X.
        cgf: (t, *parameters) -> log E exp(t X), where its derivatives at 0 give the cumulants; None where they do not.
        conditions: parameters -> what they must satisfy.
        add: (parameters, parameters) -> the parameters of the sum of two, or None.
        copies: (n, parameters) -> the parameters of the sum of n, or None.
    """

    formula: Callable[..., sympy.Expr]
    ends: Callable[..., tuple[sympy.Expr, sympy.Expr]]
    pgf: Callable[..., sympy.Expr]
    cgf: Callable[..., sympy.Expr] | None
    conditions: Callable[..., tuple[sympy.Basic, ...]]
    add: Callable[[Parameters, Parameters], Parameters | None] = lambda *_: None
    copies: Callable[[sympy.Expr, Parameters], Parameters | None] = lambda *_: None


def _families() -> dict[str, Named]:
    import sympy as sp

    def fraction_of(p: sympy.Expr) -> tuple[sympy.Basic, ...]:
        return sp.Ge(p, 0), sp.Le(p, 1)

    def chance_of(p: sympy.Expr) -> tuple[sympy.Basic, ...]:
        return sp.Gt(p, 0), sp.Le(p, 1)

    def uniform_pgf(z: sympy.Expr, low: sympy.Expr, high: sympy.Expr) -> sympy.Expr:
        return (z**low - z ** (high + 1)) / ((high - low + 1) * (1 - z))

    def same_last(x: Parameters, y: Parameters) -> Parameters | None:
        return (x[0] + y[0], x[1]) if sp.simplify(x[1] - y[1]) == 0 else None

    return {
        "Binomial": Named(
            lambda k, n, p: sp.binomial(n, k) * p**k * (1 - p) ** (n - k),
            lambda n, _: (sp.Integer(0), n),
            lambda z, n, p: (1 - p + p * z) ** n,
            lambda t, n, p: n * sp.log(1 - p + p * sp.exp(t)),
            lambda n, p: (sp.Ge(n, 0), *fraction_of(p)),
            same_last,
            lambda n, x: (n * x[0], x[1]),
        ),
        "Poisson": Named(
            lambda k, lam: sp.exp(-lam) * lam**k / sp.factorial(k),
            lambda *_: (sp.Integer(0), sp.oo),
            lambda z, lam: sp.exp(lam * (z - 1)),
            lambda t, lam: lam * (sp.exp(t) - 1),
            lambda lam: (sp.Ge(lam, 0),),
            lambda x, y: (x[0] + y[0],),
            lambda n, x: (n * x[0],),
        ),
        "NegativeBinomial": Named(
            lambda k, r, p: (1 if r == 1 else sp.binomial(r + k - 1, k)) * p**r * (1 - p) ** k,
            lambda *_: (sp.Integer(0), sp.oo),
            lambda z, r, p: (p / (1 - (1 - p) * z)) ** r,
            lambda t, r, p: r * (sp.log(p) - sp.log(1 - (1 - p) * sp.exp(t))),
            lambda r, p: (sp.Gt(r, 0), *chance_of(p)),
            same_last,
            lambda n, x: (n * x[0], x[1]),
        ),
        "Uniform": Named(
            lambda _, low, high: 1 / (high - low + 1),
            lambda low, high: (low, high),
            uniform_pgf,
            None,
            lambda low, high: (sp.Le(low, high),),
        ),
        "Skellam": Named(
            lambda k, a, b: sp.exp(-a - b) * (a / b) ** (k / sp.Integer(2)) * sp.besseli(k, 2 * sp.sqrt(a * b)),
            lambda *_: (-sp.oo, sp.oo),
            lambda z, a, b: sp.exp(a * (z - 1) + b * (1 / z - 1)),
            lambda t, a, b: a * (sp.exp(t) - 1) + b * (sp.exp(-t) - 1),
            lambda a, b: (sp.Gt(a, 0), sp.Gt(b, 0)),
            lambda x, y: (x[0] + y[0], x[1] + y[1]),
            lambda n, x: (n * x[0], n * x[1]),
        ),
        "Hypergeometric": Named(
            lambda k, m, n, draws: sp.binomial(n, k) * sp.binomial(m - n, draws - k) / sp.binomial(m, draws),
            lambda m, n, draws: (sp.Max(0, draws - m + n), sp.Min(n, draws)),
            lambda z, m, n, draws: sp.Sum(
                z ** _K() * sp.binomial(n, _K()) * sp.binomial(m - n, draws - _K()) / sp.binomial(m, draws),
                (_K(), sp.Max(0, draws - m + n), sp.Min(n, draws)),
            ),
            None,
            lambda m, n, draws: (sp.Ge(n, 0), sp.Ge(draws, 0), sp.Ge(m, n), sp.Ge(m, draws)),
        ),
        "Logarithmic": Named(
            lambda k, p: -(p**k) / (k * sp.log(1 - p)),
            lambda *_: (sp.Integer(1), sp.oo),
            lambda z, p: sp.log(1 - p * z) / sp.log(1 - p),
            lambda t, p: sp.log(sp.log(1 - p * sp.exp(t)) / sp.log(1 - p)),
            lambda p: (sp.Gt(p, 0), sp.Lt(p, 1)),
        ),
    }


def _K() -> sympy.Expr:  # noqa: N802 - a letter
    import sympy

    return sympy.Symbol("k", integer=True)


_known: dict[str, Named] = {}


def family(name: str) -> Named:
    """What is known of a family, by its name."""
    if not _known:
        _known.update(_families())
    return _known[name]


def hypergeometric_cumulant(order: int, m: sympy.Expr, n: sympy.Expr, draws: sympy.Expr) -> sympy.Expr | None:
    """The mean and the variance of the hypergeometric law; None for other cumulants."""
    if order == 1:
        return draws * n / m
    if order == 2:
        return draws * n * (m - n) * (m - draws) / (m**2 * (m - 1))
    return None
