"""Exact power series, to a number of terms: what generating functions of exact counts are made of."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import flint


def inverse(f: flint.fmpq_poly, size: int) -> flint.fmpq_poly:
    """1 / f to so many terms, f(0) != 0, by Newton's iteration: each step doubles the terms that are right."""
    import flint

    found, known = flint.fmpq_poly([1 / f[0]]), 1
    while known < size:
        known = min(2 * known, size)
        found = found.mul_low(2 - f.truncate(known).mul_low(found, known), known)
    return found
