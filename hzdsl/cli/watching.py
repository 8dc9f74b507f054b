"""Who watches a run: a progress bar where somebody sees it, a log where one is wanted."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from threading import Lock
from time import monotonic
from typing import Any

import click

from hzdsl.cli.notes import say
from hzdsl.cli.progress import Move, progress_bar
from hzdsl.errors import HzdslError
from hzdsl.run.watch import Event, Listener, Watch


@contextmanager
def watching(
    quiet: bool = False, log: str | None = None, *, resume: bool = False, dask: bool = False
) -> Iterator[Watch]:
    """Give a watch that moves a bar on standard error, where that is a terminal, and writes a log.

    Of a run that is to `resume` it is said where it goes on from, of one with `dask` in any case that no worker is
    there: it may wait for ever.

    Raises
    ------
    HzdslError
        `output` where the log cannot be written.
    """
    with ExitStack() as stack:
        listeners: list[Listener] = []
        if log is not None:
            listeners.append(stack.enter_context(_logging(log)))
        move = stack.enter_context(progress_bar(quiet))
        if move is not None:
            listeners.append(_Moving(move))
        elif dask and not quiet:
            listeners.append(_say_waiting)
        if resume and not quiet:
            listeners.append(_say_resumed)
        yield Watch(*listeners)


@contextmanager
def _logging(path: str) -> Iterator[Listener]:
    """Give what appends an event per line, as JSON with the time, each at once."""
    lock = Lock()

    def write(event: Event) -> None:
        line = json.dumps({"time": datetime.now(UTC).isoformat(timespec="milliseconds"), **event}, ensure_ascii=False)
        with lock, _writing(path):
            file.write(line.encode() + b"\n")

    with _writing(path):
        file = open(path, "ab", buffering=0)  # noqa: SIM115 (closed below; nothing is held back, to fail there)
    with file:
        yield write


@contextmanager
def _writing(path: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise HzdslError("output", f"the log {path} cannot be written ({error.strerror})") from None


def _say_resumed(event: Event) -> None:
    if event["event"] == "plan":
        if event["done"]:
            say([f"going on from {event['done']} of {event['entries']} events"])
        else:
            say(["nothing has been kept of an earlier run: this one begins with the first event"])


def _say_waiting(event: Event) -> None:
    """Say what a bar would show of a run that nobody works on."""
    if event["event"] == "waiting":
        click.echo(_waiting(event), err=True)


def _waiting(event: Event) -> str:
    return f"waiting for workers of {event['scheduler']}"


class _Moving:
    """Moves a bar as events say: files, events, their rate, the rate of bytes, the time that is left."""

    def __init__(self, move: Move) -> None:
        self._move = move
        self._since, self._entries, self._bytes = monotonic(), 0, 0
        self._shown: tuple[Any, ...] = (0, None, "opening files")
        move(*self._shown)

    def __call__(self, event: Event) -> None:
        """Move the bar after an event of the run's own thread."""
        said: dict[str, Any] = dict(event)
        if said["event"] == "opened":
            self._show(said["done"], said["total"], "opening files", f"{said['done']}/{said['total']} files")
        elif said["event"] == "plan":
            self._since = monotonic()
            self._show(said["done"], said["entries"], "")
        elif said["event"] == "unit":
            self._entries += said["stop"] - said["start"]
            self._bytes += said["bytes"]
            self._show(said["done"], said["total"], said["sample"], *self._text(said))
        elif said["event"] == "waiting":
            self._move(*self._shown[:2], _waiting(event))
        elif said["event"] == "working":
            self._move(*self._shown)

    def _show(self, done: int, total: int | None, label: str, *texts: str) -> None:
        self._shown = done, total, label, *texts
        self._move(*self._shown)

    def _text(self, said: dict[str, Any]) -> tuple[str, ...]:
        """Return what stands right of the bar, the longest text first: the least of it is how far the run is."""
        seconds = max(monotonic() - self._since, 1e-3)
        files, events = f"{said['files_done']}/{said['files']} files", f"{said['done']}/{said['total']} events"
        rate, read = f"{self._entries / seconds:.0f}/s", f"{self._bytes / seconds / 1e6:.1f} MB/s"
        whole = [files, events, rate, read]
        short = f"{100 * said['done'] / max(said['total'], 1):.0f} %"
        return (*(", ".join(whole[:n]) for n in (4, 3, 2)), events, short)
