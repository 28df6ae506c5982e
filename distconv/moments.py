"""Moments, cumulants and entropy of measures: exact for exact weights, about the mean for floating ones.

Everything is computed on the indices of the lattice and moved to its origin and step at the end, so an offset of
10**15 costs no digit.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from distconv.measure import Measure
from distconv.support import Points
from distconv.support.points import indices_of
from distconv.typing import AnyArray
from distconv.weights import Floating, Rational
from distconv.weights.floating import as_doubles


def axis_indices(measure: Measure) -> list[AnyArray]:
    """The index of every point on every axis."""
    support = measure.support
    if isinstance(support, Points):
        return indices_of(support.cells, support.box.shape)
    return indices_of(np.arange(support.size), support.shape)


def total(measure: Measure) -> Fraction | float:
    """The sum of all weights."""
    weights = measure.weights
    if isinstance(weights, Rational):
        return Fraction(int(weights.numerators(1)), weights.denominator)
    return math.fsum(weights.values())


def means(measure: Measure) -> list[Fraction | float]:
    """The mean on every axis."""
    result: list[Fraction | float] = []
    for axis, index in enumerate(axis_indices(measure)):
        origin, step = measure.box.origin[axis], measure.box.step[axis]
        value = _average(measure.weights, index)
        result.append(origin + step * value if isinstance(value, Fraction) else float(origin + step * Fraction(value)))
    return result


def _average(weights: Rational | Floating, values: AnyArray) -> Fraction | float:
    """The weighted mean of a value for each point."""
    if isinstance(weights, Rational):
        numerators = weights.integers(len(values))
        top = sum((w * v for w, v in zip(numerators, values.tolist(), strict=True) if w), start=0)
        return Fraction(int(top), int(weights.numerators(1)))
    masses = weights.values()
    return float(np.dot(masses, values.astype(np.float64)) / masses.sum())


def covariance(measure: Measure, i: int, j: int) -> Fraction | float:
    """The covariance of two coordinates."""
    indices = axis_indices(measure)
    scale = measure.box.step[i] * measure.box.step[j]
    if isinstance(measure.weights, Rational):
        x, y = indices[i].astype(object), indices[j].astype(object)
        product = _average(measure.weights, x * y)
        return scale * (product - _average(measure.weights, x) * _average(measure.weights, y))
    masses = measure.weights.values()
    whole = masses.sum()
    x, y = (k.astype(np.float64) - np.dot(masses, k.astype(np.float64)) / whole for k in (indices[i], indices[j]))
    return float(scale) * float(np.dot(masses, x * y) / whole)


def central_moments(measure: Measure, order: int) -> list[Fraction | float]:
    """The central moments 0, 1, ..., order of a 1-D measure."""
    (index,) = axis_indices(measure)
    step = measure.box.step[0]
    if isinstance(measure.weights, Rational):
        column = index.astype(object)
        raw = [Fraction(1)]
        power = np.ones(len(column), dtype=object)
        for _ in range(order):
            power = power * column
            raw.append(Fraction(_average(measure.weights, power)))
        return [step**k * m for k, m in enumerate(_about(raw, raw[1] if order else Fraction(0)))]
    masses = measure.weights.values()
    whole = masses.sum()
    x = index.astype(np.float64)
    x -= np.dot(masses, x) / whole
    spread = float(step)
    higher: list[Fraction | float] = [spread**k * float(np.dot(masses, x**k) / whole) for k in range(2, order + 1)]
    return [1.0, 0.0, *higher][: order + 1]


def _about(raw: Sequence[Any], center: Any) -> list[Any]:
    """Moments about a point from moments about 0."""
    return [sum(math.comb(k, j) * raw[j] * (-center) ** (k - j) for j in range(k + 1)) for k in range(len(raw))]


def raw_from_central(central: Sequence[Any], mean: Any, order: int) -> Any:
    """The moment about 0 of a given order."""
    return sum(math.comb(order, j) * central[j] * mean ** (order - j) for j in range(order + 1))


def cumulants_from_central(central: Sequence[Any], mean: Any) -> list[Any]:
    """Cumulants 0, 1, ..., n from central moments, by kappa_n = mu_n - sum C(n-1, m-1) kappa_m mu_(n-m)."""
    result: list[Any] = [0, mean]
    for n in range(2, len(central)):
        correction = sum(math.comb(n - 1, m - 1) * result[m] * central[n - m] for m in range(2, n))
        result.append(central[n] - correction)
    return result


def central_from_cumulants(cumulants: Sequence[Any]) -> list[Any]:
    """Central moments 0, 1, ..., n from cumulants (the inverse of the above)."""
    central: list[Any] = [1, 0]
    for n in range(2, len(cumulants)):
        central.append(sum(math.comb(n - 1, m - 1) * cumulants[m] * central[n - m] for m in range(2, n + 1)))
    return central


def entropy(measure: Measure, base: float | None) -> float:
    """- sum p log p, in nats or in units of log(base)."""
    weights = measure.weights
    if isinstance(weights, Rational):
        from distconv.weights.conversion import to_floating

        weights = to_floating(weights, measure.support.size)
    positive = weights.significands > 0
    significands = weights.significands[positive]
    exponents = None if weights.exponents is None else weights.exponents[positive]
    logs = np.log(significands) + (0.0 if exponents is None else exponents * math.log(2))
    value = -float(np.dot(as_doubles(significands, exponents), logs))
    return max(value, 0.0) / (math.log(base) if base is not None else 1.0)
