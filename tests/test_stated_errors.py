"""Stated errors are bounds, for every operation: a table of them against exact arithmetic on the very same numbers.

`stated_laws.LAWS` has the operations that return laws, `stated_numbers.NUMBERS` those that return numbers; each case is
drawn from the operation's name and a seed, at tolerances from 1e-6 to 1e-14, from laws whose own errors are 0 to 1e-2
and whose weights lie between 1 and 2**-5000. The profile `long` takes 10**4 cases. To run more, and to see the largest
ratio of a true error to the stated one for each operation:

    PYTHONPATH=tests python tests/test_stated_errors.py 100000
    PYTHONPATH=tests python tests/test_stated_errors.py 5000 given "n @ X"

Nothing above 1 is printed but what is wrong; 1 itself is reached where laws are made with errors stated to the last
digit. A case that is refused (`AccuracyError`, or a lattice too large) is counted.
"""

import re
import sys
import time
from fractions import Fraction
from math import inf, isfinite, nan
from random import Random

import mpmath
import numpy as np
import pytest
from agreement import stored
from hypothesis import given
from hypothesis import strategies as st
from stated_laws import LAWS
from stated_numbers import NUMBERS, real, size
from strategies import part

import distconv
from distconv import AccuracyError, Distribution, SizeLimitError, Walk, settings
from distconv.laws.finite import Finite
from distconv.measure.arranging import arranged_vectors
from distconv.walk import Stay
from distconv.weights.floating import normal_form

TOLERANCES = (1e-6, 1e-8, 1e-10, 1e-12, 1e-14)
OPERATIONS = {**LAWS, **NUMBERS}


def law_ratio(law, truth, off=Fraction(0)):
    """The largest true error of a weight over what the law states; what it lacks of a weight may be `missing`.

    `off` is added to the error: by so much the doubles of the case total not quite 1.
    """
    if law.error == inf:
        return 0.0
    truth = {x: p for x, p in truth.items() if p}
    held, stated, lost = stored(law), Fraction(law.error) + 2 * off, Fraction(law.missing)
    if not set(held) <= set(truth):
        return inf
    absent = sum((p for x, p in truth.items() if x not in held), start=Fraction(0))
    worst = Fraction(0)
    for x, p in held.items():
        if lost and p < truth[x] * (1 - stated):
            absent += truth[x] - p / (1 - stated)
        elif p != truth[x]:
            worst = max(worst, abs(p - truth[x]) / truth[x] / stated) if stated else inf
    if absent:
        worst = max(worst, absent / lost) if lost else inf
    return float(worst)


def number_ratio(value, truth, bound):
    """The true error of a number over its bound."""
    exact = isinstance(value, Fraction | int) and isinstance(truth, Fraction | int)
    if not exact:
        value, truth = (real(v) if isinstance(v, Fraction) else mpmath.mpmathify(v) for v in (value, truth))
        if not mpmath.isfinite(value):
            return inf
    off = size(value - truth)
    return 0.0 if not off else float(off / bound) if bound else inf


def ratio_of(name, seed):
    """The largest ratio of a true error to the stated one in a case; NaN where it is refused."""
    rng = Random(f"{name} {seed}")
    tolerance = rng.choice(TOLERANCES)
    try:
        with settings(tolerance=tolerance):
            return (
                max((number_ratio(*case) for case in NUMBERS[name](rng)), default=0.0)
                if name in NUMBERS
                else (law_ratio(*LAWS[name](rng)))
            )
    except AccuracyError as refusal:
        advised = re.search(r"tolerance=([^)]+)\)", str(refusal))
        # An advice that does not help is as wrong as a number.
        return nan if advised is None or tolerance < float(advised[1]) < 1 else inf
    except SizeLimitError:
        return nan


# A twentieth of a thousandth of the long profile's examples for each of some 70 operations: 10**4 in all.
@part(0.0015)
@given(st.integers(0, 2**32))
@pytest.mark.parametrize("name", OPERATIONS)
def test_the_true_error_is_within_the_stated_one(name, seed):
    assert not ratio_of(name, seed) > 1


# The table is complete ------------------------------------------------------------------------------------------------

