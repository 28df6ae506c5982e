"""Finite sums kept as their terms: asked, and not laid out, of any number of copies."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from functools import reduce
from typing import TypeVar, cast

import numpy as np

from distconv import bounds, convolution, summing
from distconv.coordinates import asked, many
from distconv.errors import AccuracyError
from distconv.laws.finite import Finite, zero
from distconv.laws.image import scaled
from distconv.laws.law import Law, Maker
from distconv.laws.long import Long
from distconv.laws.termwise import Placed, Termwise
from distconv.measure import Measure, lookup
from distconv.methods import singles
from distconv.methods.addends import FEW_TERMS, Terms
from distconv.numbers.balls import pair_of
from distconv.numbers.doubles import exactly, lifted, to_double
from distconv.planning import Origin, costs
from distconv.queries.boxes import prob_box
from distconv.queries.moments import cumulants_from_central
from distconv.queries.totals import Side
from distconv.settings import current_settings, under_own_settings
from distconv.support.outcomes import quotient, rational_gcd, whole
from distconv.support.sequence import Outcomes
from distconv.transforms import affine
from distconv.typing import (
    Answer,
    Asked,
    Corner,
    Key,
    Moment,
    Outcome,
    Place,
    Question,
    Scalar,
    Transform,
    Vector,
)
from distconv.weights.unify import are_numbers

#: Predicted seconds of the whole, and answers that take as long, from which a sum is kept until the whole is asked for.
WORTH_KEEPING, WORTH_ANSWERS = 0.5, 2
#: Copies, in all, from which on a characteristic function has a chance to fall off, so that single answers come
#: quickly; outcomes of the sum's lattice that a term may span, so that it is seen on a grid of frequencies.
FEWEST_COPIES, WIDEST = 32, 2**20
#: Outcomes of an interval that are summed where it is no difference of tails: seconds of work.
MOST_SUMMED = 2**17

T = TypeVar("T")


class Kept(Termwise, Long):
    """The sum of finite independent laws of numbers, kept as its terms.

    Args:
        summands: the laws that are added, with their copies; all of them laid out.
        shift: what is added to the sum.
        before: another such sum, of whose terms this one has all, too: a loop of additions is a chain.
    """

    __slots__ = ("before", "shift", "summands")

    summands: tuple[tuple[Law, int], ...]
    shift: Scalar
    before: Kept | None

    def __init__(self, summands: tuple[tuple[Law, int], ...], shift: Scalar = 0, before: Kept | None = None) -> None:
        self.describe(Origin("given", "a sum kept as its terms"), summands=summands, shift=shift, before=before)

    def anew(self) -> Maker:
        return Kept, (self.addends(), self.shift)

    def terms(self) -> tuple[tuple[Law, int], ...]:
        return (*self.addends(), (zero(1).shifted((self.shift,)), 1)) if self.shift else self.addends()

    def addends(self) -> tuple[tuple[Law, int], ...]:
        """The laws that are added, equal ones as copies of one; the shift is beside them."""
        found: tuple[tuple[Law, int], ...] | None = self.memory.get("terms")
        if found is None:
            chain: list[Kept] = [self]
            while chain[-1].before is not None and "terms" not in chain[-1].before.memory:
                chain.append(chain[-1].before)
            places: dict[tuple[Law, bool, float], int] = {}
            merged: list[tuple[Law, int]] = []
            last = chain[-1].before
            before = last.addends() if last is not None else ()
            for law, n in (*before, *(term for link in reversed(chain) for term in link.summands)):
                # Equal laws may be known with different errors, or one exactly.
                place = places.setdefault((law, law.is_exact, law.error), len(merged))
                if place == len(merged):
                    merged.append((law, n))
                else:
                    merged[place] = merged[place][0], merged[place][1] + n
            found = self.memory["terms"] = tuple(merged)
        return found

    def plus(self, summands: Sequence[tuple[Law, int]], shift: Scalar = 0) -> Kept:
        """The sum with more terms."""
        return Kept(tuple(summands), whole(self.shift + shift), self)

    def scaled(self, factor: Scalar) -> Kept:
        """The law of a multiple."""
        return Kept(tuple((scaled(law, factor), n) for law, n in self.addends()), whole(factor * self.shift))

    def shifted(self, by: Vector) -> Kept:
        """The law moved by a number."""
        return Kept((), whole(self.shift + by[0]), self)

    def key(self) -> Key:
        shift = self.shift
        cores: dict[Law, int] = {}
        for law, n in self.addends():
            shift += n * law.low
            core = law.shifted((-law.low,)) or law
            cores[core] = cores.get(core, 0) + n
        return ("kept", frozenset(cores.items())), 1, whole(shift)

    # What it is ---------------------------------------------------------------------------------------------------

    @property
    def is_exact(self) -> bool:
        """False: single questions are answered in floating point."""
        return False

    @property
    @under_own_settings
    def error(self) -> float:
        """A proven bound on the relative error of every weight: that of the terms' own weights, and the tolerance."""
        own = (bounds.repeated(law.error, n) for law, n in self.addends())
        return bounds.compose(*own, current_settings().tolerance)

    @property
    def low(self) -> Scalar:
        """The lowest outcome."""
        return self._ends()[0]

    @property
    def high(self) -> Scalar:
        """The highest outcome."""
        return self._ends()[1]

    def _ends(self) -> tuple[Scalar, Scalar]:
        found: tuple[Scalar, Scalar] | None = self.memory.get("ends")
        if found is None:
            low, high = self.shift, self.shift
            for law, n in self.addends():
                low, high = low + n * law.low, high + n * law.high
            found = self.memory["ends"] = whole(low), whole(high)
        return found

    def spacing(self) -> Scalar:
        found: Scalar | None = self.memory.get("spacing")
        if found is None:
            found = self.memory["spacing"] = reduce(rational_gcd, (law.spacing() for law, _ in self.addends()))
        return found

    def has_gaps(self) -> bool:
        return self._terms().has_gaps()

    @property
    def support(self) -> Outcomes:
        """The outcomes of positive probability; of sums that may have gaps, from the whole.

        Raises:
            SizeLimitError: that would pass ``settings.max_bytes``.
        """
        return lookup.support_of(self.measure) if self.has_gaps() else super().support

    # Questions ----------------------------------------------------------------------------------------------------

    def contains(self, outcome: Asked) -> bool:
        return bool(self.at(outcome, log=True) > -math.inf) if self.has_gaps() else super().contains(outcome)

    def at(self, x: Question, *, log: bool = False) -> Answer:
        is_quicker = self._is_quicker_whole(x, self.seconds_of_a_place)
        return Finite(self.measure).at(x, log=log) if is_quicker else super().at(x, log=log)

    def beside(self, x: Question, side: Side, *, log: bool = False) -> Answer:
        is_quicker = self._is_quicker_whole(x, self._seconds_of_one)
        return Finite(self.measure).beside(x, side, log=log) if is_quicker else super().beside(x, side, log=log)

    def _is_quicker_whole(self, x: Question, each: Callable[[], float]) -> bool:
        """Whether so many answers, of so many seconds each, are read from the whole sooner."""
        points = None if isinstance(x, tuple) else many(asked(x))
        return points is not None and self._seconds() < points.size * each()

    def ask(self, of: Callable[[Placed], T]) -> T:
        return of(Placed(self._terms(), self.low, self.spacing()))

    def _seconds_of_one(self) -> float:
        return seconds_of_one(law for law, _ in self.addends())

    def seconds_of_a_place(self) -> float:
        """The time of one of many places side by side: one tilt serves those within some standard deviations."""
        together = 2 * singles.REACH * float(self.std()) / float(self.spacing())
        return costs.ASKED_PLACE_SECONDS + self._seconds_of_one() / max(1.0, together)

    @under_own_settings
    def _seconds(self) -> float:
        """The predicted time of the whole, infinite where it does not fit."""
        found: float | None = self.memory.get("seconds")
        if found is None:
            found = self.memory["seconds"] = summing.seconds_of(self._measures()) if self.fits() else math.inf
        return found

    @under_own_settings
    def in_box(self, low: Corner, high: Corner) -> float:
        first, step = self.low, self.spacing()
        a = 0 if low is None or low[0] is None else max(0, math.ceil(quotient(low[0] - first, step)))
        b = self.shape[0] - 1
        if high is not None and high[0] is not None:
            b = min(b, math.floor(quotient(high[0] - first, step)))
        if a > b:
            return 0.0
        found = singles.between(self._terms(), a, b, current_settings().tolerance)
        if found is not None:
            return lifted(*pair_of(found))
        if b - a >= MOST_SUMMED:
            raise AccuracyError(
                f"P({low} <= X <= {high}) is no certified difference of two tails, and {b - a + 1:,} outcomes are too "
                "many to be summed one by one; ask for a wider interval, or for the tails: X.sf(x)"
            )
        window = self.around(first + step * a, first + step * b)
        return 0.0 if window is None else cast("float", prob_box(window, None, None))

    def mode(self) -> Outcome:
        return Finite(self.measure).mode()

    def cumulant(self, k: int) -> Moment:
        terms = self.addends()
        if len(terms) > FEW_TERMS and not any(law.is_exact for law, _ in terms):
            return Fraction(self.low if k == 1 else 0) + self.spacing() ** k * self._on_lattice(k)
        own = (n * exactly(law.cumulant(k)) for law, n in terms)
        return sum(own, start=Fraction(self.shift if k == 1 else 0))

    def _on_lattice(self, k: int) -> Fraction:
        """The k-th cumulant in steps of the lattice, the mean from the lowest outcome on: of all terms side by side."""
        lattice = self._terms()
        mean, *central = lattice.central_moments(k)
        value = (lattice.counts * cumulants_from_central([1, 0, *central], mean)[k]).sum()
        leading = float(value)
        return Fraction(leading) + Fraction(float(value - np.longdouble(leading)))

    def told(self, value: Moment) -> Moment:
        return value if all(law.is_exact for law, _ in self.addends()) else to_double(value)

    def log_mgf(self, t: float) -> float:
        return float(self.shift) * t + sum(n * law.log_mgf(t) for law, n in self.addends())

    def pgf(self, z: Place) -> Transform:
        """The product of the terms' own."""
        return math.prod((law.pgf(z) ** n for law, n in self.addends()), start=z**self.shift)

    @under_own_settings
    def held_whole(self) -> Law:
        """The sum laid out.

        Raises:
            SizeLimitError: it would pass ``settings.max_bytes``.
        """
        terms = self._measures()
        found, plan = convolution.power(*terms[0]) if len(terms) == 1 else summing.total(terms, None, int)
        return Finite(affine.shifted(found, (self.shift,)), plan)

    def _materialise(self) -> Measure:
        return self.held_whole().measure

    def _measures(self) -> list[tuple[Measure, int]]:
        """The terms laid out, with their copies."""
        return [(law.measure, n) for law, n in self.addends()]

    def _terms(self) -> Terms:
        """The terms on the lattice of the integers."""
        found: Terms | None = self.memory.get("lattice")
        if found is None:
            found = self.memory["lattice"] = Terms.of(self._measures(), self.spacing())
        return found


