"""Other operations than addition: against all pairs of a dict of Fractions, fast ways against definitions."""

import itertools
import math
from fractions import Fraction

import hypothesis
import numpy as np
import oracle
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import distribution, exactly, laws, part, several

from distconv import (
    Bernoulli,
    Die,
    DimensionError,
    DistconvTypeError,
    DistconvValueError,
    Distribution,
    Poisson,
    SizeLimitError,
    Uniform,
    convolve,
    distances_to_uniform,
    highest,
    lowest,
    maximum,
    minimum,
    monoids,
    order_statistic,
    power,
)
from distconv.monoids import Monoid, modulo, multiply, symmetric, xor

d6 = Die(6)


def each(op):
    return lambda x, y: tuple(map(op, x, y)) if isinstance(x, tuple) else op(x, y)


def pairs(f, g, op):
    """The law of x o y."""
    return oracle.push(oracle.product(f, g), lambda pair: op(*pair))


def assert_is(found, truth):
    """The law found is the oracle's: exactly, or within its stated error."""
    truth = {x: p for x, p in truth.items() if p}
    assert list(found.support) == sorted(truth)
    bound = Fraction(found.error)
    for x, p in truth.items():
        stored = found.law.measure.weights
        value = found.pmf(x) if stored.is_exact else None
        if value is not None:
            assert value == p
            continue
        index = list(found.support).index(x)
        got = stored.take(np.flatnonzero(stored.significands)).exact_at(index)
        assert abs(got - p) <= bound * p, (x, float(got / p - 1), found.error)


MODULI = st.sampled_from([1, 2, 7, 10, Fraction(1, 3), Fraction(5, 2), 10**9 + 7, 10**19])


@given(several(2), MODULI)
def test_addition_modulo(pair, m):
    f, g = map(exactly, pair)
    residue = each(lambda p, q: (p + q) % m)
    found = convolve(*map(distribution, pair), monoid=modulo(m))
    assert_is(found, pairs(f, g, residue))


@given(laws(), MODULI)
def test_a_remainder(law, m):
    f = exactly(law)
    assert_is(distribution(law) % m, oracle.push(f, lambda x: each(lambda p, _: p % m)(x, x)))


def test_remainders_of_what_is_infinite_or_of_each_coordinate():
    assert (Poisson(3) % 2).pmf(0) == pytest.approx((1 + math.exp(-6)) / 2, rel=1e-15)
    pair = Distribution({(1, 5): "1/2", (4, 9): "1/2"})
    assert (pair % (3, 4)).to_dict() == {(1, 1): 1}
    with pytest.raises(DimensionError, match="2 coordinates"):
        pair % (1, 2, 3)
    with pytest.raises(DistconvValueError, match="> 0"):
        d6 % 0
    with pytest.raises(DistconvTypeError):
        d6 % d6


@given(several(2))
def test_the_larger_and_the_smaller(pair):
    f, g = map(exactly, pair)
    X, Y = map(distribution, pair)
    assert_is(maximum(X, Y), pairs(f, g, each(max)))
    assert_is(minimum(X, Y), pairs(f, g, each(min)))


@part(0.3)
@given(laws(ndim=1, most=4), st.integers(1, 5))
def test_powers_are_repeated_operations(law, n):
    f, X = exactly(law), distribution(law)
    for monoid, op in ((monoids.maximum, max), (monoids.minimum, min), (modulo(3), lambda p, q: (p + q) % 3)):
        truth = oracle.push(f, lambda x, op=op: op(x, x) if op is max or op is min else x % 3)
        for _ in range(n - 1):
            truth = pairs(truth, f, op)
        assert_is(power(X, n, monoid=monoid), truth)


@part(0.3)
@given(st.integers(1, 40), st.integers(1, 40), st.integers(0, 2**32 - 1), st.booleans())
def test_exclusive_or(low, size, seed, floating):
    rng = np.random.default_rng(seed)
    f = {int(k): int(v) for k, v in zip(rng.integers(0, 200, size), rng.integers(1, 99, size), strict=True)}
    g = {int(k): int(v) for k, v in zip(rng.integers(0, 200, low), rng.integers(1, 99, low), strict=True)}
    X, Y = Distribution.from_counts(f), Distribution.from_counts(g)
    f, g = dict(X.to_dict()), dict(Y.to_dict())
    if floating:
        X, Y = X.to_float(), Y.to_float()
        f, g = ({x: Fraction(p) for x, p in law.to_dict().items()} for law in (X, Y))
    assert_is(convolve(X, Y, monoid=xor), pairs(f, g, lambda p, q: p ^ q))


