"""What a type checker sees of families: read by mypy and pyright, never run."""

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any, assert_type

import numpy as np
from sympy import symbols

from distconv import (
    Bernoulli,
    Binomial,
    Die,
    Distribution,
    Geometric,
    Hypergeometric,
    Logarithmic,
    Multinomial,
    NegativeBinomial,
    Point,
    Poisson,
    PoissonBinomial,
    Skellam,
    Trials,
    Uniform,
)

assert_type(Die(6), Distribution)
assert_type(Die(sides=6), Distribution)
assert_type(Bernoulli("1/2"), Distribution)
assert_type(Binomial(10, 0.3), Distribution)
assert_type(Binomial(n=10, p=Fraction(1, 3)), Distribution)
assert_type(Geometric(Decimal("0.1")), Distribution)
assert_type(Hypergeometric(52, 4, 5), Distribution)
assert_type(Logarithmic("1/2"), Distribution)
assert_type(Multinomial(3, ["1/2", "1/3", "1/6"]), Distribution)
assert_type(Multinomial(3, np.array([2, 1, 1]), normalize=True), Distribution)
assert_type(NegativeBinomial(2, "1/2"), Distribution)
assert_type(Point(3), Distribution)
assert_type(Point(("1/2", 1)), Distribution)
assert_type(Poisson(np.float32(3)), Distribution)
assert_type(PoissonBinomial([0.1, 0.2]), Distribution)
assert_type(PoissonBinomial(np.array([0.1, 0.2])), Distribution)
assert_type(Trials(np.array([0.1, 0.2]), [3, "1/2"], 5), Distribution)
assert_type(Skellam(3, 2), Distribution)
assert_type(Uniform(np.int64(1), 6), Distribution)

# Their parameters.
assert_type(Die(6).family, str | None)
assert_type(Binomial(10, 0.3).parameters, Mapping[str, Any])

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
Trials([0.3], n="five")  # type: ignore[arg-type]
Multinomial(3, [0.5, 0.5], True)  # type: ignore[call-arg]
Uniform("a", "b")  # type: ignore[arg-type]
