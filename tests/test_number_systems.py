"""A number system is one file and its place in `weights.unify`: here the integers modulo a prime, from outside.

They are no probabilities of anything, but they add and multiply, and that is all that sums, averages and tables ask.
"""

import itertools
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from distconv import convolve, monoids, power
from distconv.convolution import convolve as convolved
from distconv.distribution import Distribution
from distconv.errors import DistconvTypeError
from distconv.laws.finite import Finite
from distconv.measure import Measure
from distconv.measure.arranging import arranged_vectors
from distconv.support import Lattice
from distconv.transforms import affine, images, pairing
from distconv.transforms.mixing import mixed
from distconv.weights import Weights, unify
from distconv.weights.rational import from_fractions

#: A prime, so that every fraction below it is a residue.
PRIME = 10_007


def residue(value):
    """A fraction modulo the prime."""
    return value.numerator * pow(value.denominator, -1, PRIME) % PRIME


@dataclass(frozen=True)
class Modular:
    """Integers modulo the prime, one for each point."""

    values: tuple[int, ...]

    kind = "modular"
    is_exact = True
    error = 0.0
    bits = 0
    letters = frozenset()

    @classmethod
    def of(cls, values):
        return cls(tuple(int(v) % PRIME for v in values))

    @property
    def size(self):
        return len(self.values)

    def at(self, rank):
        return self.values[rank]

    exact_at = at

    def log_at(self, rank):
        raise DistconvTypeError("residues have no logs")

    def numbers(self, ranks):
        return [self.values[r] for r in ranks.tolist()]

    def positive(self):
        return np.flatnonzero(self.values)

    def heaviest(self):
        raise DistconvTypeError("residues have no order")

    def fingerprint(self, rank):
        return hash(self.values[rank])

    def equals(self, other):
        return [v for v in self.values if v] == [v for v in other.values if v]

    def take(self, ranks):
        return Modular.of(self.numbers(ranks))

    def reversed(self):
        return Modular(self.values[::-1])

    def spread(self, cells, size):
        where = dict(zip(cells.tolist(), self.values, strict=True))
        return Modular.of(where.get(cell, 0) for cell in range(size))

    def merged(self, starts):
        return Modular.of(sum(self.values[i:j]) for i, j in itertools.pairwise([*starts.tolist(), self.size]))

    @staticmethod
    def joined(parts):
        return Modular.of(v for part in parts for v in part.values)

    def total(self):
        return sum(self.values) % PRIME

    def head(self, count):
        return sum(self.values[:count]) % PRIME

    def tail(self, count):
        return sum(self.values[count:]) % PRIME

    def spare(self, missing):
        return missing

    def average(self, integers):
        found = sum(int(i) * v for i, v in zip(integers, self.values, strict=True))
        return found * pow(self.total(), -1, PRIME) % PRIME

    def times(self, other):
        return Modular.of(a * b for a, b in zip(self.values, other.values, strict=True))

    def outer(self, other):
        return Modular.of(a * b for a in self.values for b in other.values)

    def scaled(self, share):
        return Modular.of(v * residue(Fraction(share)) for v in self.values)

    def normalised(self, missing=0):
        return self.scaled(Fraction(1, self.total())), float(missing)

    def shares_of(self, others):
        return self.scaled(Fraction(1, others.total()))

    def as_floating(self):
        raise DistconvTypeError("residues are no doubles")

    as_rational = as_floating


