"""Mixtures: weighted sums of measures on one common support; and sums of a random number of terms made of them."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np

from distconv import bounds, missing
from distconv.errors import DimensionError
from distconv.measure import Measure
from distconv.measure.arranging import arranged, positive_cells, positive_ranks
from distconv.planning import Plan
from distconv.support.outcomes import quotient, rational_gcd
from distconv.support.points import indices_of
from distconv.transforms.conditioning import normalized
from distconv.typing import AnyArray, Scalar
from distconv.weights import Floating, Rational, Symbolic, Weights
from distconv.weights.conversion import ratio_to_double, to_floating
from distconv.weights.floating import binary_exponents, normal_form
from distconv.weights.rational import polynomial
from distconv.weights.symbolic import from_expressions

#: A share of a mixture: an exact number, or a double with an exponent of its own.
Share = Fraction | int | tuple[float, int]


def mixed(parts: Sequence[tuple[Share, Measure]], error: float = 0.0) -> Measure:
    """The sum of share * measure. Exact where all are; floating sums are of non-negative terms and keep their digits.

    Args:
        parts: shares and measures.
        error: relative error of the shares.

    Raises:
        DimensionError: measures of different dimensions.
    """
    dimensions = sorted({m.box.ndim for _, m in parts})
    if len(dimensions) > 1:
        raise DimensionError(f"only laws of one dimension can be mixed, got dimensions {dimensions}")
    origin, unit, columns = _common_columns([m for _, m in parts])
    exact = all(m.weights.is_exact and not isinstance(s, tuple) for s, m in parts)
    lost = math.fsum(double(s) * m.missing for s, m in parts if m.missing)
    weights = _exact_shares(parts) if exact else _floating_shares(parts, error)
    return arranged(columns, origin, unit, weights, min(1.0, lost * bounds.PAD))


def denominator(parts: Sequence[tuple[Share, Measure]]) -> int:
    """The common denominator of the exact weights of a mixture; 0 where one of them is floating."""
    below = 1
    for share, m in parts:
        if isinstance(share, tuple) or not isinstance(m.weights, Rational):
            return 0
        below = math.lcm(below, Fraction(share).denominator * m.weights.denominator)
    return below


def certain(a: Measure, n: int, operation: Callable[[Measure], tuple[Measure, Plan]]) -> tuple[Measure, Plan]:
    """An operation on n independent draws, as far as it is known: if no draw is missing, it is that of known draws."""
    found, plan = operation(normalized(a, 0.0))
    lost = missing.left(a)
    if found.weights.is_exact:
        kept = mixed([((1 - Fraction(lost)) ** n, found)])
    else:
        # The share may lie below the doubles: its log knows its exponent.
        bits = n * math.log1p(-float(lost)) / math.log(2)
        kept = mixed([((2 ** (bits - math.floor(bits)), math.floor(bits)), found)])
        assert isinstance(kept.weights, Floating)
        rounding = bounds.UNIT * (8 + 4 * -bits)
        kept = replace(kept, weights=replace(kept.weights, error=bounds.compose(kept.weights.error, rounding)))
    return replace(kept, missing=min(1.0, found.missing + missing.repeated(a.missing, n))), plan


def double(share: Share) -> float:
    """A share as a double."""
    return math.ldexp(*share) if isinstance(share, tuple) else float(share)


def _common_columns(measures: list[Measure]) -> tuple[tuple[Scalar, ...], tuple[Scalar, ...], list[AnyArray]]:
    """(origin, unit, columns): the positive points of all measures, one after the other, on one lattice."""
    origins, units, columns = [], [], []
    for axis in range(measures[0].box.ndim):
        low = min(m.box.origin[axis] for m in measures)
        unit: Scalar = 0
        for m in measures:
            unit = rational_gcd(rational_gcd(unit, m.box.origin[axis] - low), m.box.step[axis])
        parts = []
        for m in measures:
            box = m.box
            index = indices_of(positive_cells(m), box.shape)[axis]
            factor, shift = int(quotient(box.step[axis], unit)), int(quotient(box.origin[axis] - low, unit))
            wide = factor * box.shape[axis] + shift >= 2**61
            parts.append(index.astype(object if wide else np.int64) * factor + shift)
        origins.append(low)
        units.append(unit)
        columns.append(np.concatenate(parts))
    return tuple(origins), tuple(units), columns


def _exact_shares(parts: Sequence[tuple[Any, Measure]]) -> Weights:
    """All positive weights times their shares, over one denominator."""
    if any(isinstance(m.weights, Symbolic) or hasattr(s, "free_symbols") for s, m in parts):
        values: list[Any] = []
        conditions: frozenset[Any] = frozenset()
        for share, m in parts:
            ranks = positive_ranks(m.weights).tolist()
            stored = m.weights
            assert not isinstance(stored, Floating)
            coefficients = stored.coefficients()
            values.extend(share * stored.value(coefficients[r]) for r in ranks)
            if isinstance(stored, Symbolic):
                conditions |= stored.assumptions
        return from_expressions(values, conditions)
    below = denominator(parts)
    tops: list[Any] = []
    for share, m in parts:
        stored = m.weights
        assert isinstance(stored, Rational)
        factor = Fraction(share) * below / stored.denominator
        top = factor.numerator
        coefficients = stored.coefficients()
        tops.extend(coefficients[r] * top for r in positive_ranks(stored).tolist())
    return Rational(polynomial(tops), below)


def _floating_shares(parts: Sequence[tuple[Share, Measure]], shared: float) -> Floating:
    """All positive weights times their shares, as doubles with exponents."""
    significands, exponents, errors = [], [], []
    for share, m in parts:
        floats = to_floating(m.weights, m.support.size)
        floats = floats.take(positive_ranks(floats))
        if isinstance(share, tuple):
            fraction, shift = share
        else:
            exact = Fraction(share)
            fraction, shift = ratio_to_double(exact.numerator, exact.denominator)
        significands.append(np.frexp(floats.significands)[0] * fraction)
        exponents.append(binary_exponents(floats) + shift)
        errors.append(floats.error)
    error = bounds.compose(max(errors), shared, 2 * bounds.UNIT)
    return normal_form(np.concatenate(significands), np.concatenate(exponents), error)


def shared(weights: Weights, error: float) -> Weights:
    """Weights that are sums over shares with this relative error."""
    if not error or not isinstance(weights, Floating):
        return weights
    return replace(weights, error=bounds.compose(weights.error, error))


def shares_of(measure: Measure) -> list[tuple[int, Share]]:
    """The outcomes of a law of whole numbers, with their weights as shares."""
    weights = measure.weights
    result: list[tuple[int, Share]] = []
    for cell, rank in zip(positive_cells(measure).tolist(), positive_ranks(weights).tolist(), strict=True):
        n = int(measure.box.vector(int(cell))[0])
        if isinstance(weights, Floating):
            fraction, shift = math.frexp(float(weights.significands[rank]))
            result.append((n, (fraction, shift + weights.exponent_at(rank))))
        else:
            result.append((n, Fraction(weights.at(rank))))
    return result
