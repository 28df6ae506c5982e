"""Every method gives the oracle's answer: forced one by one, and on both sides of every threshold of the planner."""

import functools
import math
import time
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction

import flint
import numpy as np
import oracle
import pytest
from agreement import assert_law, stored, worst_error
from hypothesis import given
from hypothesis import strategies as st
from strategies import SHAPES, distribution, exactly, part, several, weights_of

from distconv import (
    Binomial,
    Die,
    Distribution,
    SizeLimitError,
    bounds,
    convolve,
    plan,
    plan_power,
    power,
    product,
    settings,
    sum_of,
)
from distconv.methods import certified, exact, fft, sparse

F = Fraction
FLOATING = ("sparse", "direct", "fft", "ball")


def dense_law(shape, sizes, seed=0):
    """A floating law on a box, and the oracle's law of the same doubles."""
    size = int(np.prod(sizes))
    array = weights_of(shape, size, seed).reshape(sizes)
    X = Distribution.from_array(array)
    cells = np.ndindex(*sizes)
    return X, {c if len(c) > 1 else c[0]: Fraction(w) for c, w in zip(cells, array.ravel().tolist(), strict=True) if w}


# Forced methods -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["exact", "sparse"])
@given(several(2, kind="exact"))
def test_exact_methods_are_the_oracle(method, pair):
    X, Y = map(distribution, pair)
    if method == "exact" and plan(X, Y, method="sparse").cells * 1000 < box_cells(X, Y):
        return  # only sparse points fit
    found = convolve(X, Y, method=method)
    assert found.is_exact
    assert found.how().method == method
    assert_law(found, oracle.convolve(*map(exactly, pair)))
    assert found == X + Y
    assert hash(found) == hash(X + Y)


def box_cells(X, Y):
    with settings(max_bytes=10**100):
        return plan(X, Y, method="fft").cells


@pytest.mark.parametrize("method", ["auto", *FLOATING])
@given(several(2))
def test_floating_methods_are_within_their_error_of_the_oracle(method, pair):
    X, Y = map(distribution, pair)
    if method not in ("auto", "sparse") and box_cells(X, Y) > 10**5:
        return  # only sparse points fit
    found = convolve(X, Y, method=method)
    assert_law(found, oracle.convolve(*map(exactly, pair)))
    if method != "auto" and not found.is_exact:
        assert found.how().method == method
    assert 0 <= found.error <= 1e-9


@pytest.mark.parametrize("method", FLOATING)
@pytest.mark.parametrize(
    "sizes", [((40,), (33,)), ((1,), (30,)), ((6, 7), (3, 9)), ((1, 8), (8, 1)), ((3, 4, 2), (2, 2, 5))], ids=str
)
@pytest.mark.parametrize("shape", SHAPES, ids=lambda s: s.__name__)
def test_every_method_on_every_shape(method, sizes, shape):
    (X, f), (Y, g) = dense_law(shape, sizes[0]), dense_law(shape, sizes[1], 1)
    found = convolve(X, Y, method=method)
    assert_law(found, oracle.convolve(f, g))
    assert found.error <= 1e-10 * (1 + 1e-9)


@pytest.mark.parametrize("method", FLOATING)
@pytest.mark.parametrize(
    "shapes",
    [(SHAPES[i], SHAPES[-1 - i]) for i in range(len(SHAPES))],
    ids=lambda p: f"{p[0].__name__}-{p[1].__name__}",
)
def test_every_method_on_operands_of_unlike_shape(method, shapes):
    (X, f), (Y, g) = dense_law(shapes[0], (50,)), dense_law(shapes[1], (21,), 1)
    assert_law(convolve(X, Y, method=method), oracle.convolve(f, g))


@pytest.mark.parametrize("shape", SHAPES, ids=lambda s: s.__name__)
def test_the_tilted_method(shape):
    (X, f), (Y, g) = dense_law(shape, (60,)), dense_law(shape, (45,), 1)
    assert_law(convolve(X, Y, method="tilted"), oracle.convolve(f, g))


def test_how_names_the_methods_that_certified_the_entries():
    X, _ = dense_law(SHAPES[2], (3000,))
    how = convolve(X, X, method="fft").how()
    assert how.method == "fft"
    assert "certified" in how.reason


# True zeros and no negatives ------------------------------------------------------------------------------------------


