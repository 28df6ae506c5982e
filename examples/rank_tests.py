"""Exact rank and permutation tests, ties and all, beside the numbers in print and in R's help pages."""

from distconv import Bernoulli, exact_tests, sum_of

# Hollander and Wolfe (1973), depression scores before and after: R's wilcox.test gives V = 40, p = 0.01953.
before = [1.83, 0.50, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.30]
after = [0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29]
signed = exact_tests.signed_rank(before, after, alternative="greater")
print(f"signed ranks: V = {signed.statistic}, p = {signed.pvalue} = {float(signed.pvalue):.5f}")

# The same book, permeability of the placenta: W = 35, p = 0.1272.
term = [0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46]
early = [1.15, 0.88, 0.90, 0.74, 1.21]
ranks = exact_tests.rank_sum(term, early, alternative="greater")
print(f"rank sum: W = {ranks.statistic}, p = {ranks.pvalue} = {float(ranks.pvalue):.4f}")

# Tuna, there too: tau = 0.4444, p = 0.05972.
lightness = [44.4, 45.9, 41.9, 53.3, 44.7, 44.1, 50.7, 45.2, 60.1]
panel = [2.6, 3.1, 2.5, 5.0, 3.6, 4.0, 5.2, 2.8, 3.8]
tau = exact_tests.kendall(lightness, panel, alternative="greater")
print(f"Kendall: tau = {tau.statistic}, p = {float(tau.pvalue):.5f}")

# Pitman (1937): 3 of the 126 ways to deal nine values have a mean as small.
means = exact_tests.permutation_of_means([0, 11, 12, 20], [16, 19, 22, 24, 29], alternative="less")
print(f"permutation of means: p = {means.pvalue}")

# Darwin's maize, as Fisher (1935) dealt the signs: 863 of 32768.
maize = [49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48]
positive = sum_of([abs(d) * Bernoulli("1/2") for d in maize])
print(f"Darwin's maize: {positive.prob_box(sum(d for d in maize if d > 0)) * 2**15} of {2**15}")

# Hundreds of values with ties, where scipy turns to the normal law.
first, second = [i % 7 for i in range(100)], [i % 9 for i in range(120)]
many = exact_tests.rank_sum(first, second, alternative="less")
print(f"100 against 120 with ties: p = {float(many.pvalue):.12f}, from {len(many.law.support):,} outcomes")
