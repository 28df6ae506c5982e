"""Sums of many infinite laws: compound Poisson laws as one, many different laws joined soon, and what is missing."""

import functools
import math
import random
import time
from fractions import Fraction

import mpmath
import pytest

from distconv import (
    AccuracyError,
    Distribution,
    Geometric,
    Logarithmic,
    NegativeBinomial,
    Poisson,
    SizeLimitError,
    settings,
    sum_of,
)
from distconv.laws.compound import Compound

#: CPU seconds that each of these questions may take.
PATIENCE = 5.0


@pytest.fixture(autouse=True)
def _soon():
    start = time.process_time()
    yield
    assert time.process_time() - start < PATIENCE


# Compound Poisson laws ------------------------------------------------------------------------------------------------


def business(count, seed=1, falls=()):
    """Lines of business: (rate, {loss: probability}), rates and probabilities doubles that are what they are."""
    draw = random.Random(seed)
    lines = []
    for i in range(count):
        losses = {k: draw.random() + 0.01 for k in range(1, draw.randint(4, 30))}
        total = sum(losses.values())
        lines.append((draw.uniform(0.1, 2), {-k if i in falls else k: w / total for k, w in losses.items()}))
    return lines


def by_panjer(lines, last):
    """P(S = 0), ..., P(S = last) of a sum of compound Poisson laws, by one recursion over all jumps, in 40 digits."""
    with mpmath.workdps(40):
        rates = [mpmath.mpf(0)] * (last + 1)
        total = mpmath.mpf(0)
        for rate, losses in lines:
            total += mpmath.mpf(rate)
            for loss, weight in losses.items():
                if loss <= last:
                    rates[loss] += mpmath.mpf(rate) * mpmath.mpf(weight)
        jumps = [(k, k * r) for k, r in enumerate(rates) if r]
        found = [mpmath.exp(-total)]
        for n in range(1, last + 1):
            found.append(mpmath.fsum(r * found[n - k] for k, r in jumps if k <= n) / n)
        return found


def near(value, exact, error):
    """Whether a number is within a relative error, and some roundings, of the exact one."""
    return abs(mpmath.mpf(float(value)) - exact) <= (error + 1e-13) * abs(exact)


def the_sum(lines):
    return sum_of(Poisson(rate) @ Distribution(losses) for rate, losses in lines)


def test_forty_lines_of_business_are_one_law():
    lines = business(40)
    S = the_sum(lines)
    exact = by_panjer(lines, 1200)
    for x in (0, 1, 17, 300, 450, 1200):
        assert near(S.pmf(x), exact[x], S.error)
        head = mpmath.fsum(exact[: x + 1])
        assert near(S.cdf(x), head, S.error)
    assert near(S.sf(450), 1 - mpmath.fsum(exact[:451]), S.error)
    for q in (0.01, 0.5, 0.995):
        place = S.ppf(q)
        assert mpmath.fsum(exact[:place]) < q <= mpmath.fsum(exact[: place + 1])
    assert math.isclose(S.mean(), sum(r * k * w for r, losses in lines for k, w in losses.items()), rel_tol=1e-12)
    # A sum of 40 windows would carry 40 times the tolerance.
    assert S.error < 2e-10


def test_two_hundred_lines_answer_as_soon():
    lines = business(200, seed=2)
    S = the_sum(lines)
    merged = {}
    for rate, losses in lines:
        for loss, weight in losses.items():
            merged[loss] = merged.get(loss, 0) + Fraction(rate) * Fraction(weight)
    total = sum(merged.values())
    by_hand = Poisson(total) @ Distribution({k: w / total for k, w in merged.items()})
    assert S.ppf(0.995) == by_hand.ppf(0.995)
    x = int(S.mean() + 4 * S.std())
    # Weights in doubles total 1 to within roundings, of which each of the lines has some.
    assert math.isclose(S.sf(x), by_hand.sf(x), rel_tol=1e-9)


