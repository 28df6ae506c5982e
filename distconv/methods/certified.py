"""Certified floating convolution: every entry right to a stated relative tolerance, whatever its size.

The result is computed box by box. A box is first tried the cheapest way; entries whose error bound is within the
tolerance are kept, the others are covered by smaller boxes, which need only parts of the operands and so have smaller
bounds, and are computed again: by FFT while the boxes shrink, by tilted windows, directly, or in ball arithmetic,
whichever is predicted cheapest. Nothing uncertified is ever written.

It ends: a way that failed on a box is never tried on any part of it, but for the FFT, and that only where its transform
is a fraction of the one that failed. So a box that comes of another has fewer ways left or a shorter transform
(`Task.rank`), and the last way, ball arithmetic, certifies every entry.

True zeros come from the supports (`fft.indicator_support`), never from small numbers.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from distconv import bounds
from distconv.errors import AccuracyError
from distconv.methods import corners, direct, fft, tilted
from distconv.methods.operands import Operand, Piece
from distconv.planning import costs
from distconv.planning.registry import BOXES
from distconv.planning.tasks import Patch
from distconv.settings import current_settings
from distconv.support.boxes import Box, Region, cover
from distconv.support.lattice import sum_shape
from distconv.typing import AnyArray, FloatArray, IntArray

#: The smallest tolerance that ball arithmetic, rounded to doubles, is certain to reach, relative; see `ball.ERROR`.
LEAST_TOLERANCE = 2e-16
#: A box is tried by FFT again only when its transform is at most this part of the one that failed.
SHRINK = 0.25


@dataclass(frozen=True, slots=True, eq=False)
class Task:
    """A box to compute.

    Attributes:
        region: the box, and what of the operands it needs.
        wanted: which of its entries are wanted, None for all.
        method: how it is computed.
        others: the ways that are left for the entries which that does not certify.
    """

    region: Region
    wanted: AnyArray | None
    method: str
    others: frozenset[str]

    @property
    def rank(self) -> tuple[int, int]:
        """The measure that falls from a box to those that come of it: ways left, then the points of a transform."""
        return len(self.others), math.prod(fft.transform_shape(self.region)) if self.method == "fft" else 0


@dataclass(slots=True, eq=False)
class Canvas:
    """The result under construction."""

    significands: FloatArray
    exponents: IntArray | None = None
    error: float = 0.0
    counts: dict[str, int] = field(default_factory=dict)

    @classmethod
    def adopt(cls, piece: Piece, wanted: AnyArray | None, bad: AnyArray | None) -> Canvas:
        """The canvas that the first piece, the whole result, makes: what is not certified is 0 until it is."""
        if piece.common_shift == 0 and (piece.absolute == 0.0 or piece.absolute > bounds.TINY):
            if wanted is not None:
                piece.values[~wanted] = 0.0
            if bad is not None:
                piece.values[bad] = 0.0
            return cls(piece.values)
        canvas = cls(np.zeros(piece.values.shape))
        canvas.write(
            Box.whole(piece.values.shape), piece, None if wanted is None and bad is None else _good(wanted, bad)
        )
        return canvas

    def write(self, box: Box, piece: Piece, good: AnyArray | None) -> None:
        """The entries of a piece that are good (all where None)."""
        shift = piece.common_shift
        if self.exponents is None and shift is not None and _fits(piece, shift, good):
            values = piece.values if shift == 0 else np.ldexp(piece.values, shift)
            np.copyto(self.significands[box.slices], values, where=True if good is None else good)
            return
        if self.exponents is None:
            self.significands, shifts = np.frexp(self.significands)
            self.exponents = shifts.astype(np.int64)
        fractions, exponents = np.frexp(piece.values)
        where = True if good is None else good
        np.copyto(self.significands[box.slices], fractions, where=where)
        np.copyto(self.exponents[box.slices], exponents + piece.shift, where=where)


def _fits(piece: Piece, shift: int, good: AnyArray | None) -> bool:
    """Whether the good values of a piece are 0 or normal doubles once its shift is applied."""
    if shift > 0:
        return False
    where = piece.values > 0 if good is None else good & (piece.values > 0)
    least = float(piece.values.min(where=where, initial=1.0))
    return math.frexp(least)[1] + shift > -1021


def further() -> frozenset[str]:
    """The ways that are tried on what another has left."""
    return frozenset(BOXES) - {"fft"}


def convolve(a: Operand, b: Operand, tolerance: float, method: str) -> Canvas:
    """The convolution of two operands, every positive entry certified to the tolerance.

    `method` names the way that is tried first on the whole: ``direct``, ``fft``, ``tilted`` or ``ball``; others are
    where it certifies nothing, or is an FFT that is likely to certify little.

    Raises:
        AccuracyError: the tolerance is below the rounding of one double.
    """
    whole = Region.of(a.shape, b.shape, Box.whole(sum_shape(a.shape, b.shape)))
    vain = method == "fft" and len(whole.first) == 1 and not fft.certifies_most(a, b, tolerance)
    if vain or not BOXES[method].applies(Patch(whole, 0, tolerance=tolerance)):
        ways = _ways(a, b, whole, tolerance, further())
        method = min(ways, key=ways.__getitem__)
    full = a.is_full and b.is_full
    support = None if full or method == "direct" else fft.indicator_support(a.significands, b.significands)
    return _run(a, b, tolerance, [Task(whole, support, method, further() - {method})], None)


def complete(a: Operand, b: Operand, canvas: Canvas, bad: AnyArray, tolerance: float) -> Canvas:
    """The canvas with the entries that are still bad computed from two operands; its error is that of these alone."""
    whole = Region.of(a.shape, b.shape, Box.whole(bad.shape))
    canvas.error = 0.0
    return _run(a, b, tolerance, _retry(a, b, Task(whole, None, "windows", further()), bad, tolerance), canvas)


def _run(a: Operand, b: Operand, tolerance: float, pending: list[Task], canvas: Canvas | None) -> Canvas:
    """Computes boxes, and what they leave, until every wanted entry is certified."""
    full = a.is_full and b.is_full
    while pending:
        task = pending.pop()
        region, wanted, method = task.region, task.wanted, task.method
        piece, bad, error = BOXES[method].run(a, b, region, wanted, tolerance)
        if bad is not None and canvas is None and full and method == "fft":
            bad, error = corners.settled(a, b, piece, bad, error, tolerance)
        if canvas is None:
            canvas = Canvas.adopt(piece, wanted, bad)
        else:
            canvas.write(region.box, piece, _good(wanted, bad))
        canvas.error = max(canvas.error, error)
        count = region.box.size if wanted is None else int(np.count_nonzero(wanted))
        if bad is not None:
            count -= int(np.count_nonzero(bad))
            again = _retry(a, b, task, bad, tolerance)
            assert all(new.rank < task.rank for new in again)
            pending.extend(again)
        canvas.counts[method] = canvas.counts.get(method, 0) + count
    assert canvas is not None
    return canvas


def _good(wanted: AnyArray | None, bad: AnyArray | None) -> AnyArray | None:
    """Which entries are wanted and not bad; None for all."""
    if bad is None:
        return wanted
    return ~bad if wanted is None else wanted & ~bad


def _retry(a: Operand, b: Operand, task: Task, bad: AnyArray, tolerance: float) -> list[Task]:
    """The boxes that cover the entries that a task did not certify, each with the way to try next.

    Many small boxes may cost more than one that holds them all, for each looks at long parts of the operands.
    """
    boxes = cover(bad)
    around = Box.around(boxes)
    if len(boxes) > 1:
        inner = [_within(a, b, task.region, part) for part in boxes]
        patches = [Patch(r, min(r.part_a.size, r.part_b.size)) for r in inner]
        least = sum(min(BOXES[name].cost(patch) for name in task.others) for patch in patches)
        least += sum(costs.BOX_SECONDS + costs.LOOK_SECONDS * (r.part_a.size + r.part_b.size) for r in inner)
        together = _next(a, b, task, around, bad, tolerance)
        if together[0] < least:
            return [together[1]]
    return [_next(a, b, task, part, bad, tolerance)[1] for part in boxes]


def _within(a: Operand, b: Operand, region: Region, part: Box) -> Region:
    """The region of a box that is counted from the corner of another region's."""
    corner = region.box.low
    low, high = ([c + p for c, p in zip(corner, edge, strict=True)] for edge in (part.low, part.high))
    return Region.of(a.shape, b.shape, Box(tuple(low), tuple(high)))


