"""Every rule in the table gives the law that is computed without it: exactly, or within what both state."""

import contextlib
import math
from fractions import Fraction
from itertools import product

import pytest
import sympy

import distconv
from distconv import (
    Bernoulli,
    Die,
    Distribution,
    Geometric,
    NegativeBinomial,
    Point,
    Poisson,
    Skellam,
    settings,
)
from distconv.laws import registry, rules
from distconv.laws.copied import Copied
from distconv.laws.spanned import Spanned

NAMES = [(name, example) for name in registry.FAMILIES for example in registry.family(name).examples]
#: Letters as parameters, and the numbers that are put in their places.
LETTER, COUNT = sympy.Symbol("a", positive=True), sympy.Symbol("n", integer=True, positive=True)
VALUES = {LETTER: Fraction(1, 3), COUNT: 6}
#: A step in the plane, of which copies are kept.
STEP = Distribution({(0, 0): "1/4", (1, 0): "1/2", (0, 1): "1/4"})
#: Laws beside the examples of the families: images, sums, random sums, laws with letters, equal parameters.
OTHERS = [
    Die(3) - 2,
    Bernoulli("1/4"),
    NegativeBinomial("1/2", "1/3"),
    NegativeBinomial(1.5, 0.3),
    Poisson(5),
    Poisson(0.5),
    Skellam(5, 4),
    2 * Poisson(3) + 1,
    -Poisson(3),
    3 - Poisson("7/2"),
    Fraction(1, 2) * Geometric("1/3"),
    -2 * Skellam(3, 2),
    5 - Geometric("1/3"),
    Poisson(2) + Geometric("1/3"),
    Die(2) @ Poisson(1),
    Poisson(LETTER),
    distconv.Binomial(COUNT, LETTER),
    distconv.Binomial(5, LETTER),
    Distribution({LETTER: "1/3", 2 * LETTER: "2/3"}),
    Distribution({0: LETTER, 1: 1 - LETTER}),
    distconv.mixture({Poisson(2): "1/3", Geometric("1/3"): "2/3"}),
    Poisson(3).truncate(low=2),
    NegativeBinomial(1, "1/3") @ Geometric("1/2"),
    COUNT @ STEP,
    STEP,
    Distribution.of(Copied(STEP.law, 3, (0, 1))),
]
#: Laws as wide as this are compared elsewhere: their exact sums take seconds.
WIDE = 100
FAMILIES = [registry.family(name).law(*example) for name, example in NAMES]
LAWS = [*(law for law in FAMILIES if law.ndim > 1 or law.std() < WIDE), *(X.law for X in OTHERS)]
#: What stands for any law at all.
ANY = (
    Point(2),
    Die(3) - 2,
    2 * Poisson(3) + 1,
    NegativeBinomial("1/2", "1/3"),
    NegativeBinomial(2, "1/3"),
    -Poisson(3),
)
#: The same for terms of random sums, which are made of many.
TERMS = (Point(2), Die(2))
#: Numbers of copies and of parts, and totals.
COPIES = (2, 3)
TOTALS = (0, 1, 4, 9)
#: A total of outcomes with letters.
LETTER_TOTAL = LETTER + 1
#: So many of the cases in which a rule applies are compared.
MOST_CASES = 5
#: How far floating answers may be apart, relatively, beyond what the laws state: the tolerance of the settings, twice.
APART = 2e-10
#: Probabilities down to which tails are compared; of what takes long there, the first.
DEPTHS = (1e-3, 1e-50)


def table():
    """(operation, kinds, rule) for every rule."""
    return [
        pytest.param(key[0], key[1:], rule, id=f"{key[0]}-{'-'.join(kind.__name__ for kind in key[1:])}")
        for key, found in rules.all_rules().items()
        for rule in found
    ]


#: Ends of intervals, and events that are intervals without an upper end.
ENDS = [(1, 4), (None, 2), (2, None)]
EVENTS = [lambda x: x > 1, lambda x: x > 2]


def examples(kind, operation):
    """The laws for which a rule stands that is written for a kind."""
    if kind.__name__ == "Law":
        return [X.law for X in (TERMS if operation == "compound" else ANY)]
    return [law for law in LAWS if isinstance(law, kind)]


def close(found, right, error, what, *, log=False):
    if isinstance(found, Fraction | int) and isinstance(right, Fraction | int):
        assert found == right, what
    else:
        # The error of a log is the relative one of its number.
        relative, absolute = (1e-14, APART + error) if log else (APART + error, 1e-300)
        assert math.isclose(found, right, rel_tol=relative, abs_tol=absolute), (*what, found, right)


def places(X, depths):
    """Outcomes in the bulk and in both tails, and numbers beside them."""
    if X.is_finite:
        return list(X.support)
    found = {X.ppf(q) for q in (0.3, 0.9)}
    found |= {x for tail in depths for x in ([X.isf(tail)] if X.high is None else [])}
    found |= {x for tail in depths for x in ([X.ppf(tail)] if X.low is None else [])}
    return sorted(found | {x for x in (X.low, X.high) if x is not None})


def is_two_sided(X):
    return not X.is_finite and X.low is None and X.high is None


