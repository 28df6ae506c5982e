"""The joint law of independent variables of which some have no list of outcomes: kept as its members.

What asks of single outcomes, of coordinates or of boxes is answered by the members, wherever it is. What needs a list
of outcomes (`prob`, `given`, `map`, a matrix, ...) takes the product of windows that miss less than 1e-18 each.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import reduce
from itertools import accumulate, groupby
from typing import TYPE_CHECKING, Any

import numpy as np

from distconv import bounds, construction, missing, planning
from distconv.coordinates import asked
from distconv.errors import DimensionError, DistconvTypeError
from distconv.laws import rules
from distconv.laws.finite import Finite
from distconv.laws.image import scaled, shifted
from distconv.laws.law import Described, Law, Maker
from distconv.measure import Measure
from distconv.planning import Origin, Outline
from distconv.queries.arrays import number_array
from distconv.queries.letters import read_values
from distconv.queries.moments import MeasureMoments
from distconv.settings import under_own_settings
from distconv.support.outcomes import as_outcome, read_vector
from distconv.support.sequence import Outcomes
from distconv.transforms import images
from distconv.typing import (
    Answer,
    AnyArray,
    Asked,
    Kind,
    Moment,
    Number,
    Outcome,
    Place,
    Question,
    RandomState,
    Scalar,
    ScalarLike,
    Transform,
    Vector,
)

if TYPE_CHECKING:
    import sympy


def joined(laws: Sequence[Law]) -> Law:
    """The joint law of independent variables: laid out where all can be, else kept apart."""
    members: list[Law] = [member for law in laws for member in law.members]
    if len(members) == 1:
        return members[0]
    if all(law.is_finite for law in laws):
        measures = [measure for law in laws if (measure := law.laid) is not None]
        if len(measures) == len(laws):
            return Finite(_product(measures))
    return Joint(tuple(members))


class Joint(Described):
    """The joint law of independent members, at least one of them without a list of outcomes."""

    __slots__ = ("_members",)

    _members: tuple[Law, ...]

    def __init__(self, members: tuple[Law, ...]) -> None:
        self.describe(Origin("joint", "independent members, each asked by itself"), _members=members)

    def anew(self) -> Maker:
        return Joint, (self._members,)

    @property
    def members(self) -> tuple[Law, ...]:
        """The laws of the independent parts of an outcome, one after the other."""
        return self._members

    @under_own_settings
    def _materialise(self) -> Measure:
        return _product([law.measure for law in self._members])

    # What it is ---------------------------------------------------------------------------------------------------

    @property
    def is_finite(self) -> bool:
        """Whether there are finitely many outcomes, though not listed: letters say how many."""
        return all(law.is_finite for law in self._members)

    @property
    def laid(self) -> None:
        """None: a member has no list of outcomes."""
        return None

    @property
    def is_by_formula(self) -> bool:
        return any(law.is_by_formula for law in self._members)

    def is_laid_out(self) -> bool:
        return not self.letters

    @property
    def letters(self) -> frozenset[sympy.Symbol]:
        return frozenset[Any]().union(*(law.letters for law in self._members))

    @property
    def assumptions(self) -> tuple[sympy.Basic, ...]:
        return tuple(sorted({c for law in self._members for c in law.assumptions}, key=str))

    def summary(self) -> str | None:
        """Its members and letters, where it has letters."""
        if not self.letters:
            return None
        names = ", ".join(law.name() or f"Distribution({len(law.support)} outcomes)" for law in self._members)
        return f"joint({names}): {self.ndim}-D, symbolic in {', '.join(sorted(map(str, self.letters)))}"

    def subs(self, values: Mapping[Any, ScalarLike]) -> Law:
        """The joint law of the members with values in place of their letters."""
        read = read_values(values, self.letters)
        inside = [{s: v for s, v in read.items() if s in law.letters} for law in self._members]
        return joined(
            [
                rules.apply("substitute", law, own) or law.subs(own) if own else law
                for law, own in zip(self._members, inside, strict=True)
            ]
        )

    @property
    def ndim(self) -> int:
        """The dimension of the outcomes: the members' added up."""
        return sum(law.ndim for law in self._members)

    @property
    def is_exact(self) -> bool:
        """Whether every probability is an exact fraction."""
        return all(law.is_exact for law in self._members)

    @property
    def kind(self) -> Kind:
        """``"exact"``, ``"symbolic"`` or ``"float"``: what the weights are."""
        if self.letters:
            return "symbolic"
        return "exact" if self.is_exact else "float"

    @property
    def error(self) -> float:
        """A proven bound on the relative error of every probability."""
        if self.is_exact:
            return 0.0
        return bounds.compose(*(bounds.compose(law.error, bounds.UNIT) for law in self._members))

    @property
    def lost(self) -> float:
        """What is missing for good from any of the members."""
        return missing.joined(*(law.lost for law in self._members))

    @property
    def low(self) -> Outcome | None:
        """The lowest outcome on every axis; None where an axis has none."""
        return _corner([law.low if law.ndim == 1 else law.measure.box.origin for law in self._members])

    @property
    def high(self) -> Outcome | None:
        """The highest outcome on every axis; None where an axis has none."""
        return _corner([law.high if law.ndim == 1 else law.measure.box.high for law in self._members])

    def __hash__(self) -> int:
        return hash(("joint", self._members))

    def __eq__(self, other: object) -> bool:
        """Whether both have the same members."""
        if not isinstance(other, Law):
            return NotImplemented
        return self is other or (not other.is_finite and self._members == other.members)

    # Probabilities ------------------------------------------------------------------------------------------------

    def at(self, x: Question, *, log: bool = False) -> Answer:
        if self.letters and isinstance(x, tuple) and len(x) == self.ndim:
            point: Any = x
            values = [law.at(as_outcome(point[first:last]), log=log) for law, first, last in self._places()]
            return reduce(operator.add if log else operator.mul, values)
        x = asked(x, self.ndim)
        if isinstance(x, tuple):
            vector: Any = read_vector(x, self.ndim, "x")
            parts: list[Any] = [law.at(as_outcome(vector[first:last]), log=log) for law, first, last in self._places()]
            return math.fsum(parts) if log else math.prod(parts)
        points = np.asarray(x, dtype=object) if isinstance(x, list) else np.asarray(x)
        if points.ndim == 0 or points.shape[-1] != self.ndim:
            raise DimensionError(f"x must be a {self.ndim}-tuple or an array of shape (..., {self.ndim}), got {x!r}")
        values = [self.at(tuple(point), log=log) for point in points.reshape(-1, self.ndim).tolist()]
        found = number_array(values, points.shape[:-1])
        return found[()] if found.ndim == 0 else found

    def _places(self) -> Iterator[tuple[Law, int, int]]:
        """Each member with its first axis and the one behind its last."""
        ends = list(accumulate((law.ndim for law in self._members), initial=0))
        return zip(self._members, ends, ends[1:], strict=False)

    def contains(self, outcome: Asked) -> bool:
        return bool(self.at(outcome, log=True) > -math.inf)

    @property
    def moments(self) -> MeasureMoments:
        # Of the measure only the dimension counts, in refusals of what is asked of one coordinate.
        return JointMoments(construction.exact_measure({(0,) * self.ndim: Fraction(1)}), self._members)

    def pgf(self, z: Place) -> Transform:
        """E z**X: the product of the members'."""
        if not isinstance(z, tuple) or len(z) != self.ndim:
            return super().pgf(z)
        parts = [law.pgf(z[first] if law.ndim == 1 else z[first:last]) for law, first, last in self._places()]
        return reduce(operator.mul, parts)

    def rvs(self, size: int | tuple[int, ...] | None, rng: RandomState) -> Outcome | AnyArray:
        """Random outcomes, drawn member by member."""
        generator = np.random.default_rng(rng)
        drawn: list[Any] = [law.rvs(size, generator) for law in self._members]
        if size is None:
            return tuple(v for x in drawn for v in (x if isinstance(x, tuple) else (x,)))
        columns = [x[..., None] if law.ndim == 1 else x for law, x in zip(self._members, drawn, strict=True)]
        return np.concatenate(columns, axis=-1)

    # Outcomes -----------------------------------------------------------------------------------------------------

    @property
    def support(self) -> Outcomes:
        """Refused: the outcomes have no end, and no order of which some come first."""
        raise _endless("support")

    def check_listed(self, what: str) -> None:
        """Refuses: there is no end of outcomes."""
        raise _endless("a list" if what == "len" else what)

    def entries(self) -> Iterator[tuple[Outcome, Number]]:
        raise _endless("a list")

    # Other laws ---------------------------------------------------------------------------------------------------

    def marginal(self, axes: Sequence[int]) -> Law | None:
        """Members are what they were, where their coordinates stay together."""
        owner = [(i, first) for i, (_, first, last) in enumerate(self._places()) for _ in range(first, last)]
        runs = [(key, list(run)) for key, run in groupby(axes, key=lambda axis: owner[axis])]
        if len({key for key, _ in runs}) < len(runs) or len(set(axes)) < len(axes):
            return None
        parts = []
        for (place, first), run in runs:
            law = self._members[place]
            parts.append(law if law.ndim == 1 else _marginal(law, [axis - first for axis in run]))
        return joined(parts)

    def shifted(self, by: Vector) -> Law:
        return self.each_member(lambda law, first, last: shifted(law, by[first:last]))

    def scaled(self, factor: Scalar) -> Law:
        return self.each_member(lambda law, _, __: scaled(law, factor))

    def each_member(self, of: Callable[[Law, int, int], Law]) -> Law:
        """The joint law of what members become."""
        return joined([of(law, first, last) for law, first, last in self._places()])


