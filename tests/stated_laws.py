"""Operations that return floating laws, each beside its definition in exact arithmetic: (law, truth) of a case."""

from __future__ import annotations

import itertools
from dataclasses import replace
from fractions import Fraction

import numpy as np
import oracle
from known_laws import known, of, operand

from distconv import (
    Bernoulli,
    Binomial,
    Distribution,
    Multinomial,
    PoissonBinomial,
    Trials,
    Uniform,
    Walk,
    compound,
    convolve,
    deconvolve,
    highest,
    joint,
    lowest,
    maximum,
    minimum,
    mixture,
    monoids,
    order_statistic,
    posterior,
    power,
    product,
    root,
    sum_of,
)
from distconv.laws.finite import Finite
from distconv.measure.arranging import select


def ndim(rng):
    return rng.choice((1, 1, 2))


def some_of(rng, truth):
    """A predicate that holds for some outcomes."""
    kept = set(rng.sample(list(truth), rng.randint(1, len(truth))))
    return lambda x: x in kept


def over(truths, function):
    """The law of a function of independent outcomes."""
    result = {}
    for pairs in itertools.product(*(t.items() for t in truths)):
        p = Fraction(1)
        for _, q in pairs:
            p *= q
        image = function(*(x for x, _ in pairs))
        result[image] = result.get(image, Fraction(0)) + p
    return result


def chance(rng):
    """A double between 0 and 1, both near and far."""
    return rng.choice((rng.random(), 10.0 ** -rng.uniform(0, 320), 1 - 10.0 ** -rng.uniform(1, 15)))


# Sums -----------------------------------------------------------------------------------------------------------------


def sum_(rng):
    d, most = ndim(rng), rng.choice((5, 5, 40))
    x, y = operand(rng, most, ndim=d), operand(rng, most, ndim=d)
    return x.law + y.law, oracle.convolve(x.truth, y.truth)


def difference(rng):
    x, y = operand(rng), operand(rng)
    return x.law - y.law, oracle.convolve(x.truth, oracle.scale(y.truth, -1))


def convolve_by_method(rng):
    d = ndim(rng)
    x, y = known(rng, ndim=d), known(rng, ndim=d)
    method = rng.choice(("sparse", "direct", "fft", "ball"))
    return convolve(x.law, y.law, method=method), oracle.convolve(x.truth, y.truth)


def with_exact(rng):
    x, n = operand(rng), rng.randint(1, 6)
    die = {i: Fraction(1, n) for i in range(1, n + 1)}
    return x.law + Uniform(1, n), oracle.convolve(x.truth, die)


def power_(rng):
    d = ndim(rng)
    x, n = operand(rng, 3, ndim=d), rng.randint(0, 6)
    law = rng.choice((lambda: n @ x.law, lambda: power(x.law, n)))()
    return law, oracle.power(x.truth, n)


def long_power(rng):
    x, n = known(rng, rng.choice((3, 12)), "whole", shapes=("flat",)), rng.choice((16, 33))
    return n @ x.law, oracle.power(x.truth, n)


def sum_of_(rng):
    parts = [(known(rng, rng.choice((3, 8))), rng.choice((1, 1, 2, 3))) for _ in range(rng.randint(1, 4))]
    truth = {0: Fraction(1)}
    for x, n in parts:
        truth = oracle.convolve(truth, oracle.power(x.truth, n))
    return sum_of([x.law for x, n in parts for _ in range(n)] + [Fraction(3, 2)]), oracle.shift(truth, Fraction(3, 2))


def sum_of_one_law_known_twice(rng):
    x = known(rng, 4)
    y = of(rng, x.truth)
    truth = oracle.convolve(oracle.power(x.truth, 2), y.truth)
    return sum_of([x.law, y.law, x.law]), truth


def trials(rng):
    ps = [chance(rng) for _ in range(rng.choice((1, 3, 10)))]
    truth = {0: Fraction(1)}
    for p in ps:
        truth = oracle.convolve(truth, {0: 1 - Fraction(p), 1: Fraction(p)})
    return PoissonBinomial(ps), {x: p for x, p in truth.items() if p}


