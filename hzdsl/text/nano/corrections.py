"""What ``[[correction]]`` of the kinds `scale` and `jes` varies: an attribute of a collection.

A collection of the input is varied for all that is made of it; an object of ``[objects]`` before its own cuts, for
itself alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from hzdsl.errors import HzdslError
from hzdsl.lang.collections import Collection
from hzdsl.lang.functions import FUNCTIONS
from hzdsl.text.at import at
from hzdsl.text.elaborate import Elaborator
from hzdsl.text.file import DocumentFile
from hzdsl.text.names import Change, Steps, entry_at
from hzdsl.text.nano.payloads import Payload, corrections
from hzdsl.text.positions import Path
from hzdsl.text.scope import Scope


def vary_attributes(file: DocumentFile, elaborator: Elaborator) -> None:
    """Let collections of the input, and objects of the document, have the attributes that vary."""
    names, objects = elaborator.names, _objects(file)
    for path, table in corrections(file, "scale", "jes"):
        change: Change = partial(_varied, file, path, table)
        name = table["collection"]
        if name in objects:
            names.change_object(name, change)
            continue
        found = names.input(name)
        if not isinstance(found, Collection):
            what = f"'{name}' is no collection of the input, and no object of [objects]"
            raise HzdslError("arguments", what, place=file.value_place(*path, "collection"))
        entry = entry_at(file, path, steps=lambda _, change=change, found=found: change(found))
        names.replace_input(name, elaborator.run(entry, Scope(entry.source)))


def _objects(file: DocumentFile) -> set[str]:
    """Return the names of ``[objects]``, the document's and its channels'."""
    tables = [file.get("objects"), *(channel.get("objects") for _, channel in file.items("channel"))]
    return {name for table in tables for name in table or ()}


def variation_name(table: Mapping[str, Any]) -> str:
    """Return what the variation of an attribute is called."""
    given = {"scale": f"{table['collection']}_{table.get('attr', 'pt')}", "jes": "jes"}[table["kind"]]
    return str(table.get("name", given))


def _varied(file: DocumentFile, path: Path, table: Mapping[str, Any], collection: Collection) -> Steps:
    """Return a collection with the attribute that a correction varies."""
    attr = table.get("attr", "pt")
    with at(file.value_place(*path, "attr")):
        x = collection.attribute(attr)
    if table["kind"] == "scale":
        both = x * table["up"], x * table["down"]
    else:
        payload = Payload(file, path)
        shift = payload.value((yield from payload.inputs(collection)))
        both = x * (1 + shift), x * (1 - shift)
    with at(file.key_place(*path)):
        return collection.assign(**{attr: FUNCTIONS["vary"](x, **{variation_name(table): both})})
