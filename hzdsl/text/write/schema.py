"""The input of a written document: a schema of the package by its name, any other by what the analysis reads of it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from hzdsl.errors import HzdslError
from hzdsl.io.schema import Schema, SchemaTag, load_schema, schema_from_table
from hzdsl.ir.analysis import Document
from hzdsl.ir.node import Node, topological


def written_schema(document: Document) -> tuple[str | dict[str, Any], Schema]:
    """Return the name or the table of a document's schema, and the schema that reading it gives."""
    nodes = [n for n in topological([*document.roots(), *_defined(document)]) if n.op in ("column", "collection")]
    nodes += [n for n in document.identifiers if n not in nodes]
    tags = {t for n in nodes if isinstance(t := dict(n.attrs).get("schema"), SchemaTag)}
    try:
        packaged = load_schema(document.schema)
    except HzdslError:
        packaged = None
    if packaged is not None and all(t.digest == packaged.tag.digest for t in tags):
        return document.schema, packaged
    table = _table(nodes, [n.text("attr") for n in document.identifiers])
    return table, schema_from_table(table, document.schema)


def _defined(document: Document) -> list[Node]:
    return [n for _, n in document.definitions]


def _table(nodes: Iterable[Node], identifiers: list[str]) -> dict[str, Any]:
    """Return a ``[schema]`` table of the branches read."""
    table: dict[str, Any] = {"identifiers": identifiers, "fields": {}, "collections": {}, "objects": {}}
    for node in nodes:
        if node.op == "collection":
            table["collections"].setdefault(node.text("name"), _empty())["counter"] = dict(node.attrs).get("counter")
            continue
        owner, _, attr = node.text("attr").rpartition(".")
        axis, said = node.args[0], f"{node.type.dtype.value} {node.type.unit}".strip()
        if axis.op != "collection" and not owner:
            table["fields"][attr] = said
            continue
        kind, name = ("collections", axis.text("name")) if axis.op == "collection" else ("objects", owner)
        entry = table[kind].setdefault(name, _empty())
        attr = node.text("attr") if axis.op == "collection" else attr
        entry["names"][attr], entry["fields"][attr] = node.text("name"), said
    for entry in table["collections"].values():
        if entry.get("counter") is None:
            entry.pop("counter", None)
    return {key: x for key, x in table.items() if x}


def _empty() -> dict[str, Any]:
    return {"prefix": "", "names": {}, "fields": {}}
