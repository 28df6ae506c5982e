"""Sums of a random number of terms, any number and any terms: against sums over every count, far into the tails."""

import math
from fractions import Fraction

import flint
import pytest
from hypothesis import given
from hypothesis import strategies as st

from distconv import (
    Die,
    Distribution,
    Geometric,
    Logarithmic,
    NegativeBinomial,
    Poisson,
    Skellam,
)

#: Bits in which references are computed: their smallest numbers keep hundreds of them.
BITS = 1500


def horner(weights, term, last):
    """The probabilities of 0, ..., last of the sum over n of weights[n] times the n-th power of a term >= 0."""
    step = flint.arb_poly([flint.arb(_ball(term.get(x, 0))) for x in range(last + 1)])
    total = flint.arb_poly([])
    for weight in reversed(weights):
        total = flint.arb_poly((total * step).coeffs()[: last + 1]) + _ball(weight)
    return [total[x] for x in range(last + 1)]


def _ball(value):
    if isinstance(value, flint.arb):
        return value
    exact = Fraction(value)
    return flint.arb(exact.numerator) / exact.denominator


def poisson(lam, n):
    lam = _ball(Fraction(lam))
    return (-lam).exp() * lam**n / math.factorial(n)


def logarithmic(p, n):
    p = _ball(Fraction(p))
    return -(p**n) / n / (1 - p).log() if n else flint.arb(0)


def added(one, other):
    """The weights of a sum of two counts."""
    return [sum((one[k] * other[n - k] for k in range(n + 1)), start=_ball(0)) for n in range(len(one))]


def assert_known(found, numbers, error=None):
    """Every probability, cdf and sf of a law of 0, 1, 2, ..., whose weights are balls, is right to its error."""
    error = 4e-10 if error is None else error
    below = flint.arb(0)
    found.logpmf(len(numbers))
    for x, number in enumerate(numbers):
        below += number
        exact = float(number.log()) if number > 0 else -math.inf
        assert found.logpmf(x) == pytest.approx(exact, abs=error) if number > 0 else found.logpmf(x) == -math.inf
        if number > 0 and x % 7 == 0:
            assert found.logcdf(x) == pytest.approx(float(below.log()), abs=error)


