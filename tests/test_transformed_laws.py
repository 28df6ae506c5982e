"""Mixtures, truncations, clips and images of infinite laws, to the tails, against integers over 2**2600."""

import math
import pickle
import random
from fractions import Fraction

import numpy as np
import pytest
from integer_oracle import (
    ONE,
    by_ratio,
    clamped,
    known,
    log_of,
    mixed,
    moved,
    negative_binomial,
    poisson,
    summed,
    value,
)
from mpmath import mp, mpf

from distconv import (
    AccuracyError,
    Die,
    DimensionError,
    DistconvValueError,
    Distribution,
    Geometric,
    NegativeBinomial,
    Point,
    Poisson,
    Skellam,
    mixture,
    settings,
)

#: How far answers may be off, relatively, beyond the error that the law states.
TOLERANCE = 1e-10


# Comparison ---------------------------------------------------------------------------------------------------------


def close(found, right, error, what):
    """Within the stated error and the tolerance, relatively; what is below the doubles only to be small."""
    if right < mpf(10) ** -300:
        assert found < 1e-299, what
        return
    exact = mpf(found.numerator) / found.denominator if isinstance(found, Fraction) else mpf(found)
    assert abs(exact - right) <= (error + TOLERANCE) * right, (what, found, mp.nstr(right, 17))


def check(law, oracle, deepest, name):
    """Every question at points from the bulk out to probabilities of 10**-deepest."""
    outcomes = sorted(oracle)
    heads, total = [], 0
    for x in outcomes:
        total += oracle[x]
        heads.append(total)
    tails, total = [], 0
    for x in reversed(outcomes):
        tails.append(total)
        total += oracle[x]
    tails.reverse()
    places = set()
    for depth in (0.3, 3, 20, 80, 200, 400):
        if depth > deepest:
            continue
        level = ONE // 10 ** int(depth) if depth >= 1 else ONE // 2
        left = next(i for i, h in enumerate(heads) if h >= level)
        right = next(i for i in reversed(range(len(tails))) if tails[i] >= level or i == 0)
        places |= {left, right}
    error, least = law.error, ONE // 10 ** (deepest + 50)
    for i in sorted(places):
        x, what = outcomes[i], (name, outcomes[i])
        if law.is_exact and isinstance(law.pmf(x), Fraction):
            assert abs(law.pmf(x) - Fraction(oracle[x], ONE)) <= Fraction(oracle[x], ONE) / 10**150, what
        for found, log, weight in (
            (law.pmf(x), law.logpmf(x), oracle[x]),
            (law.cdf(x), law.logcdf(x), heads[i]),
            (law.sf(x), law.logsf(x), tails[i]),
        ):
            if weight < least:
                continue
            close(found, value(weight), error, what)
            right = log_of(weight)
            assert abs(mpf(log) - right) <= error + TOLERANCE + 1e-14 * abs(right), (*what, log, mp.nstr(right, 17))
        if (
            0 < i
            and heads[i] > ONE // 10**250
            and 10**6 * (heads[i] - heads[i - 1]) > heads[i]
            and 1000 * heads[i] < 999 * ONE
        ):
            assert law.ppf(Fraction(heads[i - 1] + heads[i], 2 * ONE)) == x, what
        if 0 < i and tails[i] > ONE // 10**250 and 10**6 * (tails[i - 1] - tails[i]) > tails[i]:
            assert law.isf(Fraction(tails[i - 1] + tails[i], 2 * ONE)) == x, what
    mean = Fraction(sum(x * w for x, w in oracle.items())) / ONE
    second = Fraction(sum(x * x * w for x, w in oracle.items())) / ONE
    assert abs(Fraction(law.mean()) - mean) <= 1e-9 * (1 + abs(mean)), name
    variance = second - mean * mean
    assert abs(Fraction(law.var()) - variance) <= 1e-8 * variance + 1e-9, name


# Random compositions ------------------------------------------------------------------------------------------------

