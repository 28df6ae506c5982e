"""Results that books print, each as one line of distconv beside the formula as it is printed.

The lines are Python, read with the letters of `LETTERS`, all names of distconv and those of sympy that formulas need.
"""

from __future__ import annotations

from typing import NamedTuple


class Result(NamedTuple):
    """One result: its name and source, the line that obtains it, and the formula as it is printed."""

    name: str
    line: str
    formula: str


FELLER = "Feller, An Introduction to Probability Theory, volume 1"
JOHNSON = "Johnson, Kemp, Kotz, Univariate Discrete Distributions"
ROSS = "Ross, A First Course in Probability"
GRAHAM = "Graham, Knuth, Patashnik, Concrete Mathematics"
KLUGMAN = "Klugman, Panjer, Willmot, Loss Models"
WILF = "Wilf, generatingfunctionology"

#: Games and steps of walks, as they are typed.
BET = "Walk.forever(Distribution({1: p, -1: 1 - p}))"
FAIR = "Walk.forever(Distribution({1: '1/2', -1: '1/2'}))"
PLANE = "Distribution({(1, 0): '1/4', (-1, 0): '1/4', (0, 1): '1/4', (0, -1): '1/4'})"

#: Moments and generating functions of the families: Johnson, Kemp, Kotz.
FAMILIES = [
    Result("Bernoulli, mean", "Bernoulli(p).mean()", "p"),
    Result("Bernoulli, variance", "Bernoulli(p).var()", "p*(1 - p)"),
    Result("Bernoulli, skewness", "Bernoulli(p).skewness()", "(1 - 2*p)/sqrt(p*(1 - p))"),
    Result("Bernoulli, entropy", "Bernoulli(p).entropy()", "-p*log(p) - (1 - p)*log(1 - p)"),
    Result("binomial, probability", "Binomial(n, p).pmf(k)", "binomial(n, k)*p**k*(1 - p)**(n - k)"),
    Result("binomial, mean", "Binomial(n, p).mean()", "n*p"),
    Result("binomial, variance", "Binomial(n, p).var()", "n*p*(1 - p)"),
    Result("binomial, skewness", "Binomial(n, p).skewness()", "(1 - 2*p)/sqrt(n*p*(1 - p))"),
    Result("binomial, excess kurtosis", "Binomial(n, p).kurtosis()", "(1 - 6*p*(1 - p))/(n*p*(1 - p))"),
    Result("binomial, generating function", "Binomial(n, p).pgf(z)", "(1 - p + p*z)**n"),
    Result("binomial, third cumulant", "Binomial(n, p).cumulant(3)", "n*p*(1 - p)*(1 - 2*p)"),
    Result("binomial, second moment", "Binomial(n, p).moment(2)", "n*p + n*(n - 1)*p**2"),
    Result("Poisson, probability", "Poisson(lam).pmf(k)", "exp(-lam)*lam**k/factorial(k)"),
    Result("Poisson, generating function", "Poisson(lam).pgf(z)", "exp(lam*(z - 1))"),
    Result("Poisson, skewness", "Poisson(lam).skewness()", "1/sqrt(lam)"),
    Result("Poisson, kurtosis", "Poisson(lam).kurtosis()", "1/lam"),
    Result("Poisson, fifth cumulant", "Poisson(lam).cumulant(5)", "lam"),
    Result("Poisson, third moment (Touchard)", "Poisson(lam).moment(3)", "lam**3 + 3*lam**2 + lam"),
    Result("Poisson, fourth moment (Touchard)", "Poisson(lam).moment(4)", "lam**4 + 6*lam**3 + 7*lam**2 + lam"),
    Result("Bell number 5 as a moment (Dobinski)", "Poisson(Integer(1)).moment(5)", "52"),
    Result("geometric, tail", "Geometric(p).sf(k)", "(1 - p)**k"),
    Result("geometric, mean", "Geometric(p).mean()", "1/p"),
    Result("geometric, variance", "Geometric(p).var()", "(1 - p)/p**2"),
    Result("geometric, skewness", "Geometric(p).skewness()", "(2 - p)/sqrt(1 - p)"),
    Result("geometric, generating function", "Geometric(p).pgf(z)", "p*z/(1 - (1 - p)*z)"),
    Result("geometric, entropy", "Geometric(p).entropy()", "(-p*log(p) - (1 - p)*log(1 - p))/p"),
    Result("Pascal, probability", "NegativeBinomial(r, p).pmf(k)", "binomial(k + r - 1, k)*p**r*(1 - p)**k"),
    Result("Pascal, mean", "NegativeBinomial(r, p).mean()", "r*(1 - p)/p"),
    Result("Pascal, variance", "NegativeBinomial(r, p).var()", "r*(1 - p)/p**2"),
    Result("Pascal, generating function", "NegativeBinomial(r, p).pgf(z)", "(p/(1 - (1 - p)*z))**r"),
    Result("hypergeometric, mean", "Hypergeometric(N, K, n).mean()", "n*K/N"),
    Result("hypergeometric, variance", "Hypergeometric(N, K, n).var()", "n*K/N*(N - K)/N*(N - n)/(N - 1)"),
    Result("logarithmic, mean", "Logarithmic(p).mean()", "-p/((1 - p)*log(1 - p))"),
    Result("logarithmic, variance", "Logarithmic(p).var()", "-(p**2 + p*log(1 - p))/((1 - p)**2*log(1 - p)**2)"),
    Result("Skellam, variance", "Skellam(lam, mu).var()", "lam + mu"),
    Result("Skellam, skewness", "Skellam(lam, mu).skewness()", "(lam - mu)/(lam + mu)**Rational(3, 2)"),
    Result(
        "Skellam, probability", "Skellam(lam, mu).pmf(k)", "exp(-lam - mu)*sqrt(lam/mu)**k*besseli(k, 2*sqrt(lam*mu))"
    ),
    Result("a fair die, mean", "Die(n).mean()", "(n + 1)/2"),
    Result("a fair die, variance", "Die(n).var()", "(n**2 - 1)/12"),
    Result("multinomial, covariance", "Multinomial(5, [p, q, 1 - p - q]).cov()[0, 1]", "-5*p*q"),
    Result("multinomial, variance", "Multinomial(5, [p, q, 1 - p - q]).cov()[0, 0]", "5*p*(1 - p)"),
]

