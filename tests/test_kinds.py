"""Every question of every kind of law, against integers over 2**2600: a new question fails here until it is asked."""

import contextlib
import copy
import functools
import math
import pickle
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice

import numpy as np
import pytest
import sympy
import sympy.stats
from integer_oracle import (
    ONE,
    clamped,
    known,
    log_of,
    mixed,
    moved,
    negative_binomial,
    poisson,
    random_sum,
    repeated,
    summed,
    times,
    value,
)
from mpmath import mp, mpf

import distconv
from distconv import (
    Bernoulli,
    Binomial,
    Die,
    DistconvError,
    Distribution,
    Geometric,
    NegativeBinomial,
    Point,
    Poisson,
    Skellam,
    Uniform,
    maximum,
    minimum,
    mixture,
    order_statistic,
    posterior,
)
from distconv.families import formulaic

#: How far answers may be off, relatively, beyond the error that the law states.
TOLERANCE = 1e-10
#: Probabilities, as powers of ten, at which both tails are asked.
DEPTHS = (0.5, 4, 25, 120)
#: Random outcomes that are drawn, and standard errors that their averages may be off.
DRAWN, SPREAD = 4000, 5
#: Outcomes up to which families are laid out where a kind is to be long.
SHORT = 4
HALF, THIRD = Fraction(1, 2), Fraction(1, 3)


@dataclass(frozen=True)
class Kind:
    """A law of a kind, another way to make it, and the truth about it."""

    make: Callable[[], Distribution]
    again: Callable[[], Distribution]
    truth: Callable[[], dict]
    is_finite: bool = False
    #: Whether its family answers by formula, which shorter laws do that were too long to be laid out.
    is_long: bool = False


def geometric(p):
    return moved(negative_binomial(Fraction(1), Fraction(p)), 1, 1)


def skellam(a, b):
    return summed(poisson(Fraction(a)), moved(poisson(Fraction(b)), -1, 0))


