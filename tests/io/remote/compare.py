"""Whether what was read from a server is what was read here."""

from __future__ import annotations

import numpy as np


def equal(left, right):
    """Whether two readings of columns are the same in every bit."""
    return left.keys() == right.keys() and all(
        np.array_equal(left[name].content, right[name].content, equal_nan=right[name].content.dtype.kind == "f")
        and np.array_equal(left[name].offsets, right[name].offsets)
        and np.array_equal(left[name].inner_offsets, right[name].inner_offsets)
        for name in left
    )
