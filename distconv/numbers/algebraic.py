"""Algebraic numbers put into one field: every one a polynomial in a single algebraic integer.

Source: Cohen, A Course in Computational Algebraic Number Theory (1993), section 4.5. sympy finds the primitive element;
it and FLINT are imported on first use.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeAlias

from distconv.errors import DistconvValueError

if TYPE_CHECKING:
    import flint
    import sympy

#: The largest product of degrees for which a common field is looked for: sympy takes some seconds for it.
MOST_DEGREE = 64

#: Polynomials in the generator of a field, each by its coefficients, the constant first.
Images: TypeAlias = "tuple[tuple[Fraction, ...], ...]"


@dataclass(frozen=True, slots=True)
class NumberField:
    """The rational numbers and all powers of one algebraic integer.

    Attributes:
        generator: the algebraic integer, a real number of sympy's.
        relation: the integer coefficients of its minimal polynomial, the constant first, the last one 1.
        powers: its powers 0, 1, ... below the degree, as sums of products of the numbers that the field is made of.
    """

    generator: sympy.Expr
    relation: tuple[int, ...]
    powers: tuple[sympy.Expr, ...]


@lru_cache(maxsize=256)
def common_field(numbers: tuple[sympy.Expr, ...]) -> tuple[NumberField, Images]:
    """The field of some algebraic numbers, and these as polynomials in its generator.

    Raises:
        DistconvValueError: the field may have too large a degree to be found.
    """
    import sympy

    first = numbers[0]
    bases = [number.as_base_exp() for number in numbers]
    if all(base.is_Integer and order.is_Rational and order.p == 1 for base, order in bases):
        return _of_roots([int(base) for base, _ in bases], [int(order.q) for _, order in bases])
    x = sympy.Dummy("x")
    minimal = [sympy.minimal_polynomial(number, x, polys=True) for number in numbers]
    degrees = [polynomial.degree() for polynomial in minimal]
    _check_degree(degrees, numbers)
    if len(numbers) == 1:
        element, polynomial = first, minimal[0]
    else:
        found, factors = sympy.primitive_element(numbers, x, polys=True)[:2]
        element = sum((c * number for c, number in zip(factors, numbers, strict=True)), start=sympy.Integer(0))
        polynomial = sympy.Poly(found, x)
    coefficients = [int(c) for c in reversed(polynomial.clear_denoms(convert=True)[1].all_coeffs())]
    # The leading coefficient times the element is an algebraic integer.
    lead, size = coefficients[-1], len(coefficients) - 1
    relation = tuple(c * lead ** (size - 1 - k) if k < size else 1 for k, c in enumerate(coefficients))
    images = tuple(
        tuple(c / Fraction(lead) ** k for k, c in enumerate(_in_powers(number, own, element, polynomial)))
        for number, own in zip(numbers, minimal, strict=True)
    )
    return NumberField(sympy.expand(lead * element), relation, _written(numbers, degrees, images, relation)), images


def _check_degree(degrees: Sequence[int], numbers: Sequence[Any]) -> None:
    """Refuses fields that may be too large."""
    if math.prod(degrees) > MOST_DEGREE:
        shown = ", ".join(map(str, numbers[:4]))
        raise DistconvValueError(
            f"the numbers {shown}{', ...' * (len(numbers) > 4)} lie in a field whose degree may be "
            f"{math.prod(degrees)}, and exact arithmetic is offered up to {MOST_DEGREE}: make floats of them, "
            f"float({numbers[0]})"
        )


def _of_roots(primes: Sequence[int], orders: Sequence[int]) -> tuple[NumberField, Images]:
    """The field of roots of different primes, of degree the product of their orders (Besicovitch, 1940)."""
    import flint
    import sympy

    numbers = [sympy.Integer(prime) ** sympy.Rational(1, order) for prime, order in zip(primes, orders, strict=True)]
    _check_degree(orders, numbers)
    basis = list(itertools.product(*map(range, orders)))
    places = {exponents: place for place, exponents in enumerate(basis)}
    for factor in itertools.count(1):
        # The powers of a sum of multiples of the roots, in products of the roots.
        rows = [[1, *[0] * (len(basis) - 1)]]
        for _ in basis:
            row = [0] * len(basis)
            for exponents, value in zip(basis, rows[-1], strict=True):
                for axis, (prime, order) in enumerate(zip(primes, orders, strict=True)):
                    up = exponents[axis] + 1
                    place = places[(*exponents[:axis], up % order, *exponents[axis + 1 :])]
                    row[place] += value * factor**axis * (prime if up == order else 1)
            rows.append(row)
        matrix = flint.fmpq_mat(flint.fmpz_mat(rows[:-1]))
        if matrix.rank() == len(basis):
            break
    inverse = matrix.inv()
    relation = (flint.fmpq_mat(flint.fmpz_mat([rows[-1]])) * inverse).tolist()[0]
    products = [_product(numbers, exponents) for exponents in basis]
    powers = tuple(sympy.Add(*(c * b for c, b in zip(row, products, strict=True))) for row in rows[:-1])
    found = NumberField(powers[1] if len(powers) > 1 else powers[0], (*(-int(c.p) for c in relation), 1), powers)
    units = [tuple(int(k == axis) for k in range(len(orders))) for axis in range(len(orders))]
    coefficients = inverse.tolist()
    return found, tuple(tuple(Fraction(int(c.p), int(c.q)) for c in coefficients[places[unit]]) for unit in units)


def _in_powers(number: Any, own: Any, element: Any, polynomial: Any) -> list[Fraction]:
    """A number of the field as a polynomial in its element, the constant first; both with their minimal polynomials."""
    import sympy
    from sympy.polys.numberfields import field_isomorphism

    if number == element:
        return [Fraction(0), Fraction(1)]
    if own.degree() == 1:
        root = -own.nth(0) / own.nth(1)
        return [Fraction(int(root.p), int(root.q))]
    inner, outer = sympy.AlgebraicNumber((own, number)), sympy.AlgebraicNumber((polynomial, element))
    coefficients = field_isomorphism(inner, outer)
    return [Fraction(int(c.numerator), int(c.denominator)) for c in reversed(list(coefficients))]


def _written(
    numbers: Sequence[Any], degrees: Sequence[int], images: Images, relation: Sequence[int]
) -> tuple[Any, ...]:
    """The powers of the generator as linear combinations of products of the numbers, the simplest that are a basis."""
    import flint
    import sympy

    size = len(relation) - 1
    modulus = flint.fmpq_poly(list(relation))
    values = [flint.fmpq_poly([flint.fmpq(c.numerator, c.denominator) for c in image]) for image in images]
    rows: list[list[Any]] = []
    shown = []
    for exponents in _by_total(degrees):
        element = flint.fmpq_poly([1])
        for value, exponent in zip(values, exponents, strict=True):
            for _ in range(exponent):
                element = element * value % modulus
        row = [element[k] for k in range(size)]
        if flint.fmpq_mat([*rows, row]).rank() > len(rows):
            rows.append(row)
            shown.append(_product(numbers, exponents))
        if len(rows) == size:
            break
    inverse: flint.fmpq_mat = flint.fmpq_mat(rows).inv()
    return tuple(
        sympy.Add(*(sympy.Rational(int(c.p), int(c.q)) * b for c, b in zip(row, shown, strict=True)))
        for row in inverse.tolist()
    )


def _product(numbers: Sequence[Any], exponents: Sequence[int]) -> Any:
    """A product of powers; roots of primes of one order as the root of an integer: 12**(1/3)."""
    import sympy

    roots: dict[Any, Any] = {}
    result = sympy.Integer(1)
    for number, exponent in zip(numbers, exponents, strict=True):
        base, order = number.as_base_exp()
        if base.is_Integer and order.is_Rational:
            roots[order] = roots.get(order, 1) * base**exponent
        else:
            result *= number**exponent
    return sympy.Mul(result, *(base**order for order, base in roots.items()))


def _by_total(degrees: Sequence[int]) -> Iterator[tuple[int, ...]]:
    """Exponents below some degrees, by their total."""
    yield from sorted(itertools.product(*map(range, degrees)), key=lambda e: (sum(e), [-k for k in e]))
