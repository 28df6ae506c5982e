"""Cumulants in closed form, by Stirling numbers: exact for exact parameters, whatever the order."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any


def negative_binomial(k: int, r: Fraction, m: Fraction) -> Fraction:
    """The k-th cumulant of the negative binomial law with r and m = (1 - p) / p: the mean is r m.

    log E exp(tX) = -r log(1 - m (exp(t) - 1)) = r sum_j (m (exp(t) - 1))**j / j, and (exp(t) - 1)**j / j! generates the
    Stirling numbers S(k, j): kappa_k = r sum_j (j - 1)! S(k, j) m**j. It satisfies kappa_(k+1) = m (1 + m) kappa_k'.
    The binomial law is the one with r = -n and m = -p.
    """
    return r * sum((math.factorial(j - 1) * s * m**j for j, s in stirling(k)), start=Fraction(0))


def uniform(k: int, n: int) -> Fraction:
    """The k-th cumulant of n equally likely integers 0, ..., n - 1: B_k (n**k - 1) / k, with Bernoulli's numbers.

    log E exp(tX) = log((exp(nt) - 1) / n) - log(exp(t) - 1), and t / (exp(t) - 1) has the derivatives B_k.
    """
    import flint

    if k == 1:
        return Fraction(n - 1, 2)
    bernoulli = flint.fmpq.bernoulli(k)
    return Fraction(int(bernoulli.p) * (n**k - 1), int(bernoulli.q) * k)


def from_factorial_moments(falling: Sequence[Any]) -> list[Any]:
    """The cumulants 0, 1, ..., n from the factorial moments E[X (X - 1) ... (X - j + 1)], j = 0, ..., n."""
    order = len(falling) - 1
    raw = [1, *(sum(s * falling[j] for j, s in stirling(k)) for k in range(1, order + 1))]
    result: list[Any] = [0]
    for k in range(1, order + 1):
        result.append(raw[k] - sum(math.comb(k - 1, j - 1) * result[j] * raw[k - j] for j in range(1, k)))
    return result


def stirling(k: int) -> Iterator[tuple[int, int]]:
    """Pairs j, S(k, j), j = 1, ..., k: the ways to part k things into j classes."""
    import flint

    return ((j, int(flint.fmpz.stirling_s2(k, j))) for j in range(1, k + 1))
