"""Mixtures of laws, and Bayes' rule from a prior over laws."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from typing import Any, TypeAlias, TypeVar, overload

import numpy as np

from distconv import bounds, construction, missing, planning
from distconv.distribution import Distribution
from distconv.errors import DistconvTypeError, DistconvValueError
from distconv.measure import Measure, lookup
from distconv.measure.arranging import arranged_vectors
from distconv.numbers.doubles import ratio_to_double
from distconv.planning import Origin
from distconv.support.outcomes import as_vector
from distconv.transforms import mixing
from distconv.transforms.conditioning import normalized
from distconv.typing import Asked, Many, Probability, WeightLike
from distconv.weights.floating import normal_form

#: Roundings, in bits of the logarithm, of a probability that is found from its log: the log of a significand, the sum
#: and product that make the natural one, the quotient by log(2), and the power of 2.
LOG_ROUNDINGS = 16

#: Laws of one family, or of any.
L = TypeVar("L", bound=Distribution)
#: What a hypothesis is named by.
H = TypeVar("H")
#: The law that each hypothesis gives.
Likelihoods: TypeAlias = "Mapping[Any, Distribution] | Callable[[Any], Distribution]"


def mixture(parts: Mapping[L, WeightLike] | Iterable[tuple[L, WeightLike]], *, normalize: bool = False) -> Distribution:
    """The law of a variable whose law is itself drawn: X with probability w, Y with probability v, ...

    Args:
        parts: weights by law, ``{X: "1/3", Y: "2/3"}``, or pairs (law, weight); laws of one dimension. Infinite laws
            enter by windows that miss less than 1e-18 (`Distribution.missing`).
        normalize: divide the weights by their total first.

    Returns:
        Exact where laws and weights are.

    Raises:
        DistconvValueError: weights that are negative or do not total 1; no parts.
        DimensionError: laws of different dimensions.

    >>> from distconv import Die, mixture
    >>> mixture({Die(4): "1/2", Die(6): "1/2"}).pmf(5)
    Fraction(1, 12)
    """
    pairs: list[Any] = list(parts.items()) if hasattr(parts, "items") else list(parts)
    if not pairs:
        raise DistconvValueError("a mixture needs at least one law: mixture({X: 1})")
    for pair in pairs:
        if not (isinstance(pair, tuple) and len(pair) == 2 and isinstance(pair[0], Distribution)):
            raise DistconvTypeError(f"a mixture is made of pairs (law, weight), got {pair!r}")
    places = [(i,) for i in range(len(pairs))]
    advice = (
        "To divide them by their total write mixture(parts, normalize=True); a dict kept only the last of equal laws."
    )
    chosen = construction.from_vectors(places, [w for _, w in pairs], normalize=normalize, advice=advice)
    kind, error = chosen.weights.kind, chosen.weights.error
    shares: list[Any] = (
        list(lookup.weights_of(chosen)) if kind == "symbolic" else [s for _, s in mixing.shares_of(chosen)]
    )
    laws = [pairs[int(i)][0] for (i,) in lookup.positive_vectors(chosen)]
    weighted = list(zip(shares, (law._measure for law in laws), strict=True))
    if "symbolic" in (kind, *(law.kind for law in laws)):
        found = mixing.mixed(weighted, error)
        return Distribution._of(found, Origin("mixture", f"{len(laws)} laws, weighted"))
    points = sum(len(m.weights.positive()) for _, m in weighted)
    bits = mixing.denominator(weighted).bit_length()
    plan = planning.announced(planning.plan_mixture(len(laws), points, bits))
    return Distribution._of(mixing.mixed(weighted, error), plan)


@overload
def posterior(prior: Distribution, likelihoods: Likelihoods, observed: Asked | Many) -> Distribution: ...
@overload
def posterior(
    prior: Mapping[H, WeightLike], likelihoods: Likelihoods, observed: Asked | Many
) -> dict[H, Probability]: ...
def posterior(
    prior: Distribution | Mapping[H, WeightLike], likelihoods: Likelihoods, observed: Asked | Many
) -> Distribution | dict[H, Probability]:
    """Bayes' rule: the law over hypotheses, once outcomes have been observed.

    Args:
        prior: a `Distribution` of hypotheses (numbers or tuples), or a mapping from hypotheses of any kind to weights.
        likelihoods: a mapping from hypotheses to laws of what is observed, or a function that gives them.
        observed: one outcome, or a list of independent ones.

    Returns:
        A `Distribution` where the prior is one, else a dict from hypotheses to probabilities. Exact where prior and
        laws are. Of floating ones the `error` holds those of the prior and, once for each observation, of the laws;
        the doubles of a dict are as accurate.

    Raises:
        DistconvValueError: the observation is impossible under every hypothesis; a hypothesis without a law.
        AccuracyError: more than 1e-8 is `missing` from the prior or from a law.

    >>> from distconv import Die, Uniform, posterior
    >>> posterior({"d4": "1/2", "d6": "1/2"}, {"d4": Die(4), "d6": Die(6)}, [3, 1])
    {'d4': Fraction(9, 13), 'd6': Fraction(4, 13)}
    """
    if isinstance(prior, Distribution):
        prior._settled("the posterior", None, 0.0)
        # Of infinite priors a window: what it misses may be as likely as anything.
        before = prior._measure
        labels: list[Any] = list(lookup.support_of(before))
    elif hasattr(prior, "keys") and hasattr(prior, "items"):
        labels, values = [h for h, _ in prior.items()], [w for _, w in prior.items()]
        advice = "Divide the prior's weights by their total: {h: w / sum(prior.values()) for h, w in prior.items()}."
        places = [(i,) for i in range(len(values))]
        before = construction.from_vectors(places, values, advice=advice)
        labels = [labels[int(i)] for (i,) in lookup.positive_vectors(before)]
    else:
        raise DistconvTypeError(f"prior must be a Distribution or a mapping from hypotheses to weights, got {prior!r}")
    seen = observed if isinstance(observed, list | np.ndarray) else [observed]
    of: Callable[[Any], Distribution] = likelihoods if callable(likelihoods) else _lookup(likelihoods)
    laws = [of(label) for label in labels]
    for label, law in zip(labels, laws, strict=True):
        if not isinstance(law, Distribution):
            raise DistconvTypeError(f"the likelihood of {label!r} must be a Distribution, got {law!r}")
        law._settled(f"the likelihood of {label!r}", None, 0.0)
    planning.announced(planning.plan_posterior(len(laws), len(seen)))
    chances = [[law.pmf(x) for x in seen] for law in laws]
    if before.weights.kind == "float" or any(isinstance(p, float) for row in chances for p in row):
        found = _updated(before, laws, chances, seen)
    else:
        after = {x: math.prod(row, start=w) for (x, w), row in zip(lookup.entries_of(before), chances, strict=True)}
        after = {x: w for x, w in after.items() if w != 0}
        found = _normalized(after, missing.bound(before)) if after else None
    if found is None:
        raise DistconvValueError(f"{observed!r} is impossible under every hypothesis of the prior")
    if isinstance(prior, Distribution):
        return found
    names = dict(zip(lookup.support_of(before), labels, strict=True))
    return {names[x]: p for x, p in found}


def _updated(
    before: Measure, laws: list[Distribution], chances: list[list[Any]], seen: Iterable[Any]
) -> Distribution | None:
    """The floating posterior: products of any range, each with the errors of its factors; None where all are 0."""
    prior = before.weights.as_floating()
    pairs, errors, kept = [], [prior.error], []
    ranks = prior.positive().tolist()
    for place, (rank, law, row) in enumerate(zip(ranks, laws, chances, strict=True)):
        significand, exponent = math.frexp(float(prior.significands[rank]))
        exponent += prior.exponent_at(rank)
        parts = [prior.error]
        for x, chance in zip(seen, row, strict=True):
            (factor, shift), error = _likelihood(law, x, chance)
            significand, more = math.frexp(significand * factor)
            exponent += shift + more
            parts += [error, bounds.UNIT]
        if significand:
            kept.append(place)
            pairs.append((significand, exponent))
            errors.append(bounds.compose(*parts))
    if not pairs:
        return None
    weights = normal_form(np.array([s for s, _ in pairs]), np.array([e for _, e in pairs], dtype=np.int64), max(errors))
    vectors = list(lookup.positive_vectors(before))
    return Distribution._of(normalized(arranged_vectors([vectors[i] for i in kept], weights, before.missing)))


def _normalized(after: dict[Any, Any], lost: float) -> Distribution:
    """The law in proportion to exact weights, of which at most so much is missing."""
    if not lost:
        return Distribution(after, normalize=True)
    vectors = {as_vector(x): w for x, w in after.items()}
    return Distribution._of(normalized(construction.exact_measure(vectors, lost)))


def _likelihood(law: Distribution, x: Any, chance: Any) -> tuple[tuple[float, int], float]:
    """P(X = x), of any range, and its relative error."""
    if not isinstance(chance, float):
        exact = Fraction(chance)
        return ratio_to_double(exact.numerator, exact.denominator), bounds.UNIT
    if chance >= bounds.TINY:
        return math.frexp(chance), law.error
    bits = float(law.logpmf(x)) / math.log(2)
    if bits == -math.inf:
        return (0.0, 0), 0.0
    whole = math.floor(bits)
    return (2.0 ** (bits - whole - 1), whole + 1), bounds.compose(
        bounds.reciprocal(law.error), math.expm1(LOG_ROUNDINGS * bounds.UNIT * (1 + abs(bits)))
    )


def _lookup(likelihoods: Mapping[Any, Distribution]) -> Callable[[Any], Distribution]:
    """A mapping as a function, which says what is not in it."""
    if not isinstance(likelihoods, Mapping):
        raise DistconvTypeError(
            f"likelihoods must be a mapping from hypotheses to laws or a function, got {likelihoods!r}"
        )

    def of(hypothesis: object) -> Distribution:
        if hypothesis not in likelihoods:
            raise DistconvValueError(
                f"no law is given for the hypothesis {hypothesis!r}; there are laws for {list(likelihoods)[:8]}"
            )
        return likelihoods[hypothesis]

    return of
