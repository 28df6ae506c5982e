"""One number of very many different voters, from a file that need not fit into memory: who wins, and by how much.

Every voter has a probability of their own. The votes are not drawn, and their law is not laid out: the file is read
once, and each question is then answered to ten digits, however improbable its event is.

    python election_of_100_million.py              # 300 000 voters
    python election_of_100_million.py 100_000_000  # all of them: a file of 800 MB
"""

import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from distconv import PoissonBinomial

voters = int(sys.argv[1]) if len(sys.argv) > 1 else 300_000
with tempfile.TemporaryDirectory() as folder:
    # Most voters lean to either side, a few are sure, and the yes camp is a hair smaller.
    path = Path(folder) / "yes.npy"
    rng = np.random.default_rng(2024)
    file = np.lib.format.open_memmap(path, mode="w+", dtype=np.float64, shape=(voters,))
    for start in range(0, voters, 1_000_000):
        leaning = rng.normal(-0.002, 1.5, min(1_000_000, voters - start))
        file[start : start + len(leaning)] = 1 / (1 + np.exp(-leaning))
    file.flush()
    del file

    yes = PoissonBinomial(np.load(path, mmap_mode="r"))
    half = voters // 2
    begin = time.perf_counter()
    print(f"{voters:,} voters; yes votes: mean {yes.mean():,.1f}, standard deviation {yes.std():,.1f}")
    print(f"the yes camp wins with probability {yes.sf(half):.10f}")
    print(f"it is a tie with probability       {yes.pmf(half):.10g}")
    low, high = yes.interval(0.95)
    print(f"19 times of 20 there are {low:,} to {high:,} yes votes")
    print(f"log P(52 % or more say yes) = {yes.logsf(52 * voters // 100 - 1):,.6f}")
    print(f"answered in {time.perf_counter() - begin:.1f} s")
    # The file is let go before its folder is.
    del yes
