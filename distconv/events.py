"""Events and numbers that are made of a law and written as of a number: at least, at most, rounded, absolute, norms."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from distconv.checks import check_integer
from distconv.errors import DimensionError, DistconvTypeError, DistconvValueError
from distconv.laws.restricting import of_window
from distconv.laws.whole_parts import nearest, whole_part
from distconv.measure import reading
from distconv.numbers.letters import has_letters, is_expression
from distconv.support.frame import read_expression
from distconv.support.outcomes import as_outcome, as_vector
from distconv.transforms import images
from distconv.typing import Answer, IntegerLike, NumberLike, Question

if TYPE_CHECKING:
    from distconv.distribution import Distribution


def at_least(X: Distribution, x: Question) -> Answer:
    """P(X >= x), of one number or an array of them; in the far tail right to as many digits as `sf`.

    >>> from distconv import Die
    >>> (2 @ Die(6)).at_least(10)
    Fraction(1, 6)
    """
    found: Any = X.sf(x) + X.pmf(x)
    # A sum of two doubles may pass 1 by a rounding.
    if isinstance(found, float):
        return min(found, 1.0)
    return np.minimum(found, 1.0) if getattr(found, "dtype", None) == np.float64 else found


def at_most(X: Distribution, x: Question) -> Answer:
    """P(X <= x), which is `cdf`.

    >>> from distconv import Die
    >>> (2 @ Die(6)).at_most(4)
    Fraction(1, 6)
    """
    return X.cdf(x)


def floor_divided(X: Distribution, step: NumberLike) -> Distribution:
    """The law of floor(X / step), coordinate by coordinate, for a number other than 0.

    >>> from distconv import Die
    >>> (Die(6) // 2).to_dict()
    {0: Fraction(1, 6), 1: Fraction(1, 3), 2: Fraction(1, 3), 3: Fraction(1, 6)}
    """
    number = reading.read_constant(step)
    if isinstance(number, tuple) or (number is None and not is_expression(step)):
        raise DistconvTypeError(f"a law is divided by a number, got {step!r}")
    if not step:
        raise DistconvValueError("cannot divide a law by 0")
    if number is None or X.law.spelled() is not None or X.law.letters:
        unit = read_expression(step, "step")
        return X.map(lambda x: as_outcome(tuple(whole_part(v, unit) for v in as_vector(x))))
    found = images.floored(X.law.measure, (number,) * X.ndim)
    return type(X).of(of_window(X.law, found, "floored outcomes"))


def absolute(X: Distribution) -> Distribution:
    """The law of the distance from 0, |X|; of vectors it is `norm`.

    >>> from distconv import Die
    >>> abs(Die(6) - Die(6)).pmf(1)
    Fraction(5, 18)
    """
    if X.ndim > 1:
        raise DimensionError(f"abs(X) is of numbers, outcomes are {X.ndim}-D; for the distance from 0 write X.norm()")
    return X.map(abs)


def rounded(X: Distribution, digits: IntegerLike | None = None) -> Distribution:
    """The law of X rounded to so many decimals, as `round` rounds numbers: halves to the even neighbour.

    >>> from distconv import Die
    >>> round(Die(6) / 2).to_dict()
    {0: Fraction(1, 6), 1: Fraction(1, 6), 2: Fraction(1, 2), 3: Fraction(1, 6)}
    """
    places = 0 if digits is None else check_integer("digits", digits)
    step = Fraction(10) ** -places
    if X.law.spelled() is None:
        return X.round(step)
    return X.map(lambda x: as_outcome(tuple(nearest(v, step) for v in as_vector(x))))


def floor(X: Distribution) -> Distribution:
    """The law of the largest whole number that is not above X."""
    return floor_divided(X, 1)


def ceil(X: Distribution) -> Distribution:
    """The law of the smallest whole number that is not below X."""
    return -floor_divided(-X, 1)


def norm(X: Distribution, order: float = 2) -> Distribution:
    """The law of the length of X: Euclid's (order 2), or the sum (1) or largest (math.inf) of coordinates' sizes.

    Lengths are exact: square roots that are no fractions are sympy's.

    Raises:
        DistconvValueError: another order.

    >>> from distconv import Die, product
    >>> product(Die(2), Die(2)).norm().to_dict()
    {sqrt(2): Fraction(1, 4), sqrt(5): Fraction(1, 2), 2*sqrt(2): Fraction(1, 4)}
    >>> product(Die(2), Die(2)).norm(1).mean()
    Fraction(3, 1)
    """
    if order not in (1, 2, math.inf):
        raise DistconvValueError(f"norms of the orders 1, 2 and math.inf are laws here, got {order!r}; write X.map(f)")
    if X.ndim == 1:
        return X.map(abs)
    if order == 1:
        return X.map(lambda p: sum(map(abs, p)))
    if order == math.inf:
        return X.map(lambda p: max(map(abs, p)))
    import sympy

    squared = X.map(lambda p: sum(v * v for v in p))
    return squared.map(lambda v: sympy.sqrt(v if has_letters(v) else sympy.Rational(str(v))))
