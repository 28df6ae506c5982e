"""Losses: what exceeds a retention, on average."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from distconv.coordinates import asked
from distconv.errors import DistconvValueError
from distconv.measure import Measure
from distconv.measure.lookup import axis_indices, count_up_to
from distconv.measure.reading import collected, read_level, read_query
from distconv.numbers.doubles import multiples, to_double
from distconv.numbers.letters import expression_of
from distconv.queries.arrays import each, is_many
from distconv.queries.refusals import only_1d, only_settled
from distconv.typing import Answer, Level, Question, Scalar
from distconv.weights.floating import normal_form, total_of
from distconv.weights.symbolic import tidied


def stop_loss(measure: Measure, d: Question) -> Answer:
    """E max(X - d, 0).

    Args:
        d: a number, or an array of them.

    Returns:
        A fraction for an exact law; of a floating one a double within its `error` and some log2 of the outcomes
        + 40 roundings of 2**-53, relative.

    Raises:
        AccuracyError: more than 1e-8 is `missing`; see `Distribution.without_missing`.

    >>> from distconv import Die
    >>> Die(6).stop_loss(4)
    Fraction(1, 2)
    """
    only_1d(measure, "stop-loss premiums")
    only_settled(measure, "E max(X - d, 0)", f"stop_loss({d!r})", 0.0)
    return each_retention(lambda v: excess(measure, v), d)


def each_retention(premium: Callable[[Any], Any], d: Question) -> Answer:
    """A function of a number at one of them or at many, which are read together."""
    return each(lambda v: premium(read_query(v)), asked(collected(d, "d")) if is_many(d) else d, "d")


def tail_mean(quantile: Callable[[Any], Any], premium: Callable[[Any], Any], q: Level) -> Answer:
    """The mean of the worst part 1 - q of the outcomes.

    v is the quantile ``ppf(q)`` (VaR). Where it has more probability than is needed, a part of it counts.

    Args:
        q: a level in [0, 1), or an array of them; a float is read as its shortest decimal.

    Raises:
        DistconvValueError: a level outside of [0, 1).
        AccuracyError: more than 1e-8 is `missing`.

    >>> from distconv import Die
    >>> Die(6).tail_mean("1/2")
    Fraction(5, 1)
    """

    def at(value: Any) -> Any:
        level = read_level(value, "q")
        if level == 1:
            raise DistconvValueError("q must be below 1: no part of the outcomes is left; the highest is ppf(1)")
        v = quantile(value)
        more = premium(v)
        if isinstance(more, float):
            return to_double(v) + more / float(1 - level)
        return v + more / (1 - level)

    return each(at, q, "q")


def excess(measure: Measure, d: Scalar | float) -> Fraction | float:
    """E max(X - d, 0) over the points of a 1-D measure."""
    weights = measure.weights
    if isinstance(d, float):
        if d > 0:
            return Fraction(0) if weights.is_exact else 0.0
        return math.inf
    (index,) = axis_indices(measure)
    (origin,), (step,) = measure.box.origin, measure.box.step
    ranks = weights.positive()
    ranks = ranks[ranks >= count_up_to(measure, d)]
    if weights.kind == "symbolic":
        premiums = [weights.at(r) * (origin + step * int(index[r]) - d) for r in ranks.tolist()]
        return tidied(sum(premiums, start=expression_of(0)))
    if weights.is_exact:
        exact = weights.as_rational()
        stored = exact.integers()
        exceeding = sum(
            (int(stored[r]) * (origin + step * int(index[r]) - d) for r in ranks.tolist()), start=Fraction(0)
        )
        return exceeding / exact.denominator
    if not len(ranks):
        return 0.0
    # Distances are exact multiples of the step from the first outcome above d, rounded once.
    first = Fraction(origin) + Fraction(step) * int(index[ranks[0]]) - d
    distances = to_double(first) + multiples(step, index[ranks] - index[ranks[0]])
    # Products of any range, at the scale of the largest.
    total, exponent = total_of(weights.take(ranks).as_floating().times(normal_form(distances, None, 0.0)))
    return math.ldexp(total, max(exponent, -5000))
