"""Input as people have it: floats with rounding noise, steps, short floating types, labelled and lazy containers."""

import array
import math
import re
from collections import Counter
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from distconv import (
    Binomial,
    Die,
    DistconvTypeError,
    DistconvValueError,
    Distribution,
    Geometric,
    Multinomial,
    Point,
    Poisson,
    PoissonBinomial,
    SizeLimitError,
    Uniform,
    mixture,
    posterior,
    power_logsf,
    product,
    settings,
    sum_of,
)
from distconv.support.grid import grid_of

F = Fraction


def even(points):
    """Equal floating weights on points."""
    return Distribution.from_arrays(points, np.ones(len(points)) / len(points))


# Grids of floats ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("floats", "points"),
    [
        (np.linspace(0, 1, 11), [F(k, 10) for k in range(11)]),
        (np.arange(0, 1, 0.1), [F(k, 10) for k in range(10)]),
        (np.arange(10) * 0.1, [F(k, 10) for k in range(10)]),
        (np.array([0.1 * 3, 0.1 * 6]), [F(3, 10), F(6, 10)]),
        (np.arange(-1, 1.05, 0.1), [F(k, 10) for k in range(-10, 11)]),
        (np.arange(0.05, 1, 0.1), [F(2 * k + 1, 20) for k in range(10)]),
        (np.arange(10, 11, 0.001)[:1000], [10 + F(k, 1000) for k in range(1000)]),
        (np.cumsum(np.full(3000, 0.1)), [F(k, 10) for k in range(1, 3001)]),
        (np.linspace(0, 1, 4), [F(k, 3) for k in range(4)]),
        (np.linspace(0, 1, 8) + 1 / 3, [F(1, 3) + F(k, 7) for k in range(8)]),
        ((np.arange(0, 100, 5) - 32) * 5 / 9, [F(5 * k - 32) * 5 / 9 for k in range(20)]),
        (np.linspace(1e6, 1e6 + 1, 11), [10**6 + F(k, 10) for k in range(11)]),
        (np.arange(0, 1, 0.1) * 1e-30, [F(k, 10**31) for k in range(10)]),
        (np.linspace(0, 1, 11, dtype=np.float32), [F(k, 10) for k in range(11)]),
        (np.linspace(-math.pi, math.pi, 9), [F(str(math.pi)) * (k - 4) / 4 for k in range(9)]),
    ],
)
def test_floats_that_are_a_grid_are_that_grid(floats, points):
    law = even(floats)
    assert list(law.support) == points
    mapping = dict(zip(floats, [1] * len(floats), strict=True))
    assert list(Distribution.from_counts(mapping).support) == points
    assert list(Distribution.from_samples(floats).support) == points


def test_sums_on_a_grid_of_floats():
    """46 outcomes and 0.0331 where the noise stays."""
    twice = 2 @ even(np.linspace(0, 1, 11))
    assert len(twice.support) == 21
    assert twice.pmf(0.6) == pytest.approx(7 / 121, rel=1e-15)


def test_a_running_sum_does_not_drift_off_its_grid():
    noisy, x = {}, 0.0
    for _ in range(100):
        noisy[x] = 1
        x += 0.1
    assert Distribution.from_counts(noisy) == Uniform(0, 99) / 10


@pytest.mark.parametrize(
    "values",
    [
        [1e-300, 0.5, 1.0],
        [2.2e-16, 0.5, 1.0],
        [0.0, 3.4567891234567e-300, 0.5, 1.0],
        [0.0, 1.0, 1.0000000000001],
        [0.1, 0.2, 0.30000000000001],
        [3.0, 4.0, 5.0, 7.000000000000002e-14],
        [0.1234567890123, 0.5, 0.75],
        [math.sqrt(2), math.pi, math.e],
        np.random.default_rng(5).random(50).tolist(),
        (10 ** np.random.default_rng(6).uniform(-20, 3, 50)).tolist(),
    ],
)
def test_floats_that_are_no_grid_mean_their_decimals(values):
    law = even(np.array(values))
    assert list(law.support) == sorted(F(str(v)) for v in values)


