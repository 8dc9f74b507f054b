"""The bytes of a file as a seekable file object, as uproot and pyarrow read it."""

from __future__ import annotations

import io
import threading
from typing import Any, Protocol


class Readable(Protocol):
    """Bytes that can be read at any place."""

    @property
    def size(self) -> int:
        """Length in bytes."""

    def read_at(self, start: int, length: int) -> bytes:
        """Return up to `length` bytes from `start`."""


class SeekableFile(io.RawIOBase):
    """A file object over bytes; several threads may use it, each has its own position for `seek` and `read`.

    Closing it leaves the bytes as they are.
    """

    def __init__(self, content: Readable) -> None:
        super().__init__()
        self._content = content
        self._cursor = threading.local()

    def readable(self) -> bool:
        """Return True."""
        return True

    def seekable(self) -> bool:
        """Return True."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move the position of the next `read`."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self.tell(), io.SEEK_END: self._content.size}[whence]
        self._cursor.position = max(0, base + offset)
        return self.tell()

    def tell(self) -> int:
        """Return the position of the next `read`."""
        return int(getattr(self._cursor, "position", 0))

    def read(self, size: int | None = -1) -> bytes:
        """Return the next `size` bytes, fewer at the end of the file."""
        position = self.tell()
        length = self._content.size - position if size is None or size < 0 else size
        data = self._content.read_at(position, length)
        self._cursor.position = position + len(data)
        return data

    def readinto(self, buffer: Any) -> int:
        """Fill a buffer from the position on."""
        view = memoryview(buffer).cast("B")
        data = self.read(len(view))
        view[: len(data)] = data
        return len(data)