#: Sums of independent variables: Feller XI, Johnson et al.
SUMS = [
    Result("binomials add", "Binomial(n, p) + Binomial(m, p)", "Binomial(n + m, p)"),
    Result("Poisson laws add", "Poisson(lam) + Poisson(mu)", "Poisson(lam + mu)"),
    Result("Pascal laws add", "NegativeBinomial(r, p) + NegativeBinomial(n, p)", "NegativeBinomial(n + r, p)"),
    Result("n Bernoullis", "n @ Bernoulli(p)", "Binomial(n, p)"),
    Result("n geometrics", "(n @ Geometric(p)).pmf(k)", "binomial(k - 1, n - 1)*p**n*(1 - p)**(k - n)"),
    Result("two geometrics", "(Geometric(p) + Geometric(p)).pmf(k)", "(k - 1)*p**2*(1 - p)**(k - 2)"),
    Result("n Poissons", "n @ Poisson(lam)", "Poisson(n*lam)"),
    Result("Poisson difference", "Poisson(lam) - Poisson(mu)", "Skellam(lam, mu)"),
    Result("Poissons that meet", "(Poisson(lam) - Poisson(mu)).pmf(0)", "exp(-lam - mu)*besseli(0, 2*sqrt(lam*mu))"),
    Result("geometrics that differ", "(Geometric(p) - Geometric(p)).pmf(k)", "p*(1 - p)**k/(2 - p)"),
    Result("geometrics that meet", "(Geometric(p) - Geometric(p)).pmf(0)", "p/(2 - p)"),
    Result("two different geometrics", "(Geometric(a) + Geometric(b)).pmf(3)", "a*b*(2 - a - b)"),
    Result("two dice below the middle", "(Die(n) + Die(n)).pmf(k, assume=k <= n)", "(k - 1)/n**2"),
    Result("two dice above the middle", "(Die(n) + Die(n)).pmf(n + k, assume=k <= n)", "(n - k + 1)/n**2"),
    Result("two dice, the middle", "(Die(n) + Die(n)).pmf(n + 1)", "1/n"),
    Result("three dice at their lowest", "(3 @ Die(n)).pmf(5, assume=n >= 3)", "6/n**3"),
    Result("difference of two dice", "(Die(n) - Die(n)).pmf(0)", "1/n"),
    Result("mean of a difference squared", "(Die(n) - Die(n)).moment(2)", "(n**2 - 1)/6"),
    Result(
        "de Moivre's dice",
        "(n @ Die(6)).pmf(k)",
        "Sum((-1)**j*binomial(n, j)*binomial(k - 6*j - 1, n - 1), (j, 0, floor((k - n)/6)))/6**n",
    ),
    Result(
        "even-money bets that return",
        "(2*n @ Distribution({1: p, -1: 1 - p})).pmf(0)",
        "binomial(2*n, n)*(p*(1 - p))**n",
    ),
    Result("a symmetric walk's place", "(n @ Distribution({1: '1/2', -1: '1/2'})).pmf(n - 2*k)", "binomial(n, k)/2**n"),
    Result(
        "a lazy step three times",
        "(3 @ Distribution({-1: q, 0: 1 - p - q, 1: p})).pmf(0)",
        "(1 - p - q)**3 + 6*p*q*(1 - p - q)",
    ),
    Result("variance of n letters", "(n @ Distribution({0: p, 1: 1 - p - q, 2: q})).var()", "n*(p + q - (p - q)**2)"),
    Result("two unequal coins", "(Bernoulli(p) + Bernoulli(q)).pmf(1)", "p*(1 - q) + q*(1 - p)"),
    Result("three unequal coins, none", "PoissonBinomial([a, b, p]).pmf(0)", "(1 - a)*(1 - b)*(1 - p)"),
    Result("three unequal coins, variance", "PoissonBinomial([a, b, p]).var()", "a*(1 - a) + b*(1 - b) + p*(1 - p)"),
    Result("equal and opposite letters", "(2 @ Distribution({a: '1/2', -a: '1/2'})).pmf(0)", "Rational(1, 2)"),
    Result("variance of opposite letters", "(n @ Distribution({a: '1/2', -a: '1/2'})).var()", "n*a**2"),
    Result("trinomial coefficients", "(4 @ Distribution({-1: '1/3', 0: '1/3', 1: '1/3'})).pmf(0)", "Rational(19, 81)"),
]

