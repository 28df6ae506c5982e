"""All the ways to split a total, and their sum."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from distconv.errors import DistconvTypeError, DistconvValueError
from distconv.plot.style import HEAT, axes_of, is_law, open_frame, place, short
from distconv.support.outcomes import as_outcome, read_outcome, read_vector, whole

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from distconv.distribution import Distribution
    from distconv.typing import Outcome, OutcomeLike

#: Colours of the ways where they are few: Okabe and Ito's, yellow left out, which is pale on white.
FEW = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#7f7f7f", "#332288")
#: Up to this many ways carry their split and their probability as text.
MOST_LABELLED = 12
#: Text just above a bar.
ABOVE: dict[str, Any] = {"xytext": (0, 3), "textcoords": "offset points", "ha": "center", "fontsize": "small"}


def plot_partitions(X: Distribution, Y: Distribution, total: OutcomeLike, ax: Axes | None = None) -> Axes:
    """All the ways a + b = c to split a total, each as a bar of height f(a) g(b), and their sum as a stack of them.

    Args:
        X, Y: laws of one dimension, the laws of a and of b; vectors, too.
        total: c, an outcome of X + Y.
        ax: the Axes to draw on; a new figure's where None.

    Returns:
        The Axes. Its first bars are the ways, in the order of a; the stack follows.

    Raises:
        DistconvValueError: X + Y is never c.
    """
    for law in (X, Y):
        if not is_law(law):
            raise DistconvTypeError(f"the partitions of a total are those of two Distributions, got {law!r}")
    if X.letters or Y.letters:
        raise DistconvTypeError("a picture needs numbers: give values to the letters, X.subs({...})")
    answer = (X + Y).pmf(read_outcome(total, "total"))
    if not answer:
        raise DistconvValueError(f"X + Y is never {total}, so there is nothing to split; see (X + Y).support")
    ways = X.given_sum(Y, total)
    firsts = list(ways.support)
    heights = np.array([float(ways.pmf(a)) for a in firsts]) * float(answer)
    count = len(firsts)
    axes = open_frame(axes_of(ax))
    colours = _colours(count)
    axes.bar(range(count), heights, color=colours, width=0.85)
    # The stack stands apart, and is wide enough to be seen beside many ways.
    width = max(0.85, 0.1 * count)
    middle = count - 0.5 + 1.4 * width
    below = np.concatenate([[0.0], np.cumsum(heights)[:-1]])
    axes.bar([middle] * count, heights, bottom=below, color=colours, width=width)
    c = place(as_outcome(read_vector(total, X.ndim, "total")))
    shown = range(count) if count <= MOST_LABELLED else sorted({0, count // 2, count - 1})
    labels = [_split(X, firsts[i], total) for i in shown]
    axes.set_xticks([*shown, middle], [*labels, f"total {c}"])
    if count <= MOST_LABELLED:
        for i, a in enumerate(firsts):
            axes.annotate(short(X.pmf(a) * Y.pmf(_rest(X, a, total))), (i, heights[i]), **ABOVE)
    axes.annotate(short(answer), (middle, heights.sum()), **ABOVE, fontweight="bold")
    axes.set_ylim(0, 1.1 * heights.sum())
    axes.set_xlabel("first + second")
    axes.set_ylabel("probability f(a) g(b)")
    return axes


def _rest(X: Distribution, a: Outcome, total: OutcomeLike) -> Outcome:
    """What is left for the second after a."""
    ends, first = (read_vector(v, X.ndim, "total") for v in (total, a))
    return as_outcome(tuple(whole(Fraction(c) - v) for c, v in zip(ends, first, strict=True)))


def _split(X: Distribution, a: Outcome, total: OutcomeLike) -> str:
    b = _rest(X, a, total)
    return f"{place(a)} + {place(b)}" if isinstance(b, tuple) or b >= 0 else f"{place(a)} - {place(-b)}"


def _colours(count: int) -> list[Any]:
    """One colour for each way: distinct where they are few, running through a scale where they are many."""
    if count <= len(FEW):
        return list(FEW[:count])
    from matplotlib import colormaps

    return [colormaps[HEAT](0.9 * i / (count - 1)) for i in range(count)]
