"""Who watches a run: a progress bar where somebody sees it, a log where one is wanted."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from threading import Lock
from time import monotonic
from typing import IO, TYPE_CHECKING, Any

from hzdsl.errors import HzdslError
from hzdsl.run.watch import Event, Listener, Watch

if TYPE_CHECKING:
    from rich.progress import Progress


@contextmanager
def watching(quiet: bool = False, log: str | None = None) -> Iterator[Watch]:
    """Give a watch that moves a bar on standard error, where that is a terminal, and writes a log.

    Raises
    ------
    HzdslError
        `output-exists` where the log cannot be written.
    """
    with ExitStack() as stack:
        listeners: list[Listener] = []
        if log is not None:
            listeners.append(stack.enter_context(_logging(log)))
        if not quiet and sys.stderr.isatty():
            listeners.append(stack.enter_context(_bar()))
        yield Watch(*listeners)


@contextmanager
def _logging(path: str) -> Iterator[Listener]:
    """Give what appends an event per line, as JSON with the time, each at once."""
    try:
        file = open(path, "a", encoding="utf-8")  # noqa: SIM115 (closed below)
    except OSError as error:
        raise HzdslError("output-exists", f"{path} cannot be written ({error.strerror})") from None
    lock = Lock()

    def write(event: Event) -> None:
        line = json.dumps({"time": datetime.now(UTC).isoformat(timespec="milliseconds"), **event}, ensure_ascii=False)
        with lock:
            _append(file, path, line)

    with file:
        yield write


def _append(file: IO[str], path: str, line: str) -> None:
    try:
        file.write(line + "\n")
        file.flush()
    except OSError as error:
        raise HzdslError("output-exists", f"the log {path} cannot be written ({error.strerror})") from None


@contextmanager
def _bar() -> Iterator[Listener]:
    """Give what moves a bar: files, events, their rate, the rate of bytes, the time that is left."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[said]}"),
        TimeRemainingColumn(elapsed_when_finished=True),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        yield _Moved(bar)


class _Moved:
    """A bar that events move."""

    def __init__(self, bar: Progress) -> None:
        self._bar, self._task = bar, bar.add_task("opening files", total=None, said="")
        self._since, self._entries, self._bytes = monotonic(), 0, 0

    def __call__(self, event: Event) -> None:
        """Move the bar after an event of the run's own thread."""
        said: dict[str, Any] = dict(event)
        if said["event"] == "plan":
            self._since = monotonic()
            self._bar.update(self._task, completed=said["done"], total=said["entries"], description="")
        elif said["event"] == "unit":
            self._entries += said["stop"] - said["start"]
            self._bytes += said["bytes"]
            self._bar.update(
                self._task,
                completed=said["done"],
                total=said["total"],
                description=said["sample"],
                said=self._text(said),
            )

    def _text(self, said: dict[str, Any]) -> str:
        seconds = max(monotonic() - self._since, 1e-3)
        files, events = f"{said['files_done']}/{said['files']} files", f"{said['done']:,}/{said['total']:,} events"
        return f"{files}, {events}, {self._entries / seconds:,.0f}/s, {self._bytes / seconds / 1e6:.1f} MB/s"
