"""Threads: FLINT's context is one for the process, settings are one for each thread; neither leaks."""

import math
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction

import flint
import pytest

from distconv import (
    Binomial,
    Die,
    Distribution,
    Geometric,
    NegativeBinomial,
    Poisson,
    Skellam,
    Uniform,
    Walk,
    deconvolve,
    power_logsf,
    settings,
    sum_of,
)
from distconv.numbers import balls

d6 = Die(6)
#: Seconds after which a thread that should have come is taken for lost.
LOST = 20


def mixed_answers(seed):
    """Answers of many kinds of laws, all made here; those of the seed's parity under settings of their own."""
    with settings(tolerance=1e-6 if seed % 2 else 1e-10, exact_limit=100 if seed % 3 == 0 else 10**9):
        noisy = Distribution.from_array([0.1, 0.2, 0.3, 0.4])
        laws = [Poisson(3) @ d6, Poisson(2) @ Die(4), NegativeBinomial(1.5, 0.3) @ noisy, Geometric("1/3") + Poisson(2)]
        laws += [Binomial(300, 0.3), Skellam(3, 2), 40 @ noisy, sum_of([d6, Uniform(1, 9), noisy])]
        answers = [(law.kind, law.error, law.logpmf(9 + seed), law.sf(7)) for law in laws]
        answers.append(power_logsf(d6, 1000 + seed, 5990))
        answers.append(deconvolve(noisy + noisy, noisy).to_dict())
        answers.append(Walk([d6, noisy, d6]).bridge(9 + seed % 3).position(1).to_dict())
        answers.append(laws[0].logpmf(300 + seed))
    return answers


def test_a_thread_waits_while_another_holds_flints_context():
    """One thread is held inside, at a length of series that would cut off the other's."""
    inside, go, found = threading.Event(), threading.Event(), []

    def hold():
        with balls.precision(20, terms=3):
            inside.set()
            assert go.wait(LOST)
            found.append((flint.ctx.prec, flint.ctx.cap))

    def ask():
        found.append((Poisson(3) @ d6).logpmf(300))

    expected, before = (Poisson(3) @ d6).logpmf(300), (flint.ctx.prec, flint.ctx.cap)
    holder, asker = threading.Thread(target=hold), threading.Thread(target=ask)
    holder.start()
    assert inside.wait(LOST)
    asker.start()
    asker.join(0.2)
    assert found == []
    go.set()
    for thread in (holder, asker):
        thread.join(LOST)
    assert found == [(20, 3), expected]
    assert (flint.ctx.prec, flint.ctx.cap) == before


def by_panjer(rate, sides, last):
    """P(S = last) of a Poisson number of dice, by Panjer's recursion in fractions."""
    weights = [Fraction(1)]
    for total in range(1, last + 1):
        terms = (k * weights[total - k] for k in range(1, min(sides, total) + 1))
        weights.append(Fraction(rate, sides * total) * sum(terms))
    return float(weights[last]) * math.exp(-rate)


def test_two_compounds_meet_at_the_critical_line(monkeypatch):
    """Both stand before FLINT at once, each with a precision of its own: none computes with the other's."""
    work = {"long": lambda: (Poisson(3) @ d6).pmf(300), "short": lambda: (Poisson(2) @ Die(4)).pmf(40)}
    gate, found, entered, met = threading.Barrier(2, timeout=LOST), {}, balls.precision, set()

    def together(*args, **options):
        if threading.get_ident() not in met:
            met.add(threading.get_ident())
            gate.wait()
        return entered(*args, **options)

    monkeypatch.setattr(balls, "precision", together)
    threads = [threading.Thread(target=lambda name=name: found.update({name: work[name]()})) for name in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(LOST)
    assert len(met) == 2
    assert found["long"] == pytest.approx(by_panjer(3, 6, 300), rel=1e-12)
    assert found["short"] == pytest.approx(by_panjer(2, 4, 40), rel=1e-12)


def test_eight_threads_give_the_answers_of_one():
    expected = [mixed_answers(seed) for seed in range(6)]
    before = flint.ctx.prec, flint.ctx.cap, flint.ctx.threads
    # Threads change places a thousand times as often as usual.
    usual = sys.getswitchinterval()
    sys.setswitchinterval(5e-6)
    try:
        with ThreadPoolExecutor(8) as pool:
            found = list(pool.map(mixed_answers, [seed % 6 for seed in range(24)]))
    finally:
        sys.setswitchinterval(usual)
    assert found == expected * 4
    assert (flint.ctx.prec, flint.ctx.cap, flint.ctx.threads) == before


def test_one_law_asked_by_eight_threads_at_once():
    laws = [Poisson(3) @ d6, Geometric("1/3") + Poisson(2), Binomial(500, 0.3), 30 @ d6.to_float()]
    fresh = [Poisson(3) @ d6, Geometric("1/3") + Poisson(2), Binomial(500, 0.3), 30 @ d6.to_float()]
    expected = [[law.logsf(x) for x in range(30, 60, 3)] for law in fresh]
    with ThreadPoolExecutor(8) as pool:
        for law, known in zip(laws, expected, strict=True):
            assert list(pool.map(law.logsf, list(range(30, 60, 3)) * 4)) == known * 4


def test_settings_of_one_thread_are_not_those_of_another():
    law = Geometric("1/3") + Poisson(2)

    def ask(limit):
        with settings(exact_limit=limit):
            return (d6 + d6).kind, law.pmf(9), (d6 + Fraction(1, 2)).kind

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(ask, [0, 10**9] * 20))
    assert {answers[0] for answers in found[::2]} == {"float"}
    assert {answers[0] for answers in found[1::2]} == {"exact"}
    assert len({answers[1:] for answers in found}) == 1
