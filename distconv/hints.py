"""What people try on a law, from other libraries or from habit, and what to write instead."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from distconv.errors import DistconvTypeError

if TYPE_CHECKING:
    from distconv.distribution import Distribution

#: A table of pandas, and what its own exporters take.
SERIES = "pandas.Series(X.to_dict())"

#: The way by the name that is tried; each is an expression in X that can be pasted.
WAYS = {
    "absolute": "abs(X)",
    "average": "X.mean()",
    "between": "X.prob_box(3, 5)",
    "ccdf": "X.sf(3)",
    "ceil": "-(-X // 1)",
    "copies": "10 @ X",
    "convolve": "X + X",
    "corr": "X.cov()",
    "cvar": "X.tail_mean(0.95)",
    "describe": "print(X)",
    "draw": "X.rvs(5)",
    "expectation": "X.mean()",
    "expected_value": "X.mean()",
    "expected_shortfall": "X.tail_mean(0.95)",
    "floor": "X // 1",
    "explode": "distconv.explode(X)",
    "inverse_cdf": "X.ppf(0.5)",
    "items": "X.to_dict().items()",
    "keys": "X.support",
    "kurt": "X.kurtosis()",
    "log_prob": "X.logpmf(3)",
    "logpdf": "X.logpmf(3)",
    "max": "X.high",
    "min": "X.low",
    "outcomes": "X.support",
    "pdf": "X.pmf(3)",
    "percentile": "X.ppf(0.95)",
    "prob_ge": "X.at_least(3)",
    "prob_gt": "X.sf(3)",
    "prob_le": "X.at_most(3)",
    "prob_lt": "X.prob(lambda x: x < 3)",
    "probabilities": "X.to_arrays()[1]",
    "probability": "X.pmf(3)",
    "quantile": "X.ppf(0.95)",
    "random": "X.rvs(5)",
    "reroll": "distconv.reroll(X, 1)",
    "roll": "X.rvs()",
    "sample": "X.rvs(5)",
    "save": "pickle.dumps(X)",
    "sd": "X.std()",
    "sigma": "X.std()",
    "skew": "X.skewness()",
    "stdev": "X.std()",
    "summary": "print(X)",
    "survival": "X.sf(3)",
    "table": "print(X)",
    "to_csv": f"{SERIES}.to_csv()",
    "to_frame": f"{SERIES}.to_frame()",
    "to_json": f"{SERIES}.astype(float).to_json()",
    "to_list": "list(X)",
    "to_numpy": "X.to_arrays()",
    "to_series": SERIES,
    "tolist": "list(X)",
    "tvar": "X.tail_mean(0.95)",
    "value_at_risk": "X.ppf(0.95)",
    "values": "X.to_dict().values()",
    "variance": "X.var()",
}


def no_attribute(X: Distribution, name: str) -> NoReturn:
    """Refuses an attribute that a law does not have, and says what to write where the name is a usual one.

    Raises:
        AttributeError: always.
    """
    way = f"X.parameters[{name!r}]" if name != "law" and name in X.law.parameters else WAYS.get(name)
    if way is None:
        error = AttributeError(f"{type(X).__name__!r} object has no attribute {name!r}")
        error.name, error.obj = name, X
        raise error
    # Without the object, or Python would append a guess of its own.
    raise AttributeError(f"a Distribution has no {name!r}; write {way}", name=name, obj=None)


def no_order(X: object, other: object) -> NoReturn:  # noqa: ARG001 - a method of laws
    """Refuses ``X < other``."""
    if hasattr(other, "cdf") and hasattr(other, "ndim"):
        raise DistconvTypeError(
            "laws have no order; for P(X > Y) of independent X and Y write (X - Y).sf(0), for P(X < Y) (Y - X).sf(0)"
        )
    raise DistconvTypeError(
        f"a law is not a number, so it cannot be compared with {other!r}; for P(X > {other!r}) write "
        f"X.sf({other!r}), for P(X >= {other!r}) X.at_least({other!r}), for P(X <= {other!r}) X.at_most({other!r}), "
        f"for other events X.prob(lambda x: x != {other!r})"
    )


def no_truth(X: object) -> NoReturn:  # noqa: ARG001 - a method of laws
    """Refuses ``bool(X)``."""
    raise DistconvTypeError(
        "a law has no truth value; for a probability write X.prob(lambda x: x > 5), to compare laws X == Y"
    )


def no_length(X: Distribution) -> int:
    """Refuses ``len(X)``; of an infinite law so that ``list(X)`` ends, too."""
    X.law.check_listed("len")
    raise DistconvTypeError("a law has no length; the number of its outcomes is len(X.support)")


def no_entry(X: object, outcome: object) -> NoReturn:  # noqa: ARG001 - a method of laws
    """Refuses ``X[outcome]``."""
    raise DistconvTypeError(f"a law is not a table; for P(X = {outcome!r}) write X.pmf({outcome!r})")


def no_power(X: object, exponent: object) -> NoReturn:  # noqa: ARG001 - a method of laws
    """Refuses ``X ** exponent``."""
    raise DistconvTypeError(
        f"X ** {exponent!r} is not defined: for the sum of {exponent!r} independent copies write {exponent!r} @ X, for "
        f"the law of the power X.map(lambda x: x ** {exponent!r})"
    )


def no_product(other: object) -> None:
    """Refuses ``X * Y``."""
    if not hasattr(other, "law"):
        return
    raise DistconvTypeError(
        "the product of random variables is not a convolution: for n independent copies summed use n @ X, to "
        "scale outcomes 2 * X (a number), for the joint law product(X, Y), and for the law of the product "
        "product(X, Y).map(lambda p: p[0] * p[1])"
    )
