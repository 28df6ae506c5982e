"""The multinomial law: how often each of several results comes up in n trials."""

from __future__ import annotations

import math
from collections.abc import Iterable
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from distconv import bounds, construction
from distconv.algebra import sums
from distconv.distribution import Distribution
from distconv.errors import DistconvTypeError, DistconvValueError
from distconv.families.family import FiniteFamily, check_cells, constructor, made, with_conditions
from distconv.families.parameters import (
    Parameter,
    answer,
    is_exact,
    read_count,
    read_probabilities,
    read_weights,
    same,
    shown,
    to_double,
)
from distconv.families.recurrence import ROUNDED_BITS, kept_pair
from distconv.formulas.vectors import copies_of
from distconv.laws.finite import Finite
from distconv.laws.law import Law
from distconv.laws.registry import Family
from distconv.laws.rules import rule
from distconv.measure import Measure
from distconv.measure.arranging import arranged
from distconv.measure.reading import allowed_off, precision_of
from distconv.methods.compositions import ways
from distconv.numbers.balls import ball_of, precision
from distconv.numbers.doubles import normal_pairs
from distconv.numbers.letters import any_expressions, has_letters
from distconv.queries.arrays import number_array
from distconv.settings import current_settings
from distconv.typing import AnyArray, IntegerLike, Place, ScalarLike, Transform
from distconv.weights import Floating, Rational, Weights
from distconv.weights.floating import normal_form
from distconv.weights.rational import polynomial, reduced

if TYPE_CHECKING:
    import flint

#: The totals of float probabilities may be off by this much after n trials.
TOTAL_TOLERANCE = 1e-9
#: Bits in which the factors p**k / k! are computed before they are rounded once.
FACTOR_BITS = 128


