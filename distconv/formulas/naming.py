"""Formula laws as text and in LaTeX."""

from __future__ import annotations

from typing import TYPE_CHECKING

from distconv.formulas.atoms import everyday, written
from distconv.formulas.pieces import index_letter

if TYPE_CHECKING:
    import sympy

    from distconv.formulas.law import FormulaLaw


def name_of(law: FormulaLaw) -> str:
    """A law as a sum of families and an offset: ``Binomial(n, p)``, ``2*Die(n) + 1``."""
    whole = family_of(law)
    if whole is not None:
        return written(*whole)
    parts, shift = [], law.offset
    for t in law.summands:
        name, moved = t.atom.shown(), 0
        if t.is_plain and t.atom.named() is not None and len(law.summands) == 1 and shift.is_positive:
            name, moved = _from_one(t.atom.named()) or (name, 0)
        shift -= moved
        name = name if t.copies == 1 else f"{_bracketed(t.copies)} @ {name}"
        parts.append(name if t.factor == 1 else f"{t.factor}*{name}")
    if shift != 0:
        parts.append(str(shift))
    return " + ".join(parts).replace(" + -", " - ")


def family_of(law: FormulaLaw) -> tuple[str, tuple[sympy.Expr, ...]] | None:
    """The family and the parameters of a law that is one; None of others."""
    (first, *more), shift = law.summands, law.offset
    known = first.atom.named()
    if more or known is None or not first.is_plain:
        return None
    name, parameters = known
    if name == "NegativeBinomial" and parameters[0] == shift == 1:
        return "Geometric", parameters[1:]
    return everyday(name, parameters) if shift == 0 else None


def _from_one(family: tuple[str, tuple[sympy.Expr, ...]] | None) -> tuple[str, int] | None:
    """A family that is told as one that begins at 1, and that 1; None of others."""
    if family is None or family[0] != "NegativeBinomial" or family[1][0] != 1:
        return None
    return written("Geometric", family[1][1:]), 1


def _bracketed(value: sympy.Expr) -> str:
    """An expression as a factor."""
    return f"({value})" if value.is_Add else str(value)


def latex_of(law: FormulaLaw) -> str:
    """The formula of a law in LaTeX; its generating function where there is none."""
    import sympy

    if law.pieces is None:
        return rf"\operatorname{{E}} z^X = {sympy.latex(law.pgf(sympy.Symbol('z')))}"
    k = sympy.Symbol("k", integer=True)
    if len(law.pieces) == 1 and law.offset == 0 and law.scale == 1:
        piece = law.pieces[0]
        body = sympy.latex(piece.expression.subs(index_letter(), k))
        high = r",\ \ldots" if piece.high is sympy.oo else rf",\ \ldots,\ {sympy.latex(piece.high)}"
        return rf"\Pr(X = k) = {body}, \quad k = {sympy.latex(piece.low)}{high}"
    return rf"\Pr(X = k) = {sympy.latex(law.formula)}"
