"""`Distribution`: a law with total 1 and weights >= 0. Operators unify, plan, run and wrap; no algorithm lives here."""

from __future__ import annotations

import numbers
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn

import numpy as np

from distconv import closed_forms, construction, convolution, hints, typeset
from distconv.averages import Averages
from distconv.brackets import Brackets
from distconv.checks import check_copies, check_function, check_integer
from distconv.constructors import Constructors
from distconv.coordinates import read_steps
from distconv.errors import DimensionError, DistconvTypeError, DistconvValueError
from distconv.measure import Measure
from distconv.measure.reading import is_collection
from distconv.monoids import read_modulus
from distconv.number_format import shown
from distconv.numbers.letters import has_letters
from distconv.planning import How, Origin
from distconv.questions import Queries
from distconv.risk import RiskMeasures
from distconv.settings import Settings, current_settings, in_force, under_own_settings
from distconv.support.outcomes import (
    as_outcome,
    dimension_name,
    quotient,
    read_outcome,
    read_scalar,
    read_vector,
)
from distconv.transforms import affine, comparison, conditioning, images, monoidal
from distconv.typing import Outcome, Scalar, Vector
from distconv.value import Value, write

GIVEN = Origin("given")
#: Outcomes from which on an exact sum keeps its terms: their moments take less than a tenth of the sum itself, its own
#: up to as long as the sum.
MANY_OUTCOMES = 4096

#: What makes the windows of a law that is not laid out, and searches in them.
WINDOWS = (
    *("_materialise", "_covering", "_up_to", "_from", "_around", "_between", "_holding", "_is_short"),
    *(
        "_exact_head",
        "_held",
        "_log_held",
        "_tail_sum",
        "_log_sum",
        "_pointwise",
        "_search",
        "_key",
        "_spacing",
        "plan",
    ),
)
#: Questions that hand outcomes to a function of the caller's, which runs under the settings of the caller.
CALLING_BACK = ("expect", "prob")
#: The classes whose methods are questions.
ASKING = (Queries, Averages, Brackets, RiskMeasures)
#: What a law that is not laid out answers under the settings of its making, whoever asks (no setting changes `ndim`).
ANSWERS = {name for base in ASKING for name in vars(base) if not name.startswith("__")}
ANSWERS = (ANSWERS | set(WINDOWS)) - set(CALLING_BACK) - {"ndim"}


