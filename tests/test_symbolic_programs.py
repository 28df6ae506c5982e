"""Random programs over laws with letters: numbers put into their answers are the answers of numbers put in at once.

A program is a few lines of Python, `X3 = maximum(X1, X2)`, run twice: with letters, and with the numbers that letters
stand for. Whatever is asked of a law with letters must, after substitution, be what the engine of numbers says.

`python tests/test_symbolic_programs.py FIRST LAST` runs seeds in a loop, counts what is refused, and prints the
programs that fail.
"""

import random
import re
import signal
import sys
import time
import traceback
from collections import Counter
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import count
from pathlib import Path

import numpy as np
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st
from mpmath import mp

import distconv
from distconv import DistconvError, Distribution, Kernel, Walk, monoids

F = Fraction
p, q, lam, mu, b = sympy.symbols("p q lam mu b", positive=True)
a = sympy.Symbol("a", real=True)
n, m = sympy.symbols("n m", integer=True, positive=True)
k = sympy.Symbol("k", integer=True)
#: A letter that nothing is put in place of: generating functions are compared as functions of it.
z = sympy.Symbol("z")
ROOT = sympy.sqrt(2)

#: What letters may stand for, those in outcomes so that no two different ones become equal; in half of the programs one
#: of them is irrational.
VALUES = {
    p: [F(1, 2), F(1, 3), F(3, 4), F(2, 7), F(9, 10)],
    q: [F(1, 2), F(2, 3), F(1, 4), F(3, 5), F(1, 10)],
    lam: [F(1), F(1, 2), F(2), F(7, 3)],
    mu: [F(1), F(3), F(3, 2), F(1, 5)],
    a: [F(17, 13), F(-23, 11), F(5, 17), F(-3, 19)],
    b: [F(31, 17), F(9, 29), F(8, 23)],
    n: [1, 2, 3, 4, 6],
    m: [1, 2, 3, 5],
    k: [-1, 0, 1, 2, 3, 5],
}
IRRATIONAL = {
    p: [ROOT / 2, 1 / sympy.sqrt(3), (sympy.sqrt(5) - 1) / 2],
    q: [ROOT / 3, 2 - sympy.sqrt(3), 1 / sympy.pi],
    a: [sympy.sqrt(7), -sympy.sqrt(11) / 3, 1 - sympy.sqrt(5)],
    b: [sympy.sqrt(13), sympy.sqrt(7) / 5],
}
LETTERS = {str(s): s for s in VALUES}
#: Programs' laws have at most so many outcomes, where these are finite.
MOST_OUTCOMES = 40
#: Seconds that one line of a program may take, in a loop of them.
MOST_SECONDS = 10
#: Terms of a sum without end that are added up to compare it: of more it is left as it is.
MOST_TERMS = 400
#: Questions of which the answer holds for letters in general: where they make a weight 0, it may be another.
GENERAL = ["low", "high"]
#: Programs in the tests of every day, ten seconds of them, and in long ones.
PROGRAMS, LONG = 12, 10_000
#: What may be refused, and why: what is not known of letters, or has no closed form.
REFUSALS = [
    "depends? on ",  # levels are reached where numbers say, and ends that are letters have outcomes without number
    "no closed form is known",
    "is not known",  # the order of letters, the place of a letter among outcomes
    "must be one interval",  # sums over other events of infinitely many outcomes
    "outcomes that are fractions",
    "can make up the total",
    "on one lattice|multiples of no one number",
    "needs numbers",
    "has no end",
    "copies as a letter says",  # vectors, or outcomes that are no multiples of one expression
    "clipped at its own lattice",
    "is symbolic; here it must be a fraction",
    "has probability 0|its probability is 0|is impossible|is never",
    "no X has this sum",
    "do not mix|irrational",
    "1-D",
    "expressions",
    "values are numbers, not vectors",
    "must be whole",  # a count moved by a root or a letter
    "cannot be told from 0",  # an irrational number that a letter stands for makes a weight 0
]
#: Digits to which exact answers agree where both are irrational, and doubles with exact ones.
DIGITS = 30
DOUBLES = 1e-10
#: Ends of sums inside of sums: integers to Python's range, of thirds that are rounded too.
ROUNDED = {
    "floor": lambda x: int(mp.floor(x + mp.mpf(10) ** -DIGITS)),
    "ceiling": lambda x: int(mp.ceil(x - mp.mpf(10) ** -DIGITS)),
}


