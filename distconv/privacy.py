"""Privacy: delta(eps) and eps(delta) of mechanisms from the law of their privacy loss, bounded on both sides.

The loss of an outcome is log P(outcome) / Q(outcome), P and Q what the mechanism gives for two neighbouring inputs, and
its law that under P. Losses of mechanisms that run one after the other add: a thousand runs are ``1000 @ loss``. With

    delta(eps) = E max(1 - exp(eps - L), 0) + P(L = infinity)

rises with the loss, so that a `Bracket` of laws gives both ends of it, and no rounding can make a mechanism look more
private than it is. What is infinite is `missing`: the upper end counts all of it, the lower one none.

>>> from distconv import privacy
>>> day = privacy.laplace(10, step="1/1000")
>>> low, high = privacy.delta(30 @ day, 1)
>>> round(low, 6), round(high, 6)
(0.010084, 0.010145)
"""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np

from distconv import bounds
from distconv.bracket import Bracket
from distconv.checks import check_positive
from distconv.distribution import Distribution, check_law
from distconv.errors import DimensionError, DistconvTypeError, DistconvValueError
from distconv.laws.finite import Finite
from distconv.measure import Measure, lookup
from distconv.measure.arranging import tightened
from distconv.measure.reading import read_query
from distconv.numbers.doubles import multiples, to_double
from distconv.queries.brackets import each_pair
from distconv.support import Lattice
from distconv.support.outcomes import read_scalar, whole
from distconv.typing import FloatArray, Question, Scalar, ScalarLike
from distconv.weights.floating import normal_form, total_of

#: Roundings of one term of delta: a distance, an exponential, a product.
TERM_ROUNDINGS = 16
#: What errs in the masses of a Laplace mechanism: exponentials and their differences, in roundings.
MASS_ROUNDINGS = 8
#: Steps in which the least eps is looked for, at most, and how closely, relatively.
HALVINGS, RESOLUTION = 200, 2.0**-40
#: How near to an end of what is left a step goes.
LEAST_SHARE = 2.0**-12


def delta(losses: Distribution | Bracket, eps: Question) -> tuple[Any, Any]:
    """The ends of delta at one eps or an array of them: between these it is for certain.

    Args:
        losses: the law of a privacy loss, natural logs, or a bracket of it; composed ones are sums.
        eps: numbers, of any sign.

    Returns:
        (low, high), doubles; rounding and what is `missing` included, down to the smallest doubles.

    Raises:
        DistconvTypeError: no law of losses, or one without an end.
    """
    lower, upper = _ends(losses)
    return each_pair(lambda e: (_least(lower, e), _most(upper, e)), eps)


def epsilon(losses: Distribution | Bracket, delta: float) -> tuple[float, float]:
    """The ends of the least eps >= 0 for which the mechanism is (eps, delta)-private.

    The upper one is safe: delta(eps) is not above `delta` there. It is infinite where as much may be `missing`.

    Args:
        losses: as of `delta`.
        delta: in [0, 1].
    """
    if not 0 <= delta <= 1:
        raise DistconvValueError(f"delta must be in [0, 1], got {delta!r}")
    lower, upper = _ends(losses)
    return _crossing(lower, _least, delta)[0], _crossing(upper, _most, delta)[1]


def _ends(losses: Distribution | Bracket) -> tuple[Distribution, Distribution]:
    """The laws from which both ends come, laid out."""
    if isinstance(losses, Bracket):
        ends = losses.lower, losses.upper
    else:
        check_law("losses", losses, "; write delta(100 @ privacy.gaussian(5), 1)")
        ends = losses, losses
    for law in ends:
        if law.ndim > 1:
            raise DimensionError(f"losses are numbers, these are {law.ndim}-D; add them first: [1, 1] @ X")
        if not law.is_finite or law.letters:
            raise DistconvTypeError(
                f"losses must be a law of finitely many numbers, got {law!r}; what is far out may be cut off: "
                "X.clip(-100, 100)"
            )
    return ends[0].hold(), ends[1].hold()


