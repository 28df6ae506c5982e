"""Exact p-values: tests whose statistic has a law that is counted, with ties, without tables or normal approximations.

Every function returns an `ExactTest`, with the statistic, the p-value as a fraction, and the law of the statistic under
the null hypothesis, `ExactTest.law`, to look at. Two-sided p-values are twice the smaller one-sided one, at most 1, as
in scipy and R; those of `binomial` and `fisher` are the probability of all outcomes that are no likelier than the one
seen, as in their ``binomtest`` and ``fisher_exact``.

>>> from distconv import exact_tests
>>> exact_tests.rank_sum([1, 2, 2, 5], [3, 4, 6, 7]).pvalue
Fraction(3, 35)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import accumulate, pairwise
from typing import Any, Literal, TypeAlias, get_args

import numpy as np

from distconv.checks import check_integer
from distconv.coordinates import read_vectors
from distconv.distribution import Distribution
from distconv.draws import sum_of_draws
from distconv.errors import DimensionError, DistconvTypeError, DistconvValueError
from distconv.families.bernoulli import Bernoulli
from distconv.families.binomial import Binomial
from distconv.families.hypergeometric import Hypergeometric
from distconv.measure.reading import collected
from distconv.support.outcomes import whole
from distconv.totals import sum_of
from distconv.typing import ArrayLike, Number, Scalar, ScalarLike

#: What is tested against: that values tend to be larger or smaller, or either.
Alternative: TypeAlias = Literal["two-sided", "less", "greater"]
#: What becomes of differences of 0: left out before ranks are given, or after.
Zeros: TypeAlias = Literal["wilcox", "pratt"]
#: What a two-sided p-value is: twice the smaller tail, or what is no likelier than the outcome seen.
Sides: TypeAlias = Literal["twice", "no likelier"]
#: Doubles that are nearer than this, relatively, are equally likely: as in R's binom.test.
EQUALLY_LIKELY = 1e-7


def _at_least(law: Distribution, x: Scalar) -> Any:
    """P(law >= x)."""
    return law.sf(x) + law.pmf(x)


def _twice(law: Distribution, x: Scalar) -> Number:
    """Twice the smaller tail, at most 1."""
    below: Any = law.cdf(x)
    return min(2 * min(below, _at_least(law, x)), Fraction(1))


def _no_likelier(law: Distribution, x: Scalar) -> Number:
    """P(an outcome no likelier than x) of a law that rises once and falls once."""
    chance: Any = law.pmf(x)
    top: Any = law.mode()
    ends: Any = law.low, law.high
    bound = chance if law.is_exact else chance * (1 + EQUALLY_LIKELY)
    if law.pmf(top) <= bound:
        return Fraction(1)
    is_below = bool(x < top)
    # The other side falls from the mode on: bisection finds where it is no likelier.
    inner, outer = int(top), int(ends[is_below]) + (1 if is_below else -1)
    while abs(outer - inner) > 1:
        middle = (inner + outer) // 2
        inner, outer = (inner, middle) if law.pmf(middle) <= bound else (middle, outer)
    near: Any = law.cdf(x) if is_below else _at_least(law, x)
    found: Number = near + (_at_least(law, outer) if is_below else law.cdf(outer))
    return found


@dataclass(frozen=True, slots=True)
class ExactTest:
    """What an exact test finds.

    Attributes:
        statistic: the statistic of the data.
        law: its law under the null hypothesis.
        alternative: ``"two-sided"``, ``"less"`` or ``"greater"``: which p-value `pvalue` is.
        sides: what the two-sided p-value is: ``"twice"`` the smaller tail, or of all that is ``"no likelier"``.
    """

    statistic: Scalar
    law: Distribution = field(repr=False)
    alternative: Alternative = "two-sided"
    sides: Sides = field(default="twice", repr=False)

    @property
    def pvalue(self) -> Number:
        """The probability, under the null hypothesis, of a statistic at least as extreme as this one."""
        if self.alternative == "two-sided":
            return self.two_sided
        return self.less if self.alternative == "less" else self.greater

    @property
    def less(self) -> Number:
        """P(law <= statistic)."""
        return self.law.cdf(self.statistic)

    @property
    def greater(self) -> Number:
        """P(law >= statistic)."""
        return _at_least(self.law, self.statistic)

    @property
    def two_sided(self) -> Number:
        """The two-sided p-value, as the module defines it."""
        return (_twice if self.sides == "twice" else _no_likelier)(self.law, self.statistic)


# Ranks ----------------------------------------------------------------------------------------------------------------


def signed_rank(
    x: ArrayLike, y: ArrayLike | None = None, *, zeros: Zeros = "wilcox", alternative: Alternative = "two-sided"
) -> ExactTest:
    """Wilcoxon's signed-rank test: whether differences are symmetric about 0.

    The statistic is the sum of the ranks of the positive differences (R's V); equal sizes share the mean of their
    ranks. Under the null hypothesis each rank counts with probability 1/2, so ties cost nothing.

    Args:
        x: the differences; or the first values of pairs.
        y: the second values of the pairs; the differences are x - y.
        zeros: ``"wilcox"`` leaves differences of 0 out, ``"pratt"`` gives them ranks first.
        alternative: ``"greater"``: x tends to be larger than y.

    Raises:
        DistconvValueError: samples of different lengths; all differences are 0.

    Source: Wilcoxon, Individual comparisons by ranking methods (1945); Pratt (1959).

    >>> from distconv import exact_tests
    >>> exact_tests.signed_rank([6, 8, 14, 16, 23, 24, 28, 29, 41, -48, 49, 56, 60, -67, 75]).pvalue
    Fraction(169, 4096)
    """
    _check_alternative(alternative)
    _check_choice("zeros", zeros, get_args(Zeros))
    first = _numbers(x, "x")
    differences = first
    if y is not None:
        both = _numbers([*collected(x, "x"), *collected(y, "y")], "x and y")
        if len(both) != 2 * len(first):
            raise DistconvValueError(f"pairs need as many x as y, got {len(first)} and {len(both) - len(first)}")
        differences = [a - b for a, b in zip(both[: len(first)], both[len(first) :], strict=True)]
    if not any(differences):
        raise DistconvValueError(f"all {len(differences)} differences are 0, which have no sign to test")
    if zeros == "wilcox":
        differences = [d for d in differences if d]
    ranked = [(rank, d) for rank, d in zip(_ranks([abs(d) for d in differences]), differences, strict=True) if d]
    law = sum_of([rank * Bernoulli(Fraction(1, 2)) for rank, _ in ranked])
    return ExactTest(whole(sum(rank for rank, d in ranked if d > 0)), law, alternative)


def rank_sum(x: ArrayLike, y: ArrayLike, *, alternative: Alternative = "two-sided") -> ExactTest:
    """The test of Mann and Whitney, or of Wilcoxon's rank sum: whether two samples have one law.

    The statistic is U of x: the number of pairs (a, b) with a > b, a tie counting one half (as in scipy's
    ``mannwhitneyu``, R's W). Its law is that of a sum of ranks drawn without replacement, ties and all.

    Args:
        x: a sample.
        y: another.
        alternative: ``"greater"``: x tends to be larger than y.

    Source: Mann and Whitney (1947); with ties Lehmann, Nonparametrics (1975), section 1.4.

    >>> from distconv import exact_tests
    >>> test = exact_tests.rank_sum([1.1, 2.2, 2.2], [2.2, 3.3, 4.4, 5.5], alternative="less")
    >>> test.statistic, test.pvalue
    (1, Fraction(3, 35))
    """
    _check_alternative(alternative)
    values, m = _two_samples(x, y)
    ranks = _ranks(values)
    least = Fraction(m * (m + 1), 2)
    law = sum_of_draws(ranks, m) - least
    return ExactTest(whole(sum(ranks[:m]) - least), law, alternative)


def permutation_of_means(x: ArrayLike, y: ArrayLike, *, alternative: Alternative = "two-sided") -> ExactTest:
    """Fisher's and Pitman's permutation test: the difference of two means among all ways to deal the values out.

    The statistic is mean(x) - mean(y). No permutations are enumerated or drawn: see `distconv.sum_of_draws`.

    Args:
        x: a sample.
        y: another.
        alternative: ``"greater"``: x tends to be larger than y.

    Raises:
        SizeLimitError: the values are so many, and so fine, that the law would pass ``settings.max_bytes``.

    Source: Pitman, Significance tests which may be applied to samples from any populations (1937).

    >>> from distconv import exact_tests
    >>> exact_tests.permutation_of_means([0, 11, 12, 20], [16, 19, 22, 24, 29]).pvalue
    Fraction(1, 21)
    """
    _check_alternative(alternative)
    values, m = _two_samples(x, y)
    n = len(values) - m
    by = Fraction(1, m) + Fraction(1, n)
    shift = Fraction(sum(values)) / n
    law = by * sum_of_draws(values, m) - shift
    return ExactTest(whole(by * sum(values[:m]) - shift), law, alternative)


def kendall(x: ArrayLike, y: ArrayLike, *, alternative: Alternative = "two-sided") -> ExactTest:
    """Kendall's test of independence: concordant less discordant pairs.

    The statistic is that difference S over all n (n - 1) / 2 pairs, Kendall's tau-a. Ties in one of the samples are
    exact, too: the discordant pairs are then a sum of independent statistics of Mann and Whitney.

    Args:
        x: the first values of the pairs.
        y: the second values.
        alternative: ``"greater"``: x and y tend to rise together.

    Raises:
        DistconvValueError: samples of different lengths or of one pair; ties in both, of which no such sum is known.

    Source: Kendall, A new measure of rank correlation (1938).

    >>> from distconv import exact_tests
    >>> test = exact_tests.kendall([1, 2, 3, 4, 5], [2, 1, 3, 4, 5])
    >>> test.statistic, test.pvalue
    (Fraction(4, 5), Fraction(1, 12))
    """
    _check_alternative(alternative)
    first, second = _numbers(x, "x"), _numbers(y, "y")
    n = len(first)
    if n != len(second) or n < 2:
        raise DistconvValueError(f"kendall needs pairs, at least two of them, got {n} x and {len(second)} y")
    ties = [_tie_lengths(values) for values in (first, second)]
    if all(len(lengths) < n for lengths in ties):
        raise DistconvValueError(
            "ties in both x and y: the law is no sum of independent ones then; break the ties of one of them, or see "
            "scipy.stats.permutation_test"
        )
    lengths = min(ties, key=len)
    # A group is dealt among those before it: its pairs with them that are out of order are a statistic U.
    heads = accumulate(lengths)
    parts = [sum_of_draws(range(head), t) - t * (t - 1) // 2 for head, t in zip(heads, lengths, strict=True)]
    untied = Fraction(n * n - sum(t * t for t in lengths), 2)
    pairs = Fraction(n * (n - 1), 2)
    law = (untied - 2 * sum_of(parts)) / pairs
    score = sum(_sign((a - first[j]) * (second[i] - second[j])) for i, a in enumerate(first) for j in range(i))
    return ExactTest(whole(score / pairs), law, alternative)


# Counts ---------------------------------------------------------------------------------------------------------------


def binomial(k: int, n: int, p: ScalarLike = "1/2", *, alternative: Alternative = "two-sided") -> ExactTest:
    """The binomial test: whether k successes of n come from the chance p.

    The two-sided p-value is that of all counts that are no likelier than k (as in scipy and R).

    Args:
        k: successes.
        n: trials.
        p: the chance of a success; a fraction or a string keeps the p-value exact.
        alternative: ``"greater"``: the chance is larger than p.

    >>> from distconv import exact_tests
    >>> round(float(exact_tests.binomial(682, 925, "3/4").pvalue), 4)  # Mendel's peas (Conover 1971)
    0.3825
    """
    _check_alternative(alternative)
    successes, trials = check_integer("k", k, at_least=0), check_integer("n", n, at_least=1)
    if successes > trials:
        raise DistconvValueError(f"k must be at most n = {trials}, got {successes}")
    return ExactTest(successes, Binomial(trials, p), alternative, "no likelier")


def mcnemar(table: Sequence[Sequence[int]], *, alternative: Alternative = "two-sided") -> ExactTest:
    """McNemar's test of a table [[a, b], [c, d]] of pairs: whether b and c have one expectation.

    The statistic is b; of the pairs that differ it is binomial with the chance 1/2.

    Raises:
        DistconvValueError: no pair differs.

    Source: McNemar (1947).

    >>> from distconv import exact_tests
    >>> exact_tests.mcnemar([[10, 1], [7, 12]]).pvalue
    Fraction(9, 128)
    """
    _check_alternative(alternative)
    (_, b), (c, _) = _two_by_two(table)
    if b + c == 0:
        raise DistconvValueError(f"no pair of {table!r} differs: there is nothing to compare")
    return ExactTest(b, Binomial(b + c, Fraction(1, 2)), alternative)


def fisher(table: Sequence[Sequence[int]], *, alternative: Alternative = "two-sided") -> ExactTest:
    """Fisher's exact test of a table [[a, b], [c, d]]: whether rows and columns are independent.

    The statistic is a; with all sums of rows and columns given it is hypergeometric. The two-sided p-value is that of
    all tables that are no likelier (as in scipy and R).

    Source: Fisher, The Design of Experiments (1935): the lady tasting tea.

    >>> from distconv import exact_tests
    >>> exact_tests.fisher([[3, 1], [1, 3]], alternative="greater").pvalue
    Fraction(17, 70)
    """
    _check_alternative(alternative)
    (a, b), (c, d) = _two_by_two(table)
    return ExactTest(a, Hypergeometric(a + b + c + d, a + b, a + c), alternative, "no likelier")


# Reading --------------------------------------------------------------------------------------------------------------


def _check_alternative(value: Alternative) -> None:
    _check_choice("alternative", value, get_args(Alternative))


def _check_choice(name: str, value: object, choices: tuple[str, ...]) -> None:
    if value not in choices:
        raise DistconvValueError(f"{name} must be one of {', '.join(map(repr, choices))}, got {value!r}")


def _numbers(values: ArrayLike, name: str) -> list[Any]:
    """The values as exact numbers: floats are read together, as decimals or as a grid."""
    entries = list(collected(values, name))
    if not entries:
        raise DistconvValueError(f"{name} must have at least one value, got none")
    vectors = read_vectors(entries)
    if len(vectors[0]) > 1:
        raise DimensionError(f"{name} must be numbers, got vectors such as {entries[0]!r}")
    return [v for (v,) in vectors]


def _two_samples(x: ArrayLike, y: ArrayLike) -> tuple[list[Any], int]:
    """(the values of both, how many are of x): read together, so that equal ones are equal."""
    first, second = list(collected(x, "x")), list(collected(y, "y"))
    if not (first and second):
        raise DistconvValueError(f"both samples need values, got {len(first)} and {len(second)}")
    return _numbers([*first, *second], "x and y"), len(first)


def _two_by_two(table: Any) -> list[list[int]]:
    """The counts of a table of two rows and two columns."""
    rows = np.array(table, dtype=object)
    if rows.shape != (2, 2):
        raise DistconvTypeError(f"the table must be two rows of two counts, [[a, b], [c, d]], got {table!r}")
    return [[check_integer("a count of the table", count, at_least=0) for count in row] for row in rows.tolist()]


def _ranks(values: Sequence[Any]) -> list[Fraction]:
    """The rank of each value, from 1; equal values share the mean of theirs."""
    ordered = sorted(range(len(values)), key=values.__getitem__)
    starts = [0, *(i for i, (a, b) in enumerate(pairwise(ordered), 1) if values[a] != values[b]), len(values)]
    found = [Fraction(0)] * len(values)
    for start, end in pairwise(starts):
        for i in ordered[start:end]:
            found[i] = Fraction(start + 1 + end, 2)
    return found


def _tie_lengths(values: Sequence[Any]) -> list[int]:
    """How many values are equal to each other, group by group."""
    ordered = sorted(values)
    starts = [0, *(i for i, (a, b) in enumerate(pairwise(ordered), 1) if a != b), len(values)]
    return [end - start for start, end in pairwise(starts)]


def _sign(value: Any) -> int:
    return int(value > 0) - int(value < 0)
