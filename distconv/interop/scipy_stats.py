"""To and from scipy.stats: frozen laws of the older kind, the newer distribution objects, and `rv_discrete`.

Discrete laws keep their probabilities; continuous ones are cut into the cells of a lattice whose step the caller names.

What is proven here stands on what scipy says, and scipy states no bound for its pmf, cdf and sf: `scipy_law` names the
assumptions that take the place of a proof, each with the measurement behind it. Where we have the family ourselves,
`Binomial(10, 0.3)` for ``scipy.stats.binom(10, 0.3)``, nothing is assumed: its bound is proven, and an infinite support
is not cut at all.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from distconv import bounds
from distconv.checks import check_positive
from distconv.construction import TOTAL_TOLERANCE, from_arrays
from distconv.errors import DimensionError, DistconvTypeError, DistconvValueError, SizeLimitError
from distconv.interop.scipy_law import QUADRATURE_ERROR, Law, pmf_error
from distconv.measure import Measure
from distconv.measure.arranging import tightened
from distconv.measure.lookup import outcomes_of, weights_of
from distconv.missing import NEGLIGIBLE, bound, unknown
from distconv.planning import costs, human_bytes
from distconv.settings import current_settings
from distconv.support import Lattice
from distconv.support.outcomes import read_scalar, whole
from distconv.typing import AnyArray, FloatArray, FrozenLaw, Rounding, Scalar, ScalarLike
from distconv.weights.floating import normal_form

if TYPE_CHECKING:
    from scipy.stats._distn_infrastructure import rv_frozen


#: Where the cell of x lies, in steps from x: its lower edge. The upper edge is one step above.
ROUNDINGS: dict[Rounding, Fraction] = {"nearest": Fraction(-1, 2), "down": Fraction(0), "up": Fraction(-1)}
#: Relative error past which a cell of a continuous law is no longer kept: its probability is counted as missing. Where
#: scipy integrates, in units of its own error: no cell would be fine enough otherwise.
CELL_ERROR = 1e-5
CELL_CANCELLATION = 2.0**12
#: An sf that is computed as 1 - cdf and stays put below this, while the window doubles, is rounding.
STALLED = 2.0**-40


def from_scipy(
    frozen: FrozenLaw, *, tail: float = 1e-15, step: ScalarLike | None = None, rounding: Rounding = "nearest"
) -> Measure:
    """The measure of a scipy.stats law, old or new, discrete or (with a step) continuous.

    For binom, poisson, geom, nbinom, hypergeom, bernoulli, randint, skellam and logser prefer our own families, which
    take the same parameters: ``Binomial(10, 0.3)`` has a proven `error` and, where infinite, nothing `missing`;
    ``Binomial(10, "3/10")`` is exact.

    Args:
        frozen: ``scipy.stats.binom(10, 0.3)``, ``rv_discrete(values=...)``, ``scipy.stats.Normal()``, ...; a shift
            ``loc=0.1`` moves the outcomes by exactly 1/10.
        tail: probability that may be cut off an infinite support, or one too long to hold, both ends together.
        step: width of the cells into which a continuous law is cut; the outcomes are its exact multiples.
        rounding: where a cell's probability goes. ``"nearest"``: [x - step/2, x + step/2] to x. ``"down"``:
            [x, x + step] to x, a law stochastically below the true one; the last x takes all that lies above it.
            ``"up"``: [x - step, x] to x, one above it; the first x takes all that lies below it.

    Returns:
        The measure with floating weights, never renormalised. `missing` is at most `tail` as far as scipy's cdf and
        sf can be trusted (each cut is checked with them), plus cells that scipy cannot resolve to 1e-5: those beside
        an sf that is computed as 1 - cdf, or in a gap between modes. `error` is *assumed*, not proven: scipy states
        no bound; see `distconv.interop.scipy_law` for what was measured. A law of your own is taken at its word.
        Points of an ``rv_discrete(values=...)`` are as given, with error 0.

    Raises:
        DistconvTypeError: no frozen scipy law of one variable, or a continuous law without a step.
        DistconvValueError: a tail outside (0, 1) or below what scipy resolves, a step that is not positive, an unknown
            rounding, parameters outside their domain, probabilities that do not total 1.
        SizeLimitError: more outcomes than `settings.max_bytes` allows.

    >>> from scipy import stats
    >>> from distconv import Distribution
    >>> X = Distribution.from_scipy(stats.poisson(3))
    >>> round(X.pmf(2), 12), X.missing < 1e-15
    (0.224041807655, True)
    >>> Distribution.from_scipy(stats.uniform(), step="1/4", rounding="down").to_dict()
    {0: 0.25, Fraction(1, 4): 0.25, Fraction(1, 2): 0.25, Fraction(3, 4): 0.25}
    """
    check_positive("tail", tail, below=1)
    if rounding not in ROUNDINGS:
        raise DistconvValueError(f"rounding must be one of {', '.join(map(repr, ROUNDINGS))}, got {rounding!r}")
    law = Law.of(frozen)
    if law.is_discrete:
        if step is not None or rounding != "nearest":
            raise DistconvValueError(
                f"step= and rounding= are for continuous laws; {law.name} is discrete and has outcomes of its own: "
                "leave them out"
            )
        return _of_values(law) if hasattr(law.generator, "xk") else _discrete(law, float(tail))
    if step is None:
        raise DistconvTypeError(
            f"{law.name} is continuous; discretise first: from_scipy(dist, step=0.1) gives each cell's probability to "
            "its centre, rounding='down' and rounding='up' give stochastic bounds on both sides"
        )
    width = read_scalar(step, "step")
    if width <= 0:
        raise DistconvValueError(f"step must be > 0, got {step!r}")
    return _continuous(law, float(tail), width, rounding)


def to_scipy(measure: Measure) -> rv_frozen:
    """A frozen ``rv_discrete`` with the measure's outcomes and probabilities as doubles.

    Each outcome and probability is rounded to the nearest double (below 1e-308 to few digits, then to 0), and the
    probabilities are divided by their sum, which differs from 1 by rounding and what is missing only: scipy demands a
    sum of 1, though only to 1e-5. scipy compares a point with all outcomes, so its ``pmf`` is slow beyond some
    thousand of them.

    Raises:
        DimensionError: the outcomes are vectors.
        AccuracyError: more than 1e-8 is missing, which `rv_discrete` cannot say.
        DistconvValueError: outcomes that no doubles tell apart.

    >>> from distconv import Die
    >>> law = (Die(6) / 2).to_scipy()
    >>> float(law.pmf(1.5)), float(law.mean())
    (0.16666666666666666, 1.75)
    """
    from scipy import stats

    if measure.box.ndim > 1:
        raise DimensionError(
            f"to_scipy is for 1-D laws, this one is {measure.box.ndim}-D; use X.marginal(0).to_scipy()"
        )
    lost = bound(measure)
    if lost > NEGLIGIBLE:
        raise unknown("a law for scipy", lost, None, "to_scipy()")
    exact: list[Any] = list(outcomes_of(measure))
    try:
        outcomes = [float(x) for x in exact]
    except OverflowError:
        raise DistconvValueError("outcomes reach past 1.8e308, the largest double; scale the law first") from None
    for i in range(1, len(outcomes)):
        if outcomes[i] == outcomes[i - 1]:
            raise DistconvValueError(
                f"outcomes {exact[i - 1]} and {exact[i]} are the same double, {outcomes[i]!r}; shift or scale the law "
                f"first: (X - {exact[0]}).to_scipy()"
            )
    masses = np.array([float(w) for w in weights_of(measure)])
    return stats.rv_discrete(name="distconv", values=(outcomes, masses / math.fsum(masses)))()


def _of_values(law: Law) -> Measure:
    """The measure of an ``rv_discrete(values=...)``: its own points, moved as the frozen law was."""
    points = [whole(Fraction(read_scalar(x)) + law.shift) for x in law.generator.xk]
    masses = law.generator.pk
    total = math.fsum(masses)
    if abs(total - 1) > TOTAL_TOLERANCE:
        # scipy lets such sums pass: it asks for 1 to 1e-5.
        raise DistconvValueError(
            f"the probabilities of {law.name} sum to {total:.12g}, not 1 ({len(points)} outcomes); to divide by that: "
            "Distribution.from_arrays(xk, pk, normalize=True)"
        )
    return from_arrays(points, masses)


def _discrete(law: Law, tail: float) -> Measure:
    """The measure of a discrete scipy law on integers."""
    if any(math.isfinite(end) and end != math.floor(end) for end in (law.low, law.high)):
        raise DistconvTypeError(
            f"{law.name} has outcomes from {law.low} to {law.high} that are not integers; name them: "
            "Distribution.from_arrays(outcomes, law.pmf(outcomes))"
        )
    low, high = _window(law, tail, lambda end: int(end), lambda k: float(law.cdf(k - 1)), lambda k: float(law.sf(k)))
    outcomes = np.arange(low, high + 1).astype(np.float64)
    weights = law.pmf(outcomes)
    missing = 0.0
    if low > law.low:
        missing += float(law.cdf(low - 1))
    if high < law.high:
        missing += float(law.sf(high)) + law.resolution
    small = (weights >= 0) & (weights < bounds.TINY)
    if small.any():
        # A probability below the smallest normal double has few digits or none; a true zero has none in its log either.
        lost = np.count_nonzero(law.logpmf(outcomes[small]) > -math.inf)
        weights[small] = 0.0
        missing += lost * bounds.TINY
    error = pmf_error(max(law.size, abs(low), abs(high)))
    return _measured(Lattice((low + law.shift,), (1,), (len(weights),)), weights, missing, error, law)


def _continuous(law: Law, tail: float, step: Scalar, rounding: Rounding) -> Measure:
    """The measure of the cells of a continuous scipy law."""
    shift = ROUNDINGS[rounding]
    low, high = _window(
        law,
        tail,
        # The cell that holds a point has its lower edge at or below it.
        lambda end: math.floor(Fraction(end) / step - shift),
        lambda k: float(law.cdf(float((k + shift) * step))),
        lambda k: float(law.sf(float((k + 1 + shift) * step))),
    )
    edges, edges_are_exact = _edges(low, high + 2, step, shift)
    edges = np.clip(edges, law.low, law.high)
    weights, errors = _cells(law, edges)
    if not edges_are_exact:
        # What lies within a rounding of an edge may be counted to the wrong side.
        dense = np.maximum(weights, np.maximum(np.append(weights[1:], 0), np.append(0, weights[:-1])))
        slips = 2 * bounds.UNIT * np.maximum(abs(edges[:-1]), abs(edges[1:])) / float(step) * dense
        errors = errors + np.where(np.diff(edges) > 0, slips, 0.0)
    missing = 0.0
    if rounding == "up":
        weights[0] += float(law.cdf(edges[0]))
    else:
        missing += float(law.cdf(edges[0]))
    if rounding == "down":
        weights[-1] += float(law.sf(edges[-1]))
    else:
        missing += float(law.sf(edges[-1])) + (law.resolution if math.isinf(law.high) else 0.0)
    unresolved = errors > max(CELL_ERROR, CELL_CANCELLATION * law.formula_error) * weights
    missing += float(np.maximum(weights[unresolved], 0).sum() + errors[unresolved].sum())
    weights[unresolved] = 0.0
    kept = weights > 0
    if not kept.any():
        raise DistconvValueError(f"step {step} is finer than the cdf of {law.name} can resolve; use a coarser one")
    error = bounds.compose(float((errors[kept] / weights[kept]).max()), 4 * bounds.UNIT)
    return _measured(Lattice((whole(Fraction(low * step)),), (step,), (len(weights),)), weights, missing, error, law)


def _edges(start: int, stop: int, step: Scalar, shift: Fraction) -> tuple[FloatArray, bool]:
    """(k + shift) * step for the integers k from start to stop - 1, each rounded once; whether all are exact."""
    unit = Fraction(step) / 2
    first, last = int(2 * (start + shift)), int(2 * (stop - 1 + shift))
    if max(abs(first), abs(last)) * unit.numerator < 2**53 and unit.denominator < 2**53:
        numerators = np.arange(first, last + 1, 2) * unit.numerator
        return numerators / float(unit.denominator), unit.denominator & (unit.denominator - 1) == 0
    return np.array([float((k + shift) * step) for k in range(start, stop)]), False


def _cells(law: Law, edges: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The probabilities between neighbouring edges, and bounds on their absolute errors."""
    components = getattr(law.frozen, "components", None)
    if components is not None:
        # Each component from its own tails: the gap between two modes is where the mixture's cdf has no digits left.
        laws = [Law.of(component) for component in components]
        parts = [_cells(part, np.clip(edges, part.low, part.high)) for part in laws]
        shares = [float(share) for share in law.frozen.weights]
        masses = sum(share * mass for share, (mass, _) in zip(shares, parts, strict=True))
        errors = sum(share * error for share, (_, error) in zip(shares, parts, strict=True))
        return np.asarray(masses), np.asarray(errors) + len(parts) * bounds.UNIT * np.asarray(masses)
    below, above = law.cdf(edges), law.sf(edges)
    # Each cell from its own small end: differences of the sf above the median keep the upper tail's digits.
    lower = below[1:] <= 0.5
    masses = np.where(lower, np.diff(below), -np.diff(above))
    below_error, above_error = law.tail_error("cdf", below), law.tail_error("sf", above)
    # At the ends of the support there is nothing to err about.
    below_error[edges <= law.low] = 0.0
    above_error[edges >= law.high] = 0.0
    errors = np.where(lower, below_error[1:] + below_error[:-1], above_error[1:] + above_error[:-1])
    return masses, errors


