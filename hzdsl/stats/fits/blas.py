"""One thread for linear algebra of many small matrices, of which two threads are slower than one.

OpenBLAS divides a Cholesky factor of 150 rows between its threads, which wait for each other in loops. With the threads
that fit toys, or with other programs beside them, that was six to a hundred times slower; and the last bits of a result
would depend on how many threads the machine has. The number is one of the whole process: it is put back afterwards.
"""

from __future__ import annotations

import ctypes
import re
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import cache
from pathlib import Path

#: What OpenBLAS calls its functions, in the builds of numpy and scipy and in others.
NAMES = [f"{prefix}openblas_%s_num_threads{suffix}" for prefix in ("scipy_", "") for suffix in ("64_", "")]
#: Which libraries a process has loaded, where the system tells it.
MAPS = Path("/proc/self/maps")

Pool = tuple[Callable[[], int], Callable[[int], None]]

#: Systems of fewer parameters are solved by one thread.
SMALL = 1000


def threads_for(parameters: int) -> AbstractContextManager[None]:
    """Return a context in which systems of so many parameters are solved: by one thread where there are few."""
    return one_thread() if parameters < SMALL else nullcontext()


@contextmanager
def one_thread() -> Iterator[None]:
    """Have OpenBLAS use one thread, in this process and for so long; where there is none nothing happens.

    The first that enters, of all threads of the process, remembers how many there were, and the last puts them back.
    """
    inside = _inside()
    inside.enter()
    try:
        yield
    finally:
        inside.leave()


class _Inside:
    """How many are in `one_thread` now, and how many threads each OpenBLAS had before the first of them."""

    def __init__(self, pools: Sequence[Pool]) -> None:
        self._lock, self._pools = threading.Lock(), pools
        self._many, self._before = 0, list[int]()

    def enter(self) -> None:
        with self._lock:
            if not self._many:
                self._before = [get() for get, _ in self._pools]
                for _, put in self._pools:
                    put(1)
            self._many += 1

    def leave(self) -> None:
        with self._lock:
            self._many -= 1
            if not self._many:
                for (_, put), threads in zip(self._pools, self._before, strict=True):
                    put(threads)


@cache
def _inside() -> _Inside:
    """Return the one of this process."""
    return _Inside(_pools())


@cache
def _pools() -> list[Pool]:
    """Return the functions that get and set the threads of each OpenBLAS that is loaded."""
    import scipy.linalg  # noqa: F401 (which brings its own)

    if not MAPS.exists():
        return []
    paths = sorted(set(re.findall(r"\s(/\S*openblas\S*)$", MAPS.read_text(encoding="utf-8"), re.MULTILINE)))
    libraries = [ctypes.CDLL(path) for path in paths]
    found = []
    for library in libraries:
        name = next((n for n in NAMES if hasattr(library, n % "set")), None)
        if name is not None:
            found.append((getattr(library, name % "get"), getattr(library, name % "set")))
    return found
