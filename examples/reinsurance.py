"""Three lines of business and their reinsurance: layers, brackets, a reinstatement, and who pays for a bad year.

Fire, motor and storm each have a random number of lognormal, gamma and Pareto claims, in thousands. What a layer costs
is bracketed: cells rounded down and up give laws between which the true one lies. Run it with

    python examples/reinsurance.py
"""

from scipy import stats

from distconv import Bracket, Distribution, NegativeBinomial, Poisson, from_scipy, losses, sum_of

LINES = {
    "fire": (Poisson(8), stats.lognorm(1.2, scale=60)),
    "motor": (NegativeBinomial(20, "1/3"), stats.gamma(2, scale=20)),
    "storm": (Poisson("3/10"), stats.pareto(1.5, scale=400)),
}
LIMIT = 10_000  # what a policy pays for one claim at most
LEVEL = 0.995


def brackets() -> None:
    """What a layer of 500 after 500 of every fire claim costs, in cells of less and less width."""
    count, size = LINES["fire"]
    print("fire, 500 after 500 of every claim, mean of a year and 1 in 200:")
    print(f"{'cells of':>10}{'least':>10}{'most':>10}{'VaR':>16}{'unbiased cells':>18}")
    for step in (100, 50, 20, 10):
        both = from_scipy(size, step=step, rounding="both", high=LIMIT)
        year: Bracket = count @ both.layer(500, 500)
        low, high = year.mean()
        worst = "{} .. {}".format(*year.ppf(LEVEL))
        unbiased = count @ from_scipy(size, step=step, rounding="unbiased", high=LIMIT).layer(500, 500)
        print(f"{step:>10}{low:>10.3f}{high:>10.3f}{worst:>16}{float(unbiased.mean()):>18.4f}")


def years() -> dict[str, Distribution]:
    """The law of each line's year, whose mean is that of the continuous claims."""
    return {
        name: count @ from_scipy(size, step=20, rounding="unbiased", high=LIMIT)
        for name, (count, size) in LINES.items()
    }


def tower(total: Distribution) -> None:
    """Layers of the whole year, each with what it pays on average and how often it is touched and used up."""
    print(f"\nall lines: mean {float(total.mean()):.1f}, 1 in 200 years {total.ppf(LEVEL)} or more")
    print(f"{'layer of the year':>22}{'mean':>10}{'touched':>10}{'used up':>10}{'on line':>10}")
    for attachment, limit in ((3000, 2000), (5000, 5000), (10_000, 10_000)):
        layer = total.layer(attachment, limit)
        rate = float(layer.mean()) / limit
        print(
            f"{f'{limit} after {attachment}':>22}{float(layer.mean()):>10.3f}{float(layer.sf(0)):>10.5f}"
            f"{float(layer.at_least(limit)):>10.5f}{rate:>10.4%}"
        )


def reinstated() -> None:
    """Storm claims, 2000 after 1000 each, filled up again once."""
    count, size = LINES["storm"]
    claims = count @ from_scipy(size, step=20, rounding="unbiased", high=LIMIT).layer(1000, 2000)
    print("\nstorm, 2000 after 1000 of every claim, and what the first premium must be:")
    for name, rates in (
        ("not reinstated", []),
        ("once, free", [0]),
        ("once at 100 %", [1]),
        ("twice at 100 %", [1, 1]),
    ):
        contract = losses.reinstatements(claims, 2000, rates)
        print(f"{name:>22}{float(contract.premium):>10.3f}{'':>4}of mean payments {float(contract.paid.mean()):.3f}")


def blame(lines: dict[str, Distribution]) -> None:
    """What every line adds to the worst 0.5 % of years, in one pass."""
    found = losses.allocation(lines.values(), level=LEVEL)
    print(f"\nthe worst 0.5 % of years cost {float(found.total):.1f} on average, of which")
    for (name, year), part, share in zip(lines.items(), found.parts, found.shares, strict=True):
        print(f"{name:>22}{float(part):>10.1f}{float(share):>10.1%}{'':>4}(of all years {float(year.mean()):.1f})")


def main() -> None:
    """Prints it all, and checks what must agree."""
    brackets()
    lines = years()
    total = sum_of(lines.values())
    tower(total)
    reinstated()
    blame(lines)
    found = losses.allocation(lines.values(), level=LEVEL)
    assert abs(float(found.total) / float(total.tail_mean(LEVEL)) - 1) < 1e-9
    assert abs(sum(found.shares) - 1) < 1e-12


if __name__ == "__main__":
    main()
