"""The rows of a RooTreeDataStore: a TTree that is stored in it, its baskets among its branches, or beside it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt

from hzdsl.stats.parameters import Vector
from hzdsl.stats.roofit.buffer import Damaged
from hzdsl.stats.roofit.objects import Objects, StoredObject
from hzdsl.stats.roofit.variables import items

_NUMBERS: Mapping[str, str] = MappingProxyType(
    {"TLeafD": ">f8", "TLeafF": ">f4", "TLeafI": ">i4", "TLeafL": ">i8", "TLeafS": ">i2", "TLeafB": "i1", "TLeafO": "?"}
)
#: What RooRealVar and RooCategory append to the names of their branches.
_ERROR, _LOW, _HIGH, _INDEX, _LABEL = "_err", "_aerr_lo", "_aerr_hi", "_idx", "_lbl"


def columns(objects: Objects, store: StoredObject) -> dict[str, tuple[npt.NDArray[Any], tuple[Vector, ...]]]:
    """Return the columns of a RooTreeDataStore by the names of their variables, each with its errors."""
    if store["_tree"] is None:
        beside = objects.beside(_name(store))
        if beside is None:
            raise Damaged(f"the tree {_name(store)} of a data set is not in the file")
        found = dict(beside)
    else:
        tree = objects.stored(store["_tree"])
        found = {b["fName"]: v for b, v in _branches(objects, tree, int(tree["fEntries"]))}
    made: dict[str, tuple[npt.NDArray[Any], tuple[Vector, ...]]] = {}
    for pointer in items(objects, store["_varsww"]):
        name = objects.stored(pointer)["fName"]
        values = found.get(name, found.get(name + _INDEX))
        if values is None:
            raise Damaged(f"the tree of a data set has no branch {name}")
        errors = (found.get(name + _ERROR), found.get(name + _LOW), found.get(name + _HIGH))
        made[name] = (values, tuple(e.astype(float) for e in errors if e is not None))
    return made


def _name(store: StoredObject) -> str:
    """Return how RooFit calls a tree that it stores beside its store (RooTreeDataStore::makeTreeName)."""
    parts = ["RooTreeDataStore", store["fName"], store["fTitle"]]
    return re.sub("[^0-9A-Za-z]", "_", "_".join(filter(None, parts)))


def _branches(objects: Objects, tree: StoredObject, entries: int) -> Iterator[tuple[StoredObject, npt.NDArray[Any]]]:
    for pointer in items(objects, tree["fBranches"]):
        branch = objects.stored(pointer)
        leaves = [objects.stored(p) for p in items(objects, branch["fLeaves"])]
        if len(leaves) != 1:
            raise Damaged(f"the branch {branch['fName']} of a data set has {len(leaves)} leaves")
        code = _NUMBERS.get(leaves[0].type)
        if code is None:  # names of states, which their numbers say, too
            continue
        values = [_basket(objects.stored(p), code) for p in items(objects, branch["fBaskets"])]
        joined = np.concatenate(values or [np.zeros(0, code)])
        if len(joined) != entries:
            raise Damaged(f"the branch {branch['fName']} of a data set holds {len(joined)} of {entries} values")
        yield branch, joined.astype(np.dtype(code).newbyteorder("="))


def _basket(basket: StoredObject, code: str) -> npt.NDArray[Any]:
    values, entries = basket["values"], basket["entries"]
    size = np.dtype(code).itemsize
    if len(values) < size * entries:
        raise Damaged(f"a basket of {entries} values has {len(values)} bytes")
    return np.frombuffer(values, code, entries)
