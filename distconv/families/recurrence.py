"""Weights from a ratio: w(k+1) / w(k) is simple for most families, and exact values at every 256th k stop the errors.

Between anchors, which FLINT's ball arithmetic gives to more than a double's precision, weights are running products of
ratios, each rounded a few times: 256 steps lose at most `chain_error`, however long the range and however small the
weights (significands and exponents are multiplied apart).
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np

from distconv import bounds
from distconv.bounds import UNIT
from distconv.errors import AccuracyError, SizeLimitError
from distconv.families.family import InfiniteFamily
from distconv.measure import Measure
from distconv.settings import current_settings
from distconv.support import Lattice
from distconv.typing import FloatArray, Scalar
from distconv.unbounded import MOST_POINTS
from distconv.weights import Floating, Weights
from distconv.weights.conversion import ratio_to_double
from distconv.weights.floating import normal_form

#: Steps between anchors.
BLOCK = 256
#: Bits to which anchors are computed first, and at most.
ANCHOR_BITS = 96
LAST_ANCHOR_BITS = 1 << 16

#: The weight of one outcome as a ball.
Anchor = Callable[[int], Any]
#: The ratios w(k + 1) / w(k) for an array of k.
Ratio = Callable[[FloatArray], FloatArray]


def chain(anchor: Anchor, ratio: Ratio, ratio_roundings: int, low: int, high: int) -> Floating:
    """The weights of low, ..., high.

    `ratio_roundings` bounds the relative error of one ratio in units of 2**-53.
    """
    count = high - low + 1
    blocks = -(-count // BLOCK)
    starts = [low + BLOCK * i for i in range(blocks)]
    anchors = [anchor_value(anchor, k) for k in starts]
    steps = ratio(low + np.arange(blocks * BLOCK, dtype=np.float64))
    # The ratios beyond `high` may be 0 or below; they are not used.
    steps[count - 1 :] = 1.0
    fractions, shifts = np.frexp(steps.reshape(blocks, BLOCK))
    significands = np.ones((blocks, BLOCK))
    exponents = np.zeros((blocks, BLOCK), dtype=np.int64)
    significands[:, 1:] = np.cumprod(fractions[:, :-1], axis=1)
    exponents[:, 1:] = np.cumsum(shifts[:, :-1], axis=1, dtype=np.int64)
    significands *= np.array([s for s, _ in anchors])[:, None]
    exponents += np.array([e for _, e in anchors], dtype=np.int64)[:, None]
    return normal_form(
        significands.ravel()[:count], exponents.ravel()[:count], chain_error(min(count, BLOCK), ratio_roundings)
    )


def chain_error(length: int, ratio_roundings: int) -> float:
    """Relative error of the last of `length` weights: the anchor's, and one ratio and one product for each step."""
    return bounds.summation(2 + length * (ratio_roundings + 1))


def anchor_value(anchor: Anchor, k: int) -> tuple[float, int]:
    """(significand, exponent) of an outcome's weight, rounded once."""
    import flint

    bits = ANCHOR_BITS
    while bits <= LAST_ANCHOR_BITS:
        with flint.ctx.workprec(bits):
            value = anchor(k)
            if value.rel_accuracy_bits() >= 60:
                mantissa, exponent = value.mid().man_exp()
                fraction, shift = ratio_to_double(int(mantissa), 1)
                return fraction, shift + int(exponent)
        bits *= 2
    raise AccuracyError(f"the weight of outcome {k} is not resolved at {LAST_ANCHOR_BITS} bits")


def ball(value: int | Fraction | float) -> Any:
    """An exact or floating parameter as a ball at the working precision; a float is the double that it is."""
    import flint

    if isinstance(value, float):
        return flint.arb(value)
    return flint.arb(flint.fmpq(value.numerator, value.denominator))


