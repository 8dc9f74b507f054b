"""Reading many branches over a range of entries: tables of baskets for the native loop, columns of what it made."""

from __future__ import annotations

import ctypes
import os
import sys
import threading
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from hzdsl.io.baskets import loop
from hzdsl.io.baskets.codecs import State, addresses
from hzdsl.io.baskets.directory import Baskets, Numbers
from hzdsl.io.source import Column, ColumnInfo
from hzdsl.io.storage import Storage
from hzdsl.native import compile_module, kernel_cache

Bytes = NDArray[np.uint8]
#: Of so many baskets of a branch the first is checked, even where they are trusted.
_SAMPLE = 16
#: The types of counters that the loop adds up: `Int_t` and `UInt_t`.
_USUAL_COUNTERS = (np.dtype(">i4"), np.dtype(">u4"))
#: Lengths that are none.
_NEGATIVE = np.array([-1], ">i4")
#: References to memory that only `_Memory` holds: its list, a variable, the argument of `getrefcount`.
_UNUSED = 3
#: The part of new memory that is more than is needed now: the next chunk may be a little larger.
_SPARE = 16
#: The descriptor of no file, which cannot be read from.
_NONE = -1
#: Bytes between two baskets that are read along rather than skipped.
_GAP = 128 * 1024


class BasketReader:
    """The ordinary branches of one tree; usable from several threads.

    Parameters
    ----------
    storage : Storage
        The bytes of the file: the loop reads a local one itself, baskets of another are fetched before it runs.
    trust : bool
        Leave out the checks of blocks, and what stands behind the values, but for a sample of the baskets.
    """

    def __init__(self, storage: Storage, trust: bool = False) -> None:
        self._storage, self._trust = storage, trust
        self._descriptor = storage.descriptor
        self._idle: deque[_Workspace] = deque()
        self._memory = _Memory()

    def read(
        self, infos: Mapping[str, ColumnInfo], known: Mapping[str, Baskets], start: int, stop: int
    ) -> dict[str, Column]:
        """Return the columns over some entries, without those whose baskets are not as expected.

        Parameters
        ----------
        infos : mapping of str to ColumnInfo
            The columns.
        known : mapping of str to Baskets
            The baskets of each, and of the counters of lists.
        start, stop : int
            The entries; at least one.
        """
        counted = _by_counter(infos)
        reach = {n: (start, stop) for n, info in infos.items() if info.depth == 0}
        reach |= {c: _reach([known[n] for n in (c, *names)], start, stop) for c, names in counted.items()}
        flat = self._unpacked([_flat(n, known[n], *entries) for n, entries in reach.items()])
        lists = {c: found for c in counted if c in flat and (found := _added_up(flat[c])) is not None}
        wanted = [
            _list(n, known[n], lists[c], start, stop) for c, names in counted.items() if c in lists for n in names
        ]
        jagged = self._unpacked(wanted)
        offsets = {c: of.within(start, stop) for c, of in lists.items()}
        columns = {n: Column(p.entries(start, stop), counted=offsets.get(n)) for n, p in flat.items() if n in infos}
        for name, piece in jagged.items():
            counter = str(infos[name].counter)
            first = int(lists[counter].at(start) - lists[counter].at(piece.first_entry))
            content = piece.content[first : first + int(offsets[counter][-1])]
            columns[name] = Column(content, offsets[counter])
        return columns

    def announce(self, branches: Iterable[Baskets], start: int, stop: int) -> None:
        """Have the system read the baskets of some entries ahead."""
        if self._descriptor is None or not hasattr(os, "posix_fadvise"):
            return
        spans = [(b, slice(*b.span(start, stop))) for b in branches]
        seeks = np.concatenate([b.seeks[some] for b, some in spans])
        order = np.argsort(seeks)
        seeks, ends = seeks[order], np.concatenate([b.seeks[some] + b.lengths[some] for b, some in spans])[order]
        breaks = np.flatnonzero(seeks[1:] - ends[:-1] > _GAP) + 1
        for first, last in zip([0, *breaks], [*(breaks - 1), len(seeks) - 1], strict=True):
            os.posix_fadvise(self._descriptor, seeks[first], ends[last] - seeks[first], os.POSIX_FADV_WILLNEED)

    def _unpacked(self, wanted: Sequence[_Wanted]) -> dict[str, _Piece]:
        """Return the values of whole baskets, by column, for the columns where all was as expected."""
        wanted = [w for w in wanted if w.expected.sum() <= w.baskets.unpacked]  # else a counter is damaged
        if not wanted:
            return {}
        memory = self._memory.take(sum(w.room for w in wanted))
        ends = np.cumsum([w.room for w in wanted]).tolist()
        parts = [memory[end - w.room : end] for w, end in zip(wanted, ends, strict=True)]
        tables = [w.rows(part, self._trust) for w, part in zip(wanted, parts, strict=True)]
        failed = self._run(tables)
        return {
            w.name: _Piece(w, part[: int(w.expected.sum())].view(w.baskets.dtype))
            for k, (w, part) in enumerate(zip(wanted, parts, strict=True))
            if k not in failed
        }

    def _run(self, tables: Sequence[Numbers]) -> set[int]:
        """Run the loop over the tables of all columns, and return the numbers of those that failed."""
        rows = np.concatenate(tables)
        ends = np.cumsum([len(t) for t in tables])
        workspace = self._workspace()
        fields = workspace.prepare(int(rows[:, loop.LENGTH].max(initial=0)))
        descriptor, fetched = (self._descriptor, []) if self._descriptor is not None else (_NONE, self._fetched(rows))
        failed: set[int] = set()
        at = 0
        while at < len(rows):
            at += _loop().read_baskets(descriptor, rows[at:].ctypes.data, len(rows) - at, fields)
            if at < len(rows):
                column = int(np.searchsorted(ends, at, side="right"))
                failed.add(column)
                at = int(ends[column])
        self._idle.append(workspace)
        del fetched  # the loop has read it
        return failed

    def _workspace(self) -> _Workspace:
        try:
            return self._idle.pop()
        except IndexError:
            return _Workspace()

    def _fetched(self, rows: Numbers) -> list[Bytes]:
        """Fetch the baskets of some rows and enter where they are; one that comes short is left out, and fails."""
        found = []
        for row in rows:
            data = np.frombuffer(self._storage.read_at(int(row[loop.SEEK]), int(row[loop.LENGTH])), np.uint8)
            if len(data) == row[loop.LENGTH]:
                row[loop.MEMORY] = data.ctypes.data
                found.append(data)
        return found


