"""One trial: 1 with probability p, else 0."""

from __future__ import annotations

from fractions import Fraction

from distconv import closed_forms
from distconv.families.binomial import Binomial
from distconv.families.family import Family
from distconv.families.parameters import Parameter, answer, is_exact, read_probability, same
from distconv.measure import Measure
from distconv.support import Lattice
from distconv.typing import ScalarLike
from distconv.weights.rational import from_fractions


class Bernoulli(Family):
    """P(X = 1) = p, P(X = 0) = 1 - p.

    Args:
        p: a probability, both ends in. A float is the double that it is; 1 - p is rounded once.

    Raises:
        DistconvValueError: p is outside [0, 1].
        DistconvTypeError: p is no number.

    >>> from distconv import Bernoulli, Binomial
    >>> 3 @ Bernoulli("1/2") == Binomial(3, "1/2")
    True
    """

    __slots__ = ("p",)
    parameters = ("p",)

    p: Parameter

    def __init__(self, p: ScalarLike) -> None:
        self._keep(read_probability("p", p))

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


@closed_forms.register(Bernoulli, Bernoulli)
def _sum(x: Bernoulli, y: Bernoulli) -> Binomial | None:
    return Binomial(2, x.p) if same(x.p, y.p) else None


@closed_forms.register(Bernoulli, Binomial)
def _sum_with_binomial(x: Bernoulli, y: Binomial) -> Binomial | None:
    return Binomial(y.n + 1, y.p) if same(x.p, y.p) else None


@closed_forms.register_power(Bernoulli)
def _copies(x: Bernoulli, n: int) -> Binomial:
    return Binomial(n, x.p)
