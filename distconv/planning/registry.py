"""The methods by name, each with what it costs.

A file of `distconv.methods` ends in the record of its method, and one line here names the file.

Files are loaded when their methods are first looked at, so that exact sums never load the floating ones.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Generic, ParamSpec, TypeVar

from distconv.planning.tasks import Copies, Pair, Patch

if TYPE_CHECKING:
    from distconv.measure import Measure
    from distconv.methods.operands import Operand, Piece
    from distconv.support.boxes import Region
    from distconv.typing import AnyArray

Task = TypeVar("Task", Pair, Copies, Patch)
Given = ParamSpec("Given")
Made = TypeVar("Made")


def unsaid(task: object) -> str:  # noqa: ARG001 - of any task
    """No reason of its own."""
    return ""


@dataclass(frozen=True, slots=True)
class Method(Generic[Task, Given, Made]):
    """One way to compute a task, and what it costs.

    Attributes:
        name: as ``method=`` takes it.
        applies: whether a task can be computed so.
        cost: its predicted seconds.
        bytes: its memory at the peak.
        run: computes it.
        cells: of what size the work is: the cells of the result, or pairs of points, or ways.
        reason: why it is chosen, where there is more to say than that it is quick.
    """

    name: str
    applies: Callable[[Task], bool]
    cost: Callable[[Task], float]
    bytes: Callable[[Task], int]
    run: Callable[Given, Made]
    cells: Callable[[Task], int] = attrgetter("cells")
    reason: Callable[[Task], str] = unsaid


Chosen = TypeVar("Chosen", bound=Method[Any, ..., Any])


class Registry(Mapping[str, Chosen]):
    """Methods of one kind of task by name, in the order in which they are told."""

    def __init__(self, attribute: str, files: Mapping[str, str]) -> None:
        self._attribute = attribute
        self._files = dict(files)
        self._found: dict[str, Chosen] = {}
        #: Rises with every method that comes or goes, so that plans made before are not used again.
        self.version = 0

    def __getitem__(self, name: str) -> Chosen:
        found = self._found.get(name)
        if found is None:
            found = getattr(import_module(f"distconv.methods.{self._files[name]}"), self._attribute)
            self._found[name] = found
        return found

    def __contains__(self, name: object) -> bool:
        return name in self._found or name in self._files

    def __iter__(self) -> Iterator[str]:
        return iter({**self._files, **self._found})

    def __len__(self) -> int:
        return len({**self._files, **self._found})

    def add(self, method: Chosen) -> None:
        """Takes up a method of your own, from now on planned like the others."""
        self._found[method.name] = method
        self.version += 1

    def remove(self, name: str) -> None:
        """Forgets a method that was added."""
        del self._found[name]
        self.version += 1


if TYPE_CHECKING:
    Pairwise = Method[Pair, [Measure, Measure], Measure]
    Boxwise = Method[Patch, [Operand, Operand, Region, AnyArray | None, float], tuple[Piece, AnyArray | None, float]]
    Repeated = Method[Copies, [Measure, int, float], Any]

#: Sums of two: ``METHOD`` of these files of `distconv.methods`.
PAIRS: Registry[Pairwise] = Registry("METHOD", {"exact": "exact", "sparse": "sparse", "symbolic": "symbolic"})
#: Boxes of dense floating sums, each entry of which is certified or left to the others (`methods.certified`).
BOXES: Registry[Boxwise] = Registry("METHOD", {"direct": "direct", "fft": "fft", "tilted": "saddle", "ball": "ball"})
#: Sums of copies, all at once: ``POWER`` of these files. Any method of two will do for them, too, by squaring.
COPIES: Registry[Repeated] = Registry(
    "POWER", {"exact": "exact", "sparse": "compositions", "tilted": "plane", "symbolic": "symbolic"}
)
