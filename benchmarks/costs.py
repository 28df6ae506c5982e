"""``python -m benchmarks.costs``: the planner's constants, measured here, beside the values in the code.

A plan is linear in the costs of its steps. So each group of constants is fitted by non-negative least squares of
relative errors over a grid of calls: what a constant adds to a plan is read off the plan itself, made once more with
the constant changed, and what is left of the measured time after all other constants is what the group has to explain.
Times are CPU seconds of one thread, memory is what the process holds at its peak beyond what it held before.

Constants within a factor of two of the coded ones choose the same methods nearly everywhere
(``python -m benchmarks.plan_quality``), so that is what the last column says. Thresholds are measured by what they
decide: the value that is quickest.
"""

from __future__ import annotations

import argparse
import ctypes
import math
import os
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from scipy.optimize import nnls

from benchmarks import cost_grids
from benchmarks.cost_grids import Case
from benchmarks.floating import random_pmf
from benchmarks.results import aligned, shown_ratio, shown_seconds
from benchmarks.timing import medians
from distconv import Die, DistconvWarning, Distribution, Plan, convolve, settings
from distconv.methods import coefficient, direct, exact, fft, powering, shares
from distconv.methods.operands import Operand
from distconv.planning import choosing
from distconv.planning import costs as coded
from distconv.settings import Settings

#: Seconds of measuring per size of a threshold; CPU seconds of repeating one call; the longest call that is measured,
#: and the longest whose memory is.
BUDGET = 0.1
REPEATED = 0.05
LONGEST = 0.3
LONGEST_PEAK = 5.0
#: By what factor a constant is changed to see what it adds to a plan.
CHANGE = 1.5


@dataclass(frozen=True, slots=True)
class Constant:
    """A constant of the planner.

    Attributes:
        name: as in the code.
        coded: its value there.
        measured: its value here; None where the fit does not tell it from 0.
        note: what else was seen.
    """

    name: str
    coded: float
    measured: float | None
    note: str = ""

    def cells(self) -> list[str]:
        """The row as strings."""
        if self.measured is None:
            return [self.name, f"{self.coded:.3g}", "not told from 0", "", "", self.note]
        factor = self.measured / self.coded
        verdict = "yes" if 0.5 <= factor <= 2 else "**no**"
        return [self.name, f"{self.coded:.3g}", f"{self.measured:.3g}", shown_ratio(factor), verdict, self.note]


def seconds_of(call: Callable[[], object]) -> float:
    """CPU seconds of a call, the least of a few."""
    best, spent = math.inf, 0.0
    while spent < REPEATED:
        start = time.process_time()
        call()
        took = time.process_time() - start
        best, spent = min(best, took), spent + max(took, 1e-4)
    return best


def peak_of(call: Callable[[], object]) -> float:
    """Bytes that a call holds at its peak beyond what was held before, in a process of its own (Linux)."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        # What calls before have freed would be taken from, not asked for.
        ctypes.CDLL("libc.so.6").malloc_trim(0)
        status = Path("/proc/self/status")
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
        before = _kibibytes(status, "VmRSS")
        call()
        os.write(write, str(1024 * (_kibibytes(status, "VmHWM") - before)).encode())
        os._exit(0)
    os.waitpid(child, 0)
    os.close(write)
    with os.fdopen(read) as pipe:
        return float(pipe.read() or math.nan)


def _kibibytes(status: Path, field: str) -> int:
    line = next(line for line in status.read_text(encoding="ascii").splitlines() if line.startswith(field))
    return int(line.split()[1])


def fitted(names: tuple[str, ...], cases: Iterator[Case], *, memory: bool = False) -> Iterator[Constant]:
    """The constants that make plans' seconds (or bytes) what is measured, with the least relative error."""
    said = (lambda plan: float(plan.bytes)) if memory else (lambda plan: plan.seconds)
    rows, measured = [], []
    for _, call in cases:
        plan = _short(call, LONGEST_PEAK if memory else LONGEST)
        if plan is None:
            continue
        value = peak_of(call) if memory else seconds_of(call)
        added = [(_changed(name, call, said) - said(plan)) / ((CHANGE - 1) * getattr(coded, name)) for name in names]
        rest = said(plan) - sum(a * getattr(coded, name) for a, name in zip(added, names, strict=True))
        rows.append(np.array([*added, rest]) / value)
        measured.append(value)
    if not rows:
        yield from (Constant(name, getattr(coded, name), None, "every call takes too long") for name in names)
        return
    matrix = np.array(rows)
    left = np.ones(len(measured)) - matrix[:, -1]
    sizes = np.linalg.norm(matrix[:, :-1], axis=0)
    found, _ = nnls(matrix[:, :-1] / np.where(sizes > 0, sizes, 1.0), left)
    worst = np.abs(np.log(np.maximum(matrix[:, :-1] @ (found / np.where(sizes > 0, sizes, 1.0)) + matrix[:, -1], 1e-9)))
    within = f"{int((worst <= math.log(5)).sum())} of {len(measured)} plans within a factor of 5"
    for name, value, size in zip(names, found, sizes, strict=True):
        yield Constant(name, getattr(coded, name), float(value / size) if value > 0 and size > 0 else None, within)


