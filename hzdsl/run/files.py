"""The trees of a run: opened and checked before any work starts, opened again when their turn comes."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from hzdsl.errors import HzdslError
from hzdsl.io.opening import open_source
from hzdsl.io.options import RemoteOptions
from hzdsl.io.source import Source
from hzdsl.ir.node import Node
from hzdsl.results.result import InputFile
from hzdsl.run.ahead import opened_ahead
from hzdsl.run.chunks import entry_ranges
from hzdsl.run.columns import Reads, Why, place, plan_reads
from hzdsl.run.inputs import is_url
from hzdsl.run.kinds import Evidence, evidence
from hzdsl.run.program import Bound
from hzdsl.run.traffic import Traffic

#: How many files stay open between the check and their turn.
KEPT_OPEN = 64


@dataclass
class InputTree:
    """One tree of one file: what is read of it, and the open source while there is one.

    Attributes
    ----------
    sample, path, name
        The sample, the file, the tree asked for (None: the only one, or `Events`).
    entries : int
        Entries to be read, from the first.
    kept : bool
        Whether it stays open between the check and its turn.
    where : str
        How messages call it.
    identified : bool
        Whether it has a column that says which event it is.
    evidence : Evidence, optional
        Whether it looks like data or simulation.
    """

    sample: str
    path: str
    name: str | None = None
    remote: RemoteOptions | None = None
    entries: int = 0
    reads: Reads = field(default_factory=lambda: Reads({}, {}, {}))
    kept: bool = True
    where: str = ""
    identified: bool = False
    evidence: Evidence | None = None
    _source: Source | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _record: tuple[str, str | None, int] = ("", None, 0)
    _traffic: Traffic = field(default_factory=Traffic)

    @property
    def is_far(self) -> bool:
        """Whether it is, or may be, on a server."""
        return is_url(self.path) or (self.remote is not None and bool(self.remote.redirectors))

    def open(self) -> Source:
        """Return the open tree, opening it where it is not."""
        with self._lock:
            if self._source is None:
                self._source = open_source(self.path, self.name, self.remote)
                self._record = self._source.tree, self._source.identity, self._source.file_bytes
            return self._source

    def close(self) -> None:
        """Close the tree; it can be opened again."""
        with self._lock:
            if self._source is not None:
                self._traffic.add(self._source)
                self._source.close()
                self._source = None

    @contextmanager
    def looked_at(self) -> Iterator[Source]:
        """Give the open tree, and close it afterwards unless it is kept open."""
        yield self.open()
        if not self.kept:
            self.close()

    def also_read(self, source: Source) -> None:
        """Count what has been fetched of the file through another of its trees."""
        self._traffic.add(source)

    def record(self) -> InputFile:
        """Return what the result says of this input."""
        traffic = replace(self._traffic)
        if self._source is not None:
            traffic.add(self._source)
        tree, identity, size = self._record
        return InputFile(
            self.sample,
            self.path,
            tree,
            self.entries,
            identity,
            size,
            traffic.fetched,
            traffic.served_by,
            traffic.failures,
        )

    def ranges(self, size: int, align: bool) -> list[tuple[int, int]]:
        """Return the ranges of entries to read, ending where baskets end if `align` says so."""
        marks = self.open().boundaries(self.reads.names) if align and self.entries > size else ()
        return entry_ranges(self.entries, size, marks)


def open_trees(trees: Sequence[InputTree], identifiers: tuple[Node, ...]) -> None:
    """Open every tree once, so that a bad last file is known before the first is read.

    The first `KEPT_OPEN` stay open.
    """
    for i, tree in enumerate(trees):
        tree.kept = i < KEPT_OPEN
    with opened_ahead(trees) as opened:
        for tree in opened:
            with tree.looked_at() as source:
                tree.entries, tree.where = source.entries, place(source)
                tree.identified = any(n.text("name") in source.columns for n in identifiers)


def check_trees(trees: Sequence[InputTree], bound: Bound, why: Why) -> None:
    """Plan what is read of every tree, and see what it looks like.

    Raises
    ------
    HzdslError
        `branch-missing`, `branch-type`
    """
    with opened_ahead(trees) as opened:
        for tree in opened:
            with tree.looked_at() as source:
                tree.reads, tree.evidence = plan_reads(source, bound.program, why), evidence(source)


def limit(trees: Iterable[InputTree], most: int | None) -> None:
    """Cut the entries of a sample's trees to the first `most`."""
    left = most
    for tree in trees:
        if left is not None:
            tree.entries = min(tree.entries, left)
            left -= tree.entries


def check_not_empty(trees: list[InputTree]) -> list[str]:
    """Return a note per empty tree.

    Raises
    ------
    HzdslError
        `tree-empty` where there is not a single entry.
    """
    empty = [t.where for t in trees if t.entries == 0]
    if trees and len(empty) == len(trees):
        names = ", ".join(empty[:5]) + (" …" if len(empty) > 5 else "")
        raise HzdslError("tree-empty", f"there are no entries in {names}", fix="give files with events")
    return [f"{where} has no entries" for where in empty]


def close_all(trees: Iterable[InputTree]) -> None:
    """Close every tree."""
    for tree in trees:
        tree.close()
