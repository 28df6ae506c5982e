"""Random numbers of terms, mixtures, Bayes' rule, and what actuaries ask: against sums over every count."""

import math
import pickle
from fractions import Fraction

import flint
import numpy as np
import oracle
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import distribution, exactly, laws, part, several

from distconv import (
    Bernoulli,
    Binomial,
    Die,
    DimensionError,
    DistconvTypeError,
    DistconvValueError,
    Distribution,
    Geometric,
    Logarithmic,
    NegativeBinomial,
    Point,
    Poisson,
    Skellam,
    Uniform,
    compound,
    mixture,
    posterior,
)

d6 = Die(6)


def compounded(counts, f):
    """The law of a random number of terms, one number after the other."""
    result = {}
    for n, w in counts.items():
        for x, p in oracle.power(f, n).items():
            result[x] = result.get(x, Fraction(0)) + w * p
    return {x: p for x, p in result.items() if p}


def assert_near(found, truth):
    assert list(found.support) == sorted(truth)
    for x, p in truth.items():
        if found.is_exact:
            assert found.pmf(x) == p
        elif p > 1e-290:
            assert abs(Fraction(found.pmf(x)) - p) <= Fraction(found.error) * p


counts = st.lists(st.integers(0, 6), min_size=1, max_size=4, unique=True).flatmap(
    lambda ns: st.lists(st.integers(1, 9), min_size=len(ns), max_size=len(ns)).map(
        lambda ws: {n: Fraction(w, sum(ws)) for n, w in zip(ns, ws, strict=True)}
    )
)


@part(0.5)
@given(counts, laws(most=3), st.booleans())
def test_finite_counts(ns, law, floating):
    N = Distribution(ns).to_float() if floating else Distribution(ns)
    ns = {n: Fraction(p) for n, p in N.to_dict().items()}
    found = N @ distribution(law)
    assert_near(found, compounded(ns, exactly(law)))


def series(kind, parameters, p, last):
    """P(S = 0), ..., P(S = last) of a compound sum with terms 1, 2, ..., by FLINT's power series at 600 bits."""
    cap = flint.ctx.cap
    flint.ctx.cap = last + 1
    try:
        with flint.ctx.workprec(600):
            terms = flint.arb_series([flint.arb(flint.fmpq(v.numerator, v.denominator)) for v in p], last + 1)
            if kind == "poisson":
                (lam,) = parameters
                rate = flint.arb(flint.fmpq(lam.numerator, lam.denominator))
                found = (rate * (terms - 1)).exp()
            else:
                r, chance = (flint.arb(flint.fmpq(v.numerator, v.denominator)) for v in parameters)
                found = (r * (chance.log() - (1 - (1 - chance) * terms).log())).exp()
            values = found.coeffs()
            return [v.mid() for v in values] + [flint.arb(0)] * (last + 1 - len(values))
    finally:
        flint.ctx.cap = cap


def assert_series(S, truth):
    """Every probability within the stated error, however small."""
    logs = S.logpmf(np.arange(len(truth)))
    values = S.pmf(np.arange(len(truth)))
    for k, t in enumerate(truth):
        if not t > 0:
            assert values[k] == 0
        elif float(t) > 1e-290:
            with flint.ctx.workprec(600):
                assert abs(float((flint.arb(float(values[k])) - t) / t)) <= S.error
        else:
            with flint.ctx.workprec(600):
                assert abs(logs[k] - float(t.log())) <= 1e-13 * abs(logs[k]) + S.error


@part(0.2)
@given(
    st.sampled_from([Fraction(1, 100), Fraction(1), Fraction(30), Fraction(400), 0.3, 1e-200]),
    laws(ndim=1, most=4),
    st.integers(5, 400),
)
def test_poisson_counts(lam, law, last):
    low = min(x for x, p in law.items() if p)
    moved = {x - low: p for x, p in law.items() if p}
    X = distribution(law) - low
    S = Poisson(lam) @ X
    if S.family == "Poisson" or S.is_finite:
        return
    spacing = S.law.spacing()
    if max(moved) / spacing > 5000:
        return
    cells = [Fraction(0)] * (int(max(moved) / spacing) + 1)
    for x, p in moved.items():
        cells[int(x / spacing)] = Fraction(p)
    total = sum(cells)
    cells = [c / total for c in cells]
    assert_series(S / spacing, series("poisson", [Fraction(lam)], cells, last))


