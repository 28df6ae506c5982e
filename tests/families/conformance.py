"""What it means that a family is right: one suite of checks for all laws with names.

The truth of a `Case` is a probability by the textbook formula, a `Fraction` for exact parameters, else a number of
mpmath at 60 digits from the very doubles that the parameters are.
"""

import copy
import math
import pickle
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import mpmath
import pytest

from distconv.measure import lookup

mpmath.mp.dps = 60
mpf = mpmath.mpf

#: What every floating weight must keep, whatever it states.
MOST_ERROR = 1e-10


@dataclass(frozen=True)
class Case:
    """A law and the truth about it.

    Attributes:
        name: how the law was made, for messages.
        make: makes it.
        mass: P(X = k) by formula.
        low: the lowest outcome; None where there is none.
        high: the highest; None where there is none.
        points: outcomes at which weights are compared, far tails too.
        kind: "exact" or "float".
        summable: whether sums over the law are short enough to be compared with those of the formula.
    """

    name: str
    make: Callable[[], Any]
    mass: Callable[[int], Any]
    low: int | None
    high: int | None
    points: tuple[int, ...]
    kind: str
    summable: bool = True

    def __repr__(self) -> str:
        return self.name


def number(value):
    """A Fraction or double as an mpmath number: exactly, but for the rounding of a quotient."""
    return mpf(value.numerator) / mpf(value.denominator) if isinstance(value, Fraction) else mpf(value)


def weight(law, x):
    """The number that a law holds as the weight of an outcome, also below the doubles, and its stated error."""
    measure = law.law.measure if law.is_finite else law.law.around(x, x)
    if measure is None:
        return Fraction(0), 0.0
    rank = lookup.rank(measure, x if isinstance(x, tuple) else (x,))
    if measure.weights.is_exact or rank is None:
        return measure.weights.at(rank) if rank is not None else Fraction(0), 0.0
    stored = measure.weights
    return mpmath.ldexp(mpf(float(stored.significands[rank])), stored.exponent_at(rank)), stored.error


def check_weights(case):
    law = case.make()
    assert law.kind == case.kind
    assert law.is_exact == (case.kind == "exact")
    for x in case.points:
        truth = case.mass(x)
        found, error = weight(law, x)
        if case.kind == "exact":
            assert found == truth, x
            assert law.pmf(x) == truth
            assert isinstance(law.pmf(x), Fraction)
        else:
            assert error <= MOST_ERROR
            assert abs(found - truth) <= error * abs(truth), (x, found, truth, error)
            assert law.pmf(x) == pytest.approx(float(truth), rel=MOST_ERROR, abs=1e-320)
        assert law.logpmf(x) == pytest.approx(float(mpmath.log(number(truth))), rel=1e-13, abs=1e-13)


def check_support(case):
    law = case.make()
    inside = case.points[0]
    for x in (
        Fraction(2 * inside + 1, 2),
        *((case.low - 1,) if case.low is not None else ()),
        *((case.high + 1, case.high + 10**9) if case.high is not None else ()),
    ):
        assert law.pmf(x) == 0
        assert law.logpmf(x) == -math.inf
    if case.high is not None:
        assert law.is_finite
        assert [law.support[0], law.support[-1]] == [case.low, case.high]
        assert law.missing == 0
    else:
        assert not law.is_finite
        assert (law.low, law.high) == (case.low, None)
    several = list(case.points[:3])
    assert list(law.pmf(several)) == [law.pmf(x) for x in several]
    assert inside in law.support


def above(case, x):
    """P(X > x) by the formula, to 40 digits of itself."""
    total, k = mpf(0), x
    while case.high is None or k < case.high:
        k += 1
        term = number(case.mass(k))
        total += term
        # The geometric rest, once weights fall.
        following = number(case.mass(k + 1)) if case.high is None or k < case.high else mpf(0)
        if following < term and following / (1 - following / term) < mpf(10) ** -40 * total:
            break
    return total


def below(case, x):
    """P(X <= x) by the formula."""
    if case.low is not None and x - case.low > 2000:
        return 1 - above(case, x)
    if case.low is not None:
        return sum((number(case.mass(k)) for k in range(case.low, x + 1)), start=mpf(0))
    total, k = mpf(0), x + 1
    while True:
        k -= 1
        term, following = number(case.mass(k)), number(case.mass(k - 1))
        total += term
        if following < term and following / (1 - following / term) < mpf(10) ** -40 * total:
            return total


def check_tails(case):
    law = case.make()
    for x in case.points:
        head, tail = below(case, x), above(case, x)
        assert float(law.cdf(x)) == pytest.approx(float(head), rel=MOST_ERROR, abs=1e-320)
        assert float(law.sf(x)) == pytest.approx(float(tail), rel=MOST_ERROR, abs=1e-320)
        for found, truth, other in ((law.logcdf(x), head, tail), (law.logsf(x), tail, head)):
            if truth == 0:
                assert found == -math.inf
            else:
                # Near 1 only the other sum tells how far from 1.
                log = mpmath.log(truth) if truth < 0.5 else mpmath.log1p(-other)
                assert found == pytest.approx(float(log), rel=MOST_ERROR, abs=1e-300)
        if case.kind == "exact":
            assert law.cdf(x) + law.sf(x) == 1
    assert law.cdf(math.inf) == 1
    assert law.sf(-math.inf) == 1


