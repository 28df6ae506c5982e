"""Sums of values over independent trials: each value comes with a probability of its own, or does not."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from functools import reduce
from typing import Any

import numpy as np

from distconv.algebra import many, sums
from distconv.distribution import Distribution
from distconv.errors import DistconvValueError
from distconv.families.bernoulli import with_letters as bernoulli_with_letters
from distconv.families.binomial import BinomialLaw
from distconv.families.family import made
from distconv.families.many_trials import ManyTrials
from distconv.families.parameters import (
    Parameter,
    read_count,
    read_many_probabilities,
    read_probabilities,
)
from distconv.families.poisson_binomial import FAMILY, MOST_LAID_OUT, PoissonBinomialLaw
from distconv.laws.finite import zero
from distconv.laws.image import moved, scaled
from distconv.laws.law import Law
from distconv.measure.reading import collected, is_collection
from distconv.methods import trials
from distconv.numbers.letters import any_expressions
from distconv.support.outcomes import rational_gcd, read_scalar, whole
from distconv.typing import AnyArray, IntegerLike, Scalar, ScalarLike

#: Trials up to which their sum is made as that of any laws; of more whose outcomes are many, arrays are asked.
FEW = 1000
#: Sums beyond this are no longer whole numbers that doubles hold.
LARGEST_SUM = 2**53


def Trials(
    ps: Iterable[ScalarLike],
    values: Iterable[ScalarLike] | ScalarLike | None = None,
    n: Iterable[IntegerLike] | IntegerLike | None = None,
) -> Distribution:
    """The law of the sum of values[i] over all independent trials i that succeed, n[i] trials of each kind.

    That is the sum of values[i] * Binomial(n[i], ps[i]): seats won, losses of a portfolio of loans, parts that fail.

    Args:
        ps: probabilities of success, both ends in: a sequence, or an array.
        values: what each adds where it succeeds: a number each, or one for all; 1 if left out. A float is its
            shortest decimal, as every outcome.
        n: how many independent trials of each kind there are: whole numbers >= 0, or one for all; 1 if left out.

    Returns:
        The law, exact where all ps are. Of many floats (more than 100,000, or more than 1,000 whose sums are many) each
        question is answered from the arrays in one pass, and the law is laid out only where all of it is needed;
        arrays are read, never copied: leave them as they are. With letters among ps it has letters.

    Raises:
        DistconvValueError: a probability is outside [0, 1], or lengths differ; the message says which.
        DistconvTypeError: an argument is no sequence of numbers, or a number of trials is not whole.

    >>> from distconv import Trials
    >>> X = Trials(["1/2", "1/3"], values=[54, 29])
    >>> X.to_dict()
    {0: Fraction(1, 3), 29: Fraction(1, 6), 54: Fraction(1, 3), 83: Fraction(1, 6)}
    >>> Trials([0.25, 0.5], values=[250, 100], n=[8, 4]).mean()
    700.0
    """
    if values is None and n is None:
        return made(FAMILY, ps)
    if not hasattr(ps, "__array__"):
        ps = collected(ps, "ps")
    if isinstance(ps, list | tuple) and any_expressions(*ps):
        return Distribution.of(_with_letters(list(ps), values, n))
    array = read_many_probabilities("ps", ps, 0)
    if array is None:
        given = read_probabilities("ps", ps)
        array = np.array(given) if given and all(type(p) is float for p in given) else None
    else:
        given = ()
    if array is None:
        counts, amounts = _counts(n, len(given)), _amounts(values, len(given))
        return Distribution.of(_total(zip(given, amounts, counts, strict=True)))
    return Distribution.of(_of_array(array, values, n))


def _of_array(ps: AnyArray, values: Any, n: Any) -> Law:
    """The law of many floating trials: asked of the arrays, or the sum of what few there are."""
    units, step = _units(values, len(ps))
    copies = _copies(n, len(ps))
    low, high = trials.ends(trials.Trials(ps, units, copies))
    if max(high, -low, high - low) >= LARGEST_SUM:
        raise DistconvValueError(
            f"sums of these values reach {float(max(high, -low)):.3g} steps of {step}, more than the "
            f"{float(LARGEST_SUM):.3g} that doubles tell apart; round the values to a coarser step"
        )
    is_long = high - low > MOST_LAID_OUT
    if len(ps) > MOST_LAID_OUT or (len(ps) > FEW and is_long):
        return moved(ManyTrials(ps, units, copies), step, 0)
    amounts = [1] * len(ps) if units is None else units.tolist()
    counts = [1] * len(ps) if copies is None else copies.tolist()
    return moved(_total(zip(ps.tolist(), amounts, counts, strict=True)), step, 0)


def _total(kinds: Iterable[tuple[Parameter, Scalar, int]]) -> Law:
    """The sum of trials of some kinds (p, value, n): those of one value together."""
    by_value: dict[Scalar, dict[Parameter, int]] = {}
    for p, value, count in kinds:
        if value and count:
            ps = by_value.setdefault(value, {})
            ps[p] = ps.get(p, 0) + count
    laws: list[Law] = []
    for value, ps in by_value.items():
        laws += [scaled(law, value) for law in _successes(ps)]
    return many.sum_of(laws) if laws else zero(1)


def _successes(ps: dict[Parameter, int]) -> list[Law]:
    """Laws whose sum is the number of successes in so many trials of each probability."""
    if len(ps) > 1 and sum(ps.values()) <= MOST_LAID_OUT:
        return [PoissonBinomialLaw(tuple(p for p, count in ps.items() for _ in range(count)))]
    return [BinomialLaw(count, p) for p, count in ps.items()]


def _with_letters(ps: list[Any], values: Any, n: Any) -> Law:
    """The sum of scaled trials, law by law."""
    rows = zip(ps, _amounts(values, len(ps)), _counts(n, len(ps)), strict=True)
    laws = [scaled(sums.copies(bernoulli_with_letters(p), count), v) for p, v, count in rows if v and count]
    return reduce(sums.add, laws) if laws else zero(1)


def _each(given: Any, name: str, count: int) -> list[Any] | AnyArray:
    """One of an argument's entries for each trial: a number stands for all."""
    if given is None:
        return [1] * count
    if not is_collection(given):
        return [given] * count
    found: list[Any] | AnyArray = collected(given, name)
    if len(found) != count or np.ndim(found) != 1:
        shape = " x ".join(f"{size:,}" for size in np.shape(found))
        raise DistconvValueError(f"{name} must hold one number for each of {count:,} probabilities, it holds {shape}")
    return found