class _Memory:
    """Memory for values, taken again when nobody looks at it any more: the system clears new memory page by page.

    Whether somebody does is told by the references to it: every column is a view of it.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held: list[Bytes] = []

    def take(self, size: int) -> Bytes:
        """Return memory of at least so many bytes, whatever it holds."""
        with self._lock:
            for memory in self._held:
                if size <= len(memory) <= 2 * size and sys.getrefcount(memory) == _UNUSED:
                    return memory
            self._held = [m for m in self._held if not (size <= 2 * len(m) and sys.getrefcount(m) == _UNUSED)]
            self._held.append(np.empty(size + size // _SPARE, np.uint8))
            return self._held[-1]


class _Workspace:
    """What one call needs beside the table: memory for packed bytes, and decompressors."""

    def __init__(self) -> None:
        self._state = State.new()
        self._scratch = np.empty(0, np.uint8)
        self._fields = np.zeros(loop.WORKSPACE, np.int64)
        self._fields[loop.DEFLATE], self._fields[loop.ZSTD] = self._state.deflate, self._state.zstd

    def prepare(self, longest: int) -> int:
        """Make room for a basket of that many bytes, and return the address of the fields."""
        if len(self._scratch) < longest:
            self._scratch = np.empty(longest + longest // 4, np.uint8)
        self._fields[loop.SCRATCH], self._fields[loop.SCRATCH_SIZE] = self._scratch.ctypes.data, len(self._scratch)
        return int(self._fields.ctypes.data)


class _Wanted(NamedTuple):
    """Baskets `first` up to `last` of a column, how many bytes of values each is to have, and the offsets of lists."""

    name: str
    baskets: Baskets
    first: int
    last: int
    expected: Numbers
    lists: _Lists | None = None

    @property
    def room(self) -> int:
        """Bytes of memory for the values, and for what stands behind those of the last basket: its offsets."""
        most = int(np.diff(self.baskets.edges[self.first : self.last + 1]).max(initial=0))
        return (int(self.expected.sum()) + 4 * (most + 2) + 63) // 64 * 64

    def rows(self, memory: Bytes, trust: bool) -> Numbers:
        """Return the table for the loop, the values one behind the other in `memory`."""
        some, places = slice(self.first, self.last), np.cumsum(self.expected) - self.expected
        table = np.zeros((self.last - self.first, loop.ROW), np.int64)
        table[:, loop.SEEK], table[:, loop.LENGTH] = self.baskets.seeks[some], self.baskets.lengths[some]
        table[:, loop.ENTRIES] = np.diff(self.baskets.edges[self.first : self.last + 1])
        table[:, loop.EXPECTED] = self.expected
        table[:, loop.TRUST] = trust & (np.arange(self.first, self.last) % _SAMPLE != 0)
        table[:, loop.TARGET], table[:, loop.ROOM] = memory.ctypes.data + places, len(memory) - places
        if self.lists is not None:
            entry = self.baskets.edges[self.first : self.last] - self.lists.first
            table[:, loop.OFFSETS] = self.lists.offsets.ctypes.data + self.lists.offsets.itemsize * entry
            table[:, loop.WIDTH] = self.baskets.dtype.itemsize
        return table


class _Piece(NamedTuple):
    """The values of whole baskets."""

    wanted: _Wanted
    content: NDArray[Any]

    @property
    def first_entry(self) -> int:
        """The entry that the first basket begins with."""
        return int(self.wanted.baskets.edges[self.wanted.first])

    def entries(self, start: int, stop: int) -> NDArray[Any]:
        """Return the values of some entries of a flat branch."""
        return self.content[start - self.first_entry : stop - self.first_entry]


class _Lists(NamedTuple):
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


def _by_counter(infos: Mapping[str, ColumnInfo]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, info in infos.items():
        if info.counter is not None and info.depth:
            found.setdefault(info.counter, []).append(name)
    return found


def _reach(branches: Iterable[Baskets], start: int, stop: int) -> tuple[int, int]:
    """Return the entries of all the baskets of some branches that have entries from `start` to `stop`."""
    spans = [(b.edges[first], b.edges[last]) for b in branches for first, last in (b.span(start, stop),)]
    return int(min(low for low, _ in spans)), int(max(high for _, high in spans))


def _flat(name: str, baskets: Baskets, start: int, stop: int) -> _Wanted:
    first, last = baskets.span(start, stop)
    entries = np.diff(baskets.edges[first : last + 1])
    return _Wanted(name, baskets, first, last, entries * baskets.dtype.itemsize)


def _list(name: str, baskets: Baskets, lists: _Lists, start: int, stop: int) -> _Wanted:
    first, last = baskets.span(start, stop)
    elements = np.diff(lists.at(baskets.edges[first : last + 1]))
    return _Wanted(name, baskets, first, last, elements * baskets.dtype.itemsize, lists)


def _added_up(counter: _Piece) -> _Lists | None:
    """Return the offsets that a counter's lengths add up to, or None where one is negative."""
    lengths = counter.content
    if lengths.dtype not in _USUAL_COUNTERS:
        lengths = lengths.astype(">i4") if lengths.max(initial=0) < 2**31 and lengths.min(initial=0) >= 0 else _NEGATIVE
    offsets = np.empty(len(lengths) + 1, np.int64)
    signs = _loop().add_up(lengths.ctypes.data, len(lengths), offsets.ctypes.data)
    return None if signs < 0 else _Lists(counter.first_entry, offsets)


class _Loop(NamedTuple):
    read_baskets: Any
    add_up: Any


@cache
def _loop() -> _Loop:
    """Return the compiled loop."""
    found = addresses()
    module = loop.emit_loop(found)
    called = {name: found[name] for name in module.globals if name in found}
    native = compile_module(str(module), called, ["read_baskets", "add_up"], cache=kernel_cache())
    number, address = ctypes.c_int64, ctypes.c_void_p
    read_baskets = native.function("read_baskets", number, ctypes.c_int32, address, number, address)
    return _Loop(read_baskets, native.function("add_up", number, address, number, address))
