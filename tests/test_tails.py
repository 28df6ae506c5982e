"""The tilted engine against exact arithmetic, over families built to break it: every entry, down to 2**-100000."""

import math
from fractions import Fraction

import flint
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import part

from distconv import (
    AccuracyError,
    Bernoulli,
    Die,
    DimensionError,
    DistconvValueError,
    Distribution,
    Point,
    Poisson,
    PoissonBinomial,
    convolve,
    plan,
    power,
    power_logcdf,
    power_logsf,
    settings,
    sum_of,
)
from distconv.measure import Measure
from distconv.methods import addends, ball, characteristic, powering, saddle, singles, tilted, tree
from distconv.methods.hull import SLACK, Hull
from distconv.methods.operands import Operand
from distconv.numbers.balls import ball_of_pair
from distconv.support import Lattice
from distconv.support.boxes import Box, Region
from distconv.support.lattice import sum_shape
from distconv.weights import Floating

#: Relative precision of the oracle's balls, in bits.
ORACLE_BITS = 100


# The families: logs (base 2) of the entries; -inf is a zero -----------------------------------------------------------


def flat(n, rng):
    return np.log2(rng.random(n) + 0.01)


def binomial(n, rng):
    p, k = rng.uniform(0.02, 0.98), np.arange(n)
    logs = np.array([math.lgamma(n) - math.lgamma(i + 1) - math.lgamma(n - i) for i in k])
    return (logs + k * math.log(p) + (n - 1 - k) * math.log1p(-p)) / math.log(2)


def geometric(n, rng):
    return np.arange(n) * rng.uniform(-30, 30)


def far_modes(n, rng):
    k = np.arange(n)
    width = rng.uniform(0.5, 3)
    return np.logaddexp2(-((k - 2) ** 2) / width, -((k - n + 3) ** 2) / width - rng.uniform(0, 900))


def comb(n, rng):
    logs = np.log2(rng.random(n) + 0.01)
    logs[np.arange(n) % rng.integers(2, 4) != 0] = -np.inf
    logs[0] = logs[n - 1] = 0.0
    return logs


def spikes(n, rng):
    logs = np.full(n, -1000.0)
    logs[rng.integers(0, n, 3)] = 0.0
    return logs


def heavy(n, rng):
    return -rng.uniform(1.1, 4) * np.log2(1 + np.arange(n))


def noise(n, rng):
    return rng.uniform(-2000, 0, n)


def holes(n, rng):
    logs = np.log2(rng.random(n) + 0.01) - rng.uniform(0, 3) * np.arange(n)
    logs[1 : n - 1][rng.random(max(n - 2, 0)) < 0.4] = -np.inf
    return logs


def steep(n, rng):
    return -rng.uniform(0.1, 40) * (np.arange(n) - rng.uniform(0, n)) ** 2


def one(n, rng):
    return np.array([rng.uniform(-2000, 2000)])


FAMILIES = (flat, binomial, geometric, far_modes, comb, spikes, heavy, noise, holes, steep, one)


def operand_of(logs):
    """Entries 2**logs: rounded significands and exact exponents."""
    finite = np.isfinite(logs)
    exponents = np.where(finite, np.floor(np.where(finite, logs, 0.0)), 0.0)
    significands = np.where(finite, np.exp2(np.where(finite, logs - exponents, 0.0)), 0.0)
    return Operand(significands, exponents.astype(np.int64), bool(finite.all()))


@st.composite
def operands(draw, most=60):
    family = draw(st.sampled_from(FAMILIES))
    n = draw(st.integers(2, most))
    return operand_of(family(n, np.random.default_rng(draw(st.integers(0, 2**32)))))


def balls(operand):
    return [ball_of_pair(s, e) for s, e in zip(*pairs(operand), strict=True)]


def pairs(operand):
    fractions, shifts = np.frexp(operand.significands.ravel())
    exponents = np.zeros(len(shifts), dtype=np.int64) if operand.exponents is None else operand.exponents.ravel()
    return fractions.tolist(), (shifts + exponents).tolist()


