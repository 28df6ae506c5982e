"""The registry of methods: what it holds is what callers may ask for, what is documented, and what is planned."""

import ast
import inspect
import re
import signal
import threading
import warnings
from fractions import Fraction
from pathlib import Path
from typing import get_args

import numpy as np
import oracle
import pytest

from distconv import (
    Die,
    DistconvValueError,
    DistconvWarning,
    Distribution,
    convolve,
    notation,
    plan,
    plan_power,
    planning,
    power,
    settings,
)
from distconv.interop.scipy_stats import ROUNDINGS
from distconv.measure import Measure
from distconv.methods import certified
from distconv.methods.operands import Operand
from distconv.planning import BOXES, COPIES, PAIRS, Method
from distconv.planning.plan import human_seconds
from distconv.settings import ACCURACIES
from distconv.support.boxes import Box, Region
from distconv.support.lattice import power_box, sum_box
from distconv.typing import Accuracy, MethodName, Rounding
from distconv.weights.floating import Floating

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs" / "explanation"
REGISTRIES = {"sums of two": PAIRS, "boxes": BOXES, "copies": COPIES}
X = Distribution({0: "1/2", 1: "1/3", 3: "1/6"})
Y = Distribution({0: "1/4", 2: "3/4"})


@pytest.mark.parametrize("registry", REGISTRIES.values(), ids=REGISTRIES)
def test_every_record_has_the_name_by_which_it_is_found(registry):
    assert [registry[name].name for name in registry] == list(registry)
    assert len(registry) == len(set(registry))


@pytest.mark.parametrize("function", [convolve, power])
def test_docstrings_name_every_method(function):
    named = set(re.findall(r'``"(\w+)"``', inspect.getdoc(function)))
    assert named == {"auto", *planning.names()}


def test_the_docs_name_every_method_with_its_memory():
    page = (DOCS / "planning.md").read_text("utf-8")
    rows = dict(re.findall(r"^\| `(\w+)` \|.*\| (\d+|by .*?) \|$", page, flags=re.MULTILINE))
    assert set(rows) == set(planning.names())
    for name, method in BOXES.items():
        task = planning.Pair.of(*[planning.Outline.of(law.to_float().law.measure) for law in (X, X)]).patch()
        assert method.bytes(task) == int(rows[name]) * task.cells


def test_type_checkers_know_every_method():
    assert set(get_args(MethodName)) == {"auto", *planning.names()}
    assert set(get_args(Accuracy)) == set(ACCURACIES)
    assert set(get_args(Rounding)) == set(ROUNDINGS)


def test_an_unknown_method_is_refused_by_name():
    works = (
        lambda: convolve(X, Y, method="quick"),
        lambda: power(X, 5, method="quick"),
        lambda: plan(X, Y, method="quick"),
        lambda: plan_power(X, 5, method="quick"),
    )
    for work in works:
        with pytest.raises(DistconvValueError, match="'exact', 'sparse'"):
            work()


@pytest.mark.parametrize("method", ["exact", "sparse", "direct", "fft", "tilted", "ball"])
@pytest.mark.parametrize("n", [0, 1, 2, 9])
def test_powers_by_every_method(method, n):
    found = power(X, n, method=method)
    told = plan_power(X, n, method=method)
    assert n < 2 or (told.method, told.kind) == (found.how().method, found.kind)
    truth = oracle.power(X.to_dict(), n)
    assert set(found.support) == set(truth)
    for outcome, weight in truth.items():
        assert abs(Fraction(found.pmf(outcome)) / weight - 1) <= found.error
    assert n < 2 or found.how().reason.startswith("asked for") or "asked for" in found.how().reason


def test_exact_powers_are_for_exact_weights():
    with pytest.raises(DistconvValueError, match="needs exact weights"):
        power(X.to_float(), 5, method="exact")
    assert power(X, 5, method="exact") == 5 @ X
    assert power(X, 5, method="sparse").how().method == "sparse"


