"""Infinite laws of scipy.stats that are asked, not held: every answer is scipy's own, however far out."""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np

from distconv import bounds, convolution
from distconv.errors import AccuracyError, DistconvValueError, SizeLimitError
from distconv.interop.scipy_cells import ROUNDINGS, are_unresolved, cells_of, edges_of, index_of, window_of
from distconv.interop.scipy_law import CDF_ERROR, Law, pmf_error
from distconv.laws.windowed import Windowed
from distconv.measure import Measure
from distconv.measure.arranging import tightened
from distconv.numbers.doubles import pair_of_log
from distconv.planning import Origin
from distconv.queries.generating import log_weights
from distconv.queries.totals import Side
from distconv.settings import under_own_settings
from distconv.support import Lattice
from distconv.typing import AnyArray, FloatArray, FrozenLaw, Rounding, Scalar
from distconv.weights.floating import from_doubles

#: What the window misses from which E exp(t X) is summed: of lighter tails than exponential ones, all that counts.
DEEPEST = 1e-290
#: The outer part of that window, one in so many outcomes, whose terms must be falling off.
OUTER = 8


class AskedOfScipy(Windowed):
    """An infinite law of scipy.stats: a discrete one, or a continuous one in cells.

    Attributes:
        frozen: what scipy calls frozen.
        step: the width of the cells; None of a discrete law.
        rounding: where a cell's probability goes.
    """

    __slots__ = ("_law", "frozen", "rounding", "step")

    frozen: FrozenLaw
    step: Scalar | None
    rounding: Rounding
    _law: Law

    def __init__(self, frozen: FrozenLaw, step: Scalar | None, rounding: Rounding) -> None:
        law = Law.of(frozen)
        self.describe(
            Origin("given", f"{law.name}, which scipy is asked for"),
            frozen=frozen,
            step=step,
            rounding=rounding,
            _law=law,
        )

    def anew(self) -> tuple[Any, tuple[Any, ...]]:
        return AskedOfScipy, (self.frozen, self.step, self.rounding)

    def key(self) -> tuple[Any, Scalar, Scalar]:
        words = (getattr(self.frozen, "args", ()), tuple(sorted(getattr(self.frozen, "kwds", {}).items())))
        return ("scipy", self._law.name, type(self._law.generator), repr(words), self.step, self.rounding), 1, 0

    @property
    def is_exact(self) -> bool:
        """False: scipy computes in doubles."""
        return False

    @property
    @under_own_settings
    def error(self) -> float:
        """The error that is assumed of scipy, where the law is not farther out than its default window.

        That of a part farther out is the part's own: ``X.truncate(low, high).error``.
        """
        return self.measure.weights.error

    @property
    def low(self) -> Scalar | None:
        """The lowest outcome; None where there is none."""
        return self._end(self._law.low)

    @property
    def high(self) -> Scalar | None:
        """The highest outcome; None where there is none."""
        return self._end(self._law.high)

    def _end(self, end: float) -> Scalar | None:
        if math.isinf(end):
            return None
        return self._point(int(end) if self.step is None else index_of(end, self.step, self.rounding))

    def anchor(self) -> Scalar:
        return self._law.shift if self.step is None else 0

    def spacing(self) -> Scalar:
        return 1 if self.step is None else self.step

    # What scipy says ----------------------------------------------------------------------------------------------

    def _edge(self, k: int) -> float:
        """Where the outcomes up to the k-th end: the upper edge of its cell."""
        return float(k if self.step is None else (k + 1 + ROUNDINGS[self.rounding]) * Fraction(self.step))

    def held(self, x: Scalar, side: Side, *, log: bool = False) -> float:
        edge = self._edge(self._place(x, math.floor))
        if not log:
            return float(self._law.cdf(edge) if side == "cdf" else self._law.sf(edge))
        found = self._law.log_beside(side, edge)
        if found == -math.inf:
            raise AccuracyError(
                f"the logarithm of P(X {'<=' if side == 'cdf' else '>'} {x}) of {self._law.name} is below what scipy "
                f"tells; ask nearer to the mean: X.log{side}({math.floor(self.mean())})"
            )
        return float(found)

    def _made(self, low: Scalar, high: Scalar) -> Measure | None:
        first, last = self._place(low, math.ceil), self._place(high, math.floor)
        masses, errors, logs = (self._points if self.step is None else self._cells)(first, last)
        tiny = masses < bounds.TINY
        pairs = [math.frexp(mass) for mass in masses.tolist()]
        error = float(errors[~tiny].max(initial=0.0))
        for i in np.flatnonzero(tiny).tolist():
            pairs[i], off = pair_of_log(float(logs[i]))
            error = max(error, bounds.compose(float(errors[i]), off)) if pairs[i][0] else error
        if not any(significand for significand, _ in pairs):
            return None
        weights = from_doubles(pairs, bounds.compose(error, 4 * bounds.UNIT))
        return tightened(Measure(Lattice((self._point(first),), (self.spacing(),), (len(pairs),)), weights, 1.0))

    def _points(self, first: int, last: int) -> tuple[FloatArray, FloatArray, FloatArray]:
        """The probabilities of outcomes, bounds on their relative errors, and their logarithms."""
        outcomes = np.arange(first, last + 1).astype(np.float64)
        off = pmf_error(max(self._law.size, abs(first), abs(last)))
        return self._law.pmf(outcomes), np.full(len(outcomes), off), self._law.logpmf(outcomes)

    def _cells(self, first: int, last: int) -> tuple[FloatArray, FloatArray, FloatArray]:
        """The same of cells.

        Raises:
            AccuracyError: scipy cannot tell one of them.
        """
        assert self.step is not None
        edges = np.clip(
            edges_of(first, last + 2, self.step, ROUNDINGS[self.rounding])[0], self._law.low, self._law.high
        )
        masses, errors = cells_of(self._law, edges)
        logs, log_errors = self._log_cells(edges)
        tiny = masses < bounds.TINY
        bad = np.flatnonzero(are_unresolved(self._law, masses, errors) & ~tiny)
        if len(bad):
            raise AccuracyError(
                f"scipy does not resolve the cell of {self._point(first + int(bad[0]))} of {self._law.name}; use a "
                f"coarser step: from_scipy(dist, step={4 * self.step})"
            )
        relative = np.divide(errors, masses, out=np.zeros(len(masses)), where=~tiny)
        return masses, np.where(tiny, log_errors, relative), logs

    def _log_cells(self, edges: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Logarithms of the cells' probabilities from those of the tails, and bounds on their relative errors."""
        with np.errstate(all="ignore"):
            below, above = self._law.log_beside("cdf", edges), self._law.log_beside("sf", edges)
            lower = below[1:] <= math.log(0.5)
            big = np.where(lower, below[1:], above[:-1])
            small = np.where(lower, below[:-1], above[1:])
            part = -np.expm1(small - big)
            logs = big + np.log(part)
            errors = CDF_ERROR * 2 * (1 + np.abs(big)) / part
        return np.where(np.isnan(logs), -math.inf, logs), np.where(np.isfinite(errors), errors, 0.0)

    @under_own_settings
    def _edges(self, tail: float) -> tuple[Scalar, Scalar]:
        law, step = self._law, self.step
        low, high = window_of(
            law,
            tail,
            lambda end: int(end) if step is None else index_of(end, step, self.rounding),
            lambda k: float(law.cdf(self._edge(k - 1))),
            lambda k: float(law.sf(self._edge(k))),
        )
        return self._point(low), self._point(high)

    def log_mgf(self, t: float) -> float:
        """The sum over a window that misses 1e-290, beyond which terms are taken for granted to fall as at its ends."""
        found = self.memory.get("deepest")
        if found is None:
            try:
                found = log_weights(convolution.as_floating(replace(self.covering(DEEPEST), missing=0.0)))
            except (SizeLimitError, DistconvValueError, AccuracyError):
                found = ()
            self.memory["deepest"] = found
        if not found:
            return math.inf
        logs: AnyArray = found[0] + t * found[1]
        top = float(logs.max())
        terms = np.exp(logs - top)
        ends = [terms] * (self.high is None) + [terms[::-1]] * (self.low is None)
        rest = sum(_rest(end) for end in ends)
        return top + math.log(float(terms.sum()) + rest) if rest < math.inf else math.inf


def _rest(terms: FloatArray) -> float:
    """What lies beyond the last term if they go on falling as they do at the end; infinite if they do not."""
    count = len(terms) // OUTER or 1
    last, before = float(terms[-count:].sum()), float(terms[-2 * count : -count].sum())
    if not last:
        return 0.0
    return last * last / (before - last) if last < before else math.inf
