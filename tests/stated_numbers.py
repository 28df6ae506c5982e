"""Operations that return numbers from floating laws, beside the exact value and the bound that the docstring gives.

A case is a list of (value, exact value, bound): the value is within the bound of the exact one. Let e be the law's
error, n the number of its outcomes, u = 2**-53.
"""

from __future__ import annotations

import functools
import itertools
import math
from fractions import Fraction
from random import Random

import mpmath
import numpy as np
import oracle
from known_laws import Known, known, of, operand
from stated_laws import absorbed, believed, chance

from distconv import (
    Distribution,
    Geometric,
    Logarithmic,
    NegativeBinomial,
    Poisson,
    distances_to_uniform,
    monoids,
    posterior,
    power_logcdf,
    power_logsf,
    settings,
    sum_of,
    total_variation,
    wasserstein,
)

mpmath.mp.prec = 600
U = Fraction(1, 2**53)
#: Below the normal doubles, answers that are doubles lose digits: half the smallest one at each step.
SMALLEST = Fraction(1, 2**1074)


def rel(x: Known, roundings: int) -> Fraction:
    """A relative error: the law's own and some roundings."""
    return (1 + Fraction(x.law.error)) * (1 + U) ** roundings - 1


def grown(e: Fraction) -> Fraction:
    """What e becomes in a quotient of two sums of which each is off by it."""
    return (1 + e) / (1 - e) - 1


def moments_of(truth: dict) -> tuple[Fraction, dict]:
    """(mean, the law with total 1)."""
    total = sum(truth.values())
    law = {x: p / total for x, p in truth.items()}
    return oracle.expect(law, lambda x: x), law


def real(value) -> mpmath.mpf:
    return mpmath.mpf(value.numerator) / value.denominator


def log(value: Fraction):
    return mpmath.log(real(value)) if 2 * value < 1 else mpmath.log1p(real(value - 1))


def size(value) -> Fraction:
    """The size of an mpmath number or fraction, as a fraction (mpmath's are dyadic)."""
    if isinstance(value, Fraction | int):
        return abs(Fraction(value))
    _, man, exp, _ = mpmath.mpf(abs(value))._mpf_
    return Fraction(int(man)) * Fraction(2) ** int(exp)


def place(rng: Random, x: Known):
    """Somewhere on or between outcomes."""
    return rng.choice(list(x.truth)) + rng.choice((0, 0, Fraction(1, 7), -Fraction(1, 7)))


def head(x: Known, at) -> Fraction:
    return sum((p for v, p in x.truth.items() if v <= at), start=Fraction(0))


def tail(x: Known, at) -> Fraction:
    return sum((p for v, p in x.truth.items() if v > at), start=Fraction(0))


# Probabilities --------------------------------------------------------------------------------------------------------


def pmf(rng):
    x = operand(rng, ndim=rng.choice((1, 2)))
    at = list(x.truth)
    values = rng.choice((lambda: [x.law.pmf(v) for v in at], lambda: x.law.pmf(at).tolist()))()
    values += list(x.law.to_dict().values()) if x.law.kind == "float" else []
    return [(v, x.truth[k], rel(x, 0) * x.truth[k] + SMALLEST) for v, k in zip(values, at * 2, strict=False)]


def log_bound(x: Known, p: Fraction, roundings: int) -> Fraction:
    """A log is off by the relative error of its probability, near 0 by no more than that part of itself."""
    r, true = rel(x, roundings), size(log(p))
    return r / (1 - r) * min(Fraction(1), 2 * true) + 4 * U * true + x.off + SMALLEST


def logpmf(rng):
    x = operand(rng, ndim=rng.choice((1, 2)))
    e = rel(x, 1)
    return [(x.law.logpmf(v), log(p), e / (1 - e) + 4 * U * size(log(p))) for v, p in x.truth.items()]


def sums(x: Known) -> int:
    """Roundings of a running total."""
    return len(x.law.support) + 4


