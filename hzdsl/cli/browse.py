"""``hzdsl browse``."""

from __future__ import annotations

import json
import sys
from typing import Any

import click

from hzdsl.cli.guess import Known, guessed_schema, known_schema, schema_file
from hzdsl.cli.options import remote_options
from hzdsl.io.opening import open_source
from hzdsl.io.options import RemoteOptions
from hzdsl.io.schema import Field, ObjectSchema, Schema
from hzdsl.io.source import ColumnInfo, Source
from hzdsl.io.trees import list_trees, usual_tree
from hzdsl.results.text import TextTable, render
from hzdsl.sizes import size_text

MOST_UNKNOWN = 10
SHAPES = ("", "list", "list of lists")


@click.command("browse", short_help="List the trees and branches of a file, and guess its schema.")
@click.argument("file", metavar="FILE")
@click.argument("tree", metavar="[TREE]", required=False)
@click.option("--schema", "as_schema", is_flag=True, help="Print the guessed [schema] table, to be kept and mended.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@remote_options
def command(*, file: str, tree: str | None, as_schema: bool, as_json: bool, remote: RemoteOptions) -> None:
    """List what a ROOT or Parquet file holds: trees, branches, their types, meanings and sizes.

    No data are read. The schema is guessed from counters and names; units are known where titles tell them, or
    where a schema of the package knows the branch.

    \b
    Examples:
      hzdsl browse nano.root
      hzdsl browse ntuple.root nominal
      hzdsl browse ntuple.root --schema > mine.toml
    """
    if as_schema and as_json:
        raise click.UsageError("--schema and --json are two forms of one output: give one of them")
    trees = list_trees(file, remote)
    chosen = tree if tree is not None else usual_tree(trees)
    if as_schema:
        with open_source(file, chosen, remote) as source:
            click.echo(schema_file(source))
        return
    found = _described(file, trees, chosen, remote)
    if as_json:
        click.echo(json.dumps(found, indent=1, ensure_ascii=False))
    else:
        _show(found)


def _described(file: str, trees: list[str], tree: str | None, options: RemoteOptions) -> dict[str, Any]:
    """Return all that is shown, as plain data."""
    entries: dict[str, int] = {}
    found: dict[str, Any] = {"file": file, "bytes": 0, "trees": entries, "tree": tree}
    for name in dict.fromkeys([*trees, *([] if tree is None else [tree])]):
        with open_source(file, name or None, options) as source:
            entries[name] = source.entries
            found["bytes"] = source.file_bytes
            if name == tree:
                found |= _branches(source)
    return found


def _branches(source: Source) -> dict[str, Any]:
    known = known_schema(source)
    fields = {} if known is None else known.fields
    branches = [_branch(info, source.stored_bytes(info.name), fields) for info in source.columns.values()]
    return {
        "branches": branches,
        "unreadable": dict(source.unreadable),
        "schema": None if known is None else _knows(known, len(branches)),
        "inferred": _summary(guessed_schema(source)),
    }


def _knows(known: Known, branches: int) -> dict[str, Any]:
    return {"name": known.name, "branches": branches - len(known.unknown), "unknown": list(known.unknown)}


def _branch(info: ColumnInfo, size: int, known: dict[str, Field]) -> dict[str, Any]:
    title = "" if info.title.partition("[")[0].partition("/")[0] == info.name else " ".join(info.title.split())
    field = known.get(info.name)
    return {
        "branch": info.name,
        "dtype": str(info.dtype),
        "depth": info.depth,
        "counter": info.counter,
        "bytes": size,
        "unit": "" if field is None else str(field.unit),
        "doc": title or ("" if field is None else field.doc),
    }


def _summary(schema: Schema) -> dict[str, Any]:
    def said(x: ObjectSchema) -> dict[str, Any]:
        return {"counter": x.counter or None, "attributes": [*x.fields, *x.nested]}

    return {
        "collections": {n: said(o) for n, o in schema.objects.items() if not o.single},
        "objects": {n: [*o.fields] for n, o in schema.objects.items() if o.single},
        "fields": [*schema.fields],
        "identifiers": [*schema.identifiers],
    }


def _show(found: dict[str, Any]) -> None:
    click.echo(f"{found['file']}: {size_text(found['bytes'])}")
    tables = [TextTable("trees", ("tree", "entries"), tuple((n, str(e)) for n, e in found["trees"].items()))]
    if found["tree"] is None:
        render([t for t in tables if t.rows], sys.stdout)
        names = ", ".join(found["trees"]) or "none"
        click.echo(f"\nname a tree to see its branches: hzdsl browse {found['file']} TREE (there are {names})")
        return
    rows = tuple(
        (b["branch"], b["dtype"], SHAPES[b["depth"]], size_text(b["bytes"]) if b["bytes"] else "", b["unit"], b["doc"])
        for b in found["branches"]
    )
    tables.append(TextTable("branches", ("branch", "type", "", "size", "unit", ""), rows, numbers=False))
    others = tuple(found["unreadable"].items())
    tables.append(TextTable("not numbers", ("branch", "type"), others, numbers=False))
    tables += _guessed(found["inferred"])
    render([t for t in tables if t.rows], sys.stdout)
    if found["schema"] is not None:
        known = found["schema"]
        click.echo(f"\n{_said(known, len(rows), found['file'])}")


def _said(known: dict[str, Any], branches: int, file: str) -> str:
    """Say which branches a schema knows, and where the others come from: names of a schema of one's own."""
    unknown = known["unknown"]
    said = f"schema '{known['name']}' of hzdsl knows {known['branches']} of {branches} branches"
    if not unknown:
        return said
    more = f" and {len(unknown) - MOST_UNKNOWN} more (--json has all)" if len(unknown) > MOST_UNKNOWN else ""
    own = f'to use those as well: hzdsl browse {file} --schema > mine.toml, and schema = "mine.toml"'
    return f"{said}; it does not know {', '.join(unknown[:MOST_UNKNOWN])}{more}\n{own}"


def _guessed(guess: dict[str, Any]) -> list[TextTable]:
    collections = [(n, c["counter"] or "", ", ".join(c["attributes"])) for n, c in guess["collections"].items()]
    objects = [(n, "", ", ".join(attributes)) for n, attributes in guess["objects"].items()]
    header = ("name", "counter", "attributes")
    return [
        TextTable("collections, as guessed", header, tuple(collections), numbers=False),
        TextTable("objects of the event, as guessed", header, tuple(objects), numbers=False),
    ]
