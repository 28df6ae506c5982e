"""Choosing a method: predicted cost of each way, limits, and the plan that is chosen, printable before anything runs.

The rule, in order: exact operands stay exact within ``settings.exact_limit``; a dense lattice is used where its cells
cost less than all pairs of points; among the floating methods the predicted time decides. A plan past
``settings.max_bytes`` is refused.
"""

from __future__ import annotations

import math
import sys
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache

from distconv.errors import DistconvValueError, DistconvWarning, SizeLimitError
from distconv.measure import Measure
from distconv.methods.memory import CELL_BYTES
from distconv.settings import Settings, current_settings
from distconv.support.boxes import Box, Region
from distconv.support.lattice import Lattice, power_box, spread_shape, strides_on, sum_box
from distconv.support.outcomes import quotient, rational_gcd
from distconv.support.points import INT64_CELLS

#: Most points for which the ways to divide copies among them are counted (`methods.compositions`).
MOST_POINTS = 12

#: The ways to compute a convolution, by the name that ``method=`` takes.
METHODS = ("exact", "sparse", "direct", "fft", "tilted", "ball")

#: Methods that are not planned for a whole result: they compute the entries that the planned one cannot certify.
LAST_RESORTS = ("tilted", "ball")

#: Seconds of an exact product per bit of the result, and per cell (benchmarks/costs.py).
EXACT_BIT_SECONDS = 2.5e-9
EXACT_CELL_SECONDS = 5e-8
#: How many times quicker FLINT raises a short polynomial to a power than it multiplies results of that size, at most;
#: and at so many times fewer coefficients than this (benchmarks/plan_quality.py, sums of copies).
POWER_SPEEDUP = 10
POWER_SHORT = 60
#: Cells up to which an exact sum of dense operands is dense without further thought.
FEW_CELLS = 64
#: Fewest copies for which windows are tried; seconds to start, per window (there are about sqrt(n)), and per entry.
WINDOW_COPIES = 8
WINDOWS_START_SECONDS = 8e-3
WINDOW_SECONDS = 2e-4
CELL_WINDOW_SECONDS = 5e-7
#: The same in n-D, where windows are many more.
SADDLES_START_SECONDS = 2e-2
CELL_SADDLE_SECONDS = 2e-6
#: Seconds of a mixture per law, and per point of one, exact or floating (benchmarks/plan_quality.py).
PART_SECONDS = 1e-4
POINT_EXACT_SECONDS = 1e-6
POINT_FLOAT_SECONDS = 2e-7
#: Seconds of one level of a compound sum to start, and of one of its cells in floating 1-D.
COMPOUND_LEVEL_SECONDS = 1e-4
CELL_COMPOUND_SECONDS = 1e-6
#: Seconds per pair of points, merged in a dict of exact integers or by sorting doubles.
PAIR_EXACT_SECONDS = 3e-7
PAIR_FLOAT_SECONDS = 1e-7
#: Seconds per pair of entries that are multiplied in many bands of doubles, their weights thousands of bits apart
#: (benchmarks/plan_quality.py).
PAIR_BANDS_SECONDS = 1e-7
#: Seconds per way to divide copies among few points, and per power of a point's weight.
WAY_SECONDS = 3e-7
FACTOR_SECONDS = 3e-6
WAYS_START_SECONDS = 3e-4
#: Seconds per cell that gaps between sparse points add to a transform: the entries around them are computed again.
GAP_SECONDS = 2e-6
#: A sum whose quick methods need too much memory is refused where the others are predicted to take more than so many
#: seconds, and so many times longer than the quick ones: raising ``settings.max_bytes`` is then the better answer.
PATIENCE_SECONDS = 60.0
PATIENCE_RATIO = 100
#: Bytes per distinct sum of two floating points, at its peak.
PAIR_BYTES = 48
#: Larger numbers of cells or bytes are shown as a power of ten.
MOST_SHOWN = 10**24
#: Bytes up to which raising the limit is a way out: more than most machines have.
MOST_RAISED = 2**40
#: How many times fewer cells than fit a step that is proposed leaves: what else the computation holds, and the planner
#: with it, has room then.
ROUNDED_ROOM = 16
#: The way out of what is too large, where no step is proposed.
ROUND = "round the outcomes to a coarser step: X.round(step)"
#: Exponents of ten beyond this are written as strings, for doubles end there.
MOST_EXPONENT = 300
#: Bytes per way to divide copies among points, at its peak.
WAY_BYTES = 120
#: Bytes of a Python object and dict entry for one exact sparse point, beside its bits.
POINT_BYTES = 150


