"""How a run is done: everything that is chosen, nothing that is found out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from pathlib import Path
from typing import Any, NamedTuple

from hzdsl.backends.base import Backend
from hzdsl.errors import HzdslError
from hzdsl.io.options import RemoteOptions
from hzdsl.records import dataclass
from hzdsl.run.stop import Stop
from hzdsl.run.watch import Watch


@dataclass(frozen=True)
class Retry:
    """How often what failed is tried again, and how many seconds are waited before the first time (then doubled)."""

    times: int = 2
    delay: float = 1.0


@dataclass(frozen=True)
class Keeping:
    """Where a run keeps what it has done, whether it goes on from there, and how often (in s) that is written."""

    path: Path
    resume: bool = False
    interval: float = 5.0


class Slice(NamedTuple):
    """One of several slices of a run, counted from 1, and the file that its numbers are written to."""

    number: int
    of: int
    path: Path


@dataclass(frozen=True)
class Options:
    """How a run is done; see `hzdsl.run.run`.

    `chunk_target` is about how many entries a chunk has that ends where baskets end, as `hzdsl.run.resources.memory`
    chooses.
    """

    backend: Backend
    threads: int = 1
    tables: bool = False
    max_events: int | None = None
    chunk_size: int | None = None
    remote: RemoteOptions | None = None
    trust_files: bool = False
    retry: Retry = Retry()
    allow_missing: bool = False
    watch: Watch = field(default_factory=Watch)
    stop: Stop = field(default_factory=Stop)
    keeping: Keeping | None = None
    slice: Slice | None = None
    command: Mapping[str, object] = field(default_factory=dict)
    client: Any = None
    max_memory: int | None = None
    chunk_target: int | None = None

    def checked(self) -> Options:
        """Return these options, if they can be meant.

        Raises
        ------
        HzdslError
            `arguments`, `options`.

        Examples
        --------
        >>> Options(backend=None, threads=0).checked()
        Traceback (most recent call last):
          ...
        hzdsl.errors.HzdslError: error[arguments]: threads is 0
          fix: give a number of at least 1
        """
        for name in ("threads", "chunk_size", "max_events", "max_memory"):
            value = getattr(self, name)
            if value is not None and value < 1:
                raise HzdslError("arguments", f"{name} is {value}", fix="give a number of at least 1")
        if self.client is not None:
            check_for_cluster(self.threads, self.max_memory)
        if self.slice is not None and not 1 <= self.slice.number <= self.slice.of:
            what = f"slice {self.slice.number} of {self.slice.of}"
            raise HzdslError("arguments", what, fix="slices are counted from 1")
        return self


def check_for_cluster(threads: int, max_memory: int | None) -> None:
    """Refuse what is said of this process where the workers of a cluster do the work.

    Raises
    ------
    HzdslError
        `options`
    """
    if max_memory is not None:
        fix = "tell the workers theirs (dask worker --memory-limit), and choose chunk_size (--chunk-size)"
        raise HzdslError("options", "max_memory (--max-memory) is of this process, not of a cluster", fix=fix)
    if threads != 1:
        fix = "leave it out, and give the workers their threads (dask worker --nthreads)"
        raise HzdslError("options", "threads (--threads, -j) are of this process, not of a cluster", fix=fix)
