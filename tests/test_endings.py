"""Every sum ends, soon, and right: laws that once went round in circles, against exact integers."""

import math
import re
import time
from fractions import Fraction
from itertools import pairwise

import flint
import numpy as np
import oracle
import pytest
from agreement import assert_law, stored
from hypothesis import given
from hypothesis import strategies as st
from strategies import part

from distconv import (
    AccuracyError,
    Bernoulli,
    Die,
    Distribution,
    SizeLimitError,
    Uniform,
    plan_compound,
    plan_power,
    settings,
    sum_of,
)
from distconv.methods import accumulation, certified, compounding, direct, shares
from distconv.methods.operands import Operand
from distconv.support.boxes import Box, Region

#: Seconds that any of these sums may take (they take a few hundredths to one of CPU).
SOON = 5.0


def soon(work):
    """What the work returns, which must not take longer than `SOON`."""
    start = time.process_time()
    found = work()
    assert time.process_time() - start < SOON
    return found


def polynomial(X):
    """(the weights of a law of whole numbers from 0 on as an integer polynomial, the power of 2 to divide it by)."""
    law = stored(X)
    bits = max(p.denominator.bit_length() - 1 for p in law.values())
    values = [0] * (max(law) + 1)
    for x, p in law.items():
        values[x] = (p.numerator << bits) // p.denominator
    return flint.fmpz_poly(values), bits


def assert_near(found, truth, bits):
    """A law is within its error of an integer polynomial divided by 2**bits, and has its support."""
    law = stored(found)
    expected = {x: int(v) for x, v in enumerate(truth.coeffs()) if v}
    assert sorted(law) == list(expected)
    error = Fraction(found.error)
    for x, p in law.items():
        # |p - t / 2**bits| <= error t / 2**bits, in integers.
        difference = abs((p.numerator << bits) - expected[x] * p.denominator)
        assert difference * error.denominator <= error.numerator * expected[x] * p.denominator, x


def scattered(points, span, seed):
    rng = np.random.default_rng(seed)
    return Distribution.from_arrays(
        np.sort(rng.choice(span, points, replace=False)), rng.random(points), normalize=True
    )


def noisy(size, decades, seed=0, holes=0.0):
    """A law whose logs are noise, some of its weights 0."""
    rng = np.random.default_rng(seed)
    weights = 10.0 ** (-decades * rng.random(size))
    weights[1:-1][rng.random(size - 2) < holes] = 0.0
    return Distribution.from_array(weights / weights.sum())


# Sums of two ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("tolerance", [1e-6, 1e-10, 1e-13, 1e-14, 3e-15, 3e-16])
@pytest.mark.parametrize(("size", "decades", "holes"), [(1500, 0, 0), (1500, 30, 0.5), (1000, 300, 0), (700, 290, 0.3)])
def test_any_two_laws_are_added_to_any_tolerance(size, decades, holes, tolerance):
    X, Y = noisy(size, decades, 0, holes), noisy(size, decades, 1, holes)
    with settings(tolerance=tolerance):
        found = soon(lambda: X + Y)
    assert found.error <= tolerance * 1.001 + X.error + Y.error
    (a, bits_a), (b, bits_b) = polynomial(X), polynomial(Y)
    assert_near(found, a * b, bits_a + bits_b)


def test_a_tolerance_below_the_rounding_of_a_double_is_refused_and_the_way_out_is_one():
    d6 = Die(6).to_float()
    with settings(tolerance=1e-16), pytest.raises(AccuracyError, match=r"tolerance=2e-16\)"):
        d6 + d6
    with settings(tolerance=certified.LEAST_TOLERANCE):
        found = d6 + d6
    assert found.error <= certified.LEAST_TOLERANCE + 2.0001 * d6.error
    assert_law(found, {k: Fraction(6 - abs(7 - k)) * Fraction(d6.pmf(1)) ** 2 for k in range(2, 13)})