BASES = [
    (lambda: Poisson(3), lambda: poisson(Fraction(3))),
    (lambda: Poisson("7/2"), lambda: poisson(Fraction(7, 2))),
    (lambda: Geometric("1/2"), lambda: moved(negative_binomial(Fraction(1), Fraction(1, 2)), 1, 1)),
    (lambda: Geometric("3/4"), lambda: moved(negative_binomial(Fraction(1), Fraction(3, 4)), 1, 1)),
    (lambda: NegativeBinomial(2, "2/3"), lambda: negative_binomial(Fraction(2), Fraction(2, 3))),
    (lambda: NegativeBinomial("3/2", "3/4"), lambda: negative_binomial(Fraction(3, 2), Fraction(3, 4))),
    (lambda: Skellam(2, 3), lambda: summed(poisson(Fraction(2)), moved(poisson(Fraction(3)), -1, 0))),
]


def near(rng, oracle, deepest):
    """An outcome of a random depth."""
    least = ONE // 10 ** rng.choice([1, 2, deepest])
    return rng.choice([x for x, w in oracle.items() if w >= least])


def step(rng, law, oracle):
    """(law, oracle, name) of one more transform of an infinite law."""
    verb = rng.choice(["mixture", "mixture", "truncate", "truncate", "move", "clip", "sum", "copies"])
    if verb == "mixture":
        share = Fraction(rng.randint(1, 9), 10)
        if rng.random() < 0.4:
            place = rng.randint(-2, 4)
            other, theirs, name = Point(place), {place: ONE}, f"Point({place})"
        else:
            make, make_oracle = rng.choice(BASES)
            other, theirs = make(), make_oracle()
            name = repr(other)
        return mixture([(law, share), (other, 1 - share)]), mixed([(oracle, share), (theirs, 1 - share)]), f"+{name}"
    if verb in ("truncate", "clip"):
        make, make_oracle = (law.truncate, known) if verb == "truncate" else (law.clip, clamped)
        cut = near(rng, oracle, 30 if verb == "truncate" else 3)
        ends = (cut, None) if law.high is None and (law.low is not None or rng.random() < 0.5) else (None, cut)
        return make(*ends), make_oracle(oracle, *ends), f"{verb}{ends}"
    if verb == "move":
        scale, shift = rng.choice([-1, 2, -2, Fraction(1, 2)]), rng.randint(-3, 3)
        return scale * law + shift, moved(oracle, scale, shift), f"*{scale}+{shift}"
    if verb == "sum":
        return law + Die(4), summed(oracle, dict.fromkeys(range(1, 5), ONE // 4)), "+d4"
    return 2 @ law, summed(oracle, oracle), "2@"


@pytest.mark.parametrize("seed", range(100))
def test_compositions_of_depth_three(seed):
    rng = random.Random(seed)
    make, make_oracle = rng.choice(BASES)
    law, oracle = make(), make_oracle()
    name, deepest = repr(law), 400
    for _ in range(3):
        # Windows of sums without an end miss 1e-290 or more: what is below that is refused.
        deepest = 150 if law.low is None and law.high is None else deepest
        law, oracle, more = step(rng, law, oracle)
        name += " " + more
    assert not law.is_finite
    check(law, oracle, 150 if law.low is None and law.high is None else deepest, name)


# The laws of actuaries and ecologists -------------------------------------------------------------------------------


def test_zero_inflated_poisson():
    law = mixture({Point(0): "1/2", Poisson(3): "1/2"})
    assert not law.is_finite
    assert not law.is_exact
    assert law.missing <= 1e-18
    oracle = mixed([({0: ONE}, Fraction(1, 2)), (poisson(Fraction(3)), Fraction(1, 2))])
    check(law, oracle, 400, "zero-inflated")
    assert law.pmf(60) == pytest.approx(1.2681977911066635e-55, rel=1e-12, abs=0)
    five = oracle
    for _ in range(4):
        five = summed(five, oracle)
    check(5 @ law, five, 400, "five copies")


def test_zero_inflated_negative_binomial_and_hurdle():
    inflated = mixture({Point(0): "3/10", NegativeBinomial("3/2", "1/4"): "7/10"})
    counts = negative_binomial(Fraction(3, 2), Fraction(1, 4))
    check(inflated, mixed([({0: ONE}, Fraction(3, 10)), (counts, Fraction(7, 10))]), 400, "ZINB")
    hurdle = mixture({Point(0): "1/3", Poisson(3).truncate(low=1): "2/3"})
    positive = known(poisson(Fraction(3)), 1, None)
    check(hurdle, mixed([({0: ONE}, Fraction(1, 3)), (positive, Fraction(2, 3))]), 400, "hurdle")


def test_zero_truncated_laws():
    law = Poisson(3).truncate(low=1)
    assert law.low == 1
    assert law.pmf(0) == 0
    with mp.workdps(40):
        for k in (1, 5, 60):
            right = mp.exp(-3) * mpf(3) ** k / mp.factorial(k) / (1 - mp.exp(-3))
            assert abs(mpf(law.pmf(k)) - right) <= law.error * right
    assert law.error < 1e-12
    exact = Geometric("1/2").truncate(low=5)
    assert exact.is_exact
    assert exact.pmf(200) == Fraction(1, 2**196)
    assert (exact.sf(10), exact.mean(), exact.var()) == (Fraction(1, 64), 6, 2)
    assert Geometric("1/2").truncate(low=2).pmf(2) == Fraction(1, 2)
    assert exact.ppf("1/2") == 5


def test_far_conditions():
    law = Poisson(3).truncate(low=200)
    check(law, known(by_ratio(0, ONE << 1200, lambda k: Fraction(3, k + 1)), 200, None), 400, "beyond 200")
    far = Geometric("1/2").truncate(low=1000)
    assert far.pmf(1000) == Fraction(1, 2)
    inside = Poisson(3).truncate(200, 203)
    assert inside.is_finite
    assert not inside.missing
    weights = [Fraction(3) ** k / math.factorial(k) for k in range(200, 204)]
    for k, w in zip(range(200, 204), weights, strict=True):
        assert abs(Fraction(inside.pmf(k)) / (w / sum(weights)) - 1) <= inside.error


def test_mixtures_are_exact_where_parts_and_shares_are():
    law = mixture({Geometric("1/2"): "1/2", Geometric("1/3"): "1/2"})
    assert law.is_exact
    assert law.pmf(5) == (Fraction(1, 32) + Fraction(1, 3) * Fraction(2, 3) ** 4) / 2
    assert law.sf(5) == (Fraction(1, 32) + Fraction(2, 3) ** 5) / 2
    assert law.mean() == Fraction(5, 2)
    assert law.pgf(Fraction(1, 2)) == (Geometric("1/2").pgf(Fraction(1, 2)) + Geometric("1/3").pgf(Fraction(1, 2))) / 2
    assert not mixture({Geometric("1/2"): 0.5, Geometric("1/3"): 0.5}).is_exact


def test_equal_mixtures_are_equal():
    law = mixture({Point(0): "1/2", Poisson(3): "1/2"})
    for other in (
        mixture([(Poisson(3), "1/4"), (Point(0), "1/2"), (Poisson(3), "1/4")]),
        mixture([(mixture({Point(0): "1/4", Poisson(3): "3/4"}), "2/3"), (Point(0), "1/3")]),
    ):
        assert other == law
        assert hash(other) == hash(law)
    assert law + 1 == mixture({Point(1): "1/2", Poisson(3) + 1: "1/2"})
    assert -law == mixture({Point(0): "1/2", -Poisson(3): "1/2"})
    assert 2 * law - 3 == mixture({Point(-3): "1/2", 2 * Poisson(3) - 3: "1/2"})
    assert mixture({Poisson(3): "1/2", Poisson(4): "1/2"}) != law
    assert mixture([(Poisson(3), "1/2"), (Poisson(3), "1/2")]) == Poisson(3)
    assert pickle.loads(pickle.dumps(2 * law + 1)) == 2 * law + 1


def test_equal_truncations_are_equal():
    law = Poisson(3).truncate(low=2)
    assert law == Poisson(3).truncate(low="3/2").truncate(low=1)
    assert 2 * law + 1 == (2 * Poisson(3) + 1).truncate(low=5)
    assert Poisson(3).truncate(low=-4) == Poisson(3)
    assert Geometric("1/3").truncate(low=3) == (NegativeBinomial(1, "1/3") + 1).truncate(low=3)
    assert law != Poisson(3).truncate(low=3)
    assert hash(law) == hash(Poisson(3).truncate(low="3/2"))
    assert pickle.loads(pickle.dumps(-law)) == -law


def test_clips():
    law, base = Geometric("1/2").clip(2, 5), Geometric("1/2")
    assert law.to_dict() == {2: Fraction(3, 4), 3: Fraction(1, 8), 4: Fraction(1, 16), 5: Fraction(1, 16)}
    assert base.clip(low=3).pmf(3) == Fraction(7, 8)
    assert base.clip(low=3).pmf(100) == Fraction(1, 2**100)
    far = Poisson(3).clip(high=300)
    assert far.is_finite
    right = sum(poisson(Fraction(3)).get(k, 0) for k in range(300, 600))
    assert float(far.logpmf(300)) == pytest.approx(float(log_of(right)), rel=1e-13)
    both = Skellam(2, 3).clip(-1, 1)
    assert both.pmf(1) == pytest.approx(Skellam(2, 3).sf(0), rel=1e-12)
    assert Poisson(3).clip(low=-1) == Poisson(3)
    assert (-Poisson(3)).clip(low=5).to_dict() == {5: 1}
    with pytest.raises(DistconvValueError, match="low must be <= high"):
        Poisson(3).clip(5, 2)


def test_moments_and_expectations_of_mixtures():
    law = mixture({Point(0): "1/4", Poisson(3): "1/2", NegativeBinomial(2, "1/2"): "1/4"})
    assert law.mean() == 2
    assert law.moment(2) == Fraction(1, 2) * 12 + Fraction(1, 4) * 8
    assert law.expect(lambda x: x**3) == pytest.approx(float(law.moment(3)), rel=1e-11)
    assert law.stop_loss(40) == pytest.approx(
        0.5 * Poisson(3).stop_loss(40) + 0.25 * float(NegativeBinomial(2, "1/2").stop_loss(40)), rel=1e-10
    )
    drawn = law.rvs(20000, 7)
    assert abs(drawn.mean() - 2) < 5 * float(law.std()) / math.sqrt(20000)
    assert law.rvs((3, 4), 1).shape == (3, 4)
    assert isinstance(law.rvs(rng=1), int)
    assert np.array_equal(law.rvs(50, 3), law.rvs(50, 3))


def test_wide_laws_are_truncated_and_mixed_without_their_outcomes():
    law = Poisson(10**9).truncate(low=1)
    assert law.pmf(10**9) == pytest.approx(Poisson(10**9).pmf(10**9), rel=1e-12)
    assert law.ppf("1/2") == Poisson(10**9).ppf("1/2")
    both = mixture({Poisson(3): "1/2", Poisson(10**9): "1/2"})
    assert both.cdf(10**8) == pytest.approx(0.5, rel=1e-12)
    assert both.ppf("3/4") == Poisson(10**9).ppf("1/2")


def test_settings_of_their_making():
    with settings(tolerance=1e-6):
        law = mixture({Poisson(3) + 2 * Poisson(2): "1/2", Point(0): "1/2"})
    assert law.error >= 1e-6
    assert law.sf(40) == pytest.approx(0.5 * float((Poisson(3) + 2 * Poisson(2)).sf(40)), rel=1e-5)


def test_refusals():
    with pytest.raises(DimensionError, match="only laws of one dimension"):
        mixture({Poisson(3): "1/2", Distribution({(0, 1): 1}): "1/2"})
    with pytest.raises(DistconvValueError, match="no outcome satisfies"):
        Poisson(3).truncate("1/4", "3/4")
    with pytest.raises(AccuracyError, match="not certified"):
        mixture({Geometric("1/2"): "1/2", Point(0): "1/2"}).expect(lambda x: 2**x)


def test_windows_say_what_they_are():
    """Conditions on anything, and images: never exact, with what they may miss."""
    law = Geometric("1/2")
    for found in (law.given(lambda x: x % 2 == 0), law.map(lambda x: x * x), law.round(2)):
        assert found.is_finite
        assert not found.is_exact
        assert 0 < found.missing <= 2e-18
        assert "of a window of the outcomes" in str(found.how())
    even = law.given(lambda x: x % 2 == 0)
    assert abs(even.pmf(2) - 0.75) <= even.error + even.missing


def test_a_floating_mixture_answers_in_doubles_also_where_only_exact_parts_are():
    hurdle = mixture({Point(0): "1/2", Poisson(2).truncate(low=1): "1/2"})
    assert hurdle.kind == "float"
    assert type(hurdle.pmf(0)) is float
    assert hurdle.pmf(0) == 0.5
