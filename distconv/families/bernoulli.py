"""One trial: 1 with probability p, else 0."""

from __future__ import annotations

from fractions import Fraction

from distconv import construction
from distconv.distribution import Distribution
from distconv.families.binomial import BinomialLaw, binomial
from distconv.families.family import FiniteFamily, constructor, made, with_conditions
from distconv.families.parameters import Parameter, answer, is_exact, product, read_probability, same
from distconv.laws.finite import Finite
from distconv.laws.law import Law
from distconv.laws.registry import Family
from distconv.laws.rules import rule
from distconv.measure import Measure
from distconv.support import Lattice
from distconv.typing import ScalarLike
from distconv.weights.rational import from_fractions


class BernoulliLaw(FiniteFamily):
    """P(X = 1) = p, P(X = 0) = 1 - p."""

    __slots__ = ("p",)
    family = "Bernoulli"
    parameters = ("p",)

    p: Parameter

    def __init__(self, p: Parameter) -> None:
        self._keep(p)

    def _materialise(self) -> Measure:
        p = Fraction(self.p)
        pairs = [(k, w) for k, w in ((0, 1 - p), (1, p)) if w]
        weights = from_fractions([w for _, w in pairs])
        box = Lattice((pairs[0][0],), (1,), (len(pairs),))
        return Measure(box, weights if is_exact(self.p) else weights.as_floating())

    def mean(self) -> Fraction | float:
        """The mean, p."""
        return answer(Fraction(self.p), self.p)

    def var(self) -> Fraction | float:
        """p (1 - p)."""
        p = Fraction(self.p)
        return answer(p * (1 - p), self.p)


def bernoulli(p: ScalarLike) -> BernoulliLaw:
    """The law of one trial."""
    return BernoulliLaw(read_probability("p", p))


@constructor
def Bernoulli(p: ScalarLike) -> Distribution:
    """The law of one trial: P(X = 1) = p, P(X = 0) = 1 - p.

    Args:
        p: a probability, both ends in. A float is the double that it is; 1 - p is rounded once.

    Raises:
        DistconvValueError: p is outside [0, 1].
        DistconvTypeError: p is no number.

    >>> from distconv import Bernoulli, Binomial
    >>> 3 @ Bernoulli("1/2") == Binomial(3, "1/2")
    True
    """
    return made(FAMILY, p)


@rule("add", BernoulliLaw, BernoulliLaw)
def _sum(x: BernoulliLaw, y: BernoulliLaw) -> Law | None:
    return binomial(2, x.p) if same(x.p, y.p) else None


@rule("add", BernoulliLaw, BinomialLaw)
def _sum_with_binomial(x: BernoulliLaw, y: BinomialLaw) -> Law | None:
    return binomial(y.n + 1, y.p) if same(x.p, y.p) else None


@rule("copies", BernoulliLaw)
def _copies(x: BernoulliLaw, n: int) -> Law:
    return binomial(n, x.p)


@rule("compound", BinomialLaw, BernoulliLaw)
def _thinned(count: BinomialLaw, trial: BernoulliLaw) -> Law:
    return binomial(count.n, product(count.p, trial.p))


def with_letters(p: ScalarLike) -> Law:
    """One trial whose probability holds letters."""
    _, chance = with_conditions("Binomial", 1, p)
    return Finite(construction.from_mapping({0: 1 - chance, 1: chance}))


FAMILY = Family("Bernoulli", BernoulliLaw.parameters, bernoulli, with_letters, None, (("1/3",), (0.3,), (0,), (1,)))
