"""What a test of a law is worth: whether it was proved, or on how many cases it was checked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

#: What a law was tried on: outcomes of a monoid, laws of random numbers, values of your own.
On = Literal["outcomes", "laws", "values"]


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known of one law of algebra once it was tried and did not fail.

    Attributes:
        law: its name, ``"associative"``.
        on: what it was tried on: ``"outcomes"`` of an operation, ``"laws"`` of random numbers, or ``"values"`` of a
            class of your own.
        proved: whether that settles it: all elements of a finite monoid, or letters, by algebra.
        cases: on how many cases it was tried; 0 where it could not be asked.
        how: what makes it a proof, or why it was not asked.
    """

    law: str
    on: On
    proved: bool
    cases: int
    how: str = ""

    def __str__(self) -> str:
        if not self.cases:
            return f"{self.law} on {self.on}: not asked, {self.how}"
        number = f"{self.cases} case{'' if self.cases == 1 else 's'}"
        if self.proved:
            return f"{self.law} on {self.on}: proved, {self.how}"
        return f"{self.law} on {self.on}: checked on {number}{f', {self.how}' if self.how else ''}"


@dataclass(frozen=True, slots=True, repr=False)
class Report:
    """What was proved and what was checked of an operation, law by law; printed, a line each.

    Attributes:
        operation: its name.
        evidence: what is known of each law, in the order of the table of laws.
    """

    operation: str
    evidence: tuple[Evidence, ...]

    @property
    def proved(self) -> tuple[str, ...]:
        """The names of the laws of which all that was tried is proved."""
        names = dict.fromkeys(e.law for e in self.evidence)
        return tuple(name for name in names if all(e.proved for e in self.evidence if e.law == name))

    def __str__(self) -> str:
        return "\n".join([f"{self.operation}:", *(f"  {e}" for e in self.evidence)])

    def __repr__(self) -> str:
        return str(self)


def joined(parts: list[Evidence]) -> Evidence:
    """The evidence of one law from several tries: the proof that all of them were, or their cases added."""
    first = parts[0]
    asked = [part for part in parts if part.cases]
    if not asked:
        return first
    if len(asked) == 1 or all(part.proved and part.on == "outcomes" for part in asked):
        return asked[0]
    letters = "each for all values of its letters" if all(part.proved for part in asked) else ""
    return Evidence(first.law, first.on, False, sum(part.cases for part in asked), letters)