def test_copies_scales_and_signs_of_compound_poisson_laws():
    lines = business(6, seed=3, falls=(4, 5))
    terms = [Poisson(rate) @ Distribution(losses) for rate, losses in lines]
    rising, falling = lines[:4], [(r, {-k: w for k, w in losses.items()}) for r, losses in lines[4:]]
    S = sum_of([3 @ terms[0], 2 * terms[1], *terms[2:]]) + 7
    (rate, losses), (other, doubled) = rising[0], rising[1]
    up = by_panjer([(3 * rate, losses), (other, {2 * k: w for k, w in doubled.items()}), *rising[2:]], 700)
    down = by_panjer(falling, 300)
    for x in (-20, 7, 100):
        exact = mpmath.fsum(up[x - 7 + k] * down[k] for k in range(301) if 0 <= x - 7 + k <= 700)
        assert near(S.pmf(x), exact, S.error)


def test_jumps_on_lattices_far_apart_stay_apart():
    # Merged, they would need a cell for every number up to 10**10.
    small, large = Poisson(2) @ Distribution({1: 0.5, 2: 0.5}), Poisson(3) @ Distribution({10**9: 0.5, 2 * 10**9: 0.5})
    high, low = divmod((small + large).ppf(0.6), 10**9)
    before = large.cdf((high - 1) * 10**9)
    chance = large.pmf(high * 10**9)
    assert before + chance * small.cdf(low - 1) < 0.6 <= before + chance * small.cdf(low)


def test_lines_that_lost_mass_say_so_and_tell_what_is_certain():
    lines = business(5, seed=4)
    lines[2] = (lines[2][0], {k: w * 0.75 for k, w in lines[2][1].items()})
    S = sum_of(Poisson(r) @ Distribution(w, missing=0.25 if i == 2 else 0) for i, (r, w) in enumerate(lines))
    exact = by_panjer(lines, 60)
    assert near(S.pmf(40), exact[40], S.error)
    assert near(S.cdf(40), mpmath.fsum(exact[:41]), S.error)
    # No jump of the one line is lost with probability exp(-rate / 4).
    assert S.missing >= 1 - math.exp(-lines[2][0] / 4)
    with pytest.raises(AccuracyError, match="missing"):
        S.sf(40)


# Many different laws --------------------------------------------------------------------------------------------------


def collected(n, t):
    """P(T <= t) of the coupon collector, by inclusion and exclusion."""
    return sum((-1) ** k * math.comb(n, k) * Fraction(n - k, n) ** t for k in range(n + 1))


def collector(n, number=Fraction):
    return sum_of(Geometric(number(k) / n) for k in range(1, n + 1))


@pytest.mark.parametrize(("n", "places", "tail"), [(20, (20, 67, 300), 250), (50, (50, 200, 400), 500)])
def test_the_coupon_collector_is_exact(n, places, tail):
    T = collector(n)
    for t in places:
        assert T.cdf(t) == collected(n, t)
    assert T.pmf(n + 30) == collected(n, n + 30) - collected(n, n + 29)
    assert T.sf(tail) == 1 - collected(n, tail)


@pytest.mark.parametrize("n", [20, 50])
def test_the_coupon_collectors_quantiles(n):
    T = collector(n)
    for level in (Fraction(1, 2), Fraction(99, 100), Fraction(1, 10**6)):
        place = T.ppf(level)
        assert collected(n, place - 1) < level <= collected(n, place)
    # A level that the sum meets exactly is told from one just above.
    level = collected(n, 4 * n)
    assert T.ppf(level) == 4 * n
    assert T.ppf(level + Fraction(1, 10**40)) == 4 * n + 1


def test_the_coupon_collector_in_doubles():
    n = 100
    T = collector(n, float)
    # Each k / n is a double within 2**-53 of itself, of which the longest wait has some thousand factors.
    slack = T.error + 1e-11
    assert T.error < 2e-8
    for t in (n, 300, 500, 900):
        assert math.isclose(T.cdf(t), collected(n, t), rel_tol=slack)
    assert math.isclose(T.sf(1500), 1 - collected(n, 1500), rel_tol=slack)
    median = T.median()
    assert collected(n, median - 1) < Fraction(1, 2) <= collected(n, median)
    assert T.pmf(n) == pytest.approx(math.factorial(n) / n**n, rel=slack)