def cdf(rng):
    x = operand(rng, rng.choice((5, 40)))
    found = []
    for at in (place(rng, x), place(rng, x)):
        for query, exact in ((x.law.cdf, head(x, at)), (x.law.sf, tail(x, at))):
            found.append((query(at), exact, rel(x, sums(x)) * exact + x.off + SMALLEST))
    return found


def logcdf(rng):
    x = operand(rng, rng.choice((5, 40)))
    found = []
    for at in (place(rng, x), place(rng, x)):
        for query, exact in ((x.law.logcdf, head(x, at)), (x.law.logsf, tail(x, at))):
            if exact:
                found.append((query(at), log(exact), log_bound(x, exact, sums(x))))
            else:
                assert query(at) == -math.inf
    return found


def ends(rng):
    """The truth lies between two ends."""
    x = operand(rng)
    at, found = place(rng, x), []
    for pair, exact in ((x.law.cdf_bounds(at), head(x, at)), (x.law.sf_bounds(at), tail(x, at))):
        low, high = map(Fraction, pair)
        found.append(((low + high) / 2, exact, (high - low) / 2 + x.off))
    q = rng.choice((Fraction(rng.random()), Fraction(1, 2), Fraction(1, 10**9), 1 - Fraction(1, 10**9)))
    low, high = x.law.ppf_bounds(q)
    before = sum((p for v, p in x.truth.items() if v < low), start=Fraction(0))
    found.append((before - q + SMALLEST if before >= q else 0, 0, x.off))
    found.append((max(q - head(x, high), 0), 0, x.off))
    return found


def prob(rng):
    x = operand(rng, ndim=rng.choice((1, 2)))
    kept = set(rng.sample(list(x.truth), rng.randint(0, len(x.truth))))
    exact = sum((p for v, p in x.truth.items() if v in kept), start=Fraction(0))
    value = x.law.prob(lambda v: v in kept)
    return [(value, exact, rel(x, 2) * exact + x.off + len(kept) * SMALLEST)]


def prob_box(rng):
    x = operand(rng, ndim=rng.choice((1, 2)))
    corners = [v if isinstance(v, tuple) else (v,) for v in rng.choices(list(x.truth), k=2)]
    low, high = (tuple(pick(end) for end in zip(*corners, strict=True)) for pick in (min, max))
    inside = [
        p
        for v, p in x.truth.items()
        if all(a <= c <= b for a, c, b in zip(low, v if isinstance(v, tuple) else (v,), high, strict=True))
    ]
    ends = (low, high) if len(low) > 1 else (low[0], high[0])
    exact = sum(inside, start=Fraction(0))
    return [(x.law.prob_box(*ends), exact, rel(x, 2) * exact + x.off + len(inside) * SMALLEST)]


def quantiles(rng):
    """The smallest x with P(X <= x) >= q holds for q to within the error of the sums."""
    x = operand(rng, rng.choice((5, 30)))
    r = rel(x, sums(x))
    found = []
    for q in (rng.choice((rng.random(), chance(rng), Fraction(rng.random()))), rng.choice((0, 1, "1/2", 0.9))):
        level = Fraction(str(q)) if isinstance(q, float) else Fraction(q)
        slack = r * (level if isinstance(q, float) or level <= Fraction(1, 2) else 1 - level) + x.off + 2 * U * level
        at, above = x.law.ppf(q), x.law.isf(q)
        if 0 < level < 1:
            found.append((max(level - head(x, at), 0), 0, slack))
            found.append((max(head(x, at) - x.truth[at] - level, 0), 0, slack))
            found.append((max(tail(x, above) - level, 0), 0, slack))
            found.append((max(level - tail(x, above) - x.truth[above], 0), 0, slack))
        else:
            ends = min(x.truth), max(x.truth)
            found.append((Fraction(at), ends[int(level)], 0))
            found.append((Fraction(above), ends[1 - int(level)], 0))
    low, high = x.law.interval("1/2")
    assert (low, high, x.law.median()) == (x.law.ppf("1/4"), x.law.ppf("3/4"), x.law.ppf("1/2"))
    return found


def mode(rng):
    x = operand(rng, ndim=rng.choice((1, 2)))
    most = max(x.truth.values())
    return [(x.truth[x.law.mode()], most, grown(rel(x, 0)) * most)]


