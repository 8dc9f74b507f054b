"""Stopping a run from outside: what is under way is finished, nothing further is begun."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event


class Stop:
    """Asked for by a handler of signals, looked at before every unit of work.

    Only while it is `heard` somebody looks: before the first unit and after the last there is nothing to finish.

    Examples
    --------
    >>> stop = Stop()
    >>> stop.asked, stop.wait(0.001)
    (False, False)
    >>> stop.ask("SIGTERM")
    >>> stop.asked, stop.wait(60), stop.why
    (True, True, 'SIGTERM')
    """

    def __init__(self) -> None:
        self._event = Event()
        self.why = ""
        self.heard = False

    @contextmanager
    def hearing(self) -> Iterator[None]:
        """Look at it while the block runs."""
        self.heard = True
        try:
            yield
        finally:
            self.heard = False

    def ask(self, why: str) -> None:
        """Ask the run to stop, and say why."""
        self.why = self.why or why
        self._event.set()

    @property
    def asked(self) -> bool:
        """Whether the run is to stop."""
        return self._event.is_set()

    def wait(self, seconds: float) -> bool:
        """Wait, no longer than until the run is to stop; return whether it is."""
        return self._event.wait(seconds)
