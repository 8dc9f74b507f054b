"""What uproot has said of one tree, as plain data: of the columns that were asked about, and no others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from hzdsl.caches import Stored
from hzdsl.io.baskets.directory import Baskets, Numbers
from hzdsl.io.source import ColumnInfo

#: Byte ranges (start, length), and a digest of what was found there.
Seen = Mapping[tuple[int, int], str]


@dataclass
class Catalogue:
    """What is known of one tree.

    Attributes
    ----------
    tree : str
        Its name, with its directory.
    entries : int
        How many it has.
    identity : str
        The UUID of the file.
    seen : mapping of (int, int) to str
        What uproot read of the file to know it.
    names : tuple of str, optional
        All columns, in the order of the file, readable or not.
    described : dict of str to ColumnInfo, str or None
        What a name is: a column, the C++ type of another branch, or nothing.
    sizes : dict of str to (int, int)
        The bytes of all baskets of a branch, their keys included: as they are stored, and unpacked.
    baskets : dict of str to Baskets or None
        The baskets of a branch of the ordinary kind; None of another.
    edges : dict of str to int64 array
        Of other branches, the first entry of each basket, and the number of entries.
    """

    tree: str
    entries: int
    identity: str
    seen: Seen = field(default_factory=dict)
    names: tuple[str, ...] | None = None
    described: dict[str, ColumnInfo | str | None] = field(default_factory=dict)
    sizes: dict[str, tuple[int, int]] = field(default_factory=dict)
    baskets: dict[str, Baskets | None] = field(default_factory=dict)
    edges: dict[str, Numbers] = field(default_factory=dict)


def to_stored(catalogue: Catalogue) -> Stored:
    """Return a catalogue as bytes and what JSON knows."""
    arrays = _Arrays()
    about = {
        "tree": catalogue.tree,
        "entries": catalogue.entries,
        "identity": catalogue.identity,
        "seen": [[start, length, digest] for (start, length), digest in catalogue.seen.items()],
        "names": catalogue.names,
        "described": {name: _told(what) for name, what in catalogue.described.items()},
        "sizes": catalogue.sizes,
        "baskets": {name: _parts(baskets, arrays) for name, baskets in catalogue.baskets.items()},
        "edges": {name: arrays.add(edges) for name, edges in catalogue.edges.items()},
    }
    return Stored(bytes(arrays.data), about)


def from_stored(stored: Stored) -> Catalogue:
    """Return what `to_stored` has been given.

    Examples
    --------
    >>> from_stored(to_stored(Catalogue("Events", 3, "abc", described={"x": None}))).described
    {'x': None}
    """
    about, arrays = stored.about, _Arrays(stored.data)
    return Catalogue(
        about["tree"],
        about["entries"],
        about["identity"],
        {(start, length): digest for start, length, digest in about["seen"]},
        None if about["names"] is None else tuple(about["names"]),
        {name: _understood(name, what) for name, what in about["described"].items()},
        {name: (packed, unpacked) for name, (packed, unpacked) in about["sizes"].items()},
        {name: _baskets(parts, arrays) for name, parts in about["baskets"].items()},
        {name: arrays.at(*place) for name, place in about["edges"].items()},
    )


def _told(what: ColumnInfo | str | None) -> list[Any] | str | None:
    if not isinstance(what, ColumnInfo):
        return what
    return [what.dtype.str[1:], what.depth, what.counter, what.title]  # in the order of bytes of any machine


def _understood(name: str, told: list[Any] | str | None) -> ColumnInfo | str | None:
    if not isinstance(told, list):
        return told
    dtype, depth, counter, title = told
    return ColumnInfo(name, np.dtype(dtype), depth, counter, title)


class _Arrays:
    """Arrays of whole numbers one behind the other, in as few bits as hold them; equal ones stand once."""

    def __init__(self, data: bytes = b"") -> None:
        self.data = bytearray(data)
        self._places: dict[bytes, list[Any]] = {}
        self._arrays: dict[int, Numbers] = {}

    def add(self, numbers: Numbers) -> list[Any]:
        """Return where an array is: its first byte, how many numbers it has, and their type."""
        limits = np.iinfo(np.int32)
        short = not numbers.size or (numbers.min() >= limits.min and numbers.max() <= limits.max)
        kind = "<i4" if short else "<i8"
        raw = numbers.astype(kind).tobytes()
        if raw not in self._places:
            self._places[raw] = [len(self.data), len(numbers), kind]
            self.data += raw
        return self._places[raw]

    def at(self, start: int, length: int, kind: str) -> Numbers:
        """Return the array at a place."""
        if start not in self._arrays:
            self._arrays[start] = np.frombuffer(self.data, kind, length, start).astype(np.int64)
        return self._arrays[start]


def _parts(baskets: Baskets | None, arrays: _Arrays) -> list[Any] | None:
    if baskets is None:
        return None
    numbers = baskets.seeks, baskets.lengths, baskets.edges
    return [baskets.dtype.str, baskets.unpacked, *(arrays.add(x) for x in numbers)]


def _baskets(parts: list[Any] | None, arrays: _Arrays) -> Baskets | None:
    if parts is None:
        return None
    dtype, unpacked, *places = parts
    seeks, lengths, edges = (arrays.at(*place) for place in places)
    return Baskets(np.dtype(dtype), seeks, lengths, edges, unpacked)
