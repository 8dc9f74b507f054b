"""``hzdsl plan``."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from hzdsl.cli.notes import counted, say
from hzdsl.cli.options import (
    inputs_options,
    limits_options,
    max_memory_option,
    remote_options,
    spec_options,
    threads_option,
)
from hzdsl.cli.samples import Given, with_inputs
from hzdsl.cli.spec import Asked
from hzdsl.results.text import TextTable, number, render
from hzdsl.sizes import size_text

if TYPE_CHECKING:
    from hzdsl.run.resources.estimate import Columns, Estimate
    from hzdsl.run.resources.memory import Memory

#: How much of what there may be very much of is shown; --json has all.
MOST_HISTOGRAMS, MOST_USERS, LONGEST_NAME = 12, 2, 60


@click.command("plan", short_help="Say what a run will read, hold and take, before it runs.")
@spec_options
@inputs_options
@limits_options
@threads_option(1)
@max_memory_option
@click.option("--tables", is_flag=True, help="Plan for event tables, too (hzdsl run --events or -o).")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.option("--quiet", "-q", is_flag=True, help="No remarks.")
@remote_options
def command(*, asked: Asked, given: Given, as_json: bool, quiet: bool, **how: Any) -> None:
    """Say what hzdsl run would read, hold in memory and take, and run nothing.

    SPEC and FILES are those of hzdsl run. Files are opened and checked, the event loop is compiled (and kept for the
    run), and one chunk is read, to measure how fast that goes; no event is selected and no histogram is filled.

    \b
    Examples:
      hzdsl plan higgs4l.toml SMHiggsToZZTo4L.root
      hzdsl plan higgs4l.toml --threads 8 --max-memory 2GB
      hzdsl plan higgs4l.toml --json
    """
    from hzdsl.run.options import Options
    from hzdsl.run.program.backend import backend_of
    from hzdsl.run.resources.estimate import estimate

    loaded = asked.load()
    document = with_inputs(loaded.document, given)
    found = estimate(document, loaded.parameters, Options(backend_of("codegen"), **how).checked())
    if as_json:
        click.echo(json.dumps(_plain(found), indent=1, ensure_ascii=False))
        return
    render(_tables(found), sys.stdout)
    click.echo("\n" + "\n".join(_said(found)))
    say(() if quiet else found.notes)


def _plain(found: Estimate) -> dict[str, Any]:
    """Return the estimate as JSON holds it; sums that readers would add up are in it."""
    made = asdict(found)
    made["memory"] |= {"per_thread": found.memory.per_thread, "total": found.memory.total}
    return made


def _tables(found: Estimate) -> Iterator[TextTable]:
    yield _inputs(found)
    for group in found.columns:
        yield _columns(group, found)
    if found.candidates:
        rows = tuple((c.axis, number(round(c.mean, 3)), number(c.most)) for c in found.candidates)
        note = f"of the first {found.sample} events of a sample, before anything is required of what they are made of"
        yield TextTable("candidates per event, at most", ("combinations", "mean", "most"), rows, note=note)
    if found.histograms:
        yield _histograms(found)
    yield _memory(found.memory)


def _inputs(found: Estimate) -> TextTable:
    def row(name: str, *numbers: int) -> tuple[str, ...]:
        files, entries, size, read = numbers
        return name, str(files), str(entries), size_text(size), size_text(read), f"{100 * read / max(1, size):.1f} %"

    given = [(i.files, i.entries, i.file_bytes, i.read_bytes) for i in found.inputs]
    rows = tuple(row(i.sample or "(files)", *n) for i, n in zip(found.inputs, given, strict=True))
    total = tuple(map(sum, zip(*given, strict=True)))
    header = ("sample", "files", "events", "size", "to be read", "")
    return TextTable("inputs", header, rows, (row("all", *total),) if len(rows) > 1 else ())


def _columns(group: Columns, found: Estimate) -> TextTable:
    def users(names: tuple[str, ...]) -> str:
        short = [n if len(n) <= LONGEST_NAME else f"{n[: LONGEST_NAME - 20]} … {n[-16:]}" for n in names[:MOST_USERS]]
        more = f" and {len(names) - MOST_USERS} more" if len(names) > MOST_USERS else ""
        return ", ".join(short) + more

    rows = tuple(
        (c.branch, c.dtype, size_text(c.packed_bytes), f"{c.bytes_per_entry:.1f} B", users(c.needed_by))
        for c in group.columns
    )
    of = "" if len(found.columns) == 1 else f" of {group.files[0]}"
    of += f" and {len(group.files) - 1} more" if len(found.columns) > 1 and len(group.files) > 1 else ""
    packed = sum(c.packed_bytes for c in group.columns)
    each = sum(c.bytes_per_entry for c in group.columns)
    total = (f"{len(rows)} columns", "", size_text(packed), f"{each:.1f} B", "")
    header = ("column", "type", "packed", "per event", "needed by")
    return TextTable(f"columns{of}", header, rows, (total,), numbers=False)


def _histograms(found: Estimate) -> TextTable:
    largest = sorted(found.histograms, key=lambda h: -h.bytes)
    rows = [(h.name, str(h.bins), str(h.variations), size_text(h.bytes)) for h in largest[:MOST_HISTOGRAMS]]
    rest = largest[MOST_HISTOGRAMS:]
    if rest:
        rows.append((f"{len(rest)} more", str(sum(h.bins for h in rest)), "", size_text(sum(h.bytes for h in rest))))
    total = ("all", str(sum(h.bins for h in largest)), "", size_text(sum(h.bytes for h in largest)))
    header = ("histogram", "bins", "variations", "memory")
    return TextTable("histograms, counts and exact sums", header, tuple(rows), (total,) if len(rows) > 1 else ())


def _memory(memory: Memory) -> TextTable:
    threads = counted(memory.threads, "thread")
    parts = [
        (f"columns of {memory.entries} events", memory.columns, memory.threads),
        ("rows of tables, made ready", memory.outputs, memory.threads),
        ("event loop", memory.kernel, memory.threads),
        ("histograms and cutflows", memory.histograms, memory.sets),
        ("read ahead, kept", memory.ahead, 1),
        ("Python and libraries", memory.start, 1),
    ]
    rows = tuple((what, size_text(n), str(times), size_text(n * times)) for what, n, times in parts if n)
    total = (f"all, {threads}", "", "", size_text(memory.total))
    note = "columns: a chunk per thread; histograms: two per thread that wait to be added, one per sample, the result"
    note += "; selected events are not counted" if memory.outputs else ""
    return TextTable("memory, at most", ("what", "each", "times", "in all"), rows, (total,), note=note)


def _said(found: Estimate) -> Iterator[str]:
    reading, compiling = found.reading, found.compiling
    yield f"to be read in {counted(found.chunks, 'chunk')} of {counted(found.memory.entries, 'event')} at most"
    spent = f"{1000 * compiling.seconds:.0f} ms"
    yield f"event loop: kept from before, loaded in {spent}" if compiling.kept else f"event loop: compiled in {spent}"
    if reading.rate:
        yield (
            f"reading: {_duration(reading.seconds)}, at {size_text(reading.rate)}/s for each thread as measured "
            f"on {reading.entries} events; the event loop comes on top"
        )
    if found.problem:
        yield f"this does not fit: {found.problem}"


def _duration(seconds: float) -> str:
    """Return a time in words.

    Examples
    --------
    >>> _duration(0.001), _duration(0.25), _duration(42.4), _duration(600), _duration(10_000)
    ('less than 0.1 s', 'about 0.25 s', 'about 42 s', 'about 10 min', 'about 2.8 h')
    """
    if seconds < 0.1:
        return "less than 0.1 s"
    if seconds < 60:
        return f"about {seconds:.2g} s"
    return f"about {seconds / 60:.0f} min" if seconds < 7200 else f"about {seconds / 3600:.1f} h"
