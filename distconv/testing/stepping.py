"""Strategies for walks: few steps, and what is known of where they are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from distconv.distribution import Distribution
from distconv.testing.drawing import Drawn, laws
from distconv.walk import Walk

if TYPE_CHECKING:
    from hypothesis.strategies import DrawFn, SearchStrategy


def walks(
    *,
    kind: Drawn | None = "exact",
    ndim: int = 1,
    max_steps: int = 4,
    max_size: int = 3,
    known: bool = False,
) -> SearchStrategy[Walk]:
    """Walks of one to four steps, at first to the left and to the right by whole numbers.

    Args:
        kind, ndim, max_size: of the laws of the steps, as in `distributions`.
        max_steps: most steps.
        known: whether walks of which one position is known are drawn, too.

    >>> from hypothesis import given
    >>> from distconv.testing import walks
    >>> @given(walks())
    ... def test_ends(walk):
    ...     assert walk.final.mean() == sum(step.mean() for step in walk.steps)
    """
    from hypothesis import strategies as st

    moves: Sequence[Any] = (
        (0, 1, -1, 2, -2) if ndim == 1 else [(x, y, *[0] * (ndim - 2)) for x in (0, 1, -1) for y in (0, 1, -1)]
    )

    @st.composite
    def draw_walk(draw: DrawFn) -> Walk:
        count = draw(st.integers(1, max_steps))
        steps: tuple[Distribution, ...] = draw(laws(count, kind=kind, ndim=ndim, max_size=max_size, outcomes=moves))
        walk = Walk(steps)
        if not known or draw(st.booleans()):
            return walk
        time = draw(st.integers(1, count))
        return walk.given(time, draw(st.sampled_from(list(walk.position(time).support))))

    return draw_walk()
