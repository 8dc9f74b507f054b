"""RooRealVar, RooConstVar, RooCategory and RooAbsBinning as stored → records."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import copysign, inf
from typing import Any

import numpy as np

from hzdsl.stats.roofit.buffer import Damaged
from hzdsl.stats.roofit.objects import Objects, Pointer, StoredObject
from hzdsl.stats.roofit.records import Binning, Category, Variable

#: RooFit's infinity (RooNumber); newer versions store that of the machine.
_INFINITY = 1e30


def items(objects: Objects, collection: Any) -> Iterator[Pointer]:
    """Yield the pointers of a collection of RooFit or of ROOT, of whatever version."""
    if isinstance(collection, StoredObject):
        inside = collection["items"] if "items" in collection.members else collection["_list"]
        yield from items(objects, inside)
    elif isinstance(collection, Mapping):
        yield from (p for p in collection.values() if p is not None)
    elif isinstance(collection, list):
        yield from (p for p in collection if p is not None)
    else:
        raise Damaged(f"a collection is a {type(collection).__name__}")


def variable(objects: Objects, stored: StoredObject) -> Variable:
    """Return a RooRealVar or a RooConstVar."""
    flags = tuple(stored["_boolAttrib"])
    name, title, value = stored["fName"], stored["fTitle"], float(stored["_value"])
    if stored.is_a("RooConstVar"):
        return Variable(name, title, value, value, value, True, stored["_unit"], flags=flags)
    binning = _binning(objects, stored["_binning"])
    low, high = stored["_asymErrLo"], stored["_asymErrHi"]
    return Variable(
        *(name, title, value),
        low=binning.low if binning else -inf,
        high=binning.high if binning else inf,
        constant="Constant" in flags,
        unit=stored["_unit"],
        error=stored["_error"] if stored["_error"] >= 0 else None,
        errors=(low, high) if low <= 0 <= high else None,
        binning=binning,
        ranges=_ranges(objects, stored),
        flags=flags,
    )


def category(objects: Objects, stored: StoredObject) -> Category:
    """Return a RooCategory."""
    flags = tuple(stored["_boolAttrib"])
    if "_stateNames" in stored.members:  # since ROOT 6.22
        known = stored["_stateNames"]
        order = stored.members.get("_insertionOrder") or sorted(known, key=known.__getitem__)
        states = {name: int(known[name]) for name in order}
        return Category(stored["fName"], stored["fTitle"], states, int(stored["_currentIndex"]), flags)
    types = [objects.stored(p) for p in items(objects, stored["_types"])]
    states = {label(t): int(t["_value"]) for t in types}
    return Category(stored["fName"], stored["fTitle"], states, int(stored["_value"]["_value"]), flags)


def label(state: StoredObject) -> str:
    """Return the name of a RooCatType."""
    text = state["_label"]
    return text if isinstance(text, str) else bytes(text.astype("u1")).partition(b"\0")[0].decode("utf-8", "replace")


def node(objects: Objects, stored: StoredObject) -> Variable | Category | None:
    """Return a variable, constant or category; None of something else."""
    if stored.is_a("RooRealVar") or stored.is_a("RooConstVar"):
        return variable(objects, stored)
    return category(objects, stored) if stored.is_a("RooCategory") else None


def _binning(objects: Objects, pointer: Pointer | None) -> Binning | None:
    return None if pointer is None else binning_of(objects.stored(pointer))


def binning_of(stored: StoredObject) -> Binning:
    """Return a RooUniformBinning, RooRangeBinning or RooBinning.

    Raises
    ------
    Damaged
        Of other classes, whose limits are functions.
    """
    if stored.is_a("RooUniformBinning"):
        return Binning(finite(stored["_xlo"]), finite(stored["_xhi"]), int(stored["_nbins"]))
    if stored.is_a("RooRangeBinning"):
        low, high = stored["_range"]
        return Binning(finite(low), finite(high))
    if stored.is_a("RooBinning"):
        low, high = stored["_xlo"], stored["_xhi"]
        boundaries = np.asarray(stored["_boundaries"], float)
        inside = boundaries[(boundaries > low) & (boundaries < high)]
        edges = np.concatenate([[low], inside, [high]])
        return Binning(finite(low), finite(high), len(edges) - 1, edges)
    raise Damaged(f"a binning of class {stored.type} is not known")


def finite(x: float) -> float:
    """Return a limit, infinite where RooFit's is."""
    return copysign(inf, x) if abs(x) >= _INFINITY else float(x)


def _ranges(objects: Objects, stored: StoredObject) -> Mapping[str, Binning]:
    shared = stored.members.get("_sharedProp")
    if isinstance(shared, Pointer):
        shared = objects.stored(shared)
    if not isinstance(shared, StoredObject):
        return {}
    named = shared["_altBinning"]
    if isinstance(named, Mapping):
        return {str(n): binning_of(objects.stored(p)) for n, p in named.items() if p is not None}
    found = [objects.stored(p) for p in items(objects, named)]
    return {b["fName"]: binning_of(b) for b in found}
