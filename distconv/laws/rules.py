"""What is known by name, of every operation: one table of rules by the kinds of law, the most specific kinds first.

A rule takes the laws (and what else the operation takes), and returns the law that comes out, or None where it does
not apply: only where parameters are *equal*, never nearly equal. None from every rule means: compute it. Rules stand
beside the families whose names they know; ``settings(closed_forms=False)`` leaves them all out.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from distconv.settings import current_settings
from distconv.value import Value

if TYPE_CHECKING:
    from distconv.laws.law import Law

#: The operations that have rules, and of how many laws each is.
OPERATIONS = {
    "add": 2,
    "subtract": 2,
    "copies": 1,
    "compound": 2,
    "given_sum": 2,
    "remove": 2,
    "root": 1,
    "substitute": 1,
    "limit": 1,
    "truncate": 1,
    "clip": 1,
    "given": 1,
    "map": 1,
    "formula": 1,
}

#: A rule is written for its own kinds of law, and found by these.
Rule: TypeAlias = "Callable[..., Law | None]"
R = TypeVar("R", bound=Rule)

_table: dict[tuple[Any, ...], list[Rule]] = {}
#: Rules that are no shortcut: there is no other way.
_needed: set[Rule] = set()
_found: dict[tuple[Any, ...], tuple[Rule, ...]] = {}


def rule(operation: str, *kinds: type, needed: bool = False) -> Callable[[R], R]:
    """Decorator: a rule for an operation on laws of these kinds; of a sum it serves both orders.

    Args:
        operation: one of `OPERATIONS`.
        kinds: a class for each law; a base class stands for all kinds below it.
        needed: the rule is no shortcut but the only way, which ``settings(closed_forms=False)`` leaves as it is.
    """
    assert len(kinds) == OPERATIONS[operation], f"{operation} is of {OPERATIONS[operation]} laws, got {kinds}"

    def keep(function: R) -> R:
        ways: list[tuple[tuple[type, ...], Rule]] = [(kinds, function)]
        if operation == "add" and kinds[0] is not kinds[1]:
            ways.append((kinds[::-1], lambda x, y: function(y, x)))
        for order, way in ways:
            _table.setdefault((operation, *order), []).append(way)
            if needed:
                _needed.add(way)
        _found.clear()
        return function

    return keep


def apply(operation: str, *given: Any) -> Law | None:
    """The law that the first fitting rule gives; None where there is none.

    Args:
        operation: one of `OPERATIONS`.
        given: its laws, and what else it takes: a number of copies, a total.
    """
    every = current_settings().closed_forms
    for function in rules_of(operation, *map(type, given[: OPERATIONS[operation]])):
        law = function(*given) if every or function in _needed else None
        if law is not None:
            return law
    return None


def rules_of(operation: str, *kinds: type) -> tuple[Rule, ...]:
    """The rules for laws of these kinds, the most specific first."""
    key = (operation, *kinds)
    found = _found.get(key)
    if found is None:
        lines = product(*(own.__mro__ for own in kinds))
        found = _found[key] = tuple(f for line in lines for f in _table.get((operation, *line), ()))
    return found


def has_rules(kind: type) -> bool:
    """Whether any sum with a law of this kind has a rule of its own, which is not for any law."""
    general = kind.__mro__.index(Value) - 1
    own = set(kind.__mro__[:general])
    return any(operation == "add" and own & set(kinds) for operation, *kinds in _table)


def all_rules() -> dict[tuple[Any, ...], list[Rule]]:
    """The table: rules by operation and kinds."""
    return dict(_table)
