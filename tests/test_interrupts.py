"""Ctrl-C stops long work within seconds, and the session goes on."""

import os
import signal
import subprocess
import sys
import time

import pytest

#: Seconds of work before Ctrl-C; seconds within which it must stop, beside slow machines.
WORKED = 0.7
STOPPED = 5.0

#: Work of ten seconds and more, after ``from distconv import *`` and numpy as np.
LONG = {
    "power": "rng = np.random.default_rng(0)\n"
    "L = Distribution.from_counts(dict(zip(rng.choice(640_000, 500, False).tolist(), [1] * 500)))\n"
    "work = lambda: 10 @ L.to_float()",
    "2-D power": "X = Distribution.from_array(np.full((60, 60), 1 / 3600))\nwork = lambda: (60 @ X).to_dict()",
    "sum_of": "rng = np.random.default_rng(0)\n"
    "terms = [Distribution.from_array(rng.dirichlet(np.ones(20_000))) for i in range(60)]\n"
    "work = lambda: sum_of(terms)",
    "highest": "work = lambda: highest(Uniform(1, 400), 400, 200)",
    "filter": "kernel = Kernel(np.random.default_rng(0).random((301, 301)))\n"
    "image = np.random.default_rng(1).random((3000, 3000))\nwork = lambda: [kernel.apply(image) for _ in range(99)]",
}

SCRIPT = """
import math, signal, time, numpy as np
from distconv import *
# Shells start what runs in the background deaf to Ctrl-C.
signal.signal(signal.SIGINT, signal.default_int_handler)
{setup}
with settings(warn_seconds=math.inf, max_bytes=2**32):
    print("begun", flush=True)
    try:
        work()
        print("finished", flush=True)
    except KeyboardInterrupt:
        print("stopped", flush=True)
print((Die(6) + Die(6)).pmf(7), (3 @ Die(6).to_float()).pmf(10) > 0, flush=True)
"""


@pytest.mark.skipif(os.name == "nt", reason="signals are sent as on POSIX")
@pytest.mark.parametrize("name", LONG)
def test_ctrl_c_stops_long_work_and_the_session_goes_on(name):
    process = subprocess.Popen(
        [sys.executable, "-c", SCRIPT.format(setup=LONG[name])], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    try:
        assert process.stdout.readline() == "begun\n"
        time.sleep(WORKED)
        start = time.monotonic()
        process.send_signal(signal.SIGINT)
        said = process.stdout.readline()
        took = time.monotonic() - start
        assert said == "stopped\n"
        assert took < STOPPED
        assert process.stdout.read() == "1/6 True\n"
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
