"""Expected values under laws with infinitely many outcomes: sums over windows, with what lies beyond them judged."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from distconv.errors import AccuracyError, SizeLimitError
from distconv.measure.lookup import outcomes_of
from distconv.support.outcomes import as_outcome

if TYPE_CHECKING:
    from distconv.laws.unbounded import Unbounded
    from distconv.measure import Measure
    from distconv.typing import FloatArray

#: The part of E |f(X)| that may lie beyond the window: some hundred roundings of a double.
BEYOND = 2.0**-46
#: The outer part of a window, one in so many outcomes, whose terms must be falling off.
OUTER = 8
#: Outcomes of a window below which nothing is seen to fall off.
FEWEST = 3


def expected(law: Unbounded, f: Callable[[Any], Any]) -> float:
    """E f(X), within some roundings of E ``|f(X)|``: the sum over a window beyond which next to nothing is left.

    The terms ``|f(x)| P(X = x)`` in the last eighth of the window, against those in the eighth before, tell by which
    factor they fall. It is taken for granted that beyond the window they go on falling at least as fast.

    Raises:
        AccuracyError: they do not fall, or too slowly for the deepest window.
    """
    found = math.nan

    def complete(window: Measure) -> bool:
        nonlocal found
        try:
            terms, largest = _terms(window, f)
        except OverflowError:
            return False
        sizes = np.abs(terms)
        whole = float(sizes.sum())
        if len(terms) < FEWEST or not math.isfinite(whole):
            return False
        room = BEYOND * whole
        ends = [sizes] * (law.high is None) + [sizes[::-1]] * (law.low is None)
        if window.missing * largest > room or any(_rest(end) > room for end in ends):
            return False
        found = math.fsum(terms)
        return True

    try:
        law.deep_enough(complete, "E f(X)")
    except (AccuracyError, SizeLimitError):
        raise _refusal(law) from None
    return found


def _terms(window: Measure, f: Callable[[Any], Any]) -> tuple[FloatArray, float]:
    """f(x) P(X = x) for every outcome of a window, and the largest ``|f(x)|``."""
    weights = window.weights.as_floating()
    masses = weights.values()[weights.significands > 0].tolist()
    terms, largest = [], 0.0
    for outcome, mass in zip(outcomes_of(window), masses, strict=True):
        value = f(outcome)
        try:
            term = float(value * mass)
        except OverflowError:
            # An integer beyond the doubles, whose product with the probability need not be.
            term = float(Fraction(value) * Fraction(mass))
        terms.append(term)
        largest = max(largest, abs(term / mass) if mass else math.inf)
    return np.array(terms), largest


def _rest(sizes: FloatArray) -> float:
    """What lies beyond the last of these terms, if they go on falling as they do at the end."""
    count = len(sizes) // OUTER or 1
    last, before = float(sizes[-count:].sum()), float(sizes[-2 * count : -count].sum())
    if not last:
        return 0.0
    if last >= before:
        return math.inf
    ratio = last / before
    return last * ratio / (1 - ratio)


def _refusal(law: Unbounded) -> AccuracyError:
    """The refusal of a sum of which no window holds enough."""
    box = law.measure.box
    low, high = as_outcome(box.origin), as_outcome(box.high)
    ends = [f"low={low!r}"] * (law.low is None) + [f"high={high!r}"] * (law.high is None)
    return AccuracyError(
        "E f(X) is not certified: the terms f(x) P(X = x) do not fall off, or too slowly, so that the sum may be "
        "infinite, or much larger than that of any window; cut the law first: "
        f"X.truncate({', '.join(ends)}).expect(f)"
    )