def is_keepable(summands: Sequence[tuple[Law, int]]) -> bool:
    """Whether a sum can be kept as terms, and asked: many finite laws of numbers, none wide, or with letters or losses.

    Of few terms nothing is quicker than to lay their sum out.
    """
    laws = [law for law, _ in summands]
    if not all(law.is_finite and law.ndim == 1 and not law.missing for law in laws):
        return False
    parts = [law.repeated() for law in laws]
    if sum(n * m for (_, n), (_, m) in zip(summands, parts, strict=True)) < FEWEST_COPIES:
        return False
    step = reduce(rational_gcd, (part.spacing() for part, _ in parts))
    widest = max(quotient(part.high - part.low, step) if step else 0 for part, _ in parts)
    return widest <= WIDEST and all(are_numbers(part.measure.weights) for part, _ in parts)


def seconds_of_one(laws: Iterable[Law]) -> float:
    """The predicted time of one answer of a sum of these laws, from their points."""
    return costs.ASKED_START_SECONDS + costs.ASKED_POINT_SECONDS * sum(law.measure.support.size for law in laws)


def is_long(summands: Sequence[tuple[Law, int]]) -> bool:
    """Whether a sum that can be kept takes so long that it is laid out only where the whole is asked for."""
    if not summands or not is_keepable(summands):
        return False
    least = max(WORTH_KEEPING, WORTH_ANSWERS * seconds_of_one(law for law, _ in summands))
    return summing.seconds_of([(law.measure, n) for law, n in summands]) > least


def is_kept(law: Law) -> bool:
    """Whether a law is a sum that is kept as its terms: its images are such sums, too."""
    return type(law) is Kept


def kept(summands: Sequence[tuple[Law, int]]) -> Law:
    """The sum of so many copies of each law, kept as its terms; constants among them are its shift."""
    shift: Scalar = 0
    terms: list[tuple[Law, int]] = []
    longest: Kept | None = None
    for law, n in summands:
        own, copies = law.repeated()
        if type(own) is Kept and n * copies == 1 and longest is None:
            longest = own
        elif type(own) is Kept:
            terms += [(inner, n * copies * m) for inner, m in own.addends()]
            shift += n * copies * own.shift
        elif own.shape == (1,):
            shift += n * copies * own.low
        else:
            terms.append((own, n * copies))
    return Kept(tuple(terms), whole(shift)) if longest is None else longest.plus(terms, shift)
