"""A ball is dropped, rolls, is dropped again where it lies: how far does it get in all?

Reads a record of drops from two heights (data/ball_drops.csv: made up, in the format of a classroom experiment), takes
the law of one roll from each, and adds them: the total of two drops, split into its partitions; the total of many
drops, far tail included; and the same in the plane, where outcomes are vectors. Saves a picture. Needs matplotlib
(`pip install -e ".[plot]"`). Run it with

    python examples/ball_drops.py [--picture ball_drops.png]
"""

import argparse
import csv
import math
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from distconv import Distribution

RECORD = Path(__file__).parent / "data" / "ball_drops.csv"
BLUE, GREY = "#0072b2", "#b8bcc2"
PARTITION_COLOURS = ["#0072b2", "#e69f00", "#009e73", "#cc79a7"]  # Okabe and Ito's: told apart by colour-blind readers


def read_rolls(height: str) -> Distribution:
    """The law of one roll (east, north) from a height: each outcome as often as it stands in the record."""
    with RECORD.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(line for line in file if not line.startswith("#"))
        counts = Counter((int(row["east"]), int(row["north"])) for row in rows if row["height"] == height)
    return Distribution.from_counts(counts)


def print_partitions(f: Distribution, g: Distribution, total: int) -> None:
    """P(first roll + second roll = total), one line for each way to split the total."""
    print(f"The ways to get {total} in all, from a low drop (f) and then a high one (g):")
    ways = [f.pmf(a) * g.pmf(total - a) for a in range(total + 1)]
    for a, way in enumerate(ways):
        b = total - a
        print(f"   {a} then {b}   f({a}) g({b}) = {f.pmf(a)!s:>6} x {g.pmf(b)!s:>6} = {way}")
    print(f"   their sum           = {sum(ways)}")
    print(f"   (low + high).pmf({total}) = {(f + g).pmf(total)}\n")


def bars(panel: Axes, law: Distribution, colour: Any = BLUE, **options: Any) -> None:
    """Draws a 1-D law as bars, one for each outcome."""
    x, p = law.to_arrays()
    panel.bar(x, p.astype(float), color=colour, **options)
    panel.spines[["top", "right"]].set_visible(False)


def draw(low: Distribution, high: Distribution, path: Path) -> None:
    """Six panels: a roll of each kind, their sum with the partitions of 3, and twenty drops seen in three ways."""
    f, g = low.marginal(0), high.marginal(0)
    plane = 10 @ low + 10 @ high
    line = plane.marginal(0)
    figure = Figure(figsize=(11, 6.8), layout="constrained")
    (first, second, both), (middle, tail, map_) = figure.subplots(2, 3)

    bars(first, f, PARTITION_COLOURS)
    first.set(title="f: a low drop", xlabel="east (dm)", ylabel="probability", xticks=range(4))
    bars(second, g, PARTITION_COLOURS[::-1] + [GREY] * 2)
    second.set(title="g: a high drop", xlabel="east (dm)", xticks=range(6))
    second.sharey(first)

    bars(both, f + g, GREY)
    bottom = 0.0
    for a, colour in enumerate(PARTITION_COLOURS):
        way = float(f.pmf(a) * g.pmf(3 - a))
        both.bar(3, way, bottom=bottom, color=colour, label=f"f({a}) g({3 - a})")
        bottom += way
    both.legend(title="the ways to get 3", ncols=2, loc="upper center", frameon=False)
    both.set(title="f * g: a low drop, then a high one", xlabel="east (dm)", xticks=range(9), ylim=(0, 0.36))

    bars(middle, line, width=1)
    middle.set(title="20 drops, 10 low and 10 high", xlabel="east (dm)", ylabel="probability")
    bars(tail, line, width=1)
    tail.set(title="the same, on a log scale", xlabel="east (dm)", yscale="log")

    (left, right), (south, north) = (plane.marginal(axis).interval("0.999") for axis in (0, 1))
    places = np.stack(np.meshgrid(range(left, right + 1), range(south, north + 1)), axis=-1)
    edges = (left - 0.5, right + 0.5, south - 0.5, north + 0.5)
    image = map_.imshow(plane.pmf(places).astype(float), origin="lower", extent=edges, cmap="cividis")
    map_.set(title="the same, in the plane", xlabel="east (dm)", ylabel="north (dm)")
    figure.colorbar(image, ax=map_, label="probability")
    figure.savefig(path, dpi=120)


def main() -> None:
    """Prints the laws and saves the picture."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--picture", type=Path, default=Path("ball_drops.png"), help="where to save the picture")
    arguments = parser.parse_args()

    low, high = read_rolls("low"), read_rolls("high")
    f, g = low.marginal(0), high.marginal(0)  # how far east: numbers instead of vectors
    print("One drop from low, how far east (dm):", f, "\nOne drop from high:", g, sep="\n", end="\n\n")
    print_partitions(f, g, 3)

    print("Five low drops:", 5 @ f, sep="\n", end="\n\n")
    many = 10 @ f + 10 @ g
    low_end, high_end = many.interval("0.95")
    print(f"Ten low drops and ten high ones: mean {many.mean()} = {float(many.mean())}, sd {many.std():.3f},")
    inside = many.prob(lambda x: low_end <= x <= high_end)
    print(f"   between {low_end} and {high_end} with probability {float(inside):.4f}\n")

    print("The far tail is as accurate as the middle:")
    print(f"   P(20 drops get 65 or further) = {many.sf(64)} = {float(many.sf(64)):.6g}")
    log10 = (1000 @ f + 1000 @ g).logsf(6499) / math.log(10)
    print(f"   P(2000 drops get 6500 or further) = 10**{log10:.6f}, far below the smallest double\n")

    both = low + high
    print("In the plane, a low drop and a high one, the likeliest places (east, north):")
    for place, p in sorted(both, key=lambda pair: -pair[1])[:4]:
        print(f"   {place!s:>8}  {float(p):.4f}")
    print(f"   due east: {both.prob(lambda place: place[1] == 0)}")
    print(f"   its east part is f * g again: {both.marginal(0) == f + g}\n")

    draw(low, high, arguments.picture)
    print(f"picture saved: {arguments.picture}")


if __name__ == "__main__":
    main()
