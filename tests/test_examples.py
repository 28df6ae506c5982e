"""The examples run, from any folder, and say something."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import distconv

FOLDER = Path(__file__).parents[1] / "examples"
EXAMPLES = sorted(FOLDER.glob("*.py"))

#: What each must have printed.
SAYS = {
    "ball_drops": ["3"],
    "electoral_college": ["269", "270"],
    "dice": ["6"],
    "motif_pvalues": ["16777216"],
    "privacy": ["e-39"],
    "credit": ["1168", "505"],
    "gamblers_ruin": ["3/11", "1850", "Fraction(1, 3)"],
    "aggregate_losses": ["12.58", "stop-loss"],
    "election_of_100_million": ["300,000 voters", "the yes camp wins with probability 0.", "19 times of 20"],
    "inventory": ["341/100", "33519/10000", "order at  7 for a service of 0.95: reached 0.97955", "0.00617"],
    "drop_lowest": ["12.2446", "7/432", "553/40"],
    "sicherman": ["[1, 2, 2, 3, 3, 4] [1, 3, 4, 5, 6, 8]"],
    "layers": ["both roads agree", "(8, 10) with 24", "W x equals sliding: True"],
    "blur_and_edges": [
        "Sobel is smoothing times a difference: True",
        "five blurs are five drops: True",
        "8 times: sd 7.303",
    ],
    "million_drops": ["6.36619454e-07", "0.7104943352", "0.0023440334"],
    "poker_and_lotto": ["32/663", "5148 of 2598960", "165772 draws", "1 in 13983816", "3 alike 125/648"],
    "reinsurance": ["880 .. 890", "78.6952", "all lines: mean 2897.9", "62.178", "71.2%"],
    "rank_tests": ["p = 5/256 = 0.01953", "p = 382/3003 = 0.1272", "0.05972", "p = 1/42", "863 of 32768"],
    "ruin": ["0.866             765.6", "(a - z)/a", "0.754452", "0.25000000", "within 30 years"],
    "symbolic_sums": ["30*a**29*b", "45/64", "3/4"],
}


def test_the_promised_examples_are_there():
    if not FOLDER.exists():
        pytest.skip("no examples in this installation")
    assert set(SAYS) <= {path.stem for path in EXAMPLES}


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_runs(path, tmp_path):
    pytest.importorskip("matplotlib")
    package = str(Path(distconv.__file__).parents[1])
    environment = {**os.environ, "MPLBACKEND": "Agg", "PYTHONPATH": package}
    done = subprocess.run(
        [sys.executable, "-W", "error", str(path)],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert len(done.stdout.splitlines()) >= 3
    for words in SAYS.get(path.stem, []):
        assert words in done.stdout
