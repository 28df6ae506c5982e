"""When a walk without end first comes back to where it began, whether it ever does, and how often it is there."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from distconv.checks import check_integer
from distconv.distribution import Distribution
from distconv.errors import DistconvValueError
from distconv.laws.finite import Finite
from distconv.measure.arranging import arranged_vectors
from distconv.missing import shortfall
from distconv.numbers.letters import expression_of, has_letters
from distconv.support.outcomes import as_outcome
from distconv.typing import Number, ScalarLike
from distconv.value import Value, write
from distconv.walk.absorption import exact
from distconv.walk.neighbours import Neighbours
from distconv.weights.rational import from_fractions
from distconv.weights.symbolic import from_expressions

if TYPE_CHECKING:
    import sympy


class Return(Value):
    """The time T of the first return: the first step n >= 1 after which a walk without end is where it began.

    P(T = n) follows from the chances u_n = P(S_n = 0), for u_n = P(T = 1) u_(n-1) + ... + P(T = n) u_0 (Feller, volume
    I, XIII.3), in any dimension. T may be infinite: `probability` tells how likely the walk ever returns.

    >>> from distconv import Distribution, Walk
    >>> coin = Distribution({1: "1/2", -1: "1/2"})
    >>> T = Walk.forever(coin).first_return()
    >>> T.pmf(2), T.pmf(4), T.probability
    (Fraction(1, 2), Fraction(1, 8), Fraction(1, 1))
    >>> bent = Distribution({1: "2/3", -1: "1/3"})
    >>> Walk.forever(bent).first_return().probability, Walk.forever(bent).first_return().visits
    (Fraction(2, 3), Fraction(3, 1))
    """

    __slots__ = ("_first", "step")
    _anew = "Walk.forever(step).first_return()"

    step: Distribution
    #: P(S_n = 0) and P(T = n), n = 0, 1, ..., as far as they have been asked for.
    _first: list[tuple[Any, Any]]

    def __init__(self, step: Distribution) -> None:
        write(self, "step", step)
        write(self, "_first", [(Fraction(1), Fraction(0))])

    def __reduce__(self) -> Any:
        return Return, (self.step,)

    def home(self, n: int) -> Number:
        """P(S_n = 0): that the walk is where it began after n steps."""
        return self._up_to(check_integer("n", n, at_least=0))[0]

    def pmf(self, n: int | sympy.Expr) -> Number:
        """P(T = n): a fraction, or an expression with letters; n may be a letter for steps of 1 and -1."""
        near = Neighbours.of(self.step)
        if has_letters(n):
            if near is None or near.rest != 0:
                raise DistconvValueError(f"P(T = {n}) has no closed form for this step; ask at numbers: pmf(10)")
            return near.return_at(expression_of(n))
        count = check_integer("n", n, at_least=0)
        if near is not None and near.rest == 0:
            return exact(near.return_at(expression_of(count)))
        return self._up_to(count)[1]

    def _up_to(self, n: int) -> tuple[Any, Any]:
        """(P(S_n = 0), P(T = n)), by the renewal equation."""
        known = self._first
        origin = as_outcome((0,) * self.step.ndim)
        while len(known) <= n:
            time = len(known)
            home = exact((time @ self.step).pmf(origin))
            before = sum((f * known[time - k][0] for k, (_, f) in enumerate(known) if k), start=Fraction(0))
            known.append((home, exact(expression_of(home) - before)))
        return known[n]

    def within(self, n: int) -> Distribution:
        """The law of T as far as n steps tell; what has not returned by then is `missing`.

        Raises:
            DistconvValueError: the walk cannot return within n steps.
        """
        steps = check_integer("n", n, at_least=1)
        chances = {time: chance for time in range(1, steps + 1) if (chance := self.pmf(time)) != 0}
        if not chances:
            raise DistconvValueError(
                f"within {steps} steps the walk never returns to its start; take more: within({2 * steps})"
            )
        values: list[Any] = list(chances.values())
        weights = (from_expressions if any(map(has_letters, values)) else from_fractions)(values)
        return Distribution.of(Finite(arranged_vectors([(t,) for t in chances], weights, shortfall(weights))))

    @property
    def probability(self) -> Number:
        """The probability that the walk ever returns.

        On the line, for steps to neighbours, 1 - abs(p - q); 1 for every walk on the line or in the plane whose steps
        are 0 on average (Chung and Fuchs, 1951); for the simple walk in space 1 - 1/u with Watson's integral u (Glasser
        and Zucker, Proceedings of the National Academy of Sciences 74, 1977).

        Raises:
            DistconvValueError: none of these is the walk's.
        """
        import sympy

        near = Neighbours.of(self.step)
        if near is not None:
            value = 1 - sympy.Abs(near.drift)
            return value if has_letters(value) else exact(value)
        if self.step.support[:2] == [as_outcome((0,) * self.step.ndim)]:
            return Fraction(1)
        if self.step.ndim <= 2 and all(m == 0 for m in np.atleast_1d(np.asarray(self.step.mean(), dtype=object))):
            return Fraction(1)
        rest = _rest_in_space(self.step)
        if rest is not None:
            return exact_or_gamma(1 - (1 - rest) / _watson())
        raise DistconvValueError(
            "whether this walk ever returns is known in closed form for steps to neighbours, for those that are 0 on "
            "average on the line or in the plane, and for the simple walk in space; of so many steps: within(100)"
        )

    @property
    def missing(self) -> Number:
        """The probability that the walk never returns."""
        return exact_or_gamma(1 - expression_of(self.probability))

    @property
    def visits(self) -> Number:
        """How often the walk is at its start on average, the beginning among them, 1 / (probability of no return).

        Infinite (sympy.oo) where it returns for certain.
        """
        import sympy

        missing = expression_of(self.missing)
        return sympy.oo if missing == 0 else exact_or_gamma(1 / missing)

    def pgf(self, z: ScalarLike) -> Number:
        """E z**T, over the paths that return, for steps to neighbours: 1 - sqrt((1 - r z)**2 - 4 p q z**2).

        Raises:
            DistconvValueError: other steps.
        """
        near = Neighbours.of(self.step)
        if near is None:
            raise DistconvValueError(
                "the generating function of the first return is known in closed form for steps to neighbours; its "
                "first coefficients: within(100)"
            )
        return exact_or_gamma(near.homecoming(expression_of(z)))

    def subs(self, values: Mapping[Any, ScalarLike]) -> Return:
        """The same with values in place of letters."""
        return Return(self.step.subs(values))

    def __eq__(self, other: object) -> bool:
        """Whether both are returns of the same walk."""
        return self.step == other.step if isinstance(other, Return) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.step)

    def __repr__(self) -> str:
        return f"Return(steps {self.step.support[0]}..{self.step.support[-1]})"


def exact_or_gamma(value: sympy.Expr) -> Number:
    """A fraction where a value is one, else the expression as it stands."""
    return value if has_letters(value) or not value.is_Rational else exact(value)


def _rest_in_space(step: Distribution) -> sympy.Expr | None:
    """How likely the simple walk in space stays where it is; None of other walks."""
    import sympy

    units = {tuple(sign * (axis == i) for i in range(3)) for axis in range(3) for sign in (1, -1)}
    if step.ndim != 3 or set(step.support) - {(0, 0, 0)} != units:
        return None
    rest = expression_of(step.pmf((0, 0, 0)))
    return rest if all(sympy.expand(6 * expression_of(step.pmf(x)) - (1 - rest)) == 0 for x in units) else None


def _watson() -> sympy.Expr:
    """The expected number of visits of the simple walk in space to its start, 1.5163860591519780..."""
    import sympy

    product = sympy.Mul(*(sympy.gamma(sympy.Rational(i, 24)) for i in (1, 5, 7, 11)))
    return sympy.sqrt(6) * product / (32 * sympy.pi**3)
