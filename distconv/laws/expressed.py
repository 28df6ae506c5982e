"""Questions about irrational numbers, asked of laws of fractions: these are seen as laws of expressions then."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, Protocol, TypeVar, cast

from distconv.errors import DistconvTypeError
from distconv.laws.spanned import Spanned, framed
from distconv.numbers.letters import any_letters, letters_of
from distconv.support.outcomes import NotRationalError

if TYPE_CHECKING:
    from distconv.laws.law import Law

F = TypeVar("F", bound=Callable[..., Any])


class Holder(Protocol):
    """What answers by a law, and is made of one."""

    law: Law

    def of(self, law: Law) -> Holder:
        """The same of another law."""


def at_irrationals(method: F) -> F:
    """A method of a distribution that is asked of its law as one of expressions, where fractions are not enough.

    Raises:
        DistconvTypeError: letters in what is asked about: where they lie among the outcomes is not known.
    """

    @wraps(method)
    def answer(self: Holder, *args: object, **options: object) -> object:
        try:
            return method(self, *args, **options)
        except NotRationalError:
            law = self.law
            asked = (*args, *options.values())
            if law.spelled() is not None or any_letters(*asked):
                raise _of_letters(method.__name__, asked) from None
            return method(self.of(Spanned(*framed(law))), *args, **options)

    return cast("F", answer)


def _of_letters(call: str, asked: tuple[object, ...]) -> DistconvTypeError:
    """The refusal of places that are letters."""
    names = sorted({str(s) for value in asked for s in letters_of(value)})
    return DistconvTypeError(
        f"where {', '.join(names)} lies among the outcomes is not known, and {call} goes by cases there: give it a "
        f"number, as in X.{call}(2)"
    )
