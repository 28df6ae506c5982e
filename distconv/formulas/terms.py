"""`Term`: a multiple of copies of one law by a formula; and terms put together where the sum has a name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import product
from typing import TYPE_CHECKING, Any

from distconv.formulas.atom import Atom
from distconv.formulas.series import power_coefficients
from distconv.weights.quotients import tidy

if TYPE_CHECKING:
    import sympy


@dataclass(frozen=True, slots=True)
class Term:
    """factor * (the sum of `copies` independent variables with a law)."""

    atom: Atom
    copies: Any
    factor: Any

    def at(self, place: sympy.Expr) -> sympy.Expr | None:
        """P(sum = place) of the copies, where that is known otherwise than by pieces; None of others."""
        return self.atom.at(place) if self.copies == 1 else self.atom.many_at(place, self.copies)

    def below(self, place: sympy.Expr) -> sympy.Expr | None:
        """P(sum <= place) of the copies, where that is known otherwise than by pieces; None of others."""
        if self.copies == 1:
            return self.atom.below(place)
        return self.atom.many_below(place, self.copies)

    def series(self, reach: sympy.Expr) -> dict[sympy.Expr, sympy.Expr] | None:
        """P(sum = lowest + x) for the x <= reach at which it may be positive; None where it is not known."""
        step = abs(self.factor)
        one = self.atom.from_end(0 if self.factor > 0 else 1, int(reach / step) + 1)
        if one is None:
            return None
        return {step * i: w for i, w in enumerate(power_coefficients(one, self.copies)) if w != 0}

    @property
    def is_plain(self) -> bool:
        """Whether it is one copy of the law itself."""
        return bool(self.copies == self.factor == 1)


def merged(terms: list[Term]) -> tuple[Term, ...]:
    """Terms of one law, or of families that add, put together."""
    import sympy

    result: list[Term] = []
    for term in terms:
        more = term.atom.times(term.copies) if term.copies != 1 else None
        if more is not None:
            term = Term(more, sympy.Integer(1), term.factor)
        for place, other in enumerate(result):
            joined = _joined(other, term)
            if joined is not None:
                result[place] = joined
                break
            if other.atom == term.atom and other.factor == term.factor:
                result[place] = Term(term.atom, other.copies + term.copies, term.factor)
                break
        else:
            result.append(term)
    return tuple(result)


def added_at(terms: tuple[Term, ...], above: sympy.Expr) -> sympy.Expr | None:
    """P(the sum of the terms = its lowest outcome + above), in factors where that is short; None if not known."""
    import sympy

    total = {sympy.Integer(0): sympy.Integer(1)}
    for term in terms:
        found = term.series(above)
        if found is None:
            return None
        added: dict[sympy.Expr, sympy.Expr] = {}
        for (x, v), (y, w) in product(total.items(), found.items()):
            if x + y <= above:
                added[x + y] = added.get(x + y, sympy.Integer(0)) + v * w
        total = added
    value = total.get(above, sympy.Integer(0))
    return tidy(value)


def _joined(x: Term, y: Term) -> Term | None:
    """The sum of two laws that has a name, or None."""
    if not x.copies == y.copies == 1 or x.factor not in (y.factor, -y.factor):
        return None
    both = x.atom.joined(y.atom, 1 if x.factor == y.factor else -1)
    return None if both is None else Term(both, x.copies, x.factor)


def common_factor(terms: Sequence[Term]) -> sympy.Expr:
    """What the factors of all terms are multiples of, so that sums of their outcomes are."""
    import sympy

    return reduce(sympy.gcd, (abs(term.factor) for term in terms))