def check_quantiles(case):
    law = case.make()
    for level in ("1/1000", "1/3", "1/2", "999/1000", "999999999999/1000000000000"):
        q = Fraction(level)
        x = law.ppf(q)
        assert x in law.support
        slack = 0 if case.kind == "exact" else mpf(10) ** -12
        assert below(case, x) >= number(q) * (1 - slack)
        if x != case.low:
            assert below(case, x - 1) < number(q) * (1 + slack)
        assert law.isf(1 - q) == x
    if case.low is not None:
        assert law.ppf(0) == case.low
        assert law.isf(1) == case.low
    if case.high is not None and float(case.mass(case.high)) > 0:
        assert law.ppf(1) == case.high


def reach(case):
    """Outcomes that hold all of the mass that a moment may show."""
    law = case.make()
    if case.high is not None:
        return range(case.low, case.high + 1)
    box = law.law.covering(1e-60).box
    return range(int(box.origin[0]), int(box.high[0]) + 1)


def check_moments(case):
    law = case.make()
    masses = [(k, number(case.mass(k))) for k in reach(case)]
    mean = sum(k * w for k, w in masses)
    central = [sum((k - mean) ** order * w for k, w in masses) for order in range(5)]
    cumulants = {1: mean, 2: central[2], 3: central[3], 4: central[4] - 3 * central[2] ** 2}
    scale = max(float(mean**2), 1e-300)
    assert float(law.mean()) == pytest.approx(float(mean), rel=1e-12)
    assert float(law.var()) == pytest.approx(float(central[2]), rel=1e-9, abs=1e-15 * scale)
    assert law.std() == pytest.approx(float(mpmath.sqrt(central[2])), rel=1e-9, abs=1e-15 * scale)
    if central[2] < mpf(10) ** -20:
        return
    for order, truth in cumulants.items():
        size = float(mpmath.sqrt(central[2])) ** order
        assert float(law.cumulant(order)) == pytest.approx(float(truth), rel=1e-8, abs=1e-8 * size)
    assert float(law.moment(3)) == pytest.approx(float(sum(k**3 * w for k, w in masses)), rel=1e-8, abs=1e-8)
    assert law.skewness() == pytest.approx(float(central[3] / central[2] ** 1.5), rel=1e-7, abs=1e-7)
    assert float(law.kurtosis()) == pytest.approx(float(central[4] / central[2] ** 2 - 3), rel=1e-7, abs=1e-7)
    if case.kind == "exact":
        assert isinstance(law.mean(), Fraction)
        assert isinstance(law.var(), Fraction)


def check_missing(case):
    """Infinite laws: what a window misses is no more than it says, and no more than was asked."""
    law = case.make()
    for tail in (1e-5, 1e-18, 1e-40):
        window = law.law.covering(tail)
        low, high = int(window.box.origin[0]), int(window.box.high[0])
        outside = above(case, high) + (below(case, low - 1) if case.low is None or low > case.low else 0)
        assert 0 < outside <= window.missing <= tail
    assert law.missing <= 1e-18


def check_pgf(case):
    law = case.make()
    for z in (Fraction(1, 2), 0.75, 0.3 + 0.4j):
        if case.low is None and abs(z) != 1:
            z = z / abs(z)
        truth = sum(number(case.mass(k)) * mpmath.mpmathify(complex(z)) ** k for k in reach(case))
        found = law.pgf(z)
        assert complex(found) == pytest.approx(complex(truth), rel=1e-10, abs=1e-10)
    if case.kind == "exact" and case.low is not None:
        assert isinstance(law.pgf(Fraction(1, 2)), Fraction)
    assert complex(law.pgf(1)) == pytest.approx(1)


def check_identity(case):
    """Equal laws are equal, hash alike, and survive pickle and copy."""
    law, again = case.make(), case.make()
    assert law == again
    assert hash(law) == hash(again)
    restored = pickle.loads(pickle.dumps(law))
    assert restored == law
    assert type(restored.law) is type(law.law)
    assert (restored.family, restored.parameters) == (law.family, law.parameters)
    assert hash(restored) == hash(law)
    assert restored.kind == law.kind
    assert copy.copy(law) == copy.deepcopy(law) == law
    assert law != law + 1
    assert (law + 1) - 1 == law
    mirrored = -law
    assert -mirrored == law
    assert hash((law + 1) - 1) == hash(law)
    assert law + 0 is law
    assert law.law.name().startswith(f"{law.family}(")
