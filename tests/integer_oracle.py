"""The oracle of infinite laws: dicts from outcomes to whole numbers of 2**-BITS, by the definitions."""

import math
from fractions import Fraction

import flint
from mpmath import mp, mpf

#: The oracle's weights are whole numbers of 2**-BITS: at 1e-400 they are right to 300 digits and more.
BITS = 2600
ONE = 1 << BITS
#: Weights below this are left out of the oracle.
LEAST = ONE >> 1700


def by_ratio(start, first, ratio):
    """The law with P(X = start) = first and P(X = k + 1) / P(X = k) = ratio(k)."""
    result, weight, k = {}, first, start
    while weight > LEAST or k < start + 50:
        result[k] = weight
        weight = weight * ratio(k).numerator // ratio(k).denominator
        k += 1
    return result


def poisson(rate):
    with mp.workprec(BITS + 64):
        first = int(mp.exp(-mpf(rate.numerator) / rate.denominator) * ONE)
    return by_ratio(0, first, lambda k: rate / (k + 1))


def negative_binomial(r, p):
    with mp.workprec(BITS + 64):
        chance = mpf(p.numerator) / p.denominator
        first = int(mp.exp(mpf(r.numerator) / r.denominator * mp.log(chance)) * ONE)
    return by_ratio(0, first, lambda k: (r + k) / (k + 1) * (1 - p))


def moved(law, scale, shift):
    return {scale * x + shift: w for x, w in law.items()}


def mixed(parts):
    result = {}
    for law, share in parts:
        for x, w in law.items():
            result[x] = result.get(x, 0) + w * share.numerator // share.denominator
    return result


def known(law, low, high):
    inside = {x: w for x, w in law.items() if (low is None or x >= low) and (high is None or x <= high)}
    total = sum(inside.values())
    return {x: w * ONE // total for x, w in inside.items()}


def clamped(law, low, high):
    result = {}
    for x, w in law.items():
        place = x if low is None else max(x, low)
        place = place if high is None else min(place, high)
        result[place] = result.get(place, 0) + w
    return result


def summed(x, y):
    step = math.lcm(*(Fraction(k).denominator for law in (x, y) for k in law))
    grids, lows = [], []
    for law in (x, y):
        low = min(law)
        row = [0] * (int((max(law) - low) * step) + 1)
        for k, w in law.items():
            row[int((k - low) * step)] = w
        grids.append(flint.fmpz_poly(row))
        lows.append(low)
    product = grids[0] * grids[1]
    found = ((lows[0] + lows[1] + Fraction(i, step), int(c) >> BITS) for i, c in enumerate(product.coeffs()))
    return {x: w for x, w in found if w > LEAST >> 100}


def value(weight):
    return mpf(weight) / ONE


def log_of(weight):
    return mp.log(value(weight))


def times(x, y, operation):
    """The law of an operation on two independent variables, with few outcomes or in few bits."""
    result = {}
    for a, p in x.items():
        for b, q in y.items():
            place = operation(a, b)
            result[place] = result.get(place, 0) + (p * q >> BITS)
    return result


def repeated(x, n):
    """The sum of n independent copies."""
    result = {0: ONE}
    for _ in range(n):
        result = summed(result, x)
    return result


def random_sum(count, x):
    """The sum of a random number of independent copies."""
    parts, copies = [], {0: ONE}
    for n in range(max(count) + 1):
        parts.append((copies, Fraction(count.get(n, 0), ONE)))
        copies = summed(copies, x)
    return mixed(parts)