@pytest.mark.parametrize("r", [1, 2, 2.5, 0.1, 40])
@pytest.mark.parametrize("p", [0.01, 0.5, 0.999])
def test_negative_binomial_counts(r, p):
    S = NegativeBinomial(r, p) @ d6
    step = [Fraction(0)] + [Fraction(1, 6)] * 6
    assert_series(S, series("nb", [Fraction(r), Fraction(p)], step, 3000))


@pytest.mark.parametrize("lam", [0.5, 50, 2000])
@pytest.mark.parametrize("size", [1, 2, 30, 400])
def test_long_poisson_sums(lam, size):
    rng = np.random.default_rng(size)
    weights = rng.integers(1, 1000, size)
    X = Distribution.from_counts({k + 1: int(w) for k, w in enumerate(weights)})
    if size == 1:
        X = Distribution({1: "1/2", 3: "1/2"})
    S = Poisson(lam) @ X
    step = [Fraction(0)] * (X.support[-1] + 1)
    for x, p in X:
        step[x] = p
    assert_series(S, series("poisson", [Fraction(lam)], step, 6000))


def test_a_million_cells():
    S = Poisson(1000) @ Uniform(1, 1000)
    cells = np.arange(0, 10**6, 997)
    logs = S.logpmf(cells)
    assert logs[0] == pytest.approx(-1000, rel=1e-14)
    assert np.isfinite(logs).all()
    # Panjer's recursion ties every probability to the thousand before it: c f(c) = lam / 1000 sum of k f(c - k).
    for c in (2500, 100_000, 400_001, 500_500, 700_000, 999_000):
        window = S.logpmf(np.arange(c - 1000, c + 1))
        terms = np.exp(window[:-1] - window[-1])
        assert np.dot(terms, np.arange(1000, 0, -1.0)) / c == pytest.approx(1.0, rel=3e-10)
    assert S.mean() == 500500
    assert S.sf(500_000) + S.cdf(500_000) == pytest.approx(1, abs=1e-12)


def test_what_random_counts_are_known_by():
    S = Poisson(10) @ d6
    assert (S.mean(), S.var(), S.cumulant(3)) == (35, Fraction(455, 3), 735)
    assert not S.is_finite
    assert S.low == 0
    assert S.pgf(0.5) == pytest.approx(math.exp(10 * (float(d6.pgf(Fraction(1, 2))) - 1)), rel=1e-14)
    assert S.sf(400) < 1e-50
    assert S.ppf(0.999) == S.isf(0.001)
    assert Poisson(10) @ d6 == S
    assert hash(Poisson(10) @ d6) == hash(S)
    assert pickle.loads(pickle.dumps(S)) == S
    assert (S + 3).pmf(3) == S.pmf(0)
    assert (S + d6).pmf(1) == pytest.approx(math.exp(-10) / 6, rel=1e-14)
    assert S.skewness() == pytest.approx(735 / (455 / 3) ** 1.5)


def test_counts_with_a_shape_of_their_own():
    assert Poisson(3) @ Bernoulli("1/2") == Poisson(Fraction(3, 2))
    assert Binomial(10, "1/3") @ Bernoulli("1/2") == Binomial(10, "1/6")
    assert Poisson(3) @ Point(2) == Poisson(3) * 2
    assert Point(3) @ d6 == 3 @ d6
    assert (Binomial(10, "1/3") @ d6).pmf(7) == (10 @ mixture({Point(0): "2/3", d6: "1/3"})).pmf(7)
    assert (Geometric("1/3") @ d6).pmf(1) == pytest.approx(1 / 18, rel=1e-14)
    assert ((Poisson(3) + 1) @ d6).mean() == 14
    assert ((Poisson(3) + d6) @ d6).mean() == Fraction(13, 2) * Fraction(7, 2)
    ratio = 3 / math.log(2)
    logarithmic = Poisson(3) @ Logarithmic(0.5)
    assert logarithmic.pmf(4) == pytest.approx(NegativeBinomial(ratio, 0.5).pmf(4), rel=1e-12)
    assert logarithmic.sf(60) == pytest.approx(NegativeBinomial(ratio, 0.5).sf(60), rel=1e-10)
    nested = Poisson(3) @ (Poisson(2) @ d6)
    assert nested.mean() == 21
    assert nested.pmf(0) == pytest.approx(math.exp(3 * (math.exp(-2) - 1)), rel=1e-12)
    signed = Poisson(3) @ Distribution({-1: 0.5, 1: 0.5})
    assert signed.pmf(2) == pytest.approx(Skellam(1.5, 1.5).pmf(2), rel=1e-12)
    assert (Poisson(3) @ -d6).pmf(-4) == (Poisson(3) @ d6).pmf(4)
    plane = Poisson(3) @ Distribution({(1, 0): 0.5, (0, 1): 0.5})
    assert plane.pmf((1, 2)) == pytest.approx(Poisson(1.5).pmf(1) * Poisson(1.5).pmf(2), rel=1e-12)
    assert 0 < plane.missing < 1e-17
    logs = Logarithmic(0.5) @ d6
    assert 0 < logs.missing < 1e-17
    half = Poisson(3) @ Distribution({0: 0.5, 5: 0.5})
    assert half.pmf(5) == pytest.approx(Poisson(1.5).pmf(1), rel=1e-14)
    assert (Poisson(3) @ Distribution({5: 0.5, 9: 0.5})).pmf(4) == 0


