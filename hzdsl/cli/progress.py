"""A progress bar on standard error, where that is a terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Protocol

#: The bar has this width, less on a narrow terminal; beside it the time that is left takes eight cells.
WIDEST, NARROWEST, TIME = 40, 8, 8


class Move(Protocol):
    """Moves the bar."""

    def __call__(self, done: int, total: int | None, label: str, *said: str) -> None:
        """Move it to `done` of `total`; a label stands left of it, the first text of `said` that fits right of it."""


@contextmanager
def progress_bar(quiet: bool) -> Iterator[Move | None]:
    """Give a function that moves a bar, or None where nobody would see it."""
    if quiet or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    bar = BarColumn()
    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        bar,
        TextColumn("{task.fields[said]}"),
        TimeRemainingColumn(elapsed_when_finished=True),
    )
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("", total=None, said="")

        def move(done: int, total: int | None, label: str, *said: str) -> None:
            text, bar.bar_width = fitted(console.width - len(label), said)
            progress.update(task, completed=done, total=total, description=label, said=text)

        yield move


def fitted(width: int, texts: Sequence[str]) -> tuple[str, int]:
    """Return the first text that leaves room for a bar and the time that is left, and the width of the bar.

    Examples
    --------
    >>> texts = ("1/4 files, 1,000/4,000 events, 500/s", "1/4 files, 1,000/4,000 events", "25 %")
    >>> [fitted(width, texts) for width in (100, 60, 50, 30)] == [
    ...     (texts[0], 40), (texts[0], 13), (texts[1], 10), (texts[2], 15)]
    True
    """
    room = width - TIME - 3  # a space between columns
    text = next((t for t in texts if len(t) + NARROWEST <= room), texts[-1] if texts else "")
    return text, min(WIDEST, max(room - len(text), 1))


@contextmanager
def generating(quiet: bool) -> Iterator[Callable[[str, float], None] | None]:
    """Give a function (name, share) that moves a bar while events are generated, or None."""
    with progress_bar(quiet) as move:
        if move is None:
            yield None
        else:
            yield lambda name, share: move(round(100 * share), 100, name, f"{100 * share:.0f} % generated")
