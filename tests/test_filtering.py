"""Kernels on signals as people have them: against fractions, place by place, on every road, in every kind of number."""

import math
from fractions import Fraction

import numpy as np
import pytest
import scipy.ndimage
import scipy.signal
from hypothesis import given
from hypothesis import strategies as st
from strategies import part

from distconv import DistconvTypeError, DistconvValueError, DistconvWarning, Kernel, SizeLimitError, filtering, settings
from distconv.filtering import output, transforms
from distconv.planning import Plan

PAD = {"zero": "constant", "edge": "edge", "reflect": "reflect", "symmetric": "symmetric", "wrap": "wrap"}
ROADS = ("taps", "points", "axes", "fft")


@pytest.fixture
def small_tiles(monkeypatch):
    """Tiles so small that short signals need several."""
    monkeypatch.setattr(transforms, "TILE", {1: 40, 2: 12, 3: 8})


def forced(monkeypatch, road):
    monkeypatch.setattr(output, "plan", lambda taps, padded, **_: Plan(road, cells=padded.size))


def valid(taps, padded):
    """Every valid output in fractions: the sum of k[a] x[c - a], with the largest |x| in the box there."""
    shape = tuple(n - k + 1 for n, k in zip(padded.shape, taps.shape, strict=True))
    sums, under = np.empty(shape, dtype=object), np.zeros(shape)
    for c in np.ndindex(shape):
        window = padded[tuple(slice(i, i + k) for i, k in zip(c, taps.shape, strict=True))]
        turned = window[(slice(None, None, -1),) * window.ndim]
        terms = zip(taps.ravel().tolist(), turned.ravel().tolist(), strict=True)
        sums[c] = sum((Fraction(k) * Fraction(x) for k, x in terms if k and x), start=Fraction(0))
        under[c] = np.abs(window).max()
    return sums, under


@st.composite
def rough(draw):
    """A kernel and a padded signal with zeros, spikes over 40 decades, and both signs or one."""
    ndim = draw(st.sampled_from([1, 1, 2]))
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    spans = tuple(draw(st.integers(1, 7 if ndim == 1 else 4)) for _ in range(ndim))
    shape = tuple(k + draw(st.integers(0, 90 if ndim == 1 else 14)) for k in spans)
    signal = rng.random(shape) * (rng.random(shape) < draw(st.sampled_from([0.05, 0.5, 1.0])))
    signal *= 10.0 ** np.where(rng.random(shape) < 0.05, rng.uniform(-20, 20, shape), 0)
    if draw(st.booleans()):
        taps = np.ones(spans)
        for axis, k in enumerate(spans):
            taps = taps * (rng.random(k) + 0.1).reshape([-1 if i == axis else 1 for i in range(ndim)])
    else:
        taps = rng.random(spans) * (rng.random(spans) < 0.6)
        taps.flat[0] = taps.flat[-1] = 1
    if draw(st.booleans()):
        taps, signal = taps * rng.choice([-1, 1], spans), signal * rng.choice([-1, 1], shape)
    return taps, signal


@pytest.mark.parametrize("road", ROADS)
@part(0.8)
@given(rough())
def test_every_road_keeps_its_bound_and_its_zeros(road, case):
    taps, signal = case
    record = Kernel(taps)._taps()
    if road == "axes" and (taps.ndim == 1 or output.passes.factors_of(taps) is None):
        return
    tiles, transforms.TILE = transforms.TILE, {1: 40, 2: 12}
    try:
        found = output._by(road, record, signal)
    finally:
        transforms.TILE = tiles
    truth, under = valid(taps, signal)
    tolerance = Fraction(1e-10 if road == "fft" else 1e-13) * Fraction(float(np.abs(taps).sum()))
    for c in np.ndindex(found.shape):
        assert abs(Fraction(found[c]) - truth[c]) <= tolerance * Fraction(under[c]), (c, found[c], float(truth[c]))
    reached, _ = valid((taps != 0).astype(int), (signal != 0).astype(int))
    assert (found[reached == 0] == 0).all()
    if (taps >= 0).all() and (signal >= 0).all():
        assert (found >= 0).all()


def test_a_tolerance_that_no_transform_reaches_is_summed_directly():
    rng = np.random.default_rng(1)
    taps, signal = rng.normal(size=9), rng.normal(size=200)
    with settings(tolerance=1e-16):
        found = output._by("fft", Kernel(taps)._taps(), signal)
    truth, _ = valid(taps, signal)
    assert max(abs(found - truth.astype(float))) < 1e-14


# Real signals ---------------------------------------------------------------------------------------------------------