@given(seed=st.integers(0, 2**32), n=st.sampled_from([2, 3, 4, 5, 10, 100]), logs=st.booleans())
def test_random_numbers_are_no_grid(seed, n, logs):
    rng = np.random.default_rng(seed)
    assert grid_of(10 ** rng.uniform(-10, 3, n) if logs else rng.normal(size=n)) is None


@given(
    numerator=st.integers(1, 40),
    denominator=st.integers(1, 40),
    first=st.integers(-1000, 1000),
    places=st.lists(st.integers(0, 500), min_size=3, max_size=30, unique=True),
)
def test_every_grid_of_simple_fractions_is_found(numerator, denominator, first, places):
    """In doubles, whichever way they were computed: one product, or a division."""
    step = F(numerator, denominator)
    points = sorted(step * (first + k) for k in places)
    for floats in ([float(p) for p in points], [(first + k) * numerator / denominator for k in sorted(places)]):
        assert list(Distribution.from_samples(np.array(floats)).support) == points


def test_exact_outcomes_beside_floats_stay_what_they_are():
    assert list(even([0, F(1, 10), 0.2, 0.1 * 3]).support) == [0, F(1, 10), F(2, 10), F(3, 10)]
    # 1/3 is on a grid with 0.1 and 0.1 * 3; what lies a hair beside it is on none.
    assert list(even([F(1, 3), 0.1, 0.1 * 3]).support) == [F(1, 10), F(3, 10), F(1, 3)]
    beside = F(1, 3) + F(1, 10**30)
    assert list(even([beside, 0.1, 0.1 * 3]).support) == [F(1, 10), F("0.30000000000000004"), beside]


# Noise that is no grid ------------------------------------------------------------------------------------------------


def directions(n):
    angles = 2 * np.pi * np.arange(n) / n
    return np.column_stack([np.cos(angles), np.sin(angles)])


@pytest.mark.parametrize("n", [3, 4, 5, 6, 7, 8, 12, 16, 24, 36, 100])
def test_opposite_directions_cancel(n):
    steps = even(directions(n))
    back = (2 @ steps).pmf((0, 0))
    assert back == pytest.approx(1 / n if n % 2 == 0 else 0, rel=1e-12)
    assert back == (2 @ Distribution(dict(zip(map(tuple, directions(n)), [1 / n] * n, strict=True)))).pmf((0, 0))


def test_coordinates_of_different_size_are_no_noise():
    points = np.array([[1.0, 1.2345678901234567e-16], [2.0, 3.4567890123456789e-16], [math.pi, 0.0]])
    assert list(even(points).support) == sorted(tuple(F(str(x)) for x in row) for row in points.tolist())


def test_near_coincidences_are_refused_and_the_step_gets_out():
    values = [0.1 + 0.2, 0.3, math.pi]
    for make in (
        lambda **step: Distribution.from_arrays(values, [0.25, 0.25, 0.5], **step),
        lambda **step: Distribution(dict(zip(values, [0.25, 0.25, 0.5], strict=True)), **step),
        lambda **step: Distribution.from_samples([*values, math.pi], **step),
        lambda **step: Distribution.from_counts(dict(zip(values, [1, 1, 2], strict=True)), **step),
    ):
        with pytest.raises(DistconvValueError, match=r"0\.30000000000000004 and 0\.3 differ by 5\.6e-17") as caught:
            make()
        step = float(str(caught.value).rpartition("step=")[2])
        assert make(step=step).pmf(F(3, 10)) == F(1, 2)


def test_near_vectors_are_refused_and_the_step_gets_out():
    points = [(0.1 + 0.2, math.pi), (0.3, math.pi), (math.e, 1.0)]
    with pytest.raises(DistconvValueError, match=r"\(0\.3.*3\.14.*\) and \(0\.3.*differ by a rounding") as caught:
        even(points)
    step = float(str(caught.value).rpartition("step=")[2])
    assert len(Distribution.from_arrays(points, [0.25, 0.25, 0.5], step=step).support) == 2


