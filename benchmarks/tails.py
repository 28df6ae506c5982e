"""Right in the tail: time and worst relative error, side by side, where the range is large. And the picture of both.

``python -m benchmarks.tails PATH`` draws the relative error of every entry against its log: the plain FFT and distconv.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterator
from functools import partial
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import flint
import numpy as np
from scipy.signal import fftconvolve, oaconvolve

from benchmarks.floating import random_pmf, split, worst_error
from benchmarks.results import Result
from benchmarks.timing import medians, once
from distconv import Binomial, Distribution, Geometric, PoissonBinomial, convolve, power_logsf, settings, sum_of

if TYPE_CHECKING:
    from benchmarks.__main__ import Options

#: log10 of the smallest probability in the picture.
FARTHEST = -80
#: log2 of a zero, for errors.
NOTHING = -1e9


def logs_of(law: Distribution) -> np.ndarray:
    """log2 of every weight."""
    significands, exponents = split(law)
    return np.log2(significands) + exponents


def error_of(values: np.ndarray, truth: np.ndarray) -> str:
    """The worst relative error of an array of doubles against true logs (base 2), in words; a digit of 10**k beyond."""
    with np.errstate(divide="ignore", invalid="ignore"):
        logs = np.where(values > 0, np.log2(np.maximum(values, 5e-324)), NOTHING)
    wrong = np.abs(logs - truth) > 1e-6
    shift = np.where(logs == NOTHING, 0.0, (logs - truth) * np.log10(2.0))
    worst = float(shift.max())
    small = float(np.abs(np.expm1(shift[~wrong] * np.log(10))).max(initial=0))
    size = f"1e+{worst:.0f}" if worst > 1 else f"{small:.0e}"
    return f"{wrong.mean():.0%} wrong, by up to {size}" if wrong.any() else f"worst error {size}"


def pairs(options: Options) -> Iterator[Result]:
    """Binomial(n, 0.3) plus itself by every road."""
    for n in options.sizes(10**3, 10**4, 10**5):
        X = Binomial(n, 0.3)
        truth = Binomial(2 * n, 0.3)
        logs, a = logs_of(truth), X.to_arrays()[1]
        pairs_of = zip(*map(np.ndarray.tolist, split(X)), strict=True)
        balls = [flint.arb((int(s * 2**53), int(e) - 53)) for s, e in pairs_of]
        roads: dict[str, Callable[[], Any]] = {
            "fftconvolve": lambda: fftconvolve(a, a),  # noqa: B023
            "oaconvolve": lambda: oaconvolve(a, a),  # noqa: B023
            "arb_poly, 53 bits": lambda: flint.arb_poly(balls) * flint.arb_poly(balls),  # noqa: B023
        }
        if n <= 10**4:
            roads["numpy.convolve"] = lambda: np.convolve(a, a)  # noqa: B023
        times = medians(
            lambda: convolve(X, X, method="fft"),  # noqa: B023
            *roads.values(),
            budget=3 * options.budget,
            least=3,
        )
        ours = f"ours: worst error {worst_error(convolve(X, X, method='fft'), truth):.0e}"
        for (name, road), seconds in zip(roads.items(), times[1:], strict=True):
            note = ours if "arb" in name else f"{ours}; {error_of(road(), logs)}"
            ratios = {10**3: 10.0, 10**4: 5.0, 10**5: 3.0}
            limit = {"fftconvolve": ratios[n], "arb_poly, 53 bits": 0.4 if n < 10**4 else 0.2}.get(name)
            yield Result(f"full range, 2 x Binomial({n:,}, .3)", times[0], name, seconds, limit, "design 10", note=note)


def copies(options: Options) -> Iterator[Result]:
    """n @ X of a random 1000-point PMF against dp-accounting and aggregate, and one tail alone."""
    step = random_pmf(1000)
    X = Distribution.from_array(step)
    for n in options.sizes(100, 1000, long=(10_000,)):
        total = n @ X
        logs = logs_of(total)
        for name, road in _accountants(step, n).items():
            ours, theirs = medians(lambda: n @ X, road, budget=2 * options.budget, least=3)  # noqa: B023
            note = f"ours: error ≤ {total.error:.0e}; {error_of(road(), logs)}"
            yield Result(f"float {n:,} @ X, 1000 outcomes", ours, name, theirs, note=note)
    for n in (10**4, 10**6, 10**9):
        seconds = medians(lambda: power_logsf(X, n, 600 * n), budget=options.budget)[0]  # noqa: B023
        value = power_logsf(X, n, 600 * n)
        yield Result(f"log P(S > c), n = {n:,}", seconds, limit=0.02, source="design 10", note=f"{value:.10g}")


def _accountants(step: np.ndarray, n: int) -> dict[str, Callable[[], np.ndarray]]:
    """The n-fold sums of other libraries, those that are installed."""
    found: dict[str, Callable[[], np.ndarray]] = {}
    if find_spec("dp_accounting"):
        from dp_accounting.pld import common

        def accountant() -> np.ndarray:
            _, values = common.self_convolve(step, n)
            return np.pad(values, (0, max(0, n * 999 + 1 - len(values))))[: n * 999 + 1]

        found["dp-accounting"] = accountant
    return found


def waiting(options: Options) -> Iterator[Result]:
    """The coupon collector: a sum of different geometric laws, against convolutions over one long window."""
    for n in (100, 365):
        chances = [k / n for k in range(1, n + 1)]
        middle = round(n * math.log(n))
        ours, loop = partial(_collected, chances, middle), partial(_collected_by_numpy, chances, middle)
        seconds = medians(ours, budget=options.budget, least=3)[0]
        theirs = once(loop)
        far = sum_of(map(Geometric, chances)).logsf(55 * n)
        note = f"ours - theirs {ours() - loop():.0e}; log P(T > {55 * n:,}) = {far:.12g}"
        limit = 0.2 if n >= 365 else None
        yield Result(f"coupon collector of {n}: cdf", seconds, "numpy.convolve, one by one", theirs, limit, note=note)


def _collected(chances: list[float], trials: int) -> float:
    """P(all coupons within so many trials)."""
    return float(sum_of(map(Geometric, chances)).cdf(trials))


def _collected_by_numpy(chances: list[float], trials: int) -> float:
    """The same by a loop of convolutions over a window that hardly misses anything."""
    n = len(chances)
    end = round(n * (math.log(n) + 20))
    k, result = np.arange(end), np.ones(1)
    for p in chances:
        result = np.convolve(result, p * (1 - p) ** k)[:end]
    # The first outcome is n, one trial for each coupon.
    return float(result[: trials - n + 1].sum())


def many(options: Options) -> Iterator[Result]:
    """Sums of many different terms: Poisson-binomial laws, and 1000 PMFs of 100 points."""
    rng = np.random.default_rng(3)
    for n in options.sizes(10**4, 10**5, 10**6):
        ps = rng.random(n)
        seconds = medians(lambda: PoissonBinomial(ps).law.measure, budget=options.budget, least=3)[0]  # noqa: B023
        found = PoissonBinomial(ps)
        # The two ends are products of all failures, and of all successes.
        ends = [float(np.log1p(-ps).sum()), float(np.log(ps).sum())]
        off = max(abs(found.logpmf(k) / end - 1) for k, end in zip((0, n), ends, strict=True))
        limit = {10**4: 0.005, 10**5: 0.15, 10**6: 1.8}[n]
        note = f"bound {found.error:.0e}; logs of both ends right to {off:.0e}"
        yield Result(f"Poisson-binomial, {n:,} terms", seconds, limit=limit, source="design 10", note=note)
        for name, road in _counters(ps).items():
            theirs = once(road)
            yield Result(f"Poisson-binomial, {n:,} terms", seconds, name, theirs, note=error_of(road(), logs_of(found)))
    terms = rng.random((1000, 100))
    terms /= terms.sum(axis=1)[:, None]
    laws = [Distribution.from_array(w) for w in terms]

    def one_after_the_other() -> np.ndarray:
        result = np.ones(1)
        for w in terms:
            result = np.convolve(result, w)
        return result

    seconds = medians(lambda: sum_of(laws), budget=options.budget, least=3)[0]
    note = f"bound {sum_of(laws).error:.0e}"
    yield Result("1000 PMFs of 100 points", seconds, limit=0.06, source="design 10", note=note)
    theirs = medians(one_after_the_other, budget=options.budget, least=3)[0]
    note = error_of(one_after_the_other(), logs_of(sum_of(laws)))
    yield Result("1000 PMFs of 100 points", seconds, "numpy.convolve, one by one", theirs, note=note)


def _counters(ps: np.ndarray) -> dict[str, Callable[[], np.ndarray]]:
    """Poisson-binomial laws of others; the quadratic ones only where they end in time."""
    found: dict[str, Callable[[], np.ndarray]] = {}
    if len(ps) <= 10**5:

        def recursion() -> np.ndarray:
            result = np.zeros(len(ps) + 1)
            result[0] = 1.0
            for j, p in enumerate(ps):
                result[1 : j + 2] = result[1 : j + 2] * (1 - p) + result[: j + 1] * p
                result[0] *= 1 - p
            return result

        found["numpy, one by one"] = recursion
    if find_spec("fast_poibin") and len(ps) <= 10**5:
        from fast_poibin import PoiBin

        found["fast-poibin"] = lambda: np.asarray(PoiBin(ps.tolist()).pmf)
    return found


def draw(path: str, n: int = 2000) -> None:
    """The relative error of every entry of Binomial(n, 0.3) plus itself against its log10."""
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    X, truth = Binomial(n, 0.3), Binomial(2 * n, 0.3)
    true = logs_of(truth)
    a = X.to_arrays()[1]
    figure, axes = plt.subplots(figsize=(8, 4.5), layout="constrained")
    with settings(tolerance=1e-10):
        ours = convolve(X, X, method="fft")
    digits = true * np.log10(2)
    kept = digits > FARTHEST
    (x, e), (y, f) = split(ours), split(truth)
    (z, g) = np.frexp(fftconvolve(a, a))
    for label, significands, exponents, color in (
        ("one plain FFT", z, g, "#D55E00"),
        ("distconv", x, e, "#0072B2"),
    ):
        ratio = np.ldexp(significands / y, np.clip(exponents - f, -900, 900))
        error = np.log10(np.abs(ratio - 1) + 1e-17)[kept]
        axes.plot(digits[kept], error, ".", ms=2.5, color=color, label=label)
    axes.axhline(-10, color="0.4", lw=1, ls="--")
    axes.text(-50, -9, "promised: $10^{-10}$", va="bottom", color="0.3")
    axes.text(-50, 5, "nothing right", va="bottom", color="0.3")
    axes.axhline(0, color="0.4", lw=1, ls="--")
    axes.set(
        xlim=(0, FARTHEST),
        xlabel="the true probability",
        ylabel="relative error",
        title=f"Every probability of Binomial({n:,}, 0.3) + itself",
    )
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(lambda value, _: f"$10^{{{value:.0f}}}$")
    axes.legend(markerscale=6, frameon=False)
    figure.savefig(path, dpi=130)


if __name__ == "__main__":
    draw(sys.argv[1])
