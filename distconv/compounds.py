"""Sums of a random number of terms: ``N @ X``, the law of X_1 + ... + X_N."""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction
from typing import Any

from distconv import bounds, missing, planning
from distconv.combine import plan_power, sum_of
from distconv.distribution import Distribution
from distconv.errors import DistconvTypeError, DistconvValueError
from distconv.families.bernoulli import Bernoulli
from distconv.families.binomial import Binomial
from distconv.families.geometric import Geometric
from distconv.families.negative_binomial import NegativeBinomial
from distconv.families.parameters import is_exact
from distconv.families.point import Point
from distconv.families.poisson import Poisson
from distconv.measure import Measure
from distconv.planning import How, Outline
from distconv.support.outcomes import whole
from distconv.transforms import halving, mixing
from distconv.typing import Scalar
from distconv.unbounded import Compound, Image, RandomSum, Unbounded, UnboundedSum, highest, lowest


def compound(N: Distribution, X: Distribution) -> Distribution:
    """The law of X_1 + ... + X_N: a random number N of independent copies of X, ``N @ X``.

    Args:
        N: the law of the number of terms, whole numbers >= 0.
        X: the law of one term, of any dimension.

    Returns:
        The law, exact where both are and every probability is a finite sum of fractions: of a finite N, of terms > 0,
        or of a geometric, negative binomial or binomial N (very long fractions come as doubles). Other probabilities
        are within `settings.tolerance`, relative, however far out; of an X with outcomes below 0 and above it as far
        as a window reaches (some 1e-280). An infinite N of terms in more dimensions is cut where it misses less than
        1e-18 (`Distribution.missing`).

    Raises:
        DistconvValueError: N may be negative, or no whole number.

    Source: Panjer (1981); Grubel and Hermesmeier (1999) for exponential tilting; see docs/explanation/error-model.

    >>> from distconv import Die, Poisson, compound
    >>> compound(Die(2), Die(2)).to_dict()
    {1: Fraction(1, 4), 2: Fraction(3, 8), 3: Fraction(1, 4), 4: Fraction(1, 8)}
    >>> (Poisson(10) @ Die(6)).mean()
    Fraction(35, 1)
    """
    _check_laws(N, X)
    if "symbolic" in (N.kind, X.kind):
        from distconv.formulas.making import compound as with_letters

        return with_letters(N, X)
    _check_count(N)
    with planning.announced_once():
        known = _by_rule(N, X)
        if known is not None:
            return known
        if X.ndim == 1 and not (N.is_finite and X.is_finite):
            return _asked(N, X)
        return _mixture(N, X)


def _by_rule(N: Distribution, X: Distribution) -> Distribution | None:
    """Sums that are others: of counts made of counts, of one outcome, of a thinned law; None where there is no rule."""
    if isinstance(N, Image):
        return _of_image(N, X)
    if isinstance(N, UnboundedSum):
        if min(_least(law) for law, _ in N.terms) < 0:
            return _above(N.terms, _least(N), X)
        return sum_of([k @ compound(law, X) for law, k in N.terms])
    if isinstance(N, RandomSum):
        return compound(N.count, compound(N.term, X))
    if isinstance(N, Geometric):
        return sum_of([X, compound(NegativeBinomial(1, N.p), X)])
    if isinstance(N, Point):
        return int(N.mean()) @ X
    if X.is_finite and X.ndim == 1 and len(X.support) == 1 and not X.missing:
        place = X.support[0]
        assert not isinstance(place, tuple)
        return N * place
    if isinstance(X, Bernoulli) and isinstance(N, Poisson):
        return Poisson(N.lam * X.p)
    if isinstance(X, Bernoulli) and isinstance(N, Binomial):
        return Binomial(N.n, N.p * X.p)
    if isinstance(N, Binomial) and X.is_finite:
        return N.n @ _thinned(N.p, X)
    return None


def _of_image(N: Image, X: Distribution) -> Distribution | None:
    """The same for a count scale * M + shift: shift terms, and M times scale terms."""
    base = N.base
    if isinstance(base, UnboundedSum) and (N.shift < 0 or min(_least(law) for law, _ in base.terms) < 0):
        return _above(base.terms, _least(N), X)
    if isinstance(base, Geometric) and N.shift < 0:
        return compound(N.scale * NegativeBinomial(1, base.p) + _least(N), X)
    scale = int(N.scale)
    if scale != N.scale or N.scale < 0 or _least(base) < 0:
        return None
    if N.shift >= 0:
        rest = compound(base, scale @ X)
        return sum_of([int(N.shift) @ X, rest]) if N.shift else rest
    return compound(base + whole(Fraction(N.shift) / scale), scale @ X) if scale > 1 and N.shift % scale == 0 else None


