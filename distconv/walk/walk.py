"""`Walk`: positions after every drop, conditioned on what is known of them, kept within a region, and their paths."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np

from distconv.checks import check_copies, check_integer
from distconv.distribution import Distribution, check_law
from distconv.errors import DimensionError, DistconvValueError
from distconv.families.point import Point
from distconv.laws.finite import Finite
from distconv.queries.letters import read_values
from distconv.settings import Settings, current_settings, under_own_settings
from distconv.support.outcomes import as_outcome, as_vector, read_vector
from distconv.totals import sum_of
from distconv.typing import AnyArray, IntegerLike, OutcomeLike, RandomState, ScalarLike, Vector
from distconv.value import Value, write
from distconv.walk.endless import EndlessWalk
from distconv.walk.regions import Region, Stay, entry_law, inside_of, moved


class Walk(Value):
    """The sums S_0 = 0, S_1 = X_1, S_2 = X_1 + X_2, ... of independent steps: where the ball lies after every drop.

    Args:
        steps: the law of each step, all of one dimension.

    A walk is a value: `given` and `bridge` return conditioned walks, with the same queries. Positions follow from the
    laws of the sums before and after them, f_k(a) g_(n-k)(c - a) / f_n(c), not from enumerating paths.

    >>> from distconv import Die, Walk
    >>> two_drops = Walk([Die(6), Die(6)])
    >>> two_drops.bridge(4).position(1).to_dict()
    {1: Fraction(1, 3), 2: Fraction(1, 3), 3: Fraction(1, 3)}
    """

    __slots__ = ("_known", "_sums", "limits", "steps")
    _anew = "Walk([...])"

    steps: tuple[Distribution, ...]
    _known: dict[int, Vector]
    _sums: dict[tuple[int, int], Distribution]
    #: The settings under which the walk was made, and all its positions are computed.
    limits: Settings

    def __init__(self, steps: Iterable[Distribution]) -> None:
        laws = tuple(steps)
        if not laws:
            raise DistconvValueError("a walk needs at least one step, got none; Walk.repeat(X, n) has n equal ones")
        for place, law in enumerate(laws):
            check_law(f"steps[{place}]", law)
            if law.ndim != laws[0].ndim:
                raise DimensionError(f"steps[{place}] is {law.ndim}-D, the first is {laws[0].ndim}-D")
        self._assign(laws, {0: (0,) * laws[0].ndim}, {}, current_settings())

    def _assign(self, steps: Any, known: dict[int, Vector], sums: Any, limits: Settings) -> None:
        write(self, "steps", steps)
        write(self, "_known", known)
        write(self, "_sums", sums)
        write(self, "limits", limits)

    @classmethod
    def _of(cls, steps: Any, known: dict[int, Vector], limits: Settings) -> Walk:
        """A walk from its pickle."""
        walk = object.__new__(cls)
        walk._assign(steps, known, {}, limits)
        return walk

    def __reduce__(self) -> Any:
        return Walk._of, (self.steps, self._known, self.limits)

    def __eq__(self, other: object) -> bool:
        """Whether both have equal steps, and the same is known of them."""
        if not isinstance(other, Walk):
            return NotImplemented
        return self._known == other._known and self.steps == other.steps

    def __hash__(self) -> int:
        return hash((self.steps, frozenset(self._known.items())))

    @classmethod
    def repeat(cls, step: Distribution, n: int) -> Walk:
        """A walk of n equal steps.

        >>> from distconv import Die, Walk
        >>> Walk.repeat(Die(6), 1000).position(500) == 500 @ Die(6)
        True
        """
        count = check_copies(n)
        check_law("step", step)
        return cls([step] * count)

    @staticmethod
    def forever(step: Distribution) -> EndlessWalk:
        """A walk of equal steps without end: ruin, first passages, returns.

        Args:
            step: the law of a step, exact or with letters, with finitely many outcomes.

        >>> from distconv import Distribution, Walk
        >>> Walk.forever(Distribution({1: "1/3", -1: "2/3"})).first_passage(2).probability
        Fraction(1, 4)
        """
        return EndlessWalk(step)

    def subs(self, values: Mapping[Any, ScalarLike]) -> Walk:
        """The walk with values in place of letters of its steps, and the same known of it."""
        given = read_values(values, {letter for step in self.steps for letter in step.letters})
        made: dict[int, Distribution] = {}
        for step in self.steps:
            inside = {letter: value for letter, value in given.items() if letter in step.letters}
            made.setdefault(id(step), step.subs(inside) if inside else step)
        return self._of(tuple(made[id(step)] for step in self.steps), self._known, self.limits)

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
        ends = sorted({*self._known, len(self)})
        yield self.position(0)
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
        walk = object.__new__(Walk)
        walk._assign(self.steps, {**self._known, time: vector}, self._sums, self.limits)
        return walk

    def bridge(self, total: OutcomeLike) -> Walk:
        """The walk, known to end at `total`: ``walk.given(len(walk), total)``."""
        return self.given(len(self), total)

    def stay(self, region: Region) -> Stay:
        """The walk as long as it stays in a region: absorbing walls, step by step.

        Args:
            region: a predicate of positions, or a collection of them (``range(1, 10)``). The start counts, too.

        Raises:
            DistconvValueError: the walk is conditioned on positions after the start; condition the result instead.
        """
        self._check_free()
        return Stay(self.steps, inside_of(region, self.ndim))

    def _check_free(self) -> None:
        """Refuses a walk of which more is known than its start."""
        if len(self._known) > 1:
            raise DistconvValueError(
                "a walk with known positions cannot be kept in a region; keep it first, and condition what stays: "
                "walk.stay(region).position(n).given(...)"
            )

    def first_passage(self, region: Region) -> Distribution:
        """The law of the first step after which the walk is in a region, on 0, 1, ..., len(walk).

        What has not come there within the walk is `missing`: P(T <= k) is what `cdf` says, for k up to len(walk). Every
        probability is the mass that enters at that step, with the relative `error` of sums of positions. With letters
        in the steps it is an expression; how much is missing depends on them, so the law's `missing` is 1.0, the most
        that it can be, and ``1 - T.cdf(len(walk))`` says how much it is.

        Raises:
            DistconvValueError: the walk cannot come into the region; it is conditioned on positions after the start.

        >>> from distconv import Distribution, Walk
        >>> coin = Distribution({-1: "1/2", 1: "1/2"})
        >>> Walk.repeat(coin, 3).first_passage([1]).to_dict()
        {1: Fraction(1, 2), 3: Fraction(1, 8)}
        """
        self._check_free()
        return entry_law(self.steps, inside_of(region, self.ndim))

    # Paths --------------------------------------------------------------------------------------------------------

    def paths(self, size: int, rng: RandomState = None) -> AnyArray:
        """Random paths: an array (size, len + 1) of positions, in n-D (size, len + 1, d), the start included.

        Paths of conditioned walks have the conditional law: a step s from a is taken in proportion to its probability
        times that of what is then left (Doob's h-transform). Integers where all positions are, else doubles.
        """
        count = check_integer("size", size, at_least=0)
        generator = np.random.default_rng(rng)
        ndim = self.ndim
        places = np.zeros((count, len(self) + 1, ndim))
        ends = sorted({*self._known, len(self)})
        for start, end in pairwise(ends):
            for time in range(start, end):
                law = self.steps[time]
                if end not in self._known:
                    drawn = np.asarray(law.rvs(count, generator), dtype=np.float64).reshape(count, ndim)
                    places[:, time + 1] = places[:, time] + drawn
                elif time + 1 == end:
                    places[:, end] = [float(v) for v in self._known[end]]
                else:
                    places[:, time + 1] = self._bridged(places[:, time], time, end, generator)
        whole = bool((places == np.rint(places)).all())
        result = places.astype(np.int64) if whole else places
        return result[..., 0] if ndim == 1 else result

    def _bridged(self, here: AnyArray, time: int, end: int, generator: np.random.Generator) -> AnyArray:
        """The next positions of paths that must arrive."""
        rest, law = self._between(time + 1, end), self.steps[time]
        target = self._known[end]
        outcomes = [as_vector(x) for x in law.support]
        logs = np.array([float(law.logpmf(as_outcome(x))) for x in outcomes])
        moves = np.array([[float(v) for v in x] for x in outcomes])
        unique, inverse = np.unique(here, axis=0, return_inverse=True)
        result = np.empty_like(here)
        for index, row in enumerate(unique):
            place = [Fraction(float(v)).limit_denominator(10**12) for v in row]
            left = [tuple(t - p - v for t, p, v in zip(target, place, x, strict=True)) for x in outcomes]
            chances = logs + np.array([float(rest.logpmf(as_outcome(v))) for v in left])
            weights = np.exp(chances - chances.max())
            paths = np.flatnonzero(inverse.ravel() == index)
            heads = np.cumsum(weights)
            drawn = np.searchsorted(heads, generator.random(len(paths)) * heads[-1], side="right")
            result[paths] = row + moves[np.minimum(drawn, len(moves) - 1)]
        return result

    def __repr__(self) -> str:
        known = {k: as_outcome(v) for k, v in self._known.items() if k}
        shown = f", given {', '.join(f'S_{k} = {v}' for k, v in sorted(known.items()))}" if known else ""
        return f"Walk({len(self)} steps, {self.ndim}-D{shown})"


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
