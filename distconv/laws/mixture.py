"""Mixtures of laws, at least one of them infinite or too long to be laid out: asked of their parts."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from fractions import Fraction

from distconv import bounds, missing
from distconv.laws.blended import Blended
from distconv.laws.finite import Finite
from distconv.laws.image import moved, scaled
from distconv.laws.law import Law, Maker
from distconv.laws.long import Long
from distconv.laws.parts import as_fraction, name_of, plus, times
from distconv.laws.places import common_place, key_from
from distconv.laws.unbounded import Unbounded
from distconv.measure import Measure, lookup
from distconv.numbers.doubles import is_pair
from distconv.planning import Origin
from distconv.queries.totals import Side
from distconv.settings import under_own_settings
from distconv.support.outcomes import rational_lcm
from distconv.support.sequence import Outcomes
from distconv.transforms import mixing
from distconv.transforms.mixing import Share, double
from distconv.typing import Asked, Key, Outcome, Scalar, Vector

#: The parts of a mixture with their shares.
Parts = Sequence[tuple[Law, Share]]
#: The part of a window's tail that its parts' windows may use: the rest is for rounding.
TAIL_PART = 1 - 2.0**-20


def mixture_of(parts: Parts, error: float = 0.0) -> Law:
    """The mixture of laws of numbers, one at least infinite or too long to be laid out.

    Mixtures among them are opened, equal ones and short ones merged.

    One law that is left comes back as it is.

    Args:
        parts: laws and their shares, positive and of total 1.
        error: the relative error of the shares.
    """
    opened, errors = _opened(parts)
    merged: dict[Law, Share] = {}
    for law, share in _finite_merged(opened):
        if law not in merged:
            merged[law] = share
            continue
        known = next(other for other in merged if other == law)
        # Of equal laws the one that is known worse stays for all.
        before = merged.pop(known)
        merged[max(known, law, key=lambda one: (not one.is_exact, one.error))] = plus(before, share)
    if len(merged) == 1:
        return next(iter(merged))
    floating = any(is_pair(share) for share in merged.values())
    roundings = bounds.summation(len(opened) + 2) if floating else 0.0
    # Those without an end first: they tell what the mixture is like far out.
    ordered = sorted(merged.items(), key=lambda part: part[0].is_finite)
    kind = LongMixture if ordered[0][0].is_finite else Mixture
    return kind(tuple(ordered), bounds.compose(error, errors, roundings))


def _opened(parts: Parts) -> tuple[list[tuple[Law, Share]], float]:
    """The parts, mixtures among them replaced by their own; and the largest error of these shares."""
    opened: list[tuple[Law, Share]] = []
    worst = 0.0
    for law, share in parts:
        inner = law.blend()
        if inner is None:
            opened.append((law, share))
        else:
            opened.extend((one, times(share, own)) for one, own in inner[0])
            worst = max(worst, inner[1])
    return opened, worst


def _finite_merged(parts: Parts) -> Parts:
    """The parts, finite exact ones that are laid out as one: however they were written, they have one mixture."""
    short = [
        (law, share)
        for law, share in parts
        if law.is_finite and law.is_laid_out() and law.is_exact and not law.missing and not is_pair(share)
    ]
    if len(short) < 2:
        return parts
    total = sum(as_fraction(share) for _, share in short)
    one = mixing.mixed([(as_fraction(share) / total, law.measure) for law, share in short])
    taken = {id(law) for law, _ in short}
    return [(law, share) for law, share in parts if id(law) not in taken] + [(Finite(one), total)]


class Mixture(Blended, Unbounded):
    """A mixture of laws of which one at least is infinite."""

    __slots__ = ()

    def __init__(self, components: tuple[tuple[Law, Share], ...], share_error: float) -> None:
        self.describe(_origin(components), components=components, share_error=share_error)

    def anew(self) -> Maker:
        return mixture_of, (self.components, self.share_error)

    def key(self) -> Key:
        """Up to scale and shift: those of its infinite parts, of which the least are told apart."""
        scale, shift = common_place(self._infinite())
        infinite, finite = (
            frozenset(
                (key_from(law, scale, shift), name_of(share))
                for law, share in self.components
                if law.is_finite is is_finite
            )
            for is_finite in (False, True)
        )
        return ("mixture", infinite, finite), scale, shift

    def _infinite(self) -> list[Law]:
        """The parts that have no end."""
        return [law for law, _ in self.components if not law.is_finite]

    def mirrored(self) -> Law:
        return Mixture(_scaled(self.components, -1), self.share_error)

    @property
    def lost(self) -> float:
        """What is missing for good: its share of each part."""
        return min(1.0, math.fsum(double(share) * law.lost for law, share in self.components) * bounds.PAD)

    def period(self) -> Scalar:
        return rational_lcm([law.period() for law in self._infinite()])

    def covering(self, tail: float) -> Measure:
        return self._of_windows(lambda law: law.covering(tail * TAIL_PART))

    def in_doubles(self, tail: float) -> Measure:
        return self._of_windows(lambda law: law.in_doubles(tail * TAIL_PART))

    @under_own_settings
    def _of_windows(self, window: Callable[[Law], Measure]) -> Measure:
        """The mixture of windows of the infinite and the long parts, and of the others."""
        return self._mixed(
            [
                (share, replace(law.measure, missing=0.0) if law.fits() else window(law))
                for law, share in self.components
            ]
        )

    def up_to(self, x: Scalar) -> Measure | None:
        return None if self.low is None or x < self.low else self.around(self.low, x)

    def down_to(self, x: Scalar) -> Measure | None:
        return None if self.high is None or x > self.high else self.around(x, self.high)

    def quantile(self, q: Fraction, side: Side, rounded: bool) -> Outcome:
        if self.lost > missing.NEGLIGIBLE:
            return Unbounded.quantile(self, q, side, rounded)
        return super().quantile(q, side, rounded)


class LongMixture(Blended, Long):
    """A mixture of finite laws of which one at least is too long to be laid out."""

    __slots__ = ()

    def __init__(self, components: tuple[tuple[Law, Share], ...], share_error: float) -> None:
        self.describe(_origin(components), components=components, share_error=share_error)

    def anew(self) -> Maker:
        return mixture_of, (self.components, self.share_error)

    def key(self) -> Key:
        return ("mixture", frozenset((law, name_of(share)) for law, share in self.components)), 1, 0

    def scaled(self, factor: Scalar) -> Law:
        """The mixture of the multiples."""
        return LongMixture(_scaled(self.components, factor), self.share_error)

    def shifted(self, by: Vector) -> Law:
        """The mixture of the moved laws."""
        return LongMixture(tuple((moved(law, 1, by[0]), share) for law, share in self.components), self.share_error)

    @property
    def support(self) -> Outcomes:
        """The outcomes of positive probability, of the whole: parts may leave gaps.

        Raises:
            SizeLimitError: that would pass ``settings.max_bytes``.
        """
        return lookup.support_of(self.measure)

    def contains(self, outcome: Asked) -> bool:
        return bool(self.at(outcome, log=True) > -math.inf)

    def _middle(self) -> Scalar:
        return self.by_mean()

    def mode(self) -> Outcome:
        return Finite(self.measure).mode()

    def _materialise(self) -> Measure:
        self.check_length()
        return self._mixed([(share, law.measure) for law, share in self.components])


def _origin(components: Parts) -> Origin:
    """How a mixture is answered."""
    return Origin("mixture", f"{len(components)} laws, weighted, each asked by itself")


def _scaled(components: Parts, factor: Scalar) -> tuple[tuple[Law, Share], ...]:
    """The multiples of laws with their shares."""
    return tuple((scaled(law, factor), share) for law, share in components)
