"""Files of XRootD servers, through XRootD's own client (the extra `hzdsl[xrootd]`).

Many ranges travel in one vector read, within the server's limits. The client recovers lost connections silently, with
another server or with a file that has been replaced meanwhile; so every answer is followed by a look at the open file.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, NamedTuple

from hzdsl.io.options import RemoteOptions
from hzdsl.io.remote.transport import Patience, Piece, Range, TransientError, Version
from hzdsl.io.remote.xrootd_client import SAID_BY_SERVER, check_status, import_client, set_up_client

#: What a server takes in one vector read unless it says otherwise (XrdProto: maxRvecsz, maxRVdsz).
MOST_CHUNKS, LONGEST_CHUNK = 1024, 2 * 1024 * 1024 - 16
#: Bytes of one vector read: longer ones would let the first pieces wait for the last.
LONGEST_VECTOR = 16 * 1024 * 1024


class Seen(NamedTuple):
    """What tells one file of a server from another of the same path."""

    server: str
    id: str
    modified: int


class XRootDFile:
    """One file; see `hzdsl.io.remote.transport.Transport`.

    Parameters
    ----------
    url : str
        A `root://` or `roots://` address.
    options : RemoteOptions
        Time limits and retries. Whom to trust and who the user is are read by the client from its own variables
        (`X509_USER_PROXY`, `BEARER_TOKEN`, …).
    """

    def __init__(self, url: str, options: RemoteOptions) -> None:
        scheme, _, rest = url.partition(":")
        self._url, self._address = url, f"{scheme.lower()}:{rest}"
        self._timeout = max(1, math.ceil(options.timeout))
        self._client = import_client(url)
        self._patience = Patience(url, options)
        self._version = Version(url)
        self._lock, self._lock_of_count = threading.Lock(), threading.Lock()
        self._file: Any = None
        self._seen: Seen | None = None
        self._first = b""
        self._limits = MOST_CHUNKS, LONGEST_CHUNK
        self.bytes_fetched = 0
        set_up_client(self._timeout)

    @property
    def size(self) -> int:
        """Length of the file in bytes."""
        return self._version.size or 0

    def open(self, length: int) -> bytes:
        """Open the file, learn its size, and return its first bytes."""
        self._first = self._patience.persist(lambda: self._open_once(length))
        return self._first

    def groups(self, ranges: Sequence[Range]) -> list[list[Range]]:
        """Divide ranges into vector reads: none of more chunks than the server takes, none too long.

        A range that is longer than the server takes in one chunk stands alone, for a read of its own.
        """
        groups: list[list[Range]] = []
        chunks = total = 0
        most, longest = self._limits
        for start, stop in ranges:
            length = stop - start
            fits = length <= longest and chunks < most and total + length <= LONGEST_VECTOR
            if not (groups and chunks and fits):
                groups.append([])
                chunks = total = 0
            groups[-1].append((start, stop))
            chunks, total = (chunks + 1, total + length) if length <= longest else (0, 0)
        return groups

    def fetch(self, group: Sequence[Range]) -> list[Piece]:
        """Fetch ranges in one vector read; a single one in an ordinary read."""
        return self._patience.persist(lambda: self._fetch_once(group))

    def close(self) -> None:
        """Close the file."""
        self._patience.stop()
        if self._file is not None:
            self._forget(self._file)

    def _open_once(self, length: int) -> bytes:
        """Open the file and return its first bytes; those of a file that was known before have to be the same."""
        file = self._client.File()
        self._check(file.open(self._address, timeout=self._timeout)[0])
        seen = self._look(file)
        first = self._read(file, 0, min(length, self.size))
        self._version.check(self.size, not self._first or first == self._first)
        self._seen, self._file = seen, file
        return first

    def _opened(self) -> Any:
        """Return the open file; one that was lost is opened again."""
        with self._lock:
            if self._file is None:
                self._open_once(len(self._first))
            return self._file

    def _forget(self, file: Any) -> None:
        with self._lock:
            if self._file is file:
                self._file = None
        with suppress(ValueError):  # the client has given it up itself
            file.close(timeout=1)

    def _fetch_once(self, group: Sequence[Range]) -> list[Piece]:
        file = self._opened()
        try:
            pieces = [piece for part in self.groups(group) for piece in self._pieces(file, part)]
            self._check_same(file)
        except ValueError:  # "I/O operation on closed file": the client could not recover
            self._forget(file)
            raise TransientError("the connection was lost") from None
        except TransientError:
            self._forget(file)
            raise
        return pieces

    def _pieces(self, file: Any, group: Sequence[Range]) -> list[Piece]:
        if len(group) == 1:
            ((start, stop),) = group
            return [self._read(file, start, stop - start)]
        status, answer = file.vector_read([(start, stop - start) for start, stop in group], timeout=self._timeout)
        if not status.ok and status.code == SAID_BY_SERVER:
            self._look(file)  # beyond the end of a file that was cut, it is an illegal seek
            self._ask_limits(file)
        self._check(status)
        pieces: list[Piece] = [chunk.buffer for chunk in answer.chunks]
        self._count(sum(map(len, pieces)))
        if [len(p) for p in pieces] != [stop - start for start, stop in group]:
            raise TransientError("a vector read came back incomplete")
        return pieces

    def _read(self, file: Any, start: int, length: int) -> bytes:
        if length == 0:
            return b""
        status, data = file.read(start, length, timeout=self._timeout)
        self._check(status)
        self._count(len(data))
        if len(data) != length:
            self._look(file)
            raise TransientError(f"{len(data)} of {length} bytes came")
        return bytes(data)

    def _look(self, file: Any) -> Seen:
        """Return what the server says of the open file now, after a check that its size is that of the first time."""
        status, info = file.stat(force=self._seen is not None, timeout=self._timeout)
        self._check(status)
        self._version.check(int(info.size))
        return Seen(str(file.get_property("DataServer")), str(info.id), int(info.mtime))

    def _check_same(self, file: Any) -> None:
        """Refuse what may have come from another file: of a replica elsewhere, the first bytes have to be the same."""
        seen = self._look(file)
        if seen == self._seen:
            return
        same = self._read(file, 0, len(self._first)) == self._first
        self._version.check(self.size, same and (self._seen is None or seen.server != self._seen.server))
        self._seen = seen

    def _ask_limits(self, file: Any) -> None:
        """Ask the server for how many chunks, and how long ones, it takes in a vector read."""
        from XRootD.client.flags import QueryCode

        servers = self._client.FileSystem(f"root://{file.get_property('DataServer')}")
        status, answer = servers.query(QueryCode.CONFIG, "readv_iov_max readv_ior_max", timeout=self._timeout)
        numbers = answer.decode("ascii", "replace").split() if status.ok else []
        if len(numbers) == 2 and all(n.isdecimal() and int(n) > 0 for n in numbers):
            self._limits = int(numbers[0]), int(numbers[1])

    def _check(self, status: Any) -> None:
        check_status(status, self._url, self._timeout)

    def _count(self, length: int) -> None:
        with self._lock_of_count:
            self.bytes_fetched += length
