"""Sums of very many trials in arrays, against exact arithmetic and against the law laid out."""

from __future__ import annotations

import contextlib
import math
import pickle
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import distconv
from distconv import Binomial, Distribution, PoissonBinomial
from distconv.errors import AccuracyError, DistconvValueError
from distconv.families.many_trials import ManyTrials
from distconv.methods import trials as gathering
from distconv.methods.trial_sums import TrialSum, polynomials
from distconv.methods.trials import Trials

#: What answers may be off by: the tolerance, and the rounding of logs.
TOLERANCE = 1.1e-10


def exact(chances, values=None, copies=None):
    """The law as a dict of fractions."""
    total = {0: Fraction(1)}
    for i, p in enumerate(chances):
        for _ in range(1 if copies is None else int(copies[i])):
            chance, value = Fraction(float(p)), 1 if values is None else int(values[i])
            following = {}
            for k, w in total.items():
                following[k] = following.get(k, 0) + w * (1 - chance)
                following[k + value] = following.get(k + value, 0) + w * chance
            total = {k: w for k, w in following.items() if w}
    return total


def log_of(value):
    """The log of a fraction, however small."""
    return (
        math.log(value.numerator) - math.log(value.denominator)
        if value < Fraction(1, 2)
        else math.log1p(-float(1 - value))
    )


def law(chances, values=None, copies=None):
    """The law asked from its arrays, however few there are."""
    return Distribution.of(ManyTrials(np.asarray(chances, dtype=float), values, copies))


PROBABILITIES = st.one_of(
    st.sampled_from([0.0, 1.0, 0.5, 1e-300, 5e-324, 1e-12, 1 - 1e-12, 1 - 2**-53, 0.3]), st.floats(0, 1)
)


def check(X, truth, places):
    low, high = min(truth), max(truth)
    assert (X.law.low, X.law.high) == (low, high)
    for k in places:
        k = min(max(k, low), high)
        above = sum((w for j, w in truth.items() if j > k), start=Fraction(0))
        for found, value in ((X.logsf(k), above), (X.logcdf(k), 1 - above)):
            if value:
                assert abs(found - log_of(value)) <= TOLERANCE + 1e-14 * abs(found)
            else:
                assert found == -math.inf
        if k in truth:
            assert abs(X.logpmf(k) - log_of(truth[k])) <= TOLERANCE + 1e-14 * abs(log_of(truth[k]))


@given(st.lists(PROBABILITIES, min_size=1, max_size=12), st.lists(st.integers(0, 12), min_size=3, max_size=3))
def test_any_trials_are_right_to_the_tolerance(chances, places):
    check(law(chances), exact(chances), places)


@given(
    st.lists(st.tuples(PROBABILITIES, st.integers(-6, 6), st.integers(1, 3)), min_size=1, max_size=5),
    st.integers(-30, 30),
)
def test_any_weighted_trials_are_right_or_refused(trials, place):
    chances, values, copies = (np.array(column) for column in zip(*trials, strict=True))
    truth = exact(chances, values, copies)
    # Between far modes one tilt tells little: then there is no answer.
    with contextlib.suppress(AccuracyError):
        check(law(chances, values, copies), truth, [place] if place in truth else [])


@given(st.lists(PROBABILITIES, min_size=1, max_size=10), st.integers(1, 10**6))
def test_quantiles_are_the_first_to_reach_a_level(chances, level):
    X, truth = law(chances), exact(chances)
    q = Fraction(level, 10**6 + 7)
    heads, total = {}, Fraction(0)
    for k in sorted(truth):
        total += truth[k]
        heads[k] = total
    if all(abs(head / q - 1) > Fraction(1, 10**9) for head in heads.values()):
        assert X.ppf(q) == min(k for k, head in heads.items() if head >= q)
        assert X.isf(1 - q) == X.ppf(q)


@pytest.fixture(scope="module")
def spread():
    """100 000 trials of all sizes, gathered, and the same laid out."""
    rng = np.random.default_rng(8)
    chances = np.concatenate((rng.random(60_000), rng.random(20_000) ** 40, 1 - rng.random(20_000) ** 30))
    chances[:10], chances[10:20], chances[20:2000] = 0, 1, 0.25
    rng.shuffle(chances)
    return law(chances), PoissonBinomial(chances)


@pytest.mark.parametrize("deviations", [-300, -30, 1, 60])
def test_gathered_trials_agree_with_the_tree(spread, deviations):
    asked, held = spread
    k = round(held.mean() + deviations * held.std())
    if asked.law.low <= k < asked.law.high:
        for name in ("logsf", "logcdf", "logpmf"):
            found, expected = getattr(asked, name)(k), getattr(held, name)(k)
            assert abs(found - expected) <= 2 * TOLERANCE + 1e-14 * abs(expected), name