def _short(call: Callable[[], Plan], longest: float) -> Plan | None:
    """The plan of a call; None of one that is predicted to take long, which is announced before it starts."""
    with settings(warn_seconds=longest), warnings.catch_warnings():
        warnings.simplefilter("error", DistconvWarning)
        try:
            plan = call()
        except DistconvWarning:
            return None
    return plan if plan.seconds <= longest else None


def _forget_plans() -> None:
    """Plans that are kept by shape are made anew."""
    choosing._planned.cache_clear()
    choosing._kept.cache_clear()


def _changed(name: str, call: Callable[[], Any], said: Callable[[Any], float]) -> float:
    """What the plan says once a constant is changed."""
    value = getattr(coded, name)
    setattr(coded, name, value * CHANGE)
    _forget_plans()
    try:
        return said(call())
    finally:
        setattr(coded, name, value)
        _forget_plans()


# Ratios and thresholds ------------------------------------------------------------------------------------------------


def exact_powers() -> Iterator[Constant]:
    """Powers of short polynomials: how many times less a bit of the result costs than in a product."""
    most, short = [], []
    for sides in (2, 6, 20, 60, 200):
        die, n = Die(sides).law.measure, 60_000 // sides // 8
        cells, bits = n * (sides - 1) + 1, n * sides.bit_length()
        seconds = seconds_of(lambda: exact.power(die, n))  # noqa: B023
        left = max(seconds - cells * coded.EXACT_CELL_SECONDS, 0.1 * seconds)
        speedup = cells * bits * coded.EXACT_BIT_SECONDS / left
        most.append(speedup)
        if speedup < coded.POWER_SPEEDUP:
            short.append(speedup * sides)
    yield Constant("POWER_SPEEDUP", coded.POWER_SPEEDUP, max(most))
    yield Constant("POWER_SHORT", coded.POWER_SHORT, float(np.median(short)) if short else None)
    yield Constant("settings: seconds at exact_limit", 1.0, Settings().exact_limit * coded.EXACT_BIT_SECONDS)


def _best_of(holder: object, name: str, values: tuple[int, ...], calls: list[Callable[[], object]]) -> Constant:
    """The value of a threshold under which some calls take the least time together."""
    before = getattr(holder, name)
    times = []
    for value in values:
        setattr(holder, name, value)
        times.append(sum(medians(*calls, budget=BUDGET * len(calls), least=3)))
    setattr(holder, name, before)
    shown = ", ".join(f"{value:,}: {shown_seconds(t)}" for value, t in zip(values, times, strict=True))
    room = str(getattr(holder, "__name__", "")).rpartition(".")[2]
    return Constant(f"{room}.{name}", before, values[int(np.argmin(times))], shown)


