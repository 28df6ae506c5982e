"""The law to which a law with letters tends: by its generating function, or by the ratios of its probabilities.

Laws on the integers that stay above one end tend to a law exactly if their generating functions tend, at every z in
(0, 1), to a function that is 1 at z -> 1 (the continuity theorem; Feller, volume 1, XI.6); what the limit is less than
1 there is the probability that escapes to infinity. Two-sided laws do if the limit is the transform of a law
(Mukherjea, Rao, Suen 2006, for moment generating functions on an interval). Where the generating function has no closed
form, laws of bounded mean lose no mass (Markov's inequality), and limits of their ratios P(X = k + 1) / P(X = k)
leave one law to which they can tend.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from distconv.algebra import sums as numeric
from distconv.errors import DistconvError, DistconvValueError
from distconv.formulas.law import FormulaLaw
from distconv.formulas.making import from_pgf, recognised
from distconv.formulas.pieces import index_letter
from distconv.formulas.sums import as_formula
from distconv.formulas.terms import Term
from distconv.laws import image, rules
from distconv.laws.law import Law
from distconv.laws.rules import rule
from distconv.numbers.letters import expression_of, number_of
from distconv.numbers.limits import limit_of
from distconv.support.outcomes import whole

if TYPE_CHECKING:
    import sympy

#: Operations in the PMF up to which the ratio of neighbours is simplified: half a second.
MOST_OPERATIONS = 100


@rule("limit", FormulaLaw, needed=True)
def limit(law: FormulaLaw, letter: sympy.Symbol, point: sympy.Expr) -> Law:
    """The law to which a law tends as a letter goes to a point.

    Raises:
        DistconvValueError: mass escapes, there are no such laws near the point, or none of the ways finds a limit.
    """
    import sympy

    _check_path(law, letter, point)
    (first, *more) = law.summands
    why = first.atom.no_limit(letter, point) if not more else None
    if why is not None:
        _refuse(law, letter, point, why)
    if first.factor != 1 and not more and not law.offset.has(letter):
        one = FormulaLaw((Term(first.atom, first.copies, sympy.S.One),), sympy.S.Zero, law.conditions)
        return _moved(image.scaled(limit(one, letter, point), whole(number_of(first.factor))), law.offset)
    if law.low.is_nonnegative is not True and law.high.is_nonpositive:
        return image.scaled(limit(law.scaled(-1), letter, point), -1)
    for way in (_by_terms, _by_generating_function, _by_ratios, _by_substitution):
        found = way(law, letter, point)
        if found is not None:
            return found
    raise DistconvValueError(
        f"no limit of {law.name()} as {letter} -> {point} was found; what is near it, "
        f"X.subs({{{letter}: ...}}), can be asked"
    )


def _check_path(law: FormulaLaw, letter: sympy.Symbol, point: sympy.Expr) -> None:
    """Refuses a point near which there are no such laws."""
    import sympy

    if (letter.is_nonnegative and point.is_negative) or (letter.is_nonpositive and point.is_positive):
        raise DistconvValueError(f"{letter} cannot go to {point}: its own assumptions exclude that")
    for condition in law.conditions:
        if not condition.is_Relational or condition.func in (sympy.Eq, sympy.Ne):
            continue
        excess = limit_of(condition.gts - condition.lts, letter, point)
        if excess is not None and (excess is -sympy.oo or excess.is_negative):
            raise DistconvValueError(
                f"there is no {law.name()} for {letter} near {point}: {condition} does not hold there"
            )


def _refuse(law: FormulaLaw, letter: sympy.Symbol, point: sympy.Expr, why: str) -> NoReturn:
    raise DistconvValueError(f"{law.name()} has no limit law as {letter} -> {point}: {why}")


def _by_terms(law: FormulaLaw, letter: sympy.Symbol, point: sympy.Expr) -> Law | None:
    """The sum of the limits of independent summands, where each has one."""
    if len(law.summands) == 1 or law.offset.has(letter):
        return None
    total: Law | None = None
    for term in law.summands:
        part: Law = FormulaLaw((term,), expression_of(0), law.conditions)
        if letter in part.letters:
            try:
                part = limit(as_formula(part), letter, point)
            except DistconvValueError:
                return None
        total = part if total is None else numeric.add(total, part)
    return None if total is None else _moved(total, law.offset)


def _by_generating_function(law: FormulaLaw, letter: sympy.Symbol, point: sympy.Expr) -> Law | None:
    """The law whose generating function is the limit of the laws'."""
    import sympy

    fixed = sympy.S.Zero if law.offset.has(letter) else law.offset
    inner = law.displaced(-fixed)
    # z = 1 / (1 + u) is in (0, 1) for u > 0, which sympy's assumptions then know.
    u, z = sympy.Dummy("u", positive=True), sympy.Symbol("z")
    one_sided = bool(inner.low.is_nonnegative)
    found = limit_of(inner.generated(1 / (1 + u)), letter, point, bounded=one_sided)
    if found is None:
        return None
    if found == 0 or found.is_infinite:
        _refuse(law, letter, point, "the mass escapes to infinity, P(X = k) tends to 0 for every k")
    total = limit_of(found, u, sympy.S.Zero)
    if total is None:
        return None
    rest = sympy.simplify(1 - total)
    if rest != 0:
        _refuse(law, letter, point, f"the mass {rest} escapes to infinity")
    expression = sympy.simplify(found.subs(u, 1 / z - 1))
    known = None if expression.is_polynomial(z) else recognised(expression, z)
    if known is None and one_sided:
        low = inner.low if inner.low.is_Integer else sympy.S.Zero
        known = _moved(from_pgf(sympy.simplify(expression / z**low), z), low)
    return None if known is None else _moved(known, fixed)


