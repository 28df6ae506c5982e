"""Random counts, pools, posteriors and kernels side by side with what a user would pick instead; prints a table.

Run ``python -m benchmarks.drops``; a peer that is not installed is left out. Each time is the median of five runs.
"""

from __future__ import annotations

import importlib.util
import itertools
from collections import Counter
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np

from benchmarks.symbols import median
from distconv import Die, Distribution, Kernel, Poisson, Uniform, Walk, convolve, deconvolve, highest, power
from distconv.monoids import modulo, xor

CELLS = 2**20
RNG = np.random.default_rng(0)
Rows = list[tuple[str, Callable[[], Any], dict[str, Callable[[], Any]]]]


def plain_fft() -> Any:
    """Poisson(1000) @ Uniform(1, 1000) by one FFT on the same cells: what aggregate and others compute."""
    step = np.zeros(CELLS)
    step[1:1001] = 1e-3
    return np.fft.irfft(np.exp(1000 * (np.fft.rfft(step) - 1)), CELLS)


def by_aggregate() -> Any:
    """The same law by the aggregate library."""
    from aggregate import build

    claims = "agg Claims 1000 claims dsev [1:1000] poisson"
    return build(claims, bs=1, log2=20)


def icepool_highest(sides: int, n: int, keep: int) -> Any:
    """The best of n dice by icepool."""
    import icepool

    return (
        icepool.d(sides).highest(n, keep)
        if hasattr(icepool.d(sides), "highest")
        else icepool.d(sides).pool(n).highest(keep).sum()
    )


def enumerated() -> Any:
    """4d6, drop the lowest, over all 6**4 throws."""
    return Counter(sum(sorted(throw)[1:]) for throw in itertools.product(range(1, 7), repeat=4))


def rows() -> Rows:
    """What is measured, and its rivals."""
    d6 = Die(6)
    bits = Distribution.from_counts(dict(enumerate(RNG.integers(1, 1000, 2**16).tolist())))
    ten, nine = 1000 @ d6, 999 @ d6
    image, taps = RNG.normal(size=(4096, 4096)), RNG.normal(size=(15, 15))
    noise, box = Kernel(taps), Kernel.box(15, 15)
    found: Rows = [
        (
            "Poisson(1000) @ Uniform(1, 1000), 2**20 cells",
            lambda: (Poisson(1000) @ Uniform(1, 1000)).pmf(np.arange(CELLS)),
            {"plain FFT": plain_fft, **({"aggregate": by_aggregate} if importlib.util.find_spec("aggregate") else {})},
        ),
        ("highest(Die(6), 4, 3)", lambda: highest(d6, 4, 3), {"enumeration": enumerated}),
        ("highest(Die(20), 100, 10)", lambda: highest(Die(20), 100, 10), {}),
        ("10**6 copies of d6 modulo 7, exact", lambda: power(d6 % 7, 10**6, monoid=modulo(7)), {}),
        ("xor of 2**16 points, exact", lambda: convolve(bits, bits, monoid=xor), {}),
        ("deconvolve(1000d6, 999d6)", lambda: deconvolve(ten, nine), {}),
        ("bridge over 1000d6, one position, exact", lambda: Walk.repeat(d6, 1000).bridge(3500).position(500), {}),
        (
            "bridge over 1000d6, all positions, floats",
            lambda: list(Walk.repeat(d6.to_float(), 1000).bridge(3500)),
            {},
        ),
    ]
    four = Distribution({(1, 0): 0.2, (-1, 0): 0.3, (0, 1): 0.35, (0, -1): 0.15})
    nine = Distribution.from_array(RNG.random((3, 3)), origin=(-1, -1), normalize=True)
    found += [
        ("1000 steps to four neighbours, whole", lambda: power(four, 1000, method="tilted"), {}),
        ("1000 steps to four neighbours, one place", lambda: (1000 @ four).pmf((-100, 200)), {}),
        ("100 steps of 3 x 3, whole", lambda: power(nine, 100, method="tilted"), {}),
        ("1000 steps of 3 x 3, whole", lambda: power(nine, 1000, method="tilted"), {}),
        ("10**6 steps of 3 x 3, one place", lambda: (10**6 @ nine).pmf((0, 0)), {}),
        ("10**6 steps of 3 x 3, a box", lambda: (10**6 @ nine).prob_box((0, 0), (1000, None)), {}),
    ]
    if importlib.util.find_spec("icepool"):
        found[1][2]["icepool"] = lambda: icepool_highest(6, 4, 3)
        found[2][2]["icepool"] = lambda: icepool_highest(20, 100, 10)
    import scipy.ndimage
    import scipy.signal

    found.append(
        (
            "15 x 15 kernel on 4096 x 4096",
            lambda: noise.apply(image),
            {
                "oaconvolve": lambda: scipy.signal.oaconvolve(image, taps, mode="same"),
                "fftconvolve": lambda: scipy.signal.fftconvolve(image, taps, mode="same"),
            },
        )
    )
    found.append(
        (
            "15 x 15 box on 4096 x 4096",
            lambda: box.apply(image),
            {"ndimage.uniform_filter": lambda: scipy.ndimage.uniform_filter(image, 15, mode="constant")},
        )
    )
    return found


def main() -> None:
    """Prints the table."""
    assert enumerated()[18] == 1296 * highest(Die(6), 4, 3).pmf(18) == 1296 * Fraction(7, 432)
    for name, ours, others in rows():
        ours()
        own = median(ours)
        shown = ", ".join(
            f"{peer} {(took := median(work)):.4g} s ({took / own:.2f} x)" for peer, work in others.items()
        )
        print(f"{name:48} {own:9.4g} s   {shown}", flush=True)


if __name__ == "__main__":
    main()
