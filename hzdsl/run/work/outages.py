"""Servers that have gone away are given up: what else lies there is lost at once, but for a try now and then.

Without this every further chunk would be tried as often as the first, for minutes and hours, and in vain.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from time import monotonic
from urllib.parse import urlsplit

from hzdsl.errors import HzdslError
from hzdsl.io.remote.away import ServerAway
from hzdsl.records import dataclass
from hzdsl.urls import is_url

#: A server is given up when this many reads in a row, each with the repetitions of its requests, had no answer.
FAILURES = 3
#: Seconds until one read is tried again at a server that was given up.
PROBE = 5.0


@dataclass
class _State:
    failures: int = 0
    path: str = ""
    error: HzdslError | None = None
    since: float = 0.0


class Outages:
    """Which servers do not answer any more, in one run; used from any number of threads.

    Parameters
    ----------
    clock : callable
        Tells seconds.
    """

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock, self._lock = clock, threading.Lock()
        self._states: dict[str, _State] = {}

    def given_up(self, path: str) -> HzdslError | None:
        """Return why a file is not asked for now; None where it is, also as the one try after a while."""
        with self._lock:
            state = self._states.get(_server(path))
            if state is None or state.error is None or state.failures < FAILURES:
                return None
            if self._clock() - state.since >= PROBE:
                state.since = self._clock()
                return None
            if path == state.path:
                return state.error
            return HzdslError("remote", f"its server had been given up ({state.error.message})", fix=state.error.fix)

    def failed(self, path: str, error: HzdslError) -> None:
        """Count a read that had no answer; whatever else was wrong with it is no matter of the server."""
        if not isinstance(error, ServerAway):
            return
        with self._lock:
            failures = self._states.get(_server(path), _State()).failures + 1
            self._states[_server(path)] = _State(failures, path, error, self._clock())

    def answered(self, path: str) -> None:
        """Forget what was wrong with the server of a file that was read."""
        if self._states:
            with self._lock:
                self._states.pop(_server(path), None)


def _server(path: str) -> str:
    """Return which server a file is on; none is named where it is a path, for redirectors, which are the same for all.

    Examples
    --------
    >>> _server("https://eos.cern.ch:8443/store/a.root"), _server("/store/a.root")
    ('eos.cern.ch:8443', '')
    """
    return urlsplit(path).netloc if is_url(path) else ""
