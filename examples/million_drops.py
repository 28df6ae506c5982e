"""A ball on a board moves to one of four neighbours with every drop. Where is it after a million drops?

The law has 2 000 001 x 2 000 001 places, far too many to lay out. It is kept as what it is, a million copies of one
step, and asked: the probability of one place, of a region, of a coordinate takes some milliseconds each, and is right
to ten digits, also where it is far below the smallest double.
"""

import math
import time

import numpy as np

from distconv import Distribution

DROPS = 10**6
step = Distribution({(1, 0): "1/4", (-1, 0): "1/4", (0, 1): "1/4", (0, -1): "1/4"})
ball = DROPS @ step

started = time.perf_counter()
home = ball.pmf((0, 0))
box = ball.prob_box((-1000, -1000), (1000, 1000))
far = ball.logpmf((500_000, 250_000)) / math.log(10)
print(f"after {DROPS:,} drops, mean {ball.mean().astype(int)}, sd {ball.std().round(1)}")
print(f"home again:                {home:.8e}   (about 2 / (pi n) = {2 / (math.pi * DROPS):.8e})")
print(f"within 1000 on both axes:  {box:.10f}")
print(f"halfway to a corner:       10 to the power {far:.4f}")

# x + y and x - y are independent: two coins, tossed a million times each. So the first number is known exactly.
coin = math.exp(math.lgamma(DROPS + 1) - 2 * math.lgamma(DROPS / 2 + 1) - DROPS * math.log(2))
assert abs(home / coin**2 - 1) < 1e-7

# One coordinate is a law of numbers: a million steps that often stand still.
across = ball.marginal(0)
print(f"2000 to the right or more: {ball.prob_box((2000, None)):.10f} = {across.sf(1999):.10f} by the coordinate alone")

# A board that tilts, with eight neighbours, each as likely as the wind lets it be.
weights = np.array([[1, 2, 1], [2, 0, 4], [1, 4, 3]]) / 18
windy = DROPS @ Distribution.from_array(weights, origin=(-1, -1))
drift = tuple(round(m) for m in windy.mean())
print(f"with wind it drifts to {drift}, where it is with probability {windy.pmf(drift):.8e}")
print(f"{time.perf_counter() - started:.2f} s for all of it")
