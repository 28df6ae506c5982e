"""The tail of a law on a log scale, with the band within which it lies for certain."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np

from distconv import bounds
from distconv import number_format as numbers
from distconv.errors import DimensionError, DistconvTypeError, DistconvValueError
from distconv.measure.arranging import positive_cells
from distconv.missing import NEGLIGIBLE
from distconv.plot.profiles import double
from distconv.plot.style import FIRST, axes_of, is_law, open_frame
from distconv.queries.probabilities import log_beside
from distconv.queries.totals import float_totals
from distconv.support.sequence import Outcomes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from distconv.distribution import Distribution
    from distconv.typing import FloatArray

#: Outcomes drawn at most; of longer laws evenly spaced ones.
MOST_POINTS = 1000
#: Which tail.
Side = Literal["upper", "lower"]
SIDES: tuple[Side, ...] = get_args(Side)


def plot_tail(X: Distribution, ax: Axes | None = None, *, side: Side = "upper", **style: Any) -> Axes:
    """log10 of P(X >= x) against x, or of P(X <= x), with the band within which it lies for certain.

    The band is the law's own statement: rounding (``X.error``, and that of the running totals) below and above, and
    what was cut off (``X.missing``) above. An exact law has none.

    Args:
        X: a law of 1 dimension; an infinite one is drawn on its window.
        ax: the Axes to draw on; a new figure's where None.
        side: ``"upper"`` or ``"lower"``.
        style: passed on to matplotlib (``color=``, ``label=``, ...).

    Returns:
        The Axes; the line is its last line, the band its last collection.

    Raises:
        DimensionError: a law of vectors.
        DistconvValueError: an unknown side.
    """
    if not is_law(X):
        raise DistconvTypeError(f"plot_tail draws a Distribution, got {X!r}")
    if X.ndim > 1:
        raise DimensionError(f"a tail is that of a number, this law is {X.ndim}-D; draw X.marginal(0)")
    if side not in SIDES:
        raise DistconvValueError(f"side must be one of {', '.join(map(repr, SIDES))}, got {side!r}")
    if X.letters:
        raise DistconvTypeError("a picture needs numbers: give values to the letters, X.subs({...})")
    x, logs = _tail(X, side)
    low, high, words = _band(X, logs, side)
    axes = open_frame(axes_of(ax))
    style.setdefault("color", FIRST)
    # A tail is the same from one outcome to the next: steps, not slopes.
    step: Literal["pre", "post"] = "pre" if side == "upper" else "post"
    if words:
        axes.fill_between(x, low, high, step=step, color=style["color"], alpha=0.25, linewidth=0, label=words)
    axes.plot(x, logs, linewidth=1.4, drawstyle=f"steps-{step}", **style)
    if words or "label" in style:
        axes.legend(frameon=False)
    axes.set_xlabel("x")
    axes.set_ylabel(f"log10 of P(X {'>=' if side == 'upper' else '<='} x)")
    return axes


def _tail(X: Distribution, side: str) -> tuple[FloatArray, FloatArray]:
    """(outcomes, log10 of the tail from each of them on)."""
    measure = X.law.measure
    outcomes = Outcomes(measure.box, positive_cells(measure))
    count = len(outcomes)
    ranks = sorted({round(i) for i in np.linspace(0, count - 1, min(count, MOST_POINTS))})
    chosen = [outcomes[i] for i in ranks]
    # Of fractions one by one a picture needs no digit more than of doubles.
    drawn = X.to_float() if X.is_exact and X.is_finite else X
    if side == "lower":
        logs = [drawn.logcdf(v) for v in chosen]
    else:
        # P(X >= x) is P(X > what lies below x), and nothing lies between neighbouring points of the lattice.
        half = Fraction(measure.box.step[0]) / 2
        known = X.missing > NEGLIGIBLE
        logs = [log_beside(measure, v - half, "sf") if known else drawn.logsf(v - half) for v in chosen]
    return np.array([double(v) for v in chosen]), np.array(logs, dtype=float) / math.log(10)


def _band(X: Distribution, logs: FloatArray, side: str) -> tuple[FloatArray, FloatArray, str]:
    """(log10 of the lower end, of the upper end, the bounds in words); no words where there is nothing to bound."""
    error, missing = 0.0, 0.0
    if X.is_finite:
        if not X.is_exact:
            sums = float_totals(X.law.measure)
            error = (sums.tails if side == "upper" else sums.heads).error + bounds.UNIT
        missing = X.missing
    elif not X.is_exact:
        error = X.error + bounds.UNIT
    parts = [f"rounding <= {numbers.rounded_up(error)}"] * bool(error)
    parts += [f"cut off <= {numbers.rounded_up(missing)}"] * bool(missing)
    low = logs + math.log10(1 - error) if error < 1 else np.full_like(logs, -np.inf)
    high = logs + math.log10(1 + error)
    if missing:
        high = np.logaddexp(high * math.log(10), math.log(missing)) / math.log(10)
    return low, np.minimum(high, 0.0), ", ".join(parts)
