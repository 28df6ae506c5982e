"""Exact sums of copies: whole laws by every way, single probabilities, and what either is predicted to cost."""

import math
import time
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from distconv import (
    Die,
    DimensionError,
    Distribution,
    Kernel,
    Poisson,
    SizeLimitError,
    convolution,
    plan_power,
    power_pmf,
    settings,
)
from distconv.methods import coefficient, exact, miller, sublattice
from distconv.planning import costs
from tests.oracle import power, times

FOUR = {(1, 0): 1, (-1, 0): 1, (0, 1): 1, (0, -1): 1}
UNEQUAL = {(1, 0): 3, (-1, 0): 1, (0, 1): 6, (0, -1): 2}
LAZY = {**FOUR, (0, 0): 1}


def law(counts):
    return Distribution.from_counts(counts)


def shares(counts):
    total = sum(counts.values())
    return {x: Fraction(w, total) for x, w in counts.items()}


@st.composite
def steps(draw, dimensions=(1, 2, 3)):
    """Counts of a few points of a lattice, some of them far apart, some of them on a sublattice alone."""
    ndim = draw(st.sampled_from(dimensions))
    reach = draw(st.sampled_from((1, 2, 4) if ndim < 3 else (1,)))
    places = draw(st.lists(st.tuples(*[st.integers(-reach, reach)] * ndim), min_size=1, max_size=5, unique=True))
    factor, slant = draw(st.sampled_from((1, 1, 3))), draw(st.integers(-1, 1))
    moved = [(factor * p[0], *(v + slant * p[0] for v in p[1:])) for p in places]
    weights = draw(st.lists(st.integers(1, 50), min_size=len(places), max_size=len(places)))
    return {p if ndim > 1 else p[0]: w for p, w in zip(moved, weights, strict=True)}


@given(steps(), st.integers(2, 4))
def test_powers_on_sublattices_are_those_on_their_boxes(counts, n):
    X, truth = law(counts), power(shares(counts), n)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(convolution, "QUICK_POWER", 0.0)
        patch.setattr(costs, "IMAGE_POINT_SECONDS", 0.0)
        found = n @ X
    assert found.is_exact
    assert found.to_dict() == truth
    assert found == Distribution(truth)
    assert hash(found) == hash(Distribution(truth))


@given(steps(dimensions=(2, 3)), st.integers(2, 5))
def test_powers_row_by_row_are_flint_s(counts, n):
    measure = law(counts).law.measure
    poly = exact._polynomial(measure, measure.weights.as_rational(), exact.power_box(measure.box, n))
    assert miller.power(poly, measure.box.shape, n) == poly**n


def test_kernels_have_powers_row_by_row():
    # Weights of both signs, whose rows may be 0 in between.
    kernel = Kernel({(0, 0): 1, (1, 0): -1, (1, 1): 2, (2, 1): -2, (2, 2): 1})
    truth = {(0, 0): 1}
    for _ in range(12):
        following = {}
        for x, w in truth.items():
            for y in kernel.support:
                at = x[0] + y[0], x[1] + y[1]
                following[at] = following.get(at, 0) + w * kernel[y]
        truth = following
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(exact, "_is_by_rows", lambda _: True)
        found = kernel**12
    assert {x: found[x] for x in truth} == truth