def collected_in_doubles(n):
    """P(T = t) and P(T > t) of the collector whose chances are the doubles next to k / n, by partial fractions."""
    # Terms of alternating signs cancel, some n / 2 digits of them.
    mpmath.mp.dps = 60 + n
    falls = [1 - mpmath.mpf(k / n) for k in range(1, n)]
    whole = mpmath.fprod(1 - q for q in falls)
    shares = [whole * q ** (n - 2) / mpmath.fprod(q - other for other in falls if other is not q) for q in falls]

    @functools.cache
    def pmf(t):
        return mpmath.fsum(share * q ** (t - n) for share, q in zip(shares, falls, strict=True))

    @functools.cache
    def sf(t):
        return mpmath.fsum(share * q ** (t - n + 1) / (1 - q) for share, q in zip(shares, falls, strict=True))

    return pmf, sf


@pytest.fixture
def digits():
    before = mpmath.mp.dps
    yield
    mpmath.mp.dps = before


@pytest.mark.usefixtures("digits")
@pytest.mark.parametrize("n", [20, 100, 365])
def test_the_coupon_collector_in_doubles_is_right_to_twelve_digits(n):
    pmf, sf = collected_in_doubles(n)
    T = collector(n, float)
    mean = float(T.mean())
    for t in (n, n + 1, int(0.8 * mean), int(2 * mean), 55 * n):
        assert near(T.pmf(t), pmf(t), 1e-12)
        assert near(T.cdf(t), 1 - sf(t), 1e-12)
        assert near(T.sf(t), sf(t), 1e-12)
        assert near(T.logsf(t), mpmath.log(sf(t)), 1e-12)
    for level in (0.5, 0.99):
        place = T.ppf(level)
        assert 1 - sf(place - 1) < level <= 1 - sf(place)


def test_the_first_outcomes_of_a_long_collection_are_exact():
    n = 365
    T = collector(n)
    first = Fraction(math.factorial(n), n**n)
    assert T.pmf(n) == first
    # The one failure is any of the draws': with k coupons there, k / n.
    assert T.pmf(n + 1) == first * sum(Fraction(k, n) for k in range(n))


def by_hand(laws, last):
    """P(S = 0), ..., P(S = last) of a sum of laws given by their weights, in 60 digits."""
    with mpmath.workdps(60):
        found = [mpmath.mpf(1)] + [mpmath.mpf(0)] * last
        for weight in laws:
            own = [weight(k) for k in range(last + 1)]
            found = [mpmath.fdot(found[: k + 1], own[k::-1]) for k in range(last + 1)]
        return found


def test_different_families_with_different_parameters():
    with mpmath.workdps(60):
        half, p, r, q = (mpmath.mpf(x) for x in (0.5, 0.3, 2.5, 0.6))
        weights = [
            lambda k: mpmath.exp(-3) * mpmath.mpf(3) ** k / mpmath.factorial(k),
            lambda k: half**k if k else mpmath.mpf(0),
            lambda k: mpmath.gamma(k + r) / mpmath.factorial(k) / mpmath.gamma(r) * p**r * (1 - p) ** k,
            lambda k: -(q**k) / k / mpmath.log(1 - q) if k else mpmath.mpf(0),
        ]
        exact = by_hand(weights, 320)
        tails = [mpmath.mpf(0)]
        for value in reversed(exact):
            tails.append(tails[-1] + value)
        tails.reverse()
        S = sum_of([Poisson(3), Geometric(0.5), NegativeBinomial(2.5, 0.3), Logarithmic(0.6)])
        for t in (2, 5, 13, 40, 120, 200):
            assert near(S.pmf(t), exact[t], 1e-10)
            assert near(S.cdf(t), mpmath.fsum(exact[: t + 1]), 1e-10)
            # What lies beyond the last outcome is 0.7**120 of that beyond 200.
            assert near(S.sf(t), tails[t + 1], 1e-10)
            assert near(S.logsf(t), mpmath.log(tails[t + 1]), 1e-10)
        assert S.ppf(0.99) == next(t for t in range(320) if mpmath.fsum(exact[: t + 1]) >= 0.99)


