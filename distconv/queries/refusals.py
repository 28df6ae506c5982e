"""Questions that a measure cannot answer: of vectors, of letters, or where too much of it is missing."""

from __future__ import annotations

import math

from distconv import missing
from distconv.errors import DimensionError
from distconv.measure import Measure
from distconv.weights.unify import numeric


def only_1d(measure: Measure, what: str) -> None:
    """Refuses a question that has no answer in n-D.

    Raises:
        DimensionError: the outcomes are vectors.
    """
    ndim = measure.box.ndim
    if ndim > 1:
        raise DimensionError(
            f"{what} are for 1-D laws; this one is {ndim}-D: use X.prob(lambda p: p[0] <= 1 and p[1] <= 2), "
            "or X.marginal(0).cdf(1)"
        )


def only_numbers(measure: Measure, what: str) -> None:
    """Refuses a question that has no answer while there are letters.

    Raises:
        DistconvTypeError: the weights are expressions.
    """
    numeric(measure.weights, what)


def only_settled(measure: Measure, what: str, call: str | None, least: float = -math.inf) -> None:
    """Refuses a question whose answer may be anything from `least` on, once enough is missing.

    Raises:
        AccuracyError: more than 1e-8 is missing.
    """
    missing.check_settled(missing.bound(measure), what, call, least)
