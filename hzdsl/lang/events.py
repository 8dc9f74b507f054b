"""`hz.events(schema)`: the names of an input, before any file is opened."""

from __future__ import annotations

import os
from typing import Any, ClassVar

from hzdsl.errors import HzdslError, UnknownName, did_you_mean
from hzdsl.io.schema import Field, ObjectSchema, Schema, SchemaTag, load_schema
from hzdsl.ir import build
from hzdsl.ir.axes import EVENT
from hzdsl.ir.node import Node, float_bits, make
from hzdsl.ir.types import DType
from hzdsl.lang.collections import Collection
from hzdsl.lang.immutable import Immutable
from hzdsl.lang.lists import Numbers
from hzdsl.lang.objects import Single
from hzdsl.lang.places import as_path, located, spelled_call, spelled_input
from hzdsl.lang.records import listing
from hzdsl.lang.stored import StoredRecord, stored_list
from hzdsl.lang.values import Value, to_node
from hzdsl.lang.verbs import verb


class Events(Immutable):
    """The event: collections (`ev.Muon`), single objects (`ev.MET`) and plain branches (`ev.run`) of a schema.

    Families of branches have two names for each member: `ev.HLT_IsoMu24` and `ev.HLT.IsoMu24`.
    """

    _fields: ClassVar[frozenset[str]] = frozenset({"_schema"})

    def __init__(self, schema: Schema) -> None:
        self._schema = schema

    @property
    def schema(self) -> Schema:
        """The names, types and units."""
        return self._schema

    def lookup(self, name: str) -> Any | None:
        """Return what `name` stands for, or None where the schema has no such name."""
        if name in self._schema.objects:
            return _object(self._schema.objects[name], self._schema)
        field = self._schema.field(name)
        if field is not None:
            return Value(event_column(name, field, self._schema.tag), field.meaning)
        prefix = self._schema.family(name)
        return None if prefix is None else Family(self, prefix)

    @verb()
    @located
    def get(self, name: str, default: Any) -> Value:
        """Return a plain branch, and `default` in every event of a file that lacks it.

        Parameters
        ----------
        name : str
            A field of the schema or a member of one of its families.
        default : bool, number or quantity
            Of the branch's type; a bare number is in the natural unit (GeV, cm, …).

        Raises
        ------
        HzdslError
            ``name-unknown``, ``dtype`` or ``unit``.

        Examples
        --------
        >>> import hzdsl as hz
        >>> hz.events("nanoaod").get("HLT_IsoMu24", default=False)
        <ev.get("HLT_IsoMu24", default = false) : bool @ event>
        """
        if not isinstance(name, str):
            raise HzdslError("arguments", f"get: {name!r} is no name", fix='ev.get("HLT_IsoMu24", default=False)')
        field = self._schema.field(name)
        if field is None:
            raise self.unknown(name)
        bits = _default_bits(name, field, default)
        return Value(event_column(name, field, self._schema.tag, bits), field.meaning)

    @located
    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        found = self.lookup(name)
        if found is None:
            raise self.unknown(name)
        return found

    def unknown(self, name: str) -> UnknownName:
        """Return the error of a name that the input does not have."""
        known = self._schema.names()
        fix = self.of_branch(name) or did_you_mean(name, known) or f"known: {listing(known)}"
        return UnknownName("name-unknown", f"the schema '{self._schema.name}' has no '{name}'", fix=fix)

    def of_branch(self, name: str) -> str | None:
        """Return how what a file calls `name` is written: ``ev.Muon.pt`` for ``Muon_pt``; None for no branch of it."""
        for owner, o in self._schema.objects.items():
            field = next((f for f, x in o.fields.items() if name in (x.branch, f"{owner}_{f}")), None)
            if field is not None:
                return f"write {spelled_input(owner)}.{field}"
            if name == f"n{owner}" and not o.single:
                return f"write {spelled_call('count')}({spelled_input(owner)})"
        return None

    @located
    def __getitem__(self, name: str) -> Any:
        if not isinstance(name, str):
            raise HzdslError("arguments", f"ev[{name!r}] is no branch", fix='write ev["Muon"], or ev.Muon[0]')
        return self.__getattr__(name)

    def _ipython_key_completions_(self) -> list[str]:
        return self._schema.names()

    def __dir__(self) -> list[str]:
        return sorted(["get", "schema", *self._schema.names()])

    def __repr__(self) -> str:
        return f"<events of schema '{self._schema.name}': {', '.join(self._schema.objects)}, …>"