def test_many_different_laws_of_one_family():
    chances = [0.05 + 0.9 * i / 200 for i in range(200)]
    S = sum_of(map(Geometric, chances))
    mean, deviation = sum(1 / p for p in chances), math.sqrt(sum((1 - p) / p**2 for p in chances))
    assert S.cdf(round(mean)) == pytest.approx(0.5, abs=0.05)
    assert S.cdf(S.median()) >= 0.5 > S.cdf(S.median() - 1)
    assert abs(S.ppf(0.99) - mean - 2.33 * deviation) < deviation / 3
    # The least rate decides in the end: P(S > t) falls by 1 - p.
    far = round(mean + 60 * deviation)
    assert S.logsf(far + 1) - S.logsf(far) == pytest.approx(math.log1p(-chances[0]), rel=0.5)


@pytest.mark.parametrize("p", ["1/365", "1/2", 0.3, 1e-9])
@pytest.mark.parametrize("share", [-50.0, -1.0, 0.5, 0.999])
def test_what_ends_of_geometric_windows_are_found_by(p, share):
    chance = Fraction(p)
    rate = share * -math.log1p(-float(chance))
    with mpmath.workdps(60):
        q = mpmath.mpf(chance.numerator) / chance.denominator
        exact = mpmath.log(q * mpmath.exp(rate) / (1 - (1 - q) * mpmath.exp(rate)))
    assert Geometric(p).law.log_mgf(rate) == pytest.approx(float(exact), rel=1e-8, abs=1e-9)


def test_windows_that_do_not_fit_are_refused_with_a_way_out():
    terms = [Geometric(k / 10**7) for k in range(1, 11)]
    for ask in (lambda S: S.median(), lambda S: S.pmf(10**9)):
        with pytest.raises(SizeLimitError, match="cut the terms first") as refusal:
            ask(sum_of(terms))
    way = str(refusal.value).rpartition("X.")[2]
    cut = [eval(f"X.{way}", {"X": X}) for X in terms]
    assert sum_of(cut).median() > 10
    assert sum_of(terms).pmf(11) == pytest.approx(
        math.prod(k / 10**7 for k in range(1, 11)) * sum(1 - k / 10**7 for k in range(1, 11)), rel=1e-9
    )


def test_the_memory_limit_holds_for_all_windows_together():
    def terms():
        return [Geometric(k / 10**3) for k in range(3, 300)]

    with settings(max_bytes=4 * 10**6):
        # Each of the windows fits.
        assert terms()[0].expect(lambda x: x) > 300
        with pytest.raises(SizeLimitError, match=r"windows of the terms.*cut the terms first"):
            sum_of(terms()).median()
    assert sum_of(terms()[7:40]).ppf(0.5) > 100


def test_long_work_is_announced():
    terms = [Geometric(k / 300) for k in range(1, 60)]
    with settings(warn_seconds=1e-3), pytest.warns(match="predicted to take"):
        assert sum_of(terms).pmf(100) > 0


# What is missing ------------------------------------------------------------------------------------------------------


def known(terms, x):
    """P(X + N = x) of a finite law as far as it is known and a Poisson one, in 40 digits."""
    weights, rate = terms
    with mpmath.workdps(40):
        return mpmath.fsum(
            mpmath.mpf(w) * mpmath.exp(-rate) * mpmath.mpf(rate) ** (x - k) / mpmath.factorial(x - k)
            for k, w in weights.items()
            if k <= x
        )


def defective():
    weights = {0: 0.25, 3: 0.25, 4: 0.25}
    return weights, Distribution(weights, missing=0.25)


