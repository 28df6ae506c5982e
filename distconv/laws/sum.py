"""Sums of independent laws, at least one of them infinite, that have no closed form."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any, Self

import numpy as np

from distconv import bounds, convolution, missing, planning
from distconv.errors import AccuracyError, SizeLimitError
from distconv.laws import chernoff, joining, merging
from distconv.laws.chernoff import MARGIN, MOST_WINDOWS, WINDOW_TAIL, some
from distconv.laws.finite import Finite
from distconv.laws.image import scaled
from distconv.laws.kept import is_long, kept
from distconv.laws.law import Law, Maker
from distconv.laws.unbounded import LEAST_TAIL, NEAR_DEVIATIONS, SAFETY, Unbounded
from distconv.measure import Measure
from distconv.measure.arranging import positive_cells
from distconv.numbers.doubles import exactly, to_double
from distconv.planning import Origin, costs
from distconv.queries import probabilities
from distconv.queries.totals import OTHER_SIDE, Side
from distconv.settings import Settings, current_settings, in_force, under_own_settings
from distconv.support.outcomes import quotient, rational_gcd, whole
from distconv.transforms import affine
from distconv.typing import Key, Moment, Place, Scalar, Transform

#: Copies of terms up to which the sum of their windows is hardly longer than a window of the sum.
FEW_COPIES = 8
#: Standard deviations, about, that the default window of a law takes with an exponential tail.
BULK_DEVIATIONS = 40.0
#: How many times longer than windows of the bulk those from the low end may be, for they miss nothing: up to some 10**6
#: points of laws that lie close about a distant mean.
COMPLETE_WIDTHS = 64
#: How much farther each of the places is for which Chernoff's bound is asked, and by what power of it each of the tails
#: is smaller that windows may miss: few enough to keep the windows, near enough to ask hardly more than is needed.
STRIDE, RUNGS = 1.05, 1.25
#: Bytes for each outcome of a cut term that a refusal proposes: what it takes, and several times as much in its sum.
SHORT_ROOM = 2**14


class Sum(Unbounded):
    """The sum of independent laws, at least one of them infinite, for which there is no closed form."""

    __slots__ = ("summands",)

    summands: tuple[tuple[Law, int], ...]

    def __init__(self, summands: tuple[tuple[Law, int], ...]) -> None:
        self.describe(Origin("given", "a sum with infinitely many outcomes, kept as its terms"), summands=summands)

    def anew(self) -> Maker:
        return type(self), (self.summands,)

    def terms(self) -> tuple[tuple[Law, int], ...]:
        """The laws that are added, with their copies."""
        return self.summands

    def scaled(self, factor: Scalar) -> Self:
        """The sum of the scaled terms."""
        return type(self)(tuple((scaled(law, factor), n) for law, n in self.summands))

    def key(self) -> Key:
        shift: Scalar = 0
        asked: dict[Any, int] = {}
        finite: list[tuple[Law, int]] = []
        for law, n in self.summands:
            if is_asked(law):
                core, scale, place = law.key()
                asked[core, scale] = asked.get((core, scale), 0) + n
                shift += n * place
            else:
                finite.append((law, n))
        # However the finite terms were written, and under whichever settings: they have one sum.
        with in_force(Settings()):
            rest, place = _rest(finite)
        return ("sum", frozenset(asked.items()), rest), 1, whole(shift + place)

    @property
    def is_exact(self) -> bool:
        """Whether every weight is a finite sum of exact fractions: exact terms, and an end on one side."""
        return all(law.is_exact for law, _ in self.summands) and not (self.low is None and self.high is None)

    @property
    @under_own_settings
    def error(self) -> float:
        """A proven bound on the relative error of every weight that `pmf` gives, from whatever window."""
        if self.is_exact:
            return 0.0
        parts = self._parts()
        products = sum(n.bit_length() + n.bit_count() - 1 for _, n in parts) - 1
        own = bounds.compose(
            bounds.repeated(current_settings().tolerance, products), current_settings().tolerance * SAFETY
        )
        return bounds.compose(*(bounds.repeated(law.error, n) for law, n in parts), own)

    @under_own_settings
    def _parts(self) -> list[tuple[Law, int]]:
        """The laws of which windows are made: the terms, those that are one law merged."""
        found: list[tuple[Law, int]] | None = self.memory.get("parts")
        if found is None:
            found = self.memory["parts"] = merging.merged(self.summands)
        return found

    @property
    def lost(self) -> float:
        """What is missing for good from any of the terms."""
        return missing.joined(*(missing.repeated(law.lost, n) for law, n in self.summands))

    def spacing(self) -> Scalar:
        steps: Scalar = 0
        for law, _ in self.summands:
            steps = rational_gcd(steps, law.spacing())
        return steps

    def period(self) -> Scalar:
        period: Scalar = 0
        for law, _ in self.summands:
            if not law.is_finite:
                period = rational_gcd(period, law.period())
        return period

    def _least(self, window: Measure, low: Scalar, high: Scalar) -> float:
        """As in `Unbounded`; 0 where the window has a zero that is not a true one."""
        period = self.period()
        # In the long run the outcomes are periodic, and the window must hold one for every one of its residues.
        step = window.box.step[0]
        cells = max(int(quotient(period, step)), 1)
        held = positive_cells(window)
        first = math.ceil(quotient(low - window.box.origin[0], step))
        last = math.floor(quotient(high - window.box.origin[0], step))
        inside = held[(held >= first) & (held <= last)]
        expected = np.isin(np.arange(first, last + 1) % cells, np.unique(held % cells)).sum()
        return super()._least(window, low, high) if len(inside) == expected else 0.0

    @property
    def low(self) -> Scalar | None:
        """The lowest outcome; None where there is none."""
        return self._added([law.low for law, _ in self.summands])

    @property
    def high(self) -> Scalar | None:
        """The highest outcome; None where there is none."""
        return self._added([law.high for law, _ in self.summands])

    def _added(self, ends: list[Scalar | None]) -> Scalar | None:
        """The sum of the terms' ends; None where one has none."""
        known = [place for place in ends if place is not None]
        if len(known) < len(ends):
            return None
        return whole(sum((n * place for (_, n), place in zip(self.summands, known, strict=True)), start=Fraction(0)))

    def covering(self, tail: float) -> Measure:
        result = self.window(tail, lambda law, share: law.covering(share))
        # Without an end every weight is an infinite sum, of which a window holds a part.
        return result if self.is_exact else convolution.as_floating(result)

    def in_doubles(self, tail: float) -> Measure:
        return self.window(tail, lambda law, share: law.in_doubles(share), convolution.as_floating)

    @under_own_settings
    def window(
        self, tail: float, of: Callable[[Law, float], Measure], kind: Callable[[Measure], Measure] = lambda m: m
    ) -> Measure:
        """A window that misses at most `tail`, made of windows of the parts; `kind` makes measures what is wanted."""
        if self.low is None and self.high is not None:
            return affine.reflected(self._mirror().window(tail, of, kind))
        copies = sum(n for _, n in self._parts())
        edge = self._edge(tail / 4) if copies > FEW_COPIES and self.low is not None else None
        share = tail / 2 / copies * (1 - 2.0**-20)
        windows = [(kind(m), n) for m, n in self._windows(lambda law: of(law, share))]
        if edge is None:
            return joining.total(windows, None, tail / 4)
        found = joining.total(windows, max(edge - _lowest(windows), 0), tail / 4)
        return replace(found, missing=found.missing + tail / 4)

    def _edge(self, tail: float) -> Scalar | None:
        """An outcome beyond which at most `tail` is left; None where no bound tells one."""
        try:
            return chernoff.upper_end(self, math.log(tail))
        except AccuracyError:
            return None

    @under_own_settings
    def _windows(self, window: Callable[[Law], Measure | None]) -> list[tuple[Measure, int]]:
        """A window of every part of the sum, with the number of copies of it.

        Raises:
            SizeLimitError: they would pass ``settings.max_bytes``.
        """
        found: list[tuple[Measure, int]] = []
        cells = 0
        for law, n in self._parts():
            try:
                part = some(window(law)) if is_asked(law) else replace(law.measure, missing=0.0)
            except SizeLimitError as error:
                raise SizeLimitError(f"{str(error).partition(';')[0]}; {self._way_out()}") from None
            cells += part.support.size
            if cells * costs.DIRECT_BYTES > current_settings().max_bytes:
                planning.check_cells(cells, "the windows of the terms of this sum", self._way_out())
            found.append((part, n))
        return found

    def _way_out(self) -> str:
        """What to do about windows that are too large: terms so short that all of them fit, and so does their sum."""
        copies = sum(n for _, n in self.summands)
        cells = current_settings().max_bytes // (SHORT_ROOM * copies)
        low, high = (f"{end}={whole(sign * self.spacing() * cells)}" for end, sign in (("low", -1), ("high", 1)))
        ends = high if self.low is not None else low if self.high is not None else f"{low}, {high}"
        return f"ask for single outcomes nearer to the end, X.pmf(x), or cut the terms first: X.truncate({ends})"

    @under_own_settings
    def _mirror(self) -> Sum:
        """The law of minus this sum."""
        found: Sum | None = self.memory.get("mirror")
        if found is None:
            found = self.memory["mirror"] = self.scaled(-1)
        return found

    @under_own_settings
    def up_to(self, x: Scalar) -> Measure | None:
        room = x - self.low  # type: ignore[operator]
        if room < 0:
            return None
        held = self.memory.get("held")
        if held is None or held[0] < x:
            windows = self._windows(lambda law: law.up_to(whole(law.low + room)))
            held = self.memory["held"] = x, joining.total(windows, max(x - _lowest(windows), 0))
        found = held[1] if held[0] == x else joining.cut(held[1], max(x - held[1].box.origin[0], 0))
        return Measure(found.support, found.weights, 1.0)

    @under_own_settings
    def around(self, low: Scalar, high: Scalar) -> Measure | None:
        if self.low is None and self.high is not None:
            mirrored = self._mirror().around(-high, -low)
            return None if mirrored is None else affine.reflected(mirrored)
        end, found = self.low, None
        if end is not None and not self.is_exact and not self._is_short(float(high - end)):
            first = max(low, end)
            found = self._telling(lambda window: self._least(window, first, high), high)
        if found is None:
            return super().around(low, high)
        weights = found.weights.as_floating().off_by(current_settings().tolerance * SAFETY)
        return replace(found, weights=weights)

    @under_own_settings
    def holding(self, x: Scalar, side: Side) -> Measure:
        if self.low is None and self.high is not None:
            edge = whole(-x - Fraction(self.spacing()) / 2)
            return affine.reflected(self._mirror().holding(edge, OTHER_SIDE[side]))
        found = None
        if self.low is not None and (side == "sf" or self._is_far_up(x)):
            found = self._telling(lambda window: float(probabilities.beside(window, x, side)), x)
        return super().holding(x, side) if found is None else replace(found, missing=max(self.lost, bounds.SUBNORMAL))

    def _telling(self, told: Callable[[Measure], float], x: Scalar) -> Measure | None:
        """A window that misses next to nothing beside what it tells of outcomes about x, or above.

        Its terms' windows are as long as that takes, not as x is far. None where no double tells how little they miss.
        Which window it is depends on x alone, not on what was asked before, so that an answer is always the same.
        """
        share = current_settings().tolerance * SAFETY
        deviations = self._deviations(x)
        windows: dict[float, Measure] = self.memory.setdefault("told", {})
        try:
            if deviations <= NEAR_DEVIATIONS:
                window = self._searched(WINDOW_TAIL)
                if window.missing <= share * told(window):
                    return window
            if deviations < 0 and not self._is_far_up(x):
                return None
            tail = share * math.exp(self._log_tail_beyond(deviations) - MARGIN)
            for _ in range(MOST_WINDOWS):
                tail = _rung(tail)
                if tail < LEAST_TAIL:
                    break
                window = windows.get(tail) or self.in_doubles(tail)
                windows[tail] = window
                value = told(window)
                if window.missing <= share * value:
                    return window
                tail = share * value * math.exp(-MARGIN) if value else tail**2
        except (AccuracyError, SizeLimitError):
            pass
        return None

    def _log_tail_beyond(self, deviations: float) -> float:
        """Chernoff's bound at a place at least so far from the mean, above it or below, one of a few."""
        side, distance = math.copysign(1, deviations), abs(deviations)
        step = max(math.ceil(math.log(distance) / math.log(STRIDE)), 0) if distance > 1 else 0
        known: dict[tuple[float, int], float] = self.memory.setdefault("tails", {})
        if (side, step) not in known:
            place = whole(Fraction(side * float(self.mean()) + STRIDE**step * self.std()))
            known[side, step] = chernoff.log_tail(self if side > 0 else chernoff.Mirrored(self), place)
        return known[side, step]

    def _is_far_up(self, x: Scalar) -> bool:
        """Whether x lies so far above the low end that windows from there, which miss nothing, are too long."""
        return self.low is not None and not self._is_short(float(x - self.low) / COMPLETE_WIDTHS)

    def _is_short(self, room: float) -> bool:
        """Whether so long windows of all terms hold no more outcomes than those of the bulk."""
        try:
            # By Cauchy and Schwarz the terms' deviations add up to at most so much.
            return bool(math.sqrt(len(self._parts())) * room <= BULK_DEVIATIONS * self.std())
        except AccuracyError:
            return True

    def _deviations(self, x: Scalar) -> float:
        """How many standard deviations x lies above the mean; none where they are not known."""
        try:
            return float((x - self.mean()) / self.std())
        except AccuracyError:
            return 0.0

    def down_to(self, x: Scalar) -> Measure | None:
        mirrored = self._mirror().up_to(-x)
        return None if mirrored is None else affine.reflected(mirrored)

    def log_mgf(self, t: float) -> float:
        return sum(n * law.log_mgf(t) for law, n in self._parts())

    def cumulant(self, k: int) -> Moment:
        own = (law.cumulant(k) for law, _ in self.summands)
        return sum(n * exactly(value) for (_, n), value in zip(self.summands, own, strict=True))

    def told(self, value: Moment) -> Moment:
        return to_double(value) if any(isinstance(law.mean(), float) for law, _ in self.summands) else value

    def pgf(self, z: Place) -> Transform:
        """The product of the terms' own."""
        return math.prod(law.pgf(z) ** n for law, n in self.summands)


