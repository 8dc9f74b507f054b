"""How a run is done: everything that is chosen, nothing that is found out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from hzdsl.backends.base import Backend
from hzdsl.io.options import RemoteOptions
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
