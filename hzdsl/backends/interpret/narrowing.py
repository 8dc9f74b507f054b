"""A chunk with fewer entries: what is left of its columns."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from hzdsl.backends.base import Array, Chunk
from hzdsl.backends.interpret.values import Indices, Mask
from hzdsl.ir.axes import EVENT
from hzdsl.ir.node import Node


def narrowed(chunk: Chunk, kept: Mask, nodes: Iterable[Node]) -> Chunk:
    """Return the entries that are kept, with those columns and collections that are among the nodes.

    Parameters
    ----------
    chunk : Chunk
        All entries.
    kept : bool array, shape (entries,)
        Which are kept.
    nodes : iterable of Node
        Columns and collections, each after the collection that it is an attribute of.
    """
    at: dict[Node, Indices] = {EVENT: np.flatnonzero(kept)}  # the elements that are kept, by their axis
    columns: dict[str, Array] = {}
    offsets: dict[str, Indices] = {}
    for node in nodes:
        name, above = node.text("name"), at[node.args[0]]
        if node.op == "column":
            columns[name] = chunk.columns[name][above]
            continue
        starts = chunk.offsets[name][above]
        counts = chunk.offsets[name][above + 1] - starts
        offsets[name] = np.concatenate([np.zeros(1, np.int64), np.cumsum(counts)])
        first = np.repeat(starts - offsets[name][:-1], counts)
        at[node] = np.arange(len(first)) + first
    return Chunk(len(at[EVENT]), columns, offsets)