def law(*pairs):
    """A law of pairs (outcome, weight), of which outcomes may become equal."""
    return Distribution.from_arrays([x for x, _ in pairs], [w for _, w in pairs])


def walk(step, steps):
    return Walk.repeat(step, steps)


NAMES = {name: getattr(distconv, name) for name in distconv.__all__}
NAMES |= {"monoids": monoids, "F": F, "law": law, "walk": walk, "z": z, "sqrt": sympy.sqrt, "Kernel": Kernel}

#: A law of a program.
LAW = re.compile(r"X\d+")
#: A letter or a root in outcomes, and a letter as the place that is asked for.
LETTERED_OUTCOME = re.compile(r"\b(a|b|sqrt)\b|Point\(n\)|X\d+ [+-] -?[nm]\b|[nm] - X")
PLACE = re.compile(r"\b[knm]\b( \+ 1)?")

# Programs -----------------------------------------------------------------------------------------------------------

WEIGHTS = [
    ["p", "1 - p"],
    ["q", "1 - q"],
    ["p*q", "p*(1 - q)", "1 - p"],
    ["p**2", "2*p*(1 - p)", "(1 - p)**2"],
    ["p/(p + q)", "q/(p + q)"],
    ["lam/(lam + mu + 1)", "mu/(lam + mu + 1)", "1/(lam + mu + 1)"],
    ["p/2", "F(1, 2)", "(1 - p)/2"],
    ["sqrt(2)/2", "1 - sqrt(2)/2"],
    ["p*sqrt(2)/2", "1 - p*sqrt(2)/2"],
    ["F(1, 3)", "F(2, 3)"],
    ["F(1, 2)", "F(1, 3)", "F(1, 6)"],
]
PLACES = ["-1", "0", "1", "2", "3", "F(1, 2)", "-2"]
LETTERED = ["a", "-a", "2*a", "b", "a + b", "a + 1", "0", "1", "sqrt(2)", "a*sqrt(2)", "b**2", "1/b", "a/2"]
VECTORS = ["(0, 0)", "(1, 0)", "(0, 1)", "(-1, 0)", "(1, 2)", "(0, -1)"]
MOVED = ["(a, 0)", "(0, b)", "(b, b)", "(sqrt(2), 1)", "(a, -a)", "(0, 0)", "(1, 0)"]
FAMILIES = [
    "Bernoulli(p)",
    "Binomial(2, p)",
    "Binomial(n, p)",
    "Binomial(n, F(1, 3))",
    "Binomial(n + m, q)",
    "Die(n)",
    "Die(n + 1)",
    "Uniform(0, n)",
    "Uniform(-n, m)",
    "Uniform(1, 2*m)",
    "Hypergeometric(n + m + 1, n, 2)",
    "Hypergeometric(7, 3, m)",
    "Hypergeometric(n + m, n, m)",
    "Point(b)",
    "Point(a)",
    "PoissonBinomial([p, q])",
    "PoissonBinomial([p, q, F(1, 2)])",
    "Poisson(lam)",
    "Poisson(lam*p)",
    "Poisson(mu)",
    "Geometric(p)",
    "Geometric(q)",
    "Geometric(p*q)",
    "NegativeBinomial(2, p)",
    "NegativeBinomial(n, q)",
    "Logarithmic(p)",
    "Skellam(lam, mu)",
    "Skellam(lam, 1)",
]
NUMBERS = ["Die(3)", "Die(6)", "Bernoulli(F(1, 3))", "Geometric(F(1, 2))", "Poisson(1)", "Binomial(3, F(1, 4))"]


def pairs_of(draw, places, weights):
    chosen = draw.choice(weights)
    return f"law({', '.join(f'({x}, {w})' for x, w in zip(draw.sample(places, len(chosen)), chosen, strict=True))})"


