"""The laws of the algebra, for all weights x dimensions x lattices: exact ones by ==, floating ones within their error.

A floating law is compared with exact arithmetic on the very doubles that it holds.
"""

import functools
import itertools
import math
import operator
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction

import numpy as np
import oracle
import pytest
from agreement import assert_close, assert_law, stored
from hypothesis import given
from hypothesis import strategies as st
from strategies import SHAPES, distribution, exactly, laws, part, several, weights_of

import distconv
from distconv import Die, Distribution, isclose, power, product, settings, sum_of, total_variation, wasserstein

F = Fraction

SCALES = st.sampled_from([2, -1, -3, Fraction(1, 3), Fraction(-7, 2), 10**12])


@given(laws())
def test_a_law_is_what_was_written(law):
    assert_law(distribution(law), exactly(law))


@given(several(2))
def test_a_sum_is_the_oracles(pair):
    f, g = map(exactly, pair)
    X, Y = map(distribution, pair)
    truth = oracle.convolve(f, g)
    assert_law(X + Y, truth)
    # Made of the truth itself, the law has the same box: the smallest, with the coarsest steps.
    assert (X + Y).shape == Distribution.from_counts(dict.fromkeys(truth, 1)).shape
    if X.is_exact and Y.is_exact:
        assert X + Y == Distribution(truth)
        assert hash(X + Y) == hash(Distribution(truth))


@given(several(2))
def test_addition_commutes(pair):
    X, Y = map(distribution, pair)
    if X.is_exact and Y.is_exact:
        assert X + Y == Y + X
        assert hash(X + Y) == hash(Y + X)
    else:
        truth = oracle.convolve(*map(exactly, pair))
        assert_law(X + Y, truth)
        assert_law(Y + X, truth)
        assert isclose(X + Y, Y + X, rtol=1e-9)


@given(several(3, most=4))
def test_addition_associates(three):
    X, Y, Z = map(distribution, three)
    left, right = (X + Y) + Z, X + (Y + Z)
    truth = functools.reduce(oracle.convolve, map(exactly, three))
    assert_law(left, truth)
    assert_law(right, truth)
    if left.is_exact and right.is_exact:
        assert left == right
        assert hash(left) == hash(right)


@given(laws())
def test_zero_is_the_identity(law):
    X = distribution(law)
    zero = 0 @ X
    assert zero == Distribution({(0,) * X.ndim: 1})
    for same in (X + zero, zero + X, X + 0, 0 + X, X - 0, 1 @ X, 1 * X, sum([X]), +X, X / 1):
        assert_law(same, exactly(law))
        assert list(same.support) == list(X.support)
        if X.is_exact:
            assert same == X


@part(0.5)
@given(laws(most=4), st.integers(0, 3), st.integers(0, 3))
def test_copies_add(law, m, n):
    X = distribution(law)
    together, apart = (m + n) @ X, m @ X + n @ X
    truth = oracle.power(exactly(law), m + n)
    assert_law(together, truth)
    assert_law(apart, truth)
    if X.is_exact:
        assert together == apart
        assert hash(together) == hash(apart)
    assert power(X, m + n) == together


@part(0.5)
@given(laws(most=3), st.integers(0, 3), st.integers(0, 2))
def test_copies_of_copies_multiply(law, m, n):
    X = distribution(law)
    truth = oracle.power(exactly(law), m * n)
    assert_law(m @ (n @ X), truth)
    assert_law((m * n) @ X, truth)
    if X.is_exact:
        assert m @ (n @ X) == (m * n) @ X


@given(several(2))
def test_a_reflected_sum_is_the_sum_of_reflections(pair):
    f, g = map(exactly, pair)
    X, Y = map(distribution, pair)
    truth = oracle.scale(oracle.convolve(f, g), -1)
    for found in (-(X + Y), -X - Y, -Y - X):
        assert_law(found, truth)
    assert_law(X - Y, oracle.convolve(f, oracle.scale(g, -1)))
    if X.is_exact and Y.is_exact:
        assert -(X + Y) == -X - Y
        assert X - Y == -(Y - X)
    reflected = -X
    assert -reflected == X