def exactly(compute):
    """The coefficients of a polynomial of balls, at a precision that resolves each to `ORACLE_BITS`."""
    bits = 256
    while True:
        with flint.ctx.workprec(bits):
            found = compute().coeffs()
            if all(c == 0 or c.rel_accuracy_bits() > ORACLE_BITS for c in found):
                return found
        bits *= 4


def assert_within(significands, exponents, truth, error):
    """Every entry within the stated relative error; zeros where, and only where, they are true."""
    with flint.ctx.workprec(256):
        for s, e, true in zip(significands.ravel().tolist(), exponents.ravel().tolist(), truth, strict=True):
            if true == 0:
                assert s == 0
                continue
            assert s > 0
            off = abs((ball_of_pair(s, e) - true) / true)
            assert float(off.mid()) <= error * (1 + 1e-12), (s, e, true)


def padded(found, count):
    return list(found) + [flint.arb(0)] * (count - len(found))


# Pairs ----------------------------------------------------------------------------------------------------------------


@part(1)
@given(operands(), operands())
def test_pairs_by_windows_are_within_their_bound(a, b):
    count = a.shape[0] + b.shape[0] - 1
    truth = padded(exactly(lambda: flint.arb_poly(balls(a)) * flint.arb_poly(balls(b))), count)
    wanted = np.array([c != 0 for c in truth])
    region = Region.of(a.shape, b.shape, Box.whole((count,)))
    piece, bad = tilted.convolve(a, b, region, wanted, 1e-10)
    assert piece.relative <= 1e-10
    good = wanted if bad is None else wanted & ~bad
    kept = [c if g else flint.arb(0) for c, g in zip(truth, good, strict=True)]
    assert_within(np.where(good, piece.values, 0.0), piece.shift, kept, piece.relative)


@part(1)
@given(st.lists(operands(most=30), min_size=2, max_size=7), st.sampled_from([1e-10, 1e-7]))
def test_a_tree_of_rows_is_within_its_bound(rows, tolerance):
    found = tree.total(tree.Rows.of([(row, 1, 0.0) for row in rows]), tolerance, int)

    def product():
        return math.prod((flint.arb_poly(balls(row)) for row in rows), start=flint.arb_poly([1]))

    truth = padded(exactly(product), len(found.significands))
    assert_within(found.significands, found.exponents, truth, float(found.errors[0]))
    assert found.errors[0] <= tolerance * (1 + len(rows) * tree.LEAST_PART * 2)


def test_rows_side_by_side_are_rows_alone():
    """Windows chosen together serve each pair as well as windows of its own, neighbours of any scale."""
    rng = np.random.default_rng(5)
    rows = [operand_of(family(40, rng)) for family in (flat, binomial, geometric, steep, heavy) for _ in range(3)]
    logs = tilted.Logs.of(*(np.concatenate(p) for p in zip(*map(pairs, rows), strict=True)), np.arange(16) * 40)
    result, starts = tilted.convolve_rows(logs, logs, None, 1e-10)
    for i, row in enumerate(rows):
        here = slice(int(starts[i]), int(starts[i + 1]))
        truth = padded(exactly(lambda row=row: flint.arb_poly(balls(row)) ** 2), 79)
        good = ~result.bad[here]
        kept = [c if g else flint.arb(0) for c, g in zip(truth, good, strict=True)]
        assert_within(np.where(good, result.significands[here], 0), result.exponents[here], kept, result.error)
    assert np.count_nonzero(result.bad) < 0.3 * len(result.bad)


# Powers ---------------------------------------------------------------------------------------------------------------