def test_letters_have_their_own_method():
    sympy = pytest.importorskip("sympy")
    p = sympy.Symbol("p")
    coin = Distribution({0: 1 - p, 1: p})
    assert power(coin, 3, method="symbolic") == 3 @ coin
    for work in (lambda: power(coin, 3, method="fft"), lambda: convolve(coin, coin, method="fft")):
        with pytest.raises(DistconvValueError, match="symbolic"):
            work()


# A method of one's own is one record ----------------------------------------------------------------------------------


def by_hand(a, b):
    """The sum of two floating measures, in a double loop."""
    box = sum_box(a.box, b.box)
    total = dict.fromkeys(range(box.size), Fraction(0))
    for x, v in zip(a.box.vectors(), a.weights.significands.tolist(), strict=True):
        for y, w in zip(b.box.vectors(), b.weights.significands.tolist(), strict=True):
            total[box.cell((x[0] + y[0],))] += Fraction(v) * Fraction(w)
    return Measure(box, Floating(np.array([float(w) for w in total.values()]), None, 2.0**-52))


@pytest.fixture
def registered():
    """Takes methods up, and forgets them afterwards."""
    taken = []

    def take(registry, method):
        registry.add(method)
        taken.append((registry, method.name))

    yield take
    for registry, name in taken:
        registry.remove(name)


def toy(run, seconds=1.0, **fields):
    """A record that applies to floating tasks."""
    return Method("toy", lambda task: task.kind == "float", lambda _: seconds, lambda _: 100, run, **fields)


def test_a_method_that_does_not_fit_says_which_do(registered):
    registered(PAIRS, Method("never", lambda _: False, lambda _: 1.0, lambda _: 100, lambda *_: None))
    for X in (Die(6), Die(6).to_float()):
        with pytest.raises(DistconvValueError, match=r"'never' is not for these laws; .*'direct'.* are, .*'auto'"):
            convolve(X, X, method="never")


def test_a_method_of_two_that_is_registered_is_asked_for_and_planned(registered):
    before = convolve(X, Y, method="direct")
    registered(PAIRS, toy(lambda a, b: by_hand(a, b)))
    found = convolve(X, Y, method="toy")
    assert found.how().method == "toy"
    assert found.to_dict() == pytest.approx(before.to_dict(), rel=1e-15)
    assert "toy" in planning.names()
    # It is slow, and not chosen.
    floats = X.to_float(), Y.to_float()
    assert (floats[0] + floats[1]).how().method != "toy"
    assert ("toy", 1.0) in planning.plan_convolution(*map(planning.Outline.of, (f.law.measure for f in floats))).others


def test_a_quick_method_of_two_is_chosen(registered):
    floats = X.to_float(), Y.to_float()
    assert (floats[0] + floats[1]).how().method != "toy"
    registered(PAIRS, toy(lambda a, b: by_hand(a, b), seconds=0.0))
    assert (floats[0] + floats[1]).how().method == "toy"


def test_a_method_of_boxes_that_is_registered_is_certified(registered):
    def nothing(_a, _b, region, _wanted, _tolerance):
        """Certifies no entry."""
        from distconv.methods.operands import Piece

        shape = region.box.shape
        return Piece(np.zeros(shape), 0, 0.0, 0.0), np.ones(shape, dtype=bool), 0.0

    registered(BOXES, toy(nothing))
    found = convolve(X, Y, method="toy")
    assert found.how().method == "toy"
    assert found.to_dict() == pytest.approx((X + Y).to_float().to_dict(), rel=1e-10)


def test_a_method_of_copies_that_is_registered_takes_them_all(registered):
    def run(a, n, _tolerance):
        found = a
        for _ in range(n - 1):
            found = by_hand(found, a)
        assert found.box == power_box(a.box, n)
        return found

    registered(COPIES, toy(run, seconds=0.0))
    found = power(X, 4, method="toy")
    assert found.how().method == "toy"
    assert found.to_dict() == pytest.approx((4 @ X).to_float().to_dict(), rel=1e-14)
    assert (4 @ X.to_float()).how().method == "toy"
    assert (4 @ X).is_exact
    assert (4 @ Die(6)).how().method == "exact"


# Costs ----------------------------------------------------------------------------------------------------------------

