"""`Spanned`: laws whose outcomes are expressions: a law on rational vectors, and what makes outcomes of these.

Letters, square roots, pi: finitely many outcomes are rational combinations of finitely many expressions that know no
rational relation. So adding them is adding rational vectors, and a law of them is a law of numbers (or of vectors), the
*base*, with everything that can be done to one: exact, symbolic or floating weights, sums, copies, windows. What does
not go by coordinates (an order, products of outcomes, any function of them) is asked of the outcomes themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from distconv.coordinates import asked
from distconv.errors import DimensionError, DistconvTypeError, DistconvValueError
from distconv.laws import rules
from distconv.laws.finite import Finite, zero
from distconv.laws.framed_moments import FramedMoments, excess, plainly
from distconv.laws.image import scaled, shifted
from distconv.laws.joint import joined
from distconv.laws.law import Law
from distconv.laws.ordering import Line, compared, holds, line_of, may_be_another, read_place, sorted_vectors
from distconv.laws.placing import is_whole, placed
from distconv.measure import Measure
from distconv.measure.lookup import positive_vectors
from distconv.measure.reading import collected
from distconv.numbers.letters import expression_of, has_letters
from distconv.numbers.limits import limit_of
from distconv.numbers.terms import combination, combined, elements_of, terms_of
from distconv.queries import letters as symbols
from distconv.queries.arrays import each, number_array, object_array
from distconv.queries.totals import Side
from distconv.support import Lattice
from distconv.support.frame import Axis, Frame, Spelled, read_exact
from distconv.support.outcomes import as_outcome, as_vector, read_scalar, whole
from distconv.transforms import images
from distconv.typing import (
    Answer,
    Asked,
    Expressed,
    Kind,
    Moment,
    Number,
    NumberLike,
    Place,
    Question,
    RandomState,
    Scalar,
    ScalarLike,
    Transform,
    Vector,
)
from distconv.value import write
from distconv.weights.symbolic import from_expressions

if TYPE_CHECKING:
    import sympy


class Spanned(Law):
    """The law of the outcomes that a frame makes of the vectors of another law; made by `spanned`.

    Args:
        base: the law of the coordinates.
        frame: the elements that they belong to.
    """

    __slots__ = ("base", "frame")

    base: Law
    frame: Frame

    def __init__(self, base: Law, frame: Frame) -> None:
        write(self, "_memory", None)
        write(self, "origin", base.origin)
        write(self, "base", base)
        write(self, "frame", frame)

    def __reduce__(self) -> Any:
        return Spanned, (self.base, self.frame)

    # What it is ---------------------------------------------------------------------------------------------------

    @property
    def measure(self) -> Measure:
        """Only rational numbers are laid out: refuses."""
        names = sorted(map(str, self.frame.letters))
        way = f"X.subs({{{', '.join(f'{n}: 2' for n in names)}}})" if names else "X.map(float)"
        what = f"expressions in {', '.join(names)}" if names else "irrational"
        raise DistconvTypeError(
            f"this is for outcomes that are fractions, those of this law are {what}; {way} makes them so"
        )

    def is_laid_out(self) -> bool:
        """Whether questions are answered from the whole measure: there is none."""
        return False

    @property
    def ndim(self) -> int:
        return self.frame.ndim

    @property
    def shape(self) -> tuple[int, ...]:
        """How many cells the lattice of coordinates spans."""
        return self.base.shape

    @property
    def kind(self) -> Kind:
        return self.base.kind

    @property
    def is_exact(self) -> bool:
        return self.base.is_exact

    @property
    def is_finite(self) -> bool:
        return self.base.is_finite

    @property
    def error(self) -> float:
        return self.base.error

    @property
    def missing(self) -> float:
        return self.base.missing

    @property
    def lost(self) -> float:
        return self.base.lost

    @property
    def letters(self) -> frozenset[sympy.Symbol]:
        """The free symbols of weights and outcomes."""
        return self.base.letters | self.frame.letters

    @property
    def assumptions(self) -> tuple[sympy.Basic, ...]:
        return self.base.assumptions

    @property
    def low(self) -> Expressed:
        return self._end("low")

    @property
    def high(self) -> Expressed:
        return self._end("high")

    def _end(self, end: str) -> Any:
        line = self.line
        found = line.law.low if end == "low" else line.law.high
        return None if found is None else line.outcome(found)

    @property
    def line(self) -> Line:
        """The outcomes in their order, as a law of rational numbers."""
        if "line" not in self.memory:
            if self.ndim > 1:
                raise DimensionError(
                    f"this is for 1-D laws; this one is {self.ndim}-D: use X.prob(lambda p: ...), or X.marginal(0)"
                )
            self.memory["line"] = line_of(self.base, self.frame.axes[0])
        line: Line = self.memory["line"]
        return line

    @property
    def support(self) -> Expressed:
        """The outcomes, ascending where their order is known, else in that of their coordinates."""
        self.check_listed("support")
        if "support" not in self.memory:
            vectors = list(positive_vectors(self.base.measure))
            self.memory["support"] = Spelled(self.frame, sorted_vectors(self.frame, vectors))
        return self.memory["support"]

    def summary(self) -> str | None:
        """Of a law without end one line: what the outcomes are made of, and their mean."""
        if self.is_finite:
            return None
        import sympy

        names = [law.name() or f"X{i}" for i, law in enumerate(self.base.members, 1)]
        if len(names) < self.base.ndim:
            names = [f"X{i + 1}" for i in range(self.base.ndim)]
        made = self.frame.outcome(tuple(map(sympy.Symbol, names)))
        return f"{made}: outcomes without end, {self.kind}, mean {self.mean()}"

    def check_listed(self, what: str) -> None:
        self.base.check_listed(what)
        if not self.is_finite:
            raise DistconvTypeError(f"{what} has no end; ask for one: X.pmf(x)")

    def entries(self) -> Iterator[tuple[Any, Number]]:
        if not self.is_finite:
            return ((self.frame.outcome(as_vector(x)), p) for x, p in self.base.entries())
        return ((x, self.at(x)) for x in self.support)

    def lambdify(self, names: tuple[Any, ...]) -> Callable[..., Any]:
        """A fast function of letters: the probabilities of the outcomes, in the order of `entries`."""
        self.check_listed("lambdify")
        weights = from_expressions([expression_of(p) for _, p in self.entries()])
        return symbols.function_of(weights, self.letters, names)

    def contains(self, outcome: Asked) -> bool:
        if (len(outcome) if isinstance(outcome, tuple) else 1) != self.ndim:
            return False
        vector = self.frame.vector(read_exact(outcome, self.ndim))
        return vector is not None and self.base.contains(as_outcome(vector))

    def __eq__(self, other: object) -> bool:
        """Whether both have the same outcomes with the same weights."""
        if type(other) is not Spanned:
            return False
        if self is other or (self.frame == other.frame and self.base == other.base):
            return True
        if self.ndim != other.ndim:
            return False
        (a, b), _ = common([self, other])
        return a == b

    def __hash__(self) -> int:
        # Frames of equal laws may differ, where there are relations that are no sums; what is asked for last is equal.
        return hash(("spanned", self.ndim, self.frame.letters, len(self.support) if self.is_finite else None))

    # Probabilities ------------------------------------------------------------------------------------------------

    def at(self, x: Question, *, log: bool = False) -> Answer:
        nothing: Any = -np.inf if log else self.base.at(as_outcome((Fraction(1, 7),) * self.base.ndim)) * 0

        def at(value: Expressed) -> Expressed:
            exact = read_exact(value, self.ndim, "x")
            vector = self.frame.vector(exact)
            if vector is None and self._is_line() and may_be_another(exact):
                vector = self.line.equal_to(exact)
            return nothing if vector is None else self.base.at(as_outcome(vector), log=log)

        return self._each(at, x)

    def _is_line(self) -> bool:
        """Whether the outcomes are numbers in an order."""
        is_listed = self.is_finite or self.base.ndim == 1
        return self.ndim == 1 and is_listed and not self.frame.letters

    def _each(self, at: Callable[[Any], Any], x: Any) -> Any:
        if self.ndim == 1:
            return each(at, x, "x")
        if isinstance(x, tuple):
            return at(x)
        points = np.asarray([tuple(row) for row in collected(asked(x, self.ndim), "x")], dtype=object)
        return number_array([at(tuple(row)) for row in points], (len(points),))

    def beside(self, x: Question, side: Side, *, log: bool = False) -> Answer:
        line = self.line
        return each(lambda v: line.law.beside(read_place(line, v), side, log=log), x, "x")

    def held(self, x: Expressed, side: Side, *, log: bool = False) -> float:
        return float(self.beside(x, side, log=log))

    def ends_beside(self, x: NumberLike, side: Side) -> tuple[Any, Any]:
        return self.line.law.ends_beside(read_place(self.line, x), side)

    def stop_loss(self, d: Question) -> Answer:
        return each(lambda v: excess(self, v), d, "d")

    def quantile(self, q: Fraction, side: Side, rounded: bool) -> Expressed:
        return self.line.outcome(self.line.law.quantile(q, side, rounded))

    def quantile_ends(self, q: Fraction) -> tuple[Any, Any]:
        ends = self.line.law.quantile_ends(q)
        low, high = (end if isinstance(end, float) else self.line.outcome(end) for end in ends)
        return low, high

    def mode(self) -> Expressed:
        """The outcome of the largest probability: of several the lowest, where their order is known."""
        if not self.is_finite:
            return self.frame.outcome(as_vector(self.base.mode()))
        self.settled("the mode", "mode()")
        values = [self.at(x) for x in self.support]
        most = 0
        for place, value in enumerate(values):
            most = place if compared(value, values[most]) > 0 else most
        return self.support[most]

    def prob(self, predicate: Callable[[Any], object]) -> Number:
        return self.base.prob(self._behind(lambda x: holds(predicate, x)))

    def expect(self, f: Callable[[Any], Any]) -> Moment:
        found = self.base.expect(lambda v: expression_of(self._behind(f)(v)))
        return plainly(found)

    def _behind(self, f: Callable[[Any], Any]) -> Callable[[Any], Any]:
        """A function of outcomes as one of the base's."""
        return lambda v: f(self.frame.outcome(as_vector(v)))

    @property
    def moments(self) -> FramedMoments:
        return FramedMoments(self.base, self.frame, self.memory)

    def mean(self) -> Moment:
        return self.moments.mean()

    def cumulant(self, k: int) -> Moment:
        return self.moments.cumulant(k)

    def entropy(self, base: float | None) -> float:
        return self.base.entropy(base)

    def pgf(self, z: Place) -> Transform:
        places = z if isinstance(z, tuple) else (z,)
        if len(places) != self.ndim:
            raise DimensionError(f"z must have {self.ndim} coordinates, got {z!r}")
        values = [v if isinstance(v, complex) else expression_of(v) for v in places]
        if self.base.ndim == 1 and not self.is_finite:
            (axis,) = self.frame.axes
            return values[0] ** axis.shift * self.base.pgf(values[0] ** axis.elements[0])
        if self.base.letters and not self.is_finite:
            rows = self.frame.matrix()
            parts = tuple(np.prod([v**e for v, e in zip(values, column, strict=True)]) for column in rows.T)
            return np.prod([v**s for v, s in zip(values, self.frame.shifts, strict=True)]) * self.base.pgf(parts)
        return self._total(lambda x: np.prod([v**a for v, a in zip(values, x, strict=True)]))

    def cf(self, t: Question) -> Transform:
        import sympy

        points = t if isinstance(t, tuple) or has_letters(t) else asked(t, self.ndim)
        if not (self.frame.letters or has_letters(t) or self.base.letters):
            rows = np.asarray(points, dtype=np.float64)
            angles = rows.reshape(-1, self.ndim)
            turned = angles @ self.frame.matrix().astype(np.float64)
            places = turned if self.base.ndim > 1 else turned[:, 0]
            # One by one: expressions answer no arrays.
            own = np.array([complex(self.base.cf(place)) for place in places])
            found = np.exp(1j * (angles @ self.frame.shifts.astype(np.float64))) * own
            return found.reshape(rows.shape if self.ndim == 1 else rows.shape[:-1])[()]
        turns = [expression_of(v) for v in (points if isinstance(points, tuple) else (points,))]
        if self.base.ndim == self.ndim == 1 and not self.is_finite:
            (axis,), turn = self.frame.axes, sympy.I * turns[0]
            # Not a power of exp(turn), of which there are several.
            return sympy.exp(turn * axis.shift) * self.base.pgf(sympy.exp(turn * axis.elements[0]))
        return self._total(lambda x: sympy.exp(sympy.I * sum(a * b for a, b in zip(turns, x, strict=True))))

    def _total(self, of: Callable[[Sequence[Any]], Any]) -> Any:
        """The sum of weights times a function of outcomes, an expression."""
        import sympy

        self.check_listed("a sum over all outcomes")
        terms = [(expression_of(p), [expression_of(a) for a in as_vector(x)]) for x, p in self.entries()]
        return sympy.Add(*(p * of(x) for p, x in terms))

    def rvs(self, size: int | tuple[int, ...] | None, rng: RandomState) -> Expressed:
        """Random outcomes, drawn by their ranks: coordinates would come as doubles."""
        if not self.is_finite:
            drawn = np.asarray(self.base.rvs(size, rng))
            rows = drawn.reshape(-1, self.base.ndim).tolist()
            found = [as_vector(self.frame.outcome(tuple(map(read_scalar, row)))) for row in rows]
        else:
            measure = self.base.measure
            weights = measure.weights.take(measure.weights.positive())
            ranked = Measure(Lattice((0,), (1,), (weights.size,)), weights, measure.missing)
            drawn = np.asarray(Finite(ranked).rvs(size, rng))
            every = [as_vector(self.frame.outcome(v)) for v in positive_vectors(measure)]
            found = [every[i] for i in drawn.ravel().tolist()]
        if size is None:
            return as_outcome(found[0])
        shape = (size,) if isinstance(size, int) else tuple(size)
        return object_array([v for x in found for v in x], shape if self.ndim == 1 else (*shape, self.ndim))

    # Laws made of it ----------------------------------------------------------------------------------------------

    def spelled(self) -> tuple[Law, Frame]:
        return self.base, self.frame

    def corners(self, low: object, high: object) -> tuple[Any, Any]:
        ends = (None if end is None else as_vector(read_exact(end, self.ndim)) for end in (low, high))
        least, most = ends
        return least, most

    def scaled(self, factor: Scalar) -> Law:
        axes = (Axis(axis.elements, axis.shift * expression_of(factor)) for axis in self.frame.axes)
        return spanned(scaled(self.base, factor), Frame(tuple(axes)))

    def shifted(self, by: Vector) -> Law:
        return self.moved_by(by)

    def moved_by(self, by: Sequence[Any]) -> Law:
        """The law moved by numbers or expressions."""
        axes = (Axis(a.elements, a.shift + expression_of(v)) for a, v in zip(self.frame.axes, by, strict=True))
        return spanned(self.base, Frame(tuple(axes)))

    def marginal(self, axes: Sequence[int]) -> Law:
        columns = [i for axis in axes for i in range(*self.frame.slices[axis].indices(self.base.ndim))]
        base = self.base if columns == list(range(self.base.ndim)) else self.base.marginal(columns)
        if base is None:
            base = Finite(images.marginal(self.base.measure, columns))
        return spanned(base, Frame(tuple(self.frame.axes[axis] for axis in axes)))

    def subs(self, values: Mapping[Any, ScalarLike]) -> Law:
        """The law with values in place of letters, in outcomes and weights together; what becomes equal merges."""
        given = symbols.read_values(values, set(self.letters))
        inside = {s: v for s, v in given.items() if s in self.base.letters}
        base = self.base
        if inside:
            found = rules.apply("substitute", base, inside)
            base = base.subs(inside) if found is None else found
        exact = {s: expression_of(Fraction(str(v)) if isinstance(v, float) else v) for s, v in given.items()}

        def at(e: Expressed) -> Expressed:
            return expression_of(e).subs(exact, simultaneous=True)

        rows = [[at(e) for e in row] for row in self.frame.matrix().tolist()]
        return image_of(base, rows, [at(axis.shift) for axis in self.frame.axes])

    def limit(self, letter: sympy.Symbol, point: sympy.Expr) -> Law:
        """The law of the limits of the weights, at the limits of the outcomes."""
        base = self.base.limit(letter, point) if letter in self.base.letters else self.base

        def at(e: Expressed) -> Expressed:
            found = limit_of(expression_of(e), letter, point)
            if found is None or found.is_infinite:
                raise DistconvValueError(
                    f"no limit of {e}, of which outcomes are made, as {letter} -> {point} was found"
                )
            return found

        rows = [[at(e) for e in row] for row in self.frame.matrix().tolist()]
        return image_of(base, rows, [at(axis.shift) for axis in self.frame.axes])


