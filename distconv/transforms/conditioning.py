"""Conditioning on an event: the weights of the outcomes in it, divided by their total."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from distconv import bounds
from distconv.arrangement import positive_ranks
from distconv.errors import DistconvValueError
from distconv.measure import Measure
from distconv.support.outcomes import as_outcome
from distconv.transforms.images import positive_vectors, select
from distconv.weights import Rational
from distconv.weights.floating import divided, total_of
from distconv.weights.rational import reduced


def event(measure: Measure, predicate: Callable[[Any], Any]) -> list[int]:
    """The ranks of the outcomes for which the predicate holds."""
    ranks = positive_ranks(measure.weights).tolist()
    return [r for r, v in zip(ranks, positive_vectors(measure), strict=True) if predicate(as_outcome(v))]


def given(measure: Measure, predicate: Callable[[Any], Any]) -> Measure:
    """The law of the outcome, known that the predicate holds.

    Raises:
        DistconvValueError: no outcome satisfies the predicate.
    """
    ranks = event(measure, predicate)
    if not ranks:
        raise DistconvValueError(
            f"no outcome satisfies the condition: its probability is 0 (support from "
            f"{as_outcome(measure.box.origin)} to {as_outcome(measure.box.high)})"
        )
    return normalized(select(measure, np.array(ranks, dtype=np.int64)))


def normalized(part: Measure) -> Measure:
    """A measure divided by its total; what is missing is bounded in proportion."""
    weights = part.weights
    if isinstance(weights, Rational):
        whole = int(weights.numerators(1))
        lost = part.missing / float(whole / weights.denominator) if part.missing else 0.0
        return Measure(part.support, reduced(weights.numerators.coeffs(), whole), min(1.0, lost))
    top, exponent = total_of(weights)
    # The total is as far off as the weights are, in the same direction or the other.
    floats = divided(weights, top, exponent)
    floats = replace(floats, error=bounds.compose(floats.error, weights.error / (1 - weights.error)))
    lost = part.missing / math.ldexp(top, max(exponent, -1000)) if part.missing else 0.0
    return Measure(part.support, floats, min(1.0, lost * bounds.PAD))
