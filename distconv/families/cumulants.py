"""Cumulants in closed form, by Stirling numbers: exact for exact parameters, whatever the order."""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction


def negative_binomial(k: int, r: Fraction, m: Fraction) -> Fraction:
    """The k-th cumulant of the negative binomial law with r and m = (1 - p) / p: the mean is r m.

    log E exp(tX) = -r log(1 - m (exp(t) - 1)) = r sum_j (m (exp(t) - 1))**j / j, and (exp(t) - 1)**j / j! generates the
    Stirling numbers S(k, j): kappa_k = r sum_j (j - 1)! S(k, j) m**j. It satisfies kappa_(k+1) = m (1 + m) kappa_k'.
    The binomial law is the one with r = -n and m = -p.
    """
    return r * sum((math.factorial(j - 1) * s * m**j for j, s in stirling(k)), start=Fraction(0))


def stirling(k: int) -> Iterator[tuple[int, int]]:
    """Pairs j, S(k, j), j = 1, ..., k: the ways to part k things into j classes."""
    import flint

    return ((j, int(flint.fmpz.stirling_s2(k, j))) for j in range(1, k + 1))
