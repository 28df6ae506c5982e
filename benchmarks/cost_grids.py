"""Grids of calls for `benchmarks.costs`: for every group of constants the work that they are measured on.

A grid is a function that yields (name, call); a call does the work and returns the plan that was made for it.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from benchmarks import predicted_sums, predictions
from benchmarks.floating import random_pmf
from benchmarks.predicted_sums import Case, announced, scattered
from distconv import (
    Binomial,
    Distribution,
    Geometric,
    Kernel,
    Poisson,
    Uniform,
    convolve,
    highest,
    monoids,
    order_statistic,
    power,
    sum_of,
    sum_of_draws,
)
from distconv.families import formulaic
from distconv.interop.scipy_stats import from_scipy
from distconv.laws.kept import kept, seconds_of_one
from distconv.methods import ball, certified, coefficient, direct
from distconv.methods.alignment import operand
from distconv.methods.operands import Operand
from distconv.planning import BOXES, Patch, Plan, costs
from distconv.support.boxes import Box, Region
from distconv.support.lattice import sum_shape

Laws = tuple[Distribution, Distribution]


def _noise(*shape: int, seed: int = 0) -> Distribution:
    return Distribution.from_array(random_pmf(*shape, seed=seed) + 1e-6, normalize=True)


def _forced(a: Distribution, b: Distribution, method: str) -> Callable[[], Plan]:
    """A sum by a method, and its plan."""
    return announced(lambda: convolve(a, b, method=method))


def total(laws: Sequence[Distribution]) -> Distribution:
    """The sum of some laws."""
    return sum_of(laws)


def _told(work: Callable[[], object], plan: Callable[[], float]) -> Callable[[], Plan]:
    """A call that does the work and returns a plan of so many seconds."""

    def call() -> Plan:
        work()
        return Plan("told", "float", seconds=plan())

    return call


def _held(work: Callable[[], object], cells: int, each: Callable[[], int]) -> Callable[[], Plan]:
    """A call that does the work and returns a plan of so many bytes for each cell."""

    def call() -> Plan:
        work()
        return Plan("held", "float", cells, cells * each())

    return call


# Sums of two ----------------------------------------------------------------------------------------------------------


def exact() -> Iterator[Case]:
    """Dense exact products."""
    for size in (100, 1000, 10_000):
        for bits in (16, 64, 512, 4096):
            rng = np.random.default_rng(size)
            values = [[int.from_bytes(rng.bytes(bits // 8)) + 1 for _ in range(size)] for _ in range(2)]
            yield (
                f"{size} cells of {bits} bits",
                _forced(*[Distribution.from_counts(dict(enumerate(v))) for v in values], "exact"),
            )


def _places(points: int, seed: int, bits: int = 12) -> Distribution:
    """An exact law of points far apart, its counts of so many bits."""
    rng = np.random.default_rng(seed)
    places = rng.choice(10**9, points, replace=False).tolist()
    return Distribution.from_counts({x: int.from_bytes(rng.bytes(bits // 8 + 1)) | 1 for x in places})


def exact_pairs() -> Iterator[Case]:
    """Sparse exact products."""
    for points in (30, 100, 300, 700):
        for bits in (12, 500, 3000):
            yield (
                f"{points} points of {bits} bits",
                _forced(_places(points, 0, bits), _places(points, 1, bits), "sparse"),
            )


def floating_pairs() -> Iterator[Case]:
    """Sparse floating products."""
    for points in (3, 10, 30, 100, 300, 1000):
        laws = (_places(points, seed).to_float() for seed in (0, 1))
        yield f"{points} points", _forced(*laws, "sparse")


def banded_pairs() -> Iterator[Case]:
    """Powers of sparse points whose weights are thousands of bits apart."""
    for n in (50, 100, 200, 400):
        law = Distribution({0: "1/4", 1: "1/4", 7: 0.5 - 2.0**-1074, 30: 2.0**-1074, 99_991: 2.0**-700}, normalize=True)
        yield f"{n} copies", announced(lambda law=law, n=n: power(law, n, method="direct"))


def letters() -> Iterator[Case]:
    """Sums of laws with letters."""
    import sympy

    p, q = sympy.symbols("p q", positive=True)
    for size in (3, 10, 30):
        X = Distribution(dict.fromkeys(range(size - 1), p) | {size - 1: 1 - (size - 1) * p})
        Y = Distribution(dict.fromkeys(range(size - 1), q) | {size - 1: 1 - (size - 1) * q})
        yield f"{size} outcomes", announced(lambda X=X, Y=Y: X + Y)


def boxes(method: str, dimension: int) -> Iterator[Case]:
    """Dense floating sums of noise by one method."""
    sizes = ((4, 100), (30, 1000), (100, 1000), (1000, 1000), (100, 10_000), (3000, 3000))
    if dimension > 1:
        sizes = ((2, 8), (3, 30), (3, 100), (10, 30), (10, 100), (30, 30), (50, 100))
    for m, n in sizes:
        a, b = _noise(*[m] * dimension), _noise(*[n] * dimension, seed=1)
        if method != "ball" or n**dimension <= 3000:
            yield f"{m} + {n}", _forced(a, b, method)


def gaps() -> Iterator[Case]:
    """Transforms of sparse points in a box of cells."""
    for points, span in ((30, 1000), (100, 1000), (100, 10_000), (1000, 10_000), (1000, 30_000)):
        laws = [scattered(points, span, seed).to_float() for seed in (0, 1)]
        yield f"{points} points in {span}", _forced(*laws, "fft")


def bells(dimension: int) -> Iterator[Case]:
    """Sums of binomial-like laws by windows."""
    for size in (100, 300, 1000, 10_000, 30_000) if dimension == 1 else (10, 20, 40, 80):
        row = Binomial(size, 0.3).to_arrays()[1]
        array = row if dimension == 1 else np.multiply.outer(row, row)
        law, other = (
            (Distribution.from_array(array, origin=k, normalize=True) for k in (0, 1))
            if dimension == 1
            else (
                Distribution.from_array(array, normalize=True),
                Distribution.from_array(array[::-1], normalize=True),
            )
        )
        yield f"{size}", _forced(law, other, "tilted")


def _operands(size: int, low: float, *shape: int) -> tuple[Operand, Operand, Region]:
    """Two arrays of noise down to 2**low, and all entries of their sum."""
    rng = np.random.default_rng(size)
    arrays = []
    for _ in range(2):
        exponents = np.floor(rng.uniform(low, 0.0, shape or (size,))).astype(np.int64)
        arrays.append(Operand(rng.uniform(0.5, 1.0, exponents.shape), exponents, True))
    a, b = arrays
    return a, b, Region.of(a.shape, b.shape, Box.whole(sum_shape(a.shape, b.shape)))


def looks() -> Iterator[Case]:
    """Looking at a box before it is computed: which way is next."""
    for size in (100, 3000, 30_000, 300_000):
        a, b, region = _operands(size, -3.0)
        bad = np.zeros(region.shape, dtype=bool)
        bad[[10, -10]] = True
        task = certified.Task(region, None, "fft", certified.further())
        part = Box((10,), (11,))
        yield (
            f"{size} cells",
            _told(
                lambda a=a, b=b, task=task, part=part, bad=bad: certified._next(a, b, task, part, bad, 1e-10),
                lambda size=size: costs.BOX_SECONDS + costs.LOOK_SECONDS * 2 * min(size, 11),
            ),
        )


def bands() -> Iterator[Case]:
    """Direct sums of short arrays over a wide range."""
    for low in (-5e3, -2e4, -5e4):
        a, b, region = _operands(60, low)
        _, count = direct.work(a, b)
        yield (
            f"{count} pairs of bands",
            _told(
                lambda a=a, b=b, region=region: direct.convolve(a, b, region, 1e-10),
                lambda count=count: count * costs.BAND_SECONDS,
            ),
        )


def wide_balls() -> Iterator[Case]:
    """Ball arithmetic of noise, and of bells, over a wide range."""
    for size in (300, 600, 1000):
        for low in (-2e3, -1e4):
            yield _by_balls(f"{size} cells down to 2**{low:.0f}", *_operands(size, low))
    for size in (2000, 4000):
        for low in (-1e3, -2e3, -5e3):
            bits = low * (2 * np.arange(size) / size - 1) ** 2
            exponents = np.floor(bits).astype(np.int64)
            bell = Operand(np.exp2(bits - exponents) / 2, exponents + 1, True)
            region = Region.of(bell.shape, bell.shape, Box.whole(sum_shape(bell.shape, bell.shape)))
            yield _by_balls(f"bells of {size} cells down to 2**{low:.0f}", bell, bell, region)


def _by_balls(name: str, a: Operand, b: Operand, region: Region) -> Case:
    """A product in ball arithmetic, against what is told of it where another way left it."""
    names = frozenset(("direct", "ball"))
    return (
        name,
        _told(lambda: ball.convolve(a, b, region), lambda: certified._ways(a, b, region, 1e-10, names)["ball"]),
    )


def stretches() -> Iterator[Case]:
    """Windows on many stretches of outcomes between gaps."""
    for count, length in ((3, 50), (10, 50), (30, 50)):
        array = np.zeros(count * 20 * length)
        for i in range(count):
            array[20 * length * i : 20 * length * i + length] = Binomial(length - 1, 0.5).to_arrays()[1]
        law, other = (
            Distribution.from_array(array, normalize=True),
            Distribution.from_array(array[:length], normalize=True),
        )
        x, y = (operand(m.law.measure, (1,)) for m in (law, other))
        region = Region.of(x.shape, y.shape, Box.whole(sum_shape(x.shape, y.shape)))
        cells = region.shape[0]
        wanted = np.convolve(x.significands > 0, y.significands > 0) > 0
        yield (
            f"{count} stretches of {length}",
            _told(
                lambda x=x, y=y, region=region, wanted=wanted: BOXES["tilted"].run(x, y, region, wanted, 1e-10),
                lambda count=count, cells=cells, region=region: (
                    BOXES["tilted"].cost(Patch(region, 0))
                    + count * (costs.STRETCH_SECONDS + costs.STRETCH_CELL_SECONDS * cells)
                ),
            ),
        )


# Sums of copies and of many -------------------------------------------------------------------------------------------


def windows(dimension: int) -> Iterator[Case]:
    """Sums of copies by windows."""
    for points in (30, 300, 1000) if dimension == 1 else (24, 40):
        for n in (10, 100, 1000) if dimension == 1 else (8, 16):
            law = _noise(*[points] * dimension)
            if n * points < 10**6 / dimension**4:
                yield f"{n} of {points}", announced(lambda law=law, n=n: power(law, n, method="tilted"))


def bells_of_copies(dimension: int) -> Iterator[Case]:
    """Sums of copies of few points in more dimensions by bells."""
    for points, n in (
        ((2, 30), (2, 300), (3, 10), (3, 100), (3, 300), (9, 30)) if dimension == 2 else ((2, 10), (2, 20))
    ):
        law = _noise(*[points] * dimension)
        yield f"{n} of {points}", announced(lambda law=law, n=n: power(law, n, method="tilted"))


def ways() -> Iterator[Case]:
    """Sums of copies by all ways to divide them among few points."""
    for points, n in ((2, 10), (2, 1000), (2, 10_000), (3, 30), (3, 300), (5, 20), (5, 40), (8, 10)):
        law = scattered(points, 10**9, 0).to_float()
        yield f"{n} of {points} points", announced(lambda law=law, n=n: power(law, n, method="sparse"))


def exact_copies() -> Iterator[Case]:
    """Exact sums of copies in the plane, row by row."""
    for shape, n in (
        ((2, 2), 100),
        ((2, 2), 300),
        ((3, 3), 30),
        ((3, 3), 100),
        ((3, 3), 200),
        ((5, 5), 30),
        ((5, 5), 60),
    ):
        counts = {place: 1 + 3 * place[0] + place[1] for place in np.ndindex(shape)}
        law = Distribution.from_counts(counts)
        yield f"{n} of {shape}", announced(lambda law=law, n=n: power(law, n, method="exact"))


def sublattices() -> Iterator[Case]:
    """Exact sums of copies on a sublattice of the plane."""
    for n in (200, 300, 400):
        law = Distribution.from_counts({(1, 0): 1, (-1, 0): 2, (0, 1): 3, (0, -1): 4})
        yield f"{n} steps", announced(lambda law=law, n=n: n @ law)


def coefficients(way: Callable[[coefficient.Place], tuple[Plan, Callable[[], object]] | None]) -> Iterator[Case]:
    """One exact probability of a sum of copies, by this way."""
    for cells, n in ((2, 1000), (2, 20_000), (3, 300), (3, 10_000), (6, 300), (6, 3000), (6, 8000)):
        measure = Distribution.from_counts({k: k + 1 for k in range(cells)}).law.measure
        place = coefficient.Place(measure, n, (n * (cells - 1) // 2,))

        def call(place: coefficient.Place = place) -> Plan:
            found = way(place)
            assert found is not None
            plan, run = found
            run()
            return plan

        yield f"{n} of {cells} cells", call


def squarings() -> Iterator[Case]:
    """Small powers by squaring."""
    for n in (3, 7, 31, 127):
        law = _noise(3)
        yield f"{n} copies", announced(lambda law=law, n=n: power(law, n, method="direct"))


def joins() -> Iterator[Case]:
    """Exact sums of different terms."""
    for count in (3, 10, 50, 200):
        laws = [Distribution({0: "1/2", k: "1/2"}) for k in range(1, count + 1)]
        yield f"{count} coins", announced(lambda laws=laws: sum_of(laws))


def rows() -> Iterator[Case]:
    """Sums of different floating terms without gaps."""
    for count, size in ((3, 10), (3, 1000), (10, 100), (10, 1000), (50, 100), (50, 1000), (200, 10)):
        laws = [_noise(size, seed=seed) for seed in range(count)]
        yield f"{count} of {size}", announced(lambda laws=laws: sum_of(laws))


def accumulations() -> Iterator[Case]:
    """Sums of coins of many weights."""
    for count, step in ((50, 1), (100, 3), (200, 1), (200, 10), (400, 3)):
        laws = [Distribution({0: 0.5, 1 + step * k: 0.5}) for k in range(count)]
        yield f"{count} coins to {step * count}", announced(lambda laws=laws: sum_of(laws))


def joined() -> Iterator[Case]:
    """Windows of sums of infinite laws."""
    for count in (5, 20, 50, 100):

        def work(count: int = count) -> float:
            return float(sum_of([Geometric(1.0 / (2 + 0.37 * k)) for k in range(count)]).sf(4 * count))

        yield f"{count} geometric laws", announced(work)


def compounds() -> Iterator[Case]:
    """Finite numbers of floating terms."""
    for most in (5, 30, 100, 300):
        for size in (6, 60):
            law = _noise(size)
            if most < 100:
                exact_law = Uniform(1, size)
                yield f"{most} of {size}, exact", announced(lambda X=exact_law, most=most: Uniform(1, most) @ X)
            yield f"{most} of {size}", announced(lambda law=law, most=most: Uniform(1, most) @ law)


def counted(size: int) -> Iterator[Case]:
    """Sums of a Poisson number of terms of so many cells."""
    for mean in (3, 30, 300) if size < 100 else (30, 100, 300):
        law = _noise(size)
        yield (
            f"Poisson({mean}) of {size}",
            announced(lambda law=law, mean=mean: (Poisson(mean) @ law).sf(mean * size // 2)),
        )


# Other operations -----------------------------------------------------------------------------------------------------


def mixtures() -> Iterator[Case]:
    """Mixtures of laws."""
    yield from predicted_sums.mixtures()


def updates() -> Iterator[Case]:
    """Bayes' rule."""
    yield from predictions.posteriors()


