"""A law of scipy.stats, of the older kind or the newer, behind one face; and what is assumed of scipy's accuracy.

scipy states no bound for its pmf, cdf and sf. Three assumptions, each with the measurement behind it, take the place of
a proof: `pmf_error`, `CDF_ERROR` and `COMPLEMENT`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from distconv import bounds
from distconv.errors import DistconvTypeError, DistconvValueError
from distconv.support.outcomes import read_scalar
from distconv.typing import FloatArray, FrozenLaw, Scalar

#: Relative error assumed of a cdf or sf of value F, per 1 + |ln F|. Against mpmath, down to 1e-300, scipy's norm,
#: gamma, beta, t, lognorm, weibull_min, pareto, cauchy, logistic and gumbel_r reach 68 u (gamma(0.5)), mostly 3 u.
CDF_ERROR = 2.0**-45
#: Relative error assumed where scipy has no formula for a cdf or sf and integrates or sums: its own goal, 1.5e-8.
QUADRATURE_ERROR = 2.0**-26
#: Absolute error assumed of an sf that scipy computes as 1 - cdf: four roundings of 1. Where it sums the cdf from a pmf
#: that errs by more, the sf stalls above 0 (betanbinom(20, 20, 3) at 1.4e-15), and a smaller tail is refused.
COMPLEMENT = 2.0**-51


def pmf_error(size: float) -> float:
    """Relative error assumed of scipy's pmf where outcomes and parameters reach up to `size`: 4 u (64 + m ln m).

    scipy takes most of them from differences of logarithms of gamma functions, which grow like m ln m. Against mpmath,
    binom, poisson, nbinom, geom, hypergeom, skellam, logser and zipf reach 1.5 u (64 + m ln m), for m from 3 to 1e9
    and probabilities down to 1e-300 (poisson, the worst, reaches 3e-7 at a mean of 1e8).
    """
    size = max(size, 2.0)
    return 4 * bounds.UNIT * (64 + size * math.log(size))


@dataclass(frozen=True, slots=True)
class Law:
    """One face for scipy's two kinds of distribution objects.

    Attributes:
        frozen: the law, for the older kind without its shift where it is discrete.
        generator: the ``rv_discrete`` or ``rv_continuous`` behind a law of the older kind; None for a newer one.
        name: what messages call it.
        is_discrete: whether it has a pmf.
        shift: what the outcomes of a discrete law are moved by.
        low: the lower end of the support.
        high: the upper end.
        size: the largest parameter, in absolute value.
    """

    frozen: Any
    generator: Any
    name: str
    is_discrete: bool
    shift: Scalar
    low: float
    high: float
    size: float

    @classmethod
    def of(cls, given: FrozenLaw) -> Law:
        """The law behind what a caller passed."""
        # The newer objects have no public base class; `ccdf` is theirs alone.
        if hasattr(given, "ccdf") and not isinstance(given, type):
            is_discrete = any(base.__name__ == "DiscreteDistribution" for base in type(given).__mro__)
            try:
                name = " ".join(str(given).split())
            except NotImplementedError:  # scipy's transformed laws need not have one
                name = type(given).__name__
            parameters = list(getattr(given, "_parameters", {}).values())
            return cls(given, None, name, is_discrete, 0, *_ends(given, name), _largest(parameters))
        frozen, generator = _frozen(given)
        from scipy import stats

        name = f"scipy.stats.{generator.name}" if hasattr(stats, str(generator.name)) else type(generator).__name__
        is_discrete = isinstance(generator, stats.rv_discrete)
        shift: Scalar = 0
        parameters = [*frozen.args, *frozen.kwds.values()]
        if is_discrete:
            # Without its shift the law lives on integers, where scipy's pmf does not depend on how x - loc is rounded.
            shapes, words = frozen.args[: generator.numargs], dict(frozen.kwds)
            loc = words.pop("loc", frozen.args[generator.numargs] if len(frozen.args) > generator.numargs else 0)
            if np.ndim(loc):
                raise _many(name)
            shift = read_scalar(loc, "loc")
            frozen = generator(*shapes, **words)
        return cls(frozen, generator, name, is_discrete, shift, *_ends(frozen, name), _largest(parameters))

    def pmf(self, x: FloatArray) -> FloatArray:
        """Probabilities."""
        return self._ask("pmf", x)

    def logpmf(self, x: FloatArray) -> FloatArray:
        """Logarithms of probabilities."""
        return self._ask("logpmf", x)

    def cdf(self, x: FloatArray | float) -> FloatArray:
        """P(X <= x)."""
        return self._checked(self._ask("cdf", x))

    def sf(self, x: FloatArray | float) -> FloatArray:
        """P(X > x)."""
        return self._checked(self._ask("ccdf" if self.generator is None else "sf", x))

    def log_beside(self, side: str, x: FloatArray | float) -> FloatArray:
        """log P(X <= x) or log P(X > x)."""
        newer = {"cdf": "logcdf", "sf": "logccdf"}
        return self._ask(newer[side] if self.generator is None else f"log{side}", x)

    def _checked(self, values: FloatArray) -> FloatArray:
        """Values of a cdf or sf, none of which leaves [0, 1] by more than rounding."""
        if not (np.abs(values - 0.5) <= 0.5 + 1e-9).all():
            raise DistconvValueError(
                f"the cdf of {self.name} is not between 0 and 1 everywhere; a law on the circle, such as "
                "scipy.stats.vonmises, needs its counterpart on the line: scipy.stats.vonmises_line"
            )
        return values

    def median(self) -> float:
        """A median."""
        return float(self._ask("median"))

    def _ask(self, function: str, *points: Any) -> FloatArray:
        """What one of scipy's functions says."""
        # scipy takes logarithms of 0 on the way; what comes out is checked.
        with np.errstate(all="ignore"):
            return np.asarray(getattr(self.frozen, function)(*points), dtype=np.float64)

    @property
    def formula_error(self) -> float:
        """The assumed relative error of the cdf and the sf near 1: CDF_ERROR where scipy has formulas for both."""
        return CDF_ERROR if self.has_own("cdf") and (self.has_own("sf") or self.resolution) else QUADRATURE_ERROR

    def has_own(self, function: str) -> bool:
        """Whether scipy has a formula for this law's ``"cdf"`` or ``"sf"``."""
        if self.generator is None:
            new = {"cdf": "cdf", "sf": "ccdf"}[function]
            inner = self.frozen
            while hasattr(inner, "_dist"):  # shifted, truncated, folded, ...: computed from the law inside
                inner = inner._dist
            overrides = getattr(inner, "_overrides", lambda _: True)
            return bool(overrides(f"_{new}_formula") or overrides(f"_log{new}_formula"))
        base = next(k for k in type(self.generator).__mro__ if k.__name__ in ("rv_discrete", "rv_continuous"))
        return getattr(type(self.generator), f"_{function}") is not getattr(base, f"_{function}")

    @property
    def resolution(self) -> float:
        """The assumed absolute error of the sf near 0."""
        # The newer objects integrate where 1 - cdf has lost half its digits.
        return 0.0 if self.generator is None or self.has_own("sf") else COMPLEMENT

    def tail_error(self, function: str, values: FloatArray) -> FloatArray:
        """The assumed absolute errors of these values of the cdf or sf."""
        if function == "sf" and self.resolution:
            return self.resolution + CDF_ERROR * values
        if not self.has_own(function):
            return QUADRATURE_ERROR * values
        logs = np.log(np.maximum(values, bounds.TINY))
        errors: FloatArray = CDF_ERROR * (1 - np.minimum(logs, 0.0)) * values
        return errors


