"""Who wins 270 of the 538 electors? A sum of 51 independent, very unequal coins.

Each state's margin of 2020 (Democratic minus Republican, in points) is taken as a poll, wrong by a normal error with a
standard deviation of 6 points: that gives the probability that the Democrats win the state, and with it all its
electors. The states are treated as *independent*. That is the model, not the world: real polling errors are shared, so
real results are less certain than these. Maine and Nebraska are counted as winner-take-all like the others. The chances
are rounded to thousandths, so that every answer is exact; the unrounded floats give nearly the same. Run it with

    python examples/electoral_college.py
"""

import csv
from fractions import Fraction
from itertools import accumulate
from pathlib import Path
from statistics import NormalDist
from typing import NamedTuple

from distconv import Bernoulli, Distribution, Point, sum_of

RECORD = Path(__file__).parent / "data" / "electors_2024.csv"
POLLING_ERROR = 6.0  # points, one standard deviation of the margin
NEEDED = 270


class State(NamedTuple):
    """A state, its electors, and the probability that the Democrats win it."""

    name: str
    electors: int
    chance: Fraction | float

    def law(self) -> Distribution:
        """The law of the electors that the Democrats get here: all or none."""
        return self.electors * Bernoulli(self.chance)


def read_states() -> list[State]:
    """The 50 states and the District of Columbia, with floating chances."""
    error = NormalDist(0, POLLING_ERROR)
    with RECORD.open(encoding="utf-8", newline="") as file:
        return [
            State(row["state"], int(row["electors"]), error.cdf(float(row["margin_2020"])))
            for row in csv.DictReader(file)
        ]


def all_but_one(laws: list[Distribution]) -> list[Distribution]:
    """For each law, the sum of all the others: the sum of those before it plus the sum of those after it."""
    before = list(accumulate(laws[:-1], initial=Point(0)))
    after = list(accumulate(laws[:0:-1], initial=Point(0)))[::-1]
    return [left + right for left, right in zip(before, after, strict=True)]


def print_swings(states: list[State], total: Distribution) -> None:
    """The ten states that move P(win) most, from certainly lost to certainly won.

    A large state that is not in doubt moves it only in theory, so the last column is how far P(win) moves on average
    when the state's result becomes known: E |P(win | result) - P(win)| = 2 p (1 - p) change.
    """
    rows = []
    for state, others in zip(states, all_but_one([state.law() for state in states]), strict=True):
        won, lost = others.sf(NEEDED - 1 - state.electors), others.sf(NEEDED - 1)
        # The law of total probability, in fractions: this is ==, not nearly.
        assert state.chance * won + (1 - state.chance) * lost == total.sf(NEEDED - 1)
        rows.append((won - lost, lost, won, state))
    print("P(win) if one state is certainly lost, if it is certainly won; how far its result moves P(win) on average")
    print(f"   {'state':<16}{'electors':>8}{'chance':>9}{'if lost':>9}{'if won':>9}{'change':>9}{'on average':>12}")
    for change, lost, won, state in sorted(rows, reverse=True)[:10]:
        numbers = "".join(f"{float(p):>9.1%}" for p in (state.chance, lost, won, change))
        average = float(2 * state.chance * (1 - state.chance) * change)
        print(f"   {state.name:<16}{state.electors:>8}{numbers}{average:>12.1%}")


def main() -> None:
    """Prints the law of the electors, the chances of a win and a tie, and the states that matter."""
    polled = read_states()
    states = [state._replace(chance=Fraction(round(1000 * state.chance), 1000)) for state in polled]
    total = sum_of([state.law() for state in states])
    print(f"Democratic electors, {len(states)} independent states, polling error {POLLING_ERROR:g} points:")
    print(f"{total:percent,atleast,rows=12}\n")
    print(f"In steps of 20, from {NEEDED} up and down (row 270 stands for 270 to 289, hence the lower mean):")
    steps = total.map(lambda electors: NEEDED + (electors - NEEDED) // 20 * 20)
    print(f"{steps:percent,atleast}\n")

    win, tie = total.sf(NEEDED - 1), total.pmf(NEEDED - 1)
    print(f"mean {float(total.mean()):.2f}, sd {total.std():.2f}, 95% between {total.interval('0.95')}")
    print(f"P(>= {NEEDED}) = {float(win):.6f}   P(tie at {NEEDED - 1}) = {float(tie):.6f}")
    print(f"Both are exact: the first is a fraction with a denominator of {len(str(win.denominator))} digits.")
    floating = sum_of([state.law() for state in polled])
    print(f"Without rounding the chances: {floating.sf(NEEDED - 1):.6f} (floats, each term to {floating.error:.1e})\n")

    print_swings(states, total)

    coins = sum_of([state.electors * Bernoulli("1/2") for state in states])
    print(f"\nIf every state were a fair coin: P(tie) = {coins.pmf(NEEDED - 1)} = {float(coins.pmf(NEEDED - 1)):.6f}")


if __name__ == "__main__":
    main()
