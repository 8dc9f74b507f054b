"""One tree of one file: opened and checked before any work starts, opened again when its turn comes."""

from __future__ import annotations

import os
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import field, replace

from hzdsl.errors import HzdslError
from hzdsl.io.opening import open_source
from hzdsl.io.options import RemoteOptions
from hzdsl.io.source import Source
from hzdsl.records import dataclass
from hzdsl.results.result import InputFile
from hzdsl.run.inputs.chunks import entry_ranges
from hzdsl.run.inputs.columns import Reads
from hzdsl.run.inputs.facts import Facts, Fingerprint
from hzdsl.run.inputs.kinds import Evidence
from hzdsl.run.inputs.traffic import Traffic
from hzdsl.urls import is_url

#: Errors by which a file is lost, or entries of it.
LOSABLE = ("remote", "file-missing", "file-truncated", "file-changed", "file-format", "tree-missing")


@dataclass
class InputTree:
    """One tree of one file: what is read of it, and the open source while there is one.

    Attributes
    ----------
    sample, path, name
        The sample, the file, the tree asked for (None: the only one, or `Events`).
    trust : bool
        Whether checks of its baskets are left out, but for a sample.
    entries : int
        Entries to be read, from the first.
    first : int
        How many entries of the sample come before it.
    fingerprint : Fingerprint, optional
        What it was when it was first opened.
    bad : HzdslError, optional
        Why it cannot be opened, where that has been given up.
    column_bytes : int
        How many bytes of the file the columns take that are read.
    marks : tuple of int
        The entries at which their baskets begin.
    kept : bool
        Whether it stays open between the check and its turn.
    where : str
        How messages call it.
    identified : bool
        Whether it has a column that says which event it is.
    evidence : Evidence, optional
        Whether it looks like data or simulation.
    generated : tuple of float, or HzdslError
        The sums of generator weights of its file, where they are asked for.
    wrong : HzdslError, optional
        What is wrong with its branches.
    folder : str
        Where a relative path starts; messages never name it.
    """

    sample: str
    path: str
    name: str | None = None
    remote: RemoteOptions | None = None
    trust: bool = False
    entries: int = 0
    first: int = 0
    fingerprint: Fingerprint | None = None
    bad: HzdslError | None = None
    reads: Reads = field(default_factory=lambda: Reads({}, {}, {}))
    column_bytes: int = 0
    marks: tuple[int, ...] = ()
    kept: bool = True
    where: str = ""
    identified: bool = False
    evidence: Evidence | None = None
    generated: tuple[float, ...] | HzdslError = ()
    wrong: HzdslError | None = None
    folder: str = ""
    _source: Source | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _readers: Counter[int] = field(default_factory=Counter)
    _traffic: Traffic = field(default_factory=Traffic)

    @property
    def found(self) -> str:
        """What the tree is called in its file; nothing before it has been opened."""
        return self.fingerprint.tree if self.fingerprint is not None else ""

    @property
    def is_far(self) -> bool:
        """Whether it is, or may be, on a server."""
        return is_url(self.path) or (self.remote is not None and bool(self.remote.redirectors))

    def learn(self, facts: Facts) -> None:
        """Take over what looking at it has shown."""
        self.fingerprint, self.entries, self.where = facts.fingerprint, facts.fingerprint.entries, facts.where
        self.identified, self.evidence = facts.identified, facts.evidence
        self.reads, self.column_bytes, self.marks = facts.reads, facts.column_bytes, facts.marks
        self.generated, self.wrong = facts.generated, facts.wrong

    def open(self) -> None:
        """Open the tree ahead of its use, unless it is open."""
        with self.reading():
            pass

    @contextmanager
    def reading(self, *, anew: bool = False) -> Iterator[Source]:
        """Give the open tree, opening it where it is not; `anew`: in any case, for all who come later.

        Raises
        ------
        HzdslError
            As `hzdsl.io.opening.open_source`; `file-changed` where it is not the file that it was.
        """
        with self._lock:
            if anew and self._source is not None:
                self._let_go()
            source = self._opened()
            self._readers[id(source)] += 1
        try:
            yield source
        finally:
            with self._lock:
                self._readers[id(source)] -= 1
                if source is not self._source and not self._readers[id(source)]:
                    self._shut(source)

    def close(self) -> None:
        """Close the tree, as soon as nobody reads it; it can be opened again."""
        with self._lock:
            if self._source is not None:
                self._let_go()

    @contextmanager
    def looked_at(self) -> Iterator[Source]:
        """Give the open tree, and close it afterwards unless it is kept open."""
        with self.reading() as source:
            yield source
        if not self.kept:
            self.close()

    def _opened(self) -> Source:
        if self._source is None:
            source = self.other(self.name)
            try:
                self._check(source)
            except BaseException:
                source.close()
                raise
            self._source = source
        elif self.fingerprint is not None and self.fingerprint.changed:
            self._watched()
        return self._source

    def _watched(self) -> None:
        """Refuse a local file that was written to, unless it is the same; a removed one stays whole while open."""
        assert self.fingerprint is not None
        try:
            now = os.stat(os.path.join(self.folder, self.path))
        except OSError:
            return
        self._same_bytes(now.st_size)
        if now.st_mtime_ns != self.fingerprint.changed:
            with self.other(self.name) as source:
                self._check(source)
            self.fingerprint = replace(self.fingerprint, changed=now.st_mtime_ns)

    def _check(self, source: Source) -> None:
        """Remember what the tree is, or refuse another than it was."""
        changed = 0 if source.served_by else _written(os.path.join(self.folder, self.path))
        found = Fingerprint(source.tree, source.entries, source.identity, source.file_bytes, changed)
        if self.fingerprint is None:
            self.fingerprint = found
            return
        self._same_bytes(found.file_bytes)
        if replace(found, changed=self.fingerprint.changed) != self.fingerprint:
            raise self._changed("it was replaced")

    def _same_bytes(self, now: int) -> None:
        if self.fingerprint is not None and now != self.fingerprint.file_bytes:
            raise self._changed(f"it has {now} bytes instead of {self.fingerprint.file_bytes}")

    def _changed(self, how: str) -> HzdslError:
        return HzdslError(
            "file-changed", f"{self.path} has changed since the run began ({how})", fix="start the run again"
        )

    def _let_go(self) -> None:
        source, self._source = self._source, None
        if source is not None and not self._readers[id(source)]:
            self._shut(source)

    def _shut(self, source: Source) -> None:
        self._readers.pop(id(source), None)
        self._traffic.add(source)
        source.close()

    def other(self, name: str | None) -> Source:
        """Open a tree of its file for itself."""
        return open_source(self.path, name, self.remote, self.trust, self.folder)

    def also_read(self, source: Source) -> None:
        """Count what has been fetched of the file through another of its trees."""
        self._traffic.add(source)

    def read_elsewhere(self, traffic: Traffic) -> None:
        """Count what has travelled over the network to another process."""
        self._traffic.join(traffic)

    def record(self) -> InputFile:
        """Return what the result says of this input."""
        with self._lock:
            traffic = replace(self._traffic)
            if self._source is not None:
                traffic.add(self._source)
        seen = self.fingerprint or Fingerprint()
        return InputFile(
            self.sample,
            self.path,
            seen.tree,
            self.entries,
            seen.identity,
            seen.file_bytes,
            traffic.fetched,
            traffic.served_by,
            traffic.failures,
        )

    def ranges(self, size: int, align: bool) -> list[tuple[int, int]]:
        """Return the ranges of entries to read, ending where baskets end if `align` says so."""
        return entry_ranges(self.entries, size, self.marks if align and self.entries > size else ())

    def bytes_of(self, entries: int) -> int:
        """Return about how many bytes of the file are read for so many entries."""
        seen = self.fingerprint
        return self.column_bytes * entries // seen.entries if seen and seen.entries else 0

    def edges(self, start: int, stop: int) -> list[int]:
        """Return the entries, from `start` to `stop`, at which a basket of any column begins."""
        with self.reading() as source:
            found = {e for name in self.reads.names for e in source.boundaries([name])}
        return sorted({start, stop, *(e for e in found if start < e < stop)})


def _written(path: str) -> int:
    """Return when a file of this machine was last written to, in ns since 1970; 0 if it has been removed since."""
    try:
        return os.stat(path).st_mtime_ns
    except OSError:
        return 0
