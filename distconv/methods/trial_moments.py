"""What is asked of trials in arrays without a tilt: ends, cumulants, generating functions, and a digest."""

from __future__ import annotations

import cmath
import math
from collections.abc import Callable
from fractions import Fraction

import numpy as np

from distconv.methods.trial_sums import polynomials
from distconv.methods.trials import Trials
from distconv.typing import AnyArray, Place, Question, Transform

#: Odd numbers that mix bits: Steele, Lea, Flood (2014), SplitMix64.
MIX = (0xBF58476D1CE4E5B9, 0x94D049BB133111EB)


def cumulant(trials: Trials, k: int) -> float:
    """The k-th cumulant, summed in extended precision."""
    total = np.longdouble(0)
    poly = polynomials(k)[-1] if k > 1 else ()
    for chances, copies, values in trials.chunks():
        scale = copies * values**k
        if k == 1:
            total += (scale * chances).sum(dtype=np.longdouble)
            continue
        spread = chances * (1 - chances)
        value = np.full(len(chances), float(poly[-1]))
        for coefficient in poly[-2::-1]:
            value = value * spread + float(coefficient)
        odd = 1 - 2 * chances if k % 2 else 1.0
        total += (scale * spread * value * odd).sum(dtype=np.longdouble)
    return float(total)


def pgf(trials: Trials, z: Place, *, is_angle: bool = False) -> Transform:
    """The product of 1 - p + p z**v, or with z = exp(i angle): sums of logs, in chunks."""
    if not is_angle and isinstance(z, int | float | Fraction) and z > 0:
        real = sum(
            float((copies * np.log1p(chances * (float(z) ** values - 1))).sum(dtype=np.longdouble))
            for chances, copies, values in trials.chunks()
        )
        return math.exp(real) if real < 709.78 else math.inf
    log = 0j
    for chances, copies, values in trials.chunks():
        base = np.exp(1j * complex(z) * values) if is_angle else np.asarray(complex(z)) ** values
        factors = 1 + chances * (base - 1)
        if (factors[copies > 0] == 0).any():
            return 0.0 if not is_angle and not isinstance(z, complex) else 0j
        log += complex((copies * np.log(factors)).sum())
    found = cmath.exp(log) if log.real < 709.78 else complex(math.inf)
    return found if is_angle or isinstance(z, complex) else found.real


def at_each(function: Callable[[float], Transform], t: Question) -> Transform:
    """A function of one number, at one or at each of an array."""
    places: AnyArray = np.asarray(t, dtype=np.float64)
    if places.ndim == 0:
        return function(float(places))
    return np.array([function(float(v)) for v in places.ravel()]).reshape(places.shape)


def digest(trials: Trials) -> tuple[int, int]:
    """Two sums of 64 bits, alike for the same trials in any order."""
    first = second = 0
    for chances, copies, values in trials.chunks():
        words = [_mixed(np.ascontiguousarray(a).view(np.uint64)) for a in (chances + 0.0, values)]
        word = _mixed(words[0] + np.uint64(MIX[0]) * words[1])
        times = copies.astype(np.uint64)
        first += int((word * times).sum(dtype=np.uint64))
        second += int((_mixed(word + np.uint64(1)) * times).sum(dtype=np.uint64))
    return first % 2**64, second % 2**64


def _mixed(words: AnyArray) -> AnyArray:
    """Words whose bits depend on all bits of what they were."""
    for shift, factor in zip((30, 27), MIX, strict=True):
        words = (words ^ (words >> np.uint64(shift))) * np.uint64(factor)
    return np.asarray(words ^ (words >> np.uint64(31)))
