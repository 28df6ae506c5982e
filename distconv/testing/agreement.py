"""Whether the two sides of an equation agree: laws of any kind, kernels, numbers, expressions, values of your own."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import singledispatch
from typing import Any

from distconv.combine import isclose
from distconv.distribution import Distribution
from distconv.kernel import Kernel
from distconv.numbers.letters import has_letters, is_expression
from distconv.testing.elements import Element
from distconv.testing.places import places_of

#: Operations up to which sympy may simplify what is to be 0.
MOST_SIMPLIFIED = 300
#: What two bounds on what is missing may differ by, absolutely and relatively: they are rounded upwards.
MISSING_DIGITS = 1e-12
#: Outcomes at which laws that are not laid out are compared.
MOST_PLACES = 8


@dataclass(frozen=True, slots=True)
class Agreement:
    """Whether two sides agree, and at how many places this was looked at; None where it was at all of them."""

    agrees: bool
    places: int | None = None


@singledispatch
def agreement(left: Element, right: Element, rtol: float, slack: float = 0.0) -> Agreement:
    """Whether two values agree: equal, or numbers within a relative or an absolute distance, or expressions by algebra.

    Containers agree if all that is in them does. A class of your own is compared by ``==``, or registers its own way
    with ``@agreement.register``.
    """
    if isinstance(left, list | tuple) and isinstance(right, list | tuple):
        return Agreement(len(left) == len(right) and _all(zip(left, right, strict=True), rtol, slack))
    if isinstance(left, Mapping) and isinstance(right, Mapping):
        return Agreement(left.keys() == right.keys() and _all([(left[k], right[k]) for k in left], rtol, slack))
    if has_letters(left) or has_letters(right):
        return Agreement(is_zero(left - right))
    if isinstance(left, float | complex) or isinstance(right, float | complex) or slack:
        return Agreement(_near(left, right, rtol, slack))
    if is_expression(left) or is_expression(right):
        return Agreement(bool(left == right) or is_zero(left - right))
    return Agreement(bool(left == right))


def _all(pairs: Any, rtol: float, slack: float) -> bool:
    return all(agreement(a, b, rtol, slack).agrees for a, b in pairs)


def _near(left: Any, right: Any, rtol: float, slack: float) -> bool:
    """Whether two numbers are near: relative to the larger, or within the slack."""
    a, b = complex(left), complex(right)
    return a == b or abs(a - b) <= max(slack, rtol * max(abs(a), abs(b)))


def is_zero(difference: Element) -> bool:
    """Whether an expression is 0, by algebra of bounded cost."""
    import sympy

    left = sympy.expand(sympy.together(sympy.expand(difference)))
    if left != 0 and left.count_ops() <= MOST_SIMPLIFIED:
        left = sympy.simplify(left)
    return bool(left == 0)


@agreement.register
def _of_kernels(left: Kernel, right: object, rtol: float, _slack: float = 0.0) -> Agreement:
    if left == right or not isinstance(right, Kernel) or left.ndim != right.ndim:
        return Agreement(left == right)
    a, b = left.to_dict(), right.to_dict()
    numbers = [w for w in [*a.values(), *b.values()] if not has_letters(w)]
    floating = any(isinstance(w, float) for w in numbers)
    largest = max((abs(float(w)) for w in numbers), default=0.0) if floating else 0.0
    return Agreement(all(agreement(a.get(x, 0), b.get(x, 0), rtol, rtol * largest).agrees for x in a.keys() | b.keys()))


@agreement.register
def _of_laws(left: Distribution, right: object, rtol: float, _slack: float = 0.0) -> Agreement:
    if not isinstance(right, Distribution) or left.ndim != right.ndim:
        return Agreement(False)
    if left == right:
        return Agreement(True)
    laid_out = left.law.is_laid_out() and right.law.is_laid_out()
    letters = bool(left.letters or right.letters)
    if laid_out and letters:
        p, q = left.to_dict(), right.to_dict()
        return Agreement(all(agreement(p.get(x, 0), q.get(x, 0), rtol).agrees for x in p.keys() | q.keys()))
    if laid_out and left.is_exact and right.is_exact:
        # What is missing is a bound, rounded upwards by each operation.
        return Agreement(bool(left.missing) and _missing_alike(left, right) and isclose(left, right, rtol=0.0))
    if laid_out:
        near = isclose(left, right, rtol=rtol + left.error + right.error)
        return Agreement(near and _missing_alike(left, right))
    return _at_places(left, right, rtol)


def _missing_alike(left: Distribution, right: Distribution) -> bool:
    """Whether as much is missing from both laws, to within rounding."""
    return _near(left.missing, right.missing, MISSING_DIGITS, MISSING_DIGITS)


def _at_places(left: Distribution, right: Distribution, rtol: float) -> Agreement:
    """Laws that are not laid out are compared where they are asked: at some outcomes, and beside them."""
    places = dict.fromkeys([*places_of(left, MOST_PLACES), *places_of(right, MOST_PLACES)])
    letters = bool(left.letters or right.letters)
    error = max(left.error, right.error)
    near = rtol + (0.0 if math.isnan(error) else 2 * error)
    for x in places:
        pairs = [(left.pmf(x), right.pmf(x))]
        if left.ndim == 1 and not letters:
            pairs += [(left.cdf(x), right.cdf(x)), (left.sf(x), right.sf(x))]
        if not all(agreement(a, b, near).agrees for a, b in pairs):
            return Agreement(False)
    return Agreement(bool(places), len(places))
