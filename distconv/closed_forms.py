"""Sums of two laws that are again a law with a name: a registry by pair of families.

A rule takes two laws and returns their sum's law, or None where it does not apply: only where parameters are *equal*,
never nearly equal. None means: convolve.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from distconv.planning import Origin

if TYPE_CHECKING:
    from distconv.distribution import Distribution
    from distconv.typing import Outcome, Scalar

#: Rules are written for two families, and found by their classes.
Rule: TypeAlias = "Callable[[Any, Any], Distribution | None]"
LimitRule: TypeAlias = "Callable[[Any, Scalar | None, Scalar | None], Distribution | None]"
PowerRule: TypeAlias = "Callable[[Any, int], Distribution | None]"
GivenRule: TypeAlias = "Callable[[Any, Any, Outcome], Distribution | None]"

#: A rule of whatever kind: decorated, it keeps its own signature.
R = TypeVar("R", bound="Callable[..., Distribution | None]")

_rules: dict[tuple[type, type], Rule] = {}
_difference_rules: dict[tuple[type, type], Rule] = {}
_any_rules: dict[type, Rule] = {}
_power_rules: dict[type, PowerRule] = {}
_limit_rules: dict[str, LimitRule] = {}
_given_rules: dict[tuple[type, type], GivenRule] = {}


def register(first: type, second: type) -> Callable[[R], R]:
    """Decorator: the rule for first + second, and with its arguments swapped for second + first."""

    def keep(rule: R) -> R:
        _rules[first, second] = rule
        if first is not second:
            _rules[second, first] = lambda x, y: rule(y, x)
        return rule

    return keep


def register_difference(first: type, second: type) -> Callable[[R], R]:
    """Decorator: the rule for first - second of independent laws."""

    def keep(rule: R) -> R:
        _difference_rules[first, second] = rule
        return rule

    return keep


def register_any(family: type) -> Callable[[R], R]:
    """Decorator: the rule for a law of this family (the first argument) + a law of any."""

    def keep(rule: R) -> R:
        _any_rules[family] = rule
        return rule

    return keep


def register_power(family: type) -> Callable[[R], R]:
    """Decorator: the rule for n @ law, n >= 1."""

    def keep(rule: R) -> R:
        _power_rules[family] = rule
        return rule

    return keep


def register_given_sum(first: type, second: type) -> Callable[[R], R]:
    """Decorator: the rule (x, y, total) for the law of x given x + y = total."""

    def keep(rule: R) -> R:
        _given_rules[first, second] = rule
        return rule

    return keep


def register_limit(operation: str) -> Callable[[R], R]:
    """Decorator: the rule (law, low, high) for infinite laws known to lie in an interval, or moved into it."""

    def keep(rule: R) -> R:
        _limit_rules[operation] = rule
        return rule

    return keep


def limit(operation: str, law: Distribution, low: Scalar | None, high: Scalar | None) -> Distribution | None:
    """An infinite law known to lie in an interval ("truncate"), or moved into it ("clip"); None: from a window."""
    return _limit_rules[operation](law, low, high)


def given_sum(x: Distribution, y: Distribution, total: Outcome) -> Distribution | None:
    """The law of x given x + y = total in closed form, or None."""
    rule = _given_rules.get((type(x), type(y)))
    return None if rule is None else rule(x, y, total)


def add(x: Distribution, y: Distribution) -> Distribution | None:
    """The law of x + y in closed form, or None."""
    first, second = type(x), type(y)
    rule = _rules.get((first, second))
    if rule is not None:
        return rule(x, y)
    rule = _any_rules.get(first)
    if rule is not None:
        closed = rule(x, y)
        if closed is not None:
            return closed
    rule = _any_rules.get(second)
    return None if rule is None else rule(y, x)


def subtract(x: Distribution, y: Distribution) -> Distribution | None:
    """The law of x - y in closed form, or None."""
    rule = _difference_rules.get((type(x), type(y)))
    return None if rule is None else rule(x, y)


def has_rules(family: type) -> bool:
    """Whether any sum with a law of this family has a closed form."""
    return family in _any_rules or any(family in pair for pair in _rules)


def order(law: Distribution) -> tuple[str, float]:
    """A sorting key that puts laws that a rule may merge beside each other: by family, then by the last parameter."""
    values = law._values() if hasattr(law, "_values") else ()
    last = values[-1] if values else 0
    return type(law).__name__, float(last) if isinstance(last, int | float | Fraction) else 0.0


def plan_of(law: Distribution) -> Origin:
    """What is told of a sum that is a law with a name."""
    return Origin("closed form", repr(law))


def power(x: Distribution, n: int) -> Distribution | None:
    """The law of the sum of n copies of x in closed form, or None."""
    rule = _power_rules.get(type(x))
    return None if rule is None else rule(x, n)
