"""Conditioning on an event: the weights of the outcomes in it, divided by their total."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np

from distconv import bounds, missing
from distconv.errors import DistconvValueError
from distconv.measure import Measure
from distconv.measure.arranging import positive_ranks
from distconv.measure.lookup import count_up_to, event, rank
from distconv.support.outcomes import as_outcome
from distconv.transforms.images import select
from distconv.typing import Vector
from distconv.weights import Rational, Symbolic
from distconv.weights.floating import divided, total_of
from distconv.weights.rational import reduced


def given(measure: Measure, predicate: Callable[[Any], Any]) -> tuple[Measure, Any]:
    """The law of the outcome, known that the predicate holds, and the probability that it does.

    Raises:
        DistconvValueError: no outcome satisfies the predicate.
    """
    ranks = event(measure, predicate)
    if not ranks:
        raise DistconvValueError(
            f"no outcome satisfies the condition: its probability is 0 (support from "
            f"{as_outcome(measure.box.origin)} to {as_outcome(measure.box.high)})"
        )
    part = select(measure, np.array(ranks, dtype=np.int64))
    return normalized(part, missing.left(measure)), part.weights.total()


def within(measure: Measure, low: Vector | None, high: Vector | None) -> tuple[Measure, Any]:
    """The law of the outcome, known that it lies between two corners, ends included, and the probability of that."""

    def inside(x: Any) -> bool:
        vector = x if isinstance(x, tuple) else (x,)
        above = low is None or all(v >= bound for v, bound in zip(vector, low, strict=True))
        return above and (high is None or all(v <= bound for v, bound in zip(vector, high, strict=True)))

    if measure.box.ndim > 1:
        return given(measure, inside)
    start = 0 if low is None else count_up_to(measure, low[0]) - (rank(measure, low) is not None)
    end = measure.support.size if high is None else count_up_to(measure, high[0])
    ranks = positive_ranks(measure.weights)
    ranks = ranks[(ranks >= start) & (ranks < end)]
    if not len(ranks):
        return given(measure, inside)
    part = select(measure, ranks)
    return normalized(part, missing.left(measure)), part.weights.total()


def normalized(part: Measure, lost: Fraction | float | None = None) -> Measure:
    """A measure divided by its total and what is missing (its own where not given), at most: lower bounds stay such."""
    weights = part.weights
    lost = part.missing if lost is None else lost
    if isinstance(weights, Symbolic):
        total = weights.running()[-1]
        return Measure(part.support, replace(weights, denominator=total, _shown={}).lowest(), float(lost))
    if isinstance(weights, Rational):
        whole = int(weights.numerators(1))
        if not lost:
            return Measure(part.support, reduced(weights.numerators.coeffs(), whole))
        most = Fraction(whole, weights.denominator) + Fraction(lost)
        scaled = [int(c) * most.denominator for c in weights.numerators.coeffs()]
        share = bounds.upper_float(Fraction(lost) / most)
        return Measure(part.support, reduced(scaled, weights.denominator * most.numerator), min(1.0, share))
    top, exponent = total_of(weights)
    lifted, shift = math.frexp(lost)
    if lost:
        top, exponent = _added(top, exponent, lifted, shift)
    # The total is as far off as the weights are, in the same direction or the other.
    floats = divided(weights, top, exponent)
    floats = replace(floats, error=bounds.quotient(floats.error, weights.error))
    share = math.ldexp(lifted / top, max(shift - exponent, -1000)) if lost else 0.0
    return Measure(part.support, floats, min(1.0, share * bounds.PAD))


def _added(x: float, e: int, y: float, f: int) -> tuple[float, int]:
    """x 2**e + y 2**f, rounded once, as (significand, exponent)."""
    if e < f:
        x, e, y, f = y, f, x, e
    total, shift = math.frexp(x + math.ldexp(y, max(f - e, -1070)))
    return total, e + shift
