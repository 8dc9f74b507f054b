"""One writer per folder: a lock that ends with the process that holds it, however that ends."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from hzdsl.errors import HzdslError


@contextmanager
def locked(folder: str | os.PathLike[str], name: str = "lock") -> Iterator[None]:
    """Hold the lock of a folder, which is made if it is not there, and removed if it is left empty.

    The system releases it when the process ends; a file that a killed process has left behind means nothing.

    Parameters
    ----------
    folder : path
        What is written into.
    name : str
        Those of different names do not exclude each other.

    Raises
    ------
    HzdslError
        `output-locked` where another process holds it, `output` where the folder cannot be written to.
    """
    path = Path(folder) / f".hzdsl-{name}"
    made = [p for p in (path.parent, *path.parent.parents) if not p.exists()]
    file = _taken(path)
    try:
        os.ftruncate(file, 0)
        os.write(file, f"process {os.getpid()} on {socket.gethostname()}".encode())
        try:
            yield
        finally:
            path.unlink(missing_ok=True)
    finally:
        os.close(file)
        with suppress(OSError):  # what is in use stays
            for empty in made:
                empty.rmdir()


def _taken(path: Path) -> int:
    """Return the file of the lock, open and locked: the one that stands there, not one that was just removed."""
    while True:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            file = os.open(path, os.O_CREAT | os.O_RDWR, 0o666)
        except OSError as error:
            what = f"{path.parent} cannot be written to ({error.strerror})"
            raise HzdslError("output", what, fix="choose another folder") from None
        try:
            _take(file, str(path.parent))
            if _is_at(file, path):
                return file
        except BaseException:
            os.close(file)
            raise
        os.close(file)


def _is_at(file: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(file), path.stat())
    except FileNotFoundError:
        return False


def _take(file: int, folder: str) -> None:
    """Take the lock, or say who has it; a file system without locks goes without."""
    import fcntl

    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        holder = os.read(file, 200).decode(errors="replace") or "another process"
        raise HzdslError(
            "output-locked",
            f"{holder} is writing to {folder}",
            fix="wait for it, or choose another folder",
        ) from None
    except OSError:
        return
