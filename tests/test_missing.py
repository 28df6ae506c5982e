"""Missing mass: every query and every operation on laws of which nothing, almost nothing or much is missing.

The oracle places what is missing anywhere: at an outcome, beside one, at either infinity, or in halves at two places.
"""

import inspect
import itertools
import math
from fractions import Fraction

import numpy as np
import pytest

import distconv
from distconv import AccuracyError, Die, DistconvTypeError, DistconvValueError, Distribution, monoids
from distconv.laws.registry import FAMILIES
from distconv.missing import NEGLIGIBLE, joined, repeated

F = Fraction
LOST = (F(0), F(1, 10**15), F(3, 10))
#: Where the missing mass is put by the oracle.
PLACES = (-math.inf, -5, 0, 1, F(3, 2), 3, 4, 1000, math.inf)


def law(lost, weights=((0, 1), (1, 5), (3, 2)), kind="exact"):
    """Weights in proportion to these, that total 1 - lost."""
    total = sum(w for _, w in weights)
    X = Distribution({x: F(w, total) * (1 - lost) for x, w in weights}, missing=lost)
    return X if kind == "exact" else X.to_float()


def placements(X, lost):
    """All the whole laws that X may be, as dicts."""
    known = X.to_exact().to_dict() if X.is_exact else {x: F(float(p)) for x, p in X}
    for a, b in itertools.combinations_with_replacement(PLACES, 2):
        whole = dict(known)
        for place in (a, b):
            whole[place] = whole.get(place, 0) + lost / 2
        yield whole


def cdf(whole, x):
    return sum(p for y, p in whole.items() if y <= x)


def ppf(whole, q):
    return next(x for x in sorted(whole) if whole[x] and cdf(whole, x) >= q)


# Every query ----------------------------------------------------------------------------------------------------------

#: What is answered however much is missing: what is certain.
CERTAIN = {
    "pmf": lambda X: X.pmf(1),
    "logpmf": lambda X: X.logpmf(1),
    "cdf": lambda X: X.cdf(1),
    "logcdf": lambda X: X.logcdf(1),
    "prob": lambda X: X.prob(lambda x: x > 0),
    "prob_box": lambda X: X.prob_box(1, 3),
    "cdf_bounds": lambda X: X.cdf_bounds(1),
    "sf_bounds": lambda X: X.sf_bounds(1),
    "ppf_bounds": lambda X: X.ppf_bounds("1/2"),
    "without_missing": lambda X: X.without_missing(),
    "given": lambda X: X.given(lambda x: x > 0),
    "truncate": lambda X: X.truncate(1, 3),
    "given_sum": lambda X: X.given_sum(Die(6), 4),
    "map": lambda X: X.map(abs),
    "clip": lambda X: X.clip(0, 1),
    "norm": lambda X: X.norm(),
    "layer": lambda X: X.layer(1, 2),
    "excess": lambda X: X.excess(1),
    "at_most": lambda X: X.at_most(1),
    "round": lambda X: X.round(2),
    "marginal": lambda X: X.marginal(0),
    "plot": lambda X: X.plot(),
    "to_arrays": lambda X: X.to_arrays(),
    "to_dict": lambda X: X.to_dict(),
    "to_exact": lambda X: X.to_exact(normalize=True),
    "to_float": lambda X: X.to_float(),
    "subs": lambda X: X.subs({}),
    "how": lambda X: X.how(),
    "hold": lambda X: X.hold(),
    "support": lambda X: X.support,
    "assumptions": lambda X: X.assumptions,
    "letters": lambda X: X.letters,
    "error": lambda X: X.error,
    "missing": lambda X: X.missing,
    "is_exact": lambda X: X.is_exact,
    "is_finite": lambda X: X.is_finite,
    "kind": lambda X: X.kind,
    "ndim": lambda X: X.ndim,
    "shape": lambda X: X.shape,
}
#: What depends on where it lies: refused once more than NEGLIGIBLE is missing.
DEPENDS = {
    "sf": lambda X: X.sf(1),
    "at_least": lambda X: X.at_least(1),
    "logsf": lambda X: X.logsf(1),
    "ppf": lambda X: X.ppf("9/10"),
    "isf": lambda X: X.isf("1/10"),
    "median": lambda X: law_of_halves(X).median(),
    "interval": lambda X: X.interval("9/10"),
    "mode": lambda X: law_of_halves(X).mode(),
    "mean": lambda X: X.mean(),
    "var": lambda X: X.var(),
    "std": lambda X: X.std(),
    "cov": lambda X: X.cov(),
    "skewness": lambda X: X.skewness(),
    "kurtosis": lambda X: X.kurtosis(),
    "moment": lambda X: X.moment(2),
    "cumulant": lambda X: X.cumulant(3),
    "entropy": lambda X: X.entropy(),
    "expect": lambda X: X.expect(lambda x: x),
    "pgf": lambda X: X.pgf(F(1, 2)),
    "cf": lambda X: X.cf(1.0),
    "rvs": lambda X: X.rvs(3, rng=0),
    "stop_loss": lambda X: X.stop_loss(1),
    "limited_mean": lambda X: X.limited_mean(1),
    "tail_mean": lambda X: X.tail_mean("1/2"),
    "to_scipy": lambda X: X.to_scipy(),
}
#: What is no question to a law of numbers.
OTHER = {
    *("diff", "family", "formula", "high", "lambdify", "law", "limit", "low", "members", "of", "parameters"),
    *("recurrence", "to_symbolic", "to_sympy"),
}


