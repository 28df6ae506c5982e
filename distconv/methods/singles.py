"""Single probabilities of a sum of any size, without its law: one contour integral under one tilt.

Under a tilt t the sum is a bell q with characteristic function phi, K the log of the moment generating function:

- P(S = c) = exp(K(t) - t c) q_c, and q_c is the mean over all frequencies of phi(w) exp(-i w c);
- P(S > c) = exp(K(t) - t d) times the sum of exp(-t (j - d)) q_j over j >= d = c + 1, t > 0: the mean of
  phi(w) exp(-i w c) / (exp(i w) - exp(-t)).

The trapezoidal rule with L nodes errs by what wraps around after L outcomes alone: Chernoff's inequality bounds it.
Only the nodes near 0 count, some hundred whatever the size; the others are bounded (`addends.Bell.far`). The nodes'
values are balls, so that their roundings are in the answer's radius.

Sources: Lugannani, Rice (1980) for the integral; Wilson and Keich (2016) for one exponential shift in place of a full
convolution; the bounds are ours (docs/explanation/error-model).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from distconv.bounds import UNIT
from distconv.errors import AccuracyError
from distconv.methods.addends import BLOCK, LONG_UNIT, About, Bell, Terms
from distconv.numbers.balls import is_narrow, pair_of, precision, resolved
from distconv.numbers.doubles import normal_pairs
from distconv.typing import AnyArray, FloatArray, IntArray

if TYPE_CHECKING:
    import flint


#: Bits of balls, beside twice those that the number of copies takes.
BITS = 128
#: Up to so many outcomes from either end the sum's own first weights are multiplied out.
ENDS = 512
#: Standard deviations after which nodes may wrap around; nats of decay, likewise.
WIDTH, DECAY = 20.0, 96.0
#: Chernoff's bounds are tried at these parts of the rate that is best for a Gaussian, small ones for tails that fall
#: slowly, and at Bennett's, which is best where few of many terms move at all, until one is as small as needed.
RATES = tuple(2.0**-k for k in range(12))
ENOUGH = -70.0
#: Exponents that machine integers hold, and the rest of a product with them.
FARTHEST = 2**62
#: Nodes that are summed at most.
MOST_NODES = 2**16
#: Places up to which each is asked by itself; standard deviations that one tilt serves to either side.
FEW_PLACES, REACH = 4, 2.5
#: Steps to a saddle point, and how near the mean must be, in standard deviations.
STEPS, NEAR = 200, 0.05
#: The largest tilt that is tried for a quantile, in nats for each outcome.
MOST_TILT = 700.0

T = TypeVar("T", About, Bell)


def tail(terms: Terms, position: int, tolerance: float, *, above: bool) -> tuple[flint.arb, bool]:
    """(the smaller of P(S > position) and P(S <= position) as a ball, whether it is the one that is asked for)."""
    upper = position >= terms.about(0.0).mean
    found = one_tail(terms, position, tolerance, upper=upper)
    if not found < 0.5:
        # The median lies on the other side of the mean.
        upper = not upper
        found = one_tail(terms, position, tolerance, upper=upper)
    return found, upper == above


def chance(terms: Terms, position: int, tolerance: float, *, above: bool) -> float:
    """P(S > position), or P(S <= position)."""
    found, is_asked = tail(terms, position, tolerance, above=above)
    with precision(BITS):
        return float(found if is_asked else 1 - found)


def log_tail(terms: Terms, position: int, tolerance: float, *, above: bool) -> float:
    """log P(S > position), or log P(S <= position)."""
    found, is_asked = tail(terms, position, tolerance, above=above)
    with precision(BITS):
        return float(found.log() if is_asked else (-found).log1p())


def between(terms: Terms, first: int, last: int, tolerance: float) -> flint.arb | None:
    """P(first <= S <= last) as a ball, from the tails on either side or two on one; None where these lose too much.

    They do where the interval is narrow beside what decays: then its outcomes are few.
    """
    import flint

    mean = terms.about(0.0).mean
    upper = first > mean

    def beyond(position: int, *, upper: bool) -> flint.arb:
        inside = position < terms.high if upper else position >= 0
        return one_tail(terms, position, tolerance, upper=upper) if inside else flint.arb(0)

    with precision(_bits(terms)):
        if first <= mean <= last:
            found = 1 - beyond(first - 1, upper=False) - beyond(last, upper=True)
        else:
            ends = (first - 1, last) if upper else (last, first - 1)
            found = beyond(ends[0], upper=upper) - beyond(ends[1], upper=upper)
        return found if float(found.rad()) < (tolerance - UNIT) * float(found.lower()) else None


def one_tail(terms: Terms, position: int, tolerance: float, *, upper: bool) -> flint.arb:
    """P(S > position), or P(S <= position), as a ball; position is from 0 on and below the highest outcome."""
    if not upper:
        terms, position = terms.reflected(), terms.high - position - 1
    left = terms.high - position
    if left <= ENDS and terms.tells(left, above=True):
        return _ending(terms.reflected(), left, lambda head: sum(head[1:], start=head[0]))
    return _integral(_tilted(terms, position, 1.0), position + 1, tolerance, is_tail=True)


def point(terms: Terms, position: int, tolerance: float) -> flint.arb:
    """P(S = position) as a ball, 0 exactly where the sum cannot be there, as far as that is seen from the ends."""
    for left, above in ((position, False), (terms.high - position, True)):
        if left < ENDS and terms.tells(left + 1, above=above):
            return _ending(terms.reflected() if above else terms, left + 1, lambda head: head[-1])
    return _integral(_tilted(terms, position, 0.0), position, tolerance, is_tail=False)


def _bits(terms: Terms) -> int:
    """The working precision."""
    return BITS + 2 * terms.high.bit_length() + 2 * max(terms.copies).bit_length()


def _ending(terms: Terms, count: int, of: Callable[[list[flint.arb]], flint.arb]) -> flint.arb:
    """A sum of the first weights, as a ball."""

    def attempt() -> flint.arb | None:
        found = of(terms.head(count))
        return found if is_narrow(found) or found == 0 else None

    return resolved(attempt, f"one of the last {count} weights of a sum", start=_bits(terms))


def _tilted(terms: Terms, position: int, decay: float) -> Bell:
    """The sum under the tilt t where its mean is position + decay / t: the saddle point of the integrand, about.

    Any tilt is right, so that a mean within a twentieth of a standard deviation does.
    """
    start = 1 / math.sqrt(max(terms.about(0.0).variance, 1.0)) if decay else 0.0
    tilt, _ = _saddle(terms.about, position, decay, start)
    return _saddle(terms.under, position, decay, tilt)[1]


def _saddle(under: Callable[[float], T], position: int, decay: float, tilt: float) -> tuple[float, T]:
    """The tilt of `_tilted`, sought from a first one on, and what the sum is under it."""
    low, high = (0.0, math.inf) if decay else (-math.inf, math.inf)
    bell = under(tilt)
    for _ in range(STEPS):
        variance = bell.variance
        off = float(bell.mean - position) - (decay / tilt if decay else 0.0)
        if abs(off) <= NEAR * math.sqrt(variance) + UNIT * float(bell.mean):
            break
        if off < 0:
            low = tilt
        else:
            high = tilt
        slope = variance + (decay / tilt**2 if decay else 0.0)
        # Where all terms stand still under a tilt it tells no step.
        following = tilt - off / slope if slope else math.copysign(math.inf, -off)
        if not low < following < high:
            if math.isinf(high):
                following = 2 * low if low > 0 else low / 2 + 1.0
            elif math.isinf(low):
                following = 2 * high if high < 0 else high / 2 - 1.0
            else:
                following = (low + high) / 2
        if following == tilt:
            break
        tilt = following
        bell = under(tilt)
    return tilt, bell


def _integral(bell: Bell, place: int, tolerance: float, *, is_tail: bool) -> flint.arb:
    """P(S = place), or P(S >= place) where the tilt is positive, with everything left out in the ball's radius."""
    import flint

    rate, deviation = bell.tilt, math.sqrt(bell.variance)
    length = int(max(WIDTH * deviation, (DECAY + 2 * math.log1p(rate * deviation)) / rate if is_tail else 0.0)) + 64
    half = length // 2 + 1
    first, far = bell.far()
    count = min(half, 2 + int(first * length / (2 * math.pi)))
    if count == half:
        far = 0.0
    if count > MOST_NODES:
        raise AccuracyError(
            f"{count:,} frequencies of this sum count, more than {MOST_NODES:,}; lay it out: (n @ X).hold()"
        )
    shift = place - 1 if is_tail else place
    with precision(_bits(bell.terms)):
        turn, total = 2 * flint.arb.pi() / length, flint.arb(0)
        kept = (-flint.arb(rate)).exp()
        for j, value in enumerate(bell.spectrum(count, length, shift)):
            if is_tail:
                value /= flint.acb(0, turn * j).exp() - kept
            total += value.real if j == 0 or 2 * j == length else 2 * value.real
        total /= length
        wrapped = _wrapped(bell, place, length, is_tail=is_tail)
        if is_tail:
            # |exp(i w) - exp(-t)| grows with w.
            far /= math.hypot(math.cos(min(first, math.pi)) - math.exp(-rate), math.sin(min(first, math.pi)))
            total /= 1 + flint.arb(0, 2 * math.exp(-rate * length))
        # Relative to 1, and not to a probability that no double holds; the answer itself is rounded to one.
        scale = bell.log_total() - flint.arb(rate) * place
        total = (total + flint.arb(0, far + wrapped + bell.left_out)) * (scale - scale.mid()).exp()
        if not float(total.rad()) < (tolerance - UNIT) * float(total.lower()):
            raise AccuracyError(_refusal(place, float(total.mid()), float(total.rad()), tolerance))
        return scale.mid().exp() * total