def given_sums() -> Iterator[Case]:
    """Summands once the sum is known."""
    yield from predictions.given_sums()


def stays(*, exact: bool) -> Iterator[Case]:
    """Walks that are kept in a region: measure by measure, or in rows of doubles."""
    yield from ((name, call) for name, call in predictions.walks() if name.endswith("exact") == exact)


def _kept(points: int, terms: int, copies: int) -> Distribution:
    """A sum kept as its terms, of so many points each."""
    laws = [Distribution.from_array(row) for row in np.random.default_rng(terms).dirichlet(np.ones(points), terms)]
    return Distribution.of(kept([(law.law, copies) for law in laws]))


def asked() -> Iterator[Case]:
    """Single answers of sums that are kept as their terms."""
    for points, terms, copies in ((6, 1, 10**6), (6, 40, 10**3), (10, 1000, 10), (10, 5000, 10), (60, 1000, 1)):
        S = _kept(points, terms, copies)
        places = itertools.count(int(S.mean()) + int(S.std()))
        yield (
            f"{terms} terms of {points}",
            _told(lambda S=S, k=places: S.sf(next(k)), lambda S=S: seconds_of_one(law for law, _ in S.law.addends())),
        )


def places() -> Iterator[Case]:
    """Many outcomes next to each other of such sums."""
    for copies in (10**5, 10**6, 10**7):
        S, middle = _kept(6, 1, copies), int(copies * 2.5)
        where = np.arange(middle - 10**4, middle + 10**4)
        yield (
            f"20,000 places of {copies:,} copies",
            _told(lambda S=S, x=where: S.pmf(x), lambda S=S: 20_000 * S.law.seconds_of_a_place()),
        )


