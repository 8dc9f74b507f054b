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


def told(source, names=None):
    """All that a source of a TTree says of it, and of some columns, and values of these as bytes."""
    columns, stop = dict(source.columns), min(source.entries, 40)
    names = list(columns) if names is None else names
    pieces = {n: source.pieces(n) for n in names}
    values = {n: [None if x is None else x.tobytes() for x in c] for n, c in source.read(names, 0, stop).items()}
    return {
        "tree": (source.tree, source.entries, source.identity, source.file_bytes),
        "columns": columns,
        "unreadable": dict(source.unreadable),
        "pieces": {n: (p.edges.tolist(), p.sizes.tolist(), p.edges.dtype) for n, p in pieces.items()},
        "boundaries": [source.boundaries([n]) for n in names] + [source.boundaries(names)],
        "bytes": [source.stored_bytes(n) for n in names],
        "ordinary": [source.is_ordinary(n) for n in names],
        "baskets": {n: source._baskets(n, 3, stop) for n in names} if stop > 3 else {},
        "values": values,
    }