def law_of_halves(X):
    """Two nearly equal outcomes: neither is the median or the mode for certain, once something is missing."""
    return law(F(X.missing), ((0, 20), (1, 21)), X.kind)


def test_the_tables_name_every_query():
    made = {n for n in dir(Distribution) if n.startswith("from_")}
    public = {n for n in dir(Distribution) if not n.startswith("_")} - made
    assert public == set(CERTAIN) | set(DEPENDS) | OTHER, "say in one of the tables what it does with missing mass"


@pytest.mark.parametrize("kind", ["exact", "float"])
@pytest.mark.parametrize("lost", LOST, ids=float)
@pytest.mark.parametrize("query", [*CERTAIN, *DEPENDS])
@pytest.mark.usefixtures("no_pictures")
def test_every_query(query, lost, kind):
    X = law(lost, kind=kind)
    if query in CERTAIN:
        CERTAIN[query](X)
    elif lost > NEGLIGIBLE:
        with pytest.raises(AccuracyError, match=r"missing, and may lie anywhere.*X\.without_missing\(\)"):
            DEPENDS[query](X)
    else:
        DEPENDS[query](X)


@pytest.fixture
def no_pictures():
    import matplotlib.pyplot as plt

    yield
    plt.close("all")


@pytest.mark.parametrize("kind", ["exact", "float"])
@pytest.mark.parametrize("lost", [*LOST, F(1, 10**9)], ids=float)
def test_averages_agree_with_each_other(lost, kind):
    X = law(lost, kind=kind)
    asked = X.without_missing() if lost > NEGLIGIBLE else X
    for value, f in ((asked.mean(), lambda x: x), (asked.moment(2), lambda x: x * x)):
        expected = asked.expect(f)
        assert value == expected if kind == "exact" else math.isclose(value, expected, rel_tol=1e-14)


@pytest.mark.parametrize("query", ["sf(1)", "logsf(0)", "ppf('9/10')", "isf('1/10')", "mean()", "var()", "rvs()"])
def test_the_way_out_gets_out(query):
    names = {"X": law(F(3, 10))}
    with pytest.raises(AccuracyError) as caught:
        eval(f"X.{query}", names)
    way = str(caught.value).split(": ")[-1]
    assert way == f"X.without_missing().{query}"
    eval(way, names)


def test_refusals_say_both_ends():
    X = law(F(3, 10))
    with pytest.raises(AccuracyError, match=r"P\(X > 1\) .*between 0\.175 and 0\.475: up to 0\.3 of"):
        X.sf([1, 2])
    with pytest.raises(AccuracyError, match=r"ppf\(9/10\) .*between 3 and inf"):
        X.ppf("9/10")
    with pytest.raises(AccuracyError, match="between -inf and inf"):
        X.mean()


def test_the_summary_of_a_law_with_missing_mass_names_no_mean():
    assert repr(law(F(3, 10))) == "Distribution(3 outcomes 0..3, exact, missing <= 3.1e-1)"
    assert "mean" in repr(law(F(1, 10**15)))
    assert format(law(F(3, 10)), "atleast fraction nobars").split("\n")[2].split() == ["0", "7/80", "7/10"]