@dataclass(frozen=True, slots=True)
class Plan:
    """How a result is, or was, computed.

    Attributes:
        method: ``exact``, ``sparse``, ``direct``, ``fft``, ``ball``, or how a law was made.
        kind: ``exact`` or ``float``: what the result's weights are.
        cells: predicted number of cells (or pairs of points, for ``sparse``).
        bytes: predicted memory of the result.
        seconds: predicted time.
        reason: why this method.
        others: the methods it was preferred to, with their predicted seconds.
    """

    method: str
    kind: str = ""
    cells: int = 0
    bytes: int = 0
    seconds: float = 0.0
    reason: str = ""
    others: tuple[tuple[str, float], ...] = ()

    def __str__(self) -> str:
        if not self.kind:
            return f"{self.method}: {self.reason}" if self.reason else self.method
        return (
            f"method   {self.method} ({self.kind})\n"
            f"cells    {self.cells:,}\n"
            f"bytes    {human_bytes(self.bytes)}\n"
            f"time     {human_seconds(self.seconds)} predicted\n"
            f"reason   {self.reason}"
            + "".join(f"\nor       {method}: {human_seconds(seconds)} predicted" for method, seconds in self.others)
        )


def human_bytes(count: float) -> str:
    """A number of bytes in words: ``3.2 MiB``."""
    if count > MOST_SHOWN:
        return f"over 10**{int(math.log10(count))} bytes"
    for unit in ("bytes", "KiB", "MiB", "GiB", "TiB"):
        if count < 1024 or unit == "TiB":
            return f"{count:,.0f} {unit}" if unit == "bytes" or count >= 100 else f"{count:.1f} {unit}"
        count /= 1024
    raise AssertionError


def human_count(count: int) -> str:
    """A number of things in words: ``12,345``."""
    return f"{count:,}" if count < MOST_SHOWN else f"over 10**{int(math.log10(count))}"


def human_seconds(seconds: float) -> str:
    """A time in words: ``12 ms``."""
    for limit, factor, unit in ((1e-3, 1e6, "us"), (1.0, 1e3, "ms"), (600.0, 1.0, "s")):
        if seconds < limit:
            return f"{seconds * factor:.3g} {unit}"
    return f"{seconds / 60:,.0f} min"


@dataclass(frozen=True, slots=True)
class Outline:
    """What the planner needs to know of an operand.

    Attributes:
        box: the smallest box that holds its points.
        points: how many points it stores.
        bits: bits that its exact numerators take at most (a probability is at most its denominator); 0 if floating.
        is_rough: a sum of sparse points, whose neighbours differ widely even where all cells are filled.
    """

    box: Lattice
    points: int
    bits: int
    is_rough: bool = False

    @classmethod
    def of(cls, measure: Measure) -> Outline:
        """The outline of a measure."""
        return cls(measure.box, measure.support.size, measure.weights.bits)

    @property
    def is_dense(self) -> bool:
        """Whether every cell of the box is stored."""
        return self.points == self.box.size

    def copies(self, n: int) -> Outline:
        """The outline of the sum of n copies; of sparse points as many as there can be."""
        box = power_box(self.box, n)
        points = box.size if self.is_dense else min(box.size, math.comb(self.points + n - 1, n))
        return Outline(box, points, n * self.bits, self.is_rough or not self.is_dense)