def leaf(draw):
    kind = draw.randrange(10)
    if kind < 4:
        return draw.choice(FAMILIES)
    if kind == 4:
        return draw.choice(NUMBERS)
    if kind == 5:
        return pairs_of(draw, LETTERED, WEIGHTS)
    if kind == 6:
        return pairs_of(draw, draw.choice([VECTORS, MOVED]), WEIGHTS)
    return pairs_of(draw, PLACES, WEIGHTS)


#: Operations by name: of one law `X`, of two, `Y` the other, with numbers or letters drawn for the marks in braces.
MARKS = {
    "c": ["2", "-1", "3", "F(1, 2)", "-F(2, 3)"],
    "s": ["1", "-2", "F(1, 2)", "a", "b", "2*a", "sqrt(2)"],
    "i": ["0", "1", "2", "3"],
    "low": ["0", "1", "2", "F(3, 2)", "-1"],
    "high": ["2", "3", "5", "4"],
    "count": ["0", "1", "2", "3"],
    "letter": ["n", "m", "(n + 1)", "2*m"],
    "modulus": ["2", "3", "5", "F(3, 2)"],
    "w": ["p", "q", "F(1, 3)", "p*q", "sqrt(2)/2"],
    "two": ["2", "3"],
    "x": ["0", "1", "2", "k", "3", "n", "a", "b", "2*a", "k + 1", "F(1, 2)", "-1"],
    "r": ["1", "2", "3", "4"],
    "z": ["F(1, 2)", "z", "F(1, 3)", "2", "1"],
}
UNARY = {
    "scale": ["{c}*X"],
    "shift": ["X + {s}", "{s} - X"],
    "negate": ["-X"],
    "copies": ["{count} @ X"],
    "letter copies": ["{letter} @ X"],
    "truncate": ["X.truncate(low={low})", "X.truncate(high={high})", "X.truncate({low}, {high})"],
    "clip": ["X.clip(low={low})", "X.clip(high={high})", "X.clip({low}, {high})"],
    "given": ["X.given(lambda x: x > {i})", "X.given(lambda x: {i} <= x <= {high})", "X.given(lambda x: x % 2 == 0)"],
    "map": [
        "X.map(lambda x: x**2)",
        "X.map(lambda x: abs(x))",
        "X.map(lambda x: 2*x + 1)",
        "X.map(lambda x: (x, x*x))",
    ],
    "modulo": ["X % {modulus}"],
    "order statistic": ["order_statistic(X, {two}, 1)", "order_statistic(X, 3, 2)", "order_statistic(X, 2, 2)"],
    "highest": ["highest(X, 3, 2)", "lowest(X, 3, 1)", "highest(X, 2, 2)"],
    "root": ["root({two} @ X, {two})"],
    "zero inflated": ["mixture([(Point(0), {w}), (X, 1 - {w})])"],
    "posterior": ["posterior(X, lambda x: Binomial(3, F(1, 2) + F(1, 4) * (x > 1)), {i})"],
    "posterior with letters": ["posterior(X, lambda x: Bernoulli(p if x > 1 else q), 1)"],
    "posterior of copies": ["posterior(X, lambda x: Binomial(abs(x) + 1, q), 1)"],
    "monoid": ["power(X, {two}, monoid=monoids.maximum)", "power(X, {two}, monoid=monoids.modulo(3))"],
    "monoid xor": ["power(X, {two}, monoid=monoids.xor)"],
    "round": ["X.round({two})"],
}
BINARY = {
    "sum": ["X + Y"],
    "difference": ["X - Y"],
    "mixture": ["mixture([(X, {w}), (Y, 1 - {w})])"],
    "maximum": ["maximum(X, Y)"],
    "minimum": ["minimum(X, Y)"],
    "compound": ["X @ Y"],
    "given sum": ["X.given_sum(Y, {i})", "X.given_sum(Y, lambda x: x <= {high})"],
    "deconvolve": ["deconvolve(X + Y, Y)"],
    "sum of": ["sum_of([X, Y, X])"],
    "product": ["product(X, Y)"],
    "convolve xor": ["convolve(X, Y, monoid=monoids.xor)"],
    "convolve": ["convolve(X, Y)"],
}
VECTOR = {
    "marginal": ["X.marginal(0)", "X.marginal(1)", "X.marginal(1, 0)"],
    "scale vector": ["{c}*X"],
    "shift vector": ["X + (1, -1)", "X + (a, b)", "X + (b, 0)"],
    "copies of vectors": ["{count} @ X"],
    "matrix": ["[[1, 2], [0, 1]] @ X", "[[1, -1]] @ X", "[[F(1, 2), F(1, 2)], [1, -1]] @ X"],
    "map of vectors": [
        "X.map(lambda v: v[0] + v[1])",
        "X.map(lambda v: v[0]*v[1])",
        "X.map(lambda v: v[0]**2 + v[1]**2)",
    ],
    "given of vectors": ["X.given(lambda v: v[0] <= v[1])", "X.given(lambda v: v[0] == 0)"],
    "truncate vectors": ["X.truncate((0, 0), (2, 2))", "X.truncate(low=(0, None))"],
    "modulo of vectors": ["X % (2, 3)"],
    "sum of vectors": ["X + Y", "X - Y"],
    "largest of vectors": ["maximum(X, Y)"],
    "mixture of vectors": ["mixture([(X, {w}), (Y, 1 - {w})])"],
    "letter copies of vectors": ["{letter} @ X"],
}
WALKS = {
    "position": ["walk(X, 3).position(2)", "walk(X, 2).final"],
    "bridge": ["walk(X, 3).bridge(TOTAL).position(1)", "walk(X, 3).given(2, PART).position(1)"],
    "first passage": ["walk(X, 3).first_passage({{1, 2}})", "walk(X, 4).first_passage(lambda x: x >= 1)"],
    "stay": ["walk(X, 3).stay(lambda x: x >= -1).final", "walk(X, 2).stay({{-1, 0, 1, 2}}).final"],
}
KERNELS = {
    "kernel": ["(Kernel.from_distribution(X)**2).to_distribution()"],
    "kernel product": ["(Kernel.from_distribution(X)*Kernel.from_distribution(X)).to_distribution()"],
}

