"""`assert_laws` and `assert_law`: equations tried on given values, and what that is worth."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from distconv.distribution import Distribution
from distconv.errors import DimensionError, DistconvTypeError, DistconvValueError
from distconv.monoids import Monoid, add
from distconv.testing.agreement import agreement
from distconv.testing.differences import differences
from distconv.testing.elements import Element
from distconv.testing.equations import EQUATIONS, REFUSED, Equation
from distconv.testing.evidence import Evidence, Report, joined
from distconv.testing.operation import UNKNOWN, Operation, OperationLike, read_operation
from distconv.testing.outcomes import TRIED, on_outcomes
from distconv.testing.places import places_of

#: Outcomes of each law whose triples are tried.
MOST_TRIED = 8
#: Letters of a value that a message shows.
MOST_LETTERS = 100


def assert_laws(
    X: Element,
    Y: Element = None,
    Z: Element = None,
    *,
    operation: OperationLike | None = None,
    monoid: Monoid | None = None,
    commutative: bool | None = None,
    identity: Element = UNKNOWN,
    inverse: Callable[[Any], Any] | None = None,
    image: Callable[[Any], Any] | None = None,
    into: OperationLike | None = None,
    only: Iterable[str] | None = None,
    skip: Iterable[str] = (),
    rtol: float = 1e-9,
) -> Report:
    """Fails, with an explanation, unless an operation obeys its laws on these values; tells what is proved by that.

    The operation on outcomes is associative, has its identity and commutes if it says so; the convolution over it
    then, too, agrees with all pairs of outcomes, and distributes over mixtures. For addition also: reflection, scaling
    and shifts of a sum are sums, cumulants add, generating functions multiply, marginals of a sum are sums of
    marginals. `LAWS` has all of them by name.

    Laws of random numbers may be of any kind: exact, floating, with letters, without an end. With letters the sides are
    compared by algebra: what passes holds for all their values. All elements of a finite monoid are tried. Laws that
    are not laid out are compared at some outcomes, generating functions at one place, z = 3/4.

    Args:
        X, Y, Z: three distributions of one dimension, or three values of your own; Y and Z may be left out.
        operation: what stands in place of addition: a `Monoid`, yours or one of `distconv.monoids`, which works on
            outcomes; or a function of two values, which are then combined by it as they are. Left out, distributions
            are convolved and other values added by ``+``.
        monoid: the same as `operation`, for monoids.
        commutative: whether X o Y = Y o X is claimed; unless you or the monoid say otherwise, it is.
        identity: the value that changes nothing, where there is one.
        inverse: a function that undoes an element, x o inverse(x) = e.
        image: a map that respects the operation, f(X o Y) = f(X) o' f(Y): of outcomes for a monoid, else of values.
        into: the operation o' among the images; left out, the same operation.
        only: names of the laws to try, also of those that are not claimed; left out, all that are claimed.
        skip: names of laws not to try.
        rtol: relative difference that floating numbers may have; exact ones must be equal.

    Returns:
        A `Report`, a line for each law: proved, or checked on so many cases.

    >>> from distconv import Die, monoids
    >>> from distconv.testing import assert_laws
    >>> print(assert_laws(Die(4), Die(3), Die(2), operation=monoids.modulo(5), only=["associative", "inverse"]))
    modulo 5:
      associative on outcomes: proved, all 125 triples of its 5 elements
      associative on laws: checked on 1 case
      inverse on outcomes: proved, all 5 elements: it is a group
    """
    __tracebackhide__ = True
    if operation is not None and monoid is not None:
        raise DistconvTypeError("operation= and monoid= are the same; give one of them")
    if monoid is not None and not isinstance(monoid, Monoid):
        raise DistconvTypeError(f"monoid must be a Monoid, got {monoid!r}; Monoid(op, identity)")
    chosen = operation if operation is not None else monoid
    if chosen is None:
        chosen = add if isinstance(X, Distribution) else _plus
    op = read_operation(chosen, commutative=commutative, identity=identity, inverse=inverse, image=image, into=into)
    values = (X, X if Y is None else Y, X if Z is None else Z)
    _check_values(op, values)
    evidence = [found for law in chosen_laws(op, only, skip) for found in tried(law, op, values, rtol)]
    return Report(op.name, tuple(evidence))


def assert_law(name: str, X: Element, Y: Element = None, Z: Element = None, **options: Element) -> Report:
    """Fails, with an explanation, unless one law holds for these values: ``assert_laws(..., only=[name])``.

    Args:
        name: one of `LAWS`, ``"associative"`` or ``"cumulants"`` say.
        X, Y, Z: as in `assert_laws`.
        options: as in `assert_laws`.

    >>> from distconv import Die
    >>> from distconv.testing import assert_law
    >>> assert_law("homomorphism", Die(6), Die(4), image=lambda x: 2 * x)
    add:
      homomorphism on laws: checked on 1 case
    """
    __tracebackhide__ = True
    return assert_laws(X, Y, Z, only=[name], **options)


def _plus(a: Any, b: Any) -> Any:
    return a + b


_plus.__name__ = "+"


def _check_values(op: Operation, values: Sequence[Any]) -> None:
    """Refuses values that a monoid cannot convolve."""
    for value in values if op.monoid is not None else ():
        if not isinstance(value, Distribution):
            raise DistconvTypeError(
                f"{op.monoid} convolves distributions, got {value!r}; for values of your own give a function: "
                "operation=lambda a, b: a + b"
            )
        if value.ndim != values[0].ndim:
            sizes = ", ".join(f"{v.ndim}-D" for v in values)
            raise DimensionError(f"the laws must be of one dimension, got {sizes}; laws(3, ndim=2) draws such")


def chosen_laws(op: Operation, only: Iterable[str] | None, skip: Iterable[str]) -> list[Equation]:
    """The laws to try: those claimed, or those asked for by name."""
    names, left_out = None if only is None else list(only), list(skip)
    for name in [*(names or ()), *left_out]:
        if name not in EQUATIONS:
            raise DistconvValueError(f"there is no law {name!r}; the laws are {', '.join(EQUATIONS)}")
    asked = [law for law in EQUATIONS.values() if (law.claimed(op) if names is None else law.name in names)]
    return [law for law in asked if law.name not in left_out]


def tried(law: Equation, op: Operation, values: Sequence[Any], rtol: float) -> list[Evidence]:
    """What is known of a law once it was tried on outcomes and on values; fails where it breaks."""
    __tracebackhide__ = True
    found = []
    if op.monoid is not None and law.name in TRIED:
        some = [places_of(value, MOST_TRIED) for value in values]
        outcomes = on_outcomes(law.name, op.monoid, some, op.inverse)
        found += [] if outcomes is None else [outcomes]
    on_values = on_laws(law, op, values, rtol)
    return found if on_values is None else [*found, on_values]


def on_laws(law: Equation, op: Operation, values: Sequence[Any], rtol: float) -> Evidence | None:
    """What is known of a law once it was tried on three values; None where it says nothing of them."""
    __tracebackhide__ = True
    on: Any = "laws" if isinstance(values[0], Distribution) else "values"
    places: list[int] = []
    claims = 0
    try:
        for claim in law.sides(op, *values):
            verdict = agreement(claim.left, claim.right, rtol, claim.slack)
            if not verdict.agrees:
                raise AssertionError(_broken(op, claim.what, claim.left, claim.right, values))
            claims += 1
            places += [] if verdict.places is None else [verdict.places]
    except REFUSED as reason:
        if law.core:
            raise
        return Evidence(law.name, on, False, 0, f"{type(reason).__name__}: {reason}")
    if not claims:
        return None
    letters = sorted(str(x) for x in set().union(*(getattr(v, "letters", ()) for v in values)))
    if letters and not places:
        return Evidence(law.name, on, True, 1, f"by algebra, for all {', '.join(letters)}")
    return Evidence(law.name, on, False, 1, f"at {max(places)} outcomes" if places else "")


def _broken(op: Operation, what: str, left: Any, right: Any, values: Sequence[Any]) -> str:
    """What a broken law is told with."""
    shown = [f"{name} = {value!r}".split("\n")[0] for name, value in zip("XYZ", values, strict=True)]
    return "\n".join([f"{op.name}: {what} differ:", *differences(left, right), *(v[:MOST_LETTERS] for v in shown)])


def tally(parts: Iterable[Sequence[Evidence]]) -> tuple[Evidence, ...]:
    """The evidence of many tries of one law, those on outcomes and those on values joined."""
    sorts: dict[str, list[Evidence]] = {}
    for part in parts:
        for found in part:
            sorts.setdefault(found.on, []).append(found)
    return tuple(joined(found) for found in sorts.values())
