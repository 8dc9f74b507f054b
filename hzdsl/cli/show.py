"""``hzdsl show``."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import click

from hzdsl.cli.notes import say
from hzdsl.cli.options import spec_options
from hzdsl.cli.spec import Asked
from hzdsl.results.text import TextTable, render

Shorten = Callable[[str, int], str]


@click.command("show", short_help="Print an analysis.")
@spec_options
@click.option("--format", "form", type=click.Choice(["text", "json", "toml", "yaml", "md", "latex", "adl"]),
              default="text", show_default=True,
              help="Readable tables; one JSON document; the analysis as TOML, YAML, ADL; a paper's table.")  # fmt: skip
@click.option("--wide", is_flag=True, help="Expressions in full, however long; as wherever the output is no terminal.")
@click.option("--ir", is_flag=True, help="Print the graph that the backends execute, one node per line.")
def command(*, asked: Asked, form: str, wide: bool, ir: bool) -> None:
    """Print an analysis: its hash, parameters, definitions, cuts, histograms, outputs, samples, branches.

    \b
    Examples:
      hzdsl show higgs4l.toml
      hzdsl show higgs4l.toml --ir
      hzdsl show higgs4l.toml --format json | jq .parameters
      hzdsl show higgs4l.py --format toml > higgs4l.toml
      hzdsl show higgs4l.toml --format latex
    """
    from hzdsl.cli.describe import description, graph
    from hzdsl.run.plan.notes import document_notes
    from hzdsl.run.program.parameters import resolve

    loaded = asked.load()
    if ir:
        click.echo("\n".join(graph(loaded.document)))
        return
    if form not in ("text", "json"):
        from hzdsl.text.write import FORMS

        click.echo(FORMS[form](loaded.document, loaded.parameters), nl=False)
        return
    shown = description(loaded.document, resolve(loaded.document, loaded.parameters))
    say(document_notes(loaded.document))
    if form == "json":
        import json

        from hzdsl.results.serialise import plain

        click.echo(json.dumps(plain(shown), indent=1, ensure_ascii=False))
        return
    click.echo(f"{shown['analysis']}  {shown['hash']}")
    luminosity = f", luminosity {shown['luminosity']:g} / pb" if shown["luminosity"] is not None else ""
    click.echo(f"schema {shown['schema']}{luminosity}\n")
    short = _whole if wide or not sys.stdout.isatty() else _short
    render([t for t in _tables(shown, short) if t.rows], sys.stdout)


def _tables(shown: dict[str, Any], short: Shorten) -> list[TextTable]:
    regions = [
        _table(_region_title(name, r["on"]), ("", "cut", ""), (_cut(i, c, short) for i, c in enumerate(r["cuts"])))
        for name, r in shown["regions"].items()
    ]
    return [
        _table(
            "parameters",
            ("name", "value", "bounds", ""),
            ((p["name"], _value(p), _bounds(p["bounds"]), p["doc"]) for p in shown["parameters"]),
        ),
        _table("definitions", ("name", "type", "is"), _definitions(shown["definitions"], short)),
        *regions,
        _table("exclusive regions", ("",), ((", ".join(group),) for group in shown["exclusive"])),
        _table("weights", ("name", "on", "is"), _weights(shown, short)),
        _changes(shown["variations"]),
        _table("histograms", ("key", "bins", "of"), _histograms(shown["histograms"], short)),
        _table(
            "outputs",
            ("name", "region", "empty cells", "is"),
            (
                (o["name"], o["region"] or "every", "possible" if o["empty"] else "never", short(o["expr"], 100))
                for o in shown["outputs"]
            ),
        ),
        _table("samples", ("name", "kind", "weight", "channels", "files"), map(_sample, shown["samples"])),
        _table("branches", ("branch", "of", "type"), ((c["branch"], c["of"], c["type"]) for c in shown["columns"])),
    ]


def _table(title: str, header: tuple[str, ...], rows: Any) -> TextTable:
    return TextTable(title, header, tuple(rows), numbers=False)


def _region_title(name: str, on: str) -> str:
    return f"region {name} (on {on})" if on else f"region {name}"


def _weights(shown: dict[str, Any], short: Shorten) -> Any:
    """Yield what multiplies events, and the mask that drops some of data."""
    yield from ((name, w["on"], short(w["expr"], 100)) for name, w in shown["weights"].items())
    if shown["lumi_mask"] is not None:
        yield ("luminosity mask", "data", short(shown["lumi_mask"], 100))


def _changes(variations: dict[str, dict[str, str]]) -> TextTable:
    """Return which histograms each variation can change: a row per histogram, a column per variation."""
    keys = next(iter(variations.values()), {})
    rows = ((key, *(of[key] for of in variations.values())) for key in keys)
    return _table("variations", ("histogram", *variations), rows)


def _value(parameter: dict[str, Any]) -> str:
    """Return the value, with the default where it is another."""
    value, default = parameter["value"], parameter["default"]
    return str(value) if value == default else f"{value} (default {default})"


def _cut(i: int, cut: dict[str, str], short: Shorten) -> tuple[str, ...]:
    """Return a row: number, label and, where the label is not the condition itself, the condition."""
    label, expr = cut["cut"], cut["expr"]
    return f"{i + 1}.", label, "" if label == expr else short(expr, 160)


def _bounds(bounds: list[float | None]) -> str:
    low, high = bounds
    if low is None and high is None:
        return ""
    return f"{'-inf' if low is None else f'{low:g}'} … {'inf' if high is None else f'{high:g}'}"


def _definitions(definitions: dict[str, Any], short: Shorten) -> Any:
    return ((name, short(d["type"], 40), short(d["expr"], 100)) for name, d in definitions.items())


def _whole(text: str, limit: int) -> str:
    """Return a text as it is."""
    return text


def _short(text: str, limit: int) -> str:
    """Return a text with its middle left out beyond `limit` characters.

    Examples
    --------
    >>> _short("pair(good_mu).opposite_charge()", 20)
    'pair(good…e_charge()'
    """
    half = (limit - 1) // 2
    return text if len(text) <= limit else f"{text[:half]}…{text[half - limit + 1 :]}"


def _histograms(histograms: dict[str, Any], short: Shorten) -> Any:
    return (
        (key if i == 0 else "", _bins(axis), short(axis["expr"], 100))
        for key, h in histograms.items()
        for i, axis in enumerate(h["axes"])
    )


def _bins(axis: dict[str, Any]) -> str:
    low, high, unit = axis["edges"][0], axis["edges"][-1], axis["unit"]
    return f"{axis['bins'] or len(axis['edges']) - 1}, {low:g} … {high:g} {unit}".rstrip()


def _sample(sample: dict[str, Any]) -> tuple[str, ...]:
    weight = "" if sample["weight"] is None else f"{sample['weight']:.6g}"
    files = [*sample["files"], *(f"{key}: {name} in {file}" for key, (file, name) in sample["templates"].items())]
    kind = "data" if sample["kind"] == "data" else f"simulation, {sample['role']}"
    return sample["name"], kind, weight, ", ".join(sample["channels"]) or "all", ", ".join(files)
