"""The oracle: laws as dicts from outcomes to Fractions, by the definitions, so that every line is obviously right."""

from fractions import Fraction


def plus(x, y):
    return tuple(a + b for a, b in zip(x, y, strict=True)) if isinstance(x, tuple) else x + y


def times(c, x):
    return tuple(c * a for a in x) if isinstance(x, tuple) else c * x


def push(law, function):
    """The law of function(X)."""
    result = {}
    for x, p in law.items():
        result[function(x)] = result.get(function(x), Fraction(0)) + p
    return result


def product(f, g):
    """The joint law of independent X and Y, as pairs."""
    return {(x, y): p * q for x, p in f.items() for y, q in g.items()}


def convolve(f, g):
    """The law of X + Y."""
    return push(product(f, g), lambda pair: plus(*pair))


def power(f, n):
    """The law of the sum of n independent copies."""
    zero = times(0, next(iter(f)))
    result = {zero: Fraction(1)}
    for _ in range(n):
        result = convolve(result, f)
    return result


def scale(f, c):
    return push(f, lambda x: times(c, x))


def shift(f, by):
    return push(f, lambda x: plus(x, by))


def given(f, predicate):
    """The law of X, known that predicate(X) holds."""
    total = sum(p for x, p in f.items() if predicate(x))
    return {x: p / total for x, p in f.items() if predicate(x)}


def expect(f, function):
    return sum(function(x) * p for x, p in f.items())
