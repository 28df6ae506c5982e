"""The ways out that messages name, pasted and run: each gets out, and none raises the error that named it."""

import re
from fractions import Fraction

import numpy as np
import pytest
import scipy.stats
import sympy

import distconv
from distconv import DistconvError, Distribution

p = sympy.Symbol("p")
PLANE = Distribution({(0, 0): "1/2", (1, 2): "1/2"})
WIDE = Distribution.from_arrays(np.arange(400_000) ** 2, np.full(400_000, 1 / 400_000))
DEFECTIVE = Distribution({0: "1/2", 1: "1/5"}, missing="3/10")
SAMPLES = np.random.default_rng(1).normal(size=1000)

#: What is typed; what X (and others) are there; what the message holds around the way out, which the group catches.
WAYS = [
    # Operators.
    ("X * Y", {}, r"use (n @ X), to scale"),
    ("X * Y", {}, r"to scale outcomes (2 \* X)"),
    ("X * Y", {}, r"for the joint law (product\(X, Y\)),"),
    ("X * Y", {}, r"law of the product (product.*)$"),
    ("X ** 3", {}, r"copies write (3 @ X),"),
    ("X ** 3", {}, r"of the power (.*)$"),
    ("2.5 @ X", {}, r"did you mean (2\.5 \* X)"),
    ("2.0 @ X", {}, r"write (2 @ X) for"),
    ("X @ 2.0", {}, r"write (2 @ X) for"),
    ("X @ 3", {}, r"write (3 @ X)"),
    ("-2 @ X", {}, r"did you mean (-2 \* X)"),
    ("-2 @ X", {}, r"or (2 @ -X)\?"),
    ("X @ [[1, 2]]", {"X": PLANE, "matrix": [[1, 2]]}, r"write (matrix @ X)"),
    ("X * (2, 3)", {"X": PLANE}, r"use a matrix: (.*)$"),
    ("X + Z", {"Z": PLANE}, r"use (product\(X, Y\))"),
    ("X > 5", {}, r"write (X\.sf\(5\))"),
    ("X > 5", {}, r"other events (.*)$"),
    ("X < Y", {}, r"write (\(X - Y\)\.sf\(0\)),"),
    ("X < Y", {}, r"P\(X < Y\) (.*)$"),
    ("bool(X)", {}, r"write (X\.prob.*), to"),
    ("bool(X)", {}, r"laws (X == Y)$"),
    ("len(X)", {}, r"is (len\(X\.support\))"),
    ("X[3]", {}, r"write (.*)$"),
    ("list(G)", {"G": distconv.Poisson(3)}, r"some of them: (X\.support\[:10\])"),
    ("list(G)", {"G": distconv.Poisson(3)}, r"or (X\.truncate.*)$"),
    # Laws that are none.
    ("maximum(X, 7)", {}, r"write (X\.clip\(low, high\))"),
    ("maximum(X, 7)", {}, r"constant is (.*)$"),
    ("product(X, (1, 2))", {}, r"constant is (.*)$"),
    ("sum_of(X)", {}, r"write (sum_of\(\[X, Y, Z\]\))"),
    ("mixture({X: 1, Y: 1})", {"parts": {distconv.Die(6): 1, distconv.Die(8): 1}}, r"write (mixture\(.*?\));"),
    # Making.
    ("Distribution({1: 2, 2: 3})", {}, r"use (Distribution\.from_counts)\(\.\.\.\)"),
    ("Distribution({1: .2, 2: .3})", {"given": {1: 0.2, 2: 0.3}}, r"there is (missing=.*)\."),
    ("Distribution([3, 4, 4])", {"data": [3, 4, 4]}, r"use (Distribution\.from_samples\(data\))"),
    ("Distribution([.5, .5])", {"weights": [0.5, 0.5]}, r"1, 2, \.\.\. (Distribution\.from_array\(weights\))"),
    ("Distribution([1, 2, 3])", {"low": 1, "high": 3}, r"numbers (Uniform.*)$"),
    ("Distribution.from_array(w)", {"w": [-1e-15, 1], "weights": [-1e-15, 1]}, r"that removes: (.*)$"),
    ("Distribution({.1 + .2: .5, .3: .5})", {}, r"here (step=.*)$"),
    ("Distribution({float('inf'): .1, 1: .9})", {}, r"likely is: |likely it is: (Distribution.*)$"),
    ("Uniform(5, 2)", {}, r"write (Uniform\(2, 5\))"),
    ("from_scipy(dist)", {"dist": scipy.stats.norm()}, r"first: (from_scipy\(dist, step=0\.1\))"),
    # Questions.
    ("X.pmf('7')", {}, r"write (Fraction\('7'\))"),
    ("S.cdf(1)", {"S": PLANE, "X": PLANE}, r"use (X\.prob.*?), or"),
    ("S.cdf(1)", {"S": PLANE, "X": PLANE}, r"or (X\.marginal\(0\)\.cdf\(1\))"),
    ("convolve(X, Y.to_float(), method='exact')", {"X": distconv.Die(6).to_float()}, r"use (X\.to_exact\(.*?\)) first"),
    ("D.mean()", {"D": DEFECTIVE, "X": DEFECTIVE}, r"(X\.\w[^;,:]*\))"),
    ("D.sf(0)", {"D": DEFECTIVE, "X": DEFECTIVE}, r"could be: (.*)$"),
    ("D.ppf(.9)", {"D": DEFECTIVE, "X": DEFECTIVE}, r"could be: (.*)$"),
    # Sizes.
    ("W + W", {"W": WIDE, "X": WIDE}, r"(X\.round\(\d+\))"),
    ("product(W, W)", {"W": WIDE, "X": WIDE}, r"(X\.round\(\d+\))"),
    ("10**7 @ S", {"S": Distribution.from_samples(SAMPLES), "data": SAMPLES}, r"(X\.round\(.*?\))"),
]


@pytest.mark.parametrize(("typed", "names", "pattern"), WAYS, ids=[f"{typed}-{p}" for typed, _, p in WAYS])
def test_the_way_out_gets_out(typed, names, pattern):
    scope = {**{name: getattr(distconv, name) for name in distconv.__all__}, "distconv": distconv, "numpy": np}
    X, Y = distconv.Die(6), distconv.Die(8)
    scope |= {"X": X, "Y": Y, "Z": distconv.Die(4), "n": 3, "low": 2, "high": 5, "Fraction": Fraction, **names}
    with pytest.raises(DistconvError) as refused:
        eval(typed, scope)
    found = re.search(pattern, str(refused.value))
    assert found, str(refused.value)
    way = next(group for group in found.groups() if group)
    if re.match(r"(missing|step)=", way):
        # An argument to add to the call.
        way = f"{typed[:-1]}, {way})"
    if way.startswith("Distribution({...}"):
        way = way.replace("{...}", "{1: .9}")
    answer = eval(way, scope)
    if ".round(" in way:
        coarse = {"X": answer, "W": answer, "S": answer}
        eval(typed, {**scope, **coarse})


def test_digits_that_doubles_cannot_hold_are_had_from_exact_weights():
    X = distconv.Die(6).to_float()
    with distconv.settings(tolerance=1e-16):
        with pytest.raises(distconv.AccuracyError) as refused:
            X + X
        way = re.search(r"exact: (X\.to_exact\(.*\))$", str(refused.value))
        assert way, str(refused.value)
        exact = eval(way[1], {"X": X})
        assert (exact + exact).is_exact