def _amounts(values: Any, count: int) -> list[Scalar]:
    """The values as exact numbers."""
    return [read_scalar(v, f"values[{i}]") for i, v in enumerate(_each(values, "values", count))]


def _counts(n: Any, count: int) -> list[int]:
    """The numbers of trials."""
    return [read_count(f"n[{i}]", v) for i, v in enumerate(_each(n, "n", count))]


def _units(values: Any, count: int) -> tuple[AnyArray | None, Scalar]:
    """(values as whole multiples of a step, the step), the multiples without a common divisor; None: all are 1."""
    given = _each(values, "values", count)
    if values is None or not isinstance(given, np.ndarray):
        given = np.array(given if values is not None else [], dtype=object)
    if values is None or not len(given):
        return None, 1
    if not np.issubdtype(given.dtype, np.number):
        given = given.astype(object)
    if np.issubdtype(given.dtype, np.integer):
        divisor = int(np.gcd.reduce(given)) or 1
        return (given if divisor == 1 else given // divisor), divisor
    if given.dtype == object:
        given = np.array([read_scalar(v, f"values[{i}]") for i, v in enumerate(given.tolist())], dtype=object)
    found, where = np.unique(given, return_inverse=True)
    exact = [read_scalar(v, "values") for v in found.tolist()]
    step = reduce(rational_gcd, exact) or 1
    units = np.array([int(Fraction(v) / step) for v in exact], dtype=object)
    if max(map(abs, units.tolist())) >= LARGEST_SUM:
        raise DistconvValueError(
            f"the values are multiples of {step} at most, and one is {max(exact, key=float)}: more steps than "
            f"{float(LARGEST_SUM):.3g}, which doubles tell apart; round the values to a coarser step"
        )
    return units.astype(np.int64)[where.reshape(-1)], whole(step)


def _copies(n: Any, count: int) -> AnyArray | None:
    """The numbers of trials in an array; None: one of each."""
    if n is None:
        return None
    given = _each(n, "n", count)
    if not (isinstance(given, np.ndarray) and np.issubdtype(given.dtype, np.integer)):
        counts = _counts(given, count)
        if max(counts, default=0) >= LARGEST_SUM:
            raise DistconvValueError(f"n holds {max(counts):,}, more than {float(LARGEST_SUM):.3g}")
        return np.array(counts, dtype=np.int64)
    if len(given) and given.min() < 0:
        first = int(np.flatnonzero(given < 0)[0])
        raise DistconvValueError(f"n[{first}] must be >= 0, got {given[first]}")
    return given
