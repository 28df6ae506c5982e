"""How often each outcome came up in n independent draws of vectors whose sum is known, n a letter: P(sum = x)."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import permutations
from typing import TYPE_CHECKING, Any

from distconv.numbers.copies import term_letter

if TYPE_CHECKING:
    import sympy

#: Outcomes of a law up to which the draws are counted: the linear equations of more take seconds.
MOST_COUNTED = 12


def count_of_copies(
    entries: Sequence[tuple[tuple[Any, ...], sympy.Expr]], n: sympy.Expr, place: Sequence[sympy.Expr]
) -> sympy.Expr | None:
    """P(X_1 + ... + X_n = place) for vectors of few outcomes; None where it is a sum over more than one number.

    The numbers of draws of each outcome satisfy linear equations. Where they have one solution, the probability is that
    of the multinomial law; where the outcomes are the corners of a parallelogram with weights that are products, it is
    the product of two binomial ones; and where one number is left open it is a sum over that.
    """
    if len(entries) > MOST_COUNTED:
        return None
    square = _parallelogram(entries, n, place)
    return _by_equations(entries, n, place) if square is None else square


def _by_equations(
    entries: Sequence[tuple[tuple[Any, ...], sympy.Expr]], n: sympy.Expr, place: Sequence[sympy.Expr]
) -> sympy.Expr | None:
    """The same by solving for the numbers of draws."""
    import sympy

    vectors, weights = [v for v, _ in entries], [w for _, w in entries]
    rows = [[sympy.Integer(1)] * len(vectors), *map(list, zip(*vectors, strict=True))]
    counts = sympy.symbols(f"k:{len(vectors)}", cls=sympy.Dummy)
    table = sympy.Matrix(rows)
    free = table.nullspace()
    if len(free) > 1:
        return None
    # What is left once the columns are brought into steps says which sums are possible at all.
    right = sympy.Matrix([n, *place])
    possible = [sympy.expand((null.T * right)[0]) for null in table.T.nullspace()]
    if not free:
        (solution,) = sympy.linsolve((table, right), *counts) if not possible else (_pseudo(table, right),)
        return _told(list(map(sympy.expand, solution)), weights, n, possible, None)
    turn = free[0] / sympy.gcd(list(free[0]))
    chosen = next((i for i, u in enumerate(turn) if abs(u) == 1), None)
    if chosen is None:
        return None
    j = term_letter(n, *place, *weights)
    base = _pseudo(table, right)
    counted = [sympy.expand(base[i] + (j - base[chosen]) * turn[i] * turn[chosen]) for i in range(len(turn))]
    return _told(counted, weights, n, possible, j)


def _pseudo(table: sympy.Matrix, right: sympy.Matrix) -> list[sympy.Expr]:
    """One solution of the equations in the rows that are independent, the other unknowns 0."""
    import sympy

    _, pivots = table.rref()
    _, kept = table.T.rref()
    inner = table.extract(list(kept), list(pivots))
    found = inner.LUsolve(right.extract(list(kept), [0]))
    solution = [sympy.Integer(0)] * table.shape[1]
    for place, value in zip(pivots, found, strict=True):
        solution[place] = sympy.expand(value)
    return solution


def _told(
    counts: list[sympy.Expr],
    weights: list[sympy.Expr],
    n: sympy.Expr,
    possible: list[sympy.Expr],
    j: sympy.Symbol | None,
) -> sympy.Expr:
    """The multinomial probability of so many draws of each, summed over j; 0 where that many are impossible."""
    import sympy

    conditions = []
    for left in possible:
        if left.is_number:
            if left != 0:
                return sympy.Integer(0)
        else:
            conditions.append(sympy.Eq(left, 0))
    rest, value = n, sympy.Integer(1)
    for count, weight in list(zip(counts, weights, strict=True)):
        is_last = count is counts[-1]
        left = sympy.expand(rest - count)
        ways = sympy.binomial(rest, left if left.is_number else count)
        value *= weight**count if is_last else ways * weight**count
        rest = left
        whole = _is_whole(count if j is None else count.subs(j, 0))
        if whole == sympy.false or count.is_negative:
            return sympy.Integer(0)
        conditions.append(whole)
    # The last count is what the others leave: the binomial coefficients are 0 where that is negative.
    value = value if j is None else sympy.Sum(value, (j, 0, n))
    condition = sympy.And(*conditions)
    return value if condition == sympy.true else sympy.Piecewise((value, condition), (0, True))


def _is_whole(value: sympy.Expr) -> sympy.Basic:
    """The condition that an expression with rational coefficients in whole letters is a whole number."""
    import sympy

    if value.is_integer:
        return sympy.true
    if value.is_number:
        return sympy.false
    scale = sympy.fraction(sympy.together(value))[1]
    return sympy.Eq(sympy.Mod(sympy.expand(scale * value), scale), 0)


def _parallelogram(
    entries: Sequence[tuple[tuple[Any, ...], sympy.Expr]], n: sympy.Expr, place: Sequence[sympy.Expr]
) -> sympy.Expr | None:
    """The product of two binomial probabilities, where two coordinates are independent; None of others."""
    import sympy

    if len(entries) != 4 or len(place) != 2:
        return None
    first, others = entries[0], entries[1:]
    for one, other, last in permutations(others):
        (a, p), (b, q), (c, r), (d, s) = first, one, other, last
        if str(b) > str(c) or any(w + z != x + y for w, x, y, z in zip(a, b, c, d, strict=True)):
            continue
        if sympy.cancel(p * s - q * r) != 0:
            return None
        sides = sympy.Matrix([[b[i] - a[i], c[i] - a[i]] for i in range(2)])
        if sides.det() == 0:
            return None
        numbers = sides.LUsolve(sympy.Matrix([place[i] - n * a[i] for i in range(2)]))
        value, conditions = sympy.Integer(1), []
        chances = (sympy.factor(q + s), sympy.factor(r + s))
        for count, chance in zip(map(sympy.expand, numbers), chances, strict=True):
            whole = _is_whole(count)
            if whole == sympy.false:
                return sympy.Integer(0)
            conditions.append(whole)
            value *= sympy.binomial(n, count) * chance**count * sympy.factor(1 - chance) ** sympy.expand(n - count)
        condition = sympy.And(*conditions)
        value = sympy.powsimp(value)
        return value if condition == sympy.true else sympy.Piecewise((value, condition), (0, True))
    return None
