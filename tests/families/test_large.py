"""Families that no one lays out: every question answered by the formula, against FLINT's balls and mpmath."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import flint
import mpmath
import numpy as np
import pytest
from conformance import mpf

import distconv
from distconv import (
    Binomial,
    Die,
    Distribution,
    Geometric,
    Hypergeometric,
    Logarithmic,
    NegativeBinomial,
    Poisson,
    SizeLimitError,
    Skellam,
    Uniform,
)
from distconv.families import sums
from distconv.families.quadrature import rule
from distconv.laws.finite import Finite
from distconv.numbers.balls import precision

#: What sums of weights must keep, relatively; of logs, absolutely beside 1.
CLOSE = 4e-16
#: Bits to which FLINT must know a number for it to be the truth.
ENOUGH = 58


@dataclass(frozen=True)
class Large:
    """A law and the truth about it: the log of P(X = k) by mpmath, P(X <= k) and P(X > k) as balls of FLINT's."""

    make: Callable[[], Any]
    log: Callable[[int], Any]
    head: Callable[[int], Any]
    tail: Callable[[int], Any]
    low: int = 0
    high: int | None = None

    def points(self):
        law = self.make()
        mean, spread = int(law.law.cumulant(1)), int(law.std()) + 1
        found = {mean + z * spread for z in (-30, -3, 0, 3, 30)} | {self.low, self.low + 1}
        return sorted(k for k in found if self.low <= k and (self.high is None or k < self.high))


def ways(n, k):
    return mpmath.loggamma(n + 1) - mpmath.loggamma(k + 1) - mpmath.loggamma(n - k + 1)


def binomial(n, p):
    x, y = flint.arb(p), 1 - flint.arb(p)
    return Large(
        lambda: Binomial(n, p),
        lambda k: ways(mpf(n), k) + k * mpmath.log(mpf(p)) + (n - k) * mpmath.log1p(-mpf(p)),
        lambda k: y.beta_lower(flint.arb(n - k), flint.arb(k + 1), regularized=1),
        lambda k: x.beta_lower(flint.arb(k + 1), flint.arb(n - k), regularized=1),
        high=n,
    )


def poisson(lam):
    def tail(k):
        small = lam < 1
        part = getattr(flint.arb(lam), "gamma_lower" if small else "gamma_upper")(flint.arb(k + 1), regularized=1)
        return part if small else 1 - part

    return Large(
        lambda: Poisson(lam),
        lambda k: k * mpmath.log(mpf(lam)) - mpf(lam) - mpmath.loggamma(mpf(k) + 1),
        lambda k: 1 - tail(k),
        tail,
    )


def negative_binomial(r, p):
    def log(k):
        whole = mpmath.loggamma(mpf(r) + k) - mpmath.loggamma(mpf(r)) - mpmath.loggamma(mpf(k) + 1)
        return whole + mpf(r) * mpmath.log(mpf(p)) + k * mpmath.log1p(-mpf(p))

    return Large(
        lambda: NegativeBinomial(r, p),
        log,
        lambda k: flint.arb(p).beta_lower(flint.arb(r), flint.arb(k + 1), regularized=1),
        lambda k: (1 - flint.arb(p)).beta_lower(flint.arb(k + 1), flint.arb(r), regularized=1),
    )


LARGE = {
    "Binomial(10**12, 0.3)": binomial(10**12, 0.3),
    "Binomial(10**15, 0.3)": binomial(10**15, 0.3),
    "Binomial(4 * 10**7, 0.5)": binomial(4 * 10**7, 0.5),
    "Binomial(10**6, 1e-300)": binomial(10**6, 1e-300),
    "Poisson(1e6)": poisson(1e6),
    "Poisson(1e12)": poisson(1e12),
    "Poisson(1e-300)": poisson(1e-300),
    "NegativeBinomial(1e12, 0.3)": negative_binomial(1e12, 0.3),
    "NegativeBinomial(2.5, 1e-9)": negative_binomial(2.5, 1e-9),
}


@pytest.fixture(autouse=True)
def digits():
    """Enough for logs of weights that are differences of numbers near 10**17."""
    with mpmath.workdps(80):
        yield


def in_double(ball):
    """The double nearest to the middle of a ball; 0 below them."""
    mantissa, exponent = ball.mid().man_exp()
    return float(mpmath.ldexp(mpmath.mpf(int(mantissa)), int(exponent)))


