"""`Recurrence`: how a probability goes on as a letter does, with the certificate that proves it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import count, islice
from typing import TYPE_CHECKING, Any

from distconv.checks import check_integer
from distconv.errors import DistconvTypeError, DistconvValueError
from distconv.formulas import summand
from distconv.formulas.atom import replaced
from distconv.formulas.integrand import Integrand, integrand_of
from distconv.formulas.law import FormulaLaw, read_place
from distconv.formulas.pieces import index_letter
from distconv.formulas.summand import Summand, summand_of
from distconv.formulas.telescoping import MOST_ORDER, Telescoped, telescoped
from distconv.laws.law import Law
from distconv.numbers.letters import exact_expression, expression_of, number_of
from distconv.queries.assuming import assuming
from distconv.queries.interval import function_at
from distconv.typing import IntegerLike, NumberLike, Question

if TYPE_CHECKING:
    import sympy

#: Operations in a probability up to which the ratio of neighbours is simplified: half a second.
MOST_OPERATIONS = 100
#: Numbers that are tried for a letter, until one satisfies the conditions: more than those of families ask for.
MOST_TRIED = 100


@dataclass(frozen=True, slots=True, repr=False)
class Recurrence:
    """p_0(n) a(n) + ... + p_r(n) a(n + r) = 0 for a(n) = P(X = x) or E f(X); n is a letter in the law of X, in x or f.

    Args:
        letter: n.
        coefficients: the polynomials p_0, ..., p_r in n, without a common factor.
        start: the least n >= 0 from which on it holds.
        base: a(n) is base**n * P(X = x), or base**n * E f(X).
        certificate: a rational function R(n, z) with p_0 F(n, z) + ... + p_r F(n + r, z) = d/dz (R F), of which the
            integral round the unit circle is 0; F is the integrand times base**n. Of a sum of F(n, k) over k there
            stands R(n, k + 1) F(n, k + 1) - R(n, k) F(n, k) in place of the derivative. None where neighbours have a
            rational ratio.
        integrand: F(n, z), whose integral round the unit circle over 2 pi i is P(X = x); or what is summed, for E f(X).
        law: the law of X.
        outcome: x, or f at the symbol k.
    """

    letter: sympy.Symbol
    coefficients: tuple[sympy.Expr, ...]
    start: int
    base: sympy.Expr
    certificate: sympy.Expr | None = field(compare=False)
    integrand: Integrand | Summand | None = field(compare=False)
    law: Law = field(compare=False)
    outcome: sympy.Expr = field(compare=False)

    @property
    def order(self) -> int:
        """How many values before it give the next."""
        return len(self.coefficients) - 1

    def equation(self, name: str = "a") -> sympy.Eq:
        """The equation, for sympy's `rsolve`: (n + 2) a(n + 2) = (2 n + 3) a(n + 1) + 3 (n + 1) a(n)."""
        import sympy

        a, n = sympy.Function(name), self.letter
        *others, _ = (sympy.factor(-p) * a(n + i) for i, p in enumerate(self.coefficients))
        return sympy.Eq(self.coefficients[-1] * a(n + self.order), sympy.Add(*others), evaluate=False)

    def times(self, base: NumberLike | sympy.Expr) -> Recurrence:
        """The recurrence of base**n a(n): 6**n P(X = x) counts what n dice show."""
        import sympy

        by = exact_expression(base)
        if by == 0:
            raise DistconvValueError("base must not be 0: of 0**n * a(n) nothing is left; times(6) is of 6**n * a(n)")
        parts = [p * by ** (self.order - i) for i, p in enumerate(self.coefficients)]
        content = _content(parts)
        coefficients = tuple(sympy.factor(p / content) for p in parts)
        certificate = None if self.certificate is None else self.certificate * by**self.order / content
        return replace(self, coefficients=coefficients, base=self.base * by, certificate=certificate)

    def values(self, number: IntegerLike) -> list[Any]:
        """a(start), a(start + 1), ...: as many as the order are asked of the law, the others follow from them."""
        return list(islice(self._values(), check_integer("number", number, at_least=0)))

    def _values(self) -> Iterator[Any]:
        import sympy

        polynomials = [sympy.Poly(p, self.letter) for p in self.coefficients]
        last: list[sympy.Expr] = []
        for index in count(self.start):
            here = index - self.order
            weights = [p.eval(here) for p in polynomials] if len(last) == self.order else [0]
            if weights[-1] == 0:
                value = self._asked(index)
            else:
                value = -sympy.Add(*map(sympy.Mul, weights, last)) / weights[-1]
            value = value if value.is_Rational else sympy.factor(value)
            last = [*last, value][-self.order :] if self.order else []
            yield Fraction(number_of(value)) if value.is_Rational else value

    def _asked(self, index: int) -> sympy.Expr:
        """a(index), from the law with a number in place of the letter."""
        import sympy

        known = None if self.integrand is None else self.integrand.total(index)
        if known is not None:
            return self.base**index * known
        at = {self.letter: sympy.Integer(index)}
        outcome = self.outcome.subs(at)
        law = replaced(self.law, at) if self.letter in self.law.letters else self.law
        value: sympy.Expr = expression_of(law.at(number_of(outcome) if outcome.is_Rational else outcome))
        return self.base**index * value

    def is_proven(self) -> bool:
        """Whether the certificate is one: multiplies the identity of rational functions out (True without one)."""
        import sympy

        if self.integrand is None or self.certificate is None:
            return True
        shifted = (self.base**i * self.integrand.shifted(i) for i in range(self.order + 1))
        left = sympy.Add(*(p * ratio for p, ratio in zip(self.coefficients, shifted, strict=True)))
        return bool(sympy.cancel(sympy.together(left - self.integrand.difference(self.certificate))) == 0)

    def __repr__(self) -> str:
        import sympy

        a, n = sympy.Function("a"), self.letter
        *others, last = self.coefficients
        terms = [str(sympy.factor(-p) * a(n + i)) for i, p in enumerate(others) if p != 0]
        right = " + ".join(reversed(terms)).replace("+ -", "- ") or "0"
        return f"{last * a(n + self.order)} = {right} for {n} >= {self.start}"


