"""Kernels with letters over signals of numbers or letters: against sums written out, the matrix, and substitution."""

from fractions import Fraction

import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import Matrix, SparseMatrix, symbols

from distconv import Die, DimensionError, DistconvTypeError, DistconvValueError, Kernel, SizeLimitError
from distconv import settings as limits
from distconv.filtering import BOUNDARIES, MODES

a, b, x, y = symbols("a b x y")
ENTRIES = st.sampled_from([a, b, a * b, a + 1, -b, 1, 2, Fraction(1, 3)])
AT = {a: Fraction(2, 3), b: Fraction(-5, 7), x: Fraction(1, 2), y: Fraction(3)}


def numbers(value):
    """An expression with the letters' values, as a fraction."""
    found = sympy.sympify(value).subs({s: sympy.Rational(v.numerator, v.denominator) for s, v in AT.items()})
    return Fraction(int(found.p), int(found.q))


def all_numbers(array):
    return [numbers(v) for v in np.asarray(array, dtype=object).ravel()]


@settings(max_examples=20)
@given(
    st.dictionaries(st.integers(-2, 3), ENTRIES, min_size=1, max_size=3).filter(lambda k: any(map(bool, k.values()))),
    st.lists(st.sampled_from([x, y, x - y, 0, 1, 5]), min_size=1, max_size=4),
    st.sampled_from(MODES),
    st.sampled_from(BOUNDARIES),
    st.booleans(),
    st.integers(1, 2),
)
def test_outputs_commute_with_numbers_and_are_the_matrix_times_the_signal(
    weights, signal, mode, boundary, correlate, stride
):
    kernel = Kernel({**weights, 1: a})
    options = {"mode": mode, "boundary": boundary, "correlate": correlate, "stride": stride}
    exact = Kernel({place: numbers(w) for place, w in kernel.to_dict().items()})
    try:
        expected = exact.apply(np.array([numbers(v) for v in signal], dtype=object), **options)
    except DistconvValueError:
        with pytest.raises(DistconvValueError, match="valid"):
            kernel.apply(signal, **options)
        return
    found = kernel.apply(signal, **options)
    assert found.dtype == object
    assert all_numbers(found) == [Fraction(v) for v in expected]
    matrix = kernel.matrix(len(signal), **options)
    assert isinstance(matrix, SparseMatrix)
    product = matrix * Matrix(signal)
    assert [sympy.expand(v) for v in product] == [sympy.expand(v) for v in found]
    floats = [[float(numbers(v)) for v in row] for row in matrix.tolist()]
    np.testing.assert_allclose(floats, exact.matrix(len(signal), **options).toarray(), rtol=1e-12, atol=1e-15)


@settings(max_examples=10)
@given(
    st.dictionaries(st.tuples(st.integers(-1, 1), st.integers(-1, 1)), ENTRIES, max_size=3),
    st.sampled_from(MODES),
    st.sampled_from(BOUNDARIES),
)
def test_images(weights, mode, boundary):
    kernel = Kernel({**weights, (0, 0): a, (1, 0): b})
    image = [[x, 1, 2], [0, y, 3]]
    if mode == "valid":
        image = [*image, [1, x, x], [2, 0, 1]]
    exact = Kernel({place: numbers(w) for place, w in kernel.to_dict().items()})
    found = kernel.apply(image, mode=mode, boundary=boundary)
    values = np.array([[numbers(v) for v in row] for row in image], dtype=object)
    expected = exact.apply(values, mode=mode, boundary=boundary)
    assert found.shape == expected.shape
    assert all_numbers(found) == [Fraction(v) for v in expected.ravel()]
    assert kernel.apply(Matrix(image), mode=mode, boundary=boundary).tolist() == found.tolist()
    matrix = kernel.matrix((len(image), 3), mode=mode, boundary=boundary)
    flat = Matrix([v for row in image for v in row])
    assert [sympy.expand(v) for v in matrix * flat] == [sympy.expand(v) for v in found.ravel()]


def test_the_matrices_of_the_essay():
    weights = symbols("f0:3")
    kernel = Kernel(dict(enumerate(weights)))
    toeplitz = kernel.matrix(4, mode="full")
    assert toeplitz.shape == (6, 4)
    assert all(toeplitz[i, j] == (weights[i - j] if 0 <= i - j < 3 else 0) for i in range(6) for j in range(4))
    signal = symbols("g0:4")
    assert kernel.apply(signal, mode="full").tolist() == list(map(sympy.expand, toeplitz * Matrix(signal)))
    blocks = Kernel({(i, j): weights[i + j] for i in (0, 1) for j in (0, 1)}).matrix((2, 2))
    w0, w1, w2 = weights
    assert blocks == Matrix([[w0, 0, 0, 0], [w1, w0, 0, 0], [w1, 0, w0, 0], [w2, w1, w1, w0]])
    assert kernel.matrix(3, boundary="wrap") == Matrix([[w0, w2, w1], [w1, w0, w2], [w2, w1, w0]])


