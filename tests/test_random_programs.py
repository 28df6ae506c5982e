"""Random programs of three operations, infinite and finite laws together, against whole numbers over 2**BITS."""

import math
import pickle
import random
from dataclasses import dataclass
from fractions import Fraction

import flint
import pytest
from mpmath import mp, mpf

from distconv import (
    AccuracyError,
    Bernoulli,
    Binomial,
    Die,
    Distribution,
    Geometric,
    Logarithmic,
    NegativeBinomial,
    Poisson,
    Skellam,
    Uniform,
    maximum,
    minimum,
    mixture,
    order_statistic,
    posterior,
)

#: The oracle's weights are whole numbers of 2**-BITS.
BITS = 640
ONE = 1 << BITS
#: Infinite laws are cut where weights are below this.
CUT = ONE >> 560
#: What may lie beyond the cut, and in all that is rounded down, of one law.
BEYOND = CUT << 12
#: Answers are compared where the oracle is right to so much of them, and down to this.
CERTAIN = 10**14
LEAST = mpf(10) ** -60
#: Longest programs' laws, in cells, and sums over counts, in cells over all counts.
MOST_CELLS, MOST_WORK = 3000, 60_000
#: Seeds, and programs of each.
PROGRAMS = 6
#: What sums of weights may be off by beyond the error that the law states.
TOLERANCE = 1e-10


class TooLongError(Exception):
    """The oracle would take too long."""


