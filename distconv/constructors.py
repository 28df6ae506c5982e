"""What a law is made from and turned into: mappings, arrays, samples, other libraries; other kinds of weights."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from distconv import bounds, construction, convolution, symbols
from distconv.errors import DistconvTypeError
from distconv.measure import lookup
from distconv.risk import RiskMeasures
from distconv.weights import Floating, Symbolic

if TYPE_CHECKING:
    from distconv.distribution import Distribution
    from distconv.measure import Measure
    from distconv.planning import How


class Constructors(RiskMeasures):
    """The ways into `Distribution` and out of it."""

    __slots__ = ()

    _plan: How
    _of: Callable[..., Distribution]

    # Make ---------------------------------------------------------------------------------------------------------

    @classmethod
    def from_arrays(
        cls, outcomes: Any, weights: Any, *, normalize: bool = False, missing: Any = 0, step: Any = None
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
        return cls._of(construction.from_arrays(outcomes, weights, normalize=normalize, missing=missing, step=step))

    @classmethod
    def from_array(
        cls, weights: Any, *, origin: Any = 0, step: Any = 1, normalize: bool = False, missing: Any = 0
    ) -> Distribution:
        """The law of a dense array of weights, of any dimension, on the lattice origin + step * index.

        The weights total 1 - `missing`, the probability of what is not listed (see `Distribution`).

        >>> from distconv import Distribution
        >>> Distribution.from_array(["1/4", "3/4"], origin=10, step=5).to_dict()
        {10: Fraction(1, 4), 15: Fraction(3, 4)}
        """
        return cls._of(construction.from_array(weights, origin=origin, step=step, normalize=normalize, missing=missing))

    @classmethod
    def from_counts(cls, counts: Any, *, step: Any = None) -> Distribution:
        """The law in proportion to counts, or to any weights >= 0, by outcome or in pairs: exact where they are.

        Outcomes are rounded to multiples of `step` where given.

        >>> from distconv import Distribution
        >>> Distribution.from_counts({"0.5": 3, 1: 1}).pmf(0.5)
        Fraction(3, 4)
        """
        return cls._of(construction.from_counts(counts, step=step))

    @classmethod
    def from_samples(cls, data: Any, *, step: Any = None) -> Distribution:
        """The exact empirical law of observed outcomes (n,) or (n, d), rounded to multiples of `step` where given.

        Halves go to the even multiple. A table (a DataFrame) is read row by row.
        """
        return cls._of(construction.from_samples(data, step=step))

    @classmethod
    def from_scipy(
        cls, frozen: Any, *, tail: float = 1e-15, step: Any = None, rounding: str = "nearest"
    ) -> Distribution:
        """The law of a frozen scipy.stats law or of one of scipy's newer distribution objects."""
        from distconv.interop.scipy_stats import from_scipy

        return cls._of(from_scipy(frozen, tail=tail, step=step, rounding=rounding))

    @classmethod
    def from_pgf(cls, expr: Any, z: Any, *, terms: int | None = None) -> Distribution:
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

        return from_pgf(expr, z, terms)

    @classmethod
    def from_sympy(cls, variable: Any) -> Distribution:
        """The law of a random variable of sympy.stats; see `distconv.from_sympy`."""
        from distconv.interop.sympy_stats import from_sympy

        return from_sympy(variable)

    def to_sympy(self, name: str) -> Any:
        """A random variable of sympy.stats with this law (exact or symbolic, 1-D)."""
        from distconv.interop.sympy_stats import to_sympy

        return to_sympy(self, name)  # type: ignore[arg-type]

    def to_scipy(self) -> Any:
        """A frozen ``scipy.stats.rv_discrete`` with these outcomes and probabilities (1-D; whole or not)."""
        from distconv.interop.scipy_stats import to_scipy

        return to_scipy(self._measure)

    def to_exact(self, *, normalize: bool = False) -> Distribution:
        """The law with exact weights: each double is read as its shortest decimal, so 0.1 becomes 1/10.

        Args:
            normalize: divide by the total first, which for computed weights is rarely exactly 1.

        Raises:
            DistconvValueError: the decimals do not total 1 and `normalize` is not set.
        """
        if self.is_exact:
            return self  # type: ignore[return-value]
        vectors = list(lookup.positive_vectors(self._measure))
        values = decimals(self._measure)
        lost = Fraction(self.missing)
        # Exact weights and what is missing total 1: within what may be missing, the total says how much it is.
        rest = 1 - sum(values, start=Fraction(0))
        if lost and not normalize and 0 <= rest <= lost + Fraction(construction.TOTAL_TOLERANCE):
            lost = rest
        return self._of(construction.from_vectors(vectors, values, normalize=normalize, missing=lost))

    def subs(self, values: Mapping[Any, Any]) -> Distribution:
        """The law with values in place of letters: ``X.subs({p: "1/3"})`` is exact, ``X.subs({p: 0.3})`` floating.

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
        if self.kind != "symbolic":
            symbols.read_values(values, set())
            return self  # type: ignore[return-value]
        return self._of(symbols.substituted(self._measure, values), self._plan)

    def lambdify(self, *letters: Any) -> Callable[..., Any]:
        """A fast function of letters: arrays in, the probabilities of all outcomes out, along a last axis.

        It evaluates factored weights in doubles: quick, and without a bound on rounding; for one guaranteed value use
        `subs`.
        """
        return symbols.function_of(self._symbolic("lambdify"), letters)

    def diff(self, letter: Any) -> Any:
        """The derivatives of this law's answers by a letter: ``X.diff(p).mean()``, ``X.diff(p).sf(3)``.

        >>> from sympy import symbols
        >>> from distconv import Bernoulli
        >>> p = symbols("p")
        >>> (3 @ Bernoulli(p)).diff(p).mean()
        3
        """
        return symbols.Sensitivity(self, letter)

    @property
    def letters(self) -> frozenset[Any]:
        """The free symbols of the weights; empty where these are numbers."""
        if self.kind != "symbolic":
            return frozenset()
        weights = self._measure.weights
        return frozenset(weights.symbols()) if isinstance(weights, Symbolic) else frozenset()

    @property
    def assumptions(self) -> tuple[Any, ...]:
        """The conditions on letters under which all weights are probabilities, as sympy writes them, sorted."""
        if self.kind != "symbolic":
            return ()
        weights = self._measure.weights
        return tuple(sorted(weights.assumptions, key=str)) if isinstance(weights, Symbolic) else ()

    def _symbolic(self, what: str) -> Measure:
        """The measure, refused where there are no letters in it."""
        if self.kind != "symbolic":
            raise DistconvTypeError(f"{what} is for laws with letters; this one has numbers only")
        return self._measure

    def to_float(self) -> Distribution:
        """The law with floating weights: each exact one rounded once."""
        return self._of(convolution.as_floating(self._measure), self._plan)


def decimals(measure: Measure) -> list[Any]:
    """The positive weights, each double as its shortest decimal; below the doubles, as the number that it is."""
    weights = measure.weights
    assert isinstance(weights, Floating)
    doubles = weights.values()
    return [
        Fraction(str(float(v))) if v >= bounds.TINY else weights.exact_at(i)
        for i, v in enumerate(doubles)
        if weights.significands[i]
    ]
