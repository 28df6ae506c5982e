"""What parts of a portfolio add to a bad total, and reinstated layers, against counting everything."""

import itertools
import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from distconv import (
    AccuracyError,
    Bernoulli,
    Binomial,
    Die,
    DimensionError,
    Distribution,
    Geometric,
    NegativeBinomial,
    Point,
    Poisson,
    from_scipy,
    losses,
    product,
    sum_of,
)
from distconv.errors import DistconvTypeError, DistconvValueError

PORTFOLIOS = st.lists(
    st.dictionaries(st.fractions(-3, 9, max_denominator=3), st.integers(1, 5), min_size=1, max_size=4),
    min_size=1,
    max_size=4,
)


def counted(laws, weight):
    """([E X_i h(S)], E h(S)) by all outcomes together."""
    sums, total = [Fraction(0)] * len(laws), Fraction(0)
    for outcomes in itertools.product(*[X.to_dict().items() for X in laws]):
        p = math.prod(weight for _, weight in outcomes) * weight(sum(x for x, _ in outcomes))
        total += p
        sums = [s + p * x for s, (x, _) in zip(sums, outcomes, strict=True)]
    return sums, total


@given(PORTFOLIOS, st.integers(0, 10**6), st.booleans())
def test_parts_of_a_bad_total(counts, choice, floating):
    laws = [Distribution.from_counts(c) for c in counts]
    total = sum_of(laws)
    s = total.support[choice % len(total.support)]
    q = Fraction(choice % 97, 97)
    v = total.ppf(q)
    share = (1 - q - total.sf(v)) / total.pmf(v)
    events = {
        "above": (s, lambda x: Fraction(x > s)),
        "at": (s, lambda x: Fraction(x == s)),
        "level": (q, lambda x: Fraction(x > v) + share * (x == v)),
    }
    for name, (x, weight) in events.items():
        sums, chance = counted(laws, weight)
        if not chance:
            continue
        right = [part / chance for part in sums]
        given_laws = [X.to_float() for X in laws] if floating else laws
        found = losses.allocation(given_laws, **{name: x})
        if not floating:
            assert (found.parts, found.total, found.probability) == (tuple(right), sum(right), chance)
            assert not found.error
            continue
        assert found.error < 1e-9
        assert float(found.probability) == pytest.approx(float(chance), rel=1e-12)
        if all(X.low >= 0 for X in laws):
            for a, b in zip(found.parts, right, strict=True):
                assert abs(Fraction(a) - b) <= Fraction(found.error) * b
        assert found.total == pytest.approx(float(sum(right)), rel=1e-10, abs=1e-10)


def test_parts_of_the_worst_add_up_to_the_tail_mean():
    loans = [(k % 20 + 1) * Bernoulli(0.02 + k / 10_000) for k in range(150)]
    total = sum_of(loans)
    found = losses.allocation(loans, level="0.99")
    assert found.total == pytest.approx(total.tail_mean("0.99"), rel=1e-10)
    assert math.fsum(found.parts) == pytest.approx(found.total, rel=1e-12)
    assert math.fsum(found.shares) == pytest.approx(1, rel=1e-12)
    # The rest of one loan, by leaving it out.
    s, k = 120, 137
    rest, own = sum_of(loans[:k] + loans[k + 1 :]), (k % 20 + 1)
    right = own * loans[k].pmf(own) * rest.sf(s - own) / total.sf(s)
    far = losses.allocation(loans, above=s)
    assert far.parts[k] == pytest.approx(right, rel=1e-9)
    assert far.total == pytest.approx(s + total.stop_loss(s) / total.sf(s), rel=1e-9)
    # Far beyond the smallest double.
    top = sum(k % 20 + 1 for k in range(150))
    last = losses.allocation(loans, above=top - 1)
    assert last.parts == pytest.approx([k % 20 + 1 for k in range(150)], rel=1e-9)


def test_equal_terms_add_equally_much():
    found = losses.allocation([Die(6), Die(4), Die(6)], above=12)
    assert found.parts[0] == found.parts[2]
    assert found.parts == losses.allocation([Die(6), Die(4), Point(0) + Die(6)], above=12).parts
    assert losses.allocation(iter([3 * Die(2), Die(6)]), at=9).parts == (Fraction(9, 2), Fraction(9, 2))


