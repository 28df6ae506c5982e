"""Shifts, scalings and reflections: the support moves, the weights stay."""

from __future__ import annotations

from distconv.measure import Measure
from distconv.support import Lattice
from distconv.typing import Scalar, Vector


def shifted(measure: Measure, by: Vector) -> Measure:
    """The measure moved by a vector."""
    return _on(measure, measure.box.shifted(by))


def scaled(measure: Measure, factor: Scalar) -> Measure:
    """The measure with every coordinate times a factor that is not 0."""
    if factor < 0:
        measure, factor = reflected(measure), -factor
    return measure if factor == 1 else _on(measure, measure.box.scaled(factor))


def reflected(measure: Measure) -> Measure:
    """The measure of the negated points."""
    return Measure(measure.support.reflected(), measure.weights.reversed(), measure.missing)


def _on(measure: Measure, box: Lattice) -> Measure:
    """The same weights on a box of the same shape."""
    return Measure(measure.support.on(box), measure.weights, measure.missing)
