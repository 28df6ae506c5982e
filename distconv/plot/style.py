"""What all pictures share: colours, new Axes, lanes above each other, numbers as text."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, TypeGuard

from distconv import number_format as numbers
from distconv.errors import DistconvError

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from distconv.density import Density
    from distconv.distribution import Distribution
    from distconv.kernel import Kernel
    from distconv.typing import Number, Outcome
    from distconv.walk import Walk

#: Okabe and Ito's colours, by what they stand for: the first law, the second, their products, the answer.
FIRST, SECOND, PRODUCT, ANSWER = "#0072b2", "#e69f00", "#009e73", "#d55e00"
#: For what stands in the background.
GREY, DARK = "#c4c8ce", "#4a4f57"
#: Heat maps of probabilities, and of weights with signs (centred on 0).
HEAT, SIGNED = "viridis", "PuOr_r"
#: Longest fraction, in characters, that is written beside a bar.
LONGEST = 9


# `X.plot()` loads these modules, so they load none of the classes that they draw: each has a member of its own.


def is_law(X: object) -> TypeGuard[Distribution]:
    """Whether it is a law."""
    return hasattr(X, "law")


def is_density(X: object) -> TypeGuard[Density]:
    """Whether it is a piecewise polynomial density."""
    return hasattr(X, "knots")


def is_kernel(X: object) -> TypeGuard[Kernel]:
    """Whether it is a kernel."""
    return hasattr(X, "reflect")


def is_walk(X: object) -> TypeGuard[Walk]:
    """Whether it is a walk."""
    return hasattr(X, "position")


def axes_of(ax: Axes | None, size: tuple[float, float] | None = None) -> Axes:
    """The Axes given, or those of a new figure of a size in inches."""
    if ax is not None:
        return ax
    try:
        from matplotlib import pyplot
    except ImportError:
        raise DistconvError('pictures need matplotlib: pip install "distconv[plot]"') from None
    _, axes = pyplot.subplots(figsize=size, layout="constrained")
    return axes


def open_frame(ax: Axes) -> Axes:
    """Axes without the lines at the top and on the right."""
    ax.spines[["top", "right"]].set_visible(False)
    return ax


def lanes(ax: Axes, heights: Sequence[float], gap: float = 0.1) -> list[Axes]:
    """Axes inside of others, one above the other from the top down, in proportion to some heights, sharing x.

    They are ``ax.child_axes``; the Axes itself shows its title alone.
    """
    ax.set_axis_off()
    unit = (1 - gap * (len(heights) - 1)) / sum(heights)
    found: list[Axes] = []
    top = 1.0
    for height in heights:
        lane = ax.inset_axes((0, top - height * unit, 1, height * unit), sharex=found[0] if found else None)
        found.append(open_frame(lane))
        top -= height * unit + gap
    return found


def short(value: Number) -> str:
    """A number to stand in a picture: a short fraction, else four digits."""
    value = value.item() if hasattr(value, "item") else value
    text = str(value) if isinstance(value, Fraction | int) else ""
    return text if 0 < len(text) <= LONGEST else numbers.general(value)


def place(outcome: Outcome) -> str:
    """An outcome in a picture: vectors in brackets, fractions as 1/2."""
    return f"({', '.join(map(str, outcome))})" if isinstance(outcome, tuple) else str(outcome)
