"""Sums of many copies of a finite law of vectors, kept as that law: asked at points, boxes and coordinates."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import TYPE_CHECKING

import numpy as np

from distconv import bounds, convolution, missing, planning
from distconv.coordinates import asked
from distconv.errors import AccuracyError, DimensionError, SizeLimitError
from distconv.laws import rules
from distconv.laws.finite import Finite, zero
from distconv.laws.image import shifted
from distconv.laws.kept import WORTH_KEEPING, is_keepable, is_kept, kept
from distconv.laws.law import Described, Law, Maker
from distconv.measure import Measure
from distconv.measure.terms import remember_terms
from distconv.numbers.balls import pair_of
from distconv.numbers.doubles import lifted, log_of_pair, to_double
from distconv.planning import How, Origin
from distconv.queries import probabilities, sampling
from distconv.queries.boxes import ends_of, ranks_in
from distconv.queries.generating import double_weights
from distconv.queries.moments import MeasureMoments
from distconv.queries.totals import Side
from distconv.settings import current_settings, under_own_settings
from distconv.support import Lattice
from distconv.support.lattice import power_box
from distconv.support.outcomes import as_outcome, dimension_name, quotient, read_vector, whole
from distconv.transforms import affine, comparison, images
from distconv.typing import (
    Answer,
    AnyArray,
    Asked,
    Corner,
    Drawn,
    Key,
    Kind,
    Moment,
    Question,
    RandomState,
    Scalar,
    Vector,
)

if TYPE_CHECKING:
    from distconv.methods.drop import Step

#: Cells of a sum below which it is laid out at once, whatever is predicted.
FEW_CELLS = 2**16
#: So many single points take about as long as a second of the whole: 5 ms each.
POINTS_A_SECOND = 200


def copied(law: Law, n: int) -> Law:
    """The sum of n >= 2 copies of a finite law: laid out where that is cheap, or needs letters; else kept."""
    if is_kept(law):
        return kept([(law, n)])
    measure = law.measure
    box = power_box(measure.box, n)
    if box.size > FEW_CELLS and not planning.Outline.of(measure).system and _is_long(_plan(measure, n)):
        if box.ndim == 1 and is_keepable([(law, n)]):
            return kept([(law, n)])
        made = Copied(law, n, (0,) * box.ndim)
        if box.ndim > 1 and made.step is not None:
            return made
    try:
        return _laid_out(measure, n)
    except SizeLimitError:
        if not is_keepable([(law, n)]):
            raise
        return kept([(law, n)])


def _is_long(plan: planning.Plan | None) -> bool:
    """Whether the whole does not fit, or takes so long in doubles that it is laid out only where it is asked for."""
    match plan:
        case None:
            return True
        case planning.Plan(kind="float", seconds=seconds):
            return seconds > WORTH_KEEPING
        case _:
            return False


def _plan(measure: Measure, n: int) -> planning.Plan | None:
    """The plan of the whole; None where it does not fit."""
    try:
        return convolution.plan_power(measure, n)
    except SizeLimitError:
        return None


def _laid_out(measure: Measure, n: int) -> Finite:
    """The whole sum."""
    total, plan = convolution.power(measure, n)
    remember_terms(total, [(measure, n)])
    return Finite(total, plan)


class Copied(Described):
    """n independent copies of a finite law of vectors and a constant, added up when the whole is asked for.

    Args:
        term: the law.
        copies: how many.
        offset: the constant vector.
    """

    __slots__ = ("copies", "offset", "term")

    term: Law
    copies: int
    offset: Vector

    def __init__(self, term: Law, copies: int, offset: Vector) -> None:
        self.describe(_story(copies), term=term, copies=copies, offset=offset)

    def anew(self) -> Maker:
        return Copied, (self.term, self.copies, self.offset)

    @under_own_settings
    def _materialise(self) -> Measure:
        try:
            found = _laid_out(self.term.measure, self.copies).measure
        except SizeLimitError as error:
            raise SizeLimitError(
                f"{str(error).partition(';')[0]}; ask for points, boxes and coordinates, which take no cells: "
                f"X.pmf(x), X.prob_box(low, high), X.marginal(0)"
            ) from None
        return affine.shifted(found, self.offset) if any(self.offset) else found

    def held_whole(self) -> Law:
        return Finite(self.measure, self.first_plan())

    def first_plan(self) -> How:
        return self.origin

    # What it is ---------------------------------------------------------------------------------------------------

    @property
    def step(self) -> Step | None:
        """What methods ask of the term; None where its lattice is too large."""
        if "step" not in self.memory:
            self.memory["step"] = _methods().Step.of(self.term.measure)
        found: Step | None = self.memory["step"]
        return found

    def box(self) -> Lattice:
        """The lattice of the outcomes."""
        found = power_box(self.term.measure.box, self.copies)
        origin = tuple(whole(o + by) for o, by in zip(found.origin, self.offset, strict=True))
        return Lattice(origin, found.step, found.shape)

    @property
    def ndim(self) -> int:
        return self.term.ndim

    @property
    def shape(self) -> tuple[int, ...]:
        return self.box().shape

    @property
    def kind(self) -> Kind:
        """``"float"``: an exact sum that is no longer would have been laid out."""
        return "float"

    @property
    def is_exact(self) -> bool:
        return False

    @property
    @under_own_settings
    def error(self) -> float:
        return bounds.compose(bounds.repeated(self.term.error, self.copies), current_settings().tolerance)

    @property
    def missing(self) -> float:
        return self.lost

    @property
    def lost(self) -> float:
        return missing.repeated(self.term.lost, self.copies)

    def terms(self) -> tuple[tuple[Law, int], ...]:
        constant = () if not any(self.offset) else ((zero(self.ndim).shifted(self.offset), 1),)
        return ((self.term, self.copies), *constant)

    def has_gaps(self) -> bool:
        return not self.is_laid_out()

    def is_laid_out(self) -> bool:
        """False: what is asked at one place is answered alike, whether the whole has been asked for or not."""
        return False

    def __eq__(self, other: object) -> bool:
        """Whether both are the same copies, or have the same outcomes with the same weights."""
        if not isinstance(other, Law):
            return NotImplemented
        if self.key() == other.key():
            return True
        if not other.is_finite or other.ndim != self.ndim or other.is_exact or other.shape != self.shape:
            return False
        try:
            return comparison.equal(self.measure, other.measure)
        except SizeLimitError:
            return False

    def __hash__(self) -> int:
        return hash(self.box())

    def key(self) -> Key:
        return ("copies", self.term, self.copies, self.offset), 1, 0

    # Probabilities ------------------------------------------------------------------------------------------------

    def at(self, x: Question, *, log: bool = False) -> Answer:
        x = asked(x, self.ndim)
        if isinstance(x, tuple):
            return self._at_one(read_vector(x, self.ndim, "x"), log=log)
        points = np.asarray(x, dtype=object) if isinstance(x, list) else np.asarray(x)
        if points.ndim == 0 or points.shape[-1] != self.ndim:
            raise DimensionError(
                f"x must be {dimension_name(self.ndim)} (a tuple) or an array of shape (..., {self.ndim}), got {x!r}"
            )
        if self._is_quicker_whole(points.size // self.ndim):
            return (probabilities.logpmf if log else probabilities.pmf)(self.measure, x)
        rows = [read_vector(tuple(point), self.ndim, "x") for point in points.reshape(-1, self.ndim).tolist()]
        return np.array([self._at_one(row, log=log) for row in rows]).reshape(points.shape[:-1])

    def _is_quicker_whole(self, points: int) -> bool:
        """Whether so many points are read from the whole sooner than asked one by one."""
        plan = _plan(self.term.measure, self.copies)
        return plan is not None and points > POINTS_A_SECOND * plan.seconds

    def _at_one(self, vector: Vector, *, log: bool) -> float:
        """P(X = x), or its log."""
        pair = self._pair(vector, vector)
        return log_of_pair(*pair) if log else lifted(*pair)

    def in_box(self, low: Corner, high: Corner) -> float:
        """P(low <= X <= high)."""
        return min(1.0, lifted(*self._pair(low, high)))

    @under_own_settings
    def _pair(self, low: Corner, high: Corner) -> tuple[float, int]:
        """The probability of a box as a double with an exponent of its own."""
        box_chance = _methods()
        cells = self._cells(low, high)
        step, n = self.step, self.copies
        assert step is not None
        try:
            kept = None if cells is None else step.kept(n, *cells)
        except ValueError:
            return self._by_the_whole(low, high)
        if kept is None or (kept[0] == kept[1] and not step.reached(n, kept[0])):
            return 0.0, 0
        first, last = np.array(kept[0]), np.array(kept[1])
        if kept[0] == kept[1] and not step.is_dense:
            # One point is a box in any coordinates: those in which it takes the fewest nodes.
            first = last = np.array(step.straight(n, kept[0]))
            step = self._straightened(step)
            kept = first.tolist(), last.tolist()
            if any(not 0 <= c <= n * (m - 1) for c, m in zip(kept[0], step.own_shape, strict=True)):
                return 0.0, 0
        try:
            return pair_of(box_chance.chance(step, n, first, last, current_settings().tolerance))
        except AccuracyError as reason:
            if box_chance.is_outside(step, n, *kept):
                return 0.0, 0
            try:
                return self._by_the_whole(low, high)
            except SizeLimitError:
                raise AccuracyError(
                    f"{reason}; ask for a larger box, or the law of a coordinate, X.marginal(0)"
                ) from None

    def _straightened(self, step: Step) -> Step:
        """The step in coordinates of its lattice."""
        if "straight" not in self.memory:
            self.memory["straight"] = step.straightened()
        found: Step = self.memory["straight"]
        return found

    def _by_the_whole(self, low: Corner, high: Corner) -> tuple[float, int]:
        """The same from the whole law: of places between others that are far likelier."""
        weights = self.measure.weights.as_floating().take(ranks_in(self.measure, low, high))
        fractions, exponents = weights.pairs()
        if not fractions.any():
            return 0.0, 0
        top = int(exponents[fractions > 0].max())
        lowered = np.maximum(exponents - top, -1100).astype(np.int32)
        return math.fsum(np.ldexp(fractions, lowered).tolist()), top

    def _cells(self, low: Corner, high: Corner) -> tuple[list[int], list[int]] | None:
        """The cells of the sum in a box; None where there are none."""
        first, last = [], []
        box = self.box()
        lows, highs = ends_of(low, self.ndim), ends_of(high, self.ndim)
        for a, b, origin, step, count in zip(lows, highs, box.origin, box.step, box.shape, strict=True):
            start = 0 if a is None else max(0, math.ceil(quotient(a - origin, step)))
            end = count - 1 if b is None else min(count - 1, math.floor(quotient(b - origin, step)))
            if start > end:
                return None
            first.append(start)
            last.append(end)
        return first, last

    def contains(self, outcome: Asked) -> bool:
        return bool(self.at(outcome, log=True) > -math.inf)

    def beside(self, x: Question, side: Side, *, log: bool = False) -> Answer:
        # Refused, as of any law of vectors: the whole is not needed to say so.
        return probabilities.certain(_point(self.ndim), x, side, log=log)

    # Moments, draws -----------------------------------------------------------------------------------------------

    @property
    def moments(self) -> MeasureMoments:
        return CopiedMoments(_point(self.ndim), self.term, self.copies, self.offset)

    def rvs(self, size: int | tuple[int, ...] | None, rng: RandomState) -> Drawn:
        """Random outcomes: how often each outcome of the term is drawn, and where that leads."""
        if self.lost > missing.NEGLIGIBLE:
            return super().rvs(size, rng)
        counts = sampling.shape_of(size)
        measure = self.term.measure
        weights = double_weights(measure)
        drawn = np.random.default_rng(rng).multinomial(self.copies, weights / weights.sum(), counts)
        vectors = [measure.support.vector(rank) for rank in range(len(weights))]
        places = np.array([[to_double(v) for v in vector] for vector in vectors])
        if all(isinstance(v, int) for vector in (*vectors, self.offset) for v in vector):
            places = places.astype(np.int64)
        found = drawn @ places + np.array(list(self.offset), dtype=places.dtype)
        return as_outcome(tuple(found.tolist())) if size is None else found

    # Laws made of it ----------------------------------------------------------------------------------------------

    def scaled(self, factor: Scalar) -> Law:
        offset = tuple(whole(factor * v) for v in self.offset)
        return Copied(Finite(affine.scaled(self.term.measure, factor)), self.copies, offset)

    def shifted(self, by: Vector) -> Law:
        return Copied(self.term, self.copies, tuple(whole(v + d) for v, d in zip(self.offset, by, strict=True)))

    def marginal(self, axes: Sequence[int]) -> Law:
        """The sum of copies of the term's coordinates."""
        found = copied(Finite(images.marginal(self.term.measure, list(axes))), self.copies)
        by = tuple(self.offset[axis] for axis in axes)
        return shifted(found, by)


