"""The sign of a real expression: of numbers by balls of growing precision, of letters by what sympy is told of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from distconv.errors import AccuracyError, DistconvTypeError
from distconv.numbers.balls import resolved
from distconv.numbers.evaluation import ball_of_constant
from distconv.numbers.letters import expression_of, has_letters
from distconv.numbers.terms import combined, elements_of, terms_of

if TYPE_CHECKING:
    import flint
    import sympy

#: Bits at which a number is first told from 0, and at which that is given up: 20 000 digits.
FIRST_BITS, LAST_BITS = 150, 76_800
#: Bits at which the sign of a number is given up that may be 0 in a way that no theorem excludes: 700 digits.
DOUBTFUL_BITS = 2_400
#: What a ball around a number may reach to either side, where the nearest whole number is read off.
HALF = 0.5


def sign_of(value: sympy.Expr) -> int | None:
    """-1, 0 or 1; None where it depends on letters, or is not to be told."""
    terms = terms_of(value)
    if not terms:
        return 0
    constant = [expression_of(c) * term for term, c in terms.items() if not has_letters(term)]
    signs = {1 if (term.is_positive is True) == (c > 0) else -1 for term, c in terms.items()
             if has_letters(term) and (term.is_positive or term.is_negative)}  # fmt: skip
    weak = {1 if (term.is_nonnegative is True) == (c > 0) else -1 for term, c in terms.items()
            if has_letters(term) and not (term.is_positive or term.is_negative)
            and (term.is_nonnegative or term.is_nonpositive)}  # fmt: skip
    unknown = any(has_letters(t) and t.is_nonnegative is not True and t.is_nonpositive is not True for t in terms)
    if constant:
        found = _sign_of_number(sum(constant))
        if len(constant) == len(terms) or found is None:
            return found
        signs.add(found)
    if not unknown and len(signs) == 1 and weak <= signs:
        return signs.pop()
    # Of what is no sum of terms with one sign, sympy may know more: a square, say.
    return 1 if value.is_positive else -1 if value.is_negative else 0 if value.is_zero else None


def _sign_of_number(value: sympy.Expr) -> int | None:
    """The sign of a real number without letters; None where no precision tells it from 0."""
    import sympy

    value = sympy.sympify(value)
    if value.is_Rational:
        return int(sympy.sign(value))
    if value.is_finite is False or value.is_real is False or not value.is_number:
        return None
    terms = terms_of(value)
    _, relations = elements_of(terms)
    if not combined(terms, relations):
        return 0
    # Of roots of positive numbers, all relations are known.
    is_apart = value.is_algebraic is True and all(term.is_real for term in terms)
    return decided(lambda: ball_of_constant(value), lambda: value, is_apart=is_apart)


def floor_of(value: sympy.Expr) -> sympy.Integer:
    """The largest whole number up to a real one.

    Raises:
        DistconvTypeError: it is not to be told whether the number is whole.
    """
    import sympy

    if value.is_Rational:
        return sympy.floor(value)

    def attempt() -> int | None:
        ball = ball_of_constant(value)
        found = (ball.mid() + HALF).floor().unique_fmpz()
        return int(found) if found is not None and ball.is_finite() and ball.rad() < HALF else None

    nearest = sympy.Integer(resolved(attempt, f"the whole part of {value}", start=FIRST_BITS, last=LAST_BITS))
    side = sign_of(value - nearest)
    if side is None:
        raise DistconvTypeError(f"whether {value} is {nearest} is not known: no precision tells them apart")
    return nearest if side >= 0 else nearest - 1


def whole_or_not(value: sympy.Expr) -> sympy.Expr:
    """A real number as it is; the whole number that it is, however it is written."""
    found = floor_of(value)
    return found if sign_of(value - found) == 0 else value


def decided(ball: Callable[[], flint.arb], written: Callable[[], sympy.Expr], *, is_apart: bool) -> int | None:
    """-1, 0 or 1: the sign of a real number, once its ball is clear of 0; None where neither is found.

    Args:
        ball: the number at FLINT's working precision.
        written: the number as an expression, which algebra may show to be 0.
        is_apart: whether it is known not to be 0.
    """

    def attempt() -> int | None:
        found = ball()
        return 1 if found > 0 else -1 if found < 0 else None

    try:
        return resolved(attempt, "a sign", start=FIRST_BITS, last=LAST_BITS if is_apart else DOUBTFUL_BITS)
    except AccuracyError:
        return None if is_apart or not written().equals(0) else 0
