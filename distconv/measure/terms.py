"""Sums that know their terms: what adds up, like cumulants, is asked of the terms where that is cheaper.

A measure that is the sum of many outcomes remembers the measures it is a sum of.
"""

from __future__ import annotations

from distconv.measure.measure import Measure

#: Outcomes from which on an exact sum keeps its terms: their moments take less than a tenth of the sum itself, its own
#: up to as long as the sum.
MANY_OUTCOMES = 4096


def terms_of(measure: Measure) -> list[tuple[Measure, int]] | None:
    """The measures whose sum this is, each with the number of its copies; None where they are not known."""
    return measure.memory.get(terms_of)


def remember_terms(total: Measure, parts: list[tuple[Measure, int]]) -> None:
    """Keeps with a sum of so many copies of some measures what they are, where its moments are cheaper from theirs.

    Parts that are such sums themselves count by their own terms, so that none of them is held for this.
    """
    if total.support.size < MANY_OUTCOMES or total.weights.kind != "exact" or total.missing:
        return
    terms: dict[int, tuple[Measure, int]] = {}
    for part, copies in parts:
        for term, n in terms_of(part) or [(part, 1)]:
            terms[id(term)] = term, terms.get(id(term), (term, 0))[1] + n * copies
    total.memory[terms_of] = list(terms.values())
