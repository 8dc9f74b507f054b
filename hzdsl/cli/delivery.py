"""What commands that have a result do with it: the options that say so, and the doing."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hzdsl.cli.notes import say
from hzdsl.cli.options import gathered
from hzdsl.cli.output import (
    check_folder,
    check_table,
    make_folder,
    other_files,
    write_events,
    write_plots,
    write_texts,
)
from hzdsl.cli.stopping import undisturbed
from hzdsl.errors import HzdslError
from hzdsl.interrupts import Terminated
from hzdsl.records import dataclass
from hzdsl.results.result import Result

if TYPE_CHECKING:
    from hzdsl.io.sinks import Placing

#: The folder, in that of the output, of what an unfinished run has left.
PARTIAL = "partial"
#: What plots end in.
PICTURES = (".png", ".pdf", ".svg")


@dataclass(frozen=True)
class Wanted:
    """Where a result goes, as the options say."""

    as_json: bool = False
    events: str | None = None
    plots: str | None = None
    folder: str | None = None
    quiet: bool = False
    draw: bool = True

    def check(self) -> None:
        """Refuse, before hours of work, what could not be written after them."""
        check_table(self.events)
        check_folder(self.plots)
        check_folder(self.folder)

    def aside(self, of: str = "") -> Wanted:
        """Return where the result of an unfinished run goes: beside, so that good older files stay, and undrawn.

        What is `of` a slice goes into a folder of this name: several of them may end at the same time.

        Examples
        --------
        >>> Wanted(events="zz.csv", folder="out").aside()
        Wanted(as_json=False, events='zz.partial.csv', plots=None, folder='out/partial', quiet=False, draw=False)
        >>> Wanted(folder="out").aside("slice_3_of_10").folder
        'out/partial/slice_3_of_10'
        """
        events = None
        if self.events is not None:
            path = Path(self.events)
            events = str(path.with_suffix(f".{PARTIAL}{path.suffix}"))
        folder = None if self.folder is None else str(Path(self.folder, PARTIAL, of))
        return replace(self, events=events, plots=None, folder=folder, draw=False)

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


def deliver(result: Result, wanted: Wanted, again: str = "the same command writes it") -> None:
    """Print a result, then write it where it is wanted: numbers are seen while plots are still being drawn.

    Where that is interrupted, or fails, what was there before stays; `again` says how to have the result written.
    """
    unsaid = _shown(result, wanted.as_json)
    try:
        written = write(result, wanted)
    except (KeyboardInterrupt, Terminated):
        said = f"nothing of the result is written to {', '.join(wanted.places)}, where all is as before: {again}"
        click.echo(said, err=True)
        raise
    except HzdslError as error:
        error.fix = f"{error.fix}; then {again}"
        raise
    if unsaid is not None:
        raise unsaid
    if not wanted.quiet:
        say((*result.notes, *_others(result, wanted, written)))
        tell(written)


def write(result: Result, wanted: Wanted) -> dict[str, list[Path]]:
    """Write what was asked for, all of it or nothing, and return the files of each folder."""
    from hzdsl.io.sinks import together

    written: dict[str, list[Path]] = {}
    with together() as files:
        for folder in dict.fromkeys(p for p in (wanted.plots, wanted.folder) if p is not None):
            drawn = wanted.draw and bool(result.histograms)
            written[folder] = write_plots(result, folder, files.path, wanted.quiet) if drawn else []
        if wanted.events is not None:
            write_events(result, wanted.events, files.path)
            written.setdefault(os.path.dirname(wanted.events), []).append(Path(wanted.events))
        if wanted.folder is not None:
            written[wanted.folder] += _numbers(result, make_folder(wanted.folder), files.path)
        with undisturbed():
            files.publish()
    return written


def _numbers(result: Result, folder: Path, placing: Placing) -> list[Path]:
    """Write the numbers of a result into a folder, and return the files."""
    tables = [folder / "events.csv"] if result.outputs and any(s.tables for s in result.samples.values()) else []
    for path in tables:
        write_events(result, path, placing)
    return [*tables, *write_texts(result, folder, placing)]


def _others(result: Result, wanted: Wanted, written: dict[str, list[Path]]) -> list[str]:
    if wanted.folder is None or not result.complete:
        return []
    own = [p for paths in written.values() for p in paths if p.parent == Path(wanted.folder)]
    return other_files(wanted.folder, [*own, Path(wanted.folder) / PARTIAL])


def tell(written: dict[str, list[Path]]) -> None:
    """Say what was written where."""
    for folder, paths in written.items():
        if paths:
            click.echo(f"written to {folder or '.'}: {named(paths)}", err=True)


def named(paths: list[Path]) -> str:
    """Return the names of files, plots by their number.

    Examples
    --------
    >>> named([Path("out/a.png"), Path("out/b.png"), Path("out/yields.txt"), Path("out/result.json")])
    'yields.txt, result.json, 2 plots'
    """
    plots = sum(p.suffix in PICTURES for p in paths)
    counted = [f"{plots} plot{'s' * (plots > 1)}"] if plots else []
    return ", ".join([*(p.name for p in paths if p.suffix not in PICTURES), *counted])


def _shown(result: Result, as_json: bool) -> OSError | None:
    """Print a result; where nobody reads it any more that is said when the files have been written."""
    try:
        show(result, as_json)
        sys.stdout.flush()
    except OSError as error:
        return error
    return None


def show(result: Result, as_json: bool) -> None:
    """Print a result to standard output."""
    from hzdsl.results import cutflows, render, systematics, to_json, yields

    if as_json:
        click.echo(to_json(result))
    else:
        render([yields(result), *systematics(result), *cutflows(result)], sys.stdout)
