"""`Law`: what a distribution is. A frozen record that answers, and makes windows of its outcomes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Self, TypeAlias

from distconv import bounds, missing
from distconv.errors import DistconvValueError
from distconv.measure import Measure, lookup
from distconv.measure.reading import read_corners
from distconv.planning import How, Origin
from distconv.queries import brackets, generating, losses, moments, probabilities, quantiles, sampling
from distconv.queries import letters as symbols
from distconv.queries.cumulants import Moments
from distconv.queries.totals import Side
from distconv.settings import Settings, current_settings, made_under, under_own_settings
from distconv.support.lattice import Lattice
from distconv.support.sequence import Outcomes
from distconv.typing import (
    Answer,
    Asked,
    Corner,
    Drawn,
    End,
    Key,
    Kind,
    Moment,
    Number,
    NumberLike,
    Outcome,
    Place,
    Question,
    RandomState,
    Scalar,
    ScalarLike,
    Transform,
    Vector,
)
from distconv.value import Value, write

if TYPE_CHECKING:
    import sympy

    from distconv.laws.jumps import Jumps
    from distconv.methods.counts import Panjer, Series
    from distconv.support.frame import Frame

#: What makes a law anew, and from what.
Maker: TypeAlias = "tuple[Callable[..., Law], tuple[Any, ...]]"
#: The laws of which one is a mixture with their shares, and the error of these.
Blend: TypeAlias = "tuple[Sequence[tuple[Law, Any]], float]"
GIVEN = Origin("given")
#: More than what quantiles may miss their level by, relatively.
TOLD = 1e-6


class Law(Value):
    """What a distribution is: it answers questions, and makes windows of its outcomes. It knows no façade.

    Everything here is answered from `measure`, the law laid out; kinds of law that know better override it. A *window*
    is a measure that is complete where it is asked for.
    """

    __slots__ = ("_memory", "origin")
    _anew = "Distribution({...})"

    #: How the law was made.
    origin: How
    _memory: dict[str, Any] | None

    @property
    def measure(self) -> Measure:
        """The law laid out: all outcomes, or a window with a bound on what it misses."""
        raise NotImplementedError

    @property
    def memory(self) -> dict[str, Any]:
        """What was asked once and is kept."""
        memory = self._memory
        if memory is None:
            memory = {}
            write(self, "_memory", memory)
        return memory

    @property
    def laid(self) -> Measure | None:
        """All outcomes, one by one; None where they have no end, or letters say how many there are."""
        return self.measure if self.is_finite else None

    # What it is ---------------------------------------------------------------------------------------------------

    @property
    def family(self) -> str | None:
        """The name of the family; None of laws that are of none."""
        return None

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names of the family's parameters, in order; none of laws that are of none."""
        return ()

    @property
    def is_finite(self) -> bool:
        """Whether the law has finitely many outcomes."""
        return True

    @property
    def is_by_formula(self) -> bool:
        """Whether answers are expressions from a formula, with letters or without."""
        return False

    def is_laid_out(self) -> bool:
        """Whether questions are answered from the whole measure."""
        return True

    def fits(self) -> bool:
        """Whether the whole law is a measure that the settings leave room for."""
        return self.is_finite

    @property
    def ndim(self) -> int:
        """The dimension of the outcomes."""
        return self.measure.box.ndim

    @property
    def shape(self) -> tuple[int, ...]:
        """How many lattice cells the outcomes span on each axis."""
        return self.measure.box.shape

    def has_gaps(self) -> bool:
        """Whether places of the lattice between the ends may be no outcomes, as far as that is known without them."""
        return False

    def box(self) -> Lattice:
        """The lattice on which the outcomes lie, of a finite law."""
        return self.measure.box

    @property
    def kind(self) -> Kind:
        """``"exact"``, ``"symbolic"`` or ``"float"``: what the weights are."""
        return self.measure.weights.kind

    @property
    def is_exact(self) -> bool:
        """Whether the weights are exact, as fractions or as expressions."""
        return self.measure.weights.is_exact

    @property
    def error(self) -> float:
        """A proven bound on the relative rounding error of every weight."""
        return self.measure.weights.error

    @property
    def missing(self) -> float:
        """A proven upper bound on probability that lies one does not know where."""
        return missing.bound(self.measure)

    @property
    def lost(self) -> float:
        """What is missing for good: no window of the law would hold it."""
        return self.measure.missing

    @property
    def low(self) -> End:
        """The lowest outcome of a 1-D law; None where there is none."""
        return self.measure.box.origin[0]

    @property
    def high(self) -> End:
        """The highest outcome of a 1-D law; None where there is none."""
        return self.measure.box.high[0]

    def spacing(self) -> Scalar:
        """The distance of neighbours on the lattice, 1-D; 0 of one point."""
        box = self.measure.box
        return box.step[0] if box.shape[0] > 1 else 0

    @property
    def support(self) -> Outcomes | Any:
        """The outcomes of positive probability, a lazy sorted sequence."""
        return lookup.support_of(self.measure)

    @property
    def letters(self) -> frozenset[sympy.Symbol]:
        """The free symbols of the weights; empty where these are numbers."""
        return symbols.letters_of(self.measure) if self.kind == "symbolic" else frozenset()

    @property
    def assumptions(self) -> tuple[sympy.Basic, ...]:
        """The conditions on letters under which all weights are probabilities, sorted."""
        return symbols.assumptions_of(self.measure) if self.kind == "symbolic" else ()

    def values(self) -> tuple[Any, ...]:
        """The parameters of a family; none of other laws."""
        return ()

    def name(self) -> str | None:
        """The law as it is written, ``Binomial(10, 3/10)``; None where it has no name."""
        return None

    def key(self) -> Key:
        """(core, scale, shift): this law is scale * core + shift, and laws that share all three are equal.

        The core is hashable; of a law whose weights settle what it is equal to, the law itself.
        """
        return self, 1, 0

    def __repr__(self) -> str:
        return self.name() or f"{type(self).__name__}(...)"

    @property
    def members(self) -> tuple[Law, ...]:
        """The independent laws that a joint law is kept as; this law itself where it is none such."""
        return (self,)

    def anchor(self) -> Scalar:
        """One of the places of a 1-D law's lattice: an end where there is one."""
        low, high = self.low, self.high
        found: Scalar = low if low is not None else high if high is not None else self.measure.box.origin[0]
        return found

    def period(self) -> Scalar:
        """A distance by which the outcomes repeat in the long run, of an infinite law."""
        return self.spacing()

    @property
    def limits(self) -> Settings:
        """The settings under which its windows are made."""
        return current_settings()

    def known_from(self) -> tuple[Law, Scalar] | None:
        """(base, least) where this is the law of base known that it is >= least; None of others."""
        return None

    def repeats(self) -> bool:
        """Whether the law beyond any outcome is the whole law, moved and times a number: it forgets."""
        return False

    # Windows ------------------------------------------------------------------------------------------------------

    def covering(self, tail: float) -> Measure:
        """A window that misses at most `tail` beside what is lost for good."""
        return self.measure

    def in_doubles(self, tail: float) -> Measure:
        """The same for questions that doubles decide: without exact arithmetic, where that is much work."""
        return self.covering(tail)

    def up_to(self, x: Scalar) -> Measure | None:
        """A measure of all outcomes <= x (or more), complete; needs `low`. None where there are none."""
        return self.measure

    def down_to(self, x: Scalar) -> Measure | None:
        """A measure of all outcomes >= x (or more), complete; needs `high`. None where there are none."""
        return self.measure

    def around(self, low: Scalar, high: Scalar) -> Measure | None:
        """A measure that is complete on [low, high]; None without an outcome there."""
        return self.measure

    def window_of(self, predicate: Callable[[Any], object]) -> Measure:
        """A window that misses little beside the probability that predicate(X) holds, where there is one."""
        return self.measure

    def edges(self, tail: float) -> tuple[Scalar, Scalar]:
        """Two numbers outside of which at most `tail` of a 1-D law lies, what is missing for good not counted."""
        if self.missing:
            return self.low, self.high
        # Levels are met to far more digits than these.
        part = Fraction(tail / 2 * (1 - TOLD))
        return self.quantile(part, "cdf", False), self.quantile(part, "sf", False)  # type: ignore[return-value]

    def between(self, low: Vector | None, high: Vector | None) -> Measure:
        """A measure that is complete between two corners, ends included; None leaves an end open."""
        return self.measure

    # Questions ----------------------------------------------------------------------------------------------------

    def at(self, x: Question, *, log: bool = False) -> Answer:
        """P(X = x), or its log; x one outcome or many."""
        return (probabilities.logpmf if log else probabilities.pmf)(self.measure, x)

    def beside(self, x: Question, side: Side, *, log: bool = False) -> Answer:
        """P(X <= x) or P(X > x), or the log; x one number or many."""
        return probabilities.certain(self.measure, x, side, log=log)

    def held(self, x: Scalar, side: Side, *, log: bool = False) -> float:
        """P(X <= x) or P(X > x), or its log, as a double, summed from its own side."""
        return float(self.beside(x, side, log=log))

    def is_far_side(self, x: Scalar, side: Side) -> bool:
        """Whether the sum from the other end is likely the smaller one."""
        return False

    def sum_error(self) -> float:
        """A bound on the relative error of P(X <= x) and P(X > x), as doubles."""
        weights = self.measure.weights
        return bounds.compose(weights.error, bounds.summation(weights.size + 4))

    def exact_head(self, x: Scalar) -> Fraction | None:
        """P(X <= x) as a finite exact sum; None where there is none, or it is too long to be exact."""
        return Fraction(probabilities.beside(self.measure, x, "cdf")) if self.kind == "exact" else None

    def ends_beside(self, x: NumberLike, side: Side) -> tuple[Any, Any]:
        """The ends of P(X <= x) or of P(X > x) at one number."""
        return brackets.ends_beside(self.measure, x, side)

    def quantile(self, q: Fraction, side: Side, rounded: bool) -> Outcome:
        """The smallest outcome x with P(X <= x) >= q ("cdf"), or with P(X > x) <= q ("sf")."""
        return quantiles.quantile(self.measure, q, side, rounded)

    def quantile_ends(self, q: Fraction) -> tuple[Any, Any]:
        """The lowest and the highest outcome that the quantile may be."""
        return brackets.quantile_ends(self.measure, q)

    def mode(self) -> Outcome:
        """The outcome of the largest probability, the lowest of several."""
        return quantiles.mode(self.measure)

    @property
    def moments(self) -> Moments:
        """What answers for the moments."""
        return moments.MeasureMoments(self.measure)

    def mean(self) -> Moment:
        """The expected outcome."""
        return self.moments.mean()

    def var(self) -> Moment:
        """The variance."""
        return self.moments.var()

    def std(self) -> float | Any:
        """The standard deviation."""
        return self.moments.std()

    def cov(self) -> Moment:
        """The covariance matrix."""
        return self.moments.cov()

    def cumulant(self, k: int) -> Moment:
        """The k-th cumulant of a 1-D law, before it is rounded."""
        return self.moments.cumulant(k)

    def told(self, value: Moment) -> Moment:
        """A moment as it is answered: families with floating parameters round it, once."""
        return value

    def prob(self, predicate: Callable[[Any], object]) -> Number:
        """P(predicate(X)), the least it can be."""
        return moments.prob(self.window_of(predicate), predicate)

    def in_box(self, low: Corner, high: Corner) -> Number | None:
        """P(low <= X <= high) of a law that knows better than to sum its window; None of others (`laws.boxes`)."""
        return None

    def expect(self, f: Callable[[Any], Any]) -> Moment:
        """E f(X)."""
        return moments.expect(self.measure, f)

    def entropy(self, base: float | None) -> float:
        """- sum p log p, in nats or in units of log(base)."""
        return moments.entropy(self.measure, base)

    def pgf(self, z: Place) -> Transform:
        """E z**X."""
        return generating.pgf(self.measure, z)

    def cf(self, t: Question) -> Transform:
        """E exp(i t X)."""
        return generating.cf(self.measure, t)

    def log_mgf(self, t: float) -> float:
        """log E exp(t X) of a 1-D law; infinite where it is, or too large."""
        return generating.log_mgf(self.measure, t)

    def stop_loss(self, d: Question) -> Answer:
        """E max(X - d, 0)."""
        return losses.stop_loss(self.measure, d)

    def rvs(self, size: int | tuple[int, ...] | None, rng: RandomState) -> Drawn:
        """Random outcomes."""
        return sampling.draw(self.measure, size, rng)

    def entries(self) -> Iterator[tuple[Outcome, Number]]:
        """Pairs (outcome, probability), ascending."""
        return lookup.entries_of(self.measure)

    def listed(self, low: Scalar, high: Scalar) -> Outcomes:
        """The outcomes between two, both among them."""
        outcomes: Outcomes = self.support
        return outcomes[outcomes.rank(low) : outcomes.rank(high) + 1]

    def check_listed(self, what: str) -> None:
        """Refuses what needs all outcomes one by one, where there is no end of them."""

    def settled(self, what: str, call: str | None, least: float | None = None) -> None:
        """Refuses a question whose answer may be anything from `least` on, once enough is missing."""
        if least is None:
            missing.check_settled(self.missing, what, call)
        else:
            missing.check_settled(self.missing, what, call, least)

    def contains(self, outcome: Asked) -> bool:
        """Whether an outcome has a probability above 0."""
        return outcome in self.support

    # Laws made of it ----------------------------------------------------------------------------------------------

    def scaled(self, factor: Scalar) -> Law | None:
        """The law of a multiple, factor != 0, where it is of the same kind; None where it is an image of this one."""
        return None

    def shifted(self, by: Vector) -> Law | None:
        """The law moved by a vector, where it is of the same kind; None where it is an image of this one."""
        return None

    def spelled(self) -> tuple[Law, Frame] | None:
        """(base, frame): the law of coordinates of which outcomes that are expressions are made; None of numbers."""
        return None

    def corners(self, low: object, high: object) -> tuple[Any, Any]:
        """The lower and the upper end on each axis as callers write them; None leaves an end open."""
        return read_corners(low, high, self.ndim)

    def marginal(self, axes: Sequence[int]) -> Law | None:
        """The law of some coordinates, where these are laws of their own; None where it is an image of the measure."""
        return None

    def blend(self) -> Blend | None:
        """The laws of which this is a mixture with their shares, and the error of these; None of others."""
        return None

    def each_member(self, of: Callable[[Law, int, int], Law]) -> Law | None:
        """The joint law of what members become, given their first axes and those behind their last; None of others."""
        return None

    def residues(self, modulus: Outcome) -> Law | None:
        """The law of the remainder, where it takes more than a window; None where it is an image of the measure."""
        return None

    def displaced(self, by: sympy.Expr) -> Law | None:
        """The law moved by an expression with letters, where it is by a formula; None of others."""
        return None

    @property
    def formula(self) -> sympy.Expr:
        """P(X = k) as an expression in k, of laws by a formula.

        Raises:
            AttributeError: the law has none.
        """
        raise AttributeError("formula")

    def mirrored(self) -> Law | None:
        """The law of -X where it has a name of its own."""
        return None

    def summary(self) -> str | None:
        """What stands in place of a table, in one line, of laws by formulas; None of others."""
        return None

    def latex(self) -> str | None:
        """The law in LaTeX where it is a formula; None of others."""
        return None

    def parts(self) -> tuple[Law, Scalar, Scalar]:
        """(base, scale, shift): the law that this one is an image of; (itself, 1, 0) where it is of none."""
        return self, 1, 0

    def terms(self) -> tuple[tuple[Law, int], ...]:
        """The independent laws that this one is kept as the sum of, with their copies; itself where it is no sum."""
        return ((self, 1),)

    def held_whole(self) -> Law:
        """The law laid out, with the plan by which that was done; itself where it is."""
        return self

    def repeated(self) -> tuple[Law, int]:
        """(a law, n): this law as the sum of n independent copies of a shorter one; (itself, 1) where none is known."""
        return self, 1

    def finely(self, low: Scalar, high: Scalar) -> Measure | None:
        """The outcomes between two with fractions for weights, within 2**-240 of each; None where none are known."""
        return None

    def in_numbers(self) -> Law:
        """The law of numbers that a law by a formula is; itself where it has letters, or is one of numbers."""
        return self

    def subs(self, values: Mapping[Any, ScalarLike]) -> Law:
        """The law with values in place of letters: itself where it has none."""
        symbols.read_values(values, set())
        return self

    def limit(self, letter: sympy.Symbol, point: sympy.Expr) -> Law:
        """The law to which this one tends as a letter in it goes to a point."""
        raise DistconvValueError(
            f"no limit of {self.name() or 'this law'} as {letter} -> {point} is known; what is near it, "
            f"X.subs({{{letter}: ...}}), can be asked"
        )

    def lambdify(self, names: tuple[Any, ...]) -> Callable[..., Any]:
        """A fast function of letters: arrays in, the probabilities of all outcomes out, along a last axis."""
        return symbols.function_of(self.measure.weights, self.letters, names)

    # What counts and jumps know -----------------------------------------------------------------------------------

    def counted(self, keep: Fraction) -> Panjer | Series | None:
        """This law as a number of terms that are not 0 with probability `keep` (`methods.counts`); None of most."""
        return None

    def trials(self, term: Law) -> tuple[Law, int] | None:
        """So many terms as independent trials: what one adds, and how many there are; None of most counts."""
        return None

    def from_zero(self) -> Law | None:
        """The same law moved to begin at 0, where that has a name; None of others."""
        return None

    def first_plan(self) -> How:
        """The plan of the first window, or how the law was made."""
        return self.origin

    def jumps(self) -> Jumps | None:
        """The rate and the law of the jumps of a compound Poisson law; None of others."""
        return None


class Described(Law):
    """A law that is given by a description, and laid out when that is first asked for.

    Subclasses define `_materialise`, and `anew`.
    """

    __slots__ = ("_laid_out", "limits")

    _laid_out: Measure | None
    #: The settings under which the law was made: its windows are made under them, too.
    limits: Settings

    def describe(self, origin: How, **fields: Any) -> Self:
        """Writes the fields of a new law."""
        write(self, "_memory", None)
        write(self, "_laid_out", None)
        write(self, "limits", current_settings())
        write(self, "origin", origin)
        for name, value in fields.items():
            write(self, name, value)
        return self

    @property
    def measure(self) -> Measure:
        """The law laid out, made once."""
        return self._laid_out or self._lay_out()

    @under_own_settings
    def _lay_out(self) -> Measure:
        write(self, "_laid_out", self._materialise())
        return self.measure

    def _materialise(self) -> Measure:
        """The measure of the law."""
        raise NotImplementedError

    def anew(self) -> Maker:
        """What makes the law anew, and from what."""
        raise NotImplementedError

    def __reduce__(self) -> Any:
        return made_under, (self.limits, *self.anew())
