"""RooDataSet and RooDataHist as stored → records."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from hzdsl.stats.parameters import Vector
from hzdsl.stats.roofit import trees
from hzdsl.stats.roofit.buffer import Damaged
from hzdsl.stats.roofit.objects import Objects, StoredObject
from hzdsl.stats.roofit.records import Category, Histogram, Table, Variable
from hzdsl.stats.roofit.variables import items, node

#: Per variable its values, and the arrays of its errors if it has some.
Columns = dict[str, tuple[npt.NDArray[Any], tuple[Vector, ...]]]


def data_of(objects: Objects, stored: StoredObject) -> Table | Histogram:
    """Return a RooDataSet or a RooDataHist."""
    if stored.is_a("RooDataHist"):
        return histogram(objects, stored)
    if stored.is_a("RooDataSet"):
        return table(objects, stored)
    raise Damaged(f"{stored.type} is no class of data")


def histogram(objects: Objects, stored: StoredObject) -> Histogram:
    """Return a RooDataHist. The last of its variables runs fastest."""
    variables = _variables(objects, stored["_vars"])
    shape = tuple(map(_bins, variables))
    contents = _shaped(stored["_wgt"], shape, stored)
    low, high = stored["_errLo"], stored["_errHi"]
    given = len(low) and len(high) and (low >= 0).any()  # -1 where none were given
    return Histogram(
        *(stored["fName"], stored["fTitle"], variables, contents),
        squares=_shaped(stored["_sumw2"], shape, stored) if len(stored["_sumw2"]) else None,
        errors=(_shaped(low, shape, stored), _shaped(high, shape, stored)) if given else None,
    )


def _bins(v: Variable | Category) -> int:
    if isinstance(v, Category):
        return len(v.states)
    if v.binning is None:
        raise Damaged(f"{v.name} has no bins")
    return v.binning.bins


def _shaped(values: Any, shape: tuple[int, ...], stored: StoredObject) -> npt.NDArray[np.float64]:
    if len(values) != np.prod(shape, dtype=int):
        raise Damaged(f"{stored['fName']} has {len(values)} bins, its variables {shape}")
    return np.asarray(values, float).reshape(shape)


def table(objects: Objects, stored: StoredObject) -> Table:
    """Return a RooDataSet."""
    if stored["_dstore"] is None:
        raise Damaged(f"the rows of {stored['fName']} are not stored with it")
    store = objects.stored(stored["_dstore"])
    found, weight = _rows(objects, store, _weight(objects, stored) or _weight(objects, store))
    variables = tuple(v for v in _variables(objects, stored["_vars"]) if v.name != weight)
    lost = [v.name for v in variables if v.name not in found]
    if lost:
        raise Damaged(f"there are no values of {', '.join(lost)} in {stored['fName']}")
    if len({len(values) for values, _ in found.values()}) > 1:
        raise Damaged(f"the columns of {stored['fName']} are of different lengths")
    return Table(
        *(stored["fName"], stored["fTitle"], variables),
        columns={v.name: found[v.name][0] for v in variables},
        weights=None if weight is None else np.asarray(found[weight][0], float),
        errors={name: errors for name, (_, errors) in found.items() if errors},
    )


def _rows(objects: Objects, store: StoredObject, weight: str | None) -> tuple[Columns, str | None]:
    """Return the columns of a store, and the name of that of the weights if there is one."""
    if store.is_a("RooCompositeDataStore"):
        return _composite(objects, store)
    if store.is_a("RooVectorDataStore"):
        found = dict(_vectors(objects, store))
    elif store.is_a("RooTreeDataStore"):
        found = trees.columns(objects, store)
    else:
        raise Damaged(f"rows in a {store.type} are not known")
    if weight is not None and weight not in found:
        raise Damaged(f"there are no values of the weight {weight}")
    return found, weight


def _weight(objects: Objects, stored: StoredObject) -> str | None:
    pointer = stored.members.get("_wgtVar")
    return None if pointer is None else str(objects.stored(pointer)["fName"])


def _variables(objects: Objects, collection: StoredObject) -> tuple[Variable | Category, ...]:
    found = [(objects.stored(p), p) for p in items(objects, collection)]
    made = [node(objects, stored) for stored, _ in found]
    if None in made:
        types = [stored.type for (stored, _), m in zip(found, made, strict=True) if m is None]
        raise Damaged(f"columns of class {', '.join(types)} are not known")
    return tuple(m for m in made if m is not None)


def _vectors(
    objects: Objects, store: StoredObject
) -> Iterator[tuple[str, tuple[npt.NDArray[Any], tuple[Vector, ...]]]]:
    """Yield the columns of a RooVectorDataStore."""
    for pointer in items(objects, store["_realStoreList"]):
        column = objects.stored(pointer)
        yield _owner(objects, column, "_nativeReal"), (column["_vec"], ())
    for pointer in items(objects, store["_realfStoreList"]):
        column = objects.stored(pointer)
        yield _owner(objects, column, "_nativeReal"), (column["_vec"], tuple(_errors(objects, column)))
    for pointer in items(objects, store["_catStoreList"]):
        column = objects.stored(pointer)
        indices = column["_vec"]
        if not isinstance(indices, np.ndarray):  # of objects, before ROOT 6.22
            indices = np.array([int(state["_value"]) for state in indices], np.int32)
        yield _owner(objects, column, "_cat"), (indices, ())


def _owner(objects: Objects, column: StoredObject, member: str) -> str:
    return str(objects.stored(column[member])["fName"])


def _errors(objects: Objects, column: StoredObject) -> Iterator[Vector]:
    """Yield the symmetric errors of a column, or those below and above."""
    for name in ("_vecE", "_vecEL", "_vecEH"):
        values = column[name]
        if values is not None and len(values):
            yield np.asarray(values, float)


def _composite(objects: Objects, store: StoredObject) -> tuple[Columns, str | None]:
    """Return what is in a RooCompositeDataStore: the rows of its parts, one after another, and which part they are of.

    Where one part has weights, those of the others are 1.
    """
    parts: list[Columns] = []
    name, index = "weights of parts", objects.stored(store["_indexCat"])["fName"]
    weighted = False
    for number, pointer in store["_dataMap"].items():
        part = objects.stored(pointer)
        found, weight = _rows(objects, part, _weight(objects, part))
        length = max((len(values) for values, _ in found.values()), default=0)
        weights = np.ones(length) if weight is None else found.pop(weight)[0]
        weighted |= weight is not None
        parts.append({**found, index: (np.full(length, number, np.int32), ()), name: (weights, ())})
    columns = [n for n in (parts[0] if parts else ()) if all(n in part for part in parts)]
    joined: Columns = {n: (np.concatenate([part[n][0] for part in parts]), ()) for n in columns}
    return joined, name if weighted else None
