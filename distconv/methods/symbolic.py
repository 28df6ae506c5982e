"""Convolution of symbolic weights by FLINT: one product of polynomials, one more variable standing for the outcome.

The numerators of a law become one polynomial whose first variable's power is the cell of a point in the result's box
(row-major, as in `methods.exact`); the product's coefficients, gathered by that power, are the numerators of the sum.
"""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import groupby
from operator import itemgetter
from typing import Any

from distconv import missing
from distconv.errors import SizeLimitError
from distconv.measure import Measure
from distconv.measure.arranging import compacted
from distconv.methods.alignment import cells_in, spread_of
from distconv.planning import costs
from distconv.planning.registry import Method
from distconv.planning.tasks import Copies, Pair
from distconv.settings import current_settings
from distconv.support import Lattice
from distconv.support.lattice import power_box, sum_box
from distconv.support.points import Points, cell_array
from distconv.typing import Shape
from distconv.weights import Symbolic, Weights, unify
from distconv.weights.field import context
from distconv.weights.symbolic import unified, with_letters


def convolve(a: Measure, b: Measure) -> Measure:
    """The convolution of two measures, at least one of them symbolic, the other exact."""
    x, y = paired(a.weights, b.weights)
    box = sum_box(a.box, b.box)
    _check(box, min(box.size, a.support.size * b.support.size), (x, 1), (y, 1))
    p = _packed(a, x, spread_of(a, box.step)[0], box.shape)
    q = p if b is a else _packed(b, y, spread_of(b, box.step)[0], box.shape)
    packed = x.field.beside_one().reduced(p * q)
    found = _unpacked(packed, x.denominator * y.denominator, box, x, x.assumptions | y.assumptions)
    return replace(found, missing=missing.joined(a.missing, b.missing))


def power(a: Measure, n: int) -> Measure:
    """The n-fold convolution of a symbolic measure with itself, n >= 1."""
    weights, _ = paired(a.weights, a.weights)
    box = power_box(a.box, n)
    _check(box, min(box.size, math.comb(a.support.size + n - 1, n)), (weights, n))
    packed = _packed(a, weights, (1,) * box.ndim, box.shape)
    product = weights.field.beside_one().power(packed, n)
    found = _unpacked(product, weights.denominator**n, box, weights, weights.assumptions)
    return replace(found, missing=missing.repeated(a.missing, n))


def paired(a: Weights, b: Weights) -> tuple[Symbolic, Symbolic]:
    """Two kinds of weights, one of them symbolic, as polynomials in the same letters.

    Raises:
        DistconvTypeError: one of them is floating.
    """
    x, y = unify.unified(a, b)
    return unified(with_letters(x), with_letters(y))


def _check(box: Lattice, points: int, *operands: tuple[Symbolic, int]) -> None:
    """Refuses a result of more terms than the settings allow; every letter's degrees add."""
    counts = [max((len(p) for p in w.numerators), default=1) ** n for w, n in operands]
    field = operands[0][0].field
    degrees = [0] * len(field.generators)
    for weights, n in operands:
        columns = zip(*(p.degrees() for p in weights.numerators), strict=True)
        most = [max((int(d) for d in column), default=0) for column in columns]
        degrees = [d + n * m for d, m in zip(degrees, most, strict=True)]
    if field.algebraic is not None:
        # Powers of the algebraic generator are reduced.
        degrees[-1] = len(field.algebraic.relation) - 2
    dense = math.prod(d + 1 for d in degrees)
    size = points * min(dense, math.prod(counts) * box.size) * costs.SYMBOLIC_TERM_BYTES
    limit = current_settings().max_bytes
    if size > limit:
        raise SizeLimitError(
            f"the symbolic sum may have {points:,} outcomes of up to {dense:,} terms each "
            f"({size / 2**30:,.1f} GiB > limit {limit / 2**30:,.1f} GiB); substitute numbers for some "
            "letters first, X.subs({...}), or raise the limit: "
            f"with distconv.settings(max_bytes={size}): ..."
        )


def _packed(measure: Measure, weights: Symbolic, strides: Shape, shape: Shape) -> Any:
    """All numerators as one polynomial: the first variable's power is the cell."""
    terms: dict[tuple[int, ...], Any] = {}
    for cell, numerator in zip(cells_in(measure, strides, shape).tolist(), weights.numerators, strict=True):
        for powers, coefficient in numerator.to_dict().items():
            terms[cell, *powers] = coefficient
    return context(len(weights.field.generators) + 1).from_dict(terms)


def _unpacked(packed: Any, denominator: Any, box: Lattice, like: Symbolic, assumptions: frozenset[Any]) -> Measure:
    """The measure whose numerators stand in one polynomial."""
    ring = like.field.ring
    powers, coefficients = packed.monoms(), packed.coeffs()
    cells, numerators, start = [], [], 0
    # Terms stand in the order of their powers, so those of one cell follow each other.
    for cell, group in groupby(powers, key=itemgetter(0)):
        rest = [p[1:] for p in group]
        numerators.append(ring.from_dict(dict(zip(rest, coefficients[start : start + len(rest)], strict=True))))
        cells.append(int(cell))
        start += len(rest)
    cells, numerators = cells[::-1], numerators[::-1]
    weights = Symbolic(tuple(numerators), denominator, like.field, assumptions).lowest()
    return compacted(Measure(Points(box, cell_array(cells, box.size)), weights))


def _seconds(pair: Pair) -> float:
    """Seconds of all pairs of numerators; letters have short ones."""
    return pair.pairs * costs.SYMBOLIC_PAIR_SECONDS


METHOD = Method(
    name="symbolic",
    applies=lambda pair: pair.kind == "symbolic",
    cost=_seconds,
    bytes=lambda pair: min(pair.pairs, pair.cells) * costs.SYMBOLIC_TERM_BYTES,
    run=convolve,
    reason=lambda _: "one product of polynomials",
)


def _power_seconds(task: Copies) -> float:
    """Seconds of one power, of n products of as many terms as there are cells."""
    return task.n * task.cells * costs.SYMBOLIC_PAIR_SECONDS


POWER = Method(
    name="symbolic",
    applies=lambda task: task.kind == "symbolic",
    cost=_power_seconds,
    bytes=lambda task: min(task.cells, math.comb(task.a.points + task.n - 1, task.n)) * costs.SYMBOLIC_TERM_BYTES,
    run=lambda measure, n, _: power(measure, n),
    reason=lambda task: f"the power {task.n} of one polynomial",
)
