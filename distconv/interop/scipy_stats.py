"""To and from scipy.stats: frozen laws of the older kind, the newer distribution objects, and `rv_discrete`.

Discrete laws keep their probabilities; continuous ones are cut into the cells of a lattice whose step the caller names.

What is proven here stands on what scipy says, and scipy states no bound for its pmf, cdf and sf: `scipy_law` names the
assumptions that take the place of a proof, each with the measurement behind it. Where we have the family ourselves,
`Binomial(10, 0.3)` for ``scipy.stats.binom(10, 0.3)``, nothing is assumed: its bound is proven, and an infinite support
is not cut at all.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any, get_args

import numpy as np

from distconv import bounds
from distconv.checks import check_integer, check_positive
from distconv.construction import TOTAL_TOLERANCE, from_arrays
from distconv.errors import DimensionError, DistconvTypeError, DistconvValueError
from distconv.interop.local_moments import matched
from distconv.interop.scipy_asked import AskedOfScipy
from distconv.interop.scipy_cells import CELLS, ROUNDINGS, are_unresolved, cells_of, edges_of, index_of, window_of
from distconv.interop.scipy_law import QUADRATURE_ERROR, Law, pmf_error
from distconv.laws import law as laws
from distconv.laws.finite import Finite
from distconv.measure import Measure
from distconv.measure.arranging import tightened
from distconv.measure.lookup import outcomes_of, weights_of
from distconv.missing import NEGLIGIBLE, bound, unknown
from distconv.support import Lattice
from distconv.support.outcomes import read_scalar, whole
from distconv.typing import (
    AnyArray,
    Cells,
    FloatArray,
    FrozenLaw,
    IntegerLike,
    Outside,
    Rounding,
    Scalar,
    ScalarLike,
)
from distconv.weights.floating import normal_form

if TYPE_CHECKING:
    from scipy.stats._distn_infrastructure import rv_frozen


#: What may become of what lies outside of limits.
OUTSIDES = get_args(Outside)


def from_scipy(
    frozen: FrozenLaw,
    *,
    tail: float = 1e-15,
    step: ScalarLike | None = None,
    rounding: Cells = "nearest",
    order: IntegerLike = 1,
    low: ScalarLike | None = None,
    high: ScalarLike | None = None,
    outside: Outside = "clip",
) -> laws.Law:
    """The law of a scipy.stats law, old or new, discrete or (with a step) continuous.

    For binom, poisson, geom, nbinom, hypergeom, bernoulli, randint, skellam and logser prefer our own families, which
    take the same parameters: ``Binomial(10, 0.3)`` has a proven `error` and, where infinite, nothing `missing`;
    ``Binomial(10, "3/10")`` is exact.

    Args:
        frozen: ``scipy.stats.binom(10, 0.3)``, ``rv_discrete(values=...)``, ``scipy.stats.Normal()``, ...; a shift
            ``loc=0.1`` moves the outcomes by exactly 1/10.
        tail: probability that may be cut off an infinite support, or one too long to hold, both ends together. 0 cuts
            nothing off an infinite one: scipy is asked for what is asked of the law, however far out.
        step: width of the cells into which a continuous law is cut; the outcomes are its exact multiples.
        rounding: where a cell's probability goes. ``"nearest"``: [x - step/2, x + step/2] to x. ``"down"``:
            [x, x + step] to x, a law stochastically below the true one; the last x takes all that lies above it.
            ``"up"``: [x - step, x] to x, one above it; the first x takes all that lies below it. ``"both"``: these
            two, as a `Bracket`. ``"unbiased"``: split between its points so that the mean stays what it is.
        order: up to which moment ``"unbiased"`` cells keep the law's own: 1 the mean, 2 the variance too, ..., from
            spans of so many cells. Masses below 0, which such orders may ask for, are refused.
        low: a multiple of the step below which a continuous law is cut *before* it is cut into cells: a deductible.
        high: the same above: a limit. Of a discrete law use `truncate` and `clip`, which are exact.
        outside: what becomes of what is cut off: ``"clip"`` moves it to the ends, ``"given"`` conditions on what is
            between them, ``"missing"`` counts it as missing.

    Returns:
        The law with floating weights, never renormalised. `missing` is at most `tail` as far as scipy's cdf and
        sf can be trusted (each cut is checked with them), plus cells that scipy cannot resolve to 1e-5: those beside
        an sf that is computed as 1 - cdf, or in a gap between modes. `error` is *assumed*, not proven: scipy states
        no bound; see `distconv.interop.scipy_law` for what was measured. A law of your own is taken at its word.
        Points of an ``rv_discrete(values=...)`` are as given, with error 0.

    Raises:
        DistconvTypeError: no frozen scipy law of one variable, or a continuous law without a step.
        DistconvValueError: a tail outside (0, 1) or below what scipy resolves, a step that is not positive, an unknown
            rounding, an order whose cells have masses below 0, ends that are no multiples of the step, parameters
            outside their domain, probabilities that do not total 1.
        SizeLimitError: more outcomes than `settings.max_bytes` allows.

    >>> from scipy import stats
    >>> from distconv import Distribution
    >>> X = Distribution.from_scipy(stats.poisson(3))
    >>> round(X.pmf(2), 12), X.missing < 1e-15
    (0.224041807655, True)
    >>> Distribution.from_scipy(stats.uniform(), step="1/4", rounding="down").to_dict()
    {0: 0.25, Fraction(1, 4): 0.25, Fraction(1, 2): 0.25, Fraction(3, 4): 0.25}
    """
    check_positive("tail", tail, below=1, zero=True)
    if rounding not in CELLS:
        words = ", ".join(map(repr, (*CELLS, "both")))
        raise DistconvValueError(f"rounding must be one of {words}, got {rounding!r}")
    moments = check_integer("order", order, at_least=1)
    if moments > 1 and rounding != "unbiased":
        raise DistconvValueError(f"order={moments} is for cells that keep moments: rounding='unbiased'")
    if outside not in OUTSIDES:
        raise DistconvValueError(f"outside must be one of {', '.join(map(repr, OUTSIDES))}, got {outside!r}")
    law = Law.of(frozen)
    if law.is_discrete:
        if low is not None or high is not None:
            raise DistconvValueError(
                f"low= and high= are for continuous laws; {law.name} is discrete: X.clip(low, high) or "
                "X.truncate(low, high) cut the law that from_scipy gives"
            )
        if step is not None or rounding != "nearest":
            raise DistconvValueError(
                f"step= and rounding= are for continuous laws; {law.name} is discrete and has outcomes of its own: "
                "leave them out"
            )
        if hasattr(law.generator, "xk"):
            return Finite(_of_values(law))
        return Finite(_discrete(law, float(tail))) if _is_cut(law, tail) else AskedOfScipy(frozen, None, rounding)
    if step is None:
        raise DistconvTypeError(
            f"{law.name} is continuous; discretise first: from_scipy(dist, step=0.1) gives each cell's probability to "
            "its centre, rounding='down' and rounding='up' give stochastic bounds on both sides"
        )
    width = read_scalar(step, "step")
    if width <= 0:
        raise DistconvValueError(f"step must be > 0, got {step!r}")
    limits = _Limits(_read_end("low", low, width), _read_end("high", high, width), outside)
    if limits.low is not None or limits.high is not None or _is_cut(law, tail):
        return Finite(_continuous(law, float(tail), width, rounding, moments, limits))
    if rounding == "unbiased":
        raise DistconvValueError(
            f"cells that keep moments are laid out, and {law.name} has no end; cut it: tail=1e-12, or high=..."
        )
    return AskedOfScipy(frozen, width, rounding)


def ends_of(frozen: FrozenLaw, low: ScalarLike | None, high: ScalarLike | None) -> tuple[float, float]:
    """The ends of a scipy.stats law that limits cut."""
    law = Law.of(frozen)
    return (
        law.low if low is None else max(law.low, float(read_scalar(low, "low"))),
        law.high if high is None else min(law.high, float(read_scalar(high, "high"))),
    )


@dataclass(frozen=True, slots=True)
class _Limits:
    """Where a law is cut before it is cut into cells, and what becomes of what lies outside."""

    low: Scalar | None
    high: Scalar | None
    outside: Outside

    def within(self, law: Law) -> Law:
        """The law with the ends of the support at the limits.

        Raises:
            DistconvValueError: nothing is between them.
        """
        low = law.low if self.low is None else max(law.low, float(self.low))
        high = law.high if self.high is None else min(law.high, float(self.high))
        if not low <= high:
            raise DistconvValueError(f"{law.name} has no outcome between low={self.low} and high={self.high}")
        return replace(law, low=low, high=high)

    def cut_off(self, law: Law) -> tuple[float, float, float]:
        """What lies below and above the limits, and a bound on the errors of both."""
        below = 0.0 if self.low is None else float(law.cdf(float(self.low)))
        above = 0.0 if self.high is None else float(law.sf(float(self.high)))
        errors = law.tail_error("cdf", np.array([below])) + law.tail_error("sf", np.array([above]))
        return below, above, float(errors[0])


def _read_end(name: str, value: ScalarLike | None, step: Scalar) -> Scalar | None:
    """A limit, a multiple of the step."""
    if value is None:
        return None
    end = read_scalar(value, name)
    if (Fraction(end) / step).denominator > 1:
        raise DistconvValueError(
            f"{name}={end} is no multiple of the step {step}; take a finer step, or another {name}"
        )
    return end


def _is_cut(law: Law, tail: float) -> bool:
    """Whether a law is held, what is too long of it cut off; else it is asked."""
    if tail:
        return True
    if math.isfinite(law.low) and math.isfinite(law.high):
        return True
    if law.resolution and math.isinf(law.high):
        raise DistconvValueError(
            f"scipy computes the sf of {law.name} as 1 - cdf, which tells nothing of its tail; cut it: tail=1e-12"
        )
    return False


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
    low, high = window_of(law, tail, lambda end: int(end), lambda k: float(law.cdf(k - 1)), lambda k: float(law.sf(k)))
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


def _continuous(law: Law, tail: float, step: Scalar, rounding: Cells, order: int, limits: _Limits) -> Measure:
    """The measure of the cells of a continuous scipy law, what lies outside of limits moved or left out."""
    part = limits.within(law)
    nearest: Rounding = "down" if rounding == "unbiased" else rounding
    shift = ROUNDINGS[nearest]
    low, high = window_of(
        part,
        tail,
        lambda end: index_of(end, step, nearest),
        lambda k: float(law.cdf(float((k + shift) * step))),
        lambda k: float(law.sf(float((k + 1 + shift) * step))),
    )
    edges, weights, errors = (
        _kept_moments(part, low, high, step, order) if rounding == "unbiased" else _cells(part, low, high, step, shift)
    )
    below, above, off = limits.cut_off(law)
    under, over = max(float(law.cdf(edges[0])) - below, 0.0), max(float(law.sf(edges[-1])) - above, 0.0)
    missing = 0.0
    if rounding == "up" or (rounding == "unbiased" and math.isfinite(part.low)):
        weights[0] += under
    else:
        missing += under
    if rounding == "down":
        weights[-1] += over
    else:
        missing += over + (law.resolution if math.isinf(part.high) else 0.0)
    if limits.outside == "clip":
        low, weights, errors = _with_atoms(low, weights, errors, step, limits, (below, above, off))
    elif limits.outside == "missing":
        missing += below + above
    unresolved = are_unresolved(law, weights, errors)
    missing += float(np.maximum(weights[unresolved], 0).sum() + errors[unresolved].sum())
    weights[unresolved] = 0.0
    kept = weights > 0
    if not kept.any():
        raise DistconvValueError(f"step {step} is finer than the cdf of {law.name} can resolve; use a coarser one")
    error = bounds.compose(float((errors[kept] / weights[kept]).max()), 4 * bounds.UNIT)
    if limits.outside == "given" and (below or above):
        inside = 1 - below - above
        if not inside > off:
            raise DistconvValueError(f"{law.name} is hardly ever between low={limits.low} and high={limits.high}")
        weights, missing = weights / inside, missing / inside
        error = bounds.compose(error, off / (inside - off), 4 * bounds.UNIT)
    return _measured(Lattice((whole(Fraction(low * step)),), (step,), (len(weights),)), weights, missing, error, law)


def _cells(law: Law, low: int, high: int, step: Scalar, shift: Fraction) -> tuple[FloatArray, FloatArray, FloatArray]:
    """The edges of cells, their masses, and bounds on the errors of these."""
    edges, edges_are_exact = edges_of(low, high + 2, step, shift)
    edges = np.clip(edges, law.low, law.high)
    weights, errors = cells_of(law, edges)
    if not edges_are_exact:
        # What lies within a rounding of an edge may be counted to the wrong side.
        dense = np.maximum(weights, np.maximum(np.append(weights[1:], 0), np.append(0, weights[:-1])))
        slips = 2 * bounds.UNIT * np.maximum(abs(edges[:-1]), abs(edges[1:])) / float(step) * dense
        errors = errors + np.where(np.diff(edges) > 0, slips, 0.0)
    return edges, weights, errors


def _kept_moments(law: Law, low: int, high: int, step: Scalar, order: int) -> tuple[FloatArray, FloatArray, FloatArray]:
    """The ends of all spans, the masses of their points, and bounds on the errors of these."""
    spans = -(-(high + 1 - low) // order)
    ends, _ = edges_of(low, low + order * spans + 1, step, Fraction(0))
    weights, errors = matched(law, low, spans, step, order)
    _check_masses(law, weights, errors, low, step, order)
    return np.clip(ends, law.low, law.high), weights, errors


def _check_masses(law: Law, weights: FloatArray, errors: FloatArray, low: int, step: Scalar, order: int) -> None:
    """Refuses masses that are below 0 by more than their errors."""
    worst = int(np.argmin(weights + errors))
    if weights[worst] + errors[worst] < 0:
        raise DistconvValueError(
            f"cells of {law.name} that keep {order} moments at step {step} have the mass {weights[worst]:.3g} at "
            f"{whole(Fraction((low + worst) * step))}, below 0; keep the mean alone: order=1"
        )


def _with_atoms(
    first: int,
    weights: FloatArray,
    errors: FloatArray,
    step: Scalar,
    limits: _Limits,
    cut_off: tuple[float, float, float],
) -> tuple[int, FloatArray, FloatArray]:
    """(the first index, weights, errors) with what lies outside of the limits at these."""
    *masses, off = cut_off
    for end, mass in zip((limits.low, limits.high), masses, strict=True):
        if end is None or not mass:
            continue
        place = int(Fraction(end) / step) - first
        before, after = max(-place, 0), max(place - len(weights) + 1, 0)
        weights, errors = (np.pad(values, (before, after)) for values in (weights, errors))
        first -= before
        weights[max(place, 0)] += mass
        errors[max(place, 0)] += off
    return first, weights, errors


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
