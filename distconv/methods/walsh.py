"""Walsh-Hadamard transforms of integers: the convolution over bitwise exclusive or, exact.

H H = N, and the transform of a xor-convolution is the product of the transforms (Fino and Algazi 1976): three
transforms of N log2(N) additions each, in machine words where the numbers fit, in Python's integers where they do not.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from distconv.typing import AnyArray

#: Integers below 2**62 are added without overflow in machine words.
WORD_BITS = 62


def xor_product(f: list[int], g: list[int], bits: int) -> list[Any]:
    """sum over i xor j = k of f[i] g[j], for arrays of non-negative integers whose length is a power of 2.

    `bits` bounds the bits of the product of both totals.
    """
    size = len(f)
    dtype: Any = np.int64 if bits + size.bit_length() < WORD_BITS else object
    x = transform(np.array(f, dtype=dtype))
    y = x if g is f else transform(np.array(g, dtype=dtype))
    found = transform(x * y)
    return (found // size).tolist()  # type: ignore[no-any-return]


def transform(values: AnyArray) -> AnyArray:
    """The transform sum over i of (-1)**popcount(i & k) values[i]."""
    result = values.copy()
    half = 1
    while half < len(result):
        pairs = result.reshape(-1, 2, half)
        low, high = pairs[:, 0].copy(), pairs[:, 1]
        pairs[:, 0] += high
        np.subtract(low, high, out=pairs[:, 1])
        half *= 2
    return result
