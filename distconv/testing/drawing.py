"""Strategies for laws: of every shape that has ever broken a convolution, and of few words once they shrink."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Literal

from distconv.distribution import Distribution
from distconv.errors import DistconvTypeError
from distconv.testing.elements import Element
from distconv.testing.named import families
from distconv.testing.named import mixtures as mixtures_of
from distconv.typing import Scalar

if TYPE_CHECKING:
    from hypothesis.strategies import DrawFn, SearchStrategy

#: Where generated lattices begin, and their steps.
ORIGINS: tuple[Scalar, ...] = (0, 1, -3, Fraction(1, 2), Fraction(-7, 10), 10**15, 10**15 + Fraction(1, 3))
STEPS: tuple[Scalar, ...] = (1, 2, Fraction(1, 2), Fraction(1, 10), 7)
#: Distances that ask for sparse supports.
SCATTERED = (0, 1, 10**9)
#: Floating weights are 2**-e / n, n up to 50, before they are divided by their total: from even to far apart.
EXPONENTS = (0, 1, 2, 5, 10, 30, 100, 300, 900)
#: What the weights of a law that is drawn are.
Drawn = Literal["exact", "float", "symbolic"]
KINDS: tuple[Drawn, ...] = ("exact", "float", "symbolic")
#: Fewest outcomes of a law of each kind.
LEAST_SIZES: dict[Drawn, int] = {"exact": 1, "float": 1, "symbolic": 2}


def distributions(
    *,
    kind: Drawn | None = "exact",
    ndim: int | None = 1,
    max_size: int = 6,
    outcomes: Element = None,
    infinite: bool = False,
    mixtures: bool = False,
) -> SearchStrategy[Distribution]:
    """Laws of every shape that has ever broken a convolution: runs, combs, gaps, far points, offsets of 10**15.

    Two draws fit each other: by default they are exact laws of numbers, which add and compare with ``==``. They shrink
    to few outcomes, at 0, 1, 2, with equal weights.

    Args:
        kind: ``"exact"``, ``"float"``, or ``"symbolic"``: weights with letters p and q, or algebraic numbers, which
            total 1; None for either of the first two.
        ndim: the dimension; None for 1 to 3, of each law its own (`laws` draws several of one dimension).
        max_size: most outcomes.
        outcomes: where to lie: a collection, ``range(7)``, or a strategy; left out, lattices of all kinds.
        infinite: whether laws without an end are drawn, too: Poisson, geometric, negative binomial ones (1-D).
        mixtures: whether mixtures of two of these are drawn, too.

    >>> from hypothesis import given
    >>> from distconv.testing import distributions
    >>> @given(distributions(), distributions())
    ... def test_sums_commute(X, Y):
    ...     assert X + Y == Y + X
    """
    from hypothesis import strategies as st

    check_kind(kind)
    if ndim is None:
        if outcomes is not None or infinite:
            raise DistconvTypeError("ndim=None draws laws of 1 to 3 dimensions, outcomes= and infinite= are of one")
        return st.integers(1, 3).flatmap(lambda n: distributions(kind=kind, ndim=n, max_size=max_size))
    if kind is None:
        both = [
            distributions(kind=k, ndim=ndim, max_size=max_size, outcomes=outcomes, infinite=infinite, mixtures=mixtures)
            for k in KINDS[:2]
        ]
        return st.one_of(both)
    if infinite and ndim != 1:
        raise DistconvTypeError(f"infinite=True draws laws of numbers, so ndim must be 1, got {ndim}")
    # A certain outcome has no room for letters.
    least = LEAST_SIZES[kind] if max_size > 1 else 1
    places = _supports(ndim, least, max_size) if outcomes is None else _among(outcomes, least, max_size)
    finite = places.flatmap(lambda xs: _weighted(xs, kind))
    drawn = st.one_of(finite, families(kind=kind)) if infinite else finite
    return st.one_of(drawn, mixtures_of(drawn)) if mixtures else drawn


def laws(
    count: int,
    *,
    kind: Drawn | None = "exact",
    ndim: int | None = 1,
    max_size: int = 6,
    outcomes: Element = None,
    infinite: bool = False,
    mixtures: bool = False,
) -> SearchStrategy[tuple[Distribution, ...]]:
    """So many laws that fit each other: of one dimension and one kind.

    Args:
        count: how many.
        kind, ndim, max_size, outcomes, infinite, mixtures: as in `distributions`; None draws a kind or a dimension for
            all of them.

    >>> from hypothesis import given
    >>> from distconv.testing import laws
    >>> @given(laws(3, ndim=2))
    ... def test_sums_associate(triple):
    ...     X, Y, Z = triple
    ...     assert (X + Y) + Z == X + (Y + Z)
    """
    from hypothesis import strategies as st

    check_kind(kind)
    kinds = st.sampled_from(KINDS[:2]) if kind is None else st.just(kind)
    sizes = st.integers(1, 3) if ndim is None else st.just(ndim)

    def several(chosen: tuple[Drawn, int]) -> SearchStrategy[tuple[Distribution, ...]]:
        one = distributions(
            kind=chosen[0],
            ndim=chosen[1],
            max_size=max_size,
            outcomes=outcomes,
            infinite=infinite,
            mixtures=mixtures,
        )
        return st.tuples(*[one] * count)

    return st.tuples(kinds, sizes).flatmap(several)


def generic_law(outcomes: Iterable[Any], letter: str = "a") -> Distribution:
    """The law that has a letter for each probability: what holds of it holds of every law on these outcomes.

    Args:
        outcomes: where it lies.
        letter: the name of the letters, which are numbered: a0, a1, ...; the last probability is what is left of 1.

    >>> from distconv.testing import generic_law
    >>> generic_law(range(3)).to_dict()
    {0: a0, 1: a1, 2: -a0 - a1 + 1}
    """
    import sympy

    places = list(outcomes)
    letters = [sympy.Symbol(f"{letter}{i}", positive=True) for i in range(len(places) - 1)]
    return Distribution(dict(zip(places, [*letters, 1 - sympy.Add(*letters)], strict=True)))


def check_kind(kind: object) -> None:
    """Refuses kinds of weights that there are not."""
    if kind not in (None, *KINDS):
        raise DistconvTypeError(f"kind must be 'exact', 'float', 'symbolic' or None, got {kind!r}")


def _among(outcomes: Any, least: int, most: int) -> SearchStrategy[list[Any]]:
    """Some of these outcomes, or of what a strategy draws."""
    from hypothesis import strategies as st

    one = outcomes if hasattr(outcomes, "example") else st.sampled_from(list(outcomes))
    return st.lists(one, min_size=least, max_size=most, unique=True)


def _axes(least: int, most: int) -> SearchStrategy[list[Any]]:
    """The ascending coordinates of one axis: what shrinks ends at 0, 1, 2, ..., which takes the fewest choices."""
    from hypothesis import strategies as st

    sizes = st.integers(least, most)
    runs = st.builds(lambda n, start: list(range(start, start + n)), sizes, st.integers(0, 9))
    combs = sizes.map(lambda n: list(range(0, 2 * n, 2)))
    gaps = st.lists(st.integers(0, 3 * most), min_size=least, max_size=most, unique=True).map(sorted)
    far = st.just(list(SCATTERED[:most]))
    origins, steps = st.sampled_from(ORIGINS), st.sampled_from(STEPS)

    def placed(indices: list[int], origin: Scalar, step: Scalar) -> list[Any]:
        return [origin + step * i for i in indices]

    return st.one_of(runs, st.builds(placed, st.one_of(runs, combs, gaps, far), origins, steps))


def _supports(ndim: int, least: int, most: int) -> SearchStrategy[list[Any]]:
    """Distinct outcomes: numbers, or tuples of them."""
    from hypothesis import strategies as st

    if ndim == 1:
        return _axes(least, most)
    box = st.tuples(*[_axes(least, 3)] * ndim).map(lambda axes: list(itertools.product(*axes)))
    return box.flatmap(lambda cells: st.lists(st.sampled_from(cells), min_size=least, max_size=most, unique=True))


def _weighted(outcomes: list[Any], kind: Drawn) -> SearchStrategy[Distribution]:
    """Laws on these outcomes."""
    from hypothesis import strategies as st

    size = len(outcomes)

    def placed(weights: SearchStrategy[list[Any]]) -> SearchStrategy[dict[Any, Any]]:
        return weights.map(lambda values: dict(zip(outcomes, values, strict=True)))

    # Built, not mapped: Hypothesis then shows a law as one would write it, from_counts({0: 1, 1: 1}).
    # From 1 on, so that the simplest law has all of its outcomes, with equal weights.
    count = st.integers(1, 21).map(lambda n: n % 21)
    double = st.builds(lambda n, e: math.ldexp(1 / n, -e), st.integers(1, 50), st.sampled_from(EXPONENTS))
    counts, doubles = (st.lists(one, min_size=size, max_size=size) for one in (count, double))
    drawn: SearchStrategy[Distribution] | None = {
        "exact": st.builds(Distribution.from_counts, placed(counts.filter(any))),
        "float": st.builds(Distribution, placed(doubles), normalize=st.just(True)),
    }.get(kind)
    return with_letters(outcomes) if drawn is None else drawn


def with_letters(outcomes: list[Any]) -> SearchStrategy[Distribution]:
    """Laws on these outcomes that are one of two or three by chance, p, q and the rest: polynomials that total 1.

    They are laws for all p and q >= 0 with p + q <= 1. The first in order, to which examples shrink, are p and 1 - p;
    the last have square roots in place of letters.
    """
    import sympy
    from hypothesis import strategies as st

    p, q = sympy.symbols("p q", positive=True)
    root = sympy.sqrt(2) / 2
    polynomials = [(p, 1 - p), (q, 1 - q), (p**2, 1 - p**2), (p, q, 1 - p - q), (p * q, 1 - p * q)]
    shares = st.sampled_from([*polynomials, (root, 1 - root), (sympy.sqrt(3) - 1, 2 - sympy.sqrt(3))])
    counts = st.lists(st.integers(0, 3), min_size=len(outcomes), max_size=len(outcomes)).filter(any)

    @st.composite
    def law(draw: DrawFn) -> Distribution:
        weights: list[Any] = [sympy.S.Zero] * len(outcomes)
        for share in draw(shares):
            part = draw(counts)
            total = sum(part)
            weights = [w + share * sympy.Rational(n, total) if n else w for w, n in zip(weights, part, strict=True)]
        return Distribution(dict(zip(outcomes, weights, strict=True)))

    return law() if len(outcomes) == 1 else law().filter(lambda X: X.kind == "symbolic")
