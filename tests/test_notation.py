"""Sums as people write them: what is read, and what is refused where."""

from fractions import Fraction

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from distconv import (
    Bernoulli,
    Binomial,
    Die,
    Distribution,
    Geometric,
    Hypergeometric,
    Logarithmic,
    Multinomial,
    NegativeBinomial,
    Point,
    Poisson,
    PoissonBinomial,
    Skellam,
    Uniform,
    explode,
    highest,
    lowest,
    maximum,
    minimum,
)
from distconv.notation import NAMES, read
from distconv.words import NotationError

d4, d6 = Die(4), Die(6)
third = Fraction(1, 3)

READ = {
    "d6": d6,
    "D6": d6,
    " 3d6 + 2 ": 3 @ d6 + 2,
    "3 d 6": 3 @ d6,
    "2@d6 - d4": 2 @ d6 - d4,
    "d%": Die(100),
    "0d6": Point(0),
    "-d6 + 10": 10 - d6,
    "--d6": d6,
    "2 * d6": 2 * d6,
    "d6 * 2": 2 * d6,
    "1/2*d6 + 0.25": d6 / 2 + Fraction(1, 4),
    "2 * 3 @ d6": 6 @ d6,
    "2 + 3 * 4 - 1": Point(13),
    "2 * (d6 + 1)": 2 * (d6 + 1),
    "(2 + 1) @ (d4 - d6)": 3 @ (d4 - d6),
    "d4 @ d6": d4 @ d6,
    "4d6kh3": highest(d6, 4, 3),
    "4d6 kl 3": lowest(d6, 4, 3),
    "2d20kh": highest(Die(20), 2, 1),
    "5d10>=8": Binomial(5, Fraction(3, 10)),
    "5d10 < 3": Binomial(5, Fraction(1, 5)),
    "5d10=3": Binomial(5, Fraction(1, 10)),
    "4dF>=-1": Binomial(4, 1),
    "4dF": 4 @ Uniform(-1, 1),
    "4d6!": 4 @ explode(d6),
    "4d6k3": highest(d6, 4, 3),
    "4d6dl1": highest(d6, 4, 3),
    "4d6dh": lowest(d6, 4, 3),
    "max(d6, d4)": maximum(d6, d4),
    "min(d6, d4, 3)": minimum(minimum(d6, d4), Point(3)),
    "adv(d20) + 2": highest(Die(20), 2, 1) + 2,
    "dis(d20)": lowest(Die(20), 2, 1),
    "(3d6)/2": 3 @ d6 / 2,
    "3d6//2": (3 @ d6) // 2,
    "1d2/3": Die(2) / 3,
    "1e3 * d4": 1000 * d4,
    "1.5e-2 * d4": Fraction(3, 200) * d4,
    ".5*d4": d4 / 2,
    "Bernoulli(1/3)": Bernoulli(third),
    "Binomial(10, 1/3)": Binomial(10, third),
    "Die(4)": d4,
    "Geometric(1/3)": Geometric(third),
    "Hypergeometric(10, 4, 3)": Hypergeometric(10, 4, 3),
    "Logarithmic(0.5)": Logarithmic(Fraction(1, 2)),
    "Multinomial(3, 1/2, 1/6, 1/3)": Multinomial(3, [Fraction(1, 2), Fraction(1, 6), third]),
    "NegativeBinomial(2, 1/3)": NegativeBinomial(2, third),
    "negative_binomial(2, 1/3)": NegativeBinomial(2, third),
    "Point(-1/2)": Point(Fraction(-1, 2)),
    "poisson(3)": Poisson(3),
    "PoissonBinomial(1/2, 1/3)": PoissonBinomial([Fraction(1, 2), third]),
    "Skellam(1, 2)": Skellam(1, 2),
    "Uniform(-1, 1)": Uniform(-1, 1),
    "Uniform(-(2 + 1), 2 * 2)": Uniform(-3, 4),
}


@pytest.mark.parametrize("text", READ)
def test_what_is_read(text):
    assert read(text) == READ[text]


def test_every_family_is_tried():
    written = " ".join(READ).lower().replace("_", "")
    assert all(f"{name}(" in written for name in NAMES)


def test_a_random_number_of_terms():
    assert read("Poisson(10) @ d6").mean() == 35


