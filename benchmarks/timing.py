"""Timing of several calls in turn, so that a busy machine slows them all alike: medians of interleaved repeats."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any

#: A sample of a quick call is a loop that takes about this many seconds, so that the clock's grain does not show.
SAMPLE_SECONDS = 2e-3

Call = Callable[[], Any]


def once(call: Call) -> float:
    """Seconds of one call."""
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def medians(*calls: Call, budget: float = 1.0, least: int = 5, most: int = 200) -> list[float]:
    """Median seconds of each call, measured in turn: one warm-up, then rounds until the budget (seconds) is spent."""
    loops, total = [], 0.0
    for call in calls:
        call()
        seconds = once(call)
        loops.append(max(1, int(SAMPLE_SECONDS / max(seconds, 1e-9))))
        total += seconds * loops[-1]
    rounds = min(most, max(least, int(budget / max(total, 1e-9))))
    samples: list[list[float]] = [[] for _ in calls]
    for turn in range(rounds):
        # Every other round runs backwards: neither call is always the one that finds the other's data in the cache.
        order = range(len(calls)) if turn % 2 == 0 else reversed(range(len(calls)))
        for i in order:
            samples[i].append(_loop(calls[i], loops[i]))
    return [statistics.median(each) for each in samples]


def _loop(call: Call, count: int) -> float:
    """Seconds per call of a loop."""
    start = time.perf_counter()
    for _ in range(count):
        call()
    return (time.perf_counter() - start) / count
