"""The outcomes of an infinite law, as a sequence without end."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any

from distconv.checks import check_integer
from distconv.errors import DistconvTypeError, DistconvValueError
from distconv.measure.lookup import support_of
from distconv.support.outcomes import whole
from distconv.typing import Outcome
from distconv.value import Value, write

if TYPE_CHECKING:
    from distconv.laws.law import Law
    from distconv.measure import Measure


class Endless(Value):
    """The outcomes of an infinite law, counted from its end."""

    __slots__ = ("_law",)
    _anew = "X.support"

    _law: Law

    def __init__(self, law: Law) -> None:
        write(self, "_law", law)

    def __reduce__(self) -> Any:
        return Endless, (self._law,)

    def __len__(self) -> int:
        # Not a TypeError, which list(X.support) would overlook, to collect outcomes for ever.
        raise DistconvValueError("this law has infinitely many outcomes; take some of them: X.support[:10]")

    def __iter__(self) -> Iterator[Outcome]:
        index, count = 0, 64
        while True:
            known = support_of(self._first(count))
            while index < len(known):
                yield known[index] if self._law.low is not None else known[-1 - index]
                index += 1
            count *= 2

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            if index.stop is None or index.stop < 0 or (index.start or 0) < 0 or (index.step or 1) < 0:
                raise DistconvTypeError("a slice of endless outcomes needs a start and a stop >= 0: X.support[:10]")
            return [self[i] for i in range(*index.indices(index.stop))]
        place = check_integer("index", index)
        if place < 0:
            raise DistconvTypeError(f"these outcomes have no end to count back from, got index {place}")
        return next(islice(self, place, None))

    def _first(self, count: int) -> Measure:
        """The outcomes nearest to the end, in so many steps of the lattice."""
        law = self._law
        if law.low is None and law.high is None:
            raise DistconvTypeError("the outcomes of this law have no first and no last; ask X.pmf(x) instead")
        step = law.spacing()
        if law.low is not None:
            part = law.up_to(whole(law.low + step * count))
        else:
            assert law.high is not None
            part = law.down_to(whole(law.high - step * count))
        assert part is not None
        return part

    def __contains__(self, x: Any) -> bool:
        return bool(self._law.at(x, log=True) > -math.inf)

    def __repr__(self) -> str:
        law = self._law
        if law.low is None and law.high is None:
            return "Endless(..., ...)"
        return f"Endless({', '.join(map(str, islice(self, 3)))}, ...)"
