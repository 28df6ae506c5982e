"""
7. Exact answers with letters
=============================

A probability need not be a number. Write the coin's p as a letter of sympy's, and every answer becomes a formula: no
simulation, no rounding, and the numbers can come last.
"""

from matplotlib import pyplot as plt
from sympy import Rational, diff, solve, sqrt, symbols

from distconv import Bernoulli, Die, Distribution, Geometric, Poisson, Walk, order_statistic, total_variation

p, q, lam = symbols("p q lam", positive=True)
n, k = symbols("n k", integer=True, positive=True)

two = Bernoulli(p) + Bernoulli(q)
print(two.to_dict())
print(two.mean(), "|", two.var().factor())

# %%
# Sizes may be letters as well. Two dice with n sides make a triangle, whatever n is, and `subs` brings the numbers back.

triangle = Die(n) + Die(n)
print(triangle.formula)
print(triangle.pmf(7).subs(n, 6), triangle.subs({n: 6}).pmf(7))

# %%
# What is a formula can be differentiated and solved. Three judges, each right with probability p: when is the majority
# of them better than one, and where does it gain most?

majority = order_statistic(Bernoulli(p), 3, 2).pmf(1)
gain = majority - p
best = max(solve(diff(gain, p), p))
print(majority, "| best at", best, "| gain", gain.subs(p, best).simplify())

grid = [Rational(i, 50) for i in range(51)]
figure, axes = plt.subplots(layout="constrained")
axes.plot(grid, [float(majority.subs(p, x)) for x in grid], color="#0072b2", label="majority of three")
axes.plot(grid, [float(x) for x in grid], color="#888888", label="one judge")
axes.axvline(float(best), color="#d55e00", linewidth=1)
axes.set_xlabel("p")
axes.legend()
plt.show()

# %%
# Laws without an end are formulas, too: their sums, the rest after a cut, what one was once the total is known.

print(Poisson(lam).truncate(low=1).mean())
print((Geometric(p) - Geometric(p)).pmf(k))
print(Poisson(lam).given_sum(Poisson(q), n).mean())

# %%
# Where a probability has no closed form, the next one follows from a few before it, by a recurrence that comes with its
# proof. Of a walk that steps left, right or not at all, the ways to be home again after n steps:
n = symbols("n", integer=True, nonnegative=True)
home = (n @ (Die(3) - 2)).recurrence(0, n).times(3)
print(home)
print(*home.values(12))

# %%
# A gambler who wins each round with probability p plays against a bank of 10, with 5 of her own. The walk never ends, the
# question does: for how large an edge is she as safe as she thinks?

ruin = Walk.forever(Distribution({1: p, -1: 1 - p})).ruin(-5, 10)
figure, axes = plt.subplots(layout="constrained")
axes.plot(grid[1:-1], [float(ruin.subs(p, x)) for x in grid[1:-1]], color="#0072b2")
axes.set_xlabel("p")
axes.set_ylabel("probability of ruin")
plt.show()

# %%
# Exact numbers need not be fractions. Steps to the corners of a square that was turned by 45 degrees come home exactly:

corner = sqrt(2) / 2
turned = Distribution({(x * corner, y * corner): "1/4" for x in (-1, 1) for y in (-1, 1)})
print((4 @ turned).pmf((0, 0)), (4 @ turned).cov()[0, 0])
distance = (2 @ turned).map(lambda v: sqrt(v[0] ** 2 + v[1] ** 2))
print(distance.to_dict())

# %%
# And answers are compared as formulas are: the distance of two coins is the distance of their p.

print(total_variation(Bernoulli(p), Bernoulli(q)))

# %%
# `Twenty classics <../how-to/classics.html>`_ has more of these, each in a line with the formula of the books beside it.
