"""Walks to the next place, back, or not at all: p up, q down, r at rest. Their closed forms, with letters or numbers.

Sources: Feller, An Introduction to Probability Theory and Its Applications, volume I, third edition: ruin, XIV.2 and
XIV.3; first passages, XI.3 and XIV.4; returns, III.4 and XI.3. Moves at rest take time and nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from distconv.distribution import Distribution
from distconv.numbers.letters import expression_of, has_letters
from distconv.typing import Scalar

if TYPE_CHECKING:
    import sympy


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The chances of a step to a neighbouring place.

    Attributes:
        unit: how far away that is.
        up, rest, down: the chances of 1 unit, of 0 and of -1.
    """

    unit: Scalar
    up: sympy.Expr
    rest: sympy.Expr
    down: sympy.Expr

    @classmethod
    def of(cls, step: Distribution) -> Neighbours | None:
        """The chances of a step that is one to a neighbour; None of others."""
        if step.ndim > 1:
            return None
        chances: dict[Any, Any] = dict(step)
        sizes = {abs(x) for x in chances if x}
        if len(sizes) != 1:
            return None
        (unit,) = sizes
        return cls(unit, *(expression_of(chances.get(x, 0)) for x in (unit, 0, -unit)))

    @property
    def drift(self) -> sympy.Expr:
        """The mean of a step, in units: p - q."""
        import sympy

        return sympy.expand(self.up - self.down)

    def ruin(self, low: sympy.Expr, high: sympy.Expr) -> sympy.Expr:
        """P(the walk comes to -a before b), in units: (u**a - u**(a + b)) / (1 - u**(a + b)), u = q/p."""
        odds = self.down / self.up
        return self._cases(high / (low + high), (odds**low - odds ** (low + high)) / (1 - odds ** (low + high)))

    def duration(self, low: sympy.Expr, high: sympy.Expr) -> sympy.Expr:
        """The expected number of steps until the walk is at -low or high: by Wald's equation, E S_T / (p - q)."""
        odds = self.down / self.up
        won = (1 - odds**low) / (1 - odds ** (low + high))
        fair = low * high / (self.up + self.down)
        return self._cases(fair, ((low + high) * won - low) / (self.up - self.down))

    def _cases(self, fair: sympy.Expr, general: sympy.Expr) -> sympy.Expr:
        """What holds where both ways are as likely, and where they are not."""
        import sympy

        return sympy.Piecewise((fair, is_zero(self.drift)), (general, True))

    def arrival(self, level: sympy.Expr) -> sympy.Expr:
        """P(the walk ever comes to a level > 0): 1, or (p/q)**level where it drifts away."""
        import sympy

        if self.down == 0:
            return sympy.Integer(1)
        stays = simplified(sympy.Ge(self.drift, 0))
        return sympy.Piecewise((sympy.Integer(1), stays), ((self.up / self.down) ** level, True))

    def passage(self, z: sympy.Expr, level: sympy.Expr) -> sympy.Expr:
        """E z**T of the time T of the first passage to a level > 0: ((1 - r z - root) / (2 q z))**level."""
        if self.down == 0:
            return (self.up * z / (1 - self.rest * z)) ** level
        return ((1 - self.rest * z - self._root(z)) / (2 * self.down * z)) ** level

    def homecoming(self, z: sympy.Expr) -> sympy.Expr:
        """E z**T of the time T of the first return to the start: 1 - root."""
        return 1 - self._root(z)

    def _root(self, z: sympy.Expr) -> sympy.Expr:
        """The square root of (1 - r z)**2 - 4 p q z**2."""
        import sympy

        return sympy.sqrt((1 - self.rest * z) ** 2 - 4 * self.up * self.down * z**2)

    def passage_at(self, n: sympy.Expr, level: sympy.Expr) -> sympy.Expr:
        """P(T = n) of the same for steps that never rest: k/n C(n, (n + k)/2) p**((n + k)/2) q**((n - k)/2)."""
        import sympy

        ups, downs = (n + level) / 2, (n - level) / 2
        value = level / n * sympy.binomial(n, ups) * self.up**ups * self.down**downs
        return where(value, whole=downs, at_least=(n - level, 0))

    def return_at(self, n: sympy.Expr) -> sympy.Expr:
        """P(T = n) of the first return for steps that never rest: C(2m, m) (p q)**m / (2m - 1), n = 2m."""
        import sympy

        half = n / 2
        value = sympy.binomial(n, half) * (self.up * self.down) ** half / (n - 1)
        return where(value, whole=half, at_least=(n, 2))


def is_zero(value: sympy.Expr) -> sympy.Basic:
    """The condition that an expression is 0."""
    import sympy

    return simplified(sympy.Eq(value, 0))


def simplified(condition: sympy.Basic) -> sympy.Basic:
    """A condition on one letter solved for it."""
    return condition.simplify() if has_letters(condition) else condition


def where(value: sympy.Expr, *, whole: sympy.Expr, at_least: tuple[sympy.Expr, int]) -> sympy.Expr:
    """A value where an expression is a whole number and another at least so large; 0 elsewhere."""
    import sympy

    number, least = at_least
    needed = [sympy.Eq(sympy.Mod(2 * whole, 2), 0)]
    if not (number - least).is_nonnegative:
        needed.append(sympy.Ge(number, least))
    return sympy.Piecewise((value, sympy.And(*needed)), (sympy.Integer(0), True))
