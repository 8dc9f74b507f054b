"""Which columns a TTree offers: names, types and depths told from its branches, each when first asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from hzdsl.io.layout import MAX_DEPTH, is_number, leaves_of_form
from hzdsl.io.source import ColumnInfo


@dataclass(frozen=True)
class Entry:
    """Where a column lies: its branch, and its leaf if the branch has several."""

    branch: Any
    leaf: str | None


class Branches:
    """The catalogue of one TTree.

    Telling the type of a branch costs some 50 µs, and a modern NanoAOD has thousands: names are listed at
    once, types are told one by one.
    """

    def __init__(self, tree: Any) -> None:
        self._entries = _list_entries(tree)
        self._described: dict[str, ColumnInfo | str] = {}
        self.columns: Mapping[str, ColumnInfo] = LazyColumns(self)

    def __contains__(self, name: object) -> bool:
        return name in self._entries

    def __getitem__(self, name: str) -> Entry:
        return self._entries[name]

    @cached_property
    def readable(self) -> dict[str, ColumnInfo]:
        """All columns that can be read."""
        described = ((name, self.describe(name)) for name in self._entries)
        return {name: info for name, info in described if isinstance(info, ColumnInfo)}

    @cached_property
    def unreadable(self) -> dict[str, str]:
        """All others, with their C++ types."""
        described = ((name, self.describe(name)) for name in self._entries)
        return {name: info for name, info in described if isinstance(info, str)}

    def describe(self, name: str) -> ColumnInfo | str:
        """Return what `name` is: a column, or the C++ type of something that is not a column of numbers."""
        if name not in self._described:
            self._described[name] = _describe(name, self._entries[name])
        return self._described[name]


class LazyColumns(Mapping[str, ColumnInfo]):
    """The readable columns of a catalogue, each described when it is asked for."""

    def __init__(self, branches: Branches) -> None:
        self._branches = branches

    def __getitem__(self, name: str) -> ColumnInfo:
        if name in self._branches:
            info = self._branches.describe(name)
            if isinstance(info, ColumnInfo):
                return info
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        return iter(self._branches.readable)

    def __len__(self) -> int:
        return len(self._branches.readable)


def _list_entries(tree: Any) -> dict[str, Entry]:
    entries: dict[str, Entry] = {}
    for path, branch in tree.iteritems(recursive=True, full_paths=True):
        name = branch.name if branch.name not in entries else path
        leaves = branch.member("fLeaves")
        if len(leaves) > 1 and len(branch.branches) == 0:
            for leaf in leaves:
                entries[f"{name}.{leaf.member('fName')}"] = Entry(branch, leaf.member("fName"))
        else:
            entries[name] = Entry(branch, None)
    return entries


def _describe(name: str, entry: Entry) -> ColumnInfo | str:
    try:
        shape = _shape(entry)
    except Exception:  # uproot: of every kind, for leaves that it cannot interpret
        return "type that cannot be interpreted"
    if shape is None:
        return str(entry.branch.typename or "unknown type")
    return ColumnInfo(name, shape[0], shape[1], counter=_counter(entry.branch), title=str(entry.branch.title))


def _counter(branch: Any) -> str | None:
    """Return the flat integer branch that counts this one; members of split classes count themselves."""
    counter = branch.count_branch
    if counter is None or counter is branch:
        return None
    shape = _shape(Entry(counter, None))
    return str(counter.name) if shape is not None and shape[1] == 0 and shape[0].kind in "iu" else None


def _shape(entry: Entry) -> tuple[np.dtype[Any], int] | None:
    """Return the type of one value and the depth, or None for anything but numbers in lists."""
    from uproot.interpretation.jagged import AsJagged
    from uproot.interpretation.objects import AsObjects

    interpretation = entry.branch.interpretation
    if isinstance(interpretation, AsObjects):
        return _shape_of_objects(interpretation, entry.branch.file)
    depth = 0
    if isinstance(interpretation, AsJagged):
        interpretation, depth = interpretation.content, 1
    return _shape_of_numbers(interpretation, entry.leaf, depth)


def _shape_of_numbers(interpretation: Any, leaf: str | None, depth: int) -> tuple[np.dtype[Any], int] | None:
    from uproot.interpretation.numerical import AsDouble32, AsDtype, AsFloat16

    if type(interpretation) not in (AsDtype, AsDouble32, AsFloat16):
        return None
    dtype = interpretation.to_dtype
    outer = 0 if dtype.subdtype is None else len(dtype.shape)
    dtype = dtype.base
    if leaf is not None and dtype.names is not None:
        dtype = dtype[leaf]
        outer += 0 if dtype.subdtype is None else len(dtype.shape)
        dtype = dtype.base
    depth += outer
    return (dtype.newbyteorder("="), depth) if is_number(dtype) and depth <= MAX_DEPTH else None


def _shape_of_objects(interpretation: Any, file: Any) -> tuple[np.dtype[Any], int] | None:
    """Return the shape of `std::vector<std::vector<…>>` of numbers, the only objects that are columns."""
    try:
        leaves = list(leaves_of_form(interpretation.awkward_form(file)))
    except Exception:  # uproot: "cannot be awkward", for classes that have no columnar form
        return None
    if len(leaves) != 1 or leaves[0][0] or leaves[0][1] is None:
        return None
    return leaves[0][1].newbyteorder("="), leaves[0][2]