class Distribution(Constructors, Value):
    """The law of a random variable: outcomes and their probabilities.

    A law, not a variable: it has no identity, so ``X + X`` is the sum of two independent draws. ``2 * X`` scales the
    outcomes, ``n @ X`` is the sum of n independent copies, ``X - X`` is not 0.

    Args:
        mapping: probabilities by outcome (a dict, a pandas Series, ...), or pairs of both. An outcome is a number (int,
            Fraction, Decimal, str like "1/10", sympy Rational, numpy scalar) or a tuple of numbers, a vector. A float
            is read as its shortest decimal, so 0.1 is 1/10; floats that together are a grid to within rounding, like
            0.1, 0.2 and 0.1 * 3, are that grid. Weights that are ints, Fractions, Decimals, strings or sympy Rationals
            are exact; one float makes all floating. Equal outcomes merge by adding; those of weight 0 leave the
            support.
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

    def __init_subclass__(cls) -> None:
        """Laws that are not laid out answer under the settings of their making."""
        super().__init_subclass__()
        for name, member in vars(cls).copy().items():
            if name == "__reduce__":
                setattr(cls, name, _with_settings(member))
            elif name not in ANSWERS:
                continue
            elif isinstance(member, property) and member.fget:
                setattr(cls, name, property(under_own_settings(member.fget), doc=member.__doc__))
            elif callable(member):
                setattr(cls, name, under_own_settings(member))

    def __init__(self, mapping: Any, *, normalize: bool = False, missing: Any = 0, step: Any = None) -> None:
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
    def _measure(self) -> Measure:  # type: ignore[override]
        measure = self._stored
        if measure is None:
            measure = self._materialise()
            write(self, "_stored", measure)
        return measure

    def _materialise(self) -> Measure:
        """The measure of a law that was given by parameters; families define it."""
        raise NotImplementedError

    @property
    def _cache(self) -> dict[str, Any]:  # type: ignore[override]
        cache = self._cache_
        if cache is None:
            cache = {}
            write(self, "_cache_", cache)
        return cache

    @property
    def is_finite(self) -> bool:
        """Whether the law has finitely many outcomes."""
        return True

    # Combine ------------------------------------------------------------------------------------------------------

    def __add__(self, other: Any) -> Distribution:
        """The law of the sum of two *independent* variables, or this law shifted by a number or vector.

        ``X + X`` is the sum of two independent draws, not 2 * X.
        """
        if isinstance(other, Distribution):
            return _sum(self, other)
        by = _constant(other)
        if by is None:
            return NotImplemented
        return self._shift(by, "add")

    __radd__ = __add__

    def __sub__(self, other: Any) -> Distribution:
        """The law of the difference of two independent variables (``X - X`` is not 0), or a shift."""
        if isinstance(other, Distribution):
            return _sum(self, -other)
        by = _constant(other)
        if by is None:
            return NotImplemented
        return self._shift(_negated(by), "subtract")

    def __rsub__(self, other: Any) -> Distribution:
        return (-self).__add__(other)

    def _shift(self, by: Outcome, verb: str) -> Distribution:
        vector = by if isinstance(by, tuple) else (by,)
        if vector == (0,):
            return self
        if len(vector) != self.ndim:
            raise DimensionError(
                f"cannot {verb} {dimension_name(len(vector))} {by} to a {self.ndim}-D law; "
                f"a shift of it must be {dimension_name(self.ndim)}"
            )
        return self._shifted(vector)

    def _shifted(self, by: Vector) -> Distribution:
        return self._of(affine.shifted(self._measure, by), self._plan)

    def __neg__(self) -> Distribution:
        """The law of -X."""
        return self._scaled(-1)

    def __pos__(self) -> Distribution:
        return self

    def __mul__(self, other: Any) -> Distribution:
        """The law of c * X for a number c: outcomes scale, probabilities stay. For n copies summed write ``n @ X``."""
        if isinstance(other, Distribution):
            raise DistconvTypeError(
                "the product of random variables is not a convolution: for n independent copies summed use n @ X, to "
                "scale outcomes 2 * X (a number), for the joint law product(X, Y), and for the law of the product "
                "product(X, Y).map(lambda p: p[0] * p[1])"
            )
        factor = _constant(other)
        if factor is None:
            return NotImplemented
        if isinstance(factor, tuple):
            raise DistconvTypeError(f"cannot scale by the vector {factor}; use a matrix: [[2, 0], [0, 3]] @ X")
        return self._scaled(factor)

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> Distribution:
        factor = None if isinstance(other, Distribution) else _constant(other)
        if factor is None or isinstance(factor, tuple):
            raise DistconvTypeError(f"a law can be divided by a number only, got {other!r}")
        if not factor:
            raise DistconvValueError("cannot divide a law by 0")
        return self._scaled(quotient(1, factor))

    def _scaled(self, factor: Scalar) -> Distribution:
        if not factor:
            return self._zero()
        return self._of(affine.scaled(self._measure, factor), self._plan)

    def _zero(self) -> Distribution:
        """The law of the constant 0, of this dimension."""
        return self._of(construction.exact_measure({(0,) * self.ndim: Fraction(1)}))

    def __matmul__(self, other: Any) -> Distribution:
        """``N @ X``: the law of the sum of a random number N of independent copies of X; see `distconv.compound`."""
        if isinstance(other, Distribution):
            from distconv.compounds import compound

            return compound(self, other)
        if is_collection(other):
            raise DistconvTypeError("a matrix stands on the left: write matrix @ X")
        check_copies(other)
        raise DistconvTypeError(f"the number of copies stands on the left: write {other!r} @ X")

    def __rmatmul__(self, other: Any) -> Distribution:
        """``n @ X``: the sum of n independent copies; ``matrix @ X``: the law of the image under a matrix."""
        if isinstance(other, list | tuple | np.ndarray) and not (isinstance(other, np.ndarray) and other.ndim == 0):
            return self._image(other)
        if has_letters(other):
            from distconv.formulas.sums import copies_of

            return copies_of(self, other)
        n = check_copies(other)
        if n == 0:
            return self._zero()
        if n == 1:
            return self
        return self._copies(n)

    def _copies(self, n: int) -> Distribution:
        """The sum of n >= 2 independent copies."""
        closed = closed_forms.power(self, n)
        if closed is not None:
            return closed
        return _knowing_terms(self._of(*convolution.power(self._measure, n)), [(self, n)])

    def _image(self, matrix: Any) -> Distribution:
        rows = [row if isinstance(row, list | tuple | np.ndarray) else [row] for row in matrix]
        if not rows or any(len(row) != self.ndim for row in rows):
            raise DimensionError(
                f"matrix must have shape (m, {self.ndim}) to act on {self.ndim}-D outcomes, "
                f"got rows of lengths {sorted({len(row) for row in rows})}"
            )
        entries = [[read_scalar(v, "matrix entry") for v in row] for row in rows]
        return self._of(images.linear(self._measure, entries))

    def __mod__(self, other: Any) -> Distribution:
        """The law of the remainder X modulo n, a positive number or a tuple of them: 0 <= X % n < n.

        >>> from distconv import Die
        >>> (Die(6) % 4).to_dict()
        {0: Fraction(1, 6), 1: Fraction(1, 3), 2: Fraction(1, 3), 3: Fraction(1, 6)}
        """
        if isinstance(other, Distribution):
            raise DistconvTypeError("a law modulo a law is not defined; X % 7 takes a number")
        return self._of(monoidal.folded(self._measure, read_modulus(other)), self._plan)

    def __pow__(self, other: Any) -> NoReturn:
        raise DistconvTypeError(
            f"X ** {other!r} is not defined: for the sum of {other!r} independent copies write {other!r} @ X, for the "
            f"law of the power X.map(lambda x: x ** {other!r})"
        )

    # Image and condition ------------------------------------------------------------------------------------------

    def map(self, f: Callable[[Any], Any]) -> Distribution:
        """The law of f(X); f gets each outcome (a tuple in n-D) and returns a number or tuple.

        Floats that together are a grid to within rounding are that grid, as in `Distribution`.

        Raises:
            DistconvValueError: floats that differ by rounding alone and are no grid.

        >>> from distconv import Die
        >>> (Die(6) - Die(6)).map(abs).pmf(0)
        Fraction(1, 6)
        """
        check_function(f, "map")
        return self._of(images.pushforward(self._measure, f))

    def round(self, step: Any) -> Distribution:
        """The law of X rounded to the nearest multiple of a step; halves go to the even multiple.

        Exact weights stay exact. Of an infinite law the outcomes of a window are rounded; what it misses is `missing`.

        Args:
            step: a number > 0 ("0.1", 0.1 and Fraction(1, 10) mean the same), in n-D one for all axes or one per axis.

        >>> from distconv import Distribution
        >>> Distribution({"0.98": "1/4", "1.01": "1/4", "2.6": "1/2"}).round("0.5").to_dict()
        {1: Fraction(1, 2), Fraction(5, 2): Fraction(1, 2)}
        """
        return self._of(images.rounded(self._measure, read_steps(step, self.ndim)))

    def marginal(self, *axes: int) -> Distribution:
        """The law of some coordinates, in the order given; X.marginal(0) is a law of numbers."""
        ndim = self.ndim
        numbers_ = [check_integer("axis", axis) for axis in axes]
        if not axes or any(not -ndim <= axis < ndim for axis in numbers_):
            raise DimensionError(f"axes must be between 0 and {ndim - 1} for this {ndim}-D law, got {axes}")
        return self._of(images.marginal(self._measure, [axis % ndim for axis in numbers_]))

    def given(self, predicate: Callable[[Any], Any]) -> Distribution:
        """The law of X, known that predicate(X) holds.

        How likely that was is in ``how()``, and is ``X.prob(predicate)``.

        Raises:
            DistconvValueError: no outcome satisfies the predicate.

        >>> from distconv import Die
        >>> even = Die(6).given(lambda x: x % 2 == 0)
        >>> even.pmf(2)
        Fraction(1, 3)
        >>> print(even.how())
        given: known an event of probability 1/2
        """
        check_function(predicate, "given")
        return self._known(*conditioning.given(self._measure, predicate))

    def truncate(self, low: Any = None, high: Any = None) -> Distribution:
        """The law of X, known that low <= X <= high, coordinate by coordinate; None leaves an end open.

        `clip` moves what is outside to the ends instead.

        Raises:
            DistconvValueError: no outcome lies there.

        >>> from distconv import Die, Geometric
        >>> Die(6).truncate(low=5).to_dict()
        {5: Fraction(1, 2), 6: Fraction(1, 2)}
        >>> Geometric("1/2").truncate(high=2).pmf(1)
        Fraction(2, 3)
        """
        least = None if low is None else read_vector(low, self.ndim, "low")
        most = None if high is None else read_vector(high, self.ndim, "high")
        return self._known(*conditioning.within(self._between(least, most), least, most))

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

    def given_sum(self, other: Distribution, total: Any) -> Distribution:
        """The law of X once X + Y is known: where the ball was after the first drop, given where it ended.

        f(a) g(c - a) / (f*g)(c), exact for exact laws, of any dimension; infinite laws too.

        Args:
            other: the law of Y, independent of X.
            total: the value c of X + Y, or a predicate of it: ``lambda s: s >= 10``.

        Raises:
            DistconvValueError: X + Y is never `total`; the message says what it can be.

        >>> from distconv import Die, Poisson
        >>> Die(6).given_sum(Die(6), 4).to_dict()
        {1: Fraction(1, 3), 2: Fraction(1, 3), 3: Fraction(1, 3)}
        >>> Poisson(1).given_sum(Poisson(2), 3).pmf(0)
        Fraction(8, 27)
        """
        from distconv.given_sum import given_sum

        return given_sum(self, other, total)

    def clip(self, low: Any = None, high: Any = None) -> Distribution:
        """The law of min(max(X, low), high), coordinate by coordinate; None leaves an end open."""
        least = None if low is None else read_vector(low, self.ndim, "low")
        most = None if high is None else read_vector(high, self.ndim, "high")
        if least is not None and most is not None and any(a > b for a, b in zip(least, most, strict=True)):
            raise DistconvValueError(f"low must be <= high, got low={low!r}, high={high!r}")

        def clamp(x: Any) -> Any:
            vector: Vector = x if isinstance(x, tuple) else (x,)
            if least is not None:
                vector = tuple(max(v, bound) for v, bound in zip(vector, least, strict=True))
            if most is not None:
                vector = tuple(min(v, bound) for v, bound in zip(vector, most, strict=True))
            return as_outcome(vector)

        return self.map(clamp)

    # Compare ------------------------------------------------------------------------------------------------------

    def __eq__(self, other: object) -> bool:
        """Whether both are the same law: the same outcomes with the same weights, as numbers."""
        if not isinstance(other, Distribution):
            return NotImplemented
        if self is other:
            return True
        if not (self.is_finite and other.is_finite):
            return self._same_infinite(other)
        return comparison.equal(self._measure, other._measure)

    def _same_infinite(self, other: Distribution) -> bool:
        """Equality where at least one law is infinite."""
        return False if self.is_finite else other._same_infinite(self) if other.is_finite else False

    def __hash__(self) -> int:
        value = self._cache.get("hash")
        if value is None:
            value = self._cache["hash"] = comparison.fingerprint(self._measure)
        return int(value)

    def _no_order(self, other: Any) -> NoReturn:
        if isinstance(other, Distribution):
            raise DistconvTypeError(
                "laws have no order; for P(X > Y) of independent X and Y write (X - Y).sf(0), "
                "for P(X < Y) (Y - X).sf(0)"
            )
        raise DistconvTypeError(
            f"a law is not a number, so it cannot be compared with {other!r}; for P(X > {other!r}) write "
            f"X.sf({other!r}), for other events X.prob(lambda x: x >= {other!r})"
        )

    __lt__ = __le__ = __gt__ = __ge__ = _no_order

    def __bool__(self) -> NoReturn:
        raise DistconvTypeError(
            "a law has no truth value; for a probability write X.prob(lambda x: x > 5), to compare laws X == Y"
        )

    def __contains__(self, outcome: Any) -> bool:
        """Whether an outcome has a probability above 0: ``7 in 2 @ Die(6)``."""
        return outcome in self.support

    def __len__(self) -> int:
        raise DistconvTypeError("a law has no length; the number of its outcomes is len(X.support)")

    def __getitem__(self, outcome: Any) -> NoReturn:
        raise DistconvTypeError(f"a law is not a table; for P(X = {outcome!r}) write X.pmf({outcome!r})")

    # Type checkers would take any name for an attribute.
    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> NoReturn:
            hints.no_attribute(self, name)

    # Show, copy, keep ---------------------------------------------------------------------------------------------

    def how(self) -> How:
        """The plan by which this law was computed: method, cells, predicted time, reason."""
        return self._plan

    def __repr__(self) -> str:
        from distconv import table

        return table.summary(self)

    def __str__(self) -> str:
        from distconv import table

        return table.text(self)

    def __format__(self, spec: str) -> str:
        from distconv import table

        return table.formatted(self, spec)

    def _repr_html_(self) -> str | None:
        from distconv import table

        return table.html(self)

    def _repr_latex_(self) -> str:
        return f"$\\displaystyle {typeset.latex(self)}$"

    def _latex(self, printer: Any) -> str:  # noqa: ARG002 - how sympy.latex asks
        return typeset.latex(self)

    def plot(self, ax: Any = None, **options: Any) -> Any:
        """A picture of the PMF on a matplotlib Axes; see `distconv.plot.plot`."""
        from distconv.plot import plot

        return plot(self, ax, **options)

    def __reduce__(self) -> Any:
        return _restored, (self._measure, self._plan)


def _with_settings(reduce: Callable[[Any], tuple[Any, ...]]) -> Callable[[Any], tuple[Any, ...]]:
    """A `__reduce__` that makes the law anew under the settings under which it was made."""

    def reduced(self: Any) -> tuple[Any, ...]:
        make, arguments = reduce(self)
        return _made_under, (self._limits, make, arguments)

    return reduced


def _made_under(limits: Settings, make: Callable[..., Distribution], arguments: tuple[Any, ...]) -> Distribution:
    """A law that is not laid out, from its pickle."""
    with in_force(limits):
        return make(*arguments)


def _restored(measure: Measure, plan: How) -> Distribution:
    """A law from its pickle."""
    return Distribution._of(measure, plan)


def _constant(value: Any) -> Outcome | None:
    """A number or tuple that an operator may take beside a law; None for anything else."""
    if type(value) is int:
        return value
    if isinstance(value, numbers.Number | Decimal | np.generic | tuple) or getattr(value, "is_Rational", False):
        return read_outcome(value, "constant")
    if isinstance(value, np.ndarray) and value.ndim <= 1:
        return read_outcome(tuple(value) if value.ndim else value[()], "constant")
    return None


def _negated(by: Outcome) -> Outcome:
    return tuple(-v for v in by) if isinstance(by, tuple) else -by


def _sum(x: Distribution, y: Distribution) -> Distribution:
    """The law of the sum of two independent variables: a closed form, an infinite sum, or a convolution."""
    closed = closed_forms.add(x, y)
    if closed is not None:
        return closed
    if x.ndim != y.ndim:
        raise DimensionError(
            f"cannot add a {y.ndim}-D law to a {x.ndim}-D law: dimension {x.ndim} + dimension {y.ndim}; "
            "for the joint law use product(X, Y)"
        )
    if not (x.is_finite and y.is_finite):
        infinite: Any = y if x.is_finite else x
        return infinite._sum_of([(x, 1), (y, 1)])  # type: ignore[no-any-return]
    return _knowing_terms(Distribution._of(*convolution.convolve(x._measure, y._measure)), [(x, 1), (y, 1)])


def _knowing_terms(total: Distribution, parts: list[tuple[Distribution, int]]) -> Distribution:
    """A sum of so many copies of some laws, which keeps them where its moments are cheaper from theirs: cumulants add.

    Parts that are such sums themselves count by their own terms, so that none of them is held for this.
    """
    measure = total._measure
    if measure.support.size >= MANY_OUTCOMES and measure.weights.kind == "exact" and not measure.missing:
        terms: dict[int, tuple[Distribution, int]] = {}
        for part, copies in parts:
            for law, n in part._cache.get("terms", [(part, 1)]):
                terms[id(law)] = law, terms.get(id(law), (law, 0))[1] + n * copies
        total._cache["terms"] = list(terms.values())
    return total