def _content(parts: list[sympy.Expr]) -> sympy.Expr:
    """The positive rational number that is a factor of all parts, and leaves them whole."""
    import sympy

    content: sympy.Expr = sympy.Add(*(sympy.expand(p) * sympy.Dummy() for p in parts)).as_content_primitive()[0]
    return content


def recurrence_of(law: FormulaLaw, x: Question | Callable[[sympy.Expr], object], letter: sympy.Symbol) -> Recurrence:
    """The recurrence in a letter of P(X = x), or of E x(X).

    Raises:
        DistconvTypeError: the letter is not whole.
        DistconvValueError: none is found.
    """
    import sympy

    if not letter.is_integer:
        raise DistconvTypeError(
            f"a recurrence is in a whole letter, of {letter} that is not known: "
            f"{letter} = sympy.Symbol({letter.name!r}, integer=True, nonnegative=True)"
        )
    if callable(x):
        return _of_mean(law, x, letter)
    outcome, start = read_place(x), _first(law, letter)
    integrand = integrand_of(law, outcome, letter)
    found = None if integrand is None else telescoped(integrand)
    if found is not None:
        first = max(start, 1 + _last_pole(found, letter))
        return Recurrence(
            letter, found.coefficients, first, sympy.Integer(1), found.certificate, integrand, law, outcome
        )
    known = _by_ratio(law, outcome, letter, start)
    if known is not None:
        return known
    why = (
        "its generating function is no product of powers of rational functions of z and of exponentials"
        if integrand is None
        else f"there is none of low order, at most {MOST_ORDER}, that is found in about ten seconds"
    )
    raise DistconvValueError(
        f"no recurrence in {letter} of P({law.name()} = {outcome}) is known: {why}; single values are X.subs("
        f"{{{letter}: 10}}).pmf(...)"
    )