def weighted_trials(rng):
    ps = [chance(rng) for _ in range(rng.choice((1, 3, 6)))]
    values, n = [rng.randint(-3, 9) for _ in ps], [rng.randint(0, 2) for _ in ps]
    truth = {0: Fraction(1)}
    for p, value, count in zip(ps, values, n, strict=True):
        for _ in range(count):
            truth = oracle.convolve(truth, oracle.push({0: 1 - Fraction(p), 1: Fraction(p)}, lambda v, c=value: c * v))
    return Trials(ps, values, n), {x: p for x, p in truth.items() if p}


def families(rng):
    p, n = chance(rng), rng.randint(1, 8)
    coin = {x: w for x, w in {0: 1 - Fraction(p), 1: Fraction(p)}.items() if w}
    kind = rng.randrange(3)
    if kind == 0:
        return Bernoulli(p).to_float(), coin
    if kind == 1:
        return Binomial(n, p) + Binomial(2, p), oracle.power(coin, n + 2)
    raw = [rng.random() + 0.01 for _ in range(3)]
    ps = [v / sum(raw) for v in raw]
    step = {tuple(int(i == j) for j in range(3)): Fraction(q) for i, q in enumerate(ps)}
    return Multinomial(n, ps), oracle.power(step, n)


# Moves and images -----------------------------------------------------------------------------------------------------


def scale(rng):
    d = ndim(rng)
    x, c = operand(rng, ndim=d), rng.choice((2, -1, Fraction(-1, 3), Fraction(7, 2)))
    law = rng.choice((lambda: c * x.law, lambda: x.law / (1 / Fraction(c))))()
    return law, oracle.scale(x.truth, c)


def shift(rng):
    x, c = operand(rng), rng.choice((2, Fraction(-1, 3), 10**15))
    return rng.choice((lambda: x.law + c, lambda: x.law - (-c)))(), oracle.shift(x.truth, c)


def map_(rng):
    d, n = ndim(rng), rng.randint(1, 4)
    x = operand(rng, ndim=d)

    def image(v):
        return sum(v) // n if isinstance(v, tuple) else v // n

    return x.law.map(image), oracle.push(x.truth, image)


def round_(rng):
    d, step = ndim(rng), rng.choice((2, Fraction(1, 2), Fraction(5, 3)))
    x = operand(rng, ndim=d)

    def nearest(v):
        return round(Fraction(v) / step) * step

    image = nearest if d == 1 else lambda v: tuple(map(nearest, v))
    return x.law.round(step), oracle.push(x.truth, image)


def clip(rng):
    x = operand(rng)
    low, high = sorted(rng.choices(list(x.truth), k=2))
    return x.law.clip(low, high), oracle.push(x.truth, lambda v: min(max(v, low), high))


def floor_divided(rng):
    x, n = operand(rng), rng.choice((1, 3, Fraction(5, 2)))
    return x.law // n, oracle.push(x.truth, lambda v: tuple(c // n for c in v) if isinstance(v, tuple) else v // n)


def norm(rng):
    x = operand(rng)
    size = lambda v: sum(map(abs, v)) if isinstance(v, tuple) else abs(v)  # noqa: E731
    return x.law.norm(1), oracle.push(x.truth, size)


def modulo(rng):
    x, n = operand(rng), rng.choice((1, 3, Fraction(5, 2)))
    return x.law % n, oracle.push(x.truth, lambda v: v % n)


def marginal(rng):
    x, axes = operand(rng, ndim=2), rng.choice(((0,), (1,), (1, 0)))
    law = oracle.push(x.truth, lambda v: tuple(v[i] for i in axes) if len(axes) > 1 else v[axes[0]])
    return x.law.marginal(*axes), law


def matrix(rng):
    x = operand(rng, ndim=2)
    rows = [[rng.choice((0, 1, -1, 2, Fraction(1, 2))) for _ in range(2)] for _ in range(rng.choice((1, 2)))]

    def image(v):
        found = tuple(a * v[0] + b * v[1] for a, b in rows)
        return found if len(found) > 1 else found[0]

    return rows @ x.law, oracle.push(x.truth, image)


