"""Explains ``assert X == Y`` of two laws in pytest: which outcomes differ, and by how much. Sums up what was proved."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pytest import TerminalReporter

#: What `distconv.testing.law_suite` tells its evidence under.
PROPERTY = "distconv law"
#: How deep containers are searched for laws: lists of dicts of lists of them.
MOST_DEPTH = 6


def pytest_assertrepr_compare(op: str, left: object, right: object) -> list[str] | None:
    """The lines that pytest shows below a failed comparison of laws, kernels, walks, or lists and dicts of them.

    None for anything else.
    """
    if op != "==" or not (_holds_ours(left) and _holds_ours(right)):
        return None
    from distconv.testing.differences import explained

    return explained(left, right)


def _holds_ours(value: object, depth: int = MOST_DEPTH) -> bool:
    """Whether a value is of a class of ours, or a container of such: only then is the kit loaded."""
    if type(value).__module__.partition(".")[0] == "distconv":
        return True
    if depth == 0:
        return False
    parts = value.values() if isinstance(value, Mapping) else value if isinstance(value, list | tuple) else ()
    fields = getattr(value, "__dataclass_fields__", ())
    return any(_holds_ours(v, depth - 1) for v in [*parts, *(getattr(value, name, None) for name in fields)])


def pytest_terminal_summary(terminalreporter: TerminalReporter) -> None:
    """A section at the end: which laws of algebra were proved, and which checked on how many cases."""
    lines = list(_told(terminalreporter))
    if lines:
        terminalreporter.section("laws of algebra")
        for line in lines:
            terminalreporter.write_line(line)


def _told(reporter: TerminalReporter) -> Iterator[str]:
    """What the tests of passed law suites told, once each."""
    reports = [r for r in reporter.stats.get("passed", ()) if getattr(r, "when", None) == "call"]
    yield from dict.fromkeys(str(value) for r in reports for name, value in r.user_properties if name == PROPERTY)
