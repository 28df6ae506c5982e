"""A gambler's ruin, a ballot, a knight, and where a ball was in between: walks with walls and ends. Run it with

python examples/gamblers_ruin.py
"""

from fractions import Fraction

from distconv import Die, Distribution, Walk


def ruin() -> None:
    """Three coins in hand, ten to reach, at a fair game and at roulette."""
    for name, win in (("a fair coin", Fraction(1, 2)), ("red at roulette", Fraction(18, 37))):
        step = Distribution({1: win, -1: 1 - win})
        walk = Walk.repeat(step, 400)
        stay = walk.stay(range(-2, 7))
        odds = (1 - win) / win
        ever = Fraction(3, 10) if odds == 1 else (1 - odds**3) / (1 - odds**10)
        print(f"{name}: 3 coins become 10 before 0 with probability {float(ever):.5f}; ", end="")
        left = [float(stay.survival[n]) for n in (100, 400)]
        print(f"still playing after 100 games: {left[0]:.6f}, after 400: {left[1]:.2e}")
    time = Walk.repeat(Distribution({1: "1/2", -1: "1/2"}), 99).first_passage([-3])
    print(f"a gambler without a goal loses 3 coins within 99 games with probability {1 - time.missing:.4f}, ")
    usual = time.without_missing().mode()
    print(f"most likely after {usual}: {time.pmf(usual)}")


def ballot() -> None:
    """7 votes for one, 4 for the other: how likely does the first lead throughout the count?"""
    vote = Distribution({1: "1/2", -1: "1/2"})
    ahead = Walk.repeat(vote, 10).stay(lambda lead: lead >= 0).prob(10, 2) / 2
    print(f"the winner of 7 to 4 leads throughout: {ahead / (11 @ vote).pmf(3)}, as Bertrand found: (7 - 4) / (7 + 4)")


def knight() -> None:
    """A knight that jumps at random from a corner of a board without edges: is it still on 8 x 8?"""
    jumps = [(a, b) for a in (-2, -1, 1, 2) for b in (-2, -1, 1, 2) if abs(a) != abs(b)]
    step = Distribution.from_counts(dict.fromkeys(jumps, 1))
    board = Walk.repeat(step, 5).stay(lambda at: 0 <= at[0] < 8 and 0 <= at[1] < 8)
    print(f"a knight from the corner is still on the board after 5 jumps: {board.survival[5]}")


def bridge() -> None:
    """A die was thrown 1000 times and the total was 3700: what was it after 500?"""
    walk = Walk.repeat(Die(6), 1000).bridge(3700)
    half = walk.position(500)
    print(f"a total of 3700 after 1000 throws: after 500 it was {half.mean()}, give or take {half.std():.3f}")
    print("after the first drop, two dice having shown 4:", Die(6).given_sum(Die(6), 4).to_dict())


if __name__ == "__main__":
    ruin()
    ballot()
    knight()
    bridge()
