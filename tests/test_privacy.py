"""Privacy losses against closed forms: the ends of delta and eps hold the truth between them."""

import math
from fractions import Fraction

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from distconv import Bernoulli, Binomial, Die, DimensionError, Distribution, Poisson, privacy, product
from distconv.errors import DistconvTypeError, DistconvValueError


def gaussian_delta(mu, eps):
    """Balle and Wang, "Improving the Gaussian mechanism for differential privacy" (2018), theorem 8."""
    mu, eps = mpmath.mpf(mu), mpmath.mpf(eps)
    return mpmath.ncdf(mu / 2 - eps / mu) - mpmath.exp(eps) * mpmath.ncdf(-mu / 2 - eps / mu)


@pytest.mark.parametrize(("sigma", "n", "step"), [(1, 1, "1/1000"), (5, 10, "1/2000"), (2, 4, "1/1000")])
def test_the_gaussian_mechanism(sigma, n, step):
    loss = n @ privacy.gaussian(sigma, step=step)
    with mpmath.workdps(40):
        mu = mpmath.sqrt(n) / sigma
        for eps in (-0.5, 0, 0.5, 1, 3, 6):
            low, high = privacy.delta(loss, eps)
            right = gaussian_delta(mu, eps)
            assert low <= right <= high
            # n steps of eps at most.
            assert high <= gaussian_delta(mu, eps - n * float(Fraction(step))) * (1 + mpmath.mpf(10) ** -6) + 1e-18
        for delta in (1e-2, 1e-6, 1e-12):
            low, high = privacy.epsilon(loss, delta)
            assert gaussian_delta(mu, low) >= delta * (1 - 1e-9)
            assert gaussian_delta(mu, high) <= delta
            assert high - low <= 1.01 * n * float(Fraction(step))


def test_the_laplace_mechanism():
    """One run has delta(eps) = 1 - exp((eps - 1 / b) / 2)."""
    loss = privacy.laplace(10, step="1/3000")
    for eps in (0, 0.03, 0.05, 0.0999):
        low, high = privacy.delta(loss, eps)
        assert low <= -math.expm1((eps - 0.1) / 2) <= high
        assert high - low <= 0.51 / 3000
    assert privacy.delta(loss, Fraction(1, 10)) == (0.0, 0.0)
    assert privacy.epsilon(loss, 0)[1] == pytest.approx(0.1, rel=1e-12)
    assert not loss.upper.missing
    mean = 0.1 + math.expm1(-0.1)
    low, high = loss.mean()
    assert low <= mean <= high


def test_two_runs_of_the_laplace_mechanism():
    """By integration over the loss of one: E delta(eps - L)."""
    top = mpmath.mpf(1)

    def delta(eps):
        return mpmath.mpf(0) if eps >= top else -mpmath.expm1((eps - top) / 2) if eps > -top else 1 - mpmath.exp(eps)

    with mpmath.workdps(20):
        eps = mpmath.mpf("0.7")
        ends = mpmath.exp(-top) / 2 * delta(eps + top) + delta(eps - top) / 2
        right = ends + mpmath.quad(lambda x: mpmath.exp((x - top) / 2) / 4 * delta(eps - x), [-top, eps - top, top])
    low, high = privacy.delta(2 @ privacy.laplace(1, step="1/1000"), 0.7)
    assert low <= right <= high
    assert high - low <= 2e-3


def test_many_answers():
    """A thousand randomised responses with p = 0.55, against 60 digits (`examples/privacy.py`)."""
    exact = Distribution({1: 0.55, -1: 0.45})
    for eps, right in ((10, 0.921519801945415), (60, 4.13132666e-11)):
        # In steps of log(11 / 9), with which a delta of its own is summed.
        known = (1000 @ exact).expect(lambda k, e=eps: max(0.0, -math.expm1(e - k * math.log(11 / 9))))
        assert known == pytest.approx(right, rel=1e-8)
    step = Fraction(math.log(11 / 9)).limit_denominator(10**6) / 1000
    low, high = privacy.delta(1000 @ privacy.loss(Bernoulli("11/20"), Bernoulli("9/20"), step=step), 60)
    assert low <= 4.13132666e-11 <= high