#: Counts that a reference adds up: what is beyond does not show in the outcomes that it is asked for.
MOST = 400
#: How many outcomes each kind of terms is asked for.
COUNTS = {
    "twice a Poisson number": (2 * Poisson(3), lambda n: poisson(3, n // 2) if n % 2 == 0 else _ball(0)),
    "a Poisson number and two": (Poisson(3) + 2, lambda n: poisson(3, n - 2) if n > 1 else _ball(0)),
    "logarithmic": (Logarithmic("1/2"), lambda n: logarithmic("1/2", n)),
    "logarithmic, less one": (Logarithmic("1/3") - 1, lambda n: logarithmic("1/3", n + 1)),
    "logarithmic, and one": (Logarithmic("1/3") + 1, lambda n: logarithmic("1/3", n - 1) if n else _ball(0)),
    "twice one, less two": (
        2 * Logarithmic("1/3") - 2,
        lambda n: logarithmic("1/3", n // 2 + 1) if n % 2 == 0 else _ball(0),
    ),
    "geometric, less one": (Geometric(0.25) - 1, lambda n: _ball(Fraction(3**n, 4 ** (n + 1)))),
}
TERMS = {
    "a die": (Die(4), 120),
    "with zeros": (Distribution({0: 0.5, 1: 0.25, 3: 0.25}), 40),
    "mostly zeros": (Distribution({0: "99/100", 2: "1/100"}), 12),
    "from two on": (Distribution({2: "1/2", 5: "1/2"}), 120),
}


@pytest.mark.parametrize("count", COUNTS)
@pytest.mark.parametrize("term", TERMS)
def test_any_count_of_terms_from_zero_on(count, term):
    law, weight = COUNTS[count]
    X, last = TERMS[term]
    found = law @ X
    assert not found.is_finite
    with flint.ctx.workprec(BITS):
        terms = {int(x): Fraction(p) for x, p in X}
        numbers = horner([weight(n) for n in range(MOST)], terms, last)
        assert_known(found, numbers)
        assert float(found.sf(5)) == pytest.approx(float(1 - sum(numbers[:6], start=flint.arb(0))), rel=1e-9)


exact_terms = st.dictionaries(st.integers(0, 4), st.integers(1, 5), min_size=1, max_size=3).map(
    lambda ws: {x: Fraction(w, sum(ws.values())) for x, w in ws.items()}
)


def failures(r, p, n):
    """The weights of a negative binomial law."""
    return [math.comb(k + r - 1, k) * p**r * (1 - p) ** k for k in range(n)]


@given(st.integers(1, 3), st.integers(1, 4), exact_terms.filter(lambda ws: max(ws) > 0), st.integers(-1, 2))
def test_exact_counts_of_exact_terms_are_exact(r, a, terms, shift):
    p = Fraction(a, 5)
    X = Distribution(terms)
    nothing = terms.get(0, Fraction(0))
    # Of the terms that are not 0 there are so many more failures: p / (1 - (1 - p) f0) is the chance of success then.
    kept = p / (1 - (1 - p) * nothing)
    positive = {x: w / (1 - nothing) for x, w in terms.items() if x}
    truth = [Fraction(0)] * 13
    power = [Fraction(1)] + [Fraction(0)] * 12
    for weight in failures(r, kept, 13):
        truth = [t + weight * w for t, w in zip(truth, power, strict=True)]
        power = [sum(power[x - y] * w for y, w in positive.items() if y <= x) for x in range(13)]
    if shift >= 0:
        for _ in range(shift):
            truth = [sum(truth[x - y] * w for y, w in terms.items() if y <= x) for x in range(13)]
        found = (NegativeBinomial(r, p) + shift) @ X
    else:
        found = (sum([Geometric(p)] * r) - r) @ X
    assert found.is_exact
    for x, number in enumerate(truth):
        assert found.pmf(x) == number
        assert found.cdf(x) == sum(truth[: x + 1])
        assert found.sf(x) == 1 - sum(truth[: x + 1])
    assert isinstance(found.pmf(5), Fraction)


def test_exact_numbers_as_they_are_written():
    assert ((Geometric("1/5") - 1) @ Die(4)).cdf(3) == Fraction(216, 625)
    assert (Geometric("1/2") @ Die(6)).pmf(3) == Fraction(169, 1728)
    assert (NegativeBinomial(2, "1/3") @ Die(4)).pmf(3) == Fraction(14, 243)
    # Where fractions would be too long there are doubles, to the tolerance.
    far = NegativeBinomial(2, "1/3") @ Die(4)
    assert isinstance(far.pmf(200), Fraction)
    assert far.logpmf(20_000) == pytest.approx(float((NegativeBinomial(2, 1 / 3) @ Die(4)).logpmf(20_000)), rel=1e-10)


def test_a_finite_exact_count_of_infinite_exact_terms():
    counts, p = {0: Fraction(1, 4), 2: Fraction(1, 2), 5: Fraction(1, 4)}, Fraction(1, 3)
    found = Distribution(counts) @ (NegativeBinomial(2, p) - 3)
    for x in (-15, -7, -6, 0, 4):
        exact = sum(
            weight * (failures(2 * n, p, x + 3 * n + 1)[-1] if n else x == 0)
            for n, weight in counts.items()
            if x + 3 * n >= 0
        )
        assert found.pmf(x) == exact
    assert found.low == -15
    assert (Distribution(counts) @ -NegativeBinomial(2, p)).pmf(-4) == (
        Distribution(counts) @ NegativeBinomial(2, p)
    ).pmf(4)


def two_sided(weights, term):
    """The probabilities of all outcomes, of counts with these weights and a dict of terms."""
    low = min(term)
    moved = flint.arb_poly([_ball(term.get(x + low, 0)) for x in range(max(term) - low + 1)])
    found, power = {}, flint.arb_poly([1])
    for k, weight in enumerate(weights):
        for x, value in enumerate(power.coeffs()):
            found[x + k * low] = found.get(x + k * low, 0) + value * _ball(weight)
        power = power * moved
    return found


def test_terms_on_both_sides_of_zero():
    p, term = Fraction(1, 3), {-1: Fraction(1, 2), 2: Fraction(1, 2)}
    found = NegativeBinomial(2, p) @ Distribution(term)
    with flint.ctx.workprec(BITS):
        numbers = two_sided(failures(2, p, 300), term)
        for x in (-90, -3, 0, 1, 60, 120):
            assert found.pmf(x) == pytest.approx(float(numbers[x]), rel=3e-10)
            assert found.sf(x) == pytest.approx(float(sum(v for y, v in numbers.items() if y > x)), rel=3e-10)
            assert found.cdf(x) == pytest.approx(float(sum(v for y, v in numbers.items() if y <= x)), rel=3e-10)


@pytest.mark.parametrize("x", [-60, 0, 17, 80])
def test_counts_of_terms_without_ends(x):
    # The sum of n Skellam laws is one of n times the means.
    finite = Die(3) @ Skellam(1, 2)
    exact = math.log(sum(math.exp(Skellam(n, 2 * n).logpmf(x) + 200) for n in (1, 2, 3)) / 3) - 200
    assert finite.logpmf(x) == pytest.approx(exact, abs=1e-9)
    endless = Poisson(3) @ Skellam(1, 2)
    terms = [Poisson(3).logpmf(n) + Skellam(n, 2 * n).logpmf(x) for n in range(1, 200)]
    terms += [-3.0] if x == 0 else []
    assert endless.logpmf(x) == pytest.approx(math.log(sum(math.exp(t + 200) for t in terms)) - 200, abs=1e-9)


def test_moments_of_any_random_sum():
    N, X = Logarithmic("1/3") - 1, Distribution({-1: "1/4", 0: "1/4", 3: "1/2"})
    found = N @ X
    assert found.mean() == pytest.approx(float(N.mean()) * 1.25)
    assert found.var() == pytest.approx(N.mean() * float(X.var()) + N.var() * 1.25**2)
    assert found.ppf(0.5) == 0
    assert found == (Logarithmic("1/3") - 1) @ X
    assert hash(found) == hash((Logarithmic("1/3") - 1) @ X)
