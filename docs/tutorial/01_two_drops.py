"""
1. A ball is dropped twice
==========================

Drop a ball. It rolls a little and lies still, nobody knows where beforehand; but after many tries you know how likely
each distance is. From a low height, say:
"""

from matplotlib import pyplot as plt

from distconv import Distribution
from distconv.plot import plot, plot_partitions

f = Distribution({0: "1/8", 1: "3/8", 2: "3/8", 3: "1/8"})
plot(f).set_title("f: how far it rolls from a low height")
plt.show()

# %%
# Pick it up where it lies, and drop it again from higher up. Another height is another law:

g = Distribution({0: "1/10", 1: "1/5", 2: "3/10", 3: "1/4", 4: "3/20"})
plot(g, color="#e69f00").set_title("g: how far from a greater height")
plt.show()

# %%
# How likely is it that it lies exactly 3 from where all began? It may have rolled 0 and then 3, or 1 and then 2, or 2
# and then 1, or 3 and then 0; there is no other way. The drops know nothing of each other, so each way has a product
# for its probability, f(0) g(3) for the first. The ways exclude each other, so their probabilities add up.

plot_partitions(f, g, 3).set_title("all the ways to get 3, and their sum")
plt.show()

# %%
# Doing this for every total is called the *convolution* of f and g. Two ways to write it down: as a sum over all pairs
# that make the total,
#
# .. math:: (f * g)(c) = \sum_{a + b = c} f(a)\, g(b),
#
# or, since b must be c - a, as a sum over the first roll alone,
#
# .. math:: (f * g)(c) = \sum_a f(a)\, g(c - a).
#
# They are the same numbers, and in the library both are ``f + g``: adding random variables convolves their laws.

c = 3
pairs = sum(f.pmf(a) * g.pmf(b) for a in f.support for b in g.support if a + b == c)
usual = sum(f.pmf(a) * g.pmf(c - a) for a in f.support)
print(pairs, usual, (f + g).pmf(c))

# %%
# Does it matter which height comes first? Or, of three drops, which two are put together first? Renaming a and b in the
# first formula says no, and so does the library:

h = Distribution({0: "1/2", 5: "1/2"})
print(f + g == g + f, (f + g) + h == f + (g + h))
plot(f + g, color="#009e73").set_title("f * g: both rolls together")
plt.show()