def draws() -> Iterator[Case]:
    """Draws without replacement: ranks without ties, values with ties, and sums that lie far apart."""
    for n in (50, 100, 200):
        yield f"{n // 2} of {n} ranks", lambda n=n: sum_of_draws(range(1, n + 1), n // 2).how()
    for n in (40, 80, 120):
        yield f"{n // 2} of {n}, with ties", lambda n=n: sum_of_draws([k * k % 53 for k in range(n)], n // 2).how()
    for n in (12, 16):
        yield f"{n // 2} of {n}, far apart", lambda n=n: sum_of_draws([k**7 % 999_983 for k in range(n)], n // 2).how()


def ranks(*, exact: bool) -> Iterator[Case]:
    """Order statistics."""
    yield from ((name, call) for name, call in predictions.ranks() if name.endswith("exact") == exact)


def best(*, exact: bool) -> Iterator[Case]:
    """Sums of the best of many draws."""
    yield from ((name, call) for name, call in predictions.sums_of_the_best() if name.endswith("exact") == exact)


def monoid_powers() -> Iterator[Case]:
    """Powers under other operations than addition."""
    yield from predictions.monoid_powers()


def filters() -> Iterator[Case]:
    """Kernels on signals."""
    yield from predictions.filters()


def object_filters() -> Iterator[Case]:
    """Kernels on integers too large for the machine's."""
    for cells in (1000, 10_000, 100_000):
        signal = np.array([10**25 + k for k in range(cells)], dtype=object)
        kernel = Kernel([1, 2, 1])
        yield f"{cells} cells", announced(lambda kernel=kernel, signal=signal: kernel.apply(signal, mode="valid"))


def matrices() -> Iterator[Case]:
    """Kernels as matrices."""
    for n, taps in ((1000, 3), (10_000, 5), (30_000, 31)):
        kernel = Kernel(np.ones(taps))
        yield f"{taps} taps on {n}", announced(lambda kernel=kernel, n=n: kernel.matrix(n))


# Memory ---------------------------------------------------------------------------------------------------------------


def large_pairs(*, exact: bool) -> Iterator[Case]:
    """Many pairs of points far apart."""
    for points in (500, 1000):
        laws = [_places(points, seed) for seed in (0, 1)]
        yield f"{points} points", _forced(*(laws if exact else [law.to_float() for law in laws]), "sparse")


def large_letters() -> Iterator[Case]:
    """Letters at many outcomes."""
    import sympy

    p = sympy.Symbol("p", positive=True)
    X = Distribution(dict.fromkeys(range(300), p) | {300: 1 - 300 * p})
    yield "301 outcomes", announced(lambda: X + X)


def large_boxes(method: str) -> Iterator[Case]:
    """Long dense sums."""
    size = 30_000 if method == "ball" else 100_000 if method == "tilted" else 1_000_000
    if method == "direct":
        yield "10 + 2,000,000", _forced(_noise(10), _noise(2_000_000, seed=1), method)
        return
    for n in (size, 2 * size):
        laws = [Binomial(n, 0.3).to_float(), 1 + Binomial(n, 0.3).to_float()] if method == "tilted" else None
        yield f"{n:,}", _forced(*(laws or [_noise(n), _noise(n, seed=1)]), method)


def large_ways() -> Iterator[Case]:
    """Many ways to divide copies among points."""
    for points, n in ((4, 150), (5, 60)):
        law = scattered(points, 10**9, 0).to_float()
        yield f"{n} of {points} points", announced(lambda law=law, n=n: power(law, n, method="sparse"))


def large_accumulations() -> Iterator[Case]:
    """Sums of coins of large weights."""
    laws = [Distribution({0: 0.5, 20_011 * (k + 1) % 65_537 + 1: 0.5}) for k in range(30)]
    yield "30 coins", announced(lambda: sum_of(laws))


def large_ranks() -> Iterator[Case]:
    """Order statistics of many points."""
    X = Uniform(1, 20_000).to_float()
    yield "20,000 points", lambda: order_statistic(X, 10, 5).how()


def large_best(*, sparse: bool) -> Iterator[Case]:
    """Sums of the best of wide laws."""
    if sparse:
        X = scattered(25, 10**9, 0)
        yield "25 points", lambda: highest(X, 12, 4).how()
    else:
        Y = Uniform(1, 100).to_float()
        yield "100 points", lambda: highest(Y, 600, 300).how()


def large_monoids() -> Iterator[Case]:
    """All pairs of many outcomes."""
    gcd = monoids.Monoid(math.gcd, 0, name="gcd")
    X = Uniform(1, 400)
    yield "400 points", announced(lambda: convolve(X, X, monoid=gcd))


def large_cubes() -> Iterator[Case]:
    """Walsh-Hadamard transforms of long laws."""
    X = Uniform(0, 2**16 - 1)
    yield "65,536 cells", lambda: power(X, 3, monoid=monoids.xor).how()


def large_filters() -> Iterator[Case]:
    """Kernels on long signals."""
    signal, kernel = np.random.default_rng(0).random(4_000_000), Kernel([0.5, 0.25, 0.25])
    yield "4,000,000 cells", announced(lambda: kernel.apply(signal, mode="valid"))


def large_object_filters() -> Iterator[Case]:
    """Kernels on large integers."""
    signal, kernel = np.array([10**25 + k for k in range(300_000)], dtype=object), Kernel([1, 2, 1])
    yield "300,000 cells", announced(lambda: kernel.apply(signal, mode="valid"))


def large_matrices() -> Iterator[Case]:
    """A kernel as a large matrix."""
    kernel = Kernel(np.ones(31))
    yield "31 taps on 100,000", announced(lambda: kernel.matrix(100_000))


def large_families() -> Iterator[Case]:
    """A window of a named family."""
    assert formulaic
    for n in (300_000, 1_000_000):
        yield f"{n:,}", _held(lambda n=n: Binomial(n, 0.3).law.measure, n, lambda: costs.FAMILY_POINT_BYTES)


def large_scipy() -> Iterator[Case]:
    """A window of a law of scipy's."""
    from scipy import stats

    def work() -> Any:
        return from_scipy(stats.randint(0, 1_000_000))

    yield "1,000,000", _held(work, 1_000_000, lambda: costs.SCIPY_POINT_BYTES)
