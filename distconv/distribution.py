"""`Distribution`: what users hold. It reads arguments, asks the rooms below, wraps; no algorithm lives here."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import TYPE_CHECKING, Any, ClassVar

from distconv import closed_forms, construction, convolution, exchange, hints, missing, table, typeset
from distconv.checks import check_copies, check_function, check_integer
from distconv.coordinates import read_steps
from distconv.docstrings import answered_by, asked, asked_of_levels, asked_of_losses, drawn_by, quantile_by
from distconv.errors import DistconvTypeError, DistconvValueError
from distconv.measure import Measure, lookup, reading
from distconv.measure.terms import remember_terms
from distconv.monoids import read_modulus
from distconv.number_format import shown
from distconv.numbers.letters import has_letters
from distconv.planning import How, Origin
from distconv.queries import brackets, generating, losses, moments, probabilities, quantiles, sampling
from distconv.queries.cumulants import Moments
from distconv.queries.totals import Side
from distconv.settings import Settings, current_settings, made_under, under_own_settings
from distconv.support.outcomes import quotient
from distconv.support.sequence import Outcomes
from distconv.transforms import affine, comparison, conditioning, images, monoidal
from distconv.typing import (
    Answer,
    AnyArray,
    IntegerLike,
    Kind,
    Level,
    Matrix,
    Moment,
    Number,
    NumberLike,
    Outcome,
    OutcomeLike,
    PointLike,
    Question,
    RandomState,
    Scalar,
    ScalarLike,
    Shift,
    StepLike,
    Table,
    Transform,
    Vector,
    WeightLike,
)
from distconv.value import Value, write

GIVEN = Origin("given")


class Distribution(Value):
    """The law of a random variable: outcomes and their probabilities.

    A law, not a variable: it has no identity, so ``X + X`` is the sum of two independent draws. ``2 * X`` scales the
    outcomes, ``n @ X`` is the sum of n independent copies, ``X - X`` is not 0.

    Args:
        mapping: probabilities by outcome (a dict, a pandas Series, ...), or pairs of both. An outcome is a number (int,
            Fraction, Decimal, str like "1/10", sympy Rational, numpy scalar) or a tuple of numbers, a vector. A float
            is read as its shortest decimal, so 0.1 is 1/10; floats that together are a grid to within rounding, like
            0.1, 0.2 and 0.1 * 3, are that grid. Weights are exact (ints, Fractions, Decimals, strings, sympy
            Rationals), but one float makes all floating. Equal outcomes merge by adding; those of weight 0 drop out.
        normalize: divide the weights by their total first (with `missing`, so that they total what it leaves of 1).
        missing: the probability of what is not listed, in [0, 1): outcomes that lie one does not know where, perhaps
            at infinity. It travels through every operation; see the property `missing`.
        step: round the outcomes to the nearest multiples of this, one number or one per axis; halves go to the even
            multiple.

    Raises:
        DistconvValueError: weights that are negative, not finite or do not total 1 - missing (floats: within 1e-9).
        DistconvTypeError: outcomes or weights that are no numbers; not a mapping.
        DimensionError: outcomes of different dimensions.

    >>> from distconv import Distribution
    >>> coin = Distribution({0: "1/2", 1: "1/2"})
    >>> (coin + coin).to_dict()
    {0: Fraction(1, 4), 1: Fraction(1, 2), 2: Fraction(1, 4)}
    """

    __slots__ = ("_cache_", "_limits", "_plan", "_stored")
    _anew = "Distribution({...})"
    #: numpy arrays and scalars leave ``@``, ``*``, ``+`` and ``-`` to this class.
    __array_ufunc__: ClassVar[None] = None

    _stored: Measure | None
    _plan: How
    _cache_: dict[str, Any] | None
    #: The settings under which a law that is not laid out was made: its windows are made under them, too.
    _limits: Settings

    def __init__(
        self, mapping: Table, *, normalize: bool = False, missing: WeightLike = 0, step: StepLike | None = None
    ) -> None:
        self._set(construction.from_mapping(mapping, normalize=normalize, missing=missing, step=step), GIVEN)

    def _set(self, measure: Measure | None, plan: How) -> None:
        write(self, "_stored", measure)
        write(self, "_plan", plan)
        write(self, "_cache_", None)
        write(self, "_limits", current_settings())

    @classmethod
    def _of(cls, measure: Measure, plan: How = GIVEN) -> Distribution:
        """The law of a measure that is known to total 1."""
        law = object.__new__(Distribution)
        write(law, "_stored", measure)
        write(law, "_plan", plan)
        write(law, "_cache_", None)
        return law

    @property
    def _measure(self) -> Measure:
        return self._stored or self._laid_out()

    @under_own_settings
    def _laid_out(self) -> Measure:
        write(self, "_stored", self._materialise())
        return self._measure

    def _materialise(self) -> Measure:
        """The measure of a law that was given by parameters; families define it."""
        raise NotImplementedError

    @property
    def _cache(self) -> dict[str, Any]:
        cache = self._cache_
        if cache is None:
            cache = {}
            write(self, "_cache_", cache)
        return cache

    from_arrays, from_array = classmethod(exchange.from_arrays), classmethod(exchange.from_array)
    from_counts, from_samples = classmethod(exchange.from_counts), classmethod(exchange.from_samples)
    from_scipy = classmethod(exchange.from_scipy)
    from_sympy, from_pgf = staticmethod(exchange.from_sympy), staticmethod(exchange.from_pgf)

    to_dict, to_arrays, to_scipy, to_sympy = exchange.to_dict, exchange.to_arrays, exchange.to_scipy, exchange.to_sympy
    to_exact, to_float, without_missing = exchange.to_exact, exchange.to_float, exchange.without_missing
    subs, lambdify, diff, plot = exchange.subs, exchange.lambdify, exchange.diff, exchange.plot

    def __iter__(self) -> Iterator[tuple[Outcome, Number]]:
        """Pairs (outcome, probability), ascending: ``dict(X)`` is `to_dict`."""
        return lookup.entries_of(self._measure)

    @property
    def is_finite(self) -> bool:
        """Whether the law has finitely many outcomes."""
        return True

    @property
    def ndim(self) -> int:
        """The dimension of the outcomes, 1 for numbers and d for d-tuples."""
        return self._measure.box.ndim

    @property
    def shape(self) -> tuple[int, ...]:
        """How many lattice cells the outcomes span on each axis."""
        return self._measure.box.shape

    @property
    def kind(self) -> Kind:
        """``"exact"``, ``"symbolic"`` or ``"float"``: what the weights are."""
        return self._measure.weights.kind

    @property
    def is_exact(self) -> bool:
        """Whether the weights are exact, as fractions or as expressions in letters."""
        return self._measure.weights.is_exact

    @property
    def error(self) -> float:
        """A proven bound on the relative rounding error of every weight; 0.0 for exact ones."""
        return self._measure.weights.error

    @property
    def missing(self) -> float:
        """A proven upper bound on probability that lies one does not know where, perhaps at infinity; 0.0 if none.

        `pmf`, `cdf` and `prob` are then the smallest they can be, `cdf_bounds`, `sf_bounds` and `ppf_bounds` give both
        ends. Where more than 1e-8 may be missing, all other questions are refused unless the answer is certain.
        """
        return missing.bound(self._measure)

    @property
    def support(self) -> Outcomes:
        """The outcomes of positive probability, a lazy sorted sequence (len, indexing, slices, iteration, in)."""
        return lookup.support_of(self._measure)

    letters, assumptions = property(exchange.letters), property(exchange.assumptions)
    members, _residues = property(exchange.members), exchange.residues

    @asked(probabilities.pmf)
    def pmf(self, x: Question) -> Answer:
        """P(X = x): a `Fraction` of an exact law, a float of a floating one; 0 off the support."""
        return self._at(x)

    @asked(probabilities.logpmf)
    def logpmf(self, x: Question) -> Answer:
        """log P(X = x), natural, right also far below the smallest double; -inf off the support."""
        return self._at(x, log=True)

    @asked(probabilities.cdf)
    def cdf(self, x: Question) -> Answer:
        """P(X <= x), summed from the small end; the smallest it can be where mass is `missing` (see `cdf_bounds`)."""
        return self._beside(x, "cdf")

    @asked(probabilities.sf)
    def sf(self, x: Question) -> Answer:
        """P(X > x), summed from its own small end: as accurate as the PMF, never 1 - cdf."""
        return self._beside(x, "sf")

    @asked(probabilities.logcdf)
    def logcdf(self, x: Question) -> Answer:
        """log P(X <= x), right also far below the smallest double; the smallest it can be where mass is `missing`."""
        return self._beside(x, "cdf", log=True)

    @asked(probabilities.logsf)
    def logsf(self, x: Question) -> Answer:
        """log P(X > x), right also far below the smallest double; refused where more than 1e-8 is `missing`."""
        return self._beside(x, "sf", log=True)

    @answered_by(brackets.ends_beside)
    def cdf_bounds(self, x: Question) -> tuple[Any, Any]:
        """(low, high) between which P(X <= x) lies for certain, rounding and missing mass included."""
        return brackets.each_pair(lambda v: self._ends_beside(v, "cdf"), x)

    @answered_by(brackets.ends_beside)
    def sf_bounds(self, x: Question) -> tuple[Any, Any]:
        """(low, high) between which P(X > x) lies for certain, rounding and missing mass included."""
        return brackets.each_pair(lambda v: self._ends_beside(v, "sf"), x)

    @answered_by(moments.prob)
    def prob(self, predicate: Callable[[Any], object]) -> Number:
        """P(predicate(X)): the predicate gets each outcome (a tuple in n-D); the least it can be if mass is missing."""
        check_function(predicate, "prob")
        return moments.prob(self._measure, predicate)

    def _at(self, x: Any, *, log: bool = False) -> Any:
        """P(X = x), or its log."""
        return (probabilities.logpmf if log else probabilities.pmf)(self._measure, x)

    def _beside(self, x: Any, side: Side, *, log: bool = False) -> Any:
        """P(X <= x) or P(X > x), or the log."""
        return probabilities.certain(self._measure, x, side, log=log)

    def _ends_beside(self, x: Any, side: Side) -> tuple[Any, Any]:
        """The ends of P(X <= x) or of P(X > x) at one number."""
        return brackets.ends_beside(self._measure, x, side)

    def _quantile(self, q: Fraction, side: Side, rounded: bool) -> Outcome:
        """The smallest outcome x with P(X <= x) >= q ("cdf"), or with P(X > x) <= q ("sf")."""
        return quantiles.quantile(self._measure, q, side, rounded)

    def _quantile_ends(self, q: Fraction) -> tuple[Any, Any]:
        """The lowest and the highest outcome that the quantile may be."""
        return brackets.quantile_ends(self._measure, q)

    def _counted(self, keep: Fraction) -> Any:  # noqa: ARG002 - what counts with a recursion take
        """This law as a number of terms that are not 0 with probability `keep` (`methods.counts`); None of most."""
        return None

    def _jumps(self) -> Any:
        """The rate and the law of the jumps of a compound Poisson law; None of others."""
        return None

    def _log_mgf(self, t: float) -> float:
        """log E exp(t X) of a 1-D law; infinite where it is, or too large."""
        return generating.log_mgf(self._measure, t)

    @property
    def _moments(self) -> Moments:
        """What answers for the moments."""
        return moments.MeasureMoments(self._measure)

    @quantile_by(quantiles.quantile)
    def ppf(self, q: Level) -> Outcome | Any:
        """Quantiles: the smallest outcome x with P(X <= x) >= q; q = 0 gives the lowest outcome, q = 1 the highest."""
        return quantiles.at_levels(lambda level, rounded: self._quantile(level, "cdf", rounded), q)

    @quantile_by(quantiles.quantile)
    def isf(self, q: Level) -> Outcome | Any:
        """The smallest outcome x with P(X > x) <= q, found in sums from the upper end; refused as `ppf` is."""
        return quantiles.at_levels(lambda level, rounded: self._quantile(level, "sf", rounded), q)

    @answered_by(brackets.quantile_ends)
    def ppf_bounds(self, q: Level) -> tuple[Any, Any]:
        """(low, high) between which the quantile `ppf(q)` lies for certain, rounding and missing mass included."""
        return brackets.each_pair(lambda v: self._quantile_ends(reading.read_level(v, "q")), q)

    def median(self) -> Scalar:
        """The smallest outcome x with P(X <= x) >= 1/2; refused as `ppf` is."""
        return self.ppf(Fraction(1, 2))

    def interval(self, confidence: ScalarLike) -> tuple[Scalar, Scalar]:
        """(low, high): the quantiles that leave (1 - confidence) / 2 on either side; refused as `ppf` is."""
        level = reading.read_level(confidence, "confidence")
        return self.ppf((1 - level) / 2), self.ppf((1 + level) / 2)

    @answered_by(quantiles.mode)
    def mode(self) -> Outcome:
        """The outcome of the largest probability, the lowest of several; refused where more may be `missing`."""
        return quantiles.mode(self._measure)

    @answered_by(moments.MeasureMoments.mean)
    def mean(self) -> Moment:
        """The expected outcome: a `Fraction` or float in 1-D; in n-D an array (d,); refused if 1e-8 is `missing`."""
        return self._moments.mean()

    @answered_by(moments.MeasureMoments.var)
    def var(self) -> Moment:
        """The variance; in n-D an array (d,) of those of the coordinates; refused where more than 1e-8 is `missing`."""
        return self._moments.var()

    @answered_by(moments.MeasureMoments.std)
    def std(self) -> float | Any:
        """The standard deviation, a float; in n-D an array (d,); refused where more than 1e-8 is `missing`."""
        return self._moments.std()

    @answered_by(moments.MeasureMoments.cov)
    def cov(self) -> Moment:
        """The covariance matrix, an array (d, d) of `Fraction` or float64; refused where over 1e-8 is `missing`."""
        return self._moments.cov()

    @answered_by(moments.MeasureMoments.skewness)
    def skewness(self) -> Moment:
        """E[(X - mean)**3] / sd**3, a float (an expression where there are letters); NaN for one point."""
        return self._moments.skewness()

    @answered_by(moments.MeasureMoments.kurtosis)
    def kurtosis(self) -> Moment:
        """Excess kurtosis E[(X - mean)**4] / var**2 - 3, exact of an exact law; NaN for one point."""
        return self._moments.kurtosis()

    @answered_by(moments.MeasureMoments.moment)
    def moment(self, k: IntegerLike) -> Moment:
        """E[X**k], 1-D; refused where more than 1e-8 is `missing`."""
        return self._moments.moment(check_integer("k", k, at_least=0))

    @answered_by(moments.MeasureMoments.cumulant)
    def cumulant(self, k: IntegerLike) -> Moment:
        """The k-th cumulant, k >= 1, 1-D; cumulants of independent summands add; refused as `moment` is."""
        return self._moments.cumulant(check_integer("k", k, at_least=1))

    @answered_by(moments.entropy)
    def entropy(self, base: float | None = None) -> float:
        """- sum p log p in nats, or in units of log(base): base=2 gives bits; refused where over 1e-8 is `missing`."""
        return moments.entropy(self._measure, base)

    @answered_by(moments.expect)
    def expect(self, f: Callable[[Any], Any]) -> Answer:
        """E[f(X)]: f gets each outcome (a tuple in n-D); exact where both the law and f's values are."""
        check_function(f, "expect")
        return moments.expect(self._measure, f)

    @answered_by(generating.pgf)
    def pgf(self, z: PointLike | tuple[PointLike, ...]) -> Transform:
        """E[z**X], the probability generating function (in n-D of a tuple z: E[z1**X1 ... zd**Xd])."""
        return generating.pgf(self._measure, z)

    @answered_by(generating.cf)
    def cf(self, t: Question) -> Transform:
        """E[exp(i t X)], the characteristic function: complex; t a number or array (in n-D (..., d))."""
        return generating.cf(self._measure, t)

    @asked_of_losses(losses.stop_loss)
    def stop_loss(self, d: Question) -> Answer:
        """E max(X - d, 0): the premium of what exceeds a retention d, summed from the far end."""
        return losses.stop_loss(self._measure, d)

    @asked_of_levels(losses.tail_mean)
    def tail_mean(self, q: Level) -> Answer:
        """The mean of the worst part 1 - q of the outcomes (TVaR, expected shortfall): v + stop_loss(v) / (1 - q)."""
        self._settled("the tail's mean", f"tail_mean({q!r})")
        return losses.tail_mean(self.ppf, self.stop_loss, q)

    @drawn_by(sampling.draw)
    def rvs(self, size: int | tuple[int, ...] | None = None, rng: RandomState = None) -> Outcome | AnyArray:
        """Random outcomes; refused where more than 1e-8 is `missing`."""
        return sampling.draw(self._measure, size, rng)

    def _settled(self, what: str, call: str | None, least: float = -math.inf) -> None:
        """Refuses a question whose answer may be anything from `least` on, once enough is missing."""
        missing.check_settled(self.missing, what, call, least)

    def __add__(self, other: Distribution | Shift) -> Distribution:
        """The law of the sum of two *independent* variables, or this law shifted by a number or vector.

        ``X + X`` is the sum of two independent draws, not 2 * X.
        """
        if isinstance(other, Distribution):
            return _sum(self, other)
        by = reading.read_constant(other)
        return NotImplemented if by is None else self._shift(by, "add")

    __radd__ = __add__

    def __sub__(self, other: Distribution | Shift) -> Distribution:
        """The law of the difference of two independent variables (``X - X`` is not 0), or a shift."""
        if isinstance(other, Distribution):
            return _sum(self, -other)
        by = reading.read_constant(other)
        return NotImplemented if by is None else self._shift(by, "subtract")

    def __rsub__(self, other: Shift) -> Distribution:
        return (-self).__add__(other)

    def _shift(self, by: Outcome, verb: str) -> Distribution:
        vector = reading.read_shift(by, self.ndim, verb)
        return self._shifted(vector) if any(vector) else self

    def _shifted(self, by: Vector) -> Distribution:
        return self._of(affine.shifted(self._measure, by), self._plan)

    def __neg__(self) -> Distribution:
        """The law of -X."""
        return self._scaled(-1)

    def __pos__(self) -> Distribution:
        return self

    def __mul__(self, other: NumberLike) -> Distribution:
        """The law of c * X for a number c: outcomes scale, probabilities stay. For n copies summed write ``n @ X``."""
        if isinstance(other, Distribution):
            hints.no_product()
        factor = reading.read_constant(other)
        if isinstance(factor, tuple):
            raise DistconvTypeError(f"cannot scale by the vector {factor}; use a matrix: [[2, 0], [0, 3]] @ X")
        return NotImplemented if factor is None else self._scaled(factor)

    __rmul__ = __mul__

    def __truediv__(self, other: NumberLike) -> Distribution:
        factor = None if isinstance(other, Distribution) else reading.read_constant(other)
        if factor is None or isinstance(factor, tuple):
            raise DistconvTypeError(f"a law can be divided by a number only, got {other!r}")
        if not factor:
            raise DistconvValueError("cannot divide a law by 0")
        return self._scaled(quotient(1, factor))

    def _scaled(self, factor: Scalar) -> Distribution:
        return self._of(affine.scaled(self._measure, factor), self._plan) if factor else self._zero()

    def _zero(self) -> Distribution:
        """The law of the constant 0, of this dimension."""
        return self._of(construction.exact_measure({(0,) * self.ndim: Fraction(1)}))

    def __matmul__(self, other: Distribution) -> Distribution:
        """``N @ X``: the law of the sum of a random number N of independent copies of X; see `distconv.compound`."""
        if not isinstance(other, Distribution):
            reading.no_copies(other)
        from distconv.compounds import compound

        return compound(self, other)

    def __rmatmul__(self, other: IntegerLike | Matrix) -> Distribution:
        """``n @ X``: the sum of n independent copies; ``matrix @ X``: the law of the image under a matrix."""
        if reading.is_matrix(other):
            return self._of(images.linear(self._measure, reading.read_matrix(other, self.ndim)))
        if has_letters(other):
            from distconv.formulas.sums import copies_of

            return copies_of(self, other)
        n = check_copies(other)
        return self._copies(n) if n > 1 else self if n else self._zero()

    def _copies(self, n: int) -> Distribution:
        """The sum of n >= 2 independent copies."""
        closed = closed_forms.power(self, n)
        if closed is not None:
            return closed
        total, plan = convolution.power(self._measure, n)
        remember_terms(total, [(self._measure, n)])
        return self._of(total, plan)

    @answered_by(monoidal.folded)
    def __mod__(self, other: OutcomeLike) -> Distribution:
        """The law of the remainder X modulo n, a positive number or a tuple of them: 0 <= X % n < n."""
        if isinstance(other, Distribution):
            raise DistconvTypeError("a law modulo a law is not defined; X % 7 takes a number")
        return self._residues(read_modulus(other))

    @answered_by(images.pushforward)
    def map(self, f: Callable[[Any], Any]) -> Distribution:
        """The law of f(X); f gets each outcome (a tuple in n-D) and returns a number or tuple."""
        check_function(f, "map")
        return self._of(images.pushforward(self._measure, f))

    @answered_by(images.rounded)
    def round(self, step: StepLike) -> Distribution:
        """The law of X rounded to the nearest multiple of a step; halves go to the even multiple."""
        return self._of(images.rounded(self._measure, read_steps(step, self.ndim)))

    def marginal(self, *axes: int) -> Distribution:
        """The law of some coordinates, in the order given; X.marginal(0) is a law of numbers."""
        return self._of(images.marginal(self._measure, reading.read_axes(axes, self.ndim)))

    @answered_by(conditioning.given)
    def given(self, predicate: Callable[[Any], object]) -> Distribution:
        """The law of X, known that predicate(X) holds."""
        check_function(predicate, "given")
        return self._known(*conditioning.given(self._measure, predicate))

    @answered_by(conditioning.within)
    def truncate(self, low: OutcomeLike | None = None, high: OutcomeLike | None = None) -> Distribution:
        """The law of X, known that low <= X <= high, coordinate by coordinate; None leaves an end open."""
        least, most = reading.read_corners(low, high, self.ndim)
        return self._known(*conditioning.within(self._between(least, most), least, most))

    def clip(self, low: OutcomeLike | None = None, high: OutcomeLike | None = None) -> Distribution:
        """The law of min(max(X, low), high), coordinate by coordinate; None leaves an end open."""
        return self._of(images.clipped(self._measure, *reading.read_corners(low, high, self.ndim)))

    def given_sum(self, other: Distribution, total: OutcomeLike | Callable[[Any], object]) -> Distribution:
        """The law of X once X + Y is known: where the ball was after the first drop, given where it ended.

        The total is a value, or a predicate of X + Y. Exact for exact laws, of any dimension; infinite laws too.
        ``Die(6).given_sum(Die(6), 4)`` is the law of the first of two dice that total 4.
        """
        from distconv.given_sum import given_sum

        return given_sum(self, other, total)

    def _between(self, low: Vector | None, high: Vector | None) -> Measure:  # noqa: ARG002 - infinite laws need it
        """A measure that is complete between two corners, ends included."""
        return self._measure

    def _spacing(self) -> Scalar:
        """The distance of neighbours on the lattice, 1-D."""
        return self._measure.box.step[0]

    @classmethod
    def _known(cls, measure: Measure, probability: Any) -> Distribution:
        """A conditional law, which says how likely its condition was."""
        return cls._of(measure, Origin("given", f"known an event of probability {shown(probability)}"))

    def __eq__(self, other: object) -> bool:
        """Whether both are the same law: the same outcomes with the same weights, as numbers."""
        if not isinstance(other, Distribution):
            return NotImplemented
        if self is other or not (self.is_finite and other.is_finite):
            return self is other or self._same_infinite(other)
        return comparison.equal(self._measure, other._measure)

    def _same_infinite(self, other: Distribution) -> bool:
        """Equality where at least one law is infinite."""
        return False if self.is_finite else other._same_infinite(self) if other.is_finite else False

    def __hash__(self) -> int:
        return comparison.fingerprint(self._measure)

    def __contains__(self, outcome: Any) -> bool:
        """Whether an outcome has a probability above 0: ``7 in 2 @ Die(6)``."""
        return outcome in self.support

    # What a law is not: type checkers refuse it, and would take any name for an attribute.
    if not TYPE_CHECKING:
        __lt__ = __le__ = __gt__ = __ge__ = hints.no_order
        __pow__, __bool__, __len__, __getitem__ = hints.no_power, hints.no_truth, hints.no_length, hints.no_entry
        __getattr__ = hints.no_attribute

    def how(self) -> How:
        """The plan by which this law was computed: method, cells, predicted time, reason; else its origin."""
        return self._plan

    __repr__, __format__ = table.summary, table.formatted
    _repr_html_, _repr_latex_ = table.html, typeset.displayed

    def __str__(self) -> str:
        return table.text(self)

    def _latex(self, printer: Any) -> str:  # noqa: ARG002 - how sympy.latex asks
        return typeset.latex(self)

    def _anew_by(self) -> tuple[Callable[..., Distribution], tuple[Any, ...]] | None:
        """What makes a law that is not laid out anew, and from what; None of others."""
        return None

    def __reduce__(self) -> Any:
        made = self._anew_by()
        return (Distribution._of, (self._measure, self._plan)) if made is None else (made_under, (self._limits, *made))


def _sum(x: Distribution, y: Distribution) -> Distribution:
    """The law of the sum of two independent variables: a closed form, an infinite sum, or a convolution."""
    closed = closed_forms.add(x, y)
    if closed is not None:
        return closed
    reading.check_addable(x.ndim, y.ndim)
    if not (x.is_finite and y.is_finite):
        return (y if x.is_finite else x)._sum_of([(x, 1), (y, 1)])  # type: ignore[attr-defined, no-any-return]
    a, b = x._measure, y._measure
    total, plan = convolution.convolve(a, b)
    remember_terms(total, [(a, 1), (b, 1)])
    return Distribution._of(total, plan)
