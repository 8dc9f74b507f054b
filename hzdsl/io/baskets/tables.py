"""Tables of baskets for the native loop: of all columns whose baskets begin at the same entries in one go."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from hzdsl.io.baskets import loop
from hzdsl.io.baskets.directory import Baskets, Numbers, spanned
from hzdsl.io.source import ColumnInfo
from hzdsl.records import dataclass

Bytes = NDArray[np.uint8]
#: Of so many baskets of a branch the first is checked, even where they are trusted.
_SAMPLE = 16
#: Values of a column begin at such addresses.
_ALIGNED = 64
#: Bytes of an offset behind the values: one for each entry, with their number before and the end behind.
_OFFSET = 4


@dataclass(frozen=True)
class Group:
    """Columns whose baskets begin at the same entries: flat ones, or of lists that one counter counts.

    Attributes
    ----------
    names : tuple of str
        The columns.
    edges : int64 array
        The first entry of each basket, and the number of entries.
    table : int64 array
        A row for the loop per column and basket, as far as it is the same whatever is read.
    order : int64 array
        What rows are sorted by: where in the file they lie, but never before an earlier one of their column, whose
        unpacked bytes reach into the place of its values.
    unpacked : int64 array
        Per column, how many bytes all of its baskets have unpacked, as the file states.
    """

    names: tuple[str, ...]
    edges: Numbers
    dtypes: tuple[np.dtype[Any], ...]
    table: Numbers
    order: Numbers
    unpacked: Numbers

    @classmethod
    def of(cls, columns: Mapping[str, Baskets], trust: bool) -> Group:
        """Make the table of some columns."""
        baskets = list(columns.values())
        edges = baskets[0].edges
        seeks = np.stack([b.seeks for b in baskets])
        table = np.zeros((*seeks.shape, loop.ROW), np.int64)
        table[:, :, loop.SEEK], table[:, :, loop.LENGTH] = seeks, np.stack([b.lengths for b in baskets])
        table[:, :, loop.ENTRIES] = np.diff(edges)
        table[:, :, loop.TRUST] = trust & (np.arange(seeks.shape[1]) % _SAMPLE != 0)
        table[:, :, loop.WIDTH] = np.array([b.dtype.itemsize for b in baskets])[:, None]
        unpacked = np.array([b.unpacked for b in baskets])
        order = np.maximum.accumulate(seeks, axis=1)
        return cls(tuple(columns), edges, tuple(b.dtype for b in baskets), table, order, unpacked)

    def span(self, start: int, stop: int) -> tuple[int, int]:
        """Return the numbers of the first and one past the last baskets with entries from `start` to `stop`."""
        return spanned(self.edges, start, stop)

    def reach(self, start: int, stop: int) -> tuple[int, int]:
        """Return the entries of all the baskets that have some from `start` to `stop`."""
        first, last = self.span(start, stop)
        return int(self.edges[first]), int(self.edges[last])


class Lists(NamedTuple):
    """Offsets of the lists of consecutive entries, from entry `first` on."""

    first: int
    offsets: Numbers

    def at(self, entries: Any) -> Any:
        """Return where the lists of these entries begin."""
        return self.offsets[entries - self.first]

    def within(self, start: int, stop: int) -> Numbers:
        """Return the offsets of some entries, from 0."""
        some = self.offsets[start - self.first : stop - self.first + 1]
        return some - some[0] if some[0] else some


class Values(NamedTuple):
    """The values of whole baskets, the first of which begins with the entry `first_entry`."""

    content: NDArray[Any]
    first_entry: int

    def entries(self, start: int, stop: int) -> NDArray[Any]:
        """Return the values of some entries of a flat branch."""
        return self.content[start - self.first_entry : stop - self.first_entry]


class Wanted:
    """Baskets of the columns of a group, and where their values go: those of a column one behind the other.

    Columns that would have more bytes than the file states are left out: their counter is damaged.

    Parameters
    ----------
    group : Group
        The columns.
    start, stop : int
        The entries; whole baskets are read.
    lists : Lists, optional
        Of columns of lists, their offsets.
    """

    def __init__(self, group: Group, start: int, stop: int, lists: Lists | None = None) -> None:
        first, last = group.span(start, stop)
        some = group.table[:, first:last]
        edges = group.edges[first : last + 1]
        ends = edges if lists is None else lists.at(edges)
        expected = np.diff(ends) * some[:, :, loop.WIDTH]
        sums = expected.sum(axis=1)
        kept = np.flatnonzero(sums <= group.unpacked)
        self._first_entry, self.baskets = int(edges[0]), last - first
        self.names = [group.names[k] for k in kept]
        self._dtypes = [group.dtypes[k] for k in kept]
        self._rows, self.order = some[kept], group.order[kept, first:last].ravel()
        self._rows[:, :, loop.EXPECTED] = expected[kept]
        if lists is not None:
            addresses = lists.offsets.ctypes.data + lists.offsets.itemsize * (edges[:-1] - lists.first)
            self._rows[:, :, loop.OFFSETS] = addresses
        # behind the values of the last basket stand its offsets
        behind = _OFFSET * (int(some[:, :, loop.ENTRIES].max(initial=0)) + 2)
        self._sums = sums[kept]
        self._rooms = (self._sums + behind + _ALIGNED - 1) // _ALIGNED * _ALIGNED

    @property
    def room(self) -> int:
        """Bytes of memory for the values, and for what stands behind them."""
        return int(self._rooms.sum())

    def rows(self, memory: Bytes) -> Numbers:
        """Return the rows for the loop, column after column, the values to be put into `memory`."""
        expected = self._rows[:, :, loop.EXPECTED]
        places = np.cumsum(expected, axis=1) - expected
        starts = np.cumsum(self._rooms) - self._rooms
        self._rows[:, :, loop.ROOM] = self._rooms[:, None] - places
        self._rows[:, :, loop.TARGET] = (memory.ctypes.data + starts)[:, None] + places
        return self._rows.reshape(-1, loop.ROW)

    def values(self, memory: Bytes) -> dict[str, Values]:
        """Return the values that were put into `memory`, by column."""
        starts = (np.cumsum(self._rooms) - self._rooms).tolist()
        found = zip(self.names, self._dtypes, starts, self._sums.tolist(), strict=True)
        return {n: Values(memory[at : at + size].view(dtype), self._first_entry) for n, dtype, at, size in found}


class Groups(NamedTuple):
    """The groups of what is read together: flat columns, and by counter the counter itself and the columns of lists."""

    flat: list[Group]
    counters: dict[str, Group]
    lists: dict[str, list[Group]]

    def reach(self, counter: str, start: int, stop: int) -> tuple[int, int]:
        """Return the entries of all the baskets, of a counter and its lists, that have some from `start` to `stop`."""
        reached = [g.reach(start, stop) for g in (self.counters[counter], *self.lists[counter])]
        return min(low for low, _ in reached), max(high for _, high in reached)

    @classmethod
    def of(cls, infos: Mapping[str, ColumnInfo], known: Mapping[str, Baskets], trust: bool) -> Groups:
        """Group columns, whose baskets and whose counters' are known."""
        by_counter = {n: info.counter for n, info in infos.items() if info.depth and info.counter is not None}
        counters = dict.fromkeys(by_counter.values())
        flat = {n: known[n] for n in infos if n not in by_counter and n not in counters}
        return cls(
            _alike(flat, trust),
            {c: Group.of({c: known[c]}, trust) for c in counters},
            {c: _alike({n: known[n] for n, by in by_counter.items() if by == c}, trust) for c in counters},
        )


def _alike(columns: Mapping[str, Baskets], trust: bool) -> list[Group]:
    """Return columns in groups whose baskets begin at the same entries."""
    found: dict[bytes, dict[str, Baskets]] = {}
    for name, baskets in columns.items():
        found.setdefault(baskets.edges.tobytes(), {})[name] = baskets
    return [Group.of(some, trust) for some in found.values()]
