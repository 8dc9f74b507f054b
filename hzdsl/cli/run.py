"""``hzdsl run``."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from hzdsl.cli.notes import say
from hzdsl.cli.options import (
    assignments,
    backend_option,
    remote_options,
    spec_argument,
    spec_options,
    threads_option,
    together,
)
from hzdsl.cli.output import check_folder, check_table, other_files, write_events, write_folder, write_plots
from hzdsl.cli.progress import progress_bar
from hzdsl.cli.samples import Given, with_inputs
from hzdsl.cli.spec import load_spec
from hzdsl.io.options import RemoteOptions
from hzdsl.results.result import Result

_inputs = together(
    click.option("--sample", "samples", multiple=True, metavar="NAME=FILES", callback=assignments,
                 help="Run this sample only, on these files (a pattern; may be repeated). A sample of the analysis "
                      "keeps its cross-section."),
    click.option("--data", is_flag=True, help="The files are data, not simulation."),
    click.option("--tree", metavar="NAME", help="The tree of the files [default: the only one, or Events]."),
    click.option("--base-url", metavar="URL", help="Where the analysis' relative files lie: a URL or a folder."),
    click.option("--max-events", type=click.IntRange(1), metavar="N", help="Read the first N entries of each sample."),
    click.option("--chunk-size", type=click.IntRange(1), metavar="N", help="Entries in memory at a time, per thread."),
)  # fmt: skip

_outputs = together(
    click.option("--json", "as_json", is_flag=True, help="Print the result as one JSON document."),
    click.option("--events", metavar="FILE", help="Write a row per selected event: FILE.csv or FILE.parquet."),
    click.option("--plot", "plots", metavar="DIR", help="Draw every histogram into this folder."),
    click.option("-o", "--output", "folder", metavar="DIR",
                 help="Write result.json, yields.txt, cutflow.txt, events.csv and the plots into this folder."),
    click.option("--quiet", "-q", is_flag=True, help="No progress bar, no remarks."),
)  # fmt: skip


@click.command("run", short_help="Run an analysis over files.")
@spec_argument
@click.argument("files", nargs=-1, metavar="[FILES]...")
@backend_option
@threads_option(1)
@spec_options
@_inputs
@_outputs
@remote_options
def command(
    *,
    spec: str,
    files: tuple[str, ...],
    backend: str,
    threads: int,
    sets: tuple[str, ...],
    config: str | None,
    dialect: str | None,
    samples: list[tuple[str, str]],
    data: bool,
    tree: str | None,
    base_url: str | None,
    max_events: int | None,
    chunk_size: int | None,
    as_json: bool,
    events: str | None,
    plots: str | None,
    folder: str | None,
    quiet: bool,
    remote: RemoteOptions,
) -> None:
    """Run an analysis over files.

    SPEC is a .toml, .yaml, .json, .adl or .py file. Without FILES the samples of the analysis are run; FILES (paths,
    patterns, URLs) are one sample of weight 1 instead.

    \b
    Examples:
      hzdsl run higgs4l.toml SMHiggsToZZTo4L.root
      hzdsl run higgs4l.toml data/*.root --data --threads 4 --json
      hzdsl run higgs4l.toml --set muon_min_pt=7GeV -o results
      hzdsl run higgs4l.py --sample ZZTo4mu='/data/ZZTo4mu_*.root' --events zz.csv
    """
    check_table(events)
    check_folder(plots)
    check_folder(folder)
    loaded = load_spec(spec, config, sets, dialect)
    document = with_inputs(loaded.document, Given(files, tuple(samples), tree, data, base_url))
    tables = events is not None or (folder is not None and bool(document.outputs))
    from hzdsl.run import run

    with progress_bar(quiet) as progress:
        result = run(
            document,
            backend=backend,
            parameters=loaded.parameters,
            threads=threads,
            tables=tables,
            max_events=max_events,
            chunk_size=chunk_size,
            progress=progress,
            remote=remote,
        )
    notes = _write(result, events, plots, folder, tables)
    show(result, as_json)
    say(() if quiet else (*result.notes, *notes))


def _write(result: Result, events: str | None, plots: str | None, folder: str | None, tables: bool) -> list[str]:
    """Write what was asked for, and return remarks on it."""
    if events is not None:
        write_events(result, events)
    written = [Path(x) for x in (events,) if x is not None]
    written += [] if folder is None else write_folder(result, folder, tables)
    for target in dict.fromkeys(t for t in (plots, folder) if t is not None and result.histograms):
        drawn = write_plots(result, target)
        written += drawn if target == folder else []
    return [] if folder is None else other_files(folder, written)


def show(result: Result, as_json: bool) -> None:
    """Print a result to standard output."""
    from hzdsl.results import cutflows, render, systematics, to_json, yields

    if as_json:
        click.echo(to_json(result))
    else:
        render([yields(result), *systematics(result), *cutflows(result)], sys.stdout)
