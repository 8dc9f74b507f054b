"""What a file's schema may be: that of the package which knows it best, or one guessed from its branches."""

from __future__ import annotations

from dataclasses import replace

from hzdsl.io.schema import Field, ObjectSchema, Schema, load_schema, packaged_names
from hzdsl.io.schema.inferred import inferred_schema
from hzdsl.io.schema.write import schema_text
from hzdsl.io.source import Source
from hzdsl.ir.units import NONE
from hzdsl.records import dataclass

#: So many branches a schema has to know, to be that of a file.
LEAST_KNOWN = 3


@dataclass(frozen=True)
class Known:
    """The schema of the package that fits a file best.

    Attributes
    ----------
    name : str
        What it is called.
    fields : dict of str to Field
        Its fields by branch, as far as the file has them.
    members : tuple of str
        Branches of its families (``HLT_``).
    unknown : tuple of str
        Branches it has no name for; the counters of collections, which are their lengths, are none of these.
    """

    name: str
    fields: dict[str, Field]
    members: tuple[str, ...]
    unknown: tuple[str, ...]


def known_schema(source: Source) -> Known | None:
    """Return the schema of the package that knows most branches of a file; three at least."""
    best: Known | None = None
    for name in packaged_names():
        schema = load_schema(name)
        fields = {f.branch: f for f in _fields(schema)}
        own = {b: f for b, f in fields.items() if b in source.columns}
        if len(own) >= LEAST_KNOWN and (best is None or len(own) > len(best.fields)):
            best = _known(source, schema, own)
    return best


def _known(source: Source, schema: Schema, own: dict[str, Field]) -> Known:
    """Return what a schema knows of a file beyond its declared fields."""
    counters = {o.counter for o in schema.objects.values()} | {info.counter for info in source.columns.values()}
    others = [info for name, info in source.columns.items() if name not in own]
    members = tuple(info.name for info in others if not info.depth and schema.field(info.name) is not None)
    unknown = tuple(info.name for info in others if info.name not in {*members, *counters})
    return Known(schema.name, own, members, unknown)


def guessed_schema(source: Source) -> Schema:
    """Return the schema inferred of a file, with the units and meanings that a schema of the package knows."""
    schema, known = inferred_schema(source), known_schema(source)
    if known is None:
        return schema

    def field(f: Field) -> Field:
        same = known.fields.get(f.branch)
        return f if same is None else replace(f, unit=same.unit if f.unit == NONE else f.unit, doc=f.doc or same.doc)

    def owner(x: ObjectSchema) -> ObjectSchema:
        fields = {a: field(f) for a, f in x.fields.items()}
        value = None if x.value is None else field(x.value)
        return replace(x, fields=fields, value=value, nested={n: owner(y) for n, y in x.nested.items()})

    fields = {n: field(f) for n, f in schema.fields.items()}
    return replace(schema, fields=fields, objects={n: owner(x) for n, x in schema.objects.items()})


def _fields(schema: Schema) -> list[Field]:
    return [*schema.fields.values(), *(f for o in schema.objects.values() for f in _own_fields(o))]


def _own_fields(x: ObjectSchema) -> list[Field]:
    inner = [f for n in x.nested.values() for f in _own_fields(n)]
    return [*x.fields.values(), *([x.value] if x.value is not None else []), *inner]


def schema_file(source: Source) -> str:
    """Return the text of a schema file for an open file, with a heading."""
    place = f"tree {source.tree} of {source.path}" if source.tree else source.path
    heading = (
        f"# Guessed by hzdsl browse from {' '.join(place.split())}:",
        "# check the units, and leave out what you do not need.",
        '# "dtype unit: documentation"; hz.events("FILE.toml"), or schema = "FILE.toml" under [analysis].',
        "",
    )
    return "\n".join([*heading, schema_text(guessed_schema(source))]).rstrip("\n")
