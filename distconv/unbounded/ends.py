"""What is asked of a 1-D law, finite or not: where its outcomes end, how far apart they are, windows of them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from distconv.typing import Scalar
from distconv.unbounded.asked import Asked

if TYPE_CHECKING:
    from distconv.distribution import Distribution
    from distconv.measure import Measure
    from distconv.support import Lattice

#: More than what quantiles may miss their level by, relatively.
TOLD = 1e-6


def lowest(law: Distribution) -> Scalar | None:
    """The lowest outcome; None where there is none."""
    return law.low if isinstance(law, Asked) else box_of(law).origin[0]


def highest(law: Distribution) -> Scalar | None:
    """The highest outcome; None where there is none."""
    return law.high if isinstance(law, Asked) else box_of(law).high[0]


def lost_of(law: Distribution) -> float:
    """What is missing for good: no window of the law would hold it."""
    if law.is_finite:
        return 0.0 if isinstance(law, Asked) else law._measure.missing
    found: float = _endless(law)._lost
    return found


def spacing(law: Distribution) -> Scalar:
    """A distance of which all differences of outcomes are multiples; 0 of one outcome."""
    box = box_of(law) if law.is_finite else None
    if box is None:
        step: Scalar = _endless(law)._spacing()
        return step
    return box.step[0] if box.shape[0] > 1 else 0


def covering(law: Distribution, tail: float) -> Measure:
    """A window that misses at most so much, beside what is missing for good; all of a finite law."""
    found: Measure = measures_of([law])[0] if law.is_finite else _endless(law)._covering(tail)
    return found


def up_to(law: Distribution, x: Scalar) -> Measure | None:
    """The outcomes up to x of a law with a low end, and perhaps more of a finite one; None where there are none."""
    found: Measure | None = measures_of([law])[0] if law.is_finite else _endless(law)._up_to(x)
    return found


def _endless(law: Distribution) -> Any:
    """A law that is not finite, as what has windows."""
    return law


# What laws of every kind are asked for, so that what is made of them need not know their kinds ------------------------


def between(law: Distribution, low: Scalar, high: Scalar) -> Measure | None:
    """A measure that is complete on [low, high]; None without an outcome there."""
    found: Measure | None = law._between((low,), (high,)) if law.is_finite else _endless(law)._around(low, high)
    return found


def edges_of(law: Distribution, tail: float) -> tuple[Scalar, Scalar]:
    """Two numbers outside of which at most `tail` lies, what is missing for good not counted."""
    if law.is_finite and not law.missing:
        # Levels are met to far more digits than these.
        part = tail / 2 * (1 - TOLD)
        return law.ppf(part), law.isf(part)
    box = covering(law, tail).box
    return box.origin[0], box.high[0]


def measures_of(laws: Iterable[Distribution]) -> list[Measure]:
    """The laws laid out, infinite ones as their windows."""
    return [law._measure for law in laws]


def box_of(law: Distribution) -> Lattice:
    """The box of a law's outcomes, of an infinite one that of its window."""
    return measures_of([law])[0].box


def spacing_of(law: Distribution) -> Scalar:
    """The same without laying the law out, never 0."""
    return law._spacing()


def point_of(law: Distribution) -> Scalar:
    """One of the outcomes: an end where there is one."""
    low, high = lowest(law), highest(law)
    return low if low is not None else high if high is not None else box_of(law).origin[0]


def rate_of(law: Distribution, t: float) -> float:
    """log E exp(t X), or a bound on it from above."""
    return law._log_mgf(t)
