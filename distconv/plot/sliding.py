"""The whole of a convolution at one total: reflect, shift, multiply, add."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Literal

import numpy as np

from distconv.errors import DimensionError, DistconvTypeError
from distconv.plot.laws import MOST_BARS
from distconv.plot.profiles import bar_gap, between, check_numbers, curve, double, profile
from distconv.plot.style import ANSWER, FIRST, GREY, PRODUCT, SECOND, axes_of, is_density, is_law, lanes, place, short
from distconv.support.outcomes import read_scalar, whole

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from distconv.density import Density
    from distconv.distribution import Distribution
    from distconv.typing import Exact, FloatArray, Probability, ScalarLike

#: Size of a new figure in inches.
SIZE = (7.0, 6.6)


def plot_sliding(
    X: Distribution | Density, Y: Distribution | Density, total: ScalarLike, ax: Axes | None = None
) -> Axes:
    """The sum of two laws at one total as a single picture: reflect, shift, multiply, add.

    From the top down: f, the law of X; g, the law of Y, turned around and shifted to the total c, so that below every a
    stands g(c - a); the products where the two overlap; and f * g, whose value at c is the sum of the products (the
    area below them, for densities).

    Args:
        X, Y: two `Distribution` objects of 1 dimension, or two `Density` objects.
        total: c, any number.
        ax: the Axes to draw on, which gets four inner ones (``ax.child_axes``); a new figure's where None.

    Returns:
        The Axes.

    Raises:
        DimensionError: laws of vectors.
        DistconvTypeError: a law with a density, laws with letters, or other things.
    """
    slide = slide_of(X, Y)
    c = Fraction(read_scalar(total, "total"))
    axes = axes_of(ax, SIZE)
    draw(slide, c, four_lanes(axes), slide.view(c, c))
    return axes


@dataclass(frozen=True)
class Part:
    """What stands in one lane: bars or a filled line, in a colour."""

    x: FloatArray
    heights: FloatArray
    #: The distance of neighbouring bars; 0 for a density.
    gap: float


class LatticeSlide:
    """Two finite laws, or the windows of infinite ones."""

    def __init__(self, X: Distribution, Y: Distribution) -> None:
        self.sum = X + Y
        self.places, x, f = profile(X)
        self.others, y, g = profile(Y)
        _, c, h = profile(self.sum)
        # While the second law slides, it stands as far out as it is wide.
        across = c[-1] - c[0] + y[-1] - y[0]
        self.gap = min(bar_gap(x, across), bar_gap(y, across))
        self.first, self.second = Part(x, 10**f, self.gap), Part(y, 10**g, self.gap)
        self.result = Part(c, 10**h, self.gap)
        self._weight = dict(zip(self.others, self.second.heights, strict=True))

    def reflected(self, c: Fraction) -> Part:
        """The second law, turned around and shifted: g(c - a) at a."""
        return Part(np.array([double(c - b) for b in reversed(self.others)]), self.second.heights[::-1], self.gap)

    def product(self, c: Fraction) -> Part:
        """f(a) g(c - a) wherever both are."""
        below = np.array([self._weight.get(whole(c - a), 0.0) for a in self.places])
        return Part(self.first.x, self.first.heights * below, self.gap)

    def answer(self, c: Fraction) -> Probability:
        """P(X + Y = c)."""
        return self.sum.pmf(whole(c))

    def totals(self) -> list[Fraction]:
        """All totals, from one step before the first to one behind the last."""
        found = [Fraction(v) for v in profile(self.sum)[0]]
        step = found[1] - found[0] if len(found) > 1 else Fraction(1)
        return [found[0] - step, *found, found[-1] + step]

    def view(self, first: Fraction, last: Fraction) -> tuple[float, float]:
        """The stretch of x that shows everything while c goes from one total to another."""
        return _view(self, self.second.x, first, last)


class DensitySlide:
    """Two piecewise polynomial densities."""

    def __init__(self, X: Density, Y: Density) -> None:
        check_numbers(X)
        check_numbers(Y)
        self.gap = 0.0
        self.sum, self._one, self._two = X + Y, X, Y
        self.first, self.second, self.result = (Part(*curve(d), 0.0) for d in (X, Y, self.sum))

    def reflected(self, c: Fraction) -> Part:
        """The second density, turned around and shifted: g(c - a) at a."""
        return Part(double(c) - self.second.x[::-1], self.second.heights[::-1], 0.0)

    def product(self, c: Fraction) -> Part:
        """f(a) g(c - a), piece by piece between the knots of both."""
        knots = sorted({*self._one.knots, *(c - k for k in self._two.knots)})
        places, asked = between(knots)
        heights = [double(self._one.pdf(a) * self._two.pdf(c - a)) for a in asked]
        return Part(np.array(places), np.array(heights), 0.0)

    def answer(self, c: Fraction) -> Exact:
        """The density of the sum at c."""
        return self.sum.pdf(c)

    def totals(self) -> list[Fraction]:
        """Totals in even steps, from a little before the support of the sum to a little behind it."""
        low, high = (Fraction(double(k)) for k in (self.sum.knots[0], self.sum.knots[-1]))
        steps = 40
        return [low + (high - low) * i / steps for i in range(-2, steps + 3)]

    def view(self, first: Fraction, last: Fraction) -> tuple[float, float]:
        """The stretch of x that shows everything while c goes from one total to another."""
        return _view(self, self.second.x, first, last)


Slide = LatticeSlide | DensitySlide


def slide_of(X: Distribution | Density, Y: Distribution | Density) -> Slide:
    """What is drawn of two laws, or of two densities."""
    if is_density(X) and is_density(Y):
        return DensitySlide(X, Y)
    if not (is_law(X) and is_law(Y)):
        raise DistconvTypeError(
            f"the sliding picture takes two Distributions or two Densities, got {X!r} and {Y!r}; "
            "a Density becomes a Distribution by X.discretize(step)"
        )
    if X.ndim > 1 or Y.ndim > 1:
        raise DimensionError("the sliding picture is for numbers; draw a marginal of each law: X.marginal(0)")
    if X.letters or Y.letters:
        raise DistconvTypeError("a picture needs numbers: give values to the letters, X.subs({...})")
    return LatticeSlide(X, Y)


def four_lanes(ax: Axes) -> list[Axes]:
    """The inner Axes of the picture, from the top down."""
    return lanes(ax, (1, 1, 1, 1.2), gap=0.12)


def draw(slide: Slide, c: Fraction, four: list[Axes], view: tuple[float, float]) -> None:
    """Draws the slide at one total, over whatever stood there."""
    at = place(whole(c)) if slide.gap and len(str(c)) <= 6 else short(c)
    first, second, result = slide.first, slide.second, slide.result
    reflected, product = slide.reflected(c), slide.product(c)
    parts = ((first, FIRST), (reflected, SECOND), (product, PRODUCT), (result, GREY))
    tops = (first.heights, second.heights, np.outer(first.heights.max(), second.heights.max()), result.heights)
    bars = slide.gap > 0 and len(result.x) <= MOST_BARS
    for lane, (part, colour), top in zip(four, parts, tops, strict=True):
        lane.clear()
        _fill(lane, part, colour, bars)
        lane.set_ylim(0, 1.08 * float(top.max()))
        lane.set_xlim(*view)
        lane.locator_params(axis="y", nbins=3)
        lane.yaxis.set_major_formatter("{x:.3g}")
    over = np.flatnonzero(product.heights)
    if over.size:
        low, high = product.x[over[0]] - slide.gap / 2, product.x[over[-1]] + slide.gap / 2
        for lane in four[:3]:
            lane.axvspan(low, high, color=GREY, alpha=0.25, linewidth=0, zorder=0)
    answer = slide.answer(c)
    if bars:
        four[3].bar(double(c), double(answer), width=0.85 * slide.gap, color=ANSWER)
    else:
        four[3].plot([double(c)] * 2, [0, double(answer)], color=ANSWER, linewidth=2)
        four[3].plot([double(c)], [double(answer)], "o", color=ANSWER, markersize=5)
    what = "sum" if slide.gap else "area"
    titles = ("f(a)", f"g({at} - a): g turned around, shifted to {at}", f"f(a) g({at} - a)", "(f * g)(c)")
    for lane, title in zip(four, titles, strict=True):
        lane.set_title(title, loc="left", fontsize="medium", pad=4)
    four[2].set_title(f"{what} = {short(answer)}", loc="right", fontsize="medium", pad=4, color=ANSWER)
    four[3].set_title(f"c = {at}", loc="right", fontsize="medium", pad=4, color=ANSWER)
    for lane in four[:2]:
        lane.tick_params(labelbottom=False)
    four[2].set_xlabel("a", labelpad=0)
    four[3].set_xlabel("total c")


def _fill(lane: Axes, part: Part, colour: str, bars: bool) -> None:
    """Bars, or a filled line."""
    if bars:
        lane.bar(part.x, part.heights, width=0.85 * part.gap, color=colour)
        return
    step: Literal["mid"] | None = "mid" if part.gap else None
    lane.fill_between(part.x, part.heights, step=step, color=colour, alpha=0.5, linewidth=0)
    lane.plot(part.x, part.heights, color=colour, linewidth=1.3, drawstyle="steps-mid" if part.gap else "default")


def _view(slide: Slide, y: FloatArray, first: Fraction, last: Fraction) -> tuple[float, float]:
    low = min(slide.first.x[0], slide.result.x[0], double(first) - y[-1])
    high = max(slide.first.x[-1], slide.result.x[-1], double(last) - y[0])
    margin = max(0.6 * slide.gap, 0.03 * (high - low))
    return float(low - margin), float(high + margin)