@part(0.5)
@given(
    st.lists(st.integers(0, 4000), min_size=2, max_size=60, unique=True),
    st.integers(0, 310),
    st.sampled_from([1e-6, 1e-10, 1e-12, 1e-14, 1e-15]),
    st.sampled_from(["fft", "direct", "tilted", "ball"]),
    st.integers(0, 10),
)
def test_no_way_is_tried_twice_on_a_box(places, decades, tolerance, method, seed):
    """The measure of `certified._run` falls, and so there are few tasks for every stretch of outcomes."""
    rng = np.random.default_rng(seed)
    arrays = []
    for scale in (1.0, 0.5):
        values = np.zeros(max(places) + 1)
        values[places] = 10.0 ** (-scale * decades * rng.random(len(places)))
        arrays.append(Operand(values, None, bool(values.all())))
    tasks = []
    compute = certified._next

    def counted(*arguments):
        found = compute(*arguments)
        tasks.append((arguments[2], found[1]))
        return found

    certified._next = counted
    try:
        canvas = certified.convolve(*arrays, tolerance, method)
    finally:
        certified._next = compute
    for before, after in tasks:
        assert after.rank < before.rank
        assert after.method not in after.others
        assert after.others <= before.others
    cells = len(canvas.significands)
    assert len(tasks) <= 8 + cells // 8
    assert canvas.error <= tolerance


# Direct sums ----------------------------------------------------------------------------------------------------------


@part(0.5)
@given(st.integers(1, 400), st.integers(1, 2), st.integers(0, 400), st.sampled_from([1.0, 1e-14, 3e-15]), st.data())
def test_direct_sums_of_any_range_keep_the_bound_that_was_asked_for(size, ndim, decades, tolerance, data):
    side = size if ndim == 1 else math.isqrt(size) + 1
    rng = np.random.default_rng(data.draw(st.integers(0, 99)))
    operands = []
    for _ in range(2):
        logs = -decades * 3.33 * rng.random((side,) * ndim)
        significands, exponents = np.exp2(logs % 1) / 2, np.floor(logs).astype(np.int64)
        significands[rng.random(significands.shape) < 0.2] = 0.0
        exponents[significands == 0] = 0
        operands.append(Operand(significands, exponents, bool(significands.all())))
    shape = (2 * side - 1,) * ndim
    low = tuple(data.draw(st.integers(0, n - 1)) for n in shape)
    high = tuple(data.draw(st.integers(lo + 1, min(n, lo + 40))) for lo, n in zip(low, shape, strict=True))
    region = Region.of((side,) * ndim, (side,) * ndim, Box(low, high))
    piece = direct.convolve(*operands, region, tolerance)
    assert piece.absolute == 0.0
    assert piece.relative <= max(tolerance, direct.least_error(side**ndim) + 9 * 2.0**-53)
    shifts = np.broadcast_to(piece.shift, piece.values.shape)
    exact = [
        {i: Fraction(float(o.significands[i])) * Fraction(2) ** int(o.exponents[i]) for i in np.ndindex(*o.shape)}
        for o in operands
    ]
    cells = list(np.ndindex(*piece.values.shape))
    for cell in rng.permutation(len(cells))[:5].tolist():
        cell = cells[cell]
        at = tuple(c + lo for c, lo in zip(cell, low, strict=True))
        truth = Fraction(0)
        for i, p in exact[0].items():
            truth += p * exact[1].get(tuple(c - k for c, k in zip(at, i, strict=True)), 0)
        value = Fraction(float(piece.values[cell])) * Fraction(2) ** int(shifts[cell])
        assert abs(value - truth) <= Fraction(piece.relative) * truth


