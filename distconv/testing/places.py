"""Places at which a law is asked: its first outcomes, or those about the middle where there is no first one."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from distconv.distribution import Distribution
from distconv.errors import DistconvError
from distconv.typing import Outcome

#: Levels at which a law without a first outcome is asked for its quantiles.
LEVELS = (Fraction(1, 2), Fraction(1, 4), Fraction(3, 4), Fraction(1, 20), Fraction(19, 20), Fraction(1, 1000))


def places_of(law: Distribution, count: int) -> Sequence[Outcome]:
    """Up to so many outcomes of a law, of any kind: the first ones, those about the middle, or whole numbers.

    What cannot be listed is asked otherwise: a joint law for places of its members, a law with letters in its ends for
    the whole numbers from 0, or from its low end, on.
    """
    if law.law.spelled() is not None:
        # Outcomes that are expressions may have no known order, but can be listed.
        return list(itertools.islice(law.to_dict(), count))
    if law.law.is_laid_out() or not law.letters:
        try:
            return list(itertools.islice(law.support, count))
        except DistconvError:
            return _unlisted(law, count)
    if law.ndim > 1:
        return _unlisted(law, count)
    low: Any = law.low
    start = int(low) if getattr(low, "is_Integer", False) or isinstance(low, int) else 0
    return list(range(start, start + count))


def _unlisted(law: Distribution, count: int) -> Sequence[Outcome]:
    """Outcomes of a law that has no first one."""
    members = law.members
    if len(members) > 1:
        each = [[x if isinstance(x, tuple) else (x,) for x in places_of(member, 3)] for member in members]
        found = [sum(parts, ()) for parts in itertools.product(*each)]
        return found[:count]
    try:
        return sorted({law.ppf(level) for level in LEVELS[:count]})
    except DistconvError:
        return []
