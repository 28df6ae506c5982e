"""
4. Layers of neural networks
============================

A neuron weighs its inputs, adds a number, and bends the result:
:math:`\\sigma(w_0 x_0 + w_1 x_1 + \\ldots + b)`. A layer is many of them, one row of weights for each:
:math:`y = \\sigma(W x + b)`.

In a convolutional layer all neurons share their weights, each looks a little further along. W is then the same row
again and again, shifted:
"""

import numpy as np
from matplotlib import pyplot as plt

from distconv import Kernel
from distconv.plot import plot_kernel_step, plot_matrix

w = Kernel({0: 2, 1: -1})
plot_matrix(w, 8, mode="valid", correlate=True).set_title("w0 w1 0 0 ..., 0 w0 w1 0 ...")
plt.show()

# %%
# Multiplying by this *Toeplitz* matrix slides the weights along the input. Mind which way round: the neuron computes
# w0 x[c] + w1 x[c + 1], where a convolution has w0 x[c] + w1 x[c - 1]. What neural networks call convolution is
# convolution with the kernel turned around, ``correlate=True`` here.

x = np.array([0.0, 1, 3, 2, 2, 5, 4, 1])
W = w.matrix(8, mode="valid", correlate=True)
slid = w.apply(x, mode="valid", correlate=True)
print(W @ x)
print(slid)
print(w.reflect().apply(x, mode="valid"))


def sigma(z):
    return 1 / (1 + np.exp(-z))


b = -1.0
print(np.allclose(sigma(W @ x + b), sigma(slid + b)))

# %%
# In the plane a layer applies one neuron to every patch of an image:

image = np.array([[0, 0, 1, 1, 0], [0, 1, 2, 1, 0], [1, 2, 3, 2, 1], [0, 1, 2, 1, 0]])
patch = Kernel([[1, -1], [2, 0]])
plot_kernel_step(patch, image, (1, 2), correlate=True)
plt.show()

# %%
# The image read row by row is a vector, and the layer a matrix made of Toeplitz blocks, which stand in a Toeplitz
# pattern themselves: *doubly block Toeplitz*.

plot_matrix(patch, (4, 5), correlate=True)
plt.show()
W = patch.matrix((4, 5), correlate=True)
print((W @ image.ravel() == patch.apply(image, correlate=True).ravel()).all())

# %%
# Layers that skip (a stride) keep every other row of W:

print(w.matrix(8, mode="valid", correlate=True, stride=2).toarray())