@pytest.mark.parametrize("name", LARGE)
def test_weights_and_sums_are_right_to_the_last_digits(name):
    case = LARGE[name]
    law, checked = case.make(), 0
    for k in case.points():
        log = case.log(k)
        assert law.logpmf(k) == pytest.approx(float(log), rel=1e-13, abs=1e-13), k
        truth = mpmath.exp(log)
        assert law.pmf(k) == pytest.approx(float(truth), rel=2e-13, abs=1e-320), k
        if k <= case.low + 1 and law.mean() > 1000:
            continue
        with precision(160):
            head, tail = case.head(k), case.tail(k)
            for query, ball, other in (("cdf", head, tail), ("sf", tail, head)):
                log = ball.log() if ball < 0.5 else (-other).log1p()
                # FLINT itself does not resolve the smaller side of some gamma functions.
                if ball.rel_accuracy_bits() > ENOUGH:
                    assert getattr(law, query)(k) == pytest.approx(in_double(ball), rel=CLOSE, abs=1e-320), (query, k)
                if log.rel_accuracy_bits() > ENOUGH:
                    assert getattr(law, "log" + query)(k) == pytest.approx(in_double(log), rel=CLOSE, abs=1e-320)
                checked += log.rel_accuracy_bits() > ENOUGH
    assert checked >= 4


@pytest.mark.parametrize(
    "name", ["Binomial(10**15, 0.3)", "Binomial(10**6, 1e-300)", "Poisson(1e12)", *list(LARGE)[-2:]]
)
def test_quantiles_invert_what_the_law_answers(name):
    law = LARGE[name].make()
    for k in LARGE[name].points():
        # Where a double tells an outcome from its neighbour.
        if 0 < law.cdf(k) < 1 and (k == law.low or law.cdf(k - 1) < law.cdf(k)):
            assert law.ppf(law.cdf(k)) == k
        if 0 < law.sf(k) < 1 and (k == law.low or law.sf(k - 1) > law.sf(k)):
            assert law.isf(law.sf(k)) == k
    for level in (Fraction(1, 10**40), Fraction(1, 3), Fraction(1, 2), 1 - Fraction(1, 10**14)):
        for x in (law.ppf(level), law.isf(1 - level)):
            assert law.cdf(x) >= float(level) * (1 - 1e-14)
            assert x == law.low or law.cdf(x - 1) <= float(level) * (1 + 1e-14)
    low, high = law.interval("9/10")
    assert low <= law.median() <= high


@pytest.mark.parametrize("name", LARGE)
def test_modes_are_the_largest_weights(name):
    law = LARGE[name].make()
    mode, log = law.mode(), LARGE[name].log
    assert mode == law.low or log(mode - 1) < log(mode)
    # Of two equal ones the lower.
    assert log(mode + 1) <= log(mode) + mpf(10) ** -60
    assert abs(mode - law.law.cumulant(1)) <= 2 * law.std() + 1


def test_hypergeometric_sums():
    half = Hypergeometric(2 * 10**15, 10**15, 10**9)
    # As many marked as not: the law is symmetric about 5 * 10**8.
    middle = 5 * 10**8
    assert half.cdf(middle - 1) == pytest.approx((1 - half.pmf(middle)) / 2, rel=1e-15)
    assert half.sf(middle) == pytest.approx((1 - half.pmf(middle)) / 2, rel=1e-15)
    assert half.sf(middle + 10**6) == pytest.approx(half.cdf(middle - 10**6 - 1), rel=1e-15)
    assert (half.median(), half.mode(), half.mean()) == (middle, middle, middle)
    # A sum of weights one by one.
    M, n, N = 10**9, 10**6, 10**7
    law = Hypergeometric(M, n, N)
    for k in (12_000, 9_100):
        ks = range(k + 1, k + 3000) if k > 10_000 else range(k, k - 3000, -1)
        start = ways(mpf(n), ks[0]) + ways(mpf(M - n), N - ks[0]) - ways(mpf(M), N)
        weight = total = mpmath.exp(start)
        for j in ks[:-1]:
            up = mpf((n - j) * (N - j)) / ((j + 1) * (M - n - N + j + 1))
            down = mpf(j * (M - n - N + j)) / ((n - j + 1) * (N - j + 1))
            weight *= up if k > 10_000 else down
            total += weight
        found = law.logsf(k) if k > 10_000 else law.logcdf(k)
        assert found == pytest.approx(float(mpmath.log(total)), rel=1e-15)


