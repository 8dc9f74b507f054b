"""The records of what a schema describes: collections and single objects of the event, their links and lists."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from functools import cached_property
from typing import Any

from hzdsl.io.schema import Link, ObjectSchema, Schema
from hzdsl.ir import build, formulas, members
from hzdsl.ir.axes import EVENT
from hzdsl.ir.node import Node, make
from hzdsl.ir.particles import charge
from hzdsl.lang import kinematics
from hzdsl.lang.records import Record
from hzdsl.lang.values import Value, absolute


class StoredRecord(Record):
    """The attributes of a schema's collection or single object."""

    def __init__(self, axis: Node, schema: ObjectSchema, whole: Schema) -> None:
        self.axis, self.schema, self._whole = axis, schema, whole

    @property
    def name(self) -> str:
        return self.schema.name

    def meaning(self) -> Hashable:
        return "stored", self.axis, self.schema.name, self._whole.tag

    def stored(self) -> Sequence[str]:
        return self._stored

    @cached_property
    def _stored(self) -> tuple[str, ...]:
        extra = ["flavor"] if self.schema.flavor is not None or "pdgId" in self.schema.fields else []
        extra += ["charge"] if "pdgId" in self.schema.fields else []
        extra += ["index"] if self.axis.op == "collection" else []
        extra += ["mass"] if (formulas.coordinates(self.schema.fields) or ("",))[-1] == "mass" else []
        own = [*self.schema.fields, *self.schema.links, *self.schema.chains(), *self.schema.nested]
        return (*own, *(n for n in extra if n not in own))

    def own(self, name: str) -> Any:
        if name in self.schema.nested:
            return stored_list(self.schema.nested[name], self._whole, self.axis)
        if name in self.schema.links:
            return self._linked(self.schema.links[name])
        if name in self.schema.chains():
            return self._chain(self.schema.chains()[name])
        if name not in self.schema.fields:
            return self._implied(name)
        field = self.schema.fields[name]
        attrs: dict[str, Hashable] = {"name": field.branch, "dtype": field.dtype, "unit": field.unit}
        if self.axis.op == "collection":  # a collection has the schema itself
            return Value(make("column", self.axis, attr=name, **attrs), field.meaning)
        node = make("column", self.axis, attr=f"{self.schema.name}.{name}", schema=self._whole.tag, **attrs)
        return Value(node, field.meaning)

    def _linked(self, link: Link) -> Any:
        from hzdsl.lang.combined import linked

        target = stored_list(self._whole.objects[link.target], self._whole)
        return linked(self.own(link.index), target.record)

    def _chain(self, link: str) -> Any:
        from hzdsl.lang.collections import Collection
        from hzdsl.lang.combined import chain_record

        return Collection(chain_record(make("self", self.axis), self.own(link)))

    def _implied(self, name: str) -> Any:
        """Return what no branch holds: the place in the list, the flavour of a collection, what a PDG id says."""
        if name == "index":
            return Value(members.place(make("self", self.axis)), "place in the list of the event")
        if name == "charge":
            return Value(charge(self.own("pdgId").node), "electric charge in e, by PDG id")
        if name == "mass":  # exactly 0, where the four-vector's would be what rounding leaves
            return kinematics.zero_like(self._first_coordinate(), self._first_coordinate().node.type.unit)
        assert name == "flavor"
        if self.schema.flavor is None:
            return absolute(self.own("pdgId"))
        return Value(build.lift(build.const(self.schema.flavor), self.axis), "|PDG id|, of all of them")

    def _first_coordinate(self) -> Value:
        return self.own("pt" if "pt" in self.schema.fields else "px")  # type: ignore[no-any-return]


def stored_list(schema: ObjectSchema, whole: Schema, outer: Node = EVENT) -> Any:
    """Return a stored collection, or list of bare numbers, of each position of `outer` (the event, or a collection)."""
    from hzdsl.lang import collections
    from hzdsl.lang.lists import Numbers

    counter, lists = schema.counter, schema.lists
    axis = make("collection", outer, name=schema.name, counter=counter, lists=lists, schema=whole.tag)
    if schema.value is None:
        return collections.Collection(StoredRecord(axis, schema, whole))
    of = schema.value
    return Numbers(make("column", axis, name=of.branch, attr="", dtype=of.dtype, unit=of.unit))
