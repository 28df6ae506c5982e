"""Dice pools of any kind: exact odds as fractions and percents, at least and at most, and one pool against another.

Everything here is a sum of independent dice, so everything is exact, however many dice there are. Run it with

    python examples/dice.py
"""

from fractions import Fraction

from distconv import Die, Distribution, sum_of


def odds(p: Fraction) -> str:
    """A probability as a fraction, where it is short, and as a percentage."""
    return f"{p} = {float(p):.4%}" if p.denominator < 10**12 else f"{float(p):.4%}"


def print_duel(name: str, ours: Distribution, theirs: Distribution) -> None:
    """Who rolls higher: the law of the difference answers, since X - Y is the difference of independent rolls."""
    lead = ours - theirs
    print(f"{name}:")
    print(f"   win  {odds(lead.sf(0))}")
    print(f"   tie  {odds(lead.pmf(0))}")
    print(f"   lose {odds(lead.cdf(-1))}")


def main() -> None:
    """Prints the answers, one question after the other."""
    d4, d6, d8, d10, d20 = Die(4), Die(6), Die(8), Die(10), Die(20)

    print(f"Two dice, and the chance of at least each total:\n{2 @ d6:fraction,percent,atleast}\n")

    pool = 2 @ d6 + d8 + 3
    print("2d6 + d8 + 3:", f"{pool:percent,atleast,atmost}", sep="\n")
    print(f"   at least 18: {odds(pool.sf(17))}")
    print(f"   at most 10:  {odds(pool.cdf(10))}")
    low, high = pool.interval("0.9")
    print(f"   mean {float(pool.mean())}, sd {pool.std():.3f}; nine rolls in ten or more lie in {low}..{high}\n")

    mixed = sum_of([d4, d6, d6, d8, d10, d10, d10, d20])
    print(f"d4 + 2d6 + d8 + 3d10 + d20 of 50 or more: {odds(mixed.sf(49))}")
    print(f"20d20 of 250 or more (there are 20**20 ways to roll): {odds((20 @ d20).sf(249))}\n")

    print_duel("2d6 + 1 against d12", 2 @ d6 + 1, Die(12))
    print_duel("Nine d4 against six d6 (Project Euler 205)", 9 @ d4, 6 @ d6)

    tail = (1000 @ d6).sf(3999)
    print("\n1000d6 of 4000 or more:")
    print(f"   {float(tail)}, from an exact fraction with a denominator of {len(str(tail.denominator))} digits")


if __name__ == "__main__":
    main()
