"""Exact convolution by FLINT: one product of integer polynomials, n-D through Kronecker substitution.

A row-major flattening whose rows are as long as the *result's* turns an n-D convolution into a 1-D one: no index of a
sum carries into the next axis. The product's coefficients are then the result's cells, row-major, as they stand.

Cost: FLINT chooses among classical, Karatsuba, Kronecker and Schoenhage-Strassen products by itself; about
3e-9 s per bit of the result (benchmarks/costs.py). Powers use FLINT's own ``pow`` (Miller's recurrence for
short factors), ten times faster than squaring a long result.
"""

from __future__ import annotations

from distconv import missing
from distconv.measure import Measure
from distconv.methods.alignment import flat_polynomial, spread_of
from distconv.support.lattice import power_box, sum_box
from distconv.weights.rational import Rational


def convolve(a: Measure, b: Measure) -> Measure:
    """The convolution of two exact measures, on a dense box."""
    p, q = a.weights.as_rational(), b.weights.as_rational()
    box = sum_box(a.box, b.box)
    f = flat_polynomial(a, spread_of(a, box.step)[0], box.shape)
    g = f if b is a else flat_polynomial(b, spread_of(b, box.step)[0], box.shape)
    return Measure(box, Rational(f * g, p.denominator * q.denominator, box.size), missing.joined(a.missing, b.missing))


def power(a: Measure, n: int) -> Measure:
    """The n-fold convolution of an exact measure with itself, n >= 1, on a dense box."""
    weights = a.weights.as_rational()
    box = power_box(a.box, n)
    poly = flat_polynomial(a, (1,) * box.ndim, box.shape)
    return Measure(box, Rational(poly**n, weights.denominator**n, box.size), missing.repeated(a.missing, n))
