"""The functions that combine laws: sums by a chosen method, many terms, joint laws, distances."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from typing import TYPE_CHECKING, Any

from distconv import convolution, missing
from distconv.algebra import spanning
from distconv.checks import check_copies, check_positive
from distconv.distribution import Distribution
from distconv.errors import DimensionError, DistconvTypeError, DistconvValueError
from distconv.families.point import constant_hint
from distconv.formulas import distances
from distconv.formulas.extreme import drawn
from distconv.formulas.sums import as_formula, is_by_formula
from distconv.laws import rules
from distconv.laws.extreme import extreme, is_asked
from distconv.laws.finite import Finite
from distconv.laws.law import Law
from distconv.laws.restricting import folded
from distconv.laws.spanned import common
from distconv.measure.reading import read_query
from distconv.methods import coefficient
from distconv.monoids import Monoid, add
from distconv.planning import Origin, Plan
from distconv.support.outcomes import read_vector
from distconv.transforms import comparison, monoidal
from distconv.typing import Asked, MethodName, Number, NumberLike

if TYPE_CHECKING:
    import sympy
    from sympy.stats.rv import RandomSymbol


def convolve(X: Distribution, Y: Distribution, *, monoid: Monoid = add, method: MethodName = "auto") -> Distribution:
    """The law of X + Y for independent X and Y, or of another operation on them, by a method of your choice.

    Args:
        X: a law.
        Y: a law of the same dimension.
        monoid: what stands in place of addition: one of `distconv.monoids` (``maximum``, ``modulo(7)``, ``xor``, ...)
            or a `Monoid` of your own. Extremes and residues of infinite laws are asked wherever you like; other
            operations take windows of them that miss less than 1e-18 (`Distribution.missing`).
        method: ``"auto"`` is ``X + Y``: closed forms first, then the planner's choice. ``"exact"`` (FLINT),
            ``"sparse"`` (all pairs of points), ``"symbolic"`` (polynomials in letters), ``"direct"`` (sums of
            products), ``"fft"`` (one transform), ``"tilted"`` (windows under tilts) and ``"ball"`` (ball arithmetic)
            force one; the floating ones turn exact weights into doubles, and certify every entry.

    Returns:
        The law; every method gives the same answer within its stated `error`.

    Raises:
        DistconvValueError: an unknown method, or ``"exact"`` for floating weights.
        SizeLimitError: the result would pass ``settings.max_bytes``.

    >>> from distconv import Die, convolve, monoids
    >>> convolve(Die(6), Die(6), method="sparse").pmf(2)
    Fraction(1, 36)
    >>> convolve(Die(6), Die(6), monoid=monoids.maximum).pmf(6)
    Fraction(11, 36)
    """
    _check_laws(X=X, Y=Y)
    if monoid is not add:
        _check_monoid(monoid, method)
        _same_dimension(X, Y)
        ranked = _by_rank([X, Y], monoid)
        if ranked is not None:
            return ranked
        if is_by_formula(X.law, Y.law) and monoid.way in ("maximum", "minimum"):
            return Distribution.of(drawn([(X.law, 1), (Y.law, 1)], 2 if monoid.way == "maximum" else 1))
        if is_asked((X.law, Y.law)) and monoid.way == "maximum":
            return Distribution.of(extreme([(X.law, 1), (Y.law, 1)]))
        if is_asked((X.law, Y.law)) and monoid.way == "minimum":
            return -Distribution.of(extreme([((-X).law, 1), ((-Y).law, 1)]))
        a, b = _reduced(X, monoid).measure, _reduced(Y, monoid).measure
        return Distribution.of(Finite(*monoidal.convolve(a, b, monoid)))
    if method == "auto":
        return X + Y
    _same_dimension(X, Y)

    def by_method(a: Law, b: Law) -> Law:
        return Finite(*convolution.convolve(a.measure, b.measure, method))

    x, y = _finite(X), _finite(Y)
    return Distribution.of(by_method(x, y) if x.spelled() is None is y.spelled() else spanning.added(x, y, by_method))


def _by_rank(laws: list[Distribution], monoid: Monoid) -> Distribution | None:
    """The largest or the smallest of laws with letters or irrational outcomes; None of laws of fractions."""
    if monoid.way not in ("maximum", "minimum"):
        return None
    found = spanning.by_rank(
        [X.law for X in laws],
        lambda ranks: reduce(lambda a, b: Finite(*monoidal.convolve(a.measure, b.measure, monoid)), ranks),
    )
    return None if found is None else Distribution.of(found)


def power(X: Distribution, n: int, *, monoid: Monoid = add, method: MethodName = "auto") -> Distribution:
    """The law of the sum of n independent copies of X, ``n @ X``, or of another operation on them.

    Args:
        X: a law.
        n: number of copies, >= 0.
        monoid: what stands in place of addition, as for `convolve`.
        method: ``"auto"`` is ``n @ X``: closed forms first, then the planner's choice. ``"exact"`` (one power of a
            polynomial), ``"symbolic"`` (the same in letters), ``"sparse"`` (all ways to divide the copies among few
            points) and ``"tilted"`` (windows under tilts) take all copies at once where they can; where they cannot,
            and with ``"direct"``, ``"fft"`` and ``"ball"``, the law is squared repeatedly by that method.

    Returns:
        The law; every method gives the same answer within its stated `error`.

    Raises:
        DistconvValueError: an unknown method, or ``"exact"`` for floating weights.
        SizeLimitError: the result would pass ``settings.max_bytes``.

    >>> from distconv import Die, monoids, power
    >>> power(Die(6), 3, method="sparse").pmf(3)
    Fraction(1, 216)
    >>> power(Die(6), 10**6, monoid=monoids.modulo(6)).pmf(0)
    Fraction(1, 6)
    """
    _check_laws(X=X)
    copies = check_copies(n)
    if monoid is not add:
        _check_monoid(monoid, method)
        if copies and X.law.spelled() is not None and monoid.way in ("maximum", "minimum"):
            found_law = spanning.by_rank([X.law], lambda ranks: power(Distribution.of(ranks[0]), n, monoid=monoid).law)
            assert found_law is not None
            return Distribution.of(found_law)
        if copies and is_by_formula(X.law) and monoid.way in ("maximum", "minimum"):
            return Distribution.of(drawn([(X.law, copies)], copies if monoid.way == "maximum" else 1))
        if copies and is_asked([X.law]) and monoid.way in ("maximum", "minimum"):
            return Distribution.of(extreme([(X.law, copies)], copies if monoid.way == "maximum" else 1))
    elif method == "auto" or copies < 2:
        return copies @ X
    a = (_finite(X) if monoid is add else _reduced(X, monoid)).measure
    found = convolution.power(a, copies, method=method) if monoid is add else monoidal.power(a, copies, monoid)
    return Distribution.of(Finite(*found))


def _reduced(X: Distribution, monoid: Monoid) -> Law:
    """The law itself, or that of its residues where these are all that counts and it has no end."""
    return X.law if monoid.modulus is None or X.is_finite else folded(X.law, monoid.modulus)


def _check_monoid(monoid: Any, method: str) -> None:
    if not isinstance(monoid, Monoid):
        raise DistconvTypeError(
            f"monoid must be a Monoid, got {monoid!r}; see distconv.monoids, or make one: Monoid(op, identity)"
        )
    if method != "auto":
        raise DistconvValueError(f"method={method!r} is for sums; {monoid.name} has its own way, leave method out")


def power_pmf(X: Distribution, n: int, x: Asked) -> Number:
    """P(S = x) for the sum S of n independent copies of X, without the law of S: a fraction where X is exact.

    Exact however large n is. ``(n @ X).pmf(x)`` is the same number where the law of S is exact, and a rounded one where
    that is past ``settings.exact_limit``. The fraction is a coefficient of a power of a polynomial: entry of a product
    of n short matrices for steps of few cells on a line, or of two lines in the plane; a sum of products over half of
    the copies for others.

    Args:
        X: a law; a floating or infinite one, one with letters, or one of which something is `missing` is asked for
            ``(n @ X).pmf(x)``.
        n: number of copies, >= 0.
        x: an outcome.

    Returns:
        The probability; it has about as many digits as the denominator of X to the n-th power.

    Raises:
        DimensionError: an outcome of another dimension.
        SizeLimitError: the computation would pass ``settings.max_bytes``.

    Source: Knuth, The Art of Computer Programming 2 (1997), section 4.7; Haible and Papanikolaou (1998).

    >>> from distconv import Die, Distribution, power_pmf
    >>> power_pmf(Die(6), 2, 7)
    Fraction(1, 6)
    >>> step = Distribution({(1, 0): "1/4", (-1, 0): "1/4", (0, 1): "1/4", (0, -1): "1/4"})
    >>> chance = power_pmf(step, 10_000, (0, 0))
    >>> chance.denominator.bit_length(), round(float(chance), 12)
    (19991, 6.3658794e-05)
    """
    _check_laws(X=X)
    copies = check_copies(n)
    law = X.law
    if copies < 2 or law.kind != "exact" or not law.is_finite or law.missing:
        found: Number = (copies @ X).pmf(x)
        return found
    return coefficient.probability(law.measure, copies, read_vector(x, law.ndim, "x"))


def power_logsf(X: Distribution, n: int, x: NumberLike) -> float:
    """log P(S > x) for the sum S of n independent copies of X, without the law of S: in milliseconds, n to 10**9.

    One contour integral under the tilt whose mean is near x; ``(n @ X).logsf(x)`` is the same number, by way of every
    weight of S.

    Args:
        X: a 1-D law; its weights are taken as doubles, and their own `error` is carried n times into the answer.
        n: number of copies, >= 0.
        x: a number.

    Returns:
        The natural log; the probability is within `settings.tolerance`, relative, however small. -inf where S cannot
        be so large, 0.0 where it must be.

    Raises:
        DimensionError: X is not 1-D.
        AccuracyError: the tolerance is not reached, the message says which is; more than 1e-8 of X is `missing`.
        SizeLimitError: the lattice of X alone would pass ``settings.max_bytes``.

    Source: Lugannani and Rice (1980); Wilson and Keich (2016); see docs/explanation/error-model.

    >>> from distconv import Die, power_logsf
    >>> round(power_logsf(Die(6), 1000, 3999), 9)
    -46.312522592
    >>> round(power_logsf(Die(6), 10**9, 4 * 10**9), 6)
    -43253230.482591
    """
    return _log_tail(X, n, x, above=True)


def power_logcdf(X: Distribution, n: int, x: NumberLike) -> float:
    """log P(S <= x) for the sum S of n independent copies of X, without the law of S; see `power_logsf`.

    >>> from distconv import Die, power_logcdf
    >>> round(power_logcdf(Die(6), 1000, 1001), 9)
    -1784.850714449
    """
    return _log_tail(X, n, x, above=False)


def _log_tail(X: Distribution, n: int, x: NumberLike, above: bool) -> float:
    """The log of P(S > x), or of P(S <= x)."""
    _check_laws(X=X)
    copies = check_copies(n)
    if X.ndim > 1:
        raise DimensionError(f"tails are for 1-D laws, got a {X.ndim}-D one; take a marginal: X.marginal(0)")
    if not X.is_finite or copies == 0:
        law = copies @ X
        return float(law.logsf(x) if above else law.logcdf(x))
    if X.missing > missing.NEGLIGIBLE:
        raise missing.unknown(f"P(S {'>' if above else '<='} {x})", X.missing, (0, 1), None)
    return convolution.power_log_tail(X.law.measure, copies, read_query(x), above)


def plan(X: Distribution, Y: Distribution, *, method: MethodName = "auto") -> Plan | Origin:
    """How ``X + Y`` would be computed, or `convolve` with this method, without computing it; print it.

    Returns:
        A `Plan`; an `Origin` where nothing is predicted: a closed form, or a law that is kept as its terms.

    Raises:
        DistconvValueError: an unknown method, or one that is not for weights of this kind.
        SizeLimitError: the result would pass ``settings.max_bytes``.

    >>> from distconv import Die, plan
    >>> plan(Die(6), Die(6)).method
    'exact'
    """
    _check_laws(X=X, Y=Y)
    if method == "auto":
        closed = rules.apply("add", X.law, Y.law)
        if closed is not None:
            return _named(closed)
        if not (X.is_finite and Y.is_finite):
            return Origin("terms", "a sum with infinitely many outcomes is kept as its terms")
    _same_dimension(X, Y)
    return convolution.plan_sum(_finite(X).measure, _finite(Y).measure, method)


def plan_power(X: Distribution, n: int, *, method: MethodName = "auto") -> Plan | Origin:
    """How ``n @ X`` would be computed, or `power` with this method, without computing it.

    For a power by repeated squaring the cells are those of the last product, of two halves as wide as they may get, and
    the time that of all products.

    Returns:
        A `Plan`; an `Origin` where nothing is predicted: a closed form, or a law that is kept as its terms.

    Raises:
        DistconvValueError: an unknown method, or one that is not for weights of this kind.
        SizeLimitError: the result would pass ``settings.max_bytes``.

    >>> from distconv import Die, plan_power
    >>> plan_power(Die(6), 1000).method, plan_power(Die(6), 1000, method="tilted").method
    ('exact', 'tilted')
    """
    _check_laws(X=X)
    copies = check_copies(n)
    if copies < 2:
        return Origin("given", f"{copies} copies need no sum")
    if method == "auto":
        closed = rules.apply("copies", X.law, copies)
        if closed is not None:
            return _named(closed)
        if not X.is_finite:
            return Origin("terms", "a sum with infinitely many outcomes is kept as its terms")
    return convolution.plan_power(_finite(X).measure, copies, method)


def _named(law: Law) -> Origin:
    """What is told of a sum that is a law with a name."""
    return Origin("closed form", repr(Distribution.of(law)))


def product(X: Distribution, Y: Distribution) -> Distribution:
    """The joint law of independent X and Y: dimensions concatenated, (x, y) with probability P(X = x) P(Y = y).

    >>> from distconv import Die, product
    >>> product(Die(6), Die(4)).prob(lambda p: p[0] > p[1])
    Fraction(7, 12)
    """
    _check_laws(X=X, Y=Y)
    return _joined([X.law, Y.law])


def joint(*laws: Distribution) -> Distribution:
    """The joint law of independent variables, one after the other: dimensions concatenated; see `product` for two.

    Raises:
        DistconvValueError: no law is given.
        SizeLimitError: the outcomes would pass ``settings.max_bytes``.

    >>> from distconv import Die, joint
    >>> joint(Die(6), Die(6), Die(6)).pmf((1, 2, 3))
    Fraction(1, 216)
    """
    if not laws:
        raise DistconvValueError("joint needs at least one law: joint(X, Y, Z)")
    _check_laws(**{f"law {i}": law for i, law in enumerate(laws, 1)})
    return _joined([X.law for X in laws])


def _joined(laws: list[Law]) -> Distribution:
    """The joint law; beside letters infinite laws of numbers are told by their formulas, exactly."""
    if any(law.letters for law in laws):
        laws = [as_formula(law) if law.ndim == 1 and not (law.is_finite or law.letters) else law for law in laws]
    return Distribution.of(spanning.joined(laws))


def total_variation(X: Distribution, Y: Distribution) -> Number:
    """Half the sum of all ``|P(X = x) - P(Y = x)|``: the largest difference that any event's probabilities show.

    Exact for exact laws, else within half the sum of both laws' errors and two roundings; infinite laws are compared on
    their windows (each misses less than 1e-18).

    Raises:
        AccuracyError: more than 1e-8 is `missing` from one of them.
    """
    _check_laws(X=X, Y=Y)
    _same_dimension(X, Y)
    if is_by_formula(X.law, Y.law):
        return distances.total_variation(X.law, Y.law)
    a, b = (X.law, Y.law) if X.law.spelled() is None is Y.law.spelled() else common([X.law, Y.law])[0]
    found = comparison.total_variation(a.measure, b.measure)
    lost = missing.joined(X.missing, Y.missing)
    if lost > missing.NEGLIGIBLE:
        # What is missing may add to the differences, or make up for them.
        off = (X.missing + Y.missing) / 2
        ends = (max(0.0, float(found) - off), min(1.0, float(found) + off))
        raise missing.unknown("the total variation distance", lost, ends, None)
    return found


def wasserstein(X: Distribution, Y: Distribution) -> Number:
    """The integral of the difference of the CDFs in absolute value: how far mass must move on average (1-D).

    Exact for exact laws, else within the sum of both laws' errors times the span of their outcomes.

    Raises:
        AccuracyError: more than 1e-8 is `missing` from one of them.
    """
    _check_laws(X=X, Y=Y)
    _same_dimension(X, Y)
    if X.ndim > 1:
        raise DimensionError(f"wasserstein is for 1-D laws, got {X.ndim}-D ones; compare marginals: X.marginal(0)")
    if is_by_formula(X.law, Y.law):
        return distances.wasserstein(X.law, Y.law)
    for one in (X, Y):
        one.law.settled("the distance", None, 0.0)
    return comparison.wasserstein(X.law.measure, Y.law.measure)


def isclose(X: Distribution, Y: Distribution, *, rtol: float = 1e-9) -> bool:
    """Whether both laws have the same outcomes, with probabilities within `rtol` relative of each other, tails too.

    With letters: whether they are the same law for all values of these.
    """
    _check_laws(X=X, Y=Y)
    check_positive("rtol", rtol, zero=True)
    if X.letters or Y.letters:
        return X == Y
    return X.ndim == Y.ndim and comparison.worst_difference(X.law.measure, Y.law.measure) <= rtol


def from_sympy(variable: RandomSymbol | Sequence[sympy.Expr]) -> Distribution:
    """The law of a random variable of sympy.stats, or of a vector of some: `Distribution.from_sympy`."""
    return Distribution.from_sympy(variable)


#: `Distribution.from_scipy`: the law of a frozen scipy.stats law, continuous ones in cells of width `step`.
from_scipy = Distribution.from_scipy


def _finite(X: Distribution) -> Law:
    """The law, if it is finite."""
    if not X.is_finite:
        raise DistconvTypeError(
            f"method= needs laws with finitely many outcomes, but {X!r} has no end; write X + Y, or cut it first: "
            "X.truncate(-1000, 1000)"
        )
    return X.law


def _check_laws(**laws: Any) -> None:
    for name, law in laws.items():
        if not isinstance(law, Distribution):
            raise DistconvTypeError(f"{name} must be a Distribution, got {law!r}{constant_hint(law)}")


def _same_dimension(X: Distribution | Law, Y: Distribution | Law) -> None:
    if X.ndim != Y.ndim:
        raise DimensionError(
            f"dimension {X.ndim} + dimension {Y.ndim}: both laws must have the same; for the joint law product(X, Y)"
        )
