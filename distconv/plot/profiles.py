"""Laws and densities as points of a picture: doubles, from exact numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from distconv.errors import DistconvTypeError, DistconvValueError
from distconv.measure.arranging import positive_cells
from distconv.support.sequence import Outcomes

if TYPE_CHECKING:
    from distconv.density import Density
    from distconv.distribution import Distribution
    from distconv.measure import Measure
    from distconv.support.lattice import Lattice
    from distconv.typing import AnyArray, FloatArray, Number

#: Points of a density's curve between its ends.
CURVE_POINTS = 480
#: So many of the thinnest bars fill a picture from side to side: each is wider than a pixel.
BARS_ACROSS = 300
#: Integers below this are doubles.
EXACT_DOUBLES = 2**53
#: How far inside of a piece its ends are asked, as a part of its width: far below what a picture shows.
INSIDE = Fraction(1, 10**9)


def double(value: Number) -> float:
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


def profile(X: Distribution) -> tuple[Sequence[Any], FloatArray, FloatArray]:
    """(outcomes, the same as doubles, log10 of their probabilities) of a 1-D law, or of an infinite one's window."""
    measure = X.law.measure
    cells = positive_cells(measure)
    return Outcomes(measure.box, cells), coordinates(measure.box, cells, 0), log_weights(measure)


def bar_gap(x: FloatArray, across: float) -> float:
    """The least distance of neighbouring points, or what is still seen of a picture so wide where that is more."""
    return max(float(np.diff(x).min()) if len(x) > 1 else 1.0, across / BARS_ACROSS)


def coordinates(box: Lattice, index: AnyArray, axis: int) -> FloatArray:
    """Places on an axis of a lattice, as doubles."""
    origin, step, high = box.origin[axis], box.step[axis], box.high[axis]
    if type(origin) is int and type(step) is int and max(abs(origin), abs(int(high))) < EXACT_DOUBLES:
        return np.asarray(origin + step * index.astype(np.int64), dtype=np.float64)
    return np.array([double(origin + step * int(i)) for i in index.tolist()])


def log_weights(measure: Measure) -> FloatArray:
    """log10 of the positive weights, right also far below the smallest double."""
    weights = measure.weights.as_floating()
    positive = weights.take(weights.positive())
    logs = np.log10(positive.significands)
    return np.asarray(logs if positive.exponents is None else logs + positive.exponents * math.log10(2))


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
