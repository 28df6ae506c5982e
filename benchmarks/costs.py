"""``python -m benchmarks.costs``: the planner's constants, measured here, beside the values in the code.

Each cost model (a start plus so much per unit of work) is fitted by non-negative least squares of relative errors over
a grid of sizes. Constants within a factor of two of the coded ones choose the same methods nearly everywhere
(``python -m benchmarks.plan_quality``), so that is what the last column says.
"""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from scipy.optimize import nnls

from benchmarks.floating import random_pmf
from benchmarks.peers import numerators
from benchmarks.results import aligned, shown_ratio, shown_seconds
from benchmarks.timing import medians
from distconv import Binomial, Die, Distribution
from distconv.methods import ball, direct, exact, fft, powering, sparse, tilted
from distconv.methods.alignment import operand as operand_of
from distconv.methods.operands import Operand
from distconv.planning import costs as model
from distconv.settings import Settings
from distconv.support.boxes import Box, Region
from distconv.support.lattice import sum_shape

#: Seconds of measuring per size.
BUDGET = 0.1


@dataclass(frozen=True, slots=True)
class Constant:
    """A constant of the planner.

    Attributes:
        name: as in the code.
        coded: its value there.
        measured: its value here; None where the fit does not tell it from 0.
        unit: seconds, times, points, ...
    """

    name: str
    coded: float
    measured: float | None
    unit: str = "s"

    def cells(self) -> list[str]:
        """The row as strings."""
        if self.measured is None:
            return [self.name, f"{self.coded:.3g}", "not told from 0", self.unit, "", ""]
        factor = self.measured / self.coded
        verdict = "yes" if 0.5 <= factor <= 2 else "**no**"
        return [self.name, f"{self.coded:.3g}", f"{self.measured:.3g}", self.unit, shown_ratio(factor), verdict]


def fitted(rows: list[tuple[float, ...]], seconds: list[float]) -> list[float | None]:
    """The non-negative coefficients of the columns that give these times, with the least relative error."""
    matrix, times = np.array(rows), np.array(seconds)
    scaled = matrix / times[:, None]
    sizes = np.linalg.norm(scaled, axis=0)
    found, _ = nnls(scaled / sizes, np.ones(len(times)))
    return [float(c / s) if c > 0 else None for c, s in zip(found, sizes, strict=True)]


def seconds_of(*calls: Callable[[], object]) -> list[float]:
    """Median seconds of each call."""
    return medians(*calls, budget=BUDGET * len(calls), least=3)


def whole(a: Operand, b: Operand) -> Region:
    """All entries of the convolution of two operands."""
    return Region.of(a.shape, b.shape, Box.whole(sum_shape(a.shape, b.shape)))


def operand(*shape: int, seed: int = 0) -> Operand:
    """A random array with no zeros."""
    return Operand(random_pmf(*shape, seed=seed) + 1e-12, None, True)