@given(several(2), SCALES)
def test_scaling_distributes(pair, c):
    f, g = map(exactly, pair)
    X, Y = map(distribution, pair)
    truth = oracle.scale(oracle.convolve(f, g), c)
    assert_law(c * (X + Y), truth)
    assert_law(c * X + c * Y, truth)
    assert_law(X * c, oracle.scale(f, c))
    assert (c * X) / c == X
    if X.is_exact and Y.is_exact:
        assert c * (X + Y) == c * X + c * Y


@given(laws())
def test_scaling_by_zero_is_the_point_zero(law):
    X = distribution(law)
    assert 0 * X == 0 @ X == Distribution({(0,) * X.ndim: 1})


@given(laws(ndim=1), st.sampled_from([3, -2, Fraction(1, 3), Fraction(-7, 10), 10**15]))
def test_every_constant_beside_every_operator(law, c):
    f, X = exactly(law), distribution(law)
    assert_law(X + c, oracle.shift(f, c))
    assert_law(c + X, oracle.shift(f, c))
    assert_law(X - c, oracle.shift(f, -c))
    assert_law(c - X, oracle.shift(oracle.scale(f, -1), c))
    assert_law(-X, oracle.scale(f, -1))
    assert (X + c) - c == X
    assert X + c == X + Distribution({c: 1})


@given(laws(ndim=2), st.sampled_from([(1, 2), (-3, Fraction(1, 2)), (10**15, 0)]))
def test_vectors_shift_vectors(law, by):
    f, X = exactly(law), distribution(law)
    assert_law(X + by, oracle.shift(f, by))
    assert_law(X - by, oracle.shift(f, oracle.times(-1, by)))
    assert_law(by - X, oracle.shift(oracle.scale(f, -1), by))
    assert (by + X) - by == X
    assert_law(X + np.array([1, 2]), oracle.shift(f, (1, 2)))


def test_a_difference_of_equal_laws_is_not_zero():
    assert_law(
        Die(6) - Die(6), oracle.push(oracle.product(exactly(Die(6).to_dict()), Die(6).to_dict()), lambda p: p[0] - p[1])
    )
    assert Die(6) + Die(6) != 2 * Die(6)
    assert Die(6) + Die(6) == 2 @ Die(6)


@given(several(2, ndim=1))
def test_means_variances_and_cumulants_add(pair):
    X, Y = map(distribution, pair)
    total = X + Y
    if total.is_exact:
        assert total.mean() == X.mean() + Y.mean()
        assert total.var() == X.var() + Y.var()
        for k in range(1, 7):
            assert total.cumulant(k) == X.cumulant(k) + Y.cumulant(k)
    else:
        rounding = 2.0**-51 * (abs(float(X.mean())) + abs(float(Y.mean())))
        assert_close(total.mean(), Fraction(X.mean()) + Fraction(Y.mean()), floor=rounding + 1e-9 * total.std())
        assert_close(total.var(), float(X.var()) + float(Y.var()), 1e-9)
        spread = total.std()
        for k in (3, 4):
            # Errors of floating cumulants are relative to the spread: cumulants themselves may cancel.
            assert_close(total.cumulant(k), float(X.cumulant(k)) + float(Y.cumulant(k)), 1e-8, 1e-8 * reach(total) ** k)
        assert_close(spread**2, total.var(), 1e-12)


def reach(X):
    return float(X.support[-1] - X.support[0])


@given(several(2, ndim=2, kind="exact"))
def test_covariances_add(pair):
    X, Y = map(distribution, pair)
    assert ((X + Y).cov() == X.cov() + Y.cov()).all()
    assert ((X + Y).mean() == X.mean() + Y.mean()).all()
    assert ((X + Y).var() == np.diag(X.cov() + Y.cov())).all()


