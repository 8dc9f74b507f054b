"""Files over HTTP and HTTPS: byte ranges, fetched with the standard library alone."""

from __future__ import annotations

import io
import threading
from collections import OrderedDict
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from hzdsl.io.options import RemoteOptions

BLOCK = 64 * 1024
CACHED_BLOCKS = 256
GAP = 32 * 1024
LONGEST_REQUEST = 8 * 1024 * 1024
CONNECTIONS = 6


class RangeFile(io.RawIOBase):
    """A file on a web server as a seekable file object.

    Small reads go through a cache of aligned blocks; ranges announced with `prefetch` are fetched together,
    over a few connections, and kept until `release`. All may be called from several threads: each has
    its own position for `seek` and `read`.

    Parameters
    ----------
    url : str
        An `http://` or `https://` address.
    options : RemoteOptions
        Certificates, time limits and retries.

    Raises
    ------
    HzdslError
        `remote`, or `file-missing` for 404.
    """

    is_remote = True
    descriptor = None

    def __init__(self, url: str, options: RemoteOptions) -> None:
        from hzdsl.io.webclient import RangeClient

        super().__init__()
        self.path = url
        self._client = RangeClient(url, options)
        self._lock = threading.Lock()
        self._blocks: OrderedDict[int, bytes] = OrderedDict()
        self._fetched: dict[int, memoryview] = {}
        self._cursor = threading.local()
        try:
            self.size, first = self._client.first(BLOCK)
        except BaseException:
            self._client.close()
            raise
        self._blocks[0] = first

    @property
    def handle(self) -> Any:
        """The file object itself."""
        return self

    @property
    def bytes_fetched(self) -> int:
        """Bytes of content received so far."""
        return self._client.bytes_fetched

    def read_at(self, start: int, length: int) -> bytes:
        """Return up to `length` bytes from `start`, from the caches where they are there."""
        length = max(0, min(length, self.size - start))
        with self._lock:
            ahead = self._fetched.get(start)
        if ahead is not None and len(ahead) >= length:
            return bytes(ahead[:length])
        if length > CACHED_BLOCKS * BLOCK // 4:
            return self._client.fetch(start, start + length)
        return self._read_blocks(start, length)

    def prefetch(self, ranges: Iterable[tuple[int, int]]) -> None:
        """Fetch byte ranges (start, stop) and keep them; near ones travel in one request."""
        asked = sorted({(start, min(stop, self.size)) for start, stop in ranges})
        with self._lock:
            wanted = [(start, stop) for start, stop in asked if start < stop and start not in self._fetched]
        requests = coalesce(wanted)
        if not requests:
            return
        with ThreadPoolExecutor(min(CONNECTIONS, len(requests))) as pool:
            list(pool.map(self._fetch_group, requests))

    def release(self, ranges: Iterable[tuple[int, int]]) -> None:
        """Forget ranges that were fetched ahead."""
        starts = [start for start, _ in ranges]
        with self._lock:
            for start in starts:
                self._fetched.pop(start, None)

    def readable(self) -> bool:
        """Return True."""
        return True

    def seekable(self) -> bool:
        """Return True."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move the position of the next `read`."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self.tell(), io.SEEK_END: self.size}[whence]
        self._cursor.position = max(0, base + offset)
        return self.tell()

    def tell(self) -> int:
        """Return the position of the next `read`."""
        return int(getattr(self._cursor, "position", 0))

    def read(self, size: int | None = -1) -> bytes:
        """Return the next `size` bytes, fewer at the end of the file."""
        position = self.tell()
        length = self.size - position if size is None or size < 0 else size
        data = self.read_at(position, length)
        self._cursor.position = position + len(data)
        return data

    def readinto(self, buffer: Any) -> int:
        """Fill a buffer from the position on."""
        view = memoryview(buffer).cast("B")
        data = self.read(len(view))
        view[: len(data)] = data
        return len(data)

    def close(self) -> None:
        """Close all connections and drop the caches."""
        if not self.closed:
            self._client.close()
            self._blocks.clear()
            self._fetched.clear()
        super().close()

    def _read_blocks(self, start: int, length: int) -> bytes:
        if length == 0:
            return b""
        numbers = range(start // BLOCK, (start + length - 1) // BLOCK + 1)
        with self._lock:
            have = {n: self._blocks[n] for n in numbers if n in self._blocks}
        for first, last in _runs([n for n in numbers if n not in have]):
            data = self._client.fetch(first * BLOCK, min(last * BLOCK, self.size))
            have.update({n: data[(n - first) * BLOCK : (n - first + 1) * BLOCK] for n in range(first, last)})
        self._remember(have)
        joined = b"".join(have[n] for n in numbers)
        skip = start - numbers[0] * BLOCK
        return joined[skip : skip + length]

    def _remember(self, blocks: dict[int, bytes]) -> None:
        with self._lock:
            for number, data in blocks.items():
                self._blocks[number] = data
                self._blocks.move_to_end(number)
            while len(self._blocks) > CACHED_BLOCKS:
                self._blocks.popitem(last=False)

    def _fetch_group(self, group: list[tuple[int, int]]) -> None:
        first, last = group[0][0], max(stop for _, stop in group)
        data = memoryview(self._client.fetch(first, last))
        with self._lock:
            for start, stop in group:
                self._fetched[start] = data[start - first : stop - first]


def coalesce(
    ranges: list[tuple[int, int]], gap: int = GAP, longest: int = LONGEST_REQUEST
) -> list[list[tuple[int, int]]]:
    """Group sorted byte ranges into requests: together where less than `gap` lies between them.

    Examples
    --------
    >>> coalesce([(0, 10), (15, 20), (500, 600)], gap=100)
    [[(0, 10), (15, 20)], [(500, 600)]]
    """
    groups: list[list[tuple[int, int]]] = []
    end = 0
    for start, stop in ranges:
        if groups and start - end < gap and stop - groups[-1][0][0] <= longest:
            groups[-1].append((start, stop))
            end = max(end, stop)
        else:
            groups.append([(start, stop)])
            end = stop
    return groups


def _runs(numbers: list[int]) -> list[tuple[int, int]]:
    """Join consecutive block numbers to half-open ranges.

    Examples
    --------
    >>> _runs([1, 2, 3, 7])
    [(1, 4), (7, 8)]
    """
    runs: list[tuple[int, int]] = []
    for number in numbers:
        if runs and runs[-1][1] == number:
            runs[-1] = (runs[-1][0], number + 1)
        else:
            runs.append((number, number + 1))
    return runs
