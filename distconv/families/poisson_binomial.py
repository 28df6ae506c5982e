"""The Poisson-binomial law: successes in independent trials with probabilities of their own."""

from __future__ import annotations

import math
from collections import Counter
from fractions import Fraction
from typing import Any

import numpy as np

from distconv import bounds, closed_forms, convolution
from distconv.families.bernoulli import Bernoulli
from distconv.families.binomial import Binomial
from distconv.families.family import Family
from distconv.families.parameters import Parameter, answer, is_exact, read_probabilities
from distconv.families.recurrence import ROUNDED_BITS
from distconv.measure import Measure
from distconv.settings import current_settings
from distconv.support import Lattice
from distconv.transforms import affine
from distconv.typing import AnyArray
from distconv.weights.conversion import ratio_to_double, to_floating
from distconv.weights.floating import normal_form
from distconv.weights.rational import Rational, polynomial

#: Trials whose sum is made by adding one at a time, side by side with all other blocks; beyond, a tree is quicker.
BLOCK = 64
#: Equal probabilities from which their binomial law is a term of its own.
GROUP = 16
#: A block's weights, tilted to its own scale, must stay within 2**-900 ... 2**900.
MOST_BITS = 900


class PoissonBinomial(Family):
    """The number of successes in independent trials of probabilities ps[0], ps[1], ...

    P(X = k) is the coefficient of z**k in prod((1 - p) + p z).

    Args:
        ps: a sequence of probabilities, both ends in; their order does not matter. An empty one gives the point 0.
            Exact weights stay exact up to ``settings.exact_limit``; one float makes all floating.

    Raises:
        DistconvValueError: a probability is outside [0, 1]; the message says which.
        DistconvTypeError: ps is no sequence of numbers.

    >>> from distconv import PoissonBinomial
    >>> PoissonBinomial(["1/2", "1/3", "1/6"]).to_dict()
    {0: Fraction(5, 18), 1: Fraction(17, 36), 2: Fraction(2, 9), 3: Fraction(1, 36)}
    """

    __slots__ = ("ps",)
    parameters = ("ps",)

    ps: tuple[Parameter, ...]

    def __init__(self, ps: Any) -> None:
        self._keep(read_probabilities("ps", ps))

    def _materialise(self) -> Measure:
        counts = Counter(self.ps)
        sure = sum(n for p, n in counts.items() if p == 1)
        open_ps = {p: n for p, n in sorted(counts.items()) if 0 < p < 1}
        trials = sum(open_ps.values())
        exact = is_exact(*counts)
        bits = (trials + 1) * sum(n * Fraction(p).denominator.bit_length() for p, n in open_ps.items())
        if bits <= (current_settings().exact_limit if exact else ROUNDED_BITS):
            # The laws of float trials are summed exactly too, while that is quick, and rounded once.
            leaves = [Binomial(n, Fraction(p))._measure for p, n in open_ps.items()]
            measure = _tree([(leaf, leaf.support.size - 1) for leaf in leaves]) if leaves else _nothing()
            if not exact:
                measure = Measure(measure.support, to_floating(measure.weights, trials + 1))
        else:
            measure = _tree(_leaves(open_ps))
        return affine.shifted(measure, (sure,)) if sure else measure

    def mean(self) -> Fraction | float:
        """The mean, sum(p)."""
        return _sum(self.ps) if is_exact(*self.ps) else math.fsum(map(float, self.ps))

    def var(self) -> Fraction | float:
        """sum(p (1 - p))."""
        if is_exact(*self.ps):
            return _sum(tuple(Fraction(p) * (1 - Fraction(p)) for p in self.ps))
        # 1 - p is exact but for one rounding: p is a double, or rounded to one.
        return math.fsum(p * (1 - p) for p in map(float, self.ps))

    def pgf(self, z: Any) -> Any:
        """The product of all 1 - p + p z, any z."""
        result: Any = answer(Fraction(1), *self.ps)
        for p in self.ps:
            result = result * (1 - p + p * z)
        return result


def _sum(values: tuple[Any, ...]) -> Fraction:
    """An exact sum."""
    return sum(values, start=Fraction(0))


def _nothing() -> Measure:
    """The measure of the point 0."""
    return Measure(Lattice((0,), (1,), (1,)), Rational(polynomial([1]), 1))