def _least(X: Distribution, eps: Question) -> float:
    value, slack = _known(X, eps)
    return value * (1 - slack)


def _most(X: Distribution, eps: Question) -> float:
    value, slack = _known(X, eps)
    return min(1.0, value * (1 + slack) * bounds.PAD + X.missing + bounds.SUBNORMAL * bool(value))


def _known(X: Distribution, eps: Question) -> tuple[float, float]:
    """(E max(1 - exp(eps - L), 0) over what is known, a bound on its relative error)."""
    place = read_query(eps)
    measure = X.law.measure
    weights = measure.weights.as_floating()
    slack = bounds.compose(weights.error, bounds.total(max(weights.size, 1)), TERM_ROUNDINGS * bounds.UNIT)
    if isinstance(place, float):
        total, exponent = total_of(weights) if place < 0 else (0.0, 0)
        return math.ldexp(total, exponent), slack
    ranks = weights.positive()
    ranks = ranks[ranks >= lookup.count_up_to(measure, place)]
    if not len(ranks):
        return 0.0, slack
    (index,) = lookup.axis_indices(measure)
    (origin,), (step,) = measure.box.origin, measure.box.step
    first = Fraction(origin) + Fraction(step) * int(index[ranks[0]]) - place
    shares = -np.expm1(-(to_double(first) + multiples(step, index[ranks] - index[ranks[0]])))
    total, exponent = total_of(weights.take(ranks).times(normal_form(shares, None, 0.0)))
    return math.ldexp(total, max(exponent, -5000)), slack


def _crossing(X: Distribution, bound: Callable[[Distribution, Question], float], delta: float) -> tuple[float, float]:
    """Two numbers near each other: at the first a bound of delta is above `delta`, at the second no more."""
    if bound(X, 0) <= delta:
        return 0.0, 0.0
    high: Any = X.high
    low, high = 0.0, math.nextafter(max(float(high), 0.0), math.inf)
    if bound(X, _exactly(high)) > delta:
        return math.inf, math.inf
    near, far = bound(X, 0), bound(X, _exactly(high))
    for k in range(HALVINGS):
        if high - low <= RESOLUTION * high:
            break
        # Where delta falls like an exponential between both ends; halfway now and then, so that it ends.
        middle = (low + high) / 2
        if k % 3 and far and delta:
            share = math.log(near / delta) / math.log(near / far)
            middle = low + (high - low) * min(max(share, LEAST_SHARE), 1 - LEAST_SHARE)
        found = bound(X, _exactly(middle))
        if found > delta:
            low, near = middle, found
        else:
            high, far = middle, found
    return low, high


def _exactly(value: float) -> Any:
    """The number that a double is: it is not read as a short decimal."""
    return Fraction(value)


# Mechanisms -----------------------------------------------------------------------------------------------------------


def gaussian(sigma: float, *, sensitivity: float = 1.0, step: ScalarLike = "1/1000", tail: float = 1e-20) -> Bracket:
    """The loss of a sum to which normal noise is added, by both bounds.

    It is normal itself, of mean mu**2 / 2 and variance mu**2, where mu is sensitivity / sigma. Rounding
    costs up to a step for every run: take one that is small beside eps / n.

    Args:
        sigma: the standard deviation of the noise.
        sensitivity: how much one person can change the sum.
        step: the width of the cells of the loss.
        tail: the probability of losses that are cut off, and count as infinite.
    """
    check_positive("sigma", sigma)
    check_positive("sensitivity", sensitivity)
    from scipy import stats

    mu = sensitivity / sigma
    return Distribution.from_scipy(stats.norm(mu * mu / 2, mu), step=step, rounding="both", tail=tail)


