"""Generating and characteristic functions of finite laws, at numbers and at letters."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from distconv.errors import AccuracyError, DimensionError, DistconvValueError, SizeLimitError
from distconv.measure.arranging import positive_cells
from distconv.measure.lookup import axis_indices, entries_of, outcomes_of, weights_of
from distconv.measure.measure import Measure, kept
from distconv.numbers.balls import ball_of, precision, resolved_pair
from distconv.numbers.doubles import lifted, multiples, to_double
from distconv.numbers.letters import expression_of, is_expression
from distconv.queries.refusals import only_settled
from distconv.support.outcomes import as_vector
from distconv.typing import AnyArray, End, FloatArray, Place, PointLike, Question, Scalar, Transform
from distconv.weights.quotients import tidy
from distconv.weights.rational import fraction
from distconv.weights.unify import numeric

if TYPE_CHECKING:
    from distconv.typing import AnyArray, FloatArray, Scalar

#: Bits up to which probability generating functions are evaluated exactly.
PGF_BITS = 200_000_000
#: Bits in which such a function of exact weights is first computed at a double, and at most.
PGF_START_BITS, PGF_LAST_BITS = 128, 1 << 14


def _raised(base: Any, power: Scalar) -> Any:
    """base**power; infinite where that is beyond the doubles."""
    try:
        return base ** (power if isinstance(power, int) else float(power))
    except OverflowError:
        return math.inf


def exact_place(z: Place) -> Place:
    """Where a generating function is asked: a whole number as a fraction, all else as it is."""
    return Fraction(z) if isinstance(z, int) else z


def size_of(z: Place) -> Transform:
    """The absolute value of a number; 0 of a symbol."""
    return abs(z) if isinstance(z, int | float | complex | Fraction) else 0


def check_zero(low: End) -> None:
    """Refuses z = 0 for a law with outcomes below 0; `low` is its lowest one, None where there is none.

    Raises:
        DistconvValueError: there are such outcomes.
    """
    if low is None or low < 0:
        raise DistconvValueError("z must not be 0 for a law of negative outcomes: z**X has no value there")


def pgf(measure: Measure, z: PointLike | tuple[PointLike, ...]) -> Transform:
    """E[z**X].

    Exact for an exact law of integers at a rational z; else a float or complex number; any z that can be raised
    to a power and multiplied by weights works. A float is within e + (2 n + 8 k + 8) u times ``E |z|**X``, k the
    largest outcome in absolute value (e, n, u as in `mean`). Refused where more than 1e-8 is `missing`.
    """
    only_settled(measure, "E z**X", "pgf(z)")
    box, ndim = measure.box, measure.box.ndim
    values: tuple[Any, ...] = z if isinstance(z, tuple) else (z,)
    if len(values) != ndim:
        raise DimensionError(f"z must have {ndim} coordinates, got {z!r}")
    exact: list[Any] = [exact_place(v) for v in values]
    origin, high = box.origin, box.high
    for base, low in zip(exact, origin, strict=True):
        if base == 0:
            check_zero(low)
    bits = sum(
        (abs(b.numerator).bit_length() + b.denominator.bit_length()) * max(abs(Fraction(low)), abs(Fraction(top)))
        for b, low, top in zip(exact, origin, high, strict=True)
        if isinstance(b, Fraction) and abs(b) not in (0, 1)
    )
    if bits > PGF_BITS:
        raise SizeLimitError(
            f"the exact value has some {int(bits):,} bits, past the limit of {PGF_BITS:,}; ask at a float: "
            f"X.pgf({'(' + ', '.join(str(float(v)) for v in exact) + ')' if ndim > 1 else float(exact[0])})"
        )
    if ndim == 1 and isinstance(exact[0], Fraction | float) and math.isfinite(exact[0]):
        found = _of_polynomial(measure, exact[0])
        if found is not None:
            return found
    # From the lowest outcomes on, whose powers are taken out: an offset costs one power, not one for each outcome.
    total: Any = 0
    if measure.weights.kind == "exact" and all(isinstance(b, float | complex) for b in exact):
        # Fractions would be made only to be rounded.
        weights: Any = double_weights(measure)[measure.weights.positive()]
    else:
        weights = weights_of(measure)
    for outcome, weight in zip(outcomes_of(measure), weights, strict=True):
        term: Any = weight
        places = as_vector(outcome)
        for base, power, low in zip(exact, places, origin, strict=True):
            term = term * _raised(base, power - low)
        total = total + term
    for base, low in zip(exact, origin, strict=True):
        total = total * _raised(base, low)
    return tidy(total) if is_expression(total) else total


def _of_polynomial(measure: Measure, z: Fraction | float) -> Fraction | float | None:
    """E z**X of exact weights on whole numbers: one polynomial of FLINT's, at a fraction or, in balls, at a double.

    None where there is no such polynomial.
    """
    import flint

    weights, box = measure.weights, measure.box
    low, step = box.origin[0], box.step[0]
    if weights.kind != "exact" or measure.is_sparse or low.denominator != 1 or step.denominator != 1:
        return None
    numerators, denominator = weights.as_rational().numerators, weights.as_rational().denominator
    if isinstance(z, Fraction):
        base = flint.fmpq(z.numerator, z.denominator)
        value = numerators(base ** int(step)) / denominator * base ** int(low)
        return fraction(value.p, int(value.q))
    if z == 0:
        return float(weights.at(0)) if low == 0 else 0.0

    def value_at() -> Any:
        base = ball_of(z)
        return flint.arb_poly(numerators)(base ** int(step)) * base ** int(low) / denominator

    try:
        return lifted(*resolved_pair(value_at, f"E z**X at z = {z!r}", start=PGF_START_BITS, last=PGF_LAST_BITS))
    except AccuracyError:
        # The value is 0, or as good as: the double is a fraction, too.
        exact = _of_polynomial(measure, Fraction(z))
        return None if exact is None else to_double(Fraction(exact))


def log_mgf(measure: Measure, t: float) -> float:
    """log sum_x w(x) exp(t x) of a finite 1-D measure, however large."""
    logs, places = log_weights(measure)
    exponents = logs + t * places
    top = float(exponents.max())
    return top + math.log(float(np.exp(exponents - top).sum()))


@kept
def log_weights(measure: Measure) -> tuple[FloatArray, FloatArray]:
    """The logs of a measure's positive weights, and where they lie; a bound asks at many rates in a row."""
    floats = measure.weights.as_floating()
    cells, ranks = positive_cells(measure), measure.weights.positive()
    logs = np.log(floats.significands[ranks])
    if floats.exponents is not None:
        logs = logs + math.log(2) * floats.exponents[ranks]
    box = measure.box
    return logs, float(box.origin[0]) + float(box.step[0]) * np.asarray(cells, dtype=np.float64)


