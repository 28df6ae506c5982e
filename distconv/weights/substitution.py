"""Symbolic weights at values of their letters: fractions, doubles from balls, or expressions in other letters."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from distconv.errors import DistconvValueError
from distconv.numbers import letters
from distconv.numbers.doubles import ratio_to_double
from distconv.numbers.letters import has_letters
from distconv.weights.rational import Rational, from_fractions
from distconv.weights.symbolic import EVALUATION_ERROR, Symbolic


def evaluated(
    weights: Symbolic, values: Mapping[Any, Any], *, exact: bool
) -> Rational | tuple[list[tuple[float, int]], float] | list[Any]:
    """The weights with numbers or expressions in place of symbols.

    Args:
        weights: those of a law with letters.
        values: fractions and expressions of sympy's, or floats.
        exact: whether irrational numbers are asked for as expressions, and not as doubles.

    Returns:
        Exact weights where all generators become rational and no value is a float; (significand, exponent) pairs with
        the bound on their relative error where they become other numbers; else a list of sympy expressions.
    """
    is_floating = any(isinstance(v, float) for v in values.values())
    swap = {
        s: letters.expression_of(Fraction(v)) if isinstance(v, float) else letters.expression_of(v)
        for s, v in values.items()
    }
    generators = weights.field.generators
    images = [g.subs(swap, simultaneous=True) for g in generators]
    all_rational = all(image.is_Rational for image in images)
    # Constants stay what they are; of letters only those that become irrational numbers are asked for as doubles, but
    # for parts of conjugate roots, which belong together and add up to fractions.
    stays_exact = exact or all(
        i.is_Rational or type(g).__name__ in ("re", "im")
        for g, i in zip(generators, images, strict=True)
        if has_letters(g)
    )
    if any(map(has_letters, images)) or (not is_floating and not all_rational and stays_exact):
        import sympy

        found = [sympy.sympify(weights.at(i)) for i in range(len(weights.numerators))]
        if not all(g.is_Symbol for g in generators):
            return [value.subs(swap, simultaneous=True) for value in found]
        return [value.xreplace(swap) for value in found]
    if not all_rational:
        return weights.in_doubles(images), EVALUATION_ERROR
    import flint

    points = [flint.fmpq(int(image.p), int(image.q)) for image in images]
    bottom = _at(weights.denominator, points)
    if bottom == 0:
        shown = ", ".join(f"{g} = {v}" for g, v in zip(generators, images, strict=True))
        divisor = weights.field.written(weights.denominator)
        raise DistconvValueError(f"the weights divide by 0 at {shown}: {divisor} vanishes there")
    quotients = [_at(n, points) / bottom for n in weights.numerators]
    fractions = [Fraction(int(q.p), int(q.q)) for q in quotients]
    if is_floating and all(value >= 0 for value in fractions):
        return [ratio_to_double(f.numerator, f.denominator) for f in fractions], 2.0**-53
    return from_fractions(list(fractions))


def _at(polynomial: Any, points: list[Any]) -> Any:
    """The value of a polynomial at rational points."""
    import flint

    total = flint.fmpq(0)
    if not points:
        return total + sum((c for _, c in polynomial.to_dict().items()), flint.fmpz(0))
    ring = flint.fmpq_mpoly_ctx.get(tuple(f"g{i}" for i in range(len(points))), "lex")
    return ring.from_dict(polynomial.to_dict())(*points)
