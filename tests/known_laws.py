"""Floating laws with a known truth: exact probabilities, and doubles that differ from them by no more than is stated.

Every law is drawn from a seeded `random.Random`, so a case is named by its operation and its seed.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from random import Random

import numpy as np
import oracle
from agreement import stored

from distconv import Distribution
from distconv.laws.finite import Finite
from distconv.measure.arranging import arranged_vectors
from distconv.numbers.doubles import ratio_to_double
from distconv.weights.floating import from_pairs

#: Relative errors that laws are made with; 0 is for laws whose doubles are the truth.
ERRORS = (0.0, 0.0, 1e-15, 1e-12, 1e-9, 1e-6, 1e-4, 1e-2)
#: How weights lie: alike, over the range of doubles, beyond it, one near certainty.
SHAPES = ("flat", "wide", "beyond", "certain")
#: Where supports begin, and their steps.
ORIGINS = (0, 0, 1, -3, Fraction(1, 2), 10**15 + Fraction(1, 3))
STEPS = (1, 1, 2, Fraction(1, 3), Fraction(1, 10))


@dataclass(frozen=True)
class Known:
    """A floating law, and what it stands for.

    Attributes:
        law: what the library holds.
        truth: the exact probabilities by outcome, each within `law.error` of the law's own.
    """

    law: Distribution
    truth: dict

    @property
    def off(self):
        """How far the truth's total is from 1: doubles total 1 but for rounding."""
        return abs(1 - sum(self.truth.values()))


def support(rng: Random, most: int, axis: str) -> list:
    """Ascending outcomes: "any", "whole" numbers from 0 on, or "positive" whole numbers."""
    count = rng.randint(1, most)
    indices = list(range(count)) if rng.random() < 0.5 else sorted(rng.sample(range(3 * most), count))
    if axis == "whole":
        return indices
    if axis == "positive":
        return [i + 1 for i in indices]
    origin, step = rng.choice(ORIGINS), rng.choice(STEPS)
    points = [origin + step * i for i in indices]
    if rng.random() < 0.1:
        points.append(points[-1] + 10**9)
    return points


def shares(rng: Random, count: int, shape: str) -> list[Fraction]:
    """Positive numbers in no proportion: flat, over the range of doubles, beyond it, one near certainty."""
    if shape == "flat":
        return [Fraction(rng.random() + 0.01) for _ in range(count)]
    if shape == "certain":
        rare = [Fraction(rng.randint(1, 9), 10 ** rng.randint(3, 400)) for _ in range(count - 1)]
        rare.insert(rng.randrange(count), Fraction(1))
        return rare
    depth = 1073 if shape == "wide" else 5000
    values = [Fraction(rng.uniform(0.5, 1)) / 2 ** rng.randint(0, depth) for _ in range(count)]
    values[rng.randrange(count)] = Fraction(1)
    return values


def rounded(truth: dict, error: float, rng: Random) -> Distribution:
    """Doubles that are off from the truth by up to `error`, relative; the law states how much that is."""
    pairs, worst = [], Fraction(0)
    for p in truth.values():
        off = rng.choice((-1.0, 1.0, rng.uniform(-1, 1))) * error
        moved = p * (1 + Fraction(off))
        significand, exponent = ratio_to_double(moved.numerator, moved.denominator)
        pairs.append(math.frexp(significand) if not exponent else (significand, exponent))
        held = Fraction(significand) * Fraction(2) ** exponent
        worst = max(worst, abs(held - p) / p)
    significands, shifts = np.frexp([s for s, _ in pairs])
    exponents = shifts + np.array([e for _, e in pairs], dtype=np.int64)
    stated = math.nextafter(float(worst), math.inf) if worst else 0.0
    vectors = [x if isinstance(x, tuple) else (x,) for x in truth]
    return Distribution.of(Finite(arranged_vectors(vectors, from_pairs(significands, exponents, stated))))


def of(rng: Random, truth: dict) -> Known:
    """A floating law of this truth, which is known with some error."""
    return Known(rounded(truth, rng.choice(ERRORS), rng), dict(sorted(truth.items())))


def known(rng: Random, most: int = 5, axis: str = "any", ndim: int = 1, shapes: tuple = SHAPES) -> Known:
    """A law made of doubles, or of numbers known with an error."""
    if ndim == 1:
        points = support(rng, most, axis)
    else:
        sides = [support(rng, 3, axis) for _ in range(ndim)]
        cells = sorted({tuple(rng.choice(side) for side in sides) for _ in range(rng.randint(1, most))})
        points = cells
    masses = shares(rng, len(points), rng.choice(shapes))
    total = sum(masses)
    truth = {x: m / total for x, m in zip(points, masses, strict=True)}
    if rng.random() < 0.6:
        return of(rng, truth)
    doubles = {x: float(p) for x, p in truth.items() if float(p)}
    law = Distribution(doubles)
    return Known(law, stored(law))


def operand(rng: Random, most: int = 5, axis: str = "any", ndim: int = 1) -> Known:
    """A law as `known` makes them, or what an earlier operation made of such laws."""
    x = known(rng, most, axis, ndim)
    made = rng.random()
    if made < 0.7:
        return x
    if made < 0.8:
        y = known(rng, 3, axis, ndim)
        return Known(x.law + y.law, dict(sorted(oracle.convolve(x.truth, y.truth).items())))
    kept = set(rng.sample(list(x.truth), rng.randint(1, len(x.truth))))
    return Known(x.law.given(lambda v: v in kept), oracle.given(x.truth, lambda v: v in kept))
