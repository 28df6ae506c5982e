"""The Skellam law: the difference of two Poisson variables."""

from __future__ import annotations

import math
from fractions import Fraction
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from distconv.distribution import Distribution
from distconv.families.family import by_formula, constructor, made
from distconv.families.parameters import Parameter, difference, multiple, read_positive, to_double, total
from distconv.families.poisson import MOST_DRAWN, PoissonLaw, exponential, poisson
from distconv.families.recurrence import (
    ANCHOR_BITS,
    LAST_ANCHOR_BITS,
    RecurrentFamily,
    anchor_value,
    beyond,
    floating_pairs,
    kept_pair,
)
from distconv.laws.image import moved
from distconv.laws.law import Law
from distconv.laws.registry import Family, Letters, Parameters
from distconv.laws.rules import rule
from distconv.measure import lookup
from distconv.numbers.balls import ball_of, is_narrow, resolved
from distconv.queries import generating
from distconv.queries.totals import Side, float_totals
from distconv.typing import AnyArray, Place, Scalar, ScalarLike, Transform
from distconv.weights import Floating

if TYPE_CHECKING:
    import flint
    import sympy


class SkellamLaw(RecurrentFamily):
    """The law of N1 - N2 for independent N1 ~ Poisson(mu1), N2 ~ Poisson(mu2), on all integers, for means > 0.

    P(X = k) = exp(-mu1 - mu2) (mu1 / mu2)**(k / 2) I_k(2 sqrt(mu1 mu2)), with the modified Bessel function I.
    """

    __slots__ = ("mu1", "mu2")
    family = "Skellam"
    parameters = ("mu1", "mu2")
    start = None

    mu1: Parameter
    mu2: Parameter

    def __init__(self, mu1: Parameter, mu2: Parameter) -> None:
        self._keep(mu1, mu2)

    def mirrored(self) -> SkellamLaw:
        return SkellamLaw(self.mu2, self.mu1)

    def _anchor(self, k: int) -> flint.arb:
        first, second = ball_of(self.mu1), ball_of(self.mu2)
        return _weight(first, second, k) if k >= 0 else _weight(second, first, -k)

    def _floating_weights(self, low: int, high: int) -> Floating:
        """Each side of 0 from its inner end outwards."""
        pairs: list[tuple[float, int]] = []
        if low < 0:
            pairs = _run(self.mu2, self.mu1, max(-high, 1), -low)[::-1]
        if high >= 0:
            pairs += _run(self.mu1, self.mu2, max(low, 0), high)
        return floating_pairs(pairs)

    # With R(k) = P(k + 1) / P(k), the recurrence of the Bessel functions is R(k - 1) (k + mu2 R(k)) = mu1. Poisson
    # weights are log-concave, so those of the difference are, and R falls: R(k) (k + mu2 R(k)) <= mu1, which is
    # R(k) <= rho(k), the positive root of mu2 R**2 + k R = mu1.

    def _ratio_above(self, k: int) -> float:
        return _root(to_double(self.mu1), to_double(self.mu2), k)

    def _ratio_below(self, k: int) -> float:
        # Mirrored, P(j - 1) / P(j) is R(-j) of the law with mu1 and mu2 exchanged.
        return _root(to_double(self.mu2), to_double(self.mu1), -k)

    def side(self, k: int, side: Side) -> tuple[float, int]:
        window = self.holding(k, side)
        sums = float_totals(window)
        running, place = sums.place(lookup.count_up_to(window, k), side)
        fraction, shift = math.frexp(float(running.significands[place]))
        return fraction, shift + running.exponent_at(place)

    def is_far_side(self, x: Scalar, side: Side) -> bool:
        # Sums come from windows here, right beside their own size only.
        return bool(x >= self.mean()) if side == "cdf" else bool(x < self.mean())

    def mode(self) -> int:
        # Log-concave weights: the mode is within sqrt(3) standard deviations of the mean.
        middle, reach = int(self.cumulant(1)), int(2 * self.std()) + 2
        low, high = middle - reach, middle + reach
        while low < high:
            k = (low + high) // 2
            low, high = (k + 1, high) if self._rises(k) else (low, k)
        return low

    def _rises(self, k: int) -> bool:
        """Whether P(X = k + 1) > P(X = k)."""
        (a, b), (c, d) = anchor_value(self._anchor, k), anchor_value(self._anchor, k + 1)
        return (b, a) < (d, c)

    def cumulant(self, k: int) -> Fraction:
        return Fraction(self.mu1) + (Fraction(self.mu2) if k % 2 == 0 else -Fraction(self.mu2))

    def _drawn(self, generator: np.random.Generator, counts: tuple[int, ...]) -> AnyArray | None:
        if max(self.mu1, self.mu2) >= MOST_DRAWN:
            return None
        return generator.poisson(to_double(self.mu1), counts) - generator.poisson(to_double(self.mu2), counts)

    def pgf(self, z: Place) -> Transform:
        """exp(mu1 (z - 1) + mu2 (1 / z - 1)), any z but 0."""
        inverse = 1 / generating.exact_place(z)
        return exponential(self.mu1 * (z - 1) + self.mu2 * (inverse - 1))


