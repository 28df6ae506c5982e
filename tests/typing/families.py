"""What a type checker sees of families: read by mypy and pyright, never run."""

from decimal import Decimal
from fractions import Fraction
from typing import assert_type

import numpy as np
from sympy import symbols

from distconv import (
    Bernoulli,
    Binomial,
    Die,
    Geometric,
    Hypergeometric,
    Logarithmic,
    Multinomial,
    NegativeBinomial,
    Point,
    Poisson,
    PoissonBinomial,
    Skellam,
    Uniform,
)

assert_type(Die(6), Die)
assert_type(Die(sides=6), Die)
assert_type(Bernoulli("1/2"), Bernoulli)
assert_type(Binomial(10, 0.3), Binomial)
assert_type(Binomial(n=10, p=Fraction(1, 3)), Binomial)
assert_type(Geometric(Decimal("0.1")), Geometric)
assert_type(Hypergeometric(52, 4, 5), Hypergeometric)
assert_type(Logarithmic("1/2"), Logarithmic)
assert_type(Multinomial(3, ["1/2", "1/3", "1/6"]), Multinomial)
assert_type(Multinomial(3, np.array([2, 1, 1]), normalize=True), Multinomial)
assert_type(NegativeBinomial(2, "1/2"), NegativeBinomial)
assert_type(Point(3), Point)
assert_type(Point(("1/2", 1)), Point)
assert_type(Poisson(np.float32(3)), Poisson)
assert_type(PoissonBinomial([0.1, 0.2]), PoissonBinomial)
assert_type(PoissonBinomial(np.array([0.1, 0.2])), PoissonBinomial)
assert_type(Skellam(3, 2), Skellam)
assert_type(Uniform(np.int64(1), 6), Uniform)

# Their parameters.
assert_type(Die(6).sides, int)
assert_type(Binomial(10, 0.3).p, int | Fraction | float)
assert_type(Multinomial(3, [0.5, 0.5]).ps, tuple[int | Fraction | float, ...])

# Letters.
n, p = symbols("n p")
Bernoulli(p)
Binomial(n, p)
Die(n)
Poisson(2 * p + 1)
PoissonBinomial([p, p / 2])
Uniform(0, n)

Die("six")  # type: ignore[arg-type]
Die(2.5)  # type: ignore[arg-type]
Die(6, 7)  # type: ignore[call-arg]
Die()  # type: ignore[call-arg]
Die(faces=6)  # type: ignore[call-arg]
Die(Die(6))  # type: ignore[arg-type]
Binomial(10)  # type: ignore[call-arg]
Binomial(0.3, 10)  # type: ignore[arg-type]
Poisson(None)  # type: ignore[arg-type]
Poisson([1, 2])  # type: ignore[arg-type]
Bernoulli(1 + 2j)  # type: ignore[arg-type]
PoissonBinomial(0.3)  # type: ignore[arg-type]
Multinomial(3, [0.5, 0.5], True)  # type: ignore[call-arg]
Uniform("a", "b")  # type: ignore[arg-type]