def test_a_defective_law_and_an_infinite_one():
    weights, X = defective()
    S = X + Poisson(3)
    heads = [mpmath.fsum(known((weights, 3), j) for j in range(x + 1)) for x in range(30)]
    for x in (0, 4, 12):
        assert near(S.pmf(x), known((weights, 3), x), S.error)
        assert near(S.cdf(x), heads[x], S.error)
        assert near(math.exp(S.logcdf(x)), heads[x], S.error)
        low, high = S.cdf_bounds(x)
        assert near(low, heads[x], 1e-9)
        assert near(high, heads[x] + 0.25, 1e-9)
        low, high = S.sf_bounds(x)
        assert abs(low - (0.75 - heads[x])) < 1e-9
        assert abs(high - (1 - heads[x])) < 1e-9
        with pytest.raises(AccuracyError, match="missing") as refusal:
            S.sf(x)
        assert "sf(" in str(refusal.value)
    low, high = S.ppf_bounds(0.5)
    assert heads[low - 1] + 0.25 < 0.5 <= heads[low] + 0.25
    assert heads[high - 1] < 0.5 <= heads[high]
    assert S.ppf_bounds(0.2)[0] == -math.inf
    assert S.ppf_bounds(0.8)[1] == math.inf
    with pytest.raises(AccuracyError, match="missing"):
        S.median()
    assert S.without_missing().ppf(0.5) == 5
    assert S.missing == pytest.approx(0.25)


def test_a_quantile_that_is_certain_in_spite_of_what_is_missing():
    S = Distribution({0: 0.75, 10**6: 0.24}, missing=0.01) + Poisson(0.001)
    assert S.ppf(0.5) == S.ppf_bounds(0.5)[0] == 0
    assert (2 * S + 1).ppf(0.5) == 1
    assert (-S).ppf(0.5) == 0


@pytest.mark.parametrize(("scale", "shift"), [(2, 0), (1, -5), (-1, 0), (-3, 2)])
def test_images_of_a_defective_sum(scale, shift):
    _, X = defective()
    S = X + Poisson(3)
    image = scale * S + shift
    for x in (0, 4, 12):
        place = scale * x + shift
        assert math.isclose(image.pmf(place), S.pmf(x), rel_tol=1e-9)
        expected = S.cdf_bounds(x) if scale > 0 else S.sf_bounds(x - 1)
        assert image.cdf_bounds(place) == pytest.approx(expected, rel=1e-9)
        assert image.cdf(place) == pytest.approx(expected[0], rel=1e-9)
        with pytest.raises(AccuracyError, match="missing"):
            image.sf(place)
    low, high = image.ppf_bounds(0.4)
    if scale > 0:
        assert (low, high) == tuple(scale * v + shift for v in S.ppf_bounds(0.4))
    else:
        ends = image.cdf_bounds(low), image.cdf_bounds(low - 1), image.cdf_bounds(high), image.cdf_bounds(high - 1)
        assert ends[1][1] < 0.4 <= ends[0][1]
        assert ends[3][0] < 0.4 <= ends[2][0]
    assert image.missing == pytest.approx(0.25)


def test_a_defective_law_and_one_without_ends():
    _, X = defective()
    S = X + Poisson(3) - Poisson(2)
    full = Distribution({0: 0.25, 3: 0.25, 4: 0.25, 1000: 0.25}) + Poisson(3) - Poisson(2)
    for x in (-4, 0, 5):
        assert math.isclose(S.pmf(x), full.pmf(x), rel_tol=1e-9)
        assert math.isclose(S.cdf(x), full.cdf(x), rel_tol=1e-9)
        assert S.cdf_bounds(x) == pytest.approx((full.cdf(x), full.cdf(x) + 0.25))


def test_a_merged_law_is_one_compound():
    S = sum_of([Poisson(1) @ Distribution({1: 0.5, 3: 0.5}), Poisson(2) @ Distribution({1: 0.25, 2: 0.75})])
    ((law, copies),) = S.law._parts()
    assert copies == 1
    assert isinstance(law, Compound)
    assert law.count.lam == 3


def test_an_answer_does_not_depend_on_what_was_asked_before():
    def made():
        return sum_of([Geometric("1/3"), Poisson(2), NegativeBinomial(2.5, 0.4)])

    places = [*range(3, 200, 12), 400, 800]
    there, back = made(), made()
    first = [there.logsf(x) for x in places]
    assert [back.logsf(x) for x in reversed(places)] == first[::-1]
    assert [there.logsf(x) for x in places] == first
    assert [made().logsf(x) for x in places] == first
