"""The sign of a real expression: of numbers by balls of growing precision, of letters by what sympy is told of them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from distconv.errors import AccuracyError
from distconv.numbers.balls import resolved, working_bits
from distconv.numbers.letters import expression_of, has_letters
from distconv.numbers.terms import combined, elements_of, terms_of

if TYPE_CHECKING:
    import sympy

#: Bits at which a number is first told from 0, and at which that is given up: 20 000 digits.
FIRST_BITS, LAST_BITS = 100, 76_800
#: Decimal digits of the working precision that are asked of sympy, less those that its last ones may be off by.
SPARE_DIGITS = 8


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
    _, relations = elements_of(terms_of(value))
    if not combined(terms_of(value), relations):
        return 0

    def attempt() -> int | None:
        digits = int(working_bits() * math.log10(2))
        number = sympy.N(value, digits - SPARE_DIGITS, maxn=2 * digits)
        # sympy keeps digits that it is sure of: where there are none, the number may be 0.
        if not number.is_Float or abs(number) < sympy.Float(10) ** -(digits - SPARE_DIGITS):
            return None
        return 1 if number > 0 else -1

    try:
        return resolved(attempt, f"the sign of {value}", start=FIRST_BITS, last=LAST_BITS)
    except AccuracyError:
        return None
