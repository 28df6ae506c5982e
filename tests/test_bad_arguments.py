"""What bad input gets: one table. Every message says what, where, the numbers, and one way out.

Rows of users.md section 3 carry its number. Every error is a DistconvError and a ValueError or TypeError.
"""

# ruff: noqa: RUF005 - `X + (1, 0)` adds a vector to a law; no tuples are joined here.

import math
import re
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
import scipy.stats
import sympy

import distconv
from distconv import (
    Die,
    DimensionError,
    DistconvError,
    DistconvTypeError,
    DistconvValueError,
    Distribution,
    SizeLimitError,
    convolve,
    from_scipy,
    isclose,
    plan,
    plan_power,
    power,
    product,
    settings,
    sum_of,
    total_variation,
    wasserstein,
)

V, T, D, S = DistconvValueError, DistconvTypeError, DimensionError, SizeLimitError

X = Die(6)
Y = Die(6).to_float()
PLANE = Distribution({(0, 0): "1/2", (1, 2): "1/2"})
SPACE = Distribution({(0, 0, 0): "1/2", (1, 2, 3): "1/2"})
p = sympy.Symbol("p")


def enter(**changes):
    with settings(**changes):
        pass


def truth_of(law):
    return 1 if law else 0


#: id, what is called, the error's class, what its message matches.
TABLE = [
    # 1 Totals.
    (
        "1-total",
        lambda: Distribution({1: 0.2, 2: 0.3}),
        V,
        r"sum to 0\.5, not 1 \(2 outcomes\).*from_counts.*normalize=True",
    ),
    (
        "1-total-exact",
        lambda: Distribution({1: "1/3", 2: "1/3"}),
        V,
        r"sum to 0\.666666666667 = 2/3, not 1.*normalize=True",
    ),
    ("1-total-counts", lambda: Distribution({1: 3, 2: 4}), V, r"sum to 7, not 1.*from_counts"),
    ("1-total-nearly", lambda: Distribution({1: 0.5, 2: 0.5 + 1e-8}), V, r"sum to 1\.00000001"),
    ("1-total-nearly-exact", lambda: Distribution({1: "0.5", 2: "0.49999999999999999999"}), V, r"sum to"),
    ("1-total-array", lambda: Distribution.from_array([0.2, 0.3]), V, r"sum to 0\.5.*normalize=True"),
    ("1-total-arrays", lambda: Distribution.from_arrays([1, 2], [0.2, 0.3]), V, r"sum to 0\.5"),
    ("1-all-zero", lambda: Distribution({1: 0.0, 2: 0.0}), V, r"sum to 0, not 1"),
    ("1-all-zero-normalize", lambda: Distribution({1: 0, 2: 0}, normalize=True), V, r"0"),
    ("1-all-zero-counts", lambda: Distribution.from_counts({1: 0, 2: 0}), V, r"2 outcomes are 0"),
    ("1-to-exact", lambda: Distribution({0: 1 / 3, 1: 1 / 3, 2: 1 / 3}).to_exact(), V, r"sum to .*normalize=True"),
    # 2 Weights that are no probabilities.
    ("2-negative", lambda: Distribution({0: 0.1, 3: -1.4, 5: 2.3}), V, r"outcome 3 is -1\.4; must be >= 0"),
    ("2-negative-exact", lambda: Distribution({0: "3/2", 7: "-1/2"}), V, r"outcome 7 is -1/2; must be >= 0"),
    ("2-negative-vector", lambda: Distribution({(0, 1): 1.5, (2, 3): -0.5}), V, r"outcome \(2, 3\) is -0\.5"),
    ("2-negative-array", lambda: Distribution.from_array([0.5, -0.5, 1.0], origin=10), V, r"outcome 11 is -0\.5"),
    ("2-negative-arrays", lambda: Distribution.from_arrays([4, 9], [1.5, -0.5]), V, r"outcome 9 is -0\.5"),
    ("2-negative-counts", lambda: Distribution.from_counts({0: 2, 1: -1}), V, r"outcome 1 is -1"),
    ("2-nan", lambda: Distribution({0: 0.5, 4: math.nan}), V, r"outcome 4 is nan.*finite"),
    ("2-inf", lambda: Distribution({0: 0.5, 4: math.inf}), V, r"outcome 4 is inf.*finite"),
    (
        "2-nan-array",
        lambda: Distribution.from_array(np.array([[0.5, 0.5], [np.nan, 0]])),
        V,
        r"outcome \(1, 0\) is nan",
    ),
    ("2-nan-numpy", lambda: Distribution({0: np.float64("nan"), 1: 1.0}), V, r"outcome 0 is nan"),
    ("2-nan-decimal", lambda: Distribution({0: Decimal("NaN"), 1: 1}), V, r"outcome 0 is nan"),
    ("2-inf-decimal", lambda: Distribution({0: Decimal("Infinity"), 1: 1}), V, r"outcome 0 is inf"),
    ("2-inf-normalize", lambda: Distribution({0: math.inf, 1: 1.0}, normalize=True), V, r"outcome 0 is inf"),
    ("2-nan-counts", lambda: Distribution.from_counts({0: math.nan}), V, r"outcome 0 is nan"),
    ("2-complex", lambda: Distribution({0: 0.5, 2: 0.5 + 0j}), T, r"outcome 2 is complex"),
    ("2-complex-numpy", lambda: Distribution({0: 0.5, 2: np.complex128(0.5)}), T, r"outcome 2 is complex"),
    ("2-complex-array", lambda: Distribution.from_array(np.array([0.5 + 1j, 0.5])), T, r"outcome 0 is complex"),
    ("2-none", lambda: Distribution({0: None, 1: 1}), T, r"outcome 0 is None, a NoneType"),
    ("2-list", lambda: Distribution({0: [1], 1: 1}), T, r"outcome 0 is \[1\], a list"),
    ("2-string", lambda: Distribution({0: "half", 1: "1/2"}), V, r"outcome 0.*'half'"),
    ("2-string-over-zero", lambda: Distribution({0: "1/0", 1: "1/2"}), V, r"outcome 0.*'1/0'"),
    ("2-string-nan", lambda: Distribution({0: "nan", 1: 1}), V, r"outcome 0.*nan"),
    (
        "2-symbol-total",
        lambda: Distribution({0: p, 1: p}),
        V,
        r"sum to 2\*p, not 1.*1 minus the others.*normalize=True",
    ),
    ("2-symbol-float", lambda: Distribution({0: p, 1: 0.5}), T, r"outcome 1 is the float 0.5 beside symbolic.*'0.5'"),
    (
        "2-symbol-negative",
        lambda: Distribution({0: -sympy.Symbol("q", positive=True), 1: 1}),
        V,
        r"outcome 0 is -q, which is negative",
    ),
    (
        "2-irrational",
        lambda: Distribution({0: sympy.sqrt(2) / 2, 1: 0.3}),
        T,
        r"outcome 0 is sqrt\(2\)/2, an irrational.*float",
    ),
    ("2-strings-array", lambda: Distribution.from_array(["1/2", "x"]), V, r"outcome 1.*'x'"),
    # 3 The dust of an FFT.
    (
        "3-dust",
        lambda: Distribution({0: -4.99e-15, 1: 1.0}),
        V,
        r"outcome 0 is -4\.99e-15: negative at rounding level.*clip",
    ),
    (
        "3-dust-array",
        lambda: Distribution.from_array([1.0, -4.99e-15]),
        V,
        r"outcome 1 is -4\.99e-15: negative at rounding level",
    ),
    # 4 Products.
    ("4-square", lambda: X * X, T, r"not a convolution.*n @ X.*2 \* X"),
    ("4-product", lambda: X * Y, T, r"not a convolution.*n @ X.*2 \* X"),
    ("4-quotient", lambda: X / Y, T, r"divided by a number only"),
    ("4-reciprocal", lambda: 1 / X, TypeError, r""),
    ("4-over-zero", lambda: X / 0, V, r"divide a law by 0"),
    ("4-scale-by-string", lambda: X * "2", TypeError, r""),
    ("4-scale-by-nan", lambda: math.nan * X, V, r"nan is not finite"),
    ("4-scale-by-inf", lambda: X * math.inf, V, r"inf is not finite"),
    ("4-scale-by-vector", lambda: PLANE * (1, 2), T, r"scale by the vector \(1, 2\).*matrix"),
    ("4-scale-by-imaginary", lambda: X * sympy.I, T, r"factor I is no real number"),
    ("4-scale-by-complex", lambda: X * 1j, T, r"1j"),
    ("4-floor", lambda: X // "two", T, r"divided by a number, got 'two'"),
    # 5 Copies.
    ("5-power", lambda: X**3, T, r"3 @ X.*X\.map\(lambda x: x \*\* 3\)"),
    ("5-power-of", lambda: 3**X, TypeError, r""),
    ("5-fraction", lambda: 2.5 @ X, T, r"copies must be an integer >= 0, got 2\.5; did you mean 2\.5 \* X"),
    ("5-whole-float", lambda: 2.0 @ X, T, r"copies must be an integer >= 0, got 2\.0"),
    ("5-half", lambda: Fraction(1, 2) @ X, T, r"copies must be an integer >= 0.*scale"),
    ("5-nan", lambda: math.nan @ X, T, r"copies must be an integer >= 0, got nan"),
    ("5-negative", lambda: -1 @ X, V, r"copies must be an integer >= 0, got -1.*-1 \* X"),
    ("5-negative-numpy", lambda: np.int64(-2) @ X, V, r"copies must be an integer >= 0, got -2"),
    ("5-string", lambda: "3" @ X, T, r"copies must be an integer >= 0, got '3'"),
    ("5-none", lambda: None @ X, T, r"copies must be an integer >= 0, got None"),
    ("5-right-float", lambda: X @ 2.0, T, r"got 2\.0; write 2 @ X"),
    ("5-right-half", lambda: X @ 2.5, T, r"got 2\.5; did you mean 2\.5 \* X"),
    ("5-right-matrix", lambda: PLANE @ [[1, 2]], T, r"matrix stands on the left: write matrix @ X"),
    ("5-right", lambda: X @ 3, T, r"stands on the left: write 3 @ X"),
    ("5-law", lambda: (X - 100) @ X, V, r"number of terms must be >= 0"),
    ("5-power-function", lambda: power(X, 2.5), T, r"copies must be an integer >= 0, got 2\.5"),
    ("5-power-negative", lambda: power(X, -1), V, r"copies must be an integer >= 0, got -1"),
    ("5-plan-power", lambda: plan_power(X, -1), V, r"copies must be an integer >= 0, got -1"),
    # 7 Dimensions.
    ("7-vector-to-scalar", lambda: X + (1, 0), D, r"cannot add a 2-vector \(1, 0\) to a 1-D law.*scalar"),
    ("7-vector-from-scalar", lambda: X - (1, 0), D, r"cannot subtract a 2-vector.*1-D law"),
    ("7-scalar-to-plane", lambda: PLANE + 3, D, r"cannot add scalar.* 3 to a 2-D law.*a 2-vector"),
    ("7-triple-to-plane", lambda: PLANE + (1, 2, 3), D, r"a 3-vector.*2-D law"),
    ("7-law", lambda: X + PLANE, D, r"dimension 1 \+ dimension 2.*product\(X, Y\)"),
    ("7-laws", lambda: PLANE - SPACE, D, r"dimension 2 \+ dimension 3"),
    ("7-convolve", lambda: convolve(X, PLANE), D, r"dimension 1 \+ dimension 2"),
    ("7-convolve-method", lambda: convolve(X, PLANE, method="direct"), D, r"dimension 1 \+ dimension 2"),
    ("7-plan", lambda: plan(X, PLANE), D, r"dimension 1 \+ dimension 2"),
    ("7-sum-of", lambda: sum_of([X, PLANE]), D, r"dimension"),
    ("7-sum", lambda: sum([X, PLANE]), D, r"dimension 1 \+ dimension 2"),
    ("7-array", lambda: X + np.array([1, 2]), D, r"a 2-vector.*1-D law"),
    ("7-matrix-array", lambda: X + np.eye(2), TypeError, r""),
    ("7-list", lambda: X + [1], TypeError, r""),
    ("7-string", lambda: X + "1", TypeError, r""),
    ("7-none", lambda: X + None, TypeError, r""),
    ("7-empty-tuple", lambda: X + (), V, r"empty tuple"),
    ("7-nan", lambda: X + math.nan, V, r"nan is not finite"),
    ("7-inf", lambda: X - math.inf, V, r"inf is not finite"),
    ("7-matrix", lambda: [[1, 2]] @ X, D, r"matrix must have shape \(m, 1\).*lengths \[2\]"),
    ("7-matrix-plane", lambda: [[1, 2, 3]] @ PLANE, D, r"matrix must have shape \(m, 2\).*lengths \[3\]"),
    ("7-matrix-ragged", lambda: [[1, 2], [3]] @ PLANE, D, r"matrix must have shape \(m, 2\).*\[1, 2\]"),
    ("7-matrix-numpy", lambda: np.eye(3) @ PLANE, D, r"matrix must have shape \(m, 2\)"),
    ("7-matrix-empty", lambda: [] @ PLANE, D, r"matrix must have shape"),
    ("7-matrix-nan", lambda: [[1, math.nan]] @ PLANE, V, r"matrix entry nan"),
    ("7-matrix-string", lambda: [["a", 1]] @ PLANE, V, r"matrix entry 'a'"),
    ("7-matrix-cube", lambda: np.ones((2, 2, 2)) @ PLANE, DistconvError, r"matrix"),
    # 8 Mixed dimensions, and outcomes that are no numbers.
    (
        "8-mixed",
        lambda: Distribution({(0, 0): 0.5, 1: 0.5}),
        D,
        r"different dimensions: \(0, 0\) is a 2-vector, 1 is scalar",
    ),
    (
        "8-mixed-vectors",
        lambda: Distribution({(0, 0): 0.5, (1, 2, 3): 0.5}),
        D,
        r"different dimensions.*\(1, 2, 3\) is a 3-vector",
    ),
    ("8-mixed-samples", lambda: Distribution.from_samples([(0, 0), 1]), D, r"dimension"),
    ("8-mixed-counts", lambda: Distribution.from_counts({(0, 0): 1, 1: 1}), D, r"different dimensions"),
    (
        "8-mixed-map",
        lambda: X.map(lambda x: x if x < 4 else (x, x)),
        D,
        r"images have different dimensions: 1 is scalar.*\(4, 4\)",
    ),
    ("8-list-samples", lambda: Distribution.from_samples([[0, 1], [2]]), DistconvError, r""),
    ("8-nan", lambda: Distribution({math.nan: 1}), V, r"outcome nan is not finite"),
    ("8-inf", lambda: Distribution({0: 0.5, -math.inf: 0.5}), V, r"outcome -inf is not finite"),
    ("8-nan-vector", lambda: Distribution({(0, math.nan): 1}), V, r"outcome \(0, nan\).*not finite"),
    ("8-nan-arrays", lambda: Distribution.from_arrays(np.array([0.0, np.nan]), [0.5, 0.5]), V, r"nan is not finite"),
    ("8-nan-samples", lambda: Distribution.from_samples([1.0, math.nan]), V, r"nan is not finite"),
    ("8-complex", lambda: Distribution({1j: 1}), T, r"outcome 1j is a complex"),
    ("8-none", lambda: Distribution({None: 1}), T, r"outcome None is a NoneType"),
    ("8-string", lambda: Distribution({"heads": "1/2", "tails": "1/2"}), V, r"outcome 'heads' is not a number"),
    ("8-frozenset", lambda: Distribution({frozenset([1]): 1}), T, r"outcome frozenset"),
    ("8-nested", lambda: Distribution({((0, 1), 2): 1}), T, r"coordinate \(0, 1\) is a tuple"),
    ("8-symbol", lambda: Distribution({p: 1}).round(1), T, r"expressions in p; X.subs\({p: 2}\) makes them so"),
    ("8-imaginary", lambda: Distribution({p + sympy.I: 1}), T, r"outcome p \+ I is no real number"),
    (
        "8-order",
        lambda: Distribution({sympy.Symbol("a"): "1/2", 0: "1/2"}).median(),
        T,
        r"the order of a and 0 is not known.*positive=True.*X.subs\({a: 2}\)",
    ),
    (
        "8-irrational",
        lambda: Distribution({sympy.sqrt(2): 1}).round(1),
        T,
        r"are irrational; X.map\(float\) makes them",
    ),
    ("8-empty-tuple", lambda: Distribution({(): 1}), V, r"empty tuple"),
    ("8-law", lambda: Distribution({X: 1}), T, r"outcome"),
    ("8-map-nan", lambda: X.map(lambda _: math.nan), V, r"image of 1.*nan is not finite"),
    ("8-map-none", lambda: X.map(lambda _: None), T, r"image of 1 None"),
    ("8-map-list", lambda: X.map(lambda x: [x]), T, r"image of 1 \[1\] is a list"),
    # 9 Outcomes that float arithmetic has moved apart.
    (
        "9-near-points",
        lambda: Distribution({0.3: 0.5, 0.1 + 0.2: 0.5}),
        V,
        r"0\.30000000000000004 and 0\.3 differ by 5\.6e-17.*step",
    ),
    # 10 Steps without a common measure.
    ("10-steps", lambda: wide() + wide("1/1000003"), S, r"cells|pairs"),
    ("10-limit", lambda: wide() + wide("1/1000003"), S, r"TiB > limit 2\.0 GiB.*coarser step: X\.round\(10\)$"),
    ("10-method", lambda: convolve(wide(), wide("1/1000003"), method="fft"), S, r"TiB > limit"),
    ("10-product", lambda: product(wide(), wide()), S, r"joint law needs .* cells .*TiB > limit"),
    # 11 Samples, PMFs and laws that are taken for each other.
    ("11-samples", lambda: Distribution([3, 5, 3, 6]), T, r"got a list.*from_samples.*from_array.*Uniform"),
    ("11-array", lambda: Distribution(np.array([0.5, 0.5])), T, r"got a ndarray.*from_array"),
    ("11-triples", lambda: Distribution([(0, 0.5, 1), (1, 0.5, 2)]), T, r"or pairs, got a list"),
    ("11-number", lambda: Distribution(6), T, r"got a int"),
    ("11-nothing", lambda: Distribution({}), V, r"at least one outcome"),
    ("11-none", lambda: Distribution(None), T, r"got a NoneType"),
    ("11-law", lambda: Distribution(X), T, r"got a"),
    ("11-counts-of-samples", lambda: Distribution.from_counts([3, 5, 3]), T, r"got a list.*from_samples"),
    ("11-counts-of-nothing", lambda: Distribution.from_counts({}), V, r"at least one outcome"),
    ("11-no-samples", lambda: Distribution.from_samples([]), V, r"at least one observation"),
    (
        "11-samples-cube",
        lambda: Distribution.from_samples(np.zeros((2, 2, 2))),
        D,
        r"\(n,\) or \(n, d\), got \(2, 2, 2\)",
    ),
    ("11-samples-number", lambda: Distribution.from_samples(3), DistconvError, r""),
    ("11-samples-mapping", lambda: Distribution.from_samples({1: 2}), T, r"from_counts"),
    ("11-samples-step", lambda: Distribution.from_samples([1, 2], step=0), V, r"step must be > 0, got 0"),
    ("11-samples-step-negative", lambda: Distribution.from_samples([1, 2], step=-1), V, r"step must be > 0, got -1"),
    ("11-samples-step-string", lambda: Distribution.from_samples([1, 2], step="x"), V, r"step 'x' is not a number"),
    ("11-step-zero", lambda: Distribution.from_array([0.5, 0.5], step=0), V, r"step must be > 0 on every axis, got 0"),
    ("11-step-negative", lambda: Distribution.from_array([0.5, 0.5], step=-1), V, r"step must be > 0.*-X"),
    ("11-step-nan", lambda: Distribution.from_array([0.5, 0.5], step=math.nan), V, r"step nan is not finite"),
    ("11-step-vector", lambda: Distribution.from_array([0.5, 0.5], step=(1, 2)), D, r"step \(1, 2\) is a 2-vector"),
    (
        "11-origin-vector",
        lambda: Distribution.from_array([[0.5, 0.5]], origin=(1, 2, 3)),
        D,
        r"origin \(1, 2, 3\) is a 3-vector",
    ),
    ("11-origin-inf", lambda: Distribution.from_array([0.5, 0.5], origin=math.inf), V, r"origin inf is not finite"),
    ("11-empty-array", lambda: Distribution.from_array([]), V, r"shape \(0,\)"),
    ("11-number-array", lambda: Distribution.from_array(1.0), T, r"must be an array.*got 1\.0"),
    ("11-arrays-lengths", lambda: Distribution.from_arrays([1, 2, 3], [0.5, 0.5]), D, r"\(3,\) and \(2,\)"),
    ("11-arrays-weights", lambda: Distribution.from_arrays([1, 2], [[0.5], [0.5]]), D, r"\(2,\) and \(2, 1\)"),
    ("11-arrays-empty", lambda: Distribution.from_arrays([], []), V, r"at least one outcome"),
    ("11-arrays-cube", lambda: Distribution.from_arrays(np.zeros((1, 1, 1)), [1]), D, r"\(1, 1, 1\)"),
    # 13 Continuous laws.
    ("13-continuous", lambda: from_scipy(scipy.stats.norm()), DistconvError, r"continuous.*step="),
    ("13-continuous-method", lambda: Distribution.from_scipy(scipy.stats.expon()), DistconvError, r"continuous.*step="),
    ("13-no-law", lambda: from_scipy(3), T, r"scipy"),
    ("13-in-mapping", lambda: Distribution(scipy.stats.norm()), T, r"mapping"),
    # 14 Questions outside their domain.
    ("14-pmf-string", lambda: X.pmf("7"), T, r"x must be a number, got the string '7'"),
    ("14-pmf-strings", lambda: X.pmf(["7"]), T, r"string '7'"),
    ("14-pmf-nan", lambda: X.pmf(math.nan), V, r"x is NaN"),
    ("14-pmf-nan-array", lambda: X.pmf(np.array([1.0, np.nan])), V, r"x is NaN"),
    ("14-pmf-none", lambda: X.pmf(None), T, r"x None is a NoneType"),
    ("14-pmf-complex", lambda: X.pmf(1j), T, r"x 1j is a complex"),
    ("14-pmf-vector", lambda: X.pmf((1, 2)), D, r"x \(1, 2\) is a 2-vector, but this law is scalar"),
    ("14-pmf-scalar", lambda: PLANE.pmf(3), D, r"a 2-vector.*got 3"),
    ("14-pmf-triple", lambda: PLANE.pmf((1, 2, 3)), D, r"a 3-vector, but this law is a 2-vector"),
    ("14-pmf-array", lambda: PLANE.pmf(np.zeros((2, 3))), D, r"\(\.\.\., 2\)"),
    ("14-pmf-vector-string", lambda: PLANE.pmf(("0", 0)), T, r"string '0'"),
    ("14-logpmf-string", lambda: X.logpmf("7"), T, r"string '7'"),
    ("14-cdf-string", lambda: X.cdf("7"), T, r"string '7'"),
    ("14-cdf-nan", lambda: X.cdf(math.nan), V, r"x is NaN"),
    ("14-cdf-nan-array", lambda: X.cdf([1.0, math.nan]), V, r"x is NaN"),
    ("14-sf-nan", lambda: Y.sf(math.nan), V, r"x is NaN"),
    ("14-sf-none", lambda: Y.sf(None), T, r"None"),
    ("14-cdf-plane", lambda: PLANE.cdf((1, 1)), D, r"1-D.*prob\(lambda.*marginal"),
    ("14-sf-plane", lambda: PLANE.sf(1), D, r"1-D laws; this one is 2-D"),
    ("14-logcdf-plane", lambda: PLANE.logcdf(1), D, r"1-D laws"),
    ("14-cdf-bounds-plane", lambda: PLANE.cdf_bounds(1), D, r"1-D laws"),
    ("14-ppf-plane", lambda: PLANE.ppf(0.5), D, r"1-D laws"),
    ("14-median-plane", lambda: PLANE.median(), D, r"1-D laws"),
    ("14-cumulant-plane", lambda: PLANE.cumulant(3), D, r"1-D laws"),
    ("14-moment-plane", lambda: PLANE.moment(2), D, r"1-D laws"),
    ("14-skewness-plane", lambda: PLANE.skewness(), D, r"1-D laws"),
    ("14-kurtosis-plane", lambda: PLANE.kurtosis(), D, r"1-D laws"),
    ("14-first-cumulant-plane", lambda: PLANE.cumulant(1), D, r"1-D laws"),
    ("14-ppf-above", lambda: X.ppf(1.2), V, r"q must be a probability in \[0, 1\], got 1\.2"),
    ("14-ppf-below", lambda: X.ppf(-0.1), V, r"q must be a probability in \[0, 1\], got -0\.1"),
    ("14-ppf-nan", lambda: X.ppf(math.nan), V, r"q is NaN"),
    ("14-ppf-inf", lambda: Y.ppf(math.inf), V, r"q inf|got inf"),
    ("14-ppf-array", lambda: X.ppf([0.5, 1.5]), V, r"\[0, 1\], got 1\.5"),
    ("14-ppf-none", lambda: X.ppf(None), T, r"q None"),
    ("14-isf-above", lambda: Y.isf(2), V, r"q must be a probability in \[0, 1\], got 2"),
    ("14-interval", lambda: X.interval(95), V, r"confidence must be a probability in \[0, 1\], got 95"),
    ("14-moment-negative", lambda: X.moment(-1), V, r"k must be >= 0, got -1"),
    ("14-moment-half", lambda: X.moment(0.5), T, r"k must be an integer, got 0\.5"),
    ("14-cumulant-zero", lambda: X.cumulant(0), V, r"k must be >= 1, got 0"),
    ("14-cumulant-float", lambda: X.cumulant(2.0), T, r"k must be an integer, got 2\.0"),
    ("14-entropy-one", lambda: X.entropy(base=1), V, r"base must be > 0 and not 1, got 1"),
    ("14-entropy-negative", lambda: X.entropy(base=-2), V, r"base must be > 0"),
    ("14-entropy-string", lambda: X.entropy(base="2"), T, r"base"),
    ("14-pgf-dimension", lambda: PLANE.pgf(2), D, r"2 coordinates"),
    ("14-marginal-axis", lambda: PLANE.marginal(2), D, r"axes must be between 0 and 1 .*2-D"),
    ("14-marginal-float", lambda: PLANE.marginal(0.5), T, r"axis must be an integer, got 0\.5"),
    ("14-marginal-none", lambda: PLANE.marginal(), D, r"axes must be"),
    ("14-given-nothing", lambda: X.given(lambda x: x > 6), V, r"no outcome satisfies.*from 1 to 6"),
    ("14-clip", lambda: X.clip(5, 2), V, r"low must be <= high, got low=5, high=2"),
    ("14-clip-nan", lambda: X.clip(math.nan, 2), V, r"low nan is not finite"),
    ("14-clip-vector", lambda: X.clip((1, 2)), D, r"low \(1, 2\) is a 2-vector"),
    ("14-wasserstein-plane", lambda: wasserstein(PLANE, PLANE), D, r"1-D laws.*marginal"),
    ("14-rvs-size", lambda: X.rvs(-1), V, r"size"),
    # 15 Truth values and order.
    ("15-greater", lambda: X > 5, T, r"X\.sf\(5\).*X\.prob"),
    ("15-less", lambda: X < 5, T, r"cannot be compared with 5.*X\.prob"),
    ("15-at-least", lambda: X >= 5, T, r"cannot be compared with 5"),
    ("15-reflected", lambda: 5 < X, T, r"cannot be compared with 5"),
    ("15-numpy", lambda: np.float64(5) < X, T, r"cannot be compared with"),
    ("15-laws", lambda: X < Y, T, r"no order.*\(X - Y\)\.sf\(0\)"),
    ("15-sorted", lambda: sorted([X, Y]), T, r"no order"),
    ("15-max", lambda: max(X, Y), T, r"no order"),
    ("15-bool", lambda: bool(X), T, r"no truth value.*X\.prob"),
    ("15-if", lambda: truth_of(X), T, r"no truth value"),
    ("15-float", lambda: float(X), TypeError, r""),
    ("15-len", lambda: len(X), TypeError, r""),
    # Functions.
    ("method", lambda: convolve(X, X, method="nope"), V, r"method 'nope' is not one of 'auto', 'exact'"),
    ("method-type", lambda: convolve(X, X, method=3), V, r"method 3 is not one of"),
    ("method-exact", lambda: convolve(X, Y, method="exact"), V, r"method='exact' needs exact weights.*to_exact"),
    ("method-plan", lambda: plan(X, X, method="nope"), V, r"method 'nope' is not one of"),
    ("convolve-number", lambda: convolve(X, 3), T, r"Y must be a Distribution, got 3.*Point\(3\)"),
    ("convolve-vector", lambda: convolve(X, (1, 2)), T, r"Y must be a Distribution, got \(1, 2\).*Point\(\(1, 2\)\)"),
    ("convolve-none", lambda: convolve(X, None), T, r"Y must be a Distribution, got None$"),
    ("maximum-number", lambda: distconv.maximum(X, 7), T, r"got 7; .*Point\(7\)"),
    ("binomial-swapped", lambda: distconv.Binomial(0.3, 10), T, r"got 0\.3; 0\.3 looks like a probability"),
    ("binomial-float", lambda: distconv.Binomial(10.5, 0.3), T, r"got 10\.5; write n=10 or n=11"),
    (
        "mixture-counts",
        lambda: distconv.mixture({X: 1, Die(8): 1}),
        V,
        r"sum to 2, not 1.*mixture\(parts, normalize=True\)",
    ),
    (
        "repeated-keys",
        lambda: Distribution(dict(zip([1, 1, 2], [0.3, 0.2, 0.5], strict=True))),
        V,
        r"0\.7.*last of each.*from_arrays",
    ),
    ("power-number", lambda: power(3, X), T, r"X must be a Distribution, got 3"),
    ("product-number", lambda: product(X, 3), T, r"Y must be a Distribution"),
    ("variation-number", lambda: total_variation(X, 3), T, r"Y must be a Distribution"),
    ("variation-dimension", lambda: total_variation(X, PLANE), D, r"dimension"),
    ("isclose-number", lambda: isclose(X, 3), T, r"Y must be a Distribution"),
    ("isclose-rtol", lambda: isclose(X, X, rtol=-1), V, r"rtol must be >= 0, got -1"),
    ("isclose-nan", lambda: isclose(X, X, rtol=math.nan), V, r"rtol must be >= 0, got nan"),
    ("wasserstein-number", lambda: wasserstein(X, 3), T, r"Y must be a Distribution"),
    ("sum-of-string", lambda: sum_of([X, "three"]), DistconvError, r"three"),
    ("sum-of-none", lambda: sum_of([X, None]), T, r"None"),
    ("sum-of-law", lambda: sum_of(X), T, r""),
    ("sum-of-number", lambda: sum_of(3), T, r""),
    ("tolerance", lambda: enter(tolerance=2), V, r"tolerance must be > 0 and < 1, got 2"),
    ("tolerance-zero", lambda: enter(tolerance=0), V, r"tolerance must be > 0"),
    ("tolerance-nan", lambda: enter(tolerance=math.nan), V, r"tolerance must be > 0"),
    ("tolerance-string", lambda: enter(tolerance="small"), T, r"tolerance must be a number, got 'small'"),
    ("exact-limit", lambda: enter(exact_limit=-1), V, r"exact_limit must be >= 0, got -1"),
    ("max-bytes", lambda: enter(max_bytes=0), V, r"max_bytes must be > 0, got 0"),
    ("max-bytes-string", lambda: enter(max_bytes="2 GiB"), T, r"max_bytes must be a number, got '2 GiB'"),
    ("die-zero", lambda: Die(0), V, r"sides must be >= 1, got 0"),
    ("die-float", lambda: Die(6.0), T, r"sides must be an integer, got 6\.0"),
]


def wide(step=1):
    return Distribution.from_array(np.full(400_000, 1 / 400_000), step=step)


@pytest.mark.parametrize(("call", "error", "pattern"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_bad_input_is_answered(call, error, pattern):
    with pytest.raises(error) as caught:
        call()
    message = str(caught.value)
    assert re.search(pattern, message, re.DOTALL), message
    assert isinstance(caught.value, ValueError | TypeError)
    assert len(message) > 15
    if error is not TypeError:
        # Operators that Python itself refuses (an int and a law) end in a plain TypeError.
        assert isinstance(caught.value, DistconvError)


def test_every_row_has_a_name_of_its_own():
    names = [row[0] for row in TABLE]
    assert len(names) == len(set(names))


def test_the_rows_of_the_users_table_are_covered():
    covered = {row[0].split("-")[0] for row in TABLE}
    # 6 (X + X is not 2 X) and 12 (unsorted, repeated, zero weights) are no errors: see test_laws, test_queries.
    assert {"1", "2", "3", "4", "5", "7", "8", "9", "10", "11", "13", "14", "15"} <= covered


def test_the_error_tree():
    assert issubclass(V, ValueError)
    assert issubclass(T, TypeError)
    assert issubclass(D, V)
    assert issubclass(S, V)
    assert issubclass(distconv.AccuracyError, ArithmeticError)
    for error in (V, T, D, S, distconv.AccuracyError):
        assert issubclass(error, DistconvError)


def test_nothing_is_left_behind_by_a_refusal():
    before = X.to_dict()
    for call in (lambda: X.ppf(2), lambda: X + (1, 2), lambda: X.pmf("7"), lambda: 2.5 @ X):
        with pytest.raises(DistconvError):
            call()
    assert X.to_dict() == before


def test_what_is_no_mistake():
    """Corners that other libraries refuse, or get wrong."""
    assert Distribution({0: 1}) == 0 @ X
    assert Distribution({0: 1}) == 0 * X
    assert np.int64(2) @ X == X + X
    assert sympy.Integer(2) @ X == X + X
    assert Fraction(2) @ X == X + X
    assert np.float64(2) * X == 2 * X
    assert X * Fraction(1, 2) == X / 2
    assert np.array([[2]]) @ X == 2 * X
    assert X.pmf(7.5) == 0
    assert X.pmf(True) == X.pmf(1)
    assert Distribution({0: 0.0, 1: 1.0}).to_dict() == {1: 1.0}