def _wrapped(bell: Bell, place: int, length: int, *, is_tail: bool) -> float:
    """A bound on what wraps around after `length` outcomes, above and below.

    Of a tail, outcomes below count for exp(-t L / 2) at most as far as L / 2 below the place, and those farther out
    for 1. Of Chernoff's bounds on every further turn each is smaller by exp(-s L), s the rate.
    """
    below = length // 2 if is_tail else length
    total = _chernoff(bell, place + length, length, 1.0) + _chernoff(bell, place - below, below, -1.0)
    if is_tail:
        decay = math.exp(-bell.tilt * length)
        total = (total + math.exp(-bell.tilt * (length / 2 - 1))) / (1 - decay)
    return total * (1 + 1e-9)


def _chernoff(bell: Bell, edge: int, length: int, side: float) -> float:
    """A bound on the mass under the tilt from an edge on, and from every further `length` outcomes on, added up."""
    if not 0 <= edge <= bell.terms.high:
        return 0.0
    distance = max(side * float(edge - bell.mean), 0.0)
    reach = bell.reach(side)
    steep = distance / (bell.variance + 1e-300)
    best = 1.0
    for size in (*(share * steep for share in RATES), math.log1p(reach * steep) / reach if reach else 1.0):
        bound = bell.log_chernoff(side * size, edge)
        if size:
            best = min(best, math.exp(min(bound, 0.0)) / -math.expm1(-size * length))
        if bound < ENOUGH:
            break
    return best