@st.composite
def small_laws(draw, kind=None):
    """Laws of a few integers, of which every power is a number."""
    outcomes = draw(st.lists(st.integers(-4, 8), min_size=1, max_size=5, unique=True))
    weights = draw(st.lists(st.integers(1, 9), min_size=len(outcomes), max_size=len(outcomes)))
    exact = {x: Fraction(w, sum(weights)) for x, w in zip(outcomes, weights, strict=True)}
    return exact if kind == "exact" or draw(st.booleans()) else {x: float(w) for x, w in exact.items()}


@given(small_laws("exact"), small_laws("exact"), st.sampled_from([1, -1, 2, Fraction(1, 3), Fraction(-5, 2)]))
def test_generating_functions_multiply(f, g, z):
    X, Y = map(distribution, (f, g))
    assert (X + Y).pgf(z) == X.pgf(z) * Y.pgf(z)
    assert X.pgf(1) == 1
    assert X.pgf(z) == sum(p * Fraction(z) ** x for x, p in f.items())


@given(small_laws(), small_laws(), st.floats(-3, 3))
def test_characteristic_functions_multiply(f, g, t):
    X, Y = map(distribution, (f, g))
    assert abs((X + Y).cf(t) - X.cf(t) * Y.cf(t)) < 1e-12
    assert abs(X.cf(t) - sum(float(p) * np.exp(1j * t * x) for x, p in f.items())) < 1e-12


@part(0.5)
@given(several(2, ndim=3, most=4))
def test_the_marginal_of_a_sum_is_the_sum_of_marginals(pair):
    X, Y = map(distribution, pair)
    truth = oracle.convolve(*map(exactly, pair))
    assert_law((X + Y).marginal(1), oracle.push(truth, lambda x: x[1]))
    assert_law(X.marginal(1) + Y.marginal(1), oracle.push(truth, lambda x: x[1]))
    assert_law((X + Y).marginal(2, 0), oracle.push(truth, lambda x: (x[2], x[0])))
    assert (X + Y).marginal(0, 1, 2) == X + Y
    if X.is_exact and Y.is_exact:
        assert (X + Y).marginal(0, 2) == X.marginal(0, 2) + Y.marginal(0, 2)
        assert (X + Y).marginal(-1) == X.marginal(2) + Y.marginal(2)


MATRICES = st.sampled_from(
    [
        ((1, 1),),
        ((0, 0), (0, 0)),
        ((1, 2), (3, 4)),
        ((0, 1), (1, 0)),
        ((1, -1), (1, 1), (Fraction(1, 2), 3)),
        ((Fraction(1, 3), Fraction(-2, 7)),),
    ]
)


@given(several(2, ndim=2, most=4), MATRICES)
def test_the_image_of_a_sum_is_the_sum_of_images(pair, matrix):
    def image(x):
        rows = tuple(sum(m * v for m, v in zip(row, x, strict=True)) for row in matrix)
        return rows if len(rows) > 1 else rows[0]

    X, Y = map(distribution, pair)
    truth = oracle.push(oracle.convolve(*map(exactly, pair)), image)
    listed = [list(row) for row in matrix]
    assert_law(listed @ (X + Y), truth)
    assert_law(listed @ X + listed @ Y, truth)
    if X.is_exact and Y.is_exact:
        assert listed @ (X + Y) == listed @ X + listed @ Y


@given(several(2, ndim=1))
def test_a_joint_law_knows_its_parts(pair):
    X, Y = map(distribution, pair)
    joint = product(X, Y)
    assert_law(joint, oracle.product(*map(exactly, pair)))
    assert_law([[1, 1]] @ joint, oracle.convolve(*map(exactly, pair)))
    if X.is_exact and Y.is_exact:
        assert joint.marginal(0) == X
        assert joint.marginal(1) == Y
        assert [[1, 1]] @ joint == X + Y


