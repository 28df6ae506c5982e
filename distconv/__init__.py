"""An algebra of probability distributions: ``X + Y`` is the law of the sum of two independent random variables.

A `Distribution` is a law, not a variable: ``X + X`` means two independent draws, ``2 * X`` scales the outcomes,
``n @ X`` sums n independent copies. Small laws are exact, large ones floating with a certified relative error.
"""

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

from distconv.errors import (
    AccuracyError,
    DimensionError,
    DistconvError,
    DistconvTypeError,
    DistconvValueError,
    DistconvWarning,
    SizeLimitError,
)
from distconv.settings import Settings, settings

if TYPE_CHECKING:
    from distconv import exact_tests as exact_tests
    from distconv import losses as losses
    from distconv import monoids as monoids
    from distconv import notation as notation
    from distconv import plot as plot
    from distconv import privacy as privacy
    from distconv import testing as testing
    from distconv.bracket import Bracket
    from distconv.combine import (
        convolve,
        from_scipy,
        from_sympy,
        isclose,
        joint,
        plan,
        plan_power,
        power,
        power_logcdf,
        power_logsf,
        power_pmf,
        product,
        total_variation,
        wasserstein,
    )
    from distconv.compounds import compound, plan_compound
    from distconv.density import Density
    from distconv.distribution import Distribution
    from distconv.draws import sum_of_draws
    from distconv.expansions import cornish_fisher, edgeworth
    from distconv.families.bernoulli import Bernoulli
    from distconv.families.binomial import Binomial
    from distconv.families.die import Die
    from distconv.families.formula import Formula
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
    from distconv.families.weighted_trials import Trials
    from distconv.formulas.recurrence import Recurrence
    from distconv.groups import distances_to_uniform
    from distconv.inverse import deconvolve, root
    from distconv.kernel import Kernel
    from distconv.mixtures import mixture, posterior
    from distconv.planning import Origin, Plan
    from distconv.pools import count_of, explode, most_alike, reroll
    from distconv.ranking import highest, kept, lowest, maximum, minimum, order_statistic
    from distconv.totals import sum_of
    from distconv.typeset import latex
    from distconv.walk import Walk

__version__ = "0.1.0"

#: Public modules, loaded when they are first named.
LAZY_MODULES = ("exact_tests", "losses", "monoids", "notation", "plot", "privacy", "testing")

#: Which room each public name comes from. A room is loaded when one of its names is first used, so that importing the
#: package costs no more than what is used of it.
ROOMS = {
    "bracket": ("Bracket",),
    "combine": (
        "convolve",
        "from_scipy",
        "from_sympy",
        "isclose",
        "joint",
        "plan",
        "plan_power",
        "power",
        "power_logcdf",
        "power_logsf",
        "power_pmf",
        "product",
        "total_variation",
        "wasserstein",
    ),
    "compounds": ("compound", "plan_compound"),
    "density": ("Density",),
    "distribution": ("Distribution",),
    "draws": ("sum_of_draws",),
    "expansions": ("cornish_fisher", "edgeworth"),
    "families.bernoulli": ("Bernoulli",),
    "families.binomial": ("Binomial",),
    "families.die": ("Die",),
    "families.geometric": ("Geometric",),
    "families.hypergeometric": ("Hypergeometric",),
    "families.logarithmic": ("Logarithmic",),
    "families.multinomial": ("Multinomial",),
    "families.negative_binomial": ("NegativeBinomial",),
    "families.point": ("Point",),
    "families.poisson": ("Poisson",),
    "families.poisson_binomial": ("PoissonBinomial",),
    "families.skellam": ("Skellam",),
    "families.uniform": ("Uniform",),
    "families.weighted_trials": ("Trials",),
    "families.formula": ("Formula",),
    "formulas.recurrence": ("Recurrence",),
    "groups": ("distances_to_uniform",),
    "inverse": ("deconvolve", "root"),
    "kernel": ("Kernel",),
    "mixtures": ("mixture", "posterior"),
    "planning": ("Origin", "Plan"),
    "pools": ("count_of", "explode", "most_alike", "reroll"),
    "ranking": ("highest", "kept", "lowest", "maximum", "minimum", "order_statistic"),
    "totals": ("sum_of",),
    "typeset": ("latex",),
    "walk": ("Walk",),
}

__all__ = [
    "AccuracyError",
    "Bernoulli",
    "Binomial",
    "Bracket",
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
    "Origin",
    "Plan",
    "Point",
    "Poisson",
    "PoissonBinomial",
    "Recurrence",
    "Settings",
    "SizeLimitError",
    "Skellam",
    "Trials",
    "Uniform",
    "Walk",
    "compound",
    "convolve",
    "cornish_fisher",
    "count_of",
    "deconvolve",
    "distances_to_uniform",
    "edgeworth",
    "explode",
    "from_scipy",
    "from_sympy",
    "highest",
    "isclose",
    "joint",
    "kept",
    "latex",
    "lowest",
    "maximum",
    "minimum",
    "mixture",
    "most_alike",
    "order_statistic",
    "plan",
    "plan_compound",
    "plan_power",
    "posterior",
    "power",
    "power_logcdf",
    "power_logsf",
    "power_pmf",
    "product",
    "reroll",
    "root",
    "settings",
    "sum_of",
    "sum_of_draws",
    "total_variation",
    "wasserstein",
]


# Type checkers would take any name for one of ours.
if not TYPE_CHECKING:

    def __getattr__(name: str) -> Any:
        if name in LAZY_MODULES:
            return import_module(f"distconv.{name}")
        for room, names in ROOMS.items():
            if name in names:
                value = globals()[name] = getattr(import_module(f"distconv.{room}"), name)
                return value
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}", name=name, obj=sys.modules[__name__])


def __dir__() -> list[str]:
    return sorted({*__all__, *LAZY_MODULES, "__version__"})