#: Of an operation made of others: whether one of them has been announced. None outside such operations.
_told: ContextVar[list[Plan] | None] = ContextVar("distconv_announced", default=None)


@contextmanager
def announced_once() -> Iterator[None]:
    """What is inside is one operation: at most one of the plans that it is made of is announced."""
    if _told.get() is not None:
        yield
        return
    token = _told.set([])
    try:
        yield
    finally:
        _told.reset(token)


def announced(plan: Plan) -> Plan:
    """The plan of work that is about to start; warns where it is predicted to take longer than the settings allow.

    Warns:
        DistconvWarning: more than ``settings.warn_seconds``.
    """
    patience = current_settings().warn_seconds
    told = _told.get()
    if plan.seconds > patience and not told:
        if told is not None:
            told.append(plan)
        warnings.warn(
            f"this is predicted to take {human_seconds(plan.seconds)} ({plan.method}, {plan.cells:,} cells); Ctrl-C "
            "stops it, with distconv.settings(warn_seconds=math.inf): ... silences this warning",
            DistconvWarning,
            stacklevel=_callers_level(),
        )
    return plan


def _callers_level() -> int:
    """How many frames up the first one outside the library is, for `warnings.warn`."""
    level, frame = 1, sys._getframe(1)
    while frame.f_back is not None and frame.f_globals.get("__name__", "").partition(".")[0] == "distconv":
        level, frame = level + 1, frame.f_back
    return level


def plan_convolution(a: Outline, b: Outline, method: str = "auto") -> Plan:
    """The plan of one convolution.

    Raises:
        SizeLimitError: the result is predicted to take more than ``settings.max_bytes``.
        DistconvValueError: an unknown method, or an exact one for floating weights.
    """
    return _planned(a, b, method, current_settings())


@lru_cache(maxsize=256)
def _planned(a: Outline, b: Outline, method: str, limits: Settings) -> Plan:
    """The plan under these settings; a loop over laws of the same shapes plans once."""
    if method not in ("auto", *METHODS):
        raise DistconvValueError(f"method {method!r} is not one of 'auto', {', '.join(map(repr, METHODS))}")
    box = sum_box(a.box, b.box)
    both_exact = bool(a.bits and b.bits)
    if (
        both_exact
        and method == "auto"
        and a.is_dense
        and b.is_dense
        and box.size <= max(a.points * b.points, FEW_CELLS)
    ):
        plan = _exact_plan(box.size, a.bits + b.bits)
        if plan is not None:
            return plan
    candidates = _candidates(a, b, box, both_exact)
    if method == "auto":
        return _cheapest(candidates, both_exact, box)
    fixed = [p for p in candidates if p.method == method]
    if not fixed:
        raise DistconvValueError(
            f"method={method!r} needs exact weights on both sides; use X.to_exact(normalize=True) first"
        )
    chosen = fixed[0]
    if chosen.bytes > limits.max_bytes:
        raise sum_error(chosen, box)
    return replace(chosen, reason="asked for")


def stays_exact(points: int, bits: int) -> bool:
    """Whether so many exact weights of so many bits are within the settings' limits."""
    limits = current_settings()
    return points * bits <= limits.exact_limit and points * (8 + (bits >> 3 if bits > 62 else 0)) <= limits.max_bytes


def _exact_plan(cells: int, bits: int, speedup: float = 1.0) -> Plan | None:
    """The plan of an exact dense result with numerators of so many bits; None where it is past the limits."""
    limits = current_settings()
    size = cells * (8 + (bits >> 3 if bits > 62 else 0))
    if not stays_exact(cells, bits):
        return None
    seconds = 1e-6 + cells * (EXACT_CELL_SECONDS + bits * EXACT_BIT_SECONDS / speedup)
    reason = f"{bits:,} bits x {cells:,} cells are within exact_limit = {limits.exact_limit:,}"
    return Plan("exact", "exact", cells, size, seconds, reason)


