"""Reading many branches over a range of entries: tables of baskets for the native loop, columns of what it made."""

from __future__ import annotations

import ctypes
import os
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

import numpy as np

from hzdsl.io.baskets import blocks, loop
from hzdsl.io.baskets.codecs import State, addresses
from hzdsl.io.baskets.directory import Baskets, Numbers
from hzdsl.io.baskets.memory import Memory
from hzdsl.io.baskets.tables import Bytes, Groups, Lists, Values, Wanted
from hzdsl.io.source import Column, ColumnInfo
from hzdsl.io.storage import Storage
from hzdsl.native import compile_module, kernel_cache

#: The types of counters that the loop adds up: `Int_t` and `UInt_t`.
_USUAL_COUNTERS = (np.dtype(">i4"), np.dtype(">u4"))
#: Lengths that are none.
_NEGATIVE = np.array([-1], ">i4")
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
        self._flat, self._lists = Memory(), Memory()
        self._groups: dict[tuple[str, ...], Groups] = {}

    def read(
        self, infos: Mapping[str, ColumnInfo], known: Mapping[str, Baskets], start: int, stop: int
    ) -> dict[str, Column]:
        """Return the columns over some entries, without those whose baskets are not as expected.

        Parameters
        ----------
        infos : mapping of str to ColumnInfo
            The columns.
        known : mapping of str to Baskets
            The baskets of each, and of the counters of lists; always the same ones.
        start, stop : int
            The entries; at least one.
        """
        groups = self._grouped(infos, known)
        wanted = [Wanted(group, start, stop) for group in groups.flat]
        wanted += [Wanted(group, *groups.reach(c, start, stop)) for c, group in groups.counters.items()]
        flat = self._unpacked(wanted, self._flat)
        lists = {c: found for c in groups.counters if c in flat and (found := _added_up(flat[c])) is not None}
        wanted = [Wanted(g, start, stop, lists[c]) for c in lists for g in groups.lists[c]]
        offsets = {c: of.within(start, stop) for c, of in lists.items()}
        columns = {n: Column(v.entries(start, stop), counted=offsets.get(n)) for n, v in flat.items() if n in infos}
        for name, values in self._unpacked(wanted, self._lists).items():
            counter = str(infos[name].counter)
            first = int(lists[counter].at(start) - lists[counter].at(values.first_entry))
            content = values.content[first : first + int(offsets[counter][-1])]
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

    def _grouped(self, infos: Mapping[str, ColumnInfo], known: Mapping[str, Baskets]) -> Groups:
        """Return columns in groups, which are made where the columns are read for the first time."""
        key = tuple(infos)
        found = self._groups.get(key)
        if found is None:
            found = self._groups[key] = Groups.of(infos, known, self._trust)
        return found

    def _unpacked(self, wanted: Sequence[Wanted], memory: Memory) -> dict[str, Values]:
        """Return the values of whole baskets, by column, for the columns where all was as expected."""
        if not wanted:
            return {}
        taken = memory.take(sum(w.room for w in wanted))
        ends = np.cumsum([w.room for w in wanted], dtype=np.int64).tolist()
        parts = [taken[end - w.room : end] for w, end in zip(wanted, ends, strict=True)]
        failed = self._run(wanted, [w.rows(part) for w, part in zip(wanted, parts, strict=True)])
        found: dict[str, Values] = {}
        for w, part in zip(wanted, parts, strict=True):
            found |= w.values(part)
        return {name: values for name, values in found.items() if name not in failed}

    def _run(self, wanted: Sequence[Wanted], tables: Sequence[Numbers]) -> set[str]:
        """Run the loop over the tables of all columns, and return the columns that failed."""
        rows, order = np.concatenate(tables), np.concatenate([w.order for w in wanted])
        names = [n for w in wanted for n in w.names]
        columns = np.repeat(np.arange(len(names)), [w.baskets for w in wanted for _ in w.names])
        order = np.argsort(order, kind="stable")
        rows, columns = rows[order], columns[order]
        workspace = self._workspace()
        fields = workspace.prepare(int(rows[:, loop.LENGTH].max(initial=0)))
        descriptor, fetched = (self._descriptor, []) if self._descriptor is not None else (_NONE, self._fetched(rows))
        failed: set[str] = set()
        while (done := _loop().read_baskets(descriptor, rows.ctypes.data, len(rows), fields)) < len(rows):
            column = columns[done]
            failed.add(names[column])
            left = np.flatnonzero(columns[done:] != column) + done
            rows, columns = rows[left], columns[left]
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


class _Workspace:
    """What one call needs beside the table: memory for packed bytes, and decompressors."""

    def __init__(self) -> None:
        self._state = State.new()
        self._scratch = np.empty(loop.READ_AT_ONCE, np.uint8)
        self._fields = np.zeros(blocks.WORKSPACE, np.int64)
        self._fields[blocks.DEFLATE], self._fields[blocks.ZSTD] = self._state.deflate, self._state.zstd

    def prepare(self, longest: int) -> int:
        """Make room for a basket of that many bytes, and return the address of the fields."""
        if len(self._scratch) < longest:
            self._scratch = np.empty(longest + longest // 4, np.uint8)  # the next one may be longer
        self._fields[blocks.SCRATCH], self._fields[blocks.SCRATCH_SIZE] = self._scratch.ctypes.data, len(self._scratch)
        return int(self._fields.ctypes.data)


def _added_up(counter: Values) -> Lists | None:
    """Return the offsets that a counter's lengths add up to, or None where one is negative."""
    lengths = counter.content
    if lengths.dtype not in _USUAL_COUNTERS:
        lengths = lengths.astype(">i4") if lengths.max(initial=0) < 2**31 and lengths.min(initial=0) >= 0 else _NEGATIVE
    offsets = np.empty(len(lengths) + 1, np.int64)
    signs = _loop().add_up(lengths.ctypes.data, len(lengths), offsets.ctypes.data)
    return None if signs < 0 else Lists(counter.first_entry, offsets)


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
