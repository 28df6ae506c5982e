"""Laws with letters side by side with sympy.stats, a dict of expressions and bare polynomials; prints a table.

Run ``python -m benchmarks.symbols``; each line is the median of five runs, of one where it takes a second.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any

import sympy
from sympy import stats

from distconv import Bernoulli, Die, Distribution

A, B, P = sympy.symbols("a b p")


def median(work: Callable[[], Any]) -> float:
    """Seconds of a piece of work: the median of five runs, of one where it takes a second."""
    times = []
    for _ in range(5):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
        if times[-1] > 1:
            break
    return statistics.median(times)


def by_dictionary(weights: dict[int, Any], n: int) -> dict[int, Any]:
    """The n-fold convolution of a dict of sympy expressions, expanded."""
    total = {0: sympy.Integer(1)}
    for _ in range(n):
        fresh: dict[int, Any] = {}
        for x, u in total.items():
            for y, v in weights.items():
                fresh[x + y] = fresh.get(x + y, 0) + u * v
        total = {k: sympy.expand(w) for k, w in fresh.items()}
    return total


def by_polynomial(weights: dict[int, Any], n: int) -> Any:
    """The n-fold convolution as a power of a sympy polynomial."""
    x = sympy.Symbol("x")
    return sympy.Poly(sum(w * x**k for k, w in weights.items()), x, A, B, P) ** n


def by_sympy_stats(n: int) -> Any:
    """P(17) of n dice by sympy.stats."""
    return stats.P(sympy.Eq(sum(stats.Die(f"D{i}", 6) for i in range(n)), 17))


def density_by_sympy_stats(n: int) -> Any:
    """The density of the sum of n dice by sympy.stats."""
    return stats.density(sum(stats.Die(f"D{i}", 6) for i in range(n))).dict


def over_root_two(count: int, shift: int) -> list[Any]:
    """So many weights in Q(sqrt 2), not normalised."""
    return [1 + (i * shift) % 7 + (i % 5) * sympy.sqrt(2) for i in range(count)]


def main() -> None:
    """Prints the table."""
    three = {1: A, 2: B, 3: 1 - A - B}
    coin = {0: 1 - P, 1: P}
    rows: list[tuple[str, Callable[[], Any], dict[str, Callable[[], Any]]]] = [
        ("P(5d6 = 17)", lambda: (5 @ Die(6)).pmf(17), {"sympy.stats": lambda: by_sympy_stats(5)}),
        (
            "8 @ {1: a, 2: b, 3: 1-a-b}, all weights",
            lambda: (8 @ Distribution(three)).to_dict(),
            {"dict of expr": lambda: by_dictionary(three, 8), "sympy.Poly": lambda: by_polynomial(three, 8)},
        ),
        (
            "30 @ {1: a, 2: b, 3: 1-a-b}",
            lambda: 30 @ Distribution(three),
            {"sympy.Poly": lambda: by_polynomial(three, 30)},
        ),
        ("the same, all 61 weights expanded", lambda: (30 @ Distribution(three)).to_dict(), {}),
        (
            "40 @ Bernoulli(p), all weights",
            lambda: (40 @ Bernoulli(P)).to_dict(),
            {"dict of expr": lambda: by_dictionary(coin, 40)},
        ),
        ("200 @ Bernoulli(p)", lambda: 200 @ Bernoulli(P), {"sympy.Poly": lambda: by_polynomial(coin, 200)}),
    ]  # fmt: skip
    x = sympy.Symbol("x")
    weights = over_root_two(100, 3), over_root_two(100, 5)
    laws = [Distribution(dict(enumerate(w)), normalize=True) for w in weights]
    field = sympy.QQ.algebraic_field(sympy.sqrt(2))
    polynomials = [sympy.Poly(w, x, domain=field) for w in weights]
    rows += [
        ("density of four dice", lambda: (4 @ Die(6)).to_dict(), {"sympy.stats": lambda: density_by_sympy_stats(4)}),
        (
            "X + Y, 100 points each over Q(sqrt 2)",
            lambda: laws[0] + laws[1],
            {"sympy.Poly": lambda: polynomials[0] * polynomials[1]},
        ),
    ]
    print("| work | distconv | against | theirs | ours / theirs |\n| --- | ---: | --- | ---: | ---: |")
    for name, ours, rivals in rows:
        mine = median(ours)
        if not rivals:
            print(f"| {name} | {1e3 * mine:.3g} ms | | | |")
        for rival, theirs in rivals.items():
            other = median(theirs)
            print(f"| {name} | {1e3 * mine:.3g} ms | {rival} | {1e3 * other:.3g} ms | {mine / other:.2g} |")


if __name__ == "__main__":
    main()
