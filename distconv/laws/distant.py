"""Sums of infinite laws and of more finite ones than can be laid out: asked of windows of the infinite ones."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeVar

from distconv import bounds, convolution
from distconv.errors import AccuracyError
from distconv.laws import rules
from distconv.laws.chernoff import Mirrored, Tilted, log_tail
from distconv.laws.kept import is_long
from distconv.laws.law import Law
from distconv.laws.sum import Sum, is_asked
from distconv.laws.termwise import Placed, Termwise
from distconv.measure import Measure
from distconv.measure.arranging import select
from distconv.methods.addends import Cut, Terms
from distconv.missing import NEGLIGIBLE
from distconv.planning import Origin
from distconv.queries.boxes import ranks_in
from distconv.settings import current_settings, under_own_settings
from distconv.support.outcomes import quotient, whole
from distconv.transforms import affine
from distconv.typing import LongArray, Scalar

#: Standard deviations that windows of the terms reach from the mean: one after the other, until they are deep enough.
REACHES = tuple(16 * 3**k for k in range(6))
#: Variance, in steps, of the shorter laws of which an infinitely divisible one is taken as the sum, at least. They may
#: not become lopsided, either: their tails stay as long.
LEAST_VARIANCE = 256
#: Outcomes of a window at most: a second of work.
MOST_OUTCOMES = 2**16
#: Relative error of weights that are told finely (`Law.finely`).
FINE_ERROR = 2.0**-240

T = TypeVar("T")


@dataclass(frozen=True, slots=True, eq=False)
class Piece:
    """One of the terms of a sum, in copies.

    Attributes:
        law: a finite law that is laid out, or the law X of which the term is scale * X, known by windows.
        scale: of the latter.
        copies: how many there are.
    """

    law: Law
    scale: Scalar
    copies: int

    @classmethod
    def of(cls, law: Law, n: int) -> Piece:
        """The term in the shortest copies that are known: an infinitely divisible law is many of its roots."""
        own, copies = law.repeated()
        if not is_asked(own):
            return cls(own, 1, n * copies)
        base, scale, _ = own.parts()
        cumulants = [float(base.cumulant(k)) / float(base.spacing()) ** k for k in (2, 3)]
        # The cube of a deviation over the third cumulant: of roots it stays above 1.
        evenness = cumulants[0] ** 3 / max(cumulants[1] ** 2, 1e-300)
        parts = 2 ** max(0, math.floor(math.log2(min(cumulants[0] / LEAST_VARIANCE, evenness))))
        root = rules.apply("root", base, parts) if parts > 1 else None
        return cls(base, scale, n * copies) if root is None else cls(root, scale, n * copies * parts)

    def window(self, reach: int) -> Window:
        """The term between so many standard deviations from its mean."""
        law = self.law
        if not is_asked(law):
            return Window(law.measure, self, law.error)
        step = law.spacing()
        room = math.ceil(reach * float(law.std()) / float(step)) + reach
        middle = math.floor(Fraction(law.mean()) / step)
        low, high = whole(step * (middle - room)), whole(step * (middle + room))
        low, high = low if law.low is None else max(low, law.low), high if law.high is None else min(high, law.high)
        if (high - low) / step > MOST_OUTCOMES:
            raise AccuracyError(
                f"the answer takes more than {MOST_OUTCOMES:,} outcomes of {law.name() or 'a term'} of this sum; "
                "ask nearer to the mean, or cut that term first: X.truncate(high=1000)"
            )
        fine = law.finely(low, high)
        if fine is not None:
            return Window(affine.scaled(fine, self.scale), self, FINE_ERROR)
        held = law.around(low, high)
        assert held is not None
        held = convolution.as_floating(select(held, ranks_in(held, (low,), (high,))))
        return Window(affine.scaled(held, self.scale), self, law.error)


@dataclass(frozen=True, slots=True, eq=False)
class Window:
    """A term as far as it is laid out.

    Attributes:
        measure: its outcomes between two.
        piece: the term.
        error: a bound on the relative error of each weight.
    """

    measure: Measure
    piece: Piece
    error: float

    @property
    def cut(self) -> tuple[bool, bool]:
        """Whether there are outcomes below, and above."""
        law, box = self.piece.law, self.measure.box
        ends = [None if end is None else self.piece.scale * end for end in (law.low, law.high)]
        low, high = ends if self.piece.scale > 0 else ends[::-1]
        return low is None or low < box.origin[0], high is None or high > box.high[0]

    def left_out(self, tilt: float, log_total: float) -> float:
        """A bound on the mass of all else of one copy under a tilt, over what is held, by Chernoff's inequality.

        Args:
            tilt: in nats, by outcomes.
            log_total: the log of the total of the tilted outcomes that are held.
        """
        if not any(self.cut):
            return 0.0
        piece, box = self.piece, self.measure.box
        ends = [whole(end / Fraction(piece.scale)) for end in (box.origin[0], box.high[0])]
        own, (low, high) = tilt * float(piece.scale), ends if piece.scale > 0 else ends[::-1]
        below, above = self.cut if piece.scale > 0 else self.cut[::-1]
        found = math.exp(log_tail(Tilted(piece.law, own, log_total), high)) if above else 0.0
        return found + (math.exp(log_tail(Tilted(Mirrored(piece.law), -own, log_total), -low)) if below else 0.0)


class Distant(Termwise, Sum):
    """The sum of infinite laws, and of more copies of finite ones than can be laid out: single questions only."""

    __slots__ = ()

    def __init__(self, summands: tuple[tuple[Law, int], ...]) -> None:
        self.describe(Origin("given", "a sum without end, kept as its terms: asked of windows"), summands=summands)

    @property
    def is_exact(self) -> bool:
        """False: single questions are answered in floating point."""
        return False

    @property
    @under_own_settings
    def error(self) -> float:
        """A proven bound on the relative error of every weight: that of the terms' own weights, and the tolerance."""
        own = (bounds.repeated(window.error, window.piece.copies) for window in self._windows_to(REACHES[0]))
        return bounds.compose(*own, current_settings().tolerance)

    def ask(self, of: Callable[[Placed], T]) -> T:
        for reach in REACHES[:-1]:
            # Refuses windows that are too long, which no longer ones are tried for.
            placed = self._placed(reach)
            with contextlib.suppress(AccuracyError):
                return of(placed)
        return of(self._placed(REACHES[-1]))

    def _windows_to(self, reach: int) -> list[Window]:
        """The windows of the terms that reach so many standard deviations from their means."""
        held: dict[int, list[Window]] = self.memory.setdefault("windows", {})
        if reach not in held:
            held[reach] = [Piece.of(law, n).window(reach) for law, n in self.summands]
        return held[reach]

    def _placed(self, reach: int) -> Placed:
        """The windows on the lattice of the integers."""
        held: dict[int, Placed] = self.memory.setdefault("placed", {})
        if reach not in held:
            windows, step = self._windows_to(reach), self.spacing()
            lows = [window.measure.box.origin[0] for window in windows]

            def left_out(tilt: float, totals: LongArray) -> float:
                rate = tilt / float(step)
                logs = (float(total) + rate * float(low) for total, low in zip(totals, lows, strict=True))
                total = sum(w.piece.copies * w.left_out(rate, log) for w, log in zip(windows, logs, strict=True))
                return math.expm1(total) if total < 1 else math.inf

            below, above = (any(sides) for sides in zip(*(window.cut for window in windows), strict=True))
            room = min(quotient(w.measure.box.high[0] - w.measure.box.origin[0], step) for w in windows if any(w.cut))
            cut = Cut(below, above, int(room), left_out)
            terms = Terms.of([(w.measure, w.piece.copies) for w in windows], step, cut)
            low = whole(sum(w.piece.copies * Fraction(place) for w, place in zip(windows, lows, strict=True)))
            held[reach] = Placed(terms, low, step)
        return held[reach]


def is_distant(summands: tuple[tuple[Law, int], ...]) -> bool:
    """Whether a sum has so many finite terms that they are not laid out: it is asked of windows of the others."""
    finite = [(law, n) for law, n in summands if not is_asked(law)]
    return all(law.lost <= NEGLIGIBLE for law, _ in summands) and is_long(finite)