def test_a_joint_law_of_many_is_all_their_products():
    laws = {1: F(1, 3), 2: F(2, 3)}, {(0, 1): F(1, 4), (5, 0): F(3, 4)}, {F(1, 2): F(2, 5), 3: F(3, 5)}
    found = distconv.joint(*map(Distribution, laws))
    entries = itertools.product(*(law.items() for law in laws))
    assert found.to_dict() == {(a, *b, c): p * q * r for (a, p), (b, q), (c, r) in entries}
    assert distconv.joint(Die(6)) == Die(6)
    with pytest.raises(distconv.DistconvValueError, match="at least one"):
        distconv.joint()
    with pytest.raises(distconv.DistconvTypeError, match="law 2"):
        distconv.joint(Die(6), 3)


@pytest.mark.parametrize("kind", ["exact", "float"])
@pytest.mark.parametrize("far", [10**18, 2**61, 2**62 - 1, 2**62, 2**63, 10**30])
def test_cells_past_64_bits(far, kind):
    """The cells of sparse sums are numbered beyond what int64 holds, also where the steps must be refined."""
    laws = [{-far: F(1, 4), 0: F(1, 2), far: F(1, 4)}, {0: F(1, 2), F(1, 2): F(1, 2)}, {0: F(1, 2), F(1, 3): F(1, 2)}]
    terms = [Distribution(f) if kind == "exact" else Distribution(f).to_float() for f in laws]
    truth = functools.reduce(oracle.convolve, laws)
    for order in itertools.permutations(terms):
        assert_law(functools.reduce(operator.add, order), truth)
    assert_law(sum_of(terms), truth)
    plane = product(terms[0], terms[1])
    assert_law(plane + plane, oracle.power(oracle.product(laws[0], laws[1]), 2))
    assert_law([[1, 1]] @ plane, oracle.convolve(laws[0], laws[1]))
    assert_law(-plane, oracle.scale(oracle.product(laws[0], laws[1]), -1))


@part(0.5)
@given(several(4, most=3))
def test_sum_of_is_the_sum_in_any_order(four):
    terms = [distribution(law) for law in four] + [distribution(four[0])]
    truth = functools.reduce(oracle.convolve, map(exactly, [*four, four[0]]))
    for found in (sum_of(terms), sum_of(terms[::-1]), sum(terms), functools.reduce(operator.add, terms)):
        assert_law(found, truth)
    if all(X.is_exact for X in terms):
        assert sum_of(terms) == sum_of(terms[::-1]) == sum(terms)


def test_sum_of_few_terms():
    assert sum_of([]) == Distribution({0: 1})
    assert sum_of([Die(6)]) == Die(6)
    assert sum_of([Die(6), 3]) == Die(6) + 3
    assert sum_of(X for X in [Die(6), Die(4)]) == Die(6) + Die(4)


@given(laws(), st.sampled_from([abs, lambda x: x % 3, lambda x: (x, -x), lambda x: 7, lambda x: x / 2]))
def test_images_are_the_oracles(law, function):
    def coordinatewise(x):
        return function(x[0] + x[-1] if isinstance(x, tuple) else x)

    def exact_image(x):
        return coordinatewise(oracle.times(Fraction(1), x))

    X = distribution(law)
    assert_law(X.map(exact_image), oracle.push(exactly(law), exact_image))


