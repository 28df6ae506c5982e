"""A measure: where (support), how much (weights), what is missing. No algorithm, no rule about signs or totals."""

from __future__ import annotations

from dataclasses import dataclass

from distconv.support import Lattice, Points, Support
from distconv.weights import Weights


@dataclass(frozen=True, slots=True, eq=False)
class Measure:
    """Weights on a support.

    Attributes:
        support: a dense `Lattice` box, or sparse `Points`.
        weights: one for each point of the support, in its order.
        missing: proven upper bound on the probability that was cut off.
    """

    support: Support
    weights: Weights
    missing: float = 0.0

    @property
    def box(self) -> Lattice:
        """The smallest box that holds the support."""
        support = self.support
        return support if type(support) is Lattice else support.box  # type: ignore[union-attr]

    @property
    def is_sparse(self) -> bool:
        """Whether the support is kept as sparse points."""
        return type(self.support) is Points
