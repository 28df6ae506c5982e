"""Ruin: of a player between two ends, and of an insurer within so many years. Run it with

python examples/ruin.py
"""

from fractions import Fraction

import sympy

from distconv import Distribution, Walk

#: The chance to win a game, what the player owns, the goal: Feller, An Introduction to Probability Theory and Its
#: Applications, volume I, third edition, XIV.2, table 1.
PLAYERS = [("0.5", 9, 10), ("0.5", 950, 1000), ("0.45", 9, 10), ("0.45", 90, 100), ("0.4", 90, 100), ("0.4", 99, 100)]


def players() -> None:
    """Ruin and length of the game without end, as Feller printed them."""
    print("p     owns  goal  P(ruin)  games on average")
    for p, owns, goal in PLAYERS:
        walk = Walk.forever(Distribution({1: p, -1: 1 - Fraction(p)}), start=owns)
        print(f"{p:<5} {owns:>4} {goal:>5}  {float(walk.ruin(0, goal)):7.3f}  {float(walk.duration(0, goal)):16.1f}")
    p, z, a = sympy.symbols("p z a", positive=True)
    fair = Walk.forever(Distribution({1: p, -1: 1 - p}), start=z).ruin(0, a).subs(p, sympy.Rational(1, 2))
    print(f"of a fair game from z, with the goal a: {fair}")


def which_and_when() -> None:
    """The joint law of the end and of the time, for a player with 3 coins who wants 10, at roulette."""
    walk = Walk.repeat(Distribution({1: "18/37", -1: "19/37"}), 400, start=3)
    out = walk.first_exit(range(1, 10))
    ended = out.without_missing()
    for end, name in ((0, "ruined"), (10, "rich")):
        chance = float(out.prob(lambda v, end=end: v[1] == end))
        games = ended.given(lambda v, end=end: v[1] == end).marginal(0)
        print(
            f"{name:>6} with probability {chance:.6f}, after {float(games.mean()):.3f} games, most often {games.mode()}"
        )
    solvent = walk.bridge(3).stay(lambda x: x > 0).survival[-1]
    print(f"who has 3 again after 400 games was ruined in between with probability {1 - float(solvent):.6f}")


def insurer() -> None:
    """A premium of 1 a month; with probability 1/5 a claim, of k with probability 1/2**k.

    Ruin ever is 1/4 (5/8)**u from a reserve u: Gerber, Mathematical fun with the compound binomial process, ASTIN
    Bulletin 18 (1988).
    """
    claims = {1 - k: 0.2 * 0.5**k for k in range(1, 60)}
    month = Distribution({1: 0.8, **claims}, normalize=True)
    print("reserve   in 1 year  in 3 years  in 30 years     ever")
    for reserve in (0, 2, 5, 10):
        ruin = Walk.repeat(month, 360, start=reserve).first_passage(lambda x: x < 0)
        found = "  ".join(f"{ruin.cdf(months):10.8f}" for months in (12, 36, 360))
        print(f"{reserve:>7}  {found}   {0.25 * 0.625**reserve:.8f}")
    lowest = Walk.repeat(month, 360, start=10).minimum()
    print(f"with a reserve of 10 the lowest is below 0 with the same probability: {lowest.cdf(-1):.8f}")
    stored = Walk.repeat(month, 360, start=10).clipped(high=20)
    ruin = stored.first_passage(lambda x: x < 0).cdf(360)
    print(f"paying out whatever is above 20: {ruin:.8f} within 30 years")


if __name__ == "__main__":
    players()
    which_and_when()
    insurer()
