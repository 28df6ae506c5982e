"""Sums of a random number of terms, law by law."""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction

from distconv import bounds, convolution, missing, planning
from distconv.algebra.many import sum_of
from distconv.algebra.sums import copies, in_doubles
from distconv.errors import DistconvTypeError, DistconvValueError
from distconv.laws import rules
from distconv.laws.compound import Compound
from distconv.laws.finite import Finite
from distconv.laws.image import moved, scaled
from distconv.laws.law import Law
from distconv.laws.mixture import mixture_of
from distconv.laws.random_sum import RandomSum
from distconv.laws.rules import rule
from distconv.planning import How, Origin, Outline
from distconv.support.outcomes import whole
from distconv.transforms import halving, images, mixing
from distconv.typing import Scalar

#: Numbers of terms that are too long to be laid out, at most: each sum is asked by itself.
MOST_ASKED = 1000


def compound(count: Law, term: Law) -> Law:
    """The law of the sum of a random number of independent copies of a term."""
    if term.spelled() is not None:
        known = rules.apply("compound", count, term)
        assert known is not None
        return known
    is_known = count.letters or term.letters or count.is_by_formula or term.is_by_formula
    if not (count.is_finite and term.is_finite) and not is_known:
        count, term = in_doubles(count), in_doubles(term)
    if "symbolic" in (count.kind, term.kind):
        from distconv.formulas.making import compound as with_letters

        found = with_letters(count, term, compound)
        if found is not None:
            return found
        count, term = in_doubles(count), in_doubles(term)
    check_count(count)
    with planning.announced_once():
        known = _by_rule(count, term)
        if known is not None:
            return known
        if term.ndim == 1 and not (count.is_finite and term.is_finite):
            return _asked(count, term)
        return _mixture(count, term)


def _by_rule(count: Law, term: Law) -> Law | None:
    """Sums that are others: of counts made of counts, of one outcome, of a thinned law; None where there is no rule."""
    closed = rules.apply("compound", count, term)
    if closed is not None:
        return closed
    trials = count.trials(term)
    if trials is not None:
        return copies(*trials)
    blend = count.blend() if term.ndim == 1 else None
    if blend is not None:
        return mixture_of([(compound(law, term), share) for law, share in blend[0]], blend[1])
    if count.parts()[0] is not count:
        return _of_image(count, term)
    terms = count.terms()
    if terms != ((count, 1),):
        if min(law.low for law, _ in terms) < 0:
            return _above(terms, count.low, term)
        return sum_of([copies(compound(law, term), n) for law, n in terms])
    if term.is_finite and term.ndim == 1 and term.shape == (1,) and not term.missing:
        return scaled(count, term.low)
    return None


def _of_image(count: Law, term: Law) -> Law | None:
    """The same for a count scale * M + shift: shift terms, and M times scale terms."""
    base, factor, shift = count.parts()
    terms = base.terms()
    if terms != ((base, 1),) and (shift < 0 or min(law.low for law, _ in terms) < 0):
        return _above(terms, count.low, term)
    from_zero = base.from_zero() if shift < 0 else None
    if from_zero is not None:
        return compound(moved(from_zero, factor, count.low), term)
    scale = int(factor)
    if scale != factor or factor < 0 or base.low < 0:
        return None
    if shift >= 0:
        rest = compound(base, copies(term, scale))
        return sum_of([copies(term, int(shift)), rest]) if shift else rest
    if scale > 1 and shift % scale == 0:
        return compound(moved(base, 1, whole(Fraction(shift) / scale)), copies(term, scale))
    return None


def _above(terms: tuple[tuple[Law, int], ...], low: Scalar, term: Law) -> Law:
    """The sum of so many terms and, for each part of a count, of as many as it is above its own lowest number."""
    parts = [copies(compound(moved(law, 1, -law.low), term), n) for law, n in terms]
    return sum_of([copies(term, int(low)), *parts])


@rule("compound", RandomSum, Law)
def _of_random_sum(count: RandomSum, term: Law) -> Law:
    """A random number of random numbers of terms."""
    return compound(count.count, compound(count.term, term))


def _asked(count: Law, term: Law) -> Law:
    """The sum as a law that is asked, not held."""
    low, high = term.low, term.high
    if high is not None and (high <= 0 or low is None):
        return moved(compound(count, moved(term, -1, 0)), -1, 0)
    if low is not None and low >= 0 and count.counted(Fraction(1)) is not None:
        return Compound(count, term)
    if count.jumps() is not None and term.is_finite:
        # Terms above 0 and below 0 come in independent Poisson numbers; the others add nothing to either.
        halves = (images.clipped(term.measure, (0,), None), images.clipped(term.measure, None, (0,)))
        return sum_of([compound(count, Finite(half)) for half in halves])
    return RandomSum(count, term)


def check_count(count: Law) -> None:
    """The number of terms is whole and >= 0."""
    if count.ndim > 1:
        raise DistconvTypeError(f"the number of terms must be a number, its law is {count.ndim}-D; take N.marginal(0)")
    low = count.low
    if low is None or low < 0:
        raise DistconvValueError(
            f"the number of terms must be >= 0, its law starts at {'-inf' if low is None else low}"
        )
    spacing = count.spacing()
    if Fraction(low).denominator > 1 or Fraction(spacing).denominator > 1:
        raise DistconvValueError(f"the number of terms must be whole, its law has the outcomes {low}, {low + spacing}")


def _mixture(count: Law, term: Law) -> Law:
    """The sums of n terms, mixed: all n of a finite law, those of a window of an infinite one."""
    counts = count.measure
    shares = mixing.shares_of(counts)
    if not term.fits() and len(shares) <= MOST_ASKED:
        return mixture_of([(copies(term, n), share) for n, share in shares], counts.weights.error)
    terms = term.measure
    plan = planning.plan_compound(Outline.of(counts), Outline.of(terms), halving.passes(shares))
    planning.announced(plan)
    # What is missing from n terms is known by itself; `found` misses what its sums were cut by.
    found = halving.compounded(shares, replace(terms, missing=0.0), exact=plan.kind == "exact")
    # The error of a count's probability is in every weight once.
    weights = mixing.shared(found.weights, counts.weights.error)
    parts = [mixing.double(share) * missing.repeated(missing.bound(terms), n) for n, share in shares]
    lost = min(1.0, found.missing + (math.fsum(parts) + counts.missing) * bounds.PAD)
    return Finite(replace(found, weights=weights, missing=lost), plan)


def plan(count: Law, term: Law) -> How:
    """How the sum would be computed, without computing it."""
    check_count(count)
    if term.ndim == 1 and not (count.is_finite and term.is_finite):
        known = _by_rule(count, term)
        return (_asked(count, term) if known is None else known).first_plan()
    trials = count.trials(term)
    if trials is not None:
        law, n = trials
        return convolution.plan_power(law.measure, n) if n > 1 else Origin("given", f"{n} copies need no sum")
    counts = count.measure
    passes = halving.passes(mixing.shares_of(counts))
    return planning.plan_compound(Outline.of(counts), Outline.of(term.measure), passes)
