"""A row of the table, and the table."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Result:
    """One comparison.

    Attributes:
        work: what is computed.
        ours: median seconds of distconv.
        rival: with whom it is compared; empty where the target is a time.
        theirs: median seconds of the rival (a lower bound where `unfinished`); None without rival.
        limit: the target, largest ratio ours / theirs (seconds where there is no rival); None where there is none.
        source: where the target stands.
        unfinished: the rival was stopped at its deadline.
        note: what else was measured.
        holds: whether what else the target asks for holds, an accuracy for instance.
    """

    work: str
    ours: float
    rival: str = ""
    theirs: float | None = None
    limit: float | None = None
    source: str = ""
    unfinished: bool = False
    note: str = ""
    holds: bool = True

    @property
    def ratio(self) -> float | None:
        """ours / theirs."""
        return None if self.theirs is None else self.ours / self.theirs

    @property
    def met(self) -> bool | None:
        """Whether the target is met; None where there is none, or where the rival's deadline leaves it open."""
        if self.limit is None:
            return None
        fine = (self.ours if self.ratio is None else self.ratio) <= self.limit
        if fine or not self.unfinished:
            return fine and self.holds
        return None

    def cells(self) -> list[str]:
        """The row as strings."""
        below = "<" if self.unfinished else ""
        theirs = "" if self.theirs is None else (">" if self.unfinished else "") + shown_seconds(self.theirs)
        ratio = "" if self.ratio is None else below + shown_ratio(self.ratio)
        target = ""
        if self.limit is not None:
            target = "≤ " + (shown_seconds(self.limit) if self.theirs is None else shown_ratio(self.limit))
            target += f" ({self.source})" if self.source else ""
        met = {True: "yes", False: "**no**", None: ""}[self.met]
        return [self.work, shown_seconds(self.ours), self.rival, theirs, ratio, target, met, self.note]

    def record(self) -> dict[str, Any]:
        """The row as JSON."""
        return {**asdict(self), "ratio": self.ratio, "met": self.met}


HEAD = ["work", "distconv", "against", "theirs", "ours / theirs", "target", "met", "note"]


def table(results: Iterable[Result]) -> str:
    """The rows as a Markdown table, aligned."""
    return aligned(HEAD, [result.cells() for result in results], left=(0, 2, 5, 6, 7))


def aligned(head: list[str], rows: list[list[str]], left: tuple[int, ...] = (0,)) -> str:
    """A Markdown table whose columns line up in plain text, too."""
    widths = [max(len(row[i]) for row in [head, *rows]) for i in range(len(head))]

    def line(row: list[str]) -> str:
        cells = [
            cell.ljust(w) if i in left else cell.rjust(w) for i, (cell, w) in enumerate(zip(row, widths, strict=True))
        ]
        return "| " + " | ".join(cells) + " |"

    rule = "| " + " | ".join("-" * w if i in left else "-" * (w - 1) + ":" for i, w in enumerate(widths)) + " |"
    return "\n".join([line(head), rule, *(line(row) for row in rows)])


def shown_seconds(seconds: float) -> str:
    """A time with three digits and its unit."""
    for limit, factor, unit in ((1e-3, 1e6, "us"), (1.0, 1e3, "ms")):
        if seconds < limit:
            return f"{_three_digits(seconds * factor)} {unit}"
    return f"{_three_digits(seconds)} s"


def shown_ratio(ratio: float) -> str:
    """A ratio: two digits after the point from 0.1 on, else two digits."""
    return f"{ratio:.2f}" if ratio >= 0.1 else f"{ratio:.2g}"


def _three_digits(value: float) -> str:
    return f"{value:.0f}" if value >= 99.95 else f"{value:.1f}" if value >= 9.995 else f"{value:.2f}"
