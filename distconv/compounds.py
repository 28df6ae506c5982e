"""Sums of a random number of terms: ``N @ X``, the law of X_1 + ... + X_N."""

from __future__ import annotations

from typing import Any

from distconv.algebra import compound as sums
from distconv.distribution import Distribution, check_law
from distconv.planning import How


def compound(N: Distribution, X: Distribution) -> Distribution:
    """The law of X_1 + ... + X_N: a random number N of independent copies of X, ``N @ X``.

    Args:
        N: the law of the number of terms, whole numbers >= 0.
        X: the law of one term, of any dimension.

    Returns:
        The law, exact where both are and every probability is a finite sum of fractions (of a finite N, of terms > 0,
        or of a geometric, negative binomial or binomial N; very long fractions come as doubles). Other probabilities
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
    return Distribution.of(sums.compound(N.law, X.law))


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
    return sums.plan(N.law, X.law)


def _check_laws(N: Any, X: Any) -> None:
    """Both are laws."""
    for name, law in (("N", N), ("X", X)):
        check_law(name, law, "; a fixed number of copies is 3 @ X")
