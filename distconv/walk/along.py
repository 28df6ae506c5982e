"""What a walk meets along the way: its highest and lowest place, how often it is in a region, and notes of any kind."""

from __future__ import annotations

from collections.abc import Callable, Container
from typing import TYPE_CHECKING, Any

from distconv.distribution import Distribution
from distconv.errors import DimensionError, DistconvTypeError
from distconv.settings import under_own_settings
from distconv.support.outcomes import read_outcome
from distconv.typing import OutcomeLike
from distconv.walk.record import recorded
from distconv.walk.region import Region, inside_of

if TYPE_CHECKING:
    from distconv.walk.walk import Walk


@under_own_settings
def record(self: Walk, update: Callable[[Any, Any], Any], first: OutcomeLike) -> Distribution:
    """The law of the last of some notes: c_0 = `first`, then c_k = update(c_(k-1), S_k) after every step.

    The walk and its note together are a walk, so that anything that places change one by one is exact: how often
    it was somewhere, how deep it fell from its top, which of two places it saw last.

    Args:
        update: a function of the note and of the place, whose value is the new note: a number, or a tuple of
            numbers.
        first: the note before the first step.

    The largest fall from a top so far, of six tosses: the note is (top, largest fall).

    >>> from distconv import Distribution, Walk
    >>> walk = Walk.repeat(Distribution({-1: "1/2", 1: "1/2"}), 6)
    >>> falls = walk.record(lambda note, x: (max(note[0], x), max(note[1], note[0] - x)), (0, 0))
    >>> falls.marginal(1).mean()
    Fraction(71, 32)
    """
    if not callable(update):
        raise DistconvTypeError(f"update must be a function of the note and the place, got {update!r}: max, say")
    course = self._marched()
    return course.law(recorded(course, update, read_outcome(first, "first")))


@under_own_settings
def time_in(self: Walk, region: Region, times: Container[int] | None = None) -> Distribution:
    """The law of how many of the positions after 1, 2, ..., len(walk) steps lie in a region.

    Args:
        region: as in `stay`; ``lambda x: x > 0`` for the time above 0.
        times: the numbers of the steps after which the position counts, ``range(1, n, 2)``; None for all.

    >>> from distconv import Distribution, Walk
    >>> Walk.repeat(Distribution({-1: "1/2", 1: "1/2"}), 4).time_in(lambda x: x > 0).to_dict()
    {0: Fraction(3, 8), 1: Fraction(3, 16), 2: Fraction(1, 8), 3: Fraction(1, 8), 4: Fraction(3, 16)}
    """
    inside = inside_of(region, self.ndim)
    course = self._marched()
    return course.law(recorded(course, lambda count, x: count + bool(inside(x)), 0, times))


@under_own_settings
def maximum(self: Walk) -> Distribution:
    """The law of the highest of all positions, the start among them, of a 1-D walk.

    Of a free walk that is the last place of one whose steps come in the opposite order and are clipped at the start
    (Lindley 1952; Feller, volume II, VI.9): as quick as a walk in a region. Of others it is a note (`record`).

    >>> from distconv import Distribution, Walk
    >>> coin = Distribution({-1: "1/2", 1: "1/2"})
    >>> Walk.repeat(coin, 4).maximum().to_dict()
    {0: Fraction(3, 8), 1: Fraction(1, 4), 2: Fraction(1, 4), 3: Fraction(1, 16), 4: Fraction(1, 16)}
    >>> Walk.repeat(coin, 4).bridge(0).maximum().to_dict()
    {0: Fraction(1, 3), 1: Fraction(1, 2), 2: Fraction(1, 6)}
    """
    return _extreme(self, "maximum")


@under_own_settings
def minimum(self: Walk) -> Distribution:
    """The law of the lowest of all positions, the start among them, of a 1-D walk; as `maximum`."""
    return _extreme(self, "minimum")


def _extreme(self: Walk, what: str) -> Distribution:
    if self.ndim > 1:
        raise DimensionError(
            f"the {what} is of numbers, this walk is {self.ndim}-D; of a number of its places it is "
            "walk.record(lambda note, x: max(note, x[0]), 0)"
        )
    (start,) = self._known[0]
    if not self._marched().is_plain():
        return record(self, max if what == "maximum" else min, start)
    backwards = type(self)(self.steps[::-1], start)
    return (backwards.clipped(low=start) if what == "maximum" else backwards.clipped(high=start)).final
