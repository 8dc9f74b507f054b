"""``hzdsl check``."""

from __future__ import annotations

import sys

import click

from hzdsl.cli.app import DIFFERENT
from hzdsl.cli.notes import counted, say
from hzdsl.cli.options import files_options, remote_options, spec_options
from hzdsl.cli.samples import Given, with_inputs
from hzdsl.cli.spec import Asked
from hzdsl.io.options import RemoteOptions

SHOWN = 10
#: What is checked of the analysis alone, and what needs a file.
WITHOUT_FILES = "syntax, names, types, units, bins, parameters"
WITH_FILES = "branches and their types, that both backends agree"


@click.command("check", short_help="Check an analysis, and that both backends agree on a file.")
@spec_options
@files_options
@click.option("--events", type=click.IntRange(1), default=20_000, show_default=True, metavar="N",
              help="Compare the backends on about so many entries, evenly spread.")  # fmt: skip
@remote_options
def command(*, asked: Asked, given: Given, events: int, remote: RemoteOptions) -> None:
    """Check an analysis: syntax, names, types, units, bins, parameters.

    Without FILES nothing is read or run, not the samples of the analysis either. With FILES, check also that they
    have the branches it reads, then run both backends on a sample of events and compare every cutflow, histogram and
    output bit by bit. Exit status 1 if anything differs.

    \b
    Examples:
      hzdsl check higgs4l.toml
      hzdsl check higgs4l.toml SMHiggsToZZTo4L.root --events 100000
      hzdsl check higgs4l.toml Run2012B_DoubleMuParked.root --data
    """
    from hzdsl.run.plan.notes import document_notes
    from hzdsl.run.program.bind import bind
    from hzdsl.run.program.parameters import resolve

    loaded = asked.load()
    values = resolve(loaded.document, loaded.parameters)
    bound = bind(loaded.document, values, tables=True, identifiers=loaded.document.identifiers)
    counts = (
        (len(bound.regions), "region"),
        (sum(len(r.cuts) for r in bound.regions), "cut"),
        (len(bound.histograms), "histogram"),
        (len(bound.program.columns()), "branch"),
    )
    click.echo(f"{asked.spec}: no mistake found ({', '.join(counted(n, word) for n, word in counts)})")
    if not given.files:
        click.echo(f"checked: {WITHOUT_FILES}\nnot checked, for want of a file: {WITH_FILES}")
        click.echo(f"to check these, too: hzdsl check {asked.spec} FILE.root")
        say(document_notes(loaded.document))
        return
    from hzdsl.run.compare import compare
    from hzdsl.run.options import Options
    from hzdsl.run.program.backend import backend_of

    document = with_inputs(loaded.document, given)
    backends = backend_of("interpret"), backend_of("codegen")
    options = Options(backends[0], tables=True, remote=remote)
    found = compare(document, values, backends, options, events)
    say(found.notes)
    if not found.differences:
        click.echo(f"{counted(found.entries, 'event')}: both backends agree in every bit")
        return
    click.echo(f"{counted(found.entries, 'event')}: {counted(len(found.differences), 'difference')}", err=True)
    for difference in found.differences[:SHOWN]:
        click.echo(f"  {difference}", err=True)
    if len(found.differences) > SHOWN:
        click.echo(f"  and {len(found.differences) - SHOWN} more", err=True)
    sys.exit(DIFFERENT)
