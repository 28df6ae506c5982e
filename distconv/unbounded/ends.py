"""Where the outcomes of a 1-D law end, finite or not, and what of it is missing for good."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from distconv.typing import Scalar
from distconv.unbounded.asked import Asked

if TYPE_CHECKING:
    from distconv.distribution import Distribution


def lowest(law: Distribution) -> Scalar | None:
    """The lowest outcome; None where there is none."""
    return law.low if isinstance(law, Asked) else law._measure.box.origin[0]


def highest(law: Distribution) -> Scalar | None:
    """The highest outcome; None where there is none."""
    return law.high if isinstance(law, Asked) else law._measure.box.high[0]


def lost_of(law: Any) -> float:
    """What is missing for good: no window of the law would hold it."""
    return 0.0 if law.is_finite and isinstance(law, Asked) else law._measure.missing if law.is_finite else law._lost
