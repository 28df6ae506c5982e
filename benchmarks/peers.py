"""The same work in icepool, dyce and lea, exact in each. A peer that is not installed is left out.

As a script, ``python -m benchmarks.peers icepool dice 1000`` prints the seconds of one cold call: peers that may take
minutes run in a process of their own, which is stopped at a deadline.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from benchmarks.timing import Call, once

NAMES = ("icepool", "dyce", "lea")
ROOT = Path(__file__).resolve().parents[1]
#: What is said of a peer that did not finish in time.
STOPPED = "stopped"


def installed() -> list[str]:
    """The peers that can be imported."""
    return [name for name in NAMES if find_spec(name)]


def numerators(size: int, seed: int) -> list[int]:
    """Random weights of 1 to 10**6 for outcomes 0, 1, ..., size - 1."""
    import numpy as np

    return [int(v) for v in np.random.default_rng(seed).integers(1, 10**6, size)]


def dice(peer: str, n: int) -> Call:
    """A call that computes the law of the sum of n dice; each call starts afresh where the peer keeps results."""
    if peer == "icepool":
        import icepool

        return lambda: n @ icepool.Die(range(1, 7))
    if peer == "dyce":
        from dyce import H

        return lambda: n @ H(6)
    lea = _exact_lea()
    die = lea.interval(1, 6)
    return lambda: die.times(n).calc()


def pairwise(peer: str, size: int) -> Call:
    """A call that adds two laws with weights `numerators`."""
    first, second = (dict(enumerate(numerators(size, seed))) for seed in (1, 2))
    if peer == "icepool":
        import icepool

        return _added(icepool.Die(first), icepool.Die(second))
    if peer == "dyce":
        from dyce import H

        return _added(H(first), H(second))
    lea = _exact_lea()
    a, b = lea.pmf(first), lea.pmf(second)
    return lambda: (a + b).calc()


def _added(a: Any, b: Any) -> Call:
    return lambda: a + b


def _exact_lea() -> Any:
    """lea, set to fractions; its default are doubles."""
    import lea

    lea.set_prob_type("r")
    return lea


WORKS: dict[str, Callable[[str, int], Call]] = {"dice": dice, "pairwise": pairwise}


def cold_seconds(peer: str, work: str, size: int, deadline: float) -> tuple[float | None, str]:
    """Seconds of one call in a process of its own, or (None, why): stopped after `deadline` seconds, or failed."""
    command = [sys.executable, "-m", "benchmarks.peers", peer, work, str(size)]
    try:
        # Two seconds more: the process has to start and to build its operands.
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=deadline + 2)
    except subprocess.TimeoutExpired:
        return None, STOPPED
    if done.returncode:
        return None, (done.stderr.strip().splitlines() or ["crashed"])[-1].split(":")[0]
    return float(done.stdout), ""


if __name__ == "__main__":
    # icepool recurses once per die; at Python's own limit it fails from about 1000 dice on.
    sys.setrecursionlimit(100_000)
    print(once(WORKS[sys.argv[2]](sys.argv[1], int(sys.argv[3]))))
