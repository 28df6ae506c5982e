"""Roll 4 dice, drop the lowest: ability scores, advantage, the best 10 of 100, exact, not by enumerating. Run it with

python examples/drop_lowest.py
"""

from distconv import Die, highest, maximum, minimum, order_statistic


def main() -> None:
    score = highest(Die(6), 4, 3)
    print(f"4d6, drop the lowest: mean {float(score.mean()):.4f} (3d6: 10.5), P(18) = {score.pmf(18)}")
    print(score)
    best_of_six = order_statistic(score, 6, 6)
    print(f"the best of six scores: mean {float(best_of_six.mean()):.3f}, P(18) = {float(best_of_six.pmf(18)):.4f}")
    d20 = Die(20)
    print(f"advantage: {maximum(d20, d20).mean()}, disadvantage: {minimum(d20, d20).mean()}")
    pool = highest(d20, 100, 10)
    print(f"the best 10 of 100d20: all 20s with probability {float(pool.pmf(200)):.6f}, mean {float(pool.mean()):.4f}")


if __name__ == "__main__":
    main()
