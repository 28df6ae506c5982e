"""One text for a method and for the function that answers it."""

from __future__ import annotations

from collections.abc import Callable
from inspect import cleandoc
from typing import Any, TypeVar

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