def _above(terms: tuple[tuple[Distribution, int], ...], low: Any, X: Distribution) -> Distribution:
    """The sum of so many terms and, for each part of a count, of as many as it is above its own lowest number."""
    parts = [k @ compound(law - _least(law), X) for law, k in terms]
    return sum_of([int(low) @ X, *parts])


def _least(N: Distribution) -> Scalar:
    """The lowest count."""
    low = lowest(N)
    assert low is not None
    return low


def _asked(N: Distribution, X: Distribution) -> Distribution:
    """The sum as a law that is asked, not held."""
    low, high = lowest(X), highest(X)
    if high is not None and (high <= 0 or low is None):
        return -compound(N, -X)
    if low is not None and low >= 0 and N._counted(Fraction(1)) is not None:
        return Compound(N, X)
    if isinstance(N, Poisson) and X.is_finite:
        # Terms above 0 and below 0 come in independent Poisson numbers; the others add nothing to either.
        return sum_of([compound(N, X.clip(low=0)), compound(N, X.clip(high=0))])
    return RandomSum(N, X)


def _check_count(N: Distribution) -> None:
    """The number of terms is whole and >= 0."""
    if N.ndim > 1:
        raise DistconvTypeError(f"the number of terms must be a number, its law is {N.ndim}-D; take N.marginal(0)")
    low: Any = N.low if isinstance(N, Unbounded) else N.support[0]
    if low is None or low < 0:
        start = "-inf" if low is None else low
        raise DistconvValueError(f"the number of terms must be >= 0, its law starts at {start}")
    spacing = N._spacing() if isinstance(N, Unbounded) else N._measure.box.step[0]
    if Fraction(low).denominator > 1 or Fraction(spacing).denominator > 1:
        raise DistconvValueError(f"the number of terms must be whole, its law has the outcomes {low}, {low + spacing}")


def _thinned(p: Any, X: Distribution) -> Distribution:
    """X with probability p, else 0."""
    nothing = Distribution({(0,) * X.ndim: 1})
    chance = Fraction(p)
    return Distribution._of(_as_kind(mixing.mixed([(1 - chance, nothing._measure), (chance, X._measure)]), p))


def _as_kind(measure: Measure, parameter: Any) -> Measure:
    """The measure, floating where a parameter is."""
    if is_exact(parameter) or not measure.weights.is_exact:
        return measure
    return Measure(measure.support, measure.weights.as_floating(), measure.missing)


def _mixture(N: Distribution, X: Distribution) -> Distribution:
    """The sums of n terms, mixed: all n of a finite law, those of a window of an infinite one."""
    counts, terms = N._measure, X._measure
    shares = mixing.shares_of(counts)
    plan = planning.plan_compound(Outline.of(counts), Outline.of(terms), halving.passes(shares))
    planning.announced(plan)
    # What is missing from n terms is known by itself; `found` misses what its sums were cut by.
    found = halving.compounded(shares, replace(terms, missing=0.0), exact=plan.kind == "exact")
    # The error of a count's probability is in every weight once.
    weights = mixing.shared(found.weights, counts.weights.error)
    parts = [mixing.double(share) * missing.repeated(missing.bound(terms), n) for n, share in shares]
    lost = min(1.0, found.missing + (math.fsum(parts) + counts.missing) * bounds.PAD)
    return Distribution._of(replace(found, weights=weights, missing=lost), plan)


def plan_compound(N: Distribution, X: Distribution) -> How:
    """How ``N @ X`` would be computed, without computing it; print it.

    The plan of a sum with infinitely many outcomes is that of its first window, which misses less than 1e-18.

    Raises:
        SizeLimitError: the result would pass ``settings.max_bytes``.

    >>> from distconv import Die, Poisson, plan_compound
    >>> plan_compound(Die(4), Die(6)).kind
    'exact'
    >>> plan_compound(Poisson(5), Die(6)).method
    'recursion'
    """
    _check_laws(N, X)
    _check_count(N)
    if isinstance(N, Point):
        return plan_power(X, int(N.mean()))
    if isinstance(N, Binomial) and X.is_finite:
        return plan_power(_thinned(N.p, X), N.n)
    if X.ndim == 1 and not (N.is_finite and X.is_finite):
        known = _by_rule(N, X)
        asked = _asked(N, X) if known is None else known
        return asked.plan() if isinstance(asked, Compound) else asked.how()
    counts = N._measure
    passes = halving.passes(mixing.shares_of(counts))
    return planning.plan_compound(Outline.of(counts), Outline.of(X._measure), passes)


def _check_laws(N: Any, X: Any) -> None:
    """Both are laws."""
    for name, law in (("N", N), ("X", X)):
        if not isinstance(law, Distribution):
            raise DistconvTypeError(f"{name} must be a Distribution, got {law!r}; a fixed number of copies is 3 @ X")