def _frozen(given: Any) -> tuple[Any, Any]:
    """A frozen law of the older kind and its generator, or a refusal that says what to pass instead."""
    from scipy import stats

    kinds = stats.rv_continuous | stats.rv_discrete
    if isinstance(given, kinds):
        if given.numargs:
            shapes = given.shapes or "..."
            call = f"scipy.stats.{given.name}({shapes})"
            raise DistconvTypeError(f"scipy.stats.{given.name} has no parameters yet; freeze it first: {call}")
        given = given()
    generator = getattr(given, "dist", None)
    if isinstance(generator, kinds):
        return given, generator
    if type(given).__module__.startswith("scipy.stats._multivariate"):
        raise DistconvTypeError(
            f"from_scipy is for laws of one variable, got a {type(given).__name__}; a multinomial law is "
            "Multinomial(n, ps), independent coordinates are product(X, Y), any other finite law "
            "Distribution.from_arrays(outcomes, probabilities)"
        )
    if isinstance(given, type):
        raise DistconvTypeError(
            f"from_scipy needs a law, got the class {given.__name__}; call it: {given.__name__}(...)"
        )
    raise DistconvTypeError(
        "from_scipy needs a frozen scipy.stats law of one variable such as scipy.stats.binom(10, 0.3) or "
        f"scipy.stats.Normal(), got {given!r}"
    )


def _ends(frozen: Any, name: str) -> tuple[float, float]:
    """The ends of the support."""
    low, high = frozen.support()
    if np.ndim(low) or np.ndim(high):
        raise _many(name)
    if not float(low) <= float(high):
        raise DistconvValueError(
            f"{name} has no support (scipy says {float(low)} to {float(high)}): a parameter is outside its domain"
        )
    return float(low), float(high)


def _many(name: str) -> DistconvTypeError:
    """The refusal of an array of laws."""
    return DistconvTypeError(f"{name} has arrays as parameters, so it is many laws; pass one of them at a time")


def _largest(parameters: list[Any]) -> float:
    """The largest of some parameters, in absolute value."""
    numbers = np.concatenate([np.zeros(1), *(np.ravel(np.asarray(p, dtype=np.float64)) for p in parameters)])
    return float(np.abs(numbers[np.isfinite(numbers)]).max())