# Both ends ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["exact", "float"])
@pytest.mark.parametrize("lost", [F(0), F(1, 10**15), F(1, 4), F(3, 10)], ids=float)
def test_bounds_hold_wherever_the_missing_mass_lies(lost, kind):
    X = law(lost, kind=kind)
    wholes = list(placements(X, 1 - sum(F(float(p)) if kind == "float" else p for _, p in X)))
    for x in (-6, -5, 0, F(1, 2), 1, 3, 1000):
        truths = [cdf(whole, x) for whole in wholes]
        for (low, high), values in ((X.cdf_bounds(x), truths), (X.sf_bounds(x), [1 - t for t in truths])):
            # What the floats' total leaves of 1 is the missing mass, but for the rounding of each.
            slack = F(1, 10**14) if kind == "float" else F(0)
            assert low <= min(values) <= low + slack
            assert high - slack <= max(values) <= high + slack / 10
            if kind == "exact":
                assert (low, high) == (min(values), max(values))
        assert X.cdf(x) == X.cdf_bounds(x)[0] or kind == "float"
    for q in (F(0), F(1, 20), F(3, 10), F(1, 2), F(7, 10), F(4, 5), F(95, 100), F(1)):
        truths = [ppf(whole, q) for whole in wholes]
        low, high = X.ppf_bounds(q)
        if q > 0:
            assert low <= min(truths)
            assert max(truths) <= high
        if q > 0 and kind == "exact":
            assert (low, high) == (min(truths), max(truths))
        if lost > NEGLIGIBLE and low == high:
            assert X.ppf(q) == X.isf(1 - q) == low
        elif lost > NEGLIGIBLE:
            with pytest.raises(AccuracyError):
                X.ppf(q)


def test_bounds_of_arrays():
    X = law(F(3, 10))
    low, high = X.cdf_bounds(np.array([0, 3]))
    assert (low == [F(7, 80), F(7, 10)]).all()
    assert (high == [F(31, 80), 1]).all()
    low, high = X.ppf_bounds(["1/5", "1/2", 1])
    assert list(low) == [-math.inf, 1, 3]
    assert list(high) == [1, 1, math.inf]
    low, high = X.to_float().sf_bounds([0, 1])
    assert low.dtype == high.dtype == np.float64


@pytest.mark.parametrize("weights", [((0, 1), (1, 5)), ((0, 4), (1, 5)), ((0, 5), (1, 5)), ((0, 1),)])
@pytest.mark.parametrize("lost", [F(1, 10), F(1, 2), F(6, 10)], ids=float)
def test_the_mode_is_given_where_it_is_certain(weights, lost):
    X = law(lost, weights)
    modes = {max(sorted(whole), key=whole.get) for whole in placements(X, lost)}
    if len(modes) == 1:
        # Halves of what is missing show what all of it in one place may do, but for ties.
        largest = max(p for _, p in X)
        if largest > max([p for _, p in X if p < largest], default=0) + lost:
            assert X.mode() == modes.pop()
    else:
        with pytest.raises(AccuracyError, match="the mode is not known"):
            X.mode()


def test_infinite_laws_have_bounds():
    for X in (distconv.Geometric("1/2"), distconv.Poisson(3), distconv.Poisson(3) + Die(6)):
        for bounds, value in ((X.sf_bounds(4), X.sf(4)), (X.ppf_bounds("9/10"), X.ppf("9/10"))):
            assert bounds[0] <= value <= bounds[1]
            assert bounds[1] - bounds[0] <= 1e-9


# Made on purpose ------------------------------------------------------------------------------------------------------


def test_defective_laws():
    X = Distribution({0: "1/2", 1: "2/5"}, missing="1/10")
    assert X.is_exact
    assert X.missing == 0.1
    assert X.cdf_bounds(5) == (F(9, 10), 1)
    assert Distribution({0: 0.5, 1: 0.4}, missing=0.1).missing == 0.1
    assert Distribution({0: 5, 1: 4}, missing=F(1, 10), normalize=True) == X
    assert Distribution.from_array(["1/2", "2/5"], missing="0.1") == X
    assert Distribution.from_arrays([0, 1], ["1/2", "2/5"], missing=0.1) == X
    Y = Distribution.from_arrays(np.array([0, 1]), np.array([0.5, 0.4]), missing=0.1)
    Z = Distribution.from_array(np.array([5.0, 4.0]), missing=0.1, normalize=True)
    assert Y.missing == Z.missing == 0.1
    assert math.isclose(Z.cdf(1), 0.9, rel_tol=1e-15)
    assert Y.to_exact() == X
    plane = Distribution({(0, 0): "1/2", (1, 2): "1/4"}, missing="1/4")
    assert plane.marginal(0).missing == 0.25
    with pytest.raises(AccuracyError):
        plane.mean()


