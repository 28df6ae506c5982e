"""The hypergeometric law: drawing without putting back."""

from __future__ import annotations

import math
from fractions import Fraction
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from distconv.distribution import Distribution
from distconv.errors import DistconvValueError
from distconv.families import cumulants
from distconv.families.binomial import BinomialLaw
from distconv.families.family import by_formula, constructor, made, whole
from distconv.families.parameters import LARGEST_POPULATION, read_count, same
from distconv.families.recurrence import FiniteRecurrence
from distconv.families.sums import Curve, trigamma
from distconv.laws.law import Law
from distconv.laws.registry import Family, Letters
from distconv.laws.rules import rule
from distconv.typing import AnyArray, FloatArray, IntegerLike, Key, Outcome
from distconv.weights import Rational
from distconv.weights.rational import reduced

if TYPE_CHECKING:
    import flint
    import sympy

#: Marked and unmarked ones up to which numpy draws.
MOST_DRAWN = 10**9


class HypergeometricLaw(FiniteRecurrence):
    """P(X = k) = C(n, k) C(M - n, N - k) / C(M, N): marked ones among N drawn from M, of which n are marked."""

    __slots__ = ("M", "N", "n")
    family = "Hypergeometric"
    parameters = ("M", "n", "N")
    # Four factors integer -+ offset, which round the integer and their difference (2 each) only where the integer is
    # 2**53 or more, and is then far above the offset; two quotients and a product: 8 + 3, and one to spare.
    ratio_roundings = 12

    M: int
    n: int
    N: int

    def __init__(self, M: int, n: int, N: int) -> None:
        self._keep(M, n, N)

    def span(self) -> tuple[int, int]:
        return max(0, self.N - (self.M - self.n)), min(self.n, self.N)

    def _bits(self) -> int:
        # C(M, N) <= M**min(N, M - N); in integers, since the difference of log gammas would lose all digits.
        return 1 if len(set(self.span())) == 1 else min(self.N, self.M - self.N) * self.M.bit_length() + 64

    def _exact(self) -> Rational:
        import flint

        (low, high), n, rest = self.span(), self.n, self.M - self.n
        value = _ways(n, low) * _ways(rest, self.N - low)
        values = [flint.fmpz(value)]
        for k in range(low, high):
            value = value * ((n - k) * (self.N - k)) // ((k + 1) * (rest - self.N + k + 1))
            values.append(value)
        return reduced(values, int(_ways(self.M, self.N)))

    def curve(self) -> Curve:
        import flint

        n, drawn, rest = self.n, self.N, self.M - self.n
        low, high = self.span()
        whole = flint.arb(n + 1).lgamma() + flint.arb(rest + 1).lgamma() - _log_ways(self.M, drawn)

        def mass(x: flint.arb | int) -> flint.arb:
            k = flint.arb(x)
            parts = (k + 1).lgamma() + (n + 1 - k).lgamma() + (drawn + 1 - k).lgamma() + (rest + 1 - drawn + k).lgamma()
            return (whole - parts).exp()

        def ratio(k: int) -> flint.fmpq:
            return flint.fmpq((n - k) * (drawn - k), (k + 1) * (rest - drawn + k + 1))

        def stretch(a: int, b: int) -> float:
            rising = trigamma(a + 1) + trigamma(rest - drawn + a + 1)
            return rising + trigamma(n - b + 1) + trigamma(drawn - b + 1)

        return Curve(low, high, mass, ratio, stretch)

    def mode(self) -> int:
        low, high = self.span()
        return min(max(-(-(self.n + 1) * (self.N + 1) // (self.M + 2)) - 1, low), high)

    def _size(self) -> int:
        return self.M

    def key(self) -> Key:
        # Marked and drawn may change places.
        return ("Hypergeometric", self.M, *sorted((self.n, self.N))), 1, 0

    def log_mgf(self, t: float) -> float:
        """At most as much: that of drawing with putting back (Hoeffding 1963, theorem 4)."""
        return BinomialLaw(self.N, Fraction(self.n, self.M)).log_mgf(t)

    def _ratios(self, offset: FloatArray) -> FloatArray:
        low = self.span()[0]
        marked, drawn = float(self.n - low), float(self.N - low)
        unmarked = float(self.M - self.n - self.N + low + 1)
        return ((marked - offset) / (low + 1 + offset)) * ((drawn - offset) / (unmarked + offset))

    def cumulant(self, k: int) -> Fraction:
        """From the factorial moments E[X (X - 1) ... (X - j + 1)], which are such products of n and N over M's."""
        falling = [Fraction(1)]
        for j in range(k):
            step = Fraction((self.n - j) * (self.N - j), self.M - j) if j < self.M else Fraction(0)
            falling.append(falling[-1] * step)
        return Fraction(cumulants.from_factorial_moments(falling)[k])

    def _drawn(self, generator: np.random.Generator, counts: tuple[int, ...]) -> AnyArray | None:
        marked, rest = self.n, self.M - self.n
        return generator.hypergeometric(marked, rest, self.N, counts) if max(marked, rest) < MOST_DRAWN else None


def _ways(n: int, k: int) -> flint.fmpz:
    """C(n, k) as a FLINT integer."""
    import flint

    return flint.fmpz.bin_uiui(n, k) if n < 2**63 else flint.fmpz(math.comb(n, k))


def _log_ways(n: int, k: int) -> flint.arb:
    """log C(n, k) as a ball."""
    import flint

    return flint.arb(n + 1).lgamma() - flint.arb(k + 1).lgamma() - flint.arb(n - k + 1).lgamma()


def hypergeometric(M: IntegerLike, n: IntegerLike, N: IntegerLike) -> HypergeometricLaw:
    """The law of the marked ones that are drawn."""
    counts = (("M", M), ("n", n), ("N", N))
    total, marked, drawn = (read_count(name, count, LARGEST_POPULATION) for name, count in counts)
    for name, value, what in (("n", marked, "marked"), ("N", drawn, "drawn")):
        if value > total:
            raise DistconvValueError(
                f"{name} must be <= M, got {name}={value}, M={total}: no more than all can be {what}; "
                "the order is Hypergeometric(M, n, N): all, marked, drawn"
            )
    return HypergeometricLaw(total, marked, drawn)


@constructor
def Hypergeometric(M: IntegerLike, n: IntegerLike, N: IntegerLike) -> Distribution:
    """The hypergeometric law, of the marked ones among N drawn: P(X = k) = C(n, k) C(M - n, N - k) / C(M, N).

    Args:
        M: how many there are, an integer >= 0.
        n: how many of them are marked, 0 <= n <= M.
        N: how many are drawn without putting back, 0 <= N <= M. (scipy.stats.hypergeom's names and order.)

    Weights are exact up to ``settings.exact_limit``, else floating, right to about 4e-13 in the far tails too.

    Raises:
        DistconvValueError: a number is negative, or n or N is above M.
        DistconvTypeError: a number is no integer.

    >>> from distconv import Hypergeometric
    >>> Hypergeometric(52, 4, 5).pmf(2)
    Fraction(2162, 54145)
    """
    return made(FAMILY, M, n, N)


@rule("given_sum", BinomialLaw, BinomialLaw)
def _given_sum(x: BinomialLaw, y: BinomialLaw, total: Outcome) -> Law | None:
    if not isinstance(total, int) or not 0 <= total <= x.n + y.n or not same(x.p, y.p) or x.p in (0, 1):
        return None
    return hypergeometric(x.n + y.n, x.n, total)


def _letters() -> Letters:
    import sympy as sp

    k = sp.Symbol("k", integer=True)

    def ends(m: sympy.Expr, n: sympy.Expr, draws: sympy.Expr) -> tuple[sympy.Expr, sympy.Expr]:
        return sp.Max(0, draws - m + n), sp.Min(n, draws)

    def mass(at: sympy.Expr, m: sympy.Expr, n: sympy.Expr, draws: sympy.Expr) -> sympy.Expr:
        return sp.binomial(n, at) * sp.binomial(m - n, draws - at) / sp.binomial(m, draws)

    return Letters(
        formula=mass,
        ends=ends,
        pgf=lambda z, m, n, draws: sp.Sum(z**k * mass(k, m, n, draws), (k, *ends(m, n, draws))),
        cgf=None,
        conditions=lambda m, n, draws: (
            sp.Ge(n, 0),
            sp.Ge(draws, 0),
            sp.Ge(m, n),
            sp.Ge(m, draws),
            *whole(m, n, draws),
        ),
        cumulant=_cumulant_of_letters,
    )


def _cumulant_of_letters(order: int, m: sympy.Expr, n: sympy.Expr, draws: sympy.Expr) -> sympy.Expr:
    """From the factorial moments, as with numbers; of fewer than `order` things in all it says nothing, 0 / 0."""
    import sympy

    falling = [sympy.Integer(1)]
    for j in range(order):
        falling.append(falling[-1] * (n - j) * (draws - j) / (m - j))
    return sympy.factor(cumulants.from_factorial_moments(falling)[order])


FAMILY = Family(
    "Hypergeometric",
    HypergeometricLaw.parameters,
    hypergeometric,
    partial(by_formula, "Hypergeometric"),
    _letters,
    ((52, 4, 5), (10, 0, 5), (10, 10, 5), (10, 8, 7), (0, 0, 0)),
)
