"""Ranges of entries, and reading one of them into memory as the backends want it."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from hzdsl.backends.base import NUMPY, Array, Chunk
from hzdsl.errors import HzdslError
from hzdsl.io.source import Column, Source
from hzdsl.ir.types import DType
from hzdsl.run.columns import Reads, place

Offsets = npt.NDArray[np.int64]
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

    A range ends at that one of `boundaries` (where baskets begin) nearest to its size, if one lies between
    half and twice the size; without boundaries every range but the last has exactly `size` entries.

    Examples
    --------
    >>> entry_ranges(10, 4)
    [(0, 4), (4, 8), (8, 10)]
    >>> entry_ranges(10, 4, boundaries=[0, 3, 7, 9, 10])
    [(0, 3), (3, 7), (7, 10)]
    """
    marks = np.array(sorted({b for b in boundaries if 0 < b < stop} | {stop}), np.int64)
    aligned = len(marks) > 1
    ranges, start = [], 0
    while start < stop:
        end = min(start + size, stop)
        if aligned:
            low, high = np.searchsorted(marks, [start + size / 2, start + 2 * size], side="right")
            near = marks[low:high]
            end = int(near[np.argmin(np.abs(near - (start + size)))]) if len(near) else end
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
    read = source.read(names, start, stop)
    where = place(source)
    columns = {name: converted(read[name].content, dtype, name, where) for name, dtype in reads.columns.items()}
    return Chunk(stop - start, columns, _offsets(reads, read, start, where))


def converted(values: Array, wanted: DType, name: str, where: str) -> Array:
    """Return values in the type that the graph says, contiguous and unchanged in value.

    Raises
    ------
    HzdslError
        `branch-type` for an integer out of range.
    """
    dtype = NUMPY[wanted]
    if wanted.integer and values.size and values.dtype != dtype and not np.can_cast(values.dtype, dtype, "safe"):
        low, high, info = int(values.min()), int(values.max()), np.iinfo(dtype.name)
        if low < info.min or high > info.max:
            worst = low if low < info.min else high
            raise HzdslError(
                "branch-type",
                f"the branch {name} in {where} holds {worst}, more than the schema's {wanted.value} can",
                fix=f"declare it as {'i64' if values.dtype.kind == 'i' else 'u64'} in a schema of your own",
            )
    return np.ascontiguousarray(values, dtype)


def _offsets(reads: Reads, read: dict[str, Column], start: int, where: str) -> dict[str, Offsets]:
    offsets: dict[str, Offsets] = {}
    origin: dict[str, str] = {}
    for branch, collection in reads.owners.items():
        own = read[branch].offsets
        assert own is not None, f"{branch} was checked to hold lists"
        if own[0] != 0 or own[-1] != len(read[branch].content):
            raise HzdslError("file-truncated", f"the lists of {branch} in {where} do not fit their contents")
        known = offsets.setdefault(collection, own)
        other = origin.setdefault(collection, branch)
        if known is not own and not np.array_equal(known, own):
            raise _disagreement(collection, branch, other, start + _first_difference(known, own), where)
    for collection, branch in reads.lengths.items():
        counted = _from_lengths(read[branch], branch, where)
        known = offsets.setdefault(collection, counted)
        if not np.array_equal(known, counted):
            entry = start + _first_difference(known, counted)
            raise _disagreement(collection, branch, origin[collection], entry, where)
    return {name: np.ascontiguousarray(o, np.int64) for name, o in offsets.items()}


def _from_lengths(column: Column, branch: str, where: str) -> Offsets:
    if column.offsets is not None:
        return column.offsets
    counts = column.content.astype(np.int64)
    if counts.size and counts.min() < 0:
        raise HzdslError("file-truncated", f"the counter {branch} in {where} is damaged (it holds {counts.min()})")
    return np.concatenate([np.zeros(1, np.int64), np.cumsum(counts)])


def _first_difference(a: Offsets, b: Offsets) -> int:
    return int(np.flatnonzero(np.diff(a) != np.diff(b))[0])


def _disagreement(collection: str, branch: str, other: str, entry: int, where: str) -> HzdslError:
    return HzdslError(
        "branch-type",
        f"{branch} and {other} in {where} have lists of different lengths in entry {entry}: "
        f"they are not attributes of one collection {collection}",
        fix="declare them in two collections of a schema of your own",
    )
