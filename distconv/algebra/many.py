"""Sums of many independent laws: closed forms first, equal terms as powers, then a balanced tree."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from fractions import Fraction
from functools import reduce
from typing import TYPE_CHECKING

from distconv import summing
from distconv.algebra.sums import add, copies, in_doubles
from distconv.errors import SizeLimitError
from distconv.laws import rules
from distconv.laws.adding import summed
from distconv.laws.finite import Finite
from distconv.laws.kept import is_keepable, is_kept, is_long, kept
from distconv.laws.law import Law

if TYPE_CHECKING:
    from concurrent.futures import Executor

#: Up to so many named laws every pair is tried for a closed form; among more, those next to each other in order.
MOST_NAMED = 64


def sum_of(laws: Iterable[Law]) -> Law:
    """The law of the sum of some independent laws, at least one."""
    return total(grouped((law, 1) for law in laws))


def total(laws: list[tuple[Law, int]], executor: Executor | None = None, advance: Callable[[int], object] = int) -> Law:
    """The law of the sum of so many copies of each of some laws, at least one.

    Args:
        laws: what `grouped` gave.
        executor: runs the products of one level of the tree side by side.
        advance: is told of products that have been made.
    """
    if len(laws) == 1:
        return copies(*laws[0])
    has_end = all(law.is_finite for law, _ in laws)
    if any(law.spelled() is not None or (law.letters and not has_end) for law, _ in laws):
        return reduce(add, (copies(*pair) for pair in laws))
    if not has_end:
        laws = [(in_doubles(law), n) for law, n in laws]
        return summed(laws) if laws[0][0].ndim == 1 else reduce(add, (copies(*pair) for pair in laws))
    if any(is_kept(law) for law, _ in laws) or is_long(laws):
        return kept(laws)
    try:
        return Finite(*summing.total([(law.measure, n) for law, n in laws], executor, advance))
    except SizeLimitError:
        if not is_keepable(laws):
            raise
        return kept(laws)


def grouped(terms: Iterable[tuple[Law, int]]) -> list[tuple[Law, int]]:
    """So many copies of some laws to be added, after closed forms have merged what they can."""
    counts: dict[tuple[Law, bool, float], int] = {}
    for law, n in terms:
        # Equal laws may be known with different errors, or one exactly.
        key = (law, law.is_exact, law.error if law.family is None else 0.0)
        counts[key] = counts.get(key, 0) + n
    plain: list[tuple[Law, int]] = []
    named: list[Law] = []
    for (law, _, _), n in counts.items():
        closed = rules.apply("copies", law, n) if n > 1 else law
        if closed is not None and rules.has_rules(type(closed)):
            named.append(closed)
        else:
            plain.append((law, n))
    merged: list[Law] = []
    for law in sorted(named, key=_order):
        closed = rules.apply("add", merged[-1], law) if merged else None
        if closed is None:
            merged.append(law)
        else:
            merged[-1] = closed
    if len(merged) <= MOST_NAMED:
        merged = _merged_pairs(merged)
    return plain + [(law, 1) for law in merged]


def _order(law: Law) -> tuple[str, float]:
    """A sorting key that puts laws that a rule may merge beside each other: by family, then by the last parameter."""
    values = law.values()
    last = values[-1] if values else 0
    return type(law).__name__, float(last) if isinstance(last, int | float | Fraction) else 0.0


def _merged_pairs(laws: list[Law]) -> list[Law]:
    """The laws after every pair has been tried, those of different families too."""
    merged: list[Law] = []
    for law in laws:
        for i, other in enumerate(merged):
            closed = rules.apply("add", other, law)
            if closed is not None:
                merged[i] = closed
                break
        else:
            merged.append(law)
    return merged
