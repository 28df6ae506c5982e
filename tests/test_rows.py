"""Trees of rows: what is wanted of a sum, what may be left out of it, and the lengths of transforms."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from distconv.methods import tree
from distconv.numbers.smooth import smooth


def rows_of(laws):
    fractions, exponents = np.frexp(np.concatenate(laws))
    starts = np.concatenate(([0], np.cumsum([len(law) for law in laws])))
    return tree.Rows(fractions, exponents.astype(np.int64), starts, np.ones(len(laws), int), np.zeros(len(laws)))


def values_of(rows):
    return np.ldexp(rows.significands, rows.exponents.astype(np.int32))


@given(
    st.lists(st.integers(1, 60), min_size=1, max_size=12),
    st.none() | st.integers(1, 80),
    st.sampled_from([0.0, 1e-12, 1e-3, 0.4]),
    st.integers(0, 2**32),
)
def test_what_is_left_out_of_a_sum_is_spare(lengths, most, spare, seed):
    draw = np.random.default_rng(seed)
    laws = [np.exp(-draw.uniform(0, 3) * np.arange(n)) * draw.uniform(0.5, 1, n) for n in lengths]
    laws = [law / law.sum() for law in laws]
    whole = laws[0]
    for law in laws[1:]:
        whole = np.convolve(whole, law)
    found, skipped = tree.part(rows_of(laws), 1e-10, lambda _: None, tree.Wanted(most, spare))
    kept = values_of(found)
    there = whole[skipped : skipped + len(kept)]
    # Never more than the sum holds, and less by what is spare at most.
    assert (kept <= there * (1 + 1e-9)).all()
    wanted = len(whole) if most is None else min(most, len(whole))
    assert whole[:wanted].sum() - kept[: max(wanted - skipped, 0)].sum() <= spare + 1e-12
    if not spare:
        assert skipped == 0
        assert len(kept) == wanted or len(lengths) == 1
        np.testing.assert_allclose(kept, there, rtol=1e-9)


def test_ends_that_are_spare_make_sums_short():
    laws = [np.full(100, 0.01)] * 64
    found, skipped = tree.part(rows_of(laws), 1e-10, lambda _: None, tree.Wanted(None, 1e-6))
    assert len(found.significands) < 64 * 99 // 2
    assert skipped > 64 * 99 // 4
    assert values_of(found).sum() == pytest.approx(1, abs=1e-6)


def test_long_rows_wait_for_the_short_ones():
    done = []
    laws = [np.full(4, 0.25)] * 9 + [np.full(5000, 1 / 5000)]
    found = tree.total(rows_of(laws), 1e-10, done.append)
    # 9 short ones in 4 levels, and then the long one.
    assert sum(done) == 9
    assert done[-1] == 1
    assert len(found.significands) == 9 * 3 + 5000


@given(st.integers(1, 10**12))
def test_lengths_have_no_factor_above_five(n):
    found = smooth(n)
    assert n <= found < 2 * n or found == n == 1
    rest = found
    for factor in (2, 3, 5):
        while rest % factor == 0:
            rest //= factor
    assert rest == 1


def test_lengths_are_the_least():
    products = sorted(
        2**a * 3**b * 5**c for a in range(13) for b in range(9) for c in range(6) if 2**a * 3**b * 5**c <= 4096
    )
    assert [smooth(n) for n in range(1, 4097)] == [next(p for p in products if p >= n) for n in range(1, 4097)]
