"""Sums over runs of integers from a few values: Gauss quadrature for the counting measure, as balls.

The rule with m nodes sums every polynomial of degree 2 m - 1 over the run exactly, and its weights are positive. Its
orthogonal polynomials are Gram's (discrete Chebyshev) polynomials: in u = 2 x / B, for the B integers around 0,
pi_(k+1) = u pi_k - b_k pi_(k-1) with b_k = k**2 (1 - (k / B)**2) / (4 k**2 - 1), Legendre's for B without end.

Sources: Gautschi, Orthogonal Polynomials: Computation and Approximation (2004), sections 1.5 and 3.1; Trefethen,
Approximation Theory and Approximation Practice (2013), theorem 8.2.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

import numpy as np

from distconv.errors import AccuracyError
from distconv.numbers.balls import precision

#: Nodes of a rule: even, so that none is 0.
NODES = 24
#: Bits to which nodes and weights are known; sums are wanted to 60 or so.
NODE_BITS = 192
#: Steps of Newton's method from a node in doubles: 45 bits, 80, 150, 290.
NEWTON_STEPS = 3
#: Bits of a node's radius below the working precision: evaluating the polynomials loses some forty.
ROOM_BITS = 48
#: Integers from which on rules are one to within the bits of their nodes: they err by the inverse square.
ENDLESS = 1 << 120
#: How far into the complex plane the run's hull is stretched: sums of the semi-axes of ellipses, in half lengths.
ELLIPSES = (3.0, 4.0, 6.0, 9.0, 14.0)


def rule(count: int) -> list[tuple[Any, Any]]:
    """Pairs (node, weight) for `count` > NODES integers around 0, whose sum of weights is `count`."""
    with precision(NODE_BITS):
        return [(node * count / 2, share * count) for node, share in _shares(min(count, ENDLESS))]


@lru_cache(maxsize=256)
def _shares(count: int) -> tuple[tuple[Any, Any], ...]:
    """Pairs (node over half the number, weight over the number) of the rule for so many integers, up to `ENDLESS`."""
    import flint

    with precision(NODE_BITS):
        # 1 / count**2; of all numbers from `ENDLESS` on one ball holds it.
        square = flint.arb(0, flint.arb(ENDLESS) ** -2) if count == ENDLESS else flint.arb(count) ** -2
        recurrence = [k * k * (1 - k * k * square) / (4 * k * k - 1) for k in range(1, NODES)]
        off = np.sqrt([float(b) for b in recurrence])
        guesses = np.linalg.eigvalsh(np.diag(off, 1) + np.diag(off, -1))[NODES // 2 :]
        pairs = []
        for guess in guesses.tolist():
            node = _root(guess, recurrence)
            share = _weight(node, recurrence)
            pairs += [(node, share), (-node, share)]
        return tuple(pairs)


def _values(u: Any, recurrence: list[Any]) -> tuple[list[Any], Any]:
    """(pi_0, ..., pi_NODES at u, the derivative of the last)."""
    values, slopes = [u * 0 + 1, u], [u * 0, u * 0 + 1]
    for b in recurrence:
        values.append(u * values[-1] - b * values[-2])
        slopes.append(values[-2] + u * slopes[-1] - b * slopes[-2])
    return values, slopes[-1]


def _root(guess: float, recurrence: list[Any]) -> Any:
    """The root of the last polynomial near a guess, enclosed: the polynomial changes its sign in the ball."""
    import flint

    u = flint.arb(guess)
    for _ in range(NEWTON_STEPS):
        values, slope = _values(u, recurrence)
        u = (u - values[-1] / slope).mid()
    radius = flint.arb(2) ** (ROOM_BITS - NODE_BITS)
    below, above = _values(u - radius, recurrence)[0][-1], _values(u + radius, recurrence)[0][-1]
    if not (below * above < 0):
        raise AccuracyError(f"no node was found at {guess}")
    return flint.arb(u, radius)


def _weight(u: Any, recurrence: list[Any]) -> Any:
    """The share of the node u: 1 / sum pi_k(u)**2 / (b_1 ... b_k) over k below NODES (Gautschi, 1.4.8)."""
    values = _values(u, recurrence)[0]
    total, norm = values[0], values[0]
    for value, b in zip(values[1:], recurrence, strict=False):
        norm = norm * b
        total = total + value * value / norm
    return 1 / total


def error_bits(rho: float, growth: float) -> float:
    """log2 of the error of a rule, over count * f(middle).

    Args:
        rho: f is analytic in the ellipse about the run's hull whose semi-axes, in half lengths, add up to rho > 1.
        growth: the log of a bound on abs(f) in there, over f(middle).

    A polynomial of degree n is within 2 M rho**-n / (rho - 1) of f, and the rule's weights are positive, so that the
    rule and the sum both differ from their polynomial's by at most count times that.
    """
    return 2 + growth / math.log(2) - (2 * NODES - 1) * math.log2(rho) - math.log2(rho - 1)
