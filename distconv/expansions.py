"""Expansions about the normal law by exact cumulants: Edgeworth's of probabilities, Cornish-Fisher of quantiles."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from distconv.checks import check_integer
from distconv.distribution import Distribution, check_law
from distconv.errors import DimensionError, DistconvValueError
from distconv.numbers.letters import expression_of
from distconv.support.outcomes import read_scalar
from distconv.typing import IntegerLike, ScalarLike

if TYPE_CHECKING:
    import sympy

#: The highest order: of that its terms fill a page, and the expansions, which do not converge, have long got worse.
MOST_ORDER = 8


def edgeworth(
    X: Distribution,
    x: sympy.Expr,
    *,
    order: IntegerLike = 2,
    density: bool = False,
    step: ScalarLike | None = None,
) -> sympy.Expr:
    """The Edgeworth expansion of P((X - mean) / sd <= x), an expression in x with exact cumulants.

    Phi(x) - phi(x) (l3 He2(x) / 6 + l4 He3(x) / 24 + l3**2 He5(x) / 72 + ...), where l_r is the r-th cumulant over
    sd**r and He are Hermite's polynomials. Of the sum of n independent copies, ``n @ Y``, the terms of order j fall
    with n**(-j/2), and the error with the next.

    The law is one of outcomes on a lattice, its CDF a staircase, which no smooth function follows. With ``step=``, the
    distance of neighbouring outcomes, the expansion is right at the middle of each tread, x = (k + step/2 - mean) / sd
    for P(X <= k), to every order: the cumulants are then without those of a uniform variable of one step's width
    (Sheppard's corrections). Without it, it is right there to the first order.

    Args:
        X: a law of numbers, with letters or without.
        x: the standardised variable: a symbol, an expression or a number.
        order: how many terms follow Phi(x), by powers of n**(-1/2).
        density: give the density's expansion instead: phi(x) (1 + l3 He3(x) / 6 + ...). Of a law on a lattice it is
            P(X = k) sd / step at x = (k - mean) / sd, to every order, as it is: Sheppard's corrections are of the CDF.
        step: the distance of neighbouring outcomes, where the staircase is to be followed.

    Raises:
        DistconvValueError: the law is one point, the order is not in 0..8, or a step is given for a density.

    Source: Hall, The Bootstrap and Edgeworth Expansion (1992), section 2.3; Kolassa and McCullagh, Edgeworth series for
    lattice distributions (1990).

    >>> from sympy import N, symbols
    >>> from distconv import Die, edgeworth
    >>> S, x = 50 @ Die(6), symbols("x")
    >>> N(edgeworth(S, x, order=2, step=1).subs(x, (160.5 - S.mean()) / S.std()), 9)
    0.115248272
    >>> float(S.cdf(160))
    0.115251793...
    """
    import sympy

    if density and step is not None:
        raise DistconvValueError(
            "a step corrects the CDF only; without it the density is right at the outcomes: "
            f"edgeworth(X, {x}, order={order}, density=True)"
        )
    at = sympy.sympify(x)
    terms = _series(X, order, step)
    bell = sympy.exp(-(at**2) / 2) / sympy.sqrt(2 * sympy.pi)
    lower = 0 if density else 1
    correction = sympy.Add(*(c * _hermite(m - lower, at) for part in terms[1:] for m, c in part.items()))
    if density:
        return bell * (1 + correction)
    return (1 + sympy.erf(at / sympy.sqrt(2))) / 2 - bell * correction


def cornish_fisher(
    X: Distribution, z: sympy.Expr, *, order: IntegerLike = 2, step: ScalarLike | None = None
) -> sympy.Expr:
    """The Cornish-Fisher expansion of the standardised quantile of X, an expression in the normal quantile z.

    z + l3 (z**2 - 1) / 6 + l4 (z**3 - 3 z) / 24 - l3**2 (2 z**3 - 5 z) / 36 + ...: mean + sd * this is the quantile
    of X at the level Phi(z), where `edgeworth` of the same order is Phi(z) to that order.

    Args:
        X: a law of numbers, with letters or without.
        z: the quantile of the normal law at the same level: a symbol, an expression or a number.
        order: how many terms follow z, by powers of n**(-1/2) for the sum of n copies.
        step: the distance of neighbouring outcomes, as in `edgeworth`: the quantile is then less by step / 2.

    Raises:
        DistconvValueError: the law is one point, or the order is not in 0..8.

    Source: Cornish and Fisher (1937); Johnson, Kotz, Balakrishnan, Continuous Univariate Distributions 1, section 12.5.

    >>> from sympy import symbols
    >>> from distconv import Poisson, cornish_fisher
    >>> lam, z = symbols("lam z", positive=True)
    >>> cornish_fisher(Poisson(lam), z, order=1)
    z + (z**2 - 1)/(6*sqrt(lam))
    """
    import sympy

    at = sympy.sympify(z)
    symbol = sympy.Dummy("z")
    terms = _series(X, order, step)
    # F(z + h) = Phi(z), both expanded about z and divided by phi(z), by powers of 1 / sqrt(n): h is found one by one.
    moves: list[Any] = [sympy.S.Zero]
    for j in range(1, len(terms)):
        powers = _powers([*moves, sympy.S.Zero], j)
        found = sympy.S.Zero
        for k in range(2, j + 1):
            found -= (-1) ** (k - 1) * _hermite(k - 1, symbol) * powers[k][j] / math.factorial(k)
        for i in range(1, j + 1):
            for m, c in terms[i].items():
                for k in range(j - i + 1):
                    rise = (-1) ** k * _hermite(m - 1 + k, symbol) * powers[k][j - i] / math.factorial(k)
                    found += c * rise
        moves.append(sympy.expand(found))
    return at + sympy.Add(*(_gathered(move, symbol).subs(symbol, at) for move in moves[1:]))


def _gathered(move: sympy.Expr, symbol: sympy.Symbol) -> sympy.Expr:
    """A polynomial with its common factor in front, where it has one."""
    import sympy

    return sympy.factor_terms(sympy.collect(move, symbol))


def _powers(move: list[Any], order: int) -> list[list[Any]]:
    """The powers 0, 1, ..., order of a series whose terms are listed from order 0, cut after an order."""
    import sympy

    found = [[sympy.S.One, *([sympy.S.Zero] * order)]]
    for _ in range(order):
        last = found[-1]
        found.append([sympy.expand(sum(last[i] * move[j - i] for i in range(j + 1))) for j in range(order + 1)])
    return found


def _series(X: Distribution, order: IntegerLike, step: ScalarLike | None) -> list[dict[int, Any]]:
    """By powers of 1 / sqrt(n), what each derivative of the normal density is multiplied by, up to the sign.

    The exponential of the sum of l_r s**r / r! of order r - 2, and with a step of -B_r (step / sd)**r s**r / (r r!), of
    order r, where s**m stands for He_m.
    """
    import sympy

    check_law("X", X)
    last = check_integer("order", order, at_least=0)
    if last > MOST_ORDER:
        raise DistconvValueError(f"order must be in 0..{MOST_ORDER}, got {last}; the expansions do not converge")
    if X.ndim > 1:
        raise DimensionError(f"expansions are for 1-D laws, this one is {X.ndim}-D; take a marginal: X.marginal(0)")
    var = expression_of(X.var())
    if var == 0:
        raise DistconvValueError("a law of one point has no expansion about the normal law: its variance is 0")
    parts: list[dict[int, Any]] = [{} for _ in range(last + 1)]
    for r in range(3, last + 3):
        parts[r - 2][r] = _tidy(expression_of(X.cumulant(r)) / math.factorial(r), var, r)
    if step is not None:
        width = expression_of(read_scalar(step, "step"))
        for r in range(2, last + 1, 2):
            more = -sympy.bernoulli(r) * width**r / (r * math.factorial(r))
            parts[r][r] = parts[r].get(r, sympy.S.Zero) + _tidy(more, var, r)
    series: list[dict[int, Any]] = [{0: sympy.S.One}]
    for j in range(1, last + 1):
        total: dict[int, Any] = {}
        for i in range(1, j + 1):
            for r, a in parts[i].items():
                for m, b in series[j - i].items():
                    total[r + m] = total.get(r + m, sympy.S.Zero) + sympy.Rational(i, j) * a * b
        series.append({m: sympy.factor(c) for m, c in total.items() if c != 0})
    return series


def _tidy(cumulant: sympy.Expr, var: sympy.Expr, order: int) -> sympy.Expr:
    """A cumulant over a power of the standard deviation, the roots together."""
    import sympy

    whole, root = divmod(order, 2)
    found = sympy.factor(cumulant / var**whole)
    return found / sympy.sqrt(var) if root else found


def _hermite(degree: int, x: sympy.Expr) -> sympy.Expr:
    """The polynomial He of a degree: (-1)**degree times what the density's derivative is over the density."""
    import sympy

    before, now = sympy.S.Zero, sympy.S.One
    for m in range(degree):
        before, now = now, sympy.expand(x * now - m * before)
    return now
