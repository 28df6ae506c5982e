"""Families whose formula answers: weights, sums of weights, quantiles and random outcomes, however large the law is."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from distconv import bounds
from distconv.errors import SizeLimitError
from distconv.families.family import FiniteFamily, flat
from distconv.families.parameters import answer
from distconv.families.quantiles import edge_of, first_reaching
from distconv.families.sums import Curve, head, tail
from distconv.laws.asked import Asked
from distconv.laws.law import Law
from distconv.laws.long import Long
from distconv.laws.unbounded import MOST_POINTS
from distconv.measure import Measure
from distconv.numbers.balls import exact_middle, is_narrow, precision, resolved_pair
from distconv.numbers.doubles import log_of_pair
from distconv.planning import costs
from distconv.queries.sampling import drawn_type, shape_of
from distconv.queries.totals import Side
from distconv.settings import current_settings
from distconv.support import Lattice
from distconv.typing import AnyArray, Key, Moment, Outcome, RandomState, Scalar, Vector
from distconv.weights.rational import from_fractions

if TYPE_CHECKING:
    import flint

#: Outcomes up to which a law is laid out once instead of being asked by formula: some 10 milliseconds.
LAID_OUT = 1 << 16
#: Bits of the balls that sums are made of, beyond those of the numbers in their logarithms, and at most.
SUM_BITS, LAST_SUM_BITS = 88, 1 << 16
#: The same of weights that are told to so many bits: their logarithms lose the bits of the numbers in them.
FINE_BITS, TOLD_BITS = 320, 241
#: Bits of all these weights together, at most: as fractions of one denominator the small ones are long.
MOST_FINE_BITS = 2**26
#: Roundings of such a sum as a double, with room for its last bits.
SUM_ROUNDINGS = 4
#: Levels above which quantiles of narrow laws are looked up in their window, which misses far less.
LEAST_LEVEL = Fraction(1, 10**6)
#: Exponents below this give 0 as a double, also after rounding up.
LEAST_DOUBLE = -1100


class Formulaic(Asked):
    """A law on consecutive integers given by a formula.

    Subclasses define `low`, `high`, `curve` (or `side`), `window`, `mode` and `cumulant`.
    """

    __slots__ = ()

    #: The parameters, which `Family` gives.
    _values: Callable[[], tuple[Any, ...]]

    def curve(self) -> Curve:
        """The weights as a function of a real outcome, at FLINT's working precision."""
        raise NotImplementedError

    def _anchor(self, k: int) -> flint.arb:
        """P(X = k) as a ball at FLINT's working precision."""
        return self.curve().mass(k)

    def finely(self, low: Scalar, high: Scalar) -> Measure | None:
        first, last = math.ceil(low), math.floor(high)
        with precision(FINE_BITS + 4 * (last + self._size()).bit_length()):
            least = min(float(self._anchor(k).log()) for k in (first, last))
            if (last - first + 1) * (FINE_BITS - least / math.log(2)) > MOST_FINE_BITS:
                return None
            balls = [self._anchor(k) for k in range(first, last + 1)]
            if not all(is_narrow(ball, TOLD_BITS) for ball in balls):
                return None
            weights = from_fractions(list(map(exact_middle, balls)))
        return Measure(Lattice((first,), (1,), (last - first + 1,)), weights)

    def window(self, low: int, high: int) -> Measure:
        """The weights of low, ..., high, outcomes of the law."""
        raise NotImplementedError

    def mode(self) -> int:
        """The outcome of the largest weight, the lowest of several."""
        raise NotImplementedError

    def _size(self) -> int:
        """About the largest number of whose logarithm or gamma function the weights are made."""
        return int(min(self.cumulant(1), 2**900))

    def side(self, k: int, side: Side) -> tuple[float, int]:
        """(significand, exponent) of P(X <= k) or P(X > k), rounded once."""
        mode, width = self.mode(), self.std()

        def value() -> flint.arb:
            return (head if side == "cdf" else tail)(self.curve(), k, mode, width)

        bits = SUM_BITS + (abs(k) + self._size()).bit_length()
        return resolved_pair(value, f"{side}({k})", start=bits, last=max(LAST_SUM_BITS, 8 * bits))

    def held(self, x: Scalar, side: Side, *, log: bool = False) -> float:
        significand, exponent = self.side(int(x // 1), side)
        if log:
            return min(0.0, log_of_pair(significand, exponent))
        return min(1.0, math.ldexp(significand, max(exponent, LEAST_DOUBLE)))

    def sum_error(self) -> float:
        if self.is_laid_out():
            return super().sum_error()
        # Rounded once, and once more where it is taken from 1.
        return bounds.summation(SUM_ROUNDINGS)

    def is_far_side(self, x: Scalar, side: Side) -> bool:
        return False

    def told(self, value: Moment) -> Moment:
        return answer(cast("Fraction", value), *flat(self.values()))

    def spacing(self) -> Scalar:
        return 1

    def quantile(self, q: Fraction, side: Side, rounded: bool) -> Outcome:
        if self.is_laid_out():
            return super().quantile(q, side, rounded)
        last = self._last(q, side)
        if last is not None:
            return last
        if self.is_narrow() and LEAST_LEVEL < q < 1 - LEAST_LEVEL:
            return super().quantile(q, side, rounded)
        return self.reaching(edge_of(float(q), side) if rounded and not self.is_exact else q, side)

    def reaching(self, level: Fraction, side: Side) -> int:
        """The first outcome x with P(X <= x) >= level ("cdf") or P(X > x) <= level ("sf"), 0 < level < 1."""
        return first_reaching(self, level, side)

    def is_narrow(self) -> bool:
        """Whether a measure of hardly all outcomes is soon laid out, for random outcomes and quantiles in the bulk."""
        return self.is_laid_out()

    def rvs(self, size: int | tuple[int, ...] | None, rng: RandomState) -> Outcome | AnyArray:
        """Random outcomes: of long laws by numpy's generators, or by quantiles of uniforms."""
        if self.is_narrow():
            found: Outcome | AnyArray = super().rvs(size, rng)
            return found
        counts = shape_of(size)
        generator = np.random.default_rng(rng)
        drawn = self._drawn(generator, counts)
        if drawn is None:
            drawn = self._inverted(generator, counts)
        return int(drawn[()]) if size is None else drawn

    def _drawn(self, generator: np.random.Generator, counts: tuple[int, ...]) -> AnyArray | None:
        """Random outcomes by a generator of numpy's for this family; None where its range is too small."""
        return None

    def _inverted(self, generator: np.random.Generator, counts: tuple[int, ...]) -> AnyArray:
        """Random outcomes as quantiles of uniform numbers, each the middle of a cell of width 2**-64."""
        words = generator.integers(0, 2**64, size=math.prod(counts), dtype=np.uint64)
        values = [self.quantile(Fraction(2 * int(word) + 1, 2**65), "cdf", False) for word in words]
        return np.array(values, dtype=drawn_type(values)).reshape(counts)


class FiniteFormulaic(Formulaic, Long, FiniteFamily):
    """A finite law given by a formula: small ones and exact ones are laid out, long ones are asked."""

    __slots__ = ()

    def span(self) -> tuple[int, int]:
        """The lowest and the highest outcome of positive probability."""
        raise NotImplementedError

    def is_laid_out(self) -> bool:
        low, high = self.span()
        return high - low < LAID_OUT

    def scaled(self, factor: Scalar) -> Law | None:
        return super().scaled(factor) if self.is_laid_out() else None

    def shifted(self, by: Vector) -> Law | None:
        return super().shifted(by) if self.is_laid_out() else None

    def key(self) -> Key:
        return (self.family, *self.values()), 1, 0

    @property
    def low(self) -> int:
        """The lowest outcome."""
        return self.span()[0]

    @property
    def high(self) -> int:
        """The highest outcome."""
        return self.span()[1]

    @property
    def shape(self) -> tuple[int, ...]:
        """(the number of outcomes,)."""
        low, high = self.span()
        return (high - low + 1,)

    def around(self, low: Scalar, high: Scalar) -> Measure | None:
        first, last = max(self.low, -int(-low // 1)), min(self.high, int(high // 1))
        return None if first > last else self.window(first, last)


def check_window(count: int, name: str) -> None:
    """Refuses a window of so many outcomes of a law.

    Raises:
        SizeLimitError: it is past `MOST_POINTS`, or takes more than ``settings.max_bytes``.
    """
    size = count * costs.FAMILY_POINT_BYTES
    if count > MOST_POINTS or size > current_settings().max_bytes:
        raise SizeLimitError(
            f"a window of {count:,} outcomes of {name} ({size / 2**30:.3g} GiB) is past the limit of {MOST_POINTS:,} "
            "or of settings.max_bytes; ask for single outcomes, or for a closed form"
        )
