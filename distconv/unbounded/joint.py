"""The joint law of independent variables of which some have infinitely many outcomes: kept as its members.

What asks of single outcomes, of coordinates or of boxes is answered by the members, wherever it is. What needs a list
of outcomes (`prob`, `given`, `map`, a matrix, ...) takes the product of windows that miss less than 1e-18 each.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import reduce
from itertools import accumulate, groupby
from typing import Any

import numpy as np

from distconv import bounds, construction, convolution, missing, planning
from distconv.coordinates import asked
from distconv.distribution import Distribution
from distconv.docstrings import drawn_by
from distconv.errors import DimensionError, DistconvTypeError
from distconv.measure import Measure, reading
from distconv.planning import Origin, Outline
from distconv.queries import sampling
from distconv.queries.arrays import number_array
from distconv.queries.moments import MeasureMoments
from distconv.settings import under_own_settings
from distconv.support.outcomes import as_outcome, read_vector
from distconv.support.sequence import Outcomes
from distconv.transforms import images, monoidal
from distconv.typing import AnyArray, Kind, Moment, Number, Outcome, OutcomeLike, RandomState, Scalar, Vector
from distconv.unbounded.ends import box_of, highest, lost_of, lowest, measures_of
from distconv.value import write


def joined(laws: Sequence[Distribution]) -> Distribution:
    """The joint law of independent variables: laid out where all are finite, else kept as its members."""
    members: list[Distribution] = [member for law in laws for member in law.members]
    if len(members) == 1:
        return members[0]
    if all(law.is_finite for law in laws):
        return Distribution._of(_product(measures_of(laws)))
    return Joint(tuple(members))


class Joint(Distribution):
    """The joint law of independent members, at least one of them infinite."""

    __slots__ = ("_members",)

    _members: tuple[Distribution, ...]

    def __init__(self, members: tuple[Distribution, ...]) -> None:
        self._set(None, Origin("joint", "independent members, each asked by itself"))
        write(self, "_members", members)

    def _anew_by(self) -> Any:
        return Joint, (self._members,)

    @property
    def members(self) -> tuple[Distribution, ...]:
        """The laws of the independent parts of an outcome, one after the other."""
        return self._members

    @under_own_settings
    def _materialise(self) -> Measure:
        return _product(measures_of(self._members))

    # What it is ---------------------------------------------------------------------------------------------------

    @property
    def is_finite(self) -> bool:
        """False: there are infinitely many outcomes."""
        return False

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
        """``"exact"`` or ``"float"``: what the weights are."""
        return "exact" if self.is_exact else "float"

    @property
    def error(self) -> float:
        """A proven bound on the relative error of every probability."""
        if self.is_exact:
            return 0.0
        return bounds.compose(*(bounds.compose(law.error, bounds.UNIT) for law in self._members))

    @property
    def _lost(self) -> float:
        """What is missing for good from any of the members."""
        return missing.joined(*(lost_of(law) for law in self._members))

    @property
    def low(self) -> Outcome | None:
        """The lowest outcome on every axis; None where an axis has none."""
        return _corner([lowest(law) if law.ndim == 1 else box_of(law).origin for law in self._members])

    @property
    def high(self) -> Outcome | None:
        """The highest outcome on every axis; None where an axis has none."""
        return _corner([highest(law) if law.ndim == 1 else box_of(law).high for law in self._members])

    def __hash__(self) -> int:
        return hash(("joint", self._members))

    def _same_infinite(self, other: Distribution) -> bool:
        return not other.is_finite and self._members == other.members

    # Probabilities ------------------------------------------------------------------------------------------------

    def _at(self, x: Any, *, log: bool = False) -> Any:
        x = asked(x, self.ndim)
        if isinstance(x, tuple):
            vector: Any = read_vector(x, self.ndim, "x")
            parts: list[Any] = [
                (law.logpmf if log else law.pmf)(as_outcome(vector[first:last])) for law, first, last in self._places()
            ]
            return math.fsum(parts) if log else math.prod(parts)
        points = np.asarray(x, dtype=object) if isinstance(x, list) else np.asarray(x)
        if points.ndim == 0 or points.shape[-1] != self.ndim:
            raise DimensionError(f"x must be a {self.ndim}-tuple or an array of shape (..., {self.ndim}), got {x!r}")
        values = [self._at(tuple(point), log=log) for point in points.reshape(-1, self.ndim).tolist()]
        found = number_array(values, points.shape[:-1])
        return found[()] if found.ndim == 0 else found

    def _places(self) -> Iterator[tuple[Distribution, int, int]]:
        """Each member with its first axis and the one behind its last."""
        ends = list(accumulate((law.ndim for law in self._members), initial=0))
        return zip(self._members, ends, ends[1:], strict=False)

    def __contains__(self, outcome: Any) -> bool:
        return bool(self.logpmf(outcome) > -math.inf)

    @property
    def _moments(self) -> MeasureMoments:
        # Of the measure only the dimension counts, in refusals of what is asked of one coordinate.
        return JointMoments(construction.exact_measure({(0,) * self.ndim: Fraction(1)}), self._members)

    @drawn_by(sampling.draw)
    def rvs(self, size: int | tuple[int, ...] | None = None, rng: RandomState = None) -> Outcome | AnyArray:
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

    def to_dict(self) -> dict[Outcome, Any]:
        """Refused: there is no end of outcomes."""
        raise _endless("to_dict()")

    def to_arrays(self) -> tuple[AnyArray, AnyArray]:
        """Refused: there is no end of outcomes."""
        raise _endless("to_arrays()")

    def __iter__(self) -> Iterator[tuple[Outcome, Number]]:
        raise _endless("a list")

    # Other laws ---------------------------------------------------------------------------------------------------

    def marginal(self, *axes: int) -> Distribution:
        """The law of some coordinates, in the order given: members are what they were."""
        found = reading.read_axes(axes, self.ndim)
        owner = [(i, first) for i, (_, first, last) in enumerate(self._places()) for _ in range(first, last)]
        runs = [(key, list(run)) for key, run in groupby(found, key=lambda axis: owner[axis])]
        if len({key for key, _ in runs}) < len(runs) or len(set(found)) < len(found):
            return super().marginal(*axes)
        parts = []
        for (place, first), run in runs:
            law = self._members[place]
            parts.append(law if law.ndim == 1 else law.marginal(*(axis - first for axis in run)))
        return joined(parts)

    def truncate(self, low: OutcomeLike | None = None, high: OutcomeLike | None = None) -> Distribution:
        """The law of X, known that it lies in a box: each member, known that it lies in its part of it."""
        return self._in_box("truncate", low, high)

    def clip(self, low: OutcomeLike | None = None, high: OutcomeLike | None = None) -> Distribution:
        """The law of min(max(X, low), high), coordinate by coordinate: each member clipped."""
        return self._in_box("clip", low, high)

    def _in_box(self, what: str, low: Any, high: Any) -> Distribution:
        """Each member truncated or clipped to its part of a box."""
        least, most = reading.read_corners(low, high, self.ndim)
        return self._each(lambda law, a, b: getattr(law, what)(_part(least, a, b), _part(most, a, b)))

    def _each(self, of: Callable[[Distribution, int, int], Distribution]) -> Distribution:
        """The joint law of what members become."""
        return joined([of(law, first, last) for law, first, last in self._places()])

    def _shifted(self, by: Vector) -> Distribution:
        return self._each(lambda law, first, last: law + as_outcome(by[first:last]))

    def _scaled(self, factor: Scalar) -> Distribution:
        return self._each(lambda law, _, __: law * factor)

    def _copies(self, n: int) -> Distribution:
        return self._each(lambda law, _, __: n @ law)

    def _residues(self, modulus: Outcome) -> Distribution:
        moduli = monoidal.moduli_of(modulus, self.ndim)
        return self._each(lambda law, first, last: law % as_outcome(tuple(moduli[first:last])))

    @classmethod
    def _sum_of(cls, terms: list[tuple[Distribution, int]]) -> Distribution:
        """The sum of so many copies of each law: member by member where they match, else of windows."""
        laws = [n @ law for law, n in terms]
        cuts = {tuple(member.ndim for member in law.members) for law in laws}
        if len(cuts) == 1:
            columns = zip(*(law.members for law in laws), strict=True)
            return joined([reduce(lambda a, b: a + b, column) for column in columns])
        return cls._of(reduce(lambda a, b: convolution.convolve(a, b)[0], measures_of(laws)))


@dataclass(frozen=True, slots=True, eq=False)
class JointMoments(MeasureMoments):
    """The moments of a joint law from those of its members; others, of one coordinate, are refused as ever."""

    members: tuple[Distribution, ...]

    def mean(self) -> Moment:
        """The members' means, one after the other."""
        return self._listed([law.mean() for law in self.members])

    def var(self) -> Moment:
        """The members' variances, one after the other."""
        return self._listed([law.var() for law in self.members])

    def std(self) -> AnyArray:
        """The members' standard deviations, one after the other."""
        return self._listed([law.std() for law in self.members])

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

    def _listed(self, parts: list[Any]) -> AnyArray:
        values = [v for part in parts for v in (part if isinstance(part, np.ndarray) else [part])]
        return number_array(values, (len(values),))


def _product(measures: Sequence[Measure]) -> Measure:
    """The joint measure of independent ones."""
    for i in range(1, len(measures)):
        planning.check_product(Outline.of(measures[i - 1]), Outline.of(measures[i]))
    return reduce(images.product, measures)


def _part(corner: Vector | None, first: int, last: int) -> Outcome | None:
    """Some coordinates of a corner, as callers write them."""
    return None if corner is None else as_outcome(corner[first:last])


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
