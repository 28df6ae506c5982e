"""Sums of a random number of terms, from whatever windows the number and the terms have.

The outcomes up to x of terms >= d > 0 hold at most x / d terms: a finite sum over the counts, exact where both are.
Terms that are 0 add nothing, so where these have a chance the count is that of the others: of an infinite count it is
a sum without end, cut where the rest is proven to be nothing beside each of its probabilities. Terms on both sides of 0
have windows of so many terms that little is missing, as sums without an end have.
"""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np

from distconv import bounds, convolution, planning
from distconv.errors import AccuracyError
from distconv.laws import chernoff
from distconv.laws.chernoff import some
from distconv.laws.exact_compound import is_short
from distconv.laws.law import Law, Maker
from distconv.laws.unbounded import SAFETY, Unbounded
from distconv.measure import Measure, arranging, lookup
from distconv.measure.arranging import positive_cells
from distconv.numbers.doubles import ratio_to_double
from distconv.planning import Origin
from distconv.queries import generating
from distconv.settings import current_settings, under_own_settings
from distconv.support import Lattice
from distconv.support.outcomes import quotient, rational_gcd, whole
from distconv.transforms import halving, mixing
from distconv.typing import Key, Moment, Place, Scalar, Transform
from distconv.weights.floating import from_pairs

#: Counts beyond which nothing shows in a double, in nats below the smallest of them.
UNSEEN = 50.0
#: Counts beyond the most terms that are not 0, with which the window of a count with zeros is begun.
FIRST_COUNTS = 32
#: What logarithms of binomial probabilities may be off by, absolute and relative to their largest part.
LOG_SLACK = 1e-6
LOG_PART = 1e-12
#: How many times longer than the one before a window is at least.
GROWTH = 2
#: Windows of the terms that miss this hold what most sums take, where there is nothing up to the place that is asked.
SOME_TAIL = 2.0**-60


