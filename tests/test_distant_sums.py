"""Sums of infinite laws and of more finite ones than are laid out, against windows and against sums over the former."""

import contextlib
import itertools
import math
import pickle
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

import distconv
from distconv import Binomial, Die, Distribution, Geometric, NegativeBinomial, Poisson, Skellam, mixture, sum_of
from distconv.errors import AccuracyError
from distconv.laws.distant import REACHES, Distant, Piece
from distconv.methods import singles

#: Both the answer and what it is compared with are right to the tolerance.
CLOSE = 2.2e-10

INFINITE = [
    Poisson(3),
    Poisson(Fraction(1, 50)),
    Poisson(4000),
    Geometric("1/3"),
    NegativeBinomial(7, "1/5"),
    Skellam(2, 5),
    -Poisson(6),
    Fraction(1, 2) * Geometric("1/4"),
    Poisson(2) @ Die(4),
]


def asked(*terms):
    """A sum that is asked of windows of its infinite terms, however short the others are."""
    return Distribution.of(Distant(tuple((law.law, n) for law, n in terms)))


@examples(max_examples=examples().max_examples // 5)
@given(
    st.sampled_from(INFINITE),
    st.integers(1, 3),
    st.integers(2, 5),
    st.integers(100, 300),
    st.floats(-8, 8),
)
def test_answers_are_those_of_windows(infinite, copies, sides, n, deviations):
    S = asked((infinite, copies), (Die(sides), n))
    with distconv.settings(tolerance=1e-12):
        whole = sum_of([infinite] * copies) + n @ Die(sides)
    assert (S.mean(), S.var(), S.low, S.high) == (whole.mean(), whole.var(), whole.low, whole.high)
    x = S.law.spacing() * round((float(S.mean()) + deviations * float(S.std())) / float(S.law.spacing()))
    for question in ("pmf", "cdf", "sf"):
        right = getattr(whole, question)(x)
        assert getattr(S, question)(x) == pytest.approx(right, rel=CLOSE, abs=1e-300), question
        log = getattr(S, f"log{question}")(x)
        assert log == pytest.approx(math.log(right), rel=1e-14, abs=CLOSE) if right else log < -600
    level = min(max(float(whole.cdf(x)), 1e-12), 1 - 1e-12)
    assert abs(S.ppf(level) - whole.ppf(level)) <= S.law.spacing()


@pytest.mark.parametrize("infinite", [Poisson(3), Geometric("1/6"), Skellam(1, 2)])
def test_a_million_dice_beside_an_infinite_law(infinite):
    D = 10**6 @ Die(6)
    S = infinite + D
    assert isinstance(S.law, Distant)
    x = int(S.mean()) + 6 * int(S.std())
    shares = {k: float(infinite.pmf(k)) for k in range(infinite.ppf(1e-25), infinite.isf(1e-25) + 1)}
    assert S.pmf(x) == pytest.approx(math.fsum(p * D.pmf(x - k) for k, p in shares.items()), rel=CLOSE)
    assert S.sf(x) == pytest.approx(math.fsum(p * D.sf(x - k) for k, p in shares.items()), rel=CLOSE)
    assert S.error < 1.1e-10


def test_large_poisson_laws_are_many_small_ones():
    S = Poisson(10**12) + 10**12 @ Die(6)
    piece = Piece.of(Poisson(10**12).law, 1)
    assert piece.copies > 10**9
    assert piece.copies * piece.law.mean() == 10**12
    # Edgeworth's expansion, whose next term is some 1e-19.
    z = (10**7 + 0.5) / S.std()
    normal = math.erfc(z / math.sqrt(2)) / 2
    density = math.exp(-z * z / 2) / math.sqrt(2 * math.pi)
    skew = float(S.cumulant(3)) / float(S.std()) ** 3
    right = normal + density * skew * (z * z - 1) / 6
    assert S.sf(int(S.mean()) + 10**7) == pytest.approx(right, rel=1e-9)
    assert S.median() == int(S.mean())
    # Geometric laws are not taken apart: roots of them have as long a tail.
    assert Piece.of(Geometric("1/1000").law, 1).copies == 1


def test_laws_made_of_it():
    S = 10**12 @ Die(6) + Poisson(3)
    m = int(S.mean())
    assert S == Poisson(3) + 10**12 @ Die(6)
    assert hash(S) == hash(Poisson(3) + 10**12 @ Die(6))
    assert S != Poisson(4) + 10**12 @ Die(6)
    assert pickle.loads(pickle.dumps(S)) == S
    assert (2 * S).pmf(2 * m + 2) == pytest.approx(S.pmf(m + 1), rel=CLOSE)
    assert (-S).cdf(-m) == pytest.approx(S.sf(m - 1), rel=CLOSE)
    assert (S + 7).sf(m + 7) == S.sf(m)
    assert (S - 10**12 @ Die(6)).mean() == 3
    assert (3 @ S).mean() == 3 * S.mean()
    assert S + S == 2 @ S
    assert Binomial(10**12, "1/4") + S == S + Binomial(10**12, "1/4")
    assert mixture([(S, "1/2"), (S + 1, "1/2")]).sf(m) == pytest.approx((S.sf(m) + S.sf(m - 1)) / 2, rel=CLOSE)
    drawn = S.rvs(50, 1)
    assert abs(np.mean([(x - S.mean()) / S.std() for x in drawn.tolist()])) < 1
    np.testing.assert_allclose(S.pmf(np.arange(m, m + 9)), [S.pmf(k) for k in range(m, m + 9)], rtol=CLOSE)


def test_constants_beside_sums_that_are_kept_count():
    S = 10**6 @ Die(6) + 7
    for total in (S + Poisson(3), sum_of([S, Poisson(3)]), Poisson(3) + S):
        assert total.low == S.low
        assert total.mean() == S.mean() + 3
    assert S.law.terms()[-1][0].low == 7


def test_what_windows_do_not_reach_is_refused():
    S = 10**6 @ Die(6) + Poisson(3)
    with pytest.raises(AccuracyError, match="windows"):
        S.sf(6 * 10**6 + 10**5)
    heavy = Geometric("1/100000") + 10**8 @ Die(6)
    with pytest.raises(AccuracyError, match="outcomes of Geometric"):
        heavy.sf(int(heavy.mean()) + 10**7)
    assert list(itertools.islice(S.support, 2)) == [10**6, 10**6 + 1]


@pytest.mark.parametrize("infinite", [Geometric("1/3"), -Geometric("1/3"), NegativeBinomial(3, "1/4"), Poisson(3)])
@pytest.mark.parametrize("deviations", [-6, 6])
def test_windows_that_are_too_short_tell_nothing(infinite, deviations):
    """Whatever is answered from windows of any reach is right; the first ones miss what counts far out."""
    terms = ((infinite, 2), (Die(4), 200))
    S, whole = asked(*terms), 2 @ infinite + 200 @ Die(4)
    x = round(float(S.mean()) + deviations * float(S.std()))
    told = 0
    for reach in (1, 4, *REACHES[:3]):
        placed = S.law._placed(reach)
        for question, right in ((singles.point, whole.pmf(x)), (singles.one_tail, whole.sf(x))):
            upper = {"upper": True} if question is singles.one_tail else {}
            with contextlib.suppress(AccuracyError):
                found = question(placed.terms, placed.position(x), 1e-10, **upper)
                assert float(found) == pytest.approx(float(right), rel=CLOSE), (reach, question)
                told += 1
    assert told
