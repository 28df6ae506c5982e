"""Backwards: which X, added to Y, gives S; and which X, n times, does."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any, Literal, overload

import numpy as np

from distconv import planning
from distconv.checks import check_integer
from distconv.construction import exact_measure
from distconv.distribution import Distribution
from distconv.errors import DimensionError, DistconvTypeError, DistconvValueError
from distconv.families.binomial import Binomial
from distconv.families.geometric import Geometric
from distconv.families.negative_binomial import NegativeBinomial
from distconv.families.point import Point
from distconv.families.poisson import Poisson
from distconv.families.skellam import Skellam
from distconv.kernel import Kernel
from distconv.measure.arranging import arranged_vectors
from distconv.methods.alignment import spread_of
from distconv.support.lattice import common_step
from distconv.support.outcomes import as_outcome, as_vector, quotient
from distconv.typing import Scalar
from distconv.unbounded.image import Image
from distconv.unbounded.law import Unbounded
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
    if not (S.is_finite and Y.is_finite):
        return _infinite_difference(S, Y)
    from distconv.methods import division

    _check_cells(S, Y)
    # What X has beyond its cells, moved by what Y has, is beyond those of S.
    missing = S._measure.missing / (1 - Y._measure.missing) if Y._measure.missing < 1 else 1.0
    return _law(division.divided(S._measure, Y._measure), missing, signed)


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
    closed = _closed_root(S, copies)
    if closed is not None:
        return closed
    if not S.is_finite:
        raise DistconvTypeError(
            f"no closed form is known for the {copies}-th root of {S!r}; cut the law first: S.truncate(high=100)"
        )
    from distconv.methods import division

    _check_cells(S)
    return _law(division.root(S._measure, copies), S._measure.missing, signed)


def _check(*laws: Any) -> None:
    for law in laws:
        if not isinstance(law, Distribution):
            raise DistconvTypeError(f"a Distribution is needed, got {law!r}")
        if law.kind == "symbolic":
            letter = min(map(str, law.letters))
            raise DistconvTypeError(
                f"laws with letters are not divided; substitute numbers first: S.subs({{{letter}: '1/3'}})"
            )
        law._settled("what was added", None)


def _check_cells(*laws: Distribution) -> None:
    """The sum, the first of these laws, can be laid out on their common lattice."""
    boxes = [law._measure.box for law in laws]
    _, shape = spread_of(laws[0]._measure, common_step(*boxes))
    planning.check_cells(math.prod(shape), "the sum to be divided", each=planning.costs.BALL_BYTES)


def _law(found: Any, missing: float, signed: bool) -> Distribution | Kernel:
    """A law of the weights found, a kernel of them, or the verdict that they are no law."""
    weights, error, lost = found
    floating = any(isinstance(w, tuple) for w in weights.values())
    if signed:
        return Kernel({x: math.ldexp(*w) if isinstance(w, tuple) else w for x, w in weights.items()})
    for x, w in weights.items():
        if (w[0] if isinstance(w, tuple) else w) < 0:
            shown = f"{math.ldexp(*w):.6g}" if isinstance(w, tuple) else w
            raise DistconvValueError(
                f"only a signed measure has this sum, no law: the weight of {as_outcome(x)} would be {shown}; "
                "signed=True returns it as a Kernel"
            )
    if not floating:
        return Distribution._of(exact_measure({x: Fraction(w) for x, w in weights.items()}, missing))
    significands = np.array([s for s, _ in weights.values()])
    exponents = np.array([e for _, e in weights.values()], dtype=np.int64)
    values = normal_form(significands, exponents, error)
    return Distribution._of(arranged_vectors(list(weights), values, min(1.0, missing + lost)))


def _parts(law: Distribution) -> tuple[Distribution, Scalar, Scalar]:
    """(a law, a scale, a shift) of which this one is the image."""
    if isinstance(law, Image):
        return law.base, law.scale, law.shift
    if isinstance(law, Geometric):
        return NegativeBinomial(1, law.p), 1, 1
    return law, 1, 0


def _infinite_difference(S: Distribution, Y: Distribution) -> Distribution:
    """X with X + Y = S, where S or Y is infinite, by the families' own laws."""
    if not S.is_finite and Y.is_finite and len(Y.support) == 1:
        return S - Y.support[0]
    (s, scale, shift), (y, scale_y, shift_y) = _parts(S), _parts(Y)
    found: Distribution | None = None
    if scale == scale_y:
        if isinstance(s, Poisson) and isinstance(y, Poisson) and s.lam > y.lam:
            found = Poisson(s.lam - y.lam)
        elif isinstance(s, NegativeBinomial) and isinstance(y, NegativeBinomial) and s.p == y.p and s.r > y.r:
            found = NegativeBinomial(s.r - y.r, s.p)
        elif isinstance(s, Skellam) and isinstance(y, Skellam) and s.mu1 > y.mu1 and s.mu2 > y.mu2:
            found = Skellam(s.mu1 - y.mu1, s.mu2 - y.mu2)
        elif s == y:
            found = Point(0)
    if found is None:
        raise DistconvTypeError(
            f"no closed form is known for the X with X + {Y!r} = {S!r}; cut both laws first: S.truncate(high=100)"
        )
    return found * scale + (shift - shift_y)


def _closed_root(S: Distribution, n: int) -> Distribution | None:
    """The root of a family that is closed under sums."""
    law, scale, shift = _parts(S)
    if isinstance(law, Point):
        places = law.support[0]
        vector = as_vector(places)
        return Point(as_outcome(tuple(quotient(v, n) for v in vector)))
    found: Distribution | None = None
    if isinstance(law, Poisson):
        found = Poisson(_part(law.lam, n))
    elif isinstance(law, NegativeBinomial):
        found = NegativeBinomial(_part(law.r, n), law.p)
    elif isinstance(law, Skellam):
        found = Skellam(_part(law.mu1, n), _part(law.mu2, n))
    elif isinstance(law, Binomial) and law.n % n == 0:
        found = Binomial(law.n // n, law.p)
    if found is None or not (isinstance(S, Unbounded) or S is law):
        return None
    return found * scale + quotient(shift, n)


def _part(value: Any, n: int) -> Any:
    """A parameter divided, exactly where it is exact."""
    return value / n if isinstance(value, float) else Fraction(value) / n
