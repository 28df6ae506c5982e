"""Work that may take long is announced once, where it was asked for, and refused where its plan refuses."""

import math
import time
import warnings
from fractions import Fraction

import numpy as np
import pytest

from distconv import (
    Binomial,
    Die,
    DistconvWarning,
    Distribution,
    Kernel,
    Logarithmic,
    Poisson,
    SizeLimitError,
    Uniform,
    Walk,
    compound,
    convolve,
    highest,
    kept,
    mixture,
    monoids,
    order_statistic,
    plan,
    plan_compound,
    plan_power,
    posterior,
    power,
    product,
    settings,
    sum_of,
    sum_of_draws,
)

#: Seconds of CPU within which an operator refuses what its plan refuses.
REFUSAL = 0.5


def scattered(points, span, seed, dimension=1):
    """An exact law of so many points in a wide box."""
    rng = np.random.default_rng(seed)
    places = {tuple(rng.integers(0, span, dimension).tolist()): int(rng.integers(1, 100)) for _ in range(points)}
    return Distribution.from_counts({p if dimension > 1 else p[0]: w for p, w in places.items()})


LAW = Distribution({0: "1/2", 1: "1/3", 5: "1/6"})
OTHER = Distribution({0: "1/4", 2: "1/2", 3: "1/4"})
FLAT = LAW.to_float()
PLANE = Distribution({(0, 0): "1/2", (1, 3): "1/3", (5, 2): "1/6"})

#: Operations that take time, by what they are.
WORK = {
    "exact sum": lambda: LAW + OTHER,
    "floating sum": lambda: FLAT + OTHER,
    "2-D sum": lambda: PLANE + PLANE,
    "difference": lambda: LAW - OTHER,
    "convolve": lambda: convolve(LAW, OTHER),
    "exact power": lambda: 20 @ LAW,
    "floating power": lambda: 20 @ FLAT,
    "2-D power": lambda: 20 @ PLANE.to_float(),
    "exact sum_of": lambda: sum_of([LAW, OTHER, LAW]),
    "floating sum_of": lambda: sum_of([FLAT, OTHER, FLAT, PLANE.marginal(1)]),
    "2-D sum_of": lambda: sum_of([PLANE, PLANE, PLANE.to_float()]),
    "exact compound": lambda: OTHER @ LAW,
    "floating compound": lambda: OTHER @ FLAT,
    "2-D compound": lambda: OTHER @ PLANE,
    "binomial compound": lambda: Binomial(5, "1/3") @ LAW,
    "exact mixture": lambda: mixture({LAW: "1/2", OTHER: "1/2"}),
    "floating mixture": lambda: mixture({FLAT: 0.5, OTHER: 0.5}),
    "power under xor": lambda: power(Die(6), 20, monoid=monoids.xor),
    "power modulo": lambda: power(Die(6), 20, monoid=monoids.modulo(7)),
    "order statistic": lambda: order_statistic(LAW, 20, 7),
    "highest": lambda: highest(LAW, 20, 7),
    "mixed pool": lambda: kept([LAW, OTHER, Die(6)], [1, 2]),
    "middle of a pool": lambda: kept([LAW, OTHER, Die(6)], [1]),
    "draws": lambda: sum_of_draws([1, 2, 2, 5, 7], 3),
    "ranks": lambda: sum_of_draws(range(9), 3),
    "posterior": lambda: posterior({3: "1/2", 4: "1/2"}, {3: LAW, 4: OTHER}, [0, 0]),
    "given sum": lambda: LAW.given_sum(OTHER, 3),
    "given event": lambda: FLAT.given_sum(OTHER, lambda s: s > 3),
    "stay": lambda: Walk.repeat(FLAT, 30).stay(range(20)),
    "first passage": lambda: Walk.repeat(LAW, 30).first_passage([7]),
    "filter": lambda: Kernel([1, 2, 1]).apply(np.arange(1000.0)),
}


@pytest.mark.parametrize("name", WORK)
def test_work_is_announced_once_where_it_was_asked_for(name):
    with settings(warn_seconds=1e-12), warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        WORK[name]()
    assert [w.category for w in caught] == [DistconvWarning]
    assert caught[0].filename == __file__


