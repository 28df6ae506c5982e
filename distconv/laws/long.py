"""Finite laws of evenly spaced outcomes, as many as one likes: asked, and not laid out."""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction
from typing import Any, cast

from distconv import convolution
from distconv.errors import SizeLimitError
from distconv.laws.asked import Asked
from distconv.laws.chernoff import some
from distconv.laws.finite import Finite
from distconv.laws.law import Law
from distconv.measure import Measure, lookup
from distconv.planning import costs, human_bytes
from distconv.settings import current_settings
from distconv.support import Lattice
from distconv.support.outcomes import quotient, whole
from distconv.support.sequence import Outcomes
from distconv.transforms import comparison
from distconv.typing import Scalar, Vector

#: Outcomes on either side of the middle in the part of a law that a refusal names.
SHOWN_PART = 500


class Long(Asked):
    """A law of all places of a lattice between two ends; one that is laid out all the same answers from its measure.

    Subclasses define `low`, `high`, `spacing`, `around`, `held`, `quantile`, `mode` and `cumulant`.
    """

    __slots__ = ()

    @property
    def ndim(self) -> int:
        """1: these are laws of numbers."""
        return 1

    @property
    def shape(self) -> tuple[int, ...]:
        """(the number of outcomes,)."""
        low, high = self.ends()
        return (int(quotient(high - low, self.spacing())) + 1,)

    def ends(self) -> tuple[Scalar, Scalar]:
        """The lowest and the highest outcome."""
        low, high = self.low, self.high
        assert low is not None
        assert high is not None
        return low, high

    @property
    def missing(self) -> float:
        """0.0: nothing is cut off."""
        return 0.0

    @property
    def lost(self) -> float:
        """0.0, likewise."""
        return 0.0

    @property
    def support(self) -> Outcomes:
        """The outcomes of positive probability: a lazy sorted sequence (len, indexing, slices, iteration, in)."""
        if self.is_laid_out():
            return lookup.support_of(self.measure)
        return Outcomes(self.box(), range(self.shape[0]))

    def box(self) -> Lattice:
        """The lattice of the outcomes."""
        return Lattice((self.ends()[0],), (self.spacing(),), self.shape)

    def exact_head(self, x: Scalar) -> Fraction | None:
        return None

    def covering(self, tail: float) -> Measure:
        found = None if self.is_laid_out() else self.around(*self.edges(tail))
        return self.measure if found is None else replace(found, missing=tail)

    def in_doubles(self, tail: float) -> Measure:
        return convolution.as_floating(self.covering(tail))

    def up_to(self, x: Scalar) -> Measure | None:
        return self.measure if self.is_laid_out() else self.around(self.ends()[0], x)

    def down_to(self, x: Scalar) -> Measure | None:
        return self.measure if self.is_laid_out() else self.around(x, self.ends()[1])

    def between(self, low: Vector | None, high: Vector | None) -> Measure:
        if self.is_laid_out():
            return self.measure
        first, last = self.ends()
        part = self.around(first if low is None else low[0], last if high is None else high[0])
        # Nothing of the law lies there: any of its outcomes shows that.
        return some(self.around(first, first)) if part is None else part

    def held_whole(self) -> Law:
        return self if self.is_laid_out() else Finite(self.measure, self.origin)

    def fits(self) -> bool:
        return self.is_laid_out() or self.shape[0] * costs.DIRECT_BYTES <= current_settings().max_bytes

    def _middle(self) -> Scalar:
        """A place about which many outcomes lie: the mode where it is known without the whole."""
        return cast("Scalar", self.mode())

    def by_mean(self) -> Scalar:
        """The place of the lattice next to the mean."""
        (low, _), step = self.ends(), self.spacing()
        return whole(low + step * math.floor((Fraction(self.mean()) - low) / Fraction(step)))

    def check_length(self) -> None:
        """Refuses to lay out more outcomes than the settings allow.

        Raises:
            SizeLimitError: they would take more than ``settings.max_bytes``.
        """
        if not self.fits():
            count, limit = self.shape[0], current_settings().max_bytes
            size = count * costs.DIRECT_BYTES
            (low, high), step = self.ends(), self.spacing()
            middle, reach = self._middle(), SHOWN_PART * step
            low, high = whole(max(low, middle - reach)), whole(min(high, middle + reach))
            raise SizeLimitError(
                f"all {count:,} outcomes of {self.name() or 'this law'} need {human_bytes(size)} > limit "
                f"{human_bytes(limit)} (settings.max_bytes); ask single questions (pmf, cdf, sf, ppf, mean, rvs), "
                f"or lay out a part: X.truncate({low}, {high})"
            )

    def __eq__(self, other: object) -> bool:
        """Whether both are the same law; long ones are compared by their parameters, then by single weights."""
        if not isinstance(other, Law):
            return NotImplemented
        if self is other or self.is_laid_out():
            return self is other or super().__eq__(other)
        mine = self.kind, self.shape, self.low, self.spacing()
        if not other.is_finite or mine != (other.kind, other.shape, other.low, other.spacing()):
            return False
        if self.key() == other.key():
            return True
        places: tuple[Any, ...] = () if other.is_laid_out() else (self.low, self.high, self.mode())
        if any(self.at(k, log=True) != other.at(k, log=True) for k in places):
            return False
        try:
            return comparison.equal(self.measure, other.measure)
        except SizeLimitError:
            # Laws of different parameters whose weights nobody can list.
            return False

    def __hash__(self) -> int:
        if self.is_laid_out():
            return super().__hash__()
        ends = [some(self.around(x, x)).weights for x in self.ends()]
        return hash((self.box(), *(weights.fingerprint(0) for weights in ends)))
