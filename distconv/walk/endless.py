"""`EndlessWalk`: equal steps without end. Ruin, the way out of a region, first passages and returns, exactly."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from distconv.distribution import Distribution, check_law
from distconv.errors import DistconvTypeError, DistconvValueError
from distconv.numbers.letters import expression_of, has_letters
from distconv.support.outcomes import read_scalar
from distconv.typing import Number, ScalarLike
from distconv.value import Value, write
from distconv.walk.absorption import Exit, exact, left
from distconv.walk.neighbours import Neighbours
from distconv.walk.passage import Passage
from distconv.walk.region import Region, inside_of
from distconv.walk.returning import Return


class EndlessWalk(Value):
    """The sums S_0 = 0, S_1 = X_1, S_2 = X_1 + X_2, ... of equal independent steps, without end.

    Every answer is exact: a fraction where the steps are numbers, an expression in their letters where they have some.

    Args:
        step: the law of a step, with finitely many outcomes, exact or with letters.

    Raises:
        DistconvTypeError: the step is floating, or has no end.

    A player has 3 coins, the bank has 7, and each game is won with probability p. Is the player ruined?

    >>> from sympy import symbols
    >>> from distconv import Distribution, Walk
    >>> p, a, b = symbols("p a b", positive=True)
    >>> game = Walk.forever(Distribution({1: p, -1: 1 - p}))
    >>> game.ruin(-3, 7).subs(p, "1/2")
    7/10
    >>> game.duration(-a, b).subs(p, "1/2")
    a*b
    """

    __slots__ = ("step",)
    _anew = "Walk.forever(step)"

    step: Distribution

    def __init__(self, step: Distribution) -> None:
        check_law("step", step)
        if not step.is_finite:
            raise DistconvTypeError(f"{step!r} has no end; cut it first: step.truncate(high=100)")
        if not step.is_exact:
            raise DistconvTypeError(
                "walks without end are answered exactly, and the step is floating; write its weights as strings, "
                "or take the fractions that they are: Walk.forever(step.to_exact(normalize=True))"
            )
        if step.missing:
            raise DistconvValueError(
                f"up to {step.missing:.6g} of the step's probability is missing; for the walk that never meets it: "
                "Walk.forever(step.without_missing())"
            )
        write(self, "step", step)

    def __reduce__(self) -> Any:
        return EndlessWalk, (self.step,)

    def leave(self, region: Region) -> Exit:
        """How the walk leaves a region: where it is then, when that is on average, which places it saw before.

        Args:
            region: a predicate of positions, or a collection of them, of which the walk comes to finitely many. The
                start counts, too.

        Raises:
            DistconvValueError: the step is always 0.
            SizeLimitError: the walk comes to more than 1000 places (60 with letters): linear equations, one for each.

        >>> from distconv import Die, Walk
        >>> out = Walk.forever(Die(6)).leave(range(10))
        >>> out.position.pmf(10), out.time
        (Fraction(17492167, 60466176), Fraction(33495175, 10077696))
        """
        return left(self.step, inside_of(region, self.step.ndim))

    def ruin(self, low: ScalarLike, high: ScalarLike) -> Number:
        """P(the walk comes to `low`, or below, before it comes to `high`, or above).

        Args:
            low: a number or an expression < 0.
            high: the same > 0; ``sympy.oo``: the chance that the walk ever comes to `low`.

        Returns:
            For steps to neighbours (u**a - u**(a + b)) / (1 - u**(a + b)) with u = q/p, a = -low and b = high, or
            b / (a + b) where p = q: with numbers as ends in lowest terms, which holds there too; with letters in the
            ends by cases. For other steps from linear equations.

        Raises:
            DistconvValueError: ends on the wrong sides of 0; letters as ends for steps that are not to neighbours.
        """
        return self._between(low, high, "ruin")

    def duration(self, low: ScalarLike, high: ScalarLike) -> Number:
        """The expected number of steps until the walk is at `low` or below, or at `high` or above; as `ruin`."""
        return self._between(low, high, "duration")

    def _between(self, low: ScalarLike, high: ScalarLike, what: str) -> Number:
        """One of the two answers between two ends."""
        first, last = self._end(low, "low"), self._end(high, "high")
        if first.is_infinite:
            raise DistconvValueError("low must be a number; how likely the walk comes to high: first_passage(high)")
        if last.is_infinite:
            passage = self.first_passage(low)
            return passage.probability if what == "ruin" else passage.mean()
        near = Neighbours.of(self.step)
        letters = has_letters(first) or has_letters(last)
        if near is not None and near.up != 0 and near.down != 0:
            unit = expression_of(near.unit)
            a, b = (end / unit for end in (-first, last))
            if letters:
                return getattr(near, what)(a, b)
            return self._by_formula(near, what, a.ceiling(), b.ceiling())
        if letters:
            raise DistconvValueError(
                f"letters as ends, {low} and {high}, are for steps to both neighbours, here they are "
                f"{', '.join(map(str, self.step.support))}; give numbers: {what}(-3, 7)"
            )
        out = self.leave(lambda x: first < x < last)
        return out.position.prob(lambda x: x <= first) if what == "ruin" else out.time

    def _by_formula(self, near: Neighbours, what: str, low: Any, high: Any) -> Number:
        """The closed form at numbers, in which p = q is no case of its own once it is in lowest terms."""
        import sympy

        value = getattr(near, what)(low, high)
        return exact(value.args[-1][0] if value.has(sympy.Piecewise) else value)

    def _end(self, end: ScalarLike, name: str) -> Any:
        """An end of a stretch, checked."""
        import sympy

        if self.step.ndim > 1:
            raise DistconvTypeError(f"ends are for 1-D walks, this one is {self.step.ndim}-D; leave(region) is for all")
        infinite = end in (sympy.oo, -sympy.oo)
        place = sympy.sympify(end) if infinite or has_letters(end) else expression_of(read_scalar(end, name))
        outside = place.is_extended_negative if name == "low" else place.is_extended_positive
        if outside is False or (outside is None and not has_letters(place)):
            raise DistconvValueError(
                f"{name} must be {'<' if name == 'low' else '>'} 0, where the walk starts, got {end}"
            )
        return place

    def first_passage(self, level: ScalarLike) -> Passage:
        """The time of the first step after which the walk is at a level, or beyond it.

        Args:
            level: a number other than 0, or an expression whose sign is known (``symbols("k", positive=True)``).

        Raises:
            DistconvValueError: steps towards the level are longer than the smallest, so that the walk may jump over it.

        >>> from distconv import Distribution, Walk
        >>> T = Walk.forever(Distribution({1: "1/2", -1: "1/2"})).first_passage(1)
        >>> [T.pmf(n) * 2**n for n in (1, 3, 5, 7, 9)] == [1, 1, 2, 5, 14]  # Catalan's numbers
        True
        """
        return Passage(self.step, level)

    def first_return(self) -> Return:
        """The time of the first step after which the walk is where it began; in any dimension.

        >>> from distconv import Distribution, Walk
        >>> plane = Distribution({(1, 0): "1/4", (-1, 0): "1/4", (0, 1): "1/4", (0, -1): "1/4"})
        >>> T = Walk.forever(plane).first_return()
        >>> T.probability, T.within(4).to_dict()
        (Fraction(1, 1), {2: Fraction(1, 4), 4: Fraction(5, 64)})
        """
        return Return(self.step)

    def subs(self, values: Mapping[Any, ScalarLike]) -> EndlessWalk:
        """The walk with values in place of letters."""
        return EndlessWalk(self.step.subs(values))

    def __eq__(self, other: object) -> bool:
        """Whether both have equal steps."""
        return self.step == other.step if isinstance(other, EndlessWalk) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.step)

    def __repr__(self) -> str:
        return f"EndlessWalk({self.step.ndim}-D, steps {self.step.support[0]}..{self.step.support[-1]})"