def test_what_cannot_be_a_number_of_terms():
    for N, words in [(Skellam(1, 2), "-inf"), (d6 - 3, "-2"), (d6 / 2, "whole"), (Poisson(1) / 2, "whole")]:
        with pytest.raises(DistconvValueError, match=words):
            N @ d6
    with pytest.raises(DistconvTypeError, match="3 @ X"):
        compound(3, d6)
    with pytest.raises(DistconvTypeError, match="2-D"):
        Distribution({(0, 1): 1}) @ d6


# Mixtures and Bayes ---------------------------------------------------------------------------------------------------


@given(several(3), st.lists(st.integers(0, 5), min_size=3, max_size=3).filter(any))
def test_mixtures(parts, weights):
    shares = [Fraction(w, sum(weights)) for w in weights]
    truth = {}
    for law, share in zip(parts, shares, strict=True):
        for x, p in exactly(law).items():
            truth[x] = truth.get(x, Fraction(0)) + share * p
    found = mixture([(distribution(law), share) for law, share in zip(parts, shares, strict=True)])
    assert_near(found, {x: p for x, p in truth.items() if p})


def test_mixtures_of_all_kinds():
    import sympy

    p = sympy.symbols("p")
    letters = mixture({Bernoulli(p): "1/2", d6: "1/2"})
    assert sympy.expand(letters.pmf(1) - p / 2 - Fraction(1, 12)) == 0
    shares = mixture([(d6, p), (Die(4), 1 - p)])
    assert sympy.expand(shares.pmf(5) - p / 6) == 0
    window = mixture({Poisson(3): 0.5, d6: 0.5})
    assert window.pmf(2) == pytest.approx((Poisson(3).pmf(2) + 1 / 6) / 2, rel=1e-14)
    assert 0 < window.missing < 1e-17
    assert mixture([(d6, 1), (Die(4), 3)], normalize=True).pmf(5) == Fraction(1, 24)
    for call, kind in [
        (lambda: mixture({}), DistconvValueError),
        (lambda: mixture({d6: "1/2"}), DistconvValueError),
        (lambda: mixture([d6]), DistconvTypeError),
        (lambda: mixture({d6: "1/2", Distribution({(0, 0): 1}): "1/2"}), DimensionError),
    ]:
        with pytest.raises(kind):
            call()


def test_bayes():
    dice = Distribution.from_counts({4: 1, 6: 1, 8: 1, 12: 1, 20: 1})
    after = posterior(dice, Die, 6)
    truth = {n: Fraction(1, n) for n in (6, 8, 12, 20)}
    assert after.to_dict() == {n: w / sum(truth.values()) for n, w in truth.items()}
    many = posterior(dice, lambda n: Die(int(n)).to_float(), [3] * 1000)
    assert many.pmf(4) == pytest.approx(1)
    assert many.logpmf(20) == pytest.approx(-1000 * math.log(5), rel=1e-12)
    labels = posterior({"fair": 0.9, "bent": 0.1}, {"fair": Bernoulli(0.5), "bent": Bernoulli(0.9)}, [1] * 5)
    assert labels["bent"] == pytest.approx(0.1 * 0.9**5 / (0.1 * 0.9**5 + 0.9 * 0.5**5))
    with pytest.raises(DistconvValueError, match="impossible"):
        posterior(dice, Die, 21)
    with pytest.raises(DistconvValueError, match="no law"):
        posterior(dice, {4: d6}, 1)
    with pytest.raises(DistconvTypeError):
        posterior(3, Die, 1)
    with pytest.raises(DistconvTypeError):
        posterior(dice, 3, 1)
    with pytest.raises(DistconvTypeError):
        posterior(dice, lambda n: n, 1)


