"""Powers of an exact polynomial in several variables, row by row: J. C. P. Miller's recurrence over polynomials.

Written as f = f_0 + f_1 u + ... + f_d u^d, where u is the first variable and each slice f_i a polynomial in the others,
f^n = r_0 + r_1 u + ... has r_0 = f_0^n, and from f (f^n)' = n f' f^n

    k f_0 r_k = sum over i = 1 ... d of (i (n + 1) - k) f_i r_(k-i),

a division that leaves no rest. A row costs a product of a long and a short polynomial for each slice: of steps of few
points, ten times less than powers of one polynomial as long as the whole result, and no more memory than that takes.

Source: Knuth, The Art of Computer Programming 2 (1997), section 4.7, exercise 4 (Miller's recurrence).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from distconv.planning import costs
from distconv.planning.tasks import Copies
from distconv.support.lattice import power_box
from distconv.typing import Shape

if TYPE_CHECKING:
    import flint


def power(poly: flint.fmpz_poly, step: Shape, n: int) -> flint.fmpz_poly:
    """The n-th power, n >= 1, of a polynomial that is laid out as flat as the power: in rows of the power's length.

    `step` is the shape of the polynomial itself; its first slice is not 0.
    """
    import flint

    length = math.prod([n * (cells - 1) + 1 for cells in step[1:]])
    slices = [poly.right_shift(i * length).truncate(length) for i in range(step[0])]
    rows, coefficients = [slices[0] ** n], []
    for k in range(1, n * (len(slices) - 1) + 1):
        row = flint.fmpz_poly()
        for i in range(1, min(len(slices) - 1, k) + 1):
            if slices[i]:
                row += ((i * (n + 1) - k) * slices[i]) * rows[k - i]
        rows.append(row / (k * slices[0]))
    zero = flint.fmpz()
    for row in rows:
        found = row.coeffs()
        coefficients += found
        coefficients += [zero] * (length - len(found))
    return flint.fmpz_poly(coefficients)


def seconds(task: Copies) -> float:
    """Predicted seconds of a power row by row."""
    box = power_box(task.a.box, task.n)
    bits = task.n * task.a.bits
    each = costs.MILLER_POINT_SECONDS + bits * costs.MILLER_BIT_SECONDS
    start = box.shape[0] * task.a.box.shape[0] * costs.MILLER_ROW_SECONDS
    return start + box.size * (task.points * each + costs.MILLER_CELL_SECONDS)
