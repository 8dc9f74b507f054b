"""What hzdsl keeps on disk because it can be made again: where, and entries that are checked before they are trusted.

Entries (object code, catalogues of trees) are used as they are, so the folder and each entry must belong to the user
and be writable by nobody else. Their seal (`hzdsl.sealed`), which knows the key, finds what was damaged, cut short or
renamed. Entries are written aside and then renamed: a reader sees the whole of one or none, however many processes
write. Nothing here ever fails a run.
"""

from __future__ import annotations

import json
import os
import stat
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from hzdsl.records import dataclass
from hzdsl.sealed import opened, sealed

#: The ending of what is being written.
_PART = ".part"
#: Age, in seconds, of a part that its writer has certainly given up.
_GIVEN_UP = 3600


def cache_root() -> Path:
    """Return `$HZDSL_CACHE`, else `$XDG_CACHE_HOME/hzdsl`, else `~/.cache/hzdsl`.

    A relative `$XDG_CACHE_HOME` is ignored, as the XDG specification wants it.
    """
    own, base = os.environ.get("HZDSL_CACHE", ""), os.environ.get("XDG_CACHE_HOME", "")
    if own:
        return Path(own).absolute()
    return (Path(base) if os.path.isabs(base) else Path(os.path.expanduser("~/.cache"))) / "hzdsl"


@dataclass(frozen=True)
class Kind:
    """What is alike of all entries of one folder.

    Attributes
    ----------
    what : str
        What an entry is; each begins with it.
    folder : str
        Below `cache_root`.
    ending : str
        Of the files' names.
    most_bytes : int
        The size that the folder is kept below; beyond, what was used longest ago goes.
    unwatched : int
        So many bytes are written, on average, before it is looked whether there is too much: that takes the longer the
        more entries there are.
    """

    what: str
    folder: str
    ending: str
    most_bytes: int
    unwatched: int = 0

    @property
    def head(self) -> bytes:
        """What an entry begins with."""
        return f"hzdsl {self.what} 2\n".encode()


@dataclass(frozen=True)
class Stored:
    """An entry: bytes, and what is to be known of them, as JSON knows it."""

    data: bytes
    about: Any = None


class Cache:
    """Entries in one folder, by keys of hexadecimal digits.

    Parameters
    ----------
    kind : Kind
        What the entries are.
    folder : Path, optional
        Another folder than the user's own; made when the first entry is written.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     cache = Cache(Kind("note", "notes", ".note", most_bytes=1000), Path(folder))
    ...     cache.put("ab", Stored(b"bytes", {"of": "a note"}))
    ...     cache.get("ab"), cache.get("cd")
    (Stored(data=b'bytes', about={'of': 'a note'}), None)
    """

    def __init__(self, kind: Kind, folder: Path | None = None) -> None:
        self.kind, self.folder = kind, cache_root() / kind.folder if folder is None else folder

    def get(self, key: str) -> Stored | None:
        """Return an entry; None where there is none that can be trusted."""
        path, found = self._path(key), None
        try:
            refused = _refusal(os.lstat(self.folder))
            if refused:
                _remark(f"{self.folder} is not used: {refused}")
                return None
            with open(os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0)), "rb") as file:
                refused = _refusal(os.fstat(file.fileno()))
                found = None if refused else self._unwrapped(key, file.read())
            if found is None:
                _remark(f"{path} is made again: {refused or 'it is damaged'}")
            else:
                os.utime(path)  # it was used: others go first
        except FileNotFoundError:
            pass
        except OSError as error:
            _remark(f"{path} cannot be read: {error.strerror}")
        return found

    def put(self, key: str, entry: Stored) -> None:
        """Write an entry, and remove the oldest ones where there is too much."""
        part = self.folder / f".{key}.{os.getpid()}.{threading.get_ident()}{_PART}"
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            refused = self.problem()
            if refused:
                _remark(f"{self.folder} is not used: {refused}")
                return
            try:
                data = self._wrapped(key, entry)
                with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                    file.write(data)
                os.replace(part, self._path(key))
            finally:
                part.unlink(missing_ok=True)
            if int(key[:8], 16) * self.kind.unwatched <= len(data) << 32:  # keys are as good as random
                self._trim()
        except OSError as error:
            _remark(f"{self.folder} cannot be written to: {error.strerror}")

    def kept(self, key: str, make: Callable[[], Stored]) -> Stored:
        """Return an entry; where there is none, what `make` gives, which is kept from now on."""
        found = self.get(key)
        if found is None:
            found = make()
            self.put(key, found)
        return found

    def problem(self) -> str | None:
        """Return why the folder is not used; None where it is, or will be made."""
        try:
            here = os.lstat(self.folder)
        except FileNotFoundError:
            above = next(p for p in self.folder.parents if p.exists())
            return None if os.access(above, os.W_OK | os.X_OK) else f"{above} cannot be written to"
        except OSError as error:
            return str(error.strerror)
        if not stat.S_ISDIR(here.st_mode):
            return "it is no folder"
        return _refusal(here) or (None if os.access(self.folder, os.W_OK) else "it cannot be written to")

    def sizes(self) -> dict[Path, int]:
        """Return all entries, what was used longest ago first, and their bytes."""
        found = [(s.st_mtime_ns, path, s.st_size) for path, s in self._files() if path.suffix == self.kind.ending]
        return {path: size for _, path, size in sorted(found)}

    def clear(self) -> int:
        """Remove all entries, and return how many there were."""
        number = len(self.sizes())
        for path, _ in list(self._files()):
            path.unlink(missing_ok=True)
        return number

    def _path(self, key: str) -> Path:
        return self.folder / f"{key}{self.kind.ending}"

    def _files(self) -> Iterator[tuple[Path, os.stat_result]]:
        """Yield what this class has written, and nothing else that may lie there."""
        if self.folder.is_dir() and not self.folder.is_symlink():
            for path in self.folder.iterdir():
                if path.suffix in (self.kind.ending, _PART):
                    try:
                        yield path, path.lstat()
                    except FileNotFoundError:
                        continue  # another process was faster

    def _wrapped(self, key: str, entry: Stored) -> bytes:
        about = json.dumps(entry.about, separators=(",", ":")).encode()
        return sealed(self.kind.head, len(about).to_bytes(8, "little") + about + entry.data, key.encode())

    def _unwrapped(self, key: str, data: bytes) -> Stored | None:
        content = opened(data, self.kind.head, key.encode())
        if content is None:
            return None
        length = int.from_bytes(content[:8], "little")
        return Stored(content[8 + length :], json.loads(content[8 : 8 + length]))

    def _trim(self) -> None:
        """Remove parts whose writers were killed, and the oldest entries above the limit."""
        for path, s in list(self._files()):
            if path.suffix == _PART and s.st_mtime < time.time() - _GIVEN_UP:
                path.unlink(missing_ok=True)
        sizes = self.sizes()
        excess = sum(sizes.values()) - self.kind.most_bytes
        for path, size in sizes.items():
            if excess <= 0:
                break
            path.unlink(missing_ok=True)
            excess -= size


def _refusal(s: os.stat_result) -> str | None:
    """Return why what lies there is not to be trusted."""
    if hasattr(os, "geteuid") and s.st_uid != os.geteuid():
        return "it belongs to another user"
    return "it can be written to by others" if s.st_mode & (stat.S_IWGRP | stat.S_IWOTH) else None


def _remark(text: str) -> None:
    """Say what only those want to know who look for it."""
    if os.environ.get("HZDSL_DEBUG"):
        print(f"hzdsl: {text}", file=sys.stderr)
