"""The pictures of sums, tails, walks and kernels, checked by their data."""

import re
from fractions import Fraction

import numpy as np
import pytest

from distconv import (
    Bernoulli,
    Density,
    Die,
    DimensionError,
    DistconvTypeError,
    DistconvValueError,
    Distribution,
    Kernel,
    Poisson,
    Walk,
    product,
)
from distconv.plot import (
    animate_sliding,
    plot,
    plot_kernel_step,
    plot_matrix,
    plot_partitions,
    plot_sliding,
    plot_tail,
    plot_walk,
)

pyplot = pytest.importorskip("matplotlib.pyplot")
Image = pytest.importorskip("PIL.Image")
d6 = Die(6)
LOW = Distribution({0: "1/4", 1: "1/2", 2: "1/4"})
HIGH = Distribution({1: "1/2", 2: "1/3", 3: "1/6"})
BOX = Density.box(0, 1)
STEP = Distribution({(1, 0): "1/4", (-1, 0): "1/4", (0, 1): "1/4", (0, -1): "1/4"})
EDGE = Kernel({0: 1, 1: -1})


@pytest.fixture
def ax():
    figure, axes = pyplot.subplots(layout="constrained")
    yield axes
    figure.canvas.draw()  # whatever was drawn can be rendered
    pyplot.close(figure)


@pytest.fixture(autouse=True)
def _closed():
    yield
    pyplot.close("all")


def bars(panel):
    return {
        float(round(bar.get_x() + bar.get_width() / 2, 9)): bar.get_height()
        for bar in panel.patches
        if hasattr(bar, "get_x") and bar.get_alpha() is None
    }


def words(panel):
    return [text.get_text() for text in panel.texts]


# Partitions -----------------------------------------------------------------------------------------------------------


def test_partitions_are_the_ways_and_stack_to_the_answer(ax):
    assert plot_partitions(LOW, HIGH, 3, ax) is ax
    heights = [bar.get_height() for bar in ax.patches]
    assert heights[:3] == pytest.approx([1 / 24, 1 / 6, 1 / 8])
    assert heights[3:] == heights[:3]
    top = ax.patches[-1]
    assert top.get_y() + top.get_height() == pytest.approx(1 / 3)
    assert [t.get_text() for t in ax.get_xticklabels()] == ["0 + 3", "1 + 2", "2 + 1", "total 3"]
    assert words(ax) == ["1/24", "1/6", "1/8", "1/3"]


def test_partitions_of_vectors_and_of_many(ax):
    plot_partitions(STEP, STEP, (1, 1), ax)
    assert [t.get_text() for t in ax.get_xticklabels()][:2] == ["(0, 1) + (1, 0)", "(1, 0) + (0, 1)"]
    ax.clear()
    plot_partitions(10 @ d6, 5 @ d6, 50, ax)
    assert sum(bar.get_height() for bar in ax.patches[:26]) == pytest.approx(float((15 @ d6).pmf(50)))
    assert len(ax.get_xticklabels()) == 4
    ax.clear()
    plot_partitions(LOW - 2, LOW - 2, -3, ax)
    assert [t.get_text() for t in ax.get_xticklabels()] == ["-2 - 1", "-1 - 2", "total -3"]


def test_partitions_refuse_what_never_comes(ax):
    with pytest.raises(DistconvValueError, match="never 13"):
        plot_partitions(d6, d6, 13, ax)
    with pytest.raises(DistconvTypeError, match="Distributions"):
        plot_partitions(BOX, BOX, 1, ax)


