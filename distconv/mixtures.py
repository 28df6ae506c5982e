"""Mixtures of laws, and Bayes' rule from a prior over laws."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar, overload

import numpy as np

from distconv import bounds, construction, missing, planning
from distconv.distribution import Distribution, check_law
from distconv.errors import DistconvTypeError, DistconvValueError
from distconv.formulas import mixtures as formulas
from distconv.formulas.sums import as_formula
from distconv.formulas.weighted import weighted
from distconv.laws.finite import Finite
from distconv.laws.reweighted import reweighted
from distconv.measure import Measure, arranging, lookup
from distconv.measure.arranging import arranged, positive_cells
from distconv.numbers.doubles import pair_of_log, ratio_to_double
from distconv.numbers.letters import expression_of, has_letters, is_expression
from distconv.support.outcomes import as_vector
from distconv.support.points import indices_of
from distconv.transforms.conditioning import normalized
from distconv.typing import Asked, Many, Probability, WeightLike
from distconv.weights.floating import from_doubles

if TYPE_CHECKING:
    import sympy

#: Decimal digits of an irrational chance that becomes a double: some more than that has.
DIGITS = 25
#: What a hypothesis gives what was seen: significand, exponent, and a bound on their relative error.
Chance: TypeAlias = "tuple[float, int, float]"
#: Laws of one family, or of any.
L = TypeVar("L", bound=Distribution)
#: What a hypothesis is named by.
H = TypeVar("H")
#: The law that each hypothesis gives.
Likelihoods: TypeAlias = "Mapping[Any, Distribution] | Callable[[Any], Distribution]"


def mixture(parts: Mapping[L, WeightLike] | Iterable[tuple[L, WeightLike]], *, normalize: bool = False) -> Distribution:
    """The law of a variable whose law is itself drawn: X with probability w, Y with probability v, ...

    Args:
        parts: weights by law, ``{X: "1/3", Y: "2/3"}``, or pairs (law, weight); laws of one dimension, finite or
            infinite. The mixture of infinite laws has the tails of its parts.
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
    return Distribution.of(formulas.mixture([X.law for X, _ in pairs], chosen))


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
        laws are and the prior is finite; of an infinite one a law without end, right to the tolerance anywhere. Of a
        prior with letters a law by a formula, where the ratios of neighbours are those of a family, or the total is
        known: likelihoods are asked for a symbol. Of
        floating ones the `error` holds those of the prior and, once for each observation, of the laws; the doubles of
        a dict are as accurate.

    Raises:
        DistconvValueError: the observation is impossible under every hypothesis; a hypothesis without a law.
        AccuracyError: more than 1e-8 is `missing` from the prior or from a law.

    >>> from distconv import Die, Uniform, posterior
    >>> posterior({"d4": "1/2", "d6": "1/2"}, {"d4": Die(4), "d6": Die(6)}, [3, 1])
    {'d4': Fraction(9, 13), 'd6': Fraction(4, 13)}
    """
    seen = observed if isinstance(observed, list) else [observed]
    if isinstance(observed, np.ndarray):
        seen = [tuple(x) if isinstance(x, list) else x for x in observed.tolist()]
    of: Callable[[Any], Distribution] = likelihoods if callable(likelihoods) else _lookup(likelihoods)
    if isinstance(prior, Distribution):
        prior.law.settled("the posterior", None, 0.0)
        if prior.letters and prior.law.is_by_formula and prior.law.laid is None:
            return Distribution.of(weighted(as_formula(prior.law), lambda k: _chance(_told(of, k), k, seen)))
        if not prior.is_finite and prior.ndim == 1 and prior.missing <= missing.NEGLIGIBLE:
            story = f"known {len(seen)} outcomes"
            return Distribution.of(reweighted(prior.law, Observed(of, tuple(seen)), (None, None), story))
        before = prior.law.measure
        labels: list[Any] = list(lookup.support_of(before))
    elif hasattr(prior, "keys") and hasattr(prior, "items"):
        labels, values = [h for h, _ in prior.items()], [w for _, w in prior.items()]
        advice = "Divide the prior's weights by their total: {h: w / sum(prior.values()) for h, w in prior.items()}."
        places = [(i,) for i in range(len(values))]
        before = construction.from_vectors(places, values, advice=advice)
        labels = [labels[int(i)] for (i,) in lookup.positive_vectors(before)]
    else:
        raise DistconvTypeError(f"prior must be a Distribution or a mapping from hypotheses to weights, got {prior!r}")
    planning.announced(planning.plan_posterior(len(labels), len(seen)))
    known = [_chances(of, label, seen) for label in labels]
    if before.weights.kind == "float" or any(isinstance(p, float) for _, row in known for p in row):
        updated = _updated(before, [_in_doubles(law, row, seen) for law, row in known])
        found = None if updated is None else Distribution.of(Finite(normalized(updated)))
    else:
        after = {x: math.prod(row, start=w) for (x, w), (_, row) in zip(lookup.entries_of(before), known, strict=True)}
        after = {x: w for x, w in after.items() if w != 0}
        found = _normalized(after, missing.bound(before)) if after else None
    if found is None:
        raise DistconvValueError(f"{observed!r} is impossible under every hypothesis of the prior")
    if isinstance(prior, Distribution):
        return found
    names = dict(zip(lookup.support_of(before), labels, strict=True))
    return {names[x]: p for x, p in found}


def _told(of: Callable[[Any], Distribution], letter: Any) -> Distribution:
    """The law that a hypothesis gives, asked of a letter in its place.

    Raises:
        DistconvTypeError: the function takes no letter.
    """
    try:
        return of(letter)
    except TypeError as error:
        raise DistconvTypeError(
            f"the prior depends on letters, so its hypotheses are asked for as one letter, {letter}, which the "
            f"likelihoods do not take ({error}); substitute numbers first, prior.subs({{...}})"
        ) from error


@dataclass(frozen=True, slots=True)
class Observed:
    """The chance of what was observed, under every hypothesis.

    Attributes:
        of: the law that a hypothesis gives.
        seen: the outcomes.
        known: the chances under the hypotheses that were asked for.
    """

    of: Callable[[Any], Distribution]
    seen: tuple[Any, ...]
    known: dict[Any, Chance] = field(default_factory=dict, compare=False)

    def __call__(self, before: Measure) -> Measure | None:
        """The weights of hypotheses times their chances, in doubles; None where all are 0."""
        labels = list(lookup.support_of(before))
        planning.announced(planning.plan_posterior(len(labels), len(self.seen)))
        for label in labels:
            if label not in self.known:
                self.known[label] = _in_doubles(*_chances(self.of, label, self.seen), self.seen)
        return _updated(before, [self.known[label] for label in labels])


def _chance(law: Distribution, label: sympy.Expr, seen: Iterable[Any]) -> sympy.Expr:
    """The chance of all that was observed under a hypothesis that is a letter."""
    check_law(f"the likelihood of {label!r}", law)
    return expression_of(math.prod(expression_of(law.pmf(x)) for x in seen))


def _chances(of: Callable[[Any], Distribution], label: Any, seen: Iterable[Any]) -> tuple[Distribution, list[Any]]:
    """The law under a hypothesis, and the chance of every observed outcome."""
    law = of(label)
    check_law(f"the likelihood of {label!r}", law)
    law.law.settled(f"the likelihood of {label!r}", None, 0.0)
    return law, [law.pmf(x) for x in seen]


def _in_doubles(law: Distribution, row: list[Any], seen: Iterable[Any]) -> Chance:
    """The chance of all that was seen: a product of any range, with the errors of its factors."""
    significand, exponent, errors = 0.5, 1, []
    for x, chance in zip(seen, row, strict=True):
        (factor, shift), error = _likelihood(law, x, chance)
        significand, more = math.frexp(significand * factor)
        exponent += shift + more
        errors += [error, bounds.UNIT]
    return significand, exponent, bounds.compose(*errors)


def _updated(before: Measure, chances: list[Chance]) -> Measure | None:
    """The weights times the chances, in doubles and not divided by their total; None where all are 0."""
    kept = np.array([place for place, (chance, _, _) in enumerate(chances) if chance], dtype=np.int64)
    if not len(kept):
        return None
    error = max(chances[place][2] for place in kept.tolist())
    prior = arranging.select(before, before.weights.positive()[kept])
    found = from_doubles([chances[place][:2] for place in kept.tolist()], error)
    cells = positive_cells(prior)
    weights = prior.weights.as_floating().take(prior.weights.positive()).times(found)
    box = prior.box
    return arranged(indices_of(cells, box.shape), box.origin, box.step, weights, before.missing)


def _normalized(after: dict[Any, Any], lost: float) -> Distribution:
    """The law in proportion to exact weights, of which at most so much is missing."""
    if not lost:
        return Distribution(after, normalize=True)
    vectors = {as_vector(x): w for x, w in after.items()}
    return Distribution.of(Finite(normalized(construction.exact_measure(vectors, lost))))


def _likelihood(law: Distribution, x: Any, chance: Any) -> tuple[tuple[float, int], float]:
    """P(X = x), of any range, and its relative error."""
    if has_letters(chance):
        raise DistconvTypeError(
            f"a hypothesis gives {x} the probability {chance}, and the prior has no end: a law of endlessly many "
            "hypotheses needs numbers; substitute some for the letters, or cut the prior: prior.truncate(high=100)"
        )
    if not isinstance(chance, float):
        exact = Fraction(str(chance.evalf(DIGITS))) if is_expression(chance) else Fraction(chance)
        return ratio_to_double(exact.numerator, exact.denominator), bounds.UNIT
    if chance >= bounds.TINY:
        return math.frexp(chance), law.error
    pair, error = pair_of_log(float(law.logpmf(x)))
    return pair, bounds.compose(bounds.reciprocal(law.error), error) if pair[0] else 0.0


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