@pytest.mark.parametrize(
    ("make", "error", "words"),
    [
        (
            lambda: Distribution({0: "1/2"}, missing="1/4"),
            DistconvValueError,
            r"sum to 0\.5 = 1/2, not 1 - missing = 0\.7",
        ),
        (lambda: Distribution({0: 0.5}, missing=0.4), DistconvValueError, "not 1 - missing = 0.6"),
        (lambda: Distribution({0: 0.5}, missing=1), DistconvValueError, r"missing must be .* in \[0, 1\), got 1"),
        (lambda: Distribution({0: 0.5}, missing=-0.5), DistconvValueError, "missing must be"),
        (lambda: Distribution({0: 0.5}, missing=math.nan), DistconvValueError, "missing is NaN"),
        (lambda: Distribution({0: 0.9, math.inf: 0.1}), DistconvValueError, r"inf is not finite.*missing=0\.1\)"),
        (lambda: Distribution({0: "9/10"}), DistconvValueError, r"not listed there is missing=0\.1\."),
    ],
)
def test_what_is_refused(make, error, words):
    with pytest.raises(error, match=words):
        make()


def test_letters_have_nothing_missing():
    import sympy

    p = sympy.Symbol("p")
    with pytest.raises(DistconvTypeError, match="missing='1/10' is for weights that are numbers"):
        Distribution({0: p, 1: sympy.Rational(9, 10) - p}, missing="1/10")


# Every operation ------------------------------------------------------------------------------------------------------

#: The outcome of the oracle's laws that stands for "nobody knows where".
NOWHERE = "nowhere"


def dict_of(X, lost):
    return {**{x: F(p) for x, p in X}, NOWHERE: lost}


def image(f, *laws):
    """The law of f of independent variables; nowhere where one of them is."""
    result = {}
    for some in itertools.product(*(one.items() for one in laws)):
        at = [x for x, _ in some]
        y = NOWHERE if NOWHERE in at else f(*at)
        result[y] = result.get(y, 0) + math.prod((p for _, p in some), start=F(1))
    return result


def compounded(counts, terms):
    result = {}
    for n, p in counts.items():
        part = {NOWHERE: F(1)} if n == NOWHERE else image(lambda *x: sum(x), *[terms] * n)
        for x, q in part.items():
            result[x] = result.get(x, 0) + p * q
    return result


