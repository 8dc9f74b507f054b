"""``hzdsl init``."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from string import Template

import click

from hzdsl.cli.guess import known_schema, schema_file
from hzdsl.cli.options import remote_options
from hzdsl.cli.output import check_folder, make_folder
from hzdsl.cli.progress import generating
from hzdsl.cli.starting import starting_point
from hzdsl.errors import HzdslError
from hzdsl.io.opening import open_source
from hzdsl.io.options import RemoteOptions
from hzdsl.io.schema import Schema, load_schema, schema_from_table
from hzdsl.io.sinks import write_text
from hzdsl.io.source import Source
from hzdsl.io.trees import list_trees, usual_tree
from hzdsl.run.inputs.kinds import Evidence, evidence
from hzdsl.urls import is_url

FILES = ("analysis.toml", "analysis.py")
SCHEMA_FILE = "schema.toml"


@click.command("init", short_help="Write a commented analysis to start from.")
@click.argument("folder", metavar="[DIR]", default=".")
@click.option("--from", "file", metavar="FILE", help="Make it of the collections of this file [default: the demo's].")
@click.option("--tree", metavar="NAME", help="The tree of the file [default: the only one, or Events].")
@remote_options
def command(*, folder: str, file: str | None, tree: str | None, remote: RemoteOptions) -> None:
    """Write analysis.toml, and the same as analysis.py, to start from: both run as they are.

    With --from they are made for that file, whether it looks like data or simulation is written down; where no
    schema of hzdsl knows it, one is guessed and written, too. Files that are there already are not touched.

    \b
    Examples:
      hzdsl init
      hzdsl init my_analysis --from ntuple.root
    """
    if tree is not None and file is None:
        raise click.UsageError("--tree goes with --from")
    check_folder(folder)
    _refuse_existing(folder, (*FILES, SCHEMA_FILE))
    path = _demo_file() if file is None else file if is_url(file) else os.path.abspath(os.path.expanduser(file))
    texts = _texts(path, tree, remote)
    _refuse_existing(folder, texts)
    made = make_folder(folder)
    for name, text in texts.items():
        write_text(made / name, text)
    click.echo("\n".join(f"wrote {made / name}" for name in texts))
    click.echo(f"try it: hzdsl run {made / FILES[0]}")


def _refuse_existing(folder: str, names: Mapping[str, str] | tuple[str, ...]) -> None:
    there = [str(Path(folder) / name) for name in names if (Path(folder) / name).exists()]
    if there:
        message = f"{' and '.join(there)} {'is' if len(there) == 1 else 'are'} there already"
        raise HzdslError("output-exists", message, fix="choose another folder: hzdsl init my_analysis")


def _demo_file() -> str:
    """Return one file of the demo, generated where it is not there yet."""
    from hzdsl.demo import generate_demo

    with generating(quiet=False) as progress:
        files = generate_demo(progress=progress)
    return str(files[0].path)


def _texts(path: str, tree: str | None, options: RemoteOptions) -> dict[str, str]:
    """Return what is written, by file."""
    trees = list_trees(path, options)
    with open_source(path, tree, options) as source:
        schema, written = _schema(source)
        start, looks = starting_point(source, schema), evidence(source)
    named = tree if tree is not None and tree != usual_tree(trees) else None
    values = {
        **start,
        "schema": schema.name if written is None else SCHEMA_FILE,
        "file": json.dumps(path, ensure_ascii=False),
        "file_name": " ".join(path.split()),
        "tree_text": "" if named is None else f"tree = {json.dumps(named)}\n",
        "tree_python": "" if named is None else f", tree={json.dumps(named)}",
        **_kind(looks),
    }
    texts = {name: Template(_template(name)).substitute(values) for name in FILES}
    texts = {name: text.rstrip() + "\n" for name, text in texts.items()}
    return texts if written is None else {**texts, SCHEMA_FILE: written}


def _kind(looks: Evidence | None) -> dict[str, str]:
    """Return the lines that say whether the file is data, with the reason; what it could be where it does not tell."""
    if looks is None:
        said = 'data? Then kind = "data": without it the sample is simulation'
        return {"kind_text": f"# {said}", "kind_python": "", "kind_why": f"  # {said}"}
    return {
        "kind_text": f'kind = "{looks.kind}"  # {looks.why}',
        "kind_python": f', kind="{looks.kind}"',
        "kind_why": f"  # {looks.why}",
    }


def _template(name: str) -> str:
    stored = f"{name}.txt" if name.endswith(".py") else name
    return (resources.files("hzdsl.cli") / "templates" / stored).read_text(encoding="utf-8")


def _schema(source: Source) -> tuple[Schema, str | None]:
    """Return the schema of a file: of the package where one knows most of it, else a guess and its text."""
    import tomllib

    known = known_schema(source)
    if known is not None and 2 * (len(known.fields) + len(known.members)) >= len(source.columns):
        return load_schema(known.name), None
    text = schema_file(source) + "\n"
    return schema_from_table(tomllib.loads(text).get("schema", {}), "schema"), text