def exact_products() -> Iterator[Constant]:
    """Dense exact products: the plan's 1e-6 + cells (EXACT_CELL_SECONDS + bits EXACT_BIT_SECONDS)."""
    rows, times = [], []
    for size in (100, 1000, 10_000):
        for bits in (16, 64, 512, 4096):
            rng = np.random.default_rng(size)
            values = [[int.from_bytes(rng.bytes(bits // 8)) + 1 for _ in range(size)] for _ in range(2)]
            X, Y = (Distribution.from_counts(dict(enumerate(v)))._measure for v in values)
            result = exact.convolve(X, Y)
            cells, total = 2 * size - 1, result.weights.denominator.bit_length()
            rows.append((1.0, cells, cells * total))
            times += seconds_of(lambda: exact.convolve(X, Y))  # noqa: B023
    _, cell, bit = fitted(rows, times)
    yield Constant("planning.EXACT_CELL_SECONDS", model.EXACT_CELL_SECONDS, cell, "s/cell")
    yield Constant("planning.EXACT_BIT_SECONDS", model.EXACT_BIT_SECONDS, bit, "s/bit of the result")
    if bit is not None:
        limit = Settings().exact_limit
        yield Constant("settings: seconds at exact_limit", 1.0, limit * bit, "s, a product of that size")


def exact_powers() -> Iterator[Constant]:
    """Powers of short polynomials: how many times less a bit of the result costs than in a product."""
    bits_seconds = model.EXACT_BIT_SECONDS
    for n in (300, 1000, 3000, 10_000):
        die = Die(6)._measure
        (seconds,) = seconds_of(lambda: exact.power(die, n))  # noqa: B023
        cells, bits = 5 * n + 1, n * (6).bit_length()
        left = max(seconds - cells * model.EXACT_CELL_SECONDS, 0.1 * seconds)
        speedup = cells * bits * bits_seconds / left
        yield Constant(f"planning.POWER_SPEEDUP at {n:,} dice", model.POWER_SPEEDUP, speedup, "times")


def pairs() -> Iterator[Constant]:
    """Sparse products: seconds per pair of points."""
    rows, exact_times, float_times = [], [], []
    for points in (30, 100, 300, 1000):
        rng = np.random.default_rng(points)
        places = [sorted({int(v) for v in rng.integers(0, 10**9, points)}) for _ in range(2)]
        laws = [
            Distribution.from_counts(dict(zip(at, numerators(points, seed), strict=False)))
            for seed, at in enumerate(places)
        ]
        x, y = (law._measure for law in laws)
        f, g = (law.to_float()._measure for law in laws)
        pair, floating = seconds_of(lambda: sparse.convolve(x, y), lambda: sparse.convolve(f, g))  # noqa: B023
        rows.append((1.0, float(points * points)))
        exact_times.append(pair)
        float_times.append(floating)
    yield Constant("planning.PAIR_EXACT_SECONDS", model.PAIR_EXACT_SECONDS, fitted(rows, exact_times)[1], "s/pair")
    yield Constant("planning.PAIR_FLOAT_SECONDS", model.PAIR_FLOAT_SECONDS, fitted(rows, float_times)[1], "s/pair")


def direct_sums() -> Iterator[Constant]:
    """Direct sums, 1-D by numpy.convolve and n-D by shifted copies."""
    rows, times = [], []
    for m, n in ((4, 100), (30, 1000), (100, 10_000), (1000, 1000), (1000, 10_000), (8000, 8000)):
        a, b = operand(m), operand(n, seed=1)
        rows.append((1.0, m * (m + n - 1.0)))
        times += seconds_of(lambda: direct.convolve(a, b, whole(a, b)))  # noqa: B023
    start, each = fitted(rows, times)
    yield Constant("certified.DIRECT_START_SECONDS", model.DIRECT_START_SECONDS, start, "s")
    yield Constant("certified.DIRECT_SECONDS", model.DIRECT_SECONDS, each, "s/multiply-add")
    rows, times = [], []
    for m, n in ((2, 8), (3, 30), (3, 100), (3, 1000), (10, 30), (10, 100), (10, 1000)):
        a, b = operand(m, m), operand(n, n, seed=1)
        rows.append((m * m, m * m * float(n * n)))
        times += seconds_of(lambda: direct.convolve(a, b, whole(a, b)))  # noqa: B023
    start, each = fitted(rows, times)
    yield Constant("certified.SHIFT_SECONDS", model.SHIFT_SECONDS, start, "s/shifted copy")
    yield Constant("certified.SHIFTED_SECONDS", model.SHIFTED_SECONDS, each, "s/multiply-add")


def transforms() -> Iterator[Constant]:
    """Convolution by FFT: start, and seconds per point and bit of length; 1-D and 2-D."""
    for shapes, name in (
        (((100,), (1000,), (10_000,), (100_000,), (1_000_000,)), "1-D"),
        (((10, 10), (30, 30), (100, 100), (300, 300), (1000, 1000)), "2-D"),
    ):
        rows, times = [], []
        for shape in shapes:
            a, b = operand(*shape), operand(*shape, seed=1)
            length = math.prod(2 * n - 1 for n in shape)
            rows.append((1.0, length * math.log2(length + 1)))
            times += seconds_of(lambda: fft.convolve(a, b, whole(a, b)))  # noqa: B023
        start, each = fitted(rows, times)
        yield Constant(f"certified.FFT_START_SECONDS, {name}", model.FFT_START_SECONDS, start, "s")
        yield Constant(f"certified.FFT_SECONDS, {name}", model.FFT_SECONDS, each, "s/point/bit")


def stacked() -> Iterator[Constant]:
    """The length up to which one stacked transform of both operands beats two."""
    coded, lengths = fft.STACKED_LENGTH, [1 << bits for bits in range(9, 20)]
    gains = []
    for length in lengths:
        x, y = random_pmf(length // 2), random_pmf(length // 2, seed=1)
        together, apart = medians(*_at(length, x, y, (length, 0)), budget=4 * BUDGET)
        gains.append(math.log(apart / together))
    fft.STACKED_LENGTH = coded
    # The threshold with the most gained up to it: one odd timing does not move it.
    yield Constant("fft.STACKED_LENGTH", coded, lengths[int(np.argmax(np.cumsum(gains)))], "points")


def _at(length: int, x: np.ndarray, y: np.ndarray, thresholds: tuple[int, ...]) -> list[Callable[[], object]]:
    """The product of the transforms under each threshold."""

    def call(threshold: int) -> object:
        fft.STACKED_LENGTH = threshold
        return fft._product(x, y, (length,))

    return [lambda threshold=threshold: call(threshold) for threshold in thresholds]


def balls() -> Iterator[Constant]:
    """Ball arithmetic: seconds per entry."""
    rows, times = [], []
    for size in (30, 300, 3000):
        a, b = operand(size), operand(size, seed=1)
        rows.append((1.0, 2.0 * size - 1))
        times += seconds_of(lambda: ball.convolve(a, b, whole(a, b)))  # noqa: B023
    start, each = fitted(rows, times)
    yield Constant("certified.BALL_START_SECONDS", model.BALL_START_SECONDS, start, "s")
    yield Constant("certified.BALL_SECONDS", model.BALL_SECONDS, each, "s/entry")


def tilts() -> Iterator[Constant]:
    """Tilted windows on binomial laws: seconds per entry."""
    rows, times = [], []
    for size in (300, 3000, 30_000, 100_000):
        law = Binomial(size, 0.3)
        step = law._measure.box.step
        a, b = (operand_of(m._measure, step) for m in (law, Binomial(size, 0.3)))
        rows.append((1.0, 2.0 * size + 1))
        times += seconds_of(lambda: tilted.convolve(a, b, whole(a, b), None, 1e-10))  # noqa: B023
    start, each = fitted(rows, times)
    yield Constant("certified.TILTED_START_SECONDS", model.TILTED_START_SECONDS, start, "s")
    yield Constant("certified.TILTED_SECONDS", model.TILTED_SECONDS, each, "s/entry")


def windows() -> Iterator[Constant]:
    """n-fold sums by windows: seconds per root of n, and per entry."""
    rows, times = [], []
    for points in (30, 300, 1000):
        step = operand(points)
        for n in (10, 100, 1000):
            rows.append((math.sqrt(n), n * (points - 1.0) + 1))
            times += seconds_of(lambda: powering.power(step, n, 1e-10))  # noqa: B023
    each, cell = fitted(rows, times)
    yield Constant("planning.WINDOW_SECONDS", model.WINDOW_SECONDS, each, "s/sqrt(n)")
    yield Constant("planning.CELL_WINDOW_SECONDS", model.CELL_WINDOW_SECONDS, cell, "s/entry")


def blocks() -> Iterator[Constant]:
    """The length of direct's blocks: how the time per multiply-add changes with them (one thread of BLAS or two)."""
    coded = direct.BLOCK
    x, y = random_pmf(60_000), random_pmf(60_000, seed=1)
    lengths = (2048, 8192, 32_768)
    times = []
    for length in lengths:
        direct.BLOCK = length
        # The last rows of a long sum: whole blocks, little else.
        times += medians(lambda: direct._rows(x, y, 60_000, 500), budget=BUDGET, least=3)
    direct.BLOCK = coded
    yield Constant("direct.BLOCK", coded, lengths[int(np.argmin(times))], f"points: {_listed(lengths, times)}")


def copies() -> Iterator[Constant]:
    """The number of copies up to which all frequencies are taken, beyond which those near 0 are."""
    coded, step, crossing = powering.FULL_COPIES, operand(300), 0
    for n in (32, 64, 128, 256, 512):
        times = []
        for threshold in (n, 0):
            powering.FULL_COPIES = threshold
            times += medians(lambda: powering.power(step, n, 1e-10), budget=BUDGET, least=3)  # noqa: B023
        if times[0] <= times[1]:
            crossing = n
    powering.FULL_COPIES = coded
    yield Constant("powering.FULL_COPIES", coded, crossing or None, "copies")


def _listed(sizes: tuple[int, ...], times: list[float]) -> str:
    return ", ".join(f"{size:,} {shown_seconds(t)}" for size, t in zip(sizes, times, strict=True))


GROUPS: dict[str, Callable[[], Iterator[Constant]]] = {
    "exact": exact_products,
    "powers": exact_powers,
    "pairs": pairs,
    "direct": direct_sums,
    "fft": transforms,
    "stacked": stacked,
    "ball": balls,
    "tilted": tilts,
    "windows": windows,
    "blocks": blocks,
    "copies": copies,
}


def main() -> int:
    """Measures and prints."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.costs", description="the planner's constants")
    parser.add_argument("--only", action="append", choices=GROUPS, metavar="NAME", help=", ".join(GROUPS))
    rows = []
    for name in parser.parse_args().only or GROUPS:
        print(f"{name} ...", file=sys.stderr, flush=True)
        rows += [constant.cells() for constant in GROUPS[name]()]
    print(aligned(["constant", "coded", "measured", "unit", "measured / coded", "within 2 x"], rows, left=(0, 3, 5)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
