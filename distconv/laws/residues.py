"""The remainders of an infinite law modulo a number: finitely many, each with the sum of infinitely many weights."""

from __future__ import annotations

import math
from fractions import Fraction

from distconv import bounds, convolution, planning
from distconv.laws.chernoff import WINDOW_TAIL
from distconv.laws.law import Law
from distconv.laws.stretches import stretches
from distconv.measure import Measure
from distconv.planning import How, Origin
from distconv.support.outcomes import quotient, rational_gcd, whole
from distconv.transforms import conditioning, monoidal
from distconv.typing import Outcome, Scalar


def residues(law: Law, modulus: Outcome, *, repeats: bool) -> tuple[Measure, How]:
    """The law of X modulo a number, and how it was computed.

    Of a law that repeats itself from its end on, moved and times a number, the first period tells all, exactly. Of
    others a stretch is folded outside of which less than 1e-18 of the least remainder's probability lies.

    Raises:
        SizeLimitError: the remainders would pass ``settings.max_bytes``.
    """
    (size,) = monoidal.moduli_of(modulus, 1)
    step = law.spacing()
    period = whole(Fraction(size) * Fraction(step) / rational_gcd(size, step))
    cells = int(quotient(period, step))
    planning.check_cells(
        cells, f"the law of the remainders modulo {size}", "cut the law first: X.truncate(high=1000) % n"
    )
    if repeats:
        found = conditioning.normalized(monoidal.folded(_first_period(law, whole(period - step)), modulus), 0.0)
        return found, Origin("modulo", "the first period tells all others")
    before = 0
    for low, high, outside in stretches(law, None, None):
        if high - low < period:
            continue
        part = law.around(low, high)
        if part is None:
            continue
        found = monoidal.folded(convolution.as_floating(part), modulus)
        count = len(found.weights.positive())
        # Where not all remainders are there, a stretch twice as wide must have no more of them.
        if count in (cells, before) and outside <= math.log(WINDOW_TAIL) + _least(found):
            break
        before = count
    weights = found.weights.as_floating()
    error = bounds.compose(law.error, WINDOW_TAIL)
    found = Measure(found.support, weights.off_by(error), law.lost)
    return found, Origin("modulo", f"the outcomes from {low} to {high}, folded")


def _first_period(law: Law, span: Scalar) -> Measure:
    """The outcomes within so much of the end."""
    low, high = law.low, law.high
    if low is None:
        assert high is not None
        low = whole(high - span)
    part = law.around(low, whole(low + span))
    assert part is not None
    return part


def _least(measure: Measure) -> float:
    """The log of the least weight that is not 0."""
    weights = measure.weights
    return min(float(weights.log_at(rank)) for rank in weights.positive().tolist())
