"""The law of one summand once the sum is known: Bayes' rule, f(a) g(c - a) / (f*g)(c)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from distconv import convolution, missing, planning
from distconv.errors import DimensionError, DistconvTypeError, DistconvValueError, SizeLimitError
from distconv.laws import rules
from distconv.laws.finite import Finite
from distconv.laws.law import Law
from distconv.laws.reweighted import reweighted
from distconv.measure import Measure
from distconv.measure.arranging import arranged_vectors, select
from distconv.measure.lookup import positive_vectors
from distconv.number_format import rounded_up
from distconv.numbers.letters import has_letters
from distconv.planning import Origin, Outline
from distconv.support.outcomes import as_outcome, quotient, rational_gcd, read_vector, whole
from distconv.transforms import affine, pairing
from distconv.transforms.conditioning import normalized
from distconv.typing import OutcomeLike, Scalar, Vector
from distconv.weights.unify import joined, unified

#: Pairs of outcomes that are looked at, at most, where the sum is known to lie in an event.
MOST_PAIRS = 20_000_000


def given_sum(x: Law, y: Law, total: OutcomeLike | Callable[[Any], Any]) -> Law:
    """The law of X once X + Y is known, f(a) g(c - a) / (f*g)(c) for the total c; see `Distribution.given_sum`.

    Args:
        x: the law of X.
        y: the law of Y, independent of X.
        total: the value c of X + Y, or a predicate of it: ``lambda s: s >= 10``.

    Raises:
        DistconvValueError: X + Y is never `total`; the message says what it can be.

    >>> from distconv import Die, Poisson
    >>> Die(6).given_sum(Die(6), 4).to_dict()
    {1: Fraction(1, 3), 2: Fraction(1, 3), 3: Fraction(1, 3)}
    >>> Poisson(1).given_sum(Poisson(2), 3).pmf(0)
    Fraction(8, 27)
    """
    if x.ndim != y.ndim:
        raise DimensionError(f"both summands need one dimension, got {x.ndim} and {y.ndim}")
    if callable(total) and not has_letters(total):
        return _given_event(x, y, total)
    if x.spelled() is None is y.spelled() and not has_letters(total):
        vector = read_vector(total, x.ndim, "total")
        total = as_outcome(vector)
    closed = rules.apply("given_sum", x, y, total)
    if closed is not None:
        return closed
    if has_letters(total):
        raise DistconvTypeError(f"no closed form is known for the total {total}; give it as a number")
    ends = _ends(x, y, vector)
    if ends is not None and None in ends:
        return _without_end(x, y, vector[0], ends)
    a, b = _reaching(x, y, vector, ends)
    if a is not None and b is not None:
        planning.announced(planning.plan_given_sum(Outline.of(a), Outline.of(b), is_event=False))
    found = None if a is None or b is None else pairing.product(a, affine.shifted(affine.reflected(b), vector))
    if found is None:
        raise _impossible(x, y, as_outcome(vector))
    assert a is not None
    assert b is not None
    # What is missing from either may make up the total with whatever the other is.
    return Finite(normalized(found, missing.joined(a.missing, b.missing)))


#: Between which outcomes X must lie; None where it need not.
Ends = tuple[Scalar | None, Scalar | None]


def _ends(x: Law, y: Law, total: Vector) -> Ends | None:
    """Between which outcomes X must lie; None of laws that are laid out: finite, n-D, not known whole."""
    if x.ndim > 1 or (x.is_finite and y.is_finite) or max(x.missing, y.missing) > missing.NEGLIGIBLE:
        return None
    (c,) = total
    rest = y.low, y.high
    lows = [v for v in (x.low, None if rest[1] is None else whole(c - rest[1])) if v is not None]
    highs = [v for v in (x.high, None if rest[0] is None else whole(c - rest[0])) if v is not None]
    return max(lows, default=None), min(highs, default=None)


def _reaching(x: Law, y: Law, total: Vector, ends: Ends | None) -> tuple[Measure | None, Measure | None]:
    """The parts of two laws that can make up the total."""
    if ends is None:
        return x.measure, y.measure
    (c,), (low, high) = total, ends
    if low is None or high is None or low > high:
        return None, None
    parts = x.around(low, high), y.around(whole(c - high), whole(c - low))
    a, b = (None if part is None else replace(part, missing=law.lost) for law, part in zip((x, y), parts, strict=True))
    return a, b


def _without_end(x: Law, y: Law, c: Scalar, ends: Ends) -> Law:
    """The law of X where infinitely many of its outcomes can make up the total with one of Y."""
    unit = rational_gcd(x.spacing(), y.spacing())
    if quotient(c - x.anchor() - y.anchor(), unit).denominator != 1:
        raise _impossible(x, y, c)
    return reweighted(x, Partner(y, c), ends, f"the other summand makes up the total {c}")


@dataclass(frozen=True, slots=True)
class Partner:
    """The chances that another summand makes up the total, of every outcome of the first one."""

    law: Law
    total: Scalar

    def __call__(self, window: Measure) -> Measure | None:
        """The window's weights times those of the rest that is left to the total; None where all are 0."""
        low, high = window.box.origin[0], window.box.high[0]
        part = self.law.around(whole(self.total - high), whole(self.total - low))
        if part is None:
            return None
        found = pairing.product(window, affine.shifted(affine.reflected(part), (self.total,)))
        return None if found is None else convolution.as_floating(found)


