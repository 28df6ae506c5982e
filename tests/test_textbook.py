"""What books print, one line each: the answers equal the printed formulas."""

import pytest
import sympy

import distconv
from distconv import Distribution
from tests import textbook


def letters():
    """The letters of the lines, with the assumptions that books make of them."""
    found = {name: sympy.Symbol(name, integer=True, positive=True) for name in "nmkjNK"}
    found |= {name: sympy.Symbol(name, positive=True) for name in ("a", "b", "p", "q", "r", "lam", "mu")}
    return found | {name: sympy.Symbol(name) for name in "zt"}


NAMES = {**vars(sympy), **vars(distconv), **letters()}
NAMES |= {name: getattr(distconv, name) for name in distconv.__all__}


def renamed(term, *limits):
    """A sum with one letter for what runs, whatever it was called."""
    running = {limit[0]: sympy.Symbol(f"_{i}") for i, limit in enumerate(limits)}
    return sympy.Sum(term.xreplace(running), *(limit.xreplace(running) for limit in limits))


def same(ours, printed):
    """Whether an answer is the printed one: equal laws, or expressions whose difference simplifies to 0."""
    if isinstance(printed, Distribution):
        return ours == printed
    ours, printed = (sympy.sympify(v).replace(sympy.Sum, renamed) for v in (ours, printed))
    if ours == printed:
        return True
    if ours.has(sympy.Piecewise) and not printed.has(sympy.Piecewise):
        # Books print the formula where it is not 0 and nothing coincides.
        ours = ours.replace(sympy.Piecewise, lambda *cases: next(e for e, c in cases if not isinstance(c, sympy.Eq)))
    difference = sympy.expand_log(sympy.powdenest(ours - printed, force=True), force=True)
    if sympy.expand(difference) == 0:
        return True
    return sympy.simplify(difference) == 0 or sympy.combsimp(sympy.simplify(difference)) == 0


@pytest.mark.parametrize("result", textbook.RESULTS, ids=[r.name for r in textbook.RESULTS])
def test_a_line_gives_the_printed_formula(result):
    ours, printed = (eval(text, dict(NAMES)) for text in (result.line, result.formula))
    assert same(ours, printed), f"{result.line} is {ours}, printed {printed}"


def test_each_result_has_a_name_of_its_own():
    assert len({r.name for r in textbook.RESULTS}) == len(textbook.RESULTS)
