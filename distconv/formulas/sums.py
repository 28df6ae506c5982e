"""Sums of formula laws: families that add, then convolution of the formulas; moments add whatever happens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from distconv import closed_forms
from distconv.distribution import Distribution
from distconv.errors import DimensionError, DistconvTypeError
from distconv.formulas.atoms import ConcreteAtom, NamedAtom
from distconv.formulas.law import Formula, Term, own_pieces, read_place
from distconv.formulas.named import family
from distconv.formulas.pieces import Piece, convolve, index_letter
from distconv.typing import OutcomeLike

if TYPE_CHECKING:
    import sympy

#: Copies up to which the formula of an n-fold sum is found by repeated convolution.
MOST_COPIES = 16
#: Pieces, and outcomes of a finite summand, up to which the formula of a sum is written out.
MOST_PIECES = 200


def as_formula(law: Distribution) -> Formula:
    """A law as a formula law, whatever it was.

    Raises:
        DimensionError: it is not 1-D.
        DistconvTypeError: it is floating, or infinite with numbers only.
    """
    import sympy

    if isinstance(law, Formula):
        return law
    if law.ndim > 1:
        raise DimensionError(f"laws by formulas are 1-D; this one is {law.ndim}-D: take a marginal, X.marginal(0)")
    if law.kind == "float" and law.is_finite:
        raise DistconvTypeError(
            "a law with letters and a floating one do not mix: make the floating one exact, "
            "X.to_exact(normalize=True), or substitute numbers for the letters, Y.subs({...})"
        )
    one = sympy.Integer(1)
    if not law.is_finite:
        from distconv.formulas.making import with_numbers

        return with_numbers(law)
    first = read_place(law.support[0])
    step = read_place(law._measure.box.step[0]) if len(law.support) > 1 else one
    inner = (law - law.support[0]) / law._measure.box.step[0] if len(law.support) > 1 else law - law.support[0]
    term = Term(ConcreteAtom(inner), one, step)
    pieces = own_pieces(term) if len(law.support) <= MOST_PIECES else None
    return Formula._made((term,), first, frozenset(law.assumptions), pieces)


def merged(terms: list[Term]) -> tuple[Term, ...]:
    """Terms of one law, or of families that add, put together."""
    import sympy

    result: list[Term] = []
    for term in terms:
        if isinstance(term.atom, NamedAtom) and term.copies != 1:
            known = family(term.atom.name)
            more = known.copies(term.copies, term.atom.parameters)
            if more is not None:
                term = Term(NamedAtom(term.atom.name, more), sympy.Integer(1), term.factor)
        for place, other in enumerate(result):
            joined = _joined(other, term)
            if joined is not None:
                result[place] = joined
                break
            if other.atom == term.atom and other.factor == term.factor:
                result[place] = Term(term.atom, other.copies + term.copies, term.factor)
                break
        else:
            result.append(term)
    return tuple(result)


def _joined(x: Term, y: Term) -> Term | None:
    """The sum of two families that is again one, or None."""
    if not (isinstance(x.atom, NamedAtom) and isinstance(y.atom, NamedAtom)) or not (x.copies == y.copies == 1):
        return None
    name = x.atom.name
    if name == y.atom.name == "Poisson" and x.factor == -y.factor:
        return Term(NamedAtom("Skellam", (*x.atom.parameters, *y.atom.parameters)), x.copies, x.factor)
    if name != y.atom.name or x.factor != y.factor:
        return None
    both = family(name).add(x.atom.parameters, y.atom.parameters)
    return None if both is None else Term(NamedAtom(name, both), x.copies, x.factor)


@closed_forms.register_any(Formula)
def add(x: Formula, y: Distribution) -> Formula:
    """The law of the sum of a formula law and another."""
    other = as_formula(y)
    terms = merged([*x._terms, *other._terms])
    conditions = x._conditions | other._conditions
    shift = x._offset + other._offset
    if len(terms) == 1 and terms[0].copies == 1:
        return Formula._made(terms, shift, conditions)
    pieces = None
    p, q = x._pieces, other._pieces
    aligned = x._scale == other._scale or (q is not None and len(q) == 1 and q[0].low == q[0].high == 0)
    if aligned and p is not None and q is not None and len(p) * len(q) <= MOST_PIECES:
        pieces = _convolved(p, q)
    return Formula._made(terms, shift, conditions, pieces)


def _convolved(p: tuple[Piece, ...], q: tuple[Piece, ...]) -> tuple[Piece, ...]:
    """The pieces of a sum; single points only move."""
    if all(s.low == s.high for s in q):
        p, q = q, p
    if all(s.low == s.high for s in p):
        index = index_letter()
        return tuple(
            Piece(point.expression * s.expression, s.low, s.high).moved(index, point.low) for point in p for s in q
        )
    return convolve(p, q, index_letter())


@closed_forms.register_power(Formula)
def copies(x: Formula, n: int | sympy.Expr) -> Formula:
    """The law of the sum of n copies, n a number or letter."""
    import sympy

    count = sympy.sympify(n)
    terms = merged([Term(t.atom, count * t.copies, t.factor) for t in x._terms])
    conditions = x._conditions | ({sympy.Ge(count, 0)} - {sympy.true})
    shift = count * x._offset
    if len(terms) == 1 and terms[0].copies == 1:
        return Formula._made(terms, shift, conditions)
    pieces = None
    if count.is_Integer and x._pieces is not None and count <= MOST_COPIES:
        pieces = x._pieces
        for _ in range(int(count) - 1):
            if len(pieces) * len(x._pieces) > MOST_PIECES:
                pieces = None
                break
            pieces = _convolved(pieces, x._pieces)
    return Formula._made(terms, shift, conditions, pieces)


def copies_of(law: Distribution, n: sympy.Expr) -> Distribution:
    """The law of the sum of n copies of any law, n a letter.

    Raises:
        DistconvTypeError: n cannot be a whole number.
    """
    if n.is_integer is False or n.is_negative:
        raise DistconvTypeError(f"the number of copies must be an integer >= 0, got the expression {n}")
    if law.is_finite and not isinstance(law, Formula) and law.ndim == 1 and list(law.support) == [0, 1]:
        from distconv.formulas.making import named

        return named("Binomial", n, law.pmf(1))
    return copies(as_formula(law), n)


@closed_forms.register_given_sum(Formula, Formula)
def given_sum(x: Formula, y: Formula, total: OutcomeLike) -> Distribution | None:
    """The law of x given x + y: of Poisson laws binomial, of binomial ones with one p hypergeometric."""
    import sympy

    from distconv.formulas.making import named

    plain = all(len(law._terms) == 1 and law._offset == 0 and law._terms[0].copies == 1 for law in (x, y))
    if not plain or x._terms[0].factor != 1 or y._terms[0].factor != 1:
        return None
    a, b, c = x._terms[0].atom, y._terms[0].atom, sympy.sympify(total)
    if not (isinstance(a, NamedAtom) and isinstance(b, NamedAtom) and a.name == b.name):
        return None
    if a.name == "Poisson":
        first, second = a.parameters[0], b.parameters[0]
        return named("Binomial", c, first / (first + second))
    if a.name == "Binomial" and sympy.simplify(a.parameters[1] - b.parameters[1]) == 0:
        return named("Hypergeometric", a.parameters[0] + b.parameters[0], a.parameters[0], c)
    return None