def uniform(*outcomes):
    return dict.fromkeys(outcomes, ONE // len(outcomes))


def few(law, least=40):
    """The law without outcomes of less than 10**-least: for sums of pairs."""
    return {x: w for x, w in law.items() if w > ONE // 10**least}


def matched(x, y, total):
    """The law of X, known that X + Y is a total."""
    found = {a: w * y.get(total - a, 0) >> 2600 for a, w in x.items()}
    whole = sum(found.values())
    return {a: w * ONE // whole for a, w in found.items() if w}


def failures_of_coins():
    """The sum of N terms 1 or 2, P(N = n) = 2**-(n + 1): after the first term the sum is as it was."""
    found = {0: ONE // 2, 1: ONE // 8}
    for k in range(2, 1500):
        found[k] = (found[k - 1] + found[k - 2]) // 4
    return found


def failing(k):
    """The law of what is seen of k: each with probability 1/2."""
    return Binomial(k, HALF)


LETTER, CHANCE = sympy.Symbol("a", positive=True), sympy.Symbol("p", positive=True)
SMALL = {0: "1/4", 3: "1/2", "11/2": "1/4"}
SMALL_TRUTH = {Fraction(0): ONE // 4, Fraction(3): ONE // 2, Fraction(11, 2): ONE // 4}
COIN = Distribution({-1: HALF, 2: HALF})

KINDS = {
    "finite": Kind(
        lambda: Distribution(SMALL),
        lambda: Distribution({"11/2": 1, 0: 1, 3: 2}, normalize=True),
        lambda: SMALL_TRUTH,
        is_finite=True,
    ),
    "floating": Kind(
        lambda: Distribution({0: 0.25, 3: 0.5, "11/2": 0.25}),
        lambda: Distribution(SMALL).to_float(),
        lambda: SMALL_TRUTH,
        is_finite=True,
    ),
    "point": Kind(lambda: Point(3), lambda: Distribution({3: 1}), lambda: {3: ONE}, is_finite=True),
    "die": Kind(
        lambda: Die(6),
        lambda: Distribution.from_counts(dict.fromkeys(range(1, 7), 1)),
        lambda: uniform(*range(1, 7)),
        is_finite=True,
    ),
    "power": Kind(
        lambda: 5 @ Die(6), lambda: 2 @ Die(6) + 3 @ Die(6), lambda: repeated(uniform(*range(1, 7)), 5), is_finite=True
    ),
    "binomial": Kind(
        lambda: Binomial(6, "1/4"),
        lambda: 6 @ Bernoulli("1/4"),
        lambda: repeated({0: 3 * ONE // 4, 1: ONE // 4}, 6),
        is_finite=True,
    ),
    "poisson": Kind(lambda: Poisson(3), lambda: Poisson(1) + Poisson(2), lambda: poisson(Fraction(3))),
    "geometric": Kind(lambda: Geometric(HALF), lambda: NegativeBinomial(1, HALF) + 1, lambda: geometric(HALF)),
    "negative binomial": Kind(
        lambda: NegativeBinomial("3/2", "3/4"),
        lambda: NegativeBinomial(1, "3/4") + NegativeBinomial(HALF, "3/4"),
        lambda: negative_binomial(Fraction(3, 2), Fraction(3, 4)),
    ),
    "skellam": Kind(lambda: Skellam(2, 3), lambda: Poisson(2) - Poisson(3), lambda: skellam(2, 3)),
    "image": Kind(
        lambda: 2 * Poisson(3) + 1, lambda: 2 * (Poisson(3) + 1) - 1, lambda: moved(poisson(Fraction(3)), 2, 1)
    ),
    "long image": Kind(
        lambda: 3 * Binomial(6, 0.25) - 7,
        lambda: 3 * (Binomial(6, 0.25) - 2) - 1,
        lambda: moved(repeated({0: 3 * ONE // 4, 1: ONE // 4}, 6), 3, -7),
        is_finite=True,
        is_long=True,
    ),
    "mirrored long image": Kind(
        lambda: 1 - Uniform(-2, 6) / 2,
        lambda: Uniform(-6, 2) / 2 + 1,
        lambda: moved(uniform(*range(-2, 7)), -HALF, 1),
        is_finite=True,
        is_long=True,
    ),
    "mirrored long binomial": Kind(
        lambda: -Binomial(7, 0.5),
        lambda: 3 - (Binomial(7, 0.5) + 3),
        lambda: moved(repeated({0: ONE // 2, 1: ONE // 2}, 7), -1, 0),
        is_finite=True,
        is_long=True,
    ),
    "long term": Kind(
        lambda: Poisson(3) + 2 * Binomial(6, 0.25),
        lambda: 2 * Binomial(6, 0.25) + Poisson(1) + Poisson(2),
        lambda: summed(poisson(Fraction(3)), moved(repeated({0: 3 * ONE // 4, 1: ONE // 4}, 6), 2, 0)),
        is_long=True,
    ),
    "exact long term": Kind(
        lambda: Die(9) - Geometric(HALF),
        lambda: -Geometric(HALF) + Uniform(-3, 5) + 4,
        lambda: summed(uniform(*range(1, 10)), moved(geometric(HALF), -1, 0)),
        is_long=True,
    ),
    "mirrored": Kind(
        lambda: 1 - 3 * Geometric(HALF), lambda: -3 * (Geometric(HALF) - THIRD), lambda: moved(geometric(HALF), -3, 1)
    ),
    "mirrored skellam": Kind(
        lambda: Skellam(2, 3) / -2, lambda: Skellam(3, 2) / 2, lambda: moved(skellam(2, 3), Fraction(-1, 2), 0)
    ),
    "sum": Kind(
        lambda: Poisson(2) + Geometric(HALF),
        lambda: Geometric(HALF) + Poisson(2),
        lambda: summed(poisson(Fraction(2)), geometric(HALF)),
    ),
    "exact sum": Kind(
        lambda: Geometric(HALF) + Geometric("3/4") + Die(4),
        lambda: Die(4) + (Geometric("3/4") + Geometric(HALF)),
        lambda: summed(summed(geometric(HALF), geometric("3/4")), uniform(1, 2, 3, 4)),
    ),
    "difference": Kind(
        lambda: Geometric(HALF) - Geometric("3/4"),
        lambda: -(Geometric("3/4") - Geometric(HALF)),
        lambda: summed(geometric(HALF), moved(geometric("3/4"), -1, 0)),
    ),
    "mixture": Kind(
        lambda: mixture({Point(0): HALF, Poisson(3): HALF}),
        lambda: mixture([(Poisson(3), "1/4"), (Point(0), HALF), (Poisson(3), "1/4")]),
        lambda: mixed([({0: ONE}, HALF), (poisson(Fraction(3)), HALF)]),
    ),
    "exact mixture": Kind(
        lambda: mixture({Geometric(HALF): "1/4", 2 * Geometric("3/4"): "3/4"}),
        lambda: mixture([(2 * Geometric("3/4"), "3/4"), (Geometric(HALF), "1/4")]),
        lambda: mixed([(geometric(HALF), Fraction(1, 4)), (moved(geometric("3/4"), 2, 0), Fraction(3, 4))]),
    ),
    "mirrored mixture": Kind(
        lambda: -mixture({Geometric(HALF): HALF, Point(4): HALF}),
        lambda: mixture({-Geometric(HALF): HALF, Point(-4): HALF}),
        lambda: moved(mixed([(geometric(HALF), HALF), ({4: ONE}, HALF)]), -1, 0),
    ),
    "truncated": Kind(
        lambda: Poisson(3).truncate(low=2),
        lambda: Poisson(3).truncate(low="3/2"),
        lambda: known(poisson(Fraction(3)), 2, None),
    ),
    "exact truncated": Kind(
        lambda: Geometric(HALF).truncate(low=3),
        lambda: Geometric(HALF).truncate(low="5/2"),
        lambda: moved(geometric(HALF), 1, 2),
    ),
    "truncated above": Kind(
        lambda: Skellam(2, 3).truncate(high=1),
        lambda: -Skellam(3, 2).truncate(low=-1),
        lambda: known(skellam(2, 3), None, 1),
    ),
    "clipped": Kind(
        lambda: Poisson(3).clip(low=2),
        lambda: Poisson(3).clip(low=2, high=None).clip(low=1),
        lambda: clamped(poisson(Fraction(3)), 2, None),
    ),
    "clipped above": Kind(
        lambda: Skellam(2, 3).clip(high=1), lambda: -Skellam(3, 2).clip(low=-1), lambda: clamped(skellam(2, 3), None, 1)
    ),
    "compound": Kind(
        lambda: Poisson(2) @ Die(3),
        lambda: Poisson(2) @ Distribution({1: THIRD, 2: THIRD, 3: THIRD}),
        lambda: random_sum(few(poisson(Fraction(2)), 250), uniform(1, 2, 3)),
    ),
    "exact compound": Kind(
        lambda: NegativeBinomial(1, HALF) @ Die(2),
        lambda: (Geometric(HALF) - 1) @ Die(2),
        failures_of_coins,
    ),
    "mirrored compound": Kind(
        lambda: Poisson(2) @ -Die(3),
        lambda: -(Poisson(2) @ Die(3)),
        lambda: moved(random_sum(few(poisson(Fraction(2)), 250), uniform(1, 2, 3)), -1, 0),
    ),
    "random sum": Kind(
        lambda: Die(3) @ Poisson(2),
        lambda: Uniform(1, 3) @ Poisson(2),
        lambda: random_sum(uniform(1, 2, 3), poisson(Fraction(2))),
    ),
    "two-sided random sum": Kind(
        lambda: Poisson(2) @ COIN,
        lambda: -(Poisson(2) @ -COIN),
        lambda: summed(moved(poisson(Fraction(1)), 2, 0), moved(poisson(Fraction(1)), -1, 0)),
    ),
    "maximum": Kind(
        lambda: maximum(Poisson(3), Geometric(HALF)),
        lambda: maximum(Geometric(HALF), Poisson(3)),
        lambda: times(few(poisson(Fraction(3)), 160), few(geometric(HALF), 160), max),
    ),
    "minimum": Kind(
        lambda: minimum(Poisson(3), Geometric(HALF)),
        lambda: -maximum(-Poisson(3), -Geometric(HALF)),
        lambda: times(few(poisson(Fraction(3)), 160), few(geometric(HALF), 160), min),
    ),
    "order statistic": Kind(
        lambda: order_statistic(Geometric(HALF), 2, 2),
        lambda: maximum(Geometric(HALF), Geometric(HALF)),
        lambda: times(few(geometric(HALF), 160), few(geometric(HALF), 160), max),
    ),
    "posterior": Kind(
        lambda: posterior(Poisson(3), failing, 0),
        lambda: posterior(Poisson(3), failing, [0]),
        lambda: poisson(Fraction(3, 2)),
    ),
    "given sum": Kind(
        lambda: Skellam(2, 3).given_sum(Skellam(1, 2), 1),
        lambda: Skellam(2, 3).given_sum(Skellam(1, 2), 1),
        lambda: matched(skellam(2, 3), skellam(1, 2), 1),
    ),
    "remainder": Kind(
        lambda: Poisson(3) % 3,
        lambda: (Poisson(3) + 3) % 3,
        lambda: functools.reduce(
            lambda f, kw: {**f, kw[0] % 3: f.get(kw[0] % 3, 0) + kw[1]}, poisson(Fraction(3)).items(), {}
        ),
        is_finite=True,
    ),
    "nested": Kind(
        lambda: 2 * mixture({(Poisson(1) @ Die(2)).truncate(low=1): HALF, Geometric(HALF) + Poisson(1): HALF}) - 1,
        lambda: 2 * mixture({Poisson(1) + Geometric(HALF): HALF, (Poisson(1) @ Die(2)).truncate(low=1): HALF}) - 1,
        lambda: moved(
            mixed(
                [
                    (known(random_sum(few(poisson(Fraction(1)), 250), uniform(1, 2)), 1, None), HALF),
                    (summed(geometric(HALF), poisson(Fraction(1))), HALF),
                ]
            ),
            2,
            -1,
        ),
    ),
    "formula": Kind(lambda: Poisson(LETTER).subs({LETTER: 3}), lambda: Poisson(3), lambda: poisson(Fraction(3))),
    "formula sum": Kind(
        lambda: (Poisson(LETTER) + Geometric(CHANCE)).subs({LETTER: 2, CHANCE: HALF}),
        lambda: Poisson(2) + Geometric(HALF),
        lambda: summed(poisson(Fraction(2)), geometric(HALF)),
    ),
}


# The truth ----------------------------------------------------------------------------------------------------------


class Truth:
    """A law as its outcomes in order with whole numbers of 1 / ONE, and the sums of these from either end."""

    def __init__(self, weights):
        self.weights = {Fraction(x): w for x, w in weights.items() if w}
        self.outcomes = sorted(self.weights)
        self.heads = list(np.cumsum([self.weights[x] for x in self.outcomes], dtype=object))
        self.tails = list(np.cumsum([self.weights[x] for x in self.outcomes[::-1]], dtype=object) - 0)[::-1]

    def places(self, deepest=math.inf):
        """Outcomes in the bulk, and as deep in both tails as `DEPTHS` tells."""
        found = set()
        for depth in DEPTHS:
            if depth <= deepest:
                level = ONE // int(10**depth)
                found.add(next(i for i, head in enumerate(self.heads) if head >= level))
                found.add(max(i for i, tail in enumerate(self.tails) if tail >= level))
        return sorted(found)

    def head(self, x):
        return sum(w for y, w in self.weights.items() if y <= x)

    def tail(self, x):
        return sum(w for y, w in self.weights.items() if y > x)

    def expect(self, f):
        """E f(X), of all but what 1e-90 or less may add."""
        some = ((x, w) for x, w in self.weights.items() if w > ONE >> 300)
        return mp.fsum(f(mpf(x.numerator) / x.denominator) * value(w) for x, w in some)


@functools.cache
def known_kind(name):
    """(law, truth) of a kind, made once."""
    return KINDS[name].make(), Truth(KINDS[name].truth())


def number(x):
    return mpf(x.numerator) / x.denominator if isinstance(x, Fraction | int) else mpf(float(x))


def close(found, right, error=0.0, *, floor=1e-300):
    """A number is right, relatively; below the floor absolutely."""
    right = mpf(right)
    assert abs(number(found) - right) <= (error + TOLERANCE) * abs(right) + floor, (found, mp.nstr(right, 17))


def close_log(found, weight, error=0.0):
    if not weight:
        assert found == -math.inf
    else:
        right = log_of(weight)
        assert abs(mpf(found) - right) <= error + TOLERANCE + 1e-14 * abs(right), (found, mp.nstr(right, 17))


QUESTIONS: dict[str, Callable[[Distribution, Truth, Kind], None]] = {}
#: Ways in, and pictures, which have tests of their own.
ELSEWHERE = {
    *(
        "from_array",
        "from_arrays",
        "from_cdf",
        "from_counts",
        "from_pgf",
        "from_samples",
        "from_scipy",
        "from_sympy",
        "of",
    ),
    "plot",
    *("limit", "recurrence", "to_symbolic"),
}


def question(*names):
    def keep(function):
        QUESTIONS.update(dict.fromkeys(names, function))
        return function

    return keep


def same(X, weights, *, deepest=math.inf, error=0.0):
    """A law answers as another truth says: what a transform is asked."""
    truth = Truth(weights)
    for i in truth.places(deepest):
        x = truth.outcomes[i]
        close(X.pmf(x), value(truth.weights[x]), X.error + error)
        close(X.cdf(x), value(truth.heads[i]), X.error + error)
        close(X.sf(x), value(truth.tail(x)), X.error + error)


# Probabilities ------------------------------------------------------------------------------------------------------


def between(truth):
    """Numbers beside all outcomes: between two, and beyond the ends."""
    return [*(truth.outcomes[i] + Fraction(1, 1000) for i in truth.places())]


@question("pmf", "logpmf")
def points(X, truth, kind):
    places = [truth.outcomes[i] for i in truth.places()]
    for x in places:
        found = X.pmf(x)
        assert isinstance(found, Fraction if X.is_exact else float)
        close(found, value(truth.weights[x]), X.error)
        close_log(X.logpmf(x), truth.weights[x], X.error)
    for x in [*between(truth), *(e - s for e, s in ((X.low, 1), (X.high, -1)) if e is not None), math.inf, -math.inf]:
        assert X.pmf(x) == 0
        assert X.logpmf(x) == -math.inf
    mixed_places = [places[0], between(truth)[0], places[-1], places[0]]
    for name in ("pmf", "logpmf"):
        single = getattr(X, name)
        assert list(single(mixed_places)) == pytest.approx([single(x) for x in mixed_places], rel=1e-9, abs=1e-300)
        table = single(np.array(mixed_places, dtype=object).reshape(2, 2))
        assert table.shape == (2, 2)
        assert single([]).shape == (0,)


@question("cdf", "sf", "logcdf", "logsf", "at_least", "at_most")
def sums(X, truth, kind):
    for i in truth.places():
        for x in (truth.outcomes[i], truth.outcomes[i] + Fraction(1, 1000)):
            assert isinstance(X.cdf(x), Fraction if X.is_exact else float)
            close(X.cdf(x), value(truth.heads[i]), X.error)
            close(X.sf(x), value(truth.tail(x)), X.error)
            close(X.at_least(x), value(truth.tail(x - Fraction(1, 2000))), X.error)
            assert X.at_most(x) == X.cdf(x)
            close_log(X.logcdf(x), truth.heads[i], X.error)
            close_log(X.logsf(x), truth.tail(x), X.error)
    assert (X.cdf(math.inf), X.sf(math.inf), X.logcdf(math.inf), X.logsf(math.inf)) == (1, 0, 0, -math.inf)
    assert (X.cdf(-math.inf), X.sf(-math.inf), X.logcdf(-math.inf), X.logsf(-math.inf)) == (0, 1, -math.inf, 0)
    if X.low is not None:
        assert (X.cdf(X.low - 1), X.sf(X.low - 1)) == (0, 1)
    if X.high is not None:
        assert (X.cdf(X.high), X.sf(X.high)) == (1, 0)
    places = [truth.outcomes[i] for i in truth.places()]
    for name in ("cdf", "sf", "logcdf", "logsf"):
        one = getattr(X, name)
        assert list(one(places)) == pytest.approx([one(x) for x in places], rel=1e-9, abs=1e-300)


@question("cdf_bounds", "sf_bounds")
def bounds(X, truth, kind):
    for i in truth.places():
        x = truth.outcomes[i]
        for ends, weight in ((X.cdf_bounds(x), truth.heads[i]), (X.sf_bounds(x), truth.tail(x))):
            low, high = map(number, ends)
            right = value(weight)
            # The oracle leaves out what lies beyond its last outcomes: 3e-160 of the worst of these laws.
            assert low <= right + mpf(10) ** -150
            assert high >= right - mpf(10) ** -150
            assert high - low <= 1e-8 * right + 1e-300


@question("ppf", "isf", "median", "interval", "ppf_bounds")
def quantiles(X, truth, kind):
    for i in truth.places(deepest=30):
        x, head, tail = truth.outcomes[i], truth.heads[i], truth.tails[i]
        before = truth.heads[i - 1] if i else 0
        if head - before > head >> 20:
            level = Fraction(before + head, 2 * ONE)
            assert X.ppf(level) == x
            assert X.ppf_bounds(level) == (x, x)
        after = truth.tails[i + 1] if i + 1 < len(truth.tails) else 0
        if tail - after > tail >> 20:
            assert X.isf(Fraction(after + tail, 2 * ONE)) == x
    for level in (0.2, 0.5, 0.9):
        x = X.ppf(level)
        assert X.cdf(x) >= level * (1 - TOLERANCE)
        assert X.sf(x) <= (1 - level) * (1 + TOLERANCE)
        assert x in X
    assert X.median() == X.ppf(HALF)
    assert X.interval("9/10") == (X.ppf("1/20"), X.ppf("19/20"))
    assert list(X.ppf([0.2, 0.9])) == [X.ppf(0.2), X.ppf(0.9)]
    for call, level, end in ((X.ppf, 0, X.low), (X.ppf, 1, X.high), (X.isf, 0, X.high), (X.isf, 1, X.low)):
        if end is None:
            with pytest.raises(DistconvError):
                call(level)
        else:
            assert call(level) == end


@question("mode")
def mode(X, truth, kind):
    most = max(truth.weights.values())
    assert X.mode() in [x for x, w in truth.weights.items() if w > most - (most >> 60)]
    if X.is_exact:
        assert X.mode() == min(x for x, w in truth.weights.items() if w > most - (most >> 60))


# Averages -----------------------------------------------------------------------------------------------------------


@question("mean", "var", "std", "skewness", "kurtosis", "moment", "cumulant", "cov")
def moments(X, truth, kind):
    mean = truth.expect(lambda x: x)
    central = [truth.expect(lambda x, k=k: (x - mean) ** k) for k in range(5)]
    size = mp.sqrt(central[2])
    close(X.mean(), mean, floor=1e-12 * float(size))
    close(X.var(), central[2], 1e-9)
    close(X.std(), size, 1e-9)
    close(X.cumulant(1), mean, floor=1e-12 * float(size))
    close(X.cumulant(3), central[3], 1e-8, floor=1e-8 * float(size) ** 3)
    close(X.cumulant(4), central[4] - 3 * central[2] ** 2, 1e-8, floor=1e-8 * float(size) ** 4)
    assert X.moment(0) == 1
    close(X.moment(3), truth.expect(lambda x: x**3), 1e-8, floor=1e-8 * (float(size) + abs(float(mean))) ** 3)
    if size:
        close(X.skewness(), central[3] / size**3, 1e-8, floor=1e-8)
        close(X.kurtosis(), central[4] / size**4 - 3, 1e-8, floor=1e-8)
    else:
        assert math.isnan(X.skewness())
    if X.is_finite:
        close(X.cov()[0, 0] if X.ndim > 1 else X.var(), central[2], 1e-9)


@question("entropy")
def entropy(X, truth, kind):
    right = -truth.expect(lambda x: 0) - mp.fsum(value(w) * log_of(w) for w in truth.weights.values())
    close(X.entropy(), right, floor=1e-12)
    close(X.entropy(2), right / mp.log(2), floor=1e-12)


@question("expect")
def expectation(X, truth, kind):
    close(X.expect(lambda x: x * x), truth.expect(lambda x: x * x), 1e-9)
    close(X.expect(lambda x: math.sin(x)), truth.expect(mp.sin), floor=1e-11)


@question("prob")
def event(X, truth, kind):
    for i in truth.places(deepest=30):
        x = truth.outcomes[i]
        close(X.prob(lambda y, x=x: y <= x), value(truth.heads[i]), X.error)
        close(X.prob(lambda y, x=x: y >= x), value(truth.tails[i]), X.error)
    whole = X.prob(lambda x: x.denominator == 1)
    close(whole, value(sum(w for x, w in truth.weights.items() if x.denominator == 1)), X.error)
    assert isinstance(whole, Fraction if X.is_exact and X.is_finite else float)
    assert X.prob(lambda _: False) == 0


@question("prob_box")
def box(X, truth, kind):
    places = truth.places(deepest=30)
    for low, high in zip(places, places[2:], strict=False):
        first, last = truth.outcomes[low], truth.outcomes[high]
        true = value(sum(w for x, w in truth.weights.items() if first <= x <= last))
        close(X.prob_box(first, last), true, 2 * X.error + 1e-9)
    assert X.prob_box(truth.outcomes[0], truth.outcomes[0] - 1) == 0


@question("pgf", "cf")
def transforms(X, truth, kind):
    for t in (0.7, -2.0):
        right = truth.expect(lambda x, t=t: mp.expj(t * x))
        assert abs(mp.mpmathify(X.cf(t)) - right) <= 1e-10
    z = complex(0.6, 0.8)
    if all(x.denominator == 1 for x in truth.outcomes):
        right = truth.expect(lambda x: mp.mpmathify(z) ** int(x))
        assert abs(mp.mpmathify(complex(X.pgf(z))) - right) <= 1e-10
    close(X.pgf(1), 1)
    if X.low is not None and X.low >= 0:
        close(X.pgf(HALF), truth.expect(lambda x: mpf("0.5") ** x), X.error)


@question("stop_loss", "tail_mean", "limited_mean", "layer", "excess")
def losses(X, truth, kind):
    for i in truth.places(deepest=30):
        d = truth.outcomes[i]
        close(X.stop_loss(d), truth.expect(lambda x, d=d: max(x - number(d), 0)), X.error + 1e-9)
        close(X.limited_mean(d), truth.expect(lambda x, d=d: min(x, number(d))), X.error + 1e-9, floor=1e-12)
        paid = X.layer(d, 3)
        close(paid.mean(), truth.expect(lambda x, d=d: min(max(x - number(d), 0), 3)), X.error + 1e-9, floor=1e-12)
        if X.high is None or d < X.high:
            close(X.excess(d).at_least(2), value(truth.tail(d + 2 - Fraction(1, 2000))) / value(truth.tail(d)), 1e-8)
    assert list(X.stop_loss([0, 1])) == pytest.approx([X.stop_loss(0), X.stop_loss(1)], rel=1e-9)
    for q in (HALF, Fraction(99, 100)):
        v = number(X.ppf(q))
        right = v + truth.expect(lambda x, v=v: max(x - v, 0)) / number(1 - q)
        close(X.tail_mean(q), right, X.error + 1e-9, floor=1e-12)


@question("rvs")
def sampling(X, truth, kind):
    drawn = X.rvs(DRAWN, 11)
    assert drawn.shape == (DRAWN,)
    assert abs(float(np.mean(drawn.astype(float))) - float(X.mean())) <= SPREAD * X.std() / math.sqrt(DRAWN) + 1e-12
    middle = X.median()
    assert abs(np.mean(drawn <= middle) - float(X.cdf(middle))) <= SPREAD / math.sqrt(DRAWN)
    assert set(map(Fraction, drawn.tolist())) <= truth.weights.keys()
    assert (X.rvs(10, 3) == X.rvs(10, 3)).all()
    assert X.rvs((2, 3), 1).shape == (2, 3)
    assert X.rvs(rng=1) in X


# What it is ---------------------------------------------------------------------------------------------------------


@question("support", "to_dict", "to_arrays", "__iter__", "__contains__")
def outcomes(X, truth, kind):
    order = truth.outcomes if X.low is not None else truth.outcomes[::-1]
    if X.low is not None or X.high is not None:
        assert list(islice(X.support, 5)) == order[:5]
        for (x, p), right in zip(islice(X, 5), order[:5], strict=False):
            assert x == right
            close(p, value(truth.weights[x]), X.error)
        assert list(X.support[:3]) == order[:3]
    for i in truth.places():
        assert truth.outcomes[i] in X
        assert truth.outcomes[i] in X.support
        assert truth.outcomes[i] + Fraction(1, 1000) not in X
    if X.is_finite:
        assert len(X.support) == len(truth.outcomes)
        assert list(X.to_dict()) == truth.outcomes
        assert len(X.to_arrays()[0]) == len(X.to_arrays()[1]) == len(truth.outcomes)
    else:
        for call in (X.to_dict, X.to_arrays, lambda: len(X.support)):
            with pytest.raises(DistconvError):
                call()


@question(
    "kind",
    "is_exact",
    "error",
    "missing",
    "is_finite",
    "low",
    "high",
    "ndim",
    "shape",
    "members",
    "law",
    "how",
    "hold",
    "family",
    "parameters",
    "letters",
    "assumptions",
    "formula",
)
def description(X, truth, kind):
    assert X.kind == ("exact" if X.is_exact else "float")
    assert X.is_finite == kind.is_finite
    assert 0 <= X.error < 1e-8
    assert X.missing == 0 if X.is_finite else 0 < X.missing <= 2e-18
    if X.is_exact:
        assert X.error == 0
    for end, sign in ((X.low, 1), (X.high, -1)):
        if end is not None:
            assert end == (min if sign > 0 else max)(truth.outcomes)
    assert (X.low is None) <= (not X.is_finite)
    assert X.is_finite or None in (X.low, X.high)
    assert (X.ndim, len(X.shape)) == (1, 1)
    assert X.hold() is X or X.hold() == X
    assert X.members == (X,)
    assert str(X.how())
    if X.family is None:
        assert not X.parameters
    else:
        assert getattr(distconv, X.family)(**X.parameters) == X
    assert X.letters == frozenset()
    assert X.assumptions == ()
    assert not hasattr(X, "formula")


@question("__eq__", "__hash__", "__ne__", "__reduce__")
def identity(X, truth, kind):
    for other in (kind.make(), kind.again(), pickle.loads(pickle.dumps(X)), copy.copy(X), copy.deepcopy(X)):
        assert other == X
        assert hash(other) == hash(X)
        assert other.is_exact == X.is_exact
        same(other, truth.weights)
    assert X != X + 1
    assert X != 2 * X + 1
    assert X.__eq__(3) is NotImplemented


@question("__repr__", "__str__", "__format__", "_repr_html_", "_repr_latex_")
def text(X, truth, kind):
    for shown in (repr(X), str(X), f"{X}", f"{X:decimal}", X._repr_html_(), X._repr_latex_() or "-", sympy.latex(X)):
        assert isinstance(shown, str)
        assert shown


@question("subs", "lambdify", "diff", "without_missing", "to_scipy", "to_sympy")
def others(X, truth, kind):
    assert X.subs({}) == X
    with pytest.raises(DistconvError):
        X.diff("a").mean()
    close(X.without_missing().pmf(X.mode()), value(truth.weights[Fraction(X.mode())]), 1e-9)
    assert X.to_scipy().mean() == pytest.approx(float(X.mean()), rel=1e-9)
    with contextlib.suppress(DistconvError):
        assert sympy.stats.density(X.to_sympy("x"))


# Laws made of it ----------------------------------------------------------------------------------------------------


@question("to_float", "to_exact")
def conversions(X, truth, kind):
    floating = X.to_float()
    assert floating.kind == "float"
    assert not floating.is_exact
    assert floating.is_finite == X.is_finite
    same(floating, truth.weights)
    if X.is_exact:
        assert X.to_exact() is X


@question("truncate", "clip")
def limits(X, truth, kind):
    low, high = X.ppf("1/4"), X.ppf("3/4")
    for ends in ((low, None), (None, high), (low, high)):
        same(X.truncate(*ends), known(truth.weights, *ends))
        same(X.clip(*ends), clamped(truth.weights, *ends))
        assert X.truncate(*ends).is_exact == X.clip(*ends).is_exact


@question("given", "map", "norm", "round", "given_sum")
def windows(X, truth, kind):
    middle = X.median()
    found = known(truth.weights, middle, None)
    same(X.given(lambda x: x >= middle), found, deepest=10)
    same(X.map(lambda x: 2 * x), moved(truth.weights, 2, 0), deepest=10)
    for image, f in (
        (X.round(2), lambda x: 2 * round(x / 2)),
        (X // 2, lambda x: x // 2),
        (X.norm(), abs),
    ):
        right = {}
        for x, w in truth.weights.items():
            right[f(x)] = right.get(f(x), 0) + w
        same(image, right, deepest=10)
    same(X.given_sum(Die(3), middle + 2), matched(truth.weights, uniform(1, 2, 3), middle + 2), deepest=10)


@question("marginal")
def marginals(X, truth, kind):
    assert X.marginal(0) == X


@question("__add__", "__radd__", "__sub__", "__rsub__", "__neg__", "__pos__", "__mul__", "__rmul__", "__truediv__")
def moves(X, truth, kind):
    deepest = 100
    same(X + 3, moved(truth.weights, 1, 3))
    same(THIRD + X, moved(truth.weights, 1, THIRD))
    same(2 - X, moved(truth.weights, -1, 2))
    same(-2 * X, moved(truth.weights, -2, 0))
    same(X / 2, moved(truth.weights, HALF, 0))
    assert +X is X
    mirrored = -X
    assert -mirrored == X
    assert (X + 3) - 3 == X
    assert X / 2 * 2 == X
    same(X + Die(2), summed(truth.weights, uniform(1, 2)), deepest=deepest)
    same(Die(2) - X, summed(moved(truth.weights, -1, 0), uniform(1, 2)), deepest=deepest)


@question("__matmul__", "__rmatmul__", "__mod__")
def combinations(X, truth, kind):
    same(2 @ X, summed(truth.weights, truth.weights), deepest=100)
    assert (0 @ X).to_dict() == {0: 1}
    assert 1 @ X == X
    same(Bernoulli(HALF) @ X, mixed([(truth.weights, HALF), ({0: ONE}, HALF)]))
    right = {}
    for x, w in truth.weights.items():
        right[x % 2] = right.get(x % 2, 0) + w
    same(X % 2, right)
    if X.low is not None and X.low >= 0 and all(x.denominator == 1 for x in truth.outcomes):
        found = X @ Point(2)
        same(found, moved(truth.weights, 2, 0))


def test_every_question_is_asked():
    public = {name for name in dir(Distribution) if not name.startswith("_")}
    assert public - ELSEWHERE <= QUESTIONS.keys()
    assert QUESTIONS.keys() | ELSEWHERE >= public
    assert all(hasattr(Distribution, name) or name in ("law",) for name in QUESTIONS)


@pytest.mark.parametrize("ask", list(dict.fromkeys(QUESTIONS.values())), ids=lambda ask: ask.__name__)
@pytest.mark.parametrize("name", KINDS)
def test_a_kind_of_law_answers(name, ask, monkeypatch):
    if KINDS[name].is_long:
        monkeypatch.setattr(formulaic, "LAID_OUT", SHORT)
    X, truth = known_kind(name)
    # Whatever other files have left: the oracle's digits count.
    with mp.workdps(400):
        ask(X, truth, KINDS[name])
