"""Predicted and measured time of operations other than one sum: a grid of cases for each kind, run by `plan_quality`.

A grid is a function that yields (name, call); a call does the work and returns the plan that was made. To cover one
more operation, write its grid and name it in `GRIDS`.
"""

from __future__ import annotations

import math
import time
import warnings
from collections.abc import Callable, Iterator
from fractions import Fraction

import numpy as np

from benchmarks import predicted_sums
from benchmarks.results import aligned, shown_seconds
from distconv import (
    Binomial,
    Die,
    DistconvWarning,
    Distribution,
    Kernel,
    Logarithmic,
    NegativeBinomial,
    Poisson,
    SizeLimitError,
    Uniform,
    Walk,
    compound,
    filtering,
    highest,
    monoids,
    order_statistic,
    posterior,
    power,
    settings,
)
from distconv.planning import Plan

#: Predictions within this factor of what is measured count as right.
FACTOR = 5.0
#: Nothing is said of calls that take fewer seconds: making the law alone takes as long.
LEAST_SECONDS = 2e-4
#: Calls predicted to take more seconds are not run.
MOST_SECONDS = 0.5

Case = tuple[str, Callable[[], Plan]]


def ranks() -> Iterator[Case]:
    """Order statistics and extremes, exact and floating."""
    for X in (Die(6), Die(20), Uniform(1, 300), Uniform(1, 5000)):
        for kind, law in (("exact", X), ("float", X.to_float())):
            for n in (10, 100, 1000, 10**4, 10**6):
                for k in (n // 2, n):
                    name = f"{k:,} of {n:,} from {law.mean() * 2 - 1} points, {kind}"
                    yield name, lambda law=law, n=n, k=k: order_statistic(law, n, k).how()


def sums_of_the_best() -> Iterator[Case]:
    """Sums of the best of many draws, on dense and on sparse points."""
    far = Distribution({0: "1/4", 1: "1/4", 7: "1/4", 3 * 10**6: "1/4"})
    for X in (Die(6), Die(20), Uniform(1, 100), far):
        for kind, law in (("exact", X), ("float", X.to_float())):
            for n, keep in ((4, 3), (20, 10), (100, 10), (1000, 100), (10**4, 20)):
                name = f"best {keep} of {n:,} from {len(law.support)} points, {kind}"
                yield name, lambda law=law, n=n, keep=keep: highest(law, n, keep).how()


def monoid_powers() -> Iterator[Case]:
    """Powers under other operations than addition."""
    gcd = monoids.Monoid(math.gcd, 0, name="gcd")
    swaps = Distribution.from_counts({(1, 0, 2, 3): 1, (0, 2, 1, 3): 1, (0, 1, 3, 2): 1})
    laws = {"modulo 7": (Die(6), monoids.modulo(7)), "modulo 1000": (Die(6), monoids.modulo(1000))}
    laws |= {"xor": (Die(60), monoids.xor), "xor of many": (Die(600), monoids.xor), "gcd": (Die(60), gcd)}
    laws |= {"permutations": (swaps, monoids.symmetric(4))}
    for name, (law, monoid) in laws.items():
        for n in (10, 100, 10**4):
            yield f"{n:,} under {name}, exact", lambda law=law, monoid=monoid, n=n: power(law, n, monoid=monoid).how()
            floating = law.to_float()
            yield f"{n:,} under {name}, float", lambda X=floating, m=monoid, n=n: power(X, n, monoid=m).how()


def filters() -> Iterator[Case]:
    """Kernels on signals and images, of every road."""
    rng = np.random.default_rng(0)
    for shape, spans in (
        ((441_000,), (2,)),
        ((441_000,), (31,)),
        ((441_000,), (2001,)),
        ((512, 512), (3, 3)),
        ((512, 512), (15, 15)),
        ((512, 512), (41, 41)),
        ((64, 64, 64), (5, 5, 5)),
    ):
        for kind, taps in (("random", rng.random(spans)), ("box", np.ones(spans))):
            signal, kernel = rng.random(shape), Kernel(taps)

            def call(kernel: Kernel = kernel, signal: np.ndarray = signal) -> Plan:
                kernel.apply(signal, mode="valid")
                return filtering.plan(kernel._taps(), signal)

            yield f"{kind} {spans} on {shape}", call


def compounds() -> Iterator[Case]:
    """Random numbers of terms, finite and infinite, exact and floating."""
    terms = {"die": Die(6), "100 cells": Uniform(0, 99), "far points": Distribution({0: "1/2", 10**6: "1/4", 7: "1/4"})}
    terms["plane"] = Distribution.from_counts({(0, 0): 1, (1, 0): 2, (0, 1): 3, (2, 2): 1})
    counts = {"4": Die(4), "30": Uniform(1, 30), "300": Uniform(0, 300), "binomial": Binomial(50, "1/3")}
    for most, N in counts.items():
        for name, X in terms.items():
            for kind, law in (("exact", X), ("float", X.to_float())):
                yield f"{most} of {name}, {kind}", predicted_sums.announced(lambda N=N, law=law: compound(N, law))
    for mean in (3, 30, 300):
        for name in ("die", "100 cells"):
            for N in (Poisson(mean), NegativeBinomial(mean, "1/2"), Logarithmic(1 - Fraction(1, mean + 1))):
                law = compound(N, terms[name].to_float())
                edge = 2 * math.ceil(law.mean())
                work = predicted_sums.announced(lambda N=N, X=terms[name], x=edge: compound(N, X.to_float()).cdf(x))
                yield f"{N!r:.40} of {name}, cdf({edge})", work


def posteriors() -> Iterator[Case]:
    """Bayes' rule over hypotheses."""
    for count in (10, 100, 1000):
        for seen in (1, 10):
            observed = [k % 5 for k in range(seen)]
            for kind in ("exact", "float"):
                laws = {k: Binomial(10, Fraction(k, count + 1)) for k in range(1, count + 1)}
                prior = Uniform(1, count)
                if kind == "float":
                    laws, prior = {k: law.to_float() for k, law in laws.items()}, prior.to_float()
                work = predicted_sums.announced(lambda p=prior, laws=laws, o=observed: posterior(p, laws, o))
                yield f"{count} hypotheses, {seen} seen, {kind}", work


def given_sums() -> Iterator[Case]:
    """One summand, once the sum is known."""
    for n in (10, 100, 1000, 10_000):
        for kind, X in (("exact", Uniform(0, n)), ("float", Uniform(0, n).to_float())):
            yield f"{n} outcomes, {kind}", predicted_sums.announced(lambda X=X, n=n: X.given_sum(X, n))
            if n <= 300:
                work = predicted_sums.announced(lambda X=X, n=n: X.given_sum(X, lambda s: s > n))
                yield f"{n} outcomes, an event, {kind}", work


def walks() -> Iterator[Case]:
    """Walks that are kept in a region, or come into it."""
    plane = Distribution({(1, 0): "1/4", (-1, 0): "1/4", (0, 1): "1/4", (0, -1): "1/4"})
    for steps in (30, 100, 300, 1000):
        for kind in ("exact", "float"):
            coin = Distribution({-1: "1/2", 1: "1/2"}) if kind == "exact" else Distribution({-1: 0.5, 1: 0.5})
            walk = Walk.repeat(coin, steps)
            yield (
                f"{steps} steps above a line, {kind}",
                predicted_sums.announced(lambda walk=walk: walk.stay(lambda x: x >= -3)),
            )
            yield (
                f"{steps} steps in a strip, {kind}",
                predicted_sums.announced(lambda walk=walk: walk.stay(range(-5, 6))),
            )
            yield f"{steps} steps to 5, {kind}", predicted_sums.announced(lambda walk=walk: walk.first_passage([5]))
        if steps <= 100:
            flat = Walk.repeat(plane.to_float(), steps)
            yield (
                f"{steps} steps in the plane",
                predicted_sums.announced(lambda flat=flat: flat.stay(lambda p: p[0] >= 0)),
            )


#: Every grid by its name.
GRIDS: dict[str, Callable[[], Iterator[Case]]] = {
    "ranks": ranks,
    "sums of the best": sums_of_the_best,
    "powers under monoids": monoid_powers,
    "filters": filters,
    "sums of two": predicted_sums.pairs,
    "sums of copies": predicted_sums.powers,
    "sums of many": predicted_sums.many,
    "mixtures": predicted_sums.mixtures,
    "compounds": compounds,
    "posteriors": posteriors,
    "given sums": given_sums,
    "walks": walks,
}


def measured(name: str) -> tuple[list[str], list[list[str]]]:
    """(the summary of a grid, the cases whose time is off by more than `FACTOR`)."""
    ratios, misses = [], []
    for case, call in GRIDS[name]():
        with settings(warn_seconds=MOST_SECONDS), warnings.catch_warnings():
            warnings.simplefilter("error", DistconvWarning)
            try:
                plan = call()
            except (DistconvWarning, SizeLimitError):
                continue
        if plan.method == "nothing":
            # Nothing of it was worth a plan: a rule, or what is held.
            continue
        start = time.process_time()
        call()
        seconds = time.process_time() - start
        ratio = max(seconds, LEAST_SECONDS) / max(plan.seconds, LEAST_SECONDS)
        ratios.append(ratio)
        if not 1 / FACTOR <= ratio <= FACTOR:
            misses.append([name, case, plan.method, shown_seconds(plan.seconds), shown_seconds(seconds)])
    right = sum(1 / FACTOR <= r <= FACTOR for r in ratios)
    summary = [name, f"{right} of {len(ratios)}", f"{right / len(ratios):.0%}", f"{float(np.median(ratios)):.2f}"]
    return summary, misses


def report() -> str:
    """All grids, as a table."""
    found = [measured(name) for name in GRIDS]
    head = ["grid", f"within a factor {FACTOR:g}", "", "actual / predicted time"]
    lines = [aligned(head, [summary for summary, _ in found])]
    misses = [miss for _, each in found for miss in each]
    if misses:
        lines.append(aligned(["grid", "case", "method", "predicted", "measured"], misses, left=(0, 1, 2)))
    return "\n\n".join(lines)
