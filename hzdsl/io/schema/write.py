"""A schema as the text of a `[schema]` table, which `hzdsl.io.schema.schema_from_table` reads back."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping

from hzdsl.io.schema.model import Field, ObjectSchema, Schema

_BARE = re.compile(r"[A-Za-z0-9_-]+")


def schema_text(schema: Schema) -> str:
    """Return the `[schema]` table of a schema.

    Every attribute, counter and branch is written out; coordinates that the table implies (`eta` and `phi` beside
    `pt`) are there when it is read, even where the schema did without.

    Examples
    --------
    >>> from hzdsl.ir.types import DType
    >>> from hzdsl.ir.units import GEV
    >>> lep = ObjectSchema("lep", {"pt": Field("lep_pt", DType.F32, GEV, "momentum")}, counter="lep_n")
    >>> print(schema_text(Schema("mine", {"x": Field("x", DType.F64)}, {"lep": lep})))
    [schema.fields]
    x = "f64"
    <BLANKLINE>
    [schema.collections.lep]
    counter = "lep_n"
    <BLANKLINE>
    [schema.collections.lep.fields]
    pt = "f32 GeV: momentum"
    <BLANKLINE>
    """
    lines: list[str] = []
    if schema.identifiers:
        lines += _table("schema", {"identifiers": json.dumps(list(schema.identifiers))})
    lines += _table("schema.fields", {n: _string(_said(f)) for n, f in schema.fields.items()})
    lines += _table("schema.patterns", {n: _string(_said(f)) for n, f in schema.patterns.items()})
    for name, found in schema.objects.items():
        kind = "objects" if found.single else "collections"
        lines += _object(f"schema.{kind}.{_key(name)}", found, f"{name}_", name)
    return "\n".join(lines)


def _object(where: str, x: ObjectSchema, usual: str, name: str) -> Iterator[str]:
    """Yield the tables of a collection or object, whose branches usually begin with `usual`."""
    prefix, own = _prefix(x, usual, name), {}
    if prefix != (usual if x.value is None else name):
        own["prefix"] = _string(prefix)
    if not x.single and "." not in x.name and x.counter != f"n{name}":
        own["counter"] = _string(x.counter)
    if x.flavor is not None:
        own["flavor"] = str(x.flavor)
    if x.value is not None:
        own["value"] = _string(_said(x.value))
    yield from _table(where, own, always=True)
    yield from _table(f"{where}.names", {a: _string(n) for a, n in _renamed(x, prefix)})
    yield from _table(f"{where}.fields", {a: _string(_said(f)) for a, f in x.fields.items()})
    for key, link in x.links.items():
        chain = {} if link.chain is None else {"chain": _string(link.chain)}
        yield from _table(
            f"{where}.links.{_key(key)}", {"index": _string(link.index), "target": _string(link.target), **chain}
        )
    for key, inner in x.nested.items():
        yield from _object(f"{where}.nested.{_key(key)}", inner, f"{prefix}{key}_", f"{prefix}{key}")


def _prefix(x: ObjectSchema, usual: str, name: str) -> str:
    if x.value is not None:
        return x.value.branch
    branches = [f.branch for f in x.fields.values()]
    return next((p for p in (usual, f"{name}.") if all(b.startswith(p) for b in branches)), "")


def _renamed(x: ObjectSchema, prefix: str) -> Iterator[tuple[str, str]]:
    """Yield the attributes whose branches are called otherwise."""
    for attr, f in x.fields.items():
        if f.branch != prefix + attr:
            yield attr, f.branch.removeprefix(prefix)


def _table(where: str, entries: Mapping[str, str], always: bool = False) -> Iterable[str]:
    if not entries and not always:
        return []
    return [f"[{where}]", *(f"{_key(name)} = {text}" for name, text in entries.items()), ""]


def _said(f: Field) -> str:
    doc = " ".join(f.doc.split())
    return f"{f.dtype.value} {f.unit}".rstrip() + (f": {doc}" if doc else "")


def _key(name: str) -> str:
    return name if _BARE.fullmatch(name) else _string(name)


def _string(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
