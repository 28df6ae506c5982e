"""Strategies for families, and for mixtures of what other strategies draw."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

from distconv.distribution import Distribution
from distconv.families.bernoulli import Bernoulli
from distconv.families.binomial import Binomial
from distconv.families.geometric import Geometric
from distconv.families.negative_binomial import NegativeBinomial
from distconv.families.poisson import Poisson
from distconv.mixtures import mixture

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy


def families(*, kind: str | None = "exact") -> SearchStrategy[Distribution]:
    """Laws without an end: Poisson, geometric and negative binomial ones, with small parameters.

    Args:
        kind: what the parameters are: ``"exact"`` (fractions), ``"float"``, ``"symbolic"`` (letters); None for either
            of the first two. A Poisson law's weights hold exp(-lam), so they are floating unless it has letters.

    >>> from hypothesis import given
    >>> from distconv import Die
    >>> from distconv.testing import families
    >>> @given(families(), families())
    ... def test_variances_add(X, Y):
    ...     assert (X + Y).var() == X.var() + Y.var()
    """
    from hypothesis import strategies as st

    if kind is None:
        return st.one_of(families(kind="exact"), families(kind="float"))
    read = {"exact": Fraction, "float": float}.get(kind)
    if read is None:
        return families_with_letters()
    chances: SearchStrategy[Any] = st.sampled_from([Fraction(1, 2), Fraction(1, 3), Fraction(3, 4)]).map(read)
    rates: SearchStrategy[Any] = st.integers(1, 5).map(read)
    several = st.builds(NegativeBinomial, st.integers(1, 3), chances)
    return st.one_of(chances.map(Geometric), rates.map(Poisson), several)


def families_with_letters() -> SearchStrategy[Distribution]:
    """Families whose parameters are letters: small finite ones, and infinite ones, which are formulas.

    Letters are ``lam`` and ``mu`` > 0, and ``p`` and ``q`` in (0, 1) as far as the families' conditions say so.
    """
    import sympy
    from hypothesis import strategies as st

    p, q, lam, mu = sympy.symbols("p q lam mu", positive=True)
    finite = st.builds(Binomial, st.integers(1, 3), st.sampled_from([p, q]))
    return st.one_of(
        st.sampled_from([p, q]).map(Bernoulli),
        finite,
        st.sampled_from([lam, mu]).map(Poisson),
        st.builds(NegativeBinomial, st.integers(1, 2), st.just(p)),
    )


def mixtures(parts: SearchStrategy[Distribution]) -> SearchStrategy[Distribution]:
    """Mixtures of two laws that a strategy draws, with shares from 1/2 to 1/10: zero-inflated ones and their kind.

    Args:
        parts: draws laws of one dimension.

    >>> from hypothesis import given
    >>> from distconv.testing import distributions, mixtures
    >>> @given(mixtures(distributions()))
    ... def test_total(X):
    ...     assert sum(p for _, p in X) == 1
    """
    from hypothesis import strategies as st

    def mixed(first: Distribution, second: Distribution, n: int) -> Distribution:
        return mixture([(first, Fraction(1, n)), (second, Fraction(n - 1, n))])

    return st.builds(mixed, parts, parts, st.integers(2, 10))
