"""Values: objects that never change once they are made, so that whoever holds one may rely on it."""

from __future__ import annotations

from typing import Any, ClassVar, NoReturn, Self


class Value:
    """What no one can change: attributes are neither set nor deleted, and a copy is the object itself.

    Subclasses write their fields once, by `write`, and memories of what was asked inside of containers; `__reduce__`
    says how to make them anew.
    """

    __slots__ = ()
    #: How a new object of the class is made, for the error.
    _anew: ClassVar[str]

    def __setattr__(self, name: str, value: Any) -> NoReturn:
        raise AttributeError(f"{self._kept(name)} cannot be set; make a new one: {self._with(name, value)}")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError(f"{self._kept(name)} cannot be deleted; make a new one: {self._anew}")

    def _kept(self, name: str) -> str:
        return f"a {type(self).__name__} is a value, so its {name}"

    def _with(self, name: str, value: Any) -> str:  # noqa: ARG002 - for classes that know their parameters
        """How to make the object that has another value there."""
        return self._anew

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: Any) -> Self:
        return self


#: write(value, name, field): a field of an object that is being made, or a memory of what it was asked.
write = object.__setattr__
