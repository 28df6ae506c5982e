"""Balls, FLINT's numbers with a proven radius: one room for its context, one loop for its precision.

FLINT keeps the working precision and the length of power series in a context that the whole process shares. Only this
module touches it, behind one lock that is held while anything depends on it, and puts back what stood there before: two
threads never compute at each other's precision, and neither the caller's own settings of FLINT nor ours change the
other's numbers. The number of FLINT's threads is left to the caller: it changes no value.

Source: Johansson, Arb: efficient arbitrary-precision midpoint-radius interval arithmetic, IEEE Trans. Comput. 66
(2017).
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from threading import RLock
from typing import TYPE_CHECKING, TypeVar

from distconv.errors import AccuracyError
from distconv.numbers.doubles import ratio_to_double

if TYPE_CHECKING:
    import flint

#: Bits of relative accuracy of a ball that is rounded to a double: the rounding is then the whole error, within a
#: hundredth.
RESOLVED_BITS = 60
#: Bits of working precision past which a number counts as not to be resolved; a product at them takes milliseconds.
LAST_BITS = 1 << 22

T = TypeVar("T")

_lock = RLock()


@contextmanager
def precision(bits: int, *, terms: int | None = None) -> Iterator[None]:
    """FLINT's working precision inside a ``with`` block, and the number of terms of its power series.

    The lock is held all the while: the block must not wait for another thread.
    """
    import flint

    with _lock:
        context = flint.ctx
        before, before_terms = context.prec, context.cap
        try:
            context.prec = bits
            if terms is not None:
                context.cap = terms
            yield
        finally:
            context.prec, context.cap = before, before_terms


def working_bits() -> int:
    """FLINT's working precision, for what is computed elsewhere and becomes a ball."""
    import flint

    return int(flint.ctx.prec)


def resolved(
    attempt: Callable[[], T | None],
    what: str,
    *,
    start: int,
    last: int = LAST_BITS,
    terms: int | None = None,
    way_out: str = "",
) -> T:
    """The first result of an attempt that is not None, at a working precision that doubles from `start` bits on.

    Args:
        attempt: computes at FLINT's working precision; None where its balls are too wide.
        what: what is computed, for the error.
        start: the first precision, in bits.
        last: the last one.
        terms: the number of terms of FLINT's power series.
        way_out: what to do instead, for the error.

    Raises:
        AccuracyError: no precision up to the last is enough.
    """
    bits = start
    while bits <= last:
        with precision(bits, terms=terms):
            found = attempt()
        if found is not None:
            return found
        bits *= 2
    raise AccuracyError(f"{what} is not resolved at {last} bits" + (f"; {way_out}" if way_out else ""))


def resolved_pair(
    number: Callable[[], flint.arb], what: str, *, start: int, last: int = LAST_BITS, accuracy: int = RESOLVED_BITS
) -> tuple[float, int]:
    """(significand, exponent) of a ball, rounded once, at a working precision that makes it narrow.

    Raises:
        AccuracyError: as `resolved`.
    """

    def attempt() -> tuple[float, int] | None:
        ball = number()
        return pair_of(ball) if is_narrow(ball, accuracy) else None

    return resolved(attempt, what, start=start, last=last)


def is_narrow(ball: flint.arb, accuracy: int = RESOLVED_BITS) -> bool:
    """Whether a ball is finite and its radius at most 2**-accuracy of it, as far as FLINT tells; an exact 0 is."""
    return bool(ball.is_finite() and ball.rel_accuracy_bits() >= accuracy)


def ball_of(number: int | Fraction | float) -> flint.arb:
    """A number as a ball at the working precision; a float is the double that it is."""
    import flint

    if isinstance(number, float):
        return flint.arb(number)
    return flint.arb(flint.fmpq(number.numerator, number.denominator))


def rational(number: int | Fraction | float) -> flint.fmpq:
    """A number as FLINT's rational; a float is the double that it is."""
    import flint

    return flint.fmpq(*number.as_integer_ratio())


def exact_middle(ball: flint.arb) -> Fraction:
    """The middle of a ball, as the fraction that it is."""
    mantissa, exponent = ball.mid().man_exp()
    scale = Fraction(2) ** int(exponent)
    return int(mantissa) * scale


def ball_of_pair(significand: float, exponent: int) -> flint.arb:
    """significand x 2**exponent as a ball of radius 0, at any working precision."""
    import flint

    mantissa, shift = math.frexp(significand)
    return flint.arb((int(math.ldexp(mantissa, 53)), shift - 53 + int(exponent)))


def pair_of(ball: flint.arb) -> tuple[float, int]:
    """(significand, exponent) of the midpoint of a ball, rounded once; both 0 for 0."""
    mantissa, exponent = ball.mid().man_exp()
    fraction, shift = ratio_to_double(int(mantissa), 1)
    return fraction, shift + int(exponent) if fraction else 0


# A process is not forked while another thread holds the lock: the child would find FLINT's context as it was then.
if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_lock.acquire, after_in_parent=_lock.release, after_in_child=_lock.release)
