"""Convolution of measures: unify, plan, run. The one place where a plan meets the methods.

The floating methods are imported where they run: exact laws never need them, and importing the library is quick.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from fractions import Fraction
from types import ModuleType

import numpy as np

from distconv import bounds, missing, planning
from distconv.errors import DistconvValueError, SizeLimitError
from distconv.measure import Measure
from distconv.measure.arranging import tightened
from distconv.methods import addends, direct, shares, singles, sublattice
from distconv.methods.alignment import operand
from distconv.methods.squaring import by_squaring
from distconv.planning import (
    BOXES,
    COPIES,
    PAIRS,
    Copies,
    How,
    Origin,
    Outline,
    Plan,
    costs,
    plan_convolution,
    plan_last_product,
    planned,
)
from distconv.settings import current_settings
from distconv.support.lattice import power_box, sum_box
from distconv.typing import Scalar
from distconv.weights.floating import Floating, from_pairs, normal_form
from distconv.weights.unify import check_mixed

#: Windows are tried on some stretches, to predict a power, where all that they may leave takes so many times longer.
TRIED_RATIO = 10
#: How many times longer all squarings of a power take than the last one.
LAST_TO_ALL = 2
#: Bits that the weights of a power may lie apart before its products are summed in bands of doubles.
RANGE_BITS = 20_000
#: Up to so many copies nearly all entries of an n-D sum are certified by one transform, of more those in an ellipsoid
#: whose axes shrink like 1 / sqrt(n) of the box (noise on 10 x 10 and 30 x 30 cells, 2 to 8 copies).
KEPT_COPIES = 3.3
#: Seconds of an exact power from which on it pays to look for the lattice of its points, which takes a fifth of them.
QUICK_POWER = 5e-3
#: What is told of sums in the coordinates of the lattice that the steps generate.
ON_SUBLATTICE = "; on the sublattice of the steps"
#: Part of the entries of an n-fold sum that windows may leave to be computed from two halves.
MOST_LEFT = 0.5


def convolve(a: Measure, b: Measure, method: str = "auto", tolerance: float | None = None) -> tuple[Measure, Plan]:
    """The convolution of two measures, and the plan by which it was computed.

    Floating results add a relative error of at most `tolerance` (default: the settings') to the operands' own.
    """
    plan = plan_sum(a, b, method)
    if tolerance is None:
        # Not one of the many products of a larger operation, which has said so itself.
        planning.announced(plan)
    if plan.kind == "float":
        check_mixed(a.weights, b.weights)
        same = b is a
        a = as_floating(a)
        b = a if same else as_floating(b)
    pairwise = PAIRS.get(plan.method)
    if pairwise is not None:
        return pairwise.run(a, b), plan
    return _floating(a, b, plan, current_settings().tolerance if tolerance is None else tolerance)


def plan_sum(a: Measure, b: Measure, method: str = "auto") -> Plan:
    """The plan of `convolve`, without computing it.

    Raises:
        SizeLimitError: the result would pass ``settings.max_bytes``.
    """
    if method != "auto":
        _check_letters(method, a, b)
    return plan_convolution(Outline.of(a), Outline.of(b), method)


def _check_letters(method: str, *operands: Measure) -> None:
    """Letters have a method of their own.

    Raises:
        DistconvValueError: another was asked for.
    """
    if method != "symbolic" and any(m.weights.kind == "symbolic" for m in operands):
        raise DistconvValueError(f"method={method!r} is for numbers; letters have method='symbolic' (or 'auto')")


# Sums of copies -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Way:
    """How a power goes.

    Attributes:
        plan: what it is predicted to cost.
        product: the method of each product where it goes by repeated squaring; None where all copies are taken at once.
        chart: the coordinates in which all copies are taken at once, where these are not the outcomes' own.
    """

    plan: Plan
    product: str | None = None
    chart: sublattice.Chart | None = None


def plan_power(a: Measure, n: int, method: str = "auto") -> Plan:
    """The plan of `power` for n >= 2, without computing it; of squarings, the last product is planned.

    Raises:
        SizeLimitError: the result would pass ``settings.max_bytes``.
    """
    return _power_way(a, n, method).plan


def power(a: Measure, n: int, tolerance: float | None = None, method: str = "auto") -> tuple[Measure, How]:
    """The n-fold convolution of a measure with itself, n >= 1.

    All copies are taken at once where there is a method for that, else they are squared repeatedly. An error made early
    is doubled by every squaring that follows, so the operations get shares of the tolerance that double from step to
    step and add up to it.
    """
    if n == 1:
        return a, Origin("given")
    way = _power_way(a, n, method)
    if tolerance is not None:
        return _powered(a, n, tolerance, way, method)
    with planning.announced_once():
        # How many terms letters make, and whether they fit, is told where they are multiplied.
        if way.plan.kind != "symbolic":
            planning.announced(way.plan)
        return _powered(a, n, current_settings().tolerance, way, method)


def _powered(a: Measure, n: int, tolerance: float, way: Way, method: str) -> tuple[Measure, How]:
    """The n-fold convolution of a measure with itself, so."""
    if way.chart is not None:
        return way.chart.image(COPIES[way.plan.method].run(way.chart.measure, n, tolerance), n), way.plan
    if way.product is None and way.plan.method not in BOXES:
        start = as_floating(a) if way.plan.kind == "float" else a
        return COPIES[way.plan.method].run(start, n, tolerance), way.plan
    chart = sublattice.chart(a)
    if chart is not None:
        own, how = power(chart.measure, n, tolerance, method)
        return chart.image(own, n), replace(how, reason=f"{how.reason}{ON_SUBLATTICE}")
    whole = tolerance * (1 - 2.0**-20)
    if not a.is_sparse:
        planning.check_sum(power_box(a.box, n))
    windows = way.plan if way.product is None else _instead(a, n, whole, way) if method == "auto" else None
    if windows is not None:
        with planning.announced_once():
            tilted = _tilted_power(as_floating(a), n, whole, windows)
            if tilted is not None:
                return tilted
            planning.announced(_in_bands(as_floating(a), n, way.plan))
    return _squared(a, n, whole, way)


def _instead(a: Measure, n: int, tolerance: float, way: Way) -> Plan | None:
    """The plan by windows where direct squarings are slow: where the last may not err by all its roundings."""
    if way.product != "direct":
        return None
    if bounds.summation(power_box(a.box, n // 2).size) <= tolerance / (2 * _products(n)):
        return None
    return replace(way.plan, method="tilted", reason="all copies at once, under tilts")


def _products(n: int) -> int:
    """How many products a power by repeated squaring takes."""
    return n.bit_length() + n.bit_count() - 2


def _squared(a: Measure, n: int, tolerance: float, way: Way) -> tuple[Measure, Plan]:
    """A power by repeated squaring."""
    plans: list[Plan] = []
    plan, method = way.plan, way.product or "auto"

    def product(x: Measure, y: Measure, copies: int) -> Measure:
        """x + y, the sum of that many copies of a: its error is carried n / copies times into the result."""
        share = tolerance * copies / n / _products(n)
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
    return replace(plan, method="direct", seconds=max(plan.seconds, part * _seconds_of_bands(_range_bits(a), n)))


def _tilted_power(a: Measure, n: int, tolerance: float, plan: Plan) -> tuple[Measure, Plan] | None:
    """The n-fold convolution of a dense floating measure by tilted windows; None where they leave too much.

    What they leave is computed as the sum of two halves, of which it takes few entries.
    """
    box = power_box(a.box, n)
    given = bounds.repeated(a.weights.error, n)
    if current_settings().accuracy == "absolute" and box.ndim == 1:
        values, absolute = _windows().plain(operand(a, a.box.step), n)
        plan = replace(plan, method="fft", reason=f"{n} copies by one FFT")
        return _cut_by(Measure(box, Floating(values, None, given)), absolute, missing.repeated(a.missing, n), plan)
    entries = COPIES["tilted"].run(a, n, tolerance)
    error = bounds.compose(given, entries.error)
    if entries.bad.any():
        if np.count_nonzero(entries.bad) > MOST_LEFT * entries.bad.size:
            return None
        planning.announced(_in_bands(a, n, plan, float(entries.bad.mean())))
        part = tolerance / (6 if box.ndim == 1 else 4)
        half = power(a, n // 2, part)[0]
        other = half if n % 2 == 0 else convolve(half, a, tolerance=part / 2)[0]
        from distconv.methods import certified

        x = operand(half, box.step)
        y = x if other is half else operand(other, box.step)
        canvas = certified.Canvas(entries.significands, entries.exponents)
        canvas = certified.complete(x, y, canvas, entries.bad, tolerance / 4)
        error = max(error, bounds.compose(half.weights.error, other.weights.error, canvas.error))
    weights = from_pairs(entries.significands.ravel(), entries.exponents.ravel(), error)
    return Measure(box, weights, missing.repeated(a.missing, n)), plan


def _windows() -> ModuleType:
    """The methods of 1-D copies by windows."""
    from distconv.methods import powering

    return powering


def _power_way(a: Measure, n: int, method: str) -> Way:
    """How `power` goes.

    Raises:
        SizeLimitError: the result would pass ``settings.max_bytes``.
    """
    if method != "auto":
        _check_letters(method, a)
    outline = Outline.of(a)
    task = Copies.of(a, n)
    if method != "auto":
        return _forced(a, task, method)
    kept = planning.plan_kept(task)
    charted = _on_sublattice(a, n, kept)
    if charted is not None:
        return charted
    if kept is not None and not _sparse_pays(a, n, kept):
        return Way(kept)
    if outline.system:
        return _by_products(a, n, "auto")
    floats = Copies(outline.rounded(), n, len(a.weights.positive()))
    at_once = [_with_left(a, n, planned(way, floats)) for way in COPIES.values() if way.applies(floats)]
    fitting = [Way(plan) for plan in at_once if plan.bytes <= current_settings().max_bytes]
    # Direct products are what windows are compared with.
    product = "direct" if any(plan.method in BOXES for plan in at_once) else "auto"
    try:
        squared = _by_products(a, n, product)
    except SizeLimitError:
        if not fitting:
            raise
        return min(fitting, key=lambda way: way.plan.seconds)
    if outline.bits and squared.plan.kind == "exact":
        return squared
    best = min([squared, *fitting], key=lambda way: way.plan.seconds)
    planning.check_patience(best.plan, at_once, task.box)
    return best


def _on_sublattice(a: Measure, n: int, plan: Plan | None) -> Way | None:
    """How an exact n-D power goes on the lattice that its points generate, where that is quicker than this plan."""
    if a.box.ndim == 1 or not a.weights.bits or (plan is not None and plan.seconds < QUICK_POWER):
        return None
    chart = sublattice.chart(a)
    own = None if chart is None else planning.plan_kept(Copies.of(chart.measure, n))
    if own is None:
        return None
    seconds = own.seconds + own.cells * costs.IMAGE_POINT_SECONDS
    if plan is not None and plan.seconds <= seconds:
        return None
    return Way(replace(own, seconds=seconds, reason=f"{own.reason}{ON_SUBLATTICE}"), chart=chart)


def _with_left(a: Measure, n: int, plan: Plan) -> Plan:
    """The plan of all copies at once with what windows leave of them, where that would take much longer than they."""
    if plan.method != "tilted" or a.box.ndim > 1 or n * _range_bits(a) < RANGE_BITS:
        return plan
    step = operand(as_floating(a), a.box.step)
    fits = plan.bytes <= current_settings().max_bytes
    if not fits or not step.is_full or _in_bands(a, n, plan).seconds < TRIED_RATIO * plan.seconds:
        return plan
    left = _windows().share_left(step, n, current_settings().tolerance)
    return replace(plan, seconds=_in_bands(a, n, plan, left).seconds)


def _forced(a: Measure, task: Copies, method: str) -> Way:
    """How a power goes by a method that was asked for: all copies at once where it can, else by squaring."""
    plan = planning.plan_copies(task, method)
    charted = _on_sublattice(a, task.n, plan) if method == "exact" else None
    if charted is not None:
        return replace(charted, plan=replace(charted.plan, reason=f"asked for{ON_SUBLATTICE}"))
    if plan is None:
        return _by_products(a, task.n, method)
    if plan.bytes > current_settings().max_bytes:
        raise planning.sum_error(plan, task.box)
    return Way(replace(plan, reason="asked for"))


def _by_products(a: Measure, n: int, method: str) -> Way:
    """A power by repeated squaring, as predicted from the last product."""
    last = plan_last_product(Outline.of(a), n, method)
    seconds = max(last.seconds, _seconds_of_range(a, n) if last.kind == "float" else 0.0)
    products = _products(n)
    seconds = LAST_TO_ALL * seconds + products * costs.SQUARING_SECONDS + _seconds_left(a, n, last)
    return Way(_squarings(last, products, seconds), method)


def _seconds_left(a: Measure, n: int, last: Plan) -> float:
    """Seconds of what the transform of the last product of a power leaves in n-D, all but the middle of a bell."""
    if last.method != "fft" or a.box.ndim == 1 or n < 3 or current_settings().accuracy == "absolute":
        return 0.0
    left = 1 - min(1.0, math.pow(KEPT_COPIES / n, a.box.ndim / 2))
    each = min(power_box(a.box, n // 2).size * costs.SHIFTED_SECONDS, costs.SADDLE_SECONDS)
    return costs.SADDLE_START_SECONDS + left * last.cells * each


def _seconds_of_range(a: Measure, n: int) -> float:
    """The least time of the last product of a power whose weights lie too far apart for one band of doubles."""
    range_bits = _range_bits(a)
    if n * range_bits < RANGE_BITS:
        return 0.0
    if not a.is_sparse:
        return _seconds_of_bands(range_bits, n)
    cells = power_box(a.box, n // 2).size
    points = min(cells, math.comb(a.support.size + n // 2 - 1, n // 2))
    return float(points) ** 2 * costs.PAIR_BANDS_SECONDS


def _range_bits(a: Measure) -> int:
    """Bits between the largest and the smallest positive weight."""
    weights = a.weights.as_floating()
    powers = weights.pairs()[1][weights.positive()]
    return int(powers.max() - powers.min())


def _seconds_of_bands(range_bits: int, n: int) -> float:
    """Seconds that the sum of two halves of n copies takes for the pairs of bands that their ranges make."""
    return (range_bits * (n / 2) / direct.BAND_BITS) ** 2 * costs.BAND_SECONDS


def asked_of(a: Measure, b: Measure, share: float) -> float:
    """What one of many products is asked for: its share of the tolerance, no less than is certified quickly."""
    box = sum_box(a.box, b.box)
    return shares.asked(share, box.size, box.ndim)


def _squarings(last: Plan, products: int, seconds: float) -> Plan:
    """The plan of a power by repeated squaring."""
    return replace(last, seconds=seconds, reason=f"{products} products by repeated squaring; the last: {last.reason}")


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
    if set(canvas.counts) != {plan.method}:
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


def power_log_tail(a: Measure, n: int, x: Scalar | float, above: bool) -> float:
    """log P(S > x), or log P(S <= x), of the sum S of n >= 1 copies of a finite 1-D measure; see `methods.singles`."""
    box = a.box
    planning.check_sum(box, "the law itself", costs.BALL_BYTES)
    last = n * (box.size - 1)
    if isinstance(x, float):
        position = last if x > 0 else -1
    else:
        position = math.floor((Fraction(x) - n * Fraction(box.origin[0])) / box.step[0])
    if not 0 <= position < last:
        return 0.0 if above == (position < 0) else -math.inf
    terms = addends.Terms.of([(a, n)], box.step[0])
    return singles.log_tail(terms, position, current_settings().tolerance, above=above)
