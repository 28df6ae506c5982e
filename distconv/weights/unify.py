"""The one order between number systems: which weights become which where two kinds meet, never back in silence."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from distconv.errors import DistconvTypeError
from distconv.weights.protocol import Weights
from distconv.weights.symbolic import from_rational, no_numbers, with_letters

#: How weights of the first kind are brought to the second, beside weights of that kind.
UPWARDS: dict[tuple[str, str], Callable[[Any, Any], Weights]] = {
    ("exact", "float"): lambda weights, _: weights.as_floating(),
    ("exact", "symbolic"): lambda weights, _: from_rational(weights),
    ("symbolic", "float"): lambda weights, _: weights.as_floating(),
}


def unified(a: Weights, b: Weights) -> tuple[Weights, Weights]:
    """The same weights in one number system, the higher of the two.

    Raises:
        DistconvTypeError: neither becomes the other.
    """
    if a.kind == b.kind:
        return a, b
    check_mixed(a, b)
    if (a.kind, b.kind) in UPWARDS:
        return UPWARDS[a.kind, b.kind](a, b), b
    return a, UPWARDS[b.kind, a.kind](b, a)


def check_mixed(a: Weights, b: Weights) -> None:
    """One of the weights becomes of the other's kind; letters do not become floating.

    Raises:
        DistconvTypeError: neither becomes the other.
    """
    kinds = a.kind, b.kind
    if "float" in kinds and (a.letters or b.letters):
        raise DistconvTypeError(
            "a symbolic law and a floating one do not mix: make the floating one exact, X.to_exact(normalize=True), "
            "or substitute numbers for the letters, Y.subs({...})"
        )
    if a.kind != b.kind and kinds not in UPWARDS and kinds[::-1] not in UPWARDS:
        raise DistconvTypeError(f"weights of kind {a.kind!r} and of kind {b.kind!r} do not mix")


def alike(parts: Sequence[Weights]) -> list[Weights]:
    """The same weights in one number system, the highest of theirs."""
    top = parts[0]
    for part in parts[1:]:
        top, _ = unified(top, part)
    return [unified(part, top)[0] for part in parts]


def joined(parts: Sequence[Weights]) -> Weights:
    """All weights of several containers, one after the other, in the highest of their systems."""
    parts = alike(parts)
    return parts[0].joined(parts)


def are_numbers(*weights: Weights) -> bool:
    """Whether all weights are fractions or doubles, for which there are ways that others have to do without."""
    return all(w.kind in ("exact", "float") for w in weights)


def same(a: Weights, b: Weights) -> bool:
    """Whether the weights that are not 0 are the same numbers in the same order, whatever systems hold them."""
    if a.kind == b.kind:
        return a.equals(b)
    if "symbolic" in (a.kind, b.kind):
        return "float" not in (a.kind, b.kind) and same(*unified(a, b))
    return [a.exact_at(int(i)) for i in a.positive()] == [b.exact_at(int(i)) for i in b.positive()]


def numeric(weights: Weights, what: str) -> Weights:
    """The weights themselves, which hold numbers; `what` is what is asked of them.

    Raises:
        DistconvTypeError: letters are in them.
    """
    if weights.letters:
        raise no_numbers(with_letters(weights), what)
    return weights