QUESTIONS = {
    "pmf": ["X.pmf({x})", "X.pmf({i})"],
    "logpmf": ["X.logpmf({i})"],
    "cdf": ["X.cdf({x})", "X.cdf({i})"],
    "sf": ["X.sf({x})", "X.sf({i})"],
    "mean": ["X.mean()"],
    "var": ["X.var()"],
    "std": ["X.std()"],
    "moment": ["X.moment({r})"],
    "cumulant": ["X.cumulant({r})"],
    "skewness": ["X.skewness()"],
    "kurtosis": ["X.kurtosis()"],
    "pgf": ["X.pgf({z})"],
    "cf": ["X.cf(1)"],
    "entropy": ["X.entropy()"],
    "expect": ["X.expect(lambda x: x**2 + 1)", "X.expect(lambda x: 2*x)"],
    "prob": ["X.prob(lambda x: x > {i})", "X.prob(lambda x: x % 2 == 0)"],
    "stop loss": ["X.stop_loss({i})"],
    "arrays": ["X.pmf([0, 1, 2])", "X.cdf([0, 1, 2])"],
    "low": ["X.low"],
    "high": ["X.high"],
    "median": ["X.median()"],
    "mode": ["X.mode()"],
    "total variation": ["total_variation(X, Y)"],
    "wasserstein": ["wasserstein(X, Y)"],
}
VECTOR_QUESTIONS = {
    "pmf of vectors": ["X.pmf((0, 1))", "X.pmf((1, 0))", "X.pmf((0, 0))"],
    "cdf of vectors": ["X.marginal(0).pmf({x})"],
    "mean of vectors": ["X.mean()"],
    "cov": ["X.cov()"],
    "pgf of vectors": ["X.pgf((F(1, 2), z))", "X.pgf((F(1, 2), F(1, 3)))"],
    "expect of vectors": ["X.expect(lambda v: v[0]*v[1])"],
    "prob of vectors": ["X.prob(lambda v: v[0] > v[1])"],
    "entropy of vectors": ["X.entropy()"],
    "mode of vectors": ["X.mode()"],
}


def filled(draw, template):
    """A template with what is drawn for its marks, the same mark the same."""
    return template.format(**{mark: draw.choice(found) for mark, found in MARKS.items()})


