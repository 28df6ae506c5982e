"""What may stand in place of addition: sum over a o b = c of f(a) g(b), for any associative operation o.

A monoid is a record: an operation on outcomes, its identity, and, where there is one, the name of a fast way. The
operations here are records, too, of what they need to know: equal ones are equal, and a monoid pickles wherever its
operation does.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from itertools import permutations
from operator import add as plus
from typing import Any

import numpy as np

from distconv.checks import check_integer
from distconv.errors import DistconvTypeError, DistconvValueError
from distconv.support.outcomes import on_each_axis, read_scalar, whole
from distconv.typing import Outcome, OutcomeLike, Scalar, ScalarLike

#: Largest group whose Cayley table is checked for associativity: its triples are all tried.
MOST_ELEMENTS = 400


@dataclass(frozen=True, slots=True)
class Monoid:
    """An associative operation on outcomes, with its identity.

    Attributes:
        op: the operation: two outcomes (numbers, or tuples of them) in, one out. It must be associative; a law of your
            own is checked by `distconv.testing.assert_laws`.
        identity: the outcome e with e o x = x o e = x; None where there is none.
        name: what it is called in messages.
        commutative: whether a o b = b o a.
        elements: all outcomes of a finite group or monoid, where they are known.
        way: the fast way by which it is computed; ``"pairs"`` tries all pairs of outcomes.

    >>> from distconv import Die, convolve
    >>> from distconv.monoids import Monoid
    >>> rock = Monoid(lambda a, b: a * b % 7, 1, name="times modulo 7")
    >>> convolve(Die(6), Die(6), monoid=rock) == Die(6)
    True
    """

    op: Callable[[Any, Any], Any]
    identity: Outcome | None = None
    name: str = "operation"
    commutative: bool = True
    elements: tuple[Outcome, ...] | None = None
    way: str = "pairs"
    modulus: Outcome | None = None

    def __post_init__(self) -> None:
        if not callable(self.op):
            raise DistconvTypeError(f"op must be a function of two outcomes, got {self.op!r}; Monoid(lambda a, b: ...)")

    def __repr__(self) -> str:
        return f"Monoid({self.name})"

    def __reduce__(self) -> Any:
        # Those of this module are the objects themselves, wherever they come out of a pickle.
        if globals().get(self.name) is self:
            return self.name
        return Monoid, tuple(getattr(self, field.name) for field in fields(self))

    @classmethod
    def from_table(cls, table: Sequence[Sequence[int]], *, name: str = "table") -> Monoid:
        """The finite monoid of a Cayley table: element i times element j is ``table[i][j]``, elements are 0, 1, ....

        Raises:
            DistconvValueError: the table is not square, leaves the elements, has no identity or is not associative; the
                message names a triple.
        """
        try:
            cells = np.array(table)
        except ValueError:
            raise DistconvValueError(f"a Cayley table must be square, got rows of {sorted(map(len, table))}") from None
        size = len(cells)
        if cells.ndim != 2 or cells.shape != (size, size) or size == 0:
            raise DistconvValueError(f"a Cayley table must be square and not empty, got shape {cells.shape}")
        if cells.dtype.kind not in "iu" or cells.min() < 0 or cells.max() >= size:
            raise DistconvValueError(f"entries of a {size} x {size} Cayley table must be integers from 0 to {size - 1}")
        if size > MOST_ELEMENTS:
            raise DistconvValueError(
                f"tables of more than {MOST_ELEMENTS} elements are not checked, got {size}; write Monoid(op, identity)"
            )
        every = np.arange(size)
        units = [i for i in range(size) if (cells[i] == every).all() and (cells[:, i] == every).all()]
        if not units:
            raise DistconvValueError("the table has no identity: no row and column that leave all elements as they are")
        wrong = np.argwhere(cells[cells] != cells[every[:, None, None], cells[None]])
        if len(wrong):
            i, j, k = wrong[0].tolist()
            raise DistconvValueError(
                f"the table is not associative: ({i} o {j}) o {k} = {cells[cells[i, j], k]}, but "
                f"{i} o ({j} o {k}) = {cells[i, cells[j, k]]}"
            )
        commutative = bool((cells == cells.T).all())
        op = TableOperation(tuple(map(tuple, cells.tolist())), name)
        return cls(op, units[0], name, commutative, tuple(range(size)))


@dataclass(frozen=True, slots=True)
class TableOperation:
    """The operation of a Cayley table."""

    rows: tuple[tuple[int, ...], ...]
    name: str

    def __call__(self, a: Any, b: Any) -> Any:
        """The entry of a row and a column."""
        size = len(self.rows)
        for x in (a, b):
            if type(x) is not int or not 0 <= x < size:
                raise DistconvValueError(f"outcome {x} is no element of {self.name}: those are 0 to {size - 1}")
        return self.rows[a][b]


@dataclass(frozen=True, slots=True)
class Coordinatewise:
    """An operation on numbers, coordinate by coordinate on tuples."""

    operation: Callable[[Any, Any], Any]

    def __call__(self, a: Any, b: Any) -> Any:
        """The result of two outcomes."""
        if isinstance(a, tuple):
            return tuple(self.operation(p, q) for p, q in zip(a, b, strict=True))
        return self.operation(a, b)


def _xor(a: Any, b: Any) -> int:
    """The bitwise exclusive or of two integers >= 0."""
    for x in (a, b):
        if type(x) is not int or x < 0:
            raise DistconvValueError(
                f"xor is for integers >= 0, got the outcome {x}; give the bits a code first: X.map"
            )
    return int(a ^ b)


def _product(a: Any, b: Any) -> Any:
    """The product of two positive numbers."""
    for x in (a, b):
        if x <= 0:
            raise DistconvValueError(
                f"multiply is for positive outcomes, got {x}; for the product of any numbers write "
                "product(X, Y).map(lambda p: p[0] * p[1])"
            )
    return a * b


#: a + b: the convolution itself.
add = Monoid(Coordinatewise(plus), 0, "add", way="add")
#: The larger one, coordinate by coordinate (no identity: no number is below all others).
maximum = Monoid(Coordinatewise(max), None, "maximum", way="maximum")
#: The smaller one, coordinate by coordinate.
minimum = Monoid(Coordinatewise(min), None, "minimum", way="minimum")
#: The bitwise exclusive or of integers >= 0, coordinate by coordinate.
xor = Monoid(Coordinatewise(_xor), 0, "xor", way="xor")
#: The product of positive numbers, coordinate by coordinate.
multiply = Monoid(Coordinatewise(_product), 1, "multiply", way="multiply")


def modulo(n: OutcomeLike) -> Monoid:
    """Addition modulo n: circular convolution on the residues 0 <= r < n.

    Args:
        n: a positive number (hours modulo 24, angles modulo 1/3), or a tuple of them, one for each coordinate.

    >>> from distconv import Die, convolve
    >>> from distconv.monoids import modulo
    >>> convolve(Die(6), Die(6), monoid=modulo(12)).pmf(0)
    Fraction(1, 36)
    """
    moduli = read_modulus(n)
    elements = tuple(range(moduli)) if isinstance(moduli, int) and moduli <= MOST_ELEMENTS else None
    return Monoid(Remainder(moduli), 0, f"modulo {moduli}", True, elements, "modulo", moduli)


@dataclass(frozen=True, slots=True)
class Remainder:
    """Addition modulo a number, or modulo one for each coordinate."""

    moduli: Outcome

    def __call__(self, a: Any, b: Any) -> Any:
        """The remainder of a sum."""
        if isinstance(a, tuple):
            sizes = on_each_axis(self.moduli, len(a))
            return tuple(whole((p + q) % m) for p, q, m in zip(a, b, sizes, strict=True))
        return whole((a + b) % self.moduli)


def read_modulus(n: OutcomeLike) -> Outcome:
    """A positive number, or a tuple of them."""
    if isinstance(n, tuple):
        return tuple(_positive(v) for v in n)
    return _positive(n)


def _positive(n: ScalarLike) -> Scalar:
    """A number > 0."""
    size = read_scalar(n, "modulus")
    if size <= 0:
        raise DistconvValueError(f"a modulus must be > 0, got {n!r}")
    return size


def symmetric(n: int) -> Monoid:
    """The permutations of n things, as tuples: (a o b)[i] = a[b[i]], first b, then a. Card shuffles are laws on it."""
    size = check_integer("n", n, at_least=2)
    if size > 7:
        raise DistconvValueError(f"the permutations of {size} things are {math.factorial(size):,}; up to 7 are listed")
    every = tuple(permutations(range(size)))
    return Monoid(Composition(size), tuple(range(size)), f"permutations of {size}", size < 3, every)


@dataclass(frozen=True, slots=True)
class Composition:
    """One permutation of so many things after another."""

    size: int

    def __call__(self, a: Any, b: Any) -> tuple[int, ...]:
        """First b, then a."""
        for x in (a, b):
            if not isinstance(x, tuple) or sorted(x) != list(range(self.size)):
                raise DistconvValueError(f"outcome {x} is no permutation of 0, ..., {self.size - 1}")
        return tuple(a[i] for i in b)


def identity_of(monoid: Monoid, ndim: int) -> Outcome:
    """The identity, for outcomes of this dimension."""
    e = monoid.identity
    if e is None:
        raise DistconvValueError(f"{monoid.name} has no identity, so 0 copies have no law; n must be at least 1")
    return e if ndim == 1 else on_each_axis(e, ndim)
