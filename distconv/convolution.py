"""Convolution of measures: unify, plan, run. The one place where a plan meets the methods.

The floating methods are imported where they run: exact laws never need them, and importing the library is quick.
"""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from distconv import bounds, missing, planning
from distconv.errors import DistconvValueError, SizeLimitError
from distconv.measure import Measure
from distconv.measure.arranging import compacted, tightened
from distconv.methods import compositions, exact, shares, sublattice
from distconv.methods.alignment import dense_doubles
from distconv.methods.operands import Operand
from distconv.methods.squaring import by_squaring
from distconv.planning import Outline, Plan, after, plan_convolution, plan_exact_power, plan_last_product, plan_windows
from distconv.settings import current_settings
from distconv.support.lattice import power_box, sum_box
from distconv.typing import Scalar, Vector
from distconv.weights.floating import Floating, binary_exponents, from_pairs, normal_form
from distconv.weights.unify import are_numbers

if TYPE_CHECKING:
    from distconv.methods.operands import Operand

#: How many times longer all squarings of a power take than the last one.
LAST_TO_ALL = 2
#: Seconds of one of its products beside the entries (benchmarks/plan_quality.py, sums of copies).
PRODUCT_SECONDS = 1e-4
#: Bits that the weights of a power may lie apart before its products are summed in bands of doubles.
RANGE_BITS = 20_000
#: Part of the entries of an n-fold sum that windows may leave to be computed from two halves.
MOST_LEFT = 0.5


def convolve(a: Measure, b: Measure, method: str = "auto", tolerance: float | None = None) -> tuple[Measure, Plan]:
    """The convolution of two measures, and the plan by which it was computed.

    Floating results add a relative error of at most `tolerance` (default: the settings') to the operands' own.
    """
    if not are_numbers(a.weights, b.weights):
        return _without_numbers(a, b, method)
    plan = plan_convolution(Outline.of(a), Outline.of(b), method)
    if tolerance is None:
        # Not one of the many products of a larger operation, which has said so itself.
        planning.announced(plan)
    if plan.method == "exact":
        return exact.convolve(a, b), plan
    if plan.kind == "float":
        same = b is a
        a = as_floating(a)
        b = a if same else as_floating(b)
    if plan.method == "sparse":
        from distconv.methods import sparse

        return compacted(sparse.convolve(a, b)), plan
    return _floating(a, b, plan, current_settings().tolerance if tolerance is None else tolerance)


def _without_numbers(a: Measure, b: Measure, method: str) -> tuple[Measure, Plan]:
    """A convolution of weights that are no numbers: polynomials in letters, or of any system by all pairs of points."""
    from distconv.methods import sparse, symbolic

    if "symbolic" not in (a.weights.kind, b.weights.kind):
        found = sparse.by_pairs(a, b)
        pairs = a.support.size * b.support.size
        return found, Plan(
            "sparse", found.weights.kind, found.support.size, pairs * planning.PAIR_BYTES, 0.0, "all pairs"
        )
    if method not in ("auto", "symbolic"):
        raise DistconvValueError(f"method={method!r} is for numbers; letters have method='symbolic' (or 'auto')")
    found = symbolic.convolve(a, b)
    return found, planning.symbolic_plan(found.support.size, "one product of polynomials")


