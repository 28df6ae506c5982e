"""`Distribution`: what users hold. It reads arguments, asks the rooms below, wraps; no algorithm lives here."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, cast, final

from distconv import construction, events, exchange, hints, severities, table, typeset
from distconv.algebra import spanning, sums
from distconv.checks import check_copies, check_function, check_integer
from distconv.coordinates import read_steps
from distconv.docstrings import answered_by, asked, asked_of_levels, asked_of_losses, drawn_by, quantile_by
from distconv.errors import DimensionError, DistconvTypeError, DistconvValueError
from distconv.laws import image
from distconv.laws.boxes import in_box, read_corner
from distconv.laws.expressed import at_irrationals
from distconv.laws.law import Law
from distconv.laws.restricting import clipped, given, mapped, marginal, of_window, truncated
from distconv.laws.whole_parts import modulo
from distconv.measure import reading
from distconv.numbers.letters import expression_of, has_letters, is_expression
from distconv.planning import How
from distconv.queries import assuming, boxes, brackets, generating, losses, moments, probabilities, quantiles, sampling
from distconv.support.outcomes import quotient
from distconv.support.sequence import Outcomes
from distconv.transforms import conditioning, images, monoidal
from distconv.typing import (
    Answer,
    AnyArray,
    CornerLike,
    End,
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
    WeightLike,
)
from distconv.value import Value, write

if TYPE_CHECKING:
    import sympy


@final
class Distribution(Value):
    """The law of a random variable: outcomes and their probabilities.

    A law, not a variable: it has no identity, so ``X + X`` is the sum of two independent draws. ``2 * X`` scales the
    outcomes, ``n @ X`` is the sum of n independent copies, ``X - X`` is not 0.

    Args:
        mapping: probabilities by outcome (a dict, a pandas Series, ...), or pairs of both. An outcome is a number (int,
            Fraction, Decimal, str like "1/10", numpy scalar), a real expression of sympy's (``sqrt(2)``, a letter), of
            which equal ones merge, or a tuple of these, a vector. A float
            is read as its shortest decimal, so 0.1 is 1/10; floats that together are a grid to within rounding, like
            0.1, 0.2 and 0.1 * 3, are that grid. Weights are exact (ints, Fractions, Decimals, strings, sympy
            Rationals), or sympy expressions (letters, sqrt(2)/2); one float makes all floating. Equal outcomes merge by
            adding; those of weight 0 drop out.
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

    __slots__ = {"law": "The frozen record of `distconv.laws` that answers."}
    _anew = "Distribution({...})"
    #: numpy arrays and scalars leave ``@``, ``*``, ``+`` and ``-`` to this class.
    __array_ufunc__: ClassVar[None] = None
    #: So do sympy's matrices.
    _op_priority: ClassVar[float] = 20.0

    law: Law

    def __init__(
        self, mapping: Table, *, normalize: bool = False, missing: WeightLike = 0, step: StepLike | None = None
    ) -> None:
        pairs = construction.read_pairs(mapping)
        write(self, "law", spanning.from_pairs(*pairs, normalize=normalize, missing=missing, step=step))

    @staticmethod
    def of(law: Law) -> Distribution:
        """The distribution that is a law of `distconv.laws`: for those who write families and kinds of law."""
        made = object.__new__(Distribution)
        write(made, "law", law)
        return made

    @property
    def family(self) -> str | None:
        """The name of the family, ``"Poisson"``; None of laws that are none."""
        return self.law.family

    @property
    def parameters(self) -> Mapping[str, Any]:
        """The parameters of the family by their names, ``{"lam": 3}``; empty of laws that are none."""
        return MappingProxyType(dict(zip(self.law.parameters, self.law.values(), strict=True)))

    from_arrays, from_array = classmethod(exchange.from_arrays), classmethod(exchange.from_array)
    from_counts, from_samples = classmethod(exchange.from_counts), classmethod(exchange.from_samples)
    from_scipy = cast("severities.FromScipy", classmethod(severities.from_scipy))
    from_cdf = cast("severities.FromCdf", classmethod(severities.from_cdf))
    from_sympy, from_pgf = classmethod(exchange.from_sympy), classmethod(exchange.from_pgf)

    to_dict, to_arrays, to_scipy, to_sympy = exchange.to_dict, exchange.to_arrays, exchange.to_scipy, exchange.to_sympy
    to_exact, to_float, to_symbolic = exchange.to_exact, exchange.to_float, exchange.to_symbolic
    without_missing = exchange.without_missing
    subs, lambdify, diff, plot = exchange.subs, exchange.lambdify, exchange.diff, exchange.plot
    limit, recurrence = exchange.limit, exchange.recurrence

    def __iter__(self) -> Iterator[tuple[Outcome, Number]]:
        """Pairs (outcome, probability), ascending: ``dict(X)`` is `to_dict`."""
        return self.law.entries()

    @property
    def is_finite(self) -> bool:
        """Whether the law has finitely many outcomes."""
        return self.law.is_finite

    @property
    def ndim(self) -> int:
        """The dimension of the outcomes, 1 for numbers and d for d-tuples."""
        return self.law.ndim

    @property
    def shape(self) -> tuple[int, ...]:
        """How many lattice cells the outcomes span on each axis."""
        return self.law.shape

    @property
    def kind(self) -> Kind:
        """``"exact"``, ``"symbolic"`` or ``"float"``: what the weights are."""
        return self.law.kind

    @property
    def is_exact(self) -> bool:
        """Whether the weights are exact, as fractions or as expressions."""
        return self.law.is_exact

    @property
    def error(self) -> float:
        """A proven bound on the relative rounding error of every weight; 0.0 for exact ones."""
        return self.law.error

    @property
    def missing(self) -> float:
        """A proven upper bound on probability that lies one does not know where, perhaps at infinity; 0.0 if none.

        `pmf`, `cdf` and `prob` are then the smallest they can be, `cdf_bounds`, `sf_bounds` and `ppf_bounds` give both
        ends. Where more than 1e-8 may be missing, all other questions are refused unless the answer is certain.
        Of an infinite law it is what `prob`, `map` and `print` miss, which list outcomes; all others miss nothing.
        """
        return self.law.missing

    @property
    def support(self) -> Outcomes:
        """The outcomes of positive probability, a lazy sorted sequence (len, indexing, slices, iteration, in)."""
        found: Outcomes = self.law.support
        return found

    @property
    def low(self) -> End:
        """The lowest outcome of a law of numbers; None where there is none; an expression where its end is a letter."""
        return self._end("low")

    @property
    def high(self) -> End:
        """The highest outcome of a law of numbers; None where there is none; an expression where its end is one."""
        return self._end("high")

    def _end(self, end: str) -> End:
        if self.ndim > 1:
            raise DimensionError(
                f"{end} is for 1-D laws, this one is {self.ndim}-D; take a marginal: X.marginal(0).{end}"
            )
        return self.law.low if end == "low" else self.law.high

    @property
    def formula(self) -> sympy.Expr:
        """The sympy expression in the symbol k that is P(X = k), of laws by a formula; others have none."""
        return self.law.formula

    letters, assumptions = property(exchange.letters), property(exchange.assumptions)

    @property
    def members(self) -> tuple[Distribution, ...]:
        """The independent laws that a joint law is kept as; this law itself where it is none such."""
        members = self.law.members
        return (self,) if members == (self.law,) else tuple(map(Distribution.of, members))

    @asked(probabilities.pmf)
    @at_irrationals
    def pmf(self, x: Question, *, assume: object = None) -> Answer:
        """P(X = x): a `Fraction` of an exact law, a float of a floating one; 0 off the support.

        Under ``assume=k <= n`` (a relation of sympy, a conjunction, or several) an answer with letters is without the
        cases that cannot occur then, ready for sympy's `limit`, `series` and `diff`; so are those of `cdf`, `sf` and
        the logs. Numbers hold under every condition.
        """
        return self.law.at(x) if assume is None else self._assuming(self.law.at(x), assume)

    @asked(probabilities.logpmf)
    @at_irrationals
    def logpmf(self, x: Question, *, assume: object = None) -> Answer:
        """log P(X = x), natural, right also far below the smallest double; -inf off the support."""
        return self.law.at(x, log=True) if assume is None else self._assuming(self.law.at(x, log=True), assume)

    @asked(probabilities.cdf)
    @at_irrationals
    def cdf(self, x: Question, *, assume: object = None) -> Answer:
        """P(X <= x), summed from the small end; the smallest it can be where mass is `missing` (see `cdf_bounds`)."""
        return self.law.beside(x, "cdf") if assume is None else self._assuming(self.law.beside(x, "cdf"), assume)

    @asked(probabilities.sf)
    @at_irrationals
    def sf(self, x: Question, *, assume: object = None) -> Answer:
        """P(X > x), summed from its own small end: as accurate as the PMF, never 1 - cdf."""
        return self.law.beside(x, "sf") if assume is None else self._assuming(self.law.beside(x, "sf"), assume)

    @asked(probabilities.logcdf)
    @at_irrationals
    def logcdf(self, x: Question, *, assume: object = None) -> Answer:
        """log P(X <= x), right also far below the smallest double; the smallest it can be where mass is `missing`."""
        return (
            self.law.beside(x, "cdf", log=True)
            if assume is None
            else self._assuming(self.law.beside(x, "cdf", log=True), assume)
        )

    @asked(probabilities.logsf)
    @at_irrationals
    def logsf(self, x: Question, *, assume: object = None) -> Answer:
        """log P(X > x), right also far below the smallest double; refused where more than 1e-8 is `missing`."""
        return (
            self.law.beside(x, "sf", log=True)
            if assume is None
            else self._assuming(self.law.beside(x, "sf", log=True), assume)
        )

    def _assuming(self, answer: Answer, assume: object) -> Answer:
        return assuming.assuming(answer, assume, self.law.assumptions)

    @answered_by(brackets.ends_beside)
    @at_irrationals
    def cdf_bounds(self, x: Question) -> tuple[Any, Any]:
        """(low, high) between which P(X <= x) lies for certain, rounding and missing mass included."""
        return brackets.each_pair(lambda v: self.law.ends_beside(v, "cdf"), x)

    @answered_by(brackets.ends_beside)
    @at_irrationals
    def sf_bounds(self, x: Question) -> tuple[Any, Any]:
        """(low, high) between which P(X > x) lies for certain, rounding and missing mass included."""
        return brackets.each_pair(lambda v: self.law.ends_beside(v, "sf"), x)

    @answered_by(moments.prob)
    def prob(self, predicate: Callable[[Any], object]) -> Number:
        """P(predicate(X)): the predicate gets each outcome (a tuple in n-D); the least it can be if mass is missing."""
        check_function(predicate, "prob")
        return self.law.prob(predicate)

    @answered_by(boxes.prob_box)
    @at_irrationals
    def prob_box(self, low: CornerLike = None, high: CornerLike = None) -> Number:
        """P(low <= X <= high), on every axis; the least it can be if mass is missing."""
        return in_box(self.law, *(read_corner(*end) for end in ((low, self.ndim, "low"), (high, self.ndim, "high"))))

    @quantile_by(quantiles.quantile)
    def ppf(self, q: Level) -> Outcome | Any:
        """Quantiles: the smallest outcome x with P(X <= x) >= q; q = 0 gives the lowest outcome, q = 1 the highest."""
        return quantiles.at_levels(lambda level, rounded: self.law.quantile(level, "cdf", rounded), q)

    @quantile_by(quantiles.quantile)
    def isf(self, q: Level) -> Outcome | Any:
        """The smallest outcome x with P(X > x) <= q, found in sums from the upper end; refused as `ppf` is."""
        return quantiles.at_levels(lambda level, rounded: self.law.quantile(level, "sf", rounded), q)

    @answered_by(brackets.quantile_ends)
    def ppf_bounds(self, q: Level) -> tuple[Any, Any]:
        """(low, high) between which the quantile `ppf(q)` lies for certain, rounding and missing mass included."""
        return brackets.each_pair(lambda v: self.law.quantile_ends(reading.read_level(v, "q")), q)

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
        return self.law.mode()

    @answered_by(moments.MeasureMoments.mean)
    def mean(self) -> Moment:
        """The expected outcome: a `Fraction` or float in 1-D; in n-D an array (d,); refused if 1e-8 is `missing`."""
        return self.law.mean()

    @answered_by(moments.MeasureMoments.var)
    def var(self) -> Moment:
        """The variance; in n-D an array (d,) of those of the coordinates; refused where more than 1e-8 is `missing`."""
        return self.law.var()

    @answered_by(moments.MeasureMoments.std)
    def std(self) -> float | Any:
        """The standard deviation, a float; in n-D an array (d,); refused where more than 1e-8 is `missing`."""
        return self.law.std()

    @answered_by(moments.MeasureMoments.cov)
    def cov(self) -> Moment:
        """The covariance matrix, an array (d, d) of `Fraction` or float64; refused where over 1e-8 is `missing`."""
        return self.law.cov()

    @answered_by(moments.MeasureMoments.skewness)
    def skewness(self) -> Moment:
        """E[(X - mean)**3] / sd**3, a float (an expression where there are letters); NaN for one point."""
        return self.law.moments.skewness()

    @answered_by(moments.MeasureMoments.kurtosis)
    def kurtosis(self) -> Moment:
        """Excess kurtosis E[(X - mean)**4] / var**2 - 3, exact of an exact law; NaN for one point."""
        return self.law.moments.kurtosis()

    @answered_by(moments.MeasureMoments.moment)
    def moment(self, k: IntegerLike) -> Moment:
        """E[X**k], 1-D; refused where more than 1e-8 is `missing`."""
        return self.law.moments.moment(check_integer("k", k, at_least=0))

    @answered_by(moments.MeasureMoments.cumulant)
    def cumulant(self, k: IntegerLike) -> Moment:
        """The k-th cumulant, k >= 1, 1-D; cumulants of independent summands add; refused as `moment` is."""
        return self.law.moments.cumulant(check_integer("k", k, at_least=1))

    @answered_by(moments.entropy)
    def entropy(self, base: float | None = None) -> float:
        """- sum p log p in nats, or in units of log(base): base=2 gives bits; refused where over 1e-8 is `missing`."""
        return self.law.entropy(base)

    @answered_by(moments.expect)
    def expect(self, f: Callable[[Any], Any]) -> Answer:
        """E[f(X)]: f gets each outcome (a tuple in n-D); exact where both the law and f's values are."""
        check_function(f, "expect")
        return self.law.expect(f)

    @answered_by(generating.pgf)
    def pgf(self, z: PointLike | tuple[PointLike, ...]) -> Transform:
        """E[z**X], the probability generating function (in n-D of a tuple z: E[z1**X1 ... zd**Xd])."""
        return self.law.pgf(z)

    @answered_by(generating.cf)
    def cf(self, t: Question) -> Transform:
        """E[exp(i t X)], the characteristic function: complex; t a number or array (in n-D (..., d))."""
        return self.law.cf(t)

    @asked_of_losses(losses.stop_loss)
    @at_irrationals
    def stop_loss(self, d: Question) -> Answer:
        """E max(X - d, 0): the premium of what exceeds a retention d, summed from the far end."""
        return self.law.stop_loss(d)

    @asked_of_levels(losses.tail_mean)
    def tail_mean(self, q: Level) -> Answer:
        """The mean of the worst part 1 - q of the outcomes (TVaR, expected shortfall): v + stop_loss(v) / (1 - q)."""
        self.law.settled("the tail's mean", f"tail_mean({q!r})")
        return losses.tail_mean(self.ppf, self.stop_loss, q)

    @drawn_by(sampling.draw)
    def rvs(self, size: int | tuple[int, ...] | None = None, rng: RandomState = None) -> Outcome | AnyArray:
        """Random outcomes; refused where more than 1e-8 is `missing`."""
        drawn: Outcome | AnyArray = self.law.rvs(size, rng)
        return drawn

    def __add__(self, other: Distribution | Shift) -> Distribution:
        """The law of the sum of two *independent* variables, or this law shifted by a number or vector.

        ``X + X`` is the sum of two independent draws, not 2 * X.
        """
        if isinstance(other, Distribution):
            total = sums.add(self.law, other.law)
            return self if total is self.law else Distribution.of(total)
        return self._shift(other, "add", 1)

    __radd__ = __add__

    def __sub__(self, other: Distribution | Shift) -> Distribution:
        """The law of the difference of two independent variables (``X - X`` is not 0), or a shift."""
        if isinstance(other, Distribution):
            return Distribution.of(sums.subtract(self.law, other.law))
        return self._shift(other, "subtract", -1)

    def __rsub__(self, other: Shift) -> Distribution:
        return (-self).__add__(other)

    def _shift(self, other: Any, verb: str, sign: int) -> Distribution:
        """The law moved by a number, a vector, or (a law by a formula) an expression."""
        by = reading.read_constant(other)
        if by is None:
            moved = spanning.displaced(self.law, other, sign)
            return NotImplemented if moved is None else Distribution.of(moved)
        vector = reading.read_shift(by, self.ndim, verb)
        return Distribution.of(image.shifted(self.law, vector)) if any(vector) else self

    def __neg__(self) -> Distribution:
        """The law of -X."""
        return self._scale(-1)

    def __pos__(self) -> Distribution:
        return self

    def __mul__(self, other: NumberLike) -> Distribution:
        """The law of c * X for a number c: outcomes scale, probabilities stay. For n copies summed write ``n @ X``."""
        hints.no_product(other)
        factor = reading.read_constant(other)
        if isinstance(factor, tuple):
            raise DistconvTypeError(f"cannot scale by the vector {factor}; use a matrix: [[2, 0], [0, 3]] @ X")
        if factor is not None:
            return self._scale(factor)
        found = spanning.multiplied(self.law, other)
        return NotImplemented if found is None else Distribution.of(found)

    __rmul__ = __mul__

    def __truediv__(self, other: NumberLike) -> Distribution:
        factor = reading.read_constant(other)
        if factor is None and is_expression(other):
            return self.__mul__(expression_of(1) / expression_of(other))
        if factor is None or isinstance(factor, tuple):
            raise DistconvTypeError(f"a law can be divided by a number only, got {other!r}")
        if not factor:
            raise DistconvValueError("cannot divide a law by 0")
        return self._scale(quotient(1, factor))

    def _scale(self, factor: Scalar) -> Distribution:
        return Distribution.of(image.scaled(self.law, factor))

    def __matmul__(self, other: Distribution) -> Distribution:
        """``N @ X``: the law of the sum of a random number N of independent copies of X; see `distconv.compound`."""
        if not hasattr(other, "law"):
            if reading.knows_copies(other):
                return NotImplemented
            reading.no_copies(other)
        from distconv.algebra.compound import compound

        return Distribution.of(compound(self.law, other.law))

    def __rmatmul__(self, other: IntegerLike | Matrix) -> Distribution:
        """``n @ X``: the sum of n independent copies; ``matrix @ X``: the law of the image under a matrix."""
        if reading.is_matrix(other):
            return Distribution.of(spanning.linear(self.law, other))
        if has_letters(other):
            from distconv.formulas.vectors import copies_of

            return Distribution.of(copies_of(self.law, other))
        return Distribution.of(sums.copies(self.law, check_copies(other)))

    @answered_by(monoidal.folded)
    def __mod__(self, other: OutcomeLike) -> Distribution:
        """The law of the remainder X modulo n, a positive number or a tuple of them: 0 <= X % n < n."""
        if isinstance(other, Distribution):
            raise DistconvTypeError("a law modulo a law is not defined; X % 7 takes a number")
        return Distribution.of(modulo(self.law, other))

    @answered_by(images.pushforward)
    def map(self, f: Callable[[Any], Any]) -> Distribution:
        """The law of f(X); f gets each outcome (a tuple in n-D) and returns a number or tuple."""
        check_function(f, "map")
        return Distribution.of(mapped(self.law, f))

    @answered_by(images.rounded)
    def round(self, step: StepLike) -> Distribution:
        """The law of X rounded to the nearest multiple of a step; halves go to the even multiple."""
        found = images.rounded(self.law.measure, read_steps(step, self.ndim))
        return Distribution.of(of_window(self.law, found, "rounded outcomes"))

    def marginal(self, *axes: int) -> Distribution:
        """The law of some coordinates, in the order given; X.marginal(0) is a law of numbers."""
        found = marginal(self.law, reading.read_axes(axes, self.ndim))
        return self if found is self.law else Distribution.of(found)

    @answered_by(conditioning.given)
    def given(self, predicate: Callable[[Any], object]) -> Distribution:
        """The law of X, known that predicate(X) holds."""
        check_function(predicate, "given")
        return Distribution.of(given(self.law, predicate))

    @answered_by(conditioning.within)
    @at_irrationals
    def truncate(self, low: OutcomeLike | None = None, high: OutcomeLike | None = None) -> Distribution:
        """The law of X, known that low <= X <= high, coordinate by coordinate; None leaves an end open."""
        return Distribution.of(truncated(self.law, *self.law.corners(low, high)))

    @at_irrationals
    def clip(self, low: OutcomeLike | None = None, high: OutcomeLike | None = None) -> Distribution:
        """The law of min(max(X, low), high), coordinate by coordinate; None leaves an end open.

        >>> from distconv import Geometric
        >>> Geometric("1/2").clip(high=3).to_dict()
        {1: Fraction(1, 2), 2: Fraction(1, 4), 3: Fraction(1, 4)}
        """
        return Distribution.of(clipped(self.law, *self.law.corners(low, high)))

    def given_sum(self, other: Distribution, total: OutcomeLike | Callable[[Any], object]) -> Distribution:
        """The law of X once X + Y is known: where the ball was after the first drop, given where it ended.

        The total is a value, or a predicate of X + Y. Exact for exact laws, of any dimension; infinite laws too.
        ``Die(6).given_sum(Die(6), 4)`` is the law of the first of two dice that total 4.
        """
        from distconv.algebra.given_sum import given_sum

        check_law("Y", other, "; write X.given_sum(Y, total)")
        return Distribution.of(given_sum(self.law, other.law, total))

    def __eq__(self, other: object) -> bool:
        """Whether both are the same law: the same outcomes with the same weights, as numbers."""
        return self.law == other.law if isinstance(other, Distribution) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.law)

    def __contains__(self, outcome: Any) -> bool:
        """Whether an outcome has a probability above 0: ``7 in 2 @ Die(6)``."""
        return self.law.contains(outcome)

    at_least, at_most, norm = events.at_least, events.at_most, events.norm
    layer, excess, limited_mean = severities.layer, severities.excess, severities.limited_mean
    __floordiv__, __abs__, __round__ = events.floor_divided, events.absolute, events.rounded
    __floor__, __ceil__ = events.floor, events.ceil

    # What a law is not: type checkers refuse it, and would take any name for an attribute.
    if not TYPE_CHECKING:
        __lt__ = __le__ = __gt__ = __ge__ = hints.no_order
        __pow__, __bool__, __len__, __getitem__ = hints.no_power, hints.no_truth, hints.no_length, hints.no_entry
        __getattr__ = hints.no_attribute

    def how(self) -> How:
        """The plan by which this law was computed: method, cells, predicted time, reason; else its origin."""
        return self.law.origin

    def hold(self) -> Distribution:
        """The law laid out whole: a sum that is kept as its terms, with the plan by which it was laid out.

        Sums that are too large, or long loops of additions, are kept as their terms, and answer single questions from
        these. Other laws come back as they are.

        Raises:
            SizeLimitError: the sum would pass ``settings.max_bytes``.
        """
        found = self.law.held_whole()
        return self if found is self.law else Distribution.of(found)

    __repr__, __format__ = table.summary, table.formatted
    _repr_html_, _repr_latex_ = table.html, typeset.displayed

    def __str__(self) -> str:
        return table.text(self)

    def _latex(self, printer: Any) -> str:  # noqa: ARG002 - how sympy.latex asks
        return typeset.latex(self)

    def _with(self, name: str, value: Any) -> str:
        if name not in self.parameters:
            return self._anew
        given = {**{p: str(v) for p, v in self.parameters.items()}, name: repr(value)}
        return f"{self.family}({', '.join(given.values())})"

    def __reduce__(self) -> Any:
        return Distribution.of, (self.law,)


def check_law(name: str, value: object, way: str = "") -> None:
    """Refuses an argument that is no law."""
    if not isinstance(value, Distribution):
        raise DistconvTypeError(f"{name} must be a Distribution, got {value!r}{way}")
