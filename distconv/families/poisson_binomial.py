"""The Poisson-binomial law: successes in independent trials with probabilities of their own."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import reduce
from typing import TYPE_CHECKING, Any

import numpy as np

from distconv import bounds, convolution
from distconv.algebra import sums
from distconv.distribution import Distribution
from distconv.families.bernoulli import BernoulliLaw
from distconv.families.bernoulli import with_letters as bernoulli_with_letters
from distconv.families.binomial import BinomialLaw
from distconv.families.family import FiniteFamily, constructor, made
from distconv.families.parameters import Parameter, answer, is_exact, read_probabilities
from distconv.families.recurrence import ROUNDED_BITS
from distconv.laws.law import Law
from distconv.laws.registry import Family
from distconv.laws.rules import rule
from distconv.measure import Measure
from distconv.methods.operands import Operand
from distconv.numbers.doubles import normal_pairs, ratio_to_double
from distconv.settings import current_settings
from distconv.support import Lattice
from distconv.transforms import affine
from distconv.typing import AnyArray, FloatArray, IntArray, Place, ScalarLike, Transform
from distconv.weights.floating import from_pairs
from distconv.weights.rational import over

if TYPE_CHECKING:
    from distconv.methods import tree

#: Trials whose sum is made by adding one at a time, side by side with all other blocks; beyond, a tree is quicker.
BLOCK = 64
#: Equal probabilities from which their binomial law is a term of its own.
GROUP = 16
#: Blocks multiplied out side by side: their columns stay in the processor's cache.
BATCH = 512
#: A block's weights, tilted to its own scale, must stay within 2**-900 ... 2**900.
MOST_BITS = 900


class PoissonBinomialLaw(FiniteFamily):
    """P(X = k) is the coefficient of z**k in prod((1 - p) + p z)."""

    __slots__ = ("ps",)
    family = "PoissonBinomial"
    parameters = ("ps",)

    ps: tuple[Parameter, ...]

    def __init__(self, ps: tuple[Parameter, ...]) -> None:
        self._keep(ps)

    def _materialise(self) -> Measure:
        exact = is_exact(*self.ps)
        if not exact and len(self.ps) ** 2 > ROUNDED_BITS:
            return _floating_law(np.array(self.ps, dtype=np.float64) if _all_doubles(self.ps) else None, self.ps)
        counts = Counter(self.ps)
        open_ps = {p: n for p, n in sorted(counts.items()) if 0 < p < 1}
        trials = sum(open_ps.values())
        bits = (trials + 1) * sum(n * Fraction(p).denominator.bit_length() for p, n in open_ps.items())
        if bits > (current_settings().exact_limit if exact else ROUNDED_BITS):
            return _floating_law(None, self.ps)
        # The laws of float trials are summed exactly too, while that is quick, and rounded once.
        leaves = [BinomialLaw(n, Fraction(p)).measure for p, n in open_ps.items()]
        measure = _tree(leaves) if leaves else _nothing()
        if not exact:
            measure = Measure(measure.support, measure.weights.as_floating())
        return affine.shifted(measure, (counts[1],)) if counts[1] else measure

    def mean(self) -> Fraction | float:
        """The mean, sum(p)."""
        return _sum(self.ps) if is_exact(*self.ps) else math.fsum(map(float, self.ps))

    def var(self) -> Fraction | float:
        """sum(p (1 - p))."""
        if is_exact(*self.ps):
            return _sum(tuple(Fraction(p) * (1 - Fraction(p)) for p in self.ps))
        # 1 - p is exact but for one rounding: p is a double, or rounded to one.
        return math.fsum(p * (1 - p) for p in map(float, self.ps))

    def pgf(self, z: Place) -> Transform:
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
    return Measure(Lattice((0,), (1,), (1,)), over([1], 1))


def _all_doubles(ps: tuple[Parameter, ...]) -> bool:
    """Whether all are doubles."""
    return set(map(type, ps)) == {float}


def _floating_law(doubles: AnyArray | None, ps: tuple[Parameter, ...]) -> Measure:
    """The law in floating weights: equal trials as binomial laws, others in blocks, summed by a balanced tree."""
    from distconv.methods import tree

    hits = _Numbers.of(ps) if doubles is None else _Numbers.of_doubles(doubles)
    misses = _Numbers.of([1 - p for p in ps]) if doubles is None else _Numbers.of_doubles(1 - doubles)
    sure = int(np.count_nonzero(misses.fractions == 0))
    order = np.lexsort((hits.fractions, hits.exponents))
    order = order[(hits.fractions[order] > 0) & (misses.fractions[order] > 0)]
    hits, misses = hits.take(order), misses.take(order)
    if not len(order):
        return affine.shifted(_nothing(), (sure,)) if sure else _nothing()
    # Runs of equal probabilities are binomial laws: equal as given, so that their laws are those of the numbers meant.
    same = np.zeros(len(order), dtype=bool)
    same[1:] = (np.diff(hits.fractions) == 0) & (np.diff(hits.exponents) == 0)
    begins = np.flatnonzero(~same)
    runs = np.diff(np.append(begins, len(order)))
    parts: list[tree.Rows] = []
    single = np.ones(len(order), dtype=bool)
    for begin, run in zip(begins[runs >= GROUP].tolist(), runs[runs >= GROUP].tolist(), strict=True):
        p = ps[int(order[begin])]
        if isinstance(p, float):
            single[begin : begin + run] = False
            weights = BinomialLaw(run, p).measure.weights.as_floating()
            operand = Operand(weights.significands, weights.exponents, True)
            parts.append(tree.Rows.of([(operand, run, weights.error)]))
    parts.extend(_blocks(hits.take(single), misses.take(single)))
    rows = parts[0]
    for part in parts[1:]:
        rows = rows.beside(part)
    found = tree.total(rows, current_settings().tolerance, lambda _: None)
    weights = from_pairs(found.significands, found.exponents, float(found.errors[0]))
    return Measure(Lattice((sure,), (1,), (len(order) + 1,)), weights)


@dataclass(frozen=True, slots=True, eq=False)
class _Numbers:
    """Non-negative numbers as fractions in [1/2, 1) and exponents, each rounded once at most."""

    fractions: FloatArray
    exponents: IntArray

    @classmethod
    def of(cls, values: Sequence[Parameter]) -> _Numbers:
        pairs = [ratio_to_double(*v.as_integer_ratio()) for v in values]
        return cls(np.array([s for s, _ in pairs]), np.array([e for _, e in pairs], dtype=np.int64))

    @classmethod
    def of_doubles(cls, values: FloatArray) -> _Numbers:
        return cls(*normal_pairs(values))

    def take(self, which: AnyArray) -> _Numbers:
        return _Numbers(self.fractions[which], self.exponents[which])

    def scaled(self, shift: AnyArray | int) -> FloatArray:
        """The numbers times powers of two, as doubles."""
        return np.asarray(np.ldexp(self.fractions, np.clip(self.exponents + shift, -1000, 1000).astype(np.int32)))


def _blocks(hits: _Numbers, misses: _Numbers) -> list[tree.Rows]:
    """The laws of trials in sorted blocks; each is multiplied out a trial at a time, all side by side.

    A block's hits are scaled by a power of two to the size of its misses; blocks too wide for that are left as trials.
    """
    from distconv.methods import tree

    blocks = len(hits.fractions) // BLOCK
    whole = blocks * BLOCK
    shape = (blocks, BLOCK)
    tilts = np.sort((misses.exponents - hits.exponents)[:whole].reshape(shape), axis=1)[:, BLOCK // 2]
    lifted = hits.exponents[:whole].reshape(shape) + tilts[:, None]
    narrow = (np.abs(lifted) + np.abs(misses.exponents[:whole].reshape(shape)) + 2).sum(axis=1) < MOST_BITS
    result = []
    loose = np.ones(len(hits.fractions), dtype=bool)
    loose[:whole] = np.repeat(~narrow, BLOCK)
    # Of each product of a probability, rounded once, and a weight, and of each sum.
    error = bounds.summation(3 * BLOCK)
    kept = np.flatnonzero(narrow)
    for start in range(0, len(kept), BATCH):
        rows = kept[start : start + BATCH]
        cells = rows[:, None] * BLOCK + np.arange(BLOCK)
        up = np.repeat(tilts[rows], BLOCK).reshape(cells.shape)
        expanded = _expanded(hits.take(cells).scaled(up), misses.take(cells).scaled(0))
        exponents = -tilts[rows, None] * np.arange(BLOCK + 1)
        result.append(tree.Rows.even(expanded, exponents, BLOCK, error))
    if loose.any():
        pairs = np.stack((misses.fractions[loose], hits.fractions[loose]), axis=1)
        powers = np.stack((misses.exponents[loose], hits.exponents[loose]), axis=1)
        result.append(tree.Rows.even(pairs, powers, 1, bounds.UNIT))
    return result


def _expanded(hits: FloatArray, misses: FloatArray) -> FloatArray:
    """The coefficients of prod(miss + hit z) for each row, with one column more than trials."""
    blocks, trials = hits.shape
    result = np.zeros((trials + 1, blocks))
    result[0] = 1.0
    for j in range(trials):
        result[1 : j + 2] = result[1 : j + 2] * misses[:, j] + result[: j + 1] * hits[:, j]
        result[0] *= misses[:, j]
    return result.T


def _tree(nodes: list[Measure]) -> Measure:
    """The exact sum of exact measures, neighbours joined level by level."""
    while len(nodes) > 1:
        joined = [convolution.convolve(a, b)[0] for a, b in zip(nodes[::2], nodes[1::2], strict=False)]
        nodes = joined + nodes[2 * len(joined) :]
    return nodes[0]


def poisson_binomial(ps: Iterable[ScalarLike]) -> PoissonBinomialLaw:
    """The law of the successes in trials with probabilities of their own."""
    return PoissonBinomialLaw(read_probabilities("ps", ps))


@constructor
def PoissonBinomial(ps: Iterable[ScalarLike]) -> Distribution:
    """The Poisson-binomial law, of the successes in independent trials of probabilities ps[0], ps[1], ...

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
    return made(FAMILY, ps)


@rule("add", PoissonBinomialLaw, PoissonBinomialLaw)
def _concatenated(x: PoissonBinomialLaw, y: PoissonBinomialLaw) -> Law:
    return PoissonBinomialLaw(x.ps + y.ps)


@rule("add", PoissonBinomialLaw, BernoulliLaw)
def _with_trial(x: PoissonBinomialLaw, y: BernoulliLaw) -> Law:
    return PoissonBinomialLaw((*x.ps, y.p))


@rule("copies", PoissonBinomialLaw)
def _copies(x: PoissonBinomialLaw, n: int) -> Law:
    return PoissonBinomialLaw(x.ps * n)


def _with_letters(ps: Iterable[Any]) -> Law:
    """The sum of the trials."""
    return reduce(sums.add, map(bernoulli_with_letters, ps))


FAMILY = Family(
    "PoissonBinomial",
    PoissonBinomialLaw.parameters,
    poisson_binomial,
    _with_letters,
    None,
    ((("1/2", "1/3", "1/6"),), ((0.1, 0.2),), ((),), ((0, 1),)),
)
