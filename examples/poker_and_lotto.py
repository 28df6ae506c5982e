"""Cards, lotto and poker dice: draws without replacement, and dice that match, beside the numbers in print."""

from fractions import Fraction
from math import comb

from distconv import Die, Hypergeometric, most_alike, sum_of_draws

# Blackjack: two cards that make 21, 64 of 1326 hands (Thorp, Beat the Dealer).
deck = {11: 4, 10: 16} | dict.fromkeys(range(2, 10), 4)
two = sum_of_draws(deck, 2)
print(f"a natural in blackjack: {two.pmf(21)} = {float(two.pmf(21)):.4%}")

# Poker: how many of a hand are of each suit; a flush has five of one, 5148 of 2598960 hands with straight flushes.
suits = {(1, 0, 0): 13, (0, 1, 0): 13, (0, 0, 1): 13, (0, 0, 0): 13}
hand = sum_of_draws(suits, 5)
flush = 4 * hand.pmf((5, 0, 0))
print(f"a flush: {flush * comb(52, 5)} of {comb(52, 5)} hands")

# Bridge: high-card points, 4 for an ace, 3, 2, 1 for king, queen and knave; ten are the most likely number.
points = sum_of_draws({4: 4, 3: 4, 2: 4, 1: 4, 0: 36}, 13)
print(f"high-card points: mean {points.mean()}, variance {points.var()}, ten: {float(points.pmf(10)):.2%}")

# Lotto: sums of 6 of 49, and how many of one ticket's numbers come.
lotto = sum_of_draws(range(1, 50), 6)
print(f"the most likely sum of 6 of 49: {lotto.mode()}, in {lotto.pmf(lotto.mode()) * comb(49, 6)} draws")
print(f"six right: 1 in {1 / Fraction(Hypergeometric(49, 6, 6).pmf(6))}")

# Poker dice: five of a kind, four, three or a full house.
alike = most_alike({Die(6): 5})
print("five dice:", ", ".join(f"{m} alike {alike.pmf(m)}" for m in (5, 4, 3)))
