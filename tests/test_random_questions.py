"""Random questions to sums that are kept as their terms, against polynomials and integrals in balls of 300 bits.

``python tests/test_random_questions.py FIRST LAST`` asks those of the seeds from FIRST up to LAST, and prints how many
there were and the worst error of each kind, in parts of what is promised.
"""

import math
import random
import sys
from collections import Counter, defaultdict
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import product

import flint
import numpy as np
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from distconv import Distribution, settings
from distconv.errors import AccuracyError, SizeLimitError
from distconv.laws.copied import Copied
from distconv.laws.kept import Kept, kept
from distconv.numbers.balls import precision

#: Bits of the reference; sums of so many outcomes at most are multiplied out there.
BITS, SHORT = 300, 1000
#: What the reference leaves out, in nats; standard deviations, and steps, after which its nodes wrap around.
NATS, WIDTH, ROOM = 100.0, 40.0, 120
#: Nodes that are summed at most, and cells of a sum of vectors that are multiplied out.
MOST_NODES, MOST_CELLS = 4000, 6000
#: The same as NATS and WIDTH for vectors, of which there are nodes on each axis.
NATS_OF_VECTORS, WIDTH_OF_VECTORS = 42.0, 18.0
#: A rounding to double, and to a log's.
UNIT = 2.0**-53


class UnclearError(Exception):
    """The reference itself does not tell enough digits here."""


