"""Mixtures, law by law."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from distconv import planning
from distconv.laws.finite import Finite
from distconv.laws.law import Law
from distconv.laws.mixture import mixture_of
from distconv.measure import Measure, lookup
from distconv.planning import How, Origin
from distconv.transforms import mixing
from distconv.weights.unify import are_numbers


def mixture(laws: Sequence[Law], chosen: Measure) -> Law:
    """The law of one of several laws, of which `chosen` tells the shares by place; those without one are left out.

    Laws with letters are laid out.
    """
    error, is_numeric = chosen.weights.error, are_numbers(chosen.weights)
    shares: list[Any] = [s for _, s in mixing.shares_of(chosen)] if is_numeric else list(lookup.weights_of(chosen))
    picked = [laws[int(i)] for (i,) in lookup.positive_vectors(chosen)]
    mixing.check_dimensions([law.ndim for law in picked])
    is_symbolic = not is_numeric or any(law.letters for law in picked)
    if not is_symbolic and picked[0].ndim == 1 and not all(law.fits() for law in picked):
        return mixture_of(list(zip(picked, shares, strict=True)), error)
    weighted = [(share, law.measure) for law, share in zip(picked, shares, strict=True)]
    plan: How = Origin("mixture", f"{len(picked)} laws, weighted")
    if not is_symbolic:
        points = sum(len(m.weights.positive()) for _, m in weighted)
        bits = mixing.denominator(weighted).bit_length()
        plan = planning.announced(planning.plan_mixture(len(picked), points, bits))
    return Finite(mixing.mixed(weighted, error), plan)
