"""Which columns a TTree offers: names, types and depths told from its branches, each when first asked for."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from hzdsl.errors import HzdslError
from hzdsl.io.layout import MAX_DEPTH, is_number, leaves_of_form
from hzdsl.io.source import ColumnInfo


class Entry(NamedTuple):
    """Where a column lies: its branch, and its leaf if the branch has several."""

    branch: Any
    leaf: str | None


class _NoForm(Exception):  # noqa: N818
    """Why the form of objects is not known."""


class Description(NamedTuple):
    """What a branch is: a column, or the C++ type of something else; and whether it could be found out."""

    what: ColumnInfo | str
    sure: bool


class Branches:
    """The branches of one TTree, as uproot tells them.

    Telling the type of a branch costs some 50 µs, and a modern NanoAOD has thousands: names are listed at
    once, types are told one by one.
    """

    def __init__(self, tree: Any) -> None:
        self._entries = _list_entries(tree)

    def __contains__(self, name: object) -> bool:
        return name in self._entries

    def __getitem__(self, name: str) -> Entry:
        return self._entries[name]

    @property
    def names(self) -> tuple[str, ...]:
        """All columns, in the order of the file."""
        return tuple(self._entries)

    def describe(self, name: str) -> Description:
        """Return what `name` is."""
        return _describe(name, self._entries[name])


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


def _describe(name: str, entry: Entry) -> Description:
    try:
        shape = _shape(entry)
    except HzdslError:  # of reading
        raise
    except _NoForm:
        return Description(_type_of(entry), False)
    except Exception:  # uproot: of every kind, for leaves that it cannot interpret
        return Description("type that cannot be interpreted", False)
    if shape is None:
        return Description(_type_of(entry), True)
    info = ColumnInfo(name, shape[0], shape[1], counter=_counter(entry.branch), title=str(entry.branch.title))
    return Description(info, True)


def _type_of(entry: Entry) -> str:
    return str(entry.branch.typename or "unknown type")


def _counter(branch: Any) -> str | None:
    """Return the flat integer branch that counts this one; members of split classes count themselves."""
    counter = branch.count_branch
    if counter is None or counter is branch:
        return None
    try:
        shape = _shape(Entry(counter, None))
    except _NoForm:
        return None
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
    from uproot.interpretation.objects import CannotBeAwkward

    try:
        leaves = list(leaves_of_form(interpretation.awkward_form(file)))
    except CannotBeAwkward:  # classes that have no columnar form
        return None
    except HzdslError:  # of reading
        raise
    except Exception as error:  # uproot: of every kind, for classes that it cannot make sense of
        raise _NoForm from error
    if len(leaves) != 1 or leaves[0][0] or leaves[0][1] is None:
        return None
    return leaves[0][1].newbyteorder("="), leaves[0][2]