@given(
    st.lists(st.integers(0, 6), min_size=2, max_size=5), st.lists(st.integers(0, 6), min_size=2, max_size=5), st.data()
)
def test_any_mechanism(ps, qs, data):
    ps, qs = [(values + [1] * 5)[:5] for values in (ps, qs)]
    P, Q = (Distribution.from_counts(dict(enumerate(values))) for values in (ps, qs))
    eps = data.draw(st.sampled_from([-1.0, 0.0, 0.25, 1.0]))
    loss = privacy.loss(P, Q, step="1/50")
    right = sum(max(0.0, float(P.pmf(x)) - math.exp(eps) * float(Q.pmf(x))) for x in range(5))
    low, high = privacy.delta(loss, eps)
    assert low <= right + 1e-15
    assert right <= high + 1e-15
    # Two runs are the mechanism of both answers.
    pairs = product(P, P).to_dict().items()
    other = product(Q, Q)
    right = sum(max(0.0, float(p) - math.exp(eps) * float(other.pmf(x))) for x, p in pairs)
    low, high = privacy.delta(2 @ loss, eps)
    assert low - 1e-15 <= right <= high + 1e-15


def test_losses_that_are_infinite():
    loss = privacy.loss(Bernoulli("1/10"), Bernoulli(0), step="1/10")
    assert loss.upper.missing == pytest.approx(0.1)
    assert privacy.delta(loss, 3)[1] == pytest.approx(0.1)
    assert privacy.epsilon(loss, 0.05)[1] == math.inf
    assert privacy.epsilon(loss, 0.2) == (0.0, 0.0)
    # Of a law of one's own: what is missing counts in the upper end alone.
    X = Distribution({0: "1/2", 1: "1/4"}, missing="1/4")
    low, high = privacy.delta(X, 0)
    assert low == pytest.approx((1 - math.exp(-1)) / 4)
    assert high == pytest.approx((1 - math.exp(-1)) / 4 + 0.25)


def test_arrays_and_far_tails():
    loss = Distribution({0: 1 - 1e-200, 300: 1e-200})
    low, high = privacy.delta(loss, [0, 299, 300])
    assert low.shape == (3,)
    assert np.all(low <= high)
    assert high[1] == pytest.approx(-math.expm1(-1) * 1e-200)
    assert high[2] == 0
    assert privacy.delta(Binomial(2, "1/2"), -math.inf) == (pytest.approx(1), 1.0)


@pytest.mark.parametrize(
    ("ask", "error", "message"),
    [
        (lambda: privacy.delta(3, 1), DistconvTypeError, "losses must be a Distribution"),
        (lambda: privacy.delta(Poisson(3), 1), DistconvTypeError, r"X\.clip\(-100, 100\)"),
        (lambda: privacy.delta(product(Die(6), Die(6)), 1), DimensionError, "2-D"),
        (lambda: privacy.epsilon(Die(6), 2), DistconvValueError, r"in \[0, 1\]"),
        (lambda: privacy.gaussian(0), DistconvValueError, "sigma"),
        (lambda: privacy.laplace(-1), DistconvValueError, "must be > 0"),
        (lambda: privacy.loss(Die(2), Die(2) + 5), DistconvValueError, "no outcome in common"),
        (lambda: privacy.loss(Die(2), Poisson(5)), DistconvTypeError, "finitely many"),
        (lambda: privacy.loss(Die(2), Die(4), step=0), DistconvValueError, "step must be > 0"),
    ],
)
def test_what_is_no_mechanism_says_why(ask, error, message):
    with pytest.raises(error, match=message):
        ask()
