"""Where the result of a run goes that has lost some of its input: beside what was asked for, never in its place."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from hzdsl.cli.delivery import PARTIAL, Wanted, write
from hzdsl.run.outcome.missing import DataLost


def keep_aside(lost: DataLost, aside: Wanted, log: str | None, *, kept: bool) -> DataLost:
    """Write the partial result of a run that fails where it goes, and return its error, which says where that is.

    Where what was done is `kept` it can be continued.

    Without any place for outputs it is a JSON document beside the log, or in the current folder.
    """
    if aside.places:
        write(lost.partial, replace(aside, as_json=False))
        where = ", ".join(aside.places)
    else:
        where = str(_json_beside(lost, log))
    lost.message += f"\n    the result of all others: {where}"
    if kept:
        lost.fix = "get these files again and go on with --resume, or accept the loss: --allow-missing"
    return lost


def _json_beside(lost: DataLost, log: str | None) -> Path:
    from hzdsl.io.sinks import write_text_atomically
    from hzdsl.results import to_json

    name = f"{lost.partial.analysis or 'analysis'}.{PARTIAL}.json".replace("/", "_")
    path = Path(name) if log is None else Path(log).with_suffix(f".{PARTIAL}.json")
    write_text_atomically(path, to_json(lost.partial, indent=1) + "\n")
    return path
