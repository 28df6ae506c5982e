"""Backwards: which X, added to Y, gives S; and which X, n times, does."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any, Literal, overload

import numpy as np

from distconv import planning
from distconv.checks import check_integer
from distconv.construction import exact_measure, from_vectors
from distconv.distribution import Distribution
from distconv.errors import DimensionError, DistconvTypeError, DistconvValueError
from distconv.formulas.sums import are_numeric, as_formula, is_by_formula
from distconv.kernel import Kernel
from distconv.laws import rules
from distconv.laws.finite import Finite, zero
from distconv.laws.image import moved
from distconv.laws.law import Law
from distconv.measure.arranging import arranged_vectors
from distconv.methods import letter_division
from distconv.methods.alignment import spread_of
from distconv.numbers.doubles import is_pair
from distconv.support.lattice import common_step
from distconv.support.outcomes import as_outcome, whole
from distconv.typing import Vector
from distconv.weights.floating import normal_form


@overload
def deconvolve(S: Distribution, Y: Distribution, *, signed: Literal[False] = False) -> Distribution: ...
@overload
def deconvolve(S: Distribution, Y: Distribution, *, signed: bool) -> Distribution | Kernel: ...
def deconvolve(S: Distribution, Y: Distribution, *, signed: bool = False) -> Distribution | Kernel:
    """The law of X with X + Y = S in law, X independent of Y: convolution undone.

    Exact laws by division of their generating functions. Floating ones are taken for balls of their stated error: the
    result states an error of its own, or is refused. Infinite laws in closed form: Poisson, negative binomial, shifts.

    Args:
        S: the law of the sum.
        Y: the law of one summand, of the same dimension.
        signed: return the `Kernel` that is found even where some of its weights are negative.

    Raises:
        DistconvValueError: no X has this sum, or only a signed measure does; the message says where.
        AccuracyError: doubles do not tell, for the division is ill-conditioned; more than 1e-8 is `missing`.

    >>> from distconv import Die, deconvolve
    >>> deconvolve(10 @ Die(6), 9 @ Die(6)) == Die(6)
    True
    """
    _check(S, Y)
    if S.ndim != Y.ndim:
        raise DimensionError(f"both laws need one dimension, got {S.ndim} and {Y.ndim}")
    if not (S.is_finite and Y.is_finite) and are_numeric(S.law, Y.law):
        return _infinite_difference(S, Y)
    if not are_numeric(S.law, Y.law):
        if is_by_formula(S.law, Y.law):
            return _known("remove", S, Y.law)
        return _with_letters(letter_division.divided(S.law.measure, Y.law.measure), signed)
    from distconv.methods import division

    _check_cells(S.law, Y.law)
    # What X has beyond its cells, moved by what Y has, is beyond those of S.
    missing = S.law.lost / (1 - Y.law.lost) if Y.law.lost < 1 else 1.0
    return _law(division.divided(S.law.measure, Y.law.measure), missing, signed)


@overload
def root(S: Distribution, n: int, *, signed: Literal[False] = False) -> Distribution: ...
@overload
def root(S: Distribution, n: int, *, signed: bool) -> Distribution | Kernel: ...
def root(S: Distribution, n: int, *, signed: bool = False) -> Distribution | Kernel:
    """The law of X whose n independent copies sum to S, if S is divisible into n parts.

    Args:
        S: a law.
        n: number of copies, >= 1.
        signed: return the `Kernel` that is found even where some of its weights are negative.

    Raises:
        DistconvValueError: there is no such X, or only a signed measure.
        AccuracyError: doubles do not tell; more than 1e-8 is `missing`.

    >>> from distconv import Poisson, root
    >>> root(Poisson(3), 3) == Poisson(1)
    True
    """
    _check(S)
    copies = check_integer("n", n, at_least=1)
    if copies == 1:
        return S
    closed = rules.apply("root", S.law, copies)
    if closed is not None:
        return Distribution.of(closed)
    if not are_numeric(S.law):
        if is_by_formula(S.law):
            return _known("root", S, copies)
        return _with_letters(letter_division.root(S.law.measure, copies), signed)
    if not S.is_finite:
        raise DistconvTypeError(
            f"no closed form is known for the {copies}-th root of {S!r}; cut the law first: S.truncate(high=100)"
        )
    from distconv.methods import division

    _check_cells(S.law)
    return _law(division.root(S.law.measure, copies), S.law.measure.missing, signed)


def _known(operation: str, S: Distribution, given: Law | int) -> Distribution:
    """The law that a rule for letters gives."""
    law = as_formula(S.law)
    found = rules.apply(operation, law, as_formula(given) if isinstance(given, Law) else given)
    if found is None:
        raise DistconvTypeError(
            f"no closed form is known for what is asked of {S!r}; substitute numbers for its letters: S.subs({{...}})"
        )
    return Distribution.of(found)


def _with_letters(weights: dict[Vector, Any], signed: bool) -> Distribution | Kernel:
    """A law of expressions, under the conditions that make it one, or a kernel of them."""
    if signed:
        return Kernel(weights)
    try:
        return Distribution.of(Finite(from_vectors(list(weights), list(weights.values()))))
    except DistconvValueError as error:
        raise DistconvValueError(
            f"only a signed measure has this sum, no law: {error}; signed=True returns it"
        ) from None


def _check(*laws: Any) -> None:
    for X in laws:
        if not isinstance(X, Distribution):
            raise DistconvTypeError(f"a Distribution is needed, got {X!r}")
        if X.kind == "symbolic" and not X.letters:
            raise DistconvTypeError("laws with irrational weights are not divided exactly; divide X.to_float()")
        X.law.settled("what was added", None)


def _check_cells(*laws: Law) -> None:
    """The sum, the first of these laws, can be laid out on their common lattice."""
    boxes = [law.measure.box for law in laws]
    _, shape = spread_of(laws[0].measure, common_step(*boxes))
    planning.check_cells(math.prod(shape), "the sum to be divided", each=planning.costs.BALL_BYTES)


def _law(found: Any, missing: float, signed: bool) -> Distribution | Kernel:
    """A law of the weights found, a kernel of them, or the verdict that they are no law."""
    weights, error, lost = found
    floating = any(is_pair(w) for w in weights.values())
    if signed:
        return Kernel({x: math.ldexp(*w) if is_pair(w) else w for x, w in weights.items()})
    for x, w in weights.items():
        if (w[0] if is_pair(w) else w) < 0:
            shown = f"{math.ldexp(*w):.6g}" if is_pair(w) else w
            raise DistconvValueError(
                f"only a signed measure has this sum, no law: the weight of {as_outcome(x)} would be {shown}; "
                "signed=True returns it as a Kernel"
            )
    if not floating:
        return Distribution.of(Finite(exact_measure({x: Fraction(w) for x, w in weights.items()}, missing)))
    significands = np.array([s for s, _ in weights.values()])
    exponents = np.array([e for _, e in weights.values()], dtype=np.int64)
    values = normal_form(significands, exponents, error)
    return Distribution.of(Finite(arranged_vectors(list(weights), values, min(1.0, missing + lost))))


def _infinite_difference(S: Distribution, Y: Distribution) -> Distribution:
    """X with X + Y = S, where S or Y is infinite, by the families' own laws."""
    if not S.is_finite and Y.is_finite and len(Y.support) == 1:
        return S - Y.support[0]
    closed = rules.apply("remove", S.law, Y.law)
    if closed is None:
        (s, scale, shift), (y, scale_y, shift_y) = S.law.parts(), Y.law.parts()
        if scale == scale_y:
            # Equal laws leave nothing, whether they have a name or not.
            closed = zero(1) if s == y else rules.apply("remove", s, y)
            closed = None if closed is None else moved(closed, scale, whole(shift - shift_y))
    if closed is None:
        raise DistconvTypeError(
            f"no closed form is known for the X with X + {Y!r} = {S!r}; cut both laws first: S.truncate(high=100)"
        )
    return Distribution.of(closed)
