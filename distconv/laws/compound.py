"""The sum of a random number of independent terms >= 0, where the outcomes have no end: asked, not held."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np

from distconv import bounds, planning
from distconv.coordinates import asked, many
from distconv.errors import AccuracyError
from distconv.laws import chernoff, exact_compound
from distconv.laws.chernoff import some
from distconv.laws.jumps import Jumps
from distconv.laws.law import Law
from distconv.laws.random_sum import SOME_TAIL, RandomSum, head_of
from distconv.measure import Measure, lookup
from distconv.measure.arranging import tightened
from distconv.measure.reading import read_query
from distconv.methods import alignment
from distconv.planning import Plan
from distconv.queries import generating
from distconv.settings import current_settings, under_own_settings
from distconv.support import Lattice
from distconv.support.outcomes import quotient, rational_gcd, whole
from distconv.typing import Answer, Question, Scalar
from distconv.weights.floating import from_pairs

#: What windows may add to the errors of their terms, as a part of these.
PART = 0.125
#: Rates at which the errors of terms are bounded, and by how much more a term's weight is thought to be there.
ERROR_RATES = 24
ERROR_GROWTHS = (1.0, 0.125)


class Compound(RandomSum):
    """The sum of a Poisson, negative binomial, binomial or logarithmic number of terms >= 0."""

    __slots__ = ()

    def __init__(self, count: Law, term: Law) -> None:
        self._begin(count, term, "recursion or tilted transforms of the count's generating function, when asked")

    def jumps(self) -> Jumps | None:
        inner = self.count.jumps()
        return None if inner is None or not self.term.is_finite else replace(inner, law=self.term)

    @property
    def is_exact(self) -> bool:
        """Whether weights are fractions, of exact terms: those that would be too long are doubles all the same."""
        return bool(self.count.is_exact and self.term.is_exact)

    @property
    @under_own_settings
    def error(self) -> float:
        """A bound on the relative error of every weight that is a double.

        The terms' own error is carried by as many terms as a sum takes: by more of them where only `logpmf` reaches,
        of which ``X.truncate(high=x).error`` tells.
        """
        if self.is_exact:
            return 0.0
        own, part = self._wanted(), self._part_error()
        if part and "carried" not in self.memory:
            self.memory["carried"] = self._carried_by_doubles()
        return bounds.compose(own, self.memory["carried"]) if part else own

    def spacing(self) -> Scalar:
        """The width of cells of a lattice through 0."""
        return rational_gcd(self._anchor(), self.term.spacing())

    def _part_error(self) -> float:
        """A bound on the relative error of a term's weights as doubles."""
        return bounds.UNIT if self.term.is_exact else self.term.error

    def _wanted(self) -> float:
        """How close windows are made: to the tolerance, and no closer than terms are known."""
        return max(current_settings().tolerance, self._part_error() * PART)

    @property
    def low(self) -> Scalar:
        """The least count of least terms."""
        return whole(self.count.low * self.term.low)

    @under_own_settings
    def first_plan(self) -> Plan:
        """The plan of the first window, which misses less than 1e-18."""
        edge = chernoff.upper_end(self, math.log(chernoff.WINDOW_TAIL))
        unit = self.spacing()
        last = math.floor(Fraction(edge) / Fraction(unit))
        method, seconds = self._predicted(last, unit)
        return planning.plan_asked(method, last + 1, seconds, str(self.origin.reason))

    def _predicted(self, last: int, unit: Scalar) -> tuple[str, float]:
        """How the probabilities of 0, unit, ..., last * unit are computed, and in how many seconds."""
        from distconv.methods.compounding import predict

        term: Any = self.term
        top = min(last * unit, term.measure.box.high[0])
        return predict(last, int(quotient(top, unit)) + 1)

    # Windows ------------------------------------------------------------------------------------------------------

    @under_own_settings
    def up_to(self, x: Scalar) -> Measure | None:
        if x < self.low:
            return None
        unit = self.spacing()
        last = math.floor(Fraction(x) / Fraction(unit))
        exact = self._exactly_to(last, unit) if self.is_exact else None
        return self._in_doubles_to(last, unit) if exact is None else exact

    def _exactly_to(self, last: int, unit: Scalar) -> Measure | None:
        """The probabilities of 0, unit, ..., last * unit as fractions; None where these would be too long."""
        held = self.memory.get("exact")
        if held is None or held[0] < last:
            count = self.count.counted(Fraction(1))
            assert count is not None
            found = exact_compound.window(count, self._terms_to(whole(last * unit)), last, unit)
            if found is None:
                return None
            held = self.memory["exact"] = last, found
        return held[1] if held[0] == last else head_of(held[1], whole(last * unit))

    def _in_doubles_to(self, last: int, unit: Scalar) -> Measure:
        """The same as doubles."""
        held = self.memory.get("held")
        tolerance = self._wanted()
        if held is None or held[0] < last or held[1] > tolerance:
            planning.check_cells(last + 1, "the outcomes of the compound sum up to there")
            method, seconds = self._predicted(last, unit)
            planning.announced(Plan(method, "float", last + 1, 0, seconds))
            held = self.memory["held"] = (last, tolerance, self._weights_to(last, unit, tolerance))
        return held[2] if held[0] == last else head_of(held[2], whole(last * unit))

    def at(self, x: Question, *, log: bool = False) -> Answer:
        x = asked(x)
        points = many(x)
        if points is not None and points.size:
            # The farthest point first: its window holds all others.
            places = [v for v in points.ravel().tolist() if 0 <= v < math.inf]
            if places:
                self.up_to(read_query(max(places)))  # type: ignore[arg-type]
        return super().at(x, log=log)

    @under_own_settings
    def around(self, low: Scalar, high: Scalar) -> Measure | None:
        held = self.memory.get("exact" if self.is_exact else "held")
        if held is None or not held[0] * self.spacing() >= high >= self.low:
            return self.up_to(high)
        is_right = self.is_exact or held[1] <= self._wanted()
        return held[-1] if is_right else self.up_to(high)

    def covering(self, tail: float) -> Measure:
        """The outcomes up to where Chernoff's bound is within the tail."""
        return replace(some(self.up_to(self._end(tail))), missing=tail)

    @under_own_settings
    def in_doubles(self, tail: float) -> Measure:
        unit = self.spacing()
        last = math.floor(Fraction(self._end(tail)) / Fraction(unit))
        return replace(self._in_doubles_to(last, unit), missing=tail)

    def _end(self, tail: float) -> Scalar:
        """An outcome beyond which at most so much is left."""
        return max(chernoff.upper_end(self, math.log(tail)), self.low)

    def _terms_to(self, edge: Scalar) -> Measure:
        """The outcomes of a term up to one, or more of them where all of these are 0."""
        terms = self.term.up_to(edge)
        return self.term.covering(SOME_TAIL) if terms is None or terms.box.high[0] <= 0 else terms

    def _weights_to(self, last: int, unit: Scalar, tolerance: float) -> Measure:
        """The probabilities of 0, unit, ..., last * unit; what is beyond, or lost, is not counted as missing."""
        from distconv.methods.compounding import compound as counted

        count, step = self._shape_of(self._terms_to(whole(last * unit)), unit)
        found = counted(count, step, last, tolerance)
        weights = from_pairs(found.significands, found.exponents, found.error)
        measure = Measure(Lattice((0,), (unit,), (last + 1,)), weights, 1.0)
        measure = measure if found.significands.all() else tightened(measure)
        error = bounds.compose(found.error, self._carried(measure))
        return replace(measure, weights=replace(measure.weights.as_floating(), error=error))

    def _shape_of(self, terms: Measure, unit: Scalar) -> tuple[Any, Any]:
        """(the count of terms that are not 0, their probabilities on multiples of the unit from 0 on)."""
        from distconv.methods.operands import Operand

        nothing = lookup.rank(terms, (0,))
        chance = Fraction(0) if nothing is None else exact_at(terms, nothing)
        count = self.count.counted(1 - chance)
        box = terms.box
        first = int(quotient(box.origin[0], unit))
        planning.check_cells(first + int(quotient(box.step[0], unit)) * box.size, "a term of the compound sum")
        floats = Measure(terms.support, terms.weights.as_floating())
        significands, exponents = alignment.dense_doubles(floats, (unit,))
        front = np.zeros(first)
        significands = np.concatenate((front, significands))
        if exponents is not None:
            exponents = np.concatenate((front.astype(np.int64), exponents))
        significands[0] = 0.0
        return count, Operand(significands, exponents, False)

    # Errors of the terms ------------------------------------------------------------------------------------------

    def _carried(self, window: Measure) -> float:
        """What a relative error of each term's weights does to these probabilities, at most.

        Once the sum is x it has at most x / (the least term) terms that are not 0. Where that says too little: the
        weights are wrong by a factor of at most E((1 + e)**N | S = x), which by Jensen is at most the power
        log(1 + e) / log(1 + c) of E((1 + c)**N | S = x) <= G((1 + c) M(t)) exp(-t x) / P(S = x), at any rate t.
        """
        error = self._part_error()
        if not error or not len(window.weights.positive()):
            return 0.0
        plain = self._carried_by_number(window.box.high[0])
        if plain <= NEGLIGIBLE:
            return plain
        error = error / (1 - error)
        logs, places = generating.log_weights(window)
        worst = math.log1p(plain)
        for growth in ERROR_GROWTHS:
            least = np.full(len(places), np.inf)
            for rate in self._rates(float(places[-1])):
                inner = self.term.log_mgf(rate)
                value = self.count.log_mgf(inner + math.log1p(growth)) if inner < math.inf else math.inf
                if value < math.inf:
                    np.minimum(least, value - rate * places, out=least)
            power = float((least - logs).max()) * (1 + 1e-6) + 1e-6
            worst = min(worst, power * math.log1p(error) / math.log1p(growth))
        return math.expm1(worst) * bounds.PAD if worst < LARGEST_LOG else math.inf

    def _carried_by_number(self, x: Scalar) -> float:
        """The same up to x, by the number of terms alone; infinite where terms may be 0 with a chance that errs."""
        if self.term.low == 0 and self.term.at(0) > 0:
            return math.inf
        error = self._part_error()
        most = math.ceil(quotient(x, _least_positive(self.term)))
        power = most * math.log1p(error / (1 - error))
        return math.expm1(power) * bounds.PAD if power < LARGEST_LOG else math.inf

    def _carried_by_doubles(self) -> float:
        """The same up to where probabilities are below the smallest double; of long windows by the number of terms."""
        try:
            edge = chernoff.upper_end(self, math.log(bounds.SUBNORMAL))
        except AccuracyError:
            return self._carried(self.measure)
        plain = self._carried_by_number(edge)
        unit = self.spacing()
        last = math.floor(Fraction(edge) / Fraction(unit))
        if plain <= NEGLIGIBLE or (last > MOST_STATED and plain < math.inf):
            return plain
        if last > MOST_STATED:
            return self._carried(self.measure)
        return self._carried(self._weights_to(last, unit, LOOSE))

    def _rates(self, last: float) -> list[float]:
        """Rates under which the sum's mean runs from near 0 to the last outcome."""
        spread = chernoff.width(self) or 1.0
        steps = np.linspace(-1.0, 1.0, ERROR_RATES)
        ends = np.array([math.log(max(last, spread) / spread + 2.0) * 8 / spread])
        return sorted({0.0, *(np.sign(steps) * np.abs(steps) ** 3 * ends[0]).tolist()})


#: Errors of sums that the number of terms bounds by less are not bounded more closely.
NEGLIGIBLE = 1e-13
#: Outcomes up to which the error of all doubles is bounded from the probabilities themselves, and to how many digits.
MOST_STATED = 2**15
LOOSE = 1e-6
#: Logs of errors above this are no bounds.
LARGEST_LOG = 50.0


def exact_at(measure: Measure, rank: int) -> Fraction:
    """A weight as the number that it is."""
    return Fraction(measure.weights.exact_at(rank))


def _least_positive(term: Law) -> Scalar:
    """The least outcome above 0 of a law >= 0."""
    outcomes: Iterable[Any] = term.support
    found: Scalar = next(x for x in outcomes if x > 0)
    return found
