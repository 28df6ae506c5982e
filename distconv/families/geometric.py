"""The geometric law: trials up to and with the first success."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from distconv import bounds
from distconv.algebra import sums
from distconv.algebra.compound import compound
from distconv.distribution import Distribution
from distconv.families import cumulants
from distconv.families.family import by_formula, constructor, made
from distconv.families.negative_binomial import (
    NegativeBinomialLaw,
    log_mgf_of_failures,
    negative_binomial,
    pgf_of_failures,
    read_chance,
)
from distconv.families.parameters import Parameter, is_exact, same, to_double, total
from distconv.families.point import sure
from distconv.families.recurrence import ANCHOR_BITS, LAST_ANCHOR_BITS, LAST_REACH, RecurrentFamily, beyond
from distconv.laws import rules
from distconv.laws.image import moved
from distconv.laws.law import Law
from distconv.laws.registry import Family
from distconv.laws.rules import rule
from distconv.numbers.balls import ball_of, resolved, resolved_pair
from distconv.queries.totals import Side
from distconv.typing import AnyArray, FloatArray, Key, Place, Scalar, ScalarLike, Transform
from distconv.weights import Rational
from distconv.weights.rational import over

if TYPE_CHECKING:
    import flint

#: Chances from which numpy draws, as int64: 50 means are within its range.
LEAST_DRAWN = 2.0**-56


class GeometricLaw(RecurrentFamily):
    """P(X = k) = p (1 - p)**(k - 1), k = 1, 2, 3, ..., for p < 1. Tails and quantiles are closed forms."""

    __slots__ = ("p",)
    family = "Geometric"
    parameters = ("p",)
    start = 1
    # 1 - p, rounded once.
    ratio_roundings = 1

    p: Parameter

    def __init__(self, p: Parameter) -> None:
        self._keep(p)

    def key(self) -> Key:
        core, scale, shift = self.from_zero().key()
        return core, scale, shift + 1

    def from_zero(self) -> Law:
        """The law of the failures before the success: one less."""
        return NegativeBinomialLaw(1, self.p)

    def _anchor(self, k: int) -> flint.arb:
        p = ball_of(self.p)
        return p * ((-p).log1p() * (k - 1)).exp()

    def _ratios(self, offset: FloatArray) -> FloatArray:
        return np.full(len(offset), to_double(1 - Fraction(self.p)))

    def _ratio_above(self, k: int) -> float:
        return beyond(to_double(1 - Fraction(self.p)))

    def _ratio_below(self, k: int) -> float:
        return math.inf

    def _weight_bits(self, k: int) -> int | None:
        return k * Fraction(self.p).denominator.bit_length() if is_exact(self.p) else None

    def _exact_weights(self, low: int, high: int) -> Rational:
        import flint

        p = Fraction(self.p)
        failure, whole = p.denominator - p.numerator, p.denominator
        value = flint.fmpz(p.numerator * failure ** (low - 1) * whole ** (high - low))
        values = [value]
        for _ in range(low, high):
            value = value * failure // whole
            values.append(value)
        # In lowest terms: the last numerator is a product of p's and 1 - p's, prime to the denominator.
        return over(values, whole**high)

    # Tails in closed form: P(X > k) = (1 - p)**k ------------------------------------------------------------------

    def exact_head(self, x: Scalar) -> Fraction | None:
        k = int(x // 1)
        return 1 - (1 - Fraction(self.p)) ** k if self._is_short(k, k) else None

    def side(self, k: int, side: Side) -> tuple[float, int]:
        def value() -> flint.arb:
            log = (-ball_of(self.p)).log1p() * k
            return log.exp() if side == "sf" else -log.expm1()

        return resolved_pair(value, f"{side}({k})", start=ANCHOR_BITS, last=LAST_ANCHOR_BITS)

    def reaching(self, level: Fraction, side: Side) -> int:
        failure = 1 - Fraction(self.p)
        # The first k >= 1 with (1 - p)**k <= above.
        above = level if side == "sf" else 1 - level

        def attempt() -> int | None:
            place = ball_of(above).log() / (-ball_of(self.p)).log1p()
            found = place.ceil().unique_fmpz()
            if found is not None:
                return int(found)
            # The level may be met exactly, which no precision tells: then its digits are those of a power.
            middle = (place.mid() + 0.5).floor().unique_fmpz()
            if middle is None:
                return None
            nearest = int(middle)
            short = nearest * failure.denominator.bit_length() <= 4 * above.denominator.bit_length() + 256
            return nearest if short and failure**nearest == above else None

        what = f"the quantile of level {float(level)}"
        return max(resolved(attempt, what, start=ANCHOR_BITS, last=LAST_ANCHOR_BITS), 1)

    def _ends(self, tail: float) -> tuple[int, int]:
        # (1 - p)**k <= tail, beyond the roundings of both logs.
        failures = math.log(tail) / math.log1p(-max(to_double(self.p), bounds.TINY))
        return 1, int(min(failures * bounds.PAD, LAST_REACH)) + 2

    def is_narrow(self) -> bool:
        # Everything is a closed form.
        return False

    def repeats(self) -> bool:
        return True

    def mode(self) -> int:
        return 1

    def cumulant(self, k: int) -> Fraction:
        p = Fraction(self.p)
        return cumulants.negative_binomial(k, Fraction(1), (1 - p) / p) + (k == 1)

    def _drawn(self, generator: np.random.Generator, counts: tuple[int, ...]) -> AnyArray | None:
        return generator.geometric(to_double(self.p), counts) if self.p > LEAST_DRAWN else None

    def log_mgf(self, t: float) -> float:
        return t + log_mgf_of_failures(1.0, self.p, t)

    def pgf(self, z: Place) -> Transform:
        """p z / (1 - (1 - p) z), for ``abs(z)`` < 1 / (1 - p)."""
        return z * pgf_of_failures(self.p, z)


def geometric(p: ScalarLike) -> Law:
    """The law of the trials up to the first success; the point 1 for p = 1."""
    chance = read_chance(p)
    return sure(1, chance) if chance == 1 else GeometricLaw(chance)


@constructor
def Geometric(p: ScalarLike) -> Distribution:
    """The geometric law, of the trials up to and with the first success: P(X = k) = p (1 - p)**(k - 1), k = 1, 2, ...

    ``Geometric(1)`` is `Point(1)`. Tails and quantiles are closed forms.

    Args:
        p: the probability of success, in (0, 1]. Weights are exact where p is (up to ``settings.exact_limit``), else
            floating, right to about 1e-13.

    Raises:
        DistconvValueError: p is outside (0, 1].
        DistconvTypeError: p is no number.

    >>> from distconv import Geometric, NegativeBinomial
    >>> Geometric("1/6").sf(3)
    Fraction(125, 216)
    >>> 3 @ Geometric("1/6") == NegativeBinomial(3, "1/6") + 3
    True
    """
    return made(FAMILY, p)


@rule("add", GeometricLaw, GeometricLaw)
def _sum(x: GeometricLaw, y: GeometricLaw) -> Law | None:
    return moved(negative_binomial(2, x.p), 1, 2) if same(x.p, y.p) else None


@rule("add", GeometricLaw, NegativeBinomialLaw)
def _sum_with_failures(x: GeometricLaw, y: NegativeBinomialLaw) -> Law | None:
    return moved(negative_binomial(total(1, y.r), x.p), 1, 1) if same(x.p, y.p) else None


@rule("copies", GeometricLaw)
def _copies(x: GeometricLaw, n: int) -> Law:
    return moved(negative_binomial(n, x.p), 1, n)


@rule("remove", GeometricLaw, Law)
def _rest(x: GeometricLaw, y: Law) -> Law | None:
    found = rules.apply("remove", x.from_zero(), y)
    return None if found is None else moved(found, 1, 1)


@rule("remove", Law, GeometricLaw)
def _rest_of(x: Law, y: GeometricLaw) -> Law | None:
    found = rules.apply("remove", x, y.from_zero())
    return None if found is None else moved(found, 1, -1)


@rule("root", GeometricLaw)
def _part(x: GeometricLaw, n: int) -> Law:
    return moved(negative_binomial(Fraction(1, n), x.p), 1, Fraction(1, n))


@rule("compound", GeometricLaw, Law)
def _first_and_others(count: GeometricLaw, term: Law) -> Law:
    """One term, and as many more as there are failures."""
    return sums.add(term, compound(count.from_zero(), term))


def _with_letters(p: ScalarLike) -> Law:
    return by_formula("NegativeBinomial", 1, p, shift=1)


FAMILY = Family(
    "Geometric",
    GeometricLaw.parameters,
    geometric,
    _with_letters,
    None,
    (("1/3",), (0.3,), ("1/1000",), (1,)),
)
