"""`Reader`: expressions as quotients of polynomials, put together in FLINT part by part, over generators that it finds.

Generators are what is no sum, product or whole power: letters, functions of them, powers with letters in the exponent.
A sum in an exponent comes apart, p**(n + 2) is p**2 times the generator p**n; so do products in a base, where the
exponent is a whole number, and a base has one sign: (p - 1)**n is (-1)**n (1 - p)**n; factorial(n + 2) is factorial(n)
times a polynomial. What is equal by these rules is one quotient. sympy and FLINT are imported on first use.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeAlias

from distconv.errors import DistconvTypeError
from distconv.numbers.letters import has_letters

if TYPE_CHECKING:
    import flint
    import sympy

#: How far the arguments of two factorials may be apart, and the lower index of a binomial coefficient, for their
#: quotient to be multiplied out: the polynomials of more are longer than what they are in place of.
MOST_STEPS = 12
#: What an expression is made by, and of what: read before it is known which generators there are.
Part: TypeAlias = tuple[Any, ...]
#: A numerator and a denominator.
Quotient: TypeAlias = "tuple[flint.fmpz_mpoly, flint.fmpz_mpoly]"


@dataclass(slots=True)
class Reader:
    """Reads expressions, and finds the generators in them.

    Attributes:
        orders: by what generators are powers of, (base, exponent), the order of the root of which all are powers.
        known: the parts of what was read.
    """

    orders: dict[tuple[sympy.Expr, sympy.Expr], int] = field(default_factory=dict)
    known: dict[sympy.Expr, Part] = field(default_factory=dict)

    def read(self, e: sympy.Expr) -> Part:
        """An expression as parts."""
        found = self.known.get(e)
        if found is None:
            found = self.known[e] = self._parts(e)
        return found

    def _parts(self, e: sympy.Expr) -> Part:
        if e.is_Rational:
            return "number", int(e.p), int(e.q)
        if e.is_Add or e.is_Mul:
            return ("sum" if e.is_Add else "product"), [self.read(part) for part in e.args]
        # Of powers of long sums sympy would look for roots to say whether they are infinite.
        if e.is_Float or (e.is_Atom and e.is_infinite):
            raise DistconvTypeError(f"weights must be exact, got the coefficient {e}; write it as a fraction")
        base, exponent = e.as_base_exp()
        if exponent == 1:
            told = _without_shift(e)
            return self._generator(e, 1, 1, 1) if told is None else self.read(told)
        if exponent.is_Integer:
            return "power", self.read(base), int(exponent)
        if exponent.is_Rational:
            return self._generator(base, 1, int(exponent.p), int(exponent.q))
        return "product", [part for term in terms_in(exponent) for part in self._powers(base, exponent, term)]

    def _powers(self, base: sympy.Expr, exponent: sympy.Expr, term: sympy.Expr) -> list[Part]:
        """base**term, of a term of an exponent with letters."""
        share, rest = term.as_coeff_Mul(rational=True)
        if rest == 1:
            power = base**share
            return [self.read(power) if power.is_Rational or has_letters(power) else self._generator(power, 1, 1, 1)]
        if rest.could_extract_minus_sign():
            share, rest = -share, -rest
        bases = factors_of(base) if exponent.is_integer or (base.is_Rational and base > 0) else ((base, 1),)
        return [self._generator(inner, rest, int(share.p) * times, int(share.q)) for inner, times in bases]

    def _generator(self, base: sympy.Expr, rest: sympy.Expr | int, times: int, order: int) -> Part:
        """base**(rest times / order)."""
        common = math.gcd(times, order)
        key = base, rest
        self.orders[key] = math.lcm(self.orders.get(key, 1), order // common)
        return "generator", key, times // common, order // common

    def generators(self) -> dict[tuple[sympy.Expr, Any], sympy.Expr]:
        """The generators, by what they are powers of."""
        import sympy

        return {
            (base, rest): base if rest == order == 1 else base ** (sympy.Rational(1, order) * rest)
            for (base, rest), order in self.orders.items()
        }

    def quotient(
        self, part: Part, names: dict[Any, Any], ring: flint.fmpz_mpoly_ctx, known: dict[int, Quotient]
    ) -> Quotient:
        """What was read as a quotient without a common factor; `names` are the variables, `known` what was found.

        Raises:
            ZeroDivisionError: it divides by 0.
        """
        found = known.get(id(part))
        if found is None:
            found = known[id(part)] = self._quotient(part, names, ring, known)
        return found

    def _quotient(
        self, part: Part, names: dict[Any, Any], ring: flint.fmpz_mpoly_ctx, known: dict[int, Quotient]
    ) -> Quotient:
        by, what, *more = part
        one = ring.constant(1)
        if by == "number":
            return ring.constant(what), ring.constant(more[0])
        if by == "generator":
            times = more[0] * self.orders[what] // more[1]
            power = names[what] ** abs(times)
            return (power, one) if times >= 0 else (one, power)
        if by == "power":
            top, bottom = self.quotient(what, names, ring, known)
            if more[0] < 0 and not top:
                raise ZeroDivisionError
            times = abs(more[0])
            return (top**times, bottom**times) if more[0] >= 0 else (bottom**times, top**times)
        quotients = [self.quotient(inner, names, ring, known) for inner in what]
        if by == "product":
            return _cancelled(
                math.prod((t for t, _ in quotients), start=one), math.prod((b for _, b in quotients), start=one)
            )
        common = one
        for _, bottom in quotients:
            common = common * (bottom // common.gcd(bottom))
        return _cancelled(sum((t * (common // b) for t, b in quotients), start=ring.constant(0)), common)


def _cancelled(top: flint.fmpz_mpoly, bottom: flint.fmpz_mpoly) -> Quotient:
    """The same quotient without a common factor."""
    if bottom.is_one():
        return top, bottom
    common = top.gcd(bottom)
    return (top, bottom) if common.is_one() else (top // common, bottom // common)


def terms_in(exponent: sympy.Expr) -> tuple[sympy.Expr, ...]:
    """The terms of an exponent."""
    import sympy

    found: tuple[sympy.Expr, ...] = sympy.Add.make_args(sympy.expand(exponent))
    return found


@lru_cache(maxsize=1024)
def factors_of(base: sympy.Expr) -> tuple[tuple[sympy.Expr, int], ...]:
    """A base as factors with their powers, of one sign each: 1 - p and not p - 1; numbers as primes."""
    import sympy

    if base.has(sympy.Float) or not base.is_rational_function():
        return ((base, 1),)
    top, bottom = sympy.fraction(sympy.together(base))
    found: dict[sympy.Expr, int] = {}
    for part, sign in ((top, 1), (bottom, -1)):
        content, factors = sympy.factor_list(part)
        if not content.is_Rational:
            return ((base, 1),)
        for prime, times in sympy.factorrat(content).items():
            found[sympy.Integer(prime)] = found.get(sympy.Integer(prime), 0) + sign * int(times)
        for factor, times in factors:
            turned = is_turned(factor)
            if turned:
                found[sympy.Integer(-1)] = found.get(sympy.Integer(-1), 0) + int(times)
            inner = -factor if turned else factor
            found[inner] = found.get(inner, 0) + sign * int(times)
    minus = found.pop(sympy.Integer(-1), 0) % 2
    return (*((sympy.Integer(-1), 1),) * minus, *((inner, times) for inner, times in found.items() if times))


def is_turned(factor: sympy.Expr) -> bool:
    """Whether a factor is written with its sign turned: p - 1, and not 1 - p."""
    constant = factor.as_coeff_Add()[0]
    return bool(constant < 0 or (constant == 0 and factor.could_extract_minus_sign()))


def _without_shift(e: sympy.Expr) -> sympy.Expr | None:
    """A factorial without the number in its argument, a short binomial coefficient as a polynomial; None of others."""
    import sympy

    if e.func is sympy.binomial and e.args[1].is_Integer and 0 < e.args[1] <= MOST_STEPS:
        return sympy.expand_func(e)
    if e.func not in (sympy.factorial, sympy.gamma):
        return None
    shift, rest = sympy.expand(e.args[0]).as_coeff_Add()
    if not shift.is_Integer or shift == 0 or abs(shift) > MOST_STEPS or not has_letters(rest):
        return None
    first = rest + (1 if e.func is sympy.factorial else 0)
    if shift > 0:
        return e.func(rest) * sympy.Mul(*(first + i for i in range(int(shift))))
    return e.func(rest) / sympy.Mul(*(first - i for i in range(1, 1 - int(shift))))