def _rest(finite: Sequence[tuple[Law, int]]) -> tuple[Any, Scalar]:
    """What the finite terms of a sum are known by, and where that begins: their sum where it is exact or kept."""
    if is_long(finite):
        core, _, place = kept(finite).key()
        return core, place
    if not finite or not all(law.is_exact for law, _ in finite):
        return frozenset(finite), 0
    measures = [convolution.power(law.measure, n)[0] for law, n in finite]
    total = measures[0]
    for measure in measures[1:]:
        total = convolution.convolve(total, measure)[0]
    low = total.box.origin[0]
    return Finite(affine.shifted(total, (-low,))), low


def is_asked(law: Law) -> bool:
    """Whether a term makes windows of itself, and is not laid out."""
    return not law.is_finite or not law.is_laid_out()


def _rung(tail: float) -> float:
    """The largest of a few tails that is not above this one."""
    if tail >= WINDOW_TAIL:
        return WINDOW_TAIL
    if tail < LEAST_TAIL:
        return 0.0
    depth = math.log(tail) / math.log(WINDOW_TAIL)
    return math.exp(math.log(WINDOW_TAIL) * RUNGS ** math.ceil(math.log(depth) / math.log(RUNGS) - 1e-9))


def _lowest(windows: list[tuple[Measure, int]]) -> Scalar:
    """The lowest outcome of the sum of so many copies of each window."""
    return whole(sum(n * Fraction(window.box.origin[0]) for window, n in windows))
