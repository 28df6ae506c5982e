"""The picture of one law, density or kernel: bars, a line, a heat map."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np

from distconv.errors import DimensionError, DistconvTypeError, DistconvValueError
from distconv.measure.arranging import positive_cells
from distconv.measure.lookup import axis_indices
from distconv.plot.profiles import bar_gap, curve, double, log_weights, profile
from distconv.plot.signed import draw_kernel
from distconv.plot.style import FIRST, HEAT, axes_of, is_density, is_kernel, is_law, open_frame
from distconv.queries.generating import double_weights

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from distconv.density import Density
    from distconv.distribution import Distribution
    from distconv.kernel import Kernel
    from distconv.typing import FloatArray

#: Up to this many outcomes are drawn as bars, more as a line.
MOST_BARS = 150
#: Outcomes are scattered where less than one in so many steps carries weight; up to how many are drawn as stems then.
HOLES = 4
MOST_STEMS = 10_000
#: Longest side of a heat map, in cells.
MOST_CELLS = 4000
#: Part of the largest probability below which a height cannot be told from 0 on a linear scale.
VISIBLE = 1e-3
#: How a law of numbers is drawn.
Marks = Literal["bars", "line", "stems"]
KINDS: tuple[Marks, ...] = get_args(Marks)


def plot(
    X: Distribution | Density | Kernel,
    ax: Axes | None = None,
    *,
    log: bool = False,
    kind: Marks | None = None,
    **style: Any,
) -> Axes:
    """A picture of a law, a density or a kernel: bars or a line in 1-D, a heat map in 2-D.

    Args:
        X: a `Distribution` or `Kernel` of 1 or 2 dimensions, or a `Density`; an infinite law is drawn on its window.
        ax: the Axes to draw on; a new figure's where None.
        log: draw log10 P instead of P, right also far below the smallest double (laws only).
        kind: ``"bars"``, ``"line"`` or ``"stems"``; by default bars for few outcomes, stems for many far apart, else a
            line. Bars are as wide as the outcomes are apart, and never too thin to be seen.
        style: passed on to matplotlib (``color=``, ``label=``, ``cmap=``, ...).

    Returns:
        The Axes.

    Raises:
        DimensionError: more than 2 dimensions.
        DistconvValueError: an unknown kind; log of what is no law.
        DistconvTypeError: neither law nor density nor kernel, or one with letters.
        DistconvError: matplotlib is not installed.
    """
    if kind is not None and kind not in KINDS:
        raise DistconvValueError(f"kind must be one of {', '.join(map(repr, KINDS))}, got {kind!r}")
    if is_law(X):
        return _law(X, ax, log, kind, style)
    if log:
        raise DistconvValueError("log=True draws probabilities of a Distribution; a kernel or density is linear")
    if is_density(X):
        return _density(X, axes_of(ax), style)
    if is_kernel(X):
        return draw_kernel(X, ax, kind, style)
    raise DistconvTypeError(f"plot draws a Distribution, Density or Kernel, got {X!r}")


def _law(X: Distribution, ax: Axes | None, log: bool, kind: Marks | None, style: dict[str, Any]) -> Axes:
    """A law of 1 or 2 dimensions."""
    if X.ndim > 2:
        raise DimensionError(f"a picture has 2 dimensions, this law {X.ndim}; draw X.marginal(0, 1).plot()")
    if X.letters:
        letters = ", ".join(sorted(map(str, X.letters)))
        raise DistconvTypeError(f"a picture needs numbers: give values to {letters}, X.subs({{...}}).plot()")
    axes = axes_of(ax)
    return _heat_map(X, axes, log, style) if X.ndim == 2 else _profile(X, axes, log, kind, style)


def _profile(X: Distribution, ax: Axes, log: bool, kind: Marks | None, style: dict[str, Any]) -> Axes:
    """Bars, a line or stems over the outcomes."""
    alone = not ax.has_data()
    outcomes, x, heights = profile(X)
    if not log:
        heights = 10.0**heights
    floor = math.floor(heights.min()) if log else 0.0
    style.setdefault("color", FIRST)
    kind = kind or ("bars" if len(x) <= MOST_BARS else "stems" if _is_scattered(X, len(x)) else "line")
    if kind == "bars":
        ax.bar(x, heights - floor, width=0.85 * bar_gap(x, x[-1] - x[0]), bottom=floor, **style)
    elif kind == "stems":
        ax.vlines(x, floor, heights, color=style["color"], linewidth=1)
        ax.plot(x, heights, "o", markersize=3, **style)
    else:
        ax.plot(x, heights, linewidth=1.2, **style)
        if not log:
            ax.fill_between(x, heights, alpha=0.2, color=style["color"], linewidth=0)
    if not log:
        # Still growing with what is drawn on the same Axes next.
        ax.set_ylim(bottom=0, auto=True)
        if alone:
            ax.set_xlim(*_visible(x, heights), auto=True)
    if kind == "bars" and len(x) <= 12 and all(isinstance(v, int) for v in outcomes):
        ax.set_xticks(x)
    ax.set_xlabel("outcome")
    ax.set_ylabel("log10 of probability" if log else "probability")
    return open_frame(ax)


def _is_scattered(X: Distribution, outcomes: int) -> bool:
    """Whether a line through the outcomes would show probability where there is none."""
    return outcomes <= MOST_STEMS and X.law.measure.box.size > HOLES * outcomes


def _visible(x: FloatArray, heights: FloatArray) -> tuple[float | None, float | None]:
    """Where heights can be seen, with a margin; (None, None) where that is most of x."""
    visible = x[heights >= VISIBLE * heights.max()]
    if len(visible) < 2 or 2 * (visible[-1] - visible[0]) >= x[-1] - x[0]:
        return None, None
    margin = 0.05 * (visible[-1] - visible[0])
    return float(visible[0] - margin), float(visible[-1] + margin)


def _density(density: Density, ax: Axes, style: dict[str, Any]) -> Axes:
    """A curve with the area below it."""
    x, heights = curve(density)
    style.setdefault("color", FIRST)
    ax.plot(x, heights, linewidth=1.4, **style)
    ax.fill_between(x, heights, alpha=0.2, color=style["color"], linewidth=0)
    ax.set_ylim(bottom=0, auto=True)
    ax.set_xlabel("outcome")
    ax.set_ylabel("density")
    return open_frame(ax)


def _heat_map(X: Distribution, ax: Axes, log: bool, style: dict[str, Any]) -> Axes:
    """Cells coloured by probability; those of probability 0 stay blank."""
    measure = X.law.measure
    box = measure.box
    if max(box.shape) > MOST_CELLS:
        raise DistconvValueError(
            f"a heat map of {box.shape[0]:,} x {box.shape[1]:,} cells is too fine to see "
            f"(at most {MOST_CELLS:,} a side); draw a marginal: X.marginal(0).plot()"
        )
    values = np.full(box.shape, np.nan)
    if log:
        positive = positive_cells(measure)
        rows, columns = positive // box.shape[1], positive % box.shape[1]
        values[rows.astype(np.int64), columns.astype(np.int64)] = log_weights(measure)
    else:
        ranks = [index.astype(np.int64) for index in axis_indices(measure)]
        values[ranks[0], ranks[1]] = double_weights(measure)
        values[values == 0] = np.nan
    edges = [
        double(o) + double(s) * (np.arange(n + 1) - 0.5)
        for o, s, n in zip(box.origin, box.step, box.shape, strict=True)
    ]
    style.setdefault("cmap", HEAT)
    mesh = ax.pcolormesh(edges[0], edges[1], np.ma.masked_invalid(values.T), **style)
    if not log:
        centres = [(e[:-1] + e[1:]) / 2 for e in edges]
        ax.set_xlim(*_visible(centres[0], np.nanmax(values, axis=1, initial=0)))
        ax.set_ylim(*_visible(centres[1], np.nanmax(values, axis=0, initial=0)))
    label = "log10 of probability" if log else "probability"
    ax.get_figure().colorbar(mesh, ax=ax, label=label)  # type: ignore[union-attr]
    ax.set_aspect("equal")
    ax.set_xlabel("outcome[0]")
    ax.set_ylabel("outcome[1]")
    return ax