def test_logarithmic_sums():
    law = Logarithmic(1 - 1e-12)
    with precision(128):
        p = flint.arb(1 - 1e-12)
        for k in (1, 50, 10**6, 10**12, 10**13):
            # sum_{j > k} p**j / j is the integral of t**k / (1 - t) up to p; t = 1 - exp(-u).
            def density(u, _, k=k):
                return ((-(-u).exp()).log1p() * k).exp()

            upper = -(1 - p).log()
            part = flint.acb.integral(density, flint.acb("1e-30"), flint.acb(upper))
            truth = float(part.real.mid()) / float(upper.mid())
            assert law.sf(k) == pytest.approx(truth, rel=1e-14)
            assert law.cdf(k) == pytest.approx(1 - truth, rel=1e-14)


def test_moments_are_rounded_once():
    assert Geometric(1e-160).std() == 1e160
    assert Geometric(1e-110).skewness() == 2
    assert Geometric(1e-110).kurtosis() == 6
    assert Geometric(1e-160).var() == math.inf
    assert (3 * Geometric(1e-160) + 7).std() == 3e160
    assert (Geometric(1e-160) + Poisson(2.5)).std() == 1e160
    assert (-Geometric(1e-110)).skewness() == -2
    assert Logarithmic(1 - 2.0**-50).skewness() == pytest.approx(float(logarithmic_skewness(2.0**-50)), rel=1e-14)
    law = Binomial(10**15, 1e-14)
    p, n = Fraction(1e-14), 10**15
    assert law.mean() == float(n * p)
    assert law.skewness() == pytest.approx(math.sqrt(1 / 10) * (1 - 2e-14), rel=1e-15)
    assert law.kurtosis() == pytest.approx(float((1 - 6 * p * (1 - p)) / (n * p * (1 - p))), rel=1e-15)
    assert law.moment(2) == float(n * p * (1 - p) + (n * p) ** 2)
    exact = Hypergeometric(10**12, 10**11, 10**10)
    assert exact.mean() == 10**9
    small = Hypergeometric(50, 20, 10)
    listed = Distribution(small.to_dict())
    for k in range(1, 7):
        assert small.cumulant(k) == listed.cumulant(k)
        assert small.moment(k) == listed.moment(k)
        assert Uniform(-3, 9).cumulant(k) == Distribution(Uniform(-3, 9).to_dict()).cumulant(k)
        assert Binomial(9, "2/7").moment(k) == Distribution(Binomial(9, "2/7").to_dict()).moment(k)
    assert small.kurtosis() == listed.kurtosis()
    assert math.isnan(Binomial(5, 1).skewness())


def logarithmic_skewness(rest):
    """By its cumulants in mpmath, p = 1 - rest."""
    p = 1 - mpf(rest)
    factor, odds = -1 / mpmath.log(mpf(rest)), p / mpf(rest)
    falling = [factor * odds**j * mpmath.factorial(j - 1) for j in (1, 2, 3)]
    m1, m2, m3 = falling[0], falling[1] + falling[0], falling[2] + 3 * falling[1] + falling[0]
    return (m3 - 3 * m1 * m2 + 2 * m1**3) / (m2 - m1**2) ** mpf("1.5")


def test_generating_functions():
    law, count = Uniform(-3, 10**12), 10**12 + 4
    for z in (0.5, 1 - 1e-12, 1 + 1e-12, -0.9, 0.3 + 0.4j):
        exact = mpmath.mpmathify(z)
        truth = exact**-3 * (1 - exact**count) / (count * (1 - exact))
        assert law.pgf(z) == pytest.approx(complex(truth) if isinstance(z, complex) else float(truth), rel=1e-15)
    assert (law.pgf(1), law.pgf(1.0)) == (1, 1.0)
    for z in (0.5, 1 + 1e-12, 1 - 1e-13):
        truth = (1 + mpf(0.3) * (mpf(z) - 1)) ** 10**12
        assert Binomial(10**12, 0.3).pgf(z) == pytest.approx(float(truth), rel=1e-15)


