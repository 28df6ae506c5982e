"""Formula laws as text and in LaTeX."""

from __future__ import annotations

from typing import TYPE_CHECKING

from distconv.formulas.atoms import Atom, FormulaAtom, GeneratedAtom, NamedAtom
from distconv.formulas.pieces import index_letter

if TYPE_CHECKING:
    import sympy

    from distconv.formulas.law import FormulaLaw


def name_of(law: FormulaLaw) -> str:
    """A law as a sum of families and an offset: ``Binomial(n, p)``, ``2*Die(n) + 1``."""
    whole = family_of(law)
    if whole is not None:
        return _written(*whole)
    parts = []
    for t in law.summands:
        name = _shown(t.atom)
        name = name if t.copies == 1 else f"{_bracketed(t.copies)} @ {name}"
        parts.append(name if t.factor == 1 else f"{t.factor}*{name}")
    if law.offset != 0:
        parts.append(str(law.offset))
    return " + ".join(parts)


def family_of(law: FormulaLaw) -> tuple[str, tuple[sympy.Expr, ...]] | None:
    """The family and the parameters of a law that is one; None of others."""
    (first, *more), shift = law.summands, law.offset
    if more or not first.copies == first.factor == 1 or not isinstance(first.atom, NamedAtom):
        return None
    name, parameters = first.atom.name, first.atom.parameters
    if name == "NegativeBinomial" and parameters[0] == shift == 1:
        return "Geometric", parameters[1:]
    return _plain_family(first.atom) if shift == 0 else None


def _plain_family(atom: NamedAtom) -> tuple[str, tuple[sympy.Expr, ...]]:
    """A family by its everyday name."""
    if atom.name == "Uniform" and atom.parameters[0] == 1:
        return "Die", atom.parameters[1:]
    return atom.name, atom.parameters


def _written(name: str, parameters: tuple[sympy.Expr, ...]) -> str:
    return f"{name}({', '.join(map(str, parameters))})"


def _bracketed(value: sympy.Expr) -> str:
    """An expression as a factor."""
    return f"({value})" if value.is_Add else str(value)


def _shown(atom: Atom) -> str:
    """The name of one law."""
    if isinstance(atom, NamedAtom):
        return _written(*_plain_family(atom))
    if isinstance(atom, FormulaAtom):
        import sympy

        shown = atom.piece.expression.subs(atom.index, sympy.Symbol("k", integer=True))
        return f"Formula({shown}, k, {atom.piece.low}, {atom.piece.high})"
    if isinstance(atom, GeneratedAtom):
        return f"from_pgf({atom.expression}, {atom.z})"
    return f"Distribution({len(atom.law.support)} outcomes)"


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