# What is true ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Truth:
    """A sum of independent terms from 0 on: pairs of a polynomial's (places, weights as fractions) and copies."""

    terms: tuple[tuple[tuple[int, ...], tuple[flint.fmpq, ...], int], ...]

    @cached_property
    def high(self):
        return sum(places[-1] * n for places, _, n in self.terms)

    @cached_property
    def polynomials(self):
        return [flint.arb_poly(dense(places, weights)) for places, weights, _ in self.terms]

    @cached_property
    def coefficients(self):
        """All weights of a short sum; None where they are not relatively accurate."""
        for bits in (BITS, 8 * BITS):
            with precision(bits):
                total = flint.arb_poly([1])
                for places, weights, n in self.terms:
                    total *= flint.arb_poly(dense(places, weights)) ** n
                found = total.coeffs()
                if all(c.rel_accuracy_bits() > 120 or c == 0 for c in found):
                    return found
        return None

    @cached_property
    def floats(self):
        """(places, logs of weights, term, copies) of all points."""
        rows = []
        for i, (places, weights, n) in enumerate(self.terms):
            rows += [(k, float(flint.arb(w).log()), i, float(n)) for k, w in zip(places, weights, strict=True)]
        places, logs, which, copies = (np.array(column) for column in zip(*rows, strict=True))
        starts = np.searchsorted(which, np.arange(len(self.terms)))
        return places.astype(float), logs, which, copies, starts

    def moments(self, tilt):
        """Mean and variance of the sum under a tilt, and its tilted weights, in doubles."""
        places, logs, which, copies, starts = self.floats
        values = logs + tilt * places
        p = np.exp(values - np.maximum.reduceat(values, starts)[which])
        p /= np.add.reduceat(p, starts)[which]
        mean = np.add.reduceat(p * places, starts)
        variance = np.add.reduceat(p * (places - mean[which]) ** 2, starts)
        n = copies[starts]
        return float(n @ mean), float(n @ variance), p

    def saddle(self, place):
        """The tilt under which the mean is at a place, by bisection."""
        low, high = -3000.0, 3000.0
        for _ in range(90):
            tilt = (low + high) / 2
            low, high = (tilt, high) if self.moments(tilt)[0] < place else (low, tilt)
        return tilt

    def chance(self, first, last):
        """P(first <= S <= last) as a ball."""
        first, last = max(first, 0), min(last, self.high)
        if first > last:
            return flint.arb(0)
        if self.high <= SHORT and self.coefficients is not None:
            return sum(self.coefficients[first : last + 1], start=flint.arb(0))
        mean = self.moments(0.0)[0]
        if first <= mean <= last and last - first > 0:
            below = self._up_from(self.high - first + 1, None, mirrored=True)
            return 1 - below - self._up_from(last + 1, None)
        if last < mean:
            return self._up_from(self.high - last, self.high - first, mirrored=True)
        return self._up_from(first, last)

    def _up_from(self, first, last, *, mirrored=False):
        """P(first <= S <= last), or P(S >= first), where that falls upwards; of the mirrored sum where that is said."""
        if first > self.high:
            return flint.arb(0)
        tilt = self.saddle(self.high - first if mirrored else first)
        _, variance, p = self.moments(tilt)
        tilt = -tilt if mirrored else tilt
        length = int(WIDTH * math.sqrt(variance)) + ROOM * self.span
        count = min(length, self.high + 1) // 2 + 1
        if length > self.high:
            length = self.high + 1
        elif self._falls_off(p, variance):
            count = min(count, 2 + int(_edge(variance) * length / (2 * math.pi)))
        if count > MOST_NODES:
            raise UnclearError
        most = self.high - first + 1 if length > self.high else length // 2
        many = most if last is None else min(last - first + 1, most)
        exact = [flint.arb_poly(f.coeffs()[::-1]) for f in self.polynomials] if mirrored else self.polynomials
        shrink, total = flint.arb(tilt).exp(), flint.arb(0)
        for j in range(count):
            z = flint.acb(0, 2 * flint.arb.pi() * j / length).exp() * shrink
            value = math.prod((f(z) ** n for f, (_, _, n) in zip(exact, self.terms, strict=True)), start=flint.acb(1))
            # The sum of z**-c over the places c.
            value *= z**-first * ((1 - z**-many) / (1 - 1 / z) if j or tilt else many)
            total += value.real if 2 * j in (0, length) else 2 * value.real
        found = total / length
        if length <= self.high:
            # What wraps around and what is left out is far below the last digit that is asked for.
            found *= flint.arb(1, 1e-20)
        if not found.rel_accuracy_bits() > 45:
            raise UnclearError
        return found

    @property
    def span(self):
        return max(places[-1] for places, _, _ in self.terms)

    def _falls_off(self, p, variance):
        """Whether the characteristic function is nothing from the edge of the bell on, as a grid and peaks show."""
        places, _, which, copies, starts = self.floats
        peaks = [2 * math.pi * k / m for m in range(2, 2 * self.span + 1) for k in range(1, m // 2 + 1)]
        angles = np.array([*np.linspace(_edge(variance), math.pi, 40 * self.span), *peaks])
        angles = angles[angles >= _edge(variance)]
        sizes = np.zeros(len(angles))
        for i in range(len(starts)):
            own = which == i
            phi = np.abs(np.exp(1j * np.outer(angles, places[own])) @ p[own])
            sizes += copies[own][0] * np.log(np.maximum(phi, 1e-300))
        return len(angles) > 0 and sizes.max() < -NATS


def _edge(variance):
    """The angle at which a normal law's characteristic function has fallen off, and more."""
    return 1.5 * math.sqrt(2 * NATS / max(variance, 1e-300))


def dense(places, weights):
    """A polynomial's coefficients from places and weights."""
    found = [flint.arb(0)] * (places[-1] + 1)
    for k, w in zip(places, weights, strict=True):
        found[k] = flint.arb(w)
    return found


@dataclass(frozen=True)
class TruthOfVectors:
    """The sum of n copies of a law of vectors from the origin on."""

    points: tuple[tuple[int, ...], ...]
    weights: tuple[flint.fmpq, ...]
    n: int

    @property
    def shape(self):
        return tuple(self.n * max(axis) + 1 for axis in zip(*self.points, strict=True))

    @cached_property
    def rows(self):
        """The same as a sum of numbers: the cells of its box, one row after the other."""
        pairs = sorted(zip((self._cell(point) for point in self.points), self.weights, strict=True))
        return Truth(((*zip(*pairs, strict=True), self.n),)).coefficients

    def _cell(self, point):
        cell = 0
        for k, m in zip(point, self.shape, strict=True):
            cell = cell * m + k
        return cell

    def chance(self, low, high):
        """P(low <= S <= high) as a ball."""
        low = tuple(max(a, 0) for a in low)
        high = tuple(min(b, m - 1) for b, m in zip(high, self.shape, strict=True))
        if any(a > b for a, b in zip(low, high, strict=True)):
            return flint.arb(0)
        if math.prod(self.shape) > MOST_CELLS:
            return self._integral(low, high)
        places = product(*(range(a, b + 1) for a, b in zip(low, high, strict=True)))
        if self.rows is None:
            raise UnclearError
        cells = (self._cell(place) for place in places)
        return sum((self.rows[c] for c in cells if c < len(self.rows)), start=flint.arb(0))

    def _under(self, tilt):
        points, logs = np.array(self.points, float), np.array([float(flint.arb(w).log()) for w in self.weights])
        values = logs + points @ tilt
        p = np.exp(values - values.max())
        p /= p.sum()
        mean = p @ points
        return p, self.n * mean, self.n * (points - mean).T @ (p[:, None] * (points - mean))

    def _integral(self, low, high):
        tilt, mean = np.zeros(len(low)), self._under(np.zeros(len(low)))[1]
        aim = np.clip(mean, low, high)
        for _ in range(60):
            p, mean, covariance = self._under(tilt)
            move = np.linalg.lstsq(covariance, aim - mean, rcond=None)[0]
            tilt = tilt + move * min(1.0, 1.0 / max(np.abs(move).max(), 1e-300))
        p, mean, covariance = self._under(tilt)
        if np.abs(mean - aim).max() > 0.5 * math.sqrt(covariance.max()) + 1e-6 * mean.max():
            raise UnclearError
        sd = np.sqrt(np.diag(covariance))
        lengths = [int(WIDTH_OF_VECTORS * s + 2 * (b - a)) + 64 for s, a, b in zip(sd, low, high, strict=True)]
        if np.linalg.cond(covariance) > 1e12:
            raise UnclearError
        # Along an axis the bell in frequencies is as wide as the others let it be.
        across = np.sqrt(np.diag(np.linalg.inv(covariance)))
        edges = 1.1 * math.sqrt(2 * NATS_OF_VECTORS) * across
        if (edges > 2.5).any() or not self._falls_off(p, edges):
            raise UnclearError
        counts = [int(edge * length / (2 * math.pi)) + 1 for edge, length in zip(edges, lengths, strict=True)]
        if math.prod(2 * c + 1 for c in counts) > MOST_NODES:
            raise UnclearError
        return self._sum(low, high, tilt, lengths, counts) * flint.arb(1, 1e-14)

    def _falls_off(self, p, edges):
        turns = np.linspace(-math.pi, math.pi, 49)
        nodes = np.array([w for w in product(turns, repeat=len(edges)) if (np.abs(w) > edges).any()])
        phi = np.abs(np.exp(1j * nodes @ np.array(self.points, float).T) @ p)
        return self.n * math.log(max(phi.max(), 1e-300)) < -NATS_OF_VECTORS

    def _sum(self, low, high, tilt, lengths, counts):
        shrinks = [flint.arb(float(t)).exp() for t in tilt]
        along, phases = [], []
        for a, b, t, shrink, length, count in zip(low, high, tilt, shrinks, lengths, counts, strict=True):
            zs = [flint.acb(0, 2 * flint.arb.pi() * j / length).exp() * shrink for j in range(-count, count + 1)]
            many = b - a + 1
            sums = [((1 - z**-many) / (1 - 1 / z) if i != count or t else flint.acb(many)) for i, z in enumerate(zs)]
            along.append([[z**k for k in range(max(max(point) for point in self.points) + 1)] for z in zs])
            phases.append([z**-a * part / length for z, part in zip(zs, sums, strict=True)])
        total = flint.arb(0)
        for node in product(*map(range, map(len, along))):
            # The other half of the nodes are conjugates.
            if node < tuple(counts):
                continue
            powers = [row[i] for row, i in zip(along, node, strict=True)]
            phi = sum(
                (math.prod((row[k] for row, k in zip(powers, point, strict=True)), start=flint.acb(w)))
                for point, w in zip(self.points, self.weights, strict=True)
            )
            value = math.prod((row[i] for row, i in zip(phases, node, strict=True)), start=phi**self.n).real
            total += value if node == tuple(counts) else 2 * value
        return total


# What is drawn --------------------------------------------------------------------------------------------------------


def drawn_weights(r, count):
    """Weights of many kinds: exact or not, near or far from each other."""
    kind = r.choice(["small", "small", "apart", "equal", "floats", "floats", "tiny"])
    if kind == "small":
        return [r.randint(1, 20) for _ in range(count)]
    if kind == "apart":
        return [r.choice([1, 10**6, 10**12]) for _ in range(count)]
    if kind == "equal":
        return [1] * count
    found = [r.randint(1, 10**6) / 10**6 for _ in range(count)]
    if kind == "tiny":
        found[r.randrange(count)] = 10.0 ** -r.randint(3, 200)
    return found


def drawn_law(r, widest):
    """A short law of numbers from 0 on, in steps of 1."""
    places = sorted(r.sample(range(1, widest + 1), min(r.randint(1, 5), widest)))
    weights = drawn_weights(r, len(places) + 1)
    return Distribution(dict(zip([0, *places], weights, strict=True)), normalize=True)


def drawn_sum(r):
    """(a sum that is kept as its terms, its truth, its lowest outcome, its step)."""
    kind = r.choice(["copies", "copies", "few", "many"])
    if kind == "copies":
        terms = [(drawn_law(r, r.choice([3, 9, 40])), round(10 ** (r.randint(0, 150) / 10)))]
    elif kind == "few":
        terms = [(drawn_law(r, 9), round(10 ** (r.randint(0, 60) / 10))) for _ in range(r.randint(2, 4))]
    else:
        terms = [(drawn_law(r, r.choice([2, 6])), r.randint(1, 3)) for _ in range(r.randint(49, 90))]
    step, shift = r.choice([1, 1, 1, 2, Fraction(1, 3), -1]), r.choice([0, 0, -7, Fraction(1, 2)])
    S = step * Distribution.of(kept([(law.law, n) for law, n in terms])) + shift
    common = math.gcd(*(x for law, _ in terms for x in law.support))
    rows = []
    for law, n in terms:
        outcomes, weights = zip(*sorted(law.to_dict().items()), strict=True)
        exact = tuple(flint.fmpq(*p.as_integer_ratio()) for p in weights)
        places = tuple(x // common for x in outcomes)
        if step < 0:
            exact, places = exact[::-1], tuple(places[-1] - k for k in places[::-1])
        rows.append((places, exact, n))
    truth = Truth(tuple(rows))
    low = shift + (step * common * truth.high if step < 0 else 0)
    return S, truth, low, abs(step) * common


def drawn_place(r, truth):
    """A place of a sum: near its middle, anywhere, near an end."""
    mean, variance, _ = truth.moments(0.0)
    where = r.choice(["near", "near", "far", "any", "end"])
    if where == "any":
        return r.randint(0, truth.high)
    if where == "end":
        return r.choice([0, 1, r.randint(0, 600), truth.high - r.randint(0, 3), truth.high])
    reach = (4 if where == "near" else 40) * math.sqrt(variance) * r.randint(-1000, 1000) / 1000
    return min(max(round(mean + reach), 0), truth.high)


# What is asked --------------------------------------------------------------------------------------------------------


class Tally:
    """How many questions were asked, refused or not clear, and the worst error of each kind in parts of the bound."""

    def __init__(self):
        self.counts, self.worst, self.wrong = Counter(), defaultdict(float), []

    def note(self, what, ratio, about):
        """Writes down an answer; its error over the bound on it."""
        self.counts[what] += 1
        self.worst[what] = max(self.worst[what], ratio)
        if not ratio <= 1:
            self.wrong.append((what, ratio, about))

    def refused(self, what):
        self.counts[what] += 1

    def __str__(self):
        rows = [f"{what:10} {self.counts[what]:8,}   worst error / bound {self.worst[what]:.3g}" for what in self.worst]
        rest = [f"{what:10} {count:8,}" for what, count in self.counts.items() if what not in self.worst]
        total = sum(self.counts[what] for what in self.worst)
        return "\n".join([*rows, *rest, f"{total:,} questions answered, {len(self.wrong)} outside of their bound"])


def ratio_of(answer, right, tolerance):
    """The error of a probability over its bound; a subnormal double is rounded by as much as it is."""
    if right == 0:
        return 0.0 if answer == 0 else math.inf
    off = abs(flint.arb(float(answer)) - right)
    return float(off / (right * (tolerance + UNIT) + 2.0**-1074))


def ratio_of_log(answer, right, tolerance):
    """The same of a log."""
    if right == 0:
        return 0.0 if answer == -math.inf else math.inf
    log = right.log()
    return float(abs(flint.arb(answer) - log)) / (tolerance + 2 * UNIT * float(abs(log)))


def ratio_of_level(below, above, level, tolerance):
    """How far a level lies outside of two sums between which it should be."""
    slack = tolerance * level + UNIT
    return max(0.0, float((below - level) / slack), float((level - above) / slack))


def ask_numbers(r, tally, about, count=8):
    """Draws a sum of numbers, and asks it some questions."""
    tolerance = r.choice([1e-10, 1e-10, 1e-10, 1e-6, 1e-12])
    with settings(tolerance=tolerance):
        S, truth, low, step = drawn_sum(r)
    assert isinstance(S.law, Kept)
    assert (S.low, S.high) == (low, low + step * truth.high)
    for _ in range(count):
        what = r.choice(["pmf", "logpmf", "cdf", "sf", "logcdf", "logsf", "box", "ppf", "isf"])
        k = drawn_place(r, truth)
        try:
            last = k
            if what == "box":
                last = max(k, drawn_place(r, truth)) if r.random() < 0.5 else k + r.randint(0, 9)
            ends = {"cdf": (0, k), "sf": (k + 1, truth.high)}.get(what.removeprefix("log"), (k, last))
            # First, since sums of which the reference is not clear take long, too.
            right = truth.chance(*ends)
            if what in ("ppf", "isf"):
                ratio = _ask_level(r, S, truth, low, step, what, tolerance)
            elif what == "box":
                # One minus the tails takes the weights of terms, which are known to their error, for the whole.
                ratio = ratio_of(S.prob_box(low + step * k, low + step * last), right, S.error)
            else:
                answer = getattr(S, what)(low + step * k)
                ratio = (ratio_of_log if what.startswith("log") else ratio_of)(answer, right, tolerance)
            tally.note(what, ratio, (about, k))
        except (AccuracyError, SizeLimitError):
            tally.refused("refused")
        except UnclearError:
            tally.refused("unclear")


def _ask_level(r, S, truth, low, step, what, tolerance):
    """How far the level lies outside of the sums on both sides of the quantile, in parts of the bound."""
    small = 10.0 ** (-r.randint(1, 140) / 10)
    level = small if r.random() < 0.7 else 1 - small
    k = int((getattr(S, what)(level) - Fraction(low)) / step)
    exact = flint.fmpq(*level.as_integer_ratio())
    lower = (what == "ppf") == (level < 0.5)
    if lower:
        exact = exact if what == "ppf" else 1 - exact
        return ratio_of_level(truth.chance(0, k - 1), truth.chance(0, k), flint.arb(exact), tolerance)
    exact = 1 - exact if what == "ppf" else exact
    return ratio_of_level(truth.chance(k + 1, truth.high), truth.chance(k, truth.high), flint.arb(exact), tolerance)


def ask_vectors(r, tally, about, count=4):
    """Draws copies of a law of vectors, and asks for points and boxes."""
    ndim = r.choice([2, 2, 2, 3])
    cells = list(product(range(3), repeat=2)) if ndim == 2 else list(product(range(2), repeat=3))
    points = sorted(r.sample(cells, r.randint(2, min(6, len(cells)))))
    least = [min(axis) for axis in zip(*points, strict=True)]
    points = [tuple(a - b for a, b in zip(point, least, strict=True)) for point in points]
    law = Distribution(dict(zip(points, drawn_weights(r, len(points)), strict=True)), normalize=True)
    n = round(10 ** (r.choice([r.randint(3, 15), r.randint(3, 60)]) / 10))
    tolerance = r.choice([1e-10, 1e-10, 1e-6])
    shift = (r.randint(-5, 5),) * ndim
    with settings(tolerance=tolerance, max_bytes=2**24):
        S = Distribution.of(Copied(law.law, n, shift))
    exact = tuple(flint.fmpq(*law.to_dict()[point].as_integer_ratio()) for point in points)
    truth = TruthOfVectors(tuple(points), exact, n)
    _, mean, covariance = truth._under(np.zeros(ndim))
    for _ in range(count):
        reach = r.choice([1, 3, 10])
        moves = [reach * math.sqrt(covariance[i, i]) * r.randint(-100, 100) / 100 for i in range(ndim)]
        low = [min(max(round(m + by), 0), w - 1) for m, by, w in zip(mean.tolist(), moves, truth.shape, strict=True)]
        what = r.choice(["point", "log point", "box of vectors"])
        sizes = [r.randint(0, 1 + int(2 * math.sqrt(covariance[i, i]))) if "box" in what else 0 for i in range(ndim)]
        high = [a + size for a, size in zip(low, sizes, strict=True)]
        ends = [tuple(v + s for v, s in zip(end, shift, strict=True)) for end in (low, high)]
        try:
            right = truth.chance(low, high)
            if what == "log point":
                ratio = ratio_of_log(S.logpmf(ends[0]), right, tolerance)
            else:
                ratio = ratio_of(S.prob_box(*ends) if "box" in what else S.pmf(ends[0]), right, tolerance)
            tally.note(what, ratio, (about, low, high))
        except (AccuracyError, SizeLimitError):
            tally.refused("refused of vectors")
        except UnclearError:
            tally.refused("unclear of vectors")


def ask(r, tally, about):
    """Some questions to one random sum."""
    with precision(BITS):
        (ask_vectors if r.random() < 0.2 else ask_numbers)(r, tally, about)


def test_seeded_questions_are_answered_within_their_bound():
    tally = Tally()
    # The last two ask for outcomes at the very end, under tilts so steep that nothing is left of their digits.
    for seed in (*range(15), 22467, 22898):
        ask(random.Random(seed), tally, seed)
    assert not tally.wrong, tally.wrong
    assert sum(tally.counts[what] for what in tally.worst) > 50, str(tally)


@examples(max_examples=examples().max_examples // 5)
@given(st.randoms(use_true_random=False))
def test_drawn_questions_are_answered_within_their_bound(r):
    tally = Tally()
    ask(r, tally, "drawn")
    assert not tally.wrong, tally.wrong


def main(first, last):
    """Asks the questions of some seeds, and prints the tally."""
    tally = Tally()
    for seed in range(first, last):
        try:
            ask(random.Random(seed), tally, seed)
        except Exception as error:  # noqa: BLE001, a night's run goes on, and tells at its end
            tally.note("crash", math.inf, (seed, repr(error)))
        if seed % 1000 == 999:
            print(f"up to seed {seed:,}", tally, *tally.wrong[:20], sep="\n", flush=True)
    print(tally, *tally.wrong, sep="\n")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:3]))