def _window(
    law: Law,
    tail: float,
    index: Callable[[float], int],
    under: Callable[[int], float],
    over: Callable[[int], float],
) -> tuple[int, int]:
    """(low, high): the first and last index to read.

    An end of the support is kept where it is finite and the support fits in memory; otherwise it is cut as close as
    scipy's own account of what lies under or over an index allows.
    """
    most = current_settings().max_bytes // costs.SCIPY_POINT_BYTES
    fits = math.isfinite(law.low) and math.isfinite(law.high) and index(law.high) - index(law.low) < most
    cut_low, cut_high = not fits and _is_cut(law.low, law), not fits and _is_cut(law.high, law)
    share = (tail - (law.resolution if cut_high else 0.0)) / max(cut_low + cut_high, 1) * (1 - 2 * QUADRATURE_ERROR)
    if share <= 0:
        raise _unresolved(law, law.resolution, tail)
    middle = law.median()
    if not math.isfinite(middle):
        raise DistconvValueError(f"{law.name} has no finite median (scipy says {middle}); are its parameters right?")
    start = index(middle)
    low = start - _reach(lambda j: under(start - j), share, most, law) if cut_low else index(law.low)
    high = start + _reach(lambda j: over(start + j), share, most, law) if cut_high else index(law.high)
    if high - low >= most:
        raise _too_many(law, most)
    return low, max(low, high)


