"""What is past the limits of the settings, and the refusal of it with a way out."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction

from distconv.errors import SizeLimitError
from distconv.planning import costs
from distconv.planning.outline import Outline
from distconv.planning.plan import Plan, human_bytes, human_count
from distconv.settings import current_settings
from distconv.support.lattice import Lattice

#: Bytes up to which raising the limit is a way out: more than most machines have.
MOST_RAISED = 2**40
#: How many times fewer cells than fit a step that is proposed leaves: what else the computation holds, and the planner
#: with it, has room then.
ROUNDED_ROOM = 16
#: The way out of what is too large, where no step is proposed.
ROUND = "round the outcomes to a coarser step: X.round(step)"
#: Exponents of ten beyond this are written as strings, for doubles end there.
MOST_EXPONENT = 300


def stays_exact(points: int, bits: int) -> bool:
    """Whether so many exact weights of so many bits are within the settings' limits."""
    limits = current_settings()
    return points * bits <= limits.exact_limit and exact_bytes(points, bits) <= limits.max_bytes


def exact_bytes(points: int, bits: int) -> int:
    """The memory of so many exact weights of so many bits."""
    return points * (8 + (bits >> 3 if bits > 62 else 0))


def within_exact(points: int, bits: int, what: str = "cells") -> str:
    """Why a result is exact."""
    return f"{bits:,} bits x {points:,} {what} are within exact_limit = {current_settings().exact_limit:,}"


def past_exact() -> str:
    """Why exact operands give a floating result, to begin a reason with."""
    return f"exact weights would pass exact_limit = {current_settings().exact_limit:,}; "


def check_cells(
    cells: int,
    what: str = "the sum",
    way: str = ROUND,
    *,
    each: int = costs.DIRECT_BYTES,
) -> None:
    """Refuses a dense result of at least so many bytes for each cell; `way` is the way out.

    Raises:
        SizeLimitError: its cells would pass ``settings.max_bytes``.
    """
    plan = Plan("sum", "float", cells, cells * each)
    if plan.bytes > current_settings().max_bytes:
        raise size_error(plan, what, way)


def check_sum(box: Lattice, what: str = "the sum", each: int = costs.DIRECT_BYTES) -> None:
    """Refuses a dense sum on a box of at least so many bytes for each cell.

    Raises:
        SizeLimitError: its cells would pass ``settings.max_bytes``.
    """
    plan = Plan("sum", "float", box.size, box.size * each)
    if plan.bytes > current_settings().max_bytes:
        raise sum_error(plan, box, what)


def check_product(a: Outline, b: Outline) -> None:
    """Refuses a joint law that is too large.

    Raises:
        SizeLimitError: it would pass ``settings.max_bytes``.
    """
    cells, each = a.points * b.points, costs.PAIR_BYTES + (a.bits + b.bits) // 8
    plan = Plan("product", "", cells, cells * each)
    if plan.bytes > current_settings().max_bytes:
        way = f"round both laws to a coarser step: {_rounded((a.box, b.box), each)}"
        raise size_error(plan, "the joint law", way)


def sum_error(plan: Plan, box: Lattice, what: str = "the sum") -> SizeLimitError:
    """The refusal of a sum that is too large, on a box of all that it can be."""
    return size_error(plan, what, f"round the terms to one coarser step: {_rounded((box,), costs.BALL_BYTES)}")


def _rounded(boxes: Sequence[Lattice], each: int) -> str:
    """The call that rounds to a power of ten which leaves so few cells, of so many bytes each, that they fit."""
    cells = max(1, current_settings().max_bytes // each // ROUNDED_ROOM)
    spans = [Fraction(s * (n - 1)) for box in boxes for s, n in zip(box.step, box.shape, strict=True) if n > 1]
    # With d axes of lengths L, step**d = prod(L) / cells; as powers of two, for the numbers may be of any size.
    bits = (sum(_log2(span) for span in spans) - math.log2(cells)) / max(1, len(spans))
    power = math.ceil(bits * math.log10(2))
    step = f'"1e{power}"' if abs(power) > MOST_EXPONENT else str(10**power)
    return f"X.round({step})"


def _log2(value: Fraction) -> float:
    """The logarithm of a fraction of any size."""
    return math.log2(value.numerator) - math.log2(value.denominator)


def size_error(plan: Plan, what: str, way: str) -> SizeLimitError:
    """The refusal of a result that is too large, with a way out."""
    limit = current_settings().max_bytes
    needed = (
        "" if plan.bytes > MOST_RAISED else f", or raise the limit: with distconv.settings(max_bytes={plan.bytes}): ..."
    )
    return SizeLimitError(
        f"{what} needs {human_count(plan.cells)} {'pairs' if plan.method == 'sparse' else 'cells'} "
        f"({human_bytes(plan.bytes)} > limit {human_bytes(limit)}); {way}{needed}"
    )
