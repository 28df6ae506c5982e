"""Random variables of sympy.stats with the law of a `Distribution`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from distconv.errors import DistconvTypeError
from distconv.formulas.law import FormulaLaw
from distconv.formulas.naming import family_of
from distconv.formulas.special import SpecialAtom
from distconv.formulas.sums import as_formula
from distconv.interop.sympy_families import last_chance
from distconv.interop.sympy_joint import ListedDistribution
from distconv.laws.law import Law
from distconv.numbers.letters import expression_of
from distconv.support.outcomes import as_vector

if TYPE_CHECKING:
    import sympy
    from sympy.stats.rv import RandomSymbol

#: Families that sympy.stats has under the same name, with the same parameters.
SHARED = ("Binomial", "Die", "Geometric", "Hypergeometric", "Logarithmic", "Poisson", "Skellam")


def to_sympy(law: Law, name: str) -> RandomSymbol:
    """A random variable of sympy.stats with this law, by sympy's name for it where there is one.

    Raises:
        DistconvTypeError: a floating law, one of which mass is missing, or one in more dimensions without an end.
    """
    from sympy import stats

    if law.family == "Multinomial":
        n, ps = law.values()
        return stats.Multinomial(name, n, [expression_of(p) for p in ps])
    if law.spelled() is None and (not law.is_finite or (law.letters and not law.is_laid_out())):
        return _by_formula(as_formula(law), name)
    if law.kind == "float" or law.missing:
        raise DistconvTypeError(
            "to_sympy is for exact laws that are wholly known, this one is "
            f"{law.kind}{f' and misses {law.missing:.3g}' if law.missing else ''}; "
            "use X.to_exact(normalize=True)"
        )
    if law.ndim > 1:
        return _joint(law, name)
    return stats.FiniteRV(name, {expression_of(x): expression_of(w) for x, w in law.entries()})


def _joint(law: Law, name: str) -> RandomSymbol:
    """A joint variable of finitely many outcomes."""
    from sympy.stats.joint_rv import JointPSpace

    weights = {tuple(map(expression_of, as_vector(x))): expression_of(w) for x, w in law.entries()}
    return JointPSpace(name, ListedDistribution(weights)).value


def _by_formula(law: FormulaLaw, name: str) -> RandomSymbol:
    """A law without a list of outcomes: of a name in sympy.stats, else by its density.

    Raises:
        DistconvTypeError: sympy has none of the name, and no density is known.
    """
    import sympy
    from sympy import stats

    found = _named(law)
    if found is not None:
        kind, parameters = found
        return getattr(stats, kind)(name, *parameters)
    places = _places(law)
    if law.pieces is None or places is None:
        way = "substitute numbers first: X.subs({...})" if law.letters else "its probabilities are X.pmf(x)"
        raise DistconvTypeError(f"{law.name()} has no counterpart in sympy.stats; {way}")
    k = sympy.Symbol(name, integer=True)
    return stats.DiscreteRV(k, law.at(k), places)


def _places(law: FormulaLaw) -> sympy.Set | None:
    """The outcomes of a law without a list of them, as sympy takes them: whole numbers from one on; None of others."""
    import sympy

    if law.low.is_Integer and law.scale.is_Integer and law.high is sympy.oo:
        return sympy.Range(law.low, sympy.oo, law.scale)
    both = law.low is -sympy.oo and law.high is sympy.oo and law.scale == 1 and law.offset.is_Integer
    return sympy.S.Integers if both else None


def _named(law: FormulaLaw) -> tuple[str, tuple[sympy.Expr, ...]] | None:
    """The law's name in sympy.stats, and the parameters there; None of others."""
    family, parameters = family_of(law) or ("", ())
    if family == "NegativeBinomial":
        return family, (parameters[0], last_chance(parameters[1]))
    if family in SHARED:
        return family, parameters
    atoms: list[Any] = [t.atom for t in law.summands]
    if len(atoms) == 1 and isinstance(atoms[0], SpecialAtom) and law.summands[0].is_plain and law.offset == 0:
        return atoms[0].name, atoms[0].parameters
    return _from_one(law) or _pairs(law)


def _from_one(law: FormulaLaw) -> tuple[str, tuple[sympy.Expr, ...]] | None:
    """The law of the trials up to the second success less one, which sympy has by a name; None of others."""
    (first, *more) = law.summands
    known = first.atom.named()
    if more or not first.is_plain or known is None or law.offset != 1:
        return None
    family, parameters = known
    return ("FlorySchulz", parameters[1:]) if family == "NegativeBinomial" and parameters[0] == 2 else None


def _pairs(law: FormulaLaw) -> tuple[str, tuple[sympy.Expr, ...]] | None:
    """The law of single Poisson events and pairs of them, which sympy has by a name; None of others."""
    rates = {}
    for term in law.summands:
        known = term.atom.named()
        if known is None or known[0] != "Poisson" or term.copies != 1:
            return None
        rates[term.factor] = known[1][0]
    return ("Hermite", (rates[1], rates[2])) if set(rates) == {1, 2} and law.offset == 0 else None
