"""Floating sums, bounds included: pairs of laws, n-fold sums, 2-D, against scipy and numpy (which bound nothing)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.fft import next_fast_len
from scipy.signal import fftconvolve

from benchmarks.results import Result
from benchmarks.timing import medians
from distconv import Binomial, Distribution, convolve

if TYPE_CHECKING:
    from benchmarks.__main__ import Options


def random_pmf(*shape: int, seed: int = 0) -> np.ndarray:
    """A law of uniform random weights."""
    weights = np.random.default_rng(seed).random(shape)
    return weights / weights.sum()


def flat(options: Options) -> Iterator[Result]:
    """X + Y of random PMFs, where the plain FFT certifies every entry."""
    for size in options.sizes(10**3, 10**4, 10**5, 10**6, long=(10**7,)):
        a, b = random_pmf(size), random_pmf(size, seed=1)
        X, Y = Distribution.from_array(a), Distribution.from_array(b)
        ours, theirs = medians(lambda: X + Y, lambda: fftconvolve(a, b), budget=2 * options.budget)  # noqa: B023
        total = X + Y
        limit = {10**3: 1.2, 10**4: 1.0}.get(size, 0.8)
        yield Result(
            f"float pairwise, random PMFs of {size:,}",
            ours,
            "fftconvolve",
            theirs,
            limit,
            "design 10",
            note=f"{total.how().method}, error ≤ {total.error:.1e}",
            holds=total.error <= 1e-10 * (1 + 1e-6),
        )


def full_range(options: Options) -> Iterator[Result]:
    """Two binomial laws through the transforms (no closed form), down to the smallest weight."""
    for n in options.sizes(10**3, 10**4, 10**5, 10**6):
        X, Y = Binomial(n, 0.3), Binomial(n, 0.3)
        a = X.to_arrays()[1]
        ours, theirs = medians(
            lambda: convolve(X, Y, method="fft"),  # noqa: B023
            lambda: fftconvolve(a, a.copy()),  # noqa: B023
            budget=2 * options.budget,
            least=3,
        )
        total, truth = convolve(X, Y, method="fft"), Binomial(2 * n, 0.3)
        worst = worst_error(total, truth)
        wrong = np.mean(np.abs(fftconvolve(a, a) / np.maximum(truth.to_arrays()[1], 1e-320) - 1) > 1e-6)
        yield Result(
            f"float pairwise, Binomial({n:,}, 0.3)",
            ours,
            "fftconvolve",
            theirs,
            {10**3: 10.0, 10**4: 5.0, 10**5: 3.0, 10**6: 2.0}[n],
            "design 10",
            note=f"worst error {worst:.1e} (stated {total.error:.1e}) down to log p = {total.logpmf(2 * n):,.0f}; "
            f"fftconvolve has {wrong:.0%} wrong",
            holds=worst <= 1e-10 + 2 * X.error + truth.error,
        )


def worst_error(found: Distribution, truth: Distribution) -> float:
    """The largest relative error of any weight, below the smallest double, too."""
    (x, e), (y, f) = (split(law) for law in (found, truth))
    return float(np.max(np.abs(np.ldexp(x / y, (e - f).astype(np.int32)) - 1)))


def split(law: Distribution) -> tuple[np.ndarray, np.ndarray]:
    """Significands and exponents of a floating law."""
    weights: Any = law.law.measure.weights
    if weights.exponents is None:
        return np.frexp(weights.significands)
    return weights.significands, weights.exponents


def copies(options: Options) -> Iterator[Result]:
    """n @ X for a random PMF of 1000 outcomes: against one transform and back, and against repeated squaring."""
    step = random_pmf(1000)
    X = Distribution.from_array(step)
    for n in options.sizes(10, 100, 1000, long=(10_000,)):
        padded = np.zeros(next_fast_len(n * 999 + 1, real=True))
        padded[:1000] = step
        ours, bare, squared = medians(
            lambda: n @ X,  # noqa: B023
            lambda: np.fft.irfft(np.fft.rfft(padded), len(padded)),  # noqa: B023
            lambda: _by_squaring(step, n),  # noqa: B023
            budget=2 * options.budget,
            least=3,
        )
        total = n @ X
        work, note = f"float {n:,} @ X, 1000 outcomes", f"{total.how().method}, error ≤ {total.error:.1e}"
        holds = total.error <= 1e-10 * (1 + 1e-6)
        limit = {10: 2.0, 100: 1.5, 1000: 1.0, 10_000: 0.8}[n]
        yield Result(work, ours, "one rfft + irfft", bare, note=note, holds=holds)
        yield Result(work, ours, "fftconvolve, squaring", squared, limit, "design 10", holds=holds)


def _by_squaring(step: np.ndarray, n: int) -> np.ndarray:
    """The n-fold convolution by repeated squaring, wrong in its tails."""
    result: np.ndarray | None = None
    square = step
    while True:
        if n & 1:
            result = square if result is None else fftconvolve(result, square)
        n >>= 1
        if not n:
            assert result is not None
            return result
        square = fftconvolve(square, square)


def plane(options: Options) -> Iterator[Result]:
    """2-D pairs of random PMFs."""
    for size in options.sizes(64, 512, 2048):
        a, b = random_pmf(size, size), random_pmf(size, size, seed=1)
        X, Y = Distribution.from_array(a), Distribution.from_array(b)
        ours, theirs = medians(lambda: X + Y, lambda: fftconvolve(a, b), budget=2 * options.budget)  # noqa: B023
        total = X + Y
        limit, source = {64: 1.5, 512: 0.9, 2048: 0.6}[size], "design 10"
        note = f"{total.how().method}, error ≤ {total.error:.1e}"
        holds = total.error <= 1e-10 * (1 + 1e-6)
        yield Result(
            f"float 2-D pairwise, {size} x {size}", ours, "fftconvolve", theirs, limit, source, note=note, holds=holds
        )