def spanned(base: Law, frame: Frame) -> Law:
    """The law of the outcomes that a frame makes: one of numbers where all are rational.

    What all outcomes have in common goes to the shift, and rational numbers to the base: equal laws have equal frames.
    """
    constant = _constants(base)
    axes: list[Axis] = []
    kept: list[int] = []
    moves: list[Any] = []
    for axis, part in zip(frame.axes, frame.slices, strict=True):
        columns = list(range(*part.indices(base.ndim)))
        fixed = [(i, e) for i, e in zip(columns, axis.elements, strict=True) if i in constant]
        free = [(i, e) for i, e in zip(columns, axis.elements, strict=True) if i not in constant]
        if not free:
            # One coordinate must stay: it counts ones.
            free = [(columns[0], expression_of(1))]
            moves_back = [-constant[columns[0]]]
        else:
            moves_back = [0] * len(free)
        shift = terms_of(expression_of(combination(((e, constant[i]) for i, e in fixed), expression_of(axis.shift))))
        for (i, e), back in zip(free, moves_back, strict=True):
            kept.append(i)
            moves.append(whole(back + shift.pop(e, Fraction(0))))
        axes.append(Axis(tuple(e for _, e in free), expression_of(combination(shift.items(), expression_of(0)))))
    if kept != list(range(base.ndim)):
        own = base.marginal(kept)
        base = Finite(images.marginal(base.measure, kept), base.origin) if own is None else own
    base = shifted(base, tuple(moves))
    if all(axis == Axis((expression_of(1),), expression_of(0)) for axis in axes):
        return base
    return Spanned(base, Frame(tuple(axes)))


