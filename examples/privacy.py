"""How private are 1000 yes/no answers, each true with probability 0.55? A tail far below 1e-16.

Randomized response: whoever is asked tells the truth with probability 11/20, else the opposite. The privacy loss of one
answer is +ln(11/9) or -ln(11/9), so that of 1000 answers is L = units * ln(11/9), where units is a sum of 1000 steps of
+1 or -1. The answers are (eps, delta)-private with delta(eps) = E[(1 - exp(eps - L))+]. Needed are small deltas, and
upper bounds; a plain FFT gives only noise below about 1e-13. Saves a picture. Needs matplotlib. Run it with

    python examples/privacy.py [--picture privacy.png]
"""

import argparse
import math
from decimal import Decimal, localcontext
from fractions import Fraction
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from distconv import Distribution

ANSWERS = 1000
STEP = Distribution({1: "11/20", -1: "9/20"})
LOSS = math.log(11 / 9)  # of one unit
SLACK = 1e-12  # for the rounding of the losses and of the expectation; that of the law is bounded by X.error
CHECKED = {10: 0.921519801945415, 40: 4.918240498e-4, 60: 4.13132666e-11, 80: 8.152991579e-23, 100: 1.268834212e-39}
BLUE, ORANGE = "#0072b2", "#e69f00"


def delta(units: Distribution, eps: float) -> float:
    """E[(1 - exp(eps - L))+] for L = units * LOSS; expm1 keeps the digits where L is just above eps."""
    return float(units.expect(lambda k: -math.expm1(min(0.0, eps - k * LOSS))))


def upper(units: Distribution, eps: float) -> float:
    """An upper bound on delta: every probability is within X.error of the true one, so their weighted sum is."""
    return delta(units, eps) * (1 + units.error) * (1 + SLACK)


def delta_in_decimals(eps: int) -> float:
    """The same from binomial coefficients in 60 digits."""
    with localcontext(prec=60):
        total = Decimal(0)
        for yes in range(ANSWERS + 1):
            gain = 1 - Decimal(eps).exp() * (Decimal(9) / 11) ** (2 * yes - ANSWERS)
            ways = Decimal(math.comb(ANSWERS, yes) * 11**yes * 9 ** (ANSWERS - yes))
            total += max(Decimal(0), gain) * ways
        return float(total / Decimal(20) ** ANSWERS)


def delta_by_plain_fft(eps: float) -> float:
    """The same from the law that numpy's FFT gives: entry j is P(units = 2 j - ANSWERS), more or less."""
    law = np.fft.irfft(np.fft.rfft([0.45, 0.55], 2048) ** ANSWERS)[: ANSWERS + 1]
    losses = (2 * np.arange(ANSWERS + 1) - ANSWERS) * LOSS
    return float(-np.expm1(np.minimum(0.0, eps - losses)) @ law)


def least_eps(units: Distribution, target: float) -> float:
    """The least eps, to six decimals and rounded up, that is (eps, target)-private, by bisection."""
    low, high = 0.0, ANSWERS * LOSS
    while high - low > 1e-7:
        middle = (low + high) / 2
        low, high = (low, middle) if upper(units, middle) <= target else (middle, high)
    return math.ceil(high * 1e6) / 1e6


def draw(units: Distribution, path: Path) -> None:
    """log10 delta against eps; that of the plain FFT where it is positive at all."""
    eps = np.linspace(0, 120, 241)
    ours = np.array([delta(units, e) for e in eps])
    plain = np.array([delta_by_plain_fft(e) for e in eps])
    figure = Figure(figsize=(7.5, 4.6), layout="constrained")
    panel = figure.subplots()
    panel.plot(eps[plain > 0], np.log10(plain[plain > 0]), ".", color=ORANGE, label="plain FFT")
    panel.plot(eps, np.log10(ours), color=BLUE, linewidth=2, label="distconv")
    panel.set(title=f"{ANSWERS} randomized responses, p = 0.55", xlabel="eps", ylabel="log10 delta(eps)")
    panel.spines[["top", "right"]].set_visible(False)
    panel.legend(frameon=False, loc="lower left")
    figure.savefig(path, dpi=120)


def main() -> None:
    """Prints delta, its upper bound and what others give, checks them, and saves the picture."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--picture", type=Path, default=Path("privacy.png"), help="where to save the picture")
    arguments = parser.parse_args()

    exact, units = ANSWERS @ STEP, ANSWERS @ STEP.to_float()
    top = Fraction(11, 20) ** ANSWERS
    assert exact.pmf(ANSWERS) == top
    assert abs(Fraction(units.pmf(ANSWERS)) / top - 1) <= units.error
    print(f"{ANSWERS} answers; relative error of each probability at most {units.error:.1e}")
    print(f"{'eps':>5}{'delta':>22}{'upper bound':>22}{'60 digits':>22}{'plain FFT':>13}")
    for eps, known in CHECKED.items():
        ours, truth = delta(units, eps), delta_in_decimals(eps)
        assert math.isclose(truth, known, rel_tol=1e-9)
        assert math.isclose(delta(exact, eps), truth, rel_tol=SLACK)
        assert ours * (1 - units.error) * (1 - SLACK) <= truth <= upper(units, eps)
        print(f"{eps:>5}{ours:>22.14e}{upper(units, eps):>22.14e}{truth:>22.14e}{delta_by_plain_fft(eps):>13.2e}")

    least = least_eps(units, 1e-30)
    assert upper(units, least) <= 1e-30 < upper(units, least - 2e-6)
    print(f"\ndelta is at most 1e-30 from eps = {least:.6f} on")

    draw(units, arguments.picture)
    print(f"picture saved: {arguments.picture}")


if __name__ == "__main__":
    main()