@dataclass(eq=False)
class Line:
    """One line of a program: its operation by name, its source, and what numbers make of it."""

    operation: str
    source: str
    name: str | None
    truth: object = None


@dataclass
class Program:
    """Lines of Python, what letters stand for, and the laws of numbers that they make."""

    values: dict
    lines: list[Line] = field(default_factory=list)
    scope: dict = field(default_factory=dict)
    refused: Counter = field(default_factory=Counter)
    #: The line that is run.
    current: Line | None = None

    @classmethod
    def drawn(cls, draw):
        values = {letter: draw.choice(found) for letter, found in VALUES.items()}
        if draw.random() < 0.5:
            letter = draw.choice(list(IRRATIONAL))
            values[letter] = draw.choice(IRRATIONAL[letter])
        program = cls(values)
        program.scope = NAMES | {str(s): v for s, v in values.items()}
        for _ in range(draw.randint(1, 2)):
            program.add(draw, "leaf", leaf(draw))
        for _ in range(draw.randint(1, 4)):
            program.step(draw)
        for _ in range(3):
            program.ask(draw)
        return program

    def laws(self, ndim=None):
        names = [line.name for line in self.lines if line.name]
        return [x for x in names if ndim is None or self.scope[x].ndim == ndim]

    def add(self, draw, operation, source):
        """One more law, where numbers make it and it is short."""
        name = f"X{len(self.laws()) + 1}"
        found = self.tried(operation, source)
        if found is None or found.ndim > 2 or (found.is_finite and len(found.support) > MOST_OUTCOMES):
            return
        self.scope[name] = found
        self.lines.append(Line(operation, source, name, found))

    def tried(self, operation, source):
        try:
            return eval(source, self.scope)
        except DistconvError as refusal:
            self.refused[operation, type(refusal).__name__, str(refusal)] += 1
            return None

    def step(self, draw):
        if not self.laws() or draw.random() < 0.1:
            self.add(draw, "leaf", leaf(draw))
            return
        x = draw.choice(self.laws()[-2:])
        ndim = self.scope[x].ndim
        if ndim == 2:
            table = VECTOR
        elif draw.random() < 0.1:
            table = draw.choice([WALKS, KERNELS])
        else:
            table = draw.choice([UNARY, UNARY, BINARY])
        operation = draw.choice(list(table))
        template = filled(draw, draw.choice(table[operation]))
        others = self.laws(ndim)
        y = draw.choice(others)
        if operation in BINARY and draw.random() < 0.5 and ndim == 1:
            y = f"{leaf(draw)}"
        if operation == "bridge":
            total, part = self.reached(draw, x)
            template = template.replace("TOTAL", total).replace("PART", part)
        self.add(draw, operation, template.replace("X.", f"{x}.").replace("X", x).replace(x + x[1:], x).replace("Y", y))

    def reached(self, draw, x):
        """Where three steps, and two, may lead: sums of the lowest and the highest step."""
        ends = [e for e in (self.scope[x].low, self.scope[x].high) if e is not None and e not in (sympy.oo, -sympy.oo)]
        end = repr(draw.choice(ends)).replace("Fraction", "F") if ends else "0"
        return f"3*({end})", f"2*({end})"

    def ask(self, draw):
        if not self.laws():
            return
        x = draw.choice(self.laws()[-2:])
        table = QUESTIONS if self.scope[x].ndim == 1 else VECTOR_QUESTIONS
        operation = draw.choice(list(table))
        source = filled(draw, draw.choice(table[operation])).replace("X", x)
        source = source.replace("Y", draw.choice(self.laws(self.scope[x].ndim)))
        laws = self.needed(Line(operation, source, None))[:-1]
        if any(LETTERED_OUTCOME.search(line.source) for line in laws):
            # An outcome `a` is another than the number 2 and the letter k: different expressions are different. Laws of
            # irrational outcomes without letters are asked at a number: a letter would be taken to be one of these.
            is_lettered = any(re.search(r"\b[ab]\b", line.source) for line in laws)
            source = PLACE.sub("2*a" if is_lettered else "sqrt(3)", source)
            if ".marginal(0)" in source or not is_lettered:
                source = re.sub(r"\((2\*)?[ab]\)", "(1)", source)
        else:
            # A letter as the place that is asked for is taken to be one of the outcomes.
            source = re.sub(r"\((2\*)?[ab]\)", "(k)", source)
        found = self.tried(operation, source)
        if found is not None:
            self.lines.append(Line(operation, source, None, found))

    def __str__(self):
        return self.shown(self.lines)

    def needed(self, last):
        """The lines that one of them needs, itself the last."""
        found, names = [last], set(LAW.findall(last.source))
        for line in reversed(self.lines[: self.lines.index(last) if last in self.lines else None]):
            if line.name in names:
                names |= set(LAW.findall(line.source))
                found.insert(0, line)
        return found

    def shown(self, lines):
        lines = [f"{line.name} = {line.source}" if line.name else line.source for line in lines]
        shown = {str(s): v for s, v in self.values.items() if any(re.search(rf"\b{s}\b", line) for line in lines)}
        return "\n".join([*lines, f"# {', '.join(f'{s} = {v}' for s, v in shown.items())}"])


