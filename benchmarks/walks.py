"""Walks in regions beside the loops of numpy, and of fractions, that a user would write instead."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from fractions import Fraction
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.results import Result
from benchmarks.timing import medians
from distconv import Distribution, Walk

if TYPE_CHECKING:
    from benchmarks.__main__ import Options


def _loop_above(n: int) -> list[float]:
    """The chances that a fair walk of plain doubles is not below 0 after 1, 2, ..., n steps; far places underflow."""
    row, found = np.zeros(n + 2), []
    row[0] = 1.0
    for _ in range(n):
        after = np.zeros_like(row)
        after[1:] += 0.5 * row[:-1]
        after[:-1] += 0.5 * row[1:]
        row = after
        found.append(row.sum())
    return found


def _loop_exact(n: int) -> list[Fraction]:
    """The same in fractions: whole numbers of paths, place by place."""
    row, found = {0: 1}, []
    for k in range(1, n + 1):
        after: dict[int, int] = {}
        for place, ways in row.items():
            for move in (-1, 1):
                if place + move >= 0:
                    after[place + move] = after.get(place + move, 0) + ways
        row = after
        found.append(Fraction(sum(row.values()), 2**k))
    return found


def _loop_on_board(n: int, moves: list[tuple[int, int]]) -> list[float]:
    """The chances that a knight is on the board after 1, 2, ..., n jumps."""
    board, found = np.zeros((12, 12)), []
    board[2, 2] = 1.0
    for _ in range(n):
        after = np.zeros_like(board)
        for a, b in moves:
            after[2:10, 2:10] += board[2 - a : 10 - a, 2 - b : 10 - b] / len(moves)
        board = after
        found.append(board.sum())
    return found


def _above(place: int) -> bool:
    return place >= 0


def walks(options: Options) -> Iterator[Result]:
    """Half lines, first passages and boards; the largest relative difference from the exact answer beside the time."""
    coin = Distribution({-1: "1/2", 1: "1/2"})
    for n in options.sizes(1000, 10_000):
        walk = Walk.repeat(coin.to_float(), n)
        ours, theirs = medians(partial(walk.stay, _above), partial(_loop_above, n), budget=options.budget)
        truth = Fraction(math.comb(n, n // 2), 2**n)
        off = abs(Fraction(walk.stay(lambda x: x >= 0).survival[-1]) / truth - 1)
        yield Result(
            f"{n} steps above a line", ours, "numpy loop", theirs, note=f"error {float(off):.0e}", holds=off < 1e-10
        )
        ours, theirs = medians(partial(walk.first_passage, [1]), partial(_loop_above, n), budget=options.budget)
        yield Result(f"{n} steps to 1", ours, "numpy loop", theirs)
    for n in options.sizes(300, 1000):
        walk = Walk.repeat(coin, n)
        ours, theirs = medians(partial(walk.stay, _above), partial(_loop_exact, n), budget=options.budget)
        yield Result(f"{n} steps above a line, exact", ours, "dict of integers", theirs)
    moves = [(a, b) for a, b in itertools.product((-2, -1, 1, 2), repeat=2) if abs(a) != abs(b)]
    knight = Distribution.from_counts(dict.fromkeys(moves, 1)).to_float()
    board = np.ones((8, 8), dtype=bool)
    for n in options.sizes(100, 1000):
        walk = Walk.repeat(knight, n)
        ours, theirs = medians(partial(walk.stay, board), partial(_loop_on_board, n, moves), budget=options.budget)
        yield Result(f"{n} jumps of a knight on a board", ours, "numpy loop", theirs)