#: Which operation of the table stands for which public name.
COVERED = {
    "Distribution": {
        *(
            "pmf",
            "logpmf",
            "cdf",
            "sf",
            "at_least",
            "at_most",
            "logcdf",
            "logsf",
            "ppf",
            "isf",
            "median",
            "interval",
            "mode",
        ),
        *("cdf_bounds", "sf_bounds", "ppf_bounds", "without_missing"),
        *(
            "mean",
            "var",
            "std",
            "cov",
            "skewness",
            "kurtosis",
            "moment",
            "cumulant",
            "entropy",
            "expect",
            "prob",
            "prob_box",
        ),
        *("pgf", "cf", "stop_loss", "limited_mean", "tail_mean", "to_dict", "to_exact", "to_float"),
        *(
            "map",
            "round",
            "marginal",
            "given",
            "truncate",
            "given_sum",
            "clip",
            "norm",
            "layer",
            "excess",
            "from_array",
            "from_arrays",
            "from_counts",
        ),
    },
    "Walk": {
        *("position", "final", "bridge", "given", "stay", "staying", "first_passage", "first_exit", "first_return"),
        *("reflected", "clipped", "maximum", "minimum", "record", "time_in"),
    },
    "Stay": {"position", "final", "survival", "prob", "error"},
    "distconv": {
        *("Bernoulli", "Binomial", "Distribution", "Geometric", "Logarithmic", "Multinomial", "NegativeBinomial"),
        *("Poisson", "PoissonBinomial", "Trials", "Uniform", "Walk", "compound", "convolve", "deconvolve"),
        *("distances_to_uniform", "highest", "lowest", "maximum", "minimum", "mixture", "order_statistic", "posterior"),
        *(
            "power",
            "power_logcdf",
            "power_logsf",
            "joint",
            "product",
            "root",
            "sum_of",
            "total_variation",
            "wasserstein",
        ),
    },
}

#: Public names that make no law or number of floating laws, or none that states an error, and why.
LEFT_OUT = {
    "Distribution": {
        "assumptions": "conditions on letters",
        "diff": "of laws with letters",
        "error": "the bound itself",
        "family": "a name",
        "formula": "of laws with letters",
        "from_pgf": "of an expression in letters",
        "from_samples": "exact",
        "from_cdf": "as from_scipy",
        "from_scipy": "of a formula of doubles, whose accuracy is scipy's: tests/test_interop.py",
        "from_sympy": "exact, or with letters",
        "high": "an outcome",
        "hold": "the same law, laid out",
        "how": "a plan",
        "is_exact": "a kind",
        "is_finite": "a kind",
        "kind": "a kind",
        "lambdify": "doubles without a bound, as it says",
        "law": "what answers",
        "letters": "symbols",
        "limit": "of laws with letters",
        "low": "an outcome",
        "members": "the laws of which a joint law is made, each with an error of its own",
        "missing": "a bound: law_ratio holds it against what a law lacks",
        "ndim": "of the outcomes",
        "of": "wraps a law",
        "parameters": "what it was made of",
        "plot": "a picture",
        "recurrence": "exact: tests/test_recurrences.py",
        "rvs": "random",
        "shape": "of the outcomes",
        "subs": "of laws with letters",
        "support": "outcomes, compared in every case",
        "to_arrays": "the weights of to_dict",
        "to_scipy": "an object of scipy's, with scipy's accuracy",
        "to_symbolic": "exact: tests/test_sympy.py",
        "to_sympy": "of exact laws",
    },
    "Walk": {
        "forever": "exact: tests/test_letter_walks.py",
        "limits": "the settings it was made under",
        "ndim": "of the outcomes",
        "paths": "random",
        "repeat": "makes a walk",
        "steps": "what it was made of",
        "subs": "of walks with letters",
    },
    "Stay": {},
    "distconv": {
        "AccuracyError": "an error",
        "Bracket": "of laws, with ends that hold their errors: tests/test_brackets.py",
        "Density": "of formulas, without a stated error",
        "Die": "exact",
        "DimensionError": "an error",
        "DistconvError": "an error",
        "DistconvTypeError": "an error",
        "DistconvValueError": "an error",
        "DistconvWarning": "a warning",
        "Formula": "with letters",
        "Hypergeometric": "exact parameters: tests/families",
        "Kernel": "signed weights state no error",
        "Origin": "a plan that predicts nothing",
        "Plan": "a plan",
        "Point": "exact",
        "Recurrence": "exact: tests/test_recurrences.py",
        "Settings": "no law",
        "SizeLimitError": "an error",
        "Skellam": "of parameters: tests/families",
        "cornish_fisher": "an expansion, which states no error",
        "edgeworth": "an expansion, which states no error",
        "from_scipy": "as Distribution.from_scipy",
        "from_sympy": "as Distribution.from_sympy",
        "isclose": "a verdict on the doubles",
        "latex": "text",
        "plan": "a plan",
        "plan_compound": "a plan",
        "plan_power": "a plan",
        "power_pmf": "exact, or the pmf of the power: tests/test_exact_powers.py",
        "settings": "no law",
        "sum_of_draws": "exact",
        **dict.fromkeys(("count_of", "explode", "reroll"), "of exact laws only"),
        **dict.fromkeys(("kept", "most_alike"), "against exact arithmetic in tests/test_pools.py"),
    },
}
OWNERS = {"Distribution": Distribution, "Walk": Walk, "Stay": Stay}


