"""Where a walk may be at every time: a fan of quantiles in 1-D, paths over a heat map in 2-D."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from distconv.checks import check_integer
from distconv.errors import DimensionError, DistconvTypeError
from distconv.plot.laws import plot
from distconv.plot.profiles import double
from distconv.plot.style import ANSWER, DARK, FIRST, axes_of, is_walk, open_frame

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from distconv.typing import RandomState
    from distconv.walk import Walk

#: Central probabilities of the fan's bands, and how strongly each is drawn; the inner ones lie upon the outer.
BANDS = ((99, 0.16), (90, 0.22), (50, 0.32))
#: Times at which a fan of a longer walk is computed, beside those at which it is known.
MOST_TIMES = 80


def plot_walk(walk: Walk, ax: Axes | None = None, *, paths: int = 0, rng: RandomState = None) -> Axes:
    """Where a walk may be: bands that hold 50, 90 and 99 % at every time, its mean, and what is known of it.

    A bridge shows as a fan that closes where the walk is known to be. In 2-D: the law of the last position that is not
    known for certain, with paths across it.

    Args:
        walk: a `Walk` of 1 or 2 dimensions.
        ax: the Axes to draw on; a new figure's where None.
        paths: how many random paths to draw.
        rng: the source of randomness, as in `Walk.paths`.

    Returns:
        The Axes; the bands are its collections, the mean its first line.
    """
    if not is_walk(walk):
        raise DistconvTypeError(f"plot_walk draws a Walk, got {walk!r}; Walk.repeat(X, n) makes one")
    if walk.ndim > 2:
        raise DimensionError(f"a picture has 2 dimensions, this walk {walk.ndim}")
    drawn = check_integer("paths", paths, at_least=0)
    axes = axes_of(ax)
    if walk.ndim == 2:
        return _plane(walk, axes, drawn, rng)
    known = sorted(walk._known)
    times = sorted({round(t) for t in np.linspace(0, len(walk), min(len(walk) + 1, MOST_TIMES))} | set(known))
    laws = [walk.position(t) for t in times]
    for percent, strength in BANDS:
        ends = [law.interval(f"{percent}/100") for law in laws]
        low, high = ([double(v) for v in side] for side in zip(*ends, strict=True))
        axes.fill_between(times, low, high, color=FIRST, alpha=strength, linewidth=0, label=f"{percent} %")
    axes.plot(times, [double(law.mean()) for law in laws], color=FIRST, linewidth=1.5, label="mean")
    if drawn:
        # Drawn over all times, not only over those of the bands.
        axes.plot(walk.paths(drawn, rng).T, color=DARK, linewidth=0.7, alpha=0.7)
    at = [double(walk._known[t][0]) for t in known]
    axes.plot(known, at, "o", color=ANSWER, markersize=6, label="known", zorder=3)
    axes.legend(frameon=False, loc="best")
    axes.set_xlabel("drops")
    axes.set_ylabel("position")
    return open_frame(axes)


def _plane(walk: Walk, ax: Axes, drawn: int, rng: RandomState) -> Axes:
    last = max((t for t in range(len(walk) + 1) if t not in walk._known), default=0)
    plot(walk.position(last), ax)
    for path in walk.paths(drawn, rng) if drawn else ():
        ax.plot(path[:, 0], path[:, 1], color=ANSWER, linewidth=0.9, alpha=0.8)
    places = [[double(v) for v in walk._known[t]] for t in sorted(walk._known)]
    ax.plot([p[0] for p in places], [p[1] for p in places], "o", color=ANSWER, markersize=6, label="known", zorder=3)
    ax.set_title(f"after {last} of {len(walk)} drops")
    return ax
