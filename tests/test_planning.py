"""Plans that are refused, and plans that warn."""

import math

import numpy as np
import pytest

from distconv import DistconvWarning, Distribution, SizeLimitError, plan, settings

WIDE = Distribution.from_array(np.full(3_000_000, 1 / 3_000_000))


def test_a_sum_whose_quick_method_does_not_fit_is_not_begun_by_a_slow_one():
    assert plan(WIDE, WIDE).method == "fft"
    with settings(max_bytes=250 * 2**20):
        with pytest.raises(SizeLimitError, match="raise the limit"):
            WIDE + WIDE
        assert plan(WIDE, Distribution({0: 0.5, 1: 0.5})).method == "direct"


def test_a_slow_plan_says_so_before_it_starts_where_it_was_asked():
    coin = Distribution({0: 0.5, 1: 0.5})
    with settings(warn_seconds=1e-9):
        with pytest.warns(DistconvWarning, match=r"predicted to take .* silences this warning") as caught:
            coin + coin
        assert caught[0].filename == __file__
    with settings(warn_seconds=math.inf):
        coin + coin
