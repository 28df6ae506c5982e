"""Laws as text: the summary line, tables, format words, HTML."""

import math
from fractions import Fraction
from html.parser import HTMLParser

import pytest

from distconv import Die, DimensionError, DistconvValueError, Distribution, Geometric, Poisson
from distconv import number_format as numbers

d6 = Die(6)
WALK = Distribution({(1, 0): "1/4", (-1, 0): "1/4", (0, 1): "1/4", (0, -1): "1/4"})


def test_the_summary_tells_count_range_kind_mean_and_sd():
    assert repr(d6 + d6) == "Distribution(11 outcomes 2..12, exact, mean 7, sd 2.415)"
    assert repr(d6) == "Die(6): 6 outcomes 1..6, exact, mean 3.5, sd 1.708"
    assert repr(WALK) == "Distribution(2-D, 4 outcomes (-1, -1)..(1, 1), exact, mean (0, 0), sd (0.7071, 0.7071))"
    assert repr(0 @ d6) == "Distribution(1 outcome 0, exact, mean 0, sd 0)"
    assert repr(d6 / 2 + d6 / 2).startswith("Distribution(11 outcomes 1..6, exact")


def test_the_summary_shows_error_and_missing_rounded_up():
    X = 100 @ d6.to_float()
    text = repr(X)
    assert "float, error <= " in text
    shown = float(text.split("error <= ")[1].split(",")[0])
    assert X.error <= shown <= 10 * X.error
    cut = Poisson(3).given(lambda x: x < 1000)
    assert cut.missing <= float(repr(cut).split("missing <= ")[1].split(",")[0])


def test_infinite_laws_are_shown_with_open_ends():
    assert repr(Poisson(3)) == "Poisson(3): outcomes 0.., float, mean 3, sd 1.732"
    assert "outcomes .., " in repr(Poisson(3) - 2 * Geometric("1/2"))
    assert "outcomes ..0, " in repr(-Poisson(3))
    text = str(Poisson(3))
    assert text.splitlines()[2].split()[:2] == ["0", "0.0497871"]
    assert text.splitlines()[-1] == "further outcomes without end: together less than 1e-06"


def test_a_table_has_a_row_for_every_outcome():
    lines = str(d6 + d6).splitlines()
    assert len(lines) == 13
    assert lines[1].split() == ["outcome", "fraction", "percent"]
    assert lines[7].split()[:4] == ["7", "1/6", "16.67", "%"]
    bars = {int(line.split()[0]): line.count("█") for line in lines[2:]}
    assert bars[7] == 30
    assert bars[2] == 5
    assert bars[4] == 15


def test_columns_by_word():
    assert f"{d6:odds,nobars}".splitlines()[2].split() == ["1", "1", "in", "6"]
    assert f"{d6:percent.1 nobars}".splitlines()[2].split() == ["1", "16.7", "%"]
    assert f"{d6:decimal.3 nobars}".splitlines()[2].split() == ["1", "0.167"]
    assert f"{d6:fraction nobars}".splitlines()[2].split() == ["1", "1/6"]


def test_at_least_and_at_most():
    rows = [line.split() for line in f"{d6 + d6:fraction,atleast,atmost,nobars}".splitlines()[2:]]
    for outcome, p, least, most in rows:
        x = int(outcome)
        assert Fraction(p) == (d6 + d6).pmf(x)
        assert Fraction(least) == (d6 + d6).sf(x - 1)
        assert Fraction(most) == (d6 + d6).cdf(x)


@pytest.mark.parametrize(("spec", "word"), [("foo", "'foo'"), ("decimal.x", "'decimal.x'"), ("rows=0", "'rows=0'")])
def test_unknown_words_are_named(spec, word):
    with pytest.raises(DistconvValueError, match=word):
        format(d6, spec)


def test_sides_are_for_numbers_only():
    with pytest.raises(DimensionError, match="marginal"):
        format(WALK, "atleast")


def test_long_tables_are_cut_and_say_how_much():
    X = 1000 @ d6
    lines = str(X).splitlines()
    assert len(lines) < 50
    cut = sum(int(line.split()[1].replace(",", "")) for line in lines if "more" in line)
    shown = [line.split()[0] for line in lines[2:] if "more" not in line]
    assert cut + len(shown) == 5001
    assert {"1000", "3500", "6000"} <= set(shown)
    assert len(f"{X:all}".splitlines()) == 5003
    assert len(f"{d6 + d6:rows=5}".splitlines()) == 2 + 5 + f"{d6 + d6:rows=5}".count("more")


def test_positive_probabilities_never_show_as_zero():
    rows = {line.split()[0]: line.split()[1] for line in str(1000 @ d6).splitlines()[2:] if "more" not in line}
    assert rows["1000"] == "7.05910e-779"
    X = Distribution({0: 1 - 2.0**-60, 1: 2.0**-60})
    assert "8.7e-17 %" in f"{X:percent}"


def test_bars_fall_back_to_ascii(monkeypatch):
    monkeypatch.setattr("sys.stdout", type("Terminal", (), {"encoding": "cp1252"})())
    assert "#" * 30 in str(d6 + d6)
    assert "█" not in str(d6 + d6)


def test_vectors_are_rows_of_tuples():
    assert "(1, 0)" in str(WALK)
    assert "1/4" in str(WALK)


@pytest.mark.parametrize("bound", [1e-10, 1.0000001e-10, 3.2e-13, 9.99e-5, 2.0**-53, 5e-324, 0.5, 1.0])
def test_bounds_are_rounded_up(bound):
    shown = float(numbers.rounded_up(bound))
    assert shown >= bound * (1 - 1e-12)
    assert shown <= 20 * bound


def test_numbers_below_the_doubles():
    log = -1000 * math.log(6)
    p = Fraction(1, 6**1000)
    assert numbers.decimal(p, log, 4) == "7.059e-779"
    assert numbers.odds(Fraction(5, 6**1000), log + math.log(5)) == "1 in 2.833e777"
    assert numbers.fraction(p, log) == "7.05910e-779"
    assert numbers.percent(Fraction(0), -math.inf) == "0.00 %"


class Checker(HTMLParser):
    """Counts rows and checks that tags are balanced."""

    def __init__(self):
        super().__init__()
        self.open, self.rows = [], 0

    def handle_starttag(self, tag, attrs):
        self.open.append(tag)
        self.rows += tag == "tr"

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


@pytest.mark.parametrize("law", [d6 + d6, 1000 @ d6, WALK, Poisson(3)], ids=["2d6", "1000d6", "walk", "poisson"])
def test_html_is_well_formed_and_cut(law):
    page = law._repr_html_()
    checker = Checker()
    checker.feed(page)
    assert not checker.open
    assert 4 <= checker.rows <= 50
    assert "<script" not in page
