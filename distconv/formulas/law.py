"""`FormulaLaw`: laws whose PMF is an expression in the outcome, on a range whose ends may be letters; their sums."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np

from distconv.coordinates import asked
from distconv.errors import DistconvTypeError, DistconvValueError
from distconv.formulas import expecting, functions, heads, naming
from distconv.formulas.atom import LOOSE, Atom
from distconv.formulas.checking import same_law
from distconv.formulas.laid import laid_out
from distconv.formulas.moments import FormulaMoments
from distconv.formulas.numeric import Numeric, numbers_of
from distconv.formulas.pieces import Piece, are_disjoint, index_letter, value_at
from distconv.formulas.plain import plain
from distconv.formulas.residues import remainders
from distconv.formulas.series import coefficient
from distconv.formulas.terms import Term, added_at, common_factor, merged
from distconv.formulas.vanishing import without_needless_cases
from distconv.laws import registry
from distconv.laws.law import Law
from distconv.measure import Measure
from distconv.measure.reading import collected, is_collection
from distconv.numbers import letters
from distconv.numbers.letters import expression_of, has_letters
from distconv.numbers.signs import whole_or_not
from distconv.planning import Origin
from distconv.queries.assuming import polynomials
from distconv.queries.totals import Side
from distconv.support.frame import read_expression
from distconv.transforms import comparison
from distconv.typing import Answer, Kind, Moment, Number, Outcome, Place, Question, Scalar, Vector
from distconv.value import write

if TYPE_CHECKING:
    import sympy

#: Longest mean, in characters, that stands in the line that sums a law up.
LONGEST_MEAN = 60


class FormulaLaw(Numeric):
    """The law of an offset and the sum of independent terms, with letters in their formulas or in their ranges.

    Args:
        summands: the terms.
        offset: what is added to them, a number or an expression.
        conditions: what the letters must satisfy.
        pieces: the PMF in multiples of the first term's factor, where it is known; found where there is one term.
    """

    __slots__ = ("conditions", "offset", "pieces", "scale", "summands")

    summands: tuple[Term, ...]
    offset: Any
    #: The distance of neighbouring outcomes, where there are pieces.
    scale: Any
    pieces: tuple[Piece, ...] | None
    conditions: frozenset[Any]

    def __init__(
        self,
        summands: tuple[Term, ...],
        offset: sympy.Expr,
        conditions: frozenset[Any] = frozenset(),
        pieces: tuple[Piece, ...] | None = None,
    ) -> None:
        import sympy

        write(self, "_memory", None)
        write(self, "origin", Origin("given", "a formula"))
        write(self, "summands", summands)
        write(self, "offset", sympy.expand(offset))
        write(self, "conditions", conditions)
        known = own_pieces(summands[0]) if pieces is None and len(summands) == 1 else pieces
        write(self, "pieces", known)
        write(self, "scale", abs(summands[0].factor) if known is not None else common_factor(summands))

    def __reduce__(self) -> Any:
        return FormulaLaw, (self.summands, self.offset, self.conditions, self.pieces)

    # What it is ---------------------------------------------------------------------------------------------------

    @property
    def measure(self) -> Measure:
        """The law laid out: between ends that are numbers, or without letters. Nothing else can be."""
        found = self.laid
        return self.numbers.measure if found is None else found

    @property
    def laid(self) -> Measure | None:
        """The outcomes one by one, between ends that are numbers; None of other laws."""
        if "laid" not in self.memory:
            self.memory["laid"] = laid_out(self)
        found: Measure | None = self.memory["laid"]
        return found

    @property
    def numbers(self) -> Law:
        """The law of numbers that this one is; refuses where there are letters, or where none is known."""
        known: Law | None = self.memory.get("numbers")
        if known is None:
            known = None if self.letters else numbers_of(self.summands, self.offset)
            if known is None:
                self.refuse("this answer")
            self.memory["numbers"] = known
        return known

    @property
    def margin(self) -> Fraction:
        """By how much P(X <= x) of the law of numbers may be off."""
        (first, *more) = self.summands
        return LOOSE if more or first.copies != 1 else first.atom.margin()

    def in_numbers(self) -> Law:
        return self if self.letters else self.numbers

    def is_laid_out(self) -> bool:
        """Whether questions are answered from the whole measure: the formula is asked."""
        return False

    @property
    def ndim(self) -> int:
        """The dimension, 1, of laws of numbers."""
        return 1

    @property
    def kind(self) -> Kind:
        """``"symbolic"``."""
        return "symbolic"

    @property
    def is_exact(self) -> bool:
        """Whether the weights are exact, which expressions are."""
        return True

    @property
    def error(self) -> float:
        """The bound on rounding, 0.0 for expressions."""
        return 0.0

    @property
    def missing(self) -> float:
        """The probability cut off, 0.0 for formulas."""
        return 0.0

    @property
    def lost(self) -> float:
        """What is missing for good, 0.0 for formulas."""
        return 0.0

    @property
    def letters(self) -> frozenset[sympy.Symbol]:
        """The free symbols."""
        found = {s for t in self.summands for s in t.atom.letters | t.copies.free_symbols | t.factor.free_symbols}
        return frozenset(found | self.offset.free_symbols)

    @property
    def assumptions(self) -> tuple[sympy.Basic, ...]:
        """The conditions on the letters, as sympy writes them, sorted."""
        return tuple(sorted(self.conditions, key=str))

    @property
    def low(self) -> sympy.Expr:
        """The lowest outcome, an expression or minus infinity."""
        return self._ends()[0]

    @property
    def high(self) -> sympy.Expr:
        """The highest outcome, an expression or infinity."""
        return self._ends()[1]

    @property
    def is_finite(self) -> bool:
        """Whether both ends are finite."""
        return not any(end.is_infinite for end in self._ends())

    def _ends(self) -> tuple[sympy.Expr, sympy.Expr]:
        found: tuple[sympy.Expr, sympy.Expr] | None = self.memory.get("ends")
        if found is None:
            found = self.memory["ends"] = self._end(0), self._end(1)
        return found

    def _end(self, side: int) -> sympy.Expr:
        import sympy

        ends = (t.factor * t.copies * t.atom.ends()[side if t.factor > 0 else 1 - side] for t in self.summands)
        return sympy.simplify(sum(ends, start=self.offset))

    def refuse(self, what: str) -> NoReturn:
        """Refuses a question that only numbers answer."""
        values = ", ".join(f"{letter}: ..." for letter in sorted(map(str, self.letters)))
        if not values:
            raise DistconvValueError(
                f"{what} cannot be found from this formula; ask for pmf, cdf, mean, pgf at numbers"
            )
        raise DistconvTypeError(f"{what} depends on letters: substitute numbers first, X.subs({{{values}}})")

    # Probabilities ------------------------------------------------------------------------------------------------

    def at(self, x: Question, *, log: bool = False) -> Answer:
        """An expression; x a number, an array of numbers, or a symbol."""
        return self._over(x, self.chance_at, log)

    def beside(self, x: Question, side: Side, *, log: bool = False) -> Answer:
        """An expression, or a sum that stays unevaluated where no closed form is known."""
        return self._over(x, lambda v: heads.beside(self, v, is_head=side == "cdf"), log)

    def _over(self, x: Any, of: Callable[[Any], sympy.Expr], log: bool = False) -> Any:
        """What is asked of one outcome, or of each of an array, or its log: in the form that equal answers share."""

        def at(place: Any) -> sympy.Expr:
            value = plain(of(place))
            return letters.log(value) if log else value

        if not (isinstance(x, tuple) or is_collection(x)):
            return at(read_place(x))
        points = np.asarray(asked(collected(x, "x")), dtype=object)
        result = np.empty(points.shape, dtype=object)
        for index in np.ndindex(points.shape):
            result[index] = at(read_place(points[index]))
        return result

    def place_of(self, x: sympy.Expr) -> sympy.Expr:
        """The index of an outcome."""
        import sympy

        place = sympy.expand((x - self.offset) / self.scale)
        return whole_or_not(place) if place.is_number and not place.is_Rational else place

    def chance_at(self, x: sympy.Expr) -> sympy.Expr:
        """P(X = x), as it comes."""
        import sympy

        place = self.place_of(x)
        if place.is_number and not place.is_integer:
            return sympy.Integer(0)
        value = self._value_at(x, place)
        if self.is_outcome(place):
            return value
        return sympy.Piecewise((value, sympy.Eq(sympy.Mod(x - self.offset, self.scale), 0)), (0, True))

    def is_outcome(self, place: sympy.Expr) -> bool:
        """Whether an index is a whole number, as letters are taken to be where the outcomes are one apart."""
        return bool(place.is_integer or (self.scale == 1 and (self.offset.is_number or self.offset.is_integer)))

    def _value_at(self, x: Any, place: Any) -> Any:
        """P(X = x), of the index of an outcome."""
        import sympy

        known = self.known_otherwise("at", place)
        if known is not None:
            return known
        if self.pieces is not None:
            value = value_at(self.pieces, index_letter(), place)
            return without_needless_cases(polynomials(value), self.conditions) if place.is_number else value
        below = sympy.simplify(x - self.low)
        if below.is_number and below.is_integer:
            return sympy.Integer(0) if below < 0 else self._coefficient(int(below))
        raise DistconvValueError(
            f"no closed form is known for P(X = {x}); at numbers there is one: X.subs({{...}}).pmf({x})"
            + (f", and at X.low + 0, 1, 2, ...: X.pmf({self.low + 1})" if self.low.is_finite else "")
        )

    def known_otherwise(self, question: str, place: sympy.Expr) -> sympy.Expr | None:
        """What the law of the one term knows at an index otherwise than by pieces, `at` or `below`; None of others."""
        (first, *more) = self.summands
        if more or (first.copies != 1 and self.pieces is not None):
            return None
        if first.factor > 0:
            found: sympy.Expr | None = getattr(first, question)(place)
            return found
        if question == "at":
            return first.at(-place)
        rest = first.below(-place - 1)
        return None if rest is None else 1 - rest

    @property
    def is_whole(self) -> bool:
        """Whether all outcomes are known to be whole numbers."""
        return bool(self.offset.is_integer and all(t.factor.is_integer and t.atom.is_whole for t in self.summands))

    def on_integers(self) -> tuple[Piece, ...] | None:
        """The PMF as pieces in the outcome itself; None where there are none, or the outcomes are not one apart."""
        if self.pieces is None or (self.scale != 1 and self.low != self.high):
            return None
        if not self.offset.is_integer and (self.offset.is_number or self.low != self.high):
            return None
        if self.low == self.high:
            return tuple(Piece(p.expression, self.low, self.low) for p in self.pieces)
        return tuple(p.moved(index_letter(), self.offset) for p in self.pieces)

    def _coefficient(self, order: int) -> Any:
        """The probability of low + order: from the series of the terms, or from the generating function."""
        import sympy

        known: dict[int, Any] = self.memory.setdefault("coefficients", {})
        if order not in known:
            found = added_at(self.summands, sympy.Integer(order))
            known[order] = self._expanded(order) if found is None else found
        return known[order]

    def _expanded(self, order: int) -> Any:
        """The probability of low + order, from the generating function."""
        import sympy

        z = sympy.Dummy("z")
        lifted = sympy.Mul(*(
            (t.atom.pgf(z**t.factor) * z ** (-t.factor * t.atom.ends()[0 if t.factor > 0 else 1])) ** t.copies
            for t in self.summands
        ))  # fmt: skip
        return coefficient(lifted, z, order)

    # Moments ------------------------------------------------------------------------------------------------------

    @property
    def moments(self) -> FormulaMoments:
        """The moments, from those of the summands."""
        return FormulaMoments(self.summands, self.offset, self.memory.setdefault("moments", {}))

    def expect(self, f: Callable[[Any], Any]) -> Moment:
        """E f(X), an expression: f is asked for a symbol, where the law is not laid out."""
        return plain(expecting.expected(self, f)) if self.laid is None else super().expect(f)

    def prob(self, predicate: Callable[[Any], object]) -> Number:
        """P(predicate(X)), an expression, of a predicate that is one interval where the law is not laid out."""
        return plain(expecting.probability(self, predicate)) if self.laid is None else super().prob(predicate)

    def entropy(self, base: float | None) -> float:
        """- sum p log p, an expression."""
        found: float = expecting.entropy(self, base)
        return found

    def stop_loss(self, d: Question) -> Answer:
        """E max(X - d, 0): what the mean exceeds d by, and the sum of what lower outcomes are short of it."""
        if self.laid is not None:
            return super().stop_loss(d)
        return self._over(d, lambda v: expecting.excess(self, v))

    def pgf(self, z: Place) -> sympy.Expr:
        """E[z**X], an expression."""
        return plain(self.generated(z))

    def generated(self, z: Place) -> sympy.Expr:
        """E[z**X], as it comes."""
        import sympy

        base = sympy.sympify(z)
        if base == 1:
            # A closed form may divide by z - 1.
            return base
        return base**self.offset * sympy.Mul(*(t.atom.pgf(base**t.factor) ** t.copies for t in self.summands))

    def cf(self, t: Question | sympy.Expr) -> sympy.Expr:
        """E[exp(i t X)], an expression."""
        import sympy

        # Powers of exp(i t) are written as such: of one that is no integer there are several.
        turn = sympy.I * sympy.sympify(t)
        terms = (t.atom.pgf(sympy.exp(turn * t.factor)) ** t.copies for t in self.summands)
        return sympy.exp(turn * self.offset) * sympy.Mul(*terms)

    # Laws made of it ----------------------------------------------------------------------------------------------

    def shifted(self, by: Vector) -> FormulaLaw:
        """The law moved by a number."""
        return self.displaced(expression_of(by[0]))

    def displaced(self, by: sympy.Expr) -> FormulaLaw:
        """The law moved by a number or an expression."""
        return FormulaLaw(self.summands, self.offset + by, self.conditions, self.pieces)

    def residues(self, modulus: Outcome) -> Law | None:
        pieces = self.on_integers()
        # Of an offset that may be any number nobody knows the remainder.
        is_whole = self.scale.is_Integer and self.offset.is_integer
        if isinstance(modulus, int) and is_whole:
            found = remainders(pieces, self.pgf, modulus, self.conditions)
            if found is not None:
                return found
        return None if self.letters else self.numbers.residues(modulus)

    def scaled(self, factor: Scalar) -> FormulaLaw:
        """The law of a multiple, factor != 0."""
        by = expression_of(factor)
        terms = tuple(Term(t.atom, t.copies, by * t.factor) for t in self.summands)
        pieces = self.pieces
        if pieces is not None and by < 0:
            pieces = tuple(piece.reflected(index_letter()) for piece in pieces)
        return FormulaLaw(terms, by * self.offset, self.conditions, pieces)

    # Letters ------------------------------------------------------------------------------------------------------

    def replaced(
        self, values: Mapping[sympy.Symbol, sympy.Expr], conditions: frozenset[sympy.Basic] | None = None
    ) -> FormulaLaw:
        """The law by a formula with exact values in place of letters, under conditions that were told or are left."""
        import sympy

        if conditions is None:
            conditions = frozenset(c.subs(values) for c in self.conditions) - {sympy.true}
        terms = merged([Term(t.atom.subs(values), t.copies.subs(values), t.factor.subs(values)) for t in self.summands])
        pieces = None if self.pieces is None or len(terms) == 1 else tuple(p.subs(values) for p in self.pieces)
        return FormulaLaw(terms, self.offset.subs(values), conditions, pieces)

    @property
    def formula(self) -> sympy.Expr:
        """P(X = k) as an expression in the symbol k; a Piecewise over its range."""
        import sympy

        k = sympy.Symbol("k", integer=True)
        if self.pieces is None or self.scale != 1 or not are_disjoint(self.pieces):
            return self.chance_at(k)
        place = self.place_of(k)
        cases = ((p.expression.subs(index_letter(), place), p.holds(place)) for p in self.pieces)
        return sympy.Piecewise(*cases, (0, True))

    def lambdify(self, names: tuple[Any, ...]) -> Callable[..., Any]:
        """A fast function of an outcome and of letters: P(X = x) in doubles, for arrays.

        It has no bound on rounding; for one guaranteed value use `subs`.
        """
        return functions.pmf_function(self, names)

    def __eq__(self, other: object) -> bool:
        """Whether both are the same law for all values of the letters.

        Raises:
            DistconvValueError: neither equality nor a difference can be proven.
        """
        if type(other) is FormulaLaw:
            return same_law(self, other)
        if not isinstance(other, Law) or other.is_by_formula:
            return False
        if self._is_of_fractions():
            return bool(self.numbers == other)
        return self.laid is not None and other.is_laid_out() and comparison.equal(self.laid, other.measure)

    def __hash__(self) -> int:
        if self._is_of_fractions():
            return hash(self.numbers)
        return hash((self.low, self.high)) if self.laid is None else comparison.fingerprint(self.laid)

    def _is_of_fractions(self) -> bool:
        """Whether it is a law of numbers, told in expressions: it is equal to that law, and hashes alike."""
        return not self.letters and self.offset.is_Rational and all(t.atom.margin() == 0 for t in self.summands)

    # As text ------------------------------------------------------------------------------------------------------

    @property
    def family(self) -> str | None:
        found = naming.family_of(self)
        return None if found is None else found[0]

    @property
    def parameters(self) -> tuple[str, ...]:
        found = naming.family_of(self)
        return () if found is None else registry.family(found[0]).parameters

    def values(self) -> tuple[sympy.Expr, ...]:
        found = naming.family_of(self)
        return () if found is None else found[1]

    def name(self) -> str:
        """The law as a sum of families: ``Binomial(n, p)``, ``2*Die(n) + 1``."""
        return naming.name_of(self)

    def summary(self) -> str:
        """One line in place of a table: the name, the range, the letters, and the mean where it is short."""
        ends = ("" if end.is_infinite else str(end) for end in self._ends())
        shown = ", ".join(sorted(map(str, self.letters)))
        mean = str(self.mean())
        told = f", mean {mean}" if len(mean) <= LONGEST_MEAN else ""
        return f"{self.name()}: outcomes {'..'.join(ends)}, symbolic{' in ' + shown if shown else ''}{told}"

    def latex(self) -> str:
        """The formula in LaTeX."""
        return naming.latex_of(self)


def of_atom(
    atom: Atom, shift: sympy.Expr | int = 0, conditions: frozenset[Any] = frozenset(), factor: sympy.Expr | int = 1
) -> FormulaLaw:
    """The law of factor * X + shift for X of one law by a formula."""
    return FormulaLaw((Term(atom, expression_of(1), expression_of(factor)),), expression_of(shift), conditions)


def own_pieces(term: Term) -> tuple[Piece, ...] | None:
    """The PMF of one law, one copy."""
    index = index_letter()
    pieces = term.atom.pieces() if term.copies == 1 else None
    if pieces is None or term.factor > 0:
        return pieces
    return tuple(piece.reflected(index) for piece in pieces)


def read_place(x: Question) -> sympy.Expr:
    """A number or expression that stands for an outcome, as sympy's."""
    return x if has_letters(x) else read_expression(x, "x")