# The sliding picture --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("c", [1, 3, 5, 9])
def test_sliding_reflects_shifts_multiplies_and_adds(ax, c):
    assert plot_sliding(LOW, HIGH, c, ax) is ax
    f, g, products, total = (bars(lane) for lane in ax.child_axes)
    assert f == {a: pytest.approx(float(p)) for a, p in LOW.to_dict().items()}
    assert g == {c - b: pytest.approx(float(p)) for b, p in HIGH.to_dict().items()}
    assert products == {a: pytest.approx(float(LOW.pmf(a) * HIGH.pmf(c - a))) for a in LOW.support}
    assert sum(products.values()) == pytest.approx(total.get(c, 0))
    assert ax.child_axes[2].get_title(loc="right") == f"sum = {(LOW + HIGH).pmf(c)}"
    low, high = ax.child_axes[0].get_xlim()
    assert low < min(0, c - 3)
    assert high > max(5, c - 1)


def test_sliding_on_a_fine_lattice_is_a_line(ax):
    fine = BOX.discretize("1/200")
    plot_sliding(fine, fine, 0.75, ax)
    product_line = ax.child_axes[2].lines[0]
    assert product_line.get_ydata().sum() == pytest.approx(float((fine + fine).pmf(0.75)))


@pytest.mark.parametrize("c", ["1/4", "1", "7/4", "3"])
def test_sliding_densities_have_the_area_of_the_answer(ax, c):
    triangle = BOX + BOX
    plot_sliding(triangle, BOX, c, ax)
    x, heights = ax.child_axes[2].lines[0].get_data()
    assert np.trapezoid(heights, x) == pytest.approx(float((triangle + BOX).pdf(c)), abs=1e-4)
    assert ax.child_axes[2].get_title(loc="right").startswith("area = ")


def test_sliding_refusals(ax):
    with pytest.raises(DistconvTypeError, match="discretize"):
        plot_sliding(BOX, d6, 1, ax)
    with pytest.raises(DimensionError, match="marginal"):
        plot_sliding(STEP, STEP, 1, ax)
    with pytest.raises(DistconvTypeError, match="total"):
        plot_sliding(d6, d6, [7], ax)


def test_sliding_an_infinite_law(ax):
    plot_sliding(Poisson(2), d6, 4, ax)
    assert sum(bars(ax.child_axes[2]).values()) == pytest.approx(float((Poisson(2) + d6).pmf(4)))


# The animation --------------------------------------------------------------------------------------------------------


def test_a_gif_has_a_frame_for_each_total(tmp_path):
    path = tmp_path / "sum.gif"
    axes = animate_sliding(LOW, HIGH, path, fps=5)
    with Image.open(path) as image:
        assert image.n_frames == len((LOW + HIGH).support) + 2
        assert image.info["duration"] == 200
        first = np.asarray(image.convert("RGB"))
        image.seek(3)
        assert (np.asarray(image.convert("RGB")) != first).any()
    assert axes.child_axes[3].get_title(loc="right") == "c = 6"


def test_a_page_holds_its_frames_and_needs_nothing_else(tmp_path):
    path = tmp_path / "boxes.html"
    animate_sliding(BOX, BOX, path, totals=["1/2", 1, "3/2"])
    page = path.read_text(encoding="utf-8")
    assert '"c = 1/2: 1/2", "c = 1: 1", "c = 3/2: 1/2"' in page
    assert page.count("data:image/png;base64,") == 4
    assert 'max="2"' in page
    assert not re.findall(r"https?:", page)
    assert "$" not in page


def test_animation_refusals(tmp_path):
    with pytest.raises(DistconvValueError, match=r"\.gif or \.html"):
        animate_sliding(d6, d6, tmp_path / "sum.mp4")
    with pytest.raises(DistconvValueError, match="at least one total"):
        animate_sliding(d6, d6, tmp_path / "sum.gif", totals=[])
    assert not list(tmp_path.iterdir())


# Tails ----------------------------------------------------------------------------------------------------------------


def test_the_tail_reaches_below_the_doubles(ax):
    plot_tail(1000 @ d6, ax)
    x, logs = ax.lines[-1].get_data()
    assert (x[0], x[-1]) == (1000, 6000)
    assert logs[-1] == pytest.approx(-778.1512503836436)
    assert logs[0] == 0
    assert not ax.collections


