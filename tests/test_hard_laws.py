"""Sums of hard laws against exact integers: every weight within the stated error, true zeros and no others."""

import functools
import itertools
import math
import operator
from fractions import Fraction

import flint
import numpy as np
import pytest
from hard_laws import (
    FAMILIES,
    at_least,
    binomial,
    family_law,
    flat,
    hard_laws,
    hard_terms,
    law_of,
    success_probabilities,
)
from hypothesis import given
from hypothesis import strategies as st
from strategies import part

from distconv import Die, Distribution, PoissonBinomial, convolve, settings, sum_of

F = Fraction
METHODS = ("direct", "fft", "tilted", "ball")
#: The promise of `settings.tolerance` for one sum, whatever its method.
TOLERANCE = F(1e-10) * (1 + F(1, 10**9))
#: Cells times bits up to which the oracle multiplies integers; beyond, balls of as many bits as it takes.
MOST_BITS = 10**7
#: Relative accuracy of the oracle's balls, in bits.
BALL_BITS = 110


# The oracle -----------------------------------------------------------------------------------------------------------


def numbers(X):
    """The stored weights, exactly: {outcome: (m, e)} for m x 2**e, with m of 53 bits."""
    weights = X.law.measure.weights
    assert np.isfinite(weights.significands).all()
    assert (weights.significands >= 0).all(), "a negative probability"
    fractions, shifts = np.frexp(weights.significands)
    exponents = shifts.astype(np.int64) + (0 if weights.exponents is None else weights.exponents) - 53
    mantissas = np.ldexp(fractions, 53).astype(np.int64).tolist()
    values = [(m, e) for m, e in zip(mantissas, exponents.tolist(), strict=True) if m]
    return dict(zip(X.support, values, strict=True))


def exact_sum(terms):
    """The exact sum of (numbers, copies): {outcome: (t, e)} for t x 2**e, right to `BALL_BITS` bits at least."""
    low = sum(n * min(law) for law, n in terms)
    cells = sum(n * (max(law) - min(law)) for law, n in terms) + 1
    bits = 0
    for law, n in terms:
        exponents = [e for _, e in law.values()]
        bits += n * (max(exponents) - min(exponents) + 53)
    if cells * bits <= MOST_BITS:
        base = sum(n * min(e for _, e in law.values()) for law, n in terms)
        found = product_of(terms, integers_of)
        return {low + k: (int(c), base) for k, c in enumerate(found.coeffs()) if c}
    wanted = [k for k, c in enumerate(product_of(terms, points_of).coeffs()) if c]
    for precision in itertools.count(8):
        with flint.ctx.workprec(2**precision):
            found = product_of(terms, balls_of).coeffs()
            if all(found[k].rel_accuracy_bits() > BALL_BITS for k in wanted):
                return {low + k: tuple(map(int, found[k].mid().man_exp())) for k in wanted}
    raise AssertionError


def product_of(terms, polynomial):
    return functools.reduce(operator.mul, (polynomial(law) ** n for law, n in terms))


def row_of(law, value, zero):
    low = min(law)
    row = [zero] * (max(law) - low + 1)
    for x, pair in law.items():
        row[x - low] = value(*pair)
    return row


def integers_of(law):
    base = min(e for _, e in law.values())
    return flint.fmpz_poly(row_of(law, lambda m, e: m << (e - base), 0))


def points_of(law):
    """Ones at the points: a coefficient of their product is 0 where, and only where, no sum of points falls."""
    return flint.fmpz_poly(row_of(law, lambda m, e: 1, 0))


def balls_of(law):
    return flint.arb_poly(row_of(law, lambda m, e: flint.arb((m, e)), flint.arb(0)))


def assert_within(found, truth, room):
    """The same outcomes, and every weight within `room`, relative."""
    assert list(found) == sorted(truth), "the support is wrong"
    most = math.floor(room * 2**100) + 1
    for x, (m, e) in found.items():
        t, base = truth[x]
        f, t = (m << (e - base), t) if e >= base else (m, t << (base - e))
        if abs(f - t) << 100 > most * t:
            raise AssertionError(f"weight of {x}: off by {float(F(abs(f - t), t))}, may be {float(room)}")


def assert_sum(S, terms, tolerance=TOLERANCE):
    """S is the sum of (law, copies): right for the stored numbers, its `error` kept and no larger than promised.

    What the operands' own errors leave of `error` is all the room that the sum itself has.
    """
    inherited = math.prod((1 + F(X.error)) ** n for X, n in terms)
    assert not S.is_exact
    assert S.missing == 0
    assert inherited <= 1 + F(S.error) <= inherited * (1 + tolerance)
    truth = exact_sum([(numbers(X), n) for X, n in terms])
    assert_within(numbers(S), truth, (1 + F(S.error)) / inherited - 1)
    return truth


