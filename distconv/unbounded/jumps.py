"""Compound Poisson laws by their jumps, and sums of them as one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from distconv import convolution
from distconv.distribution import Distribution
from distconv.transforms import mixing


@dataclass(frozen=True, slots=True, eq=False)
class Jumps:
    """The jumps of a compound Poisson law: how many are expected, and the finite law of one.

    Attributes:
        rate: the expected number of jumps.
        law: the law of one jump.
        poisson: makes the Poisson law of a rate.
    """

    rate: Fraction
    law: Distribution
    poisson: Callable[[Fraction], Distribution]


def joined(parts: list[tuple[Jumps, int]]) -> Jumps:
    """The jumps of the sum of so many copies of each: rates add up, and a jump is one of the parts' by its share.

    Shares are exact, the weights doubles: of many exact laws they have no short common denominator.
    """
    total = sum((n * jumps.rate for jumps, n in parts), start=Fraction(0))
    shares = [(n * jumps.rate / total, convolution.as_floating(jumps.law._measure)) for jumps, n in parts]
    return Jumps(total, Distribution._of(mixing.mixed(shares)), parts[0][0].poisson)