def test_listed_inputs():
    assert Binomial(10**12, "1/1000000000000").cdf(2) == pytest.approx(0.91969860292869777, rel=1e-15)
    assert Binomial(10**6, 1e-300).pmf(0) == 1
    assert Die(10**9).pmf(7) == Fraction(1, 10**9)
    assert Uniform(0, 10**12).pmf(3) == Fraction(1, 10**12 + 1)
    assert Uniform(0, 10**12).cdf(10**11) == Fraction(10**11 + 1, 10**12 + 1)
    assert Uniform(0, 10**12).ppf("1/2") == 5 * 10**11
    assert Uniform(0, 10**12).isf("1/4") == 75 * 10**10
    assert Die(10**9).median() == 5 * 10**8
    assert Poisson(0.5).ppf(1e-300) == 0
    assert Poisson(3.7).ppf(Poisson(3.7).cdf(1)) == 1
    assert Binomial(4 * 10**7, 0.5).sf(2 * 10**7) == pytest.approx((1 - Binomial(4 * 10**7, 0.5).pmf(2 * 10**7)) / 2)


INFINITE = [
    Poisson(0.5),
    Poisson(3.7),
    Poisson(1234.5),
    Geometric(0.3),
    NegativeBinomial(0.01, 0.5),
    NegativeBinomial(2.5, 0.3),
    Logarithmic(0.9),
    Skellam(3, 2.5),
    Geometric("1/3"),
    -Poisson(3.7),
    2 * Poisson(3.7) + 5,
]


@pytest.mark.parametrize("law", INFINITE, ids=lambda law: law.law.name() or repr(law))
def test_quantiles_invert_the_cdf_of_infinite_laws(law):
    middle, step = round(law.mean()), 1 if law.std() < 10 else 7
    for x in range(middle - 12 * step, middle + 12 * step, step):
        if law.pmf(x) and law.cdf(x) < 1 and law.pmf(x) > 1e-13 * law.cdf(x):
            assert law.ppf(law.cdf(x)) == x
        if law.pmf(x) and law.sf(x) > 0 and law.pmf(x) > 1e-13 * law.sf(x):
            assert law.isf(law.sf(x)) == x


MADE = {
    "Binomial(10**12, 0.3)": lambda: Binomial(10**12, 0.3),
    "Binomial(10**12, '1/7')": lambda: Binomial(10**12, "1/7"),
    "Binomial(10**15, 1e-300)": lambda: Binomial(10**15, 1e-300),
    "Uniform(0, 10**12)": lambda: Uniform(0, 10**12),
    "Die(10**9)": lambda: Die(10**9),
    "Hypergeometric(10**15, 10**9, 10**9)": lambda: Hypergeometric(10**15, 10**9, 10**9),
}


@pytest.mark.parametrize("name", MADE)
def test_large_laws_are_values_that_are_shown_and_refuse_to_be_listed(name):
    law, again = MADE[name](), MADE[name]()
    begin = time.process_time()
    assert law == again
    assert hash(law) == hash(again)
    assert law in {again}
    assert law != MADE["Die(10**9)" if name[0] != "D" else "Uniform(0, 10**12)"]()
    count = law.shape[0]
    assert f"{count} outcomes" in repr(law)
    assert repr(law.support[0]) in str(law)
    assert str(law.mode()) in str(law)
    assert (len(law.support), law.support[0], law.support[-1]) == (count, law.low, law.high)
    assert law.high in law.support
    assert law.high + 1 not in law.support
    assert law.missing == 0
    drawn = law.rvs(5, 7)
    assert (drawn == again.rvs(5, 7)).all()
    assert all(law.logpmf(int(x)) > law.logpmf(law.mode()) - 60 for x in drawn)
    assert distconv.latex(law)
    for whole in (law.to_dict, law.entropy, lambda: list(law)):
        with pytest.raises(SizeLimitError, match=r"truncate\((\d+), (\d+)\)") as caught:
            whole()
    way = str(caught.value).rsplit("X.truncate", 1)[1]
    part = eval(f"X.truncate{way}", {"X": law})
    assert part.shape[0] <= 1001
    assert part.pmf(law.mode()) == max(part.pmf(x) for x in part.support)
    assert time.process_time() - begin < 5