#: Sums of a random number of terms: Klugman et al. chapters 6 and 9, Feller XII.
COMPOUNDS = [
    Result("thinned Poisson", "Poisson(lam) @ Bernoulli(p)", "Poisson(lam*p)"),
    Result("thinned binomial", "Binomial(n, p) @ Bernoulli(q)", "Binomial(n, p*q)"),
    Result("thinned Pascal", "NegativeBinomial(r, p) @ Bernoulli(q)", "NegativeBinomial(r, p/(p + q - p*q))"),
    Result(
        "Quenouille: Poisson of logarithmics",
        "Poisson(lam) @ Logarithmic(p)",
        "NegativeBinomial(-lam/log(1 - p), 1 - p)",
    ),
    Result("geometric of geometrics", "Geometric(p) @ Geometric(q)", "Geometric(p*q)"),
    Result("Wald's mean", "(Poisson(lam) @ Die(n)).mean()", "lam*(n + 1)/2"),
    Result("compound Poisson variance", "(Poisson(lam) @ Die(n)).var()", "lam*(n + 1)*(2*n + 1)/6"),
    Result("Neyman A, generating function", "(Poisson(lam) @ Poisson(mu)).pgf(z)", "exp(lam*(exp(mu*(z - 1)) - 1))"),
    Result("Neyman A, none", "(Poisson(lam) @ Poisson(mu)).pmf(0)", "exp(-lam*(1 - exp(-mu)))"),
    Result("Neyman A, variance", "(Poisson(lam) @ Poisson(mu)).var()", "lam*mu*(1 + mu)"),
    Result("Polya-Aeppli, one", "(Poisson(lam) @ Geometric(p)).pmf(1)", "lam*p*exp(-lam)"),
    Result("Polya-Aeppli, two", "(Poisson(lam) @ Geometric(p)).pmf(2)", "exp(-lam)*(lam*p*(1 - p) + lam**2*p**2/2)"),
    Result("compound mean", "(Binomial(n, p) @ Geometric(q)).mean()", "n*p/q"),
    Result("compound variance", "(Binomial(n, p) @ Geometric(q)).var()", "n*p*(2 - p - q)/q**2"),
    Result("Hermite law, two", "(Poisson(lam) + 2*Poisson(mu)).pmf(2)", "exp(-lam - mu)*(lam**2/2 + mu)"),
    Result("Hermite law, variance", "(Poisson(lam) + 2*Poisson(mu)).var()", "lam + 4*mu"),
]

