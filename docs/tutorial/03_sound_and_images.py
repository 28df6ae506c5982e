"""
3. Echo, blur, edges
====================

Nothing in the sum asks for probabilities. Take any weights, of any sign, and call them a kernel.
"""

import numpy as np
from matplotlib import pyplot as plt

from distconv import Die, Distribution, Kernel, Walk
from distconv.plot import plot, plot_kernel_step, plot_walk

# %%
# Sound
# -----
# A kernel of two spikes gives back every sound, and once more, later and softer: an echo.

echo = Kernel({0: 1, 40: "1/2"})
time = np.arange(160)
click = np.exp(-time / 6.0) * np.sin(time / 1.5)
figure, (above, below) = plt.subplots(2, sharex=True, layout="constrained")
above.plot(time, click, color="#0072b2")
above.set_title("a click", loc="left")
below.plot(time, echo.apply(click), color="#d55e00")
below.set_title("the click convolved with two spikes", loc="left")
below.set_xlabel("time")
plt.show()

# %%
# A moving average is a kernel of equal weights. It smooths:

rng = np.random.default_rng(5)
noisy = np.sin(time / 12.0) + 0.4 * rng.normal(size=time.size)
figure, axes = plt.subplots(layout="constrained")
axes.plot(time, noisy, color="#c4c8ce", label="measured")
axes.plot(time, Kernel.box(15).apply(noisy, boundary="edge"), color="#0072b2", label="mean of 15")
axes.legend(frameon=False)
plt.show()

# %%
# The plane
# ---------
# Let the ball roll in the plane. Places are pairs, and totals add up in both coordinates at once:
#
# .. math:: (f * g)(c_1, c_2) = \sum_{a_1 + b_1 = c_1,\; a_2 + b_2 = c_2} f(a_1, a_2)\, g(b_1, b_2).

step = Distribution({(1, 0): "1/4", (-1, 0): "1/4", (0, 1): "1/4", (0, -1): "1/4"})
print((2 @ step).pmf((0, 0)), float((100 @ step).pmf((0, 0))))
plot_walk(Walk.repeat(step, 40), paths=2, rng=4)
plt.show()

# %%
# Images
# ------
# An image is a function of two variables, too. The mean of every pixel and its eight neighbours is a convolution with
# nine weights of 1/9. Here is one step of the kernel that slides over an image:

image = np.zeros((7, 9), dtype=int)
image[2:5, 3:7] = 9
plot_kernel_step(Kernel.box(3, 3), image, (2, 5))
plt.show()

# %%
# And the whole of it, on a larger image. A blur is what comes out; a kernel of weights 1 and -1 on neighbours is 0
# where nothing changes, and large where light meets dark: it finds edges.

y, x = np.mgrid[:120, :160]
scene = np.where((x - 60) ** 2 + (y - 62) ** 2 < 1500, 1.0, 0.15) + np.where(
    (abs(x - 118) < 24) & (abs(y - 50) < 30), 0.5, 0
)
edges = abs(Kernel({(0, 0): 1, (0, 1): -1}).apply(scene, boundary="edge"))
blurred = Kernel.box(9, 9).apply(scene, boundary="edge")
figure, panels = plt.subplots(1, 3, figsize=(10, 2.8), layout="constrained")
for panel, picture, title in zip(panels, (scene, blurred, edges), ("image", "9 x 9 box blur", "edges"), strict=True):
    panel.imshow(picture, cmap="gray")
    panel.set_title(title)
    panel.set_axis_off()
plt.show()

# %%
# Kernels are convolved with each other like laws. Sobel's edge detector is smoothing down the columns times a difference
# along the rows, exactly:

smooth = Kernel({(-1, 0): 1, (0, 0): 2, (1, 0): 1})
difference = Kernel({(0, -1): 1, (0, 1): -1})
sobel = Kernel([[1, 0, -1], [2, 0, -2], [1, 0, -1]], origin=-1)
print(smooth * difference == sobel)
plot(sobel)
plt.show()

# %%
# Blurring is dropping
# --------------------
# A blur moves every point of light by a random step. Blurring n times is dropping a ball n times: the kernel of n boxes
# is the law of the sum of n equal steps, and soon nobody can tell it from Gauss's bell.

print((Kernel.from_distribution(Die(6)) ** 5).to_distribution() == 5 @ Die(6))
boxes = Kernel.box(9) ** 4
places = np.array(boxes.support, dtype=float)
sd = float(boxes.to_distribution().std())
axes = plot(boxes)
bell = np.exp(-0.5 * (places / sd) ** 2) / (sd * np.sqrt(2 * np.pi))
axes.plot(places, bell, color="#d55e00", label="Gauss's bell")
axes.set_title("a box of 9, four times")
axes.legend(frameon=False)
plt.show()
