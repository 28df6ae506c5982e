"""Finite sums that are kept as their terms, against exact sums of the same terms."""

import contextlib
import math
import pickle
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from distconv import (
    AccuracyError,
    Binomial,
    Die,
    Distribution,
    SizeLimitError,
    mixture,
    power_logsf,
    settings,
    sum_of,
)
from distconv.laws.kept import Kept, kept
from distconv.methods import singles
from distconv.numbers.balls import precision

#: What is exact in the oracle and floating in the answer differs by as much, relatively.
CLOSE = 1.1e-10


def asked(*terms):
    """The sum of so many copies of some laws, kept as its terms."""
    return Distribution.of(kept([(law.law, n) for law, n in terms]))


@st.composite
def sums(draw):
    """A few short exact steps with their copies."""
    terms = []
    for _ in range(draw(st.integers(1, 3))):
        outcomes = draw(st.lists(st.integers(-4, 9), min_size=2, max_size=4, unique=True))
        counts = draw(st.lists(st.sampled_from([1, 2, 5, 10**6]), min_size=len(outcomes), max_size=len(outcomes)))
        law = Distribution.from_counts(dict(zip(outcomes, counts, strict=True)))
        terms.append((law, draw(st.sampled_from([1, 3, 20, 60]))))
    return terms


@given(sums(), st.floats(0, 1))
def test_answers_are_those_of_the_exact_sum(terms, where):
    found, right = asked(*terms), sum_of([law for law, n in terms for _ in range(n)])
    assert isinstance(found.law, Kept)
    assert (found.low, found.high) == (right.low, right.high)
    assert found.mean() == right.mean()
    assert found.var() == right.var()
    x = right.low + round(where * float(right.high - right.low))
    for question in ("logpmf", "logsf", "logcdf"):
        with contextlib.suppress(AccuracyError):
            # The characteristic function of few terms need not die out.
            value = getattr(found, question)(x)
            assert math.isclose(value, getattr(right, question)(x), rel_tol=1e-13, abs_tol=CLOSE), (question, x)


def test_windows_are_those_of_the_exact_sum():
    terms = [(Die(6), 40), (Distribution({0: "1/3", 7: "2/3"}), 10)]
    found, right = asked(*terms), 40 @ Die(6) + 10 @ Distribution({0: "1/3", 7: "2/3"})
    places = np.arange(35, 320)
    np.testing.assert_allclose(found.logpmf(places), right.logpmf(places), rtol=1e-13, atol=CLOSE)
    assert found.hold().to_dict() == right.to_dict()
    assert found.truncate(100, 120).pmf(105) == pytest.approx(float(right.truncate(100, 120).pmf(105)), rel=1e-9)


@pytest.mark.parametrize("level", ["1/1000000000", "1/1000", "1/3", "1/2", "9/10", "999999/1000000"])
def test_quantiles_are_those_of_the_exact_sum(level):
    found, right = asked((Die(6), 300)), 300 @ Die(6)
    assert found.ppf(Fraction(level)) == right.ppf(Fraction(level))
    assert found.isf(Fraction(level)) == right.isf(Fraction(level))


def test_a_trillion_dice():
    """Of the binomial law a trillion times as large, FLINT's own balls of 300 bits tell what is right."""
    flint = pytest.importorskip("flint")
    n = 10**12
    coins = asked((Distribution({0: "1/2", 1: "1/2"}), n))
    with precision(300):
        k = n // 2 + 123_456
        ways = flint.arb(n + 1).lgamma() - flint.arb(k + 1).lgamma() - flint.arb(n - k + 1).lgamma()
        right = float(ways - n * flint.arb(2).log())
    assert coins.logpmf(k) == pytest.approx(right, abs=1e-10)
    dice = n @ Die(6)
    assert dice.mean() == Fraction(35 * 10**11)
    assert dice.median() == 35 * 10**11
    x = dice.ppf(1e-9)
    assert dice.cdf(x) >= 1e-9 > dice.cdf(x - 1)
    assert dice.logsf(36 * 10**11) == power_logsf(Die(6), n, 36 * 10**11)
    assert dice.logpmf(6 * n) == pytest.approx(-n * math.log(6), rel=1e-13)
    assert dice.pmf(6 * n + 1) == 0 == dice.pmf(Fraction(1, 2))
    assert dice == pickle.loads(pickle.dumps(dice)) == asked((Die(6), n))
    assert hash(dice) == hash(asked((Die(6), n - 5), (Die(6), 5)))
    assert all(abs(v - 35 * 10**11) < 10 * dice.std() for v in dice.rvs(50, rng=1))
    with pytest.raises(SizeLimitError, match="cells"):
        dice.hold()
    with pytest.raises(SizeLimitError, match="cells"):
        dice.to_dict()


