"""``python -m benchmarks.plan_quality``: how often the planner chooses the quickest method, and what it loses if not.

Over a grid of operands, every method that the planner may choose is run; the regret is the chosen one's time over the
quickest one's. A choice within 10 % of the quickest counts as right: timings do not tell them apart. Of every other
operation that has a plan the predicted time is compared with the measured one (`benchmarks.predictions`).
"""

from __future__ import annotations

import argparse
import statistics
import sys
from collections.abc import Iterator
from itertools import combinations_with_replacement

import numpy as np

from benchmarks import predictions
from benchmarks.floating import random_pmf
from benchmarks.peers import numerators
from benchmarks.results import aligned, shown_seconds
from benchmarks.timing import medians
from distconv import Distribution, convolution, planning
from distconv.measure import Measure
from distconv.planning import Outline, Plan, choosing

#: Methods predicted to take more than this many times the quickest are not run: no error of a constant is as large.
PREDICTED = 10.0
#: Nor those predicted to take more seconds or bytes than this.
MOST_SECONDS = 0.1
MOST_BYTES = 2**28
#: Timings within this factor count as equal.
EQUAL = 1.1

Case = tuple[str, Measure, Measure]


def lines() -> Iterator[Case]:
    """1-D floating laws without gaps."""
    for m, n in combinations_with_replacement((3, 30, 100, 300, 1000, 3000, 10_000, 30_000), 2):
        laws = [Distribution.from_array(random_pmf(size, seed=seed)) for seed, size in enumerate((m, n))]
        yield f"1-D {m:,} + {n:,}", laws[0].law.measure, laws[1].law.measure


def planes() -> Iterator[Case]:
    """2-D floating laws without gaps."""
    for m, n in combinations_with_replacement((2, 5, 10, 30, 100, 300), 2):
        laws = [Distribution.from_array(random_pmf(size, size, seed=seed)) for seed, size in enumerate((m, n))]
        yield f"2-D {m} x {m} + {n} x {n}", laws[0].law.measure, laws[1].law.measure


def scattered(exact: bool) -> Iterator[Case]:
    """Laws of a few points in a wide box, exact or floating."""
    for points in (3, 10, 30, 100, 300):
        for span in (100, 1000, 10_000, 100_000):
            if points * 3 > span:
                continue
            laws = []
            for seed in (1, 2):
                rng = np.random.default_rng(seed)
                places = rng.choice(span, points, replace=False).tolist()
                weights = dict(zip(places, numerators(points, seed), strict=True))
                law = Distribution.from_counts(weights)
                laws.append((law if exact else law.to_float()).law.measure)
            yield f"{points} points in {span:,}, {'exact' if exact else 'float'}", laws[0], laws[1]


def candidates(a: Measure, b: Measure) -> tuple[Plan, list[Plan]]:
    """The planner's choice, and the ways of the same kind that are worth a run."""
    x, y = Outline.of(a), Outline.of(b)
    chosen = planning.plan_convolution(x, y)
    pair = planning.Pair.of(x, y)
    ways = choosing.candidates(pair if chosen.kind == "exact" else pair.rounded())
    limit = min(PREDICTED * max(chosen.seconds, 1e-5), MOST_SECONDS)
    return chosen, [
        plan
        for plan in ways
        if plan.kind == chosen.kind
        and plan.method not in choosing.LAST_RESORTS
        and (plan.method == chosen.method or (plan.seconds < limit and plan.bytes < MOST_BYTES))
    ]


def main() -> int:
    """Measures and prints."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.plan_quality", description=__doc__)
    parser.add_argument("--budget", type=float, default=0.1, help="seconds of measuring per pair of operands")
    budget = parser.parse_args().budget
    grids = {
        "1-D": lines(),
        "2-D": planes(),
        "scattered, float": scattered(exact=False),
        "scattered, exact": scattered(exact=True),
    }
    summary, misses = [], []
    for grid, cases in grids.items():
        print(f"{grid} ...", file=sys.stderr, flush=True)
        regrets = []
        ratios = []
        for name, a, b in cases:
            chosen, ways = candidates(a, b)
            calls = [lambda a=a, b=b, way=way.method: convolution.convolve(a, b, way) for way in ways]
            times = dict(zip((way.method for way in ways), medians(*calls, budget=budget, least=3), strict=True))
            best = min(times, key=times.__getitem__)
            regret = times[chosen.method] / times[best]
            regrets.append(regret)
            ratios.append(times[chosen.method] / chosen.seconds)
            if regret > EQUAL:
                shown = ", ".join(f"{method} {shown_seconds(t)}" for method, t in sorted(times.items()))
                misses.append([name, chosen.method, best, f"{regret:.2f}", shown])
        right = sum(regret <= EQUAL for regret in regrets)
        summary.append(
            [
                grid,
                f"{right} of {len(regrets)}",
                f"{right / len(regrets):.0%}",
                f"{statistics.geometric_mean(regrets):.2f}",
                f"{max(regrets):.2f}",
                f"{statistics.median(ratios):.2f}",
            ]
        )
    print(aligned(["grid", "quickest chosen", "", "mean regret", "worst", "actual / predicted time"], summary))
    if misses:
        print("\n" + aligned(["not the quickest", "chosen", "quickest", "regret", "times"], misses, left=(0, 1, 2, 4)))
    print("\n" + predictions.report())
    return 0


if __name__ == "__main__":
    sys.exit(main())
