"""Cells that keep moments: the masses on the points of a lattice that have those of a continuous law, span by span.

A span of `order` cells holds order + 1 points, and a polynomial of degree `order` is the sum of its values there, times
Lagrange's polynomials. So the mass of a point is the expectation of its own polynomial over the span, and every
polynomial up to that degree keeps its mean: of order 1 the mean, of order 2 the variance too (local moment matching:
Gerber, "On the numerical evaluation of the distribution of aggregate claims and its stop-loss premiums", Insurance:
Mathematics and Economics 1, 1982; Klugman, Panjer, Willmot, "Loss Models", on arithmetization).

Integrated by parts, only the distribution function is asked for.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from distconv import bounds
from distconv.interop.scipy_law import Law
from distconv.typing import AnyArray, FloatArray, IntArray, Scalar

#: Gauss-Legendre nodes in one cell, and as many more as show how far off these are.
NODES, FEWER_NODES = 24, 14
#: Spans whose two values differ by more than this part of their mass are integrated by the double exponential rule,
#: which an end that rises like a root does not disturb: steps of its variable, and how far it reaches.
ROUGH = 1e-12
ENDS_STEP, ENDS_FEWER, ENDS_REACH = 1 / 16, 1 / 8, 3.2
#: Roundings of one span's mass in its sum over the nodes, relative to the sizes of Lagrange's polynomials: of
#: neighbouring pairs, and the weights' own.
SUM_ROUNDINGS = 16
#: A rule on [0, 1]: nodes and weights.
Rule = tuple[FloatArray, FloatArray]


def matched(law: Law, first: int, spans: int, step: Scalar, order: int) -> tuple[FloatArray, FloatArray]:
    """The masses at the points first, first + 1, ... of so many spans, and bounds on their absolute errors.

    Args:
        law: a continuous law, with the ends between which it is taken.
        first: the first point, in steps.
        spans: how many spans.
        step: the distance of the points.
        order: the number of cells in a span.
    """
    starts = np.array([float((first + order * k) * Fraction(step)) for k in range(spans)])
    width = float(step) * order
    low, high = np.clip(starts, law.low, law.high), np.clip(starts + width, law.low, law.high)
    rise = _Rise.of(law, low, high)
    shares, off = _compared(rise, starts, width, order, gauss(NODES), gauss(FEWER_NODES), np.arange(spans))
    rough = np.flatnonzero(off.max(axis=1) > ROUGH * rise.total)
    if len(rough):
        rules = double_exponential(ENDS_STEP), double_exponential(ENDS_FEWER)
        again, still = _compared(rise, starts, width, order, *rules, rough)
        better = still.max(axis=1) < off[rough].max(axis=1)
        shares[rough[better]], off[rough[better]] = again[better], still[better]
    size = np.array([_sizes(order)])
    # A place that is a rounding away from its own sees that part of the span's mass move.
    place = 4 * bounds.UNIT * np.maximum(np.abs(low), np.abs(high)) / float(step)
    off += size * (rise.error + (SUM_ROUNDINGS * bounds.UNIT * order + place) * rise.total)[:, None]
    masses, errors = np.zeros(spans * order + 1), np.zeros(spans * order + 1)
    for j in range(order + 1):
        masses[j : j + spans * order : order] += shares[:, j]
        errors[j : j + spans * order : order] += off[:, j]
    return masses, errors


class _Rise:
    """What a law gains from the lower end of each span on, from the tail on the span's own side of the median."""

    def __init__(self, law: Law, low: FloatArray, high: FloatArray, lower: AnyArray) -> None:
        self.law, self.low, self.high, self.lower = law, low, high, lower
        below, above = law.tail_error("cdf", law.cdf(high)), law.tail_error("sf", law.sf(low))
        self.error = 2 * np.where(lower, below, above) * (high > low)
        self.total = self.at(np.arange(len(low)), high[:, None])[:, 0]

    @classmethod
    def of(cls, law: Law, low: FloatArray, high: FloatArray) -> _Rise:
        """The same of spans between these ends."""
        return cls(law, low, high, law.cdf(high) <= 0.5)

    def at(self, which: IntArray, x: FloatArray) -> FloatArray:
        """P(low < X <= x) in some of the spans, x by rows."""
        found = np.zeros(x.shape)
        for rows, tail, sign in ((self.lower[which], self.law.cdf, 1.0), (~self.lower[which], self.law.sf, -1.0)):
            if rows.any():
                found[rows] = sign * (tail(x[rows]) - tail(self.low[which][rows])[:, None])
        return found


def _compared(
    rise: _Rise, starts: FloatArray, width: float, order: int, rule: Rule, fewer: Rule, which: IntArray
) -> tuple[FloatArray, FloatArray]:
    """The shares of the points in some spans by a rule, and their distances from those by one of fewer nodes."""
    found, other = (_shares(rise, starts, width, order, r, which) for r in (rule, fewer))
    return found, np.abs(found - other)


def _shares(rise: _Rise, starts: FloatArray, width: float, order: int, rule: Rule, which: IntArray) -> FloatArray:
    """E of Lagrange's polynomials over some spans: that at the upper end times the rise, less what comes before it."""
    nodes, weights = rule
    low, high = rise.low[which], rise.high[which]
    # Cell by cell between the ends of the law.
    edges = np.linspace(0.0, 1.0, order + 1) * width
    lefts = np.clip(starts[which, None] + edges[:-1], low[:, None], high[:, None])
    rights = np.clip(starts[which, None] + edges[1:], low[:, None], high[:, None])
    lengths = rights - lefts
    x = np.minimum(lefts[:, :, None] + lengths[:, :, None] * nodes, high[:, None, None]).reshape(len(which), -1)
    scale = order / width
    measure = (lengths[:, :, None] * weights * scale).reshape(len(which), -1) * rise.at(which, x)
    t, end = (x - starts[which, None]) * scale, (high - starts[which]) * scale
    found = np.empty((len(which), order + 1))
    for j, polynomial in enumerate(_lagrange(order)):
        found[:, j] = polynomial(end) * rise.total[which] - (polynomial.deriv()(t) * measure).sum(axis=1)
    return found


def _lagrange(order: int) -> list[np.polynomial.Polynomial]:
    """The polynomials on 0, ..., order that are 1 at one of these and 0 at the others."""
    found = []
    for j in range(order + 1):
        others = [i for i in range(order + 1) if i != j]
        scale = Fraction(1)
        for i in others:
            scale /= j - i
        found.append(np.polynomial.Polynomial.fromroots(others) * float(scale))
    return found


def _sizes(order: int) -> list[float]:
    """How far Lagrange's polynomials reach on their span, their variations counted."""
    t = np.linspace(0.0, order, 64 * order + 1)
    return [float(np.abs(np.diff(polynomial(t))).sum()) + 1.0 for polynomial in _lagrange(order)]


def gauss(count: int) -> Rule:
    """Gauss and Legendre's rule on [0, 1]."""
    nodes, weights = np.polynomial.legendre.leggauss(count)
    return (nodes + 1) / 2, weights / 2


def double_exponential(step: float) -> Rule:
    """Takahasi and Mori's rule on [0, 1] (1974): nodes crowd towards both ends."""
    s = np.arange(-ENDS_REACH, ENDS_REACH + step / 2, step)
    inner = np.pi / 2 * np.sinh(s)
    weights = step * np.pi / 4 * np.cosh(s) / np.cosh(inner) ** 2
    return 1 / (1 + np.exp(-2 * inner)), weights / weights.sum()
