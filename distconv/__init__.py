"""An algebra of probability distributions: ``X + Y`` is the law of the sum of two independent random variables.

A `Distribution` is a law, not a variable: ``X + X`` means two independent draws, ``2 * X`` scales the outcomes,
``n @ X`` sums n independent copies. Small laws are exact, large ones floating with a certified relative error.
"""

# TEMPORARY while families are being written: the lead replaces this file.
try:
    from distconv.combine import (
        convolve,
        from_scipy,
        isclose,
        plan,
        plan_power,
        power,
        product,
        sum_of,
        total_variation,
        wasserstein,
    )
except ImportError:
    pass
try:
    from distconv.distribution import Distribution
except ImportError:
    pass
try:
    from distconv.errors import (
        AccuracyError,
        DimensionError,
        DistconvError,
        DistconvTypeError,
        DistconvValueError,
        SizeLimitError,
    )
except ImportError:
    pass
try:
    from distconv.families.bernoulli import Bernoulli
except ImportError:
    pass
try:
    from distconv.families.binomial import Binomial
except ImportError:
    pass
try:
    from distconv.families.die import Die
except ImportError:
    pass
try:
    from distconv.families.geometric import Geometric
except ImportError:
    pass
try:
    from distconv.families.hypergeometric import Hypergeometric
except ImportError:
    pass
try:
    from distconv.families.logarithmic import Logarithmic
except ImportError:
    pass
try:
    from distconv.families.multinomial import Multinomial
except ImportError:
    pass
try:
    from distconv.families.negative_binomial import NegativeBinomial
except ImportError:
    pass
try:
    from distconv.families.point import Point
except ImportError:
    pass
try:
    from distconv.families.poisson import Poisson
except ImportError:
    pass
try:
    from distconv.families.poisson_binomial import PoissonBinomial
except ImportError:
    pass
try:
    from distconv.families.skellam import Skellam
except ImportError:
    pass
try:
    from distconv.families.uniform import Uniform
except ImportError:
    pass
try:
    from distconv.planning import Plan
except ImportError:
    pass
try:
    from distconv.settings import Settings, settings
except ImportError:
    pass
__version__ = "0.1.0"

__all__ = [
    "AccuracyError",
    "Bernoulli",
    "Binomial",
    "Die",
    "DimensionError",
    "DistconvError",
    "DistconvTypeError",
    "DistconvValueError",
    "Distribution",
    "Geometric",
    "Hypergeometric",
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
    "convolve",
    "from_scipy",
    "isclose",
    "plan",
    "plan_power",
    "power",
    "product",
    "settings",
    "sum_of",
    "total_variation",
    "wasserstein",
]
