"""What laws by formulas without letters answer in numbers: quantiles, windows, random outcomes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any, cast

from distconv.algebra import sums
from distconv.errors import AccuracyError
from distconv.formulas.terms import Term
from distconv.laws import image
from distconv.laws.law import Law
from distconv.measure import Measure
from distconv.numbers.letters import expression_of, number_of
from distconv.numbers.signs import sign_of
from distconv.queries.totals import Side
from distconv.support.outcomes import whole
from distconv.support.sequence import Outcomes
from distconv.typing import Asked, Drawn, Number, NumberLike, Outcome, RandomState, Scalar, Vector

if TYPE_CHECKING:
    import sympy


def numbers_of(terms: Sequence[Term], offset: sympy.Expr) -> Law | None:
    """The law of numbers of an offset and a sum of independent terms without letters; None where none is known."""
    if not offset.is_Rational:
        return None
    total: Law | None = None
    for term in terms:
        one = term.atom.numbers() if term.factor.is_Rational and term.copies.is_Integer else None
        if one is None:
            return None
        part = image.scaled(sums.copies(one, int(term.copies)), whole(number_of(term.factor)))
        total = part if total is None else sums.add(total, part)
    assert total is not None
    return image.shifted(total, (whole(number_of(offset)),))


class Numeric(Law):
    """A law whose PMF and moments are expressions, and which has a twin of numbers that answers all else.

    Subclasses define `numbers` and `margin`.
    """

    __slots__ = ()

    @property
    def numbers(self) -> Law:
        """The law of numbers that this one is, irrational parameters rounded to `DIGITS` digits."""
        raise NotImplementedError

    @property
    def is_by_formula(self) -> bool:
        """True."""
        return True

    @property
    def margin(self) -> Fraction:
        """By how much P(X <= x) of the law of numbers may be off."""
        raise NotImplementedError

    # Windows ------------------------------------------------------------------------------------------------------

    @property
    def measure(self) -> Measure:
        """The law laid out, in numbers."""
        return self.numbers.measure

    def covering(self, tail: float) -> Measure:
        return self.numbers.covering(tail)

    def in_doubles(self, tail: float) -> Measure:
        return self.numbers.in_doubles(tail)

    def up_to(self, x: Scalar) -> Measure | None:
        return self.numbers.up_to(x)

    def down_to(self, x: Scalar) -> Measure | None:
        return self.numbers.down_to(x)

    def around(self, low: Scalar, high: Scalar) -> Measure | None:
        return self.numbers.around(low, high)

    def window_of(self, predicate: Callable[[Any], object]) -> Measure:
        return self.numbers.window_of(predicate)

    def edges(self, tail: float) -> tuple[Scalar, Scalar]:
        return self.numbers.edges(tail)

    def between(self, low: Vector | None, high: Vector | None) -> Measure:
        return self.numbers.between(low, high)

    def spacing(self) -> Scalar:
        return self.numbers.spacing()

    def anchor(self) -> Scalar:
        return self.numbers.anchor()

    # Questions ----------------------------------------------------------------------------------------------------

    @property
    def shape(self) -> tuple[int, ...]:
        """How many lattice cells the outcomes span."""
        return self.numbers.shape

    @property
    def support(self) -> Outcomes | Any:
        """The outcomes of positive probability."""
        return self.numbers.support

    def held(self, x: Scalar, side: Side, *, log: bool = False) -> float:
        return self.numbers.held(x, side, log=log)

    def quantile(self, q: Fraction, side: Side, rounded: bool) -> Outcome:
        """The smallest outcome x with P(X <= x) >= q ("cdf"), or with P(X > x) <= q ("sf"), decided exactly."""
        margin = self.margin
        if not (margin and 0 < q < 1):
            return self.numbers.quantile(q, side, False)
        levels = (max(q - margin, q / 2), min(q + margin, (q + 1) / 2))
        first, last = sorted(cast("Scalar", self.numbers.quantile(level, side, False)) for level in levels)
        # Beyond the last one the level is met in any case.
        places = self.numbers.listed(first, last)[:-1] if first != last else ()
        return next((x for x in places if self._meets(x, q, side)), last)

    def _meets(self, x: Outcome, q: Fraction, side: Side) -> bool:
        """Whether P(X <= x) >= q ("cdf"), or P(X > x) <= q ("sf")."""
        beyond = self.beside(x, side) - expression_of(q)
        sign = sign_of(beyond)
        if sign is None:
            raise AccuracyError(f"whether {beyond} is 0 is not known, nor on which side of {x} the quantile lies")
        return sign >= 0 if side == "cdf" else sign <= 0

    def quantile_ends(self, q: Fraction) -> tuple[Any, Any]:
        found = self.quantile(q, "cdf", False)
        return found, found

    def ends_beside(self, x: NumberLike, side: Side) -> tuple[Any, Any]:
        """P(X <= x) or P(X > x), twice: nothing is missing."""
        value = self.beside(x, side)
        return value, value

    def mode(self) -> Outcome:
        return self.numbers.mode()

    def log_mgf(self, t: float) -> float:
        return self.numbers.log_mgf(t)

    def rvs(self, size: int | tuple[int, ...] | None, rng: RandomState) -> Drawn:
        return self.numbers.rvs(size, rng)

    def entries(self) -> Iterator[tuple[Outcome, Number]]:
        places: Iterable[Outcome] = self.numbers.support
        return ((x, self.at(x)) for x in places)

    def listed(self, low: Scalar, high: Scalar) -> Outcomes:
        return self.numbers.listed(low, high)

    def check_listed(self, what: str) -> None:
        self.numbers.check_listed(what)

    def contains(self, outcome: Asked) -> bool:
        return self.numbers.contains(outcome)
