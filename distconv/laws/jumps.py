"""Compound Poisson laws by their jumps."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from distconv.laws.law import Law


@dataclass(frozen=True, slots=True, eq=False)
class Jumps:
    """The jumps of a compound Poisson law: how many are expected, and the finite law of one.

    Attributes:
        rate: the expected number of jumps.
        law: the law of one jump.
        poisson: makes the Poisson law of a rate.
    """

    rate: Fraction
    law: Law
    poisson: Callable[[Fraction], Law]