# Moments --------------------------------------------------------------------------------------------------------------


def dust(x: Known, power: int = 1) -> Fraction:
    """What weights below the normal doubles may lack, times the span to a power."""
    span = max(x.truth) - min(x.truth)
    return len(x.truth) * SMALLEST * 8 * max(Fraction(span), 1) ** power


def mean_off(x: Known, law: dict) -> Fraction:
    """2 (e / (1 - e) + n roundings) E|X - mode|."""
    e, near = Fraction(x.law.error), x.law.mode()
    from_mode = oracle.expect(law, lambda v: abs(v - near))
    return 2 * (e / (1 - e) + (len(law) + 4) * U) * from_mode + dust(x)


def mean(rng):
    x = operand(rng, rng.choice((5, 30)))
    mu, law = moments_of(x.truth)
    return [(x.law.mean(), mu, mean_off(x, law) + U * abs(mu))]


def spread_bound(x: Known) -> Fraction:
    """The relative error of sums of non-negative terms about the mean."""
    return grown(rel(x, 4 * len(x.truth) + 16))


def var(rng):
    x = operand(rng, rng.choice((5, 30)))
    mu, law = moments_of(x.truth)
    exact = oracle.expect(law, lambda v: (v - mu) ** 2)
    bound = spread_bound(x) * exact + dust(x, 2)
    root = mpmath.sqrt(real(exact))
    found = [(x.law.var(), exact, bound)]
    if exact > dust(x, 2) * 2**60:
        found.append((x.law.std(), root, (spread_bound(x) + 4 * U) * size(root)))
    return found


def cov(rng):
    x = operand(rng, ndim=2)
    total = sum(x.truth.values())
    law = {v: p / total for v, p in x.truth.items()}
    mu = [oracle.expect(law, lambda v, i=i: v[i]) for i in (0, 1)]
    span = max(abs(a - b) for v in law for a, b in zip(v, next(iter(law)), strict=True)) + 1
    second = [oracle.expect(law, lambda v, i=i: (v[i] - mu[i]) ** 2) for i in (0, 1)]
    found, values = [], x.law.cov()
    for i in (0, 1):
        for j in (0, 1):
            exact = oracle.expect(law, lambda v, i=i, j=j: (v[i] - mu[i]) * (v[j] - mu[j]))
            largest = size(mpmath.sqrt(real(second[i]))) * size(mpmath.sqrt(real(second[j])))
            e = spread_bound(x)
            bound = (2 * e + e * e) * largest + 8 * len(law) * SMALLEST * 4 * span**2
            found.append((values[i, j], exact, bound))
    assert (x.law.var() == np.diag(values)).all()
    return found


def moments(rng):
    """Off by some e and roundings of the moment that has no signs: E(|X - mean| + |mean|)**k."""
    x = operand(rng, rng.choice((5, 20)))
    k = rng.randint(0, 6)
    mu, law = moments_of(x.truth)
    exact = oracle.expect(law, lambda v: v**k)
    largest = oracle.expect(law, lambda v: (abs(v - mu) + abs(mu)) ** k)
    return [(x.law.moment(k), exact, ((1 + unsigned(x)) ** (k + 2) - 1) * largest + dust(x, k) * 4**k)]


def unsigned(x: Known) -> Fraction:
    n = len(x.truth)
    return grown(rel(x, math.ceil(8 * (n + 4) ** 1.5)))


def absolute_moments(law: dict, mu: Fraction, most: int) -> list[Fraction]:
    return [oracle.expect(law, lambda v, k=k: abs(v - mu) ** k) for k in range(most + 1)]