def test_rows_whose_ends_are_small_are_summed_where_their_bands_are():
    rng = np.random.default_rng(0)
    size = 200_000
    # Ten bits less for each cell from the middle: every band of the row is two stretches, far from each other.
    exponents = -10 * np.abs(np.arange(size) - size // 2)
    long = Operand(rng.random(size) / 2 + 0.5, exponents, True)
    short = Operand(rng.random(6) / 2 + 0.5, rng.integers(-2000, 0, 6), True)
    factor, pairs = direct.work(long, short)
    assert factor < 3
    assert pairs < 40 * size * 10 // direct.BAND_BITS
    piece = soon(lambda: direct.convolve(long, short, Region.of((size,), (6,), Box((0,), (size + 5,))), 1e-14))
    shifts = np.broadcast_to(piece.shift, piece.values.shape)
    for cell in (0, 1, 5, 700, 20_000, 99_999, 100_003, 165_432, size, size + 4):
        truth = sum(
            Fraction(float(long.significands[cell - k]))
            * Fraction(float(short.significands[k]))
            * Fraction(2) ** int(exponents[cell - k] + short.exponents[k])
            for k in range(6)
            if 0 <= cell - k < size
        )
        value = Fraction(float(piece.values[cell])) * Fraction(2) ** int(shifts[cell])
        assert abs(value - truth) <= Fraction(piece.relative) * truth


def test_shorter_blocks_have_smaller_bounds():
    sizes = [direct.roundings(10_000, 10_000, block) for block in (8192, 1024, 128, 16)]
    assert all(more > less for more, less in pairwise(sizes))
    assert sizes[-1] == 16 + 10


def test_no_product_is_asked_for_more_than_its_methods_can_certify():
    for cells in (1, 2, 100, shares.SMALL, shares.SMALL + 1, 10**6, 10**9):
        for dimension in (1, 2):
            least = shares.least(cells, dimension)
            assert 2e-16 < least < 1e-11
            assert shares.asked(1e-30, cells, dimension) == least
            assert shares.asked(1e-6, cells, dimension) == 1e-6


# Copies ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(4))
def test_a_die_of_scattered_points_ends(seed):
    X = scattered(10 + 10 * seed, 500 + 1500 * seed, seed)
    found = soon(lambda: Die(6) @ X)
    low = min(X.support)
    (a, bits) = polynomial(X - low)
    total, shift = flint.fmpz_poly([]), 6 * (bits + 3)
    for n in range(1, 7):
        # P(n) = 1/6, over the common denominator 6.
        total += flint.fmpz_poly([0] * (n * low) + [1]) * a**n * (1 << (shift - n * bits))
    law, expected = stored(found), {x: int(v) for x, v in enumerate(total.coeffs()) if v}
    assert sorted(law) == list(expected)
    for x, p in law.items():
        truth = Fraction(expected[x], 6 << shift)
        assert abs(p - truth) <= Fraction(found.error) * truth


def test_a_random_number_of_equal_weights_ends():
    N = Distribution.from_arrays(list(range(1, 92, 10)), [0.1] * 10, normalize=True)
    found = soon(lambda: N @ Uniform(0, 39).to_float())
    assert (len(found.support), max(found.support)) == (3550, 3549)
    swapped = soon(lambda: Uniform(0, 39).to_float() @ N)
    assert max(swapped.support) == 39 * 91


# Evenly spaced numbers of terms ---------------------------------------------------------------------------------------


def mixed_powers(X, counts):
    """The law of as many copies of X as an even chance among the counts says."""
    step, total = stored(X), {}
    for n in counts:
        for x, p in oracle.power(step, n).items():
            total[x] = total.get(x, 0) + p / len(counts)
    return total


@pytest.mark.parametrize(
    "counts", [range(2), range(3, 5), range(8), range(1, 8), range(12), range(5, 28), range(0, 40, 3), range(7, 47, 8)]
)
@pytest.mark.parametrize("X", [Distribution({-1: "1/4", 2: "3/4"}), Distribution({1: 0.25, 2: 0.5, 5: 0.25})])
def test_even_numbers_of_terms_are_geometric_series(counts, X):
    N = Distribution(dict.fromkeys(counts, Fraction(1, len(counts))))
    assert_law(N @ X, mixed_powers(X, counts))


def test_even_numbers_of_terms_in_the_plane():
    X = Distribution({(0, 1): 0.25, (1, 0): 0.5, (2, 2): 0.25})
    assert_law(Uniform(0, 11) @ X, mixed_powers(X, range(12)))


def test_a_hundred_thousand_even_numbers_of_terms_end():
    n = 100_000
    plan = plan_compound(Uniform(1, n), Die(6))
    assert plan.seconds < SOON
    found = soon(lambda: Uniform(1, n) @ Die(6))
    assert found.error <= 2e-10
    # The chance that some number of dice adds up to s: of the last die before s.
    hits = [Fraction(1)]
    for s in range(1, 200):
        hits.append(sum(hits[max(0, s - 6) : s]) / 6)
        assert abs(Fraction(found.pmf(s)) - hits[s] / n) <= Fraction(found.error) * hits[s] / n
    # It is 1 / 3.5 far from both ends, but for less than 1e-30.
    assert found.pmf(3 * n) * 3.5 * n == pytest.approx(1, rel=found.error)
    assert found.logpmf(6 * n) == pytest.approx(-n * math.log(6) - math.log(n), rel=1e-13)


@pytest.mark.parametrize("tolerance", [1e-10, 1e-12, 1e-14])
def test_powers_end_at_any_tolerance(tolerance):
    X = noisy(300, 3)
    with settings(tolerance=tolerance):
        found = soon(lambda: 20 @ X)
    a, bits = polynomial(X)
    assert_near(found, a**20, 20 * bits)
    # Below some 1e-13 the products of a power have fewer digits than their shares would need: it says so.
    assert found.error <= max(tolerance, 1e-13)


@pytest.mark.parametrize(("size", "decades", "n"), [(10_000, 30, 20), (300, 30, 300)])
def test_powers_of_laws_with_holes_end(size, decades, n):
    X = noisy(size, decades, 0, 0.5)
    found = soon(lambda: n @ X)
    assert found.error <= 1e-10 + n * X.error
    assert max(found.support) == n * (size - 1)


@pytest.mark.parametrize("seed", range(2))
def test_many_copies_of_scattered_points_end(seed):
    X = scattered(29, 1000, seed)
    found = soon(lambda: 500 @ X)
    assert found.error <= 2e-10
    assert float(found.mean()) == pytest.approx(500 * float(X.mean()), rel=1e-9)


def test_five_hundred_copies_of_points_scattered_below_five_thousand_end():
    X = scattered(40, 5000, 1)
    found = soon(lambda: 500 @ X)
    assert found.error <= 2e-10
    assert found.logpmf(500 * max(X.support)) == pytest.approx(500 * math.log(X.pmf(max(X.support))), rel=1e-12)
    assert float(found.mean()) == pytest.approx(500 * float(X.mean()), rel=1e-9)


@pytest.mark.parametrize("outcomes", [(0, 1, 2, 3), (0, 1, 5, 7)])
def test_copies_of_a_law_with_one_outcome_rarer_than_doubles_count_end(outcomes):
    tiny = Fraction(1, 2**1074)
    n, chances = 1000, (Fraction(1, 2) - tiny, Fraction(1, 4), Fraction(1, 4), tiny)
    X = Distribution(dict(zip(outcomes, chances, strict=True)))
    assert plan_power(X, n).seconds < SOON
    found = soon(lambda: n @ X)
    assert found.logpmf(n * outcomes[3]) == pytest.approx(-n * 1074 * math.log(2), rel=1e-12)
    # Below the smallest tiny sum none is tiny: the trinomial law.
    for x in (0, 1, 2, 3):
        ways = [(i, j) for i in range(4) for j in range(3) if i * outcomes[1] + j * outcomes[2] == x]
        truth = sum(math.comb(n, i) * math.comb(n - i, j) * chances[0] ** (n - i - j) / 4 ** (i + j) for i, j in ways)
        if x < outcomes[3]:
            assert found.logpmf(x) == pytest.approx(log_of(truth), abs=1e-9)


def log_of(fraction):
    """The log of a fraction of any size."""
    return math.log(fraction.numerator) - math.log(fraction.denominator)


@pytest.mark.parametrize(("points", "n"), [(1, 100_000), (2, 500), (3, 60), (4, 25)])
def test_copies_of_few_points_far_apart_are_counted(points, n):
    rng = np.random.default_rng(points)
    places = [0, 1000, 10_001, 700_003][:points]
    X = Distribution.from_arrays(places, rng.random(points), normalize=True)
    found = soon(lambda: n @ X)
    assert len(found.support) == math.comb(n + points - 1, points - 1)
    assert found.error <= 1e-10 + n * X.error
    weights = [stored(X)[x] for x in places]
    if points == 1:
        assert found.pmf(0) == 1
        return
    for seed in range(20):
        counts = np.random.default_rng(seed).multinomial(n, [1 / points] * points).tolist()
        truth = Fraction(math.factorial(n))
        for k, w in zip(counts, weights, strict=True):
            truth *= w**k / math.factorial(k)
        x = sum(k * place for k, place in zip(counts, places, strict=True))
        assert abs(stored_at(found, x) - truth) <= Fraction(found.error) * truth


def stored_at(X, x):
    """One weight as the exact number that the law holds."""
    measure = X.law.measure
    support = measure.support
    rank = support.rank((x,)) if measure.is_sparse else measure.box.cell((x,))
    return measure.weights.exact_at(rank)


# Many terms -----------------------------------------------------------------------------------------------------------


def product_of(laws):
    """The sum of laws of whole numbers from 0 on, as an integer polynomial and the power of 2 to divide it by."""
    total, bits = flint.fmpz_poly([1]), 0
    for law in laws:
        a, more = polynomial(law)
        total, bits = total * a, bits + more
    return total, bits


@part(0.5)
@given(
    st.lists(
        st.lists(st.integers(1, 300), min_size=1, max_size=4, unique=True).map(lambda places: [0, *sorted(places)]),
        min_size=2,
        max_size=25,
    ),
    st.sampled_from([0, 3, 60, 300]),
    st.integers(0, 10),
)
def test_accumulated_sums_keep_their_bound(supports, decades, seed):
    rng = np.random.default_rng(seed)
    terms = []
    shift = 0
    truth = flint.fmpz_poly([1])
    for places in supports:
        weights = 10.0 ** (-decades * rng.random(len(places)))
        terms.append(accumulation.Term.of(np.array(places), weights, None))
        values = [0] * (places[-1] + 1)
        for place, weight in zip(places, weights.tolist(), strict=True):
            values[place] = int(Fraction(weight) * 2**1100)
        truth, shift = truth * flint.fmpz_poly(values), shift + 1100
    significands, exponents, error = accumulation.total(terms, int)
    expected = [int(v) for v in truth.coeffs()]
    assert [s > 0 for s in significands.tolist()] == [v > 0 for v in expected]
    assert ((significands == 0) | ((significands >= 0.5) & (significands < 1))).all()
    for s, e, v in zip(significands.tolist(), exponents.tolist(), expected, strict=True):
        if v:
            found = Fraction(s) * Fraction(2) ** (e + shift)
            assert abs(found - v) <= Fraction(error) * v


def test_many_stakes_end():
    terms = [i * Bernoulli(0.5) for i in range(1, 801)]
    found = soon(lambda: sum_of(terms))
    assert found.error < 1e-12
    # The number of subsets of 1, 2, ... with a sum: partitions into distinct parts.
    for total, subsets in ((0, 1), (3, 2), (10, 10), (30, 296)):
        truth = Fraction(subsets, 2**800)
        assert abs(stored_at(found, total) - truth) <= Fraction(found.error) * truth


def test_different_loans_end():
    rng = np.random.default_rng(0)
    loans = [(int(k), float(p)) for k, p in zip(rng.integers(1, 200, 30), rng.uniform(0.001, 0.1, 30), strict=True)]
    found = soon(lambda: sum_of([k * Bernoulli(p) for k, p in loans]))
    assert found.error < 1e-12
    assert_near(found, *product_of([k * Bernoulli(p) for k, p in loans]))


def test_masses_of_a_molecule_end():
    isotopes = {
        "C": ([12000, 13003], [0.9893, 0.0107], 8),
        "H": ([1008, 2014], [0.999885, 0.000115], 9),
        "N": ([14003, 15000], [0.99636, 0.00364], 2),
        "O": ([15995, 16999, 17999], [0.99757, 0.00038, 0.00205], 2),
        "S": ([31972, 32971, 33968, 35967], [0.9499, 0.0075, 0.0425, 0.0001], 1),
    }
    laws = [(Distribution.from_arrays(x, w, normalize=True), n) for x, w, n in isotopes.values()]
    found = soon(lambda: sum_of([law for law, n in laws for _ in range(n)]))
    assert found.error <= 1e-10
    low = sum(n * min(law.support) for law, n in laws)
    assert_near(found - low, *product_of([law - min(law.support) for law, n in laws for _ in range(n)]))


def test_laws_on_lattices_that_do_not_agree_are_joined_small_with_small():
    exactly = soon(lambda: sum_of([Bernoulli("1/2") / k for k in range(1, 19)]))
    assert exactly.is_exact
    assert len(exactly.support) == 59_264
    assert exactly.pmf(0) == Fraction(1, 2**18)
    floating = soon(lambda: sum_of([Bernoulli(0.5) / k for k in range(1, 19)]))
    assert len(floating.support) == 59_264
    # 1/2 = 1/3 + 1/6, and so on: more than one subset has the sum 1.
    for x in (0, 1, Fraction(1, 2)):
        assert abs(Fraction(float(floating.pmf(x))) - exactly.pmf(x)) <= Fraction(floating.error) * exactly.pmf(x)
    rng = np.random.default_rng(3)
    laws = [Distribution.from_array((w := rng.random(8)) / w.sum(), step=s) for s in ("1", "1/7", "1/10", "1/7", "1")]
    assert_near(70 * soon(lambda: sum_of(laws)), *product_of([70 * law for law in laws]))


def test_a_sum_of_too_many_cells_is_refused_at_once_with_its_size():
    stakes = np.random.default_rng(1).integers(1, 10**6, 100).tolist()
    with pytest.raises(SizeLimitError, match=r"[\d.]+ GiB > limit 2.0 GiB"):
        soon(lambda: sum_of([Fraction(x, 1000) * Bernoulli(0.37) for x in stakes]).hold())


def test_a_sum_of_more_points_than_doubles_can_count_is_refused():
    terms = [Distribution({0: 0.5, 10 ** (3 * k) + k: 0.5}) for k in range(1100)]
    with pytest.raises(SizeLimitError, match="pairs"):
        sum_of(terms)


# Ways out -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("tolerance", [1e-2, 1e-6, 1e-8, 1e-10, 1e-14])
@pytest.mark.parametrize("reached", [1e-17, 1e-13, 1e-9, 1e-5, 1e-3, 0.5, math.inf])
def test_a_tolerance_that_a_refused_compound_sum_names_is_wider_than_the_one_in_force(tolerance, reached):
    text = compounding._not_right(3, 100, tolerance, reached)
    named = re.search(r"settings\(tolerance=([\d.e-]+)\)", text)
    if named is None:
        assert "X.round(step)" in text
    else:
        assert float(named[1]) > tolerance
        assert float(named[1]) >= 2 * reached


def test_a_power_whose_windows_pass_the_memory_is_refused_at_once():
    """Direct products would fit, and take hours: what is in the way is memory, and the error says so."""
    X = Distribution.from_array(np.full(15_000, 1 / 15_000), normalize=True)
    with settings(max_bytes=2**31), pytest.raises(SizeLimitError, match="29,998,001 cells"):
        (2000 @ X).hold()