@dataclass(frozen=True)
class Truth:
    """Weights by outcome, how far these may be off, and on which sides the outcomes have no end."""

    weights: dict
    off: int = BEYOND
    below: bool = False
    above: bool = False

    def __post_init__(self):
        for x in [x for x, w in self.weights.items() if w <= CUT >> 20]:
            del self.weights[x]
        if not 0 < len(self.weights) <= MOST_CELLS:
            raise TooLongError

    def image(self, f, below=False, above=False):
        result = {}
        for x, w in self.weights.items():
            result[f(x)] = result.get(f(x), 0) + w
        return Truth(result, self.off, below, above)

    def known(self, chance, below, above):
        """Weights times chances, over what they total."""
        found = {x: w * chance(x).numerator // chance(x).denominator for x, w in self.weights.items()}
        total = sum(found.values())
        if total < ONE >> 40:
            raise TooLongError
        off = 4 * self.off * ONE // total
        return Truth({x: w * ONE // total for x, w in found.items()}, off, below, above)


# Families -----------------------------------------------------------------------------------------------------------


def by_ratio(start, first, ratio):
    weights, weight, k = {}, int(first * ONE), start
    while weight > CUT:
        weights[k] = weight
        weight = weight * ratio(k).numerator // ratio(k).denominator
        k += 1
    return Truth(weights, above=True)


def value(x):
    return mpf(x.numerator) / x.denominator


def poisson(rate):
    with mp.workprec(BITS + 64):
        return by_ratio(0, mp.exp(-value(rate)), lambda k: rate / (k + 1))


def table(weights):
    return Truth({x: w.numerator * ONE // w.denominator for x, w in weights.items()})


def leaf(draw):
    kind = draw.choice(["die", "table", "uniform", "bernoulli", "binomial", *INFINITE, *INFINITE])
    p = draw.choice([Fraction(1, 2), Fraction(1, 3), Fraction(2, 3), 0.3, 0.6, 0.5])
    q = Fraction(p)
    if kind == "die":
        n = draw.randint(1, 6)
        return Die(n), table({k: Fraction(1, n) for k in range(1, n + 1)})
    if kind == "table":
        points = draw.sample([Fraction(-1), Fraction(1, 2), Fraction(0), Fraction(2), Fraction(7)], 2)
        return Distribution({points[0]: p, points[1]: 1 - p}), table({points[0]: q, points[1]: Fraction(1 - p)})
    if kind == "uniform":
        low = draw.randint(-3, 1)
        return Uniform(low, low + 4), table({low + k: Fraction(1, 5) for k in range(5)})
    if kind in ("bernoulli", "binomial"):
        n = 1 if kind == "bernoulli" else draw.randint(0, 6)
        law = Bernoulli(p) if kind == "bernoulli" else Binomial(n, p)
        return law, table({k: math.comb(n, k) * q**k * (1 - q) ** (n - k) for k in range(n + 1)})
    return INFINITE[kind](p, q, draw)


def geometric(p, q, _):
    return Geometric(p), by_ratio(1, value(q), lambda _: 1 - q)


def negative_binomial(p, q, draw):
    r = draw.choice([2, Fraction(1, 2), 2.5])
    with mp.workprec(BITS + 64):
        first = mp.exp(value(Fraction(r)) * mp.log(value(q)))
        return NegativeBinomial(r, p), by_ratio(0, first, lambda k: (Fraction(r) + k) / (k + 1) * (1 - q))


def logarithmic(p, q, _):
    with mp.workprec(BITS + 64):
        return Logarithmic(p), by_ratio(1, -value(q) / mp.log1p(-value(q)), lambda k: q * Fraction(k, k + 1))


def of_poisson(p, q, draw):
    rate = draw.choice([1, 3])
    return Poisson(rate * p), poisson(rate * q if isinstance(p, Fraction) else Fraction(rate * p))


def skellam(p, q, _):
    return Skellam(1, p), added(poisson(Fraction(1)), poisson(q).image(lambda x: -x, below=True))


INFINITE = {
    "geometric": geometric,
    "negative binomial": negative_binomial,
    "logarithmic": logarithmic,
    "poisson": of_poisson,
    "skellam": skellam,
}

# Operations ---------------------------------------------------------------------------------------------------------


def row_of(truth):
    """(lowest outcome, step, weights on that lattice)."""
    step = math.lcm(*(Fraction(x).denominator for x in truth.weights))
    low = Fraction(min(truth.weights))
    row = [0] * (int((max(truth.weights) - low) * step) + 1)
    if len(row) > 4 * MOST_CELLS:
        raise TooLongError
    for x, w in truth.weights.items():
        row[int((x - low) * step)] = w
    return low, step, row


def added(a, b):
    step = math.lcm(row_of(a)[1], row_of(b)[1])
    (low, _, row), (start, _, other) = (row_of(t.image(lambda x: x * step)) for t in (a, b))
    product = (flint.fmpz_poly(row) * flint.fmpz_poly(other)).coeffs()
    weights = {(low + start + k) / step: int(w) >> BITS for k, w in enumerate(product)}
    return Truth(weights, a.off + b.off + BEYOND, a.below or b.below, a.above or b.above)


def copies(n, truth):
    found = Truth({Fraction(0): ONE})
    for _ in range(n):
        found = added(found, truth)
    return found


def compound(count, term):
    power, result, work = Truth({Fraction(0): ONE}), {}, 0
    if any(n < 0 or Fraction(n).denominator > 1 for n in count.weights):
        raise TooLongError
    for n in range(int(max(count.weights)) + 1):
        for x, w in power.weights.items():
            result[x] = result.get(x, 0) + (w * count.weights.get(n, 0) >> BITS)
        work += len(power.weights) * (1 + len(term.weights) // 64)
        if work > MOST_WORK:
            raise TooLongError
        power = added(power, term)
    is_none = max(count.weights) == 0
    ends = [not is_none and (term.below or (min(term.weights) < 0 and count.above))]
    ends += [not is_none and (term.above or (max(term.weights) > 0 and count.above))]
    return Truth(result, 2 * BEYOND * int(max(count.weights) + 2) ** 2, *ends)


def mixed(parts):
    result = {}
    for truth, share in parts:
        for x, w in truth.weights.items():
            result[x] = result.get(x, 0) + w * share.numerator // share.denominator
    truths = [truth for truth, _ in parts]
    off = sum(t.off for t in truths)
    return Truth(result, off, any(t.below for t in truths), any(t.above for t in truths))


def largest(a, b):
    """P(max = x) = P(X = x) P(Y <= x) + P(X < x) P(Y = x)."""
    result, below = {}, [0, 0]
    for x in sorted({*a.weights, *b.weights}):
        p, q = a.weights.get(x, 0), b.weights.get(x, 0)
        result[x] = (p * (below[1] + q) + below[0] * q) >> BITS
        below = [below[0] + p, below[1] + q]
    return Truth(result, 2 * (a.off + b.off), a.below and b.below, a.above or b.above)


def mirrored(truth):
    return truth.image(lambda x: -x, truth.above, truth.below)


def likelihood(h):
    return Binomial(math.ceil(abs(h)) + 2, Fraction(1, 3))


def unary(operation, law, truth, draw):
    below, above = truth.below, truth.above
    if operation == "affine":
        scale, shift = draw.choice([2, -1, Fraction(-3, 2), Fraction(1, 2)]), draw.choice([0, 3, Fraction(-1, 2)])
        ends = (below, above) if scale > 0 else (above, below)
        return scale * law + shift, truth.image(lambda x: scale * x + shift, *ends)
    if operation == "copies":
        n = draw.randint(0, 4)
        return n @ law, copies(n, truth)
    if operation in ("truncate", "clip"):
        low, high = draw.choice([None, 0, 1, Fraction(3, 2)]), draw.choice([None, 2, 5, 9])
        ends = below and low is None, above and high is None
        if operation == "truncate":
            found = truth.known(lambda x: Fraction((low is None or x >= low) and (high is None or x <= high)), *ends)
            return law.truncate(low, high), found

        def clipped(x):
            x = x if low is None else max(x, low)
            return x if high is None else min(x, high)

        return law.clip(low, high), truth.image(clipped, *ends)
    if operation == "modulo":
        n = draw.choice([1, 2, 5, Fraction(3, 2)])
        return law % n, truth.image(lambda x: Fraction(x) % n)
    if operation == "posterior":
        seen = draw.choice([0, 1, 2])
        found = truth.known(lambda x: Fraction(likelihood(x).pmf(seen)), below, above)
        return posterior(law, likelihood, seen), found
    if operation == "smallest of two":
        return order_statistic(law, 2, 1), mirrored(largest(mirrored(truth), mirrored(truth)))
    raise AssertionError(operation)


def binary(operation, a, b, draw):
    (law, truth), (other, known) = a, b
    if operation == "sum":
        return law + other, added(truth, known)
    if operation == "difference":
        return law - other, added(truth, mirrored(known))
    if operation == "mixture":
        share = draw.choice([Fraction(1, 3), 0.25])
        parts = [(truth, Fraction(share)), (known, Fraction(1 - share))]
        return mixture([(law, share), (other, 1 - share)]), mixed(parts)
    if operation == "maximum":
        return maximum(law, other), largest(truth, known)
    if operation == "minimum":
        return minimum(law, other), mirrored(largest(mirrored(truth), mirrored(known)))
    if operation == "given sum":
        total = max(added(truth, known).weights.items(), key=lambda pair: pair[1])[0]
        ends = truth.below and known.above, truth.above and known.below
        found = truth.known(lambda x: Fraction(known.weights.get(total - x, 0), ONE), *ends)
        return law.given_sum(other, total), Truth(found.weights, found.off << 12, found.below, found.above)
    if operation == "compound":
        found = compound(known, truth)
        return other @ law, found
    raise AssertionError(operation)


UNARY = ["affine", "copies", "truncate", "clip", "modulo", "posterior", "smallest of two"]
BINARY = ["sum", "difference", "mixture", "maximum", "minimum", "given sum", "compound"]


def program(draw, depth):
    """(law, truth, how it was written): a random composition."""
    if depth == 0:
        law, truth = leaf(draw)
        return law, truth, repr(law.law)
    law, truth, text = program(draw, depth - 1)
    operation = draw.choice(UNARY + BINARY)
    if operation in UNARY:
        return *unary(operation, law, truth, draw), f"{operation} of ({text})"
    other, known, more = program(draw, draw.randint(0, depth - 1))
    return *binary(operation, (law, truth), (other, known), draw), f"{operation} of ({text}) and ({more})"


# Comparison ---------------------------------------------------------------------------------------------------------


def compare(law, truth, text):
    outcomes = sorted(truth.weights)
    assert law.is_finite == (not truth.below and not truth.above), text
    assert law.is_exact or 0 < law.error < 1e-6, text
    sums = [0]
    for x in outcomes:
        sums.append(sums[-1] + truth.weights[x])
    mode = max(range(len(outcomes)), key=lambda i: truth.weights[outcomes[i]])
    last = len(outcomes) - 1
    for i in sorted({0, min(1, last), mode, last // 3, 2 * last // 3, last}):
        x = outcomes[i]
        own = 2 * law.error + TOLERANCE
        check(law.pmf(x), law.logpmf(x), truth.weights[x], truth.off, law.error, f"pmf({x}) of {text}")
        check(law.cdf(x), law.logcdf(x), sums[i + 1], truth.off, own, f"cdf({x}) of {text}")
        rest = sum(truth.weights[y] for y in outcomes[i + 1 :])
        check(law.sf(x), law.logsf(x), rest, truth.off, own, f"sf({x}) of {text}")
    for level in (1e-9, 0.5, 0.999):
        reached = [x for x, total in zip(outcomes, sums[1:], strict=True) if total >= level * (1 - 1e-8) * ONE]
        surely = [x for x, total in zip(outcomes, sums[1:], strict=True) if total >= level * (1 + 1e-8) * ONE]
        if surely:
            assert reached[0] <= law.ppf(level) <= surely[0], f"ppf({level}) of {text}"
    mean = sum(value(Fraction(x)) * w for x, w in truth.weights.items()) / ONE
    spread = mp.sqrt(sum((value(Fraction(x)) - mean) ** 2 * w for x, w in truth.weights.items()) / ONE)
    assert abs(number(law.mean()) - mean) <= 1e-9 * (abs(mean) + spread), f"mean of {text}"
    assert abs(law.std() - spread) <= 1e-6 * (spread + 1e-6), f"sd of {text}"


def number(found):
    return value(found) if isinstance(found, Fraction) else mpf(found)


def check(found, log, weight, off, error, what):
    """Within the error, relatively, where the oracle can tell."""
    right = mpf(weight) / ONE
    if right < LEAST or off * CERTAIN > weight:
        return
    allowed = 0 if isinstance(found, Fraction) else error
    assert abs(number(found) - right) <= (allowed + 1e-13) * right, f"{what}: {found}, not {right}"
    near = mp.log(right)
    assert abs(log - near) <= error + 1e-13 * (1 + abs(near)), f"log{what}: {log}, not {near}"


@pytest.mark.parametrize("seed", range(PROGRAMS))
def test_random_programs_tell_the_truth(seed):
    draw = random.Random(f"programs {seed}")
    done = 0
    while done < PROGRAMS:
        state = draw.getstate()
        with mp.workprec(200):
            try:
                law, truth, text = program(draw, draw.randint(1, 3))
            except TooLongError:
                continue
            try:
                compare(law, truth, text)
            except AccuracyError as refusal:
                # Sums without an end on either side are refused where their weights are below 1e-290 or so.
                if "below 1e-290" not in str(refusal):
                    raise
        again = random.Random()
        again.setstate(state)
        twice = program(again, again.randint(1, 3))[0]
        assert law == twice, text
        assert hash(law) == hash(twice), text
        assert pickle.loads(pickle.dumps(law)) == law, text
        assert repr(law)
        done += 1
