"""Values are values: frozen, copied, pickled; equal ones hash alike; an answer depends on nothing that is in force."""

import copy
import math
import pickle
import random
import subprocess
import sys
from fractions import Fraction
from itertools import product as pairs_of

import flint
import numpy as np
import pytest
import sympy

import distconv
from distconv import (
    AccuracyError,
    Bernoulli,
    Binomial,
    Density,
    Die,
    Distribution,
    Formula,
    Geometric,
    Hypergeometric,
    Kernel,
    Logarithmic,
    Multinomial,
    NegativeBinomial,
    Point,
    Poisson,
    PoissonBinomial,
    Settings,
    Skellam,
    Uniform,
    Walk,
    deconvolve,
    plan,
    power_logsf,
    product,
    settings,
    sum_of,
)
from distconv.monoids import Monoid, add, maximum, modulo, symmetric

d6 = Die(6)
half = Fraction(1, 2)
p = sympy.Symbol("p", positive=True)
n, k = sympy.symbols("n k", integer=True, positive=True)
coin = Distribution({-1: half, 1: half})


def times_modulo_7(a, b):
    return a * b % 7


NUMBERED = {
    "laid out": lambda: d6 + d6,
    "floats": d6.to_float,
    "sparse": lambda: Distribution({0: 0.5, 10**9: 0.5}),
    "plane": lambda: Distribution({(1, 2): 0.5, (3, 4): 0.5}),
    "Die": lambda: Die(6),
    "Point": lambda: Point((1, 2)),
    "Uniform": lambda: Uniform(1, 5),
    "Bernoulli": lambda: Bernoulli("1/3"),
    "Binomial": lambda: Binomial(40, "1/3"),
    "Binomial of a float": lambda: Binomial(400, 0.3),
    "Hypergeometric": lambda: Hypergeometric(50, 20, 10),
    "PoissonBinomial": lambda: PoissonBinomial([Fraction(1, j) for j in range(2, 30)]),
    "PoissonBinomial of floats": lambda: PoissonBinomial([1 / j for j in range(2, 60)]),
    "Multinomial": lambda: Multinomial(5, ["1/2", "1/3", "1/6"]),
    "Geometric": lambda: Geometric("1/3"),
    "NegativeBinomial": lambda: NegativeBinomial(2.5, 0.3),
    "Poisson": lambda: Poisson(3),
    "Logarithmic": lambda: Logarithmic("1/2"),
    "Skellam": lambda: Skellam(3, 2),
    "image": lambda: 3 * Geometric("1/3") - 1,
    "sum": lambda: 3 @ (Geometric(half) + Binomial(5, "1/3")),
    "sum without ends": lambda: Geometric(half) - Geometric("1/3"),
    "compound": lambda: Poisson(3) @ d6,
    "compound of a family": lambda: Poisson(2) @ Geometric(half),
    "compound and more": lambda: (NegativeBinomial(2, half) @ d6.to_float()) + Poisson(2),
}
VALUES = {
    **NUMBERED,
    "letters": lambda: Distribution({0: p, 1: 1 - p}),
    "family with letters": lambda: 2 @ Die(n) + 1,
    "formula": lambda: Formula(2 * k / (n * (n + 1)), k, 1, n),
    "derivative": lambda: Distribution({0: p, 1: 1 - p}).diff("p"),
    "density": lambda: Density.box(0, 1) + Density.box(0, p),
    "kernel": lambda: Kernel({0: 1, 1: -1}),
    "kernel of floats": lambda: Kernel([0.25, 0.5]),
    "walk": lambda: Walk.repeat(coin, 10),
    "bridge": lambda: Walk([coin, d6, coin]).bridge(3),
    "stay": lambda: Walk.repeat(coin, 5).stay(range(-2, 3)),
    "outcomes": lambda: d6.support,
    "endless outcomes": lambda: Poisson(3).support,
    "plan": lambda: plan(d6, d6),
    "settings": lambda: Settings(tolerance=1e-6),
    "add": lambda: add,
    "modulo": lambda: modulo((7, "1/3")),
    "permutations": lambda: symmetric(3),
    "table": lambda: Monoid.from_table([[0, 1], [1, 0]]),
    "own monoid": lambda: Monoid(times_modulo_7, 1, "times modulo 7"),
    "error": lambda: AccuracyError("no"),
}
values = pytest.mark.parametrize("make", VALUES.values(), ids=VALUES.keys())
numbered = pytest.mark.parametrize("make", NUMBERED.values(), ids=NUMBERED.keys())
#: Settings so far apart that whatever depends on them shows it.
FAR_APART = (
    {},
    {"tolerance": 1e-3},
    {"exact_limit": 0},
    {"exact_limit": 50, "tolerance": 1e-13},
    {"accuracy": "absolute", "max_bytes": 10**6},
)
QUESTIONS = (
    *(("kind",), ("is_exact",), ("error",), ("missing",), ("mean", None), ("var", None), ("__hash__", None)),
    *(("pmf", 3), ("logpmf", 5), ("cdf", 4), ("sf", 4), ("sf", 60), ("logsf", 30), ("logcdf", 2), ("cdf_bounds", 5)),
    *(("ppf", Fraction(1, 3)), ("isf", 0.001), ("moment", 3), ("stop_loss", 5), ("tail_mean", 0.9), ("pgf", 0.5)),
    *(("entropy", None), ("mode", None), ("__repr__", None), ("__reduce__", None)),
)


