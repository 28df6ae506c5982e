"""To and from scipy.stats: frozen laws of the older kind, the newer distribution objects, and `rv_discrete`.

Discrete laws keep their probabilities; continuous ones are put on a lattice of a step that the caller names. What
lies outside the window that is read is bounded by scipy's own cdf and sf and recorded in `missing`.

scipy states no error bound for its pmf. `SCIPY_ERROR` is an assumption, not a proof: scipy's binom, poisson, nbinom,
geom and hypergeom were compared with exact values and stayed within it (tests/test_interop.py). Where we have the
family, `Binomial(10, 0.3)`, say, the bound is proven.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np

from distconv.arrangement import tightened
from distconv.checks import check_positive
from distconv.construction import TOTAL_TOLERANCE, from_arrays
from distconv.errors import DimensionError, DistconvTypeError, DistconvValueError, SizeLimitError
from distconv.measure import Measure
from distconv.planning import human_bytes
from distconv.settings import current_settings
from distconv.support import Lattice
from distconv.support.outcomes import read_scalar, whole
from distconv.transforms.images import outcomes_of, weights_of
from distconv.typing import FloatArray, Scalar
from distconv.weights.floating import normal_form

#: Relative error that is assumed of scipy's probabilities.
SCIPY_ERROR = 1e-11
#: How cells of a continuous law are rounded to the lattice.
ROUNDINGS = ("nearest", "down", "up")
#: Distance from the mean past which no window is sought.
LAST_REACH = 2.0**50
#: Bytes that one point of a window takes while it is read.
POINT_BYTES = 64


def from_scipy(frozen: Any, *, tail: float = 1e-15, step: Any = None, rounding: str = "nearest") -> Measure:
    """The measure of a scipy.stats law, old or new, discrete or (with a step) continuous.

    Args:
        frozen: ``scipy.stats.binom(10, 0.3)``, ``rv_discrete(values=...)``, ``scipy.stats.Normal()``, ...
        tail: probability that may be cut off an infinite support, both ends together; recorded in `missing`.
        step: width of the cells into which a continuous law is cut; outcomes are its multiples.
        rounding: where a cell's probability goes. ``"nearest"``: the cell around x to x. ``"down"``: [x, x + step) to
            x, a law stochastically below the true one. ``"up"``: (x - step, x] to x, one above it.

    Returns:
        The measure, with floating weights; their `error` is an assumption about scipy (1e-11 relative), not a proof.

    Raises:
        DistconvTypeError: no frozen scipy law of one variable, or a continuous law without a step.
        DistconvValueError: a tail outside (0, 1), a step that is not positive, an unknown rounding.
    """
    check_positive("tail", tail, below=1)
    if rounding not in ROUNDINGS:
        raise DistconvValueError(f"rounding must be one of {', '.join(map(repr, ROUNDINGS))}, got {rounding!r}")
    law = _Law(frozen)
    if law.is_discrete:
        if step is not None:
            raise DistconvValueError("step= is for continuous laws; this one is discrete and has outcomes of its own")
        return _discrete(law, tail)
    if step is None:
        raise DistconvTypeError(
            f"{law.name} is continuous; discretise first: from_scipy(law, step=0.1), or with rounding='down' and "
            "rounding='up' for bounds on both sides"
        )
    width = read_scalar(step, "step")
    if width <= 0:
        raise DistconvValueError(f"step must be > 0, got {step!r}")
    return _continuous(law, tail, width, rounding)


class _Law:
    """One face for scipy's two kinds of distribution objects."""

    def __init__(self, frozen: Any) -> None:
        from scipy import stats

        self.frozen = frozen
        # The newer objects have no public base class; `ccdf` is theirs alone.
        self.is_new = hasattr(frozen, "ccdf")
        generators = stats.rv_continuous | stats.rv_discrete
        if isinstance(frozen, generators) and not hasattr(frozen, "xk"):
            name = getattr(frozen, "name", "law")
            raise DistconvTypeError(
                f"scipy.stats.{name} has no parameters yet; freeze it first: scipy.stats.{name}(...)"
            )
        self.generator: Any = frozen if isinstance(frozen, generators) else getattr(frozen, "dist", None)
        if not self.is_new and not isinstance(self.generator, generators):
            raise DistconvTypeError(
                "from_scipy needs a frozen scipy.stats law of one variable such as scipy.stats.binom(10, 0.3), "
                f"got {frozen!r}"
            )
        if self.is_new:
            self.is_discrete = _is_new_discrete(frozen)
            self.name = type(frozen).__name__
        else:
            self.is_discrete = isinstance(self.generator, stats.rv_discrete)
            self.name = f"scipy.stats.{getattr(self.generator, 'name', 'law')}"
        self.low, self.high = (float(end) for end in frozen.support())

    def pmf(self, x: FloatArray) -> FloatArray:
        """Probabilities."""
        return np.asarray(self.frozen.pmf(x), dtype=np.float64)

    def cdf(self, x: Any) -> Any:
        """P(X <= x)."""
        return self.frozen.cdf(x)

    def sf(self, x: Any) -> Any:
        """P(X > x), from scipy's own upper tail."""
        return self.frozen.ccdf(x) if self.is_new else self.frozen.sf(x)

    def window(self, tail: float) -> tuple[float, float, float]:
        """(low, high, missing): a stretch of the support and scipy's own account of the mass outside."""
        low, high = self.low, self.high
        missing = 0.0
        if math.isinf(low):
            low = self._reaching(lambda x: float(self.cdf(x - 1 if self.is_discrete else x)), -1, tail / 4)
            missing += float(self.cdf(low - 1 if self.is_discrete else low))
        if math.isinf(high):
            high = self._reaching(lambda x: float(self.sf(x)), 1, tail / 4)
            missing += float(self.sf(high))
        return low, high, missing

    def _reaching(self, outside: Callable[[float], float], side: int, share: float) -> float:
        """An integer, hardly further out than need be, beyond which at most `share` of the mass lies.

        Searched with cdf and sf alone: scipy's inverses stop short of such small levels, or fail.
        """
        center = float(self.frozen.mean())
        start = float(round(center)) if math.isfinite(center) else 0.0
        inside, reach = start, 1.0
        while not outside(start + side * reach) <= share:
            inside, reach = start + side * reach, 2 * reach
            if reach > LAST_REACH:
                raise DistconvValueError(
                    f"{self.name} has no window that misses at most {share:g} by scipy's account; pass a larger tail="
                )
        edge = start + side * reach
        while abs(edge - inside) > max(1.0, reach / 64):
            middle = float(math.floor((edge + inside) / 2))
            if outside(middle) <= share:
                edge = middle
            else:
                inside = middle
        return edge