@pytest.mark.parametrize("counts", [FOUR, UNEQUAL, LAZY], ids=["four", "unequal", "lazy"])
def test_long_powers_in_the_plane_are_exact(counts):
    n = 60
    S = n @ law(counts)
    assert S.is_exact
    stay = counts.get((0, 0), 0)
    # So many pairs of steps east and west, so many north and south, and the others in place.
    wanted = (
        sum(
            Fraction(
                math.factorial(n) * counts[1, 0] ** a * counts[-1, 0] ** a * counts[0, 1] ** b * counts[0, -1] ** b,
                math.factorial(a) ** 2 * math.factorial(b) ** 2 * math.factorial(n - 2 * a - 2 * b),
            )
            * stay ** (n - 2 * a - 2 * b)
            for a in range(n // 2 + 1)
            for b in range(n // 2 - a + 1)
        )
        / Fraction(sum(counts.values())) ** n
    )
    assert S.pmf((0, 0)) == wanted
    assert power_pmf(law(counts), n, (0, 0)) == wanted
    assert sum(S.to_dict().values()) == 1


def test_plans_tell_of_the_sublattice():
    X = law(FOUR)
    plan = plan_power(X, 150)
    assert "sublattice" in plan.reason
    assert plan == (150 @ X).how()
    assert plan.cells == 151**2
    with settings(exact_limit=plan.cells * 3 * 150):
        assert plan_power(X, 150).kind == "exact"
    with settings(exact_limit=plan.cells * 3 * 150 - 1):
        assert plan_power(X, 150).kind == "float"
    with settings(exact_limit=10):
        assert power_pmf(X, 150, (0, 0)) == Fraction(math.comb(150, 75), 2**150) ** 2


# One probability ------------------------------------------------------------------------------------------------------


@given(steps(), st.integers(0, 6), st.data())
def test_one_probability_is_that_of_the_law(counts, n, data):
    X, truth = law(counts), power(shares(counts), n)
    x = data.draw(st.sampled_from(sorted(truth)))
    assert power_pmf(X, n, x) == truth[x]
    beside = tuple(v + 1 for v in x) if isinstance(x, tuple) else x + 1
    assert power_pmf(X, n, beside) == truth.get(beside, 0)
    half = times(Fraction(1, 2), x)
    assert power_pmf(X, n, half) == truth.get(half, 0)


@given(steps(dimensions=(1, 2)), st.integers(2, 30), st.data())
def test_every_way_gives_the_same_coefficient(counts, n, data):
    measure = law(counts).law.measure
    whole = n @ law(counts)
    x = data.draw(st.sampled_from(list(whole.support)))
    place = coefficient.Place.of(measure, n, x if isinstance(x, tuple) else (x,))
    ways = [coefficient.by_halves(place), coefficient.by_splitting(place)]
    found = {Fraction(int(run()), measure.weights.denominator**n) for way in ways if way for run in way[1:]}
    assert found == {whole.pmf(x)}


@given(
    st.lists(st.tuples(st.lists(st.integers(0, 5), min_size=1, max_size=4), st.integers(0, 6)), min_size=1, max_size=3),
    st.integers(0, 40),
)
def test_coefficients_of_products_of_powers(factors, k):
    from flint import fmpz_poly

    factors = [(row, n) for row, n in factors if any(row)]
    whole = math.prod([fmpz_poly(row) ** n for row, n in factors], start=fmpz_poly([1]))
    assert coefficient.of_powers(factors, k) == whole[k]


def test_large_numbers_of_copies():
    n = 20_000
    assert power_pmf(law({0: 2, 1: 1}), n, n // 3) == Fraction(math.comb(n, n // 3) * 2 ** (n - n // 3), 3**n)
    # A walk back at 0 on both diagonals.
    assert power_pmf(law(FOUR), n, (0, 0)) == Fraction(math.comb(n, n // 2), 2**n) ** 2
    assert power_pmf(law(FOUR), n, (0, 1)) == 0
    # Inclusion and exclusion for three dice of four sides on a thousand.
    wanted = sum((-1) ** j * math.comb(1000, j) * math.comb(2600 - 4 * j - 1, 999) for j in range(401))
    assert power_pmf(Die(4), 1000, 2600) == Fraction(wanted, 4**1000)


def test_laws_that_are_not_exact_are_asked():
    assert power_pmf(Die(6).to_float(), 2, 7) == pytest.approx(1 / 6, rel=1e-14)
    assert power_pmf(Poisson(2), 3, 1) == Poisson(6).pmf(1)
    assert power_pmf(Die(6), 0, 0) == 1
    assert power_pmf(Die(6), 1, 3) == Fraction(1, 6)
    lossy = Distribution({0: "1/2", 1: "1/4"}, missing="1/4")
    assert power_pmf(lossy, 2, 1) == (2 @ lossy).pmf(1)


def test_one_probability_is_refused_with_a_way_out():
    with pytest.raises(DimensionError, match="2-vector, but this law is scalar"):
        power_pmf(Die(6), 10, (1, 2))
    with settings(max_bytes=10**4), pytest.raises(SizeLimitError, match=r"one exact probability needs .*max_bytes"):
        power_pmf(Die(6), 10_000, 35_000)


@pytest.mark.parametrize(
    ("counts", "n", "x"),
    [
        (dict.fromkeys(range(6), 1), 3000, 7000),
        (FOUR, 3000, (0, 10)),
        (LAZY, 100, (3, 4)),
        ({0: 1, 1: 2, 9: 4}, 300, 900),
    ],
)
def test_the_time_of_one_probability_is_predicted(counts, n, x):
    place = coefficient.Place.of(law(counts).law.measure, n, x if isinstance(x, tuple) else (x,))
    plan, run = coefficient.planned(place)
    start = time.process_time()
    run()
    assert plan.seconds / 20 < time.process_time() - start < plan.seconds * 20


def test_points_are_found_on_sublattices():
    measure = law(UNEQUAL).law.measure
    chart = sublattice.chart(measure)
    cells = {chart.place(x, 2) for x in (2 @ law(UNEQUAL)).support}
    assert len(cells) == 9
    assert chart.place((0, 1), 2) is None
    assert chart.place((Fraction(1, 2), Fraction(1, 2)), 2) is None
