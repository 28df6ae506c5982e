"""Fast functions of outcomes and letters, in doubles: what laws by formulas are for numpy."""

from __future__ import annotations

import math
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np

from distconv.errors import DistconvTypeError, DistconvValueError
from distconv.numbers.letters import expression_of
from distconv.queries.letters import arguments_of
from distconv.typing import Answer, Question

if TYPE_CHECKING:
    import sympy

    from distconv.formulas.law import FormulaLaw

#: How far from an outcome, in distances of neighbours and relative to how far out it is, doubles are taken to be it.
NEAR = 1e-9


def pmf_function(law: FormulaLaw, names: tuple[sympy.Symbol | str, ...]) -> Callable[..., Any]:
    """P(X = x) as a function of x and of letters, for arrays.

    numpy and scipy answer where they can; sums, whose ends differ from place to place, and what is too large for a
    double on the way, are evaluated one by one with mpmath.

    Raises:
        DistconvValueError: a letter of the law is no argument, or no closed form is known.
    """
    import sympy

    k = sympy.Dummy("x", integer=True)
    symbols = arguments_of(names, law.letters)
    try:
        body = expression_of(law.chance_at(k))
    except DistconvValueError:
        _refuse(law)
    fast = None if body.has(sympy.Sum) else sympy.lambdify([k, *symbols], body, modules=["scipy", "numpy"])
    slow = sympy.lambdify([k, *symbols], body, modules=[{"floor": math.floor, "ceiling": math.ceil}, "mpmath"])
    index = sympy.lambdify([k, *symbols], (k - law.offset) / law.scale, modules="numpy")
    call = f"f({', '.join(['x', *map(str, symbols)])})"

    def probability_at(*values: Question) -> Answer:
        if len(values) != len(symbols) + 1:
            raise DistconvTypeError(
                f"this function takes an outcome and a value of each letter, {call}; got {len(values)} arguments"
            )
        arrays = np.broadcast_arrays(*(np.asarray(v, dtype=np.float64) for v in values))
        shape = arrays[0].shape
        places = np.broadcast_to(index(*arrays), shape)
        outcomes = np.abs(places - np.rint(places)) <= NEAR * np.maximum(1, np.abs(places))
        found = np.full(shape, np.nan)
        # Older versions of sympy write the Max of a number and an array as one that numpy does not take.
        with np.errstate(all="ignore"), suppress(ValueError):
            found[...] = np.nan if fast is None else fast(*arrays)
        found[~outcomes] = 0.0
        for cell in np.argwhere(~np.isfinite(found)):
            found[tuple(cell)] = float(slow(*(_number(a[tuple(cell)]) for a in arrays)))
        return found[()]

    probability_at.__doc__ = f"P(X = x) in doubles, {call}: numbers or arrays, which numpy broadcasts."
    return probability_at


def _refuse(law: FormulaLaw) -> NoReturn:
    """Refuses a function of every place."""
    values = ", ".join(f"{letter}: ..." for letter in sorted(map(str, law.letters)))
    raise DistconvValueError(
        "lambdify needs a closed form of P(X = x) at every x, and none is known for this law; at numbers there is one: "
        f"X.subs({{{values}}}).pmf([0, 1, 2])"
    )


def _number(value: Any) -> Any:
    """A double as mpmath's, a whole one as an int: ends of sums are ints."""
    import mpmath

    return int(value) if float(value).is_integer() else mpmath.mpf(float(value))
