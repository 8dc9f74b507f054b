"""The input of a written document: a schema of the package by its name, any other as a whole."""

from __future__ import annotations

import tomllib
from typing import Any

from hzdsl.errors import HzdslError
from hzdsl.io.schema import Schema, SchemaTag, load_schema, schema_from_table
from hzdsl.io.schema.write import schema_text
from hzdsl.ir.analysis import Document
from hzdsl.ir.node import topological


def written_schema(document: Document) -> tuple[str | dict[str, Any], Schema]:
    """Return the name or the table of a document's schema, and the schema that reading it gives."""
    roots = [*document.roots(), *(n for _, n in document.definitions), *document.identifiers]
    found = (dict(n.attrs).get("schema") for n in topological(roots) if n.op in ("column", "collection"))
    tag = next((t for t in found if isinstance(t, SchemaTag)), None)
    try:
        packaged = load_schema(document.schema)
    except HzdslError:
        packaged = None
    if packaged is not None and (tag is None or tag == packaged.tag):
        return document.schema, packaged
    table = tomllib.loads(schema_text(tag.schema)).get("schema", {}) if tag is not None else {}
    return table, schema_from_table(table, document.schema)
