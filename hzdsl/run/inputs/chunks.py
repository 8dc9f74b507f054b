"""Ranges of entries, and reading one of them into memory as the backends want it."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from typing import Literal

import numpy as np
import numpy.typing as npt

from hzdsl.backends.base import NUMPY, Array, Chunk
from hzdsl.errors import HzdslError
from hzdsl.io.source import Column, Source
from hzdsl.ir.types import DType
from hzdsl.run.inputs.columns import Reads, place

Offsets = npt.NDArray[np.int64]
ByteOrder = Literal["=", "S"]
TARGET, SMALLEST = 200_000, 25_000


def target_size(entries: int, threads: int) -> int:
    """Return how many entries a chunk should have: few enough to keep all threads busy.

    Examples
    --------
    >>> target_size(10_000_000, 2), target_size(300_000, 2), target_size(100, 8)
    (200000, 50000, 25000)
    """
    return max(SMALLEST, min(TARGET, entries // (3 * threads)))


def entry_ranges(stop: int, size: int, boundaries: Iterable[int] = ()) -> list[tuple[int, int]]:
    """Return ranges that cover the entries from 0 to `stop`, of about `size` each.

    A range ends at that one of `boundaries` (where baskets begin) nearest to its size: a basket that two ranges share
    would be unpacked twice. Without boundaries every range but the last has exactly `size` entries.

    Examples
    --------
    >>> entry_ranges(10, 4)
    [(0, 4), (4, 8), (8, 10)]
    >>> entry_ranges(10, 4, boundaries=[0, 3, 7, 9, 10])
    [(0, 3), (3, 7), (7, 10)]
    >>> entry_ranges(20, 4, boundaries=[0, 10, 20])
    [(0, 10), (10, 20)]
    """
    given = list(boundaries)
    marks = sorted({stop, *(b for b in given if 0 < b < stop)}) if given else [*range(size, stop, size), stop]
    ranges, start = [], 0
    while start < stop:
        at = bisect_left(marks, start + size)
        near = [mark for mark in marks[max(0, at - 1) : at + 1] if mark > start]
        end = min(near, key=lambda mark: abs(mark - start - size))
        ranges.append((start, end))
        start = end
    return ranges


def read_chunk(source: Source, reads: Reads, start: int, stop: int) -> Chunk:
    """Read a range of entries as a chunk.

    Raises
    ------
    HzdslError
        `branch-type` where an integer does not fit the type that the schema says, or lists of one
        collection have different lengths; `file-truncated`, `remote`.
    """
    names = reads.names
    source.prefetch(names, start, stop)
    read = source.read(names, start, stop, as_stored=True)
    where = place(source)
    for name in (n for n in reads.columns if n not in reads.owners):
        if len(read[name].content) != stop - start:
            what = f"{len(read[name].content)} values for {stop - start} entries"
            raise HzdslError("file-truncated", f"the branch {name} in {where} is damaged ({what})")
    order: ByteOrder = "=" if all(read[name].content.dtype.isnative for name in reads.columns) else "S"
    columns = {name: converted(read[name].content, dtype, name, where, order) for name, dtype in reads.columns.items()}
    for name, (dtype, value) in reads.defaults.items():
        columns[name] = np.full(stop - start, value, NUMPY[dtype].newbyteorder(order))
    return Chunk(stop - start, columns, _offsets(reads, read, start, where))


def converted(values: Array, wanted: DType, name: str, where: str, order: ByteOrder = "=") -> Array:
    """Return values in the type that the graph says, contiguous and unchanged in value.

    The order of bytes is the machine's (``=``) or the other one (``S``), in which a file's columns are passed on.

    Raises
    ------
    HzdslError
        `branch-type` for an integer that the type cannot hold.
    """
    dtype = NUMPY[wanted]
    if values.dtype.kind in "iu" and values.size and not np.can_cast(values.dtype, dtype, "safe"):
        (low, high), (least, most) = (int(values.min()), int(values.max())), _integers(wanted)
        if low < least or high > most:
            worst = low if low < least else high
            raise HzdslError(
                "branch-type",
                f"the branch {name} in {where} holds {worst}, more than the schema's {wanted.value} can",
                fix=f"declare it as {'i64' if values.dtype.kind == 'i' else 'u64'} in a schema of your own",
            )
    return np.ascontiguousarray(values, dtype.newbyteorder(order))


def _integers(dtype: DType) -> tuple[int, int]:
    """Return the range of integers that a type holds exactly."""
    if dtype is DType.BOOL:
        return 0, 1
    if dtype.floating:
        most = 2 ** (24 if dtype is DType.F32 else 53)
        return -most, most
    info = np.iinfo(NUMPY[dtype].name)
    return int(info.min), int(info.max)


def _offsets(reads: Reads, read: dict[str, Column], start: int, where: str) -> dict[str, Offsets]:
    offsets: dict[str, Offsets] = {}
    origin: dict[str, str] = {}
    for branch, path in reads.owners.items():
        for collection, own in zip(path, _levels(read[branch], branch, where), strict=True):
            known = offsets.setdefault(collection, own)
            other = origin.setdefault(collection, branch)
            if known is not own and not np.array_equal(known, own):
                entry = _first_difference(known, own, offsets[path[0]], collection == path[0])
                raise _disagreement(collection, branch, other, start + entry, where)
    for collection, branch in reads.lengths.items():
        counted = _from_lengths(read[branch], branch, where)
        known = offsets.setdefault(collection, counted)
        if known is not counted and not np.array_equal(known, counted):
            entry = start + _first_difference(known, counted, known, True)
            raise _disagreement(collection, branch, origin[collection], entry, where)
    return {name: np.ascontiguousarray(o, np.int64) for name, o in offsets.items()}


def _levels(column: Column, branch: str, where: str) -> list[Offsets]:
    """Return the offsets of each level of lists, the outermost first, after checking that they fit each other."""
    levels = [o for o in (column.offsets, column.inner_offsets) if o is not None]
    sizes = [*(len(inner) - 1 for inner in levels[1:]), len(column.content)]
    if any(o[0] != 0 or o[-1] != size for o, size in zip(levels, sizes, strict=True)):
        raise HzdslError("file-truncated", f"the lists of {branch} in {where} do not fit their contents")
    return levels


def _from_lengths(column: Column, branch: str, where: str) -> Offsets:
    if column.offsets is not None:
        return _levels(column, branch, where)[-1]
    if column.counted is not None:
        return column.counted
    counts = column.content.astype(np.int64)
    if counts.size and counts.min() < 0:
        raise HzdslError("file-truncated", f"the counter {branch} in {where} is damaged (it holds {counts.min()})")
    return np.concatenate([np.zeros(1, np.int64), np.cumsum(counts)])


def _first_difference(a: Offsets, b: Offsets, outer: Offsets, is_outer: bool) -> int:
    """Return the entry of the first list whose length differs; inner lists lie in those of `outer`."""
    if len(a) != len(b):  # more elements than those of the collection around them: told by the outer lists
        return 0
    place = int(np.flatnonzero(np.diff(a) != np.diff(b))[0])
    return place if is_outer else int(np.searchsorted(outer, place, side="right")) - 1


def _disagreement(collection: str, branch: str, other: str, entry: int, where: str) -> HzdslError:
    return HzdslError(
        "branch-type",
        f"{branch} and {other} in {where} have lists of different lengths in entry {entry}: "
        f"they are not attributes of one collection {collection}",
        fix="declare them in two collections of a schema of your own",
    )
