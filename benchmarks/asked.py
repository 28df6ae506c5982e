"""Sums that are asked, not laid out: time, and error against 300-bit sums, beside what a user would pick instead."""

from __future__ import annotations

import math
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import flint
import numpy as np
from scipy.signal import fftconvolve
from scipy.stats import multivariate_normal, norm

from benchmarks.results import Result
from benchmarks.timing import medians, once
from distconv import Binomial, Die, Distribution, PoissonBinomial, power, power_pmf, settings, sum_of

if TYPE_CHECKING:
    from benchmarks.__main__ import Options

SOURCE = "design 10"
#: Largest relative error of an answer.
PROMISED = 1e-10
#: Bits of the sums that answers are compared with, and nats after which their nodes are left out.
REFERENCE_BITS, REFERENCE_NATS = 300, 120.0
#: Standard deviations that a sum under a tilt may span before the reference wraps around.
REFERENCE_WIDTH = 40.0


def in_balls(weights: Sequence[flint.fmpq], n: int, place: int, *, above: bool = False) -> float:
    """log P(S = place), or log P(S >= place) above the mean, of n copies of a law of 0, 1, ...: at 300 bits."""
    tilt, deviation = _saddle(np.array([float(w) for w in weights]), n, place)
    bits, flint.ctx.prec = flint.ctx.prec, REFERENCE_BITS
    try:
        length = int(REFERENCE_WIDTH * deviation + (2 * REFERENCE_NATS / tilt if above else 0)) + 64
        step, shrink = flint.acb_poly(list(weights)), flint.arb(tilt).exp()
        top, total = step(flint.acb(shrink)).real.log() * n, flint.arb(0)
        for j in range(length // 2 + 1):
            turn = flint.acb(0, 2 * flint.arb.pi() * j / length).exp()
            value = step(turn * shrink).log() * n - top
            if float(value.real) < -REFERENCE_NATS:
                break
            value = value.exp() * turn ** (-place)
            if above:
                value /= 1 - (turn * shrink) ** -1
            total += value.real if 2 * j in (0, length) else 2 * value.real
        return float((total / length).log() + top - flint.arb(tilt) * place)
    finally:
        flint.ctx.prec = bits


def _saddle(weights: np.ndarray, n: int, place: int) -> tuple[float, float]:
    """The tilt under which n copies have a mean at a place, by bisection, and their standard deviation there."""
    points = np.arange(len(weights))
    low, high = -60.0, 60.0
    for _ in range(200):
        tilt = (low + high) / 2
        tilted = weights * np.exp(tilt * points - max(tilt * points))
        tilted /= tilted.sum()
        low, high = (tilt, high) if n * (tilted @ points) < place else (low, tilt)
    return tilt, math.sqrt(n * (tilted @ points**2 - (tilted @ points) ** 2))


def off(log: float, right: float) -> str:
    """The relative error of a probability from logs, in words."""
    return f"error {abs(math.expm1(log - right)):.0e}"


def is_right(log: float, right: float) -> bool:
    """Whether two logs agree as far as the promise goes, and doubles of that size."""
    return abs(log - right) <= PROMISED + 4 * 2**-53 * abs(right)


def dice(options: Options) -> Iterator[Result]:
    """A trillion dice, and more, against the normal law; and a random number of dice."""
    for n in options.sizes(10**12, 10**15):
        yield from _dice(options, n)


def _dice(options: Options, n: int) -> Iterator[Result]:
    """Single answers of n dice, and of a random number of them."""
    six = [flint.fmpq(1, 6)] * 6
    middle, far, beyond = 35 * n // 10 + 1000, 36 * n // 10, 35 * n // 10 + 6 * math.isqrt(3 * n)
    questions: dict[str, tuple[Callable[[], float], float]] = {
        f"log P(S > {far / n:g} n)": (lambda: (n @ Die(6)).logsf(far), in_balls(six, n, far + 1 - n, above=True)),
        "log P(S > mean + 6 sd)": (lambda: (n @ Die(6)).logsf(beyond), in_balls(six, n, beyond + 1 - n, above=True)),
        "log P(S = c)": (lambda: (n @ Die(6)).logpmf(middle), in_balls(six, n, middle - n)),
    }
    for name, (ask, right) in questions.items():
        (seconds,) = medians(ask, budget=options.budget, least=3)
        found = ask()
        yield _timed(f"{name}, {n:.0e} @ Die(6)", seconds, 0.02, off(found, right), holds=is_right(found, right))
    (seconds,) = medians(lambda: (n @ Die(6)).ppf(1e-9), budget=options.budget, least=3)
    place = (n @ Die(6)).ppf(1e-9)
    # Downwards a die looks as it does upwards: x goes to 7 n - x.
    exact = [in_balls(six, n, 6 * n - x, above=True) for x in (place, place - 1)]
    normal = norm.ppf(1e-9, 3.5 * n, math.sqrt(35 * n / 12))
    note = f"normal law: {abs(normal - float(place)):,.0f} away"
    holds = exact[1] < math.log(1e-9) <= exact[0]
    yield _timed(f"ppf(1e-9), {n:.0e} @ Die(6)", seconds, 0.02, note, holds=holds)
    (seconds,) = medians(
        lambda: (Binomial(n, 0.3) @ Die(6)).logsf(11 * n // 10),
        budget=options.budget,
        least=3,
    )
    mixed = [1 - flint.fmpq(3, 10), *[flint.fmpq(1, 20)] * 6]
    found = (Binomial(n, "3/10") @ Die(6)).logsf(11 * n // 10)
    right = in_balls(mixed, n, 11 * n // 10 + 1, above=True)
    work = f"log P(S > 1.1 n), Binomial({n:.0e}, 0.3) @ Die(6)"
    yield _timed(work, seconds, 0.02, off(found, right), holds=is_right(found, right))


def _timed(work: str, seconds: float, limit: float | None, note: str = "", *, holds: bool = True) -> Result:
    """A row with a time as its target."""
    return Result(work, seconds, limit=limit, source=SOURCE if limit else "", note=note, holds=holds)


def plane(options: Options) -> Iterator[Result]:
    """Steps in the plane: one place of very many, and the whole law of some, floating and exact."""
    n = 10**6
    weights = np.random.default_rng(7).random((3, 3))
    nine = Distribution.from_array(weights, origin=(-1, -1), normalize=True)
    place = tuple(round(n * m) + 500 for m in np.asarray(nine.mean()).tolist())
    ours, theirs = medians(
        lambda: (n @ nine).pmf(place),
        lambda: multivariate_normal.pdf(place, n * np.asarray(nine.mean()), n * np.asarray(nine.cov())),
        budget=options.budget,
        least=3,
    )
    normal = multivariate_normal.pdf(place, n * np.asarray(nine.mean()), n * np.asarray(nine.cov()))
    note = f"normal law: {abs(normal / float((n @ nine).pmf(place)) - 1):.0e} away"
    yield _timed("one place of 10**6 steps of 3 x 3", ours, 0.02, f"{note}, in {1e6 * theirs:.0f} us")
    four = Distribution({(1, 0): 0.2, (-1, 0): 0.3, (0, 1): 0.35, (0, -1): 0.15})
    for name, step, limit in (("four", four, 2.0), ("eight", _eight(), 5.0)):
        for copies in options.sizes(100, 1000):
            road = partial(power, step, copies, method="tilted")
            (seconds,) = medians(road, budget=options.budget, least=1 if copies > 100 else 3)
            plain = partial(_squared_in_the_plane, _cells(step), copies)
            theirs = once(plain)
            worst = _corner_error(road(), step, copies)
            work, note = f"all of {copies:,} steps to {name} neighbours", f"error at the rim {worst:.0e}"
            yield _timed(work, seconds, limit if copies == 1000 else None, note, holds=worst <= PROMISED)
            yield Result(work, seconds, "fftconvolve, squaring", theirs, note=_wrong(plain(), road()))
    yield from _exact_plane(options)


def _eight() -> Distribution:
    """A step to the eight neighbours, uneven."""
    weights = np.random.default_rng(8).random((3, 3))
    weights[1, 1] = 0.0
    return Distribution.from_array(weights, origin=(-1, -1), normalize=True)


def _cells(step: Distribution) -> np.ndarray:
    """The weights of a step to neighbours as an array."""
    found = np.zeros((3, 3))
    for (x, y), p in step.to_dict().items():
        found[x + 1, y + 1] = p
    return found


def _squared_in_the_plane(step: np.ndarray, n: int) -> np.ndarray:
    """The n-fold convolution by repeated squaring, wrong in its tails."""
    result, square = np.ones((1, 1)), step
    while n:
        if n & 1:
            result = fftconvolve(result, square)
        n >>= 1
        if n:
            square = fftconvolve(square, square)
    return result


def _corner_error(total: Distribution, step: Distribution, n: int) -> float:
    """The largest error at the ends of the axes and halfway between two of them, from products and binomials."""
    weights = {k: math.log(v) for k, v in step.to_dict().items()}
    ways = math.lgamma(n + 1) - 2 * math.lgamma(n / 2 + 1)
    checks = []
    if (1, 1) in weights:
        checks += [((n, n), n * weights[1, 1]), ((-n, n), n * weights[-1, 1])]
    else:
        a, b = weights[1, 0], weights[0, 1]
        checks += [((n, 0), n * a), ((0, n), n * b), ((n // 2, n // 2), ways + n // 2 * (a + b))]
    # The logs themselves are rounded.
    found = ((total.logpmf(place), log) for place, log in checks)
    return max(0.0, *(abs(log - right) - 8 * 2**-53 * abs(right) * math.log2(n) for log, right in found))


def _wrong(values: np.ndarray, law: Distribution) -> str:
    """How many entries of an array are far from a law's."""
    right = np.zeros_like(values)
    outcomes, weights = law.to_arrays()
    cells = np.asarray(outcomes, dtype=np.int64) + (len(values) - 1) // 2
    right[tuple(cells.T)] = weights
    asked = right > 0
    return f"{np.mean(np.abs(values[asked] / right[asked] - 1) > 1e-6):.0%} wrong"


def _exact_plane(options: Options) -> Iterator[Result]:
    """Exact steps to the four neighbours, against FLINT's power of the padded polynomial."""
    for n in options.sizes(100, 1000):
        yield from _exact_steps(options, n)


def _exact_steps(options: Options, n: int) -> Iterator[Result]:
    """The whole law of n exact steps, and one of its probabilities."""
    step = Distribution.from_counts({(1, 0): 1, (-1, 0): 1, (0, 1): 1, (0, -1): 1})
    with settings(exact_limit=10**10, warn_seconds=60):
        (whole,) = medians(lambda: n @ step, budget=options.budget, least=1)
    (one,) = medians(lambda: power_pmf(step, n, (0, 0)), budget=options.budget, least=3)
    right = math.comb(n, n // 2) ** 2
    holds = power_pmf(step, n, (0, 0)) * 4**n == right
    limits = (10.0, 1.0) if n == 1000 else (None, None)
    yield _timed(f"all of {n:,} exact steps to four neighbours", whole, limits[0])
    yield _timed(f"one probability of {n:,} exact steps to four neighbours", one, limits[1], "exact", holds=holds)
    if n <= 100:
        side = 2 * n + 1
        padded = flint.fmpz_poly([0, 1, *[0] * (side - 2), 1, 0, 1, *[0] * (side - 2), 1])
        theirs = once(lambda: padded**n)
        yield Result(f"all of {n:,} exact steps to four neighbours", whole, "FLINT Kronecker power", theirs)


def trials(options: Options) -> Iterator[Result]:
    """One number of different trials from an array or a file, beside the whole law and the normal one."""
    for n in options.sizes(10**4, 10**6, 10**7, long=(10**8,)):
        yield from _trials(options, n)


def _trials(options: Options, n: int) -> Iterator[Result]:
    """Single answers of n trials."""
    with _voters(n) as ps:
        mean, deviation = float(ps.sum()), math.sqrt(float((ps * (1 - ps)).sum()))
        place = round(mean + 6 * deviation)
        asked = {
            "log P(S > mean + 6 sd)": lambda: PoissonBinomial(ps).logsf(place),
            "ppf(1e-9)": lambda: PoissonBinomial(ps).ppf(1e-9),
        }
        found = PoissonBinomial(ps).logsf(place)
        normal = norm.logsf(place + 0.5, mean, deviation)
        note, holds = f"normal law: {abs(math.expm1(normal - found)):.0e} away", True
        if n == 10**6:
            # Fewer are laid out at the first question, so that there is nothing to compare.
            whole = PoissonBinomial(ps).hold()
            holds = is_right(found, whole.logsf(place)) and whole.ppf(1e-9) == PoissonBinomial(ps).ppf(1e-9)
            note += f", tree {abs(math.expm1(whole.logsf(place) - found)):.0e} away"
        limit = {10**6: 0.3, 10**7: 2.0, 10**8: 20.0}.get(n)
        for name, call in asked.items():
            least = 1 if n > 10**6 else 3
            (seconds,) = medians(call, budget=options.budget, least=least)
            yield _timed(f"{name}, {n:,} different trials", seconds, limit, note, holds=holds)
        if n <= 10**4 and find_spec("fast_poibin"):
            from fast_poibin import PoiBin

            theirs = once(lambda: PoiBin(ps.tolist()).pmf)
            yield Result(f"log P(S > mean + 6 sd), {n:,} different trials", seconds, "fast-poibin, whole", theirs)


@contextmanager
def _voters(n: int) -> Iterator[np.ndarray]:
    """So many probabilities: an array, or where they are very many a file that need not fit into memory."""
    rng = np.random.default_rng(3)
    if n < 10**8:
        yield rng.random(n)
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ps.npy"
        file = np.lib.format.open_memmap(path, mode="w+", dtype=np.float64, shape=(n,))
        for start in range(0, n, 10**6):
            file[start : start + 10**6] = rng.random(10**6)
        file.flush()
        del file
        found: Any = np.load(path, mmap_mode="r")
        yield found
        del found


def loops(options: Options) -> Iterator[Result]:
    """A loop of += of different laws of ten points, then one tail, against the loop over arrays."""
    for n in options.sizes(1000, 10**4):
        yield from _loop(options, n)


def _loop(options: Options, n: int) -> Iterator[Result]:
    """A loop of n additions."""
    rows = np.random.default_rng(5).random((n, 10))
    rows /= rows.sum(axis=1)[:, None]
    laws = [Distribution.from_array(row) for row in rows]
    mean = sum(float(law.mean()) for law in laws)
    deviation = math.sqrt(sum(float(law.var()) for law in laws))
    place = round(mean + 6 * deviation)

    def looped() -> float:
        total = laws[0]
        for law in laws[1:]:
            total += law
        return float(total.logsf(place))

    def one_by_one() -> float:
        total = np.ones(1)
        for row in rows:
            total = np.convolve(total, row)
        return float(np.log(total[place + 1 :].sum()))

    seconds, theirs = medians(looped, budget=options.budget, least=1)[0], once(one_by_one)
    work = f"a loop of {n:,} += of ten points, one sf"
    holds, note = True, ""
    if n <= 1000:
        right = float(sum_of(laws).hold().logsf(place))
        holds, note = is_right(looped(), right), off(looped(), right)
    yield _timed(work, seconds, 1.0 if n == 10**4 else None, note, holds=holds)
    yield Result(work, seconds, "numpy.convolve, one by one", theirs, note=off(one_by_one(), looped()))
