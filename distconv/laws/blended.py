"""What every mixture answers from its parts, whether its outcomes have an end or not."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np

from distconv import bounds, convolution
from distconv.errors import AccuracyError
from distconv.laws import levels
from distconv.laws.asked import Asked
from distconv.laws.law import Blend, Law
from distconv.laws.parts import as_fraction, exact_head, lattice_of, log_of, number, piece
from distconv.measure import Measure
from distconv.numbers.doubles import exactly, is_pair, log_of_sum, to_double
from distconv.queries import losses, sampling
from distconv.queries.moments import central_from_cumulants, cumulants_from_central, raw_from_central
from distconv.queries.totals import Side
from distconv.settings import under_own_settings
from distconv.support.outcomes import rational_gcd
from distconv.transforms import mixing
from distconv.transforms.mixing import Share, double
from distconv.typing import (
    Answer,
    AnyArray,
    Moment,
    Outcome,
    Place,
    Question,
    RandomState,
    Scalar,
    Transform,
)


class Blended(Asked):
    """The law of a variable whose law is itself drawn, from several: each is asked by itself."""

    __slots__ = ("components", "share_error")

    #: The laws with their shares.
    components: tuple[tuple[Law, Share], ...]
    share_error: float

    def blend(self) -> Blend | None:
        return self.components, self.share_error

    @property
    def is_exact(self) -> bool:
        """Whether the weights are exact fractions: those of all parts, and the shares."""
        return all(law.is_exact and not is_pair(share) for law, share in self.components)

    @property
    def error(self) -> float:
        """A proven bound on the relative rounding error of every weight: the worst part's and that of the shares."""
        if self.is_exact:
            return 0.0
        worst = max(law.error or bounds.UNIT for law, _ in self.components)
        return bounds.compose(worst, self.share_error, bounds.summation(len(self.components) + 2))

    def sum_error(self) -> float:
        worst = max(law.sum_error() for law, _ in self.components)
        return bounds.compose(worst, self.share_error, bounds.summation(len(self.components) + 2))

    def spacing(self) -> Scalar:
        anchor = self.anchor()
        steps: Scalar = 0
        for law, _ in self.components:
            place, own = lattice_of(law)
            steps = rational_gcd(rational_gcd(steps, own), abs(Fraction(place) - anchor))
        return steps

    @property
    def low(self) -> Scalar | None:
        """The lowest outcome; None where there is none."""
        return _furthest([law.low for law, _ in self.components], min)

    @property
    def high(self) -> Scalar | None:
        """The highest outcome; None where there is none."""
        return _furthest([law.high for law, _ in self.components], max)

    # Windows and sums ---------------------------------------------------------------------------------------------

    def _mixed(self, parts: list[tuple[Share, Measure]]) -> Measure:
        """The mixture of these windows, of the law's own kind also where only exact parts have outcomes."""
        found = mixing.mixed(parts, self.share_error)
        return found if self.is_exact else convolution.as_floating(found)

    @under_own_settings
    def around(self, low: Scalar, high: Scalar) -> Measure | None:
        pieces = [(share, piece(law, low, high)) for law, share in self.components]
        held = [(share, replace(part, missing=0.0)) for share, part in pieces if part is not None]
        return replace(self._mixed(held), missing=1.0) if held else None

    def exact_head(self, x: Scalar) -> Fraction | None:
        total = Fraction(0)
        for law, share in self.components:
            head = exact_head(law, x)
            if head is None:
                return None
            total += as_fraction(share) * head
        return total

    @under_own_settings
    def held(self, x: Scalar, side: Side, *, log: bool = False) -> float:
        """The parts' own sums, each from its own side, times their shares."""
        sums = [(float(law.beside(x, side, log=log)), share) for law, share in self.components]
        if log:
            return min(0.0, log_of_sum(log_of(share) + value for value, share in sums))
        return min(1.0, math.fsum(double(share) * value for value, share in sums))

    def _other_side(self, x: Scalar, side: Side) -> float:
        return self.held(x, side)

    def is_far_side(self, x: Scalar, side: Side) -> bool:
        return False

    def quantile(self, q: Fraction, side: Side, rounded: bool) -> Outcome:
        last = self._last(q, side)
        if last is not None:
            return last
        # The settings may have changed since: then any part will do.
        first = next((law for law, _ in self.components if not law.fits()), self.components[0][0])
        try:
            start: Any = first.quantile(q, side, False)
        except AccuracyError:
            start = self.anchor()
        return levels.first_reaching(self, q, side, rounded=rounded, start=start)

    # What is asked of every part ----------------------------------------------------------------------------------

    def cumulant(self, k: int) -> Moment:
        """From the moments about the mean, which are those of the parts, weighted."""
        total = sum(as_fraction(share) for _, share in self.components)
        own = [[0, *(exactly(law.cumulant(j)) for j in range(1, k + 1))] for law, _ in self.components]
        weights = [as_fraction(share) / total for _, share in self.components]
        mean = sum(w * cumulants[1] for w, cumulants in zip(weights, own, strict=True))
        central: list[Any] = []
        for order in range(k + 1):
            parts = (
                raw_from_central(central_from_cumulants(cumulants), cumulants[1] - mean, order) for cumulants in own
            )
            central.append(sum(w * part for w, part in zip(weights, parts, strict=True)))
        return cumulants_from_central(central, mean)[k]

    def told(self, value: Moment) -> Moment:
        is_floating = any(isinstance(law.mean(), float) or is_pair(share) for law, share in self.components)
        return to_double(value) if is_floating else value

    def pgf(self, z: Place) -> Transform:
        """The parts' own, weighted."""
        return sum(number(share) * law.pgf(z) for law, share in self.components)

    def log_mgf(self, t: float) -> float:
        return log_of_sum(log_of(share) + law.log_mgf(t) for law, share in self.components)

    def stop_loss(self, d: Question) -> Answer:
        """E max(X - d, 0), for a number or an array of them, within the tolerance of the settings."""
        self.settled("E max(X - d, 0)", f"stop_loss({d!r})", 0.0)
        parts = self.components
        return losses.each_retention(lambda v: sum(number(share) * law.stop_loss(v) for law, share in parts), d)

    def expect(self, f: Callable[[Any], Any]) -> float:
        """E[f(X)]: the parts' own, weighted.

        Raises:
            AccuracyError: that of one part may be infinite.
        """
        self.settled("E f(X)", "expect(f)")
        return math.fsum(double(share) * float(law.expect(f)) for law, share in self.components)

    def rvs(self, size: int | tuple[int, ...] | None, rng: RandomState) -> Outcome | AnyArray:
        """Random outcomes: of each part as many as fall to its share, in random order."""
        generator = np.random.default_rng(rng)
        shares = np.array([double(share) for _, share in self.components])
        drawn = generator.multinomial(math.prod(sampling.shape_of(size)), shares / shares.sum())
        rows: list[Any] = [law.rvs(int(n), generator) for (law, _), n in zip(self.components, drawn, strict=True) if n]
        outcomes: AnyArray = generator.permutation(np.concatenate(rows)) if rows else np.zeros(0, dtype=np.int64)
        return sampling.shaped(outcomes, size)


def _furthest(ends: list[Scalar | None], of: Callable[[list[Scalar]], Scalar]) -> Scalar | None:
    """The first or last of some ends; None where there is none on that side."""
    known = [end for end in ends if end is not None]
    return of(known) if len(known) == len(ends) else None
