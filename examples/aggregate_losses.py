"""Claims of a group dental plan: how many, how large, what in all, and what reinsurance above a retention costs.

The numbers are a classic of the actuarial literature: up to 8 claims a year, sizes in units of 25 dollars; all exact.
Then a portfolio of 10 000 such groups, in floats whose every probability is right to 1e-10, and a Poisson model. Run it

    python examples/aggregate_losses.py
"""

from distconv import Distribution, Poisson

NUMBER = Distribution(dict(enumerate(("0.05", "0.10", "0.15", "0.20", "0.25", "0.15", "0.06", "0.03", "0.01"))))
SIZES = ("0.150", "0.200", "0.250", "0.125", "0.075", "0.050", "0.050", "0.050", "0.025", "0.025")
SIZE = Distribution({k + 1: p for k, p in enumerate(SIZES)})
DOLLARS = 25


def main() -> None:
    total = NUMBER @ SIZE
    print(f"one group: E[S] = {float(total.mean()):.2f} units = {float(total.mean() * DOLLARS):.2f} dollars,", end=" ")
    print(
        f"standard deviation {total.std():.4f} units; P(S = 0) = {total.pmf(0)}, P(S = 5) = {float(total.pmf(5)):.7f}"
    )
    print("  retention   stop-loss premium   (units)")
    for retention in (0, 10, 20, 30, 40):
        print(f"  {retention:9} {float(total.stop_loss(retention)):19.6f}")
    for level in ("0.95", "0.99", "0.999"):
        print(f"  VaR {level}: {total.ppf(level)} units, TVaR {float(total.tail_mean(level)):.4f}")

    portfolio = 10_000 @ total.to_float()
    print(f"10 000 groups: mean {portfolio.mean():.0f}, standard deviation {portfolio.std():.1f},", end=" ")
    print(f"VaR 0.999 {portfolio.ppf('0.999')}, TVaR {portfolio.tail_mean('0.999'):.2f}")
    print(f"  ruin beyond 130 000 units: {portfolio.sf(130_000):.6e} (every probability within {portfolio.error:.0e})")

    model = Poisson(NUMBER.mean() * 10_000) @ SIZE
    print(f"with a Poisson number of claims instead: beyond 130 000 units {model.sf(130_000):.6e}")


if __name__ == "__main__":
    main()
