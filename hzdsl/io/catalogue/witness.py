"""The bytes of a file, and which of them uproot has looked at when it was asked about a tree."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from hzdsl.errors import HzdslError
from hzdsl.io.catalogue.facts import Seen
from hzdsl.io.storage import Storage

#: Bytes between two ranges that are read along rather than skipped.
_GAP = 4096


class Witness:
    """A file as uproot reads it; every range that it reads while `recording` is noted, with a digest of the bytes.

    What uproot says follows from these bytes alone: where they are the same, it would say the same. It keeps to itself
    what it once knows of the classes of a file, whatever it needed them for, so their record is noted whenever it is
    read.

    Parameters
    ----------
    storage : Storage
        The file.
    seen : mapping of (int, int) to str
        What it read of the same file before, and must find again.
    """

    def __init__(self, storage: Storage, seen: Seen) -> None:
        self._storage, self.seen = storage, dict(seen)
        self.complete = True
        self.classes = range(0)
        self._thread = threading.local()

    @property
    def size(self) -> int:
        """Length of the file in bytes."""
        return self._storage.size

    def read_at(self, start: int, length: int) -> bytes:
        """Return up to `length` bytes from `start`.

        Raises
        ------
        HzdslError
            `file-changed`, where they are not what they were.
        """
        noted = getattr(self._thread, "depth", 0) > 0 or start in self.classes
        if not noted:
            return self._storage.read_at(start, length)
        try:
            data = self._storage.read_at(start, length)
        except BaseException:
            self.complete = False  # whoever asked may go on, knowing less
            raise
        self.complete &= len(data) == min(length, max(0, self.size - start))
        found = digest(data)
        if self.seen.setdefault((start, len(data)), found) != found:
            raise HzdslError(
                "file-changed", f"{self._storage.path} has changed since it was opened", fix="start the run again"
            )
        return data

    @contextmanager
    def recording(self) -> Iterator[None]:
        """Note what this thread reads; other threads may read values at the same time."""
        self._thread.depth = getattr(self._thread, "depth", 0) + 1
        try:
            yield
        finally:
            self._thread.depth -= 1


def digest(data: bytes | memoryview) -> str:
    """Return what stands for some bytes."""
    return hashlib.sha256(data).hexdigest()


def is_there(storage: Storage, seen: Seen) -> bool:
    """Return whether a file has the same bytes at the same places, reading near ones at once."""
    for first, last, ranges in _spans(seen):
        data = memoryview(storage.read_at(first, last - first))
        if any(digest(data[start - first : start - first + n]) != seen[start, n] for start, n in ranges):
            return False
    return True


def _spans(seen: Seen) -> Iterator[tuple[int, int, list[tuple[int, int]]]]:
    """Yield (first byte, one past the last, ranges) of ranges that lie near each other.

    Examples
    --------
    >>> list(_spans({(90_000, 10): "", (0, 400): "", (1000, 20): ""}))
    [(0, 1020, [(0, 400), (1000, 20)]), (90000, 90010, [(90000, 10)])]
    """
    group: list[tuple[int, int]] = []
    end = 0
    for start, length in sorted(seen):
        if group and start - end > _GAP:
            yield group[0][0], end, group
            group, end = [], 0
        group.append((start, length))
        end = max(end, start + length)
    if group:
        yield group[0][0], end, group
