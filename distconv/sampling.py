"""Random outcomes of a measure, by inversion of its CDF."""

from __future__ import annotations

from typing import Any

import numpy as np

from distconv.checks import check_integer
from distconv.generating import double_weights
from distconv.measure import Measure
from distconv.support.outcomes import as_outcome
from distconv.weights.conversion import to_double


def draw(measure: Measure, size: int | tuple[int, ...] | None, rng: Any) -> Any:
    """One random outcome where `size` is None, else an array of that shape (+ (d,) in n-D); see `Queries.rvs`."""
    shape = () if size is None else size if isinstance(size, tuple) else (size,)
    counts = tuple(check_integer("size", n, at_least=0) for n in shape)
    generator = np.random.default_rng(rng)
    heads = np.cumsum(double_weights(measure))
    drawn = np.searchsorted(heads, generator.random(counts) * heads[-1], side="right")
    ranks = np.minimum(drawn, len(heads) - 1)
    if size is None:
        return as_outcome(measure.support.vector(int(ranks)))
    unique, places = np.unique(ranks, return_inverse=True)
    vectors = [measure.support.vector(int(rank)) for rank in unique]
    integral = all(type(v) is int and abs(v) < 2**63 for vector in vectors for v in vector)
    ndim = measure.box.ndim
    rows: list[Any] = vectors if integral else [[to_double(v) for v in vector] for vector in vectors]
    table = np.array(rows, dtype=np.int64 if integral else np.float64).reshape(-1, ndim)
    outcomes = table[places.reshape(counts)]
    return outcomes[..., 0] if ndim == 1 else outcomes
