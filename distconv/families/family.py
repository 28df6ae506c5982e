"""What all families share: parameters that are kept, shown, pickled and hashed."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any, ClassVar

from distconv.distribution import Distribution
from distconv.errors import DistconvTypeError
from distconv.families.parameters import is_exact, shown
from distconv.numbers.letters import any_letters
from distconv.planning import Origin, Plan, costs, size_error
from distconv.settings import current_settings
from distconv.unbounded import Unbounded
from distconv.value import write


class Lettered(type):
    """Families called with letters among their parameters make formula laws."""

    parameters: tuple[str, ...]
    options: tuple[str, ...]

    # Type checkers look at `__init__` instead, which says what a family takes.
    if not TYPE_CHECKING:

        def __call__(cls, *args: Any, **named: Any) -> Distribution:
            """The law of the family, of numbers or of letters; arguments are bound to the parameters by name alike.

            Raises:
                DistconvTypeError: arguments that are no parameters, or parameters without arguments.
            """
            if named or len(args) != len(cls.parameters):
                options = {name: named.pop(name) for name in cls.options if name in named}
                args = _bound(cls.__name__, cls.parameters, args, named)
            else:
                options = {}
            if any_letters(*args):
                from distconv.formulas.making import named as with_letters

                if any(options.values()):
                    raise DistconvTypeError(f"{', '.join(options)} is for numbers; leave it out beside letters")
                return with_letters(cls.__name__, *args)
            return super().__call__(*args, **options)

    @property
    def __signature__(cls) -> inspect.Signature:
        """The constructor's signature, as `help` shows it."""
        whole = inspect.signature(cls.__init__)  # type: ignore[misc]
        return whole.replace(parameters=list(whole.parameters.values())[1:], return_annotation=inspect.Signature.empty)


class Family(Distribution, metaclass=Lettered):
    """A finite law given by parameters; its measure is computed when first asked for.

    Subclasses set `parameters`, define one slot for each, and `_materialise`.
    """

    __slots__ = ()
    #: The names of the parameters, in the order of the constructor.
    parameters: ClassVar[tuple[str, ...]] = ()
    #: The names of arguments that are no parameters, by keyword only.
    options: ClassVar[tuple[str, ...]] = ()

    def _keep(self, *values: Any) -> None:
        """Stores the parameters."""
        self._set(None, Origin("given", reason=f"the family {type(self).__name__}"))
        for name, value in zip(self.parameters, values, strict=True):
            write(self, name, value)

    def _values(self) -> tuple[Any, ...]:
        return tuple(getattr(self, name) for name in self.parameters)

    def _with(self, name: str, value: Any) -> str:
        given = ", ".join(repr(value) if p == name else shown(getattr(self, p)) for p in self.parameters)
        return f"{type(self).__name__}({given})"

    def _name(self) -> str:
        """The law as it was written: ``Binomial(10, 3/10)``."""
        return f"{type(self).__name__}({', '.join(shown(v) for v in self._values())})"

    def __eq__(self, other: object) -> bool:
        """Whether both are the same law; equal parameters settle it without computing any weight."""
        if type(other) is type(self) and self._limits == other._limits and self._is_written_as(other):
            return True
        return super().__eq__(other)

    def __hash__(self) -> int:
        return super().__hash__()

    def _is_written_as(self, other: Family) -> bool:
        """Whether two laws of one family have equal parameters, alike exact or floating."""
        mine, theirs = self._values(), other._values()
        return mine == theirs and is_exact(*flat(mine)) == is_exact(*flat(theirs))

    def _anew_by(self) -> Any:
        return type(self), self._values()


class InfiniteFamily(Unbounded, Family):
    """An infinite law given by parameters."""

    __slots__ = ()

    def _key(self) -> Any:
        return (type(self).__name__, *self._values()), 1, 0

    def __hash__(self) -> int:
        return hash(self._key())


def _bound(name: str, parameters: tuple[str, ...], args: tuple[Any, ...], named: dict[str, Any]) -> tuple[Any, ...]:
    """The arguments in the order of the parameters.

    Raises:
        DistconvTypeError: too many, unknown, given twice, or missing.
    """
    takes = f"{name} takes {', '.join(parameters)}"
    if len(args) > len(parameters):
        raise DistconvTypeError(f"{takes}, got {len(args)} arguments: {', '.join(map(shown, args))}")
    values = dict(zip(parameters, args, strict=False))
    unknown = [key for key in named if key not in parameters]
    missing = [p for p in parameters if p not in values and p not in named]
    if unknown:
        # One that has another name here is called by it.
        given = {p: named.get(p, named[unknown[0]]) for p in parameters if p not in values and p in (*named, *missing)}
        way_out = ", ".join([*map(repr, args), *(f"{p}={value!r}" for p, value in given.items())])
        hint = f"; write {name}({way_out})" if len(unknown) == len(missing) == 1 else ""
        raise DistconvTypeError(f"{takes}, not {', '.join(unknown)}{hint}")
    twice = [key for key in named if key in values]
    if twice:
        raise DistconvTypeError(
            f"{takes}, got {twice[0]} twice: {shown(values[twice[0]])} and {shown(named[twice[0]])}"
        )
    if missing:
        raise DistconvTypeError(f"{takes}; {' and '.join(missing)} {'is' if len(missing) == 1 else 'are'} missing")
    return tuple(values[p] if p in values else named[p] for p in parameters)


def flat(values: tuple[Any, ...]) -> list[Any]:
    """The parameters, lists opened."""
    return [p for v in values for p in (v if isinstance(v, tuple) else (v,))]


def check_cells(cells: int, what: str, bits: int = 0) -> None:
    """Refuses to lay out more cells (of so many bits each, if exact) than the settings allow.

    Raises:
        SizeLimitError: they would take more than ``settings.max_bytes``.
    """
    size = cells * (costs.DIRECT_BYTES + bits // 8)
    if size > current_settings().max_bytes:
        way = "ask for what needs no outcomes: X.mean(), X.var()"
        raise size_error(Plan("window", "", cells, size), what, way)