class Family(Immutable):
    """Branches of one prefix: `ev.HLT.IsoMu24` is `ev.HLT_IsoMu24`.

    Examples
    --------
    >>> import hzdsl as hz
    >>> ev = hz.events("nanoaod")
    >>> ev.HLT.IsoMu24
    <HLT_IsoMu24 : bool @ event>
    >>> ev.HLT.get("IsoMu24", default=False)
    <ev.get("HLT_IsoMu24", default = false) : bool @ event>
    """

    _fields: ClassVar[frozenset[str]] = frozenset({"_events", "_prefix"})

    def __init__(self, events: Events, prefix: str) -> None:
        self._events, self._prefix = events, prefix

    def attribute(self, name: str) -> Value:
        """Return the branch of the family called `name`."""
        found = self._events.lookup(f"{self._prefix}{name}")
        assert isinstance(found, Value), "every name of a family is a field"
        return found

    @verb()
    @located
    def get(self, name: str, default: Any) -> Value:
        """Return a branch of the family, and `default` in every event of a file that lacks it."""
        return self._events.get(f"{self._prefix}{name}", default)

    def __getattr__(self, name: str) -> Value:
        if name.startswith("_"):
            raise AttributeError(name)
        return self.attribute(name)

    def __getitem__(self, name: str) -> Value:
        return self.attribute(name)

    def __dir__(self) -> list[str]:
        return ["get"]

    def __repr__(self) -> str:
        return f"<the branches {self._prefix}*>"


def event_column(name: str, field: Field, tag: SchemaTag, default: int | None = None) -> Node:
    """Return the column of a plain field. Columns of the event and collections remember their schema.

    `default` is what the column holds where a file has no such branch, as the bits of a constant.
    """
    attrs = {} if default is None else {"default": default}
    return make("column", EVENT, name=field.branch, attr=name, dtype=field.dtype, unit=field.unit, schema=tag, **attrs)


def _default_bits(name: str, field: Field, x: Any) -> int:
    """Return a default in the type and unit of its branch, as the bits of a constant."""
    number = build.const_value(build.to_unit(build.in_slot(to_node(x), field.unit, f"'{name}'"), field.unit))
    same_kind = isinstance(number, bool) == (field.dtype is DType.BOOL)
    if number is None or not same_kind or (field.dtype.integer and not isinstance(number, int)):
        raise HzdslError(
            "dtype", f"'{name}' is {field.dtype.value}, and its default {x!r} is not", fix=f"give a {field.dtype.value}"
        )
    return float_bits(float(number)) if field.dtype.floating else int(number)


def _object(schema: ObjectSchema, whole: Schema) -> Collection | Single | Numbers:
    if schema.single:
        return Single(StoredRecord(EVENT, schema, whole))
    found: Collection | Numbers = stored_list(schema, whole)
    return found


@located
def events(schema: str | os.PathLike[str] | Schema = "nanoaod", folder: str | os.PathLike[str] = ".") -> Events:
    """Return the events of a schema: a name of the package, a ``.toml`` file or a `Schema`.

    Parameters
    ----------
    schema : str, path or Schema
        ``"nanoaod"``, ``"atlas_opendata_13tev"``, …, or the path of a TOML file with a ``[schema]`` table.
    folder : str or path
        Where a relative path starts.

    Examples
    --------
    >>> import hzdsl as hz
    >>> hz.events("nanoaod").Muon
    <Muon : ref Muon @ Muon>
    """
    return Events(
        schema
        if isinstance(schema, Schema)
        else load_schema(as_path(schema, "the schema"), as_path(folder, "the folder"))
    )
