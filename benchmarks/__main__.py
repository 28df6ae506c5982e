"""``python -m benchmarks``: the table of ratios, measured in one run. See README.md for the options."""

from __future__ import annotations

import argparse
import json
import platform
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from benchmarks import asked, exact, floating, peers, startup, tails, walks
from benchmarks.results import Result, table


@dataclass(frozen=True, slots=True)
class Options:
    """How much to measure.

    Attributes:
        quick: leave out the largest size of each row, and measure for a shorter time.
        long: add sizes that take minutes.
    """

    quick: bool = False
    long: bool = False

    @property
    def budget(self) -> float:
        """Seconds of measuring per line."""
        return 0.3 if self.quick else 1.0

    @property
    def deadline(self) -> float:
        """Seconds after which a peer is stopped; half a second more than the targets need."""
        return 3.0 if self.quick else 5.0

    def sizes(self, *sizes: int, long: tuple[int, ...] = ()) -> tuple[int, ...]:
        """The sizes to measure."""
        if self.quick and len(sizes) > 1:
            return sizes[:-1]
        return sizes + long if self.long else sizes


BENCHMARKS: dict[str, Callable[[Options], Iterator[Result]]] = {
    "dice": exact.dice,
    "pairwise": exact.pairwise,
    "small": exact.small,
    "exact-2d": exact.plane,
    "exact-steps": exact.steps,
    "flat": floating.flat,
    "full-range": floating.full_range,
    "copies": floating.copies,
    "float-2d": floating.plane,
    "tail-pairs": tails.pairs,
    "tail-copies": tails.copies,
    "many": tails.many,
    "waiting": tails.waiting,
    "asked-dice": asked.dice,
    "asked-plane": asked.plane,
    "asked-trials": asked.trials,
    "asked-loops": asked.loops,
    "walks": walks.walks,
    "import": startup.imports,
}


def main() -> int:
    """Measures, prints, and returns 0: a missed target is a line in the table, not a failure."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="distconv side by side with its peers")
    parser.add_argument("--quick", action="store_true", help="smaller sizes, fewer repeats")
    parser.add_argument("--long", action="store_true", help="also sizes that take minutes")
    parser.add_argument("--only", action="append", choices=BENCHMARKS, metavar="NAME", help=", ".join(BENCHMARKS))
    parser.add_argument("--json", type=Path, metavar="PATH", help="write the measurements there, too")
    arguments = parser.parse_args()
    options = Options(arguments.quick, arguments.long)
    start, results = time.perf_counter(), []
    for name in arguments.only or BENCHMARKS:
        print(f"{name} ...", file=sys.stderr, flush=True)
        results.extend(BENCHMARKS[name](options))
    packages = ["distconv", "numpy", "scipy", "python-flint", *peers.installed()]
    print(table(results))
    print(
        f"\nPython {platform.python_version()}, "
        + ", ".join(f"{package} {version(package)}" for package in packages)
        + f"; {time.perf_counter() - start:.0f} s in all; medians of interleaved repeats."
    )
    if arguments.json:
        arguments.json.write_text(json.dumps([result.record() for result in results], indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