def exact_sum(X, Y):
    """The exact sum of two floating laws on whole numbers from 0 on."""
    found = []
    for law in (X, Y):
        weights = stored(law)
        scale = max(p.denominator for p in weights.values())
        found.append((flint.fmpz_poly([int(weights.get(k, 0) * scale) for k in range(max(weights) + 1)]), scale))
    (f, p), (g, q) = found
    return {k: Fraction(int(v), p * q) for k, v in enumerate((f * g).coeffs()) if v}


@pytest.mark.parametrize("vain", [True, False])
def test_what_is_guessed_of_a_transform_only_tells_what_is_tried_first(monkeypatch, vain):
    even, steep = (Distribution.from_array(w / w.sum()) for w in (np.arange(1.0, 1501), 0.8 ** np.arange(1500)))
    assert "by fft" not in convolve(steep, steep, method="fft").how().reason
    assert convolve(even, even, method="fft").how().reason == "asked for"
    monkeypatch.setattr(fft, "certifies_most", lambda *_: not vain)
    for X in (even, steep):
        assert_law(convolve(X, X, method="fft"), exact_sum(X, X))


@pytest.mark.parametrize("n", [500, 990, 1010, 1040, 1300])
def test_direct_sums_to_both_ends_of_the_doubles_and_past_them(n):
    """Under one tilt the sums range over 2 n bits: all that doubles hold, or more, which takes bands."""
    X, Y = Binomial(n, 0.3), Binomial(n - 7, 0.45)
    found = convolve(X, Y, method="direct")
    truth, error = exact_sum(X, Y), bounds.compose(X.error, Y.error)
    assert worst_error(found, truth) + Fraction(error) <= Fraction(found.error) * (1 + Fraction(1, 10**6))


@pytest.mark.parametrize("method", ["auto", "direct", "fft", "ball", "sparse", "tilted"])
def test_true_zeros_stay_exactly_zero(method):
    comb = Distribution({5 * k: w for k, w in enumerate(weights_of(SHAPES[1], 200).tolist())})
    pair = Distribution({0: 0.25, 1: 0.75})
    found = convolve(comb, pair, method=method)
    assert list(found.support) == sorted([5 * k for k in range(200)] + [5 * k + 1 for k in range(200)])
    assert all(found.pmf(5 * k + r) == 0.0 for k in range(200) for r in (2, 3, 4))
    assert np.array_equal(found.pmf(np.arange(1000)) > 0, np.arange(1000) % 5 < 2)


@pytest.mark.parametrize("method", ["direct", "fft", "ball", "sparse"])
def test_parity_in_the_plane(method):
    step = Distribution({(1, 0): 0.25, (-1, 0): 0.25, (0, 1): 0.25, (0, -1): 0.25})
    law = step
    for _ in range(9):
        law = convolve(law, step, method=method)
    truth = oracle.power(exactly(step.to_dict()), 10)
    assert set(law.support) == set(truth)
    assert all(sum(x) % 2 == 0 for x in law.support)
    assert law.pmf((1, 0)) == 0.0
    assert_law(law, truth)


@part(0.5)
@given(
    st.sampled_from(["fft", "direct", "ball", "tilted"]),
    st.sampled_from(SHAPES),
    st.integers(1, 300),
    st.integers(0, 999),
)
def test_no_probability_is_ever_negative(method, shape, size, seed):
    X = Distribution.from_array(weights_of(shape, size, seed))
    found = convolve(X, X, method=method)
    assert min(stored(found).values()) > 0
    assert (found.to_arrays()[1] >= 0).all()


def test_weights_far_below_the_doubles_survive_every_method():
    X = Distribution({0: 1.0, 1: 1e-300, 2: 1e-200})
    for method in ("auto", *FLOATING):
        found = convolve(convolve(X, X, method=method), X, method=method)
        assert_law(found, oracle.power(exactly(X.to_dict()), 3))
        assert found.pmf(3) == 0.0 or found.pmf(3) > 0
        assert found.logpmf(3) == pytest.approx(-690.7755 * 3, abs=2000)
        assert found.logpmf(6) == pytest.approx(-600 * np.log(10), rel=1e-12)


# Thresholds -----------------------------------------------------------------------------------------------------------


def last_true(condition, low, high):
    """The largest integer for which a falling condition holds."""
    assert condition(low)
    assert not condition(high)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if condition(middle) else (low, middle)
    return low


