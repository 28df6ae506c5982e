"""Explains ``assert X == Y`` of two laws in pytest: which outcomes differ, and by how much."""

from __future__ import annotations

import sys


def pytest_assertrepr_compare(op: str, left: object, right: object) -> list[str] | None:
    """The lines that pytest shows below a failed comparison of two laws; None for anything else."""
    loaded = sys.modules.get("distconv.distribution")
    if loaded is None or op != "==":
        return None
    if not (isinstance(left, loaded.Distribution) and isinstance(right, loaded.Distribution)):
        return None
    from distconv.testing import differences

    return ["two laws that should be equal", *differences(left, right)]