def test_map_with_a_floating_step():
    assert Die(6).map(lambda x: x * 0.1) == Die(6) / 10
    assert (Uniform(0, 1000) / 7).map(lambda x: round(float(x) / 0.1) * 0.1) == (Uniform(0, 1000) / 7).round("0.1")
    angles = 2 * math.pi / 12
    with pytest.raises(DistconvValueError, match=r"differ by .* rounding of floats; round them: X\.map"):
        Uniform(0, 11).map(lambda k: math.cos(angles * k))
    assert Uniform(0, 11).map(lambda k: round(math.cos(angles * k), 12)).pmf(F(1, 2)) == F(1, 6)


# Steps ----------------------------------------------------------------------------------------------------------------


def nearest(x, step):
    """The oracle: the nearest multiple, halves to even."""
    return round(F(x) / F(step)) * F(step)


@given(
    outcomes=st.lists(st.fractions(-100, 100, max_denominator=60), min_size=1, max_size=12, unique=True),
    step=st.fractions(F(1, 50), 20, max_denominator=50),
    floating=st.booleans(),
)
def test_round_merges_what_falls_together(outcomes, step, floating):
    law = Distribution({x: F(1, len(outcomes)) for x in outcomes})
    law = law.to_float() if floating else law
    totals = Counter()
    for x in outcomes:
        totals[nearest(x, step)] += F(1, len(outcomes))
    for got in (
        law.round(step),
        Distribution(dict(law), step=step),
        Distribution.from_arrays(law.support, list(dict(law).values()), step=step),
    ):
        assert set(got.support) == set(totals)
        assert got.is_exact is not floating
        for x, p in totals.items():
            assert abs(F(got.pmf(x)) - p) <= F(got.error + law.error) * p


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=30), st.sampled_from(["0.1", "0.25", "1", "7/3", "1e-3"]))
def test_arrays_of_doubles_are_rounded_as_their_decimals(values, step):
    law = Distribution.from_samples(np.array(values), step=step)
    assert set(law.support) == {nearest(F(str(v)), step) for v in values}


def test_halves_go_to_the_even_multiple():
    halves = np.arange(-5, 6) / 2
    expected = Counter(round(F(k, 2)) for k in range(-5, 6))
    assert Distribution.from_samples(halves, step=1) == Distribution.from_counts(expected)
    assert Distribution.from_samples(halves).round(1) == Distribution.from_counts(expected)
    assert set(Distribution.from_samples([0.05, 0.15, 0.25, 0.35], step="0.1").support) == {0, F(1, 5), F(2, 5)}


@pytest.mark.parametrize("step", ["0.1", 0.1, F(1, 10), Decimal("0.1"), np.float64(0.1)])
def test_a_step_is_written_in_many_ways(step):
    law = Uniform(0, 100) / 13
    assert law.round(step) == law.map(lambda x: nearest(x, F(1, 10)))


def test_round_in_the_plane():
    law = Distribution({("0.4", "0.4"): "1/4", ("0.6", "0.4"): "1/4", ("0.6", "2.6"): "1/2"})
    assert law.round(1).to_dict() == {(0, 0): F(1, 4), (1, 0): F(1, 4), (1, 3): F(1, 2)}
    assert law.round((1, 5)).to_dict() == {(0, 0): F(1, 4), (1, 0): F(1, 4), (1, 5): F(1, 2)}


def test_round_of_an_infinite_law_says_what_is_missing():
    law = Poisson(3).round(2)
    assert 0 < law.missing <= 1e-18
    # 1 and 3 are halves: both go to the even multiple, 0 and 4.
    assert law.pmf(4) == pytest.approx(math.exp(-3) * (3**3 / 6 + 3**4 / 24 + 3**5 / 120), rel=1e-13)


@pytest.mark.parametrize("step", [0, -1, "0", math.nan, "x", (1, 2)])
def test_steps_that_are_none(step):
    for call in (
        lambda: Die(6).round(step),
        lambda: Distribution({1: 1}, step=step),
        lambda: Distribution.from_arrays([1], [1], step=step),
        lambda: Distribution.from_counts({1: 1}, step=step),
    ):
        with pytest.raises(DistconvValueError, match="step"):
            call()


