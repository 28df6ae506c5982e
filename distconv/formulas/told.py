"""Laws of numbers that are made of others, told by formulas: mixtures, random sums, truncated laws."""

from __future__ import annotations

from distconv.algebra.compound import compound
from distconv.construction import from_mapping
from distconv.formulas import making
from distconv.formulas.mixed import mixed
from distconv.formulas.restricted import truncated
from distconv.formulas.sums import as_formula
from distconv.laws.compound import Compound
from distconv.laws.finite import Finite
from distconv.laws.law import Law
from distconv.laws.mixture import Mixture
from distconv.laws.parts import as_fraction
from distconv.laws.random_sum import RandomSum
from distconv.laws.rules import rule
from distconv.laws.truncated import Truncated
from distconv.numbers.doubles import is_pair


@rule("formula", Mixture, needed=True)
def _mixture(law: Mixture) -> Law | None:
    """A mixture as one of laws by formulas; None of floating shares."""
    parts = law.components
    if law.share_error or any(is_pair(share) for _, share in parts):
        return None
    shares = from_mapping({i: as_fraction(share) for i, (_, share) in enumerate(parts)})
    return mixed([one for one, _ in parts], Finite(shares))


@rule("formula", Compound, needed=True)
@rule("formula", RandomSum, needed=True)
def _random_sum(law: Compound | RandomSum) -> Law | None:
    """A sum of a random number of terms by its generating function."""
    return making.compound(law.count, law.term, compound)


@rule("formula", Truncated, needed=True)
def _truncated(law: Truncated) -> Law:
    """A law known that it is not less than a number, by the formula of the whole law."""
    return truncated(as_formula(law.base), law.cut, None)
