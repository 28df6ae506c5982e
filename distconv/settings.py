"""Settings of the computation: immutable, held in a context variable, changed for a while with ``settings(...)``."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import ContextDecorator, contextmanager
from contextvars import ContextVar, Token
from dataclasses import dataclass, replace
from functools import wraps
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, Protocol, TypeVar

from distconv.checks import check_positive
from distconv.errors import DistconvError, DistconvTypeError, DistconvValueError, DistconvWarning

if TYPE_CHECKING:
    from distconv.typing import Accuracy

T = TypeVar("T", bound="Limited")
P = ParamSpec("P")
R = TypeVar("R")

#: What `accuracy` may be.
ACCURACIES: tuple[Accuracy, ...] = ("relative", "absolute")


@dataclass(frozen=True, slots=True)
class Settings:
    """What the planner and the methods obey.

    Attributes:
        tolerance: relative rounding error that one floating operation may add to any weight.
        accuracy: ``"relative"`` certifies every weight to the tolerance, however small; ``"absolute"`` takes one plain
            FFT for each sum and moves its absolute error bound into `missing`.
        exact_limit: bits (numerator bits x cells) up to which a result of exact operands stays exact.
        max_bytes: predicted bytes of one result past which `SizeLimitError` is raised.
        warn_seconds: predicted seconds of one operation past which it warns before it starts.
        closed_forms: whether results that have a name (a Poisson plus a Poisson) are found by it.
    """

    tolerance: float = 1e-10
    accuracy: Accuracy = "relative"
    exact_limit: int = 2_000_000_000
    max_bytes: int = 2 * 1024**3
    warn_seconds: float = 60.0
    closed_forms: bool = True


_current: ContextVar[Settings] = ContextVar("distconv_settings", default=Settings())


def current_settings() -> Settings:
    """The settings in force here."""
    return _current.get()


@contextmanager
def in_force(limits: Settings) -> Iterator[None]:
    """These very settings in force inside a ``with`` block."""
    token = _current.set(limits)
    try:
        yield
    finally:
        _current.reset(token)


def made_under(limits: Settings, make: Callable[..., R], arguments: tuple[Any, ...]) -> R:
    """What is made of these arguments under these settings: a law that is not laid out, from its pickle."""
    with in_force(limits):
        return make(*arguments)


class Limited(Protocol):
    """What keeps the settings of its making."""

    limits: Settings


def under_own_settings(method: Callable[Concatenate[T, P], R]) -> Callable[Concatenate[T, P], R]:
    """A method that runs under the settings of its object's making, ``self.limits``, whatever is in force.

    Only when to warn is asked of the settings in force: no answer depends on it.
    """

    @wraps(method)
    def asked(self: T, /, *args: P.args, **named: P.kwargs) -> R:
        limits: Settings = self.limits
        now = _current.get()
        if now is limits:
            return method(self, *args, **named)
        if now.warn_seconds != limits.warn_seconds:
            limits = replace(limits, warn_seconds=now.warn_seconds)
        token = _current.set(limits)
        try:
            return method(self, *args, **named)
        finally:
            _current.reset(token)

    return asked


class SettingsBlock(ContextDecorator):
    """Settings for a ``with`` block, or for a function that it decorates; nothing changes before it is entered."""

    def __init__(self, changes: dict[str, Any]) -> None:
        self._changes = changes
        self._entered = False
        self._token: Token[Settings] | None = None

    def __enter__(self) -> Settings:
        if self._token is not None:
            raise DistconvError("these settings are in force already; make others: with settings(...): ...")
        self._entered = True
        self._token = _current.set(replace(_current.get(), **self._changes))
        return _current.get()

    def __exit__(self, *error: object) -> None:
        assert self._token is not None
        _current.reset(self._token)
        self._token = None

    def _recreate_cm(self) -> SettingsBlock:
        """A block for one call of a decorated function."""
        self._entered = True
        return SettingsBlock(self._changes)

    def __del__(self) -> None:
        if self._changes and not self._entered:
            words = self._words()
            warnings.warn(
                f"settings({words}) changed nothing, for it needs a block: with distconv.settings({words}): ...",
                DistconvWarning,
                stacklevel=2,
            )

    def _words(self) -> str:
        """The changes as they are written."""
        return ", ".join(f"{name}={value!r}" for name, value in self._changes.items())

    def __repr__(self) -> str:
        return f"<settings for a with block: {replace(_current.get(), **self._changes)!r}>"


def settings(
    *,
    tolerance: float | None = None,
    accuracy: Accuracy | None = None,
    exact_limit: int | None = None,
    max_bytes: int | None = None,
    warn_seconds: float | None = None,
    closed_forms: bool | None = None,
) -> SettingsBlock:
    """Settings in force inside a ``with`` block, or in the calls of a function it decorates; the rest stays as it is.

    ``with settings() as now: ...`` tells the settings in force. A call outside a ``with`` block changes nothing, and
    warns so.

    Args:
        tolerance: relative rounding error that one floating operation may add to any weight, in (0, 1).
        accuracy: ``"relative"`` (the default) or ``"absolute"``: sums of large floating laws are then one plain FFT,
            rounded down by its error bound, which the law's `missing` counts; tails below the bound are lost.
        exact_limit: bits (numerator bits x cells) up to which results of exact operands stay exact;
            0 makes every sum floating.
        max_bytes: predicted bytes of one result past which `SizeLimitError` is raised.
        warn_seconds: predicted seconds past which an operation gives a `DistconvWarning` before it starts;
            ``math.inf`` silences it.
        closed_forms: False computes even what is known by name, as if a Poisson plus a Poisson had none: the slow way,
            which a test may compare with the quick one.

    Raises:
        DistconvValueError: a limit that is not positive, a tolerance outside (0, 1), or an unknown accuracy.

    >>> from distconv import Die, settings
    >>> with settings(exact_limit=0):
    ...     (Die(6) + Die(6)).kind
    'float'
    """
    changes: dict[str, Any] = {}
    if tolerance is not None:
        changes["tolerance"] = check_positive("tolerance", tolerance, below=1)
    if accuracy is not None:
        if accuracy not in ACCURACIES:
            raise DistconvValueError(f"accuracy must be 'relative' or 'absolute', got {accuracy!r}")
        changes["accuracy"] = accuracy
    if exact_limit is not None:
        changes["exact_limit"] = check_positive("exact_limit", exact_limit, zero=True)
    if max_bytes is not None:
        changes["max_bytes"] = check_positive("max_bytes", max_bytes)
    if warn_seconds is not None:
        changes["warn_seconds"] = check_positive("warn_seconds", warn_seconds)
    if closed_forms is not None:
        if not isinstance(closed_forms, bool):
            raise DistconvTypeError(f"closed_forms must be True or False, got {closed_forms!r}")
        changes["closed_forms"] = closed_forms
    return SettingsBlock(changes)
