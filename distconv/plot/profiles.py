"""Laws and densities as points of a picture: doubles, from exact numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from distconv.arrangement import positive_cells
from distconv.errors import DistconvTypeError, DistconvValueError
from distconv.support.sequence import Outcomes

if TYPE_CHECKING:
    from distconv.density import Density
    from distconv.distribution import Distribution
    from distconv.typing import FloatArray

#: Points of a density's curve between its ends.
CURVE_POINTS = 480
#: How far inside of a piece its ends are asked, as a part of its width: far below what a picture shows.
INSIDE = Fraction(1, 10**9)


def double(value: Any) -> float:
    """A coordinate as a double.

    Raises:
        DistconvValueError: it is beyond the doubles.
    """
    try:
        return float(value)
    except OverflowError:
        raise DistconvValueError(
            "a picture's axis ends at 1.8e308, and an outcome lies beyond; scale the law first: X / 10**300"
        ) from None


def profile(law: Distribution) -> tuple[list[Any], FloatArray, FloatArray]:
    """(outcomes, the same as doubles, log10 of their probabilities) of a 1-D law, or of an infinite one's window."""
    measure = law._measure
    outcomes = list(Outcomes(measure.box, positive_cells(measure)))
    x = np.array([double(v) for v in outcomes])
    logs = np.array([float(law.logpmf(v)) for v in outcomes]) / math.log(10)
    return outcomes, x, logs


def curve(density: Density) -> tuple[FloatArray, FloatArray]:
    """(x, density at x), with two points for each knot, so that jumps stand upright."""
    check_numbers(density)
    x, points = between(density.knots)
    heights = [0.0, *(double(density.pdf(v)) for v in points), 0.0]
    return np.array([x[0], *x, x[-1]]), np.array(heights)


def between(knots: Sequence[Any], count: int = CURVE_POINTS) -> tuple[list[float], list[Fraction]]:
    """Places along the pieces between knots, as doubles, and the numbers to ask there, inside of the piece.

    Every piece has some of about `count` places, among them both its ends: at a jump, each piece has its own value.
    """
    ends = [v if isinstance(v, Fraction) else Fraction(double(v)) for v in knots]
    places: list[float] = []
    asked: list[Fraction] = []
    for low, high in pairwise(ends):
        width = high - low
        parts = max(2, math.ceil(count * width / (ends[-1] - ends[0])))
        for i in range(parts + 1):
            share = min(max(Fraction(i, parts), INSIDE), 1 - INSIDE)
            places.append(double(low + width * i / parts))
            asked.append(low + width * share)
    return places, asked


def check_numbers(density: Density) -> None:
    """Refuses densities with letters, which have no points to draw."""
    if density.letters:
        letters = ", ".join(sorted(map(str, density.letters)))
        raise DistconvTypeError(f"a picture needs numbers: give values to {letters}, X.subs({{...}})")