def _leaves(counts: dict[Parameter, int]) -> list[tuple[Measure, int]]:
    """Measures of some trials each, with their number: equal ones as a binomial law, others in blocks by size."""
    leaves = [(Binomial(n, float(p))._measure, n) for p, n in counts.items() if n >= GROUP and isinstance(p, float)]
    single = [p for p, n in counts.items() if n < GROUP or not isinstance(p, float) for _ in range(n)]
    if not single:
        return leaves
    blocks = -(-len(single) // BLOCK)
    # Trials that fill the last block fail for sure.
    padding = [0] * (blocks * BLOCK - len(single))
    hits, hit_exponents = _pairs([*padding, *single])
    misses, miss_exponents = _pairs([*([1] * len(padding)), *_complements(single)])
    shape = (blocks, BLOCK)
    tilts = np.where(hits > 0, miss_exponents - hit_exponents, 0).reshape(shape)
    tilt = np.sort(tilts, axis=1)[:, BLOCK // 2]
    hit_exponents = hit_exponents.reshape(shape) + tilt[:, None]
    spans = np.where(hits.reshape(shape) > 0, np.abs(hit_exponents), 0) + np.abs(miss_exponents.reshape(shape))
    narrow = (spans + 2).sum(axis=1) < MOST_BITS
    significands = _expanded(
        np.ldexp(hits.reshape(shape), np.clip(hit_exponents, -1000, 1000).astype(np.int32)),
        np.ldexp(misses.reshape(shape), np.clip(miss_exponents.reshape(shape), -1000, 1000).astype(np.int32)),
    )
    # Of each product of a probability, rounded once, and a weight, and of each sum.
    error = bounds.summation(3 * BLOCK)
    for block in range(blocks):
        skipped = len(padding) if block == 0 else 0
        trials = BLOCK - skipped
        if not narrow[block]:
            ps = single[block * BLOCK + skipped - len(padding) : (block + 1) * BLOCK - len(padding)]
            leaves.extend((Binomial(1, p)._measure, 1) for p in ps)
            continue
        exponents = -tilt[block] * np.arange(trials + 1, dtype=np.int64)
        weights = normal_form(significands[block, : trials + 1], exponents, error)
        leaves.append((Measure(Lattice((0,), (1,), (trials + 1,)), weights), trials))
    return leaves


def _complements(ps: list[Parameter]) -> list[Parameter]:
    """1 - p of each, a double's rounded once, which IEEE subtraction does, a fraction's exact."""
    return [1 - p for p in ps]


def _pairs(values: list[Parameter]) -> tuple[AnyArray, AnyArray]:
    """Numbers as significands and exponents, each rounded once."""
    if all(isinstance(v, float | int) for v in values):
        significands, exponents = np.frexp(np.array(values, dtype=np.float64))
        return significands, exponents.astype(np.int64)
    pairs = [ratio_to_double(*v.as_integer_ratio()) for v in values]
    return np.array([s for s, _ in pairs]), np.array([e for _, e in pairs], dtype=np.int64)


def _expanded(hits: AnyArray, misses: AnyArray) -> AnyArray:
    """The coefficients of prod(miss + hit z) for each row, with one column more than trials."""
    blocks, trials = hits.shape
    result = np.zeros((blocks, trials + 1))
    result[:, 0] = 1.0
    with np.errstate(all="ignore"):
        # Rows that overflow or underflow are not used.
        for j in range(trials):
            result[:, 1 : j + 2] = result[:, 1 : j + 2] * misses[:, j, None] + result[:, : j + 1] * hits[:, j, None]
            result[:, 0] *= misses[:, j]
    return result


def _tree(nodes: list[tuple[Measure, int]]) -> Measure:
    """The sum of measures of so many trials each, neighbours joined level by level.

    The levels' parts of the tolerance add up to it; in each a sum of m of all n trials gets the share m / n.
    """
    total, levels = sum(n for _, n in nodes), len(nodes).bit_length() + 1
    tolerance = current_settings().tolerance
    while len(nodes) > 1:
        joined = []
        for (a, m), (b, n) in zip(nodes[::2], nodes[1::2], strict=False):
            share = max(tolerance * (m + n) / total / levels, 4 * bounds.UNIT)
            joined.append((convolution.convolve(a, b, tolerance=share)[0], m + n))
        nodes = joined + nodes[2 * len(joined) :]
    return nodes[0][0]


@closed_forms.register(PoissonBinomial, PoissonBinomial)
def _concatenated(x: PoissonBinomial, y: PoissonBinomial) -> PoissonBinomial:
    return PoissonBinomial(x.ps + y.ps)


@closed_forms.register(PoissonBinomial, Bernoulli)
def _with_trial(x: PoissonBinomial, y: Bernoulli) -> PoissonBinomial:
    return PoissonBinomial((*x.ps, y.p))


@closed_forms.register_power(PoissonBinomial)
def _copies(x: PoissonBinomial, n: int) -> PoissonBinomial:
    return PoissonBinomial(x.ps * n)