@given(laws(ndim=1))
def test_conditioning_is_the_oracles(law):
    f, X = exactly(law), distribution(law)
    middle = list(f)[len(f) // 2]
    assert_law(X.given(lambda x: x <= middle), oracle.given(f, lambda x: x <= middle))
    assert_law(X.given(lambda x: x == middle), {middle: Fraction(1)})


@given(laws(ndim=1), st.sampled_from([(None, 0), (0, None), (-1, Fraction(7, 2)), (0, 0), (None, None)]))
def test_clipping_is_the_oracles(law, ends):
    low, high = ends

    def clamp(x):
        x = x if low is None else max(x, low)
        return x if high is None else min(x, high)

    assert_law(distribution(law).clip(low, high), oracle.push(exactly(law), clamp))


@given(several(2, ndim=1))
def test_total_variation_is_the_oracles(pair):
    f, g = map(exactly, pair)
    X, Y = map(distribution, pair)
    truth = sum(abs(f.get(x, 0) - g.get(x, 0)) for x in f.keys() | g.keys()) / 2
    found = total_variation(X, Y)
    assert found == total_variation(Y, X)
    assert total_variation(X, X) == 0
    if X.is_exact and Y.is_exact:
        assert found == truth
    else:
        assert_close(found, truth, 1e-12, 1e-15)


@given(several(2, ndim=1))
def test_wasserstein_is_the_oracles(pair):
    f, g = map(exactly, pair)
    X, Y = map(distribution, pair)
    points = sorted(f.keys() | g.keys())
    truth, gap = Fraction(0), Fraction(0)
    for x, following in itertools.pairwise(points):
        gap += f.get(x, 0) - g.get(x, 0)
        truth += abs(gap) * (following - x)
    found = wasserstein(X, Y)
    assert wasserstein(X, X) == 0
    if X.is_exact and Y.is_exact:
        assert found == truth == wasserstein(Y, X)
    else:
        assert_close(found, truth, 1e-9, 1e-12 * float(points[-1] - points[0]))


@given(laws())
def test_exact_and_floating_forms_are_the_same_law(law):
    X = distribution(law)
    assert_law(X.to_float(), exactly(law))
    assert isclose(X, X.to_float(), rtol=1e-15)
    if X.is_exact:
        assert X.to_exact() is X or X.to_exact() == X
        assert X.to_float().kind == "float"


@given(laws(kind="exact"))
def test_equal_laws_from_any_order_of_the_same_pairs(law):
    pairs = list(law.items())
    assert Distribution(dict(pairs)) == Distribution(dict(pairs[::-1]))
    assert hash(Distribution(dict(pairs))) == hash(Distribution(dict(pairs[::-1])))
    halves = Distribution.from_arrays([x for x, _ in pairs] * 2, [p / 2 for _, p in pairs] * 2)
    assert halves == Distribution(law)


@pytest.mark.parametrize("shape", SHAPES, ids=lambda s: s.__name__)
def test_offsets_of_1e15_cost_nothing(shape):
    weights = weights_of(shape, 50)
    near = Distribution.from_array(weights)
    far = Distribution.from_array(weights, origin=10**15 + 1)
    assert (far + far) == (near + near) + 2 * (10**15 + 1)
    assert_close(far.var(), near.var(), 1e-14)
    assert stored(far + far) == {x + 2 * (10**15 + 1): p for x, p in stored(near + near).items()}
    assert math.isclose(far.std(), near.std(), rel_tol=1e-14)


def test_variances_of_far_spikes():
    """A spike of 1e-29 at a distance of 1e18 weighs as much as a coin: the variance is a sum of positive terms."""
    spiked = {-(10**18): 5.048709793414476e-29, 0: 2.524354896707238e-29, 10**18: 1.0}
    X, Y = Distribution(spiked), Distribution({0: 0.5, 1: 0.5})
    f = exactly(spiked)
    mean = oracle.expect(f, F) / sum(f.values())
    truth = oracle.expect(f, lambda x: (x - mean) ** 2) / sum(f.values())
    assert_close(X.var(), truth, 1e-12)
    assert_close((X + Y).var(), truth + F(1, 4), 1e-12)


def test_sum_of_on_an_executor_keeps_the_settings_and_the_answer():
    terms = [Die(n) for n in range(2, 12)]
    with ThreadPoolExecutor(2) as executor:
        assert sum_of(terms, executor=executor) == sum_of(terms)
        with settings(exact_limit=0):
            assert sum_of(terms, executor=executor).kind == "float"


def test_sum_of_shows_progress(capsys):
    sum_of([Die(n) for n in range(2, 8)], progress=True)
    assert "5/5" in capsys.readouterr().err
