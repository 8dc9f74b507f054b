"""Where the result of a run goes that was stopped or has lost input: beside what was asked for, never in its place."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from hzdsl.cli.delivery import PARTIAL, Wanted, show, write
from hzdsl.cli.notes import counted, say
from hzdsl.results.result import Result
from hzdsl.run.outcome.missing import DataLost


def keep_aside(lost: DataLost, aside: Wanted, log: str | None, *, kept: bool) -> DataLost:
    """Write the partial result of a run that fails, and return its error, which says where.

    Where what was done is `kept` it can be continued.
    """
    where = _put(lost.partial, replace(aside, as_json=False), log)
    lost.message += f"\n    the result of all others: {where}"
    if kept:
        lost.fix = "get these files again and go on with --resume, or accept the loss: --allow-missing"
    return lost


def stopped(result: Result, aside: Wanted, log: str | None, *, kept: bool) -> str:
    """Print and write the partial result of a run that was stopped, and return what is said of that."""
    said = f"interrupted after {counted(result.events, 'event')}"
    if result.events:
        show(result, aside.as_json)
        said += f", partial results{_undrawn(result)}: {_put(result, aside, log)}"
        say(() if aside.quiet else result.notes)
    return f"{said}; --resume continues" if kept else said


def _undrawn(result: Result) -> str:
    return " (no plots)" if result.histograms else ""


def _put(result: Result, aside: Wanted, log: str | None) -> str:
    """Write a partial result, and return where it is.

    Without any place for outputs it is a JSON document: on standard output where that is asked for, else beside the
    log, or in the current folder.
    """
    if aside.places:
        write(result, aside)
        return ", ".join(aside.places)
    return "standard output" if aside.as_json else str(_json_beside(result, log))


def _json_beside(result: Result, log: str | None) -> Path:
    from hzdsl.io.sinks import write_text
    from hzdsl.results import to_json

    name = f"{result.analysis or 'analysis'}.{PARTIAL}.json".replace("/", "_")
    path = Path(name) if log is None else Path(log).with_suffix(f".{PARTIAL}.json")
    write_text(path, to_json(result, indent=1) + "\n")
    return path
