"""Mixtures of laws of every kind: in one frame, by formulas, or of numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from distconv.algebra import mixture as numbers
from distconv.algebra import spanning
from distconv.construction import from_mapping
from distconv.formulas.mixed import mixed
from distconv.formulas.sums import is_by_formula
from distconv.laws.finite import Finite
from distconv.laws.law import Law
from distconv.measure import Measure, lookup
from distconv.transforms import mixing


def mixture(laws: Sequence[Law], chosen: Measure) -> Law:
    """The law of one of several laws, with letters or without, of which `chosen` tells the shares by place."""
    picked = [laws[int(i)] for (i,) in lookup.positive_vectors(chosen)]
    mixing.check_dimensions([law.ndim for law in picked])
    weights: list[Any] = list(lookup.weights_of(chosen))
    shares = from_mapping(dict(enumerate(weights)))
    in_frame = spanning.combined(picked, lambda bases: mixture(bases, shares))
    if in_frame is not None:
        return in_frame
    choice = Finite(chosen)
    return mixed(laws, choice) if is_by_formula(choice, *picked) else numbers.mixture(laws, chosen)