class RandomSum(Unbounded):
    """The sum of a random number of independent terms: any count, any terms, infinitely many outcomes."""

    __slots__ = ("count", "term")

    count: Law
    term: Law

    def __init__(self, count: Law, term: Law) -> None:
        self._begin(count, term, "finite sums over the number of terms, when asked")

    def _begin(self, count: Law, term: Law, reason: str) -> None:
        """Keeps the count and the terms, and how sums are made of them."""
        self.describe(Origin("compound", reason), count=count, term=term)

    def anew(self) -> Maker:
        return type(self), (self.count, self.term)

    def key(self) -> Key:
        return ("compound", self.count, self.term), 1, 0

    @property
    def is_exact(self) -> bool:
        """Whether every weight is a finite sum of fractions: exact laws, and a limited number of terms."""
        if self.low is None or not (self.count.is_exact and self.term.is_exact):
            return False
        return bool(self.count.is_finite) or not self._nothing

    @property
    @under_own_settings
    def error(self) -> float:
        """A bound on the relative error of every weight that is a double: the terms' own, carried by all of a sum's."""
        if self.is_exact:
            return 0.0
        own, part = current_settings().tolerance, self.term.error or bounds.UNIT
        return bounds.compose(2 * own, self.count.error, bounds.repeated(part, self._most_terms()))

    def _most_terms(self) -> int:
        """A number of terms beyond which nothing shows in a double."""
        most = self.count.high
        if most is not None:
            return int(most)
        return int(chernoff.upper_end(self.count, math.log(bounds.SUBNORMAL) - UNSEEN))

    @property
    def lost(self) -> float:
        """What is missing for good: a count that is cut, or any of the terms that is."""
        count, terms = self.count.lost, self.term.lost
        return min(1.0, (count + (float(self.count.mean()) * terms if terms else 0.0)) * bounds.PAD)

    @property
    def low(self) -> Scalar | None:
        """The least sum: of the fewest terms, or of the most where a term may be below 0; None where there is none."""
        term, fewest, most = self.term.low, self.count.low, self.count.high
        if term is None or fewest is None:
            return None
        if term >= 0:
            return whole(fewest * term)
        return None if most is None else whole(most * term)

    @property
    def high(self) -> None:
        """None: there is no most."""
        return None

    @property
    def _nothing(self) -> Any:
        """The probability that a term is 0."""
        return self.term.at(0)

    def spacing(self) -> Scalar:
        return rational_gcd(self.count.spacing() * self._anchor(), self.term.spacing())

    def _anchor(self) -> Scalar:
        """An outcome of a term."""
        low = self.term.low
        return self.term.covering(SOME_TAIL).box.origin[0] if low is None else low

    def cumulant(self, k: int) -> Moment:
        """By Faa di Bruno's formula for K_N(K_X(t))."""
        inner = [self.term.cumulant(j) for j in range(1, k + 1)]
        bell: dict[tuple[int, int], Any] = {(0, 0): 1}
        for n in range(1, k + 1):
            for j in range(1, n + 1):
                bell[n, j] = sum(
                    math.comb(n - 1, i - 1) * inner[i - 1] * bell.get((n - i, j - 1), 0) for i in range(1, n - j + 2)
                )
        return sum(self.count.cumulant(j) * bell[k, j] for j in range(1, k + 1))

    def pgf(self, z: Place) -> Transform:
        """The count's generating function of the terms' own."""
        return self.count.pgf(self.term.pgf(z))

    def log_mgf(self, t: float) -> float:
        inner = self.term.log_mgf(t)
        return self.count.log_mgf(inner) if inner < math.inf else math.inf

    # Windows ------------------------------------------------------------------------------------------------------

    @under_own_settings
    def up_to(self, x: Scalar) -> Measure | None:
        low = self.low
        if low is None or x < low:
            return None
        held = self.memory.get("held")
        if held is None or held[0] < x:
            # Whoever asks for one outcome after the other has a new window for few of them.
            edge = x if held is None or self.is_exact else max(x, whole(low + GROWTH * (held[0] - low)))
            held = self.memory["held"] = edge, self._made_up_to(edge, exact=self.is_exact)
        found = held[1]
        return None if found is None else replace(head_of(found, x), missing=1.0)

    def _made_up_to(self, x: Scalar, *, exact: bool) -> Measure | None:
        """The outcomes up to x, of sums over the count."""
        most, least, high = self.count.high, self._anchor(), x
        if least > 0:
            longest = math.floor(Fraction(x) / Fraction(least))
            counts, terms = head_of(some(self.count.up_to(longest)), longest), _terms(self.term, x)
        elif most is not None:
            # A sum may come down again, by each of its other terms.
            high = whole(x - min(most * least, 0))
            counts, terms = self.count.covering(0.0), _terms(self.term, high)
        else:
            counts, terms = self._without_zeros(_terms(self.term, x), x)
        cells = int(quotient(high - min(least, 0), self.spacing() or 1)) + 1
        planning.check_cells(cells, "the outcomes of the compound sum up to there")
        shares = mixing.shares_of(counts)
        bits = counts.weights.bits + shares[-1][0] * terms.weights.bits
        exact = exact and min(counts.weights.bits, terms.weights.bits) > 0 and is_short(cells, bits)
        found = halving.compounded(shares, terms, exact=exact, high=high)
        return replace(found, weights=mixing.shared(found.weights, counts.weights.error))

    def _without_zeros(self, terms: Measure, x: Scalar) -> tuple[Measure, Measure]:
        """(the number of terms that are not 0, such a term), as far as sums up to x take them."""
        zeros = lookup.count_up_to(terms, 0)
        nothing = sum((Fraction(terms.weights.exact_at(rank)) for rank in range(zeros)), start=Fraction(0))
        if zeros == terms.support.size:
            # None that is not 0 is as small as x.
            return thinned(self.count, nothing, 0), terms
        above = arranging.select(terms, np.arange(zeros, terms.support.size))
        above = replace(above, weights=above.weights.as_floating().scaled(1 / (1 - nothing)))
        most = math.floor(Fraction(x) / Fraction(above.box.origin[0]))
        return thinned(self.count, nothing, most), above

    def covering(self, tail: float) -> Measure:
        return self._covered(tail, exact=self.is_exact)

    def in_doubles(self, tail: float) -> Measure:
        return convolution.as_floating(self._covered(tail, exact=False))

    @under_own_settings
    def _covered(self, tail: float, *, exact: bool) -> Measure:
        """The outcomes up to where Chernoff's bound is within the tail; else so many terms of so long a window."""
        if self.low is not None:
            try:
                edge = max(chernoff.upper_end(self, math.log(tail)), self.low)
            except AccuracyError:
                edge = None
            if edge is not None:
                made = self.up_to(edge) if exact or not self.is_exact else self._made_up_to(edge, exact=False)
                return replace(some(made), missing=tail)
        counts = self.count.covering(tail / 2)
        copies = max(1.0, min(float(counts.box.high[0]), float(self.count.mean()))) * bounds.PAD
        terms = self.term.covering(tail / 2 / copies)
        found = halving.compounded(mixing.shares_of(counts), replace(terms, missing=0.0), exact=False)
        weights = mixing.shared(found.weights, counts.weights.error)
        return replace(found, weights=weights, missing=tail)

    def _least(self, window: Measure, low: Scalar, high: Scalar) -> float:
        """As in `Unbounded`; 0 where the window lacks an outcome between them."""
        step = self.spacing()
        start = whole((self.count.low or 0) * self._anchor())
        first, last = math.ceil(quotient(low - start, step)), math.floor(quotient(high - start, step))
        held = positive_cells(window)
        places = [window.box.origin[0] + window.box.step[0] * cell for cell in held.tolist()]
        inside = sum(low <= place <= high for place in places)
        return super()._least(window, low, high) if inside == last - first + 1 else 0.0


