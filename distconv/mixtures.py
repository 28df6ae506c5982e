"""Mixtures of laws, and Bayes' rule from a prior over laws."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from typing import Any

import numpy as np

from distconv import bounds, construction
from distconv.arrangement import arranged_vectors
from distconv.distribution import Distribution
from distconv.errors import DistconvTypeError, DistconvValueError
from distconv.planning import Plan
from distconv.transforms import mixing
from distconv.transforms.conditioning import normalized
from distconv.weights.floating import normal_form


def mixture(
    parts: Mapping[Distribution, Any] | Iterable[tuple[Distribution, Any]], *, normalize: bool = False
) -> Distribution:
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
    chosen = Distribution._of(
        construction.from_vectors(places, [w for _, w in pairs], normalize=normalize, advice=advice)
    )
    shares: list[Any] = (
        [w for _, w in chosen] if chosen.kind == "symbolic" else [s for _, s in mixing.shares_of(chosen._measure)]
    )
    laws = [pairs[int(i)][0] for i in chosen.support]  # type: ignore[arg-type]
    found = mixing.mixed(list(zip(shares, (law._measure for law in laws), strict=True)))
    return Distribution._of(found, Plan("mixture", found.weights.kind, reason=f"{len(laws)} laws, weighted"))


def posterior(prior: Any, likelihoods: Any, observed: Any) -> Any:
    """Bayes' rule: the law over hypotheses, once outcomes have been observed.

    Args:
        prior: a `Distribution` of hypotheses (numbers or tuples), or a mapping from hypotheses of any kind to weights.
        likelihoods: a mapping from hypotheses to laws of what is observed, or a function that gives them.
        observed: one outcome, or a list of independent ones.

    Returns:
        A `Distribution` where the prior is one, else a dict from hypotheses to probabilities. Exact where prior and
        laws are.

    Raises:
        DistconvValueError: the observation is impossible under every hypothesis; a hypothesis without a law.
        AccuracyError: more than 1e-8 is `missing` from the prior or from a law.

    >>> from distconv import Die, Uniform, posterior
    >>> posterior({"d4": "1/2", "d6": "1/2"}, {"d4": Die(4), "d6": Die(6)}, [3, 1])
    {'d4': Fraction(9, 13), 'd6': Fraction(4, 13)}
    """
    if isinstance(prior, Distribution):
        prior._settled("the posterior", None, 0.0)
        before = list(prior)
    elif hasattr(prior, "keys") and hasattr(prior, "items"):
        labels, values = [h for h, _ in prior.items()], [w for _, w in prior.items()]
        advice = "Divide the prior's weights by their total: {h: w / sum(prior.values()) for h, w in prior.items()}."
        places = [(i,) for i in range(len(values))]
        law = Distribution._of(construction.from_vectors(places, values, advice=advice))
        before = [(labels[int(i)], w) for i, w in law]  # type: ignore[arg-type]
    else:
        raise DistconvTypeError(f"prior must be a Distribution or a mapping from hypotheses to weights, got {prior!r}")
    seen = observed if isinstance(observed, list | np.ndarray) else [observed]
    of: Callable[[Any], Any] = likelihoods if callable(likelihoods) else _lookup(likelihoods)
    weights = []
    for hypothesis, weight in before:
        law = of(hypothesis)
        if not isinstance(law, Distribution):
            raise DistconvTypeError(f"the likelihood of {hypothesis!r} must be a Distribution, got {law!r}")
        law._settled(f"the likelihood of {hypothesis!r}", None, 0.0)
        weights.append((hypothesis, weight, [law.pmf(x) for x in seen], law))
    if any(isinstance(p, float) for _, w, ps, _ in weights for p in (w, *ps)):
        # Products of many small doubles are made of their logs.
        logs = {h: math.log(w) + math.fsum(float(law.logpmf(x)) for x in seen) for h, w, _, law in weights if w > 0}
        logs = {h: v for h, v in logs.items() if v > -math.inf}
        if not logs:
            raise _impossible(observed)
        if isinstance(prior, Distribution):
            return _of_logs(logs)
        top = max(logs.values())
        after: dict[Any, Any] = {h: math.exp(v - top) for h, v in logs.items()}
    else:
        after = {h: math.prod(ps, start=w) for h, w, ps, _ in weights}
        after = {h: w for h, w in after.items() if w != 0}
        if not after:
            raise _impossible(observed)
        if isinstance(prior, Distribution):
            return Distribution(after, normalize=True)
    total: Any = math.fsum(after.values()) if isinstance(next(iter(after.values())), float) else sum(after.values())
    return {h: w / total if not isinstance(w, int) else Fraction(w) / total for h, w in after.items()}


def _of_logs(logs: dict[Any, float]) -> Distribution:
    """The law in proportion to exp of these logs, however far apart; each log errs by some of its last digits."""
    vectors = [h if isinstance(h, tuple) else (h,) for h in logs]
    bits = np.array(list(logs.values())) / math.log(2)
    whole_bits = np.floor(bits)
    error = math.expm1(16 * bounds.UNIT * (1 + float(np.abs(bits).max())))
    weights = normal_form(np.exp2(bits - whole_bits), whole_bits.astype(np.int64), error)
    return Distribution._of(normalized(arranged_vectors(vectors, weights)))


def _lookup(likelihoods: Any) -> Callable[[Any], Any]:
    """A mapping as a function, which says what is not in it."""
    if not isinstance(likelihoods, Mapping):
        raise DistconvTypeError(
            f"likelihoods must be a mapping from hypotheses to laws or a function, got {likelihoods!r}"
        )

    def of(hypothesis: Any) -> Any:
        if hypothesis not in likelihoods:
            raise DistconvValueError(
                f"no law is given for the hypothesis {hypothesis!r}; there are laws for {list(likelihoods)[:8]}"
            )
        return likelihoods[hypothesis]

    return of


def _impossible(observed: Any) -> DistconvValueError:
    return DistconvValueError(f"{observed!r} is impossible under every hypothesis of the prior")