def past_exact() -> str:
    """Why exact operands give a floating result, to begin a reason with."""
    return f"exact weights would pass exact_limit = {current_settings().exact_limit:,}; "


def _candidates(a: Outline, b: Outline, box: Lattice, both_exact: bool) -> list[Plan]:
    """Every way within the exactness limit to compute a convolution, with its cost; exact ones first."""
    from distconv.methods.certified import predict

    cells, pairs = box.size, a.points * b.points
    result = []
    if both_exact:
        bits = a.bits + b.bits
        dense = _exact_plan(cells, bits)
        if dense is not None:
            result.append(dense)
        points = min(pairs, cells)
        if points * (bits + 8 * POINT_BYTES) <= current_settings().exact_limit:
            seconds = pairs * (PAIR_EXACT_SECONDS + bits * 1e-10)
            reason = f"{bits:,} bits x {points:,} points are within exact_limit = {current_settings().exact_limit:,}"
            result.append(Plan("sparse", "exact", pairs, points * (POINT_BYTES + bits // 8), seconds, reason))
    distinct = min(pairs, cells)
    result.append(Plan("sparse", "float", pairs, distinct * PAIR_BYTES, 5e-5 + pairs * PAIR_FLOAT_SECONDS))
    if cells < INT64_CELLS:
        shapes = [spread_shape(m.box.shape, strides_on(m.box, box.step)) for m in (a, b)]
        times = predict(Region.of(shapes[0], shapes[1], Box.whole(box.shape)), min(a.points, b.points))
        if a.is_rough or b.is_rough or a.points < math.prod(shapes[0]) or b.points < math.prod(shapes[1]):
            times["fft"] += GAP_SECONDS * cells
    else:
        times = dict.fromkeys(("direct", "fft", "tilted", "ball"), math.inf)
    result.extend(Plan(name, "float", cells, cells * CELL_BYTES[name], seconds) for name, seconds in times.items())
    return result


def _cheapest(candidates: list[Plan], both_exact: bool, box: Lattice) -> Plan:
    """The quickest way within the limits: an exact one if there is one, else a floating one."""
    limits = current_settings()
    exact = [p for p in candidates if p.kind == "exact" and p.bytes <= limits.max_bytes]
    if exact:
        return min(exact, key=lambda p: p.seconds)
    floating = [p for p in candidates if p.kind == "float" and p.method not in LAST_RESORTS]
    fitting = [p for p in floating if p.bytes <= limits.max_bytes]
    if not fitting:
        raise sum_error(min(floating, key=lambda p: p.bytes), box)
    best, quickest = (min(plans, key=lambda p: p.seconds) for plans in (fitting, floating))
    if best.seconds > max(PATIENCE_SECONDS, PATIENCE_RATIO * quickest.seconds):
        raise sum_error(quickest, box)
    note = past_exact() if both_exact else ""
    others = tuple([(p.method, p.seconds) for p in floating if p is not best and p.seconds < 1e6 * best.seconds])
    return Plan(best.method, best.kind, best.cells, best.bytes, best.seconds, f"{note}predicted quickest", others)


def plan_exact_power(a: Outline, n: int) -> Plan | None:
    """The plan of an exact n-fold sum by one power of a polynomial; None where that is past the limits."""
    if not a.bits:
        return None
    cells = power_box(a.box, n).size
    # The polynomial is as long as its first row is, in rows of the result.
    length = cells / n if a.box.ndim > 1 else a.box.size
    return _exact_plan(cells, n * a.bits, min(POWER_SPEEDUP, max(1.0, POWER_SHORT / length)))


def plan_mixture(laws: int, points: int, bits: int) -> Plan:
    """The plan of a mixture of laws of so many points, whose exact weights take so many bits; 0 for floating ones.

    Raises:
        SizeLimitError: the result would pass ``settings.max_bytes``.
    """
    if bits:
        size, each = points * (POINT_BYTES + bits // 8), POINT_EXACT_SECONDS + bits * EXACT_BIT_SECONDS
    else:
        size, each = points * PAIR_BYTES, POINT_FLOAT_SECONDS
    seconds = laws * PART_SECONDS + points * each
    reason = f"{laws:,} laws, weighted"
    plan = Plan("mixture", "exact" if bits else "float", points, size, seconds, reason)
    if plan.bytes > current_settings().max_bytes:
        raise size_error(plan, "the mixture", "round the outcomes of the laws to a coarser step: X.round(step)")
    return plan


def plan_compound(counts: Outline, terms: Outline) -> Plan:
    """The plan of the sum of a finite random number of terms: exact while all its levels are within the limit.

    Raises:
        SizeLimitError: the result would pass ``settings.max_bytes``.
    """
    fewest, most = int(counts.box.origin[0]), int(counts.box.high[0])
    levels = (most - fewest).bit_length() + 1
    points = _compound_points(counts, terms)
    limits = current_settings()
    bits = most * terms.bits + counts.bits
    size = points * (8 + bits // 8 if terms.is_dense else POINT_BYTES + bits // 8)
    story = f"{counts.points:,} numbers of terms up to {most:,}, halved {levels} times"
    if terms.bits and counts.bits and points * bits * levels <= limits.exact_limit and size <= limits.max_bytes:
        seconds = levels * (COMPOUND_LEVEL_SECONDS + points * (EXACT_CELL_SECONDS + bits * EXACT_BIT_SECONDS))
        reason = f"{story}; {bits:,} bits x {points:,} cells are within exact_limit = {limits.exact_limit:,}"
        return Plan("compound", "exact", points, size, seconds, reason)
    flat = terms.box.ndim == 1
    each = PAIR_FLOAT_SECONDS if not terms.is_dense else CELL_COMPOUND_SECONDS if flat else CELL_SADDLE_SECONDS
    seconds = levels * (COMPOUND_LEVEL_SECONDS + each * points)
    plan = Plan("compound", "float", points, points * CELL_BYTES["tilted"], seconds, story)
    if plan.bytes > limits.max_bytes:
        raise size_error(plan, "the compound sum", "round the outcomes of one term to a coarser step: X.round(step)")
    return plan


def plan_asked(method: str, cells: int, seconds: float, reason: str) -> Plan:
    """The plan of a window of a law that is asked, not held.

    Raises:
        SizeLimitError: the window would pass ``settings.max_bytes``.
    """
    plan = Plan(method, "float", cells, cells * CELL_BYTES["tilted"], seconds, reason)
    if plan.bytes > current_settings().max_bytes:
        raise size_error(
            plan, "a window of the sum", "round the outcomes of its terms to a coarser step: X.round(step)"
        )
    return plan


def _compound_points(counts: Outline, terms: Outline) -> int:
    """How many outcomes a sum of so many terms has at most."""
    fewest, most = int(counts.box.origin[0]), int(counts.box.high[0])
    cells, single = 1, counts.points * math.prod(most * (k - 1) + 1 for k in terms.box.shape)
    for low, high, step, count in zip(terms.box.origin, terms.box.high, terms.box.step, terms.box.shape, strict=True):
        unit = rational_gcd(step if count > 1 else 0, low if fewest != most else 0)
        ends = [n * x for n in (fewest, most) for x in (low, high)]
        cells *= int(quotient(max(ends) - min(ends), unit)) + 1 if unit else 1
    # Each number of terms has its own stretch of outcomes, or they overlap.
    cells = min(cells, single)
    if terms.is_dense:
        return cells
    # At most C(points + n, n) distinct sums of n terms or fewer.
    sums = 1
    for k in range(1, min(most, terms.points) + 1):
        sums = sums * (terms.points + most + 1 - k) // k
        if sums > cells:
            return cells
    return min(sums, cells)


def plan_windows(a: Outline, n: int) -> Plan | None:
    """The plan of a floating n-fold sum of a dense measure: tilted windows, or direct squarings; None for others.

    Raises:
        SizeLimitError: the result would pass ``settings.max_bytes``.
    """
    if not a.is_dense or n < WINDOW_COPIES or min(a.box.shape) < 2:
        return None
    cells = power_box(a.box, n).size
    if len(a.box.shape) == 1:
        seconds = WINDOWS_START_SECONDS + WINDOW_SECONDS * math.sqrt(n) + CELL_WINDOW_SECONDS * cells
    else:
        seconds = SADDLES_START_SECONDS + CELL_SADDLE_SECONDS * cells
    reason = f"{n} copies at once, by transforms under tilts from the cumulant generating function"
    plan = Plan("tilted", "float", cells, cells * CELL_BYTES["tilted"], seconds, reason)
    if plan.bytes > current_settings().max_bytes:
        raise sum_error(plan, power_box(a.box, n))
    direct = plan_last_product(a, n, "direct")
    return plan if plan.seconds < direct.seconds else direct


def plan_ways(a: Outline, n: int) -> Plan | None:
    """The plan of a floating n-fold sum of few points by all ways to divide the copies among them; None for others."""
    if a.points > MOST_POINTS:
        return None
    ways = math.comb(n + a.points - 1, a.points - 1)
    # Of one point there is one way, whose weight is one power.
    seconds = WAYS_START_SECONDS + ways * WAY_SECONDS + n * a.points * FACTOR_SECONDS if ways > 1 else 0.0
    reason = f"{ways:,} ways to divide {n:,} copies among {a.points} points"
    plan = Plan("sparse", "float", ways, ways * WAY_BYTES, seconds, reason)
    return plan if plan.bytes <= current_settings().max_bytes else None


def plan_last_product(a: Outline, n: int, method: str = "auto") -> Plan:
    """The plan of the last product of an n-fold sum: two halves, as wide as they can get."""
    return plan_convolution(a.copies(n // 2), a.copies(n - n // 2), method)


def after(last: Plan, story: str) -> Plan:
    """The plan of a computation of many steps, told by its story and its last step."""
    return replace(last, reason=f"{story}; the last: {last.reason}")


def symbolic_plan(cells: int, reason: str) -> Plan:
    """The plan of a convolution of polynomials in letters."""
    return Plan("symbolic", "symbolic", cells, reason=reason)


def check_cells(
    cells: int,
    what: str = "the sum",
    way: str = ROUND,
    *,
    method: str = "direct",
) -> None:
    """Refuses a dense result that no way of computing it makes smaller than this method does; `way` is the way out.

    Raises:
        SizeLimitError: its cells would pass ``settings.max_bytes``.
    """
    plan = Plan(method, "float", cells, cells * CELL_BYTES[method])
    if plan.bytes > current_settings().max_bytes:
        raise size_error(plan, what, way)


def check_sum(box: Lattice, what: str = "the sum", method: str = "direct") -> None:
    """Refuses a dense sum on a box that no way of computing it makes smaller than this method does.

    Raises:
        SizeLimitError: its cells would pass ``settings.max_bytes``.
    """
    plan = Plan(method, "float", box.size, box.size * CELL_BYTES[method])
    if plan.bytes > current_settings().max_bytes:
        raise sum_error(plan, box, what)


def check_product(a: Outline, b: Outline) -> None:
    """Refuses a joint law that is too large.

    Raises:
        SizeLimitError: it would pass ``settings.max_bytes``.
    """
    cells, each = a.points * b.points, PAIR_BYTES + (a.bits + b.bits) // 8
    plan = Plan("product", "", cells, cells * each)
    if plan.bytes > current_settings().max_bytes:
        way = f"round both laws to a coarser step: {_rounded((a.box, b.box), each)}"
        raise size_error(plan, "the joint law", way)


def sum_error(plan: Plan, box: Lattice, what: str = "the sum") -> SizeLimitError:
    """The refusal of a sum that is too large, on a box of all that it can be."""
    return size_error(plan, what, f"round the terms to one coarser step: {_rounded((box,), max(CELL_BYTES.values()))}")


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
