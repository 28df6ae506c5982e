"""
6. Not only sums
================

The first way to write a convolution asks for nothing but a way to combine a and b:

.. math:: (f \\circ g)(c) = \\sum_{a \\circ b = c} f(a)\\, g(b).

Put any operation there. The maximum of two dice, their sum on a clock of five hours, a shuffle on top of a shuffle:
"""

from itertools import permutations

from matplotlib import pyplot as plt

from distconv import Die, Distribution, convolve, distances_to_uniform, monoids
from distconv.plot import plot

d6 = Die(6)
figure, panels = plt.subplots(1, 3, figsize=(10, 3), layout="constrained", sharey=True)
for panel, monoid, title in zip(
    panels, (monoids.add, monoids.maximum, monoids.modulo(5)), ("sum", "maximum", "sum modulo 5"), strict=True
):
    plot(convolve(d6, d6, monoid=monoid), panel).set_title(title)
plt.show()

# %%
# Shuffles are permutations, and one after another they form a group. Take the top card and put it anywhere: how many
# times until four cards are well mixed?

moves = [(*range(1, k + 1), 0, *range(k + 1, 4)) for k in range(4)]
shuffle = Distribution.from_counts(dict.fromkeys(moves, 1))
assert set(moves) <= set(permutations(range(4)))
distances = distances_to_uniform(shuffle, 12, monoid=monoids.symmetric(4))
figure, axes = plt.subplots(layout="constrained")
axes.plot(range(13), [float(d) for d in distances], "o-", color="#0072b2")
axes.set_xlabel("shuffles")
axes.set_ylabel("distance from well mixed")
plt.show()

# %%
# Laws of such an algebra can be checked rather than believed: `the how-to <../how-to/check-laws.html>`_ shows how.
