"""Draws without replacement: cards, lotto, ranks of a sample."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from distconv.algebra import spanning
from distconv.checks import check_integer
from distconv.distribution import Distribution
from distconv.errors import DistconvTypeError, DistconvValueError
from distconv.laws.finite import Finite
from distconv.laws.law import Law
from distconv.measure.reading import collected
from distconv.transforms.drawing import drawn
from distconv.typing import OutcomeLike, StepLike, SupportsArray


def sum_of_draws(
    values: Iterable[OutcomeLike] | Mapping[Any, int] | SupportsArray, k: int, *, step: StepLike | None = None
) -> Distribution:
    """The law of the sum of k values drawn without replacement, each set of k equally likely.

    Values that occur several times are drawn as often (ties of ranks, cards of one kind). Draws from several strata, so
    many from each, are independent: add their laws. With replacement it is ``k @ Distribution.from_samples(values)``.

    Args:
        values: numbers or vectors, as a list or an array; or a mapping from each to how often it is there.
        k: how many are drawn.
        step: round the values to multiples of this, one number or one per axis.

    Returns:
        An exact law. Of n values its denominator divides C(n, k); no draws are enumerated.

    Raises:
        DistconvValueError: k is not between 0 and the number of values; a number of values that is below 0.
        SizeLimitError: the result would pass ``settings.max_bytes``.

    The points of two cards, of four aces worth 11, sixteen tens, and four of each from 2 to 9:

    >>> from distconv import sum_of_draws
    >>> sum_of_draws({11: 4, 10: 16, 2: 4, 3: 4, 4: 4, 5: 4, 6: 4, 7: 4, 8: 4, 9: 4}, 2).pmf(21)
    Fraction(32, 663)

    The rank sum of 3 of 7:

    >>> sum_of_draws(range(1, 8), 3).cdf(7)
    Fraction(2, 35)
    """
    population, size = _population(values, step)
    number = check_integer("k", k, at_least=0)
    if number > size:
        raise DistconvValueError(
            f"k must be at most the number of values, which is {size}, got {number}; with replacement the sum is "
            f"{number} @ Distribution.from_samples(values)"
        )
    if number < 2 or len(population.support) == 1:
        return number @ population
    law = population.law

    def of(bases: list[Law]) -> Law:
        return Finite(*drawn(bases[0].measure, size, number))

    return Distribution.of(spanning.combined([law], of) or of([law]))


def _population(values: Any, step: StepLike | None) -> tuple[Distribution, int]:
    """(the law of one draw, the number of values)."""
    if isinstance(values, Distribution):
        raise DistconvTypeError(
            "draws from a law are with replacement, 3 @ X; sum_of_draws takes a list of values, or a mapping from each "
            f"to how often it is there, got {values!r}"
        )
    if isinstance(values, Mapping):
        counts = [check_integer(f"the number of values {value!r}", m, at_least=0) for value, m in values.items()]
        size = sum(counts)
    else:
        values = collected(values, "values")
        size = len(values)
    if not size:
        raise DistconvValueError("there are no values to draw from: sum_of_draws([1, 2, 3], 2)")
    if isinstance(values, Mapping):
        return Distribution.from_counts(values, step=step), size
    return Distribution.from_samples(values, step=step), size
