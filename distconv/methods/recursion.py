"""Panjer's recursion in extended precision: the probabilities of a compound sum one after the other, none subtracted.

k p_k = k c_k + sum_j (a_j (k - j) + b_j) p_(k-j) with numbers none of which is negative (`counts.Recursion`): an error
grows by so many roundings a step, which 64 bits bear for 10**5 outcomes and more.

Sources: Panjer (1981); Sundt and Jewell (1981).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from distconv import bounds
from distconv.bounds import UNIT
from distconv.methods.counts import Panjer, Recursion, Series
from distconv.methods.operands import Operand
from distconv.methods.tilted import Result
from distconv.numbers.balls import resolved_pair
from distconv.planning import costs
from distconv.typing import AnyArray, IntArray

#: Unit roundoff of extended precision (of doubles where numpy has none).
LONG_UNIT = float(np.finfo(np.longdouble).eps) / 2
#: Bits of the range of extended precision in which no digits are lost.
RANGE_BITS = int(-np.finfo(np.longdouble).minexp) - 64
#: Bits in which the factor of all numbers is first computed.
START_BITS = 256
#: A step with fewer than one positive cell in so many is added point by point.
SPARSE_WIDTH = 8


def _places(step: Operand, last: int) -> IntArray:
    """The positive outcomes of the step up to the last."""
    return np.flatnonzero(step.significands[: last + 1])


def error(count: Panjer | Series, step: Operand, last: int) -> float:
    """A bound on the relative error of the recursion's numbers up to the last: so many roundings from step to step.

    A term of the sum has its factor's roundings (6), its own, those of summing (in any order), and two of the result.
    """
    places = _places(step, last)
    if not count.passes:
        return math.inf
    if not len(places):
        return 4 * UNIT
    if step.exponents is not None and int(np.abs(step.exponents[places]).max()) > RANGE_BITS:
        return math.inf
    roundings = (last // int(places[0]) + 1) * (2 * len(places) + 10) * LONG_UNIT
    return bounds.compose(math.expm1(roundings) if roundings < 1 else math.inf, 8 * UNIT)


def seconds(count: Panjer | Series, step: Operand, last: int) -> float:
    """The predicted time of the recursion."""
    places = _places(step, last)
    if not len(places):
        return 0.0
    sparse = len(places) * SPARSE_WIDTH <= int(places[-1])
    return predict(last, max(count.passes, 1) * (4 * len(places) if sparse else int(places[-1])))


def predict(last: int, width: int) -> float:
    """The predicted time up to an outcome, of a step of so many cells."""
    return costs.RECURSION_START_SECONDS + last * (
        costs.RECURSION_SECONDS + costs.RECURSION_TERM_SECONDS * min(width, last)
    )


def fill(count: Panjer | Series, step: Operand, last: int, result: Result) -> None:
    """The entries up to the last by recursion, as far as the range of extended precision goes."""
    size = min(last + 1, step.shape[0])
    exponents = 0 if step.exponents is None else np.clip(step.exponents[:size], -2 * RANGE_BITS, 2 * RANGE_BITS)
    values = np.ldexp(step.significands[:size].astype(np.longdouble), exponents)
    rule = count.recursion(values)
    assert rule is not None
    p = np.zeros(last + 1, dtype=np.longdouble)
    p[0] = rule.start
    with np.errstate(all="ignore"):
        _recurse(rule, _places(step, last), p)
        fractions, shifts = np.frexp(p)
        # From the first number on that is too large or too small, digits may be lost.
        lost = ~np.isfinite(p) | (result.bad[: last + 1] & ((p == 0) | (shifts < -RANGE_BITS)))
        end = int(np.argmax(lost)) if lost.any() else last + 1
        scale, exponent = resolved_pair(count.scale, "the recursion's start", start=START_BITS)
        significands, more = np.frexp(fractions[:end].astype(np.float64) * scale)
    where = np.flatnonzero(result.bad[:end])
    result.significands[where] = significands[where]
    result.exponents[where] = shifts[where].astype(np.int64) + more[where] + exponent
    result.bad[where] = False
    result.error = max(result.error, error(count, step, last))


def _recurse(rule: Recursion, places: IntArray, p: AnyArray) -> None:
    """Fills p from its first entry on; with few places far apart only these are added."""
    if not len(places):
        return
    most, last = int(places[-1]), len(p) - 1
    sparse = len(places) * SPARSE_WIDTH <= most
    q = np.zeros_like(p)
    backwards = places[::-1] if sparse else np.arange(most, 0, -1)
    a, b = (None if v is None else np.ascontiguousarray(v[backwards]) for v in (rule.a, rule.b))
    first = np.zeros_like(p)
    if rule.first is not None:
        first[: len(rule.first)] = rule.first
    for k in range(1, last + 1):
        if sparse:
            skipped = int(np.count_nonzero(backwards > k)) if k < most else 0
            here: Any = k - backwards[skipped:]
        else:
            skipped = max(most - k, 0)
            here = slice(max(k - most, 0), k)
        total = 0
        if b is not None:
            total = np.dot(b[skipped:], p[here])
        if a is not None:
            total = total + np.dot(a[skipped:], q[here])
        p[k] = first[k] + total / k
        q[k] = k * p[k]
