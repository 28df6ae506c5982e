"""Compound Poisson laws among the terms of a sum: those on one lattice are one such law, of all their jumps."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from distconv import convolution
from distconv.laws.compound import Compound
from distconv.laws.finite import Finite
from distconv.laws.image import moved
from distconv.laws.jumps import Jumps
from distconv.laws.law import Law
from distconv.support.outcomes import rational_gcd
from distconv.transforms import mixing
from distconv.typing import Scalar


def merged(terms: tuple[tuple[Law, int], ...]) -> list[tuple[Law, int]]:
    """The terms of a sum, its compound Poisson laws of jumps on one lattice and of one sign as one law each.

    Poisson laws as such stay by themselves, for their windows begin near the mean, those of compounds at 0; so do jumps
    on different lattices, whose sums may be few points far apart.
    """
    rest: list[tuple[Law, int]] = []
    groups: dict[tuple[bool, Scalar], list[tuple[Jumps, int]]] = {}
    for law, n in terms:
        falls = law.parts()[1] < 0
        jumps = _jumps_of(moved(law, -1, 0) if falls else law)
        if jumps is None:
            rest.append((law, n))
        else:
            groups.setdefault((falls, _unit(jumps)), []).append((jumps, n))
    for (falls, _), parts in groups.items():
        law = _law(parts)
        rest.append((moved(law, -1, 0) if falls else law, 1))
    return rest


def _jumps_of(law: Law) -> Jumps | None:
    """The jumps of a compound Poisson law or of one scaled; None of other laws, and of Poisson laws as such."""
    return None if law.parts()[0].family else law.jumps()


def _unit(jumps: Jumps) -> Scalar:
    """The step of the finest lattice through 0 that holds all jumps."""
    box = jumps.law.measure.box
    return rational_gcd(box.origin[0], box.step[0] if box.shape[0] > 1 else 0)


def _law(parts: list[tuple[Jumps, int]]) -> Law:
    """The compound Poisson law of the jumps of all parts."""
    (first, n), *others = parts
    found = _joined(parts) if others else replace(first, rate=n * first.rate)
    return Compound(found.poisson(found.rate), found.law)


def _joined(parts: list[tuple[Jumps, int]]) -> Jumps:
    """The jumps of the sum of so many copies of each: rates add up, and a jump is one of the parts' by its share.

    Shares are exact, the weights doubles: of many exact laws they have no short common denominator.
    """
    total = sum((n * jumps.rate for jumps, n in parts), start=Fraction(0))
    shares = [(n * jumps.rate / total, convolution.as_floating(jumps.law.measure)) for jumps, n in parts]
    return Jumps(total, Finite(mixing.mixed(shares)), parts[0][0].poisson)
