"""`Kernel`: the same convolution without probability. Weights may be negative, and total what they like."""

from __future__ import annotations

import math
from collections.abc import Mapping
from fractions import Fraction
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np

from distconv import bounds, convolution, filtering, planning
from distconv.checks import check_integer
from distconv.construction import read_weight
from distconv.coordinates import per_axis
from distconv.distribution import Distribution, check_law
from distconv.errors import DimensionError, DistconvTypeError, DistconvValueError
from distconv.filtering.expressions import substituted
from distconv.filtering.products import product
from distconv.filtering.taps import doubles_of
from distconv.measure import Measure
from distconv.measure.arranging import arranged_vectors, positive_cells, tightened
from distconv.methods import exact
from distconv.methods.alignment import spread
from distconv.methods.squaring import by_squaring
from distconv.numbers.doubles import to_double
from distconv.numbers.letters import is_expression, letters_of
from distconv.support import Lattice
from distconv.support.lattice import common_step, smallest_lattice, spread_shape, strides_on, sum_box
from distconv.support.outcomes import as_outcome, as_vector, dimension_name, read_outcome, read_vector, whole
from distconv.transforms import affine
from distconv.typing import (
    AnyArray,
    ArrayLike,
    Boundary,
    Coefficient,
    DTypeLike,
    FloatArray,
    Mode,
    Outcome,
    OutcomeLike,
    ScalarLike,
    ShapeLike,
    StepLike,
    Vector,
    WeightLike,
)
from distconv.value import Value, write
from distconv.weights.rational import from_fractions
from distconv.weights.symbolic import from_expressions, tidied
from distconv.weights.unify import are_numbers

if TYPE_CHECKING:
    import sympy
    from scipy.sparse import csr_array


#: Exact kernels of few weights far apart are convolved pair by pair, where the lattice has so many cells for each.
PAIR_CELLS = 20


