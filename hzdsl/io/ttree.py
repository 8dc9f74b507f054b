"""TTrees: metadata and everything unusual through uproot, ordinary baskets by a native loop."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from hzdsl.errors import HzdslError
from hzdsl.io.baskets import BasketReader, Baskets
from hzdsl.io.catalogue import KnownTree
from hzdsl.io.guard import damage
from hzdsl.io.layout import column_of_layout
from hzdsl.io.source import Column, ColumnInfo, Pieces, check_range, find_column
from hzdsl.io.storage import Storage
from hzdsl.io.stored import StoredSource

#: By how much the values of a basket may exceed what its compressed size says.
_UNEVEN = 1.1
#: How often uproot holds the values of a branch while it reads them.
_COPIES = 3


class TTreeSource(StoredSource):
    """One TTree of an open ROOT file; see `hzdsl.io.source.Source`."""

    def __init__(self, storage: Storage, known: KnownTree, trust: bool = False) -> None:
        self._storage, self._known = storage, known
        self.path, self.tree, self.entries = storage.path, known.tree, known.entries
        self.identity: str | None = known.identity
        self._where = f"tree {known.tree} of {storage.path}"
        self._reader = BasketReader(storage, trust)
        self._unlike: set[str] = set()

    @property
    def columns(self) -> Mapping[str, ColumnInfo]:
        """Every column that can be read; each is described when it is asked for."""
        return self._known.columns

    @property
    def unreadable(self) -> Mapping[str, str]:
        """Every other branch with its C++ type."""
        return self._known.unreadable

    def is_ordinary(self, name: str) -> bool:
        """Return whether the native loop reads a column, as far as is known: a basket may be unlike the others."""
        return self._natively(self._find(name)) is not None

    def read(self, names: Sequence[str], start: int, stop: int, as_stored: bool = False) -> dict[str, Column]:
        """Read the entries from `start` up to, not including, `stop` of the named columns."""
        check_range(self.entries, start, stop)
        infos = {info.name: info for info in map(self._find, names)}
        natively = self._read_natively(infos, start, stop)
        read = {name: natively.get(name) or self._read_one(info, start, stop) for name, info in infos.items()}
        by_uproot = {info.counter for name, info in infos.items() if name not in natively}
        self._share_offsets(infos, read, read | self._counters(by_uproot - read.keys(), start, stop))
        self._release(names, start, stop)
        return read if as_stored else {name: _native(column) for name, column in read.items()}

    def prefetch(self, names: Sequence[str], start: int = 0, stop: int | None = None) -> None:
        """Begin to fetch the baskets of these columns over the network, in few requests."""
        if self._storage.is_remote:
            stop = self.entries if stop is None else stop
            self._storage.prefetch(
                r for name in self._with_counters(names) for r, _ in self._baskets(name, start, stop)
            )

    def stored_bytes(self, name: str) -> int:
        """Return the compressed bytes of a branch (of all leaves, where it has several)."""
        info = self._find(name)
        with damage(f"the branch {name} in {self._where}"):
            return self._known.sizes(info)[0]

    def pieces(self, name: str) -> Pieces:
        """Return the baskets of a branch; where each is how large is told from its compressed size."""
        info = self._find(name)
        ordinary = self._natively(info)
        with damage(f"the list of baskets of the branch {name} in {self._where}"):
            edges, (_, unpacked) = self._known.edges(info), self._known.sizes(info)
        parts = (np.diff(edges) if ordinary is None else ordinary.lengths).astype(np.float64)
        flat = np.diff(edges) * info.dtype.itemsize
        if info.depth == 0 and ordinary is not None:
            return Pieces(edges, flat)
        sizes = np.ceil(_UNEVEN * unpacked / max(1.0, parts.sum()) * parts).astype(np.int64)
        if ordinary is None:  # by uproot: as it is stored, as arrays, one behind the other, with offsets
            sizes = _COPIES * (np.maximum(sizes, flat) + 8 * info.depth * np.diff(edges))
        return Pieces(edges, sizes)

    def boundaries(self, names: Sequence[str]) -> list[int]:
        """Return the entries at which baskets of all the columns begin.

        Where the columns have no such entries but the two ends, those of the largest column are returned.
        """
        if not names:
            return [0, self.entries]
        infos = [self._find(name) for name in names]
        with damage(f"the list of baskets in {self._where}"):
            starts = [set(self._known.edges(info).tolist()) for info in infos]
        common = set.intersection(*starts)
        if len(common) <= 2:
            sizes = [self.stored_bytes(name) for name in names]
            common = starts[sizes.index(max(sizes))]
        return sorted({0, self.entries, *(offset for offset in common if 0 < offset < self.entries)})

    def close(self) -> None:
        """Close the file."""
        self._known.close()
        super().close()

    def _find(self, name: str) -> ColumnInfo:
        info = self._known.describe(name)
        if isinstance(info, ColumnInfo):
            return info
        return find_column(name, self.columns, self.unreadable, self._where)

    def _read_natively(self, infos: Mapping[str, ColumnInfo], start: int, stop: int) -> dict[str, Column]:
        """Read those columns that are of the ordinary kind and as expected; uproot is asked for the others."""
        if start == stop:
            return {}
        counters = (info.counter for info in infos.values() if self._natively(info) is not None)
        every = {**infos, **{name: self._find(name) for name in counters if name is not None}}
        known = {name: baskets for name, info in every.items() if (baskets := self._natively(info)) is not None}
        some = {n: i for n, i in infos.items() if n in known and (i.counter is None or i.counter in known)}
        if known and stop < self.entries:
            self._reader.announce(known.values(), stop, min(self.entries, stop + (stop - start)))
        found = self._reader.read(some, known, start, stop)
        self._unlike.update(some.keys() - found.keys())  # not as expected: they will not be tried again
        return found

    def _counters(self, names: Iterable[str | None], start: int, stop: int) -> dict[str, Column]:
        """Return the lengths of lists that uproot has read.

        It believes a basket's own offsets; where they do not fit its values, it gives whatever was in memory.
        """
        counters = {n: self._find(n) for n in names if n is not None and n in self._known.columns}
        natively = self._read_natively(counters, start, stop)
        return {name: natively.get(name) or self._read_one(info, start, stop) for name, info in counters.items()}

    def _natively(self, info: ColumnInfo) -> Baskets | None:
        """Return the baskets of a column that the native loop reads."""
        return None if info.name in self._unlike else self._baskets_of(info)

    def _baskets_of(self, info: ColumnInfo) -> Baskets | None:
        """Return the baskets of a column of the ordinary kind."""
        with damage(f"the list of baskets of the branch {info.name} in {self._where}"):
            return self._known.baskets(info)

    def _read_one(self, info: ColumnInfo, start: int, stop: int) -> Column:
        if start == stop:
            return _no_entries(info)
        branch, leaf = self._known.of_uproot(info)
        if int(branch.num_entries) < stop:
            raise HzdslError(
                "branch-type",
                f"the branch {info.name} has {branch.num_entries} entries, {self._where} has {self.entries}: "
                "it was added later, or not filled to the end",
                fix="read the entries that it has (--max-events), or do without it",
            )
        with damage(f"the branch {info.name} in {self._where}"):
            array = branch.array(entry_start=start, entry_stop=stop, array_cache=None, library="ak")
            column = column_of_layout(array.layout, () if leaf is None else (leaf,), info.dtype)
            _check_lengths(info, column, stop - start)
        return column

    def _share_offsets(
        self, infos: Mapping[str, ColumnInfo], read: dict[str, Column], counters: Mapping[str, Column]
    ) -> None:
        """Give columns with one counter one array of offsets, after checking that they agree.

        A basket whose compression carries no checksum can be damaged without any error; lists of different
        lengths under one counter give it away.
        """
        first: dict[str, str] = {}
        for name, info in infos.items():
            offsets = read[name].offsets
            if info.counter is None or offsets is None:
                continue
            known = read[first.setdefault(info.counter, name)].offsets
            if known is None or not (offsets is known or np.array_equal(offsets, known)):
                self._raise_disagreement(name, f"{first[info.counter]}, though {info.counter} counts both")
            counts = counters.get(info.counter)
            checked = counts is None or counts.counted is offsets
            if counts is not None and not checked and not np.array_equal(np.diff(offsets), counts.content):
                self._raise_disagreement(name, f"its counter {info.counter} says")
            read[name] = read[name]._replace(offsets=known)

    def _raise_disagreement(self, name: str, other: str) -> None:
        raise HzdslError(
            "file-truncated",
            f"the branch {name} in {self._where} is damaged (its lists have other lengths than {other})",
            fix="copy or download the file again",
        )

    def _with_counters(self, names: Sequence[str]) -> list[str]:
        """Return columns and those that hold the lengths of their lists, which the native loop reads."""
        counters = (self._find(name).counter for name in names)
        return list(dict.fromkeys([*names, *(c for c in counters if c is not None and c in self._known.columns)]))

    def _release(self, names: Sequence[str], start: int, stop: int) -> None:
        """Forget the fetched baskets that end in the entries just read: chunks are read in their order."""
        if self._storage.is_remote:
            baskets = (basket for name in self._with_counters(names) for basket in self._baskets(name, start, stop))
            self._storage.release(place for place, (_, last) in baskets if last <= stop)

    def _baskets(self, name: str, start: int, stop: int) -> list[tuple[tuple[int, int], tuple[int, int]]]:
        """Return (byte range, entry range) of the baskets with entries from `start` to `stop`.

        Baskets embedded in the tree's own record came with it and are left out.
        """
        info = self._find(name)
        ordinary = self._baskets_of(info)
        if ordinary is not None:
            some = range(*ordinary.span(start, stop))
            return [(ordinary.place(number), ordinary.entries(number)) for number in some]
        branch = self._known.of_uproot(info).branch
        with damage(f"the list of baskets of the branch {name} in {self._where}"):
            offsets = branch.entry_offsets
            return [
                ((int(place[0]), int(place[1])), (int(offsets[number]), int(offsets[number + 1])))
                for number, place in branch.entries_to_ranges_or_baskets(start, stop)
                if isinstance(place, tuple)
            ]


def _native(column: Column) -> Column:
    """Return a column in the machine's order of bytes."""
    content = column.content
    return (
        column if content.dtype.isnative else column._replace(content=content.astype(content.dtype.newbyteorder("=")))
    )


def _no_entries(info: ColumnInfo) -> Column:
    levels = [np.zeros(1, np.int64) for _ in range(info.depth)]
    return Column(np.empty(0, info.dtype), *levels)


def _check_lengths(info: ColumnInfo, column: Column, entries: int) -> None:
    length = len(column.content) if column.offsets is None else len(column.offsets) - 1
    depth = (column.offsets is not None) + (column.inner_offsets is not None)
    if length != entries or depth != info.depth:
        raise ValueError(f"{length} entries at depth {depth} instead of {entries} at depth {info.depth}")
