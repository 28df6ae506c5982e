"""How a result is computed, as predicted, and how one was made: records that print themselves."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

#: Larger numbers of cells or bytes are shown as a power of ten.
MOST_SHOWN = 10**24


@dataclass(frozen=True, slots=True)
class Plan:
    """How a result is computed, as predicted before it is.

    Attributes:
        method: the name of a method, or of the operation where it has only one.
        kind: ``exact`` or ``float``: what the result's weights are.
        cells: predicted number of cells (or pairs of points, for ``sparse``).
        bytes: predicted memory of the result.
        seconds: predicted time.
        reason: why this method.
        others: the methods it was preferred to, with their predicted seconds.
    """

    method: str
    kind: str = ""
    cells: int = 0
    bytes: int = 0
    seconds: float = 0.0
    reason: str = ""
    others: tuple[tuple[str, float], ...] = ()

    def __str__(self) -> str:
        return (
            f"method   {self.method} ({self.kind})\n"
            f"cells    {self.cells:,}\n"
            f"bytes    {human_bytes(self.bytes)}\n"
            f"time     {human_seconds(self.seconds)} predicted\n"
            f"reason   {self.reason}"
            + "".join(f"\nor       {method}: {human_seconds(seconds)} predicted" for method, seconds in self.others)
        )


@dataclass(frozen=True, slots=True)
class Origin:
    """How a law came to be where nothing was predicted: given as it stands, a family, a closed form, kept as terms.

    Attributes:
        method: what it is, in a word.
        reason: in a sentence, or empty.
    """

    method: str
    reason: str = ""

    def __str__(self) -> str:
        return f"{self.method}: {self.reason}" if self.reason else self.method


#: What is known of how a law was made.
How = Plan | Origin


def human_bytes(count: float) -> str:
    """A number of bytes in words: ``3.2 MiB``."""
    if count > MOST_SHOWN:
        return f"over 10**{int(math.log10(count))} bytes"
    for unit in ("bytes", "KiB", "MiB", "GiB", "TiB"):
        if count < 1024 or unit == "TiB":
            return f"{count:,.0f} {unit}" if unit == "bytes" or count >= 100 else f"{count:.1f} {unit}"
        count /= 1024
    raise AssertionError


def human_count(count: int) -> str:
    """A number of things in words: ``12,345``."""
    return f"{count:,}" if count < MOST_SHOWN else f"over 10**{int(math.log10(count))}"


def human_seconds(seconds: float) -> str:
    """A time in words: ``12 ms``."""
    for limit, factor, unit in ((1e-3, 1e6, "us"), (1.0, 1e3, "ms"), (600.0, 1.0, "s")):
        if seconds < limit:
            return f"{seconds * factor:.3g} {unit}"
    return f"{seconds / 60:,.0f} min"


def after(last: How, story: str) -> How:
    """The plan of a computation of many steps, told by its story and its last step."""
    return replace(last, reason=f"{story}; the last: {last.reason}")
