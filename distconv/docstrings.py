"""One text for a method and for the function that answers it; what type checkers are told of one and of many."""

from __future__ import annotations

from collections.abc import Callable
from inspect import cleandoc
from typing import TYPE_CHECKING, Any, TypeVar, cast

if TYPE_CHECKING:
    from distconv.typing import Asks, AsksLevel, AsksLoss, AsksQuantile, Draws

F = TypeVar("F", bound=Callable[..., Any])


def answered_by(function: Callable[..., Any]) -> Callable[[F], F]:
    """A method whose docstring goes on as that of the function that answers it, after the first line.

    Arguments, guarantee and example stand once, beside what keeps them.
    """

    def told(method: F) -> F:
        _, _, rest = cleandoc(function.__doc__ or "").partition("\n\n")
        method.__doc__ = f"{cleandoc(method.__doc__ or '')}\n\n{rest}".rstrip()
        return method

    return told


def asked(function: Callable[..., Any]) -> Callable[[Callable[..., Any]], Asks]:
    """`answered_by`, for a question about one outcome or many."""
    return cast("Callable[[Callable[..., Any]], Asks]", answered_by(function))


def asked_of_losses(function: Callable[..., Any]) -> Callable[[Callable[..., Any]], AsksLoss]:
    """`answered_by`, for a question about one retention or many."""
    return cast("Callable[[Callable[..., Any]], AsksLoss]", answered_by(function))


def asked_of_levels(function: Callable[..., Any]) -> Callable[[Callable[..., Any]], AsksLevel]:
    """`answered_by`, for a question about one level or many, answered by numbers."""
    return cast("Callable[[Callable[..., Any]], AsksLevel]", answered_by(function))


def drawn_by(function: Callable[..., Any]) -> Callable[[Callable[..., Any]], Draws]:
    """`answered_by`, for one random outcome or an array of them."""
    return cast("Callable[[Callable[..., Any]], Draws]", answered_by(function))


def quantile_by(function: Callable[..., Any]) -> Callable[[Callable[..., Any]], AsksQuantile]:
    """`answered_by`, for a question about one level or many, answered by outcomes."""
    return cast("Callable[[Callable[..., Any]], AsksQuantile]", answered_by(function))
