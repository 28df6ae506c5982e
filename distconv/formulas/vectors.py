"""`VectorCopies`: sums of so many independent vectors as a letter says; multinomial laws and walks in the plane."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np

from distconv.algebra import sums
from distconv.coordinates import asked
from distconv.errors import DimensionError, DistconvTypeError
from distconv.formulas import sums as formulas
from distconv.formulas.atom import replaced
from distconv.formulas.counted import count_of_copies
from distconv.formulas.sums import as_formula
from distconv.laws import image
from distconv.laws.finite import Finite
from distconv.laws.law import Law
from distconv.laws.rules import rule
from distconv.measure import Measure
from distconv.measure.reading import collected, is_collection
from distconv.numbers import letters
from distconv.numbers.letters import expression_of, number_of
from distconv.planning import Origin
from distconv.queries.letters import read_values
from distconv.support.outcomes import as_vector, whole
from distconv.transforms import images
from distconv.typing import Answer, AnyArray, Kind, Moment, Place, Question, Scalar, Transform, Vector
from distconv.value import write

if TYPE_CHECKING:
    import sympy


class VectorCopies(Law):
    """The law of the sum of n independent copies of a finite law of vectors, n a letter, and of a constant.

    Args:
        term: the law of one copy.
        count: n.
        offset: the constant vector, of numbers or expressions.
    """

    __slots__ = ("count", "offset", "term")

    term: Law
    count: sympy.Expr
    offset: tuple[Any, ...]

    def __init__(self, term: Law, count: sympy.Expr, offset: tuple[Any, ...] = ()) -> None:
        write(self, "_memory", None)
        write(self, "origin", Origin("given", "so many copies as a letter says"))
        write(self, "term", term)
        write(self, "count", count)
        write(self, "offset", tuple(map(expression_of, offset)) or (expression_of(0),) * term.ndim)

    def __reduce__(self) -> Any:
        return VectorCopies, (self.term, self.count, self.offset)

    # What it is ---------------------------------------------------------------------------------------------------

    @property
    def measure(self) -> Measure:
        self.refuse("this answer")

    @property
    def laid(self) -> None:
        """None: a letter says how many outcomes there are."""
        return None

    def refuse(self, what: str) -> NoReturn:
        """Refuses a question that only numbers answer."""
        values = ", ".join(f"{letter}: ..." for letter in sorted(map(str, self.letters)))
        raise DistconvTypeError(f"{what} depends on letters: substitute numbers first, X.subs({{{values}}})")

    @property
    def is_by_formula(self) -> bool:
        return True

    def is_laid_out(self) -> bool:
        return False

    @property
    def ndim(self) -> int:
        return self.term.ndim

    @property
    def kind(self) -> Kind:
        """``"symbolic"``."""
        return "symbolic"

    @property
    def is_exact(self) -> bool:
        return True

    @property
    def error(self) -> float:
        return 0.0

    @property
    def missing(self) -> float:
        return 0.0

    @property
    def lost(self) -> float:
        return 0.0

    @property
    def letters(self) -> frozenset[sympy.Symbol]:
        found = set(self.term.letters) | letters.letters_of(self.count)
        return frozenset(found.union(*map(letters.letters_of, self.offset)))

    @property
    def assumptions(self) -> tuple[sympy.Basic, ...]:
        import sympy

        needed = {*self.term.assumptions, sympy.Ge(self.count, 0)} - {sympy.true}
        return tuple(sorted(needed, key=str))

    def name(self) -> str:
        """The copies as they are written."""
        count = f"({self.count})" if self.count.is_Add else str(self.count)
        shift = f" + ({', '.join(map(str, self.offset))})" if any(self.offset) else ""
        return f"{count} @ Distribution({self.ndim}-D, {len(self.term.support)} outcomes){shift}"

    def summary(self) -> str:
        means: Any = self.mean()
        mean = ", ".join(map(str, means))
        shown = ", ".join(sorted(map(str, self.letters)))
        return f"{self.name()}: {self.ndim}-D, symbolic in {shown}, mean ({mean})"

    def __eq__(self, other: object) -> bool:
        """Whether both are as many copies of the same law."""
        if not isinstance(other, type(self)):
            return False
        return (self.count, self.offset) == (other.count, other.offset) and self.term == other.term

    def __hash__(self) -> int:
        return hash((self.term, self.count, self.offset))

    # Questions ----------------------------------------------------------------------------------------------------

    def at(self, x: Question, *, log: bool = False) -> Answer:
        """P(X = x), a product of binomial coefficients, or a sum of some; x a vector of numbers or expressions."""
        if isinstance(x, tuple):
            value: Any = self._at(x)
            return letters.log(value) if log else value
        if not is_collection(x):
            raise DimensionError(f"an outcome is a tuple of {self.ndim} numbers, got {x!r}")
        points = np.asarray(asked(collected(x, "x")), dtype=object)
        found = np.empty(points.shape[:-1], dtype=object)
        for index in np.ndindex(found.shape):
            value = self._at(tuple(points[index]))
            found[index] = letters.log(value) if log else value
        return found

    def _at(self, x: tuple[Any, ...]) -> sympy.Expr:
        if len(x) != self.ndim:
            raise DimensionError(f"an outcome is a tuple of {self.ndim} numbers, got {x!r}")
        place = [expression_of(v) - by for v, by in zip(x, self.offset, strict=True)]
        entries = [(tuple(map(expression_of, as_vector(v))), expression_of(w)) for v, w in self.term.entries()]
        found = count_of_copies(entries, self.count, place)
        if found is None:
            self.refuse(f"P(X = {x}), which is a sum over more than one number of copies,")
        return found

    def mean(self) -> Moment:
        return self._each(lambda v, by: self.count * v + by, self.term.mean(), self.offset)

    def var(self) -> Moment:
        return self._each(lambda v, _: self.count * v, self.term.var(), self.offset)

    def std(self) -> AnyArray:
        found: AnyArray = self._each(lambda v, _: letters.square_root(self.count * v), self.term.var(), self.offset)
        return found

    def cov(self) -> Moment:
        table = np.asarray(self.term.cov(), dtype=object)
        found = np.empty(table.shape, dtype=object)
        for index in np.ndindex(table.shape):
            found[index] = self.count * expression_of(table[index])
        return found

    def _each(self, of: Any, values: Any, offset: tuple[Any, ...]) -> Any:
        """A function of each coordinate."""
        found = np.empty(self.ndim, dtype=object)
        for i, (value, by) in enumerate(zip(values, offset, strict=True)):
            found[i] = of(expression_of(value), by)
        return found

    def pgf(self, z: Place) -> Transform:
        import sympy

        one: Any = expression_of(self.term.pgf(z))
        bases = z if isinstance(z, tuple) else (z,)
        shift = sympy.Mul(*(expression_of(b) ** by for b, by in zip(bases, self.offset, strict=True)))
        return one**self.count * shift

    # Laws made of it ----------------------------------------------------------------------------------------------

    def shifted(self, by: Vector) -> Law:
        return VectorCopies(
            self.term, self.count, tuple(o + expression_of(v) for o, v in zip(self.offset, by, strict=True))
        )

    def scaled(self, factor: Scalar) -> Law:
        scaled = image.scaled(self.term, factor)
        return VectorCopies(scaled, self.count, tuple(expression_of(factor) * o for o in self.offset))

    def marginal(self, axes: Sequence[int]) -> Law:
        """The law of some coordinates: copies of that of the term."""
        term = Finite(images.marginal(self.term.measure, tuple(axes)))
        if len(axes) > 1:
            return VectorCopies(term, self.count, tuple(self.offset[i] for i in axes))
        moved = as_formula(formulas.copies_of(term, self.count))
        return moved.displaced(self.offset[axes[0]]) if self.offset[axes[0]] != 0 else moved

    def subs(self, values: Mapping[Any, Any]) -> Law:
        """The law with values in place of letters: of numbers once n is one."""
        read = read_values(values, set(self.letters))
        term = replaced(self.term, read)
        exact = {s: letters.exact_expression(v) for s, v in read.items()}
        count, offset = self.count.subs(exact), tuple(o.subs(exact) for o in self.offset)
        if not count.is_number:
            return VectorCopies(term, count, offset)
        if not (count.is_Integer and count >= 0):
            raise DistconvTypeError(f"the number of copies becomes {count}; it must be an integer >= 0")
        total = sums.copies(term, int(count))
        if not any(offset):
            return total
        return image.shifted(total, tuple(whole(number_of(o)) for o in offset))


@rule("add", VectorCopies, VectorCopies, needed=True)
def _add(x: VectorCopies, y: VectorCopies) -> Law | None:
    """Copies of one law add; None of others."""
    if x.term != y.term:
        return None
    return VectorCopies(x.term, x.count + y.count, tuple(a + b for a, b in zip(x.offset, y.offset, strict=True)))


def copies_of(law: Law, n: sympy.Expr) -> Law:
    """The law of the sum of n copies of any law, n a letter.

    Raises:
        DistconvTypeError: n cannot be a whole number, or the order of the outcomes is not known.
        DimensionError: an infinite law of vectors.
    """
    if law.ndim == 1 or not law.is_finite or law.spelled() is not None:
        return formulas.copies_of(law, n)
    if n.is_integer is False or n.is_negative:
        raise DistconvTypeError(f"the number of copies must be an integer >= 0, got the expression {n}")
    return VectorCopies(law, n)