def thresholds() -> Iterator[Constant]:
    """Lengths and numbers at which one way of doing the same becomes quicker than another."""
    step = Operand(random_pmf(300) + 1e-12, None, True)
    rows = [random_pmf(60_000, seed=seed) for seed in (0, 1)]
    gaps = np.zeros(4000)
    gaps[::10] = random_pmf(400)
    sparse = Distribution.from_array(gaps), Distribution.from_array(random_pmf(4000, seed=1))
    yield _best_of(
        fft,
        "STACKED_LENGTH",
        (2048, 4096, 8192, 16_384, 32_768),
        [lambda n=n: fft.product(rows[0][: n // 2], rows[1][: n // 2], (n,)) for n in (3072, 6144, 12_288, 24_576)],
    )
    # The last rows of a long sum: whole blocks, little else.
    yield _best_of(direct, "BLOCK", (2048, 8192, 32_768), [lambda: direct._rows(*rows, 60_000, 500)])
    yield _best_of(direct, "SPARSE", (3, 5, 10, 20, 40), [lambda: convolve(*sparse, method="direct")])
    powers = [lambda n=n: powering.power(step, n, None, 1e-10) for n in (64, 128, 256, 512)]
    yield _best_of(powering, "FULL_COPIES", (32, 64, 128, 256, 512), powers)
    wide = [Distribution.from_array(random_pmf(2**16, seed=seed) ** 4, normalize=True) for seed in (0, 1, 2)]
    plane = [Distribution.from_array(random_pmf(100, 100, seed=seed) ** 4, normalize=True) for seed in (0, 1, 2)]
    yield _best_of(shares, "REACH_BITS", (2, 4, 8), [lambda: cost_grids.total(wide)])
    yield _best_of(shares, "REACH_BITS_ND", (4, 7, 12), [lambda: cost_grids.total(plane)])


#: The constants of one fit, by group; each with its grid in `cost_grids`.
FITS: dict[str, tuple[tuple[str, ...], Callable[[], Iterator[Case]]]] = {
    "exact": (("EXACT_BIT_SECONDS", "EXACT_CELL_SECONDS"), cost_grids.exact),
    "rows of powers": (
        ("MILLER_POINT_SECONDS", "MILLER_BIT_SECONDS", "MILLER_ROW_SECONDS", "MILLER_CELL_SECONDS"),
        cost_grids.exact_copies,
    ),
    "sublattices": (("IMAGE_POINT_SECONDS",), cost_grids.sublattices),
    "splitting": (
        ("SPLITTING_STEP_SECONDS", "SPLITTING_SECONDS"),
        lambda: cost_grids.coefficients(coefficient.by_splitting),
    ),
    "halves": (
        ("HALVES_START_SECONDS", "HALVES_CELL_SECONDS", "HALVES_BIT_SECONDS"),
        lambda: cost_grids.coefficients(coefficient.by_halves),
    ),
    "joins": (("JOIN_SECONDS",), cost_grids.joins),
    "pairs": (("PAIR_EXACT_SECONDS", "PAIR_BIT_SECONDS"), cost_grids.exact_pairs),
    "floating pairs": (("PAIR_FLOAT_SECONDS", "PAIR_START_SECONDS"), cost_grids.floating_pairs),
    "pairs in bands": (("PAIR_BANDS_SECONDS",), cost_grids.banded_pairs),
    "letters": (("SYMBOLIC_PAIR_SECONDS",), cost_grids.letters),
    "direct": (("DIRECT_SECONDS", "DIRECT_START_SECONDS"), lambda: cost_grids.boxes("direct", 1)),
    "shifted": (("SHIFTED_SECONDS", "SHIFT_SECONDS"), lambda: cost_grids.boxes("direct", 2)),
    "fft": (("FFT_SECONDS", "FFT_START_SECONDS"), lambda: cost_grids.boxes("fft", 1)),
    "fft, n-D": (("FFT_ND_SECONDS", "FFT_ND_START_SECONDS"), lambda: cost_grids.boxes("fft", 2)),
    "gaps": (("GAP_SECONDS",), cost_grids.gaps),
    "ball": (("BALL_SECONDS", "BALL_START_SECONDS"), lambda: cost_grids.boxes("ball", 1)),
    "ball, n-D": (("SPREAD_BALL",), lambda: cost_grids.boxes("ball", 2)),
    "tilted": (("TILTED_SECONDS", "TILTED_START_SECONDS"), lambda: cost_grids.bells(1)),
    "tilted, n-D": (("SADDLE_SECONDS", "SADDLE_START_SECONDS"), lambda: cost_grids.bells(2)),
    "stretches": (("STRETCH_SECONDS", "STRETCH_CELL_SECONDS"), cost_grids.stretches),
    "looks": (("BOX_SECONDS", "LOOK_SECONDS"), cost_grids.looks),
    "bands": (("BAND_SECONDS",), cost_grids.bands),
    "ball, wide": (("BALL_PAIR_SECONDS", "BALL_BAND_SECONDS"), cost_grids.wide_balls),
    "windows": (("WINDOWS_START_SECONDS", "WINDOW_SECONDS", "CELL_WINDOW_SECONDS"), lambda: cost_grids.windows(1)),
    "windows, n-D": (("SADDLES_START_SECONDS", "CELL_SADDLE_SECONDS"), lambda: cost_grids.windows(2)),
    "bells": (("BELLS_START_SECONDS", "BELL_SECONDS", "BELL_CELL_SECONDS"), lambda: cost_grids.bells_of_copies(2)),
    "nodes": (("BELL_NODE_SECONDS",), lambda: cost_grids.bells_of_copies(3)),
    "ways": (("WAYS_START_SECONDS", "WAY_SECONDS", "FACTOR_SECONDS"), cost_grids.ways),
    "squaring": (("SQUARING_SECONDS",), cost_grids.squarings),
    "rows": (("ROW_CELL_SECONDS", "TERM_SECONDS"), cost_grids.rows),
    "accumulation": (("ACCUMULATION_SECONDS", "ACCUMULATION_CELL_SECONDS"), cost_grids.accumulations),
    "joined windows": (("JOINED_WINDOW_SECONDS", "JOINED_CELL_SECONDS"), cost_grids.joined),
    "compounds": (("COMPOUND_LEVEL_SECONDS", "COMPOUND_PART_SECONDS", "CELL_COMPOUND_SECONDS"), cost_grids.compounds),
    "compound windows": (
        ("COMPOUND_WINDOWS_START_SECONDS", "COMPOUND_WINDOW_CELL_SECONDS"),
        lambda: cost_grids.counted(3000),
    ),
    "recursions": (
        ("RECURSION_START_SECONDS", "RECURSION_SECONDS", "RECURSION_TERM_SECONDS"),
        lambda: cost_grids.counted(5),
    ),
    "mixtures": (
        ("MIXTURE_PART_SECONDS", "MIXTURE_EXACT_POINT_SECONDS", "MIXTURE_FLOAT_POINT_SECONDS"),
        cost_grids.mixtures,
    ),
    "updates": (("UPDATE_SECONDS",), cost_grids.updates),
    "given sums": (
        ("GIVEN_START_SECONDS", "GIVEN_EXACT_SECONDS", "GIVEN_FLOAT_SECONDS", "GIVEN_PAIR_SECONDS"),
        cost_grids.given_sums,
    ),
    "stays": (("STAY_STEP_SECONDS", "STAY_POINT_SECONDS"), lambda: cost_grids.stays(exact=True)),
    "stays in rows": (("ROW_STEP_SECONDS", "ROW_MOVE_SECONDS"), lambda: cost_grids.stays(exact=False)),
    "asked": (("ASKED_START_SECONDS", "ASKED_POINT_SECONDS"), cost_grids.asked),
    "places": (("ASKED_PLACE_SECONDS",), cost_grids.places),
    "draws": (("DRAWN_CELL_SECONDS", "DRAWN_TERM_SECONDS", "GAUSSIAN_BIT_SECONDS"), cost_grids.draws),
    "order": (("ORDER_BIT_SECONDS", "ORDER_TERM_SECONDS"), lambda: cost_grids.ranks(exact=True)),
    "order in balls": (
        ("ORDER_POINT_SECONDS", "ORDER_POWER_SECONDS", "ORDER_MIDDLE_SECONDS"),
        lambda: cost_grids.ranks(exact=False),
    ),
    "best": (("BEST_BIT_SECONDS", "BEST_CELL_SECONDS"), lambda: cost_grids.best(exact=True)),
    "best in balls": (
        ("BEST_BALL_CELL_SECONDS", "BEST_PAIR_SECONDS", "BEST_TAIL_SECONDS"),
        lambda: cost_grids.best(exact=False),
    ),
    "monoids": (
        ("MONOID_PAIR_SECONDS", "CUBE_SECONDS", "MONOID_PRODUCT_SECONDS", "RESIDUE_SECONDS"),
        cost_grids.monoid_powers,
    ),
    "filters": (
        (
            "FILTER_START_SECONDS",
            "FILTER_CELL_SECONDS",
            "FILTER_TAP_SECONDS",
            "FILTER_AXIS_SECONDS",
            "FILTER_POINT_SECONDS",
            "FILTER_FFT_SECONDS",
            "FILTER_FFT_ND_SECONDS",
        ),
        cost_grids.filters,
    ),
    "filters of objects": (("FILTER_OBJECT_SECONDS",), cost_grids.object_filters),
    "matrices": (("MATRIX_ENTRY_SECONDS",), cost_grids.matrices),
}
#: The same for memory.
PEAKS: dict[str, tuple[tuple[str, ...], Callable[[], Iterator[Case]]]] = {
    "bytes of pairs": (("PAIR_BYTES",), lambda: cost_grids.large_pairs(exact=False)),
    "bytes of exact pairs": (("POINT_BYTES",), lambda: cost_grids.large_pairs(exact=True)),
    "bytes of letters": (("SYMBOLIC_TERM_BYTES",), cost_grids.large_letters),
    "bytes, direct": (("DIRECT_BYTES",), lambda: cost_grids.large_boxes("direct")),
    "bytes, fft": (("FFT_BYTES",), lambda: cost_grids.large_boxes("fft")),
    "bytes, tilted": (("TILTED_BYTES",), lambda: cost_grids.large_boxes("tilted")),
    "bytes, ball": (("BALL_BYTES",), lambda: cost_grids.large_boxes("ball")),
    "bytes of ways": (("WAY_BYTES",), cost_grids.large_ways),
    "bytes of accumulation": (("ACCUMULATION_BYTES",), cost_grids.large_accumulations),
    "bytes of order": (("ORDER_POINT_BYTES",), cost_grids.large_ranks),
    "bytes of the best": (("BEST_TERM_BYTES",), lambda: cost_grids.large_best(sparse=True)),
    "bytes of the best in balls": (("BEST_BALL_BYTES",), lambda: cost_grids.large_best(sparse=False)),
    "bytes of monoids": (("MONOID_PAIR_BYTES",), cost_grids.large_monoids),
    "bytes of cubes": (("CUBE_BYTES",), cost_grids.large_cubes),
    "bytes of filters": (("FILTER_CELL_BYTES",), cost_grids.large_filters),
    "bytes of filters of objects": (("FILTER_OBJECT_BYTES",), cost_grids.large_object_filters),
    "bytes of matrices": (("MATRIX_ENTRY_BYTES",), cost_grids.large_matrices),
    "bytes of families": (("FAMILY_POINT_BYTES",), cost_grids.large_families),
    "bytes of scipy": (("SCIPY_POINT_BYTES",), cost_grids.large_scipy),
}
GROUPS: dict[str, Callable[[], Iterator[Constant]]] = {
    **{name: lambda fit=fit: fitted(fit[0], fit[1]()) for name, fit in FITS.items()},
    **{name: lambda fit=fit: fitted(fit[0], fit[1](), memory=True) for name, fit in PEAKS.items()},
    "powers": exact_powers,
    "thresholds": thresholds,
}


def main() -> int:
    """Measures and prints."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.costs", description="the planner's constants")
    parser.add_argument("--only", action="append", choices=GROUPS, metavar="NAME", help=", ".join(GROUPS))
    rows = []
    for name in parser.parse_args().only or GROUPS:
        print(f"{name} ...", file=sys.stderr, flush=True)
        rows += [constant.cells() for constant in GROUPS[name]()]
    print(aligned(["constant", "coded", "measured", "measured / coded", "within 2 x", "note"], rows, left=(0, 5)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
