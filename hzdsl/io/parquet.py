"""Parquet files, through pyarrow (the extra `hzdsl[parquet]`)."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from hzdsl.errors import HzdslError
from hzdsl.io.guard import damage
from hzdsl.io.layout import MAX_DEPTH, is_number
from hzdsl.io.source import Column, ColumnInfo, Pieces, check_range, find_column
from hzdsl.io.storage import Storage
from hzdsl.io.stored import StoredSource

#: How often values are held while they are read: as stored, as Arrow's arrays, one behind the other.
_COPIES = 3


class Leaf(NamedTuple):
    """One leaf of the schema: its dotted name, type and depth."""

    name: str
    dtype: np.dtype[Any] | None
    depth: int
    typename: str


class ParquetSource(StoredSource):
    """One Parquet file; see `hzdsl.io.source.Source`.

    Fields of structs, also inside lists, are columns with dots in their names (`Muon.pt`). Cells without a
    value have no counterpart in a column: reading a column that has any is an error.
    """

    def __init__(self, storage: Storage) -> None:
        pyarrow_parquet = _import_parquet()
        self.path, self.tree = storage.path, ""
        self.identity: str | None = None
        self._storage = storage
        self._lock = threading.Lock()
        with damage(self.path):
            self._file = pyarrow_parquet.ParquetFile(storage.handle)
            meta = self._file.metadata
            self.entries = int(meta.num_rows)
            rows = [meta.row_group(number).num_rows for number in range(meta.num_row_groups)]
            self._starts: list[int] = [0, *np.cumsum(rows, dtype=np.int64).tolist()]
            leaves = [leaf for field in self._file.schema_arrow for leaf in _leaves(field.type, field.name, 0)]
            self._stored = {leaf.name: number for number, leaf in enumerate(leaves)}
            if len(leaves) != meta.num_columns:
                raise ValueError(f"{meta.num_columns} columns, but {len(leaves)} in its schema")
        self._columns = {
            leaf.name: ColumnInfo(leaf.name, leaf.dtype, leaf.depth) for leaf in leaves if leaf.dtype is not None
        }
        self._unreadable = {leaf.name: leaf.typename for leaf in leaves if leaf.dtype is None}

    def read(self, names: Sequence[str], start: int, stop: int, as_stored: bool = False) -> dict[str, Column]:
        """Read the rows from `start` up to, not including, `stop` of the named columns."""
        check_range(self.entries, start, stop)
        infos = [self._find(name) for name in names]
        if not infos:
            return {}
        groups = self._groups(start, stop)
        paths = [self._stored_path(info.name) for info in infos]
        with damage(f"data of {self.path}"):
            with self._lock:
                table = self._file.read_row_groups(list(groups), columns=paths, use_threads=False)
            self._release(names, groups, stop)
            first = self._starts[groups.start]
            table = table.slice(start - first, stop - start)
            if table.num_rows != stop - start:
                raise ValueError(f"{table.num_rows} rows instead of {stop - start}")
            return {info.name: self._column(table, info) for info in infos}

    def prefetch(self, names: Sequence[str], start: int = 0, stop: int | None = None) -> None:
        """Fetch the pages of these columns over the network in few requests."""
        if self._storage.is_remote:
            self._storage.prefetch(self._chunks(names, self._groups(start, self.entries if stop is None else stop)))

    def stored_bytes(self, name: str) -> int:
        """Return the compressed bytes of a column in all row groups."""
        number, meta = self._stored[self._find(name).name], self._file.metadata
        return sum(int(meta.row_group(g).column(number).total_compressed_size) for g in range(meta.num_row_groups))

    def pieces(self, name: str) -> Pieces:
        """Return the row groups with their values of a column, offsets of the lists around it included."""
        info, meta = self._find(name), self._file.metadata
        values = [int(meta.row_group(g).column(self._stored[info.name]).num_values) for g in range(meta.num_row_groups)]
        each = info.dtype.itemsize + 8 * info.depth
        return Pieces(np.array(self._starts, np.int64), _COPIES * each * np.array(values, np.int64))

    def boundaries(self, names: Sequence[str]) -> list[int]:
        """Return the rows at which row groups begin."""
        return sorted({0, self.entries, *self._starts})

    def close(self) -> None:
        """Close the file."""
        self._file.close()
        super().close()

    def _find(self, name: str) -> ColumnInfo:
        return find_column(name, self._columns, self._unreadable, self.path)

    def _groups(self, start: int, stop: int) -> range:
        """Return the row groups that hold the rows from `start` to `stop`."""
        first = int(np.searchsorted(self._starts, start, side="right")) - 1
        last = int(np.searchsorted(self._starts, stop, side="left"))
        return range(first, max(first, last) if start < stop else first)

    def _stored_path(self, name: str) -> str:
        return str(self._file.metadata.schema.column(self._stored[name]).path)

    def _release(self, names: Sequence[str], groups: range, stop: int) -> None:
        """Forget the fetched row groups that end in the rows just read: chunks are read in their order."""
        if self._storage.is_remote:
            self._storage.release(self._chunks(names, [g for g in groups if self._starts[g + 1] <= stop]))

    def _chunks(self, names: Sequence[str], groups: Iterable[int]) -> list[tuple[int, int]]:
        """Return the byte ranges of some columns in some row groups."""
        stored = [self._stored[self._find(name).name] for name in names]
        return [self._chunk(group, number) for group in groups for number in stored]

    def _chunk(self, group: int, number: int) -> tuple[int, int]:
        chunk = self._file.metadata.row_group(group).column(number)
        offsets = [chunk.data_page_offset, chunk.dictionary_page_offset]
        first = min(int(offset) for offset in offsets if offset)
        return first, first + int(chunk.total_compressed_size)

    def _column(self, table: Any, info: ColumnInfo) -> Column:
        top, values = _top_level(table, info.name)
        return _column(values, info.name[len(top) + 1 :], info.dtype, f"{info.name} in {self.path}")


def _import_parquet() -> Any:
    try:
        import pyarrow.parquet
    except ImportError:
        raise HzdslError("library-missing", "Parquet files need pyarrow", fix="pip install 'hzdsl[parquet]'") from None
    return pyarrow.parquet


def _leaves(kind: Any, name: str, depth: int) -> Iterator[Leaf]:
    """Walk an Arrow type in the order in which Parquet stores its leaves."""
    from pyarrow import types

    if types.is_struct(kind):
        for field in kind:
            yield from _leaves(field.type, f"{name}.{field.name}", depth)
    elif types.is_map(kind):
        yield from (Leaf(f"{name}.{part}", None, depth, str(kind)) for part in ("key", "value"))
    elif _is_list(kind):
        yield from _leaves(kind.value_type, name, depth + 1)
    else:
        yield Leaf(name, _dtype(kind) if depth <= MAX_DEPTH else None, depth, str(kind))


def _is_list(kind: Any) -> bool:
    from pyarrow import types

    return bool(types.is_list(kind) or types.is_large_list(kind) or types.is_fixed_size_list(kind))


def _dtype(kind: Any) -> np.dtype[Any] | None:
    from pyarrow import types

    if not (types.is_boolean(kind) or types.is_integer(kind) or types.is_floating(kind)):
        return None
    dtype = np.dtype(kind.to_pandas_dtype())
    return dtype if is_number(dtype) else None


def _top_level(table: Any, name: str) -> tuple[str, Any]:
    """Return the top-level column that a dotted name lies in; top-level names may have dots themselves."""
    import pyarrow

    top = max((c for c in table.column_names if name == c or name.startswith(f"{c}.")), key=len)
    column = table.column(top)
    return top, pyarrow.concat_arrays(column.chunks) if column.num_chunks else pyarrow.array([], column.type)


def _column(values: Any, rest: str, dtype: np.dtype[Any], what: str) -> Column:
    """Unwrap lists and structs of an Arrow array down to the numbers."""
    from pyarrow import types

    levels: list[NDArray[np.int64]] = []
    while True:
        if values.null_count:
            raise HzdslError(
                "branch-type",
                f"the column {what} has {values.null_count} cells without a value",
                fix="fill them when writing the file, or write lists with no or one value",
            )
        if types.is_struct(values.type):
            field = max((f.name for f in values.type if f"{rest}.".startswith(f"{f.name}.")), key=len)
            values, rest = values.field(field), rest[len(field) + 1 :]
        elif types.is_fixed_size_list(values.type):
            levels.append(np.arange(len(values) + 1, dtype=np.int64) * values.type.list_size)
            values = values.flatten()
        elif _is_list(values.type):
            offsets = values.offsets.to_numpy().astype(np.int64)
            values = values.values.slice(int(offsets[0]), int(offsets[-1] - offsets[0]))
            levels.append(offsets - offsets[0])
        else:
            content = values.to_numpy(zero_copy_only=False)
            return Column(np.ascontiguousarray(content, dtype=dtype), *levels)
