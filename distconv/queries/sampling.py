"""Random outcomes of a measure, by inversion of its CDF."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from distconv.checks import check_integer
from distconv.measure import Measure
from distconv.numbers.doubles import to_double
from distconv.queries.generating import double_weights
from distconv.queries.refusals import only_settled
from distconv.support.outcomes import as_outcome
from distconv.typing import AnyArray, Outcome, RandomState


def draw(measure: Measure, size: int | tuple[int, ...] | None, rng: RandomState) -> Outcome | AnyArray:
    """Random outcomes; refused where more than 1e-8 is `missing`.

    Args:
        size: None for one outcome; an int or a tuple for an array of that shape (+ (d,) in n-D), int64 where all
            outcomes are integers (objects where they are longer), else float64.
        rng: a `numpy.random.Generator`, or a seed for one.
    """
    only_settled(measure, "a random outcome", "rvs()")
    counts = shape_of(size)
    generator = np.random.default_rng(rng)
    heads = np.cumsum(double_weights(measure))
    drawn = np.searchsorted(heads, generator.random(counts) * heads[-1], side="right")
    ranks = np.minimum(drawn, len(heads) - 1)
    if size is None:
        return as_outcome(measure.support.vector(int(ranks)))
    unique, places = np.unique(ranks, return_inverse=True)
    vectors = [measure.support.vector(int(rank)) for rank in unique]
    ndim = measure.box.ndim
    kind = drawn_type(v for vector in vectors for v in vector)
    rows: list[Any] = [[to_double(v) for v in vector] for vector in vectors] if kind is np.float64 else vectors
    table: AnyArray = np.array(rows, dtype=kind).reshape(-1, ndim)
    outcomes = table[places.reshape(counts)]
    return outcomes[..., 0] if ndim == 1 else outcomes


def shape_of(size: int | tuple[int, ...] | None) -> tuple[int, ...]:
    """The shape of an array of so many outcomes; () of a single one."""
    shape = () if size is None else size if isinstance(size, tuple) else (size,)
    return tuple(check_integer("size", n, at_least=0) for n in shape)


def shaped(drawn: AnyArray, size: int | tuple[int, ...] | None) -> Outcome | AnyArray:
    """Outcomes in a row as an array of that size, or the only one as a number."""
    if size is not None:
        return drawn.reshape(shape_of(size))
    only: Outcome = drawn[0].item() if isinstance(drawn[0], np.generic) else drawn[0]
    return only


def drawn_type(values: Iterable[Any]) -> type:
    """What an array of random outcomes holds: int64, Python's integers where they are longer, else float64."""
    found: type = np.int64
    for value in values:
        if not isinstance(value, int):
            return np.float64
        if abs(value) >= 2**63:
            found = object
    return found