def test_exclusive_or_of_many_points_is_exact():
    rng = np.random.default_rng(1)
    counts = rng.integers(0, 1000, 2**11)
    X = Distribution.from_counts(dict(enumerate(counts.tolist())))
    found = convolve(X, X, monoid=xor)
    total = int(counts.sum()) ** 2
    for k in (0, 1, 777, 2047):
        assert found.pmf(k) == Fraction(int(counts @ counts[np.arange(2**11) ^ k]), total)
    assert found.how().method == "walsh"
    floating = convolve(X.to_float(), X.to_float(), monoid=xor)
    assert floating.pmf(777) == pytest.approx(float(found.pmf(777)), rel=1e-15)
    grid = Distribution.from_array(np.full((64, 64), 1 / 4096))
    assert convolve(grid, grid, monoid=xor).pmf((5, 9)) == pytest.approx(1 / 4096, rel=1e-15)


@pytest.mark.parametrize("outcomes", [[-1, 2], [Fraction(1, 2), 1]])
def test_exclusive_or_refuses_other_numbers(outcomes):
    X = Distribution.from_counts(dict.fromkeys(outcomes, 1))
    with pytest.raises(DistconvValueError, match="integers >= 0"):
        convolve(X, X, monoid=xor)


def test_products():
    assert convolve(d6, d6, monoid=multiply).pmf(12) == Fraction(4, 36)
    half = Distribution({"1/2": "1/2", 3: "1/2"})
    assert power(half, 3, monoid=multiply).pmf(Fraction(3, 4)) == Fraction(3, 8)
    with pytest.raises(DistconvValueError, match="positive outcomes, got 0"):
        convolve(d6 - 1, d6, monoid=multiply)


def test_a_users_own_operation():
    gcd = Monoid(math.gcd, 0, name="gcd")
    assert_is(convolve(d6, d6, monoid=gcd), pairs(dict(d6.to_dict()), dict(d6.to_dict()), math.gcd))
    assert power(d6, 0, monoid=gcd).to_dict() == {0: 1}
    assert repr(gcd) == "Monoid(gcd)"
    with pytest.raises(DistconvTypeError, match="function"):
        Monoid(3)
    with pytest.raises(DistconvTypeError, match="Monoid"):
        convolve(d6, d6, monoid="max")
    with pytest.raises(DistconvValueError, match="method"):
        convolve(d6, d6, monoid=gcd, method="fft")
    with pytest.raises(DimensionError):
        convolve(d6, d6, monoid=Monoid(lambda a, b: (a, b) if a > b else a))
    with pytest.raises(DimensionError):
        convolve(d6, Distribution({(0, 0): 1}), monoid=gcd)
    many = Uniform(0, 10**4)
    with pytest.raises(SizeLimitError, match="pairs"):
        convolve(many, many, monoid=gcd)


def test_letters_follow_other_operations():
    import sympy

    p = sympy.symbols("p")
    X = maximum(Bernoulli(p), Bernoulli(p))
    assert sympy.expand(X.pmf(1) - (2 * p - p**2)) == 0
    assert sympy.expand(convolve(Bernoulli(p), Bernoulli(p), monoid=xor).pmf(1) - 2 * p * (1 - p)) == 0
    assert sympy.expand((3 @ Bernoulli(p) % 2).pmf(1) - (3 * p * (1 - p) ** 2 + p**3)) == 0


def test_what_has_no_identity_has_no_zeroth_power():
    with pytest.raises(DistconvValueError, match="no identity"):
        power(d6, 0, monoid=monoids.maximum)
    assert power(d6, 0, monoid=modulo(5)).to_dict() == {0: 1}


# Groups ---------------------------------------------------------------------------------------------------------------


def test_cayley_tables():
    klein = Monoid.from_table([[i ^ j for j in range(4)] for i in range(4)])
    X = Distribution.from_counts({0: 1, 1: 2, 3: 3})
    assert convolve(X, X, monoid=klein) == convolve(X, X, monoid=xor)
    assert klein.elements == (0, 1, 2, 3)
    assert klein.commutative
    for table, words in [
        ([[0, 1], [1]], "square"),
        ([[0, 1, 1]], "square"),
        ([[0, 2], [1, 0]], "integers from 0 to 1"),
        ([[1, 1], [0, 0]], "identity"),
        ([[0, 1, 2], [1, 0, 1], [2, 2, 0]], "not associative: "),
    ]:
        with pytest.raises(DistconvValueError, match=words):
            Monoid.from_table(table)
    with pytest.raises(DistconvValueError, match="no element"):
        convolve(d6, d6, monoid=klein)


