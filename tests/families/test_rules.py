"""What is known of families by name: each rule gives the law that the operation would compute."""

from fractions import Fraction

import pytest

import distconv
from distconv import (
    Bernoulli,
    Binomial,
    Die,
    Distribution,
    Geometric,
    NegativeBinomial,
    Point,
    Poisson,
    Skellam,
    settings,
)
from distconv.laws import rules

THIRD = Fraction(1, 3)

WHOLES = [
    (Poisson(5), Poisson(2), Poisson(3)),
    (Poisson(0.3), Poisson(0.1), None),
    (Poisson(2), Poisson(2), None),
    (NegativeBinomial(5, THIRD), NegativeBinomial(2, THIRD), NegativeBinomial(3, THIRD)),
    (NegativeBinomial(2.5, 0.1), NegativeBinomial(1, 0.1), NegativeBinomial(1.5, 0.1)),
    (NegativeBinomial(3, THIRD) + 3, Geometric(THIRD), NegativeBinomial(2, THIRD) + 2),
    (NegativeBinomial(3, THIRD) + 3, NegativeBinomial(2, THIRD) + 2, Geometric(THIRD)),
    (Geometric(THIRD), NegativeBinomial("1/2", THIRD), NegativeBinomial("1/2", THIRD) + 1),
    (Skellam(5, 3), Skellam(2, 1), Skellam(3, 2)),
    (Skellam(5, 3), Skellam(2, 3), Poisson(3)),
    (Skellam(5, 3), Skellam(5, 1), -Poisson(2)),
    (Skellam(5, 3), Poisson(2), Skellam(3, 3)),
    (Skellam(5, 3), Poisson(5), -Poisson(3)),
]


@pytest.mark.parametrize(("whole", "part", "rest"), WHOLES)
def test_what_is_removed_is_what_was_added(whole, part, rest):
    found = distconv.deconvolve(whole, part)
    if rest is not None:
        assert found == rest
    assert found + part == whole


@pytest.mark.parametrize(
    ("whole", "part"),
    [
        (Poisson(2), Poisson(3)),
        (NegativeBinomial(2, THIRD), NegativeBinomial(3, THIRD)),
        (NegativeBinomial(3, THIRD), NegativeBinomial(2, "1/2")),
        (Skellam(5, 3), Skellam(6, 1)),
        (Geometric(THIRD), Geometric("1/2")),
    ],
)
def test_what_was_not_added_is_not_removed(whole, part):
    with pytest.raises(distconv.DistconvTypeError, match="no closed form"):
        distconv.deconvolve(whole, part)


@pytest.mark.parametrize(
    "law",
    [
        Poisson(2),
        Poisson(0.3),
        NegativeBinomial(2, THIRD),
        NegativeBinomial(2.5, 0.1),
        Geometric(THIRD),
        Skellam(1, 0.3),
        Binomial(6, THIRD),
        Point("5/2"),
        Point((1, 2)),
        2 * Poisson(3) + 1,
    ],
)
@pytest.mark.parametrize("n", [2, 3])
def test_copies_of_a_root_are_the_whole(law, n):
    part = distconv.root(law, n)
    assert n @ part == law


@pytest.mark.parametrize(
    ("count", "term", "closed"),
    [
        (Poisson(3), Bernoulli(THIRD), Poisson(1)),
        (Poisson(0.1), Bernoulli(0), Point(0)),
        (Binomial(6, "1/2"), Bernoulli(THIRD), Binomial(6, "1/6")),
        (Point(3), Poisson(2), Poisson(6)),
        (Point(0), Poisson(2), Point(0)),
        (Point(2), Point((1, 2)), Point((2, 4))),
        (Geometric(1), Die(6), Die(6)),
        (Binomial(4, THIRD), Point(3), 3 * Binomial(4, THIRD)),
    ],
)
def test_random_sums_with_a_name(count, term, closed):
    assert count @ term == closed


@pytest.mark.parametrize(("count", "term"), [(Binomial(4, THIRD), Die(3)), (Binomial(3, 0.3), Die(2) - 1)])
def test_a_binomial_number_of_terms_is_so_many_trials(count, term):
    found = count @ term
    truth: dict[int, Fraction] = {}
    for n, weight in Distribution({k: Fraction(w) for k, w in count}, normalize=True):
        for x, w in n @ term:
            truth[x] = truth.get(x, 0) + weight * w
    assert found.kind == count.kind
    for x, w in truth.items():
        assert float(found.pmf(x)) == pytest.approx(float(w), rel=1e-13)


def test_geometric_counts_that_were_moved_down_count_failures():
    assert (Geometric(THIRD) - 1) @ Die(6) == NegativeBinomial(1, THIRD) @ Die(6)
    counted = (Geometric(THIRD) + Geometric("1/2") - 2) @ Die(6)
    assert counted.mean() == Fraction(21, 2)
    assert counted.pmf(0) == pytest.approx(1 / 6, rel=1e-12)


def test_without_closed_forms_no_rule_is_asked():
    with settings(closed_forms=False):
        assert rules.apply("add", Poisson(2).law, Poisson(3).law) is None
        assert (Binomial(2, THIRD) + Binomial(3, THIRD)).family is None
    assert (Binomial(2, THIRD) + Binomial(3, THIRD)).family == "Binomial"