#: Mixtures, truncations and conditions: Johnson et al. 4.10, 8.2; Ross chapter 3 and 6.
CONDITIONS = [
    Result(
        "zero-inflated Poisson, none", "mixture([(Point(0), a), (Poisson(lam), 1 - a)]).pmf(0)", "a + (1 - a)*exp(-lam)"
    ),
    Result("zero-inflated Poisson, mean", "mixture([(Point(0), a), (Poisson(lam), 1 - a)]).mean()", "(1 - a)*lam"),
    Result(
        "zero-inflated Poisson, variance",
        "mixture([(Point(0), a), (Poisson(lam), 1 - a)]).var()",
        "lam*(1 - a)*(1 + a*lam)",
    ),
    Result("zero-truncated Poisson", "Poisson(lam).truncate(low=1).pmf(k)", "lam**k/((exp(lam) - 1)*factorial(k))"),
    Result("zero-truncated Poisson, mean", "Poisson(lam).truncate(low=1).mean()", "lam/(1 - exp(-lam))"),
    Result("zero-truncated binomial, mean", "Binomial(n, p).truncate(low=1).mean()", "n*p/(1 - (1 - p)**n)"),
    Result("no memory", "Geometric(p).truncate(low=3)", "Geometric(p) + 2"),
    Result("Poisson given the total", "Poisson(lam).given_sum(Poisson(mu), n)", "Binomial(n, lam/(lam + mu))"),
    Result(
        "binomial given the total (Fisher)",
        "Binomial(n, p).given_sum(Binomial(m, p), k)",
        "Hypergeometric(n + m, n, k)",
    ),
    Result("geometric given the total", "Geometric(p).given_sum(Geometric(p), n)", "Uniform(1, n - 1)"),
    Result(
        "coins given one head", "Bernoulli(p).given_sum(Bernoulli(q), 1).pmf(1)", "p*(1 - q)/(p*(1 - q) + q*(1 - p))"
    ),
    Result("mixture of two coins", "mixture([(Bernoulli(p), a), (Bernoulli(q), 1 - a)])", "Bernoulli(a*p + (1 - a)*q)"),
    Result(
        "mixture variance",
        "mixture([(Poisson(lam), a), (Poisson(mu), 1 - a)]).var()",
        "a*lam + (1 - a)*mu + a*(1 - a)*(lam - mu)**2",
    ),
]

#: Largest and smallest: David and Nagaraja, Order Statistics; Feller.
EXTREMES = [
    Result("first of two waits", "minimum(Geometric(p), Geometric(q))", "Geometric(p + q - p*q)"),
    Result("last of two waits, mean", "maximum(Geometric(p), Geometric(q)).mean()", "1/p + 1/q - 1/(p + q - p*q)"),
    Result("the larger of two dice", "maximum(Die(n), Die(n)).pmf(k)", "(2*k - 1)/n**2"),
    Result("the larger of two dice, mean", "maximum(Die(n), Die(n)).mean()", "(n + 1)*(4*n - 1)/(6*n)"),
    Result("the smaller of two dice, mean", "minimum(Die(n), Die(n)).mean()", "(n + 1)*(2*n + 1)/(6*n)"),
    Result("two of three", "order_statistic(Bernoulli(p), 3, 2).pmf(1)", "3*p**2 - 2*p**3"),
    Result("best of three", "order_statistic(Bernoulli(p), 3, 3).pmf(1)", "1 - (1 - p)**3"),
    Result("three of five (Banach's jury)", "order_statistic(Bernoulli(p), 5, 3).pmf(1)", "10*p**3 - 15*p**4 + 6*p**5"),
    Result("the best two of three coins", "highest(Bernoulli(p), 3, 2).mean()", "3*p - p**3"),
    Result("odd number of heads", "(n @ Bernoulli(p)).pgf(-1)", "(1 - 2*p)**n"),
    Result("parity of two coins", "((Bernoulli(p) + Bernoulli(q)) % 2).pmf(1)", "p + q - 2*p*q"),
]

