"""The cells into which a law of scipy.stats is cut: their edges, their probabilities, and which of them count."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import get_args

import numpy as np

from distconv import bounds
from distconv.errors import DistconvValueError, SizeLimitError
from distconv.interop.scipy_law import QUADRATURE_ERROR, Law
from distconv.planning import costs, human_bytes
from distconv.settings import current_settings
from distconv.typing import AnyArray, Cells, FloatArray, Rounding, Scalar

#: Where the cell of x lies, in steps from x: its lower edge. The upper edge is one step above.
ROUNDINGS: dict[Rounding, Fraction] = {"nearest": Fraction(-1, 2), "down": Fraction(0), "up": Fraction(-1)}
#: The words for what becomes of a cell's probability.
CELLS = get_args(Cells)
#: Relative error past which a cell of a continuous law is no longer kept: its probability is counted as missing. Where
#: scipy integrates, in units of its own error: no cell would be fine enough otherwise.
CELL_ERROR = 1e-5
CELL_CANCELLATION = 2.0**12
#: The smallest tail that a refusal proposes.
LEAST_TAIL = 1e-15
#: An sf that is computed as 1 - cdf and stays put below this, while the window doubles, is rounding.
STALLED = 2.0**-40


def edges_of(start: int, stop: int, step: Scalar, shift: Fraction) -> tuple[FloatArray, bool]:
    """(k + shift) * step for the integers k from start to stop - 1, each rounded once; whether all are exact."""
    unit = Fraction(step) / 2
    first, last = int(2 * (start + shift)), int(2 * (stop - 1 + shift))
    if max(abs(first), abs(last)) * unit.numerator < 2**53 and unit.denominator < 2**53:
        numerators = np.arange(first, last + 1, 2) * unit.numerator
        return numerators / float(unit.denominator), unit.denominator & (unit.denominator - 1) == 0
    return np.array([float((k + shift) * step) for k in range(start, stop)]), False


def cells_of(law: Law, edges: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The probabilities between neighbouring edges, and bounds on their absolute errors."""
    components = getattr(law.frozen, "components", None)
    if components is not None:
        # Each component from its own tails: the gap between two modes is where the mixture's cdf has no digits left.
        laws = [Law.of(component) for component in components]
        parts = [cells_of(part, np.clip(edges, part.low, part.high)) for part in laws]
        shares = [float(share) for share in law.frozen.weights]
        masses = sum(share * mass for share, (mass, _) in zip(shares, parts, strict=True))
        errors = sum(share * error for share, (_, error) in zip(shares, parts, strict=True))
        return np.asarray(masses), np.asarray(errors) + len(parts) * bounds.UNIT * np.asarray(masses)
    below, above = law.cdf(edges), law.sf(edges)
    # Each cell from its own small end: differences of the sf above the median keep the upper tail's digits.
    lower = below[1:] <= 0.5
    masses = np.where(lower, np.diff(below), -np.diff(above))
    below_error, above_error = law.tail_error("cdf", below), law.tail_error("sf", above)
    # At the ends of the support there is nothing to err about.
    below_error[edges <= law.low] = 0.0
    above_error[edges >= law.high] = 0.0
    errors = np.where(lower, below_error[1:] + below_error[:-1], above_error[1:] + above_error[:-1])
    return masses, errors


def are_unresolved(law: Law, masses: FloatArray, errors: FloatArray) -> AnyArray:
    """Which cells err by too much of themselves to be kept."""
    found: AnyArray = errors > max(CELL_ERROR, CELL_CANCELLATION * law.formula_error) * masses
    return found


def index_of(end: float, step: Scalar, rounding: Rounding) -> int:
    """The number of the cell that holds a point: its lower edge is at or below it."""
    return math.floor(Fraction(end) / step - ROUNDINGS[rounding])


def window_of(
    law: Law,
    tail: float,
    index: Callable[[float], int],
    under: Callable[[int], float],
    over: Callable[[int], float],
) -> tuple[int, int]:
    """(low, high): the first and last index to read.

    An end of the support is kept where it is finite and the support fits in memory; otherwise it is cut as close as
    scipy's own account of what lies under or over an index allows.
    """
    most = current_settings().max_bytes // costs.SCIPY_POINT_BYTES
    fits = math.isfinite(law.low) and math.isfinite(law.high) and index(law.high) - index(law.low) < most
    cut_low, cut_high = not fits and _is_cut(law.low, law), not fits and _is_cut(law.high, law)
    share = (tail - (law.resolution if cut_high else 0.0)) / max(cut_low + cut_high, 1) * (1 - 2 * QUADRATURE_ERROR)
    if share <= 0 and (cut_low or cut_high):
        raise _unresolved(law, law.resolution, tail)
    middle = law.median()
    if not math.isfinite(middle):
        raise DistconvValueError(f"{law.name} has no finite median (scipy says {middle}); are its parameters right?")
    start = index(middle)
    low = start - _reach(lambda j: under(start - j), share, most, law) if cut_low else index(law.low)
    high = start + _reach(lambda j: over(start + j), share, most, law) if cut_high else index(law.high)
    if high - low >= most:
        raise _too_many(law, most)
    return low, max(low, high)


def _is_cut(end: float, law: Law) -> bool:
    """Whether an end of a support that does not fit is cut: an infinite one, or any of one that is merely long."""
    return math.isinf(end) or (math.isfinite(law.low) and math.isfinite(law.high))


def _reach(outside: Callable[[int], float], share: float, most: int, law: Law) -> int:
    """The least distance beyond which at most `share` lies; scipy's inverses stop short of such levels, or fail."""
    near, far = -1, 0
    before, beyond = 1.0, outside(0)
    while not beyond <= share:
        near, far = far, max(1, 2 * far)
        if far > most:
            raise _too_many(law, most)
        before, beyond = beyond, outside(far)
        if law.resolution and share < beyond == before < STALLED:
            raise _unresolved(law, beyond, share)
    while far - near > 1:
        middle = (near + far) // 2
        if outside(middle) <= share:
            far = middle
        else:
            near = middle
    return far


def _unresolved(law: Law, level: float, tail: float) -> DistconvValueError:
    """The refusal of a tail that an sf computed as 1 - cdf does not tell from 0."""
    return DistconvValueError(
        f"scipy computes the sf of {law.name} as 1 - cdf, which resolves nothing below {level:.2g}, and {tail:.2g} was "
        f"asked of it; pass a larger tail, tail={10.0 ** math.ceil(math.log10(max(4 * level, LEAST_TAIL))):g} say"
    )


def _too_many(law: Law, most: int) -> SizeLimitError:
    """The refusal of a window with too many points."""
    limit = human_bytes(current_settings().max_bytes)
    ways = "a larger tail=" if law.is_discrete else "a coarser step=, a larger tail="
    return SizeLimitError(
        f"{law.name} needs more than {most:,} outcomes, the limit of {limit}; use {ways}, or raise the limit: "
        "with distconv.settings(max_bytes=...): ..."
    )
