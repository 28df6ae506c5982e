"""Strategies for monoids, and for laws on which they are defined."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

from distconv.distribution import Distribution
from distconv.monoids import Monoid, add, maximum, minimum, modulo, multiply, symmetric, xor
from distconv.testing.drawing import LEAST_SIZES, Drawn, distributions, with_letters
from distconv.typing import Scalar

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

#: Moduli of all kinds: trivial, prime, composite, fractions.
MODULI: tuple[Scalar, ...] = (1, 2, 7, 12, Fraction(1, 3), Fraction(5, 2))
#: Most elements of a Cayley table that is drawn.
MOST_ELEMENTS = 6


def monoids() -> SearchStrategy[Monoid]:
    """The operations of `distconv.monoids`, moduli of all kinds, small groups, and Cayley tables of small monoids."""
    from hypothesis import strategies as st

    tables = st.one_of(
        st.integers(1, MOST_ELEMENTS).map(_cyclic), st.integers(1, MOST_ELEMENTS).map(_chain), st.just(_times_modulo(4))
    )
    named = st.sampled_from([add, maximum, minimum, xor, multiply])
    return st.one_of(named, st.sampled_from(MODULI).map(modulo), st.just(symmetric(3)), tables)


def _cyclic(n: int) -> Monoid:
    """The group of n elements that one of them makes."""
    return Monoid.from_table([[(i + j) % n for j in range(n)] for i in range(n)])


def _chain(n: int) -> Monoid:
    """The larger one of 0, ..., n - 1: a monoid, but no group."""
    return Monoid.from_table([[max(i, j) for j in range(n)] for i in range(n)])


def _times_modulo(n: int) -> Monoid:
    """Multiplication modulo n."""
    return Monoid.from_table([[i * j % n for j in range(n)] for i in range(n)])


def laws_on(monoid: Monoid, *, kind: Drawn | None = None, max_size: int = 5) -> SearchStrategy[Distribution]:
    """Laws on which a monoid of `monoids` is defined: on its elements, on integers >= 0, on positive numbers.

    Args:
        monoid: the operation.
        kind: as in `distributions`; left out, exact and floating laws.
        max_size: most outcomes.
    """
    from hypothesis import strategies as st

    if monoid.elements is not None:
        places: Any = st.sampled_from(monoid.elements)
    elif monoid.way == "xor":
        places = st.integers(0, 40)
    elif monoid.way == "multiply":
        places = st.fractions(Fraction(1, 5), 9, max_denominator=5)
    else:
        return distributions(kind=kind, ndim=1, max_size=max_size)

    def law(outcomes: list[Any], weights: list[int], floating: bool) -> Distribution:
        made = Distribution.from_counts(dict(zip(outcomes, weights, strict=False)))
        return made.to_float() if floating else made

    sizes = 1 if kind is None or monoid.elements == (monoid.identity,) else LEAST_SIZES[kind]
    outcomes = st.lists(places, min_size=sizes, max_size=max_size, unique=True)
    kinds = {None: st.booleans(), "exact": st.just(False), "float": st.just(True)}.get(kind)
    if kinds is None:
        return outcomes.flatmap(with_letters)
    weights = st.lists(st.integers(1, 20), min_size=max_size, max_size=max_size)
    return st.builds(law, outcomes, weights, kinds)


def monoids_with_laws(
    count: int = 3, *, kind: Drawn | None = "exact", max_size: int = 4
) -> SearchStrategy[tuple[Monoid, tuple[Distribution, ...]]]:
    """Pairs of a monoid and so many laws on it: (monoid, (X, Y, Z)).

    >>> from hypothesis import given
    >>> from distconv.testing import assert_laws, monoids_with_laws
    >>> @given(monoids_with_laws())
    ... def test_all(drawn):
    ...     monoid, laws = drawn
    ...     assert_laws(*laws, operation=monoid)
    """
    from hypothesis import strategies as st

    def with_its_laws(monoid: Monoid) -> SearchStrategy[tuple[Monoid, tuple[Distribution, ...]]]:
        law = laws_on(monoid, kind=kind, max_size=max_size)
        return st.tuples(st.just(monoid), st.tuples(*[law] * count))

    return monoids().flatmap(with_its_laws)
