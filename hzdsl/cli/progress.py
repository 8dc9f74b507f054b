"""A progress bar on standard error, where that is a terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

#: Moves the bar to (done, total), with what is said left and right of it.
Move = Callable[[int, int | None, str, str], None]


@contextmanager
def progress_bar(quiet: bool) -> Iterator[Move | None]:
    """Give a function that moves a bar, or None where nobody would see it."""
    if quiet or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[said]}"),
        TimeRemainingColumn(elapsed_when_finished=True),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None, said="")

        def move(done: int, total: int | None, label: str, said: str) -> None:
            bar.update(task, completed=done, total=total, description=label, said=said)

        yield move


@contextmanager
def generating(quiet: bool) -> Iterator[Callable[[str, float], None] | None]:
    """Give a function (name, share) that moves a bar while events are generated, or None."""
    with progress_bar(quiet) as move:
        if move is None:
            yield None
        else:
            yield lambda name, share: move(round(100 * share), 100, name, f"{100 * share:.0f} % generated")
