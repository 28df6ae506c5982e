"""The stated bounds against the truth: never exceeded, and not so generous that they say nothing."""

import math
from fractions import Fraction

import flint
import numpy as np
import oracle
import pytest
from agreement import assert_law, stored, worst_error
from hypothesis import given
from hypothesis import strategies as st
from strategies import SHAPES, arrays, part, weights_of

from distconv import Distribution, bounds, convolve, settings
from distconv.methods import direct, fft, tilted
from distconv.methods.operands import Operand
from distconv.support.boxes import Box, Region
from distconv.support.lattice import sum_shape

#: A bound that is further above the truth than this says nothing.
VACUOUS = Fraction(1, 10**6)


def integers(array):
    """Doubles as integers over one power of two: (integers, exponent)."""
    ratios = [float(v).as_integer_ratio() for v in array]
    bits = max(d.bit_length() for _, d in ratios) - 1
    return [n * ((1 << bits) // d) for n, d in ratios], -bits


def exact_convolution(a, b):
    """The exact convolution of arrays of doubles: one product of integer polynomials by FLINT."""
    (x, e), (y, f) = integers(a), integers(b)
    values = [int(c) for c in (flint.fmpz_poly(x) * flint.fmpz_poly(y)).coeffs()]
    values += [0] * (len(a) + len(b) - 1 - len(values))
    return [Fraction(v, 1 << -(e + f)) for v in values]


def truth_of(values):
    return {k: v for k, v in enumerate(values) if v}


def test_exact_convolution_is_the_oracles():
    a, b = weights_of(SHAPES[1], 9), weights_of(SHAPES[10], 7)
    by_definition = oracle.convolve(
        dict(enumerate(map(Fraction, a.tolist()))), dict(enumerate(map(Fraction, b.tolist())))
    )
    assert truth_of(exact_convolution(a, b)) == by_definition


# bounds ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("terms", [1, 2, 3, 10, 100, 1000, 20_000])
def test_summation_bounds_any_order_of_additions(terms):
    rng = np.random.default_rng(terms)
    x, y = rng.random(terms), rng.random(terms)
    truth = sum(Fraction(a) * Fraction(b) for a, b in zip(x.tolist(), y.tolist(), strict=True))
    bound = Fraction(bounds.summation(terms))
    forwards = 0.0
    for p in (x * y).tolist():
        forwards += p
    found = [forwards, float(np.dot(x, y)), float((x * y).sum()), float(np.sort(x * y)[::-1].cumsum()[-1])]
    errors = [abs(Fraction(v) - truth) / truth for v in found]
    assert max(errors) <= bound
    assert max(errors) >= VACUOUS * bound


def test_the_worst_case_of_a_summation_is_within_its_bound():
    """One large term, and small ones that every addition rounds away."""
    terms = 1000
    small = 2.0**-53 * (1 - 2.0**-10)
    total = 1.0
    for _ in range(terms - 1):
        total += small
    truth = 1 + (terms - 1) * Fraction(small)
    error = abs(Fraction(total) - truth) / truth
    assert error <= Fraction(bounds.summation(terms))
    assert error >= Fraction(bounds.summation(terms)) * Fraction(1, 4)


def test_summation_gives_up_where_the_bound_means_nothing():
    assert bounds.summation(2**53) == math.inf


@given(st.lists(st.floats(0, 1e-3), max_size=6))
def test_compose_is_an_upper_bound(errors):
    truth = math.prod((1 + Fraction(e) for e in errors), start=Fraction(1)) - 1
    found = Fraction(bounds.compose(*errors))
    assert truth <= found
    assert found <= truth * (1 + Fraction(1, 10**9)) + Fraction(2) ** -1070


@given(st.fractions(0, 10**20))
def test_upper_float_is_not_below(value):
    assert Fraction(bounds.upper_float(value)) >= value
    assert math.nextafter(bounds.upper_float(value), -math.inf) <= value


def fft_error(a, b):
    """(the largest absolute error of the bare FFT method, its bound), both in the method's own scale."""
    region = Region.of(a.shape, b.shape, Box.whole(sum_shape(a.shape, b.shape)))
    piece = fft.convolve(Operand(a, None, bool(a.all())), Operand(b, None, bool(b.all())), region)
    assert piece.relative == 0.0
    truth = exact_convolution(a.ravel(), b.ravel()) if a.ndim == 1 else plane_truth(a, b)
    scale = Fraction(2) ** piece.shift
    return max(
        abs(Fraction(v) * scale - t) for v, t in zip(piece.values.ravel().tolist(), truth, strict=True)
    ), Fraction(piece.absolute) * scale


def plane_truth(a, b):
    """A 2-D exact convolution, rows padded to the width of the result."""
    width = a.shape[1] + b.shape[1] - 1
    x, y = (np.pad(v, ((0, 0), (0, width - v.shape[1]))).ravel() for v in (a, b))
    cells = (a.shape[0] + b.shape[0] - 1) * width
    return exact_convolution(x, y)[:cells]


#: Lengths of transforms: powers of 2, 3, 5, mixed, and primes that are padded.
SIZES = [1, 2, 3, 5, 17, 64, 121, 243, 500, 1024, 2187, 3001]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("shape", [SHAPES[i] for i in (0, 1, 2, 4, 7, 8, 10)], ids=lambda s: s.__name__)
def test_the_fft_bound_holds_for_every_entry(shape, size):
    error, bound = fft_error(weights_of(shape, size), weights_of(shape, max(1, size - 3), 1))
    assert error <= bound
    if size >= 64 and shape.__name__ in ("flat", "noise", "binomial"):
        assert error >= VACUOUS * bound


@pytest.mark.parametrize("shapes", [((30, 40), (25, 9)), ((1, 100), (100, 1)), ((64, 64), (2, 2))], ids=str)
def test_the_fft_bound_holds_in_the_plane(shapes):
    rng = np.random.default_rng(1)
    error, bound = fft_error(rng.random(shapes[0]), rng.random(shapes[1]))
    assert VACUOUS * bound <= error <= bound


@part(0.5)
@given(arrays(most=400), arrays(most=400))
def test_the_fft_bound_holds_for_any_pair(a, b):
    error, bound = fft_error(a, b)
    assert error <= bound


@part(0.5)
@given(arrays(most=300), arrays(most=300), st.data())
def test_the_fft_bound_holds_in_any_box(a, b, data):
    """Boxes use parts of the operands and let entries outside wrap around."""
    cells = len(a) + len(b) - 1
    low = data.draw(st.integers(0, cells - 1))
    high = data.draw(st.integers(low + 1, cells))
    region = Region.of(a.shape, b.shape, Box((low,), (high,)))
    piece = fft.convolve(Operand(a, None, bool(a.all())), Operand(b, None, bool(b.all())), region)
    truth = exact_convolution(a, b)[low:high]
    shifts = np.broadcast_to(piece.shift, piece.values.shape).tolist()
    for v, shift, t in zip(piece.values.tolist(), shifts, truth, strict=True):
        scale = Fraction(2) ** shift
        assert abs(Fraction(v) * scale - t) <= Fraction(piece.absolute) * scale


@part(0.5)
@given(arrays(most=300), arrays(most=300), st.data())
def test_the_direct_bound_holds_in_any_box(a, b, data):
    cells = len(a) + len(b) - 1
    low = data.draw(st.integers(0, cells - 1))
    high = data.draw(st.integers(low + 1, cells))
    region = Region.of(a.shape, b.shape, Box((low,), (high,)))
    piece = direct.convolve(Operand(a, None, bool(a.all())), Operand(b, None, bool(b.all())), region)
    truth = exact_convolution(a, b)[low:high]
    shifts = np.broadcast_to(piece.shift, piece.values.shape).tolist()
    for v, shift, t in zip(piece.values.tolist(), shifts, truth, strict=True):
        scale = Fraction(2) ** shift
        assert abs(Fraction(v) * scale - t) <= Fraction(piece.relative) * t + Fraction(piece.absolute) * scale


def test_exp2_is_as_accurate_as_the_tilted_method_takes_it_to_be():
    """`tilted.TILT_ERROR` allows exp2 four units in the last place, a few roundings beside it."""
    exponents = np.random.default_rng(3).random(20_000)
    worst = 0.0
    with flint.ctx.workprec(200):
        for t, value in zip(exponents.tolist(), np.exp2(exponents).tolist(), strict=True):
            truth = (flint.arb(t) * flint.arb(2).log()).exp()
            worst = max(worst, abs(float((flint.arb(value) - truth) / truth)))
    assert worst <= 8 * bounds.UNIT
    assert tilted.TILT_ERROR >= 8 * bounds.UNIT + 2 * bounds.UNIT


# Certified results ----------------------------------------------------------------------------------------------------

METHODS = ("auto", "fft", "direct", "tilted", "ball")


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("size", [2, 65, 700])
@pytest.mark.parametrize("shape", SHAPES, ids=lambda s: s.__name__)
def test_a_stated_error_is_never_exceeded(shape, size, method):
    a, b = weights_of(shape, size), weights_of(shape, size // 2 + 1, 1)
    found = convolve(Distribution.from_array(a), Distribution.from_array(b), method=method)
    truth = truth_of(exact_convolution(a, b))
    assert_law(found, truth)
    assert found.error <= 1e-10 * (1 + 1e-9)


@pytest.mark.parametrize("shape", [SHAPES[i] for i in (1, 2, 9)], ids=lambda s: s.__name__)
@pytest.mark.parametrize("method", ["auto", "fft", "direct"])
def test_a_stated_error_says_something(shape, method):
    """Within a factor of 10**6 of what happens: a bound that could be any number would be no bound."""
    a = weights_of(shape, 700)
    X = Distribution.from_array(a)
    found = convolve(X, X, method=method)
    assert worst_error(found, truth_of(exact_convolution(a, a))) >= VACUOUS * Fraction(found.error)


@part(1)
@given(arrays(), arrays(), st.sampled_from(METHODS))
def test_a_stated_error_holds_for_any_pair(a, b, method):
    found = convolve(Distribution.from_array(a), Distribution.from_array(b), method=method)
    first, second = np.flatnonzero(a)[0], np.flatnonzero(b)[0]
    assert_law(found, truth_of(exact_convolution(a, b)))
    assert found.support[0] == first + second


@part(0.5)
@given(arrays(most=40), st.integers(2, 9), st.sampled_from([1e-10, 1e-6, 1e-13]))
def test_a_power_is_within_its_stated_error(a, n, tolerance):
    with settings(tolerance=tolerance):
        found = n @ Distribution.from_array(a)
    numerators, exponent = integers(a)
    values = (flint.fmpz_poly(numerators) ** n).coeffs()
    truth = {k: Fraction(int(v), 1 << (-exponent * n)) for k, v in enumerate(values) if v}
    assert_law(found, truth)
    assert found.error <= max(tolerance * (1 + 1e-9 + 10 * tolerance), n * 1e-14)


@pytest.mark.parametrize("shape", [SHAPES[i] for i in (0, 2, 6, 7, 8, 10, 12)], ids=lambda s: s.__name__)
def test_long_powers_are_within_their_stated_error(shape):
    a = weights_of(shape, 12)
    n = 60 if a[a > 0].min() > 1e-9 else 20
    found = n @ Distribution.from_array(a)
    numerators, exponent = integers(a)
    values = (flint.fmpz_poly(numerators) ** n).coeffs()
    truth = {k: Fraction(int(v), 1 << (-exponent * n)) for k, v in enumerate(values) if v}
    assert_law(found, truth)
    assert found.error <= 1e-10 * (1 + 1e-9)
    if shape.__name__ in ("flat", "binomial", "holes"):
        assert worst_error(found, truth) >= VACUOUS * Fraction(found.error)


def test_errors_add_up_through_a_chain_of_sums():
    a = weights_of(SHAPES[2], 60)
    X = Distribution.from_array(a)
    law, truth, errors = X, list(map(Fraction, a.tolist())), [X.error]
    for _ in range(4):
        law = convolve(law, X, method="fft")
        truth = fraction_convolution(truth, a)
        errors.append(law.error)
        assert_law(law, truth_of(truth))
    assert errors == sorted(errors)
    assert errors[-1] > 0


def fraction_convolution(values, a):
    (y, f) = integers(a)
    bits = max(v.denominator.bit_length() for v in values) - 1
    x = [v.numerator * ((1 << bits) // v.denominator) for v in values]
    product = flint.fmpz_poly(x) * flint.fmpz_poly(y)
    return [Fraction(int(c), 1 << (bits - f)) for c in product.coeffs()]


@pytest.mark.parametrize("method", ["auto", "fft", "tilted"])
def test_binomial_like_laws_are_right_down_to_the_ends(method):
    """Every entry, to log p = -1386: far below every double."""
    a = weights_of(SHAPES[2], 1001)
    X = Distribution.from_array(a)
    found = convolve(X, X, method=method)
    assert_law(found, truth_of(exact_convolution(a, a)))
    assert found.error <= 1e-10 * (1 + 1e-9)
    assert found.logpmf(0) == pytest.approx(2 * math.log(a[0]), rel=1e-14)
    assert found.logpmf(0) < -1380
    assert found.pmf(0) == 0.0


def test_thousands_of_coins_are_right_down_to_log_p_3466():
    n = 5000
    with settings(exact_limit=0):
        found = n @ Distribution({0: "1/2", 1: "1/2"})
    assert not found.is_exact
    truth = {k: Fraction(math.comb(n, k), 1 << n) for k in [*range(300), *range(2400, 2600), *range(4990, 5001)]}
    assert len(found.support) == n + 1
    weights = stored(found)
    assert max(abs(weights[k] - p) / p for k, p in truth.items()) <= Fraction(found.error)
    assert found.error <= 1e-10 * (1 + 1e-9)
    assert found.logpmf(n) == pytest.approx(-n * math.log(2), rel=1e-14)


@pytest.mark.parametrize("name", ["binomial", "steep", "log_uniform"])
def test_without_its_bound_the_fft_would_be_wrong(monkeypatch, name):
    """The check bites: with a bound of nearly nothing, uncertified entries would be returned, and are wrong."""
    shape = next(s for s in SHAPES if s.__name__ == name)
    a = weights_of(shape, 400)
    honest = bounds.fft_convolution
    monkeypatch.setattr(bounds, "fft_convolution", lambda *args: honest(*args) * 2.0**-60)
    monkeypatch.setattr(fft, "certifies_most", lambda *_: True)
    X = Distribution.from_array(a)
    found = convolve(X, X, method="fft")
    truth = truth_of(exact_convolution(a, a))
    with pytest.raises(AssertionError):
        assert_law(found, truth)


def test_certify_accepts_what_is_certain_only():
    from distconv.methods.operands import Piece, certify

    values = np.array([1.0, 1e-5, 1e-7, 0.0, -1e-12])
    bad, error = certify(Piece(values, 0, 0.0, 1e-12), None, 1e-6)
    assert bad.tolist() == [False, False, True, True, True]
    assert error == 1e-6
    bad, error = certify(Piece(values[:2], 0, 0.0, 1e-12), None, 1e-6)
    assert bad is None
    assert 1e-7 <= error <= 1.1e-7


@pytest.mark.parametrize("name", ["log_uniform", "wide_noise"])
def test_balls_get_more_bits_where_64_do_not_resolve_a_weight(name):
    shape = next(s for s in SHAPES if s.__name__ == name)
    a, b = weights_of(shape, 2000), weights_of(shape, 2000, 1)
    found = convolve(Distribution.from_array(a), Distribution.from_array(b), method="ball")
    assert_law(found, truth_of(exact_convolution(a, b)))
    assert found.error <= 1e-15


def test_heavy_subnormal_weights_lose_nothing():
    X = Distribution({0: 1.0, 1: 5e-324, 2: 2.0**-1022, 3: 3 * 5e-324})
    found = X + X
    exact = {x: Fraction(p) for x, p in stored(X).items()}
    assert_law(found, oracle.convolve(exact, exact))
