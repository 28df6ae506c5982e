"""The sliding picture in motion: a GIF, or a page with a slider."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING, Any

from distconv.checks import check_integer
from distconv.errors import DistconvError, DistconvValueError
from distconv.plot.sliding import SIZE, draw, four_lanes, slide_of
from distconv.plot.style import axes_of, short
from distconv.support.outcomes import read_scalar

if TYPE_CHECKING:
    from os import PathLike

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from PIL.Image import Image

    from distconv.density import Density
    from distconv.distribution import Distribution
    from distconv.typing import ScalarLike

#: Frames drawn where the caller names no totals; of more totals evenly spaced ones.
MOST_FRAMES = 80
#: Dots per inch of a frame: 560 x 528 of them for a new figure.
DPI = 80
#: Colours kept of each frame, which makes a page a fifth as large and shows no difference.
COLOURS = 64


def animate_sliding(
    X: Distribution | Density,
    Y: Distribution | Density,
    path: str | PathLike[str],
    ax: Axes | None = None,
    *,
    totals: Sequence[ScalarLike] | None = None,
    fps: int = 10,
) -> Axes:
    """The picture of `plot_sliding` while the total slides from one end to the other, saved as a file.

    Args:
        X, Y: two `Distribution` objects of 1 dimension, or two `Density` objects.
        path: where to save: ``.gif`` for an animated image, ``.html`` for a page with a slider that needs nothing else.
        ax: the Axes to draw on, whose figure is saved; a new figure's where None.
        totals: the totals, in order; by default all, or about eighty evenly spaced ones.
        fps: frames per second.

    Returns:
        The Axes, which show the last frame.

    Raises:
        DistconvValueError: another kind of file; no totals.
    """
    target = Path(path)
    if target.suffix.lower() not in (".gif", ".html"):
        raise DistconvValueError(f"path must end in .gif or .html, got {str(path)!r}")
    speed = check_integer("fps", fps, at_least=1)
    slide = slide_of(X, Y)
    if totals is None:
        every = slide.totals()
        count = min(len(every), MOST_FRAMES)
        values = [every[round(i * (len(every) - 1) / max(count - 1, 1))] for i in range(count)]
    else:
        values = [Fraction(read_scalar(c, "totals")) for c in totals]
    if not values:
        raise DistconvValueError("totals must name at least one total, got none")
    axes = axes_of(ax, SIZE)
    lanes = four_lanes(axes)
    view = slide.view(min(values), max(values))
    figure: Any = axes.get_figure()
    frames: list[Image] = []
    for c in values:
        draw(slide, c, lanes, view)
        if len(frames) == 1:
            # The first drawing found the places of all parts; kept, so that nothing trembles.
            figure.set_layout_engine("none")
        frames.append(_frame(figure))
    if target.suffix.lower() == ".gif":
        first, *others = frames
        first.save(target, save_all=True, append_images=others, duration=round(1000 / speed), loop=0)
    else:
        labels = [f"c = {short(c)}: {short(slide.answer(c))}" for c in values]
        target.write_text(_page(frames, labels, speed), encoding="utf-8")
    return axes


def _frame(figure: Figure) -> Image:
    """What the figure shows, as an image of few colours."""
    try:
        from PIL import Image
    except ImportError:
        raise DistconvError('animations need pillow: pip install "distconv[plot]"') from None
    drawn = io.BytesIO()
    figure.savefig(drawn, format="png", dpi=DPI)
    return Image.open(drawn).convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)


def _page(frames: Sequence[Image], labels: Sequence[str], fps: int) -> str:
    """A page with the frames inside of it, a slider and a button."""
    data = []
    for frame in frames:
        packed = io.BytesIO()
        frame.save(packed, format="png", optimize=True)
        data.append("data:image/png;base64," + base64.b64encode(packed.getvalue()).decode("ascii"))
    width, height = frames[0].size
    middle = len(frames) // 2
    template = Template((Path(__file__).parent / "slider.html").read_text(encoding="utf-8"))
    return template.substitute(
        frames=json.dumps(data),
        labels=json.dumps(list(labels)),
        label=labels[middle],
        first=data[middle],
        middle=middle,
        last=len(frames) - 1,
        wait=round(1000 / fps),
        width=width,
        height=height,
    )
