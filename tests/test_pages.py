"""The code of the documentation's pages runs and gives what it says: each page is a session of its own."""

import doctest
import math
import re
import sys
import types
from fractions import Fraction
from pathlib import Path

import mpmath
import pytest
import sympy

from distconv import DistconvTypeError, DistconvValueError, Geometric, Point, Poisson, mixture
from distconv.laws import registry

DOCS = Path(__file__).parents[1] / "docs"
#: A block of code: ``testcode`` is run as it stands, ``doctest`` is a session with its answers.
BLOCK = re.compile(r"^```\{(testcode|doctest)\}\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PAGES = {str(p.relative_to(DOCS)): p for p in sorted(DOCS.rglob("*.md")) if BLOCK.search(p.read_text("utf-8"))}
#: As Sphinx runs them.
FLAGS = doctest.ELLIPSIS | doctest.IGNORE_EXCEPTION_DETAIL | doctest.DONT_ACCEPT_TRUE_FOR_1


def run(path):
    """Runs all blocks of a page; returns what they have defined."""
    text = path.read_text("utf-8")
    names = {"__name__": path.stem.replace("-", "_")}
    for found in BLOCK.finditer(text):
        kind, code = found.groups()
        line = text.count("\n", 0, found.start()) + 1
        if kind == "testcode":
            exec(compile("\n" * line + code, path, "exec"), names)
            continue
        report = []
        test = doctest.DocTestParser().get_doctest(code, names, path.name, str(path), line)
        doctest.DocTestRunner(optionflags=FLAGS).run(test, out=report.append, clear_globs=False)
        assert not report, "".join(report)
        names = test.globs
    return names


@pytest.mark.parametrize("page", PAGES)
def test_the_code_of_a_page_runs(page):
    run(PAGES[page])


def test_there_are_pages():
    assert sum(page.startswith("how-to/write-a-") for page in PAGES) == 4


@pytest.fixture
def lead(monkeypatch):
    """The family of the page "Write a family", as if it stood in a file of the package."""
    module = types.ModuleType("lead")
    monkeypatch.setitem(sys.modules, "lead", module)
    module.__dict__.update(run(PAGES["how-to/write-a-family.md"]))
    monkeypatch.setitem(registry.FAMILIES, "Lead", "lead")
    yield module
    registry._letters.pop("Lead", None)


def test_the_family_of_a_page_needs_no_more_than_its_line(lead):
    p = sympy.Symbol("p")
    X = lead.Lead(2, p)
    assert X.subs({p: "3/4"}) == lead.Lead(2, "3/4") == lead.Lead(n=2, p="3/4")
    assert X + X == lead.Lead(4, p)
    assert X.mean().subs({p: sympy.Rational(3, 4)}) == lead.Lead(2, "3/4").mean()
    for example in lead.FAMILY.examples:
        law = lead.Lead(*example)
        assert law.family == "Lead"
        assert law == lead.Lead(*example)
        assert hash(law) == hash(lead.Lead(*example))
    with pytest.raises(DistconvValueError, match="p must be above 1/2"):
        lead.Lead(2, "1/2")
    with pytest.raises(DistconvTypeError, match="Lead takes n, p"):
        lead.Lead(2)


@pytest.mark.parametrize(("n", "p"), [(1, Fraction(2, 3)), (2, 0.75), (5, 0.6)])
def test_the_family_of_a_page_is_its_formula(lead, n, p):
    law = lead.Lead(n, p)
    with mpmath.workdps(60):
        heads = mpmath.mpf(Fraction(p).numerator) / Fraction(p).denominator
        weights = [
            n * mpmath.binomial(n + 2 * k, k) / (n + 2 * k) * heads ** (n + k) * (1 - heads) ** k for k in range(2500)
        ]
        means = [mpmath.fsum(k**j * w for k, w in enumerate(weights)) for j in range(4)]
        third = means[3] - 3 * means[1] * means[2] + 2 * means[1] ** 3
        for k in (0, 1, 7, 300):
            assert float(law.pmf(k)) == pytest.approx(float(weights[k]), rel=law.error + 1e-15)
            assert float(law.sf(k)) == pytest.approx(float(mpmath.fsum(weights[k + 1 :])), rel=1e-10)
    cumulants = means[1], means[2] - means[1] ** 2, third
    assert [float(law.cumulant(j)) for j in (1, 2, 3)] == pytest.approx([float(c) for c in cumulants], rel=1e-10)


@pytest.mark.parametrize("base", [Poisson(3), Geometric("1/3"), mixture({Point(0): "1/2", Poisson(4): "1/2"})])
@pytest.mark.parametrize("size", [2, 6])
def test_the_kind_of_law_of_a_page_is_its_image(base, size):
    packs = run(PAGES["how-to/write-a-kind-of-law.md"])["in_packs"](base, size)
    for k in (0, 1, 2, 5, 20):
        right = sum(Fraction(base.pmf(x)) for x in range(size * (k - 1) + 1, size * k + 1) if x >= 0)
        assert float(packs.pmf(size * k)) == pytest.approx(float(right), rel=1e-10)
        assert packs.sf(size * k) == base.sf(size * k)
        assert packs.cdf(size * k) == base.cdf(size * k)
    twice = packs + packs
    right = sum(Fraction(packs.pmf(size * j)) * Fraction(packs.pmf(size * (9 - j))) for j in range(10))
    assert float(twice.pmf(9 * size)) == pytest.approx(float(right), rel=1e-10)
    assert packs.pmf(1) == 0
    assert packs.ppf(0.999) == size * math.ceil(base.ppf(0.999) / size)
