"""A kernel at one place of an image, and a kernel as a matrix."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from distconv.errors import DimensionError, DistconvTypeError, DistconvValueError
from distconv.plot.signed import cells, write
from distconv.plot.style import ANSWER, DARK, axes_of, is_kernel, short

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from distconv.kernel import Kernel
    from distconv.typing import AnyArray, ArrayLike, Boundary, Mode, ShapeLike

#: Size of a new figure in inches.
SIZE = (9.0, 3.6)


def plot_kernel_step(
    kernel: Kernel, image: ArrayLike, position: ShapeLike, ax: Axes | None = None, *, correlate: bool = False
) -> Axes:
    """One step of a kernel that slides over an image: the cells it looks at, its weight for each, and their sum.

    Left the image with the window of the kernel; in the middle the products weight x value, cell by cell; right what
    ``kernel.apply(image)`` gives, up to this position in the order of reading.

    Args:
        kernel: a `Kernel` of 1 or 2 dimensions, at whole places.
        image: an array of the kernel's dimension.
        position: the output's place, (row, column), or a number in 1-D.
        ax: the Axes to draw on, which gets three inner ones (``ax.child_axes``); a new figure's where None.
        correlate: as in `Kernel.apply`: the weight of a cell is then kernel[cell - position] instead of
            kernel[position - cell].

    Returns:
        The Axes.

    Raises:
        DimensionError: the image has not the kernel's dimension, or more than 2.
        DistconvValueError: the position is not in the image.
    """
    if not is_kernel(kernel):
        raise DistconvTypeError(f"plot_kernel_step draws a Kernel, got {kernel!r}")
    output = kernel.apply(image, correlate=correlate)
    if output.ndim > 2:
        raise DimensionError(f"a picture has 2 dimensions, this kernel {kernel.ndim}")
    place = tuple(position) if isinstance(position, tuple | list) else (position,)
    if len(place) != output.ndim or not all(
        isinstance(p, int | np.integer) and 0 <= p < n for p, n in zip(place, output.shape, strict=False)
    ):
        raise DistconvValueError(f"position must be a place in the image of shape {output.shape}, got {position!r}")
    pad = (0,) * (2 - output.ndim)
    row, column = (int(v) for v in (*pad, *place))
    values = np.atleast_2d(np.asarray(image))
    source = kernel if correlate else kernel.reflect()
    box = source._taps()
    (up, left), (down, right) = (*pad, *box.low), (*pad, *box.high)
    window = _window(values, row + up, row + down + 1, column + left, column + right + 1)
    products = np.atleast_2d(source.to_array()) * window

    axes = axes_of(ax, SIZE)
    axes.set_axis_off()
    one, two, three = (axes.inset_axes((x, 0.0, width, 0.9)) for x, width in ((0, 0.36), (0.4, 0.2), (0.64, 0.36)))
    one.set_title("image")
    grey = one.imshow(values.astype(float), cmap="gray")
    write(one, values, grey)
    _outline(one, column + left, row + up, right - left + 1, down - up + 1)
    two.set_title("weight x value")
    cells(two, products)
    two.set_xlabel(f"sum = {short(np.atleast_2d(output)[row, column])}", color=ANSWER)
    done = np.atleast_2d(output).astype(float)
    order = np.arange(done.size).reshape(done.shape) <= row * done.shape[1] + column
    three.set_title("output so far")
    cells_done = np.ma.masked_where(~order, done)
    shown = three.imshow(cells_done, cmap="gray", vmin=float(done.min()), vmax=float(done.max()))
    write(three, np.atleast_2d(output), shown, where=order)
    three.set_facecolor("#eef0f3")
    _outline(three, column, row, 1, 1)
    for panel in (one, two, three):
        panel.set_xticks([])
        panel.set_yticks([])
    return axes


def _window(values: AnyArray, top: int, bottom: int, left: int, right: int) -> AnyArray:
    """The values in a window, 0 where it leaves the image."""
    rows, columns = values.shape
    result = np.zeros((bottom - top, right - left), dtype=values.dtype)
    inside = (slice(max(top, 0), min(bottom, rows)), slice(max(left, 0), min(right, columns)))
    part = values[inside]
    result[inside[0].start - top : inside[0].start - top + part.shape[0],
           inside[1].start - left : inside[1].start - left + part.shape[1]] = part  # fmt: skip
    return result


def _outline(ax: Axes, left: float, top: float, width: float, height: float) -> None:
    """A frame around cells."""
    from matplotlib.patches import Rectangle

    ax.add_patch(Rectangle((left - 0.5, top - 0.5), width, height, fill=False, edgecolor=ANSWER, linewidth=2.5))


def plot_matrix(
    kernel: Kernel,
    n: ShapeLike | None = None,
    ax: Axes | None = None,
    *,
    mode: Mode = "same",
    boundary: Boundary = "zero",
    correlate: bool = False,
    stride: ShapeLike = 1,
) -> Axes:
    """A kernel as the matrix that applies it: Toeplitz in 1-D, doubly block Toeplitz in 2-D.

    Args:
        kernel: a `Kernel` of 1 or 2 dimensions.
        n: the signal's length or shape; by default twice as far as the kernel reaches, and two more.
        ax: the Axes to draw on; a new figure's where None.
        mode, boundary, correlate, stride: as in `Kernel.matrix`.

    Returns:
        The Axes; the matrix is its first image.
    """
    if not is_kernel(kernel):
        raise DistconvTypeError(f"plot_matrix draws a Kernel, got {kernel!r}")
    if n is None:
        reach = [int(h - o) + 1 for o, h in zip(kernel._box.origin, kernel._box.high, strict=True)]
        n = tuple(2 * r + 2 for r in reach) if kernel.ndim == 1 else tuple(r + 2 for r in reach)
    matrix = kernel.matrix(n, mode=mode, boundary=boundary, correlate=correlate, stride=stride).toarray()
    axes = axes_of(ax)
    cells(axes, matrix)
    axes.set_xlabel("place of the input")
    axes.set_ylabel("place of the output")
    if kernel.ndim == 2 and not isinstance(n, int):
        block = n[1]
        for edge in range(block, matrix.shape[1], block):
            axes.axvline(edge - 0.5, color=DARK, linewidth=0.7)
        if mode == "same" and stride == 1:
            for edge in range(block, matrix.shape[0], block):
                axes.axhline(edge - 0.5, color=DARK, linewidth=0.7)
    return axes
