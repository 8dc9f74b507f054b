"""One tree of an open file: answers that are known, and uproot for all that is not, opened when it is first needed."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property

import numpy as np

from hzdsl.io.baskets.directory import Baskets, Numbers, baskets_of
from hzdsl.io.branches import Branches, Entry
from hzdsl.io.catalogue.facts import Catalogue
from hzdsl.io.catalogue.kept import Asked, asked_for, find, keep
from hzdsl.io.catalogue.witness import Witness
from hzdsl.io.guard import damage
from hzdsl.io.rootfile import OpenTree, open_tree
from hzdsl.io.source import ColumnInfo
from hzdsl.io.storage import Storage


def find_tree(storage: Storage, name: str | None) -> KnownTree | OpenTree:
    """Return a TTree of a ROOT file, or an RNTuple as uproot has opened it.

    Raises
    ------
    HzdslError
        `tree-missing`, `file-truncated`, `remote`.
    """
    asked = asked_for(storage, name)
    found = find(asked)
    if found is not None:
        return KnownTree(asked, Witness(storage, found.seen), found)
    witness = Witness(storage, {})
    opened = _opened(asked, witness)
    if opened.is_ntuple:
        return opened
    try:
        with damage(f"tree {opened.name} of {storage.path}"):
            new = Catalogue(opened.name, int(opened.tree.num_entries), str(opened.directory.file.uuid))
            return KnownTree(asked, witness, new, opened)
    except BaseException:
        opened.directory.close()
        raise


class KnownTree:
    """A TTree of a file; usable from several threads.

    Parameters
    ----------
    asked : Asked
        The tree as it was asked for.
    witness : Witness
        The bytes of the file, for uproot.
    catalogue : Catalogue
        What is known; whatever is asked of uproot is added, and kept when the tree is closed.
    opened : OpenTree, optional
        The tree, where uproot has opened it.
    """

    def __init__(self, asked: Asked, witness: Witness, catalogue: Catalogue, opened: OpenTree | None = None) -> None:
        self._asked, self._witness, self._known = asked, witness, catalogue
        self.tree, self.entries, self.identity = catalogue.tree, catalogue.entries, catalogue.identity
        self.columns: Mapping[str, ColumnInfo] = LazyColumns(self)
        self._lock = threading.Lock()
        self._opened = opened
        self._branches = None if opened is None else Branches(opened.tree)
        self._learnt = opened is not None
        self._unsure: dict[str, str] = {}

    @property
    def names(self) -> tuple[str, ...]:
        """All columns, in the order of the file, readable or not."""
        if self._known.names is None:
            with self._asking() as branches:
                self._known.names = branches.names
        return self._known.names

    @cached_property
    def readable(self) -> dict[str, ColumnInfo]:
        """All columns that can be read."""
        described = ((name, self.describe(name)) for name in self.names)
        return {name: info for name, info in described if isinstance(info, ColumnInfo)}

    @cached_property
    def unreadable(self) -> dict[str, str]:
        """All others, with their C++ types."""
        described = ((name, self.describe(name)) for name in self.names)
        return {name: info for name, info in described if isinstance(info, str)}

    def describe(self, name: str) -> ColumnInfo | str | None:
        """Return what `name` is: a column, the C++ type of something that is not a column of numbers, or nothing."""
        if name in self._unsure:
            return self._unsure[name]
        known = self._known.described
        if name not in known:
            with self._asking() as branches:
                what, sure = branches.describe(name) if name in branches else (None, True)
            if not sure:
                self._unsure[name] = str(what)
                return what
            known[name] = what
        return known[name]

    def baskets(self, info: ColumnInfo) -> Baskets | None:
        """Return the baskets of a column of the ordinary kind, None of another."""
        known = self._known.baskets
        if info.name not in known:
            with self._asking() as branches:
                known[info.name] = baskets_of(branches[info.name], info, self.entries)
        return known[info.name]

    def edges(self, info: ColumnInfo) -> Numbers:
        """Return the first entry of each basket of a column, and the number of entries."""
        baskets, known = self.baskets(info), self._known.edges
        if baskets is not None:
            return baskets.edges
        if info.name not in known:
            with self._asking() as branches:
                known[info.name] = np.asarray(branches[info.name].branch.entry_offsets, np.int64)
        return known[info.name]

    def sizes(self, info: ColumnInfo) -> tuple[int, int]:
        """Return the bytes of all baskets of a branch (of all leaves, if it has several): as stored, and unpacked."""
        known = self._known.sizes
        if info.name not in known:
            with self._asking() as branches:
                branch = branches[info.name].branch
                known[info.name] = int(branch.compressed_bytes), int(branch.uncompressed_bytes)
        return known[info.name]

    def of_uproot(self, info: ColumnInfo) -> Entry:
        """Return where uproot has a column."""
        return self._of_uproot()[info.name]

    def close(self) -> None:
        """Keep what was learnt, and let go of what uproot has opened."""
        if self._learnt and self._witness.complete:
            self._known.seen = self._witness.seen
            keep(self._asked, self._known)
        self._learnt = False
        if self._opened is not None:
            self._opened.directory.close()

    @contextmanager
    def _asking(self) -> Iterator[Branches]:
        """Give what uproot knows; whatever it reads of the file to answer is noted."""
        branches = self._of_uproot()
        with self._witness.recording():
            yield branches
        self._learnt = True

    def _of_uproot(self) -> Branches:
        with self._lock:
            if self._branches is None:
                self._opened = _opened(self._asked, self._witness)
                with damage(f"tree {self.tree} of {self._asked.storage.path}"):
                    self._branches = Branches(self._opened.tree)
            return self._branches


class LazyColumns(Mapping[str, ColumnInfo]):
    """The readable columns of a tree, each described when it is asked for."""

    def __init__(self, tree: KnownTree) -> None:
        self._tree = tree

    def __getitem__(self, name: str) -> ColumnInfo:
        info = self._tree.describe(name)
        if isinstance(info, ColumnInfo):
            return info
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        return iter(self._tree.readable)

    def __len__(self) -> int:
        return len(self._tree.readable)


def _opened(asked: Asked, witness: Witness) -> OpenTree:
    with witness.recording():
        opened = open_tree(witness, asked.storage.path, asked.name)
    start = int(opened.directory.file.fSeekInfo)
    witness.classes = range(start, start + int(opened.directory.file.fNbytesInfo))
    return opened
