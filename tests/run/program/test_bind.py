"""Bins of a program."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hzdsl.backends.base import Regular
from hzdsl.run.program.bind import edges_of


@given(st.integers(1, 200), st.floats(-1e6, 1e6), st.floats(1e-3, 1e6))
def test_edges_are_those_of_boost(bins, low, width):
    bh = pytest.importorskip("boost_histogram")
    high = low + width
    assert np.array_equal(edges_of(Regular(bins, low, high)), bh.axis.Regular(bins, low, high).edges)
