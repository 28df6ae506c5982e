"""Work that may take long is announced, once for each operation, where it was asked for."""

from __future__ import annotations

import sys
import warnings
from contextvars import ContextVar, Token

from distconv.errors import DistconvWarning
from distconv.planning.plan import Plan, human_seconds
from distconv.settings import current_settings

#: Of an operation made of others: whether one of them has been announced. None outside such operations.
_told: ContextVar[list[Plan] | None] = ContextVar("distconv_announced", default=None)


class announced_once:  # noqa: N801 - read as a word of `with`
    """What is inside is one operation: at most one of the plans that it is made of is announced."""

    __slots__ = ("_token",)
    _token: Token[list[Plan] | None] | None

    def __enter__(self) -> None:
        self._token = None if _told.get() is not None else _told.set([])

    def __exit__(self, *_: object) -> None:
        if self._token is not None:
            _told.reset(self._token)


def announced(plan: Plan) -> Plan:
    """The plan of work that is about to start; warns where it is predicted to take longer than the settings allow.

    Warns:
        DistconvWarning: more than ``settings.warn_seconds``.
    """
    if plan.seconds <= current_settings().warn_seconds:
        return plan
    told = _told.get()
    if not told:
        if told is not None:
            told.append(plan)
        warnings.warn(
            f"this is predicted to take {human_seconds(plan.seconds)} ({plan.method}, {plan.cells:,} cells); Ctrl-C "
            "stops it, with distconv.settings(warn_seconds=math.inf): ... silences this warning",
            DistconvWarning,
            stacklevel=_callers_level(),
        )
    return plan


def _callers_level() -> int:
    """How many frames up the first one outside the library is, for `warnings.warn`."""
    level, frame = 1, sys._getframe(1)
    while frame.f_back is not None and frame.f_globals.get("__name__", "").partition(".")[0] == "distconv":
        level, frame = level + 1, frame.f_back
    return level