def _next(a: Operand, b: Operand, task: Task, part: Box, bad: AnyArray, tolerance: float) -> tuple[float, Task]:
    """What to try on a part of a task's box, and its predicted seconds."""
    region = _within(a, b, task.region, part)
    names = task.others
    if task.method == "fft" and math.prod(fft.transform_shape(region)) <= SHRINK * task.rank[1]:
        names = names | {"fft"}
    ways = _ways(a, b, region, tolerance, names)
    if "tilted" in ways and bad.ndim == 1:
        # Every stretch has a window of its own, about as long as the region where it lies among gaps.
        gaps = len(tilted.stretches(np.flatnonzero(bad[part.slices]))[0]) - 1
        ways["tilted"] += gaps * (costs.STRETCH_SECONDS + costs.STRETCH_CELL_SECONDS * region.shape[0])
    method = min(ways, key=ways.__getitem__)
    return ways[method], Task(region, bad[part.slices], method, task.others - {method})


def _ways(a: Operand, b: Operand, region: Region, tolerance: float, names: frozenset[str]) -> dict[str, float]:
    """Predicted seconds of those of some ways that may certify entries of a box to the tolerance.

    Raises:
        AccuracyError: none may.
    """
    part_a, part_b = a.part(region.part_a), b.part(region.part_b)
    few = min(int(np.count_nonzero(part.significands)) for part in (part_a, part_b))
    patch = Patch(region, few, tolerance=tolerance)
    ways = {name: BOXES[name].cost(patch) for name in names if BOXES[name].applies(patch)}
    if not ways:
        raise AccuracyError(
            f"a relative error of {tolerance:.3g} was asked for, but weights are doubles, each one rounded by up to "
            f"{bounds.UNIT:.2g}; ask for distconv.settings(tolerance={LEAST_TOLERANCE}), or make the weights exact: "
            "X.to_exact(normalize=True)"
        )
    # In bands a sum of full rows takes no fewer products. (Boxes with gaps cost windows more than is known here.)
    whole = a.is_full and b.is_full and region.box.shape == sum_shape(a.shape, b.shape)
    hopeless = whole and ways.get("tilted", math.inf) < min(ways.get("direct", 0.0), ways.get("ball", 0.0))
    if "direct" in ways and not hopeless:
        factor, pairs = direct.work(part_a, part_b)
        ways["direct"] = ways["direct"] * factor + (pairs - 1) * costs.BAND_SECONDS
        if "ball" in ways and pairs > 1:
            # FLINT multiplies blocks pair by pair: as many as there are bands, or entries where neighbours jump.
            sizes = region.part_a.size * region.part_b.size
            ways["ball"] += costs.BALL_PAIR_SECONDS * (1 - 1 / max(factor, 1.0)) * sizes
            ways["ball"] += costs.BALL_BAND_SECONDS * 2 * math.sqrt(pairs * sizes)
    if len(ways) > 1 and BOXES["ball"].bytes(patch) > current_settings().max_bytes:
        ways.pop("ball", None)
    return ways
