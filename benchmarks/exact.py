"""Exact sums: dice, pairs of laws with rational weights, 2-D laws, small sums."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import flint
import numpy as np

from benchmarks import peers
from benchmarks.results import Result, shown_seconds
from benchmarks.timing import medians
from distconv import Die, Distribution, power_pmf, settings

if TYPE_CHECKING:
    from benchmarks.__main__ import Options

#: Peers are timed beside us where one call takes less than this; slower ones once, in a process of their own.
QUICK_PEER_SECONDS = 0.3


def dice(options: Options) -> Iterator[Result]:
    """n @ Die(6) against the bare power of a FLINT polynomial, and the peers."""
    bare = flint.fmpz_poly([1] * 6)
    for n in options.sizes(10, 100, 1000, 10_000):
        die = Die(6)
        ours, theirs = medians(lambda: n @ die, lambda: bare**n, budget=options.budget)  # noqa: B023
        limit = {10: 3.0, 100: None}.get(n, 1.1)
        work = f"exact {n:,} @ Die(6)"
        yield Result(work, ours, "FLINT power", theirs, limit, "design 10")
        yield from _against_peers(options, work, "dice", n, ours, 1e-3 if n == 1000 else None)


def pairwise(options: Options) -> Iterator[Result]:
    """Two different laws with rational weights over denominators near 10**6 x size."""
    for size in options.sizes(10, 100, 1000, 10_000):
        first, second = (peers.numerators(size, seed) for seed in (1, 2))
        X, Y = (Distribution.from_counts(dict(enumerate(v))) for v in (first, second))
        f, g = flint.fmpz_poly(first), flint.fmpz_poly(second)
        ours, theirs = medians(lambda: X + Y, lambda: f * g, budget=options.budget)  # noqa: B023
        limit = {10: None, 100: 2.0, 1000: 1.2}.get(size, 1.1)
        work = f"exact pairwise, {size:,} outcomes"
        yield Result(work, ours, "FLINT multiply", theirs, limit, "design 10")
        yield from _against_peers(options, work, "pairwise", size, ours, 1.0)


def _against_peers(
    options: Options, work: str, name: str, size: int, ours: float, limit: float | None
) -> Iterator[Result]:
    """The same work in every peer that is installed."""
    for peer in peers.installed():
        theirs, why = peers.cold_seconds(peer, name, size, options.deadline)
        if theirs is None and why != peers.STOPPED:
            yield Result(work, ours, peer, note=f"{peer} failed: {why}")
            continue
        if theirs is not None and theirs < QUICK_PEER_SECONDS:
            (theirs,) = medians(peers.WORKS[name](peer, size), budget=options.budget / 2, least=3)
        stopped = theirs is None
        yield Result(work, ours, peer, options.deadline if stopped else theirs, limit, "design 10", stopped, why)


def small(options: Options) -> Iterator[Result]:
    """d6 + d6, and sums of many."""
    d6 = Die(6)
    calls = [lambda: d6 + d6]
    names = ["distconv"]
    if "icepool" in peers.installed():
        import icepool

        names.append("icepool")
        die = icepool.Die(range(1, 7))
        calls.append(lambda: die + die)
    if "dyce" in peers.installed():
        from dyce import H

        names.append("dyce")
        histogram = H(6)
        calls.append(lambda: histogram + histogram)
    ours, *theirs = medians(*calls, budget=options.budget)
    note = ", ".join(f"{name} {shown_seconds(t)}" for name, t in zip(names[1:], theirs, strict=True))
    yield Result("d6 + d6", ours, limit=10e-6, source="design 10", note=note)
    (fifty,) = medians(lambda: sum([Die(6)] * 50), budget=options.budget)
    yield Result("sum([Die(6)] * 50)", fifty, limit=50e-3, source="issue 2")
    (thousand,) = medians(lambda: [d6 + k for k in range(1000)], budget=options.budget)
    yield Result("1000 shifts d6 + k", thousand)


def plane(options: Options) -> Iterator[Result]:
    """2-D exact laws of 512 x 512 cells, against FLINT on polynomials that are padded already."""
    for size in options.sizes(64, 512):
        rng = np.random.default_rng(3)
        grids = [rng.integers(1, 1000, (size, size)) for _ in range(2)]
        X, Y = (Distribution.from_array(grid, normalize=True) for grid in grids)
        f, g = (_kronecker(grid) for grid in grids)
        ours, theirs = medians(lambda: X + Y, lambda: f * g, budget=options.budget)  # noqa: B023
        work = f"exact 2-D pairwise, {size} x {size}"
        limit = {64: 1.5, 512: 1.3}[size]
        yield Result(work, ours, "FLINT Kronecker multiply", theirs, limit, "design 10")


def steps(options: Options) -> Iterator[Result]:
    """Exact steps to the four neighbours, even and uneven: the whole law, and one probability without it."""
    even = Distribution.from_counts({(1, 0): 1, (-1, 0): 1, (0, 1): 1, (0, -1): 1})
    uneven = Distribution.from_counts({(1, 0): 6, (-1, 0): 2, (0, 1): 1, (0, -1): 3})
    for n in options.sizes(100, 300, 1000):
        for name, step in (("even", even), ("uneven", uneven)):
            with settings(exact_limit=10**10, warn_seconds=60):
                (whole,) = medians(lambda n=n, step=step: n @ step, budget=options.budget, least=1)
            yield Result(f"exact {n:,} @ four {name} steps", whole, limit=10.0, source="design 10")
            (one,) = medians(lambda n=n, step=step: power_pmf(step, n, (0, 0)), budget=options.budget, least=3)
            yield Result(f"one probability of {n:,} @ four {name} steps", one, limit=1.0, source="design 10")
    for n in options.sizes(100, 1000, 10_000):
        (one,) = medians(lambda n=n: power_pmf(Die(6), n, 3 * n), budget=options.budget, least=3)
        yield Result(f"one probability of {n:,} @ Die(6)", one, limit=1.0, source="design 10")


def _kronecker(grid: np.ndarray) -> flint.fmpz_poly:
    """A square array as a polynomial, its rows padded to the length of the product's."""
    padded = np.zeros((len(grid), 2 * len(grid) - 1), dtype=np.int64)
    padded[:, : len(grid)] = grid
    return flint.fmpz_poly(padded.ravel().tolist())
