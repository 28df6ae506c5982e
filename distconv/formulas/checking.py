"""Whether formulas are laws, and whether two are the same: proven where sympy can, tried at numbers where it cannot."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from distconv.errors import DistconvTypeError, DistconvValueError
from distconv.formulas.pieces import closed_sum, index_letter
from distconv.transforms.comparison import equal

if TYPE_CHECKING:
    import sympy

    from distconv.formulas.law import FormulaLaw

#: Numbers at which an identity is tried, and the largest value of a letter in the ends of a range.
TRIALS = 4
LARGEST_END = 9
#: How far a total of doubles may be from 1 where it has no exact value.
CLOSE = 1e-9
#: Characters of a difference up to which it is simplified: of longer ones that takes many seconds.
LONGEST = 1500


def check_formula(expression: sympy.Expr, k: sympy.Symbol, low: sympy.Expr, high: sympy.Expr) -> frozenset[sympy.Basic]:
    """What letters must satisfy for an expression in k to be a law on low..high.

    Raises:
        DistconvTypeError: k is no symbol, or stands in the ends.
        DistconvValueError: the total is not 1, a term is negative, or the range is empty.
    """
    import sympy

    if not getattr(k, "is_Symbol", False):
        raise DistconvTypeError(f"k must be the sympy symbol of the outcome, got {k!r}; write k = sympy.symbols('k')")
    if k in low.free_symbols | high.free_symbols:
        raise DistconvTypeError(f"the ends {low}..{high} contain the outcome's symbol {k}; use another letter there")
    for name, end in (("low", low), ("high", high)):
        if end.is_number and not (end.is_infinite or end.is_integer):
            raise DistconvValueError(f"{name} must be an integer or infinite, got {end}; scale the law instead: X / 2")
    if sympy.Le(low, high) == sympy.false:
        raise DistconvValueError(f"the range {low}..{high} is empty: low must be <= high")
    index = sympy.Dummy("k", integer=True)
    term = expression.subs(k, index)
    total = closed_sum(term, index, low, high)
    has_letters = bool(term.free_symbols - {index} or low.free_symbols or high.free_symbols)
    if total.has(sympy.Sum) and not has_letters:
        # Of numbers alone sympy may know the sum by name, of zeta values say.
        total = total.doit()
    difference = sympy.simplify(total - 1) if not total.has(sympy.Sum) else None
    conditions: set[Any] = set()
    if difference is not None and difference.is_number and difference != 0:
        raise _bad_total(expression, sympy.simplify(total), {})
    if difference != 0:
        _try_total(expression, term, index, low, high)
        if has_letters:
            conditions.add(sympy.Eq(sympy.Sum(expression, (k, low, high)), 1))
    if expression.is_negative:
        raise DistconvValueError(f"the formula {expression} is negative; probabilities must be >= 0")
    return frozenset(conditions)


def _bad_total(
    expression: sympy.Expr, total: sympy.Expr, values: Mapping[sympy.Symbol, sympy.Expr]
) -> DistconvValueError:
    where = f" at {', '.join(f'{s} = {v}' for s, v in values.items())}" if values else ""
    return DistconvValueError(
        f"the formula {expression} totals {total}{where}, not 1; divide it by its total: Formula(expr / total, k, ...)"
    )


def _try_total(
    expression: sympy.Expr, term: sympy.Expr, index: sympy.Symbol, low: sympy.Expr, high: sympy.Expr
) -> None:
    """Refuses a formula that does not total 1 at some numbers; letters beside the range's ends are tried in (0, 1)."""
    import sympy

    ends = low.free_symbols | high.free_symbols
    letters = sorted((term.free_symbols | ends) - {index}, key=str)
    source = random.Random(1)
    for _ in range(TRIALS if letters else 1):
        values = {s: _number(source, s in ends) for s in letters}
        first, last = low.subs(values), high.subs(values)
        if not (first <= last):
            continue
        at = term.subs(values)
        if first.is_finite and last.is_finite:
            terms = [sympy.simplify(at.subs(index, i)) for i in range(int(first), int(last) + 1)]
            total: Any = sympy.simplify(sum(terms))
            off = abs(complex(sympy.N(total - 1)))
            worst = min(terms, key=lambda t: complex(sympy.N(t)).real)
            if off <= CLOSE and complex(sympy.N(worst)).real < -CLOSE:
                raise DistconvValueError(
                    f"the formula {expression} has the negative value {worst} at "
                    f"{', '.join(f'{s} = {v}' for s, v in values.items())}; probabilities must be >= 0"
                )
        else:
            total = sympy.Sum(at, (index, first, last)).evalf(20)
            off = abs(complex(total) - 1) if total.is_number else 0.0
        if not off <= CLOSE:
            raise _bad_total(expression, total, values)