def _is_cut(end: float, law: Law) -> bool:
    """Whether an end of a support that does not fit is cut: an infinite one, or any of one that is merely long."""
    return math.isinf(end) or (math.isfinite(law.low) and math.isfinite(law.high))


def _reach(outside: Callable[[int], float], share: float, most: int, law: Law) -> int:
    """The least distance beyond which at most `share` lies; scipy's inverses stop short of such levels, or fail."""
    near, far = -1, 0
    before, beyond = 1.0, outside(0)
    while not beyond <= share:
        near, far = far, max(1, 2 * far)
        if far > most:
            raise _too_many(law, most)
        before, beyond = beyond, outside(far)
        if law.resolution and share < beyond == before < STALLED:
            raise _unresolved(law, beyond, share)
    while far - near > 1:
        middle = (near + far) // 2
        if outside(middle) <= share:
            far = middle
        else:
            near = middle
    return far


def _unresolved(law: Law, level: float, tail: float) -> DistconvValueError:
    """The refusal of a tail that an sf computed as 1 - cdf does not tell from 0."""
    return DistconvValueError(
        f"scipy computes the sf of {law.name} as 1 - cdf, which resolves nothing below {level:.2g}, and {tail:.2g} was "
        f"asked of it; pass a larger tail, tail={10.0 ** math.ceil(math.log10(4 * level)):g} say"
    )


