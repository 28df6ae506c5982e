"""Kernels and matrices: weights with signs, in colours that are pale at 0."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from distconv.errors import DimensionError, DistconvTypeError
from distconv.plot.profiles import double
from distconv.plot.style import ANSWER, DARK, FIRST, SIGNED, axes_of, open_frame, short

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from matplotlib.axes import Axes
    from matplotlib.image import AxesImage

    from distconv.kernel import Kernel
    from distconv.typing import AnyArray

#: Up to this many cells a heat map has its numbers written on it.
MOST_WRITTEN = 150


def draw_kernel(kernel: Kernel, ax: Axes | None, kind: str | None, style: dict[str, Any]) -> Axes:
    """The weights of a kernel: bars from 0 up and down in 1-D, a heat map with the numbers in 2-D."""
    if kernel.kind == "symbolic":
        raise DistconvTypeError("a picture needs numbers; this kernel's weights are letters")
    if kernel.ndim > 2:
        raise DimensionError(f"a picture has 2 dimensions, this kernel {kernel.ndim}")
    axes = axes_of(ax)
    weights = kernel.to_dict()
    if kernel.ndim == 2:
        from matplotlib.ticker import MaxNLocator

        cells(axes, kernel.to_array(), kernel._grid.origin, kernel._grid.step, **style)
        for axis in (axes.xaxis, axes.yaxis):
            axis.set_major_locator(MaxNLocator(integer=True))
        axes.set_xlabel("place[1]")
        axes.set_ylabel("place[0]")
        return axes
    x = np.array([double(v) for v in weights])
    heights = np.array([float(w) for w in weights.values()])
    axes.axhline(0, color=DARK, linewidth=0.8)
    if kind in (None, "bars"):
        colours = style.pop("color", [FIRST if h >= 0 else ANSWER for h in heights])
        axes.bar(x, heights, width=0.85 * (float(np.diff(x).min()) if len(x) > 1 else 1.0), color=colours, **style)
    else:
        style.setdefault("color", FIRST)
        if kind == "stems":
            axes.vlines(x, 0, heights, color=style["color"], linewidth=1)
        axes.plot(x, heights, *(["o"] if kind == "stems" else []), **style)
    axes.set_xlabel("place")
    axes.set_ylabel("weight")
    return open_frame(axes)


def cells(
    ax: Axes,
    values: AnyArray,
    origin: Sequence[float | Fraction] = (0, 0),
    step: Sequence[float | Fraction] = (1, 1),
    **style: Any,
) -> AxesImage:
    """A matrix as cells, the first row on top, its numbers written where there is room; the image.

    Colours are centred on 0: purple below, orange above.
    """
    numbers = np.asarray(values, dtype=float)
    largest = float(np.abs(numbers).max()) or 1.0
    (top, left), (height, width) = ([float(v) for v in pair] for pair in (origin, step))
    rows, columns = numbers.shape
    edges = (left - width / 2, left + (columns - 0.5) * width, top + (rows - 0.5) * height, top - height / 2)
    style = {"cmap": SIGNED, "vmin": -largest, "vmax": largest, **style}
    image = ax.imshow(numbers, extent=edges, aspect="equal", **style)
    write(ax, np.asarray(values), image, origin, step)
    return image


def write(
    ax: Axes,
    values: AnyArray,
    image: AxesImage,
    origin: Sequence[float | Fraction] = (0, 0),
    step: Sequence[float | Fraction] = (1, 1),
    where: AnyArray | None = None,
) -> None:
    """Writes the numbers of a small matrix into its cells, or into some, light on dark and dark on light."""
    if values.size > MOST_WRITTEN:
        return
    size, norm = min(9.0, 70.0 / max(values.shape)), cast("Callable[[float], float]", image.norm)
    for (i, j), value in np.ndenumerate(values):
        if where is not None and not where[i, j]:
            continue
        red, green, blue, _ = image.cmap(norm(float(value)))
        dark = 0.299 * red + 0.587 * green + 0.114 * blue < 0.5
        x, y = float(origin[1]) + j * float(step[1]), float(origin[0]) + i * float(step[0])
        text = short(value)
        ax.text(x, y, text, ha="center", va="center", fontsize=size, color="white" if dark else "black")