@part(1)
@given(operands(most=25), st.sampled_from([2, 3, 8, 17, 40, 300, 1000]))
def test_powers_by_windows_are_within_their_bound(step, n):
    count = n * (step.shape[0] - 1) + 1
    if count > 4000 or step.shape[0] < 2:
        return
    truth = padded(exactly(lambda: flint.arb_poly(balls(step)) ** n), count)
    wanted = powering.support(step.significands > 0, n)
    assert wanted.tolist() == [c != 0 for c in truth]
    found = powering.power(step, n, wanted, 1e-10)
    assert found.error <= 1e-10
    good = wanted & ~found.bad
    kept = [c if g else flint.arb(0) for c, g in zip(truth, good, strict=True)]
    assert_within(np.where(good, found.significands, 0), found.exponents, kept, found.error)


@pytest.mark.parametrize("n", [10_000, 1_000_000])
def test_a_million_copies_are_the_binomial_law(n):
    S = n @ Distribution.from_array([0.25, 0.5, 0.25])
    assert S.error <= 1e-10
    weights = S.law.measure.weights
    for k in (0, 1, 7, n // 3, n, 2 * n - 2, 2 * n):
        with flint.ctx.workprec(2 * n + 400):
            true = flint.arb(flint.fmpz.bin_uiui(2 * n, k)) / flint.arb(2) ** (2 * n)
            off = abs((ball_of_pair(weights.significands[k], weights.exponent_at(k)) - true) / true)
        assert float(off.mid()) <= S.error


@pytest.mark.parametrize("family", [heavy, far_modes, comb], ids=lambda f: f.__name__)
def test_what_windows_leave_of_a_power_is_computed_from_halves(family):
    """Steps that no one bell serves: the law is whole, and within its bound."""
    step = operand_of(family(60, np.random.default_rng(1)))
    X = Distribution.from_array(np.ldexp(step.significands, step.exponents.clip(-900, 0)), normalize=True)
    n = 37
    weights = X.law.measure.weights
    truth = exactly(lambda: flint.arb_poly(balls(Operand(weights.significands, weights.exponents, True))) ** n)
    S = n @ X
    found = S.law.measure.weights
    exponents = np.zeros(len(truth), dtype=np.int64) if found.exponents is None else found.exponents
    assert_within(*[np.array(p) for p in pairs(Operand(found.significands, exponents, True))], truth, S.error)
    assert S.error <= 1.2e-10 + n * X.error


def test_centred_sums_are_within_their_bound():
    """`characteristic` states an error of phi - 1 relative to w E|k - center|; mpmath's precision decides."""
    rng = np.random.default_rng(4)
    for size, length, count in ((50, 4096, 40), (700, 1 << 18, 60), (7, 90, 46)):
        logs = tilted.Logs.of_operand(operand_of(flat(size, rng)))
        step = characteristic.Tilted.of(logs, np.array([0.01, -0.3]), size)
        center = np.rint(step.mean).astype(np.int64)
        real, imaginary, error = characteristic._centred(step.p, center, count, np.array([length, 2 * length]))
        for row in range(2):
            for j in (1, count // 2, count - 1):
                with flint.ctx.workprec(200):
                    w = 2 * flint.arb.pi() * j / (length << row)
                    terms = [(flint.arb(float(p)), w * int(k - center[row])) for k, p in enumerate(step.p[row])]
                    true = sum((p * (a.cos() - 1) for p, a in terms), start=flint.arb(0))
                    turned = sum((-p * a.sin() for p, a in terms), start=flint.arb(0))
                    off = math.hypot(float((real[row, j] - true).mid()), float((imaginary[row, j] - turned).mid()))
                assert off <= error[row, j]
                assert off >= error[row, j] * 1e-6


# n-D ------------------------------------------------------------------------------------------------------------------


def plane(logs):
    return operand_of(logs.ravel()), logs.shape


@part(0.5)
@given(st.integers(0, 2**32), st.sampled_from([(12, 9), (5, 4, 3), (30, 2)]), st.floats(0, 3), st.floats(-0.9, 0.9))
def test_planes_by_windows_are_within_their_bound(seed, shape, curvature, tilted_by):
    rng = np.random.default_rng(seed)
    grids = np.meshgrid(*[np.arange(n) - n / 2 for n in shape], indexing="ij")
    logs = -curvature * (sum(g**2 for g in grids) + tilted_by * grids[0] * grids[1]) + rng.uniform(-2, 0, shape)
    flat_one = operand_of(logs.ravel())
    a = Operand(flat_one.significands.reshape(shape), flat_one.exponents.reshape(shape), True)
    region = Region.of(shape, shape, Box.whole(sum_shape(shape, shape)))
    true = ball.convolve(a, a, region)
    piece, bad = saddle.convolve(a, a, region, None, 1e-10)
    good = np.ones(region.shape, dtype=bool) if bad is None else ~bad
    ratio = np.ldexp(piece.values[good], (piece.shift - true.shift)[good].clip(-60, 60)) / true.values[good]
    assert np.abs(ratio - 1).max(initial=0.0) <= piece.relative + 4e-16


@pytest.mark.parametrize("shape", [(4, 3), (3, 2, 3)])
def test_n_d_powers_are_the_exact_ones(shape):
    rng = np.random.default_rng(len(shape))
    counts = rng.integers(1, 50, shape)
    exact = Distribution.from_counts({tuple(map(int, k)): int(counts[tuple(k)]) for k in np.ndindex(*shape)})
    S, truth = 24 @ exact.to_float(), 24 @ exact
    assert S.how().method == "tilted" or S.how().method == "direct"
    assert S.error <= 1.1e-10
    expected = truth.to_dict()
    assert len(S.support) == len(expected)
    worst = max(abs(Fraction(p) - expected[x]) / expected[x] for x, p in S.to_dict().items())
    assert worst <= Fraction(S.error)


def test_a_plane_is_right_thirty_deviations_out():
    k = np.arange(64) - 32
    grid = np.exp(-(k[:, None] ** 2 + k[None] ** 2) / 4.0)
    X = Distribution.from_array(grid, normalize=True)
    row = Distribution.from_array(np.exp(-(k**2) / 4.0), normalize=True)
    S, one_axis = X + X, row + row
    for at in ((64, 64), (64, 106), (21, 64), (20, 107), (0, 126)):
        expected = one_axis.logpmf(at[0]) + one_axis.logpmf(at[1])
        assert math.isclose(S.logpmf(at), expected, rel_tol=1e-9, abs_tol=1e-9)


# Hulls ----------------------------------------------------------------------------------------------------------------


@given(operands(), operands())
def test_hulls_lie_above_all_points_but_for_the_slack(a, b):
    logs = tilted.Logs.of(*(np.array(x + y) for x, y in zip(pairs(a), pairs(b), strict=True)), starts_of(a, b))
    positive = np.flatnonzero(logs.significands)
    heights = np.log2(logs.significands[positive]) + logs.exponents[positive]
    scale = 1e-9 * (1 + np.abs(heights).max())
    assert (logs.hull.at(positive) >= heights - SLACK - scale).all()
    assert np.isin(logs.hull.x, positive).all()


def starts_of(a, b):
    return np.array([0, a.shape[0], a.shape[0] + b.shape[0]])


def test_a_thinned_hull_is_close_to_the_hull():
    x = np.arange(20_001)
    y = -((x - 9000.0) ** 2) / 500
    full = Hull.of(x, y, np.array([0, len(x)]))
    thin = full.thinned()
    assert len(thin.x) < len(full.x) / 8
    assert (full.at(x) - thin.at(x)).max() <= SLACK


# Tails ----------------------------------------------------------------------------------------------------------------


def copies_of(step, n):
    """n copies of an operand as terms of a sum."""
    weights = Floating(*step.pairs(), 0.0)
    return addends.Terms.of([(Measure(Lattice((0,), (1,), step.shape), weights), n)], 1)


@part(1)
@given(operands(most=20), st.sampled_from([1, 2, 9, 40, 300, 2000]), st.floats(0, 1), st.booleans())
def test_one_tail_is_the_sum_of_its_weights(step, n, where, near_the_end):
    last = n * (step.shape[0] - 1)
    if last < 1 or last > 4000 or np.gcd.reduce(np.flatnonzero(step.significands)) != 1:
        return
    position = last - 1 - int(where * min(last - 1, 600)) if near_the_end else int(where * (last - 1))
    truth = padded(exactly(lambda: flint.arb_poly(balls(step)) ** n), last + 1)
    with flint.ctx.workprec(256):
        whole = sum(truth, start=flint.arb(0))
        upper = sum(truth[position + 1 :], start=flint.arb(0))
        if not 1e-290 < float((upper / whole).mid()) < 0.5:
            return
        try:
            found = singles.one_tail(copies_of(step, n), position, 1e-10, upper=True)
        except AccuracyError:
            # Few copies, or far modes: the frequencies do not die out. Rare, and said.
            return
        assert found.overlaps(upper)
        assert found.rel_accuracy_bits() > 30


def test_the_published_tails():
    """Section 4 of the users' numbers: dice from floating weights, and sisFFT's own case."""
    die = Die(6).to_float()
    S = 1000 @ die
    assert math.isclose(S.sf(3999), 7.704190185348998e-21, rel_tol=1e-10)
    assert math.isclose(S.logsf(5998), math.log(1001) - 1000 * math.log(6), rel_tol=1e-13)
    assert math.isclose(S.logpmf(6000), -1000 * math.log(6), rel_tol=1e-13)
    assert math.isclose(power_logsf(die, 1000, 3999), math.log(7.704190185348998e-21), rel_tol=1e-12)
    weights = np.exp(np.arange(30, 0, -1.0))
    X = Distribution.from_array(weights, normalize=True)
    found = 100 @ X
    assert found.error <= 1e-10 + 100 * X.error
    assert math.isclose(found.logpmf(2900), -2945.8675145386987, rel_tol=1e-12)
    assert math.isclose(power_logsf(X, 100, 2899), -2945.8675145386987, rel_tol=1e-12)


@pytest.mark.parametrize("x", [-1, 0, 0.5, 13, 14, 20, 21, 100, math.inf, -math.inf])
def test_tails_at_their_edges(x):
    X = Distribution({0: 0.25, 1: 0.25, 7: 0.5})
    S = 3 @ X
    for found, expected in ((power_logsf(X, 3, x), S.logsf(x)), (power_logcdf(X, 3, x), S.logcdf(x))):
        assert math.isclose(found, expected, rel_tol=1e-12, abs_tol=1e-15)


def test_tails_of_shifted_scaled_exact_and_infinite_laws():
    X = Fraction(1, 3) * Die(6) - 5
    assert math.isclose(power_logsf(X, 500, -1900), (500 @ X).logsf(-1900), rel_tol=1e-12)
    assert math.isclose(power_logcdf(X, 500, -2100), (500 @ X).logcdf(-2100), rel_tol=1e-12)
    assert math.isclose(power_logsf(Poisson(2), 10, 40), Poisson(20).logsf(40), rel_tol=1e-12)
    assert power_logsf(Die(6), 0, -1) == 0.0
    assert power_logsf(Point(3), 10**9, 3 * 10**9) == -math.inf
    assert power_logcdf(Point(3), 10**9, 3 * 10**9) == 0.0
    with pytest.raises(DimensionError, match="marginal"):
        power_logsf(Distribution({(0, 0): 1}), 3, 1)


def test_a_billion_copies_follow_cramer():
    """log P / n tends to minus the rate function; the next terms are known too (Bahadur and Rao, 1960)."""
    n = 10**9
    found = power_logsf(Bernoulli(0.5), n, 3 * n // 4 - 1)
    rate = math.log(2) - (-(0.25 * math.log(0.25) + 0.75 * math.log(0.75)))
    # P(S >= a n) ~ exp(-n I) / (sqrt(2 pi n a (1 - a)) (1 - e**-t)), e**t = a / (1 - a) = 3.
    corrected = -n * rate - 0.5 * math.log(2 * math.pi * n * 0.75 * 0.25) - math.log(1 - 1 / 3)
    assert abs(found - corrected) < 1e-6


# Many terms -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["uniform", "tiny", "near one", "mixed", "equal"])
def test_poisson_binomial_weights_are_right_to_the_ends(kind):
    rng = np.random.default_rng(7)
    n = 1200
    ps = {
        "uniform": rng.random(n),
        "tiny": 10.0 ** rng.uniform(-300, -1, n),
        "near one": 1 - 2.0 ** rng.uniform(-53, -1, n),
        "mixed": np.where(rng.random(n) < 0.5, 1e-300, 1 - 2.0**-53),
        "equal": np.repeat(rng.random(12), 100),
    }[kind]
    X = PoissonBinomial(ps)
    weights = X.law.measure.weights

    def product():
        polys = [flint.arb_poly([1 - flint.arb(p), flint.arb(p)]) for p in ps.tolist()]
        while len(polys) > 1:
            polys = [a * b for a, b in zip(polys[::2], polys[1::2], strict=False)] + polys[len(polys) // 2 * 2 :]
        return polys[0]

    truth = exactly(product)
    exponents = np.zeros(n + 1, dtype=np.int64) if weights.exponents is None else weights.exponents
    assert_within(*[np.array(p) for p in pairs(Operand(weights.significands, exponents, True))], truth, X.error)
    assert X.error <= 1e-8


def test_poisson_binomial_with_sure_and_impossible_trials():
    rng = np.random.default_rng(2)
    ps = np.concatenate((rng.random(600), np.ones(5), np.zeros(7)))
    X, Y = PoissonBinomial(ps), PoissonBinomial(rng.permutation(ps))
    assert X.support[0] == 5
    assert X.support[-1] == 605
    assert math.isclose(X.mean(), ps.sum(), rel_tol=1e-14)
    assert np.allclose(X.logpmf(np.arange(5, 606)), Y.logpmf(np.arange(5, 606)), rtol=1e-12, atol=1e-9)


def test_weighted_trials_are_summed_on_their_lattice():
    terms = [k * Bernoulli(0.01 * (1 + k % 7)) for k in range(1, 41)] * 2
    found = sum_of(terms)
    expected = sum_of([k * Bernoulli(Fraction(1 + k % 7, 100)) for k in range(1, 41)] * 2)
    assert found.how().method == "direct"
    assert list(found.support) == list(expected.support)
    for x in list(expected.support)[::37]:
        assert math.isclose(found.logpmf(x), expected.logpmf(x), rel_tol=1e-12)


def test_terms_far_apart_stay_sparse():
    terms = [Distribution({0: 0.5, 10**k: 0.5}) for k in range(12)]
    found = sum_of(terms)
    assert len(found.support) == 2**12
    assert found.pmf(111_111_111_111) == 2.0**-12


def test_a_stopped_sum_leaves_nothing_broken(monkeypatch):
    rng = np.random.default_rng(0)
    terms = [Distribution.from_array(w, normalize=True) for w in rng.random((64, 90))]
    calls = []

    def stop(*args, **kwargs):
        calls.append(args)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(tree, "_windowed", stop)
        patch.setattr(tree, "DIRECT_PRODUCTS", 250**2)
        with pytest.raises(KeyboardInterrupt):
            sum_of(terms, progress=False)
    assert calls
    assert math.isclose(sum_of(terms).mean(), math.fsum(t.mean() for t in terms), rel_tol=1e-12)


# Settings and limits --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("make", [lambda X: X + X, lambda X: 50 @ X, lambda X: sum_of([X, X + 1, -X])])
def test_absolute_accuracy_is_a_lower_bound_that_says_how_low(make):
    X = Distribution.from_array(np.exp(-((np.arange(3000) - 1500.0) ** 2) / 3e4), normalize=True)
    sharp = make(X)
    with settings(accuracy="absolute"):
        blunt = make(X)
        assert "absolute" in str(blunt.how())
    assert 0 < blunt.missing < 1e-6
    outcomes = np.array(sharp.support[::17])
    difference = sharp.pmf(outcomes) - blunt.pmf(outcomes)
    assert (difference >= -(sharp.error + blunt.error) * sharp.pmf(outcomes)).all()
    assert difference.sum() <= blunt.missing
    low, high = blunt.cdf_bounds(int(outcomes[80]))
    assert low <= sharp.cdf(int(outcomes[80])) <= high
    assert len(blunt.support) < len(sharp.support)


def test_accuracy_is_one_of_two_words():
    with pytest.raises(DistconvValueError, match="'relative' or 'absolute'"), settings(accuracy="best"):
        pass


def test_the_tolerance_is_kept_or_refused():
    X = Distribution.from_array(np.random.default_rng(3).random(300), normalize=True)
    for tolerance in (1e-6, 1e-10, 1e-12):
        with settings(tolerance=tolerance):
            assert (X + X).error <= tolerance * (1 + 1e-9) + 3 * X.error
    with settings(tolerance=1e-17), pytest.raises(AccuracyError, match="tolerance"):
        power_logsf(X, 1000, 150_000)


def test_every_method_and_the_plan_agree_on_a_full_range():
    X = Distribution.from_array(np.exp(-((np.arange(200) - 90.0) ** 2) / 11), normalize=True)
    expected = convolve(X, X, method="ball")
    at = np.arange(0, 399, 7)
    for method in ("auto", "fft", "tilted", "direct"):
        assert np.allclose(convolve(X, X, method=method).logpmf(at), expected.logpmf(at), rtol=0, atol=2e-10)
    assert plan(X, X).method == (X + X).how().method
    assert power(X, 5) == 5 @ X


def log_binomial_tail(n, p, at, count=80):
    """log P(S > at) of n trials, from its first terms."""
    mpmath = pytest.importorskip("mpmath")
    with mpmath.workdps(60):
        p = mpmath.mpf(p)
        terms = (mpmath.binomial(n, k) * p**k * (1 - p) ** (n - k) for k in range(at + 1, min(n, at + count) + 1))
        return float(mpmath.log(mpmath.fsum(terms)))


@pytest.mark.parametrize("rare", [1e-9, 1e-12, 1e-15, 1e-17, 1e-200])
@pytest.mark.parametrize("n", [3, 1000, 10**6])
def test_rare_events_keep_their_digits(rare, n):
    """The smaller tail is the one computed, on whichever side of the mean the median lies."""
    X = Distribution({0: 1 - rare, 1: rare})
    for at in (0, 1, 2):
        wanted = log_binomial_tail(n, rare, at)
        assert math.isclose(power_logsf(X, n, at), wanted, rel_tol=1e-10)
        assert math.isclose(power_logcdf(X, n, at), math.log1p(-math.exp(wanted)), rel_tol=1e-10, abs_tol=5e-324)


def test_exact_weights_are_not_rounded_before_they_are_raised_to_a_power():
    """n copies of a rounding are n roundings; the right value is the incomplete beta function's."""
    assert math.isclose(power_logsf(Bernoulli("1/3"), 10**9, 333_422_775), -20.735737608231553, rel_tol=1e-11)


def test_a_tail_that_is_refused_names_what_works():
    X = Distribution({4: 1.0, 6: 1.19e-296, 10: 2.6e-204, 16: 2.99e-30})
    with settings(tolerance=5e-11), pytest.raises(AccuracyError, match=r"tolerance=2e-10\): "):
        power_logsf(X, 700, 2801)
    with settings(tolerance=2e-10):
        assert math.isclose(power_logsf(X, 700, 2801), log_binomial_tail(700, 2.99e-30, 0), rel_tol=1e-9)
    assert math.isclose((700 @ X).logsf(2801), log_binomial_tail(700, 2.99e-30, 0), rel_tol=1e-9)
