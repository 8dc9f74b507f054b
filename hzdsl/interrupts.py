"""Ctrl-C while the command line is still being imported: the end, at once and in one word.

The exception that Python would raise there ends in a traceback, or in an error of the library that is being imported.
"""

from __future__ import annotations

import os
import signal
import sys

_PACKAGE = os.path.dirname(os.path.abspath(__file__)) + os.sep
#: Exit status, as shells have it: 128 and the number of the signal.
INTERRUPTED = 128 + signal.SIGINT


def on_command_line() -> bool:
    """Whether the program is `hzdsl`, or ``python -m hzdsl``, which is ``-m`` until the package has been imported."""
    program = sys.argv[0] if sys.argv else ""
    return program == "-m" or program.startswith(_PACKAGE) or os.path.splitext(os.path.basename(program))[0] == "hzdsl"


def leave_at_once() -> None:
    """Have Ctrl-C end the process, where it is the command line's; `nohup` and the like stay as they are."""
    if on_command_line() and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _leave)


def raise_again() -> None:
    """Have Ctrl-C raise an exception again, for the command that begins now."""
    if signal.getsignal(signal.SIGINT) is _leave:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def _leave(number: int, frame: object) -> None:
    os.write(2, b"interrupted\n")
    os._exit(INTERRUPTED)
