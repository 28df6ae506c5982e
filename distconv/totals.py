"""Sums of many independent terms."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from distconv.algebra import many
from distconv.distribution import Distribution
from distconv.errors import DistconvError, DistconvTypeError, DistconvValueError
from distconv.families.parameters import read_count
from distconv.families.point import Point
from distconv.laws.finite import zero
from distconv.measure.reading import check_addable, collected
from distconv.typing import IntegerLike, OutcomeLike

if TYPE_CHECKING:
    from concurrent.futures import Executor


def sum_of(
    terms: Iterable[Distribution | OutcomeLike],
    counts: Iterable[IntegerLike] | None = None,
    *,
    executor: Executor | None = None,
    progress: bool = False,
) -> Distribution:
    """The law of the sum of many independent terms: closed forms first, equal terms as powers, then a balanced tree.

    Args:
        terms: laws, or numbers (shifts), in any order; the answer does not depend on it. No terms sum to 0.
        counts: how many independent copies of each term there are, whole numbers >= 0; one of each if left out.
        executor: a `concurrent.futures` executor on which the products of one level of the tree run side by side
            (floating laws on one lattice need none: each level is one batch).
        progress: show a progress bar (needs tqdm).

    Returns:
        The law; a floating one within `settings.tolerance` of the terms' own errors added up.

    Raises:
        DistconvTypeError: a term that is neither a law nor a number, or a count that is not whole.
        DistconvValueError: not as many counts as terms, or one below 0.
        DistconvError: `progress` without tqdm.
        DimensionError: terms of different dimensions.

    >>> from distconv import Die, sum_of
    >>> sum_of([Die(6)] * 50).mean()
    Fraction(175, 1)
    >>> sum_of([Die(6), Die(8)], counts=[3, 2]) == 3 @ Die(6) + 2 @ Die(8)
    True
    """
    given: object = terms
    if isinstance(given, Distribution) or not isinstance(given, Iterable):
        raise DistconvTypeError(f"terms must be an iterable of laws, got {terms!r}; write sum_of([X, Y, Z])")
    each = [term.law if isinstance(term, Distribution) else Point(term).law for term in terms]
    for law in each[1:]:
        check_addable(each[0].ndim, law.ndim)
    copies = [1] * len(each) if counts is None else _counts(counts, len(each))
    laws = many.grouped((law, n) for law, n in zip(each, copies, strict=True) if n)
    if not laws:
        return Distribution.of(zero(each[0].ndim if each else 1))
    with _counter(len(laws) - 1, progress) as advance:
        return Distribution.of(many.total(laws, executor, advance))


def _counts(counts: Iterable[IntegerLike], terms: int) -> list[int]:
    """The numbers of copies, one for each term."""
    found = [read_count(f"counts[{i}]", n) for i, n in enumerate(collected(counts, "counts"))]
    if len(found) != terms:
        raise DistconvValueError(f"counts must hold one number for each of {terms:,} terms, it holds {len(found):,}")
    return found


@contextmanager
def _counter(products: int, progress: bool) -> Iterator[Callable[[int], object]]:
    """What is told how many products have been made: a progress bar where it is asked for."""
    if not progress:
        yield int
        return
    try:
        from tqdm.auto import tqdm
    except ImportError:
        raise DistconvError('progress=True needs tqdm: pip install "distconv[progress]"') from None
    with tqdm(total=products, desc="sum_of", unit="product") as shown:
        yield shown.update
