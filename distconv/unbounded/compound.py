"""The sum of a random number of independent terms >= 0, where the outcomes have no end: asked, not held."""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np

from distconv import bounds, planning
from distconv.coordinates import asked
from distconv.distribution import Distribution
from distconv.errors import AccuracyError
from distconv.measure import Measure, lookup
from distconv.measure.arranging import tightened
from distconv.measure.reading import read_query
from distconv.methods import alignment
from distconv.planning import Origin, Plan, costs
from distconv.queries import generating
from distconv.settings import current_settings, under_own_settings
from distconv.support import Lattice
from distconv.support.outcomes import quotient, rational_gcd, whole
from distconv.transforms import halving, images, mixing
from distconv.typing import PointLike, Scalar, Transform
from distconv.unbounded import chernoff
from distconv.unbounded.ends import highest, lost_of, lowest
from distconv.unbounded.law import Unbounded, some
from distconv.value import write
from distconv.weights.floating import from_pairs

#: Rates at which the errors of terms are bounded, and by how much more a term's weight is thought to be there.
ERROR_RATES = 24
ERROR_GROWTHS = (1.0, 0.125)


class Compound(Unbounded):
    """The sum of a random number of independent terms >= 0.

    The count is Poisson, negative binomial, binomial or logarithmic (`Distribution._counted`); of terms without end it
    may be any finite law.
    """

    __slots__ = ("count", "term")

    count: Any
    term: Distribution

    def __init__(self, count: Any, term: Distribution) -> None:
        analytic = count._counted(Fraction(1)) is not None
        reason = "recursion or tilted transforms of the count's generating function" if analytic else "mixed sums"
        self._set(None, Origin("compound", f"{reason}, when asked"))
        write(self, "count", count)
        write(self, "term", term)

    def _anew_by(self) -> Any:
        return Compound, (self.count, self.term)

    def _key(self) -> Any:
        return ("compound", self.count, self.term), 1, 0

    def _jumps(self) -> Any:
        inner = self.count._jumps()
        return None if inner is None or not self.term.is_finite else replace(inner, law=self.term)

    @property
    def is_exact(self) -> bool:
        """Whether probabilities are fractions: those of a finite exact count of exact terms."""
        return self._is_listed and self.count.is_exact and self.term.is_exact

    @property
    @under_own_settings
    def error(self) -> float:
        """A bound on the relative error of every weight that is a double.

        The terms' own error is carried by as many terms as a sum takes: by more of them where only `logpmf` reaches,
        of which ``X.truncate(high=x).error`` tells.
        """
        if self.is_exact:
            return 0.0
        own, part = current_settings().tolerance, self._part_error()
        if self._is_listed:
            return bounds.compose(own, bounds.repeated(part, int(highest(self.count))))  # type: ignore[arg-type]
        if part and "carried" not in self._cache:
            self._cache["carried"] = self._carried_by_doubles()
        return bounds.compose(own, self._cache["carried"]) if part else own

    def _part_error(self) -> float:
        """A bound on the relative error of a term's weights as doubles."""
        return bounds.UNIT if self.term.is_exact else self.term.error

    @property
    def _is_listed(self) -> bool:
        """Whether the count is a finite law that no transform or recursion knows."""
        return self.count._counted(Fraction(1)) is None

    @property
    def _lost(self) -> float:
        """What is missing for good: a count that is cut, or any of the terms that is."""
        terms = lost_of(self.term)
        return min(1.0, (lost_of(self.count) + (float(self.count.mean()) * terms if terms else 0.0)) * bounds.PAD)

    @property
    def low(self) -> Scalar:
        """The least count of least terms."""
        return whole(lowest(self.count) * lowest(self.term))  # type: ignore[operator]

    @property
    def high(self) -> None:
        """None: there is no most."""
        return None

    def _spacing(self) -> Scalar:
        term = self.term
        if isinstance(term, Unbounded):
            return rational_gcd(term.low or 0, term._spacing())
        box = term._measure.box
        return rational_gcd(box.origin[0], box.step[0] if box.shape[0] > 1 else 0)

    def _cumulant(self, k: int) -> Any:
        """By Faa di Bruno's formula for K_N(K_X(t))."""
        inner = [self.term.cumulant(j) for j in range(1, k + 1)]
        bell: dict[tuple[int, int], Any] = {(0, 0): 1}
        for n in range(1, k + 1):
            for j in range(1, n + 1):
                bell[n, j] = sum(
                    math.comb(n - 1, i - 1) * inner[i - 1] * bell.get((n - i, j - 1), 0) for i in range(1, n - j + 2)
                )
        return sum(self.count.cumulant(j) * bell[k, j] for j in range(1, k + 1))

    def pgf(self, z: PointLike) -> Transform:
        """The count's generating function of the terms' own."""
        return self.count.pgf(self.term.pgf(z))

    def _log_mgf(self, t: float) -> float:
        inner = self.term._log_mgf(t)
        return self.count._log_mgf(inner) if inner < math.inf else math.inf

    @under_own_settings
    def plan(self) -> Plan:
        """The plan of the first window, which misses less than 1e-18."""
        edge = chernoff.upper_end(self, math.log(chernoff.WINDOW_TAIL))
        unit = self._spacing()
        last = math.floor(Fraction(edge) / Fraction(unit))
        method, seconds = self._predicted(last, unit)
        return planning.plan_asked(method, last + 1, seconds, str(self._plan.reason))

    def _predicted(self, last: int, unit: Scalar) -> tuple[str, float]:
        """How the probabilities of 0, unit, ..., last * unit are computed, and in how many seconds."""
        if self._is_listed:
            return "compound", costs.CELL_COMPOUND_SECONDS * (last + 1)
        from distconv.methods.compounding import predict

        term: Any = self.term
        top = min(last * unit, term._measure.box.high[0])
        return predict(last, int(quotient(top, unit)) + 1)

    # Windows ------------------------------------------------------------------------------------------------------

    @under_own_settings
    def _up_to(self, x: Scalar) -> Measure | None:
        if x < self.low:
            return None
        unit = self._spacing()
        last = math.floor(Fraction(x) / Fraction(unit))
        held = self._cache.get("held")
        tolerance = current_settings().tolerance
        if held is None or held[0] < last or held[1] > tolerance:
            planning.check_cells(last + 1, "the outcomes of the compound sum up to there")
            method, seconds = self._predicted(last, unit)
            planning.announced(Plan(method, "float", last + 1, 0, seconds))
            held = self._cache["held"] = (last, tolerance, self._weights_to(last, unit, tolerance))
        return held[2] if held[0] == last else _head(held[2], whole(last * unit))

    def _at(self, x: Any, *, log: bool = False) -> Any:
        x = asked(x)
        if isinstance(x, list | np.ndarray) and np.size(x):
            # The farthest point first: its window holds all others.
            places = [v for v in np.ravel(np.asarray(x, dtype=object)).tolist() if 0 <= v < math.inf]
            if places:
                self._up_to(read_query(max(places)))  # type: ignore[arg-type]
        return super()._at(x, log=log)

    @under_own_settings
    def _around(self, low: Scalar, high: Scalar) -> Measure | None:  # noqa: ARG002 - from the lowest on
        held = self._cache.get("held")
        if (
            held is not None
            and held[0] * self._spacing() >= high >= self.low
            and held[1] <= current_settings().tolerance
        ):
            return held[2]  # type: ignore[no-any-return]
        return self._up_to(high)

    def _covering(self, tail: float) -> Measure:
        """The outcomes up to where Chernoff's bound is within the tail."""
        found = some(self._up_to(chernoff.upper_end(self, math.log(tail))))
        return replace(found, missing=tail)

    def _weights_to(self, last: int, unit: Scalar, tolerance: float) -> Measure:
        """The probabilities of 0, unit, ..., last * unit; what is beyond, or lost, is not counted as missing."""
        from distconv.methods.compounding import compound as counted

        term, edge = self.term, whole(last * unit)
        terms = term._up_to(edge) if isinstance(term, Unbounded) else term._measure
        if terms is None or terms.box.high[0] <= 0:
            terms = term._covering(2.0**-60) if isinstance(term, Unbounded) else term._measure
        count, step = self._shape_of(terms, unit)
        if count is None:
            shares = mixing.shares_of(self.count._measure)
            return replace(
                halving.compounded(shares, terms, exact=self.is_exact, tolerance=tolerance, high=edge), missing=1.0
            )
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
        count = self.count._counted(1 - chance)
        if count is None:
            return None, None
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
                inner = self.term._log_mgf(rate)
                value = self.count._log_mgf(inner + math.log1p(growth)) if inner < math.inf else math.inf
                if value < math.inf:
                    np.minimum(least, value - rate * places, out=least)
            power = float((least - logs).max()) * (1 + 1e-6) + 1e-6
            worst = min(worst, power * math.log1p(error) / math.log1p(growth))
        return math.expm1(worst) * bounds.PAD if worst < LARGEST_LOG else math.inf

    def _carried_by_number(self, x: Scalar) -> float:
        """The same up to x, by the number of terms alone; infinite where terms may be 0 with a chance that errs."""
        if lowest(self.term) == 0 and self.term.pmf(0) > 0:
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
            return self._carried(self._measure)
        plain = self._carried_by_number(edge)
        unit = self._spacing()
        last = math.floor(Fraction(edge) / Fraction(unit))
        if plain <= NEGLIGIBLE or (last > MOST_STATED and plain < math.inf):
            return plain
        if last > MOST_STATED:
            return self._carried(self._measure)
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


def _least_positive(term: Distribution) -> Scalar:
    """The least outcome above 0 of a law >= 0."""
    return next(x for x in term.support if not isinstance(x, tuple) and x > 0)


def _head(measure: Measure, x: Scalar) -> Measure:
    """The outcomes up to x of a measure that holds more."""
    return images.select(measure, np.arange(lookup.count_up_to(measure, x)))