def _weight(first: flint.arb, second: flint.arb, k: int) -> flint.arb:
    """P(X = k), k >= 0, as a ball; the Bessel function is scaled by exp(-x)."""
    import flint

    x = 2 * (first * second).sqrt()
    # A power of a ball around 0 would be undefined.
    gap = first.sqrt() - second.sqrt()
    return ((first / second).log() * k / 2 - gap * gap).exp() * x.bessel_i(flint.arb(k), scaled=True)


def _run(mu1: Parameter, mu2: Parameter, first: int, last: int) -> list[tuple[float, int]]:
    """The weights of first, ..., last >= 0 as pairs, each rounded once.

    Ratios come down from the last by R(k - 1) = mu1 / (k + mu2 R(k)), all of it positive, in ball arithmetic, and the
    weights go up by them: only the two last weights and the first one are Bessel functions.
    """

    def attempt() -> list[tuple[float, int]] | None:
        plus, minus = ball_of(mu1), ball_of(mu2)
        ratio = _weight(plus, minus, last + 1) / _weight(plus, minus, last)
        ratios = []
        for k in range(last, first, -1):
            ratio = plus / (k + minus * ratio)
            ratios.append(ratio)
        weight = _weight(plus, minus, first)
        weights = [weight]
        for step in reversed(ratios):
            weight = weight * step
            weights.append(weight)
        narrow = is_narrow(weights[0]) and is_narrow(weights[-1])
        return [kept_pair(w) for w in weights] if narrow else None

    bits = ANCHOR_BITS + 2 * (last - first + 2).bit_length()
    return resolved(attempt, f"a weight of {first}, ..., {last}", start=bits, last=LAST_ANCHOR_BITS)


def _root(mu1: float, mu2: float, k: int) -> float:
    """An upper bound on the positive root of mu2 R**2 + k R = mu1."""
    spread = math.hypot(k, 2 * math.sqrt(mu1) * math.sqrt(mu2))
    if k >= 0:
        below = k + spread
        return beyond(2 * mu1 / below) if below else math.inf
    return beyond((spread - k) / (2 * mu2)) if mu2 else math.inf


def skellam(mu1: ScalarLike, mu2: ScalarLike) -> Law:
    """The law of the difference of two Poisson variables; one of them, or the point 0, where the other mean is 0."""
    first, second = read_positive("mu1", mu1, zero=True), read_positive("mu2", mu2, zero=True)
    if not second:
        return poisson(first)
    return SkellamLaw(first, second) if first else moved(poisson(second), -1, 0)


