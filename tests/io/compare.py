"""Putting columns together again, to compare them with what the libraries read."""

from __future__ import annotations

import awkward as ak
import numpy as np


def as_awkward(column):
    """Return a column as an array of awkward."""
    content = ak.contents.NumpyArray(column.content)
    for offsets in (column.inner_offsets, column.offsets):
        if offsets is not None:
            content = ak.contents.ListOffsetArray(ak.index.Index64(offsets), content)
    return ak.Array(content)


def as_lists(column):
    """Return a column as nested Python lists."""
    return as_awkward(column).to_list()


def same(column, array, dtype):
    """Whether a column holds exactly an array of awkward, with this type of values; NaN equals NaN."""
    if column.content.dtype != dtype:
        return False
    layout = ak.from_regular(array, axis=None).layout if column.inner_offsets is not None else array.layout
    for level in (column.offsets, column.inner_offsets):
        if level is not None:
            layout = layout.to_ListOffsetArray64(True)
            if not np.array_equal(level, layout.offsets.data):
                return False
            layout = layout.content[: level[-1]]
    values = ak.to_numpy(layout)
    return np.array_equal(column.content, values, equal_nan=values.dtype.kind == "f")