def test_large_laws_are_equal_however_they_are_written():
    assert Die(10**9) == Uniform(1, 10**9)
    assert hash(Die(10**9)) == hash(Uniform(1, 10**9))
    assert Hypergeometric(10**12, 10**9, 10**8) == Hypergeometric(10**12, 10**8, 10**9)
    assert Binomial(10**12, 0.5) == Binomial(10**12, "1/2")
    assert hash(Binomial(10**12, 0.5)) == hash(Binomial(10**12, "1/2"))
    assert Binomial(10**12, 0.3) != Binomial(10**12, math.nextafter(0.3, 1))
    wide = Binomial(100_000, 0.3)
    listed = Distribution.of(Finite(wide.law.measure))
    assert wide == listed
    assert listed == wide
    assert hash(wide) == hash(listed)


def test_laws_around_the_length_that_is_laid_out_answer_alike():
    for n in (65_535, 65_536, 65_537):
        law = Binomial(n, 0.3)
        listed = Distribution.of(Finite(law.law.measure))
        assert law.kind == listed.kind
        assert law.error >= listed.error
        for k in (0, 19_000, 19_660, 20_500, n):
            assert law.pmf(k) == listed.pmf(k)
            for query in ("cdf", "sf", "logcdf", "logsf"):
                assert getattr(law, query)(k) == pytest.approx(getattr(listed, query)(k), rel=1e-10)
        assert [law.ppf(q) for q in (0.001, 0.5, 0.9)] == [listed.ppf(q) for q in (0.001, 0.5, 0.9)]
        points = np.array([19_000, 19_660, -3, n + 5])
        assert law.pmf(points) == pytest.approx(listed.pmf(points))
        assert law.cdf(points) == pytest.approx(listed.cdf(points))
        assert law.std() == pytest.approx(listed.std(), rel=1e-9)


def test_random_outcomes_have_the_law():
    for law in (Binomial(10**12, 0.3), Poisson(1e12), NegativeBinomial(2.5, 1e-9), Uniform(0, 10**12)):
        drawn = law.rvs(4000, 3)
        assert abs(drawn.mean() - float(law.mean())) < 5 * law.std() / math.sqrt(len(drawn))
        assert drawn.std() == pytest.approx(law.std(), rel=0.1)
    # Beyond numpy's range: by quantiles.
    far = Hypergeometric(10**15, 10**9, 10**12).rvs(20, 3)
    assert abs(far.mean() - 10**6) < 5 * 1000 / math.sqrt(20)


def test_rules_sum_polynomials():
    count = 1 << 20
    pairs = rule(count)
    with precision(192):
        for power in (0, 2, 16, 46):
            found = sum(weight * (2 * node / count) ** power for node, weight in pairs)
            assert found.overlaps(mean_power(count, power) * count)
            assert found.rel_accuracy_bits() > 100


def mean_power(count, power):
    """The mean of ((2 j - count + 1) / count)**power over j < count, for an even power, by Bernoulli's polynomials."""
    half = flint.fmpq(count, 2)
    return 2 * bernoulli_polynomial(power + 1, half + flint.fmpq(1, 2)) / (power + 1) / half**power / count


def bernoulli_polynomial(n, x):
    return sum(flint.fmpz.bin_uiui(n, k) * flint.fmpq.bernoulli(n - k) * x**k for k in range(n + 1))


def test_stated_errors_of_rules_are_bounds():
    checked = 0
    with precision(160):
        for law, places in ((Binomial(10**6, 0.3), (290_000, 300_000)), (NegativeBinomial(0.5, 1e-5), (5000, 10**5))):
            curve = law.law.curve()
            for place in places:
                for length in (128, 256, 512, 1024, 2048, 4096):
                    bits = sums._error_of(curve, place, 1, length)
                    if not -100 < bits < -10:
                        continue
                    checked += 1
                    middle = flint.arb(2 * place + length - 1) / 2
                    found = sum(w * curve.mass(middle + x) for x, w in rule(length))
                    truth = sums._one_by_one(curve, place, 1, length)
                    assert abs(found - truth) < curve.mass(middle) * length * flint.arb(2) ** int(bits + 1)
    assert checked >= 3


# Parameters at the ends of the doubles --------------------------------------------------------------------------------


def test_geometric_quantiles_beyond_the_doubles_are_whole_numbers():
    p = 2.0**-1074
    X = Geometric(p)
    k = X.ppf(0.5)
    with mpmath.workdps(400):
        expected = mpmath.log(mpf(0.5)) / mpmath.log1p(-mpf(p))
        assert abs(k - expected) <= mpf(2) ** -53 * expected
    for other in (X.isf(0.5), X.median()):
        assert abs(other - k) <= Fraction(1, 2**52) * k
    assert X.pmf(3) == p
    assert Geometric(Fraction(1, 10**400)).ppf(Fraction(1, 2)) > 10**399