@pytest.mark.parametrize("owner", COVERED)
def test_every_public_name_is_in_the_table_or_says_why_not(owner):
    names = distconv.__all__ if owner == "distconv" else dir(OWNERS[owner])
    public = {name for name in names if not name.startswith("_")}
    assert not COVERED[owner] & LEFT_OUT[owner].keys()
    assert public == COVERED[owner] | LEFT_OUT[owner].keys()


def test_many_terms_are_asked_for_what_doubles_can_hold():
    """A sum of 1e-14 among many was asked for less than one rounding, and refused with an advice that did not help."""
    assert not ratio_of("sum_of", 959) > 1


# The table's own tools ------------------------------------------------------------------------------------------------


def test_ratios_see_what_is_wrong():
    die = Distribution({1: 0.5, 2: 0.5})
    half = {1: Fraction(1, 2), 2: Fraction(1, 2)}
    assert law_ratio(die, half) == 0.0
    assert law_ratio(die, {1: Fraction(1, 2), 3: Fraction(1, 2)}) == inf
    assert law_ratio(die, {1: Fraction(1, 3), 2: Fraction(2, 3)}) == inf
    assert law_ratio(die, {**half, 3: Fraction(1, 10**20)}) == inf
    assert number_ratio(0.5, Fraction(1, 3), Fraction(1, 6)) == 1.0
    assert number_ratio(nan, Fraction(1, 3), Fraction(1)) == inf
    assert number_ratio(inf, mpmath.mpf(1), Fraction(1)) == inf


@pytest.mark.parametrize("e", [2.0**-7, 2.0**-3])
def test_a_quotient_has_the_errors_of_both_its_sums(e):
    """The rare one is held too large, the likely one too small: what `given` divides by is off the other way."""
    truth = {0: Fraction(1, 2**20), 1: 1 - Fraction(1, 2**20)}
    held = np.array([2.0**-20 * (1 + e), (1 - 2.0**-20) * (1 - e)])
    X = Distribution.of(Finite(arranged_vectors([(0,), (1,)], normal_form(held, None, e))))
    assert law_ratio(X, truth) == 1.0
    assert 0.99 < law_ratio(X.given(lambda _: True), truth) <= 1.0


def main(count, names):
    """Prints the largest ratio for each operation."""
    print(f"{'operation':32} {'ratio':>10} {'seed':>8} {'refused':>8} {'cases':>8} {'seconds':>8}")
    for name in names or OPERATIONS:
        worst, place, refused, started = 0.0, 0, 0, time.process_time()
        for seed in range(count):
            ratio = ratio_of(name, seed)
            if not isfinite(ratio) and ratio != inf:
                refused += 1
            elif ratio > worst:
                worst, place = ratio, seed
        seconds = time.process_time() - started
        print(f"{name:32} {worst:10.6g} {place:8} {refused:8} {count:8} {seconds:8.1f}", flush=True)


if __name__ == "__main__":
    chosen = sys.argv[2:]
    total = int(sys.argv[1])
    main(total if chosen else -(-total // len(OPERATIONS)), chosen)