def test_the_lower_tail(ax):
    plot_tail(3 @ d6, ax, side="lower", label="three dice")
    assert ax.lines[-1].get_ydata()[0] == pytest.approx(np.log10(1 / 216))
    assert [t.get_text() for t in ax.get_legend().get_texts()] == ["three dice"]


def test_the_band_is_what_the_law_states(ax):
    law = Distribution({k: (1 - 1e-9) * 2.0 ** -(k + 1) for k in range(60)}, missing=1e-9)
    assert law.missing > 0
    plot_tail(law, ax)
    vertices = ax.collections[-1].get_paths()[0].vertices
    last = max(law.support)
    top = vertices[vertices[:, 0] == float(last)][:, 1].max()
    assert top == pytest.approx(np.log10(law.missing), abs=1e-6)
    assert "cut off" in ax.get_legend().get_texts()[0].get_text()


def test_tail_refusals(ax):
    with pytest.raises(DistconvValueError, match="'upper', 'lower'"):
        plot_tail(d6, ax, side="left")
    with pytest.raises(DimensionError, match="marginal"):
        plot_tail(STEP, ax)
    with pytest.raises(DistconvTypeError, match="Distribution"):
        plot_tail(BOX, ax)


# Walks ----------------------------------------------------------------------------------------------------------------


def test_the_fan_holds_quantiles_and_closes_at_what_is_known(ax):
    walk = Walk.repeat(d6, 20).bridge(80)
    assert plot_walk(walk, ax, paths=3, rng=1) is ax
    outer = ax.collections[0].get_paths()[0].vertices
    middle = outer[outer[:, 0] == 10][:, 1]
    assert {middle.min(), middle.max()} == {float(v) for v in walk.position(10).interval("99/100")}
    assert set(outer[outer[:, 0] == 20][:, 1]) == {80.0}
    assert list(ax.lines[0].get_ydata()[[0, 10, 20]]) == [0, 40, 80]
    paths = ax.lines[1:4]
    assert all(len(line.get_xdata()) == 21 and line.get_ydata()[-1] == 80 for line in paths)
    assert list(ax.lines[-1].get_xdata()) == [0, 20]


def test_a_long_walk_is_drawn_at_some_times(ax):
    plot_walk(Walk.repeat(Bernoulli("1/2"), 500).given(333, 200), ax)
    times = ax.lines[0].get_xdata()
    assert len(times) <= 82
    assert 333 in times


def test_a_walk_in_the_plane(ax):
    plot_walk(Walk.repeat(STEP, 6).bridge((0, 0)), ax, paths=2, rng=3)
    assert ax.get_title() == "after 5 of 6 drops"
    assert float(np.ma.max(ax.collections[0].get_array())) == pytest.approx(0.25)
    assert [list(v) for v in ax.lines[0].get_xydata()[[0, -1]]] == [[0, 0], [0, 0]]


def test_walk_refusals(ax):
    with pytest.raises(DistconvTypeError, match=r"Walk\.repeat"):
        plot_walk(d6, ax)
    with pytest.raises(DimensionError, match="this walk 3"):
        plot_walk(Walk([product(STEP, d6)]), ax)


# Kernels and matrices -------------------------------------------------------------------------------------------------


def test_kernel_bars_go_below_zero(ax):
    assert plot(Kernel({0: 1, 4: "1/2", 8: "-1/4"}), ax) is ax
    assert bars(ax) == {0: 1, 4: 0.5, 8: -0.25}
    colours = [bar.get_facecolor() for bar in ax.patches]
    assert colours[0] == colours[1] != colours[2]


