"""`Formula`: laws whose PMF is an expression in the outcome, over a range whose ends may be letters, and their sums."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np

from distconv.coordinates import asked
from distconv.distribution import Distribution
from distconv.errors import DistconvTypeError, DistconvValueError
from distconv.formulas.atoms import Atom, ConcreteAtom, FormulaAtom
from distconv.formulas.moments import FormulaMoments
from distconv.formulas.pieces import Piece, are_disjoint, closed_sum, index_letter
from distconv.measure.reading import collected, is_collection
from distconv.numbers import letters
from distconv.numbers.letters import expression_of, has_letters
from distconv.planning import Origin
from distconv.queries.letters import read_values
from distconv.queries.totals import Side
from distconv.support.outcomes import read_scalar
from distconv.typing import Kind, PointLike, Question, ScalarLike
from distconv.value import write

if TYPE_CHECKING:
    import sympy

#: Outcomes up to which a CDF at a number is the plain sum of its terms.
MOST_TERMS = 200


@dataclass(frozen=True, slots=True)
class Term:
    """factor * (the sum of `copies` independent variables with a law)."""

    atom: Atom
    copies: Any
    factor: Any


class Formula(Distribution):
    """P(X = k) = expr, k = low, ..., high, with letters in the expression or in the ends of the range.

    Args:
        expr: a sympy expression in k and letters.
        k: the symbol in it that stands for the outcome.
        low: the lowest outcome: an integer or an expression.
        high: the highest, or ``sympy.oo``.

    Raises:
        DistconvTypeError: k is no symbol, or stands in the ends too.
        DistconvValueError: the expression does not total 1, or is negative.

    Queries answer with expressions; what needs numbers (quantiles, random outcomes, a table) asks for ``X.subs``.

    >>> from sympy import symbols
    >>> from distconv import Formula
    >>> n, k = symbols("n k", integer=True, positive=True)
    >>> X = Formula(2 * k / (n * (n + 1)), k, 1, n)
    >>> X.mean()
    (2*n + 1)/3
    >>> X.subs({n: 3}).to_dict()
    {1: Fraction(1, 6), 2: Fraction(1, 3), 3: Fraction(1, 2)}
    """

    _anew = "Formula(expr, k, low, high), or X.subs({...})"
    __slots__ = ("_conditions", "_disjoint", "_offset", "_pieces", "_scale", "_terms")

    _terms: tuple[Term, ...]
    _offset: Any
    _scale: Any
    _pieces: tuple[Piece, ...] | None
    _conditions: frozenset[Any]
    _disjoint: bool

    def __init__(self, expr: sympy.Expr, k: sympy.Symbol, low: int | sympy.Expr, high: int | sympy.Expr) -> None:
        import sympy

        from distconv.formulas.checking import check_formula

        expression, first, last = (sympy.sympify(v) for v in (expr, low, high))
        conditions = check_formula(expression, k, first, last)
        index = sympy.Dummy("k", integer=True)
        atom = FormulaAtom(Piece(expression.subs(k, index), first, last), index)
        self._assign((Term(atom, sympy.Integer(1), sympy.Integer(1)),), sympy.Integer(0), conditions)

    def _assign(self, terms: tuple[Term, ...], shift: Any, conditions: frozenset[Any], pieces: Any = "known") -> None:
        import sympy

        self._set(None, Origin("given", "a formula"))
        write(self, "_terms", terms)
        write(self, "_offset", sympy.expand(shift))
        write(self, "_conditions", conditions)
        write(self, "_scale", abs(terms[0].factor) if terms else sympy.Integer(1))
        if pieces == "known":
            pieces = own_pieces(terms[0]) if len(terms) == 1 else None
        write(self, "_pieces", pieces)
        write(self, "_disjoint", pieces is not None and are_disjoint(pieces))

    @classmethod
    def _made(cls, terms: tuple[Term, ...], shift: Any, conditions: frozenset[Any], pieces: Any = "known") -> Formula:
        """The law shift + the sum of these terms."""
        law = object.__new__(Formula)
        law._assign(terms, shift, conditions, pieces)
        return law

    # What it is ---------------------------------------------------------------------------------------------------

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
    def letters(self) -> frozenset[Any]:
        """The free symbols."""
        found = {s for t in self._terms for s in t.atom.letters | t.copies.free_symbols}
        return frozenset(found | self._offset.free_symbols)

    @property
    def assumptions(self) -> tuple[Any, ...]:
        """The conditions on the letters, as sympy writes them, sorted."""
        return tuple(sorted(self._conditions, key=str))

    @property
    def low(self) -> sympy.Expr:
        """The lowest outcome, an expression or minus infinity."""
        return self._end(0)

    @property
    def high(self) -> sympy.Expr:
        """The highest outcome, an expression or infinity."""
        return self._end(1)

    @property
    def is_finite(self) -> bool:
        """Whether both ends are finite."""
        import sympy

        return not (self.low in (-sympy.oo, sympy.oo) or self.high in (-sympy.oo, sympy.oo))

    def _end(self, side: int) -> Any:
        import sympy

        ends = (t.factor * t.copies * t.atom.ends()[side if t.factor > 0 else 1 - side] for t in self._terms)
        return sympy.simplify(sum(ends, start=self._offset))

    def _materialise(self) -> NoReturn:
        self._refuse("this answer")

    def _refuse(self, what: str) -> NoReturn:
        values = ", ".join(f"{letter}: ..." for letter in sorted(map(str, self.letters)))
        if not values:
            raise DistconvValueError(
                f"{what} cannot be found from this formula; ask for pmf, cdf, mean, pgf at numbers"
            )
        raise DistconvTypeError(f"{what} depends on letters: substitute numbers first, X.subs({{{values}}})")

    # Probabilities ------------------------------------------------------------------------------------------------

    def _at(self, x: Any, *, log: bool = False) -> Any:
        """An expression; x a number, an array of numbers, or a symbol."""
        return self._over(x, lambda v: letters.log(self._pmf_at(v)) if log else self._pmf_at(v))

    def _beside(self, x: Any, side: Side, *, log: bool = False) -> Any:
        """An expression, or a sum that stays unevaluated where no closed form is known."""

        def at(v: Any) -> sympy.Expr:
            value = self._cdf_at(v) if side == "cdf" else 1 - self._cdf_at(v)
            return letters.log(value) if log else value

        return self._over(x, at)

    def _over(self, x: Any, at: Any) -> Any:
        """A function of one outcome, or of each of an array."""
        if not (isinstance(x, tuple) or is_collection(x)):
            return at(read_place(x))
        points = np.asarray(asked(collected(x, "x")), dtype=object)
        result = np.empty(points.shape, dtype=object)
        for index in np.ndindex(points.shape):
            result[index] = at(read_place(points[index]))
        return result

    def _place(self, x: Any) -> Any:
        """The index of an outcome."""
        import sympy

        return sympy.expand((x - self._offset) / self._scale)

    def _pmf_at(self, x: Any) -> Any:
        import sympy

        place = self._place(x)
        if place.is_number and not place.is_integer:
            return sympy.Integer(0)
        if self._pieces is not None:
            return sympy.Add(*(piece.at(index_letter(), place) for piece in self._pieces))
        below = sympy.simplify(x - self.low)
        if below.is_number and below.is_integer:
            return sympy.Integer(0) if below < 0 else self._coefficient(int(below))
        raise DistconvValueError(
            f"no closed form is known for P(X = {x}); at numbers there is one: X.subs({{...}}).pmf({x})"
            + (f", and at X.low + 0, 1, 2, ...: X.pmf({self.low} + 1)" if self.low.is_finite else "")
        )

    def _coefficient(self, order: int) -> Any:
        """The probability of low + order, from the generating function."""
        import sympy

        from distconv.formulas.series import coefficient

        z = sympy.Dummy("z")
        lifted = sympy.Mul(*(
            (t.atom.pgf(z**t.factor) * z ** (-t.factor * t.atom.ends()[0 if t.factor > 0 else 1])) ** t.copies
            for t in self._terms
        ))  # fmt: skip
        return coefficient(lifted, z, order)

    def _cdf_at(self, x: Any) -> Any:
        import sympy

        place = self._place(x)
        if place.is_number:
            place = sympy.floor(place)
        if (place - self._place(self.low)).is_number and self.low.is_finite:
            steps = int(sympy.floor(place - self._place(self.low)))
            if steps < MOST_TERMS or self._pieces is None:
                first = self.low
                return sympy.Add(*(self._pmf_at(first + i * self._scale) for i in range(steps + 1)))
        if self._pieces is None:
            self._refuse("P(X <= x)")
        a = sympy.Dummy("a", integer=True)
        total = sympy.Integer(0)
        for piece in self._pieces:
            term = piece.expression.subs(index_letter(), a)
            part = closed_sum(term, a, piece.low, place)
            cases = [(0, sympy.Lt(place, piece.low)), (part, sympy.Le(place, piece.high))]
            # A region may be empty for some letters: its closed sum would then mean nothing.
            filled = sympy.Le(piece.low, piece.high)
            whole = [] if piece.high is sympy.oo else [(closed_sum(term, a, piece.low, piece.high), filled), (0, True)]
            total += sympy.Piecewise(*cases, *whole)
        return total

    # Moments ------------------------------------------------------------------------------------------------------

    @property
    def _moments(self) -> FormulaMoments:
        """The moments, from the cumulants of the summands."""
        return FormulaMoments(self._cumulant, self._cache.setdefault("cumulants", {}))

    def _cumulant(self, k: int) -> Any:
        """The k-th cumulant: the cumulants of the summands, added."""
        import sympy

        parts = (t.copies * t.factor**k * t.atom.cumulant(k) for t in self._terms)
        total = sum(parts, start=self._offset if k == 1 else sympy.Integer(0))
        return total if total.has(sympy.Sum) else sympy.factor(sympy.simplify(total))

    def pgf(self, z: PointLike | tuple[PointLike, ...]) -> sympy.Expr:
        """E[z**X], an expression."""
        import sympy

        base = sympy.sympify(z)
        return base**self._offset * sympy.Mul(*(t.atom.pgf(base**t.factor) ** t.copies for t in self._terms))

    def cf(self, t: Question | sympy.Expr) -> sympy.Expr:
        """E[exp(i t X)], an expression."""
        import sympy

        return self.pgf(sympy.exp(sympy.I * sympy.sympify(t)))

    # Combine ------------------------------------------------------------------------------------------------------

    def __add__(self, other: Any) -> Distribution:
        """The law of the sum of two independent variables, or this law shifted by a number or expression."""
        if has_letters(other):
            return self._made(self._terms, self._offset + other, self._conditions, self._pieces)
        return super().__add__(other)

    __radd__ = __add__

    def __sub__(self, other: Any) -> Distribution:
        if has_letters(other):
            return self.__add__(-other)
        return super().__sub__(other)

    def _shifted(self, by: Any) -> Distribution:
        return self._made(self._terms, self._offset + read_place(by[0]), self._conditions, self._pieces)

    def _scaled(self, factor: Any) -> Distribution:
        if not factor:
            return self._zero()
        by = read_place(factor)
        terms = tuple(Term(t.atom, t.copies, by * t.factor) for t in self._terms)
        pieces = self._pieces
        if pieces is not None and by < 0:
            pieces = tuple(piece.reflected(index_letter()) for piece in pieces)
        return self._made(terms, by * self._offset, self._conditions, pieces)

    # Letters ------------------------------------------------------------------------------------------------------

    @property
    def formula(self) -> sympy.Expr:
        """P(X = k) as an expression in the symbol k; a Piecewise over its range."""
        import sympy

        k = sympy.Symbol("k", integer=True)
        if self._pieces is None or not self._disjoint:
            return self._pmf_at(k)
        place = self._place(k)
        cases = [
            (
                piece.expression.subs(index_letter(), place),
                sympy.And(sympy.Le(piece.low, place), sympy.Le(place, piece.high)),
            )
            for piece in self._pieces
        ]
        return sympy.Piecewise(*cases, (0, True))

    def subs(self, values: Mapping[Any, ScalarLike]) -> Distribution:
        """The law with values in place of letters: of numbers where all letters get one, exact or floating.

        Raises:
            DistconvValueError: a letter that does not occur, or numbers for which there is no such law.
        """
        from distconv.formulas.substitution import substituted

        return substituted(self, read_values(values, set(self.letters)))

    def lambdify(self, *letters: Any) -> Callable[..., Any]:
        """A fast function of an outcome and of letters: P(X = x) in doubles, for arrays.

        It has no bound on rounding; for one guaranteed value use `subs`.
        """
        import sympy

        k = sympy.Dummy("k", integer=True)
        names = {str(s): s for s in self.letters}
        symbols = [names.get(s, s) if isinstance(s, str) else s for s in letters]
        left = self.letters - set(symbols)
        if left:
            raise DistconvValueError(f"lambdify needs all letters, missing: {', '.join(sorted(map(str, left)))}")
        found: Callable[..., Any] = sympy.lambdify([k, *symbols], self._pmf_at(k), modules=["scipy", "numpy"])
        return found

    def __eq__(self, other: object) -> bool:
        """Whether both are the same law for all values of the letters.

        Raises:
            DistconvValueError: neither equality nor a difference can be proven.
        """
        if not isinstance(other, Distribution):
            return NotImplemented
        if not isinstance(other, Formula):
            return False
        from distconv.formulas.checking import same_law

        return same_law(self, other)

    def __hash__(self) -> int:
        return hash((self.low, self.high))

    def _anew_by(self) -> Any:
        pieces = self._pieces and [(p.expression, p.low, p.high, p.born) for p in self._pieces]
        return _restored, (self._terms, self._offset, self._conditions, pieces)

    def _name(self) -> str:
        """The law as a sum of families: ``Binomial(n, p)``, ``2*Die(n) + 1``."""
        from distconv.formulas.naming import name_of

        return name_of(self._terms, self._offset)

    def __repr__(self) -> str:
        import sympy

        ends = ("" if end in (sympy.oo, -sympy.oo) else str(end) for end in (self.low, self.high))
        letters = ", ".join(sorted(map(str, self.letters)))
        mean = str(self.mean())
        shown = f", mean {mean}" if len(mean) <= 60 else ""
        return f"{self._name()}: outcomes {'..'.join(ends)}, symbolic{' in ' + letters if letters else ''}{shown}"

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return repr(self)

    def _repr_html_(self) -> None:
        """Typeset instead."""

    def _formula_latex(self) -> str:
        """The formula in LaTeX."""
        from distconv.formulas.naming import latex_of

        return latex_of(self)


def _restored(terms: Any, shift: Any, conditions: Any, pieces: Any) -> Formula:
    """A law from its pickle."""
    return Formula._made(terms, shift, conditions, pieces and tuple(Piece(*p) for p in pieces))


def own_pieces(term: Term) -> tuple[Piece, ...] | None:
    """The PMF of one law, one copy."""
    if term.copies != 1 or (isinstance(term.atom, ConcreteAtom) and not isinstance(term.atom.law.support[0], int)):
        return None
    index = index_letter()
    pieces = term.atom.pieces(index)
    if pieces is None or term.factor > 0:
        return pieces
    return tuple(piece.reflected(index) for piece in pieces)


def read_place(x: Any) -> sympy.Expr:
    """A number or expression that stands for an outcome, as sympy's."""
    return x if has_letters(x) else expression_of(read_scalar(x, "x"))
