"""Sums of random variables as people write them: ``3d6 + 2``, ``2@d6 - d4``, ``Poisson(10) @ d6``. No ``eval``.

    sum     = product (("+" | "-") product)*
    product = signed (("*" | "@" | "/" | "//") signed)*
    signed  = ("+" | "-")* atom
    atom    = number | dice | family "(" sum ("," sum)* ")" | of "(" sum ("," sum)* ")" | "(" sum ")"
    of      = "max" | "min" | "adv" | "dis"
    dice    = [whole] "d" (whole | "%" | "F") ["!"] [keep [whole] | (">=" | ">" | "<=" | "<" | "=") whole]
    keep    = "k" | "kh" | "kl" | "dl" | "dh"
    number  = digits ["." digits] ["e" [sign] digits] ["/" digits]

``k`` and ``kh`` keep the highest, ``kl`` the lowest, ``dl`` and ``dh`` drop them; ``5d10>=8`` counts the dice that
show 8 or more; a die with ``!`` is rolled again, and added, as long as it shows its highest side; ``dF`` shows -1, 0 or
1; ``adv`` and ``dis`` are the better and the worse of two; ``/`` divides exactly, ``//`` rounds down.

Precedence is Python's, so that a line without dice means the same in the library: ``*`` scales, ``@`` sums copies.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from contextlib import AbstractContextManager
from fractions import Fraction
from functools import partial
from typing import NoReturn, TypeAlias, TypeVar

from distconv.distribution import Distribution
from distconv.errors import DistconvError
from distconv.families.binomial import Binomial
from distconv.families.die import Die
from distconv.families.point import Point
from distconv.families.uniform import Uniform
from distconv.laws import registry
from distconv.pools import explode
from distconv.ranking import highest, lowest, maximum, minimum
from distconv.settings import Settings, settings
from distconv.words import NotationError, Token, tokens

#: Longest text, in characters, and deepest nesting of brackets and signs that is read.
LONGEST, DEEPEST = 2000, 40
#: Largest number of sides and of copies, and a fourth of the outcomes that copies may reach.
LARGEST = 10**6
#: Most dice of which some are kept.
MOST_KEPT_FROM = 1000
#: Largest parameter of a family, and most random numbers of terms (``N @ X``) in a text.
LARGEST_PARAMETER, MOST_RANDOM_COUNTS = 10**5, 2
#: How many times longer the sums of a random number of dice take than those of a fixed one.
MIXED = 40
#: How many times shorter than its mean the window of a sum of infinitely many numbers of terms is at least, about.
WINDOWED = 16
#: Most digits of a number, and largest power of ten behind an "e": a step of 1e-12 is fine, 1e-999999 is a typo.
MOST_DIGITS, LARGEST_POWER = 18, 18
#: Most bits of all factors together, some thousand digits: outcomes are printed, and Python prints no more than 4300.
MOST_FACTOR_BITS = 3_300
#: Limits while a text is computed: what these allow takes about a second (`distconv.settings`).
EXACT_LIMIT, MAX_BYTES = 10**8, 2**29

#: What a part of a text means.
Term: TypeAlias = Distribution | Fraction | int

#: What dice begin with, and what may stand behind them: which are kept, and whether the number tells those dropped.
DICE = ("d", "df")
KEEPS: dict[str, tuple[Callable[[Distribution, int, int], Distribution], bool]] = {
    "k": (highest, False),
    "kh": (highest, False),
    "kl": (lowest, False),
    "dl": (highest, True),
    "dh": (lowest, True),
}
#: Functions of laws.
BEST = {"max": maximum, "adv": maximum, "min": minimum, "dis": minimum}
#: How many times as far as its sides a die reaches that is rolled again, about.
EXPLODED = 20

#: The families by their names in small letters, as they may be written.
NAMES = {name.lower(): name for name in registry.FAMILIES}

Result = TypeVar("Result")


def read(text: str) -> Distribution:
    """The law that a text describes.

    Sizes are bounded (`LARGEST`, `MAX_BYTES`): what would take long is refused.

    Raises:
        NotationError: the text does not follow the grammar, or asks for what has no law; it points at the character.

    >>> from distconv.notation import read
    >>> read("3d6 + 2").mean()
    Fraction(25, 2)
    >>> read("4d6kh3").pmf(18)
    Fraction(7, 432)
    """
    if len(text) > LONGEST:
        raise NotationError(f"the text has {len(text):,} characters, at most {LONGEST:,} are read", text, LONGEST)
    with limits():
        value = _Reader(text).everything()
    return value if isinstance(value, Distribution) else Point(value)


def limits() -> AbstractContextManager[Settings]:
    """The settings under which a text, and what is asked of its law, is computed."""
    return settings(exact_limit=EXACT_LIMIT, max_bytes=MAX_BYTES)


class _Reader:
    """Reads a text from left to right and computes as it goes."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = list(tokens(text))
        self.next = 0
        self.depth = 0
        self.random_counts = 0
        self.factor_bits = 0

    # Words --------------------------------------------------------------------------------------------------------

    @property
    def here(self) -> Token:
        """The next word."""
        return self.tokens[self.next]

    def take(self) -> Token:
        """The next word, which is then behind."""
        token = self.here
        self.next += token.kind != "end"
        return token

    def fail(self, reason: str, at: int | None = None) -> NoReturn:
        """Refuses, pointing at a place; at the next word where none is given."""
        raise NotationError(reason, self.text, self.here.at if at is None else at)

    def expect(self, mark: str, why: str) -> None:
        """Takes a mark."""
        if self.here.text != mark:
            self.fail(f"expected {mark!r} {why}, found {self.shown()}")
        self.take()

    def shown(self) -> str:
        """The next word as messages name it."""
        return "the end" if self.here.kind == "end" else repr(self.here.text)

    def compute(self, at: int, work: Callable[[], Result]) -> Result:
        """A result of the library; what it refuses is refused here, with the place."""
        try:
            return work()
        except NotationError:
            raise
        except DistconvError as refused:
            raise NotationError(str(refused), self.text, at) from refused

    # Grammar ------------------------------------------------------------------------------------------------------

    def everything(self) -> Term:
        """The whole text."""
        if self.here.kind == "end":
            self.fail("nothing to add up; write for example 3d6 + 2")
        value = self.sum()
        if self.here.kind != "end":
            self.fail(self.unexpected())
        return value

    def unexpected(self) -> str:
        """What to say of a word that cannot follow."""
        if self.here.text in ("<", ">", "="):
            return f"{self.here.text!r} counts the dice that compare, and stands behind them: 5d10>=8"
        if self.here.text in ("x", "X", "×"):
            return f"{self.here.text!r} is not read; copies are summed by @, as in 3 @ d6, and outcomes scaled by *"
        return f"expected +, -, *, /, @ or the end, found {self.shown()}"

    def sum(self) -> Term:
        """Terms with + and - between them."""
        value = self.product()
        while self.here.text in ("+", "-"):
            mark = self.take()
            other = self.product()
            work = operator.add if mark.text == "+" else operator.sub
            value = self.compute(mark.at, partial(work, value, other))
        return value

    def product(self) -> Term:
        """Factors with *, @, / and // between them."""
        value = self.signed()
        while self.here.text in ("*", "@", "/"):
            mark = self.take()
            is_floored = mark.text == "/" == self.here.text
            if is_floored:
                self.take()
            other = self.signed()
            work = partial(self.combined if mark.text != "/" else self.divided, value, mark, other)
            value = self.compute(mark.at, work)
            if is_floored:
                value = self.compute(mark.at, partial(operator.floordiv, value, 1))
        return value

    def divided(self, left: Term, mark: Token, right: Term) -> Term:
        """left / right, exactly."""
        if isinstance(right, Distribution) or not right:
            self.fail("a law is divided by a number other than 0, as in 3d6/2", mark.at)
        return self.combined(left, Token("mark", "*", mark.at), 1 / Fraction(right))

    def combined(self, left: Term, mark: Token, right: Term) -> Term:
        """left * right or left @ right."""
        if mark.text == "*":
            numbers = [factor for factor in (left, right) if not isinstance(factor, Distribution)]
            bits = sum(v.numerator.bit_length() + v.denominator.bit_length() for v in numbers)
            if len(numbers) == 1:
                # A law keeps the factors that it has been given.
                bits = self.factor_bits = self.factor_bits + bits
            if bits > MOST_FACTOR_BITS:
                self.fail(f"factors of {bits:,} bits in all; at most {MOST_FACTOR_BITS:,} are multiplied", mark.at)
            found: Term = operator.mul(left, right)
            return found
        if not isinstance(right, Distribution):
            self.fail("@ sums copies of a law, as in 3 @ d6; to multiply numbers write *", mark.at)
        # How far one term reaches: an infinite one as far as its mean, about.
        reach = len(right.support) if right.is_finite else int(abs(right.mean())) + 1
        if not isinstance(left, Distribution):
            left = self.whole(left, "the number of copies", mark.at)
            self.bounded(left * reach, mark.at)
            return left @ right
        self.random_counts += 1
        if self.random_counts > MOST_RANDOM_COUNTS:
            self.fail(f"more than {MOST_RANDOM_COUNTS} random numbers of terms", mark.at)
        if left.is_finite:
            # Sums of every number of terms are mixed: as many outcomes as the longest of them has, again and again.
            self.bounded(max(int(left.law.measure.box.high[0]), 0) * reach * MIXED, mark.at)
        else:
            # The window of a sum without end is narrower than its mean is large.
            self.bounded(int(abs(left.mean())) * reach // WINDOWED, mark.at)
        return left @ right

    def signed(self) -> Term:
        """An atom with signs before it."""
        self.depth += 1
        if self.depth > DEEPEST:
            self.fail(f"more than {DEEPEST} brackets and signs within each other")
        if self.here.text in ("+", "-"):
            mark = self.take()
            value = self.signed()
            value = -value if mark.text == "-" else value
        else:
            value = self.atom()
        self.depth -= 1
        return value

    def atom(self) -> Term:
        """A number, dice, a family, or brackets."""
        token = self.here
        if token.kind == "number":
            self.take()
            return self.dice(token) if self.here.text.lower() in DICE else self.number(token)
        if token.text.lower() in DICE:
            return self.dice(None)
        if token.text.lower() in BEST:
            return self.best(self.take())
        if token.kind == "name":
            return self.family(self.take())
        if token.text == "(":
            self.take()
            value = self.sum()
            self.expect(")", "to close the bracket")
            return value
        return self.fail(f"expected a number, dice, a family or '(', found {self.shown()}")

    def number(self, token: Token) -> Fraction | int:
        """The number of a word, and of a denominator behind it."""
        value = self.decimal(token)
        if self.here.text == "/":
            self.take()
            below = self.take()
            if below.kind != "number" or not self.decimal(below):
                self.fail("expected a number other than 0 below the fraction bar", below.at)
            value /= self.decimal(below)
        return value.numerator if value.denominator == 1 else value

    def decimal(self, token: Token) -> Fraction:
        """The exact value of digits."""
        digits, _, power = token.text.lower().partition("e")
        if len(digits) > MOST_DIGITS:
            self.fail(f"a number of {len(digits)} digits; at most {MOST_DIGITS} are read", token.at)
        if power and (len(power) > 4 or abs(int(power)) > LARGEST_POWER):
            self.fail(f"powers of ten go to e{LARGEST_POWER}, found e{power[:12]}", token.at)
        return Fraction(token.text)

    def whole(self, value: Fraction | int, what: str, at: int, least: int = 0) -> int:
        """A whole number within the limits."""
        if value != int(value) or not least <= value <= LARGEST:
            self.fail(f"{what} must be a whole number from {least} to {LARGEST:,}, got {value}", at)
        return int(value)

    def dice(self, count: Token | None) -> Distribution:
        """n dice, all of them, some of the highest or lowest, or how many compare with a number."""
        start = self.here.at if count is None else count.at
        copies = 1 if count is None else self.whole(self.decimal(count), "the number of dice", start)
        die, sides = self.die(self.take())
        follows = self.here.text.lower()
        if follows in KEEPS:
            return self.keep(self.take(), die, copies, sides, start)
        if follows in ("<", ">", "="):
            return self.successes(die, copies, start)
        self.bounded(copies * sides, start)
        return self.compute(start, lambda: copies @ die)

    def die(self, mark: Token) -> tuple[Distribution, int]:
        """One die and the number of its sides."""
        if mark.text.lower() == "df":
            return Uniform(-1, 1), 3
        token = self.take()
        if token.kind != "number" and token.text != "%":
            self.fail("expected the number of sides after d, as in d6, d% or dF", token.at)
        sides = 100 if token.text == "%" else self.whole(self.decimal(token), "the number of sides", token.at, 1)
        if self.here.text != "!":
            return Die(sides), sides
        if sides == 1:
            self.fail("a die of one side would be rolled for ever")
        self.take()
        return self.compute(token.at, lambda: explode(Die(sides))), EXPLODED * sides

    def keep(self, mark: Token, die: Distribution, copies: int, sides: int, start: int) -> Distribution:
        """The sum of the highest or the lowest of some dice; what is dropped is what is not kept."""
        given = self.take() if self.here.kind == "number" else Token("number", "1", mark.at)
        number = self.whole(self.decimal(given), "the number kept or dropped", given.at)
        best, is_dropped = KEEPS[mark.text.lower()]
        if is_dropped:
            if number > copies:
                self.fail(f"{number} of {copies} dice cannot be dropped", given.at)
            number = copies - number
        # The value of the lowest one kept is tried in turn: one sum for each side.
        if copies > MOST_KEPT_FROM:
            self.fail(f"the best of at most {MOST_KEPT_FROM:,} dice, got {copies:,}", start)
        if not die.is_finite:
            self.fail("the best of dice that are rolled again has no end; keep all of them", mark.at)
        self.bounded(copies * max(number, 1) * sides * sides, start)
        return self.compute(mark.at, lambda: best(die, copies, number))

    def successes(self, die: Distribution, copies: int, start: int) -> Distribution:
        """How many of some dice compare with a number as they should."""
        mark = self.take()
        is_equal = self.here.text == "="
        if is_equal:
            self.take()
        sign = "-" if self.here.text == "-" else ""
        if sign:
            self.take()
        if not self.here.text[:1].isdecimal():
            self.fail("expected the number that dice are compared with, as in 5d10>=8")
        edge = self.decimal(self.take()) * (-1 if sign else 1)
        ask = {">": die.at_least if is_equal else die.sf, "<": die.at_most, "=": die.pmf}[mark.text]
        chance = self.compute(start, lambda: ask(edge))
        if mark.text == "<" and not is_equal:
            chance -= die.pmf(edge)
        self.bounded(copies, start)
        return self.compute(start, lambda: Binomial(copies, chance))

    def best(self, name: Token) -> Distribution:
        """The largest or the smallest of laws in brackets; of one law, that of two draws."""
        word = name.text.lower()
        self.expect("(", f"after {name.text}, as in {word}(d20)" if word in ("adv", "dis") else f"after {name.text}")
        laws = [self.law_of(self.sum())]
        while self.here.text == ",":
            self.take()
            laws.append(self.law_of(self.sum()))
        self.expect(")", f"to close {name.text}")
        if word in ("adv", "dis"):
            if len(laws) != 1:
                self.fail(f"{word} takes one law, as in {word}(d20)", name.at)
            laws *= 2
        return self.compute(name.at, lambda: BEST[word](*laws))

    def law_of(self, value: Term) -> Distribution:
        """A law, of a number the point that it is."""
        return value if isinstance(value, Distribution) else Point(value)

    def bounded(self, outcomes: int, at: int) -> None:
        """Refuses sums with too many outcomes."""
        if outcomes > 4 * LARGEST:
            self.fail(f"a sum with some {outcomes:,} outcomes to go through; at most {4 * LARGEST:,}", at)

    def family(self, name: Token) -> Distribution:
        """A family with its parameters in brackets."""
        known = NAMES.get(name.text.lower().replace("_", ""))
        if known is None:
            self.fail(f"unknown name {name.text!r}; {_meant(name.text)}", name.at)
        usage = _usage(known)
        self.expect("(", f"after {name.text}, as in {usage}")
        values = []
        while True:
            at = self.here.at
            value = self.sum()
            if isinstance(value, Distribution) or not -LARGEST_PARAMETER <= value <= LARGEST_PARAMETER:
                self.fail(f"a parameter of {usage} is a number up to {LARGEST_PARAMETER:,}", at)
            values.append(value)
            if self.here.text != ",":
                break
            self.take()
        self.expect(")", f"after the parameters of {usage}")
        wanted = usage.count(",") + 1
        if "..." not in usage and len(values) != wanted:
            self.fail(f"{usage} takes {wanted} parameter{'s' * (wanted > 1)}, got {len(values)}", name.at)
        return self.compute(name.at, lambda: _made(known, values))


def _usage(name: str) -> str:
    """How a family is written: ``Binomial(n, p)``, ``Multinomial(n, p1, p2, ...)``."""
    *first, last = registry.family(name).parameters
    return f"{name}({', '.join([*first, 'p1, p2, ...' if last == 'ps' else last])})"


def _made(name: str, values: list[int | Fraction]) -> Distribution:
    """A family; a list of chances is written as so many parameters."""
    family = registry.family(name)
    single = len(family.parameters) - (family.parameters[-1] == "ps")
    parameters = [*values[:single], values[single:]] if single < len(family.parameters) else values
    return Distribution.of(family.law(*parameters))


def _meant(name: str) -> str:
    """What a misspelt name may have meant."""
    from difflib import get_close_matches

    close = get_close_matches(name.lower().replace("_", ""), NAMES, n=1)
    if close:
        return f"did you mean {_usage(NAMES[close[0]])}?"
    return f"there are dice (3d6) and {', '.join(NAMES.values())}"