# The oracle bites -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("family", FAMILIES, ids=lambda f: f.__name__)
@pytest.mark.parametrize("size", [1, 2, 30])
def test_integers_and_balls_are_one_oracle(family, size, monkeypatch):
    terms = [(numbers(family_law(family, size, 1)), 2), (numbers(family_law(family, 7, 2)), 1)]
    monkeypatch.setattr("test_hard_laws.MOST_BITS", 10**9)
    exact = exact_sum(terms)
    monkeypatch.setattr("test_hard_laws.MOST_BITS", 0)
    balls = exact_sum(terms)
    assert list(balls) == list(exact)
    for x, (t, e) in balls.items():
        ratio = F(t) / exact[x][0] * F(2) ** (e - exact[x][1])
        assert abs(ratio - 1) < F(1, 2**100)


@pytest.mark.parametrize("change", ["weight", "negative zero", "missing", "claim", "promise"])
def test_the_oracle_finds_what_is_wrong(change):
    X, Y = family_law(binomial, 40, 0), family_law(FAMILIES[5], 40, 2)
    S = X + Y
    assert_sum(S, [(X, 1), (Y, 1)])
    found, truth = numbers(S), exact_sum([(numbers(X), 1), (numbers(Y), 1)])
    room = F(S.error)
    if change == "weight":
        m, e = found[3]
        found[3] = (m + math.ceil(2 * room * m) + 2, e)
    elif change == "negative zero":
        found[1000] = (1, -5000)
    elif change == "missing":
        del found[3]
    elif change == "claim":
        room = F(1, 10**18)
    else:
        with pytest.raises(AssertionError):
            assert_sum(S, [(X, 1), (Y, 1)], F(S.error) / 10**6)
        return
    with pytest.raises(AssertionError):
        assert_within(found, truth, room)


# Pairs ----------------------------------------------------------------------------------------------------------------


@at_least(400)
@given(hard_laws(rarely=2000), hard_laws())
def test_a_sum_of_two_hard_laws_is_within_its_error(X, Y):
    assert_sum(X + Y, [(X, 1), (Y, 1)])


@pytest.mark.parametrize("method", METHODS)
@at_least(100)
@given(hard_laws(), hard_laws())
def test_every_method_is_within_its_error_on_hard_laws(method, X, Y):
    S = convolve(X, Y, method=method)
    assert S.how().method == method
    assert_sum(S, [(X, 1), (Y, 1)])


@pytest.mark.parametrize("family", FAMILIES, ids=lambda f: f.__name__)
def test_every_family_meets_every_other(family):
    X = family_law(family, 150, 3)
    for i, other in enumerate(FAMILIES):
        Y = family_law(other, 97, i)
        assert_sum(X + Y, [(X, 1), (Y, 1)])


@pytest.mark.parametrize("tolerance", [1e-6, 1e-13])
@at_least(100)
@given(hard_laws(), hard_laws())
def test_other_tolerances_are_kept(tolerance, X, Y):
    with settings(tolerance=tolerance):
        S = X + Y
    assert_sum(S, [(X, 1), (Y, 1)], F(tolerance) * (1 + F(1, 10**9)))


@part(1)
@given(hard_laws(60), hard_laws(60), hard_laws(60))
def test_sums_of_sums_carry_their_errors(X, Y, Z):
    """Operands below every double: (X + X) + (Y + Z), with the errors that the halves state."""
    left, right = X + X, Y + Z
    assert_sum(left + right, [(left, 1), (right, 1)])


# Powers and many terms ------------------------------------------------------------------------------------------------


@at_least(100)
@given(hard_laws(40), st.integers(2, 40))
def test_copies_of_a_hard_law_are_within_their_error(X, n):
    assert_sum(n @ X, [(X, n)])


@part(0.5)
@given(hard_terms())
def test_many_different_hard_laws_are_within_their_error(terms):
    assert_sum(sum_of(terms), [(X, 1) for X in terms])


@at_least(100)
@given(success_probabilities())
def test_poisson_binomial_is_within_its_error(ps):
    """Exactly: the trials' probabilities are the doubles that they are."""
    X = PoissonBinomial(ps)
    trials = [{0: 1 - F(p), 1: F(p)} for p in ps]
    terms = [({x: dyadic(w) for x, w in trial.items() if w}, 1) for trial in trials]
    truth = exact_sum(terms)
    if X.is_exact:
        assert X.to_dict() == {x: F(t) * F(2) ** e for x, (t, e) in truth.items()}
        return
    assert F(X.error) <= (1 + TOLERANCE) * (1 + F(4, 2**53)) ** len(ps) - 1
    assert_within(numbers(X), truth, F(X.error))