def quantile(terms: Terms, log_level: float, *, above: bool) -> int:
    """About the place where log P(S > place), or log P(S <= place), is a level below log(1/2): by Lugannani and Rice.

    For sums of many terms the place is right to a few units.
    """
    if not above:
        return terms.high - 1 - quantile(terms.reflected(), log_level, above=True)
    from scipy.optimize import brentq

    low, high = 0.0, 1 / math.sqrt(max(terms.about(0.0).variance, 1.0))
    while high < MOST_TILT and _log_tail(terms, high)[0] > log_level:
        low, high = high, 2 * high
    if high < MOST_TILT:
        high = brentq(lambda t: _log_tail(terms, t)[0] - log_level, low, high, xtol=1e-300, rtol=1e-14, maxiter=STEPS)
    return min(max(round(_log_tail(terms, high)[1]) - 1, 0), terms.high - 1)


def _log_tail(terms: Terms, tilt: float) -> tuple[float, float]:
    """(about log P(S >= c), c), c the mean under a positive tilt."""
    from scipy.special import erfcx

    bell = terms.under(tilt)
    place, deviation = bell.mean, math.sqrt(bell.variance)
    fall = float(np.longdouble(tilt) * place - bell.log_mgf)
    w, u = math.sqrt(max(2 * fall, 0.0)), -math.expm1(-tilt) * deviation
    if w == 0 or u == 0:
        return 0.0, float(place)
    ratio = math.sqrt(math.pi / 2) * float(erfcx(w / math.sqrt(2))) + 1 / u - 1 / w
    return -fall - 0.5 * math.log(2 * math.pi) + math.log(max(ratio, 1e-300)), float(place)