def thinned(count: Law, nothing: Fraction, most: int) -> Measure:
    """P(M = 0), ..., P(M = most) of the number M of terms that are not 0, each 0 with probability `nothing`.

    P(M = m) is the sum of P(N = n) b(n, m) with binomial b. From where (n + 2)(1 - nothing) > m on b falls, so what is
    beyond n is at most P(N > n) b(n + 1, m); before, at most P(N > n).
    """
    tolerance = current_settings().tolerance
    draw = Measure(Lattice((0,), (1,), (2,)), from_pairs(*_pairs([nothing, 1 - nothing])))
    last = most + FIRST_COUNTS
    while True:
        planning.check_cells(last + 1, "the numbers of terms of this compound sum")
        window = count.up_to(last)
        if window is not None:
            found = halving.compounded(mixing.shares_of(window), draw, exact=False, high=most)
            logs, places = generating.log_weights(found)
            rest = chernoff.log_tail(count, last) + _log_binomial(last + 1, places, float(nothing))
            if len(places) == most + 1 and (rest <= logs + math.log(tolerance * SAFETY)).all():
                return replace(found, weights=mixing.shared(found.weights, window.weights.error), missing=1.0)
        last *= 2


def _log_binomial(n: int, m: Any, nothing: float) -> Any:
    """Bounds on log b(j, m) for all j >= n: that of n where b falls from there on, else 0."""
    from scipy.special import gammaln

    keep = 1 - nothing
    if not keep:
        return np.where(m > 0, -np.inf, 0.0)
    zeros = np.maximum(n - m, 0)
    parts = [gammaln(n + 1.0), gammaln(m + 1.0), gammaln(zeros + 1.0), m * math.log(keep), zeros * math.log(nothing)]
    value = parts[0] - parts[1] - parts[2] + parts[3] + parts[4]
    slack = LOG_SLACK + LOG_PART * sum(np.abs(part) for part in parts)
    falls = (n + 1) * keep * (1 - LOG_PART) > m
    return np.where(falls, np.minimum(value + slack, 0.0), 0.0)


def _pairs(shares: list[Fraction]) -> tuple[Any, Any, float]:
    """Fractions as significands and exponents, each rounded once."""
    pairs = [ratio_to_double(share.numerator, share.denominator) for share in shares]
    return np.array([s for s, _ in pairs]), np.array([e for _, e in pairs], dtype=np.int64), bounds.UNIT


def _terms(term: Law, high: Scalar) -> Measure:
    """The outcomes of a term up to one: all that a sum up to there can hold."""
    found = term.up_to(high)
    return replace(term.covering(SOME_TAIL) if found is None else found, missing=0.0)


def head_of(measure: Measure, x: Scalar) -> Measure:
    """The outcomes up to x of a measure that holds more."""
    count = lookup.count_up_to(measure, x)
    return measure if count >= measure.support.size else arranging.select(measure, np.arange(count))
