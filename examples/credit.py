"""What can 1000 loans lose? Value at risk, the mean beyond it, and the odds of losses that a simulation never sees.

Each loan defaults with probability 1 %, independently, and then loses its exposure: (i mod 100) + 1 for i = 0 to 999.
The loss is a sum of 1000 scaled coins. It is computed in floats, each probability with a bound on its relative error,
down to P(all default) = 1e-2000, and checked against exact fractions and against adding one loan at a time in numpy.
Independence is the model, not the world: real defaults come together. Saves a picture. Needs matplotlib. Run it with

    python examples/credit.py [--picture credit.png]
"""

import argparse
import math
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from distconv import Bernoulli, Distribution, sum_of

EXPOSURES = [i % 100 + 1 for i in range(1000)]
LEVEL = Fraction("0.999")
BLUE, RED = "#0072b2", "#d55e00"


def expected_shortfall(law: Distribution, var: int) -> float:
    """The mean of the worst 0.1 %: VaR + E[(L - VaR)+] / 0.1 %."""
    return var + float(law.expect(lambda lost: max(0, lost - var))) / float(1 - LEVEL)


def exact_shortfall(law: Distribution, var: int) -> Fraction:
    """The same in fractions, from the few losses below: E[(L - VaR)+] = E[L] - VaR + E[(VaR - L)+]."""
    below = np.arange(var)
    excess: Fraction = law.mean() - var + ((var - below) * law.pmf(below)).sum()
    return var + excess / (1 - LEVEL)


def one_by_one(chance: float) -> Any:
    """P(L = 0), P(L = 1), ..., adding one loan after the other: simple, but doubles end at 1e-308."""
    law = np.zeros(sum(EXPOSURES) + 1)
    law[0] = 1
    for exposure in EXPOSURES:
        defaulted = chance * law[:-exposure]
        law *= 1 - chance
        law[exposure:] += defaulted
    return law


def draw(law: Distribution, var: int, shortfall: float, path: Path) -> None:
    """log10 of the PMF: near the value at risk, and all of it."""
    figure = Figure(figsize=(10, 4.4), layout="constrained")
    near, whole = figure.subplots(1, 2)
    for panel, losses in ((near, np.arange(3501)), (whole, np.arange(0, sum(EXPOSURES) + 1, 25))):
        panel.plot(losses, law.logpmf(losses) / math.log(10), color=BLUE)
        panel.axvline(var, color=RED, label=f"VaR 99.9 %: {var}")
        panel.spines[["top", "right"]].set_visible(False)
    near.axvline(shortfall, color=RED, linestyle="--", label=f"expected shortfall: {shortfall:.0f}")
    near.axvline(float(law.mean()), color="0.4", linestyle=":", label=f"mean: {law.mean():.0f}")
    whole.axhline(-308, color="0.6", linestyle="--", label="smallest normal double")
    for panel, title in ((near, "Loss of 1000 loans"), (whole, "all of it")):
        panel.set(title=title, xlabel="loss", ylabel="log10 P(L = loss)")
        panel.legend(frameon=False, loc="upper right")
    figure.savefig(path, dpi=120)


def main() -> None:
    """Prints the numbers, checks them, and saves the picture."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--picture", type=Path, default=Path("credit.png"), help="where to save the picture")
    arguments = parser.parse_args()

    law = sum_of([exposure * Bernoulli(0.01) for exposure in EXPOSURES])
    exact = 10 @ sum_of([exposure * Bernoulli("1/100") for exposure in range(1, 101)])  # the same loans, grouped
    var: int = law.ppf(LEVEL)
    shortfall = expected_shortfall(law, var)
    assert exact.cdf(var - 1) < LEVEL <= exact.cdf(var)
    assert (var, exact.mean()) == (1168, 505)
    rows = [
        ("mean", law.mean(), exact.mean()),
        ("VaR 99.9 %", var, exact.ppf(LEVEL)),
        ("expected shortfall 99.9 %", shortfall, exact_shortfall(exact, var)),
        ("P(no loss)", law.pmf(0), exact.pmf(0)),
        ("P(loss >= 2000)", law.sf(1999), exact.sf(1999)),
    ]
    print(f"{'':<26}{'floats':>24}{'from fractions':>24}")
    for name, ours, truth in rows:
        assert math.isclose(ours, truth, rel_tol=1e-9)
        print(f"{name:<26}{float(ours):>24.15g}{float(truth):>24.15g}")
    assert (exact.pmf(0), exact.pmf(sum(EXPOSURES))) == (Fraction(99, 100) ** 1000, Fraction(1, 100) ** 1000)
    exponent = law.logpmf(sum(EXPOSURES)) / math.log(10)
    assert math.isclose(exponent, -2000, rel_tol=1e-12)
    print(f"{'P(all default)':<26}{f'10**{exponent:.9f}':>24}{'10**-2000':>24}\n")

    simple = one_by_one(0.01)
    seen = np.flatnonzero(simple > 1e-290)
    worst = np.abs(law.pmf(seen) / simple[seen] - 1).max()
    assert worst <= law.error + 1e-12  # each of 1000 steps rounds a few times
    print(f"Adding one loan at a time gives the same to {worst:.1e} relative (the bound: {law.error:.1e})")
    print(f"for the {len(seen)} losses of probability above 1e-290, of {len(simple)} in all.")

    draw(law, var, shortfall, arguments.picture)
    print(f"picture saved: {arguments.picture}")


if __name__ == "__main__":
    main()
