"""Piecewise polynomial densities, exact: the sliding boxes of a continuous convolution.

A density is kept as a sum of truncated powers c (x - t)_+**d, 0 left of the knot t. This form is closed under
convolution, (x - s)_+**a * (x - t)_+**b = a! b! / (a + b + 1)! (x - s - t)_+**(a + b + 1), needs no order of the knots,
which may therefore be letters, and gives B-splines for sums of boxes (Schoenberg, 1946).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NoReturn, TypeAlias

from distconv.checks import check_copies, check_integer
from distconv.construction import exact_measure
from distconv.distribution import Distribution
from distconv.errors import DistconvTypeError, DistconvValueError
from distconv.laws.finite import Finite
from distconv.methods.squaring import by_squaring
from distconv.numbers.letters import expression_of, has_letters, is_expression, letters_of, number_of
from distconv.planning import check_cells
from distconv.queries.letters import read_values
from distconv.support.outcomes import read_scalar
from distconv.typing import Exact, IntegerLike, NumberLike, Rounding, ScalarLike, Vector
from distconv.value import Value, write

if TYPE_CHECKING:
    import sympy

#: Coefficients by (knot, degree).
Powers: TypeAlias = "dict[tuple[Exact, int], Exact]"


class Density(Value):
    """The law of a continuous variable with a piecewise polynomial density, exact.

    ``+`` is the law of the sum of independent variables: two equal boxes make a triangle, n boxes a B-spline (the
    Irwin-Hall law). Knots and coefficients are rational numbers or sympy expressions; a float is read as its shortest
    decimal. Nothing is numerical: answers are `Fraction`, or expressions.

    Make one with `Density.box`, `Density.from_pieces` or `Density.from_piecewise`.

    >>> from distconv import Density
    >>> box = Density.box(0, 1)
    >>> (box + box + box).pdf("3/2")
    Fraction(3, 4)
    """

    __slots__ = ("_powers",)
    _anew = "Density.from_pieces([...])"

    _powers: Powers

    def __init__(self) -> None:
        raise DistconvTypeError(
            "make a density with Density.box(low, high), Density.from_pieces([(low, high, coefficients), ...]) "
            "or Density.from_piecewise(expr, x)"
        )

    @classmethod
    def _of(cls, powers: Powers) -> Density:
        density = object.__new__(cls)
        write(density, "_powers", {key: value for key, value in powers.items() if value != 0})
        return density

    def __reduce__(self) -> tuple[Callable[[Powers], Density], tuple[Powers]]:
        return Density._of, (self._powers,)

    # Make ---------------------------------------------------------------------------------------------------------

    @classmethod
    def box(cls, low: ScalarLike, high: ScalarLike) -> Density:
        """The uniform law on [low, high].

        Raises:
            DistconvValueError: low >= high.
        """
        start, end = _read(low, "low"), _read(high, "high")
        if _decided(end - start) is not None and not end - start > 0:
            raise DistconvValueError(f"a box needs low < high, got low={low!r}, high={high!r}")
        height = 1 / _rational(end - start)
        return cls._of(_collected([((start, 0), height), ((end, 0), -height)]))

    @classmethod
    def from_pieces(cls, pieces: Sequence[tuple[ScalarLike, ScalarLike, Sequence[ScalarLike]]]) -> Density:
        """The law with density c0 + c1 x + c2 x**2 + ... on each interval (low, high, [c0, c1, ...]).

        Raises:
            DistconvValueError: it does not integrate to 1, or is negative somewhere.

        >>> Density.from_pieces([(0, 1, [0, 2])]).mean()
        Fraction(2, 3)
        """
        terms: list[tuple[tuple[Exact, int], Exact]] = []
        for low, high, coefficients in pieces:
            start, end = _read(low, "low"), _read(high, "high")
            if _decided(end - start) is not None and not end - start > 0:
                raise DistconvValueError(f"a piece needs low < high, got low={low!r}, high={high!r}")
            values = [_read(c, "coefficient") for c in coefficients]
            for knot, sign in ((start, 1), (end, -1)):
                # The polynomial about the knot: sum c_k x**k = sum_d (x - t)**d sum_k c_k C(k, d) t**(k - d).
                for degree in range(len(values)):
                    about = sum(
                        values[k] * math.comb(k, degree) * knot ** (k - degree) for k in range(degree, len(values))
                    )
                    terms.append(((knot, degree), sign * about))
        density = cls._of(_collected(terms))
        density._check()
        return density

    @classmethod
    def from_piecewise(cls, expr: sympy.Expr, x: sympy.Symbol) -> Density:
        """The law with a density given as a ``sympy.Piecewise`` of polynomials in x, 0 outside of its intervals."""
        import sympy

        pieces = []
        whole = sympy.sympify(expr)
        for value, condition in (
            sympy.piecewise_fold(whole).args if isinstance(whole, sympy.Piecewise) else ((whole, True),)
        ):
            if value == 0:
                continue
            domain = sympy.S.Reals if condition in (True, sympy.true) else sympy.sympify(condition).as_set()
            for interval in domain.args if isinstance(domain, sympy.Union) else (domain,):
                if not isinstance(interval, sympy.Interval) or not (
                    interval.start.is_finite and interval.end.is_finite
                ):
                    raise DistconvValueError(f"{value} stands on {domain}; a piece needs a bounded interval")
                if not value.is_polynomial(x):
                    raise DistconvTypeError(f"{value} is no polynomial in {x}; densities here are piecewise polynomial")
                pieces.append((interval.start, interval.end, sympy.Poly(value, x).all_coeffs()[::-1]))
        return cls.from_pieces(pieces)

    def _check(self) -> None:
        """The density integrates to 1 and is not negative."""
        total = self.moment(0)
        if total != 1:
            raise DistconvValueError(f"the density integrates to {total}, not 1; divide its coefficients by that")
        if self.letters:
            return
        import sympy

        x = sympy.Symbol("x", real=True)
        for low, high, piece in self._pieces(x):
            points = (
                [low, high, *(r for r in sympy.Poly(piece.diff(x), x).real_roots() if low < r < high)]
                if piece.has(x)
                else [low]
            )
            for point in points:
                if piece.subs(x, point) < 0:
                    raise DistconvValueError(f"the density is {piece.subs(x, point)} at {point}; it must be >= 0")

    # What it is ---------------------------------------------------------------------------------------------------

    @property
    def knots(self) -> tuple[Exact, ...]:
        """The points where pieces meet, ascending where they are numbers."""
        found = {knot for knot, _ in self._powers}
        return tuple(sorted(found) if not self.letters else sorted(found, key=str))

    @property
    def letters(self) -> frozenset[sympy.Symbol]:
        """The free symbols of knots and coefficients."""
        parts = [part for (knot, _), value in self._powers.items() for part in (knot, value)]
        return frozenset(s for part in parts for s in letters_of(part))

    def pdf(self, x: ScalarLike) -> Exact:
        """The density at x: a `Fraction`, or an expression; at a jump the value on the right."""
        return self._sum(_read(x, "x"), 0)

    def cdf(self, x: ScalarLike) -> Exact:
        """P(X <= x), a `Fraction` or an expression."""
        return self._sum(_read(x, "x"), 1)

    def sf(self, x: ScalarLike) -> Exact:
        """P(X > x), a `Fraction` or an expression."""
        return 1 - self.cdf(x)

    def _sum(self, x: Exact, integrated: int) -> Exact:
        """The density, or its integral from the left, at x."""
        import sympy

        total: Exact = Fraction(0)
        for (knot, degree), value in self._powers.items():
            distance = x - knot
            power = distance ** (degree + integrated)
            term = value * power / (degree + 1 if integrated else 1)
            side = _decided(distance)
            if side is None:
                term = sympy.Piecewise((expression_of(term), sympy.Ge(expression_of(distance), 0)), (0, True))
            elif not side:
                continue
            total = total + term if not is_expression(term) else expression_of(total) + term
        return total

    def ppf(self, q: ScalarLike) -> Exact:
        """The quantile: the smallest x with P(X <= x) >= q; rational, or an algebraic number as sympy writes it.

        Raises:
            DistconvTypeError: knots or coefficients are letters.
        """
        import sympy

        if self.letters:
            raise DistconvTypeError(
                f"quantiles depend on {', '.join(sorted(map(str, self.letters)))}: substitute numbers, X.subs({{...}})"
            )
        level = expression_of(_read(q, "q"))
        if not 0 <= level <= 1:
            raise DistconvValueError(f"q must be a probability in [0, 1], got {q!r}")
        x = sympy.Symbol("x", real=True)
        if level == 0:
            return self.knots[0]
        for low, high, piece in self._pieces(x):
            if self.cdf(high) < level:
                continue
            rising = sympy.integrate(piece, (x, low, x)) + expression_of(self.cdf(low)) - level
            roots = [r for r in sympy.Poly(rising, x).real_roots() if low <= r <= high]
            return number_of(roots[0])
        return self.knots[-1]

    def _pieces(self, x: sympy.Symbol) -> list[tuple[sympy.Expr, sympy.Expr, sympy.Expr]]:
        """(low, high, polynomial in x) between neighbouring knots, which are numbers."""
        import sympy

        knots = self.knots
        result = []
        for low, high in pairwise(knots):
            terms = (expression_of(v) * (x - expression_of(t)) ** d for (t, d), v in self._powers.items() if t <= low)
            result.append((expression_of(low), expression_of(high), sympy.expand(sum(terms))))
        return result

    def to_piecewise(self, x: sympy.Symbol) -> sympy.Expr:
        """The density as a ``sympy.Piecewise`` in x; with letters among the knots, a sum of them, one for each knot."""
        import sympy

        if any(has_letters(knot) for knot, _ in self._powers):
            return self._sum(x, 0)
        pieces = [
            (sympy.factor(piece) if piece != 0 else piece, sympy.And(sympy.Le(low, x), sympy.Lt(x, high)))
            for low, high, piece in self._pieces(x)
        ]
        return sympy.Piecewise(*pieces, (0, True))

    # Moments ------------------------------------------------------------------------------------------------------

    def moment(self, k: int) -> Exact:
        """E[X**k], exact.

        The transform E exp(s X) of c (x - t)_+**d is c d! exp(s t) / (-s)**(d + 1), all of them together; its
        coefficient of s**k times k! is the moment.
        """
        order = check_integer("k", k, at_least=0)
        total: Exact = Fraction(0)
        for (knot, degree), value in self._powers.items():
            power = order + degree + 1
            factor = Fraction(
                math.factorial(order) * math.factorial(degree) * (-1) ** (degree + 1), math.factorial(power)
            )
            total = total + value * knot**power * _like(factor, value * knot)
        return _simplified(total)

    def mean(self) -> Exact:
        """The expected value."""
        return self.moment(1)

    def var(self) -> Exact:
        """The variance."""
        return _simplified(self.moment(2) - self.moment(1) ** 2)

    def std(self) -> sympy.Expr:
        """The standard deviation, as sympy writes it."""
        import sympy

        return sympy.sqrt(expression_of(self.var()))

    # Combine ------------------------------------------------------------------------------------------------------

    def __add__(self, other: Density | Distribution | NumberLike) -> Density:
        """The law of the sum of two independent variables; with a `Distribution` a mixture of moved densities."""
        if isinstance(other, Density):
            terms = []
            for (s, a), p in self._powers.items():
                for (t, b), q in other._powers.items():
                    factor = Fraction(math.factorial(a) * math.factorial(b), math.factorial(a + b + 1))
                    terms.append(((s + t, a + b + 1), p * q * _like(factor, p * q)))
            return self._of(_collected(terms))
        if isinstance(other, Distribution):
            return self._mixed(other)
        if isinstance(other, str | bytes):
            return NotImplemented
        by = _read(other, "shift")
        return self._of(_collected([((t + by, d), v) for (t, d), v in self._powers.items()]))

    __radd__ = __add__

    def _mixed(self, law: Distribution) -> Density:
        """The sum of this and a discrete variable."""
        if law.ndim > 1 or law.kind == "float" or not law.is_finite:
            raise DistconvTypeError(
                "a density is added to finite exact 1-D laws, this one is "
                f"{'infinite' if not law.is_finite else law.kind}, {law.ndim}-D; "
                "use X.to_exact(normalize=True), or X.clip(low, high)"
            )
        terms: list[tuple[tuple[Exact, int], Exact]] = []
        for x, w in law:
            assert not isinstance(x, tuple)
            terms.extend(((t + x, d), v * _like(w, v)) for (t, d), v in self._powers.items())
        return self._of(_collected(terms))

    def __neg__(self) -> Density:
        """The law of -X."""
        return self * -1

    def __sub__(self, other: Density | Distribution | NumberLike) -> Density:
        return self.__add__(-other)

    def __rsub__(self, other: Distribution | NumberLike) -> Density:
        return (-self).__add__(other)

    def __mul__(self, factor: NumberLike) -> Density:
        """The law of c X for a number c that is not 0."""
        if isinstance(factor, Density | Distribution):
            raise DistconvTypeError("the product of variables is not a convolution: for copies summed write n @ X")
        by = _read(factor, "factor")
        if by == 0:
            raise DistconvValueError("0 * X is the constant 0, which has no density; write Point(0)")
        positive = _decided(by)
        if positive is None:
            raise DistconvValueError(f"the sign of the factor {by} must be known: use a symbol with positive=True")
        terms = []
        for (t, d), v in self._powers.items():
            # Reflected, (-x - t)_+**d is (-1)**(d + 1) (x + t)_+**d and a polynomial; these polynomials cancel.
            value = v / _rational(abs(by)) ** (d + 1)
            terms.append(((t * by, d), value if positive else -value * (-1) ** d))
        return self._of(_collected(terms))

    __rmul__ = __mul__

    def __rmatmul__(self, n: IntegerLike) -> Density:
        """``n @ X``: the sum of n >= 1 independent copies."""
        count = check_copies(n)
        if count == 0:
            raise DistconvValueError("0 @ X is the constant 0, which has no density; write Point(0)")
        return by_squaring(self, count, lambda X, Y, _: X + Y)

    def discretize(self, step: ScalarLike, *, rounding: Rounding = "nearest") -> Distribution:
        """The exact law of X rounded to multiples of a step.

        Args:
            step: a number > 0.
            rounding: ``"nearest"`` (halves up), ``"down"`` or ``"up"``: lower and upper bounds of the CDF.
        """
        if self.letters:
            raise DistconvTypeError("substitute numbers for letters before rounding: X.subs({...}).discretize(step)")
        width = Fraction(_read(step, "step"))
        offsets: dict[Rounding, Fraction] = {"nearest": Fraction(1, 2), "down": Fraction(0), "up": Fraction(1)}
        if width <= 0 or rounding not in offsets:
            raise DistconvValueError(
                f"step must be > 0 and rounding one of {', '.join(map(repr, offsets))}, got {step!r}, {rounding!r}"
            )
        low, high = (math.floor(knot / width) for knot in (self.knots[0], self.knots[-1]))
        check_cells(high - low + 3, "the rounded law")
        edges = [self.cdf((k - offsets[rounding]) * width) for k in range(low - 1, high + 4)]
        weights: dict[Vector, Fraction] = {}
        for k, (below, above) in enumerate(pairwise(edges), start=low - 1):
            if above > below:
                weights[(k * width,)] = above - below
        return Distribution.of(Finite(exact_measure(weights)))

    def subs(self, values: Mapping[sympy.Symbol | str, ScalarLike]) -> Density:
        """The density with values in place of letters; numbers are exact."""
        exact = {s: expression_of(_read(v, str(s))) for s, v in read_values(values, set(self.letters)).items()}
        terms = [
            ((number_of(expression_of(t).subs(exact)), d), number_of(expression_of(v).subs(exact)))
            for (t, d), v in self._powers.items()
        ]
        return self._of(_collected(terms))

    # Compare and show ---------------------------------------------------------------------------------------------

    def __eq__(self, other: object) -> bool:
        """Whether both are the same law."""
        if not isinstance(other, Density):
            return NotImplemented
        if self._powers.keys() != other._powers.keys():
            return False
        return all(_simplified(value - other._powers[key]) == 0 for key, value in self._powers.items())

    def __hash__(self) -> int:
        return hash(frozenset(self._powers))

    def _no_order(self, other: Any) -> NoReturn:
        raise DistconvTypeError(f"a density is not a number; for P(X > {other!r}) write X.sf({other!r})")

    __lt__ = __le__ = __gt__ = __ge__ = _no_order

    def __bool__(self) -> NoReturn:
        raise DistconvTypeError("a density has no truth value; to compare laws write X == Y")

    def __repr__(self) -> str:
        degree = max(d for _, d in self._powers)
        knots = self.knots
        if self.letters:
            return f"Density({len(knots)} knots {', '.join(map(str, knots))}, degree {degree}, mean {self.mean()})"
        return f"Density({knots[0]}..{knots[-1]}, {len(knots) - 1} pieces of degree {degree}, mean {self.mean()})"

    def _latex(self, printer: Any) -> str:  # noqa: ARG002 - how sympy.latex asks
        return self.density_latex()

    def density_latex(self) -> str:
        """The density in LaTeX, without dollar signs."""
        import sympy

        return rf"f(x) = {sympy.latex(self.to_piecewise(sympy.Symbol('x', real=True)))}"

    def _repr_latex_(self) -> str:
        return rf"$\displaystyle {self.density_latex()}$"


def _read(value: Any, name: str) -> Exact:
    """A rational number, or an expression."""
    if is_expression(value) and not (value.is_Rational or value.is_Float):
        return value
    return Fraction(read_scalar(value, name))


def _rational(value: Exact) -> Exact:
    """A number that divides: a fraction, or an expression."""
    return Fraction(value) if isinstance(value, int) else value


def _like(factor: Exact, value: Exact) -> Exact:
    """A fraction that can be multiplied by this number or expression."""
    return expression_of(factor) if is_expression(value) else factor


def _simplified(value: Exact) -> Exact:
    """An expression in one form; numbers as they are."""
    import sympy

    if not is_expression(value):
        return value
    return number_of(sympy.factor(sympy.simplify(value)))


def _decided(value: Any) -> bool | None:
    """Whether a number or expression is >= 0; None where that is open."""
    if not is_expression(value):
        return bool(value >= 0)
    return True if value.is_nonnegative else False if value.is_negative else None


def _collected(terms: list[tuple[tuple[Exact, int], Exact]]) -> Powers:
    """Coefficients of equal knots and degrees, added."""
    import sympy

    result: Powers = {}
    for (knot, degree), value in terms:
        key = sympy.expand(knot) if is_expression(knot) else Fraction(knot)
        key = number_of(key) if is_expression(key) else key
        result[key, degree] = result[key, degree] + value if (key, degree) in result else value
    return {k: _simplified(v) if is_expression(v) else v for k, v in result.items()}