class RecurrentFamily(InfiniteFamily):
    """An infinite family on integers from `start` up, given by the ratio of successive weights.

    Subclasses define `start`, `_anchor`, `_ratios`, `ratio_roundings`, `_ratio_above`, `_ratio_below`, `_bulk` and, if
    exact weights are rational, `_exact_weights`.
    """

    __slots__ = ()
    #: The lowest outcome.
    start = 0
    #: Bound on the relative error of `_ratios`, in units of 2**-53.
    ratio_roundings = 4

    @property
    def low(self) -> Scalar | None:
        """The lowest outcome."""
        return self.start

    @property
    def high(self) -> Scalar | None:
        """None: there is no highest outcome."""
        return None

    def _anchor(self, k: int) -> Any:
        """P(X = k) as a ball at FLINT's working precision."""
        raise NotImplementedError

    def _ratios(self, k: FloatArray) -> FloatArray:
        """P(X = k + 1) / P(X = k)."""
        raise NotImplementedError

    def _ratio_above(self, k: int) -> float:
        """An upper bound on P(X = j + 1) / P(X = j) for all j >= k."""
        raise NotImplementedError

    def _ratio_below(self, k: int) -> float:
        """An upper bound on P(X = j - 1) / P(X = j) for all start < j <= k."""
        raise NotImplementedError

    def _bulk(self) -> tuple[float, float]:
        """(mean, standard deviation), to start the search for a window."""
        return float(self.mean()), self.std()

    def _exact_weights(self, low: int, high: int) -> Weights | None:
        """The exact weights of low, ..., high; None where they are not rational or too long."""
        return None

    @property
    def is_exact(self) -> bool:
        """Whether the weights are exact fractions."""
        return self._exact_weights(self.start, self.start) is not None

    @property
    def kind(self) -> str:
        """``"exact"`` or ``"float"``."""
        return "exact" if self.is_exact else "float"

    def _weights(self, low: int, high: int) -> Weights:
        """The weights of low, ..., high."""
        if high - low >= MOST_POINTS:
            raise SizeLimitError(
                f"a window of {high - low + 1:,} outcomes of {self._name()} is past the limit of {MOST_POINTS:,}; "
                "ask for single outcomes, or for a closed form"
            )
        exact = self._exact_weights(low, high)
        return exact if exact is not None else chain(self._anchor, self._ratios, self.ratio_roundings, low, high)

    def _window(self, low: int, high: int) -> Measure:
        """The outcomes low, ..., high, with a proven bound on the mass outside."""
        box = Lattice((low,), (1,), (high - low + 1,))
        missing = min(1.0, self._above(high) + self._below(low))
        return Measure(box, self._weights(low, high), missing)

    def _above(self, high: int) -> float:
        """An upper bound on P(X > high): a geometric series from P(X = high) on."""
        ratio = self._ratio_above(high)
        return 1.0 if ratio >= 1 else self._bound_at(high, ratio / (1 - ratio))

    def _below(self, low: int) -> float:
        """An upper bound on P(X < low), likewise."""
        if low <= self.start:
            return 0.0
        ratio = self._ratio_below(low)
        return 1.0 if ratio >= 1 else self._bound_at(low, ratio / (1 - ratio))

    def _bound_at(self, k: int, factor: float) -> float:
        """P(X = k) times a factor, rounded up."""
        significand, exponent = anchor_value(self._anchor, k)
        value = float(np.ldexp(significand * factor * bounds.PAD, max(exponent, -1070)))
        return max(value, bounds.SUBNORMAL)

    def _covering(self, tail: float) -> Measure:
        low, high = self._ends(tail)
        return self._window(low, high)

    def _ends(self, tail: float) -> tuple[int, int]:
        """Outcomes between which all but `tail` of the mass lies, for certain, and hardly further apart than needed."""
        mean, spread = self._bulk()
        if mean > 2.0**53:
            raise SizeLimitError(f"the mean {mean:.3g} of {self._name()} is too large for a window of its outcomes")
        reach = spread + 1
        high = _crossing(lambda k: self._above(k) <= tail / 2, max(int(mean), self.start), reach, 1)
        if self._below(int(mean)) == 0.0:
            return self.start, high
        low = _crossing(lambda k: k <= self.start or self._below(k) <= tail / 2, int(mean), reach, -1)
        return max(low, self.start), high

    def _up_to(self, x: Scalar) -> Measure | None:
        high = int(x // 1)
        return None if high < self.start else self._window(self.start, high)

    def _around(self, low: Scalar, high: Scalar) -> Measure | None:
        first, last = max(self.start, -int(-low // 1)), int(high // 1)
        return None if first > last else self._window(first, last)

    def _holding(self, x: Scalar, query: str) -> Measure:
        """A window in which P(X > x) or P(X <= x) is right to the tolerance: relative to its own first weights."""
        tolerance = current_settings().tolerance
        edge = int(x // 1)
        if query == "sf":
            first = edge + 1
            last = _crossing(lambda k: self._light_above(k, first, tolerance), max(first, int(self._bulk()[0])), 32, 1)
            window = self._window(first, last)
            return Measure(window.support, window.weights, max(window.missing, bounds.SUBNORMAL))
        last = edge
        first = self.start
        if self._ratio_below(last) < 1:
            first = _crossing(lambda k: k <= self.start or self._light_below(k, last, tolerance), last, 32, -1)
        return self._window(max(first, self.start), last)

    def _light_above(self, high: int, first: int, tolerance: float) -> bool:
        """Whether P(X > high) is within tolerance / 2 of the largest weight that a window from `first` holds."""
        ratio = self._ratio_above(high)
        if ratio >= 1:
            return False
        peak = min(max(first, int(self._bulk()[0])), high)
        return self._relative(high, peak) * ratio / (1 - ratio) <= tolerance / 2

    def _light_below(self, low: int, last: int, tolerance: float) -> bool:
        ratio = self._ratio_below(low)
        return ratio < 1 and self._relative(low, last) * ratio / (1 - ratio) <= tolerance / 2

    def _relative(self, k: int, reference: int) -> float:
        """P(X = k) / P(X = reference)."""
        a, b = anchor_value(self._anchor, k), anchor_value(self._anchor, reference)
        return float(np.ldexp(a[0] / b[0], max(min(a[1] - b[1], 1000), -1070)))


def _crossing(condition: Callable[[int], bool], start: int, reach: float, direction: int) -> int:
    """The first k from `start` on, in a direction, where a condition that then stays true begins to hold."""
    if condition(start):
        return start
    inside, step = start, max(int(reach), 1)
    outside = start + direction * step
    while not condition(outside):
        inside = outside
        step *= 2
        outside += direction * step
    while abs(outside - inside) > max(1, step // 64):
        middle = (outside + inside) // 2
        if condition(middle):
            outside = middle
        else:
            inside = middle
    return outside
