"""Strategies for kernels: signed weights of any total."""

from __future__ import annotations

import itertools
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from distconv.kernel import Kernel
from distconv.testing.drawing import KINDS, Drawn, check_kind

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

#: How far from 0 the places of a kernel lie on each axis.
REACH = 4


def kernels(*, kind: Drawn | None = "exact", ndim: int = 1, max_size: int = 5) -> SearchStrategy[Kernel]:
    """Kernels of small weights, positive and negative, at whole places about 0.

    Args:
        kind: ``"exact"`` (fractions), ``"float"``, ``"symbolic"`` (a letter w among them); None for either of the first
            two.
        ndim: the dimension.
        max_size: most weights.

    >>> from hypothesis import given
    >>> from distconv.testing import kernels
    >>> @given(kernels(), kernels())
    ... def test_totals_multiply(k, l):
    ...     assert (k * l).total == k.total * l.total
    """
    from hypothesis import strategies as st

    check_kind(kind)
    if kind is None:
        return st.one_of([kernels(kind=k, ndim=ndim, max_size=max_size) for k in KINDS[:2]])
    axis = st.integers(-REACH, REACH)
    places: Any = axis if ndim == 1 else st.sampled_from(list(itertools.product(range(-1, 2), repeat=ndim)))
    fractions = st.builds(Fraction, st.integers(-6, 6), st.integers(1, 4))
    floats = st.floats(-4, 4, allow_subnormal=False)
    weights: Any = {"exact": fractions, "float": floats}.get(kind)
    if weights is None:
        import sympy

        w = sympy.Symbol("w", real=True)
        weights = st.one_of(fractions, st.sampled_from([w, 1 - w, -w / 2]))
    return st.dictionaries(places, weights, min_size=1, max_size=max_size).map(Kernel)