def _given_event(x: Law, y: Law, event: Callable[[Any], Any]) -> Law:
    """The law of X once X + Y is known to satisfy a predicate: f(a) P(a + Y satisfies it), normalised."""
    a, b = (law.measure for law in (x, y))
    pairs = a.support.size * b.support.size
    if pairs > MOST_PAIRS:
        raise SizeLimitError(
            f"the event has to be tried on {pairs:,} pairs of outcomes, more than {MOST_PAIRS:,}; for a single total "
            "write X.given_sum(Y, total), for coarser laws round the outcomes first"
        )
    planning.announced(planning.plan_given_sum(Outline.of(a), Outline.of(b), is_event=True))
    others = list(positive_vectors(b))
    ranks_b, kept, masses = b.weights.positive(), [], []
    for rank, vector in zip(a.weights.positive().tolist(), positive_vectors(a), strict=True):
        fits = [r for r, v in zip(ranks_b.tolist(), others, strict=True) if event(_sum(vector, v))]
        if fits:
            kept.append(rank)
            masses.append(b.weights.take(np.array(fits, dtype=np.int64)).merged(np.zeros(1, dtype=np.int64)))
    if not kept:
        low, high = _sum(a.box.origin, b.box.origin), _sum(a.box.high, b.box.high)
        raise DistconvValueError(
            f"no sum of both, from {low} to {high}, satisfies the condition: its probability is 0; see (X + Y).support"
        )
    part = select(a, np.array(kept, dtype=np.int64))
    lost = missing.joined(a.missing, b.missing)
    mine, theirs = unified(part.weights.take(part.weights.positive()), joined(masses))
    found = normalized(arranged_vectors(list(positive_vectors(part)), mine.times(theirs), lost))
    of = "" if x.is_finite and y.is_finite else f", tried on windows that miss at most {rounded_up(lost)}"
    return Finite(found, Origin("given", f"known an event of the sum{of}"))


def _sum(a: Vector, b: Vector) -> Any:
    """The sum of two outcomes as callers see it."""
    return as_outcome(tuple(p + q for p, q in zip(a, b, strict=True)))


def _impossible(x: Law, y: Law, total: Any) -> DistconvValueError:
    """The refusal of a total that cannot be."""
    if x.is_finite and y.is_finite:
        boxes = [law.measure.box for law in (x, y)]
        low, high = _sum(*(box.origin for box in boxes)), _sum(*(box.high for box in boxes))
        steps = [tuple(s for s in box.step) for box in boxes]
        shown = f"between {low} and {high}, on steps of {steps[0] if x.ndim > 1 else steps[0][0]} and "
        shown += f"{steps[1] if x.ndim > 1 else steps[1][0]}"
    else:
        shown = "those that an outcome of X and one of Y make up"
    return DistconvValueError(f"X + Y is never {total}; possible totals are {shown}: see (X + Y).support")
