"""Conditions on an outcome that hang on a remainder of it alone: predicates, read by asking them for remainders."""

from __future__ import annotations

from collections.abc import Callable
from math import lcm
from typing import NoReturn

#: The largest modulus that is found: so many remainders are written out.
MOST_REMAINDERS = 12


class Remainder:
    """A whole number of which only remainders are known: it answers to ``% m``, and to nothing else."""

    def __init__(self, value: int) -> None:
        self.value = value
        self.moduli = {1}

    def __mod__(self, modulus: int) -> int:
        if type(modulus) is not int or modulus < 1:
            raise TypeError("no modulus")
        self.moduli.add(modulus)
        return self.value % modulus

    def _unknown(self, *_: object) -> NoReturn:
        raise TypeError("only remainders are known")

    __eq__ = __bool__ = __float__ = __int__ = __index__ = _unknown
    __hash__ = _unknown


def remainders_of(predicate: Callable[..., object]) -> tuple[int, list[int]] | None:
    """(m, remainders) where a condition holds for whole numbers with these remainders modulo m; None of others."""
    modulus, known = 1, 0
    holding: list[int] = []
    while known < modulus:
        probe = Remainder(known)
        try:
            holds = bool(predicate(probe))
        except Exception:  # noqa: BLE001 - a predicate may raise anything of what it cannot take
            return None
        common = lcm(modulus, *probe.moduli)
        if common > MOST_REMAINDERS:
            return None
        if common != modulus:
            # What holds hangs on more than was asked so far.
            modulus, known, holding = common, 0, []
            continue
        holding += [known] if holds else []
        known += 1
    return None if modulus == 1 else (modulus, holding)