@dataclass(frozen=True, slots=True, eq=False)
class CopiedMoments(MeasureMoments):
    """The moments of copies from those of one; others, of one coordinate, are refused as ever."""

    term: Law
    copies: int
    offset: Vector

    def mean(self) -> Moment:
        """n means, and the constant."""
        return self.copies * np.asarray(self.term.mean()) + np.array(
            self.offset, dtype=object if self._exact else float
        )

    @property
    def _exact(self) -> bool:
        return self.term.is_exact

    def var(self) -> Moment:
        """n variances."""
        return self.copies * np.asarray(self.term.var())

    def std(self) -> AnyArray:
        """The root of n, times the standard deviations."""
        return math.sqrt(self.copies) * np.asarray(self.term.std())

    def cov(self) -> Moment:
        """n covariance matrices."""
        return self.copies * np.asarray(self.term.cov())


def _methods() -> ModuleType:
    """The methods that answer, loaded when they are first asked."""
    from distconv.methods import box_chance

    return box_chance


def _story(copies: int) -> Origin:
    return Origin("copies", f"{copies:,} copies, kept as their term; laid out where the whole is asked for")


def _point(ndim: int) -> Measure:
    """Of which only the dimension counts, in refusals of what is asked of one coordinate."""
    return zero(ndim).measure


@rules.rule("copies", Copied)
def _copies_of_copies(x: Copied, n: int) -> Law:
    """n copies of copies."""
    return Copied(x.term, n * x.copies, tuple(whole(n * v) for v in x.offset))


@rules.rule("add", Copied, Copied)
def _more_copies(x: Copied, y: Copied) -> Law | None:
    """Copies of one law, added up."""
    if x.term != y.term:
        return None
    offset = tuple(whole(a + b) for a, b in zip(x.offset, y.offset, strict=True))
    return Copied(x.term, x.copies + y.copies, offset)


@rules.rule("add", Copied, Finite)
def _one_more(x: Copied, y: Finite) -> Law | None:
    """One more copy, or a constant."""
    if x.ndim != y.ndim:
        return None
    if y.measure.support.size == 1 and not y.missing:
        return x.shifted(y.measure.box.origin)
    return Copied(x.term, x.copies + 1, x.offset) if x.term == y else None
