"""Remarks on standard error."""

from __future__ import annotations

from collections.abc import Iterable

import click


def counted(n: int, word: str) -> str:
    """Return a number of things, without thousands separators as everywhere in texts.

    Examples
    --------
    >>> counted(1, "event"), counted(20000, "event"), counted(2, "branch")
    ('1 event', '20000 events', '2 branches')
    """
    return f"{n} {word}" if n == 1 else f"{n} {word}{'es' if word.endswith('ch') else 's'}"


def say(notes: Iterable[str]) -> None:
    """Print remarks to standard error, which leaves standard output to the results."""
    for note in notes:
        click.echo(f"note: {note}", err=True)