def dyadic(value):
    """(m, e) of a fraction over a power of 2."""
    bits = value.denominator.bit_length() - 1
    assert value.denominator == 1 << bits
    return value.numerator, -bits


# Answers --------------------------------------------------------------------------------------------------------------


class Sums:
    """Heads and tails of the exact law, divided by its total, which roundings of the operands keep off 1."""

    def __init__(self, truth):
        base = min(e for _, e in truth.values())
        self.points = sorted(truth)
        self.weights = [truth[x][0] << (truth[x][1] - base) for x in self.points]
        self.heads = list(itertools.accumulate(self.weights, initial=0))
        self.total = self.heads[-1]

    def head(self, count):
        return F(self.heads[count], self.total)

    def tail(self, count):
        return F(self.total - self.heads[count], self.total)


def log_of(value, other=None):
    """log(value), or log(1 - other) where that is the more accurate."""
    with flint.ctx.workprec(256):
        if other is not None and other < F(1, 2):
            return float((-ball_of(other)).log1p())
        return float(ball_of(value).log())


def ball_of(value):
    return flint.arb(value.numerator) / flint.arb(value.denominator)


def assert_probability(found, expected, slack):
    assert abs(F(found) - expected) <= slack * expected + F(2) ** -1074, (found, float(expected))


def assert_log(found, value, other, slack):
    """A log next to 0 is as accurate as what is missing from 1; another has a rounding of its own."""
    if value == 0:
        assert found == -math.inf
        return
    expected = log_of(value, other)
    allowed = 2 * slack * abs(expected) if other < F(1, 2) else 2 * slack + 4e-16 * abs(expected)
    assert abs(found - expected) <= allowed + 1e-307, (found, expected)


def hard_sum(X, Y, n):
    """One or many copies beside another law, the exact law, and what sums of its weights may be off by."""
    S = X + Y if n == 1 else n @ X
    truth = assert_sum(S, [(X, 1), (Y, 1)] if n == 1 else [(X, n)])
    # The error, running sums of up to 1100 roundings, and the operands' totals, which are not quite 1.
    return S, Sums(truth), S.error + 2e-13


@at_least(60)
@given(hard_laws(60), hard_laws(40), st.sampled_from([1, 1, 2, 5]), st.data())
def test_probabilities_of_hard_sums_are_the_exact_ones(X, Y, n, data):
    S, exact, slack = hard_sum(X, Y, n)
    size = len(exact.points)
    for k in {0, size - 1, *data.draw(st.lists(st.integers(0, size - 1), max_size=6))}:
        x, weight = exact.points[k], F(exact.weights[k], exact.total)
        assert_probability(S.pmf(x), weight, slack)
        assert_log(S.logpmf(x), weight, 1 - weight if size == 1 else F(1), slack)
        for y, count in ((x, k + 1), (x - F(1, 2), k)):
            head, tail = exact.head(count), exact.tail(count)
            assert_probability(S.cdf(y), head, slack)
            assert_probability(S.sf(y), tail, slack)
            assert_log(S.logcdf(y), head, tail, slack)
            assert_log(S.logsf(y), tail, head, slack)
    assert S.pmf(exact.points[0] - 1) == S.sf(exact.points[-1]) == S.cdf(exact.points[0] - 1) == 0.0
    assert S.logpmf(exact.points[-1] + 1) == -math.inf


@at_least(60)
@given(hard_laws(60), hard_laws(40), st.sampled_from([1, 1, 2, 5]), st.data())
def test_quantiles_of_hard_sums_are_exact_away_from_ties(X, Y, n, data):
    S, exact, slack = hard_sum(X, Y, n)
    size = len(exact.points)
    ranks = data.draw(st.lists(st.integers(0, size - 1), max_size=12))
    mode = max(range(size), key=exact.weights.__getitem__)
    for k in {0, size - 1, mode, *ranks}:
        assert_quantiles(S, exact, k, slack)


def assert_quantiles(S, exact, k, slack):
    """Levels in the middle of the step at point k, where that is far above all roundings; says how many there were."""
    asked = 0
    for low, high, from_below in (
        (exact.head(k), exact.head(k + 1), S.ppf),
        (exact.tail(k + 1), exact.tail(k), S.isf),
    ):
        level = (low + high) / 2
        if high - low > 10 * F(slack) * high:
            from_above = S.isf if from_below == S.ppf else S.ppf
            assert from_below(level) == exact.points[k], ("below", level)
            assert from_above(1 - level) == exact.points[k], ("above", level)
            asked += 1
    return asked


