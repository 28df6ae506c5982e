"""Convolution undone: which measure, added to a known one, or to itself n - 1 times more, gives a measure.

In one dimension both are division and root extraction of polynomials; in n dimensions of the flattened ones, whose rows
are as long as the sum's (Kronecker substitution). Exact weights are divided exactly. Doubles are taken for balls of
their stated error: what comes out is a ball for every weight, and a verdict where it is too wide to be an answer.

Sources: Miller's recurrence for powers of a series (Knuth, TAOCP 2, section 4.7); Johansson's Arb for the balls.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np

from distconv import bounds
from distconv.errors import AccuracyError, DistconvValueError
from distconv.measure import Measure
from distconv.methods.alignment import cells_in, flat_polynomial, spread_of
from distconv.numbers.balls import ball_of_pair, pair_of, precision
from distconv.support.lattice import Lattice, common_step
from distconv.support.outcomes import as_outcome, whole
from distconv.typing import Scalar, Vector

#: Bits at which balls are divided.
BITS = 256
#: A weight of a floating result that may be off by more than this part is no answer.
WORST = 1e-6
#: Weights that may be 0 are taken for 0 where they total at most this part of the largest; they count as missing.
DUST = 1e-9

#: What to do where doubles do not tell.
WAY_OUT = "make the laws of exact weights, fractions or strings like '1/6'"

#: Weights by their points, signed.
Signed = dict[Vector, Any]


def divided(total: Measure, known: Measure) -> tuple[Signed, float, float]:
    """(weights, relative error, missing) of the signed measure that, added to `known`, is `total`.

    Raises:
        DistconvValueError: there is none.
        AccuracyError: doubles do not tell.
    """
    step = common_step(total.box, known.box)
    (strides, shape), (strides_known, shape_known) = spread_of(total, step), spread_of(known, step)
    if any(k > t for k, t in zip(shape_known, shape, strict=True)):
        raise DistconvValueError(
            f"no X has this sum: the known law spans {_spans(known)} and is wider than the sum, which spans "
            f"{_spans(total)}"
        )
    origin = tuple(whole(Fraction(t) - k) for t, k in zip(total.box.origin, known.box.origin, strict=True))
    box = Lattice(origin, step, tuple(t - k + 1 for t, k in zip(shape, shape_known, strict=True)))
    if total.weights.is_exact and known.weights.is_exact and not (total.missing or known.missing):
        import flint

        top, below = flat_polynomial(total, strides, shape), flat_polynomial(known, strides_known, shape)
        found, rest = divmod(flint.fmpq_poly(top), flint.fmpq_poly(below))
        remainder = rest.coeffs()
        if remainder:
            place = next(i for i, c in enumerate(remainder) if c != 0)
            raise _nothing(_vector(Lattice(total.box.origin, step, shape), shape, place))
        scale = Fraction(known.weights.as_rational().denominator, total.weights.as_rational().denominator)
        values = [Fraction(int(c.p), int(c.q)) * scale for c in found.coeffs()]
        return _placed(values, box, shape), 0.0, 0.0
    with precision(BITS):
        balls = _balls(total, strides, shape), _balls(known, strides_known, shape)
        return _by_balls(lambda a, b: a / b, balls, box, shape, 1)


def root(total: Measure, n: int) -> tuple[Signed, float, float]:
    """(weights, relative error, missing) of the signed measure of total 1 whose n-fold convolution is `total`."""
    box, shape = total.box, total.box.shape
    if any((k - 1) % n for k in shape):
        raise DistconvValueError(
            f"no X has this sum of {n} copies: its law spans {_spans(total)} in steps of {as_outcome(box.step)}, which "
            f"{n} equal parts cannot share"
        )
    origin = tuple(whole(Fraction(o) / n) for o in box.origin)
    small = Lattice(origin, box.step, tuple((k - 1) // n + 1 for k in shape))
    ones = (1,) * box.ndim
    if not total.weights.is_exact or total.missing:
        with precision(BITS):
            return _by_balls(lambda a, _: (a.log() / n).exp(), (_balls(total, ones, shape), None), small, shape, n)
    import flint

    poly = flat_polynomial(total, ones, shape)
    cells = poly.coeffs()
    first = next(i for i, c in enumerate(cells) if c != 0)
    count = (len(cells) - 1) // n + 1 - first // n
    series = _series_root([flint.fmpq(c) / cells[first] for c in cells[first : first + count]], n)
    found = flint.fmpq_poly([0] * (first // n) + series)
    found /= found(flint.fmpq(1))
    if first % n or found**n != flint.fmpq_poly(poly) / total.weights.as_rational().denominator:
        raise DistconvValueError(
            f"no X has this sum of {n} copies, with signs or without: the {n}-th root of its generating function is no "
            "polynomial"
        )
    values = [Fraction(int(c.p), int(c.q)) for c in found.coeffs()]
    return _placed(values, small, shape), 0.0, 0.0


def _series_root(a: list[Any], n: int) -> list[Any]:
    """The first terms of a power series, which begins with 1, to the power 1 / n."""
    import flint

    b = [flint.fmpq(1)]
    for k in range(1, len(a)):
        terms = (flint.fmpq((n + 1) * j - n * k, n) * a[j] * b[k - j] for j in range(1, k + 1))
        b.append(sum(terms, start=flint.fmpq(0)) / k)
    return b


def _spans(measure: Measure) -> Any:
    """How far a measure reaches on each axis."""
    return as_outcome(tuple(whole(Fraction(h) - o) for o, h in zip(measure.box.origin, measure.box.high, strict=True)))


def _nothing(place: Any) -> DistconvValueError:
    return DistconvValueError(
        f"no X has this sum, with signs or without: polynomial division leaves a remainder, first at {place}"
    )


def _vector(box: Lattice, strides: tuple[int, ...], cell: int) -> Any:
    """The point of a flattened cell."""
    index = np.unravel_index(cell, strides)
    return as_outcome(tuple(whole(o + s * int(i)) for o, s, i in zip(box.origin, box.step, index, strict=True)))


def _placed(values: list[Any], box: Lattice, strides: tuple[int, ...]) -> Signed:
    """Flattened cells at their points; a cell beyond the box is a remainder that wrapped around."""
    result: Signed = {}
    for cell, value in enumerate(values):
        if value == 0:
            continue
        index = [int(i) for i in np.unravel_index(cell, strides)]
        if any(i >= k for i, k in zip(index, box.shape, strict=True)):
            raise _nothing(_vector(box, strides, cell))
        places: list[Scalar] = [whole(o + s * i) for o, s, i in zip(box.origin, box.step, index, strict=True)]
        result[tuple(places)] = value
    return result


# Balls ----------------------------------------------------------------------------------------------------------------


def _balls(measure: Measure, strides: tuple[int, ...], shape: tuple[int, ...]) -> list[Any]:
    """The weights as balls that hold the true ones, flattened on a box.

    A weight is given a rounding at least, and may be larger by all that is missing.
    """
    import flint

    floats = measure.weights.as_floating()
    error = flint.arb(0, bounds.reciprocal(max(floats.error, 2 * bounds.UNIT)))
    more = flint.arb(measure.missing / 2, measure.missing / 2)
    result = [flint.arb(0)] * math.prod(shape)
    for rank, cell in enumerate(cells_in(measure, strides, shape).tolist()):
        if floats.significands[rank]:
            middle = ball_of_pair(float(floats.significands[rank]), floats.exponent_at(rank))
            result[cell] = middle * (1 + error) + more
    return result


def _by_balls(
    operation: Callable[[Any, Any], Any],
    operands: tuple[list[Any], list[Any] | None],
    box: Lattice,
    strides: tuple[int, ...],
    n: int,
) -> tuple[Signed, float, float]:
    """The result as balls, each from the end of the series that knows it better."""
    total, known = operands
    count = int(np.ravel_multi_index(tuple(k - 1 for k in box.shape), strides)) + 1
    with precision(BITS, terms=count):
        up = _from_end(operation, total, known, count, n)
        down = _from_end(operation, total[::-1], None if known is None else known[::-1], count, n, len(total) - 1)
        values = [a if a.rel_accuracy_bits() >= b.rel_accuracy_bits() else b for a, b in zip(up, down, strict=True)]
        _check_balls(values, total, known, n, box, strides)
        return _rounded(values, box, strides)


def _from_end(
    operation: Callable[[Any, Any], Any],
    total: list[Any],
    known: list[Any] | None,
    count: int,
    n: int,
    last: int | None = None,
) -> list[Any]:
    """The cells 0, ..., count - 1 of the result from one end of the operands; `last` where they are reversed."""
    import flint

    def series(cells: list[Any]) -> tuple[int, Any]:
        first = next(i for i, c in enumerate(cells) if c != 0)
        return first, flint.arb_series(cells[first : first + count], count)

    first, top = series(total)
    if known is not None:
        first_known, below = series(known)
        start = first - first_known if last is None else first_known - first
    else:
        below = None
        whole_place = first if last is None else last - first
        if whole_place % n:
            raise DistconvValueError(
                f"no X has this sum of {n} copies: its first outcome cannot be shared by {n} parts"
            )
        start = whole_place // n
    found = operation(top, below).coeffs()
    result = [flint.arb(0)] * count
    for i, value in enumerate(found):
        place = start + i if last is None else start - i
        if 0 <= place < count:
            result[place] = value
    return result


def _check_balls(values: list[Any], total: list[Any], known: Any, parts: int, box: Lattice, strides: Any) -> None:
    """What was found has the sum that was given, as far as balls tell."""
    import flint

    found = flint.arb_poly(values)
    again = found * flint.arb_poly(known) if known is not None else found**parts
    cells = again.coeffs()
    for cell, wanted in enumerate(total):
        have = cells[cell] if cell < len(cells) else flint.arb(0)
        if not have.overlaps(wanted):
            raise DistconvValueError(
                f"no X has this sum: at {_vector(box, strides, cell)} (from its lowest outcome) the weight would be "
                f"{float(have.mid()):.6g}, not {float(wanted.mid()):.6g}"
            )


def _rounded(values: list[Any], box: Lattice, strides: tuple[int, ...]) -> tuple[Signed, float, float]:
    """Balls as doubles with exponents, their relative error, and what may be missing: all compared as balls."""
    import flint

    sure = [abs(v.mid()) for v in values if not v.contains(0)]
    most = max(sure, default=flint.arb(0))
    dust = {cell: v.abs_upper() for cell, v in enumerate(values) if v.contains(0)}
    lost = sum(dust.values(), start=flint.arb(0))
    if not lost <= DUST * most:
        cell = max(dust, key=lambda c: pair_of(dust[c])[::-1] if dust[c].is_finite() else (math.inf, 0.0))
        raise AccuracyError(
            f"the weight at {_vector(box, strides, cell)} is {float(values[cell].mid()):.3g}, give or take "
            f"{float(values[cell].rad()):.2g}: doubles do not tell; {WAY_OUT}"
        )
    radius = max((v.rad() / abs(v.mid()) for v in values if not v.contains(0)), default=flint.arb(0))
    if not radius <= WORST:
        raise AccuracyError(
            f"the division is ill-conditioned: weights would be off by up to {float(radius):.2g} of themselves; "
            + WAY_OUT
        )
    kept = [0 if cell in dust else pair_of(v) for cell, v in enumerate(values)]
    # A ball's midpoint is within its radius of the truth, and rounded to a double.
    error = bounds.compose(bounds.reciprocal(_above(radius)), bounds.UNIT)
    return _placed(kept, box, strides), error, _above(lost)


def _above(ball: Any) -> float:
    """A double that is not below a finite ball >= 0."""
    significand, exponent = pair_of(ball.abs_upper())
    return math.ldexp(math.nextafter(significand, 1), min(max(exponent, -1070), 1000)) if significand else 0.0
