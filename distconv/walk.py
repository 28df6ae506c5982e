"""Walks: positions after every drop, conditioned on what is known of them, kept within a region, and their paths."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction
from itertools import pairwise
from typing import Any, TypeAlias

import numpy as np

from distconv import bounds, convolution, planning
from distconv.checks import check_copies, check_integer
from distconv.combine import sum_of
from distconv.construction import exact_measure
from distconv.distribution import Distribution, check_law
from distconv.errors import DimensionError, DistconvTypeError, DistconvValueError
from distconv.families.point import Point
from distconv.laws.finite import Finite
from distconv.measure import Measure
from distconv.measure.arranging import arranged_vectors
from distconv.measure.lookup import event
from distconv.queries import probabilities
from distconv.settings import Settings, current_settings, under_own_settings
from distconv.support.outcomes import as_outcome, as_vector, read_vector
from distconv.transforms.conditioning import normalized
from distconv.transforms.images import select
from distconv.typing import AnyArray, Asked, IntegerLike, OutcomeLike, Probability, RandomState, Vector
from distconv.value import Value, write
from distconv.weights.floating import normal_form
from distconv.weights.floating import total_of as double_total

#: Where a walk is looked for or kept: a predicate of positions, or a collection of them.
Region: TypeAlias = "Callable[[Any], object] | Iterable[OutcomeLike]"


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
        return Stay(self.steps, _inside(region, self.ndim))

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
        probability is the mass that enters at that step, with the relative `error` of sums of positions.

        Raises:
            DistconvValueError: the walk cannot come into the region; it is conditioned on positions after the start.

        >>> from distconv import Distribution, Walk
        >>> coin = Distribution({-1: "1/2", 1: "1/2"})
        >>> Walk.repeat(coin, 3).first_passage([1]).to_dict()
        {1: Fraction(1, 2), 3: Fraction(1, 8)}
        """
        self._check_free()
        inside = _inside(region, self.ndim)
        entered, outside = _parted(exact_measure({(0,) * self.ndim: Fraction(1)}), inside)
        times = {} if entered is None else {0: entered}
        lost, sizes = 0.0, list[int]()
        with planning.announced_once():
            for time, step in enumerate(self.steps, 1):
                if outside is None:
                    break
                moved = _moved(outside, step.law.measure)
                lost = max(lost, moved.missing)
                entered, outside = _parted(moved, inside)
                _announce(sizes, outside, len(self))
                if entered is not None:
                    times[time] = entered
        if not times:
            raise DistconvValueError(f"within {len(self)} steps the walk never comes into the region")
        return _law_of_times(times, outside, lost)

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


class Stay(Value):
    """A walk that is stopped when it leaves a region: the probability of still being inside, and the law of where."""

    __slots__ = ("_parts", "_survival")
    _anew = "walk.stay(region)"

    _parts: list[Measure | None]
    _survival: tuple[Any, ...]

    def __init__(self, steps: tuple[Distribution, ...], inside: Callable[[Any], object]) -> None:
        ndim = steps[0].ndim
        start: Measure | None = exact_measure({(0,) * ndim: Fraction(1)})
        start = _within(start, inside)
        parts: list[Measure | None] = [start]
        sizes: list[int] = []
        with planning.announced_once():
            for step in steps:
                last = parts[-1]
                moved = None if last is None else _moved(last, step.law.measure)
                parts.append(_within(moved, inside))
                _announce(sizes, parts[-1], len(steps))
        self._assign(parts)

    def _assign(self, parts: list[Measure | None]) -> None:
        write(self, "_parts", parts)
        write(self, "_survival", tuple(Fraction(0) if p is None else p.weights.total() for p in parts))

    @classmethod
    def _of(cls, parts: list[Measure | None]) -> Stay:
        """A stay from its pickle."""
        stay = object.__new__(cls)
        stay._assign(parts)
        return stay

    def __reduce__(self) -> Any:
        return Stay._of, (self._parts,)

    @property
    def survival(self) -> list[Any]:
        """P(inside after 0, 1, ..., k steps), k = 0, ..., len(walk); floating ones within `error(k)` and a rounding."""
        return list(self._survival)

    def error(self, k: int) -> float:
        """A proven bound on the relative error of ``survival[k]`` and of ``prob(k, value)``; 0.0 for exact ones."""
        part = self._part(k)
        return 0.0 if part is None else part.weights.error

    def _part(self, k: Any) -> Measure | None:
        """What is still inside after k steps."""
        time = check_integer("k", k, at_least=0)
        if time > len(self):
            raise DistconvValueError(f"k must be between 0 and {len(self)}, the number of steps, got {k}")
        return self._parts[time]

    def __len__(self) -> int:
        """The number of steps."""
        return len(self._parts) - 1

    def position(self, k: int) -> Distribution:
        """The law of the position after k steps, given that the walk never left the region.

        Raises:
            DistconvValueError: it has left for certain.
        """
        part = self._part(k)
        if part is None:
            raise DistconvValueError(f"after {k} steps the walk has left the region for certain; see walk.survival")
        return Distribution.of(Finite(normalized(part)))

    def prob(self, k: int, value: Asked) -> Probability:
        """P(the walk is at `value` after k steps and never left the region); a floating one within ``error(k)``."""
        part = self._part(k)
        return Fraction(0) if part is None else probabilities.pmf(part, value)

    @property
    def final(self) -> Distribution:
        """The law of the last position, given that the walk never left the region."""
        return self.position(len(self))

    def __repr__(self) -> str:
        return f"Stay({len(self)} steps, probability {float(self.survival[-1]):.6g} of staying)"