def cumulants(rng):
    x = operand(rng, rng.choice((5, 20)))
    k = rng.randint(2, 6)
    mu, law = moments_of(x.truth)
    central = [oracle.expect(law, lambda v, j=j: (v - mu) ** j) for j in range(k + 1)]
    without = absolute_moments(law, mu, k)
    exact, largest = [0, mu], [0, 0]
    for n in range(2, k + 1):
        ways = [(math.comb(n - 1, m - 1), m) for m in range(2, n)]
        exact.append(central[n] - sum(c * exact[m] * central[n - m] for c, m in ways))
        largest.append(without[n] + sum(c * largest[m] * without[n - m] for c, m in ways))
    bound = ((1 + unsigned(x)) ** (2 * k) - 1) * largest[k] + dust(x, k) * 4**k
    return [(x.law.cumulant(k), exact[k], bound), (x.law.cumulant(1), mu, mean_off(x, law) + U * abs(mu))]


def shape(rng):
    """Skewness and kurtosis, off by some e of E|X - mean|**k / sd**k."""
    x = known(rng, rng.choice((5, 20)), shapes=("flat",))
    mu, law = moments_of(x.truth)
    second, third, fourth = (oracle.expect(law, lambda v, j=j: (v - mu) ** j) for j in (2, 3, 4))
    if not second:
        assert math.isnan(x.law.skewness())
        assert math.isnan(x.law.kurtosis())
        return []
    deviation = mpmath.sqrt(real(second))
    without = absolute_moments(law, mu, 4)
    skew = real(third) / deviation**3
    slope = without[3] / size(deviation) ** 3
    e = unsigned(x)
    return [
        (x.law.skewness(), skew, ((1 + e) ** 6 - 1) * slope),
        (x.law.kurtosis(), fourth / second**2 - 3, ((1 + e) ** 8 - 1) * without[4] / second**2 + 8 * U),
    ]


def entropy(rng):
    x = operand(rng, rng.choice((5, 30)), ndim=rng.choice((1, 2)))
    base = rng.choice((None, 2, 10.0))
    exact = -sum(real(p) * log(p) for p in x.truth.values())
    e, n = Fraction(x.law.error), len(x.truth)
    bound = (e * (1 + 2 * e) + (n + 8) * U) * (size(exact) + 1) + n * SMALLEST * 5000
    unit = 1 if base is None else mpmath.log(base)
    return [(x.law.entropy(base), exact / unit, bound / size(unit) + 4 * U * size(exact / unit))]


def expect(rng):
    x = operand(rng, ndim=rng.choice((1, 2)))
    c = rng.choice((1, Fraction(1, 3), 0.7, -5))

    def f(v):
        first = v[0] if isinstance(v, tuple) else v
        return first * first * (Fraction(c) if not isinstance(c, float) else 1) - 2 * Fraction(c)

    exact = oracle.expect(x.truth, f)
    largest = oracle.expect(x.truth, lambda v: abs(f(v)))
    lost = len(x.truth) * SMALLEST * max(abs(f(v)) for v in x.truth)
    return [(x.law.expect(f), exact, rel(x, 4) * largest + lost + SMALLEST)]


def pgf(rng):
    x = known(rng, 5, "whole")
    z = rng.choice((0, 1, -2, Fraction(1, 3), 0.7, -1.5, complex(0.3, 0.4), complex(-1, 1)))
    exact_z = complex_of(z)
    exact = sum((real(p) * exact_z**v for v, p in x.truth.items()), start=mpmath.mpc(0))
    largest = sum(real(p) * abs(exact_z) ** v for v, p in x.truth.items())
    bound = rel(x, 2 * len(x.truth) + 8 * max(x.truth) + 8) * size(largest) + 10 * SMALLEST * 8 ** max(x.truth)
    return [(x.law.pgf(z), exact, bound)]


def complex_of(z):
    if isinstance(z, Fraction):
        return real(z)
    return mpmath.mpc(z)


def cf(rng):
    x = operand(rng, axis=rng.choice(("whole", "any")))
    t = rng.choice((0.0, 1.0, -0.3, 17.25))
    exact = sum(
        (real(p) * mpmath.expj(mpmath.mpf(t) * real(v))) for v, p in ((Fraction(v), p) for v, p in x.truth.items())
    )
    far = max(abs(v - x.law.mode()) for v in x.truth)
    bound = Fraction(x.law.error) + (2 * len(x.truth) + 8) * U + 4 * U * Fraction(abs(t)) * far + x.off
    return [(x.law.cf(t), exact, bound)]