# Comparison ---------------------------------------------------------------------------------------------------------


class WrongError(AssertionError):
    """An answer with letters that is not that of numbers."""


class EndlessError(Exception):
    """A sum without end, of sums without end: the answer is left as it is."""


def at(value, values):
    """An answer with numbers in place of letters."""
    if isinstance(value, np.ndarray):
        return np.array([at(v, values) for v in value.ravel()], dtype=object).reshape(value.shape)
    if isinstance(value, tuple | list):
        return tuple(at(v, values) for v in value)
    if not hasattr(value, "free_symbols"):
        return value
    numbers = {s: rational(v) for s, v in values.items()}
    if not value.has(sympy.Sum, sympy.Subs):
        # All at once: half way, sympy looks for the signs of long sums.
        return value.xreplace(numbers)
    return written_out(value.subs(numbers))


def written_out(expression):
    """Sums between two numbers term by term: sympy's own way is to look for a closed form, for seconds."""
    while True:
        known = {}
        for found in expression.atoms(sympy.Sum):
            *outer, (index, low, high) = found.limits
            if low.is_Integer and high.is_Integer:
                inner = sympy.Sum(found.function, *outer) if outer else found.function
                terms = (inner.subs(index, place) for place in range(int(low), int(high) + 1))
                known[found] = sympy.Add(*terms)
        if not known:
            return expression
        expression = expression.xreplace(known)


def rational(v):
    return sympy.Rational(v.numerator, v.denominator) if isinstance(v, Fraction) else sympy.sympify(v)


def same(found, truth, what):
    """Exact answers are equal, to as many digits as tell; doubles agree to what they are told with."""
    if isinstance(truth, np.ndarray | tuple | list):
        for one, other in zip(
            np.ravel(np.asarray(found, dtype=object)), np.ravel(np.asarray(truth, dtype=object)), strict=True
        ):
            same(one, other, what)
        return
    if isinstance(truth, bool | str) or truth is None:
        if found != truth and not (truth is None and getattr(found, "is_infinite", False)):
            raise WrongError(f"{what}: {found}, not {truth}")
        return
    # Distances of laws without end are sums over windows, which miss some 1e-18.
    is_double = what.startswith(("wasserstein", "total_variation")) or is_float(found) or is_float(truth)
    one, other = (exactly(v) for v in (found, truth))
    if one is sympy.nan and ".entropy(" in what:
        raise EndlessError("a weight that these numbers make 0 has no log")
    if other is sympy.nan and (".skewness(" in what or ".kurtosis(" in what):
        raise EndlessError("numbers make it a law of one outcome, which has no shape")
    if one == other or (one is sympy.zoo and other.is_infinite):
        return
    if getattr(one - other, "free_symbols", None):
        points = {s: sympy.Rational(3, 7) for s in (one - other).free_symbols}
        one, other = one.subs(points), other.subs(points)
        if one == other:
            return
    if one.is_Rational and other.is_Rational and not is_double:
        raise WrongError(f"{what}: {found}, not {truth}")
    near, right = (valued(v) for v in (one, other))
    size = max(abs(right), sympy.Float(1e-30))
    gap = sympy.Max(*map(sympy.Abs, (near - right).evalf(chop=True).as_real_imag()))
    allowed = DOUBLES * max(size, 1e-3 if is_double else 0) if is_double else sympy.Float(10) ** -DIGITS * max(size, 1)
    if not gap.is_comparable or gap > allowed:
        raise WrongError(f"{what}: {found} = {near}, not {truth} = {right}")