def _too_many(law: Law, most: int) -> SizeLimitError:
    """The refusal of a window with too many points."""
    limit = human_bytes(current_settings().max_bytes)
    ways = "a larger tail=" if law.is_discrete else "a coarser step=, a larger tail="
    return SizeLimitError(
        f"{law.name} needs more than {most:,} outcomes, the limit of {limit}; use {ways}, or raise the limit: "
        "with distconv.settings(max_bytes=...): ..."
    )


def _measured(box: Lattice, weights: AnyArray, missing: float, error: float, law: Law) -> Measure:
    """The measure of these weights, after a check that they and what is missing total 1."""
    if not np.isfinite(weights).all() or (weights < 0).any():
        raise DistconvValueError(f"{law.name} gives probabilities that are negative or not finite")
    total = math.fsum(weights)
    if abs(total - 1) > max(TOTAL_TOLERANCE, 2 * error) + missing:
        raise DistconvValueError(
            f"the probabilities of {law.name} on {box.origin[0]}..{box.high[0]} sum to {total:.12g}, not 1; is its pmf "
            "(or cdf) right, and are all its outcomes integers?"
        )
    # A tail that scipy gives is right to its own error only.
    slack = law.formula_error * (1 - math.log(missing)) if 0 < missing < 1 else 0.0
    return tightened(Measure(box, normal_form(weights, None, error), missing * (1 + min(slack, QUADRATURE_ERROR))))
