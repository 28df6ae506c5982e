"""Grids of sums for `benchmarks.predictions`: pairs, powers, many terms and mixtures, exact and floating."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from benchmarks.floating import random_pmf
from distconv import Die, Distribution, mixture, planning, sum_of
from distconv.planning import Plan

Case = tuple[str, Callable[[], Plan]]
Laws = Iterator[tuple[str, Distribution]]


def scattered(points: int, span: int, seed: int, dimension: int = 1) -> Distribution:
    """An exact law of so many points in a wide box."""
    rng = np.random.default_rng(seed)
    rows = rng.integers(1, (*[span] * dimension, 100), (points, dimension + 1)).tolist()
    places = {tuple(p): int(w) for *p, w in rows}
    return Distribution.from_counts({p if dimension > 1 else p[0]: w for p, w in places.items()})


def announced(work: Callable[[], object]) -> Callable[[], Plan]:
    """A call that does the work and returns what it announces: the plans' seconds, added up."""

    def call() -> Plan:
        plans: list[Plan] = []
        tell = planning.announced

        def recorded(plan: Plan) -> Plan:
            plans.append(plan)
            return tell(plan)

        planning.announced = recorded
        try:
            work()
        finally:
            planning.announced = tell
        if not plans:
            return Plan("nothing")
        seconds, size = sum(plan.seconds for plan in plans), max(plan.bytes for plan in plans)
        return Plan(plans[-1].method, plans[-1].kind, plans[-1].cells, size, seconds)

    return call


def kinds(seed: int) -> Laws:
    """Laws of every shape, exact and floating, by name; another of each for another seed."""
    rng = np.random.default_rng(seed)
    for size in (10, 100, 1000, 10_000):
        yield f"{size:,} cells", Distribution.from_counts(dict(enumerate(rng.integers(1, 100, size).tolist())))
    for size in (100, 10_000):
        with_gaps = {7 * i + i % 3: int(w) for i, w in enumerate(rng.integers(1, 100, size // 10))}
        yield f"gaps in {size:,} cells", Distribution.from_counts(with_gaps)
    for points, span in ((5, 10**9), (30, 10_000), (100, 100_000), (300, 10**9)):
        yield f"{points} points in {span:,}", scattered(points, span, seed)
    for side in (5, 30):
        cells = rng.integers(1, 100, (side, side))
        counts = {(i, j): int(cells[i, j]) for i in range(side) for j in range(side)}
        yield f"{side} x {side} cells", Distribution.from_counts(counts)
    yield "20 points in 1,000 x 1,000", scattered(20, 1000, seed, 2)
    yield "noise of 3,000 cells", Distribution.from_array(random_pmf(3000, seed=seed) ** 8, normalize=True)


def both(laws: Laws) -> Laws:
    """Exact laws, and the same as floating ones."""
    for name, law in laws:
        if law.is_exact:
            yield f"{name}, exact", law
        yield f"{name}, float", law.to_float()


def pairs() -> Iterator[Case]:
    """Sums of two laws."""
    for (name, X), (_, Y) in zip(both(kinds(1)), both(kinds(2)), strict=True):
        yield name, announced(lambda X=X, Y=Y: X + Y)
        if X.ndim == 1:
            yield f"{name} + die", announced(lambda X=X: X + Die(6))


def powers() -> Iterator[Case]:
    """Sums of n copies."""
    for name, X in both(kinds(1)):
        for n in (3, 20, 300):
            yield f"{n} @ {name}", announced(lambda X=X, n=n: n @ X)


def many() -> Iterator[Case]:
    """Sums of many terms: equal, different, coins of many weights, far apart."""
    coins = [Distribution({0: 0.5, k: 0.5}) for k in range(1, 201)]
    terms = {"200 coins of weights 1 to 200, float": coins}
    terms["60 coins of weights 1 to 60, exact"] = [coin.to_exact(normalize=True) for coin in coins[:60]]
    names = (
        "10 cells, exact",
        "1,000 cells, exact",
        "10 cells, float",
        "1,000 cells, float",
        "30 points in 10,000, float",
    )
    every = [dict(both(kinds(seed))) for seed in range(50)]
    for count in (3, 10, 50):
        laws = every[:count]
        for name in (
            *names,
            "5 points in 1,000,000,000, float",
            "5 x 5 cells, float",
            "20 points in 1,000 x 1,000, exact",
        ):
            found = [law[name] for law in laws]
            terms[f"{count} of {name}"] = found
            terms[f"{count} of {name}, each three times"] = found * 3
    for name, found in terms.items():
        yield name, announced(lambda found=found: sum_of(found))


def mixtures() -> Iterator[Case]:
    """Mixtures of laws."""
    for count in (2, 30):
        laws = [dict(both(kinds(seed))) for seed in range(count)]
        for name in laws[0]:
            parts = [(law[name], 1) for law in laws]
            yield f"{count} of {name}", announced(lambda parts=parts: mixture(parts, normalize=True))
