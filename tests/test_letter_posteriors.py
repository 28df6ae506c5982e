"""Posteriors of priors with letters, and summands of letter totals: told by ratios of neighbours, or totals."""

from fractions import Fraction

import pytest
import sympy

from distconv import (
    Binomial,
    Die,
    DistconvTypeError,
    Geometric,
    Hypergeometric,
    Logarithmic,
    NegativeBinomial,
    Poisson,
    Uniform,
    posterior,
)

n, m = sympy.symbols("n m", integer=True, positive=True)
p, q, lam, mu = sympy.symbols("p q lam mu", positive=True)
NUMBERS = {p: "1/3", q: "2/5", lam: "3/2", n: 9, m: 4}

#: (prior, likelihood, what was observed, the law that books print; None of those without a name).
CASES = {
    "eggs of a bird, of which so many hatch": (Poisson(lam), lambda k: Binomial(k, p), 3, Poisson(lam * (1 - p)) + 3),
    "of which a letter hatch": (Poisson(lam), lambda k: Binomial(k, p), n, Poisson(lam * (1 - p)) + n),
    "of none": (Geometric(p), lambda k: Binomial(k, q), 0, Geometric(1 - (1 - p) * (1 - q))),
    "of a geometric number": (Geometric(p), lambda k: Binomial(k, q), 3, NegativeBinomial(4, p + q - p * q) + 3),
    "of a negative binomial number": (
        *(NegativeBinomial(n, p), lambda k: Binomial(k, q), 2),
        NegativeBinomial(n + 2, p + q - p * q) + 2,
    ),
    "of a binomial number": (
        *(Binomial(n, p), lambda k: Binomial(k, q), 2),
        Binomial(n - 2, p * (1 - q) / (1 - p * q)) + 2,
    ),
    "all the same": (Geometric(p), lambda k: Uniform(1, k), 1, Logarithmic(1 - p)),
    "good ones in a batch": (Uniform(0, n), lambda k: Hypergeometric(n, k, 2), 1, None),
    "twice": (Poisson(lam), lambda k: Binomial(k, p), [0, 0], Poisson(lam * (1 - p) ** 2)),
}


@pytest.mark.parametrize("case", CASES)
def test_posteriors(case):
    prior, likelihood, seen, known = CASES[case]
    found = posterior(prior, likelihood, seen)
    assert known is None or found == known

    def at(law):
        return law.subs({s: v for s, v in NUMBERS.items() if s in law.letters}) if law.letters else law

    # Against Bayes' rule at numbers: weights in proportion, of which no total is needed.
    exact = {s: sympy.Rational(str(v)) for s, v in NUMBERS.items()}
    first = 3 if seen != n else NUMBERS[n]
    outcomes = range(first, first + 4)

    def weight(k):
        observed = [x.subs(exact) if hasattr(x, "subs") else x for x in (seen if isinstance(seen, list) else [seen])]
        chances = [at(likelihood(k)).pmf(int(x)) for x in observed]
        return sympy.sympify(at(prior).to_symbolic().pmf(k)) * sympy.prod(sympy.sympify(c) for c in chances)

    told = [sympy.sympify(found.pmf(k)).subs(exact) for k in outcomes]
    assert told[0] != 0
    for k, value in zip(outcomes, told, strict=True):
        assert sympy.simplify(value * weight(first) - told[0] * weight(k)) == 0


def test_totals_that_are_letters():
    found = NegativeBinomial(2, p).given_sum(NegativeBinomial(3, p), n)
    for total in (1, 4, 7):
        exact = NegativeBinomial(2, "1/3").given_sum(NegativeBinomial(3, "1/3"), total)
        assert found.subs({n: total}) == exact
    assert found.mean().subs(n, 5) == Fraction(2, 1)


def test_what_is_refused():
    with pytest.raises(DistconvTypeError, match=r"no closed form is known for the law of X = Geometric\(p\)"):
        posterior(Geometric(p), lambda k: Uniform(1, k), 3)
    with pytest.raises(DistconvTypeError, match="likelihood of k must be a Distribution"):
        posterior(Poisson(lam), lambda k: 3, 1)
    assert posterior(Poisson(lam).subs({lam: 2}), lambda k: Die(6), 1).pmf(0) == pytest.approx(Poisson(2).pmf(0))