def power(a: Measure, n: int, tolerance: float | None = None) -> tuple[Measure, Plan]:
    """The n-fold convolution of a measure with itself, n >= 1.

    Exact ones are one power of a polynomial; others are squared repeatedly. An error made early is doubled by every
    squaring that follows, so the operations get shares of the tolerance that double from step to step and add up to it.
    """
    if n == 1:
        return a, Plan("given")
    if not are_numbers(a.weights):
        if a.weights.kind != "symbolic":
            result = by_squaring(a, n, lambda x, y, _: convolve(x, y)[0])
            return result, _squarings(Plan("sparse", a.weights.kind, result.support.size, 0), n.bit_length(), 0.0)
        from distconv.methods import symbolic

        symbols = symbolic.power(a, n)
        return symbols, planning.symbolic_plan(symbols.support.size, f"the power {n} of one polynomial")
    way, plan = _power_way(a, n)
    if tolerance is None:
        planning.announced(plan)
    if way == "exact":
        return exact.power(a, n), plan
    if way == "ways":
        found = compositions.power(as_floating(a), n)
        return replace(found, missing=missing.repeated(a.missing, n)), plan
    chart = sublattice.chart(a)
    if chart is not None:
        own, how = power(chart.measure, n, current_settings().tolerance if tolerance is None else tolerance)
        return chart.image(own, n), replace(how, reason=f"{how.reason}; on the sublattice of the steps")
    whole = (current_settings().tolerance if tolerance is None else tolerance) * (1 - 2.0**-20)
    if not a.is_sparse:
        planning.check_sum(power_box(a.box, n))
    products = n.bit_length() + n.bit_count() - 2
    # Direct sums are slow where the last of them, of two halves, may not err by all its roundings.
    slow = way == "direct" and bounds.summation(power_box(a.box, n // 2).size) > whole / (2 * products)
    if way == "windows" or slow:
        windows = plan if way == "windows" else replace(plan, method="tilted", reason="all copies at once, under tilts")
        with planning.announced_once():
            tilted = _tilted_power(as_floating(a), n, whole, windows)
            if tilted is not None:
                return tilted
            planning.announced(_in_bands(as_floating(a), n, plan))
    method = "direct" if way == "direct" else "auto"
    plans: list[Plan] = []

    def product(x: Measure, y: Measure, copies: int) -> Measure:
        """x + y, the sum of that many copies of a: its error is carried n / copies times into the result."""
        share = whole * copies / n / products
        both_exact = plan.kind == "float" and x.weights.is_exact and y.weights.is_exact
        # Exact while that is quick: the numerators of a floating result may be far too long.
        if both_exact and plan_convolution(Outline.of(x), Outline.of(y)).seconds > plan.seconds:
            same = y is x
            x = as_floating(x)
            y = x if same else as_floating(y)
        value, step = convolve(x, y, method, tolerance=asked_of(x, y, share))
        plans.append(step)
        return value

    try:
        result = by_squaring(a, n, product)
    except SizeLimitError:
        # The way out is a step for the whole sum.
        planning.check_sum(power_box(a.box, n))
        raise
    return result, _squarings(plans[-1], len(plans), sum(p.seconds for p in plans))


def _in_bands(a: Measure, n: int, plan: Plan, part: float = 1.0) -> Plan:
    """The plan of what windows leave of a power: sums of two halves, in as many bands as the range of each takes."""
    from distconv.methods import direct
    from distconv.methods.certified import BAND_SECONDS

    bands = operand(a, a.box.step).range_bits() * (n / 2) / direct.BAND_BITS
    return replace(plan, method="direct", seconds=plan.seconds + part * bands**2 * BAND_SECONDS)


def _tilted_power(a: Measure, n: int, tolerance: float, plan: Plan) -> tuple[Measure, Plan] | None:
    """The n-fold convolution of a dense floating measure by tilted windows; None where they leave too much.

    What they leave is computed as the sum of two halves, of which it takes few entries.
    """
    from distconv.methods import certified, powering, saddle

    step = operand(a, a.box.step)
    box = power_box(a.box, n)
    given = bounds.repeated(a.weights.error, n)
    if current_settings().accuracy == "absolute" and box.ndim == 1:
        values, absolute = powering.plain(step, n)
        plan = replace(plan, method="fft", reason=f"{n} copies by one FFT")
        return _cut_by(Measure(box, Floating(values, None, given)), absolute, missing.repeated(a.missing, n), plan)
    wanted = None if step.is_full else powering.support(step.significands > 0, n)
    if box.ndim == 1:
        entries: Any = powering.power(step, n, wanted, tolerance)
    else:
        entries = saddle.power(step, n, np.ones(box.shape, dtype=bool) if wanted is None else wanted, tolerance)
    error = bounds.compose(given, entries.error)
    if entries.bad.any():
        if np.count_nonzero(entries.bad) > MOST_LEFT * entries.bad.size:
            return None
        planning.announced(_in_bands(a, n, plan, float(entries.bad.mean())))
        part = tolerance / (6 if box.ndim == 1 else 4)
        half = power(a, n // 2, part)[0]
        other = half if n % 2 == 0 else convolve(half, a, tolerance=part / 2)[0]
        x = operand(half, box.step)
        y = x if other is half else operand(other, box.step)
        canvas = certified.Canvas(entries.significands, entries.exponents)
        canvas = certified.complete(x, y, canvas, entries.bad, tolerance / 4)
        error = max(error, bounds.compose(half.weights.error, other.weights.error, canvas.error))
    weights = from_pairs(entries.significands.ravel(), entries.exponents.ravel(), error)
    return Measure(box, weights, missing.repeated(a.missing, n)), plan


def power_log_tail(a: Measure, n: int, x: Scalar | float, above: bool) -> float:
    """log P(S > x), or log P(S <= x), of the sum S of n copies of a finite 1-D measure, n >= 1; see `methods.tail`."""
    from distconv.methods import tail

    box = a.box
    planning.check_sum(box, "the law itself", "ball")
    last = n * (box.size - 1)
    if isinstance(x, float):
        position = last if x > 0 else -1
    else:
        position = math.floor((Fraction(x) - n * Fraction(box.origin[0])) / box.step[0])
    if not 0 <= position < last:
        return 0.0 if above == (position < 0) else -math.inf
    return tail.log_tail(tail.Step.of(a), n, position, current_settings().tolerance, above=above)


def plan_power(a: Measure, n: int) -> Plan:
    """The plan of `power` for n >= 2, without computing it; of squarings, the last product is planned.

    Raises:
        SizeLimitError: the result would pass ``settings.max_bytes``.
    """
    return _power_way(a, n)[1]


def _power_way(a: Measure, n: int) -> tuple[str, Plan]:
    """How `power` goes, and its plan.

    It goes ``exact`` (one polynomial), by ``ways`` of few points, ``windows``, ``direct`` or other ``squarings``.
    """
    outline = Outline.of(a)
    plan = plan_exact_power(outline, n)
    if plan is not None and not _sparse_pays(a, n, plan):
        return "exact", plan
    products = n.bit_length() + n.bit_count() - 2
    points = len(a.weights.positive())
    # Sums of a law without holes lie side by side: nothing is gained by counting the ways to each.
    few = None if points == a.box.size else planning.plan_ways(replace(outline, points=points), n)
    try:
        windows = plan_windows(outline, n)
        if windows is not None and windows.method == "tilted":
            found = "windows", windows
        else:
            last = windows or plan_last_product(outline, n)
            way = "squarings" if windows is None else "direct"
            seconds = LAST_TO_ALL * max(last.seconds, _seconds_of_range(a, n) if last.kind == "float" else 0.0)
            seconds += products * PRODUCT_SECONDS
            found = way, _squarings(last, products, seconds)
    except SizeLimitError:
        if few is None:
            raise
        return "ways", few
    exact_squarings = outline.bits and found[1].kind == "exact"
    return ("ways", few) if few is not None and few.seconds < found[1].seconds and not exact_squarings else found


def _seconds_of_range(a: Measure, n: int) -> float:
    """The least time of the last product of a power whose weights lie too far apart for one band of doubles."""
    if not a.is_sparse:
        return 0.0
    weights = a.weights.as_floating()
    powers = binary_exponents(weights)[a.weights.positive()]
    if n * int(powers.max() - powers.min()) < RANGE_BITS:
        return 0.0
    cells = power_box(a.box, n // 2).size
    points = min(cells, math.comb(a.support.size + n // 2 - 1, n // 2))
    return float(points) ** 2 * planning.PAIR_BANDS_SECONDS


def asked_of(a: Measure, b: Measure, share: float) -> float:
    """What one of many products is asked for: its share of the tolerance, no less than is certified quickly."""
    box = sum_box(a.box, b.box)
    return shares.asked(share, box.size, box.ndim)


def _squarings(last: Plan, products: int, seconds: float) -> Plan:
    """The plan of a power by repeated squaring."""
    return after(replace(last, seconds=seconds), f"{products} products by repeated squaring")


def _sparse_pays(a: Measure, n: int, plan: Plan) -> bool:
    """Whether an exact power of a sparse measure is quicker by squaring its points."""
    if not a.is_sparse:
        return False
    points = a.support.size
    # At most C(points + n - 1, n) distinct sums.
    sums = 1
    for k in range(1, min(n, points - 1) + 1):
        sums = sums * (points + n - k) // k
        if sums > plan.cells:
            return False
    return sums * points * 10 < plan.cells


def as_floating(measure: Measure) -> Measure:
    """The measure with floating weights."""
    if not measure.weights.is_exact:
        return measure
    return Measure(measure.support, measure.weights.as_floating(), measure.missing)


def _floating(a: Measure, b: Measure, plan: Plan, tolerance: float) -> tuple[Measure, Plan]:
    """A dense floating convolution, every entry certified."""
    from distconv.methods import certified, fft

    box = sum_box(a.box, b.box)
    x = operand(a, box.step)
    y = x if b is a or _alike(a, b) else operand(b, box.step)
    if plan.method == "fft" and current_settings().accuracy == "absolute":
        values, absolute = fft.plain(x, y)
        found = Measure(box, Floating(values.ravel(), None, bounds.compose(a.weights.error, b.weights.error)))
        return _cut_by(found, absolute, missing.joined(a.missing, b.missing), plan)
    canvas = certified.convolve(x, y, tolerance, plan.method)
    exponents = None if canvas.exponents is None else canvas.exponents.ravel()
    error = bounds.compose(a.weights.error, b.weights.error, canvas.error)
    weights = normal_form(canvas.significands.ravel(), exponents, error)
    if len(canvas.counts) > 1:
        parts = ", ".join(f"{count:,} by {name}" for name, count in canvas.counts.items())
        plan = replace(plan, reason=f"{plan.reason}; entries certified: {parts}")
    return Measure(box, weights, missing.joined(a.missing, b.missing)), plan


def _alike(a: Measure, b: Measure) -> bool:
    """Whether two floating measures are the same but for their place: half the transforms do for both."""
    if a.box.shape != b.box.shape or a.box.step != b.box.step or a.is_sparse or b.is_sparse:
        return False
    x, y = a.weights.as_floating(), b.weights.as_floating()
    if x.exponents is None or y.exponents is None:
        return x.exponents is y.exponents and np.array_equal(x.significands, y.significands)
    return np.array_equal(x.exponents, y.exponents) and np.array_equal(x.significands, y.significands)


def _cut_by(found: Measure, absolute: float, given: float, plan: Plan) -> tuple[Measure, Plan]:
    """A measure of weights with this absolute error, each lowered by it, and what that cuts off counted as missing."""
    weights = found.weights.as_floating()
    lowered = np.maximum(weights.significands - absolute, 0.0)
    # Below the smallest normal double nothing is kept: a weight's relative rounding would not be bounded.
    lowered[lowered < bounds.TINY] = 0.0
    lost = min(1.0, given + 2 * len(lowered) * (absolute + bounds.TINY) * bounds.PAD)
    plan = replace(plan, reason=f"{plan.reason}; accuracy='absolute': every weight within {2 * absolute:.2g}")
    return tightened(Measure(found.support, Floating(lowered, None, weights.error), lost)), plan


def operand(measure: Measure, step: Vector) -> Operand:
    """A floating measure as a dense array on a lattice with these steps."""
    significands, exponents = dense_doubles(measure, step)
    return Operand(significands, exponents, bool(significands.min() > 0))