def test_large_sums_combine():
    n = 10**10
    total = Binomial(n, 0.25) + n @ Die(6) - 7
    assert total.law.addends() == (Binomial(n, 0.25) + n @ Die(6)).law.addends()
    assert total.mean() == pytest.approx(n / 4 + 3.5 * n - 7, rel=1e-15)
    assert total.sf(total.median()) == pytest.approx(0.5, abs=1e-5)
    twice = 2 * (n @ Die(6)) + 5
    assert (twice.low, twice.high) == (2 * n + 5, 12 * n + 5)
    assert twice.pmf(7 * n + 5) == pytest.approx((n @ Die(6)).pmf(35 * n // 10), rel=1e-9)
    assert (n @ Die(6) - n @ Die(6)).cdf(-1) == pytest.approx(0.5, abs=1e-5)


def test_places_between_the_ends_that_are_no_outcomes():
    n = 10**12
    gaps = n @ Distribution({0: "1/2", 10: "1/4", 11: "1/4"})
    assert 10 in gaps
    assert 1 not in gaps
    assert gaps.pmf(1) == 0 == gaps.pmf(9)
    assert repr(gaps).startswith("Distribution(outcomes 0..11000000000000, float")
    with pytest.raises(SizeLimitError, match="cells"):
        len(gaps.support)
    full = gaps + n @ Die(11)
    assert len(full.support) == 21 * n + 1
    assert n + 1 in full
    assert (40 @ Distribution({0: "1/2", 3: "1/2"}) + 5 @ Die(4)).hold().support.size == 136


@given(sums())
def test_gaps_are_seen(terms):
    right = sum_of([law for law, n in terms for _ in range(n)])
    if not asked(*terms).law.has_gaps():
        assert right.support.size == (right.high - right.low) / right.law.spacing() + 1


def test_a_long_loop_is_one_sum():
    rows = np.random.default_rng(5).random((900, 6))
    laws = [Distribution.from_array(row, normalize=True) for row in rows]
    total = laws[0]
    for law in laws[1:]:
        total = total + law
    assert isinstance(total.law, Kept)
    right = sum_of(laws)
    for z in (-6, 0, 4):
        x = int(right.mean() + z * right.std())
        assert total.logsf(x) == pytest.approx(right.logsf(x), abs=2e-10)
        assert total.logpmf(x) == pytest.approx(right.logpmf(x), abs=2e-10)


def test_a_long_step_taken_a_few_times():
    """Boxes of balls that turn grow: long terms are summed at more bits, or in doubles."""
    X = Distribution.from_array(np.random.default_rng(2).random(600), normalize=True)
    for n in (3, 60):
        S = n @ X
        for z in (-2, 3):
            x = int(S.mean() + z * S.std())
            assert power_logsf(X, n, x) == pytest.approx(S.logsf(x), abs=1.5e-10)


@pytest.mark.parametrize("tolerance", [1e-6, 1e-10, 1e-13])
def test_the_tolerance_of_the_settings_is_kept(tolerance):
    rows = np.random.default_rng(7).integers(1, 99, (60, 5)).tolist()
    laws = [Distribution.from_counts(dict(enumerate(row))) for row in rows]
    right = sum_of(laws)
    with settings(tolerance=tolerance):
        found = asked(*((law, 1) for law in laws))
        for z in (-5, 0, 5):
            x = int(right.mean() + z * right.std())
            assert abs(math.expm1(found.logpmf(x) - right.logpmf(x))) <= tolerance + 1e-14
            assert abs(math.expm1(found.logsf(x) - right.logsf(x))) <= tolerance + 1e-14


def test_a_tolerance_past_doubles_is_refused():
    with settings(tolerance=1e-17), pytest.raises(ArithmeticError, match="tolerance"):
        power_logsf(Die(6), 1000, 3600)


def in_balls(terms):
    """(lowest outcome, weights) of a sum of laws of integers, by products of polynomials of 400 bits."""
    flint = pytest.importorskip("flint")
    low, product = 0, flint.arb_poly([1])
    for law, n in terms:
        weights = [flint.arb(0)] * (law.high - law.low + 1)
        for x, p in law.to_dict().items():
            weights[x - law.low] = flint.arb(flint.fmpq(*p.as_integer_ratio()))
        low, product = low + n * law.low, product * flint.arb_poly(weights) ** n
    return low, product.coeffs()


def test_many_terms_of_all_kinds_are_those_of_the_exact_sum():
    """Exact and floating, dense and scattered, tiny and absent weights: their points are stacked in arrays."""
    rng = np.random.default_rng(11)
    laws = [Distribution({0: 0.5, 7: 0.25, 40: 0.25}), Distribution({0: "1/3", 11: "2/3"})]
    for row in rng.random((60, 5)):
        row[rng.integers(1, 4)] = rng.choice([0.0, 1e-250, row[1]])
        origin, step = int(rng.integers(-3, 4)), int(rng.choice([1, 2]))
        law = Distribution.from_array(row, origin=origin, step=step, normalize=True)
        share = Fraction(int(rng.integers(1, 10**18)), 10**18)
        laws += [law, Distribution({0: share, 3: 1 - share})]
    laws += [2 @ Distribution.from_array([0.5, 1e-250, 0.5], normalize=True)]
    terms = [(law, 1 + i % 3) for i, law in enumerate(laws)]
    found = asked(*terms)
    with precision(400):
        low, weights = in_balls(terms)
        assert (found.low, found.high) == (low, low + len(weights) - 1)
        for z in (-40, -3, 0.2, 5, 40):
            x = min(max(int(found.mean() + z * found.std()), low + 1), low + len(weights) - 2) - low
            right = {"logpmf": weights[x], "logsf": sum(weights[x + 1 :]), "logcdf": sum(weights[: x + 1])}
            for question, value in right.items():
                answer = getattr(found, question)(x + low)
                assert answer == pytest.approx(float(value.log()), rel=1e-13, abs=CLOSE), (question, z)


def test_cumulants_of_many_floating_terms_are_added():
    rows = np.random.default_rng(12).random((70, 6))
    laws = [Distribution.from_array(row, origin=(i % 5) - 9, step=3, normalize=True) for i, row in enumerate(rows)]
    found = asked(*[(law, 2) for law in laws])
    for k in (1, 2, 3, 4):
        right = math.fsum(2 * float(law.cumulant(k)) for law in laws)
        assert found.cumulant(k) == pytest.approx(right, rel=1e-12), k
    assert found.mean() == found.cumulant(1)
    assert found.skewness() == pytest.approx(found.cumulant(3) / found.std() ** 3, rel=1e-12)


def test_parts_that_are_too_long_are_refused_before_they_are_made():
    X = 10**12 @ Die(6)
    with pytest.raises(SizeLimitError, match=r"the part between these outcomes needs .* X\.pmf\(x\)"):
        X.truncate(35 * 10**11, 36 * 10**11).pmf(35 * 10**11)
    assert X.truncate(35 * 10**11, 35 * 10**11 + 9).pmf(35 * 10**11) == pytest.approx(0.1, rel=1e-6)


def test_intervals_that_are_no_difference_of_tails_are_summed_where_they_are_short(monkeypatch):
    X = 10**12 @ Die(6)
    low = 35 * 10**11
    right = X.prob_box(low, low + 99)
    monkeypatch.setattr(singles, "between", lambda *_: None)
    assert X.prob_box(low, low + 99) == pytest.approx(right, rel=2e-10)
    with pytest.raises(AccuracyError, match=r"difference of two tails, and 1,000,001 outcomes are too many"):
        X.prob_box(low, low + 10**6)


def test_a_mixture_that_would_fit_by_now_still_answers():
    with settings(max_bytes=10**6):
        M = mixture([(Binomial(10**6, 0.5), "1/2"), (Binomial(10**6, 0.25), "1/2")])
    assert not M.law.is_laid_out()
    assert M.cdf(M.ppf(0.3)) >= 0.3 > M.cdf(M.ppf(0.3) - 1)


def test_mixtures_of_sums_that_are_kept_are_asked_of_these():
    X, share = 10**12 @ Die(6), Fraction(1, 3)
    M = mixture([(X, share), (X + 10**6, 1 - share)])
    assert M.is_finite
    assert (M.low, M.high) == (10**12, 6 * 10**12 + 10**6)
    assert M.mean() == X.mean() + 10**6 * (1 - share)
    assert M.var() == X.var() + share * (1 - share) * 10**12
    for x in (35 * 10**11 - 10**7, 35 * 10**11 + 123, 36 * 10**11):
        for question in ("pmf", "sf", "cdf"):
            ask = getattr(X, question)
            right = ask(x) / 3 + ask(x - 10**6) * 2 / 3
            assert getattr(M, question)(x) == pytest.approx(right, rel=3e-10, abs=0)
    median = M.median()
    assert M.cdf(median) >= 0.5 > M.cdf(median - 1)
    assert 2 * M + 1 == mixture([(2 * X + 1, share), (2 * (X + 10**6) + 1, 1 - share)])
    assert M.law.contains(10**12)
    assert not M.law.contains(10**12 - 1)
    assert pickle.loads(pickle.dumps(M)) == M
    with pytest.raises(SizeLimitError):
        M.to_dict()


def test_a_random_number_of_sums_that_are_kept():
    X = 10**12 @ Die(6)
    S = Die(6) @ X
    assert S.mean() == Fraction(7, 2) * X.mean()
    assert S.sf(10**13) == pytest.approx(2 / 3, rel=1e-9)
    assert S.sf(7 * 10**12) == pytest.approx(2 / 3 + (2 @ X).sf(7 * 10**12) / 6, rel=1e-9)
    # A number of terms that is itself kept: so many sums of its own terms.
    assert (X @ Die(6)).sf(1225 * 10**10) == pytest.approx(0.5, abs=1e-5)


def test_terms_that_hardly_ever_move():
    """Under many tilts such a sum stands still, and at frequency pi its terms' logs are on the cut."""
    for weights in ({0: 1, 1: 10**12}, {0: 1, 1: 10**12, 2: 1}, {0: 10**12, 1: 1}):
        law = Distribution.from_counts(weights)
        found = asked((law, 2000))
        with precision(400):
            low, right = in_balls([(law, 2000)])
            for x in (600, 1000, 1400, 2000):
                value = float(right[x - low].log()) if x - low < len(right) else -math.inf
                assert found.logpmf(x) == pytest.approx(value, rel=1e-13, abs=CLOSE), (weights, x)
        middle = {0: 0, 1: 2000}[max(weights, key=weights.get)]
        assert [found.ppf(q) for q in (1e-7, 0.2, 0.9)] == [middle] * 3
        assert found.isf(1 - 1e-7) == middle


def test_intervals_are_differences_of_tails():
    terms = [(Die(6), 40), (Distribution({0: "1/3", 7: "2/3"}), 10)]
    found, right = asked(*terms), 40 @ Die(6) + 10 @ Distribution({0: "1/3", 7: "2/3"})
    for low, high in [
        (50, 60),
        (180, 190),
        (190, 190),
        (150, 230),
        (250, 300),
        (None, 170),
        (210, None),
        (0, 900),
        (5, 4),
    ]:
        assert found.prob_box(low, high) == pytest.approx(float(right.prob_box(low, high)), rel=CLOSE), (low, high)
    n = 10**15
    dice, sd = n @ Die(6), math.sqrt(35 * n / 12)
    low, high = (35 * n // 10 + round(z * sd) for z in (-3, -1))
    normal = 0.5 * (math.erf(3 / math.sqrt(2)) - math.erf(1 / math.sqrt(2)))
    assert dice.prob_box(low, high) == pytest.approx(normal, rel=1e-6)
    assert dice.prob_box(low, low + 9) == pytest.approx(10 * dice.pmf(low + 4), rel=1e-6)


def test_the_room_of_a_part_is_asked_first():
    with settings(max_bytes=10**6):
        dice = asked((Die(6), 10**9))
    with pytest.raises(SizeLimitError, match=r"part between these outcomes.* X.pmf\(x\), X.sf\(x\)"):
        dice.pmf(np.arange(3 * 10**9, 3 * 10**9 + 10**6))
    assert dice.sf(3 * 10**9) == 1


def test_sums_that_take_long_are_kept_until_the_whole_is_quicker():
    S = 3 * 10**5 @ Die(6)
    assert isinstance(S.law, Kept)
    middle, reach = int(S.mean()), 4 * int(S.std())
    places = np.array([middle - reach, middle, middle + reach])
    single, tails = [S.pmf(int(k)) for k in places], [S.sf(int(k)) for k in places]
    # Read from the whole: so many questions take longer one by one.
    many = S.sf(np.arange(middle - reach, middle + reach + 1))
    np.testing.assert_allclose(many[[0, reach, -1]], tails, rtol=2e-10)
    np.testing.assert_allclose(S.pmf(np.arange(S.low, S.high + 1))[places - S.low], single, rtol=2e-10)


def test_different_terms_are_kept_where_the_whole_takes_as_long_as_two_answers():
    rows = np.random.default_rng(3).dirichlet(np.ones(10), 10**4)
    S = sum_of([Distribution.from_arrays(range(10), row) for row in rows])
    assert isinstance(S.law, Kept)
    assert S.sf(46_000) == pytest.approx(S.hold().sf(46_000), rel=2e-10)
    assert not isinstance(sum_of([Distribution.from_arrays(range(10), row) for row in rows[:500]]).law, Kept)
