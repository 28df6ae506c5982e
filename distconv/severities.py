"""Laws of continuous amounts cut into cells, and the parts of an amount that limits and retentions leave."""

from __future__ import annotations

import math
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Literal, Protocol, overload

from distconv.bracket import Bracket, placed
from distconv.coordinates import asked, many
from distconv.errors import DimensionError, DistconvTypeError, DistconvValueError
from distconv.measure.reading import read_query
from distconv.support.outcomes import quotient, read_scalar, whole
from distconv.typing import Answer, Cells, FrozenLaw, IntegerLike, Outside, Question, RealFunction, ScalarLike

if TYPE_CHECKING:
    from distconv.distribution import Distribution


class FromScipy(Protocol):
    """How `from_scipy` looks to type checkers: both bounds make a bracket, all else a law."""

    @overload
    def __call__(
        self,
        frozen: FrozenLaw,
        *,
        tail: float = 1e-15,
        step: ScalarLike | None = None,
        rounding: Cells = "nearest",
        order: IntegerLike = 1,
        low: ScalarLike | None = None,
        high: ScalarLike | None = None,
        outside: Outside = "clip",
    ) -> Distribution: ...
    @overload
    def __call__(
        self,
        frozen: FrozenLaw,
        *,
        rounding: Literal["both"],
        tail: float = 1e-15,
        step: ScalarLike | None = None,
        low: ScalarLike | None = None,
        high: ScalarLike | None = None,
        outside: Outside = "clip",
    ) -> Bracket: ...


class FromCdf(Protocol):
    """The same of `from_cdf`."""

    @overload
    def __call__(
        self,
        cdf: RealFunction,
        *,
        step: ScalarLike,
        sf: RealFunction | None = None,
        tail: float = 1e-12,
        rounding: Cells = "nearest",
        order: IntegerLike = 1,
        low: ScalarLike | None = None,
        high: ScalarLike | None = None,
        outside: Outside = "clip",
    ) -> Distribution: ...
    @overload
    def __call__(
        self,
        cdf: RealFunction,
        *,
        step: ScalarLike,
        rounding: Literal["both"],
        sf: RealFunction | None = None,
        tail: float = 1e-12,
        low: ScalarLike | None = None,
        high: ScalarLike | None = None,
        outside: Outside = "clip",
    ) -> Bracket: ...


def from_scipy(
    cls: type[Distribution],
    frozen: FrozenLaw,
    *,
    tail: float = 1e-15,
    step: ScalarLike | None = None,
    rounding: Cells | Literal["both"] = "nearest",
    order: IntegerLike = 1,
    low: ScalarLike | None = None,
    high: ScalarLike | None = None,
    outside: Outside = "clip",
) -> Distribution | Bracket:
    """The law of a frozen scipy.stats law or of one of scipy's newer distribution objects."""
    from distconv.interop import scipy_stats

    def cells(way: Cells) -> Distribution:
        return cls.of(
            scipy_stats.from_scipy(
                frozen, tail=tail, step=step, rounding=way, order=order, low=low, high=high, outside=outside
            )
        )

    if rounding != "both":
        return cells(rounding)
    lower, upper = cells("down"), cells("up")
    if outside != "missing":
        # What is missing of a law with an end lies within it.
        least, most = (math.isfinite(end) for end in scipy_stats.ends_of(frozen, low, high))
        lower, upper = placed(lower, lower.low) if least else lower, placed(upper, upper.high) if most else upper
    return Bracket.of(lower, upper)


