"""When a walk without end first comes to a level: pmf, generating function, the chance that it ever does, the mean."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from distconv.checks import check_integer
from distconv.distribution import Distribution
from distconv.errors import DistconvTypeError, DistconvValueError
from distconv.numbers.letters import expression_of, has_letters, letters_of
from distconv.queries.letters import read_values
from distconv.support.outcomes import read_scalar
from distconv.typing import Number, Scalar, ScalarLike
from distconv.value import Value, write
from distconv.walk.absorption import exact
from distconv.walk.course import Course
from distconv.walk.leaving import exits
from distconv.walk.neighbours import Neighbours, simplified
from distconv.walk.region import Asked

if TYPE_CHECKING:
    import sympy

#: Steps that a message lists.
MOST_LISTED = 8


class Passage(Value):
    """The time T of the first passage: the first step after which a walk without end is at a level, or beyond it.

    Towards the level, steps must be of one unit: the walk jumps over no place on its way. Then P(T = n) is
    k/n P(S_n = k), the hitting time theorem (Otter 1949; van der Hofstad and Keane, American Mathematical Monthly 115,
    2008). T may be infinite: `probability` tells how likely the walk ever arrives.

    Args:
        step: the law of a step.
        level: where the walk is to arrive, a number or an expression whose sign is known.

    >>> from sympy import symbols
    >>> from distconv import Distribution, Walk
    >>> p = symbols("p", positive=True)
    >>> T = Walk.forever(Distribution({1: p, -1: 1 - p})).first_passage(1)
    >>> T.pmf(3)
    p**2*(1 - p)
    >>> T.mean()
    Piecewise((1/(2*p - 1), p > 1/2), (oo, True))
    """

    __slots__ = ("level", "step")
    _anew = "Walk.forever(step).first_passage(level)"

    step: Distribution
    level: Any

    def __init__(self, step: Distribution, level: ScalarLike) -> None:
        place = expression_of(level) if has_letters(level) else read_scalar(level, "level")
        write(self, "step", step)
        write(self, "level", place)
        if step.ndim > 1:
            raise DistconvTypeError(
                f"a level is for 1-D walks, this one is {step.ndim}-D; so many steps of it come into a region: "
                "Walk.repeat(step, 100).first_passage(region)"
            )
        self._check(place)

    def _check(self, place: Any) -> None:
        sign = place.is_positive or place.is_negative if has_letters(place) else place != 0
        if not sign:
            wanted = f"not known to be > 0 or < 0; say so: symbols('{place}', positive=True)"
            raise DistconvValueError(
                f"level {place} is {wanted}"
                if has_letters(place)
                else "the walk starts at level 0; for its return: Walk.forever(step).first_return()"
            )
        moves, unit = self._moves(), self._unit()
        ahead = sorted(x for x in moves if x > 0)
        if ahead != [unit] or any((x / Fraction(unit)).denominator > 1 for x in moves):
            raise DistconvValueError(
                f"steps towards {place} are {', '.join(map(str, ahead)) or 'none'}: first passages in closed form need "
                "all places on the way to be met, one unit at a time; of so many steps: "
                f"Walk.repeat(step, 100).first_passage(lambda x: x {'>=' if self._is_up() else '<='} {place})"
            )

    def __reduce__(self) -> Any:
        return Passage, (self.step, self.level)

    def _is_up(self) -> bool:
        return bool(self.level > 0)

    def _toward(self) -> Distribution:
        """The law of a step, seen so that the level is above."""
        return self.step if self._is_up() else -self.step

    def _moves(self) -> dict[Any, Any]:
        """The chances of its moves."""
        return dict(self._toward())

    def _unit(self) -> Scalar:
        """The length of a step towards the level."""
        return min((x for x in self._moves() if x > 0), default=1)

    def _distance(self) -> sympy.Expr:
        """How many units away the level is."""
        import sympy

        away = expression_of(self.level) / expression_of(self._unit())
        away = away if self._is_up() else -away
        return away if has_letters(away) else sympy.ceiling(away)

    def _neighbours(self, what: str) -> Neighbours:
        """The chances of a step to a neighbour.

        Raises:
            DistconvValueError: the step is none such.
        """
        found = Neighbours.of(self._toward())
        if found is None:
            raise DistconvValueError(
                f"{what} is known in closed form where all steps are of one length, here they are "
                f"{_listed(self.step)}; ask for single times, pmf(10), or for so many steps, within(100)"
            )
        return found

    def pmf(self, n: int | sympy.Expr) -> Number:
        """P(T = n): a fraction, or an expression with letters; n may be a letter where no step is 0."""
        away = self._distance()
        near = Neighbours.of(self._toward())
        if not has_letters(n):
            n = check_integer("n", n, at_least=0)
            if n == 0:
                return Fraction(0)
        if near is not None and near.rest == 0:
            value = near.passage_at(expression_of(n), away)
            return value if has_letters(n) or has_letters(away) else exact(value)
        if has_letters(n) or has_letters(away):
            raise DistconvValueError(
                f"P(T = {n}) at level {self.level} has no closed form for steps {_listed(self.step)}; "
                "ask at numbers: pmf(10)"
            )
        there = (n @ self._toward()).pmf(away * self._unit())
        return exact(expression_of(there) * int(away) / n)

    def cdf(self, n: int) -> Number:
        """P(T <= n): that the walk has come there within n steps."""
        count = check_integer("n", n, at_least=0)
        return exact(self.within(count).cdf(count)) if count >= self._distance() else Fraction(0)

    def sf(self, n: int) -> Number:
        """P(T > n): that it has not, whether it ever will or not."""
        return exact(1 - expression_of(self.cdf(n)))

    def within(self, n: int) -> Distribution:
        """The law of T as far as n steps tell; what has not come there by then is `missing`."""
        level, steps = self.level, check_integer("n", n, at_least=1)
        if has_letters(level):
            raise DistconvTypeError(f"level {level} is a letter; give it a number first: subs({{{level}: 2}})")
        course = Course((self.step,) * steps, {0: (0,)})
        short = Asked((lambda x: x < level) if self._is_up() else (lambda x: x > level), course.grid)
        return exits(course, short, "comes there").time()

    @property
    def probability(self) -> Number:
        """The probability that the walk ever comes there; with letters by cases."""
        import sympy

        drift = self._drift()
        if not has_letters(drift) and drift >= 0:
            return Fraction(1)
        near = Neighbours.of(self._toward())
        if near is not None:
            value = near.arrival(self._distance())
            return value if has_letters(value) else exact(value)
        if self.step.letters:
            self._neighbours("the probability of arrival")
        # The chance x of one unit up solves x = E x**(1 - X); 1 solves it, too.
        x = sympy.Dummy("x", positive=True)
        unit = Fraction(self._unit())
        powers = [(int(1 - move / unit), expression_of(weight)) for move, weight in self._moves().items()]
        equation = sympy.Poly(sum(w * x**power for power, w in powers) - x, x)
        roots = [root for root in sympy.quo(equation, sympy.Poly(x - 1, x)).real_roots() if 0 < root < 1]
        return exact(roots[0] ** self._distance())

    @property
    def missing(self) -> Number:
        """The probability that the walk never comes there."""
        import sympy

        value = 1 - expression_of(self.probability)
        return sympy.piecewise_fold(value) if has_letters(value) else exact(value)

    def _drift(self) -> sympy.Expr:
        """The mean of a step towards the level, in units."""
        import sympy

        return sympy.expand(expression_of(self._toward().mean()) / expression_of(self._unit()))

    def mean(self) -> Number:
        """E T: the distance over the mean step; infinite (sympy.oo) where the walk drifts away, or nowhere."""
        return self._where_it_drifts(self._distance() / self._drift())

    def var(self) -> Number:
        """The variance of T: the distance times that of a step, over the cube of its mean; infinite as the mean is."""
        unit = expression_of(self._unit())
        return self._where_it_drifts(self._distance() * expression_of(self.step.var()) / unit**2 / self._drift() ** 3)

    def _where_it_drifts(self, value: sympy.Expr) -> Number:
        """A value that holds for walks that drift towards the level; infinity for others."""
        import sympy

        drift = self._drift()
        if has_letters(drift):
            return sympy.Piecewise((value, simplified(sympy.Gt(drift, 0))), (sympy.oo, True))
        if drift <= 0:
            return sympy.oo
        return value if has_letters(value) else exact(value)

    def pgf(self, z: ScalarLike) -> Number:
        """E z**T, over the paths that arrive: an algebraic function of z; `probability` at z = 1."""
        import sympy

        value = self._neighbours("the generating function").passage(sympy.sympify(expression_of(z)), self._distance())
        return value if has_letters(value) else exact(value)

    @property
    def letters(self) -> frozenset[sympy.Symbol]:
        """The letters in the step and in the level."""
        return frozenset(self.step.letters | letters_of(self.level))

    def subs(self, values: Mapping[Any, ScalarLike]) -> Passage:
        """The same with values in place of letters."""
        given = read_values(values, set(self.letters))
        inside = {letter: value for letter, value in given.items() if letter in self.step.letters}
        level = self.level.subs(given) if has_letters(self.level) else self.level
        return Passage(self.step.subs(inside) if inside else self.step, level)

    def __eq__(self, other: object) -> bool:
        """Whether both are the same passage of the same walk."""
        if not isinstance(other, Passage):
            return NotImplemented
        return self.step == other.step and bool(self.level == other.level)

    def __hash__(self) -> int:
        return hash((self.step, self.level))

    def __repr__(self) -> str:
        return f"Passage(to {self.level}, steps {_listed(self.step)})"


def _listed(step: Distribution) -> str:
    """The outcomes of a step, the first of many."""
    some = ", ".join(map(str, step.support[:MOST_LISTED]))
    return some if len(step.support) <= MOST_LISTED else f"{some}, ..."
