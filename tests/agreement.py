"""What it means that a law is right: exact ones equal the truth, floating ones are within their stated error."""

import math
from fractions import Fraction

import numpy as np


def stored(X):
    """The positive weights by outcome, as the exact numbers that the law holds (also those below the doubles)."""
    if X.is_exact:
        return X.to_dict()
    weights = X.law.measure.weights
    significands = weights.significands
    exponents = np.zeros(len(significands), dtype=np.int64) if weights.exponents is None else weights.exponents
    assert np.isfinite(significands).all()
    assert (significands >= 0).all(), "a negative probability"
    values = [
        Fraction(s) * Fraction(2) ** e for s, e in zip(significands.tolist(), exponents.tolist(), strict=True) if s
    ]
    return dict(zip(X.support, values, strict=True))


def worst_error(X, truth):
    """The largest relative error of a weight; the support must be right."""
    found = stored(X)
    assert list(found) == sorted(truth), "the support is wrong"
    return max(abs(found[x] - p) / p for x, p in truth.items())


def assert_law(X, truth):
    """X is the law with these Fractions: the same outcomes, exactly or within the stated error."""
    truth = {x: p for x, p in truth.items() if p}
    if X.is_exact:
        assert X.error == 0
        assert X.to_dict() == truth
        assert list(X.support) == sorted(truth)
        assert all(isinstance(p, Fraction) for p in X.to_dict().values())
    else:
        assert 0 <= X.error < 1e-5
        assert worst_error(X, truth) <= Fraction(X.error)
    assert X.missing == 0


def assert_close(found, expected, rel=1e-12, floor=0.0):
    assert math.isclose(float(found), float(expected), rel_tol=rel, abs_tol=floor), f"{found} is not {expected}"