def photograph(size=512):
    """Grey values as a camera gives them: a disc, a board, a slope, and noise."""
    y, x = np.mgrid[:size, :size]
    light = 40 + 80 * x / size + 70 * ((x - 200) ** 2 + (y - 220) ** 2 < 9000) + 50 * (abs(y - 400) < 40)
    return np.clip(light + np.random.default_rng(0).normal(0, 6, (size, size)), 0, 255).astype(np.uint8)


def test_an_echo_of_ten_seconds_of_sound_costs_its_taps():
    t = np.arange(441_000) / 44_100
    sound = np.sin(2 * np.pi * 440 * t) * np.exp(-3 * (t % 1))
    echo = Kernel({0: 1.0, 22050: 0.5})
    late = np.concatenate([np.zeros(22050), sound[:-22050]])
    np.testing.assert_array_equal(echo.apply(sound), sound + 0.5 * late)
    taps = echo._taps()
    plan = filtering.plan(taps, np.zeros(441_000 + 22_050) + 1)
    assert (taps.count, plan.method) == (2, "taps")
    assert plan.seconds < 0.01
    samples = np.round(sound * 2**15).clip(-(2**15), 2**15 - 1).astype(np.int16)
    found = Kernel({0: 1, 22050: "1/2"}).apply(samples)
    assert found.dtype == np.float64
    np.testing.assert_array_equal(found, samples + 0.5 * np.concatenate([np.zeros(22050), samples[:-22050]]))


def test_a_blur_of_a_photograph_stays_numbers():
    image = photograph()
    blur = Kernel.box(5, 5)
    found = blur.apply(image, boundary="symmetric")
    assert found.dtype == np.float64
    # The mean of 25 whole numbers, rounded once.
    sums = scipy.ndimage.convolve(image.astype(np.int64), np.ones((5, 5), dtype=np.int64), mode="reflect")
    np.testing.assert_array_equal(found, sums / 25)
    plan = filtering.plan(blur._taps(), image.astype(float), kind="exact", sums=25 * 255)
    assert plan.method == "axes"
    assert plan.seconds < 0.01
    crop = image[:20, :20]
    exact = blur.apply(crop, exact=True)
    assert exact.dtype == object
    assert exact[10, 10] == Fraction(int(crop[8:13, 8:13].sum()), 25)


def test_an_image_of_one_star_is_its_psf():
    y, x = np.mgrid[-40:41, -40:41]
    psf = np.exp(-(x**2 + y**2) / 60) * (x**2 + y**2 < 1600)
    sky = np.zeros((400, 400))
    sky[200, 150] = 1e6
    found = Kernel(psf, origin=-40).apply(sky)
    truth = np.zeros_like(sky)
    truth[160:241, 110:191] = 1e6 * psf
    np.testing.assert_array_equal(found, truth)


def test_many_stars_have_no_negative_pixels_and_no_light_out_of_reach():
    y, x = np.mgrid[-15:16, -15:16]
    psf = np.exp(-(x**2 + y**2) / 30) * (x**2 + y**2 < 225)
    rng = np.random.default_rng(3)
    sky = np.zeros((420, 420))
    sky[rng.integers(0, 300, 2000), rng.integers(0, 300, 2000)] = 10.0 ** rng.uniform(0, 8, 2000)
    record = Kernel(psf, origin=-15)._taps()
    found = output._by("fft", record, np.pad(sky, 15))
    reach = scipy.ndimage.binary_dilation(sky > 0, psf > 0)
    assert (found >= 0).all()
    assert (found[~reach] == 0).all()
    direct = output._by("taps", record, np.pad(sky, 15))
    under = scipy.ndimage.maximum_filter(sky, 31)
    assert (np.abs(found - direct) <= 1.01e-10 * psf.sum() * under).all()


@pytest.mark.parametrize("road", ROADS)
def test_a_spike_stays_where_it_is(road, monkeypatch, small_tiles):
    forced(monkeypatch, road if road != "axes" else "fft")
    signal = np.ones(4000)
    signal[1500] = 1e20
    found = Kernel.box(1101).to_float().apply(signal, boundary="edge")
    assert np.abs(found[2600:] - 1).max() < 1e-10
    assert np.abs(found[:940] - 1).max() < 1e-10
    assert found[1500] == pytest.approx(1e20 / 1101, rel=1e-10)


# NaN, infinity, masks -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("road", ROADS)
def test_what_is_not_finite_reaches_its_taps_alone(road, monkeypatch, small_tiles):
    rng = np.random.default_rng(4)
    taps = np.outer(rng.normal(size=5), rng.normal(size=3))
    if road != "axes":
        taps[1, 1] = taps[4, 0] = 0
    signal = rng.normal(size=(40, 50))
    signal[3, 4], signal[20, 7], signal[22, 8], signal[30, 30] = np.nan, np.inf, -np.inf, np.inf
    with np.errstate(invalid="ignore"):
        truth = np.zeros((44, 52))
        for i, j in np.argwhere(taps):
            truth[i : i + 40, j : j + 50] += taps[i, j] * signal
    forced(monkeypatch, road)
    found = Kernel(taps).apply(signal, mode="full")
    np.testing.assert_array_equal(np.isnan(found), np.isnan(truth))
    np.testing.assert_allclose(found, truth, rtol=0, atol=1e-10)


