"""The command line: ``hzdsl run``, ``show``, ``check``, ``demo``."""

from __future__ import annotations

import gc


def main() -> None:
    """Run the command line and leave with its exit status."""
    # A start makes some 200 000 objects that all stay; looking through them for garbage took a tenth of its time.
    gc.set_threshold(100_000, 10, 10)
    from hzdsl.cli.app import app
    from hzdsl.interrupts import raise_again

    raise_again()
    try:
        app()
    finally:
        gc.freeze()  # what is left ends with the process: at exit Python would look through all of it three times
