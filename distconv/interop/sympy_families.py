"""The laws of sympy.stats, one by one: what each is here."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from distconv.algebra import compound, spanning, sums
from distconv.construction import from_mapping
from distconv.errors import DistconvTypeError
from distconv.formulas.law import of_atom
from distconv.formulas.making import written
from distconv.formulas.special import SPECIAL, SpecialAtom
from distconv.laws import image, registry
from distconv.laws.finite import Finite
from distconv.laws.law import Law
from distconv.numbers.letters import any_expressions, expression_of, has_letters, number_of

if TYPE_CHECKING:
    import sympy

#: Places of the box around a joint law up to which it is read one by one: some seconds.
MOST_PLACES = 20_000


def law_of(distribution: sympy.Basic) -> Law:
    """The law of a distribution of sympy.stats, a record with parameters and without a variable.

    Raises:
        DistconvTypeError: it is continuous, or is not understood.
    """
    import sympy
    from sympy.stats import drv_types, frv_types, joint_rv

    known = READERS.get(type(distribution).__name__.removesuffix("Distribution"))
    if known is not None:
        return known(*distribution.args)
    if isinstance(distribution, frv_types.SingleFiniteDistribution):
        return spanning.from_pairs(list(distribution.dict.keys()), list(distribution.dict.values()))
    if isinstance(distribution, drv_types.SingleDiscreteDistribution):
        return _by_density(distribution)
    places = getattr(distribution, "set", None)
    if isinstance(distribution, joint_rv.JointDistribution) and isinstance(places, sympy.ProductSet):
        return _listed(distribution, places)
    raise DistconvTypeError(
        f"{distribution} is continuous, or no law that is known here: only discrete laws are read. A continuous law is "
        "taken in cells, from_scipy(frozen, step=0.01); of another give the probabilities, "
        "Distribution({outcome: probability, ...})"
    )


def _by_density(distribution: Any) -> Law:
    """The law of a density on integers."""
    import sympy

    support, k = distribution.set, sympy.Symbol("k", integer=True)
    if support.is_finite_set:
        places = list(support)
        return spanning.from_pairs(places, [distribution.pdf(x) for x in places])
    is_row = support in (sympy.S.Naturals, sympy.S.Naturals0, sympy.S.Integers)
    if not (is_row or (isinstance(support, sympy.Range) and support.step == 1)):
        raise DistconvTypeError(
            f"a density on {support} is not read; tell it on a row of integers, sympy.Range(low, high), and scale the "
            "law: 2 * from_sympy(X)"
        )
    density = distribution.pdf(k)
    if density.is_Piecewise and len(density.args) == 2 and density.args[1].expr == 0:
        density = density.args[0].expr
    return written(density, k, support.inf, support.sup)


def _listed(distribution: Any, support: sympy.ProductSet) -> Law:
    """The joint law of finitely many places, one by one."""
    if not support.is_finite_set or not all(part.is_iterable for part in support.args):
        raise DistconvTypeError(
            f"{distribution} has no end, or is taken for continuous by sympy: of joint laws without end only products "
            "and NegativeMultinomial are read; make it of independent ones, joint(X, Y)"
        )
    count = math.prod(len(part) for part in support.args)
    if count > MOST_PLACES:
        raise DistconvTypeError(f"{distribution} is on {count:,} places, more than the {MOST_PLACES:,} that are read")
    places = list(support)
    return spanning.from_pairs([tuple(x) for x in places], [distribution.pdf(*x) for x in places])


def _family(name: str) -> Callable[..., Law]:
    """A family of this library with the same parameters."""
    return lambda *parameters: registry.with_expressions(name, *parameters)


def _negative_binomial(r: sympy.Expr, p: sympy.Expr) -> Law:
    return registry.with_expressions("NegativeBinomial", r, last_chance(p))


def last_chance(p: sympy.Expr) -> sympy.Expr:
    """The chance of what a NegativeBinomial(r, p) of sympy's waits for r times: p, or 1 - p in older versions."""
    import sympy
    from sympy.stats.drv_types import NegativeBinomialDistribution

    return NegativeBinomialDistribution(sympy.Integer(1), p).pdf(sympy.Integer(0))


def _binomial(n: sympy.Expr, p: sympy.Expr, success: sympy.Expr, failure: sympy.Expr) -> Law:
    """A binomial law times the difference of what a success and a failure count."""
    law = registry.with_expressions("Binomial", n, p)
    scaled = multiplied(law, success - failure)
    moved = spanning.displaced(scaled, n * failure, 1)
    return image.shifted(scaled, (number_of(n * failure),)) if moved is None else moved


