"""Order statistics, and sums of the best of n draws, without enumerating draws.

Both are polynomials of degree n in the weights with positive coefficients. They are computed in integers: exact weights
stay exact, doubles are taken for the dyadic numbers that they are, and the result is rounded once. A relative error e
of the weights becomes (1 + e)**n - 1.
"""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import accumulate
from typing import Any

import numpy as np

from distconv import bounds
from distconv.arrangement import arranged, arranged_vectors, positive_ranks
from distconv.errors import SizeLimitError
from distconv.measure import Measure
from distconv.moments import axis_indices
from distconv.planning import Plan
from distconv.settings import current_settings
from distconv.support.outcomes import whole
from distconv.transforms.images import positive_vectors
from distconv.weights import Floating, Symbolic
from distconv.weights.conversion import letters_error, ratios_to_floating, to_rational
from distconv.weights.rational import polynomial, reduced

#: Bits of a double weight beside the leading 53 that order statistics are computed from, at most.
MOST_BITS = 2_000_000_000


def statistic(a: Measure, n: int, k: int) -> tuple[Measure, Plan]:
    """The law of the k-th smallest of n draws: P(at least k of n are <= x), differenced, in integers."""
    numerators, denominator = _integers(a, n)
    heads = list(accumulate(numerators))
    totals = [_at_least(h, denominator, n, k) for h in heads]
    values = [q - p for p, q in zip([totals[0] * 0, *totals[:-1]], totals, strict=True)]
    found = arranged_vectors(list(positive_vectors(a)), _weights(a, values, denominator, n), _lost(a, n))
    return found, Plan("order", a.weights.kind, len(values), reason=f"binomial tails of the CDF, {k} of {n}")


def _at_least(head: Any, whole_: Any, n: int, k: int) -> Any:
    """The numerator, over whole**n, of P(at least k of n draws have an outcome of mass head / whole)."""
    rest = whole_ - head
    if 2 * k > n:
        return _binomial_sum(head, rest, n, k, n)
    return whole_**n - _binomial_sum(head, rest, n, 0, k - 1)


def _binomial_sum(head: Any, rest: Any, n: int, first: int, last: int) -> Any:
    """sum over i = first, ..., last of C(n, i) head**i rest**(n - i), in integers: homogeneous Horner scheme."""
    total, factor = head * 0, rest**0
    for i in range(last, first - 1, -1):
        # So far the sum over j > i of C(n, j) head**(j - i - 1) rest**(last - j).
        total = total * head + math.comb(n, i) * factor
        factor *= rest
    return total * head**first * rest ** (n - last)


def highest(a: Measure, n: int, keep: int) -> tuple[Measure, Plan]:
    """The law of the sum of the best `keep` of n draws.

    With v the value of the worst one kept and j draws above it, the best sum to (keep - j) v plus j draws from above v:
    sum over v, j of C(n, j) A_v**j x**((keep - j) v) P(of the other n - j at least keep - j are v, none above), where
    A_v is the generating polynomial of what is above v.
    """
    numerators, denominator = _integers(a, n)
    (index,) = axis_indices(a)
    indices = [int(index[r]) for r in positive_ranks(a.weights).tolist()]
    cells = keep * indices[-1] + 1
    bits = n * int(denominator).bit_length()
    if cells * bits > current_settings().exact_limit * 4:
        raise SizeLimitError(
            f"the best {keep} of {n} draws would have {cells:,} outcomes of {bits:,} bits; round the weights first: "
            "Distribution.from_counts({x: round(10**6 * p) for x, p in X.to_dict().items()})"
        )
    total = polynomial([0])
    above: Any = polynomial([0])
    heads = list(accumulate(numerators))
    for i in range(len(indices) - 1, -1, -1):
        below, here = heads[i] - numerators[i], numerators[i]
        # Horner's scheme in A_v: terms of more draws above first; x**v is a shift.
        part = polynomial([0])
        for j in range(keep - 1, -1, -1):
            chance = _binomial_sum(here, below, n - j, keep - j, n - j)
            part = part * above + polynomial([math.comb(n, j) * chance]).left_shift((keep - j) * indices[i])
        total += part
        above += polynomial([here]).left_shift(indices[i])
    (origin,), (step,) = a.box.origin, a.box.step
    values = total.coeffs()
    weights = _weights(a, values, denominator, n)
    found = arranged([np.arange(len(values))], (whole(keep * origin),), (step,), weights, _lost(a, n))
    return found, Plan(
        "order", a.weights.kind, len(values), reason=f"the worst of the best {keep} of {n} tried in turn"
    )


def _integers(a: Measure, n: int) -> tuple[list[Any], Any]:
    """The positive weights as integers over one denominator, which what is missing is left out of."""
    import flint

    weights = a.weights
    if isinstance(weights, Symbolic):
        raise letters_error(weights, "order statistics")
    exact = to_rational(weights)
    values = exact.integers(a.support.size)
    kept = [values[r] for r in positive_ranks(a.weights).tolist()]
    if n * exact.denominator.bit_length() * len(kept) > MOST_BITS:
        raise SizeLimitError(
            f"order statistics of {n:,} draws from {len(kept):,} outcomes need integers of "
            f"{n * exact.denominator.bit_length():,} bits each; round the weights or the outcomes first"
        )
    if weights.is_exact:
        return kept, flint.fmpz(exact.denominator)
    # Doubles total 1 but for rounding; what is missing belongs to the whole.
    total, one = sum(kept, start=flint.fmpz(0)), flint.fmpz(exact.denominator)
    return kept, max(total, one) if a.missing else total


def _weights(a: Measure, values: list[Any], whole_: Any, n: int) -> Any:
    """Integers over the n-th power of a whole as weights of the operand's kind."""
    denominator = int(whole_**n)
    if a.weights.is_exact:
        return reduced(values, denominator)
    rounded = ratios_to_floating([int(v) for v in values], denominator)
    # The whole is as far from 1 as the weights are from theirs, or as their total is.
    off = abs(1 - float(Fraction(int(whole_), to_rational(a.weights).denominator)))
    error = bounds.compose(bounds.repeated(a.weights.error, n), bounds.repeated(max(off, a.weights.error), n))
    return Floating(rounded.significands, rounded.exponents, bounds.compose(error, rounded.error))


def _lost(a: Measure, n: int) -> float:
    return min(1.0, n * a.missing * bounds.PAD)
