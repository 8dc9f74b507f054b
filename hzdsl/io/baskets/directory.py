"""Where the baskets of a branch lie, told from uproot's metadata, for branches of the ordinary kind.

Ordinary is a branch with one leaf of numbers, one per entry or as many as another branch counts, whose baskets are
all records of the file. Its values stand one behind the other, so that the counter's offsets serve all branches
of a collection and their own need not be looked at. Everything else is left to uproot.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from hzdsl.io.branches import Entry
from hzdsl.io.source import ColumnInfo
from hzdsl.records import dataclass

Numbers = NDArray[np.int64]


@dataclass(frozen=True)
class Baskets:
    """The baskets of one branch, in order.

    Attributes
    ----------
    dtype : numpy.dtype
        Of a value, in the order of bytes of the file.
    seeks, lengths : int64 array
        Where each basket lies in the file, and how long it is, its key included.
    edges : int64 array
        The first entry of each basket, and the number of entries.
    unpacked : int
        How many bytes all of them have unpacked, their keys included, as the file states.
    """

    dtype: np.dtype[Any]
    seeks: Numbers
    lengths: Numbers
    edges: Numbers
    unpacked: int

    def span(self, start: int, stop: int) -> tuple[int, int]:
        """Return the numbers of the first and one past the last basket with entries from `start` to `stop`."""
        return spanned(self.edges, start, stop)

    def place(self, number: int) -> tuple[int, int]:
        """Return the first byte of a basket in the file, and one past its last."""
        seek = int(self.seeks[number])
        return seek, seek + int(self.lengths[number])

    def entries(self, number: int) -> tuple[int, int]:
        """Return the first entry of a basket, and one past its last."""
        return int(self.edges[number]), int(self.edges[number + 1])


def spanned(edges: Numbers, start: int, stop: int) -> tuple[int, int]:
    """Return the numbers of the first and one past the last basket with entries from `start` to `stop`.

    Examples
    --------
    >>> spanned(np.array([0, 10, 20, 30]), 10, 21)
    (1, 3)
    """
    first = int(edges.searchsorted(start, side="right")) - 1
    return first, max(first, int(edges.searchsorted(stop, side="left")))


def baskets_of(entry: Entry, info: ColumnInfo, entries: int) -> Baskets | None:
    """Return the baskets of a column with so many entries, or None where it is not of the ordinary kind."""
    dtype = _stored_dtype(entry, info)
    if dtype is None:
        return None
    branch = entry.branch
    seeks = np.asarray(branch.member("fBasketSeek"), np.int64)
    number = int(np.argmin(seeks != 0)) if (seeks == 0).any() else len(seeks)
    number = min(number, int(branch.member("fWriteBasket")))
    edges = np.asarray(branch.member("fBasketEntry"), np.int64)[: number + 1]
    lengths = np.asarray(branch.member("fBasketBytes"), np.int64)[:number]
    whole = len(edges) == number + 1 and len(lengths) == number and number > 0
    if not whole or edges[0] != 0 or edges[-1] != entries or (np.diff(edges) < 0).any():
        return None  # embedded baskets, a branch that was added later, or numbers that make no sense
    return Baskets(dtype, seeks[:number], lengths, edges, int(branch.member("fTotBytes")))


def _stored_dtype(entry: Entry, info: ColumnInfo) -> np.dtype[Any] | None:
    """Return the type of a value in the file, where the values of the column are just these bytes."""
    from uproot.interpretation.jagged import AsJagged
    from uproot.interpretation.numerical import AsDtype

    interpretation = entry.branch.interpretation
    if entry.leaf is not None or info.depth > 1:
        return None
    if info.depth == 1:
        if not isinstance(interpretation, AsJagged) or interpretation.header_bytes or info.counter is None:
            return None
        interpretation = interpretation.content
    if type(interpretation) is not AsDtype:
        return None
    stored, wanted = interpretation.from_dtype, interpretation.to_dtype
    if stored.names is not None or stored.subdtype is not None or stored.newbyteorder("=") != wanted.newbyteorder("="):
        return None
    found: np.dtype[Any] = stored
    return found