# Weights of single and half precision ---------------------------------------------------------------------------------


def softmax(n, dtype, seed=0):
    logits = np.random.default_rng(seed).normal(size=n).astype(dtype)
    powers = np.exp(logits - logits.max())
    return powers / powers.sum()


@pytest.mark.parametrize("dtype", [np.float32, np.float16])
@pytest.mark.parametrize("n", [2, 7, 100, 3000])
@pytest.mark.parametrize("make", ["array", "arrays", "mapping"])
def test_short_floats_are_taken_to_their_own_precision(dtype, n, make):
    ps = softmax(n, dtype, n)
    law = {
        "array": lambda: Distribution.from_array(ps),
        "arrays": lambda: Distribution.from_arrays(range(n), ps),
        "mapping": lambda: Distribution(dict(enumerate(ps))),
    }[make]()
    total = sum((F(float(p)) for p in ps), start=F(0))
    assert math.fsum(law.to_arrays()[1]) == pytest.approx(1, abs=1e-12)
    for k in range(0, n, max(1, n // 50)):
        # Of the doubles given, and of their share in the total: both within the error.
        for right in (F(float(ps[k])), F(float(ps[k])) / total):
            assert abs(F(law.pmf(k)) - right) <= F(law.error) * right
    assert law.error <= (10 + math.log2(n)) * np.finfo(dtype).eps * 1.01 + 1e-12


def test_short_floats_that_are_wrong_are_refused():
    ps = softmax(100, np.float32) * np.float32(1.00002)
    with pytest.raises(DistconvValueError, match=r"sum to 1\.0000"):
        Distribution.from_array(ps)
    with pytest.raises(DistconvValueError, match=r"sum to 0\.9999999"):
        Distribution({0: 0.5, 1: 0.49999996})
    assert Distribution.from_array(np.array([0.5, 0.5], dtype=np.float32)).error == 0


def test_multinomial_of_a_softmax():
    ps = softmax(3, np.float32, 4)
    doubles = ps.astype(np.float64)
    law = Multinomial(5, ps)
    shares = doubles / doubles.sum()
    assert law.pmf((2, 2, 1)) == pytest.approx(30 * shares[0] ** 2 * shares[1] ** 2 * shares[2], rel=1e-12)
    assert Multinomial(2, [1, 1, 2], normalize=True) == Multinomial(2, ["1/4", "1/4", "1/2"])
    with pytest.raises(DistconvValueError, match=r"ps must total 1.*normalize=True"):
        Multinomial(5, [0.3, 0.3, 0.3])
    with pytest.raises(DistconvValueError, match="ps must total 1"):
        Multinomial(5, np.array([0.3, 0.3, 0.3], dtype=np.float32))


# Containers -----------------------------------------------------------------------------------------------------------


class Subclass(np.ndarray):
    """An array of another type."""


class Exporter:
    """Anything that numpy reads."""

    def __init__(self, values):
        self.values = values

    def __array__(self, dtype=None, copy=None):
        return np.array(self.values, dtype=dtype)


def memmap(values, folder):
    held = np.memmap(folder / "values", dtype=np.float64, mode="w+", shape=len(values))
    held[:] = values
    return held


def containers(folder):
    """How people hold some numbers, by name."""
    result = {
        "list": list,
        "tuple": tuple,
        "array": np.array,
        "object array": lambda v: np.array([F(str(x)) for x in v], dtype=object),
        "subclass": lambda v: np.array(v).view(Subclass),
        "memmap": lambda v: memmap(v, folder),
        "masked": np.ma.masked_array,
        "array module": lambda v: array.array("d", v),
        "memoryview": lambda v: memoryview(np.array(v)),
        "exporter": Exporter,
        "generator": lambda v: (x for x in v),
        "iterator": iter,
        "dict values": lambda v: dict(enumerate(v)).values(),
    }
    try:
        import pandas
    except ImportError:
        return result
    result["Series"] = pandas.Series
    result["labelled Series"] = lambda v: pandas.Series(v, index=[f"row {i}" for i in range(len(v))])
    result["Index"] = pandas.Index
    result["column"] = lambda v: pandas.DataFrame({"x": v, "y": v})["x"]
    result["nullable"] = lambda v: pandas.Series(v, dtype="Float64")
    return result


NAMES = ["list", "tuple", "array", "object array", "subclass", "memmap", "masked", "array module", "memoryview"]
NAMES += ["exporter", "generator", "iterator", "dict values"]
NAMES += ["Series", "labelled Series", "Index", "column", "nullable"]
POINTS, MASSES = [0.5, 1.0, 2.5, 4.0], [0.125, 0.125, 0.25, 0.5]
LAW = Distribution(dict(zip(POINTS, MASSES, strict=True)))


@pytest.fixture(params=NAMES)
def held(request, tmp_path):
    known = containers(tmp_path)
    if request.param not in known:
        pytest.skip("needs pandas")
    return request.param, known[request.param]


def test_every_container_is_read_where_arrays_are(held):
    name, make = held
    assert Distribution.from_arrays(make(POINTS), MASSES) == LAW
    assert Distribution.from_arrays(POINTS, make(MASSES)) == LAW
    assert Distribution.from_samples(make(POINTS)) == Distribution.from_samples(POINTS)
    assert PoissonBinomial(make(MASSES)) == PoissonBinomial(MASSES)
    assert Multinomial(3, make(MASSES)) == Multinomial(3, MASSES)
    if name != "labelled Series":
        assert Distribution.from_array(make(MASSES)) == Distribution.from_array(MASSES)


@pytest.mark.parametrize(
    "law", [LAW, LAW.to_exact(), Poisson(3), Geometric("1/3"), Poisson(2) @ Die(4), 3 @ Poisson(1)]
)
def test_every_container_is_asked_about(held, law):
    name, make = held
    if name == "tuple":
        return  # a tuple is a vector
    for query in ("pmf", "logpmf", "cdf", "sf", "logcdf", "logsf"):
        ask = getattr(law, query)
        assert ask(make(POINTS)).tolist() == [ask(x) for x in POINTS]


def test_every_container_of_levels(held):
    _, make = held
    for law in (LAW, Poisson(3)):
        for query in ("ppf", "isf", "tail_mean", "stop_loss"):
            ask = getattr(law, query)
            assert ask(make(MASSES)).tolist() == pytest.approx([ask(x) for x in MASSES], rel=1e-14)


def test_ranges_and_lists_of_vectors():
    two = 2 @ Die(6)
    assert two.pmf(range(2, 13)).tolist() == [two.pmf(k) for k in range(2, 13)]
    assert two.sf(range(2, 13)).tolist() == [two.sf(k) for k in range(2, 13)]
    assert Distribution.from_arrays(range(1, 7), ["1/6"] * 6) == Die(6)
    assert Distribution.from_samples(range(1, 7)) == Die(6)
    assert Distribution.from_array(np.bincount([0, 1, 1, 3]), normalize=True).pmf(1) == F(1, 2)
    plane = even(directions(8))
    assert plane.pmf(directions(8)).tolist() == [1 / 8] * 8
    assert plane.pmf(directions(8).tolist()).tolist() == [1 / 8] * 8


def test_floats_are_read_alike_in_and_out():
    grid = np.linspace(0, 1, 11)
    law = even(grid)
    assert law.pmf(grid) == pytest.approx(np.ones(11) / 11, rel=1e-15)
    assert law.cdf(grid) == pytest.approx(np.arange(1, 12) / 11, rel=1e-14)
    assert law.pmf(list(grid)) == pytest.approx(np.ones(11) / 11, rel=1e-15)
    # Just below each outcome, on purpose.
    assert law.cdf(np.nextafter(np.arange(11) / 10, -1)) == pytest.approx(np.arange(11) / 11, rel=1e-14)
    assert Die(6).cdf(np.nextafter(np.arange(1.0, 7.0), -np.inf)).tolist() == [F(k, 6) for k in range(6)]


def test_masked_entries_are_refused():
    masked = np.ma.masked_array([1.0, 2.0, 3.0], mask=[False, True, False])
    for call in (
        lambda: Die(6).pmf(masked),
        lambda: Die(6).cdf(masked),
        lambda: Distribution.from_samples(masked),
        lambda: Distribution.from_arrays([1, 2, 3], masked),
        lambda: PoissonBinomial(masked),
    ):
        with pytest.raises(DistconvTypeError, match=r"masked entries: .*compressed\(\)"):
            call()
    assert Distribution.from_samples(masked.compressed()).pmf(3) == F(1, 2)


def test_pairs_and_mappings_of_any_kind():
    pairs = [(1, "1/4"), (2, "1/4"), (1, "1/2")]
    law = Distribution({1: "3/4", 2: "1/4"})
    assert Distribution(pairs) == Distribution(iter(pairs)) == Distribution([list(p) for p in pairs]) == law
    assert Distribution(zip([1, 2], ["3/4", "1/4"], strict=True)) == law
    assert Distribution.from_counts([(1, 1), (2, 1), (1, 2)]) == law
    assert Distribution.from_counts(Counter([1, 1, 1, 2])) == law
    assert mixture((x, w) for x, w in [(Point(1), "3/4"), (Point(2), "1/4")]) == law


def test_series_keep_their_index():
    pandas = pytest.importorskip("pandas")
    shares = pandas.Series([0.2, 0.3, 0.5], index=[10, 20, 30])
    law = Distribution({10: 0.2, 20: 0.3, 30: 0.5})
    assert Distribution(shares) == law
    assert Distribution(shares.astype("float32")).pmf(30) == pytest.approx(0.5, rel=1e-7)
    rolls = pandas.Series([1, 2, 2, 5])
    assert Distribution.from_counts(rolls.value_counts()) == Distribution.from_samples(rolls)
    with pytest.raises(DistconvTypeError, match=r"labels \(10, ...\).*Distribution\(weights\)"):
        Distribution.from_array(shares)
    assert Distribution.from_array(np.asarray(shares)).pmf(0) == 0.2
    assert Distribution.from_array(shares.reset_index(drop=True)).pmf(0) == 0.2
    table = pandas.DataFrame({"a": [1, 1, 2], "b": [0, 0, 5]})
    assert Distribution.from_samples(table).to_dict() == {(1, 0): F(2, 3), (2, 5): F(1, 3)}
    assert Distribution.from_counts(table.value_counts()) == Distribution.from_samples(table)
    with pytest.raises(DistconvTypeError, match="DataFrame"):
        Distribution(table)
    with pytest.raises(DistconvValueError, match=r"different labels.*reindex"):
        Distribution.from_arrays(pandas.Series([10, 20, 30], index=[2, 1, 0]), shares)
    prior = pandas.Series(["1/2", "1/2"], index=["d4", "d6"])
    assert posterior(prior, {"d4": Die(4), "d6": Die(6)}, [3, 1]) == {"d4": F(9, 13), "d6": F(4, 13)}


def test_the_line_of_a_data_scientist():
    pandas = pytest.importorskip("pandas")
    table = pandas.DataFrame({"score": [3, 7, 11]}, index=[7, 8, 9])
    two = 2 @ Die(6)
    table["p"] = two.sf(table.score)
    assert table.p.tolist() == [two.sf(3), two.sf(7), two.sf(11)]


# Sizes and messages ---------------------------------------------------------------------------------------------------


def step_of(error):
    """The step that the way out names."""
    return re.search(r"X\.round\((\S+?)\)", str(error))[1].strip('"')


def wide(step=1):
    return Distribution.from_array(np.full(40_000, 1 / 40_000), step=step)


def scattered(n, columns=None):
    shape = n if columns is None else (n, columns)
    return Distribution.from_samples(np.random.default_rng(1).normal(size=shape))


@pytest.mark.parametrize(
    ("laws", "call"),
    [
        ([wide(), wide("1/1000003")], lambda x, y: x + y),
        ([wide(), wide()], product),
        ([scattered(300)], lambda x: 60 @ x),
        ([scattered(100, 2)], lambda x: 60 @ x),
        ([scattered(200) + k for k in range(10)], lambda *laws: sum_of(laws)),
        ([Distribution({0: 0.5, 1: 0.25, F(1, 2**1074): 0.25})], lambda x: power_logsf(x, 10, 3)),
        ([Distribution({0: 0.5, 1: 0.25, "1e5000": 0.25})], lambda x: power_logsf(x, 10, 3)),
    ],
)
def test_the_way_out_of_a_size_limit_gets_out(laws, call):
    with settings(max_bytes=2**22):
        with pytest.raises(SizeLimitError, match=r"round .* coarser step: X\.round\(") as caught:
            call(*laws)
        step = step_of(caught.value)
        call(*(law.round(step) for law in laws))


def test_log_odds_with_a_small_step():
    """15 columns of log-odds: rounding by `map` ended in the same error."""
    columns = [
        Distribution.from_samples(np.log2(np.random.default_rng(k).dirichlet(np.ones(4)) * 4)) for k in range(15)
    ]
    total = sum_of([column.round(0.001) for column in columns])
    assert total.mean() == sum(column.round("0.001").mean() for column in columns)


def test_raising_the_limit_is_named_where_it_can_be():
    with settings(max_bytes=10_000), pytest.raises(SizeLimitError, match=r"max_bytes=\d+\)") as caught:
        wide() + wide()
    limit = int(re.search(r"max_bytes=(\d+)", str(caught.value))[1])
    assert limit < 2**40


# Outcomes of any size -------------------------------------------------------------------------------------------------


def test_subnormal_outcomes():
    e = 2.0**-1074
    law = Distribution({-e: "1/4", 0: "1/4", e: "1/4", 1: "1/4"})
    assert law.pmf(e) == F(1, 4)
    assert (2 @ law).pmf(0) == F(3, 16)
    assert (law + law).pmf(1 + F("5e-324")) == F(1, 8)
    assert (2 @ law.to_float()).pmf(2) == 1 / 16
    assert law.cdf(0) == F(1, 2)
    assert law.round(1).to_dict() == {0: F(3, 4), 1: F(1, 4)}
    # Against 0, 0, 0, 1: what is below the doubles does not show.
    for x in (law, law.to_float()):
        assert float(x.mean()) == 0.25
        assert float(x.var()) == pytest.approx(3 / 16, rel=1e-15)
        assert x.std() == pytest.approx(math.sqrt(3) / 4, rel=1e-15)
        assert x.skewness() == pytest.approx(2 / math.sqrt(3), rel=1e-14)
        assert float(x.kurtosis()) == pytest.approx(-2 / 3, rel=1e-14)
        assert x.cf(1.0) == pytest.approx((3 + np.exp(1j)) / 4, rel=1e-14)
        assert float(x.stop_loss(0)) == 0.25
        assert repr(x).startswith("Distribution(4 outcomes -")


@pytest.mark.parametrize(
    ("low", "high"), [("1e-5000", "1e5000"), (F(1, 3**700), F(2**900, 7)), (-(10**400), F(1, 10**400))]
)
def test_outcomes_of_any_size(low, high):
    law = Distribution({low: "1/4", 0: "1/4", high: "1/2"})
    a, b = F(low), F(high)
    for x in (law, law.to_float()):
        assert (2 @ x).pmf(a + b) == F(1, 4)
        assert (x + x).pmf(0) == F(1, 16)
        assert x.cdf(0) == (F(1, 2) if a > 0 or a < 0 else 0) - (F(1, 4) if a > 0 else 0)
        assert x.round(1).pmf(round(a)) >= F(1, 4)
        assert sum_of([x, 2 * x, Die(6)]).pmf(3 * b + 6) == pytest.approx(F(1, 24))
        assert repr(x).startswith("Distribution(3 outcomes ")
        assert len(str(x)) < 20_000
        assert len(x.rvs(5, rng=1)) == 5
    assert law.mean() == a / 4 + b / 2


# Answers that stay exact ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("total", [12, np.int64(12), 12.0, F(12), Decimal(12), "12"])
def test_given_sum_is_exact_however_the_total_is_written(total):
    law = Poisson(3).given_sum(Poisson(7), total)
    assert law == Binomial(12, F(3, 10))
    assert law.is_exact