def test_gathered_trials_agree_with_the_tree_beside_the_ends(spread):
    asked, held = spread
    low, high = asked.law.low, asked.law.high
    assert (low, high) == (held.support[0], held.support[-1])
    for k in (low, low + 1, low + 7, high - 40, high - 2, high - 1, high):
        assert abs(asked.logpmf(k) - held.logpmf(k)) <= 2 * TOLERANCE + 1e-14 * abs(held.logpmf(k))
    assert abs(asked.logsf(high - 2) - held.logsf(high - 2)) <= 2 * TOLERANCE + 1e-14 * abs(held.logsf(high - 2))


def test_quantiles_of_gathered_trials_are_those_of_the_tree(spread):
    asked, held = spread
    for q in (1e-30, 0.3):
        assert asked.ppf(q) == held.ppf(q)
        assert asked.isf(q) == held.isf(q)
    assert asked.mode() == held.mode()


def test_equal_trials_are_a_binomial_law():
    X, Y = law(np.full(300_000, 0.3)), Binomial(300_000, 0.3)
    for k in (0, 90_000, 91_000, 150_000, 299_998):
        assert abs(X.logsf(k) - Y.logsf(k)) <= TOLERANCE + 1e-14 * abs(Y.logsf(k))
        assert abs(X.logpmf(k) - Y.logpmf(k)) <= TOLERANCE + 1e-14 * abs(Y.logpmf(k))


def test_rare_trials_are_nearly_poisson():
    rng = np.random.default_rng(2)
    chances = rng.random(200_000) * 1e-5
    X, Y = law(chances), PoissonBinomial(chances[:100_000]) + PoissonBinomial(chances[100_000:])
    for k in (0, 3, 500):
        assert abs(X.logsf(k) - Y.logsf(k)) <= 3 * TOLERANCE + 1e-14 * abs(Y.logsf(k))


def test_stated_bounds_hold_against_balls():
    """The log of the total under a tilt, at 300 bits, is within its bound."""
    import flint

    rng = np.random.default_rng(5)
    chances = np.concatenate((rng.random(1500), rng.random(500) ** 30))
    total = TrialSum.of(Trials(chances))
    gathered = gathering._gather(Trials(chances))
    many = TrialSum(total.trials, gathered, total.low, total.high)
    for tilt in (-3.0, -0.125, 0.01171875, 0.5, 20.0):
        with distconv.numbers.balls.precision(300):
            terms = [(flint.arb(tilt).exp() * p + (1 - flint.arb(p))).log() for p in chances.tolist()]
            truth = sum(terms, flint.arb(0))
            for one in (total, many):
                value, error = one.log_total(tilt, 0)
                exactly = flint.arb(float(value)) + flint.arb(float(value - np.longdouble(float(value))))
                assert abs(float(exactly - truth)) <= error
                assert error < 1e-12


def test_cumulants_are_those_of_one_trial():
    import sympy

    q = sympy.Symbol("q")
    kappa = q
    for j, poly in enumerate(polynomials(9), 2):
        kappa = sympy.expand(q * (1 - q) * sympy.diff(kappa, q))
        s = q * (1 - q)
        assert sympy.expand(s * sum(c * s**i for i, c in enumerate(poly)) * ((1 - 2 * q) if j % 2 else 1) - kappa) == 0


def test_an_array_of_many_floats_is_asked_and_not_copied(tmp_path):
    file = np.lib.format.open_memmap(tmp_path / "ps.npy", mode="w+", dtype=float, shape=(150_000,))
    file[:] = np.random.default_rng(1).random(150_000)
    X = PoissonBinomial(file)
    assert X.family == "PoissonBinomial"
    assert np.shares_memory(X.parameters["ps"], file)
    assert not X.law.is_laid_out()
    assert abs(X.mean() - math.fsum(file)) <= 1e-9
    assert X.ppf(X.cdf(75_000)) == 75_000
    assert abs(X.pgf(0.9999) / math.exp(math.fsum(np.log1p(-1e-4 * file))) - 1) < 1e-12
    assert X == PoissonBinomial(np.array(file[::-1]))
    assert hash(X) == hash(PoissonBinomial(np.array(file[::-1])))
    assert X != PoissonBinomial(np.append(file[:-1], 0.5))
    assert pickle.loads(pickle.dumps(X)).sf(75_100) == X.sf(75_100)
    assert repr(X).startswith("PoissonBinomial([")
    assert abs(X.rvs(3, 1) - X.mean()).max() < 10 * X.std()


@pytest.mark.parametrize("wrong", [1.5, -1e-9, math.nan])
def test_a_wrong_probability_is_found_and_named(wrong):
    ps = np.full(100_001, 0.5)
    ps[77_777] = wrong
    with pytest.raises(DistconvValueError, match=r"ps\[77777\]"):
        PoissonBinomial(ps)