#: The text, where the caret stands, and a word of the message.
REFUSED = [
    ("", 0, "3d6 + 2"),
    ("   ", 0, "nothing"),
    ("3d6 +", 5, "the end"),
    ("3d6 + + ", 7, "the end"),
    ("3d", 2, "sides"),
    ("3d0", 2, "from 1 to"),
    ("1.5d6", 0, "whole"),
    ("2d6.5", 2, "whole"),
    ("3d6 + foo(2)", 6, "unknown name 'foo'"),
    ("Piosson(3)", 0, "did you mean Poisson(lam)?"),
    ("Poisson", 7, "Poisson(lam)"),
    ("Poisson(3", 9, "')'"),
    ("Poisson()", 8, "expected a number"),
    ("Poisson(d6)", 8, "is a number"),
    ("Poisson(1, 2)", 0, "takes 1 parameter, got 2"),
    ("Binomial(3)", 0, "takes 2 parameters, got 1"),
    ("Binomial(3, 4)", 0, "p must"),
    ("1 + Geometric(0)", 4, "p"),
    ("(d6", 3, "close"),
    ("d6)", 2, "expected +"),
    ("d6 d6", 3, "expected +"),
    ("3 x d6", 2, "3 @ d6"),
    ("d6 / d4", 3, "other than 0, as in 3d6/2"),
    ("d6 / 0", 3, "other than 0, as in 3d6/2"),
    ("4d6dl5", 5, "5 of 4 dice cannot be dropped"),
    ("d1!", 2, "rolled for ever"),
    ("4d6!kh3", 4, "rolled again has no end"),
    ("d20 + 5 >= 15", 8, "5d10>=8"),
    ("5d10>=", 6, "compared with"),
    ("adv(d20, d6)", 0, "adv takes one law"),
    ("max d6", 4, "after max"),
    ("1/0 * d6", 2, "other than 0"),
    ("d6 * d6", 3, "product"),
    ("2.5 @ d6", 4, "number of copies"),
    ("-1 @ d6", 3, "number of copies"),
    ("2 @ 3", 2, "copies of a law"),
    ("d6 @ 3", 3, "copies of a law"),
    ("(d6 - 3) @ d6", 9, ">= 0"),
    ("4d6kh5", 3, "keep"),
    ("d6 + $", 5, "'$'"),
    ("__import__('os')", 0, "unknown name"),
    ("d6; d6", 2, "';'"),
    ("9" * 19, 0, "19 digits"),
    ("1e99 * d6", 0, "e18"),
    ("1000001d6", 0, "1,000,000"),
    ("100000d6000", 0, "outcomes"),
    ("1000d1000kh3", 0, "outcomes"),
    ("Poisson(3) @ Poisson(3) @ Poisson(3) @ d6", 37, "more than 2 random"),
    ("100@(100@(100@d6))", 3, "outcomes"),
    ("Poisson(100001)", 8, "up to 100,000"),
    ("Poisson(100000) @ Poisson(100000)", 16, "outcomes"),
    ("1001d2kh1", 0, "at most 1,000 dice"),
    ("(" * 41 + "d6", 40, "within each other"),
    ("-" * 50 + "d6", 40, "within each other"),
    ("d6 " + "+ d6 " * 600, 2000, "characters"),
    ("d1000000 @ d1000000", 9, "outcomes"),
]


@pytest.mark.parametrize(("text", "position", "word"), REFUSED, ids=[r[0][:20] for r in REFUSED])
def test_what_is_refused_and_where(text, position, word):
    with pytest.raises(NotationError) as refused:
        read(text)
    assert word in refused.value.reason
    assert refused.value.position == position
    line, caret = refused.value.pointer().split("\n")
    if position < len(text) and position < 50:
        assert line[len(caret) - 1] == text[position]


WORDS = [
    "d6",
    "2d6",
    "3d4kh2",
    "d%",
    "1/3",
    "0.5",
    "7",
    "-2",
    "0",
    "1e3",
    "Poisson(3)",
    "Geometric(1/2)",
    "Binomial(5, 1/3)",
    "Skellam(1, 2)",
    "Uniform(0, 9)",
    "Bernoulli(0.25)",
    "Logarithmic(1/2)",
    "foo",
    "(",
    ")",
    ",",
    "+",
    "-",
    "*",
    "@",
    "/",
    " ",
    "d",
    "kh",
]
SLOW = settings(deadline=10_000, suppress_health_check=[HealthCheck.too_slow])


def answers_or_refuses(text):
    try:
        law = read(text)
    except NotationError as error:
        refused = error
    else:
        assert isinstance(law, Distribution)
        assert repr(law)
        return
    assert refused.reason
    assert 0 <= refused.position <= len(text)


@given(st.lists(st.sampled_from(WORDS), max_size=9).map("".join))
@example("Poisson(3)@Poisson(3)@Poisson(3)@Poisson(3)@d6")
@example("7@7@2d6")
@SLOW
def test_any_words_end_in_an_answer_or_a_clear_error(text):
    answers_or_refuses(text)


@given(st.text(max_size=60))
@example("\x00")
@example("٣d6")
@example("d6 + ²")
@SLOW
def test_any_characters_end_in_an_answer_or_a_clear_error(text):
    answers_or_refuses(text)


@st.composite
def sums(draw, depth=3):
    """(a text, the law it means)."""
    if depth == 0 or draw(st.booleans()):
        n, s = draw(st.integers(1, 3)), draw(st.integers(1, 6))
        return draw(st.sampled_from([(f"{n}d{s}", n @ Die(s)), (f"{n} @ d{s}", n @ Die(s))]))
    (a, X), (b, Y) = draw(sums(depth - 1)), draw(sums(depth - 1))
    mark = draw(st.sampled_from("+-*"))
    if mark == "*":
        return f"{draw(st.just(2))} * ({a})", 2 * X
    return (f"({a}) + ({b})", X + Y) if mark == "+" else (f"({a}) - ({b})", X - Y)


@given(sums())
@SLOW
def test_what_is_written_is_what_is_meant(pair):
    text, law = pair
    assert read(text) == law