def cf(measure: Measure, t: Question) -> Transform:
    """E[exp(i t X)].

    Within e + (2 n + 8) u + ``4 u |t| max|x - mode|``, absolute (e, n, u as in `mean`). Refused where more than
    1e-8 is `missing`.
    """
    only_settled(measure, "E exp(i t X)", "cf(t)")
    box, ndim = measure.box, measure.box.ndim
    if measure.weights.kind == "symbolic" or is_expression(t):
        return _symbolic_cf(measure, t)
    points = np.asarray(t, dtype=np.float64)
    if ndim > 1 and (points.ndim == 0 or points.shape[-1] != ndim):
        raise DimensionError(f"t must have {ndim} coordinates, got {t!r}")
    masses = np.array([float(w) for w in double_weights(measure)])
    heaviest = int(masses.argmax())
    # About the heaviest outcome, whose own angle is reduced exactly: offsets of 10**17 cost no digit.
    columns = [multiples(s, i - i[heaviest]) for s, i in zip(box.step, axis_indices(measure), strict=True)]
    grid = np.stack(columns, axis=-1)
    center = measure.support.vector(heaviest)
    angles = points.reshape(-1, ndim)
    values = np.array([turned(angle, center) * np.dot(masses, np.exp(1j * (grid @ angle))) for angle in angles])
    shape = points.shape if ndim == 1 else points.shape[:-1]
    return values.reshape(shape)[()]


def turned(angle: AnyArray, center: Sequence[Scalar]) -> complex:
    """exp(i t . x) for doubles t and rationals x of any size, their product reduced exactly."""
    product = sum((Fraction(float(t)) * Fraction(x) for t, x in zip(angle, center, strict=True)), start=Fraction(0))
    bits = 80 + max(0, product.numerator.bit_length() - product.denominator.bit_length())
    with precision(bits):
        x = ball_of(product)
        return complex(float(x.cos()), float(x.sin()))


def _symbolic_cf(measure: Measure, t: Any) -> Any:
    """E[exp(i t X)] as an expression."""
    import sympy

    angles = as_vector(t)
    if len(angles) != measure.box.ndim:
        raise DimensionError(f"t must have {measure.box.ndim} coordinates, got {t!r}")
    total = sympy.Integer(0)
    for outcome, weight in entries_of(measure):
        places = as_vector(outcome)
        phase = sum(expression_of(a) * expression_of(x) for a, x in zip(angles, places, strict=True))
        total += expression_of(weight) * sympy.exp(sympy.I * phase)
    return total


def double_weights(measure: Measure) -> AnyArray:
    """All stored weights as doubles."""
    weights = numeric(measure.weights, "weights as floats")
    return weights.as_floating().values()