MODULES = sorted((ROOT / "distconv").rglob("*.py"))


def test_every_cost_is_measured():
    """Whoever writes a new constant writes what measures it."""
    page = (ROOT / "benchmarks" / "costs.py").read_text("utf-8")
    strings = {node.value for node in ast.walk(ast.parse(page)) if isinstance(node, ast.Constant)}
    named = {name for name in vars(planning.costs) if name.isupper()}
    assert named - strings == set()
    # And nothing is measured that there is no longer.
    fits = {s for s in strings if isinstance(s, str) and re.fullmatch(r"[A-Z_]+_(SECONDS|BYTES)", s)}
    assert fits - named == set()


@pytest.mark.parametrize("path", MODULES, ids=[str(path.relative_to(ROOT)) for path in MODULES])
def test_costs_stand_in_one_room(path):
    """Thresholds that a benchmark of costs gave are measured there, too."""
    text = path.read_text("utf-8")
    names = re.findall(r"^([A-Z_]*(?:SECONDS|BYTES|COST)[A-Z_]*)(?:: .*)? = ", text, flags=re.MULTILINE)
    assert path.name == "costs.py" or not names
    page = (ROOT / "benchmarks" / "costs.py").read_text("utf-8")
    for comment, name in re.findall(r"((?:^#: .*\n)+)([A-Z_]+) = ", text, flags=re.MULTILINE):
        assert "benchmarks/costs" not in comment or f'"{name}"' in page, name


@pytest.mark.parametrize("change", [lambda X: X, lambda X: X.to_float()])
def test_what_windows_leave_is_planned_as_it_is_announced(change):
    # Of the best three of a hundred dice 18 is all but sure; 6, 9, 12 and 15 are likelier than their neighbours.
    X = change(notation.read("100d6kh3"))
    plan = plan_power(X, 10**5)
    assert plan.seconds > 3600
    with warnings.catch_warnings(record=True) as told, settings(max_bytes=10**10):
        warnings.simplefilter("always")
        # Shells start what runs in the background deaf to Ctrl-C.
        deaf = signal.signal(signal.SIGINT, signal.default_int_handler)
        timer = threading.Timer(3.0, signal.raise_signal, (signal.SIGINT,))
        timer.start()
        with pytest.raises(KeyboardInterrupt):
            (10**5 @ X).hold()
        timer.join()
        signal.signal(signal.SIGINT, deaf)
    assert [w.category for w in told] == [DistconvWarning]
    assert f"take {human_seconds(plan.seconds)} " in str(told[0].message)


def test_windows_that_leave_little_are_planned_alone():
    # Ends fall off, neighbours are alike.
    plan = plan_power(Distribution({0: 1e-9, 1: 0.5, 2: 0.5 - 1e-9, 3: 1e-15}), 2000)
    assert (plan.method, plan.seconds < 1) == ("tilted", True)


def test_what_transforms_leave_of_powers_in_2d_is_predicted():
    """The corners take most of the time: 3 copies of 30 x 30 cells 9 ms, of which the transforms take 1."""
    X = Distribution.from_array(np.random.default_rng(1).random((30, 30)), normalize=True)
    few, more = plan_power(X, 3), plan_power(X, 5)
    assert (few.method, more.method) == ("fft", "fft")
    assert 5e-3 < few.seconds < 3e-2 < more.seconds < 0.3
    with settings(accuracy="absolute"):
        assert plan_power(X, 5).seconds < 5e-3


def test_balls_of_weights_over_many_bands_are_not_taken_for_quick():
    """Bells of 20 000 cells down to 2**-5000 take balls 2 s, not the 0.1 s of weights of one size."""
    bits = -5000 * (2 * np.arange(20_000) / 20_000 - 1) ** 2
    exponents = np.floor(bits).astype(np.int64)
    bell = Operand(np.exp2(bits - exponents) / 2, exponents + 1, True)
    region = Region.of(bell.shape, bell.shape, Box.whole((39_999,)))
    ways = certified._ways(bell, bell, region, 1e-10, frozenset(("direct", "ball")))
    assert ways["direct"] < 0.5 < ways["ball"] < 10