def multiplied(law: Law, factor: sympy.Expr) -> Law:
    """The law of a multiple by a number or a letter."""
    number = number_of(factor)
    scaled = spanning.multiplied(law, factor) if has_letters(number) else image.scaled(law, number)
    assert scaled is not None, "the factor is an expression"
    return scaled


def _flory_schulz(a: sympy.Expr) -> Law:
    """The trials up to the second success, less one."""
    return image.moved(registry.with_expressions("NegativeBinomial", expression_of(2), a), 1, 1)


def _hermite(one: sympy.Expr, two: sympy.Expr) -> Law:
    """Single events and pairs of events."""
    pairs = image.scaled(registry.with_expressions("Poisson", two), 2)
    return sums.add(registry.with_expressions("Poisson", one), pairs)


def _special(name: str) -> Callable[..., Law]:
    """A law by its own formula, written out where its range has ends that are numbers."""

    def made(*parameters: sympy.Expr) -> Law:
        import sympy

        atom = SpecialAtom(name, parameters)
        conditions = frozenset(SPECIAL[name].conditions(*parameters)) - {sympy.true}
        found = atom.numeric({}) if atom.ends()[1].is_Integer else None
        return of_atom(atom, conditions=conditions) if found is None else found

    return made


def _robust_soliton(k: sympy.Expr, delta: sympy.Expr, c: sympy.Expr) -> Law:
    """Luby's law: that of the ideal soliton and a spike, divided by their total; exact, where sympy rounds k**0.5."""
    import sympy

    if has_letters(k) or has_letters(delta) or has_letters(c):
        raise DistconvTypeError("the place of the spike of a RobustSoliton law needs numbers for k, delta and c")
    ripple = c * sympy.log(k / delta) * sympy.sqrt(k)
    spike = round(k / ripple)
    weights = {i: sympy.Rational(1, i * (i - 1)) if i > 1 else 1 / k for i in range(1, int(k) + 1)}
    for i in range(1, spike):
        weights[i] += ripple / (k * i)
    weights[spike] += ripple * sympy.log(ripple / delta) / k
    return spanning.from_pairs(list(weights), list(weights.values()), normalize=True)


def _multinomial(n: sympy.Expr, ps: Any) -> Law:
    chances = [number_of(chance) for chance in ps]
    family = registry.family("Multinomial")
    if not n.is_Integer:
        raise DistconvTypeError(f"the number of trials of a joint law must be a number, got {n}; substitute it: X.subs")
    return (family.with_letters if any_expressions(chances) else family.law)(int(n), chances)


def _negative_multinomial(k0: sympy.Expr, ps: Any) -> Law:
    """A negative binomial number of results, each of which is one of several."""
    chances = [number_of(chance) for chance in ps]
    some = sum(chances)
    units = [tuple(int(i == j) for j in range(len(chances))) for i in range(len(chances))]
    result = Finite(from_mapping({unit: chance / some for unit, chance in zip(units, chances, strict=True)}))
    return compound.compound(registry.with_expressions("NegativeBinomial", k0, 1 - sum(ps)), result)


def _ewens(n: sympy.Expr, theta: sympy.Expr) -> Law:
    """Ewens' sampling formula: how many classes have 1, 2, ..., n members."""
    import sympy
    from sympy.utilities.iterables import partitions

    if not n.is_Integer:
        raise DistconvTypeError(f"the sample size of a MultivariateEwens law must be a number, got {n}")
    whole = sympy.factorial(n) / sympy.rf(theta, n)
    places, weights = [], []
    for part in partitions(int(n)):
        terms = (theta**many / (j**many * sympy.factorial(many)) for j, many in part.items())
        places.append(tuple(part.get(j, 0) for j in range(1, int(n) + 1)))
        weights.append(whole * sympy.Mul(*terms))
    return spanning.from_pairs(places, weights)


#: What reads the laws of sympy.stats, by the name of their class; others go by their probabilities.
READERS: dict[str, Callable[..., Law]] = {
    **{name: _family(name) for name in ("Die", "Geometric", "Hypergeometric", "Logarithmic", "Poisson", "Skellam")},
    **{name: _special(name) for name in SPECIAL},
    "Binomial": _binomial,
    "FlorySchulz": _flory_schulz,
    "Hermite": _hermite,
    "Multinomial": _multinomial,
    "MultivariateEwens": _ewens,
    "NegativeBinomial": _negative_binomial,
    "NegativeMultinomial": _negative_multinomial,
    "RobustSoliton": _robust_soliton,
}
