"""Does this DNA word match the motif, or is it chance? Exact p-values of the scores of a position weight matrix.

The matrix is SRF, MA0083 of JASPAR: how often each base stands at each of 12 places in 46 known binding sites. A word's
score is the sum of its bases' log-odds against the background, in bits. The score of a random word is a sum of 12
independent columns. Each log-odds score is rounded to 1/100 bit, so that scores are integers: the p-values are exact
for the rounded matrix, which is the one that would be scored with. Saves a picture. Needs matplotlib. Run it with

    python examples/motif_pvalues.py [--picture motif_pvalues.png]
"""

import argparse
import math
from collections.abc import Sequence
from fractions import Fraction
from itertools import product
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from distconv import Distribution, sum_of

COUNTS = [  # of A, C, G, T
    (2, 9, 0, 1, 32, 3, 46, 1, 43, 15, 2, 2),
    (1, 33, 45, 45, 1, 1, 0, 0, 0, 1, 0, 1),
    (39, 2, 1, 0, 0, 0, 0, 0, 0, 0, 44, 43),
    (4, 2, 0, 0, 13, 42, 0, 45, 3, 30, 0, 0),
]
SITES = 46
BIT = 100  # lattice steps in a bit
BLUE, ORANGE = "#0072b2", "#e69f00"

Background = Sequence[Fraction | float]  # the probabilities of A, C, G, T


def matrix(background: Background) -> list[tuple[int, ...]]:
    """The scores of A, C, G, T at each place, in 1/100 bit; one pseudocount in all, spread like the background."""
    columns = [zip(column, background, strict=True) for column in zip(*COUNTS, strict=True)]
    return [tuple(round(BIT * math.log2((count + q) / (SITES + 1) / q)) for count, q in pairs) for pairs in columns]


def score_law(background: Background) -> Distribution:
    """The law of a random word's score; bases of the same score in a column count together."""
    return sum_of([Distribution.from_arrays(column, background) for column in matrix(background)])


def words_reaching(columns: list[tuple[int, ...]]) -> tuple[int, list[int]]:
    """(lowest score, how many of the 4**12 words score at least lowest, lowest + 1, ...), by scoring every word."""
    first, second = (np.array([sum(word) for word in product(*half)]) for half in (columns[:6], columns[6:]))
    lowest = int(first.min() + second.min())
    with_score = np.bincount(np.add.outer(first, second).ravel() - lowest)
    return lowest, np.cumsum(with_score[::-1])[::-1].tolist()


def draw(laws: dict[str, Distribution], threshold: int, path: Path) -> None:
    """log10 P(score >= s) against s, in bits: all of it, and its upper end."""
    figure = Figure(figsize=(10, 4.4), layout="constrained")
    whole, end = figure.subplots(1, 2)
    for panel in (whole, end):
        for (name, law), colour in zip(laws.items(), (BLUE, ORANGE), strict=True):
            scores = np.array(law.support)
            panel.step(scores / BIT, law.logsf(scores - 1) / math.log(10), where="pre", color=colour, label=name)
        panel.axvline(threshold / BIT, color="0.4", linestyle=":", label="p <= 1e-6 above this (uniform)")
        panel.set(xlabel="score s (bits)", ylabel="log10 P(score >= s)")
        panel.spines[["top", "right"]].set_visible(False)
    whole.set_title("SRF motif: p-value of a score")
    whole.legend(frameon=False)
    end.set(title="its upper end", xlim=(12, 22), ylim=(-7.5, -4.5))
    figure.savefig(path, dpi=120)


def main() -> None:
    """Prints p-values and thresholds, checks them against all words, and saves the picture."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--picture", type=Path, default=Path("motif_pvalues.png"), help="where to save the picture")
    arguments = parser.parse_args()

    uniform = [Fraction(1, 4)] * 4
    law = score_law(uniform)
    lowest, reaching = words_reaching(matrix(uniform))
    tails = law.sf(np.arange(len(reaching)) + lowest - 1).tolist()
    assert tails == [Fraction(count, 4**12) for count in reaching]  # ==, not nearly
    highest = lowest + len(reaching) - 1
    print(f"Scores of a random word, uniform background: {lowest / BIT} to {highest / BIT} bits")
    print(f"{'score':>8}{'words':>10}   P(score >= s)")
    for score in (0, 500, 1000, 1200, 1400, 1600, 1800, highest):
        p = tails[score - lowest]
        print(f"{score / BIT:>8.2f}{p * 4**12!s:>10}   {p} = {float(p):.6g}")
    print(f"All {len(reaching)} scores were checked: each p is the count among all {4**12} words, over 4**12.\n")

    print("The lowest threshold t with P(score > t) <= p:")
    for level in ("1e-3", "1e-4", "1e-5", "1e-6"):
        threshold: int = law.isf(level)
        assert reaching[threshold + 1 - lowest] <= Fraction(level) * 4**12 < reaching[threshold - lowest]
        print(f"   p = {level}: t = {threshold / BIT:.2f} bits, P(score > t) = {float(law.sf(threshold)):.6g}")

    background = [0.29, 0.21, 0.21, 0.29]
    rich, columns = score_law(background), matrix(background)
    top = sum(max(column) for column in columns)
    best = math.prod(background[column.index(max(column))] for column in columns)  # no column has two best bases
    assert math.isclose(rich.sf(top - 1), best, rel_tol=rich.error + 1e-14)
    print(f"\nBackground ACGT = {background}, in floats: P(top score, {top / BIT} bits) =")
    print(f"   {rich.sf(top - 1):.15g} (to {rich.error:.1e}); the product of 12 probabilities is {best:.15g}")

    draw({"uniform background": law, "A, T 29 %; C, G 21 %": rich}, law.isf("1e-6"), arguments.picture)
    print(f"picture saved: {arguments.picture}")


if __name__ == "__main__":
    main()
