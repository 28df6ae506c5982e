"""What a type checker sees of laws, their operators and their answers: read by mypy and pyright, never run."""

from collections import Counter
from fractions import Fraction
from typing import Any, assert_type

import numpy as np
from sympy import symbols

from distconv import Binomial, Die, Distribution, Poisson, isclose, total_variation
from distconv.typing import AnyArray, Kind, Moment, Number, Outcome, Probability, Scalar

X = Die(6)
Y = Distribution({0: "1/2", 1: "1/2"})
n, p = symbols("n p")

# Made of what.
assert_type(Distribution({0: 0.5, 1: 0.5}), Distribution)
assert_type(Distribution([((0, 0), "1/2"), ((1, 1), "1/2")], missing=0, step="1/2"), Distribution)
assert_type(Distribution.from_arrays(np.arange(3), [1, 1, 2], normalize=True), Distribution)
assert_type(Distribution.from_array(np.ones((2, 2)) / 4, origin=(0, 1), step=0.5), Distribution)
assert_type(Distribution.from_counts(Counter("abc".index(c) for c in "abacus"[:3])), Distribution)
assert_type(Distribution.from_samples(np.array([[1, 2], [3, 4]]), step=(1, 2)), Distribution)
assert_type(Distribution.from_pgf((p + p**2) / 2, p), Distribution)

# Combined, with letters, too, of which checkers know nothing.
X + n
n @ X
assert_type(X + Y, Distribution)
assert_type(X - Y, Distribution)
assert_type(X + 1, Distribution)
assert_type(1 - X, Distribution)
assert_type(X + Fraction(1, 2), Distribution)
assert_type(3 @ X, Distribution)
assert_type(X @ Y, Distribution)
assert_type(Poisson(3) @ X, Distribution)
assert_type([[1, 2], [0, 1]] @ X, Distribution)
assert_type(2 * X, Distribution)
assert_type(X / 2, Distribution)
assert_type(X % 4, Distribution)
assert_type(-X, Distribution)
assert_type(X.map(lambda x: x**2), Distribution)
assert_type(X.given(lambda x: x % 2 == 0), Distribution)
assert_type(X.truncate(2, high="7/2"), Distribution)
assert_type(X.clip(low=2), Distribution)
assert_type(X.marginal(0), Distribution)
assert_type(X.round(0.5), Distribution)
assert_type(X.given_sum(X, 4), Distribution)
assert_type(X.given_sum(X, lambda s: s >= 10), Distribution)

# Asked: one number of one outcome, an array of many.
assert_type(X.pmf(7), Probability)
assert_type((X + Y).pmf((1, 2)), Probability)
assert_type(X.pmf([1, 2, 3]), AnyArray)
assert_type(X.pmf(np.arange(7)), AnyArray)
assert_type(X.pmf(range(7)), AnyArray)
assert_type(X.cdf(np.int64(3)), Probability)
assert_type(X.sf(x=2.5), Probability)
assert_type(X.logsf([1, 2]), AnyArray)
assert_type(X.ppf(0.5), Scalar)
assert_type(X.ppf("1/2"), Scalar)
assert_type(X.isf(q=np.linspace(0, 1, 5)), AnyArray)
assert_type(X.median(), Scalar)
assert_type(X.interval(0.9), tuple[Scalar, Scalar])
assert_type(X.mode(), Outcome)
assert_type(X.stop_loss(3), Number)
assert_type(X.stop_loss([3, 4]), AnyArray)
assert_type(X.tail_mean(0.9), Number)
assert_type(X.rvs(), Outcome)
assert_type(X.rvs(3, rng=1), AnyArray)
assert_type(X.rvs((2, 3)), AnyArray)
assert_type((X + Y).rvs(size=3), AnyArray)
assert_type(X.prob(lambda x: x > 3), Probability)
assert_type(X.prob_box(2, None), Probability)
assert_type(X.prob_box((0, None), (1, "1/2")), Probability)
assert_type(X.mean(), Moment)
assert_type((X + Y).var(), Moment)
assert_type(Poisson(3).mean(), Moment)
assert_type(Binomial(10, "1/2").std(), float | Any)
assert_type(X.to_dict(), dict[Outcome, Number])
assert_type(X.to_arrays(), tuple[AnyArray, AnyArray])
assert_type(X.kind, Kind)
assert_type(X.is_exact, bool)
assert_type(X.error, float)
assert_type(X.support[0], Outcome)
for outcome, probability in X:
    assert_type(outcome, Outcome)
    assert_type(probability, Number)
assert_type(total_variation(X, Y), Number)
assert_type(isclose(X, Y), bool)
assert_type(X == Y, bool)
assert_type(7 in X, bool)

# What answers are good for.
float(X.pmf(7)) + 1 - X.cdf(3) * 2
max(X.pmf(1), X.pmf(2))
near = abs(X.mean() - 3) < 0.5
2 * X.ppf(0.5) + 1
f"{X.pmf(7):.3f} {X.mean():.2f}"
X.pmf([1, 2]).sum()

# Refused.
X.pmf("six")  # type: ignore[call-overload]
X.pmf(1, 2)  # type: ignore[call-overload]
X.pmf()  # type: ignore[call-overload]
X.truncate(1, 2, 3)  # type: ignore[call-arg]
X * Y  # type: ignore[operator]
X**2  # type: ignore[operator]
less = X < Y  # type: ignore[operator]
X + "1"  # type: ignore[operator]
X @ 3  # type: ignore[operator]
2.5 @ X  # type: ignore[operator]
X[3]  # type: ignore[index]
len(X)  # type: ignore[arg-type]
X.pdf(3)  # type: ignore[attr-defined]
X.marginal("x")  # type: ignore[arg-type]
X.given_sum(3, 4)  # type: ignore[arg-type]
Distribution(7)  # type: ignore[arg-type]
