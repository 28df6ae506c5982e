"""Hypothesis strategies: laws as dicts from outcomes to weights, of every shape that has ever broken a convolution."""

import itertools
import math
from fractions import Fraction

import hypothesis
import numpy as np
from hypothesis import strategies as st

from distconv import Distribution

#: Where lattices begin, and their steps.
ORIGINS = (0, 1, -3, Fraction(1, 2), Fraction(-7, 10), 10**15, -(10**15) - 1, 10**15 + Fraction(1, 3))
STEPS = (1, 2, Fraction(1, 2), Fraction(1, 3), Fraction(1, 10), 7, Fraction(5, 6))
#: Distances that ask for sparse supports, or for refined ones.
SCATTERED = ((0, 1, 10**9), (0, 10**9), (0, Fraction(1, 2), Fraction(2, 3)), (-(10**18), 0, 10**18), (0, 3, 4, 10))
#: The smallest double, a subnormal one, the smallest normal one, and friends.
EXTREME = (1.0, 0.5, 0.0, 1e-300, 2.0**-1022, 5e-324, 1e-17, 0.1)


def part(fraction):
    """Settings with that part of the profile's examples, for tests that take long."""
    return hypothesis.settings(max_examples=max(5, int(hypothesis.settings().max_examples * fraction)))


@st.composite
def axes(draw, most=6, origins=ORIGINS):
    """The ascending coordinates of one axis."""
    if draw(st.integers(0, 5)) == 5:
        return list(draw(st.sampled_from(SCATTERED)))
    origin, step = draw(st.sampled_from(origins)), draw(st.sampled_from(STEPS))
    # A dense run, a parity comb, or a run with gaps.
    indices = draw(
        st.one_of(
            st.integers(1, most).map(range),
            st.integers(1, most).map(lambda n: range(0, 2 * n, 2)),
            st.lists(st.integers(0, 3 * most), min_size=1, max_size=most, unique=True).map(sorted),
        )
    )
    return [origin + step * i for i in indices]


@st.composite
def supports(draw, ndim=1, most=6):
    """Distinct outcomes: scalars in 1-D, tuples in n-D."""
    if ndim == 1:
        return draw(axes(most))
    cells = list(itertools.product(*(draw(axes(3)) for _ in range(ndim))))
    chosen = draw(st.lists(st.sampled_from(cells), min_size=1, max_size=most, unique=True))
    return sorted(chosen)


@st.composite
def exact_weights(draw, count):
    """Fractions that total 1, some of them 0."""
    top = draw(st.sampled_from([1, 3, 20, 10**30]))
    values = draw(st.lists(st.integers(0, top), min_size=count, max_size=count).filter(any))
    return [Fraction(v, sum(values)) for v in values]


@st.composite
def float_weights(draw, count):
    """Doubles that total 1 up to rounding: flat, log-uniform over the whole range, spiked."""
    one = st.one_of(
        st.floats(0.25, 1.0),
        st.tuples(st.floats(0.5, 1.0), st.integers(-1040, 0)).map(lambda pair: math.ldexp(*pair)),
        st.sampled_from(EXTREME),
    )
    values = draw(st.lists(one, min_size=count, max_size=count).filter(lambda v: max(v) > 1e-10))
    total = math.fsum(values)
    return [v / total for v in values]


@st.composite
def laws(draw, ndim=None, kind=None, most=6):
    """A law as a dict from outcomes to Fractions (kind "exact") or doubles ("float"); of 1 to 3 dimensions."""
    dimension = draw(st.sampled_from([1, 1, 2, 3])) if ndim is None else ndim
    kinds = ["exact", "float"] if kind is None else [kind]
    outcomes = draw(supports(dimension, most))
    weights = exact_weights if draw(st.sampled_from(kinds)) == "exact" else float_weights
    return dict(zip(outcomes, draw(weights(len(outcomes))), strict=True))


@st.composite
def several(draw, count, kind=None, most=6, ndim=None):
    """Laws of one dimension."""
    dimension = draw(st.sampled_from([1, 1, 2, 3])) if ndim is None else ndim
    return [draw(laws(dimension, kind, most)) for _ in range(count)]


def exactly(law):
    """The oracle's law: every double is the dyadic number that it is; weights of 0 are no outcomes."""
    return {x: Fraction(p) for x, p in law.items() if p}


def distribution(law):
    return Distribution(law)


def distributions(ndim=None, kind=None, most=6):
    return laws(ndim, kind, most).map(Distribution)


# Long arrays of weights, made by numpy: every family is there because it breaks some bound. --------------------------


def flat(size, _rng):
    return np.full(size, 1 / size)


def noise(size, rng):
    return rng.random(size)


def binomial(size, _rng):
    n = size - 1
    logs = [math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1) for k in range(size)]
    return np.exp(np.array(logs) - max(logs))


def geometric(size, _rng):
    return 0.5 ** np.minimum(np.arange(size), 1000.0)


def steep(size, _rng):
    """From 1 to 1e-300, whatever the size."""
    return 10.0 ** np.linspace(0, -300, size)


def rising(size, rng):
    return steep(size, rng)[::-1].copy()


def two_modes(size, rng):
    """Two far modes, and next to nothing between them."""
    x = np.arange(size)
    return np.exp(-np.minimum(x, 600.0)) + 0.3 * np.exp(-np.minimum(size - 1.0 - x, 600.0)) + 1e-290


def comb(size, rng):
    """Every fifth cell, and one that spoils the step."""
    weights = np.where(np.arange(size) % 5 == 0, rng.random(size) + 0.1, 0.0)
    weights[min(1, size - 1)] = 1.0
    return weights


def spikes(size, rng):
    return np.where(rng.random(size) < 0.03, 1.0, 1e-300) + np.eye(1, size)[0]


def heavy_tail(size, _rng):
    return 1.0 / (1.0 + np.arange(size)) ** 2


def log_uniform(size, rng):
    return 10.0 ** rng.uniform(-300, 0, size)


def wide_noise(size, rng):
    """Log-uniform noise, with weights that are subnormal doubles."""
    return np.maximum(np.ldexp(0.5 + rng.random(size) / 2, rng.integers(-1070, 0, size)), 5e-324)


def holes(size, rng):
    """Zeros inside."""
    weights = rng.random(size) ** 20
    weights[rng.random(size) < 0.5] = 0.0
    weights[0] = weights[-1] = 0.5
    return weights


def one_point(size, _rng):
    return np.eye(1, size, size // 2)[0]


SHAPES = (
    flat,
    noise,
    binomial,
    geometric,
    steep,
    rising,
    two_modes,
    comb,
    spikes,
    heavy_tail,
    log_uniform,
    wide_noise,
    holes,
    one_point,
)


def weights_of(shape, size, seed=0):
    """A shape's doubles, divided by their total."""
    values = shape(size, np.random.default_rng(seed))
    return values / math.fsum(values)


@st.composite
def arrays(draw, shapes=SHAPES, most=200):
    """A long array of doubles that total 1 up to rounding."""
    return weights_of(draw(st.sampled_from(shapes)), draw(st.integers(1, most)), draw(st.integers(0, 2**16)))
