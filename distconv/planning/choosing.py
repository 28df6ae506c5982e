"""Choosing a method: the cost of each way to compute a sum, and the plan that is chosen.

The rule, in order: exact operands stay exact within ``settings.exact_limit``; a dense lattice is used where its cells
cost less than all pairs of points; among the floating methods the predicted time decides. A plan past
``settings.max_bytes`` is refused. No method is known here by what it does: all are asked for their costs.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

from distconv.errors import DistconvValueError
from distconv.planning.limits import past_exact, sum_error
from distconv.planning.outline import Outline
from distconv.planning.plan import Plan
from distconv.planning.registry import BOXES, COPIES, PAIRS, Given, Made, Method, Task
from distconv.planning.tasks import Copies, Pair
from distconv.settings import Settings, current_settings
from distconv.support.lattice import Lattice
from distconv.support.points import INT64_CELLS

#: Methods that are not planned for a whole result: they compute the entries that the planned one cannot certify.
LAST_RESORTS = ("tilted", "ball")
#: Cells up to which an exact sum of dense operands is dense without further thought.
FEW_CELLS = 64
#: A sum whose quick methods need too much memory is refused where the others are predicted to take more than so many
#: seconds, and so many times longer than the quick ones: raising ``settings.max_bytes`` is then the better answer.
PATIENCE = 60.0
PATIENCE_RATIO = 100


def names() -> tuple[str, ...]:
    """What ``method=`` may be, beside ``auto``."""
    return (*PAIRS, *BOXES)


def plan_convolution(a: Outline, b: Outline, method: str = "auto") -> Plan:
    """The plan of one convolution.

    Raises:
        SizeLimitError: the result is predicted to take more than ``settings.max_bytes``.
        DistconvValueError: an unknown method, or one that is not for weights of this kind.
    """
    return _planned(a, b, method, current_settings(), PAIRS.version + BOXES.version)


@lru_cache(maxsize=256)
def _planned(a: Outline, b: Outline, method: str, limits: Settings, version: int) -> Plan:  # noqa: ARG001 - a key
    """The plan under these settings; a loop over laws of the same shapes plans once."""
    pair = Pair.of(a, b)
    if method != "auto":
        return _forced(pair, method)
    both_exact = pair.kind == "exact"
    if both_exact:
        if a.is_dense and b.is_dense and pair.cells <= max(pair.pairs, FEW_CELLS):
            dense = PAIRS["exact"]
            if dense.applies(pair):
                return planned(dense, pair)
        exact = [p for p in candidates(pair) if p.bytes <= limits.max_bytes]
        if exact:
            return min(exact, key=lambda p: p.seconds)
        pair = pair.rounded()
    return _cheapest(candidates(pair), both_exact, pair.box)


def planned(method: Method[Task, Given, Made], task: Task, seconds: float | None = None) -> Plan:
    """The plan of a task by a method."""
    if seconds is None:
        seconds = method.cost(task)
    return Plan(method.name, task.kind, method.cells(task), method.bytes(task), seconds, method.reason(task))


def candidates(pair: Pair) -> list[Plan]:
    """Every way to compute a sum in weights of its kind, with its cost."""
    found = [planned(method, pair) for method in PAIRS.values() if method.applies(pair)]
    if pair.kind == "float":
        patch = pair.patch()
        # Of boxes that no array holds only the memory is told, in the refusal.
        seconds = None if pair.cells < INT64_CELLS else math.inf
        found += [planned(method, patch, seconds) for method in BOXES.values()]
    return found


def _forced(pair: Pair, method: str) -> Plan:
    """The plan by a method that was asked for; exact where that is within the limits and the method can be."""
    if method not in names():
        raise DistconvValueError(f"method {method!r} is not one of 'auto', {', '.join(map(repr, names()))}")
    for task in (pair, pair.rounded()):
        for plan in candidates(task):
            if plan.method == method:
                if plan.bytes > current_settings().max_bytes:
                    raise sum_error(plan, pair.box)
                return replace(plan, reason="asked for")
    if method not in ("exact", "symbolic"):
        fitting = dict.fromkeys(plan.method for task in (pair, pair.rounded()) for plan in candidates(task))
        raise DistconvValueError(
            f"method={method!r} is not for these laws; {', '.join(map(repr, fitting))} are, or leave the choice to "
            "method='auto'"
        )
    if pair.kind == "exact":
        raise DistconvValueError(
            f"method={method!r}: {past_exact()}raise it, "
            f"distconv.settings(exact_limit={pair.cells * pair.bits}), or leave the choice to method='auto'"
        )
    raise DistconvValueError(
        f"method={method!r} needs exact weights on both sides; use X.to_exact(normalize=True) first"
    )


def _cheapest(floating: list[Plan], both_exact: bool, box: Lattice) -> Plan:
    """The quickest way within the limits."""
    limits = current_settings()
    floating = [p for p in floating if p.method not in LAST_RESORTS]
    fitting = [p for p in floating if p.bytes <= limits.max_bytes]
    if not fitting:
        raise sum_error(min(floating, key=lambda p: p.bytes), box)
    best = min(fitting, key=lambda p: p.seconds)
    check_patience(best, floating, box)
    note = past_exact() if both_exact else ""
    others = tuple([(p.method, p.seconds) for p in floating if p is not best and p.seconds < 1e6 * best.seconds])
    return replace(best, reason=f"{note}{best.reason or 'predicted quickest'}", others=others)


def check_patience(best: Plan, others: Sequence[Plan], box: Lattice) -> None:
    """Refuses a sum whose quickest way within the limits takes far longer than one that needs more memory.

    Raises:
        SizeLimitError: it does; the way out is that memory.
    """
    quickest = min(others, key=lambda p: p.seconds, default=best)
    if best.seconds > max(PATIENCE, PATIENCE_RATIO * quickest.seconds):
        raise sum_error(quickest, box)


def plan_kept(task: Copies) -> Plan | None:
    """The plan of copies by the method of their own number system, all at once; None where it does not apply."""
    return _kept(task, current_settings(), COPIES.version)


@lru_cache(maxsize=256)
def _kept(task: Copies, limits: Settings, version: int) -> Plan | None:  # noqa: ARG001 - keys, as of `_planned`
    """The plan under these settings; a loop over laws of the same shapes plans once."""
    way = COPIES.get(task.kind)
    return planned(way, task) if way is not None and way.applies(task) else None


def plan_copies(task: Copies, method: str) -> Plan | None:
    """The plan of a sum of copies by a method that takes them all at once; None where it cannot."""
    way = COPIES.get(method)
    for each in (task, task.rounded()):
        if way is not None and way.applies(each):
            return planned(way, each)
    return None


def plan_last_product(a: Outline, n: int, method: str = "auto") -> Plan:
    """The plan of the last product of an n-fold sum: two halves, as wide as they can get."""
    return plan_convolution(a.copies(n // 2), a.copies(n - n // 2), method)
