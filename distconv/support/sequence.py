"""The outcomes of a law as a lazy sorted sequence."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, overload

from distconv.support.outcomes import as_outcome, as_vector, read_outcome
from distconv.value import Value, write

if TYPE_CHECKING:
    from distconv.support.lattice import Lattice
    from distconv.typing import AnyArray, Outcome


class Outcomes(Value, Sequence["Outcome"]):
    """The outcomes of positive probability, ascending; each is made when it is asked for."""

    __slots__ = ("_box", "_cells")
    _anew = "X.support"

    _box: Lattice
    _cells: AnyArray | range

    def __init__(self, box: Lattice, cells: AnyArray | range) -> None:
        write(self, "_box", box)
        write(self, "_cells", cells)

    def __reduce__(self) -> Any:
        return Outcomes, (self._box, self._cells)

    def __len__(self) -> int:
        return len(self._cells)

    def rank(self, outcome: Outcome) -> int:
        """The rank of an outcome, by bisection; of the next higher one where it is none."""
        low, high = 0, self.size - 1
        while low < high:
            middle = (low + high) // 2
            found: Any = self[middle]
            if found < outcome:
                low = middle + 1
            else:
                high = middle
        return low

    @property
    def size(self) -> int:
        """How many outcomes there are: `len`, which ends at 2**63, for any number of them."""
        cells = self._cells
        return (cells.stop - cells.start) // cells.step if isinstance(cells, range) else len(cells)

    @overload
    def __getitem__(self, index: int) -> Outcome: ...
    @overload
    def __getitem__(self, index: slice) -> Outcomes: ...
    def __getitem__(self, index: int | slice) -> Outcome | Outcomes:
        if isinstance(index, slice):
            return Outcomes(self._box, self._cells[index])
        return as_outcome(self._box.vector(int(self._cells[index])))

    def __iter__(self) -> Iterator[Outcome]:
        cells = self._cells if isinstance(self._cells, range) else self._cells.tolist()
        return (as_outcome(self._box.vector(cell)) for cell in cells)

    def __contains__(self, value: Any) -> bool:
        outcome = read_outcome(value)
        vector = as_vector(outcome)
        if len(vector) != self._box.ndim:
            return False
        cell = self._box.cell(vector)
        if cell is None:
            return False
        if isinstance(self._cells, range):
            return cell in self._cells
        rank = int(self._cells.searchsorted(cell))
        return rank < len(self._cells) and self._cells[rank] == cell

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Sequence):
            return NotImplemented
        return len(self) == len(other) and all(x == y for x, y in zip(self, other, strict=True))

    def __hash__(self) -> int:
        return hash((self._box, len(self._cells)))

    def __repr__(self) -> str:
        if len(self) <= 8:
            return f"Outcomes({list(self)!r})"
        ends = ", ".join([*(repr(x) for x in self[:3]), "...", *(repr(x) for x in self[-2:])])
        return f"Outcomes([{ends}], {len(self)} in all)"