def test_shuffles_by_permutations():
    group = symmetric(4)
    swap = Distribution.from_counts({(1, 0, 2, 3): 1, (0, 2, 1, 3): 1, (0, 1, 3, 2): 1, (0, 1, 2, 3): 1})
    truth = {(0, 1, 2, 3): Fraction(1)}
    for _ in range(5):
        truth = pairs(truth, dict(swap.to_dict()), group.op)
    assert power(swap, 5, monoid=group).to_dict() == truth
    distances = distances_to_uniform(swap, 12, monoid=group)
    assert distances[0] == Fraction(23, 24)
    assert all(a >= b for a, b in itertools.pairwise(distances))
    assert distances[5] == sum(abs(truth.get(x, 0) - Fraction(1, 24)) for x in group.elements) / 2
    with pytest.raises(DistconvValueError, match="permutation"):
        convolve(swap, Distribution({(0, 0, 0, 0): 1}), monoid=group)
    with pytest.raises(DistconvValueError, match="listed"):
        symmetric(8)


def test_distances_are_refused_without_a_group():
    with pytest.raises(DistconvValueError, match="elements"):
        distances_to_uniform(d6, 3, monoid=xor)
    with pytest.raises(DistconvValueError, match="no element"):
        distances_to_uniform(d6 / 2, 3, monoid=modulo(7))
    assert distances_to_uniform(d6, 2, monoid=modulo(6))[1:] == [0, 0]


def test_a_million_dice_modulo_seven_are_exact():
    law = power(d6 % 7, 10**6, monoid=modulo(7))
    assert law.is_exact
    # The residues 1, ..., 6 are all but 0: n-fold, P(0) = (1 + 6 (-1/6)**n) / 7.
    assert law.pmf(0) == (1 + 6 * Fraction(1, 6**10**6)) / 7


# Ranks ----------------------------------------------------------------------------------------------------------------


def draws(f, n, function):
    """The law of a function of the sorted draws, by enumeration."""
    result = {}
    for outcome in itertools.product(f.items(), repeat=n):
        value = function(sorted(x for x, _ in outcome))
        result[value] = result.get(value, Fraction(0)) + math.prod((p for _, p in outcome), start=Fraction(1))
    return result


@part(0.5)
@given(laws(ndim=1, most=4), st.data())
def test_ranks_by_enumeration(law, data):
    f, X = exactly(law), distribution(law)
    n = data.draw(st.integers(1, 5))
    k = data.draw(st.integers(1, n))
    total = sum(f.values())
    hypothesis.assume(len(f) ** n <= 1500)
    f = {x: p / total for x, p in f.items()}
    for found, function in (
        (order_statistic(X, n, k), lambda s: s[k - 1]),
        (highest(X, n, k), lambda s: sum(s[n - k :])),
        (lowest(X, n, k), lambda s: sum(s[:k])),
    ):
        truth = {x: p for x, p in draws(f, n, function).items() if p}
        assert list(found.support) == sorted(truth)
        for x, p in truth.items():
            if found.is_exact:
                assert found.pmf(x) == p
            elif p > 1e-290:
                assert abs(Fraction(found.pmf(x)) - p) <= (Fraction(found.error) + Fraction(1e-15) * n) * p


def test_ranks_of_many():
    assert highest(d6, 4, 3).pmf(18) == Fraction(21, 1296)
    assert float(highest(d6, 4, 3).mean()) == pytest.approx(12.2446, abs=1e-4)
    best = highest(Die(20), 100, 10)
    assert best.is_exact
    assert best.pmf(200) == 1 - sum(
        math.comb(100, i) * Fraction(1, 20) ** i * Fraction(19, 20) ** (100 - i) for i in range(10)
    )
    median = order_statistic(Die(6), 101, 51)
    assert median.pmf(3) == median.pmf(4)
    assert order_statistic(d6.to_float(), 1000, 1).logpmf(6) == pytest.approx(-1000 * math.log(6), rel=1e-12)
    assert highest(d6, 3, 3) == 3 @ d6
    assert highest(d6, 3, 0) == 0 @ d6
    assert highest(Poisson(3), 4, 3).missing > 0
    for call in (lambda: highest(d6, 3, 4), lambda: order_statistic(d6, 3, 0), lambda: order_statistic(d6, 3, 4)):
        with pytest.raises(DistconvValueError):
            call()
    with pytest.raises(DimensionError, match="marginal"):
        highest(Distribution({(0, 0): 1}), 2, 1)
    with pytest.raises(DistconvTypeError):
        maximum(d6, 3)
    with pytest.raises(DistconvValueError):
        minimum()
    with pytest.raises(DistconvTypeError):
        lowest(3, 2, 1)
