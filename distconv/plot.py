"""Pictures of laws on matplotlib Axes (the ``plot`` extra). Every function takes and returns an Axes."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from distconv.arrangement import positive_cells
from distconv.errors import DimensionError, DistconvError, DistconvValueError
from distconv.generating import double_weights
from distconv.moments import axis_indices
from distconv.support.sequence import Outcomes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: The blue of Okabe and Ito's palette, which colour-blind readers tell apart from its other colours.
BLUE = "#0072b2"
#: Up to this many outcomes are drawn as bars, more as a line.
MOST_BARS = 150
#: Longest side of a heat map, in cells.
MOST_CELLS = 4000
#: Part of the largest probability below which a height cannot be told from 0 on a linear scale.
VISIBLE = 1e-3
KINDS = ("bars", "line", "stems")


def plot(law: Any, ax: Axes | None = None, *, log: bool = False, kind: str | None = None, **style: Any) -> Axes:
    """A picture of the PMF: bars or a line in 1-D, a heat map in 2-D.

    Args:
        law: a `Distribution` of 1 or 2 dimensions; an infinite one is drawn on its window.
        ax: the Axes to draw on; a new figure's where None.
        log: draw log10 P instead of P, right also far below the smallest double.
        kind: ``"bars"``, ``"line"`` or ``"stems"``; by default bars for few outcomes, a line for many.
        style: passed on to matplotlib (``color=``, ``label=``, ``cmap=``, ...).

    Returns:
        The Axes.

    Raises:
        DimensionError: more than 2 dimensions.
        DistconvValueError: an unknown kind.
        DistconvError: matplotlib is not installed.
    """
    if law.ndim > 2:
        raise DimensionError(f"a picture has 2 dimensions, this law {law.ndim}; draw X.marginal(0, 1).plot()")
    if kind is not None and kind not in KINDS:
        raise DistconvValueError(f"kind must be one of {', '.join(map(repr, KINDS))}, got {kind!r}")
    axes = _axes(ax)
    return _heat_map(law, axes, log, style) if law.ndim == 2 else _profile(law, axes, log, kind, style)


def _axes(ax: Axes | None) -> Axes:
    """The Axes given, or those of a new figure."""
    if ax is not None:
        return ax
    try:
        from matplotlib import pyplot
    except ImportError:
        raise DistconvError('pictures need matplotlib: pip install "distconv[plot]"') from None
    _, axes = pyplot.subplots(layout="constrained")
    return axes


def _log10(law: Any, outcomes: list[Any]) -> np.ndarray:
    """log10 of the probabilities of some outcomes of a law's window."""
    return np.array([float(law.logpmf(x)) for x in outcomes]) / math.log(10)


def _profile(law: Any, ax: Axes, log: bool, kind: str | None, style: dict[str, Any]) -> Axes:
    """Bars, a line or stems over the outcomes."""
    measure = law._measure
    outcomes = list(Outcomes(measure.box, positive_cells(measure)))
    x = np.array([float(v) for v in outcomes])  # type: ignore[arg-type]
    heights = _log10(law, outcomes)
    if not log:
        heights = 10.0**heights
    floor = math.floor(heights.min()) if log else 0.0
    style.setdefault("color", BLUE)
    kind = kind or ("bars" if len(x) <= MOST_BARS else "line")
    if kind == "bars":
        gap = float(np.diff(x).min()) if len(x) > 1 else 1.0
        ax.bar(x, heights - floor, width=0.85 * gap, bottom=floor, **style)
    elif kind == "stems":
        ax.vlines(x, floor, heights, color=style["color"], linewidth=1)
        ax.plot(x, heights, "o", markersize=3, **style)
    else:
        ax.plot(x, heights, linewidth=1.2, **style)
        if not log:
            ax.fill_between(x, heights, alpha=0.2, color=style["color"], linewidth=0)
    if not log:
        ax.set_ylim(bottom=0)
        _zoom(ax, x, heights)
    if kind == "bars" and len(x) <= 12 and all(isinstance(v, int) for v in outcomes):
        ax.set_xticks(x)
    ax.set_xlabel("outcome")
    ax.set_ylabel("log10 of probability" if log else "probability")
    return ax


def _zoom(ax: Axes, x: np.ndarray, heights: np.ndarray) -> None:
    """Narrows the view to the outcomes whose probability can be seen, where most of the width would be empty."""
    visible = x[heights >= VISIBLE * heights.max()]
    if 2 * (visible[-1] - visible[0]) < x[-1] - x[0] and len(visible) > 1:
        margin = 0.05 * (visible[-1] - visible[0])
        ax.set_xlim(visible[0] - margin, visible[-1] + margin)


def _heat_map(law: Any, ax: Axes, log: bool, style: dict[str, Any]) -> Axes:
    """Cells coloured by probability; those of probability 0 stay blank."""
    measure = law._measure
    box = measure.box
    if max(box.shape) > MOST_CELLS:
        raise DistconvValueError(
            f"a heat map of {box.shape[0]:,} x {box.shape[1]:,} cells is too fine to see "
            f"(at most {MOST_CELLS:,} a side); draw a marginal: X.marginal(0).plot()"
        )
    ranks = [index.astype(np.int64) for index in axis_indices(measure)]
    outcomes = Outcomes(box, positive_cells(measure))
    values = np.full(box.shape, np.nan)
    if log:
        positive = positive_cells(measure)
        rows, columns = positive // box.shape[1], positive % box.shape[1]
        values[rows.astype(np.int64), columns.astype(np.int64)] = _log10(law, list(outcomes))
    else:
        values[ranks[0], ranks[1]] = double_weights(law._measure)
        values[values == 0] = np.nan
    edges = [
        float(o) + float(s) * (np.arange(n + 1) - 0.5) for o, s, n in zip(box.origin, box.step, box.shape, strict=True)
    ]
    style.setdefault("cmap", "viridis")
    mesh = ax.pcolormesh(edges[0], edges[1], np.ma.masked_invalid(values.T), **style)
    label = "log10 of probability" if log else "probability"
    ax.get_figure().colorbar(mesh, ax=ax, label=label)  # type: ignore[union-attr]
    ax.set_aspect("equal")
    ax.set_xlabel("outcome[0]")
    ax.set_ylabel("outcome[1]")
    return ax