# Losses, distances ----------------------------------------------------------------------------------------------------


def excess(x: Known, d) -> Fraction:
    return oracle.expect(x.truth, lambda v: max(Fraction(v) - d, Fraction(0)))


def stop_loss(rng):
    x = operand(rng, rng.choice((5, 30)))
    d = place(rng, x)
    exact = excess(x, d)
    return [(x.law.stop_loss(d), exact, rel(x, len(x.truth) + 8) * exact + SMALLEST)]


def tail_mean(rng):
    x = operand(rng, rng.choice((5, 30)))
    q = rng.choice((0, 0.5, 0.99, Fraction(1, 3), 1 - 1e-9))
    level = Fraction(str(q)) if isinstance(q, float) else Fraction(q)
    rest, at = level, None
    for v, p in x.truth.items():
        at = v
        rest -= p
        if rest <= 0:
            break
    exact = at + excess(x, at) / (1 - level)
    more = excess(x, at) / (1 - level)
    e = rel(x, sums(x) + 12)
    span = max(x.truth) - min(x.truth)
    bound = e * (more + span * (level if isinstance(q, float) else 1) / (1 - level)) + 4 * U * (abs(at) + abs(more))
    return [(x.law.tail_mean(q), exact, bound + x.off * span / (1 - level) + SMALLEST / (1 - level))]


def distances(rng):
    x = operand(rng)
    y = rng.choice((operand(rng), of(rng, x.truth)))
    e, f = Fraction(x.law.error), Fraction(y.law.error)
    every = sorted({*x.truth, *y.truth})
    variation = sum(abs(x.truth.get(v, 0) - y.truth.get(v, 0)) for v in every) / 2
    gap, moved = Fraction(0), Fraction(0)
    for v, following in itertools.pairwise(every):
        gap += x.truth.get(v, 0) - y.truth.get(v, 0)
        moved += abs(gap) * (following - v)
    span = every[-1] - every[0]
    return [
        (total_variation(x.law, y.law), variation, (e + f) / 2 + 4 * U + x.off + y.off),
        (wasserstein(x.law, y.law), moved, ((e + f) + 2 * U) * span),
    ]


def to_uniform(rng):
    x = operand(rng, axis="whole")
    m, n = rng.choice((2, 5)), rng.randint(0, 4)
    here = {0: Fraction(1)}
    step = oracle.push(x.truth, lambda v: v % m)
    exact = []
    for _ in range(n + 1):
        exact.append(sum(abs(here.get(k, 0) - Fraction(1, m)) for k in range(m)) / 2)
        here = oracle.push(oracle.convolve(here, step), lambda v: v % m)
    found = distances_to_uniform(x.law, n, monoid=monoids.modulo(m))
    e = [((1 + rel(x, 2 * (len(x.truth) + 8))) ** k - 1) / 2 + 4 * U + k * x.off for k in range(n + 1)]
    return list(zip(found, exact, e, strict=True))


# Tails of powers ------------------------------------------------------------------------------------------------------


def power_tails(rng):
    x, n = known(rng, 4), rng.choice((1, 2, 3, 8, 30))
    if len(x.truth) > 2 and n > 8:
        n = 8
    total = oracle.power(x.truth, n)
    at = rng.choice(list(total))
    tolerance = rng.choice((1e-6, 1e-10, 1e-12))
    found = []
    with settings(tolerance=tolerance):
        for query, chosen in ((power_logsf, lambda v: v > at), (power_logcdf, lambda v: v <= at)):
            exact = sum((p for v, p in total.items() if chosen(v)), start=Fraction(0))
            value = query(x.law, n, at)
            if not exact:
                assert value == -math.inf
                continue
            r = (1 + Fraction(x.law.error)) ** n * (1 + Fraction(tolerance)) - 1
            true = size(log(exact))
            off = abs(1 - sum(total.values()))
            found.append((value, log(exact), r / (1 - r) * min(Fraction(1), 2 * true) + 4 * U * true + off + SMALLEST))
    return found