def assert_same(X, Y, what):
    """Two laws, one by a rule and one computed, are one law."""
    assert (X.ndim, X.is_finite) == (Y.ndim, Y.is_finite), what
    error = X.error + Y.error
    for x in places(X, DEPTHS[:1] if what[0] == "compound" or is_two_sided(X) else DEPTHS):
        close(X.pmf(x), Y.pmf(x), error, (*what, "pmf", x))
        close(X.logpmf(x), Y.logpmf(x), error, (*what, "logpmf", x), log=True)
        if X.ndim == 1:
            for name in ("cdf", "sf", "logcdf", "logsf"):
                close(getattr(X, name)(x), getattr(Y, name)(x), error, (*what, name, x), log=name.startswith("log"))
    if X.ndim == 1:
        assert (X.low, X.high) == (Y.low, Y.high), what
        for x in (X.ppf(0.3) + Fraction(1, 3), X.ppf(0.7) + Fraction(1, 7)):
            close(X.cdf(x), Y.cdf(x), error, (*what, "cdf", x))
        assert math.isclose(X.mean(), Y.mean(), rel_tol=1e-9, abs_tol=1e-9), what
        assert math.isclose(X.var(), Y.var(), rel_tol=1e-9, abs_tol=1e-9), what
    if X.is_exact and Y.is_exact and X.is_finite:
        assert X == Y, what
        assert hash(X) == hash(Y), what


def of(law):
    return Distribution.of(law)


def slow(make, *given):
    """What the operation gives without closed forms."""
    with settings(closed_forms=False):
        return make(*given)


def with_numbers(law):
    X = of(law)
    return X.subs({letter: VALUES[letter] for letter in X.letters}) if X.letters else X


def number(value):
    return Fraction(str(value.subs({LETTER: sympy.Rational(1, 3)}))) if isinstance(value, sympy.Expr) else value


def cases(operation, kinds):
    """What the rules of an operation take: its laws, and a number of copies, a total."""
    more = {"copies": COPIES, "root": COPIES, "given_sum": TOTALS, "given": EVENTS}.get(operation)
    laws = list(product(*(examples(kind, operation) for kind in kinds)))
    if Spanned in kinds:
        # Beside letters as outcomes, laws that end: those without an end are no laws of coordinates.
        laws = [pair for pair in laws if all(law.is_finite for law in pair)]
        more = more and (*more, LETTER_TOTAL) if operation == "given_sum" else more
    if operation in ("truncate", "clip"):
        return [(law, *ends) for (law,) in laws for ends in ENDS]
    if operation == "map":
        return [(law, lambda x: 2 * x + 1) for (law,) in laws]
    if operation == "substitute":
        return [(law, {letter: VALUES[letter] for letter in law.letters}) for (law,) in laws]
    if operation == "limit":
        return [(law, letter, sympy.Rational(str(VALUES[letter]))) for (law,) in laws for letter in law.letters]
    return [(*pair, x) for pair in laws for x in more] if more else list(laws)


#: The same operation for laws that users hold.
PUBLIC = {
    "add": lambda x, y: x + y,
    "subtract": lambda x, y: x - y,
    "copies": lambda x, n: n @ x,
    "compound": lambda n, x: n @ x,
    "given_sum": lambda x, y, total: x.given_sum(y, total),
    "map": lambda x, f: (f(1) - f(0)) * x + f(0),
    "truncate": lambda x, low, high: x.truncate(low, high),
    "clip": lambda x, low, high: x.clip(low, high),
    # Of laws of numbers without an end, a window is asked: their interval is not.
    "given": lambda x, event: x.given(event) if x.is_finite else x.truncate(low=next(filter(event, range(9)))),
}


def agrees(operation, given, law):
    """The law of a rule is what is computed; what was removed comes back, copies of a root are the whole."""
    what = (operation, *given)
    if operation == "limit":
        # Where a law is one at the point, too, it is its limit there.
        assert_same(with_numbers(law), with_numbers(given[0]), what)
        return
    numbers = [with_numbers(v) if hasattr(v, "letters") else number(v) for v in given]
    if operation == "formula":
        # The law that answers by expressions is the one of numbers.
        (X,) = numbers
        for x in (X.ppf(0.1), X.ppf(0.9)):
            close(float(sympy.N(of(law).pmf(x), 40)), float(X.pmf(x)), X.error, (*what, x))
        return
    found = with_numbers(law)
    if operation == "remove":
        assert_same(numbers[0], slow(PUBLIC["add"], found, numbers[1]), what)
    elif operation == "root":
        assert_same(numbers[0], slow(PUBLIC["copies"], found, given[1]), what)
    elif operation == "substitute":
        symbolic = of(given[0])
        for x in places(found, DEPTHS):
            right = symbolic.pmf(x).subs({k: sympy.Rational(str(v)) for k, v in given[1].items()})
            close(float(found.pmf(x)), float(sympy.N(right, 40)), found.error, (*what, x))
    else:
        assert_same(found, slow(PUBLIC[operation], *numbers), what)


@pytest.mark.parametrize(("operation", "kinds", "rule"), table())
def test_a_rule_gives_what_is_computed(operation, kinds, rule):
    found = []
    for given in cases(operation, kinds):
        with contextlib.suppress(distconv.DistconvError):
            law = rule(*given)
            if law is not None:
                found.append((given, law))
    assert found, "no example of a rule: add laws for which it applies to OTHERS"
    for given, law in found[:: math.ceil(len(found) / MOST_CASES)]:
        agrees(operation, given, law)
