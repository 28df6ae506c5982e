"""`Walk`: positions after every drop, conditioned on what is known of them, kept within a region, and their paths."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import pairwise
from typing import Any

import numpy as np

from distconv.checks import check_integer
from distconv.distribution import Distribution, check_law
from distconv.errors import DimensionError, DistconvTypeError, DistconvValueError
from distconv.families.point import Point
from distconv.laws.finite import Finite
from distconv.queries.letters import read_values
from distconv.settings import Settings, current_settings, under_own_settings
from distconv.support.outcomes import as_outcome, read_vector
from distconv.totals import sum_of
from distconv.typing import AnyArray, IntegerLike, OutcomeLike, RandomState, ScalarLike, Vector
from distconv.value import Value, write
from distconv.walk import along, leaving
from distconv.walk.course import Course, moved
from distconv.walk.endless import EndlessWalk
from distconv.walk.paths import Outlook, freely, towards
from distconv.walk.region import Asked, Region, inside_of
from distconv.walk.stay import Stay, kept
from distconv.walk.walls import Walls


class Walk(Value):
    """The sums S_0 = start, S_1 = S_0 + X_1, S_2 = S_1 + X_2, ... of independent steps: where a ball lies after a drop.

    Args:
        steps: the law of each step, all of one dimension.
        start: where the walk begins; 0 where nothing is said.

    A walk is a value: `given`, `bridge` and `staying` return conditioned walks, `reflected` and `clipped` walks between
    walls, with the same queries. Positions of walks without walls follow from the laws of the sums before and after
    them, f_k(a) g_(n-k)(c - a) / f_n(c), not from enumerating paths.

    >>> from distconv import Die, Walk
    >>> two_drops = Walk([Die(6), Die(6)])
    >>> two_drops.bridge(4).position(1).to_dict()
    {1: Fraction(1, 3), 2: Fraction(1, 3), 3: Fraction(1, 3)}
    """

    __slots__ = ("_course", "_known", "_regions", "_sums", "_walls", "limits", "steps")
    _anew = "Walk([...])"

    steps: tuple[Distribution, ...]
    _known: dict[int, Vector]
    _regions: tuple[Callable[[Any], object], ...]
    _walls: Walls | None
    _sums: dict[tuple[int, int], Distribution]
    _course: list[Course]
    #: The settings under which the walk was made, and all its positions are computed.
    limits: Settings

    def __init__(self, steps: Iterable[Distribution], start: OutcomeLike | None = None) -> None:
        laws = tuple(steps)
        if not laws:
            raise DistconvValueError("a walk needs at least one step, got none; Walk.repeat(X, n) has n equal ones")
        for place, law in enumerate(laws):
            check_law(f"steps[{place}]", law)
            if law.ndim != laws[0].ndim:
                raise DimensionError(f"steps[{place}] is {law.ndim}-D, the first is {laws[0].ndim}-D")
        begin = (0,) * laws[0].ndim if start is None else read_vector(start, laws[0].ndim, "start")
        self._assign(laws, {0: begin}, current_settings())

    def _assign(
        self,
        steps: Any,
        known: dict[int, Vector],
        limits: Settings,
        kept: tuple[Callable[[Any], object], ...] = (),
        walls: Walls | None = None,
        sums: dict[tuple[int, int], Distribution] | None = None,
    ) -> Walk:
        write(self, "steps", steps)
        write(self, "_known", known)
        write(self, "_regions", kept)
        write(self, "_walls", walls)
        write(self, "_sums", {} if sums is None else sums)
        write(self, "_course", [])
        write(self, "limits", limits)
        return self

    @classmethod
    def _of(cls, *fields: Any) -> Walk:
        """A walk from its pickle."""
        return cls.__new__(cls)._assign(*fields)

    def __reduce__(self) -> Any:
        return self._of, (self.steps, self._known, self.limits, self._regions, self._walls)

    def _but(self, **changes: Any) -> Walk:
        """The walk with other knowledge."""
        fields = {"known": self._known, "kept": self._regions, "walls": self._walls, "sums": self._sums, **changes}
        return self._of(self.steps, fields["known"], self.limits, fields["kept"], fields["walls"], fields["sums"])

    def __eq__(self, other: object) -> bool:
        """Whether both have equal steps, and the same is known of them."""
        if not isinstance(other, Walk):
            return NotImplemented
        return self._facts() == other._facts() and self.steps == other.steps

    def __hash__(self) -> int:
        return hash((self.steps, frozenset(self._known.items())))

    def _facts(self) -> tuple[Any, ...]:
        return self._known, self._regions, self._walls

    @classmethod
    def repeat(cls, step: Distribution, n: int, start: OutcomeLike | None = None) -> Walk:
        """A walk of n equal steps.

        >>> from distconv import Die, Walk
        >>> Walk.repeat(Die(6), 1000).position(500) == 500 @ Die(6)
        True
        >>> Walk.repeat(Die(6), 10, start=100).final.mean()
        Fraction(135, 1)
        """
        count = check_integer("n", n, at_least=0)
        check_law("step", step)
        return cls([step] * count, start)

    @staticmethod
    def forever(step: Distribution, start: OutcomeLike | None = None) -> EndlessWalk:
        """A walk of equal steps without end: ruin, first passages, returns.

        Args:
            step: the law of a step, exact or with letters, with finitely many outcomes.
            start: where the walk begins, a number or an expression with letters.

        >>> from distconv import Distribution, Walk
        >>> Walk.forever(Distribution({1: "1/3", -1: "2/3"})).first_passage(2).probability
        Fraction(1, 4)
        """
        return EndlessWalk(step, start)

    def subs(self, values: Mapping[Any, ScalarLike]) -> Walk:
        """The walk with values in place of letters of its steps, and the same known of it."""
        given = read_values(values, {letter for step in self.steps for letter in step.letters})
        made: dict[int, Distribution] = {}
        for step in self.steps:
            inside = {letter: value for letter, value in given.items() if letter in step.letters}
            made.setdefault(id(step), step.subs(inside) if inside else step)
        steps = tuple(made[id(step)] for step in self.steps)
        return self._of(steps, self._known, self.limits, self._regions, self._walls)

    def __len__(self) -> int:
        """The number of steps."""
        return len(self.steps)

    @property
    def ndim(self) -> int:
        """The dimension of the positions."""
        return self.steps[0].ndim

    # Positions ----------------------------------------------------------------------------------------------------

    @under_own_settings
    def position(self, k: int) -> Distribution:
        """The law of the position after k steps, 0 <= k <= len(walk), given all that is known.

        Exact for exact steps; floating ones are certified as sums are (`Distribution.error`).
        """
        time = self._time(k)
        if not self._is_sum():
            course = self._marched()
            part = course.weighed(course.forth[time], time)
            assert part is not None
            return course.law(part)
        before = max(t for t in self._known if t <= time)
        start = self._known[before]
        if before == time:
            return _at(start)
        here = self._between(before, time)
        later = [t for t in self._known if t > time]
        if later:
            after = min(later)
            left = tuple(v - u for u, v in zip(start, self._known[after], strict=True))
            here = here.given_sum(self._between(time, after), as_outcome(left))
        return here + as_outcome(start) if any(start) else here

    @property
    def final(self) -> Distribution:
        """The law of the last position."""
        return self.position(len(self))

    def __iter__(self) -> Iterator[Distribution]:
        """The laws of all positions, from the start to the end, each sum made from the one before it."""
        yield self.position(0)
        if not self._is_sum():
            yield from (self.position(k) for k in range(1, len(self) + 1))
            return
        ends = sorted({*self._known, len(self)})
        for start, end in pairwise(ends):
            heads, tails = self._running_sums(start, end)
            for count, here in enumerate(heads, 1):
                yield self._after(start, end, here, tails[end - start - count - 1] if start + count < end else None)

    @under_own_settings
    def _running_sums(self, start: int, end: int) -> tuple[list[Distribution], list[Distribution]]:
        """The laws of the sums of the first 1, 2, ... of some steps, and of the last 1, 2, ..."""
        steps = self.steps[start:end]
        heads = list(_running(steps))
        alike = all(step is steps[0] for step in steps)
        return heads, heads if alike else list(_running(steps[::-1]))

    @under_own_settings
    def _after(self, start: int, end: int, here: Distribution, rest: Distribution | None) -> Distribution:
        """The law of a position between two ends, or at the last, from those of the sums before and after it."""
        offset = self._known[start]
        if end in self._known:
            if rest is None:
                return _at(self._known[end])
            left = tuple(v - u for u, v in zip(offset, self._known[end], strict=True))
            here = here.given_sum(rest, as_outcome(left))
        return here + as_outcome(offset) if any(offset) else here

    @under_own_settings
    def _between(self, first: int, last: int) -> Distribution:
        """The law of the sum of the steps first + 1, ..., last."""
        if (first, last) not in self._sums:
            steps = self.steps[first:last]
            same = all(step is steps[0] for step in steps)
            self._sums[first, last] = len(steps) @ steps[0] if same else sum_of(steps)
        return self._sums[first, last]

    def _time(self, k: IntegerLike) -> int:
        time = check_integer("k", k, at_least=0)
        if time > len(self):
            raise DistconvValueError(f"k must be between 0 and {len(self)}, the number of steps, got {k}")
        return time

    # Condition ----------------------------------------------------------------------------------------------------

    def given(self, k: int, value: OutcomeLike) -> Walk:
        """The walk, known to be at `value` after k steps; may be said of several k.

        Raises:
            DistconvValueError: the walk cannot be there, given what is known already.
        """
        time, vector = self._time(k), read_vector(value, self.ndim, "value")
        law, place = self.position(time), as_outcome(vector)
        if law.pmf(place) == 0 and law.logpmf(place) == -np.inf:
            reach = f"from {law.support[0]} to {law.support[-1]}" if law.is_finite else "on its support"
            raise DistconvValueError(
                f"after {time} steps the walk is never at {value!r}: its positions are {reach}, "
                f"see walk.position({time}).support"
            )
        return self._but(known={**self._known, time: vector})

    def bridge(self, total: OutcomeLike) -> Walk:
        """The walk, known to end at `total`: ``walk.given(len(walk), total)``."""
        return self.given(len(self), total)

    @under_own_settings
    def staying(self, region: Region) -> Walk:
        """The walk, known never to leave a region; may be said of several regions, and beside known positions.

        `stay` tells how likely that is, step by step; here it is certain, from the start to the end.

        Args:
            region: a predicate of positions, a collection of them, or an array of booleans, whose entry [i, j] says
                whether the place (i, j) belongs to it.

        Raises:
            DistconvValueError: the walk cannot stay there, given what is known already.

        An excursion: ten tosses that end even, and heads are never behind.

        >>> from distconv import Distribution, Walk
        >>> coin = Distribution({-1: "1/2", 1: "1/2"})
        >>> Walk.repeat(coin, 10).bridge(0).staying(lambda x: x >= 0).position(5).to_dict()
        {1: Fraction(25, 42), 3: Fraction(8, 21), 5: Fraction(1, 42)}
        """
        walk = self._but(kept=(*self._regions, inside_of(region, self.ndim)))
        _ = walk._marched().back
        return walk

    def reflected(self, low: OutcomeLike | None = None, high: OutcomeLike | None = None) -> Walk:
        """The walk between mirrors: a step to x beyond a wall w ends at 2 w - x.

        Mirrors at whole places keep the places beside them apart from theirs: a walk of 1 and -1 that is at the wall
        0 goes to 1 for certain. A mirror at -1/2 keeps it at 0 instead.

        Args:
            low, high: the walls; a number on every axis, or one for all.

        >>> from distconv import Distribution, Walk
        >>> coin = Distribution({-1: "1/2", 1: "1/2"})
        >>> Walk.repeat(coin, 4).reflected(low=0).final.to_dict()  # as far away as a free walk
        {0: Fraction(3, 8), 2: Fraction(1, 2), 4: Fraction(1, 8)}
        """
        return self._walled(low, high, is_mirror=True)

    def clipped(self, low: OutcomeLike | None = None, high: OutcomeLike | None = None) -> Walk:
        """The walk between walls at which steps end: one that would lead beyond a wall leads to it.

        The contents of a store or a queue (Lindley 1952): what does not fit is lost, and none is taken that is not
        there.

        Args:
            low, high: the walls; a number on every axis, or one for all.

        >>> from distconv import Distribution, Walk
        >>> store = Walk.repeat(Distribution({-1: "1/2", 1: "1/2"}), 3, start=1).clipped(low=0, high=2)
        >>> store.final.to_dict()
        {0: Fraction(3, 8), 1: Fraction(1, 4), 2: Fraction(3, 8)}
        """
        return self._walled(low, high, is_mirror=False)

    def _walled(self, low: OutcomeLike | None, high: OutcomeLike | None, *, is_mirror: bool) -> Walk:
        if self._walls is not None or not self._marched(checked=False).is_free():
            raise DistconvValueError(
                f"{self!r} has walls or is conditioned already: put up walls first, then say what is known: "
                "Walk.repeat(step, n).reflected(low=0).given(...)"
            )
        walls = Walls.read(low, high, self._known[0], is_mirror=is_mirror)
        walk = self._but(walls=walls)
        walk._marched()
        return walk

    # Regions ------------------------------------------------------------------------------------------------------

    def _is_sum(self) -> bool:
        """Whether positions are sums of steps, known at some times or not."""
        return not self._regions and self._walls is None

    def _marched(self, *, checked: bool = True) -> Course:
        """The walk step by step.

        Raises:
            DistconvTypeError: steps without end, in a walk of which more is known than its start.
        """
        if not self._course:
            self._course.append(Course(self.steps, self._known, self._regions, self._walls))
        course = self._course[0]
        if checked and not course.is_plain():
            endless = next((step for step in self.steps if step.law.measure.missing), None)
            if endless is not None:
                raise DistconvTypeError(
                    f"walks in regions or between walls, of which more is known than the start, need steps of which "
                    f"nothing is missing, got {endless!r}; cut it first: step.truncate(high=100)"
                )
        return course

    @under_own_settings
    def stay(self, region: Region) -> Stay:
        """The walk as long as it stays in a region: absorbing walls, step by step.

        Args:
            region: a predicate of positions, a collection of them (``range(1, 10)``), or an array of booleans, whose
                entry [i, j] says whether the place (i, j) belongs to it. The start counts, too.

        Of a walk of which more is known all of it counts: how likely a bridge stays, for instance.

        >>> from distconv import Distribution, Walk
        >>> coin = Distribution({-1: "1/2", 1: "1/2"})
        >>> Walk.repeat(coin, 10, start=3).stay(range(1, 6)).survival[-1]
        Fraction(81, 256)
        >>> Walk.repeat(coin, 10).bridge(0).stay(lambda x: x >= 0).survival[-1]
        Fraction(1, 6)
        """
        course = self._marched()
        return kept(course, Asked(inside_of(region, self.ndim), course.grid))

    # When it comes and goes: `walk.leaving`
    first_passage, first_exit, first_return = leaving.first_passage, leaving.first_exit, leaving.first_return

    # Along the way: `walk.along`
    record, time_in, maximum, minimum = along.record, along.time_in, along.maximum, along.minimum

    # Paths --------------------------------------------------------------------------------------------------------

    def paths(self, size: int, rng: RandomState = None) -> AnyArray:
        """Random paths: an array (size, len + 1) of positions, in n-D (size, len + 1, d), the start included.

        Paths of conditioned walks have the conditional law: a step s from a is taken in proportion to its probability
        times that of what is then left (Doob's h-transform). Integers where all positions are, else doubles.
        """
        count = check_integer("size", size, at_least=0)
        generator = np.random.default_rng(rng)
        places = np.zeros((count, len(self) + 1, self.ndim))
        places[:, 0] = [float(v) for v in self._known[0]]
        course = self._marched()
        for time, law in enumerate(self.steps):
            here = places[:, time]
            if time + 1 in self._known:
                places[:, time + 1] = [float(v) for v in self._known[time + 1]]
            elif not self._is_sum():
                turned = course.turned if self._walls is not None else None
                places[:, time + 1] = towards(law, here, course.outlook(time + 1), generator, turned)
            elif any(later > time for later in self._known):
                places[:, time + 1] = towards(law, here, self._outlook(time + 1), generator)
            else:
                places[:, time + 1] = freely(law, here, generator)
        whole = bool((places == np.rint(places)).all())
        result = places.astype(np.int64) if whole else places
        return result[..., 0] if self.ndim == 1 else result

    def _outlook(self, time: int) -> Outlook:
        """The log of the chance to come from a place to where the walk is known to be next."""
        end = min(later for later in self._known if later > time)
        rest, target = self._between(time, end), self._known[end]
        return lambda place: float(rest.logpmf(as_outcome(tuple(t - p for t, p in zip(target, place, strict=True)))))

    def __repr__(self) -> str:
        known = {k: as_outcome(v) for k, v in self._known.items() if k}
        shown = f", given {', '.join(f'S_{k} = {v}' for k, v in sorted(known.items()))}" if known else ""
        start = as_outcome(self._known[0])
        begin = f" from {start}" if any(self._known[0]) else ""
        walls = "" if self._walls is None else f", {self._walls}"
        inside = f", staying in {len(self._regions)} regions" if len(self._regions) > 1 else ", staying in a region"
        return f"Walk({len(self)} steps, {self.ndim}-D{begin}{walls}{shown}{inside if self._regions else ''})"


def _running(steps: tuple[Distribution, ...]) -> Iterator[Distribution]:
    """The laws of the sums of the first 1, 2, ... steps."""
    here: Distribution | None = None
    for step in steps:
        if here is None or not (here.is_finite and step.is_finite):
            here = step if here is None else here + step
        else:
            here = Distribution.of(Finite(moved(here.law.measure, step.law.measure)))
        yield here


def _at(vector: Vector) -> Distribution:
    """The law of one certain position."""
    return Point(as_outcome(vector))
