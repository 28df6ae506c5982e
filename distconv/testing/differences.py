"""Where two laws, kernels or walks differ, in lines that a failed test shows; in lists and dicts of them, too."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from contextlib import suppress
from fractions import Fraction
from functools import singledispatch
from typing import Any

from distconv.combine import isclose, total_variation
from distconv.distribution import Distribution
from distconv.errors import DistconvError, DistconvTypeError
from distconv.kernel import Kernel
from distconv.measure.lookup import entries_of
from distconv.monoids import Monoid
from distconv.numbers.letters import has_letters
from distconv.testing.places import places_of
from distconv.walk import Walk

#: Lines that an explanation shows of each kind.
MOST_SHOWN = 5
#: Outcomes at which laws that are not laid out are told apart.
MOST_PLACES = 12
#: How deep containers are searched for laws: lists of dicts of lists of them.
MOST_DEPTH = 6


@singledispatch
def differences(left: object, right: object) -> list[str]:
    """Lines that say where two laws, kernels or walks differ.

    Dimensions, outcomes that one of them lacks, the largest differences of probabilities, and how far apart the laws
    are altogether; of walks the first step that differs. For other values, both of them. A class of your own is told by
    ``@differences.register``.

    >>> from distconv import Die
    >>> from distconv.testing import differences
    >>> differences(Die(6), Die(4))[2]
    'only on the left: 5 (probability 1/6), 6 (probability 1/6)'
    """
    return [f"left:  {left!r}".split("\n")[0], f"right: {right!r}".split("\n")[0]]


@differences.register
def _of_laws(left: Distribution, right: Distribution) -> list[str]:
    if left.ndim != right.ndim:
        return [f"dimensions: {left.ndim} and {right.ndim}"]
    lines = _both(left, right)
    p, q = _probabilities(left, right)
    lines += _apart(p, q, "probability")
    if not (left.letters or right.letters):
        # It is refused of laws too large to be laid out, or of which too much is missing.
        with suppress(DistconvError):
            lines.append(f"total variation distance: {float(total_variation(left, right)):.6g}")
    return lines


@differences.register
def _of_kernels(left: Kernel, right: Kernel) -> list[str]:
    if left.ndim != right.ndim:
        return [f"dimensions: {left.ndim} and {right.ndim}"]
    return [*_both(left, right), *_apart(left.to_dict(), right.to_dict(), "weight")]


@differences.register
def _of_walks(left: Walk, right: Walk) -> list[str]:
    if len(left) != len(right):
        return [*_both(left, right), f"steps: {len(left)} and {len(right)}"]
    for place, (a, b) in enumerate(zip(left.steps, right.steps, strict=True), 1):
        if a != b:
            return [*_both(left, right), f"step {place} of {len(left)}:", *(f"  {line}" for line in differences(a, b))]
    return _both(left, right)


def _both(left: object, right: object) -> list[str]:
    return [f"left:  {left!r}".split("\n")[0], f"right: {right!r}".split("\n")[0]]


def _probabilities(left: Distribution, right: Distribution) -> tuple[dict[Any, Any], dict[Any, Any]]:
    """The probabilities of all outcomes, or of some where the laws are not laid out."""
    try:
        p, q = (dict(entries_of(law.law.measure)) for law in (left, right))
        return p, q
    except DistconvError:
        places = dict.fromkeys([*places_of(left, MOST_PLACES), *places_of(right, MOST_PLACES)])
        p, q = ({x: law.pmf(x) for x in places} for law in (left, right))
        return p, q


def _apart(p: Mapping[Any, Any], q: Mapping[Any, Any], word: str) -> list[str]:
    """What only one of two tables of weights has, and the places where they differ most."""
    lines = []
    for side, mine, other in (("left", p, q), ("right", q, p)):
        only = [x for x in mine if x not in other]
        if only:
            shown = ", ".join(f"{x} ({word} {_shown(mine[x])})" for x in only[:MOST_SHOWN])
            more = f" and {len(only) - MOST_SHOWN} more" if len(only) > MOST_SHOWN else ""
            lines.append(f"only on the {side}: {shown}{more}")
    apart = []
    for x in p.keys() & q.keys():
        if p[x] != q[x]:
            try:
                apart.append((abs(float((Fraction(p[x]) - Fraction(q[x])) / Fraction(q[x]))), x))
            except (TypeError, ZeroDivisionError, OverflowError):
                apart.append((math.inf, x))
    apart.sort(key=lambda pair: (-pair[0], str(pair[1])))
    for relative, x in apart[:MOST_SHOWN]:
        lines.append(f"at {x}: {_shown(p[x])} and {_shown(q[x])}, a relative difference of {relative:.3g}")
    if len(apart) > MOST_SHOWN:
        lines.append(f"and at {len(apart) - MOST_SHOWN} more outcomes")
    return lines


def _shown(weight: Any) -> str:
    text = str(weight)
    return text if len(text) <= 40 or has_letters(weight) else f"{float(weight):.17g}"


def explained(left: object, right: object) -> list[str] | None:
    """What pytest shows below a failed ``left == right``; None where no law, kernel or walk is in it."""
    kind = _kind(left)
    if kind is not None and kind == _kind(right):
        return [f"two {kind}s that should be equal", *differences(left, right)]
    for path, a, b in _first_difference(left, right, "", MOST_DEPTH):
        return [f"the {_kind(a) or _kind(b)}s at {path} should be equal", *differences(a, b)]
    return None


def _kind(value: object) -> str | None:
    """What a value of ours is called; None of others."""
    words = {Distribution: "law", Kernel: "kernel", Walk: "walk", Monoid: "monoid"}
    return words.get(type(value))


def _first_difference(left: object, right: object, path: str, depth: int) -> Iterator[tuple[str, object, object]]:
    """(path, a, b) of laws, kernels and walks that differ at the same place of two containers, in order."""
    if depth == 0 or type(left) is not type(right):
        return
    if _kind(left) is not None:
        if left != right:
            yield path, left, right
    elif isinstance(left, Mapping) and isinstance(right, Mapping):
        for key in left:
            if key in right:
                yield from _first_difference(left[key], right[key], f"{path}[{key!r}]", depth - 1)
    elif isinstance(left, list | tuple) and isinstance(right, list | tuple):
        for place, (a, b) in enumerate(zip(left, right, strict=False)):
            yield from _first_difference(a, b, f"{path}[{place}]", depth - 1)
    elif hasattr(left, "__dataclass_fields__"):
        for name in left.__dataclass_fields__:
            a, b = getattr(left, name), getattr(right, name)
            yield from _first_difference(a, b, f"{path}.{name}", depth - 1)


def assert_close(X: Distribution, Y: Distribution, *, rtol: float = 1e-9) -> None:
    """Fails, with an explanation, unless both laws have the same outcomes with probabilities within `rtol` relative.

    >>> from distconv import Die
    >>> from distconv.testing import assert_close
    >>> assert_close(Die(6).to_float(), Die(6))
    """
    __tracebackhide__ = True
    for law in (X, Y):
        if not isinstance(law, Distribution):
            raise DistconvTypeError(f"a Distribution is needed, got {law!r}")
    if X == Y or isclose(X, Y, rtol=rtol):
        return
    raise AssertionError("\n".join([f"the laws differ by more than {rtol:g} relative:", *differences(X, Y)]))