def test_kernel_cells_carry_their_weights(ax):
    sobel = Kernel([[1, 0, -1], [2, 0, -2], [1, 0, -1]])
    plot(sobel, ax)
    assert ax.images[0].get_array().tolist() == [[1, 0, -1], [2, 0, -2], [1, 0, -1]]
    assert words(ax) == ["1", "0", "-1", "2", "0", "-2", "1", "0", "-1"]
    assert ax.images[0].norm.vmin == -2


@pytest.mark.parametrize("correlate", [False, True])
def test_a_kernel_step_shows_what_adds_up(ax, correlate):
    image = np.arange(30).reshape(5, 6)
    kernel = Kernel([[1, 2], [3, 4]])
    assert plot_kernel_step(kernel, image, (2, 3), ax, correlate=correlate) is ax
    one, two, three = ax.child_axes
    answer = kernel.apply(image, correlate=correlate)[2, 3]
    assert two.images[0].get_array().sum() == answer
    assert two.get_xlabel() == f"sum = {answer}"
    frame = one.patches[0]
    corner = (2.5, 1.5) if correlate else (1.5, 0.5)
    assert frame.get_xy() == corner
    shown = three.images[0].get_array()
    assert int((~shown.mask).sum()) == 2 * 6 + 4
    assert shown[2, 3] == answer


def test_a_kernel_step_on_a_signal_and_at_the_border(ax):
    plot_kernel_step(EDGE, [3, 3, 7], 0, ax)
    assert ax.child_axes[1].images[0].get_array().tolist() == [[0, 3]]
    with pytest.raises(DistconvValueError, match=r"shape \(3,\), got 3"):
        plot_kernel_step(EDGE, [3, 3, 7], 3, ax)


def test_a_matrix_is_the_kernels(ax):
    assert plot_matrix(EDGE, 5, ax) is ax
    assert (ax.images[0].get_array() == EDGE.matrix(5).toarray()).all()
    ax.clear()
    plot_matrix(Kernel([[1, 2], [3, 4]]), (3, 4), ax)
    assert ax.images[0].get_array().shape == (12, 12)
    assert len(ax.lines) == 4
    ax.clear()
    plot_matrix(EDGE, ax=ax, stride=2)
    assert ax.images[0].get_array().shape == (3, 6)


# One law --------------------------------------------------------------------------------------------------------------


def test_densities_are_curves_with_upright_jumps(ax):
    plot(Density.from_pieces([(0, 1, ["1/2"]), (2, 3, [0, "1/5"])]), ax)
    x, y = ax.lines[0].get_data()
    assert np.trapezoid(y, x) == pytest.approx(1, abs=1e-6)
    assert sorted(y[x == 2]) == pytest.approx([0, 0.4], abs=1e-6)
    assert y[-1] == 0


def test_a_narrow_law_in_the_plane_is_zoomed(ax):
    plot(60 @ STEP, ax)
    assert ax.get_xlim()[1] < 35


def test_what_has_no_picture(ax):
    sympy = pytest.importorskip("sympy")
    p = sympy.Symbol("p", positive=True)
    with pytest.raises(DistconvTypeError, match=r"subs\("):
        plot(Bernoulli(p), ax)
    with pytest.raises(DistconvTypeError, match="Distribution, Density or Kernel"):
        plot([1, 2], ax)
    with pytest.raises(DistconvValueError, match="linear"):
        plot(BOX, ax, log=True)
    with pytest.raises(DistconvValueError, match=r"1\.8e308"):
        plot(Distribution({10**400: 1}), ax)


def test_new_figures_are_saved(tmp_path):
    for number, axes in enumerate(
        [
            plot_partitions(d6, d6, 7),
            plot_sliding(BOX, BOX, Fraction(1, 2)),
            plot_tail((20 @ d6).to_float()),
            plot_walk(Walk.repeat(d6, 5)),
            plot_kernel_step(EDGE, [1, 2], 1),
            plot_matrix(EDGE),
        ]
    ):
        path = tmp_path / f"{number}.png"
        axes.get_figure().savefig(path)
        assert pyplot.imread(path).shape[0] > 200
