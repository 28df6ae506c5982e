"""Convolution undone with letters: exact division and roots of generating functions as polynomials in all letters.

By Gauss's lemma a polynomial in the powers of z divides another over the fractions of the letters exactly where its
primitive part does over the integers. A root is read off the factors: those that hold a power of z must come n times.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import reduce
from typing import Any

from distconv.errors import DistconvTypeError, DistconvValueError
from distconv.measure import Measure
from distconv.methods.symbolic import paired
from distconv.support.lattice import common_step
from distconv.support.outcomes import whole
from distconv.typing import Scalar, Vector
from distconv.weights.field import context
from distconv.weights.symbolic import Symbolic, with_letters


def divided(total: Measure, known: Measure) -> dict[Vector, Any]:
    """The weights of the signed measure that, added to `known`, is `total`, as expressions.

    Raises:
        DistconvValueError: there is none.
    """
    step = common_step(total.box, known.box)
    x, y = paired(total.weights, known.weights)
    _check_free(x)
    content = reduce(lambda a, b: a.gcd(b), (n for n in y.numerators if n))
    below = _lifted(y, known, step, [n // content for n in y.numerators])
    found, rest = divmod(_lifted(x, total, step, x.numerators), below)
    if rest:
        raise DistconvValueError(
            f"no X has this sum for all values of {', '.join(sorted(map(str, x.letters | y.letters)))}: its generating "
            "function is not divisible by that of the known law; substitute numbers where it is: S.subs({...})"
        )
    origin = tuple(whole(t - k) for t, k in zip(total.box.origin, known.box.origin, strict=True))
    return _weights(x, found, y.denominator, x.denominator * content, origin, step)


def root(total: Measure, n: int) -> dict[Vector, Any]:
    """The weights of the signed measure of total 1 whose n-fold convolution is `total`, as expressions.

    Raises:
        DistconvValueError: there is none.
    """
    x = with_letters(total.weights)
    _check_free(x)
    step, ndim = total.box.step, total.box.ndim
    _, factors = _lifted(x, total, step, x.numerators).factor()
    part = context(len(x.field.generators) + ndim).constant(1)
    for factor, times in factors:
        if not any(any(powers[-ndim:]) for powers in factor.to_dict()):
            continue
        if int(times) % n:
            raise DistconvValueError(
                f"no X has this sum of {n} copies for all values of {', '.join(sorted(map(str, x.letters)))}, with "
                f"signs or without: its generating function is no {n}-th power; substitute numbers, S.subs({{...}})"
            )
        part = part * factor ** (int(times) // n)
    whole_part = reduce(lambda a, b: a + b, _by_power(part, x, ndim).values())
    origin = tuple(whole(Fraction(o) / n) for o in total.box.origin)
    return _weights(x, part, x.field.ring.constant(1), whole_part, origin, step)


def _check_free(weights: Symbolic) -> None:
    """Refuses weights with algebraic numbers, whose polynomials have no unique factors."""
    if weights.field.algebraic is not None:
        raise DistconvTypeError("laws with algebraic numbers as weights are not divided; write X.to_float() first")


def _lifted(weights: Symbolic, measure: Measure, step: tuple[Scalar, ...], numerators: Sequence[Any]) -> Any:
    """Numerators as one polynomial, in powers of variables behind the letters."""
    terms: dict[tuple[int, ...], int] = {}
    for vector, numerator in zip(measure.support.vectors(), numerators, strict=True):
        place = tuple(int((v - o) / s) for v, o, s in zip(vector, measure.box.origin, step, strict=True))
        for powers, c in numerator.to_dict().items():
            terms[(*map(int, powers), *place)] = int(c)
    return context(len(weights.field.generators) + measure.box.ndim).from_dict(terms)


def _weights(
    like: Symbolic, polynomial: Any, factor: Any, divisor: Any, origin: Vector, step: tuple[Scalar, ...]
) -> dict[Vector, Any]:
    """factor * coefficient / divisor by outcome, as expressions in lowest terms."""
    parts = _by_power(polynomial, like, len(origin))
    values = Symbolic(tuple(c * factor for c in parts.values()), divisor, like.field)
    vectors = (tuple(whole(o + s * i) for o, s, i in zip(origin, step, place, strict=True)) for place in parts)
    return {vector: values.at(rank) for rank, vector in enumerate(vectors)}


def _by_power(polynomial: Any, weights: Symbolic, ndim: int) -> dict[tuple[int, ...], Any]:
    """The coefficients of a polynomial by the powers of its last variables."""
    parts: dict[tuple[int, ...], dict[tuple[int, ...], int]] = {}
    for powers, c in polynomial.to_dict().items():
        exponents = tuple(map(int, powers))
        parts.setdefault(exponents[-ndim:], {})[exponents[:-ndim]] = int(c)
    return {place: weights.field.ring.from_dict(terms) for place, terms in parts.items()}