def laplace(scale: ScalarLike, *, sensitivity: ScalarLike = 1, step: ScalarLike = "1/1000") -> Bracket:
    """The loss of a number to which Laplace noise is added, by both bounds.

    It is sensitivity / scale at most, which it takes with probability 1/2, and has a density down to minus that. The
    step is made so much smaller that it divides both ends. Nothing is missing.

    Args:
        scale: that of the noise, whose density falls as exp(-abs(x) / scale).
        sensitivity: how much one person can change the number.
        step: the width of the cells of the loss, at most.
    """
    width, most = read_scalar(step, "step"), Fraction(read_scalar(sensitivity, "sensitivity"))
    noise = Fraction(read_scalar(scale, "scale"))
    if min(width, most, noise) <= 0:
        raise DistconvValueError(f"scale, sensitivity and step must be > 0, got {scale!r}, {sensitivity!r}, {step!r}")
    top = most / noise
    cells = 2 * math.ceil(top / width)
    unit = 2 * top / cells
    # P(L <= x) = exp((x - top) / 2) / 2 between both ends.
    steps = np.arange(cells)
    inner = np.exp(-(cells - steps) * (to_double(unit) / 2)) * (math.expm1(to_double(unit) / 2) / 2)
    lowest = math.exp(-to_double(top)) / 2
    error = (MASS_ROUNDINGS + 4 * to_double(top)) * bounds.UNIT
    down, up = np.append(inner, 0.5), np.append(lowest, inner)
    down[0] += lowest
    up[-1] += 0.5
    return Bracket.of(*(_on_steps(-top, unit, masses, error) for masses in (down, up)))


def _on_steps(low: Fraction, step: Fraction, masses: FloatArray, error: float) -> Distribution:
    """The law with these masses from a point on."""
    box = Lattice((whole(low),), (whole(step),), (len(masses),))
    return Distribution.of(Finite(tightened(Measure(box, normal_form(masses, None, error)))))


def loss(P: Distribution, Q: Distribution, *, step: ScalarLike = "1/1000") -> Bracket:
    """The loss of any mechanism of finitely many outcomes, by both bounds: log P(x) / Q(x) where x comes from P.

    Args:
        P: what the mechanism gives for one input; of any dimension.
        Q: what it gives for the neighbouring one. Outcomes that it cannot give have an infinite loss: `missing` in the
            upper law, and at the highest finite loss in the lower one.
        step: the width of the cells of the loss.

    >>> from distconv import Bernoulli, privacy
    >>> answer = privacy.loss(Bernoulli("3/4"), Bernoulli("1/4"), step="1/10")
    >>> answer.lower.to_dict()
    {Fraction(-11, 10): Fraction(1, 4), 1: Fraction(3, 4)}
    """
    for name, law in (("P", P), ("Q", Q)):
        check_law(name, law, "; write loss(P, Q)")
        if not law.is_finite or law.letters or law.missing:
            raise DistconvTypeError(f"{name} must be a law of finitely many outcomes, all of them known, got {law!r}")
    width = read_scalar(step, "step")
    if width <= 0:
        raise DistconvValueError(f"step must be > 0, got {step!r}")
    # Logs of probabilities are right to a few roundings, and to the errors of both laws.
    slack = bounds.reciprocal(bounds.compose(P.error, Q.error)) + 8 * bounds.UNIT
    lower: dict[Scalar, Any] = {}
    upper: dict[Scalar, Any] = {}
    infinite: Any = 0
    for x, p in P:
        there: Any = Q.logpmf(x)
        if math.isinf(there):
            infinite = infinite + p
            continue
        log: Any = P.logpmf(x)
        value, off = log - there, slack * (1 + abs(log) + abs(there))
        for ends, place in (
            (lower, math.floor(Fraction(value - off) / width)),
            (upper, math.ceil(Fraction(value + off) / width)),
        ):
            outcome = whole(Fraction(place * width))
            ends[outcome] = ends.get(outcome, 0) + p
    if not lower:
        raise DistconvValueError("P and Q have no outcome in common, so every loss is infinite and delta is 1")
    if infinite:
        lower[max(lower)] += infinite
    return Bracket.of(Distribution(lower), Distribution(upper, missing=infinite))