def test_algebra_with_letters():
    edge, other = Kernel({0: a, 1: b}), Kernel({-1: a, 2: b})
    product = edge * other
    assert product.to_dict() == {-1: a**2, 0: a * b, 2: a * b, 3: b**2}
    assert product.subs({a: "1/2", b: 3}) == edge.subs({a: "1/2", b: 3}) * other.subs({a: "1/2", b: 3})
    assert (edge**3).to_dict() == {0: a**3, 1: 3 * a**2 * b, 2: 3 * a * b**2, 3: b**3}
    assert edge.reflect().to_dict() == {-1: b, 0: a}
    assert edge.total == a + b
    assert (edge * (1 / (a + b))).total == 1
    assert (edge + edge).to_array().tolist() == [2 * a, 2 * b]
    assert (edge - edge).to_dict() == {}
    assert edge.letters == {a, b}
    assert edge.subs({a: 1}).letters == {b}
    assert edge.subs({a: 0.5}).kind == "symbolic"
    assert edge.subs({a: 0.5, b: 1}) == Kernel({0: 0.5, 1: 1.0})
    assert edge.subs({b: 0}) == Kernel({0: a})
    assert Kernel([a, 0, b]) == Kernel({0: a, 2: b})
    twice = edge.apply(edge.apply([x, y, 1], mode="full"), mode="full")
    assert twice.tolist() == (edge * edge).apply([x, y, 1], mode="full").tolist()
    with pytest.raises(DistconvValueError, match="no letter c"):
        edge.subs({"c": 1})


def test_numbers_meet_letters_in_a_signal():
    blur = Kernel.box(2)
    assert blur.apply([x, y, 4]).tolist() == [x / 2, x / 2 + y / 2, y / 2 + 2]
    assert blur.apply(Matrix([x, y])).tolist() == blur.apply(Matrix([[x, y]])).tolist() == blur.apply([x, y]).tolist()
    assert Kernel.from_distribution(Die(2)).apply([x, 0, 0]).tolist() == [0, x / 2, x / 2]
    assert Kernel({0: a}).apply(np.array([1, 2], dtype=np.int8)).tolist() == [a, 2 * a]
    colours = Kernel({0: a, 1: b}).apply([[x, 1], [y, 2]], channels=True)
    assert colours.tolist() == [[a * x, a], [a * y + b * x, 2 * a + b]]
    # A fraction of sympy's is a number, and the answer one of Python's.
    assert Kernel({0: 1, 1: 1}).apply([sympy.Rational(1, 2), 1]).tolist() == [Fraction(1, 2), Fraction(3, 2)]
    far = Kernel({0: a, 10**12: b})
    assert far.apply([x, y], boundary="wrap").tolist() == [x * (a + b), y * (a + b)]
    assert far.apply([x, y]).tolist() == [a * x, a * y]


@pytest.mark.parametrize(
    ("ask", "error", "words"),
    [
        (lambda: Kernel({0: a}).apply([0.5]), DistconvTypeError, "the float 0.5"),
        (lambda: Kernel({0: a}).apply([sympy.Float("0.5")]), DistconvTypeError, "the float 0.5"),
        (lambda: Kernel({0: a}).apply(["x"]), DistconvTypeError, "real numbers"),
        (lambda: Kernel({0: 0.5}).apply([x]), DistconvTypeError, "floating kernel"),
        (lambda: Kernel({0: a}).apply([[1]]), DimensionError, "1 axes"),
        (lambda: Kernel({0: a}).apply([]), DistconvValueError, "empty"),
        (lambda: Kernel({0: a}).apply([1], boundary="sky"), DistconvValueError, "boundary"),
        (lambda: Kernel({0: a}).matrix(2, boundary="sky"), DistconvValueError, "boundary"),
        (lambda: Kernel({"1/2": a}).apply([1]), DistconvValueError, "whole"),
    ],
)
def test_refusals_say_what_to_do(ask, error, words):
    with pytest.raises(error, match=words):
        ask()


def test_what_does_not_fit_is_refused():
    with limits(max_bytes=10**4):
        with pytest.raises(SizeLimitError, match="the output"):
            Kernel({0: a}).apply([x] * 10**3)
        with pytest.raises(SizeLimitError, match="the matrix"):
            Kernel({0: a, 1: b}).matrix(10**3)