@pytest.mark.parametrize("slope", [-30.0, 30.0, -1100.0])
def test_quantiles_at_levels_below_every_double(slope):
    X = law_of(slope * np.arange(20) + np.log2(np.arange(1, 21)))
    S, exact, slack = hard_sum(X, X, 5)
    last = len(exact.points) - 1
    assert min(exact.head(1), exact.tail(last)) < F(1, 10**400)
    assert sum(assert_quantiles(S, exact, k, slack) for k in range(0, last + 1, 5)) > 10


# A hundred thousand points --------------------------------------------------------------------------------------------


def weights_at(law, other, c):
    """The exact weight of c in the sum of two laws, to 150 bits: (t, e)."""
    (m, e), (n, f) = law, other
    i = np.arange(max(0, c - len(n) + 1), min(len(m), c + 1))
    i = i[(m[i] > 0) & (n[c - i] > 0)]
    exponents = e[i] + f[c - i]
    top = int(exponents.max())
    kept = i[exponents > top - 170]
    base = top - 170
    shifts = (e[kept] + f[c - kept] - base).tolist()
    return sum(a * b << s for a, b, s in zip(m[kept].tolist(), n[c - kept].tolist(), shifts, strict=True)), base


def columns(X, size):
    """The stored numbers as arrays over the cells 0..size-1: (mantissas, exponents)."""
    m, e = np.zeros(size, dtype=np.int64), np.zeros(size, dtype=np.int64)
    for x, (mantissa, exponent) in numbers(X).items():
        m[x], e[x] = mantissa, exponent
    return m, e


LONG = 100_000


def long_flat():
    return law_of(flat(LONG, None))


def long_noise():
    return law_of(np.log2(np.random.default_rng(1).random(LONG) + 1e-3))


def long_binomial():
    k = np.arange(LONG + 1.0)
    steps = np.log2((LONG - k[:-1]) / (k[:-1] + 1) * (0.3 / 0.7))
    logs = np.concatenate(([0.0], np.cumsum(steps)))
    # Down to 2**-51 500: what doubles cannot hold comes by exact integers, so as many of them as that is quick for.
    return law_of(np.where(logs > logs.max() - 4000, logs, -np.inf))


def long_gaps():
    rng = np.random.default_rng(2)
    logs = np.full(LONG, -np.inf)
    logs[rng.integers(0, LONG, 300)] = rng.uniform(-1000, 0, 300)
    return law_of(logs)


@pytest.mark.parametrize("make", [long_flat, long_noise, long_binomial, long_gaps], ids=lambda f: f.__name__)
def test_a_hundred_thousand_points(make):
    X = make()
    S = X + X
    size = int(X.support[-1]) + 1
    law, found = columns(X, size), numbers(S)
    inherited = (1 + F(X.error)) ** 2
    assert inherited <= 1 + F(S.error) <= inherited * (1 + TOLERANCE)
    room = (1 + F(S.error)) / inherited - 1
    points = list(found)
    positive = set(np.flatnonzero(law[0]).tolist())
    if len(positive) < 1000:
        assert points == sorted({a + b for a in positive for b in positive})
    else:
        low, high = min(positive), max(positive)
        assert points == list(range(2 * low, 2 * high + 1))
    rng = np.random.default_rng(3)
    chosen = [*points[:3], *points[-3:], *(points[i] for i in rng.integers(0, len(points), 14))]
    truth = {c: weights_at(law, law, c) for c in sorted(set(chosen))}
    assert_within({c: found[c] for c in truth}, truth, room)


# Published numbers ----------------------------------------------------------------------------------------------------


def test_the_case_of_sisfft_is_right_in_every_cell():
    X = Distribution.from_array(np.exp(np.arange(30, 0, -1.0)), normalize=True)
    S = 100 @ X
    assert_sum(S, [(X, 100)])
    assert len(S.support) == 2901
    assert math.isclose(S.logpmf(2900), -2945.8675145386987, rel_tol=1e-14)
    assert math.isclose(S.logsf(2899), -2945.8675145386987, rel_tol=1e-14)


def test_a_thousand_floating_dice_are_right_in_every_cell():
    die = Die(6).to_float()
    S = 1000 @ die
    exact = Sums(assert_sum(S, [(die, 1000)]))
    assert math.isclose(S.sf(3999), 7.704190185348998e-21, rel_tol=1e-10)
    # All sixes, or one five among them: 1 + 1000 of 6**1000.
    assert math.isclose(S.logsf(5998), math.log(1001) - 1000 * math.log(6), rel_tol=1e-14)
    for x in (1000, 1001, 2500, 3500, 4000, 4500, 5999):
        count = x - 999
        assert_log(S.logcdf(x), exact.head(count), exact.tail(count), S.error + 2e-13)
        assert_log(S.logsf(x), exact.tail(count), exact.head(count), S.error + 2e-13)
