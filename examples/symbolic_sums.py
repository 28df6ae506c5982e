"""Sums of dice, coins and waiting times whose probabilities and sizes are letters.

Every formula printed here is exact, and is checked against numbers put in its place.
"""

from fractions import Fraction

from sympy import Symbol, factor, symbols

from distconv import Bernoulli, Binomial, Density, Die, Distribution, Geometric, Poisson

n, m = symbols("n m", integer=True, positive=True)
p, q, lam, mu, a, b = symbols("p q lam mu a b", positive=True)


def main() -> None:
    """Prints the laws."""
    print("Two loaded coins")
    coins = Bernoulli(p) + Bernoulli(q)
    for outcome, weight in coins:
        print(f"  P(X + Y = {outcome}) = {factor(weight)}")

    print("\nThirty throws of a die with faces 1, 2, 3 of chances a, b, 1 - a - b")
    loaded = 30 @ Distribution({1: a, 2: b, 3: 1 - a - b})
    print(f"  P(S = 31) = {factor(loaded.pmf(31))}")
    print(f"  mean      = {loaded.mean()}")
    fair = loaded.subs({a: "1/3", b: "1/3"})
    assert fair == 30 @ Die(3)
    print(f"  fair: P(S = 60) = {fair.pmf(60)}")

    print("\nTwo dice with n sides: a triangle, for every n")
    two = Die(n) + Die(n)
    print(f"  {two.formula}")
    assert two.subs({n: 6}) == Die(6) + Die(6)

    print("\nSums that keep their name")
    for law in (
        Binomial(n, p) + Binomial(m, p),
        Poisson(lam) + Poisson(mu),
        Geometric(p) + Geometric(p),
        n @ Bernoulli(p),
    ):
        print(f"  {law!r}")
    print(f"  {Poisson(lam) @ Bernoulli(p)!r}  (a thinned Poisson law)")

    print("\nHow fast the chance of more than 7 heads in 10 grows with p, at p = 1/2")
    sensitivity = (10 @ Bernoulli(p)).diff(p).sf(7)
    print(f"  {factor(sensitivity)} -> {sensitivity.subs(p, Fraction(1, 2))}")

    print("\nThree boxes on [0, 1]: the density at 3/2, and the pieces of two")
    box = Density.box(0, 1)
    print(f"  {(3 @ box).pdf('3/2')}")
    print(f"  {(box + box).to_piecewise(Symbol('x', real=True))}")


if __name__ == "__main__":
    main()
