"""The remainders of laws by formulas: sums over every m-th outcome, closed by a geometric sum or by roots of unity."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from distconv.construction import from_mapping
from distconv.formulas.pieces import Piece, closed_sum, index_letter
from distconv.laws.finite import Finite

if TYPE_CHECKING:
    import sympy

#: Remainders up to which they are written out: so many terms has each.
MOST_REMAINDERS = 12


def remainders(
    pieces: tuple[Piece, ...] | None, pgf: Callable[[sympy.Expr], sympy.Expr], modulus: int
) -> Finite | None:
    """The law of the remainder of a whole number modulo another; None where no closed form is known."""
    if modulus > MOST_REMAINDERS:
        return None
    weights = None if pieces is None or len(pieces) > 1 else _by_sums(pieces[0], modulus)
    weights = _by_roots(pgf, modulus) if weights is None else weights
    return None if weights is None else Finite(from_mapping(dict(enumerate(weights))))


def _by_sums(piece: Piece, modulus: int) -> list[sympy.Expr] | None:
    """The sums of every m-th weight of a law without a highest outcome; None where they have no closed form."""
    import sympy

    if not piece.low.is_Integer or piece.high is not sympy.oo:
        return None
    a = sympy.Dummy("a", integer=True, nonnegative=True)
    weights = [sympy.Integer(0)] * modulus
    for first in range(int(piece.low), int(piece.low) + modulus):
        term = piece.expression.subs(index_letter(), first + modulus * a)
        found = closed_sum(term, a, sympy.Integer(0), sympy.oo)
        if found.has(sympy.Sum, sympy.Piecewise, sympy.hyper):
            return None
        weights[first % modulus] = sympy.factor(found)
    return weights


def _by_roots(pgf: Callable[[sympy.Expr], sympy.Expr], modulus: int) -> list[sympy.Expr] | None:
    """The mean of G(w**j) w**(-j r) over all j, for w the first root of unity; None where G is no closed form."""
    import sympy

    values = []
    for j in range(modulus):
        angle = 2 * sympy.pi * j / modulus
        value = pgf(sympy.cos(angle) + sympy.I * sympy.sin(angle)) if j else sympy.Integer(1)
        if value.has(sympy.Sum, sympy.Piecewise):
            return None
        real = {s: sympy.Dummy(s.name, real=True) for s in value.free_symbols}
        inside = value.subs(real)
        back = {d: s for s, d in real.items()}
        parts = sympy.expand_complex(sympy.expand(inside)).as_real_imag()
        values.append(tuple(part.subs(back) for part in parts))
    weights = []
    for r in range(modulus):
        total = sympy.Integer(0)
        for j, (real_part, imaginary) in enumerate(values):
            angle = 2 * sympy.pi * j * r / modulus
            total += real_part * sympy.cos(angle) + imaginary * sympy.sin(angle)
        weights.append(sympy.expand(total / modulus))
    return weights
