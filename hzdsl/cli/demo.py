"""``hzdsl demo``."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from importlib import resources
from pathlib import PurePosixPath

import click

from hzdsl.cli.delivery import Wanted, write
from hzdsl.cli.options import backend_option, remote_options, threads_option
from hzdsl.cli.output import check_folder
from hzdsl.cli.progress import generating
from hzdsl.cli.samples import at_base
from hzdsl.cli.spec import load_spec
from hzdsl.cli.watching import watching
from hzdsl.io.options import RemoteOptions
from hzdsl.ir.analysis import Document, Sample
from hzdsl.results.result import Result

OPEN_DATA = "https://eospublic.cern.ch//eos/root-eos/cms_opendata_2012_nanoaod_skimmed/"


def _cores() -> int:
    return min(4, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1)


@click.command("demo", short_help="Run the Higgs → ZZ → 4ℓ demo.")
@click.option("--remote", "from_server", is_flag=True, help="Run on the CMS Open Data at CERN, over HTTPS.")
@click.option("--seed", type=click.IntRange(0), metavar="N", help="Generate other events.")
@click.option("-o", "--output", "folder", default="demo-output", show_default=True, metavar="DIR",
              help="Where result.json, the tables and the plots go.")  # fmt: skip
@click.option("--base-url", metavar="URL", help=f"Where the remote files lie [default: {OPEN_DATA}].")
@remote_options
@backend_option
@threads_option(_cores())
@click.option("--quiet", "-q", is_flag=True, help="No progress bar.")
def command(
    *,
    from_server: bool,
    seed: int | None,
    folder: str,
    base_url: str | None,
    remote: RemoteOptions,
    backend: str,
    threads: int,
    quiet: bool,
) -> None:
    """Run the Higgs → ZZ → 4ℓ analysis of 2012 in three channels: simulation stacked, data as points.

    By default on generated events, kept in a cache folder; with --remote on the eight files of the CMS Open
    Data, of which only the columns needed travel.

    \b
    Examples:
      hzdsl demo
      hzdsl demo --remote --threads 4
    """
    if not from_server and (base_url or remote != RemoteOptions()):
        raise click.UsageError("--base-url, --ca-file, --insecure, --redirector and --download go with --remote")
    if from_server and seed is not None:
        raise click.UsageError("--seed generates events, --remote reads them")
    check_folder(folder)
    begin = time.monotonic()
    with demo_spec() as path:
        document = load_spec(path).document
    document = _at_server(document, base_url or OPEN_DATA) if from_server else _generated(document, seed, quiet)
    from hzdsl.run import run

    with watching(quiet) as watch:
        result = run(document, backend=backend, threads=threads, tables=True, watch=watch, remote=remote)
    _report(result, from_server)
    written = write(result, Wanted(folder=folder, quiet=quiet))
    click.echo("\n".join(f"wrote {p}" for p in written[folder]))
    click.echo(f"{result.events} events in {time.monotonic() - begin:.1f} s")


@contextmanager
def demo_spec() -> Iterator[str]:
    """Give the path of the demo's analysis, which is part of the package."""
    with resources.as_file(resources.files("hzdsl.demo") / "higgs4l.toml") as path:
        yield str(path)


def _at_server(document: Document, base: str) -> Document:
    return document.with_samples(tuple(at_base(s, base) for s in document.samples))


def _generated(document: Document, seed: int | None, quiet: bool) -> Document:
    """Return the analysis on generated files, which stand in for those of the same names."""
    from hzdsl.demo import DEFAULT_SEED, generate_demo

    with generating(quiet) as progress:
        files = generate_demo(seed=DEFAULT_SEED if seed is None else seed, progress=progress)
    known = {f.path.name: f for f in files}

    def standing_in(sample: Sample) -> Sample:
        own = [known[PurePosixPath(f).name] for f in sample.files]
        generated = [f.spec.generated for f in own]
        nevt = None if None in generated else float(sum(n for n in generated if n is not None))
        return replace(sample, files=tuple(str(f.path) for f in own), nevt=nevt)

    samples = tuple(standing_in(s) for s in document.samples)
    return replace(document, samples=samples, experiment="Generated events")


def _report(result: Result, from_server: bool) -> None:
    from hzdsl.cli.published import beside_published, traffic
    from hzdsl.results import render, systematics, yields

    tables = [yields(result), *systematics(result)]
    if from_server:
        tables += [beside_published(result), traffic(result)]
    render(tables, sys.stdout)
