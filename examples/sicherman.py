"""Which two strange dice have the sum of two ordinary ones? Sicherman's, and all others, by factoring polynomials.

A die with faces a, b, c, ... is the polynomial z**a + z**b + z**c + ... over their number; dice added are polynomials
multiplied. Every pair of dice with the law of two ordinary ones splits the factors of its polynomial among itself. Run

    python examples/sicherman.py
"""

from collections.abc import Iterator
from itertools import product

import flint

from distconv import Die, Distribution, deconvolve


def pairs(sides: int) -> Iterator[tuple[list[int], list[int]]]:
    """All pairs of dice with that many faces, positive integers, whose sum is that of two ordinary ones."""
    ordinary = flint.fmpz_poly([0] + [1] * sides)
    _, factors = (ordinary**2).factor()
    for powers in product(*(range(n + 1) for _, n in factors)):
        first = flint.fmpz_poly([1])
        for (factor, _), n in zip(factors, powers, strict=True):
            first *= factor**n
        second = ordinary**2 // first
        faces = [[k for k, c in enumerate(map(int, poly.coeffs())) for _ in range(c)] for poly in (first, second)]
        signed = any(int(c) < 0 for poly in (first, second) for c in poly.coeffs())
        if not signed and all(len(f) == sides and f[0] >= 1 for f in faces) and faces[0] <= faces[1]:
            yield faces[0], faces[1]


def main() -> None:
    for sides in (4, 6, 8):
        print(f"two dice with {sides} faces that sum like two d{sides}:")
        for first, second in pairs(sides):
            X, Y = (Distribution.from_counts({f: faces.count(f) for f in faces}) for faces in (first, second))
            assert 2 @ Die(sides) == X + Y
            assert deconvolve(2 @ Die(sides), X) == Y
            print("  ", first, second)


if __name__ == "__main__":
    main()