def test_one_nan_under_random_taps_of_a_large_image():
    rng = np.random.default_rng(5)
    signal = rng.normal(size=(300, 300))
    signal[100, 100] = np.nan
    assert np.isnan(Kernel(rng.normal(size=(15, 15))).apply(signal)).sum() == 225
    signal[rng.random((300, 300)) < 0.3] = np.nan
    found = Kernel(rng.normal(size=(15, 15))).apply(signal, mode="valid")
    assert np.isnan(found).all()


def test_masks_are_kept():
    signal = np.ma.MaskedArray(np.arange(10.0), mask=[0, 0, 0, 1, 0, 0, 0, 0, 0, 0])
    found = Kernel({0: 1, 2: -1}).apply(signal, boundary="edge")
    assert found.mask.tolist() == [False] * 3 + [True, False, True] + [False] * 4
    assert found[4] == 2.0
    whole = Kernel({0: 1, 1: "1/2"}).apply(np.ma.MaskedArray([200, 100, 7], mask=[False, False, True], dtype=np.uint8))
    assert whole.tolist() == [200.0, 200.0, None]
    masked = np.ma.MaskedArray(photograph(64), mask=np.zeros((64, 64)))
    masked[30, 30] = np.ma.masked
    assert Kernel.box(3, 3).apply(masked).mask.sum() == 9


# Integers -------------------------------------------------------------------------------------------------------------


@part(0.5)
@given(st.data())
def test_integers_never_wrap(data):
    dtype = data.draw(st.sampled_from([np.int8, np.uint8, np.int16, np.uint32, np.int64, np.uint64]))
    limits = np.iinfo(dtype)
    numbers = st.one_of(
        st.integers(int(limits.min), int(limits.max)), st.sampled_from([int(limits.min), int(limits.max)])
    )
    signal = data.draw(st.lists(numbers, min_size=1, max_size=6))
    weights = data.draw(st.lists(st.one_of(st.integers(-9, 9), st.integers(-(2**70), 2**70)), min_size=1, max_size=4))
    kernel, array = Kernel(np.array(weights, dtype=object)), np.array(signal, dtype=dtype)
    found = kernel.apply(array, mode="full")
    truth = [
        sum(w * signal[c - a] for a, w in enumerate(weights) if 0 <= c - a < len(signal))
        for c in range(len(signal) + len(weights) - 1)
    ]
    assert found.tolist() == truth
    objects = Kernel(np.array(weights, dtype=object)).apply(
        np.array(list(np.array(signal, dtype)), dtype=object), mode="full"
    )
    assert objects.tolist() == truth


@part(0.5)
@given(st.data())
def test_fractions_of_integers(data):
    weights = data.draw(st.lists(st.fractions(-5, 5, max_denominator=60), min_size=1, max_size=4))
    signal = data.draw(st.lists(st.integers(-(2**40), 2**40), min_size=1, max_size=6))
    kernel = Kernel(dict(enumerate(weights)))
    truth = [
        sum((w * signal[c - a] for a, w in enumerate(weights) if c >= a), start=Fraction(0)) for c in range(len(signal))
    ]
    exact = kernel.apply(signal, exact=True)
    assert exact.tolist() == truth
    found = kernel.apply(signal)
    assert found.dtype in (np.float64, np.int64)
    size = sum(map(abs, weights), start=Fraction(0)) * max(map(abs, signal))
    for value, right in zip(found.tolist(), truth, strict=True):
        assert abs(Fraction(value) - right) <= size * Fraction(2.0**-50)


def test_the_integers_that_wrapped():
    assert Kernel({0: 2, 1: "1/2"}).apply(np.array([200, 100], np.uint8)).tolist() == [400, 300]
    assert Kernel({0: -1, 1: "1/2"}).apply(np.array([200, 100], np.uint8)).tolist() == [-200, 0]
    found = Kernel({0: 1, 1: 1}).apply(np.array([2**63 - 1, 2**63 - 1]))
    assert found.tolist() == [2**63 - 1, 2**64 - 2]
    assert Kernel({0: 1}).apply(np.array([2**64 - 1], np.uint64)).tolist() == [2**64 - 1]
    large = np.random.default_rng(6).integers(0, 256, (120, 130)).astype(np.uint8)
    taps = np.random.default_rng(7).integers(-99, 99, (21, 23))
    assert filtering.plan(Kernel(taps)._taps(), large, kind="exact", sums=int(abs(taps).sum()) * 255).method == "fft"
    truth = scipy.signal.convolve(large.astype(np.int64), taps, method="direct")
    np.testing.assert_array_equal(Kernel(taps).apply(large, mode="full"), truth)