def joint_(rng):
    x, y, z = operand(rng), operand(rng), operand(rng)
    return joint(x.law, y.law, z.law), over([x.truth, y.truth, z.truth], lambda a, b, c: (a, b, c))


def product_(rng):
    x, y = operand(rng), operand(rng, ndim=2)
    return product(x.law, y.law), over([x.truth, y.truth], lambda a, b: (a, *b))


def to_float(rng):
    counts = {i: rng.randint(1, 10**20) for i in range(rng.randint(1, 6))}
    total = sum(counts.values())
    return Distribution.from_counts(counts).to_float(), {x: Fraction(c, total) for x, c in counts.items()}


def normalized(rng):
    x, y = operand(rng, 4), rng.choice((1e-300, 1.0, 3.7, 1e200))
    masses = {v: float(p) * y for v, p in x.truth.items() if float(p) * y}
    exact = {v: Fraction(m) for v, m in masses.items()}
    total = sum(exact.values())
    make = rng.choice(
        (
            lambda: Distribution(masses, normalize=True),
            lambda: Distribution.from_counts(masses),
            lambda: Distribution.from_arrays([Fraction(v) for v in masses], list(masses.values()), normalize=True),
        )
    )
    return make(), {v: m / total for v, m in exact.items()}


def array(rng):
    masses = [rng.choice((rng.random(), 5e-324, 1e-200)) for _ in range(rng.randint(1, 9))]
    total = sum(map(Fraction, masses))
    truth = {i: Fraction(m) / total for i, m in enumerate(masses)}
    return Distribution.from_array(masses, normalize=True), truth


# What is known --------------------------------------------------------------------------------------------------------


def given(rng):
    x = operand(rng, ndim=ndim(rng))
    event = some_of(rng, x.truth)
    return x.law.given(event), oracle.given(x.truth, event)


def given_twice(rng):
    x = operand(rng, 8)
    event = some_of(rng, x.truth)
    once = oracle.given(x.truth, event)
    again = some_of(rng, once)
    return x.law.given(event).given(again), oracle.given(once, again)


def without_missing(rng):
    x = operand(rng)
    event = some_of(rng, x.truth)
    ranks = np.array([i for i, v in enumerate(x.law.support) if event(v)])
    places = x.law.law.measure.weights.positive()[ranks]
    defective = Distribution.of(Finite(replace(select(x.law.law.measure, places), missing=0.5)))
    return defective.without_missing(), oracle.given(x.truth, event)


def truncate(rng):
    x = operand(rng)
    low, high = sorted(rng.choices(list(x.truth), k=2))
    return x.law.truncate(low, high), oracle.given(x.truth, lambda v: low <= v <= high)


def given_sum(rng):
    x, y = operand(rng, axis="whole"), operand(rng, axis="whole")
    pairs = oracle.product(x.truth, y.truth)
    total = rng.choice([a + b for a, b in pairs])
    event = rng.choice((total, lambda s: s >= total))
    known_ = oracle.given(pairs, (lambda p: sum(p) >= total) if callable(event) else (lambda p: sum(p) == total))
    return x.law.given_sum(y.law, event), oracle.push(known_, lambda p: p[0])


def mixture_(rng):
    d = ndim(rng)
    parts = [operand(rng, 4, ndim=d) for _ in range(rng.randint(1, 4))]
    raw = [chance(rng) + 1e-300 for _ in parts]
    kind = rng.choice(("exact", "float", "normalize"))
    weights = raw if kind == "normalize" else [v / sum(raw) for v in raw]
    exact = [Fraction(w) for w in weights]
    if kind == "exact":
        exact = [w / sum(exact) for w in exact]
        weights = exact
    total = sum(exact) if kind == "normalize" else 1
    truth = {}
    for x, w in zip(parts, exact, strict=True):
        for v, p in x.truth.items():
            truth[v] = truth.get(v, Fraction(0)) + w / total * p
    pairs = [(x.law, w) for x, w in zip(parts, weights, strict=True)]
    return mixture(pairs, normalize=kind == "normalize"), {v: p for v, p in truth.items() if p}