#: Relative error that each step of a floating walk may add.
SHARE = 1e-12
#: Steps of a walk after which the time of the others is predicted.
SHOWN_STEPS = 16
#: Cells up to which a step is summed directly, to some roundings, without asking transforms for more.
SHORT = 128


def _within(measure: Measure | None, inside: Callable[[Any], object]) -> Measure | None:
    """The part of a measure in a region."""
    if measure is None:
        return None
    ranks = event(measure, inside)
    return select(measure, np.array(ranks, dtype=np.int64)) if ranks else None


def _inside(region: Region, ndim: int) -> Callable[[Any], object]:
    """A region as a predicate of positions."""
    if callable(region):
        return region
    if isinstance(region, str | bytes) or not isinstance(region, Iterable):
        raise DistconvTypeError(f"region must be a predicate or a collection of positions, got {region!r}")
    if isinstance(region, range):
        return lambda x: x in region
    places = {as_outcome(read_vector(x, ndim, "position")) for x in region}
    return lambda x: x in places


def _announce(sizes: list[int], left: Measure | None, steps: int) -> None:
    """Notes how many positions a step has left, and announces the others' time once enough have shown how they grow."""
    sizes.append(0 if left is None else left.support.size)
    if left is not None and len(sizes) == SHOWN_STEPS:
        growth = min(max(0.0, math.log2(sizes[-1] / sizes[SHOWN_STEPS // 2 - 1])), left.box.ndim)
        planning.announced(planning.plan_stay(sizes[-1], growth, SHOWN_STEPS, steps))


def _parted(measure: Measure, inside: Callable[[Any], object]) -> tuple[Measure | None, Measure | None]:
    """The parts of a measure in a region and outside of it."""
    ranks = measure.weights.positive()
    within = np.isin(ranks, event(measure, inside))
    inner, outer = (select(measure, part) if len(part) else None for part in (ranks[within], ranks[~within]))
    return inner, outer


def _law_of_times(times: dict[int, Measure], outside: Measure | None, lost: float) -> Distribution:
    """The law of a step number from what enters at each; what is left outside or lost on the way is missing."""
    places: list[Vector] = [(k,) for k in times]
    if all(part.weights.is_exact for part in times.values()):
        chances: list[Any] = [part.weights.total() for part in times.values()]
        return Distribution.of(
            Finite(exact_measure(dict(zip(places, chances, strict=True)), bounds.upper_float(1 - sum(chances))))
        )
    parts = [part.weights.as_floating() for part in times.values()]
    totals = [double_total(weights) for weights in parts]
    error = max(bounds.compose(weights.error, bounds.total(len(weights.significands))) for weights in parts)
    weights = normal_form(np.array([t for t, _ in totals]), np.array([e for _, e in totals], dtype=np.int64), error)
    left = 0.0
    if outside is not None:
        off = bounds.reciprocal(outside.weights.error)
        left = float(outside.weights.total()) * (1 + off) * bounds.PAD + outside.support.size * bounds.SUBNORMAL
    # What is left was counted, and is what those that came leave of 1: near 1 the former knows better, else the latter.
    rest = 1 - math.fsum(weights.values()) * (1 - error) + 4 * bounds.UNIT
    return Distribution.of(Finite(arranged_vectors(places, weights, min(1.0, left + lost, rest))))


def _running(steps: tuple[Distribution, ...]) -> Iterator[Distribution]:
    """The laws of the sums of the first 1, 2, ... steps."""
    here: Distribution | None = None
    for step in steps:
        if here is None or not (here.is_finite and step.is_finite):
            here = step if here is None else here + step
        else:
            here = Distribution.of(Finite(_moved(here.law.measure, step.law.measure)))
        yield here


def _moved(here: Measure, step: Measure) -> Measure:
    """One step more. A short floating one is summed directly: over many steps only its few roundings add up."""
    floating = here.weights.kind == "float" or step.weights.kind == "float"
    dense = not (here.is_sparse or step.is_sparse) and here.box.step == step.box.step
    if floating and dense and min(here.support.size, step.support.size) <= SHORT:
        return convolution.convolve(here, step, "direct")[0]
    return convolution.convolve(here, step, tolerance=SHARE if floating else None)[0]


def _at(vector: Vector) -> Distribution:
    """The law of one certain position."""
    return Point(as_outcome(vector))