@given(laws(), st.data())
def test_truncation(law, data):
    f, X = exactly(law), distribution(law)
    corners = sorted(f)
    low, high = sorted(data.draw(st.tuples(st.sampled_from(corners), st.sampled_from(corners))))

    def inside(x):
        return all(
            a <= b <= c for a, b, c in zip(*(v if isinstance(v, tuple) else (v,) for v in (low, x, high)), strict=True)
        )

    kept = {x for x in f if inside(x)}
    if not kept:
        with pytest.raises(DistconvValueError, match="no outcome"):
            X.truncate(low, high)
        return
    assert_near(X.truncate(low, high), oracle.given(f, inside))
    assert "probability" in str(X.truncate(low, high).how())


def test_truncation_of_what_is_infinite():
    assert Geometric("1/2").truncate(high=2).to_dict() == {1: Fraction(2, 3), 2: Fraction(1, 3)}
    assert Poisson(3).truncate(2, 4).pmf(3) == pytest.approx(27 / 6 / (9 / 2 + 27 / 6 + 81 / 24), rel=1e-14)
    deep = Poisson(3).truncate(low=50)
    assert deep.pmf(50) == pytest.approx(Poisson(3).pmf(50) / Poisson(3).sf(49), rel=1e-10)
    assert Skellam(2, 3).truncate(-1, 1).missing == 0
    with pytest.raises(DistconvValueError):
        Poisson(3).truncate(high=-1)


# Risk -----------------------------------------------------------------------------------------------------------------


@given(laws(ndim=1), st.data())
def test_stop_loss_premiums_and_tail_means(law, data):
    f, X = exactly(law), distribution(law)
    d = data.draw(st.sampled_from([*sorted(f), min(f) - 1, max(f) + 1, Fraction(1, 3)]))
    truth = sum(p * max(x - d, 0) for x, p in f.items())
    found = X.stop_loss(d)
    if X.is_exact:
        assert found == truth
    elif truth > 1e-280:
        assert abs(Fraction(found) - truth) <= Fraction(1e-14) * truth
    q = data.draw(st.sampled_from([Fraction(0), Fraction(1, 2), Fraction(9, 10)]))
    worst = X.tail_mean(q)
    if X.is_exact:
        # The worst part 1 - q of the outcomes, taken one by one from the top.
        left, total = 1 - q, Fraction(0)
        for x, p in sorted(f.items(), reverse=True):
            taken = min(p, left)
            total += taken * x
            left -= taken
        assert worst == total / (1 - q)
    assert float(worst) >= float(X.ppf(q)) * (1 - 1e-12) - 1e-12 or float(worst) < 0


def test_risks_of_infinite_losses():
    assert Geometric("1/2").stop_loss(3) == Fraction(1, 4)
    lam, d = 3.0, 40
    truth = sum(math.exp(-lam) * lam**k / math.factorial(k) * (k - d) for k in range(d + 1, 120))
    assert Poisson(3).stop_loss(d) == pytest.approx(truth, rel=1e-10)
    S = Poisson(10) @ d6
    grid = S.pmf(np.arange(400))
    assert S.stop_loss(60) == pytest.approx(np.dot(grid[61:], np.arange(1, 340)), rel=1e-10)
    assert S.tail_mean("99/100") == pytest.approx(S.ppf("99/100") + 100 * S.stop_loss(S.ppf("99/100")), rel=1e-12)
    assert list(d6.stop_loss([0, 4])) == [Fraction(7, 2), Fraction(1, 2)]
    assert list(d6.tail_mean([0, 0.5])) == [Fraction(7, 2), 5]
    assert d6.stop_loss(math.inf) == 0
    for call in (lambda: d6.tail_mean(1), lambda: d6.tail_mean(2)):
        with pytest.raises(DistconvValueError):
            call()
    with pytest.raises(DimensionError):
        Distribution({(0, 0): 1}).stop_loss(1)


@pytest.mark.parametrize("weight", [Fraction(1, 3), 1 / 3])
def test_terms_far_apart_stay_sparse(weight):
    far = Distribution({(0, 0): weight, (0, 1): weight, (0, 10**9): 1 - 2 * weight})
    found = Distribution({0: "1/2", 2: "1/2"}) @ far
    assert found.pmf((0, 10**9 + 1)) == pytest.approx(float(weight * (1 - 2 * weight)))
    assert len(found.support) == 6
