"""Exact power series, to a number of terms: what generating functions of exact counts are made of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from distconv.methods.squaring import by_squaring

if TYPE_CHECKING:
    import flint


def product(f: flint.fmpq_poly, g: flint.fmpq_poly, size: int) -> flint.fmpq_poly:
    """f g to so many terms: FLINT's short product where python-flint has it, from 0.9 on."""
    return f.mul_low(g, size) if hasattr(f, "mul_low") else (f * g).truncate(size)


def power(f: flint.fmpq_poly, n: int, size: int) -> flint.fmpq_poly:
    """f**n to so many terms, likewise; by squaring where there is no other way."""
    if hasattr(f, "pow_trunc"):
        return f.pow_trunc(n, size)
    return by_squaring(f.truncate(size), n, lambda a, b, _: product(a, b, size)) if n else f**0


def inverse(f: flint.fmpq_poly, size: int) -> flint.fmpq_poly:
    """1 / f to so many terms, f(0) != 0, by Newton's iteration: each step doubles the terms that are right."""
    import flint

    found, known = flint.fmpq_poly([1 / f[0]]), 1
    while known < size:
        known = min(2 * known, size)
        found = product(found, 2 - product(f.truncate(known), found, known), known)
    return found
