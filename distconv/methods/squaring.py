"""Repeated squaring: the product of n equal factors by some 2 log2(n) products."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def by_squaring(factor: T, n: int, product: Callable[[T, T, int], T]) -> T:
    """The product of n >= 1 equal factors, of any kind.

    From the first binary digit of n on each more squares what there is, and a 1 multiplies it by one factor, which is
    a small product where factors are small.

    Args:
        factor: one of them.
        n: how many there are.
        product: the product of two products, and of how many factors it will be.
    """
    result, copies = factor, 1
    for bit in format(n, "b")[1:]:
        result, copies = product(result, result, 2 * copies), 2 * copies
        if bit == "1":
            result, copies = product(result, factor, copies + 1), copies + 1
    return result
