"""Missing mass: probability of which a law knows how much there may be, but not where it lies, perhaps at infinity.

What is certain in spite of it (`pmf`, `cdf`, `prob`: the smallest they can be) is answered; of `cdf`, `sf` and `ppf`
both ends can be asked. What depends on where it lies is refused once more than `NEGLIGIBLE` of it may be missing.
"""

from __future__ import annotations

import math
from typing import Any

from distconv import bounds
from distconv.errors import AccuracyError
from distconv.measure import Measure
from distconv.numbers.letters import has_letters, is_expression, upper_bound
from distconv.typing import Number
from distconv.weights import Weights

#: Probability that may be missing before questions whose answer depends on where it lies are refused: ten times the
#: 1e-9 by which floating weights may total less than 1, and far above what windows of infinite laws miss (1e-18).
NEGLIGIBLE = 1e-8


def joined(*lost: float) -> float:
    """The probability that any of some independent parts is missing, at most: 1 - prod(1 - m)."""
    if not any(lost):
        return 0.0
    parts = sorted(m for m in lost if m)
    if len(parts) < 2:
        return min(1.0, parts[0])
    total = 0.0
    for part in parts:
        total += part * (1 - total)
    return min(1.0, total * bounds.PAD)


def repeated(lost: float, n: int) -> float:
    """The probability that any of n independent copies is missing, at most: 1 - (1 - m)**n."""
    if n < 2 or not lost:
        return lost * (n > 0)
    return 1.0 if lost >= 1 else min(1.0, -math.expm1(n * math.log1p(-lost)) * bounds.PAD)


def left(measure: Measure) -> Number:
    """What is missing from a law, at most: of exact weights exactly what their total leaves of 1, if that is less.

    An expression where there are letters.
    """
    # A window of one side of an infinite law leaves more of 1 than is missing from what it is asked about.
    return measure.weights.spare(measure.missing) if measure.missing else measure.missing


def bound(measure: Measure) -> float:
    """What is missing from a law, at most, as a double; all of it may be where that depends on letters."""
    return _as_bound(left(measure)) if measure.missing else 0.0


def shortfall(weights: Weights) -> float:
    """What weights leave of 1, as a double: at most, and 1 where it depends on letters."""
    return _as_bound(weights.spare(1))


def _as_bound(lost: Any) -> float:
    return upper_bound(lost) if is_expression(lost) else bounds.upper_float(lost)


def unknown(what: str, lost: Number, ends: tuple[Any, Any] | None, call: str | None) -> AccuracyError:
    """The refusal of an answer that depends on where the missing mass lies.

    Args:
        what: the question in words, "P(X > 3)".
        lost: how much may be missing.
        ends: the ends between which the answer lies; None where there is no such thing.
        call: the question as a method is called, "sf(3)"; None for one asked of several laws.
    """
    between = "" if ends is None else f", only that it is between {_shown(ends[0])} and {_shown(ends[1])}"
    return AccuracyError(
        f"{what} is not known{between}: up to {_shown(lost)} of the probability is missing, and may lie anywhere; "
        f"for what is known, as if nothing else could be: X.without_missing()" + ("" if call is None else f".{call}")
    )


def check_settled(lost: float, what: str, call: str | None, least: float = -math.inf) -> None:
    """Refuses a question whose answer may be anything from `least` on, once enough is missing.

    Raises:
        AccuracyError: more than `NEGLIGIBLE` is.
    """
    if lost > NEGLIGIBLE:
        raise unknown(what, lost, (least, math.inf), call)


def _shown(value: Any) -> str:
    """A number in some digits, or an expression."""
    return str(value) if has_letters(value) else f"{float(value):.6g}"
