"""A measure: where (support), how much (weights), what is missing. No algorithm, no rule about signs or totals."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, TypeVar

from distconv.support import Lattice, Points, Support
from distconv.weights import Weights

R = TypeVar("R")


@dataclass(frozen=True, slots=True, eq=False)
class Measure:
    """Weights on a support.

    Attributes:
        support: a dense `Lattice` box, or sparse `Points`.
        weights: one for each point of the support, in its order.
        missing: proven upper bound on the probability that was cut off.
        memory: what was computed of it once and is kept (`kept`).
    """

    support: Support
    weights: Weights
    missing: float = 0.0
    memory: dict[Any, Any] = field(init=False, repr=False, default_factory=dict)

    @property
    def box(self) -> Lattice:
        """The smallest box that holds the support."""
        support = self.support
        return support if type(support) is Lattice else support.box  # type: ignore[union-attr]

    @property
    def is_sparse(self) -> bool:
        """Whether the support is kept as sparse points."""
        return type(self.support) is Points

    def __reduce__(self) -> Any:
        return Measure, (self.support, self.weights, self.missing)


def kept(function: Callable[[Measure], R]) -> Callable[[Measure], R]:
    """A function of a measure that is computed once for each and kept with it."""

    @wraps(function)
    def remembered(measure: Measure) -> R:
        found: R | None = measure.memory.get(remembered)
        if found is None:
            found = measure.memory[remembered] = function(measure)
        return found

    return remembered