# Frozen ---------------------------------------------------------------------------------------------------------------


@values
def test_attributes_are_neither_set_nor_deleted(make):
    value = make()
    if isinstance(value, Exception):
        return
    before = repr(value)
    for name in [name for name in dir(value) if not name.startswith("__")]:
        # The slots of frozen dataclasses raise a TypeError for names that are no fields.
        with pytest.raises((AttributeError, TypeError)):
            setattr(value, name, 7)
        with pytest.raises((AttributeError, TypeError)):
            delattr(value, name)
    assert repr(value) == before


def test_the_refusal_says_how_to_make_another():
    with pytest.raises(AttributeError, match=r"lam cannot be set; make a new one: Poisson\(7\)$"):
        Poisson(3).lam = 7
    with pytest.raises(AttributeError, match=r"p cannot be set; make a new one: Binomial\(10, 0.5\)$"):
        Binomial(10, "1/3").p = 0.5
    with pytest.raises(AttributeError, match=r"steps cannot be deleted; make a new one: Walk\(\[...\]\)"):
        del Walk([d6]).steps
    with pytest.raises(AttributeError, match=r"color cannot be set; make a new one: Distribution\(\{...\}\)"):
        (d6 + d6).color = "red"


def test_arrays_are_copies():
    weights, outcomes, taps = np.array([0.25, 0.75]), np.array([1, 2]), np.array([1.0, 2.0])
    dense, sparse, kernel = Distribution.from_array(weights), Distribution.from_arrays(outcomes, weights), Kernel(taps)
    for array in (weights, outcomes, taps):
        array[:] = 0
    assert dense.to_dict() == {0: 0.25, 1: 0.75}
    assert sparse.to_dict() == {1: 0.25, 2: 0.75}
    assert kernel.to_dict() == {0: 1.0, 1: 2.0}
    plane = Distribution.from_array([[0.25, 0.25], [0.25, 0.25]])
    for answer in (dense.to_arrays, lambda: dense.pmf([0, 1]), lambda: dense.cdf([0, 1]), plane.mean, plane.cov):
        kept = copy.deepcopy(answer())
        for array in answer() if isinstance(kept, tuple) else [answer()]:
            array[:] = 9
        assert np.array_equal(answer(), kept)
    kernel.to_array()[:] = 9
    assert kernel.to_dict() == {0: 1.0, 1: 2.0}
    stay = Walk([coin]).stay([0, 1])
    stay.survival.clear()
    assert stay.survival == [1, half]