def test_terms_without_an_end():
    """Poisson counts are binomial once their sum is known; more than 19 of 20 of both are by one formula."""
    found = losses.allocation([Poisson(3), Poisson(5)], at=20)
    assert found.parts == pytest.approx((7.5, 12.5), rel=1e-10)
    far = losses.allocation([Poisson(3), Poisson(5)], above=100)
    assert far.total == pytest.approx(8 * stats.poisson(8).sf(99) / stats.poisson(8).sf(100), rel=1e-10)
    assert far.parts[0] == pytest.approx(far.total * 3 / 8, rel=1e-9)
    assert far.error < 1e-9
    # Exact ones: P(X = k | X + Y = 5) is in proportion to (4/3)**k.
    exact = losses.allocation([Geometric("1/3"), Geometric("1/2")], at=5).parts[0]
    assert exact == sum(k * Fraction(4, 3) ** k for k in range(1, 5)) / sum(Fraction(4, 3) ** k for k in range(1, 5))
    mixed = losses.allocation([Poisson(2), Die(6)], above=12)
    right = sum(k * stats.poisson(2).pmf(k) * max(0, min(6, k - 6)) / 6 for k in range(7, 60))
    assert mixed.parts[0] == pytest.approx(right / (Poisson(2) + Die(6)).sf(12), rel=1e-9)


def test_lines_of_business():
    claim = from_scipy(stats.gamma(2, scale=1000), step=500, rounding="unbiased", tail=1e-12)
    lines = [Poisson(10) @ claim, NegativeBinomial(2, "1/3") @ (2 * claim), Poisson(1) @ (5 * claim)]
    total = sum_of(lines)
    found = losses.allocation(lines, level=0.99)
    assert found.total == pytest.approx(total.tail_mean(0.99), rel=1e-8)
    assert found.parts[2] / lines[2].mean() > found.parts[0] / lines[0].mean()
    # E(X; S = s) of a compound Poisson law is rate times E(Z P(S = s - Z)).
    s = 80_000
    right = 10 * sum(float(z) * p * total.pmf(s - z) for z, p in claim.to_dict().items() if z <= s) / total.pmf(s)
    assert losses.allocation(lines, at=s).parts[0] == pytest.approx(right, rel=1e-8)


def test_a_layer_that_is_reinstated():
    """By all outcomes."""
    claim = Distribution({1: "1/2", 4: "1/4", 9: "1/4"})
    year = Binomial(3, "1/2") @ claim.layer(2, 5)
    contract = losses.reinstatements(year, 5, ["1/2", 1], deductible=1)
    paid, charged = Fraction(0), Fraction(0)
    for x, p in year:
        paid += p * min(max(x - 1, 0), 15)
        filled = [min(max(x - 1 - 5 * j, 0), 5) / Fraction(5) for j in (0, 1)]
        charged += p * (filled[0] / 2 + filled[1])
    assert (contract.paid.mean(), contract.charged.mean()) == (paid, charged)
    assert contract.premium == paid / (1 + charged)
    assert contract.paid.high == 14
    free = losses.reinstatements(year, 5, [0, 0])
    assert free.premium == free.paid.mean() == year.mean()
    once = losses.reinstatements(year, 5, [])
    assert once.paid == year.clip(0, 5)
    assert once.charged == Point(0)


def test_an_endless_year_of_losses():
    year = Poisson(2) @ from_scipy(stats.pareto(2, scale=10), step=1, high=25).layer(15, 10)
    contract = losses.reinstatements(year, 10, [1])
    x = [float(v) for v in contract.paid.support]
    right = sum(contract.paid.pmf(int(v)) * min(v, 10) / 10 for v in x)
    assert contract.charged.mean() == pytest.approx(right, rel=1e-12)
    assert contract.premium == pytest.approx(year.limited_mean(20) / (1 + year.limited_mean(10) / 10), rel=1e-9)


OVERTIME = NegativeBinomial(1, "1/3") @ Distribution({5: ".2", 10: ".3", 20: ".5"})
VISITS = 4 @ NegativeBinomial(1, "2/5")
PRIZES = Distribution({1: ".8", 2: ".2"}) @ Distribution({0: ".2", 100: ".7", 1000: ".1"})
CLAIMANTS = Poisson(12) @ Distribution({1: "1/2", 2: "1/3", 3: "1/6"})
CLAIMS = NegativeBinomial(1, "1/5") @ Die(4)
OVER_65 = Poisson(25) @ from_scipy(stats.uniform(5, 90), step=5, rounding="unbiased", order=2)

