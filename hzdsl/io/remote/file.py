"""A file on a server as a seekable file object, and as what `hzdsl.io.storage.Storage` says."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, NamedTuple

from hzdsl.io.options import RemoteOptions
from hzdsl.io.remote.blocks import Blocks
from hzdsl.io.remote.places import Places
from hzdsl.io.remote.transport import Piece, Range
from hzdsl.io.seekable import SeekableFile

#: Bytes of a block of the cache, and of what is read first of a file: headers and keys lie together.
BLOCK = 64 * 1024
#: Reads of more than this do not go through the cache of blocks.
LONG = 4 * 1024 * 1024
#: How many requests for what comes next are under way at a time, per file.
CONNECTIONS = 6
#: How many bytes are held ahead of their use; what is beyond is fetched when it is read.
MOST_AHEAD = 256 * 1024 * 1024


class Ahead(NamedTuple):
    """A range that is being fetched ahead: one of the pieces of a request."""

    stop: int
    request: Future[list[Piece]]
    number: int


class RemoteFile(SeekableFile):
    """A file at one of several places.

    Small reads go through a cache of aligned blocks; ranges announced with `prefetch` are fetched together, in the
    background, and kept until `release`. All may be called from several threads: each has its own position for `seek`
    and `read`.

    Parameters
    ----------
    path : str
        The file as the user calls it.
    urls : iterable of str
        The places to try, in this order.
    options : RemoteOptions
        Certificates, time limits and retries.

    Raises
    ------
    HzdslError
        `remote`, or `file-missing`.
    """

    is_remote = True
    descriptor = None

    def __init__(self, path: str, urls: Iterable[str], options: RemoteOptions) -> None:
        super().__init__(self)
        self.path = path
        self._places = Places(path, urls, options)
        self._lock = threading.Lock()
        self._ahead: dict[int, Ahead] = {}
        self._held = 0
        self._pool: ThreadPoolExecutor | None = None
        try:
            first = self._places.open(BLOCK)
        except BaseException:
            super().close()
            self._places.close()
            raise
        self.size = self._places.size
        self._blocks = Blocks(BLOCK, self.size, first)

    @property
    def handle(self) -> Any:
        """The file object itself."""
        return self

    @property
    def bytes_fetched(self) -> int:
        """Bytes of content received so far."""
        return self._places.bytes_fetched

    @property
    def served_by(self) -> tuple[str, ...]:
        """The places that bytes have come from, in the order in which they were used."""
        return self._places.served_by

    @property
    def failures(self) -> tuple[str, ...]:
        """What was wrong with the places that failed."""
        return self._places.failures

    def read_at(self, start: int, length: int) -> bytes:
        """Return up to `length` bytes from `start`: fetched ahead, from the cache, or fetched now."""
        stop = min(start + length, self.size)
        if stop <= start:
            return b""
        with self._lock:
            ahead = self._ahead.get(start)
        if ahead is not None and stop <= ahead.stop:
            return bytes(self._awaited(start, ahead)[: stop - start])
        if stop - start > LONG:
            return bytes(self._places.fetch([(start, stop)])[0])
        return self._blocks.read(start, stop, self._places.fetch)

    def prefetch(self, ranges: Iterable[Range]) -> None:
        """Begin to fetch byte ranges (start, stop) and keep them; near ones travel together."""
        asked = sorted({(start, min(stop, self.size)) for start, stop in ranges})
        with self._lock:
            wanted = [r for r in asked if r[0] < r[1] and (r[0] not in self._ahead or self._ahead[r[0]].stop < r[1])]
            for group in self._places.groups(self._blocks.missing(wanted)):
                if self.closed or self._held >= MOST_AHEAD:
                    return
                self._begin(group)

    def release(self, ranges: Iterable[Range]) -> None:
        """Forget ranges that were fetched ahead."""
        with self._lock:
            for start, _ in ranges:
                self._forget(start)

    def close(self) -> None:
        """Close all connections and drop the caches; what is being fetched ahead is given up."""
        if not self.closed:
            super().close()
            self._places.close()
            if self._pool is not None:
                self._pool.shutdown(wait=True, cancel_futures=True)
            self._blocks.clear()
            self._ahead.clear()

    def _begin(self, group: list[Range]) -> None:
        if self._pool is None:
            self._pool = ThreadPoolExecutor(CONNECTIONS, thread_name_prefix="hzdsl-fetch")
        request = self._pool.submit(self._places.fetch, group)
        for number, (start, stop) in enumerate(group):
            self._forget(start)
            self._ahead[start] = Ahead(stop, request, number)
            self._held += stop - start

    def _forget(self, start: int) -> None:
        ahead = self._ahead.pop(start, None)
        if ahead is not None:
            self._held -= ahead.stop - start

    def _awaited(self, start: int, ahead: Ahead) -> Piece:
        """Return what is fetched ahead; what failed is forgotten, so that it can be asked for again."""
        try:
            return ahead.request.result()[ahead.number]
        except BaseException:
            self.release([(start, ahead.stop)])
            raise
