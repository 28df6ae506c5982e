"""`Operation`: what is tested. A monoid on outcomes, which convolves laws, or an operation on values of your own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from distconv.combine import convolve, power
from distconv.errors import DistconvTypeError
from distconv.monoids import Monoid
from distconv.testing.elements import Element

#: What stands in place of addition, from outside: a monoid on outcomes, or a function of two values.
OperationLike: TypeAlias = "Monoid | Callable[[Any, Any], Any]"
#: What an operation has as its identity where none is known: None may be a value.
UNKNOWN: Final = type("Unknown", (), {"__repr__": lambda _: "UNKNOWN"})()


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation on two values, and what it claims.

    Attributes:
        combine: two values in, one out: the convolution over a monoid, or the operation itself.
        name: what it is called in messages.
        commutative: whether it claims X o Y = Y o X.
        identity: the value that changes nothing; `UNKNOWN` where there is none.
        inverse: the value that undoes another; None where there is none.
        monoid: what it does to outcomes, where it is the convolution over a monoid.
        image: a map f that respects it, f(X o Y) = f(X) o' f(Y); None where none is given.
        into: o', the operation among the images.
    """

    combine: Callable[[Any, Any], Any]
    name: str
    commutative: bool = True
    identity: Element = UNKNOWN
    inverse: Callable[[Any], Any] | None = None
    monoid: Monoid | None = None
    image: Callable[[Any], Any] | None = None
    into: Callable[[Any, Any], Any] | None = None

    def __call__(self, a: Element, b: Element) -> Element:
        """a o b."""
        return self.combine(a, b)

    def copies(self, a: Element, n: int) -> Element:
        """a o a o ... o a, n times."""
        if self.monoid is not None:
            return power(a, n, monoid=self.monoid)
        total = a
        for _ in range(n - 1):
            total = self.combine(total, a)
        return total


def read_operation(
    operation: OperationLike,
    *,
    commutative: bool | None = None,
    identity: Element = UNKNOWN,
    inverse: Callable[[Any], Any] | None = None,
    image: Callable[[Any], Any] | None = None,
    into: OperationLike | None = None,
    argument: str = "operation",
) -> Operation:
    """The operation that is meant, with what is claimed of it."""
    if into is None:
        among = None
    elif image is None:
        raise DistconvTypeError("into= is the operation among images, so it needs the map: image=f")
    else:
        among = read_operation(into, argument="into").combine
    if isinstance(operation, Monoid):
        commutes = operation.commutative if commutative is None else commutative
        unit = operation.identity if identity is UNKNOWN else identity
        monoid = operation
        if commutes is not operation.commutative or unit != operation.identity:
            monoid = Monoid(
                operation.op, unit, operation.name, commutes, operation.elements, operation.way, operation.modulus
            )

        def convolved(a: Element, b: Element) -> Element:
            return convolve(a, b, monoid=monoid)

        given = UNKNOWN if unit is None else unit
        return Operation(convolved, operation.name, commutes, given, inverse, monoid, image, among or convolved)
    if not callable(operation):
        raise DistconvTypeError(
            f"{argument} must be a Monoid or a function of two values, got {operation!r}; Monoid(op, identity) for an "
            "operation on outcomes"
        )
    name = getattr(operation, "__name__", type(operation).__name__)
    commutes = True if commutative is None else commutative
    return Operation(operation, name, commutes, identity, inverse, None, image, among or operation)
