"""What all families share: parameters that are kept, shown, pickled and hashed, and how their functions are called."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import cache, update_wrapper
from typing import TYPE_CHECKING, Any, ParamSpec, cast

from distconv.distribution import Distribution
from distconv.errors import DistconvTypeError
from distconv.families.parameters import is_exact, shown
from distconv.laws.finite import Finite
from distconv.laws.law import Described, Law, Maker
from distconv.laws.registry import Family
from distconv.laws.unbounded import Unbounded
from distconv.numbers.letters import any_expressions
from distconv.planning import Origin, Plan, costs, size_error
from distconv.settings import current_settings
from distconv.transforms import affine, comparison
from distconv.typing import Key, Scalar, ScalarLike, Vector
from distconv.value import write

if TYPE_CHECKING:
    import sympy

P = ParamSpec("P")


class FamilyLaw(Described):
    """A law given by parameters.

    Subclasses set `family` and `parameters`, and define one slot for each of these. They are made of parameters that
    were read, with no edge among them: by the function of their module that is called like the family, in small
    letters.
    """

    __slots__ = ()

    family: str
    parameters: tuple[str, ...]

    def _keep(self, *values: Any) -> None:
        """Stores the parameters."""
        self.describe(_origin(self.family))
        for name, value in zip(self.parameters, values, strict=True):
            write(self, name, value)

    def values(self) -> tuple[Any, ...]:
        """The parameters, in order."""
        return tuple(getattr(self, name) for name in self.parameters)

    def name(self) -> str:
        """The law as it was written: ``Binomial(10, 3/10)``."""
        return f"{self.family}({', '.join(shown(v) for v in self.values())})"

    def anew(self) -> Maker:
        return type(self), self.values()


class FiniteFamily(FamilyLaw):
    """A finite law given by parameters; its measure is computed when first asked for. Subclasses define that."""

    __slots__ = ()

    def scaled(self, factor: Scalar) -> Law | None:
        """The law of a multiple."""
        return Finite(affine.scaled(self.measure, factor), self.origin)

    def shifted(self, by: Vector) -> Law | None:
        """The law moved by a vector."""
        return Finite(affine.shifted(self.measure, by), self.origin)

    def __eq__(self, other: object) -> bool:
        """Whether both are the same law; equal parameters settle it without computing any weight."""
        if not isinstance(other, Law):
            return NotImplemented
        if self is other or self._is_written_as(other):
            return True
        return comparison.equal(self.measure, other.measure) if other.is_laid_out() else NotImplemented

    def __hash__(self) -> int:
        return comparison.fingerprint(self.measure)

    def _is_written_as(self, other: Law) -> bool:
        """Whether both are of one family, with equal parameters that are alike exact or floating."""
        if type(other) is not type(self) or self.limits != other.limits:
            return False
        mine, theirs = self.values(), other.values()
        return mine == theirs and is_exact(*flat(mine)) == is_exact(*flat(theirs))


class InfiniteFamily(Unbounded, FamilyLaw):
    """An infinite law given by parameters."""

    __slots__ = ()

    def key(self) -> Key:
        return (self.family, *self.values()), 1, 0


@cache
def _origin(family: str) -> Origin:
    """How a law of a family came to be."""
    return Origin("given", reason=f"the family {family}")


def constructor(function: Callable[P, Distribution]) -> Callable[P, Distribution]:
    """Decorator: the public function of a family, whose arguments are bound to its parameters by place or by name.

    Raises:
        DistconvTypeError: arguments that are no parameters, or parameters without arguments.
    """
    kinds = {name: p.kind for name, p in inspect.signature(function).parameters.items()}
    parameters = tuple(name for name, how in kinds.items() if how is inspect.Parameter.POSITIONAL_OR_KEYWORD)
    options = tuple(name for name, how in kinds.items() if how is inspect.Parameter.KEYWORD_ONLY)

    def called(*args: Any, **named: Any) -> Distribution:
        chosen = {}
        if named or len(args) != len(parameters):
            chosen = {name: named.pop(name) for name in options if name in named}
            args = _bound(function.__name__, parameters, args, named)
        return cast("Callable[..., Distribution]", function)(*args, **chosen)

    return cast("Callable[P, Distribution]", update_wrapper(called, function))


def made(family: Family, *parameters: object) -> Distribution:
    """The law of a family, of numbers or of letters; of sympy's numbers its answers are sympy's, if it has no end."""
    if any_expressions(*parameters):
        return Distribution.of(family.with_letters(*parameters))
    law = family.law(*parameters)
    is_asked = any(getattr(p, "is_Rational", False) for p in parameters) and is_exact(*flat(law.values()))
    return Distribution.of(family.with_letters(*parameters) if is_asked and not law.is_finite else law)


def by_formula(name: str, *parameters: ScalarLike, shift: int = 0) -> Law:
    """The law of a family by its own formula, moved by a number."""
    from distconv.formulas import making

    return making.formula(name, *map(making.parameter, parameters), shift=shift)


def with_conditions(name: str, *parameters: ScalarLike) -> tuple[sympy.Expr, ...]:
    """Parameters with letters as expressions.

    Raises:
        DistconvTypeError: a float beside letters.
        DistconvValueError: they do not satisfy the conditions of the family.
    """
    from distconv.formulas import making

    values = tuple(map(making.parameter, parameters))
    making.conditions(name, values)
    return values


def whole(*values: sympy.Expr) -> tuple[sympy.Basic, ...]:
    """The condition that values are whole numbers, as far as it is known that they are not."""
    import sympy

    return tuple(sympy.false if v.is_integer is False else sympy.true for v in values)


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
