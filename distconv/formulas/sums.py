"""Sums of formula laws: families that add, then convolution of the formulas; moments add whatever happens."""

from __future__ import annotations

import math
from functools import reduce
from typing import TYPE_CHECKING

from distconv.algebra import sums as numeric
from distconv.construction import from_mapping
from distconv.errors import DimensionError, DistconvTypeError
from distconv.formulas.atom import is_numeric
from distconv.formulas.atoms import ConcreteAtom
from distconv.formulas.law import FormulaLaw
from distconv.formulas.pieces import MOST_PIECES, Piece, convolve, index_letter
from distconv.formulas.terms import Term, merged
from distconv.laws import image, registry, rules
from distconv.laws.asked import Asked
from distconv.laws.finite import Finite, zero
from distconv.laws.law import Law
from distconv.laws.rules import rule
from distconv.numbers.letters import expression_of, number_of
from distconv.support.frame import Frame
from distconv.support.outcomes import as_vector, quotient, whole
from distconv.typing import Scalar, Vector

if TYPE_CHECKING:
    import sympy

#: Copies up to which the formula of an n-fold sum is found by repeated convolution.
MOST_COPIES = 16
#: Pairs of operations in the pieces of two laws up to which these are convolved: of more it takes many seconds.
MOST_PAIRED = 40_000


def are_numeric(*laws: Law) -> bool:
    """Whether all laws have numbers as weights."""
    return all(map(is_numeric, laws))


def is_by_formula(*laws: Law) -> bool:
    """Whether what is made of these laws is by a formula: some has letters, and not all are laid out."""
    return not all(map(is_numeric, laws)) and not all(law.is_laid_out() for law in laws)


def as_formula(law: Law) -> FormulaLaw:
    """A law as a law by a formula, whatever it was.

    Raises:
        DimensionError: it is not 1-D.
        DistconvTypeError: it is floating, or not wholly known, or infinite without a formula.
    """
    if type(law) is FormulaLaw:
        return law
    if law.ndim > 1:
        raise DimensionError(f"laws by formulas are 1-D; this one is {law.ndim}-D: take a marginal, X.marginal(0)")
    if law.parts()[0].family is not None and law.is_exact and not law.is_laid_out():
        return _with_numbers(law)
    if law.kind == "float" and law.is_finite:
        raise DistconvTypeError(
            "a law with letters and a floating one do not mix: make the floating one exact, "
            "X.to_exact(normalize=True), or substitute numbers for the letters, Y.subs({...})"
        )
    lost = law.missing if law.is_finite else law.lost
    if lost:
        raise DistconvTypeError(
            f"a law with letters and one of which mass is missing ({lost:.3g}) do not mix: take the latter as it "
            "is known, X.without_missing(), or substitute numbers for the letters, Y.subs({...})"
        )
    if not law.is_finite:
        return _with_numbers(law)
    step = law.spacing() or 1
    inner = image.moved(law, quotient(1, step), quotient(-law.low, step))
    term = Term(ConcreteAtom(inner), expression_of(1), expression_of(step))
    return FormulaLaw((term,), expression_of(law.low), frozenset(law.assumptions))


def _with_numbers(law: Law) -> FormulaLaw:
    """An infinite family with numbers, or an image of one, as a law by a formula.

    Raises:
        DistconvTypeError: it is floating, or has no formula.
    """
    base, scale, shift = law.parts()
    terms = base.terms()
    if terms != ((base, 1),):
        first, *others = (copies(as_formula(term), n) for term, n in terms)
        total = reduce(lambda one, other: as_formula(numeric.add(one, other)), others, first)
        return total.scaled(scale).shifted((shift,))
    known = rules.apply("formula", base)
    if known is not None:
        return as_formula(known).scaled(scale).shifted((shift,))
    if base.family is None:
        raise DistconvTypeError(
            f"{law.name() or 'this law'} has no formula to add to one with letters; substitute numbers for them "
            "first, X.subs({...})"
        )
    formula = as_formula(registry.family(base.family).with_letters(*base.values()))
    return formula.scaled(scale).shifted((shift,))


