"""
2. Looking back, and the sliding picture
========================================

Now think of places instead of rolls. The ball lies at a after the first drop, and at c after the second: the probability
of both is f(a) g(c - a).
"""

from matplotlib import pyplot as plt

from distconv import Density, Distribution, Walk
from distconv.plot import animate_sliding, plot, plot_sliding, plot_walk

f = Distribution({0: "1/8", 1: "3/8", 2: "3/8", 3: "1/8"})
g = Distribution({0: "1/10", 1: "1/5", 2: "3/10", 3: "1/4", 4: "3/20"})
walk = Walk([f, g])
print(walk.position(1) == f, walk.position(2) == f + g)

# %%
# You find the ball at 4. Where did it lie before the second drop? Each place a is as likely as f(a) g(4 - a), divided by
# the sum of all of these, so that they total 1 again.

before = f.given_sum(g, 4)
print(before)

# %%
# With many drops the same question gives a *bridge*: the start and the end are known, and in between the ball may have
# strayed.

step = Distribution({-1: "1/4", 0: "1/2", 1: "1/4"})
plot_walk(Walk.repeat(step, 60).bridge(10), paths=4, rng=2).set_title("60 drops that ended at 10")
plt.show()

# %%
# Seen from the end, the ball rolled backwards: if it goes from here to b with probability g(b), it came from -b with
# probability g(b). Looking back turns a law around, and in the library that is ``-g``.

plot(-g, color="#e69f00").set_title("g, looked at from the end")
plt.show()

# %%
# That is all we need to see a whole sum at once. Draw f. Below it draw g, turned around, and shifted so that it starts
# from the total c. Where they overlap, multiply what stands above each other; add the products.

plot_sliding(f, g, 4)
plt.show()

# %%
# Slide the total along and the convolution appears, one value after another. It is large where the two lie on each other
# and shrinks as they part. Here are two boxes, the density of a ball that stops anywhere in a metre; their convolution is
# a triangle. Move the slider:

box = Density.box(0, 1)
animate_sliding(box, box, "two_boxes.html")
plt.close()

# %%
# The same on a fine lattice, 20 places to the metre:

fine = box.discretize("1/20")
animate_sliding(fine, fine, "two_lattices.html")
plt.close()

# %%
# And as a still picture, with the areas exact:

print((box + box).pdf("3/4"), (box + box + box).pdf("3/2"))
plot(box + box + box).set_title("three boxes")
plt.show()