#: Walks and ruin: Feller III and XIV; Watson 1939, Three triple integrals.
WALKS = [
    Result("gambler's ruin", f"{BET}.ruin(-j, k - j)", "(((1 - p)/p)**k - ((1 - p)/p)**j)/(((1 - p)/p)**k - 1)"),
    Result("ruin in a fair game", f"{FAIR}.ruin(-j, k - j)", "1 - j/k"),
    Result(
        "ruin by an adversary without end",
        f"{BET}.ruin(-k, oo)",
        "Piecewise((1, p <= Rational(1, 2)), (((1 - p)/p)**k, True))",
    ),
    Result("length of a fair game", f"{FAIR}.duration(-j, k - j)", "j*(k - j)"),
    Result("length of a game", f"{BET}.duration(-1, 1)", "1"),
    Result("ruin in two steps", f"{BET}.ruin(-1, 1)", "1 - p"),
    Result("ruin at one before two", f"{BET}.ruin(-1, 2)", "(1 - p)/(1 - p + p**2)"),
    Result("first passage, third step", f"{BET}.first_passage(1).pmf(3)", "p**2*(1 - p)"),
    Result("first passage, fifth step", f"{BET}.first_passage(1).pmf(5)", "2*p**3*(1 - p)**2"),
    Result("first passage to two, fourth step", f"{BET}.first_passage(2).pmf(4)", "2*p**3*(1 - p)"),
    Result("Catalan's number 7 as a first passage", f"{FAIR}.first_passage(1).pmf(15)*2**15", "429"),
    Result(
        "first passage, generating function",
        f"{BET}.first_passage(1).pgf(z)",
        "(1 - sqrt(1 - 4*p*(1 - p)*z**2))/(2*(1 - p)*z)",
    ),
    Result("first return, generating function", f"{BET}.first_return().pgf(z)", "1 - sqrt(1 - 4*p*(1 - p)*z**2)"),
    Result("first return, second step", f"{BET}.first_return().pmf(2)", "2*p*(1 - p)"),
    Result("first return, fourth step", f"{BET}.first_return().pmf(4)", "2*p**2*(1 - p)**2"),
    Result("ever returning on the line", f"{BET}.first_return().probability", "1 - Abs(2*p - 1)"),
    Result("ever returning in the plane (Polya)", f"Walk.forever({PLANE}).first_return().probability", "1"),
    Result("back in the plane after four steps", f"(4 @ {PLANE}).pmf((0, 0))", "Rational(36, 256)"),
    Result(
        "a bridge forgets p",
        "Walk.repeat(Distribution({1: p, -1: 1 - p}), 4).bridge(0).position(2).pmf(0)",
        "Rational(2, 3)",
    ),
    Result(
        "never negative in four steps",
        "Walk.repeat(Distribution({1: '1/2', -1: '1/2'}), 4).stay(lambda x: x >= 0).survival[-1]",
        "binomial(4, 2)/2**4",
    ),
]

#: Limits: Feller VI and XI, Johnson et al.
LIMITS = [
    Result("law of small numbers", "Binomial(n, lam/n).limit(n, oo)", "Poisson(lam)"),
    Result("urn without end", "Hypergeometric(N, p*N, n).limit(N, oo)", "Binomial(n, p)"),
    Result("Pascal to Poisson", "NegativeBinomial(r, r/(r + lam)).limit(r, oo)", "Poisson(lam)"),
    Result("small numbers, the pmf", "limit(Binomial(n, lam/n).pmf(2, assume=n >= 2), n, oo)", "lam**2*exp(-lam)/2"),
]

#: Exact numbers that are no fractions.
NUMBERS = [
    Result("a coin of sqrt(2)/2 twice", "(2 @ Distribution({0: sqrt(2)/2, 1: 1 - sqrt(2)/2})).pmf(1)", "sqrt(2) - 1"),
    Result("Poisson of mean 3 at 2", "Poisson(Integer(3)).pmf(2)", "9*exp(-3)/2"),
    Result("Poisson of mean 3, at most 2", "Poisson(Integer(3)).cdf(2)", "17*exp(-3)/2"),
    Result("Buffon's needle twice", "(2 @ Bernoulli(2/pi)).pmf(2)", "4/pi**2"),
    Result("golden coin", "(2 @ Bernoulli(GoldenRatio - 1)).pmf(1)", "2*sqrt(5) - 4"),
    Result("no fixed point in the limit", "Poisson(Integer(1)).pmf(0)", "exp(-1)"),
]

RESULTS = [*FAMILIES, *SUMS, *COMPOUNDS, *CONDITIONS, *EXTREMES, *WALKS, *LIMITS, *NUMBERS]
