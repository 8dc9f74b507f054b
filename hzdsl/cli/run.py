"""``hzdsl run``."""

from __future__ import annotations

import os
from typing import Any

import click

from hzdsl.cli.aside import keep_aside, stopped
from hzdsl.cli.delivery import Wanted, deliver, output_options
from hzdsl.cli.keeping import SECONDS, Kept, keeping_options
from hzdsl.cli.notes import counted
from hzdsl.cli.options import (
    backend_option,
    inputs_options,
    limits_options,
    max_memory_option,
    remote_options,
    spec_options,
    threads_option,
    together,
)
from hzdsl.cli.samples import Given, with_inputs
from hzdsl.cli.spec import Asked
from hzdsl.cli.stopping import STATUS, stopping
from hzdsl.cli.watching import watching
from hzdsl.run.options import Retry

_where = click.option(
    "--dask", metavar="ADDRESS",
    help="Let the workers of this dask scheduler do the work: tcp://HOST:PORT, or its scheduler file (FILE.json).",
)  # fmt: skip

_faults = together(
    click.option("--retries", type=click.IntRange(0), default=Retry.times, show_default=True, metavar="N",
                 help="How often a chunk whose input fails is tried again."),
    click.option("--retry-delay", type=SECONDS, default=Retry.delay, show_default=True, metavar="SECONDS",
                 help="Before the first repetition; doubled for each further one."),
    click.option("--allow-missing", is_flag=True,
                 help="Do without inputs that cannot be read; the result says which. Weights stay as they are."),
    click.option("--trust-files", is_flag=True,
                 help="Leave out the checks of packed data, but for one basket in 16: damage may go unnoticed."),
    click.option("--log", metavar="FILE", help="Append what happens to this file, as lines of JSON."),
)  # fmt: skip


@click.command("run", short_help="Run an analysis over files.")
@spec_options
@inputs_options
@limits_options
@backend_option
@threads_option(1)
@_where
@max_memory_option
@output_options
@keeping_options
@_faults
@remote_options
def command(
    *, asked: Asked, given: Given, wanted: Wanted, kept: Kept, log: str | None, dask: str | None, **how: Any
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
      hzdsl run higgs4l.toml -o results --resume
      hzdsl run higgs4l.toml --slice 3/100 -o slices
      hzdsl run higgs4l.toml --dask tcp://head:8786 -o results
    """
    wanted.check()
    kept.check(wanted)
    loaded = asked.load()
    document = with_inputs(loaded.document, given)
    outputs = bool(document.outputs)
    tables = outputs if kept.piece else wanted.events is not None or (wanted.folder is not None and outputs)
    from hzdsl.run import run
    from hzdsl.run.cluster.connect import connected
    from hzdsl.run.options import check_for_cluster
    from hzdsl.run.outcome.missing import DataLost

    if dask is not None:
        check_for_cluster(how["threads"], how["max_memory"])
    with kept.alone(wanted), connected(dask) as client, stopping() as stop:
        try:
            with watching(wanted.quiet, log, resume=kept.resume, dask=dask is not None) as watch:
                result = run(
                    document,
                    parameters=loaded.parameters,
                    tables=tables,
                    watch=watch,
                    stop=stop,
                    keeping=kept.keeping(wanted),
                    slice=kept.slice(wanted),
                    command={**vars(asked), "spec": os.path.abspath(asked.spec), "given": vars(given)},
                    client=client,
                    **how,
                )
        except DataLost as lost:
            raise keep_aside(lost, kept.aside(wanted), log, kept=kept.keeping(wanted) is not None) from None
        if stop.asked:
            click.echo(stopped(result, kept.aside(wanted), log, kept=kept.keeping(wanted) is not None), err=True)
            raise click.exceptions.Exit(STATUS[stop.why])
        piece = kept.slice(wanted)
        if piece is not None:
            click.echo(f"slice {piece.number} of {piece.of}: {counted(result.events, 'event')}, {piece.path}")
        else:
            deliver(result, wanted, kept.again(wanted))
        kept.forget(wanted)