def kind_at(X, Y, limit):
    with settings(exact_limit=limit):
        return plan(X, Y).kind


EXACT_PAIRS = [
    (Die(6), Die(20)),
    (7 @ Die(6), Die(4)),
    (Distribution({(0, 0): "1/3", (1, 0): "1/3", (0, 1): "1/3"}), Distribution({(0, 0): "1/2", (1, 1): "1/2"})),
    (Distribution({0: "1/2", 1: "1/4", 10**9: "1/4"}), Die(6)),
]


@pytest.mark.parametrize("pair", EXACT_PAIRS, ids=["dice", "sums", "plane", "sparse"])
def test_on_both_sides_of_the_exact_limit(pair):
    X, Y = pair
    most = last_true(lambda limit: kind_at(X, Y, limit) == "float", 0, 2_000_000_000)
    truth = oracle.convolve(X.to_dict(), Y.to_dict())
    with settings(exact_limit=most + 1):
        above = X + Y
        at_power = 2 @ X
    with settings(exact_limit=most):
        below = X + Y
    with settings(exact_limit=0):
        power_below = 2 @ X
    assert (above.kind, below.kind) == ("exact", "float")
    assert type(above) is type(below)
    for found in (above, below):
        assert_law(found, truth)
    assert_law(power_below, oracle.power(X.to_dict(), 2))
    assert_law(at_power, oracle.power(X.to_dict(), 2))
    assert "exact_limit" in below.how().reason


def test_the_exact_limit_counts_bits_times_cells():
    """A die has 3-bit weights; the sum of two has 11 cells of 6 bits."""
    assert kind_at(Die(6), Die(6), 66) == "exact"
    assert kind_at(Die(6), Die(6), 65) == "float"
    assert "6 bits x 11 cells" in plan(Die(6), Die(6)).reason


@pytest.mark.parametrize("n", [2, 3, 6, 7])
@pytest.mark.parametrize(
    "law",
    [Die(6), Distribution({(0, 1): "1/3", (2, 0): "2/3"}), Distribution({0: "1/2", 1: "1/4", 10**9: "1/4"})],
    ids=["die", "plane", "sparse"],
)
def test_powers_on_both_sides_of_the_exact_limit(law, n):
    def kind(limit):
        with settings(exact_limit=limit):
            return plan_power(law, n).kind

    most = last_true(lambda limit: kind(limit) == "float", 0, 2_000_000_000)
    truth = oracle.power(law.to_dict(), n)
    for limit in (most, most + 1):
        with settings(exact_limit=limit):
            found = n @ law
        assert_law(found, truth)
    assert found.is_exact


@pytest.mark.parametrize("kind", ["exact", "float"])
def test_on_both_sides_of_sparse_and_dense(kind):
    def pair(gap):
        X = Distribution({0: "1/2", 1: "1/4", gap: "1/4"})
        return (X, X) if kind == "exact" else (X.to_float(), X.to_float())

    most = last_true(lambda gap: plan(*pair(gap)).method != "sparse", 2, 10**9)
    for gap in range(most - 1, most + 4):
        X, Y = pair(gap)
        found = X + Y
        assert (found.how().method == "sparse") == (plan(X, Y).method == "sparse")
        truth = oracle.convolve(exactly(X.to_dict()), exactly(Y.to_dict()))
        assert_law(found, truth)
        assert_law(found + X, oracle.convolve(truth, exactly(X.to_dict())))
        assert all(convolve(X, Y, method=m) == found for m in ("sparse", found.how().method))


def test_dense_and_sparse_storage_of_one_law_are_equal():
    """{0, 1, k} is kept dense or sparse, as its sums are; the law is the same either way."""
    for gap in range(2, 40):
        X = Distribution({0: "1/2", 1: "1/4", gap: "1/4"})
        for method in ("exact", "sparse"):
            S = convolve(X, X, method=method)
            again = Distribution(S.to_dict())
            assert again == S
            assert hash(again) == hash(S)
            assert S.to_float() == again.to_float()
            assert hash(S.to_float()) == hash(again.to_float())
            assert len(S.support) == len(S.to_dict())
            assert S.cdf(gap) == again.cdf(gap)
            assert S.ppf(Fraction(1, 3)) == again.ppf(Fraction(1, 3))
            assert S.mode() == again.mode()