def _constants(base: Law) -> dict[int, Any]:
    """The coordinates that all outcomes of a law have in common, by their axis."""
    found: dict[int, Any] = {}
    first = 0
    for member in (base,) if is_whole(base) else base.members:
        if is_whole(member) and not member.missing:
            box = member.measure.box
            found.update({first + i: o for i, (o, n) in enumerate(zip(box.origin, box.shape, strict=True)) if n == 1})
        first += member.ndim
    return found


def image_of(base: Law, rows: Sequence[Sequence[Any]], shifts: Sequence[Any]) -> Law:
    """The law of rows @ X + shifts, of a law of rational numbers, with expressions in rows and shifts."""
    if base.ndim == 1 and not is_whole(base) and len(rows) == 1:
        # An endless law has one element: any expression may be it.
        element = expression_of(combination(terms_of(expression_of(rows[0][0])).items(), expression_of(0)))
        if not element:
            return spanned(zero(1), Frame((Axis((expression_of(1),), expression_of(shifts[0])),)))
        factor = whole(Fraction(int(element.p), int(element.q))) if element.is_Rational else 1
        own = expression_of(1) if element.is_Rational else element
        return spanned(scaled(base, factor), Frame((Axis((own,), expression_of(shifts[0])),)))
    axes: list[Axis] = []
    table: list[list[Any]] = []
    for row, shift in zip(rows, shifts, strict=True):
        entries = [terms_of(expression_of(value)) for value in row]
        elements, relations = elements_of(term for entry in entries for term in entry)
        elements = elements or (expression_of(1),)
        coordinates = [combined(entry, relations) for entry in entries]
        table.extend([[whole(c.get(e, Fraction(0))) for c in coordinates] for e in elements])
        axes.append(Axis(elements, expression_of(shift)))
    return spanned(placed(base, table), Frame(tuple(axes)))


