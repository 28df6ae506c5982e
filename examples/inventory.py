"""When to order again: the demand until a delivery comes is a random number of random days' demands, N @ X. Run it with

python examples/inventory.py
"""

from distconv import Distribution

DAY = Distribution({0: "0.3", 1: "0.4", 2: "0.2", 3: "0.1"})
LEAD_TIME = Distribution({2: "0.2", 3: "0.5", 4: "0.3"})


def main() -> None:
    demand = LEAD_TIME @ DAY
    print(f"demand until the delivery: mean {demand.mean()}, variance {demand.var()}")
    print(f"P(more than 8) = {float(demand.sf(8)):.5f}")
    for service in ("0.90", "0.95", "0.99", "0.999"):
        point = demand.ppf(service)
        short = float(demand.stop_loss(point))
        print(f"order at {point:2} for a service of {service}: reached {float(demand.cdf(point)):.5f}, ", end="")
        print(f"{short:.5f} units short per order on average")
    normal = float(demand.mean()) + 1.6448536 * demand.std()
    print(f"a normal law would say {normal:.2f}, and knows nothing of whole units")


if __name__ == "__main__":
    main()
