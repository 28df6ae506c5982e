"""Weights from a ratio: w(k+1) / w(k) is simple for most families, and exact values at every 256th k stop the errors.

Between anchors, which FLINT's ball arithmetic gives to more than a double's precision, weights are running products of
ratios, each rounded a few times: 256 steps lose at most `chain_error`, however long the range and however small the
weights (significands and exponents are multiplied apart). Anchors stand at fixed outcomes, so a weight has the same
digits in whichever window it is computed.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from distconv import bounds
from distconv.errors import AccuracyError, SizeLimitError
from distconv.families.family import InfiniteFamily
from distconv.families.formulaic import LAID_OUT, FiniteFormulaic, Formulaic, check_window
from distconv.families.parameters import is_exact, to_double
from distconv.laws.unbounded import MOST_POINTS
from distconv.measure import Measure
from distconv.numbers.balls import pair_of, resolved_pair
from distconv.queries.totals import Side
from distconv.settings import current_settings, under_own_settings
from distconv.support import Lattice
from distconv.support.sequence import Outcomes
from distconv.typing import FloatArray, Scalar
from distconv.weights import Floating, Rational, Weights
from distconv.weights.floating import normal_form

if TYPE_CHECKING:
    import flint

#: Steps between anchors.
BLOCK = 256
#: Bits to which anchors are computed first, and at most.
ANCHOR_BITS = 96
LAST_ANCHOR_BITS = 1 << 16
#: Ratios outside 2**-900 ... 2**900 may have lost digits on the way to a double: every weight is an anchor then.
EXTREME = 900
#: Offsets from which doubles are no longer all integers, with room for the next few.
LAST_EXACT_OFFSET = 2**52
#: Exponents of weights are kept well inside int64.
LEAST_EXPONENT = -(2**60)
#: Distance from the mean past which no window is sought.
LAST_REACH = 2**62
#: Most bits of an exact weight of an infinite family: reducing a `Fraction` of them takes a tenth of a second.
WEIGHT_BITS = 1 << 18
#: Floating laws whose exact weights have at most so many bits in all are computed exactly and rounded once.
ROUNDED_BITS = 200_000
#: How many bits a window's missing mass and rounding may lie below the tolerance: nothing of it shows in an answer.
WINDOW_SHARE = 1 / 1024
#: Standard deviations that a window misses hardly anything in.
WINDOW_SPREADS = 32

#: The weight of one outcome as a ball.
Anchor: TypeAlias = "Callable[[int], flint.arb]"
#: The ratios w(start + i + 1) / w(start + i) for an array of offsets i.
Ratio = Callable[[FloatArray], FloatArray]


def chain(anchor: Anchor, ratio: Ratio, ratio_roundings: int, start: int, low: int, high: int) -> Floating:
    """The weights of low, ..., high of a family that starts at `start`.

    `ratio_roundings` bounds the relative error of one ratio in units of 2**-53.
    """
    if high - start > LAST_EXACT_OFFSET:
        return _anchors_only(anchor, low, high)
    skipped = (low - start) % BLOCK
    first = low - skipped
    count = high - first + 1
    blocks = -(-count // BLOCK)
    offsets = float(first - start) + np.arange(blocks * BLOCK, dtype=np.float64)
    steps = np.ones(blocks * BLOCK)
    # The ratio from the last outcome on may be 0 or undefined.
    steps[: count - 1] = ratio(offsets[: count - 1])
    fractions, shifts = np.frexp(steps)
    usable = bool(np.isfinite(steps).all()) and bool((fractions > 0).all()) and int(np.abs(shifts).max()) < EXTREME
    if not usable:
        return _anchors_only(anchor, low, high)
    fractions, shifts = fractions.reshape(blocks, BLOCK), shifts.reshape(blocks, BLOCK)
    anchors = [anchor_value(anchor, first + BLOCK * i) for i in range(blocks)]
    significands = np.ones((blocks, BLOCK))
    exponents = np.zeros((blocks, BLOCK), dtype=np.int64)
    significands[:, 1:] = np.cumprod(fractions[:, :-1], axis=1)
    exponents[:, 1:] = np.cumsum(shifts[:, :-1], axis=1, dtype=np.int64)
    significands *= np.array([s for s, _ in anchors])[:, None]
    exponents += np.array([e for _, e in anchors], dtype=np.int64)[:, None]
    error = chain_error(min(count, BLOCK), ratio_roundings)
    return normal_form(significands.ravel()[skipped:count], exponents.ravel()[skipped:count], error)


def chain_error(length: int, ratio_roundings: int) -> float:
    """Relative error of the last of `length` weights: the anchor's, and one ratio and one product for each step."""
    return bounds.summation(2 + length * (ratio_roundings + 1))