def is_float(value):
    return isinstance(value, float | complex | np.floating) or (hasattr(value, "has") and value.has(sympy.Float))


def valued(expression):
    """Many digits of an expression without letters, its sums added up term by term."""
    sums = {found: summed(found) for found in expression.atoms(sympy.Sum) if not found.free_symbols}
    return expression.xreplace(sums).evalf(DIGITS + 10, maxn=1000)


def summed(found):
    """A sum over one index, in either direction, until its terms have long been nothing."""
    (index, low, high), *more = found.limits
    if more or any(inner.has(sympy.oo, -sympy.oo) for inner in found.function.atoms(sympy.Sum)):
        raise EndlessError(found)
    # Of whole numbers Python's own powers would be doubles.
    power, choose = sympy.Function("power"), sympy.Function("choose")
    found = found.replace(lambda e: e.is_Pow and e.base.is_Integer and e.exp.free_symbols, lambda e: power(*e.args))
    # Bessel functions of negative whole orders are those of positive ones, which take mpmath a thousandth of the time.
    body = found.function.replace(sympy.binomial, choose)
    body = body.replace(sympy.besseli, lambda order, x: sympy.besseli(sympy.Abs(order), x))
    term = sympy.lambdify(index, body, [{"power": mp.power, "choose": mp.binomial, **ROUNDED}, "mpmath"])
    start = low if low.is_finite else high if high.is_finite else sympy.Integer(0)
    # Differences of sums in logs lose digits.
    with mp.workdps(DIGITS + 60):
        total, runs = mp.mpf(0), []
        if high is sympy.oo:
            runs.append(count(int(start)))
        if low is -sympy.oo:
            runs.append(count(int(start) - (high is sympy.oo), -1))
        for places in runs or [range(int(low), int(high) + 1)]:
            nothing = 0
            for place in places:
                weight = term(place)
                total += weight
                nothing = nothing + 1 if abs(weight) <= abs(total) * mp.mpf(10) ** (-DIGITS - 10) else 0
                if nothing > 12 and abs(place - int(start)) > 40:
                    break
                if abs(place - int(start)) > MOST_TERMS:
                    raise EndlessError(found)
        real, imaginary = (sympy.Float(part, DIGITS + 10) for part in (mp.re(total), mp.im(total)))
        return real + sympy.I * imaginary if imaginary else real


def exactly(value):
    if isinstance(value, Fraction):
        return sympy.Rational(value.numerator, value.denominator)
    if isinstance(value, float | np.floating):
        return sympy.Float(float(value), 17) if np.isfinite(value) else sympy.sympify(float(value))
    return sympy.sympify(value)


def same_law(found, truth, values, what):
    """The law with letters, numbers put in, is the law of numbers."""
    chosen = {s: v for s, v in values.items() if s in found.letters}
    law = found.subs(chosen) if chosen else found
    # Cut off where nothing is left to tell, or not: what they say is the same.
    is_cut = law.missing or truth.missing
    if (law.is_finite != truth.is_finite and not is_cut) or law.ndim != truth.ndim:
        raise WrongError(f"{what}: {law!r}, not {truth!r}")
    if truth.is_finite and truth.is_exact and law.kind == truth.kind:
        if law != truth:
            raise WrongError(f"{what}: {law!r}, not {truth!r}")
        return
    if truth.is_finite and not is_cut:
        if len(law.support) != len(truth.support):
            raise WrongError(f"{what}: {law!r}, not {truth!r}")
        for x, w in truth:
            same(law.pmf(x), w, f"{what}.subs(...).pmf({x})")
        return
    if truth.ndim > 1:
        places = [(0,) * truth.ndim, (1,) * truth.ndim, (1, 0), (0, 1), (2, 3)]
    else:
        low = truth.low if truth.low is not None else -2
        places = [low, low + 1, low + 2, low + 5, 0]
    for x in places:
        same(law.pmf(x), truth.pmf(x), f"{what}.subs(...).pmf({x})")


