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
from distconv.measure.arranging import arranged, positive_cells
from distconv.numbers.doubles import is_pair
from distconv.numbers.letters import is_expression, upper_bound
from distconv.planning import How
from distconv.support.outcomes import quotient, rational_gcd
from distconv.support.points import indices_of
from distconv.transforms.conditioning import normalized
from distconv.typing import AnyArray, Scalar
from distconv.weights import Floating, Weights
from distconv.weights.symbolic import from_expressions
from distconv.weights.unify import joined, unified

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
    check_dimensions([m.box.ndim for _, m in parts])
    origin, unit, columns = _common_columns([m for _, m in parts])
    exact = all(m.weights.is_exact and not is_pair(s) for s, m in parts)
    lost = math.fsum(_most(s) * m.missing for s, m in parts if m.missing)
    weights = _weighted(parts) if exact else _floating_shares(parts, error)
    return arranged(columns, origin, unit, weights, min(1.0, lost * bounds.PAD))


def check_dimensions(dimensions: Sequence[int]) -> None:
    """Refuses to mix laws of different dimensions.

    Raises:
        DimensionError: there are several.
    """
    found = sorted(set(dimensions))
    if len(found) > 1:
        raise DimensionError(f"only laws of one dimension can be mixed, got dimensions {found}")


def denominator(parts: Sequence[tuple[Share, Measure]]) -> int:
    """The common denominator of the exact weights of a mixture; 0 where one of them is floating."""
    below = 1
    for share, m in parts:
        if is_pair(share) or not m.weights.bits:
            return 0
        below = math.lcm(below, Fraction(share).denominator * m.weights.as_rational().denominator)
    return below


def certain(a: Measure, n: int, operation: Callable[[Measure], tuple[Measure, How]]) -> tuple[Measure, How]:
    """An operation on n independent draws, as far as it is known: if no draw is missing, it is that of known draws."""
    found, plan = operation(normalized(a, 0.0))
    lost: Any = missing.left(a)
    if found.weights.is_exact:
        kept = mixed([((1 - lost) ** n, found)])
    else:
        # The share may lie below the doubles: its log knows its exponent.
        bits = n * math.log1p(-float(lost)) / math.log(2)
        kept = mixed([((2 ** (bits - math.floor(bits)), math.floor(bits)), found)])
        kept = replace(kept, weights=kept.weights.as_floating().off_by(bounds.UNIT * (8 + 4 * -bits)))
    return replace(kept, missing=min(1.0, found.missing + missing.repeated(a.missing, n))), plan


def double(share: Share) -> float:
    """A share as a double."""
    return math.ldexp(*share) if is_pair(share) else float(share)


def _most(share: Any) -> float:
    """What a share may be at most, as a double: 1 where it has letters."""
    return upper_bound(share) if is_expression(share) else double(share)


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


def _weighted(parts: Sequence[tuple[Any, Measure]]) -> Weights:
    """All positive weights times their shares, exact, one after the other."""
    return joined([_scaled(_held(m.weights), share) for share, m in parts])


def _scaled(weights: Weights, share: Any) -> Weights:
    """Exact weights times a number or an expression."""
    if is_expression(share):
        weights, _ = unified(weights, from_expressions([share]))
    return weights.scaled(share)


def _held(weights: Weights) -> Weights:
    """The weights that are not 0."""
    ranks = weights.positive()
    return weights if len(ranks) == weights.size else weights.take(ranks)


def _floating_shares(parts: Sequence[tuple[Share, Measure]], error: float) -> Floating:
    """All positive weights times their shares, as doubles with exponents."""
    found = []
    for share, m in parts:
        held = _held(m.weights).as_floating()
        if is_expression(share):
            one = from_expressions([share]).as_floating()
            (significand,), (exponent,) = one.pairs()
            found.append(held.scaled((float(significand), int(exponent))).off_by(one.error))
        else:
            found.append(held.scaled(share))
    return Floating.joined(found).off_by(error)


def shared(weights: Weights, error: float) -> Weights:
    """Weights that are sums over shares with this relative error."""
    return weights if weights.is_exact or not error else weights.as_floating().off_by(error)


def shares_of(measure: Measure) -> list[tuple[int, Share]]:
    """The outcomes of a law of whole numbers, with their weights as shares."""
    weights, box = measure.weights, measure.box
    ranks = weights.positive()
    start, step = int(box.origin[0]), int(box.step[0])
    outcomes = [start + step * cell for cell in positive_cells(measure).tolist()]
    if weights.is_exact:
        return list(zip(outcomes, map(Fraction, weights.numbers(ranks)), strict=True))
    fractions, exponents = weights.as_floating().take(ranks).pairs()
    return list(zip(outcomes, zip(fractions.tolist(), exponents.tolist(), strict=True), strict=True))
