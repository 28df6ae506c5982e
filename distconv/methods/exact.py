"""Exact convolution by FLINT: one product of integer polynomials, n-D through Kronecker substitution.

A row-major flattening whose rows are as long as the *result's* turns an n-D convolution into a 1-D one: no index of a
sum carries into the next axis. The product's coefficients are then the result's cells, row-major, as they stand.

Cost: FLINT chooses among classical, Karatsuba, Kronecker and Schoenhage-Strassen products by itself; about
3e-9 s per bit of the result (benchmarks/costs.py). Powers use FLINT's own ``pow`` (Miller's recurrence for
short factors), ten times faster than squaring a long result; in several dimensions, of steps of few points, the same
recurrence row by row (`methods.miller`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from distconv import missing
from distconv.measure import Measure
from distconv.methods import miller
from distconv.methods.alignment import flat_polynomial
from distconv.planning import costs
from distconv.planning.limits import exact_bytes, stays_exact, within_exact
from distconv.planning.registry import Method
from distconv.planning.tasks import Copies, Pair
from distconv.support.lattice import Lattice, power_box, strides_on, sum_box
from distconv.weights.rational import Rational

if TYPE_CHECKING:
    import flint


def convolve(a: Measure, b: Measure) -> Measure:
    """The convolution of two exact measures, on a dense box."""
    p, q = a.weights.as_rational(), b.weights.as_rational()
    box = sum_box(a.box, b.box)
    f = _polynomial(a, p, box)
    g = f if b is a else _polynomial(b, q, box)
    return Measure(box, Rational(f * g, p.denominator * q.denominator, box.size), missing.joined(a.missing, b.missing))


def _polynomial(measure: Measure, weights: Rational, box: Lattice) -> flint.fmpz_poly:
    """The numerators of a measure as a polynomial in the cells of a box of sums."""
    own = measure.support
    if len(box.shape) == 1 and type(own) is Lattice and own.step == box.step:
        return weights.numerators
    return flat_polynomial(measure, strides_on(measure.box, box.step), box.shape)


def power(a: Measure, n: int) -> Measure:
    """The n-fold convolution of an exact measure with itself, n >= 1, on a dense box."""
    weights = a.weights.as_rational()
    box = power_box(a.box, n)
    poly = _polynomial(a, weights, box)
    by_rows = box.ndim > 1 and _is_by_rows(Copies.of(a, n))
    whole = miller.power(poly, a.box.shape, n) if by_rows else poly**n
    return Measure(box, Rational(whole, weights.denominator**n, box.size), missing.repeated(a.missing, n))


def _is_by_rows(task: Copies) -> bool:
    """Whether a power in several dimensions is predicted quicker row by row."""
    return miller.seconds(task) < _flat_seconds(task)


def _seconds(cells: int, bits: int, speedup: float = 1.0) -> float:
    """Seconds of a dense result with numerators of so many bits."""
    return 1e-6 + cells * (costs.EXACT_CELL_SECONDS + bits * costs.EXACT_BIT_SECONDS / speedup)


def _applies(pair: Pair) -> bool:
    """Whether both are exact, and the result within the limits."""
    return pair.kind == "exact" and stays_exact(pair.cells, pair.bits)


METHOD = Method(
    name="exact",
    applies=_applies,
    cost=lambda pair: _seconds(pair.cells, pair.bits),
    bytes=lambda pair: exact_bytes(pair.cells, pair.bits),
    run=convolve,
    reason=lambda pair: within_exact(pair.cells, pair.bits),
)


def _flat_seconds(task: Copies) -> float:
    """Seconds of one power, the fewer the shorter the polynomial is, as long as the first of n rows of the result."""
    box = task.a.box
    length = task.cells / task.n if box.ndim > 1 else box.size
    speedup = min(costs.POWER_SPEEDUP, max(1.0, costs.POWER_SHORT / length))
    return _seconds(task.cells, task.n * task.a.bits, speedup)


def _power_seconds(task: Copies) -> float:
    """Seconds of a power by the quicker way."""
    flat = _flat_seconds(task)
    return flat if task.a.box.ndim == 1 else min(flat, miller.seconds(task))


POWER = Method(
    name="exact",
    applies=lambda task: task.kind == "exact" and stays_exact(task.cells, task.n * task.a.bits),
    cost=_power_seconds,
    bytes=lambda task: exact_bytes(task.cells, task.n * task.a.bits),
    run=lambda measure, n, _: power(measure, n),
    reason=lambda task: within_exact(task.cells, task.n * task.a.bits),
)