class MultinomialLaw(FiniteFamily):
    """P(X = (k_1, ..., k_d)) = n! prod(p_i**k_i / k_i!) for counts that total n."""

    __slots__ = ("n", "ps")
    family = "Multinomial"
    parameters = ("n", "ps")

    n: int
    ps: tuple[Parameter, ...]

    def __init__(self, n: int, ps: tuple[Parameter, ...]) -> None:
        self._keep(n, ps)

    def _materialise(self) -> Measure:
        axes = [i for i, p in enumerate(self.ps) if p]
        points = math.comb(self.n + len(axes) - 1, len(axes) - 1)
        exact = is_exact(*self.ps)
        bits = self.n * math.lcm(*(Fraction(p).denominator for p in self.ps)).bit_length() + 1
        check_cells(points * len(self.ps), self.name())
        short = points * bits <= (current_settings().exact_limit if exact else ROUNDED_BITS)
        counts = ways(self.n, len(axes))
        weights: Weights
        if short and points * bits // 8 <= current_settings().max_bytes:
            weights = self._exact([Fraction(self.ps[i]) for i in axes])
            weights = weights if exact else weights.as_floating()
        else:
            weights = self._floating([self.ps[i] for i in axes], counts)
        columns = [np.zeros(points, dtype=np.int64) for _ in self.ps]
        for axis, column in zip(axes, counts, strict=True):
            columns[axis] = column
        return arranged(columns, (0,) * len(self.ps), (1,) * len(self.ps), weights)

    def _exact(self, ps: list[Fraction]) -> Rational:
        """Exact weights, in the order of `ways`: a row (p z + q)**m of the last two axes at a time."""
        whole = math.lcm(*(p.denominator for p in ps))
        chances = [p.numerator * (whole // p.denominator) for p in ps]
        if len(ps) == 1:
            return reduced([chances[0] ** self.n], whole**self.n)
        rows = [polynomial([1])]
        step = polynomial([chances[-1], chances[-2]])
        for _ in range(self.n):
            rows.append(rows[-1] * step)
        heads = [(self.n, 1)]
        for chance in chances[:-2]:
            heads = [
                (rest - k, weight * math.comb(rest, k) * chance**k) for rest, weight in heads for k in range(rest + 1)
            ]
        values: list[Any] = []
        for rest, weight in heads:
            values.extend((rows[rest] * weight).coeffs())
        return reduced(values, whole**self.n)

    def _floating(self, ps: list[Parameter], counts: list[AnyArray]) -> Floating:
        """n! times the factors p**k / k! of the axes, each rounded once: d + 1 roundings and d products."""
        import flint

        with precision(FACTOR_BITS + 2 * self.n.bit_length()):
            significand, exponent = kept_pair(flint.arb(self.n + 1).gamma())
            significands = np.full(len(counts[0]), significand)
            exponents = np.full(len(counts[0]), exponent, dtype=np.int64)
            for p, column in zip(ps, counts, strict=True):
                table = _factors(ball_of(p), self.n)
                significands *= np.array([s for s, _ in table])[column]
                exponents += np.array([e for _, e in table], dtype=np.int64)[column]
                significands, exponents = normal_pairs(significands, exponents)
        # A rounding to double of a ball far more precise is one and a little: count two.
        return normal_form(significands, exponents, bounds.summation(3 * (len(ps) + 1)))

    def mean(self) -> AnyArray:
        """The means n p_i, an array (d,)."""
        return self._answers([self.n * Fraction(p) for p in self.ps], (len(self.ps),))

    def var(self) -> AnyArray:
        """The variances n p_i (1 - p_i), an array (d,)."""
        return self._answers([self.n * Fraction(p) * (1 - Fraction(p)) for p in self.ps], (len(self.ps),))

    def cov(self) -> AnyArray:
        """The covariances n p_i ((i == j) - p_j), an array (d, d)."""
        d, ps = len(self.ps), [Fraction(p) for p in self.ps]
        return self._answers([self.n * ps[i] * ((i == j) - ps[j]) for i in range(d) for j in range(d)], (d, d))

    def _answers(self, values: list[Fraction], shape: tuple[int, ...]) -> AnyArray:
        result = [answer(v, *self.ps) for v in values]
        return number_array(result, shape) if len(self.ps) > 1 else result[0]  # type: ignore[return-value]

    def pgf(self, z: Place) -> Transform:
        """(p_1 z_1 + ... + p_d z_d)**n for a tuple z."""
        if not isinstance(z, tuple) or len(z) != len(self.ps):
            raise DistconvValueError(f"z must be a tuple of {len(self.ps)} numbers, got {z!r}")
        return sum((p * v for p, v in zip(self.ps, z, strict=True)), start=Fraction(0)) ** self.n


def _factors(p: flint.arb, n: int) -> list[tuple[float, int]]:
    """p**k / k! for k = 0, ..., n, each rounded once from a ball."""
    import flint

    value = flint.arb(1)
    pairs = [kept_pair(value)]
    for k in range(1, n + 1):
        value = value * p / k
        pairs.append(kept_pair(value))
    return pairs


def _readable(value: Fraction, ps: tuple[Parameter, ...], digits: int) -> str:
    """A total as it reads beside the parameters."""
    return str(value) if is_exact(*ps) else f"{to_double(value):.{digits}g}"


def multinomial(n: IntegerLike, ps: Iterable[ScalarLike], normalize: bool = False) -> MultinomialLaw:
    """The law of the counts of several results in n trials."""
    trials = read_count("n", n)
    chances = read_weights("ps", ps) if normalize else read_probabilities("ps", ps)
    if not chances:
        raise DistconvValueError("ps must name at least one result, got an empty sequence")
    total = sum((Fraction(p) for p in chances), start=Fraction(0))
    # The tolerance of one trial; never less than the rounding of the chances.
    rounding = len(chances) * 2.0**-52
    allowed = 0.0 if is_exact(*chances) else max(TOTAL_TOLERANCE / max(trials, 1), rounding)
    if abs(total - 1) > allowed:
        if not (normalize and total > 0) and abs(total - 1) > allowed_off(precision_of(ps), len(chances)):
            sign = "fall short by" if total < 1 else "exceed it by"
            raise DistconvValueError(
                f"ps must total 1, got {shown(chances)}, which total {_readable(total, chances, 15)}: they {sign} "
                f"{_readable(abs(total - 1), chances, 3)}; to divide each by the total write normalize=True"
            )
        chances = tuple(answer(Fraction(p) / total, p) for p in chances)
    return MultinomialLaw(trials, chances)


@constructor
def Multinomial(n: IntegerLike, ps: Iterable[ScalarLike], *, normalize: bool = False) -> Distribution:
    """The multinomial law, of how often each of d results comes up in n independent trials.

    P(X = (k_1, ..., k_d)) = n! prod(p_i**k_i / k_i!) for counts that total n.

    Args:
        n: the number of trials, an integer >= 0 or a letter.
        ps: the probabilities of the d results, which total 1 (floats: within 1e-9 / n). Exact weights stay exact up to
            ``settings.exact_limit``; one float makes all floating, right to a few roundings. Numbers of single or half
            precision, as a softmax gives them, may total 1 to their own rounding; they are divided by their total.
        normalize: divide ps by their total first.

    Raises:
        DistconvValueError: n < 0, a probability is outside [0, 1], or they do not total 1.
        DistconvTypeError: n is no integer, or ps no sequence of numbers.
        SizeLimitError: the C(n + d - 1, d - 1) outcomes would pass ``settings.max_bytes``.

    >>> from distconv import Multinomial
    >>> Multinomial(3, ["1/2", "1/3", "1/6"]).pmf((1, 1, 1))
    Fraction(1, 6)
    """
    if not normalize:
        return made(FAMILY, n, ps)
    if any_expressions(n, ps):
        raise DistconvTypeError("normalize is for numbers; leave it out beside letters")
    return Distribution.of(multinomial(n, ps, normalize))


@rule("add", MultinomialLaw, MultinomialLaw)
def _sum(x: MultinomialLaw, y: MultinomialLaw) -> Law | None:
    if len(x.ps) != len(y.ps) or not all(same(p, q) for p, q in zip(x.ps, y.ps, strict=True)):
        return None
    return multinomial(x.n + y.n, x.ps)


@rule("copies", MultinomialLaw)
def _copies(x: MultinomialLaw, n: int) -> Law:
    return multinomial(n * x.n, x.ps)


def _with_letters(n: Any, ps: Iterable[Any]) -> Law:
    """The sum of the trials."""
    chances = [with_conditions("Binomial", 1, p)[1] for p in ps]
    units = [tuple(int(i == j) for j in range(len(chances))) for i in range(len(chances))]
    trial = Finite(construction.from_mapping(dict(zip(units, chances, strict=True))))
    if has_letters(n):
        return copies_of(trial, n)
    return sums.copies(trial, read_count("n", n))


FAMILY = Family(
    "Multinomial",
    MultinomialLaw.parameters,
    multinomial,
    _with_letters,
    None,
    ((3, ("1/2", "1/3", "1/6")), (3, (0.5, 0.25, 0.25)), (0, ("1/2", "1/2")), (2, (1,)), (2, (0, 1))),
)