def ends_of(line, found, values, scope):
    """An end of a law is that of numbers, or that of the law once numbers are put in."""
    try:
        same(at(found, values), line.truth, line.source)
    except WrongError:
        (name,) = LAW.findall(line.source)
        law = scope[name].subs({s: v for s, v in values.items() if s in scope[name].letters})
        same(eval(line.source, scope | {name: law}), line.truth, line.source)


def run(program, refused, timed=None):
    """Runs the lines with letters; refusals are counted by operation and reason, and what needs them is left out."""
    scope = NAMES | LETTERS
    done = 0
    for line in program.lines:
        program.current = line
        try:
            with Limited(timed):
                found = eval(line.source, scope)
                if line.name:
                    scope[line.name] = found
                    same_law(found, line.truth, program.values, line.name)
                elif line.operation in GENERAL:
                    ends_of(line, found, program.values, scope)
                else:
                    same(at(found, program.values), line.truth, line.source)
            done += 1
        except NameError as missing:
            if not str(missing).startswith("name 'X"):
                raise
            # What came before was refused.
        except DistconvError as refusal:
            refused.append((line, refusal))
        except EndlessError:
            pass
    return done


class Limited:
    """A block that may take so many seconds; no limit where None."""

    def __init__(self, seconds):
        self.seconds = seconds

    def __enter__(self):
        if self.seconds:
            signal.setitimer(signal.ITIMER_PROF, self.seconds)

    def __exit__(self, *_):
        if self.seconds:
            signal.setitimer(signal.ITIMER_PROF, 0)


class TooSlowError(BaseException):
    """A line took longer than it may."""


def too_slow(*_):
    raise TooSlowError


def program_of(seed):
    return Program.drawn(random.Random(f"letters {seed}"))


@settings(max_examples=LONG if settings.default.max_examples > LONG else PROGRAMS)
@given(st.integers(0, 10**6))
def test_programs_commute_with_numbers(seed):
    program, refused = program_of(seed), []
    try:
        run(program, refused)
    except Exception as fault:
        fault.add_note(program.shown(program.needed(program.current)) if program.current else str(program))
        raise
    for line, refusal in refused:
        assert any(re.search(reason, str(refusal)) for reason in REFUSALS), (line.source, refusal)


def loop(first, last):
    """Runs programs by seed, tells what fails and what is refused, and counts."""
    refused, totals = Counter(), Counter()
    for seed in range(first, last):
        start, refusals, program = time.process_time(), [], Program({})
        try:
            with Limited(3 * MOST_SECONDS):
                program = program_of(seed)
            totals.update(line.operation for line in program.lines)
            run(program, refusals, MOST_SECONDS)
        except (Exception, TooSlowError) as fault:  # noqa: BLE001 - any fault is shown, and the loop goes on
            frames = traceback.extract_tb(fault.__traceback__)[-4:]
            place = " ".join(f"{Path(f.filename).name}:{f.lineno}" for f in frames)
            lines = program.needed(program.current) if program.current else program.lines
            print(f"--- seed {seed} {type(fault).__name__}: {str(fault)[:600]}\n{program.shown(lines)}\n   at {place}")
        for line, refusal in refusals:
            refused[line.operation] += 1
            print(f"=== seed {seed} {line.operation}: {str(refusal)[:300]}\n{program.shown(program.needed(line))}")
        seconds = time.process_time() - start
        if seconds > MOST_SECONDS / 2:
            print(f"--- seed {seed} took {seconds:.1f} s\n{program}", flush=True)
    print(f"{last - first} programs, {totals.total()} lines, {refused.total()} refused")
    for operation, lines in totals.most_common():
        print(f"{operation:26} {lines:6} {refused[operation]:6}")


if __name__ == "__main__":
    signal.signal(signal.SIGPROF, too_slow)
    loop(int(sys.argv[1]), int(sys.argv[2]))
