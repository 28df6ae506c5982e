"""Regions: walks that are stopped where they leave one, and when walks first come into one."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from fractions import Fraction
from typing import Any, TypeAlias

import numpy as np

from distconv import bounds, convolution, missing, planning
from distconv.checks import check_integer
from distconv.construction import exact_measure
from distconv.distribution import Distribution
from distconv.errors import DistconvTypeError, DistconvValueError
from distconv.laws.finite import Finite
from distconv.measure import Measure
from distconv.measure.arranging import arranged_vectors, select
from distconv.measure.lookup import event
from distconv.numbers.letters import has_letters
from distconv.queries import probabilities
from distconv.support.outcomes import as_outcome, read_vector
from distconv.transforms.conditioning import normalized
from distconv.typing import Asked, OutcomeLike, Probability, Vector
from distconv.value import Value, write
from distconv.weights import unify
from distconv.weights.floating import normal_form
from distconv.weights.floating import total_of as double_total

#: Where a walk is looked for or kept: a predicate of positions, or a collection of them.
Region: TypeAlias = "Callable[[Any], object] | Iterable[OutcomeLike]"
#: Relative error that each step of a floating walk may add.
SHARE = 1e-12
#: Steps of a walk after which the time of the others is predicted.
SHOWN_STEPS = 16
#: Cells up to which a step is summed directly, to some roundings, without asking transforms for more.
SHORT = 128
#: Longest probability with letters, in characters, that stands in the line that sums a stay up.
LONGEST_SHOWN = 60


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
                after = None if last is None else moved(last, step.law.measure)
                parts.append(_within(after, inside))
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
        last = self.survival[-1]
        shown = str(last) if has_letters(last) else f"{float(last):.6g}"
        told = f"probability {shown}" if len(shown) <= LONGEST_SHOWN else "a probability with letters"
        return f"Stay({len(self)} steps, {told} of staying)"


def _within(measure: Measure | None, inside: Callable[[Any], object]) -> Measure | None:
    """The part of a measure in a region."""
    if measure is None:
        return None
    ranks = event(measure, inside)
    return select(measure, np.array(ranks, dtype=np.int64)) if ranks else None


def inside_of(region: Region, ndim: int) -> Callable[[Any], object]:
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


def entry_law(steps: tuple[Distribution, ...], inside: Callable[[Any], object]) -> Distribution:
    """The law of the first step after which a walk from 0 is in a region; what has not come there is missing.

    Raises:
        DistconvValueError: the walk never comes into the region.
    """
    entered, outside = _parted(exact_measure({(0,) * steps[0].ndim: Fraction(1)}), inside)
    times = {} if entered is None else {0: entered}
    lost, sizes = 0.0, list[int]()
    with planning.announced_once():
        for time, step in enumerate(steps, 1):
            if outside is None:
                break
            after = moved(outside, step.law.measure)
            lost = max(lost, after.missing)
            entered, outside = _parted(after, inside)
            _announce(sizes, outside, len(steps))
            if entered is not None:
                times[time] = entered
    if not times:
        raise DistconvValueError(f"within {len(steps)} steps the walk never comes into the region")
    return _law_of_times(times, outside, lost)


def _law_of_times(times: dict[int, Measure], outside: Measure | None, lost: float) -> Distribution:
    """The law of a step number from what enters at each; what is left outside or lost on the way is missing."""
    places: list[Vector] = [(k,) for k in times]
    if all(part.weights.is_exact for part in times.values()):
        # One weight for each time: the sum of those that enter.
        chances = unify.joined([part.weights.merged(np.zeros(1, dtype=np.int64)) for part in times.values()])
        return Distribution.of(Finite(arranged_vectors(places, chances, missing.shortfall(chances))))
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


def moved(here: Measure, step: Measure) -> Measure:
    """One step more. A short floating one is summed directly: over many steps only its few roundings add up."""
    floating = here.weights.kind == "float" or step.weights.kind == "float"
    dense = not (here.is_sparse or step.is_sparse) and here.box.step == step.box.step
    if floating and dense and min(here.support.size, step.support.size) <= SHORT:
        return convolution.convolve(here, step, "direct")[0]
    return convolution.convolve(here, step, tolerance=SHARE if floating else None)[0]
