"""Object code on disk: entries that are checked before they are trusted, and made again where anything is wrong.

Object code is loaded and run as it is, so the folder and each entry must belong to the user and be writable by nobody
else. A checksum over key and content finds what was damaged, cut short or renamed. Entries are written aside and then
renamed: a reader sees the whole of one or none, however many processes write. Nothing here ever fails a run.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hzdsl.caches import cache_root

#: Bytes that are kept; beyond, what was used longest ago goes.
MOST_BYTES = 500_000_000
FOLDER, ENDING, PART = "kernels", ".kernel", ".part"
_MAGIC = b"hzdsl object code 1\n"
_DIGEST = hashlib.sha256().digest_size
#: Age, in seconds, of a part that its writer has certainly given up.
_GIVEN_UP = 3600


@dataclass(frozen=True)
class Stored:
    """An entry: object code, and what else is needed to call it, as JSON knows it."""

    code: bytes
    about: Any = None


class Cache:
    """Entries in one folder, by keys of hexadecimal digits.

    Parameters
    ----------
    folder : Path
        Made when the first entry is written.
    most_bytes : int
        The size that it is kept below.
    """

    def __init__(self, folder: Path, most_bytes: int = MOST_BYTES) -> None:
        self.folder, self._most = folder, most_bytes

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
                found = None if refused else _opened(key, file.read())
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
        part = self.folder / f".{key}.{os.getpid()}.{threading.get_ident()}{PART}"
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            refused = self.problem()
            if refused:
                _remark(f"{self.folder} is not used: {refused}")
                return
            try:
                with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                    file.write(_closed(key, entry))
                os.replace(part, self._path(key))
            finally:
                part.unlink(missing_ok=True)
            self._trim()
        except OSError as error:
            _remark(f"{self.folder} cannot be written to: {error.strerror}")

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
        found = [(s.st_mtime_ns, path, s.st_size) for path, s in self._files() if path.suffix == ENDING]
        return {path: size for _, path, size in sorted(found)}

    def clear(self) -> int:
        """Remove all entries, and return how many there were."""
        number = len(self.sizes())
        for path, _ in list(self._files()):
            path.unlink(missing_ok=True)
        return number

    def _path(self, key: str) -> Path:
        return self.folder / f"{key}{ENDING}"

    def _files(self) -> Iterator[tuple[Path, os.stat_result]]:
        """Yield what this class has written, and nothing else that may lie there."""
        if self.folder.is_dir() and not self.folder.is_symlink():
            for path in self.folder.iterdir():
                if path.suffix in (ENDING, PART):
                    try:
                        yield path, path.lstat()
                    except FileNotFoundError:
                        continue  # another process was faster

    def _trim(self) -> None:
        """Remove parts whose writers were killed, and the oldest entries above the limit."""
        for path, s in list(self._files()):
            if path.suffix == PART and s.st_mtime < time.time() - _GIVEN_UP:
                path.unlink(missing_ok=True)
        sizes = self.sizes()
        excess = sum(sizes.values()) - self._most
        for path, size in sizes.items():
            if excess <= 0:
                break
            path.unlink(missing_ok=True)
            excess -= size


def kernel_cache() -> Cache:
    """Return the user's own cache."""
    return Cache(cache_root() / FOLDER)


def _refusal(s: os.stat_result) -> str | None:
    """Return why what lies there is not to be trusted."""
    if hasattr(os, "geteuid") and s.st_uid != os.geteuid():
        return "it belongs to another user"
    return "it can be written to by others" if s.st_mode & (stat.S_IWGRP | stat.S_IWOTH) else None


def _closed(key: str, entry: Stored) -> bytes:
    about = json.dumps(entry.about, separators=(",", ":")).encode()
    content = len(about).to_bytes(8, "little") + about + entry.code
    return _MAGIC + hashlib.sha256(key.encode() + content).digest() + content


def _opened(key: str, data: bytes) -> Stored | None:
    start = len(_MAGIC) + _DIGEST
    digest, content = data[len(_MAGIC) : start], data[start:]
    if data[: len(_MAGIC)] != _MAGIC or hashlib.sha256(key.encode() + content).digest() != digest:
        return None
    length = int.from_bytes(content[:8], "little")
    return Stored(content[8 + length :], json.loads(content[8 : 8 + length]))


def _remark(text: str) -> None:
    """Say what only those want to know who look for it."""
    if os.environ.get("HZDSL_DEBUG"):
        print(f"hzdsl: {text}", file=sys.stderr)
