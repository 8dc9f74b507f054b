"""Expressions read out over a range of entries of a file, at every position of their axes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field

import numpy as np
import numpy.typing as npt

from hzdsl.backends.base import Backend, Dump, Number, Program
from hzdsl.errors import HzdslError
from hzdsl.io.options import RemoteOptions
from hzdsl.ir import members
from hzdsl.ir.node import Node
from hzdsl.ir.view import View, levels
from hzdsl.records import dataclass
from hzdsl.run.inputs.chunks import read_chunk, target_size
from hzdsl.run.inputs.columns import plan_reads
from hzdsl.run.inputs.paths import expand
from hzdsl.run.inputs.tree import InputTree
from hzdsl.run.inputs.trees import check_not_empty, close_all, open_trees
from hzdsl.run.program.backend import backend_of

Range = tuple[int, int]
Offsets = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Where:
    """What is read: files (paths, patterns, URLs) in their order, entries counted through them, and how."""

    files: tuple[str, ...]
    entries: Range | None = None
    tree: str | None = None
    backend: str | Backend = "codegen"
    parameters: Mapping[str, Number] = field(default_factory=dict)
    remote: RemoteOptions | None = None


@dataclass(frozen=True)
class Seen:
    """Every node read out over the entries from `start` to `stop`."""

    start: int
    stop: int
    dumps: Mapping[Node, Dump]

    def lists(self, axis: Node) -> list[Offsets]:
        """Return the offsets of the lists that enclose the positions of an axis, the outermost first."""
        lengths = (self.dumps[members.count(level)].values for level in levels(axis))
        return [np.concatenate([np.zeros(1, np.int64), np.cumsum(n, dtype=np.int64)]) for n in lengths]


def look(views: Sequence[View], where: Where) -> Seen:
    """Evaluate views on files.

    Parameters
    ----------
    views : sequence of View
        What is read out.
    where : Where
        Files and entries; a range that ends after the last entry is cut.

    Raises
    ------
    HzdslError
        For anything wrong with the files, their branches, or the range.
    """
    nodes = [n for v in views for n in (*v.nodes, *(members.count(level) for level in levels(v.axis)))]
    program = Program(dumps=tuple(dict.fromkeys(nodes)))
    trees = [
        InputTree("", path, where.tree, where.remote) for f in where.files for path in expand(f, remote=where.remote)
    ]
    if not trees:
        raise HzdslError("no-files", "there is no file to look at", fix="give a path, a pattern or a URL")
    try:
        open_trees(trees)
        check_not_empty(trees)
        start, stop = _checked(where.entries, sum(t.entries for t in trees))
        parts = list(_dumps(program, trees, (start, stop), where))
    finally:
        close_all(trees)
    return Seen(start, stop, {n: _joined(d) for n, d in zip(program.dumps, zip(*parts, strict=True), strict=True)})


def _checked(entries: Range | None, total: int) -> Range:
    """Return the range of entries that is read."""
    if entries is None:
        return 0, total
    numbers = isinstance(entries, tuple | list) and len(entries) == 2 and all(type(i) is int for i in entries)
    if not numbers or not 0 <= entries[0] <= entries[1]:
        fix = "entries=(start, stop), two whole numbers from 0, the first not greater than the second"
        raise HzdslError("arguments", f"entries is {entries!r}", fix=fix)
    start, stop = entries
    return min(start, total), min(stop, total)


def _dumps(program: Program, trees: Sequence[InputTree], wanted: Range, where: Where) -> Iterable[list[Dump]]:
    """Yield the dumps of each chunk; of an empty range, those of no entries."""
    kernel = backend_of(where.backend).compile(program)
    first, found = 0, False
    for tree in trees:
        begin, end = max(wanted[0] - first, 0), min(wanted[1] - first, tree.entries)
        first += tree.entries
        last = tree is trees[-1]
        if begin >= end and not (last and not found):
            continue
        found = True
        with tree.looked_at() as source:
            tree.reads = plan_reads(source, program)
            size = target_size(tree.entries, 1)
            begin = min(begin, tree.entries)
            for at in range(begin, max(end, begin + 1), size):
                chunk = read_chunk(source, tree.reads, at, max(at, min(at + size, end)))
                yield kernel.run(chunk, where.parameters).dumps


def _joined(dumps: Sequence[Dump]) -> Dump:
    return Dump(
        np.concatenate([d.counts for d in dumps]),
        np.concatenate([d.values for d in dumps]),
        np.concatenate([d.valid for d in dumps]),
    )