@constructor
def Skellam(mu1: ScalarLike, mu2: ScalarLike) -> Distribution:
    """The Skellam law, of N1 - N2 for independent N1 ~ Poisson(mu1), N2 ~ Poisson(mu2), on all integers.

    P(X = k) = exp(-mu1 - mu2) (mu1 / mu2)**(k / 2) I_k(2 sqrt(mu1 mu2)), with the modified Bessel function I.
    Where a mean is 0 this is ``Poisson(mu1)``, ``-Poisson(mu2)`` or `Point(0)`.

    Args:
        mu1: the mean of what is added, >= 0.
        mu2: the mean of what is taken away, >= 0. Weights are floating, right to 3e-16, at any distance.

    Raises:
        DistconvValueError: a mean is negative or not finite.
        DistconvTypeError: a mean is no number.

    >>> from distconv import Poisson, Skellam
    >>> Poisson(3) - Poisson(2) == Skellam(3, 2)
    True
    >>> Skellam(3, 2).var()
    Fraction(5, 1)
    """
    return made(FAMILY, mu1, mu2)


@rule("subtract", PoissonLaw, PoissonLaw)
def _difference(x: PoissonLaw, y: PoissonLaw) -> Law:
    return skellam(x.lam, y.lam)


@rule("add", SkellamLaw, SkellamLaw)
def _sum(x: SkellamLaw, y: SkellamLaw) -> Law:
    return skellam(total(x.mu1, y.mu1), total(x.mu2, y.mu2))


@rule("add", SkellamLaw, PoissonLaw)
def _sum_with_poisson(x: SkellamLaw, y: PoissonLaw) -> Law:
    return skellam(total(x.mu1, y.lam), x.mu2)


@rule("subtract", SkellamLaw, PoissonLaw)
def _difference_with_poisson(x: SkellamLaw, y: PoissonLaw) -> Law:
    return skellam(x.mu1, total(x.mu2, y.lam))


@rule("copies", SkellamLaw)
def _copies(x: SkellamLaw, n: int) -> Law:
    return skellam(multiple(n, x.mu1), multiple(n, x.mu2))


@rule("remove", SkellamLaw, SkellamLaw)
def _rest(x: SkellamLaw, y: SkellamLaw) -> Law | None:
    if x.mu1 < y.mu1 or x.mu2 < y.mu2:
        return None
    return skellam(difference(x.mu1, y.mu1), difference(x.mu2, y.mu2))


@rule("remove", SkellamLaw, PoissonLaw)
def _rest_beside_poisson(x: SkellamLaw, y: PoissonLaw) -> Law | None:
    return skellam(difference(x.mu1, y.lam), x.mu2) if x.mu1 >= y.lam else None


@rule("root", SkellamLaw)
def _part(x: SkellamLaw, n: int) -> Law:
    return skellam(multiple(Fraction(1, n), x.mu1), multiple(Fraction(1, n), x.mu2))


def _means_of(rate: sympy.Expr, z: sympy.Symbol) -> Parameters | None:
    """The means of what is added and of what is taken away, from G'(z) / G(z) = mu1 - mu2 / z**2."""
    import sympy

    whole = sympy.expand(rate * z**2)
    if not whole.is_polynomial(z) or sympy.degree(whole, z) != 2:
        return None
    plus, none, minus = sympy.Poly(whole, z).all_coeffs()
    return None if none != 0 or minus == 0 else (plus, -minus)


def _letters() -> Letters:
    import sympy as sp

    return Letters(
        formula=lambda k, a, b: sp.exp(-a - b) * (a / b) ** (k / sp.Integer(2)) * sp.besseli(k, 2 * sp.sqrt(a * b)),
        ends=lambda *_: (-sp.oo, sp.oo),
        pgf=lambda z, a, b: sp.exp(a * (z - 1) + b * (1 / z - 1)),
        cgf=lambda t, a, b: a * (sp.exp(t) - 1) + b * (sp.exp(-t) - 1),
        conditions=lambda a, b: (sp.Gt(a, 0), sp.Gt(b, 0)),
        add=lambda x, y: (x[0] + y[0], x[1] + y[1]),
        copies=lambda n, x: (n * x[0], n * x[1]),
        recognise=_means_of,
    )


FAMILY = Family(
    "Skellam",
    SkellamLaw.parameters,
    skellam,
    partial(by_formula, "Skellam"),
    _letters,
    ((3, 2), (0.3, 2.5), (3, 0), (0, 2), (0, 0)),
)
