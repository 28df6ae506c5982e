"""
8. Why may I regroup?
=====================

Footnotes say "convolution is associative" and go on. Here the footnotes are run. What holds for numbers is tried on some;
what holds for letters is proved; and of a small group there are so few elements that all of them can be asked.
"""

import operator
from fractions import Fraction

import sympy
from hypothesis import HealthCheck, given, settings
from matplotlib import pyplot as plt

from distconv import Bernoulli, Die, Distribution, convolve, monoids
from distconv.monoids import Monoid
from distconv.testing import LAWS, assert_law, assert_laws, distributions, generic_law, law_suite, laws

d4, d6, d8 = Die(4), Die(6), Die(8)

# %%
# Three dice may be added in any order, the first two first or the last two. One line asks for this and all else that is
# said of sums, and answers what was found out:

print(assert_laws(d4, d6, d8))

# %%
# *Checked on 1 case*: these three dice, and no others. Two coins with letters for their p are all coins at once. The two
# sides are polynomials in p and q, and equal polynomials are a proof:

p, q = sympy.symbols("p q", positive=True)
print(assert_law("associative", Bernoulli(p), Bernoulli(q), d4))
print(((Bernoulli(p) + Bernoulli(q)) + d4).pmf(2))

# %%
# Why is it so? Each side adds the same products a b c over all triples of outcomes whose sum is the same. So convolution may
# be regrouped *because* the operation on the outcomes may. On a clock of three hours there are 27 triples; try them all, and
# give each hour a letter for its probability: that is every law on the clock.

X, Y, Z = (generic_law(range(3), letter) for letter in "abc")
report = assert_laws(X, Y, Z, operation=monoids.modulo(3), only=["associative", "commutative", "identity", "inverse"])
print(report)

# %%
# An operation that may not be regrouped has no convolution of three: the answer depends on who is first. The mean of two
# numbers is such a one. The kit names three outcomes that show it.

mean_of_two = Monoid(lambda a, b: Fraction(a + b, 2), None, name="mean")
try:
    assert_laws(d4, d6, d8, operation=mean_of_two)
except AssertionError as wrong:
    print(str(wrong).split(";")[0])

left = convolve(convolve(d4, d6, monoid=mean_of_two), d8, monoid=mean_of_two)
right = convolve(d4, convolve(d6, d8, monoid=mean_of_two), monoid=mean_of_two)
figure, axes = plt.subplots(layout="constrained")
for law, label, color in ((left, "the first two first", "#0072b2"), (right, "the last two first", "#d55e00")):
    axes.plot(list(map(float, law.support)), [float(w) for _, w in law], ".-", label=label, color=color)
axes.set(xlabel="mean of a mean and a number", ylabel="probability")
axes.legend()
plt.show()

# %%
# Some footnotes are wrong. Scaling is no random variable added to itself: c (X + Y) = c X + c Y holds, (a + b) X = a X + b X
# does not, for the two X on the right are drawn apart.

print(assert_law("scaling", d6, d4))
print(2 * d6 == d6 + d6, "|", (2 * d6).var(), (d6 + d6).var())

figure, axes = plt.subplots(layout="constrained")
for law, label, shift, color in ((2 * d6, "2 X", -0.2, "#d55e00"), (d6 + d6, "X + X'", 0.2, "#0072b2")):
    axes.bar([float(x) + shift for x, _ in law], [float(w) for _, w in law], width=0.4, label=label, color=color)
axes.set(xlabel="twice one die, or two dice", ylabel="probability", ylim=(0, 0.2))
axes.legend(loc="upper center", ncols=2)
plt.show()

# %%
# In a test let the computer look for laws that break the footnote. Draws fit each other, and what breaks is shown by the
# smallest laws that do: try it with ``(X - Y) - Z == X - (Y - Z)``.


@settings(max_examples=20, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(laws(3, ndim=2, max_size=3))
def test_sums_regroup_in_the_plane(triple):
    X, Y, Z = triple
    assert (X + Y) + Z == X + (Y + Z)


test_sums_regroup_in_the_plane()

# %%
# A whole class of tests is one line, for an operation on outcomes or for a class of your own. Here is a law of random
# numbers as one writes it in five lines; is its sum the right one? A map that respects the operation, a *homomorphism*, is
# the strictest of the laws: adding and then reading must be reading and then adding.


class Mine:
    def __init__(self, table):
        self.table = table

    def __add__(self, other):
        return Mine({x + y: v * w for x, v in self.table.items() for y, w in other.table.items()})

    def __eq__(self, other):
        return self.table == other.table


def of(X):
    return Mine(X.to_dict())


def right_sum(f, g):
    return (Distribution(f) + Distribution(g)).to_dict()


try:
    assert_law("homomorphism", of(d4), of(d6), image=lambda m: m.table, into=right_sum)
except AssertionError as wrong:
    print(str(wrong).split("\n")[0])

TestMine = law_suite(operator.add, distributions(outcomes=range(6)).map(of))
print([name for name in dir(TestMine) if name.startswith("test")])

# %%
# The dict keeps the last of equal sums and forgets the others, which ones depends on who is first: the tests of the suite
# would say so, too. These are all the footnotes that can be run:

for name, statement in LAWS.items():
    print(f"{name:21}{statement}")

# %%
# `Check the laws of your own operation <../how-to/check-laws.html>`_ says how to use them in a project.