def believed(rng):
    """(prior, the known laws by hypothesis, what is observed, the truth)."""
    prior = operand(rng, 4, axis="whole")
    same = list(range(rng.randint(1, 4)))
    seen = [rng.choice(same) for _ in range(rng.randint(1, 6))]
    laws = {}
    for h in prior.truth:
        masses = [Fraction(rng.choice((rng.random() + 0.01, 10.0 ** -rng.uniform(0, 300)))) for _ in same]
        laws[h] = of(rng, {x: m / sum(masses) for x, m in zip(same, masses, strict=True)})
    after = dict(prior.truth)
    for h in after:
        for x in seen:
            after[h] *= laws[h].truth[x]
    total = sum(after.values())
    return prior, laws, seen, {h: p / total for h, p in after.items()}


def posterior_(rng):
    prior, laws, seen, truth = believed(rng)
    return posterior(prior.law, {h: x.law for h, x in laws.items()}, seen if len(seen) > 1 else seen[0]), truth


def repeated_posterior(rng):
    prior, laws, seen, truth = believed(rng)
    law = prior.law
    for x in seen:
        law = posterior(law, lambda h: laws[h].law, x)
    return law, truth


# Other operations than sums -------------------------------------------------------------------------------------------

MONOIDS = {
    "maximum": (monoids.maximum, max, "any"),
    "minimum": (monoids.minimum, min, "any"),
    "modulo": (monoids.modulo(4), lambda a, b: (a + b) % 4, "whole"),
    "xor": (monoids.xor, lambda a, b: a ^ b, "whole"),
    "multiply": (monoids.multiply, lambda a, b: a * b, "positive"),
    "table": (monoids.Monoid(lambda a, b: min(a + b, 3), 0), lambda a, b: min(a + b, 3), "whole"),
}


def under(rng, name, most=5):
    monoid, op, axis = MONOIDS[name]
    return monoid, op, lambda: operand(rng, most, axis)


def convolve_under(rng):
    monoid, op, make = under(rng, rng.choice(list(MONOIDS)), rng.choice((4, 4, 80)))
    x, y = make(), make()
    return convolve(x.law, y.law, monoid=monoid), over([x.truth, y.truth], op)


def power_under(rng):
    monoid, op, make = under(rng, rng.choice(list(MONOIDS)))
    x, n = make(), rng.randint(1, 6)
    truth = x.truth
    if monoid.way == "modulo":
        truth = oracle.push(truth, lambda v: v % 4)
    base = truth
    for _ in range(n - 1):
        truth = over([truth, base], op)
    return power(x.law, n, monoid=monoid), truth


def extremes(rng):
    parts = [operand(rng, 4) for _ in range(rng.randint(1, 3))]
    law, best = rng.choice(((maximum, max), (minimum, min)))
    return law(*(x.law for x in parts)), over([x.truth for x in parts], lambda *v: best(v))


def order(rng):
    x, n = operand(rng, 4), rng.randint(1, 4)
    k = rng.randint(1, n)
    return order_statistic(x.law, n, k), over([x.truth] * n, lambda *v: sorted(v)[k - 1]), n * x.off


def highest_(rng):
    x, n = known(rng, 4, "whole"), rng.randint(1, 4)
    keep = rng.randint(0, n)
    law, top = rng.choice(((highest, True), (lowest, False)))
    return law(x.law, n, keep), over([x.truth] * n, lambda *v: sum(sorted(v, reverse=top)[:keep])), n * x.off


# Random numbers of terms ----------------------------------------------------------------------------------------------


def compound_(rng):
    counts, x = operand(rng, 3, "whole"), operand(rng, 3, rng.choice(("whole", "any")))
    truth = {}
    for n, p in counts.truth.items():
        for v, q in oracle.power(x.truth, n).items():
            truth[v] = truth.get(v, Fraction(0)) + p * q
    law = rng.choice((lambda: counts.law @ x.law, lambda: compound(counts.law, x.law)))()
    return law, truth, counts.off + max(counts.truth) * x.off


