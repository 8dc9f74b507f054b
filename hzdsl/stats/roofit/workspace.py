"""Reading workspaces and data of RooFit from ROOT files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any

import numpy.typing as npt

from hzdsl.errors import HzdslError, did_you_mean
from hzdsl.io.guard import damage
from hzdsl.io.options import RemoteOptions
from hzdsl.io.rootfile import open_root
from hzdsl.io.storage import file_format, open_storage
from hzdsl.stats.roofit.buffer import Damaged
from hzdsl.stats.roofit.functions import Nodes
from hzdsl.stats.roofit.layouts import Layouts
from hzdsl.stats.roofit.objects import Objects, StoredObject, Undecoded
from hzdsl.stats.roofit.records import Histogram, Table, Unknown, Workspace, unreadable
from hzdsl.stats.roofit.tables import data_of
from hzdsl.stats.roofit.variables import items, node

_WORKSPACES, _DATA = ("RooWorkspace",), ("RooDataSet", "RooDataHist")


def read_workspace(path: str, name: str | None = None, remote: RemoteOptions | None = None) -> Workspace:
    """Read a RooWorkspace of a ROOT file.

    Nothing of it is evaluated; what is of a class that cannot be read is there as `Unknown`, and an error where it is
    asked for.

    Parameters
    ----------
    path : str
        A path, or an address (`https://`, `root://`).
    name : str, optional
        Of the workspace, with its directory. By default the only one of the file.
    remote : RemoteOptions, optional
        Certificates, time limits and retries of an address.

    Raises
    ------
    HzdslError
        ``object-missing`` with the names there are; ``file-missing``, ``file-format``, ``file-truncated``, ``remote``.

    Examples
    --------
    >>> read_workspace("no/such/file.root")
    Traceback (most recent call last):
      ...
    hzdsl.errors.HzdslError: error[file-missing]: there is no file no/such/file.root
      fix: check the path: the directory no/such does not exist either
    """
    with _stored(path, name, _WORKSPACES, remote) as (objects, top):
        return workspace_of(objects, top, path)


def read_data(path: str, name: str | None = None, remote: RemoteOptions | None = None) -> Table | Histogram:
    """Read a RooDataSet or a RooDataHist that lies in a ROOT file by itself.

    Parameters and errors are those of `read_workspace`.

    Examples
    --------
    >>> read_data("no/such/file.root", "data_obs")
    Traceback (most recent call last):
      ...
    hzdsl.errors.HzdslError: error[file-missing]: there is no file no/such/file.root
      fix: check the path: the directory no/such does not exist either
    """
    with _stored(path, name, _DATA, remote) as (objects, top):
        found = _data(objects, top)
        if isinstance(found, Unknown):
            raise unreadable(found, path)
        return found


@contextmanager
def _stored(
    path: str, name: str | None, classes: tuple[str, ...], remote: RemoteOptions | None
) -> Iterator[tuple[Objects, StoredObject]]:
    """Open a file and decode one object of it."""
    storage = open_storage(path, remote)
    try:
        if file_format(storage) != "root":
            raise HzdslError("file-format", f"{path} is not a ROOT file", fix="give a .root file")
        with open_root(storage, path) as directory:
            key = _key(directory, path, name, classes)
            with damage(f"{key.fName} in {path}"):
                chunk, cursor = key.get_uncompressed_chunk_cursor()
                data = bytes(memoryview(chunk.raw_data)[cursor.index :])
                layouts, beside = Layouts(directory.file.streamers), partial(_columns, key.parent)
                objects = Objects(data, int(key.fKeylen), layouts, str(key.fClassName), beside)
                yield objects, objects.top()
    finally:
        storage.close()


def _key(directory: Any, path: str, name: str | None, classes: tuple[str, ...]) -> Any:
    with damage(f"the list of keys of {path}"):
        known = [n for n, kind in directory.classnames(recursive=True, cycle=False).items() if kind in classes]
        known = list(dict.fromkeys(known))
    what = " or ".join(classes)
    there = f"there are {', '.join(known[:10])}" if known else f"give a file with a {what}"
    if name is None:
        if len(known) == 1:
            return directory.key(known[0])
        count = "more than one" if known else "no"
        raise HzdslError("object-missing", f"{path} holds {count} {what}", fix=f"name one: {there}" if known else there)
    if name.partition(";")[0] in known:
        with damage(f"the list of keys of {path}"):
            return directory.key(name)
    raise HzdslError("object-missing", f"{path} has no {what} {name}", fix=did_you_mean(name, known) or there)


def _columns(directory: Any, name: str) -> Mapping[str, npt.NDArray[Any]] | None:
    """Return the numbers of a tree, by the names of its branches; None where there is no such tree."""
    from uproot.behaviors.TBranch import HasBranches

    tree = directory.get(name)
    if not isinstance(tree, HasBranches):
        return None
    arrays = {b.name: b.array(library="np") for b in tree.branches}
    return {n: a for n, a in arrays.items() if a.dtype != object}


def workspace_of(objects: Objects, top: StoredObject, path: str) -> Workspace:
    """Return the records of a RooWorkspace that has been opened."""
    nodes = Nodes(objects)
    nodes.add(items(objects, top["_allOwnedNodes"]))
    embedded = items(objects, top["_embeddedDataList"]) if "_embeddedDataList" in top.members else ()
    return Workspace(
        *(top["fName"], top["fTitle"], path),
        nodes=nodes.made,
        data=_all_data(objects, items(objects, top["_dataList"])),
        embedded=_all_data(objects, embedded),
        sets={str(n): _names(objects, s) for n, s in top["_namedSets"].items()},
        snapshots={s["_name"]: _values(objects, s) for s in map(objects.stored, items(objects, top["_snapshots"]))},
    )


def _names(objects: Objects, collection: StoredObject) -> tuple[str, ...]:
    return tuple(str(objects.stored(p)["fName"]) for p in items(objects, collection))


def _values(objects: Objects, collection: StoredObject) -> Mapping[str, float]:
    """Return the values in a snapshot."""
    found = {}
    for pointer in items(objects, collection):
        stored = objects.stored(pointer)
        made = node(objects, stored)
        if made is not None:
            found[made.name] = float(made.index if hasattr(made, "index") else made.value)
    return found


def _all_data(objects: Objects, pointers: Any) -> Mapping[str, Table | Histogram | Unknown]:
    found = [_data(objects, objects.get(p)) for p in pointers]
    return {f.name: f for f in found}


def _data(objects: Objects, found: StoredObject | Undecoded) -> Table | Histogram | Unknown:
    if isinstance(found, Undecoded):
        return Unknown(found.type, found.name, found.reason)
    try:
        return data_of(objects, found)
    except Damaged as reason:
        return Unknown(found.type, str(found["fName"]), str(reason))