def together(*laws: Law) -> list[FormulaLaw] | None:
    """Laws as laws by formulas; None where one has none, and no letters ask for one: then all are laws of numbers.

    Raises:
        DistconvTypeError: there are letters, and a law is floating, or has no formula.
    """
    try:
        return [as_formula(law) for law in laws]
    except DistconvTypeError:
        if any(law.letters for law in laws):
            raise
        return None


@rule("add", FormulaLaw, Law, needed=True)
def add(x: FormulaLaw, y: Law) -> Law | None:
    """The law of the sum with another law, floating where that is; None if its outcomes have letters."""
    if y.spelled() is not None:
        return None
    both = together(x, y)
    if both is None:
        return numeric.add(numeric.in_doubles(x), numeric.in_doubles(y))
    _, other = both
    terms = merged([*x.summands, *other.summands])
    conditions = x.conditions | other.conditions
    shift = x.offset + other.offset
    if len(terms) == 1 and terms[0].copies == 1:
        return FormulaLaw(terms, shift, conditions)
    pieces = None
    p, q = x.pieces, other.pieces
    aligned = x.scale == other.scale or (q is not None and len(q) == 1 and q[0].low == q[0].high == 0)
    if aligned and p is not None and q is not None and len(p) * len(q) <= MOST_PIECES:
        pieces = _convolved(p, q)
    return FormulaLaw(terms, shift, conditions, pieces)


@rule("add", Finite, Asked, needed=True)
def add_with_letters(x: Finite, y: Asked) -> Law | None:
    """The law of the sum of a finite law with letters and one of numbers that has no end; None of others."""
    return None if y.is_finite or x.ndim > 1 or not x.letters else add(as_formula(x), y)


def _convolved(p: tuple[Piece, ...], q: tuple[Piece, ...]) -> tuple[Piece, ...] | None:
    """The pieces of a sum; single points only move. None of long pieces, or by cases: sums over these tell nothing."""
    import sympy

    if all(s.low == s.high for s in q):
        p, q = q, p
    if all(s.low == s.high for s in p):
        index = index_letter()
        return tuple(
            Piece(point.expression * s.expression, s.low, s.high).moved(index, point.low) for point in p for s in q
        )
    sizes = [sum(int(sympy.count_ops(piece.expression)) + 1 for piece in pieces) for pieces in (p, q)]
    if math.prod(sizes) > MOST_PAIRED or any(piece.expression.has(sympy.Piecewise) for piece in (*p, *q)):
        return None
    return convolve(p, q, index_letter())


@rule("copies", FormulaLaw, needed=True)
def copies(x: FormulaLaw, n: int | sympy.Expr) -> FormulaLaw:
    """The law of the sum of n copies, n a number or letter."""
    import sympy

    count = sympy.sympify(n)
    terms = merged([Term(t.atom, count * t.copies, t.factor) for t in x.summands])
    conditions = x.conditions | ({sympy.Ge(count, 0)} - {sympy.true})
    shift = count * x.offset
    if len(terms) == 1 and terms[0].copies == 1:
        return FormulaLaw(terms, shift, conditions)
    pieces = None
    if count.is_Integer and x.pieces is not None and count <= MOST_COPIES:
        pieces = x.pieces
        for _ in range(int(count) - 1):
            if pieces is not None:
                few = len(pieces) * len(x.pieces) <= MOST_PIECES
                pieces = _convolved(pieces, x.pieces) if few else None
    return FormulaLaw(terms, shift, conditions, pieces)