@pytest.mark.parametrize("name", WORK)
def test_an_announcement_can_be_silenced(name):
    with settings(warn_seconds=math.inf), warnings.catch_warnings():
        warnings.simplefilter("error")
        WORK[name]()


@pytest.mark.parametrize("ask", [lambda law: law.pmf(3), lambda law: law.logcdf(3)], ids=["pmf", "logcdf"])
@pytest.mark.parametrize("count", [Poisson(3), Logarithmic("1/2")], ids=repr)
def test_a_window_is_announced_when_it_is_made(count, ask):
    law = compound(count, LAW)
    with settings(warn_seconds=1e-12), warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        ask(law)
    assert [w.category for w in caught] == [DistconvWarning]
    assert caught[0].filename == __file__


def test_a_mixture_shows_its_plan_and_is_refused_past_the_limit():
    how = mixture({LAW: "1/2", OTHER: "1/2"}).how()
    assert (how.method, how.kind, how.cells) == ("mixture", "exact", 6)
    assert how.bytes > 0 < how.seconds
    wide = Uniform(1, 10_000)
    with settings(max_bytes=2**18), pytest.raises(SizeLimitError, match="the mixture needs 20,000 cells"):
        mixture({wide: "1/2", wide + 1: "1/2"})


WIDE = scattered(500, 640_000, 0)

#: Too large: what plans it, and what would do it.
TOO_LARGE = {
    "exact power": (lambda: plan_power(WIDE, 100), lambda: (100 @ WIDE).hold()),
    "floating power": (lambda: plan_power(WIDE.to_float(), 100), lambda: (100 @ WIDE.to_float()).hold()),
    "2-D power": (lambda: plan_power(scattered(10, 1000, 1, 2), 60), lambda: 60 @ scattered(10, 1000, 1, 2)),
    "sum": (lambda: plan(2**40 * Uniform(0, 10**5), Die(10**5)), lambda: 2**40 * Uniform(0, 10**5) + Die(10**5)),
    "compound": (
        lambda: plan_compound(Uniform(0, 1000), WIDE.to_float()),
        lambda: Uniform(0, 1000) @ WIDE.to_float(),
    ),
}


@pytest.mark.parametrize("name", TOO_LARGE)
def test_an_operator_refuses_at_once_what_its_plan_refuses(name):
    planned, done = TOO_LARGE[name]
    with pytest.raises(SizeLimitError) as refusal:
        planned()
    start = time.process_time()
    with pytest.raises(SizeLimitError) as refused:
        done()
    assert time.process_time() - start < REFUSAL
    assert str(refused.value) == str(refusal.value)


@pytest.mark.parametrize(
    "done",
    [
        lambda: sum_of([scattered(100, 1000, i, 2) for i in range(10)]),
        lambda: sum_of([scattered(100, 10**12, i) for i in range(10)]),
        lambda: product(WIDE, Uniform(1, 10**6)),
    ],
    ids=["2-D sum_of", "sum_of far apart", "product"],
)
def test_what_cannot_be_held_is_refused_at_once(done):
    start = time.process_time()
    with pytest.raises(SizeLimitError, match="needs"):
        done()
    assert time.process_time() - start < REFUSAL


TINY = Distribution({0: "1/4", 1: "1/4", 7: Fraction(1, 2) - Fraction(1, 2**1074), 30: Fraction(1, 2**1074)})

#: Slow, but possible: more seconds than these are announced.
SLOW = {
    "power of weights far apart": (lambda: 1000 @ TINY, 5),
    "exact sum_of of scattered points": (lambda: sum_of([scattered(100, 10**6, i) for i in range(10)]), 2),
    "floating power of scattered points": (lambda: 10 @ WIDE.to_float(), 5),
    "compound of a hundred thousand counts": (lambda: (Uniform(1, 10**5) + Die(2)) @ Die(6), 3),
}


@pytest.mark.parametrize("name", SLOW)
def test_slow_work_is_announced_before_it_starts(name):
    done, seconds = SLOW[name]
    start = time.process_time()
    with settings(warn_seconds=seconds), warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(DistconvWarning, match="this is predicted to take"):
            done()
    assert time.process_time() - start < 5 * REFUSAL
