"""Random paths of walks, of which positions may be known: steps from Doob's h-transform."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import TypeAlias

import numpy as np

from distconv.distribution import Distribution
from distconv.support.outcomes import as_outcome, as_vector
from distconv.typing import AnyArray, FloatArray, Vector

#: The log of the chance of what is known of later times, up to a constant, from a place.
Outlook: TypeAlias = "Callable[[Vector], float]"


def freely(law: Distribution, here: FloatArray, generator: np.random.Generator) -> FloatArray:
    """The next positions of paths of whose future nothing is known."""
    drawn = np.asarray(law.rvs(len(here), generator), dtype=np.float64).reshape(here.shape)
    found: FloatArray = here + drawn
    return found


def towards(
    law: Distribution,
    here: FloatArray,
    outlook: Outlook,
    generator: np.random.Generator,
    turned: Callable[[Vector], Vector] | None = None,
) -> FloatArray:
    """The next positions of paths of whose future something is known: a step s in proportion to p(s) h(x + s)."""
    outcomes = [as_vector(x) for x in law.support]
    logs = np.array([float(law.logpmf(as_outcome(x))) for x in outcomes])
    unique, inverse = np.unique(here, axis=0, return_inverse=True)
    result = np.empty_like(here)
    for index, row in enumerate(unique):
        place = [Fraction(float(v)).limit_denominator(10**12) for v in row]
        after: Sequence[Vector] = [tuple(p + v for p, v in zip(place, x, strict=True)) for x in outcomes]
        after = after if turned is None else [turned(x) for x in after]
        chances = logs + np.array([outlook(x) for x in after])
        weights = np.exp(chances - chances.max())
        paths = np.flatnonzero(inverse.ravel() == index)
        heads = np.cumsum(weights)
        drawn = np.searchsorted(heads, generator.random(len(paths)) * heads[-1], side="right")
        moves: AnyArray = np.array([[float(v) for v in x] for x in after])
        result[paths] = moves[np.minimum(drawn, len(moves) - 1)]
    return result
