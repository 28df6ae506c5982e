"""The words of a text in the notation of dice, and the error that points at one of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from distconv.errors import DistconvValueError

TOKEN = re.compile(
    r"\s*(?:(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+(?![A-Za-z_]))?)|(?P<name>[A-Za-z_]+)|(?P<mark>\S))"
)


class NotationError(DistconvValueError):
    """A text that cannot be read or computed; says what is wrong, and points at the character.

    Attributes:
        text: the whole text.
        position: the place of the character, from 0.
        reason: what is wrong, in one line.
    """

    def __init__(self, reason: str, text: str, position: int) -> None:
        self.reason, self.text, self.position = reason, text, position
        super().__init__(f"{reason}\n{self.pointer()}")

    def pointer(self) -> str:
        """Two lines: the text, or the part of it around the character, and a caret below the character."""
        start = max(0, self.position - 50)
        shown = self.text[start : start + 100]
        plain = "".join(c if c.isprintable() else " " for c in shown)
        return f"    {plain}\n    {' ' * (self.position - start)}^"


@dataclass(frozen=True, slots=True)
class Token:
    """A word of the text: its kind (number, name, mark, end), its characters, its place."""

    kind: str
    text: str
    at: int


def tokens(text: str) -> Iterator[Token]:
    """The words of a text, an end behind them."""
    position = 0
    while match := TOKEN.match(text, position):
        kind = match.lastgroup
        assert kind is not None
        yield Token(kind, match[kind], match.start(kind))
        position = match.end()
    yield Token("end", "", len(text.rstrip()))