def _by_ratios(law: FormulaLaw, letter: sympy.Symbol, point: sympy.Expr) -> Law | None:
    """The binomial, Poisson or Pascal law to whose ratios (a + b j) / (j + 1) those of the laws tend; Katz (1965)."""
    import sympy

    pieces = law.on_integers()
    mean = limit_of(law.mean(), letter, point)
    if pieces is None or len(pieces) != 1 or mean is None or mean.is_infinite:
        return None
    (piece,) = pieces
    start = _lowest(piece.low, letter)
    if start is None or piece.expression.count_ops() > MOST_OPERATIONS:
        return None
    k, z = index_letter(), sympy.Symbol("z")
    ratio = sympy.combsimp(piece.expression.subs(k, k + 1) / piece.expression)
    tending = limit_of(ratio, letter, point) if ratio.is_rational_function(letter, k) else None
    if tending is None or tending.is_infinite:
        return None
    line = sympy.cancel(tending.subs(k, k + start) * (k + 1))
    if not line.is_polynomial(k) or sympy.degree(line, k) > 1:
        return None
    a, b = line.subs(k, 0), sympy.diff(line, k)
    expression = sympy.exp(a * (z - 1)) if b == 0 else ((1 - b) / (1 - b * z)) ** sympy.simplify(a / b)
    return _moved(from_pgf(sympy.simplify(expression), z), start)


def _lowest(low: sympy.Expr, letter: sympy.Symbol) -> sympy.Expr | None:
    """What does not move and is below all outcomes: of a maximum each part is."""
    import sympy

    ends = [end for end in sympy.Max.make_args(low) if not end.has(letter)]
    return sympy.Max(*ends) if ends else None


def _by_substitution(law: FormulaLaw, letter: sympy.Symbol, point: sympy.Expr) -> Law | None:
    """The law at the point itself, of families, which move with their parameters without jumps."""
    if point.is_infinite or any(term.atom.named() is None for term in law.summands):
        return None
    try:
        return rules.apply("substitute", law, {letter: point})
    except DistconvError:
        return None


def _moved(law: Law, by: sympy.Expr) -> Law:
    """A law moved by a number or an expression."""
    if by == 0:
        return law
    return image.shifted(law, (whole(number_of(by)),)) if by.is_Rational else as_formula(law).displaced(by)