class Kernel(Value):
    """Signed weights on points: an echo, a blur, an edge, the filter of a layer.

    ``k * l`` convolves, ``k ** n`` n times, ``k + l`` adds weights point by point, ``2 * k`` scales weights. Applied to
    a signal, the output at c is the sum of k[a] signal[c - a]: a blur is a random displacement (`from_distribution`).

    Args:
        weights: a mapping from outcomes (numbers, or tuples) to weights, or an array of any dimension: a dense kernel
            on the lattice origin + step * index. Ints, Fractions, Decimals, strings and arrays of integers are exact,
            sympy expressions symbolic; one float makes all floating.
        origin: the place of an array's first cell, one number for all axes or one each.
        step: the distance of its cells.

    >>> from distconv import Kernel
    >>> edge = Kernel({0: 1, 1: -1})
    >>> (edge * edge).to_dict()
    {0: 1, 1: -2, 2: 1}
    >>> edge.apply([3, 3, 7, 7]).tolist()
    [3, 0, 4, 0]
    """

    __slots__ = ("_array", "_box", "_error", "_measure")
    _anew = "Kernel({...})"

    #: numpy arrays and scalars leave ``*`` and ``+`` to this class.
    __array_ufunc__ = None

    _measure: Measure | None
    _array: FloatArray
    _box: Lattice
    _error: float

    def __init__(self, weights: ArrayLike, *, origin: StepLike = 0, step: StepLike = 1) -> None:
        if isinstance(weights, Kernel):
            raise DistconvTypeError("this is a Kernel already; kernels are values and need no copies")
        if isinstance(weights, Distribution):
            raise DistconvTypeError("a Distribution becomes a kernel by Kernel.from_distribution(X)")
        if isinstance(weights, Mapping):
            self._from_mapping(weights)
        else:
            self._from_array(weights, origin, step)

    def _from_mapping(self, weights: Mapping[Any, WeightLike]) -> None:
        if not weights:
            raise DistconvValueError("a kernel needs at least one weight, got an empty mapping")
        vectors: list[Vector] = []
        for key in weights:
            outcome = read_outcome(key)
            vectors.append(as_vector(outcome))
        if len({len(v) for v in vectors}) > 1:
            sizes = sorted({len(v) for v in vectors})
            raise DimensionError(f"places have different dimensions: {', '.join(map(dimension_name, sizes))}")
        self._from_vectors(vectors, [read_weight(w, v) for w, v in zip(weights.values(), vectors, strict=True)])

    def _from_vectors(self, vectors: list[Vector], values: list[Any]) -> None:
        """Weights at points, in any order, points repeated or not."""
        for vector, value in zip(vectors, values, strict=True):
            if isinstance(value, float) and not math.isfinite(value):
                raise DistconvValueError(f"the weight of {as_outcome(vector)} is {value}; it must be a finite number")
        merged: dict[Vector, Any] = {}
        for vector, value in zip(vectors, values, strict=True):
            merged[vector] = merged[vector] + value if vector in merged else value
        letters = any(is_expression(v) for v in merged.values())
        if any(isinstance(v, float) for v in merged.values()) and not letters:
            self._dense(merged)
            return
        kept = {v: w for v, w in merged.items() if w != 0}
        if not kept:
            place = next(iter(merged))
            ones = (1,) * len(place)
            self._keep(Measure(Lattice(place, ones, ones), from_fractions([Fraction(0)])))
            return
        if letters:
            self._keep(arranged_vectors(list(kept), from_expressions(list(kept.values()), frozenset())))
            return
        self._keep(arranged_vectors(list(kept), from_fractions([Fraction(w) for w in kept.values()])))

    def _dense(self, weights: Mapping[Vector, Any]) -> None:
        """Floating weights on the smallest lattice that holds their points."""
        box, indices = smallest_lattice(list(weights))
        planning.check_cells(box.size, "a kernel of floats", "give fractions: exact kernels may be sparse")
        array = np.zeros(box.shape)
        array[indices] = doubles_of(np.array(list(weights.values()), dtype=object))
        self._hold(array, box, 0.0)

    def _from_array(self, weights: ArrayLike, origin: StepLike, step: StepLike) -> None:
        array = np.asarray(weights)
        if array.ndim == 0 or array.size == 0:
            raise DimensionError(f"a kernel needs an array of one or more dimensions, got shape {array.shape}")
        start, steps = per_axis(origin, array.ndim, "origin"), per_axis(step, array.ndim, "step")
        if min(steps) <= 0:
            raise DistconvValueError(f"step must be > 0 on every axis, got {step!r}; reflect with k.reflect()")
        box = Lattice(start, steps, array.shape)
        if array.dtype.kind == "f":
            if not np.isfinite(array).all():
                raise DistconvValueError("the weights of a kernel must be finite numbers; the array holds nan or inf")
            self._hold(array.astype(np.float64), box, 0.0)
            return
        if array.dtype.kind not in "iubOUS":
            raise DistconvTypeError(f"weights must be real numbers, got an array of dtype {array.dtype}")
        vectors = list(box.vectors())
        values = [read_weight(w, v) for w, v in zip(array.ravel().tolist(), vectors, strict=True)]
        exact = [v for v in values if isinstance(v, int | Fraction)]
        if len(exact) == len(values):
            # Zeros at the rim of an array are a part of it: they decide what "valid" is.
            self._keep(Measure(box, from_fractions(exact)))
        else:
            self._from_vectors(vectors, values)

    def _keep(self, measure: Measure) -> None:
        for name, field in (("_measure", measure), ("_box", measure.box), ("_error", 0.0)):
            write(self, name, field)

    def _hold(self, array: FloatArray, box: Lattice, error: float) -> None:
        array = array.copy()
        array.flags.writeable = False
        for name, field in (("_measure", None), ("_array", array), ("_box", box), ("_error", error)):
            write(self, name, field)

    @classmethod
    def _of(cls, measure: Measure) -> Kernel:
        kernel = object.__new__(cls)
        kernel._keep(measure)
        return kernel

    @classmethod
    def _floats(cls, array: FloatArray, box: Lattice, error: float) -> Kernel:
        kernel = object.__new__(cls)
        kernel._hold(array, box, error)
        return kernel

    def __reduce__(self) -> Any:
        if self._measure is not None:
            return Kernel._of, (self._measure,)
        return Kernel._floats, (self._array, self._box, self._error)

    @classmethod
    def box(cls, *shape: int) -> Kernel:
        """The mean of a box of cells around 0: a moving average, a box blur. Of an even length one more lies above 0.

        >>> from distconv import Kernel
        >>> Kernel.box(3).to_dict()
        {-1: Fraction(1, 3), 0: Fraction(1, 3), 1: Fraction(1, 3)}
        """
        sizes = tuple(check_integer("a box's length", n, at_least=1) for n in shape)
        if not sizes:
            raise DimensionError("a box needs a length for each axis: Kernel.box(3, 3)")
        weight = Fraction(1, math.prod(sizes))
        planning.check_cells(math.prod(sizes), "the box", "make it shorter")
        cells = np.full(sizes, weight, dtype=object)
        return cls(cells, origin=tuple(-((n - 1) // 2) for n in sizes))

    @classmethod
    def from_distribution(cls, X: Distribution) -> Kernel:
        """The kernel that displaces at random: weights are the probabilities of X, a finite law."""
        check_law("X", X)
        if not X.is_finite:
            raise DistconvTypeError(f"{X!r} has no end; cut it first: X.truncate(high=100)")
        measure = X.law.measure
        if measure.weights.is_exact:
            return cls._of(measure)
        kernel = object.__new__(cls)
        vectors = [as_vector(x) for x in X.support]
        kernel._dense(dict(zip(vectors, (float(p) for _, p in X), strict=True)))
        return cls._floats(kernel._array, kernel._box, measure.weights.error * float(kernel._array.max()))

    def to_distribution(self) -> Distribution:
        """The law of the displacement.

        Raises:
            DistconvValueError: a weight is negative, or they do not total 1; the message says which.
        """
        weights = self.to_dict()
        for place, weight in weights.items():
            if not is_expression(weight) and weight < 0:
                raise DistconvValueError(
                    f"this kernel is no law: the weight of {place} is {weight}, and probabilities are >= 0"
                )
        total = self.total
        near = isinstance(total, float) and abs(total - 1) <= 1e-9
        if not near and not is_expression(total) and total != 1:
            raise DistconvValueError(
                f"this kernel is no law: its weights total {total}, not 1; divide by it first: k / k.total"
            )
        return Distribution(weights)

    # What it is ---------------------------------------------------------------------------------------------------

    @property
    def ndim(self) -> int:
        """The dimension of the places."""
        return self._box.ndim

    @property
    def shape(self) -> tuple[int, ...]:
        """How many cells `to_array` has on each axis."""
        return self._grid.shape

    @property
    def origin(self) -> Outcome:
        """The place of the first cell of `to_array`."""
        return as_outcome(self._box.origin)

    @property
    def step(self) -> Outcome:
        """How far neighbouring cells lie apart on each axis, which is 1 where all places are whole numbers."""
        return as_outcome(self._grid.step)

    @property
    def _grid(self) -> Lattice:
        """The lattice that callers see: with steps of 1 where places are whole, however far apart."""
        box = self._box
        if any(v.denominator > 1 for v in (*box.origin, *box.step)):
            return box
        return Lattice(box.origin, (1,) * self.ndim, spread_shape(box.shape, tuple(map(int, box.step))))

    @property
    def kind(self) -> str:
        """``"exact"``, ``"symbolic"`` or ``"float"``."""
        return "float" if self._measure is None else self._measure.weights.kind

    @property
    def is_exact(self) -> bool:
        """Whether the weights are exact."""
        return self._measure is not None

    @property
    def error(self) -> float:
        """A bound on the *absolute* rounding error of every weight; 0.0 for exact ones."""
        return self._error

    def to_dict(self) -> dict[Outcome, Coefficient]:
        """The weights that are not 0 by their places, in ascending order; whole ones as ints."""
        measure, box = self._measure, self._box
        if measure is None:
            cells = np.flatnonzero(self._array)
            values: list[Any] = [float(w) for w in self._array.ravel()[cells]]
        else:
            cells = positive_cells(measure)
            stored = measure.weights
            values = [_plain(w) for w in stored.numbers(stored.positive())]
        return {as_outcome(box.vector(int(c))): w for c, w in zip(cells.tolist(), values, strict=True)}

    @property
    def support(self) -> list[Outcome]:
        """The places whose weight is not 0, in ascending order."""
        return list(self.to_dict())

    @property
    def total(self) -> Coefficient:
        """The sum of all weights, rounded once; 1 for a blur that keeps brightness, 0 for an edge."""
        if self._measure is None:
            return to_double(sum(map(Fraction, self._array[self._array != 0].tolist()), start=Fraction(0)))
        return _plain(tidied(sum(self.to_dict().values(), start=Fraction(0))))

    def to_array(self, dtype: DTypeLike | None = None) -> AnyArray:
        """The weights as a dense array from `origin` on, in steps of `step`: doubles, or objects where they are exact.

        Args:
            dtype: numpy's word for other numbers, ``float`` say.
        """
        grid = self._grid
        planning.check_cells(grid.size, "the array of the kernel", "ask for single weights: k[outcome]")
        array = spread(self._stored(), strides_on(self._box, grid.step))
        if dtype is not None and array.dtype == object and np.dtype(dtype).kind == "f":
            array = doubles_of(array)
        return array.astype(array.dtype if dtype is None else dtype)

    def _stored(self) -> AnyArray:
        """The weights on the kernel's own lattice."""
        if self._measure is None:
            return self._array
        planning.check_cells(self._box.size, "the array of the kernel", "ask for single weights: k[outcome]")
        result = np.zeros(self._box.size, dtype=object)
        stored = self._measure.weights
        cells = positive_cells(self._measure).tolist()
        for cell, weight in zip(cells, stored.numbers(stored.positive()), strict=True):
            result[cell] = _plain(weight)
        return result.reshape(self._box.shape)

    @property
    def letters(self) -> frozenset[sympy.Symbol]:
        """The free symbols of the weights; empty where these are numbers."""
        return frozenset(letter for weight in self.to_dict().values() for letter in letters_of(weight))

    def subs(self, values: Mapping[Any, ScalarLike]) -> Kernel:
        """The kernel with values in place of letters; floating where one is a float and no letter is left."""
        weights, floating = substituted(self.to_dict(), values)
        kernel = Kernel(weights)
        return kernel.to_float() if floating and not kernel.letters else kernel

    def to_float(self) -> Kernel:
        """The kernel with floating weights."""
        if self._measure is None:
            return self
        array = doubles_of(self._stored())
        return self._floats(array, self._box, bounds.UNIT * float(np.abs(array).max()))

    def __getitem__(self, place: OutcomeLike) -> Coefficient:
        """The weight of a place; 0 where there is none."""
        vector = read_vector(place, self.ndim, "place")
        return self.to_dict().get(as_outcome(vector), 0.0 if self._measure is None else 0)

    # Combine ------------------------------------------------------------------------------------------------------

    def __mul__(self, other: Kernel | WeightLike) -> Kernel:
        """The convolution of two kernels, or the kernel with all weights times a number."""
        if isinstance(other, Kernel):
            return self._convolved(other)
        return self._scaled(other)

    __rmul__ = __mul__

    def __truediv__(self, other: WeightLike) -> Kernel:
        """The kernel with all weights divided by a number."""
        if isinstance(other, Kernel):
            raise DistconvTypeError("kernels are not divided; for laws see distconv.deconvolve(S, Y)")
        if other == 0:
            raise DistconvValueError("cannot divide the weights of a kernel by 0")
        return self._scaled(1 / other if isinstance(other, float) else Fraction(1) / read_weight(other, (0,)))

    def _scaled(self, factor: WeightLike) -> Kernel:
        factor = read_weight(factor, (0,))
        if self._measure is None or isinstance(factor, float):
            own = self.to_float()
            size = abs(float(factor))
            error = own._error * size + bounds.UNIT * size * float(np.abs(own._array).max())
            return self._floats(own._array * float(factor), own._box, error)
        kernel = object.__new__(Kernel)
        vectors = [as_vector(x) for x in self.to_dict()] or [self._box.origin]
        values = [w * factor for w in self.to_dict().values()] or [Fraction(0)]
        kernel._from_vectors(vectors, values)
        return kernel

    def _same(self, other: Kernel) -> None:
        if self.ndim != other.ndim:
            raise DimensionError(f"both kernels need one dimension, got {self.ndim} and {other.ndim}")

    def _convolved(self, other: Kernel) -> Kernel:
        self._same(other)
        a, b = self._measure, other._measure
        if a is not None and b is not None:
            if not are_numbers(a.weights, b.weights):
                return self._of(convolution.convolve(a, b)[0])
            box = sum_box(a.box, b.box)
            f, g = self.to_dict(), other.to_dict()
            if len(f) * len(g) * PAIR_CELLS <= box.size:
                return self._by_pairs(f, g)
            planning.check_cells(box.size, "the product", "give fewer weights")
            return self._of(tightened(exact.convolve(a, b)))
        x, y = self.to_float(), other.to_float()
        step = common_step(x._box, y._box)
        p, q = (spread(k._array, strides_on(k._box, step)) for k in (x, y))
        box = sum_box(x._box, y._box)
        planning.check_cells(box.size, "the product", "give fractions: exact kernels may be sparse")
        found, error = product(p, q)
        error += (
            x._error * float(np.abs(q).sum()) + y._error * float(np.abs(p).sum()) + x._error * y._error * found.size
        )
        return self._floats(found, box, error)

    def _by_pairs(self, f: dict[Outcome, Any], g: dict[Outcome, Any]) -> Kernel:
        """The convolution of few weights far apart."""
        terms: dict[Vector, Any] = {(0,) * self.ndim: Fraction(0)}
        for x, weight in f.items():
            for y, w in g.items():
                p, q = (as_vector(v) for v in (x, y))
                place = tuple(whole(Fraction(a) + b) for a, b in zip(p, q, strict=True))
                terms[place] = terms.get(place, 0) + weight * w
        kernel: Kernel = object.__new__(Kernel)
        kernel._from_vectors(list(terms), list(terms.values()))
        return kernel

    def __pow__(self, n: int) -> Kernel:
        """The kernel convolved with itself, n times in all; n = 0 is the kernel that changes nothing."""
        copies = check_integer("n", n, at_least=0)
        if copies == 0:
            return Kernel({as_outcome((0,) * self.ndim): 1})
        return by_squaring(self, copies, lambda k, other, _: k._convolved(other))

    def __add__(self, other: Kernel) -> Kernel:
        """The kernel whose weights are the sums of both, place by place."""
        if not isinstance(other, Kernel):
            raise DistconvTypeError(
                f"a kernel is added to a kernel, place by place, got {other!r}; to move one convolve with "
                "Kernel({shift: 1})"
            )
        self._same(other)
        places = [*self.to_dict().items(), *other.to_dict().items()] or [(self.origin, 0)]
        floating = self._measure is None or other._measure is None
        total: Kernel = object.__new__(Kernel)
        vectors = [as_vector(x) for x, _ in places]
        total._from_vectors(vectors, [float(w) if floating else w for _, w in places])
        if not floating:
            return total
        largest = float(np.abs(total._array).max())
        error = self._error + other._error + 3 * bounds.UNIT * largest
        return Kernel._floats(total._array, total._box, error)

    def __sub__(self, other: Kernel) -> Kernel:
        """The kernel whose weights are the differences of both, place by place."""
        return self.__add__(-other)

    def __neg__(self) -> Kernel:
        return self._scaled(-1)

    def reflect(self) -> Kernel:
        """The kernel turned around: k.reflect()[a] is k[-a]."""
        if self._measure is not None:
            return self._of(affine.reflected(self._measure))
        high = tuple(whole(-h) for h in self._box.high)
        turned = self._array[(slice(None, None, -1),) * self.ndim]
        return self._floats(turned, Lattice(high, self._box.step, self._box.shape), self._error)

    # Apply --------------------------------------------------------------------------------------------------------

    def _taps(self) -> filtering.Taps:
        """The weights that are not 0, at whole places."""
        return filtering.taps_of(self._box, self._array if self._measure is None else self._measure)

    def apply(
        self,
        signal: ArrayLike,
        *,
        mode: Mode = "same",
        boundary: Boundary = "zero",
        correlate: bool = False,
        channels: bool = False,
        stride: ShapeLike = 1,
        exact: bool = False,
    ) -> AnyArray:
        """The output c -> sum over a of k[a] signal[c - a], for a signal whose places are 0, 1, 2, ... on each axis.

        Args:
            signal: an array of the kernel's dimension. Integers under an integer kernel stay integers (past int64
                Python's own), objects (fractions) exact; integers under a kernel of fractions become floats. NaN and
                infinite values reach their taps alone; what is masked masks what reads it. Where the kernel or the
                signal (a list, an array, a matrix of sympy's) has letters, the output is an array of expressions.
            mode: ``"same"``: the places of the signal; ``"full"``: all that the kernel reaches; ``"valid"``: those
                whose sum stays inside.
            boundary: what lies outside: ``"zero"``, ``"edge"`` (the outermost value), ``"reflect"`` (mirrored about the
                outermost value), ``"symmetric"`` (mirrored behind it), ``"wrap"``: the words of numpy.pad.
            correlate: signal[c + a] in place of signal[c - a]: what neural networks call convolution.
            channels: whether the last axis of the signal holds channels, which are filtered one by one.
            stride: keep every so many outputs, one number or one for each axis.
            exact: fractions, as Python's numbers, from an exact kernel and a signal of integers.

        Returns:
            Every output is right to ``settings.tolerance`` (or one rounding a tap) x (the sum of all ``|k[a]|``) x (the
            largest ``|signal|`` in the kernel's box there), 0 where only zeros meet, and not negative where nothing is.

        Raises:
            DimensionError: the array's axes are not the kernel's.
            DistconvValueError: an unknown mode or boundary; a kernel at places that are no whole numbers.
            SizeLimitError: the output would pass ``settings.max_bytes``.

        Tap by tap, point by point of a signal of few, along the axes one by one, or by overlapping FFTs, whichever is
        predicted to be quickest.

        >>> from distconv import Kernel
        >>> Kernel({0: 1, 2: 0.5}).apply([8.0, 0, 0, 0]).tolist()
        [8.0, 0.0, 4.0, 0.0]
        """
        taps = (self.reflect() if correlate else self)._taps()
        found = filtering.applied(taps, signal, self.ndim, channels, mode, boundary, exact)
        steps = self._strides(stride)
        return found if set(steps) == {1} else found[tuple(slice(None, None, s) for s in steps)]

    def matrix(
        self,
        n: ShapeLike,
        *,
        mode: Mode = "same",
        boundary: Boundary = "zero",
        correlate: bool = False,
        stride: ShapeLike = 1,
    ) -> csr_array | sympy.SparseMatrix:
        """The kernel as a sparse matrix W: ``W @ x.ravel()`` is ``k.apply(x).ravel()`` for signals of shape n.

        In 1-D a Toeplitz matrix, constant along its diagonals; in 2-D doubly block Toeplitz; circulant for
        ``boundary="wrap"``.

        Args:
            n: the signal's length, or its shape.
            mode, boundary, correlate, stride: as in `apply`.

        Returns:
            A scipy.sparse CSR array of integers or doubles; of a kernel with letters a ``sympy.SparseMatrix``.

        >>> from distconv import Kernel
        >>> Kernel({0: 1, 1: -1}).matrix(3).toarray().tolist()
        [[1, 0, 0], [-1, 1, 0], [0, -1, 1]]
        """
        shape = tuple(n) if isinstance(n, tuple | list) else (n,)
        sizes = tuple(check_integer("n", v, at_least=1) for v in shape)
        if len(sizes) != self.ndim:
            raise DimensionError(f"a {self.ndim}-D kernel needs a shape of {self.ndim} lengths, got {n!r}")
        taps = (self.reflect() if correlate else self)._taps()
        slide = filtering.Slide.of(sizes, taps.low, taps.high, mode)
        way = filtering.letter_matrix if taps.has_letters else filtering.matrix
        return way(taps, slide, boundary, self._strides(stride))

    def _strides(self, stride: ShapeLike) -> tuple[int, ...]:
        steps = tuple(stride) if isinstance(stride, tuple | list) else (stride,) * self.ndim
        if len(steps) != self.ndim:
            raise DimensionError(f"a {self.ndim}-D kernel needs {self.ndim} strides, got {stride!r}")
        return tuple(check_integer("stride", s, at_least=1) for s in steps)

    # Compare and show ---------------------------------------------------------------------------------------------

    def __eq__(self, other: object) -> bool:
        """Whether both have the same weights at the same places."""
        return self.to_dict() == other.to_dict() if isinstance(other, Kernel) else NotImplemented

    def __hash__(self) -> int:
        return hash(frozenset(self.to_dict().items()))

    def __bool__(self) -> NoReturn:
        raise DistconvTypeError("a kernel has no truth value; compare kernels with ==, or ask for k.total")

    def __repr__(self) -> str:
        weights = self.to_dict()
        if self.ndim == 1 and len(weights) <= 8:
            return f"Kernel({{{', '.join(f'{x}: {w}' for x, w in weights.items())}}})"
        low, high = as_outcome(self._box.origin), as_outcome(self._box.high)
        return f"Kernel({self.ndim}-D, {len(weights)} weights {low}..{high}, {self.kind}, total {self.total})"


def _plain(weight: Any) -> Any:
    """A whole fraction as an int."""
    return int(weight) if isinstance(weight, Fraction) and weight.denominator == 1 else weight
