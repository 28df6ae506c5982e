"""`Element`: what an operation under test combines: outcomes, laws of random numbers, or values of your own."""

from __future__ import annotations

from typing import Any, TypeAlias

#: Anything: the kit asks nothing of it but the operation, and ``==``.
Element: TypeAlias = Any
