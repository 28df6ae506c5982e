"""What all families share: parameters that are kept, shown, pickled and hashed."""

from __future__ import annotations

from typing import Any, ClassVar

from distconv.distribution import Distribution
from distconv.families.parameters import shown
from distconv.planning import Plan
from distconv.unbounded import Unbounded


class Family(Distribution):
    """A finite law given by parameters; its measure is computed when first asked for.

    Subclasses set `parameters`, define one slot for each, and `_materialise`.
    """

    __slots__ = ()
    #: The names of the parameters, in the order of the constructor.
    parameters: ClassVar[tuple[str, ...]] = ()

    def _keep(self, *values: Any) -> None:
        """Stores the parameters."""
        self._set(None, Plan("given", reason=f"the family {type(self).__name__}"))
        for name, value in zip(self.parameters, values, strict=True):
            object.__setattr__(self, name, value)

    def _values(self) -> tuple[Any, ...]:
        return tuple(getattr(self, name) for name in self.parameters)

    def _name(self) -> str:
        """The law as it was written: ``Binomial(10, 3/10)``."""
        return f"{type(self).__name__}({', '.join(shown(v) for v in self._values())})"

    def __reduce__(self) -> Any:
        return type(self), self._values()


class InfiniteFamily(Unbounded, Family):
    """An infinite law given by parameters."""

    __slots__ = ()

    def _key(self) -> Any:
        return (type(self).__name__, self._values())
