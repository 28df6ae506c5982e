"""What is asked of a 1-D law, finite or not: where its outcomes end, how far apart they are, windows of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from distconv.typing import Scalar
from distconv.unbounded.asked import Asked

if TYPE_CHECKING:
    from distconv.distribution import Distribution
    from distconv.measure import Measure


def lowest(law: Distribution) -> Scalar | None:
    """The lowest outcome; None where there is none."""
    return law.low if isinstance(law, Asked) else law._measure.box.origin[0]


def highest(law: Distribution) -> Scalar | None:
    """The highest outcome; None where there is none."""
    return law.high if isinstance(law, Asked) else law._measure.box.high[0]


def lost_of(law: Any) -> float:
    """What is missing for good: no window of the law would hold it."""
    return 0.0 if law.is_finite and isinstance(law, Asked) else law._measure.missing if law.is_finite else law._lost


def spacing(law: Distribution) -> Scalar:
    """A distance of which all differences of outcomes are multiples; 0 of one outcome."""
    box = law._measure.box if law.is_finite else None
    if box is None:
        step: Scalar = _endless(law)._spacing()
        return step
    return box.step[0] if box.shape[0] > 1 else 0


def covering(law: Distribution, tail: float) -> Measure:
    """A window that misses at most so much, beside what is missing for good; all of a finite law."""
    found: Measure = law._measure if law.is_finite else _endless(law)._covering(tail)
    return found


def up_to(law: Distribution, x: Scalar) -> Measure | None:
    """The outcomes up to x of a law with a low end, and perhaps more of a finite one; None where there are none."""
    found: Measure | None = law._measure if law.is_finite else _endless(law)._up_to(x)
    return found


def _endless(law: Distribution) -> Any:
    """A law that is not finite, as what has windows."""
    return law
