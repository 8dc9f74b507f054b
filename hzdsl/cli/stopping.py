"""Ctrl-C and SIGTERM: the first stops a run in good order, the second at once."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType, MappingProxyType

from hzdsl.interrupts import INTERRUPTED, TERMINATED, Terminated
from hzdsl.run.stop import Stop

#: Exit status after each signal, as shells have it: 128 and its number.
STATUS = MappingProxyType({"SIGINT": INTERRUPTED, "SIGTERM": TERMINATED})
_SAID = "\nstopping: what is being read is finished; once more (Ctrl-C) stops at once\n"
_SHOW_CURSOR = "\x1b[?25h"


@contextmanager
def stopping() -> Iterator[Stop]:
    """Give what signals ask to stop, while the block runs."""
    stop = Stop()
    told: list[int] = []

    def handle(number: int, frame: FrameType | None) -> None:
        again = bool(told)
        told.append(number)
        if again:
            _write(_SHOW_CURSOR if sys.stderr.isatty() else "")
            os._exit(128 + number)
        if not stop.heard:  # nothing has been read yet, or all has been
            raise KeyboardInterrupt if number == signal.SIGINT else Terminated
        stop.ask(signal.Signals(number).name)
        _write(_SAID)

    with _handled_by(handle):
        yield stop


@contextmanager
def undisturbed() -> Iterator[None]:
    """Take no notice of signals during the last milliseconds of a command, which must not be done by half."""
    with _handled_by(lambda number, frame: None):
        yield


@contextmanager
def _handled_by(handle: Callable[[int, FrameType | None], None]) -> Iterator[None]:
    heard = [s for s in (signal.SIGINT, signal.SIGTERM) if signal.getsignal(s) is not signal.SIG_IGN]  # as nohup wants
    before = {s: signal.signal(s, handle) for s in heard}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _write(text: str) -> None:
    """Write to standard error, past what Python holds back: a handler may interrupt it anywhere."""
    try:
        os.write(2, text.encode())
    except OSError:
        return
