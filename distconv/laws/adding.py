"""Sums of laws of numbers, at least one of them infinite: merged by closed forms, then kept as what is left."""

from __future__ import annotations

from collections.abc import Sequence

from distconv.laws import rules
from distconv.laws.distant import Distant, is_distant
from distconv.laws.image import moved
from distconv.laws.law import Law
from distconv.laws.sum import Sum, is_asked
from distconv.support.outcomes import whole
from distconv.typing import Scalar


def summed(terms: Sequence[tuple[Law, int]]) -> Law:
    """The law of the sum of so many copies of each law, merged by closed forms as far as they go, shifts outside.

    One law that is left comes back as it is, a shifted sum as an image.
    """
    merged, shift = _merged(terms)
    (first, copies), *more = merged.items()
    if copies == 1 and not more:
        return moved(first, 1, shift)
    left = tuple(merged.items())
    return moved(Distant(left) if is_distant(left) else Sum(left), 1, shift)


def _merged(terms: Sequence[tuple[Law, int]]) -> tuple[dict[Law, int], Scalar]:
    """The laws of a sum with the number of copies of each, closed forms applied, and the sum of their shifts."""
    shift: Scalar = 0
    merged: dict[Law, int] = {}
    pending = list(reversed(terms))
    while pending:
        law, n = pending.pop()
        base, scale, place = law.parts()
        if place:
            shift += n * place
            law = moved(base, scale, 0)
        if law.terms() != ((law, 1),):
            pending.extend((inner, n * copies) for inner, copies in reversed(law.terms()))
            continue
        if not is_asked(law) and law.measure.support.size == 1 and law.measure.weights.at(0) == 1:
            shift += n * law.low
            continue
        closed = rules.apply("copies", law, n) if n > 1 else None
        if closed is not None:
            pending.append((closed, 1))
            continue
        other = None
        if n == 1:
            for other, copies in merged.items():
                closed = rules.apply("add", other, law) if copies == 1 else None
                if closed is not None:
                    break
        if closed is None or other is None:
            _add_copies(merged, law, n)
        else:
            del merged[other]
            pending.append((closed, 1))
    return merged, whole(shift)


def _add_copies(merged: dict[Law, int], law: Law, n: int) -> None:
    """Adds n copies of a law to those that are there; of equal laws the one that is known worse stays for all."""
    if law not in merged:
        merged[law] = n
        return
    known = next(other for other in merged if other == law)
    copies = merged.pop(known)
    merged[max(known, law, key=lambda one: (not one.is_exact, one.error))] = copies + n
