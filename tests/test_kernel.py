"""Kernels: against a dict of Fractions, scipy.signal and scipy.ndimage in every mode and boundary, and PyTorch."""

import itertools
from fractions import Fraction

import numpy as np
import oracle
import pytest
import scipy.ndimage
import scipy.signal
from hypothesis import given
from hypothesis import strategies as st
from strategies import part, supports

from distconv import (
    Die,
    DimensionError,
    DistconvTypeError,
    DistconvValueError,
    Distribution,
    Kernel,
    Poisson,
    SizeLimitError,
    filtering,
)

d6 = Die(6)
echo = Kernel({0: 1, 3: "1/2"})
edge = Kernel({0: 1, 1: -1})


@st.composite
def weights(draw, ndim):
    places = draw(supports(ndim, 4))
    values = draw(st.lists(st.fractions(-5, 5, max_denominator=9), min_size=len(places), max_size=len(places)))
    return dict(zip(places, values, strict=True))


pairs = st.sampled_from([1, 1, 2]).flatmap(lambda n: st.tuples(weights(n), weights(n)))


def nonzero(law):
    return {x: w for x, w in law.items() if w}


@given(pairs, st.fractions(-3, 3, max_denominator=5))
def test_the_algebra_by_dicts(pair, c):
    f, g = pair
    k, m = Kernel(f), Kernel(g)
    assert (k * m).to_dict() == nonzero(oracle.convolve(f, g))
    both = dict(f)
    for x, w in g.items():
        both[x] = both.get(x, 0) + w
    assert (k + m).to_dict() == nonzero(both)
    assert (k - k).to_dict() == {}
    assert (c * k).to_dict() == nonzero({x: c * w for x, w in f.items()})
    assert k.reflect().to_dict() == nonzero(oracle.scale(f, -1))
    assert k.total == sum(f.values())
    assert (k**2).to_dict() == nonzero(oracle.convolve(f, f))
    assert k == Kernel(f)
    assert hash(k) == hash(Kernel(f))
    for x, w in f.items():
        assert k[x] == w
    assert k.support == sorted(nonzero(f))


@part(0.5)
@given(st.integers(1, 5), st.integers(1, 40), st.integers(0, 10**6))
def test_floating_products_keep_their_bound(n, size, seed):
    rng = np.random.default_rng(seed)
    a, b = rng.normal(size=size), rng.normal(size=n)
    found = Kernel(a) * Kernel(b, origin=3)
    exact = Kernel([Fraction(v) for v in a]) * Kernel([Fraction(v) for v in b], origin=3)
    for x, w in exact.to_dict().items():
        assert abs(Fraction(found[x]) - w) <= Fraction(found.error)


def test_long_products_by_transforms_keep_their_bound():
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=3000), rng.normal(size=2000)
    found = Kernel(a) * Kernel(b)
    assert found.kind == "float"
    direct = np.convolve(a.astype(np.longdouble), b.astype(np.longdouble))
    assert np.abs(found.to_array() - direct).max() <= found.error < 1e-8


def test_identities_of_the_essay():
    smooth, derivative = Kernel({(-1, 0): 1, (0, 0): 2, (1, 0): 1}), Kernel({(0, -1): -1, (0, 1): 1})
    sobel = Kernel([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]], origin=-1)
    assert smooth * derivative == sobel
    assert Kernel.box(3, 3) == Kernel.box(3, 1) * Kernel.box(1, 3)
    assert edge**2 == Kernel({0: 1, 1: -2, 2: 1})
    assert Kernel.box(2).to_dict() == {0: Fraction(1, 2), 1: Fraction(1, 2)}
    # A blur is a random displacement: n blurs are n drops.
    assert Kernel.from_distribution(d6) ** 5 == Kernel.from_distribution(5 @ d6)
    assert (Kernel.from_distribution(d6) ** 5).to_distribution() == 5 @ d6
    bell = (Kernel.box(9) ** 30).to_distribution()
    assert abs(float(bell.kurtosis())) < 0.1


def test_laws_and_kernels():
    with pytest.raises(DistconvValueError, match="weight of 1 is -1"):
        edge.to_distribution()
    with pytest.raises(DistconvValueError, match="total 3/2"):
        echo.to_distribution()
    assert Kernel.from_distribution(d6.to_float()).to_distribution() == d6.to_float()
    with pytest.raises(DistconvTypeError, match="truncate"):
        Kernel.from_distribution(Poisson(3))


