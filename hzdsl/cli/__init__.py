"""The command line: ``hzdsl run``, ``show``, ``check``, ``demo``."""

from __future__ import annotations


def main() -> None:
    """Run the command line and leave with its exit status."""
    from hzdsl.cli.app import app

    app()
