"""Images of laws of coordinates under rational matrices: laid out, or member by member where there is no end."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

from distconv import convolution
from distconv.errors import DistconvTypeError
from distconv.laws import rules
from distconv.laws.adding import summed
from distconv.laws.finite import Finite, zero
from distconv.laws.image import scaled
from distconv.laws.joint import joined
from distconv.laws.law import Law
from distconv.transforms import images
from distconv.typing import Scalar
from distconv.weights.unify import are_numbers


def placed(base: Law, table: list[list[Scalar]]) -> Law:
    """The law of the image under a rational matrix; coordinates of an endless law are moved about, or added up once."""
    size = base.ndim
    if table == [[int(i == j) for j in range(size)] for i in range(size)]:
        return base
    if is_whole(base):
        return Finite(images.linear(base.measure, table), base.origin)
    places = [[j for j, v in enumerate(row) if v] for row in table]
    used = [j for row in places for j in row]
    is_moved = all(len(row) < 2 and (not row or table[i][row[0]] == 1) for i, row in enumerate(places))
    if len({*used}) == len(used) and not is_moved and all(member.ndim == 1 for member in base.members):
        return joined([_added([(base.members[j], table[i][j]) for j in row]) for i, row in enumerate(places)])
    if len({*used}) < len(used) or not is_moved:
        raise DistconvTypeError(
            "sums of different coordinates of a law without end are no law of coordinates; cut it first: "
            "X.given(lambda x: ...)"
        )
    spare = iter(range(size, size + len(table)))
    wide = joined([base, zero(len(table) - len(used))]) if len(used) < len(table) else base
    axes = [row[0] if row else next(spare) for row in places]
    found = wide.marginal(axes)
    # A formula between two numbers is laid out once it has neighbours.
    return Finite(images.marginal(wide.measure, axes), wide.origin) if found is None else found


def _added(parts: Sequence[tuple[Law, Scalar]]) -> Law:
    """The sum of multiples of independent laws; 0 of none."""
    terms = [scaled(law, factor) for law, factor in parts] or [zero(1)]
    if not all(map(is_whole, terms)):
        terms = [_in_doubles(law) for law in terms]
    return reduce(lambda x, y: rules.apply("add", x, y) or summed([(x, 1), (y, 1)]), terms)


def _in_doubles(law: Law) -> Law:
    """A law beside one without an end: irrational weights become doubles."""
    is_irrational = is_whole(law) and not law.letters and not are_numbers(law.measure.weights)
    return Finite(convolution.as_floating(law.measure), law.origin) if is_irrational else law


def is_whole(law: Law) -> bool:
    """Whether a law has finitely many outcomes, none of which depends on letters."""
    return law.is_finite and law.is_laid_out()
