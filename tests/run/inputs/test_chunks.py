"""Ranges of entries that end where baskets end."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hzdsl.run.inputs.chunks import entry_ranges


@given(st.integers(1, 500), st.integers(1, 100), st.lists(st.integers(0, 500), max_size=20))
def test_ranges_cover_everything_once(stop, size, marks):
    for boundaries in ((), marks):
        ranges = entry_ranges(stop, size, boundaries)
        assert [0, *(b for _, b in ranges)] == [*(a for a, _ in ranges), stop]
        assert all(a < b for a, b in ranges)
    assert all(b - a == size for a, b in entry_ranges(stop, size)[:-1])
    ends = {stop, *(m for m in marks if 0 < m < stop)} if marks else set(range(size, stop, size)) | {stop}
    for a, b in entry_ranges(stop, size, marks):  # no basket is unpacked twice, and no mark would have been nearer
        assert b in ends
        assert all(abs(b - a - size) <= abs(e - a - size) for e in ends if e > a)
