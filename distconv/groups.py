"""Random walks on finite groups: how fast dice modulo m and card shuffles forget where they began."""

from __future__ import annotations

from distconv.checks import check_copies
from distconv.combine import convolve, power, total_variation
from distconv.distribution import Distribution
from distconv.errors import DistconvValueError
from distconv.monoids import Monoid
from distconv.typing import Probability


def distances_to_uniform(X: Distribution, n: int, *, monoid: Monoid) -> list[Probability]:
    """The total variation distance to the uniform law on a finite group, after 0, 1, ..., n independent steps.

    Args:
        X: the law of one step, on the group's elements.
        n: number of steps, >= 0.
        monoid: a group whose elements are known: ``modulo(7)``, ``symmetric(4)``, ``Monoid.from_table(table)``.

    Returns:
        So many distances and one, fractions for an exact law, doubles for a floating one.

    Raises:
        DistconvValueError: the monoid's elements are not known, or X has outcomes outside of them.

    >>> from distconv import Die, distances_to_uniform
    >>> from distconv.monoids import modulo
    >>> [float(round(d, 4)) for d in distances_to_uniform(Die(6), 3, monoid=modulo(10))]
    [0.9, 0.4, 0.1667, 0.0852]
    """
    steps, here = check_copies(n), power(X, 1, monoid=monoid)
    if monoid.elements is None:
        raise DistconvValueError(
            f"the elements of {monoid.name} are not known, so there is no uniform law on them; give them: "
            "Monoid(op, identity, elements=(0, 1, 2)), or use modulo(n) of an integer, symmetric(n), Monoid.from_table"
        )
    known = set(monoid.elements)
    outside = [x for x in here.support if x not in known]
    if outside:
        raise DistconvValueError(f"outcome {outside[0]} is no element of {monoid.name}")
    uniform = Distribution.from_counts(dict.fromkeys(monoid.elements, 1))
    step, here = here, power(here, 0, monoid=monoid)
    distances = [total_variation(here, uniform)]
    for _ in range(steps):
        here = convolve(here, step, monoid=monoid)
        distances.append(total_variation(here, uniform))
    return distances
