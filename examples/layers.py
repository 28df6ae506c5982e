"""A convolutional layer is a matrix with the same row in every line, shifted: one network by both roads. Run it with

python examples/layers.py
"""

import numpy as np

from distconv import Kernel


def sigma(z: np.ndarray) -> np.ndarray:
    """The logistic function, which bends what a neuron has summed."""
    return 1 / (1 + np.exp(-z))


def one_dimension() -> None:
    """y = sigma(W x + b) with W as a Toeplitz matrix, and by sliding the weights along x."""
    weights, b = Kernel({0: 2, 1: -1, 2: "1/2"}), -0.5
    x = np.random.default_rng(1).normal(size=10)
    W = weights.matrix(10, mode="valid", correlate=True)
    print("W, in sparse storage", W.shape, "with", W.nnz, "numbers; its first rows:")
    print(W.toarray()[:3])
    by_matrix = sigma(W @ x + b)
    by_sliding = sigma(weights.apply(x, mode="valid", correlate=True) + b)
    print("both roads agree to", f"{abs(by_matrix - by_sliding).max():.1g}")
    every_other = sigma(weights.apply(x, mode="valid", correlate=True, stride=2) + b)
    print("a stride of 2 keeps every other neuron:", bool((every_other == by_sliding[::2]).all()))


def two_dimensions() -> None:
    """A layer of two neurons over an image with three channels: each sums a kernel over every channel."""
    rng = np.random.default_rng(2)
    image = rng.normal(size=(6, 7, 3))
    neurons = [[Kernel(rng.normal(size=(3, 3))) for _ in range(3)] for _ in range(2)]
    sliding = [sum(k.apply(image[..., c], mode="valid", correlate=True) for c, k in enumerate(ks)) for ks in neurons]
    blocks = [[k.matrix((6, 7), mode="valid", correlate=True).toarray() for k in ks] for ks in neurons]
    W = np.block(blocks)
    x = np.concatenate([image[..., c].ravel() for c in range(3)])
    print("\nthe layer over 6 x 7 x 3 numbers as one matrix:", W.shape)
    print("W x equals sliding:", np.allclose(np.concatenate([s.ravel() for s in sliding]), W @ x))
    blurred = Kernel.box(3, 3).apply(image, channels=True, boundary="reflect")
    print("one kernel on every channel by itself keeps the shape:", blurred.shape)


if __name__ == "__main__":
    one_dimension()
    two_dimensions()
