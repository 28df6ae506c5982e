"""Constants in expressions: exact numbers that are no fractions, written over generators without known relations.

sqrt(2)/2 and the golden ratio lie in one number field (`numbers.algebraic`); exp(-3) and exp(-6) are powers of one
number, log(4) is twice log(2), 1/pi a power of pi. What is left beside each other is independent, or not known to be
dependent. sympy is imported on first use.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from math import gcd, lcm
from typing import TYPE_CHECKING, Any

from distconv.errors import DistconvTypeError
from distconv.numbers.algebraic import NumberField, common_field
from distconv.numbers.letters import expression_of, has_letters

if TYPE_CHECKING:
    import sympy


@dataclass(frozen=True, slots=True)
class Constants:
    """What letters in rewritten expressions stand for.

    Attributes:
        meanings: the constant of each letter.
        algebraic: the letter of the generator of the number field; None where there is none.
        field: the number field.
    """

    meanings: dict[sympy.Symbol, sympy.Expr]
    algebraic: sympy.Symbol | None = None
    field: NumberField | None = None


def without_constants(expressions: list[sympy.Expr]) -> tuple[list[sympy.Expr], Constants]:
    """The expressions with letters for their constants, and what these are.

    Raises:
        DistconvTypeError: a floating number, or one that is not real.
    """
    import sympy

    leaves = _leaves(expressions)
    if sympy.I in leaves:
        # Multiplied out, what is real has no imaginary unit left.
        expressions = [sympy.expand(e) if e.has(sympy.I) else e for e in expressions]
        leaves = _leaves(expressions)
    if not leaves:
        return expressions, Constants({})
    atoms = _Atoms()
    swap = {leaf: atoms.read(leaf) for leaf in sorted(leaves, key=str)}
    swap, meanings = _without_powers(swap, atoms)
    swap, found = _in_one_field(swap, atoms, meanings)
    return [_replaced(e, swap) for e in expressions], found


def _leaves(expressions: Iterable[Any]) -> set[Any]:
    """The constants that expressions are rational functions of."""
    leaves: set[Any] = set()
    for e in expressions:
        _collect(e, leaves)
    return leaves


def _collect(e: Any, leaves: set[Any]) -> None:
    """Adds the constants that an expression is a rational function of."""
    if e.is_Rational or e.is_Symbol:
        return
    if e.is_Add or e.is_Mul:
        for part in e.args:
            _collect(part, leaves)
    elif e.is_Pow and e.exp.is_Integer and (e.base.is_Add or e.base.is_Symbol or has_letters(e)):
        _collect(e.base, leaves)
    elif not has_letters(e):
        leaves.add(e)


def _replaced(e: Any, swap: dict[Any, Any]) -> Any:
    """The expression with other ones for its constants; those inside functions of letters stay."""
    if e in swap:
        return swap[e]
    if e.is_Add or e.is_Mul:
        return e.func(*(_replaced(part, swap) for part in e.args))
    if e.is_Pow and e.exp.is_Integer:
        return _replaced(e.base, swap) ** e.exp
    return e


@dataclass(frozen=True, slots=True)
class _Atoms:
    """Letters for the numbers that constants are made of.

    Attributes:
        powers: letters of numbers that occur in rational powers, by the number.
        primes: letters of primes of which roots are taken.
        orders: of which order these are: one of which all are powers.
        algebraic: letters of other algebraic numbers.
    """

    powers: dict[Any, Any] = field(default_factory=dict)
    primes: dict[int, Any] = field(default_factory=dict)
    orders: dict[int, int] = field(default_factory=dict)
    algebraic: dict[Any, Any] = field(default_factory=dict)

    def read(self, e: sympy.Expr) -> sympy.Expr:
        """A constant as an expression in such letters."""
        import sympy

        if e.is_Rational:
            return e
        if e.is_Add or e.is_Mul:
            return e.func(*map(self.read, e.args))
        if e.is_Pow and e.exp.is_Integer:
            return self.read(e.base) ** e.exp
        if e.is_Float:
            raise DistconvTypeError(f"weights must be exact, got the number {e}; write it as a fraction")
        if e.is_real is False or e.is_finite is False:
            raise DistconvTypeError(f"weights must be real numbers, got {e}")
        opened = sympy.expand_func(e)
        if opened == e and e.has(sympy.functions.elementary.hyperbolic.HyperbolicFunction):
            opened = e.rewrite(sympy.exp)
        if opened != e:
            return self.read(opened)
        if e.is_Pow and e.base.is_Rational and e.exp.is_Rational:
            return self._root(e.base, e.exp)
        if e.is_algebraic:
            if e.is_Pow:
                # The numbers under a root are in its field, and are written as what they are.
                inner, whole = self.read(e.base), sympy.floor(e.exp) if e.exp.is_Rational else 0
                return _letter(self.algebraic, e.base ** (e.exp - whole)) * inner**whole
            return _letter(self.algebraic, e)
        if e.is_Pow or type(e) is sympy.exp:
            return self._power(*e.as_base_exp())
        return self._logarithm(e) if type(e) is sympy.log else _letter(self.powers, e)

    def _root(self, base: Any, exponent: Any) -> Any:
        """A rational power of a positive fraction, by those of its primes."""
        import sympy

        result = sympy.Integer(1)
        for prime, times in sympy.factorrat(base).items():
            power = times * exponent
            result *= sympy.Integer(prime) ** sympy.floor(power)
            if not power.is_Integer:
                self.orders[prime] = lcm(self.orders.get(prime, 1), int(power.q))
                result *= _letter(self.primes, prime) ** (power - sympy.floor(power))
        return result

    def _power(self, base: Any, exponent: Any) -> Any:
        """base**exponent as a product over the terms of the exponent, each a rational multiple of a number."""
        import sympy

        if exponent.is_Rational:
            inner = self.read(base)
            # A root of a sum is a number of its own.
            return inner**exponent if inner.is_Symbol else _letter(self.powers, base**exponent)
        result = sympy.Integer(1)
        for term in sympy.Add.make_args(sympy.expand(exponent)):
            share, rest = term.as_coeff_Mul(rational=True)
            if rest == 1:
                result *= self.read(base**share) if base != sympy.E else _letter(self.powers, base) ** share
            else:
                result *= _letter(self.powers, base**rest) ** share
        return result

    def _logarithm(self, e: Any) -> Any:
        """The log of a fraction by those of its primes."""
        import sympy

        (value,) = e.args
        if not value.is_Rational:
            return _letter(self.powers, e)
        return sum(
            (times * _letter(self.powers, sympy.log(prime)) for prime, times in sympy.factorrat(value).items()),
            start=sympy.Integer(0),
        )


def _letter(letters: dict[Any, Any], key: Any) -> Any:
    """The letter of a number."""
    import sympy

    if key not in letters:
        letters[key] = sympy.Dummy("c", positive=True)
    return letters[key]


def _powers_of(letter: Any, expressions: Iterable[Any]) -> dict[Any, Any]:
    """The exponents with which a letter occurs, by the powers."""
    import sympy

    found: dict[Any, Any] = {}
    for e in expressions:
        inside = {power: power.exp for power in e.atoms(sympy.Pow) if power.base == letter}
        if inside:
            found.update(inside)
        if e.xreplace(dict.fromkeys(inside, sympy.Integer(1))).has(letter):
            found[letter] = sympy.Integer(1)
    return found


def _without_powers(swap: dict[Any, Any], atoms: _Atoms) -> tuple[dict[Any, Any], dict[Any, Any]]:
    """The same with one letter for all powers of a number, and what each letter stands for.

    It stands for that power of which all are powers; where all exponents are negative, and for exponentials, for a
    negative one: 1 - exp(-3) is a polynomial in it.
    """
    import sympy

    meanings: dict[Any, Any] = {}
    for number, letter in atoms.powers.items():
        powers = _powers_of(letter, swap.values())
        if not powers:
            continue
        common = _common(list(powers.values()))
        is_exponential = number == sympy.E or type(number) is sympy.exp
        if is_exponential or all(exponent.is_negative for exponent in powers.values()):
            common = -common
        if common == 1:
            meanings[letter] = number
            continue
        new = sympy.Dummy("c", positive=True)
        meanings[new] = number**common
        change = {power: new ** (exponent / common) for power, exponent in powers.items()}
        swap = {leaf: e.xreplace(change) for leaf, e in swap.items()}
    return swap, meanings


def _common(exponents: list[Any]) -> Any:
    """The largest positive fraction of which all exponents are whole multiples."""
    import sympy

    below = lcm(*(int(e.q) for e in exponents))
    return sympy.Rational(gcd(*(int(e * below) for e in exponents)), below)


def _in_one_field(swap: dict[Any, Any], atoms: _Atoms, meanings: dict[Any, Any]) -> tuple[dict[Any, Any], Constants]:
    """The same with one letter for all algebraic numbers, and all that letters stand for."""
    import sympy

    others = sorted(atoms.algebraic.items(), key=lambda pair: sympy.default_sort_key(pair[0]))
    numbers = [sympy.Integer(p) ** sympy.Rational(1, atoms.orders[p]) for p in sorted(atoms.primes)]
    numbers += [number for number, _ in others]
    letters = [(atoms.primes[p], atoms.orders[p]) for p in sorted(atoms.primes)] + [(letter, 1) for _, letter in others]
    if not numbers:
        return swap, Constants(meanings)
    found, images = common_field(tuple(numbers))
    one = sympy.Dummy("a", real=True)
    change = {}
    for (letter, order), image in zip(letters, images, strict=True):
        value = sum((expression_of(c) * one**k for k, c in enumerate(image)), start=sympy.Integer(0))
        powers = _powers_of(letter, swap.values())
        change.update({power: value ** (exponent * order) for power, exponent in powers.items()})
    swap = {leaf: e.xreplace(change) for leaf, e in swap.items()}
    if len(found.relation) == 2:
        # All of them were fractions in disguise.
        return {leaf: e.xreplace({one: found.generator}) for leaf, e in swap.items()}, Constants(meanings)
    return swap, Constants({**meanings, one: found.generator}, one, found)


@lru_cache(maxsize=256)
def are_independent(numbers: tuple[sympy.Expr, ...]) -> bool:
    """Whether it is a theorem that no polynomial with algebraic coefficients relates these numbers.

    One transcendental number, or exponentials of different roots of integers, which are linearly independent
    (Besicovitch), so that these are algebraically so (Lindemann, Weierstrass).
    """
    if len(numbers) <= 1:
        return all(_is_transcendental(number) for number in numbers)
    exponents = [_radical_in_exponent(number) for number in numbers]
    return None not in exponents and len(set(exponents)) == len(exponents)


def _is_transcendental(number: Any) -> bool:
    """Whether sympy knows that a number, or one of which it is a power, is not algebraic."""
    base, exponent = number.as_base_exp()
    return number.is_algebraic is False or (exponent.is_Rational is True and base.is_algebraic is False)


def _radical_in_exponent(number: Any) -> Any:
    """The root of an integer, or 1, of which the exponent of an exponential is a rational multiple; None of others."""
    import sympy

    base, exponent = number.as_base_exp()
    if base != sympy.E:
        return None
    rest = exponent.as_coeff_Mul(rational=True)[1]
    is_radical = rest == 1 or (rest.is_Pow and rest.base.is_Integer and rest.exp.is_Rational)
    return rest if is_radical else None