def copies_of(law: Law, n: sympy.Expr) -> Law:
    """The law of the sum of n copies of any law, n a letter.

    Raises:
        DistconvTypeError: n cannot be a whole number, or the order of the outcomes is not known.
        DimensionError: the law is not 1-D, or its outcomes are spanned by several expressions.
    """
    if n.is_integer is False or n.is_negative:
        raise DistconvTypeError(f"the number of copies must be an integer >= 0, got the expression {n}")
    spelled = law.spelled()
    if spelled is None:
        return copies(as_formula(law), n)
    base, element, shift = _on_a_line(*spelled)
    if element.is_positive is None and element.is_negative is None:
        names = sorted(map(str, element.free_symbols))
        raise DistconvTypeError(
            f"the order of the outcomes is not known: say what the letters are, sympy.Symbol({names[0]!r}, "
            "positive=True), or substitute numbers, X.subs({...})"
        )
    return copies(as_formula(base), n).scaled(element).displaced(n * shift)


def _on_a_line(base: Law, frame: Frame) -> tuple[Law, sympy.Expr, sympy.Expr]:
    """(law, element, shift): the outcomes are shift + element * those of a law of numbers.

    Raises:
        DimensionError: they are not 1-D, or on no line.
    """
    axis = frame.axes[0]
    if frame.ndim == base.ndim == 1:
        return base, axis.elements[0], axis.shift
    if frame.ndim == 1 and base.is_finite:
        weights = {as_vector(x): weight for x, weight in base.entries()}
        (first, *_, last) = weights
        places = [_between(vector, first, last) for vector in weights]
        if None not in places:
            begin, end = (expression_of(axis.at(vector)) for vector in (first, last))
            return Finite(from_mapping(dict(zip(places, weights.values(), strict=True)))), end - begin, begin
    shown = ", ".join(str(e) for part in frame.axes for e in part.elements)
    raise DimensionError(
        "so many copies as a letter says are summed of outcomes on one line of equal distances; these are spanned by "
        f"{shown}: take a number of copies, 3 @ X"
    )


def _between(vector: Vector, first: Vector, last: Vector) -> Scalar | None:
    """The t with vector = first + t * (last - first); None where there is none."""
    axis = next(i for i, (a, b) in enumerate(zip(first, last, strict=True)) if a != b)
    t = quotient(vector[axis] - first[axis], last[axis] - first[axis])
    fits = all(x == a + t * (b - a) for x, a, b in zip(vector, first, last, strict=True))
    return t if fits else None


@rule("remove", FormulaLaw, FormulaLaw, needed=True)
def rest(x: FormulaLaw, y: FormulaLaw) -> Law | None:
    """The law of what is left of a sum x without its summand y: of families that add, and of terms that are in it."""
    kept = [t for t in x.summands if t not in y.summands]
    taken = [Term(t.atom, -t.copies, t.factor) for t in y.summands if t not in x.summands]
    offset = x.offset - y.offset
    if not kept and not taken and offset.is_Rational:
        return image.shifted(zero(1), (whole(number_of(offset)),))
    left = tuple(t for t in merged([*kept, *taken]) if t.copies != 0)
    if any(t.copies.is_negative for t in left):
        return None
    return _with_conditions(left, offset, x.conditions | y.conditions)


@rule("root", FormulaLaw, needed=True)
def part(x: FormulaLaw, n: int) -> Law | None:
    """The law of one of n equal independent parts: of families that add, and of so many copies."""
    import sympy

    terms = merged([Term(t.atom, t.copies / sympy.Integer(n), t.factor) for t in x.summands])
    if any(not (t.copies.is_integer or t.copies.free_symbols) for t in terms):
        return None
    return _with_conditions(terms, x.offset / n, x.conditions)


def _with_conditions(
    terms: tuple[Term, ...], offset: sympy.Expr, conditions: frozenset[sympy.Basic]
) -> FormulaLaw | None:
    """The law of terms under the conditions of their families; None where these cannot hold, or nothing is left."""
    import sympy

    named = (t.atom.named() for t in terms)
    needed = {c for known in named if known for c in registry.letters(known[0]).conditions(*known[1])}
    if not terms or sympy.false in needed:
        return None
    return FormulaLaw(terms, offset, (conditions | needed) - {sympy.true})