def _is_new_discrete(frozen: Any) -> bool:
    """Whether a newer law is discrete, or an image (shifted, scaled, truncated, ...) of a discrete one."""
    from scipy.stats._distribution_infrastructure import DiscreteDistribution  # it has no public name

    while hasattr(frozen, "_dist"):
        frozen = frozen._dist
    return isinstance(frozen, DiscreteDistribution)


def _discrete(law: _Law, tail: float) -> Measure:
    """The measure of a discrete scipy law."""
    points = getattr(law.generator, "xk", None)
    if points is not None:
        # A law made from values: its own points, moved as the frozen law was.
        _, loc, _ = law.generator._parse_args(*getattr(law.frozen, "args", ()), **getattr(law.frozen, "kwds", {}))
        return from_arrays([whole(Fraction(read_scalar(x)) + read_scalar(loc)) for x in points], law.generator.pk)
    low, high, missing = law.window(tail)
    if low != math.floor(low):
        raise DistconvTypeError(
            f"{law.name} has outcomes from {low} on that are not integers; use Distribution.from_arrays"
        )
    _check_points(high - low + 1)
    weights = law.pmf(np.arange(int(low), int(high) + 1, dtype=np.float64))
    return _measured(Lattice((int(low),), (1,), (len(weights),)), weights, missing, law)


def _continuous(law: _Law, tail: float, step: Scalar, rounding: str) -> Measure:
    """The measure of the cells of a continuous scipy law."""
    low, high, _ = law.window(tail)
    first = math.floor(Fraction(low) / step)
    last = math.ceil(Fraction(high) / step)
    _check_points(last - first + 1)
    shift = {"nearest": Fraction(-1, 2), "down": Fraction(0), "up": Fraction(-1)}[rounding]
    edges = np.array([float(step * (k + shift)) for k in range(first, last + 2)])
    below, above = np.asarray(law.cdf(edges)), np.asarray(law.sf(edges))
    # Each cell from its own small end: differences of the sf above the median keep the upper tail's digits.
    weights = np.where(below[1:] <= 0.5, np.diff(below), -np.diff(above))
    if not math.isinf(law.low):
        weights[0] += below[0]
    if not math.isinf(law.high):
        weights[-1] += above[-1]
    lost = 0.0
    if math.isinf(law.low):
        lost += float(below[0])
    if math.isinf(law.high):
        lost += float(above[-1])
    step_box = Lattice((whole(Fraction(first * step)),), (whole(step),), (len(weights),))
    return _measured(step_box, np.maximum(weights, 0.0), lost, law)


def _check_points(count: float) -> None:
    """Refuses a window with too many points."""
    limit = current_settings().max_bytes
    if count * POINT_BYTES > limit:
        raise SizeLimitError(
            f"the window needs {count:,.0f} outcomes ({human_bytes(count * POINT_BYTES)} > {human_bytes(limit)}); "
            "use a coarser step=, a larger tail=, or raise the limit: with distconv.settings(max_bytes=...): ..."
        )


def _measured(box: Lattice, weights: FloatArray, missing: float, law: _Law) -> Measure:
    """The measure of these weights, after a check that they and what is missing total 1."""
    if not np.isfinite(weights).all() or (weights < 0).any():
        raise DistconvValueError(f"{law.name} gives probabilities that are negative or not finite")
    total = math.fsum(weights)
    if abs(total + missing - 1) > TOTAL_TOLERANCE:
        raise DistconvValueError(
            f"the probabilities of {law.name} sum to {total:.12g} (and {missing:.3g} beyond the window), not 1"
        )
    measure = Measure(box, normal_form(weights, None, SCIPY_ERROR), missing * (1 + SCIPY_ERROR))
    return tightened(measure)


def to_scipy(measure: Measure) -> Any:
    """A frozen ``rv_discrete`` with the measure's outcomes and probabilities, as doubles that total 1 to the last bit.

    Raises:
        DimensionError: the outcomes are vectors.
        DistconvValueError: some mass is missing, which `rv_discrete` cannot say.
    """
    from scipy import stats

    if measure.box.ndim > 1:
        raise DimensionError(
            f"to_scipy is for 1-D laws, this one is {measure.box.ndim}-D; use X.marginal(0).to_scipy()"
        )
    if measure.missing:
        raise DistconvValueError(
            f"up to {measure.missing:.3g} of the probability is missing, and rv_discrete has no place for that; "
            "condition on what is there first: X.given(lambda x: True)"
        )
    outcomes = [float(x) for x in outcomes_of(measure)]  # type: ignore[arg-type]
    masses = np.array([float(w) for w in weights_of(measure)])
    return stats.rv_discrete(name="distconv", values=(outcomes, masses / math.fsum(masses)))()