@pytest.mark.parametrize("ask", ["ppf", "isf", "median", "rvs", "interval"])
@pytest.mark.parametrize("r", [3, 2.5])
def test_quantiles_that_no_sum_tells_apart_are_refused(r, ask):
    X = distconv.NegativeBinomial(r, 2.0**-1074)
    arguments = {"ppf": (0.5,), "isf": (0.5,), "interval": (0.9,)}.get(ask, ())
    with pytest.raises(distconv.AccuracyError, match="logcdf"):
        getattr(X, ask)(*arguments)
    assert X.logcdf(3) < -1800


@pytest.mark.parametrize("p", [5e-324, 1e-310, 2.0**-53])
@pytest.mark.parametrize("r", [5e-324, 1e-310, 1e-20, 0.5, 1 - 2.0**-53, 1.0])
def test_sums_of_laws_that_hardly_fall_are_right_and_soon(r, p):
    X = distconv.NegativeBinomial(r, p)
    start = time.process_time()
    found = [(X.cdf(k), X.sf(k)) for k in (0, 3, 100)]
    # Some 0.02 s a sum; before, minutes.
    assert time.process_time() - start < 6
    with mpmath.workdps(700):
        weight = mpf(p) ** mpf(r)
        heads = [weight]
        for j in range(100):
            weight *= (r + mpf(j)) / (j + 1) * (1 - mpf(p))
            heads.append(heads[-1] + weight)
        for k, pair in zip((0, 3, 100), found, strict=True):
            for value, truth in zip(pair, (heads[k], 1 - heads[k]), strict=True):
                assert abs(value - truth) <= max(mpf(2) ** -52 * truth, mpf(2) ** -1074)


@pytest.mark.parametrize("k", [10**300, 10**325])
@pytest.mark.parametrize("r", [5e-324, 0.5])
def test_sums_beyond_all_runs_are_refused_at_once(r, k):
    X = distconv.NegativeBinomial(r, 5e-324)
    start = time.process_time()
    for ask in (X.cdf, X.sf):
        with pytest.raises(distconv.AccuracyError, match=r"too long.*pmf"):
            ask(k)
    assert time.process_time() - start < 4
    assert math.isfinite(X.pmf(k))
    assert math.isfinite(X.logpmf(k))


@pytest.mark.parametrize(
    "make",
    [
        lambda n: distconv.Binomial(n, 0.5),
        lambda n: distconv.Binomial(n, "1/3"),
        lambda n: distconv.Poisson(n),
        lambda n: distconv.NegativeBinomial(n, 0.5),
        lambda n: distconv.Hypergeometric(n, n // 2, n // 3),
        lambda n: distconv.Skellam(n, 1),
    ],
)
def test_counts_and_means_beyond_the_doubles_are_refused(make):
    with pytest.raises(distconv.DistconvValueError, match=r"must be at most 1e\+(150|307).* got about 1e(399|400)"):
        make(10**400)
    make(10**150)


def test_laws_of_any_number_of_outcomes_are_shown():
    assert repr(distconv.Uniform(0, 10**400)).startswith("Uniform(0, 1000")
    assert "more ..." in str(distconv.Uniform(0, 10**400))
    assert repr(distconv.Geometric(Fraction(1, 10**400)))
    X = distconv.Multinomial(1000, [0.1] * 10)
    assert "too many outcomes" in repr(X)
    assert "too many outcomes" in str(X)
    with pytest.raises(distconv.SizeLimitError, match=r"X\.mean\(\), X\.var\(\)"):
        X.pmf((100,) * 10)
    assert X.mean().tolist() == [100.0] * 10
    assert X.var().tolist() == pytest.approx([90.0] * 10)


def test_printing_a_long_infinite_law_lays_nothing_out():
    start = time.process_time()
    text = str(distconv.Poisson(1e12))
    assert time.process_time() - start < 1
    assert "1000000000000" in text
    rows = [line.split() for line in text.splitlines() if line.split()[0].isdigit()]
    assert len(rows) > 10
    for outcome, probability, *_ in rows:
        assert float(probability) == pytest.approx(distconv.Poisson(1e12).pmf(int(outcome)), rel=1e-4)
