"""What commands that have a result do with it: the options that say so, and the doing."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import click

from hzdsl.cli.notes import say
from hzdsl.cli.options import gathered
from hzdsl.cli.output import check_folder, check_table, other_files, write_events, write_folder, write_plots
from hzdsl.records import dataclass
from hzdsl.results.result import Result

#: The folder, in that of the output, of what an unfinished run has left.
PARTIAL = "partial"


@dataclass(frozen=True)
class Wanted:
    """Where a result goes, as the options say."""

    as_json: bool = False
    events: str | None = None
    plots: str | None = None
    folder: str | None = None
    quiet: bool = False

    def check(self) -> None:
        """Refuse, before hours of work, what could not be written after them."""
        check_table(self.events)
        check_folder(self.plots)
        check_folder(self.folder)

    def aside(self, of: str = "") -> Wanted:
        """Return where the result of an unfinished run goes: beside, so that good older files stay.

        What is `of` a slice goes into a folder of this name: several of them may end at the same time.

        Examples
        --------
        >>> Wanted(events="zz.csv", folder="out").aside()
        Wanted(as_json=False, events='zz.partial.csv', plots=None, folder='out/partial', quiet=False)
        >>> Wanted(folder="out").aside("slice_3_of_10").folder
        'out/partial/slice_3_of_10'
        """
        events = None
        if self.events is not None:
            path = Path(self.events)
            events = str(path.with_suffix(f".{PARTIAL}{path.suffix}"))
        plots, folder = (None if d is None else str(Path(d, PARTIAL, of)) for d in (self.plots, self.folder))
        return replace(self, events=events, plots=plots, folder=folder)

    @property
    def places(self) -> list[str]:
        """Every place that is written to."""
        return [p for p in (self.folder, self.events, self.plots) if p is not None]


output_options = gathered(
    "wanted", Wanted,
    click.option("--json", "as_json", is_flag=True, help="Print the result as one JSON document."),
    click.option("--events", metavar="FILE", help="Write a row per selected event: FILE.csv or FILE.parquet."),
    click.option("--plot", "plots", metavar="DIR", help="Draw every histogram into this folder."),
    click.option("-o", "--output", "folder", metavar="DIR",
                 help="Write result.json, yields.txt, cutflow.txt, events.csv and the plots into this folder."),
    click.option("--quiet", "-q", is_flag=True, help="No progress bar, no remarks."),
)  # fmt: skip


def deliver(result: Result, wanted: Wanted) -> None:
    """Write a result where it is wanted, and print it."""
    notes = write(result, wanted)
    show(result, wanted.as_json)
    say(() if wanted.quiet else (*result.notes, *notes))


def write(result: Result, wanted: Wanted) -> list[str]:
    """Write what was asked for, and return remarks on it."""
    events, plots, folder = wanted.events, wanted.plots, wanted.folder
    tables = any(s.tables for s in result.samples.values())
    if events is not None:
        write_events(result, events)
    written = [Path(x) for x in (events,) if x is not None]
    written += [] if folder is None else write_folder(result, folder, tables and bool(result.outputs))
    for target in dict.fromkeys(t for t in (plots, folder) if t is not None and result.histograms):
        drawn = write_plots(result, target)
        written += drawn if target == folder else []
    if folder is None or not result.complete:
        return []
    return other_files(folder, [*written, Path(folder) / PARTIAL])


def show(result: Result, as_json: bool) -> None:
    """Print a result to standard output."""
    from hzdsl.results import cutflows, render, systematics, to_json, yields

    if as_json:
        click.echo(to_json(result))
    else:
        render([yields(result), *systematics(result), *cutflows(result)], sys.stdout)
