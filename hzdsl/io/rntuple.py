"""RNTuples, through uproot."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from hzdsl.io.guard import damage
from hzdsl.io.layout import column_of_layout, leaves_of_form
from hzdsl.io.rootfile import OpenTree
from hzdsl.io.source import Column, ColumnInfo, Pieces, check_range, find_column
from hzdsl.io.storage import Storage
from hzdsl.io.stored import StoredSource

#: Bytes of the columns of clusters that uproot keeps.
CACHE = 100_000_000
#: How often values are held while they are read: as stored, decoded, of the next cluster, one behind the other.
_COPIES = 4
#: What uproot calls the type of the lengths of lists.
CARDINALITY = "ROOT::RNTupleCardinality<std::uint32_t>"


class RNTupleSource(StoredSource):
    """One RNTuple of an open ROOT file; see `hzdsl.io.source.Source`.

    Fields of nested records are columns with dots in their names (`_collection0.Muon_pt`), as in uproot.
    """

    retained = CACHE

    def __init__(self, storage: Storage, opened: OpenTree) -> None:
        directory, ntuple, self.tree = opened
        self.path, self._storage, self._directory, self._ntuple = storage.path, storage, directory, ntuple
        self._where = f"tree {self.tree} of {storage.path}"
        self._cache = _new_cache()
        with damage(self._where):
            self.entries = int(ntuple.num_entries)
            self.identity: str | None = str(directory.file.uuid)
            self._fields = {field.path: field for field in ntuple.itervalues(recursive=True)}
            self._columns, self._unreadable = _describe(ntuple, self._fields)

    def read(self, names: Sequence[str], start: int, stop: int, as_stored: bool = False) -> dict[str, Column]:
        """Read the entries from `start` up to, not including, `stop` of the named columns."""
        check_range(self.entries, start, stop)
        infos = [find_column(name, self._columns, self._unreadable, self._where) for name in names]
        if not infos:
            return {}
        wanted = {info.name for info in infos}
        with damage(f"data of {self._where}"):
            layout = self._arrays(wanted, start, stop)
            self._release(wanted, start, stop)
            if layout.length != stop - start:
                raise ValueError(f"{layout.length} entries instead of {stop - start}")
            return {info.name: column_of_layout(layout, tuple(info.name.split(".")), info.dtype) for info in infos}

    def prefetch(self, names: Sequence[str], start: int = 0, stop: int | None = None) -> None:
        """Fetch the pages of these columns over the network in few requests."""
        if self._storage.is_remote:
            stop = self.entries if stop is None else stop
            for name in names:
                find_column(name, self._columns, self._unreadable, self._where)
            with damage(f"the list of pages in {self._where}"):
                clusters = [number for number, _ in self._clusters(start, stop)]
                self._storage.prefetch(list(self._pages(set(names), clusters)))

    def stored_bytes(self, name: str) -> int:
        """Return the compressed bytes of the pages of a field, with the offsets of the lists around it."""
        info = find_column(name, self._columns, self._unreadable, self._where)
        with damage(f"the list of pages in {self._where}"):
            columns = self._storage_columns({info.name})
            pages = (
                p for links in self._ntuple.page_link_list for c in columns if c < len(links) for p in links[c].pages
            )
            return sum(int(p.locator.num_bytes) for p in pages)

    def pieces(self, name: str) -> Pieces:
        """Return the clusters with their values of a field, offsets of the lists around it included."""
        info = find_column(name, self._columns, self._unreadable, self._where)
        width = 8 if info.depth else info.dtype.itemsize  # offsets become 64 bits wide
        edges = np.array(self.boundaries([name]), np.int64)
        sizes = np.zeros(len(edges) - 1, np.int64)
        with damage(f"the list of pages in {self._where}"):
            columns = self._storage_columns({info.name})
            for cluster, links in zip(self._ntuple.cluster_summaries, self._ntuple.page_link_list, strict=False):
                values = sum(abs(int(p.num_elements)) for c in columns if c < len(links) for p in links[c].pages)
                if values:
                    at = int(np.searchsorted(edges, int(cluster.num_first_entry), side="right")) - 1
                    sizes[at] += _COPIES * width * values
        return Pieces(edges, sizes)

    def boundaries(self, names: Sequence[str]) -> list[int]:
        """Return the entries at which clusters begin."""
        starts = (int(cluster.num_first_entry) for cluster in self._ntuple.cluster_summaries)
        return sorted({0, self.entries, *starts})

    def close(self) -> None:
        """Close the file."""
        self._directory.close()
        super().close()

    def _arrays(self, names: set[str], start: int, stop: int) -> Any:
        if start == stop:
            form, _ = self._ntuple.to_akform(filter_field=lambda field: field.path in names)
            return form.length_zero_array()
        arrays = self._ntuple.arrays(
            filter_field=lambda field: field.path in names,
            entry_start=start,
            entry_stop=stop,
            array_cache=self._cache,
        )
        return arrays.layout

    def _clusters(self, start: int, stop: int) -> Iterator[tuple[int, int]]:
        """Yield (number, entry after the last) of the clusters that are read for some entries.

        uproot (5.7) reads the cluster that begins at `stop` too.
        """
        for number, cluster in enumerate(self._ntuple.cluster_summaries):
            first = int(cluster.num_first_entry)
            end = first + int(cluster.num_entries)
            if first <= stop and end > start:
                yield number, end

    def _pages(self, names: set[str], clusters: Iterable[int]) -> Iterator[tuple[int, int]]:
        """Yield the byte ranges of the pages of some fields, with the offsets of the lists around them."""
        columns = self._storage_columns(names)
        for number in clusters:
            links = self._ntuple.page_link_list[number]
            for column in columns:
                for page in links[column].pages if column < len(links) else ():
                    place = page.locator
                    # a checksum of 8 bytes follows the page
                    yield int(place.offset), int(place.offset + place.num_bytes + 8 * page.has_checksum)

    def _release(self, names: set[str], start: int, stop: int) -> None:
        """Forget the fetched pages of clusters that end in the entries just read: chunks are read in their order."""
        if self._storage.is_remote:
            read = [number for number, end in self._clusters(start, stop) if end <= stop]
            self._storage.release(list(self._pages(names, read)))

    def _storage_columns(self, names: set[str]) -> list[int]:
        form, _ = self._ntuple.to_akform(filter_field=lambda field: field.path in names)
        keys: list[str] = []
        _form_keys(form, keys)
        return sorted({int(key.split("-")[1]) for key in keys if key.startswith("column-")})


def _new_cache() -> Any:
    """Return a cache for the columns of clusters: reading up to the end of one reads the next as well."""
    from uproot.cache import LRUArrayCache

    return LRUArrayCache(CACHE)


def _form_keys(form: Any, keys: list[str]) -> None:
    if form.form_key is not None:
        keys.append(form.form_key)
    for child in form.contents if form.is_record else [form.content] if form.is_list else []:
        _form_keys(child, keys)


def _describe(ntuple: Any, fields: Mapping[str, Any]) -> tuple[dict[str, ColumnInfo], dict[str, str]]:
    form, _ = ntuple.to_akform()
    columns: dict[str, ColumnInfo] = {}
    unreadable: dict[str, str] = {}
    counters = _counters(form)
    for path, dtype, depth in leaves_of_form(form):
        field = fields.get(path)
        if dtype is None:
            unreadable[path] = "unknown type" if field is None else str(field.typename)
            continue
        # uproot widens a cardinality to 64 bits
        stored = np.dtype(np.uint32) if field is not None and field.typename == CARDINALITY else dtype
        title = "" if field is None else str(field.description)
        columns[path] = ColumnInfo(path, stored, depth, counters.get(path.split(".")[0]), title)
    return columns, unreadable


def _counters(form: Any) -> dict[str, str]:
    """Return for every top-level list the field that holds its cardinality, where the file has one."""
    cardinality = {
        content.form_key.removesuffix("-cardinality"): name
        for name, content in zip(form.fields, form.contents, strict=True)
        if (content.form_key or "").endswith("-cardinality")
    }
    return {
        name: cardinality[content.form_key]
        for name, content in zip(form.fields, form.contents, strict=True)
        if content.is_list and content.form_key in cardinality
    }