# Places ---------------------------------------------------------------------------------------------------------------


@part(0.5)
@given(st.sampled_from(sorted(PAD)), st.sampled_from(filtering.MODES), st.data())
def test_taps_far_away_read_what_lies_there(boundary, mode, data):
    size = data.draw(st.integers(2, 6))
    places = data.draw(st.lists(st.integers(-60, 60), min_size=1, max_size=4, unique=True))
    signal = data.draw(st.lists(st.integers(-9, 9), min_size=size, max_size=size))
    kernel = Kernel({a: i + 1 for i, a in enumerate(places)})
    low, high = min(places), max(places)
    around = np.pad(signal, 200, mode=PAD[boundary])
    outputs = {"same": range(size), "full": range(low, size + high), "valid": range(high, size + low)}[mode]
    if not len(outputs):
        with pytest.raises(DistconvValueError, match="valid"):
            kernel.apply(signal, mode=mode, boundary=boundary)
        return
    truth = [sum((i + 1) * int(around[c - a + 200]) for i, a in enumerate(places)) for c in outputs]
    assert kernel.apply(signal, mode=mode, boundary=boundary).tolist() == truth
    rows = kernel.matrix(size, mode=mode, boundary=boundary)
    assert (rows @ np.array(signal)).tolist() == truth


def test_places_beyond_any_array():
    assert Kernel({10**12: 1}).apply([1, 2, 3]).tolist() == [0, 0, 0]
    assert Kernel({10**12: 1, 1: 2}).apply([1, 2, 3]).tolist() == [0, 2, 4]
    assert Kernel({3 * 10**12 + 1: 1}).apply([1, 2, 3], boundary="wrap").tolist() == [3, 1, 2]
    assert Kernel({10**30: 1}).apply([1.0, 2, 3], boundary="edge").tolist() == [1, 1, 1]
    assert Kernel({10**30: "1/2"}).apply([1, 2]).dtype == np.float64
    with pytest.raises(SizeLimitError, match="mode='same'"):
        Kernel({0: 1, 10**12: 1}).apply([1, 2, 3], mode="full")
    with pytest.raises(SizeLimitError, match="apply"):
        Kernel({0: 1, 1: 1}).matrix(10**9)
    with settings(max_bytes=1000), pytest.raises(SizeLimitError, match="raise the limit"):
        Kernel({0: 1, 1: 1}).apply(np.ones(1000))
    with settings(warn_seconds=1e-6), pytest.warns(DistconvWarning, match="taps"):
        Kernel({0: 1, 1: 1}).apply(np.ones(1000))


def test_weights_beyond_doubles():
    huge = Kernel({0: 10**400, 1: -(10**400)})
    assert huge.total == 0
    assert Kernel({0: 10**400}).total == 10**400
    for call in (huge.to_float, lambda: huge.apply([0.5]), lambda: huge.matrix(3), lambda: huge.to_array(float)):
        with pytest.raises(DistconvValueError, match="largest double"):
            call()
    assert huge.apply([1, 1]).tolist() == [10**400, 0]
    assert (huge / 10**400).to_float().to_dict() == {0: 1.0, 1: -1.0}
    assert Kernel([1.7e308, 1.7e308]).total == math.inf
    assert Kernel([1.7e308, 1.7e308, -1.7e308]).total == 1.7e308
    with pytest.raises(DistconvTypeError, match="exact"):
        Kernel({0: 0.5}).apply([1], exact=True)
    with pytest.raises(DistconvTypeError, match="value 'a'"):
        Kernel({0: 1}).apply(np.array([1, "a"], dtype=object))


def test_weights_below_the_doubles_are_refused_where_they_are_all_there_is():
    tiny = Fraction(1, 10**400)
    with pytest.raises(
        DistconvValueError, match=r"too small for doubles; multiply the kernel first: 2\*\*1328 \* k"
    ) as no:
        Kernel({0: tiny}).apply([1e308])
    way = str(no.value).partition("first: ")[2].partition(", or")[0]
    assert eval(way, {"k": Kernel({0: tiny})}).apply([1.0])[0] == pytest.approx(float(2**1328 * tiny))
    assert Kernel({0: tiny}).apply([1], exact=True)[0] == tiny
    # Beside weights of a usual size they are below every bound.
    assert Kernel({0: 1, 1: tiny}).apply([2.0, 3.0]).tolist() == [2.0, 3.0]