def exact_count(rng):
    n, x = rng.randint(1, 5), operand(rng, 3, ndim=ndim(rng))
    truth = {}
    for k in range(1, n + 1):
        for v, q in oracle.power(x.truth, k).items():
            truth[v] = truth.get(v, Fraction(0)) + q / n
    return Uniform(1, n) @ x.law, truth


def trials_count(rng):
    x, n, p = operand(rng, 3), rng.randint(1, 5), chance(rng)
    step = oracle.push(x.truth, lambda v: v)
    step = {v: q * Fraction(p) for v, q in step.items()}
    step[0] = step.get(0, Fraction(0)) + 1 - Fraction(p)
    step = {v: q for v, q in step.items() if q}
    return Binomial(n, p) @ x.law, oracle.power(step, n)


# Walks ----------------------------------------------------------------------------------------------------------------


def steps_of(rng, count):
    """A walk of equal or different steps, and the truths of its steps."""
    d = ndim(rng)
    parts = [operand(rng, 3, "whole", d) for _ in range(count)]
    if rng.random() < 0.5:
        parts = parts[:1] * count
    return Walk([x.law for x in parts]), [x.truth for x in parts], (0 if d == 1 else (0, 0))


def position(rng):
    walk, steps, here = steps_of(rng, 3)
    k = rng.randint(0, 3)
    truth = {here: Fraction(1)}
    for step in steps[:k]:
        truth = oracle.convolve(truth, step)
    return rng.choice((lambda: walk.position(k), lambda: list(walk)[k]))(), truth


def bridge(rng):
    walk, steps, here = steps_of(rng, 3)
    paths = {(here,): Fraction(1)}
    for step in steps:
        paths = {(*path, oracle.plus(path[-1], s)): p * q for path, p in paths.items() for s, q in step.items()}
    end = rng.choice([path[-1] for path in paths])
    k = rng.randint(0, 3)
    kept = oracle.given(paths, lambda path: path[-1] == end)
    tied = rng.choice((lambda: walk.bridge(end), lambda: walk.given(3, end)))()
    return rng.choice((lambda: tied.position(k), lambda: list(tied)[k]))(), oracle.push(kept, lambda path: path[k])


def absorbed(rng):
    """(a walk, a region, the measures of paths that never left it)."""
    walk, steps, here = steps_of(rng, 4)
    everywhere = {here}
    reached = {here: Fraction(1)}
    for step in steps:
        reached = oracle.convolve(reached, step)
        everywhere |= set(reached)
    kept = {here, *rng.sample(sorted(everywhere), rng.randint(1, len(everywhere)))}
    parts = [{here: Fraction(1)}]
    for step in steps:
        moved = oracle.convolve(parts[-1], step) if parts[-1] else {}
        parts.append({x: p for x, p in moved.items() if x in kept})
    return walk, steps, kept, parts


def stay(rng):
    walk, _, kept, parts = absorbed(rng)
    k = max(i for i, part in enumerate(parts) if part)
    return walk.stay(rng.choice((list(kept), lambda x: x in kept))).position(k), oracle.given(parts[k], lambda _: True)


def all_paths(rng, d=None):
    """(a walk, the exact chances of all its paths)."""
    count = rng.randint(2, 3)
    parts = [operand(rng, 3, "whole", d or ndim(rng))] * count
    step, law = parts[0].truth, parts[0].law
    here = 0 if not isinstance(next(iter(step)), tuple) else (0, 0)
    paths = {(here,): Fraction(1)}
    for _ in range(count):
        paths = {(*path, oracle.plus(path[-1], s)): p * q for path, p in paths.items() for s, q in step.items()}
    return Walk.repeat(law, count), paths


def pushed(paths, f):
    found = {}
    for path, p in paths.items():
        value = f(path)
        if value is not None:
            found[value] = found.get(value, Fraction(0)) + p
    return found


def staying(rng):
    walk, paths = all_paths(rng)
    some = rng.choice(list(paths))
    kept = {*some, *rng.choice(list(paths))}
    truth = oracle.given(paths, kept.issuperset)
    k = rng.randint(0, len(walk))
    return walk.staying(kept).position(k), oracle.push(truth, lambda path: path[k])


