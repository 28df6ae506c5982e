"""The named laws, one in a file.

Whoever loads one loads all, so that what is known of two of them together (a Poisson less a Poisson is a Skellam) never
depends on which of them a program has named so far.
"""

from distconv.families import (
    bernoulli,
    binomial,
    die,
    geometric,
    hypergeometric,
    logarithmic,
    multinomial,
    negative_binomial,
    point,
    poisson,
    poisson_binomial,
    skellam,
    uniform,
)

__all__ = [
    "bernoulli",
    "binomial",
    "die",
    "geometric",
    "hypergeometric",
    "logarithmic",
    "multinomial",
    "negative_binomial",
    "point",
    "poisson",
    "poisson_binomial",
    "skellam",
    "uniform",
]