# Copies and pickles ---------------------------------------------------------------------------------------------------


def same(a, b):
    """Whether two values are equal, or say the same of themselves where they have no equality."""
    if isinstance(a, Exception) or type(a).__eq__ is object.__eq__:
        return type(a) is type(b) and repr(a) == repr(b)
    return type(a) is type(b) and a == b and hash(a) == hash(b)


@values
def test_copies_and_pickles_are_equal(make):
    value = make()
    assert same(copy.copy(value), value)
    assert same(copy.deepcopy(value), value)
    # sympy's expressions refuse protocols 0 and 1.
    symbolic = "sympy" in str(pickle.dumps(value, 5))
    for protocol in range(2 if symbolic else 0, pickle.HIGHEST_PROTOCOL + 1):
        assert same(pickle.loads(pickle.dumps(value, protocol)), value)


def test_monoids_of_the_library_are_themselves_out_of_a_pickle():
    assert pickle.loads(pickle.dumps(maximum)) is maximum
    assert copy.deepcopy(add) is add
    assert modulo(7) == modulo(7) != modulo(8)
    again = pickle.loads(pickle.dumps(Monoid(times_modulo_7, 1, "add")))
    assert again.op is times_modulo_7


@pytest.mark.parametrize(
    "make",
    [lambda: Binomial(10**5, 0.3), lambda: Poisson(100) @ d6, lambda: Walk.repeat(coin, 300), lambda: 5 * Poisson(3)],
)
def test_pickles_hold_no_memories(make):
    """What was computed to answer is computed again elsewhere: it would be megabytes."""
    value = make()
    before = len(pickle.dumps(value))
    if isinstance(value, Walk):
        value.position(200)
    else:
        value.cdf(200)
    assert len(pickle.dumps(value)) == before < 3000


