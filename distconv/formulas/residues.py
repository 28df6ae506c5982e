"""The remainders of laws by formulas: sums over every m-th outcome, closed by a geometric sum or by roots of unity."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from distconv.construction import from_vectors
from distconv.formulas.pieces import Piece, closed_sum, index_letter
from distconv.laws.finite import Finite
from distconv.queries.remainders import MOST_REMAINDERS

if TYPE_CHECKING:
    import sympy

#: Operations in a generating function up to which it is taken at roots of unity: of more, expansions take many seconds.
MOST_TURNED = 80


def remainders(
    pieces: tuple[Piece, ...] | None,
    pgf: Callable[[sympy.Expr], sympy.Expr],
    modulus: int,
    conditions: frozenset[sympy.Basic],
) -> Finite | None:
    """The law of the remainder of a whole number modulo another; None where no closed form is known."""
    if modulus > MOST_REMAINDERS:
        return None
    weights = None if pieces is None or len(pieces) > 1 else _by_sums(pieces[0], modulus)
    weights = _by_roots(pgf, modulus) if weights is None else weights
    if weights is None:
        return None
    return Finite(from_vectors([(r,) for r in range(modulus)], weights, assumptions=conditions))


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

    u = sympy.Dummy("u", positive=True)
    generated = pgf(u)
    if generated.has(sympy.Sum, sympy.Piecewise) or sympy.count_ops(generated) > MOST_TURNED:
        return None
    real = {s: sympy.Dummy(s.name, real=True, integer=s.is_integer) for s in generated.free_symbols - {u}}
    back = {d: s for s, d in real.items()}
    generated = generated.xreplace(real)
    values: list[tuple[sympy.Expr, sympy.Expr]] = [(sympy.Integer(1), sympy.Integer(0))]
    # What is turned the other way is the conjugate: both are twice the real part of one.
    for j in range(1, modulus // 2 + 1):
        angle = 2 * sympy.pi * j / modulus
        # Powers of the root are turns, of letters too: multiplied out they would stay complex.
        turned = generated.replace(lambda e: e.is_Pow and e.base == u, lambda e, t=angle: _turn(t * e.exp))
        parts = sympy.expand_complex(sympy.expand(turned.xreplace({u: _turn(angle)}))).as_real_imag()
        values.append(tuple(part.xreplace(back) for part in parts))
    weights = []
    for r in range(modulus):
        total = sympy.Integer(0)
        for j, (real_part, imaginary) in enumerate(values):
            angle, times = 2 * sympy.pi * j * r / modulus, 1 if 2 * j in (0, modulus) else 2
            total += times * (real_part * sympy.cos(angle) + imaginary * sympy.sin(angle))
        weights.append(sympy.expand(total / modulus))
    return weights


def _turn(angle: sympy.Expr) -> sympy.Expr:
    """The point of the unit circle at an angle."""
    import sympy

    return sympy.cos(angle) + sympy.I * sympy.sin(angle)