def framed(law: Law) -> tuple[Law, Frame]:
    """(base, frame) of any law: one of numbers counts ones on each axis."""
    return law.spelled() or (law, Frame((Axis((expression_of(1),), expression_of(0)),) * law.ndim))


def aligned(laws: Sequence[tuple[Law, Frame]]) -> tuple[list[Law], tuple[tuple[Any, ...], ...]]:
    """(bases, elements): laws of coordinates in the same elements on each axis; shifts are left out."""
    tables: list[list[list[Any]]] = [[] for _ in laws]
    every: list[tuple[Any, ...]] = []
    for i in range(laws[0][1].ndim):
        rows = [[terms_of(e) for e in frame.axes[i].elements] for _, frame in laws]
        elements, relations = elements_of(term for row in rows for entry in row for term in entry)
        every.append(elements)
        for row, table, (base, frame) in zip(rows, tables, laws, strict=True):
            wide: list[dict[Any, Fraction]] = [{}] * base.ndim
            wide[frame.slices[i]] = [combined(entry, relations) for entry in row]
            table.extend([[whole(c.get(e, Fraction(0))) for c in wide] for e in elements])
    bases = [placed(base, table) for (base, _), table in zip(laws, tables, strict=True)]
    return bases, tuple(every)


def common(laws: Sequence[Law]) -> tuple[list[Law], Frame]:
    """(bases, frame): laws of one dimension as laws of coordinates in one frame, which is without a shift."""
    bases, elements = aligned([_absorbed(*framed(law)) for law in laws])
    return bases, Frame(tuple(Axis(e, expression_of(0)) for e in elements))


def _absorbed(base: Law, frame: Frame) -> tuple[Law, Frame]:
    """The same outcomes without a shift, which becomes a coordinate that is always 1."""
    order: list[int] = []
    axes: list[Axis] = []
    for axis, part in zip(frame.axes, frame.slices, strict=True):
        order.extend(range(*part.indices(base.ndim)))
        if axis.shift:
            order.append(base.ndim)
        axes.append(Axis((*axis.elements, *([axis.shift] if axis.shift else [])), expression_of(0)))
    if len(order) == base.ndim:
        return base, frame
    wide = joined([base, shifted(zero(1), (1,))])
    found = wide.marginal(order)
    return Finite(images.marginal(wide.measure, order)) if found is None else found, Frame(tuple(axes))
