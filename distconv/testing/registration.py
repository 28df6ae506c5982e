"""What Hypothesis is told of our types, so that ``st.from_type(Distribution)`` and ``@given(...)`` by type draw some.

The entry point ``hypothesis`` in pyproject.toml calls `register` when Hypothesis is imported; so does importing
`distconv.testing`.
"""

from __future__ import annotations

from distconv.distribution import Distribution
from distconv.kernel import Kernel
from distconv.monoids import Monoid
from distconv.testing.algebras import monoids
from distconv.testing.drawing import distributions
from distconv.testing.signed import kernels
from distconv.testing.stepping import walks
from distconv.walk import Walk


def register() -> None:
    """Tells Hypothesis how laws, kernels, walks and monoids are drawn, where it is installed."""
    try:
        from hypothesis import strategies as st
    except ImportError:
        return
    st.register_type_strategy(Distribution, lambda _: distributions())
    st.register_type_strategy(Kernel, lambda _: kernels())
    st.register_type_strategy(Walk, lambda _: walks())
    st.register_type_strategy(Monoid, lambda _: monoids())