def from_cdf(
    cls: type[Distribution],
    cdf: RealFunction,
    *,
    step: ScalarLike,
    sf: RealFunction | None = None,
    tail: float = 1e-12,
    rounding: Cells | Literal["both"] = "nearest",
    order: IntegerLike = 1,
    low: ScalarLike | None = None,
    high: ScalarLike | None = None,
    outside: Outside = "clip",
) -> Distribution | Bracket:
    """The law of a continuous amount with a distribution function of your own, cut into cells.

    Args:
        cdf: P(X <= x) of a number, or of an array of them.
        step: the width of the cells; outcomes are its multiples.
        sf: P(X > x). Without it the upper tail is 1 - cdf, which is known to some 1e-16 absolute and no better.
        tail: what may be cut off where there is no end, as in `from_scipy`, like all that follows.
        rounding: where a cell's probability goes: ``"nearest"``, ``"down"``, ``"up"``, ``"both"`` of these, as a
            `Bracket`, or ``"unbiased"``, so that the mean stays.
        order: up to which moment ``"unbiased"`` cells keep the law's own.
        low: where the law is cut below, before it is cut into cells: a multiple of the step.
        high: where it is cut above.
        outside: what becomes of what is cut off.

    >>> import math
    >>> from distconv import Distribution
    >>> def above(x):
    ...     return math.exp(-max(x, 0))
    >>> X = Distribution.from_cdf(lambda x: 1 - above(x), sf=above, step=1, low=0, high=4)
    >>> round(X.pmf(4) - above(3.5), 12), round(X.pmf(0) + above(0.5), 12)
    (0.0, 1.0)
    """
    for name, function in (("cdf", cdf), ("sf", sf)):
        if not (callable(function) or function is None):
            raise DistconvTypeError(
                f"{name} must be a function of a number, got {function!r}; write {name}=lambda x: ..."
            )
    frozen = _of_functions(cdf, sf)
    return from_scipy(
        cls, frozen, tail=tail, step=step, rounding=rounding, order=order, low=low, high=high, outside=outside
    )


def _of_functions(cdf: RealFunction, sf: RealFunction | None) -> Any:
    """A continuous law of scipy's with these functions, of numbers or of arrays."""
    import numpy as np
    from scipy import stats

    def in_arrays(f: RealFunction) -> Callable[[Any, Any], Any]:
        def _asked(self: Any, x: Any) -> Any:  # noqa: ARG001 - a method of scipy's
            found = np.array([])
            # An array of one number passes for a number: it is asked as one.
            if np.size(x) > 1:
                with suppress(TypeError, ValueError):
                    found = np.asarray(f(x), dtype=np.float64)
            return found if found.shape == np.shape(x) else np.vectorize(f, otypes=[np.float64])(x)

        return _asked

    methods = {"_cdf": in_arrays(cdf)} | ({} if sf is None else {"_sf": in_arrays(sf)})
    return type("cdf", (stats.rv_continuous,), methods)(name="cdf")


def layer(X: Distribution, attachment: ScalarLike, limit: ScalarLike | None = None) -> Distribution:
    """The law of what a layer pays: min(max(X - attachment, 0), limit), without a limit all above the attachment.

    >>> from distconv import Die
    >>> (10 * Die(6)).layer(20, 25).to_dict()
    {0: Fraction(1, 3), 10: Fraction(1, 6), 20: Fraction(1, 6), 25: Fraction(1, 3)}
    """
    return (X - read_scalar(attachment, "attachment")).clip(0, None if limit is None else read_scalar(limit, "limit"))


def excess(X: Distribution, retention: ScalarLike) -> Distribution:
    """The law of X - retention, known that X > retention: what is paid where anything is.

    Raises:
        DistconvValueError: X is never above the retention.

    >>> from distconv import Die
    >>> Die(6).excess(4).to_dict()
    {1: Fraction(1, 2), 2: Fraction(1, 2)}
    """
    if X.ndim > 1:
        raise DimensionError(f"excess is for laws of numbers, outcomes are {X.ndim}-D; take X.marginal(0)")
    edge = read_scalar(retention, "retention")
    if X.letters:
        return X.given(lambda x: x > edge) - edge
    if X.high is not None and edge >= X.high:
        raise DistconvValueError(f"X is at most {X.high}, never above {edge}; ask for a lower retention")
    step = X.law.spacing() or 1
    place = X.law.anchor() + step * (math.floor(quotient(edge - X.law.anchor(), step)) + 1)
    return X.truncate(low=whole(place)) - edge


def limited_mean(X: Distribution, limit: Question) -> Answer:
    """E min(X, limit), the mean of what is paid up to a limit, of one limit or an array of them.

    From the premium of what is above, or of what is lacking below, whichever is smaller: no digits cancel.

    >>> from distconv import Die
    >>> Die(6).limited_mean(2)
    Fraction(11, 6)
    """
    points = many(asked(limit))
    if points is not None:
        import numpy as np

        found = [limited_mean(X, v) for v in points.ravel().tolist()]
        kind = np.float64 if all(isinstance(v, float) for v in found) else object
        return np.array(found, dtype=kind).reshape(points.shape)
    d = read_query(limit)
    if isinstance(d, float):
        return X.mean() if d > 0 else -math.inf
    mean = X.mean()
    # Expressions lose no digits either way.
    if not X.letters and d <= mean:
        return d - (-X).stop_loss(-d)
    return mean - X.stop_loss(d)
