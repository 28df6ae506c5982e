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
PROGRAM = "from time import perf_counter as t; s = t(); import {}; print(t() - s)"


def imports(options: Options) -> Iterator[Result]:
    """import distconv against import numpy, interleaved; compiled files are written, as for any user."""
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}

    def seconds(module: str) -> float:
        command = [sys.executable, "-c", PROGRAM.format(module)]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
        return float(done.stdout)

    modules = ("distconv", "numpy")
    for module in modules:
        seconds(module)
    samples: dict[str, list[float]] = {module: [] for module in modules}
    for _ in range(11 if options.quick else 21):
        for module in modules:
            samples[module].append(seconds(module))
    ours, theirs = (statistics.median(samples[module]) for module in modules)
    yield Result("import distconv", ours, "import numpy", theirs, 1.3, "design 7")
