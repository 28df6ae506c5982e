"""The corners of a box of sums: few pairs of cells meet there, so what a transform leaves is summed directly at once.

The error of a transform is alike for all entries, and those at a corner are sums of few products: nearly every
transform leaves some there. In 1-D they are the few at either end. In more dimensions, of laws that fill their boxes
evenly, entry (i, j) is a sum of (i + 1) (j + 1) products, so that those left lie below a hyperbola: they are covered by
boxes that halve their width as they double their distance, each the product of two blocks of the operands, laid out as
one row (Kronecker substitution).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from distconv import bounds
from distconv.methods import direct
from distconv.methods.operands import Operand, Piece
from distconv.typing import AnyArray, FloatArray, IntArray, Shape

#: Multiply-adds of all corners for each cell of the sum (a tenth of the transform's own time), and in any case: above,
#: what is left is planned like any other box.
PRODUCTS_EACH = 64
PRODUCTS = 2**20
#: A transform that leaves more than this part of its entries does not leave them at its corners alone.
MOST_LEFT = 1 / 16
#: Corners that reach no further are one block each.
ONE_BLOCK = 8
#: Of small boxes so many entries are left in any case.
FEW_LEFT = 1024


@dataclass(frozen=True, slots=True)
class Block:
    """Entries at one corner: those low <= c < high on every axis, counted from the corner.

    Attributes:
        turned: on which axes the corner is the last entry, not the first.
        low, high: the entries; all of them are sums over cells c < high of both operands, turned likewise.
    """

    turned: tuple[bool, ...]
    low: Shape
    high: Shape

    @property
    def strides(self) -> Shape:
        """How many places each axis takes where sums of two cells are laid out as one row."""
        wide = [1]
        for n in reversed(self.high[1:]):
            wide.append(wide[-1] * (2 * n - 1))
        return tuple(reversed(wide))

    @property
    def products(self) -> int:
        """Multiply-adds of its entries."""
        stride = self.strides[0]
        return (self.high[0] - self.low[0]) * self.high[0] * stride * stride

    def of(self, array: AnyArray) -> AnyArray:
        """The array with its corner first."""
        return array[tuple([slice(None, None, -1 if back else 1) for back in self.turned])]

    def sums(self, x: FloatArray, y: FloatArray) -> FloatArray | None:
        """The entries of the convolution of two arrays; None where a product is no normal double."""
        here = tuple([slice(n) for n in self.high])
        first, second = self.of(x)[here], self.of(y)[here]
        if first.shape != self.high or second.shape != self.high:
            return None
        if float(first.min()) * float(second.min()) < bounds.TINY:
            return None
        wide = (self.high[0], *[2 * n - 1 for n in self.high[1:]])
        rows = []
        for block in (first, second):
            row = np.zeros(wide)
            row[here] = block
            rows.append(row.ravel())
        stride, start = self.strides[0], self.low[0]
        found = direct.rows(rows[0], rows[1], start * stride, (self.high[0] - start) * stride)
        inner = tuple([slice(low, high) for low, high in zip(self.low[1:], self.high[1:], strict=True)])
        return found.reshape(self.high[0] - start, *wide[1:])[(slice(None), *inner)]


def settled(
    a: Operand, b: Operand, piece: Piece, bad: AnyArray, error: float, tolerance: float
) -> tuple[AnyArray | None, float]:
    """What is still uncertified of a whole transform of full operands once its corners are summed, and the error.

    All corners or none: where they are too much work, they are left as they are.
    """
    if a.exponents is not None or b.exponents is not None or piece.common_shift != 0:
        return bad, error
    if np.count_nonzero(bad) > max(FEW_LEFT, MOST_LEFT * bad.size):
        return bad, error
    blocks = _blocks(bad)
    terms = max(math.prod(block.high) for block in blocks)
    work = sum(block.products for block in blocks)
    if work > max(PRODUCTS, PRODUCTS_EACH * bad.size) or bounds.summation(terms) > tolerance:
        return bad, error
    found = [(block, block.sums(a.significands, b.significands)) for block in blocks]
    if any(sums is None for _, sums in found):
        return bad, error
    for block, sums in found:
        assert sums is not None
        here = tuple([slice(low, high) for low, high in zip(block.low, block.high, strict=True)])
        np.copyto(block.of(piece.values)[here], sums, where=block.of(bad)[here])
    return None, max(error, bounds.summation(terms))


def _blocks(bad: AnyArray) -> list[Block]:
    """Blocks at the corners that hold all marked entries: on all axes but the last between steps that double."""
    if bad.ndim == 1:
        return _ends(np.flatnonzero(bad), len(bad))
    index = np.array(np.nonzero(bad))
    last = np.array(bad.shape)[:, None] - 1
    turned = 2 * index > last
    index = np.where(turned, last - index, index)
    # 0 for the first three, 1 for the next four, 2 for eight more, ...: the smallest blocks would not repay a call.
    level = np.maximum(np.frexp(index[:-1] + 1.0)[1] - 2, 0) if index.max() >= ONE_BLOCK else np.zeros_like(index[:-1])
    keys = np.concatenate((turned, level))
    order = np.lexsort(keys)
    keys, index = keys[:, order], index[:, order]
    starts = np.concatenate(([0], np.flatnonzero((keys[:, 1:] != keys[:, :-1]).any(axis=0)) + 1))
    high: IntArray = np.maximum.reduceat(index, starts, axis=1) + 1
    low: IntArray = np.minimum.reduceat(index, starts, axis=1)
    axes = len(bad.shape)
    return [
        Block(tuple(back), tuple(first), tuple(end))
        for back, first, end in zip((keys[:axes, starts].T > 0).tolist(), low.T.tolist(), high.T.tolist(), strict=True)
    ]


def _ends(places: IntArray, count: int) -> list[Block]:
    """The blocks at both ends of a row that hold these entries."""
    left = int(np.searchsorted(places, count // 2))
    result = []
    for turned, some in ((False, places[:left]), (True, (count - 1 - places[left:])[::-1])):
        if len(some):
            result.append(Block((turned,), (int(some[0]),), (int(some[-1]) + 1,)))
    return result
