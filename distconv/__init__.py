"""An algebra of probability distributions: ``X + Y`` is the law of the sum of two independent random variables.

A `Distribution` is a law, not a variable: ``X + X`` means two independent draws, ``2 * X`` scales the outcomes,
``n @ X`` sums n independent copies. Small laws are exact, large ones floating with a certified relative error.
"""

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

from distconv.combine import (
    convolve,
    from_scipy,
    from_sympy,
    isclose,
    plan,
    plan_power,
    power,
    power_logcdf,
    power_logsf,
    product,
    sum_of,
    total_variation,
    wasserstein,
)
from distconv.compounds import compound, plan_compound
from distconv.density import Density
from distconv.distribution import Distribution
from distconv.errors import (
    AccuracyError,
    DimensionError,
    DistconvError,
    DistconvTypeError,
    DistconvValueError,
    DistconvWarning,
    SizeLimitError,
)
from distconv.families.bernoulli import Bernoulli
from distconv.families.binomial import Binomial
from distconv.families.die import Die
from distconv.families.geometric import Geometric
from distconv.families.hypergeometric import Hypergeometric
from distconv.families.logarithmic import Logarithmic
from distconv.families.multinomial import Multinomial
from distconv.families.negative_binomial import NegativeBinomial
from distconv.families.point import Point
from distconv.families.poisson import Poisson
from distconv.families.poisson_binomial import PoissonBinomial
from distconv.families.skellam import Skellam
from distconv.families.uniform import Uniform
from distconv.formulas import Formula
from distconv.groups import distances_to_uniform
from distconv.inverse import deconvolve, root
from distconv.kernel import Kernel
from distconv.mixtures import mixture, posterior
from distconv.planning import Plan
from distconv.ranking import highest, lowest, maximum, minimum, order_statistic
from distconv.settings import Settings, settings
from distconv.typeset import latex
from distconv.walk import Walk

if TYPE_CHECKING:
    from distconv import notation as notation
    from distconv import plot as plot
    from distconv import testing as testing

__version__ = "0.1.0"

#: Public modules that are loaded when they are first named.
LAZY_MODULES = ("notation", "plot", "testing")

__all__ = [
    "AccuracyError",
    "Bernoulli",
    "Binomial",
    "Density",
    "Die",
    "DimensionError",
    "DistconvError",
    "DistconvTypeError",
    "DistconvValueError",
    "DistconvWarning",
    "Distribution",
    "Formula",
    "Geometric",
    "Hypergeometric",
    "Kernel",
    "Logarithmic",
    "Multinomial",
    "NegativeBinomial",
    "Plan",
    "Point",
    "Poisson",
    "PoissonBinomial",
    "Settings",
    "SizeLimitError",
    "Skellam",
    "Uniform",
    "Walk",
    "compound",
    "convolve",
    "deconvolve",
    "distances_to_uniform",
    "from_scipy",
    "from_sympy",
    "highest",
    "isclose",
    "latex",
    "lowest",
    "maximum",
    "minimum",
    "mixture",
    "order_statistic",
    "plan",
    "plan_compound",
    "plan_power",
    "posterior",
    "power",
    "power_logcdf",
    "power_logsf",
    "product",
    "root",
    "settings",
    "sum_of",
    "total_variation",
    "wasserstein",
]


def __getattr__(name: str) -> Any:
    if name in LAZY_MODULES:
        return import_module(f"distconv.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}", name=name, obj=sys.modules[__name__])


def __dir__() -> list[str]:
    return sorted({*__all__, *LAZY_MODULES, "__version__", "monoids"})