# Random numbers of terms ----------------------------------------------------------------------------------------------


#: Infinite counts, and how many of their weights leave less than 1e-60.
COUNTS = (
    *(("Poisson", (lam,)) for lam in (0.5, 3.0, 12.5)),
    *(("NegativeBinomial", (r, p)) for r in (1, 2.5) for p in (0.3, 0.75)),
    *(("Geometric", (p,)) for p in (0.3, 0.75)),
    *(("Logarithmic", (p,)) for p in (0.3, 0.75)),
    ("shifted", (1.5,)),
    ("sum", (1.5, 0.5)),
)
MOST_TERMS = 450


def law_of(name: str, numbers: tuple) -> Distribution:
    if name == "shifted":
        return Poisson(*numbers) + 2
    if name == "sum":
        return sum_of([Poisson(numbers[0]), Geometric(numbers[1])])
    made = {"Poisson": Poisson, "NegativeBinomial": NegativeBinomial, "Geometric": Geometric}
    return made.get(name, Logarithmic)(*numbers)


@functools.cache
def count_weights(name: str, numbers: tuple) -> tuple:
    """P(N = n) for n = 0, 1, ..., from the formulas."""
    first, *more = map(mpmath.mpf, numbers)
    if name == "Poisson":
        return running(mpmath.exp(-first), lambda n: first / (n + 1))
    if name == "NegativeBinomial":
        return running(more[0] ** first, lambda n: (n + first) / (n + 1) * (1 - more[0]))
    if name == "Geometric":
        return (mpmath.mpf(0), *running(first, lambda _: 1 - first)[:-1])
    if name == "Logarithmic":
        return (mpmath.mpf(0), *running(-first / mpmath.log1p(-first), lambda n: first * (n + 1) / (n + 2))[:-1])
    poisson = count_weights("Poisson", numbers[:1])
    if name == "shifted":
        return (mpmath.mpf(0), mpmath.mpf(0), *poisson[:-2])
    geometric = count_weights("Geometric", numbers[1:])
    return tuple(mpmath.fdot(poisson[: n + 1], geometric[n::-1]) for n in range(MOST_TERMS))


def running(start, ratio) -> tuple:
    """A sequence from its first number and the ratios of neighbours."""
    found = [start]
    for n in range(MOST_TERMS - 1):
        found.append(found[-1] * ratio(n))
    return tuple(found)


def random_sum(rng):
    """Probabilities of N @ X, each within its error."""
    name, numbers = rng.choice(COUNTS)
    x, cells = operand(rng, 3, "whole"), 8
    step = [mpmath.mpf(0)] * cells
    for v, p in x.truth.items():
        if v < cells:
            step[v] = real(p)
    truth = [mpmath.mpf(0)] * cells
    for w in reversed(count_weights(name, numbers)):
        truth = [mpmath.fdot(step[: k + 1], truth[k::-1]) for k in range(cells)]
        truth[0] += w
    law = law_of(name, numbers) @ x.law
    if law.error == math.inf:
        return []  # so far from 1 is the total of X that powers of it promise nothing
    found = []
    for k in range(cells):
        value = law.pmf(k)
        if truth[k] > 1e-280:
            exact = size(truth[k])
            slack = (Fraction(law.error) + Fraction(1, 10**50) + 40 * x.off) * exact
            found.append((value, truth[k], slack + Fraction(law.missing if law.is_finite else 0)))
        elif not truth[k]:
            assert value == 0
    return found


def infinite_sum(rng):
    x, lam = operand(rng, 3, "whole"), rng.choice((0.5, 3.0))
    copies = rng.choice((1, 2))
    law = x.law + Poisson(lam) if copies == 1 else sum_of([x.law, Poisson(lam), x.law])
    truth, weights = oracle.power(x.truth, copies), count_weights("Poisson", (lam,))
    found = []
    for k in range(8):
        exact = mpmath.fsum(real(p) * weights[k - v] for v, p in truth.items() if v <= k)
        if exact > 1e-280:
            found.append((law.pmf(k), exact, Fraction(law.error) * size(exact)))
    return found


