"""Formula laws as text and in LaTeX."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from distconv.formulas.atoms import Atom, FormulaAtom, GeneratedAtom, NamedAtom
from distconv.formulas.pieces import index_letter

if TYPE_CHECKING:
    import sympy

    from distconv.formulas.law import Formula, Term


def name_of(terms: Sequence[Term], offset: sympy.Expr) -> str:
    """A law as a sum of families and an offset: ``Binomial(n, p)``, ``2*Die(n) + 1``."""
    parts, shift = [], offset
    for t in terms:
        name, moved = _shown(t.atom, shift if len(terms) == 1 and t.factor == 1 and t.copies == 1 else 0)
        shift -= moved
        name = name if t.copies == 1 else f"{_bracketed(t.copies)} @ {name}"
        parts.append(name if t.factor == 1 else f"{t.factor}*{name}")
    if shift != 0 or not parts:
        parts.append(str(shift))
    return " + ".join(parts)


def _bracketed(value: sympy.Expr) -> str:
    """An expression as a factor."""
    return f"({value})" if value.is_Add else str(value)


def _shown(atom: Atom, shift: sympy.Expr) -> tuple[str, sympy.Expr]:
    """A law's name, and how much of the shift is in it."""
    if isinstance(atom, NamedAtom):
        values = ", ".join(map(str, atom.parameters))
        if atom.name == "NegativeBinomial" and atom.parameters[0] == shift == 1:
            return f"Geometric({atom.parameters[1]})", 1
        if atom.name == "Uniform" and atom.parameters[0] == 1:
            return f"Die({atom.parameters[1]})", 0
        return f"{atom.name}({values})", 0
    if isinstance(atom, FormulaAtom):
        import sympy

        shown = atom.piece.expression.subs(atom.index, sympy.Symbol("k", integer=True))
        return f"Formula({shown}, k, {atom.piece.low}, {atom.piece.high})", 0
    if isinstance(atom, GeneratedAtom):
        return f"from_pgf({atom.expression}, {atom.z})", 0
    return f"Distribution({len(atom.law.support)} outcomes)", 0


def latex_of(law: Formula) -> str:
    """The formula of a law in LaTeX; its generating function where there is none."""
    import sympy

    if law._pieces is None:
        return rf"\operatorname{{E}} z^X = {sympy.latex(law.pgf(sympy.Symbol('z')))}"
    k = sympy.Symbol("k", integer=True)
    if len(law._pieces) == 1 and law._offset == 0 and law._scale == 1:
        piece = law._pieces[0]
        body = sympy.latex(piece.expression.subs(index_letter(), k))
        high = r",\ \ldots" if piece.high is sympy.oo else rf",\ \ldots,\ {sympy.latex(piece.high)}"
        return rf"\Pr(X = k) = {body}, \quad k = {sympy.latex(piece.low)}{high}"
    return rf"\Pr(X = k) = {sympy.latex(law.formula)}"