def _anchors_only(anchor: Anchor, low: int, high: int) -> Floating:
    """The weights of low, ..., high, each an anchor."""
    pairs = [anchor_value(anchor, k) for k in range(low, high + 1)]
    return floating_pairs(pairs)


def floating_pairs(pairs: list[tuple[float, int]]) -> Floating:
    """Weights from (significand, exponent), each rounded once from a ball of `balls.RESOLVED_BITS`."""
    significands = np.array([s for s, _ in pairs], dtype=np.float64)
    exponents = np.array([e for _, e in pairs], dtype=np.int64)
    return normal_form(significands, exponents, bounds.summation(2))


def anchor_value(anchor: Anchor, k: int) -> tuple[float, int]:
    """(significand, exponent) of an outcome's weight, rounded once."""
    what = f"the weight of outcome {k}"
    return _kept(resolved_pair(lambda: anchor(k), what, start=ANCHOR_BITS, last=LAST_ANCHOR_BITS))


def kept_pair(number: flint.arb) -> tuple[float, int]:
    """(significand, exponent) of the midpoint of a ball that is a weight."""
    return _kept(pair_of(number))


def _kept(pair: tuple[float, int]) -> tuple[float, int]:
    if pair[1] < LEAST_EXPONENT:
        raise AccuracyError(f"a weight is below 2**{LEAST_EXPONENT}, the least that is kept")
    return pair


def beyond(ratio: float) -> float:
    """An upper bound on a ratio that a few roundings have touched."""
    return ratio * bounds.PAD


class FiniteRecurrence(FiniteFormulaic):
    """A finite family on consecutive integers: exact weights while they are short, else by the ratio of neighbours.

    Subclasses define `span`, `_bits`, `_exact`, `curve`, `mode`, `cumulant`, `_ratios` and `ratio_roundings`.
    """

    __slots__ = ()
    #: Bound on the relative error of `_ratios`, in units of 2**-53.
    ratio_roundings = 4

    def _bits(self) -> int:
        """A bound on the bits of the numerators of the exact weights."""
        raise NotImplementedError

    def _exact(self) -> Rational:
        """The exact weights; of a float parameter, for the double that it is."""
        raise NotImplementedError

    def _ratios(self, offset: FloatArray) -> FloatArray:
        """P(X = low + offset + 1) / P(X = low + offset)."""
        raise NotImplementedError

    @property
    @under_own_settings
    def is_exact(self) -> bool:
        """Whether the weights are exact fractions: of exact parameters, within ``settings.exact_limit``."""
        bits, limits = self.shape[0] * self._bits(), current_settings()
        return is_exact(*self.values()) and bits <= limits.exact_limit and bits // 8 <= limits.max_bytes

    @property
    def error(self) -> float:
        """A proven bound on the relative error of every weight; 0.0 for exact ones."""
        return self.measure.weights.error if self.is_laid_out() else chain_error(BLOCK, self.ratio_roundings)

    def is_laid_out(self) -> bool:
        return super().is_laid_out() or self.is_exact

    def _materialise(self) -> Measure:
        count = self.shape[0]
        if self.is_exact:
            return Measure(self.box(), self._exact())
        if count * self._bits() <= ROUNDED_BITS:
            return Measure(self.box(), self._exact().as_floating())
        self.check_length()
        return Measure(self.box(), chain(self._anchor, self._ratios, self.ratio_roundings, self.low, *self.span()))

    @under_own_settings
    def window(self, low: int, high: int) -> Measure:
        check_window(high - low + 1, self.name())
        weights = chain(self._anchor, self._ratios, self.ratio_roundings, self.low, low, high)
        return Measure(Lattice((low,), (1,), (high - low + 1,)), weights)