def test_a_new_process_gives_the_same_answers():
    with settings(exact_limit=0, tolerance=1e-6):
        laws = [make() for make in NUMBERED.values()]
    walk = Walk.repeat(coin, 10).bridge(2)
    asked = [(law.kind, law.error, law.ndim == 1 and law.cdf(3)) for law in laws]
    script = (
        "import pickle, sys\n"
        "laws, walk = pickle.load(sys.stdin.buffer)\n"
        "asked = [(law.kind, law.error, law.ndim == 1 and law.cdf(3)) for law in laws]\n"
        "pickle.dump((asked, walk.position(5).to_dict()), sys.stdout.buffer)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], input=pickle.dumps((laws, walk)), capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr.decode()
    assert pickle.loads(done.stdout) == (asked, walk.position(5).to_dict())


# Equal laws -----------------------------------------------------------------------------------------------------------

#: Ways to one law; in a row, all are equal as numbers.
ROUTES = {
    "die": [
        lambda: Die(6),
        lambda: Uniform(1, 6),
        lambda: Distribution({j: Fraction(1, 6) for j in range(1, 7)}),
        lambda: Distribution.from_array([Fraction(1, 6)] * 6, origin=1),
        lambda: 7 - Die(6),
        lambda: 2 * (Die(6) / 2),
        lambda: Die(6).map(lambda x: x),
    ],
    "half": [
        lambda: Bernoulli(half),
        lambda: Bernoulli(0.5),
        lambda: Distribution({0: 0.5, 1: half}),
        lambda: Binomial(1, 0.5),
        lambda: Die(2) - 1,
        lambda: Hypergeometric(2, 1, 1),
        lambda: PoissonBinomial([half]),
    ],
    "binomial": [
        lambda: Binomial(10, half),
        lambda: Binomial(10, 0.5),
        lambda: 10 @ Distribution({0: 0.5, 1: 0.5}),
        lambda: sum_of([Bernoulli(half)] * 10),
        lambda: PoissonBinomial([0.5] * 10),
        lambda: 10 - Binomial(10, half),
    ],
    "point": [
        lambda: Point(3),
        lambda: Distribution({3: 1.0}),
        lambda: Die(1) + 2,
        lambda: Binomial(3, 1.0),
        lambda: Poisson(0) + 3,
        lambda: Geometric(1) + 2,
    ],
    "sparse": [
        lambda: Distribution({0: half, 10**9: half}),
        lambda: 10**9 * Bernoulli(0.5),
        lambda: Distribution.from_arrays(np.array([10**9, 0]), [0.5, 0.5]),
    ],
    "gaps": [
        lambda: Distribution({0: "1/4", 1: "1/4", 1000: half}),
        lambda: Distribution.from_arrays([1000, 0, 1], [0.5, 0.25, 0.25]),
        lambda: Distribution.from_array([0.25, 0.25] + [0] * 998 + [0.5]),
    ],
    "plane": [
        lambda: product(Bernoulli(half), Bernoulli(0.5)),
        lambda: Distribution.from_array([[0.25, 0.25], [0.25, 0.25]]),
        lambda: Distribution(dict.fromkeys(pairs_of((0, 1), (0, 1)), "1/4")),
    ],
    "Poisson": [
        lambda: Poisson(3),
        lambda: Poisson(3.0),
        lambda: 3 @ Poisson(1),
        lambda: 0 - (0 - Poisson(3)),
        lambda: 2 * (Poisson(3) / 2) + 1 - 1,
    ],
    "failures": [
        lambda: NegativeBinomial(2, half),
        lambda: 2 @ Geometric(0.5) - 2,
        lambda: NegativeBinomial(1.0, half) + NegativeBinomial(1, half),
    ],
    "infinite sum": [
        lambda: Poisson(3) + Geometric(half),
        lambda: Geometric(half) + Poisson(3.0),
        lambda: Poisson(1) + (Geometric(half) + Poisson(2)),
        lambda: NegativeBinomial(1, half) + 1 + Poisson(3),
        lambda: 2 * (Poisson(3) / 2 + Geometric(half) / 2),
        lambda: 0 - (0 - Geometric(half) - Poisson(3)),
    ],
    "with finite terms": [
        lambda: Poisson(3) + Bernoulli(half) + Uniform(0, 1),
        lambda: Binomial(2, half) + Poisson(3),
        lambda: (Bernoulli(half) + 1) + Poisson(1) + (Bernoulli(half) - 1) + Poisson(2),
        lambda: sum_of([Die(2), Poisson(3), Bernoulli(half) - 1]),
    ],
    "compound": [lambda: Poisson(3) @ d6, lambda: Poisson(3.0) @ (7 - d6), lambda: (Poisson(3) @ Uniform(1, 6)) + 0],
}


@pytest.mark.parametrize("routes", ROUTES.values(), ids=ROUTES.keys())
def test_equal_laws_hash_alike_however_they_are_made(routes):
    laws = []
    for some in FAR_APART:
        with settings(**some):
            laws.append([make() for make in routes])
    everywhere = [law for row in laws for law in row]
    for a, b in pairs_of(everywhere, everywhere):
        assert (a == b) == (b == a)
        assert a != b or hash(a) == hash(b)
    # Under the usual settings all of them are one law.
    assert len(set(laws[0])) == 1


# The settings in force ------------------------------------------------------------------------------------------------


def asked(law, question):
    """An answer as text, or the refusal."""
    name, *argument = question
    try:
        answer = getattr(law, name)
        return repr(answer(*(a for a in argument if a is not None)) if argument else answer)
    except distconv.DistconvError as refusal:
        return f"{type(refusal).__name__}: {refusal}"


@numbered
def test_answers_do_not_depend_on_the_settings_in_force_when_asked(make):
    """Nor on what was asked before."""
    generator = random.Random(7)
    for making in FAR_APART:
        with settings(**making):
            expected = {question: asked(law, question) for law in [make()] for question in QUESTIONS}
        for asking in generator.sample(FAR_APART, 2):
            with settings(**making):
                law = make()
            with settings(**asking):
                for question in generator.sample(QUESTIONS, len(QUESTIONS)):
                    assert asked(law, question) == expected[question], (making, asking)


def test_a_walk_keeps_the_settings_of_its_making():
    with settings(exact_limit=0):
        walk = Walk([d6, coin, d6])
    assert walk.position(2).kind == walk.bridge(4).position(1).kind == "float"
    assert [law.kind for law in pickle.loads(pickle.dumps(walk))] == ["exact", "exact", "float", "float"]
    with settings(exact_limit=0):
        assert Walk([d6, coin]).final.kind == "float"
    walk = Walk([d6, coin])
    with settings(exact_limit=0):
        assert {law.kind for law in walk} == {"exact"}


def test_a_compound_states_the_tolerance_of_its_making():
    with settings(tolerance=1e-6):
        law = Poisson(3) @ d6
        error = law.error
    assert law.error == error > (Poisson(3) @ d6).error


def test_a_callers_function_runs_under_the_callers_settings():
    found = []

    def note(x):
        found.append((Die(6) + Die(6)).kind)
        return x

    law = Binomial(3, "1/3")
    with settings(exact_limit=0):
        law.expect(note)
    assert set(found) == {"float"}


# FLINT's own settings -------------------------------------------------------------------------------------------------


def flint_answers():
    """What depends on FLINT's precision or on the length of its series, somewhere."""
    z = sympy.Symbol("z")
    floats = [0.1, 0.2, 0.3, 0.4]
    noisy = Distribution.from_array(floats)
    return [
        power_logsf(d6, 1000, 5990),
        power_logsf(d6, 10**6, 4 * 10**6),
        (Poisson(3) @ d6).logpmf(300),
        (NegativeBinomial(1.5, 0.3) @ noisy).logpmf(40),
        deconvolve(noisy + noisy, noisy).pmf(2),
        distconv.root(5 @ noisy, 5).pmf(1),
        (1000 @ noisy).logpmf(2999),
        distconv.convolve(noisy, noisy, method="ball").pmf(3),
        Geometric("1/3").isf(1e-200),
        Skellam(3, 2).logpmf(400),
        Binomial(10**6, 0.3).logpmf(3),
        Logarithmic("1/2").cumulant(4),
        Multinomial(300, [0.1, 0.2, 0.7]).logpmf((1, 2, 297)),
        Distribution({0: p, 1: 1 - p}).subs({p: sympy.sqrt(2) / 2}).pmf(1),
        d6.cf(10.0**9),
        Distribution.from_pgf(sympy.exp(z - 1), z, terms=5).missing,
    ]


def test_a_callers_settings_of_flint_change_nothing_and_come_back():
    expected = flint_answers()
    before = flint.ctx.prec, flint.ctx.cap, flint.ctx.threads
    try:
        for bits, cap, threads in ((20, 5, 1), (300, 1, 1), (2, 2000, 2)):
            flint.ctx.prec, flint.ctx.cap, flint.ctx.threads = bits, cap, threads
            assert flint_answers() == expected
            assert (flint.ctx.prec, flint.ctx.cap, flint.ctx.threads) == (bits, cap, threads)
            with settings(tolerance=1e-16), pytest.raises(AccuracyError):
                power_logsf(d6, 1000, 3999)
            assert (flint.ctx.prec, flint.ctx.cap) == (bits, cap)
    finally:
        flint.ctx.prec, flint.ctx.cap, flint.ctx.threads = before
    # More than 5990: at most 9 pips of 6000 are lost, no die loses more than 5.
    ways = sum(math.comb(999 + lost, lost) for lost in range(10))
    ways -= 1000 * sum(math.comb(993 + lost, lost - 6) for lost in range(6, 10))
    assert abs(expected[0] - (math.log(ways) - 1000 * math.log(6))) < 1e-10
