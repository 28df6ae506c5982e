"""Laws as text."""

from __future__ import annotations

from typing import Any


def summary(law: Any) -> str:
    return f"Distribution({len(law.support)} outcomes)"


def text(law: Any) -> str:
    return summary(law)


def formatted(law: Any, spec: str) -> str:
    return summary(law)


def html(law: Any) -> str:
    return summary(law)