def test_letters():
    import sympy

    a = sympy.symbols("a")
    k = Kernel({0: a, 1: 1 - a})
    assert sympy.expand((k * k)[1] - 2 * a * (1 - a)) == 0
    assert k.apply([1, 2]).tolist() == [a, a + 1]


# Apply ----------------------------------------------------------------------------------------------------------------

NDIMAGE = {"zero": "constant", "edge": "nearest", "reflect": "mirror", "symmetric": "reflect", "wrap": "wrap"}


@st.composite
def filters(draw):
    ndim = draw(st.integers(1, 3))
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    shape = tuple(draw(st.integers(1, 6)) for _ in range(ndim))
    size = tuple(draw(st.integers(1, 5)) for _ in range(ndim))
    kernel = rng.normal(size=size)
    if draw(st.booleans()):
        kernel = np.ones(size)
        for axis, n in enumerate(size):
            kernel = kernel * rng.normal(size=n).reshape([-1 if i == axis else 1 for i in range(ndim)])
    return kernel, rng.normal(size=shape)


@given(filters())
def test_modes_are_those_of_scipy(case):
    taps, signal = case
    k = Kernel(taps)
    full = scipy.signal.convolve(signal, taps, mode="full", method="direct")
    np.testing.assert_allclose(k.apply(signal, mode="full"), full, atol=1e-12)
    inside = tuple(slice(0, n) for n in signal.shape)
    np.testing.assert_allclose(k.apply(signal), full[inside], atol=1e-12)
    if all(a >= b for a, b in zip(signal.shape, taps.shape, strict=True)):
        valid = scipy.signal.convolve(signal, taps, mode="valid", method="direct")
        np.testing.assert_allclose(k.apply(signal, mode="valid"), valid, atol=1e-12)
    else:
        with pytest.raises(DistconvValueError, match="valid"):
            k.apply(signal, mode="valid")


