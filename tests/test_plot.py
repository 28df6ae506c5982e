"""Pictures, checked by their data."""

import subprocess
import sys

import numpy as np
import pytest

from distconv import (
    Bernoulli,
    Die,
    DimensionError,
    DistconvError,
    DistconvValueError,
    Distribution,
    Poisson,
    product,
    sum_of,
)
from distconv.plot import plot, plot_sliding, plot_tail
from distconv.plot.style import FIRST

pyplot = pytest.importorskip("matplotlib.pyplot")
d6 = Die(6)
WALK = Distribution({(1, 0): "1/4", (-1, 0): "1/4", (0, 1): "1/4", (0, -1): "1/4"})


@pytest.fixture
def ax():
    figure, axes = pyplot.subplots()
    yield axes
    pyplot.close(figure)


def test_bars_are_the_probabilities(ax):
    assert (d6 + d6).plot(ax) is ax
    assert [round(bar.get_x() + bar.get_width() / 2) for bar in ax.patches] == list(range(2, 13))
    assert [bar.get_height() for bar in ax.patches] == pytest.approx([(d6 + d6).pmf(x) for x in range(2, 13)])
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("outcome", "probability")


def test_a_second_law_on_the_same_axes_is_not_cut_off(ax):
    (2 @ d6).plot(ax)
    (d6 - 20).plot(ax, color="k")
    Poisson(0.1).plot(ax, kind="line")
    assert ax.get_ylim()[0] == 0
    assert ax.get_ylim()[1] > 0.9
    assert ax.get_xlim()[0] < -19
    assert ax.get_xlim()[1] > 12


def test_many_outcomes_are_a_line(ax):
    (1000 @ d6).plot(ax)
    x, y = ax.lines[0].get_data()
    assert list(x) == list(range(1000, 6001))
    assert y[2500] == pytest.approx(0.007385804208880716)
    low, high = ax.get_xlim()
    assert 3000 < low < 3400 < 3600 < high < 4000


def test_log_scale_reaches_below_the_doubles(ax):
    (1000 @ d6).plot(ax, log=True)
    assert ax.lines[0].get_ydata()[0] == pytest.approx(-778.1512503836436)
    assert ax.get_ylabel() == "log10 of probability"


def test_log_bars_stand_on_a_floor(ax):
    Distribution({0: "1/1000", 1: "999/1000"}).plot(ax, log=True)
    tops = [bar.get_y() + bar.get_height() for bar in ax.patches]
    assert tops == pytest.approx([-3, np.log10(0.999)])


def test_stems(ax):
    Poisson(3).plot(ax, kind="stems", color="k")
    assert ax.lines[0].get_ydata()[0] == pytest.approx(np.exp(-3))


@pytest.mark.parametrize("log", [False, True])
def test_heat_map_has_a_cell_for_every_point(ax, log):
    (2 @ WALK).plot(ax, log=log)
    values = ax.collections[0].get_array()
    assert values.shape == (5, 5)
    assert values[2, 2] == pytest.approx(np.log10(0.25) if log else 0.25)
    assert values.mask[0, 0]
    assert int((~values.mask).sum()) == 9
    assert ax.get_aspect() == 1.0


def test_a_picture_opens(tmp_path):
    axes = (d6 + d6).plot()
    path = tmp_path / "law.png"
    axes.get_figure().savefig(path)
    assert pyplot.imread(path).shape[0] > 100
    pyplot.close(axes.get_figure())


def test_refusals(ax):
    with pytest.raises(DimensionError, match="marginal"):
        product(product(d6, d6), d6).plot(ax)
    with pytest.raises(DistconvValueError, match="'bars', 'line', 'stems'"):
        d6.plot(ax, kind="pie")


def test_without_matplotlib_the_message_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(DistconvError, match=r"distconv\[plot\]"):
        d6.plot()


def test_matplotlib_is_not_imported_with_the_library():
    code = "import sys, distconv, distconv.plot; assert 'matplotlib' not in sys.modules"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def ink(axes):
    """Which columns of the picture of an Axes show its colour, and the x of each."""
    figure = axes.get_figure()
    figure.canvas.draw()
    pixels = np.asarray(figure.canvas.buffer_rgba())[..., :3].astype(int)
    blue = np.array([int(FIRST[i : i + 2], 16) for i in (1, 3, 5)])
    shown = (np.abs(pixels - blue).sum(axis=2) < 120).sum(axis=0)
    columns = np.arange(pixels.shape[1]) + 0.5
    x = axes.transData.inverted().transform(np.column_stack([columns, np.zeros_like(columns)]))[:, 0]
    return shown, x


FAR = Distribution({0: "1/2", 1: "1/4", 10**9: "1/4"})
SCATTERED = sum_of([k * Bernoulli("1/2") for k in (1, 10, 1000, 50_000)])
MANY = Distribution.from_arrays(np.cumsum(np.arange(1, 301) ** 2), np.full(300, 1 / 300))


@pytest.mark.parametrize("X", [FAR, SCATTERED, MANY, Die(6)], ids=["far", "scattered", "many", "die"])
def test_likely_outcomes_are_seen_however_far_apart_they_are(X, ax):
    shown, x = ink(plot(X, ax))
    for outcome, p in X:
        if p > 0.01 or X is MANY:
            nearest = int(np.argmin(np.abs(x - float(outcome))))
            assert shown[max(0, nearest - 3) : nearest + 4].max() > 2, outcome
    # Between far outcomes there is nothing.
    if X is FAR:
        assert shown[np.abs(x - 5e8) < 3e8].max() <= 2


def test_a_scattered_law_slides(ax):
    lanes = plot_sliding(FAR, FAR, 10**9, ax).child_axes
    ax.get_figure().canvas.draw()
    for lane in lanes:
        widths = [bar.get_window_extent().width for bar in lane.patches if bar.get_height() > 0]
        assert widths
        assert min(widths) > 1


@pytest.mark.parametrize(("side", "style"), [("upper", "steps-pre"), ("lower", "steps-post")])
def test_a_tail_is_drawn_as_steps(side, style, ax):
    assert plot_tail(FAR, ax, side=side).lines[-1].get_drawstyle() == style
