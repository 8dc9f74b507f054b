"""Ctrl-C and SIGTERM while the command line is still being imported: the end, at once and in one word.

The exception that Python would raise there ends in a traceback, or in an error of the library that is being imported.
"""

from __future__ import annotations

import os
import signal
import sys

_PACKAGE = os.path.dirname(os.path.abspath(__file__)) + os.sep
#: Exit statuses, as shells have them: 128 and the number of the signal.
INTERRUPTED, TERMINATED = 128 + signal.SIGINT, 128 + signal.SIGTERM


class Terminated(SystemExit):
    """SIGTERM, as Ctrl-C is a KeyboardInterrupt: what has been begun is put in order before the end."""

    def __init__(self) -> None:
        super().__init__(TERMINATED)


def on_command_line() -> bool:
    """Whether the program is `hzdsl`, or ``python -m hzdsl``, which is ``-m`` until the package has been imported."""
    program = sys.argv[0] if sys.argv else ""
    return program == "-m" or program.startswith(_PACKAGE) or os.path.splitext(os.path.basename(program))[0] == "hzdsl"


def leave_at_once() -> None:
    """Have both end the process, where it is the command line's; `nohup` and the like stay as they are."""
    if on_command_line():
        for number, usual in ((signal.SIGINT, signal.default_int_handler), (signal.SIGTERM, signal.SIG_DFL)):
            if signal.getsignal(number) is usual:
                signal.signal(number, _leave)


def raise_again() -> None:
    """Have both raise an exception from now on, for the command that begins."""
    for number, handler in ((signal.SIGINT, signal.default_int_handler), (signal.SIGTERM, _terminate)):
        if signal.getsignal(number) is _leave:
            signal.signal(number, handler)


def _leave(number: int, frame: object) -> None:
    os.write(2, b"interrupted\n" if number == signal.SIGINT else b"terminated\n")
    os._exit(128 + number)


def _terminate(number: int, frame: object) -> None:
    raise Terminated
