"""
5. Fast, and right to the last digit
====================================

Two laws of n outcomes have n times n products: it looks as if a convolution must take time in proportion to n squared.
The fast Fourier transform does it in n log n, on one processor or on many. Measured while this page was built:
"""

import math
from operator import add
from time import perf_counter

import numpy as np
from matplotlib import pyplot as plt
from scipy.signal import fftconvolve

from distconv import Die, Distribution, plan
from distconv.plot import plot_tail

sizes = [2**k for k in range(8, 16)]
rng = np.random.default_rng(0)
times = {"every product, n**2": [], "transform, n log n": [], "X + Y, certified": []}


def quickest(work, a, b):
    """The least of three times."""
    took = []
    for _ in range(3):
        start = perf_counter()
        work(a, b)
        took.append(perf_counter() - start)
    return min(took)


for n in sizes:
    p, q = (v / v.sum() for v in rng.random((2, n)))
    X, Y = Distribution.from_array(p, normalize=True), Distribution.from_array(q, normalize=True)
    times["every product, n**2"].append(quickest(np.convolve, p, q))
    times["transform, n log n"].append(quickest(fftconvolve, p, q))
    times["X + Y, certified"].append(quickest(add, X, Y))

figure, axes = plt.subplots(layout="constrained")
for (name, seconds), colour in zip(times.items(), ("#d55e00", "#c4c8ce", "#0072b2"), strict=True):
    axes.loglog(sizes, seconds, "o-", color=colour, label=name)
axes.set_xlabel("outcomes of each law, n")
axes.set_ylabel("seconds")
axes.legend(frameon=False)
plt.show()

# %%
# The library chooses for itself, and says what it would do before it does it:

print(plan(X, Y))

# %%
# A plain transform is fast, and wrong where probabilities are small: its error is as large everywhere as at the top.
# How likely is a total of 4000 or more with a thousand dice? Fractions tell:

one = np.full(6, 1 / 6)
plain = np.ones(1)
for _ in range(1000):
    plain = fftconvolve(plain, one)
exact = 1000 @ Die(6)
print("by plain transforms:", plain[3000:].sum(), "and", (plain < 0).sum(), "negative probabilities")
print("exact              :", float(exact.sf(3999)))
certified = exact.to_float()
axes = plot_tail(certified)
axes.set_title("1000 dice: P(total >= x), right to the last outcome")
plt.show()
print("log10 P(all sixes) =", certified.logpmf(6000) / math.log(10))