@pytest.mark.parametrize("length", [63, 64, 65, 127, 128, 129, 8191, 8192, 8193])
def test_direct_sums_at_the_block_length(length):
    """`numpy.convolve` is cut into blocks; a flat law tells a lost or doubled cell."""
    X = Distribution.from_array(np.full(length, 1 / length))
    found = convolve(X, X, method="direct")
    counts = np.minimum(np.arange(1, 2 * length), np.arange(2 * length - 1, 0, -1))
    assert np.allclose(found.to_arrays()[1], counts / length**2, rtol=1e-12, atol=0)


def test_the_tolerance_is_obeyed():
    X, f = dense_law(SHAPES[2], (300,))
    truth = oracle.convolve(f, f)
    for tolerance in (1e-6, 1e-10, 1e-13):
        with settings(tolerance=tolerance):
            found = convolve(X, X, method="fft")
        assert found.error <= tolerance * (1 + 1e-9)
        assert_law(found, truth)


def test_settings_are_restored_and_nested():
    from distconv.settings import current_settings

    before = current_settings()
    with settings(tolerance=1e-6):
        with settings(exact_limit=0) as inner:
            assert (inner.tolerance, inner.exact_limit) == (1e-6, 0)
            assert current_settings() is inner
        assert current_settings().exact_limit == before.exact_limit
    assert current_settings() == before
    with pytest.raises(RuntimeError), settings(max_bytes=1):
        raise RuntimeError
    assert current_settings() == before


def test_an_executor_changes_nothing_but_the_time():
    terms = [Distribution({0: 0.5, k: 0.5}) for k in range(1, 40)]
    with ThreadPoolExecutor(2) as executor, settings(tolerance=1e-6):
        side_by_side, alone = sum_of(terms, executor=executor), sum_of(terms)
    assert side_by_side == alone
    assert side_by_side.error == alone.error <= 1e-6


def test_threads_have_settings_of_their_own():
    """A setting made in one thread is not seen in another."""
    with ThreadPoolExecutor(1) as executor:
        with settings(exact_limit=0):
            elsewhere = executor.submit(lambda: (Die(6) + Die(6)).kind)
            here = (Die(6) + Die(6)).kind
        assert (here, elsewhere.result()) == ("float", "exact")


@pytest.mark.parametrize("sizes", [(40, 40), (9, 9, 9)], ids=str)
@pytest.mark.parametrize("method", ["auto", "fft", "direct"])
def test_far_corners_of_the_plane_and_of_space_are_right(method, sizes):
    """Products of binomials: the corners of the sum are products of numbers that are known."""
    axes = [weights_of(SHAPES[2], n) for n in sizes]
    X = Distribution.from_array(functools.reduce(np.multiply.outer, axes), normalize=True)
    f = stored(X)
    found = convolve(X, X, method=method)
    weights = stored(found)
    top = tuple(n - 1 for n in sizes)
    for x in ((0,) * len(sizes), top, (0,) * (len(sizes) - 1) + top[-1:]):
        truth = f[x] ** 2
        assert abs(weights[oracle.times(2, x)] - truth) <= F(found.error) * truth
    assert found.error <= 1e-10 + 3 * X.error
    assert len(found.support) == math.prod(2 * n - 1 for n in sizes)


def test_a_floating_king_is_the_exact_one():
    king = Distribution({(i, j): "1/8" for i in (-1, 0, 1) for j in (-1, 0, 1) if (i, j) != (0, 0)})
    truth = (12 @ king).to_dict()
    with settings(exact_limit=0):
        found = 12 @ king
    assert not found.is_exact
    assert_law(found, truth)
    assert found.error <= 1e-10


# Plans ----------------------------------------------------------------------------------------------------------------


def test_a_plan_is_what_is_done():
    pairs = [(Die(6), Die(6)), (Die(6).to_float(), Die(6)), (Distribution({0: "1/2", 10**9: "1/2"}), Die(6))]
    for X, Y in pairs:
        planned, done = plan(X, Y), (X + Y).how()
        assert (planned.method, planned.kind, planned.cells) == (done.method, done.kind, done.cells)
        assert planned.seconds > 0
        assert planned.bytes > 0
        for word in ("method", "cells", "bytes", "time", "reason"):
            assert word in str(planned)


def test_a_plan_of_a_power_is_what_is_done():
    for X, n in ((Die(6), 100), (Die(6).to_float(), 10)):
        assert plan_power(X, n).method == (n @ X).how().method
        assert plan_power(X, n).kind == (n @ X).kind


