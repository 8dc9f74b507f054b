"""`hz.events(schema)`: the names of an input, before any file is opened."""

from __future__ import annotations

import os
from typing import Any, ClassVar

from hzdsl.errors import UnknownName, did_you_mean
from hzdsl.io.schema import Field, ObjectSchema, Schema, SchemaTag, load_schema
from hzdsl.ir.axes import EVENT
from hzdsl.ir.node import Node, make
from hzdsl.lang.collections import Collection
from hzdsl.lang.immutable import Immutable
from hzdsl.lang.objects import Single
from hzdsl.lang.places import located
from hzdsl.lang.records import StoredRecord
from hzdsl.lang.values import Value


class Events(Immutable):
    """The event: collections (`ev.Muon`), single objects (`ev.MET`) and plain branches (`ev.run`) of a schema."""

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
            return _object(self._schema.objects[name], self._schema.tag)
        field = self._schema.field(name)
        return None if field is None else Value(event_column(name, field, self._schema.tag))

    @located
    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        found = self.lookup(name)
        if found is None:
            known = self._schema.names()
            fix = did_you_mean(name, known) or f"known: {', '.join(known)}"
            raise UnknownName("name-unknown", f"the schema '{self._schema.name}' has no '{name}'", fix=fix)
        return found

    def __getitem__(self, name: str) -> Any:
        return self.__getattr__(name)

    def __dir__(self) -> list[str]:
        return sorted(["schema", *self._schema.names()])

    def __repr__(self) -> str:
        return f"<events of schema '{self._schema.name}': {', '.join(self._schema.objects)}, …>"


def event_column(name: str, field: Field, tag: SchemaTag) -> Node:
    """Return the column of a plain field. Columns of the event and collections remember their schema."""
    return make("column", EVENT, name=field.branch, attr=name, dtype=field.dtype, unit=field.unit, schema=tag)


def _object(schema: ObjectSchema, tag: SchemaTag) -> Collection | Single:
    if schema.single:
        return Single(StoredRecord(EVENT, schema, tag))
    axis = make("collection", EVENT, name=schema.name, counter=schema.counter, schema=tag)
    return Collection(StoredRecord(axis, schema, tag))


@located
def events(schema: str | os.PathLike[str] | Schema = "nanoaod", folder: str | os.PathLike[str] = ".") -> Events:
    """Return the events of a schema: a name of the package, a ``.toml`` file or a `Schema`.

    Parameters
    ----------
    schema : str, path or Schema
        ``"nanoaod"``, or the path of a TOML file with a ``[schema]`` table.
    folder : str or path
        Where a relative path starts.

    Examples
    --------
    >>> import hzdsl as hz
    >>> hz.events("nanoaod").Muon
    <Muon : ref Muon @ Muon>
    """
    return Events(schema if isinstance(schema, Schema) else load_schema(os.fspath(schema), os.fspath(folder)))
