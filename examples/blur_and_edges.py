"""Echo, blur and edges: convolution without probability, and the blur that is a random step after all. Run it with

python examples/blur_and_edges.py [--picture blur_and_edges.png]
"""

import argparse
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from distconv import Die, Kernel
from distconv.plot import plot

EDGE = Kernel({(0, 0): 1, (0, 1): -1})


def scene() -> np.ndarray:
    """A disc and a board, in grey."""
    y, x = np.mgrid[:120, :160]
    disc = np.where((x - 60) ** 2 + (y - 62) ** 2 < 1500, 1.0, 0.15)
    return disc + np.where((abs(x - 118) < 24) & (abs(y - 50) < 30), 0.5, 0)


def identities() -> None:
    """What holds exactly."""
    echo = Kernel({0: 1, 3: "1/2"})
    print("an echo:", echo.apply([8, 0, 0, 0, 0, 0]).tolist())
    print("a moving average:", Kernel.box(3).apply([0, 3, 6, 3, 0], boundary="edge").tolist())
    print("box blur is row blur times column blur:", Kernel.box(3, 3) == Kernel.box(3, 1) * Kernel.box(1, 3))
    smooth = Kernel({(-1, 0): 1, (0, 0): 2, (1, 0): 1})
    sobel = Kernel([[1, 0, -1], [2, 0, -2], [1, 0, -1]], origin=-1)
    print("Sobel is smoothing times a difference:", smooth * Kernel({(0, -1): 1, (0, 1): -1}) == sobel)
    print("edges of a flat part are 0:", EDGE.apply(np.full((3, 4), 7), boundary="edge").any() == np.False_)
    drops = (Kernel.from_distribution(Die(6)) ** 5).to_distribution()
    print("five blurs are five drops:", drops == 5 @ Die(6))


def gauss() -> None:
    """How near repeated boxes come to Gauss's bell."""
    for n in (1, 2, 4, 8):
        law = (Kernel.box(9) ** n).to_distribution()
        x = np.array(law.support, dtype=float)
        sd = float(law.std())
        bell = np.exp(-0.5 * (x / sd) ** 2) / (sd * np.sqrt(2 * np.pi))
        away = abs(law.pmf(np.array(law.support)).astype(float) - bell).max() / bell.max()
        print(f"a box of 9, {n} times: sd {sd:.3f}, at most {away:.2%} of its top away from the bell")


def draw(path: Path) -> None:
    """Six panels."""
    image = scene()
    box = Kernel.box(9, 9)
    figure = Figure(figsize=(11, 6), layout="constrained")
    panels = figure.subplots(2, 3)
    pictures = {
        "image": image,
        "9 x 9 box blur": box.apply(image, boundary="edge"),
        "three times": (box**3).apply(image, boundary="edge"),
        "edges": abs(EDGE.apply(image, boundary="edge")),
        "edges of the blurred": abs(EDGE.apply(box.apply(image, boundary="edge"), boundary="edge")),
    }
    for panel, (title, picture) in zip(panels.flat, pictures.items(), strict=False):
        panel.imshow(picture, cmap="gray")
        panel.set_title(title)
        panel.set_axis_off()
    plot(Kernel.box(9) ** 3, panels.flat[-1]).set_title("a box of 9, three times")
    figure.savefig(path, dpi=110)
    print(f"picture saved: {path}")


def main() -> None:
    """Prints the identities and saves the picture."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--picture", type=Path, default=Path("blur_and_edges.png"), help="where to save the picture")
    arguments = parser.parse_args()
    identities()
    gauss()
    draw(arguments.picture)


if __name__ == "__main__":
    main()
