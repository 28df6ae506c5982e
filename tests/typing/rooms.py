"""What a type checker sees of densities, walks, kernels and what combines laws: read by mypy and pyright, never run."""

from typing import assert_type

import numpy as np
from hypothesis.strategies import SearchStrategy
from scipy.stats import Normal
from sympy import symbols

from distconv import (
    Bracket,
    Density,
    Die,
    Distribution,
    Kernel,
    Origin,
    Plan,
    Walk,
    compound,
    convolve,
    count_of,
    deconvolve,
    distances_to_uniform,
    exact_tests,
    explode,
    from_scipy,
    highest,
    kept,
    mixture,
    monoids,
    most_alike,
    plan,
    plan_power,
    posterior,
    power,
    product,
    reroll,
    root,
    settings,
    sum_of,
    sum_of_draws,
    testing,
)
from distconv.typing import AnyArray, Coefficient, Exact, Probability

X = 3 @ Die(6)

# Many laws into one.
assert_type(sum_of([X, Die(4), 2]), Distribution)
assert_type(sum_of([X, Die(4)], [3, 2]), Distribution)
assert_type(mixture({Die(4): "1/2", Die(6): "1/2"}), Distribution)
assert_type(mixture([(Die(4), 0.5), (Die(6), 0.5)]), Distribution)
assert_type(convolve(X, Die(4), method="direct"), Distribution)
assert_type(convolve(X, X, monoid=monoids.modulo(7)), Distribution)
assert_type(compound(X, Die(4)), Distribution)
assert_type(product(X, X), Distribution)
assert_type(highest(Die(6), 4, 3), Distribution)
assert_type(highest([Die(6), Die(8)], 1), Distribution)
assert_type(kept({Die(6): 3, Die(8): 2}, slice(1, -1)), Distribution)
assert_type(explode(Die(6), 3, on=[5, 6]), Distribution)
assert_type(reroll(Die(6), lambda x: x < 3), Distribution)
assert_type(count_of([Die(6), Die(8)], 6), Distribution)
assert_type(most_alike({Die(6): 5}), Distribution)
assert_type(sum_of_draws([1, 2, 2], 2), Distribution)
assert_type(sum_of_draws({(1, 0): 13, (0, 1): 13}, 5), Distribution)
assert_type(plan(X, X), Plan | Origin)
assert_type(plan(X, X, method="fft"), Plan | Origin)
assert_type(plan_power(X, 3, method="tilted"), Plan | Origin)
assert_type(X.how(), Plan | Origin)
assert_type(power(X, 3, method="sparse"), Distribution)
assert_type(deconvolve(X, Die(6)), Distribution)
assert_type(deconvolve(X, Die(6), signed=True), Distribution | Kernel)
assert_type(root(X, 3), Distribution)
assert_type(posterior(Die(6), lambda n: Die(n), 3), Distribution)
assert_type(posterior({"d4": 1, "d6": 1}, {"d4": Die(4), "d6": Die(6)}, [3, 1]), dict[str, Probability])
assert_type(distances_to_uniform(Die(6), 3, monoid=monoids.modulo(7)), list[Probability])

# Walks.
walk = Walk([Die(6), Die(6)])
assert_type(walk.position(1), Distribution)
assert_type(walk.bridge(4).position(1), Distribution)
assert_type(walk.first_passage([7]), Distribution)
assert_type(walk.first_passage(lambda place: place > 7), Distribution)
assert_type(walk.paths(3, rng=1), AnyArray)
assert_type(walk.stay(range(1, 10)).prob(1, 3), Probability)

# From others.
normal = Normal(mu=0, sigma=1)
assert_type(from_scipy(normal, step=0.1, rounding="down"), Distribution)
assert_type(Distribution.from_scipy(normal, step=0.1, rounding="unbiased", order=2), Distribution)
assert_type(Distribution.from_cdf(lambda x: x, step=0.1), Distribution)
bracket = Distribution.from_scipy(normal, step=0.1, rounding="both")
assert_type(bracket, Bracket)
assert_type(bracket + bracket, Bracket)
assert_type(3 @ bracket, Bracket)
assert_type(X @ bracket, Bracket)
assert_type(X + bracket, Bracket)
assert_type(2 * bracket, Bracket)

# Kernels.
kernel = Kernel({0: 1, 1: -1})
assert_type(kernel * kernel, Kernel)
assert_type(2 * kernel, Kernel)
assert_type(Kernel([[0, 1], [1, 0]], origin=(0, -1)), Kernel)
assert_type(Kernel.from_distribution(X), Kernel)
assert_type(kernel.apply([1.0, 2.0]), AnyArray)
assert_type(kernel.apply(np.ones((3, 3)), stride=(2, 2)), AnyArray)
assert_type(kernel.apply([1.0, 2.0], mode="full", boundary="wrap"), AnyArray)
assert_type(kernel[0], Coefficient)

# Densities.
box = Density.box(0, "1/2")
x = symbols("x")
assert_type(box + box, Density)
assert_type(3 @ box, Density)
assert_type(box + Die(6), Density)
assert_type(box.pdf("3/2"), Exact)
assert_type(box.mean(), Exact)
assert_type(Density.box(0, x), Density)
assert_type(box.discretize(0.1), Distribution)

sum_of(X)  # type: ignore[arg-type]
sum_of([None])  # type: ignore[list-item]
Walk(Die(6))  # type: ignore[arg-type]
walk.position("one")  # type: ignore[arg-type]
convolve(X, 3)  # type: ignore[arg-type]
convolve(X, X, method="fast")  # type: ignore[arg-type]
power(X, 3, method="squaring")  # type: ignore[arg-type]
plan_power(X, 3, method="fourier")  # type: ignore[arg-type]
from_scipy(normal, step=1, rounding="floor")  # type: ignore[call-overload]
settings(accuracy="high")  # type: ignore[arg-type]
kernel.apply([1.0], mode="some")  # type: ignore[arg-type]
kernel.matrix(3, boundary="constant")  # type: ignore[arg-type]
kernel.apply(3)  # type: ignore[arg-type]
kernel + 3  # type: ignore[operator]
box * box  # type: ignore[operator]
Density.box(0)  # type: ignore[call-arg]

# What tests draw and run.
assert_type(testing.distributions(kind="float", outcomes=range(7)), SearchStrategy[Distribution])
assert_type(testing.laws(3, ndim=2), SearchStrategy[tuple[Distribution, ...]])
assert_type(testing.kernels(), SearchStrategy[Kernel])
assert_type(testing.walks(known=True), SearchStrategy[Walk])
assert_type(testing.assert_laws(X, X, operation=monoids.maximum), testing.Report)
assert_type(testing.assert_law("associative", "a", "b", commutative=False), testing.Report)
assert_type(testing.law_suite(monoids.xor), type)
assert_type(testing.differences(X, Kernel({0: 1})), list[str])
testing.distributions(kind="letters")  # type: ignore[arg-type]

# Exact p-values.
test = exact_tests.rank_sum([1, 2, 2], [2, 3, 4], alternative="less")
assert_type(test, exact_tests.ExactTest)
assert_type(test.law, Distribution)
exact_tests.signed_rank([1, -2], alternative="both")  # type: ignore[arg-type]
