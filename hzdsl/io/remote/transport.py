"""What all ways of fetching bytes have in common: ranges, requests for several of them, patience with mishaps."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

from hzdsl.errors import HzdslError
from hzdsl.io.options import RemoteOptions

T = TypeVar("T")
#: The bytes from the first up to, not including, the second.
Range = tuple[int, int]
Piece = bytes | memoryview

#: The schemes of addresses of web servers, and of those of XRootD.
WEB = ("http", "https")
XROOTD = ("root", "roots", "xroot", "xroots")
#: Bytes between two ranges that are fetched along, for less than another request costs.
GAP = 32 * 1024
#: Bytes of a request: longer ones would let the first pieces wait for the last.
LONGEST_REQUEST = 8 * 1024 * 1024
#: Seconds before a repetition, at most (and by chance half as long again).
LONGEST_WAIT = 10.0
#: A server that asks for more is given up: to wait so long is for the user to decide.
LONGEST_WAIT_ASKED = 60.0


class Transport(Protocol):
    """One file at one place; may be called from several threads."""

    @property
    def size(self) -> int:
        """Length of the file in bytes, known from `open` on."""

    @property
    def bytes_fetched(self) -> int:
        """Bytes of content received so far."""

    def open(self, length: int) -> bytes:
        """Find the file, learn its size, and return its first `length` bytes, fewer if it is shorter."""

    def groups(self, ranges: Sequence[Range]) -> list[list[Range]]:
        """Divide sorted ranges into those that travel together."""

    def fetch(self, group: Sequence[Range]) -> list[Piece]:
        """Fetch a group; each piece has exactly the bytes of its range."""

    def close(self) -> None:
        """Close all connections; what is being fetched fails soon."""


class TransientError(Exception):
    """A failure worth another attempt, after `wait` seconds where the server has said so."""

    def __init__(self, reason: str, wait: float | None = None) -> None:
        super().__init__(reason)
        self.wait = wait


class Patience:
    """Repeats what may have failed by chance, after longer and longer waits.

    The waits are lengthened by chance, by up to a half, so that many processes do not come back at one moment.
    """

    def __init__(self, url: str, options: RemoteOptions) -> None:
        self._url, self._options = url, options
        self._stopped = threading.Event()

    def persist(self, attempt: Callable[[], T], afresh: Callable[[], None] = lambda: None) -> T:
        """Return what `attempt` gives; between attempts call `afresh`.

        Raises
        ------
        HzdslError
            `remote`, where all attempts fail.
        """
        wait = self._options.backoff
        for left in range(self._options.retries, -1, -1):
            try:
                return attempt()
            except TransientError as error:
                reason, asked = str(error), error.wait
            if self._stopped.is_set():
                raise HzdslError("remote", f"{self._url} was closed while it was read")
            afresh()
            if asked is not None and asked > LONGEST_WAIT_ASKED:
                raise self._error(f"wants to be left alone for {asked:.0f} s ({reason})", "run again later")
            if left:
                self._stopped.wait(max(asked or 0.0, min(wait, LONGEST_WAIT) * random.uniform(1, 1.5)))
                wait *= 2
        times = self._options.retries + 1
        raise self._error(f"failed {times} times, at last with: {reason}" if times > 1 else f"failed: {reason}")

    def stop(self) -> None:
        """Let whoever waits or fails from now on give up."""
        self._stopped.set()

    def _error(self, what: str, fix: str | None = None) -> HzdslError:
        return HzdslError("remote", f"{self._url}: the server {what}", fix=fix)


class Version:
    """Which version of a file is being read: bytes of two are never mixed."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._size: int | None = None

    @property
    def size(self) -> int | None:
        """The size at first sight; None before."""
        return self._size

    def check(self, size: int, same: bool = True) -> None:
        """Refuse a file of another size than at first, or that is known to be not the `same`.

        Raises
        ------
        HzdslError
            `file-truncated` where it has become shorter, `remote` where it has changed.
        """
        if self._size is None:
            self._size = size
        if size < self._size:
            what = f"{self._url} was cut to {size} bytes while it was read (it had {self._size})"
            raise HzdslError("file-truncated", what, fix="copy or download the file again")
        if size != self._size or not same:
            raise HzdslError("remote", f"{self._url}: the server changed the file while it was read", fix="run again")


def coalesce(ranges: Sequence[Range], gap: int = GAP, longest: int = LONGEST_REQUEST) -> list[list[Range]]:
    """Group sorted byte ranges into requests: together where less than `gap` lies between them.

    Examples
    --------
    >>> coalesce([(0, 10), (15, 20), (500, 600)], gap=100)
    [[(0, 10), (15, 20)], [(500, 600)]]
    """
    groups: list[list[Range]] = []
    end = 0
    for start, stop in ranges:
        if groups and start - end < gap and stop - groups[-1][0][0] <= longest:
            groups[-1].append((start, stop))
            end = max(end, stop)
        else:
            groups.append([(start, stop)])
            end = stop
    return groups