# Beliefs, walks -------------------------------------------------------------------------------------------------------


def beliefs(rng):
    """`posterior` of a mapping: within the errors of the laws, once for each observation, and some roundings."""
    _, laws, seen, _ = believed(rng)
    raw = [rng.random() + 1e-3 for _ in laws]
    before = {f"h{h}": v / sum(raw) for h, v in zip(laws, raw, strict=True)}
    after = {}
    for h, law in laws.items():
        after[h] = Fraction(before[f"h{h}"])
        for x in seen:
            after[h] *= law.truth[x]
    total = sum(after.values())
    found = posterior(before, {f"h{h}": law.law for h, law in laws.items()}, seen)
    e = (1 + max(Fraction(x.law.error) for x in laws.values())) ** len(seen) - 1
    e = grown(e + (4 + 3 * len(seen)) * U) if e < Fraction(1, 2) else Fraction(10**9)
    return [(found.get(f"h{h}", 0.0), p / total, e * p / total + SMALLEST) for h, p in after.items()]


def stays(rng):
    """Survival, and where: within the error that the position states."""
    walk, _, kept, parts = absorbed(rng)
    found = []
    stay = walk.stay(list(kept))
    for k, part in enumerate(parts):
        alive = sum(part.values(), start=Fraction(0))
        if not part:
            assert stay.survival[k] == 0
            continue
        e = Fraction(stay.error(k))
        found.append((stay.survival[k], alive, (e + 2 * U) * alive + SMALLEST * len(part)))
        at = rng.choice(list(part))
        found.append((stay.prob(k, at), part[at], e * part[at] + SMALLEST))
    return found


def first_passage(rng):
    walk, steps, kept, parts = absorbed(rng)
    here = next(iter(parts[0]))
    region = [v for v in everywhere(here, steps) if v not in kept]
    arrivals = []
    for part, step in zip(parts, steps, strict=False):
        moved = oracle.convolve(part, step) if part else {}
        arrivals.append(sum((p for v, p in moved.items() if v in region), start=Fraction(0)))
    if not any(arrivals):
        return []
    law = walk.first_passage(region)
    e = Fraction(law.error)
    found = [(law.pmf(k), p, e * p + SMALLEST) for k, p in enumerate(arrivals, start=1)]
    left = 1 - sum(arrivals)
    assert Fraction(law.missing) >= left * (1 - Fraction(1, 10**6)) - 4 * U
    return found


def everywhere(here, steps):
    reached = {here: Fraction(1)}
    found = {here}
    for step in steps:
        reached = oracle.convolve(reached, step)
        found |= set(reached)
    return found


def to_exact(rng):
    x = operand(rng)
    law = x.law.to_exact(normalize=True)
    total = sum(x.truth.values())
    e = grown(rel(x, 2))
    return [(law.pmf(v), p / total, e * p / total) for v, p in x.truth.items()]


#: Every operation: a seeded case gives values, exact values and bounds.
NUMBERS = {
    "pmf, to_dict": pmf,
    "logpmf": logpmf,
    "cdf, sf": cdf,
    "logcdf, logsf": logcdf,
    "cdf_bounds, sf_bounds, ppf_bounds": ends,
    "prob": prob,
    "prob_box": prob_box,
    "ppf, isf": quantiles,
    "mode": mode,
    "mean": mean,
    "var, std": var,
    "cov": cov,
    "moment": moments,
    "cumulant": cumulants,
    "skewness, kurtosis": shape,
    "entropy": entropy,
    "expect": expect,
    "pgf": pgf,
    "cf": cf,
    "stop_loss": stop_loss,
    "tail_mean": tail_mean,
    "total_variation, wasserstein": distances,
    "distances_to_uniform": to_uniform,
    "power_logsf, power_logcdf": power_tails,
    "N @ X, infinite": random_sum,
    "X + infinite": infinite_sum,
    "posterior, a mapping": beliefs,
    "Walk.stay, numbers": stays,
    "Walk.first_passage": first_passage,
    "to_exact": to_exact,
}
