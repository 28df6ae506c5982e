"""The time of ``import distconv``, each import in a new process."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

from benchmarks.results import Result

if TYPE_CHECKING:
    from benchmarks.__main__ import Options

#: Prints the seconds of the import alone, without those of starting Python.
PROGRAM = "from time import perf_counter as t; s = t(); {}; print(t() - s)"

#: What is timed: the bare import, the import of all names (the package loads its rooms as they are named), numpy.
IMPORTS = ("import distconv", "from distconv import *", "import numpy")


def imports(options: Options) -> Iterator[Result]:
    """Imports of distconv against that of numpy, interleaved; compiled files are written, as for any user."""
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}

    def seconds(line: str) -> float:
        command = [sys.executable, "-c", PROGRAM.format(line)]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
        return float(done.stdout)

    for line in IMPORTS:
        seconds(line)
    samples: dict[str, list[float]] = {line: [] for line in IMPORTS}
    for _ in range(11 if options.quick else 21):
        for line in IMPORTS:
            samples[line].append(seconds(line))
    *ours, theirs = IMPORTS
    for line in ours:
        yield Result(
            line, statistics.median(samples[line]), theirs, statistics.median(samples[theirs]), 1.2, "design 10"
        )