@pytest.fixture(autouse=True)
def placed_in_the_order():
    """Fractions become residues where they meet them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(
            unify.UPWARDS,
            ("exact", "modular"),
            lambda weights, _: Modular.of(residue(weights.at(i)) for i in range(weights.size)),
        )
        yield


#: Outcomes and counts of laws, whose residues are those of the fractions that they come to.
laws = st.dictionaries(st.integers(-9, 30), st.integers(1, 40), min_size=1, max_size=6)
#: The same in the plane.
planes = st.dictionaries(st.tuples(st.integers(-3, 5), st.integers(0, 9)), st.integers(1, 40), min_size=1, max_size=5)


def vector(x):
    return x if isinstance(x, tuple) else (x,)


def measure(counts, make):
    total = sum(counts.values())
    return arranged_vectors([vector(x) for x in counts], make([Fraction(c, total) for c in counts.values()]))


def modular(counts):
    return measure(counts, lambda fractions: Modular.of(map(residue, fractions)))


def exact(counts):
    return measure(counts, from_fractions)


def table(found):
    """The weights of a measure by outcome."""
    return dict(Distribution.of(Finite(found)))


def residues(found):
    """The weights of an exact measure, modulo the prime."""
    return {x: residue(w) for x, w in Distribution.of(Finite(found)) if residue(w)}


def test_it_is_a_system_of_weights():
    weights: Weights = Modular.of([1, 2])
    members = {name for name in vars(Weights) if not name.startswith("_")}
    assert len(members) > 22
    assert all(hasattr(weights, name) for name in members)


@given(st.one_of(st.tuples(laws, laws), st.tuples(planes, planes)))
def test_sums_and_tables(pair):
    f, g = pair
    want = residues(convolved(exact(f), exact(g))[0])
    found, plan = convolved(modular(f), modular(g))
    assert table(found) == want
    assert plan.kind == found.weights.kind == "modular"
    assert table(convolved(modular(f), exact(g))[0]) == want
    assert table(convolved(exact(f), modular(g))[0]) == want


@given(laws, st.integers(1, 5))
def test_laws_of_them(counts, n):
    X, Y = Distribution.of(Finite(modular(counts))), Distribution.of(Finite(exact(counts)))
    assert dict(power(X, n)) == residues((n @ Y).law.measure)
    assert dict(X + Y) == residues((Y + Y).law.measure)
    assert dict(-X + 3) == residues((-Y + 3).law.measure)
    mean = Fraction(X.mean())
    assert residue(mean) == residue(Fraction(Y.mean()))
    outcomes, weights = X.to_arrays()
    assert dict(zip(outcomes.tolist(), weights.tolist(), strict=True)) == dict(X)
    assert X.prob(lambda x: x > 3) == residue(Fraction(Y.prob(lambda x: x > 3)))
    assert X.kind == "modular"
    assert hash(X) == hash(Distribution.of(Finite(modular(counts))))
    assert X == Distribution.of(Finite(modular(counts)))


@given(laws, laws)
def test_other_operations(f, g):
    X, Y = (Distribution.of(Finite(modular(c))) for c in (f, g))
    P, Q = (Distribution.of(Finite(exact(c))) for c in (f, g))
    for monoid in (monoids.maximum, monoids.minimum, monoids.modulo(7)):
        assert dict(convolve(X, Y, monoid=monoid)) == residues(convolve(P, Q, monoid=monoid).law.measure)
    assert dict(X.map(lambda x: x // 3)) == residues(P.map(lambda x: x // 3).law.measure)
    assert table(images.product(X.law.measure, Q.law.measure)) == residues(images.product(P.law.measure, Q.law.measure))
    parts = [(Fraction(1, 3), X.law.measure), (Fraction(2, 3), Q.law.measure)]
    assert table(mixed(parts)) == residues(mixed([(Fraction(1, 3), P.law.measure), (Fraction(2, 3), Q.law.measure)]))
    assert table(affine.reflected(X.law.measure)) == residues(affine.reflected(P.law.measure))
    found, wanted = pairing.product(X.law.measure, Q.law.measure), pairing.product(P.law.measure, Q.law.measure)
    assert (found is None) == (wanted is None)
    assert found is None or table(found) == residues(wanted)


def test_what_does_not_mix_is_refused():
    floats = Measure(Lattice((0,), (1,), (1,)), from_fractions([Fraction(1)]).as_floating())
    with pytest.raises(DistconvTypeError, match="'modular' and of kind 'float' do not mix"):
        convolved(modular({1: 1}), floats)