def test_a_plan_computes_nothing():
    X = Distribution.from_array(np.full(10**6, 1e-6))
    start = time.perf_counter()
    assert plan(X, X).cells == 2 * 10**6 - 1
    assert time.perf_counter() - start < 0.05


def test_a_plan_calls_for_sparse_points():
    X = Distribution({0: "1/2", 1: "1/4", 10**9: "1/4"})
    assert plan(X, X).method == "sparse"
    assert (X + X).how().method == "sparse"
    two = Distribution({0: "1/2", 10**9: "1/2"})
    assert two.shape == (2,)
    assert (10 @ two).pmf(5 * 10**9) == Fraction(63, 256)


# Size limits ----------------------------------------------------------------------------------------------------------


def refused(call, limit_s=2.0):
    """The message of a refusal that came before memory was touched."""
    tracemalloc.start()
    start = time.perf_counter()
    try:
        with pytest.raises(SizeLimitError) as caught:
            call()
        seconds, peak = time.perf_counter() - start, tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert seconds < limit_s
    assert peak < 50e6, f"{peak / 1e6:.0f} MB were allocated before the refusal"
    return str(caught.value)


def assert_says_all(message, unit):
    assert unit in message
    assert "limit 2.0 GiB" in message
    assert "to one coarser step: X.round(" in message or "to a coarser step: X.round(" in message


def test_a_sum_of_terabytes_is_refused_at_once():
    flat = np.full(300_000, 1 / 300_000)
    X, Y = Distribution.from_array(flat), Distribution.from_array(flat, step="1/1000003")
    assert_says_all(refused(lambda: X + Y), "TiB")
    assert_says_all(refused(lambda: plan(X, Y)), "TiB")
    for method in ("direct", "fft", "ball", "sparse"):
        assert_says_all(refused(lambda method=method: convolve(X, Y, method=method)), "TiB")


def test_a_sum_in_the_plane_is_refused_at_once():
    flat = np.full((1000, 1000), 1e-6)
    X, Y = Distribution.from_array(flat, step=("1/7", 1)), Distribution.from_array(flat, step=("1/11", "1/13"))
    message = refused(lambda: X + Y)
    assert_says_all(message, "GiB")


@pytest.fixture
def no_computation(monkeypatch):
    """Nothing may be convolved."""

    def fail(*_args):
        pytest.fail("a product was computed before the refusal")

    for module in (certified, exact, sparse):
        monkeypatch.setattr(module, "convolve", fail)


@pytest.mark.parametrize(
    "law",
    [Die(6), Die(6).to_float(), Distribution({(0, 0): 0.5, (0, 1): 0.25, (1, 0): 0.25})],
    ids=["exact", "float", "plane"],
)
def test_a_power_that_does_not_fit_is_refused_at_once(law, no_computation):
    assert_says_all(refused(lambda: plan_power(law, 10**9)), "iB")
    for call in (lambda: 10**9 @ law, lambda: power(law, 10**9)):
        if law.ndim == 1:
            # Copies are kept as their term: the whole is refused when it is asked for.
            assert_says_all(refused(lambda call=call: call().hold()), "iB")
            continue
        with pytest.raises(SizeLimitError, match=r"iB.*X\.prob_box"):
            call().to_dict()


def test_a_sum_of_many_terms_that_does_not_fit_is_refused():
    """Steps that do not fit: the last product is refused before its memory is touched."""
    terms = [Distribution.from_array(np.full(1000, 1e-3), step=Fraction(1, p)) for p in (997, 1009, 1013)]
    with pytest.raises(SizeLimitError, match="GiB"):
        sum_of(terms)


def test_a_joint_law_that_does_not_fit_is_refused_at_once():
    X = Distribution.from_array(np.full(100_000, 1e-5))
    assert_says_all(refused(lambda: product(X, X)), "GiB")


def test_the_limit_can_be_raised():
    X = Distribution.from_array(np.full(1000, 1e-3))
    with settings(max_bytes=1000):
        with pytest.raises(SizeLimitError, match=r"max_bytes=(\d+)") as caught:
            X + X
        needed = int(str(caught.value).split("max_bytes=")[1].split(")")[0])
        with settings(max_bytes=needed):
            assert len((X + X).support) == 1999
        with settings(max_bytes=needed - 1), pytest.raises(SizeLimitError):
            X + X
