"""Results of methods shown on a terminal, as one JSON document, and written into a folder."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hzdsl.cli.delivery import tell
from hzdsl.cli.inference.request import Outcome, Output, Subject
from hzdsl.cli.output import check_folder, make_folder
from hzdsl.cli.progress import progress_bar
from hzdsl.records import dataclass
from hzdsl.results.latex import latex_of
from hzdsl.results.serialise import plain
from hzdsl.results.text import TextTable, render, text_of
from hzdsl.stats.setup.pretended import ASIMOV

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from hzdsl.io.sinks import Placing


@dataclass(frozen=True, eq=False)
class Told:
    """What is said besides results: the headline, what they are of, the seed of random numbers, remarks."""

    head: str
    subject: Subject
    seed: int | None
    notes: tuple[str, ...]


def check_output(output: Output) -> None:
    """Refuse, before the work, a folder that cannot be written to.

    Raises
    ------
    HzdslError
        `output`
    """
    check_folder(output.folder or ("." if output.pictures else None))


def deliver(outcome: Outcome, told: Told, output: Output) -> None:
    """Print the results, and write them where that is wanted."""
    if output.form == "json":
        click.echo(_json(outcome, told, None))
    elif output.form == "latex":
        click.echo(latex_of(tables(outcome)), nl=False)
    else:
        click.echo(f"{told.head}\n")
        render(tables(outcome), sys.stdout)
    if output.folder is not None or output.pictures:
        _write(outcome, told, output, output.folder)


def tables(outcome: Outcome) -> list[TextTable]:
    """Return the tables of all results."""
    return [t for record in outcome.records for t in record.tables()]


def document(outcome: Outcome, told: Told) -> dict[str, Any]:
    """Return all results as plain data."""
    return {
        "input": told.subject.opened.name,
        "data": told.subject.pretended.words(),
        "seed": told.seed,
        "results": [r.data() for r in outcome.records],
        "problems": list(outcome.problems),
        "notes": list(told.notes),
    }


def _json(outcome: Outcome, told: Told, indent: int | None) -> str:
    return json.dumps(plain(document(outcome, told)), indent=indent, ensure_ascii=False, allow_nan=False)


def _write(outcome: Outcome, told: Told, output: Output, folder: str | None) -> None:
    """Write STEM.json, STEM.txt, STEM.tex into a folder, where there is one, and plots; all of them or none."""
    from hzdsl.io.sinks import together, write_text

    at, shown = make_folder(folder or "."), tables(outcome)
    texts = {
        "txt": f"{told.head}\n\n{text_of(shown)}",
        "tex": latex_of(shown),
        "json": _json(outcome, told, 1) + "\n",
    }
    texts = texts if folder is not None else {}
    with together() as files:
        drawn = _draw(outcome, told, output, at, files.path) if output.pictures else []
        for suffix, text in texts.items():
            write_text(at / f"{output.stem}.{suffix}", text, files.path)
        files.publish()
    if not output.quiet:
        tell({folder or ".": [*(at / f"{output.stem}.{suffix}" for suffix in texts), *drawn]})


def _draw(outcome: Outcome, told: Told, output: Output, folder: Path, placing: Placing) -> list[Path]:
    """Draw every result into a folder, and return the files; a bar moves on a terminal."""
    with progress_bar(not output.bar) as move:
        if move is not None:
            move(0, None, "drawing plots")  # before matplotlib is imported
        from hzdsl.plot.inference import figures, subject_of, write_figures

        opened = told.subject.opened
        about = subject_of(told.subject.likelihood, opened.channels, opened.unbinned)
        about = replace(about, asimov=told.subject.pretended.toys == ASIMOV)
        found = (one for record in outcome.records for one in figures(record, about))
        return write_figures(_once(found), folder, output.pictures, stem=output.stem, placing=placing)


def _once(figures: Iterable[tuple[str, Figure]]) -> Iterator[tuple[str, Figure]]:
    """Yield the first figure of each name: a fit and its table of parameters have the same pulls."""
    seen = set[str]()
    for name, figure in figures:
        if name not in seen:
            seen.add(name)
            yield name, figure