@given(filters(), st.sampled_from(sorted(NDIMAGE)), st.booleans())
def test_boundaries_are_those_of_ndimage(case, boundary, correlate):
    taps, signal = case
    # ndimage centres a kernel of n cells at n // 2.
    k = Kernel(taps, origin=tuple(-(n // 2) for n in taps.shape))
    if boundary == "reflect" and 1 in signal.shape:
        return
    road = scipy.ndimage.correlate if correlate else scipy.ndimage.convolve
    truth = road(signal, taps, mode=NDIMAGE[boundary])
    np.testing.assert_allclose(k.apply(signal, boundary=boundary, correlate=correlate), truth, atol=1e-12)


@given(filters(), st.sampled_from(sorted(NDIMAGE)), st.sampled_from(filtering.MODES), st.booleans(), st.integers(1, 3))
def test_matrices_do_what_kernels_do(case, boundary, mode, correlate, stride):
    taps, signal = case
    k = Kernel(taps, origin=tuple(-(n // 2) for n in taps.shape))
    options = {"mode": mode, "boundary": boundary, "correlate": correlate, "stride": stride}
    if boundary == "reflect" and 1 in signal.shape:
        return
    try:
        found = k.apply(signal, **options)
    except DistconvValueError:
        with pytest.raises(DistconvValueError):
            k.matrix(signal.shape, **options)
        return
    matrix = k.matrix(signal.shape, **options)
    assert matrix.shape == (found.size, signal.size)
    np.testing.assert_allclose(matrix @ signal.ravel(), found.ravel(), atol=1e-12)


def test_a_toeplitz_matrix():
    W = echo.matrix(6).toarray()
    for i, j in itertools.product(range(6), range(6)):
        assert W[i, j] == {0: 1, 3: 0.5}.get(i - j, 0)
    circulant = edge.matrix(4, boundary="wrap").toarray()
    assert (circulant.sum(axis=0) == 0).all()
    assert edge.matrix(4).dtype == np.int64


def test_integers_and_fractions_stay_exact():
    image = np.arange(12).reshape(3, 4)
    found = Kernel([[1, 0], [0, -1]]).apply(image)
    assert found.dtype == np.int64
    assert found[2, 3] == 11 - 6
    exact = Kernel.box(2).apply(np.array([Fraction(1, 3), Fraction(1), Fraction(2)], dtype=object), mode="valid")
    assert list(exact) == [Fraction(2, 3), Fraction(3, 2)]
    assert list(Kernel.box(2).apply([1, 2, 4], mode="valid")) == [Fraction(3, 2), 3]
    assert Kernel.box(3).apply(np.ones(4)).dtype == np.float64
    assert Kernel.box(3).apply(np.ones(4, dtype=np.float32)).dtype == np.float32
    assert Kernel({0: 1, 5: 2}).apply(np.array([True, False])).tolist() == [1, 0]


def test_long_signals_and_large_images_by_transforms():
    rng = np.random.default_rng(2)
    signal, taps = rng.normal(size=200_000), rng.normal(size=501)
    found = Kernel(taps).apply(signal)
    np.testing.assert_allclose(found, np.convolve(signal, taps)[:200_000], atol=1e-10)
    image, kernel = rng.normal(size=(300, 280)), rng.normal(size=(15, 15))
    np.testing.assert_allclose(
        Kernel(kernel).apply(image, mode="valid"), scipy.signal.convolve(image, kernel, mode="valid"), atol=1e-10
    )


def test_channels_and_strides():
    rng = np.random.default_rng(3)
    image = rng.random((9, 8, 3))
    blurred = Kernel.box(3, 3).apply(image, boundary="reflect", channels=True)
    for c in range(3):
        np.testing.assert_allclose(blurred[..., c], scipy.ndimage.uniform_filter(image[..., c], 3, mode="mirror"))
    np.testing.assert_allclose(
        Kernel.box(3, 3).apply(image[..., 0], stride=2), Kernel.box(3, 3).apply(image[..., 0])[::2, ::2]
    )
    with pytest.raises(DimensionError, match="channels=True"):
        Kernel.box(3, 3).apply(image)


def test_layers_are_those_of_torch():
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(4)
    x, w = rng.normal(size=(3, 20)), rng.normal(size=(4, 3, 5))
    truth = torch.nn.functional.conv1d(torch.tensor(x)[None], torch.tensor(w), stride=2, padding=2)[0].numpy()
    for o in range(4):
        found = sum(Kernel(w[o, i], origin=-2).apply(x[i], correlate=True, stride=2) for i in range(3))
        np.testing.assert_allclose(found, truth[o], atol=1e-12)
    image, filters_ = rng.normal(size=(2, 9, 8)), rng.normal(size=(3, 2, 3, 3))
    truth = torch.nn.functional.conv2d(torch.tensor(image)[None], torch.tensor(filters_))[0].numpy()
    for o in range(3):
        found = sum(Kernel(filters_[o, i]).apply(image[i], mode="valid", correlate=True) for i in range(2))
        np.testing.assert_allclose(found, truth[o], atol=1e-12)


def test_a_layer_by_both_roads_without_torch():
    """conv1d by its definition: y[o, c] = sum over i, a of w[o, i, a] x[i, stride c + a - pad]."""
    rng = np.random.default_rng(5)
    x, w = rng.normal(size=(3, 20)), rng.normal(size=(4, 3, 5))
    padded = np.pad(x, ((0, 0), (2, 2)))
    truth = np.array([[(w[o] * padded[:, 2 * c : 2 * c + 5]).sum() for c in range(10)] for o in range(4)])
    kernels = [[Kernel(w[o, i], origin=-2) for i in range(3)] for o in range(4)]
    slid = np.array([sum(k.apply(x[i], correlate=True, stride=2) for i, k in enumerate(row)) for row in kernels])
    np.testing.assert_allclose(slid, truth, atol=1e-12)
    blocks = scipy.sparse.block_array([[k.matrix(20, correlate=True, stride=2) for k in row] for row in kernels])
    np.testing.assert_allclose((blocks @ x.ravel()).reshape(4, 10), truth, atol=1e-12)


def test_what_is_refused():
    for call, error, words in [
        (lambda: Kernel({}), DistconvValueError, "at least one"),
        (lambda: Kernel({0: float("nan")}), DistconvValueError, "finite"),
        (lambda: Kernel(np.array([1.0, np.inf])), DistconvValueError, "finite"),
        (lambda: Kernel({0: 1, (0, 1): 1}), DimensionError, "dimensions"),
        (lambda: Kernel(3), DimensionError, "dimensions"),
        (lambda: Kernel([1, 2], step=-1), DistconvValueError, "step"),
        (lambda: Kernel(d6), DistconvTypeError, "from_distribution"),
        (lambda: Kernel(edge), DistconvTypeError, "values"),
        (lambda: Kernel(np.array([1j])), DistconvTypeError, "real"),
        (lambda: Kernel.box(), DimensionError, "axis"),
        (lambda: Kernel.box(0), DistconvValueError, "length"),
        (lambda: edge * Kernel.box(2, 2), DimensionError, "one dimension"),
        (lambda: edge + 3, DistconvTypeError, "place by place"),
        (lambda: edge / edge, DistconvTypeError, "deconvolve"),
        (lambda: edge / 0, DistconvValueError, "by 0"),
        (lambda: edge**-1, DistconvValueError, "n must be"),
        (lambda: bool(edge), DistconvTypeError, "truth"),
        (lambda: edge.apply([[1, 2]]), DimensionError, "1-D kernel"),
        (lambda: edge.apply([]), DistconvValueError, "empty"),
        (lambda: edge.apply(["a"]), DistconvTypeError, "real numbers"),
        (lambda: edge.apply([1, 2], mode="some"), DistconvValueError, "full, same, valid"),
        (lambda: edge.apply([1, 2], boundary="mirror"), DistconvValueError, "zero, edge"),
        (lambda: edge.apply([1, 2], stride=0), DistconvValueError, "stride"),
        (lambda: Kernel({"1/2": 1}).apply([1, 2]), DistconvValueError, "whole"),
        (lambda: edge.matrix((2, 2)), DimensionError, "shape of 1"),
    ]:
        with pytest.raises(error, match=words):
            call()
    with pytest.raises(AttributeError, match="value"):
        edge.error = 3


def test_how_kernels_look():
    assert repr(edge) == "Kernel({0: 1, 1: -1})"
    assert repr(Kernel.box(3, 3)) == "Kernel(2-D, 9 weights (-1, -1)..(1, 1), exact, total 1)"
    assert (edge.origin, edge.step, edge.shape, edge.ndim, edge.kind) == (0, 1, (2,), 1, "exact")
    assert edge.to_array(float).tolist() == [1.0, -1.0]
    assert edge.to_float().to_array().tolist() == [1.0, -1.0]
    assert (edge.to_float() - edge).to_dict() == {}
    assert (0.5 * edge).to_dict() == {0: 0.5, 1: -0.5}
    assert (edge / 2).to_dict() == {0: Fraction(1, 2), 1: Fraction(-1, 2)}
    assert Kernel({0: 1}) ** 0 == Kernel({0: 1})
    assert Kernel([1, 2], origin=1, step="1/2")[Fraction(3, 2)] == 2
    assert Distribution({0: 1}) is not None


def test_arrays_keep_their_zeros():
    sobel = Kernel([[1, 0, -1], [2, 0, -2], [1, 0, -1]], origin=-1)
    assert sobel.to_array().tolist() == [[1, 0, -1], [2, 0, -2], [1, 0, -1]]
    assert (sobel.shape, sobel.step, sobel.origin) == ((3, 3), (1, 1), (-1, -1))
    assert Kernel(sobel.to_array(), origin=sobel.origin, step=sobel.step) == sobel
    assert Kernel({0: 1.0, 4: 0.5}).to_array().tolist() == [1.0, 0, 0, 0, 0.5]
    assert Kernel({0: 1, "1/2": 3}).to_array().tolist() == [1, 3]
    with pytest.raises(SizeLimitError):
        Kernel({0: 1, 10**12: 1}).to_array()


@pytest.mark.parametrize("kind", [int, float])
@pytest.mark.parametrize("mode", ["full", "same", "valid"])
def test_zeros_at_the_rim_are_a_part_of_a_kernel(kind, mode):
    taps = np.array([[0, 0, 0], [1, 2, 0], [0, -1, 0]], dtype=kind)
    image = np.arange(42).reshape(6, 7)
    for correlate, direct in ((False, scipy.signal.convolve2d), (True, scipy.signal.correlate2d)):
        found = Kernel(taps, origin=-1).apply(image, mode=mode, correlate=correlate)
        assert found.tolist() == direct(image, taps, mode=mode).tolist()
    assert (2 * Kernel(taps)).to_dict() == {(1, 0): 2, (1, 1): 4, (2, 1): -2}
    assert Kernel(taps) == Kernel({(1, 0): 1, (1, 1): 2, (2, 1): -1})
    assert (Kernel(taps) * Kernel(taps)).total == 4
    assert Kernel(np.zeros((2, 2), dtype=kind)).to_dict() == {}
