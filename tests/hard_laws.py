"""Laws built to break an FFT's certificate, as Hypothesis strategies: every family in doubles, and far below them."""

import math

import hypothesis
import numpy as np
from hypothesis import strategies as st

from distconv import Distribution

#: Below this, in bits, a weight beside 1 is no normal double.
DOUBLE_BITS = 1020
#: The steepest families go about so far down: making laws of longer integers takes longer than summing them.
MOST_BITS = 15_000


def at_least(count):
    """Settings with the profile's examples, or with more where it has so few: these are quick."""
    return hypothesis.settings(max_examples=max(count, hypothesis.settings().max_examples))


# The families: logs to base 2 of n weights; -inf is a zero ------------------------------------------------------------


def flat(n, _rng):
    return np.zeros(n)


def noise(n, rng):
    return np.log2(rng.random(n) + 1e-3)


def binomial(n, rng):
    p = rng.uniform(0.01, 0.99)
    logs = [math.lgamma(n) - math.lgamma(k + 1) - math.lgamma(n - k) for k in range(n)]
    return (np.array(logs) + np.arange(n) * math.log(p / (1 - p))) / math.log(2)


def geometric(n, rng):
    """Falling or rising, gently or steeply."""
    return np.arange(n) * rng.choice([-1, 1]) * 2.0 ** rng.uniform(-8, 5)


def far_modes(n, rng):
    """Two bells with a valley between them, so deep that no one tilt sees both sides."""
    k, width = np.arange(n), max(rng.uniform(0.3, 40), n**2 / MOST_BITS)
    low, high = rng.uniform(0, 0.2) * n, rng.uniform(0.8, 1) * n
    return np.logaddexp2(-((k - low) ** 2) / width, -((k - high) ** 2) / width - rng.uniform(0, 300))


def comb(n, rng):
    """Every second or fifth cell, and sometimes one that spoils the step."""
    logs = np.where(np.arange(n) % rng.choice([2, 3, 5]) == 0, noise(n, rng), -np.inf)
    if rng.random() < 0.5:
        logs[rng.integers(n)] = -rng.uniform(0, 900)
    return logs


def spikes(n, rng):
    """1e-300 beside 1."""
    logs = np.full(n, -300 * math.log2(10))
    logs[rng.integers(0, n, 1 + n // 40)] = 0.0
    return logs


def heavy_tail(n, rng):
    return -rng.uniform(1, 4) * np.log2(1.0 + np.arange(n))[:: rng.choice([-1, 1])]


def log_uniform(n, rng):
    """600 decades between two cells, of a product of two."""
    return rng.uniform(-700, 0, n) / math.log(2)


def holes(n, rng):
    """True zeros at random, also at both ends."""
    return np.where(rng.random(n) < rng.uniform(0.05, 0.95), -np.inf, log_uniform(n, rng) * rng.choice([0.001, 0.3, 1]))


def one_point(n, rng):
    return np.where(np.arange(n) == rng.integers(n), 0.0, -np.inf)


def steep(n, rng):
    """2**(-k*k), from one side or the other."""
    k = np.arange(n) - rng.choice([0, n - 1, n // 3])
    return -(k.astype(float) ** 2) * min(rng.choice([1.0, 0.1]), MOST_BITS / n**2)


def staircase(n, rng):
    """Level for a while, then hundreds of bits down: the hull sees only the corners."""
    return -np.floor(np.arange(n) / rng.integers(1, 30)) * rng.uniform(1, 200)


def cliff(n, rng):
    """Flat on both sides of one step, 100 to 1000 bits high: the low side is reached from one end of the tilts."""
    return np.where(np.arange(n) < rng.integers(n + 1), 0.0, -rng.uniform(100, 1000)) + rng.uniform(-1, 0, n)


def alternating(n, rng):
    """Large and small by turns: odd sums are small between large ones, and no tilt lifts them."""
    return np.where(np.arange(n) % 2 == 0, 0.0, -rng.uniform(20, 900)) + rng.uniform(-1, 0, n)


FAMILIES = (
    flat,
    noise,
    binomial,
    geometric,
    far_modes,
    comb,
    spikes,
    heavy_tail,
    log_uniform,
    holes,
    one_point,
    steep,
    staircase,
    cliff,
    alternating,
)


# Laws -----------------------------------------------------------------------------------------------------------------


def law_of(logs):
    """The floating law with weights in proportion to 2**logs, rounded; by integers where doubles do not reach."""
    logs = logs - logs.max()
    lowest = logs[np.isfinite(logs)].min()
    if lowest > -DOUBLE_BITS:
        return Distribution.from_array(np.exp2(logs), normalize=True)
    scale = math.ceil(-lowest) + 1
    counts = {}
    for k, log in enumerate(logs.tolist()):
        if log > -math.inf:
            floor = math.floor(log)
            counts[k] = int(2.0 ** (log - floor) * 2**53) << (floor + scale)
    return Distribution.from_counts(counts).to_float()


def family_law(family, n, seed):
    logs = family(n, np.random.default_rng([FAMILIES.index(family), n, seed]))
    if not np.isfinite(logs).any():
        logs[n // 2] = 0.0
    return law_of(logs)


@st.composite
def hard_laws(draw, most=300, rarely=0, families=FAMILIES):
    """One of the families: small ones more often than not, up to `most` points, and one in 64 up to `rarely`."""
    kind = draw(st.integers(0, 63))
    limit = rarely if rarely and kind == 63 else most if kind % 3 == 0 else min(most, 24)
    n = draw(st.integers(1, limit))
    return family_law(draw(st.sampled_from(families)), n, draw(st.integers(0, 2**32)))


@st.composite
def hard_terms(draw, most_terms=30, most=16):
    """Different small laws on one lattice, and a few equal ones."""
    terms = draw(st.lists(hard_laws(most), min_size=3, max_size=most_terms))
    return terms + [terms[0]] * draw(st.integers(0, 2))


@st.composite
def success_probabilities(draw, most=60):
    """Of independent trials: ordinary, next to 0, next to 1, 0 and 1."""
    one = st.one_of(
        st.floats(0.0, 1.0),
        st.sampled_from([1e-300, 1 - 1e-16, 0.0, 1.0, 0.5, 5e-324, 2.0**-1022, 1 - 2.0**-53, 1e-17]),
        st.integers(-1074, 0).map(lambda e: math.ldexp(1.0, e)),
    )
    return draw(st.lists(one, min_size=1, max_size=most))
