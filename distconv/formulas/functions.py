"""Fast functions of outcomes and letters, in doubles: what laws by formulas are for numpy."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from distconv.errors import DistconvValueError

if TYPE_CHECKING:
    from distconv.formulas.law import FormulaLaw


def pmf_function(law: FormulaLaw, names: tuple[Any, ...]) -> Callable[..., Any]:
    """P(X = x) as a function of x and of letters, for arrays.

    Raises:
        DistconvValueError: a letter of the law is no argument.
    """
    import sympy

    k = sympy.Dummy("k", integer=True)
    known = {str(s): s for s in law.letters}
    symbols = [known.get(s, s) if isinstance(s, str) else s for s in names]
    left = law.letters - set(symbols)
    if left:
        raise DistconvValueError(f"lambdify needs all letters, missing: {', '.join(sorted(map(str, left)))}")
    found: Callable[..., Any] = sympy.lambdify([k, *symbols], law.at(k), modules=["scipy", "numpy"])
    return found