class RecurrentFamily(Formulaic, InfiniteFamily):
    """An infinite family on integers from `start` up (or without an end), given by the ratio of successive weights.

    Subclasses define `start`, `curve`, `mode`, `cumulant`, `_ratios`, `ratio_roundings`, `_ratio_above`,
    `_ratio_below` and, if weights may be rational, `_weight_bits` and `_exact_weights`.
    """

    __slots__ = ()
    #: The lowest outcome; None where there is none.
    start: int | None = 0
    #: Bound on the relative error of `_ratios`, in units of 2**-53.
    ratio_roundings = 4

    @property
    def low(self) -> Scalar | None:
        """The lowest outcome; None where there is none."""
        return self.start

    @property
    def high(self) -> Scalar | None:
        """None: there is no highest outcome."""
        return None

    def listed(self, low: Scalar, high: Scalar) -> Outcomes:
        """The outcomes between two: every integer."""
        count = int(high - low) + 1
        return Outcomes(Lattice((low,), (1,), (count,)), range(count))

    def _ratios(self, offset: FloatArray) -> FloatArray:
        """P(X = start + offset + 1) / P(X = start + offset)."""
        raise NotImplementedError

    def _ratio_above(self, k: int) -> float:
        """An upper bound on P(X = j + 1) / P(X = j) for all j >= k."""
        raise NotImplementedError

    def _ratio_below(self, k: int) -> float:
        """An upper bound on P(X = j - 1) / P(X = j) for all start < j <= k."""
        raise NotImplementedError

    def is_narrow(self) -> bool:
        return bool(self.std() <= LAID_OUT / WINDOW_SPREADS)

    def _bulk(self) -> tuple[float, float]:
        """(mean, standard deviation), to start the search for a window."""
        return to_double(self.mean()), self.std()

    def _weight_bits(self, k: int) -> int | None:
        """The bits that the exact weight of k takes at most; None where it is not rational."""
        return None

    def _exact_weights(self, low: int, high: int) -> Rational:
        """The exact weights of low, ..., high, where they are rational."""
        raise NotImplementedError

    @under_own_settings
    def _is_short(self, low: int, high: int) -> bool:
        """Whether the weights of low, ..., high are rational and within the limits of exact ones."""
        bits = self._weight_bits(high)
        return (
            bits is not None
            and bits <= WEIGHT_BITS
            and bits * (high - low + 1) <= current_settings().exact_limit
            and high - low < MOST_POINTS
        )

    @property
    def is_exact(self) -> bool:
        """Whether the weights are exact fractions; those that would be too long are floating all the same."""
        return self.start is not None and self._is_short(self.start, self.start)

    @property
    def error(self) -> float:
        """A proven bound on the relative error of every weight, wherever it lies; 0.0 for exact laws.

        Weights of an exact law that would be too long as fractions come as doubles, right to 1e-12.
        """
        return 0.0 if self.is_exact else chain_error(BLOCK, self.ratio_roundings)

    def _weights(self, low: int, high: int) -> Weights:
        """The weights of low, ..., high."""
        check_window(high - low + 1, self.name())
        return self._exact_weights(low, high) if self._is_short(low, high) else self._floating_weights(low, high)

    def _floating_weights(self, low: int, high: int) -> Floating:
        """The floating weights of low, ..., high."""
        assert self.start is not None
        return chain(self._anchor, self._ratios, self.ratio_roundings, self.start, low, high)

    def exact_head(self, x: Scalar) -> Fraction | None:
        high = int(x // 1)
        if self.start is None or not self._is_short(self.start, high):
            return None
        weights = self._exact_weights(self.start, high)
        return Fraction(int(weights.numerators(1)), weights.denominator)

    @under_own_settings
    def window(self, low: int, high: int) -> Measure:
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
        if self._is_start(low):
            return 0.0
        ratio = self._ratio_below(low)
        return 1.0 if ratio >= 1 else self._bound_at(low, ratio / (1 - ratio))

    def _is_start(self, k: int) -> bool:
        """Whether there is no outcome below k."""
        return self.start is not None and k <= self.start

    def _bound_at(self, k: int, factor: float) -> float:
        """P(X = k) times a factor, rounded up."""
        significand, exponent = anchor_value(self._anchor, k)
        value = float(np.ldexp(significand * factor * bounds.PAD, max(exponent, -1070)))
        return max(value, bounds.SUBNORMAL)

    def covering(self, tail: float) -> Measure:
        return self.window(*self._ends(tail))

    def _ends(self, tail: float) -> tuple[int, int]:
        """Outcomes between which all but `tail` of the mass lies, for certain, and hardly further apart than needed."""
        mean, spread = self._bulk()
        if not abs(mean) < 2.0**53:
            raise SizeLimitError(f"the mean {mean:.3g} of {self.name()} is too large for a window of its outcomes")
        reach, middle = spread + 1, self._inside(int(mean))
        high = _crossing(lambda k: self._above(k) <= tail / 2, middle, reach, 1)
        low = _crossing(lambda k: self._is_start(k) or self._below(k) <= tail / 2, middle, reach, -1)
        return self._inside(low), high

    def _inside(self, k: int) -> int:
        """The outcome nearest to k."""
        return k if self.start is None else max(k, self.start)

    def up_to(self, x: Scalar) -> Measure | None:
        assert self.start is not None
        high = int(x // 1)
        return None if high < self.start else self.window(self.start, high)

    def around(self, low: Scalar, high: Scalar) -> Measure | None:
        first, last = self._inside(-int(-low // 1)), int(high // 1)
        return None if first > last else self.window(first, last)

    def _is_surely_below(self, x: Scalar) -> bool:
        return False

    @under_own_settings
    def holding(self, x: Scalar, side: Side) -> Measure:
        """A window in which P(X > x) or P(X <= x) is right to the tolerance: relative to its own first weights."""
        share = current_settings().tolerance * WINDOW_SHARE
        edge, middle = int(x // 1), self._inside(int(self._bulk()[0]))
        if side == "sf":
            first = self._inside(edge + 1)
            last = _crossing(lambda k: self._light_above(k, first, share), max(first, middle), 32, 1)
        else:
            last = edge
            first = _crossing(
                lambda k: self._is_start(k) or self._light_below(k, last, share), min(last, middle), 32, -1
            )
            first = self._inside(first)
            if last > middle:
                last = min(last, _crossing(lambda k: self._light_above(k, first, share), middle, 32, 1))
        window = self.window(first, last)
        # Some mass is always outside, however little a double tells of it.
        return Measure(window.support, window.weights, max(window.missing, bounds.SUBNORMAL))

    def _light_above(self, high: int, first: int, share: float) -> bool:
        """Whether P(X > high) is within that share of the weight that a window from `first` holds."""
        ratio = self._ratio_above(high)
        if ratio >= 1:
            return False
        peak = min(max(first, int(self._bulk()[0])), high)
        return self._relative(high, peak) * ratio / (1 - ratio) <= share

    def _light_below(self, low: int, last: int, share: float) -> bool:
        """Whether P(X < low) is within that share of the weight that a window up to `last` holds."""
        ratio = self._ratio_below(low)
        if ratio >= 1:
            return False
        peak = max(min(last, int(self._bulk()[0])), low)
        return self._relative(low, peak) * ratio / (1 - ratio) <= share

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
        if step > LAST_REACH:
            raise SizeLimitError(
                f"a window of the outcomes from about {start} on, {step:.1e} long or more, is too large; "
                "ask for single outcomes"
            )
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