def walled(rng):
    """A step at a time: what lies beyond a wall comes back."""
    n, step = rng.randint(2, 3), operand(rng, 3, "whole", 1)
    is_mirror = rng.random() < 0.5
    here = {0: Fraction(1)}
    for _ in range(n):
        here = oracle.push(oracle.convolve(here, step.truth), lambda x: abs(x) if is_mirror else max(x, 0))
    walk = Walk.repeat(step.law, n)
    return (walk.reflected(low=0) if is_mirror else walk.clipped(low=0)).final, here


def leaving(rng):
    walk, paths = all_paths(rng, 1)
    kept = set(rng.choice(list(paths))) | {0}

    def first(path):
        return next(((k, x) for k, x in enumerate(path) if x not in kept), None)

    truth = pushed(paths, first)
    if not truth:
        return leaving(rng)
    return walk.first_exit(kept), truth


def returning(rng):
    walk, paths = all_paths(rng)
    truth = pushed(paths, lambda path: next((k for k, x in enumerate(path) if k and x == path[0]), None))
    return (walk.first_return(), truth) if truth else returning(rng)


def along(rng):
    walk, paths = all_paths(rng, 1)
    kept = set(rng.choice(list(paths)))
    return rng.choice(
        (
            lambda: (walk.maximum(), pushed(paths, max)),
            lambda: (walk.minimum(), pushed(paths, min)),
            lambda: (walk.record(max, 0), pushed(paths, max)),
            lambda: (walk.time_in(kept), pushed(paths, lambda path: sum(x in kept for x in path[1:]))),
        )
    )()


# Backwards ------------------------------------------------------------------------------------------------------------


def deconvolve_(rng):
    d = ndim(rng)
    x, y = known(rng, 4, ndim=d), known(rng, 4, ndim=d)
    total = of(rng, oracle.convolve(x.truth, y.truth))
    return deconvolve(total.law, y.law), x.truth


def root_(rng):
    x, n = known(rng, 4, ndim=ndim(rng)), rng.randint(1, 4)
    return root(of(rng, oracle.power(x.truth, n)).law, n), x.truth


#: Every operation: a seeded case gives the law that the library finds, what it stands for, and, where doubles whose
#: total is 1 but for rounding are taken to total 1, how far from that they are.
LAWS = {
    "X + Y": sum_,
    "X - Y": difference,
    "convolve(method=)": convolve_by_method,
    "X + exact": with_exact,
    "n @ X": power_,
    "n @ X, many": long_power,
    "sum_of": sum_of_,
    "sum_of, known twice": sum_of_one_law_known_twice,
    "PoissonBinomial": trials,
    "Trials": weighted_trials,
    "families": families,
    "c * X": scale,
    "X + c": shift,
    "map": map_,
    "round": round_,
    "clip": clip,
    "X % n": modulo,
    "X // n": floor_divided,
    "norm": norm,
    "marginal": marginal,
    "matrix @ X": matrix,
    "product": product_,
    "joint": joint_,
    "to_float": to_float,
    "normalize": normalized,
    "from_array": array,
    "given": given,
    "given, twice": given_twice,
    "without_missing": without_missing,
    "truncate": truncate,
    "given_sum": given_sum,
    "mixture": mixture_,
    "posterior": posterior_,
    "posterior, in turn": repeated_posterior,
    "convolve(monoid=)": convolve_under,
    "power(monoid=)": power_under,
    "maximum, minimum": extremes,
    "order_statistic": order,
    "highest, lowest": highest_,
    "N @ X": compound_,
    "Uniform @ X": exact_count,
    "Binomial @ X": trials_count,
    "Walk.position": position,
    "Walk.bridge": bridge,
    "Walk.stay": stay,
    "Walk.staying": staying,
    "Walk, walls": walled,
    "Walk.first_exit": leaving,
    "Walk.first_return": returning,
    "Walk, along the way": along,
    "deconvolve": deconvolve_,
    "root": root_,
}