#: Loss Data Analytics, an open text of the actuarial community (Frees and others), chapter 5, "Aggregate Loss Models":
#: the example, what is asked, and its answer to the digits that are printed.
PRINTED = [
    ("5.2.6", lambda: 1 - VISITS.at_least(4), 0.2898, 5e-5),
    ("5.2.6, no visit", lambda: VISITS.pmf(0), 0.0256, 5e-5),
    ("5.2.6, three visits", lambda: VISITS.pmf(3), 0.1106, 5e-5),
    ("5.3.1", lambda: CLAIMANTS.var(), 40, 1e-9),
    ("5.3.2, mean", lambda: PRIZES.mean(), 204, 0),
    ("5.3.2, variance", lambda: PRIZES.var(), 98_344, 0),
    ("5.3.2, budget", lambda: float(PRIZES.mean()) + PRIZES.std(), 517.60, 5e-3),
    ("5.3.3", lambda: CLAIMS.cdf(3), 0.3456, 0),
    ("5.3.5, mean", lambda: OVER_65.mean(), 1250, 1e-7),
    ("5.3.5, variance", lambda: OVER_65.var(), 79_375, 1e-5),
    ("5.3.6, ten hours", lambda: OVERTIME.pmf(10), 0.0726, 5e-5),
    ("5.3.6, limited", lambda: OVERTIME.limited_mean(15), 9.193, 5e-4),
    ("5.3.6, paid", lambda: OVERTIME.layer(15).mean(), 18.807, 5e-4),
    ("5.3.7, above 5", lambda: OVERTIME.stop_loss(5), 24.6667, 5e-5),
    ("5.3.7, above 10", lambda: OVERTIME.stop_loss(10), 21.555, 1e-3),
    ("5.4.1", lambda: CLAIMS.pmf(3), 0.0576, 0),
    ("5.5.2", lambda: 0.4 * _pareto().sf(100) / _pareto().sf(30), 0.1075, 5e-5),
]


def _pareto():
    return from_scipy(stats.lomax(4, scale=150), step=10, rounding="down", tail=1e-9) + 10


@pytest.mark.parametrize(("ask", "printed", "off"), [row[1:] for row in PRINTED], ids=[row[0] for row in PRINTED])
def test_loss_data_analytics(ask, printed, off):
    assert abs(float(ask()) - printed) <= off + 1e-12 * printed


@pytest.mark.parametrize(
    ("ask", "error", "message"),
    [
        (lambda: losses.allocation([]), DistconvValueError, "at least one law"),
        (lambda: losses.allocation([Die(6)]), DistconvValueError, "one of above=, at= and level=, got 0"),
        (lambda: losses.allocation([Die(6)], above=1, at=2), DistconvValueError, "got 2"),
        (lambda: losses.allocation([Die(6), 3], above=1), DistconvTypeError, r"laws\[1\] must be a Distribution"),
        (lambda: losses.allocation(Die(6), above=1), DistconvTypeError, r"laws\[0\]|laws must be"),
        (lambda: losses.allocation([Die(6), Die(4)], above=10), DistconvValueError, "never > 10"),
        (lambda: losses.allocation([Die(6), Die(4)], at=11), DistconvValueError, "never = 11"),
        (lambda: losses.allocation([Poisson(1), Die(4)], at=0), DistconvValueError, "never = 0"),
        (lambda: losses.allocation([Poisson(1) - 3, Die(4)], at=0), DistconvValueError, r"X\.clip\(low=0\)"),
        (lambda: losses.allocation([product(Die(6), Die(4))], at=0), DimensionError, r"marginal\(0\)"),
        (lambda: losses.allocation([Die(6)], level=1), DistconvValueError, "level must be below 1"),
        (lambda: losses.allocation([Binomial(3, _p())], at=1), DistconvTypeError, "has letters; see X.subs"),
        (
            lambda: losses.allocation([Distribution({1: "1/2"}, missing="1/2")], above=0),
            AccuracyError,
            "missing, and may lie anywhere",
        ),
        (lambda: losses.allocation([Die(2) - 1], at=0).shares, DistconvValueError, "total is 0"),
        (lambda: losses.reinstatements(3, 5, [1]), DistconvTypeError, r"losses must be a Distribution.*layer\(10, 5\)"),
        (lambda: losses.reinstatements(Die(6), 0, [1]), DistconvValueError, "limit must be > 0"),
        (lambda: losses.reinstatements(Die(6), 5, 1), DistconvTypeError, "rates must be"),
        (lambda: losses.reinstatements(Die(6), 5, [-1]), DistconvValueError, "rates must be >= 0"),
    ],
)
def test_what_cannot_be_said_says_why(ask, error, message):
    with pytest.raises(error, match=message):
        ask()


def _p():
    import sympy

    return sympy.Symbol("p", positive=True)


def test_irrational_weights_become_doubles():
    import sympy

    X = Distribution({0: sympy.sqrt(2) / 2, 1: 1 - sympy.sqrt(2) / 2})
    found = losses.allocation([X, Die(2)], above=1)
    right = X.to_float()
    assert found.parts == pytest.approx(losses.allocation([right, Die(2)], above=1).parts)
