"""Remarks on standard error."""

from __future__ import annotations

from collections.abc import Iterable

import click


def say(notes: Iterable[str]) -> None:
    """Print remarks to standard error, which leaves standard output to the results."""
    for note in notes:
        click.echo(f"note: {note}", err=True)
