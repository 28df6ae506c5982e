"""Compound Poisson laws among the terms of a sum: those on one lattice are one such law, of all their jumps."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from distconv import convolution
from distconv.distribution import Distribution
from distconv.support.outcomes import rational_gcd
from distconv.transforms import mixing
from distconv.typing import Scalar
from distconv.unbounded.compound import Compound
from distconv.unbounded.image import Image
from distconv.unbounded.jumps import Jumps


def merged(terms: tuple[tuple[Distribution, int], ...]) -> list[tuple[Distribution, int]]:
    """The terms of a sum, its compound Poisson laws of jumps on one lattice and of one sign as one law each.

    Poisson laws as such stay by themselves, for their windows begin near the mean, those of compounds at 0; so do jumps
    on different lattices, whose sums may be few points far apart.
    """
    rest: list[tuple[Distribution, int]] = []
    groups: dict[tuple[bool, Scalar], list[tuple[Jumps, int]]] = {}
    for law, n in terms:
        falls = isinstance(law, Image) and law.scale < 0
        jumps = _jumps_of(-law if falls else law)
        if jumps is None:
            rest.append((law, n))
        else:
            groups.setdefault((falls, _unit(jumps)), []).append((jumps, n))
    for (falls, _), parts in groups.items():
        law = _law(parts)
        rest.append((-law if falls else law, 1))
    return rest


def _jumps_of(law: Distribution) -> Jumps | None:
    """The jumps of a compound Poisson law or of one scaled; None of other laws."""
    base = law.base if isinstance(law, Image) else law
    return law._jumps() if isinstance(base, Compound) else None


def _unit(jumps: Jumps) -> Scalar:
    """The step of the finest lattice through 0 that holds all jumps."""
    box = jumps.law._measure.box
    return rational_gcd(box.origin[0], box.step[0] if box.shape[0] > 1 else 0)


def _law(parts: list[tuple[Jumps, int]]) -> Distribution:
    """The compound Poisson law of the jumps of all parts."""
    (first, n), *others = parts
    found = _joined(parts) if others else replace(first, rate=n * first.rate)
    return Compound(found.poisson(found.rate), found.law)


def _joined(parts: list[tuple[Jumps, int]]) -> Jumps:
    """The jumps of the sum of so many copies of each: rates add up, and a jump is one of the parts' by its share.

    Shares are exact, the weights doubles: of many exact laws they have no short common denominator.
    """
    total = sum((n * jumps.rate for jumps, n in parts), start=Fraction(0))
    shares = [(n * jumps.rate / total, convolution.as_floating(jumps.law._measure)) for jumps, n in parts]
    return Jumps(total, Distribution._of(mixing.mixed(shares)), parts[0][0].poisson)