@dataclass(frozen=True, slots=True, eq=False)
class JointMoments(MeasureMoments):
    """The moments of a joint law from those of its members; others, of one coordinate, are refused as ever."""

    members: tuple[Law, ...]

    def mean(self) -> Moment:
        """The members' means, one after the other."""
        return self.listed([law.mean() for law in self.members])

    def var(self) -> Moment:
        """The members' variances, one after the other."""
        return self.listed([law.var() for law in self.members])

    def std(self) -> AnyArray:
        """The members' standard deviations, one after the other."""
        return self.listed([law.std() for law in self.members])

    def cov(self) -> Moment:
        """The members' covariance matrices, with zeros between them."""
        ends = list(accumulate((law.ndim for law in self.members), initial=0))
        size = ends[-1]
        values: list[Any] = [Fraction(0)] * (size * size)
        for law, first in zip(self.members, ends, strict=False):
            own: Any = law.cov()
            for i in range(law.ndim):
                for j in range(law.ndim):
                    values[(first + i) * size + first + j] = own[i, j]
        return number_array(values, (size, size))

    def listed(self, parts: list[Any]) -> AnyArray:
        values = [v for part in parts for v in (part if isinstance(part, np.ndarray) else [part])]
        return number_array(values, (len(values),))


def _product(measures: Sequence[Measure]) -> Measure:
    """The joint measure of independent ones."""
    for i in range(1, len(measures)):
        planning.check_product(Outline.of(measures[i - 1]), Outline.of(measures[i]))
    return reduce(images.product, measures)


def _marginal(law: Law, axes: Sequence[int]) -> Law:
    """Some coordinates of a member, which is laid out."""
    return Finite(images.marginal(law.measure, list(axes)))


def _corner(ends: list[Any]) -> Outcome | None:
    """The members' ends as one outcome; None where one is missing."""
    if any(end is None for end in ends):
        return None
    return tuple(v for end in ends for v in (end if isinstance(end, tuple) else (end,)))


def _endless(what: str) -> DistconvTypeError:
    return DistconvTypeError(
        f"{what} of a joint law with infinitely many outcomes has no end; ask for one, X.pmf(x), for a coordinate, "
        "X.marginal(0), or cut it first: X.truncate(low, high)"
    )
