"""The laws of an operation on outcomes: on all elements where they are known, else on those that laws have."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from distconv.monoids import Monoid
from distconv.support.outcomes import on_each_axis
from distconv.testing.elements import Element
from distconv.testing.evidence import Evidence
from distconv.typing import AnyArray

#: Most elements of a finite monoid that are all tried; tables of so many are checked in about a second.
MOST_ELEMENTS = 400
#: Tables of finite monoids that are remembered, so that a test of many examples computes its own once.
MOST_TABLES = 64


def on_outcomes(name: str, monoid: Monoid, some: Sequence[Sequence[Any]], inverse: Element = None) -> Evidence | None:
    """What is known of a law of an operation on outcomes; fails where an outcome breaks it.

    Args:
        name: the law: those of `ON_OUTCOMES`.
        monoid: the operation.
        some: outcomes of three laws, tried where the elements are not known.
        inverse: the function that undoes an element; None to look for it among the elements.

    Returns:
        None where nothing was claimed.
    """
    __tracebackhide__ = True
    elements = monoid.elements
    if elements is not None and 0 < len(elements) <= MOST_ELEMENTS:
        return _proved(name, monoid, elements, inverse)
    if name == "inverse" and inverse is None:
        return None
    cases = 0
    for broken in TRIED[name](monoid, some, inverse):
        if broken:
            raise AssertionError(broken)
        cases += 1
    return Evidence(name, "outcomes", False, cases, "") if cases else None


def _proved(name: str, monoid: Monoid, elements: tuple[Any, ...], inverse: Any) -> Evidence | None:
    """A law of a finite monoid, on all of its elements."""
    __tracebackhide__ = True
    size = len(elements)
    cells = table_of(monoid)
    every = np.arange(size)
    if name == "associative":
        wrong = np.argwhere(cells[cells] != cells[every[:, None, None], cells[None]])
        if len(wrong):
            a, b, c = (elements[i] for i in wrong[0].tolist())
            raise AssertionError(_not_associative(monoid, a, b, c))
        return Evidence(name, "outcomes", True, size**3, f"all {size**3} triples of its {size} elements")
    if name == "commutative":
        for i, j in np.argwhere(cells != cells.T).tolist():
            raise AssertionError(_does_not_commute(monoid, elements[i], elements[j]))
        return Evidence(name, "outcomes", True, size**2, f"all {size**2} pairs of its {size} elements")
    if monoid.identity is None:
        return None
    if name == "identity":
        for a in elements:
            if broken := _no_identity(monoid, a):
                raise AssertionError(broken)
        return Evidence(name, "outcomes", True, size, f"all {size} elements")
    if monoid.identity not in elements:
        raise AssertionError(f"the identity {monoid.identity} of {monoid.name} is none of its {size} elements")
    unit = elements.index(monoid.identity)
    two_sided = (cells == unit) & (unit == cells.T)
    for i, a in enumerate(elements):
        if inverse is not None:
            if broken := _no_inverse(monoid, a, inverse(a)):
                raise AssertionError(broken)
        elif not two_sided[i].any():
            raise AssertionError(f"{a} has no inverse in {monoid.name}: no element b with {a} o b = b o {a} = {unit}")
    return Evidence(name, "outcomes", True, size, f"all {size} elements: it is a group")


@lru_cache(maxsize=MOST_TABLES)
def table_of(monoid: Monoid) -> AnyArray:
    """The Cayley table of a finite monoid: the number of element i o element j; fails where that is none."""
    __tracebackhide__ = True
    elements = monoid.elements
    assert elements is not None
    number = {a: i for i, a in enumerate(elements)}
    cells = np.zeros((len(elements),) * 2, dtype=np.int64)
    for (i, a), (j, b) in itertools.product(enumerate(elements), repeat=2):
        found = monoid.op(a, b)
        if found not in number:
            raise AssertionError(f"{monoid.name} leaves its elements: {a} o {b} = {found}, which is none of them")
        cells[i, j] = number[found]
    return cells


# What breaks a law on outcomes: a message, or nothing for each case that holds. --------------------------------------


def _associative(monoid: Monoid, some: Sequence[Sequence[Any]], _inverse: Any) -> Any:
    op = monoid.op
    for a, b, c in itertools.product(*some):
        yield _not_associative(monoid, a, b, c) if op(op(a, b), c) != op(a, op(b, c)) else None


def _commutative(monoid: Monoid, some: Sequence[Sequence[Any]], _inverse: Any) -> Any:
    for a, b in itertools.product(*some[:2]):
        yield _does_not_commute(monoid, a, b) if monoid.op(a, b) != monoid.op(b, a) else None


def _identity(monoid: Monoid, some: Sequence[Sequence[Any]], _inverse: Any) -> Any:
    # Modulo n, what is no residue becomes one.
    for a in some[0] if monoid.identity is not None and monoid.way != "modulo" else ():
        yield _no_identity(monoid, a)


def _inverse(monoid: Monoid, some: Sequence[Sequence[Any]], inverse: Any) -> Any:
    for a in some[0] if monoid.identity is not None else ():
        yield _no_inverse(monoid, a, inverse(a))


def _not_associative(monoid: Monoid, a: Any, b: Any, c: Any) -> str:
    op = monoid.op
    return (
        f"{monoid.name} is not associative: ({a} o {b}) o {c} = {op(op(a, b), c)}, but {a} o ({b} o {c}) = "
        f"{op(a, op(b, c))}; convolution over it depends on the order of summation"
    )


def _does_not_commute(monoid: Monoid, a: Any, b: Any) -> str:
    return (
        f"{monoid.name} does not commute: {a} o {b} = {monoid.op(a, b)}, but {b} o {a} = {monoid.op(b, a)}; say so: "
        "Monoid(..., commutative=False)"
    )


def _unit(monoid: Monoid, a: Any) -> Any:
    """The identity among outcomes of the dimension of a."""
    assert monoid.identity is not None
    return on_each_axis(monoid.identity, len(a)) if isinstance(a, tuple) else monoid.identity


def _no_identity(monoid: Monoid, a: Any) -> str | None:
    op, e = monoid.op, monoid.identity
    unit = _unit(monoid, a)
    if op(unit, a) == a and op(a, unit) == a:
        return None
    return (
        f"{e} is no identity of {monoid.name}: {e} o {a} = {op(unit, a)}, {a} o {e} = {op(a, unit)}; both must be {a}"
    )


def _no_inverse(monoid: Monoid, a: Any, b: Any) -> str | None:
    op, unit = monoid.op, _unit(monoid, a)
    if op(a, b) == unit and op(b, a) == unit:
        return None
    both = f"{a} o {b} = {op(a, b)}, {b} o {a} = {op(b, a)}"
    return f"{b} is no inverse of {a} in {monoid.name}: {both}; both must be {unit}"


#: The laws of outcomes by name, and how each is tried on some.
TRIED: dict[str, Callable[[Monoid, Sequence[Sequence[Any]], Any], Any]] = {
    "associative": _associative,
    "commutative": _commutative,
    "identity": _identity,
    "inverse": _inverse,
}
