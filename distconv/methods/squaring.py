"""Repeated squaring: the product of n equal factors by some 2 log2(n) products."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def by_squaring(factor: T, n: int, product: Callable[[T, T, int], T]) -> T:
    """The product of n >= 1 equal factors, of any kind.

    Args:
        factor: one of them.
        n: how many there are.
        product: the product of two products, and of how many factors it will be.
    """
    result: T | None = None
    square, bit = factor, 1
    while True:
        if n & bit:
            result = square if result is None else product(result, square, (n & (bit - 1)) + bit)
        bit <<= 1
        if bit > n:
            assert result is not None
            return result
        square = product(square, square, bit)
