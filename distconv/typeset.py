"""Laws in LaTeX: the PMF by cases, long ones cut; of formulas the formula."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from distconv.density import Density
    from distconv.distribution import Distribution

from distconv.numbers.letters import expression_of

#: Most outcomes that are typeset; of more, the first and last of them stand around dots.
MOST_CASES = 12
#: Longest probability, in characters of LaTeX, that is written out.
LONGEST = 400


def latex(law: Distribution | Density) -> str:
    r"""A law's PMF in LaTeX, without dollar signs: cases by outcome, or a formula; long tables are cut.

    ``sympy.latex(X)`` gives the same.

    >>> from distconv import Bernoulli, latex
    >>> print(latex(Bernoulli("1/4")))
    \Pr(X = x) = \begin{cases} \frac{3}{4} & x = 0 \\ \frac{1}{4} & x = 1 \end{cases}
    """
    if hasattr(law, "density_latex"):
        return str(law.density_latex())
    told = law.law.latex()
    return _cases(law) if told is None else told


def _cases(law: Distribution) -> str:
    """The PMF by cases."""
    if not law.is_finite:
        return rf"\text{{{law!r}}}"
    outcomes = law.support
    size = len(outcomes)
    cut = size > MOST_CASES
    shown = [*outcomes[: MOST_CASES // 2], *outcomes[size - MOST_CASES // 2 :]] if cut else outcomes
    rows = [rf"{_typeset(law.pmf(outcome))} & x = {_typeset(outcome)}" for outcome in shown]
    if cut:
        rows.insert(len(rows) // 2, rf"\vdots & \text{{{size - MOST_CASES} more}}")
    cases = r" \\ ".join(rows)
    return rf"\Pr(X = x) = \begin{{cases}} {cases} \end{{cases}}"


def _typeset(value: Any) -> str:
    """A number, vector or expression in LaTeX."""
    import sympy

    if isinstance(value, tuple):
        return rf"\left({', '.join(map(_typeset, value))}\right)"
    if isinstance(value, Fraction):
        value = expression_of(value)
    text = str(sympy.latex(value))
    if len(text) > LONGEST:
        factored = str(sympy.latex(sympy.factor(value))) if len(text) < 20 * LONGEST else text
        text = factored if len(factored) <= LONGEST else r"\ldots"
    return text


def displayed(law: Distribution) -> str:
    """A law's PMF in LaTeX between dollar signs, as notebooks show it."""
    return f"$\\displaystyle {latex(law)}$"