def _number(source: random.Random, whole: bool) -> sympy.Expr:
    """An integer, or a fraction between 0 and 1."""
    import sympy

    return sympy.Integer(source.randint(2, LARGEST_END)) if whole else sympy.Rational(source.randint(1, 96), 97)


def same_law(x: FormulaLaw, y: FormulaLaw) -> bool:
    """Whether two formula laws are the same for all values of the letters.

    Raises:
        DistconvValueError: it can be neither proven nor refuted.
    """
    import sympy

    if x.offset == y.offset and frozenset(x.summands) == frozenset(y.summands):
        return True
    for first, second in ((x.low, y.low), (x.high, y.high)):
        if first != second and sympy.simplify(first - second) != 0:
            return False
    if x.laid is not None and y.laid is not None:
        return equal(x.laid, y.laid)
    tried = _differ_at_numbers(x, y)
    if tried:
        return False
    if _proven(x, y, tried is False):
        return True
    raise DistconvValueError(
        "whether these laws are equal could not be decided: they agree at numbers, and no proof was found; "
        "compare them at yours: X.subs({...}) == Y.subs({...})"
    )


def _differ_at_numbers(x: FormulaLaw, y: FormulaLaw) -> bool | None:
    """Whether the generating functions of two laws differ at some numbers; None where no number tells."""
    import sympy

    z = sympy.Dummy("z", positive=True)
    generating = [law.generated(z) for law in (x, y)]
    letters = sorted(x.letters | y.letters, key=str)
    ends = {s for law in (x, y) for e in (law.low, law.high) for s in e.free_symbols}
    source = random.Random(2)
    tried: bool | None = None
    for _ in range(TRIALS):
        values = {s: _number(source, s in ends) for s in letters} | {z: sympy.Rational(source.randint(1, 96), 97)}
        try:
            p, q = (complex(sympy.N(g.subs(values).doit(), 20)) for g in generating)
        except (TypeError, ValueError):
            continue
        if abs(p - q) > CLOSE * max(abs(p), abs(q)):
            return True
        tried = False
    return tried


def _proven(x: FormulaLaw, y: FormulaLaw, agree: bool) -> bool:
    """Whether it is proven that two laws are equal: by their pieces, or their generating functions, where short."""
    import sympy

    f, g = x.pieces, y.pieces
    if x.scale == y.scale and f is not None and g is not None and len(f) == len(g) == 1:
        index = sympy.Symbol("k", integer=True)
        places = ((index - law.offset) / law.scale for law in (x, y))
        p, q = (piece.expression.subs(index_letter(), at) for (piece,), at in zip((f, g), places, strict=True))
        if _vanishes(p - q):
            return True
    z = sympy.Dummy("z", positive=True)
    first, second = (sympy.expand_log(sympy.log(law.generated(z)), force=True) for law in (x, y))
    if _vanishes(first - second):
        return True
    generated = any(t.atom.is_generated for law in (x, y) for t in law.summands)
    return agree and not generated and _vanishes(x.generated(z) - y.generated(z))


def _vanishes(value: sympy.Expr) -> bool:
    """Whether an expression is 0, as far as sympy can tell in a second."""
    import sympy

    return value == 0 or (len(str(value)) <= LONGEST and sympy.simplify(sympy.expand(value)) == 0)
