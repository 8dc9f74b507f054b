"""Schemas: what a file holds, before any file is opened.

A schema names collections, single objects and plain fields, with the dtype and unit of each attribute. Some come with
the package; a user's own is a TOML file with a `[schema]` table; `inferred.py` guesses one from a file.
"""

from hzdsl.io.schema.load import load_schema, packaged_names
from hzdsl.io.schema.model import Field, Link, ObjectSchema, Schema, SchemaTag
from hzdsl.io.schema.table import schema_from_table

__all__ = [
    "Field",
    "Link",
    "ObjectSchema",
    "Schema",
    "SchemaTag",
    "load_schema",
    "packaged_names",
    "schema_from_table",
]