OPERATIONS = {
    "X + Y": (lambda X, Y: X + Y, lambda x, y: image(lambda a, b: a + b, x, y)),
    "X - Y": (lambda X, Y: X - Y, lambda x, y: image(lambda a, b: a - b, x, y)),
    "2 * X + 1": (lambda X, Y: 2 * X + 1, lambda x, y: image(lambda a: 2 * a + 1, x)),
    "3 @ X": (lambda X, Y: 3 @ X, lambda x, y: image(lambda a, b, c: a + b + c, x, x, x)),
    "sum_of": (lambda X, Y: distconv.sum_of([X, Y, X]), lambda x, y: image(lambda a, b, c: a + b + c, x, y, x)),
    "convolve": (
        lambda X, Y: distconv.convolve(X, Y, method="sparse"),
        lambda x, y: image(lambda a, b: a + b, x, y),
    ),
    "power": (lambda X, Y: distconv.power(X, 2), lambda x, y: image(lambda a, b: a + b, x, x)),
    "xor": (
        lambda X, Y: distconv.convolve(X, Y, monoid=monoids.xor),
        lambda x, y: image(lambda a, b: a ^ b, x, y),
    ),
    "X // 2": (lambda X, Y: X // 2, lambda x, y: image(lambda a: a // 2, x)),
    "norm": (lambda X, Y: (X - 2).norm(), lambda x, y: image(lambda a: abs(a - 2), x)),
    "X % 2": (lambda X, Y: X % 2, lambda x, y: image(lambda a: a % 2, x)),
    "map": (lambda X, Y: X.map(lambda a: a * a), lambda x, y: image(lambda a: a * a, x)),
    "layer": (lambda X, Y: X.layer(1, 2), lambda x, y: image(lambda a: min(max(a - 1, 0), 2), x)),
    "clip": (lambda X, Y: X.clip(1, 2), lambda x, y: image(lambda a: min(max(a, 1), 2), x)),
    "product": (lambda X, Y: distconv.product(X, Y), lambda x, y: image(lambda a, b: (a, b), x, y)),
    "joint": (lambda X, Y: distconv.joint(X, Y), lambda x, y: image(lambda a, b: (a, b), x, y)),
    "maximum": (lambda X, Y: distconv.maximum(X, Y), lambda x, y: image(max, x, y)),
    "minimum": (lambda X, Y: distconv.minimum(X, Y), lambda x, y: image(min, x, y)),
    "order_statistic": (
        lambda X, Y: distconv.order_statistic(X, 3, 2),
        lambda x, y: image(lambda *a: sorted(a)[1], x, x, x),
    ),
    "kept": (lambda X, Y: distconv.kept([X, Y, X], [0, 1]), lambda x, y: image(lambda *a: sum(a) - max(a), x, y, x)),
    "most_alike": (
        lambda X, Y: distconv.most_alike([X, Y, X]),
        lambda x, y: image(lambda *a: max(map(a.count, a)), x, y, x),
    ),
    "highest": (lambda X, Y: distconv.highest(X, 3, 2), lambda x, y: image(lambda *a: sum(a) - min(a), x, x, x)),
    "lowest": (lambda X, Y: distconv.lowest(X, 3, 2), lambda x, y: image(lambda *a: sum(a) - max(a), x, x, x)),
    "mixture": (
        lambda X, Y: distconv.mixture({X: "1/4", Y: "3/4"}),
        lambda x, y: {a: x.get(a, F(0)) / 4 + y.get(a, F(0)) * F(3, 4) for a in x | y},
    ),
    "compound": (lambda X, Y: distconv.compound(Y, X), lambda x, y: compounded(y, x)),
    "binomial compound": (
        lambda X, Y: distconv.Binomial(2, "1/3") @ X,
        lambda x, y: compounded({0: F(4, 9), 1: F(4, 9), 2: F(1, 9)}, x),
    ),
    "walk": (
        lambda X, Y: distconv.Walk([X, Y]).position(2),
        lambda x, y: image(lambda a, b: a + b, x, y),
    ),
}
#: What is refused, or has a test of its own.
ELSEWHERE = {
    "count_of",
    "explode",
    "reroll",
    "cornish_fisher",
    "deconvolve",
    "edgeworth",
    "root",
    "total_variation",
    "wasserstein",
    "power_logsf",
    "power_logcdf",
    "power_pmf",
    "posterior",
    "distances_to_uniform",
    "isclose",
    "plan",
    "plan_compound",
    "plan_power",
    "latex",
    "settings",
    "from_scipy",
    "from_sympy",
}


def test_the_tables_name_every_operation():
    functions = {n for n in distconv.__all__ if inspect.isfunction(getattr(distconv, n))} - set(FAMILIES)
    assert functions - ELSEWHERE - {"settings", "Formula", "Trials", "sum_of_draws"} <= set(OPERATIONS), (
        "say what it does with missing mass"
    )


@pytest.mark.parametrize("kind", ["exact", "float"])
@pytest.mark.parametrize("lost", LOST, ids=float)
@pytest.mark.parametrize("name", OPERATIONS)
def test_every_operation(name, lost, kind):
    X, Y = law(lost, kind=kind), law(lost / 2, ((0, 3), (1, 4), (2, 1)), kind=kind)
    operation, truth = OPERATIONS[name]
    found = operation(X, Y)
    exact = [law(lost), law(lost / 2, ((0, 3), (1, 4), (2, 1)))]
    expected = truth(dict_of(exact[0], lost), dict_of(exact[1], lost / 2))
    nowhere = expected.pop(NOWHERE, F(0))
    weights = found.to_dict()
    assert {x for x, p in expected.items() if p} == set(weights)
    for x, p in weights.items():
        assert p == expected[x] if kind == "exact" else abs(F(float(p)) - expected[x]) <= F(1, 10**14) * expected[x]
    assert nowhere <= F(found.missing) <= nowhere * (1 + F(1, 10**11)) + F(1, 10**300)
    assert found.is_exact == (kind == "exact")


@pytest.mark.parametrize("lost", [F(1, 10**15), F(3, 10)], ids=float)
@pytest.mark.parametrize("kind", ["exact", "float"])
def test_conditional_laws_hold_wherever_the_missing_mass_lies(lost, kind):
    X = law(lost, kind=kind)
    odd = X.given(lambda x: x % 2 == 1)
    cut = X.truncate(1, 2)
    for whole in placements(law(lost), lost):
        for found, event in ((odd, lambda x: x in (1, 3)), (cut, lambda x: 1 <= x <= 2)):
            total = sum(p for x, p in whole.items() if event(x))
            for x in (1, F(3, 2), 3):
                truth = whole.get(x, F(0)) / total if event(x) else 0
                slack = F(1, 10**14)
                assert F(found.pmf(x)) <= truth + slack
                assert truth - slack <= F(found.pmf(x)) + F(found.missing)
    whole = X.given(lambda x: True)
    assert F(X.missing) <= F(whole.missing) <= F(X.missing) * (1 + F(1, 10**9))
    assert X.without_missing().missing == 0
    assert math.isclose(X.without_missing().cdf(5), 1, rel_tol=1e-15)


@pytest.mark.parametrize("event", [4, lambda s: s >= 4])
@pytest.mark.parametrize("kind", ["exact", "float"])
def test_a_known_sum_of_laws_with_missing_mass(event, kind):
    lost = F(3, 10)
    X, Y = law(lost, kind=kind), law(lost / 2, ((1, 3), (3, 4), (4, 1)))
    found = X.given_sum(Y, event)
    fits = event if callable(event) else lambda s: s == event
    for x, y in itertools.product(
        placements(law(lost), lost), [dict_of(Y, 0), {**dict_of(Y, 0), 1: Y.pmf(1) + lost / 2}]
    ):
        y.pop(NOWHERE, None)
        joint = {(a, b): p * q for a, p in x.items() for b, q in y.items() if fits(a + b)}
        total = sum(joint.values())
        for a in (0, 1, 3):
            truth = sum(p for (c, _), p in joint.items() if c == a) / total
            assert F(found.pmf(a)) <= truth + F(1, 10**14)


def test_what_is_refused_of_laws_with_missing_mass():
    X, Y = law(F(3, 10)), Die(6)
    for ask in (
        lambda: distconv.deconvolve(X + Y, Y),
        lambda: distconv.root(2 @ X, 2),
        lambda: distconv.wasserstein(X, Y),
        lambda: distconv.power_logsf(X.to_float(), 10, 3),
        lambda: distconv.power_logcdf(X.to_float(), 10, 3),
        lambda: distconv.posterior(X, lambda h: Y, 3),
        lambda: distconv.posterior({"a": "1/2", "b": "1/2"}, {"a": X, "b": Y}, 1),
    ):
        with pytest.raises(AccuracyError, match=r"missing, and may lie anywhere.*X\.without_missing\(\)"):
            ask()
    with pytest.raises(AccuracyError, match=r"between 0.366667 and 0.666667"):
        distconv.total_variation(X, Y)


@pytest.mark.parametrize("kind", ["exact", "float"])
def test_missing_mass_changes_no_method(kind):
    whole = Distribution.from_array([F(1, 3000)] * 3000)
    cut = Distribution.from_array([F(7, 30000)] * 3000, missing="3/10")
    if kind == "float":
        whole, cut = whole.to_float(), cut.to_float()
    small = Die(6) if kind == "exact" else Die(6).to_float()
    for work in (
        lambda X: X + X,
        lambda X: X + small,
        lambda X: 5 @ X,
        lambda X: distconv.sum_of([X, 2 * X, small]),
        lambda X: distconv.maximum(X, X),
    ):
        a, b = work(whole).how(), work(cut).how()
        told = ("method", "kind", "cells")
        assert [getattr(a, of, None) for of in told] == [getattr(b, of, None) for of in told]


def test_missing_mass_adds_up_from_above():
    parts = [0.0, 1e-18, 1e-9, 0.3, 0.9, 1.0]
    for a, b, c in itertools.product(parts, repeat=3):
        truth = 1 - (1 - F(a)) * (1 - F(b)) * (1 - F(c))
        assert truth <= F(joined(a, b, c)) <= truth * (1 + F(1, 10**11))
        assert joined(a, b, c) == joined(c, a, b)
    for a, n in itertools.product(parts, [0, 1, 2, 50]):
        truth = 1 - (1 - F(a)) ** n
        assert truth <= F(repeated(a, n)) <= truth * (1 + F(1, 10**11))
    assert repeated(1e-18, 10**6) <= 1.0000001e-12


# Walks and windows ----------------------------------------------------------------------------------------------------


def passage(step, n, region):
    """The law of the first passage by its definition, from exact weights."""
    here, times = {0: F(1)}, {}
    for time in range(1, n + 1):
        moved = image(lambda a, b: a + b, here, step)
        times[time] = sum(p for x, p in moved.items() if x in region)
        here = {x: p for x, p in moved.items() if x not in region}
    return {k: p for k, p in times.items() if p}


@pytest.mark.parametrize(
    ("step", "n", "region"),
    [
        ({-1: 0.5, 1: 0.5}, 5, [1]),
        ({-1: 0.5, 1: 0.5}, 60, range(40, 50)),
        ({-1: 0.7, 2: 0.3}, 30, [25, 26]),
        ({-1: 0.9999999, 1: 1e-7}, 12, [3]),
        ({-1: 1 - 2.0**-53, 1: 1e-200}, 6, [2]),
        ({0: 0.5, 1: 0.5}, 40, [1]),
        ({1: 0.25, 2: 0.75}, 6, range(3, 100)),
    ],
)
def test_first_passages_of_floating_steps_keep_their_tails(step, n, region):
    X = Distribution(step)
    truth = passage({x: F(p) for x, p in step.items()}, n, set(region))
    T = distconv.Walk.repeat(X, n).first_passage(region)
    assert list(T.support) == sorted(truth)
    weights = T.law.measure.weights
    for rank, k in zip(weights.positive(), sorted(truth), strict=True):
        assert abs(weights.exact_at(int(rank)) - truth[k]) <= F(T.error) * truth[k]
    assert T.error <= n * 1e-12
    assert 1 - sum(truth.values()) - F(1, 10**14) <= F(T.missing)
    assert F(T.missing) <= (1 - sum(truth.values())) * (1 + F(1, 10**9)) + F(1, 10**14)


def test_a_first_passage_with_steps_that_may_be_missing():
    lost = F(1, 10)
    X = law(lost, ((-1, 1), (1, 2)))
    T = distconv.Walk.repeat(X, 3).first_passage([1])
    assert T.to_dict() == {1: F(6, 10), 3: F(3, 10) * F(6, 10) * F(6, 10)}
    assert F(T.missing) >= 1 - T.cdf(3)
    assert distconv.Walk.repeat(X.to_float(), 3).first_passage([1]).missing == pytest.approx(T.missing, rel=1e-12)


def test_a_first_passage_that_ran_out_of_time_refuses_what_depends_on_the_rest():
    coin = Distribution({-1: "1/2", 1: "1/2"})
    T = distconv.Walk.repeat(coin, 5).first_passage([1])
    assert (T.to_dict(), T.missing) == ({1: F(1, 2), 3: F(1, 8), 5: F(1, 16)}, 0.3125)
    assert T.sf_bounds(5) == (0, F(5, 16))
    assert "mean" not in repr(T)
    for ask in (
        T.mean,
        T.rvs,
        lambda: T.ppf(".9"),
        lambda: T.interval(".9"),
        lambda: T.tail_mean(".9"),
        lambda: T.sf(0),
    ):
        with pytest.raises(AccuracyError):
            ask()
    assert T.without_missing().mean() == F(19, 11)
    plane = Distribution({(1, 0): "1/4", (-1, 0): "1/4", (0, 1): "1/4", (0, -1): "1/4"})
    assert "mean" not in repr(distconv.Walk.repeat(plane, 6).first_passage([(3, 0)]))


def test_laws_cut_in_their_tails_refuse_what_the_tail_decides():
    from scipy import stats

    for frozen, options in (
        (stats.cauchy(), {"step": 0.1, "tail": 1e-5}),
        (stats.lomax(1.5), {"step": 1, "tail": 1e-6}),
    ):
        X = distconv.from_scipy(frozen, **options)
        for ask in (X.mean, X.var, lambda X=X: X.sf(3)):
            with pytest.raises(AccuracyError, match="missing"):
                ask()
    X = distconv.from_scipy(stats.poisson(3), tail=1e-2)
    with pytest.raises(AccuracyError, match="between 8 and inf"):
        X.ppf(0.999)
    assert X.ppf(0.5) == 3


HALF, THREE = distconv.Geometric("1/2"), distconv.Poisson(3)


@pytest.mark.parametrize(
    ("X", "f", "truth"),
    [
        (THREE, lambda x: 10**x, math.exp(27)),
        (THREE, lambda x: x**20, 1403300026585387686),
        (THREE, lambda x: 10.0**x, math.exp(27)),
        (HALF, lambda x: 1.5**x, 3),
        (HALF, lambda x: F(3, 2) ** x, 3),
        (HALF, lambda x: (-1.5) ** x, -F(3, 7)),
        (-THREE, lambda x: F(1, 2) ** x, math.exp(3)),
        (distconv.Skellam(2, 3), lambda x: x * x, 6),
        (distconv.Skellam(2, 3), lambda x: 3.0**x, math.exp(2 * 2 + 3 * (1 / 3 - 1))),
        (THREE + Die(6), lambda x: 2**x, math.exp(3) * 21),
        (distconv.Poisson(1e-20), lambda x: x, 1e-20),
        (THREE, lambda x: 0, 0),
        (THREE, lambda x: x > 100, float(THREE.sf(100))),
    ],
)
def test_expected_values_of_infinite_laws(X, f, truth):
    assert math.isclose(X.expect(f), truth, rel_tol=1e-12, abs_tol=1e-15)


@pytest.mark.parametrize(
    ("X", "f"),
    [
        (HALF, lambda x: 2**x),
        (HALF, lambda x: 2.0**x),
        (HALF, lambda x: 3**x),
        (HALF, lambda x: 1.99**x),
        (HALF, lambda x: math.exp(x * x)),
        (THREE, math.factorial),
        (-HALF, lambda x: F(1, 2) ** x),
        (distconv.Skellam(2, 3), lambda x: math.factorial(abs(x)) ** 2),
    ],
)
def test_expected_values_that_may_be_infinite_are_refused(X, f):
    with pytest.raises(
        AccuracyError, match=r"may be infinite.*cut the law first: X\.truncate\(.*\)\.expect\(f\)$"
    ) as caught:
        X.expect(f)
    way = str(caught.value).split("cut the law first: ")[1]
    assert eval(way, {"X": X, "f": lambda x: 1}) == pytest.approx(1)


def test_the_upper_part_of_an_infinite_law_misses_next_to_nothing():
    for low in (2, 5, 40):
        X = HALF.truncate(low=low)
        assert X.missing < 1e-11
        assert 0 <= F(1, 2) - X.pmf(low) < 1e-11


@pytest.mark.parametrize("lost", LOST, ids=float)
def test_sums_with_infinite_laws_say_what_their_terms_miss(lost):
    X = law(lost)
    total = THREE + X
    truth = sum(float(THREE.pmf(4 - x)) * float(p) for x, p in X)
    assert math.isclose(total.pmf(4), truth, rel_tol=1e-12)
    assert lost <= F(total.missing) <= lost + F(1, 10**17) + lost / 10**9
    if lost > NEGLIGIBLE:
        for ask in (total.mean, total.var, lambda: total.sf(3), lambda: total.ppf("9/10"), lambda: total.expect(abs)):
            with pytest.raises(AccuracyError, match="missing, and may lie anywhere"):
                ask()


def test_known_sums_count_what_is_missing_from_either_summand():
    """The mass that is missing from Y may make up the total with any outcome of X."""
    X, Y = Distribution({0: "1/2", 1: "1/2"}), Distribution({0: "1/2"}, missing="1/2")
    for known in (X.given_sum(Y, 0), distconv.Walk([X, Y]).bridge(0).position(1)):
        # All of it at -1: X is 0 or 1, equally likely.
        assert known.pmf(0) <= Fraction(1, 2)
        assert known.missing >= Fraction(1, 2)
    Z = Distribution({-1: "3/11", 1: "3/11", 2: "3/11", 5: "1/11"}, missing="1/11")
    W = Distribution({-2: "2/9", 1: "5/18", 3: "1/9"}, missing="7/18")
    assert Z.given_sum(W, -3).pmf(-1) <= Fraction(6, 19)
