"""Functions and densities of whatever class as stored → records: what they depend on by role, and all else by name.

A role is a member of the class: proxies (RooRealProxy, RooListProxy, …) lead to what a function depends on, and other
members are its own numbers, texts and histograms. So classes are read that are not known here, Combine's too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import numpy as np

from hzdsl.stats.roofit.buffer import Damaged
from hzdsl.stats.roofit.objects import Objects, Pointer, StoredObject, Undecoded
from hzdsl.stats.roofit.records import Argument, Function, Node, Unknown
from hzdsl.stats.roofit.tables import data_of
from hzdsl.stats.roofit.variables import binning_of, items, node

#: Classes whose members say how RooFit computes, not what.
_FRAME: Final = (
    *("TObject", "TNamed", "RooPrintable", "RooAbsArg", "RooAbsReal", "RooAbsPdf", "RooAbsLValue", "RooAbsRealLValue"),
    *("RooAbsCategory", "RooAbsCategoryLValue", "RooAbsCachedPdf", "RooAbsCachedReal"),
)
#: Classes of objects that are caches, or lead back to their owner.
_PASSING: Final = ("RooAbsCache", "RooChangeTracker", "RooNumIntConfig", "RooExpensiveObjectCache", "RooAICRegistry")
#: Classes that are arrays of numbers and nothing else.
_ARRAYS: Final = ("TArray", "TVectorT<", "TMatrixTSym<")


class Nodes:
    """All nodes of a workspace that can be reached from some of them."""

    def __init__(self, objects: Objects) -> None:
        self._objects = objects
        self._frame = {name for each in _FRAME for name in objects.layouts.members(each)}
        self.made: dict[str, Node | Unknown] = {}
        self._at: dict[str, Pointer] = {}
        self._waiting: list[Pointer] = []

    def add(self, pointers: Iterator[Pointer]) -> None:
        """Make the records of these nodes, and of all that they depend on."""
        for pointer in pointers:
            self._name(pointer)
        while self._waiting:
            pointer = self._waiting.pop(0)
            made = self._node(self._objects.get(pointer))
            self.made[made.name] = made

    def _name(self, pointer: Pointer) -> str:
        """Return the name of a node, and see to it that its record is made."""
        found = self._objects.get(pointer)
        name = str(found["fName"]) if isinstance(found, StoredObject) else found.name
        known = self._at.setdefault(name, pointer)
        if known != pointer:
            raise Damaged(f"two different nodes are called {name}")
        if name not in self.made:
            self.made[name] = Unknown(found.type, name, "it has not been read yet")
            self._waiting.append(pointer)
        return name

    def _node(self, found: StoredObject | Undecoded) -> Node | Unknown:
        if isinstance(found, Undecoded):
            return Unknown(found.type, found.name, found.reason)
        try:
            return node(self._objects, found) or self._function(found)
        except Damaged as reason:
            return Unknown(found.type, str(found["fName"]), str(reason))

    def _function(self, stored: StoredObject) -> Function:
        arguments: dict[str, Argument] = {}
        attributes: dict[str, Any] = {}
        for member, value in stored.members.items():
            if member in self._frame:
                continue
            role, argument = member.strip("_"), self._argument(value)
            if argument is not None:
                arguments[role] = argument
            elif not self._passing(value):
                attributes[role] = self._attribute(member, value, ())
        return Function(
            *(stored["fName"], stored["fTitle"], stored.type, arguments, attributes, stored.lineage),
            range=str(stored.members.get("_normRange") or ""),
            flags=tuple(stored["_boolAttrib"]),
            notes=dict(stored["_stringAttrib"]),
        )

    def _argument(self, value: Any) -> Argument | None:
        """Return what a member leads to if it is a proxy, several proxies, or a list of such."""
        if isinstance(value, Pointer):  # of a proxy that is there in some cases only
            value = self._objects.get(value)
        if not isinstance(value, StoredObject):
            return None
        if value.is_a("RooArgProxy"):
            return () if value["_arg"] is None else self._name(value["_arg"])
        if value.is_a("RooAbsProxy"):
            return tuple(self._name(p) for p in items(self._objects, value))
        if not value.is_a("TList"):
            return None
        listed = [self._objects.get(p) for p in items(self._objects, value)]
        proxies = [p for p in listed if isinstance(p, StoredObject) and p.is_a("RooArgProxy")]
        if len(proxies) < len(listed):
            return None
        return {p["fName"]: self._name(p["_arg"]) for p in proxies if p["_arg"] is not None}

    def _passing(self, value: Any) -> bool:
        if isinstance(value, Pointer):
            value = self._objects.get(value)
        return value is None or (isinstance(value, StoredObject) and any(map(value.is_a, _PASSING)))

    def _attribute(self, name: str, value: Any, above: tuple[Pointer, ...]) -> Any:
        """Return the value of a member as plain data."""
        if isinstance(value, Pointer):
            if value in above:
                raise Damaged(f"{name} leads back to itself")
            return self._attribute(name, self._objects.get(value), (*above, value))
        if isinstance(value, Undecoded):
            return Unknown(value.type, name, value.reason)
        if isinstance(value, StoredObject):
            return self._object(name, value, above)
        if isinstance(value, Mapping):
            return {key: self._attribute(name, v, above) for key, v in value.items()}
        if isinstance(value, list | tuple):
            return tuple(self._attribute(name, v, above) for v in value)
        return value.item() if isinstance(value, np.generic) else value

    def _object(self, name: str, value: StoredObject, above: tuple[Pointer, ...]) -> Any:
        try:
            if value.is_a("RooAbsData"):
                return data_of(self._objects, value)
            if value.is_a("RooAbsBinning"):
                return binning_of(value)
        except Damaged as reason:
            return Unknown(value.type, name, str(reason))
        if value.is_a("RooAbsArg") or value.type == "TNamed":
            return value["fName"]
        return self._inside(name, value, above)

    def _inside(self, name: str, value: StoredObject, above: tuple[Pointer, ...]) -> Any:
        """Return what a collection, an array or any other object holds."""
        if value.is_a("RooAbsCollection") or "items" in value.members:
            found = [self._objects.get(p) for p in items(self._objects, value)]
            return tuple(self._attribute(name, f, above) for f in found)
        if value.type.startswith(_ARRAYS):
            return value["fArray" if "fArray" in value.members else "fElements"]
        inside = {m: v for m, v in value.members.items() if not self._passing(v)}
        return {m.strip("_"): self._attribute(m, v, above) for m, v in inside.items()}
