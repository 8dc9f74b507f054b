"""Bytes of a file, wherever it lies, and what can be told from its first few.

The checks here come before any library sees the file, so that "does not exist", "is a directory", "is not
a ROOT file" and "ends too early" are said plainly. A ROOT file states its own length in its header (`fEND`),
and Parquet ends with a fixed mark, so a file cut at any place is recognised before any value is read.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterable
from typing import Any, Literal, NoReturn, Protocol

from hzdsl.errors import HzdslError, did_you_mean
from hzdsl.io.options import RemoteOptions
from hzdsl.urls import is_url

#: So many files are named that stand beside one that is missing.
_NAMED = 3
Ranges = Iterable[tuple[int, int]]


class Storage(Protocol):
    """The bytes of one file."""

    @property
    def path(self) -> str:
        """The path or URL as given."""

    @property
    def size(self) -> int:
        """Length of the file in bytes."""

    @property
    def bytes_fetched(self) -> int:
        """Bytes that travelled over the network so far."""

    @property
    def served_by(self) -> tuple[str, ...]:
        """The URLs that bytes have come from; none for a file of this machine."""

    @property
    def failures(self) -> tuple[str, ...]:
        """What was wrong with places that failed before another took over."""

    @property
    def is_remote(self) -> bool:
        """Whether fetching ahead is worth the while."""

    @property
    def descriptor(self) -> int | None:
        """The descriptor of an open file of this machine; None of another."""

    @property
    def handle(self) -> Any:
        """What pyarrow opens: a path, or a file object."""

    def read_at(self, start: int, length: int) -> bytes:
        """Return up to `length` bytes from `start`."""

    def prefetch(self, ranges: Ranges) -> None:
        """Begin to fetch byte ranges (start, stop) ahead of their use; `read_at` waits for them."""

    def release(self, ranges: Ranges) -> None:
        """Forget byte ranges that were fetched ahead."""

    def close(self) -> None:
        """Close files and connections."""


class LocalFile:
    """A file of this machine."""

    bytes_fetched = 0
    served_by: tuple[str, ...] = ()
    failures: tuple[str, ...] = ()
    is_remote = False

    def __init__(self, path: str, folder: str = "") -> None:
        self.path, self.handle = path, os.path.join(folder, path)
        self._file = _open_local(path, folder)
        self.size = os.fstat(self._file.fileno()).st_size

    @property
    def descriptor(self) -> int | None:
        """The descriptor of the open file."""
        return int(self._file.fileno())

    def read_at(self, start: int, length: int) -> bytes:
        """Return up to `length` bytes from `start`."""
        return os.pread(self._file.fileno(), length, start)

    def prefetch(self, ranges: Ranges) -> None:
        """Do nothing: the operating system reads ahead."""

    def release(self, ranges: Ranges) -> None:
        """Do nothing."""

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def open_storage(path: str, remote: RemoteOptions | None = None, folder: str = "") -> Storage:
    """Open a path (a relative one starts in `folder`) or a URL (HTTP, HTTPS or XRootD) for reading bytes.

    An absolute path that this machine does not have is sought at the redirectors, if there are some.

    Raises
    ------
    HzdslError
        `file-missing`, `file-format` (a directory), `remote` (a scheme that is not read, a failing server).

    Examples
    --------
    >>> open_storage("ftp://h/a.root")
    Traceback (most recent call last):
      ...
    hzdsl.errors.HzdslError: error[remote]: ftp://h/a.root: files are read over http, https and root, not over ftp
      fix: give an http(s):// or root:// address of the file, or copy it and give its path
    """
    path, options = os.fspath(path), remote or RemoteOptions()
    absent = os.path.isabs(path) and bool(options.redirectors) and not os.path.exists(path)
    if absent or is_url(path):
        from hzdsl.io.remote.file import RemoteFile
        from hzdsl.io.remote.places import places_of

        return RemoteFile(path, places_of(path, options), options)
    return LocalFile(path, folder)


def file_format(storage: Storage) -> Literal["root", "parquet"]:
    """Tell ROOT from Parquet by the file's first bytes, and check that the file is all there.

    Raises
    ------
    HzdslError
        `file-format` for anything else, `file-truncated` for a file that ends too early.
    """
    head = storage.read_at(0, 64)
    if not head:
        raise _truncated(storage, "is empty (0 bytes)")
    if head[:4] == b"root"[: len(head)]:
        _check_root_end(storage, head)
        return "root"
    if head[:4] == b"PAR1":
        if storage.size < 12 or storage.read_at(storage.size - 4, 4) != b"PAR1":
            raise _truncated(storage, f"ends after {storage.size} bytes, without the end mark of Parquet")
        return "parquet"
    raise HzdslError(
        "file-format",
        f"{storage.path} is neither a ROOT nor a Parquet file (it begins with {_printable(head[:8])})",
        fix="give a .root or .parquet file",
    )


def _check_root_end(storage: Storage, head: bytes) -> None:
    """Compare the length of a ROOT file with the one its header states.

    The header is `root`, version, fBEGIN, fEND, …, big-endian; fEND has 8 bytes from version 1 000 000 on
    (https://root.cern/doc/master/classTFile.html).
    """
    if len(head) < 20:
        raise _truncated(storage, f"ends after {len(head)} bytes, inside its header")
    (version,) = struct.unpack_from(">i", head, 4)
    (end,) = struct.unpack_from(">q" if version >= 1_000_000 else ">i", head, 12)
    if storage.size < end:
        raise _truncated(storage, f"ends after {storage.size} bytes, but its header says it has {end}")
    if end < 64:
        raise _truncated(storage, "was never closed: its header states no length")


def _truncated(storage: Storage, what: str) -> HzdslError:
    return HzdslError("file-truncated", f"{storage.path} {what}", fix="copy or download the file again")


def _printable(head: bytes) -> str:
    text = head.decode("ascii", "replace")
    return repr(text) if text.isprintable() else "0x" + head.hex()


def _open_local(path: str, folder: str) -> Any:
    place = os.path.join(folder, path)
    if os.path.isdir(place):
        raise HzdslError(
            "file-format", f"{path} is a directory, not a file", fix=f"give its files, such as {path}/*.root"
        )
    if not os.path.isfile(place) and os.path.exists(place):  # opening a pipe would wait for a writer
        fix = "write what it gives to a file, and name that"
        raise HzdslError("file-format", f"{path} is a pipe or a device, not a file that can be read anywhere", fix=fix)
    try:
        return open(place, "rb")
    except (FileNotFoundError, NotADirectoryError):
        _raise_missing(path, folder)
    except OSError as error:
        raise HzdslError("file-missing", f"{path} cannot be read ({error.strerror})") from None


def _raise_missing(path: str, folder: str) -> NoReturn:
    directory = os.path.dirname(path)
    if path.startswith("/store/"):  # a logical name of CMS
        fix = "to read it from the grid, name a redirector: --redirector root://cms-xrd-global.cern.ch/"
    elif directory and not os.path.isdir(os.path.join(folder, directory)):
        fix = f"check the path: the directory {directory} does not exist either"
    else:
        kind = os.path.splitext(path)[1].lower()
        names = [
            n
            for n in _names_in(os.path.join(folder, directory) or ".")
            if os.path.splitext(n)[1].lower() == kind and kind
        ]
        fix = did_you_mean(path, [os.path.join(directory, name) for name in names]) or _those_there(names, kind)
    raise HzdslError("file-missing", f"there is no file {path}", fix=fix) from None


def _those_there(names: list[str], kind: str) -> str:
    """Return what to do where no name is near: take one of those that are there."""
    if not names:
        return f"check the path: there is no other {kind} file beside it" if kind else "check the path and the suffix"
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return f"check the path; beside it are {', '.join(names[:_NAMED])}{more}"


def _names_in(directory: str) -> list[str]:
    try:
        return sorted(os.listdir(directory))
    except OSError:
        return []
