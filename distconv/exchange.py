"""The ways into a law and out of it: mappings, arrays, samples, other libraries, other kinds of weights.

Each function is a method of `Distribution`, under the same name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from distconv import construction
from distconv.algebra import spanning
from distconv.errors import DistconvTypeError
from distconv.formulas.recurrence import Recurrence, recurrence_of
from distconv.formulas.sums import as_formula
from distconv.laws import rules
from distconv.laws.finite import Finite
from distconv.laws.restricting import floated, symbolised
from distconv.laws.spanned import framed, spanned
from distconv.measure.reading import collected, kept_for_later
from distconv.numbers.letters import exact_expression
from distconv.queries import arrays
from distconv.queries import letters as symbols
from distconv.support.outcomes import NotRationalError, as_vector
from distconv.transforms.conditioning import normalized
from distconv.typing import (
    AnyArray,
    ArrayLike,
    Number,
    Outcome,
    Question,
    ScalarLike,
    StepLike,
    Table,
    WeightLike,
)

if TYPE_CHECKING:
    import sympy
    from matplotlib.axes import Axes
    from scipy.stats._distn_infrastructure import rv_frozen
    from sympy.stats.rv import RandomSymbol

    from distconv.distribution import Distribution


def from_arrays(
    cls: type[Distribution],
    outcomes: ArrayLike,
    weights: ArrayLike,
    *,
    normalize: bool = False,
    missing: WeightLike = 0,
    step: StepLike | None = None,
) -> Distribution:
    """The law of outcomes (n,) or (n, d) and weights (n,), in any order; equal outcomes merge.

    Args:
        outcomes: anything that numpy reads, a range, an iterator. Floats that are a grid to within rounding
            (`numpy.linspace`, `numpy.arange`, ``k * 0.1``) are that grid; others mean their shortest decimals.
        weights: as many. Those of single or half precision may total 1 to their own rounding; they are then divided
            by their total, and `error` says so.
        normalize: divide the weights by their total first.
        missing: the probability of what is not listed, as in `Distribution`.
        step: round the outcomes to the nearest multiples of this, one number or one per axis; halves go to the even
            multiple.

    Raises:
        DistconvValueError: floats that differ by rounding alone and are no grid; a step is the way out.

    >>> import numpy as np
    >>> from distconv import Distribution
    >>> X = Distribution.from_arrays(np.linspace(0, 1, 11), np.ones(11) / 11)
    >>> len((2 @ X).support)
    21
    """
    outcomes, weights = kept_for_later(outcomes), kept_for_later(weights)
    try:
        return cls.of(
            Finite(construction.from_arrays(outcomes, weights, normalize=normalize, missing=missing, step=step))
        )
    except NotRationalError:
        points = construction.rows_of(collected(outcomes, "outcomes"))
        masses = construction.rows_of(collected(weights, "weights"))
    return cls.of(spanning.from_pairs(points, masses, normalize=normalize, missing=missing, step=step))


def from_array(
    cls: type[Distribution],
    weights: ArrayLike,
    *,
    origin: StepLike = 0,
    step: StepLike = 1,
    normalize: bool = False,
    missing: WeightLike = 0,
) -> Distribution:
    """The law of a dense array of weights, of any dimension, on the lattice origin + step * index.

    The weights total 1 - `missing`, the probability of what is not listed (see `Distribution`).

    >>> from distconv import Distribution
    >>> Distribution.from_array(["1/4", "3/4"], origin=10, step=5).to_dict()
    {10: Fraction(1, 4), 15: Fraction(3, 4)}
    """
    return cls.of(
        Finite(construction.from_array(weights, origin=origin, step=step, normalize=normalize, missing=missing))
    )


def from_counts(cls: type[Distribution], counts: Table, *, step: StepLike | None = None) -> Distribution:
    """The law in proportion to counts, or to any weights >= 0, by outcome or in pairs: exact where they are.

    Outcomes are rounded to multiples of `step` where given.

    >>> from distconv import Distribution
    >>> Distribution.from_counts({"0.5": 3, 1: 1}).pmf(0.5)
    Fraction(3, 4)
    """
    return cls.of(spanning.from_pairs(*construction.read_counts(counts), normalize=True, step=step))


def from_samples(cls: type[Distribution], data: ArrayLike, *, step: StepLike | None = None) -> Distribution:
    """The exact empirical law of observed outcomes (n,) or (n, d), rounded to multiples of `step` where given.

    Halves go to the even multiple. A table (a DataFrame) is read row by row.
    """
    data = kept_for_later(data)
    try:
        return cls.of(Finite(construction.from_samples(data, step=step)))
    except NotRationalError:
        rows = construction.rows_of(collected(data, "the observed outcomes"))
    return cls.of(spanning.from_pairs(rows, [1] * len(rows), normalize=True, step=step))


def from_pgf(cls: type[Distribution], expr: sympy.Expr, z: sympy.Symbol, *, terms: int | None = None) -> Distribution:
    """The law with a probability generating function E z**X, a sympy expression in z.

    Args:
        expr: a polynomial (a finite law, exact or with letters), a rational function (probabilities by its
            recurrence), or any expression with a power series about 0. The families' are recognised.
        z: the symbol in it.
        terms: so many probabilities are computed, of 0, 1, 2, ...; what is left is `missing`. Without it the law
            stays a formula law, whose probabilities are found when asked for.

    Raises:
        DistconvValueError: the expression is not 1 at z = 1, or a coefficient is negative.

    >>> from sympy import symbols
    >>> from distconv import Distribution
    >>> z = symbols("z")
    >>> Distribution.from_pgf((z + z**2) / 2, z).to_dict()
    {1: Fraction(1, 2), 2: Fraction(1, 2)}
    >>> Distribution.from_pgf(1 / (2 - z), z).pmf(3)
    Fraction(1, 16)
    """
    from distconv.formulas.making import from_pgf

    return cls.of(from_pgf(expr, z, terms))


def from_sympy(cls: type[Distribution], variable: RandomSymbol | Sequence[sympy.Expr]) -> Distribution:
    """The law of a random variable of sympy.stats, of an expression of some, or of a vector of these.

    All discrete laws of sympy.stats are read, with letters as parameters too: single ones, DiscreteRV by its density;
    joint ones (Multinomial, NegativeMultinomial, MultivariateEwens); and compound ones, whose parameters are variables:
    these are mixtures where such a parameter has finitely many values, and sums of a random number of terms where it
    counts terms, ``Poisson("X", lam * N)``. Sums of independent variables times numbers or letters are sums of laws,
    ``from_sympy(2 * X + Y - 1)``; other expressions, ``X * Y``, and vectors, ``(X + Y, X - Y)``, are evaluated at all
    outcomes where these are finitely many.

    Raises:
        DistconvTypeError: no random variable, a continuous one, or what hangs on infinitely many values otherwise.

    >>> from sympy.stats import Die as SympyDie
    >>> from distconv import Die, from_sympy
    >>> from_sympy(SympyDie("D", 6)) == Die(6)
    True
    """
    from distconv.interop.sympy_stats import from_sympy

    return cls.of(from_sympy(variable))


def to_sympy(self: Distribution, name: str = "X") -> RandomSymbol:
    """A random variable of sympy.stats with this law, by sympy's name for it where the law goes on without end.

    Finite laws are told by their probabilities, in more dimensions as a joint variable ``X[0], X[1], ...``; laws
    without end that have no name there, mixtures and truncated ones among them, by their density.

    Raises:
        DistconvTypeError: a floating law, a joint one without end, or one of which no density is known.
    """
    from distconv.interop.sympy_variables import to_sympy

    return to_sympy(self.law, name)


def to_scipy(self: Distribution) -> rv_frozen:
    """A frozen ``scipy.stats.rv_discrete`` with these outcomes and probabilities (1-D; whole or not)."""
    from distconv.interop.scipy_stats import to_scipy

    return to_scipy(self.law.measure)


def to_exact(self: Distribution, *, normalize: bool = False) -> Distribution:
    """The law with exact weights: each double is read as its shortest decimal, so 0.1 becomes 1/10.

    Args:
        normalize: divide by the total first, which for computed weights is rarely exactly 1.

    Raises:
        DistconvValueError: the decimals do not total 1 and `normalize` is not set.
    """
    if self.is_exact:
        return self
    base, frame = framed(self.law)
    exact = Finite(construction.from_decimals(base.measure, normalize=normalize))
    return self.of(exact if self.law.spelled() is None else spanned(exact, frame))


def to_symbolic(self: Distribution) -> Distribution:
    """The law whose answers are sympy's numbers: of a finite one rational numbers, of an infinite one expressions.

    Raises:
        DistconvTypeError: floating weights or parameters; an infinite law that is given by no formula.

    >>> from distconv import Die, Poisson
    >>> (2 @ Die(6)).to_symbolic().pmf(7)
    1/6
    >>> Poisson(3).to_symbolic().pmf(2)
    9*exp(-3)/2
    """
    if self.kind == "symbolic":
        return self
    if self.is_finite and not self.is_exact:
        raise DistconvTypeError(
            "symbolic laws are exact, this one is floating: X.to_exact(normalize=True).to_symbolic()"
        )
    if self.is_finite:
        return self.of(symbolised(self.law))
    terms = self.law.terms()
    if len(terms) > 1:
        first, *others = (n @ to_symbolic(self.of(term)) for term, n in terms)
        return sum(others, start=first)
    return self.of(as_formula(self.law))


def subs(self: Distribution, values: Mapping[Any, ScalarLike]) -> Distribution:
    """The law with values in place of letters: ``X.subs({p: "1/3"})`` is exact, ``X.subs({p: 0.3})`` floating.

    A number of sympy's in is an expression out, as in the families: ``Poisson(lam).subs({lam: sympy.Integer(3)})``.

    Args:
        values: by letter (a sympy symbol or its name) a number, or an expression in other letters.

    Raises:
        DistconvValueError: a letter that does not occur, or a probability that becomes negative.

    >>> from sympy import symbols
    >>> from distconv import Bernoulli
    >>> p = symbols("p")
    >>> (2 @ Bernoulli(p)).subs({p: "1/3"}).pmf(1)
    Fraction(4, 9)
    """
    found = rules.apply("substitute", self.law, values)
    return self.of(self.law.subs(values) if found is None else found)


def limit(self: Distribution, letter: sympy.Symbol | str, point: sympy.Expr | ScalarLike) -> Distribution:
    """The law to which this one tends as a letter goes to a point: ``Binomial(n, lam / n).limit(n, oo)`` is Poisson.

    A family where the limit is of one, else the law of the limit's generating function. Other letters are general: what
    holds for all but single values of them.

    Args:
        letter: a sympy symbol of this law, or its name.
        point: ``sympy.oo``, ``-sympy.oo``, a number (0 is reached from above, others from below), or an expression in
            other letters.

    Raises:
        DistconvValueError: there is no limit law, since the mass, or a part of it, escapes to infinity; or none was
            found, or the letter does not occur.

    >>> from sympy import oo, symbols
    >>> from distconv import Binomial, Die
    >>> n, lam = symbols("n lam", integer=True, positive=True)
    >>> Binomial(n, lam / n).limit(n, oo)
    Poisson(lam): outcomes 0.., symbolic in lam, mean lam
    >>> Die(n).limit(n, oo)
    Traceback (most recent call last):
    ...
    distconv.errors.DistconvValueError: Die(n) has no limit law as n -> oo: the mass escapes to infinity, P(X = k) ...
    """
    symbol, end = symbols.read_letter(letter, self.law.letters), exact_expression(point)
    found = rules.apply("limit", self.law, symbol, end)
    return self.of(self.law.limit(symbol, end) if found is None else found)


def recurrence(self: Distribution, x: Question | Callable[[sympy.Expr], object], letter: sympy.Symbol) -> Recurrence:
    """How P(X = x), or E f(X), goes on as a letter in it does: p_0(n) a(n) + ... + p_r(n) a(n + r) = 0.

    Found by creative telescoping of the integral of E z**X z**(-x - 1) round the unit circle, with a certificate that
    proves it: for sums of copies of laws with finitely many outcomes, of binomial, geometric, negative binomial and
    Poisson laws, and all others whose generating function is a product of powers of rational functions and of
    exponentials; and for single formulas with a rational ratio of neighbours. In the outcome, x = k, it is Euler's
    recurrence, often called Miller's.

    Of a function f the recurrence is that of E f(X), a sum of P(X = k) f(k) over k, where this has rational ratios of
    neighbours: products of binomial coefficients, factorials, powers, rational functions and probabilities. It is found
    by Zeilberger's algorithm, and what the sum leaves at its ends is looked at.

    Args:
        x: an outcome, a number or an expression in whole letters: 0, k, 2*n; or a function of the outcome.
        letter: the letter that moves, a whole one (``Symbol("n", integer=True)``).

    Returns:
        a `distconv.Recurrence`: its coefficients, its first values (`values`), and the certificate.

    Raises:
        DistconvTypeError: the letter is not whole.
        DistconvValueError: none is known, or none is found in some ten seconds.

    Source: Almkvist and Zeilberger, The method of differentiating under the integral sign (1990); Petkovsek, Wilf,
    Zeilberger, A = B (1996).

    >>> from sympy import symbols
    >>> from distconv import Binomial, Die
    >>> n, k = symbols("n k", integer=True, nonnegative=True)
    >>> walk = (n @ (Die(3) - 2)).recurrence(0, n)
    >>> walk.times(3)
    (n + 2)*a(n + 2) = (2*n + 3)*a(n + 1) + 3*(n + 1)*a(n) for n >= 0
    >>> [int(v) for v in walk.times(3).values(8)]
    [1, 1, 3, 7, 19, 51, 141, 393]
    >>> (n @ Die(6)).recurrence(k, k).order
    5
    >>> coins = Binomial(n, "1/2")
    >>> coins.recurrence(coins.pmf, n)
    2*(n + 1)*a(n + 1) = (2*n + 1)*a(n) for n >= 0
    """
    return recurrence_of(as_formula(self.law), x, letter)


def letters(self: Distribution) -> frozenset[sympy.Symbol]:
    """The free symbols of the weights; empty where these are numbers."""
    return self.law.letters


def assumptions(self: Distribution) -> tuple[sympy.Basic, ...]:
    """The conditions on letters under which all weights are probabilities, as sympy writes them, sorted."""
    return self.law.assumptions


def lambdify(self: Distribution, *letters: Any) -> Callable[..., Any]:
    """A fast function of letters, in doubles, for numbers and arrays; the letters are its arguments in this order.

    Of a law whose outcomes can be listed, ``f(*letters)`` gives the probabilities of all outcomes along a last axis, in
    the order of `X.to_arrays()`. Of a law by a formula, such as a
    family with letters, ``f(x, *letters)`` gives P(X = x). It is quick, and without a bound on rounding; for one
    guaranteed value use `subs`.

    Raises:
        DistconvTypeError: the law has no letters.
        DistconvValueError: a letter of the law is no argument, or no closed form is known.
    """
    return self.law.lambdify(letters)


def diff(self: Distribution, letter: sympy.Symbol | str) -> symbols.Sensitivity:
    """The derivatives of this law's answers by a letter: ``X.diff(p).mean()``, ``X.diff(p).sf(3)``.

    >>> from sympy import symbols
    >>> from distconv import Bernoulli
    >>> p = symbols("p")
    >>> (3 @ Bernoulli(p)).diff(p).mean()
    3
    """
    return symbols.Sensitivity(self, letter)


def plot(self: Distribution, ax: Axes | None = None, **options: Any) -> Axes:
    """A picture of the PMF on a matplotlib Axes; see `distconv.plot.plot`."""
    from distconv.plot import plot as drawn

    return drawn(self, ax, **options)


def to_float(self: Distribution) -> Distribution:
    """The law with floating weights: each exact one rounded once; of an infinite law in its tails, too."""
    found = floated(self.law)
    return self if found is self.law else self.of(found)


def to_dict(self: Distribution) -> dict[Outcome, Number]:
    """The probabilities by outcome, ascending."""
    self.law.check_listed("to_dict()")
    return dict(self)


def to_arrays(self: Distribution) -> tuple[AnyArray, AnyArray]:
    """(outcomes, weights): arrays (n,) or (n, d), and (n,); integers where outcomes are, floats or `Fraction`."""
    self.law.check_listed("to_arrays()")
    if self.law.spelled() is None:
        return arrays.listed(self.law.measure)
    rows = [as_vector(x) for x, _ in self]
    points = arrays.object_array([v for row in rows for v in row], (len(rows), self.ndim))
    return points[:, 0] if self.ndim == 1 else points, arrays.number_array([p for _, p in self], (len(rows),))


def without_missing(self: Distribution) -> Distribution:
    """The law of X, given that it is one of the outcomes that are known: nothing is `missing` from it.

    Its weights are those that are there, divided by their total. It is the law of X only where what is missing is
    nothing, or is not meant to count: a walk that never arrives, a loss that was never reported.

    >>> from distconv import Distribution
    >>> X = Distribution({1: "1/2", 2: "1/4"}, missing="1/4")
    >>> X.without_missing().to_dict()
    {1: Fraction(2, 3), 2: Fraction(1, 3)}
    """
    spelled = self.law.spelled()
    if spelled is not None:
        return self.of(spanned(self.of(spelled[0]).without_missing().law, spelled[1]))
    measure = self.law.measure
    return self.of(Finite(normalized(measure, 0.0), self.law.origin)) if measure.missing else self
