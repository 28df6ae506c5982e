"""The Poisson-binomial law: successes in independent trials with probabilities of their own."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from fractions import Fraction
from functools import reduce
from typing import Any

import numpy as np

from distconv import convolution
from distconv.algebra import sums
from distconv.distribution import Distribution
from distconv.families import trial_blocks
from distconv.families.bernoulli import BernoulliLaw
from distconv.families.bernoulli import with_letters as bernoulli_with_letters
from distconv.families.binomial import BinomialLaw
from distconv.families.family import FiniteFamily, constructor, made
from distconv.families.many_trials import ManyTrials
from distconv.families.parameters import (
    Parameter,
    answer,
    is_exact,
    read_many_probabilities,
    read_probabilities,
)
from distconv.families.recurrence import ROUNDED_BITS
from distconv.laws.law import Law
from distconv.laws.registry import Family
from distconv.laws.rules import rule
from distconv.measure import Measure
from distconv.settings import current_settings
from distconv.transforms import affine
from distconv.typing import Place, ScalarLike, Transform

#: Trials up to which the whole law is laid out for any question: 0.15 s of work. Beyond, an array is asked.
MOST_LAID_OUT = 100_000


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
            return trial_blocks.laid_out(
                np.array(self.ps, dtype=np.float64) if _all_doubles(self.ps) else None, self.ps
            )
        counts = Counter(self.ps)
        open_ps = {p: n for p, n in sorted(counts.items()) if 0 < p < 1}
        trials = sum(open_ps.values())
        bits = (trials + 1) * sum(n * Fraction(p).denominator.bit_length() for p, n in open_ps.items())
        if bits > (current_settings().exact_limit if exact else ROUNDED_BITS):
            return trial_blocks.laid_out(None, self.ps)
        # The laws of float trials are summed exactly too, while that is quick, and rounded once.
        leaves = [BinomialLaw(n, Fraction(p)).measure for p, n in open_ps.items()]
        measure = _tree(leaves) if leaves else trial_blocks.nothing()
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


def _all_doubles(ps: tuple[Parameter, ...]) -> bool:
    """Whether all are doubles."""
    return set(map(type, ps)) == {float}


def _tree(nodes: list[Measure]) -> Measure:
    """The exact sum of exact measures, neighbours joined level by level."""
    while len(nodes) > 1:
        joined = [convolution.convolve(a, b)[0] for a, b in zip(nodes[::2], nodes[1::2], strict=False)]
        nodes = joined + nodes[2 * len(joined) :]
    return nodes[0]


def poisson_binomial(ps: Iterable[ScalarLike]) -> PoissonBinomialLaw | ManyTrials:
    """The law of the successes in trials with probabilities of their own: laid out, or that of an array of many."""
    many = read_many_probabilities("ps", ps, MOST_LAID_OUT)
    return PoissonBinomialLaw(read_probabilities("ps", ps)) if many is None else ManyTrials(many)


@constructor
def PoissonBinomial(ps: Iterable[ScalarLike]) -> Distribution:
    """The Poisson-binomial law, of the successes in independent trials of probabilities ps[0], ps[1], ...

    P(X = k) is the coefficient of z**k in prod((1 - p) + p z).

    Args:
        ps: a sequence of probabilities, both ends in; their order does not matter. An empty one gives the point 0.
            Exact weights stay exact up to ``settings.exact_limit``; one float makes all floating. Of an array (or a
            memmap) of more than 100,000 floats, each question is answered from the array, and the law is laid out
            only where all of it is needed. The array is read, never copied: leave it as it is.

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
