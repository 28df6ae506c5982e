"""The law of the successes in trials of probabilities of their own, laid out: blocks of trials, summed by a tree."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from distconv import bounds
from distconv.families.binomial import BinomialLaw
from distconv.families.parameters import Parameter
from distconv.measure import Measure
from distconv.methods.operands import Operand
from distconv.numbers.doubles import normal_pairs, ratio_to_double
from distconv.settings import current_settings
from distconv.support import Lattice
from distconv.transforms import affine
from distconv.typing import AnyArray, FloatArray, IntArray
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


def nothing() -> Measure:
    """The measure of the point 0."""
    return Measure(Lattice((0,), (1,), (1,)), over([1], 1))


def laid_out(doubles: AnyArray | None, ps: Sequence[Parameter] | FloatArray) -> Measure:
    """The law in floating weights: equal trials as binomial laws, others in blocks, summed by a balanced tree."""
    from distconv.methods import tree

    hits = _Numbers.of(ps) if doubles is None else _Numbers.of_doubles(doubles)
    misses = _Numbers.of([1 - p for p in ps]) if doubles is None else _Numbers.of_doubles(1 - doubles)
    sure = int(np.count_nonzero(misses.fractions == 0))
    order = np.lexsort((hits.fractions, hits.exponents))
    order = order[(hits.fractions[order] > 0) & (misses.fractions[order] > 0)]
    hits, misses = hits.take(order), misses.take(order)
    if not len(order):
        return affine.shifted(nothing(), (sure,)) if sure else nothing()
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
    def of(cls, values: Sequence[Parameter] | FloatArray) -> _Numbers:
        pairs = [ratio_to_double(*v.as_integer_ratio()) for v in values]
        return cls(np.array([s for s, _ in pairs]), np.array([e for _, e in pairs], dtype=np.int64))

    @classmethod
    def of_doubles(cls, values: FloatArray) -> _Numbers:
        return cls(*normal_pairs(values))

    def take(self, which: AnyArray | slice) -> _Numbers:
        return _Numbers(self.fractions[which], self.exponents[which])


def _blocks(hits: _Numbers, misses: _Numbers) -> list[tree.Rows]:
    """The laws of trials in sorted blocks: as many as do not fill one, those of the least probabilities, first."""
    rest = len(hits.fractions) % BLOCK
    result = []
    for some, size in ((slice(rest), rest), (slice(rest, None), BLOCK)):
        if len(hits.fractions[some]):
            result.extend(_even_blocks(hits.take(some), misses.take(some), size))
    return result


def _even_blocks(hits: _Numbers, misses: _Numbers, size: int) -> list[tree.Rows]:
    """The laws of blocks of so many trials; each is multiplied out a trial at a time, all side by side.

    Each trial is scaled by the power of two of its miss, and a block's hits by one more, to the size of its misses;
    blocks too wide for that are left as trials.
    """
    from distconv.methods import tree

    shape = (-1, size)
    above = (hits.exponents - misses.exponents).reshape(shape)
    tilts = -np.sort(above, axis=1)[:, size // 2]
    lifted = above + tilts[:, None]
    narrow = (np.abs(lifted) + 2).sum(axis=1) < MOST_BITS
    scale = misses.exponents.reshape(shape).sum(axis=1)
    result = []
    # Of each product of a probability, rounded once, and a weight, and of each sum.
    error = bounds.summation(3 * size)
    kept = np.flatnonzero(narrow)
    hit, miss = hits.fractions.reshape(shape), misses.fractions.reshape(shape)
    for start in range(0, len(kept), BATCH):
        rows = kept[start : start + BATCH]
        expanded = _expanded(np.ldexp(hit[rows], lifted[rows].astype(np.int32)), miss[rows])
        exponents = scale[rows, None] - tilts[rows, None] * np.arange(size + 1)
        result.append(tree.Rows.even(expanded, exponents, size, error))
    loose = np.repeat(~narrow, size)
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