def _refusal(place: int, found: float, off: float, tolerance: float) -> str:
    """Why a probability is not certified."""
    reached = off / (found - off) if found > off else math.inf
    # Twice what is reached: the advice is rounded to one digit.
    way_out = (
        f"ask for less: with distconv.settings(tolerance={2 * reached:.1g}): ..."
        if 2 * reached < 0.5
        else "lay it out: (n @ X).hold()"
    )
    return (
        f"the probability at position {place} of this sum is not certified to {tolerance:g} (bound {reached:.2g}); "
        f"{way_out}"
    )


def window(terms: Terms, first: int, last: int, tolerance: float) -> tuple[FloatArray, IntArray]:
    """P(S = c) for c from `first` to `last`, as significands and exponents, each within the tolerance, relative.

    One tilt serves places within some standard deviations; what it leaves is asked one by one.
    """
    count = last - first + 1
    significands, exponents = np.zeros(count), np.zeros(count, dtype=np.int64)
    open_ones = np.ones(count, dtype=bool)
    start = first
    while start <= last and count > FEW_PLACES:
        bell = _tilted(terms, start, 0.0)
        reach = max(int(2 * REACH * math.sqrt(bell.variance)), 1)
        end = min(start + reach, last)
        middle = (start + end) // 2
        here = slice(start - first, end - first + 1)
        found = _stretch(_tilted(terms, middle, 0.0), start, end, tolerance)
        if found is not None:
            significands[here], exponents[here], open_ones[here] = found
        start = end + 1
    for i in np.flatnonzero(open_ones).tolist():
        significands[i], exponents[i] = pair_of(point(terms, first + i, tolerance))
    return significands, exponents


def _stretch(bell: Bell, low: int, high: int, tolerance: float) -> tuple[FloatArray, IntArray, AnyArray] | None:
    """(significands, exponents, what is not certified) near the mean under a tilt; None where nodes are too many.

    None, too, at a tilt so steep that no machine integer holds the exponents.
    """
    import flint

    length = int(WIDTH * math.sqrt(bell.variance)) + 64 + high - low
    first, far = bell.far()
    count = min(length // 2 + 1, 2 + int(first * length / (2 * math.pi)))
    far = far if count <= length // 2 else 0.0
    if count > MOST_NODES:
        return None
    center = (low + high) // 2
    with precision(_bits(bell.terms)):
        values = bell.spectrum(count, length, center)
        nodes = np.array([complex(v) for v in values])
        off = sum(float(v.real.rad()) + float(v.imag.rad()) for v in values)
        scale = (bell.log_total() - flint.arb(bell.tilt) * center).exp()
        (top, shift), relative = pair_of(scale), float((scale / scale.mid()).rad()) + 32 * UNIT
        off += length * (far + _wrapped(bell, low, length, is_tail=False) + _wrapped(bell, high, length, is_tail=False))
        off += length * bell.left_out
    nodes[1:] *= 2
    if 2 * (count - 1) == length:
        nodes[-1] /= 2
    places = np.arange(low - center, high - center + 1)
    turns = np.arange(count) * (2 * math.pi / length)
    found = np.empty(len(places))
    for start in range(0, len(places), max(1, BLOCK // count)):
        some = slice(start, start + max(1, BLOCK // count))
        phase = np.outer(places[some], turns)
        found[some] = np.cos(phase) @ nodes.real + np.sin(phase) @ nodes.imag
    # A node errs by its conversion and by the rounding of its phase, the sum by as many roundings as it has terms.
    off += float((np.abs(nodes) * (8 + 2 * count + 8 * turns * (high - low + 1))).sum()) * UNIT
    bits = -np.longdouble(bell.tilt) / np.log(np.longdouble(2)) * places
    # The tilt is undone by an exp2 of a rounded product.
    room = tolerance - relative - 4 * LONG_UNIT * (np.abs(bits) + 1).astype(np.float64)
    certain = (room > 0) & (off <= room * (found - off))
    if abs(shift) >= FARTHEST:
        return None
    bits[~certain] = 0
    whole = np.floor(bits)
    factor = np.exp2((bits - whole).astype(np.float64)) * (top / length)
    fractions, exponents = normal_pairs(np.maximum(found, 0.0) * factor, whole.astype(np.int64) + shift)
    return fractions, exponents, ~certain