def _of_mean(law: FormulaLaw, f: Callable[[sympy.Expr], object], letter: sympy.Symbol) -> Recurrence:
    """The recurrence of E f(X), a sum of P(X = k) f(k) over k.

    Raises:
        DistconvValueError: none is found.
    """
    import sympy

    k = sympy.Symbol("k", integer=True)
    value = function_at(f, k, "recurrence")
    pieces = law.on_integers()
    found, term = None, None
    if pieces is not None and len(pieces) == 1:
        (piece,) = pieces
        within = (sympy.Ge(k, piece.low), sympy.Le(k, piece.high), *law.conditions)
        whole = piece.expression.subs(index_letter(), k) * assuming(value, within)
        term = summand_of(whole, k, piece.low, piece.high, letter)
    if term is not None:
        found = summand.telescoped(term)
    if found is None:
        raise DistconvValueError(
            f"no recurrence in {letter} of the mean of {value} is known, k with the law {law.name()}: there is one "
            "where P(X = k) f(k) has rational ratios of neighbours, and sums run from a number to one that moves with "
            f"{letter}; single values are X.subs({{{letter}: 10}}).expect(...)"
        )
    first = max(_first(law, letter), 1 + _last_pole(found, letter))
    return Recurrence(letter, found.coefficients, first, sympy.Integer(1), found.certificate, term, law, value)


def _first(law: FormulaLaw, letter: sympy.Symbol) -> int:
    """The least whole number >= 0 which the letter may be, as far as its assumptions and the law's conditions tell."""
    import sympy

    least = 1 if letter.is_positive else 0
    needed = {*law.conditions, *(sympy.Ge(term.copies, 0) for term in law.summands)}
    tried = range(least, least + MOST_TRIED)
    return next((i for i in tried if sympy.false not in {c.subs(letter, i) for c in needed}), least)


def _last_pole(found: Telescoped, letter: sympy.Symbol) -> int:
    """The largest whole number >= 0 at which the certificate says nothing for any values of other letters; else -1."""
    import sympy

    _, below = sympy.fraction(sympy.together(found.certificate))
    alone = [f for f, _ in sympy.factor_list(below)[1] if f.free_symbols == {letter}]
    roots = [root for f in alone for root in sympy.Poly(f, letter).ground_roots() if root.is_Integer]
    return max((int(root) for root in roots if root >= 0), default=-1)


def _by_ratio(law: FormulaLaw, outcome: sympy.Expr, letter: sympy.Symbol, start: int) -> Recurrence | None:
    """The recurrence of order 1 of a formula with a rational ratio of neighbours; None of others.

    Where the letter enters or leaves the range of the formula, the coefficient of what is inside has to be 0.
    """
    import sympy

    pieces = law.on_integers()
    if pieces is None or len(pieces) != 1:
        return None
    (piece,) = pieces
    value = piece.expression.subs(index_letter(), outcome)
    if value.count_ops() > MOST_OPERATIONS:
        return None
    ratio = sympy.powsimp(sympy.combsimp(value.subs(letter, letter + 1) / value))
    if not ratio.is_rational_function(letter):
        return None
    before, after = sympy.fraction(sympy.factor(-ratio))
    insides = [outcome - end for end in sympy.Max.make_args(piece.low) if end.is_finite]
    insides += [end - outcome for end in sympy.Min.make_args(piece.high) if end.is_finite]
    for inside in map(sympy.expand, insides):
        slope = sympy.diff(inside, letter)
        if slope == 0:
            continue
        if slope not in (1, -1):
            return None
        crossing = sympy.expand(letter + inside if slope < 0 else letter - inside - 1)
        kept = after if slope > 0 else before
        if sympy.simplify(kept.subs(letter, crossing)) == 0:
            continue
        if slope < 0 or not crossing.is_Integer:
            return None
        start = max(start, int(crossing) + 1)
    return Recurrence(letter, (before, after), start, sympy.Integer(1), None, None, law, outcome)
