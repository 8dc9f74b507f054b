"""What every source on a stored file has in common: its bytes, its context, its columns."""

from __future__ import annotations

from collections.abc import Mapping
from types import TracebackType
from typing import Self

from hzdsl.io.source import ColumnInfo
from hzdsl.io.storage import Storage


class StoredSource:
    """A source whose bytes come from a `Storage`; subclasses say what they hold and how to read it."""

    _storage: Storage
    _columns: Mapping[str, ColumnInfo]
    _unreadable: Mapping[str, str]
    retained = 0

    @property
    def columns(self) -> Mapping[str, ColumnInfo]:
        """Every column that can be read."""
        return self._columns

    @property
    def unreadable(self) -> Mapping[str, str]:
        """Every other column with its type as the file names it."""
        return self._unreadable

    @property
    def bytes_fetched(self) -> int:
        """Bytes that travelled over the network so far."""
        return self._storage.bytes_fetched

    @property
    def served_by(self) -> tuple[str, ...]:
        """The URLs that bytes have come from."""
        return self._storage.served_by

    @property
    def failures(self) -> tuple[str, ...]:
        """What was wrong with places that failed."""
        return self._storage.failures

    @property
    def file_bytes(self) -> int:
        """Size of the whole file."""
        return self._storage.size

    def close(self) -> None:
        """Close the file."""
        self._storage.close()

    def __enter__(self) -> Self:
        """Return this source."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the file."""
        self.close()
