"""`EndlessWalk`: equal steps without end. Ruin, the way out of a region, first passages and returns, exactly."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from distconv.distribution import Distribution, check_law
from distconv.errors import DistconvTypeError, DistconvValueError
from distconv.numbers.letters import expression_of, has_letters, letters_of
from distconv.queries.letters import read_values
from distconv.support.outcomes import as_outcome, as_vector, read_scalar, read_vector
from distconv.typing import Number, OutcomeLike, ScalarLike, Vector
from distconv.value import Value, write
from distconv.walk.absorption import Exit, exact, left
from distconv.walk.neighbours import Neighbours
from distconv.walk.passage import Passage
from distconv.walk.region import Region, inside_of
from distconv.walk.returning import Return
from distconv.walk.walls import Walls


class EndlessWalk(Value):
    """The sums S_0 = start, S_1 = S_0 + X_1, S_2 = S_1 + X_2, ... of equal independent steps, without end.

    Every answer is exact: a fraction where the steps are numbers, an expression in their letters where they have some.

    Args:
        step: the law of a step, with finitely many outcomes, exact or with letters.
        start: where the walk begins: a number, a vector, or an expression with letters; 0 where nothing is said.

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

    __slots__ = ("_walls", "start", "step")
    _anew = "Walk.forever(step)"

    step: Distribution
    start: Any
    _walls: Walls | None

    def __init__(self, step: Distribution, start: OutcomeLike | None = None) -> None:
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
        origin = (0,) * step.ndim if start is None else start
        write(self, "start", start if has_letters(start) else as_outcome(read_vector(origin, step.ndim, "start")))
        write(self, "_walls", None)

    @classmethod
    def _of(cls, step: Distribution, start: Any, walls: Walls | None) -> EndlessWalk:
        walk = cls(step, start)
        write(walk, "_walls", walls)
        return walk

    def __reduce__(self) -> Any:
        return self._of, (self.step, self.start, self._walls)

    def reflected(self, low: OutcomeLike | None = None, high: OutcomeLike | None = None) -> EndlessWalk:
        """The walk between mirrors, as `Walk.reflected`; it answers `leave`.

        A walk from 0 with a mirror there comes to n after n**2 steps on average.

        >>> from distconv import Distribution, Walk
        >>> coin = Distribution({1: "1/2", -1: "1/2"})
        >>> Walk.forever(coin).reflected(low=0).leave(range(10)).time
        Fraction(100, 1)
        """
        walls = Walls.read(low, high, self._place("walls"), is_mirror=True)
        return self._of(self.step, self.start, walls)

    def clipped(self, low: OutcomeLike | None = None, high: OutcomeLike | None = None) -> EndlessWalk:
        """The walk between walls at which steps end, as `Walk.clipped`; it answers `leave`."""
        walls = Walls.read(low, high, self._place("walls"), is_mirror=False)
        return self._of(self.step, self.start, walls)

    def _place(self, what: str) -> Vector:
        """The start as a vector.

        Raises:
            DistconvTypeError: it is a letter.
        """
        if has_letters(self.start):
            raise DistconvTypeError(
                f"{what} need a start that is a number, got {self.start}; put one in: walk.subs({{{self.start}: 3}})"
            )
        return as_vector(self.start)

    def _check_open(self, what: str) -> None:
        """Refuses a walk between walls."""
        if self._walls is not None:
            raise DistconvValueError(
                f"{what} is of walks without walls; between walls ask walk.leave(region): where it is first outside, "
                "and when on average"
            )

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
        return left(self.step, inside_of(region, self.step.ndim), self._place("regions"), self._walls)

    def ruin(self, low: ScalarLike, high: ScalarLike) -> Number:
        """P(the walk comes to `low`, or below, before it comes to `high`, or above).

        Args:
            low: a number or an expression below the start.
            high: the same above it; ``sympy.oo``: the chance that the walk ever comes to `low`.

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
        self._check_open(what)
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
        out = left(self.step, lambda x: first < x < last, (0,), None)
        return out.position.prob(lambda x: x <= first) if what == "ruin" else out.time

    def _by_formula(self, near: Neighbours, what: str, low: Any, high: Any) -> Number:
        """The closed form at numbers, in which p = q is no case of its own once it is in lowest terms."""
        import sympy

        value = getattr(near, what)(low, high)
        return exact(value.args[-1][0] if value.has(sympy.Piecewise) else value)

    def _end(self, end: ScalarLike, name: str) -> Any:
        """An end of a stretch as far as it is from the start, checked."""
        import sympy

        if self.step.ndim > 1:
            raise DistconvTypeError(f"ends are for 1-D walks, this one is {self.step.ndim}-D; leave(region) is for all")
        infinite = end in (sympy.oo, -sympy.oo)
        place = sympy.sympify(end) if infinite or has_letters(end) else expression_of(read_scalar(end, name))
        place = place if infinite else place - expression_of(self.start)
        outside = place.is_extended_negative if name == "low" else place.is_extended_positive
        if outside is False or (outside is None and not has_letters(place)):
            raise DistconvValueError(
                f"{name} must be {'<' if name == 'low' else '>'} {self.start}, where the walk starts, got {end}"
            )
        return place

    def first_passage(self, level: ScalarLike) -> Passage:
        """The time of the first step after which the walk is at a level, or beyond it.

        Args:
            level: a number other than the start, or an expression on a known side of it (of 0:
                ``symbols("k", positive=True)``).

        Raises:
            DistconvValueError: steps towards the level are longer than the smallest, so that the walk may jump over it.

        >>> from distconv import Distribution, Walk
        >>> T = Walk.forever(Distribution({1: "1/2", -1: "1/2"})).first_passage(1)
        >>> [T.pmf(n) * 2**n for n in (1, 3, 5, 7, 9)] == [1, 1, 2, 5, 14]  # Catalan's numbers
        True
        """
        self._check_open("a first passage")
        away = level if self.step.ndim > 1 or self.start == 0 else expression_of(level) - expression_of(self.start)
        return Passage(self.step, away)

    def first_return(self) -> Return:
        """The time of the first step after which the walk is where it began; in any dimension.

        >>> from distconv import Distribution, Walk
        >>> plane = Distribution({(1, 0): "1/4", (-1, 0): "1/4", (0, 1): "1/4", (0, -1): "1/4"})
        >>> T = Walk.forever(plane).first_return()
        >>> T.probability, T.within(4).to_dict()
        (Fraction(1, 1), {2: Fraction(1, 4), 4: Fraction(5, 64)})
        """
        self._check_open("a first return")
        return Return(self.step)

    def subs(self, values: Mapping[Any, ScalarLike]) -> EndlessWalk:
        """The walk with values in place of letters."""
        given = read_values(values, {*self.step.letters, *letters_of(self.start)})
        inside = {letter: value for letter, value in given.items() if letter in self.step.letters}
        start = exact(self.start.subs(given)) if has_letters(self.start) else self.start
        return self._of(self.step.subs(inside) if inside else self.step, start, self._walls)

    def __eq__(self, other: object) -> bool:
        """Whether both have equal steps, starts and walls."""
        if not isinstance(other, EndlessWalk):
            return NotImplemented
        return self._facts() == other._facts()

    def _facts(self) -> tuple[Any, ...]:
        return self.step, self.start, self._walls

    def __hash__(self) -> int:
        return hash(self._facts())

    def __repr__(self) -> str:
        begin = f" from {self.start}" if self.start != as_outcome((0,) * self.step.ndim) else ""
        return f"EndlessWalk({self.step.ndim}-D{begin}, steps {self.step.support[0]}..{self.step.support[-1]})"
